"""Derivatives of what a solver finds, by the implicit function theorem.

From r(x(a), a) = 0 follows r_x dx + r_a da = 0, however x was found: one linear system
with the Jacobian r_x, or with its transpose in reverse mode.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symdiff.api import jacfwd, jvp as push_forward, vjp as pull_back
from symdiff.api.rules import declare

__all__ = ["declare_implicit"]


def declare_implicit(
    solver: Callable[..., Any],
    residual: Callable[..., Any] | None,
    fixed_point: Callable[..., Any] | None,
    returns: str | None,
) -> None:
    """See `symdiff.implicit`."""
    if residual is None:
        assert fixed_point is not None
        residual = _difference(fixed_point)
    jacobian = jacfwd(residual)

    def vjp(out_bar: Any, out: Any, *args: Any) -> tuple[Any, ...]:
        weights = _solved(jacobian(out, *args), out_bar, transposed=True)
        _, pull = pull_back(residual, out, *args)
        found: tuple[Any, ...] = pull(-weights)
        return found[1:]

    def jvp(dots: tuple[Any, ...], out: Any, *args: Any) -> Any:
        _, moved = push_forward(residual, (out, *args), (None, *dots))
        return -_solved(jacobian(out, *args), moved, transposed=False)

    name = getattr(solver, "__name__", "solver")
    vjp.__name__, jvp.__name__ = f"{name}_vjp", f"{name}_jvp"
    declare(solver, (), vjp=vjp, jvp=jvp, sympy=None, args=None, returns=returns)


def _difference(step: Callable[..., Any]) -> Callable[..., Any]:
    """The residual of a fixed point."""

    def residual(x: Any, *args: Any) -> Any:
        return x - step(x, *args)

    return residual


def _solved(jacobian: Any, value: Any, transposed: bool) -> Any:
    """The solution of a linear system with the Jacobian of the residuals."""
    import numpy as np

    if not isinstance(value, np.ndarray):
        return value / jacobian
    matrix = np.reshape(jacobian, (value.size, -1))
    found = np.linalg.solve(matrix.T if transposed else matrix, value.ravel())
    return found.reshape(value.shape)
