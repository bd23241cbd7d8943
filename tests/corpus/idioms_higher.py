"""Functions of functions: callbacks, partial, map, recursion, generators, decorators."""

from __future__ import annotations

import functools
import math

import numpy as np

from corpus.registry import case


def newton(f, derivative, x, tolerance=1e-12):
    for _ in range(50):
        step = f(x) / derivative(x)
        x = x - step
        if abs(step) < tolerance:
            return x
    raise ArithmeticError("no convergence")


@case(1.3, 0.4)
def callbacks(x, y):
    return newton(lambda z: z**3 - x, lambda z: 3 * z**2, 1.0) * y


def trapezoid(f, a, b, n=8):
    h = (b - a) / n
    return h * (0.5 * f(a) + 0.5 * f(b) + sum(f(a + k * h) for k in range(1, n)))


@case(1.3, 0.4)
def quadrature(x, y):
    return trapezoid(lambda t: math.exp(-y * t * t), 0.0, x)


@case(1.3, 0.4)
def table_of_functions(x, y):
    table = {"sin": math.sin, "exp": math.exp, "square": lambda z: z * z}
    return table["sin"](x) + table["square"](y)


@case(1.3, 0.4)
def loop_over_functions(x, y):
    s = 0.0
    for f in (math.sin, math.cos, math.tanh):
        s += f(x) * y
    return s


@case(1.3, 5)
def recursion_of_a_known_depth(x, n):
    def power(z, k):
        if k == 0:
            return 1.0
        return z * power(z, k - 1)

    return power(x, n)


def recursive_power(x, n):
    if n == 0:
        return 1.0
    if n % 2 == 0:
        half = recursive_power(x, n // 2)
        return half * half
    return x * recursive_power(x, n - 1)


@case(1.3, 11)
def recursion_by_halving(x, n):
    return recursive_power(x, n)


def simpson(f, a, b, tolerance, depth=2):
    def rule(lo, hi):
        return (hi - lo) / 6 * (f(lo) + 4 * f((lo + hi) / 2) + f(hi))

    middle = (a + b) / 2
    whole, left, right = rule(a, b), rule(a, middle), rule(middle, b)
    if depth == 0 or abs(left + right - whole) < 15 * tolerance:
        return left + right + (left + right - whole) / 15
    return simpson(f, a, middle, tolerance / 2, depth - 1) + simpson(
        f, middle, b, tolerance / 2, depth - 1
    )


@case(1.3, 0.4, atol=1e-6, rtol=1e-5)
def adaptive_simpson(x, y):
    return simpson(lambda t: math.exp(-y * t) * math.sin(x * t), 0.0, 2.0, 1e-4)


def is_even_step(x, n):
    return x if n == 0 else is_odd_step(x * 1.1, n - 1) + 0.1


def is_odd_step(x, n):
    return -x if n == 0 else is_even_step(math.sin(x), n - 1) * 2.0


@case(1.3, 5)
def mutual_recursion(x, n):
    return is_even_step(x, n)


@case(1.3)
def recursion_on_an_active_value(x):
    def reduced(z):
        if z < 0.1:
            return z
        return z * reduced(z / 2)

    return reduced(x)


@case(1.3, 0.4)
def recursion_on_a_tree(x, y):
    tree = ("add", ("mul", "x", "y"), ("sin", "x"))

    def evaluate(node):
        if node == "x":
            return x
        if node == "y":
            return y
        if node[0] == "sin":
            return math.sin(evaluate(node[1]))
        left, right = evaluate(node[1]), evaluate(node[2])
        return left + right if node[0] == "add" else left * right

    return evaluate(tree)


def scaled_by(factor):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(x):
            return factor * function(x)

        return wrapper

    return decorate


@scaled_by(3.0)
def tripled_sine(x):
    return math.sin(x)


@case(1.3)
def decorator_with_an_argument(x):
    return tripled_sine(x) * x


@case(2.0, 3)
def functions_that_read_the_last_of_a_comprehension(x, n):
    k = 5.0
    powers = [lambda v: v**k for k in range(4)]
    scaled = {j: (lambda v: v * k * j) for j in (1, 2)}
    total = sum(power(x) for power in powers) * k
    for i in range(n):
        total += powers[0](x) * i
    return total + sum(scaled[k](x * k) for k in (1, 2))


@case(2.0, 3)
@case(2.0, np.int64(3))
def comprehensions_do_not_change_what_functions_read(x, n):
    k = 5.0

    def scaled(v):
        return (lambda w: w * k)(v)

    def raised(v):
        nonlocal k
        k = k + v
        return v * k

    total = sum(scaled(x * k) for k in range(n))
    total += sum([raised(x) * k for k in range(3)])
    return total + sum(map(scaled, [k * x for k in (1, 2)])) + k
