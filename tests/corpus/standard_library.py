"""Heaps, statistics, text and other helpers of Python's library."""

from __future__ import annotations

import collections
import heapq
import statistics

import numpy as np

from corpus.registry import case


@case([3.0, 1.0, 2.0, 5.0])
def merged_by_a_heap(xs):
    heap = list(xs)
    heapq.heapify(heap)
    cost = 0.0
    while len(heap) > 1:
        a = heapq.heappop(heap)
        b = heapq.heappop(heap)
        cost += a * b
        heapq.heappush(heap, a + b)
    return cost


@case([3.0, 1.0, 2.0, 5.0, 0.5])
def kept_by_a_heap(xs):
    heap = []
    for x in xs:
        if len(heap) < 3:
            heapq.heappush(heap, x)
        elif x > heap[0]:
            heapq.heapreplace(heap, x)
    low = heapq.heappushpop(heap, 2.5)
    return heap[0] * 3.0 + sum(v * v for v in heap) * low


@case([3.0, 1.0, 2.0, 5.0])
def largest_and_smallest(xs):
    return heapq.nlargest(2, xs)[1] * heapq.nsmallest(1, xs)[0] + sum(
        heapq.nlargest(3, xs, key=lambda x: -x)
    )


@case([1.0, 4.0, 5.0, 1.5])
def shortest_way(weights):
    roads = {0: [(1, 0), (2, 1)], 1: [(3, 2)], 2: [(3, 3)], 3: []}
    best = [1e9] * 4
    best[0] = 0.0
    todo = [(0.0, 0)]
    while todo:
        length, place = heapq.heappop(todo)
        if length > best[place]:
            continue
        for start in range(4):
            if start == place:
                for end, road in roads[start]:
                    if length + weights[road] < best[end]:
                        best[end] = length + weights[road]
                        heapq.heappush(todo, (best[end], end))
    return best[3] ** 2


@case([3.0, 1.0, 2.0, 5.0], [0.5, 1.5, 0.2, 2.2])
def means_and_spreads(xs, ys):
    spread = statistics.stdev(xs) * statistics.pvariance(xs) + statistics.variance(ys)
    means = statistics.mean(xs) * statistics.fmean(ys) + statistics.harmonic_mean(xs)
    return spread + means + statistics.median(xs) + statistics.pstdev(x * x for x in xs)


@case([3.0, 1.0, 2.0], [0.5, 1.5, 0.2])
def means_of_two_sequences(xs, ys):
    both = statistics.covariance(xs, ys) + statistics.correlation(xs, ys)
    return both + statistics.geometric_mean(xs) * statistics.fmean(xs, weights=ys)


@case(1.3)
def words_of_a_formula(x):
    stack = []
    for word in "x 2 * x -x + *".split():
        if word.startswith("-"):
            stack.append(-x)
        elif word == "x":
            stack.append(x)
        elif word.isdigit():
            stack.append(float(word))
        else:
            b, a = stack.pop(), stack.pop()
            stack.append(a * b if word == "*" else a + 2.0 * b)
    (result,) = stack
    return result


@case([3.0, 1.0, 2.0, 5.0])
def rotated(xs):
    ring = collections.deque(xs, maxlen=4)
    ring.rotate(1)
    ring.appendleft(2.0 * ring[0])
    return sum(k * x * x for k, x in enumerate(ring))


@case(1.3)
def keys_from_text(x):
    table = dict.fromkeys("abc", 0.5)
    table["b"] = x
    parameters = {str(k): x * k for k in range(3)}
    total = sum(parameters[name] for name in sorted(parameters, reverse=True))
    return total * table["a"] * table["b"]


@case(np.array([3.0, 1.0, 2.0, 5.0]), 2)
def sorted_by_first(u, n):
    def ordered(xs):
        if len(xs) <= 1:
            return xs
        first, *rest = xs
        low = [x for x in rest if x < first]
        high = [x for x in rest if x >= first]
        return ordered(low) + [first] + ordered(high)

    *start, last = ordered([x * x for x in u])
    return sum(k * x for k, x in enumerate(start)) - last


@case([[1.0, 2.0], [4.0, 3.0]])
def place_of_the_largest(rows):
    total = 0.0
    for i in range(len(rows)):
        j = max(range(i, len(rows)), key=lambda k: abs(rows[k][i]))
        total += rows[j][i] ** 2
    return total


@case(0.4, 1.7)
def arrays_made_otherwise(a, b):
    u = np.ndarray((3,), dtype=np.float64)
    u[:] = np.linspace(a, b, 3, dtype=np.float64)
    return np.sum(u**2)


@case([3.0, 1.0, 2.0])
def places_in_a_list(xs):
    best = xs.index(max(xs))
    order = sorted(range(len(xs)), key=xs.__getitem__)
    return xs[best] * xs[best - 1] + xs[order[0]] * xs.count(xs[0])


@case({"b": 3.0, "a": [1.0, 2.0]})
def sorted_pairs(parts):
    total = 0.0
    for name, part in sorted(parts.items(), reverse=True):
        total = total * 2.0 + (sum(v * v for v in part) if name == "a" else part)
    return total


def total_of(iterable, factor):
    return sum(a * b * factor for a, b in iterable)


def one_after_another(first, second):
    total = 0.0
    for a in first:
        total += a
    for b in second:
        total = total * b + a
    return total


@case([1.0, 2.0], [3.0, 4.0], 2.0)
def iterators_as_arguments(xs, ys, factor):
    together = total_of(zip(xs, ys), factor) + total_of(enumerate(xs, 1), factor)
    return together + one_after_another(reversed(xs), (y * y for y in ys))


def mapped(function, tree):
    if isinstance(tree, dict):
        return {key: mapped(function, value) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return type(tree)(mapped(function, value) for value in tree)
    return function(tree)


def leaves(tree):
    if isinstance(tree, dict):
        return [leaf for key in sorted(tree) for leaf in leaves(tree[key])]
    if isinstance(tree, (list, tuple)):
        return [leaf for value in tree for leaf in leaves(value)]
    return [tree]


@case({"a": [1.0, 2.0], "b": (3.0, {"c": 4.0})})
def leaves_of_a_mapped_tree(tree):
    squares = mapped(lambda x: x**2, tree)
    return sum(k * x for k, x in enumerate(leaves(squares)))
