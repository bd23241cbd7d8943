"""Classes that extend dict and list; mappings and sets of the standard library."""

from __future__ import annotations

import collections
import copy
import math
import operator
import types
from collections import abc

import numpy as np

from corpus.registry import case


class AttrDict(dict):
    __getattr__ = dict.__getitem__
    __setattr__ = dict.__setitem__


class Options(dict):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.__dict__ = self


class Asked(dict):
    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name, value):
        self[name] = value


class Params(dict):
    def norm(self):
        return math.sqrt(sum(v * v for v in self.values()))

    def scaled(self, by):
        return Params({name: by * v for name, v in self.items()})


class Path(list):
    def length(self):
        total = 0.0
        for (x0, y0), (x1, y1) in zip(self[:-1], self[1:]):
            total += math.hypot(x1 - x0, y1 - y0)
        return total

    def shifted(self, by):
        return Path((x + by, y) for x, y in self)


class Vector(list):
    def __add__(self, other):
        return Vector(a + b for a, b in zip(self, other))

    def dot(self, other):
        return sum(a * b for a, b in zip(self, other))

    @property
    def norm(self):
        return math.sqrt(self.dot(self))


class Network(dict):
    def __init__(self, rate, **parts):
        super().__init__(**parts)
        self.rate = rate

    def forward(self, x):
        return np.tanh(x @ self["w"] + self["b"]) * self.rate


class Doubled(collections.UserDict):
    def __setitem__(self, key, value):
        super().__setitem__(key, 2.0 * value)


class Stack(collections.UserList):
    def total(self):
        return sum(self)


class Recent(collections.OrderedDict):
    def touch(self, key):
        self.move_to_end(key)
        return self[next(reversed(self))]


class Half(dict):
    def __missing__(self, key):
        return 0.5


class Fixed:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        object.__setattr__(self, "x", x)
        super().__setattr__("y", y)

    def __setattr__(self, name, value):
        raise AttributeError(name)


class Clamped:
    def __init__(self, x):
        self.x = x

    def __setattr__(self, name, value):
        super().__setattr__(name, 2.0 * value)


HELD = [AttrDict(rate=0.5, weight=2.0)]  # by itself, doctest would ask it for its parts
OPTIONS = Options(scale=0.3)
WEIGHTS = Vector([1.0, 2.0, 3.0])
LIMITS = types.MappingProxyType({"low": 2.0, "high": 3.0})
TERMS = frozenset(["linear", "square"])
ODD = frozenset([1, 3, 5])


@case(1.3)
def dict_with_attributes(x):
    p = AttrDict(w=x, b=2.0)
    p.c = p.w * p["b"]
    p["d"] = p.c * x
    p.d += x
    total = 0.0
    for name, value in p.items():
        if name != "b":
            total += value * value
    return total + len(p)


@case(1.3)
def dict_that_is_its_attributes(x):
    p = Options({"w": x}, b=2.0)
    p.c = p.w * p["b"]
    p["d"] = p.c * x
    return sum(p[name] ** 2 for name in p) + p.d + (p.b if "c" in p else x)


@case(1.3)
def attributes_that_are_asked_for(x):
    p = Asked(w=x)
    p.c = p.w * 3.0
    kept = getattr(p, "c", x) + getattr(p, "missing", x * x)
    return kept * p["w"] + (1.0 if hasattr(p, "w") else x**3)


@case(1.3)
def dict_with_methods(x):
    def product(a, b):
        return a * b

    p = Params(a=x, b=x * x)
    q = p.scaled(2.0)
    q.update(b=x)
    return q.norm() + sum(dict(p).values()) + product(**q) + p.get("c", x)


@case(Asked(w=1.3, b=0.5))
def gradient_of_a_dict_with_attributes(p):
    p.w += p["b"]
    return p.w * p["w"] + p.b * math.sin(p.w)


@case(Network(0.7, w=np.full((2, 3), 0.3), b=np.zeros(3)), np.ones((4, 2)), argnums=(0,))
def gradient_of_a_dict_with_parts_and_attributes(network, x):
    return np.sum(network.forward(x) ** 2)


@case(Path([(0.0, 1.0), (1.0, 2.5), (2.0, 5.0)]))
def gradient_of_a_list_with_methods(path):
    return path.shifted(path[0][1]).length() + path[-1][0] ** 2


