"""`scipy.special` in terms of what has a rule there."""

import math

import numpy as np
import scipy.special

__all__ = [
    "chdtr", "chdtrc", "fdtr", "fdtrc", "gdtr", "gdtrc", "hankel1", "hankel2",
    "multigammaln", "pdtr", "pdtrc", "stdtr",
]  # fmt: skip


def multigammaln(a, d):
    total = 0.25 * d * (d - 1) * math.log(math.pi)
    for k in range(d):
        total = total + scipy.special.gammaln(np.asarray(a) - 0.5 * k)
    return total


# -- distribution functions -----------------------------------------------------------


def chdtr(v, x):
    return scipy.special.gammainc(np.asarray(v) / 2, np.asarray(x) / 2)


def chdtrc(v, x):
    return scipy.special.gammaincc(np.asarray(v) / 2, np.asarray(x) / 2)


def gdtr(a, b, x):
    return scipy.special.gammainc(b, np.asarray(a) * x)


def gdtrc(a, b, x):
    return scipy.special.gammaincc(b, np.asarray(a) * x)


def pdtr(k, m):
    return scipy.special.gammaincc(np.floor(k) + 1, m)


def pdtrc(k, m):
    return scipy.special.gammainc(np.floor(k) + 1, m)


def fdtr(dfn, dfd, x):
    scaled = np.asarray(dfn) * x
    return scipy.special.betainc(
        np.asarray(dfn) / 2, np.asarray(dfd) / 2, scaled / (dfd + scaled)
    )


def fdtrc(dfn, dfd, x):
    scaled = np.asarray(dfn) * x
    return scipy.special.betainc(
        np.asarray(dfd) / 2, np.asarray(dfn) / 2, dfd / (dfd + scaled)
    )


def stdtr(df, t):
    df, t = np.asarray(df), np.asarray(t)
    tail = 0.5 * scipy.special.betainc(df / 2, 0.5, df / (df + t**2))
    return np.where(t > 0, 1 - tail, tail)


# -- Bessel functions -----------------------------------------------------------------


def hankel1(v, z):
    if np.iscomplexobj(z):
        raise NotImplementedError("`scipy.special.hankel1` of complex numbers")
    return scipy.special.jv(v, z) + 1j * scipy.special.yv(v, z)


def hankel2(v, z):
    if np.iscomplexobj(z):
        raise NotImplementedError("`scipy.special.hankel2` of complex numbers")
    return scipy.special.jv(v, z) - 1j * scipy.special.yv(v, z)
