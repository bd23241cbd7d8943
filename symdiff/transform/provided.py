"""Where the reverse sweep finds a primal value: at hand, computed again, or recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from symdiff.analysis.regions import Home, Layout, is_buffer
from symdiff.analysis.settled import settled
from symdiff.ir.builder import Builder
from symdiff.ir.core import (
    UNDEF, Atom, Const, Equation, For, Function, If, Node, Var, While,
)  # fmt: skip
from symdiff.ir.effects import SHAPE_ONLY
from symdiff.ir.kinds import BOOL, INT, Array, Int, Tuple
from symdiff.records import dataclass, field
from symdiff.transform.cost import Recomputation
from symdiff.transform.missing import Missing
from symdiff.transform.segments import ReverseIf, Segment

__all__ = ["Frame", "Provided"]


@dataclass(slots=True, eq=False)
class Frame:
    """A region of the reverse sweep: where the primal values of its home are found."""

    home: Home
    outer: Frame | None = None
    env: dict[Var, Atom] = field(default_factory=dict)
    saved: dict[Var, Var] = field(default_factory=dict)  # on the tape of this loop or call
    tape: Var | None = None  # the forward loop's result


@dataclass(slots=True)
class _Extras:
    """What the forward sweep does besides computing the primal."""

    before: dict[Var, list[Equation]] = field(default_factory=dict)
    after: dict[Var, list[Node]] = field(default_factory=dict)
    exports: dict[int, list[tuple[Var, Var, int]]] = field(default_factory=dict)
    tapes: dict[int, tuple[Var, list[Var]]] = field(default_factory=dict)
    shapes: dict[int, list[tuple[Var, Var]]] = field(default_factory=dict)


class Provided:
    """Provides values."""

    def __init__(
        self,
        function: Function,
        build: Builder,
        roots: list[list[Segment]],
        used: Iterable[Atom],
        missing: Missing,
        repeated: bool = False,
    ) -> None:
        self.function = function
        self.build = build
        self.missing = missing
        self.names = build.names
        self.layout = Layout.of(function)
        self.layout.top.repeated = repeated
        self.extras = _Extras()
        self.frame = self.top = Frame(self.layout.top)
        read, passed_on = self._reads(roots)
        every = read | passed_on | self._own(used)
        self.layout.settled = settled(function, self.layout, every)
        self.read = set(map(self.layout.in_the_end, read))
        self.cost = Recomputation(self.layout, self.read)
        self.restored = self.cost.chains()
        self.shapes: dict[Var, Var] = {}  # of arrays of which nothing else is read

    def _reads(self, roots: list[list[Segment]]) -> tuple[set[Var], set[Var]]:
        """Every primal value whose contents the segments read, or a list's length that
        changes; and those that they bring into loops or out of loops and branches."""
        read: set[Atom] = set()
        passed_on: set[Atom] = set()
        todo = list(roots)
        while todo:
            for segment in todo.pop():
                for item in segment.nodes:
                    if isinstance(item, Equation):
                        read.update(self._contents(item))
                    elif isinstance(item, ReverseIf):
                        todo += [item.then, item.orelse]
                        read.add(item.forward.cond)
                        passed_on.update((*item.then_yields, *item.else_yields))
                    else:
                        todo.append(item.body)
                        passed_on.update((*item.inits, *item.yields))
        return self._own(read), self._own(passed_on)

    def _own(self, atoms: Iterable[Atom]) -> set[Var]:
        """Those that are values of the primal function."""
        return {a for a in atoms if isinstance(a, Var) and a in self.layout.home}

    def _contents(self, eq: Equation) -> Iterator[Atom]:
        """The arguments that an equation reads more of than the shape."""
        skip = SHAPE_ONLY.get(eq.op)
        for k, atom in enumerate(eq.args):
            if k != skip or self.layout.is_resized(atom):
                yield atom

    def find(self, var: Var) -> Atom | None:
        """What stands for a primal value already, if anything does."""
        frame: Frame | None = self.frame
        var = self.layout.in_the_end(var)
        while frame is not None:
            if var in frame.env:
                return frame.env[var]
            if var in frame.saved:
                return frame.saved[var]
            frame = frame.outer
        return None

    def _forget(self, var: Var) -> None:
        frame: Frame | None = self.frame
        while frame is not None:
            frame.env.pop(var, None)
            frame = frame.outer

    def value(self, atom: Atom) -> Atom:
        """The atom that holds a primal value at this point of the reverse sweep."""
        if not isinstance(atom, Var) or atom not in self.layout.home:
            return atom
        atom = self.layout.in_the_end(atom)
        known = self.find(atom)
        if known is not None:
            return known
        if self.cost.recompute(atom, self._at_hand):
            found = self._recomputed(atom)
        else:
            found = self._recorded(atom)
        return found

    def _at_hand(self, var: Var) -> bool:
        """Whether the value can be read now without recording it."""
        if self.find(var) is not None:
            return True
        if self.layout.killed(var) or self.cost.is_stale(var):
            return False
        home = self.layout.home[self.layout.in_the_end(var)]
        return home.lasting or self._is_index(var, home)

    @staticmethod
    def _is_index(var: Var, home: Home) -> bool:
        return isinstance(home.node, For) and var in home.node.targets

    def _recomputed(self, var: Var) -> Atom:
        eq = self.layout.made_by[var]
        args = [self.shaped(a) if k == SHAPE_ONLY.get(eq.op) else self.value(a)
                for k, a in enumerate(eq.args)]  # fmt: skip
        outer, self.build.span = self.build.span, eq.span
        found = self.build.emit(
            eq.op, *args, params=eq.params, base=var.base, role=var.role
        )
        self.build.span = outer
        self.frame.env[var] = found
        return found

    def _recorded(self, var: Var) -> Atom:
        if self.layout.killed(var) or self.cost.is_stale(var):
            var_ = self._copied(var)
            found = self._recorded(var_)
            self.frame.env[var] = found
            return found
        home = self.layout.home[var]
        if home.lasting:
            return var
        if isinstance(home.node, If):
            found = self._from_branch(var, home)
            self.frame.env[var] = found
            return found
        frame = self._frame_of(home)
        if var not in frame.saved:
            kind = INT if isinstance(var.kind, Int) else var.kind
            frame.saved[var] = self.names.fresh(var.base, var.role, kind)
        return frame.saved[var]

    def _copied(self, var: Var) -> Var:
        """A copy made before the value's memory is written into, if the value is there."""
        found = self.missing.left_open(var)
        if found is not None and found[2] in self.layout.home:
            node, side, source = found
            assert isinstance(source, Var)
            copied = self._copied(source)
            copy = self.names.fresh(var.base, "saved", var.kind)
            self.extras.exports.setdefault(id(node), []).append((copy, copied, side))
        else:
            copy = self.names.fresh(var.base, "saved", var.kind)
            made: Equation | If = Equation(copy, "copy", (var,))
            after = self.extras.after.setdefault(var, [])
            if self.missing.may_lack(var):
                there = self.names.fresh("t", "", BOOL)
                after.append(Equation(there, "isnot", (var, Const(None))))
                inner, copy = copy, self.names.fresh(var.base, "saved", var.kind)
                made = If(there, (made,), (), (copy,), (inner,), (UNDEF,))
            after.append(made)
        self.layout.home[copy] = self.layout.home[var]
        return copy

    def _from_branch(self, var: Var, home: Home) -> Atom:
        """A value made in a branch, handed out of it."""
        assert isinstance(home.node, If)
        if is_buffer(var.kind) and self.layout.is_written(var):
            var = self._copied(var)
        for node, side, result in self.layout.yielded.get(var, ()):
            if node is home.node and side == home.side and not self.layout.killed(result):
                return self.value(result)
        export = self.names.fresh(var.base, var.role, var.kind)
        self.extras.exports.setdefault(id(home.node), []).append((export, var, home.side))
        assert home.outer is not None
        self.layout.home[export] = home.outer
        return self.value(export)

    def _frame_of(self, home: Home) -> Frame:
        frame: Frame | None = self.frame
        while frame is not None and frame.home is not home:
            frame = frame.outer
        assert frame is not None, "a value is read outside the region that defines it"
        return frame

    def shaped(self, atom: Atom) -> Atom:
        """An atom of the same shape and dtype: the contents do not matter."""
        if not isinstance(atom, Var) or atom not in self.layout.home:
            return atom
        atom = self.layout.in_the_end(atom)
        if self.find(atom) is not None or self.layout.is_resized(atom):
            return self.value(atom)
        made = self.layout.made_by.get(atom)
        view = made is not None and made.op == "getitem" and self.cost.is_view(made)
        if view and self.cost.is_stale(atom):
            return self._same_view(atom)
        origin = self.layout.in_the_end(self.cost.same_shape(atom))
        lasting = self.layout.home[origin].lasting and not self.layout.killed(origin)
        if lasting and origin not in self.layout.copied:
            return origin
        var: Var | None = atom
        while var is not None and self.layout.killed(var):
            known = self.find(var)
            if known is not None:
                return known
            var = self.layout.after(var, self.frame.home)
            if var is not None and self.layout.home[var].depth > self.frame.home.depth:
                var = None  # made on one path only
        if var is not None and (not lasting or self.layout.home[var].lasting):
            return self.value(var)
        if lasting:
            return origin
        if made is not None and made.op == "getitem":
            return self._same_view(atom)
        return self.value(atom)

    def _same_view(self, view: Var) -> Atom:
        """A view has the shape of the same view of what now lies there."""
        made = self.layout.made_by[view]
        args = (self.shaped(made.args[0]), *map(self.value, made.args[1:]))
        return self.build.emit("getitem", *args, params=made.params, base=view.base)

    def _shape_alone(self, atom: Atom) -> Atom | None:
        """The shape of an array that would be kept, or computed again, for it alone."""
        if not isinstance(atom, Var) or atom not in self.layout.home or atom in self.read:
            return None
        made = self.layout.made_by.get(atom)
        if made is None or self.cost.is_view(made) or self.find(atom) is not None:
            return None
        if not isinstance(atom.kind, Array) or self.layout.home[atom].lasting:
            return None
        if atom not in self.shapes:
            kind = Tuple(tuple(map(Int, atom.kind.dims)))
            shape = self.shapes[atom] = self.names.fresh(atom.base, "shape", kind)
            made = Equation(shape, "attr", (atom,), "shape", made.span)
            self.extras.after.setdefault(atom, []).append(made)
            self.layout.home[shape] = self.layout.home[atom]
        return self.value(self.shapes[atom])

    def _shape_entering(self, atom: Atom) -> Atom | None:
        """The shape of an array that a loop brings from the round before but does not
        begin with, where rounds have others: the loop carries it, () at first."""
        if not isinstance(atom, Var) or not isinstance(atom.kind, Array):
            return None
        home = self.layout.home.get(atom, self.top.home)
        node = home.node
        if not isinstance(node, (For, While)) or atom not in node.carried:
            return None
        begins = node.inits[node.carried.index(atom)] != UNDEF
        if begins or self.layout.keeps_shape(atom):
            return None
        if atom not in self.shapes:
            kind = Tuple(tuple(map(Int, atom.kind.dims)))
            shape = self.shapes[atom] = self.names.fresh(atom.base, "shape", kind)
            self.extras.shapes.setdefault(id(node), []).append((shape, atom))
            self.layout.home[shape] = home
        return self.value(self.shapes[atom])
