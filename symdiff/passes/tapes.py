"""Removes from tapes what is on them twice."""

from __future__ import annotations

from collections.abc import Mapping

from symdiff.analysis.tapes import Tapes
from symdiff.ir.core import (
    Atom, Const, Equation, For, Function, Node, Var, kind_of, rename, walk,
)  # fmt: skip
from symdiff.ir.kinds import Float
from symdiff.records import replace

__all__ = ["share_entries"]

_NOTHING = Const(None)
_Pushed = tuple[tuple[Atom, Var], ...]  # the values, and what pushes them


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
    asked = {
        atom for node in walk(function.body)
        if isinstance(node, Equation) and node.op in ("is", "isnot") for atom in node.args
    }  # fmt: skip
    for node in walk(function.body):
        if not isinstance(node, For):
            continue
        for tape, targets in node.iteration.entries(node.targets):
            first: dict[_Pushed, Var] = {}
            for cell, target in zip(tapes.positions(tape), targets, strict=False):
                pushed = tuple(cell.pushed)
                twin = first.setdefault(pushed, target)
                if twin is not target and pushed:
                    names[target] = twin
            for pushed, target in first.items():
                if target in asked:
                    continue
                fuller = _fuller(pushed, first)
                if fuller is not None:
                    names[target] = fuller
    if not names:
        return function
    return replace(function, body=rename(function.body, names))


def _fuller(pushed: _Pushed, others: Mapping[_Pushed, Var]) -> Var | None:
    """Where the same numbers are read, and also in rounds in which these have none."""
    if all(atom != _NOTHING for atom, _ in pushed):
        return None
    for other, target in others.items():
        if len(other) == len(pushed) and all(
            at is place and isinstance(kind_of(whole), Float) and value in (whole, _NOTHING)
            for (value, at), (whole, place) in zip(pushed, other, strict=True)
        ):
            return target
    return None
