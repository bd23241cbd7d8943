"""Compiled gradients beside hand-written adjoints under Numba and in C, and beside JAX.

python -m benchmarks.compiled
"""

from __future__ import annotations

import ctypes
import math
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import symdiff
from benchmarks import by_hand, programs
from benchmarks.others import OTHERS
from benchmarks.timing import interleaved
from benchmarks.workloads import WORKLOADS, Workload, flat

HERE = Path(__file__).resolve().parent
Candidate = Callable[[], Any]


# -- programs that only this file measures ----------------------------------------------


def roots(a, tolerance):
    """The sum of square roots, each by as many steps as it takes."""
    total = 0.0
    for k in range(len(a)):
        y = a[k]
        while abs(y * y - a[k]) > tolerance:
            y = 0.5 * (y + a[k] / y)
        total += y
    return total


def roots_grad(a, tolerance):
    a_bar = np.empty_like(a)
    for k in range(len(a)):
        tape = []
        y = a[k]
        while abs(y * y - a[k]) > tolerance:
            tape.append(y)
            y = 0.5 * (y + a[k] / y)
        y_bar, bar = 1.0, 0.0
        for i in range(len(tape) - 1, -1, -1):
            y = tape[i]
            t = 0.5 * y_bar
            bar += t / y
            y_bar = t - t * a[k] / (y * y)
        a_bar[k] = bar + y_bar
    return a_bar


def bundle(cam, point, w, seen, bar):
    """The residual of one observation in a bundle adjustment, weighed by `bar`."""
    px, py, pz = point[0] - cam[3], point[1] - cam[4], point[2] - cam[5]
    theta = math.sqrt(cam[0] * cam[0] + cam[1] * cam[1] + cam[2] * cam[2])
    ax, ay, az = cam[0] / theta, cam[1] / theta, cam[2] / theta
    cosine, sine = math.cos(theta), math.sin(theta)
    rest = (ax * px + ay * py + az * pz) * (1.0 - cosine)
    x = px * cosine + (ay * pz - az * py) * sine + ax * rest
    y = py * cosine + (az * px - ax * pz) * sine + ay * rest
    z = pz * cosine + (ax * py - ay * px) * sine + az * rest
    u, v = x / z, y / z
    square = u * u + v * v
    stretch = 1.0 + cam[9] * square + cam[10] * square * square
    rx = u * stretch * cam[6] + cam[7] - seen[0]
    ry = v * stretch * cam[6] + cam[8] - seen[1]
    return w * (bar[0] * rx + bar[1] * ry)


# -- C ----------------------------------------------------------------------------------


