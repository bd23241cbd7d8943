"""`jvp`: a function's value and its derivative in one direction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from symdiff.api.applied import Applied, fitting, has_tangent, opened, shown
from symdiff.api.argnums import Goal, describe, parameters, refusal

__all__ = ["push_forward"]


def push_forward(
    function: Callable[..., Any],
    primals: Sequence[Any],
    tangents: Sequence[Any],
    has_aux: bool,
) -> tuple[Any, ...]:
    """See `symdiff.jvp`."""
    primal, bound = opened(function, len(primals))
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
        if k < len(names) and not has_tangent(args[k]):
            what = shown(names[k], args[k])
            raise refusal(primal, f"{what} and has no tangent", "give None for it")
    push = Applied(primal, Goal("jvp", by, False, has_aux), args, {})
    rows = zip(push.primals.items(), by, strict=True)
    dots = [
        fitting(primal, "tangent", n, v, tangents[k - len(bound)]) for (n, v), k in rows
    ]
    result: tuple[Any, ...] = push(*dots)
    return result
