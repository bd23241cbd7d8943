"""Arrays that are written in place."""

import numpy as np
from golden import golden

from symdiff.checkpoints import Kept

rng = np.random.default_rng(2)
U, V = rng.uniform(0.2, 1.5, 8), rng.uniform(0.2, 1.5, 8)
A, M = rng.uniform(0.2, 1.5, (4, 5)), rng.uniform(0.2, 1.5, (4, 4)) + 3 * np.eye(4)


@golden(U, V, 0.01, 0.1, 0.05, 5, argnums="u0", forward=True)
def burgers(u0, observed, dt, dx, nu, steps):
    """The misfit of a Burgers equation that is stepped in place."""
    u = u0.copy()
    for _ in range(steps):
        left, mid, right = u[:-2], u[1:-1], u[2:]
        u[1:-1] = (
            mid - dt / dx * mid * (mid - left) + nu * dt / dx**2 * (right - 2 * mid + left)
        )
    return 0.5 * np.sum((u - observed) ** 2)


@golden(U, 4)
def double_buffer(u, n):
    new = np.empty_like(u)
    for _ in range(n):
        new[0] = u[0]
        new[-1] = u[-1]
        new[1:-1] = u[1:-1] * (u[2:] + u[:-2])
        u, new = new, u
    return np.sum(u * u)


@golden(A, 2, forward=True)
def gauss_seidel(a, n):
    for _ in range(n):
        for i in range(1, 3):
            for j in range(1, 4):
                a[i, j] = 0.25 * (a[i - 1, j] + a[i + 1, j] + a[i, j - 1] * a[i, j + 1])
    return np.sum(a * a)


@golden(A)
def write_through_row(a):
    row = a[1]
    row[2] = row[0] * a[0, 0]
    row += a[2]
    return np.sum(a * a)


def diffuse(u, k):
    u[1:-1] += k * (u[2:] - 2 * u[1:-1] + u[:-2])


@golden(U, 0.2, 3, argnums=("u", "k"))
def helper_mutates(u, k, n):
    for _ in range(n):
        diffuse(u, k)
    return np.sum(u * u)


@golden(U)
def cumulative(u):
    for i in range(1, len(u)):
        u[i] += u[i - 1]
    return np.sum(u**2)


@golden(U)
def fill_from_previous(u):
    w = np.empty(8)
    w[0] = u[0]
    for i in range(1, 8):
        w[i] = w[i - 1] * u[i] + np.sin(w[i - 1])
    return w[-1] * w[2]


@golden(M, V[:4], argnums=("m", "b"))
def gaussian_elimination(m, b):
    n = len(b)
    for k in range(n):
        for i in range(k + 1, n):
            factor = m[i, k] / m[k, k]
            m[i, k:] -= factor * m[k, k:]
            b[i] -= factor * b[k]
    x = np.zeros(n)
    for i in range(n - 1, -1, -1):
        x[i] = (b[i] - m[i, i + 1 :] @ x[i + 1 :]) / m[i, i]
    return np.sum(x * x)


@golden(U, V, 0.1, 4, argnums=("q", "p"))
def symplectic_euler(q, p, h, n):
    for _ in range(n):
        p -= h * np.sin(q)
        q += h * p
    return q @ q + p @ p


@golden(U, 3)
def history(u, n):
    steps = np.zeros((n + 1, 8))
    steps[0] = u
    for k in range(n):
        steps[k + 1] = steps[k] * np.cos(steps[k]) + 0.1 * steps[0]
    return np.sum(steps[-1] ** 2) + np.sum(steps[:, 2])


@golden(U)
def write_in_branch(u):
    for i in range(1, 8):
        if u[i] > u[i - 1]:
            u[i] = u[i] * u[i - 1]
        elif i % 2:
            u[i] += 0.5 * u[i - 1] ** 2
    return np.sum(u * u)


@golden(U, 0.05, 12, argnums=("u", "k"), checkpoint=(3,))
def diffused_in_blocks(u, k, n):
    u = u.copy()
    for _ in range(n):
        u[1:-1] += k * (u[2:] - 2.0 * u[1:-1] + u[:-2]) * u[1:-1]
    return np.sum(u**2)


