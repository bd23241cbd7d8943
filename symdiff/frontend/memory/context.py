"""The ground of the lowering: diagnostics, spans, names, arrays and views."""

from __future__ import annotations

import ast
import enum
import re
from collections.abc import Callable, Iterable
from typing import Any, Self

from symdiff.errors import Diagnostic, DifferentiationError, Span
from symdiff.frontend.memory.dtypes import is_dtype
from symdiff.frontend.memory.state import Key, State
from symdiff.frontend.memory.values import (
    LATER, MISSING, NEVER, ArrayRef, Closure, Contents, DictRef, Generator, ListRef, Maybe,
    Moved, OneOf, Poison, Ref, Sequence, Static, Value,
)  # fmt: skip
from symdiff.frontend.reading.nothing import Failure
from symdiff.frontend.reading.source import Source, named
from symdiff.ir.builder import Builder, Names
from symdiff.ir.core import (
    UNDEF,
    Atom,
    Const,
    Equation,
    External,
    Global,
    Index,
    SliceItem,
    Var,
    kind_of,
)
from symdiff.ir.kinds import NONE, Array, Kind, List, Tuple

__all__ = [
    "Consumer",
    "Context",
    "Frame",
    "Refusal",
    "Unfinished",
    "Unreached",
    "list_depth",
]


