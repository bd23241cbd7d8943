"""What makes generated code fast changes no result, and calls cost little."""

from __future__ import annotations

import importlib.util
import math
import sys
from pathlib import Path

import numpy as np
import pytest

import symdiff
from symdiff.api.gradient import Gradient

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.passes import PASSES, without  # noqa: E402
from benchmarks.workloads import WORKLOADS, flat  # noqa: E402


def fresh(function):
    """The function with nothing kept of it."""
    function.__dict__.pop("__symdiff__", None)
    symdiff.api.specialise._kept.clear()
    return function


def derivative(load):
    mode = "jacrev" if load.jacobian else "grad"
    return Gradient(fresh(load.function), load.argnums, mode)


@pytest.fixture(autouse=True)
def _no_disk_cache(monkeypatch):
    monkeypatch.setenv("SYMDIFF_CACHE", "off")


by_load = pytest.mark.parametrize("load", WORKLOADS, ids=[w.name for w in WORKLOADS])


@by_load
def test_workloads_agree_with_adjoints_by_hand(load):
    found = flat(derivative(load)(*load.args))
    np.testing.assert_allclose(found, flat(load.hand(*load.args)), rtol=1e-8, atol=1e-10)


@by_load
def test_no_pass_changes_a_gradient(load):
    wanted = flat(derivative(load)(*load.args))
    for name in PASSES:
        with without(name):
            found = flat(derivative(load)(*load.args))
        np.testing.assert_allclose(found, wanted, 1e-9, 1e-11, err_msg=name)
    fresh(load.function)


def test_every_pass_of_the_table_is_one():
    assert all(hasattr(symdiff.passes, n) or hasattr(symdiff.pipeline, n) for n in PASSES)


# -- one loop for both sweeps -----------------------------------------------------------


def lines(function, *args, by=0):
    gradient = symdiff.grad(function, argnums=by)
    gradient(*args)
    return gradient.source


def test_a_sum_needs_no_tape():
    def total(xs, w):
        result = 0.0
        for x in xs:
            result += math.sin(x * w)
        return result

    assert "tape" not in lines(total, [1.0, 2.0], 0.5)


def test_rounds_that_read_the_whole_sum_keep_their_tape():
    def root(xs, w):
        result = 0.0
        for x in xs:
            result += math.exp(x * w)
        return math.sqrt(result)

    source = lines(root, [1.0, 2.0], 0.5)
    assert "tape" in source


def test_rounds_that_build_on_one_another_keep_their_tape():
    def walk(xs, w):
        at, result = 0.0, 0.0
        for x in xs:
            at = math.sin(at + x * w)
            result += at
        return result

    assert "tape" in lines(walk, [1.0, 2.0], 0.5)


def test_nothing_moves_across_what_prints(capsys):
    def said(xs, w):
        result = 0.0
        for x in xs:
            print(x)
            result += math.sin(x * w)
        return result

    gradient = symdiff.grad(said, argnums=1)
    assert gradient([1.0, 2.0], 0.5) == pytest.approx(math.cos(0.5) + 2 * math.cos(1.0))
    assert capsys.readouterr().out == "1.0\n2.0\n"


# -- what moves in front of a loop ------------------------------------------------------


def test_a_quotient_stays_in_a_loop_that_may_run_no_round():
    def mean_of(x, n):
        result = x
        for _ in range(n):
            result += x / n
        return result

    assert symdiff.grad(mean_of)(0.5, 0) == 1.0
    assert symdiff.grad(mean_of)(0.5, 4) == 2.0


def test_what_may_be_undefined_stays_in_its_loop():
    def late(x, n):
        if n > 0:
            step = 2.0 * x
        result = x
        for _ in range(n):
            result += step * 3.0 * x
        return result

    assert symdiff.grad(late)(0.5, 0) == 1.0
    assert symdiff.grad(late)(0.5, 2) == 13.0


