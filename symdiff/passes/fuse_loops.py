"""One loop for both sweeps, where the rounds of a loop hand on nothing but sums.

In `for x in xs: total += f(x)` the reverse of a round needs nothing from later rounds.
It may follow the round at once, so nothing is recorded. The adjoints are then added up in
the order of the rounds rather than backwards: this reassociates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from symdiff.ir.core import (
    Atom, Block, Equation, For, Function, If, Node, Var, While, atoms_of, count_uses,
    rename, used_in_block, walk,
)  # fmt: skip
from symdiff.ir.effects import INVOKES, is_effect
from symdiff.passes.derived import reverse_part
from symdiff.records import replace

__all__ = ["fuse_loops"]

_NOTE = "both sweeps, round by round"


def fuse_loops(function: Function) -> Function:
    """Let the reverse of each round follow the round wherever the order of rounds does
    not matter to the reverse sweep."""
    if reverse_part(function) is None or not any(map(_is_reverse, walk(function.body))):
        return function
    work = _Fuser(function)
    body = work.block(function.body)
    return replace(function, body=body) if work.done else function


class _Fuser:
    def __init__(self, function: Function) -> None:
        self.uses: Counter[Atom] = count_uses(function)
        self.done = False

    def block(self, block: Block) -> Block:
        nodes: list[Node | None] = list(block)
        facts = _Facts(block)
        for at in reversed(range(len(block))):  # reverse loops follow their forward loops
            node = block[at]
            first = facts.partner(node, self.uses) if isinstance(node, For) else None
            fused = None if first is None else _fused(block, facts, first, at)
            if fused is not None and first is not None:
                self.done = True
                nodes[at], nodes[first] = fused, None
                note = block[facts.note]
                if at == facts.first_backwards and isinstance(note, Equation):
                    nodes[facts.note] = replace(note, params=_NOTE)
        return tuple(self.inner(node) for node in nodes if node is not None)

    def inner(self, node: Node) -> Node:
        if isinstance(node, If):
            then, orelse = self.block(node.then), self.block(node.orelse)
            return replace(node, then=then, orelse=orelse)
        if isinstance(node, (For, While)):
            return replace(node, body=self.block(node.body))
        return node


def _is_reverse(node: Node) -> bool:
    return isinstance(node, For) and node.iteration.form == "tape"


class _Facts:
    """What is known of the nodes of a block, found in one walk."""

    def __init__(self, block: Block) -> None:
        self.made_at: dict[Atom, int] = {}  # results of loops
        self.first_use: dict[Atom, int] = {}
        self.effects = [0]  # how many nodes before each have effects
        self.note = self.first_backwards = -1  # the note on the reverse sweep, its loop
        for at, node in enumerate(block):
            for var in used_in_block((node,)):
                self.first_use.setdefault(var, at)
            self.effects.append(self.effects[-1] + _has_effects(node))
            if isinstance(node, Equation):
                if node.op == "comment" and self.note < 0:
                    self.note = at
            elif isinstance(node, (For, While)):
                self.made_at.update(dict.fromkeys(node.results, at))
                if self.note >= 0 and self.first_backwards < 0:
                    self.first_backwards = at

    def partner(self, node: For, uses: Counter[Atom]) -> int | None:
        """Where the loop stands whose tape this one runs over, if nothing else does."""
        iteration = node.iteration
        if iteration.form != "tape" or len(iteration.args) != 1 or node.leave is not None:
            return None
        tape = iteration.args[0]
        if iteration.ahead or uses[tape] != 1:
            return None
        return self.made_at.get(tape)


def _fused(block: Block, facts: _Facts, first: int, at: int) -> For | While | None:
    """A loop and the one that runs backwards over its tape as one, if that may be."""
    forward, reverse = block[first], block[at]
    assert isinstance(forward, (For, While))
    assert isinstance(reverse, For)
    if forward.leave is not None or not _only_adds(reverse):
        return None
    if facts.effects[at + 1] != facts.effects[first]:
        return None
    slot = forward.results.index(reverse.iteration.args[0])
    push = _push_of(forward, slot)
    others = (v for k, v in enumerate(forward.results) if k != slot)
    if push is None or any(facts.first_use.get(v, at + 1) <= at for v in others):
        return None
    entries = dict(zip(reverse.targets, push.args[1:], strict=True))
    body = [n for n in forward.body if n is not push]
    forward = _without(forward, slot)
    return replace(
        forward,
        body=(*body, *rename(reverse.body, entries)),
        carried=forward.carried + reverse.carried,
        inits=forward.inits + reverse.inits,
        yields=forward.yields + _through(entries, reverse.yields),
        results=forward.results + reverse.results,
    )


def _through(names: dict[Var, Atom], atoms: Sequence[Atom]) -> tuple[Atom, ...]:
    return tuple(names.get(a, a) if isinstance(a, Var) else a for a in atoms)


def _has_effects(node: Node) -> bool:
    return any(
        isinstance(n, Equation)
        and n.op != "comment"
        and (is_effect(n.op) or n.op in INVOKES)
        for n in walk((node,))
    )


def _push_of(loop: For | While, slot: int) -> Equation | None:
    """What puts the entry of a round on the tape, if each round puts one."""
    found = [
        node
        for node in loop.body
        if isinstance(node, Equation) and node.target is loop.yields[slot]
    ]
    if len(found) != 1 or found[0].op != "push" or found[0].args[0] != loop.carried[slot]:
        return None
    return found[0]


def _without(loop: For | While, slot: int) -> For | While:
    def rest(items: tuple[Atom, ...]) -> tuple[Atom, ...]:
        return items[:slot] + items[slot + 1 :]

    return replace(
        loop,
        carried=rest(loop.carried),  # type: ignore[arg-type]
        inits=rest(loop.inits),
        yields=rest(loop.yields),
        results=rest(loop.results),  # type: ignore[arg-type]
    )


# -- sums -----------------------------------------------------------------------------


def _only_adds(loop: For) -> bool:
    """Whether all that a loop carries are sums, which nothing in it reads."""
    sums: dict[Atom, int] = {var: k for k, var in enumerate(loop.carried)}
    return _adds(loop.body, sums) and all(
        sums.get(end) == k for k, end in enumerate(loop.yields)
    )


def _adds(block: Block, sums: dict[Atom, int]) -> bool:
    """Whether a block does nothing with sums but add to them; notes what they become."""
    for node in block:
        read = [a for a in atoms_of(node) if a in sums]
        if isinstance(node, Equation):
            if not read:
                continue
            if len(read) != 1 or not _is_added_to(node, read[0]):
                return False
            sums[node.target] = sums[read[0]]
        elif isinstance(node, If):
            if not (_adds(node.then, sums) and _adds(node.orelse, sums)):
                return False
            if node.cond in sums:
                return False
            sides = zip(node.results, node.then_yields, node.else_yields, strict=True)
            for result, *ends in sides:
                found = {sums.get(end) for end in ends}
                if found == {None}:
                    continue
                if len(found) != 1:
                    return False
                sums[result] = sums[ends[0]]
        else:
            if not _inner_loop_adds(node, sums):
                return False
    return True


def _inner_loop_adds(node: For | While, sums: dict[Atom, int]) -> bool:
    inside = dict(sums)
    for carried, init in zip(node.carried, node.inits, strict=True):
        if init in sums:
            inside[carried] = sums[init]
    if isinstance(node, While) and (not _adds(node.test, inside) or node.cond in inside):
        return False
    bounds = node.iteration.args if isinstance(node, For) else ()
    if not _adds(node.body, inside) or any(a in sums for a in (*bounds, node.leave)):
        return False
    for carried, end, result in zip(node.carried, node.yields, node.results, strict=True):
        if inside.get(carried) != inside.get(end):
            return False
        if carried in inside:
            sums[result] = inside[carried]
    return True


def _is_added_to(eq: Equation, sum_: Atom) -> bool:
    """Whether an equation adds something else to this value."""
    if eq.op in ("additem", "sub"):
        return eq.args[0] is sum_
    return eq.op == "add"
