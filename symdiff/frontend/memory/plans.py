"""What a loop hands from round to round, and what is learnt of it on the way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from symdiff.frontend.memory.state import Key
from symdiff.frontend.memory.values import Opened, Poison, Ref, Value
from symdiff.ir.core import Atom, Var
from symdiff.ir.kinds import Kind

__all__ = ["Header", "LoopPlan", "Slot"]

# A name or buffer, and the way from it through tuples and contents.
Slot = tuple[Key, tuple[int, ...]]


class Header:
    """The inputs of a loop: one carried value per name or buffer that a round changes."""

    def __init__(self) -> None:
        self.carried: list[Var] = []
        self.inits: list[Atom] = []
        self.yields: list[Atom] = []
        self.results: list[Var] = []
        self.slots: set[Slot] = set()  # that are carried
        self.before: dict[Slot, Ref] = {}  # references before the first round
        self.entered: dict[Slot, Value] = {}  # contents at the start of a round
        # The objects of which a name stands for one, as a round leaves them.
        self.left: dict[Slot, tuple[Value, ...]] = {}
        self.partial: set[Key] = set()  # names that a round may leave as they were
        self.runs = False  # at least one round, whatever the arguments


class LoopPlan:
    """What is known about a loop before its body is lowered (once more)."""

    def __init__(self, number: int, frames: tuple[int, ...]) -> None:
        self.number = number
        self.frames = frames  # of the function that holds the loop, and those around it
        self.keys: dict[Key, None] = {}
        self.in_place: set[Key] = set()  # names under `+=` alone: an array stays the same
        self.kinds: dict[Slot, Kind] = {}  # of what is carried
        self.changed: set[Slot] = set()  # numbers that a round changes
        self.rebound: set[Slot] = set()  # references that a round replaces
        self.merged: set[Slot] = set()  # lists that are held as one value
        self.added: dict[Slot, tuple[Any, ...]] = {}  # keys that a round brings
        self.maybes: dict[Slot, Value] = {}  # None before the loop, then like this
        # Functions or objects, of which a round may choose another one.
        self.choices: dict[Slot, tuple[Value, ...]] = {}
        self.rows: set[Slot] = set()  # items of one table, whose index is carried
        self.tables: dict[Slot, Any] = {}  # lists that become tables, and of which form
        self.optional: set[Slot] = set()  # what may be None after a round
        self.questions: set[Slot] = set()  # of what only the truth is kept
        self.poisoned: dict[Slot, tuple[str | None, str | None]] = {}
        self.ties: set[tuple[Slot, Slot]] = set()
        # What a slot may share in later rounds: slots, and buffers older than the loop.
        self.outer: dict[Slot, set[Slot | int]] = {}
        self.moved: set[int] = set()  # tables whose items move in a round
        self.written_out = False  # because a counter must be known
        self.countable = False  # few rounds, whose number is known
        self.short = True  # so few that a person might write them out
        self.limit = 0  # buffers up to this number are older than the loop
        self.older = 0  # frames of a lower number are older than the loop
        self.pending: set[Key] = set()  # read before this round assigned them
        self.asked: set[Key] = set()  # those known when the round was begun
        self.late: dict[Slot, Value] = {}  # first assigned in a round, then like this

    def again(self, frames: tuple[int, ...]) -> None:
        """Go on with what was learnt when the same call was lowered before."""
        new = dict(zip(self.frames, frames, strict=True))

        def moved(key: Key) -> Key:
            return (new.get(key[0], key[0]), *key[1:]) if isinstance(key, tuple) else key  # type: ignore[call-overload]

        def slots(found: set[Slot]) -> set[Slot]:
            named = (slot for slot in found if isinstance(slot[0], tuple))
            return {(moved(key), way) for key, way in named}

        self.frames = frames
        self.keys = {moved(key): None for key in self.keys if isinstance(key, tuple)}
        self.kinds = {(moved(k), way): kind for (k, way), kind in self.kinds.items()}
        self.pending = set(map(moved, self.pending))
        self.ties = {((moved(a), v), (moved(b), w)) for (a, v), (b, w) in self.ties}
        self.changed, self.rebound = slots(self.changed), slots(self.rebound)
        self.merged, self.optional = slots(self.merged), slots(self.optional)
        self.questions = slots(self.questions)
        self.rows = slots(self.rows)
        self.poisoned, self.outer, self.tables, self.maybes = {}, {}, {}, {}
        self.added, self.late, self.choices = {}, {}, {}

    def poison(self, slot: Slot, why: Poison | None = None) -> None:
        """A slot that must not be read in the rounds."""
        if why is not None and why.message is not None:
            self.poisoned[slot] = why.message, why.help
        else:
            self.poisoned[slot] = _EITHER
            self.written_out = self.countable

    def mark(self) -> tuple[int, ...]:
        """What was learnt so far, but for kinds: as long as it grows, the body is lowered
        again."""
        return (
            len(self.keys), len(self.poisoned), len(self.ties), len(self.pending),
            sum(map(len, self.outer.values())), len(self.changed), len(self.rebound),
            len(self.merged), len(self.optional), sum(map(len, self.added.values())),
            len(self.questions),
            len(self.tables), len(self.rows), len(self.maybes), len(self.moved),
            len(self.late), sum(map(len, self.choices.values())),
            sum(isinstance(v, Opened) for vs in self.choices.values() for v in vs),
        )  # fmt: skip

    def kinds_of(self, slots: Iterable[Slot]) -> list[Kind | None]:
        """The kinds of what is carried, which it begins with or has got in a round."""
        return [self.kinds.get(slot) for slot in slots]


_EITHER = (
    "this name may stand for one array or another, depending on the round",
    "make the sharing definite: use `.copy()` where the name is bound",
)
