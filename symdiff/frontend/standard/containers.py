"""Methods of lists, dicts and tuples."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.values import (
    ArrayRef, Backwards, Contents, DictRef, DictView, Enumerated, Generator, ListRef,
    Mapped, ObjectRef, Ranged, Ref, Sequence, Static, Value, Zipped,
)  # fmt: skip
from symdiff.frontend.operations.subscripts import is_slice
from symdiff.frontend.standard.equality import Equality
from symdiff.ir.core import Const, Index, SliceItem, kind_of
from symdiff.ir.infer_dtypes import element_kind
from symdiff.ir.kinds import (
    Array, Kind, List, Member, Opaque, Str, Tuple, derivative_kind, is_continuous,
    is_number,
)  # fmt: skip

__all__ = ["Containers"]

NONE = Const(None)
_WITH_KEYWORDS = ("update", "_replace", "sort", "popitem", "move_to_end")


class Containers(Equality):
    """Lowers methods of containers: one method each, found by its name."""

    def container_method(
        self,
        owner: Value,
        name: str,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
        base: str,
    ) -> Value:
        form = "list" if isinstance(owner, ListRef) else "tuple"
        form = "dict" if isinstance(owner, DictRef) else form
        method = getattr(self, f"{form}_{name.lstrip('_')}", None)
        if method is None:
            raise Refusal(f"the method `{name}` of a {form} is not supported", node)
        if keywords and name not in _WITH_KEYWORDS:
            raise Refusal(f"`{name}` takes no keywords", node)
        taken = [self.taken_from(each, node) for each in positional]
        value: Value = method(owner, taken, keywords, node)
        return value

    # -- lists ------------------------------------------------------------------------

    def list_append(
        self, owner: ListRef, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        (value,) = self._given(args, 1, 1, node)
        contents = self.contents(owner, node)
        if contents is not None:
            self.replace(owner, contents.ending((*contents.items, value)), node)
        elif self.table(owner) is not None:
            self.at(node).add_row(owner, "list.append", (), value, node)
        else:
            atom = self.list_item(value, node, owner.buffer)
            self.at(node).list_write(owner, "list.append", (atom,), node)
        return NONE

    def list_extend(
        self, owner: ListRef, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        (value,) = self._given(args, 1, 1, node)
        self.extend_list(owner, value, node)
        return NONE

    def extend_list(self, owner: ListRef, value: Value, node: ast.AST) -> None:
        value = self.as_items(value, node)
        if isinstance(value, Generator):
            value = self.listed(value, node, "items")
        contents, more = self.contents(owner, node), self.known_items(value, node)
        if contents is not None and more is not None:
            self.replace(owner, contents.ending(contents.items + more), node)
            return
        if not isinstance(value, ListRef):
            value = self.new_list(self.items_of(value, node))
        if contents is not None:
            self.materialise(owner, node)
        if self._extends_table(owner, value, node):
            return
        if self.may_share(value.buffer, owner.buffer):
            self.doubled.add(owner.buffer)
            self._check_rows(owner.buffer, node)
        self.share_items(value, owner, node)
        atom = self.list_atom(value, node)
        self.at(node).list_write(owner, "list.extend", (atom,), node)

    def _extends_table(self, owner: ListRef, value: ListRef, node: ast.AST) -> bool:
        """Add the items of a list to a table, if there is one."""
        more, table = self.contents(value, node), self.table(value)
        if table is not None and self.table(owner) is None:
            self.start_table(owner, table, node)
        if self.table(owner) is None:
            return False
        if more is not None:
            for item in more.items:
                self.add_row(owner, "list.append", (), item, node)
            return True
        self.extend_table(owner, value, node)
        return True

    def share_items(self, source: ListRef, target: ListRef, node: ast.AST) -> None:
        """Note that one list holds what the other one holds too."""
        contents = self.contents(source, node)
        if contents is None:
            if not self.holds_numbers(source, node):
                self.alias(source.buffer, target.buffer)
            return
        for item in contents.items:
            if isinstance(item, Ref):
                self.alias(item.buffer, target.buffer)

    def list_insert(
        self, owner: ListRef, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        place, value = self._given(args, 2, 2, node)
        contents = self.contents(owner, node)
        if contents is not None and isinstance(place, Const):
            items = list(contents.items)
            items.insert(place.value, value)
            self.replace(owner, contents.holding(tuple(items)), node)
            return NONE
        self.materialise(owner, node)
        at = self.atom(place, node)
        if self.table(owner) is not None:
            self.at(node).add_row(owner, "list.insert", (at,), value, node)
            return NONE
        atom = self.list_item(value, node, owner.buffer)
        self.at(node).list_write(owner, "list.insert", (at, atom), node)
        return NONE

    def list_pop(
        self, owner: ListRef, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        self._given(args, 0, 1, node)
        place = self.atom(args[0], node) if args else Const(-1)
        value = self.taken(self.element(owner, place, node, "t"), node)
        self.delete_item(owner, place, node)
        return value

    def delete_item(self, owner: ListRef, place: Value, node: ast.AST) -> None:
        """`del owner[place]`."""
        contents = self.contents(owner, node)
        if contents is not None and isinstance(place, Const):
            items = list(contents.items)
            if not -len(items) <= place.value < len(items):
                self.raise_now(IndexError, node)
                raise Refusal("index out of range", node)
            del items[place.value]
            self.replace(owner, contents.holding(tuple(items)), node)
            return
        self.materialise(owner, node)
        at = self.atom(place, node)

        def delete(column: ListRef) -> None:
            self.at(node).list_write(column, "list.delitem", (at,), node)

        if not self.change_columns(owner, delete, node):
            delete(owner)

    def delete_slice(self, owner: ListRef, bounds: Sequence, node: ast.AST) -> None:
        """`del owner[a:b]`."""
        index, atoms, cut = self.bounds(bounds, node)
        contents = self.contents(owner, node)
        if contents is not None and cut is not None:
            items = list(contents.items)
            del items[cut]
            self.replace(owner, contents.holding(tuple(items)), node)
            return
        self.materialise(owner, node)

        def delete(column: ListRef) -> None:
            self.at(node).list_write(column, "list.delitem", atoms, node, index)

        if not self.change_columns(owner, delete, node):
            delete(owner)

    def list_clear(
        self, owner: ListRef, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        self._given(args, 0, 0, node)
        contents = self.contents(owner, node)
        if contents is not None:
            self.replace(owner, contents.holding(()), node)
        elif not self.change_columns(
            owner, lambda c: self.list_clear(c, [], {}, node), node
        ):
            self.renew(owner, self.list_value(Contents(()), node), node)
        return NONE

    def list_copy(
        self, owner: ListRef, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        self._given(args, 0, 0, node)
        contents = self.contents(owner, node)
        return self.copied_list(owner, node) if contents is None else self.holder(contents)

    def copied_list(self, owner: ListRef, node: ast.AST) -> ListRef:
        """A new list of the same items."""
        contents = self.contents(owner, node)
        if contents is not None:
            return self.new_list(contents.items)
        made = self.made_columns(owner, lambda column: self.copied_list(column, node))
        if made is not None:
            return made
        atom = self.read(owner, node)
        made = self.own_list(self.at(node).build.define("list.copy", atom, base="t"))
        if not self.holds_numbers(owner, node):
            self.alias(made.buffer, owner.buffer)
        return made

    def list_reverse(
        self, owner: ListRef, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        self._given(args, 0, 0, node)
        contents = self.contents(owner, node)
        if contents is not None:
            self.replace(owner, contents.holding(contents.items[::-1]), node)
            return NONE
        if self.change_columns(owner, lambda c: self.list_reverse(c, [], {}, node), node):
            return NONE
        turned = self.at(node).build.define(
            "getitem",
            self.read(owner, node),
            Const(-1),
            params=Index((SliceItem(step=True),)),
        )
        self.renew(owner, turned, node)
        return NONE

    def list_remove(
        self, owner: ListRef, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        self.delete_item(owner, self._found_in("index", owner, args, node), node)
        return NONE

    def list_count(
        self, owner: ListRef, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        return self._found_in("count", owner, args, node)

    def list_index(
        self, owner: ListRef, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        return self._found_in("index", owner, args, node)

    def _found_in(
        self, name: str, owner: ListRef, args: list[Value], node: ast.Call
    ) -> Value:
        """How often, or where, a value is in a list."""
        (value,) = self._given(args, 1, 1, node)
        items = self.known_items(owner, node)
        known = items is not None and all(isinstance(v, Const) for v in items)
        if known and isinstance(value, Const):
            values = [v.value for v in items or () if isinstance(v, Const)]
            if name == "count" or value.value in values:
                return Const(getattr(values, name)(value.value))
        if items is not None and isinstance(value, (ObjectRef, Static)):
            places = self._places_of_object(items, value, node)
            if places is not None and name == "count":
                return Const(len(places))
            if places:
                return Const(places[0])
        if self.catching and name == "index":
            message = "whether this call raises what is caught here is not known"
            raise Refusal(message, node, "call it outside the `try`")
        atoms = self.list_atom(owner, node), self.atom(value, node)
        kind = kind_of(atoms[0])
        alike = isinstance(kind, List) and _compares(kind.item, kind_of(atoms[1]))
        if not alike:
            self.want_late((value,))
            raise Refusal("only numbers and strings are looked for in a list", node)
        return self.at(node).build.define(
            "method", *atoms, params=(name, ()), base="place" if name == "index" else "t"
        )

    def _places_of_object(
        self, items: tuple[Value, ...], value: Value, node: ast.AST
    ) -> list[int] | None:
        """Where an object is, or what is equal to it; None if that is not known."""
        places: list[int] = []
        for place, item in enumerate(items):
            same = self._same_object(item, value)
            if same is None or (same is False and self._has_equals(value)):
                same = self.truth(self.compare("eq", item, value, node, "t"))
            if same is None:
                return None
            places += [place] if same else []
        return places

    def _has_equals(self, value: Value) -> bool:
        """Whether other objects than itself may be equal to an object."""
        return vars(object)["__eq__"] is not getattr(self.class_of(value), "__eq__", None)

    def list_getitem__(
        self, owner: ListRef, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        (place,) = self._given(args, 1, 1, node)
        if is_slice(place):
            return self.list_slice(owner, *self.bounds(place, node), node, "t")
        return self.element(owner, self.atom(place, node), node, "t")

    def dict_getitem__(
        self, owner: DictRef, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        (key,) = self._given(args, 1, 1, node)
        return self.dict_item(owner, self.key_in(owner, key, node), node)

    def tuple_index(
        self, owner: Sequence, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        return self.list_index(self.new_list(owner.items), args, kw, node)

    def tuple_count(
        self, owner: Sequence, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        return self.list_count(self.new_list(owner.items), args, kw, node)

    def tuple_asdict(
        self, owner: Sequence, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        return self.new_dict(getattr(owner.cls, "_fields", ()), owner.items)

    def tuple_replace(
        self, owner: Sequence, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        names: tuple[str, ...] = getattr(owner.cls, "_fields", ())
        if args or not names or any(name not in names for name in kw):
            raise Refusal("`_replace` takes fields of the named tuple", node)
        items = tuple(kw.get(n, v) for n, v in zip(names, owner.items, strict=True))
        return Sequence(items, owner.cls)

    # -- dicts ------------------------------------------------------------------------

    def dict_get(
        self, owner: DictRef, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        self._given(args, 1, 2, node)
        found = self.got(owner, self.key_in(owner, args[0], node), node)
        if found is not None:
            return found
        return args[1] if len(args) > 1 else NONE

    def dict_keys(
        self, owner: DictRef, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        return DictView(owner, "keys")

    def dict_values(
        self, owner: DictRef, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        return DictView(owner, "values")

    def dict_items(
        self, owner: DictRef, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        return DictView(owner, "items")

    def dict_copy(
        self, owner: DictRef, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        contents = self.held(owner, node)
        return self.new_dict(contents.keys or (), contents.items)

    def dict_update(
        self, owner: DictRef, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        for other in self._given(args, 0, 1, node):
            self.merge(owner, other, node)
        self.replace(owner, _with(self.held(owner, node), kw.items()), node)
        return NONE

    def merge(self, owner: DictRef, other: Value, node: ast.AST) -> None:
        """`owner |= other`."""
        more = self.pairs(other, node)
        self.replace(owner, _with(self.held(owner, node), more), node)

    def pairs(self, value: Value, node: ast.AST) -> list[tuple[Any, Value]]:
        """The keys and values that a dict is made of."""
        value = self.as_items(value, node)
        if isinstance(value, DictRef):
            contents = self.held(value, node)
            return list(zip(contents.keys or (), contents.items, strict=True))
        found = []
        keys = self.special_method("keys", [value], node, "t")
        for key in () if keys is None else self.items_of(keys, node):
            item = self.special_method("__getitem__", [value, key], node, "t")
            assert item is not None
            found.append((self.dict_key(key, node), item))
        if keys is not None:
            return found
        for item in self.items_of(value, node):
            pair = self.items_of(item, node)
            if len(pair) != 2:
                raise Refusal("a dict is made of pairs", node)
            found.append((self.dict_key(pair[0], node), pair[1]))
        return found

    def dict_pop(
        self, owner: DictRef, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        self._given(args, 1, 2, node)
        key = self.key_in(owner, args[0], node)
        value = self.held(owner, node).get(key)
        if value is None:
            if len(args) > 1:
                return args[1]
            self.raise_now(KeyError, node)
            raise Refusal(f"the dict has no key {key!r} here", node)
        self.delete_key(owner, key, node)
        return value

    def delete_key(self, owner: DictRef, key: Any, node: ast.AST) -> None:
        """`del owner[key]`."""
        contents = self.held(owner, node)
        if contents.get(key) is None:
            self.raise_now(KeyError, node)
            raise Refusal(f"the dict has no key {key!r} here", node)
        self.replace(owner, contents.without(key), node)

    def dict_setdefault(
        self, owner: DictRef, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        self._given(args, 1, 2, node)
        key = self.key_in(owner, args[0], node)
        value = self.got(owner, key, node)
        if value is None:
            value = args[1] if len(args) > 1 else NONE
            self.put(owner, key, value, node)
        return value

    def dict_popitem(
        self, owner: DictRef, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        last = (*args, *kw.values(), Const(True))[0]
        contents = self.held(owner, node)
        if not contents.keys:
            self.raise_now(KeyError, node)
            raise Refusal("this dict is empty", node)
        place = -1 if last == Const(True) else 0
        self.delete_key(owner, key := contents.keys[place], node)
        return Sequence((self.static_value(key), contents.items[place]))

    def dict_move_to_end(
        self, owner: DictRef, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        key, last = (*args, *kw.values(), Const(True))[:2]
        key = self.key_in(owner, key, node)
        contents = self.held(owner, node)
        value = contents.get(key)
        self.delete_key(owner, key, node)
        assert value is not None
        keys, items = contents.without(key).keys or (), contents.without(key).items
        ends = (keys, items) if last == Const(True) else ((), ())
        begins = ((), ()) if last == Const(True) else (keys, items)
        moved = (*ends[1], value, *begins[1])
        self.replace(owner, Contents(moved, (*ends[0], key, *begins[0])), node)
        return NONE

    def dict_clear(
        self, owner: DictRef, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        self.replace(owner, Contents((), ()), node)
        return NONE

    def _given(
        self, args: list[Value], least: int, most: int, node: ast.AST
    ) -> list[Value]:
        if not least <= len(args) <= most:
            raise Refusal("wrong number of arguments for this method", node)
        return args

    # -- built-in classes -------------------------------------------------------------

    def call_builtins_tuple(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        given = args[0] if args else Sequence(())
        if isinstance(given, (Generator, ListRef, Mapped)):
            # As a list where the run decides how many there are: nothing changes it.
            made = self.call_builtins_list([given], {}, node, base)
            items = self.known_items(made, node)
            return made if items is None else Sequence(items)
        return Sequence(self.items_of(given, node))

    def call_builtins_list(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        if not args:
            return self.new_list(())
        items = self.known_items(args[0], node)
        if items is not None:
            return self.new_list(items)
        if isinstance(args[0], ListRef):
            return self.copied_list(args[0], node)
        if isinstance(args[0], (Ranged, Enumerated, Zipped, Backwards)):
            return self.listed(args[0], node, base)
        return self.listed_array(args[0], node, base)

    def listed_array(self, value: Value, node: ast.AST, base: str) -> Value:
        """`list(value)` of what is no list."""
        kind = self.kind(value)
        if isinstance(value, ArrayRef) and isinstance(kind, Array) and kind.ndim == 1:
            return self.numbers_of(value, node, base)
        if isinstance(kind, Array) and kind.dims and not isinstance(kind.dims[0], int):
            return self.listed(value, node, base)
        return self.new_list(self.items_of(value, node))

    def numbers_of(self, ref: ArrayRef, node: ast.AST, base: str) -> ListRef:
        """The numbers of an array as a list, of lists where it has several axes."""
        array = self.kind(ref)
        assert isinstance(array, Array)
        kind = element_kind(array.dtype)
        if is_number(kind):
            kind = derivative_kind(kind) if is_continuous(kind) else kind
        for extent in array.dims[:0:-1]:
            kind = List(kind, extent)
        define = self.at(node).build.define
        return self.own_list(
            define("list.unstack", self.read(ref, node), params=kind, base=base)
        )

    def call_builtins_dict(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        contents = _with(Contents((), ()), self.pairs(args[0], node) if args else ())
        contents = _with(contents, kw.items())
        made = self.new_dict(contents.keys or (), contents.items)
        return self.dict_made(made, self.span(node), node)


def _with(contents: Contents, more: Iterable[tuple[Any, Value]]) -> Contents:
    """What a dict holds once values are put under some keys."""
    for key, item in more:
        contents = contents.put(key, item)
    return contents


def _compares(kind: Kind, other: Kind) -> bool:
    """Whether two values hold, at any depth, what Python compares as it is: numbers, text
    and members of enumerations."""
    if is_number(kind) or is_number(other):
        return is_number(kind) and is_number(other)
    parts = (*_items_of(kind), *_items_of(other))
    if not parts:
        return kind == other and isinstance(kind, (Member, Opaque, Str))
    return all(_compares(part, part) for part in parts)


def _items_of(kind: Kind) -> tuple[Kind, ...]:
    if isinstance(kind, Tuple):
        return kind.items
    return (kind.item,) if isinstance(kind, List) else ()
