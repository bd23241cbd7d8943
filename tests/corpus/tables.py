"""Lists of objects, dicts and tuples whose number only the run knows."""

from __future__ import annotations

import math
from collections import deque, namedtuple
from dataclasses import dataclass, replace

import numpy as np

from corpus.registry import case


class Body:
    def __init__(self, x, v, m):
        self.x = x
        self.v = v
        self.m = m
        self.f = 0.0

    def step(self, dt):
        self.v += dt * self.f / self.m
        self.x += dt * self.v

    def energy(self):
        return 0.5 * self.m * self.v**2


@case(np.array([0.0, 1.0, 2.5]), np.array([0.1, -0.2, 0.3]), 1.3, 3)
def bodies_on_a_line(x, v, m, steps):
    bodies = [Body(x[i], v[i], m) for i in range(len(x))]
    for _ in range(steps):
        for b in bodies:
            b.f = 0.0
        for i in range(len(bodies)):
            for j in range(i):
                d = bodies[j].x - bodies[i].x
                f = d / (0.1 + d * d)
                bodies[i].f += f
                bodies[j].f -= f
        for b in bodies:
            b.step(0.05)
    return sum(b.energy() + b.x**2 for b in bodies)


class Particle:
    def __init__(self, position, velocity, mass):
        self.position = position
        self.velocity = velocity
        self.mass = mass
        self.force = np.zeros(2)

    def step(self, dt):
        self.velocity += dt * self.force / self.mass
        self.position += dt * self.velocity

    @property
    def kinetic(self):
        return 0.5 * self.mass * self.velocity @ self.velocity


@case(
    np.array([[0.0, 1.0], [2.5, 0.3], [1.0, -1.0]]),
    np.array([[0.1, -0.2], [0.3, 0.1], [0.0, 0.2]]),
    1.3,
    2,
)
def particles_in_a_plane(x, v, m, steps):
    particles = [Particle(x[i].copy(), v[i].copy(), m * (i + 1)) for i in range(len(x))]
    for _ in range(steps):
        for p in particles:
            p.force[:] = 0.0
        for a in particles:
            for b in particles:
                if a is not b:
                    r = b.position - a.position
                    a.force += r / (0.1 + r @ r) ** 1.5
        for p in particles:
            p.step(0.1)
    return sum(p.kinetic for p in particles) + particles[0].position[1]


@case(0.7, 5)
def dicts_of_history(x, n):
    history = []
    for t in range(n):
        x = x + 0.1 * math.sin(x)
        history.append({"t": t, "x": x})
    s = 0.0
    for entry in history:
        s += entry["t"] * entry["x"] ** 2
    return s + history[-1]["x"]


@dataclass
class State:
    x: float
    v: float


@case(0.7, 0.2, 5)
def trajectory_of_states(x, v, n):
    trajectory = [State(x, v)]
    for _ in range(n):
        s = trajectory[-1]
        a = -math.sin(s.x)
        trajectory.append(State(s.x + 0.1 * s.v, s.v + 0.1 * a))
    return trajectory[-1].x * sum(s.v for s in trajectory)


@case(1.3, 0.2, 0.13)
def trajectory_of_tuples(x, v, dt):
    trajectory = [(0.0, x, v)]
    while trajectory[-1][0] < 1.0:
        t, p, q = trajectory[-1]
        trajectory.append((t + dt, p + dt * q, q - dt * p))
    area = 0.0
    for (t0, p0, _), (t1, p1, _) in zip(trajectory, trajectory[1:]):
        area += 0.5 * (t1 - t0) * (p0 + p1)
    return area + trajectory[-1][2]


@case(np.array([[0.1, 0.2], [0.3, -0.4]]), 3)
def layers_of_weights(w, n):
    layers = []
    for i in range(n):
        layers.append((w * (i + 1), w[0] * 0.1))
    h = np.ones(2)
    for weights, bias in layers:
        h = np.tanh(weights @ h + bias)
    return h.sum()


@case(0.3, 4)
def tuples_in_tuples(x, n):
    found = []
    for t in range(n):
        x = x * math.cos(x)
        found.append((t, x, (x, 2.0), None, "tag"))
    s = 0.0
    for t, y, (a, b), nothing, name in found:
        if nothing is None and name == "tag":
            s += t * y * a * b
    return s


class Pair:
    def __init__(self, x):
        self.x = x
        self.y = 0.0


@case(1.3, 4)
def changed_after_it_was_appended(x, n):
    pairs = []
    for i in range(n):
        p = Pair(x * i)
        pairs.append(p)
        p.y = x + i
        p.x *= 2
    last = pairs[-1]
    last.x += 5 * x
    s = 0.0
    for p in pairs:
        s += p.x * p.y
    return s + last.x**2 + pairs[n - 1].x


