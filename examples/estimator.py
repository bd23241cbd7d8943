"""A scikit-learn estimator whose fit needs the gradient of a likelihood of one's own.

Robust regression with Student's t errors, whose scale and degrees of freedom are fitted
too: none of scikit-learn's estimators has this loss.

python examples/estimator.py
"""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted, validate_data

import symdiff


def loss(p, X, y, alpha):
    """The negative log likelihood per sample, and a penalty on the weights."""
    weights, bias = p[:-3], p[-3]
    scale, freedom = np.exp(p[-2]), 1.0 + np.exp(p[-1])
    z = (y - X @ weights - bias) / scale
    constant = gammaln(0.5 * (freedom + 1.0)) - gammaln(0.5 * freedom)
    constant -= 0.5 * np.log(math.pi * freedom) + np.log(scale)
    each = constant - 0.5 * (freedom + 1.0) * np.log1p(z**2 / freedom)
    return -np.mean(each) + alpha * np.sum(weights**2)


loss_and_gradient = symdiff.value_and_grad(loss)


class StudentRegression(RegressorMixin, BaseEstimator):
    """Linear regression with errors that have a Student t distribution.

    alpha: weight of the squared norm of the coefficients.
    """

    def __init__(self, alpha=0.0):
        self.alpha = alpha

    def fit(self, X, y):
        X, y = validate_data(self, X, y, y_numeric=True)
        y = np.asarray(y, float)
        start = np.zeros(X.shape[1] + 3)
        start[-3], start[-2] = np.median(y), np.log(np.std(y) + 1e-9)
        args = (np.asarray(X, float), y, float(self.alpha))
        found = minimize(loss_and_gradient, start, args, "L-BFGS-B", jac=True)
        self.coef_, self.intercept_ = found.x[:-3], found.x[-3]
        self.scale_, self.freedom_ = np.exp(found.x[-2]), 1.0 + np.exp(found.x[-1])
        self.n_iter_ = found.nit
        return self

    def predict(self, X):
        check_is_fitted(self)
        return validate_data(self, X, reset=False) @ self.coef_ + self.intercept_


def main() -> None:
    X, y = load_diabetes(return_X_y=True)
    random = np.random.default_rng(1)
    outliers = random.random(len(y)) < 0.1
    spoilt = np.where(outliers, y + 800.0 * random.random(len(y)), y)
    train = np.arange(len(y)) % 2 == 0
    model = make_pipeline(StandardScaler(), StudentRegression())
    search = GridSearchCV(model, {"studentregression__alpha": [0.0, 1e-5, 1e-3]})
    search.fit(X[train], spoilt[train])
    plain = LinearRegression().fit(X[train], spoilt[train])
    print(loss_and_gradient.source)
    best = search.best_estimator_[-1]
    print(f"alpha {best.alpha:g}, scale {best.scale_:.1f}, freedom {best.freedom_:.2f}")
    print(f"fitted in {best.n_iter_} iterations")
    ours = np.median(abs(search.predict(X[~train]) - y[~train]))
    theirs = np.median(abs(plain.predict(X[~train]) - y[~train]))
    print(f"median error {ours:.1f}, of least squares {theirs:.1f}")


if __name__ == "__main__":
    main()
