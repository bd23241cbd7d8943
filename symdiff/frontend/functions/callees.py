"""What is known about a function that is lowered on its own, and which calls it fits."""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable, Iterator, Sequence

from symdiff.frontend.memory.context import Frame
from symdiff.frontend.memory.forms import Part
from symdiff.frontend.memory.state import Key
from symdiff.frontend.memory.values import MISSING
from symdiff.ir.core import Atom, Const, Function, kind_of
from symdiff.ir.extents import may_be_one
from symdiff.ir.kinds import (
    ANY_LENGTH, INT, Array, Extent, Int, Kind, List, Size, Tuple, Unknown, is_number, join,
)  # fmt: skip
from symdiff.records import dataclass, field

__all__ = [
    "Callee", "Captured", "Known", "Match", "canonical", "instantiated", "match", "sealed",
    "unsealed",
]  # fmt: skip

# An argument that is the same constant in every call so far, or the kind of all of them.
Known = Const | Kind


@dataclass(slots=True)
class Captured:
    """A name or buffer from outside that the function reads: its form and its kinds."""

    form: Hashable
    known: list[Known]


@dataclass(slots=True, eq=False)
class Callee:
    """One specialisation of a function. Its arguments come first among the parameters,
    then what it reads from the functions around it.

    While it is open its body is being lowered, again and again until nothing new is
    learnt; a stale one was lowered while something it calls was not settled.
    """

    name: str
    known: list[Known]
    captured: dict[Key, Captured] = field(default_factory=dict)
    form: Hashable | None = None  # of the result; None while no path is known to return
    pattern: Part = MISSING  # a result, for its form
    result: list[Kind] = field(default_factory=list)
    shares: bool = False  # whether the result may lie in an argument's memory
    function: Function | None = None
    open: bool = False
    stale: bool = True
    widened: int = 0
    read_at: tuple[Frame, ast.AST] | None = None  # the last call of which nothing was known
    symbols: dict[str, str] = field(default_factory=dict)  # its own names of lengths

    def mark(self) -> tuple[object, ...]:
        captured = [(k, c.form, tuple(c.known)) for k, c in self.captured.items()]
        return (tuple(self.known), captured, self.form, tuple(self.result), self.shares)

    def all_known(self) -> list[Known]:
        return [*self.known, *(k for c in self.captured.values() for k in c.known)]

    def lengths(self) -> set[str]:
        """The symbols of lengths among the kinds of the parameters."""
        kinds = (k for k in self.all_known() if isinstance(k, Kind))
        return {size.symbol for kind in kinds for size in _sizes(kind)}

    def own(self, kind: Kind) -> Kind:
        """The kind of a parameter: what else is known of a length stays outside."""
        for size in _sizes(kind):
            self.symbols.setdefault(size.symbol, f"{self.name}.s{len(self.symbols)}")
        return _mapped(kind, lambda d: Size(self.symbols[d.symbol], d.offset, d.not_one))

    def widen(self, matched: Match) -> None:
        """Let the parameters stand for the arguments of one more call."""
        new = matched.widened(f"{self.name}.{self.widened}")
        self.widened += 1
        count = len(self.known)
        self.known = new[:count]
        if len(new) == count:
            return  # what the call reads from outside is seen when it is emitted
        for captured in self.captured.values():
            size = len(captured.known)
            captured.known = new[count : count + size]
            count += size


@dataclass(slots=True)
class Match:
    """How the arguments of a call meet what is known of the parameters.

    `symbols` says which length each symbol among the parameters stands for in the
    call; those in `torn` would have to stand for several.
    """

    pairs: list[tuple[Known, Atom]]
    symbols: dict[str, Extent] = field(default_factory=dict)
    torn: set[Extent | str] = field(default_factory=set)
    changed: bool = False

    @property
    def fits(self) -> bool:
        return not self.changed and not self.torn

    def widened(self, label: str) -> list[Known]:
        """What is known of the parameters once the call is one of theirs.

        Lengths that were one and now differ become two symbols, lengths that are the
        same before and now stay the same.
        """
        names: dict[tuple[Extent, Extent], Size] = {}

        def met(a: Extent, b: Extent) -> Extent:
            if (a.symbol if isinstance(a, Size) else a) not in self.torn:
                return a
            proven = not (may_be_one(a) or may_be_one(b))
            return names.setdefault((a, b), Size(f"{label}.{len(names)}", 0, proven))

        return [_met(known, atom, met) for known, atom in self.pairs]


def match(known: Sequence[Known], atoms: Sequence[Atom]) -> Match | None:
    """How a call fits the parameters; None if no parameters could take both."""
    found = Match(list(zip(known, atoms, strict=True)))
    for a, atom in found.pairs:
        if isinstance(a, Const) and a == atom:
            continue
        b = kind_of(atom)
        if isinstance(a, Const) and not is_number(kind_of(a)):
            return None
        kind = _plain(a)
        if isinstance(kind, Array) and isinstance(b, Array):
            if kind.dtype != b.dtype or kind.ndim != b.ndim:
                return None
            for d, e in zip(kind.dims, b.dims, strict=True):
                _extent(found, d, e)
        elif isinstance(kind, Int) and isinstance(b, Int):
            if isinstance(a, Const):
                found.changed = True
            elif kind.extent is not None:
                found.changed |= not _same_extent(found, kind.extent, b.extent)
        elif is_number(kind) and is_number(b):
            found.changed |= isinstance(a, Const) or join(kind, b) != kind
        elif kind != b:
            if isinstance(join(kind, b), Unknown) or not isinstance(b, (Tuple, List)):
                return None
            found.changed |= join(kind, b) != kind
    return found


