"""Objects of libraries that were made outside of the function, or in it."""

import numpy as np
from numpy.polynomial import Chebyshev, Polynomial
from scipy.interpolate import (
    BSpline, CubicSpline, PchipInterpolator, PPoly, RBFInterpolator, RectBivariateSpline,
    RegularGridInterpolator, SmoothBivariateSpline, UnivariateSpline, bisplev, bisplrep,
    interp1d, splev, splrep,
)  # fmt: skip

from corpus.registry import case

X = np.linspace(0, 4, 9)
TRACK = CubicSpline(X, np.sin(X))
RAISED = PchipInterpolator(X, X**2)
PIECES = PPoly(TRACK.c[1:], X)
SAMPLED = interp1d(X, np.cos(X))
FURTHER = interp1d(X, np.cos(X), fill_value="extrapolate")
WITH_ENDS = interp1d(X, np.cos(X), bounds_error=False, fill_value=(0.5, -0.5))
SURFACE = RegularGridInterpolator((X, np.arange(4.0)), np.outer(np.sin(X), np.arange(4.0)))
FITTED = Chebyshev.fit(X, np.sin(X), 4)
PARABOLA = Polynomial([1.0, -2.0, 0.5])
SMOOTHED = splrep(X, np.sin(X) + 0.1 * np.cos(9 * X), s=0.05)
SMOOTH = UnivariateSpline(X, np.sin(X) + 0.1 * np.cos(9 * X), s=0.05)
BASE = BSpline(np.arange(9.0), np.array([0.2, 0.9, -0.4, 1.1, 0.3]), 3, extrapolate=False)
U = np.array([0.3, 1.7, 2.2])


@case(U, 1.3)
def along_smoothed_data(x, t):
    inside = np.where(x > 3.0, 0.0, BASE(x + 3.0))
    return (
        np.sum(splev(x, SMOOTHED) * SMOOTH(x, 1)) + BASE.integrate(3.1, 3.0 + t) * inside[0]
    )


@case(U, refused="a `UnivariateSpline` that smoothes")
def smoothed_in_the_function(y):
    return UnivariateSpline(np.arange(3.0), y, k=1)(0.7)


@case(1.3)
def along_a_track(t):
    speed, bend = TRACK(t, 1), TRACK.derivative(2)(t)
    return TRACK(t) ** 2 + speed * bend + TRACK.integrate(0.0, t)


@case(U)
def at_several_points(u):
    values = TRACK(u) * RAISED(u) + PIECES(u)
    return (values * FITTED(u) + PARABOLA(u)).sum()


@case(1.3, 9.5)
def between_samples(x, far):
    return SAMPLED(x) * FURTHER(far) * x + WITH_ENDS(far) * x + WITH_ENDS(x)


@case(1.3, 2.2)
def on_a_surface(x, y):
    return SURFACE([x, y])[0] * SURFACE((y, x)) * x


@case(U, 0.7)
def made_and_fitted(y, t):
    spline = CubicSpline([0.0, 0.4, 1.0, 1.5, 2.0], [y[0], y[1], y[2], 0.2, t])
    line = Polynomial.fit([0.0, 1.0, 2.0], y, 1)
    return spline(t) * line(t) + (PARABOLA * PARABOLA - 1.0)(t) / line.degree()


HEIGHTS = np.outer(np.sin(X), np.cos(X))
LAND = RectBivariateSpline(X, X, HEIGHTS)
EAST, NORTH = (grid.ravel() for grid in np.meshgrid(X, X, indexing="ij"))
SMOOTH = SmoothBivariateSpline(EAST, NORTH, HEIGHTS.ravel(), s=0.05)
TCK = bisplrep(EAST, NORTH, HEIGHTS.ravel(), s=0.05)
BUMPS = RBFInterpolator(np.stack([EAST, NORTH], axis=1)[::7], HEIGHTS.ravel()[::7])


@case(1.3, 2.2)
@case(1.3, 4.6)
def on_surfaces_of_splines(x, y):
    slope = bisplev(x, y, TCK, dx=1) * LAND.ev(x, y, dy=2)
    return bisplev(x, y, TCK) * LAND(x, y)[0, 0] + slope + SMOOTH.ev(y, x)


@case(U, np.array([0.4, 2.1, 3.3]))
def on_surfaces_at_several_points(u, v):
    bumps = BUMPS(np.stack([u, v], axis=1))
    return np.sum(LAND(np.sort(u), v) ** 2) + np.sum(
        LAND.ev(u, v) * SMOOTH.ev(v, u) * bumps
    )
