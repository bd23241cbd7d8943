"""Functions that the reverse sweep runs once more instead of keeping what they compute."""

from __future__ import annotations

import copy
import functools
import inspect
import math
import tracemalloc

import numpy as np
import pytest
from corpus import CASES
from corpus.trees import same

import symdiff
from symdiff import check_grads, checkpoint, grad, hessian, jvp


@checkpoint
def step(x, c):
    a = math.sin(x) * c
    b = math.exp(-a * a)
    return a + b * x


def steps(x, c, n):
    for _ in range(n):
        x = step(x, c)
    return x


def plain(x, c, n):
    for _ in range(n):
        a = math.sin(x) * c
        b = math.exp(-a * a)
        x = a + b * x
    return x


def test_the_same_derivatives():
    args = 0.5, 1.1, 6
    assert grad(steps, (0, 1))(*args) == pytest.approx(
        grad(plain, (0, 1))(*args), rel=1e-14
    )
    assert np.allclose(hessian(steps, (0, 1))(*args), hessian(plain, (0, 1))(*args))
    assert np.isclose(grad(grad(steps))(*args), grad(grad(plain))(*args), rtol=1e-13)
    assert jvp(steps, args, (1.0, 2.0, None)) == pytest.approx(
        jvp(plain, args, (1.0, 2.0, None)), rel=1e-14
    )


def test_only_arguments_are_kept():
    text = symdiff.source(steps, 0.5, 1.1, 6)
    assert "tape.append(x)\n" in text
    assert text.count("math.exp(") == 2


@checkpoint
def block(u, k, count):
    for _ in range(count):
        u = u + k * np.sin(u) * np.cos(u)
    return u


def field(u, k, blocks, count):
    for _ in range(blocks):
        u = block(u, k, count)
    return np.sum(u**2)


def whole(u, k, count):
    for _ in range(count):
        u = u + k * np.sin(u) * np.cos(u)
    return np.sum(u**2)


def peak(function, *args):
    function(*args)
    tracemalloc.start()
    function(*args)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def test_memory():
    """400 steps of 1,000 cells in 20 blocks of 20: 20 states, and the tape of one block."""
    u = np.linspace(0.1, 1.0, 1000)
    with_blocks, without = grad(field), grad(whole)
    np.testing.assert_allclose(
        with_blocks(u, 0.1, 20, 20), without(u, 0.1, 400), rtol=1e-10
    )
    assert peak(with_blocks, u, 0.1, 20, 20) < 0.15 * peak(without, u, 0.1, 400)


def test_checkpoints_in_checkpoints():
    @checkpoint
    def outer(x, c):
        for _ in range(3):
            x = step(x, c)
        return x

    def f(x, c):
        for _ in range(2):
            x = outer(x, c)
        return x

    assert np.isclose(grad(f)(0.5, 1.1), grad(plain)(0.5, 1.1, 6), rtol=1e-14)


def test_a_function_inside():
    def f(x, c, n):
        @checkpoint
        def twice(x):
            return step(step(x, c), c)

        again = checkpoint(lambda x: step(x, c))
        for _ in range(n):
            x = again(twice(x))
        return x

    assert np.isclose(grad(f)(0.5, 1.1, 2), grad(plain)(0.5, 1.1, 6), rtol=1e-14)


def test_structures_and_branches():
    @checkpoint
    def update(state, dt):
        if state["v"] > 0.0:
            return {
                "x": state["x"] + dt * state["v"],
                "v": state["v"] - dt * state["x"] ** 2,
            }
        return {"x": state["x"] * 0.9, "v": state["v"] * dt}

    def f(x, v, n):
        state = {"x": x, "v": v}
        for _ in range(n):
            state = update(state, 0.1)
        return state["x"] * state["v"]

    check_grads(f, (0.5, 0.3, 20))


