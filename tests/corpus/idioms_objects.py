"""Classes as carriers of numbers."""

from __future__ import annotations

import enum
import math

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
def object_with_fields(x, v):
    p = Particle(x, v)
    return p.x * p.v + p.mass


@case(1.3, 0.4)
def object_with_a_method(x, v):
    return Particle(x, v, mass=x).kinetic()


@case(1.3, 0.4)
def object_that_changes(x, v):
    p = Particle(x, v)
    p.advance(0.1)
    p.mass = x * v
    p.v *= 2.0
    return p.kinetic() + p.x


@case(1.3, 0.4, 6)
def object_changes_in_a_loop(x, v, n):
    p = Particle(x, v)
    for _ in range(n):
        p.advance(0.1)
    return p.x * p.v


@case(1.3, 0.4)
def object_changes_in_a_branch(x, v):
    p = Particle(x, v)
    if x > v:
        p.advance(0.1)
    else:
        p.x = v
    return p.x * p.v


@case(1.3, 0.4)
def object_has_two_names(x, v):
    p = Particle(x, v)
    q = p
    q.x = v * v
    return p.x + q.v


@case(1.3, 0.4)
def objects_in_a_list(x, v):
    bodies = [Particle(x, v), Particle(v, x, 2.0)]
    for body in bodies:
        body.advance(0.2)
    return sum(body.kinetic() for body in bodies)


@case(1.3, 0.4)
def object_passed_to_a_helper(x, v):
    def kick(body, impulse):
        body.v += impulse / body.mass

    p = Particle(x, v)
    kick(p, x * v)
    return p.v**2


class Vector:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __sub__(self, other):
        return Vector(self.x - other.x, self.y - other.y)

    def __mul__(self, k):
        return Vector(self.x * k, self.y * k)

    def __rmul__(self, k):
        return self * k

    def __neg__(self):
        return Vector(-self.x, -self.y)

    def __matmul__(self, other):
        return self.x * other.x + self.y * other.y

    def __abs__(self):
        return math.hypot(self.x, self.y)

    def __iadd__(self, other):
        self.x += other.x
        self.y += other.y
        return self

    def __getitem__(self, k):
        return (self.x, self.y)[k]

    def __len__(self):
        return 2

    def __iter__(self):
        return iter((self.x, self.y))

    def __lt__(self, other):
        return abs(self) < abs(other)


@case(1.3, 0.4)
def overloaded_in_place(x, y):
    a = Vector(x, y)
    b = a
    a += Vector(y, x)
    return b.x * b.y


@case(1.3, 0.4)
def overloaded_subscript(x, y):
    a = Vector(x, y)
    return a[0] * a[1] + len(a)


class Dual:
    """Forward-mode numbers, as in a textbook."""

    def __init__(self, value, slope=0.0):
        self.value = value
        self.slope = slope

    def __add__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value + other.value, self.slope + other.slope)

    __radd__ = __add__

    def __mul__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        slope = self.value * other.slope + self.slope * other.value
        return Dual(self.value * other.value, slope)

    __rmul__ = __mul__

    def sin(self):
        return Dual(math.sin(self.value), math.cos(self.value) * self.slope)


@case(1.3, 0.4)
def dual_numbers(x, y):
    z = Dual(x, 1.0)
    result = 2 * z * z + z.sin() * y + 1
    return result.value * result.slope


class Gaussian:
    def __init__(self, mean, sd):
        self.mean = mean
        self.sd = sd

    def __call__(self, x):
        return math.exp(-0.5 * ((x - self.mean) / self.sd) ** 2)


@case(1.3, 0.4)
def callable_object(x, y):
    bell = Gaussian(y, 1.5)
    return bell(x) + bell(0.0)


class Shape:
    sides = 0

    def __init__(self, size):
        self.size = size

    def area(self):
        raise NotImplementedError

    def describe(self):
        return self.area() + self.sides


class Square(Shape):
    sides = 4

    def area(self):
        return self.size**2


class Prism(Square):
    def __init__(self, size, height):
        super().__init__(size)
        self.height = height

    def area(self):
        return 2 * super().area() + 4 * self.size * self.height


@case(1.3, 0.4)
def inheritance(x, y):
    return Square(x).describe() * y


@case(1.3, 0.4)
def inheritance_with_super(x, y):
    return Prism(x, y).describe()


@case(1.3, 0.4)
def objects_of_several_classes(x, y):
    return sum(shape.area() for shape in (Square(x), Prism(y, x), Square(y)))


@case(1.3, 0.4)
def isinstance_decides(x, y):
    total = 0.0
    for shape in (Square(x), Prism(x, y)):
        if isinstance(shape, Prism):
            total += shape.height
        else:
            total += shape.size * y
    return total


class Chain:
    def __init__(self, value):
        self.value = value

    def scale(self, k):
        self.value *= k
        return self

    def shift(self, k):
        self.value += k
        return self


