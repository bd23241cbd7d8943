"""The interpreter of the IR with real writes in place, or with copies of all it reads."""

from __future__ import annotations

import copy
from typing import Any

from symdiff.ir.core import Equation, Function
from symdiff.ir.effects import WRITES
from symdiff.tracing import interpreter
from symdiff.tracing.operations import write


class Interpreter(interpreter.Interpreter):
    """`in_place` performs writes and push on the memory of their argument."""

    def __init__(self, in_place: bool = False) -> None:
        super().__init__({})
        self.in_place = in_place
        self.printed: list[Any] = []

    def __call__(self, function: Function, *values: Any) -> Any:
        self.env = {}
        return self.run(function, *values)

    def equation(self, eq: Equation) -> Any:
        if eq.op == "builtins.print":
            self.printed.append([self.atom(a) for a in eq.args])
            return None
        if self.in_place and eq.op == "push":
            tape, *entry = (self.atom(a) for a in eq.args)
            tape.append(entry[0] if len(entry) == 1 else tuple(entry))
            return tape
        if self.in_place and eq.op in WRITES:
            args = [self.atom(a) for a in eq.args]
            return write(eq.op, args, eq.params, in_place=True)
        found = super().equation(eq)
        # With value semantics nothing may be seen through a view.
        return found if self.in_place or eq.op != "getitem" else copy.deepcopy(found)
