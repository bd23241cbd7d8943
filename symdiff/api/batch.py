"""Functions of numbers and their derivatives, applied to arrays entry by entry."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import numpy as np

from symdiff.api.argnums import Goal, parameters, refusal
from symdiff.api.arguments import bind
from symdiff.api.gradient import Gradient
from symdiff.api.specialise import Specialised, make, request_for
from symdiff.forms import argument_key
from symdiff.frontend.reading.calling import caller_with, takes_any_number
from symdiff.frontend.reading.source import named, unbound
from symdiff.records import replace
from symdiff.signature import is_array

__all__ = ["Batched"]


class Batched:
    """A function of numbers, or its gradient, called with arrays in place of numbers."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.__wrapped__ = function
        self._made: dict[Any, Specialised] = {}
        self._latest: Specialised | None = None
        self.__name__ = f"{named(getattr(function, '__name__', 'f'))}_batched"
        self.__doc__ = f"{self.__name__.removesuffix('_batched')}, entry by entry."

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        primal, goal, bound = self._goal(args, kwargs)
        values = bind(primal, (*bound, *args), kwargs, self.__name__)
        arrays = {n: v for n, v in values.items() if is_array(v)}
        for name, array in arrays.items():
            if array.dtype.kind != "f":
                message = f"`{name}` is an array of {array.dtype}"
                raise refusal(primal, message, f"pass floats: {name}.astype(float)", name)
        shape = np.broadcast_shapes(*(v.shape for v in arrays.values()))
        values |= {n: np.broadcast_to(v, shape) for n, v in arrays.items()}
        self._latest = found = self._find(primal, goal, values, arrays, len(shape))
        names, count = parameters(primal), primal.__code__.co_argcount
        placed = [values[n] for n in names[:count]]
        try:
            result = found.run(*placed, **{n: values[n] for n in names[count:]})
        except BaseException as error:
            found.note(error)
            raise
        dtype = np.result_type(*arrays.values()) if arrays else np.dtype(float)
        return _spread(result, shape, dtype)

    def _goal(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[types.FunctionType, Goal, tuple[Any, ...]]:
        function = self.__wrapped__
        if isinstance(function, Gradient):
            return function.primal, function.goal._replace(apart=None), function.bound
        primal, bound = unbound(function)
        if takes_any_number(primal):
            primal, bound = caller_with(function, len(args), tuple(kwargs)), ()
        return primal, Goal("primal", (), False, apart=None), bound

    def _find(
        self,
        primal: types.FunctionType,
        goal: Goal,
        values: dict[str, Any],
        arrays: dict[str, Any],
        ndim: int,
    ) -> Specialised:
        by = {parameters(primal)[k] for k in goal.argnums or ()}
        batch = tuple((n, v.dtype.name) for n, v in arrays.items())
        numbers = {n: 1.0 if n in arrays else v for n, v in values.items()}
        keys = tuple(argument_key(v, n in by, goal.is_exact) for n, v in numbers.items())
        found = self._made.get((batch, ndim, keys))
        if found is None or not found.holds():
            request = request_for(primal, goal, numbers)
            found = make(replace(request, batch=(batch, ndim)))
            self._made[batch, ndim, keys] = found
        return found

    @property
    def source(self) -> str:
        """The generated code of the last call."""
        if self._latest is None:
            raise ValueError("call it first: the code is made for the arguments")
        return self._latest.source

    def __repr__(self) -> str:
        return f"<{self.__name__} of {self.__wrapped__!r}>"


def _spread(result: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """The results as arrays of the dtype, also what is the same for all entries."""
    if isinstance(result, tuple) and hasattr(result, "_fields"):
        return type(result)(*(_spread(v, shape, dtype) for v in result))
    if isinstance(result, (tuple, list)):
        return type(result)(_spread(v, shape, dtype) for v in result)
    if isinstance(result, dict):
        return {k: _spread(v, shape, dtype) for k, v in result.items()}
    if isinstance(result, (int, float, np.generic)) and shape:
        result = np.full(shape, result)
    if is_array(result) and result.dtype.kind == "f":
        given = not result.flags.writeable  # an argument itself
        return result.astype(dtype, copy=given)
    return result
