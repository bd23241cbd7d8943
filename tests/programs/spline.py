"""A natural cubic spline by the Thomas algorithm, its integral and its bending energy."""

from bisect import bisect_right

import numpy as np


def thomas(lower, diagonal, upper, rhs):
    """Solve a tridiagonal system; the arguments are left as they are."""
    n = len(diagonal)
    c = np.empty(n - 1)
    d = np.empty(n)
    c[0] = upper[0] / diagonal[0]
    d[0] = rhs[0] / diagonal[0]
    for i in range(1, n):
        denominator = diagonal[i] - lower[i - 1] * c[i - 1]
        if i < n - 1:
            c[i] = upper[i] / denominator
        d[i] = (rhs[i] - lower[i - 1] * d[i - 1]) / denominator
    for i in range(n - 2, -1, -1):
        d[i] -= c[i] * d[i + 1]
    return d


class CubicSpline:
    def __init__(self, knots, values):
        if len(knots) != len(values):
            raise ValueError("as many knots as values are wanted")
        self.knots = knots
        self.values = values
        self.moments = self._second_derivatives()

    def _second_derivatives(self):
        x, y = self.knots, self.values
        h = np.diff(x)
        slope = np.diff(y) / h
        inner = thomas(h[1:-1], 2 * (h[:-1] + h[1:]), h[1:-1], 6 * np.diff(slope))
        return np.concatenate(([0.0], inner, [0.0]))

    def _locate(self, t):
        k = bisect_right(list(self.knots), t) - 1
        return min(max(k, 0), len(self.knots) - 2)

    def __call__(self, t):
        k = self._locate(t)
        x0, x1 = self.knots[k], self.knots[k + 1]
        m0, m1 = self.moments[k], self.moments[k + 1]
        h = x1 - x0
        a, b = (x1 - t) / h, (t - x0) / h
        linear = a * self.values[k] + b * self.values[k + 1]
        return linear + ((a**3 - a) * m0 + (b**3 - b) * m1) * h * h / 6

    def integral(self):
        h = np.diff(self.knots)
        y, m = self.values, self.moments
        return np.sum(h * (y[:-1] + y[1:]) / 2 - h**3 * (m[:-1] + m[1:]) / 24)

    def energy(self):
        """Integral of the squared second derivative."""
        h = np.diff(self.knots)
        m = self.moments
        return np.sum(h * (m[:-1] ** 2 + m[:-1] * m[1:] + m[1:] ** 2)) / 3


TARGET = [(0.2, 0.3), (0.9, 1.1), (1.7, 0.4), (2.6, -0.2), (3.3, 0.6)]


def penalised_fit(knots, values, smoothing):
    spline = CubicSpline(knots, values)
    residual = 0.0
    for t, y in TARGET:
        residual += (spline(t) - y) ** 2
    return residual + smoothing * spline.energy() + 0.1 * spline.integral()


if __name__ == "__main__":
    x = np.array([0.0, 0.8, 1.5, 2.4, 3.5])
    print(penalised_fit(x, np.array([0.1, 1.0, 0.6, -0.3, 0.5]), 0.02))
