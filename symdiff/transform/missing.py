"""Values that only some paths define: on which sides of branches they are missing.

A derivative hands out of branches what its own derivative reads there. Where only one
side of a later branch reads such a value, the other has no zero adjoint for it: what
gives that its shape may not be there. So it is with what such a branch puts on a tape.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from symdiff.analysis.tapes import Cell, Tapes
from symdiff.ir.core import UNDEF, Atom, Block, Const, Equation, For, If, Var, blocks_of
from symdiff.ir.effects import is_pure

__all__ = ["Missing"]

Side = tuple[Atom, bool]  # a condition, and whether it holds
_Entry = tuple[tuple[bool | None, bool], ...]  # of each value: a flag's, and if it is none


_NONE = (UNDEF, Const(None))


class Missing:
    def __init__(self, tapes: Tapes | None) -> None:
        self._tapes = tapes
        self._entries: dict[Cell, list[_Entry]] = {}  # what is put on each tape
        self._sides: dict[Atom, set[Side]] = {UNDEF: set()}
        # What hands on each result of a branch: the condition, and the two values.
        self._handed: dict[Atom, tuple[Atom, Atom, Atom]] = {}
        self._open: dict[Atom, If] = {}  # results that one side leaves open
        self._lacking: set[Var] = set()  # values taken off tapes that may be none
        self._made: dict[object, Var] = {}  # by operation and arguments
        self._same: dict[Atom, Atom] = {}  # what was computed before, in the same way
        self._here: dict[Atom, bool] = {}  # the conditions of the branches around

    def note(self, block: Block) -> None:
        """Note the results of branches that are not defined on every path that goes on."""
        for node in block:
            if isinstance(node, Equation):
                self._note_made(node)
            elif isinstance(node, If):
                self._note_branch(node)
            else:
                if isinstance(node, For):
                    for tape, targets in node.iteration.entries(node.targets):
                        self._note_taken(tape, targets)
                for inner in blocks_of(node):
                    self.note(inner)

    def _note_made(self, eq: Equation) -> None:
        if eq.op == "push" and self._tapes is not None:
            cell = self._tapes.of(eq.target)
            if cell is not None:
                entry = tuple((self._flag(a), a in _NONE) for a in eq.args[1:])
                self._entries.setdefault(cell, []).append(entry)
        if is_pure(eq.op):
            key = eq.op, tuple(map(self._origin, eq.args)), eq.params
            first = self._made.setdefault(key, eq.target)
            if first is not eq.target:
                self._same[eq.target] = first

    def _flag(self, atom: Atom) -> bool | None:
        """Which side of a branch around this is taken, if a value says so."""
        if isinstance(atom, Const):
            return atom.value if isinstance(atom.value, bool) else None
        return self._here.get(self._origin(atom))

    def _note_taken(self, tape: Atom, targets: tuple[Var, ...]) -> None:
        """Note which of the values taken off a tape are none where a flag, which is taken
        off it too, has one value."""
        cell = None if self._tapes is None else self._tapes.of(tape)
        entries = [] if cell is None else self._entries.get(cell, [])
        if any(len(entry) != len(targets) for entry in entries):
            return
        self._lacking.update(
            var for k, var in enumerate(targets) if any(entry[k][1] for entry in entries)
        )
        for flag, asked in enumerate(targets):
            sides = [entry[flag][0] for entry in entries]
            if None in sides:
                continue
            for place, var in enumerate(targets):
                for side in {side for side in sides if side is not None}:
                    if all(e[place][1] for e in entries if e[flag][0] is side):
                        self._sides.setdefault(var, set()).add((asked, side))

    def _note_branch(self, node: If) -> None:
        cond = self._origin(node.cond)
        for side, block, yields in (
            (True, node.then, node.then_yields),
            (False, node.orelse, node.else_yields),
        ):
            with self.inside(node, side):
                self.note(block)
            for result, source in zip(node.results, yields, strict=True):
                if source in self._sides:
                    where = {(cond, side), *self._sides[source]}
                    self._sides.setdefault(result, set()).update(where)
        for k, result in enumerate(node.results):
            self._handed[result] = cond, node.then_yields[k], node.else_yields[k]
            if UNDEF in self._handed[result][1:]:
                self._open[result] = node

    @contextmanager
    def inside(self, node: If, side: bool) -> Iterator[None]:
        """While a side of a branch is looked at."""
        outer = self._here
        self._here = {**outer, self._origin(node.cond): side}
        yield
        self._here = outer

    def _origin(self, atom: Atom) -> Atom:
        """The value that this one is, wherever both are defined."""
        while True:
            found = self._same.get(atom, atom)
            if found in self._handed:
                cond, then, orelse = self._handed[found]
                if UNDEF in (then, orelse):
                    found = orelse if then == UNDEF else then
                elif cond in self._here:
                    found = then if self._here[cond] else orelse
            if found is atom or found == atom:
                return atom
            atom = found

    def left_open(self, var: Var) -> tuple[If, int, Atom] | None:
        """The branch of which only one side defines this result, which side, and what it
        is there."""
        node = self._open.get(var)
        if node is None:
            return None
        place = node.results.index(var)
        side = int(node.then_yields[place] == UNDEF)
        return node, side, (node.then_yields, node.else_yields)[side][place]

    def may_lack(self, var: Var) -> bool:
        """Whether a value was taken off a tape on which some branch puts none."""
        return var in self._lacking

    def on(self, node: If, side: bool, var: Var) -> bool:
        """Whether a value that the other side reads may not be defined on this one."""
        return (self._origin(node.cond), side) in self._sides.get(var, ())
