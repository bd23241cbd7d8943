"""Branches as indicator functions: `indicators=True`."""

from __future__ import annotations

import ast
import copy
import math

import numpy as np
import pytest
from corpus import CASES
from corpus.trees import leaves, same

import symdiff


def ramp(x, w):
    y = x * w
    if y > 1:
        z = y * y
    elif y > 0:
        z = y
    else:
        z = 0.1 * y
    return z * w


def test_both_sides_are_summed():
    gradient = symdiff.value_and_grad(ramp, ("x", "w"), indicators=True)
    plain = symdiff.value_and_grad(ramp, ("x", "w"))
    for x in (-1.5, 0.0, 0.2, 0.5, 2.0):
        assert gradient(x, 2.0) == plain(x, 2.0)
    body = gradient.source.partition('"""')[2].partition('"""')[2]
    assert "float(y > 1)" in body
    assert " if " not in body


def test_arrays_entry_by_entry():
    def huber(u, d):
        a = np.abs(u)
        return np.sum(np.where(a < d, u * u, 2 * d * a - d * d))

    gradient = symdiff.grad(huber, (0, 1), indicators=True)
    for dtype in ("float64", "float32"):
        u = np.array([0.5, -1.5, 2.5], dtype)
        found, want = gradient(u, 1.0), symdiff.grad(huber, (0, 1))(u, 1.0)
        assert found[0].dtype == dtype
        assert np.allclose(found[0], want[0], rtol=1e-6)
        assert found[1] == pytest.approx(want[1], rel=1e-6)
        assert f'(a < d).astype("{dtype}")' in gradient.source
    assert "where" not in gradient.source


def test_conditions_that_are_joined_and_counters():
    def f(x, y):
        if x > 0 and y > 0 or x > 5:
            return x * y
        k = 2 if x < -1 else 3
        return k * x * x + (y if not y > 2 else 3 * y)

    gradient, plain = symdiff.grad(f, (0, 1), indicators=True), symdiff.grad(f, (0, 1))
    for x in (-2.0, -0.5, 0.5, 6.0):
        for y in (-1.0, 1.0, 3.0):
            assert gradient(x, y) == plain(x, y)


def test_numbers_as_conditions():
    def f(x, n, u):
        y = x if x else 1.0
        return np.sum(np.where(u, y * u, x)) * (2.0 * x if n else y)

    u = np.array([0.5, 0.0, 2.0])
    for x in (0.0, 0.4):
        for n in (0, 3):
            gradient = symdiff.grad(f, (0, 2), indicators=True)
            found, want = gradient(x, n, u), symdiff.grad(f, (0, 2))(x, n, u)
            assert found[0] == pytest.approx(want[0], rel=1e-14)
            assert np.allclose(found[1], want[1])


def test_in_loops_and_written_out():
    def tent(x, n):
        for _ in range(n):
            x = 1.9 * x if x < 0.5 else 1.9 * (1 - x)
        return x

    want = symdiff.grad(tent)(0.3, 7)
    assert symdiff.grad(tent, indicators=True)(0.3, 7) == pytest.approx(want, rel=1e-14)
    both = symdiff.grad(tent, unroll=True, indicators=True)
    assert both(0.3, 7) == pytest.approx(want, rel=1e-14)
    asks, *others = (
        n
        for n in ast.walk(ast.parse(both.source))
        if isinstance(n, (ast.If, ast.IfExp, ast.For))
    )
    assert isinstance(asks.body[0], ast.Raise)  # of another n
    assert not others
    text = symdiff.source(tent, 0.3, 2, mode="jvp", indicators=True)
    assert "float(x < 0.5)" in text


def test_what_may_fail_is_refused():
    for expression in (
        "math.log(x) if x > 0 else x", "1 / x if x else x", "x ** 0.5 if x > 0 else x",
        "math.exp(x) if x < 9 else x", "2.0 / (x - 1) if x > 2 else x",
        "x ** x if x > 0 else x", "math.sqrt(x) if x > 0 else x",
    ):  # fmt: skip
        text = f"def f(x):\n    return {expression}\n"
        space = {"math": math}
        exec(text, space)
        gradient = symdiff.grad(space["f"], text=text, indicators=True)
        with pytest.raises(symdiff.DifferentiationError, match="and this may fail"):
            gradient(0.7)


SUPPORTED = [c for c in CASES if not c.refused][::3]


@pytest.mark.parametrize("case", SUPPORTED, ids=lambda c: c.name)
def test_against_the_branches(case, capsys):
    """What can be written so gives the same."""
    args = copy.deepcopy(case.args)
    try:
        found = symdiff.grad(case.function, case.argnums, indicators=True)(*args)
    except symdiff.DifferentiationError:
        return
    assert same(args, case.args), "an argument was changed"
    want = symdiff.grad(case.function, case.argnums)(*copy.deepcopy(case.args))
    rtol = 1e-4 if "single" in case.name else 1e-8
    for (place, got), (wanted_place, wanted) in zip(
        leaves(found), leaves(want), strict=True
    ):
        assert place == wanted_place
        if wanted is not None:
            assert np.allclose(got, wanted, rtol=rtol, atol=1e-10)
