"""Distributions of several variables, and statistics, of `scipy.stats`."""

import math

import numpy as np
import scipy.special

__all__ = [
    "betabinom__entropy", "binom__entropy", "dirichlet__logpdf", "dirichlet__pdf",
    "entropy", "gmean", "hmean", "kurtosis", "moment", "multinomial__logpmf",
    "multinomial__pmf", "multivariate_normal__entropy", "multivariate_normal__logpdf",
    "multivariate_normal__pdf", "nbinom__entropy", "poisson__entropy", "sem", "skew",
    "variation", "zscore",
]  # fmt: skip

_LOG_2_PI = math.log(2 * math.pi)


def _root(cov, dim):
    """The triangular factor of a covariance matrix, a diagonal, or one number."""
    cov = np.asarray(cov)
    if cov.ndim == 2:
        return np.linalg.cholesky(cov)
    return np.diag(np.sqrt(cov * np.ones(dim)))


def multivariate_normal__logpdf(x, mean=None, cov=1, allow_singular=False):
    x, cov = np.asarray(x), np.asarray(cov)
    mean = None if mean is None else np.asarray(mean)
    if cov.ndim == 0 and (mean is None or mean.ndim == 0):
        if x.ndim > 1:
            raise NotImplementedError("`multivariate_normal` of points on a line")
        away = x if mean is None else x - mean  # each element is a point
        return -0.5 * (_LOG_2_PI + np.log(cov) + away**2 / cov)
    x = np.atleast_1d(x)
    if mean is not None:
        x = x - mean
    dim = x.shape[-1]
    root = _root(cov, dim)
    if x.ndim == 1:
        away = np.linalg.solve(root, x)
        squares = away @ away
    else:
        away = np.linalg.solve(root, np.reshape(x, (-1, dim)).T)
        squares = np.reshape(np.sum(away**2, axis=0), x.shape[:-1])
    return -0.5 * (dim * _LOG_2_PI + squares) - np.sum(np.log(np.diag(root)))


def multivariate_normal__pdf(x, mean=None, cov=1, allow_singular=False):
    return np.exp(multivariate_normal__logpdf(x, mean, cov))


def multivariate_normal__entropy(mean=None, cov=1):
    cov = np.asarray(cov)
    dim = cov.shape[0] if cov.ndim > 0 else 1
    if cov.ndim == 0 and mean is not None:
        dim = np.size(mean)
    return 0.5 * dim * (_LOG_2_PI + 1) + np.sum(np.log(np.diag(_root(cov, dim))))


def dirichlet__logpdf(x, alpha):
    x, alpha = np.asarray(x), np.asarray(alpha)
    if x.ndim != 1:
        raise NotImplementedError("`scipy.stats.dirichlet` of several points")
    log_beta = np.sum(scipy.special.gammaln(alpha)) - scipy.special.gammaln(np.sum(alpha))
    if x.shape[0] == alpha.shape[0] - 1:
        x = np.concatenate([x, 1 - np.sum(x, keepdims=True)])
    return np.sum(scipy.special.xlogy(alpha - 1, x)) - log_beta


def dirichlet__pdf(x, alpha):
    return np.exp(dirichlet__logpdf(x, alpha))


def multinomial__logpmf(x, n, p):
    """The last probability is what the others leave of 1, as in SciPy."""
    x, p = np.asarray(x), np.asarray(p)
    p = np.concatenate(
        [p[..., :-1], 1 - np.sum(p[..., :-1], axis=-1, keepdims=True)], axis=-1
    )
    ways = scipy.special.gammaln(n + 1) - np.sum(scipy.special.gammaln(x + 1.0), axis=-1)
    return ways + np.sum(scipy.special.xlogy(x, p), axis=-1)


def multinomial__pmf(x, n, p):
    return np.exp(multinomial__logpmf(x, n, p))


def sem(a, axis=0, ddof=1):
    a = np.asarray(a)
    count = a.size if axis is None else a.shape[axis]
    return np.std(a, axis=axis, ddof=ddof) / np.sqrt(count)


def zscore(a, axis=0, ddof=0):
    a = np.asarray(a)
    centred = a - np.mean(a, axis=axis, keepdims=True)
    return centred / np.std(a, axis=axis, ddof=ddof, keepdims=True)


