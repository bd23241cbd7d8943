"""The workloads: generated code beside hand-written code, the function and other tools."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

import symdiff
from benchmarks.others import OTHERS
from benchmarks.timing import interleaved
from benchmarks.workloads import WORKLOADS, Workload, flat
from symdiff.api.gradient import Gradient

__all__ = ["table"]

_LONGEST = 4.0  # seconds for all rounds of one other tool


def table() -> Iterator[str]:
    """A Markdown table: times as ratios to hand-written code and to the function."""
    others = " | ".join(f"{name} / generated" for name in OTHERS)
    yield (
        "| workload | hand-written | generated / hand | called / hand "
        f"| gradient / function | {others} |"
    )
    yield "|---|" + "--:|" * (4 + len(OTHERS))
    over: list[float] = []
    for load in WORKLOADS:
        cells, ratio = _row(load)
        over.append(ratio)
        yield "| " + " | ".join(cells) + " |"
    middle, worst = float(np.median(over)), max(over)
    found = f"median {middle:.2f}, worst {worst:.2f}"
    yield f"\ngenerated / hand: {found} (goals 1.05 and 1.15)"


def _row(load: Workload) -> tuple[list[str], float]:
    called, raw = generated(load)
    calls = [partial(f, *load.args) for f in (load.function, called, raw, load.hand)]
    wanted = calls[-1]()
    for call in calls[1:3]:
        _same(load, call(), wanted)
    primal, whole, bare, hand = interleaved(calls, load.rounds)
    cells = [load.what, f"{hand.median * 1e6:,.1f} µs", f"{bare.over(hand):.2f}"]
    cells += [f"{whole.over(hand):.2f}", f"{bare.over(primal):.1f}"]
    for make in OTHERS.values():
        call = make(load)
        cells.append("" if call is None else _against(load, call, wanted, calls[2]))
    return cells, bare.over(hand)


def generated(load: Workload) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The derivative as it is called, and the bare generated function."""
    if load.jacobian:
        rows = Gradient(load.function, load.argnums, "jacrev")
        jacobian = symdiff.jacobian(load.function, argnums=load.argnums)
        return jacobian, rows.specialize(*load.args)
    gradient = symdiff.grad(load.function, argnums=load.argnums)
    return gradient, gradient.specialize(*load.args)


def _against(load: Workload, call: Callable[[], Any], wanted: Any, ours: Any) -> str:
    found = call()
    if load.name != "implicit_steps":  # which the others run in another number of rounds
        _same(load, found, wanted)
    start = time.process_time()
    call()
    took = time.process_time() - start
    if took > _LONGEST / 8:
        (own,) = interleaved([ours], 3)
        return f"{took / own.median:,.3g}"
    rounds = max(3, min(load.rounds, int(_LONGEST / max(took, 0.002)) - 2))
    theirs, own = interleaved([call, ours], rounds)
    return f"{theirs.over(own):,.3g}"


def _same(load: Workload, found: Any, wanted: Any) -> None:
    """Only right answers are timed."""
    if load.jacobian:
        found = _rows(found)
    np.testing.assert_allclose(flat(found), flat(wanted), rtol=1e-7, atol=1e-9)


def _rows(found: Any) -> Any:
    """A Jacobian by results and then by arguments; some tools have it otherwise."""
    if len(found) == 2:
        return found
    parts = [[np.asarray(each) for each in p] if isinstance(p, list) else p for p in found]
    return [
        [[e[k] for e in p] if isinstance(p, list) else p[k] for p in parts] for k in (0, 1)
    ]


if __name__ == "__main__":
    for line in table():
        print(line, flush=True)
