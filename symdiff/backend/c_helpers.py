"""Text of the few functions that generated C may bring along."""

from __future__ import annotations

__all__ = ["C_HELPERS"]

C_HELPERS = {
    "divided": """\
static double divided(double a, double b, int *status)
{
    if (b == 0.0)
        *status = 3;
    return a / b;
}
""",
    "plus": """\
static int64_t plus(int64_t a, int64_t b, int *status)
{
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        *status = 4;
    return sum;
}
""",
    "minus": """\
static int64_t minus(int64_t a, int64_t b, int *status)
{
    int64_t difference;
    if (__builtin_sub_overflow(a, b, &difference))
        *status = 4;
    return difference;
}
""",
    "times": """\
static int64_t times(int64_t a, int64_t b, int *status)
{
    int64_t product;
    if (__builtin_mul_overflow(a, b, &product))
        *status = 4;
    return product;
}
""",
    "power": """\
static int64_t power(int64_t a, int64_t b, int *status)
{
    int64_t product = 1;
    if (b < 0)
        *status = 4;
    if (a == 0 || a == 1 || a == -1)
        return b == 0 ? 1 : a < 0 && b % 2 == 0 ? 1 : a;
    for (; b > 0; b--)
        if (__builtin_mul_overflow(product, a, &product)) {
            *status = 4;
            break;
        }
    return product;
}
""",
    "checked": """\
static int64_t checked(int64_t at, int64_t length, int *status)
{
    if (at < 0)
        at += length;
    if (at >= 0 && at < length)
        return at;
    *status = 2;
    return 0;
}
""",
    "modulo": """\
static int64_t modulo(int64_t a, int64_t b, int *status)
{
    if (b == 0)
        *status = 3;
    if (b == 0 || b == -1)
        return 0;
    int64_t rest = a % b;
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}
""",
    "floored": """\
static int64_t floored(int64_t a, int64_t b, int *status)
{
    if (b == 0)
        *status = 3;
    if (b == -1)
        return -a;
    if (b == 0)
        return 0;
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}
""",
    "largest": "static double largest(double a, double b) { return b > a ? b : a; }\n",
    "least": "static double least(double a, double b) { return b < a ? b : a; }\n",
    "longest": ("static int64_t longest(int64_t a, int64_t b) { return b > a ? b : a; }\n"),
    "shortest": (
        "static int64_t shortest(int64_t a, int64_t b) { return b < a ? b : a; }\n"
    ),
}
