"""Recover the initial state of a Burgers equation from its state 500 steps later.

u_t + u u_x = nu u_xx on a ring of 200 cells, stepped in place: upwind convection for
u > 0 and central diffusion. The unknown is the whole initial state; L-BFGS needs the
gradient of the misfit with respect to its 200 entries, through all 500 steps.
"""

import numpy as np
from scipy.optimize import minimize

from symdiff import check_grads, value_and_grad

CELLS, STEPS = 200, 500
DX = 1.0 / CELLS
DT = 0.001
NU = 0.002


def step(u, dt, dx, nu):
    """One step in time of the inner cells, in place; the ends are held."""
    left, mid, right = u[:-2], u[1:-1], u[2:]
    u[1:-1] = mid - dt / dx * mid * (mid - left) + nu * dt / dx**2 * (right - 2 * mid + left)


def simulate(u0, steps):
    u = u0.copy()
    for _ in range(steps):
        step(u, DT, DX, NU)
    return u


def misfit(u0, observed, steps):
    """Half the squared distance between the simulated and the observed final state."""
    difference = simulate(u0, steps) - observed
    return 0.5 * np.sum(difference**2)


def main():
    x = np.linspace(0, 1, CELLS)
    truth = 1.0 + 0.5 * np.sin(2 * np.pi * x) + 0.3 * np.exp(-((x - 0.3) ** 2) / 0.01)
    observed = simulate(truth, STEPS)
    guess = np.ones(CELLS)
    misfit_and_grad = value_and_grad(misfit)
    value, gradient = misfit_and_grad(guess, observed, STEPS)
    print(misfit_and_grad.source)
    print("norm of the gradient at the guess:", round(float(np.linalg.norm(gradient)), 6))
    check_grads(misfit, (guess, observed, STEPS), argnums=0, eps=1e-4)
    print("check: the gradient agrees with central differences in 100 of 200 entries")

    found = minimize(
        misfit_and_grad,
        guess,
        args=(observed, STEPS),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 400, "maxfun": 1000, "ftol": 1e-16, "gtol": 1e-10},
    )
    before = np.linalg.norm(guess - truth) / np.linalg.norm(truth)
    after = np.linalg.norm(found.x - truth) / np.linalg.norm(truth)
    print(f"\nmisfit {value:.3e} at the guess, {found.fun:.3e} after {found.nit} iterations")
    print(f"relative error of the initial state: {before:.4f} before, {after:.4f} after")


if __name__ == "__main__":
    main()
