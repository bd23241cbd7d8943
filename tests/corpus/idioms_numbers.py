"""Numbers as Python mixes them: integers, booleans, floats, and the math module."""

from __future__ import annotations

import cmath
import math

import numpy as np

from corpus.registry import case, draw

POINTS = np.array([0.9, 0.4, 1.3, 0.6])


@case(1.3, 0.4)
def float_and_int_mixed(x, y):
    n = 3
    return n * x + x // 1 + y * (n // 2) + n / 2


@case(7.3, 2.1)
@case(-7.3, 2.1)
def floor_division_and_modulo(x, y):
    return x % y + (x // y) * y * x


@case(7.3, 2.1)
def divmod_of_floats(x, y):
    q, r = divmod(x, y)
    return q * x + r * y


@case(17, 5, 1.3)
def divmod_of_integers(a, b, x):
    q, r = divmod(a, b)
    return x**q + r * x


@case(2.7, 1.3)
@case(-2.7, 1.3)
def round_int_and_float(x, y):
    return round(x) * y + int(x) * y * y + float(x) + round(y, 1) * x


@case(2.7)
@case(-2.7)
def floor_ceil_trunc(x):
    return x * (math.floor(x) + math.ceil(x) * 2 + math.trunc(x) * 3)


@case(-2.7, 1.3)
def abs_of_all_sorts(x, y):
    return abs(x) * abs(-3) + abs(x * y) + math.fabs(x - y)


@case(2.7, 1.3)
def pow_of_all_sorts(x, y):
    return pow(x, 2) + pow(x, y) + math.pow(y, x) + x**-1 + x**0.5 + 2**y + pow(2, 3) * x


@case(1.7)
def x_to_the_x(x):
    return x**x


@case(0.3, 0)
@case(0.3, 1)
@case(0.3, 5)
@case(-0.3, 3)
def run_time_integer_power(x, n):
    return x**n


@case(2.7, 1.3)
@case(1.3, 2.7)
def min_max_of_many(x, y):
    return max(x, y, x * y, 1.0) * min(x, y) + max(x, 2)


@case(2.7, 1.3)
def augmented_forms(x, y):
    x += y
    y -= x * 0.1
    x *= y
    x /= 3
    y **= 2
    y %= 5.0
    x //= 0.5
    return x * y


@case(0.3, 0.6)
def trigonometry(x, y):
    a = math.sin(x) + math.cos(y) * math.tan(x)
    b = math.asin(x) + math.acos(y) + math.atan(x) * math.atan2(y, x)
    return a * b


@case(0.3, 1.6)
def hyperbolic(x, y):
    a = math.sinh(x) + math.cosh(y) * math.tanh(x)
    return a + math.asinh(x) + math.acosh(y) + math.atanh(x)


@case(0.3, 1.6)
def exponentials(x, y):
    return math.exp(x) + math.expm1(x) * math.log1p(y) + math.exp2(x) + math.log(y, 3)


@case(0.3, 1.6)
def logarithms(x, y):
    return math.log(x) * math.log2(y) + math.log10(x) * math.log(y, x)


@case(0.3, 1.6)
def special_functions(x, y):
    return math.erf(x) + math.erfc(y) * math.gamma(y) + math.lgamma(y + x)


@case(0.3, 1.6)
def roots_and_lengths(x, y):
    return math.sqrt(x) + math.cbrt(y) + math.hypot(x, y) + math.dist((x, y), (1.0, 2.0))


@case(7.3, 1.6)
def remainders(x, y):
    return math.fmod(x, y) * x + math.remainder(x, y) * y + math.modf(x)[0] * x


@case(-7.3, 1.6)
def signs(x, y):
    return math.copysign(y, x) + math.copysign(x, 2.0) * y


@case(0.3, 1.6)
def angles(x, y):
    return math.radians(x) * math.degrees(y)


@case(1.3, 5)
def integer_functions(x, n):
    return (
        x * math.factorial(n) / math.comb(n, 2)
        + x**2 * math.gcd(n, 10)
        + math.isqrt(17) * x
        + math.perm(n, 2) * x
    )


@case(1.3)
def tests_of_numbers(x):
    if math.isnan(x) or math.isinf(x) or not math.isfinite(x):
        return 0.0
    if math.isclose(x, 1.4):
        return x * x
    return x


@case(0.3, 1.6)
def hypot_of_three(x, y):
    return math.hypot(x, y, 2.0) * math.hypot(x)


@case(0.3, 1.6)
def ldexp_and_frexp(x, y):
    return math.ldexp(x, 3) + math.ldexp(y, -1) * x


@case(0.3, 1.6)
def sum_of_products(x, y):
    return math.fsum([x * x, y, x * y]) * math.prod((x, y))


@case(1.3, True)
@case(1.3, False)
def boolean_argument(x, flag):
    y = x * x if flag else x
    return y + flag * x


@case(1.3, 0.4)
def boolean_sums(x, y):
    count = (x > 1) + (y > 1) + (x > y)
    return x * count + y


@case(1.3, 0.4)
def sometimes_active(x, y):
    total = 0
    if x > y:
        total = x * y
    scale = 1
    for k in range(3):
        scale = scale * 2 if k != 1 else y
    return total * scale


@case(1.3, 3)
def integer_then_float(x, n):
    total = 0
    for k in range(n):
        total += k
    total *= x
    return total + 1


@case(1.3, 6)
def integer_loop_chooses_indices(x, n):
    a, b, i = 1, 2, 0
    table = [x, x * x, 2.0, math.sin(x)]
    s = 0.0
    for _ in range(n):
        i = (a * i + b) % 4
        s += table[i] * (i + 1)
        a, b = b, a + 1
    return s


@case(draw(6), 5)
def indices_by_a_permutation(u, n):
    j = 1
    s = 0.0
    for k in range(n):
        j = (3 * j + k) % len(u)
        s += u[j] * u[-1 - j] * k
    return s


@case(draw(6))
def index_of_the_largest(u):
    best = 0
    for k in range(1, len(u)):
        if u[k] > u[best]:
            best = k
    return u[best] ** 2 + best


@case(1.3, 11)
def binary_digits(x, n):
    result, base = 1.0, x
    while n:
        if n & 1:
            result *= base
        base *= base
        n >>= 1
    return result


@case(1.3, 6)
def collatz(x, n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        x = math.sin(x) + 0.01 * n
        steps += 1
    return x * steps


@case(1.3, 12, 18)
def greatest_common_divisor(x, a, b):
    while b:
        a, b = b, a % b
    return x**a


@case(1.3, 0.4)
def printing(x, y):
    print(f"x = {x:.3f}", x * y, sep=" ")
    print("done")
    return x * y


@case(1.3, 0.4)
def type_tests(x, y):
    if isinstance(x, (int, float)) and type(y) is float and not isinstance(x, np.ndarray):
        return x * y
    return x


@case(1.3, 0.4)
def unary_operators(x, y):
    return -x * +y - -(x + y) + (not x) * y


@case(1.3, 0.4)
def operator_precedence(x, y):
    return -(x**2) + 2 * x**y**2 / 3 - x % 2 * y


@case(1.3, 0.4)
def numpy_functions_on_floats(x, y):
    return np.sqrt(x) + np.hypot(x, y) + np.log1p(y) + np.clip(x, 0.0, 1.0) + np.sign(y) * y


@case(1.3, 0.4)
def infinity_and_nan(x, y):
    best = math.inf
    worst = -float("inf")
    for v in (x, y, x * y):
        if v < best:
            best = v
        worst = max(worst, v)
    return best * worst


@case(1.3)
def horner_by_range(x):
    coefficients = [2.0, -1.0, 0.5, 3.0]
    s = 0.0
    for k in range(len(coefficients) - 1, -1, -1):
        s = s * x + coefficients[k]
    return s


@case(1.3)
def series_until_small(x):
    term, total, k = 1.0, 0.0, 0
    while abs(term) > 1e-14:
        total += term
        k += 1
        term *= -x * x / (2 * k * (2 * k - 1))
    return total


@case(1.3, 0.4)
def continued_fraction(x, y):
    value = 0.0
    for k in reversed(range(1, 6)):
        value = k * y / (x + value)
    return value


@case(1.3, 0.4)
def arithmetic_geometric_mean(a, g):
    while abs(a - g) > 1e-14:
        a, g = 0.5 * (a + g), math.sqrt(a * g)
    return a


@case(1.3, 8)
def loop_over_tuple_of_ints(x, n):
    s = 0.0
    for k in (1, 2, 5, n):
        s += x**k / k
    return s


@case(1.3, 0.4)
def constants_fold(x, y):
    a, b = 2, 3
    c = a**b - a // b + (a < b)
    return c * x + y ** (b - a) + x ** (a - b)


@case(np.float64(1.3), 0.4)
def numpy_float_argument(x, y):
    return x * y + math.exp(x)


@case(1.3, 0.4)
def equality_of_floats(x, y):
    return x * x * y if x != y else 0.0


@case(POINTS, POINTS[::-1])
def distance_and_product(p, q):
    return math.dist(p, q) * math.prod(p) + math.dist(q, [1.0, 0.5, 2.0, 0.3])


@case(POINTS)
def the_two_largest(u):
    first, second = sorted(u, reverse=True)[:2]
    return first * second**2


@case(0.7)
def by_length_and_angle(x):
    length, angle = cmath.polar(x + 2j)
    return length * angle


@case(0.7, -0.4)
def pieces_of_a_number(x, y):
    left = np.piecewise(x, [x < 0, x >= 0], [lambda v: -v, lambda v: v**2])
    return left * np.piecewise(y, [y > 0], [3.0, np.sin])


@case(0.7, POINTS)
def types_of_numbers(x, u):
    total = np.float64(0.0)
    for k in range(np.int64(3)):
        total += np.float64(x) * u[np.int64(k)]
    return total * np.float32(0.5)


@case(POINTS)
def methods_of_numpy_numbers(x):
    total = (x**2).sum().sum().copy()
    first = x[1].reshape((1, 1)).ravel()[0] * x[2].squeeze()
    return total.mean() * first.max() + x[0].clip(0.0, 2.0) + x[3].repeat(3).sum()


@case(POINTS)
def sums_of_one_number(x):
    return np.cumsum(np.asarray(x[1]))[0] * x[2].cumsum()[0] + np.float64(x[0]).tolist()


def later_of(p, q):
    p = math.log(0.5) + q
    t = p if q < p * p else q
    return t + p


@case(0.5, 0.6, 3, argnums=(0, 1))
def sum_that_equals_its_argument_in_tangents(x, y, n):
    """The tangents of `p` and of the argument `q` are one."""
    total = 0.0
    for _ in range(n):
        total += later_of(total * x, total - y)
    return total
