"""`scipy.interpolate`: surfaces of splines in two directions, one after the other.

Beyond the ends of their knots they stay what they are there, as FITPACK has it.
"""

import numpy as np

from symdiff.definitions.scipy.splines import _interpolated, _slope, _value

__all__ = [
    "BivariateSpline", "LSQBivariateSpline", "RectBivariateSpline",
    "SmoothBivariateSpline", "bisplev",
]  # fmt: skip


def _inside(t, k, x):
    return np.clip(x, t[k], t[len(t) - k - 1])


def _coefficients(tx, ty, c, kx, ky):
    return np.reshape(np.asarray(c), (len(tx) - kx - 1, len(ty) - ky - 1))


def _derived(tck, dx, dy):
    """The knots, coefficients and degrees of a derivative of the surface."""
    tx, ty, c, kx, ky = tck
    for _ in range(dx):
        tx, c, kx = _slope(tx, c, kx)
    c = c.T
    for _ in range(dy):
        ty, c, ky = _slope(ty, c, ky)
    return tx, ty, c.T, kx, ky


def _on_grid(tck, x, y, dx, dy):
    """The surface at all pairs of places x and y."""
    tx, ty, c, kx, ky = tck
    x, y = _inside(tx, kx, x), _inside(ty, ky, y)
    tx, ty, c, kx, ky = _derived(tck, dx, dy)
    return _value(ty, _value(tx, c, kx, x).T, ky, y).T


def _at_points(tck, x, y, dx, dy):
    """The surface at places (x, y), which are arrays of one axis."""
    tx, ty, c, kx, ky = tck
    x, y = _inside(tx, kx, x), _inside(ty, ky, y)
    tx, ty, c, kx, ky = _derived(tck, dx, dy)
    rows = _value(tx, c, kx, x)
    n = len(ty) - ky - 1
    at = np.clip(np.searchsorted(ty, y, side="right") - 1, ky, n - 1)
    own = np.arange(x.shape[0])
    parts = [rows[own, at - ky + j] for j in range(ky + 1)]
    for r in range(1, ky + 1):
        for j in range(ky, r - 1, -1):
            left, right = ty[at - ky + j], ty[at + 1 + j - r]
            share = (y - left) / (right - left)
            parts[j] = (1.0 - share) * parts[j - 1] + share * parts[j]
    return parts[ky]


def bisplev(x, y, tck, dx=0, dy=0):
    tx, ty, c, kx, ky = tck
    tx, ty = np.asarray(tx), np.asarray(ty)
    held = tx, ty, _coefficients(tx, ty, c, kx, ky), kx, ky
    x, y = np.asarray(x), np.asarray(y)
    value = _on_grid(held, x, y, dx, dy)
    if x.ndim == 0:
        assert y.ndim == 0 or y.shape[0] > 1, "one place is followed as a number"
    else:
        assert x.shape[0] > 1, "one place is followed as a number"
    return value[:, None] if x.ndim > y.ndim else value


class BivariateSpline:
    """One that was made outside of the function."""

    @staticmethod
    def _held(made):
        return {"_tck": "tck", "degrees": "degrees"}

    def _whole(self):
        tx, ty, c = self._tck
        kx, ky = self.degrees
        return tx, ty, _coefficients(tx, ty, c, kx, ky), kx, ky

    def __call__(self, x, y, dx=0, dy=0, grid=True):
        if not grid:
            return self.ev(x, y, dx, dy)
        return _on_grid(self._whole(), np.atleast_1d(x), np.atleast_1d(y), dx, dy)

    def ev(self, xi, yi, dx=0, dy=0):
        if np.ndim(xi) == 0 and np.ndim(yi) == 0:
            return _on_grid(self._whole(), xi, yi, dx, dy)
        x, y = np.broadcast_arrays(xi, yi)
        value = _at_points(self._whole(), np.ravel(x), np.ravel(y), dx, dy)
        return np.reshape(value, np.shape(x))


class RectBivariateSpline(BivariateSpline):
    def __init__(self, x, y, z, bbox=(None, None, None, None), kx=3, ky=3, s=0, maxit=20):
        x_first, x_last, y_first, y_last = bbox
        if s != 0 or not (x_first is x_last is y_first is y_last is None):
            raise NotImplementedError("`bbox` and `s` of `RectBivariateSpline`")
        tx, c = _interpolated(np.asarray(x), np.asarray(z), kx)
        ty, c = _interpolated(np.asarray(y), c.T, ky)
        self._tck, self.degrees = (tx, ty, c.T), (kx, ky)


class SmoothBivariateSpline(BivariateSpline):
    def __init__(self, x, y, z, w=None, bbox=None, kx=3, ky=3, s=None, eps=1e-16):
        raise NotImplementedError("a `SmoothBivariateSpline` that is made here")


class LSQBivariateSpline(BivariateSpline):
    def __init__(self, x, y, z, tx, ty, w=None, bbox=None, kx=3, ky=3, eps=None):
        raise NotImplementedError("a `LSQBivariateSpline` that is made here")
