"""What loops hand from round to round."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from symdiff.frontend.flow.learning import ATOMS, CIRCLE, LATE
from symdiff.frontend.flow.meeting import is_none
from symdiff.frontend.flow.results import Results
from symdiff.frontend.flow.sharing import held_in, holds_ref, items_in
from symdiff.frontend.memory.context import Frame, Refusal, Unfinished, Unreached
from symdiff.frontend.memory.plans import Header, LoopPlan, Slot
from symdiff.frontend.memory.state import Branch
from symdiff.frontend.memory.tables import index_of
from symdiff.frontend.memory.values import (
    ArrayRef, Contents, ListRef, Maybe, Missing, OneOf, Opened, Poison,
    Ref, Sequence, Suspended, Value,
)  # fmt: skip
from symdiff.frontend.reading.nothing import Failure
from symdiff.frontend.reading.scopes import augmented_names
from symdiff.ir.core import UNDEF, Atom, Const, Undef, Var, kind_of
from symdiff.ir.kinds import INT, NONE, Int

__all__ = ["Carrying"]


class Carrying(Results):
    """Finds what the rounds of a loop change, and carries it.

    Values are looked at slot by slot: a slot is a name or a buffer and the way from it
    through tuples and contents. A name that is bound in the loop is carried; what lies
    deeper is carried only once a round was seen to change it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.plans: dict[Any, LoopPlan] = {}
        self.counters: dict[Var, LoopPlan] = {}  # of loops that may be written out
        self.failing_loops = 0  # of which every round reads what is not there

    def note_pending(self, key: tuple[object, ...]) -> bool:
        new = False
        for plan in self.open_plans:
            if key in plan.keys:
                new = new or key not in plan.asked
                plan.pending.add(key)
        return new

    def read_partial(self, key: tuple[object, ...], node: ast.AST) -> None:
        inside = any(key in plan.keys for plan in self.open_plans)
        if inside and not self.note_pending(key):
            message = f"which round of the loop assigned `{key[1]}` last is not known here"
            raise Refusal(message, node, "assign it before the loop")

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
        except Refusal as refusal:
            if plan.countable and not isinstance(refusal, (Unfinished, Unreached)):
                self.failed_loops.add(self.span(node))
            raise
        finally:
            self.older.pop()

    def _carried(
        self,
        plan: LoopPlan,
        node: ast.AST,
        lower: Callable[[Header, LoopPlan], tuple[Atom | None, list[Any]]],
        finish: Callable[[Header, list[Any], Atom | None], None],
    ) -> bool:
        problems, written = len(self.problems), self.rounds_of_items
        # How every round fails with what is there before the first one.
        fails: Failure | None = None
        for number in range(16):
            self.rounds_of_items = written
            mark, pending, failures = plan.mark(), len(plan.pending), len(self.failures)
            plan.asked = set(plan.pending)
            failing = self.failing_loops
            del self.problems[problems:]
            path = Branch()
            header = Header()
            self._make_tables(plan)
            self._begin_generators(plan)
            points = self._points(plan)
            for buffer in plan.moved:
                self.moves[buffer] += 1
            entry = {key: self.state.get(key) for key in plan.keys}
            partial = list(filter(self.is_partial, plan.keys))
            inits = {key: self._open((key, ()), entry[key], plan) for key in plan.keys}
            for key, init in inits.items():
                header.before.update(self._refs_before((key, ()), init))
            self.open_plans.append(plan)
            self.forget_keys()
            try:
                with self.path(path):
                    for key, init in inits.items():
                        start = self._enter((key, ()), init, plan, header)
                        self.state.set(key, start)
                    kinds = plan.kinds_of(header.slots)
                    for key in partial:
                        self.note_partial(key)
                    starts = {key: self.state.get(key) for key in plan.keys}
                    self._tie_heads(plan, inits, starts)
                    if fails is not None:
                        self.failing_loops += 1
                        self.fail(fails)
                        leave, extra = None, list[Any]()
                    else:
                        try:
                            leave, extra = lower(header, plan)
                        except Unreached as refusal:
                            if isinstance(node, ast.While) or refusal.failure is None:
                                raise
                            fails = refusal.failure  # what it begins with fails
                            continue
                    backs = {key: self.state.get(key) for key in plan.keys}
                    header.partial = set(filter(self.is_partial, plan.keys))
                    for key in header.partial:
                        if isinstance(starts[key], Missing) and holds_ref(backs[key]):
                            plan.pending.add(key)  # what it shares is seen if carried
                    self._learn(plan, inits, starts, backs, header)
                    failed = len(self.problems) > problems
                    failed = failed and len(plan.pending) == pending
                    settled = plan.mark() == mark and self._points(plan) == points
                    settled = settled and plan.kinds_of(header.slots) == kinds
                    # Of the loops inside more may be known than when the round began.
                    open_ended = failed or self.failing_loops > failing
                    settled = settled and (number > 0 or not open_ended)
                    if settled and not failed:
                        for key, init in inits.items():
                            slot = (key, ())
                            self._leave(slot, init, starts[key], backs[key], plan, header)
            finally:
                self.open_plans.pop()
                self.forget_keys()
            if plan.written_out:
                del self.problems[problems:]
                return False
            if plan.tables and plan.countable:  # items one by one may do where these do not
                self.failed_loops.add(self.span(node))
            if failed and settled:
                if len(self.problems) - problems == len(self.failures) - failures:
                    if extra:
                        return True  # as far as is known, it runs no round
                    fails = self.failures[failures]
                    continue
                if plan.countable:
                    self.failed_loops.add(self.span(node))
                # Reported already; what the loop would bind is not known.
                for key in plan.keys:
                    self.state.set(key, Poison())
                return True
            if settled:
                break
        else:
            raise self.poisoned(CIRCLE, node)
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

    def want_known(self, value: Value, by_choice: bool = False) -> None:
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
        for plan in reversed(self.open_plans if by_choice else ()):
            if plan.countable:  # a branch in its rounds may have chosen the value
                plan.written_out = True
                return

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

    def _open(self, slot: Slot, value: Value, plan: LoopPlan) -> Value:
        """What a slot holds before the first round; what is carried item by item or as
        a whole is taken out of its buffer."""
        if isinstance(value, Missing) and slot in plan.late:
            value = plan.late[slot]
        if slot in plan.choices and not isinstance(value, Missing):
            forms = plan.choices[slot]
            told = self.told(forms, forms, value)
            if told is not None:
                return OneOf(self._open_objects(slot, forms, told[1], plan), told[0])
        if isinstance(value, Sequence):
            return Sequence(self._open_items(slot, value.items, plan), value.cls)
        if isinstance(value, Contents):
            return self._open_contents(slot, value, plan)
        if is_none(value) and slot in plan.maybes:
            form = self._open(held_in(slot), plan.maybes[slot], plan)
            return Maybe(Const(True), form)
        if isinstance(value, Opened):  # a form: in it, too, more may become known
            return Opened(value.ref, self._open(slot, value.contents, plan))
        if isinstance(value, Maybe):
            return Maybe(value.none, self._open(held_in(slot), value.value, plan))
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

    def _open_objects(
        self,
        slot: Slot,
        forms: tuple[Value, ...],
        values: tuple[Value, ...],
        plan: LoopPlan,
    ) -> tuple[Value, ...]:
        """The objects of which a name stands for one, those that rounds make opened."""
        key, way = slot
        found: list[Value] = []
        for place, (form, value) in enumerate(zip(forms, values, strict=True), 1):
            own = key, (*way, place)
            if isinstance(form, Opened) and isinstance(value, Ref):
                held = self._held(value)
                if isinstance(held, Contents):
                    held = self._open_contents(own, held, plan)
                value = Opened(value, held)
            elif isinstance(form, Opened):
                value = self._open(own, value, plan)
            found.append(value)
        return tuple(found)

    def _begin_generators(self, plan: LoopPlan) -> None:
        """Bring generators that a round moves on to where their own loops begin."""
        for key, way in sorted(plan.changed, key=repr):
            held = self.state.get(key) if way == (0,) else None
            if isinstance(key, int) and isinstance(held, Suspended):
                self.begin_generator(key, held)

    def _points(self, plan: LoopPlan) -> int:
        """How many points are known at which generators can stand that a loop moves on."""
        values = map(self.state.get, plan.keys)
        return sum(len(v.points.rests) for v in values if isinstance(v, Suspended))

    def begin_generator(self, buffer: int, held: Suspended) -> None:
        raise NotImplementedError  # a later part does it

    def _make_tables(self, plan: LoopPlan) -> None:
        """Lists of structured items that get longer in a round."""
        for (key, way), form in plan.tables.items():
            value = self.state.get(key)
            for place in way:
                if isinstance(value, ListRef):
                    value = self.state.get(value.buffer)
                value = items_in(value)[place]
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
        if slot in plan.changed or isinstance(init, Const):
            init = self.chosen_in_run(init)
        if isinstance(init, Sequence):
            return Sequence(self._enter_items(slot, init.items, plan, header), init.cls)
        if isinstance(init, Contents):
            return init.holding(self._enter_items(slot, init.items, plan, header))
        if isinstance(init, Maybe):
            flag, none = (key, (*way, 0)), init.none
            if flag in plan.changed:
                base = f"no_{self._key_base(key)}"
                none = self._carry(flag, init.none, plan, header, base)  # type: ignore[assignment]
            return Maybe(none, self._enter(held_in(slot), init.value, plan, header))
        if isinstance(init, Suspended):
            at = self._enter_number((key, (*way, 0)), init.at, plan, header, "at")
            return Suspended(init.points, at)
        if isinstance(init, OneOf):
            base = f"which_{self._key_base(key)}"
            at = self._enter_number((key, (*way, 0)), init.at, plan, header, base)
            values = tuple(
                self._enter((key, (*way, place)), value, plan, header)
                if isinstance(value, Opened)
                else value
                for place, value in enumerate(init.values, 1)
            )
            return OneOf(values, at)
        if isinstance(init, Undef):
            return self._carry(slot, init, plan, header)
        if isinstance(init, ATOMS) and (not way or slot in plan.changed):
            return self._carry(slot, init, plan, header)
        if slot in plan.rows and isinstance(init, Ref):
            return self.row_at(init, self._carry(slot, index_of(init), plan, header))
        return init

    def _enter_number(
        self, slot: Slot, init: Atom, plan: LoopPlan, header: Header, base: str
    ) -> Atom:
        """A number that says more of a value, at the start of a round."""
        if slot not in plan.changed:
            return init
        number = self._carry(slot, init, plan, header, base)
        assert isinstance(number, Var)
        return number

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
            before = [init.ref.buffer]
            for other in sorted(plan.outer.get(slot, ()), key=repr):
                if other in header.before:
                    other = header.before[other].buffer
                if isinstance(other, int):
                    before.append(other)
            self.alias_any(started.buffer, before, plan.limit)
        return started

    def _carry(
        self, slot: Slot, init: Atom, plan: LoopPlan, header: Header, base: str = ""
    ) -> Value:
        key, way = slot
        kind = kind_of(init)
        if isinstance(kind, Int):
            kind = INT  # a counter: its value changes with the rounds
        if slot not in plan.kinds:
            plan.kinds[slot] = kind
        elif isinstance(init, Undef):
            kind = plan.kinds[slot]
        else:  # a loop around this one may begin it with other kinds than at first
            kind = self._widen_slot(slot, kind, plan)
        if isinstance(init, Var) and (way or isinstance(key, int)):
            base = base or self._base(init)
        carried = self.names.fresh(base or self._key_base(key), "", kind)
        header.carried.append(carried)
        header.inits.append(init)
        header.slots.add(slot)
        self.inherit(carried, (init,))
        if kind != NONE and slot in plan.optional:
            self.optional.add(carried)
        if slot in plan.questions:
            self.questions.add(carried)
        if isinstance(key, int) and not way:
            return carried
        return self.own(carried)
