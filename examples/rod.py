"""The Hessian of an energy with 100,000 unknowns, for Newton's method.

A rod on a wavy bed, stretched between its ends: each piece pulls at its neighbours, so
the Hessian is tridiagonal, and three products with vectors give all of it.

python examples/rod.py
"""

from __future__ import annotations

import time

import numpy as np
from scipy.sparse.linalg import spsolve

import symdiff

PIECES = 100_000


def energy(u, load):
    """Of a rod whose ends are held at 0 and 1, by the places of what lies between."""
    h = 1.0 / (len(load) + 1)
    places = np.concatenate([[0.0], u, [1.0]])
    strain = (places[1:] - places[:-1]) / h - 1.0
    stretch = 0.5 * strain**2 + 0.1 * strain**4
    return h * np.sum(stretch) + h * np.sum(load * u + 0.02 * np.cos(12.0 * u))


def main() -> None:
    x = np.linspace(0.0, 1.0, PIECES + 2)[1:-1]
    load = 0.3 * np.sin(7.0 * x)
    gradient = symdiff.grad(energy)
    hessian = symdiff.hessian(energy, sparse=True)
    u, began = x.copy(), time.perf_counter()
    for step in range(20):
        g = gradient(u, load)
        print(f"step {step}: energy {energy(u, load):+.10f}, gradient {abs(g).max():.1e}")
        if abs(g).max() < 1e-10:
            break
        u = u - spsolve(hessian(u, load).tocsc(), g)
    matrix = hessian(u, load)
    print(f"unknowns {PIECES}, entries of the Hessian {matrix.nnz}")
    print(f"products with vectors for a Hessian: {hessian.products}")
    print(f"Newton's method took {time.perf_counter() - began:.1f} s")
    along = np.cos(5.0 * x)
    change = symdiff.jvp(gradient, (u, load), (along, None))[1]
    error = abs(matrix @ along - change).max() / abs(change).max()
    print(f"check: differs from a product with the Hessian by {error:.1e}")


if __name__ == "__main__":
    main()
