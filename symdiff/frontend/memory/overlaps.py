"""Parts of an array that are assigned to other parts of it.

Where the two overlap, NumPy copies the value first, but for lines that run the same way.
Along these it goes from the end that keeps what is still to be read, if both have the same
stride; otherwise it may read what it has just written.
"""

from __future__ import annotations

from math import gcd
from typing import NamedTuple

from symdiff.frontend.memory.values import ViewStep
from symdiff.ir.core import Atom, Const, SliceItem

__all__ = ["may_lose"]


class _Line(NamedTuple):
    """A subscript with one slice: the axis, its bounds, and the index on the other one."""

    axis: int
    start: Atom
    stop: Atom
    step: Atom
    other: Atom | None


def may_lose(into: ViewStep, of: ViewStep, ndim: int) -> bool:
    """Whether to assign one part of an array to another may overwrite what is still to
    be read. Of parts of columns that are assigned to parts of rows it is not asked."""
    written, read = _line(into, ndim), _line(of, ndim)
    if written is None or read is None:
        return False
    if written.axis == read.axis:
        apart = _differ(written.other, read.other)
        return written.step != read.step and not apart and _run_into(written, read)
    partial = any(bound != Const(None) for bound in (*written[1:4], *read[1:4]))
    if partial or written.other == read.other:
        return False
    return Const(0) not in (written.other, read.other)


def _line(step: ViewStep, ndim: int) -> _Line | None:
    items = step.params.items + (SliceItem(),) * (ndim - len(step.params.items))
    if ndim > 2 or step.params.through:
        return None
    args = iter(step.args)
    other: Atom | None = None
    found: _Line | None = None
    for axis, item in enumerate(items):
        if isinstance(item, SliceItem):
            if found is not None:
                return None
            start, stop, by = (
                next(args) if given else Const(None)
                for given in (item.start, item.stop, item.step)
            )
            found = _Line(axis, start, stop, by, None)
        elif item == "at":
            other = next(args)
        else:
            return None
    return None if found is None else found._replace(other=other)


def _differ(a: Atom | None, b: Atom | None) -> bool:
    return isinstance(a, Const) and isinstance(b, Const) and a != b


def _run_into(written: _Line, read: _Line) -> bool:
    """Whether one line may run into the other, along the same axis."""
    # How far apart what is written lies, and what is read.
    to, by = _number(written.step, 1), _number(read.step, 1)
    if to is None or by is None:
        return True
    if to * by < 0 or to == by:
        return False
    first, begun = _number(written.start, 0), _number(read.start, 0)
    if written.start == read.start and to > 0:
        first = begun = 0
    if first is None or begun is None or to < 0 or min(first, begun) < 0:
        return True
    if (begun - first) % gcd(to, by) or _ends_by(written, begun) or _ends_by(read, first):
        return False
    return to > by if begun >= first else by > to


def _ends_by(line: _Line, place: int) -> bool:
    stop = _number(line.stop, -1)
    return stop is not None and 0 <= stop <= place


def _number(atom: Atom, default: int) -> int | None:
    """An integer that is known now; the default where none is given."""
    if not isinstance(atom, Const):
        return None
    return default if atom.value is None else int(atom.value)
