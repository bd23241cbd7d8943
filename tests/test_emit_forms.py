"""IR -> Python text: single operations, writes, names, and how lines are laid out."""

from __future__ import annotations

import ast
import math
import random
from typing import Any

import numpy as np
import pytest
from emitting import ALL, ARRAY, AT, Code, atom, check, function, run, shown

from symdiff.backend.emit import emit
from symdiff.backend.flow import Printed
from symdiff.backend.layout import lay_out
from symdiff.backend.wrap import text, wrapped
from symdiff.ir.core import (
    Const, Equation, External, Global, Index, Node, Parameter, SliceItem, Var,
)  # fmt: skip
from symdiff.ir.kinds import BOOL, FLOAT, INT, NONE, OPAQUE, Array, Tuple


# -- arrays -----------------------------------------------------------------------------


def written(c: Code, *equations: Equation, params: tuple[Var, ...]) -> list[str]:
    made = function(params, equations, equations[-1])
    return [line.strip() for line in shown(made).split("\n")[1:-2]]


def test_writes() -> None:
    c = Code()
    u, i, v = c.var("u", ARRAY), c.var("i", INT), c.var("v")
    some = Index((SliceItem(start=True),))
    cases: list[tuple[str, tuple[Equation, ...]]] = [
        ("u[i] = v", (c("u", "setitem", u, i, v, params=AT, kind=ARRAY),)),
        ("u[:] = 0.0", (c("u", "setitem", u, 0.0, params=ALL, kind=ARRAY),)),
        ("u += v", (c("u", "additem", u, v, params=ALL, kind=ARRAY),)),
        ("u[1:] += v", (c("u", "additem", u, 1, v, params=some, kind=ARRAY),)),
    ]  # fmt: skip
    for expected, equations in cases:
        assert written(c, *equations, params=(u, i, v)) == [expected]
    minus = c("t", "neg", v)
    less = c("u", "additem", u, i, minus, params=AT, kind=ARRAY)
    assert written(c, minus, less, params=(u, i, v)) == ["u[i] -= v"]
    whole = c("u", "additem", u, -1.0, params=Index(("rest",)), kind=ARRAY)
    assert written(c, whole, params=(u, i, v)) == ["u -= 1.0"]


def test_updates_at_one_place() -> None:
    c = Code()
    u, i, v = c.var("u", ARRAY), c.var("i", INT), c.var("v")
    for op, left, expected in [
        ("mul", True, "u[i] *= v"), ("mul", False, "u[i] *= v"), ("sub", True, "u[i] -= v"),
        ("sub", False, "u[i] = v - u[i]"), ("pow", True, "u[i] = u[i] ** v"),
    ]:  # fmt: skip
        read = c("t", "getitem", u, i, params=AT)
        new = c("t", op, *((read, v) if left else (v, read)))
        write = c("u", "setitem", u, i, new, params=AT, kind=ARRAY)
        assert written(c, read, new, write, params=(u, i, v)) == [expected]


def test_repeated_indices_add_up() -> None:
    c = Code()
    u, i, v = c.var("u", ARRAY), c.var("i", Array("int64", (3,))), c.var("v")
    mask = c.var("m", Array("bool", (5,)))
    add = c("u", "additem", u, i, v, params=AT, kind=ARRAY)
    assert written(c, add, params=(u, i, v)) == ["np.add.at(u, i, v)"]
    minus = c("t", "neg", v)
    less = c("u", "additem", u, i, minus, params=AT, kind=ARRAY)
    assert written(c, minus, less, params=(u, i, v)) == ["np.subtract.at(u, i, v)"]
    both = Index((SliceItem(), "at"), True)
    add = c("u", "additem", u, i, v, params=both, kind=ARRAY)
    assert written(c, add, params=(u, i, v)) == ["np.add.at(u, np.s_[:, i], v)"]
    add = c("u", "additem", u, mask, v, params=AT, kind=ARRAY)
    assert written(c, add, params=(u, mask, v)) == ["u[m] += v"]


def test_sums_of_arrays_are_new_arrays() -> None:
    c = Code()
    u, v = c.var("u", ARRAY), c.var("v", ARRAY)
    total = c("u", "add", u, v, kind=ARRAY)
    assert written(c, total, params=(u, v)) == ["u = u + v"]


def test_a_read_does_not_cross_a_write() -> None:
    c = Code()
    u, i = c.var("u", ARRAY), c.var("i", INT)
    read = c("t", "getitem", u, i, params=AT)
    write = c("u", "setitem", u, i, 0.0, params=AT, kind=ARRAY)
    new = c("y", "mul", read, 2.0)
    made = function((u, i), (read, write, new), (new, write))
    assert shown(made).split("\n")[1:3] == ["    t = u[i]", "    u[i] = 0.0"]
    value, array = run(made, np.ones(3), 1)
    assert value == 2.0
    assert array.tolist() == [1.0, 0.0, 1.0]


