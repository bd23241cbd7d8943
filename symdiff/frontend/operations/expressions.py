"""Expressions: one method per `ast` node, each giving a `Value`."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.values import Closure, OneOf, Value
from symdiff.frontend.operations.attributes import Attributes
from symdiff.ir.core import Atom, Const, kind_of
from symdiff.ir.kinds import is_number

__all__ = ["Expressions", "Shown"]

Shown = str | tuple[Atom, int, str]  # text, or what is shown: conversion, format


class Expressions(Attributes):
    """Lowers expressions. `base` names the value that an expression computes."""

    def expr(self, node: ast.expr, base: str = "t") -> Value:
        """The value of an expression."""
        method = getattr(self, "expr_" + type(node).__name__, None)
        if method is None:
            what = _CLAUSES.get(type(node), type(node).__name__)
            raise Refusal(f"{what} is not supported", node)
        value: Value = method(node, base)
        return self.narrowed(value) if isinstance(value, OneOf) else value

    def narrowed(self, value: OneOf) -> Value:
        raise NotImplementedError  # a later part does it

    def value_atom(self, node: ast.expr, base: str = "t") -> Atom:
        """The value of an expression as an atom."""
        return self.atom(self.expr(node, base), node, base)

    def expr_Constant(self, node: ast.Constant, base: str) -> Value:
        return Const(node.value)

    def expr_Name(self, node: ast.Name, base: str) -> Value:
        return self.look_up(node.id, node)

    def expr_IfExp(self, node: ast.IfExp, base: str) -> Value:
        test = self.tested(node.test)
        known = self.truth(test)
        if known is not None:
            return self.expr(node.body if known else node.orelse, base)
        return self.branch_values(
            self.condition(test, node.test),
            node,
            lambda: self.expr(node.body, base),
            lambda: self.expr(node.orelse, base),
            base,
        )

    def expr_NamedExpr(self, node: ast.NamedExpr, base: str) -> Value:
        value = self.expr(node.value, node.target.id)
        self.bind_name(node.target, value)
        return value

    def expr_Subscript(self, node: ast.Subscript, base: str) -> Value:
        return self.subscript(node, base)

    def expr_Call(self, node: ast.Call, base: str) -> Value:
        return self.call(node, base)

    def expr_Lambda(self, node: ast.Lambda, base: str) -> Value:
        return self.closure(node)

    def closure(self, node: ast.FunctionDef | ast.Lambda) -> Closure:
        """A function value; its defaults are evaluated now."""
        args = node.args
        positional = args.posonlyargs + args.args
        late = positional[len(positional) - len(args.defaults) :]
        pairs = list(zip(late, args.defaults, strict=True))
        keyword_only = zip(args.kwonlyargs, args.kw_defaults, strict=True)
        pairs += [(a, d) for a, d in keyword_only if d is not None]
        defaults = tuple((a.arg, self.expr(d)) for a, d in pairs)
        self.frame.captured = True
        for scope in self.frame.scopes:
            scope.captured = True
        return Closure(node, self.frame.number, defaults, tuple(self.frame.scopes))

    def expr_JoinedStr(self, node: ast.JoinedStr, base: str) -> Value:
        parts: list[Shown] = []
        for part in node.values:
            if isinstance(part, ast.Constant):
                parts.append(str(part.value))
            elif isinstance(part, ast.FormattedValue):
                spec = (
                    "" if part.format_spec is None else ast.unparse(part.format_spec)[2:-1]
                )
                value = self.expr(part.value)
                parts += self.shown(value, part.conversion, spec, part.value)
        return self.text_of(parts, node, base)

    def shown(
        self, value: Value, conversion: int, spec: str, node: ast.AST
    ) -> tuple[Shown, ...]:
        """A field of an f-string, in terms of what the generated code can show."""
        return ((self.atom(value, node), conversion, spec),)

    def text_of(self, shown: Iterable[Shown], node: ast.AST, base: str) -> Value:
        """The text of an f-string."""
        parts: list[Any] = []
        values: list[Atom] = []
        for part in shown:
            if isinstance(part, str):
                parts.append(part)
            else:
                values.append(part[0])
                parts.append(part[1:])
        if all(isinstance(value, Const) for value in values):
            rest = iter(values)
            texts = [p if isinstance(p, str) else _formatted(next(rest), *p) for p in parts]
            return Const("".join(texts))
        text = self.at(node).emit("fstring", *values, params=tuple(parts), base=base)
        fields = zip((p for p in parts if not isinstance(p, str)), values, strict=True)
        if any(isinstance(p, str) for p in parts) or any(
            not spec and is_number(kind_of(value)) for (_, spec), value in fields
        ):
            self.state.set(("filled", text), Const(True))
        return text

    def expr_ListComp(self, node: ast.ListComp, base: str) -> Value:
        return self.comprehension(node, base)

    def expr_DictComp(self, node: ast.DictComp, base: str) -> Value:
        return self.comprehension(node, base)

    def expr_SetComp(self, node: ast.SetComp, base: str) -> Value:
        return self.comprehension(node, base)


_CLAUSES: dict[type, str] = {
    ast.Await: "`await`",
    ast.Starred: "a starred expression here",
}


def _formatted(atom: Atom, conversion: int, spec: str) -> str:
    """What a field of an f-string shows of a constant."""
    assert isinstance(atom, Const)
    if conversion == -1:
        return format(atom.value, spec)
    value = atom.value
    text = {"r": repr(value), "a": ascii(value)}.get(chr(conversion), str(value))
    return format(text, spec)
