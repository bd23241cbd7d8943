"""Sparse matrices of SciPy, made in the function and outside of it."""

import numpy as np
import scipy.sparse as sp
from scipy.interpolate import KroghInterpolator
from scipy.sparse.linalg import factorized, splu, spsolve

from corpus.registry import case

N = 6
LAPLACE = sp.diags([1.0, -2.0, 1.0], [-1, 0, 1], shape=(N, N), format="csr")
ADVECTION = sp.csc_array(np.eye(N) - np.eye(N, k=-1))
EDGES = sp.coo_matrix((np.ones(4), ([0, 1, 2, 3], [1, 2, 3, 5])), shape=(N, N))
MASS = sp.identity(N)
STEP = splu((MASS - 0.1 * LAPLACE).tocsc())
back = factorized((MASS + 0.2 * ADVECTION).tocsc())
U = np.array([0.3, 0.9, 0.1, 0.7, 0.2, 0.5])


@case(U, 0.1, 3)
def heat(u, k, steps):
    for _ in range(steps):
        u = u + k * (LAPLACE @ u) - 0.1 * ADVECTION.dot(u)
    return np.sum(u**2) + u @ (EDGES.T * u)


@case(U, 0.1)
def implicit_heat(u, k):
    system = (MASS - k * LAPLACE).tocsc()
    for _ in range(3):
        u = spsolve(system, u)
    lu = splu(system)
    return lu.solve(u) @ u


@case(U, 3)
def factorised_outside(u, steps):
    for _ in range(steps):
        u = STEP.solve(u) + 0.1 * back(u**2)
    return STEP.solve(np.stack([u, u**2], axis=1), "T")[0] @ u[:2]


@case(np.linspace(0.4, 1.0, 5), 3.0)
def compliance(density, penalty):
    """Of bars in a row, assembled and fixed at one end."""
    n = len(density) + 1
    ends = np.stack([np.arange(n - 1), np.arange(1, n)], axis=1)
    rows, cols = np.repeat(ends, 2, axis=1).ravel(), np.tile(ends, 2).ravel()
    element = np.array([[1.0, -1.0], [-1.0, 1.0]])
    entries = ((1e-3 + density**penalty)[:, None] * element.ravel()).ravel()
    stiffness = sp.coo_matrix((entries, (rows, cols)), shape=(n, n)).tocsc()
    free = np.arange(1, n)
    force = np.zeros(n)
    force[-1] = 1.0
    moved = np.zeros(n)
    moved[free] = spsolve(stiffness[free, :][:, free], force[free])
    return force @ moved


class Model:
    def __init__(self, stiffness, mass):
        self.stiffness, self.mass = stiffness, mass

    def energy(self, u):
        return 0.5 * u @ (self.stiffness @ u) + u @ self.mass.dot(u)


@case(U, Model(LAPLACE, MASS), ADVECTION, argnums=(0,))
def passed_matrices(u, model, matrix):
    return model.energy(u) * np.sum((matrix @ u) ** 2) if matrix.shape[0] == N else 0.0


@case(np.array([0.5, 0.7, 0.9]))
def blocks(x):
    whole = sp.bmat([[sp.diags(x), None], [sp.eye(3), sp.diags(2 * x)]])
    square = whole.T @ whole + sp.kron(sp.diags([x[0], x[1]]), sp.eye(3))
    return spsolve(square.tocsc(), np.arange(6.0)) @ np.ones(6)


AT, TO = np.array([0, 1, 2]), np.array([1, 2, 0])


@case(np.array([0.5, 0.7, 0.9]))
def written_after_they_were_made(x):
    """Which formats keep the array that they get, and which have their own."""
    values, total = 1.0 * x, 0.0
    dense, places = np.outer(x, x), AT.copy()
    own = [
        sp.csr_matrix((values, (places, TO)), shape=(3, 3)), sp.csc_array(dense),
        sp.diags(values), sp.coo_matrix((values, (AT, TO)), shape=(3, 3)).tocsr(),
        sp.csr_matrix((values, TO, [0, 1, 2, 3]), shape=(3, 3), copy=True),
        sp.coo_array((values, (AT, TO)), shape=(3, 3)).copy(),
        sp.csr_array((values, TO, [0, 1, 2, 3]), shape=(3, 3)).tocsc(),
    ]  # fmt: skip
    kept = [
        sp.coo_matrix((values, (places, TO)), shape=(3, 3)),
        sp.csr_matrix((values, TO, [0, 1, 2, 3]), shape=(3, 3)).T,
        sp.csc_matrix((values, TO, [0, 1, 2, 3]), shape=(3, 3)).tocsc(),
        sp.dia_array((values[None], [1]), shape=(3, 3)),
    ]
    lu = splu(sp.csc_matrix((values, TO, [0, 1, 2, 3]), shape=(3, 3)))
    through = KroghInterpolator(AT, values)
    values[0], dense[0, 0], places[0] = 2.0 * x[1], 5.0, 2
    total += lu.solve(x) @ x + through(0.4)
    for k, matrix in enumerate(own + kept):
        total += (k + 1) * np.sum((matrix @ x) * np.arange(1.0, 4.0))
    return total


@case(np.array([0.5, 0.7, 0.9]), refused="`csr_matrix` has no attribute `data` here")
def in_an_order_of_scipy(x):
    return sp.csr_matrix((x, (TO, AT)), shape=(3, 3)).data[0]


@case(np.array([0.5, 0.7, 0.9]), refused="a sparse matrix that is changed in place")
def changed_in_place(x):
    matrix = sp.diags(x).tocsr()
    other = matrix
    matrix *= 2.0
    return np.sum(other @ x)


@case(np.array([0.5, 0.7, 0.9]), refused="a sparse matrix of another dtype")
def in_single_precision(x):
    return (sp.csr_matrix(np.outer(x, x), dtype=np.float32) @ x).sum()


@case(np.array([0.5, 0.7, 0.9]), refused="matrices that are written into")
def written_into(x):
    matrix = sp.csr_matrix(np.outer(x, x)).tolil()
    matrix[0, 0] = 1.0
    return (matrix @ x).sum()
