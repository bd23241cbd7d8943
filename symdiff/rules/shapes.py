"""Equations that bring an array into the shape of another one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from symdiff.ir.builder import Builder
from symdiff.ir.core import Atom, Const, Index, SliceItem, Var, kind_of
from symdiff.ir.extents import may_be_one
from symdiff.ir.kinds import Array, Complex, Float, List, Tuple, is_number
from symdiff.rules.row import Bound, emit, refuse

__all__ = [
    "along", "axes_of", "extent", "full_index", "nonzero", "plus", "shape_of", "spread",
    "spread_over", "unbroadcast", "unspread", "zeros",
]  # fmt: skip

ALL = SliceItem()


def shape_of(b: Builder, x: Atom) -> Atom:
    kind = kind_of(x)
    if isinstance(kind, Array) and not kind.dims:
        return b.emit("tuple")  # what is computed from such arrays may be a number
    return b.emit("attr", x, params="shape")


def extent(b: Builder, x: Atom, axis: int) -> Atom:
    """The length of one axis: a number where it is known."""
    kind = kind_of(x)
    if isinstance(kind, Array):
        axis %= kind.ndim
        size = kind.dims[axis]
        if isinstance(size, int):
            return Const(size)
    return b.emit("getitem", shape_of(b, x), Const(axis), params=Index(("at",)))


def unbroadcast(b: Builder, g: Atom, like: Atom, core: int = 0) -> Atom:
    """g summed over the axes along which `like` was broadcast to it. The last `core`
    axes are known to be equally long."""
    have, want = kind_of(g), kind_of(like)
    if is_number(have):
        return g
    if not isinstance(have, Array):
        return b.emit("unbroadcast", g, like)
    if is_number(want):
        return emit(b, "numpy.sum", g)
    if not isinstance(want, Array) or want.ndim > have.ndim:
        return b.emit("unbroadcast", g, like)
    lead = have.ndim - want.ndim
    over = []
    for axis, (mine, theirs) in enumerate(zip(have.dims[lead:], want.dims, strict=True)):
        if mine == theirs or not may_be_one(theirs) or axis >= want.ndim - core:
            continue
        if theirs != 1:
            return b.emit("unbroadcast", g, like)
        over.append(axis)
    if lead:
        g = emit(b, "numpy.sum", g, axis=0 if lead == 1 else tuple(range(lead)))
        if not want.dims:
            return g
    if over:
        axes = over[0] if len(over) == 1 else tuple(over)
        g = emit(b, "numpy.sum", g, axis=axes, keepdims=True)
    return g


def axes_of(c: Bound, name: str, ndim: int) -> tuple[int, ...]:
    """The axes an argument names, none negative: all of them for None."""
    value = c.static(name)
    if value is None:
        return tuple(range(ndim))
    axes = value if isinstance(value, tuple) else (value,)
    if not all(-ndim <= a < ndim for a in axes):
        raise refuse(c.eq, f"axis {value} is out of bounds for {ndim} axes")
    return tuple(a % ndim for a in axes)


def restored(c: Bound, g: Atom, name: str = "a") -> Atom:
    """A reduced value with its axes back, as length 1, so that it broadcasts against
    the array that was reduced. Leading axes need no mention."""
    ndim = c.array(name).ndim
    axes = axes_of(c, "axis", ndim)
    keepdims = "keepdims" in c.given and c.static("keepdims")
    if keepdims or len(axes) == ndim or sorted(axes) == list(range(len(axes))):
        return g
    last = max(axes)
    items = tuple("new" if k in axes else ALL for k in range(last + 1))
    return c.b.emit("getitem", g, params=Index(items, True))


def spread(c: Bound, g: Atom, name: str = "a") -> Atom:
    """A reduced value broadcast to the array that was reduced."""
    x = c[name]
    if is_number(kind_of(x)):
        return g
    made = c.b.definitions.get(g) if isinstance(g, Var) else None
    if made is not None and made.op == "numpy.broadcast_to":
        if is_number(kind_of(made.args[0])):
            return c.emit(made.op, made.args[0], shape_of(c.b, x))
    return spread_over(c.b, restored(c, g, name), x)


def spread_over(b: Builder, value: Atom, like: Atom) -> Atom:
    """A value broadcast to an array; a number of Python's in the array's precision."""
    have, want = kind_of(value), kind_of(like)
    if isinstance(have, Float) and have.dtype is None and isinstance(want, Array):
        if want.dtype in ("float16", "float32"):
            value = b.emit(f"numpy.{want.dtype}", value)
    return b.emit("numpy.broadcast_to", value, shape_of(b, like))


def unspread(b: Builder, atom: Atom) -> Atom:
    """The value that was broadcast to make this one, or itself."""
    made = b.definitions.get(atom) if isinstance(atom, Var) else None
    if made is None or made.op != "numpy.broadcast_to":
        return atom
    value = made.args[0]
    inner = b.definitions.get(value) if isinstance(value, Var) else None
    if inner is not None and inner.op in ("numpy.float16", "numpy.float32"):
        return inner.args[0]
    return value


def full_index(axis: int, item: str | SliceItem) -> Index:
    """`[:, :, item]`: an item at one axis."""
    return Index((ALL,) * axis + (item,), axis > 0)


def along(b: Builder, x: Atom, axis: int, item: str | SliceItem, *atoms: Atom) -> Atom:
    """x subscripted along one axis."""
    return b.emit("getitem", x, *atoms, params=full_index(axis, item))


def zeros(b: Builder, x: Atom) -> Atom:
    """Zero in the form of x: an array, a number, or a tuple or list of such."""
    kind = kind_of(x)
    if isinstance(kind, Array):
        return emit(b, "numpy.zeros_like", x)
    if isinstance(kind, Tuple):
        items = (zeros(b, b.emit("item", x, params=k)) for k in range(len(kind.items)))
        return b.emit("tuple", *items)
    if isinstance(kind, List):
        made = b.definitions.get(x) if isinstance(x, Var) else None
        if made is not None and made.op == "list.new" and not made.args:
            return b.emit("list.new")
        return b.emit("list.zeros_like", x)
    return Const(0j if isinstance(kind, Complex) else 0.0)


def nonzero(b: Builder, x: Atom) -> Atom:
    """x to divide by, with 1 for 0: of what is 0 then, the quotient is 0."""
    choose = "numpy.where" if isinstance(kind_of(x), Array) else "select"
    return b.emit(choose, b.emit("eq", x, Const(0)), Const(1.0), x)


def plus(b: Builder, x: Atom, y: Atom, base: str = "t", role: str = "") -> Atom:
    """The sum of two adjoints of one form."""
    kind = kind_of(x)
    if isinstance(kind, Tuple):
        items = []
        for k in range(len(kind.items)):
            u, v = (b.emit("item", t, params=k) for t in (x, y))
            items.append(plus(b, u, v))
        return b.emit("tuple", *items)
    op = "list.added" if isinstance(kind, List) else "add"
    return b.emit(op, x, y, base=base, role=role)


def total(b: Builder, terms: Iterable[Any]) -> Atom:
    """The sum of some values; there is at least one."""
    result: Atom | None = None
    for term in terms:
        result = term if result is None else b.emit("add", result, term)
    assert result is not None
    return result
