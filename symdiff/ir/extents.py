"""Lengths of array axes as symbols plus offsets: broadcasting and slicing, exactly."""

from __future__ import annotations

from symdiff.digests import digest
from symdiff.ir.kinds import Extent, Size

__all__ = [
    "add_extents",
    "agree",
    "broadcast",
    "fewer",
    "may_be_one",
    "shift",
    "sliced",
    "times",
]


_LONGEST = 200  # of a symbol that says what it is; longer ones grow without end


def _made(symbol: str, not_one: bool = False) -> Size:
    """The extent that such a text names, by a digest of it if it is long."""
    if len(symbol) > _LONGEST:
        marks = symbol[:1] if symbol[0] in "@^" else ""
        marks += "|" if "|" in symbol else ""
        symbol = f"{marks}#{digest(symbol)}"
    return Size(symbol, 0, not_one)


def may_be_one(extent: Extent) -> bool:
    """Whether an axis of this extent might have length 1."""
    return extent == 1 if isinstance(extent, int) else not extent.not_one


def agree(a: tuple[Extent, ...], b: tuple[Extent, ...]) -> bool:
    """Whether shapes that meet in an element-wise operation must be the same: lengths
    that differ from 1 do not stretch, so they are equal or the operation fails."""
    return len(a) == len(b) and all(
        x == y or not (may_be_one(x) or may_be_one(y)) for x, y in zip(a, b, strict=True)
    )


def broadcast(a: tuple[Extent, ...], b: tuple[Extent, ...]) -> tuple[Extent, ...]:
    """The extents of an element-wise operation on arrays of extents a and b."""
    rank = max(len(a), len(b))
    a = (1,) * (rank - len(a)) + a
    b = (1,) * (rank - len(b)) + b
    return tuple(map(_broadcast_axis, a, b))


def _broadcast_axis(a: Extent, b: Extent) -> Extent:
    if a == b or b == 1:
        return a
    if a == 1:
        return b
    if not may_be_one(a):
        return b if isinstance(b, int) and not may_be_one(b) else a
    if not may_be_one(b):
        return b
    return _made(f"max({a}, {b})")


def fewer(a: Extent, b: Extent) -> Extent:
    """The smaller one of two extents."""
    if isinstance(a, int) and isinstance(b, int):
        return min(a, b)
    return a if a == b else _made(f"min({a}, {b})")


def shift(extent: Extent, by: int) -> Extent:
    """The extent plus a constant."""
    if isinstance(extent, int):
        return extent + by
    return Size(extent.symbol, extent.offset + by) if by else extent


def add_extents(a: Extent, b: Extent) -> Extent:
    if isinstance(b, int):
        return shift(a, b)
    if isinstance(a, int):
        return shift(b, a)
    return _made(f"({a}+{b})")


def times(a: Extent, b: Extent) -> Extent:
    if isinstance(a, int) and isinstance(b, int):
        return a * b
    if a == 1:
        return b
    return a if b == 1 else _made(f"({a}*{b})")


def sliced(
    extent: Extent, start: Extent | None, stop: Extent | None, step: int | None, text: str
) -> Extent:
    """The length of `[start:stop:step]` on an axis; bounds of None are left out.

    `text` names the slice: equal texts on equal axes are equally long.
    """
    if (
        isinstance(extent, int)
        and not isinstance(start, Size)
        and not isinstance(stop, Size)
    ):
        return len(range(extent)[start:stop:step])
    if step in (None, 1) and isinstance(extent, Size):
        if extent.not_one and not extent.offset:  # a parameter's axis, of two or more
            if (start in (None, 0) and stop == 1) or (start == -1 and stop is None):
                return 1
        low = 0 if start is None else start
        if isinstance(low, int) and low >= 0:
            if stop is None:
                return shift(extent, -low)
            if isinstance(stop, int) and stop < 0:
                return shift(extent, stop - low)
            if isinstance(stop, Size) and stop.symbol == extent.symbol:
                return shift(extent, min(0, stop.offset - extent.offset) - low)
            if low == 0 and isinstance(stop, Size) and stop.not_one and not stop.offset:
                # The smaller of two lengths that both differ from 1.
                return _made(f"{extent}[{text}]", extent.not_one and not extent.offset)
    if step == -1 and start is None and stop is None:
        return extent
    return _made(f"{extent}[{text}]")
