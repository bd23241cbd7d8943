"""Structured arguments and results: their forms, and what the gradients look like."""

from __future__ import annotations

import argparse
import collections
import copy
import inspect
import math
import types
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pytest
from corpus.trees import same

import symdiff
from symdiff import check_grads, grad, value_and_grad


@pytest.fixture(autouse=True)
def _no_disk_cache(monkeypatch):
    monkeypatch.setenv("SYMDIFF_CACHE", "off")


# -- results beside the value ---------------------------------------------------------


def with_rest(x, u):
    total = 0.0
    v = u.copy()
    for i in range(len(u)):
        v[i] = v[i] * x + i
        total += v[i] ** 2
    return total, (v, [x, total], {"last": v[-1]} if False else ())


def test_has_aux_returns_the_rest_as_the_function_does():
    u = np.array([1.0, 2.0, 3.0])
    value, (v, pair, nothing) = with_rest(2.0, u)
    (got, rest), (x_bar, u_bar) = value_and_grad(with_rest, (0, 1), has_aux=True)(2.0, u)
    assert got == value
    assert np.array_equal(rest[0], v)
    assert rest[1] == pair
    assert type(rest[1]) is list
    assert rest[2] == nothing == ()
    alone, other = grad(with_rest, (0, 1), has_aux=True)(2.0, u)
    assert same(alone, (x_bar, u_bar))
    assert same(other, rest)
    check_grads(with_rest, (2.0, u), has_aux=True)


def test_has_aux_does_not_matter_to_the_gradient():
    def both(x):
        return x**3, x**2

    def first(x):
        return x**3

    assert grad(both, has_aux=True)(1.5) == (grad(first)(1.5), 1.5**2)


def test_an_array_among_the_rest_is_the_final_one():
    def writes(x, u):
        u[0] = x * u[0]
        half = u * 0.5
        u[1] = half[0] * u[0]
        return u.sum() * x, u

    u = np.array([1.0, 2.0])
    want = writes(3.0, u.copy())[1]
    _, rest = grad(writes, (0, 1), has_aux=True)(3.0, u)
    assert np.array_equal(rest, want)
    assert np.array_equal(u, [1.0, 2.0])


def test_has_aux_on_several_paths():
    def early(x):
        if x < 0:
            return -x, ("negative", 1)
        y = x * x
        return y, ("positive", 2)

    gradient = value_and_grad(early, has_aux=True)
    assert gradient(-2.0) == ((2.0, ("negative", 1)), -1.0)
    assert gradient(3.0) == ((9.0, ("positive", 2)), 6.0)


def test_has_aux_as_decorator_and_in_source():
    @value_and_grad(has_aux=True)
    def f(x):
        return x * x, x

    assert f(3.0) == ((9.0, 3.0), 6.0)
    assert f.source.endswith("    return (x * x, x), 2.0 * x\n")
    assert f.specialize(2.0)(3.0) == ((9.0, 3.0), 6.0)
    assert symdiff.source(f.primal, 1.0, has_aux=True).endswith("    return 2.0 * x, x\n")
    assert copy.deepcopy(f)(3.0) == f(3.0)


def test_has_aux_needs_a_pair():
    def single(x):
        return x * x

    with pytest.raises(symdiff.DifferentiationError, match="must return a pair"):
        grad(single, has_aux=True)(1.0)


# -- tuples ---------------------------------------------------------------------------


def test_the_gradient_of_a_tuple_is_a_tuple():
    def f(p, x):
        (a, b), c = p
        return a * x**2 + math.sin(b) * c

    p = (1.0, 0.5), 2.0
    assert grad(f)(p, 3.0) == ((9.0, 2.0 * math.cos(0.5)), math.sin(0.5))
    assert grad(f, (0, 1))(p, 3.0)[1] == 6.0


def test_a_tuple_is_unpacked_once():
    def f(params, x):
        (W, b), c = params
        return np.sum(W @ x + b) * c

    gradient = grad(f)
    gradient(((np.ones((2, 2)), np.ones(2)), 3.0), np.ones(2))
    assert "(W, b), c = params\n" in gradient.source


