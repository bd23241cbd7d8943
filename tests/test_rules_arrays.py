"""Every array rule against central differences, and the two modes against each other."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from interpret import kind_of_value, read, run

import symdiff
from symdiff.errors import DifferentiationError
from symdiff.ir.builder import Builder, Names
from symdiff.ir.core import Atom, Const, Index, SliceItem, Var
from symdiff.ir.kinds import is_real
from symdiff.rules import all_rules, hint, rule_for, unbroadcast
from symdiff.tracing.operations import result_of

rng = np.random.default_rng(7)
ALL = SliceItem()


def real(*shape: int) -> Any:
    return rng.normal(size=shape)


def leaves(value: Any) -> list[Any]:
    if isinstance(value, (tuple, list)):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


def inner(a: Any, b: Any) -> float:
    pairs = zip(leaves(a), leaves(b), strict=True)
    return sum(float(np.vdot(x, y)) for x, y in pairs if _smooth(x))


def _smooth(x: Any) -> bool:
    return isinstance(x, float) or (isinstance(x, np.ndarray) and x.dtype.kind == "f")


def moved(value: Any, by: Any, factor: float) -> Any:
    if isinstance(value, (tuple, list)):
        return _like(value)(moved(v, d, factor) for v, d in zip(value, by, strict=True))
    return value + factor * by if _smooth(value) else value


def _like(value: Any) -> Any:
    return list if isinstance(value, list) else tuple  # not a named tuple


def direction(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return _like(value)(map(direction, value))
    if isinstance(value, np.ndarray):
        smooth = value.dtype.kind == "f"
        return (rng.normal(size=value.shape) * smooth).astype(value.dtype)
    return float(rng.normal())


def active(value: Any) -> bool:
    return any(map(_smooth, leaves(value)))


def prepare(op: str, args: Any, params: Any, exact: bool) -> Any:
    """One equation, with its values; arrays and floats become variables."""
    b = Builder(Names())
    values: dict[Var, Any] = {}

    def atom(value: Any, place: int) -> Atom:
        if isinstance(value, (tuple, list)):
            parts = [atom(v, 10 * place + k) for k, v in enumerate(value)]
            made = b.define("tuple" if isinstance(value, tuple) else "list", *parts)
            values[made] = value
            return made
        if isinstance(value, (np.ndarray, float)):
            var = b.names.fresh("x", "", kind_of_value(value, f"n{place}", exact))
            values[var] = value
            return var
        return Const(value)

    atoms = [atom(v, k) for k, v in enumerate(args)]
    target = b.define(op, *atoms, params=params, base="out")
    run(b.nodes, values)
    eq = b.nodes.pop()
    b.nodes.clear()
    return b, eq, target, atoms, values


def check(op: str, *args: Any, params: Any = None, exact: bool = True, **kw: Any) -> None:
    """Both modes of the rule of `op(*args, **kw)`, for all and for single arguments."""
    if kw:
        params = tuple(kw)
    args = (*args, *kw.values())
    rule = rule_for(op)
    assert rule is not None
    b, eq, target, atoms, values = prepare(op, args, params, exact)
    out = values[target]
    smooth = [active(a) for a in args]
    dots = [direction(a) if s else None for a, s in zip(args, smooth, strict=True)]
    bar = direction(out)
    bar_var = b.names.fresh("out", "bar", target.kind)
    values[bar_var] = bar

    choices = [tuple(smooth)]
    if sum(smooth) > 1:
        for k, s in enumerate(smooth):
            if s:
                choices.append(tuple(j == k for j in range(len(smooth))))
    for wanted in choices:
        b.nodes.clear()
        bars = rule.vjp(b, eq, bar_var, wanted)
        assert all(w or g is None for g, w in zip(bars, wanted, strict=True))
        bars = tuple(
            unbroadcast(b, g, a) if g is not None and rule.elementwise else g
            for g, a in zip(bars, atoms, strict=True)
        )
        dot_vars = tuple(
            b.names.fresh("x", "dot", kind_of_value(d, "d")) if w else None
            for d, w in zip(dots, wanted, strict=True)
        )
        for var, arg, dot in zip(dot_vars, atoms, dots, strict=True):
            if var is not None:
                object.__setattr__(var, "kind", arg.kind)
                values[var] = dot
        out_dot = rule.jvp(b, eq, dot_vars)
        run(b.nodes, values)

        tangent = 0.0 * out if out_dot is None else read(out_dot, values)
        assert isinstance(out, (tuple, list)) or np.shape(tangent) == np.shape(out)
        step = 1e-6
        ends = []
        for sign in (1, -1):
            there = [
                moved(a, d, sign * step) if w else a
                for a, d, w in zip(args, dots, wanted, strict=True)
            ]
            ends.append(result_of(op, list(there), params))
        quotient = inner_difference(bar, ends, step)
        forward = inner(bar, tangent)
        assert forward == pytest.approx(quotient, rel=2e-6, abs=1e-7)

        backward = 0.0
        for g, arg, dot, want in zip(bars, args, dots, wanted, strict=True):
            if want and g is not None:
                value = read(g, values)
                check_shape(value, arg)
                backward += inner(dot, value)
        assert backward == pytest.approx(forward, rel=1e-9, abs=1e-12)


def check_shape(bar: Any, arg: Any) -> None:
    if isinstance(arg, (tuple, list)):
        for item_bar, item in zip(bar, arg, strict=True):
            if active(item):
                check_shape(item_bar, item)
    else:
        assert np.shape(bar) == np.shape(arg)


def inner_difference(bar: Any, ends: list[Any], step: float) -> float:
    return (inner(bar, floats(ends[0])) - inner(bar, floats(ends[1]))) / (2 * step)


def floats(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return tuple(map(floats, value))
    return value if isinstance(value, np.ndarray) else float(value)


BOTH = pytest.mark.parametrize("exact", [True, False])
AXES = [None, 0, 1, -1, 2, (0, 1), (0, 2), (1, 2), (-1, 0), (0, 1, 2)]


@BOTH
@pytest.mark.parametrize("keepdims", [None, True, False])
@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize(
    "op", ["numpy.sum", "numpy.mean", "numpy.max", "numpy.amin", "numpy.var", "numpy.std"]
)
def test_reductions(op: str, axis: Any, keepdims: bool | None, exact: bool) -> None:
    kw: dict[str, Any] = {} if keepdims is None else {"keepdims": keepdims}
    if axis is not None:
        kw["axis"] = axis
    check(op, real(2, 3, 4), exact=exact, **kw)
    if op not in ("numpy.var", "numpy.std"):
        check(op, real(2, 1, 4), exact=exact, **kw)


@pytest.mark.parametrize("op", ["numpy.sum", "numpy.mean", "numpy.max", "numpy.prod"])
def test_reductions_of_a_vector(op: str) -> None:
    check(op, real(5))
    check(op, real(5), 0)
    check(op, real(1))
    check(op, real(5), axis=-1, keepdims=True)


def test_variance_with_ddof() -> None:
    check("numpy.var", real(3, 4), axis=1, ddof=1)
    check("numpy.std", real(3, 4), ddof=1)
    check("numpy.var", real(3, 4), 0, None, None, 1)


@pytest.mark.parametrize("axis", [None, 0, 1, -1])
def test_product_with_zeros(axis: Any) -> None:
    kw = {} if axis is None else {"axis": axis}
    x = real(3, 4)
    check("numpy.prod", x, **kw)
    x[1, 2] = 0.0
    check("numpy.prod", x, **kw)
    x[1, 3] = 0.0
    check("numpy.prod", x, **kw)


def test_ties_are_shared() -> None:
    x = np.array([1.0, 3.0, 3.0])
    b, eq, target, _, values = prepare("numpy.max", (x,), None, True)
    bar = b.names.fresh("out", "bar", target.kind)
    rule = rule_for("numpy.max")
    assert rule is not None
    values[bar] = 4.0
    (g,) = rule.vjp(b, eq, bar, (True,))
    run(b.nodes, values)
    assert list(read(g, values)) == [0.0, 2.0, 2.0]


@BOTH
@pytest.mark.parametrize("op", ["matmul", "numpy.matmul"])
@pytest.mark.parametrize(
    "shapes",
    [
        ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((2, 3), (3, 4)), ((1, 3), (3, 1)),
        ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)), ((5, 2, 3), (5, 3, 4)),
        ((1, 2, 3), (5, 3, 4)), ((6, 1, 2, 3), (5, 3, 4)), ((5, 2, 3), (3,)),
        ((6, 5, 2, 3), (3,)), ((3,), (5, 3, 4)), ((3,), (6, 5, 3, 4)), ((1,), (1,)),
    ],
)  # fmt: skip
def test_matmul(op: str, shapes: Any, exact: bool) -> None:
    check(op, real(*shapes[0]), real(*shapes[1]), exact=exact)


@pytest.mark.parametrize(
    "shapes",
    [
        ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((2, 3), (3, 4)),
        ((5, 2, 3), (3,)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)), ((5, 2, 3), (6, 3, 4)),
        ((3,), (5, 3, 4)),
    ],
)  # fmt: skip
def test_dot(shapes: Any) -> None:
    check("numpy.dot", real(*shapes[0]), real(*shapes[1]))


def test_dot_with_a_number() -> None:
    check("numpy.dot", 1.5, real(3))
    check("numpy.dot", real(3, 2), 1.5)


def test_inner() -> None:
    check("numpy.inner", real(3), real(3))
    check("numpy.inner", real(2, 3), real(4, 3))
    check("numpy.inner", real(2, 3), real(3))
    check("numpy.inner", real(3), real(5, 2, 3))


def test_outer_and_vdot() -> None:
    check("numpy.outer", real(3), real(4))
    check("numpy.outer", real(2, 3), real(4))
    check("numpy.vdot", real(3), real(3))
    check("numpy.vdot", real(2, 3), real(2, 3))
    check("numpy.vdot", real(2, 3), real(6))


@BOTH
@pytest.mark.parametrize(
    "shapes",
    [((2, 3), (4, 5)), ((2,), (3,)), ((2, 3), (4,)), ((3,), (2, 4)), ((1, 3), (2, 1))],
)
def test_kron(shapes: Any, exact: bool) -> None:
    check("numpy.kron", real(*shapes[0]), real(*shapes[1]), exact=exact)


def test_kron_with_a_number() -> None:
    check("numpy.kron", 1.5, real(3))
    check("numpy.kron", real(3, 2), 1.5)


@BOTH
@pytest.mark.parametrize(
    "shapes", [((3,), (3,)), ((5, 3), (5, 3)), ((5, 3), (3,)), ((4, 1, 3), (5, 3))]
)
def test_cross(shapes: Any, exact: bool) -> None:
    check("numpy.cross", real(*shapes[0]), real(*shapes[1]), exact=exact)


@pytest.mark.parametrize("axes", [0, 1, 2, ((0, 1), (1, 0)), (-1, 0), ((1,), (0,))])
def test_tensordot(axes: Any) -> None:
    shapes = {0: ((2, 3), (4,)), 1: ((2, 3), (3, 4)), 2: ((5, 2, 3), (2, 3, 4))}
    if isinstance(axes, int):
        a, b = shapes[axes]
    elif axes == ((0, 1), (1, 0)):
        a, b = (2, 3, 5), (3, 2, 4)
    else:
        a, b = (2, 3), (3, 4)
    check("numpy.tensordot", real(*a), real(*b), axes=axes)


@pytest.mark.parametrize(
    "text, shapes",
    [
        ("ij,jk->ik", ((2, 3), (3, 4))), ("ij,jk", ((2, 3), (3, 4))),
        ("ij,ij->", ((2, 3), (2, 3))), ("ij->ji", ((2, 3),)), ("ij->i", ((2, 3),)),
        ("ij->", ((2, 3),)), ("i,j->ij", ((2,), (3,))), ("i,j->j", ((2,), (3,))),
        ("bij,bjk->bik", ((5, 2, 3), (5, 3, 4))), ("i,ij,j->", ((2,), (2, 3), (3,))),
        ("abc,c->ba", ((2, 3, 4), (4,))),
    ],
)  # fmt: skip
def test_einsum(text: str, shapes: Any) -> None:
    check("numpy.einsum", text, *(real(*s) for s in shapes))


def test_shapes() -> None:
    check("numpy.reshape", real(2, 6), (3, 4))
    check("numpy.reshape", real(2, 6), -1)
    check("numpy.reshape", real(2, 6), (4, -1))
    check("numpy.ravel", real(2, 3))
    check("numpy.squeeze", real(2, 1, 3), axis=1)
    check("numpy.expand_dims", real(2, 3), 1)
    check("numpy.expand_dims", real(2, 3), axis=0)
    check("numpy.transpose", real(2, 3))
    check("numpy.transpose", real(2, 3, 4))
    check("numpy.transpose", real(2, 3, 4), (2, 0, 1))
    check("numpy.transpose", real(2, 3, 4), axes=(1, -1, 0))
    check("numpy.swapaxes", real(2, 3, 4), 0, 2)
    check("numpy.moveaxis", real(2, 3, 4), 0, -1)
    check("numpy.moveaxis", real(2, 3, 4), 2, 0)
    check("numpy.flip", real(2, 3))
    check("numpy.flip", real(2, 3), axis=1)
    check("numpy.roll", real(5), 2)
    check("numpy.roll", real(2, 5), -1, axis=1)
    check("numpy.roll", real(2, 5), (1, -2), axis=(0, 1))
    check("numpy.tril", real(3, 3))
    check("numpy.triu", real(3, 3), 1)
    check("numpy.atleast_1d", 1.5)
    check("numpy.atleast_2d", real(3))
    check("numpy.atleast_3d", real(3, 2))


@BOTH
def test_broadcast_to(exact: bool) -> None:
    check("numpy.broadcast_to", real(3), (2, 3), exact=exact)
    check("numpy.broadcast_to", real(3, 1), (2, 3, 4), exact=exact)
    check("numpy.broadcast_to", 2.0, (2, 3), exact=exact)


def test_tile_and_repeat() -> None:
    check("numpy.tile", real(3), 2)
    check("numpy.tile", real(2, 3), (2, 2))
    check("numpy.tile", real(3), (2, 2))
    check("numpy.tile", real(2, 3), 2)
    check("numpy.tile", 1.5, (2, 3))
    check("numpy.repeat", 1.5, 3)
    check("numpy.repeat", real(3), 2)
    check("numpy.repeat", real(2, 3), 2)
    check("numpy.repeat", real(2, 3), 2, axis=1)
    check("numpy.repeat", real(2, 3), 2, axis=-2)


@pytest.mark.parametrize("axis", [None, 0, 1, -1])
def test_cumsum(axis: Any) -> None:
    kw = {} if axis is None else {"axis": axis}
    check("numpy.cumsum", real(3, 4), **kw)
    check("numpy.cumsum", real(5))


def test_diff() -> None:
    check("numpy.diff", real(5))
    check("numpy.diff", real(3, 5))
    check("numpy.diff", real(3, 5), axis=0)
    check("numpy.diff", real(6), 2)
    check("numpy.diff", real(6), n=3)


def test_sort() -> None:
    check("numpy.sort", real(6))


@BOTH
def test_joining(exact: bool) -> None:
    check("numpy.concatenate", (real(2), real(3)), exact=exact)
    check("numpy.concatenate", [real(2), real(3), real(4)], exact=exact)
    check("numpy.concatenate", (real(2, 3), real(2, 1), real(2, 4)), axis=1, exact=exact)
    check("numpy.concatenate", (real(2, 3), real(2, 4)), axis=-1, exact=exact)
    check("numpy.concatenate", (real(3), np.arange(2)), exact=exact)
    check("numpy.stack", (real(2, 3), real(2, 3)), exact=True)
    check("numpy.stack", [real(2, 3), real(2, 3)], axis=1)
    check("numpy.stack", [real(2, 3), real(2, 3)], axis=-1)
    check("numpy.vstack", (real(3), real(3)))
    check("numpy.vstack", (real(2, 3), real(1, 3)))
    check("numpy.vstack", (real(3), real(2, 3), real(3)), exact=exact)
    check("numpy.vstack", (real(2, 3), real(3)))
    check("numpy.vstack", (1.5, real(2, 1), real(1)))
    check("numpy.hstack", (real(3), 1.5, real(2)), exact=exact)
    check("numpy.hstack", (1.5, real(2)))
    check("numpy.column_stack", (real(3), real(3, 2), real(3)), exact=exact)
    check("numpy.column_stack", (real(3, 2), real(3)))
    check("numpy.hstack", (real(3), real(2)), exact=exact)
    check("numpy.hstack", (real(2, 3), real(2, 4)))
    check("numpy.column_stack", (real(3), real(3)))
    check("numpy.array", (1.5, 2.5))
    check("numpy.array", [[1.5, 2.5], [3.5, 4.0]])
    check("numpy.asarray", real(3))
    check("numpy.astype", real(3), "float64")


def test_filling() -> None:
    check("numpy.full", (2, 3), 1.5)
    check("numpy.full", 3, 1.5)
    check("numpy.full_like", real(3, 2), 1.5)
    check("numpy.linspace", 0.5, 2.0, 5)
    check("numpy.linspace", 0.5, 2.0, num=5, endpoint=False)
    check("numpy.arange", 0.5, 3.2, 0.25)


def test_copies() -> None:
    check("copy", real(3))
    check("numpy.copy", real(2, 3))


@BOTH
@pytest.mark.parametrize(
    "items, values",
    [
        (("at",), (1,)), (("at",), (-1,)), ((ALL,), ()), (("rest",), ()),
        ((SliceItem(True, True),), (1, 3)), ((SliceItem(step=True),), (-1,)),
        ((SliceItem(step=True),), (2,)), (("at", "at"), (1, 2)), ((ALL, "at"), (0,)),
        ((ALL, "new"), ()), (("rest", "new"), ()), (("new", "at"), (2,)),
        ((SliceItem(stop=True), SliceItem(True)), (-1, 1)),
        (("at",), (np.array([0, 2]),)), (("at",), (np.array([0, 2, 0]),)),
        (("at", ALL), (np.array([[0], [1]]),)), ((ALL, "at"), (np.array([1, 1]),)),
        (("at", "at"), (np.array([0, 1, 0]), np.array([1, 2, 1]))),
        (("at",), (np.array([True, False, True, True]),)),
    ],
)  # fmt: skip
def test_subscripts(items: Any, values: Any, exact: bool) -> None:
    """Reading, writing and adding, with v of the shape of the place and broadcast."""
    index = Index(items, len(items) > 1)
    u = real(4, 3)
    check("getitem", u, *values, params=index, exact=exact)
    place = result_of("getitem", [u, *values], index)
    shape = np.shape(place)
    candidates = [real(*shape) if shape else 1.5, 2.5]
    if shape:
        candidates.append(real(*shape[1:]) if shape[1:] else real(1))
        candidates.append(real(*shape[:-1], 1))
    if len(shape) == 1 and exact:
        candidates.append(tuple(map(float, range(shape[0]))))
    for op in ("setitem", "additem"):
        for v in candidates:
            check(op, u, *values, v, params=index, exact=exact)


def test_getitem_accumulates_in_place() -> None:
    index = Index(("at",))
    b, eq, target, _, _ = prepare("getitem", (real(4), 1), index, True)
    rule = rule_for("getitem")
    assert rule is not None
    assert rule.accumulate is not None
    arg_bar = b.names.fresh("u", "bar", eq.args[0].kind)
    out_bar = b.names.fresh("t", "bar", target.kind)
    rule.accumulate(b, eq, arg_bar, out_bar)
    (node,) = b.nodes
    assert (node.op, node.args) == ("additem", (arg_bar, Const(1), out_bar))


def test_a_write_reads_its_adjoint_before_it_is_cleared() -> None:
    index = Index(("at",))
    b, eq, target, _, _ = prepare("setitem", (real(4, 3), 1, real(3)), index, True)
    rule = rule_for("setitem")
    assert rule is not None
    rule.vjp(b, eq, b.names.fresh("u", "bar", target.kind), (True, False, True))
    assert [n.op for n in b.nodes] == ["getitem", "copy", "setitem"]


def test_tuples() -> None:
    check("tuple", real(3), 1.5, 2)
    check("list", real(3), real(2, 2))
    check("item", (real(3), 1.5), params=1)
    check("item", (real(3), 1.5), params=0)


def test_choices() -> None:
    c = np.array([True, False, True])
    check("numpy.where", c, real(3), real(3))
    check("numpy.where", c, real(3), 1.5)
    check("numpy.where", c, 1.5, real(2, 1))
    check("numpy.maximum", real(3), real(2, 1))
    check("numpy.minimum", real(3), 0.0)
    check("numpy.clip", real(5), -0.5, 0.5)
    check("numpy.clip", real(5), min=-0.5, max=0.5)
    check("numpy.clip", real(5), -0.5, None)
    check("numpy.clip", real(5), None, 0.5)
    check("numpy.fmax", real(3), real(3))


@BOTH
@pytest.mark.parametrize("op", ["add", "sub", "mul", "div", "numpy.hypot", "numpy.arctan2"])
def test_broadcasting(op: str, exact: bool) -> None:
    pairs: list[Any] = [((3,), (3,)), ((2, 3), (3,)), ((2, 1), (3,)), ((1,), (4,))]
    pairs.append(((2, 1, 3), (4, 1)))
    for a, b in pairs:
        check(op, real(*a), 2 + real(*b) ** 2, exact=exact)
    check(op, real(2, 3), 1.5, exact=exact)
    check(op, 1.5, 1 + real(2, 3) ** 2, exact=exact)


def test_powers() -> None:
    x = 1 + real(4) ** 2
    check("pow", x, 1.5)
    check("pow", x, real(3, 1))
    check("pow", 2.5, real(3))
    for exponent in (0.5, -1, 2, 3, 1):
        check("pow", x, exponent)


def test_linear_algebra() -> None:
    a = real(3, 3) + 3 * np.eye(3)
    check("numpy.trace", real(3, 3))
    check("numpy.trace", real(2, 3))
    check("numpy.diag", real(3))
    check("numpy.diag", real(3), 1)
    check("numpy.diag", real(3, 3))
    check("numpy.diag", real(2, 4))
    check("numpy.diag", real(4, 4), -1)
    check("numpy.diagonal", real(3, 3))
    check("numpy.linalg.norm", real(4))
    check("numpy.linalg.norm", real(3, 4))
    check("numpy.linalg.norm", real(3, 4), axis=1)
    check("numpy.linalg.norm", real(3, 4), axis=0, keepdims=True)
    check("numpy.linalg.norm", real(4), 1)
    check("numpy.linalg.solve", a, real(3))
    check("numpy.linalg.solve", a, real(3, 2))
    check("numpy.linalg.inv", a)
    check("numpy.linalg.det", a)


def test_sequences_of_numbers() -> None:
    check("math.fsum", (1.5, 2.5, 3.0))
    check("math.prod", (1.5, 2.5, 3.0))
    check("math.prod", (1.5, 0.0, 3.0), start=2)
    check("math.dist", (1.5, 2.5), (0.5, -1.0))
    if hasattr(math, "sumprod"):
        check("math.sumprod", (1.5, 2.5), (0.5, -1.0))
        check("math.sumprod", (1.5, 2.5), real(2))


def test_numbers_taken_apart() -> None:
    check("math.modf", 2.7)
    check("math.modf", -2.7)
    check("math.frexp", 5.3)
    check("numpy.modf", 3 * real(2, 3))
    check("numpy.frexp", 5 + real(2, 3))


@BOTH
def test_interp(exact: bool) -> None:
    xp, fp = np.array([0.0, 1.0, 2.5, 4.0]), real(4)
    for x in (0.3, 1.7, -1.0, 4.5, np.array([[0.3, 1.7, 3.9], [-0.5, 5.0, 2.4]])):
        check("numpy.interp", x, xp, fp, exact=exact)


@BOTH
def test_matrices(exact: bool) -> None:
    a = real(3, 3) + 3 * np.eye(3)
    check("numpy.linalg.slogdet", a, exact=exact)
    check("numpy.linalg.slogdet", -a, exact=exact)
    check("numpy.linalg.cholesky", a @ a.T + np.eye(3), exact=exact)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dtype_is_kept(dtype: str) -> None:
    """Numbers in rules are Python's own, which leave float32 alone."""
    x = (1.5 + real(3, 3) ** 2).astype(dtype)
    unit = (x / x.max() * 0.5).astype(dtype)
    calls: list[tuple[Any, ...]] = [
        ("add", x, x), ("mul", x, 2.0), ("div", 1.0, x), ("pow", x, 2), ("pow", x, x),
        ("pow", 2, x), ("builtins.abs", x), ("matmul", x, x), ("numpy.sum", x),
        ("numpy.mean", x), ("numpy.max", x), ("numpy.var", x), ("numpy.maximum", x, 2.0),
        ("numpy.clip", x, 2.0, 3.0), ("numpy.trace", x), ("numpy.linalg.norm", x),
        ("numpy.cumsum", x), ("numpy.prod", x), ("numpy.where", x > 2, x, 0.0),
        ("numpy.diff", x), ("numpy.sinc", x), ("numpy.degrees", x), ("numpy.max", x, 0),
    ]  # fmt: skip
    calls += [
        (f"numpy.{name}", unit)
        for name in "sin tan arcsin arctan tanh exp exp2 log log2 log10 sqrt cbrt".split()
    ]
    for op, *args in calls:
        b, eq, target, atoms, values = prepare(op, tuple(args), None, True)
        rule = rule_for(op)
        assert rule is not None
        bar = b.names.fresh("out", "bar", target.kind)
        out = values[target]
        values[bar] = np.ones_like(out)[()]
        wanted = tuple(isinstance(a, Var) and is_real(a.kind) for a in atoms)
        bars = rule.vjp(b, eq, bar, wanted)
        dots = tuple(a if w else None for a, w in zip(atoms, wanted, strict=True))
        dot = rule.jvp(b, eq, dots)
        run(b.nodes, values)
        for g in (*bars, dot):
            if g is not None:
                assert str(read(g, values).dtype) == dtype, (op, g)


