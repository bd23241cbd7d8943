"""What several definitions use."""

import numpy as np

__all__ = ["flat"]


def flat(a):
    """All elements along one axis."""
    a = np.asarray(a)
    return a if a.ndim == 1 else np.ravel(a)