def test_shared_memory_inside_a_tuple_is_refused_if_written():
    def f(p):
        u, v = p
        u[0] = 2.0 * v[1]
        return np.sum(u * v)

    u = np.ones(3)
    with pytest.raises(symdiff.DifferentiationError, match=r"writes into `p\[0\]`"):
        grad(f)((u, u))
    check_grads(f, ((u, 2 * u),))


def test_shapes_that_do_not_fit_inside_a_tuple():
    def f(p):
        u, v = p
        return np.sum(u * v)

    with pytest.raises(ValueError, match=r"do not fit together|broadcast"):
        grad(f)((np.ones(3), np.ones(4)))


# -- other structures -----------------------------------------------------------------


@dataclass
class Spring:
    stiffness: float
    damping: float = 0.1
    steps: int = 3
    name: str = "spring"

    def force(self, x):
        return -self.stiffness * x


@dataclass(frozen=True)
class Frozen:
    a: float
    b: float = field(init=False, default=2.0)


@dataclass(slots=True)
class Positive:
    a: float
    b: np.ndarray

    def __post_init__(self):
        if self.a < 0:
            raise ValueError("negative")


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a, b):
        self.a, self.b = a, b


class Point(NamedTuple):
    x: float
    y: float


def opposite(p):
    return -p.a * np.sum(p.b)


def test_gradients_have_the_class_of_their_argument():
    for value in (
        Frozen(1.0),
        Positive(1.5, np.ones(2)),
        Slotted(1.0, 2.0),
        types.SimpleNamespace(a=1.0, b=2.0),
    ):
        found = grad(opposite)(value)
        assert type(found) is type(value)
        assert found.a == -np.sum(value.b)
        assert np.all(found.b == -value.a)
        check_grads(opposite, (value,))


def test_a_dataclass_and_what_has_no_derivative_in_it():
    def f(p, x):
        for _ in range(p.steps):
            x = x + p.damping * p.force(x)
        return x if p.name == "spring" else -x

    p = Spring(2.0)
    found = grad(f)(p, 1.0)
    assert type(found) is Spring
    assert (found.steps, found.name) == (0.0, None)
    assert grad(f)(Spring(2.0, name="other"), 1.0).stiffness == -found.stiffness
    check_grads(f, (p, 1.0))
    assert p == Spring(2.0)


def test_integers_in_a_structure_are_numbers_or_counts():
    def f(p):
        return p["a"] ** 2 * sum(1.0 for _ in range(p["n"])) / p["n"]

    assert grad(f)({"a": 3, "n": 4}) == {"a": 6.0, "n": 0.0}
    assert 'float(p["a"])' in symdiff.source(f, {"a": 3, "n": 4})


def test_integer_arrays_index_but_are_not_differentiated_by():
    def taken(p):
        u, k = p
        return np.sum(u[k] ** 2)

    u_bar, k_bar = grad(taken)((np.array([1.0, 2.0, 3.0]), np.array([0, 2])))
    assert np.array_equal(u_bar, [2.0, 0.0, 6.0])
    assert np.array_equal(k_bar, [0.0, 0.0])

    def weighed(p):
        u, k = p
        return np.sum(u * k)

    with pytest.raises(
        symdiff.DifferentiationError, match=r"`p\[1\]` is an array of int64"
    ):
        grad(weighed)((np.ones(2), np.arange(2)))


def test_named_tuples():
    def f(p):
        x, y = p
        return x * y + p.x**2

    assert grad(f)(Point(2.0, 3.0)) == Point(7.0, 2.0)
    assert type(grad(f)(Point(2.0, 3.0))) is Point


def test_what_the_function_changes_stays_the_callers():
    def f(p, q):
        p["w"] = p["w"] * 2
        p["new"] = p["w"]
        q.a = p["new"] * q.a
        q.b[0] = q.a
        return q.a * p["w"] + np.sum(q.b)

    p, q = {"w": 2.0}, Positive(1.5, np.ones(2))
    check_grads(f, (p, q))
    first, second = grad(f, (0, 1))(p, q)
    assert p == {"w": 2.0}
    assert (q.a, list(q.b)) == (1.5, [1.0, 1.0])
    assert list(first) == ["w"]
    assert type(second) is Positive


