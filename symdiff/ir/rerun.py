"""What may run a second time, in a reverse sweep that computes something again."""

from __future__ import annotations


from symdiff.ir.core import Block, Equation, If, Node, While, walk
from symdiff.ir.effects import is_effect
from symdiff.records import replace

__all__ = ["silent", "unrepeatable"]

_SAME_AGAIN = ("assert", "raise", "check length", "comment", "builtins.print")


def unrepeatable(block: Block) -> Equation | None:
    """What may give something else the second time, as random numbers do; or None."""
    for node in walk(block):
        if isinstance(node, Equation) and is_effect(node.op):
            if node.op not in _SAME_AGAIN:
                return node
    return None


def silent(block: Block) -> Block:
    """The block without what it prints."""
    return tuple(map(_silent, (node for node in block if not _prints(node))))


def _prints(node: Node) -> bool:
    return isinstance(node, Equation) and node.op == "builtins.print"


def _silent(node: Node) -> Node:
    if isinstance(node, Equation):
        return node
    if isinstance(node, If):
        return replace(node, then=silent(node.then), orelse=silent(node.orelse))
    if isinstance(node, While):
        return replace(node, test=silent(node.test), body=silent(node.body))
    return replace(node, body=silent(node.body))
