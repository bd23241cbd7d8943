"""Loops read an item when its round begins: earlier rounds may have changed it."""

import numpy as np

from corpus.registry import case


@case(0.9)
def zip_with_an_array(x):
    u = np.array([x, x * 2, x * 3])
    total = 0.0
    for a, v in zip([1, 2, 3], u):
        u[2] = 10 * x
        total += a * v
    return total


@case(0.9)
def zip_with_an_array_turned_round(x):
    u = np.array([x, 2 * x, 3 * x])
    total = 0.0
    for a, b in zip(reversed(u), [1.0, 2.0, 3.0]):
        u[0] = x * 7
        total += a * b
    for a, b in zip(u[::-1], (1.0, 2.0, 3.0)):
        u[0] = x * 9
        total += a * b
    return total


@case(0.9)
def zip_with_a_long_list(x):
    xs = []
    for k in range(20):
        xs.append(x * k)
    total = 0.0
    for a, v in zip([1, 2, 3], xs):
        xs[2] = 10 * x
        total += a * v
    return total


@case(0.9)
def items_changed_by_a_comprehension(x):
    xs = [x, 2 * x]
    u = np.array([x, 2 * x])

    def doubled(v):
        xs[1] = v * 5
        u[1] = v * x
        return 2 * v

    return sum([doubled(v) for v in xs]) + sum([doubled(v) for v in u])


@case(0.9)
def list_turned_round(x):
    xs = [x, 2 * x, 3 * x]
    total = 0.0
    for k, v in enumerate(reversed(xs)):
        xs[0] = 20 * x
        total += v * k
    for v in map(lambda v: v * x, xs):
        xs[2] = 3 * x
        total += v
    last, *_ = reversed(xs)
    return total * last + list(reversed(xs))[0] * tuple(reversed(xs))[1]


@case(0.9, refused="a list changes its length")
def comprehension_that_makes_its_list_longer(x):
    xs = [x, 2 * x]

    def tripled(v):
        if len(xs) < 4:
            xs.append(v * 3)
        return v

    return sum([tripled(v) for v in xs])
