"""Functions whose gradients are compiled."""

import math

import numpy as np

from golden import golden

TIMES = np.array([0.0, 0.5, 1.0])


@golden(0.3, 0.1, 0.01, 20, argnums=(0, 1), target="numba")
def falling(angle, drag, dt, steps):
    speed = 0.0
    for _ in range(steps):
        speed -= dt * (math.sin(angle) + drag * speed)
        angle += dt * speed
    return angle**2 + speed**2


@golden(2.0, target="numba")
def bisected(x):
    low, high = 0.0, x
    rounds = 0
    while high - low > 0.1 and rounds < 50:
        middle = 0.5 * (low + high)
        if middle * middle * x < 1.0:
            low = middle * x
        else:
            high = middle
        rounds += 1
    return low + high


@golden(np.array([0.0, 1.0, 3.0, 2.0, 0.0]), 0.1, 3, argnums=(0, 1), target="numba")
def diffused(u0, rate, steps):
    u = u0.copy()
    for _ in range(steps):
        u[1:-1] += rate * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u * u)


@golden(np.arange(12.0).reshape(3, 4), np.ones((3, 4)), target="numba")
def total_variation(image, weights):
    down = (image[1:, :] - image[:-1, :]) ** 2
    right = (image[:, 1:] - image[:, :-1]) ** 2
    return np.sum(np.sqrt(down + 1e-3)) + np.sum(right) + np.sum(weights * np.exp(-image))


@golden({"rate": 0.5, "scale": 2.0}, [1.0, 0.6, 0.4], target="numba")
def decay_loss(params, measured):
    loss = 0.0
    for k in range(len(measured)):
        predicted = params["scale"] * math.exp(-params["rate"] * TIMES[k])
        loss += (predicted - measured[k]) ** 2
    return loss


@golden(0.4, 12, target="numba")
def bernoulli_like(x, n):
    total, factorial = 0.0, 1
    for k in range(1, n):
        factorial *= k
        total += x**k / factorial
    return total