def test_what_changes_between_the_calls():
    """The reverse sweep runs them on what they read then, not on what is there now."""

    def closed_over(x):
        u = x * 2.0

        @checkpoint
        def further(s, k):
            return s * u[k] + math.sin(s)

        s = x[0]
        for k in range(3):
            s = further(s, k)
            u[k] = s * x[1]
            u[(k + 1) % 3] += 0.1 * s
        return s * np.sum(u)

    def viewed(x):
        m = np.outer(x, x)

        @checkpoint
        def summed(row, c):
            return np.sum(np.sin(row) * c)

        total = 0.0
        for i in range(3):
            row = m[i]
            total += summed(row, total + 1.0)
            row *= 0.5 * x[i]
            m[:, i] += total
        return total + np.sum(m)

    x = np.array([1.2, 0.7, 0.4])
    check_grads(closed_over, (x,))
    check_grads(viewed, (x,))


def test_a_function_that_writes_into_its_arguments():
    @checkpoint
    def doubled(u):
        u *= 2.0
        return np.sum(u**2)

    with pytest.raises(symdiff.DifferentiationError) as caught:
        grad(lambda u: doubled(u))(np.ones(3))
    (problem,) = caught.value.diagnostics
    assert problem.message == "`doubled` is a checkpoint and writes into its arguments"
    assert problem.help == "let it work on a copy and return that"


@pytest.mark.parametrize(
    "case",
    [pytest.param(c, id=f"{k}-{c.name}") for k, c in enumerate(CASES) if k % 7 == 0],
)
def test_the_corpus(case, capsys, monkeypatch):
    if case.refused:
        return
    both = symdiff.value_and_grad(case.function, tuple(case.argnums))
    want = both(*copy.deepcopy(case.args))
    monkeypatch.setattr(case.function, "__symdiff_checkpoint__", True, raising=False)
    called = functools.partial(case.function)
    try:
        again = symdiff.value_and_grad(called, tuple(case.argnums))
        found = again(*copy.deepcopy(case.args))
    except symdiff.DifferentiationError as error:
        reasons = (
            "and writes into its arguments", "range takes integers",
            "may give something else when it runs again",
            "is not known before the program runs",  # but only to the run
        )  # fmt: skip
        # It writes into its argument too, but code for any shape fails before that.
        if case.name == "odd_sharing.views_in_a_comprehension":
            reasons += ("may share memory",)
        if not any(reason in str(error) for reason in reasons):
            raise
        return
    assert np.allclose(want[0], found[0], rtol=1e-12, equal_nan=True)
    assert same(want[1], found[1], rtol=1e-11)


def test_what_may_differ_the_second_time_is_refused():
    @checkpoint
    def noisy(x, random):
        return x * random.normal()

    def f(x):
        random = np.random.default_rng(1)
        for _ in range(3):
            x = noisy(x, random)
        return x

    with pytest.raises(symdiff.DifferentiationError, match="when it runs again"):
        grad(f)(2.0)


def test_nothing_is_printed_twice(capsys):
    @checkpoint
    def told(x):
        if x > 1.0:
            print("above")
        return math.sin(x)

    assert grad(lambda x: told(x) * x, mode="reverse")(2.0) == pytest.approx(
        math.sin(2.0) + 2.0 * math.cos(2.0)
    )
    assert capsys.readouterr().out == "above\n"


# -- loops in blocks ----------------------------------------------------------------------

LOOPS = [
    pytest.param(c, id=f"{k}-{c.name}")
    for k, c in enumerate(CASES)
    if k % 3 == 1 and not c.refused and "for " in inspect.getsource(c.function)
]


@pytest.mark.parametrize("case", LOOPS)
def test_the_corpus_in_blocks(case, capsys):
    plain = grad(case.function, case.argnums, mode="reverse")(*copy.deepcopy(case.args))
    args = copy.deepcopy(case.args)
    try:
        found = grad(case.function, case.argnums, checkpoint=(2, True))(*args)
    except symdiff.DifferentiationError as error:
        if "can be run in blocks" not in str(error):
            raise
        return
    assert same(found, plain, rtol=1e-9, atol=1e-15)
    assert same(args, case.args)


def falling(u, k, first, end, by):
    for i in range(first, end, by):
        u = u - k * np.sin(u * i)
    return np.sum(u)


