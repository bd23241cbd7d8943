"""The functions that users call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, overload

from symdiff.api.arguments import Argnums, bind, parameters, resolve_argnums
from symdiff.api.gradient import Gradient
from symdiff.api.specialise import request_for, request_unbound
from symdiff.frontend.source import plain_function
from symdiff.request import Mode, Request

__all__ = ["STAGES", "Gradient", "grad", "listing", "source", "stage", "value_and_grad"]

STAGES = ("ssa", "active", "adjoint", "optimised", "source")

_Primal = Callable[..., Any]


@overload
def grad(function: _Primal, argnums: Argnums = 0) -> Gradient: ...
@overload
def grad(function: None = None, argnums: Argnums = 0) -> Callable[[_Primal], Gradient]: ...
def grad(
    function: _Primal | None = None, argnums: Argnums = 0
) -> Gradient | Callable[[_Primal], Gradient]:
    """The gradient of a function that returns one number.

    argnums: which parameters to differentiate by, as positions or names. One gives its
        gradient; a tuple gives a tuple of gradients. Each has the shape and dtype of
        its argument; integers are taken as floats.

    Also a decorator: `@grad`, `@grad(argnums=("x", "c"))`.
    """
    return _derivative(function, argnums, "grad")


@overload
def value_and_grad(function: _Primal, argnums: Argnums = 0) -> Gradient: ...
@overload
def value_and_grad(
    function: None = None, argnums: Argnums = 0
) -> Callable[[_Primal], Gradient]: ...
def value_and_grad(
    function: _Primal | None = None, argnums: Argnums = 0
) -> Gradient | Callable[[_Primal], Gradient]:
    """As `grad`, but the result is a pair: the function's value and its gradient."""
    return _derivative(function, argnums, "value_and_grad")


def _derivative(
    function: _Primal | None, argnums: Argnums, mode: Mode
) -> Gradient | Callable[[_Primal], Gradient]:
    if function is not None:
        return Gradient(function, argnums, mode)

    def decorate(function: _Primal) -> Gradient:
        return Gradient(function, argnums, mode)

    return decorate


def source(function: _Primal, *args: Any, argnums: Argnums = 0, **kwargs: Any) -> str:
    """The Python code of a function's gradient, for arguments like these.

    Without arguments, kinds are taken from annotations, defaults and uses.
    """
    gradient = function
    if not isinstance(gradient, Gradient):
        gradient = Gradient(function, argnums, "grad")
    if args or kwargs:
        gradient.specialize(*args, **kwargs)
    return gradient.source


def stage(
    function: _Primal, name: str, *args: Any, argnums: Argnums = 0, **kwargs: Any
) -> str:
    """The listing of one stage: "ssa", "active", "adjoint", "optimised" or "source".

    "ssa" is the function itself as the list of its equations, whether or not it can be
    differentiated. Without arguments, kinds are taken as for `source`.
    """
    if isinstance(function, Gradient):
        primal, argnums = function.primal, function.argnums
    else:
        primal = plain_function(function)
    if name not in STAGES:
        raise ValueError(f"no stage {name!r}; there are {', '.join(STAGES)}")
    mode: Mode = "primal" if name == "ssa" else "grad"
    positions = resolve_argnums(primal, argnums) if parameters(primal) else ()
    single = not isinstance(argnums, (tuple, list))
    if args or kwargs:
        values = bind(primal, args, kwargs, primal.__name__)
        request = request_for(primal, positions, single, mode, values)
    else:
        request = request_unbound(primal, positions, single, mode)
    return listing(request, name)


def listing(request: Request, name: str) -> str:
    """One stage of a request, as text."""
    from symdiff.pipeline import build

    built = build(request)
    text: str = built.emitted.source if name == "source" else built.stages[name]
    return text
