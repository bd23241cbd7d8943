"""Kinds of the NumPy functions that rearrange, join and repeat arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from symdiff.ir.extents import add_extents, may_be_one, shift, times
from symdiff.ir.infer_arguments import (
    Arguments, Inferred, Keywords, argument, array_of, axes_of, base_of, is_none,
    shape_argument, static,
)  # fmt: skip
from symdiff.ir.infer_dtypes import dtype_in, listed, promote, strong
from symdiff.ir.kinds import (
    UNKNOWN, Array, Extent, Int, Kind, Size, Tuple, is_number,
)  # fmt: skip

__all__ = ["SHAPES", "as_array", "flattened"]

Dims = tuple[Extent, ...]


def _product(dims: Iterable[Extent]) -> Extent:
    result: Extent = 1
    for extent in dims:
        result = times(result, extent)
    return result


def as_array(kind: Kind) -> Array | None:
    """A number as an array without axes; None for what is neither."""
    if is_number(kind):
        return Array(strong(kind), ())
    return kind if isinstance(kind, Array) else None


def flattened(kind: Kind) -> Kind:
    """The kind of `a.ravel()`."""
    if isinstance(kind, Array):
        return Array(kind.dtype, (_product(kind.dims),))
    return UNKNOWN


# -- axes -----------------------------------------------------------------------------


def _reshape(pos: Arguments, kw: Keywords) -> Kind:
    base = as_array(base_of(pos, kw))
    if base is None:
        return UNKNOWN
    wanted = pos[1:] or [kw[k] for k in ("shape", "newshape") if k in kw]
    dims: list[Extent] = []
    for pair in wanted:
        shape = shape_argument(pair)
        if shape is None:
            return UNKNOWN
        dims.extend(shape)
    if -1 in dims:
        place = dims.index(-1)
        whole, known = _product(base.dims), _product(dims[:place] + dims[place + 1 :])
        if isinstance(whole, int) and isinstance(known, int) and known:
            dims[place] = whole // known
        elif known == 1:
            dims[place] = whole
        else:
            dims[place] = Size(f"({whole}/{known})")
    return Array(base.dtype, tuple(dims))


def _transpose(pos: Arguments, kw: Keywords) -> Kind:
    base = as_array(base_of(pos, kw))
    if base is None:
        return UNKNOWN
    if len(pos) > 2:
        order = tuple(static(pair) for pair in pos[1:])
    else:
        given = argument(pos, kw, 1, "axes")
        if is_none(given):
            return Array(base.dtype, base.dims[::-1])
        order = static(given)
    known = isinstance(order, tuple) and all(isinstance(v, int) for v in order)
    if not known or len(order) != base.ndim:
        return UNKNOWN
    return Array(base.dtype, tuple(base.dims[v] for v in order))


def _swapaxes(pos: Arguments, kw: Keywords) -> Kind:
    axes = argument(pos, kw, 1, "axis1"), argument(pos, kw, 2, "axis2")
    return _moved(array_of(pos, kw), static(axes[0]), static(axes[1]), swap=True)


def _moveaxis(pos: Arguments, kw: Keywords) -> Kind:
    axes = argument(pos, kw, 1, "source"), argument(pos, kw, 2, "destination")
    return _moved(array_of(pos, kw), static(axes[0]), static(axes[1]), swap=False)


def _matrix_transpose(pos: Arguments, kw: Keywords) -> Kind:
    return _moved(array_of(pos, kw), -2, -1, swap=True)


def _moved(base: Array | None, a: object, b: object, swap: bool) -> Kind:
    if base is not None and isinstance(a, tuple) and isinstance(b, tuple) and not swap:
        return _moved_several(base, a, b)
    if base is None or not isinstance(a, int) or not isinstance(b, int):
        return UNKNOWN
    if not (-base.ndim <= a < base.ndim and -base.ndim <= b < base.ndim):
        return UNKNOWN
    order = list(range(base.ndim))
    a, b = a % base.ndim, b % base.ndim
    if swap:
        order[a], order[b] = order[b], order[a]
    else:
        order.insert(b, order.pop(a))
    return Array(base.dtype, tuple(base.dims[v] for v in order))


def _moved_several(base: Array, a: tuple[int, ...], b: tuple[int, ...]) -> Kind:
    sources = [k % base.ndim for k in a]
    order = [k for k in range(base.ndim) if k not in sources]
    for place, source in sorted(zip((k % base.ndim for k in b), sources, strict=True)):
        order.insert(place, source)
    return Array(base.dtype, tuple(base.dims[v] for v in order))


def _expand(pos: Arguments, kw: Keywords) -> Kind:
    base = as_array(base_of(pos, kw))
    axis = static(argument(pos, kw, 1, "axis"))
    if base is None or not isinstance(axis, (int, tuple)):
        return UNKNOWN
    axes = axis if isinstance(axis, tuple) else (axis,)
    dims = list(base.dims)
    for place in sorted(k % (base.ndim + len(axes)) for k in axes):
        dims.insert(place, 1)
    return Array(base.dtype, tuple(dims))


def _squeeze(pos: Arguments, kw: Keywords) -> Kind:
    base = as_array(base_of(pos, kw))
    given = argument(pos, kw, 1, "axis")
    if base is None:
        return UNKNOWN
    if is_none(given):
        if any(may_be_one(d) and d != 1 for d in base.dims):
            return UNKNOWN
        axes: tuple[int, ...] | None = tuple(k for k, d in enumerate(base.dims) if d == 1)
    else:
        axes = axes_of(given, base.ndim)
    if axes is None:
        return UNKNOWN
    return Array(base.dtype, tuple(d for k, d in enumerate(base.dims) if k not in axes))


def _at_least(rank: int) -> Inferred:
    def kind_of_call(pos: Arguments, kw: Keywords) -> Kind:
        base = as_array(base_of(pos, kw))
        if base is None or len(pos) != 1:
            return UNKNOWN
        return Array(base.dtype, _padded(base.dims, rank))

    return kind_of_call


def _padded(dims: Dims, rank: int) -> Dims:
    """The extents that `atleast_1d`, `atleast_2d` and `atleast_3d` give."""
    if rank == 3 and len(dims) == 2:
        return (*dims, 1)
    if rank == 3 and len(dims) == 1:
        return (1, *dims, 1)
    return (1,) * (rank - len(dims)) + dims


def _ravel(pos: Arguments, kw: Keywords) -> Kind:
    base = as_array(base_of(pos, kw))
    return UNKNOWN if base is None else flattened(base)


# -- diagonals ------------------------------------------------------------------------


def _diag(pos: Arguments, kw: Keywords) -> Kind:
    base = array_of(pos, kw)
    given = argument(pos, kw, 1, "k")
    by = 0 if given is None else static(given)
    if base is None or not isinstance(by, int):
        return UNKNOWN
    if base.ndim == 1:
        return Array(base.dtype, (shift(base.dims[0], abs(by)),) * 2)
    if base.ndim != 2:
        return UNKNOWN
    return Array(base.dtype, (_diagonal_extent(base.dims[0], base.dims[1], by),))


def _diagonal(pos: Arguments, kw: Keywords) -> Kind:
    base = array_of(pos, kw)
    names = ("offset", 0), ("axis1", 0), ("axis2", 1)
    values = []
    for place, (name, default) in enumerate(names, 1):
        given = argument(pos, kw, place, name)
        values.append(default if given is None else static(given))
    if base is None or base.ndim < 2 or not all(isinstance(v, int) for v in values):
        return UNKNOWN
    by, a, b = values[0], values[1] % base.ndim, values[2] % base.ndim
    rest = [d for k, d in enumerate(base.dims) if k not in (a, b)]
    extent = _diagonal_extent(base.dims[a], base.dims[b], by)
    return Array(base.dtype, (*rest, extent))


def _diagonal_extent(rows: Extent, columns: Extent, by: int) -> Extent:
    """The length of a diagonal that lies `by` places to the right."""
    if isinstance(rows, int) and isinstance(columns, int):
        return max(0, min(rows + min(by, 0), columns - max(by, 0)))
    if rows == columns:
        return shift(rows, -abs(by))
    return Size(f"diag({rows}, {columns}, {by})")


# -- joining --------------------------------------------------------------------------


def _agreed(extents: Iterable[Extent]) -> Extent:
    """One length for axes that have to be equally long: the number where one is known."""
    found = list(extents)
    return next((d for d in found if isinstance(d, int)), found[0])


def _parts(pos: Arguments, kw: Keywords) -> tuple[str, list[Dims]] | None:
    """The dtype of what is joined, and the extents of each part."""
    pair = argument(pos, kw, 0, "arrays", "tup")
    given = None if pair is None else pair[0]
    if not isinstance(given, Tuple) or not given.items or "dtype" in kw:
        return None
    arrays = [as_array(listed(k)) for k in given.items]
    found = [a for a in arrays if a is not None]
    if len(found) < len(arrays):
        return None
    return promote(*(a.dtype for a in found)), [a.dims for a in found]


def _joined(dtype: str, shapes: list[Dims], axis: object) -> Kind:
    """Parts laid one after another along an axis."""
    rank = len(shapes[0])
    if any(len(s) != rank for s in shapes) or not rank or not isinstance(axis, int):
        return UNKNOWN
    axis %= rank
    total = shapes[0][axis]
    for shape in shapes[1:]:
        total = add_extents(total, shape[axis])
    dims = [_agreed(s[k] for s in shapes) for k in range(rank)]
    dims[axis] = total
    return Array(dtype, tuple(dims))


def _concatenate(pos: Arguments, kw: Keywords) -> Kind:
    found = _parts(pos, kw)
    if found is None:
        return UNKNOWN
    dtype, shapes = found
    given = argument(pos, kw, 1, "axis")
    if given is not None and is_none(given):
        return _joined(dtype, [(_product(s),) for s in shapes], 0)
    return _joined(dtype, shapes, 0 if given is None else static(given))


def _vstack(pos: Arguments, kw: Keywords) -> Kind:
    found = _parts(pos, kw)
    return (
        UNKNOWN
        if found is None
        else _joined(found[0], [_padded(s, 2) for s in found[1]], 0)
    )


def _hstack(pos: Arguments, kw: Keywords) -> Kind:
    found = _parts(pos, kw)
    if found is None:
        return UNKNOWN
    shapes = [_padded(s, 1) for s in found[1]]
    return _joined(found[0], shapes, 0 if len(shapes[0]) == 1 else 1)


def _column_stack(pos: Arguments, kw: Keywords) -> Kind:
    found = _parts(pos, kw)
    if found is None:
        return UNKNOWN
    columns = [s if len(s) > 1 else (*(s or (1,)), 1) for s in found[1]]
    return _joined(found[0], columns, 1)


def _stack(pos: Arguments, kw: Keywords) -> Kind:
    found = _parts(pos, kw)
    given = argument(pos, kw, 1, "axis")
    axis = 0 if given is None else static(given)
    if found is None or not isinstance(axis, int):
        return UNKNOWN
    dtype, shapes = found
    if any(len(s) != len(shapes[0]) for s in shapes):
        return UNKNOWN
    dims = [_agreed(lengths) for lengths in zip(*shapes, strict=True)]
    dims.insert(axis % (len(dims) + 1), len(shapes))
    return Array(dtype, tuple(dims))


# -- repeating ------------------------------------------------------------------------


def _tile(pos: Arguments, kw: Keywords) -> Kind:
    base = as_array(listed(pos[0][0])) if pos else None
    reps = shape_argument(argument(pos, kw, 1, "reps"))
    if base is None or reps is None:
        return UNKNOWN
    rank = max(base.ndim, len(reps))
    dims = (1,) * (rank - base.ndim) + base.dims
    reps = (1,) * (rank - len(reps)) + reps
    return Array(base.dtype, tuple(times(d, r) for d, r in zip(dims, reps, strict=True)))


def _repeat(pos: Arguments, kw: Keywords) -> Kind:
    base = as_array(base_of(pos, kw))
    given, axis = argument(pos, kw, 1, "repeats"), argument(pos, kw, 2, "axis")
    if base is None or given is None:
        return UNKNOWN
    if is_none(axis):
        base, place = Array(base.dtype, (_product(base.dims),)), 0
    else:
        place = static(axis)
        if not isinstance(place, int) or not -base.ndim <= place < base.ndim:
            return UNKNOWN
    dims = list(base.dims)
    if isinstance(given[0], Int):
        (count,) = shape_argument(given) or (1,)
        dims[place] = times(dims[place], count)
    elif dtype_in(listed(given[0])) is not None:
        dims[place] = Size(f"repeat({dims[place]}, {given[1]})")
    else:
        return UNKNOWN
    return Array(base.dtype, tuple(dims))


def _diff(pos: Arguments, kw: Keywords) -> Kind:
    base = array_of(pos, kw)
    order, axis = argument(pos, kw, 1, "n"), argument(pos, kw, 2, "axis")
    times_ = 1 if order is None else static(order)
    place = -1 if axis is None else static(axis)
    if base is None or not base.dims or not isinstance(place, int):
        return UNKNOWN
    if not isinstance(times_, int) or kw.keys() & {"prepend", "append"} or len(pos) > 3:
        return UNKNOWN
    dims = list(base.dims)
    length = shift(dims[place], -times_)
    dims[place] = max(0, length) if isinstance(length, int) else length
    return UNKNOWN if base.dtype == "bool" else Array(base.dtype, tuple(dims))


def _pad(pos: Arguments, kw: Keywords) -> Kind:
    base, given = array_of(pos, kw), argument(pos, kw, 1, "pad_width")
    if base is None or given is None:
        return UNKNOWN
    width = static(given)
    pairs: Sequence[tuple[int, int] | None] = [None] * base.ndim
    if isinstance(width, int):
        pairs = [(width, width)] * base.ndim
    elif isinstance(width, tuple) and all(isinstance(v, int) for v in width):
        pairs = [(width[0], width[-1])] * base.ndim
    elif isinstance(width, tuple):
        pairs = [(v[0], v[-1]) for v in width] * (base.ndim if len(width) == 1 else 1)
    dims = (
        shift(d, sum(p)) if isinstance(p, tuple) else Size(f"pad({d}, {given[1]})")
        for d, p in zip(base.dims, pairs, strict=True)
    )
    return Array(base.dtype, tuple(dims))


SHAPES: dict[str, Inferred] = {
    "pad": _pad,
    "reshape": _reshape,
    "ravel": _ravel,
    "transpose": _transpose,
    "permute_dims": _transpose,
    "matrix_transpose": _matrix_transpose,
    "swapaxes": _swapaxes,
    "moveaxis": _moveaxis,
    "expand_dims": _expand,
    "squeeze": _squeeze,
    "atleast_1d": _at_least(1),
    "atleast_2d": _at_least(2),
    "atleast_3d": _at_least(3),
    "diag": _diag,
    "diagonal": _diagonal,
    "concatenate": _concatenate,
    "concat": _concatenate,
    "vstack": _vstack,
    "hstack": _hstack,
    "column_stack": _column_stack,
    "stack": _stack,
    "tile": _tile,
    "repeat": _repeat,
    "diff": _diff,
}
