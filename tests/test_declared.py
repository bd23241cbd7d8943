"""Rules that users declare: what they do, what is refused, and the list of all rules."""

from __future__ import annotations

import gc
import math
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import symdiff
from symdiff.declared import REGISTRY


def refused(*args, match, **keywords):
    with pytest.raises(symdiff.DifferentiationError, match=match):
        symdiff.rule(*args, **keywords)


def tan(x):
    return math.tan(x)


def two(x, y):
    return x * y


def two_vjp(out_bar, out, x, y):
    return out_bar * y, out_bar * x


# -- declaring ------------------------------------------------------------------------


def test_the_function_comes_back_as_it_is():
    def f(x):
        return x

    assert symdiff.rule(f, "1") is f
    assert symdiff.rule("1")(f) is f
    assert symdiff.rule(vjp=lambda out_bar, out, x: (out_bar,))(f) is f
    assert symdiff.nondifferentiable(f) is f
    assert f(2.0) == 2.0


def test_a_rule_that_is_declared_later_counts_from_then_on():
    def square(x):
        return x * x

    def f(x):
        return square(x) + x

    gradient = symdiff.grad(f)
    assert gradient(3.0) == 7.0
    symdiff.rule(square, "100")
    assert gradient(3.0) == 101.0
    assert symdiff.grad(square)(3.0) == 100.0
    symdiff.rule(square, "200")
    assert gradient(3.0) == 201.0


def test_rules_go_with_their_functions():
    gc.collect()
    before = len(REGISTRY.all())

    @symdiff.rule("1")
    def f(x):
        return x

    assert len(REGISTRY.all()) == before + 1
    del f
    gc.collect()
    assert len(REGISTRY.all()) == before


def test_two_closures_of_one_text_have_rules_of_their_own():
    def made(k):
        @symdiff.rule(vjp=lambda out_bar, out, x: (out_bar * k * x ** (k - 1),))
        def power(x):
            return x**k

        return power

    square, cube = made(2), made(3)
    assert symdiff.grad(lambda x: square(x) * cube(x))(2.0) == 5 * 2.0**4


def test_wrong_rules_are_refused_where_they_are_declared():
    refused(3, "1", match="declared for a function, not for 3")
    refused(tan, match="says no derivative")
    refused(tan, "1", vjp=lambda *a: a, match="says its derivative in two ways")
    refused(tan, "1", "2", match="has 2 partials, and `tan` has 1 parameter: x")
    refused(two, "1", match="has 1 partial, and `two` has 2 parameters: x, y")
    refused(tan, "z * x", match="names `z`, which is not known")
    refused(tan, "sine(x)", match="calls `sine`, which is not known")
    refused(tan, "x +", match="`x \\+` is no expression")
    refused(tan, "x[0]", match="holds `x\\[0\\]`, which is not understood")
    refused(tan, "x.real", match="holds `x.real`, which is not understood")
    refused(tan, "1 if 0 < x < 1 else 0", match="compares more than two values")
    refused(two, "x", 2.0, match="`2.0` is no text")
    refused(tan, sympy="sin(z)", match="names `z`, which is not known")
    refused(tan, sympy="sin(", match="is no expression")
    refused(tan, vjp=3, match="the vjp of `tan` is no function")
    refused(tan, vjp=lambda out_bar, out: (out_bar,), match="cannot be called")
    refused(two, jvp=lambda dots, out, x: dots[0], match="the jvp of `two` cannot")
    refused(tan, vjp=lambda out_bar, out, x: out_bar * 2, match="returns no tuple")
    refused(two, vjp=lambda out_bar, out, x, y: (out_bar,), match="a tuple of 1, and")
    refused(tan, "1", returns="floats", match="`floats` is not a type")
    refused(lambda *x: sum(x), "1", match="takes any number of arguments")
    refused(lambda **x: sum(x), "1", match="takes any keyword")
    refused(np.tanh, "1", match="`numpy.tanh` has a rule already")
    refused("abc".join, "1", args="x y z", match="has 1 partial")
    refused("abc".find, "1", "1", args="x, x", match="is no list of names")
    refused(two, "1", "1", args="x, y", match="`two` names its parameters itself")
    refused(lambda out: out, "1", match="is called `out`, as the result is")
    refused(TestObject().method, "1", match="is a bound method")


class TestObject:
    __test__ = False

    def method(self, x):
        return x


# -- what rules do --------------------------------------------------------------------


