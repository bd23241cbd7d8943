"""Lists of objects, dicts or tuples whose number only the run knows."""

from __future__ import annotations

import ast
from typing import Any

from symdiff.frontend.memory.columns import Columns, Form, index_of
from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.forms import Again, Held, NoForm, Part
from symdiff.frontend.memory.plans import LoopPlan
from symdiff.frontend.memory.values import (
    MISSING, ArrayRef, Column, Contents, Link, ListRef, Moved, Poison, Ref, Row, Sequence,
    Table, Value, ViewStep,
)  # fmt: skip
from symdiff.ir.core import Atom, Const, Index, Var, kind_of
from symdiff.ir.structure import part_text, step_to
from symdiff.ir.kinds import Array, Kind, List, Tuple, is_number

__all__ = ["Tables", "contents_of", "has_objects", "index_of", "inner", "mixed"]

AT = Index(("at",))


class Tables(Columns):
    """Holds lists of structured items as a list for each part in which these differ.

    `bodies[i]` is a reference that leads to place i of these lists, so that two such
    references are one object where their indices are equal. An object that was made
    before it came into the list leads there, too.
    """

    def __init__(self) -> None:
        super().__init__()
        self.open_plans: list[LoopPlan] = []
        self.row_sites: dict[tuple[int, int], object] = {}
        self.loop_indices: list[Atom | None] = [None]  # of the loops around
        self.counts: set[Atom] = set()  # counters of loops, which are not negative

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
        sure = self._is_count(index)
        grown = None if sure else self.growths.get(ref.buffer, 0)
        row = Row(self.moves.get(ref.buffer, 0), grown)
        return Ref(ref.buffer, (ViewStep("row", (index,), row),))

    def _is_count(self, index: Atom) -> bool:
        """Whether an index is known not to be negative."""
        if isinstance(index, Const):
            return bool(index.value >= 0)
        made = self.build.definitions.get(index) if isinstance(index, Var) else None
        if made is not None and made.op in ("add", "mul"):
            return all(map(self._is_count, made.args))
        return index in self.counts

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
        if isinstance(form, Link):
            at = self._cell(ref, form.column, node, "at")
            step = ViewStep("row", (self.atom(at, node),), form.to.path[0].params)
            return type(form.to)(form.to.buffer, (step, *form.to.path[1:]))
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
        if held is MISSING:  # its list was made on another path
            return Poison()
        try:
            contents = self.contents(ref, None)
            return self.read(ref, None) if contents is None else contents
        except Refusal as refusal:
            return Poison(refusal.message, refusal.help)

    # -- as any list --------------------------------------------------------------------

    def length(self, ref: ListRef, node: ast.AST | None, base: str = "n") -> Atom:
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


def inner(ref: Ref, place: int) -> Ref:
    return Ref(ref.buffer, (*ref.path, ViewStep("part", (), place)))


def contents_of(form: Part) -> Any:
    return form.contents if isinstance(form, Held) else form


def has_objects(form: Part) -> bool:
    if isinstance(form, Sequence):
        return any(map(has_objects, form.items))
    return isinstance(form, Held)


def mixed(node: ast.AST | None) -> Refusal:
    return Refusal(
        "the items of a list whose length is only known when the program runs are not of "
        "one form",
        node,
        "give all of them the same class, keys and kinds of values",
    )
