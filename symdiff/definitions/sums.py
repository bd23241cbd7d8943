"""Sums, means, orders and differences, with and without NaN."""

import numpy as np

from symdiff.definitions.common import conjugate, flat, root, squares

__all__ = [
    "average", "bincount", "corrcoef", "cov", "cumprod", "cumulative_prod",
    "cumulative_sum", "divmod", "ediff1d", "geomspace", "gradient", "histogram",
    "logaddexp__reduce", "logspace", "maximum__accumulate", "minimum__accumulate",
    "nancumprod", "nancumsum", "nanmax", "nanmean", "nanmin", "nanprod", "nanstd",
    "nansum", "nanvar", "ptp", "trapezoid", "unwrap",
]  # fmt: skip

# -- means ----------------------------------------------------------------------------


def ptp(a, axis=None, keepdims=False):
    largest = np.max(a, axis=axis, keepdims=keepdims)
    return largest - np.min(a, axis=axis, keepdims=keepdims)


def average(a, axis=None, weights=None, returned=False, keepdims=False):
    a = np.asarray(a)
    if weights is None:
        mean = np.mean(a, axis=axis, keepdims=keepdims)
        scale = np.full_like(mean, a.size / np.size(mean))
    else:
        weights = np.asarray(weights)
        if weights.ndim < a.ndim:
            axes = [k % a.ndim for k in (axis if isinstance(axis, tuple) else (axis,))]
            order = [axes.index(k) for k in range(a.ndim) if k in axes]
            weights = np.transpose(weights, tuple(order))
            shape = [n if k in axes else 1 for k, n in enumerate(a.shape)]
            weights = np.broadcast_to(weights.reshape(tuple(shape)), a.shape)
        scale = np.sum(weights, axis=axis, keepdims=keepdims)
        mean = np.sum(a * weights, axis=axis, keepdims=keepdims) / scale
    return (mean, scale) if returned else mean


def cov(m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None):
    x = np.atleast_2d(m)
    if not rowvar and np.ndim(m) > 1:
        x = x.T
    if y is not None:
        other = np.atleast_2d(y)
        x = np.concatenate([x, other if rowvar or np.ndim(y) < 2 else other.T])
    if ddof is None:
        ddof = 0 if bias else 1
    weights = None if fweights is None else np.asarray(fweights)
    if aweights is not None:
        aweights = np.asarray(aweights)
        weights = aweights if weights is None else weights * aweights
    if weights is None:
        centred = x - np.mean(x, axis=1, keepdims=True)
        table = centred @ conjugate(centred.T) / (x.shape[1] - ddof)
        return np.squeeze(table) if y is None else table
    total = np.sum(weights)
    centred = x - (x @ weights / total)[:, None]
    if ddof == 0:
        degrees = total
    elif aweights is None:
        degrees = total - ddof
    else:
        degrees = total - ddof * np.sum(weights * aweights) / total
    table = (centred * weights) @ conjugate(centred.T) / degrees
    return np.squeeze(table) if y is None else table


def corrcoef(x, y=None, rowvar=True):
    c = np.cov(x, y, rowvar)
    if c.ndim == 0:
        return c / c
    scale = np.sqrt(np.diag(c))
    return c / scale[:, None] / scale[None, :]


# -- without NaN ----------------------------------------------------------------------


def _without(a, dtype, where, instead):
    """With a number instead of what is NaN, or not asked for."""
    if dtype is not None:
        a = np.asarray(a).astype(dtype)
    missing = np.isnan(a)
    if where is not True:
        missing = missing | np.logical_not(where)
    return np.where(missing, instead, a)


def _count(a, axis, keepdims, where):
    counted = ~np.isnan(a)
    if where is not True:
        counted = counted & where
    return np.sum(counted, axis=axis, dtype=np.asarray(a).dtype, keepdims=keepdims)


def nansum(a, axis=None, dtype=None, keepdims=False, initial=0, where=True):
    total = np.sum(_without(a, dtype, where, 0), axis=axis, keepdims=keepdims)
    return total if initial == 0 else initial + total


def nanprod(a, axis=None, dtype=None, keepdims=False, initial=1, where=True):
    product = np.prod(_without(a, dtype, where, 1), axis=axis, keepdims=keepdims)
    return product if initial == 1 else initial * product


