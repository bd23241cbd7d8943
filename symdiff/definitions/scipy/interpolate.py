"""`scipy.interpolate`: what goes through points, as polynomials between them.

Objects that were made outside of a function are followed, too: `_held` says what they hold
under which names.
"""

import math

import numpy as np

from symdiff.definitions.scipy.radial import RBFInterpolator
from symdiff.definitions.scipy.splines import (
    BarycentricInterpolator, BSpline, InterpolatedUnivariateSpline, KroghInterpolator,
    UnivariateSpline, make_interp_spline, splev, splrep,
)  # fmt: skip
from symdiff.definitions.scipy.surfaces import (
    BivariateSpline, LSQBivariateSpline, RectBivariateSpline, SmoothBivariateSpline,
    bisplev,
)  # fmt: skip

__all__ = [
    "Akima1DInterpolator", "BSpline", "BarycentricInterpolator", "BivariateSpline",
    "CubicHermiteSpline", "CubicSpline", "InterpolatedUnivariateSpline",
    "KroghInterpolator", "LSQBivariateSpline", "PPoly", "PchipInterpolator",
    "RBFInterpolator", "RectBivariateSpline", "RegularGridInterpolator",
    "SmoothBivariateSpline", "UnivariateSpline", "bisplev", "interp1d", "interpn",
    "make_interp_spline", "splev", "splrep",
]  # fmt: skip


def _between(grid, x):
    """The places of the intervals that points are in, the outer ones without end."""
    return np.clip(np.searchsorted(grid, x, side="right") - 1, 0, grid.shape[0] - 2)


def _along(h, y):
    """Numbers along the first axis of an array."""
    return h if y.ndim == 1 else h.reshape((-1,) + (1,) * (y.ndim - 1))


class PPoly:
    """Of breakpoints x and coefficients c, highest powers first."""

    @staticmethod
    def _held(made):
        return {name: name for name in ("c", "x", "extrapolate", "axis")}

    def __init__(self, c, x, extrapolate=None, axis=0):
        self.c, self.x = np.asarray(c), np.asarray(x)
        self.extrapolate = True if extrapolate is None else extrapolate
        self.axis = axis

    def __call__(self, x, nu=0, extrapolate=None):
        if extrapolate is None:
            extrapolate = self.extrapolate
        x = np.asarray(x)
        first, last = self.x[0], self.x[-1]
        at = first + (x - first) % (last - first) if extrapolate == "periodic" else x
        places = _between(self.x, at)
        more = (1,) * (self.c.ndim - 2)
        value = self._value(places, _wider(at - self.x[places], more), nu)
        if not extrapolate:
            value = np.where(_wider((x < first) | (x > last), more), np.nan, value)
        if self.axis != 0:
            for _ in range(x.ndim):
                value = np.moveaxis(value, 0, self.axis + x.ndim - 1)
        return value

    def _value(self, places, s, nu):
        rows = self.c.shape[0]
        value = math.perm(rows - 1, nu) * self.c[0, places]
        for k in range(1, rows - nu):
            factor = math.perm(rows - 1 - k, nu)
            value = value * s + factor * self.c[k, places]
        return value

    def derivative(self, nu=1):
        c = self.c
        for _ in range(nu):
            c = c[:-1] * _along(np.arange(c.shape[0] - 1, 0, -1), c)
        return PPoly(c, self.x, self.extrapolate, self.axis)

    def antiderivative(self, nu=1):
        if nu != 1:
            raise NotImplementedError("more than one antiderivative")
        if self.c.ndim != 2:
            raise NotImplementedError("an antiderivative with values of several axes")
        n = self.c.shape[0]
        c = self.c / np.arange(n, 0, -1)[:, None]
        steps = np.diff(self.x)
        parts = np.zeros(steps.shape[0])
        for k in range(n):
            parts = (parts + c[k]) * steps
        start = np.concatenate([np.zeros(1), np.cumsum(parts)[:-1]])
        return PPoly(np.concatenate([c, start[None]]), self.x, self.extrapolate)

    def integrate(self, a, b, extrapolate=None):
        whole = self.antiderivative()
        return whole(b) - whole(a)


