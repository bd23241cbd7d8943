"""Gradients as the solution of a triangular system, and how three programs fill it."""

import math
import sys
from pathlib import Path

import numpy as np
from equations import network

from symdiff import system


def chain(x, n):
    for _ in range(n):
        x = math.sin(x)
    return x


def layer(weight, *earlier):
    return np.tanh(weight * sum(earlier))


def dense_block(x, w):
    """Every layer reads all earlier ones."""
    a = layer(w[0], x)
    b = layer(w[1], x, a)
    c = layer(w[2], x, a, b)
    d = layer(w[3], x, a, b, c)
    return np.sum(layer(w[4], x, a, b, c, d))


def main():
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(2, 3)), rng.normal(size=(3, 2))
    point = np.array([0.5, -0.2]), np.array([0.0, 1.0])
    inputs = rng.normal(size=4), rng.normal(size=5)
    systems = {
        "a chain": system(chain)(0.5, 8),
        "a network of two layers": system(network)(*point, *weights),
        "a densely connected block": system(dense_block)(*inputs),
    }
    for title, found in systems.items():
        print(f"{title}: {len(found)} rows, {found.A.nnz} entries\n")
        print(found.triangle(), end="\n\n")
        for method in ("back-substitution", "sparse", "dense", "least-squares-check"):
            gap = max(gap for _, gap in found.check(method=method))
            print(f"{method:<20} differs from the generated code by {gap:.0e} at most")
        print()
        if len(sys.argv) > 1:  # a folder for pictures
            file = Path(sys.argv[1]) / f"{title.split()[-1]}.svg"
            file.write_text(found.svg(), encoding="utf-8")
    print(systems["a network of two layers"].lagrangian)


if __name__ == "__main__":
    main()
