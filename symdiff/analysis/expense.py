"""How long programs take, compared with one another.

Estimated in the time of one operation on two floats in CPython, from the equations of the
finished program; every loop is taken to have as many rounds.
"""

from __future__ import annotations

from symdiff.ir.core import Block, Equation, For, Function, If, Node, kind_of
from symdiff.ir.kinds import Array

__all__ = ["expense"]

_ROUNDS = 32
_FREE = ("comment", "tuple", "item", "part", "copy", "float")
_CALL = 2.0  # of a function on a number
_ARRAY = 20.0  # a pass over an array of some length
_ENTRY = 0.4  # of a tape: to pack and to unpack it
_PUSH = 1.5
_ROUND = 1.0  # to start one


def expense(function: Function) -> float:
    """What running the function takes, those that it runs included once."""
    return sum(_of_block(each.body) for each in (function, *function.functions))


def _of_block(block: Block) -> float:
    return sum(map(_of_node, block))


def _of_node(node: Node) -> float:
    if isinstance(node, Equation):
        return _of_equation(node)
    if isinstance(node, If):
        return 1.0 + max(_of_block(node.then), _of_block(node.orelse))
    started = _ROUND
    if isinstance(node, For):
        started += _ENTRY * len(node.targets)
    else:
        started += _of_block(node.test)
    return _ROUNDS * (started + _of_block(node.body))


def _of_equation(eq: Equation) -> float:
    if eq.op in _FREE or eq.op == "tape":
        return 0.0
    if eq.op == "push":
        return _PUSH + _ENTRY * (len(eq.args) - 1)
    kinds = (eq.target.kind, *map(kind_of, eq.args))
    if any(isinstance(kind, Array) for kind in kinds):
        return _ARRAY
    return _CALL if "." in eq.op else 1.0
