"""What gradients of stencil loops keep: the overwritten slice, or nothing at all."""

from __future__ import annotations

import ast
import tracemalloc

import numpy as np
import pytest

import symdiff


def heat_3d(u, steps):
    for _ in range(steps):
        u[1:-1, 1:-1, 1:-1] += 0.1 * (
            u[2:, 1:-1, 1:-1] + u[:-2, 1:-1, 1:-1] + u[1:-1, 2:, 1:-1]
            + u[1:-1, :-2, 1:-1] + u[1:-1, 1:-1, 2:] + u[1:-1, 1:-1, :-2]
            - 6.0 * u[1:-1, 1:-1, 1:-1]
        )  # fmt: skip
    return np.sum(u**2)


def heat_3d_that_melts(u, steps):
    for _ in range(steps):
        u[1:-1, 1:-1, 1:-1] += (
            0.01
            * u[1:-1, 1:-1, 1:-1]
            * (u[2:, 1:-1, 1:-1] + u[:-2, 1:-1, 1:-1] - 2.0 * u[1:-1, 1:-1, 1:-1])
        )
    return np.sum(u**2)


def jacobi(u, steps):
    new = u.copy()
    for _ in range(steps):
        new[1:-1, 1:-1] = 0.25 * (u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2])
        u, new = new, u
    return np.sum(u**2)


def jacobi_of_products(u, steps):
    new = u.copy()
    for _ in range(steps):
        new[1:-1, 1:-1] = 0.3 * u[2:, 1:-1] * u[:-2, 1:-1] + 0.1 * u[1:-1, 1:-1]
        u, new = new, u
    return np.sum(u**2)


def fdtd(ez, steps):
    hx, hy = np.zeros_like(ez), np.zeros_like(ez)
    for k in range(steps):
        hx[:, :-1] -= 0.5 * (ez[:, 1:] - ez[:, :-1])
        hy[:-1, :] += 0.5 * (ez[1:, :] - ez[:-1, :])
        ez[1:, 1:] += 0.5 * (hy[1:, 1:] - hy[:-1, 1:] - hx[1:, 1:] + hx[1:, :-1])
        ez[5, 5] += np.exp(-0.1 * k)
    return np.sum(ez**2)


def fdtd_of_three_fields(ex, ey, hz, steps):
    for _ in range(steps):
        ey[1:, :] -= 0.5 * (hz[1:, :] - hz[:-1, :])
        ex[:, 1:] -= 0.5 * (hz[:, 1:] - hz[:, :-1])
        hz[:-1, :-1] -= 0.7 * (ex[:-1, 1:] - ex[:-1, :-1] + ey[1:, :-1] - ey[:-1, :-1])
    return np.sum(hz**2)


def burgers(u, steps):
    for _ in range(steps):
        u[1:-1] -= 0.01 * u[1:-1] * (u[2:] - u[:-2])
    return np.sum(u**2)


def logistic(u, steps):
    for _ in range(steps):
        u = u * (2.0 - 1.0 / (1.0 + np.exp(-u)))
    return np.sum(u)


def gated(u, steps):
    for _ in range(steps):
        t = np.exp(-u)
        keep = 1.0 / (1.0 + t)
        u = keep * u + (1.0 - keep) * t
    return np.sum(u)


CUBE, SQUARE, LINE = np.ones((24, 24, 24)), np.ones((120, 120)), np.ones(14000)
# How many arrays of the size of the argument each step may keep.
KEPT = [
    (heat_3d, (CUBE,), 0), (heat_3d_that_melts, (CUBE,), 1), (jacobi, (SQUARE,), 0),
    (jacobi_of_products, (SQUARE,), 1), (fdtd, (SQUARE,), 0),
    (fdtd_of_three_fields, (SQUARE, 2 * SQUARE, 3 * SQUARE), 0), (burgers, (LINE,), 1),
    (logistic, (LINE,), 2), (gated, (LINE,), 3),
]  # fmt: skip
NAMES = [function.__name__ for function, *_ in KEPT]


@pytest.fixture(autouse=True)
def _no_disk_cache(monkeypatch):
    monkeypatch.setenv("SYMDIFF_CACHE", "off")


@pytest.mark.parametrize("function, arrays, kept", KEPT, ids=NAMES)
def test_peak_of_many_steps(function, arrays, kept):
    """Within 1.3 times steps x slice x 8 bytes, and what one step needs for itself."""
    gradient = symdiff.grad(function, argnums=tuple(range(len(arrays))))
    gradient(*arrays, 2)
    peaks = {}
    for steps in (10, 110):
        tracemalloc.start()
        gradient(*arrays, steps)
        peaks[steps] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    per_step = (peaks[110] - peaks[10]) / 100
    assert per_step <= 1.3 * kept * arrays[0].nbytes + 1500


@pytest.mark.parametrize("function, arrays, kept", KEPT, ids=NAMES)
def test_what_the_tape_holds(function, arrays, kept):
    """No more than the overwritten slice; where nothing is needed, no tape at all."""
    gradient = symdiff.grad(function, argnums=tuple(range(len(arrays))))
    gradient(*arrays, 2)
    items = [item for item in pushed(gradient.source) if not item.endswith("_shape")]
    assert len(items) <= kept, gradient.source


def test_what_serves_the_derivative_is_kept():
    """Not what it is made of, if that is as large."""
    for function, computed in ((logistic, "1.0 / (1.0 +"), (gated, "1.0 / (1.0 +")):
        gradient = symdiff.grad(function)
        gradient(LINE, 2)
        back = gradient.source.partition("# reverse sweep")[2]
        assert computed not in back, gradient.source


def pushed(source: str) -> list[str]:
    """The names that the forward sweep appends to its tape."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "tape.append":
            (value,) = node.args
            parts = value.elts if isinstance(value, ast.Tuple) else [value]
            found += [ast.unparse(part) for part in parts]
    return found
