"""Lists in a random order, by the draws that the library takes."""

import random

__all__ = ["shuffle"]


def shuffle(x):
    for i in range(len(x) - 1, 0, -1):
        j = random.randrange(i + 1)
        x[i], x[j] = x[j], x[i]


def shuffled_by(rng, x):
    """`rng.shuffle(x)` of Python's generators."""
    for i in range(len(x) - 1, 0, -1):
        j = rng.randrange(i + 1)
        x[i], x[j] = x[j], x[i]


def permuted_by(rng, x):
    """`rng.shuffle(x)` of NumPy's generators."""
    x[:] = [x[p] for p in rng.permutation(len(x))]
