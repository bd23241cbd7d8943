"""Functions that call others whose derivative is declared."""

from __future__ import annotations

import math

import numpy as np

import symdiff
from golden import golden


@symdiff.rule("1 - out ** 2")
def squash(x):
    return math.tanh(x)


def polar_vjp(out_bar, out, x, y):
    (r_bar, t_bar), (r, _) = out_bar, out
    return (r * r_bar * x - t_bar * y) / r**2, (r * r_bar * y + t_bar * x) / r**2


def polar_jvp(dots, out, x, y):
    r, _ = out
    x_dot, y_dot = dots
    return (x * x_dot + y * y_dot) / r, (x * y_dot - y * x_dot) / r**2


@symdiff.rule(vjp=polar_vjp, jvp=polar_jvp)
def polar(x, y):
    return math.hypot(x, y), math.atan2(y, x)


def solve_vjp(out_bar, out, a, b):
    b_bar = np.linalg.solve(a.T, out_bar)
    return -np.outer(b_bar, out), b_bar


@symdiff.rule(vjp=solve_vjp)
def solve(a, b):
    return np.linalg.solve(a, b)


@golden(0.3, 1.2)
def squashed_twice(x, w):
    h = squash(w * x)
    return squash(w * h) + h * x


@golden(1.7, 0.6, 4, argnums=("x", "y"), forward=True)
def spiral(x, y, n):
    total = 0.0
    for _ in range(n):
        r, t = polar(x, y)
        total += r * t
        x, y = 0.9 * x - 0.1 * y, 0.1 * x + 0.9 * y
    return total


@golden(np.array([[4.0, 1.0], [0.5, 3.0]]), np.array([1.0, 2.0]), argnums=("a", "b"))
def refined(a, b):
    x = solve(a, b)
    residual = b - a @ x
    return np.sum((x + solve(a, residual)) ** 2)
