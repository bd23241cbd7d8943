"""The methods of ufuncs of two arguments: `np.subtract.reduce` and its like."""

import numpy as np

__all__ = ["accumulate", "at", "outer", "reduce", "reduceat"]


def reduce(ufunc, array, axis=0, dtype=None, keepdims=False, initial=None):
    rows = np.ravel(array) if axis is None else np.moveaxis(array, axis, 0)
    result = rows[0] if initial is None else ufunc(initial, rows[0])
    for row in rows[1:]:
        result = ufunc(result, row)
    if not keepdims:
        return result
    shape = np.shape(array)
    axes = range(len(shape)) if axis is None else (axis % len(shape),)
    return np.reshape(result, tuple([1 if k in axes else n for k, n in enumerate(shape)]))


def accumulate(ufunc, array, axis=0):
    rows = np.moveaxis(array, axis, 0)
    made = rows.copy()
    for k in range(1, rows.shape[0]):
        made[k] = ufunc(made[k - 1], rows[k])
    return np.moveaxis(made, 0, axis)


def reduceat(ufunc, array, indices, axis=0):
    rows = np.moveaxis(array, axis, 0)
    ends = [*indices[1:], rows.shape[0]]
    parts = [
        reduce(ufunc, rows[start:end]) if start < end else rows[start]
        for start, end in zip(indices, ends)
    ]
    return np.moveaxis(np.stack(parts), 0, axis)


def outer(ufunc, a, b):
    a, b = np.asarray(a), np.asarray(b)
    return ufunc(a.reshape(a.shape + (1,) * b.ndim), b)


def at(ufunc, a, indices, b):
    """One by one: what is named twice changes twice."""
    indices = indices if isinstance(indices, tuple) else (indices,)
    indices = np.broadcast_arrays(*indices)
    values = np.broadcast_to(b, np.shape(a[indices]))
    values = values.reshape((-1, *values.shape[indices[0].ndim :]))
    places = [np.ravel(each) for each in indices]
    for k in range(places[0].shape[0]):
        place = tuple([each[k] for each in places])
        a[place] = ufunc(a[place], values[k])
