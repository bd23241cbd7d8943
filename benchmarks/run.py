"""Measure everything and print one table. Run as `python -m benchmarks`."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))
for library in ("OMP", "OPENBLAS", "MKL"):  # read when NumPy is imported
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

import numpy as np  # noqa: E402

import symdiff  # noqa: E402
from benchmarks import by_hand, compare, passes, programs  # noqa: E402
from benchmarks.growth import draw, measured  # noqa: E402
from benchmarks.made import chain, nest, straight_line  # noqa: E402
from benchmarks.timing import Times, interleaved  # noqa: E402

Row = tuple[str, str, str, float, str]


def main() -> None:
    os.environ["SYMDIFF_CACHE"] = "off"  # only the rows on the cache use one
    print(
        f"Python {sys.version.split()[0]}, NumPy {np.__version__}, {os.cpu_count()} cores"
    )
    print("\n## Generated and hand-written code\n")
    for line in compare.table():
        print(line, flush=True)
    print("\n## Passes\n")
    for line in passes.table():
        print(line, flush=True)
    print("\n## Calls, modes and generating\n")
    print("| what | time | compared with | ratio | target |\n|---|---|---|---|---|")
    for what, took, other, ratio, target in rows():
        print(f"| {what} | {took} | {other} | {ratio:.2f} | {target} |", flush=True)
    draw(measured(), Path("growth.svg"))
    print("\nHow cost grows: growth.svg")


def rows() -> Iterator[Row]:
    yield from calls()
    yield from forward()
    yield from second_order()
    yield from generating()
    yield from processes()


# -- gradients ------------------------------------------------------------------------


def calls() -> Iterator[Row]:
    """What a call of `grad(f)` takes beside the generated function."""
    eight = (0.3, 0.9, 0.4, -0.7, 1.0, 1.3, 0.8, 1.1)
    yield from call("two_inputs", (1.3, 0.7), (0, 1))
    yield from call("hamiltonian", eight, (0, 1, 2, 3))


def call(name: str, args: tuple[float, ...], argnums: tuple[int, ...]) -> Iterator[Row]:
    function = getattr(programs, name)
    generated = symdiff.grad(function, argnums=argnums)
    raw = generated.specialize(*args)
    hand = getattr(by_hand, name + "_grad")
    same(raw(*args), hand(*args))
    called, bare, by = interleaved([partial(f, *args) for f in (generated, raw, hand)], 401)
    what = f"straight line of 30 operations, {len(args)} arguments"
    yield row(f"{what}: generated code", bare, "hand-written", by, "<= 1.05")
    beside = Times()
    pairs = zip(called.rounds, bare.rounds, strict=True)
    beside.rounds = [max(whole - inside, 1e-9) for whole, inside in pairs]
    limit = constant(0.25e-6, beside)
    yield row(f"{what}: the call of `grad(f)`, beside", beside, "the limit", limit, "<= 1")


def forward() -> Iterator[Row]:
    """Forward mode in one direction, with reverse mode in the same run."""
    args = (1.0, 0.2, 2.0, 0.1, 0.001, 1000)
    yield from directions("1,000 Euler steps", programs.pendulum, args, (0, 1, 2, 3), 301)
    u0 = np.sin(np.pi * np.linspace(0, 1, 200)) ** 2
    field = (u0, 0.9 * u0, 0.0004, 1 / 199, 0.002, 500)
    what = "Burgers in place, 500 steps of 200 cells"
    yield from directions(what, programs.burgers, field, (0,), 41)


def second_order() -> Iterator[Row]:
    """The Hessian times a vector, with the gradient in the same run."""
    args = (1.0, 0.2, 2.0, 0.1, 0.001, 1000)
    yield from products("1,000 Euler steps", programs.pendulum, args, 301)
    u0 = np.sin(np.pi * np.linspace(0, 1, 200)) ** 2
    field = (u0, 0.9 * u0, 0.0004, 1 / 199, 0.002, 500)
    yield from products(
        "Burgers in place, 500 steps of 200 cells", programs.burgers, field, 41
    )


def products(
    what: str, function: Callable[..., Any], args: tuple[Any, ...], rounds: int
) -> Iterator[Row]:
    gradient = symdiff.grad(function)
    tangents = (np.ones_like(args[0]), *[None] * (len(args) - 1))
    twice = partial(symdiff.hvp, function, args, tangents)
    product, once = interleaved([twice, partial(gradient, *args)], rounds)
    yield row(f"{what}: Hessian times a vector", product, "`grad(f)`", once, "")


def directions(
    what: str, function: Any, args: Any, argnums: tuple[int, ...], rounds: int
) -> Iterator[Row]:
    dots = [np.ones_like(a)[()] if k in argnums else None for k, a in enumerate(args)]
    reverse = symdiff.grad(function, argnums=argnums)
    bars = reverse(*args)
    same(symdiff.jvp(function, args, dots)[1], sum(np.sum(bar) for bar in bars))
    primal, pushed, pulled = interleaved(
        [
            partial(function, *args),
            partial(symdiff.jvp, function, args, dots),
            partial(reverse, *args),
        ],
        rounds,
    )
    yield row(f"{what}: `jvp`", pushed, "the function", primal, "<= 4")
    yield row(f"{what}: `jvp`", pushed, "`grad(f)`", pulled, "")


def same(ours: Any, theirs: Any) -> None:
    """Only right answers are timed."""
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


# -- generating -----------------------------------------------------------------------


def generating() -> Iterator[Row]:
    from symdiff.api.argnums import Goal
    from symdiff.api.specialise import request_for
    from symdiff.pipeline import build

    goal = Goal("grad", (0,), True)

    def stages(function: Any, **values: Any) -> Callable[[], Any]:
        """All stages from the function's text to that of its gradient, nothing cached."""
        return partial(build, request_for(function, goal, values))

    ten = stages(programs.ten_lines, x=0.5, c=0.1, n=3)
    with tempfile.TemporaryDirectory() as folder:
        short = stages(straight_line(200, folder), x=0.5, y=0.1)
        long = stages(straight_line(2000, folder), x=0.5, y=0.1)
        (warm,) = interleaved([ten], 41)
        yield row(
            "generating: 10 lines, warm", warm, "the limit", constant(0.001, warm), "<= 1"
        )
        gc.collect()
        fast, slow = interleaved([short, long], 5)
        yield row("generating: 2,000 statements", slow, "200 statements", fast, "<= 12")
        made = [stages(nest(depth, folder), x=0.5, n=2) for depth in (2, 5)]
        low, high = interleaved(made, 9)
        yield row("generating: loops nested 5 deep", high, "2 deep", low, "<= 4")
        made = [stages(chain(length, folder), x=0.5) for length in (10, 50)]
        low, high = interleaved(made, 9)
        yield row("generating: a chain of 50 calls", high, "of 10 calls", low, "<= 7")
        many = stages(straight_line(20000, folder), x=0.5, y=0.1)
        (once,) = interleaved([many], 1)
        slow = constant(slow.median, once)
        yield row("generating: 20,000 statements", once, "2,000 statements", slow, "<= 12")