def test_one_object_in_two_places():
    def reads(p, q):
        return p["w"] * q["w"]

    def writes(p, q):
        p["w"] = p["w"] * 2
        return p["w"] * q["w"]

    p = {"w": 3.0}
    assert grad(reads, (0, 1))(p, p) == ({"w": 3.0}, {"w": 3.0})
    with pytest.raises(symdiff.DifferentiationError, match="another dict"):
        grad(writes)(p, p)


class Knot:
    def __init__(self, x):
        self.x = x
        self.place = np.array([x, 1.0])


@dataclass
class Link:
    start: Knot
    end: Knot
    length: float


def test_code_is_as_long_for_many_items_as_for_some():
    def stretched(links, rates):
        for link in links:
            link.end.x += link.start.x
        return sum(rates[k % 7] * link.end.x * link.length for k, link in enumerate(links))

    def call(count):
        links = [Link(Knot(0.1 * k), Knot(0.2 * k), 1.5) for k in range(count)]
        return links, {k: 1.0 + k for k in range(count)}

    gradient = grad(stretched, (0, 1))
    texts = set()
    for count in (17, 500):
        links, rates = call(count)
        first, second = gradient(links, rates)
        assert [type(link) for link in first] == [Link] * count
        assert [link.end.x for link in first] == [rates[k % 7] * 1.5 for k in range(count)]
        assert first[0].end.place.tolist() == [0.0, 0.0]
        assert list(second) == list(rates)
        assert second[6] == sum((0.2 * k + 0.1 * k) * 1.5 for k in range(6, count, 7))
        assert links[3].end.x == 0.2 * 3
        texts.add(gradient.source)
    assert len(texts) == 1


@pytest.mark.parametrize("count", [4, 20])
def test_one_object_at_two_places_of_a_list(count):
    def read(knots):
        return sum(knot.x**2 for knot in knots)

    def written(knots):
        for knot in knots:
            knot.x *= 2.0
        return sum(knot.x for knot in knots)

    def written_inside(knots):
        for knot in knots:
            knot.place[0] *= 2.0
        return sum(knot.place.sum() for knot in knots)

    def told_apart(knots):
        return sum(p.x * q.x for p in knots for q in knots if p is not q)

    knots = [Knot(1.0 + k) for k in range(count)]
    check_grads(told_apart, (knots,))
    knots[3] = knots[1]
    assert [knot.x for knot in grad(read)(knots)] == [2.0 * knot.x for knot in knots]
    for function, message in (
        (written, r"writes into `knots\[1\]`, which shares memory with another Knot"),
        (written_inside, r"writes into `knots\[1\]"),
        (told_apart, r"objects such as `knots\[1\]` and `knots\[3\]` are the same, which"),
    ):
        with pytest.raises(symdiff.DifferentiationError, match=message):
            grad(function)(knots)
    knots[3] = Knot(5.0)
    knots[3].place = knots[0].place[::-1]
    assert grad(written)(knots)[3].x == 2.0
    with pytest.raises(symdiff.DifferentiationError, match="with another array"):
        grad(written_inside)(knots)


def test_links_that_share_their_ends():
    def length(links):
        return sum((link.end.x - link.start.x - link.length) ** 2 for link in links)

    def of_one_knot(links, knot):
        return sum(link.length for link in links if link.start is knot)

    knots = [Knot(0.3 * k) for k in range(20)]
    links = [Link(a, b, 0.2) for a, b in zip(knots, knots[1:], strict=False)]
    found = grad(length)(links)
    assert found[0].end.x == pytest.approx(0.2)
    assert found[1].start.x == pytest.approx(-0.2)
    with pytest.raises(
        symdiff.DifferentiationError, match=r"`links\[0\].start` and `knot`"
    ):
        grad(of_one_knot)(links, knots[0])
    assert grad(of_one_knot)(links, Knot(0.0))[0].length == 0.0


def test_a_recursive_function_that_reads_a_dict_of_dicts():
    def walk(links, node, x):
        if node not in links or not links[node]:
            return x
        total = 0.0
        for k, w in links[node].items():
            total += walk(links, k, math.sin(x + w))
        return total

    links = {k: {j: 0.1 * j + k for j in (k + 1, 2 * k + 1) if j < 20} for k in range(20)}
    check_grads(walk, (links, 0, 1.3), argnums=2)