@case(Path((0.5 * k, math.sin(k)) for k in range(20)))
def gradient_of_a_long_list_with_methods(path):
    return path.length()


@case(Vector([1.0, 2.0, 3.0]))
def gradient_of_a_vector(v):
    return v.norm + v.dot(v) * v[0]


@case(1.3)
def list_with_methods(x):
    path = Path([(0.0, x), (x, 1.0)])
    path.append((x * x, 2.0))
    moved = path.shifted(x)
    a, b, c = Vector([x, 2.0, 3.0]) + Vector([1.0, x, x])
    v = Vector([a, b, c])
    some = np.sum(np.array(v) ** 2) + max(v) + sum(v) + (x if v else 0.0)
    return moved.length() * len(path) + moved[0][0] + some * v.norm


@case(1.3, 4)
def list_with_methods_in_a_loop(x, n):
    path = Path()
    for k in range(n):
        path.append((k * x, math.sin(x * k)))
    return path.length()


@case(1.3, 7)
def dict_with_methods_by_keys_of_the_run(x, n):
    p = Params()
    for k in range(n):
        p[k % 3] = x * k
    return sum(p[k % 3] for k in range(n)) + p.norm()


@case(1.3)
def what_extends_dict_outside(x):
    total = (
        HELD[0].rate * x * x + HELD[0]["weight"] * x + OPTIONS.scale * OPTIONS["scale"] * x
    )
    for value in HELD[0].values():
        total += value * x
    return total + WEIGHTS.norm * x + WEIGHTS[1] * x**3 + sum(w * x for w in WEIGHTS)


@case(1.3)
def kinds_of_collections(x):
    doubled = Doubled(a=x)
    doubled["b"] = x * x
    stack = Stack([x, 2.0])
    stack.append(x**3)
    rest = stack[1:] + [x]
    recent, half = Recent(a=x, b=x * x), Half(a=x)
    found = recent.touch("a") * 3.0 + half["a"] * half["b"] + half.get("b", 2.0)
    return found + sum(doubled.values()) + stack.total() + rest.total() * len(rest)


@case(1.3)
def copies_of_what_extends_dict(x):
    p = Params(a=x, b=[x])
    q, r, s = copy.copy(p), copy.deepcopy(p), p.copy()
    q["a"] = 3.0 * x
    r["b"][0] = 7.0 * x
    s["a"] = 0.0
    return p["a"] + q["a"] * x + sum(p["b"]) + sum(r["b"]) ** 2 + s["a"]


@case(1.3)
def setting_attributes(x):
    fixed, clamped = Fixed(x, x * x), Clamped(x)
    clamped.x += fixed.y
    return fixed.x * fixed.y + clamped.x


@case(1.3)
def chained_mappings(x):
    base, top = {"a": x, "b": 2.0}, {"b": x * x}
    chain = collections.ChainMap(top, base)
    total = chain["a"] * chain["b"]
    chain["a"] = 3.0 * x
    inner = chain.new_child({"z": x})
    total += chain["a"] + base["a"] + inner["z"] * len(inner) + sum(chain.values())
    return total + dict(inner)["b"] + LIMITS["low"] * x * x + sum(LIMITS.values()) * x


@case(1.3)
def order_of_keys(x):
    d = collections.OrderedDict(a=x, b=x * x, c=3.0)
    d.move_to_end("a")
    d.move_to_end("c", last=False)
    names = list(d)
    (_, last), (_, first) = d.popitem(), d.popitem(last=False)
    counts = collections.Counter(word[0] for word in ["ab", "ac", "b"])
    return last * 2.0 + first * counts["a"] * x + (x if names == ["c", "b", "a"] else 0.0)


@case(1.3, 3)
def sets_that_are_compared(x, n):
    found, names = set(range(n)), {"b", "a"}
    total = x if found == {2, 1, 0} else x * x
    total += x**3 if {0, 1} < found and found <= {0, 1, 2, 7} else 0.0
    total += x if {1, 2, 3} == {3, 2, 1} and {1, 2} != (1, 2) else x**4
    total += x * x if {"a": 1, "b": 2}.keys() == names else 0.0
    found.add(9)
    return total + (x if found == {0, 1, 2} else x**5) + len({"a": 1}.keys() & names) * x


