"""The gradients as multipliers: the Lagrangian, the triangle, and its solutions."""

from __future__ import annotations

import copy
import math
import struct
import sys
import xml.etree.ElementTree as ElementTree
import zlib
from typing import get_args

import numpy as np
import pytest
from corpus import CASES
from test_trace import by_place, ladder
from traced import TRACED, network

import symdiff
from symdiff.tracing.system import Method

METHODS = get_args(Method)
NETWORK = next(args for function, args, _ in TRACED if function is network)


def test_the_nine_equations():
    found = symdiff.system(network)(*NETWORK)
    assert found.lagrangian == (
        "L(z, λ) = z9\n"
        "    - <λ1, z1 - x>\n"
        "    - <λ2, z2 - y>\n"
        "    - <λ3, z3 - w1>\n"
        "    - <λ4, z4 - w2>\n"
        "    - <λ5, z5 - z1 @ z3>\n"
        "    - <λ6, z6 - sigmoid(z5)>\n"
        "    - <λ7, z7 - z6 @ z4>\n"
        "    - <λ8, z8 - softmax(z7)>\n"
        "    - λ9*(z9 - cross_entropy(z8, z2))"
    )
    assert found.equations[4:] == (
        "-λ5 + ∂f6/∂z5 λ6 = 0", "-λ6 + ∂f7/∂z6 λ7 = 0", "-λ7 + ∂f8/∂z7 λ8 = 0",
        "-λ8 + ∂f9/∂z8 λ9 = 0", "-λ9 = -1",
    )  # fmt: skip
    assert found.triangle() == (
        "   z1 z2 z3 z4 z5 z6 z7 z8 z9\n"
        "z1  \\  .  .  .  #  .  .  .  .\n"
        "z2  .  \\  .  .  .  .  .  .  #\n"
        "z3  .  .  \\  .  #  .  .  .  .\n"
        "z4  .  .  .  \\  .  .  #  .  .\n"
        "z5  .  .  .  .  \\  #  .  .  .\n"
        "z6  .  .  .  .  .  \\  #  .  .\n"
        "z7  .  .  .  .  .  .  \\  #  .\n"
        "z8  .  .  .  .  .  .  .  \\  #\n"
        "z9  .  .  .  .  .  .  .  .  \\"
    )
    assert repr(found) == "<system of network: 9 equations, A is 27 x 27>"
    assert found.blocks["z5", "z6"].shape == (3, 3)
    assert found.blocks["z3", "z5"].shape == (6, 3)
    assert found.labels[4:8] == ("z3[0, 0]", "z3[0, 1]", "z3[0, 2]", "z3[1, 0]")
    want = symdiff.grad(network, argnums=(0, 1, 2, 3))(*NETWORK)
    for method in METHODS:
        solution = found.solve(method)
        for name, gradient in zip(("x", "y", "w1", "w2"), want, strict=True):
            assert solution[name].shape == gradient.shape
            assert np.allclose(solution[name], gradient, rtol=1e-12, atol=1e-15)
        assert solution["z9"] == pytest.approx(1.0, rel=1e-12)
        assert [name for name, _ in found.check(method=method)] == ["x", "y", "w1", "w2"]


def test_the_matrix():
    found = symdiff.system(lambda x, y: math.sin(x * y) + x)(0.5, 3.0)
    assert found.names == ("z1", "z2", "z3", "z4", "z5")
    a = found.A.toarray()
    assert np.array_equal(a, np.triu(a))
    assert np.array_equal(np.diag(a), -np.ones(5))
    assert a[0, 2:].tolist() == [3.0, 0.0, 1.0]
    assert a[2, 3] == math.cos(1.5)
    assert found.rhs.tolist() == [0, 0, 0, 0, -1]
    solution = found.solve()
    assert solution["z1"] == 3.0 * math.cos(1.5) + 1.0
    assert found.table(solution)[-1] == "λ5 = 1             # z5 = z4 + z1"
    with pytest.raises(KeyError, match="no λ of `q`: there are z1, z2, z3, z4, z5, called"):
        solution["q"]
    with pytest.raises(ValueError, match="no method 'lu'; there are back-substitution, "):
        found.solve("lu")


