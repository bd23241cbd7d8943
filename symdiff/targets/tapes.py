"""Tapes that a compiler can type: arrays where the rounds are counted, else lists.

The forward sweep of a loop over a range writes each number into an array of its own; any
other tape stays a list of tuples. Both are read by index, from the last to the first.
"""

from __future__ import annotations

from collections import Counter

from symdiff.analysis.undefined import may_be_undefined
from symdiff.errors import Span
from symdiff.ir.builder import Names
from symdiff.ir.core import (
    Atom, Block, Const, Equation, For, Function, Global, If, Index, Iteration, Node,
    SliceItem, Var, While, count_uses, kind_of, used_in_block, walk,
)  # fmt: skip
from symdiff.ir.effects import DESTRUCTIVE
from symdiff.ir.kinds import (
    INT, NONE, OPAQUE, Array, Bool, Complex, Float, Int, Kind, Size, Tape, Tuple,
)  # fmt: skip
from symdiff.records import dataclass, field, replace
from symdiff.targets.extents import Extents

__all__ = ["by_index", "counted_tapes", "dtype_name", "made_empty"]

_AT = Index(("at",))


def by_index(function: Function, extents: Extents) -> Function:
    """The function with every tape read by index, and counted ones as arrays."""
    if not any(isinstance(n, Equation) and n.op == "tape" for n in walk(function.body)):
        return function
    worker = _ByIndex(function, extents)
    return replace(function, body=worker.block(function.body))


@dataclass(slots=True, eq=False)
class _Counted:
    """A tape on which each round of a loop over a range leaves one entry of numbers."""

    loop: For
    values: tuple[Atom, ...]
    alone: bool = False  # whether each loop that reads it reads nothing else
    arrays: list[Var | None] = field(default_factory=list)  # None for the loop's index

    def index_at(self) -> int | None:
        """The place of the loop's own index, which the reverse sweep counts again."""
        places = (k for k, v in enumerate(self.values) if v in self.loop.targets)
        return next(places, None) if self.alone else None


