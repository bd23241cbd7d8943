"""`vjp`, Jacobians, Hessians, and derivatives inside what is differentiated."""

from __future__ import annotations

import dataclasses
import functools
import math
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import rosen_hess, rosen_hess_prod

import symdiff
from symdiff import (
    check_grads, grad, hessian, hvp, jacfwd, jacobian, jacrev, jvp, value_and_grad, vjp,
)  # fmt: skip

X = np.array([1.2, 0.7, 0.3, 2.0])


@pytest.fixture(autouse=True)
def _no_disk_cache(monkeypatch):
    monkeypatch.setenv("SYMDIFF_CACHE", "off")


def rosen(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


@dataclasses.dataclass
class Params:
    scale: float
    weights: np.ndarray


class Pair(NamedTuple):
    first: float
    second: float


def several(x, p):
    return {"a": x * p["w"], "b": (np.sin(x).sum(), 3)}, p["w"].sum()


P = {"w": np.array([1.0, 2.0, 3.0, 4.0]), "n": 3}


# -- vjp ------------------------------------------------------------------------------


def test_vjp_of_structures():
    value, pullback = vjp(several, X, P)
    assert value[1] == 10.0
    bar = ({"a": np.ones(4), "b": (1.0, 0)}, 2.0)
    x_bar, p_bar = pullback(bar)
    np.testing.assert_allclose(x_bar, P["w"] + np.cos(X))
    np.testing.assert_allclose(p_bar["w"], X + 2.0)
    # It may be called again, with another adjoint.
    np.testing.assert_allclose(pullback(({"a": np.zeros(4), "b": (0.0, 0)}, 1.0))[0], 0.0)


def test_vjp_of_objects():
    def scaled(p):
        return Params(p.scale * p.weights.sum(), p.weights * p.scale)

    value, pullback = vjp(scaled, Params(2.0, np.arange(3.0)))
    assert value.scale == 6.0
    (bar,) = pullback(Params(1.0, np.ones(3)))
    assert bar.scale == 6.0
    np.testing.assert_allclose(bar.weights, [4.0, 4.0, 4.0])
    _, pullback = vjp(lambda p: Pair(p.second, p.first * 2), Pair(1.0, 2.0))
    assert pullback(Pair(1.0, 10.0)) == (Pair(20.0, 1.0),)


def powers(n, x):
    found = []
    for i in range(n):
        found.append(x**i)
    return found


def test_vjp_of_a_list_and_an_integer():
    value, pullback = vjp(powers, 3, 2.0)
    assert value == [1.0, 2.0, 4.0]
    assert pullback([1.0, 1.0, 1.0]) == (None, 5.0)


def test_vjp_of_integers():
    assert vjp(lambda x: x * x, 3)[1](1.0) == (6.0,)


def test_vjp_leaves_arguments_alone():
    def doubled(u):
        u *= 2.0
        return u

    u = np.ones(3)
    value, pullback = vjp(doubled, u)
    np.testing.assert_allclose(pullback(np.ones(3))[0], 2.0)
    np.testing.assert_allclose(u, 1.0)
    np.testing.assert_allclose(value, 2.0)


def test_vjp_with_aux():
    value, pullback, aux = vjp(lambda x: (x * x, "text"), 3.0, has_aux=True)
    assert (value, aux, pullback(2.0)) == (9.0, "text", (12.0,))


@pytest.mark.parametrize(
    ("adjoint", "message"),
    [
        (
            np.ones(3),
            "the adjoint of `the result` has shape (3,), and `the result` has shape (4,)",
        ),
        (1.0, "the adjoint of `the result` has shape (), and `the result` has shape (4,)"),
        (
            (1.0, 2.0),
            "the adjoint of `the result` has shape (2,), and `the result` has shape (4,)",
        ),
    ],
)
def test_an_adjoint_that_does_not_fit(adjoint, message):
    _, pullback = vjp(np_sin, X)
    with pytest.raises(symdiff.DifferentiationError) as caught:
        pullback(adjoint)
    assert caught.value.diagnostics[0].message == message
    assert caught.value.diagnostics[0].help == "an adjoint is shaped as its value"


def np_sin(x):
    return np.sin(x)


def test_nothing_to_pull_back_to():
    with pytest.raises(
        symdiff.DifferentiationError, match="no argument of `np_sin` is a float"
    ):
        vjp(np_sin, "text")


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_transposed_product(seed):
    """u.Jv = v.J'u"""
    random = np.random.default_rng(seed)
    x, v, u = random.normal(size=(3, 4))

    def f(x):
        y = x.copy()
        for k in range(1, 4):
            y[k] = math.sin(y[k - 1]) * y[k]
        return y

    left = u @ jvp(f, (x,), (v,))[1]
    right = v @ vjp(f, x)[1](u)[0]
    assert np.isclose(left, right, rtol=1e-12)


# -- Jacobians ------------------------------------------------------------------------


@pytest.mark.parametrize("way", [jacfwd, jacrev, jacobian])
def test_jacobians(way):
    found = way(several, (0, 1))(X, P)
    at_a = found[0]["a"]
    np.testing.assert_allclose(at_a[0], np.diag(P["w"]))
    np.testing.assert_allclose(at_a[1]["w"], np.diag(X))
    np.testing.assert_allclose(found[0]["b"][0][0], np.cos(X))
    np.testing.assert_allclose(found[1][1]["w"], np.ones(4))
    assert way(lambda x: (x * x, 3.0 * x))(2.0) == (4.0, 3.0)
    both, aux = way(lambda x: (x * x, "text"), has_aux=True)(3.0)
    assert (both, aux) == (6.0, "text")


def test_the_shorter_way_is_chosen(monkeypatch):
    from symdiff.api import jacobian as module

    chosen = []
    for name in ("_by_columns", "_by_rows"):
        way = getattr(module, name)

        def noted(*args, name=name, way=way):
            chosen.append(name)
            return way(*args)

        monkeypatch.setattr(module, name, noted)
    jacobian(lambda x: np.array([x[0] * x[1], x[2]]))(X)
    jacobian(lambda x: np.array([x, x * x, x**3]))(2.0)
    assert chosen == ["_by_rows", "_by_columns"]


def test_rules_for_one_mode_only():
    def cube(x):
        return x**3

    symdiff.rule(cube, vjp=lambda out_bar, out, x: (3 * x**2 * out_bar,))
    assert jacobian(lambda x: (cube(x), x))(2.0) == (12.0, 1.0)

    def square(x):
        return x**2

    symdiff.rule(square, jvp=lambda dots, out, x: 2 * x * dots[0])
    np.testing.assert_allclose(
        jacobian(lambda x: square(x[0]) * x[1])(X), [1.68, 1.44, 0, 0]
    )


def test_any_number_of_arguments():
    def total(*xs):
        return sum(k * x for k, x in enumerate(xs))

    assert jacrev(total, 2)(1.0, 2.0, 3.0) == 2.0
    assert vjp(total, 1.0, 2.0, 3.0)[1](1.0) == (0.0, 1.0, 2.0)


# -- Hessians -------------------------------------------------------------------------


def test_hessians():
    np.testing.assert_allclose(hessian(rosen)(X), rosen_hess(X))
    v = np.arange(4.0)
    np.testing.assert_allclose(hvp(rosen, (X,), (v,))[0], rosen_hess_prod(X, v))
    assert hvp(lambda x, y, n: x * x * y, (2.0, 3.0, 1), (1.0, 0.0, None)) == (
        6.0,
        4.0,
        None,
    )
    for way in (jacrev, jacfwd):
        np.testing.assert_allclose(way(grad(rosen))(X), rosen_hess(X))
    found, aux = hessian(lambda x: (x**3, x), has_aux=True)(2.0)
    assert (found, aux) == (12.0, 2.0)


def test_hessians_of_structures():
    def f(p):
        return p["a"] * np.sum(p["b"] ** 2)

    found = hessian(f)({"a": 2.0, "b": np.array([1.0, 3.0])})
    assert found["a"]["a"] == 0.0
    np.testing.assert_allclose(found["a"]["b"], [2.0, 6.0])
    np.testing.assert_allclose(found["b"]["a"], [2.0, 6.0])
    np.testing.assert_allclose(found["b"]["b"], 4.0 * np.eye(2))


def test_hvp_of_objects():
    @dataclasses.dataclass
    class Scaled:
        scale: float

        def __call__(self, x):
            return self.scale * x**3

    assert hvp(Scaled(2.0), (1.0,), (1.0,)) == (12.0,)
    assert hvp(Scaled(3.0), (1.0,), (1.0,)) == (18.0,)


def test_higher_orders():
    f = math.sin
    orders = [lambda x: f(x) * x**3]
    for _ in range(4):
        orders.append(grad(orders[-1]))
    x = 0.7
    s, c = math.sin(x), math.cos(x)
    third = 6 * s + 18 * x * c - 9 * x * x * s - x**3 * c
    fourth = 24 * c - 36 * x * s - 12 * x * x * c + x**3 * s
    assert np.isclose(orders[3](x), third, rtol=1e-13)
    assert np.isclose(orders[4](x), fourth, rtol=1e-13)


def test_gradients_that_differ_in_argnums_alone():
    assert grad(grad(product, 0), 1)(2.0, 3.0) == 4.0
    assert grad(grad(product, 1), 1)(2.0, 3.0) == 0.0
    assert grad(grad(product, "y"), "x")(2.0, 3.0) == 4.0


def product(x, y):
    return x * x * y


def branching(x, c, n):
    for _ in range(n):
        if x > 0.5:
            x = x * math.sin(x) + c
        else:
            x = x * x + 0.3
    return x


def counted(x, c, n):
    total = 0.0
    for i in range(n):
        y, j = x, 0
        while y < 3.0 and j < 4:
            y = y * (1.0 + 0.1 * c) + math.sin(x * i)
            j += 1
        total += y * y
        if total > 40.0:
            break
    return total


@pytest.mark.parametrize(
    ("function", "x", "c"), [(branching, 0.8, 0.4), (counted, 0.9, 1.3)]
)
def test_higher_orders_of_loops(function, x, c):
    """Each order against differences of the one before, and against forward mode."""
    order, step = function, 1e-4
    for _ in range(4):
        lower, order = order, grad(order)
        want = (lower(x + step, c, 4) - lower(x - step, c, 4)) / (2 * step)
        assert order(x, c, 4) == pytest.approx(want, rel=1e-5)
        assert jvp(lower, (x, c, 4), (1.0, None, None))[1] == pytest.approx(order(x, c, 4))


def test_third_order_of_writes():
    def f(u):
        u = u.copy()
        for _ in range(3):
            u[1:-1] = u[1:-1] * u[1:-1] + 0.3 * u[2:] * u[:-2]
            if u[1] > 0.2:
                u[2] *= u[1]
        return np.sum(u**2)

    v = np.array([0.2, 0.7, 0.4, 0.1, 0.9])

    def second(u):
        return np.sum(grad(lambda u: np.sum(grad(f)(u) * v))(u) * v)

    check_grads(second, (np.linspace(0.1, 0.9, 5),))


# -- inside what is differentiated ----------------------------------------------------


def test_a_gradient_penalty():
    def penalty(w, x):
        g = grad(lambda w: np.sum(np.tanh(x @ w) ** 2))(w)
        return np.sum(g**2)

    x = np.random.default_rng(0).normal(size=(5, 4))
    check_grads(penalty, (np.array([0.1, 0.2, 0.3, 0.4]), x))


def test_a_hyper_gradient():
    def trained(rate, w, steps):
        for _ in range(steps):
            w = w - rate * grad(rosen)(w)
        return rosen(w)

    check_grads(trained, (1e-4, X, 3), eps=1e-8, rtol=1e-4)


def test_newton():
    def root(a):
        y = 1.0
        for _ in range(8):
            value, slope = value_and_grad(lambda y: y**3 - a)(y)
            y = y - value / slope
        return y

    assert np.isclose(grad(root)(3.0), 3 ** (-2 / 3) / 3)


gradient_of_rosen = grad(rosen)


def test_a_gradient_from_outside():
    def squared(x):
        return np.sum(gradient_of_rosen(x) ** 2)

    check_grads(squared, (X,), rtol=1e-5)


def test_a_direction():
    def along(x, v):
        value, tangent = jvp(rosen, (x,), (v,))
        return value + tangent

    check_grads(along, (X, np.ones(4)))


def test_what_wraps_a_derivative_is_none():
    @functools.wraps(gradient_of_rosen)
    def halved(x):
        return gradient_of_rosen(x) / 2

    @functools.wraps(grad)
    def doubled(f):
        return lambda x: 2 * grad(f)(x)

    def f(x):
        return np.sum(halved(x) ** 2) + doubled(lambda y: y**3)(x[0])

    check_grads(f, (X,), rtol=1e-5)


def test_any_number_of_arguments_by_places_outside():
    def product(*args):
        return np.sum(np.sin(args[0] * args[1]))

    def of_places(by):
        def squares(*args):
            one = grad(product, argnums=by[0])(*args)
            return np.sum(one**2) + np.sum(grad(product, argnums=by)(*args)[1] ** 2)

        return squares

    check_grads(of_places((1, 0)), (X[0], X), rtol=1e-5)


def test_structures_inside():
    def f(p, x):
        g = grad(lambda q: np.sum((q["w"] * x + q["b"]) ** 3))(p)
        return np.sum(g["w"] ** 2) + g["b"]

    check_grads(f, ({"w": np.array([1.0, -0.5]), "b": 0.3}, np.array([0.2, 0.4])))


def test_has_aux_inside():
    def f(x):
        slope, rest = grad(lambda y: (y**3, y * x), has_aux=True)(x)
        (value, more), again = value_and_grad(lambda y: (y**2, y), has_aux=True)(x)
        return slope * rest + value * more * again

    check_grads(f, (1.3,))


def test_a_decorated_function_inside():
    def f(x):
        @grad
        def slope(y):
            return y**3 * x

        @grad(argnums="b")
        def other(a, b):
            return a * b * b

        return slope(x) + other(x, b=2.0 * x)

    check_grads(f, (1.3,))


def test_arguments_written_into_inside():
    def cumulated(u):
        for k in range(1, len(u)):
            u[k] += u[k - 1] ** 2
        return u[-1]

    def f(u):
        g = grad(cumulated)(u)
        return np.sum(g * u)

    check_grads(f, (np.array([0.3, 0.2, 0.5]),))


def test_the_code_stands_alone():
    text = symdiff.source(lambda x: grad(product, 0)(x, x), 2.0)
    assert "symdiff" not in text.replace("Generated by symdiff", "")
    assert "(product" not in text


# -- Jacobians inside -----------------------------------------------------------------


def pieces(x):
    return np.array([x[0] * x[1], x[2] ** 2 * x[3], x[0]])


def columns(x):
    return np.sum(jacfwd(pieces)(x) ** 2)


def rows(x):
    return np.sum(jacrev(pieces)(x) ** 2)


def curvature(x):
    return np.sum(hessian(rosen)(x) ** 2)


def along_twice(x):
    return hvp(rosen, (x,), (np.arange(4.0),))[0] @ x


def pulled(x):
    value, pullback = vjp(pieces, x)
    return pullback(value)[0] @ x + value[0]


def pulled_structures(x):
    (u, s), pullback = vjp(lambda y, z: (y * z, y.sum()), x, 2.0)
    a, b = pullback((u, s))
    return a @ x + b


@pytest.mark.parametrize(
    "function", [columns, rows, curvature, along_twice, pulled, pulled_structures]
)
def test_matrices_inside(function):
    check_grads(function, (X,), rtol=1e-5)


def test_numbers_inside():
    def f(a):
        second = hessian(lambda y: y**3 * a)(a)
        return second + jacobian(lambda y: (y * y, a * y))(a)[1]

    assert grad(f)(1.3) == pytest.approx(12 * 1.3 + 1.0)


@pytest.mark.parametrize("inner", [jacfwd, jacrev])
@pytest.mark.parametrize("outer", [jacfwd, jacrev])
def test_every_nesting(outer, inner):
    np.testing.assert_allclose(outer(inner(rosen))(X), rosen_hess(X), atol=1e-12)


def test_third_order():
    third = jacfwd(hessian(rosen))(X)
    step = 1e-5
    for k in range(4):
        along = step * np.eye(4)[k]
        want = (rosen_hess(X + along) - rosen_hess(X - along)) / (2 * step)
        np.testing.assert_allclose(third[..., k], want, atol=1e-4)


# -- other views of programs that hold derivatives ------------------------------------


def slope(x, c):
    return grad(branching)(x, c, 3)


def test_the_list_of_equations():
    """The entries of inner tapes are values that the trace follows."""
    made = symdiff.trace(slope)(0.8, 0.4)
    assert "math.cos(z" in str(made)
    gaps = symdiff.system(slope)(0.8, 0.4).check()
    assert max(gap for _, gap in gaps) < 1e-12
    twice = symdiff.system(lambda x, c: grad(slope)(x, c))(0.8, 0.4)
    assert max(gap for _, gap in twice.check()) < 1e-11


def smooth(x, c):
    for _ in range(2):
        x = x * math.sin(x) + c
    return x if x > c else c * x


def slope_of_smooth(x, c):
    return grad(smooth)(x, c)


@pytest.mark.parametrize(("x", "c"), [(0.8, 0.4), (-0.3, -0.9)])
def test_formulas(x, c):
    found = symdiff.symbolic(slope_of_smooth)
    at = {symbol: {"x": x, "c": c}[name] for name, symbol in found.symbols.items()}
    assert float(found.result.subs(at)) == pytest.approx(slope_of_smooth(x, c))
    wanted = grad(slope_of_smooth, ("x", "c"))(x, c)
    got = [float(found.partials[name].subs(at)) for name in ("x", "c")]
    assert got == pytest.approx(wanted)


def test_batches():
    xs = np.array([0.3, 0.8, 1.1])
    order = branching
    for _ in range(3):
        order = grad(order)
        found = symdiff.batched(order)(xs, 0.4, 4)
        np.testing.assert_allclose(found, [order(x, 0.4, 4) for x in xs.tolist()])


def test_functions_that_one_text_made():
    """The text of `curl` is open twice, with other functions each time."""

    def curl(field):
        def c(r):
            J = jacfwd(field)(r)
            return np.array([J[2, 1] - J[1, 2], J[0, 2] - J[2, 0], J[1, 0] - J[0, 1]])

        return c

    def field(r):
        return np.array([r[1] * r[2] ** 2, np.sin(r[0]), r[0] * r[1]])

    r = np.array([0.3, 0.7, 1.1])
    twice = curl(curl(field))
    want = [[0.0, -2.0, 0.0], [math.cos(0.3), 0.0, 0.0], [0.0, 0.0, 0.0]]
    np.testing.assert_allclose(twice(r), [-1.4, math.sin(0.3), 0.0], atol=1e-14)
    for order in (jacfwd, jacrev):
        np.testing.assert_allclose(order(twice)(r), want, atol=1e-14)


def test_results_of_classes_inside_functions():
    @dataclasses.dataclass
    class Local:
        value: float

    assert jvp(lambda x: Local(x * x), (3.0,), (1.0,)) == (Local(9.0), Local(6.0))


def test_how_an_inner_gradient_is_computed_makes_no_difference():
    def inner(x, a):
        for _ in range(6):
            x = x + 0.1 * np.sin(a * x)
        return np.sum(x**2)

    x = np.array([0.3, 0.5])

    def outer(a):
        return np.sum(grad(inner, checkpoint="2 states", unroll=False)(x, a) ** 2)

    want = grad(lambda a: np.sum(grad(inner)(x, a) ** 2))(1.2)
    assert grad(outer)(1.2) == pytest.approx(want, rel=1e-14)


def within_a_branch(u):
    if u[1] > u.sum():
        if u.mean() > u[1]:
            u[1:] += np.dot(u, u)
        u = u * u
    return np.sum(u * u)


def within_a_branch_of_a_loop(u):
    for _ in u.copy():
        if u[1] > 0:
            u[1:] *= u[:2]
            u = u[::-1]
    return np.sum(u)


@pytest.mark.parametrize("f", [within_a_branch, within_a_branch_of_a_loop])
@pytest.mark.parametrize("u", [[1.0, -2.0, 3.0], [1.0, 2.0, 3.0], [-1.0, -2.0, -4.0]])
def test_what_one_path_saves_is_not_copied_on_others(f, u):
    u, w = np.array(u), np.array([1.0, 2.0, 3.0])
    gradient = grad(f)
    twice = grad(lambda u: np.sum(gradient(u) * w))(u)
    np.testing.assert_allclose(twice, hvp(f, (u,), (w,))[0], atol=1e-12)
