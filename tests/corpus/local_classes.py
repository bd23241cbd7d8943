"""Classes that are defined inside the function that is differentiated."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from corpus.registry import case

GAIN = 2.0


@case(1.2)
def plain_class(x):
    class Power:
        exponent = 2

        def __init__(self, base):
            self.base = base

        def value(self):
            return GAIN * self.base**self.exponent

    return Power(x).value() * 3


@case(1.2)
def class_and_its_child(x):
    class Line:
        slope = 0.5

        def __init__(self, v):
            self.v = v

        def at(self):
            return self.v * GAIN + self.slope

    class Square(Line):
        def at(self):
            return super().at() ** 2

    return Square(x).at() + Line(x).at()


@case(1.2, 4)
def data_class_in_a_loop(x, n):
    @dataclass
    class State:
        p: float
        v: float = 0.0

        def step(self, h):
            self.v -= h * self.p
            self.p += h * self.v

    s = State(x)
    for _ in range(n):
        s.step(0.1)
    return s.p


@case(1.2, 3)
def named_tuple_in_a_loop(x, n):
    class State(NamedTuple):
        p: float
        v: float = 0.0

    s = State(x)
    for _ in range(n):
        s = State(s.p + 0.1 * s.v, s.v - 0.1 * s.p)
    return s.p


@case(1.2)
def class_and_static_methods(x):
    @dataclass
    class Basket:
        price: float
        items: list = field(default_factory=list)

        def __post_init__(self):
            self.items.append(self.price**2)

        @property
        def total(self):
            return sum(self.items) + self.price

        @staticmethod
        def doubled(v):
            return 2 * v

        @classmethod
        def of_three(cls, v):
            return cls(v * 3)

    return Basket.of_three(x).total + Basket.doubled(x)


@case(1.2, 3)
def class_made_in_each_round(x, n):
    total = 0.0
    for i in range(n):

        class Box:
            def __init__(self, v):
                self.v = v

        total += Box(x * i).v ** 2
    return total


@case(1.2, refused="a class inside a function reads its variable `x`")
def class_that_closes_over_an_argument(x):
    class Scaled:
        def by(self, k):
            return x * k

    return Scaled().by(2.0)
