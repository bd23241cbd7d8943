"""Simplification, common subexpressions, dead code, branch fusion and the verifier."""

from __future__ import annotations

import inspect
import math

import numpy as np
import pytest
from memory_interpreter import Interpreter

import symdiff
from symdiff.errors import Span
from symdiff.ir.builder import Builder, Names
from symdiff.ir.core import (
    UNDEF, Const, Equation, For, Function, If, Index, Iteration, Parameter, SliceItem,
    Var, While, walk,
)  # fmt: skip
from symdiff.ir.effects import READING
from symdiff.ir.kinds import BOOL, FLOAT, INT, OPAQUE, TAPE, Array, Size
from symdiff.ir.verify import InvalidIR, verify
from symdiff.passes import cse, dead, fold, fold_exact, fuse_branches, optimise, simplify

SPAN = Span("model.py", 1, 0, 1, 1)
C = Const


def make(body, returns, *params):
    function = Function("f", tuple(map(Parameter, params)), tuple(body), returns, SPAN)
    verify(function)
    return function


def ops(function):
    return [n.op for n in walk(function.body) if isinstance(n, Equation)]


def var(name, kind=FLOAT, role="", version=0):
    return Var(name, role, version, kind)


X, Y, N = var("x"), var("y"), var("n", INT)


def folding(rule=fold):
    return Builder(Names(), rule)


def same(a, b):
    return repr(a) == repr(b) and type(a) is type(b)


# -- fold -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "op, values, expected",
    [
        ("add", (1, 2), 3), ("div", (1, 2), 0.5), ("pow", (2, -1), 0.5),
        ("lt", (1, 2), True), ("not", (0,), True), ("neg", (0.0,), -0.0),
        ("eq", ("a", "a"), True), ("sub", (True, 1), 0), ("floordiv", (-7, 2), -4),
    ],
)  # fmt: skip
def test_constants_fold_as_python_computes(op, values, expected):
    result = folding().emit(op, *map(C, values))
    assert result == C(expected)


@pytest.mark.parametrize(
    "op, values",
    [
        ("div", (1, 0)), ("mul", (1e200, 1e200)), ("pow", (2, 10**6)), ("pow", (-1, 0.5)),
        ("lshift", (1, 10**9)), ("pow", (0, -1)), ("add", ("a", "b")), ("lt", (1, "a")),
    ],
)  # fmt: skip
def test_what_raises_or_overflows_is_not_folded(op, values):
    assert isinstance(folding().emit(op, *map(C, values)), Var)


def test_identities():
    b = folding()
    for op, y in (("mul", 1.0), ("mul", 1), ("div", 1.0), ("sub", 0.0), ("pow", 1)):
        assert b.emit(op, X, C(y)) is X, (op, y)
    assert b.emit("add", C(0.0), X) is X
    assert b.emit("mul", C(1.0), X) is X
    assert b.emit("neg", b.emit("neg", X)) is X
    assert b.emit("mul", N, C(1)) is N
    # These change the kind, or the value.
    for op, v, y in (("mul", N, 1.0), ("div", N, 1), ("add", N, 0.0), ("mul", X, 0.0)):
        assert b.emit(op, v, C(y)) is not v
    zero_d, mask = var("s", Array("float64", ())), var("m", Array("bool", (3,)))
    assert b.emit("mul", zero_d, C(1.0)) is not zero_d
    assert b.emit("mul", mask, C(1)) is not mask


def test_exact_folding_keeps_every_bit():
    b = folding(fold_exact)
    assert b.emit("add", X, C(0.0)) is not X  # -0.0 + 0.0 is 0.0
    assert b.emit("add", X, C(-0.0)) is X
    t = b.emit("sub", X, Y)
    assert b.definitions[b.emit("neg", t)].op == "neg"
    u = b.emit("mul", b.emit("neg", X), Y)
    assert b.definitions[u].op == "mul"


def defined(b, atom):
    equation = b.definitions[atom]
    return (equation.op, *equation.args)


def test_signs_come_out_as_subtractions():
    b = folding()
    minus_y = b.emit("neg", Y)
    product = b.emit("mul", minus_y, X)
    inner = b.definitions[product].args[0]
    assert defined(b, product) == ("neg", inner)
    assert defined(b, inner) == ("mul", Y, X)
    assert defined(b, b.emit("add", X, product)) == ("sub", X, inner)
    assert defined(b, b.emit("sub", X, minus_y)) == ("add", X, Y)
    assert defined(b, b.emit("neg", b.emit("sub", X, Y))) == ("sub", Y, X)
    assert defined(b, b.emit("mul", X, C(-1.0))) == ("neg", X)
    twice = b.emit("mul", C(-2.0), X)
    total = b.emit("add", Y, twice, base="y", role="bar")
    assert defined(b, total)[:2] == ("sub", Y)
    assert (total.base, total.role) == ("y", "bar")


