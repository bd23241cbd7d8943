"""Kinds: what is known about a value before the program runs.

Code is specialised to kinds. The extent of an array axis is a known number or a `Size`,
a symbol plus an offset, so that `u[1:]` and `u[:-1]` are known to be equally long and
the adjoint of an addition of the two needs no broadcasting.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from symdiff.records import dataclass, field


__all__ = [
    "ANY_LENGTH", "BOOL", "COMPLEX", "FLOAT", "INT", "NONE", "OPAQUE", "PLACES", "SETS",
    "STR", "TAPE", "UNKNOWN",
    "Array", "Bool", "Complex", "Extent", "Fixed", "Float", "Int", "Kind", "List", "Map",
    "Member", "NoneKind", "Opaque", "Record", "Returns", "Rows", "Size", "Str", "Tape",
    "Tuple", "Unknown",
    "derivative_kind", "dtype_of", "is_complex", "is_continuous", "is_number", "is_real",
    "join", "join_items",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Size:
    """The length `symbol + offset`; `not_one` where it is known to differ from 1."""

    symbol: str
    offset: int = 0
    not_one: bool = False

    def __str__(self) -> str:
        return self.symbol if not self.offset else f"{self.symbol}{self.offset:+d}"


Extent = int | Size
ANY_LENGTH = "?"  # the symbol of a length that differs from element to element of a list


@dataclass(frozen=True, slots=True)
class Kind:
    """Base of all kinds."""


@dataclass(frozen=True, slots=True)
class Float(Kind):
    """A real scalar: a Python float (dtype None) or a NumPy scalar of that dtype."""

    dtype: str | None = None

    def __str__(self) -> str:
        return self.dtype or "float"


@dataclass(frozen=True, slots=True)
class Int(Kind):
    """An integer scalar; `extent` is its value where that is a known length."""

    extent: Extent | None = None

    def __str__(self) -> str:
        return "int"


@dataclass(frozen=True, slots=True)
class Bool(Kind):
    def __str__(self) -> str:
        return "bool"


@dataclass(frozen=True, slots=True)
class Complex(Kind):
    dtype: str | None = None

    def __str__(self) -> str:
        return self.dtype or "complex"


@dataclass(frozen=True, slots=True)
class Str(Kind):
    def __str__(self) -> str:
        return "str"


@dataclass(frozen=True, slots=True)
class NoneKind(Kind):
    def __str__(self) -> str:
        return "None"


@dataclass(frozen=True, slots=True)
class Array(Kind):
    """A NumPy array: dtype name (`float64`, `int64`, `bool`, …) and an extent per axis."""

    dtype: str
    dims: tuple[Extent, ...]

    @property
    def ndim(self) -> int:
        return len(self.dims)

    def __str__(self) -> str:
        dims = ",".join("1" if d == 1 else ":" for d in self.dims)
        return f"{self.dtype}[{dims}]"


@dataclass(frozen=True, slots=True)
class Tuple(Kind):
    items: tuple[Kind, ...]

    def __str__(self) -> str:
        return f"tuple[{', '.join(map(str, self.items))}]"


@dataclass(frozen=True, slots=True)
class List(Kind):
    """A Python list whose elements all have one kind; unknown as long as it is empty."""

    item: Kind
    extent: Extent | None = None

    def __str__(self) -> str:
        return f"list[{self.item}]"


@dataclass(frozen=True, slots=True)
class Record(Kind):
    """A list or dict of known form, a named tuple or an object of the user's, by parts.

    `keys` are positions, the keys of a dict or the names of attributes.
    """

    cls: type
    keys: tuple[Any, ...]
    items: tuple[Kind, ...]

    def __str__(self) -> str:
        return self.cls.__name__


@dataclass(frozen=True, slots=True)
class Rows(Kind):
    """A list of objects or tuples of one form, or a dict of values of one: as many as the
    run has, read column by column.

    `key` is the kind of the keys of a dict; `mixed` says where in an item a number is an
    integer in some items.
    """

    cls: type
    item: Kind
    key: Kind | None = None
    mixed: frozenset[Any] = frozenset()

    def __str__(self) -> str:
        return self.cls.__name__


@dataclass(frozen=True, slots=True)
class Map(Kind):
    """A dict from outside that is only read, with as many keys as the run has."""

    key: Kind
    item: Kind

    def __str__(self) -> str:
        return "dict"


@dataclass(frozen=True, slots=True)
class Fixed(Kind):
    """A part that code is specialised to: a string, None, a function or a class."""

    text: str
    value: Any = field(compare=False, repr=False)

    def __str__(self) -> str:
        return "None" if self.value is None else type(self.value).__name__


@dataclass(frozen=True, slots=True)
class Tape(Kind):
    """The list on which a forward sweep leaves what the reverse sweep needs."""

    def __str__(self) -> str:
        return "tape"


@dataclass(frozen=True, slots=True)
class Opaque(Kind):
    """A function, module or object that is only passed on, called or indexed.

    `cls` is the name of its class, empty where it is not known; `of` says of a set that
    comes from outside what it holds.
    """

    cls: str = ""
    of: Kind | None = None

    def __str__(self) -> str:
        return "object"


@dataclass(frozen=True, slots=True)
class Member(Kind):
    """A member of the enumeration of this name; which one, the run decides."""

    cls: str

    def __str__(self) -> str:
        return "object"


SETS = Opaque("builtins.set")  # a set of Python's, which is not followed


def is_set(kind: Kind) -> bool:
    """Whether it is a set of Python's that may change."""
    return isinstance(kind, Opaque) and kind.cls == SETS.cls


