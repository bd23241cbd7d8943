"""Random programs as source text, and the comparison of their gradients with differences.

`python tests/random_programs.py scalar 0 2000` tries seeds and shrinks what fails.
"""

from __future__ import annotations

import ast
import collections
import contextlib
import io
import itertools
import linecache
import math
import multiprocessing
import os
import random
import sys
import time
import warnings

import numpy as np

import symdiff

# Names that the generated code might like for itself are among those of the user.
NAMES = ["a", "b", "s", "total", "t", "t1", "tape", "x_bar", "value", "saved", "i_1", "out"]
_loads = itertools.count()


class Writer:
    """Lines of a program, and a source of chance."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.lines: list[str] = []
        self.depth = 1
        self.loops = 0  # how many loops of the present function are open
        self.counters = itertools.count()
        self.helpers: list[tuple[str, int]] = []

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def pick(self, items):
        return self.random.choice(items)

    def line(self, text: str) -> None:
        self.lines.append("    " * self.depth + text)

    def number(self) -> str:
        return str(round(self.random.uniform(0.1, 1.9), 2))

    def text(self) -> str:
        return "\n".join(self.lines) + "\n"

    @contextlib.contextmanager
    def indented(self):
        self.depth += 1
        yield
        self.depth -= 1


# -- scalars --------------------------------------------------------------------------


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


# -- arrays ---------------------------------------------------------------------------

LENGTH = 6


class Arrays(Writer):
    """A function of two vectors of six numbers and a float, that writes in place."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.lengths: dict[str, int] = {"u": LENGTH, "v": LENGTH}
        self.scalars = ["c"]
        self.counters_open: list[
            tuple[str, int, int]
        ] = []  # a counter, its first, its last
        self.matrix = False
        self.nested = 0

    # expressions

    def index(self, length: int) -> str:
        for name, first, last in self.random.sample(
            self.counters_open, len(self.counters_open)
        ):
            shifts = [k for k in (-1, 0, 1) if first + k >= 0 and last + k < length]
            if shifts and self.chance(0.7):
                k = self.pick(shifts)
                return name if k == 0 else f"{name} {'+' if k > 0 else '-'} 1"
        k = self.random.randrange(length)
        return str(k if self.chance(0.7) else k - length)

    def scalar(self, depth=2) -> str:
        e = lambda: self.scalar(depth - 1)
        if depth == 0 or self.chance(0.3):
            roll = self.random.random()
            if roll < 0.15:
                return self.number()
            if roll < 0.4:
                return self.pick(self.scalars)
            if self.matrix and roll < 0.5:
                return f"m[{self.index(2)}, {self.index(3)}]"
            name = self.pick(sorted(self.lengths))
            return f"{name}[{self.index(self.lengths[name])}]"
        name = self.pick(sorted(self.lengths))
        return self.pick([
            lambda: f"({e()} + {e()})",
            lambda: f"{e()} * {e()}",
            lambda: f"({e()} - {e()})",
            lambda: f"math.sin({e()})",
            lambda: f"np.tanh({e()})",
            lambda: f"np.sum({name})",
            lambda: f"{name}.mean()",
            lambda: f"({name} @ {name})" if self.chance(0.5) else f"np.max({name})",
            lambda: f"{e()} / (1 + {self.pick(self.scalars)} ** 2)",
        ])()  # fmt: skip

    def piece(self, length: int) -> str | None:
        """Some array of that length: a name or a slice of a longer one."""
        fits = [n for n in sorted(self.lengths) if self.lengths[n] >= length]
        if self.matrix and length in (2, 3) and self.chance(0.3):
            return f"m[{self.index(2)}]" if length == 3 else f"m[:, {self.index(3)}]"
        if not fits:
            return None
        name = self.pick(fits)
        return self.sliced(name, length)

    def sliced(self, name: str, length: int) -> str:
        whole = self.lengths[name]
        if whole == length and self.chance(0.8):
            return self.pick([name, name, name, f"{name}[::-1]"])
        spare = whole - length
        if length * 2 - 1 <= whole and self.chance(0.2):
            first = self.random.randint(0, whole - (2 * length - 1))
            return f"{name}[{first}:{first + 2 * length - 1}:2]"
        first = self.random.randint(0, spare)
        stop = first + length
        start = "" if first == 0 else str(first)
        end = "" if stop == whole else str(stop if self.chance(0.5) else stop - whole)
        return f"{name}[{start}:{end}]"

    def array(self, length: int, depth=2) -> str:
        e = lambda: self.array(length, depth - 1)
        if depth == 0 or self.chance(0.25):
            return self.piece(length) or f"np.full({length}, {self.scalar(1)})"
        return self.pick([
            lambda: f"({e()} + {e()})",
            lambda: f"{e()} * {e()}",
            lambda: f"({e()} - {self.scalar(1)})",
            lambda: f"{self.scalar(1)} * {e()}",
            lambda: f"np.sin({e()})",
            lambda: f"np.tanh({e()})",
            lambda: f"{e()} / (1 + {e()} ** 2)",
            lambda: f"np.where({e()} > {self.number()}, {e()}, {e()})",
            lambda: f"np.maximum({e()}, {self.number()})",
            lambda: f"({e()}) ** 2",
            lambda: f"np.array([{', '.join(self.scalar(1) for _ in range(length))}])",
        ])()  # fmt: skip

    def condition(self) -> str:
        if self.counters_open and self.chance(0.3):
            return f"{self.pick(self.counters_open)[0]} % 2 == {self.pick([0, 1])}"
        return f"{self.scalar(1)} {self.pick(['<', '>'])} {self.scalar(1)}"

    # statements

    def block(self, size: int) -> None:
        before = len(self.lines)
        for _ in range(self.random.randint(1, size)):
            self.statement()
        if len(self.lines) == before:
            self.line("pass")

    def names(self) -> list[str]:
        return sorted(self.lengths)

    def statement(self) -> None:
        roll = self.random.random()
        name = self.pick(self.names())
        length = self.lengths[name]
        if self.nested < 3 and roll < 0.1:
            self.branch()
        elif self.nested < 3 and roll < 0.28:
            self.loop()
        elif roll < 0.4:
            op = self.pick(["=", "=", "+=", "*=", "-="])
            self.line(f"{name}[{self.index(length)}] {op} {self.scalar()}")
        elif roll < 0.6:
            part = self.random.randint(1, length)
            op = self.pick(["=", "=", "+=", "*=", "-="])
            value = self.array(part) if self.chance(0.8) else self.scalar()
            target = self.sliced(name, part)
            if target == name and op == "=":
                target += self.pick(["[:]", "[...]"])
            self.line(f"{target} {op} {value}")
        elif roll < 0.66:
            target = self.pick(["c", "s", "total"])
            self.line(f"{target} = {self.scalar()}")
            if not self.nested and target not in self.scalars:
                self.scalars.append(target)
        elif roll < 0.7 and self.matrix:
            self.write_matrix()
        elif roll < 0.76:
            others = [n for n in self.names() if self.lengths[n] == length and n != name]
            if others:
                other = self.pick(others)
                self.line(f"{name}, {other} = {other}, {name}")
        elif roll < 0.86:
            self.rebind()
        elif roll < 0.95:
            self.mutating_call(name, length)
        else:
            self.leave()

    def write_matrix(self) -> None:
        op = self.pick(["=", "+=", "*="])
        self.line(self.pick([
            f"m[{self.index(2)}, {self.index(3)}] {op} {self.scalar()}",
            f"m[{self.index(2)}] {op} {self.array(3)}",
            f"m[:, {self.index(3)}] {op} {self.array(2)}",
            f"m[:, 1:] {op} {self.array(2)}",
            "m = m.T.copy().T",
            "m += m * m",
            "m[1:] -= m[:1]",
        ]))  # fmt: skip

    def rebind(self) -> None:
        """A name gets another array: a new one, a copy, a view, an alias."""
        old = self.pick(self.names())
        length = self.lengths[old]
        if self.nested:
            # The same length, so that every path agrees; rarely shared memory.
            name = old
            value = self.array(length)
            if self.chance(0.8) or "[" not in value:
                value = self.pick(
                    [f"{value} + 0.1", f"{self.pick(self.same(length))}.copy()"]
                )
            self.line(f"{name} = {value}")
            return
        name = self.pick(["w", "row", "u", "v", "t", "old", "view"])
        part = self.random.randint(2, length)
        value, new = self.pick([
            lambda: (self.array(part), part),
            lambda: (f"{old}.copy()", length),
            lambda: (self.sliced(old, part), part),
            lambda: (self.sliced(old, part), part),
            lambda: (old, length),
            lambda: (f"np.zeros({part})", part),
            lambda: (f"np.empty_like({old}); {name}[:] = {self.number()}", length),
            lambda: (f"np.concatenate(({old}, {self.sliced(old, 1)}))[1:]", length),
            lambda: (f"np.roll({old}, 1)", length),
            lambda: (f"np.cumsum({old}) * 0.2", length),
        ])()  # fmt: skip
        self.line(f"{name} = {value}")
        self.lengths[name] = new

    def same(self, length: int) -> list[str]:
        return [n for n in self.names() if self.lengths[n] == length]

    def mutating_call(self, name: str, length: int) -> None:
        if not self.helpers:
            self.line(f"{name} *= {self.number()}")
            return
        helper, wanted = self.pick(self.helpers)
        part = self.sliced(name, length) if self.chance(0.3) else name
        if length < wanted:
            return
        if self.chance(0.3) and length > wanted:
            part = self.sliced(name, self.random.randint(wanted, length))
        call = f"{helper}({part}, {self.scalar(1)})"
        self.line(f"c = {call}" if self.chance(0.4) else call)

    def branch(self) -> None:
        self.line(f"if {self.condition()}:")
        self.nested += 1
        with self.indented():
            self.block(3)
        if self.chance(0.6):
            self.line("else:")
            with self.indented():
                self.block(3)
        self.nested -= 1

    def loop(self) -> None:
        counter = f"i{next(self.counters)}"
        first, count = self.random.randint(0, 2), self.random.randint(1, 3)
        last = first + count - 1
        outer = list(self.counters_open)
        scalars = list(self.scalars)
        form = self.random.randint(0, 4)
        if form == 0:
            self.line(f"for {counter} in range({last}, {first - 1}, -1):")
        elif form == 1:
            self.line(f"for {counter} in reversed(range({first}, {last + 1})):")
        elif form == 2:
            each = f"{self.pick(self.names())}[:{count}].copy()"
            self.line(f"for {counter}, e in enumerate({each}):")
            first, last = 0, count - 1
            self.scalars.append("e")
        else:
            self.line(f"for {counter} in range({first}, {last + 1}):")
        self.counters_open.append((counter, first, last))
        self.loops += 1
        self.nested += 1
        with self.indented():
            self.block(4)
        self.nested -= 1
        self.loops -= 1
        self.counters_open, self.scalars = outer, scalars

    def leave(self) -> None:
        words = [f"return {self.scalar()}"]
        if self.loops:
            words += ["break", "continue"] * 2
        self.line(f"if {self.condition()}:")
        self.line("    " + self.pick(words))

    def helper(self, number: int) -> None:
        inner = Arrays(self.random.randrange(10**9))
        wanted = self.random.randint(2, 3)
        inner.lengths = {"u": wanted}
        inner.nested = 1
        inner.depth = 0
        name = f"helper{number}"
        inner.line(f"def {name}(u, c):")
        inner.depth = 1
        inner.block(3)
        inner.line(f"return {inner.scalar()}")
        inner.line("")
        # Longer arrays than the helper knows of are written through its short indices:
        # statements on whole arrays hold for any length.
        self.lines += inner.lines
        self.helpers.append((name, wanted))

    def program(self) -> str:
        self.depth = 0
        self.line("import math\n\nimport numpy as np\n\n")
        for number in range(self.pick([0, 1, 2])):
            self.helper(number)
        self.depth = 0
        self.line("def f(u, v, c):")
        self.depth = 1
        if self.chance(0.4):
            self.matrix = True
            self.line(
                f"m = {self.pick(['u.reshape(2, 3).copy()', 'np.outer(u[:2], v[:3])'])}"
            )
        self.block(7)
        terms = [f"np.sum({n} * {n})" for n in self.names()] + [
            f"{n} * 0.5" for n in self.scalars
        ]
        if self.matrix:
            terms.append("np.sum(m * m)")
        self.line(f"return {' + '.join(terms)}")
        return self.text()


