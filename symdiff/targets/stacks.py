"""Tapes of loops in loops, as stretches of one list that is made once.

A tape that a round of a loop makes costs a compiled program more than what it holds. If
the round itself reads it, the next round writes over it: the tape is a list and the
number of its entries. If it lies on another tape, all of them follow one another on a
list, and the other tape has where each starts and ends.
"""

from __future__ import annotations

from collections.abc import Collection

from symdiff.analysis.tapes import Cell, Tapes
from symdiff.ir.builder import Names
from symdiff.ir.core import (
    Atom, Block, Const, Equation, For, Function, If, Node, Undef, Var, While,
    blocks_of, kind_of, walk,
)  # fmt: skip
from symdiff.ir.kinds import INT, NONE, TAPE, Bool, Complex, Float, Int, Kind, Tape
from symdiff.records import dataclass, field, replace

__all__ = ["stacked", "zero_of"]

_ZERO = Const(0)
_ZEROS = {Float: 0.0, Int: 0, Bool: False, Complex: 0j}


def zero_of(kind: Kind) -> Atom | None:
    """What stands in compiled code for a number that has no value."""
    return Const(_ZEROS[type(kind)]) if type(kind) in _ZEROS else None


def stacked(
    function: Function, names: Names, arrays: Collection[Var], every: bool
) -> Function:
    """The function with lists for the tapes that loops make; with `every`, for all.

    arrays: the tapes, when they are empty, that can be arrays where they are made.
    """
    if not any(isinstance(n, Equation) and n.op == "tape" for n in walk(function.body)):
        return function
    worker = _Stacks(function, names, arrays, every)
    return replace(function, body=worker.top(function.body)) if worker.stacks else function


@dataclass(slots=True, eq=False)
class _Class:
    """What is known of the values that may be one tape."""

    sites: list[Equation] = field(default_factory=list)
    loop: For | While | None = None  # the innermost around the site
    top: int = 0  # the place of the node at the top of the function that has the site
    pushes: int = 0
    after: int = 0  # the pushes that follow the site in its block
    outer: Cell | None = None  # the tape on which it lies
    sound: bool = True
    kinds: dict[int, Kind] = field(default_factory=dict)  # of the values of an entry


@dataclass(slots=True, eq=False)
class _Stack:
    """The list of a class; `joins` if it goes on from one tape to the next."""

    list_: Var
    joins: bool


