"""`scipy.interpolate`: what goes through points in space, by functions of the distance."""

import numpy as np

__all__ = ["RBFInterpolator"]

_DEGREES = {"thin_plate_spline": 1, "cubic": 1, "quintic": 2}  # of the polynomial beside


def _by_distance(kernel, r):
    if kernel == "linear":
        return -r
    if kernel == "thin_plate_spline":
        return r**2 * np.log(np.where(r > 0, r, 1.0))
    if kernel == "cubic":
        return r**3
    if kernel == "quintic":
        return -(r**5)
    if kernel == "multiquadric":
        return -np.sqrt(1.0 + r**2)
    if kernel == "inverse_multiquadric":
        return 1.0 / np.sqrt(1.0 + r**2)
    if kernel == "inverse_quadratic":
        return 1.0 / (1.0 + r**2)
    return np.exp(-(r**2))


def _distances(x, y):
    return np.sqrt(np.sum((x[:, None, :] - y[None, :, :]) ** 2, axis=-1))


def _monomials(x, degree):
    """A column for each product of so many coordinates or fewer."""
    columns = [np.ones(x.shape[0])] if degree >= 0 else []
    if degree >= 1:
        columns += [x[:, k] for k in range(x.shape[1])]
    if degree >= 2:
        columns += [
            x[:, j] * x[:, k] for j in range(x.shape[1]) for k in range(j, x.shape[1])
        ]
    return np.stack(columns, axis=1) if columns else np.zeros((x.shape[0], 0))


class RBFInterpolator:
    """Solved for when it is made, also where it was made outside of the function."""

    @staticmethod
    def _held(made):
        if made.neighbors is not None or made.d_dtype is complex:
            return None
        own = "y d smoothing kernel epsilon powers _coeffs _shift _scale".split()
        return {"shape": "d_shape", **{name: name for name in own}}

    def __init__(
        self, y, d, neighbors=None, smoothing=0.0, kernel="thin_plate_spline",
        epsilon=None, degree=None,
    ):  # fmt: skip
        if degree is None:
            degree = _DEGREES.get(kernel, 0)
        if neighbors is not None or degree > 2:
            raise NotImplementedError(
                "`neighbors` or a degree above 2 of `RBFInterpolator`"
            )
        y, d = np.asarray(y), np.asarray(d)
        self.y, self.kernel, self.epsilon = y, kernel, 1.0 if epsilon is None else epsilon
        self.degree, self.shape = degree, d.shape[1:]
        near = _by_distance(kernel, self.epsilon * _distances(y, y))
        near = near + np.diag(smoothing * np.ones(y.shape[0]))
        beside = _monomials(y, degree)
        count = beside.shape[1]
        table = np.concatenate([
            np.concatenate([near, beside], axis=1),
            np.concatenate([beside.T, np.zeros((count, count))], axis=1),
        ])  # fmt: skip
        right = np.reshape(d, (y.shape[0], -1))
        right = np.concatenate([right, np.zeros((count, right.shape[1]))])
        self._coeffs = np.linalg.solve(table, right)

    def _beside(self, x):
        if hasattr(self, "degree"):
            return _monomials(x, self.degree)
        x = (x - self._shift) / self._scale
        return np.prod(x[:, None, :] ** self.powers, axis=-1)

    def __call__(self, x):
        x = np.asarray(x)
        near = _by_distance(self.kernel, self.epsilon * _distances(x, self.y))
        value = np.concatenate([near, self._beside(x)], axis=1) @ self._coeffs
        return np.reshape(value, (x.shape[0], *self.shape))
