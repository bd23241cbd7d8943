"""Jacobians by elimination of vertices, and what each order costs."""

from __future__ import annotations

import ast
import math

import pytest

import symdiff

ORDERS = ("least", "markowitz", "forward", "reverse")


def lighthouse(nu, gamma, omega, t):
    """Griewank & Walther, Evaluating Derivatives, section 2.1."""
    y1 = nu * math.tan(omega * t) / (gamma - math.tan(omega * t))
    y2 = gamma * y1
    return y1, y2


def waist(xs):
    """Three numbers meet in one, which goes a long way before it becomes three again."""
    s = math.sin(xs[0]) * math.cos(xs[1]) + math.sin(xs[2]) * xs[0]
    for _ in range(6):
        s = math.sin(s) * 1.5
    return [math.exp(s), math.cos(s), s**3]


def robot_arm(a, b, c, l1, l2, l3):
    """Where the hand of an arm with three joints is, and how far away."""
    x = l1 * math.cos(a) + l2 * math.cos(a + b) + l3 * math.cos(a + b + c)
    y = l1 * math.sin(a) + l2 * math.sin(a + b) + l3 * math.sin(a + b + c)
    reach = math.sqrt(x * x + y * y)
    return x / reach, y / reach, reach


def kepler(state, h):
    """One step of an orbit."""
    x, y, u, v = state
    r2 = x * x + y * y
    pull = -1 / (r2 * math.sqrt(r2))
    u = u + h * pull * x
    v = v + h * pull * y
    return [x + h * u, y + h * v, u, v]


def reaction(k, c):
    """Two reactions with saturated rates."""
    rate1 = k[0] * c[0] * c[1] / (1 + k[1] * c[0])
    rate2 = k[2] * math.exp(-k[3] / c[2]) * rate1
    return {"a": -rate1, "b": rate1 - rate2, "c": rate2 * rate2}


def with_branches(x, y):
    if x > 0 and y > 0:
        return x * y, x
    k = 2 if x < -1 else 3
    return k * x * x, max(x, y)


PROGRAMS = [
    (lighthouse, (1.2, 0.7, 0.3, 2.0)),
    (waist, ([0.4, 0.8, 0.3],)),
    (robot_arm, (0.3, 0.5, -0.2, 1.0, 0.8, 0.5)),
    (kepler, ([1.0, 0.2, -0.1, 0.9], 0.1)),
    (reaction, ([0.5, 0.3, 1.2, 0.7], [1.0, 2.0, 3.0])),
    (with_branches, (0.5, 1.5)),
    (with_branches, (-0.5, 1.5)),
    (with_branches, (-1.5, -2.0)),
]


def numbers(tree):
    if isinstance(tree, dict):
        return [n for v in tree.values() for n in numbers(v)]
    if isinstance(tree, (list, tuple)):
        return [n for v in tree for n in numbers(v)]
    return [tree]


def moved(tree, place, by):
    """The arguments with one of their numbers changed."""
    left = iter(range(len(numbers(tree))))

    def change(tree):
        if isinstance(tree, (list, tuple)):
            return type(tree)(map(change, tree))
        return tree + by if next(left) == place else tree

    return change(tree)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("function, args", PROGRAMS)
