"""The rule of `scipy.linalg.solve_banded`: diagonal by diagonal where it is known how many
there are, and by the places of all elements where the run decides that.

Element [r, j] of a band is that of the matrix at [i, j], where i = j + r - upper.
"""

from __future__ import annotations

from typing import Any

from symdiff.ir.core import Atom, Const, Index, SliceItem
from symdiff.rules.factors import column
from symdiff.rules.row import ArrayRule, Bound, static_value
from symdiff.rules.shapes import extent, zeros

__all__ = ["BANDS"]

Dots = dict[str, Atom]
_ROW = Index(("at",))
_ELEMENTS = Index(("at", "at"), True)
_WITH_AXIS = Index((SliceItem(), SliceItem(), "new"), True)


# -- so many diagonals ----------------------------------------------------------------


def _place(diagonal: int) -> tuple[tuple[SliceItem, ...], tuple[Atom, ...]]:
    """Where the rows that a diagonal passes through lie: a[i, i + diagonal]."""
    if diagonal < 0:
        return (SliceItem(start=True),), (Const(-diagonal),)
    if diagonal > 0:
        return (SliceItem(stop=True),), (Const(-diagonal),)
    return (), ()


def _in_band(diagonal: int) -> tuple[Index, tuple[Atom, ...]]:
    """Where a row of the band holds a diagonal."""
    items, atoms = _place(-diagonal)
    return Index(("at", *items), bool(items)), atoms


def _cut(c: Bound, x: Atom, diagonal: int) -> Atom:
    items, atoms = _place(diagonal)
    return c.b.emit("getitem", x, *atoms, params=Index(items)) if items else x


class _Diagonals:
    """A band of known width."""

    def __init__(self, c: Bound, lower: int, upper: int) -> None:
        self.c = c
        self.lower, self.upper = lower, upper

    def turned(self) -> Atom:
        """The band of the transposed matrix; what is rolled round is not read."""
        c, rows = self.c, []
        for diagonal in range(-self.lower, self.upper + 1):
            at = Const(self.upper - diagonal)
            row = c.b.emit("getitem", c["ab"], at, params=_ROW)
            rows.append(c.emit("numpy.roll", row, -diagonal) if diagonal else row)
        return c.emit("numpy.vstack", c.b.emit("tuple", *rows))

    def product(self, left: Atom, right: Atom) -> Atom:
        """What of -left @ right.T lies in the band."""
        c = self.c
        bar = c.emit("numpy.zeros_like", c["ab"])
        for diagonal in range(self.upper, -self.lower - 1, -1):
            terms = c.b.emit("mul", _cut(c, left, diagonal), _cut(c, right, -diagonal))
            if c.array("b").ndim == 2:
                terms = c.emit("numpy.sum", terms, axis=1)
            place, atoms = _in_band(diagonal)
            at = Const(self.upper - diagonal)
            terms = c.b.emit("neg", terms)
            bar = c.b.emit("setitem", bar, at, *atoms, terms, params=place)
        return bar

    def applied(self, ab: Atom, right: Atom) -> Atom:
        """The matrix of which this is the band times an array."""
        c, result = self.c, zeros(self.c.b, right)
        for diagonal in range(self.upper, -self.lower - 1, -1):
            place, atoms = _in_band(diagonal)
            at = Const(self.upper - diagonal)
            part = c.b.emit("getitem", ab, at, *atoms, params=place)
            if c.array("b").ndim == 2:
                part = column(c, part)
            term = c.b.emit("mul", part, _cut(c, right, -diagonal))
            items, atoms = _place(diagonal)
            if items:
                result = c.b.emit("additem", result, *atoms, term, params=Index(items))
            else:
                result = c.b.emit("add", result, term)
        return result


# -- any number of them ---------------------------------------------------------------


class _Elements:
    """A band whose width the run decides."""

    def __init__(self, c: Bound, lower: Atom, upper: Atom) -> None:
        self.c, self.b = c, c.b
        self.lower, self.upper = lower, upper
        self.n = extent(c.b, c["ab"], 1)
        self.rows = column(c, c.emit("numpy.arange", extent(c.b, c["ab"], 0)))

    def _moved(self, op: str, by: Atom) -> tuple[Atom, Atom]:
        """The places as far above, or below, each column as the row is from another one;
        and which of them lie in the matrix."""
        b, columns = self.b, self.c.emit("numpy.arange", self.n)
        places = b.emit(op, columns, b.emit("sub", self.rows, by))
        inside = b.emit("mod", places, self.n)
        return inside, b.emit("eq", places, inside)

    def turned(self) -> Atom:
        b = self.b
        places, _ = self._moved("add", self.lower)
        rows = b.emit("sub", b.emit("add", self.lower, self.upper), self.rows)
        return b.emit("getitem", self.c["ab"], rows, places, params=_ELEMENTS)

    def product(self, left: Atom, right: Atom) -> Atom:
        b, c = self.b, self.c
        places, inside = self._moved("add", self.upper)
        terms = b.emit("mul", b.emit("getitem", left, places, params=_ROW), right)
        if c.array("b").ndim == 2:
            terms = c.emit("numpy.sum", terms, axis=-1)
        return c.emit("numpy.where", inside, b.emit("neg", terms), 0.0)

    def applied(self, ab: Atom, right: Atom) -> Atom:
        b, c = self.b, self.c
        places, inside = self._moved("sub", self.upper)
        part = b.emit("getitem", ab, self.rows, places, params=_ELEMENTS)
        part = c.emit("numpy.where", inside, part, 0.0)
        if c.array("b").ndim == 2:
            part = b.emit("getitem", part, params=_WITH_AXIS)
        right = b.emit("getitem", right, places, params=_ROW)
        return c.emit("numpy.sum", b.emit("mul", part, right), axis=0)


# -- the rule -------------------------------------------------------------------------


def _band(c: Bound) -> _Diagonals | _Elements:
    known, widths = static_value(c["l_and_u"])
    if known:
        return _Diagonals(c, *widths)
    return _Elements(c, *(c.b.emit("item", c["l_and_u"], params=k) for k in (0, 1)))


def _solved(c: Bound, l_and_u: Any, ab: Atom, right: Atom) -> Atom:
    return c.emit("scipy.linalg.solve_banded", l_and_u, ab, right)


def _of_b(c: Bound, g: Atom) -> Atom:
    band = _band(c)
    return _solved(c, (band.upper, band.lower), band.turned(), g)


def _of_band(c: Bound, g: Atom) -> Atom:
    return _band(c).product(_of_b(c, g), c.out)


def _push(c: Bound, dots: Dots) -> Atom:
    right = dots.get("b")
    if "ab" in dots:
        moved = _band(c).applied(dots["ab"], c.out)
        right = c.b.emit("neg", moved) if right is None else c.b.emit("sub", right, moved)
    assert right is not None
    return _solved(c, c["l_and_u"], c["ab"], right)


BANDS: tuple[ArrayRule, ...] = (
    ArrayRule(
        "solve_banded(l_and_u, ab, b)",
        {"ab": _of_band, "b": _of_b},
        "scipy.linalg.solve_banded",
        _push,
    ),
)
