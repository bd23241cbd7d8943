"""Generators that run side by side, and those that are asked for one item at a time."""

from __future__ import annotations

import itertools
import math
import operator

import numpy as np

from corpus.registry import case

XS = [0.5, -1.0, 1.7, 2.2]
YS = [1.5, 0.3, -0.7]


def powers(values, k):
    for v in values:
        yield v**k


def falling(x):
    while True:
        yield x
        x = 0.6 * x + 0.1


def chaotic(x):
    while True:
        x = 3.6 * x * (1 - x)
        yield x


def sequence(a, b):
    while True:
        yield a
        a, b = b, 0.3 * a + 0.8 * b


@case(XS, YS)
def expressions_side_by_side(xs, ys):
    return sum(a * b for a, b in zip((x * x for x in xs), (math.sin(y) for y in ys)))


@case(XS, YS)
def an_expression_beside_a_map(xs, ys):
    products = map(operator.mul, (x + 1.0 for x in xs), map(math.cos, ys))
    return sum(a * a for a in products)


@case(XS, YS)
def functions_side_by_side(xs, ys):
    total = 0.0
    for a, b in zip(powers(xs, 2), powers(ys, 3)):
        total += a * b
    return total


@case(np.array(XS), np.array(YS))
def of_arrays_side_by_side(xs, ys):
    return sum(a * b for a, b in zip(powers(xs, 3), powers(ys, 2)))


@case(0.4, 1.2, 5)
def three_without_an_end(x, y, n):
    total = 0.0
    for i, a, b, c in zip(range(n), chaotic(x), sequence(x, y), falling(y)):
        total += a * b + i * c
    return total


@case(0.4, 1.2, 30)
def asked_once_in_each_round(x, y, n):
    numbers, steps = sequence(x, y), chaotic(x)
    total = 0.0
    for i in range(n):
        total += next(numbers) * math.sin(0.1 * i)
        if i % 3 == 0:
            total -= next(steps)
    return total * next(numbers)


@case(XS, 0.7)
def asked_until_the_end(xs, y):
    values = powers(xs, 2)
    total = 0.0
    while True:
        try:
            total += next(values) * y
        except StopIteration:
            break
        y = 0.5 * y + next(values, 1.0)
    return total


def without_negative(xs):
    last = 0.0
    for x in xs:
        if x < 0:
            last = x
            continue
        yield x + last


def up_to(xs, bound):
    for x in xs:
        if abs(x) > bound:
            break
        yield x
    yield 10.0


@case(XS, YS)
def with_items_left_out(xs, ys):
    total = 0.0
    for y in ys:
        for a, b in zip(without_negative(xs), up_to(ys, 1.4 - y)):
            total += a * b * y
    return total


class Vector:
    def __init__(self, x, y, z):
        self.x, self.y, self.z = x, y, z

    def __iter__(self):
        yield self.x
        yield self.y
        yield self.z

    def __add__(self, other):
        return Vector(*(a + b for a, b in zip(self, other)))

    def __mul__(self, k):
        return Vector(*(c * k for c in self))

    def dot(self, other):
        return sum(map(operator.mul, self, other))


class Point(Vector):
    def __iter__(self):
        yield from (self.x, self.y, self.z)


@case(0.4, 1.2, 20)
def objects_that_give_their_parts(x, y, n):
    v, at = Vector(x, y, 1.0), Point(0.1, 0.2, x)
    for _ in range(n):
        at = at + v * 0.1
        v = v * 0.9
    return at.dot(v) + v.dot(at)


def romberg(f, a, b, eps):
    table = []
    for n in itertools.count():
        h = (b - a) / 2**n
        if not table:
            row = [0.5 * (b - a) * (f(a) + f(b))]
        else:
            new = sum(f(a + (2 * k - 1) * h) for k in range(1, 2 ** (n - 1) + 1))
            row = [0.5 * table[-1][0] + h * new]
        for m in range(1, n + 1):
            row.append(row[m - 1] + (row[m - 1] - table[-1][m - 1]) / (4**m - 1))
        table.append(row)
        if n > 6 or (n > 2 and abs(table[-1][-1] - table[-2][-1]) < eps):
            return table[-1][-1]


@case(1.3, 0.4)
def a_table_that_grows_as_one_counts(a, b):
    return romberg(lambda x: math.exp(-a * x) * math.cos(b * x), 0.0, 2.0, 1e-9)


@case(XS, YS)
def products_of_numbered_items(xs, ys):
    product = [0.0] * (len(xs) + len(ys) - 1)
    for (i, x), (j, y) in itertools.product(enumerate(xs), enumerate(ys)):
        product[i + j] += x * y
    return sum(c * c for c in product)


@case([0.3, -0.8, 1.2, 0.5, 0.7])
@case(np.array([0.3, -0.8, 1.2, 0.5]))
def pairs_from_one_iterator(xs):
    it = iter(xs)
    total = next(it)
    for a, b in zip(it, it):
        total += a * b**2
    return total + sum(a * b * c for a, b, c in zip(*[iter(xs)] * 3))


@case(1.3)
def what_is_left_of_an_iterator(x):
    it = iter([x, 2.0 * x, 3.0, x * x, 5.0])
    pairs = list(zip(it, it))
    return sum(a * b for a, b in pairs) + sum(it)
