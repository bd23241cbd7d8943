"""Sets of Python's, which are not followed: the run keeps them, and their members are what
no derivative goes through."""

from __future__ import annotations

import ast
import operator
from typing import Any

from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.items import is_ordered
from symdiff.frontend.memory.values import (
    ArrayRef, Bound, DictRef, DictView, ListRef, Ranged, Sequence, Static, Value,
)  # fmt: skip
from symdiff.frontend.operations.operators import COMPARISONS
from symdiff.frontend.standard.identity import Identities
from symdiff.ir.core import Atom, Const, Global, Var, kind_of
from symdiff.ir.effects import READING
from symdiff.ir.infer_dtypes import element_kind
from symdiff.ir.kinds import (
    FLOAT, INT, STR, UNKNOWN, Array, Bool, Int, Kind, List, NoneKind, Opaque, Str, Tuple,
    is_frozen_set, is_number, is_set, join,
)  # fmt: skip

__all__ = ["Sets"]

# Operators, with the methods that change the set on their left accordingly.
_IN_PLACE = {
    "bitor": "update", "bitand": "intersection_update", "sub": "difference_update",
    "bitxor": "symmetric_difference_update",
}  # fmt: skip
_ASKING = (
    "copy", "difference", "intersection", "isdisjoint", "issubset", "issuperset",
    "symmetric_difference", "union",
)  # fmt: skip
_MAKING = ("builtins.set", "method", READING)
_PUTTING = ("add", "symmetric_difference_update", "union", "update", "symmetric_difference")