def test_views_of_arrays_that_are_swapped_stay_in_the_loop():
    def leapfrog(u, n):
        a, b = u.copy(), 2.0 * u
        for _ in range(n):
            inner = a[1:-1]
            a[1:-1] = inner + 0.1 * b[2:] * b[:-2]
            a, b = b, a
        return np.sum(a * b)

    symdiff.check_grads(leapfrog, (np.linspace(0.1, 1.0, 7), 3), argnums=0)


# -- sums along axes --------------------------------------------------------------------


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("shape", [(3, 4), (1, 4), (3, 1), (2, 2)])
def test_maxima_that_cancel_leave_the_gradient_right(axis, shape):
    def spread(a):
        top = a.max(axis=axis, keepdims=True)
        e = np.exp(a - top)
        total = np.sum(np.log(e.sum(axis=axis)) + a.max(axis=axis))
        return total + np.sum(e / e.sum(axis=axis, keepdims=True) * a)

    a = np.random.default_rng(1).normal(size=shape)
    symdiff.check_grads(spread, (a,))


def test_the_maximum_of_a_shifted_sum_has_no_share_in_the_gradient():
    def log_sum_exp(a):
        top = a.max(axis=1)
        return np.sum(np.log(np.sum(np.exp(a - top[:, None]), axis=1)) + top)

    assert "==" not in lines(log_sum_exp, np.arange(6.0).reshape(2, 3))


# -- short loops, written out -----------------------------------------------------------


def test_short_loops_over_numbers_are_written_out():
    def length(x):
        total = 0.0
        for k in range(3):
            total += x[k] * x[k]
        return math.sqrt(total)

    source = lines(length, [1.0, 2.0, 2.0])
    assert "for " not in source
    assert source.count("x_bar[") == 3


def test_loops_with_more_rounds_longer_ones_and_those_that_are_left_stay():
    def five(x):
        for _ in range(5):
            x = x * x + 0.1
        return x

    def long(x):
        for _ in range(4):
            x = math.sin(x) * math.cos(x) + math.exp(x) / (x + 3.0)
        return x

    def left(x):
        for _ in range(3):
            x = x * x + 0.1
            if x > 2.0:
                break
        return x

    def arrays(u):
        for _ in range(3):
            u = u * u
        return u.sum()

    for function, arg in ((five, 0.5), (long, 0.5), (left, 0.5), (arrays, np.ones(3))):
        gradient = symdiff.grad(function, mode="reverse")
        gradient(arg)
        assert "for " in gradient.source


def test_inner_loops_are_written_out_where_the_outer_one_would_be_long():
    def total(xs, w):
        result = 0.0
        for x in xs:
            inner = 0.0
            for k in range(2):
                inner += x * w[k] ** (k + 1)
            result += math.sin(inner)
        return result

    source = lines(total, [0.3, 0.4], [0.5, 0.6], by=1)
    assert source.count("for ") == 1


# -- outer products, gathered -----------------------------------------------------------


def products(function, *args, by):
    """How many outer products a gradient still makes, and how many it gathers."""
    source = lines(function, *args, by=by)
    return source.count("np.outer("), source.count("_pairs.append(")


def test_outer_products_of_all_rounds_become_one_product():
    def powers(w, x, n):
        for _ in range(n):
            x = w @ x + (x @ w) ** 2
        return x.sum()

    assert products(powers, np.eye(3), np.ones(3), 4, by=(0, 1)) == (0, 2)
    assert np.all(symdiff.grad(powers)(np.eye(3), np.ones(3), 0) == np.zeros((3, 3)))


def test_outer_products_are_gathered_through_loops_in_loops():
    def nested(w, x, n):
        for _ in range(n):
            for _ in range(2):
                x = np.tanh(w @ x)
            x = w @ x
        return x.sum() + np.sum(w**2)

    source = lines(nested, np.eye(3), np.ones(3), 2, by=(0, 1))
    assert source.count("w_pairs = []") == 1
    assert source.count("w_pairs.append(") == 2


