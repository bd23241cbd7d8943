"""Roots of sums of squares, as distances are: their slope at 0 is taken as 0.

Where such a sum is 0 so is each square, and with it the derivative of the sum: the slope
of the root, which is infinite there, only ever meets a factor 0. Their product is 0 and
not NaN, as for `numpy.linalg.norm`, so that the distance of a point from itself spoils no
gradient.
"""

from __future__ import annotations

from symdiff.ir.core import Atom, Block, Const, Equation, Var, kind_of, walk
from symdiff.ir.kinds import Array, is_complex

__all__ = ["distances"]

_ROOTS = frozenset(("math.sqrt", "numpy.sqrt"))
_POWERS = frozenset(("pow", "math.pow", "numpy.power"))
_PRODUCTS = frozenset(("mul", "numpy.multiply"))
_INNER = frozenset(("matmul", "numpy.dot", "numpy.inner", "numpy.vdot"))
_SUMS = frozenset("sum numpy.sum numpy.mean math.fsum getitem numpy.reshape".split())
_HALF = Const(0.5)


def distances(block: Block, active: set[Var]) -> frozenset[Var]:
    """The roots of sums of squares that may well be 0: not those that the program divides
    by, nor those of arrays that a number is added to, which softens distances."""
    equations = [node for node in walk(block) if isinstance(node, Equation)]
    roots = [eq for eq in equations if _is_root(eq)]
    if not roots:
        return frozenset()
    squares = _Squares({eq.target: eq for eq in equations}, active)
    found = {eq.target for eq in roots if squares.sum_up(eq.args[0])}
    return frozenset(found - _divisors(equations)) if found else frozenset()


def _is_root(eq: Equation) -> bool:
    return eq.op in _ROOTS or (eq.op in _POWERS and eq.args[1] == _HALF)


def _divisors(equations: list[Equation]) -> set[Atom]:
    """What is divided by, by itself or in a product."""
    found: set[Atom] = set()
    for eq in reversed(equations):
        if eq.op in ("div", "numpy.divide"):
            found.add(eq.args[1])
        elif eq.op in _POWERS:
            power = eq.args[1]
            negative = isinstance(power, Const) and power.value < 0
            if negative or eq.target in found:
                found.add(eq.args[0])
        elif eq.op in ("mul", "numpy.multiply") and eq.target in found:
            found.update(eq.args)
    return found


class _Squares:
    def __init__(self, made: dict[Var, Equation], active: set[Var]) -> None:
        self.made, self.active = made, active

    def sum_up(self, atom: Atom) -> bool:
        """Whether a value is 0 only where everything is that was squared for it."""
        eq = self.made.get(atom) if isinstance(atom, Var) else None
        if eq is None or is_complex(eq.target.kind):
            return False
        op, args = eq.op, eq.args
        if op in _INNER and self._same(*args):
            return True
        if op in ("add", "numpy.add"):
            if any(self._softens(arg, of) for arg, of in (args, args[::-1])):
                return False
            return all(arg == Const(0) or self._of_squares(arg) for arg in args)
        if op == "div" and _positive(args[1]):
            return self.sum_up(args[0])
        if op == "mul" and any(map(_positive, args)):
            return any(map(self.sum_up, args))
        return op in _SUMS and self._of_squares(args[0])

    def _of_squares(self, atom: Atom) -> bool:
        """Whether a value is a square, or a sum of such."""
        eq = self.made.get(atom) if isinstance(atom, Var) else None
        if eq is None or is_complex(eq.target.kind):
            return False
        op, args = eq.op, eq.args
        if op in _POWERS:
            return isinstance(args[1], Const) and args[1].value in (2, 4)
        squared = op in _PRODUCTS and self._same(*args)
        return squared or op == "numpy.square" or self.sum_up(atom)

    def _same(self, x: Atom, y: Atom) -> bool:
        """Whether two values are one, or one element that is read twice."""
        if x == y:
            return True
        one, other = (self.made.get(v) if isinstance(v, Var) else None for v in (x, y))
        if one is None or other is None or one.op != "getitem" or other.op != "getitem":
            return False
        if one.params != other.params or len(one.args) != len(other.args):
            return False
        return all(map(self._same, one.args, other.args))

    def _softens(self, atom: Atom, of: Atom) -> bool:
        """Whether one number keeps a whole array away from 0."""
        number = not isinstance(kind_of(atom), Array) and atom != Const(0)
        return number and isinstance(kind_of(of), Array) and atom not in self.active


def _positive(atom: Atom) -> bool:
    return isinstance(atom, Const) and atom.value > 0