def test_reading_what_was_overwritten_is_an_error() -> None:
    c = Code()
    u = c.var("u", ARRAY)
    write = c("u", "setitem", u, 0, 0.0, params=AT, kind=ARRAY)
    with pytest.raises(ValueError, match="overwritten"):
        emit(function((u,), (write,), (write, u)))
    with pytest.raises(ValueError, match="before it is defined"):
        emit(function((), (), u))


def test_unbroadcast_brings_its_helper() -> None:
    c = Code()
    g, x = c.var("g", ARRAY), c.var("x", ARRAY)
    made = function((g, x), (c("t", "unbroadcast", g, x),), ())
    assert emit(made).helpers == ("_unbroadcast",)
    namespace: dict[str, Any] = {}
    exec(emit(made).source, namespace)
    helper = namespace["_unbroadcast"]
    for shape, grown in [
        ((1, 3), (2, 3)),
        ((3,), (2, 3)),
        ((2, 1), (4, 2, 3)),
        ((), (2, 2)),
    ]:
        full = np.random.default_rng(0).standard_normal(grown)
        got = helper(full, np.zeros(shape))
        assert np.shape(got) == shape
        probe = np.random.default_rng(1).standard_normal(shape)
        assert (got * probe).sum() == pytest.approx((full * probe).sum())
    assert helper(2.0, 3.0) == 2.0


# -- single operations ------------------------------------------------------------------

U = Var("u", kind=ARRAY)
X, Y, N = Var("x", kind=FLOAT), Var("y", kind=FLOAT), Var("n", kind=INT)
PAIR = Var("p", kind=Tuple((FLOAT, FLOAT)))
OBJECT = Var("o", kind=OPAQUE)


@pytest.mark.parametrize(
    "op, args, params, expected",
    [
        ("pow", (-1.0, X), None, "(-1.0) ** x"),
        ("pow", (X, -2), None, "x ** -2"),
        ("sub", (X, -2.0), None, "x + 2.0"),
        ("add", (X, -2.0), None, "x - 2.0"),
        ("floordiv", (X, Y), None, "x // y"),
        ("matmul", (U, U), None, "u @ u"),
        ("notin", (X, PAIR), None, "x not in p"),
        ("invert", (N,), None, "~n"),
        ("not", (X,), None, "not x"),
        ("math.hypot", (X, Y), None, "math.hypot(x, y)"),
        ("numpy.sum", (U, 0), ("axis",), "u.sum(axis=0)"),
        ("numpy.sum", (X,), None, "np.sum(x)"),
        ("numpy.transpose", (U,), None, "u.T"),
        ("numpy.linalg.solve", (U, U), None, "np.linalg.solve(u, u)"),
        ("numpy.astype", (U, "float32"), None, 'u.astype("float32")'),
        ("builtins.abs", (X,), (), "abs(x)"),
        ("getitem", (U, N, 1, -1), Index(("at", SliceItem(True, True))), "u[n, 1:-1]"),
        ("getitem", (U, 2), Index((SliceItem(step=True), "new")), "u[::2, None]"),
        ("getitem", (U, 2), Index(("rest", "at")), "u[..., 2]"),
        ("getitem", (U, N), Index(("at",), True), "u[n,]"),
        ("copy", (U,), None, "u.copy()"),
        ("attr", (U,), "shape", "u.shape"),
        ("item", (PAIR,), 1, "p[1]"),
        ("tuple", (X, Y), None, "x, y"),
        ("tuple", (X,), None, "(x,)"),
        ("tuple", (), None, "()"),
        ("list", (X, Y), None, "[x, y]"),
        ("call", (OBJECT, X, Y), ("key",), "o(x, key=y)"),
        ("method", (OBJECT, X), ("fit", ()), "o.fit(x)"),
        ("select", (N, X, Y), None, "x if n else y"),
        ("fstring", (X, Y), ("a ", None, " ", ("r", ".3f")), 'f"a {x} {y!r:.3f}"'),
        ("add", (X, float("inf")), None, "x + math.inf"),
        ("add", (X, float("nan")), None, "x + math.nan"),
        ("add", (X, 2j), None, "x + 2j"),
        ("add", (X, 1 - 2j), None, "x + complex(1.0, -2.0)"),
        ("mul", (X, -0.0), None, "x * -0.0"),
        ("mul", (X, 1e-30), None, "x * 1e-30"),
    ],
)  # fmt: skip
def test_operations(op: str, args: tuple[Any, ...], params: Any, expected: str) -> None:
    made = Equation(Var("y", "", 7, OPAQUE), op, tuple(map(atom, args)), params)
    given = (X, Y, N, U, PAIR, OBJECT)
    code = shown(function(given, (made, Equation(Var("z"), "tuple", given)), made))
    assert code.split("\n")[1] == f"    y1 = {expected}"


