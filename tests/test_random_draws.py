"""The kinds of random draws are those that NumPy and Python give."""

from __future__ import annotations

import random

import numpy as np
import pytest

from symdiff.ir.builder import Builder, Names
from symdiff.ir.core import Const, Global, Var
from symdiff.ir.kinds import INT, UNKNOWN, Array, Tuple
from symdiff.signature import kind_of_value

MEANS = np.array([0.1, 0.7, 0.2])
DRAWS = {
    "normal": [(), (0.0, 1.0), (MEANS,), (0.0, 1.0, 4), (0.0, 1.0, (2, 3))],
    "uniform": [(), (0, 1), (0.0, 1.0, (3,))],
    "standard_normal": [(), (3,), ((2, 2),)],
    "random": [(), (3,)],
    "exponential": [(), (2.0,), (MEANS,), (2.0, 5)],
    "gamma": [(2.0,), (2.0, 1.0), (2.0, 1.0, 3)],
    "beta": [(1.0, 2.0), (MEANS, MEANS), (1.0, 2.0, 3)],
    "poisson": [(), (3.0,), (MEANS,), (3.0, 4)],
    "binomial": [(4, 0.5), (4, 0.5, 3)],
    "geometric": [(0.5,), (0.5, 2)],
    "triangular": [(0.0, 0.5, 1.0), (0.0, 0.5, 1.0, 2)],
    "permutation": [(5,), (MEANS,)],
    "choice": [(5,), (5, 2), (MEANS,), (MEANS, 2), (5, (2, 3))],
    "multivariate_normal": [(MEANS, np.eye(3)), (MEANS, np.eye(3), 2)],
    "dirichlet": [(MEANS,), (MEANS, 2)],
    "multinomial": [(5, MEANS), (5, MEANS, 4)],
    "laplace": [(), (0.0, 1.0, 3)],
    "lognormal": [(), (0.0, 1.0, 3)],
    "wald": [(1.0, 1.0), (1.0, 1.0, 3)],
    "vonmises": [(0.0, 1.0), (0.0, 1.0, 3)],
    "chisquare": [(2.0,), (2.0, 3)],
    "standard_t": [(2.0,), (2.0, 3)],
}
LEGACY = {
    **DRAWS,
    "rand": [(), (3,), (2, 3)],
    "randn": [(), (3,), (2, 3)],
    "randint": [(5,), (1, 5), (1, 5, 3)],
    "random_sample": [(), (4,)],
}
PLAIN = {
    "random": [()], "gauss": [(0.0, 1.0)], "uniform": [(0, 1)], "randint": [(1, 5)],
    "randrange": [(5,)], "choice": [([1.0, 2.0],)], "expovariate": [(2.0,)],
    "triangular": [(0.0, 1.0)], "sample": [([1.0, 2.0, 3.0], 2)],
}  # fmt: skip


def atom_of(value):
    if isinstance(value, np.ndarray):
        return Var("a", "", 0, Array(value.dtype.name, value.shape))
    if isinstance(value, tuple):
        return Var("t", "", 0, Tuple((*map(type(INT), value),)))
    if isinstance(value, list):
        return Var("l", "", 0, kind_of_value(value))
    return Const(value)


def check(found, value, what):
    """A kind that is known describes the value."""
    assert found != UNKNOWN, what
    expected = kind_of_value(value)
    assert type(found) is type(expected), what
    if isinstance(value, np.ndarray):
        assert found.dtype == value.dtype.name, what
        assert found.dims == value.shape, what


@pytest.mark.parametrize("name", [*DRAWS, "integers"])
def test_generator(name):
    rng = np.random.default_rng(0)
    owner = Var("rng", "", 0, kind_of_value(rng))
    for args in DRAWS.get(name, [(5,), (1, 5), (1, 5, 3)]):
        build = Builder(Names())
        atoms = map(atom_of, args)
        made = build.define("method", owner, *atoms, params=(name, ()))
        check(made.kind, getattr(rng, name)(*args), (name, args))


@pytest.mark.parametrize("name", LEGACY)
@pytest.mark.parametrize("module", [False, True])
def test_legacy(name, module):
    state = np.random.RandomState(0)
    owner = Var("state", "", 0, kind_of_value(state))
    for args in LEGACY[name]:
        build = Builder(Names())
        if module:
            made = build.define(f"numpy.random.{name}", *map(atom_of, args))
        else:
            atoms = map(atom_of, args)
            made = build.define("method", owner, *atoms, params=(name, ()))
        check(made.kind, getattr(state, name)(*args), (name, args))


@pytest.mark.parametrize("name", PLAIN)
def test_plain(name):
    rng = random.Random(0)
    owner = Global("rng", kind_of_value(rng))
    for args in PLAIN[name]:
        made = Builder(Names()).define(
            "method", owner, *map(atom_of, args), params=(name, ())
        )
        check(made.kind, getattr(rng, name)(*args), (name, args))


def test_size_by_name():
    rng = np.random.default_rng(0)
    owner = Var("rng", "", 0, kind_of_value(rng))
    for name in ("normal", "uniform", "standard_normal", "poisson", "exponential"):
        size = atom_of((2, 3))
        made = Builder(Names()).define("method", owner, size, params=(name, ("size",)))
        check(made.kind, getattr(rng, name)(size=(2, 3)), name)


def test_makers():
    for op, maker in (
        ("numpy.random.default_rng", np.random.default_rng),
        ("numpy.random.RandomState", np.random.RandomState),
        ("random.Random", random.Random),
    ):
        assert Builder(Names()).define(op, Const(0)).kind == kind_of_value(maker(0))
