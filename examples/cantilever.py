"""The stiffest cantilever of half the material, as a program of SciPy's sparse matrices.

A plate of square elements is held on the left and pulled down at its lower right corner.
How stiff an element is follows from its density, with a power that makes what is half full
useless (SIMP: Bendsøe & Sigmund, *Topology Optimization*, 2003). The function assembles
the stiffness of the plate and solves for its displacements as such programs do; nothing in
it is about derivatives.

python examples/cantilever.py
"""

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import spsolve

from symdiff import check_grads, value_and_grad

NX, NY, POISSON, POWER, SHARE = 30, 10, 0.3, 3.0, 0.5


def element_stiffness(nu):
    """Of a square in plane stress, for the two displacements of its four corners."""
    k = np.array([
        1 / 2 - nu / 6, 1 / 8 + nu / 8, -1 / 4 - nu / 12, -1 / 8 + 3 * nu / 8,
        -1 / 4 + nu / 12, -1 / 8 - nu / 8, nu / 6, 1 / 8 - 3 * nu / 8,
    ])  # fmt: skip
    order = np.array([
        [0, 1, 2, 3, 4, 5, 6, 7], [1, 0, 7, 6, 5, 4, 3, 2], [2, 7, 0, 5, 6, 3, 4, 1],
        [3, 6, 5, 0, 7, 2, 1, 4], [4, 5, 6, 7, 0, 1, 2, 3], [5, 4, 3, 2, 1, 0, 7, 6],
        [6, 3, 4, 1, 2, 7, 0, 5], [7, 2, 1, 4, 3, 6, 5, 0],
    ])  # fmt: skip
    return k[order] / (1 - nu**2)


def mesh():
    """The displacements of each element, and all that are not held."""
    x, y = np.meshgrid(np.arange(NX), np.arange(NY), indexing="ij")
    corner = ((NY + 1) * x + y).ravel()  # the upper left one
    corners = np.stack([corner + 1, corner + NY + 2, corner + NY + 1, corner], axis=1)
    dofs = np.repeat(2 * corners, 2, axis=1) + np.tile([0, 1], 4)
    return dofs, np.arange(2 * (NY + 1), 2 * (NX + 1) * (NY + 1))


ELEMENT = element_stiffness(POISSON)
DOFS, FREE = mesh()
ROWS, COLS = np.repeat(DOFS, 8, axis=1).ravel(), np.tile(DOFS, 8).ravel()


def compliance(density):
    """The work of the load: small where the plate is stiff."""
    n = 2 * (NX + 1) * (NY + 1)
    stiffness = 1e-9 + density**POWER * (1 - 1e-9)
    entries = (stiffness[:, None] * ELEMENT.ravel()).ravel()
    K = coo_matrix((entries, (ROWS, COLS)), shape=(n, n)).tocsc()
    force = np.zeros(n)
    force[n - 1] = -1.0
    u = np.zeros(n)
    u[FREE] = spsolve(K[FREE, :][:, FREE], force[FREE])
    return force @ u


def weights():
    """Means over neighbours, so that the plate does not become a chessboard."""
    at = np.stack(np.divmod(np.arange(NX * NY), NY), axis=1)
    apart = np.linalg.norm(at[:, None] - at, axis=2)
    near = np.maximum(0.0, 1.5 - apart)
    return near / near.sum(axis=1, keepdims=True)


def improved(density, slope):
    """One step of the optimality criterion: the multiplier that keeps the material."""
    low, high = 0.0, 1e9
    while high - low > 1e-6 * (high + low):
        middle = (low + high) / 2
        wanted = density * np.sqrt(np.maximum(-slope, 0.0) / middle)
        near = np.clip(wanted, density - 0.2, density + 0.2)
        new = np.clip(near, 0.001, 1.0)
        low, high = (middle, high) if new.mean() > SHARE else (low, middle)
    return new


def main():
    mean = weights()
    work = value_and_grad(lambda design: compliance(mean @ design))
    design = np.full(NX * NY, SHARE)
    first, _ = work(design)
    print(work.source)
    check_grads(compliance, (design,), eps=1e-4, rtol=1e-4, most=20)
    print("check: the gradient agrees with central differences")
    for _ in range(30):
        _, slope = work(design)
        design = improved(design, slope)
    print(f"compliance {first:.1f} at the start, {work(design)[0]:.1f} in the end")
    for row in design.reshape(NX, NY).T:
        print("".join(" .:*#"[min(int(5 * share), 4)] for share in row))


if __name__ == "__main__":
    main()
