"""Where the paths of a branch meet, with what they changed made explicit."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from symdiff.frontend.flow.meeting import Meeting, Met, Paths
from symdiff.frontend.flow.widening import join_atoms
from symdiff.frontend.memory.context import Refusal, Unfinished, Unreached
from symdiff.frontend.memory.state import Branch, Key
from symdiff.frontend.memory.values import (
    LATER, MISSING, NEVER, Missing, Ref, Sequence, Value,
)  # fmt: skip
from symdiff.frontend.reading.nothing import Failure
from symdiff.ir.core import UNDEF, Atom, Const, Global, If, Var

__all__ = ["Regions"]

_MOST_WAYS = 2000  # on which a write may come to an object


class Regions(Meeting):
    """Lowers the meeting of paths."""

    def __init__(self) -> None:
        super().__init__()
        self.meetings = 0
        self.ended = False  # by a raise that nobody catches: nothing after it runs

    # -- branches ---------------------------------------------------------------------

    def branch_values(
        self,
        cond: Atom,
        node: ast.AST,
        then: Callable[[], Value],
        orelse: Callable[[], Value],
        base: str,
    ) -> Value:
        """The value of `then()` or `orelse()`, whichever `cond` picks."""
        key: Key = ("value", object())
        paths = (Branch(), Branch())
        for path, compute in zip(paths, (then, orelse), strict=True):
            with self.path(path):
                self.assume(cond, path is paths[0])
                value = self._value_of_path(compute)
                self.state.set(key, value)
        self.join_paths(cond, node, paths, {key: base})
        value = self.state.get(key)
        self.state.set(key, MISSING)
        return value

    def _value_of_path(self, compute: Callable[[], Value]) -> Value:
        problems, failures = len(self.problems), len(self.failures)
        try:
            value = compute()
        except Unfinished:
            return LATER
        except Unreached as refusal:
            if refusal.message:
                self.report(refusal)
            value = NEVER
        if value == NEVER:
            self.end_unreached(problems, failures)
        return value

    def end_unreached(self, problems: int, failures: int) -> None:
        """End a path that fails whenever it is chosen, if it has no other problem than
        what fails: of problems and of failures there were so many before."""
        more = self.failures[failures:]
        if more and len(more) == len(self.problems) - problems:
            self.failed_paths += self.problems[problems:]
            del self.problems[problems:], self.failures[failures:]
            self.fail(more[0])
            self.ended = True

    def fail(self, failure: Failure) -> None:
        """Raise what Python raises."""
        cls, text = failure
        error = self.build.define(f"builtins.{cls.__name__}", Const(text))
        self.build.define("raise", error)

    def join_paths(
        self,
        cond: Atom,
        node: ast.AST,
        paths: tuple[Branch, Branch],
        bases: dict[Key, str] | None = None,
    ) -> None:
        """Emit the `If` of two lowered paths and merge what they changed."""
        for key in {**paths[0].changes, **paths[1].changes}:
            if isinstance(key, int):
                self.meet_as_tables((key, key), paths)
        changed = {**paths[0].changes, **paths[1].changes}
        keys = [k for k in changed if self._merges(k)]
        results: list[Var] = []
        yields: tuple[list[Atom], list[Atom]] = ([], [])
        merged: dict[Key, Value] = {}
        self.meetings += 1
        self.met_refs, self.met_contents = {}, {}
        older = self.state.buffers
        met: Met = []

        def phi(values: tuple[Value, Value], base: str) -> Value:
            atoms: list[Atom] = []
            for path, value in zip(paths, values, strict=True):
                if path.ends or isinstance(value, Missing):
                    atoms.append(UNDEF)
                elif isinstance(value, (Var, Const, Global)):
                    atoms.append(value)
                else:
                    with self.path(path):
                        atoms.append(self.atom(value, node, base))
            kind = join_atoms(atoms[0], atoms[1], f"meet{self.meetings}.{len(results)}")
            result = self.names.fresh(base, "", kind)
            self.inherit(result, atoms)
            results.append(result)
            yields[0].append(atoms[0])
            yields[1].append(atoms[1])
            return result

        for key in keys:
            values = tuple(p.changes.get(key, self.state.get(key)) for p in paths)
            base = (bases or {}).get(key) or self._key_base(key)
            merged[key] = self.meet(key, (values[0], values[1]), paths, phi, base, met)
        self.tie_met(met, older)
        merged.update(self.met_contents)
        span = self.span(node)
        self.build.append(
            If(
                cond,
                tuple(paths[0].nodes),
                tuple(paths[1].nodes),
                tuple(results),
                tuple(yields[0]),
                tuple(yields[1]),
                span,
            )
        )
        partial = [key for key in keys if self._is_partial(key, merged[key], paths)]
        for key, value in merged.items():
            self.state.set(key, value)
        for key in partial:
            self.note_partial(key)
        if not paths[0].ends and not paths[1].ends:
            for pair, ref in self.met_refs.items():
                self.state.set(("either", ref.buffer), Sequence((cond, *pair)))

    def put(self, ref: Ref, key: Any, value: Value, node: ast.AST) -> None:
        """Let an object hold a value; where it is one of two that a condition has chosen,
        the one that it is."""
        either = self.state.get(("either", ref.buffer))
        if not isinstance(either, Sequence) or ref.path:
            super().put(ref, key, value, node)
            return
        if self._ways_to(ref, {}) > _MOST_WAYS:
            message = "this may be one of too many objects, depending on the run"
            raise Refusal(message, node, "set this before it is decided which one it is")
        changed = self.known(ref, node).put(key, value)
        cond, *pair = either.items
        paths = (Branch(), Branch())
        for path, each in zip(paths, pair, strict=True):
            assert isinstance(each, Ref)
            with self.path(path):
                self.put(each, key, value, node)
        self.join_paths(self.atom(cond, node), node, paths)
        self.state.set(ref.buffer, changed)
        self.written.add(ref.buffer)
        self.state.set(("either", ref.buffer), either)

    def _ways_to(self, ref: Ref, known: dict[int, int]) -> int:
        """On how many ways conditions choose the object that a name stands for."""
        either = self.state.get(("either", ref.buffer))
        if not isinstance(either, Sequence) or ref.path:
            return 1
        if ref.buffer not in known:
            refs = [each for each in either.items[1:] if isinstance(each, Ref)]
            known[ref.buffer] = sum(self._ways_to(each, known) for each in refs)
        return known[ref.buffer]

    def note_partial(self, key: Key) -> None:
        """Note that a name may be left unassigned by the way that led here. In a loop it
        then stands for what the round before left."""
        self.state.set(("partial", key), self.state.get(key))

    def is_partial(self, key: Key) -> bool:
        held = self.state.get(key)
        return held is not MISSING and self.state.get(("partial", key)) is held

    def _is_partial(self, key: Key, merged: Value, paths: Paths) -> bool:
        """Whether a name is assigned at the end of some path only."""
        if isinstance(key, int) or key[0] == "value" or isinstance(merged, Missing):
            return False
        for path in paths:
            value = path.changes.get(key, self.state.get(key))
            mark = ("partial", key)
            noted = path.changes.get(mark, self.state.get(mark))
            if not path.ends and (isinstance(value, Missing) or noted is value):
                return True
        return False

    def _key_base(self, key: Key) -> str:
        name = key[1] if isinstance(key, tuple) and len(key) == 2 else None
        return name.strip("<>") if isinstance(name, str) else "t"

    def _merges(self, key: Key) -> bool:
        """Whether a key of the state takes part where paths meet."""
        if isinstance(key, int):
            return True
        return key[0] in self.live_frames or key[0] == "value"
