"""Star arguments, partial functions, functions that take functions."""

import functools
import itertools
import math
import operator

import numpy as np

from corpus.registry import case


def scaled_product(a, *rest, scale=1.0, **kw):
    s = a
    for r in rest:
        s = s * r
    return s * scale + kw.get("off", 0.0) if kw else s * scale


@case(1.5, 0.7)
def star_call_into_keywords(x, y):
    args = (x, y, x * y)
    return scaled_product(*args, scale=2.0)


def product_of_all(a, *rest, scale=1.0):
    s = a
    for r in rest:
        s = s * r
    return s * scale


@case(1.5, 0.7)
def star_call(x, y):
    args = (x, y, x * y)
    return product_of_all(*args, scale=2.0)


def scaled_power(x, *, k, p=2):
    return k * x**p


@case(1.5)
def keyword_only(x):
    return scaled_power(x, k=3.0) + scaled_power(x, k=2.0, p=3)


def call_with(f, *args, **kwargs):
    return f(*args, **kwargs)


@case(1.5)
def forwarded_arguments(x):
    return call_with(scaled_power, x, k=2.0, p=3)


@case(1.5)
def dict_as_keywords(x):
    d = {"k": 2.0, "p": 3}
    return scaled_power(x, **d)


cube = functools.partial(scaled_power, k=1.0, p=3)


@case(1.5)
def partial_at_module_level(x):
    return cube(x) + cube(2 * x)


@case(1.5)
def partial_made_here(x):
    g = functools.partial(scaled_power, k=x)
    return g(x) + g(2.0, p=3)


@case(1.5, 0.3)
def partial_of_library_functions(x, y):
    g = functools.partial(math.pow, x)
    h = functools.partial(np.maximum, 0.0)
    return g(y) + h(x)


@case(np.array([1.0, 2.0, 3.0]))
def reduce_of_known_items(xs):
    s = functools.reduce(lambda a, b: a * b + 1, [xs[0], xs[1], xs[2]])
    s += functools.reduce(operator.add, [xs[0], xs[1]], 10.0)
    return s


@case(np.array([1.0, 2.0, 3.0]))
def reduce_array(xs):
    return functools.reduce(lambda a, b: a * b + 1, xs)


@case(1.5, 0.3)
def map_of_known_items(x, y):
    return (
        sum(map(lambda v: v * v, (x, y)))
        + sum(map(operator.mul, [x, y], [y, 3.0]))
        + max(map(abs, (x, y)))
    )


@case(np.array([1.0, 2.0, 3.0]))
def map_array(xs):
    return sum(map(math.sin, xs))


@case(1.5, -2.3)
def extremes_by_key(x, y):
    return max([x, y], key=abs) * min((x, y), key=lambda v: v * v) + max([], default=x)


@case(1.5, -2.3)
def any_and_all(x, y):
    if any([x > 2, y < 0]) and all(v < 5 for v in (x, y)):
        return x * y
    return x


@case(1.5, -2.3, 0.2)
def sorted_items(x, y, z):
    a = sorted([x, y, z])
    b = sorted([x, y, z], key=lambda v: -v)
    return a[0] * 1 + a[1] * 2 + b[0] * 5


@case(1.5, 2.3, 0.2)
def functions_of_several_numbers(x, y, z):
    return (
        math.fsum([x, y * y, z])
        + math.prod([x, y, z])
        + math.dist((x, y), (z, 1.0))
        + math.hypot(x, y, z)
        + math.fsum(v * v for v in (x, y))
    )


@case(1.5, 2.3)
def operator_functions(x, y):
    return (
        operator.add(x, y) * operator.mul(x, y)
        - operator.truediv(x, y)
        + operator.neg(x)
        + operator.pow(x, 2)
        + operator.itemgetter(1)((x, y))
        + operator.sub(x, y)
    )


@case(1.5, 2.3, 0.2)
def rearranged_items(x, y, z):
    s = 0.0
    for a, b in itertools.product([x, y], [y, z]):
        s += a * b
    for a, b in itertools.combinations([x, y, z], 2):
        s += a * b * b
    for a in itertools.chain([x, y], (z,)):
        s += a
    for a in itertools.accumulate([x, y, z]):
        s += a * a
    for a, b in itertools.pairwise([x, y, z]):
        s += a * b
    for a, b in itertools.zip_longest([x, y, z], [1.0], fillvalue=2.0):
        s += a * b
    for a in itertools.islice([x, y, z], 1, 3):
        s += a * x
    for a in itertools.repeat(x, 3):
        s *= a
    for p in itertools.permutations([x, y]):
        s += p[0]
    return s


