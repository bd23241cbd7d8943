"""Objects in lists of which the run knows the length that hold items of other lists."""

from __future__ import annotations

import copy

import numpy as np

from corpus.registry import case

FOUR = np.int64(4)


class Node:
    def __init__(self, place, mass=1.0):
        self.place, self.mass, self.speed = place, mass, 0.0


class Spring:
    def __init__(self, left, right, stiffness):
        self.left, self.right, self.stiffness = left, right, stiffness

    def force(self):
        return self.stiffness * (self.right.place - self.left.place - 1.0)

    def pull(self, step):
        force = self.force()
        self.left.speed += force * step / self.left.mass
        self.right.speed -= force * step / self.right.mass


def chain(x, k, n):
    nodes = [Node(x * i * i, 1.0 + i) for i in range(n)]
    return nodes, [Spring(nodes[i], nodes[i + 1], k * (i + 1)) for i in range(n - 1)]


def energy(nodes, springs):
    moving = sum(node.place**2 * node.mass + node.speed**3 for node in nodes)
    return moving + sum(spring.force() ** 2 for spring in springs)


@case(1.3, 2.0, FOUR)
def springs_between_nodes(x, k, n):
    nodes, springs = chain(x, k, n)
    for _ in range(3):
        for spring in springs:
            spring.pull(0.1)
        for node in nodes:
            node.place += node.speed * 0.1
    return energy(nodes, springs)


@case(1.3, 2.0, FOUR)
def nodes_that_are_made_meanwhile(x, k, n):
    nodes, springs = [], []
    for i in range(n):
        nodes.append(Node(x * i))
        if i > 0:
            springs.append(Spring(nodes[-2], nodes[i], k))
    nodes.append(Node(k))
    springs.append(Spring(nodes[0], nodes[n], k))
    for spring in springs:
        spring.pull(0.1)
    return energy(nodes, springs)


@case(1.3, 2.0, FOUR)
def springs_that_get_other_ends(x, k, n):
    nodes, springs = chain(x, k, n)
    for i, spring in enumerate(springs):
        spring.left = nodes[n - 1 - i]
    springs[0].right = springs[1].left
    old = nodes
    nodes = [Node(x * 3.0) for _ in range(n)]
    for spring in springs:
        spring.pull(0.1)
    return energy(nodes, springs) + old[1].speed ** 2


@case(1.3, 2.0, FOUR)
def tuples_and_dicts_with_nodes(x, k, n):
    nodes, springs = chain(x, k, n)
    edges = [(nodes[i], nodes[j], springs[0]) for i in range(n) for j in range(i)]
    for a, b, spring in edges:
        pull = spring.stiffness * (a.place - b.place)
        a.speed -= 0.1 * pull
        b.speed += 0.1 * pull
        spring.stiffness *= 1.01
    loads = [{"on": nodes[i], "by": k * i} for i in range(n)]
    for load in loads:
        load["on"].place += load["by"]
        load["by"] *= 2.0
    return energy(nodes, springs) + sum(load["by"] * load["on"].place for load in loads)


@case(1.3, 2.0, FOUR)
def springs_by_themselves(x, k, n):
    nodes, springs = chain(x, k, n)
    springs.sort(key=lambda spring: -spring.stiffness)
    strongest = springs.pop(0)
    strongest.left.place += k
    apart = copy.deepcopy(springs[0])
    apart.left.place += 3.0 * k
    beside = copy.copy(springs[1])
    beside.stiffness *= 7.0
    beside.left.place += 5.0 * k
    return energy(nodes, springs) + apart.left.place**2 + beside.force()


@case(1.3, 2.0, FOUR)
def springs_that_meet(x, k, n):
    _, springs = chain(x, k, n)
    best, total = springs[0], 0.0
    for one in springs:
        if one.force() > best.force():
            best = one
        for other in springs:
            if one.left is other.right:
                total += one.stiffness * other.stiffness
    best.left.place *= 2.0
    return total + best.force() ** 2


class Cell:
    def __init__(self, mass, rate):
        self.mass = mass
        self.rate = rate


@case(1.1, 1.7)
@case(0.8, 0.9)
def some_cells_grow(a, b):
    cells = [Cell(a, b), Cell(b, a), Cell(a * b, 1.0)]
    large = [c for c in cells if c.mass > 1]
    for c in large:
        c.rate += c.mass
    return sum(c.rate**2 for c in cells)


@case(1.1, 1.7)
def the_cells_that_live_on(a, b):
    cells = [Cell(a, b), Cell(b, a), Cell(a * b, 1.0)]
    alive = list(cells)
    total = 0.0
    for k in range(3):
        alive = [c for c in alive if c.mass > k * 0.7]
        for c in alive:
            c.rate += 0.1 * c.mass
        total += sum(c.rate for c in alive)
    return total + cells[-1].rate


@case(1.1, 1.7)
def all_cells_after_some(a, b):
    cells = [Cell(a, b), Cell(b, a)]
    large = [c for c in cells if c.mass > 1]
    return sum(c.rate for c in large) + sum(c.mass * c.rate for c in cells)


@case(1.1, 1.7)
@case(1.1, 1.2)
def the_first_large_cell(a, b):
    cells = [Cell(a, b), Cell(b, a), Cell(a * b, 1.0)]
    first = next((c for c in cells if c.mass > 1.4), None)
    if first is None:
        return a
    first.rate *= 2
    return sum(c.rate**2 for c in cells)


@case(1.1, 1.7)
def cells_grow_twice(a, b):
    cells = [Cell(a, b), Cell(b, a), Cell(a * b, 1.0)]
    for _ in range(2):
        for c in [c for c in cells if c.mass > 1]:
            c.rate *= 1.0 + c.mass
        cells[0].mass += 0.3
    return sum(c.rate for c in cells)
