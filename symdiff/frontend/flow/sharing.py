"""What may be the same memory in the rounds of a loop."""

from __future__ import annotations

from collections.abc import Iterator

from symdiff.frontend.flow.meeting import is_none
from symdiff.frontend.flow.regions import Regions
from symdiff.frontend.memory.plans import Header, LoopPlan, Slot
from symdiff.frontend.memory.state import Key
from symdiff.frontend.memory.values import (
    Contents, Maybe, OneOf, Opened, Ref, Sequence, Value, sure,
)  # fmt: skip
from symdiff.ir.core import Atom, Const, Var
from symdiff.ir.kinds import List

__all__ = ["Sharing", "held_in", "holds_ref", "items_in", "none_or"]


class Sharing(Regions):
    """Finds what two slots of a loop may share, from round to round."""

    def _pairs(
        self, slot: Slot, init: Value, start: Value, back: Value, header: Header
    ) -> Iterator[tuple[Slot, tuple[Ref, Ref, Ref]]]:
        """The carried references: before the loop, at the start and end of a round."""
        key, way = slot
        if isinstance(key, int) and not way and isinstance(init, Var):
            if isinstance(init.kind, List):
                yield slot, (Ref(key), Ref(key), Ref(key))
            return
        if isinstance(init, Opened):
            if isinstance(start, Ref) and isinstance(back, Ref):
                yield slot, (self.resolved(init.ref), start, self.resolved(back))
                held = self.held_by(back)
                init, start, back = init.contents, header.entered.get(slot, start), held
            else:
                return
        if isinstance(init, Maybe):
            if not isinstance(start, Maybe):
                return  # the loop is refused
            inner = none_or(back, start)[1]
            yield from self._pairs(held_in(slot), init.value, start.value, inner, header)
            return
        if isinstance(init, OneOf) and isinstance(start, OneOf):
            told = self.told(init.values, start.values, back)
            if told is not None:
                columns = init.values, start.values, told[1]
                for place, (a, b, c) in enumerate(zip(*columns, strict=True), 1):
                    yield from self._pairs((key, (*way, place)), a, b, c, header)
            return
        if isinstance(init, (Sequence, Contents)) and type(start) is type(back) is type(
            init
        ):
            columns = init.items, items_in(start), items_in(back)
            if len(columns[1]) == len(columns[2]):
                for place, (a, b, c) in enumerate(zip(*columns, strict=True)):
                    yield from self._pairs((key, (*way, place)), a, b, c, header)

    def _learn_sharing(
        self, plan: LoopPlan, refs: dict[Slot, tuple[Ref, Ref, Ref]]
    ) -> None:
        """Which slots may show the same array, list or object in a later round."""
        heads = {start.buffer: slot for slot, (_, start, _) in refs.items()}
        owners: dict[int, Slot] = {}
        for slot, (before, _, back) in refs.items():
            outer = plan.outer.setdefault(slot, set())
            near = self.home(back.buffer)
            near_to = (near, *sorted(self.ties.get(near, ())))
            for head in filter(None, map(heads.get, near_to)):
                if head != slot:
                    outer |= {head, *plan.outer.get(head, ())}
            # These and what they may share before the loop: see `_enter_opened`.
            known = [before, *(refs[other][0] for other in outer if other in refs)]
            for buffer in near_to:
                if buffer not in heads and buffer <= plan.limit:
                    if not any(self.may_share(ref.buffer, buffer) for ref in known):
                        outer.add(buffer)
            if back.buffer in owners:
                plan.ties.add((owners[back.buffer], slot))
            owners[back.buffer] = slot
            for other, (first, _, other_back) in refs.items():
                if other is slot:
                    break
                shared = self.may_share(back.buffer, other_back.buffer)
                if shared or self.may_share(before.buffer, first.buffer):
                    plan.ties.add((other, slot))

    def _refs_before(self, slot: Slot, init: Value) -> Iterator[tuple[Slot, Ref]]:
        """The carried references before the loop."""
        key, way = slot
        if isinstance(key, int) and not way and isinstance(init, Var):
            yield slot, Ref(key)
        elif isinstance(init, Maybe):
            yield from self._refs_before(held_in(slot), init.value)
        elif isinstance(init, Opened):
            yield slot, self.resolved(init.ref)
            yield from self._refs_before(slot, init.contents)
        elif isinstance(init, OneOf):
            for place, item in enumerate(init.values, 1):
                yield from self._refs_before((key, (*way, place)), item)
        else:
            for place, item in enumerate(items_in(init)):
                yield from self._refs_before((key, (*way, place)), item)

    def _tie_heads(
        self, plan: LoopPlan, inits: dict[Key, Value], values: dict[Key, Value]
    ) -> None:
        if not plan.ties:
            return
        found: dict[Slot, Ref] = {}
        for key, value in values.items():
            found.update(self._refs((key, ()), inits[key], value))
        for a, b in sorted(plan.ties, key=repr):
            if a in found and b in found:
                self.tie(found[a].buffer, found[b].buffer)

    def _refs(self, slot: Slot, init: Value, value: Value) -> Iterator[tuple[Slot, Ref]]:
        key, way = slot
        if isinstance(key, int) and not way and isinstance(init, Var):
            yield slot, Ref(key)
            return
        if isinstance(init, Opened) and isinstance(value, Ref):
            yield slot, value
            init, value = init.contents, self.state.get(value.buffer)
        if isinstance(init, Maybe):
            yield from self._refs(held_in(slot), init.value, sure(value))
            return
        if isinstance(init, OneOf) and isinstance(value, OneOf):
            for place, (a, b) in enumerate(zip(init.values, value.values, strict=False), 1):
                yield from self._refs((key, (*way, place)), a, b)
            return
        if isinstance(init, (Sequence, Contents)) and type(value) is type(init):
            for place, (a, b) in enumerate(zip(init.items, items_in(value), strict=False)):
                yield from self._refs((key, (*way, place)), a, b)


def held_in(slot: Slot) -> Slot:
    """The slot of what a name holds that is not None."""
    key, way = slot
    return key, (*way, 1)


def none_or(value: Value, start: Maybe) -> tuple[Atom, Value]:
    """Whether a value is None, and what it is else."""
    if isinstance(value, Maybe):
        return value.none, value.value
    if is_none(value):
        return Const(True), start.value
    return Const(False), value


def holds_ref(value: Value) -> bool:
    """Whether a value can be changed through another name."""
    return isinstance(value, Ref) or any(map(holds_ref, items_in(value)))


def items_in(value: Value) -> tuple[Value, ...]:
    """What a tuple, list, dict or object holds."""
    return value.items if isinstance(value, (Sequence, Contents)) else ()
