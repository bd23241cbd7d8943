"""Integers as polynomials in values that are not known, for comparing subscripts."""

from __future__ import annotations

from collections.abc import Callable

from symdiff.ir.core import Atom, Const, Equation, Var, kind_of
from symdiff.ir.kinds import Array, Int

__all__ = ["Form", "Made", "form", "is_length", "minus", "never_negative", "plus", "times"]

Form = dict[tuple[Var, ...], int]  # how often each product of some values is taken
Made = Callable[[Var], Equation | None]  # the equation that makes a value

_DEEPEST = 8


def form(atom: Atom, made: Made, depth: int = 0) -> Form | None:
    """None of what is no integer."""
    if isinstance(atom, Const):
        return plus({(): atom.value}, {}) if type(atom.value) is int else None
    if not isinstance(atom, Var) or not isinstance(kind_of(atom), Int):
        return None
    eq = made(atom) if depth < _DEEPEST else None
    if eq is not None and eq.op in ("add", "sub", "mul"):
        left, right = (form(arg, made, depth + 1) for arg in eq.args)
        if left is None or right is None:
            return None
        if eq.op == "mul":
            return times(left, right)
        return plus(left, right) if eq.op == "add" else minus(left, right)
    return {(atom,): 1}


def plus(a: Form, b: Form) -> Form:
    total = {key: a.get(key, 0) + b.get(key, 0) for key in {**a, **b}}
    return {key: count for key, count in total.items() if count}


def minus(a: Form, b: Form) -> Form:
    return plus(a, times({(): -1}, b))


def times(a: Form, b: Form) -> Form:
    total: Form = {}
    for one, count in a.items():
        for other, more in b.items():
            key = tuple(sorted((*one, *other), key=id))
            total = plus(total, {key: count * more})
    return total


def never_negative(found: Form, made: Made) -> bool:
    """Whether it is a sum of products of lengths."""
    return all(
        count >= 0 and all(is_length(var, made) for var in product)
        for product, count in found.items()
    )


def is_length(var: Var, made: Made) -> bool:
    """Whether a value is the length of something, or a part of one."""
    eq = made(var)
    if eq is None:
        return False
    if eq.op == "floordiv":
        whole, parts = eq.args
        fraction = isinstance(parts, Const) and parts.value > 0
        return fraction and isinstance(whole, Var) and is_length(whole, made)
    if eq.op == "item":
        shape = made(eq.args[0]) if isinstance(eq.args[0], Var) else None
        return shape is not None and _is_of_array(shape, "shape")
    return eq.op == "builtins.len" or _is_of_array(eq, "size")


def _is_of_array(eq: Equation, fact: str) -> bool:
    known = eq.op == "attr" and eq.params == fact
    return known and isinstance(kind_of(eq.args[0]), Array)
