"""What one round of a loop shows about the next one."""

from __future__ import annotations

from symdiff.frontend.flow.choices import is_choice
from symdiff.frontend.flow.meeting import IN_LIST, is_none, same
from symdiff.frontend.flow.widening import widen
from symdiff.frontend.flow.sharing import Sharing, held_in, items_in, none_or
from symdiff.frontend.memory.plans import Header, LoopPlan, Slot
from symdiff.frontend.memory.state import Key
from symdiff.frontend.memory.values import (
    ArrayRef, Contents, DictRef, ListRef, Maybe, Missing, Moved, ObjectRef, OneOf, Opened,
    Poison, Ref, Sequence, Static, Suspended, Table, Value, sure,
)  # fmt: skip
from symdiff.ir.core import UNDEF, Const, Global, Var
from symdiff.ir.kinds import UNKNOWN, Kind, List, is_number

__all__ = ["ATOMS", "HOLDERS", "LATE", "Learning"]

ATOMS = (Var, Const, Global)
HOLDERS = (Maybe, Sequence, ListRef, DictRef, ObjectRef)  # what may be there or be None
_FORMED = (ArrayRef, Sequence, ListRef, DictRef, ObjectRef, Static)
# What a dict or object gets in a round, before the round has come to it.
LATE = Poison(
    "this is set in a loop, and read where no round may have set it yet",
    "set it before the loop",
)
_CHANGING = Poison(
    "this name stands for one function or object in a round and for another one in the "
    "next",
    "let it be one of those that were made before the loop",
)
# What leads back to itself: no form of it is carried.
CIRCLE = Poison(
    "the kinds of the values in this loop do not settle",
    "let each name hold values of one kind in every round",
)


