"""A small physics engine in two dimensions: springs, gravity, contacts by penalty."""

import math


class Vec:
    """A vector in the plane."""

    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vec(self.x + other.x, self.y + other.y)

    def __sub__(self, other):
        return Vec(self.x - other.x, self.y - other.y)

    def __mul__(self, k):
        return Vec(self.x * k, self.y * k)

    __rmul__ = __mul__

    def dot(self, other):
        return self.x * other.x + self.y * other.y

    def length(self):
        return math.hypot(self.x, self.y)


class Body:
    def __init__(self, position, velocity, mass=1.0, radius=0.1):
        self.position = position
        self.velocity = velocity
        self.mass = mass
        self.radius = radius
        self.force = Vec(0.0, 0.0)
        self.contacts = 0

    def kinetic_energy(self):
        return 0.5 * self.mass * self.velocity.dot(self.velocity)


class Spring:
    def __init__(self, a, b, rest, stiffness):
        self.a, self.b = a, b
        self.rest = rest
        self.stiffness = stiffness

    def apply(self):
        d = self.b.position - self.a.position
        length = d.length()
        pull = self.stiffness * (length - self.rest) / length * d
        self.a.force = self.a.force + pull
        self.b.force = self.b.force - pull


class World:
    def __init__(self, gravity=9.81, stiffness=400.0, damping=0.2):
        self.bodies = []
        self.springs = []
        self.gravity = gravity
        self.stiffness = stiffness
        self.damping = damping
        self.time = 0.0

    def add(self, body):
        self.bodies.append(body)
        return body

    def connect(self, a, b, stiffness, rest=None):
        if rest is None:
            rest = (a.position - b.position).length()
        self.springs.append(Spring(a, b, rest, stiffness))

    def collide_ground(self, body):
        depth = body.radius - body.position.y
        if depth <= 0:
            return
        body.contacts += 1
        push = self.stiffness * depth - 2.0 * body.velocity.y
        body.force = body.force + Vec(0.0, max(push, 0.0))

    def collide_pair(self, a, b):
        d = b.position - a.position
        distance = d.length()
        depth = a.radius + b.radius - distance
        if depth <= 0:
            return
        a.contacts += 1
        b.contacts += 1
        push = d * (self.stiffness * depth / distance)
        a.force = a.force - push
        b.force = b.force + push

    def step(self, dt):
        for body in self.bodies:
            body.force = Vec(0.0, -self.gravity * body.mass) - self.damping * body.velocity
        for spring in self.springs:
            spring.apply()
        for i, a in enumerate(self.bodies):
            self.collide_ground(a)
            for b in self.bodies[i + 1 :]:
                self.collide_pair(a, b)
        for body in self.bodies:
            body.velocity = body.velocity + (dt / body.mass) * body.force
            body.position = body.position + dt * body.velocity
        self.time += dt

    def energy(self):
        kinetic = sum(body.kinetic_energy() for body in self.bodies)
        return kinetic + sum(b.mass * self.gravity * b.position.y for b in self.bodies)


def throw(speed, angle, stiffness, mass):
    """A dumbbell is thrown at a resting ball; where they are half a second later."""
    world = World()
    start = Vec(0.0, 0.6)
    velocity = Vec(speed * math.cos(angle), speed * math.sin(angle))
    a = world.add(Body(start, velocity, mass))
    b = world.add(Body(start + Vec(0.3, 0.05), velocity, radius=0.12))
    ball = world.add(Body(Vec(1.1, 0.1), Vec(0.0, 0.0), mass=0.5))
    world.connect(a, b, stiffness)
    while world.time < 0.499:
        world.step(0.01)
    target = Vec(2.0, 0.1)
    miss = ball.position - target
    return miss.dot(miss) + 0.01 * world.energy() + 0.1 * a.position.x * b.position.y


if __name__ == "__main__":
    print(throw(4.0, 0.1, 60.0, 0.8))
