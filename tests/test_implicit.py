"""What solvers find: derivatives by the implicit function theorem, in both modes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad, quad_vec
from scipy.optimize import curve_fit

import symdiff


def heron_step(x, a):
    return 0.5 * (x + a / x)


@symdiff.implicit(fixed_point=heron_step)
def heron(a):
    x = a
    while abs(heron_step(x, a) - x) > 1e-13:
        x = heron_step(x, a)
    return x


def squared(x, a, low, high):
    return x * x - a


@symdiff.implicit(residual=squared)
def bisected(a, low=0.0, high=10.0):
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if middle * middle < a else (low, middle)
    return low


def relaxed(x, w, b):
    return np.tanh(w @ x + b)


@symdiff.implicit(fixed_point=relaxed)
def equilibrium(w, b):
    x = np.zeros(len(b))
    for _ in range(200):
        x = np.tanh(w @ x + b)
    return x


W = np.array([[0.2, -0.3, 0.1], [0.05, 0.3, -0.2], [0.1, 0.1, 0.25]])
B = np.array([0.3, -0.2, 0.5])


def energy(w, b):
    x = equilibrium(w, b)
    return np.sum(x**2) + x[0] * np.sum(b)


def in_a_loop(a):
    total = 0.0
    for k in range(3):
        total += heron(a + k) * bisected(a * (k + 1))
    return total


@pytest.mark.parametrize("function, args", [
    (lambda a: heron(a) * a, (2.0,)),
    (lambda a: bisected(a) + bisected(a, high=5.0), (2.0,)),
    (in_a_loop, (1.7,)),
    (energy, (W, B)),
])  # fmt: skip
def test_gradients(function, args):
    argnums = tuple(range(len(args)))
    found = symdiff.grad(function, argnums=argnums)(*args)
    symdiff.check_grads(function, args)
    _, tangent = symdiff.jvp(function, args, args)
    total = sum(np.sum(bar * dot) for bar, dot in zip(found, args))
    assert tangent == pytest.approx(total, rel=1e-10)


def test_the_derivative_does_not_follow_the_solver():
    """The text of a bisection has slope 0 everywhere; its root has not."""
    assert symdiff.grad(bisected)(9.0) == pytest.approx(1 / 6, rel=1e-9)
    assert symdiff.grad(heron)(9.0) == pytest.approx(1 / 6, rel=1e-9)
    assert symdiff.grad(bisected, argnums="high")(9.0, 0.0, 9.5) == 0.0


def test_a_solver_of_scipy():
    optimize = pytest.importorskip("scipy.optimize")

    def residual(x, a):
        return np.array([x[0] ** 2 + x[1] - a[0], x[1] ** 3 + x[0] - a[1]])

    @symdiff.implicit(residual=residual, returns="float64[:]")
    def solve(a):
        return optimize.root(residual, np.ones(2), args=(a,), tol=1e-13).x

    def loss(a):
        x = solve(a)
        return x[0] * math.exp(x[1])

    symdiff.check_grads(loss, (np.array([3.0, 2.0]),))


def test_wrong_declarations():
    with pytest.raises(symdiff.DifferentiationError, match="either a residual or a"):
        symdiff.implicit(heron)
    with pytest.raises(symdiff.DifferentiationError, match="either a residual or a"):
        symdiff.implicit(heron, heron_step, fixed_point=heron_step)


def test_a_fit_moves_with_the_data():
    data = np.exp(-0.7 * np.arange(8.0) / 8) + 0.1 * np.cos(np.arange(8.0))

    def fitted(u):
        def model(z, p, q):
            return p * np.exp(-q * z)

        places = np.arange(8.0) / 8
        found, _ = curve_fit(model, places, u, (1, 0.1), ftol=1e-15, xtol=1e-15)
        return found[0] * found[1]

    found = symdiff.grad(fitted)(data)
    for k, step in enumerate(1e-3 * np.eye(8)):
        near = (fitted(data + step) - fitted(data - step)) / 2e-3
        assert found[k] == pytest.approx(near, rel=1e-3, abs=1e-4)


def test_rounding_that_an_integral_stops_at_raises_nothing():
    def rough(a):
        def f(x):
            return math.sin(a * x) + ((a * x + 1e9) - 1e9) ** 2

        return quad(f, 0, 3, epsabs=1e-13, epsrel=1e-13)[0]

    want = 3 * math.sin(3) + math.cos(3) - 1 + 18
    assert symdiff.grad(rough)(1.0) == pytest.approx(want, rel=1e-7)


def test_a_derivative_of_an_integral_that_does_not_converge_raises():
    """The integral itself does: its derivative has a pole that is too strong."""

    def near_a_pole(a):
        return quad(lambda x: 1 / math.sqrt(abs(x - a)), 0, 1, points=[0.3])[0]

    def several(w):
        return quad_vec(lambda x: np.sqrt(np.abs(x - w)) / (x - w), 0, 1)[0].sum()

    with pytest.raises(ArithmeticError, match="the derivative of an integral"):
        symdiff.grad(near_a_pole)(0.3)
    with (
        np.errstate(all="ignore"),
        pytest.raises(ArithmeticError, match="the derivative of an integral"),
    ):
        symdiff.grad(several)(np.array([0.3, 0.5]))
