"""`scipy.stats.gaussian_kde`: a density estimated from samples."""

import math

import numpy as np
import scipy.special

__all__ = ["gaussian_kde"]


class gaussian_kde:
    @staticmethod
    def _held(made):
        same = ("dataset", "d", "n", "weights", "covariance", "cho_cov")
        return {name: name for name in same}

    def __init__(self, dataset, bw_method=None, weights=None):
        self.dataset = np.atleast_2d(np.asarray(dataset))
        self.d, self.n = self.dataset.shape
        if weights is None:
            self.weights = np.ones(self.n) / self.n
        else:
            weights = np.asarray(weights)
            self.weights = weights / np.sum(weights)
        self.neff = 1 / np.sum(self.weights**2)
        if bw_method is None or isinstance(bw_method, str):
            silverman = bw_method == "silverman"
            count = self.neff * (self.d + 2) / 4 if silverman else self.neff
            self.factor = count ** (-1 / (self.d + 4))
        else:
            self.factor = bw_method(self) if callable(bw_method) else bw_method
        spread = np.atleast_2d(np.cov(self.dataset, aweights=self.weights))
        self.covariance = spread * self.factor**2
        self.cho_cov = np.linalg.cholesky(spread) * self.factor

    def _exponents(self, points):
        """Those of the parts of the density, for each sample and point."""
        points = np.atleast_2d(np.asarray(points))
        if points.shape[0] != self.d:
            points = np.reshape(points, (self.d, 1))
        away = points[:, None, :] - self.dataset[:, :, None]
        away = np.reshape(away, (self.d, -1))
        squares = np.sum(np.linalg.solve(self.cho_cov, away) ** 2, axis=0)
        scale = np.sum(np.log(np.diag(self.cho_cov)))
        scale = scale + 0.5 * self.d * math.log(2 * math.pi)
        return np.reshape(-0.5 * squares, (self.n, -1)) - scale

    def evaluate(self, points):
        return self.weights @ np.exp(self._exponents(points))

    def __call__(self, points):
        return self.evaluate(points)

    def pdf(self, x):
        return self.evaluate(x)

    def logpdf(self, x):
        logs = self._exponents(x) + np.log(self.weights)[:, None]
        return scipy.special.logsumexp(logs, axis=0)

    def integrate_box_1d(self, low, high):
        if self.dataset.shape[0] != 1:
            raise ValueError("integrate_box_1d() only handles 1D pdfs")
        width, samples = self.cho_cov[0, 0], self.dataset[0]
        high, low = (high - samples) / width, (low - samples) / width
        return self.weights @ (scipy.special.ndtr(high) - scipy.special.ndtr(low))