@case(1.3, 7)
def one_of_them_has_a_name(x, n):
    pairs = [Pair(x), Pair(2 * x), Pair(3.0)]
    sun = pairs[0]
    for k in range(n):
        i = k % 3
        pairs[i].x += x
        pairs[i].y = pairs[(i + 1) % 3].x * 0.5
        sun.y += 0.1 * x
    return sum(p.x * p.y for p in pairs) + sun.x * sun.y


@case(1.3, 3)
def stack_of_tuples(x, n):
    stack = [(x, 0)]
    total = 0.0
    while stack:
        v, depth = stack.pop()
        total += v * v
        if depth < n:
            stack.append((v * 0.5, depth + 1))
            stack.append((v * 0.3, depth + 1))
    return total


@case(1.3, 5)
def stack_of_objects(x, n):
    stack = [Pair(x)]
    total, k = 0.0, 0
    while len(stack) > 0:
        p = stack.pop()
        p.y = p.x * 2
        total += p.y * p.x
        k += 1
        if k < n:
            stack.append(Pair(p.x * 0.5))
            stack.append(Pair(p.y * 0.25))
    return total


@case(1.3, 5)
def queue_of_objects(x, n):
    queue = [Pair(x)]
    s = 0.0
    for _ in range(n):
        p = queue.pop(0)
        s += p.x
        queue.append(Pair(p.x * 0.9))
        queue.append(Pair(p.x * p.x))
    return s


@case(1.3, 6)
def queue_of_tuples(x, n):
    queue = deque()
    queue.append((x, 1))
    s = 0.0
    for _ in range(n):
        v, d = queue.popleft()
        s += v * d
        queue.append((v * 0.5, d + 1))
        queue.append((v * x, d))
    return s


@case(1.3, 5)
def objects_change_places(x, n):
    pairs = [Pair(x * i) for i in range(n)]
    for i in range(n - 1):
        pairs[i], pairs[i + 1] = pairs[i + 1], pairs[i]
    s = 0.0
    for i, p in enumerate(pairs):
        s += (i + 1) * p.x**2
    return s


@case(1.3, 5)
def some_are_chosen(x, n):
    pairs = [Pair(x * i - 1.0) for i in range(n)]
    good = [p for p in pairs if p.x > 0]
    return sum(p.x**2 for p in good) + len(good) * x


@case(1.3, 5)
def those_that_live_on(x, n):
    pairs = [Pair(x * i - 1.0) for i in range(n)]
    for _ in range(3 * n):
        for p in pairs:
            p.x -= 0.2 * x
        pairs = [p for p in pairs if p.x > -3]
        if not pairs:
            break
    return sum(p.x**2 for p in pairs)


@case(1.3, 5)
def the_nearest_is_changed(x, n):
    pairs = [Pair(x * i - 1.0) for i in range(n)]
    best = pairs[0]
    for p in pairs:
        if abs(p.x - 2.0) < abs(best.x - 2.0):
            best = p
    best.y += x
    return best.x * best.y + sum(p.y**2 for p in pairs)


@case(1.3, 5)
def the_one_before_the_last(x, n):
    pairs = [Pair(x)]
    for _ in range(n):
        previous = pairs[-1]
        pairs.append(Pair(previous.x * 1.1))
        previous.y = previous.x * 2 + pairs[-1].x
    return sum(p.x * p.y for p in pairs)


@case(1.3, 5)
def neighbours_on_a_ring(x, n):
    pairs = [Pair(x * i) for i in range(n)]
    for i in range(n):
        right = pairs[(i + 1) % n]
        here = pairs[i]
        here.y += right.x * 0.5
        right.x += here.y
    for i in range(n):
        left = pairs[i - 1]
        left.y += pairs[i].x
    return sum(p.x * p.y for p in pairs)


class Vector:
    def __init__(self, a, b):
        self.a = a
        self.b = b

    def __add__(self, other):
        return Vector(self.a + other.a, self.b + other.b)

    def __mul__(self, s):
        return Vector(self.a * s, self.b * s)


class Mover:
    def __init__(self, place, speed):
        self.place = place
        self.speed = speed
        self.alive = True

    def move(self, dt):
        self.place = self.place + self.speed * dt


@case(1.3, 5)
def objects_in_objects(x, n):
    movers = [Mover(Vector(x * i, 1.0), Vector(1.0, x)) for i in range(n)]
    for _ in range(n):
        for m in movers:
            m.move(0.1)
            if m.place.a > 2.0:
                m.alive = False
            m.speed.a *= 0.9
    dead = len([m for m in movers if not m.alive])
    return sum(m.place.a**2 + m.place.b for m in movers if m.alive) + dead


