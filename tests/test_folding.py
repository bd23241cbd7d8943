"""Random sums, products and quotients keep their values when they are folded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from test_vanishing import Maker, value_of

from symdiff.ir.builder import Builder
from symdiff.ir.core import Atom, Const, Index, SliceItem, kind_of
from symdiff.ir.kinds import Array
from symdiff.passes.folding import fold

NUMBERS = [Const(v) for v in (1.0, 2.0, -1.0, 3.0, 0.5, -4.0, 0.0)]


class Twins(Maker):
    """Makes every value as it stands, and folded."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.short = Builder(self.build.names, fold)
        self.short.span, self.short.role = self.build.span, "partial"
        alone = self.random.random() < 0.7
        self.short.reads_alone = lambda atom: alone
        self.folded: dict[Atom, Atom] = {}
        self.shapes.update(dict.fromkeys(NUMBERS, ()))

    def emit(self, op: str, *args: Atom, params: Any = None) -> Atom | None:
        made = super().emit(op, *args, params=params)
        if made is not None:
            given = [self.folded.get(a, a) for a in args]
            self.folded[made] = self.short.emit(op, *given, params=params, role="bar")
        return made

    def step(self, known: list[Atom]) -> None:
        if self.random.random() < 0.3:
            x = known[-1 - self.random.randrange(min(4, len(known)))]
            pair = [x, self.random.choice([x, *NUMBERS, *known[-3:]])]
            self.random.shuffle(pair)
            if isinstance(pair[1], Const) and pair[1].value == 0:
                pair.reverse()
            made = self.emit(self.random.choice(["add", "sub", "mul", "div"]), *pair)
            known += [] if made is None else [made]
        elif self.random.random() < 0.1:
            x = self.random.choice(known)
            made = self.emit("pow", x, Const(2))
            if made is not None and self.random.random() < 0.5:
                made = self.emit("div", made, x)
            known += [] if made is None else [made]
        elif self.random.random() < 0.15:
            x = self.random.choice(known)
            if isinstance(kind_of(x), Array):
                items = self.random.choice([("at",), (SliceItem(), "at"), ("new",)])
                at = (Const(0),) * items.count("at")
                made = self.emit("getitem", x, *at, params=Index(items, len(items) > 1))
                known += [] if made is None else [made]
        else:
            super().step(known)


@pytest.mark.parametrize("first", range(0, 1200, 100))
def test_values_are_kept(first: int) -> None:
    changed = 0
    for seed in range(first, first + 100):
        twins = Twins(seed)
        known: list[Atom] = list(twins.params)
        for _ in range(16):
            twins.step(known)
        made = [var for var in known if var in twins.folded]
        try:
            want = value_of(twins, made, seed)
        except ZeroDivisionError:
            continue
        if not all(np.all(np.isfinite(value)) for value in want):
            continue  # what cancels has no value
        plain, twins.build.nodes = twins.build.nodes, twins.short.nodes
        changed += [n.op for n in plain] != [n.op for n in twins.short.nodes]
        got = value_of(twins, [twins.folded[var] for var in made], seed)
        for var, one, other in zip(made, want, got, strict=True):
            assert np.allclose(one, other, rtol=1e-6, atol=1e-9), (seed, var)
    assert changed > 50
