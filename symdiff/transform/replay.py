"""Gives the reverse sweep the primal values that it reads.

Each is recomputed if that is cheap, put back if it is the contents of a buffer that was
overwritten, and otherwise recorded by the forward sweep: outside loops in a variable,
inside a loop on the loop's tape, one tuple per round. Griewank & Walther, Evaluating
Derivatives, chapter 4; for buffers Hascoet & Pascual, TOMS 39(3), 2013.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from symdiff.analysis.regions import is_buffer
from symdiff.ir.core import (
    UNDEF, Atom, Block, Const, Equation, For, If, Iteration, Node, Var, While,
    inner_params, kind_of,
)  # fmt: skip
from symdiff.ir.effects import SHAPE_ONLY, WRITES
from symdiff.ir.kinds import INT, TAPE, Array
from symdiff.records import replace
from symdiff.transform.provided import Frame
from symdiff.transform.restored import Restored
from symdiff.transform.segments import ReverseIf, ReverseLoop, Segment

__all__ = ["Replay"]

# A tape, the values that come off it, and whether it is run forwards.
_Row = tuple[Atom, tuple[Var, ...], bool]


class Replay(Restored):
    """Turns the segments of a sweep into IR, and the primal into a forward sweep."""

    # -- the reverse sweep ------------------------------------------------------------

    def reverse(self, segments: list[Segment]) -> None:
        """Emit the segments into the current block."""
        for segment in segments:
            node = segment.forward
            self.build.span = node.span
            if isinstance(node, Equation) and node.op in WRITES:
                self.put_back(node)
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
        if eq.op == "numpy.zeros_like":
            shape = self._shape_entering(eq.args[0])
            if shape is not None:
                dtype = Const(eq.target.kind.dtype)  # type: ignore[attr-defined]
                args = (shape, dtype)
                return replace(eq, op="numpy.zeros", args=args, params=("dtype",))
        shape_of = SHAPE_ONLY.get(eq.op)
        if shape_of is None:
            args = tuple(map(self.value, eq.args))
        else:
            args = tuple(
                self.shaped(a) if k == shape_of else self.value(a)
                for k, a in enumerate(eq.args)
            )
        return eq if args == eq.args else eq.with_args(args)

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
        # Before the loop: what it begins with is put back only in its rounds.
        targets, iteration = self._rounds(node, frame, item.tapes)
        for k in cycle:
            init = node.inits[k]
            result = self.names.fresh(node.carried[k].base, "", node.carried[k].kind)
            results.append(result)
            self._forget(node.results[k])
            if isinstance(init, Var):
                self.frame.env[init] = result
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

    # -- the forward sweep -------------------------------------------------------------

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
        for var in inner_params(node):
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
        made = replace(node, body=tuple(body), **changes)  # type: ignore[arg-type]
        nodes.extend(self._with_shapes(made, self.extras.shapes.get(id(node), ())))

    def _with_shapes(
        self, node: For | While, shapes: Sequence[tuple[Var, Var]]
    ) -> Iterator[Node]:
        """The loop carries the shapes of what it brings from the round before."""
        for shape, of in shapes:
            back = node.yields[node.carried.index(of)]
            begin, end, after = (
                self.names.fresh(shape.base, shape.role, shape.kind) for _ in range(3)
            )
            yield Equation(begin, "tuple", (), None, node.span)
            node = replace(
                node,
                body=(*node.body, Equation(end, "attr", (back,), "shape", node.span)),
                carried=(*node.carried, shape),
                inits=(*node.inits, begin),
                yields=(*node.yields, end),
                results=(*node.results, after),
            )
        yield node

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
