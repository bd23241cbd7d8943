"""What is equal: objects, dicts and what holds them; members of enumerations; text."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field

from corpus.registry import case


@dataclass
class Part:
    size: float
    names: list = field(default_factory=list)
    table: dict = field(default_factory=dict)
    note: float = field(default=0.0, compare=False)


@dataclass
class Whole:
    part: Part
    count: int = 1


@dataclass(eq=False)
class Apart:
    size: float


class Valued:
    def __init__(self, v):
        self.v = v

    def __eq__(self, other):
        return isinstance(other, Valued) and self.v == other.v


class Phase(enum.Enum):
    IDLE = 1
    RUN = 2
    COOL = 3

    def next(self):
        every = list(Phase)
        return every[(every.index(self) + 1) % len(every)]


WORD = re.compile(r"(?P<number>\d+)|(?P<name>[a-z])|(?P<sign>[-+*])|\s")
RATE = 2.0


@case(1.3)
def data_classes_are_equal_by_their_fields(x):
    total = x if Part(1.0) == Part(1.0, note=x) else x**2
    total += x**3 if Part(1.0) != Part(2.0) else x
    total += x if Part(x, ["a"], {"k": x}) == Part(x, ["a"], {"k": x}) else x**4
    total += x if Whole(Part(x)) == Whole(Part(2.0 * x)) else x**3
    total += x if Apart(1.0) == Apart(1.0) or Part(1.0) == Apart(1.0) else x**2
    return total + (x**2 if x > 1 and Whole(Part(x)) == Whole(Part(5.0)) else x)


@case(1.3)
def equal_objects_in_what_holds_them(x):
    parts = [Part(2.0), Part(1.0), Part(1.0)]
    total = x * parts.index(Part(1.0)) + x * parts.count(Part(1.0))
    total += x**2 if Part(1.0) in parts and [Part(x)] == [Part(x)] else x
    total += (
        x**3
        if {"a": Part(1.0)} == {"a": Part(1.0)} and (1, Part(1.0)) != (1, Part(2.0))
        else x
    )
    parts.remove(Part(1.0))
    return total + len(parts) * x + (x if [Part(1.0)] == [] else x**2)


@case(1.3)
def equality_that_a_class_defines(x):
    total = x if Valued(1.0) != Valued(1.0) else x**2
    total += x if Valued(x) != Valued(2.0 * x) else x**2
    return total + (x**3 if [Valued(x), 1] == [Valued(x), 1] else x)


@case(1.3)
def dicts_are_equal_in_any_order(x):
    total = x if {"a": 1.0, "b": [1]} == {"b": [1], "a": 1.0} else x**2
    total += x if {"a": {"b": x}} != {"a": {"b": 2.0 * x}} else x**3
    return total + (x if {} == [] or {"a": 1} == {"b": 1} else x**2)


@case(1.3)
def members_one_by_one(x):
    state, total = Phase.IDLE, 0.0
    for k, phase in enumerate(Phase):
        total += k * phase.value * x
        state = state.next() if k < 2 else state
    by_name = {phase.name: x**phase.value for phase in Phase}
    last = [phase for phase in reversed(Phase)][0]
    return total * state.value + by_name["COOL"] + len(Phase) * last.value * x


@case(1.3)
def patterns_in_text(x):
    total, sign = 0.0, 1.0
    for match in WORD.finditer("3 x - 2 * x + 7"):
        if match.lastgroup == "number":
            total += sign * float(match["number"]) * x
        elif match.lastgroup == "sign":
            sign = -1.0 if match.group() == "-" else 1.0
        elif match.group("name"):
            total *= x
    found = re.match(r"(\d)-(\d)", "3-4")
    low, high = found.groups()
    missing = re.search("z", "abc") is None
    return total + float(low) * x + (x ** int(high) if missing else x)


@case(1.3)
def names_of_the_module(x):
    text = "%s:%d" % ("rate", 2)  # noqa: UP031
    return globals()["RATE"] * x * x * len(text)


@case(1.3)
def errors_that_are_known(x):
    items, total = [x, x * x], 0.0
    try:
        total += items[5]
    except IndexError:
        total += 2.0 * x
    if x > 9:
        raise KeyError(f"bad { ({'a': x}) }")
    return total + items[-1]