def test_a_compiled_function():
    special = pytest.importorskip("scipy.special")
    partials = None, None, "wright_bessel(a, a + b, x)"
    symdiff.rule(special.wright_bessel, *partials, args="a, b, x")

    def f(z):
        return np.sum(z * special.wright_bessel(1, 1.5, z))

    z = np.array([0.5, 1.5])
    symdiff.check_grads(f, (z,))
    slope = symdiff.grad(lambda z: special.wright_bessel(1, 2, z))(1.2)
    assert slope == special.wright_bessel(1, 3, 1.2)
    with pytest.raises(symdiff.DifferentiationError, match="no derivative by `a`"):
        symdiff.grad(lambda a: special.wright_bessel(a, 1.0, 1.0))(0.5)


def test_a_function_of_math_that_has_no_rule():
    symdiff.rule(math.nextafter, "1", "0")
    try:
        assert symdiff.grad(lambda x: math.nextafter(x, 2.0) * x)(1.0) == pytest.approx(2.0)
    finally:
        REGISTRY._found.pop(id(math.nextafter))


def test_the_derivative_of_a_step():
    """A straight-through estimator: the declared slope counts, not that of the text."""

    @symdiff.rule("1")
    def rounded(x):
        return round(x)

    assert symdiff.grad(lambda x: rounded(x) * x)(2.3) == 2.3 + 2


def test_stop_gradient():
    stop = symdiff.stop_gradient
    assert symdiff.grad(lambda x: x * stop(x))(3.0) == 3.0
    assert symdiff.jvp(lambda x: x * stop(x), (3.0,), (1.0,)) == (9.0, 3.0)
    assert symdiff.grad(lambda x: x * sum(stop([x, 2 * x])) + stop((x, x))[1])(3.0) == 9.0
    assert symdiff.grad(lambda x: x * stop({"a": x})["a"])(3.0) == 3.0
    x = np.array([1.0, 2.0])
    assert list(symdiff.grad(lambda x: np.sum(stop(x) * x))(x)) == [1.0, 2.0]
    assert "stop" not in symdiff.source(lambda x: np.sum(stop(x) * x), x)
    assert stop(x) is x
    assert symdiff.grad(stop)(1.0) == 0.0


def test_what_is_written_after_a_stop():
    def f(x):
        y = x * 2
        z = symdiff.stop_gradient(y)
        y[0] = 5.0
        return np.sum(z * x)

    with pytest.raises(symdiff.DifferentiationError, match="may share memory"):
        symdiff.grad(f)(np.ones(3))


def test_nondifferentiable(capsys):
    @symdiff.nondifferentiable
    def steps(x):
        print("steps")
        return math.floor(10 * x) + x

    def f(x):
        steps(x)
        return x * steps(x)

    assert symdiff.grad(f)(0.25) == steps(0.25) == 2.25
    assert capsys.readouterr().out == "steps\n" * 3
    assert symdiff.jvp(f, (0.25,), (1.0,))[1] == 2.25


def test_what_a_function_that_returns_its_argument_shares():
    @symdiff.rule(vjp=lambda out_bar, out, x: (-out_bar,))
    def reversed_gradient(x):
        return x

    x = np.ones(3)
    gradient = symdiff.grad(lambda x: np.sum(reversed_gradient(x) * x))(x)
    assert list(gradient) == [0.0, 0.0, 0.0]

    @symdiff.rule(vjp=lambda out_bar, out, x: (x,))
    def odd(x):
        return np.sum(x)

    found = symdiff.grad(lambda x: odd(x))(x)
    assert not np.shares_memory(found, x)


def test_a_mode_that_was_not_declared():
    symdiff.rule(two, vjp=two_vjp)
    assert symdiff.grad(two)(2.0, 3.0) == 3.0
    with pytest.raises(symdiff.DifferentiationError, match="no `jvp`: forward mode"):
        symdiff.jvp(two, (2.0, 3.0), (1.0, 1.0))
    symdiff.rule(two, jvp=lambda dots, out, x, y: dots[0] * y + x * dots[1])
    assert symdiff.jvp(two, (2.0, 3.0), (1.0, 1.0)) == (6.0, 5.0)
    with pytest.raises(symdiff.DifferentiationError, match="no `vjp`: reverse mode"):
        symdiff.grad(two)(2.0, 3.0)


