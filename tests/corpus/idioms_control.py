"""Ways out of blocks and loops, as people write them."""

from __future__ import annotations

import math
from contextlib import nullcontext

import numpy as np

from corpus.registry import case, draw

LIMIT = 3.0


@case(0.7, 5)
@case(1.6, 5)
def break_with_else(x, n):
    s = 0.0
    for i in range(n):
        s += x**i
        if s > LIMIT:
            s *= x
            break
    else:
        s -= x
    return s


@case(0.7, 6)
def continue_then_more(x, n):
    s = 1.0
    for i in range(n):
        if i % 3 == 0:
            continue
        s += math.sin(i * x)
        s *= x
    return s


@case(0.7, 4)
@case(1.3, 4)
def return_from_the_inner_of_two_loops(x, n):
    s = 0.0
    for i in range(n):
        for j in range(i + 1):
            s += x * math.cos(i - j * x)
            if s > 2.0:
                return s * x + j
    return s


@case(0.7, 4)
def break_out_of_the_inner_loop_only(x, n):
    s = 0.0
    for i in range(n):
        t = x
        for j in range(n):
            t *= 1.0 + x / (j + 1)
            if t > 2.0:
                break
        s += t * i
    return s


@case(0.7, 4)
@case(1.9, 4)
def break_out_of_both_loops(x, n):
    s, found = 0.0, False
    for i in range(n):
        for j in range(n):
            s += x * x / (1 + i + j)
            if s > 2.5:
                found = True
                break
        if found:
            break
    return s if found else -s * x


@case(3.7)
def while_true_with_two_exits(x):
    k = 0
    while True:
        x = 0.5 * (x + 2.0 / x)
        k += 1
        if abs(x * x - 2.0) < 1e-3:
            return x * k
        if k > 20:
            break
    return -x


@case(2.5)
def while_with_else(x):
    y = x
    while y > 0.3:
        y = y / 1.7
        if y > 100:
            break
    else:
        y = y * y
    return y


@case(2.5, 0.3)
def while_with_a_tolerance(a, x):
    previous = -1.0
    while abs(x - previous) > 1e-10:
        previous = x
        x = math.cos(a * x) / a
    return x


@case(2.5)
def walrus_in_while(x):
    s = 0.0
    while (x := x * 0.6) > 0.4:
        s += x * x
    return s + x


@case(0.8)
@case(1.8)
def walrus_in_condition(x):
    if (y := math.exp(x) - 2.0) > 1.0:
        return y * y
    return y + x


@case(0.8)
def walrus_in_expression(x):
    return (y := math.sin(x)) * y + y


@case(0.8, 1.2, 1.5)
@case(0.8, 0.5, 1.5)
def chained_comparison(x, y, z):
    return x * y * z if x < y < z else x + y * z


@case(0.8, 1.2)
def chained_comparison_of_three_kinds(x, y):
    if 0 < x <= 1.0 != y:
        return x * y
    return x - y


@case(0.8, 1.2)
@case(-0.8, 1.2)
def short_circuit_guards_a_division(x, y):
    if x > 0 and 1 / x > y:
        return y / x
    return x * y


@case(0.8, 1.2)
@case(-0.8, 1.2)
def or_of_conditions(x, y):
    if x < 0 or math.sqrt(x) > y:
        return y * y - x
    return math.sqrt(x) * y


@case(0.8, None)
@case(0.8, 2.0)
def none_has_a_default(x, scale):
    if scale is None:
        scale = 3.0 * x
    return x * scale


@case(0.8, None)
@case(0.8, 2)
def or_gives_a_default(x, n):
    n = n or 3
    return x**n


@case(1.2, "cube")
@case(1.2, "square")
@case(1.2, "exp")
def option_of_a_string(x, kind):
    if kind == "cube":
        return x**3
    elif kind in ("square", "quadratic"):
        return x * x
    elif kind.startswith("e"):
        return math.exp(x)
    raise ValueError(f"unknown kind {kind}")


@case(1.2, "cube")
@case(1.2, "other")
def match_on_a_string(x, kind):
    match kind:
        case "cube":
            return x**3
        case "square" | "quadratic":
            return x * x
        case _:
            return x


@case(1.2, 0)
@case(1.2, 2)
@case(1.2, 7)
def match_on_an_integer(x, n):
    match n:
        case 0:
            y = 1.0
        case 1 | 2:
            y = x * n
        case k if k > 5:
            y = math.sin(x * k)
        case _:
            y = x
    return y * x


