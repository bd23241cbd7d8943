"""Branches as indicator functions."""

import numpy as np

from golden import golden


@golden(1.5, 2.0, argnums=("x", "w"), value=True, indicators=True)
def leaky(x, w):
    y = x * w
    if y > 0:
        return y * w
    return 0.1 * y


@golden(2.0, 1.0, argnums=("r", "d"), indicators=True)
def pseudo_huber(r, d):
    a = abs(r)
    return 0.5 * r * r if a <= d else d * (a - 0.5 * d)


@golden(np.array([0.5, -1.5, 2.5]), 1.0, indicators=True)
def clipped_squares(u, d):
    return np.sum(np.where(np.abs(u) < d, u * u, 2 * d * np.abs(u) - d * d))


@golden(0.7, 5, indicators=True)
def tent_map(x, n):
    for _ in range(n):
        if x < 0.5:
            x = 1.9 * x
        else:
            x = 1.9 * (1 - x)
    return x
