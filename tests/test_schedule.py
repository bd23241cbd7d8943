"""Loops of which few states are kept at a time: the binomial schedule."""

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
from hypothesis import given, settings
from hypothesis import strategies as st

import symdiff
from symdiff import grad
from symdiff.backend.helpers import HELPERS


LOOPS = [
    pytest.param(c, id=f"{k}-{c.name}")
    for k, c in enumerate(CASES)
    if k % 3 == 2 and not c.refused and "for " in inspect.getsource(c.function)
]


@pytest.mark.parametrize("case", LOOPS)
def test_the_corpus_with_few_states(case, capsys):
    plain = grad(case.function, case.argnums, mode="reverse")(*copy.deepcopy(case.args))
    printed = capsys.readouterr().out
    args = copy.deepcopy(case.args)
    try:
        found = grad(case.function, case.argnums, checkpoint="2 states")(*args)
    except symdiff.DifferentiationError as error:
        if "can be run in blocks" not in str(error):
            raise
        return
    assert same(found, plain, rtol=1e-9)
    assert same(args, case.args)
    assert capsys.readouterr().out == printed


def up(u, k, first, end):
    for i in range(first, end):
        u = u - k * np.sin(u * i)
    return np.sum(u)


def down(u, k, first, end):
    for i in range(first, end, -3):
        u = u - k * np.sin(u * i)
    return np.sum(u)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from((up, down)), st.integers(-3, 12), st.integers(-3, 12), st.integers(1, 6)
)
def test_every_round_is_run_backwards_once(function, first, end, states):
    args = np.linspace(0.1, 1.0, 4), 0.3, first, end
    want = grad(function, (0, 1))(*args)
    found = grad(function, (0, 1), checkpoint=f"{states} states")(*args)
    assert np.allclose(found[0], want[0], rtol=1e-12)
    assert np.isclose(found[1], want[1], rtol=1e-12)


# -- what the theory says -----------------------------------------------------------------

_AHEAD = {}
exec(HELPERS["_rounds_ahead"].text, _AHEAD)


@functools.cache
def least(rounds, states):
    """The fewest rounds to run for a reverse sweep: Griewank & Walther (2000)."""
    if rounds <= 1:
        return 0
    if states == 1:
        return rounds * (rounds - 1) // 2
    splits = range(1, rounds)
    return min(m + least(rounds - m, states - 1) + least(m, states) for m in splits)


def walk(count):
    """A function that counts its rounds, and its gradient with few states."""

    def counted(x, n):
        for _ in range(n):
            x = x + 0.01 * math.sin(x)
        return x

    text = grad(counted, checkpoint=f"{count} states").specialize(1.0, 3)
    return counted, text


class _Sines:
    """Stands for `math` and counts."""

    def __init__(self):
        self.calls = 0

    def sin(self, x):
        self.calls += 1
        return math.sin(x)

    cos = staticmethod(math.cos)


@pytest.mark.parametrize("states", [1, 2, 3, 5, 10])
def test_as_few_rounds_as_can_be(states):
    """Nothing is recorded on the way to the end, so the rest of the program counts as a
    last round: what is run are the rounds of the best schedule for one more. (The reverse
    of a round takes the cosine alone.)"""
    _, gradient = walk(states)
    for n in (1, 2, 3, 7, 20, 45):
        sines = gradient.__globals__["math"] = _Sines()
        gradient(1.0, n)
        assert sines.calls == least(n + 1, states)


@pytest.mark.parametrize(("states", "again"), [(3, 4), (4, 3), (10, 3)])
def test_how_far_some_states_reach(states, again):
    """(s + r)! / (s! r!) rounds of which none is run more than r times."""
    ahead = _AHEAD["_rounds_ahead"]

    def most_often(rounds, states):
        if rounds == 1 or states == 1:
            return rounds - 1
        first = ahead(rounds, states)
        late = most_often(rounds - first, states - 1)
        return max(1 + most_often(first, states), late)

    reach = math.comb(states + again, states)
    assert most_often(reach, states) == again
    assert most_often(reach + 1, states) == again + 1


# -- memory -------------------------------------------------------------------------------


def smoothed(u, n):
    u = u.copy()
    for _ in range(n):
        u[1:-1] += 0.1 * (u[2:] - 2.0 * u[1:-1] + u[:-2]) - 0.01 * u[1:-1] ** 2
    return np.sum(u**2)


def peak(gradient, *args):
    gradient(*args)
    tracemalloc.start()
    try:
        found = gradient(*args)
        return found, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("asked", ["10 states", "160 kB"])
def test_500_steps_of_a_field_with_ten_states(asked):
    u = np.linspace(0.0, 1.0, 2000)
    state = 8 * len(u)
    want, most = peak(grad(smoothed), u, 500)
    found, some = peak(grad(smoothed, checkpoint=asked), u, 500)
    np.testing.assert_allclose(found, want, rtol=1e-10)
    assert most > 500 * state
    assert some < (10 + 15) * state


def long_walk(x, n):
    for _ in range(n):
        x = x + 1e-5 * math.sin(x)
    return x


def test_many_steps_of_a_number():
    want, most = peak(grad(long_walk, mode="reverse"), 1.1, 20_000)
    found, some = peak(grad(long_walk, checkpoint="30 states"), 1.1, 20_000)
    assert found == pytest.approx(want, rel=1e-12)
    assert some < most / 200


def test_a_budget_for_what_grows():
    """A state with a list, whose length is known only when the loop begins."""

    def f(l, n):
        l = list(l)
        for k in range(n):
            l[k % len(l)] = math.sin(l[k % len(l)]) + 0.1 * k
        return sum(l)

    l = [0.1, 0.2, 0.3]
    for budget in ("1 B", "300 B", "1 GB"):
        found = grad(f, checkpoint=budget)(l, 20)
        assert found == pytest.approx(grad(f)(l, 20), rel=1e-13)


@pytest.mark.parametrize("asked", ["", "ten states", "-1 MB", "0 states", "64", "5 blocks"])
def test_what_may_be_kept_is_checked(asked):
    with pytest.raises(ValueError, match='write "10 states" or "64 MB"'):
        grad(long_walk, checkpoint=asked)


def test_options_are_checked():
    with pytest.raises(TypeError, match="no option 'checkpiont'"):
        symdiff.value_and_grad(long_walk, checkpiont=3)
