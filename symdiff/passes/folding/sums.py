"""Sums along axes in a derivative: factors that are the same along them come out.

`np.sum(r[:, None] * e, axis=1)` is `r * e.sum(axis=1)`: one pass over the array less,
and where the function itself has summed e, none is left. Signs and axes of length 1 come
out, too. All of this reassociates.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from symdiff.ir.builder import Builder
from symdiff.ir.core import Atom, Const, Equation, Index, SliceItem, Var, kind_of
from symdiff.ir.extents import agree
from symdiff.ir.infer import infer
from symdiff.ir.kinds import Array, is_number
from symdiff.passes.folding.vanishing import (
    axes_summed, is_expansion, puts_in_axes, zero_total,
)  # fmt: skip
from symdiff.rules.row import emit

__all__ = [
    "fold_item", "fold_sum", "is_expansion", "spread_sign", "summed",
]  # fmt: skip


class _Sum(NamedTuple):
    """A sum of an array along some of its axes."""

    array: Atom
    kind: Array
    axes: tuple[int, ...]
    keepdims: bool

    @property
    def to_number(self) -> bool:
        return len(self.axes) == self.kind.ndim and not self.keepdims


_SHAPE = ("attr", "shape")


def summed(eq_args: tuple[Atom, ...], params: Any) -> _Sum | None:
    """What a call of `np.sum` sums up; None where that is not known or there is more."""
    kind, found = kind_of(eq_args[0]), axes_summed(eq_args, params)
    if found is None or not isinstance(kind, Array) or not kind.dtype.startswith("float"):
        return None
    axes, keepdims = found
    if axes is None:
        whole = kind.dims and not keepdims
        return _Sum(eq_args[0], kind, tuple(range(kind.ndim)), False) if whole else None
    return _Sum(eq_args[0], kind, axes, keepdims)


def fold_sum(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    """A sum with what is the same along the axes in front of it; zero where that is
    surely its value."""
    zero = _vanishing(b, args, params)
    if zero is not None:
        return zero
    sum_ = summed(args, params)
    made = b.definitions.get(sum_.array) if sum_ and isinstance(sum_.array, Var) else None
    if sum_ is None or made is None:
        return None
    if made.op == "neg":
        return b.emit("neg", _sum_of(b, made.args[0], sum_))
    if made.op == "numpy.broadcast_to" and is_number(kind_of(made.args[0])):
        shape = b.definitions.get(made.args[1]) if isinstance(made.args[1], Var) else None
        if not sum_.to_number or shape is None or (shape.op, shape.params) != _SHAPE:
            return None
        return b.emit("mul", made.args[0], b.emit("attr", shape.args[0], params="size"))
    if sum_.to_number:
        return None  # see `symdiff.passes.dots`
    if made.op == "mul":
        for inner, factor in (made.args, made.args[::-1]):
            outside = _outside(b, inner, factor, sum_)
            if outside is not None:
                return b.emit("mul", outside, _sum_of(b, inner, sum_))
    if made.op == "div":
        inner, divisor = made.args
        outside = _outside(b, inner, divisor, sum_)
        if outside is not None:
            return b.emit("div", _sum_of(b, inner, sum_), outside)
    return None


def _vanishing(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    """Zero for a sum that vanishes; without the terms of which the sum does."""
    kind, found = kind_of(args[0]), axes_summed(args, params)
    if found is None or not isinstance(kind, Array):
        return None
    axes = tuple(range(kind.ndim)) if found[0] is None else found[0]
    result = infer("numpy.sum", tuple(map(kind_of, args)), args, params)
    model = zero_total(b, args[0], axes, result)
    if model is not None:
        return model if is_number(result) else b.emit("numpy.zeros_like", model)
    made, minus = b.made(args[0]), False
    if made is not None and made.op == "neg":
        made, minus = b.made(made.args[0]), True
    if made is None or made.op not in ("add", "sub"):
        return None
    for term, other in (made.args, made.args[::-1]):
        if kind_of(term) == kind_of(other) == kind_of(args[0]):
            if zero_total(b, term, axes, result) is not None:
                rest = b.emit("numpy.sum", other, *args[1:], params=params)
                minus ^= made.op == "sub" and other == made.args[1]
                return b.emit("neg", rest) if minus else rest
    return None


def _sum_of(b: Builder, array: Atom, like: _Sum) -> Atom:
    """The sum of another array of the same shape, which may be at hand."""
    found = b.known.get(("sum", array, like.axes))
    if found is not None:
        return b.emit("getitem", found, params=_expansion(like)) if like.keepdims else found
    if like.to_number:
        return emit(b, "numpy.sum", array)
    words = {"keepdims": True} if like.keepdims else {}
    return emit(b, "numpy.sum", array, axis=like.axes[0], **words)


def _outside(b: Builder, inner: Atom, factor: Atom, sum_: _Sum) -> Atom | None:
    """A factor as it stands outside of the sum, if it is the same along the axes and
    what stays inside has the whole shape."""
    have, kind = kind_of(inner), kind_of(factor)
    if not isinstance(have, Array) or not agree(have.dims, sum_.kind.dims):
        return None
    if have.dtype != sum_.kind.dtype:
        return None
    if is_number(kind):
        return factor
    if not isinstance(kind, Array):
        return None
    lead = sum_.kind.ndim - kind.ndim
    there = [axis - lead for axis in sum_.axes if axis >= lead]
    if lead < 0 or any(kind.dims[axis] != 1 for axis in there):
        return None
    if sum_.keepdims or not there:
        return factor
    items = tuple("at" if k in there else SliceItem() for k in range(max(there) + 1))
    zeros = [Const(0)] * len(there)
    return b.emit("getitem", factor, *zeros, params=Index(items, len(items) > 1))


def _expansion(sum_: _Sum) -> Index:
    """The subscript that brings back the axes of a sum."""
    last = max(sum_.axes)
    items = tuple("new" if k in sum_.axes else SliceItem() for k in range(last + 1))
    return Index(items, len(items) > 1)


def fold_item(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    """A subscript with the sign of what it is taken of in front of it, and without axes
    that are put in and taken away again."""
    made = b.definitions.get(args[0]) if isinstance(args[0], Var) else None
    if made is None or not isinstance(params, Index) or params.through:
        return None
    if made.op == "neg" and len(args) == 1 and puts_in_axes(params):
        return b.emit("neg", b.emit("getitem", made.args[0], params=params))
    return _without_expansion(b, made, args, params)


def _without_expansion(
    b: Builder, made: Equation, args: tuple[Atom, ...], params: Index
) -> Atom | None:
    """x for `x[:, None][:, 0]`, and the sum without the axis that is taken away again."""
    if any(item not in ("at", SliceItem()) for item in params.items):
        return None
    if any(atom != Const(0) for atom in args[1:]):
        return None
    if made.op in ("neg", "mul", "div") and isinstance(made.target.kind, Array):
        whole = [a for a in made.args if not is_number(kind_of(a))]
        if len(whole) == 1 and kind_of(whole[0]) == made.target.kind:
            inner = fold_item(b, (whole[0], *args[1:]), params)
            if inner is not None:
                return b.emit(made.op, *(inner if a is whole[0] else a for a in made.args))
    back = ["new" if item == "at" else item for item in params.items]
    while back and back[-1] != "new":
        back.pop()  # the last axes are whole
    if is_expansion(made) and _expands(made.params, back):
        return made.args[0]
    sum_ = summed(made.args, made.params) if made.op == "numpy.sum" else None
    if sum_ is None or not sum_.keepdims or not _expands(_expansion(sum_), back):
        return None
    return _sum_of(b, sum_.array, sum_._replace(keepdims=False))


def _expands(index: Index, axes: list[str | SliceItem]) -> bool:
    """Whether a subscript puts in these axes; those behind the last stay as they are."""
    items = index.items
    return list(items[: len(axes)]) == axes and "new" not in items[len(axes) :]


def spread_sign(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    """What is broadcast with the sign that it gets."""
    made = b.definitions.get(args[0]) if isinstance(args[0], Var) else None
    if made is not None and made.op == "numpy.broadcast_to":
        if is_number(kind_of(made.args[0])):
            return b.emit(made.op, b.emit("neg", made.args[0]), *made.args[1:])
    return None
