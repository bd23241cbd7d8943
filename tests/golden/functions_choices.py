"""Functions and objects of which the run decides, and options that not all runs need."""

import math

from golden import golden


class Call:
    def __init__(self, strike):
        self.strike = strike

    def pays(self, s):
        return math.log1p(math.exp(s - self.strike))


class Put(Call):
    def pays(self, s):
        return math.log1p(math.exp(self.strike - s))


@golden(1.5, 1.1, 0.3, 4, argnums=("spot", "strike", "drift"))
def payoff(spot, strike, drift, steps):
    option = Call(strike) if spot > strike else Put(strike)
    bounded = math.tanh if strike > 1 else math.sin
    total = 0.0
    for k in range(steps):
        total += bounded(option.pays(spot * (1 + drift * k)))
    return total


@golden(1.5, 0.7, argnums=("load", "width"), value=True)
def stress(load, width, height=None):
    if width < 2.0 * load:
        return load / width**2
    return load / (width * height)
