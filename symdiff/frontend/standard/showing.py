"""Text that shows objects, as their classes say."""

from __future__ import annotations

import ast
import dataclasses
import types
from typing import Any

from symdiff.frontend.memory.values import ObjectRef, OneOf, Static, Value
from symdiff.frontend.operations.expressions import Shown
from symdiff.frontend.reading.library import is_users_object
from symdiff.frontend.standard.members import Members
from symdiff.ir.core import Const

__all__ = ["Showing"]

_CODES = {"builtins.str": ord("s"), "builtins.repr": ord("r"), "builtins.format": -1}


class Showing(Members):
    """Asks objects for `__format__`, `__str__` and `__repr__`; shows data classes."""

    def shown(
        self, value: Value, conversion: int, spec: str, node: ast.AST
    ) -> tuple[Shown, ...]:
        if isinstance(value, OneOf):
            made = self.by_member(
                value, lambda m: self._text_of_one(m, conversion, spec, node), node, "text"
            )
            return ((self.atom(made, node), -1, ""),)
        if not _is_object(value):
            return super().shown(value, conversion, spec, node)
        names = ["__str__", "__repr__"]
        if conversion == ord("r"):
            names = ["__repr__"]
        elif conversion == -1:
            names = ["__format__", *names]
        for name in names:
            args: list[Value] = [value]
            if name == "__format__":
                args.append(Const(spec))
            if name == "__repr__" and _is_written_by_dataclass(self.class_of(value)):
                return self._fields(value, node)
            text = self.special_method(name, args, node, "text")
            if text is not None:
                left = "" if name == "__format__" else spec
                return ((self.atom(text, node), -1, left),)
        return super().shown(value, conversion, spec, node)

    def _fields(self, value: Value, node: ast.AST) -> tuple[Shown, ...]:
        """`Point(x=1.0, y=2.0)`."""
        cls: Any = self.class_of(value)
        parts: list[Shown] = [f"{cls.__qualname__}("]
        for field in dataclasses.fields(cls):
            if field.repr:
                between = "" if len(parts) == 1 else ", "
                held = self.attribute(value, field.name, node, field.name)
                shown = self.shown(held, ord("r"), "", node)
                parts += [f"{between}{field.name}=", *shown]
        return (*parts, ")")

    def library(
        self, op: str, args: list[Value], kw: dict[str, Value], node: ast.AST, base: str
    ) -> Value:
        if op == "builtins.print":
            args = [self._as_text(arg, node) for arg in args]
        elif op in _CODES and args and _is_object(args[0]):
            spec = args[-1].value if isinstance(args[-1], Const) else ""
            return self._text_of_one(args[0], _CODES[op], spec, node, base)
        return super().library(op, args, kw, node, base)

    def _as_text(self, value: Value, node: ast.AST) -> Value:
        if not isinstance(value, OneOf) and not _is_object(value):
            return value
        return self._text_of_one(value, ord("s"), "", node)

    def _text_of_one(
        self, value: Value, conversion: int, spec: str, node: ast.AST, base: str = "text"
    ) -> Value:
        return self.text_of(self.shown(value, conversion, spec, node), node, base)


def _is_object(value: Value) -> bool:
    if isinstance(value, Static):
        return is_users_object(value.value)
    return isinstance(value, ObjectRef)


def _is_written_by_dataclass(cls: Any) -> bool:
    """Whether the `__repr__` of a class is that which `dataclass` writes."""
    home = next((base for base in cls.__mro__ if "__repr__" in vars(base)), object)
    params = vars(home).get("__dataclass_params__")
    own = getattr(vars(home)["__repr__"], "__wrapped__", None)
    return params is not None and params.repr and isinstance(own, types.FunctionType)