class _Stacks:
    def __init__(
        self, function: Function, names: Names, arrays: Collection[Var], every: bool
    ) -> None:
        self.names, self.arrays, self.every = names, arrays, every
        self.tapes = Tapes(function)
        self.classes: dict[Cell, _Class] = {}
        # Where a tape starts and ends; where its list ends now if None is noted.
        self.spans: dict[Atom, tuple[Atom, Atom | None]] = {}
        for place, node in enumerate(function.body):
            self.look((node,), None, place)
        self.look_at_sites(function.body)
        self.stacks: dict[Cell, _Stack] = {}
        self.made: dict[Var | None, list[Var]] = {}  # lists, by the tape beside which
        self.first: dict[int, list[Var]] = {}  # or by the node before which they are made
        for cell, found in self.classes.items():
            self.decide(cell, found)

    # -- which ---------------------------------------------------------------------------

    def class_of(self, atom: Atom) -> _Class | None:
        cell = self.tapes.of(atom)
        if cell is None or not isinstance(kind_of(atom), Tape):
            return None
        return self.classes.setdefault(cell, _Class())

    def stack_of(self, atom: Atom) -> _Stack | None:
        cell = self.tapes.of(atom)
        return None if cell is None else self.stacks.get(cell)

    def look(self, block: Block, loop: For | While | None, place: int) -> None:
        """Note the sites, pushes and loops of each class."""
        for node in block:
            if isinstance(node, Equation):
                self.look_at(node, loop, place)
            elif isinstance(node, If):
                self.look(node.then, loop, place)
                self.look(node.orelse, loop, place)
            else:
                if isinstance(node, While):
                    self.look(node.test, node, place)
                self.look(node.body, node, place)
                self.check_carried(node)

    def look_at(self, eq: Equation, loop: For | While | None, place: int) -> None:
        found = self.class_of(eq.target)
        if eq.op == "tape" and found is not None:
            found.sites.append(eq)
            found.loop, found.top = loop, place
            found.sound &= not eq.args
        elif eq.op == "push" and found is not None:
            found.pushes += 1
            for k, atom in enumerate(eq.args[1:]):
                if not _is_missing(atom):
                    found.kinds.setdefault(k, kind_of(atom))
                inner = self.class_of(atom)
                if inner is not None:
                    outer = self.tapes.of(eq.target)
                    inner.sound &= inner.outer in (None, outer)
                    inner.outer = outer

    def check_carried(self, loop: For | While) -> None:
        """A loop that carries a tape only adds to it: it makes and takes none."""
        taken = set(loop.targets) if isinstance(loop, For) else set()
        for var in loop.carried:
            found = self.class_of(var)
            if found is None:
                continue
            cell = self.tapes.of(var)
            for node in walk(loop.body):
                own = (
                    [node.target]
                    if isinstance(node, Equation) and node.op == "tape"
                    else []
                )
                if isinstance(node, For):
                    own += node.targets
                found.sound &= all(self.tapes.of(v) is not cell for v in own)
            found.sound &= all(self.tapes.of(v) is not cell for v in taken)

    def look_at_sites(self, block: Block) -> None:
        """Count the pushes that follow each site in its block."""
        for k, node in enumerate(block):
            if not isinstance(node, Equation):
                for inner in blocks_of(node):
                    self.look_at_sites(inner)
            elif node.op == "tape":
                found, cell = self.class_of(node.target), self.tapes.of(node.target)
                if found is not None:
                    found.after = sum(
                        isinstance(n, Equation) and n.op == "push"
                        and self.tapes.of(n.target) is cell
                        for n in walk(block[k + 1 :])
                    )  # fmt: skip

    def is_sound(self, cell: Cell, found: _Class) -> bool:
        """Whether all is known of a class, and its tapes do not mix: there is one at a
        time that is added to, and none goes on to another round of the loop around."""
        if not found.sound or len(found.sites) != 1 or not found.after == found.pushes > 0:
            return False
        carried = found.loop.carried if found.loop is not None else ()
        if any(self.tapes.of(var) is cell for var in carried):
            return False
        return bool(self.tapes.positions(found.sites[0].target))

    def decide(self, cell: Cell, found: _Class) -> None:
        """Make a list for a class, if it can have one."""
        if not self.is_sound(cell, found):
            return
        beside: Var | None = found.sites[0].target
        if found.outer is None:
            if beside in self.arrays or (found.loop is None and not self.every):
                return
        else:
            beside = self.home(found.outer)
            if beside is None:
                return
        list_ = self.names.fresh("tape", "", TAPE)
        place: int | None = found.top
        if found.outer is not None:  # a branch that makes the outer tape hands that out
            assert beside is not None
            home = self.class_of(beside)
            place = home.top if home is not None and home.loop is None else None
        if place is not None:
            self.first.setdefault(place, []).append(list_)
        else:
            self.made.setdefault(beside, []).append(list_)
        self.stacks[cell] = _Stack(list_, joins=found.outer is not None)

    def home(self, cell: Cell) -> Var | None:
        """The tape that holds all tapes of a class, directly or by others."""
        found = self.classes[cell]
        if not self.is_sound(cell, found):
            return None
        return found.sites[0].target if found.outer is None else self.home(found.outer)

    # -- the change ----------------------------------------------------------------------

    def top(self, body: Block) -> Block:
        out: list[Node] = []
        for place, node in enumerate(body):
            out += [Equation(v, "tape", ()) for v in self.first.get(place, ())]
            out += self.block((node,))
        return tuple(out)

    def block(self, block: Block) -> Block:
        out: list[Node] = []
        for node in block:
            if isinstance(node, Equation):
                self.equation(node, out)
            elif isinstance(node, If):
                out.append(self.branch(node))
            elif isinstance(node, For):
                self.loop_over(node, out)
            else:
                test = self.block(node.test)
                out.append(self.carrying(replace(node, test=test)))
        return tuple(out)

    def equation(self, eq: Equation, out: list[Node]) -> None:
        stack = self.stack_of(eq.target)
        if eq.op == "tape":
            for list_ in self.made.get(eq.target, ()):  # of the tapes that lie on it, too
                out.append(Equation(list_, "tape", ()))
            if stack is None:
                out.append(eq)
            elif stack.joins:
                start = self.names.fresh("start", "", INT)
                out.append(Equation(start, "builtins.len", (stack.list_,)))
                self.spans[eq.target] = start, None
            else:
                self.spans[eq.target] = _ZERO, _ZERO
        elif eq.op == "push":
            self.push(eq, stack, out)
        else:
            out.append(eq)

    def push(self, eq: Equation, stack: _Stack | None, out: list[Node]) -> None:
        tape, *values = eq.args
        found = self.class_of(eq.target)
        assert found is not None
        cells = self.tapes.positions(eq.target)
        flat: list[Atom] = []
        for k, atom in enumerate(values):
            if cells and cells[k] in self.stacks:
                flat += self.ends(atom, out)
            elif _is_missing(atom):
                kind = found.kinds.get(k, INT)  # of entries that only count: a number
                flat.append(zero_of(kind) or atom)
            else:
                flat.append(atom)
        if stack is None:
            out.append(eq.with_args((tape, *flat)))
            return
        start, top = self.spans[tape]
        here = () if top is None else (top,)
        nothing = self.names.fresh("t", "", NONE)
        written = (stack.list_, *here, *flat)
        out.append(Equation(nothing, "put", written, top is None, eq.span))
        if top is not None:
            count = self.number("used")
            out.append(Equation(count, "add", (top, Const(1))))
            top = count
        self.spans[eq.target] = start, top

    def ends(self, tape: Atom, out: list[Node]) -> tuple[Atom, Atom]:
        """Where a tape starts and ends, as numbers."""
        start, end = self.spans.get(tape, (_ZERO, _ZERO))
        if end is None:
            stack = self.stack_of(tape)
            assert stack is not None
            end = self.number("end")
            out.append(Equation(end, "builtins.len", (stack.list_,)))
        return start, end

    def branch(self, node: If) -> If:
        node = replace(node, then=self.block(node.then), orelse=self.block(node.orelse))
        rows: list[tuple[Var, Atom, Atom]] = []
        for row in zip(node.results, node.then_yields, node.else_yields, strict=True):
            stack = self.stack_of(row[0])
            if stack is None:
                rows.append(row)
                continue
            first, second = (self.spans.get(a, (_ZERO, _ZERO)) for a in row[1:])
            start = self.joined("start", first[0], second[0], rows)
            end: Atom | None = None
            if not stack.joins:
                end = self.joined("used", first[1] or _ZERO, second[1] or _ZERO, rows)
            self.spans[row[0]] = start, end
        results, then, orelse = zip(*rows, strict=True) if rows else ((), (), ())
        return replace(node, results=results, then_yields=then, else_yields=orelse)

    def joined(
        self, base: str, first: Atom, second: Atom, rows: list[tuple[Var, Atom, Atom]]
    ) -> Atom:
        """The number that one of two branches gives."""
        if first == second:
            return first
        result = self.number(base)
        rows.append((result, first, second))
        return result

    def loop_over(self, node: For, out: list[Node]) -> None:
        """A loop, which may be one over tapes."""
        args: list[Atom] = []
        targets: list[Var] = []
        takes: list[int] = []
        for tape, own in node.iteration.entries(node.targets):
            cells, taken = self.tapes.positions(tape), list[Var]()
            for k, var in enumerate(own):
                if cells and cells[k] in self.stacks:
                    pair = self.number("start"), self.number("end")
                    self.spans[var] = pair
                    taken += pair
                else:
                    taken.append(var)
            targets += taken
            takes.append(len(taken))
            stack = self.stack_of(tape)
            if stack is not None:
                view = self.names.fresh("tape", "", TAPE)
                out.append(Equation(view, "stretch", (stack.list_, *self.ends(tape, out))))
                tape = view
            args.append(tape)
        if args:
            several = tuple(takes) if node.iteration.takes else ()
            iteration = replace(node.iteration, args=tuple(args), takes=several)
            node = replace(node, iteration=iteration, targets=tuple(targets))
        out.append(self.carrying(node))

    def carrying(self, node: For | While) -> For | While:
        """A loop that carries how far a tape goes: where it starts is known."""
        rows = list(zip(node.carried, node.inits, node.yields, node.results, strict=True))
        for carried, init, _, result in rows:
            stack = self.stack_of(carried)
            if stack is not None:
                used = None if stack.joins else self.number("used")
                self.spans[carried] = self.spans[init][0], used
                used = None if stack.joins else self.number("used")
                self.spans[result] = self.spans[init][0], used
        body = self.block(node.body)
        kept: list[tuple[Var, Atom, Atom, Var]] = []
        for row in rows:
            if self.stack_of(row[0]) is None:
                kept.append(row)
            elif self.spans[row[0]][1] is not None:
                kept.append(tuple(self.spans[a][1] for a in row))  # type: ignore[arg-type]
        return replace(
            node, body=body,
            carried=tuple(row[0] for row in kept), inits=tuple(row[1] for row in kept),
            yields=tuple(row[2] for row in kept), results=tuple(row[3] for row in kept),
        )  # fmt: skip

    def number(self, base: str) -> Var:
        return self.names.fresh(base, "", INT)


def _is_missing(atom: Atom) -> bool:
    return isinstance(atom, Undef) or atom == Const(None)
