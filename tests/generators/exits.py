"""Functions full of ways to leave: loops with `else`, errors, handlers and returns."""

from __future__ import annotations

import random

from generators.writer import Writer

ERRORS = ["ValueError", "ZeroDivisionError", "IndexError"]
CAUGHT = [*ERRORS, "ArithmeticError", "(ValueError, IndexError)", "Exception"]


class Exits(Writer):
    """A function of two floats and a small integer that leaves its blocks in all ways."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.nested = 0
        self.ints = ["n"]
        self.finishing = False

    def block(self, size: int) -> None:
        for _ in range(self.random.randint(1, size)):
            self.statement()
        if self.chance(0.25):
            self.leave()

    def inner(self, size: int = 2) -> None:
        ints = list(self.ints)
        self.nested += 1
        with self.indented():
            self.block(size)
        self.nested -= 1
        self.ints = ints

    def statement(self) -> None:
        menu = [(self.change, 5), (self.risk, 2)]
        if self.nested < 3:
            menu += [(self.branch, 3), (self.for_loop, 2), (self.while_loop, 1.5)]
            menu += [(self.catch, 2.5)]
        makers, weights = zip(*menu)
        self.random.choices(makers, weights)[0]()

    def change(self) -> None:
        a, b = self.pick("xyz"), self.pick("xyz")
        number = self.number()
        self.line(
            self.pick(
                [
                    f"{a} += {number} * {b}",
                    f"{a} = {b} * {number} - {a}",
                    f"{a} *= {number}",
                ]
                + [f"{a} = math.sin({b} + {number})", f"{a} = {a} * {b} + {number}"]
            )
        )

    def risk(self) -> None:
        """What may raise an error."""
        a, b, k = self.pick("xyz"), self.pick("xyz"), self.pick(self.ints)
        self.line(
            self.pick(
                [f"{a} = math.log({b} + {self.number()})", f"{a} = math.sqrt({b})"]
                + [f"{a} = {b} / ({k} - 1)", f"{a} += u[{k}] * {b}", f"u[{k}] = {b}"]
            )
        )

    def condition(self) -> str:
        if self.chance(0.4):
            k = self.pick(self.ints)
            return f"{k} {self.pick(['==', '>', '<'])} {self.random.randint(0, 2)}"
        return f"{self.pick('xyz')} {self.pick('<>')} {self.number()}"

    def leave(self) -> None:
        ways = ["return", "raise"]
        if self.loops:
            ways += ["break", "continue"] * 2
        if self.finishing:
            return
        way = self.pick(ways)
        if way == "return":
            way = f"return {self.pick('xyz')} * {self.pick('xyz')}"
        elif way == "raise":
            way = f'raise {self.pick(ERRORS)}("no")'
        self.line(way)

    def branch(self) -> None:
        self.line(f"if {self.condition()}:")
        self.inner()
        if self.chance(0.2):
            self.line(f"elif {self.condition()}:")
            self.inner()
        if self.chance(0.4):
            self.line("else:")
            self.inner()

    def loop(self, name: str) -> None:
        self.loops += 1
        self.ints.append(name)
        self.inner()
        self.ints.remove(name)
        self.loops -= 1
        if self.chance(0.5):
            self.line("else:")
            self.inner()

    def for_loop(self) -> None:
        name = f"k{next(self.counters)}"
        count = self.pick(["n", "2", "3", "n - 1", "len(u)"])
        self.line(f"for {name} in range({count}):")
        self.loop(name)

    def while_loop(self) -> None:
        name = f"k{next(self.counters)}"
        self.line(f"{name} = 0")
        test = f"{name} < {self.pick(['n', '2', '3'])}"
        if self.chance(0.3):
            test += f" and {self.condition()}"
        self.line(f"while {test}:")
        with self.indented():
            self.line(f"{name} += 1")
        self.loop(name)

    def catch(self) -> None:
        self.line("try:")
        self.inner(3)
        count = self.pick([0, 1, 1, 1, 2])
        for error in self.random.sample(CAUGHT[:-1], count):
            self.line(f"except {error}:")
            self.inner(2)
        if count and self.chance(0.3):
            self.line("except Exception:")
            self.inner(2)
        if count and self.chance(0.3):
            self.line("else:")
            self.inner(2)
        if not count or self.chance(0.3):
            self.line("finally:")
            finishing, self.finishing = self.finishing, True
            self.inner(2)
            self.finishing = finishing


def exits_program(seed: int) -> str:
    writer = Exits(seed)
    writer.line("z = x * y")
    writer.line("u = [x, y, 0.5]")
    writer.block(3)
    writer.line("return x + y * z")
    return "import math\n\n\ndef f(x, y, n):\n" + writer.text()


def exits_arguments(seed: int) -> list:
    chance = random.Random(seed + 1)
    return [chance.uniform(-1, 1.5), chance.uniform(-1, 1.5), chance.randint(0, 4)]
