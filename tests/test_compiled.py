"""Gradients that Numba compiles: what they compute, what they refuse, what they keep."""

from __future__ import annotations

import copy
import math
import subprocess
import sys
from dataclasses import dataclass

import numba
import numpy as np
import pytest
from benchmarks import programs
from compiled_corpus import compared
from corpus import CASES
from corpus.trees import same

import symdiff
from symdiff import grad, value_and_grad

# One or two of each kind of program; `compiled_corpus.py` takes all.
SOME = """
arrays.array_of_scalars assignments.builtins_of_numbers calls.runge_kutta
calls_that_write.flat_iterator catching.else_of_a_loop_that_continues_the_outer_one
codes_of_data.kalman_filter codes_of_flows.diffusion containers.vec
control.break_inner_loop decorators.composed functional.numbers_of_several_kinds
generators.rows_that_are_written_between
history.what_a_loop_has_collected idioms_calls.several_results
idioms_control.break_with_else idioms_higher.callbacks idioms_lists.list_read_from_its_end
idioms_mappings.dict_of_lists idioms_numbers.pow_of_all_sorts
idioms_objects.object_with_a_dict idioms_of_statements.retry_with_else
idioms_order.numbers_of_reversed_items idioms_records.dataclass_fields
idioms_sharing.sliding_window kernels_of_grids.jacobi_2d_swapped
kernels_of_grids.five_axes_at_once
kernels_of_matrices.floyd_warshall_by_loops kernels_of_signals.stockham_fft
late_reads.zip_with_a_long_list leaving.branch_of_an_else_leaves library.bisection
lists.horner local_classes.named_tuple_in_a_loop matching.match_in_a_loop
mathematics.infinite_bound odd_sharing.one_array_in_two_places
odd_writes.matrix_product_in_place optional.maybe_loop outside.history_of_pairs
pieces.pieces_of_different_length reshaped.reshaped_in_a_helper set_in_loops.runs_that_end
structures.list_of_numbers_is_unpacked tables.appended_on_some_paths
structures.object_changed_by_its_methods some_paths_only.loops_in_a_branch
some_paths_only.array_of_a_loop_read_in_another
some_paths_only.table_of_a_branch_read_in_rounds_of_rounds
some_paths_only.broadcast_in_a_branch
trajectories.rows_written_on_one_side trajectories.a_row_read_beside_one_that_is_added_to
""".split()
CHOSEN = [case for case in CASES if case.name in SOME]


@pytest.fixture(autouse=True)
def _no_disk_cache(monkeypatch):
    monkeypatch.setenv("SYMDIFF_CACHE", "off")


@pytest.mark.filterwarnings("ignore::numba.NumbaWarning")
@pytest.mark.parametrize("case", CHOSEN, ids=[case.name for case in CHOSEN])
def test_the_gradient_is_that_in_python(case, capsys):
    assert compared(case) == "agrees"


def test_all_chosen_cases_exist():
    assert {case.name for case in CHOSEN} == set(SOME)


def swing(angle, drag, steps):
    speed = 0.0
    for _ in range(steps):
        speed -= 0.01 * (math.sin(angle) + drag * speed)
        angle += 0.01 * speed
    return angle * speed


def advected(u0, target, rate, steps):
    u = u0.copy()
    for _ in range(steps):
        u[1:-1] = u[1:-1] - rate * (u[1:-1] - u[:-2])
    return np.sum((u - target) ** 2)


# -- shapes, memory ------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7])
def test_loops_over_short_and_empty_arrays(count):
    args = np.linspace(1.0, 2.0, count), np.zeros(count), 0.3, 4
    want = grad(advected)(*args)
    assert np.array_equal(grad(advected, compile="numba")(*args), want)


@pytest.mark.parametrize("steps", [0, -3, 1])
def test_rounds_that_never_run(steps):
    compiled = grad(swing, ("angle", "drag"), compile="numba")
    assert compiled(0.5, 0.1, steps) == grad(swing, ("angle", "drag"))(0.5, 0.1, steps)


