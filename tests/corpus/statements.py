"""Each form of statement once: the names say which.

tests/test_coverage.py holds that none of Python's own is missing in the corpus.
"""

import contextlib
import math
from dataclasses import dataclass

import numpy as np

from corpus.registry import case

U = np.array([0.4, 0.9, 0.7, 1.3])
M = np.array([[0.5, 0.2], [0.1, 0.8]])
RATE = 0.3


@case(U, 0.6)
def item_set(u, x):
    b = np.zeros(3)
    b[1] = x * u[0]
    b[-1] = u[1]
    return (b * u[:3]).sum() + b[2] ** 2


@case(U, 0.6)
def slice_set(u, x):
    b = np.ones(4)
    b[1:3] = u[:2] * x
    b[::3] = x
    return (b**2 * u).sum()


@case(U, 0.6)
def masked_set(u, x):
    b = u * 2
    b[u > 0.8] = x
    b[u < 0.5] = u[u < 0.5] ** 3
    return (b * u).sum()


@case(U, M, 0.6)
def augmented(u, m, x):
    b = u.copy()
    b += x
    b -= u * x
    b *= u
    b /= x + 2
    b **= 2
    c = m.copy()
    c @= m
    k = 3
    k //= 2
    k %= 5
    k <<= 2
    k >>= 1
    k |= 4
    k &= 6
    k ^= 1
    x //= 0.25
    return b.sum() * k + (c * m).sum() + x


@case(U, 0.6)
def remainder_set(u, x):
    u = u.copy()
    u %= x
    x %= 0.5
    return (u**2).sum() * x


@case(U, 0.6)
def items_augmented(u, x):
    b = np.zeros(4)
    b[1] += u[0] * x
    b[1:] *= u[1:]
    b[[0, 2]] -= x
    b[u > 1] /= u[0]
    return (b * b).sum()


@case(U, 0.6)
def argument_set(u, x):
    u[0] = x * u[1]
    u[2:] += x
    return (u**3).sum()


@case(M, 0.6)
def view_written(m, x):
    m = m * 1.0
    row, flat = m[1], m.ravel()
    row[0] = x
    row *= 2
    flat[1] = x**2
    m.T[0] += x
    return (m**2).sum()


@case(U, 0.6)
def list_appended(u, x):
    found = []
    for v in u:
        found.append(v * x)
    found.append(x)
    found.insert(0, x**2)
    found.extend([u[0], u[1]])
    return sum(found) * found[1] + found.pop()


@case(0.6, 1.4)
def list_set(x, y):
    a = [x, y, x * y]
    a[0] = y**2
    a[1:] = [x, x + y]
    a[-1] *= x
    del a[1]
    return a[0] * a[1]


@case(0.6, 1.4)
def dict_set(x, y):
    d = {"a": x}
    d["b"] = x * y
    d["a"] *= y
    d.update(c=y)
    d.setdefault("e", x)
    return d["a"] + d["b"] * d["c"] + d.get("q", 2.0) * d["e"]


@case(1.4, 0.2)
def while_loop(x, y):
    while x > y:
        x *= 0.6
        y += 0.01 * x
    else:
        x += y
    return x * y


@case(U, 0.6)
def break_and_continue(u, x):
    total = 0.0
    for v in u:
        if v > 1.2:
            break
        if v > 0.8:
            continue
        total += v * x
    return total


@case(U, 2.0)
@case(U, 0.6)
def for_and_else(u, x):
    for v in u:
        if v > x:
            x = v * x
            break
    else:
        x = x**2
    return x * u[0]


@case(0.6, 1.4)
@case(1.4, 0.6)
def if_elif_else(x, y):
    if x > y:
        z = x * y
    elif x < y:
        z = x / y
    else:
        z = x + y
    return z**2


@case(0.6, 1.4)
@case(1.4, 0.6)
def early_return(x, y):
    if x > y:
        return x * x
    for _ in range(3):
        x = x * y
        if x > 1.5:
            return x + y
    return x - y


@case(0.6, 1.4)
def nested_functions(x, y):
    def scaled(v, by=y):
        return v * by * x

    def twice(f):
        def g(v):
            return f(f(v))

        return g

    return twice(scaled)(x + y)