def test_specialised_to_the_form_of_a_structure():
    def f(p):
        return sum(value * value for value in p["xs"]) if "xs" in p else p["x"]

    gradient = grad(f)
    assert gradient({"x": 2.0}) == {"x": 1.0}
    assert gradient({"xs": [1.0, 2.0]}) == {"xs": [2.0, 4.0]}
    assert gradient({"xs": [1.0, 2.0, 3.0]}) == {"xs": [2.0, 4.0, 6.0]}
    assert gradient({"x": 2.0, "y": 1.0}) == {"x": 1.0, "y": 0.0}


def test_functions_in_a_structure_are_inlined_and_followed():
    def f(x, options):
        return options["f"](x) * options["scale"]

    gradient = grad(f)
    assert gradient(3.0, {"f": lambda x: x * x, "scale": 2.0}) == 12.0
    assert gradient(3.0, {"f": lambda x: x, "scale": 2.0}) == 2.0
    assert gradient(0.0, {"f": math.sin, "scale": 2.0}) == 2.0


def test_cycles_are_refused():
    def f(p):
        return p["x"]

    p = {"x": 1.0}
    p["self"] = p
    with pytest.raises(symdiff.DifferentiationError, match="leads back to itself"):
        grad(f)(p)


def test_structures_among_the_rest():
    def f(x):
        return x * x, {"point": Point(x, 2.0), "spring": Spring(x, steps=2), 3: [x]}

    (value, rest), slope = value_and_grad(f, has_aux=True)(2.0)
    assert (value, slope) == (4.0, 4.0)
    assert rest == {"point": Point(2.0, 2.0), "spring": Spring(2.0, steps=2), 3: [2.0]}


# -- methods and objects that are called ----------------------------------------------


class Model:
    def __init__(self, rate):
        self.rate = rate
        self.calls = 0

    def loss(self, x, n=2):
        self.calls += 1
        for _ in range(n):
            x = self.step(x)
        return x

    def step(self, x):
        return x * self.rate + 1.0

    def __call__(self, x):
        return self.rate * x**2

    @classmethod
    def cube(cls, x):
        return x**3


def test_methods():
    model = Model(3.0)
    gradient = grad(model.loss)
    assert gradient(1.0) == 9.0
    assert gradient(1.0, n=1) == 3.0
    model.rate = 0.5
    assert gradient(1.0) == gradient(1.0) == 0.25
    assert model.calls == 0
    assert grad(model.loss, "x")(1.0, 3) == 0.125
    assert grad(Model.cube)(2.0) == 12.0
    assert list(inspect.signature(gradient).parameters) == ["x", "n"]
    assert gradient.specialize(1.0)(1.0) == 0.25
    check_grads(model.loss, (1.0,))
    with pytest.raises(symdiff.DifferentiationError, match="has no parameter `self`"):
        grad(model.loss, "self")


def test_the_parameters_of_a_model():
    found = grad(Model.loss)(Model(3.0), 1.0)
    assert type(found) is Model
    assert found.rate == 7.0
    check_grads(Model.loss, (Model(3.0), 1.0))


def test_objects_that_are_called():
    model = Model(3.0)
    assert grad(model)(2.0) == 12.0
    assert grad(model).__name__ == "call_grad"
    check_grads(model, (2.0,))


def test_changes_of_a_class_are_seen():
    class Plain:
        scale = 3.0

        def __init__(self, x):
            self.x = x

        def value(self):
            return self.x * self.scale * self.factor()

        def factor(self):
            return 2.0

    class Derived(Plain):
        pass

    gradient = grad(lambda p: p.value())
    assert gradient(Derived(1.0)).x == 6.0
    Plain.scale = 5.0
    assert gradient(Derived(1.0)).x == 10.0
    Derived.factor = lambda self: 7.0
    assert gradient(Derived(1.0)).x == 35.0
    Plain.value = lambda self: self.x
    assert gradient(Derived(1.0)).x == 1.0


class Heads:
    def __init__(self, count, scale):
        self.count = count
        self.scale = scale


