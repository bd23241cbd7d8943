"""Formulas of scalar programs: the worked example, and each against generated code."""

from __future__ import annotations

import math

import numpy as np
import pytest
from corpus import CASES

import symdiff

sympy = pytest.importorskip("sympy")
x, y = sympy.symbols("x y", real=True)


def f(x, y):
    return 1 + x + math.exp(math.sin(x * y))


def powers(x, c, n):
    for _ in range(n):
        x = x * math.sin(x) + c
    return x


def test_the_worked_example():
    """df/dx = 1 + exp(sin(xy)) cos(xy) y, df/dy = exp(sin(xy)) cos(xy) x."""
    found = symdiff.symbolic(f)
    shared = sympy.exp(sympy.sin(x * y)) * sympy.cos(x * y)
    assert found.result == 1 + x + sympy.exp(sympy.sin(x * y))
    assert found.partials == {"x": 1 + shared * y, "y": shared * x}
    assert found.text.splitlines() == [
        "f(x, y) = x + exp(sin(x*y)) + 1",
        "df/dx = y*exp(sin(x*y))*cos(x*y) + 1",
        "df/dy = x*exp(sin(x*y))*cos(x*y)",
    ]
    assert r"\frac{\partial f}{\partial x} &= y e^{\sin{\left(x y \right)}}" in found.latex
    assert found.source == (
        "import math\n\n\n"
        "def f_grad(x, y):\n"
        "    t1 = x * y\n"
        "    t2 = math.exp(math.sin(t1)) * math.cos(t1)\n"
        "    return (t2 * y + 1, t2 * x)\n"
    )
    assert str(found) == found.text
    assert repr(found) == "<formulas of f(x, y)>"


def test_formulas_swell():
    """Twice per round what was written before; the adjoint code grows by a few."""
    counts = [symdiff.symbolic(powers, n=n).operations() for n in (1, 2, 3, 4, 5)]
    written = [each.written for each in counts]
    code = [each.code for each in counts]
    assert all(b > 2.3 * a for a, b in zip(written, written[1:]))
    assert len({b - a for a, b in zip(code, code[1:])}) == 1
    assert written[-1] > 20 * code[-1]
    assert counts[2].shared < written[2] / 4
    report = symdiff.symbolic(powers, n=5).report().splitlines()
    assert report[0] == "to evaluate powers and its 2 partial derivatives:"
    assert f" {code[-1]} operations" in report[3]


def test_branches_become_piecewise():
    def kinked(x, y):
        if x > y:
            return x**2
        elif x < -1:
            return -x
        return x * y

    found = symdiff.symbolic(kinked)
    assert found.partials["x"].has(sympy.Piecewise)
    for at in ((2.0, 1.0), (-2.0, 1.0), (0.5, 1.0)):
        values = {x: at[0], y: at[1]}
        want = symdiff.grad(kinked, argnums=(0, 1))(*at)
        assert [float(p.subs(values)) for p in found.partials.values()] == list(want)


def test_what_stands_in_a_branch_is_computed_there_only():
    def guarded(x):
        if x > 0:
            return math.sqrt(x) + math.log(x)
        return x

    space: dict = {}
    exec(symdiff.symbolic(guarded).source, space)
    assert space["guarded_grad"](-1.0) == 1
    assert space["guarded_grad"](4.0) == 0.5


def test_given_numbers_and_argnums():
    found = symdiff.symbolic(powers, n=1, c=2.0, argnums="x")
    assert found.text == ("powers(x) = x*sin(x) + 2\ndpowers/dx = x*cos(x) + sin(x)")
    assert list(symdiff.symbolic(f, argnums=(1,)).partials) == ["y"]


def test_simplified():
    def g(x):
        return math.sin(x) ** 2 + math.cos(x) ** 2 + x

    found = symdiff.symbolic(g).simplified()
    assert found.text == "g(x) = x + 1\ndg/dx = 1"