def nancumsum(a, axis=None, dtype=None):
    return np.cumsum(_without(a, dtype, True, 0), axis=axis)


def nancumprod(a, axis=None, dtype=None):
    return cumprod(_without(a, dtype, True, 1), axis=axis)


def nanmax(a, axis=None, keepdims=False, initial=None, where=True):
    a = _without(a, None, where, -np.inf)
    if initial is None:
        return np.max(a, axis=axis, keepdims=keepdims)
    return np.max(a, axis=axis, keepdims=keepdims, initial=initial)


def nanmin(a, axis=None, keepdims=False, initial=None, where=True):
    a = _without(a, None, where, np.inf)
    if initial is None:
        return np.min(a, axis=axis, keepdims=keepdims)
    return np.min(a, axis=axis, keepdims=keepdims, initial=initial)


def nanmean(a, axis=None, dtype=None, keepdims=False, where=True):
    total = np.sum(_without(a, dtype, where, 0), axis=axis, keepdims=keepdims)
    return total / _count(a, axis, keepdims, where)


def nanvar(a, axis=None, dtype=None, ddof=0, keepdims=False, where=True):
    centred = a - nanmean(a, axis, dtype, True, where)
    total = np.sum(squares(_without(centred, None, where, 0)), axis=axis, keepdims=keepdims)
    return total / (_count(a, axis, keepdims, where) - ddof)


def nanstd(a, axis=None, dtype=None, ddof=0, keepdims=False, where=True):
    return root(nanvar(a, axis, dtype, ddof, keepdims, where))


# -- running sums and differences -----------------------------------------------------


def cumprod(a, axis=None, dtype=None):
    """In steps that double in length: its derivative needs no division, which a zero
    among the factors would spoil."""
    a = np.asarray(a) if dtype is None else np.asarray(a).astype(dtype)
    if axis is None:
        a, axis = flat(a), 0
    result = a.copy()
    rows = np.swapaxes(result, axis, 0)
    step = 1
    while step < rows.shape[0]:
        rows[step:] = rows[step:] * rows[:-step]
        step = 2 * step
    return result


def cumulative_prod(x, axis=None, include_initial=False):
    axis = 0 if axis is None else axis
    result = cumprod(x, axis)
    if include_initial:
        first = np.ones_like(np.swapaxes(x, axis, 0)[:1])
        result = np.concatenate([np.swapaxes(first, axis, 0), result], axis=axis)
    return result


def cumulative_sum(x, axis=None, include_initial=False):
    axis = 0 if axis is None else axis
    result = np.cumsum(x, axis=axis)
    if include_initial:
        first = np.zeros_like(np.swapaxes(x, axis, 0)[:1])
        result = np.concatenate([np.swapaxes(first, axis, 0), result], axis=axis)
    return result


def maximum__accumulate(array, axis=0):
    rows = np.swapaxes(array.copy(), axis, 0)
    step = 1
    while step < rows.shape[0]:
        rows[step:] = np.maximum(rows[step:], rows[:-step])
        step = 2 * step
    return np.swapaxes(rows, axis, 0)


def minimum__accumulate(array, axis=0):
    return -maximum__accumulate(-array, axis)


def logaddexp__reduce(array, axis=0, dtype=None, keepdims=False):
    largest = np.max(array, axis=axis, keepdims=True)
    total = np.log(np.sum(np.exp(array - largest), axis=axis, keepdims=keepdims))
    return total + np.max(array, axis=axis, keepdims=keepdims)


def divmod(x1, x2):
    return x1 // x2, x1 % x2


def ediff1d(ary, to_end=None, to_begin=None):
    parts = [np.diff(flat(ary))]
    if to_begin is not None:
        parts = [flat(to_begin), *parts]
    if to_end is not None:
        parts = [*parts, flat(to_end)]
    return np.concatenate(parts) if len(parts) > 1 else parts[0]


def trapezoid(y, x=None, dx=1.0, axis=-1):
    y = np.swapaxes(np.asarray(y), axis, -1)
    if x is not None:
        x = np.asarray(x)
        dx = np.diff(x) if x.ndim == 1 else np.diff(np.swapaxes(x, axis, -1))
    return np.sum(0.5 * dx * (y[..., 1:] + y[..., :-1]), axis=-1)


