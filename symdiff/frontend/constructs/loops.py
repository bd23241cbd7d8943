"""Loops: what they run over, their rounds, and how control leaves them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from symdiff.frontend.flow.exits import FALSE, TRUE, Exits
from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.plans import Header, LoopPlan
from symdiff.frontend.memory.state import Branch, Key
from symdiff.frontend.memory.values import (
    ArrayRef, Backwards, DictRef, DictView, Enumerated, ListRef, Mapped, Ranged,
    Sequence, Value, Zipped,
)  # fmt: skip
from symdiff.frontend.reading.plain import binds, leaving_loop
from symdiff.frontend.reading.scopes import stored_names
from symdiff.ir.core import Atom, Block, Const, For, Iteration, Node, Var, While, kind_of
from symdiff.ir.kinds import INT, Array, List, Tuple
from symdiff.request import Sprawling

__all__ = ["Loops", "lists_in"]


class Loops(Exits):
    """Lowers loops."""

    def __init__(self) -> None:
        super().__init__()
        # What says that a generator is left, by the flag that says so of its consumer.
        self.leaving: dict[Key, tuple[Key, ...]] = {}

    def flag(self, name: str) -> Key:
        """The key of a flag that says how control has left a part of this function."""
        return (self.frame.number, name)

    def loop_flag(self, name: str) -> Key:
        return self.flag(f"<{name}{self.loop_names[-1]}>")

    def leave(self, flag: Key, value: Value) -> None:
        """Set a flag that says that control leaves, for the generators that run here
        too."""
        self.state.set(flag, value)
        for inner in self.leaving.get(flag, ()):
            self.leave(inner, value)

    def stmt_For(self, node: ast.For) -> None:
        self.run_for(node, self.expr(node.iter))

    def run_for(self, node: ast.For, iterable: Value) -> None:
        """A loop over a value."""
        rounds = self._written_out(iterable, node)
        if rounds is not None:
            self.note_written(iterable, rounds[0])
            before = [(ref, self.length(ref, node.iter)) for ref in lists_in(iterable)]
            self._unrolled(node, *rounds, lambda: self.check_lengths(before, node))
            return
        index = self.names.fresh(self._index_name(node), "", INT)
        bounds, bind = self._rounds(iterable, node, index)
        if isinstance(bounds.args[0], Const) and bounds.args[2] == Const(1):
            if bounds.args[0].value >= 0:
                self.counts.add(index)
        running = list(lists_in(iterable))
        self._begin_loop(node)

        def lower(header: Header, plan: LoopPlan) -> tuple[Atom | None, list[Any]]:
            self.build.span = self.span(node.iter)
            if whole is not None and whole[0] <= self.longest:
                plan.countable = True
                plan.short = whole[0] <= self.most_objects
                self.counters[index] = plan
            header.runs = _runs(bounds)

            def begin() -> None:
                self.assign(node.target, bind(index, node.target))

            return self._round(node.body, begin), []

        def finish(header: Header, extra: list[Any], leave: Atom | None) -> None:
            body: Block = extra[-1]
            self.build.append(
                For(
                    (index,), bounds, tuple(header.carried), tuple(header.inits), body,
                    tuple(header.yields), tuple(header.results), leave, self.span(node),
                )
            )  # fmt: skip

        whole = self._countable(iterable, node)
        if whole is not None and self._is_hopeless(node, whole[0] <= self.longest):
            self.loop_names.pop()
            self._unrolled(node, *whole, lambda: None)
            return
        self.looping.extend(running)
        self.loop_indices.append(index)
        try:
            kept = self.loop(node, stored_names([node]), lower, finish)
        finally:
            del self.looping[len(self.looping) - len(running) :]
            self.loop_indices.pop()
        if kept:
            self._end_loop(node)
            return
        if whole is None:
            raise Refusal(
                "how often this loop runs is not known, so that it is not written out",
                node.iter,
            )
        self.loop_names.pop()
        self._unrolled(node, *whole, lambda: None)

    def note_written(self, iterable: Value, count: int) -> None:
        """Count the rounds of a loop over a list of the caller's that is written out."""
        if any(ref.buffer in self.containers for ref in lists_in(iterable)):
            self.rounds_of_items += count
            if self.brief and self.rounds_of_items > self.longest:
                raise Sprawling

    def _is_hopeless(self, node: ast.AST, countable: bool) -> bool:
        """Whether a loop of few rounds was found out not to stay a loop."""
        return countable and self.span(node) in self.known_to_fail

    def _countable(
        self, iterable: Value, node: ast.For
    ) -> tuple[int, Callable[[int], Value]] | None:
        """The rounds of a loop that may be written out if it must be."""
        if isinstance(iterable, Ranged):
            items = self.known_items(iterable, node.iter)
            return None if items is None else (len(items), items.__getitem__)
        if isinstance(iterable, Enumerated) and isinstance(iterable.start, Const):
            inner, first = self._countable(iterable.of, node), iterable.start.value
            if inner is None:
                return None
            count, item = inner
            return count, lambda k: Sequence((Const(first + k), item(k)))
        if isinstance(iterable, Zipped):
            columns = [self._countable(part, node) for part in iterable.of]
            known = [column for column in columns if column is not None]
            if not known or len(known) < len(columns):
                return None
            least = min(column[0] for column in known)
            return least, lambda k: Sequence(tuple(item(k) for _, item in known))
        kind = self.kind(iterable) if isinstance(iterable, ArrayRef) else None
        extent = kind.dims[0] if isinstance(kind, Array) and kind.dims else None
        if not isinstance(extent, int):
            return None
        return extent, lambda k: self.element(iterable, Const(k), node.iter)

    def _index_name(self, node: ast.For) -> str:
        target = node.target
        if isinstance(target, ast.Name) and isinstance(node.iter, ast.Call):
            if isinstance(node.iter.func, ast.Name) and node.iter.func.id in (
                "range",
                "reversed",
            ):
                return target.id
        if isinstance(target, ast.Tuple) and isinstance(target.elts[0], ast.Name):
            if isinstance(node.iter, ast.Call) and isinstance(node.iter.func, ast.Name):
                if node.iter.func.id == "enumerate":
                    return target.elts[0].id
        return "k"

    def _begin_loop(self, node: ast.AST) -> None:
        self.loop_names.append(str(len(self.loop_names) or ""))
        for name in ("left", "broken", "continued"):
            self.state.set(self.loop_flag(name), FALSE)

    def _round(
        self, body: list[ast.stmt], begin: Callable[[], None] = lambda: None
    ) -> Atom | None:
        """Lower one round; the value that says whether the loop is left after it."""
        # A round begins only if no earlier one has left the loop.
        begun = [self.flag("<returned>"), *map(self.loop_flag, ("left", "broken"))]
        begun += self.flags_to_handlers()
        if self.frame.consumer is not None:
            begun += self.frame.consumer.flags
        continued = self.loop_flag("continued")
        for key in (*begun, continued):
            if self.state.get(key) != FALSE:
                self.state.set(key, FALSE)
        self.rounds.append((len(self.levels), self.loop_flag("left")))
        try:
            with self.level():
                begin()
                self.block(body)
        finally:
            self.rounds.pop()
        self.ended = False
        if self.state.get(continued) != FALSE:
            self.state.set(continued, FALSE)
        left = self.state.get(self.loop_flag("left"))
        return left if isinstance(left, (Var, Const)) and left != FALSE else None

    def _end_loop(self, node: ast.For | ast.While, tested_in_round: bool = False) -> None:
        returned = self.state.get(self.flag("<returned>"))
        left = [self.state.get(self.loop_flag("left"))]
        if tested_in_round:  # that, too, is a way to leave it
            left = [returned, self.state.get(self.loop_flag("broken"))]
        self.loop_names.pop()
        if self.loop_names and returned != FALSE:
            self.leave(self.loop_flag("left"), returned)
        if node.orelse and TRUE not in left:
            flags: list[Atom] = [flag for flag in left if isinstance(flag, Var)]
            self.unless(flags, node, node.orelse)

    def _written_out(
        self, iterable: Value, node: ast.For
    ) -> tuple[int, Callable[[int], Value]] | None:
        """How many rounds a loop has that is written out, and the item of each; None for
        a loop that stays one."""
        if isinstance(iterable, ListRef):
            return self._items_of_list(iterable, node)
        if isinstance(iterable, Enumerated) and isinstance(iterable.start, Const):
            inner, first = self._written_out(iterable.of, node), iterable.start.value
            if inner is None:
                return None
            count, item = inner
            return count, lambda k: Sequence((Const(first + k), item(k)))
        if isinstance(iterable, Backwards):
            turned = self._written_out(iterable.of, node)
            if turned is None:
                return None
            total, item_at = turned
            return total, lambda k: item_at(total - 1 - k)
        if isinstance(iterable, Mapped):
            mapped, rows = iterable, self._written_out(iterable.of, node)
            if rows is None:
                return None
            number, row = rows
            return number, lambda k: self.mapped(mapped, row(k), node.iter)
        if isinstance(iterable, Zipped):
            return self._items_of_zip(iterable, node)
        if isinstance(iterable, (DictRef, DictView)):
            return self._items_of_dict(iterable, node)
        if isinstance(iterable, (Sequence, Const)):
            items = self.items_of(iterable, node.iter)
            return len(items), items.__getitem__
        return None

    def _items_of_list(
        self, ref: ListRef, node: ast.For
    ) -> tuple[int, Callable[[int], Value]] | None:
        contents = self.contents(ref, node.iter)
        if contents is None:
            return None
        count = len(contents.items)
        uniform = count > self.most_rounds and self.is_uniform(contents)
        if uniform or (count > self.most_objects and self._is_of_one_form(ref, node)):
            self.materialise(ref, node.iter)
            return None

        def item(place: int) -> Value:
            # The body may have changed the list.
            if self.length(ref, node.iter) not in (Const(count), None):
                held = self.contents(ref, node.iter)
                if held is not None or place >= count:
                    raise Refusal(
                        "a list changes its length while a loop runs over it",
                        node.iter,
                        "loop over a copy: list(...)",
                    )
            return self.element(ref, Const(place), node.iter)

        return count, item

    def _is_of_one_form(self, ref: ListRef, node: ast.For) -> bool:
        """Whether a list of objects is looped over. One of the caller's is taken item by
        item for a reason; others are where looping was refused before."""
        contents, place = self.contents(ref, node.iter), self.span(node)
        if ref.buffer in self.containers or place in self.known_to_fail:
            return False
        if contents is None or self.form_for(contents) is None:
            return False
        self.failed_loops.add(place)
        return True

    def _items_of_dict(
        self, iterable: DictRef | DictView, node: ast.For
    ) -> tuple[int, Callable[[int], Value]]:
        ref = iterable.of if isinstance(iterable, DictView) else iterable
        keys = self.held(ref, node.iter).keys or ()

        def item(place: int) -> Value:
            # The body may have changed the dict.
            if self.held(ref, node.iter).keys != keys:
                raise Refusal(
                    "a dict gets or loses keys while a loop runs over it",
                    node.iter,
                    "loop over a copy: list(...)",
                )
            return self.items_of(iterable, node.iter)[place]

        return len(keys), item

    def _items_of_zip(
        self, iterable: Zipped, node: ast.For
    ) -> tuple[int, Callable[[int], Value]] | None:
        columns = [self._written_out(v, node) for v in iterable.of]
        if not columns:
            return 0, lambda k: Sequence(())
        if all(c is None for c in columns):
            return None
        whole: list[tuple[int, Callable[[int], Value]] | None] = []
        for column, value in zip(columns, iterable.of, strict=True):
            if column is None:
                items = self.known_items(value, node.iter)
                if items is not None:
                    column = len(items), items.__getitem__
            whole.append(column)
        count = min(column[0] for column in whole if column is not None)
        count = self.fewest(count, iterable.of, node.iter)
        if self.stops_in_run(whole, iterable.of, count, node.iter):
            return None
        for place, value in enumerate(iterable.of):
            if whole[place] is None:
                if not self.has_items(value, count, node.iter):
                    return None
                whole[place] = count, partial(self._read_late, value, node.iter)
        known = [column[1] for column in whole if column is not None]
        return count, lambda k: Sequence(tuple(item(k) for item in known))

    def _read_late(self, value: Value, node: ast.AST, place: int) -> Value:
        """An item, read when its round begins."""
        return self.element(value, Const(place), node)

    def _unrolled(
        self,
        node: ast.For,
        count: int,
        item: Callable[[int], Value],
        finish: Callable[[], None],
    ) -> None:
        self._begin_loop(node)
        self._next_items(node, 0, count, item, finish)
        self._end_loop(node)

    def check_lengths(
        self, before: list[tuple[ListRef, Atom]], node: ast.For | ast.comprehension
    ) -> None:
        """Refuse a loop that goes on as a list gets longer."""
        for ref, length in before:
            if isinstance(length, Const) and self.length(ref, node.iter) != length:
                raise self.changed_length(node.iter)

    def _next_items(
        self,
        node: ast.For,
        first: int,
        count: int,
        item: Callable[[int], Value],
        finish: Callable[[], None],
    ) -> None:
        for number in range(first, count):
            self.assign(node.target, item(number))
            self.block(node.body)
            self.state.set(self.loop_flag("continued"), FALSE)
            left = self.state.get(self.loop_flag("left"))
            if self.ended or left == TRUE:
                return
            if isinstance(left, Var):
                paths = (Branch(), Branch())
                with self.path(paths[1]):
                    self.state.set(self.loop_flag("left"), FALSE)
                    self._next_items(node, number + 1, count, item, finish)
                self.join_paths(left, node, paths)
                return
        finish()

    def _rounds(self, iterable: Value, node: ast.For, index: Var) -> tuple[Iteration, Any]:
        """What a loop runs over, and what its target is bound to in a round."""
        if isinstance(iterable, Ranged):
            form = "reversed" if iterable.reverse else "range"
            return (
                Iteration(form, (iterable.start, iterable.stop, iterable.step)),
                lambda i, target: i,
            )
        if isinstance(iterable, Enumerated):
            start = iterable.start
            inner, bind = self._rounds(iterable.of, node, index)

            count = self._range_length(inner, node)

            def numbered(i: Atom, target: ast.expr) -> Value:
                part = target.elts[1] if isinstance(target, ast.Tuple) else target
                number = i if start == Const(0) else self.build.define("add", i, start)
                at = self._range_round(inner, count, i)
                return Sequence((number, bind(self._range_value(inner, at), part)))

            return Iteration("range", (Const(0), count, Const(1))), numbered
        if isinstance(iterable, Mapped):
            mapped = iterable
            inner, bind = self._rounds(mapped.of, node, index)
            return inner, lambda i, target: self.mapped(mapped, bind(i, target), node.iter)
        if isinstance(iterable, Zipped):
            return self._zipped(iterable, node, index)
        if isinstance(iterable, Backwards):
            inner, bind = self._rounds(iterable.of, node, index)
            return Iteration("reversed", inner.args), bind
        if isinstance(iterable, ListRef):
            self.materialise(iterable, node.iter)
        kind = self.kind(iterable)
        if isinstance(kind, (Array, List, Tuple)):
            if isinstance(kind, Array) and not kind.dims:
                raise Refusal("iteration over a 0-d array", node.iter)
            length = self.length_of(iterable, node)

            def element(i: Atom, target: ast.expr) -> Value:
                base = target.id.strip("<>") if isinstance(target, ast.Name) else "t"
                with self.raising_nothing():
                    return self.element(iterable, i, node.iter, base)

            return Iteration("range", (Const(0), length, Const(1))), element
        raise Refusal(
            "a loop over this value is not supported",
            node.iter,
            "loop over a range, an array, a list or a tuple",
        )

    def length_of(self, value: Value, node: ast.AST) -> Atom:
        length = self.call_builtins_len([value], {}, node, "n")  # type: ignore[arg-type]
        return self.atom(length, node)

    def _zipped(self, iterable: Zipped, node: ast.For, index: Var) -> tuple[Iteration, Any]:
        parts = [self._rounds(part, node, index) for part in iterable.of]
        if len(parts) == 1:
            (inner, bind), *_ = parts
            return inner, lambda i, target: Sequence((bind(i, _alone(target)),))
        counts = [self._range_length(inner, node) for inner, _ in parts]
        lengths: list[Atom] = []
        for length in counts[:1] if iterable.strict else counts:
            if not any(_equal_length(length, known) for known in lengths):
                lengths.append(length)
        length = lengths[0]
        if len(lengths) > 1:
            length = self.build.define("builtins.min", *lengths)
        backwards = len(lengths) == 1 and all(p.form == "reversed" for p, _ in parts)

        def together(i: Atom, target: ast.expr) -> Value:
            nested = isinstance(target, ast.Tuple) and len(target.elts) == len(parts)
            targets = target.elts if nested else [target] * len(parts)  # type: ignore[attr-defined]
            items: list[Value] = []
            for (inner, bind), count, part in zip(parts, counts, targets, strict=True):
                at = i if backwards else self._range_round(inner, count, i)
                items.append(bind(self._range_value(inner, at), part))
            return Sequence(tuple(items))

        form = "reversed" if backwards else "range"
        return Iteration(form, (Const(0), length, Const(1))), together

    def _range_length(self, inner: Iteration, node: ast.For) -> Atom:
        """How often a loop over a range runs; less than 0 for never, where that is not
        known."""
        start, stop, step = inner.args
        if not isinstance(step, Const) or not step.value:
            raise Refusal("the step of this range is not known now", node.iter)
        if isinstance(start, Const) and isinstance(stop, Const):
            return Const(len(range(start.value, stop.value, step.value)))
        low, high = (start, stop) if step.value > 0 else (stop, start)
        span = high if low == Const(0) else self.build.define("sub", high, low)
        width = abs(step.value)
        if width > 1:
            span = self.build.define("add", span, Const(width - 1))
            span = self.build.define("floordiv", span, Const(width))
        return span

    def _range_round(self, inner: Iteration, count: Atom, i: Atom) -> Atom:
        """The round of a range in which it is where the loop is in round `i`."""
        if inner.form != "reversed":
            return i
        last = self.build.define("sub", count, Const(1))
        return self.build.define("sub", last, i)

    def _range_value(self, inner: Iteration, i: Atom) -> Atom:
        """Where a range is in round `i`."""
        start, _, step = inner.args
        if step == Const(-1):
            return self.build.define("sub", start, i)
        if step != Const(1):
            i = self.build.define("mul", i, step)
        return i if start == Const(0) else self.build.define("add", i, start)

    def stmt_While(self, node: ast.While) -> None:
        always = isinstance(node.test, ast.Constant)
        in_round = not always and (self.catching or binds(node.test))
        if in_round:  # what the test binds or raises is seen after the loop
            node = leaving_loop(node)
        self._while(node, in_round)

    def _while(self, node: ast.While, in_round: bool) -> None:
        self._begin_loop(node)
        countable = self._is_decided(node)

        def lower(header: Header, plan: LoopPlan) -> tuple[Atom | None, list[Any]]:
            plan.countable = countable
            # The test is lowered into a block of its own; what it binds stays visible.
            outer = self.build.nodes
            test: list[Node] = []
            self.build.nodes = test
            value = self.tested(node.test)
            known = self.truth(value)
            cond = Const(known) if known is not None else self.condition(value, node.test)
            header.runs = cond == TRUE or countable
            self.build.nodes = outer
            return self._round(node.body), [cond, tuple(test)]

        def finish(header: Header, extra: list[Any], leave: Atom | None) -> None:
            cond, test, body = extra
            if cond == TRUE and leave is None:
                raise Refusal("this loop never ends", node, "leave it with break or return")
            self.build.append(
                While(
                    test, cond, tuple(header.carried), tuple(header.inits), body,
                    tuple(header.yields), tuple(header.results), leave, self.span(node),
                )
            )  # fmt: skip

        kept = False
        if not self._is_hopeless(node, countable):
            self.loop_indices.append(None)
            kept = self.loop(node, stored_names([node]), lower, finish)
            self.loop_indices.pop()
        if not kept:
            self._decided_rounds(node, self.longest)
            self._end_loop(node, in_round)
            return
        endless = isinstance(node.test, ast.Constant) and node.test.value
        if endless and not in_round and self.state.get(self.loop_flag("broken")) == FALSE:
            # Only a return leads out of it.
            self.state.set(self.flag("<returned>"), TRUE)
        self._end_loop(node, in_round)

    def _is_decided(self, node: ast.While) -> bool:
        """Whether the test of a loop is known to be true at first, and not always."""
        if isinstance(node.test, ast.Constant):
            return False
        with self.path(Branch()):
            try:
                return self.truth(self.tested(node.test)) is True
            except Refusal:
                return False

    def _decided_rounds(self, node: ast.While, most: int) -> None:
        """Write out the rounds of a loop whose test is known before each of them."""
        known = self.truth(self.tested(node.test))
        if known is None or most == 0:
            raise Refusal(
                "how often this loop runs is not known, and what it changes is of another "
                "kind in each round",
                node.test,
                "use numbers and arrays",
            )
        if not known:
            return
        self.block(node.body)
        self.state.set(self.loop_flag("continued"), FALSE)
        left = self.state.get(self.loop_flag("left"))
        if self.ended or left == TRUE:
            return
        if not isinstance(left, Var):
            self._decided_rounds(node, most - 1)
            return
        paths = (Branch(), Branch())
        with self.path(paths[1]):
            self.state.set(self.loop_flag("left"), FALSE)
            self._decided_rounds(node, most - 1)
        self.join_paths(left, node, paths)


def _runs(bounds: Iteration) -> bool:
    """Whether a loop is known to have a round."""
    numbers = [arg.value for arg in bounds.args if isinstance(arg, Const)]
    return len(numbers) == 3 and len(range(*numbers)) > 0


def lists_in(iterable: Value) -> Iterator[ListRef]:
    """The lists that a loop runs over."""
    if isinstance(iterable, ListRef):
        yield iterable
    elif isinstance(iterable, (Enumerated, Backwards, Mapped)):
        yield from lists_in(iterable.of)
    elif isinstance(iterable, Zipped):
        for part in iterable.of:
            yield from lists_in(part)


def _equal_length(a: Atom, b: Atom) -> bool:
    if a == b:
        return True
    x, y = getattr(kind_of(a), "extent", None), getattr(kind_of(b), "extent", None)
    return x is not None and x == y


def _alone(target: ast.expr) -> ast.expr:
    """What the only item of a tuple is bound to."""
    nested = isinstance(target, ast.Tuple) and len(target.elts) == 1
    return target.elts[0] if nested else target  # type: ignore[attr-defined]
