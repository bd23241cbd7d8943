"""`scipy.spatial`: distances, and rotations as unit quaternions with the scalar last."""

import numpy as np
import scipy.linalg

from symdiff.definitions.common import root, root_of

__all__ = [
    "Rotation", "Slerp", "distance__braycurtis", "distance__canberra", "distance__cdist",
    "distance__chebyshev", "distance__cityblock", "distance__correlation",
    "distance__cosine", "distance__euclidean", "distance__jensenshannon",
    "distance__mahalanobis", "distance__minkowski", "distance__pdist",
    "distance__seuclidean", "distance__sqeuclidean", "distance__squareform",
    "distance_matrix",
]  # fmt: skip

# -- distances ------------------------------------------------------------------------


def _ratio(part, whole):
    """0 where both are 0."""
    return part / np.where(whole == 0, 1.0, whole)


def _alike(u, v, w):
    """One less the cosine of the angle between vectors."""
    size = np.sqrt(np.sum(w * u * u, axis=-1) * np.sum(w * v * v, axis=-1))
    return 1 - np.sum(w * u * v, axis=-1) / size


def _centred(u, w):
    return u - np.sum(w * u, axis=-1, keepdims=True) / np.sum(w * np.ones(u.shape[-1]))


def _information(p, q):
    middle = (p + q) / 2
    parts = p * np.log(np.where(p > 0, _ratio(p, middle), 1.0))
    parts = parts + q * np.log(np.where(q > 0, _ratio(q, middle), 1.0))
    return np.sum(parts, axis=-1) / 2


def _shares(p):
    return p / np.sum(p, axis=-1, keepdims=True)


def _apart(u, v, metric, p=2, w=1.0, V=None, VI=None):
    """The distances between vectors, which lie along the last axis."""
    away = u - v
    if metric == "minkowski" and p in (1, 2, np.inf):
        metric = {1: "cityblock", 2: "euclidean", np.inf: "chebyshev"}[p]
    if metric == "euclidean":
        return np.linalg.norm(away if np.ndim(w) == 0 else np.sqrt(w) * away, axis=-1)
    if metric == "sqeuclidean":
        return np.sum(w * away**2, axis=-1)
    if metric == "cityblock":
        return np.sum(w * np.abs(away), axis=-1)
    if metric == "chebyshev":
        if np.ndim(w) != 0:
            away = np.where(np.asarray(w) > 0, away, 0.0)
        return np.max(np.abs(away), axis=-1)
    if metric == "minkowski":
        return root_of(np.sum(w * np.abs(away) ** p, axis=-1), p)
    if metric == "seuclidean":
        return np.linalg.norm(away / np.sqrt(V), axis=-1)
    if metric == "mahalanobis":
        return np.sqrt(np.sum((away @ VI) * away, axis=-1))
    if metric == "cosine":
        return _alike(u, v, w)
    if metric == "correlation":
        return _alike(_centred(u, w), _centred(v, w), w)
    if metric == "canberra":
        return np.sum(w * _ratio(np.abs(away), np.abs(u) + np.abs(v)), axis=-1)
    if metric == "braycurtis":
        return np.sum(w * np.abs(away), axis=-1) / np.sum(w * np.abs(u + v), axis=-1)
    if metric == "jensenshannon":
        return root(_information(_shares(u), _shares(v)))
    raise NotImplementedError("this metric of `scipy.spatial.distance`")


def _one(u, v, metric, p=2, w=None, V=None, VI=None):
    u, v = np.asarray(u), np.asarray(v)
    return _apart(u, v, metric, p, 1.0 if w is None else np.asarray(w), V, VI)


def distance__euclidean(u, v, w=None):
    return _one(u, v, "euclidean", w=w)


def distance__sqeuclidean(u, v, w=None):
    return _one(u, v, "sqeuclidean", w=w)


def distance__cityblock(u, v, w=None):
    return _one(u, v, "cityblock", w=w)


def distance__chebyshev(u, v, w=None):
    return _one(u, v, "chebyshev", w=w)


def distance__minkowski(u, v, p=2, w=None):
    return _one(u, v, "minkowski", p, w)


def distance__cosine(u, v, w=None):
    return _one(u, v, "cosine", w=w)


def distance__correlation(u, v, w=None, centered=True):
    return _one(u, v, "correlation" if centered else "cosine", w=w)


def distance__canberra(u, v, w=None):
    return _one(u, v, "canberra", w=w)


def distance__braycurtis(u, v, w=None):
    return _one(u, v, "braycurtis", w=w)


def distance__seuclidean(u, v, V):
    return _one(u, v, "seuclidean", V=np.asarray(V))


def distance__mahalanobis(u, v, VI):
    return _one(u, v, "mahalanobis", VI=np.asarray(VI))


def distance__jensenshannon(p, q, base=None, *, axis=0, keepdims=False):
    if keepdims or axis not in (0, -1) or np.ndim(p) != 1:
        raise NotImplementedError("axes of `scipy.spatial.distance.jensenshannon`")
    apart = _one(p, q, "jensenshannon")
    return apart if base is None else apart / np.sqrt(np.log(base))


