"""Kinds where paths or rounds meet: wide enough for both."""

from __future__ import annotations

from symdiff.ir.core import Atom, Undef, kind_of
from symdiff.ir.extents import may_be_one
from symdiff.ir.kinds import (
    UNKNOWN, Array, Extent, Kind, List, NoneKind, Size, Unknown, is_number, join,
)  # fmt: skip

__all__ = ["join_atoms", "widen"]


def join_atoms(a: Atom, b: Atom, symbol: str) -> Kind:
    if isinstance(a, Undef):
        return kind_of(b)
    if isinstance(b, Undef):
        return kind_of(a)
    return widen(kind_of(a), kind_of(b), symbol)


def widen(a: Kind, b: Kind, symbol: str) -> Kind:
    """Join; a number that meets an array is an array in the making (`s = 0; s += u`).

    Extents that differ become `symbol`: lengths that meet here equal those of no other
    meeting, and a loop that joins into its own symbol again comes to an end.
    """
    if isinstance(a, NoneKind):
        return b  # which some rounds or paths lack
    if isinstance(b, NoneKind):
        return a
    if isinstance(a, Array) and is_number(b):
        return a
    if isinstance(b, Array) and is_number(a):
        return b
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        return UNKNOWN
    if isinstance(a, List) and isinstance(b, List):
        return List(_widen_items(a, b, symbol), a.extent if a.extent == b.extent else None)
    kind = join(a, b)
    if isinstance(kind, Array) and isinstance(a, Array) and isinstance(b, Array):
        dims = enumerate(zip(a.dims, b.dims, kind.dims, strict=True))
        return Array(kind.dtype, tuple(_met(*d, f"{symbol}.{k}") for k, d in dims))
    return kind


def _widen_items(a: List, b: List, symbol: str) -> Kind:
    if a.extent == 0:
        return b.item
    if b.extent == 0:
        return a.item
    if isinstance(a.item, NoneKind) or isinstance(b.item, NoneKind):
        return join(a.item, b.item)  # each item is something or None
    return widen(a.item, b.item, symbol)


def _met(a: Extent, b: Extent, joined: Extent, symbol: str) -> Extent:
    """The extent of an axis that is a or b; `joined` knows whether it may be 1."""
    return a if a == b else Size(symbol, 0, not may_be_one(joined))
