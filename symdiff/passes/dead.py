"""Dead code: what influences neither the result nor anything outside is removed.

Values, loop-carried values and the positions of tape entries are marked from the
results backwards in one sweep. A loop without a used result is removed: where nothing
else is said, the user's loops are taken to end.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from symdiff.ir.core import (
    Atom, Block, Const, Equation, For, Function, If, Iteration, Node, Var, While, leaves,
)  # fmt: skip
from symdiff.ir.effects import must_run
from symdiff.analysis.tapes import Cell, Tapes
from symdiff.records import replace

__all__ = ["dead"]


def dead(function: Function, keep_loops: bool = False) -> Function:
    """The function without what nobody needs; loops that may not end are kept if said."""
    marker = _Marker(function, keep_loops)
    body = _Sweeper(marker).block(function.body)
    return function if body == function.body else replace(function, body=body)


class _Marker:
    """Marks live values, regions and tape positions."""

    def __init__(self, function: Function, keep_loops: bool) -> None:
        self.keep_loops = keep_loops
        self.function = function
        self.live: set[Var] = set()
        self.regions: set[int] = set()
        self.origin: dict[Var, tuple[Node, int]] = {}
        self.outer: dict[int, Node | None] = {}  # by id: nodes are kept alive by function
        self.pending: list[Atom] = []
        roots: list[Node] = []
        self._place(function.body, None, roots)
        for node in roots:
            self._read(node.args if isinstance(node, Equation) else ())
            self._region(node if isinstance(node, While) else self.outer[id(node)])
        self._read(leaves(function.returns))
        self._spread()

    @cached_property
    def tapes(self) -> Tapes:
        return Tapes(self.function)

    def _place(self, block: Block, region: Node | None, roots: list[Node]) -> None:
        for node in block:
            self.outer[id(node)] = region
            if isinstance(node, Equation):
                self.origin[node.target] = (node, 0)
                if must_run(node.op) and node.op != "comment":
                    roots.append(node)
                continue
            for k, var in enumerate(node.results):
                self.origin[var] = (node, k)
            if isinstance(node, If):
                self._place(node.then, node, roots)
                self._place(node.orelse, node, roots)
                continue
            for k, var in enumerate(node.carried):
                self.origin[var] = (node, k)
            if isinstance(node, For):
                for k, var in enumerate(node.targets):
                    self.origin[var] = (node, -1 - k)
            else:
                if self.keep_loops:
                    roots.append(node)
                self._place(node.test, node, roots)
            self._place(node.body, node, roots)

    def _read(self, atoms: Any) -> None:
        self.pending.extend(atoms)

    def _spread(self) -> None:
        pending, live, origin = self.pending, self.live, self.origin
        while pending:
            atom = pending.pop()
            if isinstance(atom, Var) and atom not in live:
                live.add(atom)
                place = origin.get(atom)
                if place is not None:
                    self._needs(*place)

    def _needs(self, node: Node, k: int) -> None:
        if isinstance(node, Equation):
            region = self.outer[id(node)]
            if region is not None:
                self._region(region)
            if node.op == "push" and (cells := self.tapes.positions(node.target)):
                self._read(node.args[:1])
                for cell, atom in zip(cells, node.args[1:], strict=True):
                    if cell.live:
                        self._read((atom,))
            else:
                self._read(node.args)
            return
        self._region(node)
        if isinstance(node, If):
            self._read((node.then_yields[k], node.else_yields[k]))
        elif isinstance(node, For) and k < 0:
            self._target(node, -1 - k)
        else:
            self._read((node.carried[k], node.inits[k], node.yields[k]))

    def _target(self, node: For, k: int) -> None:
        """An entry of a tape is read: what was pushed there is needed."""
        for tape, targets in node.iteration.entries(node.targets):
            if k < len(targets):
                cells = self.tapes.positions(tape)
                if cells and not cells[k].live:
                    cells[k].live = True
                    self._read(a for a, push in cells[k].pushed if push in self.live)
                return
            k -= len(targets)

    def _region(self, node: Node | None) -> None:
        while node is not None and id(node) not in self.regions:
            self.regions.add(id(node))
            if isinstance(node, If):
                self._read((node.cond,))
            elif isinstance(node, For):
                self._read(node.iteration.args)
            elif isinstance(node, While):
                self._read((node.cond,))
            if isinstance(node, (For, While)) and node.leave is not None:
                self._read((node.leave,))
            node = self.outer[id(node)]


class _Sweeper:
    """Keeps what is marked."""

    def __init__(self, marker: _Marker) -> None:
        self.live, self.regions, self.marker = marker.live, marker.regions, marker

    def block(self, block: Block) -> Block:
        kept: list[Node] = []
        for node in block:
            if isinstance(node, Equation):
                if node.op == "push":
                    if node.target in self.live:
                        kept.append(self.push(node))
                elif node.target in self.live or must_run(node.op):
                    kept.append(node)
            elif id(node) in self.regions:
                kept.append(self.branch(node) if isinstance(node, If) else self.loop(node))
        return tuple(kept)

    def branch(self, node: If) -> If:
        live = [k for k, var in enumerate(node.results) if var in self.live]
        return replace(
            node,
            then=self.block(node.then),
            orelse=self.block(node.orelse),
            results=_pick(node.results, live),
            then_yields=_pick(node.then_yields, live),
            else_yields=_pick(node.else_yields, live),
        )

    def loop(self, node: For | While) -> For | While:
        live = [
            k
            for k, pair in enumerate(zip(node.carried, node.results, strict=True))
            if pair[0] in self.live or pair[1] in self.live
        ]
        changes: dict[str, Any] = {
            "carried": _pick(node.carried, live),
            "inits": _pick(node.inits, live),
            "yields": _pick(node.yields, live),
            "results": _pick(node.results, live),
            "body": self.block(node.body),
        }
        if isinstance(node, While):
            changes["test"] = self.block(node.test)
        elif node.iteration.form == "tape":
            changes |= self.entries(node)
        return replace(node, **changes)

    def entries(self, node: For) -> dict[str, Any]:
        """What is left of the tapes that a loop runs over: of several those of which
        something is read."""
        rows = []
        for k, (tape, targets) in enumerate(node.iteration.entries(node.targets)):
            positions = self.positions(self.marker.tapes.positions(tape))
            if positions is not None:
                targets = _pick(targets, positions)
            rows.append((tape, targets, k in node.iteration.ahead))
        kept = [row for row in rows if row[1]]
        if not kept:  # the entries only count the rounds
            tape, _, ahead = rows[0]
            kept = [(tape, node.targets[:1], ahead)]
        found = tuple(var for _, targets, _ in kept for var in targets)
        shapes = [(tape, len(targets), ahead) for tape, targets, ahead in kept]
        return {"targets": found, "iteration": Iteration.over(shapes)}

    def positions(self, cells: list[Cell]) -> list[int] | None:
        """Which positions of the entries stay; None for all of them."""
        if not cells:
            return None
        return [k for k, cell in enumerate(cells) if cell.live]

    def push(self, node: Equation) -> Equation:
        positions = self.positions(self.marker.tapes.positions(node.target))
        if positions is None:
            return node
        if not positions:  # the entries only count the rounds
            return replace(node, args=(node.args[0], Const(None)))
        return replace(node, args=(node.args[0], *_pick(node.args[1:], positions)))


def _pick(items: tuple[Any, ...], positions: list[int]) -> tuple[Any, ...]:
    if len(positions) == len(items):
        return items
    return tuple(items[k] for k in positions)
