"""What the generators share."""

from __future__ import annotations

import contextlib
import itertools
import random

# Names that the generated code might like for itself are among those of the user.
NAMES = ["a", "b", "s", "total", "t", "t1", "tape", "x_bar", "value", "saved", "i_1", "out"]


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
