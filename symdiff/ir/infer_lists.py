"""Kinds of operations on lists whose length is known at run time only.

Ops that change a list (their value is the list with the change; its first argument):
    list.append(l, v)    list.insert(l, i, v)    list.extend(l, m)    list.delitem(l, i)
    setitem, additem     an index (i, j) with several items is l[i][j]
With an `Index` as params the first four change an inner list: list.append(l, i, v) with
(at) is l[i].append(v). list.delitem(l, a, b) with a slice is `del l[a:b]`.

Ops that make one:
    list.new(*items)     list.copy(l)    list.concat(l, m)    list.repeat(l, n)
    getitem with a slice, builtins.sorted
    list.zip(*ls)        the tuples of the numbers at the same places
    list.column(l)       the numbers at place `params` of the tuples in l
    list.keys(d)         the keys of a dict that is only read
    list.values(d)       its values
In derivatives:
    list.zeros_like(l)   zeros in the form of l
    list.added(l, m)     the sums of the elements, pair by pair
    list.members(s)      what is in a set, as a list whose items have the kind `params`
    list.unstack(a)      the rows of an array as a list whose items have the kind `params`
    list.split(a, l)     an array cut along its axis `params` as np.concatenate(l) joined it
    list.order(l)        where the elements of sorted(l) were
    list.take(l, order)  the elements at these places
    list.index(l, v)     where v is first
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.ir.core import SliceItem
from symdiff.ir.extents import add_extents, shift, times
from symdiff.ir.infer_dtypes import listed
from symdiff.ir.kinds import (
    ANY_LENGTH, FLOAT, INT, UNKNOWN,
    Array, Bool, Extent, Int, Kind, List, Map, Size, Tuple,
    is_number, join, join_items,
)  # fmt: skip

__all__ = [
    "STACKING", "chosen", "list_call", "measured", "stacked", "summed", "written",
]  # fmt: skip

Kinds = tuple[Kind, ...]


def list_call(name: str, kinds: Kinds, args: Sequence[Any], params: Any) -> Kind:
    """The kind of `list.name(args)`."""
    if name == "new":
        return List(join_items(kinds), len(kinds))
    if name == "unstack":
        base = kinds[0]
        return List(params, base.dims[0]) if isinstance(base, Array) else UNKNOWN
    if name == "members":
        return List(params)
    if name == "split":
        return kinds[1]
    base = kinds[0]
    if isinstance(base, Map):
        return List(base.key if name == "keys" else base.item)
    if not isinstance(base, List):
        return UNKNOWN
    if name == "zip":
        return List(Tuple(tuple(map(chosen, kinds))), base.extent)
    if name == "column":
        assert isinstance(base.item, Tuple)
        return List(base.item.items[params], base.extent)
    if name in ("append", "insert", "extend", "delitem"):
        return _resized(name, base, params.items if params else (), kinds[-1])
    if name == "concat":
        return _joined(base, kinds[1])
    if name == "repeat":
        return List(base.item, _repeated(base.extent, getattr(kinds[1], "extent", None)))
    if name == "zeros_like":
        return _floats(base)
    if name == "order":
        return List(INT, base.extent)
    if name == "take":
        return List(base.item, getattr(kinds[1], "extent", None))
    return INT if name == "index" else base  # copy, added


def _repeated(extent: Extent | None, count: Extent | None) -> Extent | None:
    """A run-time count may be negative: then there are no elements."""
    if isinstance(count, int) and extent is not None:
        return times(extent, max(count, 0))
    return 0 if extent == 0 else None


def _resized(name: str, base: Kind, items: tuple[Any, ...], value: Kind) -> Kind:
    """Of an append and the like to a list, or to a list in it."""
    if not isinstance(base, List):
        return UNKNOWN
    if len(items) > (name == "delitem"):
        return List(_resized(name, base.item, items[1:], value))
    if name == "extend":
        return _joined(base, value)
    if name != "delitem":
        return _joined(base, List(join_items((value,)), 1))
    one = items in ((), ("at",))
    return List(base.item, shift(base.extent, -1) if one and base.extent else None)


def _joined(a: List, b: Kind) -> Kind:
    both = join(a, b)
    if not isinstance(both, List) or not isinstance(b, List):
        return UNKNOWN
    if a.extent is None or b.extent is None:
        return List(both.item)
    return List(both.item, add_extents(a.extent, b.extent))


def _floats(kind: Kind) -> Kind:
    """The kind of zero adjoints."""
    if isinstance(kind, List):
        return List(_floats(kind.item), kind.extent)
    if isinstance(kind, Tuple):
        return Tuple(tuple(map(_floats, kind.items)))
    return FLOAT if isinstance(kind, (Int, Bool)) else kind


def written(kinds: Kinds, args: Sequence[Any], params: Any) -> Kind:
    """Of setitem and additem: an array keeps its kind, a list may take in other items."""
    base = kinds[0]
    return _with(base, params.items, kinds[-1]) if isinstance(base, List) else base


def _with(base: Kind, items: tuple[Any, ...], value: Kind) -> Kind:
    if not isinstance(base, List):
        return join(base, value) if not items else base
    if isinstance(items[0], SliceItem):
        both = join(base, value)
        return List(both.item) if isinstance(both, List) else UNKNOWN
    if len(items) > 1:
        return List(_with(base.item, items[1:], value), base.extent)
    return List(join_items((base.item, value)), base.extent)


def measured(kind: Kind, atom: Any) -> Kind:
    """A list with the length that it has at this point, as NumPy reads it."""
    return _measured(kind, str(atom)) if isinstance(kind, List) else kind


def _measured(kind: Kind, name: str) -> Kind:
    if isinstance(kind, Array):
        dims = (
            Size(f"{name}.{axis}", 0, d.not_one)
            if isinstance(d, Size) and d.symbol == ANY_LENGTH
            else d
            for axis, d in enumerate(kind.dims)
        )
        return Array(kind.dtype, tuple(dims))
    if not isinstance(kind, List):
        return kind
    extent = Size(f"len({name})") if kind.extent is None else kind.extent
    return List(_measured(kind.item, f"{name}[0]"), extent)


def summed(kinds: Kinds, args: Sequence[Any], params: Any) -> Kind:
    """Of `sum(l)` and `sum(l, start)`: of no elements it is the integer 0."""
    item = chosen(kinds[0])
    for start in kinds[1:]:
        item = join(item, start)
    return INT if isinstance(item, Bool) else item


def chosen(kind: Kind) -> Kind:
    """Some element of a list."""
    if isinstance(kind, List) and (is_number(kind.item) or isinstance(kind.item, Array)):
        return kind.item
    return UNKNOWN


STACKING = ("stack", "vstack", "hstack", "column_stack", "concatenate")


def stacked(name: str, kinds: Kinds, args: Sequence[Any], params: Any) -> Kind:
    """Of `numpy.stack(l)` and its like, for a list of numbers or of arrays."""
    base = kinds[0]
    array = listed(base)
    if not isinstance(array, Array):
        return UNKNOWN
    count, *dims = array.dims
    total = Size(f"sum({args[0]})")
    axis = 0
    if len(kinds) > 1:
        given = getattr(kinds[1], "extent", None)
        if not isinstance(given, int) or len(kinds) > 2 or params not in (None, ("axis",)):
            return UNKNOWN
        axis = given
    if name == "stack":
        dims.insert(axis % (len(dims) + 1), count)
    elif name == "column_stack" and len(dims) < 2:
        dims = [*(dims or (1,)), count]
    elif name == "vstack" and len(dims) < 2:
        dims = [count, *(dims or (1,))]
    elif name == "hstack" and not dims:
        dims = [count]
    elif not dims:
        return UNKNOWN
    else:
        sideways = name in ("hstack", "column_stack") and len(dims) > 1
        dims[1 if sideways else axis % len(dims)] = total
    return Array(array.dtype, tuple(dims))
