"""Functions, and objects of different classes, of which the run decides."""

import copy
import functools
import math

import numpy as np
from corpus.registry import case


class Call:
    def __init__(self, strike):
        self.strike = strike

    def __call__(self, s):
        return max(s - self.strike, 0.0)

    def paid(self, s):
        return self(s) - 0.1 * self.strike


class Put:
    def __init__(self, strike):
        self.strike = strike

    def __call__(self, s):
        return max(self.strike - s, 0.0)

    def paid(self, s):
        return self(s) - 0.2 * self.strike**2


@case(1.3, 1.0)
@case(0.8, 1.0)
def object_of_one_of_two_classes(s, k):
    option = Call(k * s) if s > k else Put(k + s)
    return option(s * 1.3) * option.strike + option.paid(2 * s)


@case(1.3, 0.9)
@case(0.8, 1.1)
def object_that_is_asked_for_its_class(s, k):
    if s > k:
        option = Call(k * s)
    else:
        option = Put(k + s)
    if isinstance(option, Put):
        option.strike = option.strike * 2
    other = option.strike if type(option) is Call else option.strike**2
    return option(s) * 3 + other


@case(1.3, 0.4)
@case(-0.8, 0.4)
def function_of_two(x, y):
    f = math.sin if x > y else math.cos
    g = (lambda a: a * y) if x > 0 else abs
    h = functools.partial(pow, y) if y < x else math.exp
    return f(g(x)) * g(y) + h(2 * x)


@case(0.8, 1.1)
@case(3.0, 1.1)
@case(-2.0, 1.1)
def best_of_some_functions(x, y):
    best, chosen = -1e9, None
    for f in (math.sin, math.exp, lambda t: t * t * y):
        if f(x) > best:
            best, chosen = f(x), f
    return chosen(y * x)


class Ball:
    def __init__(self, at, radius):
        self.at, self.radius = at, radius

    def hit(self, x, slope):
        across = self.at - x
        if abs(across) > self.radius:
            return None
        return self.at - math.sqrt(self.radius**2 - across**2) * slope

    @property
    def colour(self):
        return self.radius


class Wall:
    colour = 0.3

    def __init__(self, at):
        self.at = at

    def hit(self, x, slope):
        return self.at + slope * x if slope > 0.1 else None


def nearest(shapes, x, slope):
    first, hit = math.inf, None
    for shape in shapes:
        t = shape.hit(x, slope)
        if t is not None and t < first:
            first, hit = t, shape
    return first, hit


@case(1.2, 0.4, np.array([0.0, 0.9, 1.4, 3.0]))
def nearest_shape(at, radius, xs):
    light = 0.0
    for x in xs:
        t, hit = nearest([Ball(at, radius), Wall(2.0), Ball(2 * at, radius)], x, at - 0.5)
        if hit is not None:
            light += hit.colour * t + hit.at
        t, hit = nearest([Wall(at), Ball(at, 3.5 * radius)], x, 0.05)
        light += 1.0 if hit is None else hit.colour * t
    return light


@case(1.2, 0.5, 30)
def function_that_changes_from_round_to_round(a, b, n):
    h, act, last = a, math.tanh, None
    for k in range(n):
        h = act(h * 0.9 + b)
        act = math.sin if h > 0.5 else math.cos
        if k % 7 == 3:
            last = act
    return act(h) + (0.0 if last is None else last(a))


@case(1.2, 0.5, np.array([1.1, -0.5, 2.0, 1.4]))
def objects_that_change_places(a, b, xs):
    p, q = Call(a), Put(b)
    current = p
    for x in xs:
        current.strike = current.strike * (1 + x * 0.1) + b * x
        current = q if current is p else p
        if x > 1.3:
            current = p
        p, q = q, p
        b += q(x) * p.strike
    return p.strike * q.strike + current(1.3) * b


class Linear:
    def __init__(self, k):
        self.k = k

    def of(self, u):
        return self.k * u

    def __mul__(self, other):
        return self.k * other

    def __getitem__(self, place):
        return self.k + place


class Square(Linear):
    def of(self, u):
        return super().of(u) * u + np.sum(u)

    def __getitem__(self, place):
        return self.k * place


@case(1.2, 0.5, np.array([1.1, -0.5, 2.0]))
@case(0.8, 0.5, np.array([-1.1, -0.5, 2.0]))
def arrays_by_one_of_two(a, b, xs):
    law = Square(a) if xs.sum() > 2 else Linear(b)
    g = np.tanh if a > 1 else (np.sin if b > 1 else np.exp)
    h = functools.partial(np.multiply, b * a) if xs[0] > 0 else np.square
    method = law.of if b > 0 else g
    return np.sum(method(g(law.of(xs)) * h(xs))) + law * a + law[2]


@case(0.7, 0.6)
@case(2.0, 0.6)
def changed_where_it_is_not_none(a, b):
    hit = None
    if a > 1:
        hit = Linear(a * b)
    if hit is not None:
        hit.k = hit.k * 2
    return b if hit is None else hit.k * hit.k


@case(0.7)
@case(2.0)
def copies_of_one_of_two(x):
    law = Square(x) if x > 1 else Linear(2.0 * x)
    other, both = copy.copy(law), copy.deepcopy([law, law])
    law.k = 5.0 * law.k
    both[0].k = 3.0 * both[0].k
    return other.k * law.k * both[1].k


@case(0.7)
@case(2.0)
def copies_of_what_may_be_none(x):
    law, parts = None, None
    if x > 0.5:
        law = Linear(x)
    if x > 1:
        parts = [x, x**2]
    other, held = copy.copy(law), copy.deepcopy({"law": law, "parts": parts})
    law.k = 5.0 * law.k
    if parts is not None:
        parts[0] = 7.0
    more = x if held["parts"] is None else held["parts"][0] * parts[0]
    return other.k * law.k * held["law"].k + more


@case(0.6)
@case(1.4)
def an_option_by_rounds(x, w=None):
    y = np.array([x, 2.0 * x, 3.0 * x])
    for k in range(3):
        if y[k] < -1e3:
            y[k] = y[k] * w[k]
        else:
            y[k] = y[k] ** 2
            if y[k] > 1e4:
                w = w * 2
    return y.sum()
