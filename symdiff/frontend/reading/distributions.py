"""Distributions of `scipy.stats`, and those frozen with arguments."""

from __future__ import annotations

import inspect
import sys
from functools import cache
from typing import Any

__all__ = [
    "is_distribution", "is_frozen", "method_op", "name_of",
    "parameters_of",
]  # fmt: skip


def is_distribution(value: Any) -> bool:
    """Whether it is `scipy.stats.norm` or another one, without arguments."""
    return "scipy.stats" in sys.modules and type(value) in _names()


@cache
def _names() -> dict[type, str]:
    """The name of each distribution by its class, of which a frozen one has another
    instance."""
    stats = sys.modules["scipy.stats"]
    bases = stats.rv_continuous, stats.rv_discrete, type(stats.dirichlet).__mro__[1]
    found = {}
    for name, value in vars(stats).items():
        if isinstance(value, bases):
            found[type(value)] = name
    return found


def method_op(method: Any) -> str | None:
    """The op of a method of a distribution, such as "scipy.stats.norm.logpdf"."""
    owner = getattr(method, "__self__", None)
    if owner is None or not is_distribution(owner):
        return None
    return f"scipy.stats.{name_of(owner)}.{method.__name__}"


def name_of(distribution: Any) -> str:
    """Its name in `scipy.stats`."""
    return str(getattr(distribution, "name", None) or _names()[type(distribution)])


def parameters_of(distribution: Any) -> list[str]:
    """What it is frozen with, in the order of the arguments."""
    stats = sys.modules["scipy.stats"]
    if isinstance(distribution, (stats.rv_continuous, stats.rv_discrete)):
        shapes = [s.strip() for s in (distribution.shapes or "").split(",") if s]
        scale = ["scale"] if isinstance(distribution, stats.rv_continuous) else []
        return [*shapes, "loc", *scale]
    return list(inspect.signature(distribution.__call__).parameters)


def is_frozen(value: Any) -> bool:
    """Whether it is a distribution frozen with arguments, such as `norm(0, 2)`."""
    if not type(value).__module__.startswith("scipy.stats."):
        return False
    return hasattr(value, "kwds") and is_distribution(getattr(value, "dist", None))
