"""Odd programs with `match`, `try` and functions that take functions."""

import functools
import math
from dataclasses import dataclass
from enum import Enum

import numpy as np

from corpus.registry import case


class Kind(Enum):
    A = 1
    B = 2


@case(1.5, Kind.A)
@case(1.5, Kind.B)
def match_members(x, k):
    match k:
        case Kind.A:
            return x * x
        case Kind.B:
            return x**3


@dataclass
class Circle:
    r: float


@dataclass
class Rect:
    w: float
    h: float


def area(s):
    match s:
        case Circle(r=r):
            return math.pi * r * r
        case Rect(w, h) if w > h:
            return w * h
        case Rect(w=w, h=h):
            return 2 * w * h


@case(1.5, 0.5)
@case(0.5, 1.5)
def match_dataclasses(x, y):
    return (
        area(Circle(x)) + area(Rect(x, y)) + sum(area(s) for s in [Circle(y), Rect(y, x)])
    )


@case(1.5)
def match_a_dict(x):
    d = {"kind": "circle", "r": x * x, "z": 1.0}
    match d:
        case {"kind": "square"}:
            return 0.0
        case {"kind": "circle", "r": r, **rest}:
            return r * rest["z"] * 3


def evaluate(e, x):
    match e:
        case ("const", c):
            return c
        case ("var",):
            return x
        case ("add", a, b):
            return evaluate(a, x) + evaluate(b, x)
        case ("mul", a, b):
            return evaluate(a, x) * evaluate(b, x)
        case ("sin", a):
            return math.sin(evaluate(a, x))


@case(0.7)
def tree_of_tuples(x):
    e = ("add", ("mul", ("var",), ("const", 2.0)), ("sin", ("mul", ("var",), ("var",))))
    return evaluate(e, x)


E = ("add", ("mul", ("var",), ("const", 2.0)), ("sin", ("var",)))


@case(0.7)
def tree_outside(x):
    return evaluate(E, x)


@case(2.0, 1.0)
@case(2.0, 0.0, argnums=(0,))
def return_in_a_handler_before_finally(x, y):
    total = x
    try:
        total = x / y
    except ZeroDivisionError:
        return x * x
    finally:
        total = total * 2
    return total * 3


def bisect(f, a, b, tol=1e-8):
    fa, fb = f(a), f(b)
    if fa * fb > 0:
        raise ValueError("no sign change")
    while b - a > tol:
        m = 0.5 * (a + b)
        if f(m) * fa <= 0:
            b = m
        else:
            a, fa = m, f(m)
    return 0.5 * (a + b)


@case(2.0)
@case(20.0)
def bisection_that_may_fail(c):
    try:
        r = bisect(lambda v: v * v - c, 0.0, 3.0)
    except ValueError:
        return c * c
    return c * 3 + r * 0


@case(1.5)
def memory_of_calls(x):
    cache = {}

    def fib(n):
        if n < 2:
            return x * n
        if n not in cache:
            cache[n] = fib(n - 1) * 0.5 + fib(n - 2) * x
        return cache[n]

    return fib(6)


@case(1.5)
def missing_key(x):
    d = {"a": x}
    try:
        v = d["b"]
    except KeyError:
        v = d["a"] * 2
    return v


@case(1.5)
def missing_attribute(x):
    try:
        v = x.nothing
    except AttributeError:
        v = x * 2
    return v


@case(1.5)
def length_of_a_number(x):
    try:
        n = len(x)
    except TypeError:
        n = 1
    return n * x * x


@case(1.5)
def missing_module(x):
    try:
        import not_a_module as m
    except ImportError:
        m = None
    return x * x if m is None else x


@case(1.5, "3")
@case(1.5, "abc")
def number_in_text(x, s):
    try:
        k = float(s)
    except ValueError:
        k = 1.0
    return k * x * x


@case(1.5)
def reduce_over_functions(x):
    return functools.reduce(lambda acc, f: f(acc), [math.sin, lambda v: v * v, np.exp], x)


@case(1.5)
def functions_composed_here(x):
    def compose(*fs):
        def g(v):
            for f in reversed(fs):
                v = f(v)
            return v

        return g

    return compose(math.sin, math.exp, lambda v: v * x)(x)


@case(np.array([1.0, 2.0, 3.0]), np.array([3.0, 1.0, 2.0]))
def map_of_two_arrays(a, b):
    return sum(map(lambda p, q: p * q * q, a, b)) + sum(
        x * y for x, y in zip(a, b, strict=False)
    )


@case(np.array([1.0, 2.0, 3.0]))
def enumerated_map(a):
    s = 0.0
    for i, v in enumerate(map(math.exp, a)):
        s += i * v
    return s


@case(1.2, 3)
def all_forms_of_parameters(x, n):
    def f(a, /, b=2.0, *args, c, d=1.0, **kw):
        return a * b + c * d + sum(args) + sum(kw.values())

    return f(x, x * x, x, 3.0, c=x, e=x * 2, g=1.0) + f(x, c=2.0)


@case(np.array([3.0, 2.0, 4.0]))
def raised_in_a_comprehension(a):
    def check(v):
        if v > 3.5:
            raise ValueError
        return v * v

    try:
        return sum([check(v) for v in a])
    except ValueError:
        return a.sum()


