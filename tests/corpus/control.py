"""Branches and loops of numbers."""

from __future__ import annotations

import math

from corpus.registry import case

COEFFICIENTS = [1.0, -0.5, 0.25, 2.0]
TABLE = ((0.5, 1.0), (1.5, 2.0), (-1.0, 0.25))


@case(0.4, 1.2)
@case(1.4, 1.2)
def if_else(x, y):
    if x < y:
        z = x * y
    else:
        z = x - y
    return z * z


@case(0.4, 1.2)
@case(1.4, 1.2)
def if_only(x, y):
    z = x
    if x > y:
        z = z * y
    return z + x


@case(-2.0)
@case(0.3)
@case(1.5)
@case(4.0)
def elif_ladder(x):
    if x < 0:
        y = -x
    elif x < 1:
        y = x * x
    elif x < 2:
        y = math.sin(x)
    else:
        y = math.log(x)
    return y * x


@case(0.4, 1.2)
@case(1.4, 1.2)
@case(1.4, -1.2)
def nested_branches(x, y):
    if x > 1:
        a = x * y
        if y > 0:
            a = a * a
            b = a + x
        else:
            b = a - y
    else:
        a, b = y, x
    return a * b


@case(0.4)
@case(-0.4)
def returns_in_branches(x):
    if x > 0:
        return x * x
    else:
        return math.exp(x)


@case(0.4)
@case(-0.4)
@case(2.5)
def early_returns(x):
    if x < 0:
        return -x * 3
    y = x * x
    if y > 4:
        return math.sqrt(y) * x
    y = y + x
    return y * y


@case(0.4, 1.2)
def branch_of_expressions(x, y):
    if x < y and not (x < 0 or y < 0) and 0 < x < 1:
        return x * y
    return x + y


@case(0.4, 1.2)
@case(3.4, 1.2)
def branch_does_nothing(x, y):
    z = x * y
    if x > 2:
        pass
    else:
        z += x
    return z * z


@case(0.4, 5)
@case(0.4, 0)
@case(0.4, 1)
def range_loop(x, n):
    s = 0.0
    for i in range(n):
        s = s + x**i
    return s


@case(0.9, 0.1, 6)
def nonlinear_recurrence(x, c, n):
    for i in range(n):
        x = x * math.sin(x) + c
    return x


@case(0.9, 3, 10, 2)
@case(0.9, 10, 3, -2)
@case(0.9, 5, 5, 1)
def range_bounds(x, start, stop, step):
    s = 1.0
    for i in range(start, stop, step):
        s = s * x + i * x
    return s


@case(0.9, 4)
def range_negative_literal(x, n):
    s = x
    for i in range(n - 1, -1, -1):
        s = s * x + i
    return s


@case(0.9, 4)
def reversed_range(x, n):
    s = x
    for i in reversed(range(n)):
        s = s * math.cos(x) + i * s
    return s


@case(0.9)
def constant_trip_count(x):
    for _ in range(3):
        x = x * x + 0.1
    return x


@case(0.9)
def horner(x):
    result = 0.0
    for c in COEFFICIENTS:
        result = result * x + c
    return result


@case(0.9)
def horner_reversed(x):
    result = 0.0
    for c in reversed(COEFFICIENTS):
        result = result * x + c
    return result


@case(0.9)
def enumerate_constants(x):
    result = 0.0
    for k, c in enumerate(COEFFICIENTS):
        result += c * x**k
    return result


@case(0.9)
def enumerate_from_one(x):
    result = 0.0
    for k, c in enumerate(COEFFICIENTS, 1):
        result += c * x / k
    return result


@case(0.9, 0.4)
def zip_constants(x, y):
    result = y
    for a, b in zip(COEFFICIENTS, (1.0, 2.0, 3.0)):
        result = result * x + a * b * y
    return result


@case(0.9)
def table_of_pairs(x):
    total = 0.0
    for weight, power in TABLE:
        total += weight * x**power
    return total


@case(0.9, 0.3)
def tuple_of_values(x, y):
    total = 1.0
    for v in (x, y, x * y):
        total = total * math.sin(v) + v
    return total


@case(0.9, 0.3)
def list_of_values(x, y):
    total = 1.0
    for v in [x, y, x - y]:
        total *= 1 + v * v
    return total


@case(0.9, 0.3)
def pairs_of_values(x, y):
    total = 0.0
    for a, b in [(x, y), (y, x), (x, x)]:
        total += a * a * b
    return total


@case(0.9, 3, 4)
def nested_loops(x, n, m):
    s = x
    for i in range(n):
        t = s
        for j in range(m):
            t = t * math.sin(x + i) + 0.1 * j
        s = s + t * t
    return s


@case(0.9, 4)
def triangular_loops(x, n):
    s = 0.0
    for i in range(n):
        for j in range(i):
            s += x**i * s * 0.1 + x**j
    return s


@case(0.9, 3)
def three_loops(x, n):
    s = x
    for i in range(n):
        for j in range(n):
            for k in range(2):
                s = s * 0.9 + math.sin(s * x)
    return s


@case(0.9, 5)
def branch_in_loop(x, n):
    s = x
    for i in range(n):
        if i % 2 == 0:
            s = s * x
        else:
            s = s + math.sin(s)
    return s


@case(0.9, 7)
def value_branch_in_loop(x, n):
    s = x
    for i in range(n):
        if s > 1:
            s = s * 0.5 * x
        else:
            s = s + s * s
    return s


