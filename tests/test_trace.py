"""What a function executes: the listings, the gradients over them, and the graph.

`python tests/test_trace.py` writes `golden/traces.txt` anew; read what changed.
"""

from __future__ import annotations

import copy
import decimal
import math
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from corpus import CASES
from corpus.trees import leaves, same
from traced import TRACED, network

import symdiff
from symdiff.ir.structure import part_text
from symdiff.tracing.operations import result_of

GOLDEN = Path(__file__).parent / "golden" / "traces.txt"


# -- the listings -------------------------------------------------------------------------


def listings() -> str:
    texts = []
    for function, args, depth in TRACED:
        listed = symdiff.trace(function, depth=depth)(*copy.deepcopy(args))
        opened = "" if depth == 0 else f", depth={depth}"
        texts.append(f"{function.__name__}{opened}\n\n{listed}")
    return "\n".join(texts)


def test_listings():
    assert listings() == GOLDEN.read_text(encoding="utf-8")


def test_the_nine_equations():
    args = next(args for function, args, _ in TRACED if function is network)
    found = symdiff.trace(network)(*args)
    assert [str(step) for step in found] == [
        "z1 = x", "z2 = y", "z3 = w1", "z4 = w2", "z5 = z1 @ z3", "z6 = sigmoid(z5)",
        "z7 = z6 @ z4", "z8 = softmax(z7)", "z9 = cross_entropy(z8, z2)",
    ]  # fmt: skip
    assert [found.a(i) for i in range(5, 10)] == [(1, 3), (5,), (6, 4), (7,), (8, 2)]
    assert [found.b(i) for i in range(1, 10)] == [
        (5,), (9,), (5,), (7,), (6,), (7,), (8,), (9,), (),
    ]  # fmt: skip
    assert found.value == network(*args) == found[9].value
    assert found[6].name == "hidden"
    assert found[7].line == found[8].line


# -- values and gradients -----------------------------------------------------------------

# Functions that get functions are not traced.
FOLLOWED = [c for c in CASES if not c.refused and not c.name.startswith("solvers.")]
SUPPORTED = list({c.function: c for c in FOLLOWED}.values())
NAMES = [f"{k}-{c.name}" for k, c in enumerate(SUPPORTED)]


def by_place(name, value):
    """The numbers and arrays of a gradient by the text of their place."""
    found = {}
    for path, leaf in leaves(value):
        place, steps = value, []
        for form, key in path:
            fields = getattr(place, "_fields", None)
            place = getattr(place, key) if form == "attr" else place[key]
            steps.append(("attr", fields[key]) if fields else (form, key))
        if leaf is not None and np.any(leaf):
            found[part_text(name, steps)] = leaf
    return found


@pytest.mark.parametrize("number, case", [*enumerate(SUPPORTED)], ids=NAMES)
def test_against_the_generated_code(number, case, capsys):
    """The values are the function's, and the gradients those of `grad`."""
    depth = (0, None, 1)[number % 3]
    traced = symdiff.trace(case.function, depth=depth, argnums=case.argnums)
    args = copy.deepcopy(case.args)
    found = traced(*args)
    want, gradients = symdiff.value_and_grad(case.function, case.argnums)(*case.args)
    assert np.allclose(found.value, want, rtol=1e-13, equal_nan=True)
    assert same(args, case.args), "an argument was changed"
    single = "single" in case.function.__module__
    adjoints = found.backward()
    got, names = {}, case.function.__code__.co_varnames
    for name, step in found.inputs.items():
        got |= by_place(name, adjoints.get(step.index))
    for place, gradient in zip(case.argnums, gradients, strict=True):
        for text, leaf in by_place(names[place], gradient).items():
            assert np.allclose(got[text], leaf, rtol=1e-5 if single else 1e-9, atol=1e-12)


def test_steps_and_their_jacobians():
    args = next(args for function, args, _ in TRACED if function is network)
    found = symdiff.trace(network)(*args)
    adjoints = found.backward()
    table = {9: 1.0}
    for i in range(8, 0, -1):
        total = np.zeros_like(found[i].value)
        for k in found.b(i):
            bar = np.asarray(table[k])
            total += np.tensordot(bar, found.jacobian(k, i), bar.ndim)
        table[i] = total
        assert np.allclose(table[i], adjoints[i], rtol=1e-12, atol=1e-15), i
    assert np.all(found.jacobian(9, 1) == np.zeros(2))


def test_the_gradient_of_any_step():
    def f(x, y):
        a = x * y
        b = math.sin(a)
        return a + b, b * y

    found = symdiff.trace(f)(0.7, 1.3)
    assert found.value == f(0.7, 1.3)
    with pytest.raises(symdiff.DifferentiationError) as error:
        found.backward()
    assert str(error.value) == (
        "the result of `f` is not one number or array\n = help: say which step: of=..."
    )
    (last,) = [step for step in found if step.text == "z4 * z2"]
    want = symdiff.grad(lambda x, y: math.sin(x * y) * y)(0.7, 1.3)
    assert found.backward(of=last.index)[1] == pytest.approx(want, rel=1e-14)


