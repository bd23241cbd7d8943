"""A function at each stage of the way to its gradient's code."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

from symdiff.api.argnums import Argnums, Goal, parameters, resolve_argnums
from symdiff.api.arguments import bind
from symdiff.api.gradient import Gradient
from symdiff.api.guarded import guarded
from symdiff.api.specialise import request_for, request_unbound
from symdiff.errors import DifferentiationError
from symdiff.frontend.reading.calling import caller_with, takes_any_number
from symdiff.frontend.reading.source import unbound
from symdiff.request import Mode, Request

__all__ = ["STAGES", "listing", "requests_of"]

STAGES = ("ssa", "active", "adjoint", "optimised", "source")


def requests_of(
    function: Callable[..., Any],
    name: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    argnums: Argnums,
    has_aux: bool = False,
    mode: Mode = "grad",
    unroll: bool = False,
    indicators: bool = False,
) -> tuple[Request, ...]:
    """The requests for a stage, each for where those before it are refused, with the
    kinds of the arguments if there are any."""
    if isinstance(function, Gradient) and mode == "grad":
        argnums, has_aux = function.argnums, function.options.has_aux
        unroll, indicators = function.options.unroll, function.options.indicators
        function = function.__wrapped__
    if name not in STAGES:
        raise ValueError(f"no stage {name!r}; there are {', '.join(STAGES)}")
    primal, bound = unbound(function)
    if takes_any_number(primal):
        primal, bound = caller_with(function, len(args), tuple(kwargs)), ()
    names = parameters(primal)[len(bound) :]
    positions = resolve_argnums(primal, argnums, len(bound)) if names else ()
    single = not isinstance(argnums, (tuple, list))
    goal = Goal(
        "primal" if name == "ssa" else mode, positions, single, has_aux,
        unroll or mode == "jacobian", indicators=indicators,
    )  # fmt: skip
    if not args and not kwargs:
        return (request_unbound(primal, goal, bound=bound),)
    values = bind(primal, (*bound, *args), kwargs, primal.__name__)
    return tuple(request_for(primal, each, values) for each in goal.looks())


def listing(requests: Sequence[Request], name: str) -> str:
    """One stage of the first request that is not refused, as text."""
    from symdiff.pipeline import build

    request, *closer = requests
    try:
        built = build(request)
    except DifferentiationError:
        for request in closer:
            with contextlib.suppress(DifferentiationError):
                built = build(request)
                break
        else:
            raise
    if name == "source":
        return guarded(built.emitted.source, built.emitted.name, request)
    text: str = built.stages[name]
    return text
