"""Derivatives that users declare for their functions, and where they are kept.

Needed by `import symdiff`, so this loads little.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from symdiff.records import dataclass


__all__ = ["Declared", "Parameters", "REGISTRY", "find", "stop_gradient"]

_T = TypeVar("_T")


class Parameters(NamedTuple):
    """The names of what a function takes: by position, and by keyword only. `rest` says
    that it takes any number by position, which are called `x0`, `x1`, …"""

    names: tuple[str, ...]
    keywords: tuple[str, ...] = ()
    rest: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Declared:
    """What was declared of one function. One of these is given:

    partials: a text per parameter; None where nothing is known.
    expression: what the function computes, as text for SymPy.
    vjp, jvp: functions.
    zero: it has no derivative, and none is missed.

    `returns` says of what kind the result is, where its text does not.
    """

    name: str
    parameters: Parameters
    partials: tuple[str | None, ...] | None = None
    expression: str | None = None
    vjp: Callable[..., Any] | None = None
    jvp: Callable[..., Any] | None = None
    zero: bool = False
    returns: str | None = None

    @property
    def text(self) -> str:
        """All on which generated code depends."""
        functions = [f and called(f, "") for f in (self.vjp, self.jvp)]
        formulas = self.partials, self.expression, self.zero, self.returns
        return repr((self.name, self.parameters, formulas, functions))


def called(function: Any, otherwise: str) -> str:
    """The name of a function if generated code can call it so."""
    name = str(getattr(function, "__name__", ""))
    return name if name.isidentifier() else otherwise


class _Registry:
    """What was declared, by function. `state` is another object after each declaration."""

    def __init__(self) -> None:
        self.state = object()
        self._found: dict[int, tuple[Callable[[], Any], Declared]] = {}

    def put(self, function: Any, declared: Declared) -> None:
        key, state = id(function), object()
        kept: Callable[[], Any]
        try:
            kept = weakref.ref(function, lambda _: self._found.pop(key, None))
        except TypeError:  # nothing can refer to it weakly
            kept = lambda: function
        self._found[key] = kept, declared
        self.state = state

    def get(self, function: Any) -> Declared | None:
        found = self._found.get(id(function))
        return found[1] if found is not None and found[0]() is function else None

    def all(self) -> list[tuple[Any, Declared]]:
        """Functions and what was declared of them."""
        pairs = [(kept(), declared) for kept, declared in list(self._found.values())]
        return [pair for pair in pairs if pair[0] is not None]


REGISTRY = _Registry()
find = REGISTRY.get


def stop_gradient(value: _T) -> _T:
    """The value itself, which derivatives take for a constant.

    Of tuples, lists and dicts all that they hold is; lists and dicts come back as new
    ones.

    >>> import symdiff
    >>> symdiff.grad(lambda x: x * symdiff.stop_gradient(x))(3.0)
    3.0
    """
    made: Any = value
    if type(made) in (tuple, list):
        made = type(made)(map(stop_gradient, made))
    elif type(made) is dict:
        made = {key: stop_gradient(item) for key, item in made.items()}
    found: _T = made
    return found