@case(0.6, 1.4)
def nonlocal_set(x, y):
    total = x

    def add(v):
        nonlocal total
        total += v * total

    add(y)
    add(x)
    return total


def _power(x, n):
    return 1.0 if n == 0 else x * _power(x, n - 1)


@case(1.4, 3)
def recursion(x, n):
    return _power(x, n) + _power(x, 2)


@case(0.6, 1.4)
@case(-0.6, 1.4)
def try_and_except(x, y):
    try:
        z = math.sqrt(x) * y
    except ValueError:
        z = x * y
    else:
        z += y
    finally:
        x = x * 2
    return z * x


@case(0.6, 1.4)
@case(2.6, 1.4)
def raised(x, y):
    try:
        if x > y:
            raise ArithmeticError("too large")
        return x * y
    except ArithmeticError:
        return x / y


@case(U, 0.6)
def with_block(u, x):
    with np.errstate(all="ignore"):
        v = np.log(u * x)
    with contextlib.suppress(KeyError):
        v = v * {"a": x}["a"]
    return v.sum()


@case(0.6, 1.4)
def tuples_unpacked(x, y):
    x, y = y, x
    (a, b), c = (x, y), x * y
    a = b = a + c
    [d, e] = [a * y, b]
    return a * b + d / e + x**2


@case(U)
def stars_unpacked(u):
    first, *rest, last = u
    a, *b = 1.5, first, last
    return first * last + b[0] + a * b[1] + sum(v * v for v in rest)


def _halves(x, n):
    for _ in range(n):
        x = x / 2
        yield x
    yield from (x, x**2)


@case(1.4, 0.6)
def generators(x, y):
    total = y
    for v in _halves(x, 3):
        total += v * y
    return total + sum(_halves(y, 2)) + next(_halves(x * y, 1))


class Spring:
    rate = 2.0

    def __init__(self, length):
        self.length = length

    @property
    def energy(self):
        return self.rate * self.length**2 / 2

    def stretched(self, by):
        self.length += by
        return self


@dataclass
class Point:
    x: float
    y: float = 0.5


@case(0.6, 1.4)
def classes(x, y):
    spring = Spring(x).stretched(y)
    spring.rate = x
    p = Point(spring.energy)
    p.y *= y
    return p.x * p.y


@case(0.6, 0)
@case(0.6, (1, 2))
@case(0.6, "other")
def match_statement(x, what):
    match what:
        case 0:
            return x**2
        case (a, b):
            return x * a + x**b
        case _:
            return math.sin(x)


@case(0.6, 1.4)
def assertions(x, y):
    assert x < y, "in this order"
    assert isinstance(x, float)
    return y - x * y


@case(0.6, 1.4)
def deleted(x, y):
    z, w = x * y, [x, y]
    del x, w[0]
    return z * w[0]


@case(0.6)
def global_read(x):
    global RATE
    return x**2 * RATE


@case(U)
def imported(u):
    import math as m
    from math import sin

    return m.cos(u[0]) * sin(u[1])


def _scaled(x, *more, by=2.0, **named):
    return x * by + sum(more) * named.get("offset", 1.0)


@case(0.6, 1.4)
def keywords_given(x, y):
    given = {"by": y, "offset": x}
    return _scaled(x, y, x, **given) + _scaled(*(y, x), by=x)


@case(U)
@case(1.4)
def is_array(u):
    if isinstance(u, np.ndarray):
        return (u**2).sum()
    return u**3


@case(1.4)
def math_of_argument(x):
    pass
    return math.sin(x) * math.exp(-x)


@case(U)
def math_of_items(u):
    x: float = float(u[1])
    y: float
    y = u[0].item()
    return math.sin(x) * math.atan2(y, x)


@case(U)
def functions_of_numpy(u):
    "A text before the first statement."
    return np.sum(np.sin(u) * np.hypot(u, 1.0))


@case(U, 0.6)
def result_given(u, x):
    b = np.empty(4)
    np.multiply(u, x, out=b)
    np.exp(b, out=b)
    np.add(b, u, b)
    return b.sum()


@case(U)
def slices_swapped(u):
    u = u * 1.0
    u[:2], u[2:] = u[2:].copy(), u[:2].copy()
    u[0], u[1] = u[1], u[0]
    return (u * np.arange(4)).sum()
