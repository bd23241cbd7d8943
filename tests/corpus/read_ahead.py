"""Elements that are the same in every round of a loop, also where none follows."""

from __future__ import annotations

import math

import numpy as np

from corpus.registry import case, draw


@case(draw(4), 0.5, 6, argnums=(0, 1))
@case(draw(2), 0.5, 0, argnums=(0, 1))
@case(np.zeros(0), 0.5, 0, argnums=(0, 1))
def rates(p, x, n):
    y = x * x
    for _ in range(n):
        eaten = p[1] * x * y
        x, y = x + 0.1 * (p[0] * x - eaten), y + 0.1 * (p[2] * eaten - p[3] * y)
    return x * y


@case(draw(4), draw(3, seed=1), 2, 3)
@case(draw(1), np.zeros(0), 2, 0)
@case(draw(1), np.zeros(0), 0, 3)
@case(np.zeros(0), np.zeros(0), 0, 0)
def inner_loop_reads(p, u, n, m):
    total = 1.0
    for _ in range(n):
        for j in range(m):
            total += p[0] * u[j] * p[2] + u[0]
        total *= 1.5
    return total


@case(draw(5))
@case(draw(1))
@case(np.zeros(0))
def distances_from_the_first(xs):
    total = 0.0
    for k in range(1, len(xs)):
        total += (xs[k] - xs[0]) ** 2 * k
    return total


@case(draw(5))
@case(draw(1))
def downward(xs):
    total = 0.0
    for k in range(len(xs) - 1, 0, -1):
        total += xs[k] * xs[0] * k
    return total


@case(draw(4), 5)
def written_in_the_loop(u, n):
    total = 0.0
    for k in range(n):
        total += u[0] * u[1]
        u[1] = u[0] + 0.5 * u[k % 4]
    return total


@case(draw(4), 5)
def written_through_a_view(u, n):
    part = u[1:]
    total = 0.0
    for k in range(n):
        total += u[0] * u[1]
        part[0] = total * 0.3
    return total + u[1]


@case(draw(4), 5)
def written_by_a_helper(u, n):
    total = 0.0
    for k in range(n):
        total += u[0] * u[1]
        _set(u, k % 2, total * 0.2)
    return total + u[1]


def _set(u, k, value):
    u[k] = value


@case(draw(3), 4)
def replaced_in_the_loop(u, n):
    total = 0.0
    for _ in range(n):
        total += u[0] * u[2]
        u = u * 0.9 + total * 0.1
    return total


@case(draw(3), draw(6, seed=2))
def read_after_leaving(p, xs):
    total = 0.0
    for x in xs:
        if x > 1.2:
            break
        total += p[0] * x
        if x < 0.4:
            continue
        total *= p[1]
    return total


@case(draw(1), draw(3, seed=3), 5.0)
@case(draw(3), draw(3, seed=3), 0.1)
def never_reaches_the_second(p, xs, limit):
    total = 1.0
    for x in xs:
        total += p[0] * x
        if total < limit:
            continue
        total *= p[1]
    return total


@case(draw(3), 0.4)
def in_a_while(p, x):
    x = x * p[2]
    while x < 5.0:
        x = x * (1.0 + p[0]) + p[1]
    return x * p[0]


@case(draw(2, 2), 0.4, 3, argnums=(0, 1))
@case(draw(1, 2), 0.4, 0, argnums=(0, 1))
def of_a_matrix(m, x, n):
    y = x + 1.0
    for _ in range(n):
        x, y = m[0, 0] * x + m[0, 1] * y, m[1, 0] * x + m[1, 1] * math.sin(y)
    return x * y


@case(draw(3), 4)
def twice_in_a_round(p, n):
    total = p[0]
    for k in range(n):
        total = total * p[1] + p[1] * p[1] * k
    return total


@case(draw(2), 3)
@case(np.zeros(0), 0)
def is_left_over(p, n):
    last = 1.0
    for _ in range(n):
        last = p[0]
        other = p[1] * last
    if n > 0:
        last = last * other
    return last * 2.0


@case(draw(3), 3)
@case(draw(1), 0)
def fails_in_the_first_round_alone(p, n):
    total = 0.0
    try:
        for k in range(n):
            total += p[0] * k
            total += p[7]
    except IndexError:
        total *= 2.0
    return total + p[0]


@case(0.7, 3)
@case(0.7, 0)
def of_an_array_that_may_be_missing(x, n):
    if n > 0:
        a = np.array([x, 2.0])
    for _ in range(n):
        x = x * a[0] + a[1]
    return x


@case(draw(3), 4)
def in_a_loop_of_no_round(p, n):
    total = p[0]
    for _ in range(3, 3):
        total += p[7]
    for k in range(5, 2):
        total += p[8] * k
    return total * n
