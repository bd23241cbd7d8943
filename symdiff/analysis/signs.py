"""Numbers that are known not to be zero, and those that are known to be positive.

Either by how they were made, `1.0 + x * x`, or by what the program has asked: behind
`math.log(h)`, which raises an error for zero, and inside of `if h > 0:`. NaN passes for
positive: it makes the same of a quotient everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from symdiff.ir.core import Atom, Block, Const, Equation

__all__ = ["Signs"]

_LOGARITHMS = frozenset(("math.log", "math.log2", "math.log10"))
_NOT_BELOW = frozenset(
    ("builtins.abs", "math.exp", "numpy.exp", "numpy.square", "builtins.len")
)
_LARGEST = frozenset(("builtins.max", "numpy.maximum"))
_NEGATED = {"lt": "ge", "ge": "lt", "gt": "le", "le": "gt", "eq": "ne", "ne": "eq"}
_SWAPPED = {"lt": "gt", "gt": "lt", "ge": "le", "le": "ge", "eq": "eq", "ne": "ne"}
_STEPS = 6  # operations that are looked back


class Signs:
    """What is known at the place that a walk through a function has come to."""

    def __init__(self) -> None:
        self.made: dict[Atom, Equation] = {}
        self._positive: set[Atom] = set()
        self._nonzero: set[Atom] = set()
        self._counted: set[Atom] = set()  # from zero on
        self._learned: list[tuple[set[Atom], Atom]] = []

    @contextmanager
    def block(self) -> Iterator[None]:
        """What is learned in a block holds in the block."""
        before = len(self._learned)
        yield
        while len(self._learned) > before:
            known, atom = self._learned.pop()
            known.discard(atom)

    def _learn(self, known: set[Atom], atom: Atom) -> None:
        if atom not in known:
            known.add(atom)
            self._learned.append((known, atom))

    def learn(self, eq: Equation) -> None:
        """Note an equation, and what follows if it raised no error."""
        self.made[eq.target] = eq
        if eq.op in _LOGARITHMS:
            self._learn(self._positive, eq.args[0])
        elif eq.op == "assert":
            self.holds(eq.args[0], True)

    def behind(self, cond: Atom, then: Block) -> None:
        """Note that a condition was false if the block under it ends the call."""
        if then and isinstance(then[-1], Equation) and then[-1].op == "raise":
            self.holds(cond, False)

    def holds(self, cond: Atom, side: bool) -> None:
        """Note that a condition is true, or false."""
        eq = self.made.get(cond)
        if eq is None:
            if side:
                self._learn(self._nonzero, cond)
        elif eq.op == "not":
            self.holds(eq.args[0], not side)
        elif eq.op == ("boolean and" if side else "boolean or"):
            for each in eq.args:
                self.holds(each, side)
        elif eq.op in _NEGATED:
            op = eq.op if side else _NEGATED[eq.op]
            one, two = eq.args
            self._compared(op, one, two)
            self._compared(_SWAPPED[op], two, one)

    def _compared(self, op: str, one: Atom, two: Atom) -> None:
        if not isinstance(two, Const) or not isinstance(two.value, (int, float)):
            return
        if (op == "gt" and two.value >= 0) or (op == "ge" and two.value > 0):
            self._learn(self._positive, one)
        elif (
            (op == "lt" and two.value <= 0)
            or (op == "le" and two.value < 0)
            or (op == "ne" and two.value == 0)
        ):
            self._learn(self._nonzero, one)

    def counts(self, counter: Atom, start: Atom, step: Atom) -> None:
        """Note what a loop counts."""
        if isinstance(start, Const) and isinstance(step, Const) and step.value > 0:
            if start.value > 0:
                self._learn(self._positive, counter)
            elif start.value == 0:
                self._learn(self._counted, counter)

    def know(self, atom: Atom) -> None:
        """Note that a value is not zero."""
        self._learn(self._nonzero, atom)

    def is_nonzero(self, atom: Atom) -> bool:
        if isinstance(atom, Const):
            return isinstance(atom.value, (int, float)) and atom.value != 0
        return atom in self._nonzero or self.is_positive(atom)

    def is_positive(self, atom: Atom, strictly: bool = True, steps: int = _STEPS) -> bool:
        """Whether a number is more than 0, or at least that if not `strictly`."""
        if isinstance(atom, Const):
            value = atom.value
            if not isinstance(value, (int, float)):
                return False
            return value > 0 if strictly else value >= 0
        if atom in self._positive or (not strictly and atom in self._counted):
            return True
        eq = self.made.get(atom)
        if eq is None or not steps:
            return False

        def positive(arg: Atom, strictly: bool = False) -> bool:
            return self.is_positive(arg, strictly, steps - 1)

        if eq.op == "add":
            one, two = eq.args
            return (positive(one, strictly) and positive(two)) or (
                positive(one) and positive(two, strictly)
            )
        if eq.op in ("math.sqrt", "numpy.sqrt"):
            return not strictly or positive(eq.args[0], True)
        if eq.op in _LARGEST and strictly:
            return any(positive(arg, True) for arg in eq.args)
        if eq.op in ("math.cosh", "numpy.cosh"):
            return True
        if strictly:  # what is small may be rounded to zero
            return False
        if eq.op == "mul":
            return eq.args[0] == eq.args[1] or all(map(positive, eq.args))
        return eq.op in _NOT_BELOW