@case(1.2, 0.4)
def match_on_a_tuple(x, y):
    s = 0.0
    for move in (("go", 2.0), ("turn", 0.5, 1.0), ("stop",)):
        match move:
            case ("go", d):
                s += d * x
            case ("turn", a, b):
                s = s * math.cos(a * y) + b
            case ("stop",):
                s *= x
    return s


@case(1.2, 0.4)
@case(0.2, 0.4)
def raise_in_a_branch(x, y):
    if x < 0:
        raise ValueError("x must not be negative")
    if y > 10:
        raise ValueError(f"y is too large: {y}")
    return math.sqrt(x) * y


@case(1.2, 0.4)
def raise_in_a_loop(x, y):
    for k in range(5):
        x = x * y + 0.1
        if not math.isfinite(x):
            raise ArithmeticError("diverged")
    return x


@case(1.2, 0.4)
def assert_with_a_message(x, y):
    assert x > y, f"{x} is not above {y}"
    assert y != 0
    return math.log(x - y) / y


@case(1.2, 0.4)
def try_and_finally(x, y):
    z = x * y
    try:
        z = z * z + x
    finally:
        y = z + y
    return y * z


@case(1.2, 0.4)
def return_within_try(x, y):
    try:
        return x * x * y
    finally:
        x = 0.0


@case(1.2, 0.4)
def except_that_does_not_happen(x, y):
    try:
        z = x / y
    except ZeroDivisionError:
        z = 0.0
    return z * x


@case(draw(4))
def with_errstate(u):
    with np.errstate(divide="ignore", invalid="ignore"):
        v = np.log(u) / u
    return np.sum(v * v)


@case(draw(4))
def return_within_with(u):
    with np.errstate(all="ignore"):
        return np.sum(np.sqrt(u))


@case(1.2)
def with_nullcontext(x):
    with nullcontext():
        y = x * x
    return y * x


@case(1.2, 0.4)
def del_of_a_name(x, y):
    t = x * y
    z = t * t
    del t
    return z + x


@case(1.2, 0.4)
def pass_and_docstring(x, y):
    """With a docstring."""
    if x > y:
        pass
    else:
        x = y
    ...
    return x * y


@case(1.2, 0.4)
def conditional_in_conditional(x, y):
    return x if y > 1 else (x * x if y > 0.3 else -x) * y


@case(1.2, 5)
def conditional_in_a_sum(x, n):
    return sum(x**i if i % 2 else -x * i for i in range(n))


@case(1.2, 3)
def nested_loops_of_depth_five(x, n):
    s = 0.0
    for a in range(2):
        for b in range(a, n):
            for c in range(2):
                for d in range(b + 1):
                    for e in range(2):
                        s = s + math.sin(x * (a + b + c + d + e)) * 0.1
                    s *= 1.01
    return s


@case(1.2, 9)
def loop_with_a_step_and_a_skip(x, n):
    s, i = 0.0, 0
    while i < n:
        if i % 4 == 1:
            i += 2
            continue
        s += x / (i + 1)
        i += 1
    return s * s


@case(0.3)
def boolean_flag_turns_on(x):
    seen = False
    s = 0.0
    for k in range(6):
        if x * k > 0.8 and not seen:
            seen = True
            s += x * x
        elif seen:
            s += x
    return s


@case(0.3)
def flag_as_a_factor(x):
    positive = x > 0
    return positive * x**2 + (not positive) * x


@case(0.3, 0.9)
def sorting_of_two(a, b):
    if a < b:
        a, b = b, a
    return a**2 / b


@case(5.0)
def return_in_a_while_condition_helper(x):
    def close(a, b, tolerance=1e-9):
        return abs(a - b) <= tolerance * max(abs(a), abs(b))

    guess = x
    while not close(guess * guess, x):
        guess = (guess + x / guess) / 2
    return guess


@case(0.2, 3.0)
def coarse_bisection(lower, upper):
    for _ in range(4):
        middle = (lower + upper) / 2
        if middle**3 - 2 * middle - 1 < 0:
            lower = middle
        else:
            upper = middle
    return lower * upper


@case(0.5, 1.5)
def unused_loop_variable_after_the_loop(x, y):
    for k in range(1, 4):
        x = x * y
    return x * k


@case(0.5, 0)
@case(0.5, 3)
def loop_that_may_not_run(x, n):
    y = x
    for k in range(n):
        y = y * x + k
    return y


@case(0.5, np.array([1.0, -2.0, 3.0]))
def loop_over_an_array_with_continue(x, u):
    s = 0.0
    for value in u:
        if value < 0:
            continue
        s += x * value**2
    return s
