"""What loops begin with for a list that a round is going to assign."""

from __future__ import annotations

from symdiff.ir.builder import Names
from symdiff.ir.core import (
    UNDEF, Block, Equation, For, Function, If, Node, Var, While, atoms_of, walk,
)  # fmt: skip
from symdiff.ir.kinds import List
from symdiff.records import replace

__all__ = ["with_beginnings"]


def with_beginnings(function: Function) -> Function:
    """The function with an empty list where a loop hands on one that is not assigned
    before: adjoints are as long as their lists, in the first round too."""
    nodes = list(walk(function.body))
    loops = [node for node in nodes if isinstance(node, (For, While))]
    late = {var for loop in loops for var in _late(loop)}
    late.intersection_update(atom for node in nodes for atom in atoms_of(node))
    if not late:
        return function
    return replace(function, body=_begun(function.body, late, Names.after(function)))


def _late(loop: For | While) -> list[Var]:
    return [
        var
        for var, init in zip(loop.carried, loop.inits, strict=True)
        if init == UNDEF and isinstance(var.kind, List)
    ]


def _begun(block: Block, late: set[Var], names: Names) -> Block:
    nodes: list[Node] = []
    for node in block:
        if isinstance(node, If):
            then, orelse = (_begun(b, late, names) for b in (node.then, node.orelse))
            node = replace(node, then=then, orelse=orelse)
        elif isinstance(node, (For, While)):
            inits = list(node.inits)
            for place, var in enumerate(node.carried):
                if var in late:
                    empty = names.fresh(var.base, var.role, var.kind)
                    nodes.append(Equation(empty, "list.new", (), None, node.span))
                    inits[place] = empty
            body = _begun(node.body, late, names)
            node = replace(node, inits=tuple(inits), body=body)
        nodes.append(node)
    return tuple(nodes)
