"""`scipy.special` in terms of what has a rule there."""

import math

import numpy as np
import scipy.special

__all__ = [
    "agm", "bdtr", "bdtrc", "bdtri", "chdtr", "chdtrc", "chdtri", "diric", "fdtr",
    "fdtrc", "fdtri", "gdtr", "gdtrc", "gdtria", "gdtrix", "h1vp", "h2vp", "hankel1",
    "hankel1e", "hankel2", "hankel2e", "ivp", "jvp", "kvp", "multigammaln", "nbdtr",
    "nbdtrc", "nbdtri", "pdtr", "pdtrc", "pdtri", "perm", "radian", "stdtr",
    "voigt_profile", "yvp",
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


def chdtri(v, p):
    return 2 * scipy.special.gammainccinv(np.asarray(v) / 2, p)


def bdtr(k, n, p):
    k = np.floor(k)
    return scipy.special.betainc(n - k, k + 1, 1 - np.asarray(p))


def bdtrc(k, n, p):
    k = np.floor(k)
    return scipy.special.betainc(k + 1, n - k, p)


def nbdtr(k, n, p):
    return scipy.special.betainc(n, np.floor(k) + 1, p)


def gdtr(a, b, x):
    return scipy.special.gammainc(b, np.asarray(a) * x)


def gdtrc(a, b, x):
    return scipy.special.gammaincc(b, np.asarray(a) * x)


def pdtr(k, m):
    return scipy.special.gammaincc(np.floor(k) + 1, m)


def bdtri(k, n, y):
    return 1 - scipy.special.betaincinv(n - np.floor(k), np.floor(k) + 1, y)


def nbdtrc(k, n, p):
    return scipy.special.betaincc(n, np.floor(k) + 1, p)


def nbdtri(k, n, y):
    return scipy.special.betaincinv(n, np.floor(k) + 1, y)


def gdtria(p, b, x):
    return scipy.special.gammaincinv(b, p) / x


def gdtrix(a, b, p):
    return scipy.special.gammaincinv(b, p) / a


def pdtri(k, y):
    return scipy.special.gammainccinv(np.floor(k) + 1, y)


def pdtrc(k, m):
    return scipy.special.gammainc(np.floor(k) + 1, m)


def fdtr(dfn, dfd, x):
    scaled = np.asarray(dfn) * x
    return scipy.special.betainc(
        np.asarray(dfn) / 2, np.asarray(dfd) / 2, scaled / (dfd + scaled)
    )


def fdtri(dfn, dfd, p):
    share = scipy.special.betaincinv(np.asarray(dfn) / 2, np.asarray(dfd) / 2, p)
    return dfd * share / (dfn * (1 - share))


def fdtrc(dfn, dfd, x):
    scaled = np.asarray(dfn) * x
    return scipy.special.betainc(
        np.asarray(dfd) / 2, np.asarray(dfn) / 2, dfd / (dfd + scaled)
    )


def stdtr(df, t):
    df, t = np.asarray(df), np.asarray(t)
    tail = 0.5 * scipy.special.betainc(df / 2, 0.5, df / (df + t**2))
    return np.where(t > 0, 1 - tail, tail)


def voigt_profile(x, sigma, gamma):
    """A normal density spread by a Cauchy density, from the Faddeeva function."""
    if isinstance(sigma, (int, float)) and sigma == 0:
        return gamma / math.pi / (np.asarray(x) ** 2 + gamma**2)
    scaled = (np.asarray(x) + 1j * np.asarray(gamma)) / (math.sqrt(2) * np.asarray(sigma))
    return np.real(scipy.special.wofz(scaled)) / (
        math.sqrt(2 * math.pi) * np.asarray(sigma)
    )


# -- others ---------------------------------------------------------------------------


def agm(a, b):
    """From the elliptic integral (DLMF 19.8.5)."""
    total = np.asarray(a) + np.asarray(b)
    share = (np.asarray(a) - np.asarray(b)) / total
    return 0.25 * math.pi * total / scipy.special.ellipk(share**2)


def diric(x, n):
    half = np.asarray(x) / 2
    below = np.sin(half)
    near = np.abs(below) < (1e-3 if below.dtype == np.float32 else 1e-7)
    end = (-1.0) ** (np.round(half / math.pi) * (n - 1))
    return np.where(near, end, np.sin(n * half) / (n * np.where(near, 1.0, below)))


def perm(N, k, exact=False):
    if exact:
        raise NotImplementedError("`exact` of `scipy.special.perm`")
    N, k = np.asarray(N), np.asarray(k)
    inside = (k <= N) & (N >= 0) & (k >= 0)
    return np.where(inside, scipy.special.poch(N - k + 1, k), 0.0)


def radian(d, m, s):
    return math.pi / 180 * (np.asarray(d) + np.asarray(m) / 60 + np.asarray(s) / 3600)


# -- Bessel functions -----------------------------------------------------------------


def _derived(function, v, z, n, sign):
    """The nth derivative, in terms of neighbouring orders."""
    if n == 0:
        return function(v, z)
    before = _derived(function, v - 1, z, n - 1, sign)
    return 0.5 * (before + sign * _derived(function, v + 1, z, n - 1, sign))


def jvp(v, z, n=1):
    return _derived(scipy.special.jv, v, z, n, -1)


def yvp(v, z, n=1):
    return _derived(scipy.special.yv, v, z, n, -1)


def ivp(v, z, n=1):
    return _derived(scipy.special.iv, v, z, n, 1)


def kvp(v, z, n=1):
    return (-1) ** n * _derived(scipy.special.kv, v, z, n, 1)


def h1vp(v, z, n=1):
    return _derived(hankel1, v, z, n, -1)


def h2vp(v, z, n=1):
    return _derived(hankel2, v, z, n, -1)


def hankel1(v, z):
    return scipy.special.jv(v, z) + 1j * scipy.special.yv(v, z)


def hankel2(v, z):
    return scipy.special.jv(v, z) - 1j * scipy.special.yv(v, z)


def hankel1e(v, z):
    return hankel1(v, z) * np.exp(-1j * np.asarray(z))


def hankel2e(v, z):
    return hankel2(v, z) * np.exp(1j * np.asarray(z))
