"""Functions of numbers applied to arrays: `batched`."""

from __future__ import annotations

import contextlib
import copy
import io
import math
import time

import numpy as np
import pytest
from corpus import CASES

import symdiff

SHARE = 0.05


def huber(r, d):
    a = abs(r)
    if a <= d:
        return 0.5 * r * r
    return d * (a - 0.5 * d)


def roots(x, c, n):
    total = 0.0
    for i in range(n):
        if x > 0.5 * i:
            total = total + math.sqrt(x) * c
        else:
            total = total * x
    return total


def test_entries_and_shapes():
    gradient = symdiff.batched(symdiff.grad(huber, (0, 1)))
    single = symdiff.grad(huber, (0, 1))
    r, d = np.linspace(-3, 3, 7).reshape(7, 1), np.array([0.5, 1.0])
    kept = copy.deepcopy((r, d))
    by_r, by_d = gradient(r, d)
    assert by_r.shape == by_d.shape == (7, 2)
    for place in np.ndindex(7, 2):
        want = single(float(r[place[0], 0]), float(d[place[1]]))
        assert (by_r[place], by_d[place]) == pytest.approx(want, rel=1e-14)
    assert np.array_equal(r, kept[0])
    assert np.array_equal(d, kept[1])
    assert "np.where(" in gradient.source
    assert " if " not in gradient.source


def test_what_a_branch_leaves_out_has_no_share():
    """The slope of the root at 0 is infinite, and the root below 0 is no number."""
    values = symdiff.batched(symdiff.value_and_grad(roots, (0, 1)))
    x = np.array([-1.0, 0.0, 0.6, 1.2, 2.0])
    value, (by_x, by_c) = values(x, 0.7, 4)
    for k in range(len(x)):
        want = symdiff.value_and_grad(roots, (0, 1))(float(x[k]), 0.7, 4)
        assert (value[k], by_x[k], by_c[k]) == pytest.approx((want[0], *want[1]))


def test_functions_numbers_and_options():
    assert symdiff.batched(huber)(np.array([0.5, 2.0]), 1.0).tolist() == [0.125, 1.5]
    assert symdiff.batched(huber)(0.5, 1.0) == 0.125
    same = symdiff.batched(symdiff.grad(lambda x, y: x * y + 3.0 * y, (0, 1)))
    by_x, by_y = same(2.0, np.array([1.0, 2.0]))
    assert (by_x.tolist(), by_y.tolist()) == ([1.0, 2.0], [5.0, 5.0])
    assert symdiff.batched(symdiff.grad(lambda x, y: y))(np.ones(3), 1.0).tolist() == [
        0,
        0,
        0,
    ]

    def layers(x, n):
        xs = [x, 2 * x]
        for _ in range(n):
            xs = [math.tanh(a + 0.1 * b) for a, b in zip(xs, xs[::-1])]
        return xs[0] * xs[1]

    unrolled = symdiff.batched(symdiff.grad(layers, unroll=True))
    x = np.array([0.3, -0.7])
    for n in (2, 3, 2):
        want = [symdiff.grad(layers)(v, n) for v in x.tolist()]
        assert unrolled(x, n).tolist() == pytest.approx(want, rel=1e-13)
    single = symdiff.batched(symdiff.grad(huber))(np.array([0.5, 2.0], "float32"), 1.0)
    assert single.dtype == "float32"

    class Model:
        k = 2.0

        def loss(self, x):
            return self.k * x * x

    assert symdiff.batched(symdiff.grad(Model().loss))(np.array([1.0, 3.0])).tolist() == [
        4,
        12,
    ]
    assert symdiff.batched(Model().loss)(np.array([1.0, 3.0])).tolist() == [2, 18]
    assert repr(symdiff.batched(huber)).startswith("<huber_batched of ")


def test_arguments_that_are_returned():
    x = np.array([1.0, 2.0])
    found = symdiff.batched(lambda x: x)(x)
    found[0] = 5.0
    assert x.tolist() == [1.0, 2.0]


def test_ties_and_truth_values_are_those_of_python():
    def f(x, y):
        count = (x > 1) + (y > 1) + (x > y)
        return max(x, y) * count + min(x, y, 0.5) * abs(x - y) + float(x > 1)

    gradient = symdiff.batched(symdiff.grad(f, (0, 1)))
    points = [(1.3, 0.4), (0.4, 0.4), (2.0, 2.0), (0.5, 1.5), (-1.0, 0.5)]
    found = gradient(*np.array(points).T)
    want = [symdiff.grad(f, (0, 1))(*point) for point in points]
    assert np.allclose(np.array(found).T, want, rtol=1e-14)


def test_bad_input():
    gradient = symdiff.batched(symdiff.grad(huber))
    with pytest.raises(ValueError, match="call it first"):
        gradient.source
    with pytest.raises(symdiff.DifferentiationError) as error:
        gradient(np.arange(3), 1.0)
    assert error.value.msg == "`r` is an array of int64"
    with pytest.raises(ValueError, match="shape mismatch"):
        gradient(np.ones(3), np.ones(2))
    with pytest.raises(TypeError, match="missing a required argument: 'd'"):
        gradient(np.ones(3))


def test_it_is_faster_than_a_loop():
    gradient = symdiff.grad(huber)
    batched = symdiff.batched(gradient)
    r = np.linspace(-3, 3, 20_000)
    batched(r, 1.0), gradient(1.0, 1.0)
    start = time.perf_counter()
    found = batched(r, 1.0)
    middle = time.perf_counter()
    want = [gradient(v, 1.0) for v in r.tolist()]
    end = time.perf_counter()
    assert np.allclose(found, want)
    assert middle - start < (end - middle) / 3


def numbers_of(case):
    return [k for k, a in enumerate(case.args) if isinstance(a, float)]


SCALAR = [
    c for c in CASES
    if not c.refused and set(c.argnums) & set(numbers_of(c))
    and all(isinstance(c.args[k], (int, float)) for k in c.argnums)
][::3]  # fmt: skip


@pytest.mark.parametrize("case", SCALAR, ids=lambda c: c.name)
def test_against_one_entry_after_the_other(case):
    """At the point of the case and beside it, where other branches may be taken."""
    gradient = symdiff.value_and_grad(case.function, case.argnums)
    rows = [list(copy.deepcopy(case.args)) for _ in range(3)]
    for number, row in enumerate(rows):
        for place in numbers_of(case):
            row[place] *= 1 + SHARE * number
    args = copy.deepcopy(rows[0])
    for place in numbers_of(case):
        args[place] = np.array([row[place] for row in rows])
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            values, gradients = symdiff.batched(gradient)(*args)
        except symdiff.DifferentiationError:
            return
        for number, row in enumerate(rows):
            value, want = gradient(*copy.deepcopy(row))
            assert np.allclose(values[number], value, rtol=1e-9)
            got = [g[number] for g in gradients]
            assert np.allclose(got, want, rtol=1e-8, atol=1e-10)
