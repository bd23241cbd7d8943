"""Arrays joined, of which all are given as one array."""

import numpy as np

__all__ = ["column_stack", "concatenate", "hstack", "stack", "vstack"]


def concatenate(arrays, axis=0):
    if axis is None:
        return np.ravel(arrays).copy()
    axis = axis % (arrays.ndim - 1)
    rows = np.moveaxis(arrays, 0, axis) if axis > 0 else arrays
    shape = arrays.shape[1:]
    return rows.reshape((*shape[:axis], -1, *shape[axis + 1 :])).copy()


def stack(arrays, axis=0):
    return np.moveaxis(arrays, 0, axis).copy()


def vstack(tup):
    if tup.ndim == 1:
        return tup[:, None].copy()
    return tup.copy() if tup.ndim == 2 else concatenate(tup)


def hstack(tup):
    if tup.ndim == 1:
        return tup.copy()
    return concatenate(tup, 0 if tup.ndim == 2 else 1)


def column_stack(tup):
    if tup.ndim == 1:
        return tup[None, :].copy()
    return tup.T.copy() if tup.ndim == 2 else concatenate(tup, 1)
