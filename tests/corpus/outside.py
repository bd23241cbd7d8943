"""Values that a function finds outside: tables, settings, objects, closures."""

from __future__ import annotations

import importlib
import math
import sys
from typing import NamedTuple

import numpy as np

from corpus.registry import case

RATES = {"a": 1.5, "b": 2.0, "mode": "fast", "fn": math.sin}
REACTIONS = [(["A", "B"], ["C"], 1.0), (["C"], ["A", "A"], 0.5)]
SPECIES = ["A", "B", "C"]
LAYERS = [np.array([[1.0, 2.0], [0.5, 1.0]]), np.array([[1.0, -1.0]])]
TABLE = [(0.5, 1.0), (1.5, -2.0)]
AXES = {"axis": (0, 2), "keepdims": True}
ORDER = (2, 0, 1)


@case(1.2, 0.7)
def dict_of_settings(x, y):
    return x * RATES["a"] + (RATES["fn"](y) if RATES["mode"] == "fast" else y)


@case(np.arange(24.0).reshape(2, 3, 4) / 10)
def axes_outside(a):
    turned = np.transpose(a, ORDER)
    return np.sum(np.sin(np.sum(turned, **AXES)) * turned)


@case(np.array([0.3, 0.8]))
def reaction_table(k):
    c = [1.0 * k[0], 2.0, k[1]]
    s = 0.0
    for (rs, ps, e), rate in zip(REACTIONS, k):
        v = rate * e
        for n in rs:
            v = v * c[SPECIES.index(n)]
        for n in ps:
            s += v * (SPECIES.index(n) + 1)
    return s


@case(1.2, 0.7)
def known_layers(x, y):
    h = np.array([x, y])
    for W in LAYERS:
        h = np.tanh(W @ h)
    return h[0]


@case(1.2)
def table_of_pairs(x):
    s = 0.0
    for w, p in TABLE:
        s += w * x**p
    return s


@case(1.2, 0.7)
def keys_by_f_string(x, y):
    params = {f"W{k}": x * k + y for k in range(1, 4)}
    s = 0.0
    for k in range(1, 4):
        s += params[f"W{k}"] * k
    return s


@case(1.2, 0.7)
def letters_compared(x, y):
    a, b = "kitten", "sit"
    s = 0.0
    for i in range(len(a)):
        for j in range(len(b)):
            s += x * (i + 1) if a[i] == b[j] else y * j
    return s


@case(1.2, 5)
def history_of_pairs(x, n):
    h = []
    t = 0.0
    for i in range(n):
        x = x * 1.1
        t += 0.1
        h.append((t, x))
    last = h[-1]
    return sum(v * a for a, v in h) + last[1] * h[0][0]


class Cfg:
    steps = 3
    table = [("a", 1.0), ("b", 2.0)]


@case(1.2)
def class_constants(x):
    for k, v in Cfg.table:
        x = x * v + (0.1 if k == "b" else 0.0)
    for i in range(Cfg.steps):
        x = math.sin(x)
    return x


def fac(k, opts):
    def f(x):
        return x * k * opts["z"][0]

    return f


f1, f2 = fac(2.0, {"z": [1.0, "q"]}), fac(3.0, {"z": [5.0, "r"]})


@case(1.2)
def two_closures_of_a_factory(x):
    return f1(x)


class Branch:
    def __init__(self, name="", length=0.0, children=()):
        self.name, self.length = name, length
        self.children = []
        self.parent = None
        for child in children:
            child.parent = self
            self.children.append(child)

    def __abs__(self):
        return self.length

    @property
    def is_leaf(self):
        return not self.children

    def postorder(self):
        for child in self.children:
            yield from child.postorder()
        yield self


TREE = Branch(
    children=[Branch("a", 0.1), Branch("", 0.2, [Branch("b", 0.3), Branch("c", 0.4)])]
)
LETTERS = {"a": "AC", "b": "CA", "c": "AA"}


def likelihood(node, site, rate):
    if node.is_leaf:
        found = np.zeros(2)
        found["AC".index(LETTERS[node.name][site])] = 1.0
        return found
    found = np.ones(2)
    for child in node.children:
        p = math.exp(-rate * child.length)
        found *= np.array([[p, 1 - p], [1 - p, p]]) @ likelihood(child, site, rate)
    return found


@case(1.2)
def tree_outside_that_is_walked_down(rate):
    total = 0.0
    for site in range(2):
        total += math.log(likelihood(TREE, site, rate).sum())
    return total


@case(1.2)
def tree_outside_that_is_walked_up(rate):
    found = {}
    for node in TREE.postorder():
        below = sum(found[id(child)] * abs(child) for child in node.children)
        found[id(node)] = rate ** (1.0 + node.length) + below
    return found[id(TREE)]


