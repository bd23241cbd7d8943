"""Functions whose list of equations is in golden/traces.txt, each with its arguments."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

WEIGHTS = np.array([0.5, 1.5, 2.0])
RATE = 0.1
TRACED: list[tuple[object, tuple[object, ...], int | None]] = []


def traced(*args, depth=0):
    def register(function):
        TRACED.append((function, args, depth))
        return function

    return register


def sigmoid(s):
    return 1 / (1 + np.exp(-s))


def softmax(s):
    powers = np.exp(s - np.max(s))
    return powers / np.sum(powers)


def cross_entropy(p, y):
    return -np.sum(y * np.log(p))


@traced(
    np.array([0.5, -0.2]),
    np.array([0.0, 1.0]),
    np.array([[0.3, 0.1, 0.2], [0.4, -0.6, 0.9]]),
    np.array([[1.0, 0.2], [0.1, 0.4], [0.7, -0.3]]),
)
@traced(
    np.array([0.5, -0.2]),
    np.array([0.0, 1.0]),
    np.array([[0.3, 0.1, 0.2], [0.4, -0.6, 0.9]]),
    np.array([[1.0, 0.2], [0.1, 0.4], [0.7, -0.3]]),
    depth=None,
)
def network(x, y, w1, w2):
    hidden = sigmoid(x @ w1)
    p = softmax(hidden @ w2)
    return cross_entropy(p, y)


@traced(1.0, 0.25)
def added_three_times(x, c):
    for _ in range(3):
        x = x + c
    return x


@traced(1.5, 3)
@traced(-1.5, 3)
def branches_taken(x, n):
    total = 0.0
    for i in range(n):
        if x > 0:
            total += x**i
        else:
            total -= math.exp(i * x)
    return total


@traced(np.array([1.0, 2.0, 3.0]))
def written_in_place(u):
    v = np.zeros(3)
    v[0] = u[0] * RATE
    v[1:] = u[:-1] + v[0]
    return np.sum(WEIGHTS * v)


def halved(x):
    while x > 1:
        x = x / 2
    return x


@traced(5.0)
@traced(5.0, depth=1)
def loop_in_a_call_in_a_loop(x):
    total = x
    for k in range(2):
        total += halved(x + k)
    return total


def moved(x, v, h):
    v = v - h * x
    return x + h * v, v


@traced(1.0, 0.0)
def two_results(x, v):
    for _ in range(2):
        x, v = moved(x, v, 0.5)
    return x


def tower(x, n):
    if n <= 0:
        return x
    return math.sin(tower(x * x, n - 1))


@traced(0.5, 3)
@traced(0.5, 3, depth=2)
def recursion(x, n):
    return 2 * tower(x, n)


@dataclass
class Spring:
    k: float
    rest: float

    def energy(self, x):
        return 0.5 * self.k * (x - self.rest) ** 2


@traced({"a": Spring(2.0, 1.0), "b": Spring(3.0, 0.5)}, 1.5)
def parts_of_structures(springs, x):
    return sum(spring.energy(x) for spring in springs.values())


@traced([1.0, 2.0, 4.0], 3.0)
def lists(xs, y):
    xs.append(y)
    return sum(xs) * len(xs)


@traced(2.0)
def the_input_itself(x):
    return x


@traced(2.0)
def a_constant(x):
    return 3.5


@traced(2.5)
def not_differentiable(x):
    return math.nextafter(math.floor(x) * x, 10.0)
