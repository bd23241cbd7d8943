"""Elements of arrays that become Python's floats: what is computed with them stays, bit for
bit, and nothing is raised that NumPy would not raise."""

from __future__ import annotations

import math

import numpy as np
import pytest

import symdiff
from symdiff import grad


@pytest.fixture(autouse=True)
def _no_disk_cache(monkeypatch):
    monkeypatch.setenv("SYMDIFF_CACHE", "off")


P = np.array([0.6, 0.03, 0.5, 0.8])


def fresh(function):
    """The function with nothing kept of it."""
    function.__dict__.pop("__symdiff__", None)
    symdiff.api.specialise._kept.clear()
    return function


def converts(derivative, *args):
    derivative(*args)
    return "float(" in derivative.source or ".tolist()" in derivative.source


# -- what is converted ------------------------------------------------------------------


def rates(p, x, y, n):
    for _ in range(n):
        eaten = p[1] * x * y
        x, y = x + 0.1 * (p[0] * x - eaten), y + 0.1 * (p[2] * eaten - p[3] * y)
    return x * y


def unpacked(p, n):
    x, v, a, b = p
    for _ in range(n):
        x, v = x + a * v, v - b * math.sin(x)
    return x * v


def valley(x):
    step, rise = 1.0 - x[0], x[1] - x[0] * x[0]
    tilt = (x[0] * x[1] - 2.0 * x[1]) * (x[0] * x[1] - 3.0 * x[0])
    return step * step + 100.0 * rise * rise + tilt * (x[1] - tilt * step)


def largest(p, n):
    best = p[0]
    for k in range(n):
        best = max(best * p[1], abs(p[2]) * k, best if best > p[3] else p[3])
    return best


def hill(p, x, n):
    for _ in range(n):
        x = x + p[0] * x / (1.0 + x * x) - p[1] / math.sqrt(1.0 + p[2] * p[2])
    return x


@pytest.mark.parametrize(
    "function, args",
    [(rates, (P, 10.0, 5.0, 4)), (unpacked, (P, 5)), (valley, (P,)), (largest, (P, 3)),
     (hill, (P, 0.3, 4))],
)  # fmt: skip
def test_the_bits_are_those_of_numpy(function, args, monkeypatch):
    fast = grad(fresh(function))
    assert converts(fast, *args)
    monkeypatch.setattr(symdiff.pipeline, "floats", lambda function: function)
    slow = grad(fresh(function))
    assert not converts(slow, *args)
    assert fast(*args).tobytes() == slow(*args).tobytes()
    fresh(function)


def test_values_are_returned_as_numbers_of_numpy():
    both = symdiff.value_and_grad(fresh(rates))
    assert converts(both, P, 10.0, 5.0, 4)
    value, _ = both(P, 10.0, 5.0, 4)
    assert type(value) is type(rates(P, 10.0, 5.0, 4)) is np.float64
    assert value == rates(P, 10.0, 5.0, 4)


def test_answers_are_returned_as_those_of_numpy():
    def rates_and_more(p, x, y, n):
        value = rates(p, x, y, n)
        return value, value > 1.0

    _, more = symdiff.value_and_grad(rates_and_more, has_aux=True)(P, 10.0, 5.0, 4)[0]
    assert type(more) is type(rates_and_more(P, 10.0, 5.0, 4)[1]) is np.bool_


def test_elements_are_returned_as_numbers_of_numpy():
    def first_too(p, x, n):
        first = p[0]
        for _ in range(n):
            x = x * first + p[1] * x * p[2]
        return x, first

    both = symdiff.value_and_grad(first_too, has_aux=True)
    assert converts(both, P, 0.3, 4)
    (value, first), _ = both(P, 0.3, 4)
    assert (value, first) == first_too(P, 0.3, 4)
    assert type(first) is np.float64


# -- what is left alone -----------------------------------------------------------------


def divided(p, x, n):
    for _ in range(n):
        x = x * 0.5 + 1.0 / (1.0 + p[0] / p[1])
    return x


