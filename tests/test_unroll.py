"""Loops that are written out: `unroll=True`."""

from __future__ import annotations

import ast
import copy
import math
import pickle
from dataclasses import dataclass

import numpy as np
import pytest
from corpus import CASES
from corpus.trees import leaves, same

import symdiff

STEPS = 3


def added(x, c, n):
    for _ in range(n):
        x = x + c
    return x


def loops(text: str) -> bool:
    """Whether there are any, comprehensions among them."""
    kinds = ast.For, ast.While, ast.comprehension
    return any(isinstance(node, kinds) for node in ast.walk(ast.parse(text)))


def test_each_value_has_a_name_of_its_own():
    text = symdiff.source(added, 1.0, 2.0, 3, argnums=("x", "c"), unroll=True)
    assert "Written out for n = 3." in text
    value = symdiff.value_and_grad(added, ("x", "c"), unroll=True)
    assert value(1.0, 0.25, 3) == (1.75, (1.0, 3.0))
    body = [line.strip() for line in value.source.splitlines()]
    first = body.index("x1 = x + c")
    assert body[first + 1] == "x2 = x1 + c"
    assert body[first + 2].startswith("x3 = x2 + c")
    assert body[-1] == "return x3, (1.0, 3.0)"


def test_the_code_fits_the_numbers_of_the_call():
    gradient = symdiff.grad(added, "c", unroll=True)
    for n in (3, 4, 0, 3, True):
        assert gradient(1.0, 2.0, n) == float(n)
    assert gradient(1.0, 2.0, n=5) == 5.0

    def keyword(x, *, flag, depth=2):
        for _ in range(depth):
            x = x * x if flag else x + 1
        return x

    gradient = symdiff.grad(keyword, unroll=True)
    for flag in (True, False, True):
        for depth in (1, 2, 1):
            want = symdiff.grad(keyword)(1.1, flag=flag, depth=depth)
            assert gradient(1.1, flag=flag, depth=depth) == pytest.approx(want, rel=1e-13)


def test_the_code_fits_the_shapes_of_the_call():
    def squares(u):
        total = 0.0
        for k in range(u.shape[0]):
            for j in range(u.shape[1]):
                total += u[k, j] ** (k + 1) * u[j % u.shape[0], k % u.shape[1]]
        return total

    gradient, plain = symdiff.grad(squares, unroll=True), symdiff.grad(squares)
    for shape in ((2, 3), (3, 2), (1, 4), (2, 3)):
        u = np.linspace(0.5, 1.5, 12)[: math.prod(shape)].reshape(shape)
        assert np.allclose(gradient(u), plain(u), rtol=1e-12)
    assert not loops(gradient.source)


@dataclass
class Settings:
    k: float
    n: int
    w: list


def test_numbers_inside_structures_count():
    def f(x, settings):
        for i in range(settings.n):
            x = x * settings.k + settings.w[i] * x**i
        return x

    gradient = symdiff.grad(f, unroll=True)
    for n in (2, 3, 2):
        settings = Settings(0.5, n, [1.0, 2.0, 3.0])
        assert gradient(1.2, settings) == pytest.approx(symdiff.grad(f)(1.2, settings))
    assert "settings.n = 2, settings.w of length 3" in gradient.source
    # Where it is differentiated by, a number is no count.
    with pytest.raises(symdiff.DifferentiationError, match="how often this loop runs"):
        symdiff.grad(f, "settings", unroll=True)(1.2, settings)


def test_numbers_outside_count(monkeypatch):
    def f(x):
        for _ in range(STEPS):
            x = x * math.sin(x)
        return x

    gradient = symdiff.grad(f, unroll=True)
    assert gradient(1.2) == pytest.approx(symdiff.grad(f)(1.2), rel=1e-13)
    monkeypatch.setitem(globals(), "STEPS", 4)
    assert gradient(1.2) == pytest.approx(symdiff.grad(f)(1.2), rel=1e-13)
    assert "x4" not in gradient.source
    assert "x3" in gradient.source


def test_gradients_with_options_are_copied_with_them():
    gradient = pickle.loads(pickle.dumps(symdiff.grad(added_outside, unroll=True)))
    assert gradient(1.0, 3) == 8.0
    assert "for _" not in gradient.source

    @symdiff.grad(unroll=True)
    def decorated(x, n=2):
        for _ in range(n):
            x = x * x
        return x

    assert decorated(1.5) == 4 * 1.5**3
    assert "Written out for n = 2." in symdiff.stage(decorated, "source")


def added_outside(x, n):
    for _ in range(n):
        x = 2 * x
    return x


def test_forward_mode_and_stages():
    text = symdiff.source(added, 1.0, 2.0, 3, mode="jvp", unroll=True)
    assert not loops(text)
    assert "x.3 = x.2 + c" in symdiff.stage(added, "ssa", 1.0, 2.0, 3, unroll=True)


SUPPORTED = [c for c in CASES if not c.refused][::4]


@pytest.mark.parametrize("case", SUPPORTED, ids=lambda c: c.name)
def test_against_the_loops(case, capsys):
    """What can be written out gives the same, and has no loop."""
    gradient = symdiff.grad(case.function, case.argnums, unroll=True)
    args = copy.deepcopy(case.args)
    try:
        found = gradient(*args)
    except symdiff.DifferentiationError:
        return
    assert same(args, case.args), "an argument was changed"
    want = symdiff.grad(case.function, case.argnums)(*copy.deepcopy(case.args))
    rtol = 1e-4 if "single" in case.name else 1e-8
    pairs = zip(leaves(found), leaves(want), strict=True)
    for (place, got), (wanted_place, wanted) in pairs:
        assert place == wanted_place
        if wanted is not None:
            assert np.allclose(got, wanted, rtol=rtol, atol=1e-10)
    made = ast.parse(gradient.source).body[-1]  # helpers and recursive functions before it
    assert not any(isinstance(n, (ast.For, ast.While)) for n in ast.walk(made))
