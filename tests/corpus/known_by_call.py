"""Programs for which the integers and lengths of a call must be known: keys, numbers of
items, and objects that a loop grows."""

from __future__ import annotations

import collections
import math

import numpy as np

from corpus.registry import case


class Leaf:
    def __init__(self, value, next=None):
        self.value = value
        self.next = next


@case({"W0": 0.3, "W1": -0.7, "W2": 1.1}, 3)
def parameters_by_number(parameters, count):
    x = 1.0
    for k in range(count):
        x = np.tanh(parameters[f"W{k}"] * x)
    return x


@case([[1.0, 2.0], [3.0, 4.0], [-1.0, 0.5]], [[0.5, 0.6, 0.2], [0.7, 0.8, -0.3]])
def product_of_columns(a, b):
    c = [[sum(x * y for x, y in zip(row, column)) for column in zip(*b)] for row in a]
    return sum(map(sum, c)) + max(max(row) for row in c)


@case([3.0, 1.0, 2.0, 5.0])
def starred_argument(xs):
    first, *middle, last = xs
    p, q = middle[::-1]
    return first * p - q * last


@case([[1.0, 2.0], [3.0, 4.0]])
def determinant_by_minors(m):
    def det(a):
        if len(a) == 1:
            return a[0][0]
        signs = [(-1) ** j for j in range(len(a))]
        minors = [[row[:j] + row[j + 1 :] for row in a[1:]] for j in range(len(a))]
        return sum(s * x * det(minor) for s, x, minor in zip(signs, a[0], minors))

    return det([[*row, 1.0] for row in m] + [[1.0, 0.0, 2.0]])


@case(np.array([[0.0, 0.0], [1.1, 0.0], [0.0, 1.2], [1.0, 1.0]]), 1.5)
def neighbour_lists(positions, cutoff):
    count = len(positions)
    near = {i: [] for i in range(count)}
    for i in range(count):
        for j in range(i + 1, count):
            if np.linalg.norm(positions[i] - positions[j]) < cutoff:
                near[i].append(j)
    energy = 0.0
    for i, others in near.items():
        for j in others:
            inverse = 1.0 / np.sum((positions[i] - positions[j]) ** 2) ** 3
            energy += inverse * inverse - inverse
    return energy


@case([5.0, 3.0, 2.0])
def object_that_gets_another(xs):
    head = None
    for x in xs:
        if head is None:
            head = Leaf(x)
        else:
            head.next = Leaf(x * head.value)
    return head.value + (head.next.value if head.next is not None else 0.0)


@case(np.array([1.5, -2.0, 0.5]))
def groups_of_an_array(u):
    groups = collections.defaultdict(list)
    for k, x in enumerate(u):
        groups[k % 2].append(x * x)
    return sum(np.prod(group) for group in groups.values())


@case(np.array([1.5, -2.0, 0.5]), np.array([0.5, 1.0, 2.0]))
def keys_that_a_branch_picks(u, v):
    sums = {"even": 0.0, "odd": 1.0}
    for k, (x, y) in enumerate(zip(u, v)):
        sums["even" if k % 2 == 0 else "odd"] += x * y
    return sums["even"] * sums["odd"]


@case([1.5, 2.2, 3.1, 0.7], [1, 2, 3, 1], 4)
def knapsack_that_remembers(values, weights, capacity):
    known = {}

    def best(i, room):
        if i == len(values):
            return 0.0
        if (i, room) in known:
            return known[i, room]
        value = best(i + 1, room)
        if weights[i] <= room:
            value = max(value, values[i] + best(i + 1, room - weights[i]))
        known[i, room] = value
        return value

    return best(0, capacity) ** 2


@case(1.0, 0.7, 0.3)
def distance_of_words(gap, other, softness):
    first, second, found = "kitten", "sitting", {}

    def distance(i, j):
        if (i, j) in found:
            return found[i, j]
        if i == 0 or j == 0:
            cost = max(i, j) * gap
        else:
            changed = 0.0 if first[i - 1] == second[j - 1] else other
            ways = [distance(i - 1, j) + gap, distance(i, j - 1) + gap]
            ways.append(distance(i - 1, j - 1) + changed)
            cost = -softness * math.log(sum(math.exp(-w / softness) for w in ways))
        found[i, j] = cost
        return cost

    return distance(len(first), len(second))


@case([[2.0, 0.3, 0.1], [0.4, 1.5, 0.05], [0.1, 0.2, 1.1]])
def reads_rows_that_are_known_by_then(rows):
    n = len(rows)

    def permanent(i, used):
        if i == n:
            return 1.0
        free = (j for j in range(n) if not used >> j & 1)
        return sum(rows[i][j] * permanent(i + 1, used | 1 << j) for j in free)

    columns = tuple(map(tuple, zip(*rows)))
    return permanent(0, 0) + columns[0][1]
