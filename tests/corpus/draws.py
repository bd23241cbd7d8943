"""Random numbers that do not depend on the arguments: data, noise, initial weights."""

import math
import random
from random import Random

import numpy as np
from numpy.random import RandomState, default_rng

from corpus.registry import case


@case(1.3, 0.4)
def noise_of_a_generator(a, b):
    rng = np.random.default_rng(3)
    x = rng.standard_normal(5)
    return np.sum((a * x + b) ** 2)


@case(0.7)
def regression_on_made_data(a):
    rng = RandomState(0)
    X, y = rng.randn(4, 3), rng.rand(4)
    w = np.ones(3) * a
    return np.mean((X @ w - y) ** 2)


@case(0.4)
def global_state_with_a_seed(a):
    np.random.seed(1)
    s = 0.0
    for _ in range(10):
        s += a * np.random.normal() ** 2 + np.sin(a * np.random.uniform(0, 1))
    return s


@case(0.3, 0.2)
def draws_of_many_kinds(mu, sigma):
    rng = default_rng(0)
    z = rng.normal(size=(20,))
    u = rng.uniform(-1, 1, (20, 2))
    i = rng.integers(0, 20, size=7)
    p = rng.permutation(20)
    x = mu + sigma * z
    return np.mean(x[i]) + np.sum(x[p][:3] * u[:3, 1])


@case(0.6)
def pythons_own_generator(a):
    r = Random(4)
    total = 0.0
    for _ in range(5):
        total += a**2 * r.gauss(0, 1) + r.random() * a + r.uniform(1, 2) * a
    return total


@case(0.6)
def pythons_global_state(a):
    random.seed(7)
    total = 0.0
    while random.random() < 0.8:
        total += a ** random.randint(1, 3)
    return total


@case(0.2)
def vectors_and_choices(a):
    rng = np.random.default_rng(0)
    X = rng.multivariate_normal([0.0, 1.0], np.eye(2), size=6)
    rows = rng.choice(6, size=3, replace=False)
    return np.sum(np.exp(a * X[rows]))


@case(0.8, 4)
def sizes_and_parameters_as_arrays(a, n):
    rng = np.random.default_rng(0)
    scales = np.linspace(1.0, 2.0, 4)
    waiting = rng.exponential(scales)
    return np.sum(a * rng.gamma(2.0, size=n) * waiting) + a**2 * rng.poisson(3.0)


@case(1.1, 3)
def bound_method_kept_in_a_name(a, n):
    rng = np.random.default_rng(0)
    draw = rng.standard_normal
    path = [a]
    for _ in range(n):
        path.append(path[-1] * np.exp(0.1 * draw()))
    return path[-1]


@case(np.array([0.2, -0.4, 0.9]), 0.1)
def minibatches(w, rate):
    rng = np.random.default_rng(5)
    X = rng.normal(size=(8, 3))
    y = X @ np.array([1.0, -2.0, 0.5]) + 0.1 * rng.normal(size=8)
    w = w.copy()
    for _ in range(3):
        order = rng.permutation(len(y))
        for start in range(0, len(y), 4):
            rows = order[start : start + 4]
            error = X[rows] @ w - y[rows]
            w -= rate * X[rows].T @ error / 4
    return np.sum((X @ w - y) ** 2)


@case(np.array([0.5, 1.5]))
def metropolis_with_given_draws(x):
    rng = np.random.default_rng(1)
    total = 0.0
    state = np.zeros(2)
    for _ in range(6):
        proposal = state + 0.5 * rng.standard_normal(2)
        if rng.random() < 0.5:
            state = proposal
        total += np.sum(state * x) ** 2
    return total


@case(0.5, 0.6)
def draws_of_two_kinds_in_one_line(x, y):
    random.seed(3)
    s = 0.0
    for _ in range(10):
        s += x * random.gauss(0, 1) ** 2 + math.cos(y * random.random())
    return s


@case(0.5, 0.6)
def draws_read_in_another_order(x, y):
    random.seed(5)
    s = 1.0
    for _ in range(4):
        a = random.random()
        b = random.uniform(0.5, 1.5)
        s = math.sin(s * b) * y + a * x
    return s


@case(np.array([0.3, -0.8, 1.2, 0.5]), 4)
@case(np.array([0.3, -0.8, 1.2, 0.5]), np.int64(3))
def rounds_over_a_shuffled_order(x, n):
    rng, order, s = Random(0), list(range(n)), x[0]
    for _ in range(3):
        rng.shuffle(order)
        for i in order:
            s = 0.9 * s + 0.1 * x[i] ** 2
    return s


@case([0.3, -0.8, 1.2, 0.5])
def shuffled_squares(x):
    squares = [v * v for v in x]
    random.seed(2)
    random.shuffle(squares)
    default_rng(1).shuffle(squares)
    RandomState(4).shuffle(squares)
    return sum(k * v for k, v in enumerate(squares))


@case(0.5)
def descent_over_shuffled_pairs(w):
    random.seed(1)
    data = [(1.0, 2.0), (3.0, 4.0), (5.0, 6.0)]
    for _ in range(2):
        random.shuffle(data)
        for a, b in data:
            w = w - 0.01 * (w * a - b) * a
    return w


@case(np.array([0.3, -0.8, 1.2, 0.5]))
def samples_of_ranges(x):
    rng, s = Random(3), 0.0
    for j in rng.sample(range(len(x)), 2):
        s += 2.0 * x[j] ** 2
    for j in rng.choices([0, 1, 2], weights=[1.0, 2.0, 3.0], k=3):
        s += x[j] ** 3
    random.seed(1)
    a, b = random.sample(range(4), 2)
    return s + x[a] * x[b] + x[random.choice(range(1, 3))] ** 2
