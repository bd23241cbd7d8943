"""Learning to read handwritten digits: gradients from generated code only.

A network of two layers with weight decay is trained on scikit-learn's 1,797 digits by
stochastic gradient descent on mini-batches. `value_and_grad` turns the loss, plain NumPy
over a dict of parameters, into the code of its gradient; nothing else knows derivatives.
Needs scikit-learn; with rich installed there is a progress bar.
"""

import argparse

import numpy as np
from sklearn.datasets import load_digits

from symdiff import check_grads, value_and_grad

DECAY = 1e-4


def scores(params, x):
    hidden = np.maximum(x @ params["w1"] + params["b1"], 0.0)
    return hidden @ params["w2"] + params["b2"]


def loss(params, x, labels):
    """Softmax cross-entropy, and the squares of all weights."""
    s = scores(params, x)
    s = s - np.max(s, axis=1, keepdims=True)
    total = np.log(np.sum(np.exp(s), axis=1))
    misfit = np.mean(total - s[np.arange(len(labels)), labels])
    return misfit + DECAY * (np.sum(params["w1"] ** 2) + np.sum(params["w2"] ** 2))


def load(rng):
    """Pixels from 0 to 1 and labels, one fifth of them kept for the test."""
    digits = load_digits()
    order = rng.permutation(len(digits.target))
    x, labels = digits.data[order] / 16.0, digits.target[order]
    cut = len(x) // 5
    return (x[cut:], labels[cut:]), (x[:cut], labels[:cut])


def start(rng, inputs, hidden, classes):
    return {
        "w1": rng.normal(size=(inputs, hidden)) * np.sqrt(2.0 / inputs),
        "b1": np.zeros(hidden),
        "w2": rng.normal(size=(hidden, classes)) * np.sqrt(2.0 / hidden),
        "b2": np.zeros(classes),
    }


def batches(rng, count, size):
    """All samples once, in mini-batches of a random order."""
    order = rng.permutation(count)
    for k in range(0, count, size):
        yield order[k : k + size]


def train(params, data, rng, epochs, size, rate, momentum=0.9):
    """Stochastic gradient descent with momentum; the mean loss of each epoch."""
    x, labels = data
    step = value_and_grad(loss)
    speed = {name: np.zeros_like(p) for name, p in params.items()}
    for epoch in range(epochs):
        losses = []
        for chosen in batches(rng, len(x), size):
            value, gradient = step(params, x[chosen], labels[chosen])
            losses.append(value)
            for name, p in params.items():
                speed[name] = momentum * speed[name] - rate * gradient[name]
                p += speed[name]
        rate *= 0.97
        yield epoch, np.mean(losses)


def accuracy(params, data):
    x, labels = data
    return np.mean(np.argmax(scores(params, x), axis=1) == labels)


def shown(epochs, total):
    """The epochs, with a progress bar if rich is there."""
    try:
        from rich.progress import track
    except ImportError:
        return epochs
    return track(epochs, "training", total=total)


def curve(losses, height=12):
    """The losses as a picture in text, from the largest down on a logarithmic scale."""
    logs = np.log10(losses)
    low, high = logs.min(), logs.max()
    rows = np.round((high - logs) / (high - low) * (height - 1)).astype(int)
    lines = []
    for row in range(height):
        level = 10 ** (high - (high - low) * row / (height - 1))
        lines.append(f"{level:8.4f} |" + "".join("*" if r == row else " " for r in rows))
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=40)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    training, test = load(rng)
    params = start(rng, training[0].shape[1], 64, 10)
    few = training[0][:8], training[1][:8]
    check_grads(loss, (params, *few), argnums=0, most=20)
    print("check: the gradient agrees with central differences")

    losses = []
    for _, mean in shown(
        train(params, training, rng, options.epochs, 32, 0.1), options.epochs
    ):
        losses.append(mean)
    print("loss of each epoch")
    print(curve(losses))
    print(f"loss {losses[0]:.4f} in the first epoch, {losses[-1]:.4f} in the last")
    print(f"accuracy {accuracy(params, training):.4f} in training")
    print(f"accuracy {accuracy(params, test):.4f} in the test")


if __name__ == "__main__":
    main()
