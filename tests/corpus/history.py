"""Lists of what came before: first rounds, the last few items, columns of rows."""

from __future__ import annotations

import bisect
import copy
import itertools
import math
from collections import deque, namedtuple

import numpy as np

from corpus.registry import case, draw

U = draw(5)


@case(U)
def the_item_before_or_none(u):
    total = []
    for v in u:
        before = total[-1] if total else 0.0
        total.append(0.5 * before + v * v)
        if len(total) > 1 and total[-1] < total[-2]:
            total[-1] += v
    return total[-1] * total[0]


@case(U)
def the_last_two_items_by_slices(u):
    kept, back, total = [], [], 0.0
    for v in u:
        if len(kept) == 2:
            total += kept[0] * v
        kept.append(v * v)
        kept = kept[-2:]
        back = [v] + back[:1]
        total += back[-1] * kept[-1]
    return total + kept[0]


@case(U)
def a_deque_that_fills(u):
    window, total = deque(maxlen=3), 0.0
    for v in u:
        if len(window) == window.maxlen:
            total += window[0] * v
        window.append(v * (window[-1] if window else 1.0))
        total += sum(window) / len(window)
    window.extend([u[0], total])
    return total * window[0] + window[-1]


@case(U)
def a_deque_that_fills_from_the_left(u):
    window, total = deque(maxlen=2), 0.0
    for v in u:
        if v > 0.5:
            window.appendleft(v)
        total += sum(window) * v
    return total + sum(window)


@case(U, 3)
@case(U, -1)
def a_deque_turns(u, n):
    q = deque()
    for v in u:
        q.append(v * v)
    q.rotate(n)
    last = deque([v * v for v in u], maxlen=2)
    last.append(q[0])
    return q[0] * q[1] + q[-1] * last[0]


def steps(x, n):
    t = 0.0
    yield t, x
    for _ in range(n):
        x = x - 0.1 * x * x
        t += 0.1
        yield t, x


@case(1.3, 4)
@case(1.3, 0)
def the_last_that_a_generator_yields(x, n):
    *_, (t, last) = steps(x, n)
    return last * last + t * x


@case(U)
def first_and_last_of_many(u):
    first, *rest, last = [v * v for v in u]
    return first * last + sum(rest)


@case(1.3, 4)
def columns_of_rows(x, n):
    times, path = zip(*steps(x, n))
    pairs = list(zip(times, path))
    both = np.array([times, path])
    total = sum(t * v for t, v in pairs) + both[1, 2] * both[0, 1]
    for column in zip(*pairs):
        total += column[-1]
    return total


@case(U)
def arrays_of_several_lists(u):
    a, b = [], []
    for k, v in enumerate(u):
        a.append(v * v)
        b.append(k)
    m = np.array([a, u, b])
    return (m[0] * m[1] * m[2]).sum() + np.asarray((b, a)).T[1, 1]


@case(U)
def groups_of_neighbours(u):
    total = 0.0
    for large, group in itertools.groupby(u, key=lambda v: v > 0.8):
        values = list(group)
        total += (sum(values) if large else sum(values) ** 2) * len(values)
    for mark, group in itertools.groupby(zip("aabbb", u), key=lambda p: p[0]):
        total += (1.0 if mark == "a" else u[0]) * sum(v for _, v in group)
    return total


@case(1.3, 0.4)
def a_named_tuple_of_the_function(x, y):
    Pair = namedtuple("Pair", ["first", "second"], defaults=[2.0])
    a, b = Pair(x), Pair(y, second=x)
    return a.first * b.second + a._replace(first=y)[0] * a.second


@case(U, 3)
def what_a_loop_has_collected(u, n):
    numbers, rows, total = [], [], 0.0
    for k in range(n):
        if total > 99.0:
            raise ValueError(f"grew to {total:.2f} in step {k}")
        if k > 9:
            raise ValueError("step %d of %d" % (k, n))  # noqa: UP031
        numbers.append(u[k] ** k / math.factorial(k) + math.comb(n, k))
        rows.append(u * numbers[-1])
        total += numbers[-1]
    m = np.stack(rows) * np.array(rows)
    return m[1, 2] * np.array(numbers).prod() + np.vstack(rows)[0, 1] + total