def array_program(seed: int) -> str:
    return Arrays(seed).program()


def array_arguments(seed: int) -> tuple:
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, LENGTH), rng.uniform(-1, 1, LENGTH), float(rng.uniform(-1, 1))


# -- comparison -----------------------------------------------------------------------

KINDS = {
    "scalar": (scalar_program, scalar_arguments, (0, 1)),
    "array": (array_program, array_arguments, (0, 1, 2)),
}


def load(text: str):
    """The function `f` of a program, with its text where `inspect` finds it."""
    file = f"<program {next(_loads)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    namespace = {"__name__": "random_program"}
    exec(compile(text, file, "exec"), namespace)
    return namespace["f"]


def fresh(args):
    return [a.copy() if isinstance(a, np.ndarray) else a for a in args]


class Kink(Exception):
    """The function has no derivative near here, or one that differences cannot tell."""


def numerical(function, args, place, index=None) -> float:
    """The derivative of one entry; `Kink` where one-sided differences disagree."""

    def at(by):
        moved = fresh(args)
        if index is None:
            moved[place] += by
        else:
            moved[place][index] += by
        value = float(function(*moved))
        if not math.isfinite(value) or abs(value) > 1e5:
            raise Kink
        return value

    h = 1e-4
    here, a, b, c, d = at(0.0), at(h), at(-h), at(h / 2), at(-h / 2)
    coarse, fine = (a - b) / (2 * h), (c - d) / h
    size = max(1.0, abs(fine))
    if abs((a - here) - (here - b)) / h > 0.05 * size or abs(coarse - fine) > 1e-4 * size:
        raise Kink
    # A jump or bend that the points straddle shows in the second differences.
    if abs((a - 2 * here + b) - 4 * (c - 2 * here + d)) > 1e-9 * max(1.0, abs(here)):
        raise Kink
    return (4 * fine - coarse) / 3


