"""Jacobians in terms of `jvp` and `vjp`, for programs that ask for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from symdiff.derivation import operator

__all__ = ["by_columns", "by_rows"]


@operator
def jvp(function: Any, primals: Any, tangents: Any) -> Any:
    """Stands for `symdiff.jvp`."""


@operator
def vjp(function: Any, *primals: Any) -> Any:
    """Stands for `symdiff.vjp`."""


def _check_real(x: Any, value: Any) -> None:
    if np.iscomplexobj(x) or np.iscomplexobj(value):
        raise NotImplementedError("a Jacobian of complex numbers in what is differentiated")


def by_columns(function: Callable[..., Any], place: int, args: Sequence[Any]) -> Any:
    """The Jacobian by one argument, a number or an array: see `symdiff.jacfwd`."""
    x = args[place]

    def at(y: Any) -> Any:
        return function(*args[:place], y, *args[place + 1 :])

    if not isinstance(x, np.ndarray):
        return jvp(at, (x,), (1.0,))[1]
    value = at(x)
    _check_real(x, value)
    found = np.zeros((*np.shape(value), x.size))
    for k in range(x.size):
        seed = np.zeros(x.size)
        seed[k] = 1.0
        found[..., k] = jvp(at, (x,), (seed.reshape(x.shape),))[1]
    return found.reshape((*np.shape(value), *x.shape))


def by_rows(function: Callable[..., Any], place: int, args: Sequence[Any]) -> Any:
    """The Jacobian by one argument, of a number or an array: see `symdiff.jacrev`."""
    x = args[place]

    def at(y: Any) -> Any:
        return function(*args[:place], y, *args[place + 1 :])

    value, pullback = vjp(at, x)
    _check_real(x, value)
    if not isinstance(value, np.ndarray):
        return pullback(1.0)[0]
    found = np.zeros((value.size, *np.shape(x)))
    for k in range(value.size):
        seed = np.zeros(value.size)
        seed[k] = 1.0
        found[k] = pullback(seed.reshape(value.shape))[0]
    return found.reshape((*value.shape, *np.shape(x)))