def divided_by_a_float(p, x, d, n):
    for _ in range(n):
        x = x * p[2] + 1.0 / (1.0 + p[0] / d)
    return x


def divided_by_a_sum_that_may_be_zero(p, x, n):
    for _ in range(n):
        if p[0] / (p[1] * p[1] + 0.0) > 1.0:
            x = x * p[2] * p[0]
    return x


def squared(p, x, n):
    for _ in range(n):
        x = 1.0 / (1.0 + (p[0] * x * p[2]) ** 2)
    return x


def counted(p, x, n):
    for k in range(n):
        x = x * p[0] + ((p[1] < 0.5) + (p[2] < 0.9)) * p[3]
    return x


def counted_or_not(p, x, n):
    a, b, c, d = p
    for k in range(n):
        one, other = (a > 0.1, b > 0.01) if k else (0.5, 0.25)
        x = x * c * d + (one + other)
    return x


def inverted(p, x, n):
    for k in range(n):
        x = x * p[0] + p[1]
        if ~(p[0] > 1.0):
            x = x * p[2] * p[3]
    return x


def with_single_precision(p, u, n):
    total = 0.0
    for k in range(n):
        total = total + np.sum(u * (p[0] * p[1] * p[2]))
    return total


def added_to_single_precision(p, u, n):
    for k in range(n):
        u[0] += p[0] * p[1] * p[2]
    return u[0]


def with_numbers_of_single_precision(p, u, n):
    x = u[0]
    for _ in range(n):
        x = x * (p[0] * p[1] * p[2])
    return x


def shown(p, x, n):
    for _ in range(n):
        x = x * p[0] + p[1]
        label = f"{p[2] * p[3]!r}"
        x = x * len(label)
    return x


def rounded(p, x, n):
    for _ in range(n):
        x = x * p[0] + p[1] * x * x
        x = x * round(p[2] * p[3] * 10.0)
    return x


def asked_for_its_class(p, x, n):
    for _ in range(n):
        x = x * p[0] + p[1] * x * x
        if hasattr(p[2] * p[3], "dtype"):
            x = x * 2.0
    return x


def raised(p, x, n):
    for _ in range(n):
        x = x * p[0] + (p[1] * p[2]) ** -x
    return x


def under_errstate(p, x, n):
    with np.errstate(over="ignore"):
        for _ in range(n):
            x = x * p[0] * p[1] * p[2] * p[3]
        return x


def test_contexts_of_numpy_see_numbers_of_numpy():
    assert not converts(grad(under_errstate), P, 0.3, 3)


U = np.linspace(0.5, 1.5, 3, dtype=np.float32)


@pytest.mark.parametrize(
    "function, args",
    [
        (divided, (np.array([0.6, 0.0, 0.0, 0.0]), 0.3, 3)),
        (divided_by_a_float, (P, 0.3, 0.0, 3)),
        (divided_by_a_sum_that_may_be_zero, (np.array([0.6, 0.0, 0.5]), 0.3, 3)),
        (squared, (np.array([1e200, 0.1, 1e80, 1.0]), 0.3, 3)),
        (counted, (P, 0.3, 3)),
        (counted_or_not, (P, 0.3, 3)),
        (inverted, (P, 0.3, 3)),
        (with_single_precision, (P, U, 3)),
        (added_to_single_precision, (P, U, 3)),
        (with_numbers_of_single_precision, (P, U, 3)),
        (shown, (P, 0.3, 3)),
        (rounded, (P, 0.3, 3)),
        (asked_for_its_class, (P, 0.3, 3)),
        (raised, (np.array([0.6, 0.0, 0.5, 0.8]), 0.3, 3)),
    ],
)
def test_values_stay_where_python_and_numpy_differ(function, args):
    with np.errstate(all="ignore"):
        want = function(*(a.copy() if isinstance(a, np.ndarray) else a for a in args))
        value, _ = symdiff.value_and_grad(function)(*args)
        grad(function)(*args)
    assert np.array_equal(value, want)
    assert np.asarray(value).dtype == np.asarray(want).dtype


