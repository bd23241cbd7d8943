"""Gradients of the workloads by other tools, where these are installed."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks import functional
from benchmarks.workloads import Workload

__all__ = ["OTHERS"]

Call = Callable[[], Any]


def _installed(*names: str) -> bool:
    return all(importlib.util.find_spec(name) is not None for name in names)


def by_autograd(load: Workload) -> Call | None:
    if not _installed("autograd") or load.jacobian:
        return None  # autograd differentiates no lists of lists by a Jacobian
    import autograd
    import autograd.numpy as np

    gradient = autograd.grad(functional.of(load.name, np), load.argnums)
    return partial(gradient, *load.args)


def by_jax(load: Workload) -> Call | None:
    return _by_jax(load, jit=False)


def by_jax_jit(load: Workload) -> Call | None:
    return _by_jax(load, jit=True)


def _by_jax(load: Workload, jit: bool) -> Call | None:
    if not _installed("jax"):
        return None
    import jax

    jax.config.update("jax_enable_x64", True)

    def scan(step: Callable[..., Any], state: Any, rounds: Any) -> Any:
        length = rounds if isinstance(rounds, int) else None
        items = None if length is not None else rounds
        return jax.lax.scan(lambda s, x: (step(s, x), None), state, items, length=length)[0]

    function = functional.of(load.name, jax.numpy, scan if jit else functional.python_fold)
    differentiate = jax.jacrev if load.jacobian else jax.grad
    gradient = differentiate(function, load.argnums)
    if jit:
        whole = tuple(k for k, arg in enumerate(load.args) if isinstance(arg, int))
        gradient = jax.jit(gradient, static_argnums=whole)
    return lambda: jax.block_until_ready(gradient(*load.args))


def by_lambdify(load: Workload) -> Call | None:
    """SymPy's derivatives of a straight line of numbers, as `lambdify` writes them."""
    if not _installed("sympy") or load.name != "two_inputs":
        return None
    import sympy

    names = sympy.symbols("x y")
    math = {"sin": sympy.sin, "exp": sympy.exp, "log": sympy.log, "sqrt": sympy.sqrt,
            "tanh": sympy.tanh, "cos": sympy.cos, "arctan": sympy.atan}  # fmt: skip
    formula = functional.of(load.name, _Namespace(math))(*names)
    partials = [sympy.diff(formula, name) for name in names]
    return partial(sympy.lambdify(names, partials, "math", cse=True), *load.args)


class _Namespace:
    def __init__(self, names: dict[str, Any]) -> None:
        self.__dict__.update(names)


OTHERS: dict[str, Callable[[Workload], Call | None]] = {
    "autograd": by_autograd,
    "JAX": by_jax,
    "JAX jit": by_jax_jit,
    "lambdify": by_lambdify,
}
