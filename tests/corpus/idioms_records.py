"""Dataclasses, named tuples, enums and other ready-made records."""

from __future__ import annotations

import dataclasses
import math
import typing
from collections import namedtuple
from dataclasses import InitVar, dataclass, field
from enum import Enum
from typing import NamedTuple

import numpy as np

from corpus.registry import case


class Particle:
    def __init__(self, x, v, mass=1.0):
        self.x = x
        self.v = v
        self.mass = mass

    def kinetic(self):
        return 0.5 * self.mass * self.v**2

    def advance(self, dt):
        self.x += dt * self.v
        self.v -= dt * self.x / self.mass

    @property
    def momentum(self):
        return self.mass * self.v


@case(1.3, 0.4)
def object_property(x, v):
    p = Particle(x, v, 2.0)
    return p.momentum * p.x


class Units:
    factor = 2.5

    @staticmethod
    def convert(x):
        return x * 3.0

    @classmethod
    def scaled(cls, x):
        return cls.factor * x

    @classmethod
    def make(cls, x):
        made = cls()
        made.x = x
        return made


@case(1.3)
def static_and_class_methods(x):
    return Units.convert(x) * Units.scaled(x) + Units.make(x).x


class Account:
    def __init__(self, balance):
        self._balance = balance

    @property
    def balance(self):
        return self._balance

    @balance.setter
    def balance(self, value):
        self._balance = value * 0.9


@case(1.3, 0.4)
def property_setter(x, y):
    account = Account(x)
    account.balance = account.balance * y
    return account.balance**2


@dataclass
class Params:
    mass: float
    stiffness: float
    damping: float = 0.1
    label: str = "spring"

    @property
    def omega(self):
        return math.sqrt(self.stiffness / self.mass)

    def energy(self, x, v):
        return 0.5 * (self.mass * v**2 + self.stiffness * x**2)


@case(1.3, 0.4)
def dataclass_fields(m, k):
    p = Params(m, stiffness=k)
    return p.energy(1.0, 2.0) * p.omega - p.damping


@dataclass
class State:
    x: float = 0.0
    log: list = field(default_factory=list)
    doubled: float = field(init=False, default=0.0)

    def __post_init__(self):
        self.doubled = 2 * self.x


@case(1.3, 0.4)
def dataclass_with_post_init(x, y):
    s = State(x)
    s.log.append(y)
    s.log.append(x)
    t = State()
    return s.doubled * sum(s.log) + len(t.log)


@dataclass(frozen=True)
class Point:
    x: float
    y: float

    def __add__(self, other):
        return Point(self.x + other.x, self.y + other.y)


@case(1.3, 0.4)
def frozen_dataclass(x, y):
    p = Point(x, y) + Point(y, 1.0)
    return p.x * p.y


Pair = namedtuple("Pair", "first second")


class Interval(NamedTuple):
    low: float
    high: float = 1.0

    def width(self):
        return self.high - self.low


@case(1.3, 0.4)
def named_tuples(x, y):
    p = Pair(x, second=y)
    a, b = p
    q = p._replace(first=x * y)
    return p.first * b + q[0] + a


@case(1.3, 0.4)
def named_tuple_class(x, y):
    i = Interval(y)
    j = Interval(low=y, high=x)
    return i.width() * j.width() + sum(j)


class Method(Enum):
    EULER = 1
    HEUN = 2


@case(1.3, Method.EULER)
@case(1.3, Method.HEUN)
def enum_option(x, method):
    y = x - 0.1 * x * x
    if method is Method.EULER:
        return y
    if method == Method.HEUN:
        return x - 0.05 * (x * x + y * y)
    raise ValueError(method)


@case(1.3, 0.4)
def getattr_by_name(x, y):
    p = Params(x, y)
    total = 0.0
    for name in ("mass", "stiffness"):
        total += getattr(p, name) ** 2
    setattr(p, "damping", x)
    return total * p.damping


@dataclass
class Spring:
    stiffness: float
    factor: InitVar[float] = 2.0
    rest: float = 0.5
    scaled: float = field(init=False)

    def __post_init__(self, factor):
        self.scaled = self.stiffness * factor


@case(1.3, 0.4)
def fields_that_are_only_handed_on(x, y):
    a, b, c = Spring(x), Spring(y, x, rest=x), Spring(stiffness=x, factor=y)
    return a.scaled * b.scaled + c.scaled * b.rest + a.stiffness


class Reading(NamedTuple):
    level: float
    weight: float = 2.0


@dataclass
class Sensor:
    gains: np.ndarray
    name: str = "sensor"


@dataclass
class Station:
    sensor: Sensor
    levels: list
    reading: Reading | None = None
    height: float = field(default=1.0, metadata={"scale": 3.0})


@case(0.3, 4)
def dataclasses_as_dicts_and_tuples(x, n):
    levels = [x * k for k in range(n)]
    station = Station(Sensor(np.array([x, 2 * x])), levels, Reading(x), height=x**3)
    told = dataclasses.asdict(station)
    told["sensor"]["gains"][0] = 7.0
    total = np.sum(told["sensor"]["gains"]) * np.sum(station.sensor.gains)
    total += sum(told["levels"]) * told["reading"].level
    (gains, _), *_, height = dataclasses.astuple(station)
    total += gains[1] * height
    for each in dataclasses.fields(station):
        if "scale" in each.metadata:
            scale = each.metadata["scale"]
            total += scale * getattr(station, each.name) ** 2 + each.default
    assert dataclasses.is_dataclass(station.sensor)
    assert not dataclasses.is_dataclass(told)
    return typing.cast(float, total)


@case(1.3, 0.4)
def made_of_what_is_generated(x, y):
    reading = Reading(x, y)
    scaled = reading._make(3 * part for part in reading)
    turned = Reading._make([y, x])
    return scaled.level * scaled.weight + turned.level * Reading(*map(abs, scaled)).level