@case(0.9, 4)
@case(3.9, 4)
def loop_in_branch(x, n):
    y = x
    if x < 1:
        for i in range(n):
            y = y * x + 1
    else:
        y = math.log(x)
    return y * x


@case(10.3)
@case(0.3)
def while_loop(x):
    while x > 1:
        x = x * 0.6 + 0.05 * math.sin(x)
    return x * x


@case(2.0)
def newton(a):
    x = a
    while abs(x * x - a) > 1e-12:
        x = 0.5 * (x + a / x)
    return x


@case(1.7, 6)
def while_counter(x, n):
    i = 0
    s = 1.0
    while i < n:
        s = s * x + i
        i += 1
    return s


@case(1.3, 5)
def while_two_conditions(x, n):
    k = 0
    while x < 100 and k < n:
        x = x * x + 0.1
        k = k + 1
    return x * k


@case(1.3)
def while_true(x):
    while True:
        x = x * 1.5
        if x > 10:
            break
    return x * x


@case(1.3, 8)
@case(0.2, 8)
def for_break(x, n):
    s = x
    for i in range(n):
        s = s * 1.3 + 0.1 * i
        if s > 4:
            break
        s = s + 0.01 * s * s
    return s * x


@case(1.3, 8)
def for_continue(x, n):
    s = x
    for i in range(n):
        if i % 3 == 1:
            continue
        s = s * math.cos(s) + x
    return s


@case(1.3, 8)
def break_and_continue(x, n):
    s = x
    for i in range(n):
        if i == 2:
            s = s * x
            continue
        if s > 30:
            s = s - x
            break
        s = s * s * 0.5 + x
    return s


@case(1.3, 8)
@case(0.1, 8)
def return_in_loop(x, n):
    s = x
    for i in range(n):
        s = s * s + 0.1
        if s > 3:
            return s * x
    return s - x


@case(1.3, 4)
@case(0.1, 4)
def return_in_nested_loop(x, n):
    s = x
    for i in range(n):
        for j in range(n):
            s = s * 1.1 + 0.01 * j
            if s > 3:
                return s * x * i
    return s


@case(1.3, 4)
@case(0.01, 4)
def break_inner_loop(x, n):
    s = x
    for i in range(n):
        for j in range(n):
            if s * j > 2:
                break
            s = s * 1.2 + x * j
        s = s * 0.8
    return s


@case(1.3, 4)
@case(0.1, 4)
def for_else(x, n):
    for i in range(n):
        x = x * 1.4
        if x > 3:
            y = x * x
            break
    else:
        y = math.sin(x)
    return y * x


@case(10.3)
def while_else(x):
    while x > 1:
        x = x * 0.5
    else:
        x = x * x
    return x


@case(1.3, 4)
def loop_variable_after(x, n):
    for i in range(n):
        x = x * 1.1
    return x * i


@case(1.3, 4)
def loop_variable_overwritten(x, n):
    s = x
    for i in range(n):
        i = i * 2
        s = s * x + i
    return s


@case(0.5, 6)
def fibonacci_like(x, n):
    a, b = x, 1.0
    for _ in range(n):
        a, b = b, a * b + x
    return a + b


@case(0.5, 6)
def rotate_three(x, n):
    a, b, c = x, x * x, 1.0
    for _ in range(n):
        a, b, c = b, c, a + 0.1 * b * c
    return a * b + c


@case(0.5, 4)
def last_value_defined_in_loop(x, n):
    for i in range(n):
        y = x * i
        x = x + y * 0.1
    return x * y


@case(0.5, 4)
@case(1.5, 4)
def defined_in_one_branch(x, n):
    if x > 1:
        factor = x * x
    s = x
    for i in range(n):
        if x > 1:
            s = s * factor
        else:
            s = s + x
    return s


@case(0.5, 5)
def inactive_loop_state(x, n):
    k = 1
    total = 0.0
    for i in range(n):
        k = k * 3 % 7
        total += x**k
    return total


@case(0.5, 5)
def running_maximum(x, n):
    best = -10.0
    for i in range(n):
        v = math.sin(x * i)
        if v > best:
            best = v
    return best * x


@case(0.5, 5)
def loop_carries_list(x, n):
    state = [x, 1.0]
    for i in range(n):
        state[0] = state[0] * 0.9 + state[1] * x
        state[1] = state[1] - 0.1 * state[0]
    return state[0] * state[1]


@case(0.5, 5)
def loop_carries_tuple(x, n):
    state = (x, 1.0)
    for i in range(n):
        a, b = state
        state = (a + 0.1 * b, b - 0.1 * a * x)
    return state[0] * state[1]


@case(0.5, 3)
def printing(x, n):
    for i in range(n):
        x = x * x + 0.1
        print("step", i, f"{x:.3f}")
    return x


@case(0.5, 5)
def sum_of_generator(x, n):
    return sum(x**k / (k + 1) for k in range(n))


@case(0.5, 0.7, 5)
def sum_of_generator_from_a_start(x, y, n):
    return sum((x**k for k in range(n)), start=y) * sum((y for _ in range(n)), x)


@case(0.5, 5)
def raises_on_bad_input(x, n):
    if n < 0:
        raise ValueError("n must not be negative")
    for i in range(n):
        if x > 100:
            raise ArithmeticError(f"diverged in step {i}")
        x = x * 1.2 + x * x
    return x


@case(0.5, 3)
@case(1.5, 6)
@case(-0.5, 4)
def names_bound_in_a_test_with_an_else(x, n):
    k = 0
    while (k := k + 1) < n:
        x = x * math.sin(k * x)
        if x < -0.5:
            break
    else:
        x = 2 * x + k
    return x
