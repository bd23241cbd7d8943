"""A function at each stage of the way to its gradient's code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symdiff.api.argnums import Argnums, Goal, parameters, resolve_argnums
from symdiff.api.arguments import bind
from symdiff.api.gradient import Gradient
from symdiff.api.specialise import request_for, request_unbound
from symdiff.frontend.source import plain_function
from symdiff.request import Request

__all__ = ["STAGES", "listing", "request_of"]

STAGES = ("ssa", "active", "adjoint", "optimised", "source")


def request_of(
    function: Callable[..., Any],
    name: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    argnums: Argnums,
    has_aux: bool = False,
) -> Request:
    """The request for a stage, with the kinds of the arguments if there are any."""
    if isinstance(function, Gradient):
        primal, argnums, has_aux = function.primal, function.argnums, function.has_aux
    else:
        primal = plain_function(function)
    if name not in STAGES:
        raise ValueError(f"no stage {name!r}; there are {', '.join(STAGES)}")
    positions = resolve_argnums(primal, argnums) if parameters(primal) else ()
    single = not isinstance(argnums, (tuple, list))
    goal = Goal("primal" if name == "ssa" else "grad", positions, single, has_aux)
    if not args and not kwargs:
        return request_unbound(primal, goal)
    return request_for(primal, goal, bind(primal, args, kwargs, primal.__name__))


def listing(request: Request, name: str) -> str:
    """One stage of a request, as text."""
    from symdiff.pipeline import build

    built = build(request)
    text: str = built.emitted.source if name == "source" else built.stages[name]
    return text
