"""Series of polynomials as functions and as objects, against differences."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.polynomial import (
    Chebyshev, HermiteE, Laguerre, Legendre, Polynomial, legendre,
)  # fmt: skip
from numpy.polynomial.legendre import leggauss
from test_calls import differences

import symdiff

COEFFICIENTS, X = np.array([0.3, -0.7, 0.4, 0.9]), 0.7


def arithmetic(c, x):
    p = Polynomial(c)
    q = p * p + 2.0 * p - 1.0
    return q(x) + (p / 2.0)(x) + (1.0 - p)(x) + (-p)(x) + (p**3)(x) * p.degree()


def slopes_and_areas(c, x):
    p = Polynomial(c)
    assert isinstance(p, Polynomial)
    return p.deriv()(x) + p.deriv(2)(x) + p.integ()(x) - p.integ()(0.0) + p.coef[0]


def old_objects(c, x):
    p = np.poly1d(c)
    return p(x) + p.deriv()(x) + (p * p)(x) + p.integ()(x) + p.order * p.c[0] + (p + 1)(x)


def other_series(c, x):
    points = np.linspace(0.0, x, 5)
    return np.sum(Chebyshev(c)(points) ** 2) + HermiteE(c)(x)


def quadrature(c, x):
    points, weights = leggauss(4)
    return np.sum(weights * legendre.legval(points * x, c))


def every_basis(c, x):
    space = np.polynomial
    return (
        space.polynomial.polyval(x, c) * space.chebyshev.chebval(x, c)
        + space.legendre.legval(x, c) * space.hermite.hermval(x, c)
        + space.hermite_e.hermeval(x, c) * space.laguerre.lagval(x, c)
    )


def fits(c, x):
    points = np.array([0.0, 1.0, 2.0, 3.0]) * x
    line = np.polynomial.polynomial.polyfit(points, c, 1, w=np.array([1.0, 2.0, 1.0, 3.0]))
    curve = np.polynomial.chebyshev.chebfit(points, c, 2)
    return np.sum(line**2) + np.sum(curve * np.arange(3.0))


PROGRAMS = (
    arithmetic, slopes_and_areas, old_objects, other_series, quadrature, every_basis, fits,
)  # fmt: skip


@pytest.mark.parametrize("function", PROGRAMS, ids=lambda f: f.__name__)
def test_both_modes_and_second_order(function):
    args, dots = (COEFFICIENTS, X), (np.array([0.2, 0.5, -0.3, 0.1]), -0.4)
    expected = differences(function, args)
    gradient = symdiff.grad(function, argnums=(0, 1))
    for own, other in zip(gradient(*args), expected, strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-6, atol=1e-7)
    value, dot = symdiff.jvp(function, args, dots)
    along = sum(np.sum(d * e) for d, e in zip(dots, expected))
    np.testing.assert_allclose(value, function(*args), rtol=1e-12)
    np.testing.assert_allclose(dot, along, rtol=1e-6, atol=1e-7)

    def slope(c, x):
        return sum(np.sum(d * g) for d, g in zip(dots, gradient(c, x)))

    _, moved = symdiff.jvp(gradient, args, dots)
    second = sum(np.sum(d * m) for d, m in zip(dots, moved))
    by_steps = sum(np.sum(d * s) for d, s in zip(dots, differences(slope, args)))
    np.testing.assert_allclose(second, by_steps, rtol=1e-5, atol=1e-5)


WIDE = Polynomial([1.0, 2.0, 0.5], domain=[0.0, 2.0])
FITTED = np.polynomial.Chebyshev.fit(np.arange(5.0), np.arange(5.0) ** 2, 3)


def on_a_domain(c, x):
    return Polynomial(c, domain=[0, 3])(x) * Laguerre(c, [0.0, x], [0.0, 1.0])(0.4)


def fitted(c, x):
    by_value = Polynomial.fit(np.arange(len(c)), c, 1)
    return by_value(x) * Legendre.fit(c**3, np.sin(c), 2, domain=[0.0, x])(0.3)


def made_outside(c, x):
    bent = WIDE.deriv()(x) * (WIDE * 2.0 + WIDE - 1.0)(c[0])
    return bent * FITTED(x) + (-WIDE)(x) + (WIDE**2)(c[1]) / len(WIDE)


@pytest.mark.parametrize("f", [on_a_domain, fitted, made_outside])
def test_domains(f):
    symdiff.check_grads(f, (COEFFICIENTS, X))
