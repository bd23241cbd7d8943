"""Methods of the distributions of `scipy.stats` in terms of their others."""

import numpy as np
import scipy.integrate

__all__ = ["expect", "interval", "median", "moment", "stats", "std"]


def std(distribution, *args, **kwds):
    return np.sqrt(distribution.var(*args, **kwds))


def median(distribution, *args, **kwds):
    return distribution.ppf(0.5, *args, **kwds)


def interval(distribution, confidence, *args, **kwds):
    low = distribution.ppf((1 - confidence) / 2, *args, **kwds)
    return low, distribution.ppf((1 + confidence) / 2, *args, **kwds)


def stats(distribution, *args, moments="mv", **kwds):
    if moments not in ("m", "v", "mv"):
        raise NotImplementedError("these `moments` of a distribution")
    mean, var = distribution.mean(*args, **kwds), distribution.var(*args, **kwds)
    if len(moments) == 2:
        return mean, var
    return mean if moments == "m" else var


def moment(distribution, order, *args, **kwds):
    if order not in (1, 2):
        raise NotImplementedError("a moment of a distribution of an order above 2")
    mean = distribution.mean(*args, **kwds)
    return mean if order == 1 else mean**2 + distribution.var(*args, **kwds)


def expect(
    distribution, func=None, args=(), loc=0, scale=1, lb=None, ub=None,
    conditional=False, **shapes,
):  # fmt: skip
    """In standard form, where the ends of the support do not move."""
    if conditional or distribution.name in ("truncnorm", "vonmises"):
        raise NotImplementedError("this use of `expect` of a distribution")
    low, high = distribution.a, distribution.b
    if lb is not None:
        low = max((lb - loc) / scale, low)
    if ub is not None:
        high = min((ub - loc) / scale, high)

    def integrand(y):
        x = loc + scale * y
        return (x if func is None else func(x)) * distribution.pdf(y, *args, **shapes)

    return scipy.integrate.quad(integrand, low, high)[0]
