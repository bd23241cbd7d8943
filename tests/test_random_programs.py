"""Gradients of generated programs agree with differences, whatever the seed."""

from __future__ import annotations

import pytest
from random_programs import KINDS, Invalid, Kink, compare

import symdiff

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


def check(kind: str, seed: int) -> bool:
    """Whether something could be compared. A refusal is an answer; a wrong gradient or
    another exception is none."""
    program, arguments, places = KINDS[kind]
    text = program(seed)
    try:
        return compare(text, arguments(seed), places) > 0
    except (symdiff.DifferentiationError, Invalid, Kink):
        return False
    except Exception as error:
        error.add_note(f"{kind} program {seed}:\n{text}")
        raise


@pytest.mark.parametrize(
    "kind, seed", [(kind, seed) for kind, seeds in ONCE_WRONG.items() for seed in seeds]
)
def test_once_wrong(kind, seed):
    check(kind, seed)


# How many programs of each kind, and of how many in 20 a derivative is compared at least:
# they are no use if everything is refused or skipped.
PROGRAMS = {
    "scalar": (100, 18), "array": (100, 13), "views": (60, 17), "language": (60, 16),
    "exits": (40, 6), "records": (40, 18), "trajectories": (100, 16),
}  # fmt: skip
FIRST, BLOCK = 1000, 20


@pytest.mark.parametrize(
    "kind, block",
    [(kind, k) for kind, (count, _) in PROGRAMS.items() for k in range(count // BLOCK)],
)
def test_programs(kind, block):
    first = FIRST + block * BLOCK
    compared = sum(check(kind, seed) for seed in range(first, first + BLOCK))
    assert compared >= PROGRAMS[kind][1]