def test_derivatives_that_bring_functions_along():
    scipy_special = pytest.importorskip("scipy.special")

    def f(x):
        return symdiff.grad(scipy_special.zetac)(x) * x

    assert symdiff.trace(f)(2.5).value == pytest.approx(f(2.5))


def test_an_array_needs_an_adjoint_to_begin_with():
    found = symdiff.trace(lambda u: u**2)(np.array([1.0, 2.0]))
    with pytest.raises(symdiff.DifferentiationError, match="z2 is not a real number"):
        found.backward()
    assert found.backward(bar=np.array([1.0, 10.0]))[1].tolist() == [2.0, 40.0]
    assert found.backward(bar=1.0)[1].tolist() == [2.0, 4.0]


def test_what_has_no_rule_is_traced_but_not_differentiated():
    def f(x):
        return math.nextafter(x * x, 10.0)

    found = symdiff.trace(f)(1.5)
    assert found.value == f(1.5)
    with pytest.raises(symdiff.DifferentiationError) as error:
        found.backward()
    assert error.value.msg == "no derivative rule for `math.nextafter`"
    assert error.value.lineno == f.__code__.co_firstlineno + 1


def test_no_dependence_is_lost_in_what_is_run_as_it_is():
    def f(x):
        return float(decimal.Decimal(x)) * x

    def g(x):
        return abs(x * 2j) * x

    found = symdiff.trace(g)(1.5)
    assert found.value == g(1.5)
    assert found.backward()[1] == 4 * 1.5
    found = symdiff.trace(f)(1.5)
    assert found.value == f(1.5)
    with pytest.raises(symdiff.DifferentiationError, match="no derivative rule"):
        found.backward()


def test_a_loop_that_does_not_end_is_refused():
    def f(x):
        while x > 0:
            x = x + 1.0
        return x

    def g(x):
        while True:
            if x < 0:
                break
        return x

    for function in (f, g):
        with pytest.raises(symdiff.DifferentiationError) as error:
            symdiff.trace(function, limit=1000)(1.0)
        assert error.value.msg == "the list of equations has not ended after 1,000 of them"
        assert error.value.filename == __file__
    assert symdiff.trace(f, limit=1000)(-1.0).value == -1.0


def test_errors_of_the_function_are_its_own():
    with pytest.raises(ZeroDivisionError):
        symdiff.trace(lambda x: 1 / (x - x))(1.0)
    with pytest.raises(TypeError, match="missing a required argument: 'y'"):
        symdiff.trace(lambda x, y: x)(1.0)


def test_integers_are_floats_where_asked():
    found = symdiff.trace(lambda x: x * x, argnums=0)(3)
    assert found.backward() == {1: 6.0, 2: 1.0}


def test_steps_are_counted_from_one():
    found = symdiff.trace(lambda x: x * x)(3.0)
    assert [step.index for step in found] == [1, 2]
    with pytest.raises(IndexError, match="there is no z3: the list goes from z1 to z2"):
        found[3]


def test_values_are_not_changed_afterwards():
    def f(u):
        v = u * 2.0
        w = v
        w[0] = 5.0
        return np.sum(v)

    found = symdiff.trace(f)(np.array([1.0, 2.0]))
    values = [np.asarray(step.value).tolist() for step in found]
    assert values == [[1.0, 2.0], [2.0, 4.0], [5.0, 4.0], 9.0]


def test_operations_of_lists():
    assert result_of("list.zip", [[1, 2], [3, 4]], None) == [(1, 3), (2, 4)]
    assert result_of("list.column", [[(1, 3), (2, 4)]], 1) == [3, 4]
    assert result_of("boolean or", [0, "", 3], None) == 3


# -- the graph ----------------------------------------------------------------------------


def neuron(w, x, b):
    u = w @ x
    v = u + b
    return 1 / (1 + math.exp(-v))


def ladder(x, n):
    a = b = x
    for _ in range(n):
        a, b = a + b, a * b
    return a + b


def at(*args):
    return symdiff.graph(neuron)(np.array([1.0, 2.0]), np.array([0.3, 0.4]), 0.1, *args)


def test_parts_of_a_graph():
    g = at()
    assert repr(g.get_operation("v")) == "<add: z5 = z4 + z3>"
    assert [str(p) for p in g.get_parents("v")] == ["z4 = z1 @ z2", "z3 = b"]
    assert [str(c) for c in g.get_children("u")] == ["z5 = z4 + z3"]
    assert g.get_operation("v").forward(1.0, 2.0) == 3.0
    assert g.get_operation(4).bprop([], "x", 2.0).tolist() == [2.0, 4.0]
    moved = g.get_operation("u").bprop([np.array([5.0, 6.0]), np.ones(2)], "x", 2.0)
    assert moved.tolist() == [10.0, 12.0]
    assert repr(g) == "<graph of neuron: 9 variables, 8 edges>"


