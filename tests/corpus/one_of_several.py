"""Functions, and objects of different classes, of which the run decides."""

import copy
import dataclasses
import functools
import math
from dataclasses import dataclass

import numpy as np
from corpus.registry import case


class Call:
    def __init__(self, strike):
        self.strike = strike

    def __call__(self, s):
        return max(s - self.strike, 0.0)

    def paid(self, s):
        return self(s) - 0.1 * self.strike


class Put:
    def __init__(self, strike):
        self.strike = strike

    def __call__(self, s):
        return max(self.strike - s, 0.0)

    def paid(self, s):
        return self(s) - 0.2 * self.strike**2


@case(1.3, 1.0)
@case(0.8, 1.0)
def object_of_one_of_two_classes(s, k):
    option = Call(k * s) if s > k else Put(k + s)
    return option(s * 1.3) * option.strike + option.paid(2 * s)


@case(1.3, 0.9)
@case(0.8, 1.1)
def object_that_is_asked_for_its_class(s, k):
    if s > k:
        option = Call(k * s)
    else:
        option = Put(k + s)
    if isinstance(option, Put):
        option.strike = option.strike * 2
    other = option.strike if type(option) is Call else option.strike**2
    return option(s) * 3 + other


@case(1.3, 0.4)
@case(-0.8, 0.4)
def function_of_two(x, y):
    f = math.sin if x > y else math.cos
    g = (lambda a: a * y) if x > 0 else abs
    h = functools.partial(pow, y) if y < x else math.exp
    return f(g(x)) * g(y) + h(2 * x)


@case(0.8, 1.1)
@case(3.0, 1.1)
@case(-2.0, 1.1)
def best_of_some_functions(x, y):
    best, chosen = -1e9, None
    for f in (math.sin, math.exp, lambda t: t * t * y):
        if f(x) > best:
            best, chosen = f(x), f
    return chosen(y * x)


class Ball:
    def __init__(self, at, radius):
        self.at, self.radius = at, radius

    def hit(self, x, slope):
        across = self.at - x
        if abs(across) > self.radius:
            return None
        return self.at - math.sqrt(self.radius**2 - across**2) * slope

    @property
    def colour(self):
        return self.radius


class Wall:
    colour = 0.3

    def __init__(self, at):
        self.at = at

    def hit(self, x, slope):
        return self.at + slope * x if slope > 0.1 else None


def nearest(shapes, x, slope):
    first, hit = math.inf, None
    for shape in shapes:
        t = shape.hit(x, slope)
        if t is not None and t < first:
            first, hit = t, shape
    return first, hit


@case(1.2, 0.4, np.array([0.0, 0.9, 1.4, 3.0]))
def nearest_shape(at, radius, xs):
    light = 0.0
    for x in xs:
        t, hit = nearest([Ball(at, radius), Wall(2.0), Ball(2 * at, radius)], x, at - 0.5)
        if hit is not None:
            light += hit.colour * t + hit.at
        t, hit = nearest([Wall(at), Ball(at, 3.5 * radius)], x, 0.05)
        light += 1.0 if hit is None else hit.colour * t
    return light


@case(1.2, 0.5, 30)
def function_that_changes_from_round_to_round(a, b, n):
    h, act, last = a, math.tanh, None
    for k in range(n):
        h = act(h * 0.9 + b)
        act = math.sin if h > 0.5 else math.cos
        if k % 7 == 3:
            last = act
    return act(h) + (0.0 if last is None else last(a))


@case(1.2, 0.5, np.array([1.1, -0.5, 2.0, 1.4]))
def objects_that_change_places(a, b, xs):
    p, q = Call(a), Put(b)
    current = p
    for x in xs:
        current.strike = current.strike * (1 + x * 0.1) + b * x
        current = q if current is p else p
        if x > 1.3:
            current = p
        p, q = q, p
        b += q(x) * p.strike
    return p.strike * q.strike + current(1.3) * b


class Linear:
    def __init__(self, k):
        self.k = k

    def of(self, u):
        return self.k * u

    def __mul__(self, other):
        return self.k * other

    def __getitem__(self, place):
        return self.k + place


class Square(Linear):
    def of(self, u):
        return super().of(u) * u + np.sum(u)

    def __getitem__(self, place):
        return self.k * place


@case(1.2, 0.5, np.array([1.1, -0.5, 2.0]))
@case(0.8, 0.5, np.array([-1.1, -0.5, 2.0]))
def arrays_by_one_of_two(a, b, xs):
    law = Square(a) if xs.sum() > 2 else Linear(b)
    g = np.tanh if a > 1 else (np.sin if b > 1 else np.exp)
    h = functools.partial(np.multiply, b * a) if xs[0] > 0 else np.square
    method = law.of if b > 0 else g
    return np.sum(method(g(law.of(xs)) * h(xs))) + law * a + law[2]