class Sets(Identities):
    """Lowers operators on sets, and loops over them."""

    def __init__(self) -> None:
        super().__init__()
        self.members: Kind | None = None  # of what is put into sets, as far as is lowered
        self.sets_listed = False
        self.given_sets: set[Value] = set()  # the caller's

    def call_builtins_frozenset(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        """A set that stays as it is: what is in it is known where it is made."""
        given = [
            Sequence(v.items) if isinstance(v, Sequence) else self._range(v, node)
            for v in args
        ]
        return self.library("builtins.frozenset", given, kw, node, base)

    def note_given(self, value: Value) -> None:
        """Note a set that is the caller's or the program's."""
        if not self._is_in_run(value):
            return
        if isinstance(value, Var):
            self.given_sets.add(value)
        self._note_members(_members(value) or UNKNOWN, None)

    def lift(self, value: Any, path: tuple[str, ...], node: ast.AST) -> Value:
        found = super().lift(value, path, node)
        self.note_given(found)
        return found

    def call_builtins_set(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        given = [self._range(value, node) for value in args]
        made = super().call_builtins_set(given, kw, node, base)
        if self._is_in_run(made):
            for value in args:
                self._note_members(self._kind_of_items(value, node), node)
        return made

    def _range(self, value: Value, node: ast.AST) -> Value:
        """Python's own range, where how many numbers it has the run decides."""
        if not isinstance(value, Ranged) or value.reverse:
            return value
        if self.known_items(value, node) is not None:
            return value
        bounds = value.start, value.stop, value.step
        plain = bounds[1:2] if bounds[::2] == (Const(0), Const(1)) else bounds
        return self.at(node).build.define("builtins.range", *plain)

    def binary(self, op: str, left: Value, right: Value, node: ast.AST, base: str) -> Value:
        left, right = (self._keys_shown(v, node) for v in (left, right))
        are_sets = (self._is_set(v) or self._is_frozen(v) for v in (left, right))
        if op not in _IN_PLACE or not all(are_sets):
            return super().binary(op, left, right, node, base)
        atoms = self._set_atom(left, node), self._set_atom(right, node)
        made = self.at(node).build.define(READING, *atoms, params=(op, None), base=base)
        self.made_at[made] = self.span(node)
        return made

    def compare(
        self, op: str, left: Value, right: Value, node: ast.AST, base: str
    ) -> Value:
        values = self._keys_shown(left, node), self._keys_shown(right, node)
        are_sets = [self._is_set(v) or self._is_frozen(v) for v in values]
        if op not in COMPARISONS or not any(are_sets):
            return super().compare(op, left, right, node, base)
        if not all(are_sets):
            if op in ("eq", "ne") and self._is_no_set(values[are_sets.index(False)]):
                return Const(op == "ne")
            message = "whether this is a set is not known"
            raise Refusal(message, node, "compare sets with sets: set(...)")
        known = [_known(value) for value in values]
        if all(each is not None for each in known):
            return Const(bool(getattr(operator, op)(*known)))
        atoms = [self._set_atom(value, node) for value in values]
        return self.at(node).build.define(READING, *atoms, params=(op, None), base=base)

    def _keys_shown(self, value: Value, node: ast.AST) -> Value:
        """The keys of a dict that is known as the set as which `keys()` compares."""
        if not isinstance(value, DictView) or value.name != "keys":
            return value
        shown = self.viewed(value, node)
        assert isinstance(shown, Sequence)
        return Sequence(shown.items, set)

    def _is_no_set(self, value: Value) -> bool:
        plain = isinstance(value, (ArrayRef, DictRef, ListRef, Sequence))
        kind = self.kind(value)
        return plain or is_number(kind) or isinstance(kind, (NoneKind, Str))

    def apply(
        self,
        callee: Value,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
        base: str,
    ) -> Value:
        copies = isinstance(callee, Static) and callee.value is set and not keywords
        if copies and len(positional) == 1 and self._is_in_run(positional[0]):
            return self.call_builtins_set(positional, {}, node, base)
        return super().apply(callee, positional, keywords, node, base)

    def apply_method(
        self,
        bound: Bound,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
        base: str,
    ) -> Value:
        constants = isinstance(bound.owner, Sequence) and bound.owner.cls is set
        if constants and bound.name in _ASKING:
            bound = Bound(self._set_atom(bound.owner, node), bound.name)
        if not self._is_in_run(bound.owner):
            return super().apply_method(bound, positional, keywords, node, base)
        if bound.name not in _ASKING:
            self._check_own(bound.owner, node)
        self.check_given(bound, positional, node)
        given = []
        for value in positional:
            put: Kind | None = self.kind(value)
            if bound.name != "add":
                put = self._kind_of_items(value, node)
            if bound.name in _PUTTING:
                self._note_members(put, node)
            if isinstance(value, ListRef):  # which a set only reads
                value = self.list_atom(value, node)
            given.append(self._set_atom(value, node) if self._is_set(value) else value)
        return super().apply_method(bound, given, keywords, node, base)

    def _change_held(self, op: str, left: Value, node: ast.AugAssign) -> bool:
        if not self._is_set(left):
            return super()._change_held(op, left, node)
        if op not in _IN_PLACE or isinstance(left, Sequence):
            message = "this set is not one that is changed here"
            raise Refusal(message, node, "make it by set(...)")
        self._check_own(left, node)
        call = ast.copy_location(ast.Call(ast.Name("set"), [], []), node)
        more = self.expr(node.value)
        self.apply_method(Bound(left, _IN_PLACE[op]), [more], {}, call, "t")
        return True

    def _check_own(self, value: Value, node: ast.AST) -> None:
        """Refuse to change what the caller or the program goes on using."""
        if isinstance(value, Global) or value in self.given_sets:
            assert isinstance(value, (Global, Var))
            name = value.name if isinstance(value, Global) else value.base
            message = f"changes `{name}`, which outlives the call"
            raise Refusal(message, node, "change a copy of it: set(...)")

    def listed_set(self, value: Value, node: ast.AST) -> Value:
        """The members of a set, in the order in which the run finds them; the letters of
        text that the run makes."""
        members = _members(value)
        if isinstance(value, Var) and isinstance(value.kind, Str):
            members = STR
        if members is not None and (_is_plain(members) or members == FLOAT):
            return self._listed(value, members, node)
        if isinstance(value, Sequence) and value.cls is set and not is_ordered(value.items):
            kind = self._kind_of_items(value, node)
            if kind is not None and not isinstance(kind, Str):
                return self._listed(self._set_atom(value, node), kind, node)
        if not self._is_in_run(value):
            return value
        made = self.build.definitions.get(value) if isinstance(value, Var) else None
        own = isinstance(value, Var) and (made is None or made.op in _MAKING)
        if not own or self.members is None or self.members == UNKNOWN:
            message = "what is in this set is not known here"
            raise Refusal(message, node, "use a list")
        self.sets_listed = True
        return self._listed(value, self.members, node)

    def _listed(self, value: Value, members: Kind, node: ast.AST) -> Value:
        atom = self.atom(value, node)
        return self.own_list(
            self.at(node).build.define("list.members", atom, params=members)
        )

    def _note_members(self, kind: Kind | None, node: ast.AST | None) -> None:
        """Note what is put into some set."""
        if kind is None:
            return
        kind = kind if _is_plain(kind) else UNKNOWN
        kind = INT if isinstance(kind, Int) else kind
        joined = kind if self.members is None else join(self.members, kind)
        if self.sets_listed and joined != self.members:
            message = "sets that are looped over hold values of one kind here"
            raise Refusal(message, node, "use a list")
        self.members = joined

    def _kind_of_items(self, value: Value, node: ast.AST) -> Kind | None:
        """The kind of what an iterable gives; None if that is nothing, or noted."""
        if self._is_in_run(value):
            return None
        if isinstance(value, Ranged):
            return INT
        if isinstance(value, Sequence):
            items = value.items
        else:
            kind = self.kind(value)
            if isinstance(kind, Array) and len(kind.dims) == 1:
                return element_kind(kind.dtype)
            if isinstance(kind, List):
                return kind.item
            known = self.known_items(value, node)
            if known is None:
                return UNKNOWN
            items = known
        joined: Kind | None = None
        for item in items:
            kind = self.kind(item)
            kind = INT if isinstance(kind, Int) else kind
            joined = kind if joined is None else join(joined, kind)
        return joined

    def _set_atom(self, value: Value, node: ast.AST) -> Atom:
        if not isinstance(value, Sequence):
            return self.atom(value, node)
        made = self.set_in_run(Sequence(value.items), node, "t")
        return self.atom(made, node)

    def _is_set(self, value: Value) -> bool:
        constants = isinstance(value, Sequence) and value.cls is set
        return constants or self._is_in_run(value)

    def _is_frozen(self, value: Value) -> bool:
        return isinstance(value, (Var, Global)) and is_frozen_set(kind_of(value))

    def _is_in_run(self, value: Value) -> bool:
        return isinstance(value, (Var, Global)) and is_set(kind_of(value))


def _known(value: Value) -> set[Any] | None:
    """A set of constants."""
    items = value.items if isinstance(value, Sequence) else (None,)
    known = [item.value for item in items if isinstance(item, Const)]
    return set(known) if len(known) == len(items) else None


def _members(value: Value) -> Kind | None:
    """What is in a set, as far as its kind says so."""
    kind = kind_of(value) if isinstance(value, (Var, Global)) else None
    return kind.of if isinstance(kind, Opaque) else None


def _is_plain(kind: Kind) -> bool:
    """Whether there is nothing to differentiate in values of this kind."""
    if isinstance(kind, Tuple):
        return all(map(_is_plain, kind.items))
    return isinstance(kind, (Bool, Int, Str))
