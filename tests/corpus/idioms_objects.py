"""Classes, dataclasses and named tuples as carriers of numbers."""

from __future__ import annotations

from enum import Enum

from corpus.registry import case


class Method(Enum):
    EULER = 1
    HEUN = 2


@case(1.3, Method.EULER)
@case(1.3, Method.HEUN)
def enum_option(x, method):
    y = x - 0.1 * x * x
    if method is Method.EULER:
        return y
    if method == Method.HEUN:
        return x - 0.05 * (x * x + y * y)
    raise ValueError(method)