def test_what_is_read_in_between_is_not_gathered():
    def turned(w, x, n):
        for _ in range(n):
            w = w * 0.9
            x = w @ x
        return x.sum()

    assert products(turned, np.eye(3), np.ones(3), 4, by=(0, 1)) == (1, 0)


def test_numbers_come_out_of_arrays_that_sums_alone_read():
    def likelihood(mean, width, x):
        r = (x - mean) / width
        return -0.5 * np.sum(r * r) - len(x) * math.log(width)

    def read_elsewhere(mean, width, x):
        r = (x - mean) / width
        return np.sum(r * r) + np.max(r / width)

    x = np.linspace(0.5, 1.5, 5)
    assert "r.sum() / width, r @ r / width" in lines(likelihood, 0.1, 1.2, x, by=(0, 1))
    symdiff.check_grads(likelihood, (0.1, 1.2, x), argnums=(0, 1))
    symdiff.check_grads(read_elsewhere, (0.1, 1.2, x), argnums=(0, 1))


def test_sums_of_other_precision_and_of_the_user_are_not_gathered():
    def total(w, x, n):
        for _ in range(n):
            w = w + np.outer(x, x)
        return np.sum(w * w)

    def mixed(w, x, n):
        for _ in range(n):
            x = w @ x
        return x.sum()

    assert products(total, np.eye(3), np.ones(3), 4, by=(0, 1))[1] == 0
    assert products(mixed, np.eye(3, dtype=np.float32), np.ones(3), 4, by=(0, 1))[1] == 0


# -- single elements --------------------------------------------------------------------


def stores_of(function, *args):
    """The statements of a gradient that put something into an element of `p_bar`."""
    source = lines(function, *args, by=0)
    return [line.strip() for line in source.splitlines() if line.strip()[:6] == "p_bar["]


def test_an_element_is_stored_once():
    def total(p):
        return p[0] * p[1] + p[0] ** 2 * p[1] + math.sin(p[0])

    assert [line[:8] for line in stores_of(total, np.ones(3))] == ["p_bar[1]", "p_bar[0]"]


def test_elements_make_an_array_where_its_length_is_known():
    def apart(p):
        a, b = p
        return a * b

    def in_rounds(p, n):
        total = p[0]
        for _ in range(n):
            a, b = p
            total *= a - b
        return total

    def mostly_unread(p):
        a, b, _, _, _ = p
        return a * b

    assert "return np.array([b, a])" in lines(apart, np.ones(2), by=0)
    assert "np.array" not in lines(mostly_unread, np.ones(5), by=0)
    assert "np.array" not in lines(in_rounds, np.ones(2), 3, by=0)
    assert np.all(symdiff.grad(in_rounds)(np.ones(4), 0) == [1, 0, 0, 0])


def test_loops_add_to_floats_for_elements_that_are_the_same_in_all_rounds():
    def sure(p, n):
        total = p[1] ** 2
        for k in range(n):
            total += p[0] * k
        return total

    def unsure(p, n):
        total = p[0]
        for k in range(n):
            total += p[1] * k
        return total

    assert "p0_bar += 1.0 * k" in lines(sure, np.ones(2), 3, by=0)
    assert "p1_bar += 1.0 * k" in lines(unsure, np.ones(2), 3, by=0)
    assert "if n > 0:" in lines(unsure, np.ones(2), 3, by=0)
    assert np.all(symdiff.grad(unsure)(np.ones(1), 0) == [1.0])


# -- Jacobians of few numbers -----------------------------------------------------------


def polar(x, y):
    if x > 0.0:
        r = math.hypot(x, y)
    else:
        r = x * y
    return {"r": r, "angle": [math.atan2(y, x), x]}


def test_jacobians_of_numbers_have_the_form_of_the_result():
    for form in (symdiff.jacrev, symdiff.jacobian):
        found = form(polar, argnums=(0, 1))(3.0, 4.0)
        assert found["r"] == pytest.approx((0.6, 0.8))
        assert found["angle"][0] == pytest.approx((-0.16, 0.12))
        assert found["angle"][1] == (1.0, 0.0)


