"""The sparse Jacobian of bundle adjustment: cameras and points from what cameras see.

Each residual depends on one camera (11 numbers), one point (3) and one weight, of some
thousands of unknowns. The model is that of Triggs et al. 1999, with the residuals of
ADBench (Srajer, Kukelova & Fitzgibbon 2018).

python examples/bundle_adjustment.py
"""

from __future__ import annotations

import time

import numpy as np
from scipy.optimize import least_squares

import symdiff

CAMERAS, POINTS, SEEN = 12, 200, 1200


def rotated(points, rotation):
    """Rodrigues' formula: points turned about axes, by their lengths."""
    angle = np.sqrt(np.sum(rotation**2, axis=1, keepdims=True) + 1e-24)
    axis = rotation / angle
    cosine, sine = np.cos(angle), np.sin(angle)
    along = np.sum(axis * points, axis=1, keepdims=True)
    return points * cosine + np.cross(axis, points) * sine + axis * along * (1.0 - cosine)


def projected(cameras, points):
    """Where points appear in the pictures of cameras: one row for each pair."""
    p = rotated(points - cameras[:, 3:6], cameras[:, :3])
    u = p[:, :2] / p[:, 2:]
    r2 = np.sum(u**2, axis=1, keepdims=True)
    distorted = u * (1.0 + cameras[:, 9:10] * r2 + cameras[:, 10:11] * r2**2)
    return distorted * cameras[:, 6:7] + cameras[:, 7:9]


def residuals(x, camera, point, features):
    """Errors in the pictures by weights, and what keeps the weights near one."""
    cameras = x[: 11 * CAMERAS].reshape(CAMERAS, 11)
    points = x[11 * CAMERAS : 11 * CAMERAS + 3 * POINTS].reshape(POINTS, 3)
    weights = x[11 * CAMERAS + 3 * POINTS :]
    out = np.empty(3 * SEEN)
    found = projected(cameras[camera], points[point])
    out[: 2 * SEEN] = (weights[:, None] * (found - features)).ravel()
    out[2 * SEEN :] = 1.0 - weights**2
    return out


def scene(random):
    """Cameras round a cloud of points, and which sees which."""
    cameras = np.zeros((CAMERAS, 11))
    cameras[:, :3] = 0.2 * random.normal(size=(CAMERAS, 3))
    cameras[:, 3:6] = random.normal(size=(CAMERAS, 3)) - [0.0, 0.0, 8.0]
    cameras[:, 6] = 500.0
    cameras[:, 9:] = 0.01 * random.normal(size=(CAMERAS, 2))
    points = random.uniform(-1.0, 1.0, (POINTS, 3))
    camera = random.integers(0, CAMERAS, SEEN)
    point = random.integers(0, POINTS, SEEN)
    return cameras, points, camera, point


def main() -> None:
    random = np.random.default_rng(1)
    cameras, points, camera, point = scene(random)
    features = projected(cameras[camera], points[point])
    features += 0.1 * random.normal(size=features.shape)
    truth = np.concatenate([cameras.ravel(), points.ravel(), np.ones(SEEN)])
    start = truth * (1.0 + 0.001 * random.normal(size=truth.shape))
    data = camera, point, features

    jacobian = symdiff.jacobian(residuals, sparse=True)
    jacobian(start, *data)  # generates the code and finds the pattern
    began = time.perf_counter()
    found = jacobian(start, *data)
    spent = time.perf_counter() - began
    began = time.perf_counter()
    residuals(start, *data)
    once = time.perf_counter() - began
    print(f"unknowns {len(start)}, residuals {found.shape[0]}, entries {found.nnz}")
    print(f"products with vectors for all {len(start)} columns: {jacobian.products}")
    print(f"one Jacobian {1e3 * spent:.1f} ms, one evaluation {1e3 * once:.2f} ms")

    size = 1e-6 * np.maximum(1.0, abs(start))
    along = random.normal(size=start.shape) * size
    ahead, behind = residuals(start + along, *data), residuals(start - along, *data)
    error = abs(found @ along - 0.5 * (ahead - behind)).max() / abs(found @ along).max()
    print(f"check: differs from differences by {error:.1e}")

    began = time.perf_counter()
    fit = least_squares(
        residuals, start, jac=jacobian, args=data, method="trf", x_scale="jac", max_nfev=15
    )
    spent = time.perf_counter() - began
    print(f"cost {0.5 * np.sum(residuals(start, *data) ** 2):.4g} at the start")
    print(f"cost {fit.cost:.4g} after {fit.njev} Jacobians, {spent:.1f} s")


if __name__ == "__main__":
    main()
