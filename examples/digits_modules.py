"""A small convolutional network for digits, wired from modules that pass messages.

Each module is a line of forward text; what it sends back, and the gradients of its
parameters, are derived from that text. The wiring has a skip connection: the pixels
reach the scores through the convolution and directly.
"""

import argparse

import numpy as np
from sklearn.datasets import load_digits

from symdiff import layers
from symdiff.modules import Module, Wiring


def network(rng):
    def drawn(*shape, inputs):
        return rng.normal(size=shape) * np.sqrt(2.0 / inputs)

    dense = Module(layers.dense, w=drawn(72, 10, inputs=72), b=np.zeros(10))
    direct = Module(layers.dense, w=np.zeros((64, 10)), b=np.zeros(10))
    kernel = drawn(8, 1, 3, 3, inputs=9)
    return Wiring(
        maps=(Module(layers.convolution, kernel=kernel, b=np.zeros(8)), "image"),
        edges=(Module(layers.relu), "maps"),
        pooled=(Module(layers.max_pool), "edges"),
        features=(Module(layers.flatten), "pooled"),
        kept=(Module(layers.dropout, {"mask": 1.0}), "features"),
        seen=(dense, "kept"),
        pixels=(Module(layers.flatten), "image"),
        guessed=(direct, "pixels"),
        scores=(Module(layers.add), "seen", "guessed"),
        cost=(Module(layers.softmax_cross_entropy), "scores", "labels"),
    )


def accuracy(net, images, labels):
    net.modules["kept"].constants["mask"] = 1.0
    net.forward(image=images, labels=labels)
    return np.mean(np.argmax(net.values["scores"], axis=1) == labels)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=12)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    digits = load_digits()
    order = rng.permutation(len(digits.target))
    images, labels = digits.images[order][:, None] / 16.0, digits.target[order]
    cut = len(images) // 5
    net = network(rng)
    print("modules in order:", " ".join(net.order))
    print("parameters:", ", ".join(f"{n} {p.shape}" for n, p in net.parameters.items()))
    for epoch in range(options.epochs):
        costs = []
        for batch in np.array_split(cut + rng.permutation(len(images) - cut), 45):
            mask = layers.dropout_mask(rng, (len(batch), 72), 0.2)
            net.modules["kept"].constants["mask"] = mask
            costs.append(net.forward(image=images[batch], labels=labels[batch]))
            net.backward()
            net.descend(0.3 * 0.95**epoch)
        print(f"epoch {epoch + 1:2}: cost {np.mean(costs):.4f}")
    print(f"accuracy {accuracy(net, images[cut:], labels[cut:]):.4f} in training")
    print(f"accuracy {accuracy(net, images[:cut], labels[:cut]):.4f} in the test")


if __name__ == "__main__":
    main()
