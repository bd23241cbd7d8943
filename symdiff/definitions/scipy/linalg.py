"""`scipy.linalg` in terms of what has a derivative rule, there or in `numpy.linalg`.

The arguments `overwrite_...`, `check_finite` and those that choose a method of LAPACK do
not change what is computed. Where the sign of a vector is a matter of the method, SciPy's
own function stays.
"""

import numpy as np
import scipy.linalg

from symdiff.definitions.common import conjugate
from symdiff.definitions.scipy.systems import turned_band
from symdiff.definitions.solving import outside

__all__ = [
    "cho_factor", "cho_solve", "cholesky", "coshm", "cosm", "eig", "eig_banded", "eigh",
    "eigh_tridiagonal", "eigvals", "eigvals_banded", "eigvalsh", "eigvalsh_tridiagonal",
    "expm", "expm_frechet", "fractional_matrix_power", "funm", "hessenberg", "logm",
    "lu", "lu_factor", "lu_solve", "norm", "null_space", "orth", "polar", "qr",
    "qr_multiply", "rsf2csf", "schur", "signm", "sinhm", "sinm", "sqrtm",
    "subspace_angles", "svd", "svdvals", "tanhm", "tanm",
]  # fmt: skip


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


def lu(a, permute_l=False, overwrite_a=False, check_finite=True, p_indices=False):
    a = np.asarray(a)
    if a.ndim > 2:
        raise NotImplementedError("`scipy.linalg.lu` of stacked matrices")
    rows, left, right = scipy.linalg.lu(a, p_indices=True)
    if permute_l:
        return left[rows], right
    if p_indices:
        return rows, left, right
    return np.eye(a.shape[0], dtype=a.real.dtype)[rows], left, right


def lu_factor(a, overwrite_a=False, check_finite=True):
    return scipy.linalg.lu_factor(np.asarray(a))


def lu_solve(lu_and_piv, b, trans=0, overwrite_b=False, check_finite=True):
    if trans == 2:
        lu_and_piv, trans = (conjugate(lu_and_piv[0]), lu_and_piv[1]), 1
    return scipy.linalg.lu_solve(lu_and_piv, np.asarray(b), trans=trans)


def _pivots(a):
    """The order in which the columns are taken."""
    found = outside(
        "scipy.linalg.qr", a, mode="economic", pivoting=True,
        returns="tuple[float64[:,:], float64[:,:], int32[:]]",
    )  # fmt: skip
    return found[2]


def qr(a, overwrite_a=False, lwork=None, mode="full", pivoting=False, check_finite=True):
    a = np.asarray(a)
    if pivoting:
        columns = _pivots(a)
        return *qr(a[:, columns], mode=mode), columns
    if a.ndim > 2:
        mode = {"full": "complete", "economic": "reduced"}.get(mode, mode)
        found = np.linalg.qr(a, mode="complete" if mode == "r" else mode)
        return found[1] if mode == "r" else found  # no tuple, as SciPy has it
    if mode == "r":
        return (scipy.linalg.qr(np.asarray(a), mode="full")[1],)
    return scipy.linalg.qr(np.asarray(a), mode=mode)


def qr_multiply(
    a, c, mode="right", pivoting=False, conjugate=False, overwrite_a=False,
    overwrite_c=False,
):  # fmt: skip
    q, *rest = qr(a, mode="economic", pivoting=pivoting)
    return (c @ q if mode == "right" else q @ c), *rest


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
    if subset_by_value is not None or type != 1:
        raise NotImplementedError("this type of `scipy.linalg.eigh`")
    if subset_by_index is not None:
        return _some_of(a, b, lower, subset_by_index)
    if b is None:
        return scipy.linalg.eigh(np.asarray(a), lower=lower)
    if np.iscomplexobj(a) or np.iscomplexobj(b):
        raise NotImplementedError("a pair of complex matrices")
    return scipy.linalg.eigh(np.asarray(a), np.asarray(b), lower=lower)


def _some_of(a, b, lower, subset):
    """Some eigenvalues and eigenvectors, these with the signs that SciPy gives them."""
    if np.iscomplexobj(a):
        raise NotImplementedError("a part of the eigenvectors of a complex matrix")
    found = outside(
        "scipy.linalg.eigh", np.asarray(a), b, lower=lower, subset_by_index=subset,
        returns="tuple[float64[:], float64[:,:]]",
    )  # fmt: skip
    values, vectors = eigh(a, b, lower=lower)
    chosen = vectors[:, subset[0] : subset[1] + 1]
    return values[subset[0] : subset[1] + 1], _signed_as(found[1], chosen)


