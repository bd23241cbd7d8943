"""What a reverse sweep is made of: for each node of the function, its part backwards."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.ir.core import Atom, Block, Equation, For, If, Node, Var, While
from symdiff.ir.effects import must_run
from symdiff.records import dataclass, field

__all__ = ["ReverseIf", "ReverseLoop", "Segment", "defined_in", "keep_used"]


@dataclass(slots=True)
class ReverseIf:
    """The adjoint of an `If`: its branches backwards, and the adjoints they change."""

    forward: If
    then: list[Segment]
    orelse: list[Segment]
    results: list[Var] = field(default_factory=list)
    then_yields: list[Atom] = field(default_factory=list)
    else_yields: list[Atom] = field(default_factory=list)


@dataclass(slots=True)
class ReverseLoop:
    """The adjoint of a loop: its body backwards, carrying adjoints.

    tapes: those with the adjoints of what the loop pushes, the values that come off them,
        and whether they are run forwards.
    """

    forward: For | While
    body: list[Segment]
    carried: list[Var] = field(default_factory=list)
    inits: list[Atom] = field(default_factory=list)
    yields: list[Atom] = field(default_factory=list)
    results: list[Var] = field(default_factory=list)
    tapes: list[tuple[Atom, tuple[Var, ...], bool]] = field(default_factory=list)


@dataclass(slots=True)
class Segment:
    """What one forward node contributes to the reverse sweep."""

    forward: Node
    nodes: list[Equation | ReverseIf | ReverseLoop] = field(default_factory=list)


def keep_used(segments: Sequence[Segment], used: set[Atom]) -> None:
    """Drop the equations of which nothing is used, here or in `used`: what folding made
    on the way would be taken for what the reverse sweep reads."""
    for segment in reversed(segments):
        kept: list[Equation | ReverseIf | ReverseLoop] = []
        for item in reversed(segment.nodes):
            if isinstance(item, Equation):
                if item.target not in used and not must_run(item.op):
                    continue
                used.update(item.args)
            elif isinstance(item, ReverseIf):
                for side, ends in (
                    (item.then, item.then_yields),
                    (item.orelse, item.else_yields),
                ):
                    used.update(ends)
                    keep_used(side, used)
            else:
                used.update((*item.inits, *item.yields, *(tape for tape, *_ in item.tapes)))
                keep_used(item.body, used)
            kept.append(item)
        segment.nodes[:] = reversed(kept)


def defined_in(block: Block) -> set[Var]:
    """Everything defined in a block, at any depth."""
    found: set[Var] = set()
    todo = list(block)
    while todo:
        node = todo.pop()
        if isinstance(node, Equation):
            found.add(node.target)
            continue
        found.update(node.results)
        if isinstance(node, If):
            todo.extend(node.then + node.orelse)
        else:
            found.update(node.carried)
            if isinstance(node, For):
                found.update(node.targets)
            else:
                todo.extend(node.test)
            todo.extend(node.body)
    return found
