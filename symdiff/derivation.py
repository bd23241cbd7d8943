"""How the rest of symdiff knows a derivative, and an operator that makes one, where it
meets them as values in the user's program."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

__all__ = [
    "Derivation", "derivation_of", "note_derivation", "operator", "operator_of", "root_of",
]  # fmt: skip

_F = TypeVar("_F", bound=Callable[..., Any])


class Derivation(NamedTuple):
    """What a derivative was made from: see `symdiff.grad`. `form` is the operator."""

    function: Callable[..., Any]
    form: str
    argnums: int | str | Sequence[int | str] = 0
    has_aux: bool = False
    holomorphic: bool = False


_OPERATORS: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()
_MADE = "__symdiff_derivation__"


def note_derivation(derivative: Any, derivation: Derivation) -> None:
    """Remember what a callable is the derivative of."""
    # Whose it is: `functools.wraps` copies attributes.
    vars(derivative)[_MADE] = weakref.ref(derivative), derivation


def derivation_of(value: Any) -> Derivation | None:
    """What a callable is the derivative of, if it is one."""
    found = getattr(value, "__dict__", {}).get(_MADE)
    if not isinstance(found, tuple):
        return None
    owner, derivation = found
    return derivation if owner() is value else None


def root_of(function: Any) -> Any:
    """The function of which something is the derivative, of whatever order."""
    while (made := derivation_of(function)) is not None:
        function = made.function
    return function


def operator(function: _F) -> _F:
    """Mark a function of the library that a program may call inside what is
    differentiated: the frontend knows it by its name."""
    _OPERATORS[function] = function.__name__
    return function


def operator_of(value: Any) -> str | None:
    """The name of the operator that a value is, if it is one."""
    try:
        return _OPERATORS.get(value)
    except TypeError:
        return None
