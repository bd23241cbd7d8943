"""Kinds of subscripts, items and attributes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.ir import core
from symdiff.ir.extents import broadcast, sliced, times
from symdiff.ir.infer_dtypes import element_kind, listed
from symdiff.ir.kinds import (
    ANY_LENGTH, BOOL, INT, STR, UNKNOWN,
    Array, Bool, Complex, Extent, Float, Int, Kind, List, Map, Size, Tuple,
    is_number, join,
)  # fmt: skip

__all__ = ["attribute", "getitem", "item_of", "length"]

Kinds = tuple[Kind, ...]


def getitem(kinds: Kinds, args: Sequence[Any], params: Any) -> Kind:
    base = kinds[0]
    if isinstance(base, Array):
        return _index_array(base, kinds[1:], args[1:], params)
    if isinstance(base, List):
        return _index_list(base, kinds[1:], args, params)
    if isinstance(base, Map):
        return _own_lengths(base.item, f"{args[0]}[{args[1]}]")
    if isinstance(base, Tuple) and params.items == ("at",):
        return _index_tuple(base, args[1])
    return _of_number(base, params) if isinstance(base, (Float, Complex)) else UNKNOWN


def _index_list(base: List, kinds: Kinds, args: Sequence[Any], params: Any) -> Kind:
    """Items behind the first one subscript the element: `C[i, j]` is C[i][j]."""
    first, *rest = params.items
    if first != "at":
        return UNKNOWN if rest else List(base.item, 0 if base.extent == 0 else None)
    if not isinstance(kinds[0], (Int, Bool)):
        return UNKNOWN
    item = _own_lengths(base.item, f"{args[0]}[{args[1]}]")
    if not rest:
        return item
    inner = core.Index(tuple(rest), len(rest) > 1)
    return getitem((item, *kinds[1:]), (args[0], *args[2:]), inner)


def _of_number(base: Float | Complex, params: Any) -> Kind:
    """`v[None]`: a NumPy number is like an array without axes."""
    dtype = base.dtype
    if dtype is None or not all(item in ("new", "rest") for item in params.items):
        return UNKNOWN
    return Array(dtype, (1,) * params.items.count("new"))


def _own_lengths(item: Kind, name: str) -> Kind:
    """An element whose lengths need not be those of the other elements."""
    if not isinstance(item, Array):
        return item
    dims = (
        Size(f"{name}.{axis}", 0, d.not_one)
        if isinstance(d, Size) and d.symbol == ANY_LENGTH
        else d
        for axis, d in enumerate(item.dims)
    )
    return Array(item.dtype, tuple(dims))


def _index_tuple(base: Tuple, atom: Any) -> Kind:
    if isinstance(atom, core.Const) and isinstance(atom.value, int):
        if -len(base.items) <= atom.value < len(base.items):
            return base.items[atom.value]
        return UNKNOWN
    kind = base.items[0] if base.items else UNKNOWN
    for item in base.items[1:]:
        kind = join(kind, item)
    return kind


def _index_array(base: Array, kinds: Kinds, args: Sequence[Any], params: Any) -> Kind:
    used, taken = 0, 0
    for item in params.items:
        if item == "at":
            used += _axes_of(kinds[taken])
        elif not isinstance(item, str):
            used += 1
        taken += _atoms_of(item)
    rest = base.ndim - used
    if rest < 0:
        return UNKNOWN
    items = params.items if "rest" in params.items else (*params.items, "rest")
    dims: list[Extent] = []
    fancy: tuple[Extent, ...] | None = None
    where, apart = 0, False
    axis = taken = 0
    last = -1
    for position, item in enumerate(items):
        if item == "rest":
            dims.extend(base.dims[axis : axis + rest])
            axis += rest
        elif item == "new":
            dims.append(1)
        elif item == "at":
            kind = listed(kinds[taken])
            taken += 1
            if isinstance(kind, Array):
                size: tuple[Extent, ...] = kind.dims
                if kind.dtype == "bool":
                    size = (Size(f"count({args[taken - 1]})"),)
                fancy = size if fancy is None else broadcast(fancy, size)
            elif not isinstance(kind, (Int, Bool)):
                return UNKNOWN
            # Beside an array a number is an index like it.
            if last < 0:
                where = len(dims)
            else:
                apart = apart or last != position - 1
            last = position
            axis += _axes_of(kind)
        else:
            count = _atoms_of(item)
            atoms = args[taken : taken + count]
            dims.append(_slice_extent(base.dims[axis], item, kinds[taken:], atoms))
            taken += count
            axis += 1
    if fancy is not None:
        place = 0 if apart else where
        dims[place:place] = fancy
    # `a[..., 0]` of one axis is no number but a view of it, an array without axes.
    if dims or fancy or "rest" in params.items:
        return Array(base.dtype, tuple(dims))
    return element_kind(base.dtype)


def _atoms_of(item: Any) -> int:
    if isinstance(item, str):
        return 1 if item == "at" else 0
    return int(item.start) + int(item.stop) + int(item.step)


def _axes_of(kind: Kind) -> int:
    kind = listed(kind)
    return kind.ndim if isinstance(kind, Array) and kind.dtype == "bool" else 1


def _slice_extent(extent: Extent, item: Any, kinds: Kinds, atoms: Sequence[Any]) -> Extent:
    flags = (item.start, item.stop, item.step)
    parts: list[Any] = []
    taken = 0
    for flag in flags:
        parts.append((kinds[taken], atoms[taken]) if flag else None)
        taken += flag
    text = ":".join("" if p is None else str(p[1]) for p in parts)
    bounds: list[Extent | None] = []
    for part in parts:
        if part is None:
            bounds.append(None)
        elif isinstance(part[0], Int) and part[0].extent is not None:
            bounds.append(part[0].extent)
        else:
            return Size(f"{extent}[{text}]")
    start, stop, step = bounds
    if isinstance(step, Size):
        return Size(f"{extent}[{text}]")
    return sliced(extent, start, stop, step, text)


def attribute(kinds: Kinds, args: Sequence[Any], params: Any) -> Kind:
    base = kinds[0]
    if isinstance(base, Array):
        if params == "shape":
            return Tuple(tuple(Int(d) for d in base.dims))
        if params == "strides":
            return Tuple((INT,) * base.ndim)
        if params == "ndim":
            return Int(base.ndim)
        if params == "size":
            size: Extent = 1
            for dim in base.dims:
                size = times(size, dim)
            return Int(size)
        if params == "dtype":
            return STR
        if params == "flags.c_contiguous":
            return BOOL
    elif is_number(base):
        scalar: dict[str, Kind] = {"shape": Tuple(()), "ndim": Int(0), "size": Int(1)}
        return scalar.get(params, UNKNOWN)
    return UNKNOWN


def length(kinds: Kinds, args: Sequence[Any], params: Any) -> Kind:
    base = kinds[0]
    if isinstance(base, Array) and base.dims:
        return Int(base.dims[0])
    if isinstance(base, Tuple):
        return Int(len(base.items))
    return Int(base.extent) if isinstance(base, List) else INT


def item_of(kinds: Kinds, args: Sequence[Any], params: Any) -> Kind:
    base = kinds[0]
    return base.items[params] if isinstance(base, Tuple) else UNKNOWN
