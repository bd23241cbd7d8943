"""Timing: all candidates in turn, round after round, so that a slow spell hits all."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["Times", "interleaved"]


class Times:
    """Seconds for one call of one candidate, a number for each round."""

    def __init__(self) -> None:
        self.rounds: list[float] = []

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    def over(self, other: Times) -> float:
        """How many times slower than the other: the median of the rounds' ratios."""
        pairs = zip(self.rounds, other.rounds, strict=True)
        return statistics.median(mine / theirs for mine, theirs in pairs)


def interleaved(
    candidates: Sequence[Callable[[], Any]],
    rounds: int,
    seconds: float = 0.001,
    clock: Callable[[], float] = time.process_time,
) -> list[Times]:
    """Time each candidate in each round, over calls that last about `seconds` together.

    What is measured is the time of all processors together, so that what else a machine
    does matters little; for other processes give `time.perf_counter`.
    """
    times = [Times() for _ in candidates]
    calls = []
    for candidate in candidates:
        candidate()
        start = clock()
        candidate()
        took = clock() - start
        calls.append(max(1, round(seconds / max(took, 1e-7))))
    for turn in range(rounds):
        # Odd rounds go backwards: no candidate always follows the same one.
        order = range(len(candidates))
        for k in reversed(order) if turn % 2 else order:
            candidate, count = candidates[k], calls[k]
            start = clock()
            for _ in range(count):
                candidate()
            times[k].rounds.append((clock() - start) / count)
    return times
