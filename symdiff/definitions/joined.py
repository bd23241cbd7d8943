"""Arrays joined, lengthened, shortened and filled up."""

from typing import Any, NamedTuple

import numpy as np

from symdiff.definitions.common import flat

__all__ = [
    "block", "broadcast_arrays", "c_", "delete", "diagflat", "dstack", "insert",
    "intersect1d", "meshgrid", "mgrid", "ogrid", "pad", "r_", "repeat", "resize",
    "row_stack", "setdiff1d", "setxor1d", "trim_zeros", "union1d", "unique",
    "unique_all", "unique_counts", "unique_inverse", "unique_values",
]  # fmt: skip


def _depth(arrays):
    return 1 + _depth(arrays[0]) if isinstance(arrays, list) else 0


def _blocks(arrays, axis, ndim):
    if not isinstance(arrays, list):
        arrays = np.asarray(arrays)
        return arrays.reshape((1,) * (ndim - arrays.ndim) + arrays.shape)
    return np.concatenate([_blocks(part, axis + 1, ndim) for part in arrays], axis=axis)


def _most_axes(arrays, least):
    if not isinstance(arrays, list):
        return np.ndim(arrays) if np.ndim(arrays) > least else least
    for part in arrays:
        least = _most_axes(part, least)
    return least


def block(arrays):
    if not isinstance(arrays, list):
        return np.array(arrays)
    depth = _depth(arrays)
    return _blocks(arrays, -depth, _most_axes(arrays, depth))


def _points(part):
    start = 0 if part.start is None else part.start
    if isinstance(part.step, complex):
        return np.linspace(start, part.stop, int(abs(part.step)))
    return np.arange(start, part.stop, 1 if part.step is None else part.step)


def _pieces(parts):
    return [_points(part) if isinstance(part, slice) else part for part in parts]


def r_(*parts):
    """`np.r_[...]`"""
    parts = _pieces(parts)
    return np.concatenate([p if np.ndim(p) else np.atleast_1d(p) for p in parts])


def c_(*parts):
    return np.column_stack(_pieces(parts))


def mgrid(*parts):
    """`np.mgrid[...]`"""
    points = [_points(part) for part in parts]
    if len(points) == 1:
        return points[0]
    return np.stack(meshgrid(*points, indexing="ij"))


def ogrid(*parts):
    points = [_points(part) for part in parts]
    if len(points) == 1:
        return points[0]
    return meshgrid(*points, indexing="ij", sparse=True)


def row_stack(tup):
    return np.vstack(tup)


def dstack(tup):
    return np.concatenate([np.atleast_3d(part) for part in tup], axis=2)


def broadcast_arrays(*args):
    args = [np.asarray(arg) for arg in args]
    shape = np.broadcast_shapes(*[arg.shape for arg in args])
    return tuple([np.broadcast_to(arg, shape) for arg in args])


def meshgrid(*xi, indexing="xy", sparse=False, copy=True):
    ndim = len(xi)
    arrays = [np.asarray(x) for x in xi]
    grids = [
        x.reshape((1,) * k + (-1,) + (1,) * (ndim - k - 1)) for k, x in enumerate(arrays)
    ]
    if indexing == "xy" and ndim > 1:
        grids = [np.swapaxes(grid, 0, 1) for grid in grids]
    if not sparse:
        shape = np.broadcast_shapes(*[grid.shape for grid in grids])
        grids = [np.broadcast_to(grid, shape) for grid in grids]
    return tuple([grid.copy() for grid in grids] if copy else grids)


def delete(arr, obj, axis=None):
    if axis is None:
        arr, axis = flat(arr), 0
    before = (slice(None),) * (axis % arr.ndim)
    if isinstance(obj, int):
        place = obj % arr.shape[axis]
        parts = [arr[(*before, slice(place))], arr[(*before, slice(place + 1, None))]]
        return np.concatenate(parts, axis=axis)
    places = np.arange(arr.shape[axis])
    kept = np.delete(places, places[obj] if isinstance(obj, slice) else obj)
    return arr[(*before, kept)]


def insert(arr, obj, values, axis=None):
    if axis is None:
        arr, axis = flat(arr), 0
    axis = axis % arr.ndim
    values = np.asarray(values)
    values = values.reshape((1,) * (arr.ndim - values.ndim) + values.shape)
    if not isinstance(obj, int):
        return _inserted(arr, obj, values, axis)
    if axis > 0:
        values = np.moveaxis(values, 0, axis)
    shape = (*arr.shape[:axis], values.shape[axis], *arr.shape[axis + 1 :])
    part = values if arr.ndim == 1 else np.broadcast_to(values, shape)
    before = (slice(None),) * axis
    place = obj if obj >= 0 else obj + arr.shape[axis]
    left, right = arr[(*before, slice(place))], arr[(*before, slice(place, None))]
    return np.concatenate([left, part, right], axis=axis)


