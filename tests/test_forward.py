"""Forward mode: `jvp` and `jacfwd`, against reverse mode and by hand."""

from __future__ import annotations

import collections
import copy
import dataclasses
import functools
import math
import types

import numpy as np
import pytest
from corpus import CASES
from corpus.decorators import half_sin, scaled
from corpus.trees import at, changed, is_float, leaves, same
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import symdiff

SUPPORTED = [
    pytest.param(c, id=f"{k}-{c.name}") for k, c in enumerate(CASES) if not c.refused
]
PROPERTY = settings(max_examples=50, deadline=None, derandomize=True, database=None)


# -- against reverse mode ---------------------------------------------------------------


def direction(value, rng):
    """A tangent: the structure with other numbers where there are floats, 0 for counts."""
    for path, leaf in list(leaves(value)):
        if isinstance(leaf, np.ndarray) and is_float(leaf):
            dot = np.asarray(rng.uniform(-1.0, 1.0, leaf.shape), leaf.dtype)
        elif is_float(leaf):
            dot = type(leaf)(rng.uniform(-1.0, 1.0))
        else:
            dot = 0 if type(leaf) is int else leaf
        value = changed(value, path, dot)
    return value


def shares(gradient, dot):
    """The products whose sum is the derivative in a direction."""
    pairs = [(leaf, at(dot, path)) for path, leaf in leaves(gradient)]
    return [np.sum(np.multiply(g, d)) for g, d in pairs if is_float(g) and is_float(d)]


def curve(a, b, t, n):
    """An array and a dict, of numbers, through a loop."""
    u, y = np.zeros(4), a
    for k in range(n):
        y = y + 0.1 * (a - b * math.sin(y))
        u[k % 4] += y * t[k % 4]
    return u, {"last": y, "steps": n}


def test_all_tangents_along_a_few_numbers_in_one_sweep():
    args = 2.0, 0.3, np.arange(4.0), 6
    along, rows = (
        operator(curve, argnums=(0, 1))(*args)
        for operator in (symdiff.jacfwd, symdiff.jacrev)
    )
    assert np.allclose(along[0], rows[0], rtol=1e-13)
    assert np.allclose(along[1]["last"], rows[1]["last"], rtol=1e-13)
    assert along[1]["steps"] == rows[1]["steps"] == (0.0, 0.0)
    text = symdiff.source(curve, *args, argnums=(0, 1), mode="jacfwd")
    assert text.count("math.sin(y)") == 1
    assert "y_da" in text
    assert "y_db" in text
    assert "tape" not in text


def test_a_hessian_by_a_few_numbers_is_one_sweep():
    def f(x, y):
        s = x
        for _ in range(3):
            s = s * math.sin(y) + x
        return s

    found = np.array(symdiff.hessian(f, argnums=(0, 1))(1.2, 0.4))
    assert np.allclose(found, found.T, rtol=1e-13)
    assert np.allclose(found[0], [0.0, found[0, 1]])
    by_rows = np.array(symdiff.jacrev(symdiff.grad(f, (0, 1)), (0, 1))(1.2, 0.4))
    assert np.allclose(found, by_rows, rtol=1e-12)


def test_which_mode_is_taken():
    """Forward by up to four floats through a loop; reverse by more, or without one."""

    def chain(x, a, b, c, d, n):
        for _ in range(n):
            x = math.sin(x * x) * math.exp(-x) + x
        return x + a * b * c * d

    def straight(x):
        return math.sin(x * x) * math.exp(-x)

    args = 0.5, 1.0, 1.1, 1.2, 1.3, 4
    few = symdiff.source(chain, *args, argnums=(0, 1, 2, 3))
    assert "In forward mode." in few
    assert "tape" not in few
    many = symdiff.source(chain, *args, argnums=(0, 1, 2, 3, 4))
    assert "In forward mode." not in many
    assert "tape" in many
    assert "In forward mode." not in symdiff.source(straight, 0.5)


