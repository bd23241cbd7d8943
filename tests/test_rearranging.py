"""The passes that rearrange the reverse sweep: each shortens it, none changes a result."""

import linecache
import math

import numpy as np
import pytest

import symdiff.passes as passes
from symdiff.pipeline import build
from symdiff.request import Request
from symdiff.signature import kind_of_value

CASES = {
    "factor": (
        "import math\ndef f(x, y):\n    return math.exp(x * math.sin(x) + y) * x\n",
        (0.7, 0.3),
    ),
    "products": (
        "def f(u, c, n):\n"
        "    u = u * 1.0\n"
        "    for k in range(n):\n"
        "        u[1:] = u[1:] - c * u[1:] * (u[1:] - u[:-1])\n"
        "    return u @ u\n",
        (np.array([0.3, 0.9, 0.4, 1.2]), 0.1, 2),
    ),
    "stores": (
        "def f(u, n):\n"
        "    u = u * 1.0\n"
        "    for k in range(n):\n"
        "        u[1:-1] = u[1:-1] * u[:-2] + u[2:]\n"
        "    return u @ u\n",
        (np.array([0.3, 0.9, 0.4, 1.2, 0.5]), 3),
    ),
}


def function_of(name):
    text, args = CASES[name]
    file = f"<rearranging {name}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    space = {}
    exec(compile(text, file, "exec"), space)
    return space["f"], args


def generated(name):
    function, args = function_of(name)
    names = function.__code__.co_varnames[: len(args)]
    kinds = {n: kind_of_value(a, n) for n, a in zip(names, args, strict=True)}
    return build(Request(function, (0,), True, "grad", kinds)).emitted.source


def run(source, args):
    space = {"np": np, "math": math}
    exec(source, space)
    return space["f_grad"](*args)


@pytest.mark.parametrize("name", CASES)
def test_the_pass_shortens_the_code_and_keeps_the_gradient(name, monkeypatch):
    args = CASES[name][1]
    with_it = generated(name)
    monkeypatch.setattr(passes, name, lambda function: function)
    without = generated(name)
    assert with_it != without
    np.testing.assert_allclose(run(with_it, args), run(without, args), rtol=1e-13)
    work = {"factor": " * ", "products": " * ", "stores": "] = 0.0"}[name]
    assert with_it.count(work) < without.count(work)


def test_a_cleared_part_is_stored_once():
    source = generated("stores")
    assert "= 0.0" not in source
    assert source.count("u_bar[1:-1] = ") == 1
