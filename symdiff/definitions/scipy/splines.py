"""`scipy.interpolate`: splines by their knots t, coefficients c and degree k.

Values are found by de Boor's recursion (*A Practical Guide to Splines*, 1978, chapter X).
"""

import numpy as np

__all__ = [
    "BSpline", "BarycentricInterpolator", "InterpolatedUnivariateSpline",
    "KroghInterpolator", "UnivariateSpline", "make_interp_spline", "splev", "splrep",
]  # fmt: skip


def _like_last(weights, c):
    """Numbers for each place beside coefficients with more axes."""
    return (
        weights if c.ndim == 1 else np.reshape(weights, weights.shape + (1,) * (c.ndim - 1))
    )


def _value(t, c, k, x):
    """The spline at places x, which go on as the outermost pieces do."""
    n = len(t) - k - 1
    at = np.clip(np.searchsorted(t, x, side="right") - 1, k, n - 1)
    parts = [c[at - k + j] for j in range(k + 1)]
    for r in range(1, k + 1):
        for j in range(k, r - 1, -1):
            left, right = t[at - k + j], t[at + 1 + j - r]
            share = _like_last((x - left) / (right - left), c)
            parts[j] = (1.0 - share) * parts[j - 1] + share * parts[j]
    return parts[k]


def _slope(t, c, k):
    """The knots and coefficients of the derivative."""
    n = len(t) - k - 1
    widths = _like_last(t[k + 1 : n + k] - t[1:n], c)
    steps = np.where(widths > 0, widths, 1.0)
    return t[1:-1], k * (c[1:n] - c[: n - 1]) / steps, k - 1


class BSpline:
    @staticmethod
    def _held(made):
        return {name: name for name in ("t", "c", "k", "extrapolate", "axis")}

    def __init__(self, t, c, k, extrapolate=True, axis=0):
        self.t, self.c, self.k = np.asarray(t), np.asarray(c), k
        self.extrapolate, self.axis = extrapolate, axis

    def __call__(self, x, nu=0, extrapolate=None):
        if self.axis != 0:
            raise NotImplementedError("`axis` of a `BSpline`")
        if extrapolate is None:
            extrapolate = self.extrapolate
        x = np.asarray(x)
        t, c, k = self.t, self.c, self.k
        first, last = t[k], t[len(t) - k - 1]
        if extrapolate == "periodic":
            x = first + (x - first) % (last - first)
        for _ in range(nu):
            t, c, k = _slope(t, c, k)
        value = _value(t, c, k, x)
        if not extrapolate:
            value = np.where(_like_last((x < first) | (x > last), c), np.nan, value)
        return value

    def derivative(self, nu=1):
        t, c, k = self.t, self.c, self.k
        for _ in range(nu):
            t, c, k = _slope(t, c, k)
        return BSpline(t, c, k, self.extrapolate)

    def integrate(self, a, b, extrapolate=None):
        t, c, k = self.t, self.c, self.k
        n = len(t) - k - 1
        pieces = _like_last((t[k + 1 :] - t[:n]) / (k + 1), c) * c[:n]
        total = np.concatenate([0.0 * c[:1], np.cumsum(pieces, axis=0)])
        t = np.concatenate([t[:1], t, t[-1:]])
        return _value(t, total, k + 1, np.asarray(b)) - _value(
            t, total, k + 1, np.asarray(a)
        )


def _interpolated(x, y, k):
    """The knots, of which none is where the first and last pieces meet, and the
    coefficients of the spline through points."""
    if k % 2 == 0:
        raise NotImplementedError("interpolation by splines of even degree")
    half = (k + 1) // 2
    ends = np.ones(k + 1)
    inner = x[half : len(x) - half]
    t = np.concatenate([x[0] * ends, inner, x[-1] * ends])
    basis = _value(t, np.eye(len(x)), k, x)
    return t, np.linalg.solve(basis, y)


def make_interp_spline(x, y, k=3, t=None, bc_type=None, axis=0, check_finite=True):
    if t is not None or bc_type is not None or axis != 0:
        raise NotImplementedError("`t`, `bc_type` and `axis` of `make_interp_spline`")
    x, y = np.asarray(x), np.asarray(y)
    knots, c = _interpolated(x, y, k)
    return BSpline(knots, c, k)


def splrep(
    x, y, w=None, xb=None, xe=None, k=3, task=0, s=None, t=None, full_output=0, per=0,
    quiet=1,
):  # fmt: skip
    if not (w is None and xb is None and xe is None and t is None):
        raise NotImplementedError("`w`, `xb`, `xe` and `t` of `splrep`")
    if task != 0 or full_output or per or (s is not None and s != 0):
        raise NotImplementedError("`splrep` of anything but a spline through all points")
    knots, c = _interpolated(np.asarray(x), np.asarray(y), k)
    return knots, np.concatenate([c, np.zeros(k + 1)]), k


def splev(x, tck, der=0, ext=0):
    if ext != 0:
        raise NotImplementedError("`ext` of `splev`")
    if isinstance(tck, BSpline):
        return tck(x, der)
    t, c, k = tck
    return BSpline(t, c, k)(x, der)


class UnivariateSpline:
    """Through all points, unless it was made outside of the function."""

    @staticmethod
    def _held(made):
        return {"tck": "_eval_args", "ext": "ext"}

    def __init__(
        self, x, y, w=None, bbox=(None, None), k=3, s=None, ext=0, check_finite=False
    ):
        if w is not None or s is None or s != 0:
            raise NotImplementedError("a `UnivariateSpline` that smoothes")
        self.tck, self.ext = splrep(x, y, k=k), ext

    def __call__(self, x, nu=0, ext=None):
        return splev(x, self.tck, nu, self.ext if ext is None else ext)

    def derivative(self, n=1):
        return BSpline(*self.tck).derivative(n)

    def integral(self, a, b):
        return BSpline(*self.tck).integrate(a, b)


class InterpolatedUnivariateSpline(UnivariateSpline):
    def __init__(self, x, y, w=None, bbox=(None, None), k=3, ext=0, check_finite=False):
        if w is not None:
            raise NotImplementedError("`w` of `InterpolatedUnivariateSpline`")
        self.tck, self.ext = splrep(x, y, k=k), ext


class KroghInterpolator:
    """The polynomial through points."""

    def __init__(self, xi, yi, axis=0):
        if axis != 0:
            raise NotImplementedError("`axis` of a polynomial through points")
        self.xi, self.yi = np.array(xi), np.array(yi)

    def __call__(self, x):
        """By Lagrange's products, whose slopes are right at the points, too."""
        xi, x = self.xi, np.asarray(x)
        own = np.eye(xi.shape[0], dtype=bool)
        apart = np.where(own, 1.0, xi[:, None] - xi)
        away = np.where(own, 1.0, x[..., None, None] - xi)
        return np.prod(away / apart, axis=-1) @ self.yi


class BarycentricInterpolator(KroghInterpolator):
    pass
