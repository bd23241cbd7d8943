"""A module that holds one generated function and runs without symdiff."""

from __future__ import annotations

import ast
import sys
import types
from typing import Any

from symdiff.api.guarded import guarded, literal
from symdiff.api.specialise import Specialised, seen_by
from symdiff.backend.load import resolve
from symdiff.cli.target import CommandError
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
        if literal(value) is not None:
            constants.append(f"{external.name} = {literal(value)}")
        elif _is_small_array(value):
            imports.add("import numpy as np")
            text = f"np.array({value.tolist()!r}, dtype={str(value.dtype)!r})"
            constants.append(f"{external.name} = {text}")
        else:
            imports.add(_import(external.name, value, external.path))
    above = ["\n".join(sorted(imports - {""})), "\n".join(constants)]
    head = "\n\n".join(part for part in above if part)
    body = guarded(body, made.entry.name, made.request)
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