def test_slopes_beside_what_is_infinite():
    with np.errstate(all="ignore"):
        assert grad(divided_by_a_float, argnums=1)(P, 0.3, 0.0, 3) == 0.125
        assert grad(divided, argnums=1)(np.array([0.6, 0.0]), 0.3, 3) == 0.125


# -- lists ------------------------------------------------------------------------------

X = np.linspace(-1.0, 1.5, 9)
Y = np.sin(7.0 * X)


def residuals(p, x, y):
    total = 0.0
    for k in range(len(x)):
        z = (y[k] - p[0] * x[k]) / p[1]
        total += z * p[2] + z * z
    return total


def smoothed(p, x, y):
    level, error = x[0], 0.0
    for a, b in zip(x, y, strict=True):
        error += abs(a - level) * b
        level = p[0] * a + p[3] * level
    return error


def filtered(p, x, y):
    out = np.zeros_like(x)
    for k in range(1, len(x)):
        out[k] = p[0] * x[k] - p[1] * x[k - 1] * y[k] + p[2] * out[k - 1] * out[k - 1]
    return np.sum(out * y)


def read_to_a_count(p, x, y):
    total = 0.0
    for k in range(6):
        total = total * p[0] + x[k] * y[k + 2] * p[1]
    return total


def table_in_turn(p, x, y):
    table = np.outer(x, y)
    total = 0.0
    for i in range(len(x)):
        for j in range(len(y)):
            total = total * p[0] + table[i, j] * p[1] * x[i]
    return total


@pytest.mark.parametrize(
    "function, text",
    [
        (residuals, "x_list = x.tolist()"), (smoothed, ".tolist()"),
        (filtered, "out.item(k - 1)"), (read_to_a_count, "y[:8].tolist()"),
        (table_in_turn, "table_list[i][j]"),
    ],
)  # fmt: skip
def test_the_bits_of_lists_are_those_of_arrays(function, text, monkeypatch):
    fast = symdiff.value_and_grad(fresh(function), argnums=(0, 1, 2))
    value, slopes = fast(P, X, Y)
    assert text in fast.source
    assert type(value) is np.float64
    assert value == function(P, X, Y)
    monkeypatch.setattr(symdiff.pipeline, "floats", lambda function: function)
    slow = symdiff.value_and_grad(fresh(function), argnums=(0, 1, 2))
    assert all(map(np.array_equal, slopes, slow(P, X, Y)[1]))
    fresh(function)


def swung(p, x, y):
    angle, speed = p[0], p[1]
    for _ in range(5):
        speed = speed - 0.1 * np.sin(angle) * p[2]
        angle = angle + 0.1 * speed
    return angle * speed


def drawn(p, x, y):
    a, b = p[0], p[1]
    for k in range(5):
        r = np.sqrt(a * a + b * b)
        a, b = a - 0.1 * b / (r * r), b + 0.1 * a / r + x[k] / (k - 2)
    return a * b


@pytest.mark.parametrize(
    "function, text",
    [(swung, "float(np.sin(angle))"), (drawn, "float(np.sqrt(a * a + b * b))")],
)
def test_the_bits_of_results_are_those_of_numpy(function, text, monkeypatch):
    with np.errstate(all="ignore"):
        fast = symdiff.value_and_grad(fresh(function))
        value, slope = fast(P, X, Y)
        assert text in fast.source
        assert np.array_equal(value, function(P, X, Y), equal_nan=True)
        monkeypatch.setattr(symdiff.pipeline, "floats", lambda function: function)
        slow = symdiff.value_and_grad(fresh(function))(P, X, Y)[1]
        assert np.array_equal(slope, slow, equal_nan=True)
    fresh(function)


