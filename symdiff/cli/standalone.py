"""A module that holds one generated function and runs without symdiff."""

from __future__ import annotations

import ast
import math
import sys
import types
from collections.abc import Iterator
from typing import Any

from symdiff.api.specialise import Specialised, seen_by
from symdiff.backend.load import resolve
from symdiff.backend.wrap import wrapped
from symdiff.cli.target import CommandError
from symdiff.ir.kinds import Array, Fixed, Record
from symdiff.ir.structure import all_kinds, part_text
from symdiff.signature import is_static

__all__ = ["standalone"]

_LARGEST = 64


def standalone(made: Specialised) -> str:
    """The generated text with what it needs above it: imports, then constants."""
    entry = made.entry
    seen = seen_by(made.request).functions
    values = resolve(entry.externals, seen, made.request.function, made.request.statics)
    imports, bound, body = _split(entry.source)
    constants: list[str] = []
    for external in sorted(entry.externals, key=lambda e: e.name):
        if external.name in bound:
            continue
        value = values[external.name]
        if _literal(value) is not None:
            constants.append(f"{external.name} = {_literal(value)}")
        elif _is_small_array(value):
            imports.add("import numpy as np")
            text = f"np.array({value.tolist()!r}, dtype={str(value.dtype)!r})"
            constants.append(f"{external.name} = {text}")
        else:
            imports.add(_import(external.name, value, external.path))
    above = ["\n".join(sorted(imports - {""})), "\n".join(constants)]
    head = "\n\n".join(part for part in above if part)
    body = _guarded(body, made)
    return f"{head}\n\n\n{body}\n" if head else f"{body}\n"


def _split(source: str) -> tuple[set[str], set[str], str]:
    """The imports at the top of a text, the names that they bind, and all that follows."""
    imports: set[str] = set()
    names: set[str] = set()
    last = 0
    for node in ast.parse(source).body:
        if not isinstance(node, (ast.Import, ast.ImportFrom)):
            break
        imports.add(ast.unparse(node))
        names.update((a.asname or a.name).partition(".")[0] for a in node.names)
        last = node.end_lineno or 0
    rest = source.split("\n")[last:]
    return imports, names, "\n".join(rest).strip("\n")


def _guarded(body: str, made: Specialised) -> str:
    """The text, which asks first for the values that it is made for: here nobody else
    does, and for others it would be wrong."""
    (function,) = (
        node
        for node in ast.parse(body).body
        if isinstance(node, ast.FunctionDef) and node.name == made.entry.name
    )
    names = {arg.arg for arg in ast.walk(function.args) if isinstance(arg, ast.arg)}
    asked = [(text, said) for name, text, said in _made_for(made) if name in names]
    if not asked:
        return body
    test = ast.parse(" or ".join(text for text, _ in asked), mode="eval").body
    message = f"{function.name} is made for {', '.join(said for _, said in asked)}"
    error = ast.Call(ast.Name("ValueError"), [ast.Constant(message)], [])
    guard = [*wrapped("if ", test, ":", 1), *wrapped("raise ", error, "", 2)]
    lines = body.split("\n")
    first, *_ = function.body
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    at = (first.end_lineno or 0) if documented else first.lineno - 1
    return "\n".join([*lines[:at], *guard, *lines[at:]])


def _made_for(made: Specialised) -> Iterator[tuple[str, str, str]]:
    """Of what code was specialised to: the parameter, what is wrong, what is right."""
    request = made.request
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
    literal = _literal(value)
    if literal is not None and value == value:
        sign = "is not" if value is None else "!="
        yield name, f"{text} {sign} {literal}", f"{text} = {literal}"


def _literal(value: Any) -> str | None:
    """The value as Python text that gives it back, if it is made of numbers and strings."""
    if isinstance(value, (tuple, list)) and type(value) in (tuple, list):
        items = [_literal(item) for item in value]
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


def _is_small_array(value: Any) -> bool:
    numpy: Any = sys.modules.get("numpy")
    if numpy is None or type(value) is not numpy.ndarray:
        return False
    return value.size <= _LARGEST and value.dtype.kind in "fiub" and _finite(value)


def _finite(value: Any) -> bool:
    numpy: Any = sys.modules["numpy"]
    return bool(numpy.isfinite(value).all())


def _import(name: str, value: Any, path: tuple[str, ...]) -> str:
    """The statement that brings the value into a module."""
    if isinstance(value, types.ModuleType):
        whole = value.__name__
        return f"import {whole}" if whole == name else f"import {whole} as {name}"
    if path[0] == "builtin":
        return ""
    if is_static(value) and path[0] != "global":
        # A function that is closed over, but that its own module also holds.
        module, own = getattr(value, "__module__", None), getattr(value, "__qualname__", "")
        if getattr(sys.modules.get(module or ""), own, None) is value:
            return _from(module, own, name)
    if path[0] != "global" or "." in path[-1]:
        raise CommandError(
            f"-o: the function reads `{name}`, which a stand-alone module cannot import: "
            "make it a parameter or a module constant"
        )
    return _from(path[1], path[-1], name)


def _from(module: str | None, own: str, name: str) -> str:
    alias = "" if own == name else f" as {name}"
    return f"from {module} import {own}{alias}"