@case(1.5)
@case(0.5)
def retry_with_else(x):
    for attempt in range(5):
        try:
            if x < 1:
                raise RuntimeError("small")
            r = math.acosh(x)
        except RuntimeError:
            x = x * 1.7
        else:
            return r * x
    return x


@case(np.array([[2.0, 1.0], [1.0, 3.0]]), np.array([1.0, 2.0]))
def solved_or_not(a, b):
    try:
        s = np.linalg.solve(a, b)
    except np.linalg.LinAlgError:
        s = a @ b
    return (s * s).sum()


@case(np.array([4.0, -1.0, 9.0]))
def partial_effects(a):
    out = np.zeros(3)
    total = 0.0
    for i in range(3):
        try:
            out[i] = a[i] * 2
            total += math.sqrt(a[i])
            out[i] = out[i] + total
        except ValueError:
            out[i] *= 3
    return (out * out).sum() * total


@case(2.0, 3)
@case(-2.0, 3)
def try_in_while(x, n):
    k = 0
    s = x
    while k < n:
        k += 1
        try:
            if s < 0:
                raise ArithmeticError
            s = s * 1.5
        except ArithmeticError:
            s = -s
            continue
        finally:
            s = s + 0.1
        s += x
    return s * s


@case(0.3)
@case(-0.3)
def nested_functions_raise(x):
    def a(v):
        if v < 0:
            raise ValueError
        return v * 2

    def b(v):
        try:
            return a(v)
        except TypeError:
            return 0.0

    def c(v):
        try:
            y = b(v) * 3
        except ValueError:
            return v * v
        return y + 1

    return c(x) * c(-x)


@case(1.5, 4)
@case(1.5, 9)
def raise_out_of_two_loops(x, lim):
    s = 0.0
    try:
        for i in range(4):
            for j in range(4):
                if i * j >= lim:
                    raise StopIteration
                s += x * i + j * x * x
            s *= 1.1
    except StopIteration:
        s += x**3
    return s


@case(1.5)
@case(-0.5)
def lists_in_try(x):
    out = []
    try:
        out.append(x)
        out.append(math.log(x))
        out.append(x * x)
    except ValueError:
        out.append(3 * x)
    return sum(out)


class Guarded:
    def __init__(self):
        self.v = 0.0
        self.fails = 0

    def add(self, x):
        if x < 0:
            raise ValueError("neg")
        self.v = self.v + math.sqrt(x)


@case(np.array([1.0, -2.0, 3.0]))
def objects_in_try(a):
    g = Guarded()
    for x in a:
        try:
            g.add(x)
        except ValueError:
            g.fails += 1
            g.v = g.v * 2
    return g.v * (1 + g.fails)


@case(1.5, 2.0)
@case(1.5, 0.0, argnums=(0,))
def ternaries(x, y):
    try:
        z = (x / y if x > 1 else y / x) + (1 / x if y == 0 else 0.0)
    except ZeroDivisionError:
        z = x * 7
    return z * x


@case(2.0)
def raise_in_else(x):
    try:
        try:
            y = x * x
        except ValueError:
            y = 0.0
        else:
            z = 1.0 / (x if x != 0 else 0.0)
            y = y * z
    except ZeroDivisionError:
        y = 5 * x
    return y


@case(1.5)
def while_else_try(x):
    n = 0
    while n < 3:
        try:
            x = math.acos(x - 1)
        except ValueError:
            break
        n += 1
    else:
        x = x * 10
    return x * x


@case(1.2)
def match_in_try(x):
    def parse(tok):
        match tok:
            case ("num", v):
                return v
            case ("neg", t):
                return -parse(t)
            case _:
                raise SyntaxError("bad")

    try:
        return parse(("neg", ("num", x * x))) + parse(("oops",))
    except SyntaxError:
        return x**3


@case(1.5)
def default_mutable(x, acc=None):
    if acc is None:
        acc = []
    acc.append(x * x)
    acc.append(x)
    return sum(acc)


@case(1.5)
def chain_partial(x):
    f = functools.partial(pow, x)
    g = functools.partial(max, x * x)
    return f(3) + g(1.0) + g(100.0) * x


@case(1.5)
def kwargs_updates(x):
    def f(**kw):
        kw["a"] = kw["a"] * 2
        return sum(kw.values())

    d = {"a": x, "b": x * x}
    return f(**d) + d["a"] + f(**{**d, "c": 3 * x})


@case(1.5)
def star_middle(x):
    a, *b, c = [x, 2 * x, x * x, 3.0]
    return a * c + sum(b) + max(*b)


SCALE = 1.0


@case(1.3, np.array([0.3, -1.5, 0.2, 1.2]))
@case(1.3, np.array([0.3, 0.5, 0.2]))
def names_given_in_generator_expressions(x, w):
    total = np.sum(w) * x
    if any((bad := v * x) < -1 for v in w):
        total += bad**3
    largest = max(abs(last := v * x) for v in w)
    running = 0.0
    total += sum((running := running * x + v) for v in w)
    return total + largest * last + running


@case(1.3)
def names_given_to_what_is_declared_elsewhere(x):
    global SCALE
    inner = math = error = None

    def give():
        nonlocal inner, math, error
        if (inner := 2 * x) > 1:
            doubled = (inner := inner * x)
        import math

        def error():
            return doubled

        return inner

    total = give()
    if (SCALE := 2 * x) > 1:
        total += SCALE
    return total * inner + math.sin(SCALE) * error() + scale_times(x)


def scale_times(x):
    return SCALE * x
