"""Functions of two floats and a small integer."""

from __future__ import annotations

import random

from generators.writer import NAMES, Writer


class Scalars(Writer):
    """A function of two floats and a small integer."""

    def expression(self, names, ints, depth=3) -> str:
        e = lambda: self.expression(names, ints, depth - 1)
        if depth == 0 or self.chance(0.2):
            roll = self.random.random()
            if roll < 0.12:
                return self.number()
            if roll < 0.2 and ints:
                return self.pick(ints)
            return self.pick(names)
        forms = [
            lambda: f"({e()} + {e()})",
            lambda: f"({e()} - {e()})",
            lambda: f"{e()} * {e()}",
            lambda: f"math.sin({e()})",
            lambda: f"math.cos({e()} * {self.number()})",
            lambda: f"math.tanh({e()})",
            lambda: f"{e()} / (1 + {self.pick(names)} ** 2)",
            lambda: f"math.exp(-abs({e()}))",
            lambda: f"-{self.pick(names)}",
            lambda: f"({e()}) ** {self.pick([2, 3])}",
            lambda: f"math.sqrt(1 + ({e()}) ** 2)",
            lambda: f"max({e()}, {e()})",
            lambda: f"min({e()}, {self.number()})",
            lambda: f"({e()} if {self.condition(names, ints)} else {e()})",
        ]
        if self.helpers and depth > 1:
            name, count = self.pick(self.helpers)
            forms += [lambda: f"{name}({', '.join(e() for _ in range(count))})"] * 3
        return self.pick(forms)()

    def condition(self, names, ints, depth=2) -> str:
        if depth and self.chance(0.2):
            left, right = (self.condition(names, ints, depth - 1) for _ in range(2))
            return self.pick(
                [f"({left} and {right})", f"({left} or {right})", f"not ({left})"]
            )
        if ints and self.chance(0.35):
            return self.pick([
                f"{self.pick(ints)} % 2 == 0",
                f"{self.pick(ints)} > {self.random.randint(0, 3)}",
                f"{self.pick(ints)} != {self.random.randint(0, 3)}",
            ])  # fmt: skip
        if self.chance(0.15):
            return f"-{self.number()} < {self.pick(names)} < {self.number()}"
        left, op = self.pick(names), self.pick(["<", ">", "<=", ">="])
        return f"{left} {op} {self.expression(names, ints, 1)}"

    def block(self, names, ints, size, nesting) -> set[str]:
        """Statements; the floats that are assigned after them."""
        names = set(names)
        for _ in range(self.random.randint(1, size)):
            names |= self.statement(names, list(ints), nesting)
        return names

    def target(self) -> str:
        return self.pick(["x", "y", *NAMES])

    def statement(self, names, ints, nesting) -> set[str]:
        known = sorted(names)
        roll = self.random.random()
        if nesting > 0 and roll < 0.17:
            return self.branch(known, ints, nesting)
        if nesting > 0 and roll < 0.32:
            return self.for_loop(known, ints, nesting)
        if nesting > 0 and roll < 0.38:
            return self.while_loop(known, ints, nesting)
        if nesting > 0 and roll < 0.42:
            return self.nested_function(known, ints)
        if roll < 0.5:
            self.leave(known, ints)
            return set()
        if roll < 0.62:
            name = self.pick(known)
            op = self.pick(["+=", "-=", "*="])
            self.line(f"{name} {op} {self.expression(known, ints, 2)}")
            return {name}
        if roll < 0.7:
            a, b = self.target(), self.target()
            if a != b:
                values = (
                    f"{self.expression(known, ints, 2)}, {self.expression(known, ints, 2)}"
                )
                if self.chance(0.4) and {a, b} <= names:
                    values = f"{b}, {a}"
                self.line(f"{a}, {b} = {values}")
                return {a, b}
        name = self.target()
        self.line(f"{name} = {self.expression(known, ints)}")
        return {name}

    def leave(self, known, ints) -> None:
        """A conditional break, continue or return."""
        words = [f"return {self.expression(known, ints, 2)}"]
        if self.loops:
            words += ["break", "continue"] * 2
        self.line(f"if {self.condition(known, ints)}:")
        with self.indented():
            if self.chance(0.5):
                self.line(f"{self.pick(known)} = {self.expression(known, ints, 2)}")
            self.line(self.pick(words))
        if self.chance(0.25):
            self.line("else:")
            with self.indented():
                self.line(f"{self.pick(known)} = {self.expression(known, ints, 2)}")

    def branch(self, known, ints, nesting) -> set[str]:
        self.line(f"if {self.condition(known, ints)}:")
        with self.indented():
            after = self.block(known, ints, 3, nesting - 1)
        for _ in range(self.pick([0, 0, 1])):
            self.line(f"elif {self.condition(known, ints)}:")
            with self.indented():
                after &= self.block(known, ints, 2, nesting - 1)
        if self.chance(0.6):
            self.line("else:")
            with self.indented():
                after &= self.block(known, ints, 3, nesting - 1)
            return after
        return set()

    def for_loop(self, known, ints, nesting) -> set[str]:
        counter = self.pick(["i", "j", "k", f"i{next(self.counters)}"])
        inner_ints, inner = [*ints], list(known)
        form = self.random.randint(0, 6)
        if form < 3:
            bounds = self.pick(["n", "3", "1, n", "n, 0, -1", "0, 5, 2", "n - 1"])
            each = f"range({bounds})" if form else f"reversed(range({bounds}))"
            head, inner_ints = counter, [*ints, counter]
        elif form == 3:
            counter = "w" + counter
            head, each = (
                counter,
                f"({self.pick(known)}, {self.number()}, {self.pick(known)})",
            )
            inner.append(counter)
        elif form == 4:
            counter = "w" + counter
            head, each = counter, self.pick(["TABLE", "reversed(range(n))", "[1.5, -0.5]"])
            inner.append(counter)
        elif form == 5:
            head, each = (
                f"{counter}, w",
                self.pick(["enumerate(TABLE)", "enumerate((0.5, y0), 1)"]),
            )
            inner_ints, inner = [*ints, counter], [*known, "w"]
        else:
            head, each = "w, q", self.pick(["zip(TABLE, OTHER)", "zip((x0, y0), TABLE)"])
            inner = [*known, "w", "q"]
        self.line(f"for {head} in {each}:")
        self.body(inner, inner_ints, nesting)
        return set()

    def body(self, inner, ints, nesting) -> None:
        self.loops += 1
        with self.indented():
            self.block(inner, ints, 4, nesting - 1)
        self.loops -= 1
        if self.chance(0.12):
            self.line("else:")
            with self.indented():
                name = self.pick([n for n in inner if not n.startswith(("w", "q"))])
                self.line(f"{name} = {name} * {self.number()}")

    def while_loop(self, known, ints, nesting) -> set[str]:
        k = f"k{next(self.counters)}"
        name = self.pick(known)
        self.line(f"{k} = 0")
        test = f"{k} < {self.random.randint(1, 4)}"
        form = self.random.randint(0, 2)
        if form == 0:
            test = self.pick(
                [f"{test} and {self.condition(known, ints)}", f"{name} < 9 and {test}"]
            )
        if form == 2:
            self.line("while True:")
        else:
            self.line(f"while {test}:")
        with self.indented():
            self.line(f"{k} += 1")
            if form == 2:
                self.line(f"if {k} > 3 or {self.condition(known, [*ints, k])}:")
                self.line("    break")
        self.body(known, [*ints, k], nesting) if form != 2 else self.plain_body(
            known, [*ints, k], nesting
        )
        return set()

    def plain_body(self, inner, ints, nesting) -> None:
        self.loops += 1
        with self.indented():
            self.block(inner, ints, 3, nesting - 1)
        self.loops -= 1

    def nested_function(self, known, ints) -> set[str]:
        name = f"f{next(self.counters)}"
        free = [n for n in known if not n.startswith(("w", "q"))]
        loops, self.loops = self.loops, 0
        if self.chance(0.4):
            self.line(
                f"{name} = lambda v, d={self.pick(known)}: "
                + self.expression([*free, "v", "d"], [], 2)
            )
        else:
            self.line(f"def {name}(v):")
            with self.indented():
                if self.chance(0.4):
                    self.line(f"if {self.condition([*free, 'v'], [])}:")
                    self.line(f"    return {self.expression([*free, 'v'], [], 2)}")
                self.line(f"return {self.expression([*free, 'v'], [], 2)}")
        self.loops = loops
        target = self.target()
        self.line(f"{target} = {name}({self.expression(known, ints, 2)})")
        return {target}

    def helper(self, number: int) -> None:
        name = f"helper{number}"
        params = self.pick([["x"], ["x", "y"], ["a", "t", "x"]])
        self.depth = 0
        default = self.chance(0.3)
        self.line(f"def {name}({', '.join(params)}{', s=0.7' if default else ''}):")
        self.depth = 1
        known = [*params, "s"] if default else params
        self.line("x0, y0, n = x, 0.5, 3")
        after = sorted(self.block(known, ["n"], 3, 2))
        self.line(f"return {self.expression(after, [], 2)}")
        self.line("")
        self.helpers.append((name, len(params)))

    def program(self) -> str:
        self.depth = 0
        self.line(
            "import math\n\nTABLE = [0.5, -1.25, 0.75]\nOTHER = [1.0, 0.3, -0.6, 2.0]\n\n"
        )
        for number in range(self.pick([0, 0, 1, 2])):
            self.helper(number)
        self.depth = 0
        self.line("def f(x, y, n):")
        self.depth = 1
        self.line("x0, y0 = x, y")
        after = sorted(self.block(["x", "y"], ["n"], 6, 3))
        self.line(f"return {' + '.join(after)} + {self.expression(after, ['n'], 2)}")
        return self.text()


def scalar_program(seed: int) -> str:
    return Scalars(seed).program()


def scalar_arguments(seed: int) -> tuple:
    draw = random.Random(seed + 0.5)
    return draw.uniform(-1.5, 1.5), draw.uniform(-1.5, 1.5), draw.randint(2, 4)