def _signed_as(found, vectors):
    return vectors * np.sign(np.sum(found * vectors, axis=0))


def _of_band(a_band, lower):
    """The Hermitian matrix of which one half of the band is given."""
    band = np.asarray(a_band)
    band = band if lower else turned_band(band, lower)
    count, n = band.shape
    places = np.arange(n)
    away = places[:, None] - places
    parts = band[np.minimum(np.abs(away), count - 1), np.minimum(places[:, None], places)]
    parts = np.where(np.abs(away) < count, parts, 0.0)
    return np.where(away < 0, conjugate(parts), parts)


def eig_banded(
    a_band, lower=False, eigvals_only=False, overwrite_a_band=False, select="a",
    select_range=None, max_ev=0, check_finite=True,
):  # fmt: skip
    if eigvals_only:
        return eigvals_banded(a_band, lower, select=select)
    if select not in ("a", "all", 0) or np.iscomplexobj(a_band):
        raise NotImplementedError("this use of `scipy.linalg.eig_banded`")
    found = outside(
        "scipy.linalg.eig_banded", np.asarray(a_band), lower=lower,
        returns="tuple[float64[:], float64[:,:]]",
    )  # fmt: skip
    values, vectors = np.linalg.eigh(_of_band(a_band, lower))
    return values, _signed_as(found[1], vectors)


def eigvals_banded(
    a_band, lower=False, overwrite_a_band=False, select="a", select_range=None,
    check_finite=True,
):  # fmt: skip
    if select not in ("a", "all", 0):
        raise NotImplementedError("`select` of `scipy.linalg.eigvals_banded`")
    return np.linalg.eigvalsh(_of_band(a_band, lower))


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
    if homogeneous_eigvals or (left and not right and b is not None):
        raise NotImplementedError("this use of `scipy.linalg.eig`")
    if b is None:
        values, vectors = np.linalg.eig(a)
    else:
        values, vectors = scipy.linalg.eig(np.asarray(a), np.asarray(b))
    if left:
        others = _left_vectors(a, b, vectors)
        return (values + 0j, others, vectors) if right else (values + 0j, others)
    return (values + 0j, vectors) if right else values + 0j


def _left_vectors(a, b, vectors):
    """With the phases that SciPy gives them."""
    found = outside(
        "scipy.linalg.eig", np.asarray(a), b, left=True, right=False,
        returns="tuple[complex128[:], complex128[:,:]]",
    )  # fmt: skip
    others = np.conj(np.linalg.inv(vectors if b is None else b @ vectors)).T
    along = np.sum(np.conj(others) * found[1], axis=0)
    size = np.abs(along) * np.linalg.norm(others, axis=0)
    return others * (along / size)


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


def _of_each(function, A):
    """What a function of a matrix makes of a stack of them."""
    stack = A.reshape((-1, A.shape[-2], A.shape[-1]))
    return np.stack([function(each) for each in stack]).reshape(A.shape)


def expm(A):
    A = np.asarray(A)
    return scipy.linalg.expm(A) if A.ndim == 2 else _of_each(expm, A)


def expm_frechet(A, E, method=None, compute_expm=True, check_finite=True):
    A, E = np.asarray(A), np.asarray(E)
    along = scipy.linalg.expm_frechet(A, E, compute_expm=False)
    return (scipy.linalg.expm(A), along) if compute_expm else along


def sqrtm(A, disp=None, blocksize=None):
    A = np.asarray(A)
    if A.ndim > 2:
        return _of_each(sqrtm, A)
    root = scipy.linalg.sqrtm(A)
    if not np.iscomplexobj(A):
        assert not np.iscomplex(root).any(), "scipy.linalg.sqrtm: the root is complex"
    return root


def logm(A, disp=None):
    A = np.asarray(A)
    if A.ndim > 2:
        return _of_each(logm, A)
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
    return scipy.linalg.signm(A) if A.ndim == 2 else _of_each(signm, A)


def subspace_angles(A, B):
    """By the sine where the cosine says little (Knyazev and Argentati, 2002)."""
    a, b = orth(A), orth(B)
    both = conjugate(a.T) @ b
    cosines = np.linalg.svd(both, compute_uv=False)
    if a.shape[1] >= b.shape[1]:
        rest = b - a @ both
    else:
        rest = a - b @ conjugate(both.T)
    sines = np.clip(np.linalg.svd(rest, compute_uv=False), -1.0, 1.0)
    other = np.arccos(np.clip(cosines[::-1], -1.0, 1.0))
    return np.where(cosines**2 >= 0.5, np.arcsin(sines), other)


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
