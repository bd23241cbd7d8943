"""Rules of subscripts, writes, copies, tuples and lists."""

from __future__ import annotations

from symdiff.ir.builder import Builder
from symdiff.ir.core import Atom, Const, Equation, Index, SliceItem, Var, kind_of
from symdiff.ir.extents import agree
from symdiff.ir.kinds import Array, Int, Kind, List, Tuple, is_number
from symdiff.records import replace
from symdiff.rules.lists import add_to_list, write_to_list
from symdiff.rules.row import (
    ZERO, ArrayRule, Bound, Rule, emit, refuse, static_value,
)  # fmt: skip
from symdiff.rules.shapes import shape_of, unbroadcast, zeros

__all__ = ["MEMORY", "only_adds_axes"]


class _Subscript(Rule):
    """getitem: what is read once may be read again, so contributions add up in place."""

    elementwise = False
    takes_lists = True

    def __init__(self) -> None:
        super().__init__("getitem(u, *index)", ZERO, "getitem")
        self.accumulate = _add_at

    def vjp(
        self, b: Builder, eq: Equation, out_bar: Atom, wanted: tuple[bool, ...]
    ) -> tuple[Atom | None, ...]:
        rest = (None,) * (len(wanted) - 1)
        if not wanted[0]:
            return (None, *rest)
        kind = kind_of(eq.args[0])
        if isinstance(kind, Tuple):
            return (_one_item(b, eq.args[0], kind, _place(eq), out_bar), *rest)
        back = _without_new_axes(eq.params) if _is_numeric(kind) else None
        if back is not None and (not back.items or _takes_only_element(eq)):
            return (out_bar, *rest)
        if back is not None:
            made = b.definitions.get(out_bar) if isinstance(out_bar, Var) else None
            if made is not None and made.op == "numpy.broadcast_to":
                if is_number(kind_of(made.args[0])):
                    shape = shape_of(b, eq.args[0])
                    return (b.emit(made.op, made.args[0], shape), *rest)
            zero = [Const(0)] * back.items.count("at")
            if is_number(kind):
                back = Index(("at",) * len(zero), len(zero) > 1)
            return (b.emit("getitem", out_bar, *zero, params=back), *rest)
        return (_add_at(b, eq, zeros(b, eq.args[0]), out_bar), *rest)

    def jvp(self, b: Builder, eq: Equation, dots: tuple[Atom | None, ...]) -> Atom | None:
        dot = dots[0]
        if dot is None:
            return None
        if is_number(kind_of(dot)) and eq.params.items:  # perhaps one of Python's
            dot = b.emit("numpy.asarray", dot)
        return b.emit("getitem", dot, *eq.args[1:], params=eq.params)


def _takes_only_element(eq: Equation) -> bool:
    """Whether it is `[()]` or `[...]` of an array without axes. What is computed from
    one may be a number, which has no such place."""
    kind, index = kind_of(eq.args[0]), eq.params
    if not isinstance(kind, Array) or kind.dims or index.imaginary:
        return False
    return not index.through and index.items in ((), ("rest",))


def _is_numeric(kind: Kind) -> bool:
    return isinstance(kind, Array) or is_number(kind)


def only_adds_axes(eq: Equation) -> bool:
    """Whether an equation is a subscript of an array such as `[:, None]`."""
    if eq.op != "getitem" or not _is_numeric(kind_of(eq.args[0])):
        return False
    return _without_new_axes(eq.params) is not None


def _without_new_axes(index: Index) -> Index | None:
    """The subscript that undoes one such as `[:, None]`, which only adds axes."""
    only_adds = all(item in ("new", "rest", SliceItem()) for item in index.items)
    if index.through or not only_adds:
        return None
    return Index(tuple("at" if i == "new" else i for i in index.items), index.tupled)


