"""What several definitions use."""

import numpy as np

__all__ = ["as_reduced", "conjugate", "flat", "itself", "root", "squares"]


def itself(value):
    return value


def flat(a):
    """All elements along one axis."""
    a = np.asarray(a)
    return a if np.ndim(a) == 1 else np.ravel(a)


def conjugate(a):
    return np.conj(a) if np.iscomplexobj(a) else a


def squares(a):
    """The squares of the absolute values."""
    return a.real**2 + a.imag**2 if np.iscomplexobj(a) else a**2


def root(x):
    """The square root, with the slope 0 at 0."""
    if np.ndim(x) == 0:
        return 0.0 if x == 0 else np.sqrt(x)
    return np.where(x == 0, 0.0, np.sqrt(x))


def root_of(x, order):
    """The root of an order, with the slope 0 at 0."""
    if np.ndim(x) == 0:
        return 0.0 if x == 0 else x ** (1.0 / order)
    return np.where(x == 0, 0.0, x ** (1.0 / order))


def as_reduced(result, a, axis, extra=0):
    """With the axes back along which `a` was reduced, as length 1, behind `extra` axes."""
    ndim = np.ndim(a)
    axes = tuple(range(ndim)) if axis is None else axis
    axes = (axes,) if isinstance(axes, int) else axes
    return np.expand_dims(result, tuple([k % ndim + extra for k in axes]))