# -- new processes --------------------------------------------------------------------

_MODEL = """\
import math


def model(x, c, n):
    for i in range(n):
        x = x * math.sin(x) + c
    return x
"""

_IMPORT = """\
import time
import numpy
start = time.process_time()
import symdiff
print(time.process_time() - start)
"""

_FIRST_CALL = """\
import sys, time
import model, symdiff

parsed = []
sys.addaudithook(lambda event, args: event == "compile" and parsed.append(args[1]))
start = time.process_time()
gradient = symdiff.grad(model.model)
result = gradient(0.5, 0.1, 3)
took = time.process_time() - start
assert abs(result - 0.05) < 10
parts = "symdiff.pipeline", "symdiff.frontend.lower", "astor"
generator = [part for part in parts if part in sys.modules]
print(took, len([p for p in parsed if str(p).endswith("model.py")]), *generator)
"""


def processes() -> Iterator[Row]:
    def importing(name: str) -> Callable[[], Any]:
        return partial(python, f"import {name}")

    ours, numpy, nothing = interleaved(
        [importing("symdiff"), importing("numpy"), partial(python, "pass")],
        21,
        clock=time.perf_counter,
    )
    yield row("`import symdiff`, whole process", ours, "`import numpy`", numpy, "<= 1.3")
    yield row("`import symdiff`, whole process", ours, "empty process", nothing, "")
    above = Times()
    above.rounds = [float(python(_IMPORT)) for _ in range(21)]
    limit = constant(0.020, above)
    yield row("`import symdiff` after `import numpy`", above, "the limit", limit, "<= 1")

    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "model.py").write_text(_MODEL)
        # A checkout is asked for changes of all its files, an installed copy is not.
        ours = Path(folder, "site-packages", "symdiff")
        shutil.copytree(ROOT / "symdiff", ours, ignore=shutil.ignore_patterns("*.pyc"))
        places = str(ours.parent), folder
        env = {"SYMDIFF_CACHE_DIR": str(Path(folder, "cache")), "SYMDIFF_CACHE": "on"}
        python(_FIRST_CALL, *places, SYMDIFF_CACHE="off")  # writes the byte code
        first, *_ = python(_FIRST_CALL, *places, **env).split()
        took, parsed, *generator = python(_FIRST_CALL, *places, **env).split()
        assert not generator, f"a call from the disk cache imports {', '.join(generator)}"
        assert parsed == "0", "a call from the disk cache parses the user's file"
        again = [python(_FIRST_CALL, *places, **env).split()[0] for _ in range(10)]
    cold, cached = constant(float(first)), Times()
    cached.rounds = [float(took), *map(float, again)]
    cold.rounds *= len(cached.rounds)
    what = "first call in a new process, from the disk cache, of an installed copy"
    yield row(what, cached, "generated anew", cold, "")
    yield row(what, cached, "the limit", constant(0.002, cached), "<= 1")


def python(code: str, *places: str, **env: str) -> str:
    """What a new process prints that looks for modules in `places`."""
    found = os.pathsep.join(places or (str(ROOT),))
    given = os.environ | {"PYTHONPATH": found}
    given.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed has its byte code
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        env=given | env,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


# -- rows -----------------------------------------------------------------------------


def row(what: str, time: Times, other: str, reference: Times, target: str) -> Row:
    shown = f"{other} {show(reference.median)}"
    return what, show(time.median), shown, time.over(reference), target


def constant(seconds: float, like: Times | None = None) -> Times:
    made = Times()
    made.rounds = [seconds] * (len(like.rounds) if like else 1)
    return made


def show(seconds: float) -> str:
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


if __name__ == "__main__":
    main()
