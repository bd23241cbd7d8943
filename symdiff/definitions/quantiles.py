"""Medians and quantiles, with and without NaN."""

import numpy as np

from symdiff.definitions.common import as_reduced, flat

__all__ = [
    "median", "nanmedian", "nanpercentile", "nanquantile", "percentile", "quantile",
    "sort_complex",
]  # fmt: skip


def _sorted_rows(a, axis):
    """Sorted along the first axis, which is the one or several that are named."""
    a = np.asarray(a)
    if axis is None:
        return np.sort(flat(a))
    if isinstance(axis, tuple):
        a = np.moveaxis(a, axis, tuple(range(len(axis))))
        return np.sort(a.reshape((-1, *a.shape[len(axis) :])), axis=0)
    return np.sort(np.moveaxis(a, axis, 0), axis=0)


def sort_complex(a):
    return np.sort(np.asarray(a) + 0j)


def median(a, axis=None, overwrite_input=False, keepdims=False):
    rows = _sorted_rows(a, axis)
    n = rows.shape[0]
    middle = 0.5 * (rows[(n - 1) // 2] + rows[n // 2])
    return as_reduced(middle, a, axis) if keepdims else middle


# The methods that interpolate between places, by what is left out at both ends.
_BEFORE = {
    "interpolated_inverted_cdf": 0, "hazen": 0.5, "weibull": 0, "median_unbiased": 1 / 3,
    "normal_unbiased": 3 / 8,
}  # fmt: skip
_BOTH = {
    "interpolated_inverted_cdf": 1, "hazen": 1, "weibull": 0, "median_unbiased": 2 / 3,
    "normal_unbiased": 6 / 8,
}  # fmt: skip


def _place(n, q, method):
    """Where the quantile lies among n elements."""
    if method == "inverted_cdf":
        return np.clip(np.ceil(n * q) - 1, 0, n - 1)
    if method == "averaged_inverted_cdf":  # between two where it is just there
        here = n * q == np.floor(n * q)
        return np.clip(np.where(here, n * q - 0.5, np.ceil(n * q) - 1), 0, n - 1)
    if method == "closest_observation":
        place = n * q - 1.5
        even = (place == np.floor(place)) & (np.floor(place) % 2 == 1)
        return np.clip(np.where(even, place, np.floor(place) + 1), 0, n - 1)
    if method in _BEFORE:
        return np.clip(n * q + _BEFORE[method] + q * (1 - _BOTH[method]) - 1, 0, n - 1)
    if method not in ("linear", "lower", "higher", "nearest", "midpoint"):
        raise NotImplementedError("this method of a quantile")
    return q * (n - 1)


def quantile(a, q, axis=None, overwrite_input=False, method="linear", keepdims=False):
    rows = _sorted_rows(a, axis)
    if isinstance(q, (list, tuple)):
        q = np.asarray(q)
    many = np.ndim(q)
    n = rows.shape[0]
    place = _place(n, q, method)
    if method == "nearest":
        low = np.round(place).astype(int) if many else int(np.round(place))
        result = rows[low]
    elif method == "higher":
        low = np.ceil(place).astype(int) if many else int(np.ceil(place))
        result = rows[low]
    else:
        low = np.floor(place).astype(int) if many else int(np.floor(place))
        high = np.ceil(place).astype(int) if many else int(np.ceil(place))
        if method == "lower":
            result = rows[low]
        elif method == "midpoint":
            result = 0.5 * (rows[low] + rows[high])
        else:
            part = place - low
            if many:
                part = part.reshape(part.shape + (1,) * (rows.ndim - 1))
            result = rows[low] + part * (rows[high] - rows[low])
    return as_reduced(result, a, axis, many) if keepdims else result


def percentile(a, q, axis=None, overwrite_input=False, method="linear", keepdims=False):
    if isinstance(q, (list, tuple)):
        q = np.asarray(q)
    return quantile(a, q / 100, axis, method=method, keepdims=keepdims)


# -- without NaN ----------------------------------------------------------------------


def _ends(n, q, method):
    """Between which places of n the quantile lies, and how far from the first."""
    place = _place(n, q, method)
    if method == "nearest":
        nearest = np.round(place).astype(int)
        return nearest, nearest, 0.0
    low, high = np.floor(place).astype(int), np.ceil(place).astype(int)
    if method == "lower":
        return low, low, 0.0
    if method == "higher":
        return high, high, 0.0
    return low, high, 0.5 if method == "midpoint" else (place - low)[0]


def nanquantile(a, q, axis=None, overwrite_input=False, method="linear", keepdims=False):
    if np.ndim(q):
        return np.stack([nanquantile(a, each, axis, False, method, keepdims) for each in q])
    rows = _sorted_rows(a, axis)  # NaN comes last
    n = np.sum(~np.isnan(rows), axis=0, keepdims=True)
    low, high, part = _ends(n, q, method)
    below = np.take_along_axis(rows, low, axis=0)[0]
    above = np.take_along_axis(rows, high, axis=0)[0]
    result = below + part * (above - below)
    return as_reduced(result, a, axis) if keepdims else result


def nanpercentile(a, q, axis=None, overwrite_input=False, method="linear", keepdims=False):
    if isinstance(q, (list, tuple)):
        q = np.asarray(q)
    return nanquantile(a, q / 100, axis, method=method, keepdims=keepdims)


def nanmedian(a, axis=None, overwrite_input=False, keepdims=False):
    return nanquantile(a, 0.5, axis, keepdims=keepdims)
