"""Functions that get functions: integrals, roots, minima, trajectories."""

from __future__ import annotations

import math

import numpy as np
import scipy.integrate
from scipy import optimize
from scipy.integrate import odeint, quad, quad_vec, solve_ivp
from scipy.optimize import brentq, fsolve, minimize, minimize_scalar, newton, root

from corpus.registry import case, draw

# -- integrals ------------------------------------------------------------------------


@case(1.2)
def gaussian_integral(a):
    return quad(lambda x: math.exp(-a * x * x), -np.inf, np.inf)[0]


@case(0.3, 1.7, 0.8)
def moving_ends(a, b, c):
    value, error = quad(lambda x: c * np.sin(a * x), a, b)
    return value * c + 0.0 * error


def power(x, a, b):
    return a * x**b


@case(1.2, 0.7)
def integral_with_args(a, b):
    return quad(power, 0, 1, args=(a, b), epsabs=1e-10, limit=80)[0]


@case(1.1)
def integral_in_an_integral(a):
    return quad(lambda x: quad(lambda y: a * x * y * y, 0, a * x)[0], 0, 1)[0]


class Bell:
    def __init__(self, s):
        self.s = s

    def density(self, x):
        return math.exp(-x * x / (2 * self.s**2)) / (self.s * math.sqrt(2 * math.pi))

    def below(self, x):
        return quad(self.density, -math.inf, x)[0]


@case(1.2, 0.3)
def method_as_integrand(s, x):
    return math.log(Bell(s).below(x))


@case(draw(3))
def integral_for_each(u):
    return sum(quad(lambda x, c: math.sin(c * x), 0, 1, args=(c,))[0] for c in u)


@case(draw(3), 0.4)
def integral_of_arrays(w, end):
    v = quad_vec(lambda x: np.tanh(w * x), 0.0, end)[0]
    return v @ v


@case(1.1)
def loop_in_an_integrand(a):
    def polynomial(x):
        total = 0.0
        for k in range(3):
            total += (a + k) * x**k
        return total if x < 0.5 else total * a

    return quad(polynomial, 0, 1, points=[0.5])[0]


# -- roots ----------------------------------------------------------------------------


@case(2.0, rtol=1e-6)
def bracketed_root(a):
    return brentq(lambda x: x**3 + x - a, 0.0, 10.0) * a


@case(1.1, 2.0, rtol=1e-6)
def newtons_root(a, b):
    return newton(lambda x: x**3 - a * x - b, 2.0, fprime=lambda x: 3 * x**2 - a)


@case(3.0, 0.5, rtol=1e-5)
def root_of_a_system(a, b):
    found = root(lambda x: [x[0] ** 2 + x[1] - a, x[0] - x[1] * b], [1.0, 1.0])
    return found.x[0] * found.x[1] if found.success else 0.0


@case(draw(3) + 1.0, rtol=1e-5)
def cube_roots(u):
    return np.sum(fsolve(lambda x, c: x**3 - c, np.ones(3), args=(u,)) ** 2)


@case(3.0, rtol=1e-6)
def root_in_a_bracket(a):
    found = optimize.root_scalar(lambda x: math.exp(x) - a, bracket=[-5, 5])
    return found.root if found.converged else 0.0


@case(0.9, 0.5, rtol=1e-5)
def cosine_at_rest(a, start):
    return optimize.fixed_point(lambda x: math.cos(x) * a, start)


# -- minima ---------------------------------------------------------------------------


@case(1.2, 0.7, rtol=1e-4, atol=1e-4)
def least_of_a_valley(a, b):
    def height(x):
        return (x[0] - a) ** 2 + (x[1] - b * x[0]) ** 2 + 0.1 * x[0] ** 4

    def slope(x):
        away = x[1] - b * x[0]
        return np.array([2 * (x[0] - a) - 2 * b * away + 0.4 * x[0] ** 3, 2 * away])

    found = minimize(height, np.zeros(2), jac=slope, options={"gtol": 1e-12})
    return found.x[1] + found.fun


@case(0.3, draw(6, 3), draw(6), rtol=1e-4, atol=1e-4)
def ridge(penalty, x, y):
    def loss(w):
        away = x @ w - y
        return away @ away + penalty * w @ w, 2 * (x.T @ away + penalty * w)

    return np.sum(minimize(loss, np.zeros(3), jac=True, tol=1e-12).x ** 2)


@case(0.8, rtol=1e-4, atol=1e-4)
def least_of_a_number(a):
    return minimize_scalar(lambda x: (x - a) ** 2 + 0.1 * math.cos(x)).x


# -- trajectories ---------------------------------------------------------------------


@case(1.3)
def oscillator(a):
    found = solve_ivp(lambda t, y: [y[1], -a * y[0]], (0.0, 2.0), [1.0, 0.5])
    return found.y[0, -1]


def infection(t, y, beta, gamma):
    s, i, r = y
    return -beta * s * i, beta * s * i - gamma * i, gamma * i


@case(0.9, 0.3, draw(8))
def epidemic(beta, gamma, data):
    times = np.arange(8.0)
    found = solve_ivp(infection, (0, 7), (0.9, 0.1, 0.0), args=(beta, gamma), t_eval=times)
    return np.mean((found.y[1] - data) ** 2)


@case(1.2, 0.7, draw(2))
def moving_end_and_start(end, a, start):
    found = scipy.integrate.solve_ivp(
        lambda t, y: -a * y * np.cos(t), (0, end), start, method="RK23", rtol=1e-5
    )
    return np.sum(found["y"][:, -1])


@case(1.5, 1.0, rtol=1e-6, atol=1e-6)
def hunters_and_hunted(a, b):
    def change(z, t):
        x, y = z
        return [a * x - b * x * y, 0.1 * x * y - y]

    times = np.linspace(0, 3, 7)
    found = odeint(change, [10.0, 5.0], times, rtol=1e-11, atol=1e-11)
    return np.mean(found[:, 0])


@case(0.7, 1.5, rtol=1e-6, atol=1e-6)
def other_methods(a, end):
    total = 0.0
    for method in ("LSODA", "DOP853"):
        found = solve_ivp(
            lambda t, y: -a * y * np.cos(t), (0, end), [1.0], method, rtol=1e-10, atol=1e-11
        )
        total += found.y[0, -1]
    return total


@case(draw(3, 3), draw(3))
def backwards_in_time(m, y):
    found = solve_ivp(lambda t, y: m @ y, (1, 0), y, max_step=0.2, t_eval=[0.7, 0.2])
    return np.sum(found.y**2) if found.success else 0.0
