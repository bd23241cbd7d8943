"""The SSA listing that users read."""

from __future__ import annotations

from symdiff.errors import Span
from symdiff.ir.core import (
    UNDEF, Const, Equation, For, Function, Global, If, Index, Iteration, Parameter,
    SliceItem, Var, While,
)  # fmt: skip
from symdiff.ir.effects import READING
from symdiff.ir.kinds import BOOL, FLOAT, INT, TAPE, UNKNOWN, Array, Size
from symdiff.ir.listing import listing
from symdiff.ir.verify import verify

C = Const


def at(line):
    return Span("model.py", line, 4, line, 9)


def show(body, returns, *params, **more):
    function = Function(
        "g", tuple(map(Parameter, params)), tuple(body), returns, at(1), **more
    )
    verify(function)
    return listing(function)


def v(name, version=0, kind=FLOAT, role=""):
    return Var(name, role, version, kind)


X, N, COND = v("x"), v("n", 0, INT), v("c", 0, BOOL)


def test_loops_and_branches_read_as_text():
    s, s1, s2, i = v("s", 1), v("s", 2), v("s", 3), v("i", 0, INT)
    t = Equation(v("t"), "math.sin", (X,), None, at(3))
    step = Equation(s1, "add", (s, t.target), None, at(4))
    loop = For((i,), Iteration("range", (C(0), N, C(1))), (s,), (C(0.0),), (t, step),
               (s1,), (s2,), None, at(2))  # fmt: skip
    low = Equation(v("y", 1), "neg", (s2,), None, at(6))
    branch = If(COND, (low,), (), (v("y", 2),), (low.target,), (UNDEF,), at(5))
    text = show((loop, branch), (s2, branch.results[0]), X, N, COND)
    lines = [line.split("  # line")[0].rstrip() for line in text.splitlines()]
    assert lines == [
        "def g(x: float, n: int, c: bool):",
        "    for i in range(n) carrying s.1 from 0.0:",
        "        t = math.sin(x)",
        "        s.2 = s.1 + t",
        "        next s.1 = s.2",
        "    giving s.3 = last s.1",
        "    if c:",
        "        y.1 = -s.3",
        "    giving y.2 = y.1 if c else (unassigned)",
        "    return (s.3, y.2)",
    ]
    marks = {line.index("# line") for line in text.splitlines() if "# line" in line}
    assert len(marks) == 1


def one(op, *args, params=None, modules=()):
    names = [a for a in args if isinstance(a, Var)]
    node = Equation(v("z"), op, args, params)
    text = show((node,), C(0), *dict.fromkeys(names), modules=modules)
    return text.splitlines()[1].strip()


def test_equations_print_as_python():
    u, w = v("u", 0, Array("float64", (Size("n"), 3))), v("w")
    assert one("pow", C(-1), w) == "z = (-1) ** w"
    assert one("sub", w, C(2.0)) == "z = w - 2.0"
    assert one("not", COND) == "z = not c"
    corner = Index(("at", SliceItem(True, True), "new", SliceItem(step=True), "rest"), True)
    assert one("getitem", u, N, C(1), C(-1), C(2), params=corner) == (
        "z = u[n, 1:-1, None, ::2, ...]"
    )
    index = Index(("at",), True)
    assert one("getitem", u, N, params=index) == "z = u[n,]"
    assert one("setitem", u, N, w, params=Index(("at",))) == "z = u with [n] = w"
    assert one("additem", u, w, params=Index(("rest",))) == "z = u with [...] += w"
    assert one("numpy.sum", u, C(0), params=("axis",)) == "z = np.sum(u, axis=0)"
    assert one("numpy.sum", u, modules=(("numpy", "numpy"),)) == "z = numpy.sum(u)"
    assert one("builtins.abs", w) == "z = abs(w)"
    assert one("select", COND, w, C(1)) == "z = w if c else 1"
    assert one("attr", u, params="shape") == "z = u.shape"
    assert one("item", u, params=1) == "z = u[1]"
    assert one("tuple", w) == "z = (w,)"
    assert one("list", w, N) == "z = [w, n]"
    assert one("push", v("tape", 0, TAPE), w, N) == "z = push(tape, (w, n))"
    assert one("call", Global("f"), w, C(1), params=("k",)) == "z = f(w, k=1)"
    assert one("method", u, w, params=("dot", ())) == "z = u.dot(w)"
    assert one("builtins.print", w) == "print(w)"
    assert one("assert", COND, C("no")) == "assert c, 'no'"
    assert one("fstring", w, params=("x = ", ("r", ".3f"))) == "z = f'x = {w!r:.3f}'"


def test_while_and_tape_loops():
    k, k2, m = v("k", 1, INT), v("k", 2, INT), v("m", 0, BOOL)
    test = Equation(m, "lt", (k, N))
    up = Equation(k2, "add", (k, C(1)))
    loop = While((test,), m, (k,), (C(0),), (up,), (k2,), (v("k", 3, INT),), m)
    a, b, tape = v("a"), v("b"), v("tape", 0, TAPE)
    back = For((a, b), Iteration("tape", (tape,)), (), (), (), (), ())
    run = Iteration("reversed", (N, C(9), C(2)))
    down = For((v("i", 0, INT),), run, (), (), (), (), ())
    text = show((loop, back, down), loop.results[0], N, tape)
    assert [line.strip() for line in text.splitlines()[1:]] == [
        "repeat carrying k.1 from 0:",
        "m = k.1 < n",
        "stop unless m",
        "k.2 = k.1 + 1",
        "next k.1 = k.2",
        "stop if m",
        "giving k.3 = last k.1",
        "for a, b in reversed(tape):",
        "for i in reversed(range(n, 9, 2)):",
        "return k.3",
    ]


def test_long_heads_are_broken_up():
    many = tuple(v(f"variable_{k}", 1) for k in range(6))
    ends = tuple(v(f"variable_{k}", 2) for k in range(6))
    loop = For((v("i", 0, INT),), Iteration("range", (C(0), N, C(1))), many, (X,) * 6, (),
               many[1:] + many[:1], ends)  # fmt: skip
    lines = show((loop,), X, X, N).splitlines()
    assert lines[1].startswith("    for i in range(n):")
    assert lines[2] == "        carrying variable_0.1 from x"
    assert max(map(len, lines)) < 90


def test_questions_to_what_changes_read_as_what_is_asked():
    seen = v("seen", 0, UNKNOWN)
    made = Equation(seen, "builtins.set", ())
    asked = Equation(v("t", 0, BOOL), READING, (X, seen), ("in", None))
    long = Equation(v("k", 0, INT), READING, (seen,), ("builtins.len", None))
    text = show((made, asked, long), long.target, X)
    assert [line.strip() for line in text.splitlines()[1:]] == [
        "seen = set()",
        "t = x in seen",
        "k = len(seen)",
        "return k",
    ]
