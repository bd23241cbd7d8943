"""Names that a loop assigns first, and not in every round: they keep what the last round
that assigned them left."""

from __future__ import annotations

import math

import numpy as np

from corpus.registry import case

POINTS = np.array([1.1, 0.5, 1.2, 0.7])


@case(POINTS, [1, 3, 2])
def after_continue(x, sizes):
    total = 0.0
    for n in sizes:
        if n == 2:
            continue
        z = x * n
        total += np.sum(np.sin(z))
    return total + np.sum(z**2)


@case(POINTS, [1, 2, 3, 7])
@case(POINTS, [1, 2, 4, 7])
def after_break(x, sizes):
    total = 0.0
    for n in sizes:
        if n == 7:
            break
        z = x * n
        total += np.sum(np.sin(z))
        if n == 4:
            break
    return total + np.sum(z**2)


@case(POINTS, 3)
def after_endless_loop(x, n):
    while True:
        if n == 7:
            break
        z = x * n
        n += 1
    return np.sum(z**2)


@case(1.5, 4)
@case(POINTS, 4)
def after_branches(x, n):
    for k in range(n):
        if k == 0:
            z = x * 2
        elif k == 1:
            z = x * 3
    return np.sum(z**2)


@case(1.0, 6)
@case(POINTS, 6)
def read_in_rounds(x, n):
    total = 0.0
    for k in range(n):
        if k % 2 == 0:
            z = x * k
        total += np.sum(z * k)
    return total


@case(1.5, 4)
@case(POINTS, 4)
def first_round_apart(x, n):
    for k in range(n):
        if k == 0:
            z = x * 2
        else:
            z = z * x
    return np.sum(z)


@case(1.5, 6)
def numbers_of_rounds(x, n):
    total = 0.0
    for k in range(n):
        if k == 0:
            w = 1.0
        if k == 3:
            w = 2.0
        total += w * x
    return total * w


@case(1.5, 6)
def places_of_rounds(x, n):
    total = 0.0
    for k in range(n):
        if k % 2 == 0:
            last = k
        total += x**last
    return total


@case(1.5, 6)
def pairs_of_rounds(x, n):
    total = 0.0
    for k in range(n):
        if k % 2 == 0:
            a, b = x * k, x**2
        total += a * b
        a, b = b, a
    return total


@case(1.5, 7)
def lists_of_rounds(x, n):
    total = 0.0
    for k in range(n):
        if k % 3 == 0:
            held = []
        held.append(x * k)
        total += sum(held) ** 2
    return total


@case(1.5, 4)
def list_after_rounds(x, n):
    for k in range(n):
        if k < 2:
            held = []
        if k < 2:
            held.append(x * k)
    return sum(held)


@case(1.5, 7)
def dicts_of_rounds(x, n):
    total = 0.0
    for k in range(n):
        if k % 3 == 0:
            held = {"a": x, "b": 1.0}
        held["a"] = held["a"] * x + held["b"]
        total += held["a"]
    return total


class Item:
    def __init__(self, a):
        self.a = a

    def times(self, factor):
        self.a = self.a * factor
        return self


@case(1.5, 6)
def objects_of_rounds(x, n):
    for k in range(n):
        if k == 0:
            item = Item(x)
        else:
            item = item.times(x + k)
    return item.a


@case(POINTS, 7)
def arrays_of_rounds(x, n):
    total = 0.0
    for k in range(n):
        if k % 3 == 0:
            held = x[:2].copy()
        held *= x[2]
        total += np.sum(held**2)
    return total + held[0]


@case(1.5, 6)
def functions_of_rounds(x, n):
    total = 0.0
    for k in range(n):
        if k == 0:
            f = math.sin
        total += f(x * k)
    return total


@case(POINTS, 4)
def inner_loop_without_rounds(x, n):
    for i in range(n):
        for j in range(n - i - 1):
            z = x * (i + j)
    return np.sum(z)


@case(1.1, 5)
def read_in_inner_loops(x, n):
    total = 0.0
    for i in range(n):
        if i == 0:
            c = x
        for j in range(i):
            total += c * j
        if i % 2:
            c = c * x
    return total + c


@case(1.1, 4)
def set_in_inner_loops(x, n):
    total = 0.0
    for i in range(n):
        for j in range(n):
            if i == j:
                d = x * i
            for k in range(2):
                if k == 1 and j > i:
                    d = d * x
                total += d
    return total


@case(2.5, 5)
def after_errors(x, n):
    total = 0.0
    for i in range(n):
        try:
            v = math.log(x - i)
        except ValueError:
            v = v * 2
        total += v
    return total


@case(2.5, 5)
def kept_after_errors(x, n):
    for i in range(n):
        try:
            v = math.log(x - i)
        except ValueError:
            pass
    return v


@case(np.linspace(-1.0, 1.0, 20), np.array([[0.5, -0.4], [0.3, 0.8]]), [(2, 4), (4, 2)])
def layers_of_other_sizes(w, x, shapes):
    for m, n in shapes:
        weights = w[: m * n].reshape((m, n))
        w = w[m * n :]
        out = x @ weights
        x = np.tanh(out)
    return np.sum(out**2)


@case(POINTS, [1, 3], argnums=(0,))
@case(POINTS, [3, 1], argnums=(0,))
def slices_of_other_lengths(x, sizes):
    total = 0.0
    for n in sizes:
        z = x[:n] * 2
        total += np.sum(np.sin(z))
    return total + np.sum(z**2)


@case(POINTS, [3, 2, 1], argnums=(0,))
def lengths_of_inner_loops(x, sizes):
    total = 0.0
    for n in sizes:
        for m in range(1, n + 1):
            z = x[:m] * n
            total += np.sum(np.sin(z))
        total = total * z[0]
    return total + np.sum(z**2)


@case(POINTS, 4)
def two_names_from_one_round(x, n):
    for k in range(n):
        if k % 2 == 0:
            a = np.zeros(3) + x[0]
            b = (a, 2.0)
        else:
            a[1] += x[1]
    return np.sum(a**2) + np.sum(b[0]) * b[1]


@case(POINTS, 4)
def named_again_in_one_round(x, n):
    w = x * 2
    a = x * 3
    for k in range(n):
        if k == 0:
            a = w
        else:
            a[0] += x[1]
    return np.sum(a * w)
