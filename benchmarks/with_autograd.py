"""The programs for autograd: its NumPy in place of `math`, and no writing in place."""

import autograd.numpy as np


def two_inputs(x, y):
    a = x * y + np.sin(x)
    b = np.exp(-a * a) + y**2
    c = a / b - np.log(b)
    d = np.sqrt(c * c + 1.0) * x
    e = np.tanh(d - a) * b
    g = (e + c) * (e - y) / (1.0 + d * d)
    h = np.cos(g) * a + np.arctan(e * x)
    return h * h + g * b - 3.0 * c


def hamiltonian(a, b, p, q, m1, m2, l1, l2):
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


def pendulum(theta, omega, k, c, dt, steps):
    for _ in range(steps):
        alpha = -k * np.sin(theta) - c * omega
        theta = theta + dt * omega
        omega = omega + dt * alpha
    return theta**2


def burgers(u0, observed, dt, dx, nu, steps):
    u = u0
    for _ in range(steps):
        left, mid, right = u[:-2], u[1:-1], u[2:]
        inner = (
            mid - dt / dx * mid * (mid - left) + nu * dt / dx**2 * (right - 2 * mid + left)
        )
        u = np.concatenate((u[:1], inner, u[-1:]))
    return 0.5 * np.sum((u - observed) ** 2)
