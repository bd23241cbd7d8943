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
    candidates: Sequence[Callable[[], Any]], rounds: int, seconds: float = 0.001
) -> list[Times]:
    """Time each candidate in each round, over calls that last about `seconds` together."""
    times = [Times() for _ in candidates]
    calls = []
    for candidate in candidates:
        candidate()
        start = time.perf_counter()
        candidate()
        took = time.perf_counter() - start
        calls.append(max(1, round(seconds / max(took, 1e-7))))
    for turn in range(rounds):
        # Odd rounds go backwards: no candidate always follows the same one.
        order = range(len(candidates))
        for k in reversed(order) if turn % 2 else order:
            candidate, count = candidates[k], calls[k]
            start = time.perf_counter()
            for _ in range(count):
                candidate()
            times[k].rounds.append((time.perf_counter() - start) / count)
    return times
