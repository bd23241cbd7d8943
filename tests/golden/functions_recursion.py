"""Recursion that only the run ends."""

import math

from golden import golden

import numpy as np


@golden(1.3, 0.4, 5, forward=True)
def power_tower(x, y, n):
    if n == 0:
        return y
    return math.sin(x) ** power_tower(x * 0.9, y, n - 1)


@golden(np.array([0.3, -1.2, 2.0, 0.7, 1.1]), 0.8, argnums=("values", "x"), value=True)
def sum_of_halves(values, x):
    """A sum by halves; the adjoint of the array is added to in place."""

    def go(lo, hi):
        if hi - lo == 1:
            return math.sin(x * values[lo])
        mid = (lo + hi) // 2
        return go(lo, mid) * math.cos(x) + go(mid, hi)

    return go(0, len(values))


def even(x, n):
    return x if n == 0 else odd(math.sin(x), n - 1)


def odd(x, n):
    return -x if n == 0 else even(x * x, n - 1) + 1


@golden(0.7, 5)
def even_and_odd(x, n):
    return even(x, n)
