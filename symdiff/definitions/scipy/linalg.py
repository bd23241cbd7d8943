"""`scipy.linalg` in terms of what has a derivative rule, there or in `numpy.linalg`.

The arguments `overwrite_...`, `check_finite` and those that choose a method of LAPACK do
not change what is computed. Where the sign of a vector is a matter of the method, SciPy's
own function stays.
"""

import numpy as np
import scipy.linalg

from symdiff.definitions.common import conjugate, squares

__all__ = [
    "cho_factor", "cho_solve", "cho_solve_banded", "cholesky", "cholesky_banded",
    "coshm", "cosm", "det", "eig", "eigh", "eigh_tridiagonal", "eigvals", "eigvalsh",
    "eigvalsh_tridiagonal", "expm", "expm_frechet", "fractional_matrix_power", "funm",
    "hessenberg", "inv", "logm", "lstsq", "lu", "lu_factor", "lu_solve", "norm",
    "null_space", "orth", "pinv", "pinvh", "polar", "qr", "qr_multiply", "rsf2csf",
    "schur", "signm", "sinhm", "sinm", "solve", "solve_banded", "solve_circulant",
    "solve_continuous_lyapunov", "solve_discrete_lyapunov", "solve_lyapunov",
    "solve_sylvester", "solve_toeplitz", "solve_triangular", "solveh_banded", "sqrtm",
    "svd", "svdvals", "tanhm", "tanm",
]  # fmt: skip


def _mirrored(a, lower, symmetric=False):
    """The Hermitian matrix of which one triangle is read, or a symmetric one."""
    other = np.swapaxes(np.tril(a, -1) if lower else np.triu(a, 1), -1, -2)
    if not symmetric and np.iscomplexobj(a):  # of the diagonal the real part is read
        other = np.conj(other) - 1j * np.eye(a.shape[-1]) * a.imag
    return np.tril(a) + other if lower else np.triu(a) + other


# -- systems of equations -------------------------------------------------------------


def solve(
    a, b, lower=False, overwrite_a=False, overwrite_b=False, check_finite=True,
    assume_a=None, transposed=False,
):  # fmt: skip
    a, b = np.asarray(a), np.asarray(b)
    if a.ndim > 2:
        raise NotImplementedError("`scipy.linalg.solve` of stacked matrices")
    if assume_a in ("sym", "symmetric", "her", "hermitian", "pos", "positive definite"):
        a = _mirrored(a, lower, assume_a in ("sym", "symmetric"))
    elif assume_a == "upper triangular":
        a = np.triu(a)
    elif assume_a == "lower triangular":
        a = np.tril(a)
    elif assume_a == "diagonal":
        a = np.diag(np.diag(a))
    elif assume_a == "tridiagonal":
        a = np.tril(np.triu(a, -1), 1)
    elif assume_a not in (None, "gen", "general", "banded"):
        raise NotImplementedError("this structure of the matrix")
    return np.linalg.solve(a.T if transposed else a, b)


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
    x = np.linalg.pinv(a) @ b
    rest = np.sum(squares(b - a @ x), axis=0)
    return x, rest, np.linalg.matrix_rank(a), np.linalg.svd(a, compute_uv=False)


def pinv(a, *, atol=None, rtol=None, return_rank=False, check_finite=True):
    if atol is not None or rtol is not None:
        raise NotImplementedError("a tolerance of `scipy.linalg.pinv`")
    inverse = np.linalg.pinv(a)
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
    count, other = ab.shape[0] - 1, _turned_band(ab, lower)
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
    a = np.asarray(a)
    system = np.eye(a.shape[0] ** 2) - np.kron(a, a)
    return np.linalg.solve(system, np.ravel(q)).reshape(a.shape)


def cho_solve_banded(cb_and_lower, b, overwrite_b=False, check_finite=True):
    cb, lower = cb_and_lower
    below = np.asarray(cb) if lower else _turned_band(cb, lower)
    count = below.shape[0] - 1
    y = scipy.linalg.solve_banded((count, 0), below, np.asarray(b))
    return scipy.linalg.solve_banded((0, count), _turned_band(below, True), y)


def _turned_band(ab, lower):
    """The one half of the band of a Hermitian matrix, from the other one."""
    ab = np.asarray(ab)
    count, n = ab.shape
    rows = np.arange(count - 1, -1, -1)[:, None]
    shift = rows if lower else rows - (count - 1)
    return conjugate(ab[rows, (np.arange(n) - shift) % n])


