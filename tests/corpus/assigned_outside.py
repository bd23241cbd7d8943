"""Global names and attributes of what is outside, assigned by the function."""

from __future__ import annotations

import functools

import numpy as np

from corpus.registry import case

ROUNDS = 0
RATE = 0.5


@case(1.5)
def global_counter(x):
    global ROUNDS
    ROUNDS = 0
    while x < 10.0:
        x = x * 1.5 + 0.1
        ROUNDS += 1
    return x * ROUNDS


def raised(by):
    global RATE
    RATE = RATE + by
    return RATE


@case(1.5, 3)
def global_through_calls(x, n):
    global RATE
    RATE = x * x
    total = 0.0
    for _ in range(n):
        if total < 20.0:
            total += raised(x) * x
    return total + RATE


class Body:
    made = 0
    scale = 2.0

    def __init__(self, x):
        self.x = x
        Body.made += 1

    def weight(self):
        return self.x * self.made * Body.scale


@case(1.5)
def attributes_of_a_class(x):
    Body.made = 0
    a, b = Body(x), Body(x * x)
    Body.scale = 3.0
    return a.weight() + b.weight() + Body.made


class Running:
    def __init__(self):
        self.mean = np.zeros(2)
        self.steps = 0

    def __call__(self, x):
        self.mean = 0.9 * self.mean + 0.1 * x
        self.steps += 1
        return x * 2.0 - self.mean * self.steps


RUNNING = Running()


@case(np.array([1.0, 2.0]))
def object_with_a_state(x):
    RUNNING.steps = 0
    RUNNING.mean = np.zeros(2)
    return np.sum(RUNNING(RUNNING(x)) ** 2) + RUNNING.steps


def counted(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        wrapper.calls += 1
        return f(*args, **kwargs) * wrapper.calls

    wrapper.calls = 0
    return wrapper


@counted
def power(x, *, k=3):
    return x**k


@case(1.5)
def attribute_of_a_function(x):
    power.calls = 0
    return power(x) + power(x, k=2)
