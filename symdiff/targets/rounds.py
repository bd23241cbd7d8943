"""Writes one loop, or one in another, for a group of equations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from symdiff.errors import Span
from symdiff.ir.core import (
    Atom, Block, Const, Equation, For, If, Index, Iteration, Node, Var, kind_of,
)  # fmt: skip
from symdiff.ir.kinds import BOOL, INT, NONE, OPAQUE, Array, Size
from symdiff.targets.elements import element_op
from symdiff.targets.parts import ELEMENT, Axis, Group, Parts, View
from symdiff.targets.tapes import made_empty

__all__ = ["Written"]


class Written:
    """Writes one loop, or one in another, for a group."""

    def __init__(self, up: Parts, group: Group) -> None:
        self.up = up
        self.names = up.names
        self.group = group
        bases = "jklm".ljust(len(group.dims), "m")
        self.places = [
            self.names.fresh(b, "", INT) for b, _ in zip(bases, group.dims, strict=False)
        ]
        self.body: list[Node] = []
        self.values: dict[Atom, Atom] = {}  # the elements of this round
        self.inner: dict[Var, Var] = {}  # what stands for a storage, or a sum, by now
        self.inits: dict[Var, Atom] = {}
        self.ends: dict[Var, Var] = {}
        own = Counter(a for eq in group.members for a in _operands(eq))
        self.kept = {
            eq.target for eq in group.members
            if isinstance(eq.target.kind, Array) and up.uses[eq.target] > own[eq.target]
        }  # fmt: skip

    def write(self) -> None:
        out = self.up.out
        for eq in self.group.members:
            self.check(eq)
        counts = [self.up.extents.length(d) for d in self.up.plain(self.group.dims)]
        for eq in self.group.members:
            self.prepare(eq, counts)
        carried = {s: self.like(v) for s, v in self.inner.items()}
        self.inner = dict(carried)
        for eq in self.group.members:
            self.member(eq)
        body: Block = tuple(self.body)
        yields = tuple(self.inner.values())
        span = next((eq.span for eq in self.group.members if eq.span), None)
        for level in reversed(range(len(counts))):
            results = [self.ends[s] if not level else self.like(s) for s in carried]
            inits = dict(self.inits) if not level else {s: self.like(s) for s in carried}
            loop = For(
                (self.places[level],),
                Iteration("range", (Const(0), counts[level], Const(1))),
                tuple(carried.values()), tuple(inits.values()), body, yields,
                tuple(results), None, span,
            )  # fmt: skip
            body, yields, carried = (loop,), tuple(results), inits  # type: ignore[assignment]
        out.extend(body)

    def check(self, eq: Equation) -> None:
        """Raise what NumPy does where lengths that must be the same are not."""
        for atom in _operands(eq):
            kind = kind_of(atom)
            dims = kind.dims if isinstance(kind, Array) else ()
            for own, loop in zip(dims[::-1], self.group.dims[::-1], strict=False):
                first, second = self.up.plain((own, loop))
                if own == 1 or first == second:
                    continue
                pair = self.up.extents.length(first), self.up.extents.length(second)
                self.up.out += self.comparison(pair, eq.span)
                if isinstance(first, Size) and isinstance(second, Size):
                    if not (self.up.depth or first.offset or second.offset):
                        self.up.same[first.symbol] = second.symbol

    def comparison(self, pair: tuple[Atom, Atom], span: Span | None) -> list[Node]:
        differ = self.names.fresh("t", "", BOOL)
        error = self.names.fresh("t", "", OPAQUE)
        raised = self.names.fresh("t", "", NONE)
        text = Const("operands could not be broadcast together")
        then = (
            Equation(error, "builtins.ValueError", (text,), None, span),
            Equation(raised, "raise", (error,), None, span),
        )
        return [Equation(differ, "ne", pair), If(differ, then, ())]

    def like(self, var: Var) -> Var:
        return self.names.fresh(var.base, var.role, var.kind)

    # -- before the loop ------------------------------------------------------------------

    def prepare(self, eq: Equation, counts: list[Atom]) -> None:
        """Note what the loop carries; make the arrays that it fills."""
        if eq.op in ("setitem", "additem"):
            storage = self.up.storage[eq.target]
            self.inits.setdefault(storage, eq.args[0])
            self.inner.setdefault(storage, storage)
            self.ends[storage] = eq.target
        elif eq.op == "numpy.sum":
            self.inits[eq.target] = Const(0.0)
            self.inner[eq.target] = self.ends[eq.target] = eq.target
        elif eq.target in self.kept:
            made = made_empty(self.names, eq.target, counts)
            self.up.out += made
            self.up.made.append(made)

    # -- in the loop ----------------------------------------------------------------------

    def member(self, eq: Equation) -> None:
        if eq.op in ("setitem", "additem", "store"):
            self.store(eq)
            return
        args = tuple(map(self.element, eq.args))
        if eq.op == "numpy.sum":
            total = self.like(eq.target)
            self.body.append(
                Equation(total, "add", (self.inner[eq.target], *args), None, eq.span)
            )
            self.inner[eq.target] = total
            return
        kind = eq.target.kind
        op = element_op(eq)
        assert isinstance(kind, Array)
        assert op is not None
        if op == "copy":
            value = args[0]
        else:
            value = self.names.fresh(eq.target.base, eq.target.role, ELEMENT[kind.dtype])
            op = self.up.vectors.get(op, op)
            self.body.append(Equation(value, op, args, None, eq.span))
        self.values[eq.target] = value
        if eq.target in self.kept:
            index, places = self.index([(k, 0) for k in range(len(self.places))])
            nothing = self.names.fresh("t", "", NONE)
            args = (eq.target, *places, value)
            self.body.append(Equation(nothing, "store", args, index, eq.span))
            self.up.known.add(nothing)

    def store(self, eq: Equation) -> None:
        base, *atoms, value = eq.args
        view = self.up.view_at(base, eq.params, atoms)
        assert view is not None
        element = self.element(value)
        index, places = self.index(view.axes)
        if eq.op == "store":
            target, into = eq.target, view.base
        else:
            storage = self.up.storage[eq.target]
            target, into = self.like(eq.target), self.inner[storage]
            self.inner[storage] = target
        self.sure(view, target)
        args = (into, *places, element)
        self.body.append(Equation(target, eq.op, args, index, eq.span))

    def sure(self, view: View, target: Var) -> None:
        """Note an access whose indices are all those of loops, or of a tape."""
        if view.base.role == "tape" or all(isinstance(a, tuple) for a in view.axes):
            self.up.known.add(target)

    def element(self, atom: Atom) -> Atom:
        """The element of an operand in this round."""
        kind = kind_of(atom)
        if not isinstance(kind, Array):
            return atom
        if atom not in self.values:
            view = self.up.view_of(atom)
            assert view is not None
            assert isinstance(atom, Var)
            shift = len(self.places) - kind.ndim
            axes = [
                (Const(a[1]) if kind.dims[a[0]] == 1 else (a[0] + shift, a[1]))
                if isinstance(a, tuple) else a
                for a in view.axes
            ]  # fmt: skip
            index, places = self.index(axes)
            storage = self.up.storage.get(view.base, view.base)
            base = self.inner.get(storage, view.base)
            name = atom.base if atom in self.up.views else "t"
            element = self.names.fresh(name, atom.role, ELEMENT[kind.dtype])
            self.body.append(Equation(element, "getitem", (base, *places), index))
            self.sure(view, element)
            self.values[atom] = element
        return self.values[atom]

    def index(self, axes: Sequence[Axis]) -> tuple[Index, list[Atom]]:
        places: list[Atom] = []
        for axis in axes:
            if not isinstance(axis, tuple):
                places.append(axis)
                continue
            place = self.places[axis[0]]
            if axis[1]:
                moved = self.names.fresh("t", "", INT)
                self.body.append(Equation(moved, "add", (place, Const(axis[1]))))
                place = moved
            places.append(place)
        return Index(("at",) * len(places), len(places) > 1), places


def _operands(eq: Equation) -> tuple[Atom, ...]:
    """What an equation reads element by element."""
    return eq.args[-1:] if eq.op in ("setitem", "additem", "store") else eq.args