def _wider(x, more):
    return x if len(more) == 0 else np.reshape(x, np.shape(x) + more)


class _Cubic(PPoly):
    """Four rows of coefficients."""

    def _value(self, places, s, nu):
        c = self.c
        if nu == 0:
            rest = (c[0, places] * s + c[1, places]) * s + c[2, places]
            return rest * s + c[3, places]
        if nu == 1:
            return (3 * c[0, places] * s + 2 * c[1, places]) * s + c[2, places]
        if nu == 2:
            return 6 * c[0, places] * s + 2 * c[1, places]
        return 6 * c[0, places]

    def _through(self, x, y, slopes, extrapolate, axis=0):
        """Hold the polynomials that have these values and slopes at x."""
        steps = _along(np.diff(x), y)
        rises = np.diff(y, axis=0) / steps
        bend = (slopes[:-1] + slopes[1:] - 2 * rises) / steps
        self.c = np.stack([bend / steps, (rises - slopes[:-1]) / steps - bend, slopes[:-1],
                           y[:-1]])  # fmt: skip
        self.x, self.axis = x, axis
        self.extrapolate = True if extrapolate is None else extrapolate


def _check_inside(grid, x):
    if np.any((x < grid[0]) | (x > grid[-1])):
        raise ValueError("a point is outside of the range of interpolation")


def _points(x, y, axis):
    x, y = np.asarray(x), np.asarray(y)
    if y.ndim != 1 or axis not in (0, -1):
        raise NotImplementedError("an interpolated array of several axes")
    return x, y


class CubicHermiteSpline(_Cubic):
    def __init__(self, x, y, dydx, axis=0, extrapolate=None):
        x, y = np.asarray(x), np.asarray(y)
        axis = axis % y.ndim
        slopes = np.moveaxis(np.asarray(dydx), axis, 0)
        self._through(x, np.moveaxis(y, axis, 0), slopes, extrapolate, axis)


class CubicSpline(_Cubic):
    def __init__(self, x, y, axis=0, bc_type="not-a-knot", extrapolate=None):
        x, y = np.asarray(x), np.asarray(y)
        axis = axis % y.ndim
        y = np.moveaxis(y, axis, 0)
        ends = (bc_type, bc_type) if isinstance(bc_type, str) else bc_type
        self._through(x, y, _slopes(x, y, ends[0], ends[1]), extrapolate, axis)


def _slopes(x, y, first, last):
    """Those with which the second derivatives are continuous."""
    n = x.shape[0]
    assert n > 3, "a spline is followed through four points or more"
    h = np.diff(x)
    rises = np.diff(y, axis=0) / _along(h, y)
    table, right = np.zeros((n, n)), np.zeros(y.shape)
    inner = np.arange(1, n - 1)
    table[inner, inner - 1] = h[1:]
    table[inner, inner] = 2 * (h[:-1] + h[1:])
    table[inner, inner + 1] = h[:-1]
    both = _along(h[1:], y) * rises[:-1] + _along(h[:-1], y) * rises[1:]
    right[1:-1] = 3 * both
    near, far, end = _end_of_spline(h[0], h[1], rises[0], rises[1], first, 1)
    table[0, 0], table[0, 1], right[0] = near, far, end
    near, far, end = _end_of_spline(h[-1], h[-2], rises[-1], rises[-2], last, -1)
    table[-1, -1], table[-1, -2], right[-1] = near, far, end
    if y.ndim < 3:
        return np.linalg.solve(table, right)
    return np.linalg.solve(table, right.reshape((n, -1))).reshape(y.shape)


