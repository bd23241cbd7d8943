"""`for x in xs` where a loop counts to `len(xs)` and reads `x = xs[k]`.

What the user named in `for x in xs`, or in the first line of a round, is named so again.
The counter goes, or is enumerated where something else reads it.
"""

from __future__ import annotations

from symdiff.ir.core import (
    Atom, Block, Const, Equation, For, Function, If, Index, Iteration, Node, Var, While,
    count_uses, inner_params, kind_of, rename, walk,
)  # fmt: skip
from symdiff.ir.kinds import Array, List
from symdiff.records import replace

__all__ = ["items"]

_AT = Index(("at",))


def items(function: Function) -> Function:
    """Let loops run over lists and arrays whose items they name. This comes last: what is
    written in place is settled."""
    if not any(isinstance(n, For) and _counts_up(n) for n in walk(function.body)):
        return function
    work = _Items(function)
    body = work.block(function.body)
    return replace(function, body=body) if work.done else function


def _counts_up(loop: For) -> bool:
    start, _, step = (*loop.iteration.args, None, None, None)[:3]
    counts = loop.iteration.form in ("range", "reversed")
    return counts and (start, step) == (Const(0), Const(1)) and len(loop.targets) == 1


class _Items:
    def __init__(self, function: Function) -> None:
        self.uses = count_uses(function)
        self.made = {n.target: n for n in walk(function.body) if isinstance(n, Equation)}
        self.done = False

    def block(self, block: Block) -> Block:
        nodes: list[Node] = []
        for node in block:
            if isinstance(node, If):
                then, orelse = self.block(node.then), self.block(node.orelse)
                nodes.append(replace(node, then=then, orelse=orelse))
            elif isinstance(node, While):
                test, body = self.block(node.test), self.block(node.body)
                nodes.append(replace(node, test=test, body=body))
            elif isinstance(node, For):
                node = replace(node, body=self.block(node.body))
                nodes.append(self.loop(node, nodes) if _counts_up(node) else node)
            else:
                nodes.append(node)
        return tuple(nodes)

    def loop(self, loop: For, before: list[Node]) -> For:
        counter, stop = loop.targets[0], loop.iteration.args[1]
        long = self.as_long_as(stop)
        inside = set(inner_params(loop))
        reads: dict[Atom, list[Equation]] = {}
        for node in walk(loop.body):
            if isinstance(node, Equation):
                inside.add(node.target)
                if node.op == "getitem" and node.args[1:] == (counter,):
                    if node.params == _AT:
                        reads.setdefault(node.args[0], []).append(node)
        named = {
            sequence: next((eq.target for eq in found if _is_named(eq.target)), None)
            for sequence, found in reads.items()
            if sequence in long and sequence not in inside
        }
        targets = {s: target for s, target in named.items() if target is not None}
        if not long or any(sequence not in targets for sequence in long):
            return loop
        if reads.keys() - targets.keys():
            return loop  # which reads others by their place
        names: dict[Var, Atom] = {}
        gone: set[Var] = set()
        for sequence, target in targets.items():
            names.update((eq.target, target) for eq in reads[sequence])
            gone.update(eq.target for eq in reads[sequence])
        count = sum(len(reads[sequence]) for sequence in targets)
        counted = self.uses[counter] > count
        forwards = loop.iteration.form == "range"
        if not forwards and (counted or len(targets) > 1):
            return loop
        self.done = True
        self.uses[counter] -= count
        self.forget(stop, before)
        ahead = frozenset(range(len(targets))) if forwards else frozenset[int]()
        iteration = Iteration("items", tuple(targets), ahead=ahead)
        own = (counter, *targets.values()) if counted else tuple(targets.values())
        ends = tuple(names.get(a, a) if isinstance(a, Var) else a for a in loop.yields)
        body = rename(_without(loop.body, gone), names)
        return replace(loop, targets=own, iteration=iteration, body=body, yields=ends)

    def as_long_as(self, stop: Atom) -> list[Atom]:
        """The lists and arrays the shortest of which has so many items; none where this
        may be the number of something else."""
        made = self.made.get(stop) if isinstance(stop, Var) else None
        if made is None:
            return []
        if made.op == "builtins.len" and isinstance(kind_of(made.args[0]), (Array, List)):
            return [made.args[0]]
        if made.op != "builtins.min":
            return []
        parts = [self.as_long_as(each) for each in made.args]
        return [atom for part in parts for atom in part] if all(parts) else []

    def forget(self, stop: Atom, before: list[Node]) -> None:
        """Take away the length, if only the loop has read it."""
        made = self.made.get(stop) if isinstance(stop, Var) else None
        if made is None or self.uses[stop] > 1:
            return
        if made in before:
            before.remove(made)
            for atom in made.args:
                self.forget(atom, before)


def _is_named(var: Var) -> bool:
    return var.base not in ("t", "result") and not var.role


def _without(block: Block, gone: set[Var]) -> Block:
    nodes: list[Node] = []
    for node in block:
        if isinstance(node, Equation):
            if node.target not in gone:
                nodes.append(node)
        elif isinstance(node, If):
            then, orelse = _without(node.then, gone), _without(node.orelse, gone)
            nodes.append(replace(node, then=then, orelse=orelse))
        elif isinstance(node, While):
            test, body = _without(node.test, gone), _without(node.body, gone)
            nodes.append(replace(node, test=test, body=body))
        else:
            nodes.append(replace(node, body=_without(node.body, gone)))
    return tuple(nodes)
