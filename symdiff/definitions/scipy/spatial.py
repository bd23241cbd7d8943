"""`scipy.spatial`: distances, and rotations as unit quaternions with the scalar last."""

import numpy as np

__all__ = [
    "Rotation", "distance__cdist", "distance__cityblock", "distance__cosine",
    "distance__euclidean", "distance__pdist", "distance__sqeuclidean",
]  # fmt: skip

# -- distances ------------------------------------------------------------------------


def distance__euclidean(u, v, w=None):
    away = np.asarray(u) - np.asarray(v)
    return np.linalg.norm(away if w is None else np.sqrt(w) * away)


def distance__sqeuclidean(u, v, w=None):
    squares = (np.asarray(u) - np.asarray(v)) ** 2
    return np.sum(squares if w is None else w * squares)


def distance__cityblock(u, v, w=None):
    away = np.abs(np.asarray(u) - np.asarray(v))
    return np.sum(away if w is None else w * away)


def distance__cosine(u, v, w=None):
    u, v = np.asarray(u), np.asarray(v)
    weights = 1.0 if w is None else np.asarray(w)
    size = np.sqrt(np.sum(weights * u * u) * np.sum(weights * v * v))
    return 1 - np.sum(weights * u * v) / size


def _measured(away, metric):
    if metric == "euclidean":
        return np.linalg.norm(away, axis=-1)
    if metric == "sqeuclidean":
        return np.sum(away**2, axis=-1)
    if metric == "cityblock":
        return np.sum(np.abs(away), axis=-1)
    raise NotImplementedError("this metric of `scipy.spatial.distance`")


def distance__cdist(XA, XB, metric="euclidean", *, out=None):
    XA, XB = np.asarray(XA), np.asarray(XB)
    return _measured(XA[:, None] - XB[None], metric)


def distance__pdist(X, metric="euclidean", *, out=None):
    X = np.asarray(X)
    first, second = np.triu_indices(X.shape[0], 1)
    return _measured(X[first] - X[second], metric)


# -- rotations ------------------------------------------------------------------------


def _product(p, q):
    """Of quaternions."""
    px, py, pz, pw = p[..., 0], p[..., 1], p[..., 2], p[..., 3]
    qx, qy, qz, qw = q[..., 0], q[..., 1], q[..., 2], q[..., 3]
    return np.stack([
        pw * qx + px * qw + py * qz - pz * qy,
        pw * qy - px * qz + py * qw + pz * qx,
        pw * qz + px * qy - py * qx + pz * qw,
        pw * qw - px * qx - py * qy - pz * qz,
    ], axis=-1)  # fmt: skip


def _about(axis, angle):
    """The quaternion of a turn about one of the axes."""
    half = np.asarray(angle) / 2
    parts = [np.zeros_like(half), np.zeros_like(half), np.zeros_like(half), np.cos(half)]
    parts["xyz".index(axis)] = np.sin(half)
    return np.stack(parts, axis=-1)


