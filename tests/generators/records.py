"""Functions of lists of objects, dicts and tuples whose number only the run knows."""

from __future__ import annotations

import random

from generators.writer import Writer

FORMS = {
    "object": ("Item({0}, {1})", "{0}.a", "{0}.b"),
    "dict": ('{{"a": {0}, "b": {1}}}', '{0}["a"]', '{0}["b"]'),
    "tuple": ("({0}, {1}, 'tag')", "{0}[0]", "{0}[1]"),
}
HEAD = """\
import math


class Item:
    def __init__(self, a, b):
        self.a = a
        self.b = b

    def step(self, h):
        self.a += h * self.b
        self.b *= 0.9


def f(x, y, n):"""


class Records(Writer):
    """One list of items of one form, other lists of them, and names of some."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.form = self.pick(["object", "object", "dict", "tuple"])
        self.lists = ["items"]
        self.names: list[str] = []
        self.indices: list[str] = []
        self.over_items = 0  # loops over the list that are open

    def part(self, item: str) -> str:
        return self.pick(FORMS[self.form][1:]).format(item)

    def number_of(self) -> str:
        values = ["x", "y", self.number(), "s", "n"]
        if self.names:
            values += [self.part(self.pick(self.names))] * 3
        if self.indices:
            values += [self.part(self.place()), self.pick(self.indices)] * 2
        values += [self.part("items[-1]"), self.part("items[0]")]
        return self.pick(values)

    def value(self) -> str:
        a, b = self.number_of(), self.number_of()
        forms = ["{0}", "{0} * 0.7", "0.5 * {0} + {1}", "math.sin({0})", "{0} - {1}"]
        return self.pick(forms).format(a, b)

    def place(self) -> str:
        at = self.pick([*self.indices, "0", "-1", "1"])
        if at in self.indices and self.chance(0.6):
            forms = ["({0} + 1) % len(items)", "{0} - 1", "len(items) - 1 - {0}"]
            at = self.pick(forms).format(at)
        return f"items[{at}]"

    def make(self) -> str:
        return FORMS[self.form][0].format(self.value(), self.value())

    def statement(self) -> None:
        menu = [self.total, self.name, self.loop, self.loop, self.append]
        if self.form != "tuple":
            menu += [self.change] * 4
        if self.depth < 3:
            menu += [self.branch]
        if not self.loops:
            menu += [self.move, self.other]
        self.pick(menu)()

    def total(self) -> None:
        self.line(f"s += {self.value()}")

    def name(self) -> None:
        name = self.pick(["p", "q"])
        self.line(f"{name} = {self.place()}")
        if self.depth == 1 and name not in self.names:
            self.names.append(name)

    def change(self) -> None:
        item = self.pick([*self.names, *self.names, self.place()])
        if self.form == "object" and self.chance(0.2):
            self.line(f"{item}.step({self.number()})")
            return
        self.line(f"{self.part(item)} {self.pick(['=', '+=', '-=', '*='])} {self.value()}")

    def append(self) -> None:
        if self.over_items:
            return  # it would go on for ever
        if self.chance(0.3) and self.form != "tuple":
            self.line(f"new = {self.make()}")
            self.line("items.append(new)")
            self.line(f"{self.part('new')} += {self.value()}")
        else:
            self.line(f"items.append({self.make()})")

    def move(self) -> None:
        texts = [
            "items[0], items[1] = items[1], items[0]", "items.reverse()", "items.pop()",
            f"items.insert(0, {self.make()})", f"items[1] = {self.make()}",
            f"items.extend([{self.make()}])", "del items[0]",
        ]  # fmt: skip
        self.line(self.pick(texts))
        self.line(f"items.append({self.make()})")

    def other(self) -> None:
        test = f"{self.part('v')} > {self.number()}"
        chosen = self.pick([f"[v for v in items if {test}]", "list(items)", "items[1:]"])
        self.line(f"more = {chosen}")
        self.line(f"s += sum({self.part('v')} for v in more)")

    def branch(self) -> None:
        self.line(f"if {self.value()} > {self.number()}:")
        self.inside()
        if self.chance(0.5):
            self.line("else:")
            self.inside()

    def inside(self) -> None:
        names = list(self.names)
        with self.indented():
            for _ in range(self.random.randint(1, 2)):
                self.statement()
            self.line("s *= 1.1")
        self.names = names

    def loop(self) -> None:
        if self.loops > 1:
            return
        names, indices = list(self.names), list(self.indices)
        kind = self.pick(["items", "items", "places", "times"])
        if kind == "items":
            self.line("for v in items:")
            self.names.append("v")
        elif kind == "places":
            i = f"i{self.loops}"
            self.line(f"for {i} in range(len(items)):")
            self.indices.append(i)
        else:
            self.line("for t in range(n):")
        self.loops += 1
        self.over_items += kind == "items"
        self.inside()
        self.over_items -= kind == "items"
        self.loops -= 1
        self.names, self.indices = names, indices

    def program(self) -> str:
        self.depth = 0
        self.lines.append(HEAD)
        self.depth = 1
        self.line("s = 0.3")
        other = self.pick(["y", "i + 0.2", "x * y"])
        made = FORMS[self.form][0].format("x * i + 0.3", other)
        self.line(f"items = [{made} for i in range(n)]")
        for _ in range(self.random.randint(2, 6)):
            self.statement()
        ends = [part.format("v") for part in FORMS[self.form][1:]]
        self.line(f"return s + sum({ends[0]} * {ends[1]} for v in items)")
        return self.text()


def records_program(seed: int) -> str:
    return Records(seed).program()


def records_arguments(seed: int) -> tuple:
    draw = random.Random(seed + 0.25)
    return draw.uniform(-1.5, 1.5), draw.uniform(-1.5, 1.5), draw.randint(2, 4)
