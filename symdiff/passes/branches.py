"""Fuses neighbouring branches on one condition: forward and reverse under one `if`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from symdiff.ir.core import (
    Atom, Block, Equation, Function, If, Node, Var, While, atoms_of, rename, used_in_block,
    walk,
)  # fmt: skip
from symdiff.ir.effects import DESTRUCTIVE, is_effect

__all__ = ["fuse_branches"]


def fuse_branches(function: Function) -> Function:
    """Make one `If` of two with the same condition wherever what lies between can go
    before the first or after the second."""
    if sum(isinstance(node, If) for node in walk(function.body)) < 2:
        return function
    body = _fused(function.body)
    return function if body is function.body else replace(function, body=body)


def _fused(block: Block) -> Block:
    out: list[Node] = []
    start: int | None = None  # where in `out` the last If is, if only equations follow
    changed = False
    for original in block:
        node = _inside(original)
        changed |= node is not original
        if isinstance(node, Equation):
            if is_effect(node.op) or node.op in DESTRUCTIVE:
                start = None
            out.append(node)
            continue
        if not isinstance(node, If):
            start = None
            out.append(node)
            continue
        if start is not None:
            first = out[start]
            assert isinstance(first, If)
            joined = _join(first, out[start + 1 :], node)
            if joined is not None:
                before, one, after = joined
                out[start:] = [*before, one, *after]
                start += len(before)
                changed = True
                continue
        start = len(out)
        out.append(node)
    return tuple(out) if changed else block


def _inside(node: Node) -> Node:
    if isinstance(node, Equation):
        return node
    if isinstance(node, If):
        then, orelse = _fused(node.then), _fused(node.orelse)
        if then is node.then and orelse is node.orelse:
            return node
        return replace(node, then=then, orelse=orelse)
    body = _fused(node.body)
    if isinstance(node, While):
        test = _fused(node.test)
        if body is node.body and test is node.test:
            return node
        return replace(node, test=test, body=body)
    return node if body is node.body else replace(node, body=body)


def _join(
    first: If, between: list[Node], second: If
) -> tuple[list[Node], If, list[Node]] | None:
    """(before, fused, after), or None where the two cannot become one."""
    if not isinstance(first.cond, Var) or first.cond is not second.cond:
        return None
    later = set(first.results)  # what depends on the first If
    before: list[Node] = []
    after: list[Node] = []
    for node in between:
        if later.isdisjoint(_vars(atoms_of(node))):
            before.append(node)
        else:
            assert isinstance(node, Equation)
            after.append(node)
            later.add(node.target)
    moved = later.difference(first.results)
    # Moving across statements could change which of them runs before an error.
    if between and (_has_effects(first) or _has_effects(second)):
        return None
    if moved and not moved.isdisjoint(used_in_block((second,))):
        return None
    then_names: dict[Var, Atom] = dict(
        zip(first.results, first.then_yields, strict=True)
    )
    else_names: dict[Var, Atom] = dict(
        zip(first.results, first.else_yields, strict=True)
    )
    fused = If(
        first.cond,
        first.then + rename(second.then, then_names),
        first.orelse + rename(second.orelse, else_names),
        first.results + second.results,
        first.then_yields + _through(then_names, second.then_yields),
        first.else_yields + _through(else_names, second.else_yields),
        first.span,
    )
    return before, fused, after


def _vars(atoms: Iterable[Atom]) -> set[Var]:
    return {a for a in atoms if isinstance(a, Var)}


def _through(names: dict[Var, Atom], atoms: tuple[Atom, ...]) -> tuple[Atom, ...]:
    return tuple(names.get(a, a) if isinstance(a, Var) else a for a in atoms)


def _has_effects(node: If) -> bool:
    return any(isinstance(n, Equation) and is_effect(n.op) for n in walk((node,)))
