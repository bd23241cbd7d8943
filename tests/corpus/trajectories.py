"""Arrays that loops fill round by round, out of what earlier rounds have put there; and
such as look like them, where a place is written again after it was read."""

from __future__ import annotations

import math

import numpy as np

from corpus.registry import case, draw

E = draw(9, seed=5)
U = draw(7, seed=6)
Z = draw(3, 5, seed=7)


@case(draw(3), draw(3, seed=1), 6)
def states_as_rows(x0, k, n):
    X = np.zeros((n + 1, 3))
    X[0] = x0
    for t in range(n):
        X[t + 1] = X[t] + 0.1 * np.sin(k * X[t])
    return np.sum(X**2)


@case(E, 0.5, 0.3)
def second_order_autoregression(e, a, b):
    n = len(e)
    y = np.zeros(n)
    y[0] = e[0]
    y[1] = a * y[0] + e[1]
    for t in range(2, n):
        y[t] = a * y[t - 1] + b * y[t - 2] * y[t - 1] + e[t]
    return np.sum(y * y)


@case(E, np.array([0.3, 0.2, 0.1]))
def autoregression_of_some_order(e, phi):
    n, p = len(e), len(phi)
    y = e.copy()
    for t in range(p, n):
        for i in range(1, p + 1):
            y[t] += phi[i - 1] * np.sin(y[t - i])
    return np.sum(y**2)


@case(0.9, 0.2)
def epidemic(beta, gamma):
    n = 8
    S, I, R = np.empty(n), np.empty(n), np.empty(n)
    S[0], I[0], R[0] = 0.9, 0.1, 0.0
    for t in range(n - 1):
        new, healed = beta * S[t] * I[t], gamma * I[t]
        S[t + 1] = S[t] - new
        I[t + 1] = I[t] + new - healed
        R[t + 1] = R[t] + healed
    return np.sum(I**2) + R[-1]


@case(U, 0.1, 4)
def heat_in_all_steps(u0, a, steps):
    u = np.zeros((steps + 1, len(u0)))
    u[0] = u0
    for k in range(steps):
        u[k + 1, 1:-1] = u[k, 1:-1] * (1 + a * (u[k, 2:] - 2 * u[k, 1:-1] + u[k, :-2]))
    return np.sum(u[-1] ** 2)


@case(U, 4)
def steps_as_columns(u0, steps):
    u = np.zeros((len(u0), steps + 1))
    u[:, 0] = u0
    for k in range(1, steps + 1):
        u[:, k] = np.tanh(u[:, k - 1]) * u0
    return np.sum(u**2)


@case(U, draw(7, seed=8))
def table_of_costs(a, b):
    n, m = len(a), len(b)
    D = np.zeros((n + 1, m + 1))
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            smooth = np.logaddexp(D[i - 1, j], D[i, j - 1])
            D[i, j] = (a[i - 1] - b[j - 1]) ** 2 + np.tanh(smooth * D[i - 1, j - 1])
    return D[n, m]


@case(U)
def binomial_tree(u):
    n = len(u)
    V = np.zeros((n, n))
    V[n - 1] = u
    for i in range(n - 2, -1, -1):
        for j in range(i + 1):
            V[i, j] = 0.5 * V[i + 1, j] * V[i + 1, j + 1] + 0.1 * V[i + 1, j]
    return V[0, 0]


@case(U, draw(7, seed=9))
def back_and_forth(a, d):
    n = len(d)
    c, x = np.zeros(n), np.zeros(n)
    c[0] = d[0] / a[0]
    for i in range(1, n):
        c[i] = d[i] / (a[i] + 0.3 * c[i - 1])
    x[n - 1] = c[n - 1]
    for i in reversed(range(n - 1)):
        x[i] = c[i] - 0.2 * c[i] * x[i + 1]
    return np.sum(x**2)


@case(1.1, 0.3, Z)
def paths(s0, sigma, z):
    total = 0.0
    for p in range(z.shape[0]):
        S = np.zeros(z.shape[1] + 1)
        S[0] = s0
        for t in range(z.shape[1]):
            S[t + 1] = S[t] * math.exp(sigma * z[p, t]) - 0.1 * S[t] ** 2
        total += np.mean(S) ** 2
    return total


@case(U)
def blocks_of_two(u):
    x = np.zeros(8)
    x[:2] = u[:2]
    for k in range(1, 4):
        x[2 * k : 2 * k + 2] = np.sin(x[2 * k - 2 : 2 * k]) * u[k]
    return np.sum(x**2)


@case(U)
def counter_of_items(u):
    y = np.zeros(len(u) + 1)
    y[0] = 0.5
    for t, value in enumerate(u):
        y[t + 1] = np.sin(y[t]) + value
    return np.sum(y**2)


