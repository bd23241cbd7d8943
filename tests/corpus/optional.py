"""Names that hold None until they hold a number, and loops that bind in their test."""

import numpy as np

from corpus.registry import case, draw


@case(draw(4))
def squared_differences(u):
    previous = None
    total = 0.0
    for x in u:
        if previous is not None:
            total += (x - previous) ** 2
        previous = x
    return total


@case(draw(5))
def largest_so_far(u):
    best = None
    for x in u:
        if best is None or x > best:
            best = x
    return best * best


@case(1.5, 5)
def until_it_stands_still(x, most):
    old = None
    n = 0
    while old is None or abs(x - old) > 1e-3:
        old = x
        x = 0.5 * (x + 2.0 / x)
        n += 1
        if n > most:
            break
    return x * old


@case(0.7)
@case(1.5)
def none_on_one_path(x):
    y = None
    if x > 1:
        y = x * x
    if y is None:
        return x
    return y


@case(draw(3))
def sum_that_starts_with_none(u):
    total = None
    for k in range(3):
        v = np.sin(u) * (k + 1)
        total = v if total is None else total + v
    return total.sum()


@case(1.5)
@case(0.3)
def found_or_none(x):
    found = None
    for k in range(10):
        if k * x > 4:
            found = k * x
            break
    return found if found is not None else x * x


@case(1.2, 3)
def none_before_two_loops(x, n):
    last = None
    total = 0.0
    for i in range(n):
        for j in range(2):
            current = x * (i + 1) * (j + 1)
            if last is None:
                last = current
                continue
            total += current * last
            last = current
    return total


@case(3.5)
def bound_in_the_test(x):
    n = 0
    while (distance := x * x - 2.0) > 0.1 and n < 20:
        x = x - distance / (2 * x)
        n += 1
    return x * distance


@case(1.5, 1e-3)
def bound_in_every_test(x, tolerance):
    while (half := x * 0.5) > tolerance:
        x = half * half
    return x + half
