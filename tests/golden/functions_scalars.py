"""Straight lines and branches of numbers."""

import math

from golden import golden

GRAVITY = 9.81
COEFFICIENTS = (1.0, -0.5, 0.25, 2.0)


@golden(0.7, 1.9, argnums=("x", "y"), forward=True)
def f(x, y):
    return 1 + x + math.exp(math.sin(x * y))


@golden(0.4, 0.9, 1.3, -0.2, 1.1, 0.7, 1.2, 0.8, argnums=tuple(range(8)))
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


@golden(0.3, 1.2, 0.8, value=True, argnums=("mu", "sigma"))
def log_density(x, mu, sigma):
    z = (x - mu) / sigma
    return -0.5 * z**2 - math.log(sigma) - 0.5 * math.log(2 * math.pi)


@golden(1.3, 0.4, 2.5, argnums=(0, 2))
def power(x, y, n):
    return x**n + x**3 - math.sqrt(x) / (1 + y * y)


@golden(0.6)
def early_returns(x):
    if x < 0:
        return -3 * x
    y = x * x
    if y > 4:
        return math.sqrt(y) * x
    return y * math.exp(-y)


@golden(1.5, 0.5, argnums=("x", "k"))
def elif_ladder(x, k):
    if x < 0:
        y = k * x
    elif x < 1:
        y = x * x
    elif x < 2:
        y = math.sin(k * x)
    else:
        y = math.log(x)
    return y * x


@golden(1.4, 0.6, argnums=(0, 1))
def huber(x, d):
    a = abs(x)
    return 0.5 * x * x if a <= d else d * (a - 0.5 * d)


@golden(0.9, 0.2, argnums=("x", "y"))
def swapped_if_larger(x, y):
    if x > y:
        x, y = y, x
    z = y - x
    return z * z * y


@golden(0.5, 12.0, argnums=("angle", "speed"), along=True)
def throw_range(angle, speed):
    """Reads a module constant, and a tuple that makes a loop."""
    distance = speed**2 * math.sin(2 * angle) / GRAVITY
    correction = 0.0
    for c in COEFFICIENTS:
        correction = correction * angle + c
    return distance * correction


def derivative(theta, omega, k):
    return omega, -k * math.sin(theta)


@golden(0.3, 0.1, 2.0, 0.05, argnums=("theta", "omega", "k"))
def rk4_step(theta, omega, k, h):
    a1, b1 = derivative(theta, omega, k)
    a2, b2 = derivative(theta + h / 2 * a1, omega + h / 2 * b1, k)
    a3, b3 = derivative(theta + h / 2 * a2, omega + h / 2 * b2, k)
    a4, b4 = derivative(theta + h * a3, omega + h * b3, k)
    theta = theta + h / 6 * (a1 + 2 * a2 + 2 * a3 + a4)
    omega = omega + h / 6 * (b1 + 2 * b2 + 2 * b3 + b4)
    return 0.5 * omega**2 - k * math.cos(theta)


@golden(0.8, 1.7, argnums=(0, 1))
def closure(x, a):
    def scaled(v):
        return a * math.tanh(v)

    return scaled(x) * scaled(2 * x)
