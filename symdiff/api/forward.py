"""`jvp`: a function's value and its derivative in one direction."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from symdiff.api.argnums import Goal, describe, parameters, refusal
from symdiff.api.trees import apart, together
from symdiff.frontend.calling import caller_with, takes_any_number
from symdiff.frontend.source import named, unbound
from symdiff.ir.kinds import INT, Int, is_number, is_real
from symdiff.ir.structure import part_text
from symdiff.signature import as_float, is_array, is_static, scalar_kind
from symdiff.structures import parts

__all__ = ["Push", "push_forward"]


def push_forward(
    function: Callable[..., Any],
    primals: Sequence[Any],
    tangents: Sequence[Any],
    has_aux: bool,
) -> tuple[Any, ...]:
    """See `symdiff.jvp`."""
    primal, bound = unbound(function)
    if takes_any_number(primal):
        primal, bound = caller_with(function, len(primals), ()), ()
    if len(primals) != len(tangents):
        raise refusal(
            primal,
            f"{describe(primal)} gets {len(primals)} primals and {len(tangents)} tangents",
            "give a tangent for each, None for what is held fixed",
        )
    by = tuple(len(bound) + k for k, dot in enumerate(tangents) if dot is not None)
    if not by:
        raise refusal(primal, "every tangent is None", "give one for a parameter at least")
    args = (*bound, *primals)
    names = parameters(primal)
    for k in by:
        if k < len(names) and not _has_tangent(args[k]):
            what = _shown(names[k], args[k])
            raise refusal(primal, f"{what} and has no tangent", "give None for it")
    push = Push(primal, Goal("jvp", by, False, has_aux), args, {})
    rows = zip(push.primals.items(), by, strict=True)
    dots = [_fitting(primal, n, v, tangents[k - len(bound)]) for (n, v), k in rows]
    return push(dots)


class Push:
    """The generated function at some arguments: called with the tangents of those in
    `primals`, in their order."""

    def __init__(
        self,
        primal: types.FunctionType,
        goal: Goal,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
    ) -> None:
        from symdiff.api.arguments import bind
        from symdiff.api.specialise import find

        name = f"{named(primal.__name__).replace('<lambda>', 'lambda')}_jvp"
        names, count = parameters(primal), primal.__code__.co_argcount
        if len(args) == len(names) == count:
            values = dict(zip(names, args, strict=True))
        else:
            values = bind(primal, args, kwargs, name)
        self._found = find(primal, goal, args, kwargs, name)
        chosen = [names[k] for k in goal.argnums or ()]
        self.primals = {each: _entered(values[each]) for each in chosen}
        values |= self.primals
        self._placed = [values[each] for each in names[:count]]
        self._named = {each: values[each] for each in names[count:]}
        code = self._found.function.__code__
        last = code.co_argcount + code.co_kwonlyargcount
        self._dots = code.co_varnames[last - len(chosen) : last]

    def __call__(self, tangents: Sequence[Any]) -> tuple[Any, ...]:
        dots = dict(zip(self._dots, tangents, strict=True))
        try:
            result: tuple[Any, ...] = self._found.run(*self._placed, **self._named, **dots)
        except BaseException as error:
            self._found.note(error)
            raise
        return result


def _entered(value: Any) -> Any:
    """An argument by which is differentiated: integers that stand alone are floats."""
    return value if parts(value, by=True) else as_float(value)


# -- whether a tangent fits -------------------------------------------------------------


def _has_tangent(value: Any) -> bool:
    """Whether an argument may have a tangent, as far as its type tells."""
    if is_array(value):
        return bool(value.dtype.kind in "fO")
    number = scalar_kind(type(value))
    return not is_static(value) and (number is None or is_real(number) or number == INT)


def _shown(name: str, value: Any) -> str:
    if is_array(value):
        return f"`{name}` is an array of {value.dtype}"
    return f"`{name}` is {'None' if value is None else f'a {type(value).__name__}'}"


def _fitting(function: types.FunctionType, text: str, value: Any, dot: Any) -> Any:
    """The tangent in the kinds of its primal; it must have its structure and shapes.

    Leaves without a derivative may stand anywhere in a structure, and so may anything in
    their places.
    """
    found = apart(value)
    if found is None:
        return _leaf(function, text, value, dot)
    other = apart(dot)
    if other is None or other[:2] != found[:2]:
        raise refusal(
            function,
            f"the tangent of `{text}` is not built as `{text}` is",
            "a tangent has the structure of its primal",
        )
    rows = zip(found.steps(), found.values, other.values, strict=True)
    items = [_fitting(function, part_text(text, (s,)), v, d) for s, v, d in rows]
    return together(dot, items)


def _leaf(function: types.FunctionType, text: str, value: Any, dot: Any) -> Any:
    import numpy as np

    number = scalar_kind(type(value))
    if not is_array(value) and (number is None or not is_number(number)):
        return dot
    dtype = np.dtype(float) if isinstance(number, Int) else np.asarray(value).dtype
    if dtype.kind != "f":
        return dot
    made, shape = np.asarray(dot), np.shape(value)
    if made.shape != shape:
        said = f"has shape {shape}" if shape else "is a number"
        raise refusal(
            function,
            f"the tangent of `{text}` has shape {made.shape}, and `{text}` {said}",
            "a tangent is shaped as its primal",
        )
    if not np.can_cast(made.dtype, dtype, "same_kind"):
        raise refusal(
            function,
            f"the tangent of `{text}` is of type {made.dtype}, and `{text}` of {dtype}",
            "a tangent has the type of its primal",
        )
    if is_array(value):
        return made.astype(dtype, copy=False)
    return made.astype(dtype)[()] if isinstance(value, np.floating) else float(made)
