"""Weights that loops apply again and again: recurrences of vectors."""

import numpy as np

from corpus.registry import case

W = np.array([[0.4, -0.3, 0.2], [0.1, 0.5, -0.6], [0.3, 0.2, 0.7]])
U = np.array([[0.2, -0.5], [0.7, 0.1], [-0.4, 0.3]])
X = np.array([0.5, -0.2, 0.8])
XS = np.array([[0.3, 0.1], [-0.4, 0.6], [0.2, -0.7], [0.9, 0.5]])


@case(W, U, XS)
@case(W, U, XS[:0])
def linear_recurrence(w, u, xs):
    state, total = np.zeros(3), 0.0
    for t in range(len(xs)):
        state = w @ state + u @ xs[t]
        total += np.sum(state * state)
    return total


@case(W, X, 5)
@case(W, X, 0)
def power_of_a_matrix(w, x, n):
    for _ in range(n):
        x = w @ x
    return x[0]


@case(W, X, 3)
def one_matrix_from_both_sides(w, x, n):
    for _ in range(n):
        x = np.tanh(w @ x) + np.sin(w @ x * 2) + x @ w
    return np.sum(x) + np.sum(w**2)


@case(W, U, X, XS)
def recurrence_in_a_recurrence(w, u, x, xs):
    total = 0.0
    for _ in range(3):
        for k in range(len(xs)):
            x = np.tanh(w @ x + u @ xs[k])
            total += x[0]
        x = w @ x * 0.5
    return total + x[1]


@case(W, X, 4)
def recurrence_in_some_rounds(w, x, n):
    total = 0.0
    for k in range(n):
        if k % 2:
            x = np.tanh(w @ x)
        total += np.sum(x * x)
    return total


@case(2 * W, X)
def until_it_is_long(w, x):
    while np.sum(x * x) < 50:
        x = w @ x * 1.7
    return np.sum(x)


@case(W, X, 4)
def power_iteration(w, x, n):
    total = 0.0
    for _ in range(n):
        y = w @ x
        total += y @ (w @ y)
        x = y / np.linalg.norm(y)
    return total


@case(W, X, 4)
def weights_that_change(w, x, n):
    w, total = w.copy(), 0.0
    for _ in range(n):
        w[0, 0] *= 0.9
        x = w @ x
        total += np.sum(x)
    return total


@case(W, X, 6)
def recurrence_that_is_left(w, x, n):
    total = 0.0
    for _ in range(n):
        x = np.tanh(w @ x)
        total += x[0]
        if x[1] < -0.3:
            break
    return total


@case(W, X, XS)
def rows_that_must_be_as_many(w, x, xs):
    total = 0.0
    for row, weight in zip(xs, np.linspace(0.5, 1.0, len(xs)), strict=True):
        x = np.tanh(w @ x + weight * row[0])
        total += x @ x * weight
    return total


@case([0.3, 0.4, 0.5], [0.1, 0.2, 0.6])
def lists_that_must_be_as_long(xs, ws):
    return sum(x * w**2 for x, w in zip(xs, ws, strict=True))
