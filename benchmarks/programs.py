"""The programs that are measured, as a user writes them."""

import math

import numpy as np


def hamiltonian(a, b, p, q, m1, m2, l1, l2):
    """The energy of a double pendulum with angles a, b and momenta p, q."""
    delta = a - b
    s = math.sin(delta)
    c = math.cos(delta)
    mass = m1 + m2 * s * s
    u = l2 * p
    v = l1 * q
    top = m2 * u * u + (m1 + m2) * v * v - 2 * m2 * u * v * c
    r = l1 * l2
    kinetic = top / (2 * m2 * r * r * mass)
    potential = -9.81 * ((m1 + m2) * l1 * math.cos(a) + m2 * l2 * math.cos(b))
    return kinetic + potential


def pendulum(theta, omega, k, c, dt, steps):
    """The angle of a damped pendulum after some Euler steps, squared."""
    for _ in range(steps):
        alpha = -k * math.sin(theta) - c * omega
        theta += dt * omega
        omega += dt * alpha
    return theta**2


def burgers(u0, observed, dt, dx, nu, steps):
    """The misfit of a Burgers equation that is stepped in place."""
    u = u0.copy()
    for _ in range(steps):
        left, mid, right = u[:-2], u[1:-1], u[2:]
        u[1:-1] = (
            mid - dt / dx * mid * (mid - left) + nu * dt / dx**2 * (right - 2 * mid + left)
        )
    return 0.5 * np.sum((u - observed) ** 2)


def two_inputs(x, y):
    """Thirty operations of two inputs."""
    a = x * y + math.sin(x)
    b = math.exp(-a * a) + y**2
    c = a / b - math.log(b)
    d = math.sqrt(c * c + 1.0) * x
    e = math.tanh(d - a) * b
    g = (e + c) * (e - y) / (1.0 + d * d)
    h = math.cos(g) * a + math.atan(e * x)
    return h * h + g * b - 3.0 * c


def ten_lines(x, c, n):
    """A function of ten lines, for the time that generating takes."""
    total = 0.0
    scale = math.sqrt(1.0 + c * c)
    for i in range(n):
        y = x * math.sin(x) + c * i
        if y > scale:
            total += y / scale
        else:
            total -= math.exp(-y) * c
        x = y / (1.0 + y * y)
    return total + x * scale
