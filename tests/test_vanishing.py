"""Sums in derivatives are found to be zero where they are, and only there."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from symdiff import check_grads, grad
from symdiff.errors import Span
from symdiff.ir.builder import Builder, Names
from symdiff.ir.core import Atom, Const, Function, Index, Parameter, SliceItem, Var, kind_of
from symdiff.ir.kinds import FLOAT, Array, Extent, Size, is_number
from symdiff.tracing.interpreter import Interpreter
from symdiff.passes.folding.vanishing import is_zero, zero_total

rng = np.random.default_rng(3)
A, B, C = rng.normal(size=(4, 3)), rng.normal(size=(3, 3)), rng.normal(size=3)


def softmax(x, w):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return np.sum(w * (e / e.sum(axis=1, keepdims=True)))


def softmax_by_columns(x, w):
    e = np.exp(x - np.max(x, axis=0))
    e /= np.sum(e, axis=0)
    return np.sum(w * e)


def softmax_of_rows(x, w):
    top = np.amax(x, axis=1)
    e = np.exp(x - top[:, np.newaxis])
    return np.sum(e / e.sum(1)[:, None] * w)


def log_softmax(x, w):
    x = x - x.max(axis=-1, keepdims=True)
    return np.sum((x - np.log(np.sum(np.exp(x), axis=-1, keepdims=True))) * w)


def log_sum_exp(x, w):
    m = x.max()
    return m + np.log(np.sum(w**2 * np.exp(x - m)))


def log_add_exp(x, w):
    m = max(x[0, 0], w[0, 0])
    return m + np.log(np.exp(x[0, 0] - m) + 2 * np.exp(w[0, 0] - m))


def centred(x, w):
    return np.sum(w) * np.max(x) - np.sum(w * x.max())


SHIFTS = [
    softmax, softmax_by_columns, softmax_of_rows, log_softmax, log_sum_exp, log_add_exp,
    centred,
]  # fmt: skip


@pytest.mark.parametrize("function", SHIFTS, ids=lambda f: f.__name__)
def test_shifts_have_no_adjoint(function):
    derivative = grad(function, argnums="x")
    derivative(A, A[::-1])
    reverse = derivative.source.partition("# reverse sweep")[2]
    assert " == " not in reverse
    assert " if " not in reverse
    check_grads(function, (A, A[::-1]))


def unnormalised(x, w):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return np.sum(w * e / e.sum(axis=0, keepdims=True))


def other_weights(x, w):
    e = np.exp(x - x.max())
    return np.sum(e * w) / np.sum(e * w**2) + np.sum(e)


def columns_for_rows(x, w):
    e = np.exp(x[:3] - x[:3].max(axis=1)[None, :])
    return np.sum(e / e.sum(axis=1)[:, None] * w[:3])


def twice(x, w):
    m = x.max()
    return 2 * m + np.log(np.sum(np.exp(x - m)))


@pytest.mark.parametrize("function", [unnormalised, other_weights, columns_for_rows, twice])
def test_others_have_one(function):
    derivative = grad(function, argnums="x")
    derivative(A, A[::-1])
    assert " == " in derivative.source
    check_grads(function, (A, A[::-1]))


# -- random sums of products ----------------------------------------------------------

SHAPES = [(2, 3), (2, 3), (2, 1), (1, 3), (3,), (2,), (), (3, 3), (1,)]
OPEN = [(1,), (3,), (2, 1)]  # of lengths that might be 1, as far as is known


class Maker:
    """Sums and products of arrays that fit together, and of their sums along axes."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.build = Builder(Names())
        self.build.span = Span("model.py", 1, 0, 1, 9)
        self.params: list[Var] = []
        self.shapes: dict[Atom, tuple[int, ...]] = {Const(2.0): ()}
        for k, shape in enumerate(SHAPES + OPEN):
            dims: tuple[Extent, ...] = tuple(Size(f"s{k}.{axis}") for axis in shape)
            if k < len(SHAPES):
                dims = tuple(
                    1 if d == 1 else Size(f"s{k}.{d}", not_one=True) for d in shape
                )
            kind = Array("float64", dims) if shape else FLOAT
            self.params.append(Var("p", "", k, kind))
            self.shapes[self.params[-1]] = shape

    def emit(self, op: str, *args: Atom, params: Any = None) -> Atom | None:
        shapes = [self.shapes[a] for a in args if a in self.shapes]
        if op == "getitem":
            place = {"new": None, "at": 0, SliceItem(): slice(None)}
            try:
                shape = np.zeros(shapes[0])[tuple(place[i] for i in params.items)].shape
            except IndexError:
                return None
        elif op == "numpy.sum":
            keep = len(args) == 3
            axis = args[1].value if len(args) > 1 else None
            shape = np.zeros(shapes[0]).sum(axis=axis, keepdims=keep).shape
        else:
            try:
                shape = np.broadcast_shapes(*shapes)
            except ValueError:
                return None
        if len(shape) > 2:
            return None
        target = self.build.define(op, *args, params=params)
        self.shapes[target] = shape
        return target

    def sum(self, x: Atom) -> Atom | None:
        if is_number(kind_of(x)):
            return None
        axis = Const(self.random.randrange(-1, len(self.shapes[x])))
        form = self.random.randrange(3)
        if form == 0:
            return self.emit("numpy.sum", x)
        if form == 1:
            return self.emit("numpy.sum", x, axis, params=("axis",))
        return self.emit("numpy.sum", x, axis, Const(True), params=("axis", "keepdims"))

    def step(self, known: list[Atom]) -> None:
        x, y = self.random.choices(known, k=2)
        made: Atom | None = None
        op = self.random.choice(
            ["add", "sub", "mul", "mul", "div", "neg", "sum", "sum", "new"]
        )
        if op == "neg":
            made = self.emit("neg", x)
        elif op == "sum":
            made = self.sum(x)
        elif op == "new":
            if len(self.shapes[x]) == 1:
                made = self.emit("getitem", x, params=Index((SliceItem(), "new"), True))
        else:
            made = self.emit(op, x, y)
        if made is not None:
            known.append(made)


