"""Sparse matrices."""

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve

from golden import golden

GRAPH = sp.csr_array(
    ([-1.0, 1.0, -1.0, 1.0, -1.0, 1.0], ([0, 0, 1, 1, 2, 2], [0, 1, 1, 2, 2, 3]))
)


@golden(np.array([0.4, 0.1, 0.8, 0.5]), 0.1, 3, argnums=(0, 1))
def diffused_on_a_graph(u, rate, steps):
    for _ in range(steps):
        u = u - rate * (GRAPH.T @ (GRAPH @ u))
    return u @ u


@golden(np.array([0.9, 0.6, 0.8]), np.array([1.0, 2.0, 0.5]), argnums=(0, 1))
def stationary(conductances, sources):
    n = len(sources)
    links = -conductances[1:]
    inner = conductances + np.append(conductances[1:], 0.0)
    matrix = sp.diags([links, inner, links], [-1, 0, 1], shape=(n, n))
    return np.sum(spsolve(matrix.tocsc(), sources) ** 2)
