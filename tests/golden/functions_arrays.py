"""Arrays that are read only."""

import numpy as np
from golden import golden

rng = np.random.default_rng(1)
A, X = rng.uniform(0.2, 1.5, (3, 4)), rng.uniform(-1, 1, (7, 4))
B, C = rng.uniform(0.2, 1.5, 4), rng.uniform(0.2, 1.5, 3)
U, V = rng.uniform(0.2, 1.5, 6), rng.uniform(0.2, 1.5, 6)
LABELS = np.array([0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0])


@golden(U, 0.7, argnums=("u", "c"))
def elementwise(u, c):
    return np.sum(np.exp(-c * u) * np.sin(u))


@golden(A, B, C, argnums=(0, 1, 2))
def broadcasting(a, row, column):
    return np.sum((a * row + column[:, None]) ** 2)


@golden(A, argnums="a", forward=True)
def reductions(a):
    spread = a - a.mean(axis=0)
    return np.sum(spread**2) + np.max(a) * np.sum(a.sum(axis=1) ** 3)


@golden(B, 0.1, X, LABELS, value=True, argnums=("weights", "bias"))
def logistic_loss(weights, bias, X, y):
    z = X @ weights + bias
    return np.mean(np.logaddexp(0, z) - y * z)


@golden(A, C, C, 0.3, X, LABELS, argnums=(0, 1, 2, 3))
def mlp(w1, b1, w2, b2, X, y):
    """Two layers and a squared error."""
    hidden = np.tanh(X @ w1.T + b1)
    out = hidden @ w2 + b2
    return np.mean((out - y) ** 2)


@golden(U - 0.8, V, argnums=("u", "v"))
def where_and_maximum(u, v):
    relu = np.maximum(u, 0.0)
    return np.sum(np.where(v > 1.0, relu * v, u * u))


@golden(U, V, argnums=("u", "v"))
def concatenate_and_stack(u, v):
    joined = np.concatenate([u, v[1:3]])
    pair = np.stack([u, v * v])
    return np.sum(joined**2) + np.sum(pair[0] * pair[1])


@golden(U, argnums="u")
def slices(u):
    d = u[1:] - u[:-1]
    return np.sum(np.sqrt(1 + d * d)) + u[0] * u[-1]


@golden(U.astype(np.float32), np.float32(0.5), argnums=("u", "c"), rtol=1e-3)
def single_precision(u, c):
    return np.sum(c * u * u)


@golden(A, argnums="a")
def softmax_entropy(a):
    e = np.exp(a - a.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return -np.sum(p * np.log(p))


@golden(B, A, argnums=("x", "m"))
def quadratic_form(x, m):
    y = m @ x
    return y @ y / (x @ x)


@golden(A, argnums="a")
def log_sum_exp(a):
    top = a.max(axis=1)
    return np.sum(np.log(np.sum(np.exp(a - top[:, None]), axis=1)) + top)


@golden(U, 0.1, 3, argnums=("u", "k"))
def smoothed(u, k, steps):
    u = u.copy()
    for _ in range(steps):
        left, inner, right = u[:-2], u[1:-1], u[2:]
        u[1:-1] = inner + k * (right - 2 * inner + left) * inner
    return np.sum(u * u)


@golden(np.eye(3) * 0.5, X[:3, :2], C, X[:, 2:], argnums=("w", "u", "b"))
def recurrent(w, u, b, inputs):
    state, total = np.zeros(3), 0.0
    for x in inputs:
        state = np.tanh(w @ state + u @ x + b)
        total += np.sum(state**2)
    return total


@golden(np.array([0.3, 0.8]), 0.5)
def numbered(x, x2_bar):
    """Adjoints are numbered as their values, but for a name that is the user's."""
    x = np.sin(x) * x2_bar
    x = x * np.exp(x)
    x = x * np.cos(x)
    x = x[0] * x[::-1]
    return np.sum(x * x)
