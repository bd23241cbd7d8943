"""Every element-wise row, proved by SymPy from the row itself.

The primal is the row's own form, so a new row brings its proof along. Arguments are
symbols; a comparison is decided at a sample point and the proof holds on that side of
it. The points put the arguments in every order and on both sides of 0.
"""

from __future__ import annotations

import ast
import builtins
import itertools
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy
from interpret import kind_of_value, read, run

from symdiff.ir.builder import Builder, Names
from symdiff.ir.core import Const, Var
from symdiff.rules import ZERO, ArrayRule, Rule, hint, rule_for
from symdiff.rules.scalar import CONSTANT, SCALAR
from symdiff.rules.template import signature
from symdiff.tracing.operations import result_of

# -- the proof ------------------------------------------------------------------------

QUOTIENT = sympy.Symbol("quotient", integer=True)  # x // y: constant between jumps


class Meaning(ast.NodeVisitor):
    """The SymPy value of rule text at the symbols `names`, whose values are `point`."""

    def __init__(self, names: dict[str, Any], point: dict[Any, Any]) -> None:
        self.names, self.point = names, point

    def of(self, text: str) -> Any:
        return self.visit(ast.parse(text, mode="eval").body)

    def number(self, value: Any) -> Any:
        return sympy.sympify(value).subs(self.point)

    def visit_Constant(self, node: ast.Constant) -> Any:
        return sympy.nsimplify(node.value)

    def visit_Name(self, node: ast.Name) -> Any:
        return sympy.pi if node.id == "pi" else self.names[node.id]

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        value = self.visit(node.operand)
        return -value if isinstance(node.op, ast.USub) else value

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        x, y = self.visit(node.left), self.visit(node.right)
        if isinstance(node.op, ast.FloorDiv):
            return QUOTIENT
        if isinstance(node.op, ast.Mod):
            return x - QUOTIENT * y
        arithmetic: dict[type, Callable[[Any, Any], Any]] = {
            ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
            ast.Div: operator.truediv, ast.Pow: operator.pow,
        }  # fmt: skip
        return arithmetic[type(node.op)](x, y)

    def visit_Compare(self, node: ast.Compare) -> bool:
        x, y = self.visit(node.left), self.visit(node.comparators[0])
        return self.compare(type(node.ops[0]), x, y)

    def compare(self, kind: type, x: Any, y: Any) -> bool:
        difference = self.number(x - y)
        results = {
            ast.Gt: difference > 0, ast.Lt: difference < 0, ast.GtE: difference >= 0,
            ast.LtE: difference <= 0, ast.Eq: difference == 0, ast.NotEq: difference != 0,
        }  # fmt: skip
        return bool(results[kind])

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        test = self.visit(node.test)
        return self.visit(node.body if test else node.orelse)

    def visit_Call(self, node: ast.Call) -> Any:
        assert isinstance(node.func, ast.Name)
        if any(isinstance(a, ast.Starred) for a in node.args):
            return self.call(node.func.id, list(self.names.values()))
        values = [self.visit(a) for a in node.args]
        return self.call(node.func.id, values)

    def call(self, name: str, values: list[Any]) -> Any:
        function = getattr(self, f"f_{name}", None) or getattr(sympy, name)
        return function(*values)

    def f_abs(self, x: Any) -> Any:
        return x * self.f_sign(x)

    def f_sign(self, x: Any) -> Any:
        return 1 if self.compare(ast.Gt, x, 0) else -1

    def f_copysign(self, x: Any, y: Any) -> Any:
        return self.f_abs(x) * self.f_sign(y)

    def f_max(self, *x: Any) -> Any:
        best = x[0]
        for other in x[1:]:
            best = other if self.compare(ast.Gt, other, best) else best
        return best

    def f_min(self, *x: Any) -> Any:
        return -self.f_max(*(-v for v in x))

    f_maximum, f_minimum, f_fmax, f_fmin = f_max, f_min, f_max, f_min

    def f_clip(self, x: Any, low: Any, high: Any) -> Any:
        return self.f_min(self.f_max(x, low), high)

    def f_heaviside(self, x: Any, y: Any) -> Any:
        return sympy.Integer(self.compare(ast.Gt, x, 0))

    def f_select(self, c: Any, a: Any, b: Any) -> Any:
        return a if c else b

    def f_hypot(self, *x: Any) -> Any:
        return sympy.sqrt(sum(v**2 for v in x))

    def f_fmod(self, x: Any, y: Any) -> Any:
        return x - QUOTIENT * y

    f_remainder = f_fmod

    def f_isfinite(self, x: Any) -> bool:
        return True

    def f_nan_to_num(self, x: Any, *rest: Any) -> Any:
        return x

    def f_lgamma(self, x: Any) -> Any:
        return sympy.loggamma(x)

    def f_float(self, x: Any) -> Any:
        return x

    def f_exp2(self, x: Any) -> Any:
        return 2**x

    def f_expm1(self, x: Any) -> Any:
        return sympy.exp(x) - 1

    def f_log2(self, x: Any) -> Any:
        return sympy.log(x, 2)

    def f_log10(self, x: Any) -> Any:
        return sympy.log(x, 10)

    def f_log1p(self, x: Any) -> Any:
        return sympy.log(1 + x)

    def f_logaddexp(self, x: Any, y: Any) -> Any:
        return sympy.log(sympy.exp(x) + sympy.exp(y))

    def f_logaddexp2(self, x: Any, y: Any) -> Any:
        return sympy.log(2**x + 2**y, 2)

    def f_cbrt(self, x: Any) -> Any:
        return x ** sympy.Rational(1, 3)

    def f_square(self, x: Any) -> Any:
        return x**2

    def f_reciprocal(self, x: Any) -> Any:
        return 1 / x

    def f_degrees(self, x: Any) -> Any:
        return 180 * x / sympy.pi

    def f_radians(self, x: Any) -> Any:
        return sympy.pi * x / 180

    def f_sinc(self, x: Any) -> Any:
        return sympy.sin(sympy.pi * x) / (sympy.pi * x)

    def f_fma(self, x: Any, y: Any, z: Any) -> Any:
        return x * y + z

    def f_ldexp(self, x: Any, i: Any) -> Any:
        return x * 2**i


