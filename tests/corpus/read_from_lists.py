"""Elements that loops read one after the other, which are read from lists."""

from __future__ import annotations

import math

import numpy as np

from corpus.registry import case, draw

X, Y = draw(7), draw(7, seed=1)


@case(draw(3), X)
@case(draw(3), X[:1])
@case(draw(3), X[:0])
def autoregression(p, y):
    total = 0.0
    for t in range(1, len(y)):
        error = y[t] - p[0] * y[t - 1] - p[1]
        total += error**2
    return total / (2.0 * p[2] ** 2) + (len(y) - 1) * math.log(p[2])


@case(0.3, X)
@case(0.3, X[:1])
def smoothing(rate, y):
    level, error = y[0], 0.0
    for v in y:
        error += (v - level) ** 2
        level = rate * v + (1.0 - rate) * level
    return error


@case(draw(2), X, Y)
@case(draw(2), X[:0], Y[:0])
@case(np.zeros(0), X[:0], Y[:0])
def pairs_with_a_scale(p, x, y):
    total = 0.0
    for a, b in zip(x, y, strict=True):
        z = (b - p[0] * a) / p[1]
        total += z * z * abs(z)
    return total


@case(draw(3), X)
@case(draw(3), X[:2])
def filtered(b, x):
    y = np.zeros_like(x)
    for n in range(2, len(x)):
        y[n] = b[0] * x[n] + b[1] * x[n - 1] * x[n - 2] - b[2] * y[n - 1] - 0.1 * y[n - 2]
    return np.sum(y * y)


@case(X, 0.5, 4)
@case(X, 0.5, 0)
@case(X, 0.5, -2)
def first_ones(x, a, n):
    total = 0.1
    for i in range(n):
        total = total * a + x[i] * x[i + 2]
    return total


@case(X, 0.5, 4)
def backwards_from_one(x, a, n):
    total = 0.1
    for i in range(n, -1, -1):
        total = total * a + x[i] * x[i + 1]
    return total


@case(X, 0.5)
def around_its_end(x, a):
    total, n = 0.0, len(x)
    for i in range(n):
        total += a * x[i] * x[(i + 1) % n] - x[i - 1] * x[-i]
    return total


@case(draw(3, 4), draw(4, seed=1))
@case(np.zeros((0, 4)), draw(4, seed=1))
def table_by_rows(a, v):
    total = 0.0
    for i in range(a.shape[0]):
        row = 0.0
        for j in range(a.shape[1]):
            row += a[i, j] * v[j]
        total += row * row
    return total


@case(draw(5, 2), draw(2))
@case(draw(5, 1), draw(2))
@case(np.zeros((0, 1)), draw(2))
def column_that_may_be_missing(x, p):
    total = p[0] * p[1]
    for t in range(len(x)):
        if x.shape[1] > 1:
            total += p[0] * x[t, 1] * total
        total += p[1] * x[t, 0]
    return total


@case(draw(5, 2), draw(2))
@case(np.zeros((0, 1)), draw(2))
def columns_of_rows_that_may_be_missing(x, p):
    total = p[0] * p[1]
    for t in range(len(x)):
        a, b = x[t, 0], x[t, 1]
        total += (p[0] * a - p[1] * b) ** 2
    return total


@case(draw(4, 4))
@case(draw(1, 1))
def below_the_diagonal(b):
    total = 0.0
    for i in range(b.shape[0]):
        for j in range(i):
            total += b[i, j] * b[j, i] * total + b[j, j]
    return total


@case(draw(4, 4))
def products_of_three(b):
    total, n = 0.0, b.shape[0]
    for i in range(n):
        for j in range(n):
            for k in range(n):
                total += b[i, j] * b[j, k] * b[k, i]
    return total


@case(X, 0.4, 3)
def that_changes_between_loops(x, a, n):
    for _ in range(n):
        total = 0.0
        for k in range(len(x)):
            total += x[k] * a * x[k]
        x = x * 0.5 + total * 0.01
    return np.sum(x * x)


@case(X, 0.4)
def that_is_written_through_a_view(x, a):
    v = x.copy()
    w = v[2:]
    total = 0.0
    for k in range(len(w)):
        v[k] = v[k] * a
        total += w[k] * a + total * 0.1
    return total


@case(X, 0.4)
def past_its_end(x, a):
    total = 0.1
    try:
        for k in range(len(x) + 1):
            total = total * a + x[k]
    except IndexError:
        total *= 2.0
    return total


@case(np.abs(X), 0.3)
def behind_a_logarithm(x, a):
    total = 0.0
    for i in range(len(x)):
        h = x[i] * x[i] + a
        total += math.log(h)
        total += x[i] / h
    return total


@case(X, 0.3)
def quotients_that_are_asked_about(x, a):
    total = 0.0
    for i in range(len(x)):
        d = x[i] - x[3]
        if d > 0:
            total += a / d
        elif not d >= -0.5:
            total -= a * x[i] / d
    return total


# -- numbers that NumPy's functions compute in rounds -------------------------------------


@case(1.0, 0.1, 9.8, 0.1, 5)
@case(1.0, 0.1, 9.8, 0.1, 0)
def pendulum(angle, speed, g, c, n):
    for _ in range(n):
        pull = -g * np.sin(angle) - c * speed
        speed = speed + 0.1 * pull
        angle = angle + 0.1 * speed
    return angle**2 + speed**2


@case(1.0, 0.2, -0.1, 1.0, 6)
def orbit(x, y, vx, vy, n):
    for _ in range(n):
        r = np.sqrt(x * x + y * y)
        pull = -1.0 / (r * r * r)
        vx += 0.05 * pull * x
        vy += 0.05 * pull * y
        x += 0.05 * vx
        y += 0.05 * vy
    return x * x + y * y


@case(0.3, 0.1, X, np.array([1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0]))
def logistic_regression(w, b, x, y):
    total = 0.0
    for k in range(len(x)):
        p = 1.0 / (1.0 + np.exp(-(w * x[k] + b)))
        total -= y[k] * np.log(p) + (1 - y[k]) * np.log(1 - p)
    return total


@case(np.abs(draw(3)) + 0.1, X)
def variances_in_turn(p, r):
    omega, alpha, beta = p
    h, total = omega, 0.0
    for t in range(len(r)):
        total += math.log(h) + r[t] ** 2 / h
        h = omega + alpha * r[t] ** 2 + beta * h
    return 0.5 * total


@case(X, 0.4)
def shares_by_number(x, a):
    total = 0.0
    for k in range(len(x)):
        total += a * x[k] * x[k] / (k + 1) + x[k] / (2 + abs(x[k]))
    return total


@case(draw(5), 0.4)
def rows_of_a_triangle(x, a):
    total = 0.0
    for i in range(len(x) - 1, -1, -1):
        total = total * a + x[i]
        for j in range(i):
            total += x[j] / (x[j] * x[i] + 2.0 + a * total * total)
    return total


@case(draw(6), 0.4, 2)
@case(draw(6), 0.4, 5)
def as_many_as_a_branch_says(x, a, n):
    total = 1.0
    if n > 3:
        m = n - 1
        for k in range(m):
            total = total * a + x[k] * x[k] * total
        m = 1
    else:
        m = n + 1
        for k in range(m):
            total = total * a + x[k] * total * total
    return total * m
