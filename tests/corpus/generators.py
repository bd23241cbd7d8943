"""Generator functions, generator expressions, iterators, and what consumes them."""

from __future__ import annotations

import functools
import itertools
import math
import operator

import numpy as np

from corpus.registry import case

XS = [0.5, -1.0, 1.7, 2.2]


def series(start, count):
    for j in range(count):
        yield start * (j + 1)
        start = math.sin(start)


def three(x):
    yield x
    yield x * x
    yield math.sin(x)


def forever(x):
    while True:
        yield x
        x = x * 0.9 + math.sin(x)


@case(0.7, 4)
def a_loop_over_a_generator(x, n):
    s = 0.0
    for v in series(x, n):
        s += v * v
    return s


@case(0.7)
def left_before_a_later_yield(x):
    s = 1.0
    for v in three(x):
        if v < 0.6:
            break
        s *= v + 1
    else:
        s *= 2 * x
    return s


@case(0.7)
def a_generator_without_an_end(x):
    s = 0.0
    for v in forever(x):
        s += v
        if s > 6:
            break
    return s * x


@case(0.7)
def a_return_out_of_a_generator_without_an_end(x):
    for v in forever(x):
        if v > 1.1:
            return v * x


@case(0.7, 3)
def generators_that_delegate(x, n):
    def whole():
        yield from series(x, n)
        yield x
        yield from three(x)
        yield from [x, 2 * x]

    s = 0.0
    for i, v in enumerate(whole(), 1):
        s += i * v
    return s


@case(0.7, 4)
def what_a_generator_returns(x, n):
    def adding(total):
        for v in series(x, n):
            total += v
            yield v
        return total

    def run():
        total = yield from adding(1.0)
        yield total * total

    return sum(run())


@case(0.7, 4)
def zipped_with_a_range(x, n):
    s = 0.0
    for k, v in zip(range(n), forever(x)):
        s += k * v
    for v, k in zip(forever(x), range(2, n)):
        s += k * v * v
    return s


@case(0.7)
def a_generator_expression_is_lazy_and_runs_once(x):
    scale = x
    scaled = (scale * k for k in range(1, 4))
    scale = x * x
    first = sum(scaled)
    return first + 10 * sum(scaled)


@case(0.7, XS)
def a_zip_runs_once(x, xs):
    pairs = zip(xs, xs[1:])
    a = sum(p * q for p, q in pairs)
    b = sum(p for p, q in pairs)
    return a * x + b


@case(0.7, XS)
def continue_in_both(x, xs):
    def positive():
        for v in xs:
            if v < 0:
                continue
            yield v * x

    s = 0.0
    for w in positive():
        for u in positive():
            if u > 2.0:
                break
            if w > u:
                continue
            s += w * u
    return s


class Box:
    def __init__(self, items):
        self.items = items

    def __iter__(self):
        for v in self.items:
            yield v * 2


class Decay:
    def __init__(self, count, x):
        self.count = count
        self.x = x

    def __iter__(self):
        return self

    def __next__(self):
        if self.count == 0:
            raise StopIteration
        self.count -= 1
        self.x = math.sin(self.x)
        return self.x


@case(0.7, XS)
def objects_that_are_iterated_over(x, xs):
    s = 0.0
    for v in Box(xs):
        s += v * x
    for i, v in enumerate(Decay(3, x)):
        s += v * i
    return s + sum(Decay(2, x)) + sum(Box([x, x * x]))


@case(0.7)
def a_finally_runs_when_the_loop_is_left(x):
    log = []

    def counting():
        try:
            for k in range(5):
                yield x * k
        finally:
            log.append(x * 10)

    s = 0.0
    for v in counting():
        s += v
        if v > 1:
            break
    return s + log[0]


@case(0.7, 5)
def slices_and_takewhile(x, n):
    s = sum(itertools.islice(forever(x), n))
    s += sum(v for v in itertools.islice(forever(x), 1, n, 2))
    return s + sum(itertools.takewhile(lambda v: v < 1.2, forever(x))) * x


@case(0.7, 5)
def filtered_when_the_program_runs(x, n):
    s = 0.0
    for v in filter(lambda v: v > 0.3, series(x, n)):
        s += v * v
    for v in itertools.dropwhile(lambda v: v < 1.0, series(x, n)):
        s += v
    return s


@case(0.7, 4)
def accumulated(x, n):
    s = 0.0
    for v in itertools.accumulate(series(x, n)):
        s += v * v
    for v in itertools.accumulate(series(x, n), operator.mul):
        s += v
    for v in itertools.accumulate(series(x, n), lambda a, b: a * b + x, initial=x):
        s += v
    for a, b in itertools.pairwise(series(x, n)):
        s += (b - a) ** 2
    return s


