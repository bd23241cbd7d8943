"""Sets of whole numbers: what is free, seen and left."""

import numpy as np

from corpus.registry import case, draw

U = draw(5)
KEYS = np.array([3, 1, 3, 2, 1])


@case(draw(4, low=1.0), 10.0, [0])
def what_is_not_fixed(stiffness, load, fixed):
    n = len(stiffness) + 1
    matrix = np.zeros((n, n))
    for k, value in enumerate(stiffness):
        matrix[np.ix_([k, k + 1], [k, k + 1])] += value * np.array([[1, -1], [-1, 1]])
    free = list(set(range(n)) - set(fixed))
    u = np.zeros(n)
    u[free] = np.linalg.solve(matrix[np.ix_(free, free)], np.full(len(free), load))
    return u @ u


@case(U, [3, 1, 3, 2, 1])
@case(U, KEYS)
def sets_made_alike(u, keys):
    first, last = set(keys[:2]), set(keys[1:])
    both, more = first | last, first | last
    more.add(9)
    left = both - {1}
    left ^= {7, 3}
    return u[0] ** len(both) + u[1] ** len(more) + u[2] ** len(left & last)


@case(1.3, [3, 1, 3])
def sets_changed_by_other_names(x, keys):
    def grow(more):
        more |= set(keys)

    seen = set(keys[:1])
    same = seen
    same |= {5}
    first = len(seen)
    grow(seen)
    same -= {3}
    return x**first + x ** len(seen) + x * len(seen.union(keys))


@case(U, {0: [1, 2], 1: [3], 2: [3], 3: [0], 4: []}, argnums=(0,))
def fronts_of_sets(u, edges):
    seen, front, total = {0}, {0}, 0.0
    while front:
        total = total * 1.1 + sum(u[k] ** (k + 1) for k in sorted(front))
        front = {j for k in front for j in edges[k]} - seen
        seen |= front
    return total * len(seen) + sum(u[k] for k in set(range(len(u))) - seen)


@case(1.3, 3)
def sets_filled_by_recursions(x, n):
    def fill(k, seen):
        if x * k > n:
            return k
        seen.add(k)
        return fill(k + 1, seen)

    seen = set()
    before = len(seen)
    end = fill(1, seen)
    return x ** len(seen) * end + before * x


@case(1.3, KEYS)
def text_that_the_run_writes(x, keys):
    text = ""
    for key in keys:
        text += str(int(key))
    total = x ** text.count("1") + x * text.find("2")
    return total + (x * x if text.startswith("31") else 0.0)


@case(1.3, {2, 5}, argnums=(0,))
def a_set_of_the_callers(x, given):
    seen = set(given)
    seen.add(7)
    return x ** len(seen) + x * len(given.union([5, 6]))


EDGES = {(0, 1), (1, 2), (2, 0)}
POWERS = frozenset({1, 2, 5})
STEPS = {-0.5, 1.5}
NEXT = {0: {1, 2}, 1: {2}, 2: set()}


@case(2.0, {1, 2, 3}, frozenset({4, -1}))
def sets_that_are_given(x, ks, ms):
    total = sum(x**k for k in ks)
    for m in ms:
        total += x * m
    for k in ks | {7}:
        total += x * k
    return total


@case(np.array([0.4, 0.7, -0.3]))
def sets_of_the_module(u):
    total = 0.0
    for a, b in EDGES:
        total += u[a] * u[b] ** 2
    for k in NEXT:
        for j in NEXT[k]:
            total += u[k] * u[j]
    for step in STEPS:
        total += (u[0] + step) ** 3
    return total + sum(u[1] ** k for k in POWERS) + max(POWERS) * u[2]


@case(2.0, 3)
@case(2.0, np.int64(4))
def sets_of_constants_in_a_loop(x, n):
    total = 0.0
    odd = {1}
    odd |= {3, 7}
    for i in range(n):
        for k in frozenset((1, 2)):
            total += x * k * i
        for k in {-1, 5, 100}:
            total += x / k
        if i in odd:
            total += x**i
    return total
