"""Hamiltonian Monte Carlo: samples of a posterior, by the gradient of its logarithm.

The data are the eight schools of Rubin (1981): effects of coaching on test scores, with
their standard errors. The model is hierarchical, in its non-centred form; the sampler is
that of Neal, "MCMC using Hamiltonian dynamics" (2011), section 3.

python examples/hmc.py
"""

from __future__ import annotations

import numpy as np

import symdiff

EFFECT = np.array([28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0])
ERROR = np.array([15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0])


def log_posterior(q, effect, error):
    """Of the mean, the logarithm of the spread, and a deviate for each school."""
    mean, log_spread, deviate = q[0], q[1], q[2:]
    spread = np.exp(log_spread)
    school = mean + spread * deviate
    log_prior = -0.5 * (mean / 5.0) ** 2 - np.log1p((spread / 5.0) ** 2) + log_spread
    log_prior -= 0.5 * np.sum(deviate**2)
    return log_prior - 0.5 * np.sum(((effect - school) / error) ** 2)


def sample(value_and_grad, q, count, random, step=0.2, leaps=12):
    """So many draws, and how many proposals were accepted."""
    draws = np.empty((count, len(q)))
    accepted = 0
    value, slope = value_and_grad(q)
    for k in range(count):
        momentum = random.normal(size=len(q))
        energy = 0.5 * momentum @ momentum - value
        size = step * random.uniform(0.8, 1.2)
        at, at_value, at_slope = q, value, slope
        for _ in range(leaps):
            momentum = momentum + 0.5 * size * at_slope
            at = at + size * momentum
            at_value, at_slope = value_and_grad(at)
            momentum = momentum + 0.5 * size * at_slope
        change = energy - (0.5 * momentum @ momentum - at_value)
        if np.log(random.uniform()) < change:
            q, value, slope = at, at_value, at_slope
            accepted += 1
        draws[k] = q
    return draws, accepted


def main() -> None:
    gradient = symdiff.value_and_grad(log_posterior)

    def value_and_grad(q):
        return gradient(q, EFFECT, ERROR)

    q = np.zeros(2 + len(EFFECT))
    value_and_grad(q)
    print(gradient.source)
    symdiff.check_grads(log_posterior, (q + 0.3, EFFECT, ERROR), argnums=0)
    print("check: the gradient agrees with central differences")
    random = np.random.default_rng(1)
    warm, _ = sample(value_and_grad, q, 500, random)
    draws, accepted = sample(value_and_grad, warm[-1], 4000, random)
    print(f"accepted {100 * accepted / len(draws):.0f} % of the proposals")
    spread = np.exp(draws[:, 1])
    print(f"mean effect {draws[:, 0].mean():.1f}, spread {spread.mean():.1f}")
    schools = draws[:, :1] + spread[:, None] * draws[:, 2:]
    for k, (effect, found) in enumerate(zip(EFFECT, schools.mean(axis=0), strict=True)):
        print(
            f"school {'ABCDEFGH'[k]}: measured {effect:5.1f}, posterior mean {found:5.1f}"
        )


if __name__ == "__main__":
    main()
