"""What a loop hands from round to round, and what is learnt of it on the way."""

from __future__ import annotations

from typing import Any

from symdiff.frontend.state import Key
from symdiff.ir.core import Atom, Var
from symdiff.ir.kinds import Kind

__all__ = ["Header", "LoopPlan"]


class Header:
    """The inputs of a loop: one carried value per name or buffer that a round changes."""

    def __init__(self) -> None:
        self.carried: list[Var] = []
        self.inits: list[Atom] = []
        self.yields: list[Atom] = []
        self.results: list[Var] = []


class LoopPlan:
    """What is known about a loop before its body is lowered (once more)."""

    def __init__(self, number: int, frames: tuple[int, ...]) -> None:
        self.number = number
        self.frames = frames  # of the function that holds the loop, and those around it
        self.keys: dict[Key, None] = {}
        self.kinds: dict[tuple[Key, int], Kind] = {}
        self.poisoned: set[Key] = set()
        self.optional: set[tuple[Key, int]] = set()  # what may be None after a round
        self.ties: set[tuple[Key, Key]] = set()
        self.outer: dict[Key, set[int]] = {}
        self.limit = 0  # buffers up to this number are older than the loop
        self.pending: set[Key] = set()

    def again(self, frames: tuple[int, ...]) -> None:
        """Go on with what was learnt when the same call was lowered before."""
        new = dict(zip(self.frames, frames, strict=True))

        def moved(key: Key) -> Key:
            return (new.get(key[0], key[0]), *key[1:]) if isinstance(key, tuple) else key  # type: ignore[call-overload]

        self.frames = frames
        self.keys = {moved(key): None for key in self.keys if isinstance(key, tuple)}
        self.kinds = {(moved(k), n): kind for (k, n), kind in self.kinds.items()}
        self.pending = set(map(moved, self.pending))
        self.optional = {(moved(k), n) for k, n in self.optional}
        self.ties = {(moved(a), moved(b)) for a, b in self.ties}
        self.poisoned, self.outer = set(), {}

    def mark(self) -> tuple[Any, ...]:
        return (
            len(self.keys), tuple(self.kinds.items()), len(self.poisoned), len(self.ties),
            len(self.pending), len(self.optional), sum(map(len, self.outer.values())),
        )  # fmt: skip
