"""What several definitions use."""

import numpy as np

__all__ = ["conjugate", "flat", "squares"]


def flat(a):
    """All elements along one axis."""
    a = np.asarray(a)
    return a if a.ndim == 1 else np.ravel(a)


def conjugate(a):
    return np.conj(a) if np.iscomplexobj(a) else a


def squares(a):
    """The squares of the absolute values."""
    return a.real**2 + a.imag**2 if np.iscomplexobj(a) else a**2
