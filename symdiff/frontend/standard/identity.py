"""Objects as members of sets, as keys of dicts, and what `id` gives."""

from __future__ import annotations

import ast
from typing import Any

from symdiff.definitions.sets import ObjectSet, is_in
from symdiff.errors import Span
from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.values import (
    MISSING, ArrayRef, Bound, DictRef, ListRef, ObjectRef, Ref, Sequence, Static, Value,
)  # fmt: skip
from symdiff.frontend.reading.classes import fields_of, is_frozen
from symdiff.frontend.reading.scopes import changed_sets
from symdiff.frontend.standard.builtins import Builtins
from symdiff.ir.core import Const, Var
from symdiff.records import dataclass

__all__ = ["Identities", "SetFound", "holds_object"]


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells one object from others: the buffer that holds it. As a number it is
    what `id` gives."""

    ref: Ref | int  # of one outside its `id`
    as_number: bool

    def __repr__(self) -> str:
        return "`id` of this object" if self.as_number else "that is this object"


@dataclass(frozen=True, slots=True, eq=False)
class FrozenKey:
    """An instance of a frozen data class as a key, equal to all that are equal to it, as
    such instances are, too: `parts` are the keys that its fields are."""

    cls: type
    parts: tuple[tuple[str, Any], ...]
    value: Value  # one of those that are equal

    def __eq__(self, other: object) -> bool:
        if isinstance(other, FrozenKey):
            return self.cls is other.cls and self.parts == other.parts
        if type(other) is not self.cls:
            return NotImplemented
        return all(getattr(other, name) == part for name, part in self.parts)

    def __hash__(self) -> int:
        return hash(tuple(part for _, part in self.parts))  # as `dataclass` has it

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={part!r}" for name, part in self.parts)
        return f"{self.cls.__qualname__}({shown})"


class SetFound(Exception):
    """A set that is made here holds objects, which are followed: it was made as a set of
    Python's, which is not. One of text is `perhaps` known, too."""

    def __init__(self, place: Span | None, perhaps: bool = False) -> None:
        super().__init__()
        self.place = place
        self.perhaps = perhaps


_OF_ONE = ("add", "discard", "remove")  # methods of sets that take a member


