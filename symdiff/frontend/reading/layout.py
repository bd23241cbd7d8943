"""Where the elements of an array lie: whether a reshaped one shares memory with it.

NumPy's `reshape` and `ravel` give a view where the elements lie in the order of their
indices (C-contiguous), and else a copy, as far as is told here. What elementwise
operations allocate follows the layout of their operands (NumPy's order "K").
"""

from __future__ import annotations

from collections.abc import Mapping

from symdiff.ir.alias import is_fresh
from symdiff.ir.core import Atom, Equation, SliceItem, Var, kind_of
from symdiff.ir.effects import WRITES
from symdiff.ir.kinds import Array, Int
from symdiff.rules import rule_for

__all__ = ["Needs", "needs"]

# The arguments that must be C-contiguous for a value to be so; None if that is not known.
Needs = frozenset[Var] | None

_NOTHING: frozenset[Var] = frozenset()
_IN_ORDER = frozenset(
    ("copy", "matmul")
    + tuple(
        f"numpy.{name}"
        for name in (
            "zeros ones empty full arange linspace eye identity dot matmul outer "
            "ascontiguousarray ravel"
        ).split()
    )
)
_LIKE_FIRST = frozenset(
    f"numpy.{name}"
    for name in "zeros_like ones_like empty_like full_like copy array astype".split()
)


def needs(
    atom: Atom, definitions: Mapping[Var, Equation], arguments: Mapping[Var, Var]
) -> Needs:
    """Which of the `arguments` (copy -> what the caller passed) must be C-contiguous
    for this value to be so."""
    kind = kind_of(atom)
    if not isinstance(atom, Var) or not isinstance(kind, Array):
        return None
    if atom in arguments:
        return frozenset((arguments[atom],))
    made = definitions.get(atom)
    if made is None or "order" in (made.params if isinstance(made.params, tuple) else ()):
        return None
    like_first = made.op in _LIKE_FIRST or made.params == "K"  # NumPy's order "K"
    if (made.op in _IN_ORDER and not like_first) or (kind.ndim == 1 and is_fresh(made)):
        return _NOTHING
    rule = rule_for(made.op, made.params)
    if made.op in WRITES or like_first:
        sources: tuple[Atom, ...] = made.args[:1]
        if not isinstance(kind_of(sources[0]), Array):
            return _NOTHING  # made of a list
    elif (made.op == "getitem" and _keeps_order(made)) or made.op == "numpy.reshape":
        sources = made.args[:1]
    elif rule is not None and rule.elementwise and is_fresh(made):
        sources = tuple(a for a in made.args if isinstance(kind_of(a), Array))
    else:
        return None
    found = _NOTHING
    for source in sources:
        more = needs(source, definitions, arguments)
        if more is None:
            return None
        found |= more
    return found


def _keeps_order(read: Equation) -> bool:
    """Whether it is `u[i, j, a:b]`: integers, then one range at most, then all."""
    if read.params.through or not all(isinstance(kind_of(a), Int) for a in read.args[1:]):
        return False
    items = [item for item in read.params.items if item not in ("new", "rest")]
    while items and items[0] == "at":
        items.pop(0)
    if items and isinstance(items[0], SliceItem) and not items[0].step:
        items.pop(0)
    return all(item == SliceItem() for item in items)
