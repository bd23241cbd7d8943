"""Recursion that only the run ends: every stage, sharing, limits, random programs."""

from __future__ import annotations

import importlib.util
import linecache
import math
import random
import time


import numpy as np
import pytest
from corpus import CASES
from corpus.numeric import gradient as by_differences

import symdiff
from symdiff.analysis.beside import Beside
from symdiff.frontend.lower import lower
from symdiff.ir.core import each_function
from symdiff.ir.renumber import renumber
from symdiff.ir.verify import InvalidIR, verify, verify_in_place
from symdiff.passes import dead, inplace, optimise, simplify
from symdiff.records import replace
from symdiff.signature import kind_of_value
from symdiff.transform.inputs import inputs_of
from symdiff.transform.reverse import gradient

RECURSIVE = [case for case in CASES if case.name.startswith("recursion.")]


@pytest.fixture(autouse=True)
def _no_disk_cache(monkeypatch):
    monkeypatch.setenv("SYMDIFF_CACHE", "off")


# -- every stage --------------------------------------------------------------------------


def stages(case):
    """The program after each stage."""
    names = case.function.__code__.co_varnames
    kinds = {
        name: kind_of_value(value, name)
        for name, value in zip(names, case.args, strict=False)
    }
    lowered = lower(case.function, kinds, {})
    yield lowered.function
    settled = each_function(lowered.function, lambda f: dead(simplify(f)))
    primal, counters = renumber(settled, lowered.bases)
    yield primal
    chosen = [primal.params[k].var for k in case.argnums]
    adjoint = gradient(primal, counters, inputs_of(primal, chosen), "grad", False, "")
    yield adjoint
    yield optimise(adjoint)


@pytest.mark.parametrize("case", RECURSIVE, ids=lambda c: c.function.__name__)
def test_every_stage_is_well_formed(case):
    for program in stages(case):
        verify(program)
    done = inplace(program, own_returns=True)
    verify(done)
    verify_in_place(done, Beside)


def test_the_verifier_looks_at_calls():
    case = next(c for c in RECURSIVE if c.function.__name__ == "tree_sum")
    *_, program = stages(case)
    with pytest.raises(InvalidIR, match="cannot be invoked"):
        verify(replace(program, functions=()))
    verify_in_place(program, Beside)
    kept = tuple(replace(f, taken=()) for f in program.functions)
    with pytest.raises(InvalidIR, match="not owned"):
        verify_in_place(replace(program, functions=kept), Beside)


# -- what is shared -----------------------------------------------------------------------


def returns_what_it_reads(u, n):
    w = u * 2

    def go(k):
        return w if k == 0 else go(k - 1)

    r = go(n)
    w[0] = 5.0 * u[1]
    return np.sum(r * u)


def returns_one_array_twice(u, n):
    def go(k):
        if k == 0:
            t = u * 3
            return t, t
        return go(k - 1)

    a, b = go(n)
    a[0] = 7.0
    return np.sum(b * u)


def returns_its_list(u, n):
    def go(items, k):
        return items if k == 0 else go(items, k - 1)

    held = [u[0], 2.0]
    r = go(held, n)
    r[0] = u[1]
    return held[0] * held[1]


@pytest.mark.parametrize(
    "function", [returns_what_it_reads, returns_one_array_twice, returns_its_list]
)
def test_what_may_be_shared_is_not_written_into(function):
    """There is no code for every depth; that for the depth of the call is written out."""
    with pytest.raises(symdiff.DifferentiationError):
        symdiff.source(function)
    u = np.array([1.0, 2.0, 3.0])
    want = by_differences(function, (u, 3), 0, 1e-4)
    np.testing.assert_allclose(symdiff.grad(function)(u, 3), want, rtol=1e-8, atol=1e-10)


def written_after_the_call(u, n):
    w = u * 2

    def go(k):
        return w[0] * w[1] if k == 0 else go(k - 1) * w[k]

    r = go(n)
    w[0] = 5.0 * u[1]
    return r + np.sum(w) + go(n)


