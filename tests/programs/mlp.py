"""A two-layer perceptron trained with momentum; its loss as a function of the settings."""

import numpy as np


def make_data(n=24, seed=3):
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1, 1, size=(n, 2))
    y = np.sin(2 * X[:, 0]) * X[:, 1] + 0.3 * X[:, 0]
    return X, y[:, np.newaxis]


def init_params(sizes, scale, seed=0):
    """A dict of weights "W1", "b1", ... for layers of these sizes."""
    rng = np.random.default_rng(seed)
    params = {}
    for k, (n_in, n_out) in enumerate(zip(sizes[:-1], sizes[1:]), start=1):
        params[f"W{k}"] = scale * rng.standard_normal((n_in, n_out)) / np.sqrt(n_in)
        params[f"b{k}"] = np.zeros(n_out)
    return params


def forward(params, X):
    n_layers = len(params) // 2
    cache = {"A0": X}
    A = X
    for k in range(1, n_layers + 1):
        Z = A @ params[f"W{k}"] + params[f"b{k}"]
        A = np.tanh(Z) if k < n_layers else Z
        cache[f"A{k}"] = A
    return A, cache


def loss_fn(params, X, y, l2):
    prediction, _ = forward(params, X)
    loss = np.mean((prediction - y) ** 2)
    for name, value in params.items():
        if name.startswith("W"):
            loss = loss + l2 * np.sum(value**2)
    return loss


def backward(params, cache, y, l2):
    """Gradients by hand, in a dict like that of the parameters."""
    grads = {}
    n_layers = len(params) // 2
    delta = 2.0 * (cache[f"A{n_layers}"] - y) / y.size
    for k in range(n_layers, 0, -1):
        grads[f"W{k}"] = cache[f"A{k - 1}"].T @ delta + 2 * l2 * params[f"W{k}"]
        grads[f"b{k}"] = delta.sum(axis=0)
        if k > 1:
            delta = (delta @ params[f"W{k}"].T) * (1 - cache[f"A{k - 1}"] ** 2)
    return grads


def train(X, y, learning_rate, momentum, l2, scale, epochs=8, verbose=False):
    params = init_params([2, 5, 1], scale)
    velocity = {name: np.zeros_like(value) for name, value in params.items()}
    history = []
    for epoch in range(epochs):
        _, cache = forward(params, X)
        grads = backward(params, cache, y, l2)
        for name in params:
            velocity[name] = momentum * velocity[name] - learning_rate * grads[name]
            params[name] += velocity[name]
        history.append(loss_fn(params, X, y, l2))
        if verbose and epoch % 10 == 0:
            print(f"epoch {epoch}: {history[-1]:.4f}")
    return params, history


def validation_loss(learning_rate, momentum, l2, scale):
    """Loss on data that the training has not seen: what one tunes by hyperparameters."""
    X, y = make_data()
    X_val, y_val = make_data(12, seed=11)
    params, history = train(X, y, learning_rate, momentum, l2, scale)
    return loss_fn(params, X_val, y_val, 0.0) + 0.01 * history[-1]


if __name__ == "__main__":
    print(validation_loss(0.3, 0.8, 1e-3, 0.9))
