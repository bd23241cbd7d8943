"""Long lists of objects and dicts of many keys among the arguments."""

from __future__ import annotations

import copy
import heapq
import math
from collections import namedtuple
from dataclasses import dataclass, field

import numpy as np

from corpus.registry import case


@dataclass
class Particle:
    x: float
    v: float
    m: float = 1.0

    def kick(self, force, dt):
        self.v += force / self.m * dt

    @property
    def momentum(self):
        return self.m * self.v


@dataclass(frozen=True)
class Vector:
    x: float
    y: float

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __mul__(self, scale):
        return Vector(self.x * scale, self.y * scale)


@dataclass
class Planet:
    place: Vector
    speed: Vector
    mass: float


@dataclass
class Body:
    place: np.ndarray
    speed: np.ndarray
    mass: float
    name: str = "body"


@dataclass
class Term:
    x: float
    power: int
    tags: list = field(default_factory=lambda: [1.0])


Point = namedtuple("Point", "x y")


def particles(count=18):
    return [Particle(0.13 * k + 0.31, math.sin(k) + 0.5, 1 + 0.1 * k) for k in range(count)]


PARTICLES = particles()
PLANETS = [Planet(Vector(0.1 * k, math.sin(k)), Vector(0.2, 0.1), 1.5) for k in range(17)]
BODIES = [Body(np.array([0.1 * k, math.sin(k)]), np.full(2, 0.3), 1.5) for k in range(17)]


@case(PARTICLES, 0.1)
def kicked(ps, dt):
    total = 0.0
    for p in ps:
        p.kick(-p.x, dt)
        total += p.momentum**2
    return total


@case(PARTICLES, 2)
def attracted(ps, steps):
    for _ in range(steps):
        for p in ps:
            force = 0.0
            for q in ps:
                if p is not q:
                    force += q.m * (q.x - p.x) / (1.0 + (q.x - p.x) ** 2)
            p.kick(force, 0.1)
        for p in ps:
            p.x += 0.1 * p.v
    return sum(p.x**2 for p in ps)


@case(PARTICLES)
def names_of_items(ps):
    first, third, last = ps[0], ps[3], ps[-1]
    third.x = third.x**2
    ps[3].x += 1.0
    for p in ps:
        p.x *= 1.5
    ps[0], ps[1] = ps[1], ps[0]
    ps[0].v *= 3.0
    return last.x * third.x * ps[-1].v + sum(k * p.x * p.v for k, p in enumerate(ps))


@case(PARTICLES, 0.9)
def replaced_items(ps, limit):
    for k in range(len(ps)):
        if ps[k].x > limit:
            ps[k] = Particle(ps[k].x * limit, ps[k].v + ps[k].x)
    ps.append(Particle(limit, 2.0 * limit))
    ps.insert(0, Particle(limit**2, 1.0))
    total = 0.0
    while ps:
        p = ps.pop()
        total = 0.9 * total + p.x * p.v * p.m
    return total


@case(PARTICLES)
def one_object_twice(ps):
    twice = []
    for p in ps:
        twice.append(p)
        twice.append(p)
    for q in twice:
        q.x *= 1.5
    return sum(p.x**2 for p in ps)


@case(PARTICLES)
def part_of_the_list(ps):
    for p in ps[2:7]:
        p.x += 1.0
    best = max(ps, key=lambda p: p.v)
    best.x *= 2.0
    return sum(p.x**2 for p in ps)


@case(PARTICLES, 1.03)
def nearest_of_all(ps, target):
    best = ps[0]
    for p in ps:
        if abs(p.x - target) < abs(best.x - target):
            best = p
    best.v *= 3.0
    return sum(p.v for p in ps) + best.x**2


@case(PARTICLES)
def deep_copy_of_items(ps):
    others = copy.deepcopy(ps)
    for q in others:
        q.x *= 3.0
    return sum(p.x * q.x for p, q in zip(ps, others))


@case(PARTICLES)
def attribute_that_is_new(ps):
    for p in ps:
        p.energy = p.x * p.v
    return sum(p.energy for p in sorted(ps, key=lambda p: p.v))


@case(PARTICLES, particles())
def two_lists(ps, qs):
    for p, q in zip(ps, qs):
        p.x += q.v
        q.x -= p.v
    return sum(p.x * q.x for p, q in zip(ps, reversed(qs)))


@case(PLANETS, 0.1)
def planets_of_vectors(planets, dt):
    for p in planets:
        p.speed = p.speed + p.place * (-dt / p.mass)
    for p in planets:
        p.place = p.place + p.speed * dt
    return sum(p.place.x * p.place.y + p.speed.x for p in planets)


@case(BODIES, 0.1)
def bodies_of_arrays(bodies, dt):
    for b in bodies:
        b.speed = b.speed - dt * b.place / b.mass
        b.speed[0] *= 2.0
    for b in bodies:
        b.place += dt * b.speed
    kept = bodies[2].place
    bodies[2].place[1] = 7.0 * kept[0]
    return sum(b.speed @ b.speed + b.place @ b.place for b in bodies)


@case(BODIES)
def array_in_two_bodies(bodies):
    bodies[0].speed = bodies[1].speed
    bodies[1].speed[0] = 5.0 * bodies[2].place[1]
    return sum(b.speed @ b.speed for b in bodies)


