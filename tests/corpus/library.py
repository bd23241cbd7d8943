"""Containers and copies of the standard library, and lists made of other things."""

from __future__ import annotations

import bisect
import copy
from collections import defaultdict, deque
from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np

from corpus.registry import case


@case(1.2, 0.7)
def deque_as_a_delay(x, y):
    d = deque([0.0, 0.0], maxlen=2)
    t = 0.0
    for k in range(5):
        t += d[0] * y
        d.append(x * k)
    return t


@case(1.2, 6)
def deque_at_both_ends(x, n):
    d = deque([x, 2 * x])
    s = 0.0
    while d and n > 0:
        v = d.popleft()
        s += v * v
        n -= 1
        if n > 2:
            d.append(v * 1.5)
            d.appendleft(v)
    return s


@case(1.2, 0.7)
def default_dict_of_sums(x, y):
    t = defaultdict(float)
    for n, v in (("a", x), ("b", y), ("a", x * y)):
        t[n] += v
    return t["a"] * t["b"]


@case(1.2, 0.7)
def default_dict_of_lists(x, y):
    t = defaultdict(list)
    for n, v in (("a", x), ("b", y), ("a", x * y)):
        t[n].append(v)
    return sum(t["a"]) * sum(t["b"])


@case(1.2, 0.7)
def namespace(x, y):
    p = SimpleNamespace(a=x, b=y)
    p.c = p.a * p.b
    return p.c + p.a


@dataclass(frozen=True)
class D:
    a: float
    b: float = 1.0


@case(1.2, 0.7)
def replaced_field(x, y):
    d = D(x)
    e = replace(d, b=y)
    return d.a * e.b + e.a * d.b


@case(1.2, 0.7)
def copies(x, y):
    a = {"k": [x, y], "z": np.array([x, y])}
    b = copy.deepcopy(a)
    c = copy.copy(a)
    b["k"][0] = y
    b["z"][0] = 5.0
    c["k"][1] = x
    return a["k"][0] * a["k"][1] + a["z"][0] * b["k"][0] + b["z"][1]


@case(np.array([1.0, 2.0, 3.0]))
def lists_of_an_array(u):
    l = u.tolist()
    m = list(u)
    m[0] = 2.0
    return sum(v * v for v in l) * m[1] + m[0]


@case(1.2, 5)
def list_of_a_range(x, n):
    l = list(range(n))
    s = 0.0
    for k in l:
        s += x * k
    return s * len(l)


@case(1.2)
def bisection(t):
    K = [0.0, 1.0, 2.0]
    V = [1.0, 3.0, 2.0]
    k = bisect.bisect_right(K, t) - 1
    return V[k] + (t - K[k]) * (V[k + 1] - V[k])


@case(np.array([1.0, 2.0, 3.0, 0.5]), np.arange(16.0).reshape(4, 4) ** 1.1 + 5 * np.eye(4))
def open_mesh(u, A):
    free = np.array([i for i in range(len(u)) if i not in {0, 2}])
    z = np.zeros_like(u)
    z[free] = np.linalg.solve(A[np.ix_(free, free)], u[free])
    return z @ u


@case(np.array([1.0, 2.0, 3.0]))
def dict_of_an_array(c):
    d = dict(zip(("a", "b", "c"), c))
    return d["a"] * d["c"] + sum(d.values())


def one_step(rhs, y, n):
    A = [[], [0.5], [0.2, 0.3]]
    B = [0.2, 0.3, 0.5]
    k = []
    for i in range(3):
        yi = y.copy()
        for j in range(i):
            yi += 0.1 * A[i][j] * k[j]
        k.append(rhs(yi))
    return y + 0.1 * sum(b * ki for b, ki in zip(B, k))


AA = [[], [0.5], [0.2, 0.3]]


@case(np.array([1.0, 2.0]), 3)
def runge_kutta(y, n):
    for _ in range(n):
        y = one_step(lambda z: np.sin(z) * 2, y, n)
    return y @ y


@case(np.array([1.0, 2.0]), 3)
def runge_kutta_inline(y, n):
    for _ in range(n):
        k = []
        for i in range(3):
            yi = y.copy()
            for j in range(i):
                yi += 0.1 * AA[i][j] * k[j]
            k.append(np.cos(yi))
        y = y + sum(k) * 0.1
    return y @ y


@case(1.2, 5)
def reversed_in_place(x, n):
    l = [x * i for i in range(n)]
    l.reverse()
    l2 = l[::-1]
    return l[0] + l2[1] * x


@case(1.2, 0.7)
def deque_that_fills_up(x, y):
    window = deque([x], maxlen=4)
    total = 0.0
    for k in range(6):
        window.append(y * k + x)
        total += window[0] * len(window) + window[-1] ** 2
    window.extend((x * y, y))
    window.appendleft(3.0 * x)
    return total + sum(k * v for k, v in enumerate(window))


@case(1.2, 0.7)
def copied_deque(x, y):
    window = deque([x, y], maxlen=2)
    other = window.copy()
    other.append(x * y)
    window.clear()
    for k in range(4):
        window.append(k * x)
    return sum(other) * len(other) + window[0] * len(window)


@case(1.2)
def arrays_of_ranges(x):
    rows, columns = np.meshgrid(range(3), range(2))
    return np.sum(np.array(range(3)) ** x) + np.sum(rows * x + np.sin(columns * x))


@case(np.array([[1.0], [0.5], [0.3]]), np.array([[1.0, 2.0], [0.5, 1.0]]))
def einsum_that_spreads_an_axis(a, b):
    whole = np.einsum("ij,jk->ijk", a, b)
    return np.sum(whole**2) + np.sum(np.einsum("ij,jk,j->k", a, b, b[0]) ** 2)
