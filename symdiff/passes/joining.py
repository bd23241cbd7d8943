"""Makes one tape of two that are pushed on side by side.

A second derivative reads what the loop of the function recorded for the first one, and
more: both tapes have an entry for each round, so that one with wider entries will do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from symdiff.analysis.tapes import Cell, Tapes
from symdiff.ir.builder import Names
from symdiff.ir.core import (
    UNDEF, Atom, Block, Equation, For, Function, If, Iteration, Node, Var, While, rename,
    walk,
)  # fmt: skip
from symdiff.ir.kinds import UNKNOWN, Kind, Tape
from symdiff.records import dataclass, field, replace

__all__ = ["join_tapes"]

_T = TypeVar("_T")


def join_tapes(function: Function) -> Function:
    """The function with tapes joined as long as there are two to be joined."""
    while any(map(_carries_two, walk(function.body))):
        work = _Join(function)
        if not work.find():
            return function
        body = rename(work.block(function.body), work.names)
        function = replace(function, body=body)
    return function


def _carries_two(node: Node) -> bool:
    if not isinstance(node, (For, While)):
        return False
    return sum(isinstance(var.kind, Tape) for var in node.carried) > 1


@dataclass(slots=True)
class _Pushes:
    """What is known of a tape: in which block it is made, and what is pushed in which."""

    made: list[int] = field(default_factory=list)
    pushed: dict[int, list[Equation]] = field(default_factory=dict)

    def fits(self, other: _Pushes) -> bool:
        """Whether both have an entry for each round, and nothing in it twice."""
        single = all(len(found) == 1 for p in (self, other) for found in p.pushed.values())
        same = self.made == other.made and self.pushed.keys() == other.pushed.keys()
        if not single or not same or len(self.made) != 1 or not self.pushed:
            return False
        columns = self.columns(), other.columns()
        return all(len(set(found)) == len(found) for found in columns)

    def columns(self) -> list[tuple[Atom, ...]]:
        """What is pushed at each position of the entries, block by block."""
        rows = [self.pushed[block][0].args[1:] for block in sorted(self.pushed)]
        return list(zip(*rows, strict=True))


class _Join:
    def __init__(self, function: Function) -> None:
        self.tapes = Tapes(function)
        self.fresh = Names.after(function)
        self.known: dict[Cell, _Pushes] = {}
        self.blocks = 0
        self.collect(function.body)
        self.names: dict[Var, Atom] = {}  # of the second tape those of the first
        self.entries: dict[Var, tuple[Atom, ...]] = {}  # by the push of either
        self.head: Atom = UNDEF  # the one tape, empty
        self.tape: Atom = UNDEF  # and before the push of a round

    # -- looking ----------------------------------------------------------------------

    def collect(self, block: Block) -> None:
        number, self.blocks = self.blocks, self.blocks + 1
        for node in block:
            if isinstance(node, Equation):
                if node.op in ("tape", "push") and self.tapes.positions(node.target):
                    cell = self.tapes.of(node.target)
                    assert cell is not None
                    found = self.known.setdefault(cell, _Pushes())
                    if node.op == "tape":
                        found.made.append(number)
                    else:
                        found.pushed.setdefault(number, []).append(node)
            elif isinstance(node, If):
                self.collect(node.then)
                self.collect(node.orelse)
            else:
                self.collect(node.body)

    def find(self) -> bool:
        """Choose two tapes; whether there are any."""
        cells = list(self.known)
        for k, second in enumerate(cells):
            for first in cells[:k]:
                if self.known[first].fits(self.known[second]):
                    self.first, self.second = first, second
                    self.lay_out()
                    return True
        return False

    def lay_out(self) -> None:
        first, second = self.known[self.first], self.known[self.second]
        columns, more = first.columns(), second.columns()
        self.count = len(columns)
        places = {column: k for k, column in enumerate(columns)}
        for column in more:
            places.setdefault(column, len(places))
        # Where the values of each tape lie in the entries of the one.
        self.places = [places[column] for column in more]
        found = list(places)
        self.kinds = [_kind_at(column) for column in found]
        for k, block in enumerate(sorted(first.pushed)):
            a, b = first.pushed[block][0], second.pushed[block][0]
            self.entries[a.target] = self.entries[b.target] = tuple(c[k] for c in found)
            self.names[b.target] = a.target

    # -- changing ---------------------------------------------------------------------

    def block(self, block: Block) -> Block:
        nodes: list[Node] = []
        seen: set[Var] = set()
        for node in block:
            if isinstance(node, If):
                node = self.without_second(node, node.results, "results")
                assert isinstance(node, If)
                then, orelse = self.block(node.then), self.block(node.orelse)
                nodes.append(replace(node, then=then, orelse=orelse))
            elif not isinstance(node, Equation):
                nodes.append(self.loop(node))
            elif node.op == "tape" and self.tapes.of(node.target) is self.second:
                self.names[node.target] = self.head
            elif node.op == "tape" and self.tapes.of(node.target) is self.first:
                self.head = node.target
                nodes.append(node)
            elif node.op == "push" and node.target in self.entries:
                self.push(node, nodes, seen)
            else:
                nodes.append(node)
        return tuple(nodes)

    def push(self, node: Equation, nodes: list[Node], seen: set[Var]) -> None:
        """The one push comes where both are known: in place of the later."""
        target = self.names.get(node.target, node.target)
        assert isinstance(target, Var)
        if target in seen:
            nodes.append(
                replace(node, target=target, args=(self.tape, *self.entries[target]))
            )
            return
        seen.add(target)
        self.tape = node.args[0]

    def loop(self, node: For | While) -> For | While:
        if isinstance(node, For) and node.iteration.form == "tape":
            node = self.reading(node)
        node = self.without_second(node, node.carried, "loop")
        if isinstance(node, While):
            node = replace(node, test=self.block(node.test))
        return replace(node, body=self.block(node.body))

    def without_second(self, node: Any, vars: tuple[Var, ...], form: str) -> Any:
        """A region that hands on the first tape only."""
        places = {
            self.tapes.of(v): k for k, v in enumerate(vars) if isinstance(v.kind, Tape)
        }
        if self.first not in places or self.second not in places:
            return node
        a, b = places[self.first], places[self.second]
        names: tuple[str, ...] = ("results", "then_yields", "else_yields")
        if form == "loop":
            names = ("carried", "inits", "yields", "results")
            self.names[node.carried[b]] = node.carried[a]
        self.names[node.results[b]] = node.results[a]
        return replace(node, **{n: _without(getattr(node, n), b) for n in names})

    def reading(self, node: For) -> For:
        rows: list[tuple[Atom, int, bool]] = []
        found: list[Var] = []
        for k, (tape, targets) in enumerate(node.iteration.entries(node.targets)):
            cell = self.tapes.of(tape)
            if cell is self.first or cell is self.second:
                places = list(range(self.count)) if cell is self.first else self.places
                targets = tuple(self.spread(targets, places))
            found += targets
            rows.append((tape, len(targets), k in node.iteration.ahead))
        return replace(node, targets=tuple(found), iteration=Iteration.over(rows))

    def spread(self, targets: tuple[Var, ...], places: list[int]) -> Iterator[Var]:
        by_place = dict(zip(places, targets, strict=True))
        for k, kind in enumerate(self.kinds):
            yield by_place.get(k) or self.fresh.fresh("t", "", kind)


def _kind_at(column: Iterable[Atom]) -> Kind:
    """The kind of what lies at one position of the entries, None on some paths."""
    return next((atom.kind for atom in column if isinstance(atom, Var)), UNKNOWN)


def _without(items: tuple[_T, ...], place: int) -> tuple[_T, ...]:
    return items[:place] + items[place + 1 :]