@case(U)
def until_it_is_large(u):
    y = np.zeros(len(u))
    y[0] = u[0]
    for t in range(1, len(u)):
        if y[t - 1] > 2.5:
            break
        y[t] = y[t - 1] ** 2 * u[t] + u[0]
    return np.sum(y**2)


@case(U)
def only_some_rounds(u):
    y = np.ones(len(u))
    for t in range(1, len(u)):
        if u[t] > 0.8:
            y[t] = y[t - 1] ** 2 * u[t]
    return np.sum(y**2)


# -- where a place is met again -------------------------------------------------------


@case(U)
def ring_of_two(u):
    y = np.zeros(2)
    y[0] = u[0]
    for t in range(1, len(u)):
        y[t % 2] = y[(t - 1) % 2] ** 2 * u[t]
    return y[0] + y[1]


@case(U)
def first_round_reads_the_last_place(u):
    y = u.copy()
    for t in range(len(u)):
        y[t] = y[t - 1] ** 2 * u[t]
    return np.sum(y**2)


@case(U)
def written_again_after_the_loop(u):
    y = u.copy()
    for t in range(1, len(u)):
        y[t] = y[t - 1] ** 2 * u[t]
    y[2] = u[0] ** 2
    return np.sum(y**2)


@case(U)
def written_in_two_loops(u):
    y = u.copy()
    for t in range(1, len(u)):
        y[t] = y[t - 1] ** 2 * u[t]
    for t in range(1, len(u)):
        y[t] = np.sin(y[t - 1]) * u[t]
    return np.sum(y**2)


@case(U)
def down_through_what_was_read(u):
    y = u.copy()
    for t in range(len(u) - 1, 0, -1):
        y[t] = y[t - 1] ** 2 * u[t]
    return np.sum(y**2)


@case(U, 3)
def rounds_around_rounds(u, n):
    y = u.copy()
    for _ in range(n):
        for t in range(1, len(u)):
            y[t] = np.sin(y[t - 1]) * y[t]
    return np.sum(y**2)


@case(U, 2)
def beginning_that_may_be_negative(u, lag):
    y = u.copy()
    for t in range(-lag, len(u)):
        y[t] = np.sin(y[t] * y[t - 1])
    return np.sum(y**2)


@case(U)
def two_names_for_one_array(u):
    y = np.ones(len(u) + 1)
    z = y[1:]
    for t in range(len(u)):
        z[t] = np.sin(y[t]) * u[t]
        y[t] *= 0.5
    return np.sum(y**2)


@case(U)
def exchanged_in_each_round(u):
    a, b = np.ones(len(u)), np.ones(len(u))
    for t in range(1, len(u)):
        b[t] = np.sin(a[t - 1]) * u[t] + b[t - 1]
        a, b = b, a
    return np.sum(a**2 * b)


@case(Z.T)
def rows_kept_beside_writes(x):
    X = x.copy()
    for k in range(4):
        v = X[k + 1]
        for j in range(k + 1):
            X[j] += v * X[j]
        X[k + 1] *= 2
        X[k] -= v
    return np.sum(X**2)


@case(Z.T)
def rows_seen_from_the_end(x):
    X = x.copy()
    for k in range(5):
        v = X[-1]
        X[k] += v * X[k]
    return np.sum(X**2)


@case(Z.T)
def rows_of_a_shorter_view(x):
    X = x.copy()
    total = 0.0
    while len(X) > 2:
        v = X[1]
        X = X[1:]
        X[0] = v * X[1]
        X[1] += v
        total += np.sum(X)
    return total


@case(Z.T)
def parts_of_rows_beside_writes(x):
    X = x.copy()
    for k in range(3, -1, -1):
        v = X[k : k + 2, 1:]
        X[:k] += np.sum(v)
        X[k + 1 :, :1] *= v[1:, :1]
    return np.sum(X**2)


@case(Z.T)
def rows_written_on_one_side(x):
    X = x.copy()
    for k in range(1, 4):
        v = X[k - 1]
        if X[k, 0] > 0:
            X[k] += v * X[k + 1]
            X[k - 1] = v + 1
        else:
            X[k + 1] = v
        X[k] += v
    return np.sum(X**2)


@case(Z.T)
@case(Z.T + 1.0)
def a_row_read_beside_one_that_is_added_to(x):
    X = x.copy()
    v = X[1]
    if np.sum(X[-2]) > 0.5:
        X[1] += X[2] - 0.4 * v
    else:
        X[2] -= np.sin(v) * v
    return np.sum(X**2)
