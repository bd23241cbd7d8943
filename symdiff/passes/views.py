"""Views of arrays that keep their place through a loop are taken in front of the loop.

`u[1:-1]` in a loop that writes into u lies in the same memory in every round. Views that
are read only once stay where they are read. This comes after `inplace`, which has decided
what is written where; from then on an equation that reads a view reads what lies there at
that time.
"""

from __future__ import annotations

from collections.abc import Hashable

from symdiff.analysis.undefined import may_be_undefined
from symdiff.ir.alias import is_basic_view
from symdiff.ir.builder import Names
from symdiff.ir.core import (
    Atom, Block, Const, Equation, For, Function, If, Index, Node, SliceItem, Var, While,
    count_uses, defined_by, inner_params, kind_of, rename,
)  # fmt: skip
from symdiff.ir.effects import DESTRUCTIVE, is_effect
from symdiff.ir.kinds import Array
from symdiff.records import replace

__all__ = ["views"]

_IN_PLACE = ("setitem", "additem")


def views(function: Function) -> Function:
    """Take views that stay where they are out of loops."""
    work = _Views(function)
    body = work.block(function.body)
    return replace(function, body=body) if work.done else function


class _Views:
    def __init__(self, function: Function) -> None:
        self.partial = may_be_undefined(function.body)
        self.names = Names.after(function)
        self.uses = count_uses(function)
        self.done = False

    def block(self, block: Block) -> Block:
        nodes: list[Node] = []
        for node in block:
            if isinstance(node, Equation):
                nodes.append(node)
            elif isinstance(node, If):
                then, orelse = self.block(node.then), self.block(node.orelse)
                nodes.append(replace(node, then=then, orelse=orelse))
            else:
                nodes.extend(self.named(self.loop(node), nodes))
        return tuple(nodes)

    def named(self, found: list[Node], before: list[Node]) -> list[Node]:
        """What a loop begins with gets the name that it has in the loop, if nothing else
        reads it: a view in front of the loop reads it under its name."""
        loop = found[-1]
        if len(found) == 1 or not isinstance(loop, (For, While)):
            return found
        for carried, init in zip(loop.carried, loop.inits, strict=True):
            at = _only_read_after(before, init) if self.uses[init] == 1 else None
            if at is None or not isinstance(init, Var) or init.base != "t":
                continue
            made = before.pop(at)
            assert isinstance(made, Equation)
            own = self.names.fresh(carried.base, carried.role, init.kind)
            found = [replace(made, target=own), *rename(tuple(found), {init: own})]
        return found

    def loop(self, node: For | While) -> list[Node]:
        node = replace(node, body=self.block(node.body))
        inside: set[Atom] = set(inner_params(node))
        for each in (*_test(node), *node.body):
            inside.update(defined_by(each))
        starts: dict[Atom, Atom] = {}  # what each version of a steady array began as
        for version, k in _steady(node).items():
            starts[version] = node.inits[k]
        moved: list[Node] = []
        known: dict[Hashable, Var] = {}
        names: dict[Var, Atom] = {}
        kept: list[Node] = []
        for each in node.body:
            if not isinstance(each, Equation) or not self.is_worth_a_name(each):
                kept.append(each)
                continue
            base = starts.get(each.args[0], each.args[0])
            args = (base, *each.args[1:])
            if not inside.isdisjoint(args) or not self.partial.isdisjoint(args):
                kept.append(each)
                continue
            key = each.op, args, each.params
            twin = known.setdefault(key, each.target)
            inside.discard(each.target)
            if twin is each.target:
                moved.append(each.with_args(args))
            else:
                names[each.target] = twin
        if not moved:
            return [node]
        self.done = True
        body = rename(tuple(kept), names)
        ends = tuple(names.get(a, a) if isinstance(a, Var) else a for a in node.yields)
        moved = list(rename(tuple(moved), names))
        return [*moved, replace(node, body=body, yields=ends)]

    def is_worth_a_name(self, eq: Equation) -> bool:
        """Whether it is a view that has a name: what is read once stays in its place."""
        target = eq.target
        named = target.base != "t" and target.role != "saved"
        return (named or self.uses[target] > 1) and _is_view(eq)


def _only_read_after(before: list[Node], init: Atom) -> int | None:
    """Where the equation of a value stands that may move behind all that follows it."""
    for at in reversed(range(len(before))):
        node = before[at]
        if not isinstance(node, Equation) or node.op in DESTRUCTIVE:
            return None
        if node.target is init:
            return None if is_effect(node.op) else at
        if is_effect(node.op) and node.op != "comment":
            return None
    return None


def _test(node: For | While) -> Block:
    return node.test if isinstance(node, While) else ()


def _is_view(eq: Equation) -> bool:
    """Whether it takes a view that cannot fail: a slice or a transpose."""
    if not isinstance(kind_of(eq.args[0]), Array) if eq.args else True:
        return False
    if eq.op == "numpy.transpose":
        return len(eq.args) == 1
    if not is_basic_view(eq) or not isinstance(eq.params, Index) or eq.params.through:
        return False
    if not all(i in ("new", "rest") or isinstance(i, SliceItem) for i in eq.params.items):
        return False
    return all(isinstance(a, (Const, Var)) for a in eq.args[1:])


def _steady(node: For | While) -> dict[Var, int]:
    """The versions of arrays that are only written in place from round to round, with
    their places among what the loop carries."""
    of: dict[Atom, int] = {
        var: k for k, var in enumerate(node.carried) if isinstance(var.kind, Array)
    }
    _follow(_test(node), of)
    _follow(node.body, of)
    stay = {k for k, end in enumerate(node.yields) if of.get(end) == k}
    return {v: k for v, k in of.items() if k in stay and isinstance(v, Var)}


def _follow(block: Block, of: dict[Atom, int]) -> None:
    """Note the versions that writes in a block make of arrays."""
    for node in block:
        if isinstance(node, Equation):
            if node.op in _IN_PLACE and node.args[0] in of:
                of[node.target] = of[node.args[0]]
        elif isinstance(node, If):
            for inner in (node.then, node.orelse):
                _follow(inner, of)
            for result, a, b in zip(
                node.results, node.then_yields, node.else_yields, strict=True
            ):
                if a in of and of[a] == of.get(b):
                    of[result] = of[a]
        else:
            steady = set(_steady(node).values())
            for k, (result, init) in enumerate(zip(node.results, node.inits, strict=True)):
                if k in steady and init in of:
                    of[result] = of[init]
