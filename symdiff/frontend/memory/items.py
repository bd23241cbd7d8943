"""Displays, and the items of what can be iterated over."""

from __future__ import annotations

import ast
import enum
import itertools
from collections.abc import Iterable
from typing import Any

from symdiff.definitions.keyed import Keyed, KeyedWithDefault, no_default
from symdiff.frontend.memory.context import Refusal, Unfinished
from symdiff.frontend.memory.outside import Outside
from symdiff.frontend.memory.values import (
    ArrayRef,
    Backwards,
    Contents,
    DictRef,
    DictView,
    Enumerated,
    Generator,
    ListRef,
    Mapped,
    ObjectRef,
    Ranged,
    Ref,
    Sequence,
    Static,
    Value,
    ViewStep,
    Zipped,
    sure,
)  # fmt: skip
from symdiff.ir.core import Atom, Const, Global, Index, Var, kind_of
from symdiff.ir.kinds import Array, Int, Kind, List, Tuple

__all__ = ["Items", "is_ordered"]


class Items(Outside):
    """Lowers displays of tuples, lists, sets and dicts, and finds the items of values."""

    def expr_Tuple(self, node: ast.Tuple, base: str) -> Value:
        return Sequence(self._items(node.elts))

    def expr_List(self, node: ast.List, base: str) -> Value:
        made = self.new_list(self._items(node.elts))
        self.list_names[made.buffer] = base
        return made

    def expr_Set(self, node: ast.Set, base: str) -> Value:
        return self.set_of(self._items(node.elts), node)

    def set_of(self, items: tuple[Value, ...], node: ast.AST) -> Value:
        """A set of constants."""
        return Sequence(tuple(dict.fromkeys(items)), set)

    def expr_Dict(self, node: ast.Dict, base: str) -> Value:
        made = self.new_dict((), ())
        place = self.made_at_place[made.buffer] = self.span(node)
        if place in self.keyed_places and None not in node.keys:
            return self._keyed(node, made, place)
        contents = self.held(made, node)
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                other = self.as_items(self.expr(value), value)
                if not isinstance(other, DictRef):
                    raise Refusal("what is merged into a dict here is no dict", value)
                more = self.held(other, value)
                for name, item in zip(more.keys or (), more.items, strict=True):
                    contents = contents.put(name, item)
                continue
            known = self.key_in(made, self.expr(key), key)
            contents = contents.put(known, self.expr(value))
        self.state.set(made.buffer, contents)
        return self.dict_made(made, self.span(node), node)

    def _keyed(self, node: ast.Dict, made: DictRef, place: object) -> Value:
        """A dict whose keys only the run knows, with what it is made of."""
        keys = [self.expr(key) for key in node.keys if key is not None]
        values = [self.expr(value) for value in node.values]
        if all(isinstance(key, Const) for key in keys):
            for key, value in zip(keys, values, strict=True):
                self.put(made, self.dict_key(key, node), value, node)
            return self.dict_made(made, place, node)
        held = self.dict_made(made, place, node)
        for key, value in zip(keys, values, strict=True):
            self.special_method("__setitem__", [held, key, value], node, "t")
        return held

    def dict_made(
        self,
        ref: DictRef,
        place: object,
        node: ast.AST | None,
        factory: Value | None = None,
    ) -> Value:
        """A dict that is made at a place: one of a class that is followed, if it is asked
        for keys that only the run knows."""
        if place not in self.keyed_places:
            self.made_at_place[ref.buffer] = place
            if factory is not None:
                self.factories[ref.buffer] = factory
            return ref
        held = self.held(ref, node)
        keys = tuple(map(self.static_value, held.keys or ()))
        parts: dict[str, Value] = {
            "places": self._places(keys, node),
            "keys_": self.new_list(keys),
            "values_": self.new_list(held.items),
        }
        if factory is None and ("default", place) in self.keyed_places:
            factory = Static(no_default)
        if factory is not None:
            parts["factory"] = factory
        cls = Keyed if factory is None else KeyedWithDefault
        made = self.new_object(cls, tuple(parts), tuple(parts.values()))
        self.made_at_place[made.buffer] = place
        return made

    def _places(self, keys: tuple[Value, ...], node: ast.AST | None) -> Atom:
        """A dict of Python's that says which key is at which place."""
        atoms = [self.atom(key, node) for key in keys]
        define, places = self.build.define, map(Const, range(len(keys)))
        if all(isinstance(key, Const) for key in atoms):
            written = tuple(key.value for key in atoms if isinstance(key, Const))
            return define("builtins.dict", *places, params=written)
        pairs = zip(atoms, places, strict=True)
        return define("builtins.dict", *itertools.chain.from_iterable(pairs))

    def known_of_keyed(
        self, ref: Ref, node: ast.AST | None
    ) -> tuple[tuple[Any, ...], tuple[Value, ...]]:
        """The keys and values of a dict that may be asked for keys that only the run
        knows, where its own are known."""
        keys, values = (self.contents(part, node) for part in self.parts_of_keyed(ref))
        if keys is None or values is None:
            message = "a dict whose keys only the run knows cannot be returned"
            raise Refusal(message, node, "return what it holds")
        return tuple(self.dict_key(key, node) for key in keys.items), values.items

    def key_in(self, owner: DictRef, value: Value, node: ast.AST) -> Any:
        """The key under which something is looked for in a dict."""
        try:
            return self.dict_key(value, node)
        except Unfinished:
            raise
        except Refusal:
            if _is_plain_key(value):
                self.want_late((owner,))
            raise

    def dict_key(self, value: Value, node: ast.AST | None) -> Any:
        """The key that a value is; it must be known now."""
        if isinstance(value, Const):
            return value.value
        if isinstance(value, Static):
            return value.value
        if isinstance(value, Sequence):
            return tuple(self.dict_key(item, node) for item in value.items)
        self.want_known(value, by_choice=True)
        raise Refusal(
            "the key of a dict is not known before the program runs",
            node,
            "use a list or an array, which can be indexed by a number",
        )

    def _items(self, nodes: list[ast.expr]) -> tuple[Value, ...]:
        items: list[Value] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                items.extend(self.items_of(self.expr(node.value), node))
            else:
                items.append(self.expr(node))
        return tuple(items)

    def items_of(self, value: Value, node: ast.AST) -> tuple[Value, ...]:
        """The items of a value whose length is known now."""
        if isinstance(value, ObjectRef):
            value = self.iterator(value, node)
        if isinstance(value, Generator):
            value = self.listed(value, node, "items")
        items = self.known_items(value, node)
        if items is None and isinstance(value, ArrayRef):
            kind = self.kind(value)
            if isinstance(kind, Array) and kind.dims and isinstance(kind.dims[0], int):
                extent = kind.dims[0]
                return tuple(self.element(value, Const(k), node) for k in range(extent))
        if items is None:
            failure = TypeError, "'NoneType' object is not iterable"
            self.check_is_there(value, failure, node)
            raise Refusal("the number of items is not known before the program runs", node)
        return items

    def viewed(self, value: Value, node: ast.AST | None) -> Value:
        """What a view of a dict shows now."""
        if not isinstance(value, DictView):
            return value
        contents = self.held(value.of, node)
        keys = tuple(map(self.static_value, contents.keys or ()))
        if value.name == "items":
            return Sequence(tuple(map(Sequence, zip(keys, contents.items, strict=True))))
        return Sequence(keys if value.name == "keys" else contents.items)

    def taken_from(self, value: Value, node: ast.AST) -> Value:
        """What is taken from an iterable: a function that gives its items runs once."""
        if not _computes(value):
            return self.viewed(value, node)
        items = self.known_items(value, node)
        return value if items is None else Sequence(items)

    def known_items(self, value: Value, node: ast.AST) -> tuple[Value, ...] | None:
        """The items of what is no array, if they are known one by one."""
        value = self.viewed(sure(value), node)
        if isinstance(value, Sequence):
            return _ordered(value.items, node) if value.cls is set else value.items
        if isinstance(value, ListRef):
            contents = self.contents(value, node)
            if contents is not None:
                return contents.items
        if isinstance(value, DictRef):
            return tuple(map(self.static_value, self.held(value, node).keys or ()))
        if isinstance(value, Static) and isinstance(value.value, enum.EnumMeta):
            members: list[Any] = list(value.value)
            return tuple(self.attribute(value, m.name, node, "t") for m in members)
        if isinstance(value, Const) and isinstance(value.value, (str, tuple)):
            return tuple(map(Const, value.value))
        if isinstance(value, Ranged):
            bounds = (value.start, value.stop, value.step)
            if not all(isinstance(b, Const) for b in bounds):
                return None
            numbers = range(*(b.value for b in bounds if isinstance(b, Const)))
            order = reversed(numbers) if value.reverse else numbers
            return tuple(map(Const, order))
        if isinstance(value, Enumerated) and isinstance(value.start, Const):
            items, first = self.known_items(value.of, node), value.start.value
            if items is None:
                return None
            return tuple(Sequence((Const(first + k), v)) for k, v in enumerate(items))
        if isinstance(value, Zipped):
            columns = [self.known_items(v, node) for v in value.of]
            lengths = [len(c) for c in columns if c is not None]
            if not lengths:
                return None
            count = self.fewest(min(lengths), value.of, node)
            if self.stops_in_run(columns, value.of, count, node):
                return None
            for place, part in enumerate(value.of):
                if columns[place] is None and self.has_items(part, count, node):
                    columns[place] = tuple(
                        self.element(part, Const(k), node) for k in range(count)
                    )
            if any(c is None for c in columns):
                return None
            rows = zip(*(c for c in columns if c is not None), strict=False)
            return tuple(map(Sequence, rows))
        if isinstance(value, Mapped):
            of = self.known_items(value.of, node)
            if of is None:
                return None
            return tuple(self.mapped(value, row, node) for row in of)
        if isinstance(value, (Var, Global, Backwards, ListRef)):
            return self._items_by_kind(value, node)
        return None

    def fewest(self, count: int, parts: tuple[Value, ...], node: ast.AST) -> int:
        """At which item `zip` stops, where one part has `count` items."""
        for part in parts:
            if isinstance(part, ArrayRef):
                length = self.kind(self.length_of(part, node))
                if isinstance(length, Int) and isinstance(length.extent, int):
                    count = min(count, length.extent)
        return count

    def stops_in_run(
        self,
        columns: Iterable[object],
        parts: tuple[Value, ...],
        count: int,
        node: ast.AST,
    ) -> bool:
        """Whether only the run knows at which item `zip` stops, and it may take its items
        from lists: what is None among the columns is known to the run only."""
        open_ended = False
        for column, part in zip(columns, parts, strict=True):
            if column is not None:
                items = self.known_items(part, node) or ()
                if not self.is_uniform(Contents(items)):
                    return False
            elif isinstance(part, ArrayRef) or self.is_list_value(part):
                kind = self.kind(self.length_of(part, node))
                known = kind.extent if isinstance(kind, Int) else None
                open_ended = open_ended or not isinstance(known, int) or known < count
        return open_ended

    def has_items(self, value: Value, count: int, node: ast.AST) -> bool:
        """Whether it is an array or list; the program checks that it has as many items."""
        if not isinstance(value, ArrayRef) and not self.is_list_value(value):
            return False
        define = self.at(node).build.define
        length = self.atom(self.length_of(value, node), node)
        kind = kind_of(length)
        known = kind.extent if isinstance(kind, Int) else None
        if not isinstance(known, int) or known < count:
            text = f"zip: there are {count} items beside these"
            define("assert", define("ge", length, Const(count)), Const(text))
        return True

    def mapped(self, value: Mapped, row: Value, node: ast.AST) -> Value:
        """One item of `map(f, ...)`."""
        assert isinstance(row, Sequence)
        return self.apply(value.function, list(row.items), {}, node, "t")

    def _items_by_kind(self, value: Value, node: ast.AST) -> tuple[Value, ...] | None:
        if isinstance(value, Backwards):
            items = self.known_items(value.of, node)
            return None if items is None else items[::-1]
        kind = self.kind(value)
        if isinstance(kind, Tuple):
            atom = self.atom(value, node)
            return tuple(
                self.own(self.build.define("item", atom, params=k))
                for k in range(len(kind.items))
            )
        if isinstance(kind, List) and isinstance(kind.extent, int):
            places = range(kind.extent)
            return tuple(self.element(value, Const(k), node) for k in places)
        return None

    def kind(self, value: Value) -> Kind:
        return super().kind(self.viewed(value, None))

    def atom(self, value: Value, node: ast.AST | None, base: str = "t") -> Atom:
        return super().atom(self.viewed(value, node), node, base)

    def static_value(self, value: Any) -> Value:
        """A constant as a value."""
        if isinstance(value, tuple):
            return Sequence(tuple(map(self.static_value, value)))
        if value is None or isinstance(value, (bool, int, float, complex, str)):
            return Const(value)
        return Static(value)

    def chosen_item(
        self, items: tuple[Value, ...], index: Atom, node: ast.AST, base: str
    ) -> Value | None:
        """One of several functions or objects by an index of the run; None for others."""
        raise NotImplementedError  # a later part does it

    def element(self, value: Value, index: Atom, node: ast.AST, base: str = "t") -> Value:
        """`value[index]` for an integer index."""
        at = Index(("at",))
        if isinstance(value, Sequence) and isinstance(index, Const):
            item: Value = value.items[index.value]
            return item
        if isinstance(value, Sequence) and not all(map(_is_plain, value.items)):
            self.want_known(index)
            chosen = self.chosen_item(value.items, index, node, base)
            if chosen is not None:
                return chosen
        if isinstance(value, ListRef):
            contents = self.contents(value, node)
            if contents is not None and isinstance(index, Const) and contents.items:
                if not -len(contents.items) <= index.value < len(contents.items):
                    self.raise_now(IndexError, node)
                    raise Refusal("index out of range", node)
                item = contents.items[index.value]
                return item
            if contents is not None:
                if not contents.items:
                    raise self.reading_nothing(node)
                if not self.is_uniform(contents):
                    self.want_known(index)
                    chosen = self.chosen_item(contents.items, index, node, base)
                    if chosen is not None:
                        return chosen
                self.materialise(value, node)
            return self.at(node).list_element(value, index, node, base)
        if isinstance(value, ArrayRef):
            kind = self.kind(value)
            if isinstance(kind, Array) and kind.ndim > 1:
                return ArrayRef(
                    value.buffer, (*value.path, ViewStep("getitem", (index,), at))
                )
        atom = self.atom(value, node)
        kind = kind_of(atom)
        if isinstance(kind, Tuple) and isinstance(index, Const):
            if not -len(kind.items) <= index.value < len(kind.items):
                self.raise_now(IndexError, node)
                raise Refusal("index out of range", node)
            return self.own(self.build.define("item", atom, params=index.value, base=base))
        return self.at(node).emit("getitem", atom, index, params=at, base=base)


