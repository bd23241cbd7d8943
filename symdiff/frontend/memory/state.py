"""Names and buffers as the lowering goes along, with branches that roll back."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager

from symdiff.frontend.memory.values import MISSING, Contents, Value
from symdiff.ir.core import Node

__all__ = ["Branch", "Key", "Scope", "State"]

# (frame, name) for names, a number for a buffer, ("view", …) for remembered views.
Key = tuple[object, ...] | int


class Branch:
    """What one path changed, and the nodes that it emitted."""

    def __init__(self) -> None:
        self.changes: dict[Key, Value] = {}
        self.nodes: list[Node] = []
        self.ends = False  # by an error that nobody catches
        self.jumped = False  # to a handler, all of it


class Scope:
    """The body of a function that is lowered on its own.

    `entry` is what the names and buffers around it held when it began; `see(key, value)`
    gives what stands for such a value in the body.
    """

    def __init__(
        self, entry: Mapping[Key, Value], see: Callable[[Key, Value], Value]
    ) -> None:
        self.entry = entry
        self.see = see
        self._seen: dict[Key, Value] = {}

    def look(self, key: Key, raw: Value, value: Value) -> Value:
        if self.entry.get(key) is not raw:
            return value
        if isinstance(key, tuple) and key[0] in _REMEMBERED:
            return MISSING
        if key not in self._seen:
            self._seen[key] = self.see(key, value)
        return self._seen[key]


# Values that were computed once outside and would be read again.
_REMEMBERED = ("array", "axis", "len", "shape", "view")


class State:
    """A map with a journal: a branch is lowered on it, noted, and undone.

    Only what a branch changed is ever looked at, so many small branches in a large
    function cost what they touch.
    """

    def __init__(self) -> None:
        self._values: dict[Key, Value] = {}
        self._journal: dict[Key, Value] | None = None
        self._scopes: list[Scope] = []
        self.buffers = 0
        self.most: dict[Key, int] = {}  # how many of their last items lists keep

    def get(self, key: Key) -> Value:
        value = raw = self._values.get(key, MISSING)
        if self._scopes and raw is not MISSING:
            for scope in self._scopes:
                value = scope.look(key, raw, value)
        return value

    @contextmanager
    def function(self, see: Callable[[Key, Value], Value]) -> Iterator[None]:
        """Lower the body of a function of its own; what it changes is undone."""
        self._scopes.append(Scope(dict(self._values), see))
        try:
            with self.branch(Branch()):
                yield
        finally:
            self._scopes.pop()

    def is_outside(self, key: Key) -> bool:
        """Whether the function that is lowered on its own reads this from outside."""
        return any(key in scope.entry for scope in self._scopes)

    def set(self, key: Key, value: Value) -> None:
        if self._journal is not None and key not in self._journal:
            self._journal[key] = self._values.get(key, MISSING)
        self._values[key] = value
        if isinstance(value, Contents) and value.most is not None:
            self.most[key] = value.most

    def names(self, frames: Container[object]) -> list[tuple[Key, Value]]:
        """The names of some frames and what they stand for."""
        return [
            (key, value)
            for key, value in self._values.items()
            if isinstance(key, tuple) and len(key) == 2 and key[0] in frames
        ]

    def changed(self) -> list[Key]:
        """What the path that is being lowered has changed so far, in order."""
        return list(self._journal or ())

    def existed(self, key: Key) -> bool:
        """Whether the key had a value before the present path began."""
        if self._journal is not None and key in self._journal:
            return self._journal[key] is not MISSING
        return key in self._values

    def new_buffer(self) -> int:
        self.buffers += 1
        return self.buffers

    @contextmanager
    def branch(self, branch: Branch) -> Iterator[None]:
        """Run a path, keep its changes in `branch`, and undo them. Re-entered, the
        path goes on from where it stood."""
        outer, self._journal = self._journal, {}
        for key, value in branch.changes.items():
            self.set(key, value)
        try:
            yield
        finally:
            journal = self._journal
            branch.changes = {key: self.get(key) for key in journal}
            for key, value in journal.items():
                if value is MISSING:
                    self._values.pop(key, None)
                else:
                    self._values[key] = value
            self._journal = outer
