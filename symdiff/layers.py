"""Forward texts of common layers and costs, to make modules of.

Plain NumPy: what goes back through them is derived from these lines. Samples lie along
the first axis; images are (sample, channel, row, column).
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = [
    "add", "batch_norm", "convolution", "dense", "dropout", "dropout_mask", "flatten",
    "max_pool", "mean_squared_error", "recurrent", "relu", "sigmoid",
    "softmax_cross_entropy", "tanh",
]  # fmt: skip


def dense(z: Any, w: Any, b: Any) -> Any:
    return z @ w + b


def relu(z: Any) -> Any:
    return np.maximum(z, 0.0)


def sigmoid(z: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-z))


def tanh(z: Any) -> Any:
    return np.tanh(z)


def add(a: Any, b: Any) -> Any:
    """A skip connection joins here."""
    return a + b


def flatten(z: Any) -> Any:
    return z.reshape(z.shape[0], -1)


def dropout(z: Any, mask: Any) -> Any:
    """The mask holds 0 for what is dropped, 1 / (1 - rate) for the rest."""
    return z * mask


def dropout_mask(rng: Any, shape: tuple[int, ...], rate: float) -> Any:
    """A mask for `dropout`, which drops this part of all values."""
    return (rng.random(shape) >= rate) / (1.0 - rate)


def batch_norm(z: Any, gamma: Any, beta: Any) -> Any:
    """Each feature with the mean 0 and the variance 1 over the samples, then scaled."""
    centred = z - np.mean(z, axis=0)
    spread = np.sqrt(np.mean(centred**2, axis=0) + 1e-5)
    return gamma * centred / spread + beta


def convolution(z: Any, kernel: Any, b: Any) -> Any:
    """Images (n, c, h, w) by a kernel (o, c, rows, columns), without a margin."""
    n, _, h, w = z.shape
    o, _, rows, columns = kernel.shape
    high, wide = h - rows + 1, w - columns + 1
    out = np.zeros((n, o, high, wide)) + b.reshape(1, -1, 1, 1)
    for i in range(rows):
        for j in range(columns):
            part = z[:, :, i : i + high, j : j + wide]
            out += np.einsum("nchw,oc->nohw", part, kernel[:, :, i, j])
    return out


def max_pool(z: Any) -> Any:
    """The largest of each two by two."""
    rows = np.maximum(z[:, :, 0::2, :], z[:, :, 1::2, :])
    return np.maximum(rows[:, :, :, 0::2], rows[:, :, :, 1::2])


def recurrent(z: Any, h: Any, w: Any, u: Any, b: Any) -> Any:
    """One step of a recurrent cell: the state after h, given z."""
    return np.tanh(z @ w + h @ u + b)


def softmax_cross_entropy(scores: Any, labels: Any) -> Any:
    """The mean over samples; labels are integers."""
    shifted = scores - np.max(scores, axis=1, keepdims=True)
    total = np.log(np.sum(np.exp(shifted), axis=1))
    return np.mean(total - shifted[np.arange(len(labels)), labels])


def mean_squared_error(y: Any, target: Any) -> Any:
    """Up to constants the negative logarithm of a Gaussian likelihood."""
    return np.mean((y - target) ** 2)
