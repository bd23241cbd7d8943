"""Fuses neighbouring branches on one condition: forward and reverse under one `if`; what
both sides of a branch push on a tape last stands behind it."""

from __future__ import annotations

from collections.abc import Iterable

from symdiff.ir.builder import Names
from symdiff.ir.core import (
    Atom, Block, Equation, Function, If, Node, Var, While, atoms_of, defined_by, rename,
    used_in_block, walk,
)  # fmt: skip
from symdiff.ir.effects import DESTRUCTIVE, is_effect
from symdiff.passes.derived import reverse_part
from symdiff.records import replace

__all__ = ["fuse_branches", "fuse_sweeps", "fused"]


def fuse_branches(function: Function) -> Function:
    """Make one `If` of two with the same condition wherever what lies between can go
    before the first or after the second, and one push of the same on both sides."""
    if not any(isinstance(node, If) for node in walk(function.body)):
        return function
    body = fused(function.body)
    return function if body is function.body else replace(function, body=body)


def fuse_sweeps(function: Function) -> Function:
    """Let the reverse sweep of a branch follow its forward sweep, where the forward
    sweep ends with a branch and the reverse sweep begins with it."""
    start = reverse_part(function)
    if not start:
        return function
    forward, note = function.body[:start], function.body[start]
    assert isinstance(note, Equation)
    work = _Sweeps(Names.after(function), note)
    body = work.meet(forward, function.body[start + 1 :])
    return replace(function, body=body) if work.done else function


class _Sweeps:
    def __init__(self, names: Names, note: Equation) -> None:
        self.names = names
        self.note = note
        self.done = False

    def meet(self, forward: Block, reverse: Block) -> Block:
        if not forward or not reverse:
            return forward + reverse
        a, b = forward[-1], reverse[0]
        if isinstance(a, If) and isinstance(b, If) and _same_test(a, b):
            self.done = True
            then_names, else_names = _names(a)
            fused = replace(
                _one(a, b),
                then=self.meet(a.then, rename(b.then, then_names)),
                orelse=self.meet(a.orelse, rename(b.orelse, else_names)),
            )
            return (*forward[:-1], fused, *reverse[1:])
        target = self.names.fresh("note", "", self.note.target.kind)
        return (*forward, replace(self.note, target=target), *reverse)


def _same_test(a: If, b: If) -> bool:
    return isinstance(a.cond, Var) and a.cond is b.cond


def _names(node: If) -> tuple[dict[Var, Atom], dict[Var, Atom]]:
    """What the results of a branch are on its two sides."""
    return (
        dict(zip(node.results, node.then_yields, strict=True)),
        dict(zip(node.results, node.else_yields, strict=True)),
    )


def _one(first: If, second: If) -> If:
    """The two branches as one, the second after the first."""
    then_names, else_names = _names(first)
    return If(
        first.cond,
        first.then + rename(second.then, then_names),
        first.orelse + rename(second.orelse, else_names),
        first.results + second.results,
        first.then_yields + _through(then_names, second.then_yields),
        first.else_yields + _through(else_names, second.else_yields),
        first.span,
    )


def fused(block: Block) -> Block:
    """As `fuse_branches`, for a block."""
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
        apart = _push_apart(node)
        start = len(out) if apart == [node] else None
        changed |= start is None
        out += apart
    return tuple(out) if changed else block


def _push_apart(node: If) -> list[Node]:
    """The branch, and behind it what both of its sides push on a tape as the last."""
    one, two = _last_push(node.then), _last_push(node.orelse)
    if one is None or two is None or one.args != two.args:
        return [node]
    made = {var for n in (*node.then, *node.orelse) for var in defined_by(n)}
    rows = list(zip(node.results, node.then_yields, node.else_yields, strict=True))
    tapes = [row for row in rows if row[1:] == (one.target, two.target)]
    if len(tapes) != 1 or not made.isdisjoint(one.args):
        return [node]
    rows.remove(tapes[0])
    results, then, orelse = zip(*rows, strict=True) if rows else ((), (), ())
    kept = If(
        node.cond, node.then[:-1], node.orelse[:-1], results, then, orelse, node.span
    )  # fmt: skip
    push = replace(one, target=tapes[0][0])
    return [kept, push] if results or kept.then or kept.orelse else [push]


def _last_push(block: Block) -> Equation | None:
    last = block[-1] if block else None
    return last if isinstance(last, Equation) and last.op == "push" else None


def _inside(node: Node) -> Node:
    if isinstance(node, Equation):
        return node
    if isinstance(node, If):
        then, orelse = fused(node.then), fused(node.orelse)
        if then is node.then and orelse is node.orelse:
            return node
        return replace(node, then=then, orelse=orelse)
    body = fused(node.body)
    if isinstance(node, While):
        test = fused(node.test)
        if body is node.body and test is node.test:
            return node
        return replace(node, test=test, body=body)
    return node if body is node.body else replace(node, body=body)


def _join(
    first: If, between: list[Node], second: If
) -> tuple[list[Node], If, list[Node]] | None:
    """(before, fused, after), or None where the two cannot become one."""
    if not _same_test(first, second):
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
    return before, _one(first, second), after


def _vars(atoms: Iterable[Atom]) -> set[Var]:
    return {a for a in atoms if isinstance(a, Var)}


def _through(names: dict[Var, Atom], atoms: tuple[Atom, ...]) -> tuple[Atom, ...]:
    return tuple(names.get(a, a) if isinstance(a, Var) else a for a in atoms)


def _has_effects(node: If) -> bool:
    return any(isinstance(n, Equation) and is_effect(n.op) for n in walk((node,)))
