"""Long lists of objects and dicts of many keys among the arguments."""

import math
from dataclasses import dataclass

from golden import golden


@dataclass
class Bead:
    x: float
    v: float
    mass: float


@golden([Bead(0.1 * k, math.sin(k), 1.0 + 0.1 * k) for k in range(17)], 2.0, 3, argnums=(0, 1))
def beads_on_a_wire(beads, stiffness, steps):
    for _ in range(steps):
        for bead in beads:
            bead.v -= 0.1 * stiffness * bead.x / bead.mass
        for bead in beads:
            bead.x += 0.1 * bead.v
    return sum(0.5 * bead.mass * bead.v**2 for bead in beads)


PRICES = {f"part {k}": 1.0 + 0.1 * k for k in range(17)}


@golden(PRICES, [(3, 2.0), (5, 1.0), (3, 4.0)])
def price_of_orders(prices, orders):
    total = 0.0
    for number, amount in orders:
        total += amount * prices[f"part {number}"] ** 1.1
    return total


ROADS = {k: {(7 * k + 3) % 17: 1.0 + k, (5 * k + 1) % 17: 2.0} for k in range(17)}


@golden(ROADS, 0, 3, 0.5, argnums=3)
def spread_along_roads(roads, start, steps, rate):
    levels = {place: 0.0 for place in roads}
    levels[start] = 1.0
    for _ in range(steps):
        for place, ways in roads.items():
            for other, length in ways.items():
                levels[other] += rate * levels[place] / length
    return sum(level**2 for level in levels.values())