def test_lengths_that_do_not_fit_raise_the_error_of_numpy():
    compiled = grad(advected, compile="numba")
    compiled(np.ones(5), np.zeros(5), 0.3, 2)
    with pytest.raises(ValueError, match="broadcast"):
        compiled(np.ones(5), np.zeros(4), 0.3, 2)


def test_an_index_out_of_range_is_an_error():
    def f(u, k):
        return u[k] ** 2

    compiled = grad(f, compile="numba")
    assert compiled(np.arange(3.0), -1).tolist() == [0.0, 0.0, 4.0]
    with pytest.raises(IndexError):
        compiled(np.arange(3.0), 3)


def shifted_onto_itself(u):
    u = u.copy()
    u[1:] = u[:-1] * 2.0 + u[1:]
    u[:-1] -= u[1:]
    u -= u[0]
    return np.sum(u**3)


def test_writes_that_overlap_what_they_read():
    u = np.linspace(0.5, 2.0, 6)
    want = grad(shifted_onto_itself)(u)
    assert np.allclose(grad(shifted_onto_itself, compile="numba")(u), want, rtol=1e-13)


@pytest.mark.parametrize("view", [np.s_[::2], np.s_[::-1]])
def test_strided_arguments(view):
    u0, target = np.linspace(0.0, 1.0, 12)[view], np.ones(12)[view]
    want = grad(advected)(u0, target, 0.3, 4)
    assert np.allclose(grad(advected, compile="numba")(u0, target, 0.3, 4), want)


