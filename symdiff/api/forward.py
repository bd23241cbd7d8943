"""`jvp`: a function's value and its derivative in one direction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from symdiff.api.argnums import Goal, describe, parameters, refusal
from symdiff.frontend.calling import caller_with, takes_any_number
from symdiff.frontend.source import named, unbound
from symdiff.signature import as_float

__all__ = ["push_forward"]


def push_forward(
    function: Callable[..., Any],
    primals: Sequence[Any],
    tangents: Sequence[Any],
    has_aux: bool,
) -> tuple[Any, ...]:
    """See `symdiff.jvp`."""
    from symdiff.api.specialise import find

    primal, bound = unbound(function)
    if takes_any_number(primal):
        primal, bound = caller_with(function, len(primals), ()), ()
    if len(primals) != len(tangents):
        raise refusal(
            primal,
            f"{describe(primal)} gets {len(primals)} primals and {len(tangents)} tangents",
            "give a tangent for each, None for what is held fixed",
        )
    first = len(bound)
    by = tuple(k + first for k, dot in enumerate(tangents) if dot is not None)
    if not by:
        raise refusal(primal, "every tangent is None", "give one for a parameter at least")
    args = [*bound, *primals]
    names = parameters(primal)
    dots = {}
    for k in by:
        args[k] = as_float(args[k])
        name = names[k]
        dots[f"{name}_dot"] = _fitting(primal, name, args[k], tangents[k - first])
    goal = Goal("jvp", by, False, has_aux)
    found = find(primal, goal, tuple(args), {}, f"{named(primal.__name__)}_jvp")
    result: tuple[Any, ...] = found.run(*args, **dots)
    return result


def _fitting(function: Any, name: str, value: Any, dot: Any) -> Any:
    """The tangent in the kind of its primal; it must have its shape and structure."""
    import numpy as np

    from symdiff.structures import argument_key

    dot = as_float(dot)
    if isinstance(value, np.ndarray):
        made = np.asarray(dot, dtype=value.dtype)
        if made.shape == value.shape:
            return made
        raise refusal(
            function,
            f"the tangent of `{name}` has shape {made.shape}, `{name}` has {value.shape}",
            "a tangent is shaped as its primal",
        )
    if isinstance(value, float):
        return float(dot)
    if argument_key(value, True) != argument_key(dot, True):
        raise refusal(
            function,
            f"the tangent of `{name}` is not built as `{name}` is",
            "a tangent has the structure of its primal",
        )
    return dot