POSITIVE = frozenset({"acosh(x)"})  # whose domain has no negative numbers
WHOLE = frozenset("ci")  # a condition, an integer: nothing to differentiate


def points(count: int) -> list[tuple[sympy.Rational, ...]]:
    """The arguments in every order, all positive, all negative and of mixed signs."""
    steps = [sympy.Rational(2 * k + 1, 7) for k in range(count)]
    orders = list(itertools.permutations(steps))[:6]
    found = [order for values in orders for order in (values, tuple(-v for v in values))]
    for place in range(count) if count > 1 else ():
        for values in (steps, steps[::-1]):
            found.append(tuple(-v if k == place else v for k, v in enumerate(values)))
    return found


def arities(row: Rule) -> list[int]:
    if isinstance(row.partials, tuple):
        return [len(row.partials)]
    return [2, 3, 4] if signature(row.form)[2] else [1, 2]


def names_of(row: Rule, arity: int) -> tuple[str, ...]:
    names, _, rest = signature(row.form)
    return tuple(f"{rest}{k}" for k in range(arity)) if rest else names[:arity]


CASES = [pytest.param(row, n, id=f"{row.form}/{n}") for row in SCALAR for n in arities(row)]


@pytest.mark.parametrize("row, arity", CASES)
def test_row_is_the_derivative(row: Rule, arity: int) -> None:
    names, texts = names_of(row, arity), row.texts(arity)
    assert len(names) == len(texts)
    for values in points(arity):
        if row.form in POSITIVE and min(values) < 0:
            continue
        symbols: dict[str, Any] = {}
        for name, value in zip(names, values, strict=True):
            side = "positive" if value > 0 else "negative"
            symbols[name] = sympy.Symbol(name, **{side: True})
        point = dict(zip(symbols.values(), values, strict=True))
        if "c" in symbols:
            symbols["c"] = values[0] > 0
        meaning = Meaning(dict(symbols), point)
        if "=" in row.form:
            out = meaning.call(row.form.partition("(")[0], list(symbols.values()))
        else:
            out = meaning.of(row.form)
        meaning.names["out"] = out
        for name, text in zip(names, texts, strict=True):
            if name not in WHOLE:
                slope, claimed = sympy.diff(out, symbols[name]), meaning.of(text)
                assert zero(slope - claimed), (name, values, slope, claimed)


