"""Removes from tapes what is on them twice."""

from __future__ import annotations


from symdiff.analysis.tapes import Tapes
from symdiff.ir.core import Atom, Equation, For, Function, Node, Var, rename, walk
from symdiff.records import replace

__all__ = ["share_entries"]


def _pushes_twice(node: Node) -> bool:
    if not isinstance(node, Equation) or node.op != "push":
        return False
    values = node.args[1:]
    return len(set(values)) < len(values)


def share_entries(function: Function) -> Function:
    """Read what was pushed twice in one entry from one place; the other falls away."""
    if not any(map(_pushes_twice, walk(function.body))):
        return function
    tapes = Tapes(function)
    names: dict[Var, Atom] = {}
    for node in walk(function.body):
        if not isinstance(node, For):
            continue
        for tape, targets in node.iteration.entries(node.targets):
            first: dict[tuple[tuple[Atom, Var], ...], Var] = {}
            for cell, target in zip(tapes.positions(tape), targets, strict=False):
                twin = first.setdefault(tuple(cell.pushed), target)
                if twin is not target and cell.pushed:
                    names[target] = twin
    if not names:
        return function
    return replace(function, body=rename(function.body, names))
