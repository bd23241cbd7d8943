"""Programs in which the order of evaluation or an exit decides the result."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from corpus.registry import case, draw


class Stop(Exception):
    pass


@case(1.3, 0.4)
def evaluation_order_of_calls_that_write(x, y):
    state = {"a": x}

    def bump(k):
        state["a"] = state["a"] * k + y
        return state["a"]

    return state["a"] + bump(2.0) * state["a"] - bump(3.0) / bump(0.5)


@case(1.3, 0.4)
def evaluation_order_of_an_assignment(x, y):
    v = [x, y, 1.0]

    def index():
        v[0] *= 2.0
        return 1

    v[index()] = v[0] + v[1]
    v[0], v[index()] = v[1], v[0]
    return v[0] + 2 * v[1] + 3 * v[2]


@case(1.3, 0.4)
def augmented_item_reads_first(x, y):
    v = [x, y]

    def change():
        v[0] = 10.0 * y
        return v[1]

    v[0] += change()
    return v[0] * v[1]


@case(1.3, 0.4)
def augmented_name_reads_first(x, y):
    total = x

    def change():
        nonlocal total
        total = 100.0 * y
        return y

    total += change()
    return total


@case(1.3, 0.4)
def short_circuit_skips_a_write(x, y):
    log = []

    def seen(value):
        log.append(value)
        return value > 0

    if seen(x) or seen(y):
        x = x * 2
    if seen(-x) and seen(y):
        y = y * 2
    return sum(log) * x * y


@case(1.3, 0.4)
@case(0.3, 0.4)
def finally_changes_what_is_returned_later(x, y):
    log = [y]

    def work(a):
        try:
            if a > 1:
                return a * log[0]
            log[0] *= 3.0
        finally:
            log[0] += a
        return a

    return work(x) + work(x) * log[0]


@case(1.3, 0.4)
def return_value_is_fixed_before_finally(x, y):
    def work(a):
        try:
            return a
        finally:
            a = a * 100.0

    return work(x) * y


@case(1.3, 5)
def finally_in_a_loop_with_continue(x, n):
    s = 0.0
    for k in range(n):
        try:
            if k % 2:
                continue
            if k > 3:
                break
            s += x
        finally:
            s *= x
    return s


@case(1.3, -0.4)
def state_before_an_exception_stays(x, y):
    v = [x, 1.0]
    try:
        v[0] = x * x
        v[1] = math.sqrt(y)
        v[0] = 50.0
    except ValueError:
        v[1] = v[0] * 2.0
    return v[0] * v[1]


@case(draw(3), 2)
@case(draw(3), 5)
def array_written_before_an_exception(u, n):
    w = u.copy()
    try:
        w[0] *= w[1]
        w[n] = w[0]
        w[1] = 2.0
    except IndexError:
        w[2] += w[0]
    else:
        w[0] = 1.0
    return np.sum(w * w)


@case(1.3, 4)
def exception_leaves_two_loops(x, n):
    s = x
    try:
        for i in range(n):
            for j in range(n):
                s = s * 1.1 + 0.1 * i
                if s > 3.0:
                    raise Stop
    except Stop:
        s = s * s
    return s + i * j


@case(1.3, 4)
def loop_variable_after_break(x, n):
    for k in range(n):
        x = x * 1.3
        if x > 2.0:
            break
    return x ** (k + 1)


@case(1.3, 4)
def loop_variable_is_assigned(x, n):
    s = 0.0
    for k in range(n):
        s += k * x
        k = k * 10
        s += k * x * x
    return s


@case(1.3, 4)
def loop_bound_is_changed_inside(x, n):
    s = 0.0
    for k in range(n):
        n = n + 5
        s += x * n
    return s * n


@case(1.3, 4)
def loop_over_active_values_rebinds(x, n):
    s = 0.0
    for value in [x, x * x, 2.0]:
        value = value * value
        s += value
        x = value
    return s * x


@case(1.3, 3)
def zero_trip_inner_loop(x, n):
    s = 1.0
    for i in range(n):
        for j in range(i):
            last = x * j
            s += last
        s *= x
    return s


@case(1.3, 0.4)
def closure_over_a_loop_variable(x, y):
    fs = []
    for k in (1, 2, 3):
        fs.append(lambda z: z**k)
    return fs[0](x) + fs[2](y)


@case(1.3, 0.4)
def default_value_is_shared(x, y):
    def collect(v, log=[]):
        log.append(v)
        return sum(log)

    return collect(x) * collect(y)


@case(1.3, 0.4)
def default_is_evaluated_at_definition(x, y):
    a = x

    def f(z, scale=a):
        return z * scale

    a = 100.0 * y
    return f(y) + a


@case(1.3, 2)
def integer_power_of_zero(x, n):
    y = x - 1.3
    return y**n + y**1 + y**0 * x


@case(0.0, 2)
def zero_argument(x, n):
    return x * math.cos(x) + x**n + abs(x + 1.0)


@case(1.3, 0.4)
def ternary_of_tuples(x, y):
    a, b = (x, y) if x > y else (y, x)
    (c, d) = (a, b)[::-1]
    return a**2 * b + c / d


@case(1.3, 0.4)
def nested_function_shadows(x, y):
    def f(x):
        y = x * 2

        def g(y):
            return x * y

        return g(y + 1)

    return f(y) + f(x) * y


@case(1.3, 0.4)
def comprehension_does_not_leak(x, y):
    v = [x * y for y in (1.0, 2.0, x)]
    return sum(v) * y


@case(1.3, 3)
def walrus_in_a_comprehension(x, n):
    v = [(last := x * k) for k in range(n)]
    return sum(v) * last


@case(1.3, 4)
def numbers_of_reversed_items(x, n):
    xs = [x * k for k in range(n)]
    total = 0.0
    for i, w in enumerate(reversed(xs), 1):
        total = total * 0.5 + w * i
    for i, k in enumerate(reversed(range(n))):
        total += x * i * k * k
    return total + sum(i * w for i, w in enumerate(reversed(xs)))


MANY = np.array([0.12, 0.6, 0.3, 0.9, 0.35])


@case(MANY, 0.7)
def sorted_by_a_key(u, x):
    near = sorted(u, key=lambda v: (v - 0.5) ** 2)
    down = sorted([v * x for v in u], key=lambda v: -v, reverse=True)
    total = 0.0
    for k, (a, b) in enumerate(zip(near, down)):
        total += k * a * b**2
    return total


@case(MANY)
def sorted_by_several_marks(u):
    found = [(v, v * 2, k) for k, v in enumerate(u)]
    found.sort(key=lambda p: (p[0] > 0.5, -p[0]))
    places = sorted(range(len(u)), key=u.__getitem__)
    total = u[places[0]] * u[places[-1]]
    for k, (a, b, _) in enumerate(found):
        total += k * a * b
    return total


@case(MANY)
def ties_stay_in_order(u):
    marks = [(1, -1)[k % 2] for k in range(len(u))]
    up = sorted(enumerate(u), key=lambda p: marks[p[0]])
    down = sorted(enumerate(u), key=lambda p: marks[p[0]], reverse=True)
    return sum([k * v[1] * w[1] for k, (v, w) in enumerate(zip(up, down))])


@case(MANY)
def arrays_with_lists(u):
    squares = [v * v for v in u]
    total = (u * squares).sum() + (squares - u)[1] + squares @ u
    return total + np.shape(squares)[0] * np.max(squares)


@case(1.2, 0.4)
def texts_that_are_true(x, y):
    return (f"{x}" and x * y) + (f"{x:.1f}{y}" and x) + (f"a{x:3}" and y * 2)


class Weighed:
    def __init__(self, weight, value):
        self.weight, self.value = weight, value

    def __lt__(self, other):
        return self.weight < other.weight


@dataclass(order=True)
class Ranked:
    rank: float
    value: float = field(compare=False, default=1.0)


@case(1.3, 0.4)
@case(0.3, 2.4)
def objects_in_the_order_of_their_class(x, y):
    some = [Weighed(x, x * y), Weighed(2 * y, y), Weighed(x * y, 3.0)]
    total = min(some).value + 2 * max(some[0], some[1]).value * max(some).weight
    first, second, _ = sorted(some, reverse=True)
    total += first.value * second.weight
    some.sort()
    total += some[1].value ** 2
    best = max([Ranked(x, y), Ranked(y, x * x)])
    return total + best.value * (2.0 if Ranked(x) <= Ranked(y) else 3.0)


@case(1.3, 7)
@case(0.6, 4)
def many_objects_in_the_order_of_their_class(x, n):
    some = [Weighed(math.sin(k * x), k * x) for k in range(n)]
    ranked = [Ranked(math.cos(k * x), k * x) for k in range(n)]
    total = min(some).value * max(ranked).rank + sorted(ranked)[1].value
    some.sort(reverse=True)
    return total + some[0].value * some[2].weight + sorted(ranked, reverse=True)[2].rank


class Found:
    def __init__(self, value):
        self.value = value

    def __bool__(self):
        return self.value > 1


def merged(a, b):
    out = []
    while a and b:
        if a[0] <= b[0]:
            out.append(a.pop(0))
        else:
            out.append(b.pop(0))
    return out + a + b


@case(1.3, 5)
@case(0.4, 5)
def lists_and_objects_joined_by_and_and_or(x, n):
    rising = [x * k for k in range(n)]
    falling = [2 * x - x * k for k in range(n) if x * k > 3]
    total = sum(v * k**2 for k, v in enumerate(merged(rising, [x * x, 1.0, 3.0])))
    chosen = falling or [x, 2 * x]
    total += chosen[0] + len(chosen) * x
    found = Found(x) or Found(2 * x)
    return total * found.value if not (falling and total < 0) else total


@case(1.3, 5, refused="different kinds")
def none_or_a_number_by_and(x, n):
    found = None
    for k in range(n):
        if x * k > 2:
            found = (x * k, k)
    value = found and found[0]
    return x if value is None else 2 * value
