"""Objects in sets, as keys of dicts, by their number, and compared with each other."""

from __future__ import annotations

import math
from collections import Counter
from functools import cached_property

import numpy as np
from corpus.registry import case


class Scalar:
    """A number that knows what it was made of, as small autodiff programs have it."""

    def __init__(self, data, made_of=(), op=""):
        self.data = data
        self.grad = 0
        self._backward = lambda: None
        self._made_of = set(made_of)
        self._op = op

    def __add__(self, other):
        other = other if isinstance(other, Scalar) else Scalar(other)
        out = Scalar(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Scalar) else Scalar(other)
        out = Scalar(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out

    def tanh(self):
        out = Scalar(math.tanh(self.data), (self,), "tanh")

        def _backward():
            self.grad += (1 - out.data**2) * out.grad

        out._backward = _backward
        return out

    def backward(self):
        order = []
        visited = set()

        def visit(v):
            if v not in visited:
                visited.add(v)
                for part in v._made_of:
                    visit(part)
                order.append(v)

        visit(self)
        self.grad = 1
        for v in reversed(order):
            v._backward()

    __radd__ = __add__
    __rmul__ = __mul__


@case(0.7, 0.4)
def program_that_differentiates_itself(x, y):
    a, b = Scalar(x), Scalar(y)
    c = (a * b + a * a + 0.5).tanh() * b
    c.backward()
    return a.grad * c.data + b.grad**2


@case(0.7, 3)
def descent_by_a_program_that_differentiates_itself(w, steps):
    for _ in range(steps):
        a = Scalar(w)
        loss = (a * a * 0.3 + a).tanh()
        loss.backward()
        w = w - 0.1 * a.grad
    return w * loss.data


class Node:
    def __init__(self, value, next_to=()):
        self.value = value
        self.next_to = list(next_to)


def _three(x):
    a = Node(x)
    b = Node(x * x, [a])
    return a, b, Node(2.0 * x, [a, b])


@case(0.7)
def set_of_objects(x):
    a, b, c = _three(x)
    first, second = {a, b, a}, set([b, c])
    both, either = first & second, first | second
    rest = first - second
    total = sum(node.value for node in both) + len(either) * x
    first.discard(a)
    either.remove(c)
    if a in rest and a not in first and c not in either:
        total *= 3.0
    return total + sum(node.value for node in {node for node in (a, c)})


@case(0.7)
def dict_by_objects(x):
    nodes = _three(x)
    weight = {node: k + x for k, node in enumerate(nodes)}
    heat = {}
    for node in nodes:
        heat[node] = weight[node] * node.value
        for other in node.next_to:
            heat[other] += 0.5 * heat[node]
    if nodes[0] in heat:
        del heat[nodes[1]]
    return sum(h * n.value for n, h in heat.items())


@case(0.7, 4)
def forces_by_number(x, n):
    bodies = [Node(x * k) for k in range(3)]
    for _ in range(n):
        force = {id(body): 0.0 for body in bodies}
        for body in bodies:
            for other in bodies:
                if other is not body:
                    force[id(body)] += 0.1 * (other.value - body.value) ** 3
        for body in bodies:
            body.value += force[id(body)]
    return bodies[0].value * bodies[2].value


@case(0.7)
def numbers_of_objects_in_a_set(x):
    seen = set()
    a, b, c = _three(x)
    todo = [c]
    total = 0.0
    while todo:
        node = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        total = total * x + node.value
        todo.extend(node.next_to)
    return total


@case(0.7)
def objects_in_lists(x):
    a, b, c = _three(x)
    return x**3 if a in c.next_to and a not in a.next_to else x


def _picked(x, limit):
    a, b = Node(x), Node(2.0 * x)
    best = None
    if x > limit:
        best = a
    return a, b, best


@case(0.5, 0.7)
@case(0.9, 0.7)
def same_object_or_none(x, limit):
    a, b, best = _picked(x, limit)
    return x * x if best is a else 3.0 * x


@case(0.5, 0.7)
@case(0.9, 0.7)
def equal_object_or_none(x, limit):
    a, b, best = _picked(x, limit)
    total = x * x if best == a else 3.0 * x
    if best != a:
        total += x**3
    return total * 2.0 if best != b and a is not best else total


LAYERS = [Node(2.0), Node(3.0)]
PLACES = {layer: slice(k, k + np.prod((1, 2))) for k, layer in enumerate(LAYERS)}
BIASES = {layer: np.array([0.5, 1.5]) * layer.value for layer in LAYERS}
NUMBERS = {layer: k for k, layer in enumerate(LAYERS)}


@case(np.array([0.3, 0.8, 1.1]))
def outside_by_object(weights):
    total = 0.0
    for layer in LAYERS:
        part = weights[PLACES[layer]] * BIASES[layer]
        total += np.sum(part**2) * weights[NUMBERS[layer]]
    return total


@case(np.array([0.3, 0.8]), 2)
def swaps_in_nested_loops(u, n):
    v = 2.0 * u
    for _ in range(n):
        for _ in range(n):
            for k in range(n):
                for _ in range(n):
                    for _ in range(n):
                        u, v = v, u
                        u = 0.5 * np.sin(u * v) + 0.1 * k
    return np.sum(u * v)


@case(0.7)
def counts_of_letters(x):
    c = Counter("hello")
    c["l"] += x
    c.update("lo")
    more = Counter(c, e=2)
    letter, count = Counter("banana").most_common(1)[0]
    total = c["l"] * x + len(more) + more["z"] + count * more["e"]
    return total * sum(n * x for _, n in c.most_common()) if letter == "a" else x


@case(0.6, 0.7)
def most_likely_states(p, q):
    """The largest of tuples that hold names, as programs by Viterbi have them."""
    states = ("hot", "cold")
    best = [{"hot": p, "cold": 1 - p}]
    for t in range(1, 4):
        best.append({})
        for y in states:
            steps = (
                (best[t - 1][s] * (q if s == y else 1 - q) / (t + 1), s) for s in states
            )
            probability, _ = max(steps)
            best[t][y] = probability
    probability, state = max((best[-1][y], y) for y in states)
    return math.log(probability) * (2 if state == "hot" else 3)


class Mesh:
    def __init__(self, h):
        self.h = h
        self.worked_out = 0

    @cached_property
    def volume(self):
        self.worked_out += 1
        return self.h**3


@case(0.7, 4)
def property_that_is_worked_out_once(x, n):
    mesh = Mesh(x)
    total = mesh.volume
    mesh.h = 2.0 * x
    for k in range(n):
        total += mesh.volume * k + Mesh(x * k).volume
    return total * mesh.worked_out


class Body:
    def __init__(self, mass, arm):
        self.mass, self.arm, self.other = mass, arm, None


@case(1.3)
@case(0.2)
def the_same_object_twice(x):
    a, b = Body(x, 2.0 * x), Body(x * x, 3.0)

    def go(n, m, y):
        if y > 10.0:
            return y * (2.0 if n is m else 5.0)
        return go(m, n, y * (1.5 if n is m else 2.0) + n.mass)

    return go(a, b, x) + go(a, a, x)


@case(1.3)
def the_same_list_and_array_twice(x):
    masses, arms = [x, 2.0 * x], np.array([x, 1.0])

    def go(n, m, u, v, y):
        if y > 10.0:
            return y * (2.0 if n is m else 5.0) + (x if u is v else 0.0)
        return go(n, m, u, v, y * 2.0 + n[1] * v[0])

    first = go(masses, masses, arms, arms, x)
    return first * go(masses, [x, 2.0 * x], arms, arms * x, x)


@case(1.3)
def which_of_a_list_it_is(x):
    a, b = Body(x, 2.0 * x), Body(x * x, 3.0)

    def go(n, both, y):
        if y > 10.0:
            return y * n.mass
        return go(both[1 - both.index(n)], both, y * 2.0 + n.arm)

    return go(a, [a, b], x)


@case(1.3)
@case(0.4)
def objects_that_lead_to_each_other(x):
    a, b = Body(x, 2.0 * x), Body(x * x, 3.0)
    a.other, b.other = b, a

    def go(n, y):
        if y > 10.0:
            return y * (n.arm if n.other.other is n else 5.0)
        return go(n.other, y * 2.0 + n.mass)

    return go(a, x)
