"""Lists, dicts and objects that a function makes, changes and shares."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple


from corpus.registry import case


@case(1.2, 0.7)
def list_write(x, y):
    a = [x, y, x * y]
    a[1] = a[0] * a[2]
    b = a
    b[0] = y
    return a[0] * a[1] + a[2]


@case(1.2, 0.7)
def list_append_static(x, y):
    a = []
    a.append(x)
    a.append(x * y)
    a.extend([y, y * x])
    a.insert(1, 3.0 * x)
    v = a.pop()
    return sum(a) * v


@case(1.2, 0.7)
def dict_basic(x, y):
    d = {"a": x, "b": y}
    d["c"] = d["a"] * d["b"]
    d["a"] += d["c"]
    for k, v in d.items():
        d[k] = v * 2
    return d["a"] * d.get("b", 0) + d.get("zz", 1.0) * sum(d.values())


class P:
    def __init__(self, x, v):
        self.x = x
        self.v = v

    def step(self, dt):
        self.x = self.x + dt * self.v
        self.v -= dt * math.sin(self.x)
        return self

    @property
    def energy(self):
        return 0.5 * self.v**2 - math.cos(self.x)


@case(1.2, 0.7, 5)
def obj_loop(x, v, n):
    p = P(x, v)
    for i in range(n):
        p.step(0.1)
    return p.energy


@dataclass
class D:
    a: float
    b: float = 2.0
    c: list = field(default_factory=list)

    def f(self):
        return self.a * self.b


@case(1.2, 0.7)
def dc(x, y):
    d = D(x)
    d.b = d.b * y
    d.c.append(x)
    e = D(y, b=x)
    e.c.append(d.f())
    return d.f() * e.f() + e.c[0] + len(d.c)


class V:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, o):
        return V(self.x + o.x, self.y + o.y)

    def __mul__(self, k):
        return V(self.x * k, self.y * k)

    __rmul__ = __mul__

    def __neg__(self):
        return V(-self.x, -self.y)

    def dot(self, o):
        return self.x * o.x + self.y * o.y

    def __call__(self, t):
        return self.x * t + self.y

    def __getitem__(self, i):
        return (self.x, self.y)[i]


@case(1.2, 0.7)
def vec(x, y):
    a = V(x, y)
    b = V(y, 2 * x)
    s = 2.0 * (a + b) * 3.0
    return s.dot(-a) + s(x) + s[0]


class Base:
    k = 3.0

    def __init__(self, x):
        self.x = x

    def f(self):
        return self.x * self.k

    @staticmethod
    def g(z):
        return z * z

    @classmethod
    def make(cls, x):
        return cls(x)


class Derived(Base):
    k = 4.0

    def __init__(self, x, y):
        super().__init__(x)
        self.y = y

    def f(self):
        return super().f() + self.y * self.g(self.x)

    @classmethod
    def make(cls, x):
        return cls(x, 2.0 * x)


@case(1.2, 0.7)
def inh(x, y):
    return Derived(x, y).f() + Base(y).f() * Derived.make(x).f() + Base.make(y).x


class NT(NamedTuple):
    a: float
    b: float = 3.0

    def s(self):
        return self.a + self.b


@case(1.2, 0.7)
def nt(x, y):
    t = NT(x)
    u = t._replace(b=y)
    p, q = u
    return t.s() * u.s() + p * q + u.a


@case(1.2, 0.7)
def branch_obj(x, y):
    if x > y:
        p = P(x, y)
    else:
        p = P(y, x)
    return p.x * 2 + p.v


@case(1.2, 0.7)
def branch_list(x, y):
    if x > y:
        l = [x, y, 1.0]
    else:
        l = [y, x, 2.0]
    return l[0] * l[1] ** 2 * l[2]


@case(1.2, 0.7)
def branch_mut(x, y):
    d = {"s": x}
    if x > y:
        d["s"] = d["s"] * y
    else:
        d["s"] += y * y
    return d["s"] ** 2


@case(1.2, 0.7)
def listcomp_obj(x, y):
    ps = [P(x * i, y) for i in range(3)]
    for p in ps:
        p.step(0.2)
    return sum(p.energy for p in ps)


@case(1.2, 0.7, 4)
def bodies_loop(x, v, n):
    ps = [P(x, v), P(2 * x, -v), P(v, x)]
    for t in range(n):
        for p in ps:
            p.v += -0.1 * p.x
        for p in ps:
            p.x += 0.1 * p.v
    return sum(p.x**2 for p in ps)


@case(1.2, 0.7, 3)
def swap_lists(x, y, n):
    a = [x, y]
    b = [y, x * y]
    for i in range(n):
        a, b = b, a
        a[0] = a[0] * 1.1 + b[1]
    return a[0] * b[0] + a[1] * b[1]


@case(1.2, 0.7, 3)
def rebind(x, y, n):
    a = [x, y]
    for i in range(n):
        a = [v * 1.1 + x for v in a]
    return a[0] * a[1]


@case(1.2, 0.7, 3)
def state_tuple(x, y, n):
    s = (x, y, "mode")
    for i in range(n):
        a, b, m = s
        s = (a + 0.1 * b, b - 0.1 * a, m)
    return s[0] * s[1] + (1.0 if s[2] == "mode" else 0.0)


@case(1.2, 0.7, 3)
def dict_state(x, y, n):
    s = {"pos": x, "vel": y, "name": "p", "hist": []}
    for i in range(n):
        s["pos"] += 0.1 * s["vel"]
        s["vel"] -= 0.1 * s["pos"]
    return s["pos"] ** 2 + s["vel"]


@case(1.2, 0.7)
def funcs(x, y):
    ops = [math.sin, math.cos, lambda t: t * y]
    s = 0.0
    for i in range(len(ops)):
        s += ops[i](x) * (i + 1)
    return s


@case(1.2, 0.7)
def dictcomp(x, y):
    d = {k: v * x for k, v in zip(("a", "b"), (y, 2.0))}
    e = {**d, "c": x}
    return sum(e[k] for k in e) * len(e) + ("a" in e)


@case(1.2, 0.7)
def nested(x, y):
    c = {"p": {"k": [x, y]}, "q": (x, [y, y])}
    c["p"]["k"][0] *= y
    c["q"][1][1] = x
    return c["p"]["k"][0] + c["q"][1][1] * c["q"][1][0]


CFG = P(2.0, 3.0)


@case(1.2, 0.7)
def glob_obj(x, y):
    return x * CFG.x + y * CFG.energy


@case(1.2, 0.7)
def alias_list(x, y):
    a = [x, y]
    o = P(a, 0.0)
    o.x.append(x * y)
    a[0] = y
    return sum(o.x)


@case(1.2, 0.7)
def closure_obj(x, y):
    acc = {"n": 0.0}

    def add(v):
        acc["n"] += v * y
        return v

    for k in range(3):
        add(x * k)
    return acc["n"]


@case(1.2, 0.7)
def sort_key(x, y):
    ps = [("b", 2, x), ("a", 1, y)]
    return sum(v * w for _, w, v in ps)


@case(1.2, 0.7)
def early(x, y):
    for p in [P(x, y), P(y, x)]:
        if p.x > 1.0:
            return p.v * p.x
    return x * y


@case(1.2, 0.7)
def obj_in_while(x, v):
    p = P(x, v)
    n = 0
    while p.x < 3.0 and n < 50:
        p.step(0.1)
        n += 1
    return p.x * p.v