Moment = namedtuple("Moment", "t x v")


@case(1.3, 5)
def named_tuples(x, n):
    moments = [Moment(0, x, 1.0)]
    for _ in range(n):
        m = moments[-1]
        moments.append(m._replace(t=m.t + 1, x=m.x + 0.1 * m.v, v=m.v - 0.1 * m.x))
    times = [m.t for m in moments]
    return sum(m.x * m.v for m in moments) + times[-1] + moments[2].x


@dataclass(frozen=True)
class Frozen:
    x: float
    w: np.ndarray


@case(np.array([1.0, 2.0]), 4)
def frozen_objects(x, n):
    found = []
    for i in range(n):
        found.append(Frozen(x[0] * i, x * i))
    found = [replace(f, x=f.x * 2) for f in found]
    return sum(f.x * f.w.sum() for f in found)


@case(1.3, 5)
def dicts_in_dicts(x, n):
    rows = [{"a": x * i, "b": {"c": i * 1.0, "d": x}} for i in range(n)]
    for r in rows:
        r["a"] += r["b"]["c"]
        r["b"]["d"] *= 2.0
    rows[0]["a"] = x**2
    return sum(r["a"] * r["b"]["d"] for r in rows)


@case(1.3, 4)
def lists_in_dicts(x, n):
    rows = [{"v": x * i, "trail": [x]} for i in range(n)]
    for _ in range(3):
        for r in rows:
            r["v"] *= 1.1
            r["trail"].append(r["v"])
    return sum(r["trail"][-1] + r["trail"][0] * len(r["trail"]) for r in rows)


class System:
    def __init__(self, x, n):
        self.pairs = [Pair(x * i) for i in range(n)]
        self.log = []
        self.t = 0.0

    def step(self, dt):
        for p in self.pairs:
            p.y += dt * p.x
            p.x -= dt * p.y
        self.t += dt
        self.log.append((self.t, self.energy()))

    def energy(self):
        return sum(p.x**2 + p.y**2 for p in self.pairs)


@case(1.3, 5)
def lists_in_an_object(x, n):
    system = System(x, n)
    for _ in range(n):
        system.step(0.1)
    return system.energy() + sum(e * t for t, e in system.log)


class Node:
    def __init__(self, world, x):
        self.world = world
        self.x = x

    def weight(self):
        return self.x * self.world.g


class World:
    def __init__(self, g):
        self.g = g
        self.nodes = []

    def add(self, x):
        self.nodes.append(Node(self, x))


@case(1.3, 4)
def items_share_an_object(x, n):
    world = World(x)
    for i in range(n):
        world.add(x * i)
    world.g = world.g * 2
    return sum(node.weight() for node in world.nodes)


@case(1.3, 6)
def largest_and_smallest(x, n):
    pairs = [Pair(math.sin(x * i)) for i in range(n)]
    top = max(pairs, key=lambda p: p.x)
    low = min(pairs, key=lambda p: p.x)
    return top.x * low.x


@case(1.3, 6)
def descent_with_history(x, n):
    history = []
    for _ in range(n):
        g = 2 * (x - 3.0)
        history.append({"x": x, "g": g, "f": (x - 3.0) ** 2})
        x = x - 0.1 * g
        if abs(g) < 1e-3:
            break
    best = min(history, key=lambda h: h["f"])
    return best["f"] + sum(h["g"] for h in history[-2:])


@case(1.3, 4)
def put_together_and_taken_apart(x, n):
    a = [Pair(x * i) for i in range(n)]
    b = [Pair(x + i) for i in range(n)]
    c = a + b
    a.extend(b)
    a.insert(0, Pair(x * x))
    del a[2]
    a.reverse()
    return sum((k + 1) * p.x**2 for k, p in enumerate(a)) + sum(p.x for p in c)


@case(1.3, 7)
def appended_on_some_paths(x, n):
    events = []
    for i in range(n):
        v = math.sin(x * i)
        if v > 0:
            events.append((i, v))
        elif v < -0.5:
            events.append((-i, v * x))
    return sum(i * v for i, v in events)


@case(1.3, 5)
def tuples_in_order(x, n):
    found = [(x * math.cos(i), i) for i in range(n)]
    found.sort()
    s = 0.0
    for k, (v, i) in enumerate(found):
        s += k * v * i
    return s + found[1][0]


@case(1.3, 5)
def tuples_as_an_array(x, n):
    found = []
    for i in range(n):
        found.append((i, x * i))
    m = np.array(found)
    return m[:, 1].sum() * m[1, 0]
