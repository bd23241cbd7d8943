"""Gradients in C: compiled by the system's compiler, called through ctypes."""

from __future__ import annotations

import ctypes
import math
import shutil
import subprocess

import numpy as np
import pytest
from benchmarks import programs
from benchmarks.compiled import bundle, roots

import symdiff
from symdiff import c_code
from symdiff.cli import main

COMPILER = shutil.which("cc") or shutil.which("gcc")
needs_compiler = pytest.mark.skipif(COMPILER is None, reason="there is no C compiler")


def called(function, args, argnums, folder):
    """The status, and the gradients that the C function leaves."""
    single = not isinstance(argnums, tuple)
    by = (argnums,) if single else argnums
    code = c_code(function, *args, argnums=by)
    (folder / "gradient.c").write_text(code.source)
    (folder / "gradient.h").write_text(code.header)
    (folder / "user.c").write_text('#include "gradient.h"\n')
    library = folder / f"{code.name}.so"
    flags = ["-O2", "-Wall", "-Wno-unused-but-set-variable", "-Werror"]
    command = [COMPILER, *flags, "-ffp-contract=off", "-shared", "-fPIC"]
    sources = [folder / "gradient.c", folder / "user.c"]
    subprocess.run([*command, *sources, "-o", library, "-lm"], check=True)
    given, out = [], []
    for value in args:
        if isinstance(value, np.ndarray):
            given.append(ctypes.c_void_p(value.ctypes.data))
            given += [ctypes.c_int64(n) for n in value.shape]
        else:
            kind = ctypes.c_int64 if isinstance(value, int) else ctypes.c_double
            given.append(kind(value))
    for place in by:
        out.append(np.full(np.shape(args[place]), np.nan))
        given.append(ctypes.c_void_p(out[-1].ctypes.data))
    status = getattr(ctypes.CDLL(str(library)), code.name)(*given)
    return status, [a if a.ndim else float(a) for a in out]


def neighbours(u):
    total = 0.0
    for k in range(1, len(u) - 1):
        total += u[k - 1] * math.exp(-u[k + 1]) - max(u[k], 1.3) ** 3
    return total * u[2] / u[-1]


def until(x, y):
    if x < 0:
        return -x * y
    for k in range(10):
        x += y
        if x > 4.0:
            return x * k
    return x


def plate(u, steps):
    u = u.copy()
    for _ in range(steps):
        u[1:-1, 1:-1] += 0.1 * (u[2:, 1:-1] + u[:-2, 1:-1] - 2 * u[1:-1, 1:-1])
    return np.sum(u * u)


def weighed(x, n):
    product = 1
    for k in range(1, n + 1):
        product *= k
    return x * x * product


def until_small(x, c, n, m):
    """Loops in loops, each with a tape of its own length."""
    for i in range(n):
        for j in range(m):
            k = 0
            while x > 0.2 and k < i + j:
                x = x * math.sin(x * c) + 0.1
                k += 1
            x = x + c * j
    return x


def some_rounds(u, n):
    """Arrays that loops make, carry and keep on tapes."""
    total = 0.0
    for i in range(n):
        v = u * (i + 1)
        for _ in range(i):
            v = np.sin(v) * v
        k = 0
        while np.sum(v) > 1.0 and k < 4:
            v = v * 0.7 * v
            k += 1
        total += np.sum(v * u)
    return total


def swapped(u, n):
    now, old = u.copy(), u * 0.5
    for _ in range(n):
        new = 1.9 * now - old
        new[1:-1] += 0.1 * now[1:-1] * (now[2:] - 2 * now[1:-1] + now[:-2])
        old, now = now, new
    return np.sum(now * old)


def sorted_by_hand(a):
    a = a.copy()
    for i in range(len(a)):
        j = i
        while j > 0 and a[j - 1] < a[j]:
            a[j - 1], a[j] = a[j], a[j - 1]
            j -= 1
    return a[0] * a[1] + a[2] ** 2 * a[-1]


