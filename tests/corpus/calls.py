"""Helpers, defaults, keywords, lambdas, nested functions and closures."""

from __future__ import annotations

import math
from math import cos, sin

from corpus.registry import case

GAIN = 1.5


def square(x):
    return x * x


def affine(x, a=2.0, b=0.5):
    return a * x + b


def keyword_only(x, *, scale=1.0, shift):
    return x * scale + shift


def clipped(x, low=0.0, high=1.0):
    if x < low:
        return low
    if x > high:
        return high
    return x


def polar(x, y):
    return math.hypot(x, y), math.atan2(y, x)


def first_above(x, bound, n):
    for i in range(n):
        x = x * 1.5
        if x > bound:
            return x * i
    return 0.0


def level_three(x):
    return math.tanh(x) * GAIN


def level_two(x, k):
    return level_three(x * k) + square(x)


def level_one(x):
    return level_two(x, 2.0) * level_two(x + 1, k=0.5)


def factorial_like(x, n):
    if n == 0:
        return 1.0
    return x * factorial_like(x, n - 1)


def variadic(*values):
    total = 0.0
    for v in values:
        total += v * v
    return total


def rhs(state, a, b):
    u, v = state
    return a * u - b * u * v, b * u * v - v


def rk4(state, h, a, b):
    k1 = rhs(state, a, b)
    k2 = rhs((state[0] + h / 2 * k1[0], state[1] + h / 2 * k1[1]), a, b)
    k3 = rhs((state[0] + h / 2 * k2[0], state[1] + h / 2 * k2[1]), a, b)
    k4 = rhs((state[0] + h * k3[0], state[1] + h * k3[1]), a, b)
    u = state[0] + h / 6 * (k1[0] + 2 * k2[0] + 2 * k3[0] + k4[0])
    v = state[1] + h / 6 * (k1[1] + 2 * k2[1] + 2 * k3[1] + k4[1])
    return u, v


@case(0.4)
def simple_call(x):
    return square(x) + square(square(x))


@case(0.4, 1.3)
def defaults(x, a):
    return affine(x) + affine(x, a) + affine(x, b=a) + affine(a=x, x=a)


@case(0.4, 1.3)
def keyword_only_call(x, y):
    return keyword_only(x, shift=y) * keyword_only(y, shift=x, scale=x)


@case(0.4)
@case(-0.4)
@case(1.4)
def helper_with_returns(x):
    return clipped(x) * x + clipped(x, high=2.0, low=-1.0)


@case(0.4, 1.3)
def several_results(x, y):
    r, phi = polar(x, y)
    return r * phi + polar(y, x)[0]


@case(0.4)
def deep_calls(x):
    return level_one(x)


@case(0.4)
@case(4.0)
@case(0.001)
def helper_leaves_loop(x):
    return first_above(x, 2.0, 5) * x


@case(1.4)
def known_recursion(x):
    return factorial_like(x, 4)


@case(1.4, 0.3)
def star_parameter(x, y):
    return variadic(x, y, x * y)


@case(1.4, 0.3)
def star_argument(x, y):
    pair = (x, y)
    return variadic(*pair) + affine(*pair)


@case(1.4, 0.3)
def call_in_loop(x, y):
    for i in range(4):
        x = clipped(affine(x, y, 0.1), -1.0, 2.0 + i)
    return x


@case(1.1, 0.4, 0.7, 0.9)
def runge_kutta(u, v, a, b):
    state = (u, v)
    for _ in range(5):
        state = rk4(state, 0.1, a, b)
    return state[0] * state[1]


@case(1.4, 0.3)
def lambda_local(x, y):
    f = lambda t, k=2.0: t * t * k + y
    return f(x) + f(y, x)


@case(1.4, 0.3)
def lambda_passed(x, y):
    def apply(f, t):
        return f(f(t))

    return apply(lambda t: t * y, x)


@case(1.4, 0.3)
def nested_function(x, y):
    def inner(t):
        return t * t + y

    return inner(x) * inner(y)


@case(1.4, 0.3)
def nested_sees_later_value(x, y):
    k = x

    def inner(t):
        return t * k

    a = inner(y)
    k = y * y
    return a + inner(x)


@case(1.4, 0.3)
def nested_nonlocal(x, y):
    total = 0.0

    def add(t):
        nonlocal total
        total = total + t * t

    add(x)
    add(y)
    add(x * y)
    return total


@case(1.4, 0.3)
def nested_default_is_early(x, y):
    k = x

    def inner(t, k=k):
        return t * k

    k = y
    return inner(y) + k


@case(1.4, 0.3)
def function_factory(x, y):
    def scaled(k):
        def f(t):
            return k * t * t

        return f

    f, g = scaled(x), scaled(y)
    return f(y) + g(x) * f(x)


@case(1.4, 0.3)
def nested_in_loop(x, y):
    s = x
    for i in range(3):

        def step(t):
            return t * y + i

        s = step(s) + 0.1 * s * s
    return s


@case(1.4, 0.3)
def higher_order(x, y):
    def compose(f, g):
        return lambda t: f(g(t))

    return compose(square, math.sin)(x) + compose(math.cos, affine)(y)


@case(1.4, 0.3)
def functions_in_table(x, y):
    total = 0.0
    for f in (math.sin, square, affine):
        total += f(x) * y
    return total


@case(1.4, 0.3)
def imported_names(x, y):
    return sin(x) * cos(y)


@case(1.4, 0.3)
def local_import(x, y):
    import math as m

    return m.exp(x * y)


@case(1.4, 0.3)
@case(0.1, 0.3)
def recursion_over_branches(x, y):
    def pick(a, b):
        return a if a > b else b * 2

    return pick(x, y) * pick(y, x)


def make_closed_over(k, table):
    @case(0.7, 1.2)
    def closed_over(x, y):
        total = x
        for c in table:
            total = total * y + c * k
        return total

    return closed_over


make_closed_over(1.7, (1.0, -2.0, 0.5))

double_sine = lambda x: 2 * math.sin(x)
case(0.7)(double_sine)


@case(0.7, 1.2)
def calls_module_lambda(x, y):
    return double_sine(x * y)


@case(0.7)
def shadowed_names(x):
    square = x * 2
    abs = square + 1
    return abs * square


@case(0.7, 2.0)
def default_arguments(x, y, n=3, scale=0.5):
    for _ in range(n):
        x = x * y * scale
    return x


@case(0.7, 2.0)
def positional_only(x, /, y):
    return x * y


class Physics:
    gravity = 9.81

    @staticmethod
    def energy(m, v):
        return m * v * v / 2


@case(0.7, 2.0)
def class_attributes(m, v):
    return Physics.energy(m, v) + m * Physics.gravity * v
