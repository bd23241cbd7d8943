"""Adjoints that `where` chose: kept outermost, so that what it left out stays 0 although
the slope may be infinite there."""

from __future__ import annotations

from typing import NamedTuple

from symdiff.ir.builder import Builder
from symdiff.ir.core import Atom, Const, Var, kind_of
from symdiff.ir.kinds import Array, Bool, Kind

__all__ = ["Choice", "choice_of", "sum_of_choices"]

_ZERO = Const(0.0)


class Choice(NamedTuple):
    """`where(cond, x, 0)`, or `where(cond, 0, x)` if x is not first."""

    op: str
    cond: Atom
    x: Atom
    first: bool

    def of(self, b: Builder, x: Atom) -> Atom:
        """The same choice of another value: of what is one itself, a choice by both
        conditions, as a chain of choices would nest ever deeper."""
        negative, inner = choice_of(b, x) or (False, self)
        if inner is not self and not negative and self._joins(inner):
            return self._and(b, inner).of(b, inner.x)
        return b.emit(self.op, self.cond, *((x, _ZERO) if self.first else (_ZERO, x)))

    def _joins(self, inner: Choice) -> bool:
        """Whether both choose in one way, by truth values."""
        kinds = kind_of(self.cond), kind_of(inner.cond)
        return self.op == inner.op and all(map(_is_truth, kinds))

    def _and(self, b: Builder, inner: Choice) -> Choice:
        """The choice by the conditions of two: where one takes its first value, so does
        this."""
        both, either, no = _WORDS[self.op]
        first = self.first or inner.first
        conds = [
            each.cond if each.first == first else b.emit(no, each.cond)
            for each in (self, inner)
        ]
        joined = b.emit(both if first else either, *conds)
        return inner._replace(cond=joined, first=first)


_WORDS = {
    "select": ("boolean and", "boolean or", "not"),
    "numpy.where": ("numpy.logical_and", "numpy.logical_or", "numpy.logical_not"),
}


def _is_truth(kind: Kind) -> bool:
    return isinstance(kind, Bool) or (isinstance(kind, Array) and kind.dtype == "bool")


def choice_of(b: Builder, bar: Atom) -> tuple[bool, Choice] | None:
    """The choice that an adjoint is, and whether its negative; None of all else."""
    made = b.definitions.get(bar) if isinstance(bar, Var) else None
    negative = made is not None and made.op == "neg"
    if made is not None and negative:
        inner = made.args[0]
        made = b.definitions.get(inner) if isinstance(inner, Var) else None
    if made is None or made.op not in ("numpy.where", "select"):
        return None
    cond, then, other = made.args
    if other == _ZERO:
        return negative, Choice(made.op, cond, then, True)
    return (negative, Choice(made.op, cond, other, False)) if then == _ZERO else None


def sum_of_choices(b: Builder, x: Atom, y: Atom) -> Atom | None:
    """The sum of two choices by one condition, as one; None if they are no such."""
    one, other = choice_of(b, x), choice_of(b, y)
    if one is None or other is None or one[1][:2] != other[1][:2]:
        return None
    (less, mine), (minus, theirs) = one, other
    left = b.emit("neg", mine.x) if less else mine.x
    if mine.first == theirs.first:
        return mine.of(b, b.emit("sub" if minus else "add", left, theirs.x))
    right = b.emit("neg", theirs.x) if minus else theirs.x
    pair = (left, right) if mine.first else (right, left)
    return b.emit(mine.op, mine.cond, *pair)
