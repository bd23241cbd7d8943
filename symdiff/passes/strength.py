"""Cheaper forms of arithmetic with numbers, put in when all else but fusing is done.

CPython multiplies and adds two floats in half the time that it takes for an int and a
float, and `x * x` in half the time of `x ** 2`. In the derivative and in loops, whole
numbers that meet a float become floats, which changes no bit. Squares are multiplied out
in the derivative only, since `x ** 2` may differ in the last bit and raises where it
overflows.
"""

from __future__ import annotations

from collections.abc import Container

from symdiff.ir.core import (
    Atom, Block, Const, Equation, Function, If, Node, Var, While, kind_of,
)  # fmt: skip
from symdiff.ir.kinds import FLOAT
from symdiff.passes.derived import derived
from symdiff.records import replace

__all__ = ["strength"]

_EXACT = 2**53  # whole numbers up to here are floats


def strength(function: Function) -> Function:
    """The function with cheaper arithmetic on floats."""
    part = derived(function)
    if part is None:
        return function
    head, tail = _Cheaper(()), _Cheaper(part.values)
    body = head.block(function.body[: part.start], False)
    body += tail.block(function.body[part.start :], False)
    return replace(function, body=body) if head.done or tail.done else function


class _Cheaper:
    def __init__(self, derived: Container[Var]) -> None:
        self.derived = derived
        self.done = False

    def block(self, block: Block, in_loop: bool) -> Block:
        return tuple(self.node(node, in_loop) for node in block)

    def node(self, node: Node, in_loop: bool) -> Node:
        if isinstance(node, Equation):
            cheaper = self.equation(node, in_loop)
            self.done = self.done or cheaper is not node
            return cheaper
        if isinstance(node, If):
            then, orelse = self.block(node.then, in_loop), self.block(node.orelse, in_loop)
            return replace(node, then=then, orelse=orelse)
        if isinstance(node, While):
            node = replace(node, test=self.block(node.test, True))
        return replace(node, body=self.block(node.body, True))

    def equation(self, eq: Equation, in_loop: bool) -> Equation:
        if eq.target.kind != FLOAT or len(eq.args) != 2:
            return eq
        x, y = eq.args
        if eq.op == "pow" and eq.target in self.derived and kind_of(x) == FLOAT:
            if y in (Const(2), Const(2.0)) and isinstance(x, Var):
                return replace(eq, op="mul", args=(x, x))
        if eq.op in ("add", "sub", "mul") and (in_loop or eq.target in self.derived):
            args = x, y
            if kind_of(x) == FLOAT:
                args = x, _as_float(y)
            elif kind_of(y) == FLOAT:
                args = _as_float(x), y
            if args != eq.args:
                return eq.with_args(args)
        return eq


def _as_float(atom: Atom) -> Atom:
    if isinstance(atom, Const) and type(atom.value) is int and abs(atom.value) <= _EXACT:
        return Const(float(atom.value))
    return atom