# -- factors --------------------------------------------------------------------------


def cholesky(a, lower=False, overwrite_a=False, check_finite=True):
    """SciPy reads the triangle that it returns."""
    a = np.asarray(a)
    if lower:
        return np.linalg.cholesky(a)
    turned = conjugate(np.swapaxes(a, -1, -2))
    return conjugate(np.swapaxes(np.linalg.cholesky(turned), -1, -2))


def cho_factor(a, lower=False, overwrite_a=False, check_finite=True):
    """With zeros where SciPy leaves whatever there was."""
    return cholesky(a, lower), lower


def cho_solve(c_and_lower, b, overwrite_b=False, check_finite=True):
    c, lower = c_and_lower
    b = np.asarray(b)
    if lower:
        y = scipy.linalg.solve_triangular(c, b, lower=lower, trans=0)
        return scipy.linalg.solve_triangular(conjugate(c), y, lower=lower, trans=1)
    y = scipy.linalg.solve_triangular(conjugate(c), b, lower=lower, trans=1)
    return scipy.linalg.solve_triangular(c, y, lower=lower, trans=0)


def cholesky_banded(ab, overwrite_ab=False, lower=False, check_finite=True):
    """Column after column, with what lies outside the matrix as it was."""
    ab = np.asarray(ab)
    factor = ab.copy() if lower else _turned_band(ab, lower)
    count, n = factor.shape
    for j in range(n):
        m = min(count, n - j)
        factor[0, j] = np.sqrt(np.real(factor[0, j]))
        factor[1:m, j] /= factor[0, j]
        for k in range(1, m):
            less = conjugate(factor[k, j]) * factor[k:m, j]
            factor[: m - k, j + k] -= less
    return factor if lower else _turned_band(factor, True)


def lu(a, permute_l=False, overwrite_a=False, check_finite=True, p_indices=False):
    a = np.asarray(a)
    rows, left, right = scipy.linalg.lu(a, p_indices=True)
    if permute_l:
        return left[rows], right
    if p_indices:
        return rows, left, right
    return np.eye(a.shape[0])[rows], left, right


def lu_factor(a, overwrite_a=False, check_finite=True):
    return scipy.linalg.lu_factor(np.asarray(a))


def lu_solve(lu_and_piv, b, trans=0, overwrite_b=False, check_finite=True):
    if trans == 2:
        lu_and_piv, trans = (conjugate(lu_and_piv[0]), lu_and_piv[1]), 1
    return scipy.linalg.lu_solve(lu_and_piv, np.asarray(b), trans=trans)


def qr(a, overwrite_a=False, lwork=None, mode="full", pivoting=False, check_finite=True):
    if pivoting:
        raise NotImplementedError("`pivoting` of `scipy.linalg.qr`")
    if mode == "r":
        return (scipy.linalg.qr(np.asarray(a), mode="full")[1],)
    return scipy.linalg.qr(np.asarray(a), mode=mode)


def qr_multiply(
    a, c, mode="right", pivoting=False, conjugate=False, overwrite_a=False,
    overwrite_c=False,
):  # fmt: skip
    if pivoting:
        raise NotImplementedError("`pivoting` of `scipy.linalg.qr_multiply`")
    q, r = scipy.linalg.qr(np.asarray(a), mode="economic")
    return (c @ q if mode == "right" else q @ c), r


def svd(
    a, full_matrices=True, compute_uv=True, overwrite_a=False, check_finite=True,
    lapack_driver="gesdd",
):  # fmt: skip
    return scipy.linalg.svd(
        np.asarray(a), full_matrices=full_matrices, compute_uv=compute_uv
    )


def svdvals(a, overwrite_a=False, check_finite=True):
    return np.linalg.svd(a, compute_uv=False)


def _rank(A, rcond):
    return int(np.linalg.matrix_rank(A, rtol=rcond))


def null_space(
    A, rcond=None, *, overwrite_a=False, check_finite=True, lapack_driver="gesdd"
):
    vh = scipy.linalg.svd(A)[2]
    return conjugate(vh[_rank(A, rcond) :].T)


def orth(A, rcond=None):
    u = scipy.linalg.svd(A, full_matrices=False)[0]
    return u[:, : _rank(A, rcond)]


