"""The programs for tools that trace: their NumPy instead of `math`, nothing written in
place, and loops that run through `fold(step, state, rounds)`, where rounds are a number
or arrays with one entry for each round.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["of", "python_fold"]

Fold = Callable[[Callable[..., Any], Any, Any], Any]


def python_fold(step: Callable[..., Any], state: Any, rounds: Any) -> Any:
    if isinstance(rounds, int):
        for _ in range(rounds):
            state = step(state, None)
        return state
    for items in zip(*rounds, strict=True):
        state = step(state, items)
    return state


def of(name: str, np: Any, fold: Fold = python_fold) -> Callable[..., Any]:
    """The program of this name, written with a NumPy and a loop of a tool."""
    make: Callable[..., Callable[..., Any]] = globals()[f"_{name}"]
    return make(np, fold)


def _two_inputs(np: Any, fold: Fold) -> Callable[..., Any]:
    def f(x, y):
        a = x * y + np.sin(x)
        b = np.exp(-a * a) + y**2
        c = a / b - np.log(b)
        d = np.sqrt(c * c + 1.0) * x
        e = np.tanh(d - a) * b
        g = (e + c) * (e - y) / (1.0 + d * d)
        h = np.cos(g) * a + np.arctan(e * x)
        return h * h + g * b - 3.0 * c

    return f


def _hamiltonian(np: Any, fold: Fold) -> Callable[..., Any]:
    def f(a, b, p, q, m1, m2, l1, l2):
        delta = a - b
        s = np.sin(delta)
        c = np.cos(delta)
        mass = m1 + m2 * s * s
        u = l2 * p
        v = l1 * q
        top = m2 * u * u + (m1 + m2) * v * v - 2 * m2 * u * v * c
        r = l1 * l2
        kinetic = top / (2 * m2 * r * r * mass)
        potential = -9.81 * ((m1 + m2) * l1 * np.cos(a) + m2 * l2 * np.cos(b))
        return kinetic + potential

    return f


def _charges(np: Any, fold: Fold) -> Callable[..., Any]:
    def f(places):
        energy = 0.0
        for i in range(5):
            x, y = places[2 * i], places[2 * i + 1]
            energy += 0.1 * (x * x + y * y)
            for j in range(i):
                dx = x - places[2 * j]
                dy = y - places[2 * j + 1]
                r2 = dx * dx + dy * dy + 0.01
                r = np.sqrt(r2)
                energy += np.exp(-0.5 * r) / r + 0.3 * np.log(r2)
                if j == i - 1:
                    energy += 0.5 * (r - 1.0) ** 2
        return energy

    return f


def _pendulum(np: Any, fold: Fold) -> Callable[..., Any]:
    def f(theta, omega, k, c, dt, steps):
        def step(state, _):
            theta, omega = state
            alpha = -k * np.sin(theta) - c * omega
            return theta + dt * omega, omega + dt * alpha

        theta, _ = fold(step, (theta, omega), steps)
        return theta**2

    return f


def _runge_kutta(np: Any, fold: Fold) -> Callable[..., Any]:
    def f(x, v, mu, k, dt, steps):
        def force(x, v):
            return mu * (1.0 - x * x) * v - k * x

        def step(state, _):
            x, v = state
            k1 = force(x, v)
            x2, v2 = x + 0.5 * dt * v, v + 0.5 * dt * k1
            k2 = force(x2, v2)
            x3, v3 = x + 0.5 * dt * v2, v + 0.5 * dt * k2
            k3 = force(x3, v3)
            x4, v4 = x + dt * v3, v + dt * k3
            k4 = force(x4, v4)
            return (
                x + dt / 6 * (v + 2 * v2 + 2 * v3 + v4),
                v + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4),
            )

        x, v = fold(step, (x, v), steps)
        return x * x + v * v

    return f


def _implicit_steps(np: Any, fold: Fold) -> Callable[..., Any]:
    """With six rounds of Newton's method at each step, done or not: what compilers of
    loops can reverse."""

    def f(y, rate, dt, steps):
        def step(y, _):
            def improve(z, _):
                residual = z - y + dt * rate * z**3
                better = z - residual / (1.0 + 3.0 * dt * rate * z**2)
                return np.where(abs(residual) > 1e-9, better, z)

            return fold(improve, y, 6)

        return fold(step, y, steps)

    return f


def _burgers(np: Any, fold: Fold) -> Callable[..., Any]:
    def f(u0, observed, dt, dx, nu, steps):
        def step(u, _):
            left, mid, right = u[:-2], u[1:-1], u[2:]
            mid = (
                mid
                - dt / dx * mid * (mid - left)
                + nu * dt / dx**2 * (right - 2 * mid + left)
            )
            return np.concatenate((u[:1], mid, u[-1:]))

        u = fold(step, u0, steps)
        return 0.5 * np.sum((u - observed) ** 2)

    return f


def _log_sum_exp(np: Any, x: Any) -> Any:
    top = np.max(x, axis=1)
    return np.log(np.sum(np.exp(x - top[:, None]), axis=1)) + top


def _classifier(np: Any, fold: Fold) -> Callable[..., Any]:
    def f(w1, b1, w2, b2, images, labels):
        logits = np.tanh(images @ w1 + b1) @ w2 + b2
        return np.mean(_log_sum_exp(np, logits) - np.sum(labels * logits, axis=1))

    return f


def _mixture(np: Any, fold: Fold) -> Callable[..., Any]:
    def f(weights, means, log_scales, points):
        scaled = (points[:, None, :] - means) * np.exp(-log_scales)
        norms = np.sum(log_scales, axis=1)
        log_density = -0.5 * np.sum(scaled**2, axis=2) - norms + weights
        total = np.log(np.sum(np.exp(weights)))
        return np.sum(_log_sum_exp(np, log_density)) - len(points) * total

    return f


def _reprojection(np: Any, fold: Fold) -> Callable[..., Any]:
    def f(camera, point, weight, seen):
        a, b, c = camera[0], camera[1], camera[2]
        x, y, z = point[0] - camera[3], point[1] - camera[4], point[2] - camera[5]
        angle = np.sqrt(a * a + b * b + c * c)
        cosine, sine = np.cos(angle), np.sin(angle)
        a, b, c = a / angle, b / angle, c / angle
        t = (a * x + b * y + c * z) * (1.0 - cosine)
        x, y, z = (
            x * cosine + (b * z - c * y) * sine + a * t,
            y * cosine + (c * x - a * z) * sine + b * t,
            z * cosine + (a * y - b * x) * sine + c * t,
        )
        u, v = x / z, y / z
        r2 = u * u + v * v
        stretch = 1.0 + camera[9] * r2 + camera[10] * r2 * r2
        u = camera[6] * u * stretch + camera[7]
        v = camera[6] * v * stretch + camera[8]
        return np.stack((weight * (u - seen[0]), weight * (v - seen[1])))

    return f


def _memory_cell(np: Any, fold: Fold) -> Callable[..., Any]:
    def sigmoid(x):
        return 1.0 / (1.0 + np.exp(-x))

    def f(w, u, b, inputs, wanted):
        size = u.shape[0]

        def step(state, items):
            hidden, cell, error = state
            x, target = items
            gates = x @ w + hidden @ u + b
            keep = sigmoid(gates[:, :size])
            write = sigmoid(gates[:, size : 2 * size])
            show = sigmoid(gates[:, 2 * size : 3 * size])
            cell = keep * cell + write * np.tanh(gates[:, 3 * size :])
            hidden = show * np.tanh(cell)
            return hidden, cell, error + np.sum((hidden - target) ** 2)

        zero = np.zeros((inputs.shape[1], size))
        _, _, error = fold(step, (zero, zero, 0.0), (inputs, wanted))
        return error / len(inputs)

    return f