def largest(function, args) -> float:
    """The largest number that any variable holds while the function runs."""
    most = 0.0

    def watch(frame, event, argument):
        nonlocal most
        for value in frame.f_locals.values():
            if isinstance(value, (float, np.ndarray)) and np.size(value):
                most = max(most, float(np.max(np.abs(value))))
        return watch

    sys.settrace(watch)
    try:
        function(*fresh(args))
    finally:
        sys.settrace(None)
    return most


class Invalid(Exception):
    """The program itself fails."""


class Wrong(AssertionError):
    """A gradient that differs from the differences, or something else that is false."""


def compare(text: str, args, places) -> int:
    """Raises `Wrong` if the gradient is; the number of entries that could be compared."""
    try:
        function = load(text)
    except Exception as error:
        raise Invalid(str(error)) from error
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            primal = function(*fresh(args))
            float(primal)
        except Exception as error:
            raise Invalid(str(error)) from error
        if not math.isfinite(primal) or abs(primal) > 1e5:
            raise Kink
        given = fresh(args)
        both = symdiff.value_and_grad(function, argnums=places)
        value, found = both(*given)
        if value != primal and abs(value - primal) > 1e-12 * max(1, abs(primal)):
            raise Wrong(f"value {value!r} instead of {primal!r}\n{both.source}")
        only = symdiff.grad(function, argnums=places)
        for a, b in zip(found, only(*given)):
            if not np.allclose(a, b, rtol=1e-9, atol=1e-12, equal_nan=True):
                raise Wrong(f"grad {b} instead of {a}\n{only.source}")
        for a, b in zip(given, args):
            if not np.array_equal(a, b):
                raise Wrong(f"an argument was changed\n{both.source}")
        compared = 0
        for place, got in zip(places, found):
            if np.shape(got) != np.shape(args[place]):
                raise Wrong(f"shape {np.shape(got)} of gradient {place}\n{both.source}")
            for index in np.ndindex(np.shape(got)):
                try:
                    want = numerical(function, args, place, index or None)
                except (Kink, ArithmeticError, ValueError):
                    continue
                compared += 1
                have = float(np.asarray(got)[index])
                if not abs(have - want) <= 2e-5 * max(1.0, abs(want)):
                    if not largest(function, args) < 1e6:
                        raise Kink  # differences drown in rounding
                    raise Wrong(
                        f"d/d{place}{list(index)}: {have} instead of {want}\n{both.source}"
                    )
    return compared


