"""What derivatives took for a constant is the value itself once they are made."""

from __future__ import annotations


from symdiff.ir.core import (
    Atom, Block, Equation, Function, If, Node, Var, While, map_tree, rename, walk,
)  # fmt: skip
from symdiff.records import replace

__all__ = ["without_stops"]


def without_stops(function: Function) -> Function:
    """The function with every stopped value read as what it is."""
    names: dict[Var, Atom] = {}
    for node in walk(function.body):
        if isinstance(node, Equation) and node.op == "stop":
            names[node.target] = node.args[0]
    if not names:
        return function
    names = {var: _resolved(atom, names) for var, atom in names.items()}
    returns = map_tree(
        function.returns, lambda a: names.get(a, a) if isinstance(a, Var) else a
    )
    return replace(function, body=rename(_kept(function.body), names), returns=returns)


def _resolved(atom: Atom, names: dict[Var, Atom]) -> Atom:
    while isinstance(atom, Var) and atom in names:
        atom = names[atom]
    return atom


def _kept(block: Block) -> Block:
    return tuple(
        _inside(node)
        for node in block
        if not isinstance(node, Equation) or node.op != "stop"
    )


def _inside(node: Node) -> Node:
    if isinstance(node, Equation):
        return node
    if isinstance(node, If):
        return replace(node, then=_kept(node.then), orelse=_kept(node.orelse))
    node = replace(node, body=_kept(node.body))
    return replace(node, test=_kept(node.test)) if isinstance(node, While) else node
