"""Every call of golden/calls.txt, in reverse and forward mode, against differences."""

from __future__ import annotations

import copy
import linecache
import math
import re
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import scipy.cluster.vq
import scipy.fft
import scipy.integrate
import scipy.interpolate
import scipy.linalg
import scipy.ndimage
import scipy.optimize
import scipy.sparse
import scipy.sparse.linalg
import scipy.spatial.distance
import scipy.spatial.transform
import scipy.special
import scipy.stats

import symdiff

FILE = Path(__file__).parent / "golden" / "calls.txt"
_DRAWN = np.random.default_rng(0)
_SQUARE = _DRAWN.uniform(0.2, 0.9, (4, 4)) + np.eye(4)
ARGUMENTS = {
    "u": _DRAWN.uniform(0.2, 0.9, 8),
    "m": _DRAWN.uniform(0.2, 0.9, (3, 4)),
    "s": _SQUARE,
    "p": _SQUARE @ _SQUARE.T,
    "b": _DRAWN.uniform(0.2, 0.9, 4),
    "t": _DRAWN.uniform(0.2, 0.9, (3, 2, 4)),
    "x": 0.37,
    "y": 0.62,
}


def groups():
    """(module, name, its calls) as the file lists them."""
    module, found = "", []
    for line in FILE.read_text("utf-8").splitlines()[2:]:
        if line.startswith("== "):
            module = line[3:]
        elif line.startswith("    "):
            found[-1][2].append(line.strip())
        elif line:
            found.append((module, line, []))
    return found


def weights(shape):
    return np.cos(np.arange(int(np.prod(shape))) + 1.0).reshape(shape)


def function_of(call):
    """A function of the arguments that a call names, and what they are."""
    names = [n for n in ARGUMENTS if re.search(rf"(?<![\w.'\"]){n}(?![\w'\"(])", call)]
    text = (
        f"def f({', '.join(names)}):\n"
        f"    result = {call}\n"
        f"    return np.sum(weights(np.shape(result)) * result)\n"
    )
    file = f"<call {call}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    space = {"np": np, "scipy": scipy, "sp": scipy.special, "math": math}
    space["weights"] = weights
    exec(compile(text, file, "exec"), space)
    return space["f"], [copy.deepcopy(ARGUMENTS[n]) for n in names]


def differences(f, args):
    """Central differences by each argument."""

    def value(place, moved):
        given = [moved if k == place else copy.deepcopy(a) for k, a in enumerate(args)]
        return float(f(*given))

    h, found = 1e-5, []
    for place, arg in enumerate(args):
        if isinstance(arg, float):
            found.append((value(place, arg + h) - value(place, arg - h)) / (2 * h))
            continue
        slopes = np.zeros_like(arg)
        for at in np.ndindex(arg.shape):
            step = np.zeros_like(arg)
            step[at] = h
            slopes[at] = (value(place, arg + step) - value(place, arg - step)) / (2 * h)
        found.append(slopes)
    return found


@pytest.mark.parametrize(
    "calls", [g[2] for g in groups()], ids=[f"{g[0]}.{g[1]}" for g in groups()]
)
def test_both_modes_are_right(calls, monkeypatch):
    monkeypatch.setenv("SYMDIFF_CACHE", "off")
    for call in calls:
        f, args = function_of(call)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of NumPy about the call itself
            expected = differences(f, args)
            gradient = symdiff.grad(f, argnums=tuple(range(len(args))))(*args)
            dots = tuple(weights(np.shape(a)) if np.ndim(a) else 0.7 for a in args)
            value, dot = symdiff.jvp(f, tuple(args), dots)
            np.testing.assert_allclose(value, f(*args), rtol=1e-7, err_msg=call)
        for own, other in zip(gradient, expected, strict=True):
            assert np.shape(own) == np.shape(other), call
            np.testing.assert_allclose(own, other, rtol=2e-5, atol=2e-6, err_msg=call)
        along = sum(np.sum(d * e) for d, e in zip(dots, expected))
        np.testing.assert_allclose(dot, along, rtol=2e-5, atol=2e-6, err_msg=call)


CALLS = 0


def test_a_gradient_leaves_global_names_as_they_were():
    def f(x):
        global CALLS
        CALLS += 1
        return x * CALLS

    assert [symdiff.grad(f)(2.0), symdiff.grad(f)(2.0)] == [1.0, 1.0]
    assert CALLS == 0
    f(2.0)
    assert symdiff.grad(f)(2.0) == 2.0


def test_a_module_that_is_imported_later_is_known(tmp_path):
    """`scipy.spatial` brings `scipy.sparse` along, and not `scipy.sparse.linalg`."""
    program = tmp_path / "later.py"
    program.write_text(
        "import sys\nimport numpy as np\nimport scipy.spatial.distance\nimport symdiff\n\n"
        "def apart(a):\n    return scipy.spatial.distance.cdist(a, a + 1.0).sum()\n\n"
        "def solved(a):\n"
        "    return scipy.sparse.linalg.cg(a, a[0], rtol=1e-12)[0].sum()\n\n"
        "late = 'scipy.sparse.linalg' not in sys.modules\n"
        "symdiff.grad(apart)(np.ones((2, 2)))\n"
        "import scipy.sparse.linalg\n"
        "symdiff.check_grads(solved, (np.diag([2.0, 3.0]),))\n"
        "print(late or 'imported by SciPy itself')\n"
    )
    done = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() in ("True", "imported by SciPy itself")


def known_tuples(x):
    offset, axes = 0, (0, 1)
    if (offset, *axes) == (0, 0, 1) and axes != (1, 0) and (1, 2) < (1, 3):
        return np.trace(x) ** 2
    return np.sum(x)


def test_tuples_of_known_numbers_are_compared_before_the_run():
    derivative = symdiff.grad(known_tuples)
    derivative(np.eye(3))
    assert "if" not in derivative.source.replace("symdiff", "")
