"""What is said to name places apart names no element twice, whatever the lengths are."""

from __future__ import annotations

import itertools
import random

import numpy as np

from symdiff.errors import Span
from symdiff.ir.builder import Builder, Names
from symdiff.ir.core import Atom, Const, Index, SliceItem, Through, Var
from symdiff.ir.kinds import FLOAT, INT, Array, Size
from symdiff.passes.folding.apart import apart

LENGTHS = [
    (n, m, i, size)
    for n, m in itertools.product(range(4), range(3))
    for i in (-2, -1, 0, 2)
    for size in (0, 1, 2, 5, 8)
]


class Subscripts:
    """Random ones by constants, two lengths n and m, and an integer i."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.build = Builder(Names())
        self.build.span = Span("model.py", 1, 0, 1, 9)
        vector = Array("float64", (Size("n"),))
        shape = self.build.define("attr", Var("x", "", 0, vector), params="shape")
        n = self.build.define("item", shape, params=0)
        m = self.build.define("builtins.len", Var("y", "", 0, vector))
        self.i = Var("i", "", 0, INT)
        self.values = {
            n: lambda n, m, i: n,
            m: lambda n, m, i: m,
            self.i: lambda n, m, i: i,
        }

    def place(self, depth: int = 0) -> Atom:
        if depth == 2 or self.random.random() < 0.5:
            return self.random.choice([Const(self.random.randint(-3, 4)), *self.values])
        op = self.random.choice(["add", "sub", "mul", "floordiv"])
        x, y = self.place(depth + 1), self.place(depth + 1)
        if op == "floordiv":
            y = Const(self.random.choice([2, -2]))
        made = self.build.define(op, x, y)
        self.values[made] = lambda *given: _OPS[op](*(self.value(a, given) for a in (x, y)))
        return made

    def value(self, atom: Atom, given) -> int:
        return atom.value if isinstance(atom, Const) else self.values[atom](*given)

    def subscript(self) -> tuple[Index, tuple[Atom, ...]]:
        """Of a vector: an element or a slice."""
        if self.random.random() < 0.4:
            return Index(("at",)), (self.place(),)
        item = SliceItem(*(self.random.random() < p for p in (0.6, 0.6, 0.1)))
        atoms = tuple(self.place() for _ in range(item.start + item.stop))
        return Index((item,)), (*atoms, *[Const(2)] * item.step)

    def through_a_view(self) -> tuple[Index, tuple[Atom, ...]]:
        index, atoms = self.subscript()
        while index.items == ("at",):
            index, atoms = self.subscript()
        inner, inner_atoms = self.subscript()
        step = Through("getitem", len(atoms), index)
        return Index(inner.items, inner.tupled, (step,)), (*atoms, *inner_atoms)

    def named(self, index: Index, atoms: tuple[Atom, ...], given, size: int) -> set[int]:
        """The elements of a vector of this size."""
        vector = np.arange(size)
        rest = [self.value(a, given) for a in atoms]
        for each in (*(step.params for step in index.through), index.inner):
            vector = vector[_written(each, rest)]
        return set(np.ravel(vector).tolist())


_OPS = {
    "add": lambda x, y: x + y, "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y, "floordiv": lambda x, y: x // y,
}  # fmt: skip


def _written(index: Index, rest: list[int]):
    (item,) = index.items
    if item == "at":
        return rest.pop(0)
    return slice(
        *(rest.pop(0) if flag else None for flag in (item.start, item.stop, item.step))
    )


def test_what_is_apart_meets_nowhere():
    found = through = 0
    for seed in range(4000):
        made = Subscripts(seed)
        one = made.through_a_view() if seed % 3 == 0 else made.subscript()
        other = made.subscript()
        if seed % 3 == 0 and seed % 2:  # of the same view
            inner, atoms = made.subscript()
            other = Index(inner.items, False, one[0].through), (
                *one[1][: one[0].through[0].takes], *atoms,
            )  # fmt: skip
        if not apart(made.build, *one, *other):
            continue
        found += 1
        through += bool(one[0].through)
        for *given, size in LENGTHS:
            try:
                named = [made.named(*each, given, size) for each in (one, other)]
            except IndexError:
                continue
            assert not named[0] & named[1], (seed, given, size)
    assert found > 150
    assert through > 20


def test_an_element_that_may_be_the_last():
    made = Subscripts(0)
    behind = made.build.define("add", made.i, Const(1))
    places = Index((SliceItem(start=True),)), (behind,)
    assert not apart(made.build, Index(("at",)), (made.i,), *places)


def test_rows_and_columns():
    build = Builder(Names())
    rows = Index((SliceItem(), "at"), True)
    assert apart(build, rows, (Const(0),), rows, (Const(1),))
    assert not apart(build, rows, (Const(0),), rows, (Const(-1),))
    last = Index(("rest", "at"), True)
    assert not apart(build, last, (Const(0),), last, (Const(1),))
    block = Index((SliceItem(stop=True), SliceItem(start=True)), True)
    below = Index((SliceItem(start=True),))
    assert apart(build, block, (Const(2), Const(1)), below, (Const(2),))
    places = Var("k", "", 0, Array("int64", (Size("k"),)))
    assert not apart(build, Index(("at",)), (places,), Index(("at",)), (places,))
    assert not apart(build, Index(("at",)), (Var("s", "", 0, FLOAT),), below, (Const(1),))
