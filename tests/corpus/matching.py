"""`match` statements."""

import math

import numpy as np

from corpus.registry import case, draw


@case(1.3, "cube")
@case(1.3, "square")
@case(1.3, "other")
def match_text(x, kind):
    match kind:
        case "cube":
            return x**3
        case "square" | "sq":
            return x * x
        case _:
            return x


@case(1.3, 0)
@case(1.3, 2)
@case(1.3, 5)
@case(1.3, -4)
def match_numbers_and_guards(x, n):
    match n:
        case 0:
            y = x
        case 1 | 2:
            y = x * x
        case k if k > 3:
            y = x * k
        case other:
            y = -x * other
    return y


@case(1.5, 0.6)
@case(0.3, 1.5)
def match_pairs(x, y):
    match (x, y * y):
        case [a, b] if a > b:
            return a * b
        case (a, 0.25):
            return 3 * a
        case (a, b):
            return a + math.sin(b)


@case(1.5, 2.5)
def match_star(x, y):
    match [x, y, x * y, 3.0]:
        case []:
            return 0.0
        case [one]:
            return one
        case [first, *middle, last]:
            return first * last + sum(middle)


@case(1.5)
def match_nested(x):
    match ("add", (x, 2 * x)):
        case ("add", (a, b)) | ("plus", [b, a]):
            return a * b
        case ("neg", a):
            return -a


@case(1.5, draw(3))
def match_classes(x, u):
    match x:
        case int() | str():
            return 1.0
        case float(v):
            total = v * v
    match u:
        case [a, b, c]:  # an array is no sequence here
            total = a
        case _:
            total *= u.sum()
    return total


@case(draw(3), np.array([0, 1, 2, 1, 0]))
def match_in_a_loop(u, codes):
    total = 0.0
    for code in codes:
        match code:
            case 0:
                total += u[0]
            case 1:
                continue
            case 2 if total > 100:
                break
            case 2:
                total *= u[1]
    return total * u[2]


@case(1.5)
def no_case_fits(x):
    y = x
    match "a":
        case "b":
            y = 3 * x
    return y * y


@case(1.5, None)
def match_none(x, n):
    match n:
        case None:
            return x * x
        case _:
            return x * n


@case(0.3, 0.4, 2)
@case(0.3, 0.4, 3)
def match_on_an_expression(x, y, n):
    match n % 2:
        case 0:
            x = x * y
        case _:
            x = x + y
    return x * x


class Leaf:
    def __init__(self, value):
        self.value = value


@case(1.3, 0.4)
def match_sequences_beside_objects(x, y):
    def total(e):
        match e:
            case [first, *rest]:
                return total(first) + 2.0 * sum(total(v) for v in rest)
            case {"at": v, **rest}:
                return v * len(rest)
            case Leaf(value=v):
                return v * v
            case _:
                return e

    return total([Leaf(x), {"at": y, "by": 1}, total, 3.0, (y, Leaf(y))][0:2] + [x * y])