def test_a_chain_is_bidiagonal():
    def chain(x):
        for _ in range(40):
            x = math.sin(x)
        return x

    found = symdiff.system(chain)(0.5)
    a = found.A.toarray()
    assert np.count_nonzero(a) == 41 + 40
    assert np.count_nonzero(np.diag(a, 1)) == 40
    text = found.triangle().splitlines()
    assert text[1] == "z2  .\\#" + "." * 38
    found.check()


def layer(weight, *earlier):
    return np.tanh(weight * sum(earlier))


def dense_block(x, w):
    """Every layer reads all earlier ones."""
    a = layer(w[0], x)
    b = layer(w[1], x, a)
    c = layer(w[2], x, a, b)
    d = layer(w[3], x, a, b, c)
    return np.sum(layer(w[4], x, a, b, c, d))


def test_a_densely_connected_block_is_full():
    found = symdiff.system(dense_block)(np.array([0.1, 0.2]), np.linspace(0.5, 1.0, 5))
    layers = [k for k, s in enumerate(found.steps) if s.operation == "layer" or k == 0]
    lines = [line.split()[1:] for line in found.triangle().splitlines()[1:]]
    full = [[lines[i][k] for k in layers] for i in layers]
    assert ["".join(row) for row in full] == [
        "\\#####", ".\\####", "..\\###", "...\\##", "....\\#", ".....\\",
    ]  # fmt: skip
    found.check()


def test_lists_structures_and_single_precision():
    def lists(xs, p):
        ys = []
        for v in xs:
            ys.append(v * p["a"][0])
        return sum(ys) * len(xs) + p["b"]

    found = symdiff.system(lists)([1.0, 2.0, 3.0], {"a": [2.0, 4.0], "b": 1})
    assert [name for name, _ in found.check()] == ["xs", "p['a']"]
    assert found.solve()["z1"] == [6.0, 6.0, 6.0]

    def keyed(rates):
        at = {}
        for i, rate in enumerate(rates):
            at[i] = rate * i
        return at[1] * at[2] + sum(rates)

    found = symdiff.system(keyed)([1.0, 2.0, 3.0])
    assert [name for name, _ in found.check()] == [f"rates[{k}]" for k in range(3)]
    single = symdiff.system(lambda u: np.sum(np.exp(u) * u))
    found = single(np.linspace(0, 1, 5, dtype="float32"))
    assert found.solve()["u"].dtype == "float32"
    found.check()


def test_constants_have_no_row():
    weights = np.array([1.0, 2.0])
    found = symdiff.system(lambda u: np.sum(u * weights))(np.array([3.0, 4.0]))
    assert found.names == ("z1", "z3", "z4")
    assert found.solve()["u"].tolist() == [1.0, 2.0]
    found = symdiff.system(lambda x: 3.5)(1.0)
    assert found.solve() == {"z1": 0.0, "z2": 1.0}
    found = symdiff.system(lambda x: x)(2.0)
    assert found.solve() == {"z1": 1.0}
    assert found.check() == [("x", 0.0)]


def test_methods_keywords_and_many_arguments():
    class Model:
        def __init__(self):
            self.k = 2.0

        def loss(self, *u, scale=3):
            return self.k * u[0] * u[1] * scale

    found = symdiff.system(Model().loss, depth=None)(1.0, 2.0, scale=4)
    assert [gap for _, gap in found.check()] == [0.0, 0.0]
    found = symdiff.system(Model().loss, argnums="scale")(1.0, 2.0)
    assert found.solve()["scale"] == 4.0


# Functions that get functions are not traced.
FOLLOWED = [c for c in CASES if not c.refused and not c.name.startswith("solvers.")]
SUPPORTED = list({c.function: c for c in FOLLOWED}.values())[::3]


MOST_ROWS = 3000


def system_of(case):
    args = copy.deepcopy(case.args)
    try:
        return symdiff.system(case.function, argnums=case.argnums)(*args)
    except symdiff.DifferentiationError as error:
        if not error.msg.endswith("holds more than real numbers"):
            raise
        return None


