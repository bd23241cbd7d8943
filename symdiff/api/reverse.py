"""`vjp`: a function's value, and what pulls adjoints of it back to its arguments."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from symdiff.api.applied import Applied, fitting, opened
from symdiff.api.argnums import Goal, describe, refusal
from symdiff.entries import holds_floats
from symdiff.signature import is_static, scalar_kind

__all__ = ["Pull", "Pullback", "pull_back"]


def pull_back(
    function: Callable[..., Any], primals: Sequence[Any], has_aux: bool
) -> tuple[Any, ...]:
    """See `symdiff.vjp`."""
    primal, bound = opened(function, len(primals))
    first = len(bound)
    by = [k for k, value in enumerate(primals) if holds_floats(value)]
    if not by:  # what is called with integers alone means numbers by them
        by = [k for k, value in enumerate(primals) if _is_number(value)]
    if not by:
        message = f"no argument of {describe(primal)} is a float or holds floats"
        raise refusal(primal, message, "give floats and float arrays")
    goal = Goal("vjp", tuple(first + k for k in by), False, has_aux)
    pull = Pull(primal, goal, (*bound, *primals), {})
    pullback = Pullback(pull, by, len(primals))
    return (pull.value, pullback, pull.aux) if has_aux else (pull.value, pullback)


def _is_number(value: Any) -> bool:
    return not is_static(value) and scalar_kind(type(value)) is not None


class Pull:
    """A function at some arguments: its value, and a call for the adjoints of them."""

    def __init__(
        self,
        primal: types.FunctionType,
        goal: Goal,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
    ) -> None:
        self.primal = primal
        self._pull = Applied(primal, goal, args, kwargs)
        self.primals = self._pull.primals
        result = self._pull.value()
        self.value: Any = result[0] if goal.has_aux else result
        self.aux: Any = result[1] if goal.has_aux else None

    def __call__(self, bar: Any) -> tuple[Any, ...]:
        """The adjoints of the primals, for that of the value."""
        found: tuple[Any, ...] = self._pull(bar)[1]
        return found


class Pullback:
    """Takes an adjoint of a function's value to those of its arguments, as a tuple.

    The adjoint has the structure, shapes and dtypes of the value, and those that are
    returned have those of the arguments; None stands for an argument that has none, such
    as an integer.

    Raises `DifferentiationError` if the adjoint does not fit the value.
    """

    def __init__(self, pull: Pull, by: Sequence[int], count: int) -> None:
        self._pull, self._by, self._count = pull, by, count

    def __call__(self, adjoint: Any) -> tuple[Any, ...]:
        pull = self._pull
        bar = fitting(pull.primal, "adjoint", "the result", pull.value, adjoint)
        bars = dict(zip(self._by, pull(bar), strict=True))
        return tuple(bars.get(k) for k in range(self._count))

    def __repr__(self) -> str:
        return f"<pullback of {describe(self._pull.primal).strip('`')}>"
