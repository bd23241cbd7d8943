"""Loops that fill arrays round by round out of what earlier rounds have put there; one in
five writes or reads besides what such loops may not, if nothing is to be saved."""

from __future__ import annotations

import random

import numpy as np

LENGTH = 9


def of_vectors(seed: int) -> bool:
    """Whether the arrays hold a vector for each round."""
    return random.Random(seed).random() < 0.35


def trajectory_program(seed: int) -> str:
    return Trajectories(seed).program()


def trajectory_arguments(seed: int):
    rng = np.random.default_rng(seed)
    if of_vectors(seed):
        return [*rng.normal(size=(2, 2)), LENGTH, rng.normal(size=(LENGTH, 2))]
    return [*rng.normal(size=2).tolist(), LENGTH, rng.normal(size=LENGTH)]


class Trajectories:
    """One program: its arrays are of one form, its loops run up or down."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.vectors = self.random.random() < 0.35
        self.tables = not self.vectors and self.random.random() < 0.35
        self.arrays = "ABC"[: self.pick([1, 2, 2, 3])]
        self.lines = ["import numpy as np", "", "", "def f(x, y, n, z):"]
        self.outer = self.inner = ""  # counters
        self.written = 0  # the offset of what a round writes
        self.earlier: list[int] = []  # those of what earlier rounds have written

    def pick(self, items):
        return self.random.choice(items)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def program(self) -> str:
        for name in self.arrays:
            self.lines.append(f"    {name} = {self.made()}")
        for number in range(self.pick([1, 1, 2])):
            self.loop(number)
        if self.chance(0.1):
            place = "2, 2" if self.tables else "2"
            self.lines.append(f"    {self.pick(self.arrays)}[{place}] = 0.5 * x")
        ends = [self.end(name) for name in self.arrays]
        self.lines.append("    return " + " + ".join(ends))
        return "\n".join(self.lines) + "\n"

    def made(self) -> str:
        if self.vectors:
            return self.pick(["np.zeros((n, 2))", "np.tanh(z)"])
        if self.tables:
            return "np.zeros((n, n))"
        return self.pick(["np.zeros(n)", "[0.0] * n", "z.copy()", "np.exp(0.3 * z)"])

    def end(self, name: str) -> str:
        return self.pick([
            f"np.sum(np.array({name}) ** 2)",
            f"np.sum({name}[-1])",
            f"np.sum({name}[0] * {name}[2])",
            f"np.sum({name}[3]) + np.sum(np.array({name}[:4]) ** 2)",
        ])  # fmt: skip

    def loop(self, number: int) -> None:
        self.outer, self.inner = f"t{number}", ""
        back, step = self.pick([1, 1, 2]), self.pick([1, 1, 1, 2])
        down = self.chance(0.3)
        self.written = 0 if down else self.pick([0, 1])
        sign = 1 if down else -1
        self.earlier = [self.written + sign * k for k in range(1, back + 1)]
        self.begin(back, down)
        start, by = back - self.written, f", {step}" if step > 1 else ""
        if down:
            rounds = f"n - {back + 1}, -1, -{step}"
        else:
            end = self.pick([f"n - {self.written}", f"{LENGTH - self.written}"])
            rounds = f"{start}, {end}{by}"
        self.lines.append(f"    for {self.outer} in range({rounds}):")
        indent = " " * 8
        if self.tables:
            self.inner = f"j{number}"
            end = self.pick(["n", f"{self.outer} + 1", "n - 1"])
            self.lines.append(f"{indent}for {self.inner} in range(1, {end}):")
            indent += "    "
        spoiled = self.chance(0.2)
        for name in self.arrays:
            self.write(name, indent)
            if spoiled and self.chance(0.5):
                place = self.at(name, self.pick([*self.earlier, self.written]), -1)
                op = self.pick(["=", "+=", "*="])
                self.lines.append(f"{indent}{place} {op} 0.7 * {self.sum(1)}")

    def begin(self, back: int, down: bool) -> None:
        for name in self.arrays:
            if self.tables:
                self.lines.append(f"    {name}[:, 0] = x; {name}[0, :] = y")
                continue
            for k in range(back):
                value = self.pick(["x", "y", "0.5 * x"])
                self.lines.append(f"    {name}[{-1 - k if down else k}] = {value}")

    def write(self, name: str, indent: str) -> None:
        target = self.at(name, self.written)
        if not self.chance(0.2):
            op = self.pick(["=", "=", "=", "+="])
            self.lines.append(f"{indent}{target} {op} {self.sum(2)}")
            return
        cond = "n > 3" if self.vectors else f"{self.read()} > 0.1"
        self.lines += [
            f"{indent}if {cond}:",
            f"{indent}    {target} = {self.sum(2)}",
            f"{indent}else:",
            f"{indent}    {target} = {self.sum(1)}",
        ]

    def at(self, name: str, offset: int, inner: int = 0) -> str:
        places = [_shifted(self.outer, offset)]
        if self.tables:
            places.append(_shifted(self.inner, inner))
        return f"{name}[{', '.join(places)}]"

    def read(self) -> str:
        name = self.pick(self.arrays)
        if self.tables and self.chance(0.4):
            return self.at(name, self.written, -1)
        offset = self.written if self.chance(0.1) else self.pick(self.earlier)
        return self.at(name, offset, self.pick([-1, 0]))

    def sum(self, depth: int) -> str:
        if depth == 0:
            return self.pick([self.read, self.read, lambda: self.pick("xy")])()
        one, two = self.sum(depth - 1), self.sum(depth - 1)
        return self.pick([
            f"0.5 * ({one} + {two})", f"0.6 * {one} * {two}", f"np.sin({one}) * {two}",
            f"np.tanh({one} - {two})",
        ])  # fmt: skip


def _shifted(counter: str, offset: int) -> str:
    if not offset:
        return counter
    return f"{counter} {'+' if offset > 0 else '-'} {abs(offset)}"