def test_what_a_loop_divides_by_may_be_zero():
    def inverses(p, x, y):
        total = 0.0
        for k in range(len(x)):
            d = x[k] * y[k] * p[0]
            q = x[k] / d * p[1]
            if q < 100.0:
                total += q
        return total

    x = np.array([1.0, 0.0, -2.0, 3.0])
    for y in (np.array([0.5, 1.0, -0.0, 1.0]), np.array([0.5, 1.0, 0.0, -0.0])):
        with np.errstate(all="ignore"):
            both = symdiff.value_and_grad(inverses)
            value, _ = both(P, x, y)
            assert "or np.float64(" in both.source
            assert value == inverses(P, x, y)


def test_questions_that_leave_zero_possible():
    def asked(p, x, y):
        total = 0.0
        for k in range(len(x)):
            d = x[k] * p[0]
            if d > -3.0:
                q = y[k] / d
                total += q * p[1] if q < 100.0 else p[1]
            if d >= 0.0:
                q = -y[k] / d
                total += q * p[1] if q > -100.0 else p[2]
            if d != 1.0:
                q = y[k] / d
                total += q * p[2] if q < 100.0 else p[2]
        return total

    with np.errstate(all="ignore"):
        for x in (np.array([0.0, -1.0, 2.0]), np.array([1.0, 0.0, 0.5])):
            both = symdiff.value_and_grad(asked)
            assert both(P, x, np.ones(3))[0] == asked(P, x, np.ones(3))
        assert "or np.float64(" in both.source


@pytest.mark.parametrize("scale", [0.0, -0.0])
def test_a_scale_of_zero_divides_as_in_numpy(scale):
    p = np.array([0.6, scale, 0.5])
    with np.errstate(all="ignore"):
        value, slopes = symdiff.value_and_grad(residuals)(p, X, np.ones(9))
        assert repr(value) == repr(residuals(p, X, np.ones(9)))
        assert not np.isfinite(slopes[1])


def test_a_scale_that_is_a_float_or_an_integer():
    def residuals_by(c, x, y):
        total = 0.0
        for k in range(len(x)):
            total += (y[k] - x[k]) * y[k] / c
        return total

    for c in (0.0, 0):
        with np.errstate(all="ignore"):
            value, _ = symdiff.value_and_grad(residuals_by, 1)(c, X, Y)
            assert np.array_equal(value, residuals_by(c, X, Y), equal_nan=True)


def test_large_squares_are_infinite():
    def squares(p, x):
        total = 0.0
        for k in range(len(x)):
            total += p[0] * x[k] ** 2
        return total

    with np.errstate(over="ignore"):
        value, slopes = symdiff.value_and_grad(squares)(P, np.array([1e200, 1.0]))
    assert value == np.inf
    assert slopes[0] == np.inf


def test_a_list_is_not_made_where_its_column_is_missing():
    def columns(p, x):
        total = p[0] * p[1]
        for t in range(len(x)):
            if x.shape[1] > 1:
                total += p[0] * x[t, 1] * total
            total += p[1] * x[t, 0] * total
        return total

    def columns_in_each_round(p, x):
        total = p[0] * p[1]
        for t in range(len(x)):
            total += p[1] * x[t, 0] * x[t, 1]
        return total

    for function in (columns, columns_in_each_round):
        assert symdiff.value_and_grad(function)(P, np.zeros((0, 1)))[0] == P[0] * P[1]
    assert symdiff.value_and_grad(columns)(P, X[:, None])[0] == columns(P, X[:, None])
    with pytest.raises(IndexError):
        symdiff.value_and_grad(columns_in_each_round)(P, X[:, None])


def test_loops_that_end_early_read_what_they_need():
    def until(p, x):
        total = 0.0
        for k in range(len(x)):
            total += p[0] * x[k] * p[1] + p[2]
            if total > 0.2:
                break
        return total

    both = symdiff.value_and_grad(until)
    assert both(P, X)[0] == until(P, X)
    assert "tolist" not in both.source
