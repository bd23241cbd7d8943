"""What the items of a list have in common, and in which columns they differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from symdiff.frontend.memory.forms import Held, NoForm, Part
from symdiff.frontend.memory.heap import Heap
from symdiff.frontend.memory.values import (
    ArrayRef, Closure, Column, Contents, DictRef, Link, ListRef, ObjectRef, Partial,
    Poison, Ref, Row, Sequence, Static, Table, Value, ViewStep,
)  # fmt: skip
from symdiff.ir.core import Atom, Const, Global, Var, kind_of
from symdiff.ir.kinds import Array, Bool

__all__ = ["Columns", "Form", "index_of"]

Form = tuple[Part, tuple[str, ...]]  # of an item, and what its columns are called


class Columns(Heap):
    """Finds the form of structured items, and what goes into the columns for each."""

    def __init__(self) -> None:
        super().__init__()
        # How often the items of a table moved to other places, and how often it grew.
        self.moves: dict[int, int] = {}
        self.growths: dict[int, int] = {}

    def resolved(self, ref: Ref) -> Ref:
        """A reference to where an object is now."""
        raise NotImplementedError  # a later part does it

    def form_for(self, contents: Contents) -> Form | None:
        """The one form of the items of a list; None where they have none, or are numbers,
        arrays or lists."""
        structured = (Sequence, ObjectRef, DictRef)
        items = contents.items
        if contents.most is not None or not items:
            return None
        if not all(isinstance(item, structured) for item in items):
            return None
        names: list[str] = []
        try:
            form = self._form(items, "", names)
        except NoForm:
            return None
        return (form, tuple(names)) if names else None

    def _form(self, values: tuple[Value, ...], name: str, names: list[str]) -> Part:
        """The form of values in the same place of several items."""
        first = values[0]
        if all(map(self.is_cell, values)):
            names.append(name)
            return Column(len(names) - 1)
        if any(type(value) is not type(first) for value in values):
            raise NoForm
        if isinstance(first, Sequence) and first.cls is not set:
            labels = getattr(first.cls, "_fields", ("",) * len(first.items))
            parts = self._parts_of(values, labels, name, names)
            return Sequence(parts, first.cls)
        if isinstance(first, (ObjectRef, DictRef)):
            link = self._link(values) if name or self.by_index else None
            if link is not None:
                names.append(name)
                return Link(Column(len(names) - 1), link)
            if name and self._is_shared(values):
                return first
            held = tuple(self.held(value, None) for value in values)  # type: ignore[arg-type]
            if first.buffer in self.factories:
                raise NoForm
            labels = tuple(map(str, held[0].keys or ()))
            return Held(
                type(first), held[0].holding(self._parts_of(held, labels, name, names))
            )
        if not isinstance(first, (Const, Static, Closure, Partial, Poison)):
            raise NoForm
        if not all(_equal(value, first) for value in values):
            raise NoForm
        return first

    def _parts_of(
        self, values: tuple[Any, ...], labels: tuple[str, ...], name: str, names: list[str]
    ) -> tuple[Any, ...]:
        if not all(_alike(value, values[0]) for value in values):
            raise NoForm
        columns = list(zip(*(value.items for value in values), strict=True))
        if isinstance(values[0], Sequence) and not any(labels):
            labels = tuple(
                self._leaf_name(column[0]) or str(place)
                for place, column in enumerate(columns)
            )
        inner = (f"{name}_{label}" if name else label for label in labels)
        return tuple(
            self._form(column, label, names)
            for column, label in zip(columns, inner, strict=True)
        )

    def _leaf_name(self, value: Value) -> str:
        if isinstance(value, ArrayRef) and not value.path:
            value = self.state.get(value.buffer)
        name = self._base(value) if isinstance(value, Var) else "t"
        return "" if name in ("t", "result") else name

    def _link(self, values: tuple[Value, ...]) -> Ref | None:
        """What leads to all of some items of one table, as they are now, whatever the
        index is; None for anything else."""
        common: Ref | None = None
        for value in values:
            ref = self.resolved(value) if isinstance(value, Ref) else None
            if ref is None or not ref.path or ref.path[0].op != "row":
                return None
            row: Row = ref.path[0].params
            now = Row(self.moves.get(ref.buffer, 0), self.growths.get(ref.buffer, 0))
            if row.moved != now.moved or row.grown not in (None, now.grown):
                return None
            own = self.row_at(ref, Const(0))
            if common is not None and common != own:
                return None
            common = own
        return common

    def _place(self, ref: Ref) -> Atom:
        """The index of an item, counted from the first one."""
        ref = self.resolved(ref)
        at, define = index_of(ref), self.build.define
        if ref.path[0].params.grown is None:
            return at
        length = self.length(ListRef(ref.buffer), None)
        behind = define("add", length, at)
        if isinstance(at, Const):
            return behind
        return define("select", define("ge", at, Const(0)), at, behind)

    def _is_shared(self, values: tuple[Value, ...]) -> bool:
        """Whether all items hold one and the same object."""
        first = values[0]
        assert isinstance(first, Ref)
        if any(value != first for value in values):
            return False
        return len(values) > 1 or first.buffer <= self.older[-1]

    def is_cell(self, value: Value) -> bool:
        if isinstance(value, (Var, Const, Global)):
            kind = kind_of(value)
            known = self.is_item(kind) or isinstance(kind, (Bool, Array))
            return known and not self.may_be_none(value)
        if isinstance(value, ListRef):
            held = self.state.get(value.buffer)
            if isinstance(held, Contents):
                return not isinstance(held, Table) and self.is_uniform(held)
            return isinstance(held, Var)
        return isinstance(value, ArrayRef) and not self.may_be_none(value)

    def _leaves(self, form: Part, value: Value) -> Iterator[Value]:
        """What goes into the columns for an item."""
        if isinstance(form, Column):
            if not self.is_cell(value):
                raise NoForm
            yield value
        elif isinstance(form, Link):
            if self._link((value,)) != form.to:
                raise NoForm
            assert isinstance(value, Ref)
            yield self._place(value)
        elif isinstance(form, Sequence):
            if not isinstance(value, Sequence) or not _alike(form, value):
                raise NoForm
            for part, item in zip(form.items, value.items, strict=True):
                yield from self._leaves(part, item)
        elif isinstance(form, Held):
            if type(value) is not form.cls:
                raise NoForm
            held = self.held(value, None)
            assert isinstance(form.contents, Contents)
            if not form.contents.fits(held):
                raise NoForm
            for part, item in zip(form.contents.items, held.items, strict=True):
                yield from self._leaves(part, item)
        elif not _equal(form, value):
            raise NoForm

    def row_at(self, ref: Ref, index: Value) -> Ref:
        """The item at another index."""
        first, *rest = ref.path
        step = ViewStep("row", (index,), Row(first.params.moved, None))  # type: ignore[arg-type]
        return type(ref)(ref.buffer, (step, *rest))


def index_of(ref: Ref) -> Atom:
    """The index at which an item of a table is."""
    return ref.path[0].args[0]


def _alike(a: Sequence | Contents, b: Sequence | Contents) -> bool:
    if isinstance(a, Contents):
        return isinstance(b, Contents) and a.fits(b)
    return len(a.items) == len(b.items) and a.cls is b.cls


def _equal(a: Part, b: Part) -> bool:
    return a is b or (type(a) is type(b) and not isinstance(a, Var) and a == b)
