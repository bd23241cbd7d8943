"""A small network whose parameters are a dict of layers, trained by gradient descent."""

import numpy as np

from symdiff import check_grads, value_and_grad


def network(params, x):
    for layer in params["hidden"]:
        x = np.tanh(x @ layer["W"] + layer["b"])
    return x @ params["out"]


def loss(params, x, y):
    """The mean squared error, and beside it the largest one."""
    error = network(params, x) - y
    return np.mean(error**2), {"worst": np.max(np.abs(error))}


def stepped(value, slope, rate):
    """The parameters moved against the gradient, whatever their structure."""
    if isinstance(value, dict):
        return {key: stepped(value[key], slope[key], rate) for key in value}
    if isinstance(value, list):
        return [stepped(v, s, rate) for v, s in zip(value, slope, strict=True)]
    return value - rate * slope


def main():
    rng = np.random.default_rng(0)
    params = {
        "hidden": [
            {"W": rng.normal(0.0, 1.0, (1, 8)), "b": np.zeros(8)},
            {"W": rng.normal(0.0, 0.4, (8, 8)), "b": np.zeros(8)},
        ],
        "out": rng.normal(0.0, 0.4, 8),
    }
    x = np.linspace(-2.0, 2.0, 40)[:, None]
    y = np.sin(2.0 * x[:, 0])
    gradient = value_and_grad(loss, has_aux=True)
    (start, _), _ = gradient(params, x, y)
    for _ in range(1000):
        (end, rest), slope = gradient(params, x, y)
        params = stepped(params, slope, 0.2)
    print(gradient.source)
    print(f"mean squared error {start:.4f} at the start, {end:.4f} after 1000 steps")
    print(f"largest error {rest['worst']:.4f}")
    check_grads(loss, (params, x, y), argnums="params", has_aux=True)
    print("check: the gradient agrees with central differences")


if __name__ == "__main__":
    main()
