"""Integers as sums: whole multiples of values that are not known, and a number."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from symdiff.ir.core import Atom, Const, Equation, Var, kind_of
from symdiff.ir.kinds import Int
from symdiff.records import dataclass

__all__ = ["ONE", "ZERO", "Linear", "linear"]

_STEPS = 8  # equations that are looked back


@dataclass(frozen=True, slots=True)
class Linear:
    """`number` and so many times each of the values in `terms`."""

    number: int
    terms: Mapping[Var, int]

    def __add__(self, other: Linear) -> Linear:
        return self._plus(other, 1)

    def __sub__(self, other: Linear) -> Linear:
        return self._plus(other, -1)

    def _plus(self, other: Linear, sign: int) -> Linear:
        terms = dict(self.terms)
        for var, factor in other.terms.items():
            terms[var] = terms.get(var, 0) + sign * factor
        left = {var: factor for var, factor in terms.items() if factor}
        return Linear(self.number + sign * other.number, left)

    def times(self, factor: int) -> Linear:
        if not factor:
            return ZERO
        terms = {var: factor * own for var, own in self.terms.items()}
        return Linear(factor * self.number, terms)

    def without(self, var: Var) -> Linear:
        return Linear(self.number, {v: f for v, f in self.terms.items() if v is not var})


ZERO, ONE = Linear(0, {}), Linear(1, {})


def linear(
    atom: Atom, made: Callable[[Var], Equation | None], steps: int = _STEPS
) -> Linear | None:
    """An integer as such a sum; None for what is no integer."""
    if isinstance(atom, Const):
        return Linear(atom.value, {}) if type(atom.value) is int else None
    if not isinstance(atom, Var) or not isinstance(kind_of(atom), Int):
        return None
    eq = made(atom)
    found = None if eq is None or not steps else _made(eq, made, steps - 1)
    return Linear(0, {atom: 1}) if found is None else found


def _made(
    eq: Equation, made: Callable[[Var], Equation | None], steps: int
) -> Linear | None:
    if eq.op not in ("add", "sub", "mul", "neg", "pos"):
        return None
    args = [linear(a, made, steps) for a in eq.args]
    one, two = args[0], args[-1]
    if one is None or two is None:
        return None
    if eq.op == "add":
        return one + two
    if eq.op == "sub":
        return one - two
    if eq.op == "mul":
        if two.terms:
            one, two = two, one
        return None if two.terms else one.times(two.number)
    return one.times(-1) if eq.op == "neg" else one
