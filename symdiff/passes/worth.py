"""Which numbers of NumPy's it pays to convert into Python's floats.

The times are those of CPython 3.11 and NumPy 2 in nanoseconds. Lists, and what is read
outside loops, are taken if they save any time; an element, or a function's result, that is
converted in each round if they save a good part of all that the function takes.
"""

from __future__ import annotations

from collections.abc import Mapping

from symdiff.analysis.numbers import Numbers, reached
from symdiff.ir.core import Block, Equation, Function, If, Var, blocks_of, kind_of
from symdiff.ir.kinds import NUMPY, Array
from symdiff.passes.listed import Listed

__all__ = ["Choice"]

_ROUNDS = 8
_GOOD_PART = 0.15
_OPERATION = 37.0  # on a number of NumPy's
_SAVED = 19.0  # if it is one of Python's
_READ = 47.0
_FUNCTION = 160.0
_TIMES = {"setitem": 45.0, "store": 45.0, "additem": 130.0, "push": 45.0}
_ARRAY = 600.0
# What converting takes more than leaving it.
_OF_LIST = -25.0
_ITEM = 8.0
_RESULT = 5.0  # of a function, whose arguments are then faster to hand over
_UNPACKED, _OUTSIDE = 19.0, 76.0
_CHECKED = 40.0  # a divisor that may be zero


class Choice:
    """`reads` are what may be converted, with the number of loops around each."""

    def __init__(
        self,
        function: Function,
        numbers: Numbers,
        reads: Mapping[Var, int],
        lists: Mapping[Var, Listed],
    ) -> None:
        self.numbers, self.reads, self.lists = numbers, reads, lists
        self.free = reads.keys() - numbers.bound
        self.time = _time(function.body, 0)

    def best(self) -> set[Var]:
        """What to convert."""
        in_rounds = {var for var in self.free if self.reads[var] and self.price(var) > 0}
        saved, good = self.saved(self.free - in_rounds)
        more, with_those = self.saved(self.free)
        if more - max(saved, 0.0) > _GOOD_PART * self.time:
            saved, good = more, with_those
        if saved <= 0:
            return set()
        keys = {self.lists[var].key for var in good & self.lists.keys()}
        along = self.free & self.lists.keys()
        return good | {var for var in along if self.lists[var].key in keys}

    def saved(self, free: set[Var]) -> tuple[float, set[Var]]:
        """The time that converting these saves, and those of them that save it."""
        numbers = self.numbers
        given = {atom for atom in numbers.given if kind_of(atom) == NUMPY}
        slow = numbers.reached(given - free)
        fast = [
            each for each in numbers.used
            if each.eq.target.kind == NUMPY and each.eq.target not in slow
        ]  # fmt: skip
        used = reached({a for each in fast for a in each.eq.args}, numbers.sources)
        good = {var for var in free if var in used}
        time = sum(self.price(var) * _ROUNDS ** self.reads[var] for var in good)
        for each in fast:
            checks = each.eq.target in numbers.checked
            time += ((_CHECKED if checks else 0.0) - _SAVED) * _ROUNDS**each.depth
        return -time, good

    def price(self, var: Var) -> float:
        if var in self.lists:
            return _OF_LIST
        if var in self.numbers.computed:
            return _RESULT
        if self.numbers.made[var].args[0] in self.numbers.unpacked:
            return 0.0 if self.reads[var] else _UNPACKED
        return _ITEM if self.reads[var] else _OUTSIDE


def _time(block: Block, depth: int) -> float:
    """What a block takes."""
    time = 0.0
    for node in block:
        if isinstance(node, Equation):
            time += _of(node) * _ROUNDS**depth
        else:
            inner = depth if isinstance(node, If) else depth + 1
            time += sum(_time(each, inner) for each in blocks_of(node))
    return time


def _of(eq: Equation) -> float:
    if eq.op in _TIMES:
        return _ARRAY if isinstance(kind_of(eq.args[-1]), Array) else _TIMES[eq.op]
    if isinstance(eq.target.kind, Array):
        return _ARRAY
    if eq.op == "getitem":
        return _READ
    if eq.target.kind != NUMPY:
        return _OPERATION - _SAVED
    return _FUNCTION if "." in eq.op else _OPERATION