def is_frozen_set(kind: Kind) -> bool:
    return isinstance(kind, Opaque) and kind.cls == "builtins.frozenset"


PLACES = Opaque("builtins.dict")  # a dict of Python's that says where things are in lists


@dataclass(frozen=True, slots=True)
class Returns(Kind):
    """A function that is called where it is known what it gives there."""

    kind: Kind

    def __str__(self) -> str:
        return "object"


@dataclass(frozen=True, slots=True)
class Unknown(Kind):
    """Nothing is known: fine for inactive values, refused where a rule must know."""

    def __str__(self) -> str:
        return "unknown"


FLOAT, INT, BOOL, COMPLEX = Float(), Int(), Bool(), Complex()
NUMPY = Float("float64")  # a number of NumPy's
STR, NONE, TAPE, OPAQUE, UNKNOWN = Str(), NoneKind(), Tape(), Opaque(), Unknown()


def is_number(kind: Kind) -> bool:
    """Whether the kind is a scalar number (bool included)."""
    return isinstance(kind, (Float, Int, Bool, Complex))


def is_real(kind: Kind) -> bool:
    """Whether values of this kind carry a real derivative: floats, float arrays and
    lists of such."""
    if isinstance(kind, List):
        return is_real(kind.item)
    if isinstance(kind, Float):
        return True
    return isinstance(kind, Array) and kind.dtype.startswith("float")


def is_complex(kind: Kind) -> bool:
    """Whether values of this kind are complex: numbers, arrays and lists of such."""
    if type(kind) is Float:
        return False
    if isinstance(kind, List):
        return is_complex(kind.item)
    if isinstance(kind, Complex):
        return True
    return isinstance(kind, Array) and kind.dtype.startswith("complex")


def is_continuous(kind: Kind) -> bool:
    """Whether values of this kind carry a derivative."""
    return is_real(kind) or is_complex(kind)


def derivative_kind(kind: Kind) -> Kind:
    """The kind of the adjoint or the tangent of a value of this kind."""
    if isinstance(kind, Complex):
        return COMPLEX
    return FLOAT if is_number(kind) else kind


def dtype_of(kind: Kind) -> str | None:
    """The NumPy dtype name of an array or NumPy scalar, None for Python numbers."""
    return kind.dtype if isinstance(kind, (Array, Float, Complex)) else None


def join(a: Kind, b: Kind) -> Kind:
    """The narrowest kind that describes values of both: where branches or rounds meet."""
    if a == b:
        return a
    if is_number(a) and is_number(b):
        return _join_numbers(a, b)
    if isinstance(a, Array) and isinstance(b, Array) and a.ndim == b.ndim:
        if a.dtype == b.dtype:
            pairs = zip(a.dims, b.dims, strict=True)
            return Array(a.dtype, tuple(_join_extents(d, e) for d, e in pairs))
    if isinstance(a, Tuple) and isinstance(b, Tuple) and len(a.items) == len(b.items):
        return Tuple(tuple(map(join, a.items, b.items)))
    if isinstance(a, List) and isinstance(b, List):
        extent = a.extent if a.extent == b.extent else None
        return List(join_items(k.item for k in (a, b) if k.extent != 0), extent)
    if isinstance(a, Opaque) and isinstance(b, Opaque) and a.cls == b.cls:
        return Opaque(a.cls)
    return OPAQUE if _are_names(a, b) or _are_names(b, a) else UNKNOWN


def _are_names(a: Kind, b: Kind) -> bool:
    """Whether values may stand for something or, as None, for nothing: without slope."""
    names = (Member, NoneKind, Opaque)
    return isinstance(a, names) and isinstance(b, (Int, Str, *names))


def join_items(kinds: Iterable[Kind]) -> Kind:
    """The kind of every element of a list that holds values of these kinds.

    A length that one symbol stands for may differ from element to element, unless it is
    known not to be 1: then whatever meets without an error is equally long.
    """
    found: Kind | None = None
    for kind in kinds:
        kind = _as_element(kind)
        found = kind if found is None else _as_element(join(found, kind))
    return UNKNOWN if found is None else found


def _as_element(kind: Kind) -> Kind:
    if isinstance(kind, Int):
        return INT
    if isinstance(kind, List):
        return List(kind.item) if kind.extent != 0 else kind
    if isinstance(kind, Tuple):
        return Tuple(tuple(map(_as_element, kind.items)))
    if isinstance(kind, Array):
        return Array(kind.dtype, tuple(map(_any_length, kind.dims)))
    return kind


def _any_length(extent: Extent) -> Extent:
    if isinstance(extent, int) or (extent.not_one and "|" not in extent.symbol):
        return extent
    return Size(ANY_LENGTH, 0, extent.not_one)


def _join_numbers(a: Kind, b: Kind) -> Kind:
    for cls in (Complex, Float):
        if isinstance(a, cls) and isinstance(b, cls):
            return cls(a.dtype if a.dtype == b.dtype else None)
        if isinstance(a, cls):
            return a
        if isinstance(b, cls):
            return b
    return INT


def _join_extents(a: Extent, b: Extent) -> Extent:
    if a == b:
        return a
    proven = all(d.not_one if isinstance(d, Size) else d != 1 for d in (a, b))
    # A symbol equal to no other: two different lengths met here.
    return Size(f"({a}|{b})", 0, proven)