def outcome(text: str, args, places) -> tuple[str, str]:
    """What became of a program, in a word, and the details."""
    try:
        compared = compare(text, args, places)
    except symdiff.DifferentiationError as error:
        return "refused", str(error.msg)
    except Kink:
        return "skipped", ""
    except Invalid as error:
        return "invalid", str(error)
    except Wrong as error:
        return "wrong", str(error)
    except RecursionError as error:
        return "crash RecursionError", str(error)
    except Exception as error:
        return f"crash {type(error).__name__}", f"{type(error).__name__}: {error}"
    return ("compared" if compared else "skipped"), str(compared)


def attempt(kind: str, seed: int) -> tuple[int, str, str]:
    program, arguments, places = KINDS[kind]
    return (seed, *outcome(program(seed), arguments(seed), places))


def _attempt(job: tuple[str, int]) -> tuple[int, str, str]:
    return attempt(*job)


# -- shrinking ------------------------------------------------------------------------


def shrink(text: str, args, places, word: str) -> str:
    """A smaller program that comes to the same end."""
    best = text
    changed = True
    end = time.monotonic() + 20
    while changed:
        changed = False
        for smaller in _smaller(best):
            if time.monotonic() > end:
                return best
            if len(smaller) < len(best) and outcome(smaller, args, places)[0] == word:
                best, changed = smaller, True
                break
    return best