def by_remainders(x, n):
    total = 0.0
    for k in range(-n, n):
        total += x ** (k % 3) + (k // 4) * x
    return total


def at(u, k):
    return u[k] ** 2


def two_layers(w, v, x):
    return np.sum(np.tanh(w @ np.tanh(v @ x)) ** 2)


def by_subscripts(a, b, c):
    product = np.einsum("bij,bkj->bik", a, a)
    return np.sum(product**2) + np.sum((b.T @ b - c) ** 2) + np.dot(c[0], b[0])


def left_before_a_loop(u):
    if u[0] > np.sum(u):
        return u[1]
    total = 0.0
    for value in u.copy():
        total += value**2
    return total


def that_complains(x, n):
    for k in range(n):
        x = x * math.sin(x) + abs(k - 2)
        assert math.isfinite(x), f"not finite in round {k}"
    if x < 0:
        raise ValueError(f"negative: {x}")
    return x * 3 ** (n - 1)


LINE = np.linspace(1.0, 2.0, 9)
CUBE = 0.1 * np.arange(24.0).reshape(2, 3, 4)
PROGRAMS = [
    (programs.two_inputs, (1.3, 0.7), (0, 1)),
    (programs.hamiltonian, (0.3, 0.9, 0.4, -0.7, 1.0, 1.3, 0.8, 1.1), (0, 1, 2, 3)),
    (programs.pendulum, (1.0, 0.2, 2.0, 0.1, 0.01, 50), (0, 1, 2, 3)),
    (programs.pendulum, (1.0, 0.2, 2.0, 0.1, 0.01, -2), (0, 2)),
    (programs.burgers, (LINE, 0.9 * LINE, 0.01, 0.1, 0.02, 30), 0),
    (programs.burgers, (LINE[:1], LINE[:1], 0.01, 0.1, 0.02, 30), 0),
    (bundle, (np.linspace(0.1, 1.0, 11), LINE[:3], 0.8, LINE[:2], LINE[1:3]), (0, 1, 2)),
    (neighbours, (LINE,), 0),
    (until, (0.5, 0.7), (0, 1)),
    (until, (-0.5, 0.7), (0, 1)),
    (plate, (np.arange(20.0).reshape(4, 5), 4), 0),
    (weighed, (1.5, 20), 0),
    (roots, (LINE, 1e-12), (0, 1)),
    (roots, (LINE[:0], 1e-12), 0),
    (programs.implicit_steps, (1.0, 2.0, 0.05, 10), (0, 1)),
    (until_small, (0.7, 0.9, 4, 3), (0, 1)),
    (some_rounds, (LINE / 3, 4), 0),
    (swapped, (LINE, 6), 0),
    (swapped, (LINE[:1], 3), 0),
    (sorted_by_hand, (np.array([0.3, 1.7, 0.9, 1.1]),), 0),
    (by_remainders, (1.2, 7), 0),
    (at, (LINE, -2), 0),
    (left_before_a_loop, (LINE,), 0),
    (left_before_a_loop, (-LINE,), 0),
    (that_complains, (1.2, 4), 0),
    (two_layers, (CUBE[0, :2, :3].copy(), CUBE[1], LINE[:4]), (0, 1, 2)),
    (by_subscripts, (CUBE, CUBE[0], np.eye(4)), (0, 1, 2)),
]  # fmt: skip


@needs_compiler
@pytest.mark.parametrize(("function", "args", "argnums"), PROGRAMS)
def test_the_gradient_is_that_in_python(function, args, argnums, tmp_path):
    by = argnums if isinstance(argnums, tuple) else (argnums,)
    status, found = called(function, args, by, tmp_path)
    assert status == 0
    want = symdiff.grad(function, argnums=by, mode="reverse")(*args)
    for got, wanted in zip(found, want, strict=True):
        assert np.allclose(got, wanted, rtol=1e-13, atol=1e-15)


@needs_compiler
@pytest.mark.parametrize(
    ("function", "args", "status"),
    [
        (lambda x, y: x / y, (1.0, 0.0), 3),
        (weighed, (1.5, 25), 4),
        (neighbours, (LINE[:2],), 2),
        (at, (LINE, 9), 2),
        (that_complains, (math.inf, 1), 5),
        (that_complains, (-1.0, 0), 5),
        (that_complains, (1.2, 60), 4),
        (at, (LINE, -10), 2),
        (at, (LINE[:0], 0), 2),
        (sorted_by_hand, (LINE[:2],), 2),
        (programs.burgers, (LINE, LINE[:5], 0.01, 0.1, 0.02, 3), 2),
    ],
)
def test_what_went_wrong(function, args, status, tmp_path):
    assert called(function, args, 0, tmp_path)[0] == status


@needs_compiler
def test_elements_are_divided_as_numpy_does(tmp_path):
    def shares(u, v, rate):
        total = 0.0
        for k in range(len(u)):
            total += u[k] / v[k] / rate + np.divide(u[k], rate)
        return total

    u, v = np.ones(3), np.array([2.0, 0.0, 4.0])
    with np.errstate(divide="ignore"):
        want = symdiff.grad(shares, (0, 1, 2))(u, v, 0.5)
    status, found = called(shares, (u, v, 0.5), (0, 1, 2), tmp_path)
    assert status == 0
    assert all(np.array_equal(a, b) for a, b in zip(found, want, strict=True))


@needs_compiler
def test_files_of_the_command(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.py").write_text("def f(x: float, y: float):\n    return x * y * y\n")
    assert main(["show", "model.py:f", "--target", "c", "-o", "f.c"]) == 0
    assert (
        "int f_grad(double x, double y, double *grad_x, double *grad_y)\n{"
        in (tmp_path / "f.c").read_text()
    )
    header = (tmp_path / "f.h").read_text()
    assert header.startswith("#ifndef F_GRAD_H\n")
    assert "int f_grad(double x, double y, double *grad_x, double *grad_y);\n" in header
    assert main(["show", "model.py:f", "--target", "c"]) == 0
    assert "#include <math.h>" in capsys.readouterr().out
    assert main(["show", "model.py:f", "--target", "c", "-o", "f.py"]) != 0
    assert "a C file is called f.c" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("function", "args", "message"),
    [
        (lambda x: math.gamma(x), (1.5,), "`math.gamma` is not written in C"),
        (
            lambda u: np.sum(np.linalg.inv(u)),
            (np.eye(2),),
            "`numpy.linalg.inv` of arrays is n",
        ),
        (lambda xs: xs[0] * xs[1], ([1.0, 2.0],), "is not written in C"),
    ],
)
def test_what_is_refused(function, args, message):
    with pytest.raises(symdiff.DifferentiationError, match=message) as caught:
        c_code(function, *args)
    assert caught.value.diagnostics[0].help is not None


@needs_compiler
def test_matrices_that_do_not_fit(tmp_path):
    args = np.ones((2, 3)), np.ones((4, 5)), np.ones(5)
    assert called(two_layers, args, (0, 1, 2), tmp_path)[0] == 2