def zero(difference: Any) -> bool:
    difference = sympy.sympify(difference)
    forms = (difference, difference.rewrite(sympy.exp))
    return any(sympy.simplify(form) == 0 for form in forms)


def test_the_proof_would_notice_a_wrong_row() -> None:
    wrong = [("tan(x)", "1 - out ** 2"), ("abs(x)", "1"), ("x ** y", "y * x ** y")]
    for form, text in wrong:
        row = Rule(form, (text, "0")[: len(signature(form)[0])])
        with pytest.raises(AssertionError):
            test_row_is_the_derivative(row, len(signature(form)[0]))


# -- what is emitted ------------------------------------------------------------------


def equation(op: str, *args: Any, params: Any = None) -> Any:
    """One equation; arguments given as floats and arrays become variables, whose values
    come along. A `Const` stays one."""
    b = Builder(Names())
    values: dict[Var, Any] = {}
    atoms: list[Any] = []
    for name, value in zip("xyzuvw", args, strict=False):
        if isinstance(value, Const):
            atoms.append(value)
            continue
        var = b.names.fresh(name, "", kind_of_value(value, exact=False))
        values[var] = value
        atoms.append(var)
    target = b.define(op, *atoms, params=params, base="out")
    eq = b.nodes.pop()
    bar = b.names.fresh("out", "bar", target.kind)
    return b, eq, bar, values


SYMBOL = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**", "floordiv": "//"}
COMPARE = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}


def written(b: Builder, atom: Any) -> str:
    """The value as an expression, with every step in place."""
    made = {n.target: n for n in b.nodes}  # type: ignore[union-attr]

    def show(a: Any) -> str:
        if a is None:
            return "None"
        if isinstance(a, Const):
            return repr(a.value)
        node = made.get(a)
        if node is None:
            return f"{a.base}_{a.role}" if a.role else str(a.base)
        parts = [show(v) for v in node.args]
        symbol = {**SYMBOL, **COMPARE}.get(node.op)
        if symbol:
            return f"({parts[0]} {symbol} {parts[1]})"
        if node.op == "neg":
            return f"-{parts[0]}"
        if node.op == "select":
            return f"({parts[1]} if {parts[0]} else {parts[2]})"
        return f"{node.op.replace('numpy', 'np')}({', '.join(parts)})"

    text = show(atom)
    return text[1:-1] if text.startswith("(") and text.endswith(")") else text


def pulled(op: str, *args: Any) -> list[str]:
    """The contributions to the arguments, as text."""
    b, eq, bar, _ = equation(op, *args)
    rule = rule_for(op)
    assert isinstance(rule, Rule)
    wanted = tuple(isinstance(a, Var) for a in eq.args)
    return [written(b, g) for g in rule.vjp(b, eq, bar, wanted)]


