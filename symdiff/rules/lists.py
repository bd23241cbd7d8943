"""Rules of lists whose length is known at run time only. The adjoint of a list is a list
of the same form: what is appended forwards is popped backwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from symdiff.ir.builder import Builder
from symdiff.ir.core import Atom, Const, Equation, Index, SliceItem, kind_of
from symdiff.ir.extents import may_be_one
from symdiff.ir.kinds import Array, Kind, List, Tuple, is_number
from symdiff.rules.row import ZERO, Rule, refuse, static_value
from symdiff.rules.shapes import plus, unbroadcast, zeros

__all__ = [
    "ON_LISTS", "add_to_list", "at_end_of", "insert_back", "insertion_point", "row_of",
    "write_to_list",
]  # fmt: skip

AT = Index(("at",))
FROM, UPTO = Index((SliceItem(start=True),)), Index((SliceItem(stop=True),))
GAP = Index((SliceItem(start=True, stop=True),))
LAST = Const(-1)

Bars = tuple[Atom | None, ...]
Vjp = Callable[[Builder, Equation, Atom, tuple[bool, ...]], Bars]
Jvp = Callable[[Builder, Equation, tuple[Atom | None, ...]], Atom | None]


class _Row(Rule):
    """One operation: both derivatives as functions of the equation."""

    elementwise = False

    def __init__(
        self, form: str, vjp: Vjp, jvp: Jvp, ops: str = "", joint: bool = False
    ) -> None:
        super().__init__(form, ZERO, ops or f"list.{form.partition('(')[0]}")
        self._vjp, self._jvp, self.joint = vjp, jvp, joint

    def vjp(
        self, b: Builder, eq: Equation, out_bar: Atom, wanted: tuple[bool, ...]
    ) -> Bars:
        bars = self._vjp(b, eq, out_bar, wanted)
        return tuple(bar if want else None for bar, want in zip(bars, wanted, strict=True))

    def jvp(self, b: Builder, eq: Equation, dots: tuple[Atom | None, ...]) -> Atom | None:
        return None if all(dot is None for dot in dots) else self._jvp(b, eq, dots)


def _filled(b: Builder, eq: Equation, dots: tuple[Atom | None, ...]) -> list[Atom]:
    """The tangents, zeros where there is none; numbers that only say where stay."""
    return [
        zeros(b, arg) if dot is None else dot
        for dot, arg in zip(dots, eq.args, strict=True)
    ]


def _all_together(b: Builder, eq: Equation, dots: tuple[Atom | None, ...]) -> Atom:
    """Linear in the elements: the operation on the tangents."""
    return b.emit(eq.op, *_filled(b, eq, dots), params=eq.params)


def _first_only(b: Builder, eq: Equation, dots: tuple[Atom | None, ...]) -> Atom:
    """As `_all_together`, but only the first argument holds elements."""
    (first, *_), (_, *rest) = _filled(b, eq, dots), eq.args
    return b.emit(eq.op, first, *rest, params=eq.params)


# -- changing -------------------------------------------------------------------------


def at_end_of(path: Sequence[Atom], item: str | SliceItem) -> Index | None:
    """The index of a place in `l`, or in `l[i][j]` with the path (i, j)."""
    if not path and item == "at":
        return None
    return Index((*("at",) * len(path), item), bool(path))


def row_of(b: Builder, xs: Atom, path: Sequence[Atom]) -> Atom:
    """`xs[i][j]` for the path (i, j)."""
    if not path:
        return xs
    return b.emit("getitem", xs, *path, params=Index(("at",) * len(path), len(path) > 1))


def insertion_point(b: Builder, after: Atom, path: Sequence[Atom], at: Atom) -> Atom:
    """Where `insert(at, v)` has put the new element of a list."""
    if isinstance(at, Const) and at.value == 0:
        return at
    # The bounds of a slice are cut as those of `insert` are.
    before = b.emit("getitem", row_of(b, after, path), LAST, params=UPTO)
    return b.emit("builtins.len", b.emit("getitem", before, at, params=UPTO))


def insert_back(
    b: Builder, after: Atom, path: Sequence[Atom], at: Atom, value: Atom
) -> Atom:
    """The list with the element again that `del l[at]` took from it."""
    params = Index(("at",) * len(path), len(path) > 1) if path else None
    if isinstance(at, Const) and isinstance(at.value, int) and at.value < 0:
        if at.value == -1:
            return b.emit("list.append", after, *path, value, params=params)
        at = Const(at.value + 1)
    elif not isinstance(at, Const):
        length = b.emit("builtins.len", row_of(b, after, path))
        at = b.emit("mod", at, b.emit("add", length, Const(1)))
    return b.emit("list.insert", after, *path, at, value, params=params)


def _taken(
    b: Builder, eq: Equation, g: Atom, path: Sequence[Atom], at: Atom, wanted: Any
) -> Bars:
    """Of one element put into a list: its adjoint is taken out again."""
    place = at_end_of(path, "at")
    bars: list[Atom | None] = [None] * len(eq.args)
    if wanted[-1]:
        bars[-1] = b.emit("getitem", g, *path, at, params=place or AT)
    if wanted[0]:
        bars[0] = b.emit("list.delitem", g, *path, at, params=place)
    return tuple(bars)


def _append(b: Builder, eq: Equation, g: Atom, wanted: tuple[bool, ...]) -> Bars:
    return _taken(b, eq, g, eq.args[1:-1], LAST, wanted)


def _insert(b: Builder, eq: Equation, g: Atom, wanted: tuple[bool, ...]) -> Bars:
    path = eq.args[1:-2]
    return _taken(b, eq, g, path, insertion_point(b, g, path, eq.args[-2]), wanted)


def _delitem(b: Builder, eq: Equation, g: Atom, wanted: tuple[bool, ...]) -> Bars:
    xs, *where = eq.args
    index = eq.params or AT
    none = (None,) * len(where)
    if index.items[-1] == "at":
        zero = _zero_at(b, xs, where, index)
        return insert_back(b, g, where[:-1], where[-1], zero), *none
    start = slice_start(b, eq, xs, where, index)
    gone = _zero_at(b, xs, where, index)
    return b.emit("setitem", g, start, start, gone, params=GAP), *none


def slice_start(
    b: Builder, eq: Equation, xs: Atom, where: list[Atom], index: Index
) -> Atom:
    """Where the slice of a list begins that is taken out or replaced."""
    item = index.items[0]
    if len(index.items) != 1 or not isinstance(item, SliceItem) or item.step:
        raise refuse(eq, "only slices without a step are differentiated here")
    if not item.start or where[0] == Const(0):
        return Const(0)
    return b.emit("builtins.len", b.emit("getitem", xs, where[0], params=UPTO))


def _extend(b: Builder, eq: Equation, g: Atom, wanted: tuple[bool, ...]) -> Bars:
    path = eq.args[1:-1]
    both = b.emit("builtins.len", row_of(b, g, path))
    old = b.emit("sub", both, b.emit("builtins.len", eq.args[-1]))
    tail = at_end_of(path, SliceItem(start=True))
    bars: list[Atom | None] = [None] * len(eq.args)
    if wanted[-1]:
        bars[-1] = b.emit("getitem", g, *path, old, params=tail)
    if wanted[0]:
        bars[0] = b.emit("list.delitem", g, *path, old, params=tail)
    return tuple(bars)


def _put_in(b: Builder, eq: Equation, dots: tuple[Atom | None, ...]) -> Atom:
    """Tangents of the list and of what is put into it; places stay."""
    first, *_, last = _filled(b, eq, dots)
    return b.emit(eq.op, first, *eq.args[1:-1], last, params=eq.params)


# -- places ---------------------------------------------------------------------------


def _place(kind: Kind, index: Index) -> tuple[Kind, Index]:
    """What an index subscripts after going through lists, and the index there."""
    items = index.items
    while len(items) > 1 and isinstance(kind, List):
        kind, items = kind.item, items[1:]
    return kind, Index(items, len(items) > 1)


def _zero_at(b: Builder, xs: Atom, where: list[Atom], index: Index) -> Atom:
    """Zero in the form of what a list holds at a place, or in a slice."""
    holder, last = _place(kind_of(xs), index)
    if isinstance(holder, List) and is_number(holder.item) and last.items == ("at",):
        return Const(0.0)
    return zeros(b, b.emit("getitem", xs, *where, params=index))


def write_to_list(
    b: Builder, eq: Equation, g: Atom, wanted: tuple[bool, ...]
) -> tuple[Atom | None, Atom | None]:
    """The adjoints of the list and of the value of `l[index] = v` or `l[index] += v`."""
    xs, *where, v = eq.args
    adds, index = eq.op == "additem", eq.params
    holder, last = _place(kind_of(xs), index)
    if not isinstance(holder, List):  # an array in a list
        if wanted[-1]:
            return None, unbroadcast(b, b.emit("getitem", g, *where, params=index), v)
        cleared = g if adds else b.emit("setitem", g, *where, Const(0.0), params=index)
        return cleared, None
    if isinstance(last.items[0], SliceItem):
        if adds or len(index.items) > 1:
            raise refuse(eq, "a write to a slice of an inner list is not differentiated")
        return _write_slice(b, eq, g)
    # That of a row or tuple is made by derivatives alone: it adds item by item.
    sums = is_number(holder.item) or isinstance(holder.item, (Array, List, Tuple))
    if adds and not sums:
        raise refuse(eq, f"`+=` on {holder.item} in a list is not differentiated")
    if wanted[-1]:
        v_bar = b.emit("getitem", g, *where, params=index)
        spread = adds and isinstance(holder.item, Array)
        return None, unbroadcast(b, v_bar, v) if spread else v_bar
    if adds:
        return g, None
    return b.emit("setitem", g, *where, _zero_at(b, xs, where, index), params=index), None


def _write_slice(b: Builder, eq: Equation, g: Atom) -> tuple[Atom, Atom]:
    xs, *where, m = eq.args
    item = eq.params.items[0]
    if item.step:
        v_bar = b.emit("getitem", g, *where, params=eq.params)
        return b.emit("setitem", g, *where, zeros(b, m), params=eq.params), v_bar
    start = slice_start(b, eq, xs, where, eq.params)
    stop = b.emit("add", start, b.emit("builtins.len", m))
    v_bar = b.emit("getitem", g, start, stop, params=GAP)
    gone = _zero_at(b, xs, where, eq.params)
    return b.emit("setitem", g, start, stop, gone, params=GAP), v_bar


def add_to_list(b: Builder, eq: Equation, bar: Atom, g: Atom) -> Atom:
    """The adjoint of a list with g added where the equation reads it."""
    where, index = eq.args[1:], eq.params
    holder, last = _place(kind_of(eq.args[0]), index)
    if not isinstance(holder, List) or last.items == ("at",):
        return b.emit("additem", bar, *where, g, params=index)
    total = plus(b, b.emit("getitem", bar, *where, params=index), g)
    return b.emit("setitem", bar, *where, total, params=index)


# -- making ---------------------------------------------------------------------------


def _new(b: Builder, eq: Equation, g: Atom, wanted: tuple[bool, ...]) -> Bars:
    return tuple(
        b.emit("getitem", g, Const(k), params=AT) if want else None
        for k, want in enumerate(wanted)
    )


def _zip(b: Builder, eq: Equation, g: Atom, wanted: tuple[bool, ...]) -> Bars:
    return tuple(
        b.emit("list.column", g, params=place) if want else None
        for place, want in enumerate(wanted)
    )


def _column(b: Builder, eq: Equation, g: Atom, wanted: tuple[bool, ...]) -> Bars:
    kind = kind_of(eq.args[0])
    assert isinstance(kind, List)
    assert isinstance(kind.item, Tuple)
    columns = (
        g if place == eq.params else b.emit("list.zeros_like", g)
        for place in range(len(kind.item.items))
    )
    return (b.emit("list.zip", *columns),)


def _same(b: Builder, eq: Equation, g: Atom, wanted: tuple[bool, ...]) -> Bars:
    return (g,)


def _concat(b: Builder, eq: Equation, g: Atom, wanted: tuple[bool, ...]) -> Bars:
    cut = b.emit("builtins.len", eq.args[0])
    return (
        b.emit("getitem", g, cut, params=UPTO) if wanted[0] else None,
        b.emit("getitem", g, cut, params=FROM) if wanted[1] else None,
    )


def _repeat(b: Builder, eq: Equation, g: Atom, wanted: tuple[bool, ...]) -> Bars:
    kind = kind_of(eq.args[0])
    assert isinstance(kind, List)
    if isinstance(kind.item, List) or not isinstance(kind.extent, int):
        raise refuse(eq, "only `[v] * n` with numbers or arrays is differentiated")
    count = kind.extent
    if count == 1:
        return b.emit("list.new", b.emit("builtins.sum", g)), None
    every = Index((SliceItem(start=True, step=True),))
    parts = (
        b.emit("builtins.sum", b.emit("getitem", g, Const(k), Const(count), params=every))
        for k in range(count)
    )
    return b.emit("list.new", *parts), None


def _added(b: Builder, eq: Equation, g: Atom, wanted: tuple[bool, ...]) -> Bars:
    return g, g


# -- reading --------------------------------------------------------------------------


def _spread(b: Builder, eq: Equation, g: Atom) -> Atom:
    """`[g] * len(l)`."""
    xs = eq.args[0]
    kind = kind_of(xs)
    assert isinstance(kind, List)
    dims = kind.item.dims if isinstance(kind.item, Array) else ()
    if any(not isinstance(d, int) and may_be_one(d) for d in dims):
        raise refuse(eq, "the arrays in this list may have different shapes")
    return b.emit("list.repeat", b.emit("list.new", g), b.emit("builtins.len", xs))


def _sum(b: Builder, eq: Equation, g: Atom, wanted: tuple[bool, ...]) -> Bars:
    bars: list[Atom | None] = [_spread(b, eq, g) if wanted[0] else None]
    for start in eq.args[1:]:
        bars.append(unbroadcast(b, g, start))
    return tuple(bars)


def _sum_push(b: Builder, eq: Equation, dots: tuple[Atom | None, ...]) -> Atom:
    l_dot, *starts = _filled(b, eq, dots)
    return b.emit(eq.op, l_dot, *starts, params=eq.params)


class _Extremum(_Row):
    """`min(l)` and `max(l)`: all to the element that Python returns, the first one."""

    def __init__(self) -> None:
        super().__init__("max(l)", self._bar, self._dot, "builtins.max builtins.min")
        self.accumulate = self._add

    @staticmethod
    def _at(b: Builder, eq: Equation) -> Atom:
        if len(eq.args) > 1:
            raise refuse(eq, f"`{eq.op}` of a list takes no further arguments here")
        return b.emit("list.index", eq.args[0], eq.target)

    def _add(self, b: Builder, eq: Equation, bar: Atom, g: Atom) -> Atom:
        return b.emit("additem", bar, self._at(b, eq), g, params=AT)

    def _bar(self, b: Builder, eq: Equation, g: Atom, wanted: tuple[bool, ...]) -> Bars:
        return (self._add(b, eq, zeros(b, eq.args[0]), g),)

    def _dot(self, b: Builder, eq: Equation, dots: tuple[Atom | None, ...]) -> Atom | None:
        assert dots[0] is not None
        return b.emit("getitem", dots[0], self._at(b, eq), params=AT)


def _sorted(b: Builder, eq: Equation, g: Atom, wanted: tuple[bool, ...]) -> Bars:
    """Back to where the elements were: the inverse permutation."""
    order = b.emit("list.order", _order(b, eq))
    return (b.emit("list.take", g, order), *(None for _ in eq.args[1:]))


def _order(b: Builder, eq: Equation) -> Atom:
    if not set(eq.params or ()) <= {"reverse"} or len(eq.args) > 2:
        raise refuse(eq, "`sorted` is differentiated without a key only")
    return b.emit("list.order", *eq.args, params=eq.params)


def _sorted_push(b: Builder, eq: Equation, dots: tuple[Atom | None, ...]) -> Atom | None:
    assert dots[0] is not None
    return b.emit("list.take", dots[0], _order(b, eq))


def _take(b: Builder, eq: Equation, g: Atom, wanted: tuple[bool, ...]) -> Bars:
    """All elements in another order: back by the inverse permutation."""
    return (b.emit("list.take", g, b.emit("list.order", eq.args[1])), None)


# -- arrays of lists ------------------------------------------------------------------


def _unstacked(b: Builder, eq: Equation, g: Atom) -> Atom:
    kind = kind_of(eq.args[0])
    assert isinstance(kind, List)
    return b.emit("list.unstack", g, params=kind.item)


def _array(b: Builder, eq: Equation, g: Atom, wanted: tuple[bool, ...]) -> Bars:
    return (_unstacked(b, eq, g), *(None for _ in eq.args[1:]))


def _unstack_pull(b: Builder, eq: Equation, g: Atom, wanted: tuple[bool, ...]) -> Bars:
    return (b.emit("numpy.array", g),)


def _given_axis(eq: Equation, default: int) -> int:
    """The axis of `stack(l, axis)` and `concatenate(l, axis)`."""
    names = eq.params or ()
    if len(eq.args) == 1:
        return default
    value = static_value(eq.args[1])[1]
    if len(eq.args) > 2 or names not in ((), ("axis",)) or not isinstance(value, int):
        raise refuse(eq, f"`{eq.op}` of a list is differentiated with a fixed axis only")
    return value


def _item_ndim(eq: Equation) -> int:
    kind = kind_of(eq.args[0])
    assert isinstance(kind, List)
    if is_number(kind.item):
        return 0
    if not isinstance(kind.item, Array):
        raise refuse(eq, "cannot tell the number of axes of the arrays in this list")
    return kind.item.ndim


def _along_new(axis: Callable[[Equation], int]) -> Vjp:
    """The arrays lie side by side along a new axis."""

    def vjp(b: Builder, eq: Equation, g: Atom, wanted: tuple[bool, ...]) -> Bars:
        place = axis(eq) % (_item_ndim(eq) + 1)
        if place:
            g = b.emit("numpy.moveaxis", g, Const(place), Const(0))
        return (_unstacked(b, eq, g), *(None for _ in eq.args[1:]))

    return vjp


def _joined(b: Builder, eq: Equation, g: Atom, axis: int) -> Bars:
    """The arrays lie one behind the other along an axis that they have."""
    place = axis % _item_ndim(eq)
    parts = b.emit("list.split", g, eq.args[0], params=place)
    return (parts, *(None for _ in eq.args[1:]))


def _split(b: Builder, eq: Equation, g: Atom, wanted: tuple[bool, ...]) -> Bars:
    """The parts of an array come together again."""
    return (b.emit("numpy.concatenate", g, Const(eq.params), params=("axis",)), None)


def _concatenate(b: Builder, eq: Equation, g: Atom, wanted: tuple[bool, ...]) -> Bars:
    return _joined(b, eq, g, _given_axis(eq, 0))


def _stack_pull(rows: int, axis: int, new: int) -> Vjp:
    """`vstack` and its like: a new axis below so many axes of the arrays, else joined."""

    def vjp(b: Builder, eq: Equation, g: Atom, wanted: tuple[bool, ...]) -> Bars:
        ndim = _item_ndim(eq)
        if ndim >= rows:
            return _joined(b, eq, g, axis if ndim > 1 else 0)
        if ndim == 0:
            g = b.emit("numpy.ravel", g)
            return (_unstacked(b, eq, g),)
        return _along_new(lambda _: new)(b, eq, g, wanted)

    return vjp


ON_LISTS: tuple[Rule, ...] = (
    _Row("append(l, v)", _append, _put_in),
    _Row("insert(l, i, v)", _insert, _put_in),
    _Row("delitem(l, *i)", _delitem, _first_only),
    _Row("extend(l, m)", _extend, _put_in),
    _Row("new(*items)", _new, _all_together, joint=True),
    _Row("zip(*ls)", _zip, _all_together),
    _Row("column(l)", _column, _all_together),
    _Row("copy(l)", _same, _all_together, "list.copy copy"),
    _Row("concat(l, m)", _concat, _all_together),
    _Row("repeat(l, n)", _repeat, _first_only),
    _Row("added(l, m)", _added, _all_together),
    _Row("sum(l, start=0)", _sum, _sum_push, "builtins.sum math.fsum"),
    _Extremum(),
    _Row("sorted(l)", _sorted, _sorted_push, "builtins.sorted"),
    _Row("take(l, order)", _take, _first_only),
    _Row("split(a, l)", _split, _first_only),
    _Row("array(l)", _array, _first_only, "numpy.array numpy.asarray"),
    _Row("unstack(a)", _unstack_pull, _first_only),
    _Row("stack(l)", _along_new(lambda eq: _given_axis(eq, 0)), _first_only, "numpy.stack"),
    _Row("concatenate(l)", _concatenate, _first_only, "numpy.concatenate"),
    _Row("vstack(l)", _stack_pull(2, 0, 0), _first_only, "numpy.vstack"),
    _Row("hstack(l)", _stack_pull(1, 1, 0), _first_only, "numpy.hstack"),
    _Row("column_stack(l)", _stack_pull(2, 1, 1), _first_only, "numpy.column_stack"),
)
