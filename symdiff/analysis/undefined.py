"""Values that some path leaves undefined: they may only be read where they were."""

from __future__ import annotations

from symdiff.ir.core import UNDEF, Atom, Block, Equation, If, blocks_of

__all__ = ["may_be_undefined"]


def may_be_undefined(block: Block) -> set[Atom]:
    """Results of branches and loops, and what loops carry, that may have no value."""
    found: set[Atom] = {UNDEF}
    before = 0
    while before != len(found):  # a value handed on by an outer loop shows one turn later
        before = len(found)
        _look(block, found)
    return found


def _look(block: Block, found: set[Atom]) -> None:
    for node in block:
        if isinstance(node, Equation):
            continue
        for inner in blocks_of(node):
            _look(inner, found)
        if isinstance(node, If):
            sides = zip(node.results, node.then_yields, node.else_yields, strict=True)
            found.update(var for var, *ends in sides if not found.isdisjoint(ends))
            continue
        for carried, result, *ends in zip(
            node.carried, node.results, node.inits, node.yields, strict=True
        ):
            if not found.isdisjoint(ends):
                found.update((carried, result))