def _add_at(b: Builder, eq: Equation, arg_bar: Atom, out_bar: Atom) -> Atom:
    """`arg_bar[index] += out_bar`; an item of a tuple gives a tuple."""
    kind = kind_of(eq.args[0])
    if isinstance(kind, Tuple):
        return _add_item(b, arg_bar, len(kind.items), _place(eq), out_bar)
    if isinstance(kind, List):
        return add_to_list(b, eq, arg_bar, out_bar)
    if eq.params.imaginary:
        out_bar = b.emit("neg", out_bar)
    index = replace(eq.params, once=True) if _names_once(b, eq) else eq.params
    return b.emit("additem", arg_bar, *eq.args[1:], out_bar, params=index)


def _names_once(b: Builder, read: Equation) -> bool:
    """Whether no two places that are read are the same: along one axis the places are
    counted, or found by sorting, and along the others there is one for each."""
    atoms = read.args[1:]
    if read.params.through or any(item != "at" for item in read.params.items):
        return False
    arrays = [a for a in atoms if not isinstance(kind_of(a), Int)]
    kinds = [kind for a in arrays if isinstance(kind := kind_of(a), Array)]
    if len(kinds) < len(arrays) or any(not k.dtype.startswith("int") for k in kinds):
        return False
    # One that is stretched along the others would name its place again and again.
    as_long = all(agree(kind.dims, kinds[0].dims) for kind in kinds)
    return as_long and any(_is_distinct(b, a) for a in arrays)


def _is_distinct(b: Builder, atom: Atom) -> bool:
    """Whether a vector holds each place once, counted from the front."""
    made = b.made(atom)
    kind = kind_of(atom)
    if made is None or not isinstance(kind, Array) or kind.ndim != 1 or made.params:
        return False
    if made.op == "numpy.argsort":
        return len(made.args) == 1
    return made.op == "numpy.arange" and len(made.args) == 1


def _place(eq: Equation) -> int:
    """Which item of a tuple a subscript takes."""
    known, value = static_value(eq.args[1]) if len(eq.args) == 2 else (False, None)
    if not known or not isinstance(value, int) or eq.params.items != ("at",):
        raise refuse(eq, "a tuple is differentiated only at a constant index")
    return value


def _one_item(b: Builder, t: Atom, kind: Tuple, place: int, out_bar: Atom) -> Atom:
    """The tuple that is zero but for one item."""
    place %= len(kind.items)
    items = []
    for k in range(len(kind.items)):
        zero = None if k == place else zeros(b, b.emit("item", t, params=k))
        items.append(out_bar if zero is None else zero)
    return b.emit("tuple", *items)


def _add_item(b: Builder, arg_bar: Atom, length: int, place: int, out_bar: Atom) -> Atom:
    """The tuple `arg_bar` with out_bar added to one item."""
    items = [b.emit("item", arg_bar, params=k) for k in range(length)]
    made = b.definitions.get(arg_bar) if isinstance(arg_bar, Var) else None
    if made is not None and made.op == "tuple":
        items = list(made.args)
    first = items[place]
    made = b.definitions.get(first) if isinstance(first, Var) else None
    empty = made is not None and made.op == "numpy.zeros_like"
    if empty and kind_of(first) == kind_of(out_bar):
        items[place] = out_bar
    else:
        items[place] = b.emit("add", first, out_bar)
    return b.emit("tuple", *items)


class _Item(Rule):
    """Item k of a tuple."""

    elementwise = False

    def __init__(self) -> None:
        super().__init__("item(t)", ZERO, "item")
        self.accumulate = _add_to_item

    def vjp(
        self, b: Builder, eq: Equation, out_bar: Atom, wanted: tuple[bool, ...]
    ) -> tuple[Atom | None, ...]:
        if not wanted[0]:
            return (None,)
        kind = kind_of(eq.args[0])
        if not isinstance(kind, Tuple):
            raise refuse(eq, "cannot tell how many items this has")
        return (_one_item(b, eq.args[0], kind, eq.params, out_bar),)

    def jvp(self, b: Builder, eq: Equation, dots: tuple[Atom | None, ...]) -> Atom | None:
        return None if dots[0] is None else b.emit("item", dots[0], params=eq.params)


def _add_to_item(b: Builder, eq: Equation, arg_bar: Atom, out_bar: Atom) -> Atom:
    kind = kind_of(eq.args[0])
    if not isinstance(kind, Tuple):
        raise refuse(eq, "cannot tell how many items this has")
    return _add_item(b, arg_bar, len(kind.items), eq.params, out_bar)


