"""`scipy.ndimage`: filters of arrays, and arrays between their elements."""

import numpy as np

__all__ = [
    "convolve", "convolve1d", "correlate", "correlate1d", "gaussian_filter",
    "gaussian_filter1d", "laplace", "map_coordinates", "prewitt", "sobel",
    "uniform_filter", "uniform_filter1d",
]  # fmt: skip

_MODES = {
    "reflect": "symmetric", "grid-mirror": "symmetric", "mirror": "reflect",
    "nearest": "edge", "wrap": "wrap", "grid-wrap": "wrap", "constant": "constant",
    "grid-constant": "constant",
}  # fmt: skip


def _extended(x, before, behind, axis, mode, cval):
    widths = tuple([(before, behind) if k == axis else (0, 0) for k in range(x.ndim)])
    if _MODES[mode] == "constant":
        return np.pad(x, widths, constant_values=cval)
    return np.pad(x, widths, mode=_MODES[mode])


def correlate1d(input, weights, axis=-1, output=None, mode="reflect", cval=0.0, origin=0):
    if output is not None:
        raise NotImplementedError("`output` of `scipy.ndimage`")
    x, weights = np.asarray(input), np.asarray(weights)
    axis = axis % x.ndim
    size = weights.shape[0]
    before = size // 2 + origin
    wide = np.moveaxis(_extended(x, before, size - 1 - before, axis, mode, cval), axis, -1)
    n = x.shape[axis]
    places = np.arange(n)[:, None] + np.arange(size)
    return np.moveaxis(wide[..., places] @ weights, -1, axis)


def convolve1d(input, weights, axis=-1, output=None, mode="reflect", cval=0.0, origin=0):
    weights = np.asarray(weights)
    origin = -origin - (1 - weights.shape[0] % 2)
    return correlate1d(input, weights[::-1], axis, output, mode, cval, origin)


def gaussian_filter1d(
    input, sigma, axis=-1, order=0, output=None, mode="reflect", cval=0.0, truncate=4.0,
    *, radius=None,
):  # fmt: skip
    if order not in (0, 1, 2):
        raise NotImplementedError("this order of `scipy.ndimage.gaussian_filter1d`")
    if radius is None:
        radius = int(truncate * float(sigma) + 0.5)
    x = np.arange(-radius, radius + 1)
    weights = np.exp(-0.5 * (x / sigma) ** 2)
    weights = weights / np.sum(weights)
    if order == 1:
        weights = weights * x / sigma**2
    elif order == 2:
        weights = weights * (x**2 / sigma**2 - 1) / sigma**2
    return correlate1d(input, weights, axis, output, mode, cval)


def _each(values, ndim):
    """One value for each axis."""
    if isinstance(values, (list, tuple)):
        return values
    return [values] * ndim


def gaussian_filter(
    input, sigma, order=0, output=None, mode="reflect", cval=0.0, truncate=4.0, *,
    radius=None, axes=None,
):  # fmt: skip
    if axes is not None:
        raise NotImplementedError("`axes` of `scipy.ndimage.gaussian_filter`")
    x = np.asarray(input)
    sigmas, orders, modes = _each(sigma, x.ndim), _each(order, x.ndim), _each(mode, x.ndim)
    for axis in range(x.ndim):
        x = gaussian_filter1d(
            x, sigmas[axis], axis, orders[axis], output, modes[axis], cval, truncate,
            radius=radius,
        )  # fmt: skip
    return x


def uniform_filter1d(input, size, axis=-1, output=None, mode="reflect", cval=0.0, origin=0):
    return correlate1d(input, np.ones(size) / size, axis, output, mode, cval, origin)


def uniform_filter(
    input, size=3, output=None, mode="reflect", cval=0.0, origin=0, *, axes=None
):
    if axes is not None:
        raise NotImplementedError("`axes` of `scipy.ndimage.uniform_filter`")
    x = np.asarray(input)
    sizes, modes = _each(size, x.ndim), _each(mode, x.ndim)
    for axis in range(x.ndim):
        x = uniform_filter1d(x, sizes[axis], axis, output, modes[axis], cval, origin)
    return x


