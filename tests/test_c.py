"""Gradients in C: compiled by the system's compiler, called through ctypes."""

from __future__ import annotations

import ctypes
import math
import shutil
import subprocess

import numpy as np
import pytest
from benchmarks import programs
from benchmarks.compiled import bundle

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


LINE = np.linspace(1.0, 2.0, 9)
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
        (programs.burgers, (LINE, LINE[:5], 0.01, 0.1, 0.02, 3), 2),
    ],
)
def test_what_went_wrong(function, args, status, tmp_path):
    assert called(function, args, 0, tmp_path)[0] == status


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
        (lambda u: np.sum(u @ u), (np.eye(2),), "`matmul` of arrays is not written in C"),
        (lambda u, k: u[k] ** 2, (LINE, 1), "an index that might be out of range is not"),
        (lambda xs: xs[0] * xs[1], ([1.0, 2.0],), "is not written in C"),
    ],
)
def test_what_is_refused(function, args, message):
    with pytest.raises(symdiff.DifferentiationError, match=message) as caught:
        c_code(function, *args)
    assert caught.value.diagnostics[0].help is not None
