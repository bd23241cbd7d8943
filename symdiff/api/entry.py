"""The function that a call of a gradient enters.

All that a repeated call costs beside the generated code is here, so it is compiled for the
parameters of the user's function and the specialisation that was used last:

    def entry(x, n, *, c):
        try:
            fits = type(x) is float and type(n) is int and names["G"] is G
        except (KeyError, AttributeError, ValueError):
            fits = False
        if not fits:
            return find(x, n, c)
        try:
            return run(x, float(n), c=c)
        except BaseException as error:
            note(error)
            raise
"""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from symdiff.api.argnums import parameters
from symdiff.backend.survey import Guard
from symdiff.signature import as_float, is_static, scalar_kind

__all__ = ["Entry", "entry_of", "test_of"]

Entry = Callable[..., Any]

# Every name but the parameters begins with {_}, which no parameter does.
_TEXT = """\
def {_}make({held}):
    def {_}bind({_}find):
        def {_}entry({header}):
            try:
                {_}fits = {test}
            except ({_}KeyError, {_}AttributeError, {_}ValueError):
                {_}fits = False
            if not {_}fits:
                return {_}find({names})
            try:
                return {_}run({given})
            except {_}BaseException as {_}error:
                {_}note({_}error)
                raise
        return {_}entry
    return {_}bind
"""
_HELD: dict[str, Any] = {
    each.__name__: each
    for each in (
        as_float, float, len, type, BaseException, AttributeError, KeyError, ValueError,
    )
}  # fmt: skip
_FORMS = {
    "item": "{0}[{1!r}] is {2}",
    "attribute": "{0}.{1} is {2}",
}


class Test:
    """An expression for the entry's `fits`, and the values that it names."""

    def __init__(self, text: str = "True") -> None:
        self.text = text
        self.held: dict[str, Any] = {}

    def name_of(self, value: Any) -> str:
        name = f"{{_}}{len(self.held)}"
        self.held[name] = value
        return name


def entry_of(
    function: types.FunctionType,
    run: Callable[..., Any],
    note: Callable[[BaseException], None],
    floats: Mapping[str, Callable[[Any], float]],
    test: Test,
) -> Callable[[Entry], Entry]:
    """An entry that calls `run` where the test holds, and else what it is bound to.

    floats: what to make of the integers among the values on the way to `run`.
    """
    code = function.__code__
    names = parameters(function)
    positional = code.co_argcount
