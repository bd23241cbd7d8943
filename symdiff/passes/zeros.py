"""One array of zeros for both ways of a branch, of which one alone adds to it.

`if c: y = p[0]` has an adjoint of p that is zero otherwise: it is made in front of the
branch, and filled in it.
"""

from __future__ import annotations

from collections import Counter

from symdiff.ir.core import (
    Atom, Block, Equation, Function, If, Node, count_uses, rename, walk,
)  # fmt: skip
from symdiff.passes.derived import reverse_part
from symdiff.records import replace

__all__ = ["share_zeros"]

_ZEROS = ("numpy.zeros_like", "list.zeros_like")
_FILLS = ("setitem", "additem")


def share_zeros(function: Function) -> Function:
    """Let a branch of the reverse sweep fill the zeros that the other one hands on."""
    start = reverse_part(function)
    if start is None or not any(isinstance(node, If) for node in walk(function.body)):
        return function
    body = _block(function.body[start:], count_uses(function))
    if all(a is b for a, b in zip(body, function.body[start:], strict=True)):
        return function
    return replace(function, body=function.body[:start] + body)


def _block(block: Block, uses: Counter[Atom]) -> Block:
    nodes: list[Node] = []
    zeros: dict[Atom, Equation] = {}  # that one node alone reads
    for node in block:
        if isinstance(node, If):
            node = _within(node, uses)
            node = _filled(node, zeros)
        elif isinstance(node, Equation):
            if node.op in _ZEROS and uses[node.target] == 1:
                zeros[node.target] = node
        else:
            body = _block(node.body, uses)
            node = node if body is node.body else replace(node, body=body)
        nodes.append(node)
    return block if all(a is b for a, b in zip(nodes, block, strict=True)) else tuple(nodes)


def _within(node: If, uses: Counter[Atom]) -> If:
    then, orelse = _block(node.then, uses), _block(node.orelse, uses)
    if then is node.then and orelse is node.orelse:
        return node
    return replace(node, then=then, orelse=orelse)


def _filled(node: If, zeros: dict[Atom, Equation]) -> If:
    for k in range(len(node.results)):
        a, b = node.then_yields[k], node.else_yields[k]
        if b in zeros:
            then, ends = _on(node.then, node.then_yields, a, zeros[b])
            if then is not node.then:
                node = replace(node, then=then, then_yields=ends)
        elif a in zeros:
            orelse, ends = _on(node.orelse, node.else_yields, b, zeros[a])
            if orelse is not node.orelse:
                node = replace(node, orelse=orelse, else_yields=ends)
    return node


def _on(
    block: Block, ends: tuple[Atom, ...], end: Atom, zeros: Equation
) -> tuple[Block, tuple[Atom, ...]]:
    """The block, and what it hands on, with these zeros instead of such ones of its own."""
    made: dict[Atom, Equation] = {}
    grown: dict[Atom, tuple[Atom, ...]] = {}  # from what, by adding to parts of it
    for node in block:
        if isinstance(node, Equation):
            made[node.target] = node
            if node.op in _FILLS:
                grown[node.target] = node.args[:1]
        elif isinstance(node, If):
            ways = zip(node.then_yields, node.else_yields, strict=True)
            grown.update(zip(node.results, ways, strict=True))
    found, left = None, [end]
    while left and found is None:
        atom = left.pop()
        found = made.get(atom) if _same(made.get(atom), zeros) else None
        left += grown.get(atom, ())
    if found is None:
        return block, ends
    rest = rename(tuple(n for n in block if n is not found), {found.target: zeros.target})
    # It may be handed on as it is, where nothing adds to it.
    return rest, tuple(zeros.target if each == found.target else each for each in ends)


def _same(eq: Equation | None, zeros: Equation) -> bool:
    return eq is not None and (eq.op, eq.args, eq.params) == (
        zeros.op, zeros.args, zeros.params,
    )  # fmt: skip
