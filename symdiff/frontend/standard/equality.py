"""Whether lists, tuples, dicts and objects are equal: item by item, as Python compares."""

from __future__ import annotations

import ast
import types
from collections.abc import Sequence as Items

from symdiff.frontend.memory.values import (
    ArrayRef, DictRef, ListRef, Maybe, ObjectRef, Sequence, Static, Value,
)  # fmt: skip
from symdiff.frontend.reading.classes import fields_of
from symdiff.frontend.reading.library import is_users_object
from symdiff.frontend.standard.extending import found_in
from symdiff.frontend.standard.objects import Objects
from symdiff.ir.core import Const
from symdiff.ir.structure import is_generated

__all__ = ["Equality"]

Pairs = Items[tuple[Value, Value]]


class Equality(Objects):
    """Lowers `==` and `!=` of what holds something else."""

    def compare(
        self, op: str, left: Value, right: Value, node: ast.AST, base: str
    ) -> Value:
        maybe = isinstance(left, Maybe) or isinstance(right, Maybe)
        if op in ("eq", "ne") and not maybe:
            same = self._equal(op, left, right, node, base)
            if same is not None:
                return same if op == "eq" else self.negated(same, node, base)
        return super().compare(op, left, right, node, base)

    def _equal(
        self, op: str, left: Value, right: Value, node: ast.AST, base: str
    ) -> Value | None:
        """Whether two values are equal; None where their parts do not say it."""
        if isinstance(left, DictRef) or isinstance(right, DictRef):
            return self._equal_dicts(left, right, node, base)
        if self._is_structured(left) and self._is_structured(right):
            if isinstance(left, ObjectRef) or isinstance(right, ObjectRef):
                return self._equal_objects(op, left, right, node, base)
            one, other = self.known_items(left, node), self.known_items(right, node)
            if one is None or other is None:
                return None
            if type(left) is not type(right) or len(one) != len(other):
                return Const(False)
            return self._all_equal([*zip(one, other, strict=True)], node, base)
        if isinstance(left, ListRef) and isinstance(right, ListRef):
            held = self.contents(left, node), self.contents(right, node)
            lengths = [len(each.items) for each in held if each is not None]
            if len(lengths) == 2 and (lengths[0] != lengths[1] or lengths == [0, 0]):
                return Const(lengths[0] == lengths[1])
        return None

    def _is_structured(self, value: Value) -> bool:
        """Whether it is, or holds, a dict or an object."""
        if isinstance(value, (DictRef, ObjectRef)):
            return True
        if isinstance(value, Static):
            return is_users_object(value.value)
        items: tuple[Value, ...] = ()
        if isinstance(value, Sequence) and value.cls not in (set, slice):
            items = value.items
        elif isinstance(value, ListRef):
            contents = self.contents(value, None)
            items = () if contents is None else contents.items
        return any(map(self._is_structured, items))

    def _equal_dicts(
        self, left: Value, right: Value, node: ast.AST, base: str
    ) -> Value | None:
        if not isinstance(left, DictRef) or not isinstance(right, DictRef):
            others = (ArrayRef, Const, ListRef, Sequence)
            found = isinstance(left, others) or isinstance(right, others)
            return Const(False) if found else None
        one, other = self.held(left, node), self.held(right, node)
        keys = one.keys or ()
        if set(keys) != set(other.keys or ()):
            return Const(False)
        pairs = [(one.get(key), other.get(key)) for key in keys]
        return self._all_equal(pairs, node, base)  # type: ignore[arg-type]

    def _equal_objects(
        self, op: str, left: Value, right: Value, node: ast.AST, base: str
    ) -> Value | None:
        cls = self.class_of(left)
        if cls is None:
            return None
        own = found_in(cls, "__eq__")
        if op == "ne" and isinstance(own, types.FunctionType):
            if not isinstance(found_in(cls, "__ne__"), types.FunctionType):
                return self.compare("eq", left, right, node, base)
        if not is_generated(cls, "__eq__") or self.class_of(right) is not cls:
            return None
        if left == right:
            return Const(True)
        names = [field.name for field in fields_of(cls) if field.compare]
        pairs = [
            (self.attribute(left, n, node, n), self.attribute(right, n, node, n))
            for n in names
        ]
        return self._all_equal(pairs, node, base)

    def _all_equal(self, pairs: Pairs, node: ast.AST, base: str) -> Value:
        for place, (left, right) in enumerate(pairs):
            found = self.compare("eq", left, right, node, base)
            known = self.truth(found)
            if known is False:
                return Const(False)
            rest = pairs[place + 1 :]
            if known is None and not rest:
                return found
            if known is None:
                return self.branch_values(
                    self.condition(found, node),
                    node,
                    lambda rest=rest: self._all_equal(rest, node, base),
                    lambda: Const(False),
                    base,
                )
        return Const(True)