@case([Term(1 if k == 4 else 0.1 * k + 0.4, k % 3 + 1) for k in range(18)])
def integers_among_floats(terms):
    return sum(t.x**t.power * t.tags[0] for t in terms)


@case([Point(math.cos(k), 1.5 * math.sin(k)) for k in range(18)])
def area_of_points(points):
    return sum(p.x * q.y - q.x * p.y for p, q in zip(points, points[1:] + points[:1]))


@case([(0.1 * k, 0.2 * k + 1.0) for k in range(18)])
def pairs_of_numbers(pairs):
    return sum(x * y**2 for x, y in pairs)


@case([Particle(0.1 * k + 0.3, 0.5) for k in range(5)])
def few_in_many_rounds(ps):
    total = 0.0
    for p in ps:
        for q in ps:
            for r in ps:
                total += p.x * q.x * math.sin(r.x + p.v)
    return total


@case(1.3)
def made_in_a_long_loop(x):
    ps = [Particle(x * k, 0.1 * k, 1.0 + k) for k in range(20)]
    for p in ps:
        p.x += p.v * x
    return sum(p.x**2 * p.m for p in ps)


GRAPH = {k: [((k + 1) % 20, 1.0 + 0.1 * k), (7 * k % 20, 0.3 * k)] for k in range(19)}
GRAPH[19] = []


@case(GRAPH, 0, 15, 1.3, argnums=(3,))
def path_in_a_graph(graph, source, target, scale):
    distance = {source: 0.0}
    heap, done = [(0.0, source)], set()
    while heap:
        d, node = heapq.heappop(heap)
        if node in done:
            continue
        done.add(node)
        if node == target:
            return d
        for neighbour, length in graph[node]:
            longer = d + scale * length
            if neighbour not in distance or longer < distance[neighbour]:
                distance[neighbour] = longer
                heapq.heappush(heap, (longer, neighbour))
    return math.inf


@case({f"w{k}": 0.1 * k + 0.2 for k in range(20)}, 30)
def weights_by_name(weights, count):
    total = 0.0
    for k in range(count):
        total += weights[f"w{k % 15}"] ** 2 * k
    for name, w in weights.items():
        total += w**3 if name != "w3" else w
    weights["w3"] = total * weights["w4"]
    return total + weights.get("w3", 1.0)


@case({(i, j): 0.3 * i - j for i in range(5) for j in range(5)}, 7)
@case({(i, j): 0.3 * i - j for i in range(2) for j in range(2)}, 3)
def grid_by_place(grid, size):
    total = 0.0
    for i in range(size):
        for j in range(size):
            if (i, j) in grid:
                total += grid[i, j] ** 2 * (i + 1)
    return total


@case({f"p{k}": p for k, p in enumerate(PARTICLES)})
def objects_by_name(ps):
    for p in ps.values():
        p.x += 0.1 * p.v
    return ps["p3"].x * ps["p5"].v + sum(p.x for p in ps.values())


@case({k: np.array([0.1 * k, 1.0]) for k in range(20)}, 4)
def arrays_by_number(rows, chosen):
    rows[chosen][0] *= 2.0
    return sum((row * row).sum() for row in rows.values()) + rows[chosen].sum()


LINKS = {k: {j: 0.1 * j + k for j in (k + 1, 2 * k + 1) if j < 20} for k in range(20)}


@case(LINKS, 0, 0.3, argnums=(2,))
def weights_in_a_dict_of_dicts(links, start, rate):
    level = {node: 0.0 for node in links}
    level[start] = 1.0
    for node, inner in links.items():
        for other, weight in inner.items():
            level[other] += rate * weight * math.tanh(level[node])
        if 3 in inner:
            level[node] += links[node][3] * rate
    return level[19] + links.get(21, {}).get(3, rate) if len(links) > 3 else 0.0


TABLE = {(i, j): (0.3 * i, 1.0 + j) for i in range(5) for j in range(5)}
ROWS = {k: np.array([0.1 * k, 1.0]) for k in range(20)}


@case(TABLE, ROWS, 1.3, argnums=(2,))
def tables_that_are_read(table, rows, x):
    total = 0.0
    for (i, j), (a, b) in table.items():
        if i != j:
            total += (a * x + b) ** 2 / (1 + i)
    total += sum((row * x).sum() for row in rows.values()) + (rows[3] @ rows[4]) * x**2
    return total + table[1, 2][0] * x + max(sorted(rows)) * x


@case({k: [0.1 * k, 1.0] for k in range(20)}, 1.3, argnums=(1,))
def table_that_is_changed(table, x):
    table[3][0] = x
    table[21] = [x, x]
    table[4].append(x)
    return sum(sum(row) for row in table.values()) * table[3][0]


@case({f"part {k}": 0.3 + 0.1 * k for k in range(20)}, 0.7)
def beside_what_is_called_zip(prices, zip):
    total = 0.0
    for price in prices.values():
        total += price * price * zip
    return total


class Half:
    def __init__(self, value):
        self.value = 0.5 * value


@case(0.5, 0.6, 3)
def objects_of_a_loop_that_does_not_run(x, y, n):
    for _ in range(n, 0):
        if 1.15 < y <= 0.81:
            return y
        group = [y, Half(y)]
        for body, other in group[1:]:
            return body * other
    return x * y
