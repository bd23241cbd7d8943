"""What a Python name stands for while its function is lowered.

Numbers and other immutable values are IR atoms. An array is a reference to a buffer,
through a chain of views, so that a write through any name is seen by all.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

from symdiff.errors import Span
from symdiff.ir.core import Atom

__all__ = [
    "ArrayRef", "Backwards", "Bound", "Closure", "Enumerated", "Missing", "MISSING",
    "Poison",
    "Ranged", "Sequence", "Static", "Value", "ViewStep", "Zipped",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class ViewStep:
    """One step from an array to a view of it: an op, its other arguments, its params."""

    op: str
    args: tuple[Atom, ...]
    params: Any = None


@dataclass(frozen=True, slots=True)
class ArrayRef:
    """An array: a buffer and the views that lead from it to what the name shows."""

    buffer: int
    path: tuple[ViewStep, ...] = ()


@dataclass(frozen=True, slots=True)
class Sequence:
    """A tuple, or a list of known length, held item by item."""

    items: tuple[Value, ...]
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class Static:
    """A Python object known now: a module, function, class or ufunc.

    `path` says where the generated code finds it (see `External`).
    """

    value: Any
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    """A function defined inside the function that is lowered, or a lambda."""

    node: ast.FunctionDef | ast.Lambda
    frame: int
    defaults: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """A method looked up on a value, waiting for its call."""

    owner: Value
    name: str


@dataclass(frozen=True, slots=True)
class Ranged:
    """`range(start, stop, step)`."""

    start: Atom
    stop: Atom
    step: Atom
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class Enumerated:
    """`enumerate(of, start)`."""

    of: Value
    start: Atom


@dataclass(frozen=True, slots=True)
class Zipped:
    """`zip(*of)`."""

    of: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Backwards:
    """`reversed(of)` of a list."""

    of: Value


@dataclass(frozen=True, slots=True)
class Poison:
    """A value that must not be read; `message` says why, None if already reported."""

    message: str | None = None
    help: str | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """A name that is not assigned yet."""


MISSING = Missing()

Value = (
    Atom | ArrayRef | Backwards | Sequence | Static | Closure | Bound | Ranged | Enumerated
    | Zipped
    | Poison | Missing
)  # fmt: skip
