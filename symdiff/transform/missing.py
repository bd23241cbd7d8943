"""Values that only some paths define: on which sides of branches they are missing.

A derivative hands out of branches what its own derivative reads there. Where only one
side of a later branch reads such a value, the other has no zero adjoint for it: what
gives that its shape may not be there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from symdiff.ir.core import UNDEF, Atom, Block, Equation, If, Var, blocks_of
from symdiff.ir.effects import is_pure

__all__ = ["Missing"]

Side = tuple[Atom, bool]  # a condition, and whether it holds


class Missing:
    def __init__(self) -> None:
        self._sides: dict[Atom, set[Side]] = {UNDEF: set()}
        # What hands on each result of a branch: the condition, and the two values.
        self._handed: dict[Atom, tuple[Atom, Atom, Atom]] = {}
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
                for inner in blocks_of(node):
                    self.note(inner)

    def _note_made(self, eq: Equation) -> None:
        if is_pure(eq.op):
            key = eq.op, tuple(map(self._origin, eq.args)), eq.params
            first = self._made.setdefault(key, eq.target)
            if first is not eq.target:
                self._same[eq.target] = first

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

    def on(self, node: If, side: bool, var: Var) -> bool:
        """Whether a value that the other side reads may not be defined on this one."""
        return (self._origin(node.cond), side) in self._sides.get(var, ())
