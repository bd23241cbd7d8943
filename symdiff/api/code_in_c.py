"""Gradients as C files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from symdiff.api.argnums import Argnums, Goal, refusal, resolve_argnums
from symdiff.api.arguments import bind
from symdiff.api.specialise import request_for, request_unbound
from symdiff.frontend.reading.source import plain_function
from symdiff.request import Mode, Request

__all__ = ["CCode", "c_code_of", "c_request"]


class CCode(NamedTuple):
    """The text of a C file, and of its header; the function's name is `name`."""

    source: str
    header: str
    name: str


def c_code_of(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    argnums: Argnums,
    value: bool,
) -> CCode:
    """See `symdiff.c_code`."""
    primal = plain_function(function)
    positions = resolve_argnums(primal, argnums)
    single = not isinstance(argnums, (tuple, list))
    mode: Mode = "value_and_grad" if value else "grad"
    goal = Goal(mode, positions, single, target="c", apart=None)
    if not args and not kwargs:
        return c_request(request_unbound(primal, goal))
    values = bind(primal, args, kwargs, primal.__name__)
    return c_request(request_for(primal, goal, values))


def c_request(request: Request) -> CCode:
    from symdiff.pipeline import build

    if request.mode not in ("grad", "value_and_grad") or request.has_aux:
        message = "only gradients of numbers are written in C"
        raise refusal(request.function, message, "leave out has_aux and other modes")
    text: Any = build(request).emitted
    return CCode(text.source, text.header, text.name)