def test_tangents_of_what_is_held_fixed():
    seen = []

    def jvp(dots, out, x, y, n):
        seen.append(dots)
        return np.sum(dots[0] * y + x * dots[1])

    @symdiff.rule(jvp=jvp)
    def dot(x, y, n):
        return np.sum(x * y)

    x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    value, tangent = symdiff.jvp(lambda x: dot(x, y, 3), (x,), (np.ones(2),))
    assert (value, tangent) == (11.0, 7.0)
    ((x_dot, y_dot, n_dot),) = seen
    assert list(y_dot) == [0.0, 0.0]
    assert n_dot is None


def test_a_function_called_as_the_generated_one():
    @symdiff.rule(vjp=lambda out_bar, out, x: (2 * x * out_bar,))
    def f(x):
        return x * x

    def f_grad(x):
        return f(x)

    symdiff.rule(f_grad, "2 * x")
    value, pull = symdiff.vjp(lambda x: f(x) * f_grad(x), 3.0)
    assert (value, pull(1.0)) == (81.0, (108.0,))
    assert symdiff.grad(lambda x: f(x) * f_grad(x))(3.0) == 108.0
    assert symdiff.grad(f)(3.0) == 6.0
    assert "square(x)" in symdiff.source(square, 1.0)


@symdiff.rule("2 * out / x")
def square(x):
    return x * x


def test_what_a_function_returns_can_be_said():
    def opaque(p):
        return eval("p * np.ones(3)", {"p": p, "np": np})

    def vjp(out_bar, out, p):
        return (np.sum(out_bar),)

    symdiff.rule(opaque, vjp=vjp, returns="float64[:]")
    q = np.array([1.0, 2.0, 3.0])
    found = symdiff.grad(lambda p, q: np.sum(opaque(p) * q), argnums=(0, 1))(2.0, q)
    assert found[0] == 6.0
    assert list(found[1]) == [2.0, 2.0, 2.0]