class Refusal(Exception):
    """One problem: reported, after which lowering goes on with the next statement."""

    def __init__(self, message: str, node: ast.AST | None, help: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.node = node
        self.help = help


class Unfinished(Refusal):
    """What a recursive function returns is read before that is known: nothing is
    reported, the function is lowered once more."""

    def __init__(self, node: ast.AST | None) -> None:
        super().__init__("", node)


class Unreached(Refusal):
    """What fails whenever it runs, as far as is known, with an error of Python's: what
    follows it does not happen. A loop may show on its next lowering that it succeeds."""

    def __init__(
        self, message: str, node: ast.AST | None, failure: Failure | None = None
    ) -> None:
        super().__init__(message, node)
        self.failure = failure


class Consumer:
    """Who runs a generator: `each` gets what it yields and what runs the rest of it, in
    the frame of the consumer.

    `left` is the flag that says that the consumer has left its loop; `flags` are those
    that say how control has left it, and who runs the consumer if that is a generator.
    """

    def __init__(
        self,
        frame: Frame,
        each: Callable[[Value, Callable[[], None]], None],
        left: Key | None,
        flags: tuple[Key, ...],
        place: tuple[Any, ...],
    ) -> None:
        self.frame = frame
        self.each = each
        self.left = left
        self.flags = flags
        self.place = place  # where the lowering goes back to


class Frame:
    """One activation: the names of one function, inlined or outermost."""

    def __init__(
        self,
        number: int,
        source: Source,
        function: Any,
        locals_: frozenset[str],
        outer: Frame | None,
    ) -> None:
        self.number = number
        self.source = source
        self.function = function
        self.locals = locals_
        self.outer = outer
        self.captured = False
        self.path: tuple[str, ...] = ()  # where the generated code finds the function
        self.scopes: list[Any] = []  # of the comprehensions that are open
        self.made_in: tuple[Any, ...] = ()  # those around a generator expression
        self.consumer: Consumer | None = None  # while the frame's generator runs
        # Of the call for which a definition stands.
        self.site: Span | None = None if outer is None else outer.site
        self.hiding = 0  # how many names of its own a comprehension hides


class Context:
    """State shared by all parts of the lowering."""

    max_depth = 60
    unroll = False  # whether all loops are written out
    exact = False  # whether the code is made for the integers outside
    late = False  # whether keys and text may be what only the run knows
    brief = False  # whether many rounds over the caller's lists are not written out
    longest = 64  # lists with more items are not held item by item
    most_rounds = 16  # a list of numbers that is longer is looped over, not written out
    most_objects = 16  # so is a list of objects
    by_index = False  # whether lists hold indices of objects that are in another list

    def __init__(self) -> None:
        self.names = Names()
        self.build = Builder(self.names)
        self.state = State()
        self.problems: list[Diagnostic] = []
        self.failures: list[Failure] = []  # those among all problems
        self.failed_paths: list[Diagnostic] = []  # problems that end one path only
        # Where loops are that could not stay loops although their rounds are known, and
        # those that are written out as that was found out before.
        self.failed_loops: set[Span | None] = set()
        self.known_to_fail: frozenset[Span | None] = frozenset()
        self.frames: dict[int, Frame] = {}
        self.frame: Frame = None  # type: ignore[assignment]
        self.externals: dict[tuple[str, ...], External] = {}
        self.modules: dict[str, str] = {}
        self.ties: dict[int, set[int]] = {}
        # Lists held as one value: those of which two places may hold one inner list, and
        # those whose inner lists are changed in their place.
        self.doubled: set[int] = set()
        self.changed_inside: set[int] = set()
        self.sites: list[object] = []  # the calls that are open
        self.containers: dict[int, str] = {}  # lists, dicts and objects of the caller's
        self.moved_into: dict[int, set[int]] = {}  # the tables in which objects were
        # Of those that are tables, how the items and the objects in them are written.
        self.rows_of: dict[int, tuple[str, ...]] = {}
        # What was taken for other than each other: buffers, items of tables.
        self.compared: set[int | str] = set()
        self.rounds_of_items = 0  # of loops over these that are written out
        self.looping: list[Ref] = []  # lists over which loops run now
        # The function whose assignment only moves items about, and what such an assignment
        # has put into lists on the way: list, index, item, and where it was done.
        self.permutes: Frame | None = None
        self.exchanged: list[tuple[int, Atom, Ref, tuple[int, int], ast.AST | None]] = []
        self.older: list[int] = [0]  # the last buffer that each open loop found
        self.unsure: set[int] = set()  # dicts and objects that got keys in a loop
        self.arrays: set[int] = set()  # buffers of arrays
        # Pairs of lists that may hold the same objects, but are not one list.
        self.share_only: set[frozenset[int]] = set()
        self.readonly: dict[int, str] = {}
        # What functions that are lowered on their own are passed, and whether the rest of
        # it is known to be other objects.
        self.told_apart: dict[int, bool] = {}
        self.written: set[int] = set()
        self.live_frames: set[object] = set()
        self.bases: dict[Var, str] = {}  # better names for some values
        self.parts: set[Var] = set()  # leaves of parameters, called after their places
        self.view_names: dict[ArrayRef, str] = {}
        self.open_branches = 0  # paths that run-time conditions chose
        self.shapes: dict[int, Var] = {}  # a value that keeps the buffer's shape
        self.contexts: list[Equation] = []  # in which the generated code is to run
        self.optional: set[Var] = set()  # None on some path, else of their kind
        # What `and` and `or` give of an object, a list or None: only its truth is kept.
        self.questions: set[Var] = set()
        self.factories: dict[int, Value] = {}  # what a defaultdict calls
        # Where dicts are made, where those are whose keys only the run knows, and which of
        # the others were asked for such a key; that lists of text were, too.
        self.made_at_place: dict[int, object] = {}
        self.keyed_places: frozenset[object] = frozenset()
        self.wanted_places: set[object] = set()
        self.list_names: dict[int | None, str] = {}  # what lists are called
        self.class_paths: dict[type, tuple[str, ...]] = {}  # where those that were read are
        self.without_axes: set[Var] = set()  # numbers here, arrays without axes in NumPy
        self.open_checkpoints: set[Any] = set()  # functions that are lowered as such now

    # -- diagnostics ------------------------------------------------------------------

    def span(self, node: ast.AST | None) -> Span | None:
        if node is None:
            return None
        return self.frame.site or self.frame.source.span(node)

    def line(self, node: ast.AST) -> object:
        """The number of a node's line, for messages."""
        span = self.span(node)
        return "?" if span is None else span.line

    def at(self, node: ast.AST) -> Self:
        """Self, with the builder's span set to a node."""
        self.build.span = self.span(node)
        return self

    def report(self, refusal: Refusal) -> None:
        span = self.span(refusal.node)
        if refusal.node is not None and span is None:
            span = self.build.span
        self.problems.append(Diagnostic(refusal.message, span, refusal.help))
        if isinstance(refusal, Unreached) and refusal.failure is not None:
            self.failures.append(refusal.failure)

    def report_in(self, frame: Frame, refusal: Refusal) -> None:
        """Report a refusal in the text of a function."""
        outer, self.frame = self.frame, frame
        self.report(refusal)
        self.frame = outer

    def finish(self) -> None:
        """Raise all problems that were found, each once."""
        if self.problems:
            raise DifferentiationError(tuple(dict.fromkeys(self.problems)))

    def raise_where(self, cond: Value, cls: type, node: ast.AST) -> None:
        raise NotImplementedError

    def raise_now(self, cls: type, node: ast.AST) -> None:
        """Go to the handler of an error that is surely raised here; return where there
        is none."""

    # -- atoms and arrays -------------------------------------------------------------

    def emit(self, op: str, *args: Atom, params: Any = None, base: str = "t") -> Value:
        """Append an equation; an array result gets a buffer of its own."""
        target = self.build.define(op, *args, params=params, base=base)
        return self.own(target)

    def own(self, atom: Atom) -> Value:
        """The value of a fresh IR result."""
        if isinstance(kind_of(atom), Array):
            buffer = self.state.new_buffer()
            self.arrays.add(buffer)
            self.state.set(buffer, atom)
            return ArrayRef(buffer)
        return atom

    def whole(self, atom: Atom) -> Value:
        """The value of what a list or dict holds, or a parameter."""
        return self.own(atom)

    def atom(self, value: Value, node: ast.AST | None, base: str = "t") -> Atom:
        """The IR atom that holds the value as it is now."""
        if isinstance(value, (Var, Const, Global)):
            return value
        if isinstance(value, ArrayRef):
            return self.read(value, node, base)
        if isinstance(value, Sequence):
            items = [self.atom(item, node) for item in value.items]
            return self.build.define("tuple", *items, base=base)
        if isinstance(value, Maybe):
            return self.atom(value.value, node, base)
        if isinstance(value, Poison):
            raise self.poisoned(value, node)
        if isinstance(value, OneOf):
            raise Refusal(self.ONE_OF, node)
        if isinstance(value, Static):
            if isinstance(value.value, enum.Enum) and isinstance(value.value, int):
                return Const(int(value.value))
            if is_dtype(value.value):
                return Const(str(value.value))
            member = self.chosen_in_run(value)
            if isinstance(member, Global):
                return member
            return self.external(value, node)
        if isinstance(value, Closure):
            raise Refusal(
                "a function defined here cannot be passed to code that is run as it is",
                node,
                "call it directly, or define it at module level",
            )
        if isinstance(value, Generator):
            help = "make a list of what it yields: list(...)"
            raise Refusal("a generator cannot be used as a value here", node, help)
        raise Refusal("this value cannot be used here", node)

    def chosen_in_run(self, value: Value) -> Value:
        raise NotImplementedError  # a later part does it

    def poisoned(self, value: Poison, node: ast.AST | None) -> Refusal:
        if value == LATER:
            return Unfinished(node)
        if value == NEVER:
            return Unreached("", node)
        if value.message is None:
            return Refusal("", node)
        return Refusal(value.message, node, value.help)

    def kind(self, value: Value) -> Kind:
        """The kind of a value, without reading it."""
        if isinstance(value, ArrayRef):
            return kind_of(self.read_shape(value, None))
        if isinstance(value, Sequence):
            return Tuple(tuple(map(self.kind, value.items)))
        if isinstance(value, Maybe):
            return self.kind(value.value)
        if isinstance(value, (Var, Const, Global)):
            return kind_of(value)
        return kind_of(UNDEF)

    ONE_OF = "which of several functions or objects this is depends on the run"
    UNTOLD = "what this is where it is not true is not known"

    def inherit(self, result: Var, values: Iterable[Value]) -> None:
        """Note of what is one of some values what is known of these."""
        for value in values:
            if result.kind != NONE and self.may_be_none(value):
                self.optional.add(result)
            if isinstance(value, Var) and value in self.questions:
                self.questions.add(result)

    def may_be_none(self, value: Value) -> bool:
        """Whether some path leaves None where others leave a value of a known kind."""
        if isinstance(value, ArrayRef):
            if value.path:
                return False
            value = self.state.get(value.buffer)
        if not isinstance(value, Var):
            return value == Const(None)
        return value in self.optional and self.state.get(_is_there(value)) is MISSING

    def note_there(self, value: Atom) -> None:
        """Note that a value is not None on the path that is being lowered."""
        if value in self.optional:
            self.state.set(_is_there(value), Const(True))

    def read_shape(self, ref: ArrayRef, node: ast.AST | None) -> Atom:
        """A value of the same shape: the contents need not be known."""
        if isinstance(self.state.get(ref.buffer), Poison) and not ref.path:
            source = self.shapes.get(ref.buffer)
            if source is not None:
                return source
        return self.read(ref, node)

    def read(self, ref: Ref, node: ast.AST | None, base: str = "t") -> Atom:
        """The present contents of a whole array, or of a list held as one value."""
        current = self.state.get(ref.buffer)
        if isinstance(current, Poison):
            raise self.poisoned(current, node)
        assert isinstance(current, (Var, Global))
        return current

    def check_writable(self, ref: Ref, node: ast.AST) -> None:
        """Refuse to change what outlives the call."""
        if ref.buffer in self.readonly:
            what = next(w for cls, w in _CALLED.items() if isinstance(ref, cls))
            held = self.state.get(ref.buffer)
            if isinstance(held, Contents) and held.keys is None:
                self.state.set(ref.buffer, held.holding((*held.items, Poison())))
            named = self.readonly[ref.buffer]
            outlives = "" if named == WINDOWS else ", which outlives the call"
            help = f"copy the {what} first"
            if named == PASSED:
                help = "return what it changes, and assign that where it is called"
            raise Refusal(f"writes into {named}{outlives}", node, help)
        if self.state.is_outside(ref.buffer):
            raise Refusal(
                "a recursive function changes something that is not its own",
                node,
                "return what it computes",
            )

    def update(self, buffer: int, new: Value, node: ast.AST | None, depth: int = 0) -> None:
        """Give a buffer its new contents; what may share it becomes unreadable. Of lists
        `depth` is that of the list which changes: the elements in it stay as they are."""
        self.state.set(buffer, new)
        line = "" if node is None else f" on line {self.line(node)}"
        for other in sorted(self._sharing(buffer, new, depth)):
            held = self.state.get(other)
            if isinstance(held, Var) and list_depth(held.kind) < depth:
                continue
            self.state.set(other, self._shared(new, line))

    def _sharing(self, buffer: int, new: Value, depth: int) -> set[int]:
        """What may be, or hold, what a buffer held that is changed."""
        others = self.ties.get(buffer, set())
        if isinstance(new, Contents) and new.keys is None:
            # Other lists of the same objects keep their items, arrays their numbers.
            lists = others - self.arrays
            return {b for b in lists if frozenset((buffer, b)) not in self.share_only}
        if depth:
            return others
        # A list may hold the array that is written under another name.
        arrays = others & self.arrays
        lists = {c for b in arrays for c in self.ties.get(b, ()) if c != buffer}
        return others | (lists - self.arrays)

    @staticmethod
    def _shared(written: Value, line: str) -> Poison:
        if isinstance(written, Contents) and written.keys is not None:
            return Poison(
                f"{MAY_BE}{line}",
                "make it definite which object is changed",
            )
        return Poison(
            f"this array may share memory with the one that is written{line}",
            "make the sharing definite: use `.copy()` where the name is bound",
        )

    def tie(self, a: int, b: int) -> None:
        """Note that two buffers may be the same memory."""
        a, b = self.home(a), self.home(b)
        if a != b:
            self.ties.setdefault(a, set()).add(b)
            self.ties.setdefault(b, set()).add(a)

    def alias(self, new: int, old: int, limit: int | None = None) -> None:
        """Note that a new buffer may be the memory of `old`, or of what `old` may be;
        of buffers up to the number `limit` only, where that is given."""
        self.alias_any(new, (old,), limit)

    def alias_any(self, new: int, olds: Iterable[int], limit: int | None = None) -> None:
        """The same, of several buffers."""
        found: set[int] = set()
        for old in map(self.home, olds):
            found.add(old)
            found.update(self.ties.get(old, ()))
            if old in self.readonly:
                self.readonly[new] = self.readonly[old]
            if old in self.unsure:
                self.unsure.add(new)
        for other in found:
            if limit is None or other <= limit:
                self.tie(new, other)

    def may_share(self, a: int, b: int) -> bool:
        a, b = self.home(a), self.home(b)
        return a == b or b in self.ties.get(a, ())

    def known_apart(self, a: int, b: int) -> bool:
        """Whether two objects are known to be two."""
        both = a in self.told_apart and b in self.told_apart
        if both and not (self.told_apart[a] and self.told_apart[b]):
            return False
        if any(c in self.told_apart for c in (a, b)):
            if self.state.is_outside(a) or self.state.is_outside(b):
                return False
        return not self.may_share(a, b)

    def home(self, buffer: int) -> int:
        """The buffer that holds what a buffer held which has moved into a table."""
        held = self.state.get(buffer)
        return self.home(held.ref.buffer) if isinstance(held, Moved) else buffer

    def _base(self, atom: Atom) -> str:
        return self.bases.get(atom, atom.base) if isinstance(atom, Var) else "t"

    # -- names outside ----------------------------------------------------------------

    def external(self, value: Static, node: ast.AST | None) -> Global:
        """A `Global` through which the generated code reaches a Python object."""
        if not value.path:
            raise Refusal("this object cannot be reached from the generated code", node)
        return self.external_at(value.path, kind_of(UNDEF))

    def own_names(self) -> set[str]:
        """The names that the code of a derivative may have."""
        node = self.frames[0].source.node
        own = named(node.name) if isinstance(node, ast.FunctionDef) else "f"
        return {f"{own}_{mode}" for mode in ("grad", "value_and_grad", "jvp", "vjp")}

    def external_at(self, path: tuple[str, ...], kind: Kind) -> Global:
        known = self.externals.get(path)
        if known is None:
            taken = {e.name for e in self.externals.values()} | self.frames[0].locals
            taken |= self.own_names()
            # Helpers of ours begin with an underscore.
            stem = re.sub(r"\W+_*", "_", path[-1]).strip("_") or path[-1]
            name, count = stem, 1
            while name in taken:
                name, count = f"{stem}{count}", count + 1
            known = self.externals[path] = External(name, path)
        return Global(known.name, kind)


def list_depth(kind: Kind) -> int:
    """How many lists lie in one another: 0 for an array."""
    return 1 + list_depth(kind.item) if isinstance(kind, List) else 0


def _is_there(value: Atom) -> Key:
    """The key under which a path notes that a value is not None."""
    return ("known", value, "there")


_CALLED = {ArrayRef: "array", ListRef: "list", DictRef: "dict", Ref: "object"}
MAY_BE = "this object may be, or hold, the one that is changed"
PASSED = "an argument of a recursive function"
WHOLE = Index((SliceItem(),))
WINDOWS = "windows of an array, which may overlap"  # what a copy stands for
