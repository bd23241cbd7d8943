"""A particle filter with fixed random numbers, for a growth model with noise."""

import numpy as np

OBSERVATIONS = [1.3, 1.9, 2.2, 2.6, 2.4, 2.9]


class Model:
    def __init__(self, growth, capacity, noise, sensor):
        self.growth = growth
        self.capacity = capacity
        self.noise = noise
        self.sensor = sensor

    def propagate(self, x, normals):
        """Ricker's map with multiplicative noise."""
        return x * np.exp(self.growth * (1 - x / self.capacity) + self.noise * normals)

    def log_weight(self, x, y):
        z = (y - x) / self.sensor
        return -0.5 * z**2 - np.log(self.sensor) - 0.5 * np.log(2 * np.pi)


def systematic_indices(n, offset):
    """Indices for an even thinning, that do not depend on the weights."""
    return (np.arange(n) * 3 + int(offset * n)) % n


def effective_size(weights):
    return 1.0 / np.sum(weights**2)


def log_evidence(growth, capacity, noise, sensor, n_particles=16):
    rng = np.random.default_rng(2024)
    model = Model(growth, capacity, noise, sensor)
    x = 1.0 + 0.2 * rng.standard_normal(n_particles)
    log_w = np.full(n_particles, -np.log(n_particles))
    total = 0.0
    shuffles = 0
    sizes = []
    for t, y in enumerate(OBSERVATIONS):
        normals = rng.standard_normal(n_particles)
        x = model.propagate(x, normals)
        log_w = log_w + model.log_weight(x, y)
        top = log_w.max()
        w = np.exp(log_w - top)
        evidence = w.sum()
        total += top + np.log(evidence)
        w /= evidence
        log_w = np.log(w)
        sizes.append(effective_size(w))
        if t % 2 == 1:
            order = systematic_indices(n_particles, rng.random())
            x = x[order]
            log_w = log_w[order]
            shuffles += 1
    smallest = min(sizes)
    return total - 0.01 * smallest + 0.001 * shuffles


if __name__ == "__main__":
    print(log_evidence(0.6, 2.8, 0.1, 0.4))
