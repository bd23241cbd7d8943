"""Dicts whose keys only the run knows: where in the list of values they say a key is.

What a path knows of a key, such as `key in d` in a branch that has asked for it, decides
what would be asked again.
"""

from __future__ import annotations

import ast

from symdiff.definitions.keyed import KEYED, Whole
from symdiff.frontend.memory.context import Refusal, Unfinished
from symdiff.frontend.memory.values import (
    ArrayRef, Bound, DictRef, ListRef, Static, Value,
)  # fmt: skip
from symdiff.frontend.operations.places import Place
from symdiff.frontend.standard.sets import Sets
from symdiff.ir.core import Atom, Const, Index, Var, kind_of
from symdiff.ir.effects import READING
from symdiff.ir.kinds import PLACES, List, Map

__all__ = ["Lookups"]


class Lookups(Sets):
    """Lowers questions to dicts of places, and keeps the answers."""

    def __init__(self) -> None:
        super().__init__()
        self.keys_changed = 0  # how often some key came or went, as far as is lowered

    def forget_keys(self) -> None:
        self.keys_changed += 1

    def assume(self, cond: Atom, holds: bool) -> None:
        """Note what a path knows that a condition has chosen."""
        if holds and isinstance(cond, Var):
            self.note_there(cond)
        made = self.build.definitions.get(cond) if isinstance(cond, Var) else None
        if made is None:
            return
        if made.op == "not":
            self.assume(made.args[0], not holds)
        elif made.op in ("is", "isnot") and made.args[1] == Const(None):
            if holds is (made.op == "isnot"):
                self.note_there(made.args[0])
        elif made.op == READING and kind_of(made.args[-1]) == PLACES:
            self._note(made.args[1], made.args[0], holds is (made.params[0] == "in"))

    def _note(self, places: Atom, key: Atom, there: bool) -> None:
        self.state.set(self._fact(places, key), Const(there))

    def _fact(self, places: Atom, key: Atom) -> tuple[object, ...]:
        made = self.build.definitions.get(key) if isinstance(key, Var) else None
        if made is not None and made.op == "tuple":
            return ("known", places, made.args, self.keys_changed)
        return ("known", places, key, self.keys_changed)

    # -- dicts that are only read -------------------------------------------------------

    def whole(self, atom: Atom) -> Value:
        if not isinstance(kind_of(atom), Map):
            return super().whole(atom)
        made = self.new_object(Whole, ("held",), (atom,))
        self.told_apart[made.buffer] = False  # two of them may be one
        return made

    def _read_only(self, atom: Atom, dict_: Var) -> Value:
        """What a dict holds that is only read, and must not change."""
        made = self.own_list(atom) if isinstance(kind_of(atom), List) else self.whole(atom)
        if isinstance(made, (ListRef, ArrayRef)):
            self.readonly[made.buffer] = f"`{dict_.base}`"
        return made

    def call_builtins_list(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        if not args or not isinstance(args[0], Var) or not isinstance(args[0].kind, Map):
            return super().call_builtins_list(args, kw, node, base)
        return self.own_list(self.at(node).build.define("list.keys", args[0], base=base))

    # -- questions ----------------------------------------------------------------------

    def compare(
        self, op: str, left: Value, right: Value, node: ast.AST, base: str
    ) -> Value:
        if op in ("in", "notin") and isinstance(right, Var) and right.kind == PLACES:
            left = self.atom(left, node)
            there = self.state.get(self._fact(right, left))
            if isinstance(there, Const):
                return Const(there.value is (op == "in"))
            return self.at(node).build.define(READING, left, right, params=(op, None))
        if op in ("in", "notin") and isinstance(right, Var) and isinstance(right.kind, Map):
            return self.at(node).build.define(op, self.atom(left, node), right)
        return super().compare(op, left, right, node, base)

    def item(self, owner: Value, node: ast.Subscript, base: str) -> Value:
        read = isinstance(owner, Var) and isinstance(owner.kind, Map)
        if not isinstance(owner, Var) or not (read or owner.kind == PLACES):
            return super().item(owner, node, base)
        key = self.value_atom(node.slice)
        self._raise_without(owner, key, node)
        if read:
            at = Index(("at",))
            found = self.at(node).build.define("getitem", owner, key, params=at, base=base)
            return self._read_only(found, owner)
        asked = "getitem", Index(("at",))
        found = self.at(node).build.define(READING, owner, key, params=asked, base=base)
        self._note(owner, key, True)
        return found

    def _raise_without(self, places: Var, key: Atom, node: ast.AST) -> None:
        """Go to the handler of a `KeyError`, if there is one, where a key is missing."""
        if self.catcher_of(KeyError) is not None:
            self.raise_where(self.compare("notin", key, places, node, "t"), KeyError, node)

    def _item_place(self, owner: Value, target: ast.Subscript) -> Place:
        if not isinstance(owner, Var) or owner.kind != PLACES:
            return super()._item_place(owner, target)
        key = self.value_atom(target.slice)

        def write(value: Value) -> None:
            atoms = owner, key, self.atom(value, target)
            self.at(target).build.define("store", *atoms, params=Index(("at",)))
            self.forget_keys()
            self._note(owner, key, True)

        return lambda base: self.item(owner, target, base), write

    def apply_method(
        self,
        bound: Bound,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
        base: str,
    ) -> Value:
        if isinstance(bound.owner, Var) and isinstance(bound.owner.kind, Map):
            assert bound.name == "values"  # as `Whole` asks it
            found = self.at(node).build.define("list.values", bound.owner, base=base)
            return self._read_only(found, bound.owner)
        if isinstance(bound.owner, Var) and bound.owner.kind == PLACES:
            if bound.name == "pop":
                self._raise_without(bound.owner, self.atom(positional[0], node), node)
            self.forget_keys()
        return super().apply_method(bound, positional, keywords, node, base)

    def apply(
        self,
        callee: Value,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
        base: str,
    ) -> Value:
        if isinstance(callee, Static) and callee.value is dict and len(positional) == 1:
            if not keywords and self.class_of(positional[0]) in KEYED:
                made = self.special_method("plain", positional, node, base)
                assert made is not None
                return made
        return super().apply(callee, positional, keywords, node, base)

    def call_builtins_dict(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        place = self.span(node)
        if args and place in self.keyed_places and not isinstance(args[0], DictRef):
            made = self.dict_made(self.new_dict((), ()), place, node)
            self.special_method("fill", [made, args[0]], node, base)
            for key, value in kw.items():
                self.special_method("__setitem__", [made, Const(key), value], node, base)
            return made
        try:
            return super().call_builtins_dict(args, kw, node, base)
        except Unfinished:
            raise
        except Refusal:
            self.wanted_places.add(place)
            raise

    def copy_of(self, value: Value, node: ast.AST, base: str, deep: bool) -> Value:
        if self.class_of(value) not in KEYED:
            return super().copy_of(value, node, base, deep)
        made = self.special_method("copy", [value], node, base)
        assert made is not None
        values = self.attribute(made, "values_", node, base)
        assert isinstance(values, ListRef)
        if deep and not self.holds_numbers(values, node):
            raise self.no_deep_copy("dict", node)
        return made
