"""Functions whose derivative is declared, and is that of what they compute."""

from __future__ import annotations

import math

import numpy as np
from corpus.registry import case

import symdiff


@symdiff.rule("1 - out ** 2")
def squash(x):
    return np.tanh(x) if isinstance(x, np.ndarray) else math.tanh(x)


@symdiff.rule("cos(x) * y", "sin(x)")
def wave(x, y=2.0):
    return np.sin(x) * y


@symdiff.rule(sympy="exp(-(x - m)**2 / (2*s**2)) / s")
def bell(x, m=0.0, *, s=1.0):
    return math.exp(-((x - m) ** 2) / (2 * s * s)) / s


def product_vjp(out_bar, out, a, b):
    return out_bar * b, out_bar * a


def product_jvp(dots, out, a, b):
    return dots[0] * b + a * dots[1]


@symdiff.rule(vjp=product_vjp, jvp=product_jvp)
def product(a, b):
    return a * b


def polar_vjp(out_bar, out, x, y):
    (r_bar, t_bar), (r, _) = out_bar, out
    return r_bar * x / r - t_bar * y / r**2, r_bar * y / r + t_bar * x / r**2


def polar_jvp(dots, out, x, y):
    r = out[0]
    return (x * dots[0] + y * dots[1]) / r, (x * dots[1] - y * dots[0]) / r**2


@symdiff.rule(vjp=polar_vjp, jvp=polar_jvp)
def polar(x, y):
    return math.hypot(x, y), math.atan2(y, x)


def solve_vjp(out_bar, out, a, b):
    b_bar = np.linalg.solve(a.T, out_bar)
    return -np.outer(b_bar, out), b_bar


def solve_jvp(dots, out, a, b):
    return np.linalg.solve(a, dots[1] - dots[0] @ out)


@symdiff.rule(vjp=solve_vjp, jvp=solve_jvp)
def solve(a, b):
    return np.linalg.solve(a, b)


@symdiff.rule("-1")
def opposite(x):
    return -x


class Spring:
    def __init__(self, stiffness):
        self.stiffness = stiffness

    @staticmethod
    @symdiff.rule("2 * x")
    def square(x):
        return x * x

    def energy(self, x):
        return self.stiffness * self.square(x) / 2


SPRING = Spring(3.0)


@case(0.4)
def declared_by_a_partial(x):
    return x * squash(x * x)


@case(np.array([0.3, -0.7, 1.1]))
def declared_by_a_partial_of_an_array(x):
    return np.sum(squash(x) * x)


@case(np.array([[0.3], [-0.7]]), np.array([1.0, 2.0, 0.5]))
def declared_and_broadcast(x, y):
    return np.sum(wave(x, y) * wave(y))


@case(0.4, 0.7)
def declared_by_an_expression(x, s):
    return bell(x, s=0.8) + bell(2 * x, x) + bell(x, m=s * x)


@case(1.3, 4)
def declared_in_a_loop(x, n):
    s = x
    for k in range(n):
        s = product(s, s + k) if s < 3 else squash(s)
    return s


@case(1.7, 0.6)
def declared_with_two_results(x, y):
    total = 0.0
    for _ in range(3):
        r, t = polar(x, y)
        x, y = r * math.cos(2 * t), t
        total += r * t
    return total


@case(1.7, 0.6)
def declared_of_which_one_result_is_used(x, y):
    _, t = polar(x, y)
    return t * x


@case(np.array([[4.0, 1.0], [0.5, 3.0]]), np.array([1.0, 2.0]))
def declared_by_functions_of_arrays(a, b):
    u = solve(a, b)
    v = solve(a.T, u * b)
    return np.sum(v**2) + u[0]


@case(1.3)
def declared_with_one_argument_twice(x):
    y = x * x
    return product(y, y) + product(x, y)


@case(np.array([0.3, -0.7, 1.1]))
def declared_and_then_written_into(x):
    y = opposite(x * x)
    y[1] = 2.0
    return np.sum(y * x)


@case(np.array([0.3, -0.7, 1.1]))
def declared_of_items(x):
    y = np.zeros(3)
    for i in range(3):
        y[i] = product(x[i], squash(x[(i + 1) % 3]))
    return y.sum()


@case(1.4)
def declared_as_a_method(x):
    return SPRING.energy(x) + Spring(x).energy(2.0)


@case(1.4, 3)
def declared_and_called_by_recursion(x, n):
    return x if n == 0 else product(declared_and_called_by_recursion(x, n - 1), x)


INNER = 3.0
named_in_a_lambda = case(0.9)(lambda x: (INNER := x * x) + (INNER * x if x > 0 else INNER))


@case(0.9)
def declared_and_handed_to_map(x):
    return sum(map(product, [x, 2.0, x], [1.0, x, x]))


@case(0.9)
def declared_in_a_comprehension(x):
    return sum(product(x, float(k)) for k in range(4))
