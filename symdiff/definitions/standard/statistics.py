"""Means and spreads of sequences of numbers."""

import math

__all__ = [
    "correlation", "covariance", "fmean", "geometric_mean", "harmonic_mean", "mean",
    "median", "pstdev", "pvariance", "stdev", "variance",
]  # fmt: skip


def mean(data):
    values = list(data)
    return sum(values) / len(values)


def fmean(data, weights=None):
    values = list(data)
    if weights is None:
        return sum(values) / len(values)
    factors = list(weights)
    return sum(w * v for w, v in zip(factors, values)) / sum(factors)


def geometric_mean(data):
    values = list(data)
    return math.exp(sum(math.log(v) for v in values) / len(values))


def harmonic_mean(data):
    values = list(data)
    return len(values) / sum(1.0 / v for v in values)


def median(data):
    ordered = sorted(data)
    half = len(ordered) // 2
    if len(ordered) % 2 == 1:
        return ordered[half]
    return (ordered[half - 1] + ordered[half]) / 2


def variance(data, xbar=None):
    values = list(data)
    middle = mean(values) if xbar is None else xbar
    return sum((v - middle) ** 2 for v in values) / (len(values) - 1)


def pvariance(data, mu=None):
    values = list(data)
    middle = mean(values) if mu is None else mu
    return sum((v - middle) ** 2 for v in values) / len(values)


def stdev(data, xbar=None):
    return math.sqrt(variance(data, xbar))


def pstdev(data, mu=None):
    return math.sqrt(pvariance(data, mu))


def covariance(x, y, /):
    middle_x, middle_y = mean(x), mean(y)
    return sum((a - middle_x) * (b - middle_y) for a, b in zip(x, y)) / (len(x) - 1)


def correlation(x, y, /):
    middle_x, middle_y = mean(x), mean(y)
    both = sum((a - middle_x) * (b - middle_y) for a, b in zip(x, y))
    spread_x = sum((a - middle_x) ** 2 for a in x)
    spread_y = sum((b - middle_y) ** 2 for b in y)
    return both / math.sqrt(spread_x * spread_y)
