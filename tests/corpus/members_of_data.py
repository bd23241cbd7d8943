"""Members of enumerations of which the run decides."""

import math
from collections import Counter
from enum import Enum, auto

import numpy as np

from corpus.registry import case


class Phase(Enum):
    WARM = auto()
    RUN = auto()
    COOL = auto()

    @property
    def gain(self):
        return {Phase.WARM: 0.5, Phase.RUN: 1.5}.get(self, 0.1)

    def applied(self, x):
        return math.sin(x) if self is Phase.WARM else self.gain * x


NEXT = {Phase.WARM: Phase.RUN, Phase.RUN: Phase.COOL, Phase.COOL: Phase.WARM}
SLOPE = {Phase.WARM: 1.1, Phase.RUN: -0.4, Phase.COOL: 0.3}


@case(0.7, 9)
def phases_of_a_machine(x, n):
    phase, level, rounds = Phase.WARM, 0.0, Counter()
    for _ in range(n):
        rounds[phase] += 1
        match phase:
            case Phase.WARM:
                level += phase.gain * x
                if level > 1:
                    phase = Phase.RUN
            case Phase.RUN:
                level *= x * phase.gain
                if rounds[Phase.RUN] >= 3:
                    phase = Phase.COOL
            case Phase.COOL:
                level -= x**2
    return level


@case(0.9, 7)
def tables_by_member(x, n):
    phase, level = Phase.WARM, x
    weights = {Phase.WARM: x, Phase.RUN: x * x, Phase.COOL: 2.0}
    for _ in range(n):
        level += SLOPE[phase] * weights[phase]
        if level > 1.5 or phase is Phase.RUN:
            phase = NEXT[phase]
    return level


@case(0.9, 6)
def what_a_member_says(x, n):
    phase, level = Phase.WARM, 0.0
    for _ in range(n):
        level = 0.5 * level + phase.applied(x) * phase.value
        if level > 1:
            phase = Phase.RUN
    return level + (x * x if phase.name == "RUN" else x)


@case(0.7, 6)
def members_in_lists_and_sets(x, n):
    phase, level, seen, history = Phase.WARM, 0.0, set(), []
    for _ in range(n):
        level += x * (2 if phase in seen else 1) + history.count(Phase.RUN) * x * x
        seen.add(phase)
        history.append(phase)
        if level > 1:
            phase = Phase.RUN
    return level + len(seen) * x + history.index(Phase.RUN) * x**3


class Slope(Enum):
    STEEP = "steep"
    FLAT = 3

    def __call__(self, x, scale=1.0):
        if self is Slope.STEEP:
            return np.maximum(x, 0.0) * scale
        return np.log1p(np.exp(x)) * scale


LAYERS = [{"slope": "steep", "scale": 0.5}, {"slope": 3, "scale": 2.0}]


@case(np.array([0.3, -0.4, 1.2]), 0.7)
def members_that_are_called(x, y):
    for layer in LAYERS:
        total = Slope(layer["slope"])(x, scale=layer["scale"] * y)
        total += x
        x = total
    chosen = Slope.FLAT if y > 0.5 else Slope.STEEP
    for _ in range(3):
        x = chosen(x)
        if x[0] > 1.0:
            chosen = Slope("steep")
    return np.sum(x)
