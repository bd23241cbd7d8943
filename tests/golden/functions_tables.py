"""Lists of objects and tuples whose number only the run knows."""

import math

import numpy as np

from golden import golden


class Star:
    def __init__(self, x, v, mass):
        self.x = x
        self.v = v
        self.mass = mass
        self.force = 0.0

    def step(self, dt):
        self.v += dt * self.force / self.mass
        self.x += dt * self.v


@golden(np.array([0.0, 1.0, 2.5]), np.array([0.1, -0.2, 0.3]), 1.3, 3, argnums=(0, 1, 2))
def cluster(x, v, mass, steps):
    stars = [Star(x[i], v[i], mass) for i in range(len(x))]
    for _ in range(steps):
        for star in stars:
            star.force = 0.0
        for i in range(len(stars)):
            for j in range(i):
                d = stars[j].x - stars[i].x
                f = d / (0.1 + d * d)
                stars[i].force += f
                stars[j].force -= f
        for star in stars:
            star.step(0.05)
    return sum(star.x**2 for star in stars)


@golden(0.7, 0.2, 6, argnums=(0, 1))
def swinging(angle, speed, steps):
    path = [(0.0, angle, speed)]
    for _ in range(steps):
        t, angle, speed = path[-1]
        path.append((t + 0.1, angle + 0.1 * speed, speed - 0.1 * math.sin(angle)))
    return sum(t * angle for t, angle, _ in path)


class Particle:
    def __init__(self, place):
        self.place = place
        self.speed = np.zeros(2)


@golden(np.array([[0.0, 1.0], [2.5, 0.3]]), 3)
def particles(x, steps):
    cloud = [Particle(row.copy()) for row in x]
    for _ in range(steps):
        for p in cloud:
            p.speed -= 0.1 * p.place
            p.place += 0.1 * p.speed
    return sum(p.place @ p.place for p in cloud)
