"""What a Python name stands for while its function is lowered.

Numbers and other immutable values are IR atoms. What can change is a reference to a
buffer that holds its present contents, so that a change through any name is seen by all.
"""

from __future__ import annotations

import ast
from typing import Any

from symdiff.errors import Span
from symdiff.ir.core import Atom, Const
from symdiff.records import dataclass, replace

__all__ = [
    "ArrayRef", "Backwards", "Bound", "Closure", "Column", "Contents", "Derived", "DictRef",
    "DictView", "Enumerated", "FlatRef", "Generator", "Getter", "LATER", "Link", "ListRef",
    "Mapped", "Maybe", "Missing", "MISSING", "Moved", "NEVER", "ObjectRef", "OneOf",
    "Opened", "Partial", "Points", "Poison", "Pulled", "Ranged", "Ref", "Row", "Sequence",
    "Static", "Super", "sure", "Suspended", "Table", "Value", "ViewStep", "Zipped",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class ViewStep:
    """One step from an array to a view of it: an op, its other arguments, its params."""

    op: str
    args: tuple[Atom, ...]
    params: Any = None


@dataclass(frozen=True, slots=True)
class Ref:
    """What can change: a buffer, and the steps from its contents to what is meant."""

    buffer: int
    path: tuple[ViewStep, ...] = ()


@dataclass(frozen=True, slots=True)
class ArrayRef(Ref):
    """An array; the buffer holds an atom, the path the views of it."""


@dataclass(frozen=True, slots=True)
class FlatRef(ArrayRef):
    """What `.flat` gives: slices of it are copies."""


@dataclass(frozen=True, slots=True)
class ListRef(Ref):
    """A list; the buffer holds its items, or an atom if their number is not known. Then
    the path leads to a row of a list of lists."""


@dataclass(frozen=True, slots=True)
class DictRef(Ref):
    """A dict; the buffer holds its items by key."""


@dataclass(frozen=True, slots=True)
class ObjectRef(Ref):
    """An instance of a user's class; the buffer holds its attributes by name."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a list, dict or object holds: values, by key but for a list. Keys are strings
    and other constants; `cls` is the class of an object."""

    items: tuple[Value, ...]
    keys: tuple[Any, ...] | None = None
    cls: type | None = None
    most: int | None = None  # a list that keeps so many of its last items

    def get(self, key: Any) -> Value | None:
        assert self.keys is not None
        return self.items[self.keys.index(key)] if key in self.keys else None

    def put(self, key: Any, value: Value) -> Contents:
        """The contents with another value under a key, or one more."""
        assert self.keys is not None
        if key not in self.keys:
            return Contents((*self.items, value), (*self.keys, key), self.cls)
        place = self.keys.index(key)
        items = (*self.items[:place], value, *self.items[place + 1 :])
        return Contents(items, self.keys, self.cls)

    def without(self, key: Any) -> Contents:
        assert self.keys is not None
        place = self.keys.index(key)
        items = self.items[:place] + self.items[place + 1 :]
        return Contents(items, self.keys[:place] + self.keys[place + 1 :], self.cls)

    def holding(self, items: tuple[Value, ...]) -> Contents:
        """Contents of the same form with other values."""
        return replace(self, items=items)

    def ending(self, items: tuple[Value, ...]) -> Contents:
        """Contents of a list that got other values at its end: as many as it keeps."""
        kept = len(items) if self.most is None else self.most
        return self.holding(items[max(0, len(items) - kept) :])

    def fits(self, other: Contents) -> bool:
        """Whether the other holds values at the same places."""
        same = self.keys == other.keys and self.cls is other.cls
        return same and len(self.items) == len(other.items)


@dataclass(frozen=True, slots=True)
class Column:
    """In the form of a table: what the list of this number holds for each item."""

    number: int


@dataclass(frozen=True, slots=True)
class Link:
    """In the form of a table: for each item one of another table, of which the list of
    this number holds the index."""

    column: Column
    to: Ref  # whatever its index is


@dataclass(frozen=True, slots=True)
class Table(Contents):
    """A list of objects, dicts or tuples whose number only the run knows: a list for each
    part in which they differ, by its number, and the form of an item."""

    form: Any = None
    names: tuple[str, ...] = ()  # what the lists are called

    @staticmethod
    def of(columns: tuple[Value, ...], form: Any, names: tuple[str, ...]) -> Table:
        return Table(columns, tuple(range(len(columns))), form=form, names=names)

    def fits(self, other: Contents) -> bool:
        return isinstance(other, Table) and self.form == other.form


@dataclass(frozen=True, slots=True)
class Row:
    """How often the items of a table had moved, and how often it had grown, when one was
    read; None if that does not matter, as its index is not negative."""

    moved: int
    grown: int | None


@dataclass(frozen=True, slots=True)
class Moved:
    """What an object or dict became that is now an item of a table."""

    ref: Ref


@dataclass(frozen=True, slots=True)
class Opened:
    """A reference whose contents a loop carries."""

    ref: Ref
    contents: Value


@dataclass(frozen=True, slots=True)
class Sequence:
    """A tuple, held item by item; `cls` is the class of a named tuple, or
    `slice`, whose items are start, stop and step."""

    items: tuple[Value, ...]
    cls: type | None = None


@dataclass(frozen=True, slots=True)
class Static:
    """A Python object known now: a module, function, class or ufunc.

    `path` says where the generated code finds it (see `External`).
    """

    value: Any
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    """A function defined inside the function that is lowered, or a lambda."""

    node: ast.FunctionDef | ast.Lambda
    frame: int
    defaults: tuple[tuple[str, Value], ...]
    made_in: tuple[Any, ...] = ()  # the comprehensions that were open


@dataclass(frozen=True, slots=True)
class Bound:
    """A method looked up on a value, waiting for its call."""

    owner: Value
    name: str


@dataclass(frozen=True, slots=True)
class Super:
    """`super()` in a method of `cls`."""

    cls: type
    owner: Value


@dataclass(frozen=True, slots=True)
class Partial:
    """A function with some arguments given: `functools.partial`, or a bound method."""

    function: Value
    args: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Derived:
    """The derivative of a function, made by the operator `form`, such as "grad"."""

    form: str
    function: Value
    argnums: Any = 0
    has_aux: bool = False
    holomorphic: bool = False


@dataclass(frozen=True, slots=True)
class Pulled:
    """What `vjp(function, *primals)` gives beside the value."""

    function: Value
    primals: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Ranged:
    """`range(start, stop, step)`."""

    start: Atom
    stop: Atom
    step: Atom
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class Enumerated:
    """`enumerate(of, start)`."""

    of: Value
    start: Atom


@dataclass(frozen=True, slots=True)
class Zipped:
    """`zip(*of)`; the columns are known to have equally many items if it is strict."""

    of: tuple[Value, ...]
    strict: bool = False


@dataclass(frozen=True, slots=True)
class DictView:
    """`of.keys()`, `of.values()` or `of.items()`: what the dict holds when it is read."""

    of: DictRef
    name: str


@dataclass(frozen=True, slots=True)
class Getter:
    """What `operator.itemgetter(...)` and its like give, or a decorator that leaves the
    function as it is."""

    name: str
    args: tuple[Value, ...] = ()
    keywords: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Mapped:
    """`map(function, *of)`."""

    function: Value
    of: Zipped


@dataclass(frozen=True, slots=True)
class Backwards:
    """`reversed(of)` of a list."""

    of: Value


@dataclass(frozen=True, slots=True)
class Generator:
    """What calling a generator function gives, or a generator expression: nothing of it
    runs before it is asked for an item. Its names are those of a frame; the buffer says
    how far it has come. `display` is the list that a generator expression would be."""

    buffer: int
    frame: int
    function: ast.FunctionDef
    display: ast.ListComp | None = None
    library: bool = False  # made by a function of the library


class Points:
    """Where a generator can stand: what is left to run of it at each of these points."""

    def __init__(self, frame: int, function: ast.FunctionDef) -> None:
        self.frame, self.function = frame, function
        self.rests: list[tuple[ast.stmt, ...]] = []

    def standing(self, rest: tuple[ast.stmt, ...]) -> Suspended:
        if rest not in self.rests:
            self.rests.append(rest)
        return Suspended(self, Const(self.rests.index(rest)))


@dataclass(frozen=True, slots=True)
class Suspended:
    """How far a generator has come: the number of the point at which it stands, which may
    be known to the run only."""

    points: Points
    at: Atom


@dataclass(frozen=True, slots=True)
class Maybe:
    """A tuple, list, dict or object, or None: the latter where `none` is true."""

    none: Atom
    value: Value


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of several functions or objects of different classes: that with the number `at`,
    which may be known to the run only."""

    values: tuple[Value, ...]
    at: Atom


@dataclass(frozen=True, slots=True)
class Poison:
    """A value that must not be read; `message` says why, None if already reported."""

    message: str | None = None
    help: str | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """A name that is not assigned yet."""


MISSING = Missing()
# What depends on the result of a recursive function of which nothing is known yet.
LATER = Poison(help="a recursive call is going to say")
NEVER = Poison(help="what would say fails whenever it runs")

Value = (
    Atom | Ref | Contents | Opened | Backwards | Sequence | Static | Closure | Bound
    | DictView | Ranged | Enumerated | Zipped | Mapped | Getter | Super | Partial | Maybe
    | OneOf | Poison | Missing | Moved | Column | Link | Generator | Suspended | Derived
    | Pulled
)  # fmt: skip


def sure(value: Value) -> Value:
    """What a value is where it is not None, as its use shows."""
    return value.value if isinstance(value, Maybe) else value
