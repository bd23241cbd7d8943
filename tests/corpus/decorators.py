"""Decorated functions, and several functions made by one text."""

import functools
import math

from corpus.registry import case


def scaled(k):
    def f(x):
        return k * x * x

    return f


double, triple = scaled(2.0), scaled(3.0)


@case(1.5)
def two_closures(x):
    return double(x) * triple(x)


def compose(f, g):
    return lambda x: f(g(x))


both = compose(double, triple)


@case(1.5)
def composed(x):
    return both(x) + compose(math.sin, double)(x)


def polyn(*cs):
    def p(x):
        s = 0.0
        for c in cs:
            s = s * x + c
        return s

    return p


p1, p2 = polyn(1.0, 2.0), polyn(3.0, 4.0, 5.0)


@case(1.5)
def polys(x):
    return p1(x) * p2(x)


def logged(fn):
    @functools.wraps(fn)
    def wrapper(*args, **kwargs):
        return fn(*args, **kwargs)

    return wrapper


def twice(fn):
    def wrapper(x):
        return fn(fn(x))

    return wrapper


@logged
def sq(x, p=2):
    return x**p


@twice
def half_sin(x):
    return math.sin(x) / 2


@case(1.5)
def decorated(x):
    return sq(x) * sq(x, p=3) + half_sin(x)


@functools.lru_cache(maxsize=8)
def cached(x):
    return x * x * x


@functools.cache
def cached2(x):
    return x * x


@case(1.5)
def uses_cached(x):
    return cached(x) + cached2(x)


def repeat(n):
    def deco(fn):
        @functools.wraps(fn)
        def wrapper(x):
            for _ in range(n):
                x = fn(x)
            return x

        return wrapper

    return deco


@repeat(3)
def stepf(x):
    return x * 1.1 + 0.1 * x * x


@case(0.7)
def rep(x):
    return stepf(x)


@case(0.7)
def nested_deco(x):
    def deco(g):
        def w(y):
            return g(y) * 2

        return w

    @deco
    def h(y):
        return y * y

    @repeat(2)
    def h2(y):
        return y * y

    @functools.lru_cache
    def h3(y):
        return y * x

    return h(x) + h2(x) + h3(x)


@case(0.7)
def local_factory(x):
    fs = [scaled(k) for k in (1.0, 2.0, 3.0)]
    return sum(f(x) for f in fs)


fs = (scaled(1.0), scaled(4.0))


@case(0.7)
def global_tuple(x):
    return fs[0](x) + fs[1](x)


@case(0.7, double, triple)
def given(x, f, g):
    return f(x) * g(x)


def withdef(k=scaled(2.0)):
    def f(x, g=k):
        return g(x)

    return f


d1, d2 = withdef(), withdef(scaled(7.0))


@case(0.7)
def defaults_of_closures(x):
    return d1(x) * d2(x)


def recursive(k):
    def go(n, x):
        return x * k if n == 0 else go(n - 1, x * x) * k

    return go


by_two, by_three = recursive(2.0), recursive(3.0)


@case(1.1, 3)
def recursive_closures(x, n):
    return by_two(n, x) * by_three(n, x)


class Compiled:
    """As Numba's dispatchers: called as code, with the Python function beside it."""

    def __init__(self, function):
        self.py_func = function

    def __call__(self, *args):
        return self.py_func(*args)


@Compiled
def compiled_helper(x):
    return math.sin(x) * x


@case(0.7)
def helper_compiled_by_numba(x):
    return compiled_helper(x) if x < 0 else x * compiled_helper(2 * x)