def test_the_tape_keeps_what_is_overwritten_later():
    u = np.array([1.0, 2.0, 3.0])
    found = symdiff.grad(written_after_the_call)(u, 2)
    want = by_differences(written_after_the_call, (u, 2), 0, 1e-4)
    assert np.allclose(found, want)


# -- limits -------------------------------------------------------------------------------


def power(x, n):
    return 1.0 if n == 0 else x * power(x, n - 1)


def test_pythons_limit_is_the_limit():
    gradient_of = symdiff.grad(power)
    assert gradient_of(1.5, 3) == 3 * 1.5**2
    with pytest.raises(RecursionError) as caught:
        gradient_of(1.0, 100_000)
    assert any("in `power`" in note for note in caught.value.__notes__)


def module(text, path):
    path.write_text(text, encoding="utf-8")
    linecache.checkcache(str(path))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def chain(length, folder):
    """Functions that call one another, none of them twice."""
    text = "import math\ndef f0(x, y):\n    return math.sin(x) * y\n"
    for k in range(1, length + 1):
        text += f"def f{k}(x, y):\n    if x > {k}.5:\n        x = x - {k}.0\n"
        text += f"    z = f{k - 1}(x * 0.99, y + x)\n    return z * math.cos(y) + x\n"
    return getattr(module(text, folder / f"chain{length}.py"), f"f{length}")


def test_a_chain_of_fifty_calls_takes_linear_time(tmp_path):
    def seconds(length):
        function = chain(length, tmp_path)
        start = time.process_time()
        found = symdiff.grad(function)(0.7, 0.3)
        taken = time.process_time() - start
        want = by_differences(function, (0.7, 0.3), 0, 1e-4)
        assert math.isclose(found, want, rel_tol=1e-6)
        return taken

    seconds(2)
    assert seconds(50) < 2.5 * 50 / 12 * seconds(12)


# -- random programs ----------------------------------------------------------------------


def expression(rng, names, depth=2):
    if depth == 0 or rng.random() < 0.2:
        return rng.choice([*names, "0.5", "1.3"])
    a, b = (expression(rng, names, depth - 1) for _ in range(2))
    form = rng.choice(
        ["({a} + {b})", "({a} * {b})", "math.sin({a})", "math.tanh({a} - {b})"]
    )
    return form.format(a=a, b=b)


