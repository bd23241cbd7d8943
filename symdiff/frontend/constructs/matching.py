"""The questions that the patterns of a `match` ask."""

from __future__ import annotations

from collections import abc

from symdiff.frontend.constructs.comprehensions import Comprehensions
from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.values import (
    ArrayRef, DictRef, ListRef, Sequence, Static, Value,
)  # fmt: skip
from symdiff.frontend.reading.patterns import (
    Bound, HasItems, HasKeys, IsInstance, Positional,
)  # fmt: skip
from symdiff.ir.core import Const
from symdiff.ir.kinds import Array, List, NoneKind, Str, Tuple, is_number

__all__ = ["Matching"]

# Classes whose only positional pattern is tried on the value itself.
_WHOLE = (bool, bytearray, bytes, dict, float, frozenset, int, list, set, str, tuple)


class Matching(Comprehensions):
    """Lowers the questions of patterns."""

    def expr_HasItems(self, node: HasItems, base: str) -> Value:
        value = self.expr(node.value)
        if isinstance(value, ArrayRef):
            return Const(False)  # an array is no sequence to `match`
        op = "ge" if node.more else "eq"
        if isinstance(value, ListRef):
            return self.compare(op, self.length(value, node), Const(node.count), node, base)
        kind = self.kind(value)
        if isinstance(value, Sequence) or isinstance(kind, Tuple):
            count = len(value.items if isinstance(value, Sequence) else kind.items)  # type: ignore[attr-defined]
            return Const(count >= node.count if node.more else count == node.count)
        if is_number(kind) or isinstance(kind, (Str, NoneKind)):
            return Const(False)
        if self._is_no(abc.Sequence, value):
            return Const(False)
        if isinstance(kind, List):
            length = self.at(node).emit("builtins.len", self.atom(value, node))
            return self.compare(op, length, Const(node.count), node, base)
        raise Refusal("whether this is a sequence is not known", node.value)

    def expr_HasKeys(self, node: HasKeys, base: str) -> Value:
        value = self.expr(node.value)
        if isinstance(value, DictRef):
            held = self.held(value, node).keys or ()
            keys = (self.dict_key(self.expr(key), key) for key in node.keys)
            return Const(all(key in held for key in keys))
        kind = self.kind(value)
        plain = isinstance(kind, (Array, List, NoneKind, Str, Tuple))
        if isinstance(value, (ArrayRef, Sequence)) or plain or is_number(kind):
            return Const(False)
        if self._is_no(abc.Mapping, value):
            return Const(False)
        raise Refusal("a mapping pattern is not supported here", node)

    def _is_no(self, what: type, value: Value) -> bool:
        """Whether it is a dict or object that patterns do not take for a sequence or for
        a mapping."""
        if isinstance(value, DictRef):
            return what is abc.Sequence
        cls = self.class_of(value)
        return cls is not None and not issubclass(cls, what)

    def expr_IsInstance(self, node: IsInstance, base: str) -> Value:
        args = [self.expr(node.value), self.expr(node.cls)]
        return self.call_builtins_isinstance(args, {}, node, base)  # type: ignore[arg-type]

    def expr_Positional(self, node: Positional, base: str) -> Value:
        value, cls = self.expr(node.value), self.expr(node.cls)
        if isinstance(cls, Static):
            if cls.value in _WHOLE and not node.place:
                return value
            names = getattr(cls.value, "__match_args__", ())
            if node.place < len(names):
                return self.attribute(value, names[node.place], node, base)
        raise Refusal("this class takes fewer positional patterns", node.cls)

    def expr_Bound(self, node: Bound, base: str) -> Value:
        for capture in node.captures:
            self.expr(capture)
        return self.expr(node.guard)
