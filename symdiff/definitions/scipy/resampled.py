"""`scipy.ndimage`: arrays moved and stretched along their axes, read between elements."""

import numpy as np
import scipy.linalg

__all__ = ["shift", "spline_filter1d", "zoom"]


def spline_filter1d(input, order=3, axis=-1, output=None, mode="mirror"):
    """The coefficients of the cubic spline through the elements."""
    if order != 3 or output is not None or mode != "mirror":
        raise NotImplementedError("this order or mode of `scipy.ndimage.spline_filter1d`")
    x = np.moveaxis(np.asarray(input), axis, 0)
    n = x.shape[0]
    band = np.ones((3, n))
    band[1, :] = 4.0
    band[0, 1], band[2, n - 2] = 2.0, 2.0
    found = scipy.linalg.solve_banded((1, 1), band, 6.0 * np.reshape(x, (n, -1)))
    return np.moveaxis(np.reshape(found, x.shape), 0, axis)


def _near(t, order):
    """Which elements make what is at a share t of the way to the next one, and how much
    of each."""
    if order == 1:
        return (0, 1), (1 - t, t)
    s = 1 - t
    inner = 4 - 6 * t**2 + 3 * t**3, 4 - 6 * s**2 + 3 * s**3
    return (-1, 0, 1, 2), (s**3 / 6, inner[0] / 6, inner[1] / 6, t**3 / 6)


def _read_along(x, places, axis, order, prefilter):
    """An array read at places along an axis that are not beyond its ends."""
    n = x.shape[axis]
    if order == 0:
        return np.take(x, np.floor(places + 0.5).astype(int), axis=axis)
    if order == 3 and prefilter:
        x = spline_filter1d(x, 3, axis)
    low = np.floor(places).astype(int)
    steps, shares = _near(places - low, order)
    form = tuple([-1 if k == axis else 1 for k in range(x.ndim)])
    value = 0.0
    for step, share in zip(steps, shares):
        at = (n - 1) - np.abs((n - 1) - np.abs(low + step))
        value = value + np.reshape(share, form) * np.take(x, at, axis=axis)
    return value


def _read(x, places, order, mode, cval, prefilter):
    plain = order in (0, 1) and mode in ("constant", "nearest")
    if not plain and not (order == 3 and mode == "constant"):
        raise NotImplementedError("this order or mode of `scipy.ndimage`")
    value = x
    for axis in range(x.ndim):
        inside = np.clip(places[axis], 0, x.shape[axis] - 1)
        value = _read_along(value, inside, axis, order, prefilter)
    if mode == "constant":
        for axis in range(x.ndim):
            p = places[axis]
            form = tuple([-1 if k == axis else 1 for k in range(x.ndim)])
            beyond = np.reshape((p < 0) | (p > x.shape[axis] - 1), form)
            value = np.where(beyond, cval, value)
    return value


def shift(input, shift, output=None, order=3, mode="constant", cval=0.0, prefilter=True):
    if output is not None:
        raise NotImplementedError("`output` of `scipy.ndimage`")
    x = np.asarray(input)
    by = np.asarray(shift) * np.ones(x.ndim)
    places = [np.arange(x.shape[k]) - by[k] for k in range(x.ndim)]
    return _read(x, places, order, mode, cval, prefilter)


def zoom(
    input, zoom, output=None, order=3, mode="constant", cval=0.0, prefilter=True, *,
    grid_mode=False,
):  # fmt: skip
    if output is not None or grid_mode:
        raise NotImplementedError("`output` and `grid_mode` of `scipy.ndimage.zoom`")
    x = np.asarray(input)
    factors = zoom if isinstance(zoom, (list, tuple)) else [zoom] * x.ndim
    places = []
    for n, factor in zip(x.shape, factors):
        m = round(n * factor)
        assert m > 1, "`zoom` is followed to two elements or more"
        places.append(np.arange(m) * ((n - 1) / (m - 1)))
    return _read(x, places, order, mode, cval, prefilter)
