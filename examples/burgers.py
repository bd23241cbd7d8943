"""Recover the initial state of a Burgers equation from its state 500 steps later.

u_t + u u_x = nu u_xx on 200 cells between walls where u = 0, stepped in place: upwind
convection (u >= 0 throughout) and central diffusion. The unknown is the whole initial
state; L-BFGS needs the gradient of the misfit with respect to all its cells, through
all 500 steps.
"""

import numpy as np
from scipy.optimize import minimize

from symdiff import check_grads, value_and_grad

CELLS, STEPS = 200, 500
DX = 1.0 / (CELLS - 1)
DT = 0.0004
NU = 0.002


def step(u, dt, dx, nu):
    """One step in time of the inner cells, in place."""
    left, mid, right = u[:-2], u[1:-1], u[2:]
    u[1:-1] = (
        mid - dt / dx * mid * (mid - left) + nu * dt / dx**2 * (right - 2 * mid + left)
    )


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
    truth = 0.9 * np.sin(np.pi * x) ** 2 + 0.5 * np.exp(-(((x - 0.3) / 0.06) ** 2))
    truth[0] = truth[-1] = 0.0
    observed = simulate(truth, STEPS)
    guess = observed.copy()

    misfit_and_grad = value_and_grad(misfit)
    value, gradient = misfit_and_grad(guess, observed, STEPS)
    print(misfit_and_grad.source)
    print("norm of the gradient at the guess:", round(float(np.linalg.norm(gradient)), 6))
    check_grads(misfit, (guess, observed, STEPS), argnums=0, eps=3e-5)
    print("check: the gradient agrees with central differences in 100 of 200 cells")

    found = minimize(
        misfit_and_grad,
        guess,
        args=(observed, STEPS),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 300, "ftol": 1e-15, "gtol": 1e-9},
    )
    before = np.linalg.norm(guess - truth) / np.linalg.norm(truth)
    after = np.linalg.norm(found.x - truth) / np.linalg.norm(truth)
    print(
        f"\nmisfit {value:.3e} at the guess, {found.fun:.3e} after {found.nit} iterations"
    )
    print(f"relative error of the initial state: {before:.4f} before, {after:.4f} after")

    print("\n   x     true  guess  found")
    for k in range(0, CELLS, 20):
        print(f"{x[k]:5.2f}  {truth[k]:6.3f} {guess[k]:6.3f} {found.x[k]:6.3f}")


if __name__ == "__main__":
    main()