@pytest.mark.parametrize(
    "op, args, expected",
    [
        ("add", (1.0, 2.0), ["out_bar", "out_bar"]),
        ("sub", (1.0, 2.0), ["out_bar", "-out_bar"]),
        ("mul", (1.0, 2.0), ["out_bar * y", "out_bar * x"]),
        ("div", (1.0, 2.0), ["out_bar / y", "-((out_bar / y) * out)"]),
        ("neg", (1.0,), ["-out_bar"]),
        ("math.sin", (1.0,), ["out_bar * math.cos(x)"]),
        ("math.cos", (1.0,), ["-(out_bar * math.sin(x))"]),
        ("math.exp", (1.0,), ["out_bar * out"]),
        ("math.log", (1.0,), ["out_bar / x"]),
        ("math.sqrt", (1.0,), ["(0.5 * out_bar) / out"]),
        ("math.tanh", (1.0,), ["out_bar * (1 - (out ** 2))"]),
        ("math.asin", (0.5,), ["out_bar / math.sqrt((1 - (x ** 2)))"]),
        ("math.exp2", (0.5,), [f"({math.log(2)!r} * out_bar) * out"]),
        ("pow", (1.0, Const(2)), ["(2 * out_bar) * x", "None"]),
        ("pow", (1.0, Const(3)), ["(3 * out_bar) * (x ** 2)", "None"]),
        ("pow", (1.0, Const(1)), ["out_bar", "None"]),
        ("pow", (1.0, Const(0)), ["None", "None"]),
        ("pow", (1.0, Const(-1)), ["-(out_bar * (x ** -2))", "None"]),
        ("pow", (1.0, Const(0.5)), ["(0.5 * out_bar) * (x ** -0.5)", "None"]),
        ("pow", (Const(2), 1.0), ["None", f"{math.log(2)!r} * (out_bar * out)"]),
        ("builtins.abs", (1.0,), [
            "out_bar if (x > 0) else (-out_bar if (x < 0) else 0.0)",
        ]),
        ("builtins.abs", (np.ones(2),), ["out_bar * np.sign(x)"]),
        ("builtins.max", (1.0, 2.0), [
            "0.0 if (y > x) else out_bar", "out_bar if (y > x) else 0.0",
        ]),
        ("numpy.maximum", (np.ones(2), Const(0.0)), [
            "np.where((x > 0.0), out_bar, np.where((x == 0.0), (0.5 * out_bar), 0.0))",
            "None",
        ]),
        ("numpy.arctan", (np.ones(2),), ["out_bar / (1 + (x ** 2))"]),
        ("numpy.arcsin", (np.ones(2),), ["out_bar / np.sqrt((1 - (x ** 2)))"]),
        ("math.sin", (np.float64(1.0),), ["out_bar * math.cos(x)"]),
        ("pow", (Const(2.5), np.ones(2)), ["None", f"{math.log(2.5)!r} * (out_bar * out)"]),
    ],
)  # fmt: skip
def test_contributions_read_as_written_by_hand(op: str, args: Any, expected: Any) -> None:
    assert pulled(op, *args) == expected


def test_only_wanted_partials_are_built() -> None:
    b, eq, bar, _ = equation("pow", 2.0, 3.0)
    rule = rule_for("pow")
    assert isinstance(rule, Rule)
    x_bar, y_bar = rule.vjp(b, eq, bar, (True, False))
    assert y_bar is None
    assert "math.log" not in [n.op for n in b.nodes]  # type: ignore[union-attr]
    assert written(b, x_bar) == "(out_bar * y) * (x ** ((y - 1) if (y != 0) else 1))"


def test_tangents_that_branch_alike_branch_once() -> None:
    b, eq, _, _ = equation("builtins.max", 1.0, 2.0)
    rule = rule_for("builtins.max")
    assert isinstance(rule, Rule)
    dots = tuple(b.names.fresh(a.base, "dot", a.kind) for a in eq.args)
    assert written(b, rule.jvp(b, eq, dots)) == "y_dot if (y > x) else x_dot"
    b.nodes.clear()
    b, eq, _, _ = equation("div", 1.0, 2.0)
    rule = rule_for("div")
    assert isinstance(rule, Rule)
    dots = tuple(b.names.fresh(a.base, "dot", a.kind) for a in eq.args)
    assert written(b, rule.jvp(b, eq, dots)) == "(x_dot / y) - ((y_dot / y) * out)"


# -- every operation, run -------------------------------------------------------------


def function_of(op: str) -> Any:
    root, _, path = op.partition(".")
    modules = {"math": math, "numpy": np, "builtins": builtins}
    if root not in modules:
        return None
    try:
        return operator.attrgetter(path)(modules[root])
    except AttributeError:
        return None


SAMPLES: dict[str, tuple[float, ...]] = {
    "acosh(x)": (1.7,), "asin(x)": (0.4,), "acos(x)": (0.4,), "atanh(x)": (0.4,),
    "clip(x, a_min=None, a_max=None)": (0.4, 0.1, 0.9), "select(c, a, b)": (1.0, 0.4, 0.7),
    "fma(x, y, z)": (0.4, 1.3, 0.7),
}  # fmt: skip

