"""Classes that a function defines, made once, as Python makes them; fields of records."""

from __future__ import annotations

import __future__

import ast
import dataclasses
import dis
import types
from collections.abc import Callable, Mapping
from typing import Any

from symdiff.ir.structure import is_generated

__all__ = [
    "fields_of", "is_handed", "made_class", "names_loaded", "names_read",
]  # fmt: skip

_FLAGS = sum(
    getattr(__future__, name).compiler_flag for name in __future__.all_feature_names
)
_LOADS = frozenset(("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"))


def _compiled(node: ast.ClassDef, around: types.CodeType) -> types.CodeType:
    module = ast.Module([node], [])
    flags = around.co_flags & _FLAGS
    code: types.CodeType = compile(module, around.co_filename, "exec", flags, True)
    return code


def names_read(node: ast.ClassDef, around: types.CodeType) -> set[str]:
    """The names outside that the body of a class or one of its methods reads."""
    return names_loaded(_compiled(node, around))


def names_loaded(code: types.CodeType) -> set[str]:
    """The names outside that code reads, or code of functions inside it."""
    found = {each.argval for each in dis.get_instructions(code) if each.opname in _LOADS}
    inner = (const for const in code.co_consts if isinstance(const, types.CodeType))
    return found.union(*map(names_loaded, inner))


def made_class(
    node: ast.ClassDef, around: Callable[..., Any], names: Mapping[str, Any]
) -> Any:
    """What the statement binds; `names` are values of the function's own names.

    Its methods are compiled at their place in the file, so that their text is found.
    """
    assert isinstance(around, types.FunctionType)
    space = {**around.__globals__, **names}
    exec(_compiled(node, around.__code__), space)
    return space[node.name]


def fields_of(cls: Any) -> list[dataclasses.Field[Any]]:
    """The fields of a dataclass, with those of kind `InitVar`."""
    held = [field.name for field in dataclasses.fields(cls)]
    every = cls.__dataclass_fields__.values()
    return [f for f in every if f.name in held or is_handed(f)]


def is_frozen(cls: Any) -> bool:
    """Whether instances of a class are looked up by their fields, which do not change."""
    params = vars(cls).get("__dataclass_params__")
    code: Any = getattr(vars(cls).get("__hash__"), "__code__", None)
    written = code is not None and code.co_filename == "<string>"
    return bool(written and params.frozen and params.eq and is_generated(cls, "__eq__"))


def is_handed(field: Any) -> bool:
    """Whether a field of a dataclass is of kind `InitVar`."""
    return bool(field._field_type.name == "_FIELD_INITVAR")
