"""Arguments that are structures: tuples of numbers and arrays, nested ones."""

import math

import numpy as np

from corpus.registry import case, draw


@case((1.3, 0.4))
@case((1.3, 2))
def pair(p):
    a, b = p
    return a * math.sin(b) + a**2


@case((1.3, 0.4, 2.2), 0.5)
def items_by_position(p, x):
    return p[0] * x**2 + p[1] * x + p[-1]


@case(((1.3, 0.4), 0.7), argnums=(0,))
def nested_pairs(p):
    (a, b), c = p
    return math.exp(a * b) * c


@case((draw(3, 2), draw(3, seed=1)), draw(2, seed=2))
def affine(params, x):
    W, b = params
    return np.sum(np.tanh(W @ x + b))


@case(((draw(3, 2), draw(3)), (draw(1, 3), draw(1))), draw(2), argnums=(0,))
def layers(params, x):
    for W, b in params:
        x = np.tanh(W @ x + b)
    return np.sum(x)


@case((2.0, draw(4)), 3)
def tuple_in_loop(p, n):
    a, u = p
    s = 0.0
    for i in range(n):
        s += a * u[i] ** 2
        a = a * 0.9
    return s


@case((1.1, draw(3)))
def array_in_tuple_is_written(p):
    a, u = p
    u[0] = a * u[1]
    u[1:] *= 2.0
    return np.sum(u) * a


@case((1.1, 0.3))
def only_one_item_matters(p):
    return p[0] ** 2


@case((0.3, draw(2, 2)))
def an_array_that_does_not_matter(p):
    x, _ = p
    return x * x


@case((0.5, (1.5, draw(2))), (2.0, 0.25), argnums=(0, 1))
def two_tuples(p, q):
    a, (b, u) = p
    if a < q[1]:
        return a * b * q[0]
    return np.sum(u**2) * q[1] + b


@case((np.float32(0.5), draw(3, dtype=np.float32)), rtol=1e-3, atol=1e-3)
def single_precision_parts(p):
    a, u = p
    return a * np.sum(u * u)


@case((0.5, 1.5), (0.1, 0.2))
def passed_to_a_helper(p, q):
    return dot(p, q) + dot(p, p)


def dot(p, q):
    return p[0] * q[0] + p[1] * q[1]


@case((1.2, (0.3, 3)), argnums=(0,))
def whole_tuple_kept(p):
    state = p
    x, (y, z) = state
    state = (y, x * z)
    return state[0] * state[1]
