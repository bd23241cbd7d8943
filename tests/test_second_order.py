"""Second derivatives of the whole corpus: forward over reverse, reverse over reverse, and
differences of gradients."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from corpus import CASES
from corpus.trees import at, changed, is_float, leaves

import symdiff

NAMES = [f"{k}-{c.name}" for k, c in enumerate(CASES)]
# What is done with them has a gradient, but the code of that has none so far.
REFUSED = (
    "range takes integers",
    "_vjp`",  # a function that was declared to give adjoints
    "_jvp`",
)


def direction(value, random):
    """A tangent of a value, and an adjoint: floats between 0.5 and 1."""
    for path, leaf in list(leaves(value)):
        if isinstance(leaf, np.ndarray) and leaf.dtype.kind == "f":
            value = changed(
                value, path, random.uniform(0.5, 1.0, leaf.shape).astype(leaf.dtype)
            )
        elif is_float(leaf) or (not path and type(leaf) is int):
            value = changed(value, path, type(leaf)(1) * random.uniform(0.5, 1.0))
        elif type(leaf) is int:  # a float or a count, as it is used
            value = changed(value, path, 0.0)
    return value


def moved(value, along, step):
    for path, leaf in list(leaves(value)):
        if isinstance(leaf, np.ndarray) and leaf.dtype.kind == "f":
            value = changed(value, path, leaf + leaf.dtype.type(step) * at(along, path))
        elif is_float(leaf) or (not path and type(leaf) is int):
            value = changed(value, path, leaf + step * at(along, path))
    return value


def product(u, v):
    """The inner product of two structures, over their floats."""
    pairs = ((leaf, at(v, path)) for path, leaf in leaves(u))
    return sum(
        float(np.sum(np.asarray(a, float) * np.asarray(b, float)))
        for a, b in pairs
        if is_float(a) or isinstance(a, float)
    )


@pytest.mark.parametrize(
    "case",
    [pytest.param(c, id=n) for c, n in zip(CASES, NAMES, strict=True) if not c.refused],
)
def test_second_derivatives(case, capsys):
    """u.H v in both modes, and against differences of u.g."""
    random = np.random.default_rng(3)
    gradient = symdiff.grad(case.function, argnums=tuple(case.argnums), mode="reverse")

    def args():
        return copy.deepcopy(list(case.args))

    v = tuple(direction(copy.deepcopy(case.args[k]), random) for k in case.argnums)
    u = tuple(direction(copy.deepcopy(case.args[k]), random) for k in case.argnums)
    tangents = [None] * len(case.args)
    for k, dot in zip(case.argnums, v, strict=True):
        tangents[k] = dot
    try:
        change = symdiff.jvp(gradient, args(), tangents)[1]
        bars = symdiff.vjp(gradient, *args())[1](u)
    except symdiff.DifferentiationError as error:
        if not any(reason in str(error) for reason in REFUSED):
            raise
        return
    single = "single" in case.name
    forward, reverse = product(u, change), product(v, tuple(bars[k] for k in case.argnums))
    assert np.isclose(forward, reverse, rtol=1e-6 if single else 1e-10, equal_nan=True)

    def at_step(step):
        given = args()
        for k, along in zip(case.argnums, v, strict=True):
            given[k] = moved(given[k], along, step)
        return product(u, gradient(*given))

    if not single:
        step = 1e-5
        want = (at_step(step) - at_step(-step)) / (2 * step)
        scale = 1 + abs(want)
        assert np.isnan(want) or abs(forward - want) < 1e-4 * scale
