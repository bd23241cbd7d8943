"""Functions of structured arguments."""

from dataclasses import dataclass

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


@dataclass
class Oscillator:
    stiffness: float
    damping: float
    steps: int

    def acceleration(self, x, v):
        return -self.stiffness * x - self.damping * v


@golden(Oscillator(2.0, 0.1, 5), 1.0, 0.1, forward=True)
def swing(oscillator, x, dt):
    v = 0.0
    for _ in range(oscillator.steps):
        v += dt * oscillator.acceleration(x, v)
        x += dt * v
    return x**2


NETWORK = {
    "hidden": [{"W": 0.3 * np.ones((2, 2)), "b": np.array([0.1, -0.2])}],
    "out": np.array([0.7, -0.4]),
    "scale": 1.5,
}


@golden(NETWORK, np.array([0.2, 0.9]))
def network(params, x):
    for layer in params["hidden"]:
        x = np.tanh(layer["W"] @ x + layer["b"])
    return params["scale"] * np.dot(params["out"], x)


class Body:
    def __init__(self, position, velocity, mass):
        self.position = position
        self.velocity = velocity
        self.mass = mass

    def action(self):
        return self.mass * np.sum(self.velocity**2)


@golden(Body(np.array([1.0, 2.0]), np.array([0.3, -0.1]), 2.0), 9.81, argnums=("body", "g"))
def body_in_a_field(body, g):
    return body.action() - body.mass * g * body.position[1]


@golden(1.0, 0.9, 5)
def three_bodies(m, v, n):
    bodies = [
        Body(np.zeros(2), np.zeros(2), m),
        Body(np.array([1.0, 0.0]), np.array([0.0, v]), 0.1),
        Body(np.array([0.0, 2.0]), np.array([-0.7, 0.0]), 0.2),
    ]
    for _ in range(n):
        for body in bodies:
            for other in bodies:
                if other is not body:
                    d = other.position - body.position
                    pull = other.mass / np.sqrt(d[0] ** 2 + d[1] ** 2) ** 3
                    body.velocity = body.velocity + 0.01 * pull * d
        for body in bodies:
            body.position = body.position + 0.01 * body.velocity
    return sum(body.action() for body in bodies)


rng = np.random.default_rng(3)
NETWORK = [(rng.normal(size=(m, n)), rng.normal(size=n)) for m, n in ((3, 5), (5, 4), (4, 2))]


@golden(NETWORK, rng.normal(size=(7, 3)), rng.normal(size=(7, 2)), argnums="params")
def layers(params, inputs, targets):
    penalty = 0.001 * sum(np.sum(W**2) + np.sum(b**2) for W, b in params)
    for W, b in params:
        outputs = inputs @ W + b
        inputs = np.tanh(outputs)
    misfit = outputs - np.log(np.sum(np.exp(outputs), axis=1, keepdims=True))
    return penalty - np.sum(misfit * targets)
