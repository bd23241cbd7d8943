"""Which numbers are NumPy's, and which hand that on to which.

What is computed with a number of NumPy's is one of NumPy's, too, and takes three times as
long as with one of Python's. The bits are the same. What differs is division by zero and
powers, which Python refuses, what is printed or handed to other functions, and comparisons
whose result is counted with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from symdiff.analysis.signs import Signs
from symdiff.analysis.tapes import Tapes
from symdiff.analysis.undefined import may_be_undefined
from symdiff.ir.core import (
    UNDEF, Atom, Block, Const, Equation, For, Function, If, Var, While, defined_by, kind_of,
    leaves,
)  # fmt: skip
from symdiff.ir.kinds import FLOAT, NUMPY, Array, Bool, Int, Kind
from symdiff.records import dataclass

__all__ = ["WIDE", "Numbers", "Used", "is_square", "reached"]

WIDE = ("float64", "complex128")
_COMPARED = frozenset(("lt", "le", "gt", "ge", "eq", "ne"))
_ARITHMETIC = ("add", "sub", "mul", "div", "neg", "pos")
# The result is of the operands' kind.
_SAME = frozenset(
    ("add", "sub", "mul", "neg", "pos", "builtins.abs", "builtins.min", "builtins.max",
     "select", "not", "boolean and", "boolean or")
)  # fmt: skip
_CONVERTED = frozenset(("builtins.float", "builtins.int", "builtins.bool"))
# Their results are NumPy's whatever they are given.
_UFUNCS = frozenset(
    f"numpy.{name}" for name in (
        "sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh exp expm1 "
        "exp2 log log1p log2 log10 sqrt cbrt sign abs absolute square arctan2 hypot "
        "maximum minimum add subtract multiply"
    ).split()
)  # fmt: skip
_STORES = ("setitem", "additem", "store")


@dataclass(slots=True, eq=False)
class Used:
    """An operation whose result is of its operands' kind, in so many loops."""

    eq: Equation
    depth: int


