"""Fit a predator-prey model to the pelts of hare and lynx that were sold in 1900-1920.

The Lotka-Volterra equations

    dh/dt = a h - b h l        hares are born, and eaten
    dl/dt = d h l - c l        lynx live on hares, and die

are stepped by the classic Runge-Kutta method. The four rates and both initial
populations are fitted at once: the misfit is the sum of squares of the differences of
logarithms, and scipy minimises it with the gradient of that whole simulation.
"""

import math
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from symdiff import check_grads, value_and_grad

STEPS_PER_YEAR = 20


def rates(h, l, a, b, c, d):
    return (a - b * l) * h, (d * h - c) * l


def rk4_step(h, l, dt, a, b, c, d):
    h1, l1 = rates(h, l, a, b, c, d)
    h2, l2 = rates(h + dt / 2 * h1, l + dt / 2 * l1, a, b, c, d)
    h3, l3 = rates(h + dt / 2 * h2, l + dt / 2 * l2, a, b, c, d)
    h4, l4 = rates(h + dt * h3, l + dt * l3, a, b, c, d)
    h += dt / 6 * (h1 + 2 * h2 + 2 * h3 + h4)
    l += dt / 6 * (l1 + 2 * l2 + 2 * l3 + l4)
    return h, l


def misfit(p, hares, lynx):
    """The misfit of the parameters p: logarithms of a, b, c, d, h(1900), l(1900)."""
    a, b, c, d, h, l = np.exp(p)
    dt = 1 / STEPS_PER_YEAR
    total = 0.0
    for year in range(len(hares)):
        if year > 0:
            for _ in range(STEPS_PER_YEAR):
                h, l = rk4_step(h, l, dt, a, b, c, d)
        total += (math.log(h) - math.log(hares[year])) ** 2
        total += (math.log(l) - math.log(lynx[year])) ** 2
    return total


def simulate(p, years):
    """The populations in each year, for the table."""
    a, b, c, d, h, l = np.exp(p)
    populations = [(h, l)]
    for _ in range(years - 1):
        for _ in range(STEPS_PER_YEAR):
            h, l = rk4_step(h, l, 1 / STEPS_PER_YEAR, a, b, c, d)
        populations.append((h, l))
    return populations


def main():
    file = Path(__file__).with_name("hare_lynx.csv")
    years, hares, lynx = np.loadtxt(file, delimiter=",", skiprows=3, unpack=True)
    start = np.log([0.5, 0.025, 0.8, 0.025, hares[0], lynx[0]])

    misfit_and_grad = value_and_grad(misfit)
    value, gradient = misfit_and_grad(start, hares, lynx)
    print(misfit_and_grad.source)
    print("gradient at the start:", np.round(gradient, 4))
    check_grads(misfit, (start, hares, lynx), argnums=0)
    print("check: the gradient agrees with central differences in 6 entries")

    found = minimize(misfit_and_grad, start, args=(hares, lynx), jac=True, method="BFGS")
    print(
        f"\nmisfit {value:.4f} at the start, {found.fun:.4f} after {found.nit} iterations"
    )
    for name, rate in zip(("a", "b", "c", "d", "h0", "l0"), np.exp(found.x), strict=True):
        print(f"  {name:2} = {rate:.4f}")

    print("\nyear   hare   fit    lynx   fit")
    fit = simulate(found.x, len(years))
    for year, hare, lynx_, (h, l) in zip(years, hares, lynx, fit, strict=True):
        print(f"{year:.0f}  {hare:5.1f} {h:5.1f}   {lynx_:5.1f} {l:5.1f}")
    _, gradient = misfit_and_grad(found.x, hares, lynx)
    print(f"\ncheck: largest entry of the gradient at the fit {abs(gradient).max():.1e}")


if __name__ == "__main__":
    main()
