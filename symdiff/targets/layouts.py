"""Where the elements of arrays lie: what Numba can only do, or does fast, in one piece."""

from __future__ import annotations

from symdiff.ir.alias import is_basic_view
from symdiff.ir.core import Atom, Const, Equation, SliceItem, Var, kind_of
from symdiff.ir.kinds import Array

__all__ = ["IN_ONE_PIECE", "Layouts"]

# Those that take such arrays, and whether their columns may be the rows.
IN_ONE_PIECE = {
    "numpy.reshape": False, "matmul": True, "numpy.dot": True, "numpy.vdot": True,
    "numpy.inner": True, "numpy.matmul": True,
}  # fmt: skip
_TURNED = {"C": "F", "F": "C", "A": "A"}


class Layouts:
    """The layouts of arrays as Numba sees them: "C" row after row, "F" column after
    column, "A" any other one."""

    def __init__(self) -> None:
        self.known: dict[Atom, str] = {}

    def of(self, atom: Atom) -> str:
        return self.known.get(atom, "C")

    def note(self, eq: Equation) -> None:
        kind = eq.target.kind
        if not isinstance(kind, Array):
            return
        if eq.op in ("numpy.broadcast_to", "numpy.swapaxes", "numpy.moveaxis"):
            self.known[eq.target] = "A"
        elif eq.op == "numpy.transpose" or (eq.op, eq.params) == ("attr", "T"):
            base = _TURNED[self.of(eq.args[0])]
            if kind.ndim > 1:
                self.known[eq.target] = base if kind.ndim == 2 else "A"
        elif eq.op in ("setitem", "additem"):
            self.known[eq.target] = self.of(eq.args[0])
        elif eq.op == "getitem" and is_basic_view(eq) and isinstance(eq.args[0], Var):
            whole = self.of(eq.args[0]) == "C" and not eq.params.through
            self.known[eq.target] = "C" if whole and _is_piece(eq) else "A"

    def is_apart(self, op: str, atom: Atom, is_param: bool) -> bool:
        """Whether an operand is to be copied, unless it is in one piece after all."""
        if not isinstance(kind_of(atom), Array):
            return False
        layout = self.of(atom)
        return layout == "A" or (not IN_ONE_PIECE[op] and (layout == "F" or is_param))


def _is_piece(eq: Equation) -> bool:
    """Whether a part of an array whose rows follow one another is in one piece."""
    items = eq.params.items
    if any(item == "new" or item == "rest" for item in items):
        return False
    after = False
    for item in items:
        if isinstance(item, SliceItem):
            if item.step or (after and item != SliceItem()):
                return False
            after = True
        elif after:
            return False
    return all(not isinstance(a, Const) or isinstance(a.value, int) for a in eq.args[1:])
