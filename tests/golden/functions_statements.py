"""`match`, errors that are caught, names that are None at first."""

import functools
import math

import numpy as np
from golden import golden


@golden(1.5, 3)
def match_with_guards(x, n):
    match n:
        case 0:
            y = x
        case 1 | 2:
            y = x * x
        case k if k > 2:
            y = math.sin(k * x)
        case _:
            y = -x
    return y


@golden(1.5)
def logarithm_or_line(x):
    try:
        y = math.log(x)
    except ValueError:
        y = x - 1.0
    return y * x


def checked_root(x):
    if x < 0:
        raise ValueError("negative")
    return math.sqrt(x)


@golden(np.array([4.0, -1.0, 9.0]))
def sum_of_roots(u):
    total = 0.0
    for x in u:
        try:
            total += checked_root(x)
        except ValueError:
            continue
    return total


@golden(np.array([[2.0, 1.0], [1.0, 3.0]]))
def log_determinant(a):
    with np.errstate(divide="ignore"):
        try:
            factor = np.linalg.cholesky(a)
        except np.linalg.LinAlgError:
            return 0.0
        return 2.0 * np.sum(np.log(np.diag(factor)))


@golden(np.array([1.0, 3.0, 2.0]))
def rough(u):
    previous = None
    total = 0.0
    for x in u:
        if previous is not None:
            total += (x - previous) ** 2
        previous = x
    return total


def scaled(k):
    def f(x):
        return k * x * x

    return f


double, triple = scaled(2.0), scaled(3.0)


@golden(1.5)
def two_closures(x):
    return double(x) + triple(x)


@golden(np.array([1.0, 3.0, 2.0]), 2.0)
def horner(coefficients, x):
    return functools.reduce(lambda total, c: total * x + c, coefficients)
