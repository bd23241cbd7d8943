"""What stays when a number is added to all arguments, and what only looks so."""

from __future__ import annotations

import numpy as np

from corpus.registry import case

LINE = np.array([0.3, -1.2, 0.7, 2.1])
TABLE = np.array([[0.4, -0.3, 1.1], [0.9, 0.2, -0.8], [-1.5, 0.6, 0.1], [0.0, 1.3, 0.5]])


@case(LINE, LINE[::-1].copy())
def softmax_of_a_line(x, w):
    e = np.exp(x - np.max(x))
    return (e / e.sum()) @ w


@case(TABLE, TABLE[:3] ** 2)
def softmax_of_rows(x, v):
    shifted = x - np.max(x, axis=-1)[:, None]
    e = np.exp(shifted)
    return np.sum((e / np.sum(e, axis=-1)[:, None] @ v) ** 2)


@case(TABLE, np.array([2, 0, 1, 1]))
def cross_entropy_by_index(x, y):
    z = x - x.max(axis=1, keepdims=True)
    logs = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    return -np.mean(logs[np.arange(len(y)), y])


@case(TABLE, 1.0 + TABLE[0], TABLE[1])
def layer_norm(x, scale, shift):
    mean = np.mean(x, axis=1, keepdims=True)
    off = x - mean
    variance = np.mean(off**2, axis=1, keepdims=True)
    return np.sum(np.sin(off / np.sqrt(variance + 1e-5) * scale + shift))


@case(TABLE)
def batch_norm_of_columns(x):
    off = x - x.sum(axis=0) / x.shape[0]
    return np.sum((off / np.sqrt((off * off).sum(axis=0) / len(x))) ** 3)


@case(LINE, 1.7)
def spread_around_the_mean(x, scale):
    off = x - np.sum(x) / x.size
    return np.sum(off**2) / len(x) * scale + np.sum(off**4)


@case(LINE, TABLE[:, 0])
def mean_of_another(x, y):
    return np.sum((x - y.mean()) ** 2) + np.sum((y - np.sum(y) / 3) ** 2)


@case(TABLE)
def mean_along_the_other_axis(x):
    square = x[:3]
    off = square - square.mean(axis=1)
    return np.sum(off**2) + np.sum((x - x.mean()) ** 2 * x)


@case(TABLE)
def weights_that_do_not_sum_to_one(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return np.sum(e / (np.sum(e, axis=1, keepdims=True) + 1.0) * x)


@case(LINE, 3)
def softmax_again_and_again(x, n):
    total = 0.0
    for _ in range(n):
        e = np.exp(x - x.max())
        x = e / e.sum() * x
        total += np.sum((x - x.mean()) ** 2)
    return total