def test_factors_are_gathered_where_exact():
    b = folding()
    assert defined(b, b.emit("mul", C(2), b.emit("mul", C(3), X))) == ("mul", C(6), X)
    assert b.emit("mul", C(0.5), b.emit("mul", C(2.0), X)) is X
    inner = b.emit("mul", C(0.1), X)
    assert defined(b, b.emit("mul", C(0.3), inner)) == ("mul", C(0.3), inner)


def test_structure_folds():
    b = folding()
    pair = b.emit("tuple", X, Y)
    assert b.emit("item", pair, params=1) is Y
    assert b.emit("getitem", b.emit("list", X, Y), C(-2), params=Index(("at",))) is X
    m = var("m", Array("float64", (3, 4)))
    assert b.emit("numpy.transpose", b.emit("numpy.transpose", m)) is m
    assert b.emit("getitem", m, params=Index((SliceItem(),))) is m
    assert b.emit("select", C(True), X, Y) is X
    cond = b.emit("lt", X, Y)
    assert b.emit("not", b.emit("not", cond)) is cond
    assert defined(b, b.emit("not", b.emit("eq", X, Y))) == ("ne", X, Y)
    assert b.definitions[b.emit("not", cond)].op == "not"  # nan
    assert b.emit("is", twice(b), C(None)) == C(False)
    assert defined(b, b.emit("is", X, C(None))) == ("is", X, C(None))  # a path may lack it


def twice(b):
    return b.emit("add", X, X)


# -- simplify -------------------------------------------------------------------------


def test_constant_branches_and_idle_values_vanish():
    names = Names()
    b = Builder(names)
    c = b.define("lt", C(1), C(2))
    t = Equation(var("a"), "mul", (X, X))
    e = Equation(var("a", version=1), "add", (X, X))
    r = var("a", version=2)
    b.append(If(c, (t,), (e,), (r,), (t.target,), (e.target,)))
    i, s, k, s2, k2 = var("i", INT), var("s"), var("k"), var("s", version=2), var("k2")
    step = Equation(var("s", version=1), "mul", (s, k))
    b.append(
        For((i,), Iteration("range", (C(0), N, C(1))), (s, k), (r, Y), (step,),
            (step.target, k), (s2, k2))
    )  # fmt: skip
    function = make(b.take(), (s2, k2), X, Y, N)
    result = simplify(function)
    verify(result)
    loop = result.body[-1]
    assert len(loop.carried) == 1
    assert result.returns[1] is Y
    assert ops(dead(result)) == ["mul", "mul"]
    assert Interpreter()(result, 2.0, 3.0, 2) == Interpreter()(function, 2.0, 3.0, 2)
    assert simplify(result) is result


def test_values_known_only_after_the_body_are_dropped_too():
    i, s, s1 = var("i", INT), var("s"), var("s", version=1)
    step = Equation(var("t"), "mul", (s, C(1.0)))
    use = Equation(var("u"), "builtins.print", (s,))
    loop = For((i,), Iteration("range", (C(0), N, C(1))), (s,), (X,), (step, use),
               (step.target,), (s1,))  # fmt: skip
    function = make((loop,), s1, X, N)
    result = simplify(function)
    verify(result)
    assert result.returns is X
    assert not result.body[0].carried
    empty = For((i,), Iteration("range", (C(3), C(3), C(1))), (s,), (X,), (step, use),
                (use.target,), (s1,))  # fmt: skip
    assert simplify(make((empty,), s1, X)).body == ()


def test_a_condition_is_known_inside_its_branch():
    cond = var("c", BOOL)
    a = Equation(var("a"), "mul", (X, X))
    inner = If(cond, (a,), (), (var("r"),), (a.target,), (UNDEF,))
    outer = If(cond, (inner,), (), (var("q"),), (inner.results[0],), (X,))
    result = simplify(make((outer,), outer.results[0], X, cond))
    verify(result)
    assert result.body[0].then == (a,)


# -- cse ------------------------------------------------------------------------------


def test_cse_follows_dominance():
    cond = var("c", BOOL)
    b = Builder(Names())
    t = b.define("mul", X, Y)
    in_then = Equation(var("p"), "mul", (Y, X))
    only_then = Equation(var("p2"), "add", (X, Y))
    r = var("r")
    b.append(If(cond, (in_then, only_then), (), (r,), (in_then.target,), (X,)))
    after = b.define("add", X, Y)
    function = make(b.take(), (t, r, after), X, Y, cond)
    result = cse(function)
    verify(result)
    assert ops(result) == ["mul", "add", "add"]
    assert result.body[1].then_yields == (t,)


