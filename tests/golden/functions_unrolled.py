"""Loops that are written out."""

import math

import numpy as np

from golden import golden


@golden(1.0, 0.25, 3, argnums=("x", "c"), value=True, unroll=True)
def added_three_times(x, c, n):
    for _ in range(n):
        x = x + c
    return x


@golden(0.9, 0.1, 3, argnums=("x", "c"), unroll=True)
def sines_written_out(x, c, n):
    for i in range(n):
        x = x * math.sin(x) + c
    return x


@golden(np.array([0.5, 1.5, -0.3]), unroll=True)
def while_written_out(u):
    total, k = 0.0, 0
    while k < len(u):
        total = (total + u[k]) * u[k - 1]
        k += 1
    return total


@golden([0.5, 1.5, 0.7], 2, argnums="xs", unroll=True)
def layers_written_out(xs, depth):
    for _ in range(depth):
        xs = [math.tanh(a * b) for a, b in zip(xs, xs[1:] + xs[:1])]
    return sum(xs)


@golden(1.2, 3, unroll=True)
def left_early(x, n):
    for k in range(n):
        if x > 4:
            break
        x = x * x + k
    return x


@golden(np.array([[2.0, 0.5], [0.3, 1.5]]), unroll=True)
def determinant_by_elimination(a):
    a = a.copy()
    n = len(a)
    product = 1.0
    for k in range(n):
        product *= a[k, k]
        for i in range(k + 1, n):
            a[i] -= a[i, k] / a[k, k] * a[k]
    return product
