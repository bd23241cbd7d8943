"""What is known at a place of a program, and expressions of it."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

from generators.writer import Writer

FEATURES = [
    "lists", "growing", "tuples", "dicts", "objects", "closures", "helpers",
    "comprehensions", "recursion", "generators", "sharing",
    "catching",
]  # fmt: skip
KEYS = ["a", "b", "mass", "k"]


@dataclass
class Scope:
    """The names that are surely assigned, by what they hold."""

    floats: list[str]
    ints: list[str] = field(default_factory=list)
    lists: dict[str, int] = field(default_factory=dict)  # the least number of items
    pairs: list[str] = field(default_factory=list)  # lists of tuples of two
    dicts: dict[str, list[str]] = field(default_factory=dict)
    objects: dict[str, str] = field(default_factory=dict)
    calls: list[tuple[str, int]] = field(default_factory=list)
    writable: list[str] = field(default_factory=list)  # floats that may be assigned
    tables: list[str] = field(default_factory=list)  # lists of two lists of two
    groups: list[str] = field(default_factory=list)  # lists of objects
    logs: list[str] = field(default_factory=list)  # dicts of lists
    places: list[str] = field(default_factory=list)  # items within those

    def inner(self) -> Scope:
        """A block: what it assigns anew is not known after it."""
        return copy.deepcopy(self)


class Expressions(Writer):
    """Numbers made of the names in `scope`, of items, entries, attributes and calls."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.features = set(self.random.sample(FEATURES, self.random.randint(2, 5)))
        self.classes: list[str] = []
        self.scope = Scope([])

    def has(self, feature: str) -> bool:
        return feature in self.features

    def fresh(self, stem: str) -> str:
        return f"{stem}{next(self.counters)}"

    def atom(self) -> str:
        scope = self.scope
        choices = [lambda: self.pick(scope.floats)] * 7 + [self.number]
        if scope.ints:
            choices.append(lambda: self.pick(scope.ints))
        filled = [name for name, least in scope.lists.items() if least]
        if filled:
            choices += [lambda: self.item(self.pick(filled))] * 3
        if scope.dicts:
            choices += [self.entry] * 3
        if scope.places:
            choices += [lambda: self.pick(scope.places)] * 4
        if scope.objects:
            choices += [lambda: f"{self.pick(sorted(scope.objects))}.{self.pick('ab')}"] * 3
        return self.pick(choices)()

    def item(self, name: str) -> str:
        least = self.scope.lists[name]
        if self.scope.ints and self.chance(0.3):
            return f"{name}[{self.pick(self.scope.ints)} % len({name})]"
        k = self.random.randrange(least)
        return f"{name}[{self.pick([k, -1 - k])}]"

    def entry(self) -> str:
        name = self.pick(sorted(self.scope.dicts))
        if self.chance(0.15):
            return f'{name}.get("{self.pick(KEYS)}", {self.number()})'
        return f'{name}["{self.pick(self.scope.dicts[name])}"]'

    def expression(self, depth=2) -> str:
        if depth <= 0 or self.chance(0.2):
            return self.atom()
        e = lambda: self.expression(depth - 1)
        forms = [
            lambda: f"({e()} + {e()})",
            lambda: f"({e()} - {e()})",
            lambda: f"{e()} * {e()}",
            lambda: f"math.sin({e()})",
            lambda: f"math.tanh({e()})",
            lambda: f"{e()} / (1 + {self.atom()} ** 2)",
            lambda: f"-{self.atom()}",
            lambda: f"max({e()}, {self.number()})",
            lambda: f"({e()} if {self.condition()} else {e()})",
        ]
        if self.scope.calls:
            forms += [self.call] * 3
        if self.scope.objects:
            forms += [self.method] * 2
        if self.scope.lists:
            forms += [self.reduction] * 2
        if self.scope.pairs:
            forms.append(lambda: f"sum(a * b for a, b in {self.pick(self.scope.pairs)})")
        forms += [lambda text=text: text for text in self.totals()]
        if self.scope.dicts:
            forms.append(lambda: f"sum({self.pick(sorted(self.scope.dicts))}.values())")
        return self.pick(forms)()

    def call(self) -> str:
        name, count = self.pick(self.scope.calls)
        return f"{name}({', '.join(self.expression(1) for _ in range(count))})"

    def method(self) -> str:
        name = self.pick(sorted(self.scope.objects))
        return self.pick([
            f"{name}.value({self.expression(1)})",
            f"{name}.move({self.atom()})",
            f"{name}({self.atom()})",
            f"{name}.size",
        ])  # fmt: skip

    def reduction(self) -> str:
        name = self.pick(sorted(self.scope.lists))
        forms = [f"sum({name})", f"len({name})"]
        if self.scope.lists[name]:
            forms += [f"max({name})", f"min({name})"]
        if self.has("comprehensions"):
            other = self.pick(sorted(self.scope.lists))
            forms += [
                f"sum(v * v for v in {name})",
                f"sum([v for v in {name} if v > {self.number()}])",
                f"sum(v * w for v, w in zip({name}, {other}))",
                f"sum(k * v for k, v in enumerate({name}, 1))",
                f"sum(v - w for v, w in zip({name}, {name}[1:]))",
                f"math.prod(math.cos(v) for v in {name})",
                f"sum(map(math.sin, {name}))",
                f"sum(sorted({name})[:2])",
            ]
        return self.pick(forms)

    def totals(self) -> list[str]:
        """Sums over what holds lists and objects."""
        scope = self.scope
        return [
            *(f"sum(sum(row) for row in {name})" for name in scope.tables),
            *(f"sum(o.a * o.b for o in {name})" for name in scope.groups),
            *(f'sum({name}["b"]) * len({name}["a"])' for name in scope.logs),
        ]

    def condition(self) -> str:
        ints = self.scope.ints
        roll = self.random.random()
        if ints and roll < 0.35:
            return f"{self.pick(ints)} % 2 == {self.pick([0, 1])}"
        if self.scope.lists and roll < 0.45:
            name = self.pick(sorted(self.scope.lists))
            return self.pick([f"len({name}) > 2", name, f"any(v > 1 for v in {name})"])
        if roll < 0.55:
            return f"-{self.number()} < {self.atom()} <= {self.number()}"
        if roll < 0.65:
            return f"{self.atom()} > 0 {self.pick(['and', 'or'])} {self.atom()} < 1"
        return f"{self.atom()} {self.pick(['<', '>'])} {self.expression(1)}"