@case(1.5, 2.3)
def strict_zip(x, y):
    s = 0.0
    for a, b in zip([x, y], [y, x * x], strict=True):
        s += a * b * b
    return s


@case(1.567, 2.3, 2)
def numbers_of_several_kinds(x, y, n):
    return (
        round(x, 1) * y
        + pow(x, y)
        + pow(x, n)
        + divmod(x, y)[1]
        + int(y) * x
        + float(n) * x
        + x**x
        + (x > 1) * y
        + True * x
        + n * x / 2
        + round(y) * x
        + abs(-x)
        + divmod(7, 2)[0] * x
    )


@case(1.5)
def accumulated_products(x):
    return (
        sum(itertools.accumulate([x, 2.0, x], operator.mul))
        + list(itertools.accumulate([x, x * x], lambda a, b: a * b, initial=2.0))[-1]
    )


@case([0.5, 1.2, 0.7])
def reduced_without_a_start(xs):
    return functools.reduce(lambda p, q: p * q + 1, xs)


@case([0.5, 1.2, 0.7], 0.3)
def reduced_generators_without_a_start(xs, c):
    whole = functools.reduce(operator.mul, [x + c for x in xs])
    return whole + functools.reduce(lambda p, q: math.sin(p) * q, (x * x for x in xs))


@case([0.5, 1.2, 0.7], 3)
def largest_by_reduce(xs, n):
    return functools.reduce(max, [x * k for k in range(n) for x in xs])


@case(np.array([0.5, 1.0, 2.0, 0.3, 0.7]), 5)
@case(np.array([0.5, 1.0]), 1)
def pairs_of_a_range(p, n):
    s = sum(p[i] * p[j] ** 2 for i, j in itertools.combinations(range(n), 2))
    for i, j in itertools.permutations(range(1, n), 2):
        s += p[i] * p[j] ** 2
    for i, j in itertools.pairwise(range(n - 1, -1, -2)):
        s += p[i] * p[j] ** 3 * i
    for i, j in itertools.combinations_with_replacement(range(0, n, 2), 2):
        s += p[i] * p[j] ** 3 * j
    return s


@case([0.5, 1.2, 0.7])
def pairs_of_a_list(p):
    s = 0.0
    for u, v in itertools.combinations(p, 2):
        s += math.sin(u - v) * v
    for u, v in itertools.permutations(p, 2):
        s += u / v
    for u, v in itertools.combinations_with_replacement(p, 2):
        s += u * v * v
    return s


@case(np.array([0.5, 1.0, 2.0]), 2, 3)
def products_of_ranges(u, n, m):
    t = 0.0
    for i, j in itertools.product(range(n), range(m)):
        t += u[i] * u[j] * (i + 1)
    for i, j, k in itertools.product(range(n), range(m), u):
        t += k * i * u[j]
    for a, b in itertools.pairwise(u):
        t += a * b * b
    return t


PRIMITIVES = [(0.444635, 0.168856), (0.535328, 0.623913), (0.154329, 3.42525)]


@case(1.1, 0.7)
def product_of_four_lists_of_pairs(r, scale):
    total = 0.0
    scaled = tuple((c * scale, a) for c, a in PRIMITIVES)
    for (c, a), (d, b), (e, f) in itertools.product(PRIMITIVES, scaled, PRIMITIVES):
        total += c * d * e * math.exp(-a * b / (a + b) * r * r - f)
    for first, second, third, last in itertools.product(scaled, repeat=4):
        total += first[0] * second[1] * math.sin(third[0] * r - last[1])
    return total


@case(0.3)
def product_of_states(coupling):
    states = itertools.product([-1, 1], repeat=7)
    energies = (sum(s[i] * s[(i + 1) % 7] for i in range(7)) for s in states)
    return math.log(sum(math.exp(coupling * e) for e in energies))


@case(0.3)
def product_of_letters(x):
    words = itertools.product("abc", repeat=4)
    return sum(x ** word.count("a") for word in words)
