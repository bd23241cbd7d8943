"""Loops of numbers."""

import math

from golden import golden


@golden(0.9, 0.1, 6, argnums=("x", "c"), forward=True, along=True)
def g(x, c, n):
    for i in range(n):
        x = x * math.sin(x) + c
    return x


@golden(0.3, 0.1, 2.0, 0.4, 0.05, 20, argnums=("theta", "omega", "k", "c"))
def pendulum(theta, omega, k, c, dt, steps):
    """The angle of a damped pendulum after some Euler steps, squared."""
    for _ in range(steps):
        alpha = -k * math.sin(theta) - c * omega
        theta += dt * omega
        omega += dt * alpha
    return theta**2


@golden(0.9, 5)
def power_sum(x, n):
    s = 0.0
    for i in range(n):
        s += x**i / (i + 1)
    return s


@golden(2.0, along=True)
def newton(a):
    """A square root: the number of rounds depends on the data."""
    x = a
    while abs(x * x - a) > 1e-12:
        x = 0.5 * (x + a / x)
    return x


@golden(1.3, 8, along=True)
def break_and_continue(x, n):
    s = x
    for i in range(n):
        if i == 2:
            s = s * x
            continue
        if s > 30:
            break
        s = s * s * 0.5 + x
    return s


@golden(1.3, 8, forward=True, along=True)
def return_in_loop(x, n):
    s = x
    for i in range(n):
        s = s * s + 0.1
        if s > 3:
            return s * x
    return s - x


@golden(1.3, 0.2, argnums=("x", "r"), along=True)
def while_true(x, r):
    while True:
        x = x * (1 + r * math.cos(x))
        if x > 1.5:
            break
    return x * x


@golden(0.9, 3, 4, along=True)
def nested_loops(x, n, m):
    s = x
    for i in range(n):
        t = s
        for j in range(m):
            t = t * math.sin(x + i) + 0.1 * j
        s = s + t * t
    return s


@golden(0.9, 7, forward=True)
def branch_in_loop(x, n):
    s = x
    for i in range(n):
        if s > 1:
            s = s * 0.5 * x
        else:
            s = s + s * s
    return s


@golden(0.5, 5, along=True)
def running_maximum(x, n):
    best = -10.0
    for i in range(n):
        v = math.sin(x * i)
        if v > best:
            best = v
    return best * x


@golden(0.5, 6, along=True)
def fibonacci_like(x, n):
    a, b = x, 1.0
    for _ in range(n):
        a, b = b, a * b + x
    return a + b


@golden(0.4, 1.2, argnums=("x", "y"))
def enumerate_and_zip(x, y):
    total = 0.0
    for k, (w, p) in enumerate(zip((0.5, 1.5, -1.0), (1, 2, 3))):
        total += w * x**p * math.cos(k * y)
    return total


@golden([0.0, 0.3, 1.1, 1.4], 0.8, argnums=("xs", "scale"), value=True)
def pair_energy(xs, scale):
    energy = 0.0
    for i in range(len(xs)):
        for j in range(i):
            r2 = (xs[i] - xs[j]) ** 2 + 0.1
            energy += math.exp(-r2 / (2.0 * scale * scale)) / r2
    return energy


@golden(0.7, 0.2, 3, argnums=("x", "k"))
def same_in_all_rounds(x, k, n):
    for _ in range(n):
        x = x + 0.5 * k * math.sin(x) - k * k * x / 3.0
    return x