class _ByIndex:
    def __init__(self, function: Function, extents: Extents) -> None:
        self.names, self.extents = extents.names, extents
        self.counted = counted_tapes(function, extents)
        equations = [n for n in walk(function.body) if isinstance(n, Equation)]
        self.written = {eq.args[0] for eq in equations if eq.op in DESTRUCTIVE}
        self.lengths = {eq.target for eq in equations if _is_length(eq)}
        self.made: dict[Atom, _Counted] = {}  # by what the reverse sweep reads
        # The parts of lists that stand for tapes: the list, where one starts and ends.
        self.stretches: dict[Atom, tuple[Atom, ...]] = {
            eq.target: eq.args for eq in equations if eq.op == "stretch"
        }
        for found in self.counted.values():
            tape = found.loop.results[_place_of(found.loop)]
            self.made[tape] = found

    def block(self, block: Block) -> Block:
        out: list[Node] = []
        for node in block:
            if isinstance(node, Equation):
                if node.target not in self.counted and node.op != "stretch":
                    out.append(node)
            elif isinstance(node, If):
                then, orelse = self.block(node.then), self.block(node.orelse)
                out.append(replace(node, then=then, orelse=orelse))
            elif isinstance(node, While):
                test, body = self.block(node.test), self.block(node.body)
                out.append(replace(node, test=test, body=body))
            else:
                self.loop(node, out)
        return tuple(out)

    def loop(self, node: For, out: list[Node]) -> None:
        found = next((f for f in self.counted.values() if f.loop is node), None)
        if found is not None:
            node = self.recording(node, found, out)
        if node.iteration.form == "tape":
            node = self.reading(node, out)
        out.append(replace(node, body=self.block(node.body)))

    # -- the forward sweep ----------------------------------------------------------------

    def recording(self, node: For, found: _Counted, out: list[Node]) -> For:
        """The loop with an array for each value in place of the tape."""
        place = _place_of(node)
        count = self.count(node, out)
        first, span = node.iteration.args[0], node.span
        (index_var,) = node.targets
        body = [n for n in node.body if not (isinstance(n, Equation) and n.op == "push")]
        if index_var.base == "_" and index_var not in used_in_block(tuple(node.body)):
            index_var = self.names.fresh("i", "", INT)
        at: Atom = index_var
        if first != Const(0):
            shifted: list[Node] = []
            at = self.equation(shifted, "sub", (index_var, first), INT)
            body = shifted + body
        for number, atom in enumerate(found.values):
            if number == found.index_at():
                found.arrays.append(None)
                continue
            kind = kind_of(atom)
            base = atom.base if isinstance(atom, Var) else "t"
            if isinstance(kind, Array):
                dims, dtype = kind.dims, kind.dtype
            else:
                dims, dtype = (), dtype_name(kind)
            whole = Array(dtype, (Size(f"rounds {count}"), *dims))
            tape = self.names.fresh(base, "tape", whole)
            lengths = [self.extents.length(d) for d in dims]
            out += made_empty(self.names, tape, [count, *lengths])
            nothing = self.names.fresh("t", "", NONE)
            index = Index(("at", *(SliceItem() for _ in dims)), bool(dims))
            written = Equation(nothing, "store", (tape, at, atom), index, span)
            if dims and (copied := self.copied(body, atom)) is not None:
                kept = written.with_args((tape, at, copied.args[0]))
                row = Equation(copied.target, "getitem", (tape, at), _AT, copied.span)
                where = body.index(copied)
                body[where : where + 1] = [kept, row]
            else:
                body.insert(_place_after(body, atom) if dims else len(body), written)
            found.arrays.append(tape)
        return replace(
            node,
            targets=(index_var,),
            carried=node.carried[:place] + node.carried[place + 1 :],
            inits=node.inits[:place] + node.inits[place + 1 :],
            body=tuple(body),
            yields=node.yields[:place] + node.yields[place + 1 :],
            results=node.results[:place] + node.results[place + 1 :],
        )

    def copied(self, body: list[Node], atom: Atom) -> Equation | None:
        """What makes an array as a copy, which may lie on the tape from the start."""
        for node in body:
            if isinstance(node, Equation) and node.target == atom:
                own = node.op == "copy" and atom not in self.written
                return node if own else None
        return None

    def count(self, node: For, out: list[Node]) -> Atom:
        """How many rounds there are."""
        start, stop, _ = node.iteration.args
        if start == Const(0):
            if isinstance(stop, Const):
                return Const(max(stop.value, 0))
            if stop in self.lengths:
                return stop
            return self.equation(out, "builtins.max", (stop, Const(0)), INT)
        run = self.equation(out, "builtins.range", (start, stop), OPAQUE)
        return self.equation(out, "builtins.len", (run,), INT)

    def equation(self, out: list[Node], op: str, args: tuple[Atom, ...], kind: Kind) -> Var:
        target = self.names.fresh("t", "", kind)
        out.append(Equation(target, op, args))
        return target

    # -- the reverse sweep ----------------------------------------------------------------

    def reading(self, node: For, out: list[Node]) -> For:
        """The loop over tapes as one over the places of their entries."""
        iteration = node.iteration
        backwards = not iteration.ahead
        at = self.names.fresh("i", "", INT)
        first = iteration.args[0]
        found = self.made.get(first)
        if found is not None and found.index_at() is not None:
            return self.counting_back(node, found)
        if first in self.stretches and backwards and len(iteration.args) == 1:
            list_, start, end = self.stretches[first]
            over = Iteration("reversed", (start, end, Const(1)))
            taken = self.read(list_, node.targets, at)
            return replace(node, iteration=over, targets=(at,), body=(*taken, *node.body))
        length = self.length(first, out)
        body: list[Node] = []
        for k, (tape, targets) in enumerate(iteration.entries(node.targets)):
            place: Atom = at
            if not backwards and k not in iteration.ahead:
                last = self.equation(body, "sub", (Const(-1), at), INT)
                place = last
                if tape in self.made or tape in self.stretches:  # none is negative
                    rounds = self.length(tape, body)
                    place = self.equation(body, "add", (rounds, last), INT)
            body += self.taken(tape, targets, place, node.span)
        form = "reversed" if backwards else "range"
        over = Iteration(form, (Const(0), length, Const(1)))
        return replace(node, iteration=over, targets=(at,), body=(*body, *node.body))

    def counting_back(self, node: For, found: _Counted) -> For:
        """The loop over a tape as the range of the loop that wrote it, backwards."""
        start, stop, _ = found.loop.iteration.args
        own = node.targets[found.index_at() or 0]
        body: list[Node] = []
        place: Atom = own
        if start != Const(0):
            place = self.equation(body, "sub", (own, start), INT)
        body += self.taken(node.iteration.args[0], node.targets, place, node.span)
        over = Iteration("reversed", (start, stop, Const(1)))
        return replace(node, iteration=over, targets=(own,), body=(*body, *node.body))

    def length(self, tape: Atom, out: list[Node]) -> Atom:
        if tape in self.stretches:
            _, start, end = self.stretches[tape]
            return (
                end if start == Const(0) else self.equation(out, "sub", (end, start), INT)
            )
        found = self.made.get(tape)
        if found is not None:
            tape = next(array for array in found.arrays if array is not None)
        return self.equation(out, "builtins.len", (tape,), INT)

    def taken(
        self, tape: Atom, targets: tuple[Var, ...], place: Atom, span: Span | None
    ) -> list[Node]:
        """The entry of a tape at a place, unpacked."""
        found = self.made.get(tape)
        if found is not None:
            rows = zip(targets, found.arrays, strict=True)
            return [_row(v, a, place) for v, a in rows if a is not None]
        moved: list[Node] = []
        if tape in self.stretches:
            tape, start, _ = self.stretches[tape]
            if start != Const(0):
                place = self.equation(moved, "add", (start, place), INT)
        return [*moved, *self.read(tape, targets, place)]

    def read(self, tape: Atom, targets: tuple[Var, ...], place: Atom) -> list[Node]:
        """The entry of a list at a place, unpacked."""
        if len(targets) == 1:
            return [Equation(targets[0], "entry", (tape, place))]
        kind = Tuple(tuple(v.kind for v in targets))
        entry = self.names.fresh("t", "", kind)
        items = (Equation(v, "item", (entry,), k) for k, v in enumerate(targets))
        return [Equation(entry, "entry", (tape, place)), *items]


