"""`w[:] = w / s` makes a new w: nothing is overwritten, and nothing has to be kept of it.

What an operation computes lies in memory of its own, which may as well be the array's
from then on. Only where the shapes are the same for certain: else it is the assignment
that stretches the value, or fails.
"""

from __future__ import annotations

from symdiff.ir.alias import is_fresh
from symdiff.ir.core import (
    Atom, Block, Equation, Function, If, Index, Node, While, count_uses, kind_of, walk,
)  # fmt: skip
from symdiff.ir.kinds import Array
from symdiff.records import replace

__all__ = ["rebound"]


def rebound(function: Function) -> Function:
    """Let arrays that are overwritten as a whole be what they are overwritten with."""
    if not any(isinstance(n, Equation) and _overwrites(n) for n in walk(function.body)):
        return function
    return replace(function, body=_Rebound(function).block(function.body))


def _overwrites(eq: Equation) -> bool:
    if eq.op != "setitem" or not isinstance(eq.params, Index) or not eq.params.whole:
        return False
    old, value = kind_of(eq.args[0]), kind_of(eq.args[-1])
    return isinstance(old, Array) and bool(old.dims) and old == value


class _Rebound:
    def __init__(self, function: Function) -> None:
        self.uses = count_uses(function)

    def block(self, block: Block) -> Block:
        nodes: list[Node] = []
        made: dict[Atom, int] = {}  # where in `nodes`
        for node in block:
            if isinstance(node, If):
                then, orelse = self.block(node.then), self.block(node.orelse)
                nodes.append(replace(node, then=then, orelse=orelse))
            elif isinstance(node, Equation):
                self.equation(node, nodes, made)
            elif isinstance(node, While):
                test, body = self.block(node.test), self.block(node.body)
                nodes.append(replace(node, test=test, body=body))
            else:
                nodes.append(replace(node, body=self.block(node.body)))
        return tuple(nodes)

    def equation(self, eq: Equation, nodes: list[Node], made: dict[Atom, int]) -> None:
        value = eq.args[-1] if eq.args else None
        at = made.get(value) if value is not None and _overwrites(eq) else None
        if at is not None and value is not None and self.uses[value] == 1:
            found = nodes[at]
            assert isinstance(found, Equation)
            nodes[at] = replace(found, target=eq.target)
            made[eq.target] = at
            return
        if is_fresh(eq):
            made[eq.target] = len(nodes)
        nodes.append(eq)