def _inserted(arr, obj, values, axis):
    """Values at several places: behind the array, and from there to where they belong."""
    size = arr.shape[axis]
    starts = np.arange(size)[obj] if isinstance(obj, slice) else np.asarray(obj)
    count = starts.shape[0]
    starts = np.where(starts < 0, starts + size, starts)
    order = np.argsort(starts, kind="stable")
    places = np.zeros(count, dtype=int)
    places[order] = starts[order] + np.arange(count)
    taken = np.zeros(size + count, dtype=bool)
    taken[places] = True
    source = np.zeros(size + count, dtype=int)
    source[places] = size + np.arange(count)
    source[~taken] = np.arange(size)
    shape = (*arr.shape[:axis], count, *arr.shape[axis + 1 :])
    joined = np.concatenate([arr, np.broadcast_to(values, shape)], axis=axis)
    return np.take(joined, source, axis=axis)


def _places_with_margin(n, width, mode):
    before, behind = (width, width) if isinstance(width, int) else (width[0], width[-1])
    places = np.arange(-before, n + behind)
    if mode == "edge":
        return np.clip(places, 0, n - 1)
    if mode == "wrap":
        return places % n
    if mode == "symmetric":
        places = places % (2 * n)
        return np.minimum(places, 2 * n - 1 - places)
    period = max(2 * n - 2, 1)
    places = places % period
    return np.minimum(places, period - places)


def pad(
    array, pad_width, mode="constant", constant_values=0, end_values=0, stat_length=None,
    reflect_type="even",
):  # fmt: skip
    array = np.asarray(array)
    if isinstance(pad_width, dict):
        pad_width = [
            pad_width.get(k, pad_width.get(k - array.ndim, 0)) for k in range(array.ndim)
        ]
        pad_width = tuple([(n, n) if isinstance(n, int) else n for n in pad_width])
    if mode == "constant":
        if isinstance(constant_values, (tuple, list)):
            return _padded_by(array, pad_width, mode, constant_values, 0)
        return np.pad(array, pad_width, mode, constant_values=constant_values)
    if mode in ("mean", "maximum", "minimum", "median", "linear_ramp"):
        return _padded_by(array, pad_width, mode, end_values, 0, stat_length)
    if mode not in ("edge", "reflect", "symmetric", "wrap"):
        raise NotImplementedError("this mode of np.pad")
    if reflect_type == "odd" and mode in ("reflect", "symmetric"):
        return _padded_oddly(array, pad_width, mode, 0)
    return _padded(array, pad_width, mode, 0)


def _width(pad_width, axis):
    if not isinstance(pad_width, int) and not isinstance(pad_width[0], int):
        return pad_width[axis % len(pad_width)]
    return pad_width


def _ends(values, axis):
    """What an axis has before and behind: one number for both, or for all axes."""
    if not isinstance(values, (tuple, list)):
        return values, values
    if isinstance(values[0], (tuple, list)):
        return _ends(values[axis % len(values)], axis)
    return values[0], values[-1]


def _ramp(edge, end, count, axis):
    """From the edge to the end in so many steps, without the edge itself."""
    shape = [1] * edge.ndim
    shape[axis] = count
    part = (np.arange(1, count + 1) / count if count > 0 else np.ones(0)).reshape(shape)
    return edge + part * (end - edge)


def _margin_of(array, mode, axis, part):
    """What is made of the array, or of so many elements as a slice names."""
    if part is not None:
        array = array[(slice(None),) * axis + (part,)]
    if mode == "mean":
        return np.mean(array, axis=axis, keepdims=True)
    if mode == "median":
        return np.median(array, axis=axis, keepdims=True)
    if mode == "maximum":
        return np.max(array, axis=axis, keepdims=True)
    return np.min(array, axis=axis, keepdims=True)


def _padded_by(array, pad_width, mode, end, axis, of=None):
    """With margins along this axis and those that follow, of what is made of the array."""
    if axis == array.ndim:
        return array
    width = _width(pad_width, axis)
    before, behind = (width, width) if isinstance(width, int) else (width[0], width[-1])
    low, high = _ends(end, axis)
    along = (slice(None),) * axis
    if mode == "linear_ramp":
        first = _ramp(array[(*along, slice(0, 1))], low, before, axis)
        first = np.flip(first, axis)
        last = _ramp(array[(*along, slice(-1, None))], high, behind, axis)
    elif mode == "constant":
        one = np.zeros_like(array[(*along, slice(0, 1))])
        first, last = (
            np.repeat(one + low, before, axis),
            np.repeat(one + high, behind, axis),
        )
    else:
        left, right = (None, None) if of is None else _ends(of, axis)
        head = None if left is None else slice(0, left)
        tail = None if right is None else slice(max(array.shape[axis] - right, 0), None)
        first = np.repeat(_margin_of(array, mode, axis, head), before, axis)
        last = np.repeat(_margin_of(array, mode, axis, tail), behind, axis)
    array = np.concatenate([first, array, last], axis=axis)
    return _padded_by(array, pad_width, mode, end, axis + 1, of)


