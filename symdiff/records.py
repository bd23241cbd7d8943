"""Classes of data with slots, as `dataclasses` makes them, in a fifth of the time.

A generator of code is made of many small classes, and making one with
`dataclasses.dataclass` takes longer than reading the module that it stands in: half of
what a first gradient took was spent there. To a type checker these are dataclasses; that
`frozen` ones stay as they are is for it to see.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass, field, replace

__all__ = ["dataclass", "field", "replace"]

MISSING = object()


class _Field:
    """As `dataclasses.field` makes them."""

    def __init__(
        self,
        default: Any = MISSING,
        default_factory: Callable[[], Any] | None = None,
        init: bool = True,
        repr: bool = True,
        compare: bool = True,
    ) -> None:
        self.default, self.default_factory = default, default_factory
        self.init, self.repr, self.compare = init, repr, compare


def _dataclass(*, frozen: bool = False, slots: bool = False, eq: bool = True) -> Any:
    """A decorator with these options of `dataclasses.dataclass`."""
    assert slots, "a class without slots has no use for this"
    return lambda cls: _made(cls, frozen, eq)


def _made(cls: type, frozen: bool, eq: bool) -> type:
    namespace = dict(vars(cls))
    own = {
        n: _field(namespace.get(n, MISSING)) for n in namespace.get("__annotations__", ())
    }
    fields = {n: f for base in cls.__mro__[:0:-1] for n, f in _fields(base).items()} | own
    for name in ("__dict__", "__weakref__", *own):
        namespace.pop(name, None)
    namespace["__fields__"] = own
    namespace["__slots__"] = tuple(own)
    namespace["__match_args__"] = tuple(n for n, f in fields.items() if f.init)
    namespace["__qualname__"] = cls.__qualname__
    namespace["__init__"] = _init(fields, hasattr(cls, "__post_init__"))
    namespace.setdefault("__repr__", _repr([n for n, f in fields.items() if f.repr]))
    if eq:
        get = _getter([n for n, f in fields.items() if f.compare])
        namespace["__eq__"] = _eq(get)
        namespace["__hash__"] = _hash(get) if frozen else None
    return type(cls)(cls.__name__, cls.__bases__, namespace)


def _fields(cls: type) -> dict[str, Any]:
    found: dict[str, Any] = vars(cls).get("__fields__", {})
    return found


def _field(default: Any) -> Any:
    return default if isinstance(default, _Field) else _Field(default)


def _init(fields: dict[str, Any], after: bool) -> Any:
    """`def __init__(self, a, b=default): self.a = a; self.b = b`"""
    given = {n: f for n, f in fields.items() if f.init}  # `__post_init__` sets others
    makers = [each.default_factory for each in given.values()]
    code = _init_code(tuple(make is not None for make in makers), after)
    named = {f"field{k}": name for k, name in enumerate(given)}
    code = code.replace(
        co_varnames=tuple([named.get(n, n) for n in code.co_varnames]),
        co_names=tuple([named.get(n, n) for n in code.co_names]),
    )
    space = {"MISSING": MISSING, "makers": makers}
    optional = [f for f in given.values() if f.default is not MISSING or f.default_factory]
    return FunctionType(code, space, None, tuple([f.default for f in optional]))


@cache
def _init_code(made: tuple[bool, ...], after: bool) -> CodeType:
    """That of any class with so many fields, of which some are made where not given:
    compiling it for each class takes longer than all else."""
    names = [f"field{k}" for k in range(len(made))]
    body = [
        f"self.{name} = " + (f"makers[{k}]() if {name} is MISSING else " * made[k]) + name
        for k, name in enumerate(names)
    ]
    body += ["self.__post_init__()"] if after else [] if body else ["pass"]
    space: dict[str, Any] = {}
    exec(f"def __init__({', '.join(['self', *names])}):\n    " + "\n    ".join(body), space)
    code: CodeType = space["__init__"].__code__
    return code


def _getter(names: list[str]) -> Any:
    """All that two instances are compared by."""
    return attrgetter(*names) if names else lambda self: ()


def _eq(get: Any) -> Any:
    def equal(self: Any, other: Any) -> Any:
        if self is other:
            return True
        if self.__class__ is not other.__class__:
            return NotImplemented
        return get(self) == get(other)

    return equal


def _hash(get: Any) -> Any:
    def hashed(self: Any) -> int:
        return hash(get(self))

    return hashed


def _repr(names: list[str]) -> Any:
    def printed(self: Any) -> str:
        shown = ", ".join([f"{name}={getattr(self, name)!r}" for name in names])
        return f"{self.__class__.__qualname__}({shown})"

    return printed


def _replace(record: Any, /, **changes: Any) -> Any:
    """The record with other values for some fields."""
    cls = record.__class__
    for name in cls.__match_args__:
        if name not in changes:
            changes[name] = getattr(record, name)
    return cls(**changes)


if not TYPE_CHECKING:
    dataclass, field, replace = _dataclass, _Field, _replace
