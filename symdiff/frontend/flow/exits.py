"""Errors that a handler catches: the jumps that they are.

Where something may raise what a handler around it catches, a branch begins: one path is
the handler, the other all that follows. It stays open until the part of the program that
holds it ends, so no flag says later what the structure says already. Only out of a
loop, or out of one of two branches, a flag carries the news to the handler.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from symdiff.errors import Span
from symdiff.frontend.flow.carrying import Carrying
from symdiff.frontend.memory.context import Frame, Refusal
from symdiff.frontend.memory.state import Branch, Key
from symdiff.frontend.memory.values import MISSING, Poison, Value, sure
from symdiff.frontend.reading.raising import Raise, raises
from symdiff.ir.core import UNDEF, Atom, Const, Global, Var, kind_of
from symdiff.ir.effects import APPLIES, READING_METHODS
from symdiff.records import dataclass

__all__ = ["FALSE", "TRUE", "Catcher", "Exits", "Handler", "Jump", "NOT_AT_HAND"]

FALSE, TRUE = Const(False), Const(True)
NOT_AT_HAND = Poison("the error itself is not at hand here", "use what raised it")


class Placed(ast.AST):
    """A place in the text, whichever function it is in."""

    def __init__(self, span: Span | None) -> None:
        super().__init__()
        self.span = span


class Jump(Exception):
    """Control has left what is being lowered: nothing more of this path runs."""


@dataclass(frozen=True, slots=True)
class Handler:
    """`except classes as name:` with its statements; `flag` says that it was chosen,
    for the `error`."""

    classes: tuple[type, ...]
    name: str | None
    body: list[ast.stmt]
    flag: Key
    error: Key

    def catches(self, classes: tuple[type, ...]) -> bool:
        return all(issubclass(cls, self.classes) for cls in classes)

    @property
    def passes(self) -> bool:
        """Whether it lets the error pass on to the caller: it only raises it again."""
        first = self.body[0]
        return isinstance(first, ast.Raise) and first.exc is None


@dataclass(frozen=True, slots=True, eq=False)
class Catcher:
    """A `try` whose body is being lowered, with all that its handlers or its `finally`
    are lowered in."""

    handlers: tuple[Handler, ...]
    finalbody: list[ast.stmt]
    finished: Key  # a flag: the `finally` has run
    level: int
    frame: Frame
    loops: list[str]
    sites: int
    calls: int
    outer: list[Catcher]


@dataclass(slots=True)
class Fork:
    """A branch whose second path is still open."""

    cond: Atom
    node: ast.AST
    paths: tuple[Branch, Branch]
    live: Branch
    opened: Any


class Exits(Carrying):
    """Lowers what leads to handlers."""

    # The functions that are open, and how many branches were where each was called.
    stack: list[Any]
    branches_at: list[int]

    def __init__(self) -> None:
        super().__init__()
        self.catchers: list[Catcher] = []
        self.levels: list[list[Fork]] = [[]]  # of each open path, or part of one
        self.rounds: list[tuple[int, Key]] = []  # the open loops: level, and flag to leave
        self.loop_names: list[str] = []
        self.handling: list[tuple[Handler, Value]] = []  # that are open, and their errors
        self.asking = False  # while something is made that raises nothing, as a condition
        self.build.before = self._before

    @property
    def catching(self) -> bool:
        """Whether an error may be caught here."""
        return any(catcher.handlers for catcher in self.catchers)

    # -- levels -----------------------------------------------------------------------

    @contextmanager
    def level(self) -> Iterator[None]:
        """A part of the program at whose end open branches meet."""
        self.levels.append([])
        forks = self.levels[-1]
        try:
            with suppress(Jump):
                yield
            while forks:
                self._close(forks.pop())
        finally:
            for fork in reversed(forks):
                fork.opened.__exit__(None, None, None)
            self.levels.pop()

    def _close(self, fork: Fork) -> None:
        fork.live.ends, self.ended = self.ended, False
        fork.opened.__exit__(None, None, None)
        super().join_paths(fork.cond, fork.node, fork.paths)
        self.ended = fork.paths[0].ends and fork.paths[1].ends

    @contextmanager
    def path(self, branch: Branch) -> Iterator[None]:
        with super().path(branch), self.level():
            try:
                yield
            except Jump:
                branch.jumped = True
        # `ended` tells of the whole path, now that its open branches have met.
        branch.ends, self.ended = branch.ends or self.ended, False

    def join_paths(
        self,
        cond: Atom,
        node: ast.AST,
        paths: tuple[Branch, Branch],
        bases: dict[Key, str] | None = None,
    ) -> None:
        for path in paths:
            if path.jumped:
                self._settle(path, node)
        live = [path for path in paths if not path.jumped]
        if len(live) == 1 and not live[0].ends:
            self._go_on(cond, node, paths, live[0])
            self.check_raised(node)
            return
        super().join_paths(cond, node, paths, bases)
        if len(live) < 2:
            self.ended = paths[0].ends and paths[1].ends
            raise Jump
        self.check_raised(node)

    def loop(self, node: ast.AST, *args: Any) -> bool:
        done = super().loop(node, *args)
        if done:
            self.check_raised(node)
        return done

    # -- jumps ------------------------------------------------------------------------

    def _go_on(
        self, cond: Atom, node: ast.AST, paths: tuple[Branch, Branch], live: Branch
    ) -> None:
        """Go on in one of two paths, until the level ends; the other has left."""
        opened = super().path(live)
        opened.__enter__()
        self.assume(cond, live is paths[0])
        place = Placed(self.span(node))
        self.levels[-1].append(Fork(cond, place, paths, live, opened))

    def assume(self, cond: Atom, holds: bool) -> None:
        super().assume(cond, holds)
        made = self.build.definitions.get(cond) if isinstance(cond, Var) else None
        if made is not None and self.catching:
            self.state.set(_fact(made.op, made.args), Const(holds))

    def span(self, node: ast.AST | None) -> Span | None:
        return node.span if isinstance(node, Placed) else super().span(node)

    def _fork(
        self, cond: Value, catcher: Catcher, handler: Handler, error: Value, node: ast.AST
    ) -> None:
        """Where `cond` holds, go to a handler; go on in the other path."""
        known = self.truth(cond)
        if known is False:
            return
        direct = len(self.levels) - 1 == catcher.level
        if known:
            self._go_to(catcher, handler, error, node, direct)
        paths = (Branch(), Branch())
        with self.path(paths[0]):
            self.assume(self.atom(cond, node), True)
            self._go_to(catcher, handler, error, node, direct)
        self._go_on(self.atom(cond, node), node, paths, paths[1])

    def _settle(self, path: Branch, node: ast.AST) -> None:
        """Let a path that has left go on to its handler, if that is within reach here."""
        level = len(self.levels) - 1
        with self.path(path):
            for catcher in reversed(self.catchers):
                for handler in catcher.handlers:
                    if self.state.get(handler.flag) == TRUE and catcher.level == level:
                        error = self.state.get(handler.error)
                        self._handle(catcher, handler, error, node)
                        raise Jump

    def _go_to(
        self, catcher: Catcher, handler: Handler, error: Value, node: ast.AST, direct: bool
    ) -> None:
        if direct:
            self._handle(catcher, handler, error, node)
        else:
            self.state.set(handler.flag, TRUE)
            self.state.set(handler.error, error)
            if self.rounds and self.rounds[-1][0] > catcher.level:
                self.state.set(self.rounds[-1][1], TRUE)
        raise Jump

    def _handle(
        self, catcher: Catcher, handler: Handler, error: Value, node: ast.AST
    ) -> None:
        if catcher.frame.hiding:
            message = "an error that is caught outside this comprehension"
            help = "the handler could not see the names that it hides: write a loop"
            raise Refusal(f"{message} is not supported", node, help)
        self.handling.append((handler, error))
        try:
            with self._at(catcher):
                self.state.set(handler.flag, FALSE)
                frame = self.frame
                while frame.outer is not None and handler.name not in frame.locals:
                    frame = frame.outer  # a name that is declared nonlocal
                key = (frame.number, handler.name)
                if handler.name is not None:
                    self.state.set(key, error)
                self.block(handler.body)
                if handler.name is not None:
                    self.state.set(key, MISSING)
        finally:
            self.handling.pop()

    def clean_up(self) -> None:
        """Run what every open `finally` does, on the way of an error that nobody
        catches; it may raise another one."""
        for catcher in reversed(self.catchers):
            if catcher.finalbody and not self.ended:
                self.state.set(catcher.finished, TRUE)
                with self._at(catcher):
                    self.block(catcher.finalbody)

    @contextmanager
    def _at(self, catcher: Catcher) -> Iterator[None]:
        """Lower in the place of a `try`, from within its body."""
        held = self.frame, self.loop_names, self.sites, self.catchers, self.build.span
        calls = self.stack, self.branches_at
        self.frame, self.loop_names = catcher.frame, catcher.loops
        # The calls that the error has left are over.
        self.stack = self.stack[: catcher.calls]
        self.branches_at = self.branches_at[: catcher.calls + 1]
        # The statements may be lowered for several places, and their loops for each.
        self.sites = [*self.sites[: catcher.sites], hash(self.build.span)]
        self.catchers = catcher.outer
        try:
            yield
        finally:
            self.frame, self.loop_names, self.sites, self.catchers, span = held
            self.stack, self.branches_at = calls
            self.build.span = span

    def check_raised(self, node: ast.AST) -> None:
        """Go on to a handler if what has just been lowered may have led to it."""
        for catcher in reversed(self.catchers):
            for handler in catcher.handlers:
                flag = self.state.get(handler.flag)
                if flag not in (FALSE, MISSING):
                    error = sure(self.state.get(handler.error))
                    error = NOT_AT_HAND if error == MISSING else error
                    self._fork(flag, catcher, handler, error, node)
                    self.state.set(handler.flag, FALSE)

    def flags_to_handlers(self) -> list[Key]:
        return [h.flag for catcher in self.catchers for h in catcher.handlers]

    # -- what raises ------------------------------------------------------------------

    def catcher_of(self, *classes: type) -> tuple[Catcher, Handler] | None:
        """The handler that catches an error of one of these classes, raised here."""
        for catcher in reversed(self.catchers):
            catching = (h for h in catcher.handlers if h.catches(classes))
            handler = next(catching, None)
            if handler is not None and not handler.passes:
                return catcher, handler
        return None

    def may_be_caught(self, classes: tuple[type, ...]) -> bool:
        """Whether some error of these classes is caught here, though not every one."""
        found = self.catcher_of(*classes)
        for catcher in reversed(self.catchers):
            for handler in catcher.handlers:
                if found == (catcher, handler):
                    return False
                if handler.passes:
                    continue
                if any(map(handler.catches, zip(classes))):
                    return True
                if any(issubclass(cls, classes) for cls in handler.classes):
                    return True
        return False

    def raise_now(self, cls: type, node: ast.AST, error: Value = NOT_AT_HAND) -> None:
        """Go to the handler of an error; return where there is none."""
        self.raise_one_of((cls,), node, error)

    def raise_one_of(self, classes: tuple[type, ...], node: ast.AST, error: Value) -> None:
        found = self.catcher_of(*classes)
        if found is not None:
            self._fork(TRUE, *found, error, node)

    def raise_where(self, cond: Value, cls: type, node: ast.AST) -> None:
        found = self.catcher_of(cls)
        if found is not None:
            self._fork(cond, *found, NOT_AT_HAND, node)

    @contextmanager
    def raising_nothing(self) -> Iterator[None]:
        """Lower what is known to raise nothing, or does so elsewhere."""
        self.asking, asking = True, self.asking
        try:
            yield
        finally:
            self.asking = asking

    def _before(self, op: str, args: tuple[Atom, ...], params: Any) -> None:
        """Called before an equation is made: what it may raise may be caught."""
        if not self.catching or self.asking:
            return
        place = Placed(self.build.span)
        for error in raises(op, args, params):
            found = self.catcher_of(error.cls)
            if found is None:
                continue
            for cond in self._conditions(error, args, place):
                self._fork(cond, *found, NOT_AT_HAND, place)
                self.build.span = place.span
        if op in ("call", "method", *APPLIES):
            self._check_call(op, args[0], params, place)

    def _conditions(
        self, error: Raise, args: tuple[Atom, ...], place: ast.AST
    ) -> Iterator[Value]:
        """When the error is raised; any of these."""
        for op, number, bound in error.when:
            if self.state.get(_fact(op, (args[number], Const(bound)))) == FALSE:
                continue  # the program has asked before
            with self.raising_nothing():
                cond = self.compare(op, args[number], Const(bound), place, "t")
            yield cond
        if error.trial is not None:
            yield self._trial(error.cls, error.trial, args[: error.taken])

    def _trial(self, cls: type, function: str, args: tuple[Atom, ...]) -> Atom:
        """Whether a function raises, found by calling it."""
        module = function.rpartition(".")[0]
        self.modules.setdefault(module.partition(".")[0], _ALIASES.get(module[:5], module))
        if cls.__module__ == "builtins":
            caught = self.external_at(("builtin", cls.__name__), kind_of(UNDEF))
        else:
            caught = Global(f"{module}.{cls.__name__}")
        return self.build.define("raises", caught, Global(function), *args)

    def _check_call(self, op: str, callee: Atom, params: Any, place: ast.AST) -> None:
        """Refuse a call that may raise what is caught."""
        if op == "method" and params[0] in READING_METHODS:
            return
        named = [e for e in self.externals.values() if Global(e.name) == callee]
        if any(e.path[0] == "builtin" or e.path[1] in _HARMLESS for e in named):
            return
        message = "whether this call raises what is caught here is not known"
        raise Refusal(message, place, "call it outside the `try`")


def _fact(op: str, args: tuple[Atom, ...]) -> Key:
    """The key of what is known of a comparison in this path."""
    plain = (Const(float(a.value)) if _is_number(a) else a for a in args)  # type: ignore[union-attr]
    return ("known", op, *plain)


def _is_number(atom: Atom) -> bool:
    return isinstance(atom, Const) and type(atom.value) in (int, float)


_ALIASES = {"numpy": "np"}
_HARMLESS = frozenset("time random logging warnings".split())  # modules
