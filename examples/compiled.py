"""A heat equation stepped in place, its gradient compiled, and called from compiled code.

python examples/compiled.py
"""

from __future__ import annotations

import time

import numba
import numpy as np

from symdiff import grad


def misfit(u0, observed, rate, steps):
    """How far a rod, cooled for some steps, is from what was observed."""
    u = u0.copy()
    for _ in range(steps):
        u[1:-1] += rate * (u[2:] - 2 * u[1:-1] + u[:-2])
    return 0.5 * np.sum((u - observed) ** 2)


def fitted(slope, observed, rate, steps, rounds):
    """The start that explains the observation, by compiled gradient descent."""

    @numba.njit
    def descend(u0):
        for _ in range(rounds):
            u0 = u0 - 0.5 * slope(u0, observed, rate, steps)
        return u0

    return descend(np.zeros_like(observed))


def seconds(function, *args):
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        function(*args)
        best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    x = np.linspace(0.0, 1.0, 200)
    args = np.sin(np.pi * x), np.zeros(200), 0.2, 500
    plain, compiled = grad(misfit), grad(misfit, compile="numba")
    same = np.allclose(plain(*args), compiled(*args), rtol=1e-12)
    print(compiled.source)
    print(f"the same gradient: {same}; compiled in {compiled.compile_seconds:.1f} s")
    faster = seconds(plain, *args) / seconds(compiled, *args)
    print(f"compiled, it is {faster:.0f} times as fast")
    observed = np.exp(-20 * (x - 0.4) ** 2)
    start = fitted(compiled.specialize(*args), observed, 0.2, 20, 100)
    left = misfit(start, observed, 0.2, 20)
    print(f"misfit of the start that was found: {left:.2e}")


if __name__ == "__main__":
    main()
