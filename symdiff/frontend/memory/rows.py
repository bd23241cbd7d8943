"""Changes of lists of structured items whose number only the run knows."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.forms import Held, Part
from symdiff.frontend.memory.tables import Tables, contents_of, has_objects, inner, mixed
from symdiff.frontend.memory.values import (
    ArrayRef, Column, Contents, DictRef, Link, ListRef, ObjectRef, Ref, Row, Sequence,
    Table, Value, ViewStep,
)  # fmt: skip
from symdiff.ir.core import Atom, Const, Index, kind_of
from symdiff.ir.kinds import Array, List

__all__ = ["Rows"]

AT = Index(("at",))


class Rows(Tables):
    """Changes the items of tables, and which items these hold."""

    # -- changing items -----------------------------------------------------------------

    def put(self, ref: Ref, key: Any, value: Value, node: ast.AST) -> None:
        ref = self.resolved(ref)
        if not ref.path:
            super().put(ref, key, value, node)
            return
        outline = self.outline(ref, node)
        assert outline.keys is not None
        if key not in outline.keys:
            self.want_late((ref,))
            raise _other_keys(outline, node)
        place = outline.keys.index(key)
        self._put(inner(ref, place), outline.items[place], value, node)

    def replace(self, ref: Ref, contents: Contents, node: ast.AST) -> None:
        ref = self.resolved(ref)
        if not ref.path:
            super().replace(ref, contents, node)
            return
        outline = self.outline(ref, node)
        if contents.keys != outline.keys:
            self.want_late((ref,))
            raise _other_keys(outline, node)
        for place, (form, value) in enumerate(
            zip(outline.items, contents.items, strict=True)
        ):
            self._put(inner(ref, place), form, value, node)

    def _put(self, ref: Ref, form: Part, value: Value, node: ast.AST) -> None:
        """Put a value into a place of a table."""
        self.check_writable(Ref(ref.buffer), node)
        if isinstance(form, Held) and isinstance(value, Ref):
            if self.resolved(value) == form.cls(ref.buffer, ref.path):
                return  # it is there already
            self._hold(value, ref.buffer)
        leaves = self._checked_leaves(form, value, node)
        columns = [self._column(ref, column, node) for column in columns_in(form)]
        at = ref.path[0].args[0]
        for column, leaf in zip(columns, leaves, strict=True):
            atom = self.list_item(leaf, node, column.buffer)
            self.list_write(column, "setitem", (at, atom), node, AT)
        self._changed(ref.buffer, node)

    def _changed(self, buffer: int, node: ast.AST) -> None:
        """Note that an item of a table has changed."""
        self.written.add(buffer)
        self.changed_inside.add(buffer)
        self._check_rows(buffer, node)
        self.update(buffer, self.state.get(buffer), node)

    def number_in_table(
        self, owner: Value, key: Any, node: ast.AST
    ) -> tuple[ListRef, Atom] | None:
        """The list and index of a number that an item of a table holds, to be changed."""
        found = self._cell_of(owner, key, node)
        if found is None or not self.holds_numbers(found[0], node):
            return None
        return found

    def array_in_table(self, owner: Value, key: Any, node: ast.AST) -> ArrayRef | None:
        """An array that an item of a table holds, to be changed in its place."""
        found = self._cell_of(owner, key, node)
        if found is None:
            return None
        column, at = found
        if not self.holds_arrays(column, node):
            return None
        return self.array_in_list(column, at, node)

    def holds_arrays(self, value: Value, node: ast.AST) -> bool:
        """Whether it is a list of arrays that is held as one value."""
        if not isinstance(value, ListRef) or value.path or self.table(value) is not None:
            return False
        if self.contents(value, node) is not None:
            return False
        kind = kind_of(self.read(value, node))
        return isinstance(kind, List) and isinstance(kind.item, Array)

    def array_in_list(self, ref: ListRef, at: Atom, node: ast.AST) -> ArrayRef:
        """An array that a list holds as one value, to be changed in its place."""
        self.changed_inside.add(ref.buffer)
        self._check_rows(ref.buffer, node)
        return ArrayRef(ref.buffer, (ViewStep("getitem", (at,), AT),))

    def _cell_of(
        self, owner: Value, key: Any, node: ast.AST
    ) -> tuple[ListRef, Atom] | None:
        if not isinstance(owner, (ObjectRef, DictRef)):
            return None
        ref = self.resolved(owner)
        form = self.outline(ref, node).get(key) if ref.path else None
        if not isinstance(form, Column):
            return None
        self.check_writable(Ref(ref.buffer), node)
        column = self._column(ref, form, node)
        self._changed(ref.buffer, node)
        return column, ref.path[0].args[0]

    def same_row(self, op: str, a: Value, b: Value, node: ast.AST) -> Atom | None:
        """Whether two items of a table are one object; None where that is not known."""
        if not isinstance(a, ObjectRef) or not isinstance(b, ObjectRef):
            return None
        a, b = self.resolved(a), self.resolved(b)
        if not a.path or a.buffer != b.buffer or a.buffer in self.doubled:
            return None
        (first, *rest), (second, *others) = a.path, b.path
        cls: Any = self.outline(a, node).cls
        if rest != others or (op in ("eq", "ne") and cls.__eq__ is not object.__eq__):
            return None
        if first.params != second.params or first.params.grown is not None:
            return None
        self.note_compared(a)
        return self.at(node).build.define("eq", first.args[0], second.args[0])

    # -- changing the list --------------------------------------------------------------

    def add_row(
        self, owner: ListRef, op: str, where: tuple[Atom, ...], value: Value, node: ast.AST
    ) -> None:
        """`owner.append(value)`, or `owner.insert(where, value)`."""
        table = self.table(owner)
        assert table is not None
        self._check_length(owner, node)
        leaves = self._checked_leaves(table.form, value, node)
        place = self.length(owner, node) if op == "list.append" else None
        if place is not None:
            self._grow(owner, node)
        else:
            self._shift(owner)
        fresh = isinstance(value, Ref) and value == self.resolved(value)
        if fresh and place is not None and value.buffer > self.older[-1]:  # type: ignore[union-attr]
            step = ViewStep("row", (place,), Row(self.moves.get(owner.buffer, 0), None))
            self._move(value, Ref(owner.buffer, (step,)), table.form)
        else:
            self._note_rows(table.form, value, owner.buffer, node)
        if owner.buffer in self.doubled:
            self._double(owner.buffer)
        for column, leaf in zip(table.items, leaves, strict=True):
            assert isinstance(column, ListRef)
            atom = self.list_item(leaf, node, column.buffer)
            self.list_write(column, op, (*where, atom), node)
        self._resized(owner, node)

    def set_row(self, owner: ListRef, at: Atom, value: Value, node: ast.AST) -> None:
        """`owner[at] = value`."""
        table = self.table(owner)
        assert table is not None
        leaves = self._checked_leaves(table.form, value, node)
        if self.permutes is not self.frame:
            self._note_rows(table.form, value, owner.buffer, node)
        if owner.buffer in self.doubled:
            self._double(owner.buffer)
        if has_objects(table.form):
            self._shift(owner)
        for column, leaf in zip(table.items, leaves, strict=True):
            assert isinstance(column, ListRef)
            atom = self.list_item(leaf, node, column.buffer)
            self.list_write(column, "setitem", (at, atom), node, AT)
        self._resized(owner, node)

    def _note_rows(self, form: Part, value: Value, buffer: int, node: ast.AST) -> None:
        """Note which objects a table holds from now on."""
        if isinstance(form, Sequence):
            assert isinstance(value, Sequence)
            for part, item in zip(form.items, value.items, strict=True):
                self._note_rows(part, item, buffer, node)
        elif isinstance(form, Held):
            assert isinstance(value, Ref)
            assert isinstance(form.contents, Contents)
            ref = self.resolved(value)
            if not self._once(ref, buffer, node):
                self._note_holding(ref, buffer, node)
            self.share(buffer, ref.buffer)
            held = self.held(ref, node)
            for part, item in zip(form.contents.items, held.items, strict=True):
                self._note_rows(part, item, buffer, node)

    def _once(self, ref: Ref, buffer: int, node: ast.AST) -> bool:
        """Whether this is the only place where rows of one table come into another, and
        each round of the innermost loop brings its own."""
        if not ref.path or ref.path[0].args[0] != self.loop_indices[-1]:
            return False
        if ref.buffer > self.older[-1] or buffer <= self.older[-2]:
            return False
        site = (ref, id(node), tuple(self.sites))
        before = self.row_sites.setdefault((buffer, ref.buffer), site)
        return before == site and ref.buffer not in self.doubled

    def _grow(self, owner: ListRef, node: ast.AST) -> None:
        """Before a table gets longer: names of items keep their places."""
        before = self.growths.get(owner.buffer, 0)
        self.growths[owner.buffer] = before + 1
        for key, value in self.state.names(self.live_frames):
            if not isinstance(value, (ObjectRef, DictRef)) or value.buffer != owner.buffer:
                continue
            first, *rest = value.path
            if first.params.grown != before:
                continue
            at = first.args[0]
            length = self.length(owner, node)
            op = "add" if isinstance(at, Const) else "mod"
            place = self.build.define(op, *((length, at) if op == "add" else (at, length)))
            step = ViewStep("row", (place,), Row(first.params.moved, None))
            self.state.set(key, type(value)(value.buffer, (step, *rest)))

    def _shift(self, owner: ListRef) -> None:
        """Items move to other places."""
        for plan in self.open_plans:
            plan.moved.add(owner.buffer)
        self.moves[owner.buffer] = self.moves.get(owner.buffer, 0) + 1

    def _resized(self, owner: ListRef, node: ast.AST) -> None:
        self.written.add(owner.buffer)
        line = f" on line {self.line(node)}"
        for other in sorted(self.ties.get(owner.buffer, ())):
            shares = frozenset((owner.buffer, other)) in self.share_only
            if isinstance(self.state.get(other), Table) and not shares:
                self.state.set(other, self._shared(Contents((), ()), line))

    def start_table(self, owner: ListRef, like: Table, node: ast.AST) -> None:
        """Hold a list that has no items yet as a table like another one."""
        contents = self.contents(owner, node)
        kind = None if contents is not None else kind_of(super().read(owner, node))
        if contents is None and isinstance(kind, List) and kind.extent == 0:
            contents = Contents(())
        if contents is None:
            raise mixed(node)
        self.tabulate(owner.buffer, contents, (like.form, like.names), node)

    def extend_table(self, owner: ListRef, value: ListRef, node: ast.AST) -> None:
        """`owner.extend(value)` of two tables."""
        table, more = self.table(owner), self.table(value)
        if table is None or more is None or not table.fits(more):
            raise mixed(node)
        self._check_length(owner, node)
        self._grow(owner, node)
        if has_objects(table.form):
            self._note_holding(value, owner.buffer, node)
            if owner.buffer in self.doubled or value.buffer in self.doubled:
                self._double(owner.buffer)
            self.share(owner.buffer, value.buffer)
        for column, tail in zip(table.items, more.items, strict=True):
            self.extend_list(column, tail, node)  # type: ignore[arg-type]
        self._resized(owner, node)

    def taken(self, item: Value, node: ast.AST) -> Value:
        """An item by itself, as it leaves its table."""
        if isinstance(item, Sequence):
            return Sequence(tuple(self.taken(v, node) for v in item.items), item.cls)
        if not isinstance(item, (ObjectRef, DictRef)) or not item.path:
            return item
        held = self.held(item, node)
        items = tuple(
            v if isinstance(v, Ref) and v.buffer != item.buffer else self.taken(v, node)
            for v in held.items
        )
        made = type(item)(self._new(held.holding(items)))
        for other in self.ties.get(item.buffer, ()):
            self.tie(made.buffer, other)
        if item.buffer in self.doubled:
            self.tie(made.buffer, item.buffer)
        return made

    def change_columns(
        self, owner: ListRef, change: Callable[[ListRef], object], node: ast.AST
    ) -> bool:
        """Change each column alike; False if the list is not held so."""
        table = self.table(owner)
        if table is None:
            return False
        self._check_length(owner, node)
        self._shift(owner)
        for column in table.items:
            assert isinstance(column, ListRef)
            change(column)
        self._resized(owner, node)
        return True

    def made_columns(
        self, owner: ListRef, make: Callable[[ListRef], Value]
    ) -> ListRef | None:
        """A new list made column by column; None if the list is not held so."""
        table = self.table(owner)
        if table is None:
            return None
        columns = tuple(make(column) for column in table.items)  # type: ignore[arg-type]
        made = self.holder(table.holding(columns))
        if has_objects(table.form):
            self.share(made.buffer, owner.buffer)
            if owner.buffer in self.doubled:
                self._double(made.buffer)
        return made


def columns_in(form: Part) -> Iterator[Column]:
    if isinstance(form, Column):
        yield form
    elif isinstance(form, Link):
        yield form.column
    elif isinstance(form, (Held, Sequence)):
        for part in contents_of(form).items:
            yield from columns_in(part)


def _other_keys(outline: Contents, node: ast.AST) -> Refusal:
    what = (
        "a dict gets another key" if outline.cls is None else "an object gets an attribute"
    )
    return Refusal(
        f"{what} while it is in a list whose length is only known when the program runs",
        node,
        "set all of them before it is put into the list",
    )