def _padded_oddly(array, pad_width, mode, axis):
    """With margins that are twice the edge less what is reflected."""
    if axis == array.ndim:
        return array
    width = _width(pad_width, axis)
    before, behind = (width, width) if isinstance(width, int) else (width[0], width[-1])
    count, skip = array.shape[axis], 1 if mode == "reflect" else 0
    assert max(before, behind) <= count - skip, "np.pad: reflected more than once"
    along = (slice(None),) * axis
    first, last = array[(*along, slice(0, 1))], array[(*along, slice(-1, None))]
    head = np.flip(array[(*along, slice(skip, before + skip))], axis)
    end = count - skip
    tail = np.flip(array[(*along, slice(end - behind, end))], axis)
    array = np.concatenate([2 * first - head, array, 2 * last - tail], axis=axis)
    return _padded_oddly(array, pad_width, mode, axis + 1)


def _padded(array, pad_width, mode, axis):
    """With margins along this axis and those that follow, which repeat elements."""
    if axis == array.ndim:
        return array
    width = _width(pad_width, axis)
    places = _places_with_margin(array.shape[axis], width, mode)
    return _padded(np.take(array, places, axis=axis), pad_width, mode, axis + 1)


def repeat(a, repeats, axis=None):
    if isinstance(repeats, int):
        return np.repeat(a, repeats) if axis is None else np.repeat(a, repeats, axis)
    if axis is None:
        a, axis = flat(a), 0
    places = np.repeat(np.arange(a.shape[axis]), repeats)
    return np.take(a, places, axis=axis)


def unique(ar, return_index=False, return_inverse=False, return_counts=False, axis=None):
    ar = np.asarray(ar)
    _, first, inverse, counts = np.unique(
        ar, return_index=True, return_inverse=True, return_counts=True, axis=axis
    )
    results = [flat(ar)[first] if axis is None else np.take(ar, first, axis)]
    if return_index:
        results = [*results, first]
    if return_inverse:
        results = [*results, inverse]
    if return_counts:
        results = [*results, counts]
    return tuple(results) if len(results) > 1 else results[0]


class UniqueAll(NamedTuple):
    values: Any
    indices: Any
    inverse_indices: Any
    counts: Any


class UniqueCounts(NamedTuple):
    values: Any
    counts: Any


class UniqueInverse(NamedTuple):
    values: Any
    inverse_indices: Any


def unique_all(x):
    return UniqueAll(*unique(x, True, True, True))


def unique_counts(x):
    return UniqueCounts(*unique(x, return_counts=True))


def unique_inverse(x):
    return UniqueInverse(*unique(x, return_inverse=True))


def unique_values(x):
    if np.iscomplexobj(x):
        raise NotImplementedError("np.unique_values of complex numbers, in no order")
    return unique(x)


def union1d(ar1, ar2):
    return unique(np.concatenate([flat(ar1), flat(ar2)]))


def intersect1d(ar1, ar2, assume_unique=False):
    """The values of the first that are in the second too."""
    chosen = flat(ar1) if assume_unique else unique(ar1)
    if assume_unique:
        chosen = np.sort(chosen)
    return chosen[np.isin(chosen, ar2)]


def setdiff1d(ar1, ar2, assume_unique=False):
    chosen = flat(ar1) if assume_unique else unique(ar1)
    return chosen[~np.isin(chosen, ar2)]


def setxor1d(ar1, ar2, assume_unique=False):
    return np.sort(np.concatenate([setdiff1d(ar1, ar2), setdiff1d(ar2, ar1)]))


def resize(a, new_shape):
    if isinstance(new_shape, int):
        new_shape = (new_shape,)
    count = 1
    for length in new_shape:
        count = count * length
    return flat(a)[np.arange(count) % np.size(a)].reshape(new_shape)


def trim_zeros(filt, trim="fb"):
    places = np.flatnonzero(filt)
    first, last = 0, len(filt)
    if "f" in trim.lower():
        first = places[0]
    if "b" in trim.lower():
        last = places[-1] + 1
    return filt[first:last]


def diagflat(v, k=0):
    return np.diag(flat(v), k)
