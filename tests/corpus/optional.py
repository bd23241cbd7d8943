"""What may be None, and loops over structure that is known."""

from __future__ import annotations

import math

from corpus.registry import case


def refract(x, n):
    s = x * n
    if s > 1.0:
        return None
    return s, math.sqrt(1 - s * s)


@case(0.5, 1.2)
@case(0.9, 1.2)
def lens(x, n):
    b = refract(x, n)
    if b is None:
        return x * 0.5
    a, c = b
    return a * c + b[0]


@case(1.2, 0.7)
def rec(x, y):
    log = {"t": 0.0}

    def record(v):
        if v < 0:
            return
        log["t"] += v

    for k in range(3):
        record(x - k * y)
    return log["t"] * x


class R:
    def __init__(self, a, b):
        self.a = a
        self.b = b


def find(x, y):
    if x > y:
        return R(x, y)
    if x < 0:
        return None
    return R(y, x * x)


@case(1.2, 0.7)
@case(0.2, 0.7)
@case(-0.2, 0.7)
def maybe_obj(x, y):
    r = find(x, y)
    if r:
        r.a *= 2
        return r.a * r.b
    return y


@case(1.2, 6)
def maybe_loop(x, n):
    t = 0.0
    for i in range(n):
        b = refract(x * i * 0.3, 1.1)
        if b is None:
            break
        t += b[0] * b[1]
    return t


def late(x):
    if x > 1:
        return x * x


@case(1.2)
@case(0.2)
def uses_late(x):
    v = late(x)
    return 3 * x if v is None else v


class Node:
    def __init__(self, value, next=None):
        self.value = value
        self.next = next


@case(1.2, 0.7)
def linked(x, y):
    node = Node(x, Node(y, Node(x * y)))
    t, k = 0.0, 1
    while node is not None:
        t += k * node.value
        node = node.next
        k += 1
    return t


@case(1.2)
def nested_tuple(x):
    acc = ()
    for k in range(4):
        acc = acc + (x * k,)
    return sum(acc) * len(acc)


@case(1.2)
def objlist(x):
    bs = []
    for k in range(4):
        bs.append(R(x * k, x))
    return sum(b.a * b.b for b in bs)


@case(1.2, 0.7)
def which(x, y):
    best = None
    for p in [R(x, y), R(y, x)]:
        if best is None or p.a > best.a:
            best = p
    return best.a * best.b**2