def test_effects_are_statements() -> None:
    c = Code()
    x = c.var("x")
    positive = c("t", "gt", x, 0.0, kind=BOOL)
    message = c("t", "fstring", x, params=("x = ", None))
    body = (
        positive,
        message,
        c("t", "assert", positive, message, kind=NONE, line=2),
        c("t", "builtins.print", "it's", x, "", params=("end",), kind=NONE, line=3),
        error := c("t", "call", Global("ValueError"), "bad"),
        c("t", "raise", error, kind=NONE),
    )
    check(
        function((x,), body, None),
        """
        def f(x):
            assert x > 0.0, f"x = {x}"  # line 2
            print("it's", x, end="")    # line 3
            raise ValueError("bad")
        """,
    )


def test_calls_keep_their_order() -> None:
    c = Code()
    x = c.var("x")
    first = c("t", "call", Global("g"), x)
    second = c("t", "call", Global("h"), x)
    last = c("y", "sub", second, first)
    made = function((x,), (first, second, last), last)
    order: list[str] = []
    names = {n: (lambda x, n=n: order.append(n) or x) for n in "gh"}
    run(made, 1.0, **names)
    assert order == ["g", "h"]


# -- names ------------------------------------------------------------------------------


def test_names_do_not_clash() -> None:
    c = Code()
    x, x1 = c.var("x"), c.var("x1")
    a = c("x", "mul", x, x1)
    b = c("x", "mul", a, x)
    d = c("abs", "builtins.abs", b)
    e = c("lambda", "mul", d, Global("x2"))
    g = c("math", "math.sin", e)
    made = function((x, x1), (a, b, d, e, g), (x, x1, a, b, d, e, g))
    check(
        made,
        """
        def f(x, x1):
            x3 = x * x1
            x4 = x3 * x
            abs1 = abs(x4)
            lambda1 = abs1 * x2
            math1 = math.sin(lambda1)
            return x, x1, x3, x4, abs1, lambda1, math1
        """,
    )


def test_parameters_may_hide_modules_and_builtins() -> None:
    c = Code()
    math_, abs_ = c.var("math"), c.var("abs")
    a = c("y", "math.sin", math_)
    b = c("z", "builtins.abs", abs_)
    made = function((math_, abs_), (a, b), (a, b))
    assert run(made, 0.5, -2.0) == (math.sin(0.5), 2.0)


def test_aliases_of_the_user() -> None:
    c = Code()
    x = c.var("x")
    y = c("y", "numpy.linalg.norm", c.var("x", FLOAT) and x)
    made = function((x,), (y,), y, modules=(("numpy.linalg", "la"), ("math", "m")))
    assert emit(made).source.startswith("import numpy.linalg as la\n\n\ndef f(x):")
    assert "la.norm(x)" in shown(made)


def test_used_externals_only() -> None:
    c = Code()
    x = c.var("x")
    y = c("y", "mul", x, Global("scale", FLOAT))
    scale, other = (External(n, ("global", "m", n)) for n in ("scale", "other"))
    assert emit(function((x,), (y,), y, externals=(scale, other))).externals == (scale,)


def test_signatures() -> None:
    c = Code()
    names = "abcdef"
    forms = ["/", "", "", "*", "kw", "**"]
    defaults = [None, None, Const(-1.0), None, Global("k"), None]
    params = tuple(
        Parameter(c.var(n), d, form)
        for n, d, form in zip(names, defaults, forms, strict=True)
    )
    assert shown(function(params, (), ())).startswith(
        "def f(a, /, b, c=-1.0, *d, e=k, **f):"
    )
    only = (Parameter(c.var("a")), Parameter(c.var("b"), None, "kw"))
    made = function(only, (), (only[0].var, (only[1].var, 1)))
    check(made, "def f(a, *, b):\n    return a, (b, 1)")
    check(function((), (), None), "def f():\n    pass")


# -- layout -----------------------------------------------------------------------------


