"""`scipy.cluster.vq`: what a code book makes of observations."""

import numpy as np

from symdiff.definitions.solving import outside

__all__ = ["vq__vq", "vq__whiten"]


def vq__vq(obs, code_book, check_finite=True):
    """Which code is nearest is constant, and the distance to it is not."""
    obs, code_book = np.asarray(obs), np.asarray(code_book)
    if obs.ndim == 1:
        obs, code_book = obs[:, None], code_book[:, None]
    found = outside(
        "scipy.cluster.vq.vq", obs, code_book, returns="tuple[int32[:], float64[:]]"
    )
    return found[0], np.linalg.norm(obs - code_book[found[0]], axis=-1)


def vq__whiten(obs, check_finite=True):
    obs = np.asarray(obs)
    width = np.std(obs, axis=0)
    return obs / np.where(width == 0, 1.0, width)