class _Display(Rule):
    """`(a, b)` and `[a, b]`: item by item."""

    elementwise = False
    joint = True
    takes_lists = True

    def __init__(self) -> None:
        super().__init__("tuple(*x)", ZERO, "tuple list")

    def vjp(
        self, b: Builder, eq: Equation, out_bar: Atom, wanted: tuple[bool, ...]
    ) -> tuple[Atom | None, ...]:
        return tuple(
            b.emit("item", out_bar, params=k) if want else None
            for k, want in enumerate(wanted)
        )

    def jvp(self, b: Builder, eq: Equation, dots: tuple[Atom | None, ...]) -> Atom | None:
        if all(dot is None for dot in dots):
            return None
        pairs = zip(dots, eq.args, strict=True)
        items = [zeros(b, arg) if dot is None else dot for dot, arg in pairs]
        return b.emit(eq.op, *items)


class _Write(Rule):
    """setitem and additem: u with `u[index] = v` or `u[index] += v` done."""

    elementwise = False
    takes_lists = True

    def __init__(self, op: str) -> None:
        super().__init__(f"{op}(u, *index, v)", ZERO, op)
        self.adds = op == "additem"

    def vjp(
        self, b: Builder, eq: Equation, out_bar: Atom, wanted: tuple[bool, ...]
    ) -> tuple[Atom | None, ...]:
        _, *index, v = eq.args
        if isinstance(kind_of(eq.args[0]), List):
            u_bar, v_bar = write_to_list(b, eq, out_bar, wanted)
            return (u_bar, *(None for _ in index), v_bar if wanted[-1] else None)
        u_bar = v_bar = None
        only = _takes_only_element(eq)
        if only or (eq.params.whole and not self.adds):
            # All of u is overwritten: nothing of it reaches the result.
            v_bar = _assigned(b, out_bar, v) if wanted[-1] else None
            u_bar = out_bar if wanted[0] and self.adds else None
            return (u_bar, *(None for _ in index), v_bar)
        if wanted[-1]:
            v_bar = b.emit("getitem", out_bar, *index, params=eq.params)
            if eq.params.imaginary:
                v_bar = b.emit("neg", v_bar)
            if not self.adds:
                v_bar = _last_written(b, eq, index, v_bar)
            read = v_bar
            v_bar = _like_value(b, eq, v_bar, v)
            view = v_bar is read and _is_view(index, kind_of(v_bar))
            if view and wanted[0]:
                # u's adjoint is overwritten next and goes on being added to.
                v_bar = b.emit("copy", v_bar)
        if wanted[0]:
            u_bar = out_bar
            if not self.adds:
                u_bar = b.emit("setitem", out_bar, *index, Const(0.0), params=eq.params)
        return (u_bar, *(None for _ in index), v_bar)

    def jvp(self, b: Builder, eq: Equation, dots: tuple[Atom | None, ...]) -> Atom | None:
        u, *index, _ = eq.args
        u_dot, v_dot = dots[0], dots[-1]
        if u_dot is None and v_dot is None:
            return None
        if v_dot is None and self.adds:
            return u_dot
        if v_dot is not None and _takes_only_element(eq):
            if kind_of(v_dot) != kind_of(u):
                v_dot = b.emit("numpy.reshape", v_dot, b.emit("tuple"))
            both = self.adds and u_dot is not None
            return b.emit("add", u_dot, v_dot) if both and u_dot is not None else v_dot
        u_dot = zeros(b, u) if u_dot is None else u_dot
        if v_dot is None:
            v_dot = zeros(b, eq.args[-1]) if isinstance(kind_of(u), List) else Const(0.0)
        return b.emit(eq.op, u_dot, *index, v_dot, params=eq.params)


