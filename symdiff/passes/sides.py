"""Numbers that one condition chooses are worked out under one `if`.

The reverse of `max(a, b)` adds to the adjoint of the one or of the other, `0.0 if t else
c`, term by term. An `if` says that once, leaves out what adds nothing, and holds what
only one of its sides needs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from heapq import heapify, heappop, heappush
from typing import NamedTuple, TypeGuard

from symdiff.ir.builder import Names
from symdiff.ir.core import (
    Atom, Block, Const, Equation, Function, If, Node, Var, atoms_of, count_uses, kind_of,
    walk,
)  # fmt: skip
from symdiff.ir.effects import DESTRUCTIVE, is_effect, is_pure
from symdiff.ir.kinds import is_number
from symdiff.passes.branches import fused
from symdiff.passes.dead import dead
from symdiff.passes.derived import derived
from symdiff.passes.simplify import simplify
from symdiff.passes.stores import stores
from symdiff.records import replace

__all__ = ["sides"]

_ZEROS = (Const(0.0), Const(0))


def sides(function: Function) -> Function:
    """Put what one condition chooses in the derivative under one `if`."""
    found = derived(function)
    if found is None:
        return function
    before, after = function.body[: found.start], function.body[found.start :]
    if not any(
        any(_results(n)) if isinstance(n, If) else _is_select(n) for n in walk(after)
    ):
        return function
    work = _Sides(function, found.values)
    body = before + work.block(after)
    if not work.made:
        return function
    return stores(dead(simplify(replace(function, body=body))))


def _is_select(node: Node) -> TypeGuard[Equation]:
    return isinstance(node, Equation) and node.op == "select"


def _either(total: Equation, one: Equation | None, two: Equation | None) -> Equation | None:
    """The sum of two choices on one condition of which each side has a zero."""
    if one is None or two is None or one.args[0] != two.args[0]:
        return None
    pairs = list(zip(one.args[1:], two.args[1:], strict=True))
    if not all(a in _ZEROS or b in _ZEROS for a, b in pairs):
        return None
    values = (b if a in _ZEROS else a for a, b in pairs)
    return replace(total, op="select", args=(one.args[0], *values))


class _Choice(NamedTuple):
    """A number that a condition chooses: one of two that are at hand, or the result of a
    branch, which is put here for each of its sides that is not zero."""

    cond: Atom
    values: tuple[Atom, Atom]


class _Before:
    """The nodes of a block, of which some are taken into branches that follow."""

    def __init__(self, nodes: Block) -> None:
        self.nodes = nodes
        self.taken: set[int] = set()  # their places
        self._defined: dict[Atom, int] = {}
        self._writes = [-1]  # for each place the last one before it that may write
        for place, node in enumerate(nodes):
            last = self._writes[-1]
            self._writes.append(place if _may_write(node) else last)
            if isinstance(node, Equation):
                self._defined[node.target] = place

    def places(self, atoms: Iterable[Atom]) -> list[int]:
        """Where those of the atoms are worked out that are worked out here."""
        return [self._defined[atom] for atom in atoms if atom in self._defined]

    def may_move(self, place: int, to: int) -> bool:
        """Whether it is the same when it is worked out later."""
        node = self.nodes[place]
        if not isinstance(node, Equation) or not is_pure(node.op):
            return False
        return self._writes[to] < place or all(map(_is_number, node.args))


def _may_write(node: Node) -> bool:
    if not isinstance(node, Equation) or node.op in DESTRUCTIVE:
        return True
    return is_effect(node.op) and node.op != "comment"


class _Sides:
    def __init__(self, function: Function, derived: Container[Var]) -> None:
        self.names = Names.after(function)
        self.uses = count_uses(function)
        self.derived = derived
        self.made: set[Var] = set()  # the results of branches that were choices

    def block(self, block: Block, grown: bool = False) -> Block:
        """`grown`: what other blocks held has come to this one."""
        nodes = self.joined(list(map(self.inside, block)))
        choices: dict[Atom, Equation] = {n.target: n for n in nodes if self.is_choice(n)}
        if not choices and not any(isinstance(n, If) for n in nodes):
            return tuple(nodes)
        divided = self.divided(nodes, choices)
        if divided is nodes and not grown:
            return tuple(nodes)
        left = fused(tuple(divided))
        self.uses.update(_reads(left))
        self.uses.subtract(_reads(nodes))
        before = _Before(left)
        out: list[Node] = []  # from the last to the first
        for place in reversed(range(len(left))):
            if place in before.taken:
                continue
            node = left[place]
            if isinstance(node, If) and not self.made.isdisjoint(node.results):
                node = self.filled(node, before, place)
            out.append(node)
        return tuple(reversed(out))

    def inside(self, node: Node) -> Node:
        if isinstance(node, Equation):
            return node
        if isinstance(node, If):
            return replace(node, then=self.block(node.then), orelse=self.block(node.orelse))
        return replace(node, body=self.block(node.body))

    def is_choice(self, node: Node) -> TypeGuard[Equation]:
        return (
            _is_select(node)
            and node.target in self.derived
            and isinstance(node.args[0], Var)
            and is_number(node.target.kind)
        )

    def joined(self, nodes: list[Node]) -> list[Node]:
        """With `x if t else y` for `(x if t else 0.0) + (0.0 if t else y)`."""
        choices: dict[Atom, Equation] = {n.target: n for n in nodes if self.is_choice(n)}
        if len(choices) < 2:
            return nodes
        new: dict[Var, Equation] = {}
        gone: set[Atom] = set()
        for node in nodes:
            if isinstance(node, Equation) and node.op == "add":
                pair = [choices.get(a) for a in node.args if self.uses[a] == 1]
                joined = _either(node, *pair) if len(pair) == 2 else None
                if joined is not None:
                    new[node.target] = joined
                    gone.update(node.args)
        return [
            new.get(n.target, n) if isinstance(n, Equation) else n
            for n in nodes
            if not (isinstance(n, Equation) and n.target in gone)
        ]

    # -- branches in place of choices -------------------------------------------------

    def divided(self, nodes: list[Node], choices: Mapping[Atom, Equation]) -> list[Node]:
        """The nodes, with branches for choices that leave something out or that have
        others on their condition; the same list if there are none."""
        known: dict[Atom, _Choice] = {
            var: _Choice(each.args[0], (each.args[1], each.args[2]))
            for var, each in choices.items()
        }
        for node in nodes:
            if isinstance(node, If):
                known.update(_results(node))
        often = Counter(each.args[0] for each in choices.values())
        equations = [n for n in nodes if isinstance(n, Equation)]
        reads = {n.target: n for n in equations if n.op == "getitem"}
        branches: dict[Var, If] = {}
        taken: set[Var] = set()
        for node in equations:
            value = self.stored(node)
            choice = None if value is None else known.get(value)
            if isinstance(value, Var) and choice is not None:
                branch = self.branch(node, choice, reads)
                if often[choice.cond] > 1 or not (branch.then and branch.orelse):
                    branches[node.target] = branch
                    taken.add(value)
        for var, eq in choices.items():
            if isinstance(var, Var) and var not in taken and often[eq.args[0]] > 1:
                cond, then, other = eq.args
                branches[var] = If(cond, (), (), (var,), (then,), (other,), eq.span)
        if not branches:
            return nodes
        self.made |= branches.keys()
        return [
            branches.get(node.target, node) if isinstance(node, Equation) else node
            for node in nodes
            if not (isinstance(node, Equation) and node.target in taken)
        ]

    def stored(self, node: Equation) -> Atom | None:
        """What an equation adds or stores, if nothing else reads it."""
        if node.op in ("setitem", "additem"):
            value = node.args[-1]
        elif node.op in ("add", "sub") and node.target in self.derived:
            value = node.args[1]
            if kind_of(node.args[0]) != node.target.kind:
                return None
        else:
            return None
        return value if self.uses[value] == 1 else None

    def branch(self, node: Equation, choice: _Choice, reads: Mapping[Var, Equation]) -> If:
        """Add or store the one value or the other; nothing where that changes nothing."""
        cond, values = choice
        blocks: list[Block] = []
        ends: list[Atom] = []
        for value in values:
            before = reads.get(value) if isinstance(value, Var) else None
            place = node.args[1:-1]
            if node.op == "setitem":
                same = before is not None and before.args == (node.args[0], *place)
                idle = same and before is not None and before.params == node.params
            else:
                idle = value in _ZEROS
            if idle:
                blocks.append(())
                ends.append(node.args[0])
                continue
            target = self.names.fresh(node.target.base, node.target.role, node.target.kind)
            args = (*node.args[:-1], value)
            blocks.append((replace(node, target=target, args=args),))
            ends.append(target)
        then, orelse = blocks
        return If(cond, then, orelse, (node.target,), (ends[0],), (ends[1],), node.span)

    # -- what only one side needs -----------------------------------------------------

    def filled(self, branch: If, before: _Before, at: int) -> Node:
        """The branch, which stands `at` a place, with what stands before it and only one
        side needs; the choice that it was if nothing came together."""
        counts = [
            _reads(branch.then, branch.then_yields),
            _reads(branch.orelse, branch.else_yields),
        ]
        moved: tuple[list[Node], list[Node]] = ([], [])
        todo = [-k for count in counts for k in before.places(count)]
        heapify(todo)  # the last first: it says how often those before it are read
        while todo:
            place = -heappop(todo)
            node = before.nodes[place]
            if place in before.taken or not before.may_move(place, at):
                continue
            assert isinstance(node, Equation)
            uses = self.uses[node.target]
            side = next((k for k in (0, 1) if counts[k][node.target] == uses), None)
            if side is not None:
                counts[side].update(node.args)
                moved[side].append(node)
                before.taken.add(place)
                for other in before.places(node.args):
                    heappush(todo, -other)
        then = self.block((*reversed(moved[0]), *branch.then), True)
        orelse = self.block((*reversed(moved[1]), *branch.orelse), True)
        if not then and not orelse and len(branch.results) == 1:
            args = (branch.cond, *branch.then_yields, *branch.else_yields)
            return Equation(branch.results[0], "select", args, None, branch.span)
        return replace(branch, then=then, orelse=orelse)


def _results(node: If) -> Iterator[tuple[Atom, _Choice]]:
    """The numbers that a branch gives, zero on one of its sides."""
    for result, *ends in zip(node.results, node.then_yields, node.else_yields, strict=True):
        if is_number(result.kind) and isinstance(node.cond, Var):
            first, second = (end if end in _ZEROS else result for end in ends)
            if (first is result) != (second is result):
                yield result, _Choice(node.cond, (first, second))


def _is_number(atom: Atom) -> bool:
    return is_number(kind_of(atom))


def _reads(block: Iterable[Node], ends: tuple[Atom, ...] = ()) -> Counter[Atom]:
    """How often each atom is read in a block and handed over at its end."""
    found: Counter[Atom] = Counter(ends)
    for node in walk(tuple(block)):
        found.update(atoms_of(node))
    return found
