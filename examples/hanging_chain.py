"""Where a chain of springs comes to rest: energy minimised with exact second derivatives.

Masses hang between two fixed points on springs that resist stretching only. The energy is
a plain loop. Its gradient, and its Hessian times a vector, are generated code; Newton's
method with conjugate gradients (SciPy's "trust-ncg") needs no more than these two.

    python examples/hanging_chain.py
"""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import minimize

from symdiff import grad, hessian, hvp, source

MASSES, SPAN = 20, 10.0
LENGTH, STIFFNESS, WEIGHT = 0.4, 40.0, 0.5


def energy(x):
    """The energy of the masses at x[0], x[1] (the first), x[2], x[3], ..., in joules."""
    total = 0.0
    left, height = 0.0, 0.0
    n = len(x) // 2
    for k in range(n + 1):
        if k < n:
            here, y = x[2 * k], x[2 * k + 1]
            total += WEIGHT * y
        else:
            here, y = SPAN, 0.0
        stretch = math.sqrt((here - left) ** 2 + (y - height) ** 2) - LENGTH
        if stretch > 0.0:
            total += 0.5 * STIFFNESS * stretch**2
        left, height = here, y
    return total


def main() -> None:
    start = np.zeros(2 * MASSES)
    start[::2] = np.linspace(0.0, SPAN, MASSES + 2)[1:-1]
    start[1::2] = -1.0
    found = minimize(
        energy,
        start,
        jac=grad(energy),
        hessp=lambda x, v: hvp(energy, (x,), (v,))[0],
        method="trust-ncg",
        options={"gtol": 1e-10},
    )
    x = found.x
    curvatures = np.linalg.eigvalsh(hessian(energy)(x))
    print(source(grad(energy), x, mode="jvp"))
    print(f"rest after {found.nit} steps: energy {found.fun:.6f}, sag {-x[1::2].min():.4f}")
    print(f"largest force left: {np.abs(grad(energy)(x)).max():.1e}")
    print(f"it is a minimum: curvatures from {curvatures[0]:.4f} to {curvatures[-1]:.4f}")


if __name__ == "__main__":
    main()
