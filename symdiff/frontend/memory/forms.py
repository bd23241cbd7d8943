"""Values taken apart: what is known of them now, and the atoms that only the run knows.

Two values of one form differ in their leaves alone, so a function that is lowered once
for the form takes the leaves as its parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Union

from symdiff.frontend.memory.values import (
    ArrayRef, Bound, Closure, Contents, Maybe, Missing, OneOf, Partial, Poison, Ref,
    Sequence, Static, Super, Value, ViewStep,
)  # fmt: skip
from symdiff.ir.core import Atom, Const, Global, Var, kind_of
from symdiff.ir.kinds import is_number
from symdiff.records import dataclass

__all__ = ["Again", "Held", "NoForm", "form_of", "is_leaf", "leaves_of", "rebuilt"]

Part = Union[Value, "Held", "Again"]


class NoForm(Exception):
    """A value that cannot be taken apart."""


@dataclass(frozen=True, slots=True)
class Held:
    """A list, dict or object with what it holds, to be made anew elsewhere. The number
    tells those apart that one value leads to."""

    cls: type[Ref]
    contents: Part
    number: int = 0


@dataclass(frozen=True, slots=True)
class Again:
    """The list, dict or object that has this number: the value leads to it twice."""

    number: int


def is_leaf(value: Part, role: str) -> bool:
    """Whether the run decides on the value.

    role "argument": constants, too, as the next call may have others. "result": numbers
    and arrays. "outside", what a function reads from those around it: the values of
    names and buffers; references are the same in every call.
    """
    if isinstance(value, Var):
        return True
    if role == "outside":
        return False
    if isinstance(value, Const):
        return role == "argument" or is_number(kind_of(value))
    return isinstance(value, (ArrayRef, Global))


def leaves_of(value: Part, role: str) -> Iterator[Value]:
    """The leaves, left to right."""
    if is_leaf(value, role):
        assert not isinstance(value, (Held, Again))
        yield value
        return
    for part in _parts(value):
        yield from leaves_of(part, role)


def form_of(value: Part, role: str) -> Hashable:
    """What is left of the value without its leaves."""
    if is_leaf(value, role):
        return "leaf"
    parts = tuple(form_of(part, role) for part in _parts(value))
    return (type(value).__name__, _fixed(value), parts)


def rebuilt(value: Part, change: Callable[[Part], Part | None]) -> Part:
    """The value with `change(x)` for each part x of which that is not None."""
    changed = change(value)
    if changed is not None:
        return changed
    parts = tuple(rebuilt(part, change) for part in _parts(value))
    return _with_parts(value, parts) if parts else value


def _parts(value: Part) -> tuple[Part, ...]:
    if isinstance(value, (Sequence, Contents)):
        return value.items
    if isinstance(value, (Bound, Super)):
        return (value.owner,)
    if isinstance(value, Held):
        return (value.contents,)
    if isinstance(value, Maybe):
        return (value.none, value.value)
    if isinstance(value, OneOf):
        return (value.at, *value.values)
    if isinstance(value, Ref):
        return tuple(arg for step in value.path for arg in step.args)
    if isinstance(value, Closure):
        return tuple(v for _, v in value.defaults)
    if isinstance(value, Partial):
        return (value.function, *value.args, *(v for _, v in value.keywords))
    return ()


def _with_parts(value: Part, parts: tuple[Part, ...]) -> Part:
    rest = iter(parts)
    if isinstance(value, Sequence):
        return Sequence(parts, value.cls)  # type: ignore[arg-type]
    if isinstance(value, Contents):
        return value.holding(parts)  # type: ignore[arg-type]
    if isinstance(value, Bound):
        return Bound(parts[0], value.name)  # type: ignore[arg-type]
    if isinstance(value, Super):
        return Super(value.cls, parts[0])  # type: ignore[arg-type]
    if isinstance(value, Held):
        return Held(value.cls, parts[0], value.number)
    if isinstance(value, Maybe):
        return Maybe(*parts)  # type: ignore[arg-type]
    if isinstance(value, OneOf):
        return OneOf(parts[1:], parts[0])  # type: ignore[arg-type]
    if isinstance(value, Ref):
        steps = ((s, tuple(next(rest) for _ in s.args)) for s in value.path)
        path = tuple(ViewStep(s.op, args, s.params) for s, args in steps)  # type: ignore[arg-type]
        return type(value)(value.buffer, path)
    if isinstance(value, Closure):
        defaults = tuple((name, next(rest)) for name, _ in value.defaults)
        return Closure(value.node, value.frame, defaults)  # type: ignore[arg-type]
    assert isinstance(value, Partial)
    args = parts[1 : len(value.args) + 1]
    names = (name for name, _ in value.keywords)
    keywords = tuple(zip(names, parts[len(value.args) + 1 :], strict=True))
    return Partial(parts[0], args, keywords)  # type: ignore[arg-type]


def _fixed(value: Part) -> Hashable:
    """What tells values apart besides their parts."""
    if isinstance(value, Sequence):
        return (len(value.items), value.cls)
    if isinstance(value, Contents):
        return (len(value.items), value.keys, value.cls)
    if isinstance(value, Bound):
        return value.name
    if isinstance(value, Maybe):
        return None
    if isinstance(value, OneOf):
        return len(value.values)
    if isinstance(value, Super):
        return value.cls
    if isinstance(value, Held):
        return (value.cls, value.number)
    if isinstance(value, Again):
        return value.number
    if isinstance(value, Ref):
        steps = tuple((s.op, s.params, len(s.args)) for s in value.path)
        return (value.buffer, steps)
    if isinstance(value, Closure):
        return (value.node, value.frame, tuple(name for name, _ in value.defaults))
    if isinstance(value, Partial):
        return (len(value.args), tuple(name for name, _ in value.keywords))
    if isinstance(value, Static):
        return (id(value.value), value.path)
    if isinstance(value, (Atom, Missing, Poison)):
        return value
    raise NoForm
