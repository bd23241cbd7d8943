"""The end of a round, and what a loop leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as Nodes

from symdiff.frontend.flow.learning import ATOMS, CIRCLE, LATE, Learning
from symdiff.frontend.flow.meeting import same
from symdiff.frontend.flow.sharing import held_in, items_in, none_or
from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.plans import Header, LoopPlan, Slot
from symdiff.frontend.memory.state import Branch, Key
from symdiff.frontend.memory.tables import index_of
from symdiff.frontend.memory.values import (
    ArrayRef, Contents, Maybe, Missing, ObjectRef, OneOf, Opened, Poison, Ref,
    Sequence, Static, Suspended, Value,
)  # fmt: skip
from symdiff.ir.core import UNDEF, Atom, Block, Equation, If, Node, Var, kind_of
from symdiff.records import replace

__all__ = ["Results"]


class Results(Learning):
    """Hands the values of a round to the next one, and those of the last on."""

    def __init__(self) -> None:
        super().__init__()
        self.sure: set[Var] = set()  # results of loops that have a round in any run

    def _leave(
        self,
        slot: Slot,
        init: Value,
        start: Value,
        back: Value,
        plan: LoopPlan,
        header: Header,
    ) -> None:
        """Hand what a slot holds at the end of a round over to the next one."""
        key, way = slot
        if isinstance(start, (Missing, Poison)):
            return
        if isinstance(init, Maybe):
            assert isinstance(start, Maybe)
            none, inner = none_or(back, start)
            self._leave((key, (*way, 0)), init.none, start.none, none, plan, header)
            self._leave(held_in(slot), init.value, start.value, inner, plan, header)
            return
        if isinstance(init, OneOf):
            assert isinstance(start, OneOf)
            told = self.told(init.values, start.values, back)
            if told is not None:
                number, header.left[slot] = told
                self._leave((key, (*way, 0)), init.at, start.at, number, plan, header)
                columns = init.values, start.values, header.left[slot]
                for place, (a, b, c) in enumerate(zip(*columns, strict=True), 1):
                    self._leave((key, (*way, place)), a, b, c, plan, header)
            return
        if isinstance(init, Suspended) and isinstance(back, Suspended):
            assert isinstance(start, Suspended)
            at = key, (*way, 0)
            self._leave(at, init.at, start.at, back.at, plan, header)
            return
        if isinstance(init, Opened) and not isinstance(init.ref, ArrayRef):
            start, init = header.entered[slot], init.contents
            back = self._held(back) if isinstance(back, Ref) else back
        if isinstance(init, (Sequence, Contents)):
            if isinstance(back, Poison):
                back = start  # a refusal stands behind it
            assert isinstance(back, (Sequence, Contents))
            columns = init.items, items_in(start), items_in(back)
            for place, (a, b, c) in enumerate(zip(*columns, strict=True)):
                self._leave((key, (*way, place)), a, b, c, plan, header)
        elif slot in plan.rows and slot in header.slots:
            last = back if isinstance(back, Ref) else start
            assert isinstance(last, Ref)
            header.yields.append(index_of(self.resolved(last)))
        elif slot in header.slots:
            header.yields.append(self._yielded(start, back))
        elif not isinstance(back, Poison) and not same(start, back):
            raise self.poisoned(CIRCLE, None)

    def _yielded(self, start: Value, back: Value) -> Atom:
        if isinstance(back, Missing):
            return UNDEF
        if isinstance(back, Contents):
            return self.list_value(back, None)
        value = start if isinstance(back, Poison) else back
        return self.atom(self.chosen_in_run(value), None)

    def _after(
        self,
        path: Branch,
        plan: LoopPlan,
        inits: dict[Key, Value],
        starts: dict[Key, Value],
        backs: dict[Key, Value],
        header: Header,
    ) -> None:
        """Bind every changed name to its result of the loop."""
        carried = iter(list(header.carried))
        # Names bound for the first time inside the loop come last, as their inputs do.
        late = []
        for key, init in inits.items():
            if isinstance(starts[key], Missing):
                late.append(key)
                continue
            slot = (key, ())
            value = self._result(slot, init, starts[key], backs[key], plan, header, carried)
            unsure = self.is_partial(key) and (not header.runs or key in header.partial)
            self.state.set(key, value)
            if unsure:
                self.note_partial(key)
        for key in late:
            self.state.set(key, self._last_value(key, backs[key], path, plan, header))
            if not header.runs or key in header.partial:
                self.note_partial(key)
        for (key, _), added in plan.added.items():
            held, back = self.state.get(key), backs[key]
            if isinstance(held, Contents) and isinstance(back, Contents):
                for name in added:
                    last = back.get(name) or LATE
                    last = self._last_value((0, str(name)), last, path, plan, header)
                    held = held.put(name, last)
                self.state.set(key, held)
        if header.runs:
            self.sure.update(header.results)
        self._tie_heads(plan, inits, {key: self.state.get(key) for key in plan.keys})

    def _result(
        self,
        slot: Slot,
        init: Value,
        start: Value,
        back: Value,
        plan: LoopPlan,
        header: Header,
        carried: Iterator[Var],
    ) -> Value:
        key, way = slot
        if isinstance(start, (Missing, Poison)):
            return start
        if isinstance(init, Maybe):
            assert isinstance(start, Maybe)
            flag, inner = none_or(back, start)
            none = self._result(
                (key, (*way, 0)), init.none, start.none, flag, plan, header, carried
            )
            last = self._result(
                held_in(slot), init.value, start.value, inner, plan, header, carried
            )
            assert isinstance(none, ATOMS)
            return Maybe(none, last)
        if isinstance(init, OneOf):
            assert isinstance(start, OneOf)
            if isinstance(back, Poison):
                return back
            number = (key, (*way, 0))
            at = self._result(number, init.at, start.at, init.at, plan, header, carried)
            assert isinstance(at, ATOMS)
            columns = init.values, start.values, header.left[slot]
            values = tuple(
                self._result((key, (*way, k)), a, b, c, plan, header, carried)
                for k, (a, b, c) in enumerate(zip(*columns, strict=True), 1)
            )
            return OneOf(values, at)
        if isinstance(init, Suspended) and isinstance(back, Suspended):
            assert isinstance(start, Suspended)
            slot = key, (*way, 0)
            at = self._result(slot, init.at, start.at, back.at, plan, header, carried)
            assert isinstance(at, ATOMS)
            return Suspended(init.points, at)
        if isinstance(init, Opened):
            held = init.contents
            if isinstance(init.ref, ArrayRef):
                value = self.own(self._next_result(carried, header))
            else:
                inner = self._result_contents(
                    slot, held, header.entered[slot], back, plan, header, carried
                )
                value = type(init.ref)(self.state.new_buffer())
                self.state.set(value.buffer, inner)
            if isinstance(value, Ref):
                for other in (start, init.ref, back):
                    if isinstance(other, Ref):
                        self.alias(value.buffer, other.buffer, plan.limit)
        elif isinstance(init, (Sequence, Contents)):
            value = self._result_contents(slot, init, start, back, plan, header, carried)
        elif slot in plan.rows and slot in header.slots:
            assert isinstance(start, Ref)
            value = self.row_at(start, self._next_result(carried, header))
        elif slot in header.slots:
            result = self._next_result(carried, header)
            value = result if isinstance(key, int) and not way else self.own(result)
        else:
            value = start
        return back if isinstance(back, Poison) else value

    def _result_contents(
        self,
        slot: Slot,
        init: Value,
        start: Value,
        back: Value,
        plan: LoopPlan,
        header: Header,
        carried: Iterator[Var],
    ) -> Value:
        key, way = slot
        if isinstance(back, Ref) and isinstance(init, (Contents, *ATOMS)):
            back = self.held_by(back)
        if not isinstance(init, (Sequence, Contents)):
            return self._next_result(carried, header)
        assert isinstance(start, (Sequence, Contents))
        backs = items_in(back) or start.items
        columns = init.items, start.items, backs
        items = tuple(
            self._result((key, (*way, place)), a, b, c, plan, header, carried)
            for place, (a, b, c) in enumerate(zip(*columns, strict=False))
        )
        if isinstance(init, Sequence):
            return Sequence(items, init.cls)
        return init.holding(items)

    def _next_result(self, carried: Iterator[Var], header: Header) -> Var:
        var = next(carried)
        result = self.names.fresh(var.base, "", var.kind)
        header.results.append(result)
        self.inherit(result, (var,))
        return result

    def _last_value(
        self, key: Key, back: Value, path: Branch, plan: LoopPlan, header: Header
    ) -> Value:
        """What a name that only the loop binds holds after it."""
        if isinstance(back, (Sequence, Contents)):
            items = tuple(
                self._last_value(key, item, path, plan, header) for item in back.items
            )
            if isinstance(back, Sequence):
                return Sequence(items, back.cls)
            return back.holding(items)
        if isinstance(back, Ref) and not isinstance(back, ArrayRef):
            if back.buffer <= plan.limit and not back.path:
                return back
            with self.path(path):
                held = self._held(back)
            made = type(back)(self.state.new_buffer())
            inner = self._last_value(key, held, path, plan, header)
            self.state.set(made.buffer, inner)
            self.alias(made.buffer, back.buffer, plan.limit)
            return made
        if isinstance(back, Maybe):
            none = self._last_value(key, back.none, path, plan, header)
            assert isinstance(none, ATOMS)
            inner = self._last_value(key, back.value, path, plan, header)
            return Maybe(none, inner)
        if isinstance(back, OneOf):
            values = back.values
            if self.choices_of_rounds(back, back, plan) is None:
                if not all(isinstance(v, (ObjectRef, Static)) for v in values):
                    return Poison(self.ONE_OF)
                values = tuple(self._last_value(key, v, path, plan, header) for v in values)
            at = self._last_value((0, "which"), back.at, path, plan, header)
            assert isinstance(at, ATOMS)
            return OneOf(values, at)
        if not isinstance(back, (Var, ArrayRef)):
            return back
        with self.path(path):
            try:
                atom = self.atom(back, None)
            except Refusal as refusal:
                return Poison(refusal.message, refusal.help)
        base = self._key_base(key)
        carried = self.names.fresh(base, "", kind_of(atom))
        header.carried.append(carried)
        header.inits.append(UNDEF)
        if isinstance(atom, Var):
            path.nodes = list(filled(path.nodes, {atom} - self.sure, carried, self.sure))
        header.yields.append(atom)
        result = self.names.fresh(base, "", kind_of(atom))
        header.results.append(result)
        value = self.own(result)
        if isinstance(value, ArrayRef) and isinstance(back, ArrayRef):
            self.alias(value.buffer, back.buffer, plan.limit)
        return value


def filled(block: Nodes[Node], wanted: set[Var], value: Var, sure: set[Var]) -> Block:
    """A block in which some results have a value on the paths that assign none: that of
    the round before. `sure` are results of loops that have a round in any run."""
    wanted = set(wanted)
    nodes: list[Node] = []
    for node in reversed(block):
        if not isinstance(node, Equation) and not wanted.isdisjoint(node.results):
            places = [k for k, result in enumerate(node.results) if result in wanted]
            if isinstance(node, If):
                then_yields = _filled(node.then_yields, places, value, wanted)
                else_yields = _filled(node.else_yields, places, value, wanted)
                wanted -= sure
                node = replace(
                    node,
                    then=filled(node.then, wanted, value, sure),
                    orelse=filled(node.orelse, wanted, value, sure),
                    then_yields=then_yields,
                    else_yields=else_yields,
                )
            else:
                node = replace(node, inits=_filled(node.inits, places, value, wanted))
                wanted -= sure
        nodes.append(node)
    return tuple(reversed(nodes))


def _filled(
    ends: tuple[Atom, ...], places: list[int], value: Var, wanted: set[Var]
) -> tuple[Atom, ...]:
    """Values at some places of `ends`; what is there already may have to be filled."""
    wanted.update(end for k in places if isinstance(end := ends[k], Var))
    return tuple(
        value if k in places and end == UNDEF else end for k, end in enumerate(ends)
    )