def test_cse_leaves_effects_and_fresh_memory():
    b = Builder(Names())
    u, v = b.define("numpy.zeros", C(3)), b.define("numpy.zeros", C(3))
    p, q = (b.define("builtins.print", X) for _ in range(2))
    k, m = b.define("call", X), b.define("call", X)
    function = make(b.take(), (u, v, p, q, k, m), X)
    assert cse(function) is function


def test_cse_does_not_share_a_buffer_that_is_written():
    w = var("w", Array("float64", (Size("n"),)))
    b = Builder(Names())
    t, u = b.define("mul", w, C(2.0)), b.define("mul", w, C(2.0))
    s = b.define("setitem", u, C(0), C(1.0), params=Index(("at",)))
    assert len(ops(cse(make(b.take(), (t, s), w)))) == 3


# -- dead -----------------------------------------------------------------------------


def loop(carried, inits, body, yields, results, iteration=None, targets=None):
    iteration = iteration or Iteration("range", (C(0), N, C(1)))
    return For(targets or (Var("i", kind=INT),), iteration, carried, inits, tuple(body),
               yields, results)  # fmt: skip


def test_dead_values_and_loops_go_but_effects_stay():
    unused = Equation(var("t"), "mul", (X, X))
    s, a = var("s"), var("a")
    step = Equation(var("s", version=1), "add", (s, X))
    idle = Equation(var("a", version=1), "add", (a, s))
    both = loop((s, a), (X, Y), (step, idle), (step.target, idle.target),
                (var("s2"), var("a2")))  # fmt: skip
    result = dead(make((unused, both), both.results[0], X, Y, N))
    verify(result)
    assert ops(result) == ["add"]
    assert len(result.body[0].carried) == 1
    assert dead(make((unused, both), X, X, Y, N)).body == ()
    shown = Equation(var("p"), "builtins.print", (a,))
    noisy = loop((s, a), (X, Y), (step, idle, shown), (step.target, idle.target),
                 (var("s2"), var("a2")))  # fmt: skip
    kept = dead(make((noisy,), X, X, Y, N))
    verify(kept)
    assert ops(kept) == ["add", "add", "builtins.print"]


def test_tape_entries_are_narrowed():
    tape, t0, t1, t2 = (var("tape", TAPE, "tape", k) for k in range(4))
    x1, g, g2 = var("x", version=1), var("x", role="bar"), var("x", role="bar", version=2)
    sin = Equation(var("t"), "math.sin", (x1,))
    push = Equation(t1, "push", (t0, x1, sin.target, Y))
    new = Equation(var("x", version=2), "mul", (x1, C(3.0)))
    forward = loop((t0, x1), (tape, X), (sin, push, new), (t1, new.target),
                   (t2, var("x", version=3)))  # fmt: skip
    a, s, y = var("x", version=4), var("t", version=4), var("y", version=4)
    back = Equation(var("x", role="bar", version=1), "mul", (g, s))
    reverse = loop((g,), (C(1.0),), (back,), (back.target,), (g2,),
                   Iteration("tape", (t2,)), (a, s, y))  # fmt: skip
    function = make((Equation(tape, "tape", ()), forward, reverse), g2, X, Y, N)
    result = dead(function)
    verify(result)
    assert result.body[2].targets == (s,)
    assert [n for n in walk(result.body) if getattr(n, "op", "") == "push"][0].args == (
        t0, sin.target)  # fmt: skip
    expected = math.sin(0.3) * math.sin(0.9) * math.sin(2.7)
    assert Interpreter()(result, 0.3, 1.0, 3) == pytest.approx(expected)
    # The rounds alone count: one position stays.
    back2 = Equation(back.target, "mul", (g, C(2.0)))
    counting = loop((g,), (C(1.0),), (back2,), (back.target,), (g2,),
                    Iteration("tape", (t2,)), (a, s, y))  # fmt: skip
    result = dead(make((Equation(tape, "tape", ()), forward, counting), g2, X, Y, N))
    verify(result)
    assert Interpreter()(result, 0.3, 1.0, 3) == 8.0
    assert ops(result) == ["tape", "push", "mul"]
    assert dead(result) is result


