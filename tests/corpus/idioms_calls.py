"""Functions: defaults, stars, closures, lambdas."""

from __future__ import annotations

import math

import numpy as np

from corpus.registry import case, draw

GRAVITY = 9.81
WEIGHTS = (0.2, 0.3, 0.5)


class constants:
    decay = 0.7
    rates = [0.1, 0.4]


def polynomial(x, *coefficients):
    result = 0.0
    for c in coefficients:
        result = result * x + c
    return result


@case(1.3, 0.4)
def star_parameters(x, y):
    return polynomial(x, 1.0, y, -2.0) + polynomial(x)


@case(1.3, 0.4)
def star_call_of_a_tuple(x, y):
    coefficients = (1.0, y, x)
    return polynomial(x, *coefficients)


@case(1.3, 0.4)
def star_call_of_a_list(x, y):
    coefficients = [y] * 2 + [x]
    return polynomial(2.0, *coefficients, y)


def spring(position, stiffness=2.0, *, rest=0.0, damping=0.1):
    return stiffness * (position - rest) ** 2 + damping * position


@case(1.3, 0.4)
def keywords(x, y):
    return spring(x, rest=y) + spring(y, x, damping=x)


@case(1.3, 0.4)
def nested_function(x, y):
    def inner(z):
        return z * z + y

    return inner(x) * inner(y)


@case(1.3, 0.4)
def closure_sees_later_value(x, y):
    def inner(z):
        return z * scale

    scale = x
    a = inner(y)
    scale = y
    return a + inner(x)


@case(1.3, 0.4)
def nonlocal_counter(x, y):
    count = 0
    total = 0.0

    def add(value):
        nonlocal count, total
        count += 1
        total += value * count

    add(x)
    add(y * x)
    add(y)
    return total / count


@case(1.3, 4)
def nonlocal_in_a_loop(x, n):
    state = x

    def advance(dt):
        nonlocal state
        state = state + dt * math.sin(state)
        return state

    total = 0.0
    for k in range(n):
        total += advance(0.1 * k)
    return total * state


@case(1.3, 0.4)
def function_factory(x, y):
    def make_power(n):
        def power(z):
            return z**n

        return power

    square, cube = make_power(2), make_power(3)
    return square(x) + cube(y)


@case(1.3, 0.4)
def function_factory_keeps_active(x, y):
    def line(slope, offset):
        return lambda z: slope * z + offset

    first, second = line(x, y), line(y, x)
    return first(2.0) * second(x)


def adder(amount):
    def add(x):
        return x + amount

    return add


@case(1.3, 0.4)
def factory_at_module_level(x, y):
    return adder(x)(y) * adder(2.0)(x)


@case(1.3, 0.4)
def lambdas(x, y):
    f = lambda a, b=2.0: a * b
    g = lambda *args: args[0] - args[-1]
    return f(x) + g(x, y, y * y)


@case(1.3, 0.4)
def lambda_default_binds_early(x, y):
    fs = [lambda z, k=k: z * k for k in range(3)]
    return fs[1](x) + fs[2](y)


@case(1.3, 0.4)
def global_constants(x, y):
    return GRAVITY * x + WEIGHTS[1] * y + constants.decay * x * y + constants.rates[0] * y


@case(1.3)
def module_attributes(x):
    return math.pi * x**2 + math.e**x + np.pi * x + 1 / math.tau


@case(1.3, 0.4)
def several_results(x, y):
    def polar(a, b):
        return math.hypot(a, b), math.atan2(b, a)

    r, phi = polar(x, y)
    (u, v), w = polar(r, phi), polar(x, x)[0]
    return u * v + w


@case(1.3, 0.4)
def function_returns_none_sometimes(x, y):
    def root(a):
        if a < 0:
            return None
        return math.sqrt(a)

    total = 0.0
    for value in (x, -y, y):
        r = root(value)
        if r is None:
            continue
        total += r
    return total


@case(1.3, 0.4)
def argument_is_rebound(x, y):
    def settle(z, steps=3):
        while steps:
            z = z - 0.1 * z * y
            steps -= 1
        return z

    return settle(x) * x


@case(draw(4))
def helper_changes_its_argument(u):
    def scale(v, k):
        v *= k
        v[0] += 1.0

    w = u.copy()
    scale(w, 2.0)
    scale(w[1:], w[0])
    return np.sum(w)


@case(1.3, 0.4)
def immediately_called_lambda(x, y):
    return (lambda a, b: a * b + a)(x, y)


@case(1.3, 50)
def call_chain(x, n):
    def a(z):
        return z * 1.01

    def b(z):
        return a(a(z)) + 0.01

    def c(z):
        return b(b(b(z)))

    def d(z):
        return c(c(c(z)))

    return d(x)