def _place_after(body: list[Node], atom: Atom) -> int:
    """Where an array is first there to be stored: what fills it may do so, too."""
    for k, node in enumerate(body):
        if isinstance(node, Equation) and node.target == atom:
            return k + 1
    return len(body)


def _row(target: Var, tape: Var, place: Atom) -> Equation:
    return Equation(target, "getitem", (tape, place), _AT)


_DTYPES = {Float: "float64", Int: "int64", Bool: "bool", Complex: "complex128"}


def dtype_name(kind: Kind) -> str:
    """That of an array that holds a number of Python's."""
    return _DTYPES[type(kind)]


def made_empty(names: Names, target: Var, counts: list[Atom]) -> list[Equation]:
    """Make an array that loops fill."""
    kind = target.kind
    assert isinstance(kind, Array)
    out: list[Equation] = []
    shape = counts[0]
    if len(counts) > 1:
        shape = names.fresh("t", "", Tuple((INT,) * len(counts)))
        out.append(Equation(shape, "tuple", tuple(counts)))
    if kind.dtype == "float64":
        return [*out, Equation(target, "numpy.empty", (shape,))]
    args = (shape, Global(f"numpy.{'bool_' if kind.dtype == 'bool' else kind.dtype}"))
    return [*out, Equation(target, "numpy.empty", args, ("dtype",))]