def test_reverse_mode_is_not_begun_where_forward_mode_is_sure_to_be_cheaper(monkeypatch):
    def chain(x, n):
        for _ in range(n):
            x = math.sin(x) * x
        return x

    monkeypatch.setattr(symdiff.pipeline, "gradient", None)
    assert "In forward mode." in symdiff.source(chain, 0.5, 4)


def test_integers_have_tangents_as_floats():
    assert symdiff.jacfwd(lambda x, y: (x * y, x**2), (0, 1))(2, 3.0) == (
        (3.0, 2.0),
        (4.0, 0.0),
    )


@pytest.mark.parametrize("case", SUPPORTED)
def test_the_corpus(case, capsys):
    """The derivative in a direction is the gradient times it."""
    rng = np.random.default_rng(1)
    primals, dots = list(copy.deepcopy(case.args)), [None] * len(case.args)
    for place in case.argnums:
        dots[place] = direction(copy.deepcopy(case.args[place]), rng)
    given = copy.deepcopy(dots)
    gradient = symdiff.grad(case.function, argnums=case.argnums, mode="reverse")
    bars = gradient(*copy.deepcopy(case.args))
    value, tangent = symdiff.jvp(case.function, primals, dots)
    assert np.ndim(tangent) == 0
    plain = case.function(*copy.deepcopy(case.args))
    assert value == plain or np.allclose(value, plain, rtol=1e-14, equal_nan=True)
    assert same(primals, list(case.args)), "an argument was changed"
    assert all(same(a, b) for a, b in zip(dots, given, strict=True) if a is not None)

    terms = [t for k, g in zip(case.argnums, bars, strict=True) for t in shares(g, dots[k])]
    held = [*case.args, tangent]
    single = any(getattr(x, "dtype", None) == np.float32 for _, x in leaves(held))
    size = max(1e-3, sum(map(abs, terms)))
    assert abs(tangent - sum(terms)) <= (2e-6 if single else 1e-10) * size


Pair = collections.namedtuple("Pair", "first second")


@dataclasses.dataclass
class State:
    place: np.ndarray
    speed: float
    steps: int


def of_arrays(x):
    y = np.sin(x) * x[::-1]
    y[1:] += x[:-1] ** 2
    return y


def of_a_tuple(x):
    return x[0] * x, np.outer(x, np.cos(x)), x @ x


def of_a_dict(x):
    total = 0.0
    for k in range(len(x)):
        total += x[k] * k
    return {"total": total, "parts": [x * 2.0, {"last": x[-1] ** 3}]}


def of_objects(x):
    return Pair(np.exp(x), State(x * x, x[0] / (1 + x[1] ** 2), 3))


def of_a_list(x):
    rows = []
    for k in range(len(x)):
        rows.append(x[k] * x[0])
    return rows


MANY = [of_arrays, of_a_tuple, of_a_dict, of_objects, of_a_list]
VECTORS = arrays(float, st.integers(2, 5), elements=st.floats(-2, 2))


def weighted(function, seed):
    """The sum of all numbers that the function returns, each with a weight."""
    weights = np.random.default_rng(seed).uniform(-1, 1, (12, 40))

    def total(x):
        found = [leaf for _, leaf in leaves(function(x)) if not isinstance(leaf, int)]
        return sum(np.sum(w[: np.size(f)] * np.ravel(f)) for w, f in zip(weights, found))

    return total


@pytest.mark.parametrize("function", MANY)
@given(x=VECTORS, seed=st.integers(0, 1000))
@PROPERTY
def test_results_of_any_form(function, x, seed):
    """<u, J v> is that of differences, and linear in v; the result keeps its structure."""
    rng = np.random.default_rng(seed)
    v, w = rng.uniform(-1, 1, (2, len(x)))
    value, tangent = symdiff.jvp(function, (x,), (v,))
    assert same(value, function(x), rtol=1e-14)
    assert [p for p, _ in leaves(tangent)] == [p for p, _ in leaves(value)]
    _, other = symdiff.jvp(function, (x,), (w,))
    _, both = symdiff.jvp(function, (x,), (2.0 * v - w,))
    h = 1e-3
    near = [function(x + k * h * v) for k in (-2, -1, 1, 2)]
    for path, dot in leaves(tangent):
        assert np.shape(dot) == np.shape(at(value, path))
        assert np.allclose(at(both, path), 2.0 * dot - at(other, path), atol=1e-12)
        a, b, c, d = (np.asarray(at(each, path)) for each in near)
        assert np.allclose(dot, (8 * (c - b) - (d - a)) / (12 * h), rtol=1e-7, atol=1e-7)


