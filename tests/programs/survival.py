"""Two likelihoods that economists and physicians fit: GARCH volatility, Cox regression."""

import numpy as np

RETURNS = [0.012, -0.021, 0.004, 0.018, -0.032, 0.041, -0.008, 0.003, -0.015, 0.027]


class Garch:
    """GARCH(1, 1) with a leverage term."""

    def __init__(self, omega, alpha, beta, gamma=0.0):
        self.omega, self.alpha, self.beta, self.gamma = omega, alpha, beta, gamma

    def persistence(self):
        return self.alpha + self.beta + self.gamma / 2

    def stationary_variance(self):
        p = self.persistence()
        if p >= 1:
            raise ValueError("not stationary")
        return self.omega / (1 - p)

    def variances(self, returns):
        sigma2 = np.zeros(len(returns))
        sigma2[0] = self.stationary_variance()
        for t in range(1, len(returns)):
            shock = returns[t - 1] ** 2
            leverage = self.gamma * shock if returns[t - 1] < 0 else 0.0
            sigma2[t] = (
                self.omega + self.alpha * shock + leverage + self.beta * sigma2[t - 1]
            )
        return sigma2

    def log_likelihood(self, returns):
        sigma2 = self.variances(returns)
        return -0.5 * np.sum(np.log(2 * np.pi * sigma2) + np.array(returns) ** 2 / sigma2)


def cohort():
    """Subjects as dicts: time, whether the event was seen, covariates."""
    rng = np.random.default_rng(42)
    subjects = []
    for k in range(14):
        covariates = rng.normal(size=3)
        time = float(np.round(rng.exponential(2.0), 1)) + 0.1
        subjects.append({"time": time, "event": bool(k % 3 != 2), "x": covariates})
    return subjects


def cox_partial_likelihood(beta, subjects):
    """Breslow's form: ties share one set of subjects at risk."""
    ordered = sorted(subjects, key=lambda s: s["time"], reverse=True)
    risk = 0.0
    total = 0.0
    i = 0
    n = len(ordered)
    while i < n:
        time = ordered[i]["time"]
        scores = 0.0
        deaths = 0
        while i < n and ordered[i]["time"] == time:
            subject = ordered[i]
            eta = np.dot(beta, subject["x"])
            risk += np.exp(eta)
            if subject["event"]:
                scores += eta
                deaths += 1
            i += 1
        if deaths:
            total += scores - deaths * np.log(risk)
    return total


def objective(beta, omega, alpha, garch_beta, gamma, shrink=0.1):
    model = Garch(omega, alpha, garch_beta, gamma)
    fit = model.log_likelihood(RETURNS) + cox_partial_likelihood(beta, cohort())
    return -fit + shrink * np.sum(np.sqrt(beta**2 + 1e-3))


if __name__ == "__main__":
    print(objective(np.array([0.3, -0.2, 0.5]), 1e-4, 0.1, 0.7, 0.05))