@case(1.3)
def frozen_sets(x):
    a, b = frozenset([1, 2, 3]), frozenset([2, 3, 4])
    total = (
        x * len(a & b) + x * x * len(a | b) + len(a - b) * x + (x if a & b <= a else 0.0)
    )
    if "linear" in TERMS & {"linear", "cubic"} and TERMS >= {"square"}:
        total += x**3
    return total + (x if ODD == {5, 3, 1} else x * x) + len(ODD | {7}) * x


@case(1.3)
def items_by_operators(x):
    y, u = [x, 2.0 * x, x * x], np.array([[x, x**2], [x**3, 1.0]])
    first = sum(y.__getitem__(slice(None))) + sum(operator.getitem(y, slice(1, 3)))
    part = operator.getitem(u, (0, 1)) + np.sum(operator.getitem(u, slice(0, 1)))
    return first + part + operator.getitem(Half(a=x), "b") * x


class Shared:
    def __init__(self, v):
        self.v, self.parts = v, [v]


class Remade:
    def __init__(self, v):
        self.v, self.n = v, 0

    def __copy__(self):
        made = Remade(2.0 * self.v)
        made.n = 7
        return made

    def __deepcopy__(self, memo):
        made = Remade(copy.deepcopy(self.v, memo))
        made.n = 9
        return made


@case(1.3)
def copies_of_what_is_shared(x):
    one, u = Shared(x), np.array([x, 1.0])
    held = {"first": [one], "again": one, "u": u, "v": u, "part": u[1:]}
    made = copy.deepcopy(held)
    made["again"].v = 5.0 * x
    made["u"][0] = 7.0 * x
    total = made["first"][0].v * one.v + made["v"][0] * u[0] + made["part"][0]
    remade = copy.copy(Remade(x))
    return total + remade.v * remade.n + copy.deepcopy([Remade(x)])[0].n * x


@case(1.3)
def copies_of_dicts_with_a_default(x):
    d = collections.defaultdict(float, a=x)
    one, other = copy.copy(d), copy.deepcopy(d)
    one["z"] += x
    other["y"] += 2.0 * x
    queue = collections.deque([x, 2.0], maxlen=3)
    queue.extendleft([x * x, 5.0])
    return sum(one.values()) * sum(other.values()) + len(d) * x + queue[0] * queue[-1]


class Samples(abc.Sequence):
    def __init__(self, values):
        self.values = values

    def __getitem__(self, place):
        return self.values[place]

    def __len__(self):
        return len(self.values)


class Doubling(abc.MutableSequence):
    def __init__(self, values):
        self.values = list(values)

    def __getitem__(self, place):
        return self.values[place]

    def __setitem__(self, place, value):
        self.values[place] = value

    def __delitem__(self, place):
        del self.values[place]

    def __len__(self):
        return len(self.values)

    def insert(self, place, value):
        self.values.insert(place, 2.0 * value)


class Table(abc.MutableMapping):
    def __init__(self, **held):
        self.held = held

    def __getitem__(self, key):
        return self.held[key]

    def __setitem__(self, key, value):
        self.held[key] = value

    def __delitem__(self, key):
        del self.held[key]

    def __iter__(self):
        return iter(self.held)

    def __len__(self):
        return len(self.held)


@case(1.3)
def sequences_by_two_methods(x):
    samples = Samples([x, 2.0 * x, 3.0])
    total = (
        sum(samples)
        + samples.index(3.0) * x
        + (x if 3.0 in samples else 0.0)
        + max(samples)
    )
    doubling = Doubling([x])
    doubling.append(x * x)
    doubling += [x, 1.0]
    total += doubling.pop() * list(reversed(samples))[1]
    doubling.remove(doubling[0])
    return total + sum(doubling) * samples.count(3.0)


@case(1.3)
def mappings_by_five_methods(x):
    table = Table(q=1.0)
    table["a"] = x
    table.update({"c": x * x}, b=x**3)
    total = (
        sum(table.values())
        + table.get("none", x)
        + table.pop("a") * table.setdefault("n", x)
    )
    total += sum(v * x for k, v in table.items() if k != "q") + dict(table)["b"]
    return total * len(table) + (x if "a" in table or table == Table(q=1.0) else x**2)