@golden(U, 0.05, 12, argnums=("u", "k"), checkpoint=Kept(3, "states"))
def diffused_with_few_states(u, k, n):
    u = u.copy()
    for _ in range(n):
        u[1:-1] += k * (u[2:] - 2.0 * u[1:-1] + u[:-2]) * u[1:-1]
    return np.sum(u**2)


@golden(0.4, 30, checkpoint=(3, 0))
def walked_in_blocks_of_blocks(x, n):
    for i in range(n):
        x = x + 0.1 * np.sin(i * x)
    return x


@golden(np.array([0.9, 0.4, 0.6, 0.3]), np.array([0.7, 1.3]), 5, argnums=("rates", "y"))
def rates_apart(rates, y, n):
    grown, eaten, starved, fed = rates
    for _ in range(n):
        prey, hunters = y
        met = prey * hunters
        slope = np.array([grown * prey - eaten * met, fed * met - starved * hunters])
        y = y + 0.1 * slope
    return y[0] + y[1]


@golden(np.array([0.7, 0.2, 1.1, 0.4]), 50)
def elements_in_rounds(p, n):
    x, v, _, _ = p
    for _ in range(n):
        x, v = x + 0.01 * v, v - 0.01 * (p[2] * x + p[3] * v)
    return x * x + v * v


@golden(np.array([0.3, 1.2, 0.8]))
def elements_read_often(x):
    total = (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
    return total + (1 - x[1]) ** 2 + 100 * (x[2] - x[1] ** 2) ** 2


@golden(np.array([1.0, 2.0, 3.0]), [2, 3, 1], 6)
def knapsack(values, weights, room):
    """The larger one of two elements, each of which was read before."""
    best = np.zeros(room + 1)
    for i in range(len(weights)):
        for c in range(room, weights[i] - 1, -1):
            best[c] = max(best[c], best[c - weights[i]] + values[i] ** 2)
    return best[room]


@golden(np.array([0.4, 0.7, -0.5, 0.8, 0.3]), 5)
def rectified(u, n):
    """What is stored is chosen, and read on one side only."""
    v = np.ones(n)
    for i in range(1, n):
        v[i] = max(v[i - 1] * u[i] + 0.1, 0.0)
    return v[n - 1]


@golden(U, 0.4)
def relaxed(u, w):
    """An element that is chosen among products of itself."""
    v = u.copy()
    for i in range(1, len(u)):
        a = v[i] * w
        v[i] = max(a, v[i - 1] * v[i])
    return np.sum(v)


@golden(np.array([0.6, 0.1, 0.8]), np.array([0.3, 1.1, -0.2, 0.7]), value=True)
def autoregression(p, y):
    total = 0.0
    for t in range(1, len(y)):
        error = y[t] - p[0] * y[t - 1] - p[1]
        total += (error / p[2]) ** 2
    return total


@golden(np.array([[0.3, 1.2], [0.8, -0.4], [0.5, 0.9]]), np.array([0.7, 0.4]), 3)
def tables_in_turn(x, w, n):
    total = 0.0
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            total = 0.5 * total + x[i, j] * w[j]
    for i in range(n):
        total = total * x[i, 0] + total * total * x[i, 1]
    return total


@golden(np.array([0.5, 0.3, 0.2]), np.array([0.3, 1.1, -0.2, 0.7]), argnums=("b", "x"))
def recursive_filter(b, x):
    y = np.zeros_like(x)
    for n in range(1, len(x)):
        y[n] = b[0] * x[n] + b[1] * x[n - 1] * x[n - 1] - b[2] * y[n - 1] * y[n - 1]
    return np.sum(y)


@golden(A[0], 0.1, 4)
def all_steps(u0, a, steps):
    u = np.zeros((steps + 1, len(u0)))
    u[0] = u0
    for k in range(steps):
        u[k + 1, 1:-1] = u[k, 1:-1] * (1 + a * (u[k, 2:] - u[k, :-2]))
    return np.sum(u**2)


@golden(U, 0.5, 0.3, argnums=(0, 1, 2))
def filled_by_two(e, a, b):
    n = len(e)
    y = np.zeros(n)
    y[0], y[1] = e[0], e[1]
    for t in range(2, n):
        y[t] = a * y[t - 1] + b * np.sin(y[t - 2]) + e[t]
    return np.sum(y * y)