def test_against_differences_and_forward_mode(function, args, order):
    jacobian = symdiff.eliminate(function, order=order)
    found = jacobian(*args)
    want = symdiff.jacfwd(function, tuple(range(len(args))))(*args)
    if len(args) == 1:
        want = type(want)(row[0] for row in want)
    assert numbers(found) == pytest.approx(numbers(want), rel=1e-12, abs=1e-14)
    columns = []
    for place in range(len(numbers(args))):
        ahead, behind = (function(*moved(args, place, e)) for e in (1e-6, -1e-6))
        columns.append(
            [(a - b) / 2e-6 for a, b in zip(numbers(ahead), numbers(behind), strict=True)]
        )
    rows = [n for row in zip(*columns, strict=True) for n in row]
    assert numbers(found) == pytest.approx(rows, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("function, args", PROGRAMS)
def test_the_source_stands_alone_and_is_straight(function, args):
    for order in ORDERS:
        jacobian = symdiff.eliminate(function, order=order)
        found = jacobian(*args)
        space: dict = {}
        exec(jacobian.source, space)
        assert space[f"{function.__name__}_jacobian"](*args) == found
        tree = ast.parse(jacobian.source).body[-1]
        assert not any(isinstance(n, (ast.For, ast.While, ast.If)) for n in ast.walk(tree))


def written(source):
    """The multiplications and divisions in a text."""
    nodes = ast.walk(ast.parse(source))
    return sum(isinstance(getattr(n, "op", None), (ast.Mult, ast.Div)) for n in nodes)


def test_the_text_of_the_cheaper_order_is_no_longer():
    for function in (lighthouse, waist):
        args = next(args for f, args in PROGRAMS if f is function)
        counts = []
        for order in ("markowitz", "forward", "reverse"):
            jacobian = symdiff.eliminate(function, order=order)
            jacobian(*args)
            counts.append(written(jacobian.source))
        # The passes that follow shorten what forward and reverse order leave.
        assert counts[0] <= counts[1] < counts[2]


COUNTS = {
    lighthouse: {"markowitz": 12, "forward": 15, "reverse": 18},
    waist: {"markowitz": 26, "forward": 48, "reverse": 57},
    kepler: {"markowitz": 22, "forward": 24, "reverse": 36},
    robot_arm: {"markowitz": 54, "forward": 54, "reverse": 62},
}
WINS = (lighthouse, waist, kepler)


@pytest.mark.parametrize("function", COUNTS, ids=lambda f: f.__name__)
def test_multiplications(function):
    args = next(args for f, args in PROGRAMS if f is function)
    jacobian = symdiff.eliminate(function)
    jacobian(*args)
    counts = jacobian.multiplications
    assert counts == COUNTS[function]
    if function in WINS:
        assert counts["markowitz"] < min(counts["forward"], counts["reverse"])
    listed = ", ".join(f"{order} {count}" for order, count in counts.items())
    assert listed in " ".join(jacobian.source.split())


def test_argnums_and_structure():
    assert symdiff.eliminate(lambda x: x * x)(3.0) == 6.0
    assert symdiff.eliminate(lambda x, y: x * y)(3.0, 2.0) == (2.0, 3.0)
    assert symdiff.eliminate(lambda x, y: x * y, "y")(3.0, 2.0) == 3.0
    assert symdiff.eliminate(lambda x, y: x * y, ("y",))(3.0, 2.0) == (3.0,)
    assert symdiff.eliminate(lambda x, n: (x**n, x, 2.0))(3.0, 2) == (6.0, 1.0, 0.0)
    assert symdiff.eliminate(lambda x: (x, x))(3.0) == (1.0, 1.0)
    assert symdiff.eliminate(lambda x: x, 0)(3) == 1.0
    assert repr(symdiff.eliminate(lighthouse)).startswith("<lighthouse_jacobian of ")
    text = symdiff.source(lighthouse, 1.0, 2.0, 3.0, 4.0, mode="jacobian", argnums=(0, 3))
    assert "with respect to nu, t." in text


def refused(function, *args):
    with pytest.raises(symdiff.DifferentiationError) as error:
        symdiff.eliminate(function)(*args)
    return error.value.msg


def test_what_is_refused():
    import numpy as np

    assert refused(lambda u: u[0] * u[1], np.ones(2)) == (
        "`u` is no number (float64[:]): vertices are numbers"
    )
    assert refused(lambda x: np.array([x, x * x]), 1.0).startswith("this is no number")
    assert refused(lambda x: math.log(x) if x > 0 else x, 1.0) == (
        "both sides of this branch run, and this may fail"
    )
    assert refused(lambda x: math.nextafter(x, 1.0), 2.0) == (
        "no derivative rule for `math.nextafter`"
    )

    def endless(x):
        while x < 10:
            x = 2 * x
        return x

    assert refused(endless, 1.0).startswith("how often this loop runs is not known")
    with pytest.raises(ValueError, match="no order 'best'; there are least, markowitz"):
        symdiff.eliminate(lighthouse, order="best")
    with pytest.raises(ValueError, match="call it first"):
        symdiff.eliminate(lighthouse).source
