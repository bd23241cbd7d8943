"""Systems of equations of `scipy.linalg`, in terms of what has a derivative rule."""

import numpy as np
import scipy.linalg

from symdiff.definitions.common import conjugate, squares

__all__ = [
    "cho_solve_banded", "cholesky_banded", "det", "inv", "lstsq", "matmul_toeplitz",
    "orthogonal_procrustes", "pinv", "pinvh", "solve", "solve_banded",
    "solve_circulant", "solve_continuous_are", "solve_continuous_lyapunov",
    "solve_discrete_are", "solve_discrete_lyapunov", "solve_lyapunov",
    "solve_sylvester", "solve_toeplitz", "solve_triangular", "solveh_banded",
]  # fmt: skip


def _mirrored(a, lower, symmetric=False):
    """The Hermitian matrix of which one triangle is read, or a symmetric one."""
    other = np.swapaxes(np.tril(a, -1) if lower else np.triu(a, 1), -1, -2)
    if not symmetric and np.iscomplexobj(a):  # of the diagonal the real part is read
        other = np.conj(other) - 1j * np.eye(a.shape[-1]) * a.imag
    return np.tril(a) + other if lower else np.triu(a) + other


def solve(
    a, b, lower=False, overwrite_a=False, overwrite_b=False, check_finite=True,
    assume_a=None, transposed=False,
):  # fmt: skip
    a, b = np.asarray(a), np.asarray(b)
    if a.ndim > 2 and b.ndim == 1:
        options = {"lower": lower, "assume_a": assume_a, "transposed": transposed}
        return solve(a, b[:, None], **options)[..., 0]
    if assume_a in ("sym", "symmetric", "her", "hermitian", "pos", "positive definite"):
        a = _mirrored(a, lower, assume_a in ("sym", "symmetric"))
    elif assume_a == "upper triangular":
        a = np.triu(a)
    elif assume_a == "lower triangular":
        a = np.tril(a)
    elif assume_a == "diagonal":
        a = a * np.eye(a.shape[-1])
    elif assume_a == "tridiagonal":
        a = np.tril(np.triu(a, -1), 1)
    elif assume_a not in (None, "gen", "general", "banded"):
        raise NotImplementedError("this structure of the matrix")
    return np.linalg.solve(np.swapaxes(a, -1, -2) if transposed else a, b)


def solve_triangular(
    a, b, trans=0, lower=False, unit_diagonal=False, overwrite_b=False, check_finite=True
):
    a, b = np.asarray(a), np.asarray(b)
    if a.ndim > 2:
        raise NotImplementedError("`scipy.linalg.solve_triangular` of stacked matrices")
    if trans in (2, "C"):
        a, trans = conjugate(a), 1
    return scipy.linalg.solve_triangular(
        a, b, trans=trans, lower=lower, unit_diagonal=unit_diagonal
    )


def inv(a, overwrite_a=False, check_finite=True, *, assume_a=None, lower=False):
    a = np.asarray(a)
    if assume_a in ("sym", "symmetric", "her", "hermitian", "pos", "positive definite"):
        a = _mirrored(a, lower, assume_a in ("sym", "symmetric"))
    elif assume_a == "upper triangular":
        a = np.triu(a)
    elif assume_a == "lower triangular":
        a = np.tril(a)
    elif assume_a == "diagonal":
        a = np.diag(np.diag(a))
    elif assume_a not in (None, "gen", "general"):
        raise NotImplementedError("this structure of the matrix")
    return np.linalg.inv(a)


def det(a, overwrite_a=False, check_finite=True):
    return np.linalg.det(a)


def lstsq(
    a, b, cond=None, overwrite_a=False, overwrite_b=False, check_finite=True,
    lapack_driver=None,
):  # fmt: skip
    a, b = np.asarray(a), np.asarray(b)
    x = pinv(a, rtol=cond) @ b
    rest = np.sum(squares(b - a @ x), axis=0)
    return x, rest, np.linalg.matrix_rank(a), np.linalg.svd(a, compute_uv=False)


def pinv(a, *, atol=None, rtol=None, return_rank=False, check_finite=True):
    if atol is not None:
        raise NotImplementedError("`atol` of `scipy.linalg.pinv`")
    inverse = np.linalg.pinv(a) if rtol is None else np.linalg.pinv(a, rcond=rtol)
    return (inverse, np.linalg.matrix_rank(a)) if return_rank else inverse


