"""The gradients of the programs, written by hand for speed."""

import math

import numpy as np


def hamiltonian_grad(a, b, p, q, m1, m2, l1, l2):
    delta = a - b
    s = math.sin(delta)
    c = math.cos(delta)
    mass = m1 + m2 * s * s
    u = l2 * p
    v = l1 * q
    vc = v * c
    m = m1 + m2
    mv = m * v
    r = l1 * l2
    # With the 2 m2 of the energy's denominator cancelled wherever it meets a numerator.
    w = 1 / (r * r * mass)
    top = m2 * u * (u - 2 * vc) + mv * v
    slope = w * s * (u * v - c * top / mass)
    return (
        slope + 9.81 * m * l1 * math.sin(a),
        9.81 * m2 * l2 * math.sin(b) - slope,
        w * (u - vc) * l2,
        w * (mv / m2 - u * c) * l1,
    )


def two_inputs_grad(x, y):
    a = x * y + math.sin(x)
    bump = math.exp(-a * a)
    b = bump + y**2
    ratio = a / b
    c = ratio - math.log(b)
    root = math.sqrt(c * c + 1.0)
    d = root * x
    t = math.tanh(d - a)
    e = t * b
    left = e + c
    right = e - y
    r = 1.0 + d * d
    g = left * right / r
    cosine = math.cos(g)
    ex = e * x
    h = cosine * a + math.atan(ex)
    h_bar = 2.0 * h
    k = h_bar / (1.0 + ex * ex)
    w = (b - h_bar * a * math.sin(g)) / r
    left_bar = w * right
    right_bar = w * left
    e_bar = k * x + left_bar + right_bar
    u = e_bar * b * (1.0 - t * t)
    d_bar = u - 2.0 * w * g * d
    v = (left_bar - 3.0 + d_bar * x * c / root) / b
    b_bar = g + e_bar * t - v * (ratio + 1.0)
    a_bar = h_bar * cosine - u + v - 2.0 * b_bar * bump * a
    x_bar = k * e + d_bar * root + a_bar * (y + math.cos(x))
    return x_bar, 2.0 * b_bar * y - right_bar + a_bar * x


def pendulum_grad(theta, omega, k, c, dt, steps):
    tape = []
    for _ in range(steps):
        s = math.sin(theta)
        tape.append((theta, s, omega))
        theta, omega = theta + dt * omega, omega - dt * (k * s + c * omega)
    theta_bar = 2 * theta
    omega_bar = k_bar = c_bar = 0.0
    for theta, s, omega in reversed(tape):
        alpha_bar = dt * omega_bar
        k_bar -= alpha_bar * s
        c_bar -= alpha_bar * omega
        omega_bar += dt * theta_bar - c * alpha_bar
        theta_bar -= alpha_bar * k * math.cos(theta)
    return theta_bar, omega_bar, k_bar, c_bar


def burgers_grad(u0, observed, dt, dx, nu, steps):
    u = u0.copy()
    r, k = dt / dx, nu * dt / dx**2
    diagonal = 1 - 2 * k
    states = np.empty((steps, u.size))
    for n in range(steps):
        states[n] = u
        left, mid, right = u[:-2], u[1:-1], u[2:]
        # mid - r mid (mid - left) + k (right - 2 mid + left), with fewer passes
        u[1:-1] = mid * (diagonal - r * (mid - left)) + k * (right + left)
    u_bar = u - observed
    for u in states[::-1]:
        a = r * u
        mid = a[1:-1]
        v = u_bar[1:-1].copy()
        u_bar[1:-1] *= diagonal - 2 * mid + a[:-2]
        u_bar[2:] += k * v
        u_bar[:-2] += v * (mid + k)
    return u_bar


def burgers_grad_buffers(u0, observed, dt, dx, nu, steps):
    """The same without an allocation in either loop."""
    n = u0.size
    r, k = dt / dx, nu * dt / dx**2
    diagonal = 1 - 2 * k
    states = np.empty((steps + 1, n))
    states[0] = u0
    states[1:, 0] = u0[0]
    states[1:, -1] = u0[-1]
    left, mid, right = states[:, :-2], states[:, 1:-1], states[:, 2:]
    s, t = np.empty(n - 2), np.empty(n - 2)
    multiply, add, subtract = np.multiply, np.add, np.subtract
    for i in range(steps):
        new = mid[i + 1]
        subtract(mid[i], left[i], s)
        multiply(s, r, s)
        subtract(diagonal, s, s)
        multiply(s, mid[i], s)
        add(right[i], left[i], t)
        multiply(t, k, t)
        add(s, t, new)
    u_bar = states[-1] - observed
    a = np.empty(n)
    a_left, a_mid = a[:-2], a[1:-1]
    b_left, b_mid, b_right = u_bar[:-2], u_bar[1:-1], u_bar[2:]
    v = np.empty(n - 2)
    for i in range(steps - 1, -1, -1):
        multiply(states[i], r, a)
        v[:] = b_mid
        subtract(a_left, a_mid, s)
        subtract(s, a_mid, s)
        add(s, diagonal, s)
        multiply(b_mid, s, b_mid)
        multiply(v, k, t)
        add(b_right, t, b_right)
        add(a_mid, k, s)
        multiply(s, v, s)
        add(b_left, s, b_left)
    return u_bar
