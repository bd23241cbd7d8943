"""Ways to assign, and expressions of numbers."""

from __future__ import annotations

import math

from corpus.registry import case

SCALE = 2.5
WEIGHTS = (0.5, 1.5, -2.0)
COUNT = 3


@case(0.7)
def identity(x):
    return x


@case(0.7, 1.3)
def ignores_second(x, y):
    return x * 2.0


@case(0.7)
def constant(x):
    return 3.0


@case(0.4, 1.2)
def smallest_example(x, y):
    return 1 + x + math.exp(math.sin(x * y))


@case(0.4, 1.2)
def tuple_assignment(x, y):
    a, b = x * y, x + y
    return a * b


@case(0.4, 1.2)
def swap(x, y):
    x, y = y, x
    return x * x + 3 * y


@case(0.4, 1.2)
def swap_uses_old(x, y):
    x, y = x + y, x - y
    x, y = y * x, y / x
    return x * y + x


@case(0.4, 1.2)
def nested_targets(x, y):
    (a, b), c = (x * y, x), y
    return a * b - c


@case(0.4, 1.2)
def bracketed_target(x, y):
    [a, b] = [x * x, y * x]
    return a - b * b


@case(0.4, 1.2)
def starred_target(x, y):
    first, *rest = (x, y, x * y)
    return first * rest[0] + rest[1] ** 2


@case(0.4)
def chained(x):
    a = b = x * x
    a = a + 1
    return a * b


@case(0.4, 1.2)
def chained_mixed(x, y):
    pair = a, b = x * y, y
    return pair[0] * a + b


@case(0.4)
def annotated(x: float) -> float:
    y: float = x * x
    z: float
    z = y * x
    return z


@case(0.4, 1.2)
def augmented(x, y):
    a = x
    a += y
    a -= 2 * x * y
    a *= y
    a /= x + 1
    a **= 2
    return a


@case(7.4, 1.2)
def augmented_more(x, y):
    a = x
    a %= y
    b = x
    b //= y
    return a * a + b * x


@case(0.4)
def rebinding(x):
    x = x * x
    x = math.sin(x)
    x = x + x
    return x


@case(0.4, 1.2)
def all_operators(x, y):
    return (x + y) * (x - y) / (x * y) - -x + +y


@case(1.4, 2.2)
def power(x, y):
    return x**y + x**2 + 2**y + x**-1 + x**0.5 + x**3


@case(-1.4)
def power_of_negative(x):
    return x**3 + x**2 + (-x) ** 1.5 + -(x**2)


@case(0.0)
def power_at_zero(x):
    return x**2 + x**1 + x**0 + 3 * x


@case(7.3, 2.1)
def modulo(x, y):
    return x % y + x // y * x


@case(-7.3, 2.1)
@case(7.3, -2.1)
def modulo_signs(x, y):
    return (x % y) * x


@case(7.3, 2.1)
def divmod_pair(x, y):
    q, r = divmod(x, y)
    return q * x + r * r


@case(0.4, 1.2)
def conditional(x, y):
    return x * y if x < y else x / y


@case(1.4, 1.2)
def conditional_nested(x, y):
    return x * 2 if x < y else (y * x if x < 2 * y else y)


@case(0.4, 1.2)
def boolean_values(x, y):
    big = x > 1 or y > 1
    both = x > 0 and y > 0
    return x * big + y * both + (not big) * x


@case(0.4, 1.2)
def or_default(x, y):
    z = x or y
    w = 0.0 or y
    return z * w + (x and y)


@case(0.4, 1.2)
def chained_comparison(x, y):
    return x * y if 0 < x < y < 2 else x + y


@case(0.4, 1.2)
@case(2.4, 1.2)
def comparison_value(x, y):
    return (x < y) * x + (x >= y) * y + (x != y) * x * y


@case(0.4)
def module_constants(x):
    return SCALE * x + WEIGHTS[1] * x**COUNT + math.pi


@case(0.4)
def docstring(x):
    """This text does not change the gradient."""
    "nor does this"
    return x * x


@case(0.4, 1.2)
def asserting(x, y):
    assert x < y, "x must be less"
    assert y > 0, f"y is {y:.3f}"
    return x * y


@case(0.4, 1.2)
def formatting(x, y):
    label = f"{x:.2f} and {y!r}"
    name = "x" + label
    return x * y + len("abc")


@case(0.4)
def walrus(x):
    y = (z := x * x) + 1
    return y * z


@case(0.4, 1.2)
def deleted_name(x, y):
    z = x * y
    w = z * z
    del z
    return w


@case(0.4, 1.2)
def ints_and_floats(x, y):
    n = 3
    m = n // 2 + n % 2
    return x * n + y * m + n * m


@case(0.4, 1.2)
def builtins_of_numbers(x, y):
    return abs(x - y) + max(x, y) * 2 + min(x, y) + max(x, y, 0.1) + pow(x, 2) + float(y)


@case(1.4, -0.6)
def rounding_is_flat(x, y):
    return math.floor(x) * x + math.ceil(y) * x + int(x) * y + round(x) * y + math.trunc(x)


@case(0.3, 1.1)
def repeated_subexpressions(x, y):
    return math.sin(x * y) * math.cos(x * y) + math.sin(x * y) / (1 + (x * y) ** 2)


@case(0.3)
def unused_statements(x):
    a = x * 3
    b = math.exp(a)
    c = b + 1
    return a


@case(0.3, 1.2, 0.8)
def distance(x, y, z):
    return math.sqrt(x**2 + y**2 + z**2)


@case(1.3, 2)
def int_argument(x, n):
    return x**n + n * x


@case(1.3, True)
@case(1.3, False)
def bool_argument(x, flag):
    return x * x if flag else 3 * x


@case(1.3, "cube")
@case(1.3, "square")
def string_argument(x, kind):
    if kind == "cube":
        return x**3
    elif kind == "square":
        return x**2
    raise ValueError(kind)


@case(1.3, None)
@case(1.3, 0.4)
def optional_argument(x, y=None):
    if y is None:
        y = x * x
    return x * y


@case(1.3, 0.4)
def list_written(x, y):
    values = [x, y, x * y]
    values[1] = values[0] * values[2]
    return sum(values)


@case(1.3, 0.4)
def list_of_numbers(x, y):
    values = [x, y, x * y]
    return sum(values) + len(values) * values[-1]


@case(1.3, 0.4)
def tuple_slices(x, y):
    values = (x, y, x * y, x - y)
    a, b = values[1:3]
    return a * b + sum(values[::2])


@case(1.3, 0.4)
def comprehension_fixed(x, y):
    return sum([k * x + y**k for k in range(4)])


@case(1.3, 0.4)
def generator_fixed(x, y):
    return sum(v * v for v in (x, y, x * y))
