"""Structured arguments and results: their forms, and what the gradients look like."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest
from corpus.trees import same

import symdiff
from symdiff import check_grads, grad, value_and_grad


@pytest.fixture(autouse=True)
def _no_disk_cache(monkeypatch):
    monkeypatch.setenv("SYMDIFF_CACHE", "off")


# -- results beside the value ---------------------------------------------------------


def with_rest(x, u):
    total = 0.0
    v = u.copy()
    for i in range(len(u)):
        v[i] = v[i] * x + i
        total += v[i] ** 2
    return total, (v, [x, total], {"last": v[-1]} if False else ())


def test_has_aux_returns_the_rest_as_the_function_does():
    u = np.array([1.0, 2.0, 3.0])
    value, (v, pair, nothing) = with_rest(2.0, u)
    (got, rest), (x_bar, u_bar) = value_and_grad(with_rest, (0, 1), has_aux=True)(2.0, u)
    assert got == value
    assert np.array_equal(rest[0], v)
    assert rest[1] == pair
    assert type(rest[1]) is list
    assert rest[2] == nothing == ()
    alone, other = grad(with_rest, (0, 1), has_aux=True)(2.0, u)
    assert same(alone, (x_bar, u_bar))
    assert same(other, rest)
    check_grads(with_rest, (2.0, u), has_aux=True)


def test_has_aux_does_not_matter_to_the_gradient():
    def both(x):
        return x**3, x**2

    def first(x):
        return x**3

    assert grad(both, has_aux=True)(1.5) == (grad(first)(1.5), 1.5**2)


def test_an_array_among_the_rest_is_the_final_one():
    def writes(x, u):
        u[0] = x * u[0]
        half = u * 0.5
        u[1] = half[0] * u[0]
        return u.sum() * x, u

    u = np.array([1.0, 2.0])
    want = writes(3.0, u.copy())[1]
    _, rest = grad(writes, (0, 1), has_aux=True)(3.0, u)
    assert np.array_equal(rest, want)
    assert np.array_equal(u, [1.0, 2.0])


def test_has_aux_on_several_paths():
    def early(x):
        if x < 0:
            return -x, ("negative", 1)
        y = x * x
        return y, ("positive", 2)

    gradient = value_and_grad(early, has_aux=True)
    assert gradient(-2.0) == ((2.0, ("negative", 1)), -1.0)
    assert gradient(3.0) == ((9.0, ("positive", 2)), 6.0)


def test_has_aux_as_decorator_and_in_source():
    @value_and_grad(has_aux=True)
    def f(x):
        return x * x, x

    assert f(3.0) == ((9.0, 3.0), 6.0)
    assert f.source.endswith("    return (x * x, x), 2.0 * x\n")
    assert f.specialize(2.0)(3.0) == ((9.0, 3.0), 6.0)
    assert symdiff.source(f.primal, 1.0, has_aux=True).endswith("    return 2.0 * x, x\n")
    assert copy.deepcopy(f)(3.0) == f(3.0)


def test_has_aux_needs_a_pair():
    def single(x):
        return x * x

    with pytest.raises(symdiff.DifferentiationError, match="must return a pair"):
        grad(single, has_aux=True)(1.0)


# -- tuples ---------------------------------------------------------------------------


def test_the_gradient_of_a_tuple_is_a_tuple():
    def f(p, x):
        (a, b), c = p
        return a * x**2 + math.sin(b) * c

    p = (1.0, 0.5), 2.0
    assert grad(f)(p, 3.0) == ((9.0, 2.0 * math.cos(0.5)), math.sin(0.5))
    assert grad(f, (0, 1))(p, 3.0)[1] == 6.0


def test_a_tuple_is_unpacked_once():
    def f(params, x):
        (W, b), c = params
        return np.sum(W @ x + b) * c

    gradient = grad(f)
    gradient(((np.ones((2, 2)), np.ones(2)), 3.0), np.ones(2))
    assert "(W, b), c = params\n" in gradient.source


def test_shared_memory_inside_a_tuple_is_refused_if_written():
    def f(p):
        u, v = p
        u[0] = 2.0 * v[1]
        return np.sum(u * v)

    u = np.ones(3)
    with pytest.raises(symdiff.DifferentiationError, match=r"writes into `p\[0\]`"):
        grad(f)((u, u))
    check_grads(f, ((u, 2 * u),))


def test_shapes_that_do_not_fit_inside_a_tuple():
    def f(p):
        u, v = p
        return np.sum(u * v)

    with pytest.raises(ValueError, match=r"do not fit together|broadcast"):
        grad(f)((np.ones(3), np.ones(4)))
