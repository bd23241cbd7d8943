"""Whether two subscripts name places apart: `u[:n]` and `u[n:]`, `u[0]` and `u[1:3]`."""

from __future__ import annotations

from collections.abc import Iterator

from symdiff.analysis.integers import Form, form, minus, never_negative, plus
from symdiff.ir.builder import Builder
from symdiff.ir.core import Atom, Index, SliceItem
from symdiff.records import replace

__all__ = ["apart"]

Subscript = tuple[Index, tuple[Atom, ...]]
Span = tuple[Form, Form | None]  # from the start, up to the end


def apart(
    b: Builder, one: Index, ones: tuple[Atom, ...], other: Index, others: tuple[Atom, ...]
) -> bool:
    """Whether no element is among those that both name, with these atoms."""
    first, second = _outermost(one, ones), _outermost(other, others)
    if first is None or second is None:
        return False
    if first == second:
        return _apart_inside(b, one, ones, other, others)
    spans = zip(_spans(b, *first), _spans(b, *second), strict=False)
    return any(
        mine is not None and theirs is not None and _spans_apart(b, mine, theirs)
        for mine, theirs in spans
    )


def _outermost(index: Index, atoms: tuple[Atom, ...]) -> Subscript | None:
    """The subscript of the array itself; None where it is seen in another way."""
    if not index.through:
        return index.inner, atoms
    step = index.through[0]
    return (step.params, atoms[: step.takes]) if step.op == "getitem" else None


def _apart_inside(
    b: Builder, one: Index, ones: tuple[Atom, ...], other: Index, others: tuple[Atom, ...]
) -> bool:
    """The same of two subscripts of one view."""
    if not (one.through and other.through):
        return False
    takes = one.through[0].takes
    mine, theirs = (replace(i, through=i.through[1:]) for i in (one, other))
    return apart(b, mine, ones[takes:], theirs, others[takes:])


def _spans(b: Builder, index: Index, atoms: tuple[Atom, ...]) -> Iterator[Span | None]:
    """What is named along each axis that is counted from the first one."""
    rest = list(atoms)
    for item in index.items:
        if isinstance(item, SliceItem):
            start = form(rest.pop(0), b.made) if item.start else {}
            stop = form(rest.pop(0), b.made) if item.stop else None
            if item.step:
                rest.pop(0)
            known = start is not None and (stop is not None or not item.stop)
            yield (start, stop) if known and not item.step else None  # type: ignore[misc]
        elif item == "at":
            yield _place(b, rest.pop(0))
        else:
            return


def _place(b: Builder, atom: Atom) -> Span | None:
    """One element: of one that is counted from the end the next may be the first."""
    place = form(atom, b.made)
    if place is None or not (set(place) <= {()} or never_negative(place, b.made)):
        return None
    return place, None if place == {(): -1} else plus(place, {(): 1})


def _spans_apart(b: Builder, first: Span, second: Span) -> bool:
    return _before(b, first[1], second[0]) or _before(b, second[1], first[0])


def _before(b: Builder, end: Form | None, start: Form) -> bool:
    """Whether one span ends where the other starts, or earlier."""
    if end is None:
        return False
    if end == start:
        return True
    between = minus(start, end)
    if set(start) | set(end) <= {()}:
        one_side = (start.get((), 0) < 0) == (end.get((), 0) < 0)
        return one_side and between[()] > 0
    return never_negative(end, b.made) and never_negative(between, b.made)