def sum_of_arrays(x, u):
    return np.sum(u * of_arrays(x))


def sum_of_a_tuple(x, u):
    a, b, c = of_a_tuple(x)
    return np.sum(u * a) + np.sum(u * b) + c


def sum_of_objects(x, u):
    pair = of_objects(x)
    return np.sum(u * pair.first) + np.sum(u * pair.second.place) + pair.second.speed


@given(x=VECTORS, seed=st.integers(0, 1000))
@PROPERTY
def test_forward_is_the_transpose_of_reverse(x, seed):
    """<u, J v> = <J' u, v>."""
    u, v = np.random.default_rng(seed).uniform(-1, 1, (2, len(x)))
    tuple_of = symdiff.jvp(of_a_tuple, (x,), (v,))[1]
    objects = symdiff.jvp(of_objects, (x,), (v,))[1]
    pushed = {
        sum_of_arrays: u @ symdiff.jvp(of_arrays, (x,), (v,))[1],
        sum_of_a_tuple: u @ tuple_of[0] + np.sum(u * tuple_of[1]) + tuple_of[2],
        sum_of_objects: u @ objects[0] + u @ objects[1].place + objects[1].speed,
    }
    for function, forward in pushed.items():
        pulled = symdiff.grad(function)(x, u)
        assert abs(forward - pulled @ v) <= 1e-10 * max(1.0, np.abs(pulled) @ np.abs(v))


@given(x=st.floats(-2, 2), y=st.floats(0.1, 2), a=st.floats(-3, 3), b=st.floats(-3, 3))
@PROPERTY
def test_scalars_by_hand(x, y, a, b):
    def f(x, y):
        return math.sin(x) * y**2

    value, tangent = symdiff.jvp(f, (x, y), (a, b))
    assert value == f(x, y)
    by_hand = math.cos(x) * y**2 * a + 2 * math.sin(x) * y * b
    assert tangent == pytest.approx(by_hand, rel=1e-12, abs=1e-12)
    assert symdiff.jvp(f, (x, y), (a, None))[1] == pytest.approx(
        symdiff.jvp(f, (x, y), (a, 0.0))[1], rel=1e-12, abs=1e-12
    )


# -- how it may be called ---------------------------------------------------------------


def area(width, height, count=1):
    return width * height * count


def test_what_has_no_tangent_is_held_fixed():
    assert symdiff.jvp(area, (2.0, 3.0), (1.0, None)) == (6.0, 3.0)
    assert symdiff.jvp(area, (2.0, 3.0), (None, 1.0)) == (6.0, 2.0)
    assert symdiff.jvp(area, (2.0, 3.0, 4), (1.0, 1.0, None)) == (24.0, 20.0)


def test_integers_are_floats():
    assert symdiff.jvp(area, (2, 3, 4), (1, 0, None)) == (24.0, 12.0)
    assert symdiff.jvp(area, (2.0, 3.0, 4), (0.0, 0.0, 1.0)) == (24.0, 6.0)
    value, tangent = (
        symdiff.jvp(lambda u: u * u[0], ([1.0, 2.0],), ([1, 0],))
        if 0
        else (symdiff.jvp(lambda u: [u[0] * u[1], u[0]], ([1, 2],), ([1, 0],)))
    )
    assert (value, tangent) == ([2.0, 1.0], [2.0, 1.0])


def test_tangents_become_floats_of_the_primal():
    """Whole numbers among tangents must not make arrays of integers."""
    u = np.array([1.5, 2.5])
    assert symdiff.jvp(of_arrays, (u,), (np.array([1, 0]),))[1].dtype == float
    assert symdiff.jvp(of_arrays, (u,), ([1, 0],))[1].dtype == float
    single = u.astype(np.float32)
    assert symdiff.jvp(of_arrays, (single,), (np.array([1, 0]),))[1].dtype == np.float32
    held = symdiff.jvp(lambda p: of_arrays(p["u"]), ({"u": u},), ({"u": np.array([1, 0])},))
    assert held[1].dtype == float


