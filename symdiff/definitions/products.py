"""Products of arrays and matrices, polynomials."""

import numpy as np

from symdiff.definitions.common import conjugate

__all__ = [
    "angle", "i0", "kaiser", "matvec", "poly", "polyadd", "polyder", "polydiv", "polyfit",
    "polyint", "polymul", "polysub", "polyval", "real_if_close", "roots", "vander",
    "vecdot", "vecmat",
]  # fmt: skip


def i0(x):
    import scipy.special

    return scipy.special.i0(x)


def kaiser(M, beta):
    import scipy.special

    if M == 1:
        return np.ones(1)
    middle = (M - 1) / 2
    widths = np.sqrt(1 - ((np.arange(M) - middle) / middle) ** 2)
    return scipy.special.i0(beta * widths) / scipy.special.i0(beta)


def real_if_close(a, tol=100):
    if np.iscomplexobj(a):
        raise NotImplementedError("np.real_if_close of complex numbers")
    return a


def angle(z, deg=False):
    turn = np.arctan2(z.imag, z.real)
    return np.degrees(turn) if deg else turn


def vander(x, N=None, increasing=False):
    count = len(x) if N is None else N
    powers = np.arange(count) if increasing else np.arange(count - 1, -1, -1)
    return np.asarray(x)[:, None] ** powers


def vecdot(x1, x2, axis=-1):
    return np.sum(conjugate(x1) * x2, axis=axis)


def matvec(x1, x2):
    return (x1 @ x2[..., None])[..., 0]


def vecmat(x1, x2):
    return (conjugate(x1)[..., None, :] @ x2)[..., 0, :]


# -- polynomials ----------------------------------------------------------------------


def polyval(p, x):
    result = 0 * x
    for coefficient in p:
        result = result * x + coefficient
    return result


def _long(p, length):
    p = np.atleast_1d(p)
    return np.concatenate([np.zeros(length - len(p)), p])


def polyadd(a1, a2):
    length = max(len(a1), len(a2))
    return _long(a1, length) + _long(a2, length)


def polysub(a1, a2):
    length = max(len(a1), len(a2))
    return _long(a1, length) - _long(a2, length)


def polymul(a1, a2):
    """Without the zeros that the factors begin with."""
    return np.convolve(np.trim_zeros(a1, "f"), np.trim_zeros(a2, "f"))


def polydiv(u, v):
    """Long division; the remainder is without the zeros that it begins with."""
    u, v = np.atleast_1d(u), np.atleast_1d(v)
    steps = u.shape[0] - v.shape[0] + 1
    rest = u / 1.0
    if steps < 1:
        return np.zeros(1), rest
    quotient = np.zeros(steps)
    for k in range(steps):
        part = rest[k] / v[0]
        quotient[k] = part
        rest[k : k + v.shape[0]] -= part * v
    places = np.flatnonzero(np.abs(rest) > 1e-8)
    first = places[0] if len(places) > 0 else rest.shape[0] - 1
    return quotient, rest[first:]


def polyder(p, m=1):
    p = np.asarray(p)
    for _ in range(m):
        p = p[:-1] * np.arange(len(p) - 1, 0, -1)
    return p


def polyint(p, m=1, k=0.0):
    p = np.asarray(p)
    for _ in range(m):
        p = np.concatenate([p / np.arange(len(p), 0, -1), np.array([k])])
    return p


def polyfit(x, y, deg, rcond=None, full=False, w=None, cov=False):
    x, y = np.asarray(x), np.asarray(y)
    powers = np.vander(x, deg + 1)
    if w is not None:
        powers = powers * np.asarray(w)[:, None]
        y = (y.T * w).T
    if full or rcond is not None:
        raise NotImplementedError("this use of np.polyfit")
    p = np.linalg.pinv(powers) @ y
    if not cov:
        return p
    spread = np.linalg.inv(powers.T @ powers)
    if cov != "unscaled":
        spread = spread * np.sum((y - powers @ p) ** 2) / (x.shape[0] - deg - 1)
    return p, spread


def roots(p):
    """The eigenvalues of the companion matrix."""
    p = np.trim_zeros(p, "f")
    assert p[-1] != 0, "np.roots: of a root at 0 the derivative is not known"
    companion = np.diag(np.ones(p.shape[0] - 2), -1) + 0 * p[0]
    companion[0] = -p[1:] / p[0]
    return np.linalg.eig(companion)[0]


def poly(seq_of_zeros):
    result = np.ones(1)
    for zero in seq_of_zeros:
        result = np.convolve(result, np.array([1.0, -zero]))
    return result
