"""Whether two subscripts name places apart: `u[:n]` and `u[n:]`, `u[0]` and `u[1:3]`."""

from __future__ import annotations

from collections.abc import Iterator

from symdiff.ir.builder import Builder
from symdiff.ir.core import Atom, Const, Index, SliceItem, Var, kind_of
from symdiff.ir.kinds import Int
from symdiff.records import replace

__all__ = ["apart"]

# A polynomial in variables: how often each product of some of them is taken.
Form = dict[tuple[Var, ...], int]
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
            start = _form(b, rest.pop(0)) if item.start else {}
            stop = _form(b, rest.pop(0)) if item.stop else None
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
    place = _form(b, atom)
    if place is None or not (set(place) <= {()} or _never_negative(b, place)):
        return None
    return place, None if place == {(): -1} else _plus(place, {(): 1})


def _spans_apart(b: Builder, first: Span, second: Span) -> bool:
    return _before(b, first[1], second[0]) or _before(b, second[1], first[0])


def _before(b: Builder, end: Form | None, start: Form) -> bool:
    """Whether one span ends where the other starts, or earlier."""
    if end is None:
        return False
    if end == start:
        return True
    between = _plus(start, _times({(): -1}, end))
    if set(start) | set(end) <= {()}:
        one_side = (start.get((), 0) < 0) == (end.get((), 0) < 0)
        return one_side and between[()] > 0
    return _never_negative(b, end) and _never_negative(b, between)


def _never_negative(b: Builder, form: Form) -> bool:
    return all(
        count >= 0 and all(_is_length(b, var) for var in product)
        for product, count in form.items()
    )


def _is_length(b: Builder, var: Var) -> bool:
    made = b.made(var)
    if made is None:
        return False
    if made.op == "floordiv":  # a part of it
        whole, parts = made.args
        fraction = isinstance(parts, Const) and parts.value > 0
        return fraction and isinstance(whole, Var) and _is_length(b, whole)
    if made.op == "item":
        shape = b.made(made.args[0])
        return shape is not None and shape.op == "attr" and shape.params == "shape"
    return made.op == "builtins.len"


_DEEPEST = 8


def _form(b: Builder, atom: Atom, depth: int = 0) -> Form | None:
    """None of what is no integer."""
    if isinstance(atom, Const):
        return _plus({(): atom.value}, {}) if type(atom.value) is int else None
    if not isinstance(atom, Var) or not isinstance(kind_of(atom), Int):
        return None
    made = b.made(atom) if depth < _DEEPEST else None
    if made is not None and made.op in ("add", "sub", "mul"):
        left, right = (_form(b, arg, depth + 1) for arg in made.args)
        if left is None or right is None:
            return None
        if made.op == "mul":
            return _times(left, right)
        return _plus(left, right if made.op == "add" else _times({(): -1}, right))
    return {(atom,): 1}


def _plus(a: Form, b: Form) -> Form:
    total = {key: a.get(key, 0) + b.get(key, 0) for key in {**a, **b}}
    return {key: count for key, count in total.items() if count}


def _times(a: Form, b: Form) -> Form:
    total: Form = {}
    for one, count in a.items():
        for other, more in b.items():
            key = tuple(sorted((*one, *other), key=id))
            total = _plus(total, {key: count * more})
    return total