def test_an_integer_of_an_object_may_be_part_of_a_shape():
    def f(heads, x):
        rows, width = x.shape
        split = x.reshape(rows, heads.count, width // heads.count).transpose(1, 0, 2)
        return np.sum(split[0] * split[1]) * heads.scale

    x = np.arange(12.0).reshape(3, 4)
    gradient, x_bar = grad(f, argnums=(0, 1))(Heads(2, 0.5), x)
    assert gradient.scale == np.sum(x[:, :2] * x[:, 2:])
    assert np.allclose(x_bar, 0.5 * np.hstack([x[:, 2:], x[:, :2]]))


SETTINGS = argparse.Namespace(rate=2.0, kind="square")
PLAIN_SETTINGS = types.SimpleNamespace(rate=2.0, kind="square")


def test_namespaces_are_settings_and_arguments():
    def f(x, args):
        power = 2 if SETTINGS.kind == PLAIN_SETTINGS.kind == args.kind else 3
        return SETTINGS.rate * PLAIN_SETTINGS.rate * args.rate * x**power

    for cls in (argparse.Namespace, types.SimpleNamespace):
        g = grad(f, argnums=(0, 1))
        assert g(1.0, cls(rate=3.0, kind="square")) == (24.0, cls(rate=4.0, kind=None))
        SETTINGS.rate, PLAIN_SETTINGS.kind = 4.0, "cube"
        assert g(1.0, cls(rate=3.0, kind="square"))[0] == 72.0
        SETTINGS.rate, PLAIN_SETTINGS.kind = 2.0, "square"


# -- classes that extend dict and list ----------------------------------------------------


class AttrDict(dict):
    __getattr__ = dict.__getitem__
    __setattr__ = dict.__setitem__


class Options(dict):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.__dict__ = self


class Weights(list):
    def __init__(self, items, name):
        super().__init__(items)
        self.name = name
        self.scale = 2.0

    def total(self):
        return self.scale * sum(w * w for w in self)


def of_attributes(p):
    p.w += p["b"]
    return p.w * p["w"] + p.b


@pytest.mark.parametrize("cls", [AttrDict, Options])
def test_the_items_of_a_dict_are_its_attributes(cls):
    p = cls(w=1.5, b=0.5)
    found = grad(of_attributes)(p)
    assert type(found) is (AttrDict if cls is AttrDict else dict)
    assert found == {"w": 4.0, "b": 5.0}
    assert p == {"w": 1.5, "b": 0.5}
    check_grads(of_attributes, (p,))


def test_the_gradient_of_a_list_with_attributes_is_one():
    found = grad(Weights.total)(Weights([1.0, 3.0], "first"))
    assert type(found) is Weights
    assert found == [4.0, 12.0]
    assert vars(found) == {"name": None, "scale": 10.0}


def test_results_may_extend_dict_and_list():
    def both(x):
        return x * x, (AttrDict(a=x), Weights([x, 2.0 * x], "first"))

    _, (a, b) = grad(both, has_aux=True)(1.5)
    assert (type(a), a) == (AttrDict, {"a": 1.5})
    assert (type(b), b, b.name) == (Weights, [1.5, 3.0], "first")


OUTSIDE = types.SimpleNamespace(config=AttrDict(rate=2.0))


def test_what_extends_dict_outside_is_read_anew(monkeypatch):
    def scaled(x):
        config = OUTSIDE.config
        return config.rate * config["rate"] * x + sum(v * x for v in config.values())

    found = grad(scaled)
    assert found(1.0) == 6.0
    monkeypatch.setitem(OUTSIDE.config, "rate", 3.0)
    assert found(1.0) == 12.0
    monkeypatch.setitem(OUTSIDE.config, "more", 1.0)
    assert found(1.0) == 13.0


def of_ordered(p):
    p["z"] = p["a"] * 3.0
    p.move_to_end("a")
    return p["a"] * p["b"] + sum(p.values()) * p[list(p)[-1]]


def of_default(p):
    p["z"] += p["a"] ** 2
    return p["a"] * p["b"] + sum(p.values()) * p["none"] + p["z"]


@pytest.mark.parametrize(
    ("function", "argument"),
    [
        (of_ordered, collections.OrderedDict(b=2.0, a=1.5)),
        (of_default, collections.defaultdict(float, b=2.0, a=1.5)),
    ],
)
def test_the_gradient_of_a_dict_of_the_library_is_one(function, argument):
    found = grad(function)(argument)
    assert type(found) is type(argument)
    assert list(found) == ["b", "a"]
    check_grads(function, (argument,))