def test_has_aux():
    def f(x):
        return x * x, {"double": 2 * x, "name": "square"}

    assert symdiff.jvp(f, (3.0,), (1.0,), has_aux=True) == (
        9.0, 6.0, {"double": 6.0, "name": "square"},
    )  # fmt: skip
    value, tangent = symdiff.jvp(f, (3.0,), (1.0,))
    assert tangent == (6.0, {"double": 2.0, "name": None})
    assert value[0] == 9.0


def test_results_that_do_not_depend_on_what_is_moved():
    assert symdiff.jvp(lambda x, y: (y, 3, "text"), (1.0, 2.0), (1.0, None)) == (
        (2.0, 3, "text"), (0.0, 0.0, None),
    )  # fmt: skip
    value, tangent = symdiff.jvp(lambda x, u: u, (1.0, np.ones(2)), (1.0, None))
    assert same(value, np.ones(2))
    assert same(tangent, np.zeros(2))


class Model:
    def __init__(self, k):
        self.k = k

    def loss(self, x, y=2.0):
        return self.k * x * y

    def __call__(self, x):
        return self.k * math.sin(x)


def test_methods_closures_partials():
    assert symdiff.jvp(Model(3.0).loss, (2.0,), (1.0,)) == (12.0, 6.0)
    assert symdiff.jvp(Model(3.0).loss, (2.0, 5.0), (1.0, 1.0)) == (30.0, 21.0)
    assert symdiff.jvp(Model(2.0), (0.0,), (1.5,)) == (0.0, 3.0)
    assert symdiff.jvp(scaled(5.0), (1.0,), (1.0,)) == (5.0, 10.0)
    assert symdiff.jvp(half_sin, (0.0,), (1.0,))[0] == half_sin(0.0)
    assert symdiff.jvp(functools.partial(area, 2.0), (3.0,), (1.0,)) == (6.0, 2.0)
    assert symdiff.jvp(functools.partial(area, count=2), (2.0, 3.0), (1.0, None))[1] == 6.0


def test_any_number_of_arguments():
    def total(*xs, scale=2.0):
        s = 0.0
        for x in xs:
            s += scale * x * x
        return s

    assert symdiff.jvp(total, (1.0, 2.0, 3.0), (1.0, None, 1.0)) == (28.0, 16.0)
    assert symdiff.jvp(total, (1.0,), (1.0,)) == (2.0, 4.0)
    assert symdiff.jacfwd(total, argnums=1)(1.0, 2.0, scale=1.0) == 4.0


def test_a_parameter_called_as_a_tangent():
    def f(x_dot, x, x_):
        x_dot_ = x * x_dot
        return x_dot_ * x_

    assert symdiff.jvp(f, (2.0, 3.0, 4.0), (1.0, 0.0, 0.0)) == (24.0, 12.0)
    assert symdiff.jvp(f, (2.0, 3.0, 4.0), (0.0, 1.0, 0.0)) == (24.0, 8.0)


def test_recursion():
    def power(x, n):
        if n == 0:
            return 1.0, x
        below, _ = power(x, n - 1)
        return below * x, below

    value, tangent = symdiff.jvp(power, (1.5, 5), (1.0, None))
    assert value == power(1.5, 5)
    assert tangent == pytest.approx((5 * 1.5**4, 4 * 1.5**3))


def test_the_program_may_fail_as_it_does():
    def f(x):
        return math.log(x) * x

    with pytest.raises(ValueError) as ours:
        symdiff.jvp(f, (0.0,), (1.0,))
    with pytest.raises(ValueError) as theirs:
        f(0.0)
    assert str(ours.value) == str(theirs.value)
    assert any("return math.log(x) * x" in note for note in ours.value.__notes__)