def test_two_axes_and_columns():
    def smoothed(u, w):
        for _ in range(3):
            u[1:-1, 1:-1] = 0.25 * (u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2])
            u[0] = u[1] * 0.5
        return np.sum(u * u + w)

    args = np.arange(20.0).reshape(4, 5), np.ones(5)
    given = copy.deepcopy(args)
    want = grad(smoothed, (0, 1))(*args)
    found = grad(smoothed, (0, 1), compile="numba")(*args)
    assert all(np.allclose(a, b, rtol=1e-13) for a, b in zip(found, want, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(args, given, strict=True))


def test_a_quotient_of_arrays_is_infinite_and_one_of_numbers_raises():
    def of_arrays(u):
        return np.sum(1.0 / u)

    with np.errstate(divide="ignore"):
        found = grad(of_arrays, compile="numba")(np.array([0.0, 2.0]))
    assert found.tolist() == [-math.inf, -0.25]
    with pytest.raises(ZeroDivisionError):
        grad(lambda x: 1.0 / x, compile="numba")(0.0)


def shares(u, v, rate, n):
    total = 0.0
    for k in range(len(u)):
        total += u[k] / v[k] * (k // n + 1) + np.divide(u[k], rate)
    return total


def rates(u, rate):
    return np.sum(u / rate) + rate * (1.0 / rate)


@pytest.mark.filterwarnings("ignore:divide by zero")
def test_elements_are_divided_as_numpy_does_and_numbers_as_python_does():
    u, v = np.ones(3), np.array([2.0, 0.0, 4.0])
    compiled, plain = (grad(shares, (0, 1, 2), compile=c) for c in ("numba", None))
    found, want = compiled(u, v, 2.0, 2), plain(u, v, 2.0, 2)
    assert all(np.array_equal(a, b) for a, b in zip(found, want, strict=True))
    with pytest.raises(ZeroDivisionError):
        compiled(u, v, 2.0, 0)
    with pytest.raises(ZeroDivisionError):  # although all around it divides as NumPy does
        symdiff.value_and_grad(rates, (0, 1), compile="numba")(u, 0.0)


# -- integers ------------------------------------------------------------------------------


def weighed_by_a_factorial(x, n):
    product = 1
    for k in range(1, n + 1):
        product *= k
    return x * x * product


def test_integers_that_outgrow_a_word_raise():
    compiled = grad(weighed_by_a_factorial, compile="numba")
    assert compiled(1.5, 20) == grad(weighed_by_a_factorial)(1.5, 20)
    with pytest.raises(OverflowError, match="too large for compiled code"):
        compiled(1.5, 25)


def test_indices_are_not_checked():
    def pairs(u):
        total = 0.0
        for i in range(len(u) // 2):
            total += u[2 * i] * u[2 * i + 1]
        return total

    compiled = grad(pairs, compile="numba")
    assert compiled(np.arange(4.0)).tolist() == [1.0, 0.0, 3.0, 2.0]
    assert "_times" not in compiled.source


# -- structures, and what lies outside -----------------------------------------------------


@dataclass
class Model:
    slope: float
    weights: np.ndarray


SCALES = np.array([1.0, 2.0, 3.0])
OFFSETS = [0.5, 1.5, 2.5]


def misfit(model, data, options, form, *, power=2):
    total = 0.0
    for k in range(len(data)):
        total += (model.slope * data[k] + options["shift"] - OFFSETS[k]) ** power
    if form == "weighed":
        total += np.sum(model.weights * SCALES)
    return total


def test_structures_are_taken_apart_around_the_kernel():
    args = Model(2.0, np.ones(3)), [1.0, 2.0, 3.0], {"shift": 0.25}, "weighed"
    by = ("model", "data", "options")
    found = grad(misfit, by, compile="numba")(*args)
    want = grad(misfit, by)(*args)
    assert isinstance(found[0], Model)
    assert found[0].slope == want[0].slope
    assert found[0].weights.tolist() == want[0].weights.tolist()
    assert found[1:] == want[1:]


def test_arrays_from_outside_are_read_at_each_call():
    compiled = grad(misfit, compile="numba")
    args = Model(2.0, np.ones(3)), [1.0], {"shift": 0.0}, "weighed"
    assert compiled(*args).weights.tolist() == [1.0, 2.0, 3.0]
    try:
        SCALES[0] = 7.0
        assert compiled(*args).weights.tolist() == [7.0, 2.0, 3.0]
    finally:
        SCALES[0] = 1.0


def test_a_number_from_outside_that_changes(write_module):
    module = write_module("K = 2.0\ndef f(x):\n    return K * x * x\n")
    compiled = grad(module.f, compile="numba")
    assert compiled(1.0) == 4.0
    module.K = 3.0
    assert compiled(1.0) == 6.0


# -- Numba around and inside ---------------------------------------------------------------


@numba.njit
def bump(x):
    return math.exp(-x * x)


@numba.njit
def bumps(x, n):
    total = 0.0
    for k in range(n):
        total += bump(x - k)
    return total


def test_a_compiled_primal_with_a_compiled_callee():
    want = sum(-2 * (0.3 - k) * math.exp(-((0.3 - k) ** 2)) for k in range(3))
    assert grad(bumps)(0.3, 3) == pytest.approx(want, rel=1e-14)
    assert grad(bumps, compile="numba")(0.3, 3) == pytest.approx(want, rel=1e-14)


def test_compiled_code_calls_the_gradient():
    slope = grad(bumps, compile="numba").specialize(0.3, 3)

    @numba.njit(parallel=True)
    def slopes(xs):
        out = np.empty_like(xs)
        for k in numba.prange(len(xs)):
            out[k] = slope(xs[k], 3)
        return out

    xs = np.linspace(-1.0, 3.0, 9)
    assert np.allclose(slopes(xs), [grad(bumps)(x, 3) for x in xs], rtol=1e-13)


def test_values_and_auxiliary_results():
    def f(x, u):
        scaled = x * u
        return np.sum(scaled**2), scaled

    args = 2.0, np.arange(3.0)
    (value, aux), slope = value_and_grad(f, has_aux=True, compile="numba")(*args)
    assert (value, aux.tolist(), slope) == (20.0, [0.0, 2.0, 4.0], 20.0)


@pytest.mark.parametrize(
    "options", [{"unroll": True}, {"mode": "forward"}, {"mode": "reverse"}]
)
def test_other_forms_of_the_code(options):
    want = grad(bumps, **options)(0.3, 3)
    assert grad(bumps, compile="numba", **options)(0.3, 3) == pytest.approx(want, rel=1e-14)


def test_branches_as_indicators():
    def f(x):
        return x * x if x > 1 else -x

    compiled = grad(f, compile="numba", indicators=True)
    assert (compiled(2.0), compiled(0.5)) == (4.0, -1.0)


# -- tapes, arrays that are stepped ------------------------------------------------------


def until_small(x, c, n, m):
    for i in range(n):
        for j in range(m):
            k = 0
            while x > 0.2 and k < i + j:
                x = x * math.sin(x * c) + 0.1
                k += 1
            x = x + c * j
    return x


def halved(a, limit):
    total = 0.0
    for k in range(len(a)):
        y = a[k]
        while y > limit:
            if y > 2 * limit:
                y = 0.5 * y * a[0]
                continue
            y = y * y * 0.3
        total += y
    return total


def some_rounds(u, n):
    total = 0.0
    for i in range(n):
        v, k = u * (i + 1), 0
        while np.sum(v) > 1.0 and k < 4:
            v = v * 0.7 * v
            k += 1
        total += np.sum(v * u)
    return total


def stepped(u, n):
    u = u.copy()
    for _ in range(n):
        u[1:-1] = u[1:-1] + 0.1 * (u[2:] - 2 * u[1:-1] + u[:-2]) * u[1:-1]
        u[0] = u[1] * u[0]
        u[-1] = u[-2]
    return np.sum(u * u)


def stepped_in_turn(u, n):
    p, q = u.copy(), u * 2
    for _ in range(n):
        p[1:-1] = p[1:-1] + 0.1 * (q[2:] - q[:-2]) * p[1:-1]
        q[1:-1] = q[1:-1] + 0.1 * (p[2:] - p[:-2]) * q[1:-1]
    return np.sum(p * q)


U = np.linspace(0.3, 1.7, 7)


@pytest.mark.parametrize(
    ("function", "args"),
    [
        (until_small, (0.7, 0.9, 3, 4)),
        (halved, (U, 0.2)),
        (halved, (U[:0], 0.2)),
        (some_rounds, (U, 3)),
        (stepped, (U, 5)),
        (stepped, (U[::2], 5)),
        (stepped, (U[:1], 0)),
        (stepped_in_turn, (U, 4)),
    ],
)
def test_tapes_of_loops_in_loops_and_of_whole_arrays(function, args):
    want = grad(function, mode="reverse")(*args)
    compiled = grad(function, mode="reverse", compile="numba")
    assert np.allclose(compiled(*args), want, rtol=1e-12)


def test_a_list_is_made_once_for_all_rounds():
    compiled = grad(halved, compile="numba")
    compiled(U, 0.2)
    before_the_loop = compiled.source.partition("    for k in range")[0]
    assert compiled.source.count("tape = []") == before_the_loop.count("tape = []") == 1


def test_the_whole_array_is_on_the_tape():
    compiled = grad(programs.burgers, compile="numba")
    compiled(U, 0.9 * U, 0.01, 0.1, 0.02, 3)
    assert "u_tape[i, j] = u[j]" in compiled.source
    assert "u[j + 1] = u_tape" not in compiled.source


def test_none_until_there_is_a_number():
    def f(xs):
        best = None
        for x in xs:
            best = x * x if best is None else max(best, x * x)
        return best

    assert grad(f, compile="numba")([0.3, 2.0, 1.0]) == [0.0, 4.0, 0.0]


# -- calls of NumPy in other forms --------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "np.concatenate([u, v]) @ np.concatenate([v, u])",
        "np.concatenate([m, m * 2], axis=1).sum() * u[0]",
        "np.hstack([u, v]).prod() + np.vstack([u, v]).sum() * u[1]",
        "np.stack([u, v], axis=1)[1:].prod()",
        "np.column_stack([u, v])[1:].prod()",
        "np.squeeze(m[None]) @ u @ u",
        "u[[0, 2]] @ v[[1, 1]]",
        "np.var(u) + np.std(v)",
        "np.outer(u, v).sum() * u[0]",
        "m.T.reshape(-1) @ m.ravel() + m[:, 1:].reshape(-1).sum() * u[0]",
        "u.reshape(2, 2).sum(axis=0).prod()",
        "m[::2] @ u @ u[::2] + (m @ m.T).sum()",
    ],
)
def test_forms_that_numba_takes_without_a_warning(text, write_module, recwarn):
    module = write_module(f"import numpy as np\ndef f(u, v, m):\n    return {text}\n")
    u, v = np.linspace(0.5, 1.5, 4), np.linspace(1.0, 0.2, 4)
    m = np.sin(np.arange(16.0)).reshape(4, 4)
    by = (0, 1, 2)
    found = grad(module.f, argnums=by, compile="numba")(u, v, m)
    for got, want in zip(found, grad(module.f, argnums=by)(u, v, m), strict=True):
        assert np.allclose(got, want, rtol=1e-10, atol=1e-12)
    assert not [w for w in recwarn if "umba" in w.category.__name__]


# -- what cannot be compiled ---------------------------------------------------------------


def tiled(x):
    y = x * x
    return np.tile(y, 99).sum()


def test_refused_or_in_python_if_asked_for():
    x = np.arange(3.0)
    with pytest.raises(
        symdiff.DifferentiationError, match="numba cannot compile `np.tile`"
    ):
        grad(tiled, compile="numba")(x)
    either = grad(tiled, compile="numba", fallback="python")
    for _ in range(2):
        assert either(x).tolist() == [0.0, 198.0, 396.0]
    assert "numba" not in either.source
    assert either.compile_seconds == 0.0
    compiled = grad(swing, compile="numba", fallback="python")
    assert compiled(0.5, 0.1, 9) == grad(swing)(0.5, 0.1, 9)
    assert "numba" in compiled.source


def test_a_fallback_does_not_hide_errors_of_the_program():
    def f(x, n):
        return x / n

    either = grad(f, compile="numba", fallback="python")
    with pytest.raises(ZeroDivisionError):
        either(1.0, 0)
    with pytest.raises(symdiff.DifferentiationError, match="no derivative rule"):
        grad(lambda x: math.nextafter(x, 1.0), compile="numba", fallback="python")(1.0)


def test_the_options_are_checked():
    with pytest.raises(
        symdiff.DifferentiationError, match="there is no compiler 'fortran'"
    ):
        grad(swing, compile="fortran")
    with pytest.raises(symdiff.DifferentiationError, match="there is no fallback 'c'"):
        grad(swing, compile="numba", fallback="c")
    with pytest.raises(symdiff.DifferentiationError, match="a fallback is for what cannot"):
        grad(swing, fallback="python")


def test_without_numba(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(symdiff.DifferentiationError, match="needs Numba, which is not"):
        grad(swing, compile="numba")


# -- time, disk ----------------------------------------------------------------------------


def test_the_time_of_compiling():
    compiled = grad(swing, compile="numba")
    assert compiled.compile_seconds == 0.0
    compiled(0.5, 0.1, 9)
    assert compiled.compile_seconds > 0.01


def test_machine_code_is_kept_on_disk(tmp_path, monkeypatch):
    program = tmp_path / "program.py"
    program.write_text(
        "import math, symdiff\n"
        "def f(x, n):\n"
        "    for _ in range(n):\n"
        "        x = math.sin(x)\n"
        "    return x\n"
        "g = symdiff.grad(f, compile='numba')\n"
        "print(g(0.5, 3), g.compile_seconds)\n"
    )
    folder = tmp_path / "cache"
    monkeypatch.setenv("SYMDIFF_CACHE_DIR", str(folder))

    def run(cache):
        monkeypatch.setenv("SYMDIFF_CACHE", cache)
        done = subprocess.run(
            [sys.executable, program], capture_output=True, text=True, check=True
        )
        return [float(word) for word in done.stdout.split()]

    assert run("off")[1] > 0.0
    assert not folder.exists()
    first, again = run("on"), run("on")
    assert first[1] > 0.0
    assert again == [first[0], 0.0]
    assert list((folder / "compiled").glob("f_grad-*.py"))
    assert list((folder / "compiled" / "__pycache__").glob("*.nbc"))


# -- indices ------------------------------------------------------------


def of_neighbours(u):
    total = 0.0
    for k in range(1, len(u) - 1):
        total += u[k - 1] * u[k] * u[k + 1]
    return total * u[2] * u[-1]


def test_indices_that_are_proved_are_not_checked():
    compiled = grad(of_neighbours, compile="numba")
    u = np.linspace(1.0, 2.0, 6)
    assert np.allclose(compiled(u), grad(of_neighbours)(u), rtol=1e-13)
    assert "boundscheck" not in compiled.source
    with pytest.raises(IndexError, match="index 2 is out of bounds"):
        compiled(np.ones(2))


@pytest.mark.parametrize(
    "index", ["k + 1", "k - 1", "n - 1 - k", "2 * k", "len(u) - k", "-k", "k - len(u)"]
)
def test_indices_that_may_be_out_of_range(index, write_module):
    module = write_module(
        "def f(u, n):\n    total = 0.0\n    for k in range(n):\n"
        f"        total += u[{index}] ** 2\n    return total\n"
    )
    compiled = grad(module.f, compile="numba")
    for n in (2, 3, 7):
        try:
            want = grad(module.f)(np.arange(1.0, 4.0), n)
        except IndexError:
            with pytest.raises(IndexError):
                compiled(np.arange(1.0, 4.0), n)
        else:
            assert compiled(np.arange(1.0, 4.0), n).tolist() == want.tolist()


# -- functions of elements ---------------------------------------------------------------


def exps(x):
    return np.exp(x).sum()


def logs(x):
    return np.log(x).sum()


def tanhs(x):
    return np.tanh(x).sum()


def _of_each(function, x):
    """The values of a sum's terms: the sum of one element, of each in turn."""
    both = value_and_grad(function, compile="numba")
    with np.errstate(all="ignore"):
        return np.array([both(np.array([each, each]))[0] / 2 for each in x])


@pytest.mark.parametrize(
    ("function", "numpy"), [(exps, np.exp), (logs, np.log), (tanhs, np.tanh)]
)
def test_functions_of_elements_are_exact_to_two_units_in_the_last_place(function, numpy):
    rng = np.random.default_rng(5)
    x = np.concatenate((
        rng.normal(size=300), 1.0 + 1e-3 * rng.normal(size=50), rng.uniform(-740, 709, 300),
        np.exp(rng.uniform(-700, 700, 200)), [1e-310, 5e-324, 1.0, -1.0, 0.625, -0.625],
    ))  # fmt: skip
    x = np.abs(x) if function is logs else x
    found = _of_each(function, x)
    with np.errstate(all="ignore"):
        wanted = numpy(x)
        finite = np.isfinite(wanted)
        off = np.abs(found - wanted)[finite] / np.spacing(np.abs(wanted[finite]))
    assert (found[~finite] == wanted[~finite]).all()
    assert off.max() <= 2.0


@pytest.mark.parametrize(
    ("function", "numpy"), [(exps, np.exp), (logs, np.log), (tanhs, np.tanh)]
)
def test_functions_of_elements_at_the_ends(function, numpy):
    x = np.array([0.0, np.inf, -np.inf, np.nan, 1e308, -1e308, -746.0, 710.0])
    with np.errstate(all="ignore"):
        assert np.allclose(_of_each(function, x), numpy(x), rtol=5e-16, equal_nan=True)


# -- Jacobians ---------------------------------------------------------------------------


def several(x, y):
    return math.sin(x) * y, {"quotient": x / y, "square": x**2}


def running(x, n):
    out = np.zeros(n)
    total = 0.0
    for i in range(n):
        total = total * x + math.sin(x * i)
        out[i] = total
    return out


def layer(w, v):
    return np.tanh(w @ v)


WEIGHTS = 0.1 * np.arange(6.0).reshape(2, 3), np.array([1.0, -0.5, 2.0])


@pytest.mark.parametrize("operator", [symdiff.jacobian, symdiff.jacfwd, symdiff.jacrev])
@pytest.mark.parametrize(
    ("function", "args", "argnums"),
    [(several, (0.5, 0.7), (0, 1)), (running, (0.4, 5), 0), (layer, WEIGHTS, (0, 1))],
)
def test_jacobians(operator, function, args, argnums):
    compiled = operator(function, argnums, compile="numba")
    found, wanted = compiled(*args), operator(function, argnums)(*args)
    assert same(found, wanted, rtol=1e-12)
    assert same(compiled(*args), wanted, rtol=1e-12)


def test_hessians():
    def energy(w, v):
        return np.sum(layer(w, v) ** 2)

    found = symdiff.hessian(energy, (0, 1), compile="numba")(*WEIGHTS)
    assert same(found, symdiff.hessian(energy, (0, 1))(*WEIGHTS), rtol=1e-12)


def test_jacobians_are_refused_and_fall_back():
    with pytest.raises(symdiff.DifferentiationError, match="numba cannot compile `np.til"):
        symdiff.jacobian(tiled_rows, compile="numba")(WEIGHTS[1])
    either = symdiff.jacobian(tiled_rows, compile="numba", fallback="python")
    for _ in range(2):
        assert np.allclose(either(WEIGHTS[1]), np.tile(np.diag(2 * WEIGHTS[1]), (99, 1)))
    with pytest.raises(ValueError, match="not sparse"):
        symdiff.jacobian(layer, sparse=True, compile="numba")


def tiled_rows(x):
    return np.tile(x * x, 99)


# -- forms of what Numba does not have ---------------------------------------------------


def contracted(a, b, v):
    total = np.einsum("i,ij,j->", v, b, v) + np.trace(b) * np.tensordot(b, b)
    return total + np.sum(np.einsum("ji,jk->ki", a, b) * np.einsum("k,ji->ki", v, a))


def stacks(c, a):
    return np.sum((a @ np.swapaxes(c, 1, 2)) ** 2)


def rearranged(a, v):
    moved = np.roll(a, 5, axis=1) * np.flip(a, axis=0)
    tiled = np.tile(v, (3, 2)) + np.pad(v, (1, 2))
    return np.sum(np.pad(a, ((1, 0), (0, 2)))[1:, :4] * moved) + np.sum(tiled**2)


def along(a):
    total = np.sum(np.linalg.norm(a, axis=1) * np.std(a, axis=1))
    return total + np.sum(np.diff(a, axis=0) ** 2)


GRID = 0.1 * np.arange(12.0).reshape(3, 4) + 0.2
MATRIX = np.array([[2.0, 0.3, 0.1], [0.3, 3.0, 0.2], [0.1, 0.2, 4.0]])
STACK = 0.1 * np.arange(24.0).reshape(2, 3, 4)


@pytest.mark.parametrize(
    ("function", "args"),
    [
        (contracted, (GRID, MATRIX, np.array([0.3, 0.5, 0.7]))),
        (stacks, (STACK, GRID)),
        (rearranged, (GRID, np.array([0.3, 0.5, 0.7]))),
        (along, (GRID,)),
    ],
)
@pytest.mark.filterwarnings("ignore::numba.NumbaPerformanceWarning")
def test_forms_of_what_numba_does_not_have(function, args):
    by = tuple(range(len(args)))
    found = grad(function, by, compile="numba")(*args)
    assert same(found, grad(function, by)(*args), rtol=1e-10)


def test_axes_that_do_not_fit_are_an_error():
    def product(a, b):
        return np.sum(np.einsum("ij,ij->i", a, b))

    with pytest.raises(ValueError, match="broadcast"):
        grad(product, compile="numba")(GRID, GRID[:, :3].copy())
