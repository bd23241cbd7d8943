"""Chains of element-wise operations and slice statements, as loops over elements.

Operations over equal shapes go into one loop as long as every place that one of them
writes is read or written by the others in the same round only. What is read elsewhere
is stored in an array; anything else ends the loop.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations

from symdiff.errors import Span
from symdiff.ir.alias import is_basic_view
from symdiff.ir.core import (
    Atom, Block, Const, Equation, For, Function, If, Index, Iteration, Node, SliceItem, Var,
    While, atoms_of, count_uses, kind_of, walk,
)  # fmt: skip
from symdiff.ir.effects import DESTRUCTIVE, is_effect
from symdiff.ir.extents import may_be_one
from symdiff.ir.infer_index import getitem
from symdiff.ir.kinds import (
    BOOL, FLOAT, INT, NONE, OPAQUE, Array, Bool, Extent, Float, Int, Kind, Size,
)  # fmt: skip
from symdiff.ir.memory import Memory, Roots, alias
from symdiff.records import dataclass, field, replace
from symdiff.targets.bounds import guarded
from symdiff.targets.elements import element_op
from symdiff.targets.extents import Extents
from symdiff.targets.tapes import made_empty

__all__ = ["as_loops"]

# An axis of an array: a fixed index, or a loop by its number and how far it is shifted.
Axis = Atom | tuple[int, int]
_ELEMENT: dict[str, Kind] = {"float64": FLOAT, "bool": BOOL, "int64": INT}


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


@dataclass(frozen=True, slots=True)
class View:
    """A part of an array, which the program reads or writes by this base."""

    base: Var
    axes: tuple[Axis, ...]


@dataclass(frozen=True, slots=True)
class Access:
    storage: Var
    axes: tuple[Axis, ...]
    roots: Roots
    writes: bool

    def disturbs(self, other: Access) -> bool:
        """Whether the two may not happen in rounds of one loop."""
        if not (self.writes or other.writes):
            return False
        if self.storage is other.storage:
            return self.axes != other.axes
        return alias(self.roots, other.roots)


@dataclass(slots=True, eq=False)
class Group:
    """Equations that go into one loop."""

    dims: tuple[Extent, ...]
    members: list[Equation] = field(default_factory=list)
    accesses: list[Access] = field(default_factory=list)
    targets: set[Atom] = field(default_factory=set)
    sums: set[Atom] = field(default_factory=set)


class _Loops:
    def __init__(
        self, function: Function, memory: Memory, extents: Extents,
        vectors: Mapping[str, str], known: set[Var],
    ) -> None:  # fmt: skip
        self.vectors = vectors
        self.names = extents.names
        self.memory = memory
        self.extents = extents
        self.uses = count_uses(function)
        self.views: dict[Atom, View] = {}
        self.storage: dict[Var, Var] = {}
        self.group: Group | None = None
        self.out: list[Node] = []
        self.depth = -1
        self.same: dict[str, str] = {}  # symbols of lengths that were compared
        self.known = known  # elements that are known to be there
        self.made: list[list[Equation]] = []  # what makes arrays that loops fill

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

    def roots(self, atom: Atom) -> Roots:
        return self.memory.place(atom).all

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
        if not isinstance(kind, Array) or not kind.dims or kind.dtype not in _ELEMENT:
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
        if region.dtype not in _ELEMENT or not self.extents.has(region.dims):
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
        if kind.dtype not in _ELEMENT or not kind.dims:
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

    def plain(self, dims: tuple[Extent, ...]) -> tuple[Extent, ...]:
        """The lengths, each written in one way."""
        found: list[Extent] = []
        for extent in dims:
            if not isinstance(extent, int):
                symbol = extent.symbol
                while symbol in self.same:
                    symbol = self.same[symbol]
                extent = Size(symbol, extent.offset)
            found.append(extent)
        return tuple(found)

    def note_view(self, eq: Equation) -> None:
        if eq.op == "getitem" and is_basic_view(eq) and isinstance(eq.args[0], Var):
            base, *atoms = eq.args
            view = self.view_at(base, eq.params, atoms)
            if view is not None:
                self.views[eq.target] = view

    def view_of(self, atom: Atom) -> View | None:
        kind = kind_of(atom)
        if not isinstance(atom, Var) or not isinstance(kind, Array):
            return None
        return self.views.get(atom) or View(atom, tuple((k, 0) for k in range(kind.ndim)))

    def view_at(self, base: Atom, index: Index, atoms: Sequence[Atom]) -> View | None:
        """A part of an array, if it is one of numbers and shifted axes."""
        view, kind = self.view_of(base), kind_of(base)
        if view is None or not isinstance(kind, Array) or index.through:
            return None
        if base in self.views and "at" in index.items:
            return None  # counted from the end it would be another element
        left = list(atoms)
        places: list[Atom | int] = []
        for item in index.items:
            if item == "at":
                at = left.pop(0)
                if not isinstance(kind_of(at), Int):
                    return None
                places.append(at)
            elif isinstance(item, SliceItem) and not item.step:
                start = left.pop(0) if item.start else Const(0)
                if item.stop:
                    left.pop(0)
                if not isinstance(start, Const) or not isinstance(start.value, int):
                    return None
                if start.value < 0:
                    return None
                places.append(start.value)
            elif item == "rest" and len(index.items) == 1:
                continue
            else:
                return None
        return _part(view, places, kind.ndim)

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
            _Written(self, group).write()


def _is_double(kind: Kind) -> bool:
    return isinstance(kind, Float) and kind.dtype in (None, "float64")


def _part(view: View, places: list[Atom | int], ndim: int) -> View:
    """A part of a view: an atom fixes an axis, a number shifts one."""
    places += [0] * (ndim - len(places))
    axes: list[Axis] = []
    number = 0
    for axis in view.axes:
        if not isinstance(axis, tuple):
            axes.append(axis)
            continue
        place = places.pop(0)
        if isinstance(place, int):
            axes.append((number, axis[1] + place))
            number += 1
        else:
            axes.append(place)
    return View(view.base, tuple(axes))


class _Written:
    """Writes one loop, or one in another, for a group."""

    def __init__(self, up: _Loops, group: Group) -> None:
        self.up = up
        self.names = up.names
        self.group = group
        self.places = [
            self.names.fresh(b, "", INT) for b, _ in zip("jklm", group.dims, strict=False)
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
            value = self.names.fresh(eq.target.base, eq.target.role, _ELEMENT[kind.dtype])
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
            element = self.names.fresh(name, atom.role, _ELEMENT[kind.dtype])
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
