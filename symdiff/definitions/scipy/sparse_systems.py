"""`scipy.sparse.linalg`: solutions of sparse systems; those found by iteration are what
makes the residual zero."""

import numpy as np
import scipy.linalg

from symdiff.definitions.jacobians import by_columns
from symdiff.definitions.scipy.sparse_assembled import tril, triu
from symdiff.definitions.scipy.sparse import LinearOperator, SuperLU, _made, _Sparse
from symdiff.definitions.solving import implicit, outside

__all__ = [
    "linalg__bicg", "linalg__bicgstab", "linalg__cg", "linalg__cgs",
    "linalg__expm_multiply", "linalg__factorized",
    "linalg__gmres", "linalg__minres", "linalg__splu", "linalg__spsolve",
    "linalg__spsolve_triangular",
]  # fmt: skip


def linalg__splu(A, permc_spec=None, diag_pivot_thresh=None, relax=None, panel_size=None):
    return SuperLU(_made(A))


def linalg__factorized(A):
    return SuperLU(_made(A)).solve


def linalg__expm_multiply(
    A, B, start=None, stop=None, num=None, endpoint=None, traceA=None
):
    if not (start is None and stop is None and num is None and endpoint is None):
        raise NotImplementedError("`expm_multiply` at several times")
    if isinstance(A, _Sparse):
        A = A.toarray()
    return scipy.linalg.expm(A) @ B


def linalg__spsolve(A, b, permc_spec=None, use_umfpack=True):
    if isinstance(b, _Sparse):
        raise NotImplementedError("`spsolve` with a sparse right-hand side")
    return _made(A)._solve(b)


def linalg__spsolve_triangular(
    A, b, lower=True, overwrite_A=False, overwrite_b=False, unit_diagonal=False
):
    if unit_diagonal:
        raise NotImplementedError("`unit_diagonal` of `spsolve_triangular`")
    return linalg__spsolve(tril(A) if lower else triu(A), b)


def _solved(call, A, b, x0, rtol, atol, maxiter):
    """What SciPy finds for a matrix, or for a function that stands for one."""
    b = 1.0 * np.asarray(b)
    x0 = np.zeros_like(b) if x0 is None else 1.0 * np.asarray(x0)
    if isinstance(A, LinearOperator):
        matrix = by_columns(A.matvec, 0, (np.zeros_like(b),))
    else:
        matrix = A.toarray() if isinstance(A, _Sparse) else np.asarray(A)

    def residual(x):
        return matrix @ x - b

    def jacobian(x):
        return matrix

    found, info = outside(
        call, matrix, b, x0=x0, rtol=rtol, atol=atol, maxiter=maxiter,
        returns="tuple[float64[:], int]",
    )  # fmt: skip
    return implicit(found.reshape(b.shape), residual, jacobian), info


def linalg__bicg(A, b, x0=None, *, rtol=None, atol=None, maxiter=None, M=None):
    return _solved("scipy.sparse.linalg.bicg", A, b, x0, rtol, atol, maxiter)


def linalg__bicgstab(A, b, x0=None, *, rtol=None, atol=None, maxiter=None, M=None):
    return _solved("scipy.sparse.linalg.bicgstab", A, b, x0, rtol, atol, maxiter)


def linalg__cg(A, b, x0=None, *, rtol=None, atol=None, maxiter=None, M=None):
    return _solved("scipy.sparse.linalg.cg", A, b, x0, rtol, atol, maxiter)


def linalg__cgs(A, b, x0=None, *, rtol=None, atol=None, maxiter=None, M=None):
    return _solved("scipy.sparse.linalg.cgs", A, b, x0, rtol, atol, maxiter)


def linalg__gmres(
    A, b, x0=None, *, rtol=None, atol=None, restart=None, maxiter=None, M=None
):
    return _solved("scipy.sparse.linalg.gmres", A, b, x0, rtol, atol, maxiter)


def linalg__minres(A, b, x0=None, *, rtol=None, shift=0.0, maxiter=None, M=None):
    if shift != 0.0:
        raise NotImplementedError("`shift` of `scipy.sparse.linalg.minres`")
    return _solved("scipy.sparse.linalg.minres", A, b, x0, rtol, None, maxiter)