@case(1.3, 0.4)
def method_chain(x, y):
    return Chain(x).scale(y).shift(x).scale(2.0).value


class Integrator:
    def __init__(self, rate, method="euler"):
        self.rate = rate
        self.method = method
        self.history = []
        self.calls = 0

    def step(self, y, dt):
        self.calls += 1
        self.history.append(y)
        if self.method == "euler":
            return y + dt * self.rate(y)
        middle = y + 0.5 * dt * self.rate(y)
        return y + dt * self.rate(middle)


@case(1.3, 0.4)
def object_with_callback_and_history(x, k):
    solver = Integrator(lambda y: -k * y, method="midpoint")
    for _ in range(4):
        x = solver.step(x, 0.1)
    return x + sum(solver.history) / solver.calls


class Adam:
    def __init__(self, rate):
        self.rate = rate
        self.state = {"m": 0.0, "v": 0.0, "t": 0}

    def update(self, w, g):
        s = self.state
        s["t"] += 1
        s["m"] = 0.9 * s["m"] + 0.1 * g
        s["v"] = 0.99 * s["v"] + 0.01 * g**2
        m = s["m"] / (1 - 0.9 ** s["t"])
        v = s["v"] / (1 - 0.99 ** s["t"])
        return w - self.rate * m / (math.sqrt(v) + 1e-2)


@case(1.3, 0.1)
def object_with_a_dict(w, rate):
    adam = Adam(rate)
    for _ in range(3):
        w = adam.update(w, 2 * w)
    return w


class Node:
    def __init__(self, value, next=None):
        self.value = value
        self.next = next


@case(1.3, 0.4)
def linked_list(x, y):
    node = Node(x, Node(y, Node(x * y)))
    total, k = 0.0, 1
    while node is not None:
        total += k * node.value
        node = node.next
        k += 1
    return total


class Tree:
    def __init__(self, value, left=None, right=None):
        self.value, self.left, self.right = value, left, right

    def total(self, depth=1):
        result = self.value / depth
        for child in (self.left, self.right):
            if child is not None:
                result += child.total(depth + 1)
        return result


@case(1.3, 0.4)
def tree_with_recursive_method(x, y):
    return Tree(x, Tree(y), Tree(x * y, Tree(2.0 * y))).total()


class Matrix:
    def __init__(self, rows):
        self.rows = [list(row) for row in rows]

    def __getitem__(self, key):
        i, j = key
        return self.rows[i][j]

    def __setitem__(self, key, value):
        i, j = key
        self.rows[i][j] = value

    def __contains__(self, value):
        return any(value in row for row in self.rows)


@case(1.3, 0.4)
def overloaded_matrix_subscript(x, y):
    m = Matrix([[x, y], [0.0, 1.0]])
    m[1, 0] = m[0, 0] * y
    m[1, 1] += x
    return m[0, 0] * m[1, 1] - m[0, 1] * m[1, 0]


class Window:
    def __init__(self, values):
        self.values = values

    def __getitem__(self, key):
        return self.values[key]


OUTER = Window(np.arange(9.0).reshape(3, 3))


@case(np.array([0.3, 0.7, 1.1]))
def slices_of_objects(u):
    inner = Window(u * OUTER[:, 1])
    return np.sum(inner[::2] ** 2) * inner[1] + np.sum(Window(np.outer(u, u))[1:, ::2] ** 2)


@case(1.3, 0.4)
def bound_method_as_a_value(x, y):
    p = Particle(x, y)
    advance = p.advance
    advance(0.1)
    advance(0.2)
    return p.x * p.v


class Layer:
    def __call__(self, x):
        return self.forward(x)


class Scaling(Layer):
    def __init__(self, w):
        self.w = w

    def forward(self, x):
        return x * self.w


class Running(Layer):
    def __init__(self):
        self.mean = 0.0

    def forward(self, x):
        self.mean = 0.9 * self.mean + 0.1 * x
        return x - 0.5 * self.mean


class Layers(Layer):
    def __init__(self, *layers):
        self.layers = list(layers)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


@case(1.5, 0.4)
def layers_of_layers_that_keep_something(x, w):
    net = Layers(Scaling(2.0), Layers(Running(), math.tanh), Scaling(w))
    for _ in range(5):
        x = net(x)
    return x + net.layers[1].layers[0].mean


class Phase(enum.Enum):
    CLIMB = enum.auto()
    CRUISE = enum.auto()
    DESCENT = enum.auto()


class Flight:
    def __init__(self, thrust):
        self.phase = Phase.CLIMB
        self.thrust, self.height, self.speed = thrust, 0.0, 1.0

    def step(self, drag):
        if self.phase is Phase.CLIMB:
            self.speed += 0.1 * (self.thrust - drag * self.speed**2)
            self.height += 0.3 * self.speed
            if self.height > 2.0:
                self.phase = Phase.CRUISE
        elif self.phase == Phase.CRUISE:
            self.speed += 0.1 * (0.5 * self.thrust - drag * self.speed**2)
            if self.speed < 1.5:
                self.phase = Phase.DESCENT
        else:
            self.height -= 0.1 * self.speed