def _end_of_spline(h, after, rise, rise_after, kind, sign):
    """The equation at an end: the factors of its slope and the next one, and their sum."""
    if not isinstance(kind, str):
        order, value = kind
    elif kind == "not-a-knot":
        both = h + after
        end = (h + 2 * both) * after * rise + h**2 * rise_after
        return after, both, end / both
    elif kind in ("natural", "clamped"):
        order, value = 2 if kind == "natural" else 1, 0.0
    else:
        raise NotImplementedError("a periodic spline")
    if order == 1:
        return 1.0, 0.0, value
    return 2.0, 1.0, 3 * rise - sign * value * h / 2


class PchipInterpolator(_Cubic):
    """Slopes are weighted harmonic means of the rises, or 0 where these turn."""

    def __init__(self, x, y, axis=0, extrapolate=None):
        x, y = _points(x, y, axis)
        assert x.shape[0] > 2, "PchipInterpolator is followed through three points or more"
        h = np.diff(x)
        rises = np.diff(y) / h
        before, after = rises[:-1], rises[1:]
        w1, w2 = 2 * h[1:] + h[:-1], h[1:] + 2 * h[:-1]
        same = before * after > 0
        low, high = np.where(same, before, 1.0), np.where(same, after, 1.0)
        inner = np.where(same, (w1 + w2) / (w1 / low + w2 / high), 0.0)
        first = _pchip_end(h[0], h[1], rises[0], rises[1])
        last = _pchip_end(h[-1], h[-2], rises[-1], rises[-2])
        slopes = np.concatenate([np.array([first]), inner, np.array([last])])
        self._through(x, y, slopes, extrapolate)


def _pchip_end(h, after, rise, rise_after):
    slope = ((2 * h + after) * rise - h * rise_after) / (h + after)
    if np.sign(slope) != np.sign(rise):
        return 0.0 * slope
    if np.sign(rise) != np.sign(rise_after) and abs(slope) > 3 * abs(rise):
        return 3 * rise
    return slope


class Akima1DInterpolator(_Cubic):
    def __init__(self, x, y, axis=0, *, method="akima", extrapolate=None):
        x, y = _points(x, y, axis)
        if method != "akima":
            raise NotImplementedError("this method of Akima1DInterpolator")
        assert x.shape[0] > 2, (
            "Akima1DInterpolator is followed through three points or more"
        )
        rises = np.diff(y) / np.diff(x)
        one, two = 2 * rises[0] - rises[1], 2 * rises[-1] - rises[-2]
        before = np.array([2 * one - rises[0], one])
        m = np.concatenate([before, rises, np.array([two, 2 * two - rises[-1]])])
        turns = np.abs(np.diff(m))
        left, right = turns[2:], turns[:-2]
        total = left + right
        bent = total > 1e-9 * np.max(total)
        weighted = (left * m[1:-2] + right * m[2:-1]) / np.where(bent, total, 1.0)
        slopes = np.where(bent, weighted, (m[3:] + m[:-3]) / 2)
        self._through(x, y, slopes, False if extrapolate is None else extrapolate)


