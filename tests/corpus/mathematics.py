"""Every function of `math` that has a derivative, and the constants."""

from __future__ import annotations

import math

from corpus.registry import case


@case(0.4)
def trigonometric(x):
    return math.sin(x) * math.cos(x) + math.tan(x)


@case(0.4)
def inverse_trigonometric(x):
    return math.asin(x) + math.acos(x) * math.atan(x)


@case(0.4, 1.3)
@case(-0.4, -1.3)
def arctangent_of_two(y, x):
    return math.atan2(y, x) * x


@case(0.4)
def hyperbolic(x):
    return math.sinh(x) * math.cosh(x) + math.tanh(x)


@case(0.4)
def inverse_hyperbolic(x):
    return math.asinh(x) + math.acosh(x + 1) + math.atanh(x)


@case(0.4)
def exponentials(x):
    return math.exp(x) + math.expm1(x) * math.exp2(x)


@case(1.4)
def logarithms(x):
    return math.log(x) + math.log2(x) * math.log10(x) + math.log1p(x)


@case(1.4, 3.0)
def logarithm_to_base(x, b):
    return math.log(x, b) + math.log(x, 2)


@case(1.4)
@case(-1.4)
def roots(x):
    return math.sqrt(abs(x)) + math.cbrt(x)


@case(1.4, 0.7)
def powers(x, y):
    return math.pow(x, y) + math.pow(x, 2)


@case(1.4, 0.7, -0.4)
def hypotenuse(x, y, z):
    return math.hypot(x, y) + math.hypot(x, y, z)


@case(1.4)
@case(-1.4)
def absolute(x):
    return math.fabs(x) * x + abs(x)


@case(1.4, 0.7)
@case(1.4, -0.7)
def copysign(x, y):
    return math.copysign(x, y) * x


@case(7.4, 2.3)
@case(-7.4, 2.3)
def remainders(x, y):
    return math.fmod(x, y) * x + math.remainder(x, y) * y


@case(0.4)
def error_functions(x):
    return math.erf(x) + math.erfc(x) * x


@case(2.4)
def gamma_functions(x):
    return math.lgamma(x) * x


@case(40.0)
def angles(x):
    return math.degrees(x) * math.radians(x)


@case(1.4, 3)
def scaled_power(x, n):
    return math.ldexp(x, n)


@case(1.4)
def constants(x):
    return math.pi * x + math.e + math.tau * x * x


@case(1.4)
def tests_of_numbers(x):
    if math.isnan(x) or math.isinf(x) or not math.isfinite(x):
        return 0.0
    return x * x


@case(1.4)
def close(x):
    return x * x if math.isclose(x, 1.4, rel_tol=0.5) else x


@case(1.4, 4)
def integer_functions(x, n):
    return x * math.factorial(n) + math.gcd(n, 6) * x + math.comb(n, 2) * x + math.isqrt(n)


@case(1.4)
def infinite_bound(x):
    best = math.inf
    for k in range(4):
        best = min(best, (x - k) ** 2)
    return best * x


@case(1.4, 0.3)
def distances(x, y):
    return math.dist((x, y), (0.5, 0.1))


@case(1.4, 0.3)
def sum_of_floats(x, y):
    return math.fsum([x, y, x * y])


@case(1.4, 0.3)
def product_of_floats(x, y):
    return math.prod([x, y, x + y])


@case(0.3)
def logistic(x):
    return 1 / (1 + math.exp(-x))


@case(0.3, 1.2, 0.8)
def normal_density(x, m, s):
    return math.exp(-0.5 * ((x - m) / s) ** 2) / (s * math.sqrt(2 * math.pi))
