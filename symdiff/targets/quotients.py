"""Quotients whose divisor may be zero: NumPy's are infinite then, Python raises an error.

Numba divides in all of a function as NumPy does, or as Python does, and so in functions
that it compiles for a call there, if these do not say which. A function with a quotient
of NumPy's divides as NumPy does, and calls helpers for those of Python's numbers. Only if
it calls functions of others does it divide as they do, and calls NumPy's function.
"""

from __future__ import annotations

from symdiff.analysis.signs import Signs
from symdiff.ir.core import (
    Block, Equation, For, Function, If, Node, Var, While, kind_of, map_nodes, walk,
)  # fmt: skip
from symdiff.ir.kinds import NUMPY, Bool, Float, Int
from symdiff.records import replace
from symdiff.request import Target

__all__ = ["divided"]

_UFUNCS = ("numpy.divide", "numpy.true_divide")
_RAISING = {"div": "divided", "floordiv": "floored", "mod": "modulo"}
_PLAIN = dict.fromkeys(_UFUNCS, "div")
_CALLED = {"div": "numpy.divide"}


def divided(function: Function, target: Target) -> Function:
    """The function with quotients that raise errors apart from those that do not."""
    found = _Quotients()
    found.block(function.body)
    if target == "numba" and not found.infinite:
        return function
    raising, infinite = _RAISING, _PLAIN
    if target == "c":  # which has no other quotients of integers
        raising = {"div": "divided"}
    elif any(isinstance(n, Equation) and n.op == "call" for n in walk(function.body)):
        raising, infinite = {}, _CALLED

    def change(node: Node) -> Node:
        if isinstance(node, Equation):
            if node.target in found.infinite:
                return replace(node, op=infinite.get(node.op, node.op))
            if node.target in found.raising:
                return replace(node, op=raising.get(node.op, node.op))
        return node

    body = map_nodes(function.body, change)
    plain = bool(found.infinite) and infinite is _PLAIN
    return replace(function, body=body, infinite=plain)


class _Quotients:
    """Those whose divisor may be zero."""

    def __init__(self) -> None:
        self.signs = Signs()
        self.raising: set[Var] = set()
        self.infinite: set[Var] = set()

    def block(self, block: Block) -> None:
        for node in block:
            if isinstance(node, Equation):
                self.signs.learn(node)
                if node.op in _RAISING or node.op in _UFUNCS:
                    self.quotient(node)
            elif isinstance(node, If):
                for side, inner in ((True, node.then), (False, node.orelse)):
                    with self.signs.block():
                        self.signs.holds(node.cond, side)
                        self.block(inner)
                self.signs.behind(node.cond, node.then)
            else:
                self.loop(node)

    def loop(self, node: For | While) -> None:
        with self.signs.block():
            if isinstance(node, While):
                self.block(node.test)
                self.signs.holds(node.cond, True)
            elif node.iteration.form in ("range", "reversed"):
                start, _, step = node.iteration.args
                self.signs.counts(node.targets[0], start, step)
            self.block(node.body)

    def quotient(self, eq: Equation) -> None:
        divisor = eq.args[1]
        if eq.op in _RAISING and self.signs.is_nonzero(divisor):
            return
        if eq.target.kind == NUMPY:
            self.infinite.add(eq.target)
        elif eq.op in _RAISING and all(
            isinstance(kind_of(a), (Float, Int, Bool)) for a in eq.args
        ):  # Numba raises an error for complex ones, whatever it is told
            self.raising.add(eq.target)
            self.signs.know(divisor)  # from here on
