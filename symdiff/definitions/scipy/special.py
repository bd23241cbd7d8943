"""`scipy.special` in terms of what has a rule there."""

import math

import numpy as np
import scipy.special

__all__ = ["multigammaln"]


def multigammaln(a, d):
    total = 0.25 * d * (d - 1) * math.log(math.pi)
    for k in range(d):
        total = total + scipy.special.gammaln(np.asarray(a) - 0.5 * k)
    return total
