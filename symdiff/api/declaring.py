"""Declaring derivatives, and looking up those that there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from symdiff.api.catalogue import Primitive

__all__ = ["implicit", "nondifferentiable", "primitives", "rule", "rule_of"]

_F = TypeVar("_F", bound=Callable[..., Any])


def rule(
    function: Any = None,
    *partials: str | None,
    vjp: Callable[..., Any] | None = None,
    jvp: Callable[..., Any] | None = None,
    sympy: Any = None,
    args: str | None = None,
    returns: str | None = None,
) -> Any:
    """Declare the derivative of a function: of your own, a built-in or compiled one.

    The function is from then on called by generated code, whatever its text. It must
    leave its arguments alone and return the same for the same arguments. Declare rules
    where the function is defined, before it is differentiated.

    partials: one text per parameter, in the names of the parameters, `out` for the
        result, numbers, operators, `a if c else b` and the functions of math and NumPy;
        they hold for numbers, and element by element for arrays. None where nothing is
        known.
    sympy: instead, what the function computes, as an expression of SymPy or as text.
    vjp: instead, a function for reverse mode. `vjp(out_bar, out, *args)` returns a tuple
        with the adjoint of each argument; None for what is no float or array of floats.
        If the function returns a tuple, then `out_bar` and `out` are tuples.
    jvp: one for forward mode. `jvp(dots, out, *args)` gets a tuple with the tangent of
        each argument and returns that of the result.
    args: the names of the parameters, for compiled functions that do not tell.
    returns: what the function returns where its text does not show it: "float",
        "float64[:,:]", "float, float64[:]" for several results, or the name of the
        parameter that the result is like.

    Also a decorator: `@symdiff.rule("1 + out ** 2")`. The function is returned as it is.

    >>> import math
    >>> @rule("-x * out")
    ... def bell(x):
    ...     return math.exp(-x * x / 2)
    >>> import symdiff
    >>> symdiff.grad(bell)(1.0) == -bell(1.0)
    True

    Raises `DifferentiationError` for a rule that does not fit the function.
    """
    from symdiff.api.rules import declare

    def declared(function: _F) -> _F:
        declare(
            function, partials, vjp=vjp, jvp=jvp, sympy=sympy, args=args, returns=returns
        )  # fmt: skip
        return function

    if function is None or isinstance(function, str):
        partials = partials if function is None else (function, *partials)
        return declared
    return declared(function)


def nondifferentiable(function: _F) -> _F:
    """Declare that no derivative is missed where a function is called: it is run as it
    is, and its result is a constant. Also a decorator."""
    from symdiff.api.rules import declare_constant

    declare_constant(function)
    return function


def rule_of(function: Callable[..., Any]) -> Primitive:
    """The rule of a function that has a derivative of its own: its partials, and its
    `vjp` and `jvp` to be called.

    >>> import numpy as np
    >>> rule_of(np.tanh).partials
    ('1 - out ** 2',)

    Raises `DifferentiationError` where there is none.
    """
    from symdiff.api.catalogue import primitive_of

    return primitive_of(function)


def primitives(pattern: str = "*") -> list[Primitive]:
    """All rules of operations that are called by a name like the pattern, such as
    `np.*sin*`: those that are built in, then those that were declared."""
    from symdiff.api import catalogue

    return catalogue.primitives(pattern)


def implicit(
    solver: Any = None,
    residual: Callable[..., Any] | None = None,
    *,
    fixed_point: Callable[..., Any] | None = None,
    returns: str | None = None,
) -> Any:
    """Declare what a solver finds: its derivative is that of the solution, however the
    solver gets there.

    residual: `residual(x, *args)` is zero where `x = solver(*args)`, a number or an
        array of its shape.
    fixed_point: instead, `fixed_point(x, *args)` is x there.
    returns: as for `rule`, where the text of the solver cannot be followed.

    Also a decorator: `@symdiff.implicit(residual=r)`. Both modes solve a linear system with
    the Jacobian of the residual in x, which symdiff derives from its text.

    >>> def bisect(a, low=0.0, high=10.0):
    ...     for _ in range(60):
    ...         mid = (low + high) / 2
    ...         low, high = (mid, high) if mid * mid < a else (low, mid)
    ...     return low
    >>> root = implicit(bisect, lambda x, a, low, high: x * x - a)
    >>> import symdiff
    >>> round(symdiff.grad(root)(9.0), 9)
    0.166666667
    """
    from symdiff.api.implicit import declare_implicit
    from symdiff.errors import Diagnostic, DifferentiationError

    if (residual is None) == (fixed_point is None):
        message = "implicit needs either a residual or a fixed point"
        help = "symdiff.implicit(solver, residual) or implicit(solver, fixed_point=g)"
        raise DifferentiationError(Diagnostic(message, help=help))

    def declared(solver: _F) -> _F:
        declare_implicit(solver, residual, fixed_point, returns)
        return solver

    return declared if solver is None else declared(solver)
