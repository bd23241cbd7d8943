"""Which pushes and which reads of tapes belong together."""

from __future__ import annotations


from symdiff.ir.core import Atom, Block, Equation, For, Function, If, Var, leaves
from symdiff.ir.kinds import Tape
from symdiff.records import dataclass, field

__all__ = ["Cell", "Tapes"]


@dataclass(slots=True, eq=False)
class Cell:
    """A class of values that may be one tape, or of tape entries at one position."""

    parent: Cell | None = None
    positions: list[Cell] | None = None  # of its entries, if it is a tape
    opaque: bool = False  # read by something else than a loop over it
    live: bool = False
    pushed: list[tuple[Atom, Var]] = field(default_factory=list)  # value, push
    read: list[Var] = field(default_factory=list)  # what loops take off


class Tapes:
    """Puts every tape of a function into classes, by one walk in program order."""

    def __init__(self, function: Function) -> None:
        self._cells: dict[Var, Cell] = {}
        for parameter in function.params:
            self._escape(parameter.var)
        self._block(function.body)
        for atom in leaves(function.returns):
            self._escape(atom)
        for cell in list(self._cells.values()):
            _close(_root(cell))

    def of(self, tape: Atom) -> Cell | None:
        """The class of a tape."""
        return self._cell_of(tape)

    def positions(self, tape: Atom) -> list[Cell]:
        """The positions of the tape's entries; empty if not all reads are known."""
        cell = self._cell_of(tape)
        if cell is None or cell.opaque or cell.positions is None:
            return []
        return [_root(p) for p in cell.positions]

    # -- classes ----------------------------------------------------------------------

    def _cell_of(self, atom: Atom) -> Cell | None:
        if not isinstance(atom, Var):
            return None
        cell = self._cells.get(atom)
        if cell is None:
            if not isinstance(atom.kind, Tape):
                return None
            cell = self._cells[atom] = Cell()
        return cell if cell.parent is None else _root(cell)

    def _force(self, atom: Atom) -> Cell:
        cell = self._cell_of(atom)
        if cell is None:
            cell = Cell()
            if isinstance(atom, Var):
                self._cells[atom] = cell
        return cell

    def _same(self, target: Var, *atoms: Atom) -> None:
        """`target` may be any of the atoms."""
        if self._cells and any(self._cell_of(a) is not None for a in (target, *atoms)):
            for atom in atoms:
                if isinstance(atom, Var):
                    _merge(self._force(target), self._force(atom))

    def _escape(self, atom: Atom) -> None:
        cell = self._cell_of(atom)
        if cell is not None:
            cell.opaque = True

    # -- the walk ---------------------------------------------------------------------

    def _block(self, block: Block) -> None:
        for node in block:
            if isinstance(node, Equation):
                self._equation(node)
            elif isinstance(node, If):
                self._block(node.then)
                self._block(node.orelse)
                triples = zip(node.results, node.then_yields, node.else_yields, strict=True)
                for var, a, c in triples:
                    self._same(var, a, c)
            else:
                for var, init in zip(node.carried, node.inits, strict=True):
                    self._same(var, init)
                if isinstance(node, For):
                    self._targets(node)
                else:
                    self._block(node.test)
                self._block(node.body)
                for k, var in enumerate(node.results):
                    self._same(var, node.carried[k], node.yields[k], node.inits[k])

    def _equation(self, node: Equation) -> None:
        if node.op == "tape":
            self._force(node.target)
        elif node.op == "push":
            tape = self._force(node.args[0])
            _merge(tape, self._force(node.target))
            cells = self._entries(_root(tape), len(node.args) - 1)
            for cell, atom in zip(cells, node.args[1:], strict=False):
                _root(cell).pushed.append((atom, node.target))
                inner = self._cell_of(atom)
                if inner is not None:
                    _merge(_root(cell), inner)
        else:
            if isinstance(node.target.kind, Tape):
                self._escape(node.target)  # from another function
            known = self._cells
            if known:  # before the first tape there is none to be read
                for atom in node.args:
                    if isinstance(atom, Var) and (atom in known or type(atom.kind) is Tape):
                        self._escape(atom)

    def _targets(self, node: For) -> None:
        for tape, targets in node.iteration.entries(node.targets):
            cells = self._entries(self._force(tape), len(targets))
            for cell, var in zip(cells, targets, strict=False):
                _root(cell).read.append(var)
                if isinstance(var.kind, Tape) or _root(cell).positions is not None:
                    _merge(_root(cell), self._force(var))

    def _entries(self, tape: Cell, number: int) -> list[Cell]:
        if tape.positions is None:
            tape.positions = [Cell() for _ in range(number)]
        elif len(tape.positions) != number:
            tape.opaque = True
        return tape.positions


def _root(cell: Cell) -> Cell:
    while cell.parent is not None:
        if cell.parent.parent is not None:
            cell.parent = cell.parent.parent
        cell = cell.parent
    return cell


def _merge(a: Cell, b: Cell) -> None:
    a, b = _root(a), _root(b)
    if a is b:
        return
    if len(a.pushed) < len(b.pushed):
        a, b = b, a
    b.parent = a
    a.opaque |= b.opaque
    a.live |= b.live
    a.pushed.extend(b.pushed)
    a.read.extend(b.read)
    if b.positions is not None:
        if a.positions is None:
            a.positions = b.positions
        else:
            a.opaque |= len(a.positions) != len(b.positions)
            for p, q in zip(a.positions, b.positions, strict=False):
                _merge(p, q)


def _close(cell: Cell) -> None:
    """What lies on an opaque tape is opaque too."""
    if cell.opaque and cell.positions is not None:
        for inner in map(_root, cell.positions):
            if not inner.opaque:
                inner.opaque = True
                _close(inner)