def built(folder: str) -> ctypes.CDLL | None:
    """The adjoints in C, compiled for this machine; None where there is no compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    library = os.path.join(folder, "adjoints.so")
    flags = ["-O3", "-march=native", "-ffp-contract=off", "-shared", "-fPIC"]
    source = str(HERE / "adjoints.c")
    subprocess.run([compiler, *flags, source, "-o", library, "-lm"], check=True)
    return ctypes.CDLL(library)


def pointer(array: np.ndarray) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


def in_c(library: ctypes.CDLL, name: str, args: tuple[Any, ...]) -> tuple[Candidate, Any]:
    """Many calls of the adjoint in C, and where these leave their results."""
    given: list[Any] = [ctypes.c_long(COUNT)]
    out: list[np.ndarray] = []

    def result(length: int) -> ctypes.c_void_p:
        out.append(np.empty(length))
        return pointer(out[-1])

    for value in args:
        if isinstance(value, np.ndarray):
            given.append(pointer(value))
            if (name, len(given)) in (("roots", 2), ("burgers", 3)):
                given.append(ctypes.c_long(len(value)))
        elif isinstance(value, int):
            given.append(ctypes.c_long(value))
        else:
            given.append(ctypes.c_double(value))
    lengths = {
        "two_inputs": (1, 1), "pendulum": (4,), "roots": (100,), "burgers": (200,),
        "bundle": (11, 3, 1),
    }  # fmt: skip
    given += [result(length) for length in lengths[name]]
    function = getattr(library, f"{name}_many")
    function.restype = None
    return partial(function, *given), out


# -- the table --------------------------------------------------------------------------


def workloads() -> list[tuple[str, str, Any, tuple[Any, ...], Any, Any]]:
    rng = np.random.default_rng(0)
    u0 = np.sin(np.pi * np.linspace(0, 1, 200)) ** 2
    cam = np.array([0.1, -0.2, 0.3, 0.5, 0.4, -4.0, 500.0, 320.0, 240.0, -0.1, 0.02])
    return [
        ("30 operations, 2 inputs", "two_inputs", programs.two_inputs, (1.3, 0.7),
         (0, 1), by_hand.two_inputs_grad),
        ("1,000 Euler steps", "pendulum", programs.pendulum,
         (1.0, 0.2, 2.0, 0.1, 0.001, 1000), (0, 1, 2, 3), None),
        ("100 roots, a while in a loop", "roots", roots,
         (rng.uniform(0.5, 50.0, 100), 1e-12), 0, roots_grad),
        ("Burgers in place, 500 x 200", "burgers", programs.burgers,
         (u0, 0.9 * u0, 0.0004, 1 / 199, 0.002, 500), 0, by_hand.burgers_grad),
        ("bundle adjustment, 15 inputs", "bundle", bundle,
         (cam, np.array([0.2, 0.1, 1.0]), 0.8, np.array([300.0, 250.0]),
          np.array([1.0, -0.5])), (0, 1, 2), None),
    ]  # fmt: skip


def main(rounds: int = 41) -> None:
    import numba

    os.environ["SYMDIFF_CACHE"] = "off"
    print(f"Python {sys.version.split()[0]}, Numba {numba.__version__}; times of one call")
    print("from compiled code where the code is compiled\n")
    print("| workload | Python | compiled | by hand, njit | C | compiled / C | compiling |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        library = built(folder)
        for workload in workloads():
            print(line(*workload, library, rounds), flush=True)
    print(
        "\nCalled from Python, beside generated Python and the gradient of JAX under jit\n"
    )
    print("| workload | Python | compiled | JAX jit | compiled / JAX |")
    print("|---|--:|--:|--:|--:|")
    for load in WORKLOADS:
        print(beside_jax(load, rounds // 2), flush=True)


def beside_jax(load: Workload, rounds: int) -> str:
    operator = symdiff.jacobian if load.jacobian else symdiff.grad
    plain = operator(load.function, argnums=load.argnums)
    compiled = operator(load.function, argnums=load.argnums, compile="numba")
    assert np.allclose(flat(compiled(*load.args)), flat(plain(*load.args)), rtol=1e-8)
    candidates = [partial(plain, *load.args), partial(compiled, *load.args)]
    jax = OTHERS["JAX jit"](load)
    if jax is not None:
        jax()  # compiles it
        candidates.append(jax)
    times = interleaved(candidates, rounds, seconds=0.01)
    cells = [f"{each.median * 1e6:,.1f} µs" for each in times]
    cells += [f"{times[1].over(times[2]):.2f}"] if jax is not None else ["-", "-"]
    return f"| {load.what} | {' | '.join(cells)} |"


def line(
    what: str, name: str, function: Any, args: tuple[Any, ...], argnums: Any, hand: Any,
    library: ctypes.CDLL | None, rounds: int,
) -> str:  # fmt: skip
    plain = symdiff.grad(function, argnums=argnums)
    compiled = symdiff.grad(function, argnums=argnums, compile="numba")
    want, found = plain(*args), compiled(*args)
    assert np.allclose(joined(found), joined(want), rtol=1e-9), what
    candidates = [partial(plain, *args), repeated(compiled.specialize(*args), args)]
    if hand is not None:
        candidates.append(repeated(numba_of(hand), args))
    if library is not None:
        call, out = in_c(library, name, args)
        call()
        assert np.allclose(np.concatenate(out), joined(want), rtol=1e-7), what
        candidates.append(call)
    times = interleaved(candidates, rounds, seconds=0.004)
    shown = [times[0].median, *(t.median / COUNT for t in times[1:])]
    python, own = shown[:2]
    by = f"{shown[2] * 1e6:.2f} µs" if hand is not None else "-"
    c, over = "-", "-"
    if library is not None:
        c, over = f"{shown[-1] * 1e6:.2f} µs", f"{times[1].over(times[-1]):.2f}"
    seconds = f"{compiled.compile_seconds:.1f} s"
    return (
        f"| {what} | {python * 1e6:.1f} µs | {own * 1e6:.2f} µs | {by} | {c} | {over} | "
        f"{seconds} |"
    )


COUNT = 100  # calls in a row: that of a C function from Python costs more than some of them


def numba_of(function: Any) -> Any:
    import numba

    return numba.njit(function)


def joined(gradient: Any) -> np.ndarray:
    parts = gradient if isinstance(gradient, tuple) else (gradient,)
    return np.concatenate([np.ravel(part) for part in parts])


def repeated(function: Any, args: tuple[Any, ...]) -> Candidate:
    """Many calls from compiled code, which takes no two to be the same."""
    import numba

    scalars = all(isinstance(value, float) for value in args)

    @numba.njit
    def many(args, count):
        for _ in range(count):
            function(*args)

    @numba.njit
    def over(x, y, out):
        for k in range(len(out)):
            out[k] = function(x[k], y[k])[0]

    if scalars:
        columns = [np.full(COUNT, value) for value in args]
        return partial(over, *columns, np.empty(COUNT))
    return partial(many, args, COUNT)


if __name__ == "__main__":
    main()