def test_jacobians_of_lists_and_of_one_argument():
    def both(xs, c):
        return xs[0] * xs[1] * c, math.sin(xs[1])

    found = symdiff.jacrev(both)([2.0, 3.0], 0.5)
    assert found[0] == [1.5, 1.0]
    assert found[1] == pytest.approx([0.0, math.cos(3.0)])
    assert symdiff.jacrev(both, argnums=(1,))([2.0, 3.0], 0.5) == ((6.0,), (0.0,))


def test_jacobians_with_loops_and_arrays_come_row_by_row_as_before():
    def powers(x, n):
        result = x
        for _ in range(n):
            result = result * x
        return result, np.array([x, 2.0 * x])

    first, second = symdiff.jacrev(powers)(2.0, 2)
    assert first == 12.0
    np.testing.assert_array_equal(second, [1.0, 2.0])


def test_lists_of_other_lengths_and_kinds_find_their_code():
    def norm(xs):
        return sum(x * x for x in xs)

    gradient = symdiff.grad(norm)
    assert gradient([1.0, 2.0]) == [2.0, 4.0]
    assert gradient([1.0, 2.0, 3.0]) == [2.0, 4.0, 6.0]
    assert gradient([1, 2.0]) == [2.0, 4.0]


# -- long products, deep nests of calls -------------------------------------------------


def test_factors_of_shared_products_are_looked_at_once():
    """Squares of squares: as a tree the product has a million factors."""

    def fourth(x):
        square = x * x
        return square * square

    def power(x):
        x = fourth(fourth(fourth(fourth(fourth(x)))))
        x = fourth(fourth(fourth(fourth(fourth(x)))))
        return x * math.exp(x)

    assert symdiff.grad(power)(1.0) == pytest.approx(4**10 * 2 * math.e)


def test_chains_of_choices_do_not_nest():
    """The adjoint of y takes one condition more for each step, not all those so far."""

    def step(x, y, low):
        return max(x, low) * y

    def steps(x, y):
        x = step(step(step(step(x, y, 0.1), y, 0.2), y, 0.3), y, 0.4)
        x = step(step(step(step(x, y, 0.5), y, 0.6), y, 0.7), y, 0.8)
        return step(step(step(step(x, y, 0.9), y, 1.0), y, 1.1), y, 1.2)

    args = 0.7, 1.1
    source = symdiff.source(steps, *args, argnums=(0, 1))
    assert " else 0.0 if " not in source
    assert source.count(">") == 12
    symdiff.check_grads(steps, args)


def test_chains_of_choices_of_arrays_do_not_nest():
    def step(x, y):
        return np.where(x > 0.1, 0.9 * x * y, 0.0)

    def steps(x, y):
        x = step(step(step(step(x, y), y), y), y)
        x = np.where(x > 3.0, 0.0, x * y)
        return np.sum(step(step(step(step(x, y), y), y), y))

    args = np.array([0.05, 0.7, 2.0, 9.0]), np.array([0.6, 1.1, 1.3, 1.9])
    source = symdiff.source(steps, *args, argnums=(0, 1))
    assert source.count("np.where(") < 3 * 9
    assert source.count("np.logical_and(") == 8
    symdiff.check_grads(steps, args)


def test_calls_may_be_nested_deeper_than_the_stack_of_python(tmp_path):
    text = "import math\n\n\n"
    for k in range(150):
        text += f"def f{k}(x):\n    return x + 0.5 * f{k + 1}(x)\n\n\n"
    text += "def f150(x):\n    return math.sin(x)\n"
    path = tmp_path / "deep.py"
    path.write_text(text)
    spec = importlib.util.spec_from_file_location("deep", path)
    deep = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(deep)
    limit = sys.getrecursionlimit()
    assert symdiff.grad(deep.f0)(0.5) == pytest.approx(2.0)
    assert sys.getrecursionlimit() == limit
