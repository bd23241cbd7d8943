"""Kernels that everybody knows, written in place."""

import numpy as np
from golden import golden

rng = np.random.default_rng(7)
CUBE = rng.uniform(0.2, 1.5, (4, 5, 4))
A, B, C, D = rng.uniform(0.2, 1.5, (4, 6))


@golden(CUBE, 0.1, 3, argnums=("u", "alpha"))
def heat_3d(u, alpha, steps):
    for _ in range(steps):
        u[1:-1, 1:-1, 1:-1] += alpha * (
            u[2:, 1:-1, 1:-1] + u[:-2, 1:-1, 1:-1] + u[1:-1, 2:, 1:-1]
            + u[1:-1, :-2, 1:-1] + u[1:-1, 1:-1, 2:] + u[1:-1, 1:-1, :-2]
            - 6.0 * u[1:-1, 1:-1, 1:-1]
        )  # fmt: skip
    return np.sum(u**2)


@golden(A, B + 3.0, C, D, argnums=(0, 1, 2, 3))
def thomas(a, b, c, d):
    """Solves a tridiagonal system in the place of its right-hand side."""
    n = len(d)
    for i in range(1, n):
        w = a[i] / b[i - 1]
        b[i] -= w * c[i - 1]
        d[i] -= w * d[i - 1]
    d[-1] /= b[-1]
    for i in range(n - 2, -1, -1):
        d[i] = (d[i] - c[i] * d[i + 1]) / b[i]
    return np.sum(d**2)


@golden(B @ B * np.eye(4) + 0.1 * np.outer(A[:4], A[:4]))
def cholesky(a):
    """The logarithm of a determinant, by a factorisation in place."""
    n = len(a)
    for j in range(n):
        a[j, j] = np.sqrt(a[j, j] - a[j, :j] @ a[j, :j])
        for i in range(j + 1, n):
            a[i, j] = (a[i, j] - a[i, :j] @ a[j, :j]) / a[j, j]
    return 2.0 * np.sum(np.log(np.diag(a)))


@golden(rng.normal(size=(4, 12)), rng.normal(size=(5, 2, 12)), argnums="u")
def gated(u, inputs):
    """A recurrent unit whose gates share one array."""
    size = u.shape[0]
    state = np.zeros((inputs.shape[1], size))
    for ahead in inputs:
        gates = ahead + state @ u
        keep = 1.0 / (1.0 + np.exp(-gates[:, :size]))
        show = 1.0 / (1.0 + np.exp(-gates[:, size : 2 * size]))
        new = np.tanh(show * gates[:, 2 * size :])
        state = keep * state + (1.0 - keep) * new
    return np.sum(state**2)