class Numbers:
    """Which numbers hand on their kind to which: `bound` are those that must keep it."""

    def __init__(self, function: Function) -> None:
        self.sources: dict[Atom, list[Atom]] = {}  # of what takes over their kind
        self.bound: set[Atom] = set()
        self.signs = Signs()
        self.made = self.signs.made
        self.partial = may_be_undefined(function.body)
        self.opened: set[Atom] = set()  # what just one side of a branch defines
        self.outside: set[Atom] = set()  # all that is made outside loops
        # Quotients in loops of a number of NumPy's by one from outside.
        self.guarded: dict[Var, Atom] = {}
        # Quotients of NumPy's by a number that is made in the loop.
        self.checked: dict[Var, Atom] = {}
        self._safe: set[tuple[Atom, Var]] = set()  # what is pushed and known not to be zero
        self.used: list[Used] = []
        self.given: set[Atom] = set()  # by anything else than such operations
        self.computed: dict[Var, int] = {}  # by NumPy's functions, in so many loops
        self.unpacked: set[Atom] = set()  # arrays all of whose items are read at once
        self.takers: dict[Atom, list[Atom]] = {}  # what takes over the kind of each
        self.tapes = Tapes(function)
        self.outside.update(parameter.var for parameter in function.params)
        self.block(function.body, 0)
        values = {a for a in leaves(function.returns) if isinstance(a, Var)}
        values = {var for var in values if not var.is_derivative}
        self.returned = {var for var in values if var.kind in (FLOAT, NUMPY)}
        self.bound |= values - self.returned
        self.bound = reached(self.bound, self.sources)

    def flows(self, target: Atom, *atoms: Atom) -> None:
        self.sources.setdefault(target, []).extend(a for a in atoms if isinstance(a, Var))
        if not isinstance(kind_of(target), Bool):  # who counts with it counts as NumPy does
            self.bound.update(a for a in atoms if isinstance(kind_of(a), Bool))

    def block(self, block: Block, depth: int) -> None:
        for node in block:
            if not depth:
                self.outside.update(defined_by(node))
            if isinstance(node, Equation):
                self.signs.learn(node)
                self.equation(node, depth)
            elif isinstance(node, If):
                for side, inner in ((True, node.then), (False, node.orelse)):
                    with self.signs.block():
                        self.signs.holds(node.cond, side)
                        self.block(inner, depth)
                self.signs.behind(node.cond, node.then)
                for result, *ends in zip(
                    node.results, node.then_yields, node.else_yields, strict=True
                ):
                    self.flows(result, *ends)
                    if (
                        not depth
                        and UNDEF in ends
                        and self.partial.isdisjoint(end for end in ends if end != UNDEF)
                    ):
                        self.opened.add(result)
            else:
                self.loop(node, depth)

    def loop(self, node: For | While, depth: int) -> None:
        with self.signs.block():
            if isinstance(node, While):
                self.block(node.test, depth + 1)
                self.signs.holds(node.cond, True)
            elif node.iteration.form == "tape":
                self.taken(node)
            else:
                self.bound.update(node.iteration.args)
                self.given.update(node.targets)
                if node.iteration.form in ("range", "reversed"):
                    start, _, step = node.iteration.args
                    self.signs.counts(node.targets[0], start, step)
            self.block(node.body, depth + 1)
        for carried, result, *ends in zip(
            node.carried, node.results, node.inits, node.yields, strict=True
        ):
            self.flows(carried, *ends)
            self.flows(result, carried)

    def equation(self, eq: Equation, depth: int) -> None:
        op, target = eq.op, eq.target
        wide = all(_is_wide(kind_of(atom)) for atom in (target, *eq.args))
        if op == "push":
            self.push(eq)
        elif op in _COMPARED and isinstance(target.kind, Bool):
            self.flows(target, *eq.args)
        elif op in _SAME or is_square(eq):
            self.operation(eq, depth, wide)
        elif op == "div":
            self.quotient(eq, depth, wide)
        elif op == "check length":
            self.unpacked.add(eq.args[0])
        elif op == "list":
            self.flows(target, *eq.args)
        elif op == "numpy.array":
            if not _is_wide(target.kind) or isinstance(kind_of(eq.args[0]), Array):
                self.bound.update(eq.args)
        elif op.startswith("math.") or op in _CONVERTED or (op in _UFUNCS and wide):
            self.given.add(target)
            if op in _UFUNCS and depth and target.kind == NUMPY:
                self.computed[target] = depth
        elif op in _STORES and wide and isinstance(kind_of(eq.args[0]), Array):
            pass
        else:
            self.given.add(target)
            self.bound.update(eq.args)

    def operation(self, eq: Equation, depth: int, wide: bool) -> None:
        operands = eq.args[1:] if eq.op == "select" else eq.args
        kinds = [kind_of(atom) for atom in operands]
        flags = all(isinstance(kind, Bool) for kind in (*kinds, eq.target.kind))
        if flags or all(_is_number(kind) for kind in (*kinds, eq.target.kind)):
            self.flows(eq.target, *operands)
            self.used.append(Used(eq, depth))
        elif not (wide and eq.op in _ARITHMETIC and isinstance(eq.target.kind, Array)):
            self.bound.update(eq.args)

    def quotient(self, eq: Equation, depth: int, wide: bool) -> None:
        """NumPy's divide by zero, Python's do not."""
        over, under = eq.args
        if isinstance(eq.target.kind, Array) or self.signs.is_nonzero(under):
            self.operation(eq, depth, wide)
        elif not (_is_number(kind_of(over)) and _is_number(kind_of(under))):
            self.given.add(eq.target)
            self.bound.update(eq.args)
        elif depth and eq.target.kind == NUMPY and not self.is_outside(under):
            self.checked[eq.target] = under
            self.flows(eq.target, over, under)
            self.used.append(Used(eq, depth))
        elif depth and kind_of(over) == NUMPY:
            self.guarded[eq.target] = under
            self.bound.add(under)
            self.flows(eq.target, over)
            self.used.append(Used(eq, depth))
        else:
            self.given.add(eq.target)
            self.bound.add(under)
            if not self.is_numpy(under):
                self.bound.add(over)

    def is_outside(self, atom: Atom) -> bool:
        """Whether it is made outside loops, and is there where a loop begins, or where
        the branch ends that makes it."""
        if not isinstance(atom, Var) or atom in self.opened:
            return True
        return atom in self.outside and atom not in self.partial

    def taken(self, loop: For) -> None:
        """What comes off tapes is not zero if nothing is that was put there."""
        for tape, targets in loop.iteration.entries(loop.targets):
            for cell, target in zip(self.tapes.positions(tape), targets, strict=False):
                if cell.pushed and self._safe.issuperset(cell.pushed):
                    self.signs.know(target)

    def push(self, eq: Equation) -> None:
        """What goes onto a tape, and comes off it."""
        cells = self.tapes.positions(eq.args[0])
        if len(cells) != len(eq.args) - 1:
            self.bound.update(eq.args)
            return
        for cell, atom in zip(cells, eq.args[1:], strict=True):
            if self.signs.is_nonzero(atom):
                self._safe.add((atom, eq.target))
            for read in cell.read:
                self.flows(read, atom)

    def is_numpy(self, atom: Atom, depth: int = 6) -> bool:
        """Whether a number is one of NumPy's, as long as it is not converted."""
        eq = self.made.get(atom)
        if eq is None or eq.target.kind != NUMPY or not depth:
            return False
        if eq.op == "getitem":
            return isinstance(kind_of(eq.args[0]), Array)
        arithmetic = eq.op in _ARITHMETIC or eq.op == "pow"
        return arithmetic and any(self.is_numpy(a, depth - 1) for a in eq.args)

    def reached(self, atoms: Iterable[Atom]) -> set[Atom]:
        """All that may be of the kind of these."""
        if not self.takers:
            for target, sources in self.sources.items():
                for source in sources:
                    self.takers.setdefault(source, []).append(target)
        return reached(atoms, self.takers)


def reached(atoms: Iterable[Atom], steps: Mapping[Atom, Sequence[Atom]]) -> set[Atom]:
    """All that there is a way to."""
    found, left = set(atoms), list(atoms)
    while left:
        for each in steps.get(left.pop(), ()):
            if each not in found:
                found.add(each)
                left.append(each)
    return found


def is_square(eq: Equation) -> bool:
    """Of Python's floats it is multiplied: `**` raises an error for large ones."""
    return eq.op == "pow" and eq.args[1] == Const(2) and kind_of(eq.args[0]) == NUMPY


def _is_number(kind: Kind) -> bool:
    return kind in (FLOAT, NUMPY) or isinstance(kind, Int)


def _is_wide(kind: Kind) -> bool:
    """Whether no array of single precision takes part, which Python's floats leave so."""
    return not isinstance(kind, Array) or kind.dtype in WIDE
