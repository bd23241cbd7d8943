"""What is None before a loop and something else after a round; keys set in rounds."""

from __future__ import annotations

import math

import numpy as np

from corpus.registry import case


class Item:
    def __init__(self, x):
        self.x = x
        self.y = 0.0


@case(1.3, 5)
def best_tuple(x, n):
    best = None
    for k in range(n):
        f = (x - k) ** 2
        if best is None or f < best[0]:
            best = (f, x * k)
    return best[0] + best[1]


@case(1.3, 6)
@case(1.3, 0)
def best_of_many(x, n):
    items = [Item(math.sin(x * i)) for i in range(n)]
    top = None
    for item in items:
        if top is None or item.x > top.x:
            top = item
    if top is None:
        return x
    top.y += x
    return top.x * top.y + sum(item.y * item.x for item in items)


@case(1.3, 6)
def best_object(x, n):
    top = None
    for i in range(n):
        item = Item(math.sin(x * i))
        item.y = x * i
        if top is None or item.x > top.x:
            top = item
    return top.x * top.y


@case(np.array([1.3, 0.4]), 6)
def best_array(x, n):
    top = None
    for i in range(n):
        v = np.sin(x * i)
        if top is None or v.sum() > top[1]:
            top = (v, v.sum(), "tag")
    v, s, _ = top
    return (v * v).sum() * s


@case(1.3, 6)
def previous_dict(x, n):
    previous = None
    s = 0.0
    for i in range(n):
        current = {"a": x * i, "b": i}
        if previous is not None:
            s += (current["a"] - previous["a"]) * previous["b"]
        previous = current
    return s


@case(1.3, 6)
def previous_item_of_a_list(x, n):
    previous = None
    items = []
    for i in range(n):
        item = Item(x * i)
        if previous is not None:
            previous.y = item.x
        items.append(item)
        previous = item
    return sum(item.x * item.y for item in items)


@case(1.3, 16)
def runs_that_end(x, n):
    run = None
    s = 0.0
    for i in range(n):
        v = math.sin(x * i)
        if v > 0:
            if run:
                run = (run[0] + v, run[1] + 1)
            else:
                run = (v, 1)
        elif run is not None:
            s += run[0] / run[1]
            run = None
    return s + (run[0] if run is not None else 0.0)


@case(1.3, 6)
@case(1.3, 1)
def first_hit(x, n):
    hit = None
    k = 0
    while k < n and hit is None:
        v = math.cos(x * k)
        if v < 0:
            hit = (k, v)
        k += 1
    if hit is None:
        return x
    return hit[0] * hit[1]


@case(1.3, 4)
def best_in_two_loops(x, n):
    best = None
    for i in range(n):
        for j in range(n):
            f = (x * i - j) ** 2 + x
            if best is None or f < best["f"]:
                best = {"f": f, "at": (i, j)}
    return best["f"] * best["at"][0]


class Model:
    def __init__(self, w):
        self.w = w

    def step(self, x):
        self.h = self.w * x
        self.cache = (x, self.h)
        return math.tanh(self.h)

    def last(self):
        return self.cache[0] * self.h


@case(1.3, 0.2, 5)
def attributes_set_by_a_method(w, x, n):
    model = Model(w)
    s = 0.0
    for i in range(n):
        s += model.step(x + i)
    return s + model.last()


@case(1.3, 5)
def keys_set_in_rounds(x, n):
    d = {}
    s = 0.0
    for k in range(n):
        d["a"] = x * k
        d["b"] = d["a"] ** 2
        s += d["a"] + d["b"]
    return s * d["b"]


@case(np.array([1.3, 0.2]), 4)
def array_set_in_rounds(x, n):
    d = {}
    for k in range(n):
        d["v"] = np.sin(x * k)
        d["v"][0] += 1.0
    return d["v"].sum()


@case(1.3, 4)
def keys_set_in_two_loops(x, n):
    d = {}
    for i in range(n):
        for k in range(n):
            d["v"] = x * k + i
        d["w"] = d["v"] * x
    return d["v"] * d["w"]
