"""Elements chosen by indices, by conditions, by functions."""

import numpy as np

from symdiff.definitions.common import flat

__all__ = [
    "choose", "compress", "extract", "lib__stride_tricks__as_strided",
    "lib__stride_tricks__sliding_window_view", "partition", "piecewise", "select", "take",
]  # fmt: skip


def take(a, indices, axis=None, mode="raise"):
    a = np.asarray(a)
    if axis is None:
        a, axis = flat(a), 0
    axis = axis % a.ndim
    if mode == "wrap":
        indices = np.asarray(indices) % a.shape[axis]
    if mode == "clip":
        indices = np.clip(indices, 0, a.shape[axis] - 1)
    return a[(*(slice(None),) * axis, indices)]


def compress(condition, a, axis=None):
    condition = np.asarray(condition)
    if axis is None:
        a, axis = flat(a), 0
    rows = np.flatnonzero(condition)
    return a[(*(slice(None),) * (axis % a.ndim), rows)]


def extract(condition, arr):
    return flat(arr)[np.flatnonzero(condition)]


def choose(a, choices, mode="raise"):
    if mode == "wrap":
        a = np.asarray(a) % len(choices)
    if mode == "clip":
        a = np.clip(a, 0, len(choices) - 1)
    result = choices[-1]
    for k in range(len(choices) - 2, -1, -1):
        result = np.where(np.asarray(a) == k, choices[k], result)
    return result


def select(condlist, choicelist, default=0):
    result = np.where(condlist[-1], choicelist[-1], default)
    for k in range(len(condlist) - 2, -1, -1):
        result = np.where(condlist[k], choicelist[k], result)
    return result


def piecewise(x, condlist, funclist, *args):
    if np.ndim(x):
        x = np.asarray(x)
    if not isinstance(condlist, (list, tuple)):
        condlist = [condlist]
    if len(funclist) == len(condlist) + 1:
        other = condlist[0]
        for condition in condlist[1:]:
            other = other | condition
        condlist = [*condlist, np.logical_not(other)]
    if np.ndim(x) == 0:
        result = 0.0 * x
        for condition, piece in zip(condlist, funclist):
            if condition:
                result = piece(x, *args) if callable(piece) else piece
        return result
    result = np.zeros_like(x)
    for condition, piece in zip(condlist, funclist):
        result[condition] = piece(x[condition], *args) if callable(piece) else piece
    return result


def partition(a, kth, axis=-1):
    if axis is None:
        a, axis = flat(a), 0
    return np.take_along_axis(a, np.argpartition(a, kth, axis=axis), axis=axis)


def lib__stride_tricks__sliding_window_view(
    x, window_shape, axis=None, *, subok=False, writeable=False
):
    """A copy, which is refused once either it or `x` is written."""
    if writeable:
        raise NotImplementedError("a window that is written")
    x = np.asarray(x)
    windows = (window_shape,) if isinstance(window_shape, int) else window_shape
    axes = tuple(range(x.ndim)) if axis is None else axis
    axes = (axes,) if isinstance(axes, int) else axes
    for window, place in zip(windows, axes):
        place = place % x.ndim
        starts = np.arange(x.shape[place] - window + 1)[:, None] + np.arange(window)
        x = np.moveaxis(x[(*(slice(None),) * place, starts)], place + 1, -1)
    return x


def lib__stride_tricks__as_strided(
    x, shape=None, strides=None, *, subok=False, writeable=True
):
    """A copy, which is refused once either it or `x` is written."""
    x = np.asarray(x)
    assert x.flags.c_contiguous, "`as_strided` takes a C-contiguous array"
    shape = x.shape if shape is None else shape
    strides = x.strides if strides is None else strides
    places = None
    for extent, stride in zip(shape, strides):
        along = np.arange(extent) * (stride // x.itemsize)
        places = along if places is None else places[..., None] + along
    return flat(x)[places]
