"""Loops that are written out round by round, as `unroll=True` asks."""

from __future__ import annotations

import ast
from collections.abc import Callable

from symdiff.frontend.constructs.loops import Loops
from symdiff.frontend.flow.exits import FALSE, TRUE
from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.state import Branch
from symdiff.frontend.memory.values import (
    ArrayRef, ListRef, Ranged, Value,
)  # fmt: skip
from symdiff.frontend.reading.scopes import own_nodes
from symdiff.ir.core import Const, Var
from symdiff.ir.kinds import Array

__all__ = ["MOST_UNROLLED", "Unrolling"]

MOST_UNROLLED = 10_000  # rounds of all loops together
# Python does not read more than 100 levels of indentation.
_DEEPEST = 60
_EXITS = (ast.Break, ast.Return, ast.Raise, ast.Yield, ast.YieldFrom)

Rounds = tuple[int, Callable[[int], Value]]


class Unrolling(Loops):
    """Writes out all loops if `unroll` is set; refuses those whose rounds are not known."""

    def __init__(self) -> None:
        super().__init__()
        self.rounds_written = 0

    def _count(self, node: ast.AST) -> None:
        """Count one more round that is written out."""
        self.rounds_written += 1
        if self.rounds_written > MOST_UNROLLED:
            message = f"the loops have more than {MOST_UNROLLED:,} rounds to write out"
            raise Refusal(message, node, "leave out unroll=True")
        if self.open_branches > _DEEPEST:
            message = "too many rounds of this loop may be its last one to write them out"
            raise Refusal(message, node, "leave out unroll=True")

    # -- for ----------------------------------------------------------------------------

    def _written_out(self, iterable: Value, node: ast.For) -> Rounds | None:
        found = super()._written_out(iterable, node)
        if found is not None or not self.unroll:
            return found
        found = self._rounds_of(iterable, node)
        if found is None:
            raise Refusal(
                "how often this loop runs is not known, so that it is not written out",
                node.iter,
                "pass the number as an int, or leave out unroll=True",
            )
        return found

    def _rounds_of(self, iterable: Value, node: ast.For) -> Rounds | None:
        """Of what the other loops leave as it is. An item is read in its round: the body
        may have changed it."""
        if isinstance(iterable, Ranged):
            items = self.known_items(iterable, node.iter)
            return None if items is None else (len(items), items.__getitem__)
        if isinstance(iterable, (ArrayRef, ListRef)):
            kind = self.kind(iterable) if isinstance(iterable, ArrayRef) else None
            if isinstance(kind, Array) and not kind.dims:
                raise Refusal("iteration over a 0-d array", node.iter)
            length = self.length_of(iterable, node)
            if isinstance(length, Const):
                found: int = length.value
                return found, lambda k: self.element(iterable, Const(k), node.iter)
        return None

    def _unrolled(
        self,
        node: ast.For,
        count: int,
        item: Callable[[int], Value],
        finish: Callable[[], None],
    ) -> None:
        def counted(place: int) -> Value:
            self._count(node)
            return item(place)

        super()._unrolled(node, count, counted if self.unroll else item, finish)

    # -- while ----------------------------------------------------------------------------

    def _while(self, node: ast.While, tested_in_round: bool) -> None:
        if not self.unroll:
            super()._while(node, tested_in_round)
            return
        exits = any(isinstance(part, _EXITS) for part in own_nodes(*node.body))
        if isinstance(node.test, ast.Constant) and node.test.value and not exits:
            raise Refusal("this loop never ends", node, "leave it with break or return")
        self._begin_loop(node)
        self._next_rounds(node)
        self._end_loop(node, tested_in_round)

    def _next_rounds(self, node: ast.While) -> None:
        """Write out rounds until the test, which is known before each, fails."""
        while True:
            known = self.truth(self.tested(node.test))
            if known is False:
                return
            left = None
            if known is not None:
                self._count(node)
                self.block(node.body)
                self.state.set(self.loop_flag("continued"), FALSE)
                left = self.state.get(self.loop_flag("left"))
                if self.ended or left == TRUE:
                    return
            endless = isinstance(node.test, ast.Constant)
            if known is None or (endless and isinstance(left, Var)):
                raise Refusal(
                    "how often this loop runs is not known, so that it is not written out",
                    node.test,
                    "let it depend on counters and on ints that are passed, or leave out "
                    "unroll=True",
                )
            if isinstance(left, Var):
                paths = (Branch(), Branch())
                with self.path(paths[1]):
                    self.state.set(self.loop_flag("left"), FALSE)
                    self._next_rounds(node)
                self.join_paths(left, node, paths)
                return