def _edges(x, axis, output, mode, cval, across):
    x = np.asarray(x)
    axis, modes = axis % x.ndim, _each(mode, x.ndim)
    result = correlate1d(x, np.array([-1.0, 0.0, 1.0]), axis, output, modes[axis], cval)
    for other in range(x.ndim):
        if other != axis:
            weights = np.array(across)
            result = correlate1d(result, weights, other, output, modes[other], cval)
    return result


def sobel(input, axis=-1, output=None, mode="reflect", cval=0.0):
    return _edges(input, axis, output, mode, cval, [1.0, 2.0, 1.0])


def prewitt(input, axis=-1, output=None, mode="reflect", cval=0.0):
    return _edges(input, axis, output, mode, cval, [1.0, 1.0, 1.0])


def laplace(input, output=None, mode="reflect", cval=0.0):
    x = np.asarray(input)
    weights, modes = np.array([1.0, -2.0, 1.0]), _each(mode, x.ndim)
    result = correlate1d(x, weights, 0, output, modes[0], cval)
    for axis in range(1, x.ndim):
        result = result + correlate1d(x, weights, axis, output, modes[axis], cval)
    return result


def correlate(input, weights, output=None, mode="reflect", cval=0.0, origin=0):
    """One product of arrays for each of the weights."""
    x, weights = np.asarray(input), np.asarray(weights)
    if output is not None:
        raise NotImplementedError("`output` of `scipy.ndimage`")
    if x.ndim == 1:
        return correlate1d(x, weights, 0, None, mode, cval, _each(origin, 1)[0])
    if x.ndim != 2:
        raise NotImplementedError("a filter by weights along more than two axes")
    down, right = _each(origin, 2)
    rows, columns = weights.shape
    above, left = rows // 2 + down, columns // 2 + right
    wide = _extended(x, above, rows - 1 - above, 0, mode, cval)
    wide = _extended(wide, left, columns - 1 - left, 1, mode, cval)
    n, m = x.shape
    result = np.zeros_like(x)
    for i in range(rows):
        for j in range(columns):
            result += weights[i, j] * wide[i : i + n, j : j + m]
    return result


def convolve(input, weights, output=None, mode="reflect", cval=0.0, origin=0):
    weights = np.asarray(weights)
    if weights.ndim == 1:
        return convolve1d(input, weights, 0, output, mode, cval, _each(origin, 1)[0])
    origins = _each(origin, weights.ndim)
    turned = [-o - (1 - n % 2) for o, n in zip(origins, weights.shape)]
    return correlate(input, np.flip(weights), output, mode, cval, turned)


def map_coordinates(
    input, coordinates, output=None, order=3, mode="constant", cval=0.0, prefilter=True
):
    if order not in (0, 1) or mode not in ("constant", "nearest"):
        raise NotImplementedError("this order or mode of `scipy.ndimage.map_coordinates`")
    if output is not None:
        raise NotImplementedError("`output` of `scipy.ndimage`")
    x, at = np.asarray(input), np.asarray(coordinates)
    points = [np.clip(at[k], 0, x.shape[k] - 1) for k in range(x.ndim)]
    if order == 0:
        return x[tuple([np.floor(p + 0.5).astype(int) for p in points])]
    value = _between(x, points, ())
    if mode == "constant":
        for k in range(x.ndim):
            value = np.where((at[k] < 0) | (at[k] > x.shape[k] - 1), cval, value)
    return value


def _between(x, points, at):
    """Of the values at the corners around each point."""
    axis = len(at)
    if axis == x.ndim:
        return x[at]
    low = np.clip(np.floor(points[axis]).astype(int), 0, max(x.shape[axis] - 2, 0))
    part = points[axis] - low
    high = np.minimum(low + 1, x.shape[axis] - 1)
    value = (1 - part) * _between(x, points, (*at, low))
    return value + part * _between(x, points, (*at, high))
