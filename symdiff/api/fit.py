"""The test whether a call fits the specialisation of the call before it.

It is the whole cost of a repeated call, so it is compiled for the arguments at hand:
`type(args[0]) is float and names["G"] is G`.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from typing import Any

from symdiff.backend.survey import Guard
from symdiff.signature import scalar_kind

__all__ = ["Fit", "fit_of", "never"]

Fit = Callable[[tuple[Any, ...]], bool]

_FORMS = {
    "item": "{0}[{1!r}] is {2}",
    "attribute": "{0}.{1} is {2}",
}


def never(args: tuple[Any, ...]) -> bool:
    """The test that no call passes."""
    return False


def fit_of(args: Sequence[Any], guards: Sequence[Guard]) -> Fit:
    """A test that calls like this one pass while the guards hold; it may be too strict."""
    held: list[Any] = []
    tests = [f"len(args) == {len(args)}"]

    def name_of(value: Any) -> str:
        held.append(value)
        return f"v{len(held) - 1}"

    for position, value in enumerate(args):
        test = _test(f"args[{position}]", value, name_of)
        if test is None:
            return never
        tests.append(test)
    for guard in guards:
        owner, value = name_of(guard.owner), name_of(guard.value)
        tests.append(_FORMS[guard.form].format(owner, guard.name, value))
    fit: Fit = _maker(" and ".join(tests), len(held))(*held)
    return fit


def _test(text: str, value: Any, name_of: Callable[[Any], str]) -> str | None:
    cls = type(value)
    if scalar_kind(cls) is not None:
        return f"type({text}) is {name_of(cls)}"
    if value is None:
        return f"{text} is None"
    if cls is str:
        return f"type({text}) is str and {text} == {name_of(value)}"
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None and cls is numpy.ndarray and value.dtype.fields is None:
        same = (
            f"type({text}) is {name_of(cls)} and {text}.dtype is {name_of(value.dtype)} "
            f"and {text}.ndim == {value.ndim}"
        )
        if 1 in value.shape:
            ones = name_of([n == 1 for n in value.shape])
            return f"{same} and [n == 1 for n in {text}.shape] == {ones}"
        return f"{same} and 1 not in {text}.shape"
    return None


@functools.lru_cache(256)
def _maker(test: str, count: int) -> Callable[..., Fit]:
    """The function that binds the values of a test; calls of one form share it."""
    values = ", ".join(f"v{k}" for k in range(count))
    text = f"""\
def make({values}):
    def fit(args):
        try:
            return {test}
        except (KeyError, AttributeError, ValueError):
            return False
    return fit
"""
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    made: Callable[..., Fit] = namespace["make"]
    return made
