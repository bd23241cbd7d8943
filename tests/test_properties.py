"""What holds of every gradient, over functions that Hypothesis writes.

The functions are built from parts that are smooth where they are used (or branch away
from the drawn points), so that central differences can judge. Larger programs, with
everything that the language has, are tried in `test_random_programs.py`.
"""

from __future__ import annotations

import itertools
import linecache
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import symdiff

TRIED = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.function_scoped_fixture,
    ],
)

_numbers = itertools.count()


@pytest.fixture(autouse=True)
def _no_disk_cache(monkeypatch):
    monkeypatch.setenv("SYMDIFF_CACHE", "off")


def load(text: str, name: str = "f"):
    """The function of a text, with its source where `inspect` finds it."""
    file = f"<property {next(_numbers)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    namespace = {"math": math, "np": np, "__name__": "properties"}
    exec(compile(text, file, "exec"), namespace)
    return namespace[name]


# -- what the functions are made of ---------------------------------------------------

CONSTANTS = st.sampled_from(["0.5", "1.5", "2", "0.3", "-0.7"])
UNARY = ["math.sin({})", "math.cos({})", "math.tanh({})", "-({})", "({}) ** 2",
         "math.exp(-({}) ** 2)", "math.sqrt(1 + ({}) ** 2)", "math.atan({})",
         "1 / (2 + math.sin({}))", "math.log(2 + math.cos({}))"]  # fmt: skip
BINARY = ["({} + {})", "({} - {})", "({}) * ({})", "({}) / (1.5 + math.sin({}))",
          "({} if x < y else {})", "math.hypot(1 + {}, {})"]  # fmt: skip
ARRAYS = ["np.sin({})", "np.tanh({})", "({}) ** 2", "np.exp(-({}) ** 2)", "({})[::-1]",
          "np.cumsum({}) * 0.2", "np.sqrt(1 + ({}) ** 2)", "-({})"]  # fmt: skip
PAIRS = ["({} + {})", "({} - {})", "({}) * ({})", "({}) / (2 + np.cos({}))",
         "np.where(u > v, {}, {})"]  # fmt: skip


def expressions(leaves, unary, binary):
    def extend(children):
        pairs = st.tuples(st.sampled_from(binary), children, children)
        return st.one_of(
            st.tuples(st.sampled_from(unary), children).map(lambda p: p[0].format(p[1])),
            pairs.map(lambda p: p[0].format(p[1], p[2])),
        )

    return st.recursive(leaves, extend, max_leaves=6)


def of_scalars(*names):
    return expressions(st.one_of(st.sampled_from(names), CONSTANTS), UNARY, BINARY)


def of_arrays(*names):
    return expressions(st.sampled_from(names), ARRAYS, PAIRS)


@st.composite
def bodies(draw, names=("x", "y"), depth=2):
    """Statements that assign to `a` and `b`, which are there from the start."""
    lines = []
    known = (*names, "a", "b")
    for _ in range(draw(st.integers(1, 3))):
        form = draw(st.sampled_from(["set", "set", "add", "if", "for", "while", "swap"]))
        target = draw(st.sampled_from(["a", "b"]))
        value = draw(of_scalars(*known))
        if depth == 0 and form in ("if", "for", "while"):
            form = "set"
        if form == "set":
            lines.append(f"{target} = {value}")
        elif form == "add":
            lines.append(f"{target} {draw(st.sampled_from(['+=', '-=', '*=']))} {value}")
        elif form == "swap":
            lines.append("a, b = b, a")
        else:
            inner = draw(bodies(names, depth - 1))
            if form == "if":
                other = draw(bodies(names, depth - 1))
                lines += ["if x * y > n:", *indented(inner), "else:", *indented(other)]
            elif form == "for":
                leave = draw(st.sampled_from(["", "break", "continue"]))
                head = draw(st.sampled_from(["range(n)", "range(n, 0, -1)", "(0.5, 1.5)"]))
                lines.append(f"for k in {head}:")
                if leave:
                    lines += indented(["if k == 1:", f"    {leave}"])
                lines += indented(inner)
                # so that nothing grows without bound
                lines += indented([f"{target} = math.sin({target} + k * {value})"])
            else:
                c = f"k{depth}"
                lines += [f"{c} = 0", f"while {c} < n:"]
                lines += indented([f"{c} += 1", *inner, f"{target} = math.tanh({target})"])
    return lines


