"""`scipy.stats`: what says something of samples."""

from typing import Any, NamedTuple

import numpy as np
import scipy.stats

__all__ = ["iqr", "linregress", "pearsonr", "trim_mean", "wasserstein_distance"]


class Correlation(NamedTuple):
    statistic: Any
    pvalue: Any


class Line(NamedTuple):
    slope: Any
    intercept: Any
    rvalue: Any
    pvalue: Any
    stderr: Any


def _correlation(x, y):
    x, y = x - np.mean(x), y - np.mean(y)
    return np.sum(x * y) / np.sqrt(np.sum(x * x) * np.sum(y * y))


def pearsonr(x, y, *, alternative="two-sided", method=None, axis=0):
    x, y = np.asarray(x), np.asarray(y)
    if alternative != "two-sided" or method is not None or x.ndim != 1:
        raise NotImplementedError("`pearsonr` of anything but two samples")
    r, half = _correlation(x, y), x.shape[0] / 2 - 1
    tail = scipy.stats.beta.sf(np.abs(r), half, half, loc=-1, scale=2)
    return Correlation(r, 2 * tail)


def linregress(x, y, alternative="two-sided"):
    if alternative != "two-sided":
        raise NotImplementedError("`alternative` of `linregress`")
    x, y = np.asarray(x), np.asarray(y)
    away, rise, r = x - np.mean(x), y - np.mean(y), _correlation(x, y)
    spread = np.sum(away * away)
    slope = np.sum(away * rise) / spread
    free = x.shape[0] - 2
    ratio = r * np.sqrt(free / ((1.0 - r) * (1.0 + r)))
    error = np.sqrt((1.0 - r * r) * np.sum(rise * rise) / spread / free)
    pvalue = 2 * scipy.stats.t.sf(np.abs(ratio), free)
    return Line(slope, np.mean(y) - slope * np.mean(x), r, pvalue, error)


def iqr(x, axis=None, rng=(25, 75), scale=1.0, nan_policy="propagate",
        interpolation="linear", keepdims=False):  # fmt: skip
    if scale != 1.0 or interpolation != "linear":
        raise NotImplementedError("`scale` and `interpolation` of `iqr`")
    x = np.asarray(x)
    low = np.percentile(x, rng[0], axis=axis, keepdims=keepdims)
    return np.percentile(x, rng[1], axis=axis, keepdims=keepdims) - low


def trim_mean(a, proportiontocut, axis=0):
    a = np.sort(np.asarray(a), axis=axis)
    if axis is None:
        a, axis = np.ravel(a), 0
    cut = int(proportiontocut * a.shape[axis])
    kept = np.take(a, np.arange(cut, a.shape[axis] - cut), axis=axis)
    return np.mean(kept, axis=axis)


def _share_up_to(values, weights, places):
    """The share of a sample that is at some places or before them."""
    order = np.argsort(values)
    count = np.searchsorted(values[order], places, side="right")
    if weights is None:
        return count / values.shape[0]
    total = np.concatenate([np.zeros(1), np.cumsum(np.asarray(weights)[order])])
    return total[count] / total[-1]


def wasserstein_distance(u_values, v_values, u_weights=None, v_weights=None):
    u, v = np.asarray(u_values), np.asarray(v_values)
    every = np.sort(np.concatenate([u, v]))
    ahead = _share_up_to(u, u_weights, every[:-1]) - _share_up_to(v, v_weights, every[:-1])
    return np.sum(np.abs(ahead) * np.diff(every))