def _like_value(b: Builder, eq: Equation, g: Atom, v: Atom) -> Atom:
    """The adjoint of what was written: numbers in a tuple, item by item."""
    kind, place = kind_of(v), kind_of(g)
    if not isinstance(kind, Tuple):
        return _assigned(b, g, v)
    plain = all(map(is_number, kind.items)) and isinstance(place, Array)
    if not plain or not isinstance(place, Array) or place.dims != (len(kind.items),):
        message = "a tuple or list is written to more than one row or to nested places"
        raise refuse(eq, message, "make an array of it first: np.array(...)")
    at = Index(("at",))
    items = (b.emit("getitem", g, Const(k), params=at) for k in range(len(kind.items)))
    return b.emit("tuple", *items)


def _assigned(b: Builder, g: Atom, v: Atom) -> Atom:
    """The adjoint of v from that of the place that it was assigned to. Unlike an
    operand, v may have more axes than the place: the first ones, of length 1."""
    place, kind = kind_of(g), kind_of(v)
    if isinstance(kind, List) and isinstance(place, Array):
        return b.emit("list.unstack", _broadcast_from_list(b, g, v), params=kind.item)
    if isinstance(kind, Array) and kind.dims and is_number(place):
        return emit(b, "numpy.full", (1,) * kind.ndim, g)
    if isinstance(kind, Array) and isinstance(place, Array) and kind.ndim > place.ndim:
        more = ("new",) * (kind.ndim - place.ndim)
        g = b.emit("getitem", g, params=Index((*more, "rest"), True))
    return unbroadcast(b, g, v)


def _broadcast_from_list(b: Builder, g: Atom, v: Atom) -> Atom:
    """g summed over the axes along which the list v was broadcast to it."""
    kind = kind_of(v)
    assert isinstance(kind, List)
    if not is_number(kind.item):
        return unbroadcast(b, g, b.emit("numpy.array", v))
    return b.emit("sum_to", g, b.emit("tuple", b.emit("builtins.len", v)))


def _is_view(index: list[Atom], kind: Kind) -> bool:
    return isinstance(kind, Array) and all(not _is_array(kind_of(a)) for a in index)


def _is_array(kind: Kind) -> bool:
    return isinstance(kind, (Array, List, Tuple))


def _last_written(b: Builder, eq: Equation, index: list[Atom], v_bar: Atom) -> Atom:
    """v's adjoint where an index array may name an element twice: the last value is
    the one that stays, so the others have none. Each element is marked with the number
    of its write, by the same kind of write, to see whose mark is left."""
    arrays = [k for k in map(kind_of, index) if _is_array(k)]
    if all(isinstance(k, Array) and k.dtype == "bool" for k in arrays):
        return v_bar
    if len(arrays) == 1 and isinstance(arrays[0], Tuple):
        places = [k.extent if isinstance(k, Int) else None for k in arrays[0].items]
        known = [p for p in places if isinstance(p, int) and p >= 0]
        if len(set(known)) == len(places):
            return v_bar
    order = b.emit("numpy.arange", b.emit("attr", v_bar, params="size"))
    order = b.emit("numpy.reshape", order, b.emit("attr", v_bar, params="shape"))
    shape = b.emit("attr", eq.args[0], params="shape")
    marks = b.emit("numpy.zeros", shape, Const("int64"))
    marks = b.emit("setitem", marks, *index, order, params=eq.params)
    left = b.emit("getitem", marks, *index, params=eq.params)
    kept = b.emit("eq", left, order)
    return b.emit("numpy.where", kept, v_bar, Const(0.0))


def _same(c: Bound, g: Atom) -> Atom:
    return g


def _rebroadcast(c: Bound, g: Atom) -> Atom:
    return c.emit("numpy.broadcast_to", g, shape_of(c.b, c["g"]))


MEMORY: tuple[Rule, ...] = (
    _Subscript(),
    _Item(),
    _Display(),
    _Write("setitem"),
    _Write("additem"),
    ArrayRule("copy(a)", {"a": _same}, "copy numpy.copy numpy.ascontiguousarray"),
    ArrayRule("unbroadcast(g, x)", {"g": _rebroadcast, "x": None}, "unbroadcast"),
    ArrayRule("sum_to(g, shape)", {"g": _rebroadcast, "shape": None}, "sum_to"),
)
