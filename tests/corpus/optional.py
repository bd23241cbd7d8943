"""What may be None, and loops over structure that is known."""

from __future__ import annotations

import functools
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


class Lamp:
    def __init__(self, at, power):
        self.at = at
        self.power = power

    def reach(self, x):
        """How bright it is, or None."""
        if x < self.at:
            return None
        return self.power / (1.0 + (x - self.at) ** 2)


@case([0.2, 0.5, 2.5], 1.3)
@case([1.6, 1.5, 2.5], 1.3)
def the_brightest_that_reaches(places, x):
    lamps = [Lamp(p, 1.0 + p) for p in places]
    total = 0.0
    for k in range(2):
        seen = ((b, lamp) for lamp in lamps if (b := lamp.reach(x + k * 0.1)) is not None)
        best = max(seen, key=lambda pair: pair[0], default=None)
        if best is None:
            return total + x
        bright, lamp = best
        total += bright * lamp.power
    return total


@case(0.4, 0.7)
@case(2.0, 0.7)
def reached_by_lamps_that_are_known(x, y):
    lamps = [Lamp(0.3, y), Lamp(0.9, x)]
    total = x
    for k in range(2):
        seen = [(b, lamp) for lamp in lamps if (b := lamp.reach(x + k)) is not None]
        if not seen:
            break
        bright, lamp = min(seen, key=lambda pair: pair[0])
        total += bright * lamp.power
    return total


@case([0.3, 1.2, 0.8])
@case([-0.3, 1.2, 0.8])
def one_of_the_lamps(places):
    lamps = [Lamp(p, p * p) for p in places]
    found = None
    if places[0] > 0:
        found = lamps[int(places[1]) % len(lamps)]
    return found.power * 3 if found is not None else places[2]


@case([[0.3, 1.2], [0.7, 0.8]])
@case([[-0.3, 1.2], [0.7, 0.8]])
def one_of_the_rows(rows):
    found = None
    if rows[0][0] > 0:
        at = int(rows[0][1]) % len(rows)
        found = rows[at]
    return found[0] * found[1] if found else rows[1][1]


@case(1.5)
@case(-1.5)
def functions_if_positive(x):
    if x > 0:
        y = x * 3
        d = {"a": lambda k, y=y: y * k, "b": functools.partial(math.pow, y * y)}
    else:
        d = None
    return d["a"](2.0) + d["b"](3.0) if d else x


@case(1.5, 3)
@case(-1.5, 3)
def a_function_if_any(x, n):
    wave = None
    for k in range(n):
        if x > k:
            y = x * (k + 1)
            wave = lambda a, y=y: a * math.sin(y)
    return wave(2.0) if wave else x * x


@case(1.5)
@case(0.5)
def a_function_or_none(x):
    def pick(k):
        if x > 1 + k:
            return lambda a: a * x
        if x > k:
            return lambda a: a * x * x
        return None

    total = 0.0
    for k in range(3):
        f = pick(k)
        if f is None:
            break
        total += f(k + 1.0)
    return total


@case([0.5, 1.2, 2.3])
@case([-0.5, 1.2, 2.3])
@case([0.5, 1.2, -2.3])
def a_list_if_any(xs):
    above = None
    for k in range(3):
        if xs[0] > k or xs[1] > 1:
            above = [x * x + k for x in xs if x > k]
    if not above:
        return xs[1]
    return above[0] * 3
