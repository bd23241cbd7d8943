"""Programs that ask for derivatives themselves."""

import math

import numpy as np

from golden import golden
from symdiff import checkpoint, grad, hvp, jacfwd, jvp, value_and_grad


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def chain(x, c, n):
    for _ in range(n):
        if x > 0.5:
            x = x * math.sin(x) + c
        else:
            x = x * x + 0.3
    return x


def product_of_sines(x, n):
    if n == 0:
        return x
    return math.sin(x) * product_of_sines(x + 0.1, n - 1)


@golden(0.8, 4)
def slope_of_a_recursion(x, n):
    return grad(product_of_sines)(x, n) ** 2


def shifted(u, n):
    u = u.copy()
    for _ in range(n):
        u[1:-1] = u[1:-1] * u[1:-1] + 0.1 * u[2:]
    return np.sum(u**2)


@golden(np.array([0.5, -0.2, 1.1]))
def curvature_along(x):
    return hvp(rosenbrock, (x,), (2.0 * x,))[0] @ x


@golden(1e-3, np.array([0.5, -0.2, 1.1]), 3, argnums=(0, 1))
def trained(rate, x, steps):
    for _ in range(steps):
        x = x - rate * grad(rosenbrock)(x)
    return rosenbrock(x)


@golden(0.8, 0.4, 4, argnums=(0, 1), along=True)
def slope_of_a_chain(x, c, n):
    return grad(chain)(x, c, n)


@golden(np.array([0.1, 0.4, 0.2, 0.9, 0.5]), 3)
def slope_of_writes(u, n):
    return np.sum(grad(shifted)(u, n) * np.arange(5.0))


@golden(0.8, 0.4, 4, argnums=(0, 1))
def speed_of_a_chain(x, c, n):
    return jvp(grad(chain), (x, c, n), (1.0, 0.0, None))[1]


@golden(3.0, along=True)
def cube_root(a):
    y = 1.0
    for _ in range(8):
        value, slope = value_and_grad(lambda z: z**3 - a)(y)
        y = y - value / slope
    return y


@golden(np.array([0.5, -0.2, 1.1]))
def squared_jacobian(x):
    return np.sum(jacfwd(lambda y: np.sin(y) * y[0])(x) ** 2)


@checkpoint
def relaxed(u, k, count):
    for _ in range(count):
        u = u + k * np.sin(u) * np.cos(u)
    return u


@golden(np.array([0.5, -0.2, 1.1]), 0.1, 3, 4, argnums=("u", "k"))
def relaxed_in_blocks(u, k, blocks, count):
    for _ in range(blocks):
        u = relaxed(u, k, count)
    return np.sum(u**2)
