"""Code that asks first for what it is made for, as it stands alone."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from typing import Any

from symdiff.backend.wrap import wrapped
from symdiff.ir.kinds import Array, Fixed, Record
from symdiff.ir.structure import all_kinds, part_text
from symdiff.request import Request

__all__ = ["guarded", "literal"]

_MOST_SAID = 4


def guarded(body: str, name: str, request: Request) -> str:
    """The text with the function of this name, which asks first for the values that it is
    made for: alone, nobody else does, and for others it would be wrong."""
    made_for = list(_made_for(request))
    if not made_for:
        return body
    (function,) = (
        node
        for node in ast.parse(body).body
        if isinstance(node, ast.FunctionDef) and node.name == name
    )
    names = {arg.arg for arg in ast.walk(function.args) if isinstance(arg, ast.arg)}
    asked = [(text, said) for param, text, said in made_for if param in names]
    if not asked:
        return body
    test = ast.parse(" or ".join(text for text, _ in asked), mode="eval").body
    said = [text for _, text in asked]
    if len(said) > _MOST_SAID:
        said[_MOST_SAID - 1 :] = [f"{said[_MOST_SAID - 1]} and so on"]
    message = f"{function.name} is made for {', '.join(said)}"
    error = ast.Call(ast.Name("ValueError"), [ast.Constant(message)], [])
    guard = [*wrapped("if ", test, ":", 1), *wrapped("raise ", error, "", 2)]
    lines = body.split("\n")
    first, *_ = function.body
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    at = (first.end_lineno or 0) if documented else first.lineno - 1
    return "\n".join([*lines[:at], *guard, *lines[at:]])


def _made_for(request: Request) -> Iterator[tuple[str, str, str]]:
    """Of what code was specialised to: the parameter, what is wrong, what is right."""
    for name, value in request.statics.items():
        yield from _differs(name, name, value)
    for name, kind in request.signature.items():
        for path, each in all_kinds(kind) if kind is not None else ():
            text = part_text(name, path)
            if isinstance(each, Fixed):
                yield from _differs(name, text, each.value)
            elif not request.exact:
                continue
            elif isinstance(each, Array) and all(isinstance(d, int) for d in each.dims):
                yield name, f"{text}.shape != {each.dims}", f"{text} of shape {each.dims}"
            elif isinstance(each, Record) and each.cls is list:
                length = len(each.items)
                yield name, f"len({text}) != {length}", f"{text} of length {length}"


def _differs(name: str, text: str, value: Any) -> Iterator[tuple[str, str, str]]:
    right = literal(value)
    if right is not None and value == value:
        sign = "is not" if value is None else "!="
        yield name, f"{text} {sign} {right}", f"{text} = {right}"


def literal(value: Any) -> str | None:
    """The value as Python text that gives it back, if it is made of numbers and strings."""
    if isinstance(value, (tuple, list)) and type(value) in (tuple, list):
        items = [literal(item) for item in value]
        if None in items:
            return None
        inner = ", ".join(map(str, items))
        if type(value) is list:
            return f"[{inner}]"
        return f"({inner},)" if len(items) == 1 else f"({inner})"
    if type(value) is float and not math.isfinite(value):
        return f'float("{value}")'
    plain = (bool, int, float, complex, str, type(None))
    return repr(value) if type(value) in plain else None