def polar(a, side="right"):
    """By the root of the smaller one of a.T @ a and a @ a.T, which is regular: its
    derivative does not ask for distinct singular values."""
    a = np.asarray(a)
    turned = conjugate(a.T)
    if a.shape[0] >= a.shape[1]:
        p = scipy.linalg.sqrtm(turned @ a)
        u = np.linalg.solve(conjugate(p), a.T).T
        return (u, p) if side == "right" else (u, u @ p @ conjugate(u.T))
    p = scipy.linalg.sqrtm(a @ turned)
    u = np.linalg.solve(p, a)
    return (u, conjugate(u.T) @ p @ u) if side == "right" else (u, p)


def schur(a, output="real", lwork=None, overwrite_a=False, sort=None, check_finite=True):
    a = np.asarray(a)
    if callable(sort):
        raise NotImplementedError("a function that sorts in `scipy.linalg.schur`")
    if sort is None:
        return scipy.linalg.schur(a, output=output)
    return scipy.linalg.schur(a, output=output, sort=sort)


def rsf2csf(T, Z, check_finite=True):
    """By a rotation for each block, as SciPy does it."""
    T, Z = np.asarray(T) + 0j, np.asarray(Z) + 0j
    for k in range(T.shape[0] - 1, 0, -1):
        eps = np.finfo(T.dtype).eps
        if np.abs(T[k, k - 1]) > eps * (np.abs(T[k - 1, k - 1]) + np.abs(T[k, k])):
            mu = np.linalg.eigvals(T[k - 1 : k + 1, k - 1 : k + 1])[0] - T[k, k]
            r = np.hypot(np.abs(mu), np.abs(T[k, k - 1]))
            c, s = mu / r, T[k, k - 1] / r
            turn = np.array([[np.conj(c), s], [-s, c]])
            back = np.conj(turn.T)
            T[k - 1 : k + 1, k - 1 :] = turn @ T[k - 1 : k + 1, k - 1 :]
            T[: k + 1, k - 1 : k + 1] = T[: k + 1, k - 1 : k + 1] @ back
            Z[:, k - 1 : k + 1] = Z[:, k - 1 : k + 1] @ back
        T[k, k - 1] = 0.0
    return T, Z


def hessenberg(a, calc_q=False, overwrite_a=False, check_finite=True):
    form, q = scipy.linalg.hessenberg(np.asarray(a), calc_q=True)
    return (form, q) if calc_q else form


# -- eigenvalues ----------------------------------------------------------------------


def eigh(
    a, b=None, *, lower=True, eigvals_only=False, overwrite_a=False, overwrite_b=False,
    type=1, check_finite=True, subset_by_index=None, subset_by_value=None, driver=None,
):  # fmt: skip
    if eigvals_only:
        return eigvalsh(a, b, lower=lower, type=type, subset_by_index=subset_by_index)
    if subset_by_index is not None or subset_by_value is not None:
        raise NotImplementedError("a part of the eigenvectors")
    if type != 1:
        raise NotImplementedError("this type of `scipy.linalg.eigh`")
    if b is None:
        return scipy.linalg.eigh(np.asarray(a), lower=lower)
    if np.iscomplexobj(a) or np.iscomplexobj(b):
        raise NotImplementedError("a pair of complex matrices")
    return scipy.linalg.eigh(np.asarray(a), np.asarray(b), lower=lower)


def eigvalsh(
    a, b=None, *, lower=True, overwrite_a=False, overwrite_b=False, type=1,
    check_finite=True, subset_by_index=None, subset_by_value=None, driver=None,
):  # fmt: skip
    if subset_by_value is not None or type != 1:
        raise NotImplementedError("this type of `scipy.linalg.eigvalsh`")
    if b is None:
        values = np.linalg.eigvalsh(a, "L" if lower else "U")
    else:
        values = eigh(a, b, lower=lower)[0]
    if subset_by_index is None:
        return values
    return values[subset_by_index[0] : subset_by_index[1] + 1]


def eig(
    a, b=None, left=False, right=True, overwrite_a=False, overwrite_b=False,
    check_finite=True, homogeneous_eigvals=False,
):  # fmt: skip
    if b is not None or left or homogeneous_eigvals:
        raise NotImplementedError("this use of `scipy.linalg.eig`")
    values, vectors = np.linalg.eig(a)
    return (values + 0j, vectors) if right else values + 0j


def eigvals(a, b=None, overwrite_a=False, check_finite=True, homogeneous_eigvals=False):
    return eig(a, b, right=False, homogeneous_eigvals=homogeneous_eigvals)


