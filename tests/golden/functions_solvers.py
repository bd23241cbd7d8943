"""Functions that get functions."""

import math

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq, root

from golden import golden


@golden(1.2, 0.7, argnums=(0, 1), forward=True)
def error_function(a, x):
    return quad(lambda t: math.exp(-a * t * t), 0.0, x)[0]


@golden(3.0, 0.5, argnums=(0, 1))
def implied(price, rate):
    def surplus(growth):
        return growth * math.exp(rate * growth) - price

    return brentq(surplus, 0.0, 10.0)


@golden(3.0, 0.5, argnums=(0, 1), rtol=1e-5)
def crossing(a, b):
    found = root(lambda x: [x[0] ** 2 + x[1] - a, x[0] - x[1] * b], np.ones(2))
    return found.x[0]