@case(0.7, 0.6)
@case(2.0, 0.6)
def changed_where_it_is_not_none(a, b):
    hit = None
    if a > 1:
        hit = Linear(a * b)
    if hit is not None:
        hit.k = hit.k * 2
    return b if hit is None else hit.k * hit.k


@case(0.7)
@case(2.0)
def copies_of_one_of_two(x):
    law = Square(x) if x > 1 else Linear(2.0 * x)
    other, both = copy.copy(law), copy.deepcopy([law, law])
    law.k = 5.0 * law.k
    both[0].k = 3.0 * both[0].k
    return other.k * law.k * both[1].k


@case(0.7)
@case(2.0)
def copies_of_what_may_be_none(x):
    law, parts = None, None
    if x > 0.5:
        law = Linear(x)
    if x > 1:
        parts = [x, x**2]
    other, held = copy.copy(law), copy.deepcopy({"law": law, "parts": parts})
    law.k = 5.0 * law.k
    if parts is not None:
        parts[0] = 7.0
    more = x if held["parts"] is None else held["parts"][0] * parts[0]
    return other.k * law.k * held["law"].k + more


@case(0.6)
@case(1.4)
def an_option_by_rounds(x, w=None):
    y = np.array([x, 2.0 * x, 3.0 * x])
    for k in range(3):
        if y[k] < -1e3:
            y[k] = y[k] * w[k]
        else:
            y[k] = y[k] ** 2
            if y[k] > 1e4:
                w = w * 2
    return y.sum()


class Line:
    def __init__(self, *parts):
        self.parts = list(parts)

    def __len__(self):
        return len(self.parts)

    def __iter__(self):
        return iter(self.parts)

    def __abs__(self):
        return sum(abs(part) for part in self.parts)

    def __float__(self):
        return self.parts[0]

    def __contains__(self, number):
        return number > 1


class Level:
    extra = 2.0

    def __init__(self, height):
        self.height = height

    def __bool__(self):
        return self.height > 0.9

    def __len__(self):
        return 1

    def __iter__(self):
        yield self.height

    def __abs__(self):
        return self.height

    def __float__(self):
        return self.height * 2

    def __contains__(self, number):
        return number < 2


class Flat(Level):
    def __str__(self):
        return f"flat at {self.height:.2f}"


@case(1.3, 1.0)
@case(0.8, 1.0)
@case(1.3, 1.4)
def what_functions_ask_of_one_of_two(x, y):
    p = Line(x, y, 2 * x) if x > y else Level(x * y)
    t = 0.0
    for part in p:
        t += part * part
    if not p:
        t *= 2
    t += max(p) * len(p) + abs(p) * float(p) + (x if 3 in p else y)
    t += sum(part**3 for part in p) + list(p)[-1]
    if p.__class__ is Line:
        a, b, c = p
        return t * a * b * c
    return t if p else -t * p.height


@case(1.3, 1.0)
@case(0.8, 1.0)
@case(0.3, 1.0)
def attributes_of_one_of_several(x, y):
    if x > 1:
        p = Line(x, y)
    elif x > 0.5:
        p = Level(x * y)
    else:
        p = Flat(y)
    t = getattr(p, "extra", 5.0) * x
    if hasattr(p, "extra"):
        t *= p.extra * p.height
    if isinstance(p, (Level, Put)):
        t += p.height
    return t + getattr(p, "height", y)


@dataclass
class Disc:
    radius: float

    def area(self):
        return math.pi * self.radius**2


@dataclass
class Slab:
    width: float
    height: float

    def area(self):
        return self.width * self.height


@case(1.3, 1.0)
@case(0.8, 1.0)
def data_of_one_of_two(x, y):
    p = Disc(x) if x > y else Slab(x, y)
    q = dataclasses.replace(p)
    if isinstance(p, Disc):
        setattr(p, "radius", y * x)
    return p.area() * q.area()


@case(1.3, 1.0)
@case(0.8, 1.0)
def text_that_shows_objects(x, y):
    p, flat = Disc(x) if x > y else Slab(x, y), Flat(y * 0.5)
    text = f"{p} beside {flat!s:>20}" + repr(p) + str(flat)
    print(p, flat, repr(Slab(1.0, p)))
    if x > 5:
        raise ValueError(f"{p!r} is too large for {flat}")
    return p.area() if text.startswith("Disc(") else p.area() * len(str(flat))


PAYOFFS = [Call(1.0), Put(1.2), Call(1.5), math.sin]
RULES = {"up": lambda y, x: y + x, "turn": lambda y, x: -y * x, "add": math.hypot}