def recursive_program(seed):
    """One to three functions that call one another, on numbers, an array and a closure."""
    rng = random.Random(seed)
    count = rng.randint(1, 3)
    read = ["x", "y", "u[k % 3]", "u[0]", "c"]
    lines = ["import math", "def f(x, y, u, n):", "    c = math.cos(x)"]
    for number in range(count):
        name = f"g{number}"
        lines.append(f"    def {name}(x, y, k):")
        lines.append(f"        if k <= 0:\n            return {expression(rng, read)}")
        if rng.random() < 0.5:
            cond = f"{expression(rng, read, 1)} > {rng.choice(['0.31', '0.77'])}"
            lines.append(f"        if {cond}:\n            x = {expression(rng, read)}")
        calls = []
        for _ in range(rng.randint(1, 2)):
            callee, step = f"g{rng.randrange(count)}", rng.randint(1, 2)
            args = ", ".join(expression(rng, read, 1) for _ in range(2))
            calls.append(f"{callee}({args}, k - {step})")
        if rng.random() < 0.3:
            lines.append(
                f"        for i in range(2):\n            y = y * 0.5 + {calls[0]}"
            )
            calls[0] = "y"
        if rng.random() < 0.3:
            lines.append(f"        a = {calls.pop()}")
            calls.append("a * a")
        lines.append(f"        return {' * '.join(calls)} + {expression(rng, read)}")
    lines.append(f"    return g0(x, y, n) + {expression(rng, ['x', 'y', 'u[1]'])}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("block", range(6))
def test_random_programs(block, tmp_path):
    for seed in range(10 * block, 10 * block + 10):
        text = recursive_program(seed)
        function = module(text, tmp_path / f"program{seed}.py").f
        args = (0.37, 0.81, np.array([0.4, -0.6, 1.1]), 3)
        found = symdiff.grad(function, argnums=(0, 1, 2))(*args)
        for place in range(3):
            want = by_differences(function, args, place, 1e-4)
            assert np.allclose(found[place], want, rtol=1e-6, atol=1e-7), text


@pytest.mark.parametrize("seed", range(5))
def test_random_programs_twice(seed, tmp_path):
    """The change of the gradient in a direction: forward over reverse, reverse over
    reverse, and differences."""
    function = module(recursive_program(seed), tmp_path / f"again{seed}.py").f
    args = (0.37, 0.81, np.array([0.4, -0.6, 1.1]), 3)
    dots = (1.0, -0.5, np.array([0.3, 0.2, -0.7]))
    gradient = symdiff.grad(function, argnums=(0, 1, 2))

    def slope(x, y, u, n):
        a, b, c = gradient(x, y, u, n)
        return a * dots[0] + b * dots[1] + np.dot(c, dots[2])

    forward = symdiff.hvp(function, args, (*dots, None))
    reverse = symdiff.grad(slope, argnums=(0, 1, 2))(*args)
    for place in range(3):
        want = by_differences(slope, args, place, 1e-4)
        np.testing.assert_allclose(forward[place], want, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(reverse[place], forward[place], rtol=1e-9, atol=1e-12)


def sines(x, n):
    if n < 2:
        return x * (n + 1)
    return sines(x, n - 1) * math.sin(sines(x, n - 2))


def test_third_derivatives():
    second = symdiff.grad(symdiff.grad(sines))
    third = symdiff.grad(second)(0.8, 5)
    want = (second(0.8 + 1e-5, 5) - second(0.8 - 1e-5, 5)) / 2e-5
    assert third == pytest.approx(want, rel=1e-7)
    assert symdiff.jvp(second, (0.8, 5), (1.0, None))[1] == pytest.approx(third, rel=1e-12)


def test_a_recursion_whose_steps_take_gradients():
    def cube(x, n):
        return x**3 if n == 0 else cube(x, n - 1) * x

    def f(x, n):
        return x * x if n == 0 else symdiff.grad(cube)(x, n) * f(x, n - 1)

    want = (f(0.8 + 1e-6, 3) - f(0.8 - 1e-6, 3)) / 2e-6
    assert symdiff.grad(f)(0.8, 3) == pytest.approx(want, rel=1e-8)


def test_what_a_recursion_prints_twice_differentiated_is_printed_once(capsys):
    def told(x, n):
        if n == 0:
            print("end")
            return x
        return told(x * x, n - 1)

    symdiff.grad(lambda x: symdiff.grad(told)(x, 2) ** 2, mode="reverse")(1.1)
    assert capsys.readouterr().out == "end\n"
    symdiff.hvp(told, (1.1, 2), (1.0, None))
    assert capsys.readouterr().out == "end\n"


def test_tensors_of_third_order():
    def tree(a, lo, hi):
        if hi - lo == 1:
            return a[lo] ** 3
        m = (lo + hi) // 2
        return tree(a, lo, m) * np.sin(tree(a, m, hi)) + tree(a, lo, m) * a[hi - 1]

    a = np.array([0.3, 0.7, 1.1])
    modes = symdiff.jacfwd, symdiff.jacrev
    third = [f(g(h(tree)))(a, 0, 3) for f in modes for g in modes for h in modes]
    shifted = [
        symdiff.hessian(tree)(a + 1e-5 * e, 0, 3)
        - symdiff.hessian(tree)(a - 1e-5 * e, 0, 3)
        for e in np.eye(3)
    ]
    np.testing.assert_allclose(third[0], np.stack(shifted, -1) / 2e-5, rtol=1e-5, atol=1e-8)
    for found in third[1:]:
        np.testing.assert_allclose(found, third[0], rtol=1e-9, atol=1e-12)


def test_derivatives_of_itself():
    """What no code for every depth can be: it is made for the depth of the call."""

    def tower(x, n):
        return x**3 if n == 0 else symdiff.grad(tower)(x, n - 1)

    assert symdiff.grad(tower)(0.8, 1) == pytest.approx(6 * 0.8)
    with pytest.raises(symdiff.DifferentiationError, match="derivatives of itself"):
        symdiff.source(tower)
