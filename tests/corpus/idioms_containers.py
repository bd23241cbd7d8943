"""Lists, tuples, dicts and sets that hold numbers."""

from __future__ import annotations

import math

import numpy as np

from corpus.registry import case, draw


@case(1.3, 0.4)
def comprehension_with_active_condition(x, y):
    return sum(v * v for v in [x, y, x * y, y - x] if v > 0)


@case(1.3, 3)
def comprehension_with_two_loops(x, n):
    return sum(x**i * (j + 1) for i in range(n) for j in range(i))


@case(1.3, 0.4)
def tuple_unpacking_nested(x, y):
    (a, b), c = (x, y), x * y
    [d, (e, f)] = [a, (b, c)]
    return d * e + f


@case(1.3, 0.4)
def star_unpacking(x, y):
    first, *rest = [x, y, x * y, 2.0]
    *head, last = rest
    return first * last + sum(head)


@case(1.3, 0.4)
def star_in_a_display(x, y):
    a = [x, y]
    b = [0.0, *a, *a, 1.0]
    t = (*b[1:3], x)
    return sum(b) + t[1] * t[2]


@case(1.3, 0.4)
def tuple_arithmetic(x, y):
    t = (x, y) * 2 + (1.0,)
    return t[0] * t[3] + len(t) + t[-1]


@case(1.3, 5)
def rotation_of_three(x, n):
    a, b, c = x, x * x, 1.0
    for _ in range(n):
        a, b, c = b, c * 0.5, a + b
    return a + b * c


@case(1.3, 0.4)
def any_and_all(x, y):
    values = [x, y]
    if any(v < 0 for v in values):
        return x
    if all(v > 0 for v in values) and any([x > 1, y > 1]):
        return x * y
    return y


@case(1.3, 0.4)
def reversed_and_enumerate(x, y):
    s = 0.0
    for k, v in enumerate(reversed([x, y, x * y]), start=1):
        s += k * v
    return s


@case(1.3, 0.4)
def zip_of_three(x, y):
    return sum(a * b - c for a, b, c in zip([x, y], (2.0, x), [1, 2, 3]))


@case(1.3, 0.4)
def product_and_fsum(x, y):
    return (
        math.prod([x, y, 2.0]) + math.fsum([x, y, x * y]) + math.prod(range(1, 4), start=x)
    )


@case(1.3, 4)
def list_as_a_state_vector(x, n):
    state = [x, 0.0, 1.0]
    for _ in range(n):
        state = [s + 0.1 * (state[k - 1] - s) for k, s in enumerate(state)]
    return state[0] * state[1] + state[2]


@case(draw(3))
def list_of_arrays(u):
    parts = [u, 2 * u, u**2]
    parts[1][0] = 5.0
    return sum(np.sum(p) for p in parts) + np.concatenate(parts)[4] * u[0]
