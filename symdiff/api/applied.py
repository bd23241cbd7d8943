"""A generated derivative at some arguments, called with tangents or adjoints."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from symdiff.api.argnums import Goal, parameters, refusal
from symdiff.api.trees import apart, together
from symdiff.frontend.reading.calling import caller_with, takes_any_number
from symdiff.frontend.reading.source import named, unbound
from symdiff.ir.kinds import INT, Int, is_continuous, is_number
from symdiff.ir.structure import part_text
from symdiff.signature import as_float, is_array, is_static, scalar_kind
from symdiff.structures import parts

__all__ = ["Applied", "fitting", "has_tangent", "opened", "shown"]


def opened(
    function: Callable[..., Any], count: int, names: Sequence[str] = ()
) -> tuple[types.FunctionType, tuple[Any, ...]]:
    """The plain function behind a callable, for calls with so many arguments and these
    by name, and what its first parameters are bound to."""
    primal, bound = unbound(function)
    if takes_any_number(primal):
        return caller_with(function, count, names), ()
    return primal, bound


class Applied:
    """The generated function for a goal, at some arguments; those by which is
    differentiated are `primals`. Called with what else it takes, in its order."""

    def __init__(
        self,
        primal: types.FunctionType,
        goal: Goal,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
    ) -> None:
        from symdiff.api.arguments import bind
        from symdiff.api.specialise import find

        name = f"{named(primal.__name__).replace('<lambda>', 'lambda')}_{goal.mode}"
        names, count = parameters(primal), primal.__code__.co_argcount
        if len(args) == len(names) == count:
            values = dict(zip(names, args, strict=True))
        else:
            values = bind(primal, args, kwargs, name)
        self._primal = primal
        self._found = find(primal, goal, args, kwargs, name)
        chosen = [names[k] for k in goal.argnums or ()]
        self.primals = {each: _entered(values[each]) for each in chosen}
        values |= self.primals
        self._placed = [values[each] for each in names[:count]]
        self._named = {each: values[each] for each in names[count:]}
        code = self._found.function.__code__
        last = code.co_argcount + code.co_kwonlyargcount
        self._further = code.co_varnames[len(names) : last]

    def __call__(self, *further: Any) -> Any:
        more = dict(zip(self._further, further, strict=True))
        try:
            return self._found.run(*self._placed, **self._named, **more)
        except BaseException as error:
            self._found.note(error)
            raise

    def value(self) -> Any:
        """What the function itself returns; no argument is changed."""
        from symdiff.api.specialise import find

        goal = Goal("primal", None, False)
        found = find(self._primal, goal, tuple(self._placed), self._named, "value")
        try:
            return found.run(*self._placed, **self._named)
        except BaseException as error:
            found.note(error)
            raise


def _entered(value: Any) -> Any:
    """An argument by which is differentiated: integers that stand alone are floats."""
    return value if parts(value, by=True) else as_float(value)


def has_tangent(value: Any) -> bool:
    """Whether an argument may have a tangent, as far as its type tells."""
    if is_array(value):
        return bool(value.dtype.kind in "fcO")
    number = scalar_kind(type(value))
    return not is_static(value) and (
        number is None or is_continuous(number) or number == INT
    )


def shown(name: str, value: Any) -> str:
    if is_array(value):
        return f"`{name}` is an array of {value.dtype}"
    return f"`{name}` is {'None' if value is None else f'a {type(value).__name__}'}"


def fitting(
    function: types.FunctionType, what: str, text: str, value: Any, dot: Any
) -> Any:
    """The tangent, or `what` it is, in the kinds of its value; it must have the value's
    structure and shapes.

    Leaves without a derivative may stand anywhere in a structure, and so may anything in
    their places.
    """
    found = apart(value)
    if found is None:
        return _leaf(function, what, text, value, dot)
    other = apart(dot)
    if other is None or (other.cls, other.keys) != (found.cls, found.keys):
        raise refusal(
            function,
            f"the {what} of `{text}` is not built as `{text}` is",
            _rule(what, "has the structure"),
        )
    rows = zip(found.steps(), found.values, other.values, strict=True)
    items = [fitting(function, what, part_text(text, (s,)), v, d) for s, v, d in rows]
    return together(dot, items)


def _leaf(function: types.FunctionType, what: str, text: str, value: Any, dot: Any) -> Any:
    import numpy as np

    number = scalar_kind(type(value))
    if not is_array(value) and (number is None or not is_number(number)):
        return dot
    dtype = np.dtype(float) if isinstance(number, Int) else np.asarray(value).dtype
    if dtype.kind not in "fc":
        return dot
    made, shape = np.asarray(dot), np.shape(value)
    if made.shape != shape:
        said = f"has shape {shape}" if shape else "is a number"
        raise refusal(
            function,
            f"the {what} of `{text}` has shape {made.shape}, and `{text}` {said}",
            _rule(what, "is shaped"),
        )
    if not np.can_cast(made.dtype, dtype, "same_kind"):
        raise refusal(
            function,
            f"the {what} of `{text}` is of type {made.dtype}, and `{text}` of {dtype}",
            _rule(what, "has the type"),
        )
    if is_array(value):
        return made.astype(dtype, copy=False)
    if isinstance(value, np.inexact):
        return made.astype(dtype)[()]
    return complex(made) if dtype.kind == "c" else float(made)


_SUBJECT = {"tangent": ("a tangent", "primal"), "adjoint": ("an adjoint", "value")}


def _rule(what: str, claim: str) -> str:
    subject, other = _SUBJECT[what]
    return f"{subject} {claim} {'as' if claim == 'is shaped' else 'of'} its {other}"