def _ordered(items: tuple[Value, ...], node: ast.AST | None) -> tuple[Value, ...]:
    """The items of a set as a loop finds them, where that is told by what they are."""
    if not is_ordered(items):
        message = "the order of a set is not defined"
        raise Refusal(message, node, "use a tuple, or sorted(...)")
    return tuple(map(Const, sorted(v.value for v in items if isinstance(v, Const))))


def is_ordered(items: tuple[Value, ...]) -> bool:
    """Whether the items of a set tell in which order a loop finds them: an integer has the
    place of its number in a table, of which a third stays free."""
    numbers = [v.value for v in items if isinstance(v, Const) and type(v.value) is int]
    below = max(8, 1 << (5 * len(items) // 3 + 1).bit_length())
    return len(numbers) == len(items) and all(0 <= n < below for n in numbers)


def _computes(value: Value) -> bool:
    """Whether looking at the items runs a function of the user's."""
    if isinstance(value, Enumerated):
        return _computes(value.of)
    return isinstance(value, Mapped) or (
        isinstance(value, Zipped) and any(map(_computes, value.of))
    )


def _is_plain(value: Value) -> bool:
    """Whether a value can be picked from a tuple when the program runs."""
    if isinstance(value, Sequence):
        return all(map(_is_plain, value.items))
    return isinstance(value, (Var, Const, Global))


def _is_plain_key(value: Value) -> bool:
    """Whether the run knows what it is equal to: a number, text, or a tuple of such."""
    if isinstance(value, Sequence):
        return all(map(_is_plain_key, value.items))
    return isinstance(value, (Const, Var, Global))
