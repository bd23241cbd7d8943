"""The passes on single elements, and on numbers that are chosen, keep the meaning of
random programs."""

from __future__ import annotations

import itertools
import random
from typing import Any

import numpy as np
import pytest

from symdiff.errors import Span
from symdiff.ir.core import (
    Atom, Const, Equation, For, Function, If, Index, Iteration, Node, Parameter, Var,
)  # fmt: skip
from symdiff.ir.kinds import BOOL, FLOAT, INT, NONE, Array, Kind, Size
from symdiff.passes.ahead import ahead
from symdiff.passes.elements import elements
from symdiff.passes.sides import sides
from symdiff.records import replace
from symdiff.tracing.interpreter import Interpreter

SPAN = Span("model.py", 1, 0, 1, 9)
AT = Index(("at",))
LENGTH = 4


class Maker:
    """Reverse sweeps that store numbers into arrays like p: mostly one after the other,
    at times into what was kept of before."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.versions = 0
        dims = (LENGTH,) if seed % 3 == 0 else (Size("p", not_one=True),)
        self.kind = Array("float32" if seed % 7 == 0 else "float64", dims)

    def var(self, base: str, kind: Kind = FLOAT, role: str = "") -> Var:
        self.versions += 1
        return Var(base, role, self.versions, kind)

    def emit(
        self,
        nodes: list[Node],
        op: str,
        *args: Atom,
        kind: Kind = FLOAT,
        params: Any = None,
    ) -> Var:
        target = self.var("p" if kind is self.kind else "t", kind, "bar" * (kind != NONE))
        nodes.append(Equation(target, op, args, params, SPAN))
        return target

    def function(self) -> Function:
        p, x, n = self.var("p", self.kind), self.var("x"), self.var("n", INT)
        flag = self.var("flag", INT)
        nodes: list[Node] = []
        self.params = (p, x, n, flag)
        if self.random.random() < 0.5:
            where: list[Node] = []
            self.emit(where, "check length", p, kind=NONE, params=LENGTH)
            inside = self.random.random() < 0.5
            nodes += [If(flag, tuple(where), (), span=SPAN)] if inside else where
        for k in range(LENGTH):
            if self.random.random() < 0.6:
                self.emit(nodes, "getitem", p, Const(k), params=AT)
        self.emit(nodes, "comment", kind=NONE, params="reverse sweep")
        numbers: list[Atom] = [x, Const(1.0), Const(2.5)]
        found = self.block(nodes, [], numbers, 0)
        params = tuple(map(Parameter, self.params))
        return Function("f", params, tuple(nodes), tuple(found), SPAN)

    def block(
        self, nodes: list[Node], arrays: list[Atom], numbers: list[Atom], depth: int
    ) -> list[Atom]:
        """Returns the arrays and numbers that there are at its end."""
        p, _, n, flag = self.params
        arrays, numbers = [*arrays], [*numbers]
        for _ in range(self.random.randint(3, 9)):
            kind = self.random.choice(
                ["new", "store", "store", "store", "sum", "read", "choose"]
            )
            if not arrays or kind == "new":
                arrays.append(self.emit(nodes, "numpy.zeros_like", p, kind=self.kind))
            elif kind == "store":
                self.store(nodes, arrays, numbers)
            elif kind == "sum":
                op = self.random.choice(["add", "neg", "mul"])
                args = [self.random.choice(numbers) for _ in range(1 + (op != "neg"))]
                numbers.append(self.emit(nodes, op, *args))
            elif kind == "choose":
                self.choose(nodes, arrays, numbers)
            elif self.random.random() < 0.3:
                place = Const(self.random.randrange(LENGTH))
                array = self.random.choice(arrays)
                numbers.append(self.emit(nodes, "getitem", array, place, params=AT))
        if depth < 2 and self.random.random() < 0.8:
            self.region(nodes, arrays, numbers, depth)
            for _ in range(self.random.randint(0, 2)):
                self.store(nodes, arrays, numbers[-1:])
        return [*arrays, *numbers]

    def choose(self, nodes: list[Node], arrays: list[Atom], numbers: list[Atom]) -> None:
        """Some numbers that one condition chooses, added, stored or read on."""
        cond = self.emit(nodes, "gt", *self.random.choices(numbers, k=2), kind=BOOL)
        for _ in range(self.random.randint(1, 4)):
            place = Const(self.random.randrange(LENGTH))
            before = self.emit(nodes, "getitem", arrays[-1], place, params=AT)
            values = self.random.choices([Const(0.0), before, *numbers], k=2)
            chosen = self.emit(nodes, "select", cond, *values)
            use = self.random.choice(["setitem", "additem", "add", "sub", "read", "twice"])
            if use.endswith("item"):
                args = arrays[-1], place, chosen
                made = self.emit(nodes, use, *args, kind=self.kind, params=AT)
                arrays[-1] = made
            elif use in ("add", "sub"):
                numbers[-1] = self.emit(nodes, use, numbers[-1], chosen)
            else:
                numbers.append(chosen)
                if use == "twice":
                    numbers.append(self.emit(nodes, "mul", chosen, numbers[0]))

    def store(self, nodes: list[Node], arrays: list[Atom], numbers: list[Atom]) -> None:
        place = self.random.randrange(LENGTH)
        place -= LENGTH * (self.random.random() < 0.1)
        op = "setitem" if self.random.random() < 0.2 else "additem"
        k = (
            len(arrays) - 1
            if self.random.random() < 0.8
            else self.random.randrange(len(arrays))
        )
        at: Atom = Const(place)
        if self.random.random() < 0.2:
            at = self.random.choice(self.params[2:])
        args = (arrays[k], at, self.random.choice(numbers))
        made = self.emit(nodes, op, *args, kind=self.kind, params=AT)
        if self.random.random() < 0.15:
            arrays.append(made)  # what it was before is read again, perhaps
        else:
            arrays[k] = made

    def region(
        self, nodes: list[Node], arrays: list[Atom], numbers: list[Atom], depth: int
    ) -> None:
        """A loop or a branch that carries one of the arrays, and a number."""
        p, _, n, flag = self.params
        old, count = arrays[-1], numbers[-1]
        result = self.var("p", self.kind, "bar"), self.var("t")
        if self.random.random() < 0.6:
            inner = self.var("p", self.kind, "bar"), self.var("t")
            body: list[Node] = []
            ends = [*inner]
            if self.random.random() < 0.2:
                ends[1] = self.emit(body, "getitem", inner[0], Const(1), params=AT)
            read: list[Atom] = [inner[1], Const(1.5)]
            for _ in range(self.random.randint(0, 3)):
                where: list[Node] = []
                place = Const(self.random.randrange(LENGTH))
                number = self.emit(where, "getitem", p, place, params=AT)
                if self.random.random() < 0.3:  # of no use but to fail
                    where = [If(flag, tuple(where), (), span=SPAN)]
                else:
                    read.append(number)
                body += where
            for _ in range(self.random.randint(1, 4)):
                self.store(body, ends[:1] and (held := [ends[0]]), read)
                ends[0] = held[-1]
            if self.random.random() < 0.3:
                ends[1] = self.emit(body, "getitem", ends[0], Const(0), params=AT)
            if depth < 1 and self.random.random() < 0.3:
                last = self.block(body, [ends[0]], [inner[1]], depth + 1)
                ends[0] = last[0]
            nodes.append(
                For(
                    (self.var("k", INT),), Iteration("range", (Const(0), n, Const(1))),
                    inner, (old, count), tuple(body), tuple(ends), result, span=SPAN,
                )
            )  # fmt: skip
        else:
            then: list[Node] = []
            held = [old]
            if self.random.random() < 0.5:
                self.emit(then, "check length", p, kind=NONE, params=LENGTH)
            self.store(then, held, numbers)
            sides = [(held[-1], count), (old, self.random.choice([count, Const(0.0)]))]
            nodes.append(If(flag, tuple(then), (), result, *sides, span=SPAN))
        arrays[-1], numbers[-1] = result


def close(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and np.allclose(a, b, rtol=1e-5, atol=1e-5)
    return bool(np.isclose(a, b, rtol=1e-5, atol=1e-5))


@pytest.mark.parametrize("first", range(0, 2000, 100))
def test_meaning_is_kept(first: int) -> None:
    changed = 0
    for seed in range(first, first + 100):
        made = Maker(seed).function()
        for changes in ((elements,), (ahead,), (sides,), (ahead, elements, sides)):
            found = made
            for change in changes:
                found = change(found)
            changed += found is not made
            rng = np.random.default_rng(seed)
            kind = made.params[0].var.kind
            p = rng.normal(size=LENGTH).astype(kind.dtype)
            shorter = [p] if isinstance(kind.dims[0], int) else [p, p[:2], p[:3]]
            for n, flag, given in itertools.product((0, 3), (0, 1), shorter):
                try:
                    want = Interpreter({}).run(made, given, 0.7, n, flag)
                except (IndexError, ValueError):  # not of the length that is asked for
                    continue
                got = Interpreter({}).run(found, given, 0.7, n, flag)
                assert all(map(close, want, got)), seed
    assert changed > 50


def test_nothing_is_read_ahead_where_arrays_change_unseen():
    kind, span = Array("float64", (LENGTH,)), SPAN
    p, other, n = Var("p", kind=kind), Var("q", kind=kind), Var("n", kind=INT)
    init, carried, end = (Var("x", version=k, kind=FLOAT) for k in range(3))
    read, sum_ = Var("t", version=1, kind=FLOAT), Var("t", version=2, kind=FLOAT)
    body = (
        Equation(read, "getitem", (p, Const(0)), AT, span),
        Equation(sum_, "add", (carried, read), None, span),
        Equation(Var("t", kind=NONE), "store", (other, Const(0), sum_), AT, span),
    )
    over = Iteration("range", (Const(0), n, Const(1)))
    loop = For((Var("k", kind=INT),), over, (carried,), (init,), body, (sum_,), (end,))
    params = tuple(map(Parameter, (p, other, init, n)))
    function = Function("f", params, (loop,), end, span)
    assert ahead(function) is function
    without = replace(function, body=(replace(loop, body=body[:2]),))
    assert ahead(without) is not without