@case(0.7, 4)
def chained(x, n):
    s = sum(itertools.chain(series(x, n), three(x), [x, 2 * x]))
    s += sum(itertools.chain.from_iterable([[x, x * x], three(x)]))
    return s + sum(a * v for a, v in zip(itertools.count(1), series(x, n)))


@case(0.7, XS)
def the_first_item_apart(x, xs):
    it = iter(xs)
    first = next(it)
    s = first * x
    for v in it:
        s += (v - first) * v
    return s


@case(0.7)
def items_one_by_one(x):
    g = three(x)
    a = next(g)
    b = next(g)
    h = forever(x)
    c = next(h) + next(h)
    for k in range(4):
        c += k * next(h)
    return a * b + sum(g) * c


@case(0.7, XS)
def the_first_that_is_large(x, xs):
    first = next((v * x for v in xs if v > 1.0), 0.5)
    other = next((v * x for v in xs if v > 100.0), x * x)
    return first * other


@case(0.7, 4)
def lists_and_arrays_of_what_is_yielded(x, n):
    out = []
    out.extend(series(x, n))
    out += [0.5]
    a = np.array(list(series(x, n)))
    folded = functools.reduce(lambda p, q: p * q + 1, series(x, n), x)
    s, t, u = three(x)
    named = {k: v * x for k, v in enumerate(three(x))}
    s += sum(v * 2 for v in [v for v in series(x, n) if v > 0.1])
    return sum(out) * out[1] + a.sum() * a[2] + folded + s * t - u + named[1] * named[2]


@case(0.7)
def a_generator_that_calls_itself(x):
    def leaves(depth, v):
        if depth == 0:
            yield v
            return
        yield from leaves(depth - 1, v * 0.5)
        yield from leaves(depth - 1, math.sin(v))

    return sum(v * v for v in leaves(3, x))


@case(0.7, 4)
def any_and_all_stop_early(x, n):
    seen = []

    def noting():
        for v in series(x, n):
            seen.append(v)
            yield v > 0.65

    if any(noting()) and all(v > -1 for v in series(x, n)):
        return x * 3 + seen[-1] * len(seen)
    return x * x


@case(0.7)
def steps_of_an_integrator(x):
    def heun(f, y, h):
        t = 0.0
        while True:
            yield t, y
            k1 = f(t, y)
            k2 = f(t + h, y + h * k1)
            y = y + h / 2 * (k1 + k2)
            t += h

    for t, y in heun(lambda t, y: -x * y + t, 1.0, 0.1):
        if t > 0.95:
            break
    return y


@case(0.7, XS)
def what_is_sent_around_in_order(x, xs):
    state = {"v": x}

    def reading():
        for k in range(3):
            yield state["v"] * k
            state["v"] += 1.0

    s = 0.0
    for w in reading():
        s += w
        state["v"] *= w + 0.5
    return s * state["v"]


@case(0.7, XS)
def a_generator_passed_on(x, xs):
    def scaled(items):
        for v in items:
            yield v * x

    def total(items, power):
        s = 0.0
        for v in items:
            s += v**power
        return s

    return total(scaled(scaled(xs)), 2) + total((v + x for v in xs), 3)


@case(np.array([0.3, 0.8, 1.1]))
def rows_that_are_written_between(u):
    u = u.copy()

    def places():
        for k in range(len(u) - 1):
            yield k, u[k] + u[k + 1]

    for k, v in places():
        u[k + 1] = u[k + 1] * v
    return u.sum()


@case(0.7, XS)
def caught_around_a_generator(x, xs):
    def roots():
        for v in xs:
            yield math.sqrt(v)

    s = 0.0
    try:
        for r in roots():
            s += r * x
    except ValueError:
        s *= x
    return s


@case(0.7, XS)
def caught_in_the_body_of_the_loop(x, xs):
    def own():
        s = 1.0
        for v in xs:
            try:
                yield v
                s *= 2.0
            finally:
                s += x
        yield s

    t = 0.0
    for v in own():
        try:
            t += math.log(v)
        except ValueError:
            t -= x
    return t


@case([1.0, 2.0, 4.5, 3.0])
def iterators_over_the_same_items(xs):
    first, second, third = itertools.tee((x * x for x in xs), 3)
    next(second)
    next(third)
    next(third)
    return sum(a * b * c for a, b, c in zip(first, second, third))


@case(0.5)
def items_until_one_is_found(x):
    stack, total = [x, 2 * x, -1.0, 3 * x, x * x], 0.0
    for v in iter(stack.pop, -1.0):
        total += v * v
    return total * len(stack)
