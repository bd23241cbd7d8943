"""Lists of objects, dicts or tuples whose number only the run knows."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.forms import Again, Held, NoForm, Part
from symdiff.frontend.memory.heap import Heap
from symdiff.frontend.memory.plans import LoopPlan
from symdiff.frontend.memory.values import (
    ArrayRef, Closure, Column, Contents, DictRef, ListRef, Moved, ObjectRef, Partial,
    Poison, Ref, Row, Sequence, Static, Table, Value, ViewStep,
)  # fmt: skip
from symdiff.ir.core import Atom, Const, Global, Index, Var, kind_of
from symdiff.ir.structure import part_text, step_to
from symdiff.ir.kinds import Array, Bool, Kind, List, Tuple, is_number

__all__ = ["Tables", "contents_of", "has_objects", "index_of", "inner", "mixed"]

AT = Index(("at",))
Form = tuple[Part, tuple[str, ...]]  # of an item, and what its columns are called


class Tables(Heap):
    """Holds lists of structured items as a list for each part in which these differ.

    `bodies[i]` is a reference that leads to place i of these lists, so that two such
    references are one object where their indices are equal. An object that was made
    before it came into the list leads there, too.
    """

    def __init__(self) -> None:
        super().__init__()
        # How often the items of a table moved to other places, and how often it grew.
        self.moves: dict[int, int] = {}
        self.growths: dict[int, int] = {}
        self.open_plans: list[LoopPlan] = []
        self.row_sites: dict[tuple[int, int], object] = {}
        self.loop_indices: list[Atom | None] = [None]  # of the loops around
        self.counts: set[Atom] = set()  # counters of loops, which are not negative

    # -- forms ------------------------------------------------------------------------

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

    # -- making -----------------------------------------------------------------------

    def table(self, ref: Ref) -> Table | None:
        """The columns of a list that is held so."""
        held = self.state.get(ref.buffer)
        return held if isinstance(held, Table) and not ref.path else None

    def materialise(self, ref: ListRef, node: ast.AST | None) -> None:
        contents = self.contents(ref, node)
        form = None if contents is None else self.form_for(contents)
        if contents is None or form is None:
            super().materialise(ref, node)
        else:
            self.tabulate(ref.buffer, contents, form, node)

    def tabulate(
        self, buffer: int, contents: Contents, form: Form, node: ast.AST | None
    ) -> None:
        """Hold a list whose items are known one by one as a table from now on."""
        pattern, names = form
        rows = [self._checked_leaves(pattern, item, node) for item in contents.items]
        columns: list[Value] = []
        for number, name in enumerate(names):
            column = self.state.new_buffer()
            self.list_names[column] = self._column_name(buffer, name)
            atoms = [self.list_item(row[number], node, column) for row in rows]
            base = self.list_names[column]
            self.state.set(column, self.build.define("list.new", *atoms, base=base))
            columns.append(ListRef(column))
        self.state.set(buffer, Table.of(tuple(columns), pattern, names))
        for place, item in enumerate(contents.items):
            step = ViewStep("row", (Const(place),), Row(self.moves.get(buffer, 0), None))
            self._move(item, Ref(buffer, (step,)), pattern)

    def _column_name(self, buffer: int, name: str) -> str:
        owner = self.list_names.get(buffer, "t")
        parts = [part for part in ("" if owner == "t" else owner, name) if part]
        joined = "_".join(parts) or "t"
        return joined if joined.isidentifier() else f"items_{joined}"

    def _checked_leaves(
        self, form: Part, value: Value, node: ast.AST | None
    ) -> tuple[Value, ...]:
        try:
            return tuple(self._leaves(form, value))
        except NoForm:
            self.want_late((value,))
            raise mixed(node) from None

    def _move(self, item: Value, to: Ref, form: Part) -> None:
        """Let the objects of an item lead to its place in a table."""
        if isinstance(form, Sequence):
            assert isinstance(item, Sequence)
            for place, pair in enumerate(zip(item.items, form.items, strict=True)):
                self._move(pair[0], inner(to, place), pair[1])
        if not isinstance(form, Held):
            return
        assert isinstance(item, Ref)
        held = self.state.get(item.buffer)
        if item.path or isinstance(held, Moved):
            self._hold(item, to.buffer)
            return
        assert isinstance(held, Contents)
        assert isinstance(form.contents, Contents)
        for other in self.ties.get(item.buffer, ()):
            self.tie(to.buffer, other)
        if item.buffer in self.readonly:
            self.readonly[to.buffer] = self.readonly[item.buffer]
        self.state.set(item.buffer, Moved(form.cls(to.buffer, to.path)))
        self.moved_into.setdefault(item.buffer, set()).add(to.buffer)
        if item.buffer in self.made_at_place:
            self.made_at_place.setdefault(to.buffer, self.made_at_place[item.buffer])
        for place, pair in enumerate(zip(held.items, form.contents.items, strict=True)):
            self._move(pair[0], inner(to, place), pair[1])

    def _hold(self, item: Ref, buffer: int) -> None:
        """Note that a table holds an object which is elsewhere, too."""
        target = self.resolved(item)
        if target.buffer == buffer:
            self._double(buffer)
        self.share(buffer, target.buffer)

    def _double(self, buffer: int) -> None:
        """Note that two places of a table may hold one object."""
        self.doubled.add(buffer)
        held = self.state.get(buffer)
        if isinstance(held, Table):
            self.doubled.update(c.buffer for c in held.items if isinstance(c, ListRef))

    def share(self, buffer: int, other: int) -> None:
        """Note that a table holds objects that are elsewhere, too."""
        for each in (other, *self.ties.get(other, ())):
            if each != buffer and each not in self.ties.get(buffer, ()):
                self.tie(buffer, each)
                self.share_only.add(frozenset((buffer, each)))
        if other in self.readonly:
            self.readonly[buffer] = self.readonly[other]

    def tie(self, a: int, b: int) -> None:
        if self.share_only:
            self.share_only.discard(frozenset((self.home(a), self.home(b))))
        super().tie(a, b)

    # -- items ------------------------------------------------------------------------

    def resolved(self, ref: Ref) -> Ref:
        """A reference to where an object is now."""
        held = self.state.get(ref.buffer)
        if isinstance(held, Moved):
            ref = type(ref)(held.ref.buffer, (*held.ref.path, *ref.path))
            return self.resolved(ref)
        return ref

    def list_element(self, ref: ListRef, index: Atom, node: ast.AST, base: str) -> Value:
        table = self.table(ref)
        if table is None:
            return super().list_element(ref, index, node, base)
        kind = kind_of(self.read(table.items[0], node))  # type: ignore[arg-type]
        if isinstance(kind, List) and kind.extent == 0:
            raise self.reading_nothing(node)
        return self._part(self._row(ref, index), table.form, node, base)

    def most_kept(self, ref: ListRef, node: ast.AST) -> int | None:
        """How many of its last items a list keeps that is held as one value: what it may
        be on some path may be a deque."""
        buffer = self.resolved(ref).buffer
        if buffer in self.state.most:
            return self.state.most[buffer]
        others = (other for other in self.ties.get(buffer, ()) if other not in self.arrays)
        found = {self.state.most.get(other) for other in others}
        if len(found) > 1:
            message = "how many items this deque keeps is not known here"
            raise Refusal(message, node, "give both deques one `maxlen`")
        return found.pop() if found else None

    def _row(self, ref: Ref, index: Atom) -> Ref:
        sure = index in self.counts or (isinstance(index, Const) and index.value >= 0)
        grown = None if sure else self.growths.get(ref.buffer, 0)
        row = Row(self.moves.get(ref.buffer, 0), grown)
        return Ref(ref.buffer, (ViewStep("row", (index,), row),))

    def note_compared(self, value: Ref) -> None:
        """Note that an object, which may be the caller's, was compared with another one:
        two of the caller's are taken for different objects."""
        ref = self.resolved(value)
        if not ref.path:
            self.compared.add(ref.buffer)
        elif ref.buffer in self.rows_of:
            table = self.state.get(ref.buffer)
            assert isinstance(table, Table)
            text, form = self.rows_of[ref.buffer][0], table.form
            for step in ref.path[1:]:
                held = contents_of(form)
                key = step.params if held.keys is None else held.keys[step.params]
                text += part_text("", (step_to(held.cls or dict, key),))
                form = held.items[step.params]
            self.compared.add(text)

    def row_at(self, ref: Ref, index: Value) -> Ref:
        """The item at another index."""
        first, *rest = ref.path
        step = ViewStep("row", (index,), Row(first.params.moved, None))  # type: ignore[arg-type]
        return type(ref)(ref.buffer, (step, *rest))

    def same_table(self, a: Value, b: Ref) -> bool:
        """Whether two references lead to items of one table, as they are now."""
        if type(a) is not type(b):
            return False
        a, b = self.resolved(a), self.resolved(b)
        if a.buffer != b.buffer or not a.path or not b.path or a.path[0].op != "row":
            return False
        rows = [ref.path[0].params for ref in (a, b)]
        here = Row(self.moves.get(a.buffer, 0), None)
        return a.path[1:] == b.path[1:] and all(row == here for row in rows)

    def _part(self, ref: Ref, form: Part, node: ast.AST | None, base: str = "t") -> Value:
        """What the part of a form is at a place of the table."""
        if isinstance(form, Column):
            return self._cell(ref, form, node, base)
        if isinstance(form, Sequence):
            items = (
                self._part(inner(ref, place), part, node)
                for place, part in enumerate(form.items)
            )
            return Sequence(tuple(items), form.cls)
        if isinstance(form, Held):
            return form.cls(ref.buffer, ref.path)
        assert not isinstance(form, Again)
        return form

    def _cell(self, ref: Ref, column: Column, node: ast.AST | None, base: str) -> Value:
        held = self._column(ref, column, node)
        at = ref.path[0].args[0]
        whole = self.read(held, node)
        kind = kind_of(whole)
        if not (isinstance(kind, List) and isinstance(kind.item, Array)):
            return super().list_element(held, at, node, base)  # type: ignore[arg-type]
        key = ("view", whole, ("cell", at))
        known = self.state.get(key)
        if not isinstance(known, ArrayRef):
            known = super().list_element(held, at, node, base)  # type: ignore[arg-type]
            self.state.set(key, known)
        return known

    def _column(self, ref: Ref, column: Column, node: ast.AST | None) -> ListRef:
        """The list in which a place of an item is, if the item is where it was."""
        held = self.state.get(ref.buffer)
        if isinstance(held, Poison):
            raise self.poisoned(held, node)
        assert isinstance(held, Table)
        row = ref.path[0].params
        stays = row.grown is None or row.grown == self.growths.get(ref.buffer, 0)
        if row.moved != self.moves.get(ref.buffer, 0) or not stays:
            raise Refusal(
                "the items of this list have moved since this one was read from it",
                node,
                "read it from the list again",
            )
        found = held.items[column.number]
        assert isinstance(found, ListRef)
        return found

    def outline(self, ref: Ref, node: ast.AST | None) -> Contents:
        """What a dict or object holds; columns for what is in a table."""
        ref = self.resolved(ref)
        if not ref.path:
            return super().outline(ref, node)
        table = self.state.get(ref.buffer)
        if isinstance(table, Poison):
            raise self.poisoned(table, node)
        assert isinstance(table, Table)
        form: Part = table.form
        for step in ref.path[1:]:
            form = contents_of(form).items[step.params]
        held = contents_of(form)
        assert isinstance(held, Contents)
        return held

    def contents(self, ref: Ref, node: ast.AST | None) -> Contents | None:
        ref = self.resolved(ref)
        if not ref.path or isinstance(ref, (ListRef, ArrayRef)):
            return super().contents(ref, node)
        outline = self.outline(ref, node)
        items = (
            self._part(inner(ref, place), form, node)
            for place, form in enumerate(outline.items)
        )
        return outline.holding(tuple(items))

    def got(
        self, ref: Ref, key: Any, node: ast.AST | None, base: str = "t"
    ) -> Value | None:
        ref = self.resolved(ref)
        if not ref.path:
            return super().got(ref, key, node, base)
        outline = self.outline(ref, node)
        assert outline.keys is not None
        if key not in outline.keys:
            return None
        place = outline.keys.index(key)
        return self._part(inner(ref, place), outline.items[place], node, base)

    def held_by(self, ref: Ref) -> Value:
        """What a reference leads to: contents, or an atom."""
        ref = self.resolved(ref)
        held = self.state.get(ref.buffer)
        if isinstance(held, Poison) or not ref.path:
            return held
        try:
            contents = self.contents(ref, None)
            return self.read(ref, None) if contents is None else contents
        except Refusal as refusal:
            return Poison(refusal.message, refusal.help)

    # -- as any list --------------------------------------------------------------------

    def length(self, ref: ListRef, node: ast.AST, base: str = "n") -> Atom:
        table = self.table(ref)
        if table is None:
            return super().length(ref, node, base)
        return super().length(table.items[0], node, base)  # type: ignore[arg-type]

    def kind(self, value: Value) -> Kind:
        table = self.table(value) if isinstance(value, ListRef) else None
        if table is None:
            return super().kind(value)
        kinds = [kind_of(self.read(column, None)) for column in table.items]  # type: ignore[arg-type]
        items = tuple(kind.item if isinstance(kind, List) else kind for kind in kinds)
        extent = kinds[0].extent if isinstance(kinds[0], List) else None
        return List(Tuple(items), extent)

    def read(self, ref: Ref, node: ast.AST | None, base: str = "t") -> Atom:
        table = self.table(ref)
        if table is None:
            return super().read(ref, node, base)
        kind = self.kind(ListRef(ref.buffer))
        assert isinstance(kind, List)
        assert isinstance(kind.item, Tuple)
        flat = isinstance(table.form, Sequence) and table.form.cls is None
        flat = flat and all(isinstance(part, Column) for part in table.form.items)
        if not flat or not all(map(is_number, kind.item.items)):
            raise Refusal(
                "a list of objects whose number is only known when the program runs cannot "
                "be used as a whole here",
                node,
                "loop over it",
            )
        columns = [self.read(column, node) for column in table.items]  # type: ignore[arg-type]
        return self.build.define("list.zip", *columns, base=base)


def index_of(ref: Ref) -> Atom:
    """The index at which an item of a table is."""
    return ref.path[0].args[0]


def inner(ref: Ref, place: int) -> Ref:
    return Ref(ref.buffer, (*ref.path, ViewStep("part", (), place)))


def contents_of(form: Part) -> Any:
    return form.contents if isinstance(form, Held) else form


def has_objects(form: Part) -> bool:
    if isinstance(form, Sequence):
        return any(map(has_objects, form.items))
    return isinstance(form, Held)


def _alike(a: Sequence | Contents, b: Sequence | Contents) -> bool:
    if isinstance(a, Contents):
        return isinstance(b, Contents) and a.fits(b)
    return len(a.items) == len(b.items) and a.cls is b.cls


def _equal(a: Part, b: Part) -> bool:
    return a is b or (type(a) is type(b) and not isinstance(a, Var) and a == b)


def mixed(node: ast.AST | None) -> Refusal:
    return Refusal(
        "the items of a list whose length is only known when the program runs are not of "
        "one form",
        node,
        "give all of them the same class, keys and kinds of values",
    )