def with_all_but_one(function, args, place):
    return lambda x: function(*args[:place], x, *args[place + 1 :])


area = with_all_but_one(lambda a, b, c: a * b + c**2, (2.0, 3.0, 0.5), 1)


@case(1.2)
def slices_of_a_tuple_outside(x):
    return area(x)


@case(1.2)
def results_by_the_names_of_functions(x):
    found = {f.__name__: f(x) for f in (math.sin, math.cos, lambda t: t * t)}
    return found["sin"] * found["cos"] + found["<lambda>"]


@case(1.2)
def names_in_order_from_a_set(x):
    names = sorted({name for left, right, _ in REACTIONS for name in left + right})
    place = {name: k for k, name in enumerate(names)}
    u = np.array([x, x**2, x**3])
    return u[place["C"]] * u[place["A"]] + len(names)


class Link(NamedTuple):
    length: float
    offset: float = 0.0

    def reach(self, angle):
        return self.length * math.cos(angle + self.offset)


ARM = [Link(0.3), Link(0.5, offset=0.2), Link(length=0.4)]


@case(np.array([0.1, 0.5, -0.4]))
def named_tuples_with_methods(angles):
    return sum(link.reach(angle) for link, angle in zip(ARM, angles)) * ARM[0].length


class Ion:
    scale = 2.0

    def __init__(self, name, charge, mass):
        self.name, self.charge, self.mass = name, charge, mass
        self.place = np.array([charge, mass])

    @property
    def ratio(self):
        return self.charge / self.mass

    def energy(self, x):
        return self.mass * x**2 * self.scale


IONS = [Ion("Na", 1.0, 2.3), Ion("Cl", -1.0, 3.5), Ion("Mg", 2.0, 2.4)]


@case(1.3, np.int64(1))
@case(1.3, np.int64(2))
def object_of_the_module_that_the_run_picks(x, i):
    ion = IONS[i]
    if i > 1:
        ion = IONS[0]
    return ion.energy(x) + IONS[i].ratio * x + IONS[1].charge * x**3


@case(1.3, np.int64(3), np.array([0, 2, 1, 1]))
def pairs_of_objects_of_the_module(x, n, kinds):
    total = sum(IONS[k].mass * x for k in kinds)
    for i in range(n):
        for j in range(n):
            if i != j:
                apart = np.linalg.norm(x * IONS[i].place - x * x * IONS[j].place)
                total += IONS[i].charge * IONS[j].charge / apart
    return total


WITH_SLOPE, WITH_CURVE, WITH_AREA = 1 << 3, 1 << 4, 1 << 5
CAPABILITIES = WITH_SLOPE | WITH_AREA


def _described(x, wanted=CAPABILITIES):
    wanted &= 0xFF
    found = {"value": x**3}
    if wanted & WITH_SLOPE:
        found["slope"] = 3 * x**2
    if wanted & WITH_CURVE:
        found["curve"] = 6 * x
    if wanted >> 5 & 1:
        found["area"] = x**4 / 4
    return found


@case(1.3)
def results_by_mask(x):
    few, more = _described(x), _described(2 * x, CAPABILITIES ^ WITH_SLOPE | WITH_CURVE)
    return few["slope"] * few["area"] + more["curve"] * len(more)


class ChosenModule:
    """Stands for the module that is chosen by a name."""

    def __getattr__(self, name):
        module = importlib.import_module(ARRAY_MODULES[CHOSEN])
        return getattr(module, name)


ARRAY_MODULES = {"plain": "numpy", "by rules": "math"}
CHOSEN = "plain"
xp = ChosenModule()


@case(np.array([0.4, 1.1, -0.6]))
def module_behind_attributes(x):
    waves = xp.column_stack([xp.cos(2 * xp.pi * x), xp.exp(-x)])
    return xp.sum(waves * xp.array([1.0, 0.5]))


@case(1.2, 0.7)
def limits_of_floats(x, y):
    floor = math.log(sys.float_info.min)
    return x * floor + max(x * y, sys.float_info.epsilon) / sys.float_info.max_exp


def _spread(noise, size):
    return np.eye(size) * noise if np.isscalar(noise) else np.atleast_2d(noise)


@case(np.array([0.3, 0.8]), 1.7)
def scalars_and_arrays(x, noise):
    rows = [x] if np.isscalar(x[0]) else x
    costs = [row @ _spread(noise, 2) @ row for row in rows]
    whole = _spread(np.diag(x), 2) @ x
    picked = np.where(noise > 1.0, noise**2, noise)  # an array without axes
    return costs[0] + np.sum(whole) + (noise if np.isscalar(picked) else picked)