@pytest.mark.parametrize("case", SUPPORTED, ids=lambda c: c.name)
def test_against_the_adjoint_recursion(case, capsys):
    """All λ are the adjoints of the trace, whose inputs are tested to be `grad`'s."""
    found = system_of(case)
    if found is None or len(found) > MOST_ROWS:
        return
    solution, adjoints = found.solve(), found.trace.backward()
    rtol = 1e-4 if "single" in case.name else 1e-8
    for step in found.steps:
        got = by_place("v", solution[f"z{step.index}"])
        want = by_place("v", adjoints.get(step.index, 1.0))
        for place in got.keys() | want.keys():
            a, b = got.get(place, 0.0), want.get(place, 0.0)
            assert np.allclose(a, b, rtol=rtol, atol=1e-7)


# -- pictures -----------------------------------------------------------------------------


def pixels(png):
    """The size of a picture and the colours in it."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    (length,) = struct.unpack(">I", png[33:37])
    rows = zlib.decompress(png[41 : 41 + length])
    assert len(rows) == height * (1 + 3 * width)
    names = {(255,) * 3: "white", (176,) * 3: "grey", (42, 111, 187): "blue"}
    lines = [
        rows[k * (1 + 3 * width) + 1 : (k + 1) * (1 + 3 * width)] for k in range(height)
    ]
    found = {tuple(line[3 * k : 3 * k + 3]) for line in lines for k in range(width)}
    return width, height, {names[each] for each in found}


def test_pictures():
    found = symdiff.system(lambda u: np.sum(np.sin(u)))(np.array([1.0, 2.0]))
    drawn = ElementTree.fromstring(found.svg())
    titles = [node.text for node in drawn.iter() if node.tag.endswith("title")]
    assert "z1, z2: 0.540302" in titles
    assert len(titles) == found.A.nnz
    assert {node.text for node in drawn.iter() if node.tag.endswith("text")} == {
        "z1", "z2", "z3",
    }  # fmt: skip
    many = symdiff.system(lambda u: np.sum(np.sin(u)))(np.linspace(0, 1, 500))
    drawn = ElementTree.fromstring(many.svg())
    titles = [node.text for node in drawn.iter() if node.tag.endswith("title")]
    assert titles == ["z1, z1", "z2, z2", "z3, z3", "z1, z2", "z2, z3"]
    assert pixels(many.png()) == (72, 72, {"white", "grey", "blue"})
    assert pixels(found.png()) == (120, 120, {"white", "grey", "blue"})
    assert str(symdiff.system(lambda x: x)(1.0)) == (
        "L(z, λ) = z1\n    - λ1*(z1 - x)\n\n   z1\nz1  \\\n"
    )


def test_sums_and_writes_are_enclosed():
    def f(u, x):
        v = u * 2.0
        v[0] = -x
        return np.sum(v) - (x + 1.0) * x

    text = symdiff.system(f)(np.array([1.0, 2.0]), 3.0).lagrangian
    assert "(z3 - z1 * 2.0)" in text or "<λ3, z3 - z1 * 2.0>" in text
    assert "- λ4*(z4 - (-z2))" in text
    assert " - (z7 - z" in text or " - (z6 - z" in text


# -- what is refused ----------------------------------------------------------------------


def test_refusals():
    with pytest.raises(symdiff.DifferentiationError, match="z2 is not a real number"):
        symdiff.system(lambda u: u * 2.0)(np.array([1.0, 2.0]))
    with pytest.raises(symdiff.DifferentiationError) as error:
        symdiff.system(lambda x: (x, x * x))(1.0)
    assert error.value.msg.startswith("the result of `")
    with pytest.raises(symdiff.DifferentiationError, match="no derivative rule"):
        symdiff.system(lambda x: math.nextafter(x * x, 2.0))(1.0).solve()


def test_without_scipy(monkeypatch):
    found = symdiff.system(ladder)(0.5, 2)
    assert "L(z, λ)" in str(found)
    monkeypatch.setitem(sys.modules, "scipy.sparse", None)
    with pytest.raises(ModuleNotFoundError, match="needs SciPy: pip install scipy"):
        found.solve()
