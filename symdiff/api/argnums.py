"""Which parameters to differentiate by.

Needed where `@grad` is written, so this loads little.
"""

from __future__ import annotations

import types
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from symdiff.errors import Diagnostic, DifferentiationError, Span
from symdiff.frontend.reading.source import source_of

if TYPE_CHECKING:
    from symdiff.checkpoints import Checkpoints
    from symdiff.request import Mode, Order, Target

__all__ = [
    "FEW", "MANY", "ONE", "Argnums", "Goal", "describe", "parameters", "place_of",
    "refusal", "resolve_argnums", "target_of",
]  # fmt: skip

Argnums = int | str | Sequence[int | str]

# How many items a list of objects or a dict has at most that is taken apart item by item:
# one, so many as a person would write out, and so many as can be written out at all.
ONE, FEW, MANY = 1, 16, 256


class Goal(NamedTuple):
    """What is asked of a function: see `symdiff.request.Request`.

    apart: up to how many items lists of objects, and dicts, are taken item by item,
        all if it is None.
    """

    mode: Mode
    argnums: tuple[int, ...] | None
    single: bool
    has_aux: bool = False
    unroll: bool = False
    order: Order = "least"
    indicators: bool = False
    target: Target = "python"
    checkpoint: Checkpoints = ()
    holomorphic: bool = False
    exact: bool = False
    late: bool = False
    apart: int | None = FEW

    @property
    def is_exact(self) -> bool:
        """Whether code is made for the integers and lengths of a call."""
        return self.exact or self.unroll

    def looks(self) -> tuple[Goal, Goal, Goal]:
        """The goal, and closer looks at a function that is refused for it."""
        return self, self._replace(exact=True), self._replace(late=True)


def target_of(
    function: types.FunctionType, compile: str | None, fallback: str | None
) -> Target:
    """What code is made for, as `compile` and `fallback` of `grad` say, each checked."""
    if compile not in (None, "numba"):
        raise refusal(
            function, f"there is no compiler {compile!r}", 'write compile="numba"'
        )
    if fallback not in (None, "python"):
        raise refusal(
            function, f"there is no fallback {fallback!r}", 'write fallback="python"'
        )
    if compile is None:
        if fallback is not None:
            message = "a fallback is for what cannot be compiled"
            raise refusal(function, message, 'write compile="numba", too')
        return "python"
    import importlib.util

    if importlib.util.find_spec("numba") is None:
        message = 'compile="numba" needs Numba, which is not installed'
        raise refusal(function, message, "pip install symdiff[numba]")
    return "numba"


def parameters(function: types.FunctionType) -> tuple[str, ...]:
    """The names of the parameters, but for `*args` and `**kwargs`."""
    code = function.__code__
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


def resolve_argnums(
    function: types.FunctionType, argnums: Argnums, bound: int = 0
) -> tuple[int, ...]:
    """The positions that `argnums` names, each checked. So many parameters at the start
    are `bound`, as that of a method: they are not counted."""
    asked = argnums if isinstance(argnums, (tuple, list)) else (argnums,)
    if not asked:
        raise refusal(function, "argnums is empty", "name at least one parameter")
    positions = tuple(_position(function, item, bound) for item in asked)
    for position in positions:
        if positions.count(position) > 1:
            name = parameters(function)[position]
            raise refusal(function, f"argnums names `{name}` twice", "name it once")
    return positions


def _position(function: types.FunctionType, item: Any, bound: int) -> int:
    names = parameters(function)[bound:]
    called = describe(function)
    listed = f"its parameters are {', '.join(names)}" if names else "it has no parameters"
    if isinstance(item, str):
        if item in names:
            return names.index(item) + bound
        import difflib

        near = difflib.get_close_matches(item, names, 1)
        hint = f"did you mean `{near[0]}`? " if near else ""
        raise refusal(function, f"{called} has no parameter `{item}`", hint + listed)
    if isinstance(item, bool) or not hasattr(type(item), "__index__"):
        message = f"argnums holds {item!r}, which is no position or name"
        raise refusal(function, message, 'write argnums=0, argnums="x" or argnums=(0, 2)')
    position = item.__index__()
    count = len(names)
    if not -count <= position < count:
        many = f"{count} parameter{'' if count == 1 else 's'}"
        message = f"argnums asks for position {position}, and {called} has {many}"
        raise refusal(function, message, f"{listed}, counted from 0")
    return int(position % count) + bound


def describe(function: types.FunctionType) -> str:
    """How messages call a function."""
    return "this lambda" if function.__name__ == "<lambda>" else f"`{function.__name__}`"


def refusal(
    function: types.FunctionType, message: str, help: str, parameter: str | None = None
) -> DifferentiationError:
    """The error for a function, shown at one of its parameters or its first line."""
    return DifferentiationError(Diagnostic(message, place_of(function, parameter), help))


def place_of(function: types.FunctionType, parameter: str | None = None) -> Span | None:
    """The parameter in the user's text, or else the line of the `def`."""
    try:
        source = source_of(function)
    except DifferentiationError:
        return None
    spec = source.node.args
    for arg in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs):
        if arg.arg == parameter:
            return source.span(arg)
    span = source.span(source.node)
    if span is None or span.line == span.end_line:
        return span
    text = source.lines[span.line - 1].rstrip()
    return Span(span.file, span.line, span.column, span.line, len(text))