def eigh_tridiagonal(
    d, e, eigvals_only=False, select="a", select_range=None, check_finite=True, tol=0.0,
    lapack_driver="auto",
):  # fmt: skip
    if select not in ("a", "all", 0):
        raise NotImplementedError("`select` of `scipy.linalg.eigh_tridiagonal`")
    if eigvals_only:
        return np.linalg.eigvalsh(np.diag(d) + np.diag(e, -1))
    return scipy.linalg.eigh_tridiagonal(np.asarray(d), np.asarray(e))


def eigvalsh_tridiagonal(
    d, e, select="a", select_range=None, check_finite=True, tol=0.0, lapack_driver="auto"
):
    return eigh_tridiagonal(d, e, True, select)


# -- functions of matrices ------------------------------------------------------------


def norm(a, ord=None, axis=None, keepdims=False, check_finite=True):
    return np.linalg.norm(np.asarray(a), ord, axis, keepdims)


def expm(A):
    A = np.asarray(A)
    if A.ndim == 2:
        return scipy.linalg.expm(A)
    stack = A.reshape((-1, A.shape[-2], A.shape[-1]))
    return np.stack([expm(each) for each in stack]).reshape(A.shape)


def expm_frechet(A, E, method=None, compute_expm=True, check_finite=True):
    A, E = np.asarray(A), np.asarray(E)
    along = scipy.linalg.expm_frechet(A, E, compute_expm=False)
    return (scipy.linalg.expm(A), along) if compute_expm else along


def sqrtm(A, disp=None, blocksize=None):
    A = np.asarray(A)
    root = scipy.linalg.sqrtm(A)
    if not np.iscomplexobj(A):
        assert not np.iscomplex(root).any(), "scipy.linalg.sqrtm: the root is complex"
    return root


def logm(A, disp=None):
    A = np.asarray(A)
    logarithm = scipy.linalg.logm(A)
    if not np.iscomplexobj(A):
        real = not np.iscomplex(logarithm).any()
        assert real, "scipy.linalg.logm: the logarithm is complex"
    return logarithm


def fractional_matrix_power(A, t):
    A = np.asarray(A)
    if isinstance(t, int):
        return np.linalg.matrix_power(A, t)
    return scipy.linalg.expm(t * logm(A))


def funm(A, func, disp=True):
    """By the eigenvectors, between which there is no derivative where their values are
    equal: what is left of a matrix that has some is not guessed."""
    A = np.asarray(A)
    if not disp:
        raise NotImplementedError("the error of `scipy.linalg.funm`")
    w, v = np.linalg.eig(A)
    w = w + 0j
    largest = np.max(np.abs(w))
    gaps = np.abs(w[:, None] - w) + largest * np.eye(A.shape[0])
    if np.any(gaps <= 1e-7 * largest) or np.linalg.cond(v) > 1e8:
        raise ArithmeticError("scipy.linalg.funm: eigenvalues are equal, or nearly")
    found = (v * func(w)) @ np.linalg.inv(v)
    if np.iscomplexobj(A):
        return found
    real = np.allclose(found.imag, 0.0, atol=1e-9)
    assert real, "scipy.linalg.funm: the result is complex"
    return found.real


def signm(A, disp=None):
    A = np.asarray(A)
    return scipy.linalg.signm(A)


def coshm(A):
    A = np.asarray(A)
    return 0.5 * (scipy.linalg.expm(A) + scipy.linalg.expm(-A))


def sinhm(A):
    A = np.asarray(A)
    return 0.5 * (scipy.linalg.expm(A) - scipy.linalg.expm(-A))


def tanhm(A):
    return np.linalg.solve(coshm(A), sinhm(A))


def _turning(A):
    """The cosine and the sine, from exp(i A): with 2 by 2 matrices for complex numbers
    where A is real."""
    if np.iscomplexobj(A):
        there, back = scipy.linalg.expm(1j * A), scipy.linalg.expm(-1j * A)
        return 0.5 * (there + back), -0.5j * (there - back)
    n = A.shape[-1]
    whole = scipy.linalg.expm(np.block([[np.zeros_like(A), -A], [A, np.zeros_like(A)]]))
    return whole[..., :n, :n], whole[..., n:, :n]


def cosm(A):
    return _turning(np.asarray(A))[0]


def sinm(A):
    return _turning(np.asarray(A))[1]


def tanm(A):
    cosine, sine = _turning(np.asarray(A))
    return np.linalg.solve(cosine, sine)
