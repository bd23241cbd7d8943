"""Which equations of a function are its derivative; the others are the user's own."""

from __future__ import annotations

from collections.abc import Container
from typing import NamedTuple

from symdiff.ir.core import Equation, Function, Var, walk
from symdiff.ir.effects import INVOKES

__all__ = ["Derived", "derived", "follows_derivatives", "reverse_part"]


class Derived(NamedTuple):
    """Where the derivative begins in the body, and the values that belong to it."""

    start: int
    values: Container[Var]


class _Every:
    def __contains__(self, var: object) -> bool:
        return True


def derived(function: Function) -> Derived | None:
    """The reverse sweep, or the tangents, which stand between the user's equations."""
    start = reverse_part(function)
    if start is not None:
        return Derived(start, _Every())
    found = follows_derivatives(function)
    return Derived(0, found) if found else None


def reverse_part(function: Function) -> int | None:
    """Where the reverse sweep begins in the body, if there is one."""
    for place, node in enumerate(function.body):
        if isinstance(node, Equation) and node.op == "comment":
            return place
    return None


def follows_derivatives(function: Function) -> set[Var]:
    """All that is computed from tangents or adjoints. A call of a recursive function
    gives values and tangents: these are told apart by their roles."""
    found: set[Var] = set()
    for node in walk(function.body):
        if not isinstance(node, Equation) or node.op in INVOKES:
            continue
        if node.target.is_derivative or any(
            isinstance(arg, Var) and (arg.is_derivative or arg in found)
            for arg in node.args
        ):
            found.add(node.target)
    return found
