"""What a program says when it fails: C has no place for it."""

from __future__ import annotations

from symdiff.ir.core import (
    Block, Equation, Function, If, Node, While, count_uses, walk,
)  # fmt: skip
from symdiff.passes.dead import dead
from symdiff.records import replace

__all__ = ["without_messages"]

_KEPT = {"raise": 0, "assert": 1}  # of the arguments


def without_messages(function: Function) -> Function:
    """The function with errors of one kind, which are not made and say nothing."""
    uses = count_uses(function)
    raised = {
        n.args[0] for n in walk(function.body)
        if isinstance(n, Equation) and n.op == "raise" and n.args
        and uses[n.args[0]] == 1
    }  # fmt: skip

    def block(nodes: Block) -> Block:
        return tuple(changed(n) for n in nodes if getattr(n, "target", None) not in raised)

    def changed(node: Node) -> Node:
        if isinstance(node, Equation):
            kept = _KEPT.get(node.op)
            return node if kept is None else node.with_args(node.args[:kept])
        if isinstance(node, If):
            return replace(node, then=block(node.then), orelse=block(node.orelse))
        if isinstance(node, While):
            node = replace(node, test=block(node.test))
        return replace(node, body=block(node.body))

    body = block(function.body)
    return function if body == function.body else dead(replace(function, body=body))