def test_a_stand_alone_file(tmp_path):
    (tmp_path / "model.py").write_text(
        textwrap.dedent(
            """
            import math, symdiff

            def square_vjp(out_bar, out, x):
                return (2 * x * out_bar,)

            @symdiff.rule(vjp=square_vjp)
            def square(x):
                return x * x

            def loss(x):
                return square(math.sin(x))
            """
        )
    )
    command = [sys.executable, "-m", "symdiff", "show", "model.py:loss", "-o", "-"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert (
        "from model import square\nfrom model import square_vjp\nimport math" in done.stdout
    )
    (tmp_path / "made.py").write_text(done.stdout)
    space = subprocess.run(
        [sys.executable, "-c", "import made; print(made.loss_grad(0.5))"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert float(space.stdout) == pytest.approx(math.sin(1.0))


def test_the_cache_on_disk_knows_the_rule(tmp_path):
    model = (
        "import symdiff\ndef g(x): return x\nsymdiff.rule(g, {!r})\ndef f(x): return g(x)\n"
    )
    run = "import symdiff, model; print(symdiff.grad(model.f)(2.0))"
    found = []
    for partial in ("3", "5", "3"):
        (tmp_path / "model.py").write_text(model.format(partial))
        env = {
            "SYMDIFF_CACHE_DIR": str(tmp_path / "cache"),
            "PYTHONPATH": ":".join(sys.path),
        }
        done = subprocess.run(
            [sys.executable, "-B", "-c", run],
            cwd=tmp_path, env=env, capture_output=True, text=True, check=True,
        )  # fmt: skip
        found.append(float(done.stdout))
    assert found == [3.0, 5.0, 3.0]


# -- SymPy ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "expression, function",
    [
        ("Abs(x) * sign(y)", lambda x, y: abs(x) * math.copysign(1, y)),
        ("Max(x, y, 0)**2", lambda x, y: max(x, y, 0) ** 2),
        ("Min(x, y)", lambda x, y: min(x, y)),
        ("Piecewise((x**2, x > y), (exp(y), True))",
         lambda x, y: x * x if x > y else math.exp(y)),
        ("loggamma(x) + gamma(y + 2)", lambda x, y: math.lgamma(x) + math.gamma(y + 2)),
        ("atan2(x, y) / pi", lambda x, y: math.atan2(x, y) / math.pi),
        ("sqrt(x**2 + y**2 + 1)", lambda x, y: math.sqrt(x * x + y * y + 1)),
        ("x**y", lambda x, y: x**y),
        ("E**(x*y) + 1/x", lambda x, y: math.exp(x * y) + 1 / x),
    ],
)  # fmt: skip
@pytest.mark.parametrize("at", [(0.7, 0.4), (1.3, 1.9)])
def test_partials_by_sympy(expression, function, at):
    def f(x, y):
        return function(x, y)

    symdiff.rule(f, sympy=expression)
    symdiff.check_grads(f, at)
    sympy = pytest.importorskip("sympy")
    symdiff.rule(f, sympy=sympy.sympify(expression))
    symdiff.check_grads(f, at)


def test_the_result_is_read_again():
    @symdiff.rule(sympy="exp(x*y)")
    def f(x, y):
        return math.exp(x * y)

    assert symdiff.rule_of(f).partials == ("out*y", "out*x")


# -- the list of all rules ------------------------------------------------------------


def test_every_rule_can_be_called():
    """Each built-in one, on numbers in the domain of all of them; forward and reverse
    agree, and the element-wise ones do so for arrays, too."""
    seen = 0
    for rule in symdiff.primitives():
        if not rule.partials or None in rule.partials or "nan_to_num" in rule.name:
            continue
        if rule.name.startswith("scipy.stats."):
            continue  # they have domains of their own: test_distributions
        if rule.name in ("scipy.special.wofz", "scipy.special.lambertw"):
            continue  # complex numbers: test_rules_special
        args = [0.6, 0.3, 0.7, 1.0, 2.0][: len(rule.parameters)]
        if rule.name in ("math.acosh", "np.arccosh"):
            args = [1.6]
        if rule.name == "scipy.special.ndtri_exp":  # of the logarithm of a probability
            args = [-0.6]
        if rule.name in ("math.ldexp", "np.ldexp"):
            args[1] = 2
        if rule.name == "np.where":
            args[0] = True
        bars = rule.vjp(2.0, *args)
        dots = [None if bar is None else 1.0 for bar in bars]
        total = sum(bar for bar in bars if bar is not None)
        assert 2.0 * rule.jvp(dots, *args) == pytest.approx(total, abs=1e-12), rule.name
        seen += 1
    assert seen > 80


def test_rules_of_arrays_and_of_several_results():
    a, b = np.array([[4.0, 1.0], [0.5, 3.0]]), np.array([1.0, 2.0])
    solve = symdiff.rule_of(np.linalg.solve)
    x_bar = np.array([1.0, -1.0])
    a_bar, b_bar = solve.vjp(x_bar, a, b)
    assert np.allclose(b_bar, np.linalg.solve(a.T, x_bar))
    assert np.allclose(a_bar, -np.outer(b_bar, np.linalg.solve(a, b)))
    tangent = solve.jvp((np.eye(2), b), a, b)
    assert np.sum(x_bar * tangent) == pytest.approx(np.sum(a_bar * np.eye(2)) + b_bar @ b)
    (a_bar,) = symdiff.rule_of(np.sum).vjp(np.array([1.0, 2.0]), a, axis=0)
    assert a_bar.tolist() == [[1.0, 2.0], [1.0, 2.0]]

    @symdiff.rule(vjp=lambda out_bar, out, x: (out_bar[0] * 2 + out_bar[1],))
    def both(x):
        return 2 * x, x

    assert symdiff.rule_of(both).vjp((1.0, 10.0), 3.0) == (12.0,)


def test_looking_rules_up():
    assert symdiff.rule_of(np.tanh).partials == ("1 - out ** 2",)
    assert symdiff.rule_of(math.floor).modes == "constant"
    assert symdiff.rule_of(math.floor).vjp(1.0, 2.5) == (0.0,)
    names = [rule.name for rule in symdiff.primitives("np.linalg.*")]
    assert names == [
        f"np.linalg.{n}"
        for n in "norm solve inv det slogdet cholesky eig eigh svd qr pinv".split()
    ]
    for thing in (math.nextafter, tan, 3):
        REGISTRY._found.pop(id(thing), None)
        with pytest.raises(symdiff.DifferentiationError, match="no rule for"):
            symdiff.rule_of(thing)


def test_the_command_lists_them(capsys):
    from symdiff.cli import main

    assert main(["rules", "tanh"]) == 0
    assert "math.tanh, np.tanh" in capsys.readouterr().out
    assert main(["rules", "math.*"]) == 0
    out = capsys.readouterr().out
    assert "math.atan2  " in out
    assert "np." not in out
    assert main(["rules"]) == 0
    assert len(capsys.readouterr().out.splitlines()) > 80
    assert main(["rules", "nothing"]) == 2
    assert capsys.readouterr().err == "error: no rule is called like `nothing`\n"