def test_primals_may_be_tangents_and_are_not_changed():
    def f(u):
        u[0] *= u[1]
        u += 1.0
        return u

    u = np.array([2.0, 3.0])
    value, tangent = symdiff.jvp(f, (u,), (u,))
    assert same(u, np.array([2.0, 3.0]))
    assert same(value, np.array([7.0, 4.0]))
    assert same(tangent, np.array([12.0, 3.0]))


# -- refusals ---------------------------------------------------------------------------


def f(x, n):
    return x * n


def of_a_structure(p):
    return p["w"] @ p["w"] * p["k"]


def no_rule(x):
    return math.nextafter(x, 2.0)


W = np.ones(2)
REFUSED = [
    (
        f, (1.0,), (1.0, 2.0),
        "`f` gets 1 primals and 2 tangents",
        "give a tangent for each, None for what is held fixed",
    ),
    (
        f, (1.0, 2), (None, None),
        "every tangent is None", "give one for a parameter at least",
    ),
    (
        f, (W, 2), (np.ones(3), None),
        "the tangent of `x` has shape (3,), and `x` has shape (2,)",
        "a tangent is shaped as its primal",
    ),
    (
        f, (1.0, 2), (W, None),
        "the tangent of `x` has shape (2,), and `x` is a number",
        "a tangent is shaped as its primal",
    ),
    (
        f, (W, 2), (1j * W, None),
        "the tangent of `x` is of type complex128, and `x` of float64",
        "a tangent has the type of its primal",
    ),
    (
        f, (np.arange(2), 2.0), (W, None),
        "`x` is an array of int64 and has no tangent", "give None for it",
    ),
    (f, (1.0, True), (1.0, 1.0), "`n` is a bool and has no tangent", "give None for it"),
    (f, (1.0, "n"), (1.0, 1.0), "`n` is a str and has no tangent", "give None for it"),
    (f, (1.0, None), (1.0, 1.0), "`n` is None and has no tangent", "give None for it"),
    (
        of_a_structure, ({"w": W, "k": 1.0},), ({"w": W},),
        "the tangent of `p` is not built as `p` is",
        "a tangent has the structure of its primal",
    ),
    (
        of_a_structure, ({"w": W, "k": 1.0},), ({"w": np.ones(3), "k": 1.0},),
        "the tangent of `p['w']` has shape (3,), and `p['w']` has shape (2,)",
        "a tangent is shaped as its primal",
    ),
    (
        f, ([1.0, 2.0], 2), ([1.0], None),
        "the tangent of `x` is not built as `x` is",
        "a tangent has the structure of its primal",
    ),
    (
        no_rule, (1.0,), (1.0,),
        "no derivative rule for `math.nextafter`",
        "it moves to a neighbouring number and is not smooth; declare one, "
        "docs/rules.md, or use operations that have one, docs/numpy.md",
    ),
]  # fmt: skip


@pytest.mark.parametrize("function, primals, tangents, message, help", REFUSED)
def test_refusals(function, primals, tangents, message, help):
    with pytest.raises(symdiff.DifferentiationError) as caught:
        symdiff.jvp(function, primals, tangents)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.message == message
    assert diagnostic.help == help
    assert diagnostic.span.file == __file__


def test_too_many_arguments():
    with pytest.raises(TypeError, match=r"f_jvp\(\) too many positional arguments"):
        symdiff.jvp(f, (1.0, 2.0, 3.0), (1.0, None, 1.0))


# -- Jacobians --------------------------------------------------------------------------


def test_the_shape_of_a_jacobian():
    def g(a, u):
        return np.outer(u, u) * a

    u = np.array([1.0, 2.0, 3.0])
    assert symdiff.jacfwd(g, argnums=1)(2.0, u).shape == (3, 3, 3)
    of_a, of_u = symdiff.jacfwd(g, argnums=("a", "u"))(2.0, u)
    assert same(of_a, np.outer(u, u))
    eye = np.eye(3)
    want = 2.0 * (np.einsum("ik,j->ijk", eye, u) + np.einsum("jk,i->ijk", eye, u))
    assert same(of_u, want)
    whole = np.ones((2, 2))
    assert symdiff.jacfwd(lambda m: m @ m)(whole).shape == (2, 2, 2, 2)
    assert symdiff.jacfwd(lambda x: x * x)(3.0) == 6.0
    assert symdiff.jacfwd(lambda u: u * 2)(np.zeros((0, 2))).shape == (0, 2, 0, 2)


