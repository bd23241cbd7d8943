"""What is None in some runs only: what fails there is raised as Python raises it."""

from __future__ import annotations

import math

import numpy as np

from corpus.registry import case


@case(2.0)
@case(-2.0)
def an_option_that_one_branch_needs(x, length=None):
    if x > 1.0:
        return x * x
    if x < -1.0:
        y = -(x**3)
        return y
    scaled = x * length
    return np.sum(scaled + np.ones(scaled.shape)) + math.sqrt(length)


@case(2.0)
def options_of_other_forms(x, parts=None, model=None):
    y = x
    if x < 0.0:
        first, second = parts
        y = first * x + second
    if x < -1.0:
        y = parts[0] * model(x) + model.slope + abs(parts)
    if x < -2.0:
        for part in parts:
            y += part
        y **= model
    return y * x


@case(0.4, [3.0, 1.0, 2.0, -1.0])
def from_the_second_round_on(x, values):
    before = None
    total = 0.0
    for k, v in enumerate(values):
        if k > 0:
            total += (v - before) * x
        before = v * x
    return total


@case(3.0)
def a_bracket_that_is_not_there_at_first(a):
    x, before, low, high = a, None, None, None
    for _ in range(60):
        error = x * x - a
        if error == 0.0:
            return x
        if error < 0.0:
            low = x
        else:
            high = x
        if before is not None and x == before:
            x = before + (x - before) * 0.5
        if error > 1e6:
            x = before + (x - before) * 0.1
        step = x - error / (2.0 * x)
        if low is not None and high is not None and not low < step < high:
            step = 0.5 * (low + high)
        if abs(step - x) < 1e-13:
            return step
        before, x = x, step
    raise ValueError("not found")


@case(1.3)
def with_a_default_where_it_fails(x, scale=None):
    try:
        y = math.sqrt(scale) * x
    except TypeError:
        y = 2.0 * x
    try:
        y += scale.width
    except AttributeError:
        y *= x
    return y


@case(1.3)
def with_functions_of_what_is_not_there(x, scale=None):
    if x > 2:
        return x * np.exp(scale) + float(scale) + max(scale, 2.0)
    if x > 4:
        return x * np.square(scale) + round(scale) * int(scale)
    return x * x
