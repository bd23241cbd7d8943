"""Factorisations, solvers and products, written in place as such codes are."""

from __future__ import annotations

import numpy as np

from corpus.registry import case, draw

S = draw(4, 4) + 4 * np.eye(4)
P = S @ S.T
V = draw(4, seed=3)


@case(S)
def lu_in_place(A):
    n = A.shape[0]
    for i in range(n):
        for j in range(i):
            A[i, j] -= A[i, :j] @ A[:j, j]
            A[i, j] /= A[j, j]
        for j in range(i, n):
            A[i, j] -= A[i, :i] @ A[:i, j]
    return np.sum(A**2)


@case(S[[2, 0, 3, 1]], V)
def lu_with_pivots(A, b):
    n = len(b)
    for k in range(n - 1):
        p = k + np.argmax(np.abs(A[k:, k]))
        if p != k:
            A[[k, p]] = A[[p, k]]
            b[k], b[p] = b[p], b[k]
        A[k + 1 :, k] /= A[k, k]
        A[k + 1 :, k + 1 :] -= np.outer(A[k + 1 :, k], A[k, k + 1 :])
    for i in range(1, n):
        b[i] -= A[i, :i] @ b[:i]
    for i in range(n - 1, -1, -1):
        b[i] = (b[i] - A[i, i + 1 :] @ b[i + 1 :]) / A[i, i]
    return np.sum(b**2)


@case(P)
def cholesky_in_place(A):
    n = A.shape[0]
    A[0, 0] = np.sqrt(A[0, 0])
    for i in range(1, n):
        for j in range(i):
            A[i, j] -= np.dot(A[i, :j], A[j, :j])
            A[i, j] /= A[j, j]
        A[i, i] -= np.dot(A[i, :i], A[i, :i])
        A[i, i] = np.sqrt(A[i, i])
    return np.sum(np.log(np.diag(A))) + A[3, 0] * A[2, 1]


@case(P, draw(4, 4, seed=1))
def cholesky_of_blocks(A, B):
    """Right-looking, on views of one matrix."""
    for k in range(4):
        A[k, k] **= 0.5
        column = A[k + 1 :, k]
        column /= A[k, k]
        A[k + 1 :, k + 1 :] -= np.outer(column, column)
    L = np.tril(A)
    return np.sum((L @ B) ** 2)


@case(draw(5, 3))
def gram_schmidt(A):
    m, n = A.shape
    Q = np.zeros_like(A)
    R = np.zeros((n, n))
    for k in range(n):
        nrm = np.dot(A[:, k], A[:, k])
        R[k, k] = np.sqrt(nrm)
        Q[:, k] = A[:, k] / R[k, k]
        for j in range(k + 1, n):
            R[k, j] = np.dot(Q[:, k], A[:, j])
            A[:, j] -= Q[:, k] * R[k, j]
    return np.sum(R**3) + Q[0, 1] * Q[2, 2]


@case(draw(5, 3))
def orthogonal_columns_in_place(Q):
    for k in range(Q.shape[1]):
        q = Q[:, k]
        q /= np.linalg.norm(q)
        for j in range(k + 1, Q.shape[1]):
            Q[:, j] -= (q @ Q[:, j]) * q
    return np.sum(Q**4)


@case(0.1 * draw(5))
def durbin(r):
    y = np.empty_like(r)
    alpha = -r[0]
    beta = 1.0
    y[0] = -r[0]
    for k in range(1, len(r)):
        beta *= 1.0 - alpha * alpha
        alpha = -(r[k] + np.dot(np.flip(r[:k]), y[:k])) / beta
        y[:k] += alpha * np.flip(y[:k])
        y[k] = alpha
    return np.sum(y**2)


@case(S, V)
def triangular_solve(L, b):
    x = np.empty_like(b)
    for i in range(len(b)):
        x[i] = (b[i] - L[i, :i] @ x[:i]) / L[i, i]
    return np.sum(x**2)


@case(S, draw(4, 2, seed=7))
def triangular_solve_of_many(U, X):
    for i in range(X.shape[0] - 1, -1, -1):
        X[i] -= U[i, i + 1 :] @ X[i + 1 :]
        X[i] /= U[i, i]
    return np.sum(X**2)


@case(1.5, 1.2, draw(4, 4), draw(4, 3, seed=1))
def symmetric_update(alpha, beta, C, A):
    for i in range(A.shape[0]):
        C[i, : i + 1] *= beta
        for k in range(A.shape[1]):
            C[i, : i + 1] += alpha * A[i, k] * A[: i + 1, k]
    return np.sum(C**2)


@case(1.5, 1.2, draw(4, 4), draw(4, 3, seed=1), draw(4, 3, seed=2))
def symmetric_update_of_two(alpha, beta, C, A, B):
    for i in range(A.shape[0]):
        C[i, : i + 1] *= beta
        for k in range(A.shape[1]):
            C[i, : i + 1] += (
                A[: i + 1, k] * alpha * B[i, k] + B[: i + 1, k] * alpha * A[i, k]
            )
    return np.sum(C**2)