def indented(lines):
    return ["    " + line for line in lines]


@st.composite
def programs(draw):
    lines = ["a, b = x, y", *draw(bodies())]
    if draw(st.booleans()):
        lines += ["if x > 0.9:", f"    return {draw(of_scalars('x', 'a', 'b'))}"]
    lines.append(f"return a * y + b * x + {draw(of_scalars('x', 'y', 'a'))}")
    return "\n".join(["def f(x, y, n):", *indented(lines)]) + "\n"


@st.composite
def array_programs(draw):
    """Arrays u, v of five numbers that are read, bound, and written in place."""
    lines = []
    for _ in range(draw(st.integers(1, 4))):
        form = draw(st.sampled_from(["bind", "slice", "item", "loop", "whole", "swap"]))
        value = draw(of_arrays("u", "v"))
        if form == "bind":
            lines.append(f"v = {value}")
        elif form == "slice":
            lines.append(f"u[1:] {draw(st.sampled_from(['=', '+=', '*=']))} ({value})[:-1]")
        elif form == "item":
            lines.append(f"u[2] = u[1] * c + ({value})[0]")
        elif form == "whole":
            lines.append(f"u *= {value}")
        elif form == "swap":
            lines.append("u, v = v, u")
        else:
            lines += ["for k in range(1, n):", "    u[k] = math.sin(u[k - 1] + v[k]) * c"]
    lines = ["u, v = u.copy(), v * 1.0", *lines, "return np.sum(u * v) + c * np.mean(u)"]
    return "\n".join(["def f(u, v, c, n):", *indented(lines)]) + "\n"


POINTS = st.tuples(
    st.sampled_from([0.31, 0.77, -0.83, 1.21]),
    st.sampled_from([0.53, -0.47, 1.37]),
    st.integers(0, 3),
)
U, V = np.array([0.31, 0.9, -0.4, 1.2, 0.65]), np.array([0.8, 0.2, 0.7, -0.55, 1.1])
ARGS = (U, V, 0.63, 4)


def central(function, args, place, index=None, h=1e-4):
    def at(by):
        moved = [a.copy() if isinstance(a, np.ndarray) else a for a in args]
        if index is None:
            moved[place] += by
        else:
            moved[place][index] += by
        return float(function(*moved))

    here, coarse = at(0.0), (at(h) - at(-h)) / (2 * h)
    fine = (at(h / 2) - at(-h / 2)) / h
    # Not differentiable just here, or too steep for differences to tell.
    assume(abs(coarse - fine) <= 1e-5 * max(1.0, abs(fine)))
    assume(abs(here) < 1e4 and abs(fine) < 1e4)
    assume(abs((at(h) - here) - (here - at(-h))) / h < 0.05 * max(1.0, abs(fine)))
    return (4 * fine - coarse) / 3


def close(got, want):
    return abs(float(got) - want) <= 1e-5 * max(1.0, abs(want))


# -- scalars --------------------------------------------------------------------------


@TRIED
@given(programs(), POINTS)
def test_the_gradient_is_that_of_central_differences(text, point):
    f = load(text)
    for place, bar in enumerate(symdiff.grad(f, argnums=(0, 1))(*point)):
        assert close(bar, central(f, point, place)), text


@TRIED
@given(programs(), POINTS)
def test_the_value_is_the_primal_bit_for_bit(text, point):
    f = load(text)
    value, bars = symdiff.value_and_grad(f, argnums=(0, 1))(*point)
    wanted = f(*point)
    assert (value, math.copysign(1.0, value)) == (wanted, math.copysign(1.0, wanted))
    for bar, other in zip(bars, symdiff.grad(f, argnums=(0, 1))(*point), strict=True):
        assert math.isclose(bar, other, rel_tol=1e-12, abs_tol=1e-12)


@TRIED
@given(programs(), POINTS)
def test_the_same_function_gives_the_same_bytes(text, point):
    sources = set()
    for _ in range(2):
        gradient = symdiff.grad(load(text), argnums=(0, 1))
        gradient(*point)
        sources.add(gradient.source.replace(f"<property {next(_numbers) - 1}>", "<file>"))
    assert len(sources) == 1


