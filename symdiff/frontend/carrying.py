"""What loops hand from round to round."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from symdiff.frontend.context import Frame, Refusal
from symdiff.frontend.plans import Header, LoopPlan, Slot
from symdiff.frontend.regions import FAR, IN_LIST, Regions, is_none, same, widen
from symdiff.frontend.scopes import augmented_names
from symdiff.frontend.state import Branch, Key
from symdiff.frontend.tables import index_of
from symdiff.frontend.values import (
    ArrayRef, Contents, DictRef, ListRef, Maybe, Missing, Moved, ObjectRef, Opened, Poison,
    Ref, Sequence, Suspended, Table, Value, sure,
)  # fmt: skip
from symdiff.ir.core import UNDEF, Atom, Const, Global, Undef, Var, kind_of
from symdiff.ir.kinds import INT, NONE, UNKNOWN, Int, Kind, List, is_number

__all__ = ["Carrying"]

ATOMS = (Var, Const, Global)
HOLDERS = (Maybe, Sequence, ListRef, DictRef, ObjectRef)  # what may be there or be None


class Carrying(Regions):
    """Finds what the rounds of a loop change, and carries it.

    Values are looked at slot by slot: a slot is a name or a buffer and the way from it
    through tuples and contents. A name that is bound in the loop is carried; what lies
    deeper is carried only once a round was seen to change it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.plans: dict[Any, LoopPlan] = {}
        self.counters: dict[Var, LoopPlan] = {}  # of loops that may be written out

    def note_pending(self, key: tuple[object, ...]) -> None:
        for plan in self.open_plans:
            if key in plan.keys:
                plan.pending.add(key)

    def loop(
        self,
        node: ast.AST,
        names: list[str],
        lower: Callable[[Header, LoopPlan], tuple[Atom | None, list[Any]]],
        finish: Callable[[Header, list[Any], Atom | None], None],
    ) -> bool:
        """Lower a loop whose body may bind `names`, until nothing new is learnt.

        `lower` lowers the body once and says how rounds end; `finish` makes the node.
        False if the loop must be written out instead: nothing is left of it then.
        """
        plan = self._plan(node, names)
        if plan.written_out:
            return False
        self.older.append(self.state.buffers)
        try:
            return self._carried(plan, node, lower, finish)
        finally:
            self.older.pop()

    def _carried(
        self,
        plan: LoopPlan,
        node: ast.AST,
        lower: Callable[[Header, LoopPlan], tuple[Atom | None, list[Any]]],
        finish: Callable[[Header, list[Any], Atom | None], None],
    ) -> bool:
        problems = len(self.problems)
        for _ in range(16):
            mark, pending, unreached = plan.mark(), len(plan.pending), self.unreached
            del self.problems[problems:]
            path = Branch()
            header = Header()
            self._make_tables(plan)
            for buffer in plan.moved:
                self.moves[buffer] += 1
            entry = {key: self.state.get(key) for key in plan.keys}
            inits = {key: self._open((key, ()), entry[key], plan) for key in plan.keys}
            self.open_plans.append(plan)
            try:
                with self.path(path):
                    for key, init in inits.items():
                        start = self._enter((key, ()), init, plan, header)
                        self.state.set(key, start)
                    starts = {key: self.state.get(key) for key in plan.keys}
                    self._tie_heads(plan, inits, starts)
                    leave, extra = lower(header, plan)
                    backs = {key: self.state.get(key) for key in plan.keys}
                    self._learn(plan, inits, starts, backs, header)
                    failed = len(self.problems) > problems
                    failed = failed and len(plan.pending) == pending
                    settled = plan.mark() == mark
                    if settled and not failed:
                        for key, init in inits.items():
                            slot = (key, ())
                            self._leave(slot, init, starts[key], backs[key], plan, header)
            finally:
                self.open_plans.pop()
            if plan.written_out:
                del self.problems[problems:]
                return False
            if failed and settled:
                if len(self.problems) - problems == self.unreached - unreached:
                    return True  # as far as is known, it runs no round
                # Reported already; what the loop would bind is not known.
                for key in plan.keys:
                    self.state.set(key, Poison())
                return True
            if settled:
                break
        else:
            raise Refusal("the kinds of the values in this loop do not settle", node)
        self._after(path, plan, inits, starts, backs, header)
        extra.append(tuple(path.nodes))
        finish(header, extra, leave)
        return True

    def _plan(self, node: ast.AST, names: list[str]) -> LoopPlan:
        memo = (tuple(self.sites), id(node))
        frames = self._frames()
        plan = self.plans.setdefault(memo, LoopPlan(len(self.plans), frames))
        if plan.frames != frames:
            plan.again(frames)
        for name in names:
            if name in self.frame.locals:
                plan.keys.setdefault((self.frame.number, name))
        plan.in_place = {(self.frame.number, name) for name in augmented_names(node)}
        plan.limit, plan.older = self.state.buffers, len(self.frames)
        return plan

    def want_known(self, value: Value) -> None:
        todo, seen = [value], set()
        while todo:
            atom = todo.pop()
            if not isinstance(atom, Var) or atom in seen:
                continue
            seen.add(atom)
            plan = self.counters.get(atom)
            if plan is not None and plan in self.open_plans:
                plan.written_out = True
                return
            made = self.build.definitions.get(atom)
            todo.extend(made.args if made is not None else ())

    def _frames(self) -> tuple[int, ...]:
        numbers: list[int] = []
        todo: list[Frame | None] = [self.frame]
        while todo:
            frame = todo.pop()
            while frame is not None:
                numbers.append(frame.number)
                if frame.consumer is not None:
                    todo.append(frame.consumer.frame)
                frame = frame.outer
        return tuple(numbers)

    # -- the start of a round -----------------------------------------------------------

    def _open(self, slot: Slot, value: Value, plan: LoopPlan) -> Value:
        """What a slot holds before the first round; what is carried item by item or as
        a whole is taken out of its buffer."""
        if isinstance(value, Sequence):
            return Sequence(self._open_items(slot, value.items, plan), value.cls)
        if isinstance(value, Contents):
            return self._open_contents(slot, value, plan)
        if is_none(value) and slot in plan.maybes:
            return Maybe(Const(True), plan.maybes[slot])
        if isinstance(value, Maybe):
            return Maybe(value.none, self._open(_held_in(slot), value.value, plan))
        if slot in plan.rows and isinstance(value, Ref):
            return self.resolved(value)
        top = isinstance(value, ArrayRef) and not slot[1] and slot[0] not in plan.in_place
        if not isinstance(value, Ref) or not (top or slot in plan.rebound):
            return value
        try:
            held = self._held(value)
        except Refusal as refusal:
            return Poison(refusal.message, refusal.help)
        if isinstance(held, Contents):
            held = self._open_contents(slot, held, plan)
        return held if isinstance(held, Poison) else Opened(value, held)

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
            held = self._form_of(slot, self._held(value), plan)
            return Opened(type(value)(self.state.new_buffer()), held)
        if isinstance(value, (Var, ArrayRef)) or is_number(self.kind(value)):
            plan.kinds.setdefault(slot, self.kind(value))
            return UNDEF
        return value

    def _held(self, ref: Ref) -> Value:
        """The contents that a reference leads to."""
        held = self.held_by(ref)
        return held if isinstance(held, (Contents, Poison)) else self.read(ref, None)

    def _make_tables(self, plan: LoopPlan) -> None:
        """Lists of structured items that get longer in a round."""
        for (key, way), form in plan.tables.items():
            value = self.state.get(key)
            for place in way:
                if isinstance(value, ListRef):
                    value = self.state.get(value.buffer)
                value = _items(value)[place]
            buffer = value.buffer if isinstance(value, ListRef) else key
            held = self.state.get(buffer)
            if isinstance(buffer, int) and isinstance(held, Contents) and held.keys is None:
                try:
                    self.tabulate(buffer, held, form, None)
                except Refusal as refusal:
                    self.state.set(buffer, Poison(refusal.message, refusal.help))

    def _open_items(
        self, slot: Slot, items: tuple[Value, ...], plan: LoopPlan
    ) -> tuple[Value, ...]:
        key, way = slot
        return tuple(
            self._open((key, (*way, place)), item, plan) for place, item in enumerate(items)
        )

    def _open_contents(self, slot: Slot, held: Contents, plan: LoopPlan) -> Value:
        for name in plan.added.get(slot, ()):
            held = held.put(name, LATE)
        if slot not in plan.merged:
            return held.holding(self._open_items(slot, held.items, plan))
        try:
            buffer = slot[0] if isinstance(slot[0], int) and not slot[1] else None
            return self.list_value(held, None, buffer)
        except Refusal as refusal:
            plan.written_out = plan.countable
            return Poison(refusal.message, refusal.help)

    def _enter(self, slot: Slot, init: Value, plan: LoopPlan, header: Header) -> Value:
        """What a slot holds at the start of a round."""
        key, way = slot
        if slot in plan.poisoned:
            return Poison(*plan.poisoned[slot])
        if isinstance(init, Missing):
            if not way and key in plan.pending and slot in plan.kinds:
                return self._carry(slot, UNDEF, plan, header)
            return init
        if isinstance(init, Opened):
            return self._enter_opened(slot, init, plan, header)
        if isinstance(init, Sequence):
            return Sequence(self._enter_items(slot, init.items, plan, header), init.cls)
        if isinstance(init, Contents):
            return init.holding(self._enter_items(slot, init.items, plan, header))
        if isinstance(init, Maybe):
            flag, none = (key, (*way, 0)), init.none
            if flag in plan.changed:
                base = f"no_{self._key_base(key)}"
                none = self._carry(flag, init.none, plan, header, base)  # type: ignore[assignment]
            return Maybe(none, self._enter(_held_in(slot), init.value, plan, header))
        if isinstance(init, Undef):
            return self._carry(slot, init, plan, header)
        if isinstance(init, ATOMS) and (not way or slot in plan.changed):
            return self._carry(slot, init, plan, header)
        if slot in plan.rows and isinstance(init, Ref):
            return self.row_at(init, self._carry(slot, index_of(init), plan, header))
        return init

    def _enter_items(
        self, slot: Slot, items: tuple[Value, ...], plan: LoopPlan, header: Header
    ) -> tuple[Value, ...]:
        key, way = slot
        return tuple(
            self._enter((key, (*way, place)), item, plan, header)
            for place, item in enumerate(items)
        )

    def _enter_opened(
        self, slot: Slot, init: Opened, plan: LoopPlan, header: Header
    ) -> Value:
        held = init.contents
        if isinstance(held, Contents):
            held = held.holding(self._enter_items(slot, held.items, plan, header))
        elif isinstance(held, (*ATOMS, Undef)):
            held = self._carry(slot, held, plan, header)
        if isinstance(init.ref, ArrayRef):
            started = held
        else:
            started = type(init.ref)(self.state.new_buffer())
            self.state.set(started.buffer, held)
            header.entered[slot] = held
        if isinstance(started, Ref):
            for other in (init.ref.buffer, *sorted(plan.outer.get(slot, ()))):
                self.alias(started.buffer, other, plan.limit)
        return started

    def _carry(
        self, slot: Slot, init: Atom, plan: LoopPlan, header: Header, base: str = ""
    ) -> Value:
        key, way = slot
        kind = plan.kinds.get(slot)
        if kind is None:
            kind = kind_of(init)
            if isinstance(kind, Int):
                kind = INT  # a counter: its value changes with the rounds
            plan.kinds[slot] = kind
        if isinstance(init, Var) and (way or isinstance(key, int)):
            base = base or init.base
        carried = self.names.fresh(base or self._key_base(key), "", kind)
        header.carried.append(carried)
        header.inits.append(init)
        header.slots.add(slot)
        if kind != NONE and (self.may_be_none(init) or slot in plan.optional):
            self.optional.add(carried)
        if isinstance(key, int) and not way:
            return carried
        return self.own(carried)

    # -- what a round shows about the next one --------------------------------------------

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
            none, inner = _none_or(back, start)
            rows = isinstance(inner, Ref) and self.same_table(inner, inner)
            if rows and isinstance(init.value, Opened) and slot in plan.maybes:
                plan.maybes[slot] = self._form_of(_held_in(slot), inner, plan)
                return
            self._learn_slot((key, (*way, 0)), init.none, start.none, none, plan, header)
            self._learn_slot(_held_in(slot), init.value, start.value, inner, plan, header)
        elif isinstance(init, Opened) and not isinstance(init.ref, ArrayRef):
            if type(back) is not type(init.ref):
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
            if not fits or len(_items(back)) != len(init.items):
                plan.poison(slot)
                return
            self._learn_items(slot, init.items, _items(start), _items(back), plan, header)
        elif slot in plan.rows:
            if not isinstance(back, Ref) or not self.same_table(start, back):
                plan.poison(slot)
        elif is_none(init) and isinstance(back, HOLDERS):
            plan.maybes[slot] = self._form_of(_held_in(slot), sure(back), plan)
            plan.kinds.pop(slot, None)
        elif slot in header.slots:
            self._learn_kind(slot, back, plan)
        elif isinstance(start, Suspended) and not same(start, back):
            plan.poison(slot, Poison(*FAR))
            plan.written_out = plan.countable
        elif not same(start, back):
            if (
                isinstance(start, Ref)
                and isinstance(back, Ref)
                and self.same_table(start, back)
            ):
                plan.rows.add(slot)
            elif isinstance(start, ATOMS) and isinstance(back, (*ATOMS, ArrayRef)):
                plan.changed.add(slot)
            elif isinstance(start, Ref) and type(start) is type(back):
                plan.rebound.add(slot)
            else:
                plan.poison(slot)

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
            self._learn_items(slot, init.items, _items(start), _items(back), plan, header)
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
            if not self.is_uniform(back):
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
        key, way = slot
        place = ".".join(map(str, way or (0,)))
        symbol = f"round{plan.number}.{list(plan.keys).index(key)}.{place}"
        plan.kinds[slot] = widen(plan.kinds[slot], kind, symbol)

    # -- what may be the same memory ------------------------------------------------------

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
            assert isinstance(start, Maybe)
            inner = _none_or(back, start)[1]
            yield from self._pairs(_held_in(slot), init.value, start.value, inner, header)
            return
        if isinstance(init, (Sequence, Contents)) and type(start) is type(back) is type(
            init
        ):
            columns = init.items, _items(start), _items(back)
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
            head = heads.get(back.buffer)
            if head is not None and head != slot:
                outer |= plan.outer.get(head, set())
                outer.add(refs[head][0].buffer)
            elif head is None and back.buffer <= plan.limit:
                outer.add(back.buffer)
            if back.buffer in owners:
                plan.ties.add((owners[back.buffer], slot))
            owners[back.buffer] = slot
            for other, (first, _, other_back) in refs.items():
                if other is slot:
                    break
                shared = self.may_share(back.buffer, other_back.buffer)
                if shared or self.may_share(before.buffer, first.buffer):
                    plan.ties.add((other, slot))

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
            yield from self._refs(_held_in(slot), init.value, sure(value))
            return
        if isinstance(init, (Sequence, Contents)) and type(value) is type(init):
            for place, (a, b) in enumerate(zip(init.items, _items(value), strict=False)):
                yield from self._refs((key, (*way, place)), a, b)

    # -- the end of a round -----------------------------------------------------------

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
            none, inner = _none_or(back, start)
            self._leave((key, (*way, 0)), init.none, start.none, none, plan, header)
            self._leave(_held_in(slot), init.value, start.value, inner, plan, header)
            return
        if isinstance(init, Opened) and not isinstance(init.ref, ArrayRef):
            start, init = header.entered[slot], init.contents
            back = self._held(back) if isinstance(back, Ref) else back
        if isinstance(init, (Sequence, Contents)):
            if isinstance(back, Poison):
                back = start  # a refusal stands behind it
            assert isinstance(back, (Sequence, Contents))
            columns = init.items, _items(start), _items(back)
            for place, (a, b, c) in enumerate(zip(*columns, strict=True)):
                self._leave((key, (*way, place)), a, b, c, plan, header)
        elif slot in plan.rows and slot in header.slots:
            last = back if isinstance(back, Ref) else start
            assert isinstance(last, Ref)
            header.yields.append(index_of(self.resolved(last)))
        elif slot in header.slots:
            header.yields.append(self._yielded(start, back))

    def _yielded(self, start: Value, back: Value) -> Atom:
        if isinstance(back, Missing):
            return UNDEF
        if isinstance(back, Contents):
            return self.list_value(back, None)
        return self.atom(start if isinstance(back, Poison) else back, None)

    # -- after the loop ---------------------------------------------------------------

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
            self.state.set(key, value)
        for key in late:
            self.state.set(key, self._last_value(key, backs[key], path, plan, header))
        for (key, _), added in plan.added.items():
            held, back = self.state.get(key), backs[key]
            if isinstance(held, Contents) and isinstance(back, Contents):
                for name in added:
                    last = back.get(name) or LATE
                    last = self._last_value((0, str(name)), last, path, plan, header)
                    held = held.put(name, last)
                self.state.set(key, held)
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
            flag, inner = _none_or(back, start)
            none = self._result(
                (key, (*way, 0)), init.none, start.none, flag, plan, header, carried
            )
            last = self._result(
                _held_in(slot), init.value, start.value, inner, plan, header, carried
            )
            assert isinstance(none, ATOMS)
            return Maybe(none, last)
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
        backs = _items(back) or start.items
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
        if var in self.optional:
            self.optional.add(result)
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
        header.yields.append(atom)
        result = self.names.fresh(base, "", kind_of(atom))
        header.results.append(result)
        value = self.own(result)
        if isinstance(value, ArrayRef) and isinstance(back, ArrayRef):
            self.alias(value.buffer, back.buffer, plan.limit)
        return value


# What a dict or object gets in a round, before the round has come to it.
LATE = Poison(
    "this is set in a loop, and read where no round may have set it yet",
    "set it before the loop",
)


def _held_in(slot: Slot) -> Slot:
    """The slot of what a name holds that is not None."""
    key, way = slot
    return key, (*way, 1)


def _none_or(value: Value, start: Maybe) -> tuple[Atom, Value]:
    """Whether a value is None, and what it is else."""
    if isinstance(value, Maybe):
        return value.none, value.value
    if is_none(value):
        return Const(True), start.value
    return Const(False), value


def _items(value: Value) -> tuple[Value, ...]:
    """What a tuple, list, dict or object holds."""
    return value.items if isinstance(value, (Sequence, Contents)) else ()