def pinvh(a, atol=None, rtol=None, lower=True, return_rank=False, check_finite=True):
    a = _mirrored(np.asarray(a), lower)
    return pinv(a, atol=atol, rtol=rtol, return_rank=return_rank)


def solve_banded(l_and_u, ab, b, overwrite_ab=False, overwrite_b=False, check_finite=True):
    return scipy.linalg.solve_banded(l_and_u, np.asarray(ab), np.asarray(b))


def solveh_banded(
    ab, b, overwrite_ab=False, overwrite_b=False, lower=False, check_finite=True
):
    """By the whole band: one half of it is given."""
    ab, b = np.asarray(ab), np.asarray(b)
    count, other = ab.shape[0] - 1, turned_band(ab, lower)
    rows = [other[:-1], ab] if lower else [ab, other[1:]]
    return scipy.linalg.solve_banded((count, count), np.concatenate(rows), b)


def solve_toeplitz(c_or_cr, b, check_finite=True):
    if isinstance(c_or_cr, tuple):
        return np.linalg.solve(scipy.linalg.toeplitz(c_or_cr[0], c_or_cr[1]), b)
    return np.linalg.solve(scipy.linalg.toeplitz(c_or_cr), b)


def solve_circulant(c, b):
    return np.linalg.solve(scipy.linalg.circulant(c), b)


def solve_sylvester(a, b, q):
    """The x of a @ x + x @ b = q."""
    return scipy.linalg.solve_sylvester(np.asarray(a), np.asarray(b), np.asarray(q))


def solve_continuous_lyapunov(a, q):
    return scipy.linalg.solve_sylvester(a, np.transpose(a), q)


solve_lyapunov = solve_continuous_lyapunov


def solve_discrete_lyapunov(a, q, method=None):
    """The x of a @ x @ a.T - x + q = 0."""
    return scipy.linalg.solve_discrete_lyapunov(np.asarray(a), np.asarray(q))


def solve_continuous_are(a, b, q, r, e=None, s=None, balanced=True):
    _plain_riccati(a, e, s)
    given = np.asarray(a), np.asarray(b), np.asarray(q), np.asarray(r)
    return scipy.linalg.solve_continuous_are(*given)


def solve_discrete_are(a, b, q, r, e=None, s=None, balanced=True):
    _plain_riccati(a, e, s)
    given = np.asarray(a), np.asarray(b), np.asarray(q), np.asarray(r)
    return scipy.linalg.solve_discrete_are(*given)


def _plain_riccati(a, e, s):
    if e is not None or s is not None:
        raise NotImplementedError("a Riccati equation with `e` or `s`")
    if np.iscomplexobj(a):
        raise NotImplementedError("a Riccati equation of complex matrices")


def matmul_toeplitz(c_or_cr, x, check_finite=False, workers=None):
    if isinstance(c_or_cr, tuple):
        return scipy.linalg.toeplitz(c_or_cr[0], c_or_cr[1]) @ x
    return scipy.linalg.toeplitz(c_or_cr) @ x


def orthogonal_procrustes(A, B, check_finite=True):
    A, B = np.asarray(A), np.asarray(B)
    u, s, vh = np.linalg.svd(conjugate(A.T) @ B)
    return u @ vh, np.sum(s)


def cho_solve_banded(cb_and_lower, b, overwrite_b=False, check_finite=True):
    cb, lower = cb_and_lower
    below = np.asarray(cb) if lower else turned_band(cb, lower)
    count = below.shape[0] - 1
    y = scipy.linalg.solve_banded((count, 0), below, np.asarray(b))
    return scipy.linalg.solve_banded((0, count), turned_band(below, True), y)


def turned_band(ab, lower):
    """The one half of the band of a Hermitian matrix, from the other one."""
    ab = np.asarray(ab)
    count, n = ab.shape
    rows = np.arange(count - 1, -1, -1)[:, None]
    shift = rows if lower else rows - (count - 1)
    return conjugate(ab[rows, (np.arange(n) - shift) % n])


def cholesky_banded(ab, overwrite_ab=False, lower=False, check_finite=True):
    """Column after column, with what lies outside the matrix as it was."""
    ab = np.asarray(ab)
    factor = ab.copy() if lower else turned_band(ab, lower)
    count, n = factor.shape
    for j in range(n):
        m = min(count, n - j)
        factor[0, j] = np.sqrt(np.real(factor[0, j]))
        factor[1:m, j] /= factor[0, j]
        for k in range(1, m):
            less = conjugate(factor[k, j]) * factor[k:m, j]
            factor[: m - k, j + k] -= less
    return factor if lower else turned_band(factor, True)
