"""Makes random IR, to be run by the interpreter: a check on the printed text."""

from __future__ import annotations

import random
from typing import Any

from symdiff.errors import Span
from symdiff.ir.core import (
    UNDEF, Atom, Const, Equation, For, Function, Global, If, Index, Iteration, Node,
    Parameter, Var, While,
)  # fmt: skip
from symdiff.ir.kinds import BOOL, INT, NONE, TAPE, Array, Kind

SPAN = Span("model.py", 1, 0, 1, 10)
BASES = ("x", "y", "z", "t")
AT = Index(("at",))


class Maker:
    """Random programs on four numbers and one list that is written in place."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.versions = 0
        self.line = 1

    def var(self, base: str, kind: Kind = INT, role: str = "") -> Var:
        self.versions += 1
        return Var(base, role, self.versions, kind)

    def function(self) -> Function:
        state: dict[str, Atom] = {b: self.var(b) for b in BASES[:3]}
        state["t"] = Const(3)
        u = self.var("u", Array("float64", (4,)))
        params = tuple(Parameter(v) for v in (*state.values(), u) if isinstance(v, Var))
        nodes: list[Node] = []
        state["u"] = self.emit(nodes, "copy", (u,), "u", u.kind)
        extra: list[Atom] = [v for v in state.values() if v is not state["u"]]
        self.block(nodes, state, extra, 0)
        picked = tuple(self.pick(state, extra) for _ in range(3))
        returns = (*picked, state["u"], *(state[b] for b in BASES))
        return Function("f", params, tuple(nodes), returns, SPAN)

    def emit(
        self,
        nodes: list[Node],
        op: str,
        args: tuple[Atom, ...],
        base: str = "t",
        kind: Kind = INT,
        params: Any = None,
        role: str = "",
    ) -> Var:
        target = self.var(base, kind, role)
        self.line += self.random.random() < 0.5
        span = Span("model.py", self.line, 0, self.line, 9)
        nodes.append(Equation(target, op, args, params, span))
        return target

    def pick(self, state: dict[str, Atom], extra: list[Atom]) -> Atom:
        if self.random.random() < 0.15:
            return Const(self.random.randint(-3, 5))
        if extra and self.random.random() < 0.35:
            return self.random.choice(extra)
        return state[self.random.choice(BASES)]

    def expression(self, nodes: list[Node], state: dict[str, Atom], extra: list[Atom],
                   base: str = "t", role: str = "") -> Var:  # fmt: skip
        args: list[Atom] = [self.pick(state, extra), self.pick(state, extra)]
        for k in range(2):
            if self.random.random() < 0.35:
                args[k] = self.expression(nodes, state, [])
        roll = self.random.random()
        if roll < 0.15:
            index = Const(self.random.randrange(4))
            return self.emit(nodes, "getitem", (state["u"], index), base, INT, AT, role)
        if roll < 0.22:
            args[0] = self.emit(nodes, "neg", (args[0],))
        if roll > 0.9:
            called = (Global("trace"), args[0])
            return self.emit(nodes, "call", called, base, INT, None, role)
        op = self.random.choice(["add", "sub", "mul", "add"])
        if op == "mul":
            args[0] = self.emit(nodes, "mod", (args[0], Const(97)))
        return self.emit(nodes, op, tuple(args), base, INT, None, role)

    def condition(
        self, nodes: list[Node], state: dict[str, Atom], extra: list[Atom]
    ) -> Var:
        pair = (self.expression(nodes, state, extra), self.pick(state, extra))
        return self.emit(nodes, self.random.choice(["lt", "eq"]), pair, "t", BOOL)

    def block(self, nodes: list[Node], state: dict[str, Atom], extra: list[Atom],
              depth: int) -> None:  # fmt: skip
        for _ in range(self.random.randint(1, 5)):
            roll = self.random.random()
            base = self.random.choice(BASES)
            if roll < 0.45:
                role = "bar" if self.random.random() < 0.2 else ""
                state[base] = self.expression(nodes, state, extra, base, role)
                extra.append(state[base])
            elif roll < 0.55:
                a, b = self.random.sample(BASES, 2)
                state[a], state[b] = state[b], state[a]
            elif roll < 0.65:
                self.write(nodes, state, extra)
            elif depth < 3:
                make = self.random.choice([self.if_, self.if_, self.for_, self.while_])
                make(nodes, state, extra, depth)

    def write(self, nodes: list[Node], state: dict[str, Atom], extra: list[Atom]) -> None:
        op = self.random.choice(["setitem", "additem"])
        index = Const(self.random.randrange(4))
        value: Atom = self.expression(nodes, state, extra)
        if self.random.random() < 0.3:
            read = self.emit(nodes, "getitem", (state["u"], index), "t", INT, AT)
            value = self.emit(nodes, "sub", (read, value))
        u = state["u"]
        args = (u, index, value)
        kind = u.kind if isinstance(u, Var) else INT
        state["u"] = self.emit(nodes, op, args, "u", kind, AT)

    def if_(self, nodes: list[Node], state: dict[str, Atom], extra: list[Atom],
            depth: int) -> None:  # fmt: skip
        cond = self.condition(nodes, state, extra)
        sides, states = [], []
        for _ in range(2):
            inner: list[Node] = []
            changed = dict(state)
            if self.random.random() < 0.75:
                self.block(inner, changed, list(extra), depth + 1)
            sides.append(tuple(inner))
            states.append(changed)
        keys = [b for b in state if states[0][b] is not states[1][b]]
        results = tuple(self.var(b, self.kind(state[b])) for b in keys)
        then, orelse = (tuple(s[b] for b in keys) for s in states)
        nodes.append(If(cond, *sides, results, then, orelse, SPAN))
        state.update(zip(keys, results, strict=True))

    @staticmethod
    def kind(atom: Atom) -> Kind:
        return atom.kind if isinstance(atom, Var) and atom.kind != BOOL else INT

    def carry(self, state: dict[str, Atom]) -> tuple[list[str], tuple[Var, ...]]:
        keys = [b for b in state if b == "u" or self.random.random() < 0.75]
        return keys, tuple(self.var(b, self.kind(state[b])) for b in keys)

    def for_(self, nodes: list[Node], state: dict[str, Atom], extra: list[Atom],
             depth: int) -> None:  # fmt: skip
        keys, carried = self.carry(state)
        inits = tuple(state[b] for b in keys)
        inside = {**state, **dict(zip(keys, carried, strict=True))}
        taped = self.random.random() < 0.3
        target = self.var("i")
        tape0 = self.emit(nodes, "tape", (), "tape", TAPE) if taped else None
        tape1 = self.var("tape", TAPE)
        seen = [*extra, target]
        body: list[Node] = []
        tape: Var = tape1
        first = self.var("v", INT)
        if taped:
            stored = (tape1, self.pick(inside, seen), first)
            tape = self.emit(body, "push", stored, "tape", TAPE)
        self.block(body, inside, list(seen), depth + 1)
        leave: Atom | None = None
        if self.random.random() < 0.4:
            leave = self.condition(body, inside, seen)
            if self.random.random() < 0.6:
                leave = self.leaving(body, inside, seen, leave, keys)
        stop = Const(self.random.randrange(4))
        form = self.random.choice(["range", "reversed"])
        changed = {b: inside[b] for b in keys}
        inits_all, carried_all = inits, carried
        yields = tuple(changed[b] for b in keys)
        results = tuple(self.var(b, self.kind(state[b])) for b in keys)
        results_all = results
        if tape0 is not None:
            # `first` is a name that has no value before the first round.
            end = self.var("tape", TAPE)
            inits_all, carried_all = (*inits, tape0, UNDEF), (*carried, tape1, first)
            yields = (*yields, tape, target)
            results_all = (*results, end, self.var("v", INT))
        step = Iteration(form, (Const(0), stop, Const(1)))
        loop = For((target,), step, carried_all, inits_all, tuple(body), yields,
                   results_all, leave, SPAN)  # fmt: skip
        nodes.append(loop)
        state.update(zip(keys, results, strict=True))
        extra += [r for r in results if r is not state["u"]]
        if tape0 is not None:
            total = self.var("s")
            back = (self.var("x"), self.var("v"))
            inner: list[Node] = []
            new = self.emit(inner, "add", (total, back[0]), "s")
            over = Iteration("tape", (end,))
            start = state["x"]
            nodes.append(For(back, over, (total,), (start,), tuple(inner), (new,),
                             (last := self.var("s"),), None, SPAN))  # fmt: skip
            extra.append(last)

    def leaving(self, body: list[Node], inside: dict[str, Atom], seen: list[Atom],
                cond: Atom, keys: list[str]) -> Var:  # fmt: skip
        """A last branch that says whether the loop is left."""
        flag = self.var("leave", BOOL)
        base = self.random.choice([b for b in keys if b != "u"] or ["x"])
        then: list[Node] = []
        result = self.var(base)
        value = self.expression(then, inside, seen)
        sides = [(value, Const(True)), (inside[base], Const(False))]
        other: list[Node] = []
        if self.random.random() < 0.5:
            body.append(If(cond, tuple(then), tuple(other), (result, flag), *sides, SPAN))
        else:
            sides.reverse()
            body.append(If(cond, tuple(other), tuple(then), (result, flag), *sides, SPAN))
        inside[base] = result
        return flag

    def while_(self, nodes: list[Node], state: dict[str, Atom], extra: list[Atom],
               depth: int) -> None:  # fmt: skip
        keys, carried = self.carry(state)
        inits = tuple(state[b] for b in keys)
        count = self.var("k")
        inside = {**state, **dict(zip(keys, carried, strict=True))}
        seen = [*extra, count]
        test: list[Node] = []
        if self.random.random() < 0.5:
            seen.append(self.expression(test, inside, seen, "w"))
        cond = self.emit(test, "lt", (count, Const(self.random.randrange(4))), "t", BOOL)
        body: list[Node] = []
        self.block(body, inside, list(seen), depth + 1)
        more = self.emit(body, "add", (count, Const(1)), "k")
        results = tuple(self.var(b, self.kind(state[b])) for b in keys)
        yields = (*(inside[b] for b in keys), more)
        nodes.append(While(tuple(test), cond, (*carried, count), (*inits, Const(0)),
                           tuple(body), yields, (*results, self.var("k")), None,
                           SPAN))  # fmt: skip
        state.update(zip(keys, results, strict=True))
        extra += [r for r in results if r is not state["u"]]


__all__ = ["NONE", "Maker"]
