"""Loops over places, and arrays read and written along an axis by indices."""

import numpy as np

__all__ = [
    "diag_indices_from", "ndenumerate", "ndindex", "put_along_axis", "take_along_axis",
    "tril_indices_from", "triu_indices_from",
]  # fmt: skip


def ndindex(*shape):
    if len(shape) == 1 and isinstance(shape[0], tuple):
        shape = shape[0]
    if len(shape) == 0:
        yield ()
    elif len(shape) == 1:
        for i in range(shape[0]):
            yield (i,)
    elif len(shape) == 2:
        for i in range(shape[0]):
            for j in range(shape[1]):
                yield i, j
    elif len(shape) == 3:
        for i in range(shape[0]):
            for j in range(shape[1]):
                for k in range(shape[2]):
                    yield i, j, k
    else:
        for i in range(shape[0]):
            for rest in ndindex(shape[1:]):
                yield i, *rest


def ndenumerate(arr):
    for place in ndindex(arr.shape):
        yield place, arr[place]


def _along(arr, indices, axis):
    """The subscript that takes `indices` along an axis, and each place of the others."""
    ndim = arr.ndim
    axis = axis % ndim
    return tuple(
        indices
        if k == axis
        else np.arange(arr.shape[k]).reshape((1,) * k + (-1,) + (1,) * (ndim - k - 1))
        for k in range(ndim)
    )


def take_along_axis(arr, indices, axis=-1):
    if axis is None:
        return arr.ravel()[indices]
    return arr[_along(arr, indices, axis)]


def put_along_axis(arr, indices, values, axis):
    if axis is None:
        arr.flat[indices] = values
    else:
        arr[_along(arr, indices, axis)] = values


def diag_indices_from(arr):
    return np.diag_indices(arr.shape[0], arr.ndim)


def tril_indices_from(arr, k=0):
    return np.tril_indices(arr.shape[0], k, arr.shape[1])


def triu_indices_from(arr, k=0):
    return np.triu_indices(arr.shape[0], k, arr.shape[1])
