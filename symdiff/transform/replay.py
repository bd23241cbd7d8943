"""Gives the reverse sweep the primal values that it reads.

Each is recomputed if that is cheap, put back if it is the contents of a buffer that was
overwritten, and otherwise recorded by the forward sweep: outside loops in a variable,
inside a loop on the loop's tape, one tuple per round. Griewank & Walther, Evaluating
Derivatives, chapter 4; for buffers Hascoet & Pascual, TOMS 39(3), 2013.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from symdiff.analysis.regions import Home, Layout, is_buffer
from symdiff.ir.alias import is_element
from symdiff.ir.builder import Builder
from symdiff.ir.core import (
    UNDEF, Atom, Block, Const, Equation, For, Function, If, Index, Iteration, Node,
    SliceItem, Var, While, kind_of,
)  # fmt: skip
from symdiff.ir.effects import WRITES
from symdiff.ir.kinds import INT, TAPE, Array, Int, Tuple
from symdiff.records import dataclass, field, replace
from symdiff.rules.lists import at_end_of, insert_back, insertion_point
from symdiff.transform.cost import Recomputation
from symdiff.transform.sweep import ReverseIf, ReverseLoop, Segment

__all__ = ["Replay"]

# Which argument of an operation is read for its shape alone.
_SHAPE_ONLY = {
    "numpy.zeros_like": 0, "numpy.ones_like": 0, "numpy.full_like": 0,
    "numpy.empty_like": 0, "attr": 0, "builtins.len": 0, "unbroadcast": 1,
    "list.zeros_like": 0,
}  # fmt: skip


# A tape, the values that come off it, and whether it is run forwards.
_Row = tuple[Atom, tuple[Var, ...], bool]


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
    after: dict[Var, list[Equation]] = field(default_factory=dict)
    exports: dict[int, list[tuple[Var, Var, int]]] = field(default_factory=dict)
    tapes: dict[int, tuple[Var, list[Var]]] = field(default_factory=dict)


class Replay:
    """Turns the segments of a sweep into IR, and the primal into a forward sweep."""

    def __init__(
        self,
        function: Function,
        build: Builder,
        roots: list[list[Segment]],
        repeated: bool = False,
    ) -> None:
        self.function = function
        self.build = build
        self.names = build.names
        self.layout = Layout.of(function)
        self.layout.top.repeated = repeated
        self.extras = _Extras()
        self.frame = self.top = Frame(self.layout.top)
        self.read = set(self._reads(roots))
        self.cost = Recomputation(self.layout, self.read)
        self.restored = self.cost.chains()
        self.shapes: dict[Var, Var] = {}  # of arrays of which nothing else is read

    def _reads(self, roots: list[list[Segment]]) -> Iterator[Var]:
        """Every primal value whose contents the segments read, or a list's length that
        changes."""
        todo = list(roots)
        while todo:
            for segment in todo.pop():
                for item in segment.nodes:
                    atoms: tuple[Atom, ...] = ()
                    if isinstance(item, Equation):
                        skip = _SHAPE_ONLY.get(item.op)
                        atoms = item.args
                        if skip is not None:
                            atoms = tuple(
                                a
                                for k, a in enumerate(item.args)
                                if k != skip or self.layout.is_resized(a)
                            )
                    elif isinstance(item, ReverseIf):
                        todo += [item.then, item.orelse]
                        atoms = (item.forward.cond,)
                    else:
                        todo.append(item.body)
                    for atom in atoms:
                        if isinstance(atom, Var) and atom in self.layout.home:
                            yield atom

    # -- the reverse sweep ------------------------------------------------------------

    def reverse(self, segments: list[Segment]) -> None:
        """Emit the segments into the current block."""
        for segment in segments:
            node = segment.forward
            self.build.span = node.span
            if isinstance(node, Equation) and node.op in WRITES:
                self._put_back(node)
            for item in segment.nodes:
                if isinstance(item, Equation):
                    self.build.append(self._resolved(item))
                elif isinstance(item, ReverseIf):
                    self._branch(item)
                else:
                    self._loop(item)

    def _resolved(self, eq: Equation) -> Equation:
        if eq.op == "unbroadcast" and isinstance(kind_of(eq.args[0]), Array):
            shape = self._shape_alone(eq.args[1])
            if shape is not None:
                args: tuple[Atom, ...] = (self.value(eq.args[0]), shape)
                return replace(eq, op="sum_to", args=args)
        shape_of = _SHAPE_ONLY.get(eq.op)
        if shape_of is None:
            args = tuple(map(self.value, eq.args))
        else:
            args = tuple(
                self.shaped(a) if k == shape_of else self.value(a)
                for k, a in enumerate(eq.args)
            )
        return eq if args == eq.args else eq.with_args(args)

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

    def _put_back(self, eq: Equation) -> None:
        """Undo a write: the part that it overwrote comes back."""
        old, new = eq.args[0], eq.target
        if not isinstance(old, Var) or self.layout.root(old) not in self.restored:
            return
        current = self.find(new)
        if current is None:
            if self.layout.killed(new):
                return
            current = self.value(new)
        restored = self._undone(eq, current)
        self._forget(new)
        self.frame.env[old] = restored

    def _undone(self, eq: Equation, current: Atom) -> Atom:
        """The contents before a write, from those after it."""
        old, build = eq.args[0], self.build
        base, index = _base(old), eq.params
        if eq.op in ("list.append", "list.insert", "list.extend"):
            return self._shortened(eq, current)
        where = eq.args[1:] if eq.op == "list.delitem" else eq.args[1:-1]
        index = index or Index(("at",))
        saved = self.value(self._saved(eq, "getitem", old, *where, params=index))
        if is_element(eq) and isinstance(index.items[-1], SliceItem):
            if not index.items[-1].step:
                return self._refilled(eq, current, index.items[-1], saved)
        values = tuple(map(self.value, where))
        if eq.op == "list.delitem":
            return insert_back(build, current, values[:-1], values[-1], saved)
        return build.define("setitem", current, *values, saved, params=index, base=base)

    def _shortened(self, eq: Equation, current: Atom) -> Atom:
        """The list without what was put into it."""
        build, base = self.build, _base(eq.args[0])
        before = eq.args[1:-2] if eq.op == "list.insert" else eq.args[1:-1]
        path = tuple(map(self.value, before))
        item: str | SliceItem = "at"
        if eq.op == "list.append":
            at: Atom = Const(-1)
        elif eq.op == "list.insert":
            at = insertion_point(build, current, path, self.value(eq.args[-2]))
        else:
            row = eq.args[0]
            if before:
                params = Index(("at",) * len(before), len(before) > 1)
                row = self._saved(eq, "getitem", row, *before, params=params)
            at, item = self.value(self._saved(eq, "builtins.len", row)), SliceItem(True)
        index = at_end_of(path, item)
        return build.define("list.delitem", current, *path, at, params=index, base=base)

    def _refilled(self, eq: Equation, current: Atom, item: SliceItem, saved: Atom) -> Atom:
        """The list with a slice again that was taken out, or replaced by another one."""
        build = self.build
        start: Atom = Const(0)
        if item.start:
            begin = Index((SliceItem(stop=True),))
            before = self._saved(eq, "getitem", *eq.args[:2], params=begin)
            start = self.value(self._saved(eq, "builtins.len", before))
        stop = start
        if eq.op == "setitem":
            new = self.value(self._saved(eq, "builtins.len", eq.args[-1]))
            stop = build.emit("add", start, new)
        gap = Index((SliceItem(start=True, stop=True),))
        base = _base(eq.args[0])
        return build.define("setitem", current, start, stop, saved, params=gap, base=base)

    def _saved(self, eq: Equation, op: str, *args: Atom, params: Any = None) -> Var:
        """What the forward sweep saves just before a write: the part that it overwrites."""
        base = _base(eq.args[0])
        with self.build.block() as nodes:
            self.build.span = eq.span
            part = self.build.define(op, *args, params=params, base=base, role="saved")
            if isinstance(part.kind, Array) and (eq.op == "additem" or not is_element(eq)):
                part = self.build.define("copy", part, base=base, role="saved")
        self.extras.before.setdefault(eq.target, []).extend(_equations(nodes))
        home = self.layout.home[eq.target]
        for node in _equations(nodes):
            self.layout.home[node.target] = home
        return part

    # -- values -----------------------------------------------------------------------

    def find(self, var: Var) -> Atom | None:
        """What stands for a primal value already, if anything does."""
        frame: Frame | None = self.frame
        while frame is not None:
            if var in frame.env:
                return frame.env[var]
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
        home = self.layout.home[var]
        return home.lasting or self._is_index(var, home)

    @staticmethod
    def _is_index(var: Var, home: Home) -> bool:
        return isinstance(home.node, For) and var in home.node.targets

    def _recomputed(self, var: Var) -> Atom:
        eq = self.layout.made_by[var]
        args = [self.shaped(a) if k == _SHAPE_ONLY.get(eq.op) else self.value(a)
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
        """A copy made before the value's memory is written into."""
        copy = self.names.fresh(var.base, "saved", var.kind)
        self.extras.after.setdefault(var, []).append(Equation(copy, "copy", (var,)))
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
        if self.find(atom) is not None or self.layout.is_resized(atom):
            return self.value(atom)
        made = self.layout.made_by.get(atom)
        view = made is not None and made.op == "getitem" and self.cost.is_view(made)
        if view and self.cost.is_stale(atom):
            return self._same_view(atom)
        origin = self.cost.same_shape(atom)
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

    # -- branches ---------------------------------------------------------------------

    def _branch(self, item: ReverseIf) -> None:
        node = item.forward
        cond = self.value(node.cond)
        outer = self.frame
        undone = self._written_inside(node)
        blocks: list[list[Node]] = []
        yields: list[list[Atom]] = []
        sides = ((item.then, item.then_yields, node.then_yields),
                 (item.orelse, item.else_yields, node.else_yields))  # fmt: skip
        for side, (segments, bars, backs) in enumerate(sides):
            self.frame = Frame(self.layout.regions[id(node), side], outer)
            self._enter(node, backs)
            with self.build.block() as nodes:
                self.reverse(segments)
                finals = [self.value(a) for a in bars]
                for old, new in undone:
                    found = self.frame.env.get(old)
                    if found is None and self.layout.after(old, self.frame.home) is None:
                        found = self.frame.env.get(old) or self.find(new)
                    finals.append(UNDEF if found is None else found)
            blocks.append(nodes)
            yields.append(finals)
            self.frame = outer
        results = list(item.results)
        for old, new in undone:
            back = self.names.fresh(old.base, "", old.kind)
            results.append(back)
            self._forget(new)
            self.frame.env[old] = back
        if results or blocks[0] or blocks[1]:
            self.build.append(
                If(
                    cond, tuple(blocks[0]), tuple(blocks[1]), tuple(results),
                    tuple(yields[0]), tuple(yields[1]), node.span,
                )
            )  # fmt: skip

    def _enter(self, node: If, backs: tuple[Atom, ...]) -> None:
        """At the end of a branch its yields are the results of the `If`."""
        for result, back in zip(node.results, backs, strict=True):
            if isinstance(back, Var) and is_buffer(result.kind):
                if self.layout.root(result) in self.restored:
                    current = self.find(result)
                    if current is None and not self.layout.killed(result):
                        current = self.value(result)
                    if current is not None:
                        self.frame.env[back] = current

    def _written_inside(self, node: If) -> list[tuple[Var, Var]]:
        """The outer buffers that a branch writes into, before and after the `If`."""
        pairs = []
        for result in node.results:
            old = self.layout.before(result)
            if old is not None and self.layout.root(result) in self.restored:
                if self.find(result) is not None or not self.layout.killed(result):
                    pairs.append((old, result))
        return pairs

    # -- loops ------------------------------------------------------------------------

    def _loop(self, item: ReverseLoop) -> None:
        node = item.forward
        outer = self.frame
        cycle = [
            k for k in self.layout.cycles.get(id(node), ())
            if self.layout.root(node.carried[k]) in self.restored
        ]  # fmt: skip
        if not item.carried and not cycle:
            return
        inits = [self.value(a) for a in item.inits]
        carried, results = list(item.carried), list(item.results)
        frame = self.frame = Frame(self.layout.regions[id(node), 0], outer)
        for k in cycle:
            end = node.results[k]
            inits.append(self._outside(end, outer))
            head = self.names.fresh(end.base, "", end.kind)
            carried.append(head)
            back = node.yields[k]
            assert isinstance(back, Var)
            frame.env[back] = head
        with self.build.block() as nodes:
            self.reverse(item.body)
            yields = [self.value(a) for a in item.yields]
            yields += [frame.env[node.carried[k]] for k in cycle]
        self.frame = outer
        for k in cycle:
            init = node.inits[k]
            result = self.names.fresh(node.carried[k].base, "", node.carried[k].kind)
            results.append(result)
            self._forget(node.results[k])
            if isinstance(init, Var):
                self.frame.env[init] = result
        targets, iteration = self._rounds(node, frame, item.tapes)
        self.build.append(
            For(
                targets, iteration, tuple(carried), tuple(inits), tuple(nodes),
                tuple(yields), tuple(results), None, node.span,
            )
        )  # fmt: skip

    def _outside(self, var: Var, frame: Frame) -> Atom:
        inner, self.frame = self.frame, frame
        found = self.value(var)
        self.frame = inner
        return found

    def _rounds(
        self,
        node: For | While,
        frame: Frame,
        tapes: Sequence[_Row],
    ) -> tuple[tuple[Var, ...], Iteration]:
        """What the reverse loop runs over: the tape, or the same range backwards; and
        `tapes` at the same time."""
        saved = frame.saved
        of_range = isinstance(node, For) and node.iteration.form != "tape"
        counted = of_range and node.leave is None and not tapes
        if counted and isinstance(node, For) and set(saved) <= set(node.targets):
            index = node.targets[0]
            target = saved.get(index) or self.names.fresh(index.base, "", INT)
            bounds = tuple(self.value(a) for a in node.iteration.args)
            form = "reversed" if node.iteration.form == "range" else "range"
            return (target,), Iteration(form, bounds)
        if not saved and not tapes:
            # Nothing is read but the number of rounds.
            carried = node.carried[0] if node.carried else UNDEF
            mark = node.targets[0] if isinstance(node, For) else carried
            if isinstance(mark, Var):
                saved[mark] = self.names.fresh(mark.base, "", mark.kind)
        rows = list(self._read_again(node, saved))
        if saved:
            tape = self.names.fresh("tape", "", TAPE)
            self.layout.home[tape] = frame.home.outer or self.layout.top
            order = sorted(saved, key=lambda v: not self._is_index(v, frame.home))
            self.extras.tapes[id(node)] = (tape, order)
            rows.append((self.value(tape), tuple(saved[v] for v in order), False))
        rows += [(self.value(bar), targets, ahead) for bar, targets, ahead in tapes]
        found = tuple(var for _, targets, _ in rows for var in targets)
        shapes = [(tape, len(targets), ahead) for tape, targets, ahead in rows]
        return found, Iteration.over(shapes)

    def _read_again(self, node: For | While, saved: dict[Var, Var]) -> Iterator[_Row]:
        """What a loop took off tapes: these are run the other way."""
        if not isinstance(node, For):
            return
        for k, (tape, targets) in enumerate(node.iteration.entries(node.targets)):
            if any(var in saved for var in targets):
                again = tuple(
                    saved.pop(v) if v in saved else self.names.fresh(v.base, v.role, v.kind)
                    for v in targets
                )
                yield self.value(tape), again, k not in node.iteration.ahead

    # -- the forward sweep ------------------------------------------------------------

    def forward(self, block: Block) -> list[Node]:
        """The primal, recording what the reverse sweep reads."""
        nodes: list[Node] = []
        for node in block:
            if isinstance(node, Equation):
                nodes.extend(self.extras.before.get(node.target, ()))
                nodes.append(node)
                nodes.extend(self.extras.after.get(node.target, ()))
            elif isinstance(node, If):
                nodes.append(self._forward_if(node))
            else:
                self._forward_loop(node, nodes)
            if not isinstance(node, Equation):
                for result in node.results:
                    nodes.extend(self.extras.after.get(result, ()))
        return nodes

    def _forward_if(self, node: If) -> If:
        exports = self.extras.exports.get(id(node), [])
        then = tuple(v if side == 0 else UNDEF for _, v, side in exports)
        orelse = tuple(v if side == 1 else UNDEF for _, v, side in exports)
        return replace(
            node,
            then=tuple(self.forward(node.then)),
            orelse=tuple(self.forward(node.orelse)),
            results=node.results + tuple(e for e, _, _ in exports),
            then_yields=node.then_yields + then,
            else_yields=node.else_yields + orelse,
        )

    def _forward_loop(self, node: For | While, nodes: list[Node]) -> None:
        body: list[Node] = []
        for var in node.carried:
            body.extend(self.extras.after.get(var, ()))
        body.extend(self.forward(node.body))
        changes: dict[str, object] = {}
        if isinstance(node, While):
            changes["test"] = tuple(self.forward(node.test))
        recorded = self.extras.tapes.get(id(node))
        if recorded is not None:
            result, values = recorded
            empty = self.names.fresh("tape", "", TAPE)
            nodes.append(Equation(empty, "tape", (), None, node.span))
            head = self.names.fresh("tape", "", TAPE)
            pushed = self.names.fresh("tape", "", TAPE)
            span = node.body[-1].span if node.body else node.span
            push = Equation(pushed, "push", (head, *values), None, span)
            pushed = self._place(body, push, node.leave)
            changes |= {
                "carried": (*node.carried, head), "inits": (*node.inits, empty),
                "yields": (*node.yields, pushed), "results": (*node.results, result),
            }  # fmt: skip
        nodes.append(replace(node, body=tuple(body), **changes))  # type: ignore[arg-type]

    def _place(self, body: list[Node], push: Equation, leave: Atom | None) -> Var:
        """Put the push of a round into its body; the tape at the end of the round.

        A branch that ends the round comes after it, or records for itself how the round
        went where the other branch has nothing to record.
        """
        last = body[-1] if body else None
        if not isinstance(last, If):
            body.append(push)
            return push.target
        rows = dict(
            zip(
                last.results,
                zip(last.then_yields, last.else_yields, strict=True),
                strict=True,
            )
        )
        from_last = [a for a in push.args[1:] if a in rows]
        if not from_last:
            body.insert(len(body) - 1, push)
            return push.target
        apart = leave in rows or any(UNDEF in rows[a] for a in from_last)
        if not apart:
            body.append(push)
            return push.target
        sides: list[tuple[Node, ...]] = []
        tapes: list[Var] = []
        for side, block in enumerate((last.then, last.orelse)):
            args = tuple(rows[a][side] if a in rows else a for a in push.args)
            left = rows[leave][side] if leave in rows else None
            mine = self.names.fresh("tape", "", TAPE)
            nodes = list(block)
            inner = replace(push, target=mine, args=tuple(map(_none, args)))
            tapes.append(self._place(nodes, inner, left))
            sides.append(tuple(nodes))
        body[-1] = replace(
            last,
            then=sides[0],
            orelse=sides[1],
            results=(*last.results, push.target),
            then_yields=(*last.then_yields, tapes[0]),
            else_yields=(*last.else_yields, tapes[1]),
        )
        return push.target


def _none(atom: Atom) -> Atom:
    return Const(None) if atom == UNDEF else atom


def _base(atom: Atom) -> str:
    return atom.base if isinstance(atom, Var) else "t"


def _equations(nodes: list[Node]) -> list[Equation]:
    return [node for node in nodes if isinstance(node, Equation)]
