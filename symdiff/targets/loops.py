"""Chains of element-wise operations and slice statements, as loops over elements.

Operations over equal shapes go into one loop as long as every place that one of them
writes is read or written by the others in the same round only. What is read elsewhere
is stored in an array; anything else ends the loop.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from symdiff.ir.core import (
    Atom, Block, Equation, Function, If, Node, Var, While, atoms_of, kind_of, walk,
)  # fmt: skip
from symdiff.ir.effects import DESTRUCTIVE, is_effect
from symdiff.ir.extents import may_be_one
from symdiff.ir.infer_index import getitem
from symdiff.ir.kinds import Array, Bool, Extent, Float, Int, Kind
from symdiff.ir.memory import Memory, alias
from symdiff.records import replace
from symdiff.targets.bounds import guarded
from symdiff.targets.elements import element_op
from symdiff.targets.extents import Extents
from symdiff.targets.parts import ELEMENT, Access, Group, Parts, View
from symdiff.targets.rounds import Written
from symdiff.targets.tapes import made_empty

__all__ = ["as_loops"]


def as_loops(
    function: Function,
    memory: Memory,
    extents: Extents,
    vectors: Mapping[str, str],
    known: set[Var],
) -> Function:
    """The function with loops over elements, as far as shapes are known to agree.
    `vectors` are the ops that are other ones in such loops, `known` the accesses to
    elements that need no check."""
    worker = _Loops(function, memory, extents, vectors, known)
    body = worker.block(function.body)
    made = _hoisted(body, worker.made)
    targets = {eq.target for eq in made}
    body = (*made, *_without(body, targets))
    return guarded(replace(function, body=body), worker.known)


def _hoisted(body: Block, made: list[list[Equation]]) -> list[Equation]:
    """The arrays of which loops write and read elements alone: one will do for all
    rounds of the loops around."""
    read: set[Atom] = set()
    for node in walk(body):
        atoms = atoms_of(node)
        if isinstance(node, Equation) and node.op in ("getitem", "store"):
            if set(node.params.items) == {"at"}:
                atoms = atoms[1:]
        read.update(atoms)
    return [eq for group in made if group[-1].target not in read for eq in group]


def _without(block: Block, targets: set[Var]) -> Block:
    """The block without the equations that define these."""
    out: list[Node] = []
    for node in block:
        if isinstance(node, Equation):
            if node.target not in targets:
                out.append(node)
        elif isinstance(node, If):
            then, orelse = _without(node.then, targets), _without(node.orelse, targets)
            out.append(replace(node, then=then, orelse=orelse))
        else:
            if isinstance(node, While):
                node = replace(node, test=_without(node.test, targets))
            out.append(replace(node, body=_without(node.body, targets)))
    return tuple(out)


class _Loops(Parts):
    """Gathers equations into groups, and has a loop written for each."""

    group: Group | None = None

    # -- blocks -------------------------------------------------------------------------

    def block(self, block: Block) -> Block:
        outer, self.out = self.out, []
        self.depth += 1
        for node in block:
            if isinstance(node, Equation):
                self.equation(node)
                continue
            self.flush()
            if isinstance(node, If):
                then, orelse = self.block(node.then), self.block(node.orelse)
                node = replace(node, then=then, orelse=orelse)
            else:
                if isinstance(node, While):
                    node = replace(node, test=self.block(node.test))
                node = replace(node, body=self.block(node.body))
            self.out.append(node)
        self.flush()
        self.out, made = outer, self.out
        self.depth -= 1
        return tuple(made)

    def equation(self, eq: Equation) -> None:
        dims = self.dims_of(eq)
        if dims is not None and self.add(eq, dims):
            return
        if self.group is not None and not self.is_apart(eq, self.group):
            self.flush()
        self.note_view(eq)
        self.out += self.zeros(eq) or [eq]

    def zeros(self, eq: Equation) -> list[Equation]:
        """`np.zeros(n)` for `np.zeros_like(u)`, which Numba fills slowly."""
        kind = eq.target.kind
        if eq.op != "numpy.zeros_like" or eq.params or not isinstance(kind, Array):
            return []
        if kind.dtype != "float64" or not kind.dims or not self.extents.has(kind.dims):
            return []
        counts = [self.extents.length(d) for d in kind.dims]
        *shape, made = made_empty(self.names, eq.target, counts)
        return [*shape, replace(made, op="numpy.zeros", span=eq.span)]

    def is_apart(self, eq: Equation, group: Group) -> bool:
        """Whether an equation may run before the loop that is being gathered."""
        if eq.op in DESTRUCTIVE or is_effect(eq.op) or eq.op == "store":
            return False
        if any(a in group.targets for a in eq.args):
            return False
        roots = [self.roots(a) for a in eq.args if isinstance(a, Var)]
        written = [a for a in group.accesses if a.writes]
        return not any(alias(a.roots, r) for a in written for r in roots)

    # -- what goes into a loop ----------------------------------------------------------

    def dims_of(self, eq: Equation) -> tuple[Extent, ...] | None:
        """The shape of the loop that an equation can be part of."""
        if eq.op in ("setitem", "additem", "store"):
            return self.dims_of_store(eq)
        if eq.op == "numpy.sum" and len(eq.args) == 1 and _is_double(eq.target.kind):
            kind = kind_of(eq.args[0])
        elif element_op(eq) is not None:
            kind = eq.target.kind
        else:
            return None
        if not isinstance(kind, Array) or not kind.dims or kind.dtype not in ELEMENT:
            return None
        fits = all(self.fits(a, kind.dims) for a in eq.args)
        return kind.dims if fits and self.extents.has(kind.dims) else None

    def dims_of_store(self, eq: Equation) -> tuple[Extent, ...] | None:
        base, *atoms, value = eq.args
        view = self.view_at(base, eq.params, atoms)
        kinds = tuple(map(kind_of, (base, *atoms)))
        region = getitem(kinds, (base, *atoms), eq.params)
        if view is None or not isinstance(region, Array) or not region.dims:
            return None
        if region.dtype not in ELEMENT or not self.extents.has(region.dims):
            return None
        same = isinstance(kind_of(value), Array) or region.dtype == "float64"
        return region.dims if same and self.fits(value, region.dims) else None

    def fits(self, atom: Atom, dims: tuple[Extent, ...]) -> bool:
        """Whether an operand has an element for each round of a loop."""
        kind = kind_of(atom)
        if isinstance(kind, Float):
            return _is_double(kind)
        if isinstance(kind, (Int, Bool)):
            return True
        if not isinstance(kind, Array) or not isinstance(atom, Var):
            return False
        if kind.dtype not in ELEMENT or not kind.dims:
            return False
        if len(kind.dims) > len(dims):
            return False
        pairs = zip(kind.dims, dims[len(dims) - kind.ndim :], strict=True)
        return all(own == 1 or self.may_agree(own, loop) for own, loop in pairs)

    def may_agree(self, own: Extent, loop: Extent) -> bool:
        """Whether two lengths are the same, or must be by what is computed with them."""
        if self.plain((own,)) == self.plain((loop,)):
            return True
        known = self.extents.has((own, loop))
        return known and not (may_be_one(own) or may_be_one(loop))

    # -- gathering ------------------------------------------------------------------------

    def add(self, eq: Equation, dims: tuple[Extent, ...]) -> bool:
        """Put an equation into the loop that is being gathered, or into a new one."""
        accesses = self.accesses(eq)
        if any(a.disturbs(b) for a, b in combinations(accesses, 2)):
            return False
        group = self.group
        if group is not None:
            clash = any(a.disturbs(b) for a in accesses for b in group.accesses)
            late = any(a in group.sums for a in eq.args)
            if clash or late or self.plain(group.dims) != self.plain(dims):
                self.flush()
                accesses = self.accesses(eq)
        if self.group is None:
            self.group = Group(dims)
        self.group.members.append(eq)
        self.group.accesses += accesses
        self.group.targets.add(eq.target)
        if eq.op == "numpy.sum":
            self.group.sums.add(eq.target)
        if eq.op in ("setitem", "additem"):
            base = eq.args[0]
            assert isinstance(base, Var)
            self.storage[eq.target] = self.storage.get(base, base)
        return True

    def accesses(self, eq: Equation) -> list[Access]:
        found = []
        operands = eq.args
        if eq.op in ("setitem", "additem", "store"):
            base, *atoms, value = eq.args
            view = self.view_at(base, eq.params, atoms)
            assert view is not None
            found.append(self.access(view, True))
            operands = (value,)
        for atom in operands:
            pending = self.group is not None and atom in self.group.targets
            if pending and atom not in self.storage:
                continue
            view = self.view_of(atom)
            if view is not None:
                found.append(self.access(view, False))
        return found

    def access(self, view: View, writes: bool) -> Access:
        storage = self.storage.get(view.base, view.base)
        return Access(storage, view.axes, self.roots(view.base), writes)

    # -- writing loops --------------------------------------------------------------------

    def flush(self) -> None:
        """Write the loop for what was gathered."""
        group, self.group = self.group, None
        if group is not None and all(eq.op == "copy" for eq in group.members):
            self.out += group.members
        elif group is not None:
            Written(self, group).write()


def _is_double(kind: Kind) -> bool:
    return isinstance(kind, Float) and kind.dtype in (None, "float64")