def _smaller(text: str):
    tree = ast.parse(text)
    count = sum(1 for _ in ast.walk(tree))
    for number in range(count):
        for choice in range(3):
            copy = ast.parse(text)
            node = next(itertools.islice(ast.walk(copy), number, None))
            if _reduce(copy, node, choice):
                with contextlib.suppress(Exception):
                    yield ast.unparse(ast.fix_missing_locations(copy)) + "\n"


def _reduce(tree, node, choice) -> bool:
    if isinstance(node, ast.stmt):
        if isinstance(node, ast.Return) and choice == 0:
            return False
        bodies = (
            [node.body, node.orelse]
            if isinstance(node, (ast.If, ast.For, ast.While))
            else []
        )
        new = [] if choice == 0 else bodies[choice - 1] if choice <= len(bodies) else None
        if new is None:
            return False
        for parent in ast.walk(tree):
            for name in ("body", "orelse"):
                block = getattr(parent, name, None)
                if isinstance(block, list) and node in block:
                    place = block.index(node)
                    block[place : place + 1] = new
                    if not block and name == "body":
                        block.append(ast.Pass())
                    return True
        return False
    parts: list[ast.expr] = []
    if isinstance(node, ast.BinOp):
        parts = [node.left, node.right]
    elif isinstance(node, ast.Call):
        parts = list(node.args)
    elif isinstance(node, ast.IfExp):
        parts = [node.body, node.orelse]
    elif isinstance(node, (ast.UnaryOp,)):
        parts = [node.operand]
    elif isinstance(node, ast.BoolOp):
        parts = list(node.values)
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        parts = [node.value]
    if choice >= len(parts):
        return False
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is node:
                setattr(parent, name, parts[choice])
                return True
            if isinstance(value, list) and node in value:
                value[value.index(node)] = parts[choice]
                return True
    return False


def main(arguments: list[str]) -> None:
    kind, first, last = arguments[0], int(arguments[1]), int(arguments[2])
    os.environ["SYMDIFF_CACHE"] = "off"
    results = collections.Counter()
    refusals = collections.Counter()
    examples: dict[str, int] = {}
    failed: list[tuple[int, str, str]] = []
    with multiprocessing.Pool(2, maxtasksperchild=200) as pool:
        jobs = [(kind, seed) for seed in range(first, last)]
        for seed, word, details in pool.imap_unordered(_attempt, jobs, 10):
            results[word] += 1
            if word in ("refused", "invalid"):
                details = f"{word}: {details}"
                refusals[details] += 1
                examples.setdefault(details, seed)
            elif word not in ("compared", "skipped"):
                failed.append((seed, word, details))
    print(dict(results))
    for message, count in refusals.most_common(12):
        print(f"{count:5} as {examples[message]} {message}")
    program, arguments_of, places = KINDS[kind]
    print("failed:", *(f"{seed}" for seed, _, _ in failed[:60]))
    seen: set[str] = set()
    for seed, word, details in failed:
        key = word + details.partition("\n")[0] if word != "wrong" else str(seed)
        if key in seen or len(seen) >= int((arguments[3:] or ["6"])[0]):
            continue
        seen.add(key)
        print(f"== seed {seed}: {word}")
        small = shrink(program(seed), arguments_of(seed), places, word)
        print(f"{small}-- {outcome(small, arguments_of(seed), places)[1]}\n", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
