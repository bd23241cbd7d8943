"""Linear algebra in terms of what has a derivative rule."""

import numpy as np

from symdiff.definitions.common import as_reduced, conjugate, root_of, squares

__all__ = [
    "cholesky", "cond", "cross", "diagonal", "eigvals", "eigvalsh", "lstsq", "matmul",
    "matrix_norm", "matrix_power", "matrix_transpose", "multi_dot", "norm", "outer",
    "pinv", "svdvals", "tensordot", "tensorinv", "tensorsolve", "trace", "vecdot",
    "vector_norm",
]  # fmt: skip


def cross(x1, x2, axis=-1):
    return np.cross(x1, x2, axis=axis)


def diagonal(x, offset=0):
    return np.diagonal(x, offset, -2, -1)


def trace(x, offset=0):
    return np.sum(np.diagonal(x, offset, -2, -1), axis=-1)


def matmul(x1, x2):
    return np.matmul(x1, x2)


def outer(x1, x2):
    return np.outer(x1, x2)


def tensordot(x1, x2, axes=2):
    return np.tensordot(x1, x2, axes)


def vecdot(x1, x2, axis=-1):
    return np.sum(conjugate(x1) * x2, axis=axis)


def matrix_transpose(x):
    return np.swapaxes(x, -1, -2)


def matrix_power(a, n):
    if n < 0:
        a, n = np.linalg.inv(a), -n
    if n == 0:
        return np.zeros_like(a) + np.eye(a.shape[-1])
    if n == 1:
        return a
    result, square = None, a
    while n > 0:
        if n % 2 == 1:
            result = square if result is None else result @ square
        n = n // 2
        if n > 0:
            square = square @ square
    return result


def multi_dot(arrays):
    result = arrays[0]
    for factor in arrays[1:]:
        result = result @ factor
    return result


def eigvalsh(a, UPLO="L"):
    return np.linalg.eigh(a, UPLO)[0]


def eigvals(a):
    return np.linalg.eig(a)[0]


def svdvals(x):
    return np.linalg.svd(x, full_matrices=False)[1]


def cholesky(a, *, upper=False):
    if not upper:
        return np.linalg.cholesky(a)
    turned = conjugate(np.swapaxes(a, -1, -2))
    return conjugate(np.swapaxes(np.linalg.cholesky(turned), -1, -2))


def cond(x, p=None):
    if p is None or p == 2:
        values = svdvals(x)
        return values[..., 0] / values[..., -1]
    if p == -2:
        values = svdvals(x)
        return values[..., -1] / values[..., 0]
    return norm(x, p, (-2, -1)) * norm(np.linalg.inv(x), p, (-2, -1))


def vector_norm(x, axis=None, keepdims=False, ord=2):
    x = np.asarray(x)
    if axis is None and not keepdims:
        return np.linalg.norm(np.ravel(x), ord)
    axes = tuple(range(x.ndim)) if axis is None else axis
    if isinstance(axes, int):
        return np.linalg.norm(x, ord, axes, keepdims)
    rows = np.moveaxis(x, axes, tuple(range(len(axes))))
    result = np.linalg.norm(rows.reshape((-1, *rows.shape[len(axes) :])), ord, 0)
    return as_reduced(result, x, axis) if keepdims else result


def matrix_norm(x, keepdims=False, ord="fro"):
    return np.linalg.norm(x, ord, (-2, -1), keepdims)


def norm(x, ord=None, axis=None, keepdims=False):
    x = np.asarray(x)
    ndim = x.ndim if axis is None else len(axis) if isinstance(axis, tuple) else 1
    if np.iscomplexobj(x) and ord is not None and ord not in (2, "fro", "nuc", -2):
        x = np.abs(x)
    if ord is None or (ord == "fro" and ndim == 2) or (ord == 2 and ndim == 1):
        if keepdims:
            return np.linalg.norm(x, axis=axis, keepdims=True)
        return np.linalg.norm(x) if axis is None else np.linalg.norm(x, axis=axis)
    if ndim == 1:
        if ord == 1:
            if keepdims:
                return np.linalg.norm(x, 1, axis, True)
            return np.linalg.norm(x, 1) if axis is None else np.linalg.norm(x, 1, axis)
        if axis is None and keepdims:
            axis = 0
        if ord == np.inf:
            return np.max(np.abs(x), axis=axis, keepdims=keepdims)
        if ord == -np.inf:
            return np.min(np.abs(x), axis=axis, keepdims=keepdims)
        if ord == 0:
            return np.sum(x != 0, axis=axis, keepdims=keepdims) + 0.0
        return root_of(np.sum(np.abs(x) ** ord, axis=axis, keepdims=keepdims), ord)
    axes = (0, 1) if axis is None else axis
    rows = np.moveaxis(x, axes, (-2, -1))
    if ord in (1, -1, np.inf, -np.inf):
        sums = np.sum(np.abs(rows), axis=-2 if ord in (1, -1) else -1)
        result = np.max(sums, axis=-1) if ord > 0 else np.min(sums, axis=-1)
    else:
        values = np.linalg.svd(rows, compute_uv=False)
        if ord == "nuc":
            result = np.sum(values, axis=-1)
        else:
            result = values[..., 0] if ord == 2 else values[..., -1]
    return as_reduced(result, x, axes) if keepdims else result


def pinv(a, rcond=None, hermitian=False, *, rtol=None):
    """As long as no singular value is left out but those that are 0."""
    if hermitian:
        raise NotImplementedError("`hermitian` of np.linalg.pinv")
    least = rtol if rcond is None else rcond
    rank, known = np.linalg.matrix_rank(a, rtol=least), np.linalg.matrix_rank(a)
    assert np.all(rank == known), "np.linalg.pinv: singular values that are left out"
    return np.linalg.pinv(a)


def lstsq(a, b, rcond=None):
    whole = rcond is None or rcond < 0
    x = (np.linalg.pinv(a) if whole else np.linalg.pinv(a, rcond=rcond)) @ b
    rest = np.sum(squares(b - a @ x), axis=0)
    return x, np.atleast_1d(rest), np.linalg.matrix_rank(a), svdvals(a)


def tensorsolve(a, b):
    count = np.size(b)
    x = np.linalg.solve(a.reshape((count, count)), np.ravel(b))
    return x.reshape(a.shape[np.ndim(b) :])


def tensorinv(a, ind=2):
    first, rest = a.shape[:ind], a.shape[ind:]
    count = 1
    for length in rest:
        count = count * length
    return np.linalg.inv(a.reshape((count, count))).reshape(rest + first)