def value_of(maker: Maker, known: list[Atom], seed: int) -> list[Any]:
    function = Function(
        "f", tuple(map(Parameter, maker.params)), maker.build.take(), tuple(known),
        Span("model.py", 1, 0, 1, 9),
    )  # fmt: skip
    draw = np.random.default_rng(seed)
    shapes = SHAPES + OPEN
    given = [draw.uniform(1, 2, size=s) if s else draw.uniform(1, 2) for s in shapes]
    with np.errstate(all="ignore"):  # what is divided by may be zero
        return list(Interpreter({}).run(function, *given))


def test_what_cancels_is_zero():
    found = 0
    for seed in range(1500):
        maker = Maker(seed)
        known: list[Atom] = [Const(2.0), *maker.params]
        for _ in range(14):
            maker.step(known)
        values = value_of(maker, known, seed)
        # What is equal for these numbers may be so for all, and often is.
        for k in range(len(known)):
            for j in range(k):
                if np.shape(values[k]) == np.shape(values[j]) and known[j] != Const(2.0):
                    if np.allclose(values[k], values[j], rtol=1e-13):
                        maker.build.hint = ("t", "")
                        maker.emit("sub", known[k], known[j])
        differences = [n.target for n in maker.build.nodes if n.op == "sub"]
        values = value_of(maker, differences, seed + 1)
        for var, value in zip(differences, values, strict=True):
            if not np.all(np.isfinite(value)):
                continue  # divided by zero
            if is_number(var.kind):
                if is_zero(maker.build, var):
                    found += 1
                    assert np.allclose(value, 0, atol=1e-9), (seed, var)
                continue
            for axis in range(var.kind.ndim):
                if zero_total(maker.build, var, (axis,), FLOAT) is not None:
                    found += 1
                    assert np.allclose(value.sum(axis=axis), 0, atol=1e-9), (seed, var)
    assert found > 100


def test_lengths_that_may_be_one():
    """The sum of `u + x - u` is three times x, if u has three elements and x has one."""
    build = Builder(Names())
    build.span = Span("model.py", 1, 0, 1, 9)
    u = Var("u", "", 0, Array("float64", (Size("u", not_one=True),)))
    x = Var("x", "", 0, Array("float64", (Size("x"),)))
    longer = build.define("sub", build.define("add", u, x), u)
    sums = [build.define("numpy.sum", longer), build.define("numpy.sum", x)]
    assert not is_zero(build, build.define("sub", *sums))
    same = build.define("sub", build.define("add", x, x), x)
    sums = [build.define("numpy.sum", same), build.define("numpy.sum", x)]
    assert is_zero(build, build.define("sub", *sums))