RUNS = [
    pytest.param(row, op, n, id=f"{op}/{n}")
    for row in SCALAR
    for op in row.ops
    for n in arities(row)
    if "=True" not in row.form and not (n == 2 and op == "numpy.log")
]


@pytest.mark.parametrize("row, op, arity", RUNS)
def test_operation_against_central_differences(row: Rule, op: str, arity: int) -> None:
    """With Python floats where the operation takes them, else with arrays."""
    if op.startswith("numpy.hypot") and arity != 2:
        pytest.skip("two arguments only")
    if "." in op and function_of(op) is None:
        pytest.skip("not in this version")
    base = SAMPLES.get(row.form, (0.8, 1.7, 0.3, 1.1)[:arity])
    args: list[Any] = list(base)
    if op.startswith("numpy."):
        args = [np.array([v, v / 2 + 0.55]) for v in base]
        if op in ("numpy.float64", "numpy.float32", "numpy.double"):
            args = list(base)
        if op == "numpy.float16":
            args = [0.75]  # with steps that it holds exactly
    last = len(args)
    smooth = [True] * last
    if row.form == "select(c, a, b)":
        args[0] = args[0] > 0.9
        smooth[0] = False
    if row.form == "ldexp(x, i)":
        args[1], smooth[1] = Const(3), False
    b, eq, bar, values = equation(op, *args)
    out = result_of(op, [a.value if isinstance(a, Const) else a for a in args], None)
    values[eq.target] = out
    values[bar] = 1.3 + 0 * out
    bars = row.vjp(b, eq, bar, tuple(smooth))
    dots = tuple(
        b.names.fresh("x", "dot", a.kind) if s else None
        for a, s in zip(eq.args, smooth, strict=True)
    )
    for dot, arg in zip(dots, args, strict=True):
        if dot is not None:
            values[dot] = 1.0 + 0 * arg
    tangent = row.jvp(b, eq, dots)
    run(b.nodes, values)
    slopes = 0.0 * out
    step = {"numpy.float16": 0.25, "numpy.float32": 1e-2}.get(op, 1e-6)
    for k, (g, arg) in enumerate(zip(bars, args, strict=True)):
        if not smooth[k]:
            continue
        ends = []
        for sign in (1, -1):
            there = [a.value if isinstance(a, Const) else a for a in args]
            there[k] = arg + sign * step
            ends.append(result_of(op, there, None))
        slope = (ends[0] - ends[1]) / (2 * step)
        slopes = slopes + slope
        got = 0.0 if g is None else read(g, values)
        assert got == pytest.approx(1.3 * slope, rel=1e-5, abs=1e-7)
    if tangent is not None:
        assert read(tangent, values) == pytest.approx(slopes, rel=1e-5, abs=1e-7)


# -- conventions ----------------------------------------------------------------------


def slopes(op: str, *args: Any) -> list[Any]:
    """The derivatives in each argument, of Python floats."""
    b, eq, bar, values = equation(op, *args)
    rule = rule_for(op)
    assert isinstance(rule, Rule)
    values[eq.target] = result_of(op, list(args), None)
    values[bar] = values[eq.target] * 0 + 1.0
    bars = rule.vjp(b, eq, bar, (True,) * len(args))
    run(b.nodes, values)
    return [np.asarray(read(g, values)).tolist() if g else 0.0 for g in bars]


def test_conventions_where_there_is_no_derivative() -> None:
    assert slopes("builtins.abs", 0.0) == [0.0]
    assert slopes("numpy.abs", np.zeros(1)) == [[0.0]]
    assert slopes("builtins.max", 2.0, 2.0) == [1.0, 0.0]
    assert slopes("builtins.min", 2.0, 2.0) == [1.0, 0.0]
    assert slopes("builtins.max", 1.0, 2.0, 2.0) == [0.0, 1.0, 0.0]
    assert slopes("builtins.max", 2.0, math.nan) == [1.0, 0.0]
    assert slopes("numpy.maximum", np.ones(1), np.ones(1)) == [[0.5], [0.5]]
    assert slopes("numpy.fmax", np.array([math.nan]), np.ones(1)) == [[0.0], [1.0]]
    clipped = slopes("numpy.clip", np.ones(1), np.ones(1), np.array([2.0]))
    assert clipped == [[1.0], [0.0], [0.0]]


