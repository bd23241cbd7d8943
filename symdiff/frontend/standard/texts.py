"""Patterns in text that is known while generating: what `re` finds in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.values import DictRef, Sequence, Static, Value
from symdiff.frontend.standard.extending import Extending
from symdiff.ir.core import Const

__all__ = ["Texts"]

_FOUND = (re.Match, re.Pattern)


class Texts(Extending):
    """Lowers calls of `re`, and what they give, where all that they get is known."""

    def apply(
        self,
        callee: Value,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
        base: str,
    ) -> Value:
        if isinstance(callee, Static) and _is_of_re(callee.value):
            values = [*positional, *keywords.values()]
            if all(isinstance(value, (Const, Static)) for value in values):
                args = [value.value for value in positional]  # type: ignore[union-attr]
                named = {name: value.value for name, value in keywords.items()}  # type: ignore[union-attr]
                return self._found(callee.value(*args, **named))
        return super().apply(callee, positional, keywords, node, base)

    def _static_attribute(
        self, owner: Static, name: str, node: ast.AST, base: str
    ) -> Value:
        if isinstance(owner.value, _FOUND) and hasattr(owner.value, name):
            return self._found(getattr(owner.value, name))
        return super()._static_attribute(owner, name, node, base)

    def item(self, owner: Value, node: ast.Subscript, base: str) -> Value:
        if isinstance(owner, Static) and isinstance(owner.value, re.Match):
            key = self.expr(node.slice)
            if isinstance(key, Const):
                return self._found(owner.value[key.value])
        if isinstance(owner, Static) and owner.value is self.frame.function.__globals__:
            if not isinstance(node.slice, ast.Constant):
                message = "the name that `globals()` is asked for is not written out"
                raise Refusal(message, node, "keep what it may be in a dict")
            return self.look_up_outside(str(node.slice.value), self.frame, node)
        return super().item(owner, node, base)

    def call_builtins_globals(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        return Static(self.frame.function.__globals__)

    def _found(self, value: Any) -> Value:
        """What was found, as a value."""
        if isinstance(value, (tuple, Iterator)):
            return Sequence(tuple(map(self._found, value)))
        if isinstance(value, list):
            return self.new_list(tuple(map(self._found, value)))
        if isinstance(value, dict):
            made: DictRef = self.new_dict(
                tuple(value), tuple(map(self._found, value.values()))
            )
            return made
        return self.static_value(value)


def _is_of_re(function: Any) -> bool:
    if getattr(function, "__module__", None) == "re":
        return not isinstance(function, type)
    return isinstance(getattr(function, "__self__", None), _FOUND)