def test_forward_with_other_inputs():
    g = at()
    assert g.forward()[9] == neuron(np.array([1.0, 2.0]), np.array([0.3, 0.4]), 0.1)
    assert g.forward({"b": 0.7})[9] == neuron(
        np.array([1.0, 2.0]), np.array([0.3, 0.4]), 0.7
    )


def test_back_propagation_looks_at_what_lies_between_only():
    g = at()
    assert sorted(g.between(["u"])) == [4, 5, 6, 7, 8, 9]
    assert sorted(g.backprop("b")) == [3, 5, 6, 7, 8, 9]
    table = g.backprop(["w", "b"])
    want = symdiff.grad(neuron, (0, 2))(np.array([1.0, 2.0]), np.array([0.3, 0.4]), 0.1)
    assert np.allclose(table[1], want[0], rtol=1e-14)
    assert table[3] == pytest.approx(want[1], rel=1e-14)
    assert 2 not in table
    assert g.backprop("w", "u") == {1: pytest.approx([0.3, 0.4]), 4: 1.0}
    assert g.backprop("b", "u") == {3: 0.0}


@pytest.mark.parametrize("n", [1, 4, 10, 30])
def test_edges_grow_linearly_and_paths_exponentially(n, monkeypatch):
    g = symdiff.graph(ladder)(0.5, n)
    assert len(g.edges()) == 4 * n
    assert g.paths("x") == 2**n
    visited = []
    vjp = g.trace.vjp
    monkeypatch.setattr(
        g.trace, "vjp", lambda k, *args, **kw: visited.append(k) or vjp(k, *args, **kw)
    )
    gradient = g.backprop("x")[1]
    assert len(visited) == len(set(visited)) == len(g)
    if n < 30:
        assert gradient == pytest.approx(symdiff.grad(ladder)(0.5, n), rel=1e-12)


def test_unknown_variables():
    with pytest.raises(symdiff.DifferentiationError) as error:
        at().backprop("weights")
    assert str(error.value) == (
        "the graph of `neuron` has no variable `weights`\n"
        " = help: they are z1 to z9, also called w, x, b, u, v"
    )
    for unknown in (0, 10, at().variable("u")):
        with pytest.raises(symdiff.DifferentiationError, match="has no variable `z"):
            at().get_parents(unknown)
    with pytest.raises(symdiff.DifferentiationError, match="z5 has 2 parents, not 1"):
        at().get_operation("v").forward(1.0)


def test_pictures():
    g = symdiff.graph(lambda x, y: x * y + x)(2.0, 3.0)
    assert g.dot() == (
        'digraph {\n    rankdir=BT\n    node [shape=box, fontname="monospace"]\n'
        '    z1 [label="z1 = x\\n2"]\n    z2 [label="z2 = y\\n3"]\n'
        '    z3 [label="z3 = z1 * z2\\n6"]\n    z4 [label="z4 = z3 + z1\\n8"]\n'
        "    z1 -> z3\n    z2 -> z3\n    z3 -> z4\n    z1 -> z4\n}\n"
    )
    both = g.dot("y")
    assert 'z2_bar [label="z2_bar\\n2", style=dashed]' in both
    assert "z3_bar -> z2_bar" in both
    assert "z1_bar" not in both
    drawn = ElementTree.fromstring(g.svg("x"))
    texts = [node.text for node in drawn.iter() if node.tag.endswith("text")]
    primal = ["z1 = x", "2", "z2 = y", "3", "z3 = z1 * z2", "6", "z4 = z3 + z1", "8"]
    assert texts[:8] == primal
    assert texts[8:] == ["z1_bar", "4", "z3_bar", "1", "z4_bar", "1"]
    edges = [node for node in drawn.iter() if node.tag.endswith("path")]
    assert len(edges) == 1 + 4 + 3  # the tip of the arrows; and both graphs
    boxes = [node.attrib for node in drawn.iter() if node.tag.endswith("rect")][1:]
    assert len(boxes) == 7
    corners = [(float(b["x"]), float(b["y"]), float(b["width"])) for b in boxes]
    for k, (x, y, width) in enumerate(corners):  # none covers another
        assert not any(y == v and x <= u <= x + width for u, v, _ in corners[k + 1 :])


def test_a_graph_of_many_layers_is_drawn():
    def ladder(x):
        a, b = x, 2.0 * x
        for _ in range(20):
            a, b = a + b, a * b
        return a

    g = symdiff.graph(ladder)(0.1)
    drawn = ElementTree.fromstring(g.svg())
    texts = [node.text for node in drawn.iter() if node.tag.endswith("text")]
    assert len(texts) == 2 * len(g)


if __name__ == "__main__":
    GOLDEN.write_text(listings(), encoding="utf-8")