def test_powers_at_zero() -> None:
    assert slopes("pow", 0.0, 2.0) == [0.0, 0.0]
    assert slopes("pow", 0.0, 1.0) == [1.0, 0.0]
    assert slopes("pow", 0.0, 0.0) == [0.0, 0.0]
    assert slopes("pow", np.zeros(1), np.array([2.0])) == [[0.0], [0.0]]
    assert slopes("numpy.sinc", np.zeros(1)) == [[0.0]]


# -- look-up --------------------------------------------------------------------------


def test_three_states() -> None:
    assert isinstance(rule_for("math.sin"), Rule)
    assert rule_for("math.floor") is ZERO
    assert rule_for("floordiv") is ZERO
    assert rule_for("math.nextafter") is None
    assert rule_for("attr", "shape") is ZERO
    assert rule_for("attr", "T") is None


def test_steps_are_steps() -> None:
    """No operation is in both tables, and those of math and NumPy exist."""
    for op in CONSTANT:
        if op.startswith(("math.", "builtins.", "numpy.")):
            assert function_of(op) is not None, op
    assert not CONSTANT & {op for row in SCALAR for op in row.ops}


def test_hints() -> None:
    assert hint("math.nextafter") == (
        "it moves to a neighbouring number and is not smooth; "
        "declare one, docs/rules.md, or use operations that have one, docs/numpy.md"
    )
    assert (
        hint("numpy.i0")
        == "declare one, docs/rules.md, or use operations that have one, docs/numpy.md"
    )
    text = hint("trigamma")
    assert text is not None
    assert "math.lgamma" in text


MISSING = frozenset({"nextafter"})  # those of `math` that have a hint in place of a rule


def test_all_of_math_is_classified() -> None:
    """A function that a new Python brings has to be given a rule, a ZERO or a hint."""
    for name in dir(math):
        if name.startswith("_") or not callable(getattr(math, name)):
            continue
        rule = rule_for(f"math.{name}")
        if name in MISSING:
            assert rule is None
            assert not str(hint(f"math.{name}")).startswith("declare"), name
        else:
            assert rule is ZERO or isinstance(rule, (Rule, ArrayRule)), name


# -- the functions that generated code brings along -----------------------------------


def samples() -> list[float]:
    rng = np.random.default_rng(11)
    parts = [
        rng.uniform(-20, 20, 400), rng.uniform(0, 3, 400),
        10 ** rng.uniform(-100, 300, 100), -(10 ** rng.uniform(-100, 3, 100)),
    ]  # fmt: skip
    near_poles = [n + d for n in range(-4, 1) for d in (1e-9, -1e-9, 1e-3)]
    return [float(x) for x in np.concatenate(parts)] + near_poles


@pytest.mark.parametrize("order, op", [(0, "digamma"), (1, "trigamma")])
def test_polygamma_against_mpmath(order: int, op: str) -> None:
    mpmath = pytest.importorskip("mpmath")

    def function(x: float) -> Any:
        return result_of(op, [x], None)

    with mpmath.workdps(40):
        for x in samples():
            true = mpmath.polygamma(order, mpmath.mpf(x))
            # digamma crosses zero: there the error is that of numbers about 1.
            scale = abs(true) if order else max(abs(true), 1)
            assert abs(function(x) - true) <= 4e-15 * scale, x


@pytest.mark.parametrize("op", ["digamma", "trigamma"])
def test_polygamma_at_the_edges(op: str) -> None:

    def function(x: float) -> Any:
        return result_of(op, [x], None)

    assert function(math.inf) == (math.inf if op == "digamma" else 0.0)
    assert math.isnan(function(math.nan))
    for pole in (0.0, -1.0, -7.0):
        with pytest.raises(ZeroDivisionError):
            function(pole)
