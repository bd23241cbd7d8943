"""Functions that write into an array values that are repeated until they fill it."""

import numpy as np

from symdiff.definitions.common import flat

__all__ = ["place", "putmask"]


def place(arr, mask, vals):
    mask = np.asarray(mask, dtype=bool)
    arr[mask] = flat(vals)[np.arange(np.count_nonzero(mask)) % np.size(vals)]


def putmask(a, mask, values):
    mask = np.asarray(mask, dtype=bool)
    a[mask] = np.resize(values, np.shape(a))[mask]