@case(1.5, 1.2, draw(3, 4), draw(3, 3, seed=1), draw(3, 4, seed=2))
def symmetric_product(alpha, beta, C, A, B):
    work = np.empty(B.shape[1])
    C *= beta
    for i in range(C.shape[0]):
        for j in range(C.shape[1]):
            C[:i, j] += alpha * B[i, j] * A[i, :i]
            work[j] = B[:i, j] @ A[i, :i]
        C[i, :] += alpha * B[i, :] * A[i, i] + alpha * work
    return np.sum(C**2)


@case(1.5, draw(4, 4), draw(4, 3, seed=1))
def triangular_product(alpha, A, B):
    for i in range(B.shape[0]):
        for j in range(B.shape[1]):
            B[i, j] += np.dot(A[i + 1 :, i], B[i + 1 :, j])
    B *= alpha
    return np.sum(B**2)


@case(draw(4, 4, seed=8))
def floyd_warshall(path):
    for k in range(path.shape[0]):
        path[:] = np.minimum(path[:], np.add.outer(path[:, k], path[k, :]))
    return np.sum(path**2)


@case(draw(4, 4, seed=8))
def floyd_warshall_by_loops(d):
    n = len(d)
    for k in range(n):
        for i in range(n):
            for j in range(n):
                if d[i, k] + d[k, j] < d[i, j]:
                    d[i, j] = d[i, k] + d[k, j]
    return np.sum(d**2)


@case(draw(5, 3))
def householder(R):
    m, n = R.shape
    for k in range(n):
        x = R[k:, k].copy()
        x[0] += np.copysign(np.linalg.norm(x), x[0])
        x /= np.linalg.norm(x)
        R[k:, k:] -= 2.0 * np.outer(x, x @ R[k:, k:])
    return np.sum(np.abs(np.diag(R))) + R[0, 1] * R[1, 2]


@case(draw(4, 3))
def givens(R):
    for j in range(R.shape[1]):
        for i in range(R.shape[0] - 1, j, -1):
            r = np.hypot(R[i - 1, j], R[i, j])
            c, s = R[i - 1, j] / r, R[i, j] / r
            G = np.array([[c, s], [-s, c]])
            R[i - 1 : i + 1, j:] = G @ R[i - 1 : i + 1, j:]
    return np.sum(R[0] * R[1]) + R[2, 2] ** 2


@case(P, V)
def power_iteration_with_deflation(A, start):
    values = np.zeros(2)
    for k in range(2):
        v = start.copy()
        for _ in range(5):
            v = A @ v
            v /= np.sqrt(v @ v)
        values[k] = v @ A @ v
        A -= values[k] * np.outer(v, v)
    return values[0] * values[1] + np.sum(A**2)


@case(P, V, 3)
def conjugate_gradients(A, b, steps):
    x = np.zeros_like(b)
    r = b.copy()
    p = r.copy()
    rs = r @ r
    for _ in range(steps):
        Ap = A @ p
        alpha = rs / (p @ Ap)
        x += alpha * p
        r -= alpha * Ap
        new = r @ r
        p *= new / rs
        p += r
        rs = new
    return x @ x


@case(P)
def jacobi_rotation_of_a_symmetric_matrix(A):
    for p, q in ((0, 1), (1, 2), (0, 3)):
        theta = 0.5 * np.arctan2(2 * A[p, q], A[q, q] - A[p, p])
        c, s = np.cos(theta), np.sin(theta)
        rows = A[[p, q]]
        A[p], A[q] = c * rows[0] - s * rows[1], s * rows[0] + c * rows[1]
        columns = A[:, [p, q]]
        A[:, p] = c * columns[:, 0] - s * columns[:, 1]
        A[:, q] = s * columns[:, 0] + c * columns[:, 1]
    return np.sum(np.diag(A) ** 2)


@case(draw(4, 4), draw(4, 4, seed=1))
def matrix_product_by_loops(A, B):
    n = len(A)
    C = np.empty((n, n))
    for i in range(n):
        for j in range(n):
            C[i, j] = 0.0
            for k in range(n):
                C[i, j] += A[i, k] * B[k, j]
    return np.sum(C**2)


@case(V, V + 2, V + 0.3, draw(4, seed=9))
def thomas(a, b, c, d):
    n = len(d)
    for i in range(1, n):
        w = a[i] / b[i - 1]
        b[i] -= w * c[i - 1]
        d[i] -= w * d[i - 1]
    x = b
    x[-1] = d[-1] / b[-1]
    for i in range(n - 2, -1, -1):
        x[i] = (d[i] - c[i] * x[i + 1]) / b[i]
    return np.sum(x**2)


@case(draw(5, 4), draw(4, seed=2), draw(5, seed=3), draw(5, seed=5), draw(4, seed=6))
def vectors_and_matrix_updated(A, u, v, y, z):
    """Polybench's gemver, in short."""
    A += np.outer(v, u)
    x = np.zeros(4)
    x += 1.2 * y @ A + z
    w = np.zeros(5)
    for i in range(5):
        for j in range(4):
            w[i] += 1.5 * A[i, j] * x[j]
    return np.sum(w * w)


@case(draw(6, 3))
def correlation(data):
    mean = np.mean(data, axis=0)
    stddev = np.std(data, axis=0)
    stddev[stddev <= 0.1] = 1.0
    data -= mean
    data /= np.sqrt(6.0) * stddev
    corr = np.eye(3)
    for i in range(2):
        corr[i + 1 :, i] = corr[i, i + 1 :] = data[:, i] @ data[:, i + 1 :]
    return np.sum(corr**2)