class interp1d:
    @staticmethod
    def _held(made):
        if made._kind != "linear" or made.y.ndim != 1:
            return None
        same = ("x", "y", "_kind", "_extrapolate")
        ends = {"_low": "_fill_value_below", "_high": "_fill_value_above"}
        if made._extrapolate or made.bounds_error:
            ends = {}
        return {**{name: name for name in same}, "bounds_error": "bounds_error", **ends}

    def __init__(
        self, x, y, kind="linear", axis=-1, copy=True, bounds_error=None,
        fill_value=np.nan, assume_sorted=False,
    ):  # fmt: skip
        x, y = _points(x, y, axis)
        if not assume_sorted:
            order = np.argsort(x)
            x, y = x[order], y[order]
        if kind not in ("linear", "nearest", "previous", "next", "cubic"):
            raise NotImplementedError("this kind of interp1d")
        self.x, self.y, self._kind = x, y, kind
        self._extrapolate = isinstance(fill_value, str)
        self.bounds_error = not self._extrapolate if bounds_error is None else bounds_error
        self._low, self._high = (
            fill_value if isinstance(fill_value, tuple) else (fill_value, fill_value)
        )

    def _inside(self, x):
        if self._kind == "cubic":
            return CubicSpline(self.x, self.y)(x)
        if self._kind == "previous":
            return self.y[np.clip(np.searchsorted(self.x, x, "right") - 1, 0, None)]
        if self._kind == "next":
            return self.y[np.clip(np.searchsorted(self.x, x), None, self.x.shape[0] - 1)]
        if self._kind == "nearest":
            return self.y[np.searchsorted((self.x[1:] + self.x[:-1]) / 2, x)]
        high = np.clip(np.searchsorted(self.x, x), 1, self.x.shape[0] - 1)
        low = high - 1
        slope = (self.y[high] - self.y[low]) / (self.x[high] - self.x[low])
        return slope * (x - self.x[low]) + self.y[low]

    def __call__(self, x):
        x = np.asarray(x)
        value = self._inside(x)
        if self._extrapolate:
            return value
        if self.bounds_error:
            _check_inside(self.x, x)
            return value
        low = self._low[0] if np.ndim(self._low) else self._low
        high = self._high[0] if np.ndim(self._high) else self._high
        value = np.where(x > self.x[-1], high, value)
        return np.where(x < self.x[0], low, value)


class RegularGridInterpolator:
    @staticmethod
    def _held(made):
        if made.values.ndim != len(made.grid) or any(made._descending_dimensions):
            return None
        same = ("method", "bounds_error", "fill_value")
        return {"grid": "_grid", "values": "_values", **{name: name for name in same}}

    def __init__(
        self, points, values, method="linear", bounds_error=True, fill_value=np.nan,
        *, solver=None, solver_args=None,
    ):  # fmt: skip
        self.grid = tuple([np.asarray(p) for p in points])
        self.values = np.asarray(values)
        self.method, self.bounds_error = method, bounds_error
        self.fill_value = fill_value
        if self.values.ndim != len(self.grid):
            raise NotImplementedError("a grid of arrays")

    def __call__(self, xi, method=None, *, nu=None):
        method = self.method if method is None else method
        if method not in ("linear", "nearest") or nu is not None:
            raise NotImplementedError("this method of RegularGridInterpolator")
        if isinstance(xi, tuple):
            points = np.broadcast_arrays(*xi)
        else:
            xi = np.asarray(xi)
            if xi.ndim == 1 and len(self.grid) > 1:
                xi = xi[None]
            if xi.ndim == 1:
                points = [xi]
            else:
                points = [xi[..., k] for k in range(len(self.grid))]
        places = [_between(g, p) for g, p in zip(self.grid, points)]
        parts = [
            (p - g[k]) / (g[k + 1] - g[k]) for g, p, k in zip(self.grid, points, places)
        ]
        if method == "nearest":
            near = [np.where(t <= 0.5, k, k + 1) for t, k in zip(parts, places)]
            value = self.values[tuple(near)]
        else:
            value = _mixed(self.values, places, parts)
        if self.bounds_error:
            for g, p in zip(self.grid, points):
                _check_inside(g, p)
        if self.bounds_error or self.fill_value is None:
            return value
        for g, p in zip(self.grid, points):
            value = np.where((p < g[0]) | (p > g[-1]), self.fill_value, value)
        return value


def _mixed(values, places, parts, at=()):
    """Of the values at the corners around each point."""
    axis = len(at)
    if axis == len(places):
        return values[at]
    low = _mixed(values, places, parts, (*at, places[axis]))
    high = _mixed(values, places, parts, (*at, places[axis] + 1))
    return (1 - parts[axis]) * low + parts[axis] * high


def interpn(points, values, xi, method="linear", bounds_error=True, fill_value=np.nan):
    return RegularGridInterpolator(points, values, method, bounds_error, fill_value)(xi)
