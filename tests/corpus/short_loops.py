"""Loops of few rounds over numbers, which are written out."""

import math

import numpy as np

from corpus.registry import case


@case([1.0, -2.0, 0.5])
@case(np.array([1.0, -2.0, 0.5]))
def length(x):
    total = 0.0
    for k in range(3):
        total += x[k] * x[k]
    return math.sqrt(total)


@case([[0.1, 0.2], [0.3, -0.4]], [0.5, 0.6])
def product_of_lists(a, x):
    y = [0.0] * 2
    for i in range(2):
        for j in range(2):
            y[i] += a[i][j] * x[j]
    return y[0] * y[1]


@case(2.0)
def newton_steps(c):
    x = 1.0
    for _ in range(4):
        x = x - (x * x - c) / (2 * x)
    return x


@case(0.7, 2)
@case(0.7, 0)
def rounds_that_differ(x, n):
    for k in range(3):
        if k == n:
            x = math.sin(x)
        elif k % 2:
            x = x * x + k
        for j in range(k):
            x += 0.1 * j * x
    return x


@case(0.7)
def names_used_after_the_loop(x):
    for k in range(2, -1, -1):
        last = x
        x = x * (k + 1) + 0.1
    return x * last * (k + 1)


@case(np.array([0.3, 0.4, 0.5, 0.6]))
def writes_into_an_array(u):
    u = u.copy()
    for k in range(3):
        u[k + 1] = u[k] * u[k + 1]
    return u[-1] * u[0]


@case(0.4, [0.5, 0.6])
def rounds_that_append(x, w):
    found = []
    for k in range(2):
        found.append(x * w[k])
        x += found[k]
    return sum(found) * x


@case(0.4, 5)
def short_in_long(x, n):
    for _ in range(n):
        for k in range(2):
            x = math.sin(x + k)
        if x > 0.9:
            continue
        x += 0.1
    return x


@case(0.4)
def short_in_while(x):
    while x < 5.0:
        for k in range(1, 3):
            x += 0.3 * k * x
    return x


@case(0.4, 3)
def raises_in_a_round(x, n):
    for k in range(4):
        if k > n + 1:
            raise ValueError("too far")
        x = x * x + k if k < n else x
    return x


@case(0.7, [0.3, 0.8])
@case(0.7, [0.3, 0.8, 1.1, 0.2])
def zip_stops_where_the_list_does(x, items):
    total = 0.0
    for weight, item in zip([x, 2.0 * x, 3.0], items):
        total += weight * item * item
    return total + sum(a * b for a, b in zip(items, (1.0, x, 3.0)))
