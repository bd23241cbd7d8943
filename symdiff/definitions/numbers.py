"""Calls with numbers, or arrays without axes, where the rules are for arrays."""

import numpy as np

__all__ = [
    "convolve", "correlate", "cumprod", "cumsum", "dot", "flip", "inner", "kron",
    "linalg__norm", "outer", "roll", "std", "tensordot", "var", "vdot",
]  # fmt: skip


def cumsum(a, axis=None, dtype=None):
    return np.cumsum(np.atleast_1d(a), axis, dtype)


def cumprod(a, axis=None, dtype=None):
    return np.cumprod(np.atleast_1d(a), axis, dtype)


def flip(m, axis=None):
    return m


def roll(a, shift, axis=None):
    return a


def std(a, axis=None, dtype=None, ddof=0, keepdims=False):
    return np.std(np.atleast_1d(a), ddof=ddof)


def var(a, axis=None, dtype=None, ddof=0, keepdims=False):
    return np.var(np.atleast_1d(a), ddof=ddof)


def linalg__norm(x, ord=None):
    return np.linalg.norm(np.atleast_1d(x), ord)


# -- products -------------------------------------------------------------------------


def dot(a, b):
    return np.multiply(a, b)


def inner(a, b):
    return np.multiply(a, b)


def kron(a, b):
    return np.multiply(a, b)


def tensordot(a, b, axes=2):
    return np.multiply(a, b)


def vdot(a, b):
    return np.vdot(np.atleast_1d(a), np.atleast_1d(b))


def outer(a, b):
    return np.outer(np.atleast_1d(a), np.atleast_1d(b))


def convolve(a, v, mode="full"):
    return np.convolve(np.atleast_1d(a), np.atleast_1d(v), mode)


def correlate(a, v, mode="valid"):
    return np.correlate(np.atleast_1d(a), np.atleast_1d(v), mode)