def test_long_lines_wrap() -> None:
    c = Code()
    names = [c.var(f"a_long_name_{k}") for k in range(6)]
    body: list[Node] = []
    total: Any = names[0]
    for var in names[1:]:
        product = c("t", "mul", total, var, line=2)
        total = c("t", "add", product, names[0], line=2)
        body += [product, total]
    call = c("y", "call", Global("some_function_of_the_user"), *names, line=3)
    shown(function(tuple(names), (*body, call), (total, call, *names)))
    check(
        function(tuple(names), (call,), tuple(names)),
        """
        def f(
            a_long_name_0,
            a_long_name_1,
            a_long_name_2,
            a_long_name_3,
            a_long_name_4,
            a_long_name_5,
        ):
            some_function_of_the_user(
                a_long_name_0, a_long_name_1, a_long_name_2, a_long_name_3, a_long_name_4,
                a_long_name_5,
            )   # line 3
            return (
                a_long_name_0, a_long_name_1, a_long_name_2, a_long_name_3, a_long_name_4,
                a_long_name_5,
            )
        """,
    )


def test_brackets_in_brackets_open_in_one_line_and_long_heads_of_loops_wrap() -> None:
    names = [f"a_long_name_{k}" for k in range(6)]
    several = ast.Tuple([ast.Name(name) for name in names])
    tape = ast.Attribute(ast.Name("tape"), "append")
    assert wrapped("", ast.Call(tape, [several], []), "", 0) == [
        "tape.append((",
        "    a_long_name_0, a_long_name_1, a_long_name_2, a_long_name_3, a_long_name_4,",
        "    a_long_name_5,",
        "))",
    ]
    backwards = ast.Call(ast.Name("reversed"), [ast.Name("tape")], [])
    loop = ast.For(several, backwards, [ast.Pass()], [])
    text = lay_out(ast.arguments([], [], None, [], [], None, []), "f", None,
                   Printed([loop]), "").lines  # fmt: skip
    assert [line[4:] for line in text[1:]] == [
        "for (",
        "    a_long_name_0, a_long_name_1, a_long_name_2, a_long_name_3, a_long_name_4,",
        "    a_long_name_5,",
        ") in reversed(tape):",
        "    pass",
    ]


def test_docstrings_wrap() -> None:
    long = "word " * 30
    made = function((), (), 1, doc=f'{long}\n\n  "quoted" \\n')
    namespace: dict[str, Any] = {}
    exec(emit(made).source, namespace)
    doc = namespace["f"].__doc__
    assert doc.split() == f'{long} "quoted" \\n'.split()
    assert all(len(line) <= 88 for line in shown(made).splitlines())


def test_comments_name_other_files() -> None:
    c = Code()
    x = c.var("x")
    y = c("y", "mul", x, x, line=12, file="/somewhere/helpers.py")
    z = c("z", "mul", y, y, line=3)
    w = c("w", "mul", z, z, line=3)
    check(
        function((x,), (y, z, w), w),
        """
        def f(x):
            y = x * x   # helpers.py:12
            z = y * y
            w = z * z   # line 3
            return w
        """,
    )


def random_tree(r: random.Random, depth: int) -> ast.expr:
    binary = [ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.MatMult, ast.BitAnd]
    if depth == 0 or r.random() < 0.2:
        number = ast.Constant(r.choice([1, 2.5, True, "a"]))
        return r.choice([ast.Name(r.choice("xyz")), number])

    def sub() -> ast.expr:
        return random_tree(r, depth - 1)

    kind = r.randrange(9)
    if kind < 3:
        return ast.BinOp(sub(), r.choice(binary)(), sub())
    if kind == 3:
        return ast.UnaryOp(r.choice([ast.USub, ast.Not, ast.Invert])(), sub())
    if kind == 4:
        return ast.Compare(sub(), [r.choice([ast.Lt, ast.IsNot, ast.NotIn])()], [sub()])
    if kind == 5:
        return ast.BoolOp(r.choice([ast.And, ast.Or])(), [sub(), sub()])
    if kind == 6:
        return ast.IfExp(sub(), sub(), sub())
    if kind == 7:
        index = ast.Tuple([ast.Slice(sub(), None, sub()), sub()])
        return ast.Subscript(sub(), index)
    attribute = ast.Attribute(sub(), "T")
    return ast.Call(attribute, [sub(), ast.List([sub()])], [ast.keyword("k", sub())])


def test_parentheses() -> None:
    for seed in range(400):
        tree = random_tree(random.Random(seed), 4)
        expected = ast.dump(ast.parse(ast.unparse(ast.fix_missing_locations(tree))))
        assert ast.dump(ast.parse(text(tree))) == expected


def test_wrapped_expressions_mean_the_same() -> None:
    for seed in range(300):
        tree = random_tree(random.Random(seed), 6)
        lines = wrapped("value = ", tree, "", 0)
        expected = ast.dump(ast.parse(f"value = {ast.unparse(tree)}"))
        assert ast.dump(ast.parse("\n".join(lines))) == expected
