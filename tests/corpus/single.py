"""Single precision: gradients have the dtype of their argument."""

from __future__ import annotations

import numpy as np
from corpus.registry import case, draw

V = draw(5, dtype=np.float32)
W = draw(5, seed=1, dtype=np.float32)
A = draw(3, 5, dtype=np.float32)
D = draw(5, seed=1)
LOOSE = {"rtol": 1e-4, "atol": 1e-5}


@case(V, W, **LOOSE)
def elementwise(u, v):
    return np.sum(np.sin(u) * v + u / v)


@case(V, D, **LOOSE)
@case(D, V, **LOOSE)
def mixed(u, v):
    return np.sum(u * v * v)


@case(A, V, **LOOSE)
def matrix(a, v):
    return np.sum(np.tanh(a @ v) ** 2)


@case(V, 1.3, **LOOSE)
def scalar_and_array(u, c):
    return np.sum(c * u * u)


@case(V, np.float32(1.3), **LOOSE)
def numpy_scalar_and_array(u, c):
    return np.sum(c * u * u) + c


@case(V, **LOOSE)
def writing(u):
    u[1:-1] = u[2:] * u[:-2]
    u[0] *= u[1]
    return np.sum(u * u)


@case(V, 3, **LOOSE)
def loop(u, n):
    for _ in range(n):
        u = u * np.cos(u) + 0.1
    return u.sum()


@case(V, **LOOSE)
def mean_and_max(u):
    return u.mean() * u.max() + u[2]


@case(V, **LOOSE)
def into_double_buffer(u):
    w = np.zeros(5)
    w[1:4] = u[:3] * 2
    w += u
    return np.sum(w * w)


@case(D, rtol=1e-4, atol=1e-4, step=1e-2)
def into_single_buffer(u):
    w = np.zeros(5, dtype=np.float32)
    w[:] = u * 2
    return np.sum(w * w)


@case(V, **LOOSE)
def cast_up(u):
    w = u.astype(np.float64)
    return np.sum(w * w)


@case(np.float32(0.7), np.float32(1.2), **LOOSE)
def scalars(x, y):
    return x * y + np.sin(x)
