"""The parts of arrays that loops over elements read and write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symdiff.ir.alias import is_basic_view
from symdiff.ir.core import (
    Atom, Const, Equation, Function, Index, Node, SliceItem, Var, count_uses, kind_of,
)  # fmt: skip
from symdiff.ir.kinds import BOOL, INT, NUMPY, Array, Extent, Int, Kind, Size
from symdiff.ir.memory import Memory, Roots, alias
from symdiff.records import dataclass, field
from symdiff.targets.extents import Extents

__all__ = ["ELEMENT", "Access", "Axis", "Group", "Parts", "View"]

# An axis of an array: a fixed index, or a loop by its number and how far it is shifted.
Axis = Atom | tuple[int, int]
ELEMENT: dict[str, Kind] = {"float64": NUMPY, "bool": BOOL, "int64": INT}


@dataclass(frozen=True, slots=True)
class View:
    """A part of an array, which the program reads or writes by this base."""

    base: Var
    axes: tuple[Axis, ...]


@dataclass(frozen=True, slots=True)
class Access:
    storage: Var
    axes: tuple[Axis, ...]
    roots: Roots
    writes: bool

    def disturbs(self, other: Access) -> bool:
        """Whether the two may not happen in rounds of one loop."""
        if not (self.writes or other.writes):
            return False
        if self.storage is other.storage:
            return self.axes != other.axes
        return alias(self.roots, other.roots)


@dataclass(slots=True, eq=False)
class Group:
    """Equations that go into one loop."""

    dims: tuple[Extent, ...]
    members: list[Equation] = field(default_factory=list)
    accesses: list[Access] = field(default_factory=list)
    targets: set[Atom] = field(default_factory=set)
    sums: set[Atom] = field(default_factory=set)


class Parts:
    """What is known of the arrays of a function, while its loops are written.

    `vectors` are the ops that are other ones in such loops, `known` the accesses to
    elements that need no check.
    """

    def __init__(
        self, function: Function, memory: Memory, extents: Extents,
        vectors: Mapping[str, str], known: set[Var],
    ) -> None:  # fmt: skip
        self.vectors = vectors
        self.names = extents.names
        self.memory = memory
        self.extents = extents
        self.uses = count_uses(function)
        self.views: dict[Atom, View] = {}
        self.storage: dict[Var, Var] = {}
        self.out: list[Node] = []
        self.depth = -1
        self.same: dict[str, str] = {}  # symbols of lengths that were compared
        self.known = known
        self.made: list[list[Equation]] = []  # what makes arrays that loops fill

    def roots(self, atom: Atom) -> Roots:
        return self.memory.place(atom).all

    def plain(self, dims: tuple[Extent, ...]) -> tuple[Extent, ...]:
        """The lengths, each written in one way."""
        found: list[Extent] = []
        for extent in dims:
            if not isinstance(extent, int):
                symbol = extent.symbol
                while symbol in self.same:
                    symbol = self.same[symbol]
                extent = Size(symbol, extent.offset)
            found.append(extent)
        return tuple(found)

    def note_view(self, eq: Equation) -> None:
        if eq.op == "getitem" and is_basic_view(eq) and isinstance(eq.args[0], Var):
            base, *atoms = eq.args
            view = self.view_at(base, eq.params, atoms)
            if view is not None:
                self.views[eq.target] = view

    def view_of(self, atom: Atom) -> View | None:
        kind = kind_of(atom)
        if not isinstance(atom, Var) or not isinstance(kind, Array):
            return None
        return self.views.get(atom) or View(atom, tuple((k, 0) for k in range(kind.ndim)))

    def view_at(self, base: Atom, index: Index, atoms: Sequence[Atom]) -> View | None:
        """A part of an array, if it is one of numbers and shifted axes."""
        view, kind = self.view_of(base), kind_of(base)
        if view is None or not isinstance(kind, Array) or index.through:
            return None
        if base in self.views and "at" in index.items:
            return None  # counted from the end it would be another element
        left = list(atoms)
        places: list[Atom | int] = []
        for item in index.items:
            if item == "at":
                at = left.pop(0)
                if not isinstance(kind_of(at), Int):
                    return None
                places.append(at)
            elif isinstance(item, SliceItem) and not item.step:
                start = left.pop(0) if item.start else Const(0)
                if item.stop:
                    left.pop(0)
                if not isinstance(start, Const) or not isinstance(start.value, int):
                    return None
                if start.value < 0:
                    return None
                places.append(start.value)
            elif item == "rest" and len(index.items) == 1:
                continue
            else:
                return None
        return _part(view, places, kind.ndim)


def _part(view: View, places: list[Atom | int], ndim: int) -> View:
    """A part of a view: an atom fixes an axis, a number shifts one."""
    places += [0] * (ndim - len(places))
    axes: list[Axis] = []
    number = 0
    for axis in view.axes:
        if not isinstance(axis, tuple):
            axes.append(axis)
            continue
        place = places.pop(0)
        if isinstance(place, int):
            axes.append((number, axis[1] + place))
            number += 1
        else:
            axes.append(place)
    return View(view.base, tuple(axes))