def _slope(f, h, axis, edge_order):
    """The slope along one axis, of steps h or at places h."""
    f = f if axis == 0 else np.moveaxis(f, axis, 0)
    if np.ndim(h) == 0:
        inner = (f[2:] - f[:-2]) / (2 * h)
        first, last = h, h
        before, behind = h, h
    else:
        steps = np.diff(h).reshape((-1,) + (1,) * (f.ndim - 1))
        left, right = steps[:-1], steps[1:]
        inner = left**2 * f[2:] + (right**2 - left**2) * f[1:-1] - right**2 * f[:-2]
        inner = inner / (left * right * (left + right))
        first, last = steps[:1], steps[-1:]
        before, behind = steps[1:2], steps[-2:-1]
    start, end = (f[1:2] - f[:1]) / first, (f[-1:] - f[-2:-1]) / last
    if edge_order == 2:
        next_, previous = (f[2:3] - f[1:2]) / before, (f[-2:-1] - f[-3:-2]) / behind
        start = start + (start - next_) * first / (first + before)
        end = end + (end - previous) * last / (last + behind)
    slopes = np.concatenate([start, inner, end])
    return slopes if axis == 0 else np.moveaxis(slopes, 0, axis)


def gradient(f, *varargs, axis=None, edge_order=1):
    f = np.asarray(f)
    axes = tuple(range(f.ndim)) if axis is None else axis
    axes = (axes,) if isinstance(axes, int) else axes
    steps = varargs if len(varargs) else (1.0,)
    if len(steps) == 1:
        steps = steps * len(axes)
    slopes = [_slope(f, h, k, edge_order) for h, k in zip(steps, axes)]
    return slopes[0] if len(slopes) == 1 else tuple(slopes)


def unwrap(p, discont=None, axis=-1, period=6.283185307179586):
    p = np.swapaxes(np.asarray(p), axis, -1)
    steps = np.diff(p)
    short = np.mod(steps + period / 2, period) - period / 2
    short = np.where((short == -period / 2) & (steps > 0), period / 2, short)
    least = period / 2 if discont is None else max(discont, period / 2)
    turns = np.where(np.abs(steps) < least, 0.0, short - steps)
    result = np.concatenate([p[..., :1], p[..., 1:] + np.cumsum(turns, axis=-1)], axis=-1)
    return np.swapaxes(result, axis, -1)


# -- points and counts ----------------------------------------------------------------


def logspace(start, stop, num=50, endpoint=True, base=10.0):
    return base ** np.linspace(start, stop, num, endpoint=endpoint)


def geomspace(start, stop, num=50, endpoint=True, *, axis=0):
    if np.iscomplexobj(start) or np.iscomplexobj(stop):
        raise NotImplementedError("np.geomspace of complex numbers")
    powers = np.linspace(0.0, 1.0, num, endpoint=endpoint)
    ndim = np.ndim(start) if np.ndim(start) > np.ndim(stop) else np.ndim(stop)
    if ndim > 0:
        powers = powers.reshape((-1,) + (1,) * ndim)
    points = start * (stop / start) ** powers
    return points if axis == 0 else np.moveaxis(points, 0, axis)


def bincount(x, weights=None, minlength=0):
    if weights is None:
        return np.bincount(x, minlength=minlength)
    x = np.asarray(x)
    counts = np.zeros(max(minlength, int(np.max(x)) + 1))
    np.add.at(counts, x, weights)
    return counts


def histogram(a, bins=10, range=None, density=None, weights=None):
    counts, edges = np.histogram(a, bins, range)
    if weights is not None:
        a, weights = flat(a), flat(weights)
        cells = np.searchsorted(edges, a, side="right") - 1
        cells = np.where(a == edges[-1], len(edges) - 2, cells)
        inside = (cells >= 0) & (cells < len(edges) - 1)
        counts = np.zeros(len(edges) - 1)
        np.add.at(counts, cells[inside], weights[inside])
    if density:
        counts = counts / np.sum(counts) / np.diff(edges)
    return counts, edges