def _plain(known: Known) -> Kind:
    if not isinstance(known, Const):
        return known
    kind = kind_of(known)
    return INT if isinstance(kind, Int) else kind


def _shifted(extent: Extent, by: int) -> Extent:
    if isinstance(extent, int):
        return extent + by
    return Size(extent.symbol, extent.offset + by, extent.not_one) if by else extent


def _extent(found: Match, a: Extent, b: Extent) -> None:
    """Note that a length among the parameters is `b` in the call."""
    if isinstance(a, int):
        if a != b:
            found.torn.add(a)
        return
    base = _shifted(b, -a.offset)
    before = found.symbols.setdefault(a.symbol, base)
    if before != base or (a.not_one and may_be_one(b)):
        found.torn.add(a.symbol)


def _same_extent(found: Match, a: Extent, b: Extent | None) -> bool:
    """Whether an integer that is a length among the parameters is that in the call."""
    if b is None or isinstance(a, int):
        return a == b
    return found.symbols.setdefault(a.symbol, _shifted(b, -a.offset)) == _shifted(
        b, -a.offset
    )


def _met(known: Known, atom: Atom, met: Callable[[Extent, Extent], Extent]) -> Known:
    if known == atom:
        return known
    kind, other = _plain(known), kind_of(atom)
    if isinstance(kind, Array) and isinstance(other, Array):
        pairs = zip(kind.dims, other.dims, strict=True)
        return Array(kind.dtype, tuple(met(d, e) for d, e in pairs))
    if isinstance(kind, Int) and isinstance(other, Int):
        return kind if kind == other else INT
    return join(kind, other)


def canonical(kind: Kind, symbols: set[str], label: str) -> Kind:
    """The kind of a result: lengths that are not those of parameters get names that do
    not depend on how often the function was lowered."""
    names: dict[Size, Size] = {}

    def named(size: Size) -> Extent:
        if size.symbol in symbols or size.symbol.startswith("@"):
            return size
        return names.setdefault(size, Size(f"{label}.{len(names)}", 0, size.not_one))

    return INT if isinstance(kind, Int) else _mapped(kind, named)


def instantiated(kind: Kind, symbols: dict[str, Extent], label: str) -> Kind:
    """The kind of a result as one call sees it; `label` names lengths that it brings."""

    def seen(size: Size) -> Extent:
        if size.symbol.startswith("@"):
            return size
        if size.symbol in symbols:
            return _shifted(symbols[size.symbol], size.offset)
        return Size(f"{label}.{size.symbol}", size.offset, size.not_one)

    return _mapped(kind, seen)


def sealed(kind: Kind) -> Kind:
    """The kind as another text may see it, whose own lengths might be called alike: the
    symbol `n` as `^n`."""

    def seen(size: Size) -> Extent:
        if size.symbol.startswith("@") or size.symbol == ANY_LENGTH:
            return size
        return Size(f"^{size.symbol}", size.offset, size.not_one)

    return _mapped(kind, seen)


def unsealed(kind: Kind, label: str) -> Kind:
    """What such a text made of sealed kinds as it is seen outside."""

    def seen(size: Size) -> Extent:
        symbol = size.symbol
        if symbol.startswith("@") or symbol == ANY_LENGTH:
            return size
        named = symbol[1:] if symbol.startswith("^") else f"{label}.{symbol}"
        return Size(named, size.offset, size.not_one)

    return _mapped(kind, seen)


def _sizes(kind: Kind) -> Iterator[Size]:
    """The lengths in a kind that are symbols."""
    if isinstance(kind, Array):
        yield from (d for d in kind.dims if isinstance(d, Size))
    elif isinstance(kind, (Int, List)):
        if isinstance(kind.extent, Size):
            yield kind.extent
        if isinstance(kind, List):
            yield from _sizes(kind.item)
    elif isinstance(kind, Tuple):
        for item in kind.items:
            yield from _sizes(item)


def _mapped(kind: Kind, change: Callable[[Size], Extent]) -> Kind:
    """The kind with those lengths changed."""

    def extent(d: Extent) -> Extent:
        return change(d) if isinstance(d, Size) else d

    if isinstance(kind, Array):
        return Array(kind.dtype, tuple(map(extent, kind.dims)))
    if isinstance(kind, Int) and kind.extent is not None:
        return Int(extent(kind.extent))
    if isinstance(kind, Tuple):
        return Tuple(tuple(_mapped(item, change) for item in kind.items))
    if isinstance(kind, List):
        size = None if kind.extent is None else extent(kind.extent)
        return List(_mapped(kind.item, change), size)
    return kind
