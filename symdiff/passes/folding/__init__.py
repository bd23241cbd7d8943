"""Peephole simplification: the value that `op(args)` would yield, if it is at hand.

`fold` is for derivative code: where two forms differ only in the sign of a zero, in the
last bits or in factors and terms that cancel it takes the shorter one. `fold_exact` is
for the user's own arithmetic: it changes no bit of any result and leaves the text alone.
"""

from __future__ import annotations

from typing import Any

from symdiff.ir.builder import Builder
from symdiff.ir.core import Atom, Const
from symdiff.passes.folding.arithmetic import ARITHMETIC
from symdiff.passes.folding.exact import CONSTANT, EXACT, Rule, computed
from symdiff.passes.folding.shapes import SHAPES
from symdiff.passes.folding.sums import fold_item, fold_sum

__all__ = ["can_fold", "fold", "fold_exact"]


def fold(b: Builder, op: str, args: tuple[Atom, ...], params: Any) -> Atom | None:
    """The atom equal to `op(args)`, or None where an equation has to be made."""
    found = fold_exact(b, op, args, params)
    if found is None and (rule := _LOOSE.get(op)) is not None:
        found = rule(b, args, params)
    return found


def fold_exact(b: Builder, op: str, args: tuple[Atom, ...], params: Any) -> Atom | None:
    """As `fold`, but every bit of the result and the user's way to write stay."""
    if op in CONSTANT and _all_const(args):
        return computed(op, [a.value for a in args if isinstance(a, Const)])
    rule = EXACT.get(op)
    return None if rule is None else rule(b, args, params)


def can_fold(op: str) -> bool:
    """Whether there is anything that might fold an equation with this op."""
    return op in _FOLDED


def _all_const(args: tuple[Atom, ...]) -> bool:
    for atom in args:  # noqa: SIM110 - a generator would take three times as long
        if not isinstance(atom, Const):
            return False
    return True


_LOOSE: dict[str, Rule] = {
    **ARITHMETIC, **SHAPES, "numpy.sum": fold_sum, "getitem": fold_item,
}  # fmt: skip
_FOLDED = frozenset((*EXACT, *CONSTANT, *_LOOSE))