@case(1.3, 40, np.array([0, 2, -1, 1]))
def items_by_an_index_of_the_run(x, n, kinds):
    laws = [lambda t: 0.4 * t * x, lambda t: t + x, math.sin]
    t = 0.1
    for i in range(n):
        t = laws[i % 3](t) + (math.cos, abs)[i % 2](t)
    for kind in kinds:
        t += PAYOFFS[kind](t) * x
    for kind in (5, 1):
        try:
            t += PAYOFFS[kind](t) * x
        except IndexError:
            t *= x
    return t


@case(0.7, 40)
def items_by_a_key_of_the_run(x, n):
    law, t = "up", x
    for _ in range(n):
        if law == "up":
            t, law = RULES[law](t, x), "turn" if t > 1.5 else "up"
        else:
            t, law = RULES[law](t, 0.5 * x), "up"
    return t


@case(0.7, 40)
def objects_by_an_index_of_the_run(x, n):
    laws = (Linear(x), Square(x * x), Put(x))
    t = 0.0
    for i in range(n):
        law = laws[i % 3]
        if isinstance(law, Put):
            t += law(0.3 + t * 0.01)
            law.strike = law.strike * 1.01
        else:
            law.k *= 0.99
            t += law.of(0.1 * i)
    return t + laws[-1].strike


@case(0.7, 0.4)
def classes_by_an_index_of_the_run(x, y):
    made = [Level, Flat][x > y]
    return made(x).height * [math.sin, math.cos][int(x < y)](y)


class Rising:
    def __init__(self, level, gain=1.0):
        self.level, self.gain = level, gain

    def after(self, x):
        level = self.level + x
        if level > 2:
            return Falling(level, self.gain * 1.001)
        return Rising(level, self.gain)

    def seen(self):
        return self.level * self.gain


class Falling:
    def __init__(self, height, weight):
        self.height, self.weight = height, weight

    def after(self, x):
        height = self.height * 0.5 + x * 0.1
        if height < 0.6:
            return Resting(height)
        return Rising(height, self.weight) if height < 1 else self

    def seen(self):
        return self.height**2 * self.weight


class Resting:
    rate = 0.2

    def __init__(self, depth):
        self.depth = depth

    def after(self, x):
        return Rising(self.depth + x, x)

    def seen(self):
        return self.depth


@case(0.37, 90)
def state_that_each_round_makes(x, n):
    state, before, total = Rising(0.0), None, 0.0
    for _ in range(n):
        state = state.after(x)
        if before is not None:
            total += state.seen() * before.seen()
        before = state
    return total + before.seen()


class Machine:
    def __init__(self, x):
        self.state = Rising(x)

    def step(self, x):
        self.state = self.state.after(x)
        return self.state.seen()


@case(0.37, 3, 30)
def machine_in_nested_loops(x, m, n):
    machine, other, total = Machine(x), Resting(2 * x), 0.0
    for j in range(m):
        k = 0
        while k < n and not (isinstance(machine.state, Resting) and k > 9):
            total += machine.step(x) * (j + 1)
            if isinstance(machine.state, Rising):
                machine.state.gain *= 0.99
            k += 1
        other, machine.state = machine.state, other
    return total + other.seen()


class Vector:
    def __init__(self, parts):
        self.parts = parts

    def after(self, x):
        parts = self.parts * 0.9 + x
        return Number(parts.sum()) if parts.max() > 1 else Vector(parts)


class Number:
    def __init__(self, size):
        self.size = size

    def after(self, x):
        return Vector(np.array([self.size * 0.1, x, x * x]))


@case(0.37, np.array([0.1, 0.2, 0.3]), 20)
def arrays_in_what_rounds_make(x, parts, n):
    state, total = Vector(parts), 0.0
    for _ in range(n):
        state = state.after(x)
        if isinstance(state, Vector):
            state.parts[0] += x * x
            total += state.parts @ state.parts
        else:
            total += state.size
    return total


class Waiting:
    def after(self, t, x):
        return (Working(t) if t > 1 else self), t + x


class Working:
    def __init__(self, since):
        self.since = since

    def after(self, t, x):
        return (WAITING if t < 0.2 else self), t - 0.3 * self.since * x


WAITING = Waiting()


@case(0.37, 90)
def state_of_the_module_or_of_a_round(x, n):
    state, t, total = WAITING, x, 0.0
    for _ in range(n):
        state, t = state.after(t, x)
        total += t * (1.0 if isinstance(state, Waiting) else state.since)
    return total


@case(0.37, 90)
def object_that_is_made_in_rounds_only(x, n):
    for i in range(n):
        state = Rising(x * i) if i % 3 else Resting(x - i)
    return state.seen()
