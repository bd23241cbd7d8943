"""How cost grows: a gradient's time over its function's, and its memory, as plots."""

from __future__ import annotations

import math
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import symdiff
from benchmarks import programs
from benchmarks.made import module, nest
from benchmarks.timing import interleaved

__all__ = ["draw", "measured"]


class Curve(NamedTuple):
    """Over `sizes`: how many times the function's time the gradient takes, and the bytes
    it holds at most; for programs also the seconds that generating takes."""

    what: str
    sizes: list[int]
    ratios: list[float]
    bytes: list[float]
    seconds: list[float]


def measured(rounds: int = 9) -> list[Curve]:
    with tempfile.TemporaryDirectory() as folder:
        return [
            _curve("steps", (100, 300, 1000, 3000, 10000), _of_steps, rounds),
            _curve("cells", (100, 300, 1000, 3000, 10000), _of_cells, rounds),
            _curve("inputs", (2, 4, 8, 16, 32, 64), partial(_of_inputs, folder), rounds),
            _curve(
                "statements", (10, 30, 100, 300, 1000), partial(_of_lines, folder), rounds
            ),
            _curve("nesting", (1, 2, 3, 4, 5), partial(_of_nesting, folder), rounds),
        ]


Case = tuple[Callable[..., Any], tuple[Any, ...], Any]


def _of_steps(size: int) -> Case:
    return programs.pendulum, (1.0, 0.2, 2.0, 0.1, 0.001, size), (0, 1, 2, 3)


def _of_cells(size: int) -> Case:
    u = np.sin(np.pi * np.linspace(0, 1, size)) ** 2
    return programs.burgers, (u, 0.9 * u, 1e-8, 1 / (size - 1), 0.002, 20), 0


def _of_inputs(folder: str, size: int) -> Case:
    return _norm, ([0.1 * k + 0.3 for k in range(size)],), 0


def _norm(xs):
    total = 0.0
    for k in range(len(xs)):
        total += math.sin(xs[k]) * xs[k] + 0.5 * xs[k] * xs[k - 1]
    return math.sqrt(total * total + 1.0)


def _of_lines(folder: str, size: int) -> Case:
    lines = ["import math", "", "", "def line(x, y):"]
    for k in range(size):
        lines.append(
            "    x = math.sin(x * y) + 0.5" if k % 2 else "    y = 0.5 * x - 0.3 * y"
        )
    lines.append("    return x * y")
    path = Path(folder, f"bounded{size}.py")
    return module(path, "\n".join(lines) + "\n").line, (0.5, 0.1), (0, 1)


def _of_nesting(folder: str, size: int) -> Case:
    return nest(size, folder), (0.5, 3), 0


def _curve(
    what: str, sizes: Sequence[int], case_of: Callable[[int], Case], rounds: int
) -> Curve:
    curve = Curve(what, list(sizes), [], [], [])
    for size in sizes:
        function, args, by = case_of(size)
        gradient = symdiff.grad(function, argnums=by)
        start = time.perf_counter()
        raw = gradient.specialize(*args)
        curve.seconds.append(time.perf_counter() - start)
        calls = [partial(raw, *args), partial(function, *args)]
        slow, fast = interleaved(calls, rounds)
        curve.ratios.append(slow.over(fast))
        tracemalloc.start()
        raw(*args)
        curve.bytes.append(max(64, tracemalloc.get_traced_memory()[1]))
        tracemalloc.stop()
    return curve


# -- drawing --------------------------------------------------------------------------

_WIDTH, _HEIGHT, _LEFT, _TOP, _GAP = 150, 110, 60, 40, 45


def draw(curves: Sequence[Curve], path: Path) -> None:
    """One column for each curve: time over the function's above, memory below, both
    axes logarithmic but for the ratio."""
    wide = _LEFT + len(curves) * (_WIDTH + _GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="360" '
        'font-family="sans-serif" font-size="10">',
        f'<rect width="{wide}" height="360" fill="white"/>',
    ]
    for k, curve in enumerate(curves):
        left = _LEFT + k * (_WIDTH + _GAP)
        top = max(5.0, *curve.ratios)
        ratios = [value / top for value in curve.ratios]
        parts += _panel(left, _TOP, curve, ratios, "0", f"{top:.0f}")
        low, high = min(curve.bytes) / 2, max(curve.bytes) * 2
        sizes = [math.log(v / low) / math.log(high / low) for v in curve.bytes]
        parts += _panel(left, _TOP + _HEIGHT + 60, curve, sizes, _bytes(low), _bytes(high))
    parts.append(_text(5, 15, "time of the gradient / time of the function", "start"))
    y = _TOP + _HEIGHT + 35
    parts.append(_text(5, y + 10, "most memory that a gradient holds", "start"))
    path.write_text("\n".join([*parts, "</svg>\n"]))


def _panel(
    left: float, top: float, curve: Curve, heights: list[float], low: str, high: str
) -> list[str]:
    first, last = math.log(curve.sizes[0]), math.log(curve.sizes[-1])
    across = [(math.log(s) - first) / (last - first) for s in curve.sizes]
    bottom = top + _HEIGHT
    points = [
        (left + x * _WIDTH, bottom - y * _HEIGHT)
        for x, y in zip(across, heights, strict=True)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return [
        f'<rect x="{left}" y="{top}" width="{_WIDTH}" height="{_HEIGHT}" '
        'fill="none" stroke="#999"/>',
        f'<polyline points="{line}" fill="none" stroke="#06c" stroke-width="1.5"/>',
        *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="#06c"/>' for x, y in points),
        _text(left - 4, bottom, low, "end"),
        _text(left - 4, top + 8, high, "end"),
        _text(left, bottom + 12, str(curve.sizes[0]), "start"),
        _text(left + _WIDTH, bottom + 12, str(curve.sizes[-1]), "end"),
        _text(left + _WIDTH / 2, bottom + 12, curve.what, "middle"),
    ]


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{text}</text>'


def _bytes(count: float) -> str:
    for unit, size in (("MB", 2**20), ("kB", 2**10)):
        if count >= size:
            return f"{count / size:.0f} {unit}"
    return f"{count:.0f} B"