@case(1.5, 0.4)
def state_machine(thrust, drag):
    flight = Flight(thrust)
    for _ in range(20):
        flight.step(drag)
    landing = flight.phase in (Phase.DESCENT, Phase.CRUISE)
    return flight.height + flight.speed * (2.0 if landing else 1.0)


@case(1.5, 0.4)
def member_that_a_branch_picks(x, y):
    phase = None
    if x > y:
        phase = Phase.CRUISE
    if phase is None:
        phase = Phase.CLIMB
    return x * y if phase is Phase.CRUISE else x + y


class Colour(str, enum.Enum):  # noqa: UP042
    RED = "red"
    BLUE = "blue"


@case(1.5, 0.4)
def member_that_is_text_too(x, y):
    colour = Colour.RED
    for _ in range(3):
        x = x * (2.0 if colour == "red" else 0.5)
        if x > 4.0:
            colour = Colour.BLUE
    return x + (y if colour is Colour.BLUE else 0.0)


class Checked:
    """A descriptor, as in the manual of Python."""

    def __init__(self, low, high=math.inf):
        self.low, self.high = low, high

    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, held, cls=None):
        return self if held is None else getattr(held, self.name)

    def __set__(self, held, value):
        if not self.low <= value <= self.high:
            raise ValueError(value)
        setattr(held, self.name, value)


class Scaled:
    def __init__(self, factor, of):
        self.factor, self.of = factor, of

    def __get__(self, held, cls):
        return self if held is None else getattr(held, self.of) * self.factor

    def __set__(self, held, value):
        setattr(held, self.of, value / self.factor)


class computed:
    def __init__(self, function):
        self.function = function
        self.name = function.__name__

    def __get__(self, held, cls):
        value = self.function(held)
        held.__dict__[self.name] = value
        return value


class Rod:
    length = Checked(0.0)
    load = Checked(-1.0, 5.0)
    inches = Scaled(39.37, "length")

    def __init__(self, length, load):
        self.length, self.load = length, load

    @computed
    def bending(self):
        return self.length**3 * self.load


@case(1.3, 0.4)
@case(1.3, -0.4)
def descriptors(x, y):
    rod = Rod(x, y)
    total = rod.bending
    for k in range(8):
        try:
            rod.load += y
        except ValueError:
            total += rod.load**2 * k
        rod.inches += 3.0 * rod.load
    return total + rod.bending * rod.length + Rod.load.high


@case(1.3, 0.4, refused="may have been read before")
def computed_in_a_branch(x, y):
    rod = Rod(x, y)
    total = rod.bending if x > 3 * y else 0.0
    rod.length *= 2
    return total + rod.bending


ABSENT = object()


def scaled_or(x, by=ABSENT, shift=ABSENT):
    if by is ABSENT:
        by = 2 * x
    if shift is ABSENT:
        return by
    return by() * shift if callable(by) else by * shift


@case(1.3)
def sentinels_for_what_is_absent(x):
    known = {"a": x}
    total = scaled_or(x) + scaled_or(x, x, x) + scaled_or(x, shift=3.0)
    total += scaled_or(x, lambda: x**2, 2.0) + np.sum(scaled_or(x, np.array([x, 1.0])))
    for name in ("a", "b"):
        value = known.get(name, ABSENT)
        total += 3 * x if value is ABSENT else value**2
    return total


class Meters:
    def __init__(self, value):
        self.value = value

    def __add__(self, other):
        if not isinstance(other, (Meters, float)):
            return NotImplemented
        return Meters(self.value + getattr(other, "value", other))


class Feet:
    def __init__(self, value):
        self.value = value

    def __radd__(self, other):
        return Meters(other.value + 0.3048 * self.value)


@case(1.3, 0.4)
def operators_that_leave_it_to_the_other_class(x, y):
    return (Meters(x) + Feet(y) + 1.0).value ** 2


class Link:
    def __init__(self, value):
        self.value = value
        self.before = self.after = None


class Links:
    def __init__(self, values):
        self.first = self.last = None
        for value in values:
            link = Link(value)
            if self.last is None:
                self.first = link
            else:
                self.last.after, link.before = link, self.last
            self.last = link

    def __iter__(self):
        link = self.first
        while link is not None:
            yield link
            link = link.after


@case(np.array([0.7, 1.2, 0.3]))
def links_in_both_directions(x):
    links = Links(x)
    for link in links:
        if link.before:
            link.value += 2 * link.before.value
    *_, last = links
    return sum(link.value * k for k, link in enumerate(links)) * last.before.value
