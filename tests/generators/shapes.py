"""Functions of vectors that get other lengths as they run."""

from __future__ import annotations

import numpy as np

from generators.writer import Writer


class Shapes(Writer):
    """A function of a vector, a float and a count; vectors never get empty."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.names = ["u"]
        self.scalars = ["c"]

    def scalar(self) -> str:
        name = self.pick(self.names)
        return self.pick([
            self.pick(self.scalars), self.number(), f"{name}[0]", f"{name}[-1]",
            f"{name}[len({name}) // 2]", f"{name}.sum()", f"{name}.mean()",
            f"np.max({name})", f"math.sin({self.pick(self.scalars)})",
            f"np.dot({name}, {name})", f"{name}[1:].sum()", f"{name}[0] / {name}.size",
            f"{name}[n % len({name})]",
        ])  # fmt: skip

    def vector(self) -> str:
        """A vector of any length."""
        name, other = self.pick(self.names), self.pick(self.names)
        s = self.scalar
        return self.pick([
            lambda: f"{name} * {s()}",
            lambda: f"np.tanh({name}) + {s()}",
            lambda: f"{name}[::-1] - {name}",
            lambda: f"{name}.copy()",
            lambda: f"{name}[:3]",
            lambda: f"{name}[1:] if len({name}) > 2 else {name} * {s()}",
            lambda: f"{name}[::2]",
            lambda: f"np.array([{s()}, {s()}])",
            lambda: f"np.array([{s()}])",
            lambda: f"np.append({name}, {s()})",
            lambda: f"np.concatenate([{name}, {other}])[:7]",
            lambda: f"np.concatenate(([{s()}], {name}))[:5]",
            lambda: f"np.outer({name}, {other}).ravel()[:5]",
            lambda: f"np.zeros(n + 1) + {s()}",
            lambda: f"np.full(3, {s()}) * {name}[0]",
            lambda: f"np.sum({name}[:, None] * {other}, axis={self.pick([0, 1])})",
            lambda: f"np.array([v * {s()} for v in {name}])",
            lambda: f"np.cumsum({name})",
            lambda: f"np.where({name} > {s()}, {name}, {s()})",
            lambda: f"{name}[{name} > {name}.mean() - 1e-9]",
            lambda: f"np.repeat({name}[:2], 2)",
        ])()  # fmt: skip

    def statement(self) -> None:
        roll = self.random.random()
        name = self.pick(self.names)
        if roll < 0.35:
            self.line(f"{name} = {self.vector()}")
        elif roll < 0.45:
            self.write(name)
        elif roll < 0.55:
            scalar = self.pick(["s", "c"])
            self.line(f"{scalar} = {self.scalar()} * {self.scalar()}")
            if scalar not in self.scalars and self.depth == 1:
                self.scalars.append(scalar)
        elif roll < 0.65 and self.depth == 1:
            new = self.pick(["v", "w", "t"])
            self.line(f"{new} = {self.vector()}")
            if new not in self.names:
                self.names.append(new)
        elif roll < 0.75:
            self.line(f"if {self.scalar()} > {self.scalar()}:")
            self.block()
            if self.chance(0.5):
                self.line("else:")
                self.block()
        elif roll < 0.9 and self.loops < 2:
            self.loop()
        else:
            self.line(f"c = c * 0.5 + 0.1 * {self.scalar()}")

    def write(self, name: str) -> None:
        """In place, after a copy, as names may share memory."""
        self.line(f"{name} = {name}.copy()")
        self.line(self.pick([
            f"{name}[0] = {self.scalar()}",
            f"{name}[-1] *= {self.scalar()}",
            f"{name}[1:] += {self.scalar()}",
            f"{name}[:] = {name}[::-1] * {self.scalar()}",
            f"{name} *= {self.scalar()}",
            f"{name} += np.sin({name})",
            f"{name}[:-1] -= {name}[1:]",
            f"{name}[{name} > 0] *= {self.scalar()}",
        ]))  # fmt: skip

    def loop(self) -> None:
        self.loops += 1
        counter = f"k{next(self.counters)}"
        if self.chance(0.3):
            self.line(f"{counter} = 0")
            self.line(f"while {counter} < n and {self.scalar()} < 3.0:")
            with self.indented():
                self.line(f"{counter} += 1")
        else:
            bound = self.pick(["n", "2", f"len({self.pick(self.names)})"])
            self.line(f"for {counter} in range({bound}):")
        self.block()
        self.loops -= 1

    def block(self) -> None:
        with self.indented():
            for _ in range(self.random.randint(1, 3)):
                self.statement()
            if self.loops and self.chance(0.15):
                self.line(f"if {self.scalar()} > 0.5:")
                with self.indented():
                    self.line(self.pick(["break", "continue"]))


def shapes_program(seed: int) -> str:
    """The text of a function `f(u, c, n)`."""
    w = Shapes(seed)
    for _ in range(w.random.randint(3, 7)):
        w.statement()
    total = " + ".join(f"np.sum({name} * {name}) + {name}[0]" for name in w.names)
    w.line(f"return {total} + {' * '.join(w.scalars)}")
    return f"import math\nimport numpy as np\n\ndef f(u, c, n):\n{w.text()}"


def shapes_arguments(seed: int):
    """Values for the parameters."""
    r = np.random.default_rng(seed)
    count = int(r.integers(2, 6))
    return r.uniform(-1.2, 1.2, count), float(r.uniform(-1, 1)), int(r.integers(1, 4))