class Learning(Sharing):
    """Notes what the rounds of a loop change, and in which form it is carried."""

    def __init__(self) -> None:
        super().__init__()
        self.forming: list[Ref] = []  # what leads to the value whose form is asked for

    def _form_of(self, slot: Slot, value: Value, plan: LoopPlan) -> Value:
        """What stands for a value before a round brings the first one."""
        key, way = slot
        if isinstance(value, (Sequence, Contents)):
            items = tuple(
                self._form_of((key, (*way, place)), item, plan)
                for place, item in enumerate(value.items)
            )
            if isinstance(value, Sequence):
                return Sequence(items, value.cls)
            return value.holding(items)
        if isinstance(value, Ref) and not isinstance(value, ArrayRef):
            if self.same_table(value, value):
                plan.rows.add(slot)
                return self.row_at(self.resolved(value), Const(0))
            if value in self.forming:
                return CIRCLE
            self.forming.append(value)
            held = self._form_of(slot, self._held(value), plan)
            self.forming.pop()
            return Opened(type(value)(self.state.new_buffer()), held)
        values = self.choices_of_rounds(value, value, plan)
        if isinstance(value, OneOf):
            values = values or self._made_in_rounds(slot, (value,), plan)
            if values is not None:
                plan.choices[slot] = values
                return OneOf(values, Const(0))
        if isinstance(value, (Var, ArrayRef)) or is_number(self.kind(value)):
            plan.kinds.setdefault(slot, self.kind(value))
            array = isinstance(value, ArrayRef)
            return Opened(ArrayRef(self.state.new_buffer()), UNDEF) if array else UNDEF
        return value

    def _held(self, ref: Ref) -> Value:
        """The contents that a reference leads to."""
        held = self.held_by(ref)
        if isinstance(held, Missing):  # what stands for it, and is asked for itself
            return CIRCLE
        return held if isinstance(held, (Contents, Poison)) else self.read(ref, None)

    def _learn(
        self,
        plan: LoopPlan,
        inits: dict[Key, Value],
        starts: dict[Key, Value],
        backs: dict[Key, Value],
        header: Header,
    ) -> None:
        for key in self.state.changed():
            new = isinstance(key, int) and not self.state.existed(key)
            if self._merges(key) and not new and key not in plan.keys:
                if isinstance(key, int) or (
                    isinstance(key[0], int) and key[0] < plan.older
                ):
                    plan.keys[key] = None
        for key, start in starts.items():
            self._learn_slot((key, ()), inits[key], start, backs[key], plan, header)
        refs: dict[Slot, tuple[Ref, Ref, Ref]] = {}
        for key, start in starts.items():
            refs.update(self._pairs((key, ()), inits[key], start, backs[key], header))
        self._learn_sharing(plan, refs)

    def _learn_slot(
        self,
        slot: Slot,
        init: Value,
        start: Value,
        back: Value,
        plan: LoopPlan,
        header: Header,
    ) -> None:
        if isinstance(start, Missing):
            if isinstance(back, (*ATOMS, ArrayRef)):
                plan.kinds.setdefault(slot, self.kind(back))
            if slot[0] not in plan.pending:
                return
            if isinstance(back, _FORMED):
                plan.late[slot] = self._form_of(slot, back, plan)
        elif isinstance(start, Poison):
            return
        elif isinstance(back, Moved) and back != start:
            if back.ref.buffer > plan.limit:
                plan.poisoned[slot] = IN_LIST, None
        elif isinstance(back, Poison):
            if back.message is not None:  # else a refusal stands behind it
                plan.poison(slot, back)
        elif isinstance(init, Maybe):
            assert isinstance(start, Maybe)
            key, way = slot
            none, inner = none_or(back, start)
            rows = isinstance(inner, Ref) and self.same_table(inner, inner)
            if rows and isinstance(init.value, Opened) and slot in plan.maybes:
                plan.maybes[slot] = self._form_of(held_in(slot), inner, plan)
                return
            self._learn_slot((key, (*way, 0)), init.none, start.none, none, plan, header)
            self._learn_slot(held_in(slot), init.value, start.value, inner, plan, header)
        elif isinstance(init, OneOf):
            assert isinstance(start, OneOf)
            told = self.told(init.values, start.values, back)
            if told is None:
                self._learn_choices(slot, start, back, plan)
            else:
                a, b = ((one.at, *one.values) for one in (init, start))
                self._learn_items(slot, a, b, (told[0], *told[1]), plan, header)
        elif isinstance(init, Suspended):
            assert isinstance(start, Suspended)
            assert isinstance(back, Suspended)
            at = slot[0], (*slot[1], 0)
            if plan.countable and not same(start, back):
                plan.written_out = True
            self._learn_slot(at, init.at, start.at, back.at, plan, header)
        elif isinstance(init, Opened) and not isinstance(init.ref, ArrayRef):
            if isinstance(back, OneOf) or self.are_of_two_classes(start, back):
                self._learn_choices(slot, start, back, plan)
            elif type(back) is not type(init.ref):
                self.want_late((init.ref, back))
                plan.poison(slot)
            elif self.same_table(init.ref, back):
                plan.rows.add(slot)
            else:
                held = self._as_table(back, init.contents)
                entered = header.entered[slot]
                self._learn_contents(slot, init.contents, entered, held, plan, header)
        elif isinstance(init, Contents) or isinstance(start, Contents):
            self._learn_contents(slot, init, start, back, plan, header)
        elif isinstance(init, Sequence):
            fits = isinstance(back, Sequence) and back.cls is init.cls
            if not fits or len(items_in(back)) != len(init.items):
                plan.poison(slot)
                return
            columns = init.items, items_in(start), items_in(back)
            self._learn_items(slot, *columns, plan, header)
        elif slot in plan.rows:
            if not isinstance(back, Ref) or not self.same_table(start, back):
                plan.poison(slot)
        elif is_none(init) and (isinstance(back, HOLDERS) or is_choice(back)):
            plan.maybes[slot] = self._form_of(held_in(slot), sure(back), plan)
            plan.kinds.pop(slot, None)
        elif slot in header.slots:
            self._learn_kind(slot, back, plan)
        elif not same(start, back):
            if (
                isinstance(start, Ref)
                and isinstance(back, Ref)
                and self.same_table(start, back)
            ):
                plan.rows.add(slot)
            elif self._are_numbers(start, back):
                plan.changed.add(slot)
            elif self.are_of_two_classes(start, back):
                self._learn_choices(slot, start, back, plan)
            elif isinstance(start, Ref) and type(start) is type(back):
                if isinstance(start, ObjectRef) and isinstance(back, ObjectRef):
                    self.want_default(start, back)
                plan.rebound.add(slot)
            elif not self._learn_choices(slot, start, back, plan):
                self.want_late((start, back))  # one of the two may be a dict of the run

    def _learn_choices(self, slot: Slot, start: Value, back: Value, plan: LoopPlan) -> bool:
        """Note which functions or objects a name stands for from round to round."""
        values = self.choices_of_rounds(start, back, plan)
        if values is None:
            values = self._made_in_rounds(slot, (start, back), plan)
        if values is None:
            both = is_choice(start) and is_choice(back)
            plan.poison(slot)
            if both:
                plan.poison(slot, _CHANGING)
        else:
            plan.choices[slot] = values
        return values is not None

    def _made_in_rounds(
        self, slot: Slot, found: tuple[Value, ...], plan: LoopPlan
    ) -> tuple[Value, ...] | None:
        """What a name may stand for if rounds make objects of different classes."""
        key, way = slot
        if not all(map(is_choice, found)):
            return None
        return self.choices_made(
            plan.choices.get(slot, ()),
            found,
            lambda k, value: self._form_of((key, (*way, k + 1)), value, plan),
        )

    def _are_numbers(self, start: Value, back: Value) -> bool:
        """Whether what a round changes is a number, or one of several constants."""
        start, back = self.chosen_in_run(start), self.chosen_in_run(back)
        return isinstance(start, ATOMS) and isinstance(back, (*ATOMS, ArrayRef))

    def _learn_items(
        self,
        slot: Slot,
        inits: tuple[Value, ...],
        starts: tuple[Value, ...],
        backs: tuple[Value, ...],
        plan: LoopPlan,
        header: Header,
    ) -> None:
        key, way = slot
        for place, (a, b, c) in enumerate(zip(inits, starts, backs, strict=True)):
            self._learn_slot((key, (*way, place)), a, b, c, plan, header)

    def _learn_contents(
        self,
        slot: Slot,
        init: Value,
        start: Value,
        back: Value,
        plan: LoopPlan,
        header: Header,
    ) -> None:
        if isinstance(back, Poison):
            plan.poison(slot, back)
        elif not isinstance(init, Contents):
            self._learn_kind(slot, back, plan)
        elif isinstance(back, Contents) and back.fits(init):
            assert isinstance(start, Contents)
            columns = init.items, items_in(start), items_in(back)
            self._learn_items(slot, *columns, plan, header)
        elif init.keys is None:
            self._learn_length(slot, init, back, plan)
        elif isinstance(init, Table):
            plan.poisoned[slot] = (
                "the items of this list are not of one form in every round",
                "give all of them the same class, keys and kinds of values",
            )
        elif self._adds_keys(slot, init, back, plan):
            return
        else:
            what = "dict gets other keys" if init.cls is None else "object gets attributes"
            plan.poisoned[slot] = (
                f"this {what} in a loop",
                "set all of them before the loop",
            )

    def _adds_keys(self, slot: Slot, init: Contents, back: Value, plan: LoopPlan) -> bool:
        """Note the keys that a dict or object gets in a round, if it loses none."""
        key, way = slot
        if not isinstance(key, int) or way or not isinstance(back, Contents):
            return False
        old, new = init.keys or (), back.keys or ()
        if back.cls is not init.cls or new[: len(old)] != old:
            return False
        plan.added[slot] = (*plan.added.get(slot, ()), *new[len(old) :])
        self.unsure.add(key)
        return True

    def _learn_length(
        self, slot: Slot, init: Contents, back: Value, plan: LoopPlan
    ) -> None:
        """A list whose length was known gets longer or shorter in a round."""
        form = None
        if isinstance(back, Table):
            form = back.form, back.names
        elif isinstance(back, Contents):
            form = self.form_for(back) or self.form_for(init)
            if not self.is_uniform(back) and (form is None or plan.short):
                plan.written_out = plan.countable
        if form is None:
            plan.merged.add(slot)
        else:
            plan.tables[slot] = form

    def _as_table(self, back: Ref, init: Value) -> Value:
        """The contents of a list at the end of a round: a table if it began as one."""
        held = self._held(back)
        if isinstance(init, Table) and isinstance(held, Contents) and held.keys is None:
            self.tabulate(back.buffer, held, (init.form, init.names), None)
            return self.state.get(back.buffer)
        return held

    def _learn_kind(self, slot: Slot, back: Value, plan: LoopPlan) -> None:
        if isinstance(back, Contents):
            kind: Kind = List(self._joined(list(map(self.kind, back.items))) or UNKNOWN)
        elif isinstance(back, (*ATOMS, ArrayRef)):
            kind = self.kind(back)
        elif isinstance(back, Missing):
            return
        else:
            plan.poison(slot)
            return
        if self.may_be_none(back):
            plan.optional.add(slot)
        if isinstance(back, Var) and back in self.questions:
            plan.questions.add(slot)
        self._widen_slot(slot, kind, plan)

    @staticmethod
    def _widen_slot(slot: Slot, kind: Kind, plan: LoopPlan) -> Kind:
        """The kind of what is carried in a slot, which may now be of this kind as well."""
        key, way = slot
        place = ".".join(map(str, way or (0,)))
        symbol = f"round{plan.number}.{list(plan.keys).index(key)}.{place}"
        plan.kinds[slot] = widened = widen(plan.kinds[slot], kind, symbol)
        return widened
