"""Lists whose length is known at run time only."""

import math

import numpy as np

from golden import golden


@golden(0.3, 6, along=True)
def appended(x, n):
    """The energy of samples of a wave."""
    samples = []
    for i in range(n):
        samples.append(math.sin(x * i))
    return sum(v * v for v in samples)


@golden(0.7, 6, forward=True, along=True)
def quadrature(x, n):
    """Splits intervals that are wide, on a stack, and adds up the others."""
    stack = [x]
    total = 0.0
    while stack:
        v = stack.pop()
        if v > 0.2:
            stack.append(0.4 * v)
            stack.append(0.6 * math.sin(v))
        else:
            total += v * v
    return total


@golden([[1.0, 2.0], [3.0, 4.0]], [[0.5, 1.5], [2.5, 0.2]], argnums=("A", "B"))
def product_of_rows(A, B):
    """A sum over the product of two matrices that are lists of rows."""
    rows, inner, columns = len(A), len(B), len(B[0])
    C = [[0.0] * columns for _ in range(rows)]
    for i in range(rows):
        for j in range(columns):
            for k in range(inner):
                C[i][j] += A[i][k] * B[k][j]
    s = 0.0
    for i in range(rows):
        for j in range(columns):
            s += math.sin(C[i][j])
    return s


@golden(np.array([0.3, 0.7, -0.2]), np.array([0.5, 0.6, 0.1]), 0.1, 8)
def track(x, goal, dt, steps):
    """How far the points of a path stay from a goal."""
    path = [x]
    for _ in range(steps):
        x = x + dt * np.sin(x)
        path.append(x)
    return np.sum((np.array(path) - goal) ** 2)


@golden([1.0, 0.5, 2.0, 0.8])
def alignment(costs):
    """Dynamic programming over a list that is overwritten."""
    best = [0.0] * len(costs)
    for i in range(1, len(costs)):
        step = best[i - 1] + costs[i] ** 2
        jump = best[i - 2] + 3.0 * costs[i - 1]
        best[i] = min(step, jump)
    return best[-1]


@golden(0.3, 0.4, [1.0, 2.0, 0.5])
def filtered(q, r, measured):
    """Kalman's filter of numbers: the gain is kept, the variance of a measurement is not."""
    x, p = 0.0, 1.0
    for z in measured:
        p = p + q
        s = p + r
        gain = p / s
        x = x + gain * (z - x)
        p = (1 - gain) * p
    return x
