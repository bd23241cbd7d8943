"""What classes of the user's say about operators, contexts, iteration and attributes."""

from __future__ import annotations

import contextlib
import enum
import functools
import math
from typing import NamedTuple

import numpy as np

from corpus.registry import case, draw


class Turn(NamedTuple):
    w: float
    x: float

    def __mul__(self, other):
        return Turn(
            self.w * other.w - self.x * other.x, self.w * other.x + self.x * other.w
        )

    def __neg__(self):
        return Turn(-self.w, -self.x)

    @classmethod
    def by(cls, angle):
        return cls(math.cos(angle), math.sin(angle))


class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __sub__(self, other):
        return Point(self.x - other.x, self.y - other.y)

    def __abs__(self):
        return math.hypot(self.x, self.y)

    def __iter__(self):
        yield self.x
        yield self.y


CENTRE = Point(0.5, -1.0)


@case([0.3, 0.4, 0.5])
def named_tuples_that_multiply(angles):
    turn = Turn(1.0, 0.0)
    for angle in angles:
        turn = turn * Turn.by(angle)
    return turn.w + 2.0 * turn.x


@case(1.3, 2.0)
def object_outside_as_operand(x, y):
    return abs(CENTRE - Point(x, y)) + abs(Point(y, x) - CENTRE)


@case(1.3, 2.0)
def objects_unpacked(x, y):
    point = Point(x * y, x)
    a, b = point
    return a * b + max(*point) + sum([*point])


class Scale:
    def __init__(self, by):
        self.by = by
        self.uses = 0

    def __enter__(self):
        self.uses += 1
        return self

    def __exit__(self, *error):
        self.uses += 10


@contextlib.contextmanager
def doubled(x):
    y = 2.0 * x
    yield y


@case(1.3)
def context_in_a_name(x):
    scale = Scale(x)
    with scale as s:
        y = x * s.by
    return y * scale.uses


@case(1.3, 0.4)
def contexts_made_by_generators(x, y):
    total = 0.0
    for k in range(3):
        with doubled(x * k) as a, doubled(y) as b:
            total += a * b
    return total


class Form(enum.Enum):
    LINE = 1
    SQUARE = 2

    def of(self, x):
        return x if self is Form.LINE else x * x

    @property
    def weight(self):
        return 0.5 * self.value


class Place(enum.IntEnum):
    FIRST = 0
    LAST = 2


@case(1.3, Form.SQUARE)
def members_with_methods(x, form):
    return form.of(x) * form.weight + Form.LINE.of(x) + Form["SQUARE"].of(3.0 * x)


@case([1.5, -2.0, 0.5])
def members_as_indices(xs):
    return xs[Place.FIRST] * xs[Place.LAST] ** 2


@functools.singledispatch
def size(value):
    return 0.0


@size.register
def _(value: float):
    return value * value


@size.register(list)
def _(value):
    return sum(size(each) for each in value)


@case([1.5, -2.0])
def picked_by_class(xs):
    return size(xs) * size(xs[0])


class Settings:
    def __init__(self, **given):
        self.__dict__.update(given)

    def __getattr__(self, name):
        if name.startswith("log_"):
            return math.log(getattr(self, name[4:]))
        raise AttributeError(name)


@case(1.3, 2.0)
def attributes_made_up(x, y):
    settings = Settings(x=x, y=y)
    return settings.log_x * settings.y + settings.log_y


class Layer:
    def __init__(self, w, b):
        self.w = w
        self.b = b
        self.name = "layer"


@case(Layer(draw(2, 3), draw(3)))
def attributes_by_vars(layer):
    return sum(np.sum(v**2) for v in vars(layer).values() if isinstance(v, np.ndarray))


@case(1.3)
def attribute_with_default(x):
    layer = Layer(x, 2.0)
    scale = getattr(layer, "scale", 3.0)
    bias = layer.b if hasattr(layer, "b") else 0.0
    return layer.w * scale + bias * layer.w


class Samples:
    def __init__(self, inputs, targets):
        self.inputs, self.targets = inputs, targets

    def __len__(self):
        return 2

    def __getitem__(self, place):
        return self.inputs[place], self.targets[place]


class Squares:
    def __init__(self, xs):
        self.xs = xs

    def __getitem__(self, place):
        if place >= len(self.xs):
            raise IndexError(place)
        return self.xs[place] ** 2


@case(np.array([[1.0, 2.0], [0.5, 1.0], [0.3, 0.2]]))
def loop_over_what_has_items_only(u):
    total = 0.0
    for row, target in Samples(u, np.array([1.0, 2.0, 3.0])):
        total += row @ row * target
    return total


@case(1.3, 0.4)
def sum_over_what_has_items_only(x, y):
    return sum(v for v in Squares([x, y, x * y])) + max(Squares([x, y]))


class Points:
    """Items and slices of its own, over a list."""

    def __init__(self, *numbers):
        self.numbers = list(numbers)

    def __len__(self):
        return len(self.numbers)

    def __getitem__(self, key):
        if isinstance(key, slice):
            places = range(*key.indices(len(self)))
            return Points(*[self.numbers[k] for k in places])
        return self.numbers[key]

    def __setitem__(self, key, value):
        self.numbers[key] = value


@case(1.2, 0.4)
def slices_that_a_class_takes_apart(x, y):
    p = Points(x, y, x * y, 2.0)
    back = p[:-5:-2]
    return p[1:][0] * p[-3:9][2] + back[0] * back[-1] + len(p[5:]) * x


@case(1.2, 0.4)
def slices_that_a_class_hands_on(x, y):
    p = Points(x, y, 3.0, 2.0)
    p[1:3] = [p[0] * y, x]
    p[::3] = p.numbers[2:0:-1]
    return p[0] * p[1] + p[2] * p[3]


class Grid:
    def __init__(self, cells):
        self.cells = cells

    def __getitem__(self, key):
        return self.cells[key]

    def __setitem__(self, key, value):
        self.cells[key] = value


@case(draw(3, 4))
def slices_of_several_axes_in_a_class(u):
    g = Grid(u.copy())
    g[1:, 0] = g[:-1, 1] * 2.0
    g[..., ::2] *= g[0, 1:3]
    return (g[1:-1, :] ** 2).sum() + g[:, None].max() + g[-1][1]


class Kept:
    def __init__(self, x):
        self.x = x

    @property
    @functools.lru_cache(maxsize=8)
    def square(self):
        return self.x**2

    @functools.cache
    def power(self, n):
        return 1.0 if n == 0 else self.x * self.power(n - 1)


@case(1.3)
def methods_that_keep_their_results(x):
    kept = Kept(x)
    return kept.square * kept.square + kept.power(3)
