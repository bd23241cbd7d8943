"""Functions of structured arguments."""

import numpy as np

from golden import golden

LAYERS = (
    (np.array([[0.2, -0.3], [0.5, 0.1], [-0.4, 0.7]]), np.array([0.1, 0.0, -0.2])),
    (np.array([[0.6, -0.1, 0.3]]), np.array([0.05])),
)


@golden(LAYERS, np.array([0.5, -1.5]), 0.3)
def two_layers(params, x, target):
    (W, b), (V, c) = params
    hidden = np.tanh(W @ x + b)
    error = V @ hidden + c - target
    return np.sum(error**2)


@golden((1.2, 0.5), 2.0, value=True, has_aux=True)
def spring_energy(params, x):
    stiffness, mass = params
    frequency = np.sqrt(stiffness / mass)
    energy = 0.5 * stiffness * x**2
    return energy, frequency
