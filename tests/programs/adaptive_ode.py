"""Van der Pol oscillator with an embedded Runge-Kutta-Fehlberg pair and step control."""

import math

import numpy as np

# Coefficients of the Runge-Kutta-Fehlberg 4(5) pair.
A = [
    [],
    [1 / 4],
    [3 / 32, 9 / 32],
    [1932 / 2197, -7200 / 2197, 7296 / 2197],
    [439 / 216, -8.0, 3680 / 513, -845 / 4104],
    [-8 / 27, 2.0, -3544 / 2565, 1859 / 4104, -11 / 40],
]
B4 = [25 / 216, 0.0, 1408 / 2565, 2197 / 4104, -1 / 5, 0.0]
B5 = [16 / 135, 0.0, 6656 / 12825, 28561 / 56430, -9 / 50, 2 / 55]
C = [0.0, 1 / 4, 3 / 8, 12 / 13, 1.0, 1 / 2]

SAFETY = 0.9
MIN_FACTOR = 0.2
MAX_FACTOR = 4.0


class StepSizeError(RuntimeError):
    """The step became smaller than what the clock can resolve."""


def van_der_pol(t, y, mu):
    """Right-hand side of the oscillator, with a weak periodic drive."""
    position, velocity = y
    drive = 0.1 * math.sin(1.3 * t)
    return np.array([velocity, mu * (1.0 - position**2) * velocity - position + drive])


def rkf45_step(rhs, t, y, h, *args):
    """One trial step: the solution of fifth order and the estimate of its error."""
    k = []
    for i in range(6):
        yi = y.copy()
        for j in range(i):
            yi += h * A[i][j] * k[j]
        k.append(rhs(t + C[i] * h, yi, *args))
    y4 = y + h * sum(b * ki for b, ki in zip(B4, k))
    y5 = y + h * sum(b * ki for b, ki in zip(B5, k))
    return y5, y5 - y4


def error_norm(error, y_old, y_new, rtol, atol):
    scale = atol + rtol * np.maximum(np.abs(y_old), np.abs(y_new))
    return math.sqrt(np.mean((error / scale) ** 2))


def integrate(rhs, t0, t1, y0, args=(), rtol=1e-4, atol=1e-6, h=0.05, max_steps=1000):
    """Integrate from t0 to t1; the history is a list of (t, y)."""
    t, y = t0, np.asarray(y0, dtype=float)
    history = [(t, y)]
    rejected = 0
    while t < t1:
        if len(history) + rejected > max_steps:
            raise StepSizeError(f"too many steps at t = {t}")
        if t + h > t1:
            h = t1 - t
        y_new, error = rkf45_step(rhs, t, y, h, *args)
        norm = error_norm(error, y, y_new, rtol, atol)
        if norm <= 1.0:
            t = t + h
            y = y_new
            history.append((t, y))
        else:
            rejected += 1
        factor = MAX_FACTOR if norm == 0.0 else SAFETY * norm ** (-0.2)
        h = h * min(MAX_FACTOR, max(MIN_FACTOR, factor))
        if h < 1e-12:
            raise StepSizeError(f"step too small at t = {t}")
    return history, rejected


def action(position, velocity, mu):
    """Integral of the squared position along the orbit (trapezoidal rule), plus its end."""
    history, rejected = integrate(van_der_pol, 0.0, 3.0, [position, velocity], args=(mu,))
    total = 0.0
    for (t_a, y_a), (t_b, y_b) in zip(history[:-1], history[1:]):
        total += 0.5 * (t_b - t_a) * (y_a[0] ** 2 + y_b[0] ** 2)
    _, last = history[-1]
    return total + 0.5 * last[1] ** 2


if __name__ == "__main__":
    print(action(1.2, 0.3, 0.8))
