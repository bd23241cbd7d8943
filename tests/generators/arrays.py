"""Functions of arrays that write in place."""

from __future__ import annotations

import numpy as np

from generators.writer import Writer

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
        part = self.random.randint(min(2, length), length)
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
        self.line(f"return {' + '.join(self.terms())}")
        return self.text()

    def terms(self) -> list[str]:
        """What the function returns the sum of: everything that it has a name for."""
        terms = [f"np.sum({n} * {n})" for n in self.names()]
        terms += [f"{n} * 0.5" for n in self.scalars]
        return terms + ["np.sum(m * m)"] * self.matrix


def array_program(seed: int) -> str:
    return Arrays(seed).program()


def array_arguments(seed: int) -> tuple:
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, LENGTH), rng.uniform(-1, 1, LENGTH), float(rng.uniform(-1, 1))
