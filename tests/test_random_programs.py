"""Gradients of generated programs agree with differences, whatever the seed."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_programs import KINDS, Invalid, Kink, compare

import symdiff

SETTINGS = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
# Seeds of programs that once went wrong; see random_programs.py for how to run more.
ONCE_WRONG = {
    "scalar": [28, 127],
    "array": [13, 71, 77, 181, 210, 336, 414, 464, 541, 573, 766, 770, 1008, 1466],
    "language": [28, 334],
    "exits": [11, 88, 112, 115],
}


@pytest.fixture(autouse=True)
def _no_disk_cache(monkeypatch):
    monkeypatch.setenv("SYMDIFF_CACHE", "off")


def check(kind: str, seed: int) -> None:
    """A refusal is an answer; a wrong gradient or another exception is none."""
    program, arguments, places = KINDS[kind]
    text = program(seed)
    try:
        compare(text, arguments(seed), places)
    except (symdiff.DifferentiationError, Invalid, Kink):
        pass
    except Exception as error:
        error.add_note(f"{kind} program {seed}:\n{text}")
        raise


@pytest.mark.parametrize(
    "kind, seed", [(kind, seed) for kind, seeds in ONCE_WRONG.items() for seed in seeds]
)
def test_once_wrong(kind, seed):
    check(kind, seed)


@given(st.integers(0, 10**6))
@SETTINGS
def test_scalar_programs(seed):
    check("scalar", seed)


@given(st.integers(0, 10**6))
@SETTINGS
def test_array_programs(seed):
    check("array", seed)


@given(st.integers(0, 10**6))
@settings(SETTINGS, max_examples=60)
def test_views_programs(seed):
    check("views", seed)


@given(st.integers(0, 10**6))
@settings(SETTINGS, max_examples=60)
def test_language_programs(seed):
    check("language", seed)


@given(st.integers(0, 10**6))
@settings(SETTINGS, max_examples=40)
def test_exits_programs(seed):
    check("exits", seed)


@given(st.integers(0, 10**6))
@settings(SETTINGS, max_examples=30)
def test_records_programs(seed):
    check("records", seed)


def test_most_programs_are_compared():
    """The properties above are no use if everything is refused or skipped."""
    for kind, wanted in (("scalar", 15), ("array", 9), ("language", 6)):
        program, arguments, places = KINDS[kind]
        compared = 0
        for seed in range(20):
            try:
                compared += compare(program(seed), arguments(seed), places) > 0
            except (symdiff.DifferentiationError, Invalid, Kink):
                pass
        assert compared >= wanted