@pytest.mark.parametrize("blocks", [1, 2, 5, 100, True, (2, 2), (3, True), (1, 1, 1)])
@pytest.mark.parametrize(
    "rounds",
    [(0, 7, 1), (0, 0, 1), (3, 1, 1), (2, 17, 4), (9, -1, -1), (8, 1, -3), (1, 9, -1)],
)
def test_every_round_is_in_one_block(blocks, rounds):
    u = np.linspace(0.1, 1.0, 4)
    steps = dict(zip(("first", "end"), rounds, strict=False))
    fixed = functools.partial(falling, by=rounds[2], **steps)

    def f(u, k, first, end):
        if rounds[2] == 1:
            for i in range(first, end):
                u = u - k * np.sin(u * i)
        elif rounds[2] == 4:
            for i in range(first, end, 4):
                u = u - k * np.sin(u * i)
        elif rounds[2] == -1:
            for i in range(first, end, -1):
                u = u - k * np.sin(u * i)
        else:
            for i in range(first, end, -3):
                u = u - k * np.sin(u * i)
        return np.sum(u)

    want = grad(fixed, (0, 1))(u, 0.3)
    found = grad(f, (0, 1), checkpoint=blocks)(u, 0.3, *rounds[:2])
    assert np.allclose(found[0], want[0], rtol=1e-13)
    assert np.isclose(found[1], want[1], rtol=1e-13)


def long_walk(x, n):
    for _ in range(n):
        x = x + 1e-5 * math.sin(x)
    return x


def peak_of(gradient, *args):
    gradient(*args)
    tracemalloc.start()
    try:
        found = gradient(*args)
        return found, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_of_many_steps():
    """The root of the number of steps, of states and of entries of the inner tape."""
    whole, most = peak_of(grad(long_walk, mode="reverse"), 1.1, 40_000)
    root, some = peak_of(grad(long_walk, checkpoint=True), 1.1, 40_000)
    cube, least = peak_of(grad(long_walk, checkpoint=(34, 34)), 1.1, 40_000)
    assert whole == pytest.approx(root, rel=1e-12) == pytest.approx(cube, rel=1e-12)
    assert some < most / 50
    assert least < some / 2


def smoothed(u, n):
    u = u.copy()
    for _ in range(n):
        u[1:-1] += 0.1 * (u[2:] - 2.0 * u[1:-1] + u[:-2]) - 0.01 * u[1:-1] ** 2
    return np.sum(u**2)


def test_memory_of_a_field():
    """500 steps with 10 states and the tape of 50 steps."""
    u = np.linspace(0.0, 1.0, 2000) ** 2
    whole, most = peak_of(grad(smoothed), u, 500)
    found, some = peak_of(grad(smoothed, checkpoint=10), u, 500)
    assert np.allclose(found, whole, rtol=1e-12)
    state = 8 * len(u)
    assert most > 500 * state
    assert some < (10 + 50 + 10) * state


def test_one_more_evaluation_for_each_level():
    for blocks, times in ((10, 2), ((10, 10), 3)):
        text = symdiff.source(grad(long_walk, checkpoint=blocks), 1.1, 5)
        # The forward sweep, each level above the last, and the recording of a block.
        assert text.count("math.sin(") == times


@pytest.mark.parametrize("given", [-1, 2.5, (3, None), (3, "4")])
def test_numbers_of_blocks_are_checked(given):
    with pytest.raises(ValueError, match="says in no way how many blocks to make"):
        grad(long_walk, checkpoint=given)


def test_forward_mode_has_nothing_to_keep():
    with pytest.raises(ValueError, match='leave out mode="forward"'):
        grad(long_walk, mode="forward", checkpoint=3)


def narrowed(u):
    for _ in range(len(u) - 1):
        u = np.tanh(u[1:]) * u[:-1]
    return np.sum(u)


def doubled(u, n):
    for _ in range(n):
        u = np.concatenate([u, np.sin(u[:2])])
    return np.sum(u * u)


@pytest.mark.parametrize("blocks", [2, 3, (2, 2), "2 states"])
def test_rounds_that_change_shapes(blocks):
    u = np.linspace(0.4, 1.3, 7)
    for f, args in ((narrowed, (u,)), (doubled, (u, 5))):
        assert np.allclose(grad(f, checkpoint=blocks)(*args), grad(f)(*args), rtol=1e-13)
