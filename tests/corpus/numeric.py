"""Reference derivatives by differences."""

from __future__ import annotations

import numpy as np

STEP = 1e-4


def fresh(value):
    """A copy of an argument, in double precision where it is a float array."""
    if isinstance(value, np.ndarray):
        return value.astype(np.float64) if value.dtype.kind == "f" else value.copy()
    if isinstance(value, (list, tuple)):
        return type(value)(map(fresh, value))
    return float(value) if isinstance(value, np.floating) else value


def moved(args, place, index, by):
    args = [fresh(a) for a in args]
    if index is None:
        args[place] = args[place] + by
    else:
        args[place][index] += by
    return args


def slope(function, args, place, index=None, step=STEP):
    """Richardson's extrapolation of central differences: the error is O(step**4)."""

    def central(h):
        above = function(*moved(args, place, index, h))
        below = function(*moved(args, place, index, -h))
        return (float(above) - float(below)) / (2 * h)

    at = args[place] if index is None else args[place][index]
    h = step * max(1.0, abs(float(at)))
    return (4 * central(h / 2) - central(h)) / 3


def gradient(function, args, place, step=STEP):
    """The derivative with respect to one argument, shaped like it."""
    value = args[place]
    if not isinstance(value, np.ndarray):
        return slope(function, args, place, None, step)
    found = np.empty(value.shape)
    for index in np.ndindex(value.shape):
        found[index] = slope(function, args, place, index, step)
    return found
