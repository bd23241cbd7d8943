"""What each pass is worth: the workloads with it and without it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import symdiff.passes
import symdiff.pipeline
from benchmarks.timing import interleaved
from benchmarks.workloads import ALONE, WORKLOADS, Workload
from symdiff.api.argnums import Goal
from symdiff.api.gradient import Gradient
from symdiff.api.specialise import find

__all__ = ["PASSES", "table", "without"]

# What they are for, by name.
PASSES = {
    "cse": "common subexpressions, also across the sweeps",
    "factor": "a factor that the terms of a sum share",
    "products": "products computed before, and numbers before arrays",
    "spent": "adjoints that nobody reads again left uncleared",
    "stores": "clearing and adding merged",
    "share_entries": "tapes without what is on them twice",
    "join_tapes": "one tape for loops that run together",
    "fuse_branches": "branches on one condition put together",
    "fuse_sweeps": "one branch for both sweeps of a condition",
    "fuse_loops": "one loop for both sweeps of a sum",
    "invariants": "what loops do not change in front of them",
    "ahead": "elements that are the same in all rounds read once",
    "read_once": "elements that a block reads several times read once",
    "share_zeros": "the zeros of an adjoint made once in front of a branch",
    "write_out": "short loops of few rounds written out",
    "gather": "outer products summed by one product of matrices",
    "dots": "`u @ u` for the sum of the squares",
    "floats": "Python's floats for elements of arrays",
    "elements": "stores into elements merged",
    "sides": "one branch for what one condition chooses",
    "rebound": "a new array for one that is overwritten whole",
    "views": "views that keep their place in front of loops",
    "strength": "`x * x` for `x ** 2`, `2.0` for `2`",
}


@contextmanager
def without(name: str) -> Iterator[None]:
    """Turn a pass off meanwhile."""
    places = [m for m in (symdiff.passes, symdiff.pipeline) if hasattr(m, name)]
    before = [getattr(module, name) for module in places]
    for module in places:
        setattr(module, name, lambda function: function)
    try:
        yield
    finally:
        for module, function in zip(places, before, strict=True):
            setattr(module, name, function)


def table(rounds: int = 31) -> Iterator[str]:
    yield "| pass | | time without / with, where it is worth most | on the others |"
    yield "|---|---|---|---|"
    loads = [*WORKLOADS, *ALONE]
    normal = {load.what: _raw(load) for load in loads}
    for name, what in PASSES.items():
        ratios: dict[str, float] = {}
        for load in loads:
            with without(name):
                other = _raw(load)
            off, on = _source(other), _source(normal[load.what])
            if off == on:
                continue
            calls = [partial(f.run, *load.args) for f in (other, normal[load.what])]
            slow, fast = interleaved(calls, rounds)
            ratios[load.what] = slow.over(fast)
        yield f"| `{name}` | {what} | {_shown(ratios)} |"


def _shown(ratios: dict[str, float]) -> str:
    if not ratios:
        return "changes none of them | "
    best = max(ratios, key=ratios.__getitem__)
    rest = sorted((v for k, v in ratios.items() if k != best), reverse=True)
    return f"{ratios[best]:.2f}: {best} | {', '.join(f'{v:.2f}' for v in rest)}"


def _raw(load: Workload) -> Any:
    """The generated function, made anew."""
    mode: Any = "jacrev" if load.jacobian else "grad"
    gradient = Gradient(load.function, load.argnums, mode)
    load.function.__dict__.pop("__symdiff__", None)
    symdiff.api.specialise._kept.clear()
    goal: Goal = gradient.goal
    return find(load.function, goal, load.args, {}, load.name)


def _source(found: Any) -> str:
    text: str = found.entry.source
    return text


if __name__ == "__main__":
    for line in table():
        print(line, flush=True)
