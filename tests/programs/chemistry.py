"""A chemical network given as a table of reactions, integrated by implicit Euler steps."""

import math

import numpy as np

R_GAS = 8.314

SPECIES = ["A", "B", "C", "D"]

# reactants, products, rate constant as a function of the temperature and two parameters
REACTIONS = [
    (("A",), ("B",), lambda T, k, Ea: k * math.exp(-Ea / (R_GAS * T))),
    (("B",), ("A",), lambda T, k, Ea: 0.1 * k),
    (("B", "C"), ("D",), lambda T, k, Ea: 2.0 * k * math.sqrt(T / 300.0)),
    (("D",), ("A", "C"), lambda T, k, Ea: 0.05 * k * math.exp(-0.5 * Ea / (R_GAS * T))),
]


def rate(reactants, constant, conc):
    r = constant
    for name in reactants:
        r *= conc[SPECIES.index(name)]
    return r


def production(conc, constants):
    """The net production of every species."""
    dcdt = np.zeros(len(SPECIES))
    for (reactants, products, _), constant in zip(REACTIONS, constants):
        r = rate(reactants, constant, conc)
        for name in reactants:
            dcdt[SPECIES.index(name)] -= r
        for name in products:
            dcdt[SPECIES.index(name)] += r
    return dcdt


def jacobian(conc, constants):
    n = len(SPECIES)
    J = np.zeros((n, n))
    for (reactants, products, _), constant in zip(REACTIONS, constants):
        for which, name in enumerate(reactants):
            others = [s for k, s in enumerate(reactants) if k != which]
            slope = rate(others, constant, conc)
            column = SPECIES.index(name)
            for s in reactants:
                J[SPECIES.index(s), column] -= slope
            for s in products:
                J[SPECIES.index(s), column] += slope
    return J


def implicit_step(conc, constants, dt, tol=1e-13):
    """Backward Euler; Newton's method until the correction is small."""
    new = conc.copy()
    for _ in range(20):
        residual = new - conc - dt * production(new, constants)
        correction = np.linalg.solve(
            np.eye(len(conc)) - dt * jacobian(new, constants), residual
        )
        new -= correction
        if np.max(np.abs(correction)) < tol:
            return new
    raise RuntimeError("the step did not converge")


def temperature_program(t):
    if t < 1.0:
        return 300.0 + 40.0 * t
    return 340.0


def yield_of_d(k, Ea, initial):
    """The amount of D at the end, and a cost of the heat."""
    conc = np.asarray(initial, dtype=float)
    t, dt = 0.0, 0.25
    heat = 0.0
    while t < 2.0:
        T = temperature_program(t + dt)
        constants = [law(T, k, Ea) for _, _, law in REACTIONS]
        conc = implicit_step(conc, constants, dt)
        assert np.all(conc > -1e-9), f"negative concentrations at {t}"
        heat += dt * (T - 300.0) * conc[SPECIES.index("B")]
        t += dt
    amounts = dict(zip(SPECIES, conc))
    return amounts["D"] / sum(amounts.values()) - 1e-4 * heat


if __name__ == "__main__":
    print(yield_of_d(1.4, 900.0, np.array([1.0, 0.1, 0.8, 0.05])))
