"""A stepped beam by finite elements: assembly, supports, deflection, compliance."""

import numpy as np


def element_stiffness(E, I, L):
    """Euler-Bernoulli beam: deflection and slope at either end."""
    return (E * I / L**3) * np.array([
        [12.0, 6 * L, -12.0, 6 * L],
        [6 * L, 4 * L**2, -6 * L, 2 * L**2],
        [-12.0, -6 * L, 12.0, -6 * L],
        [6 * L, 2 * L**2, -6 * L, 4 * L**2],
    ])  # fmt: skip


def element_load(q, L):
    """Consistent loads of a pressure that is the same along the element."""
    return q * L / 2 * np.array([1.0, L / 6, 1.0, -L / 6])


def second_moment(width, height):
    return width * height**3 / 12


def assemble(heights, widths, E, length, pressure):
    n = len(heights)
    L = length / n
    ndof = 2 * (n + 1)
    K = np.zeros((ndof, ndof))
    f = np.zeros(ndof)
    for e in range(n):
        I = second_moment(widths[e], heights[e])
        ke = element_stiffness(E, I, L)
        fe = element_load(pressure, L)
        dofs = [2 * e, 2 * e + 1, 2 * e + 2, 2 * e + 3]
        for a, i in enumerate(dofs):
            f[i] += fe[a]
            for b, j in enumerate(dofs):
                K[i, j] += ke[a, b]
    return K, f


def solve(K, f, fixed):
    """Deflections with some degrees of freedom held."""
    free = np.array([i for i in range(len(f)) if i not in fixed])
    u = np.zeros_like(f)
    u[free] = np.linalg.solve(K[np.ix_(free, free)], f[free])
    return u


def compliance(heights, width, modulus, tip_load):
    """Work of the loads, a limit on the mass, and the smoothed largest deflection."""
    n = heights.size
    widths = [width if e < n // 2 else 0.8 * width for e in range(n)]
    K, f = assemble(heights, widths, modulus, 2.0, -1.5)
    f[-2] -= tip_load
    u = solve(K, f, fixed={0, 1})
    work = f @ u
    mass = sum(w * h for w, h in zip(widths, heights)) * 2.0 / n
    deflections = np.abs(u[2::2])
    p = 8
    largest = np.sum(deflections**p) ** (1 / p)
    excess = max(0.0, mass - 0.4)
    return work + 100.0 * excess**2 + largest


if __name__ == "__main__":
    print(compliance(np.array([0.4, 0.35, 0.3, 0.25]), 1.0, 200.0, 0.7))