def _is_length(eq: Equation) -> bool:
    """Whether a result is a length, and so not negative."""
    shape = eq.op == "item" and isinstance(eq.args[0], Var) and eq.args[0].base == "shape"
    return shape or eq.op in ("builtins.len", "numpy.size", "builtins.max")


# -- which tapes are counted --------------------------------------------------------------


def counted_tapes(function: Function, extents: Extents) -> dict[Var, _Counted]:
    """The tapes that one loop over a range writes, an entry in each round, and that are
    read by loops alone; by their first value."""
    uses = count_uses(function)
    empty = set()
    read: Counter[Atom] = Counter()
    loops = []
    for node in walk(function.body):
        if isinstance(node, Equation) and node.op == "tape" and len(node.args) == 0:
            empty.add(node.target)
        elif isinstance(node, For):
            loops.append(node)
            if node.iteration.form == "tape":
                read.update(node.iteration.args)
    partial = may_be_undefined(function.body)
    missing = _may_be_none(function)
    # A number that is not defined has any value; an array has none of the lengths.
    missing.update(v for v in partial if isinstance(kind_of(v), Array))
    joint = [n for n in loops if n.iteration.takes or n.iteration.ahead]
    found = {}
    for loop in loops:
        start, values = _recorded(loop, uses, extents)
        if start is None or missing.intersection(values):
            continue
        tape = loop.results[_place_of(loop)] if start in empty else None
        if tape is not None and uses[start] == 1 and read[tape] == uses[tape] > 0:
            assert isinstance(start, Var)
            alone = not any(tape in loop.iteration.args for loop in joint)
            found[start] = _Counted(loop, values, alone)
    return found


def _may_be_none(function: Function) -> set[Atom]:
    """The values that are None on some path, which no array of numbers holds."""
    found: set[Atom] = {Const(None)}
    count = 0
    while count != len(found):
        count = len(found)
        for node in walk(function.body):
            rows: list[tuple[Atom, ...]] = []
            if isinstance(node, If):
                rows += zip(node.then_yields, node.else_yields, node.results, strict=True)
            elif isinstance(node, Equation):
                if node.op == "select":
                    rows.append((*node.args[1:], node.target))
            else:
                rows += zip(node.inits, node.yields, node.carried, strict=True)
                rows += zip(node.carried, node.results, strict=True)
            found.update(row[-1] for row in rows if found.intersection(row[:-1]))
    return found


def _recorded(
    loop: For, uses: Counter[Atom], extents: Extents
) -> tuple[Atom | None, tuple[Atom, ...]]:
    """The tape on which each round of a loop leaves numbers or arrays, and these."""
    nothing = None, ()
    iteration = loop.iteration
    if iteration.form != "range" or iteration.args[2] != Const(1) or loop.leave is not None:
        return nothing
    if sum(isinstance(v.kind, Tape) for v in loop.carried) != 1:
        return nothing
    place = _place_of(loop)
    pushes = [n for n in loop.body if isinstance(n, Equation) and n.op == "push"]
    if len(pushes) != 1:
        return nothing
    (tape, *values), pushed = pushes[0].args, pushes[0].target
    fits = all(_fits(kind_of(v), extents) for v in values)
    alone = uses[tape] == uses[pushed] == 1 and loop.yields[place] == pushed
    if tape != loop.carried[place] or not alone or not fits:
        return nothing
    return loop.inits[place], tuple(values)


def _fits(kind: Kind, extents: Extents) -> bool:
    """Whether it is a number as wide as Python's, or an array of known lengths."""
    if isinstance(kind, Array):
        return kind.dtype in _DTYPES.values() and extents.has(kind.dims)
    wide = (None, "float64", "complex128")
    narrow = isinstance(kind, (Float, Complex)) and kind.dtype not in wide
    return type(kind) in _DTYPES and not narrow


def _place_of(loop: For) -> int:
    return next(k for k, v in enumerate(loop.carried) if isinstance(v.kind, Tape))