@TRIED
@given(programs(), POINTS)
def test_each_argument_alone_and_together(text, point):
    f = load(text)
    both = symdiff.grad(f, argnums=("x", "y"))(*point)
    turned = symdiff.grad(f, argnums=("y", "x"))(*point)
    alone = symdiff.grad(f, "x")(*point), symdiff.grad(f, 1)(*point)
    for found in (turned[::-1], alone):
        assert np.allclose(both, found, rtol=1e-10, atol=1e-12)


@TRIED
@given(of_scalars("x", "y"), of_scalars("x", "y"), POINTS)
def test_sums_products_and_chains(left, right, point):
    """(f + g)' = f' + g', (3 f)' = 3 f', (f g)' = f' g + f g', (sin f)' = cos(f) f'."""
    at = point[:2]
    made = {
        name: symdiff.value_and_grad(load(f"def f(x, y): return {text}\n"), (0, 1))(*at)
        for name, text in {
            "f": f"({left}) + 0.0 * y", "g": f"({right}) + 0.0 * y",
            "sum": f"({left}) + ({right})", "three": f"3.0 * ({left})",
            "product": f"({left}) * ({right})", "chain": f"math.sin({left})",
        }.items()
    }  # fmt: skip
    f, df = made["f"][0], np.array(made["f"][1])
    g, dg = made["g"][0], np.array(made["g"][1])
    for name, wanted in {
        "sum": df + dg, "three": 3 * df, "product": df * g + f * dg,
        "chain": math.cos(f) * df,
    }.items():  # fmt: skip
        assert np.allclose(made[name][1], wanted, rtol=1e-9, atol=1e-9), name


@TRIED
@given(programs(), POINTS)
def test_a_function_and_its_call_have_the_same_gradient(text, point):
    """Through a call, a closure, a tuple, and a branch that is not taken."""
    f = load(text)
    wrapped = load(
        text
        + "def outer(x, y, n):\n"
        + "    def again(p, q):\n"
        + "        return f(p, q, n), p\n"
        + "    value, other = again(x, y)\n"
        + "    if n > 1000:\n"
        + "        value = other * y\n"
        + "    return value\n",
        "outer",
    )
    direct = symdiff.grad(f, argnums=(0, 1))(*point)
    through = symdiff.grad(wrapped, argnums=(0, 1))(*point)
    assert np.allclose(direct, through, rtol=1e-9, atol=1e-11)


# -- arrays ---------------------------------------------------------------------------


@TRIED
@given(array_programs())
def test_gradients_of_arrays_written_in_place(text):
    f = load(text)
    given_u, given_v = U.copy(), V.copy()
    bars = symdiff.grad(f, argnums=(0, 1, 2))(given_u, given_v, *ARGS[2:])
    assert np.array_equal(given_u, U)
    assert np.array_equal(given_v, V)
    assert not np.shares_memory(bars[0], bars[1])
    for place, bar in enumerate(bars):
        assert np.shape(bar) == np.shape(ARGS[place])
        for index in np.ndindex(np.shape(bar)):
            want = central(f, ARGS, place, index or None)
            assert close(np.asarray(bar)[index], want), text


@TRIED
@given(array_programs())
def test_the_value_of_array_programs_is_the_primal_bit_for_bit(text):
    f = load(text)
    value, bars = symdiff.value_and_grad(f, argnums=(0, 1, 2))(*ARGS)
    assert np.asarray(value).tobytes() == np.asarray(f(*ARGS)).tobytes()
    assert np.array_equal(U, ARGS[0])


@TRIED
@given(of_arrays("u", "v"))
def test_single_precision_stays_single(text):
    f = load(f"def f(u, v):\n    return np.sum({text})\n")
    exact = symdiff.grad(f, (0, 1))(U, V)
    single = symdiff.grad(f, (0, 1))(U.astype(np.float32), V.astype(np.float32))
    for bar, other in zip(exact, single, strict=True):
        assert other.dtype == np.float32
        assert np.allclose(bar, other, rtol=2e-3, atol=2e-3)


@TRIED
@given(of_arrays("u", "v"), st.permutations(range(5)))
def test_permuted_entries_have_permuted_gradients(text, order):
    """Where the function treats all entries alike."""
    assume("[::-1]" not in text and "cumsum" not in text)
    f = load(f"def f(u, v):\n    return np.sum({text})\n")
    gradient = symdiff.grad(f, (0, 1))
    order = list(order)
    for bar, other in zip(gradient(U, V), gradient(U[order], V[order]), strict=True):
        assert np.allclose(bar[order], other, rtol=1e-12, atol=1e-14)