def test_what_is_refused() -> None:
    with pytest.raises(DifferentiationError, match="`initial` of `numpy.sum`"):
        check("numpy.sum", real(3), initial=1.0)
    with pytest.raises(DifferentiationError, match="`out` of `numpy.sum`"):
        check("numpy.sum", real(2, 3), 0, None, real(3))
    with pytest.raises(AssertionError, match="ord="):  # there is a definition for it
        check("numpy.linalg.norm", real(3, 3), "nuc")
    with pytest.raises(DifferentiationError, match="sequence"):
        check("builtins.max", real(3))


def test_every_row_has_a_name_and_every_operation_one_row() -> None:
    ops = [op for row in all_rules() for op in row.ops]
    assert len(ops) == len(set(ops))
    assert all(rule_for(op) is row for row in all_rules() for op in row.ops)
    text = hint("math.nextafter")
    assert text is not None
    assert "docs/numpy.md" in text


def test_unstack_gives_a_tuple():
    x = np.arange(6.0).reshape(2, 3)
    value, dots = symdiff.jvp(lambda x: np.unstack(2.0 * x, axis=1), (x,), (x,))
    assert type(value) is type(dots) is tuple
    assert np.array_equal(np.array(value), 2.0 * x.T)
    assert np.array_equal(np.array(dots), 2.0 * x.T)