def gmean(a, axis=0, dtype=None, weights=None):
    if weights is None:
        return np.exp(np.mean(np.log(a), axis=axis))
    return np.exp(np.average(np.log(a), axis=axis, weights=weights))


def hmean(a, axis=0):
    return 1 / np.mean(1 / np.asarray(a), axis=axis)


def poisson__entropy(mu, loc=0):
    """Of as many terms as are above the precision of the sum."""
    mu = np.asarray(mu, dtype=float)
    most = float(np.max(mu))
    k = np.arange(math.ceil(most + 12 * math.sqrt(most)) + 40.0)
    k = k.reshape(k.shape + (1,) * mu.ndim)
    logs = scipy.special.xlogy(k, mu) - mu - scipy.special.gammaln(k + 1)
    return -np.sum(np.exp(logs) * logs, axis=0)


def binom__entropy(n, p, loc=0):
    p = np.asarray(p, dtype=float)
    k = np.arange(n + 1.0)
    k = k.reshape(k.shape + (1,) * p.ndim)
    ways = scipy.special.gammaln(n + 1) - scipy.special.gammaln(k + 1)
    ways = ways - scipy.special.gammaln(n - k + 1)
    logs = ways + scipy.special.xlogy(k, p) + scipy.special.xlog1py(n - k, -p)
    return -np.sum(np.exp(logs) * logs, axis=0)


def nbinom__entropy(n, p, loc=0):
    """Of as many terms as are above the precision of the sum."""
    n, p = np.asarray(n, dtype=float), np.asarray(p, dtype=float)
    mean = n * (1 - p) / p
    most = float(np.max(mean + 12 * np.sqrt(mean / p) - 40 / np.log1p(-p)))
    k = np.arange(math.ceil(most) + 40.0)
    k = k.reshape(k.shape + (1,) * (n + p).ndim)
    ways = scipy.special.gammaln(k + n) - scipy.special.gammaln(k + 1)
    ways = ways - scipy.special.gammaln(n)
    logs = ways + n * np.log(p) + scipy.special.xlog1py(k, -p)
    return -np.sum(np.exp(logs) * logs, axis=0)


def betabinom__entropy(n, a, b, loc=0):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    k = np.arange(n + 1.0)
    k = k.reshape(k.shape + (1,) * (a + b).ndim)
    ways = np.log(n + 1.0) + scipy.special.betaln(n - k + 1, k + 1)
    share = scipy.special.betaln(k + a, n - k + b) - scipy.special.betaln(a, b)
    logs = share - ways
    return -np.sum(np.exp(logs) * logs, axis=0)


def entropy(pk, qk=None, base=None, axis=0):
    pk = np.asarray(pk)
    pk = pk / np.sum(pk, axis=axis, keepdims=True)
    if qk is None:
        terms = scipy.special.entr(pk)
    else:
        qk = np.asarray(qk)
        terms = scipy.special.rel_entr(pk, qk / np.sum(qk, axis=axis, keepdims=True))
    total = np.sum(terms, axis=axis)
    return total if base is None else total / np.log(base)


def moment(a, order=1, axis=0, *, center=None):
    a = np.asarray(a)
    middle = np.mean(a, axis=axis, keepdims=True) if center is None else center
    return np.mean((a - middle) ** order, axis=axis)


def skew(a, axis=0, bias=True):
    found = moment(a, 3, axis) / moment(a, 2, axis) ** 1.5
    if bias:
        return found
    n = np.size(a) if axis is None else np.shape(a)[axis]
    return found * np.sqrt((n - 1.0) * n) / (n - 2.0)


def kurtosis(a, axis=0, fisher=True, bias=True):
    found = moment(a, 4, axis) / moment(a, 2, axis) ** 2
    if not bias:
        n = np.size(a) if axis is None else np.shape(a)[axis]
        found = ((n + 1.0) * found - 3 * (n - 1.0)) * (n - 1.0) / ((n - 2.0) * (n - 3.0))
        found = found + 3
    return found - 3 if fisher else found


def variation(a, axis=0, nan_policy="propagate", ddof=0):
    return np.std(a, axis=axis, ddof=ddof) / np.mean(a, axis=axis)