def test_constants_and_declared_functions():
    @symdiff.rule(sympy="erf(u / 2)")
    def step(u):
        return math.erf(u / 2)

    def g(x):
        return step(2 * x) * symdiff.stop_gradient(x)

    found = symdiff.symbolic(g)
    assert found.result == x * sympy.erf(x)
    want = symdiff.grad(g)(0.7)
    assert float(found.partials["x"].subs(x, 0.7)) == pytest.approx(want, rel=1e-12)


def refused(function, match, **given):
    with pytest.raises(symdiff.DifferentiationError, match=match) as info:
        symdiff.symbolic(function, **given)
    return info.value.diagnostics[0]


def test_what_is_refused():
    def arrays(x):
        return np.sum(np.ones(3) * x)

    def endless(x):
        while x < 10:
            x = x * 2
        return x

    def many(x):
        return x, x

    def opaque(x):
        return x + round(x, 2)

    def nested(x, n):
        for _ in range(n):
            if x > 1:
                x = x / 2
            else:
                x = 3 * x + 1
        return x

    def forever(x, n):
        while n > 0:
            n = n + 1
            x = x * n
        return x

    problem = refused(arrays, "works on arrays or lists, which have no formula")
    assert problem.span.line == arrays.__code__.co_firstlineno + 1
    refused(endless, "the number of rounds is not known, which depends on `x`")
    refused(powers, "the number of rounds is not known, which depends on `n`")
    refused(many, "the result is not one number")
    refused(opaque, "no formula is known of `round`")
    refused(nested, "branches on what another branch chose", n=3)
    refused(powers, "the formula has more than 20,000 operations", n=20)
    refused(forever, "this goes on after 100 rounds", n=1)
    refused(f, "there is no parameter `z`", z=1.0)
    refused(f, "`x` is given as 'a'", x="a")
    with pytest.raises(symdiff.DifferentiationError, match="`n` is no float"):
        symdiff.symbolic(powers, argnums="n", n=2)


# Their formulas are found, but SymPy takes long.
SLOW = ("two_exits", "callbacks", "continue_after", "simpson", "depth", "option", "mean",
        "newton", "while_true", "walrus")  # fmt: skip


def scalars():
    for number, case in enumerate(CASES):
        plain = all(type(a) in (int, float) for a in case.args) and case.argnums
        if plain and not case.refused and not any(s in case.name for s in SLOW):
            yield pytest.param(case, id=f"{number}-{case.name}")


@pytest.mark.parametrize("case", [*scalars()])
def test_against_generated_code(case, capsys):
    """Formulas are refused, or give what the generated code gives."""
    names = case.function.__code__.co_varnames
    given = {names[k]: a for k, a in enumerate(case.args) if type(a) is int}
    space: dict = {}
    try:
        found = symdiff.symbolic(case.function, argnums=case.argnums, **given)
        exec(found.source, space)
    except symdiff.DifferentiationError:
        return
    gradient = next(v for k, v in space.items() if k.endswith("_grad"))
    got = gradient(*(a for a in case.args if type(a) is float))
    want = symdiff.grad(case.function, argnums=case.argnums)(*case.args)
    assert np.allclose(got, want if len(want) > 1 else want[0], rtol=1e-6, atol=1e-8)


def test_the_command(capsys):
    from symdiff.cli import main

    target = f"{__file__}:f"
    assert main(["symbolic", target]) == 0
    assert capsys.readouterr().out == symdiff.symbolic(f).text + "\n"
    assert main(["symbolic", target, "--latex", "--argnums", "x"]) == 0
    assert capsys.readouterr().out.startswith("\\begin{align*}\n  f(x, y) &= x + e^{")
    assert main(["symbolic", target, "--source", "--simplify"]) == 0
    assert "def f_grad(x, y):" in capsys.readouterr().out
    loop = f"{__file__}:powers"
    assert main(["symbolic", loop, "--given", "n=2, c=0.5", "--report"]) == 0
    assert "to evaluate powers and its 1 partial" in capsys.readouterr().out
    assert main(["symbolic", loop]) == 1
    assert "the number of rounds is not known" in capsys.readouterr().err
    assert main(["symbolic", loop, "--given", "n"]) == 2
    assert "`n` is not written like n=3" in capsys.readouterr().err
