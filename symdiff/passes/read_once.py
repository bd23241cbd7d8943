"""Elements of arrays that a block reads more than once are read once.

In `p[0] * p[0] + p[1]` each read would have an adjoint of its own, each added to the same
place of an array. Read once, the element is a number, and its adjoint is one, too. Reads
in branches stay where they are: what only one side needs is not summed for both.
"""

from __future__ import annotations

from collections.abc import Hashable

from symdiff.ir.core import (
    Atom, Block, Equation, Function, Var, blocks_of, kind_of, map_tree, rename,
)  # fmt: skip
from symdiff.ir.kinds import Array, Int, is_number
from symdiff.passes.dead import dead
from symdiff.records import replace

__all__ = ["read_once"]


def read_once(function: Function) -> Function:
    """The function with each element read once in a block, before it is differentiated."""
    new: dict[Var, Var] = {}
    _block(function.body, new)
    if not new:
        return function

    def read(atom: Atom) -> Atom:
        return new.get(atom, atom) if isinstance(atom, Var) else atom

    returns = map_tree(function.returns, read)
    return dead(replace(function, body=rename(function.body, new), returns=returns))


def _block(block: Block, new: dict[Var, Var]) -> None:
    """Note which reads are what others have read before."""
    places: dict[Atom, Hashable] = {}  # how places were made
    read: dict[Hashable, Var] = {}
    for node in block:
        if not isinstance(node, Equation):
            for inner in blocks_of(node):
                _block(inner, new)
        elif node.op in ("add", "sub") and isinstance(node.target.kind, Int):
            places[node.target] = (node.op, *(places.get(a, a) for a in node.args))
        elif node.op == "getitem" and is_number(node.target.kind):
            array, *at = node.args
            if isinstance(kind_of(array), Array):
                key = (array, node.params, *(places.get(a, a) for a in at))
                found = read.setdefault(key, node.target)
                if found is not node.target:
                    new[node.target] = found
