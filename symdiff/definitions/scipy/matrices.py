"""The matrices of a special form that `scipy.linalg` makes."""

import numpy as np

from symdiff.definitions.common import conjugate, flat

__all__ = [
    "block_diag", "circulant", "companion", "convolution_matrix", "fiedler",
    "fiedler_companion", "hankel", "khatri_rao", "leslie", "toeplitz",
]  # fmt: skip


def _not_stacked(array, ndim=1):
    """SciPy 1.17 takes more axes for a stack; before, it made a vector of them."""
    if np.ndim(array) > ndim:
        raise NotImplementedError("a stack of matrices of a special form")


def toeplitz(c, r=None):
    _not_stacked(c)
    c = flat(c)
    r = conjugate(c) if r is None else flat(r)
    n = c.shape[0]
    values = np.concatenate([r[:0:-1], c])
    first = r.shape[0] - 1
    return values[first + np.arange(n)[:, None] - np.arange(first + 1)]


def hankel(c, r=None):
    _not_stacked(c)
    c = flat(c)
    n = c.shape[0]
    r = np.zeros(n) if r is None else flat(r)
    values = np.concatenate([c, r[1:]])
    return values[np.arange(n)[:, None] + np.arange(r.shape[0])]


def circulant(c):
    c = np.asarray(c)
    steps = np.arange(c.shape[-1])
    return c[..., (steps[:, None] - steps) % c.shape[-1]]


def companion(a):
    _not_stacked(a)
    a = np.asarray(a)
    return np.concatenate([(-a[1:] / a[0])[None], np.eye(a.shape[0] - 2, a.shape[0] - 1)])


def leslie(f, s):
    _not_stacked(f)
    f, s = np.asarray(f), np.asarray(s)
    below = np.concatenate([np.diag(s), np.zeros((s.shape[0], 1))], axis=1)
    return np.concatenate([f[None], below])


def fiedler(a):
    _not_stacked(a)
    a = np.asarray(a)
    return np.abs(a[:, None] - a)


def fiedler_companion(a):
    _not_stacked(a)
    a = np.asarray(a)
    a = a / a[0]
    n = a.shape[0] - 1
    c = np.zeros((n, n))
    c[np.arange(3, n, 2), np.arange(1, n - 2, 2)] = 1.0
    c[np.arange(2, n, 2), np.arange(1, n - 1, 2)] = -a[3::2]
    c[np.arange(0, n - 2, 2), np.arange(2, n, 2)] = 1.0
    c[np.arange(0, n - 1, 2), np.arange(1, n, 2)] = -a[2::2]
    c[0, 0] = -a[1]
    c[1, 0] = 1.0
    return c


def convolution_matrix(a, n, mode="full"):
    _not_stacked(a)
    a = np.asarray(a)
    m = a.shape[0]
    padded = np.concatenate([a, np.zeros(n)])
    rows = np.arange(m + n - 1)
    if mode == "valid":
        rows = rows[min(m, n) - 1 : max(m, n)]
    if mode == "same":
        first = (min(m, n) - 1) // 2
        rows = rows[first : first + max(m, n)]
    shift = rows[:, None] - np.arange(n)
    return np.where(shift < 0, 0.0, padded[np.clip(shift, -1, m)])


def block_diag(*arrs):
    blocks = [np.atleast_2d(np.asarray(part)) for part in arrs]
    for part in blocks:
        _not_stacked(part, 2)
    width = 0
    for part in blocks:
        width += part.shape[1]
    rows, before = [], 0
    for part in blocks:
        behind = width - before - part.shape[1]
        rows.append(np.pad(part, ((0, 0), (before, behind))))
        before += part.shape[1]
    return np.concatenate(rows)


def khatri_rao(a, b):
    _not_stacked(a, 2)
    a, b = np.asarray(a), np.asarray(b)
    return (a[:, None, :] * b[None, :, :]).reshape((-1, a.shape[1]))