def _among(points, first, second, metric, p, w, V, VI):
    """Distances of pairs of points, with the scales of all points where none are given."""
    if metric == "seuclidean":
        V = np.var(points, axis=0, ddof=1) if V is None else np.asarray(V)
    if metric == "mahalanobis":
        VI = np.linalg.inv(np.cov(points.T)).T if VI is None else np.asarray(VI)
    return _apart(first, second, metric, p, 1.0 if w is None else np.asarray(w), V, VI)


def distance__cdist(XA, XB, metric="euclidean", *, out=None, p=2, w=None, V=None, VI=None):
    XA, XB = np.asarray(XA), np.asarray(XB)
    points = XA
    if (metric == "seuclidean" and V is None) or (metric == "mahalanobis" and VI is None):
        points = np.concatenate([XA, XB])
    return _among(points, XA[:, None], XB[None], metric, p, w, V, VI)


def distance__pdist(X, metric="euclidean", *, out=None, p=2, w=None, V=None, VI=None):
    X = np.asarray(X)
    first, second = np.triu_indices(X.shape[0], 1)
    return _among(X, X[first], X[second], metric, p, w, V, VI)


def distance__squareform(X, force="no", checks=True):
    X = np.asarray(X)
    if X.ndim == 2:
        first, second = np.triu_indices(X.shape[0], 1)
        return X[first, second]
    n = int(np.round((1 + np.sqrt(1 + 8 * X.shape[0])) / 2))
    first, second = np.triu_indices(n, 1)
    square = np.zeros((n, n))
    square[first, second] = X
    square[second, first] = X
    return square


def distance_matrix(x, y, p=2, threshold=1000000):
    return distance__cdist(x, y, "minkowski", p=p)


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


def _nearest(m):
    """The nearest rotations to matrices."""
    if m.ndim > 2:
        return np.stack([_nearest(each) for each in m])
    return m @ np.linalg.inv(scipy.linalg.sqrtm(m.T @ m))


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
        m = np.asarray(matrix)
        if not assume_valid:
            if np.any(np.linalg.det(m) <= 0):
                raise ValueError("Non-positive determinant in rotation matrix.")
            m = _nearest(m)
        x, y, z = m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]
        trace = x + y + z
        largest = np.argmax(np.stack([x, y, z, trace], axis=-1), axis=-1)[..., None]
        xy, xz, yz = m[..., 1, 0], m[..., 2, 0], m[..., 2, 1]
        yx, zx, zy = m[..., 0, 1], m[..., 0, 2], m[..., 1, 2]
        quat = [
            np.stack([1 - trace + 2 * x, xy + yx, xz + zx, yz - zy], axis=-1),
            np.stack([xy + yx, 1 - trace + 2 * y, yz + zy, zx - xz], axis=-1),
            np.stack([xz + zx, yz + zy, 1 - trace + 2 * z, xy - yx], axis=-1),
            np.stack([yz - zy, zx - xz, xy - yx, 1 + trace], axis=-1),
        ]
        first = np.where(largest == 0, quat[0], quat[1])
        return cls(np.where(largest < 2, first, np.where(largest == 2, quat[2], quat[3])))

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

    def __len__(self):
        return len(self.q)

    def __getitem__(self, index):
        return Rotation(self.q[index])

    def __mul__(self, other):
        return Rotation(_product(self.q, other.q))

    def apply(self, vectors, inverse=False):
        table, vectors = self.as_matrix(), np.asarray(vectors)
        if inverse:
            table = np.swapaxes(table, -1, -2)
        if table.ndim == 2:
            return vectors @ table.T
        return np.einsum("...ij,...j->...i", table, vectors)


class Slerp:
    """Turns from one rotation to the next one about a fixed axis."""

    @staticmethod
    def _held(made):
        names = ("times", "timedelta", "rotations", "rotvecs")
        return {name: name for name in names}

    def __init__(self, times, rotations):
        self.times = np.asarray(times)
        self.timedelta = np.diff(self.times)
        if np.any(self.timedelta <= 0):
            raise ValueError("Times must be in strictly increasing order.")
        self.rotations = rotations[:-1]
        self.rotvecs = (self.rotations.inv() * rotations[1:]).as_rotvec()

    def __call__(self, times):
        times = np.asarray(times)
        place = np.searchsorted(self.times, times) - 1
        place = np.where(times == self.times[0], 0, place)
        if np.any((place < 0) | (place >= self.rotvecs.shape[0])):
            raise ValueError(
                f"Interpolation times must be within the range [{self.times[0]}, "
                f"{self.times[-1]}], both inclusive."
            )
        share = (times - self.times[place]) / self.timedelta[place]
        turn = Rotation.from_rotvec(share[..., None] * self.rotvecs[place])
        return self.rotations[place] * turn
