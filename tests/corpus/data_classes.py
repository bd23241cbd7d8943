"""Data classes: with an `__init__` of their own, which `dataclass` leaves alone; fields."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from corpus.registry import case


@dataclass
class Scaled:
    a: float
    b: float

    def __init__(self, b, a):
        self.a = 2 * a
        self.b = b


class Extended(Scaled):
    pass


@dataclass
class Product:
    a: float = 1.0

    def __init__(self, k, weight=3.0):
        self.a = k * weight

    def __post_init__(self):
        self.a = 100.0


@dataclass
class Again(Scaled):
    c: float = 2.0


@case(1.5)
def other_order_of_arguments(x):
    p = Scaled(x, 3.0)
    return p.a * p.b**2 + p.a


@case(1.5)
def by_name(x):
    p = Scaled(a=x, b=0.5)
    return p.a * p.b + p.a**2


@case(1.5)
def inherited(x):
    p = Extended(x, 3.0)
    return p.a * p.b**2


@case(1.5)
def nothing_after_it(x):
    return Product(x).a ** 2 + Product(2.0, x).a


@case(1.5)
def a_data_class_that_extends_it(x):
    p = Again(x, 3.0)
    return p.a * p.b**2 * p.c


@case(Scaled(0.5, 1.5), 0.7)
def by_its_attributes(p, x):
    return p.a**2 * p.b + Scaled(x, p.b).a


@case(1.5)
def with_another_field(x):
    p = replace(Scaled(x, 2.0), a=x)
    return p.a * p.b**2


@dataclass
class Weights:
    first: float = 2.0
    second: float = 3.0


WEIGHTS = Weights()


@case(1.5)
def fields_of_an_object_outside(x):
    total = 0.0
    for field in fields(WEIGHTS):
        total += getattr(WEIGHTS, field.name) * x
    return total * x