def test_nested_tapes_are_narrowed():
    outer = Equation(var("o", TAPE), "tape", ())
    inner = Equation(var("in", TAPE), "tape", ())
    p = Equation(var("in", TAPE, "", 1), "push", (inner.target, X, Y))
    q = Equation(var("o", TAPE, "", 1), "push", (outer.target, Y, p.target))
    g, h = var("g"), var("h")
    a, c = var("a"), var("c", TAPE)
    k, m = var("k"), var("m")
    step = Equation(var("g1"), "mul", (h, m))
    within = loop((h,), (g,), (step,), (step.target,), (var("h2"),),
                  Iteration("tape", (c,)), (k, m))  # fmt: skip
    reverse = loop((g,), (X,), (within,), within.results, (var("g2"),),
                   Iteration("tape", (q.target,)), (a, c))  # fmt: skip
    function = make((outer, inner, p, q, reverse), reverse.results[0], X, Y)
    result = dead(function)
    verify(result)
    pushes = [n for n in walk(result.body) if getattr(n, "op", "") == "push"]
    assert [n.args[1:] for n in pushes] == [(Y,), (p.target,)]
    assert Interpreter()(result, 2.0, 3.0) == 6.0


# -- branches -------------------------------------------------------------------------


def test_neighbouring_branches_are_fused():
    cond = var("c", BOOL)
    a = Equation(var("y", version=1), "mul", (X, X))
    first = If(cond, (a,), (), (var("y", version=2),), (a.target,), (X,))
    free = Equation(var("g", role="bar"), "math.cos", (X,))
    bound = Equation(var("z"), "add", (first.results[0], C(1.0)))
    d = Equation(var("q"), "mul", (free.target, first.results[0]))
    second = If(cond, (d,), (), (var("w"),), (d.target,), (free.target,))
    function = make((first, free, bound, second), (bound.target, second.results[0]),
                    X, cond)  # fmt: skip
    result = fuse_branches(function)
    verify(result)
    assert [type(n) for n in result.body] == [Equation, If, Equation]
    for c in (True, False):
        assert Interpreter()(result, 0.5, c) == Interpreter()(function, 0.5, c)
    noise = Equation(var("p"), "builtins.print", (X,))
    apart = make((first, noise, second), second.results[0], X, cond, free.target)
    assert fuse_branches(apart).body[1] == noise


# -- verify ---------------------------------------------------------------------------


def test_questions_to_objects_go_if_nobody_reads_the_answer():
    seen = var("seen", OPAQUE)
    ask = ("builtins.bool", None)
    idle = Equation(var("t", BOOL), READING, (seen,), ask, SPAN)
    read = Equation(var("t", BOOL, "", 1), READING, (seen,), ask, SPAN)
    function = make([idle, read], (X, read.target), X, seen)
    assert dead(function).body == (read,)


def test_the_verifier_finds_faults():
    t = Equation(var("t"), "mul", (X, X))
    cond = var("c", BOOL)
    for body, returns in (
        ((t, t), X),
        ((), t.target),
        ((If(cond, (t,), ()),), t.target),
        ((If(cond, (t,), (), (var("r"),), (), ()),), X),
        ((For((), Iteration("range", (C(0), C(1), C(1))), (), (), (), (), ()),), X),
        ((For((var("i"),), Iteration("walk", ()), (), (), (), (), ()),), X),
        ((For((var("i"),), Iteration("tape", (X,)), (), (), (), (), ()),), X),
        ((While((), t.target, (), (), (t,), (), ()),), X),
    ):
        with pytest.raises(InvalidIR):
            make(body, returns, X, cond)


def test_optimise_is_cheap_on_long_straight_lines():
    b = Builder(Names())
    value = X
    for _ in range(2000):
        value = b.define("mul", b.define("add", value, Y), b.define("math.sin", value))
    function = make(b.take(), value, X, Y)
    assert optimise(optimise(function)) == optimise(function)


# -- elements read once ---------------------------------------------------------------


def quotients(p, n):
    total = p[0] / (p[0] * p[0] + p[1] * p[1])
    for k in range(1, n):
        total += p[k - 1] * math.sin(p[k - 1]) * p[k]
        if p[k] > 1.0:
            total -= p[k - 1] * p[k]
    return total


def test_a_block_reads_each_element_once():
    text = inspect.getsource(symdiff.grad(quotients).specialize(np.ones(4), 4))
    assert text.count("p_bar[0] +=") == text.count("p_bar[1] -=") == 1
    assert "tape" not in text  # what only one side of the branch needs is at hand
    p = np.array([0.7, 1.2, 0.4, 1.9])
    symdiff.check_grads(quotients, (p, 4))


def test_an_element_that_is_written_is_read_again():
    def f(p):
        p = p.copy()
        first = p[0] * p[1]
        p[0] = first
        return first * p[0] * p[0]

    p = np.array([0.7, 1.2])
    assert np.allclose(symdiff.grad(f)(p), 3 * (p[0] * p[1]) ** 2 * p[::-1])