class Identities(Builtins):
    """Lowers sets of objects, and what else asks which object something is."""

    def __init__(self) -> None:
        super().__init__()
        self.object_sets: frozenset[Span | None] = frozenset()  # where they are made
        self.made_at: dict[Value, Span | None] = {}  # sets of Python's
        self.plain_sets: frozenset[Span | None] = frozenset()  # that stay such

    # -- which object it is -----------------------------------------------------------

    def identity(
        self, value: Ref, node: ast.AST | None, as_number: bool = False
    ) -> Identity:
        ref = self.resolved(value)
        if ref.path or ref.buffer in self.told_apart or self.ties.get(ref.buffer):
            message = "which object this is depends on the run"
            raise Refusal(message, node, "number the objects, and use the numbers")
        self.note_compared(ref)
        return Identity(Ref(ref.buffer) if as_number else ref, as_number)

    def call_builtins_id(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        if len(args) == 1 and isinstance(args[0], Ref):
            return Static(self.identity(args[0], node, as_number=True))
        if len(args) == 1 and self.class_of(args[0]) is not None:
            assert isinstance(args[0], Static)
            return Static(Identity(id(args[0].value), True))
        return self.library("builtins.id", args, kw, node, base)

    def dict_key(self, value: Value, node: ast.AST | None) -> Any:
        if not isinstance(value, ObjectRef):
            return super().dict_key(value, node)
        cls = self.class_of(value)
        if cls is not None and is_frozen(cls):
            return self._frozen_key(cls, value, node)
        self._check_hash(value, node)
        return self.identity(value, node)

    def _frozen_key(self, cls: type, value: ObjectRef, node: ast.AST | None) -> FrozenKey:
        names = [
            f.name for f in fields_of(cls) if (f.compare if f.hash is None else f.hash)
        ]
        held = self.held(value, node)
        parts = [self.dict_key(held.get(name) or MISSING, node) for name in names]
        return FrozenKey(cls, tuple(zip(names, parts, strict=True)), value)

    def static_value(self, value: Any) -> Value:
        if isinstance(value, Identity) and isinstance(value.ref, Ref):
            return Static(value) if value.as_number else value.ref
        if isinstance(value, FrozenKey):
            return value.value
        return super().static_value(value)

    def _check_hash(self, value: Value, node: ast.AST | None) -> None:
        """Objects that may be equal without being the same are not told apart here."""
        cls = self.class_of(value) if isinstance(value, ObjectRef) else None
        if cls is not None and vars(object)["__hash__"] is not cls.__hash__:
            message = f"objects of `{cls.__name__}` are not looked up: it has its own hash"
            raise Refusal(message, node, "use a tuple of what it hashes")

    # -- sets ---------------------------------------------------------------------------

    def call_builtins_set(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        items = self.known_items(args[0], node) if args else ()
        made = None if items is None else self.objects_in_set(items, node)
        if made is None:
            if args and items is not None:
                args = [Sequence(items)]
            made = self.library("builtins.set", args, kw, node, base)
            self.made_at[made] = self.span(node)
        return made

    def set_in_run(self, items: Value, node: ast.AST, base: str) -> Value:
        """A set of Python's, which is not followed: only the run knows what is in it."""
        call = ast.copy_location(ast.Call(ast.Name("set"), [], []), node)
        return self.call_builtins_set([items], {}, call, base)

    def expr_Set(self, node: ast.Set, base: str) -> Value:
        items = self._items(node.elts)
        known = all(isinstance(item, Const) for item in items)
        if not known or id(node) in changed_sets(self.frame.source.node):
            return self.set_in_run(Sequence(items), node, "t")
        return self.objects_in_set(items, node) or self.set_of(items, node)

    def objects_in_set(self, items: tuple[Value, ...], node: ast.AST) -> Value | None:
        """A set of these items; None unless objects are in sets that are made here."""
        place = self.span(node)
        if place not in self.object_sets:
            if any(map(_is_object, items)):
                raise SetFound(place)
            return None
        for item in items:
            self._check_hash(item, node)
        call = ast.copy_location(ast.Call(ast.Name("set"), [], []), node)
        return self.construct(ObjectSet, [self.new_list(items)], {}, call)

    def apply_method(
        self,
        bound: Bound,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
        base: str,
    ) -> Value:
        self.check_given(bound, positional, node)
        return super().apply_method(bound, positional, keywords, node, base)

    def check_given(self, bound: Bound, positional: list[Value], node: ast.AST) -> None:
        """Refuse objects as members of a set of Python's."""
        if not isinstance(bound.owner, Var) or bound.owner not in self.made_at:
            return
        members: list[Value] = []
        for value in positional:
            items: tuple[Value, ...] | None = None
            if isinstance(value, Sequence) and value.cls is set:
                items = value.items  # in whichever order
            elif bound.name not in _OF_ONE:
                items = self.known_items(value, node)
            table = isinstance(value, ListRef) and self.table(value) is not None
            if items is not None:
                members += items
            elif bound.name in _OF_ONE or table:
                members.append(value)
        self._check_members(bound.owner, members, node)

    def _check_members(self, owner: Value, members: list[Value], node: ast.AST) -> None:
        if isinstance(owner, Var) and owner in self.made_at:
            if any(map(_is_object, members)):
                if self.made_at[owner] in self.object_sets:
                    message = "what is in this set only the run knows"
                    raise Refusal(message, node, "begin with an empty set")
                raise SetFound(self.made_at[owner])
            text = any(isinstance(m, Const) and isinstance(m.value, str) for m in members)
            if text and self.made_at[owner] not in self.plain_sets:
                raise SetFound(self.made_at[owner], perhaps=True)

    def compare(
        self, op: str, left: Value, right: Value, node: ast.AST, base: str
    ) -> Value:
        if op in ("in", "notin"):
            self._check_members(right, [left], node)
            looked_up = isinstance(left, (ObjectRef, Sequence, Var)) or _is_object(left)
            if isinstance(right, DictRef) and looked_up:
                keys = self.held(right, node).keys or ()
                return Const((self.key_in(right, left, node) in keys) is (op == "in"))
        return super().compare(op, left, right, node, base)

    def _compared_objects(
        self, op: str, left: Value, right: Value, node: ast.AST, base: str
    ) -> Value:
        if op in ("in", "notin") and isinstance(left, ObjectRef):
            if isinstance(right, (ListRef, Sequence)):
                call = ast.copy_location(ast.Call(ast.Name("is_in"), [], []), node)
                found = self.apply(Static(is_in), [right, left], {}, call, base)
                return found if op == "in" else self.negated(found, node, base)
        return super()._compared_objects(op, left, right, node, base)


def holds_object(key: Any) -> bool:
    """Whether a key is, or holds, an object that the function has made."""
    if isinstance(key, tuple):
        return any(map(holds_object, key))
    return isinstance(key, (FrozenKey, Identity))


def _is_object(value: Value) -> bool:
    """Whether it is what a set of Python's cannot hold here."""
    if isinstance(value, Static):
        return isinstance(value.value, Identity)
    return isinstance(value, Ref) and not isinstance(value, ArrayRef)
