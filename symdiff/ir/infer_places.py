"""Kinds of the NumPy functions that give indices, counts and orders."""

from __future__ import annotations

from symdiff.ir.extents import broadcast
from symdiff.ir.infer_arguments import (
    Arguments, Inferred, Keywords, argument, array_of, dtype_argument, is_none,
    shape_argument, static,
)  # fmt: skip
from symdiff.ir.infer_dtypes import dtype_in, elementwise, listed, with_dtype
from symdiff.ir.kinds import (
    INT, UNKNOWN, Array, Extent, Int, Kind, Size, Tuple, is_number,
)  # fmt: skip

__all__ = ["PLACES"]


def _some(text: str, pos: Arguments, dtype: str = "int64") -> Array:
    """One axis, of a length that only the run knows."""
    given = ", ".join(str(atom) for _, atom in pos)
    return Array(dtype, (Size(f"{text}({given})"),))


def _nonzero(pos: Arguments, kw: Keywords) -> Kind:
    base = array_of(pos, kw)
    if base is None or not base.dims or len(pos) != 1:
        return UNKNOWN
    return Tuple((_some("nonzero", pos),) * base.ndim)


def _flatnonzero(pos: Arguments, kw: Keywords) -> Kind:
    return UNKNOWN if array_of(pos, kw) is None else _some("flatnonzero", pos)


def _argwhere(pos: Arguments, kw: Keywords) -> Kind:
    base = array_of(pos, kw)
    if base is None or not base.dims:
        return UNKNOWN
    return Array("int64", (*_some("argwhere", pos).dims, base.ndim))


def _diag_indices(pos: Arguments, kw: Keywords) -> Kind:
    length = shape_argument(argument(pos, kw, 0, "n"))
    given = argument(pos, kw, 1, "ndim")
    ndim = 2 if given is None else static(given)
    if length is None or not isinstance(ndim, int):
        return UNKNOWN
    return Tuple((Array("int64", length),) * ndim)


def _triangle(pos: Arguments, kw: Keywords) -> Kind:
    return Tuple((_some("triangle", (*pos, *kw.values())),) * 2)


def _indices(pos: Arguments, kw: Keywords) -> Kind:
    dims = shape_argument(argument(pos, kw, 0, "dimensions"))
    given = argument(pos, kw, 1, "dtype")
    dtype = "int64" if given is None else dtype_argument(given)
    if dims is None or dtype is None or len(pos) > 2 or "sparse" in kw:
        return UNKNOWN
    return Array(dtype, (len(dims), *dims))


def _unravel(pos: Arguments, kw: Keywords) -> Kind:
    dims = shape_argument(argument(pos, kw, 1, "shape"))
    if dims is None or not pos:
        return UNKNOWN
    kind = listed(pos[0][0])
    each: Kind = INT if is_number(kind) else kind
    return Tuple((each,) * len(dims)) if dtype_in(each) is not None else UNKNOWN


def _ravel(pos: Arguments, kw: Keywords) -> Kind:
    """Of `ravel_multi_index(multi_index, dims)`."""
    places = pos[0][0] if pos else None
    if isinstance(places, Array) and places.ndim > 0:
        return Array("int64", places.dims[1:]) if places.ndim > 1 else INT
    if not isinstance(places, Tuple) or not places.items:
        return UNKNOWN
    return with_dtype(elementwise(tuple(map(listed, places.items))), "int64")


def _open_grid(pos: Arguments, kw: Keywords) -> Kind:
    arrays = [listed(kind) for kind, _ in pos]
    items: list[Kind] = []
    for place, kind in enumerate(arrays):
        if not isinstance(kind, Array) or kind.ndim != 1:
            return UNKNOWN
        dims: list[Extent] = [1] * len(arrays)
        dims[place] = kind.dims[0]
        if kind.dtype == "bool":
            dims[place] = _some("nonzero", pos[place : place + 1]).dims[0]
        items.append(Array("int64", tuple(dims)))
    return Tuple(tuple(items))


def _order(pos: Arguments, kw: Keywords) -> Kind:
    """Of `argpartition(a, kth, axis)`."""
    base, axis = array_of(pos, kw), argument(pos, kw, 2, "axis")
    if base is None or (axis is not None and is_none(axis)):
        return UNKNOWN
    return with_dtype(base, "int64")


def _broadcast_shapes(pos: Arguments, kw: Keywords) -> Kind:
    dims: tuple[Extent, ...] = ()
    for pair in pos:
        shape = shape_argument(pair)
        if shape is None:
            return UNKNOWN
        dims = broadcast(dims, shape)
    return Tuple(tuple(map(Int, dims)))


def _bincount(pos: Arguments, kw: Keywords) -> Kind:
    if argument(pos, kw, 1, "weights") is not None:
        return UNKNOWN
    return _some("bincount", (*pos, *kw.values()))


def _histogram(pos: Arguments, kw: Keywords) -> Kind:
    given = (*pos, *kw.values())
    if len(pos) > 3 or kw.keys() - {"bins", "range"}:
        return UNKNOWN
    return Tuple((_some("counts", given), _some("edges", given, "float64")))


def _unique(pos: Arguments, kw: Keywords) -> Kind:
    base = array_of(pos, kw)
    flags = ("return_index", "return_inverse", "return_counts")
    if base is None or kw.keys() - {*flags, "axis"} or len(pos) > 1:
        return UNKNOWN
    values = _some("unique", pos)
    inverse, first = Array("int64", base.dims), with_dtype(values, base.dtype)
    if not is_none(kw.get("axis")):
        axis = static(kw["axis"])
        if not isinstance(axis, int) or not base.ndim:
            return UNKNOWN
        dims = list(base.dims)
        inverse = Array("int64", (dims[axis],))
        dims[axis : axis % base.ndim + 1] = values.dims
        first = Array(base.dtype, tuple(dims))
    kinds = dict(zip(flags, (values, inverse, values), strict=True))
    more = [kinds[name] for name in flags if name in kw and static(kw[name])]
    return Tuple((first, *more)) if more else first


def _delete(pos: Arguments, kw: Keywords) -> Kind:
    base = array_of(pos, kw)
    known = base is not None and base.ndim == 1 and len(pos) == 2 and not kw
    return _some("delete", pos, base.dtype) if known and base is not None else UNKNOWN


PLACES: dict[str, Inferred] = {
    "nonzero": _nonzero,
    "flatnonzero": _flatnonzero,
    "argwhere": _argwhere,
    "diag_indices": _diag_indices,
    **dict.fromkeys(("tril_indices", "triu_indices"), _triangle),
    "indices": _indices,
    "unravel_index": _unravel,
    "ravel_multi_index": _ravel,
    "ix_": _open_grid,
    "argpartition": _order,
    "broadcast_shapes": _broadcast_shapes,
    "bincount": _bincount,
    "histogram": _histogram,
    "unique": _unique,
    "delete": _delete,
}