class Rotation:
    _single = False  # one of SciPy has an axis more, then

    @staticmethod
    def _held(made):
        names = ("_quat", "_single")
        if any(not hasattr(made, name) for name in names):
            return None
        return {name: name for name in names}

    def __init__(self, quat, normalize=True, copy=True, scalar_first=False):
        q = np.asarray(quat)
        if scalar_first:
            q = np.roll(q, -1, axis=-1)
        self._quat = q / np.linalg.norm(q, axis=-1, keepdims=True)

    @property
    def q(self):
        return self._quat[0] if self._single else self._quat

    @classmethod
    def from_quat(cls, quat, *, scalar_first=False):
        return cls(quat, scalar_first=scalar_first)

    @classmethod
    def from_rotvec(cls, rotvec, degrees=False):
        v = np.asarray(rotvec)
        if degrees:
            v = np.deg2rad(v)
        squares = np.sum(v * v, axis=-1, keepdims=True)
        small = squares < 1e-6
        angle = np.sqrt(np.where(small, 1.0, squares))
        near = 0.5 - squares / 48 + squares**2 / 3840
        scale = np.where(small, near, np.sin(angle / 2) / angle)
        last = np.where(small, 1 - squares / 8 + squares**2 / 384, np.cos(angle / 2))
        return cls(np.concatenate([scale * v, last], axis=-1))

    @classmethod
    def from_euler(cls, seq, angles, degrees=False):
        angles = np.asarray(angles)
        if degrees:
            angles = np.deg2rad(angles)
        if len(seq) == 1:
            return cls(_about(seq.lower(), angles))
        q = _about(seq[0].lower(), angles[..., 0])
        for k in range(1, len(seq)):
            other = _about(seq[k].lower(), angles[..., k])
            q = _product(q, other) if seq.isupper() else _product(other, q)
        return cls(q)

    @classmethod
    def from_matrix(cls, matrix, *, assume_valid=False):
        raise NotImplementedError("`Rotation.from_matrix`")

    @classmethod
    def identity(cls, num=None):
        q = np.array([0.0, 0.0, 0.0, 1.0])
        return cls(q if num is None else np.broadcast_to(q, (num, 4)))

    def as_quat(self, canonical=False, *, scalar_first=False):
        q = self.q
        if canonical:
            raise NotImplementedError("`canonical` of `Rotation.as_quat`")
        return np.roll(q, 1, axis=-1) if scalar_first else q

    def as_matrix(self):
        q = self.q
        x, y, z, w = q[..., 0], q[..., 1], q[..., 2], q[..., 3]
        rows = [
            [x * x - y * y - z * z + w * w, 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), y * y - x * x - z * z + w * w, 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), z * z - x * x - y * y + w * w],
        ]
        return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)

    def as_rotvec(self, degrees=False):
        q = np.where(self.q[..., 3:] < 0, -self.q, self.q)
        v, w = q[..., :3], q[..., 3:]
        squares = np.sum(v * v, axis=-1, keepdims=True)
        small = squares < 1e-7
        sine = np.sqrt(np.where(small, 1.0, squares))
        scale = np.where(small, 2 + squares / 3, 2 * np.arctan2(sine, w) / sine)
        return np.rad2deg(scale * v) if degrees else scale * v

    def as_euler(self, seq, degrees=False):
        q, inner = self.q, seq.isupper()
        names = seq.lower()[::-1] if inner else seq.lower()
        i, j, k = "xyz".index(names[0]), "xyz".index(names[1]), "xyz".index(names[2])
        same = i == k
        if same:
            k = 3 - i - j
        sign = (i - j) * (j - k) * (k - i) // 2
        w, x, y, z = q[..., 3], q[..., i], q[..., j], sign * q[..., k]
        a, b, c, d = (w, x, y, z) if same else (w - y, x + z, y + w, z - x)
        middle = 2 * np.arctan2(np.hypot(c, d), np.hypot(a, b))
        if np.any((middle < 1e-7) | (middle > np.pi - 1e-7)):
            raise ArithmeticError("the angles of this rotation are not unique")
        total, rest = np.arctan2(b, a), np.arctan2(d, c)
        first, last = total - rest, total + rest
        if not same:
            last, middle = sign * last, middle - np.pi / 2
        angles = [last, middle, first] if inner else [first, middle, last]
        angles = np.stack(angles, axis=-1)
        angles = angles - 2 * np.pi * np.round(angles / (2 * np.pi))
        return np.rad2deg(angles) if degrees else angles

    def magnitude(self):
        q = self.q
        return 2 * np.arctan2(np.linalg.norm(q[..., :3], axis=-1), np.abs(q[..., 3]))

    def inv(self):
        return Rotation(self.q * np.array([-1.0, -1.0, -1.0, 1.0]))

    def __mul__(self, other):
        return Rotation(_product(self.q, other.q))

    def apply(self, vectors, inverse=False):
        table, vectors = self.as_matrix(), np.asarray(vectors)
        if inverse:
            table = np.swapaxes(table, -1, -2)
        if table.ndim == 2:
            return vectors @ table.T
        return np.einsum("...ij,...j->...i", table, vectors)