@case(U)
def numbers_put_in_order(u):
    known = sorted(u[:3].tolist())
    bisect.insort(known, u[3])
    filled = []
    for v in u:
        bisect.insort_left(filled, v * u[0])
    both = np.fromiter((a * b for a, b in zip(known, filled)), dtype=float, count=3)
    return sum(k * v for k, v in enumerate(filled)) + both[1] * known[2]


@case(U)
def lists_that_are_unpacked_into_others(u):
    large = [v for v in u if v > 0.7]
    both = [*large, u[0], *(v * v for v in large)]
    pair = (u[1], *large)
    squares = tuple(v * v for v in both)
    return sum(squares) * both[-1] + pair[1] * len(pair) + squares[0]


@case(U)
def what_reversed_lists_and_defaults_give(u):
    large, none = [v for v in u if v > 0.7], [v for v in u if v > 9.0]
    total = sum(reversed(large)) + max(none, default=u[0]) * max(large, default=1.0)
    place, least = min(enumerate(large), key=lambda p: p[1])
    return total + least * large[place - 1] + sum(map(math.sin, reversed(large)))


@case(U)
def rows_that_are_chained(u):
    rows = [[v, v * v] for v in u if v > 0.7]
    numbers = sum(rows, [])
    numbers.remove(max(numbers))
    return sum(numbers) + numbers[-1] * rows[0][1]


@case(U)
def indices_that_are_listed(u):
    places = [k for k, v in enumerate(u) if v > 0.7]
    v = u.copy()
    v[places] *= 2.0
    return u[places].prod() * v.sum() + np.delete(u, places).sum() + u[places[-1]]


@case(U)
def the_shorter_of_an_array_and_a_range(u):
    total = 0.0
    for v, k in zip(u, range(1, 4)):
        total += v * k * u[0]
    for v, k in zip(u[::-1], range(3)):
        total += v * k * u[0]
    for v, k in zip(u, range(9)):
        total += v * k
    return total


@case(U, draw(3, seed=1))
def two_that_are_reversed(u, w):
    large, squares = [v for v in u if v > 0.7], [v * v for v in w]
    total = 0.0
    for a, b in zip(reversed(large), reversed(squares)):
        total = 0.5 * total + a * b
    for k, (a, b) in enumerate(zip(reversed(u), reversed(range(1, 4)))):
        total += k * a * b
    for a, b, k in zip(reversed(large), squares, range(2, 9)):
        total = 0.5 * total + a * b * k
    return total


@case(U, 5)
@case(U, 2)
def ranges_with_steps_beside_others(u, n):
    total = 0.0
    for v, k in zip(u, range(0, n, 2)):
        total += v * k * u[0]
    for k, v in zip(range(n - 1, -1, -1), reversed(u)):
        total = 0.5 * total + k * v
    for k, j in enumerate(range(1, n)):
        total += k * u[j]
    for k, j in enumerate(reversed(range(0, n, 3)), 1):
        total += k * u[j] * u[-1]
    return total


@case(U)
def a_copy_of_a_deque(u):
    d = deque([u[0]], maxlen=2)
    e, f = d.copy(), copy.copy(d)
    if u[1] > 0.5:
        e.append(u[1])
        f.appendleft(u[1])
    e.append(u[2])
    f.append(u[3])
    e.extend(f)
    return sum(e) * 2 + sum(d) + f[-1] * u[4]


class Window:
    def __init__(self, most):
        self.kept = deque(maxlen=most)

    def add(self, value):
        if value > 0.6:
            self.kept.append(value)


@case(U)
def deques_of_objects(u):
    one = Window(2)
    other = copy.deepcopy(one)
    for v in u:
        one.add(v)
        other.add(v * v)
    return sum(one.kept) + 3 * sum(other.kept)


@case(U)
def a_deque_that_a_branch_fills(u):
    d = deque(maxlen=2)
    if u[0] > 0.5:
        d.extend(u[:3])
    else:
        d.append(u[1])
    d.extend([u[3]] * 2)
    return sum(d) * u[0]