@pytest.mark.parametrize("function", MANY)
def test_a_jacobian_holds_the_columns(function):
    x = np.array([0.3, -0.7, 1.1])
    found = symdiff.jacfwd(function)(x)
    for k in range(3):
        _, column = symdiff.jvp(function, (x,), (np.eye(3)[k],))
        for path, leaf in leaves(column):
            if at(found, path) is not None:
                assert same(np.asarray(at(found, path))[..., k], np.asarray(leaf))


def test_a_jacobian_of_structures():
    def g(p, s):
        return {"a": p["w"] @ p["w"] * s, "b": (p["w"] * s, [p["k"]])}

    p = {"w": np.array([1.0, 2.0]), "k": 3.0, "name": "p"}
    found = symdiff.jacfwd(g, argnums=(0, "s"))(p, 2)
    of_a, (of_w, (of_k,)) = found["a"], found["b"]
    assert same(of_a, ({"w": np.array([4.0, 8.0]), "k": 0.0, "name": None}, 5.0))
    assert same(of_w[0]["w"], 2.0 * np.eye(2))
    assert same(of_w[1], np.array([1.0, 2.0]))
    assert of_k[0]["k"] == 1.0


def test_a_jacobian_of_objects():
    def g(state):
        return Pair(state.place * state.speed, state.speed**state.steps)

    found = symdiff.jacfwd(g)(State(np.array([1.0, 2.0]), 3.0, 2))
    assert isinstance(found, Pair)
    assert isinstance(found.first, State)
    assert same(found.first.place, 3.0 * np.eye(2))
    assert same(found.first.speed, np.array([1.0, 2.0]))
    assert found.second.speed == 6.0


def test_a_jacobian_beside_something_else():
    def g(x):
        return x * x, {"shape": x.shape}

    found, rest = symdiff.jacfwd(g, has_aux=True)(np.array([1.0, 2.0]))
    assert same(found, np.diag([2.0, 4.0]))
    assert rest == {"shape": (2,)}


def test_jacfwd_says_what_is_wrong_where_it_is_written():
    with pytest.raises(symdiff.DifferentiationError, match="has no parameter `z`"):
        symdiff.jacfwd(f, argnums="z")
    with pytest.raises(symdiff.DifferentiationError, match="has 2 parameters"):
        symdiff.jacfwd(f, argnums=2)
    assert symdiff.jacfwd(f).__name__ == "f_jacfwd"


# -- its code ---------------------------------------------------------------------------


def test_source_and_stages():
    text = symdiff.source(f, 1.0, 2, mode="jvp")
    assert text.startswith("def f_jvp(x, n, *, x_dot):\n")
    assert "    return x * n, x_dot * n" in text
    assert "x_dot" in symdiff.stage(f, "adjoint", 1.0, 2, mode="jvp")
    assert "value_and_grad" in symdiff.source(f, 1.0, 2, mode="value_and_grad")
    assert symdiff.stage(f, "ssa", 1.0, 2, mode="jvp") == symdiff.stage(f, "ssa", 1.0, 2)
    assert symdiff.source(f, mode="jvp", argnums=(0, 1)).startswith(
        "def f_jvp(x, n, *, x_dot, n_dot):\n"
    )


def test_the_code_is_the_same_on_every_run():
    for function, args in ((of_a_tuple, (W,)), (of_objects, (W,)), (area, (1.0, 2.0))):
        made = [symdiff.source(function, *args, mode="jvp") for _ in range(2)]
        assert made[0] == made[1]
        compile(made[0], "<generated>", "exec")


def test_namespaces_are_structures():
    def g(p):
        return p.a * p.b[0]

    p = types.SimpleNamespace(a=2.0, b=[3.0, 4.0])
    dot = types.SimpleNamespace(a=1.0, b=[0.5, 0.0])
    assert symdiff.jvp(g, (p,), (dot,)) == (6.0, 4.0)
