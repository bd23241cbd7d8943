"""The table of corpus cases: `@case(arguments...)` above a function adds its tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from corpus.trees import is_float, leaves

CASES: list[Case] = []


@dataclass(frozen=True)
class Case:
    """A function with the arguments at which its gradient is tested."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    argnums: tuple[int, ...]
    rtol: float
    atol: float
    step: float
    refused: str | None = None

    @property
    def name(self) -> str:
        module = self.function.__module__.rpartition(".")[2]
        return f"{module}.{self.function.__name__}"


def case(*args, argnums=None, rtol=1e-7, atol=1e-8, step=1e-4, refused=None):
    """Test the decorated function at these arguments; may be given several times.

    `refused` is a part of the message where the function is refused so far.
    """
    if argnums is None:
        argnums = tuple(k for k, a in enumerate(args) if differentiable(a))

    def register(function):
        CASES.append(Case(function, args, argnums, rtol, atol, step, refused))
        return function

    return register


def differentiable(value) -> bool:
    return any(is_float(leaf) for _, leaf in leaves(value))


def draw(*shape, seed=0, low=0.2, high=1.7, dtype=np.float64):
    """Numbers apart from each other and from zero, the same on every run."""
    drawn = np.random.default_rng(seed + 1000 * len(shape)).uniform(low, high, shape)
    return drawn.astype(dtype)
