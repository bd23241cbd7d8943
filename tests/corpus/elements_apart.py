"""Arrays whose elements get names: unpacked, read one by one, put together again."""

from __future__ import annotations

import math

import numpy as np
from corpus.registry import case, draw

STATE = np.array([0.7, 1.3])
RATES = np.array([0.9, 0.4, 0.6, 0.3])


@case(RATES, STATE, 5, argnums=(0, 1))
def predator_and_prey(rates, state, n):
    def slope(t, y):
        a, b, c, d = rates
        prey, hunters = y
        return np.array([a * prey - b * prey * hunters, d * prey * hunters - c * hunters])

    y, h = state.copy(), 0.1
    for k in range(n):
        half = slope(k * h, y + h / 2 * slope(k * h, y))
        y = y + h * half
    return float(y @ y)


@case(draw(3))
def elements_read_again_and_again(x):
    first = (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
    return first + (1 - x[1]) ** 2 + 100 * (x[2] - x[1] ** 2) ** 2


@case(draw(3, seed=2), 1)
@case(draw(2, seed=3), 0)
def unpacked_in_one_branch(x, three):
    if three:
        a, b, c = x
        total = a * b + math.sin(c)
    else:
        a = x[0]
        b = x[1]
        total = a / (2 + b)
    return total * a + b


@case(draw(4, seed=4), 2)
@case(draw(4, seed=4), 0)
def unpacked_in_rounds(x, n):
    total = x[0] * x[1]
    for _ in range(n):
        a, b, c, d = x
        total += a * b - c * d * total
    return total


@case(draw(3, seed=5))
def one_element_unread(x):
    a, _, c = x
    return a * c**2 + a


@case(draw(2, 2, seed=6))
def corners(m):
    (a, b), (c, d) = m
    return math.exp(a * d - b * c) + a


@case(np.array([0.5, 1.5, 2.5], np.float32))
def single_precision_apart(x):
    a, b, c = x
    return a * b + c * c


@case(np.array([0.5, 1.5, 2.5]), 3)
def counted_only(x, n):
    a, b, c = x
    return n * a + 2 * b - c


@case(draw(3, seed=7))
def negative_places(x):
    a, b, c = x
    return a * x[-1] + b * x[-2] * c + x[-3] ** 2


@case(draw(2, seed=8), draw(2, seed=9))
def a_pair_from_two(x, y):
    a, b = x
    c, d = y
    z = np.array([a * c - b * d, a * d + b * c])
    re, im = z * z
    return re + 2 * im


@case(draw(3, seed=10))
def an_element_many_times(x):
    a, b, c = x
    y = np.array([a * b, b * c, c * a])
    for k in range(2):
        y[k] += y[k + 1] * y[0]
    return y[0] * y[0] + y[1] * y[2]


@case(np.array([0.4]), 1.0, 0, argnums=(0, 1))
@case(draw(3, seed=11), 1.0, 4, argnums=(0, 1))
def elements_there_if_it_runs(p, u, n):
    for _ in range(n):
        u += 0.1 * (p[1] * u - p[2] * u * u)
    return u * p[0]


@case(draw(3, seed=11), 1.0, 4, argnums=(0, 1))
@case(draw(3, seed=11), 1.0, 0, argnums=(0, 1))
def elements_read_before(p, u, n):
    u = u * p[2] + p[0]
    for k in range(n):
        while u > k:
            u -= 0.1 + p[1] ** 2
        u += 0.1 * (p[1] * u - p[2] * u * u)
        u = u - p[1] * k
    return u * p[0]


@case(draw(2, 2, seed=12), 0.3, 3, argnums=(0, 1))
def elements_of_a_matrix(m, u, n):
    v = m[1, 1] * u
    for _ in range(n):
        u, v = u * m[0, 0] + v * m[0, 1], u * m[1, 0] - v * m[0, 1] * m[1, 1]
    return u * v


@case(draw(4, seed=13), 0.5, 3, argnums=(0, 1))
@case(draw(4, seed=13), 0.5, 0, argnums=(0, 1))
def elements_read_before_and_after(p, u, n):
    u = u * p[3] + p[0] * p[1]
    for k in range(n):
        u = u * p[1] + p[0] * u**2 * 0.1
    return u * p[2] + p[1] * p[0]


@case(draw(5, seed=14), 0.5, 3, argnums=(0, 1))
@case(draw(2, seed=14), 0.5, 0, argnums=(0, 1))
def elements_of_a_part(p, u, n):
    first = p[:2] * u
    u = first[0] + p[1]
    for k in range(n):
        u = u * p[4] + first[1]
    return u * first[0]


@case(np.array([0.5, 1.5], np.float32))
def single_precision_counted(x):
    a, b = x
    return 3.0 * a - b


@case(draw(3, seed=15), 4)
def elements_read_and_added_to(u, n):
    u = u.copy()
    total = u[0] * u[1] * u[2]
    for _ in range(n):
        total = total * u[0] + u[1]
        u[1] = u[1] * 0.5 + total * u[2]
    return total * u[1]
