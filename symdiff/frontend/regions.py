"""Where paths meet: branches and loops, with what they change made explicit."""

from __future__ import annotations

import ast
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

from symdiff.frontend.builtins import Builtins
from symdiff.frontend.context import Frame, Refusal
from symdiff.frontend.plans import Header, LoopPlan
from symdiff.frontend.state import Branch, Key
from symdiff.frontend.values import (
    MISSING, ArrayRef, Closure, Missing, Poison, Sequence, Static, Value,
)  # fmt: skip
from symdiff.ir.core import (
    UNDEF, Atom, Const, Global, If, Undef, Var, kind_of,
)  # fmt: skip
from symdiff.ir.extents import may_be_one
from symdiff.ir.kinds import (
    INT, NONE, UNKNOWN, Array, Extent, Int, Kind, NoneKind, Size, Unknown, is_number, join,
)  # fmt: skip

__all__ = ["Regions"]


class Regions(Builtins):
    """Lowers the meeting of paths."""

    def __init__(self) -> None:
        super().__init__()
        self.plans: dict[Any, LoopPlan] = {}
        self.meetings = 0
        self.open_plans: list[LoopPlan] = []

    # -- branches ---------------------------------------------------------------------

    def branch_values(
        self,
        cond: Atom,
        node: ast.AST,
        then: Callable[[], Value],
        orelse: Callable[[], Value],
        base: str,
    ) -> Value:
        """The value of `then()` or `orelse()`, whichever `cond` picks."""
        key: Key = ("value", object())
        paths = (Branch(), Branch())
        for path, compute in zip(paths, (then, orelse), strict=True):
            with self.path(path):
                self.state.set(key, compute())
        self.join_paths(cond, node, paths, {key: base})
        value = self.state.get(key)
        self.state.set(key, MISSING)
        return value

    @contextmanager
    def path(self, branch: Branch):  # type: ignore[no-untyped-def]
        """Lower one path of a branch into `branch`; its names roll back afterwards."""
        with self.state.branch(branch), self.build.block() as nodes:
            self.build.nodes = branch.nodes
            self.open_branches += 1
            try:
                yield
            finally:
                self.open_branches -= 1
                branch.nodes = self.build.nodes
                del nodes

    def join_paths(
        self,
        cond: Atom,
        node: ast.AST,
        paths: tuple[Branch, Branch],
        bases: dict[Key, str] | None = None,
    ) -> None:
        """Emit the `If` of two lowered paths and merge what they changed."""
        changed = {**paths[0].changes, **paths[1].changes}
        keys = [k for k in changed if self._merges(k)]
        results: list[Var] = []
        yields: tuple[list[Atom], list[Atom]] = ([], [])
        merged: dict[Key, Value] = {}
        self.meetings += 1
        older = self.state.buffers
        met: list[tuple[int, tuple[Value, Value]]] = []

        def phi(values: tuple[Value, Value], base: str) -> Value:
            atoms: list[Atom] = []
            for path, value in zip(paths, values, strict=True):
                if path.ends or isinstance(value, Missing):
                    atoms.append(UNDEF)
                    continue
                with self.path(path):
                    atoms.append(self.atom(value, node, base))
            kind = _join_atoms(atoms[0], atoms[1], f"meet{self.meetings}.{len(results)}")
            result = self.names.fresh(base, "", kind)
            if kind != NONE and any(map(self.may_be_none, atoms)):
                self.optional.add(result)
            results.append(result)
            yields[0].append(atoms[0])
            yields[1].append(atoms[1])
            return result

        for key in keys:
            values = tuple(p.changes.get(key, self.state.get(key)) for p in paths)
            base = (bases or {}).get(key) or self._key_base(key)
            merged[key] = self._merge(key, (values[0], values[1]), paths, phi, base, met)
        self._tie_met(met, older)
        span = self.span(node)
        self.build.append(
            If(
                cond,
                tuple(paths[0].nodes),
                tuple(paths[1].nodes),
                tuple(results),
                tuple(yields[0]),
                tuple(yields[1]),
                span,
            )
        )
        for key, value in merged.items():
            self.state.set(key, value)

    def _merge(
        self,
        key: Key,
        values: tuple[Value, Value],
        paths: tuple[Branch, Branch],
        phi: Callable[[tuple[Value, Value], str], Value],
        base: str,
        met: list[tuple[int, tuple[Value, Value]]],
    ) -> Value:
        a, b = values
        if _same(a, b):
            return a
        if paths[0].ends != paths[1].ends:
            live = b if paths[0].ends else a
            if not isinstance(live, (Var, ArrayRef, Sequence)):
                return live
        for value, other in ((a, b), (b, a)):
            if isinstance(value, Poison):
                return value
            if isinstance(value, Missing) and isinstance(other, (Static, Closure)):
                return other
        if isinstance(key, int):
            return phi(values, self._buffer_base(values))
        if isinstance(a, Sequence) and isinstance(b, Sequence):
            if len(a.items) == len(b.items) and a.is_list == b.is_list:
                items = tuple(
                    self._merge((), (x, y), paths, phi, base, met)
                    for x, y in zip(a.items, b.items, strict=True)
                )
                return Sequence(items, a.is_list)
            return Poison("the two branches leave sequences of different length here")
        if isinstance(a, Sequence) and isinstance(b, Missing):
            return a if not paths[0].ends else b
        if isinstance(b, Sequence) and isinstance(a, Missing):
            return b
        for value in values:
            if not isinstance(value, (Var, Const, Global, ArrayRef, Missing)):
                return Poison(_DIFFERENT)
        merged = phi(values, base)
        kind = kind_of(merged)  # type: ignore[arg-type]
        if isinstance(kind, Unknown) and UNKNOWN not in map(self.kind, values):
            return Poison(_DIFFERENT)
        if isinstance(kind, Array):
            ref = self.own(merged)  # type: ignore[arg-type]
            assert isinstance(ref, ArrayRef)
            met.append((ref.buffer, values))
            return ref
        return merged

    def _tie_met(self, met: list[tuple[int, tuple[Value, Value]]], older: int) -> None:
        """Note what memory the arrays that met here may be, and which may be the same."""
        for place, (buffer, values) in enumerate(met):
            for value in values:
                if isinstance(value, ArrayRef):
                    self.alias(buffer, value.buffer, older)
            for other, other_values in met[:place]:
                for a, b in zip(values, other_values, strict=True):
                    if isinstance(a, ArrayRef) and isinstance(b, ArrayRef):
                        if self.may_share(a.buffer, b.buffer):
                            self.tie(buffer, other)

    def _key_base(self, key: Key) -> str:
        name = key[1] if isinstance(key, tuple) and len(key) == 2 else None
        return name.strip("<>") if isinstance(name, str) else "t"

    def _buffer_base(self, values: tuple[Value, ...]) -> str:
        for value in values:
            if isinstance(value, Var):
                return value.base
        return "t"

    # -- loops ------------------------------------------------------------------------

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
    ) -> None:
        """Lower a loop whose body may bind `names`, until nothing new is learnt.

        `lower` lowers the body once and says how rounds end; `finish` makes the node.
        """
        memo = (tuple(self.sites), id(node))
        frames = self._frames()
        plan = self.plans.setdefault(memo, LoopPlan(len(self.plans), frames))
        if plan.frames != frames:
            plan.again(frames)
        for name in names:
            if name in self.frame.locals:
                plan.keys.setdefault((self.frame.number, name))
        plan.limit = self.state.buffers
        problems = len(self.problems)
        for _ in range(12):
            mark, pending = plan.mark(), len(plan.pending)
            del self.problems[problems:]
            path = Branch()
            header = Header()
            entry = {key: self.state.get(key) for key in plan.keys}
            inits = {key: self._init(value) for key, value in entry.items()}
            self.open_plans.append(plan)
            with self.path(path):
                for key, value in entry.items():
                    self.state.set(key, self._enter(key, value, inits[key], plan, header))
                at_start = {key: self.state.get(key) for key in plan.keys}
                self._tie_heads(plan, at_start)
                leave, extra = lower(header, plan)
                backs = {key: self.state.get(key) for key in plan.keys}
                self._learn(path, plan, entry, at_start, backs)
                failed = len(self.problems) > problems and len(plan.pending) == pending
                if plan.mark() == mark and not failed:
                    for key in plan.keys:
                        self._leave(at_start[key], backs[key], header, node)
            self.open_plans.pop()
            if failed:
                # Reported already; what the loop would bind is not known.
                for key in plan.keys:
                    self.state.set(key, Poison())
                return
            if plan.mark() == mark:
                break
        else:
            raise Refusal("the kinds of the values in this loop do not settle", node)
        self._after(path, plan, entry, at_start, backs, header)
        extra.append(tuple(path.nodes))
        finish(header, extra, leave)

    def _frames(self) -> tuple[int, ...]:
        numbers: list[int] = []
        frame: Frame | None = self.frame
        while frame is not None:
            numbers.append(frame.number)
            frame = frame.outer
        return tuple(numbers)

    def _init(self, value: Value) -> Value:
        """What a changing name holds before the first round, as atoms."""
        if isinstance(value, ArrayRef):
            try:
                return self.read(value, None)
            except Refusal as refusal:
                return Poison(refusal.message, refusal.help)
        if isinstance(value, Sequence):
            return Sequence(tuple(map(self._init, value.items)), value.is_list)
        return value

    def _enter(
        self, key: Key, value: Value, init: Value, plan: LoopPlan, header: Header
    ) -> Value:
        """The value of a changing name at the start of a round."""
        if key in plan.poisoned:
            return Poison(
                "this name may stand for one array or another, depending on the round",
                "make the sharing definite: use `.copy()` where the name is bound",
            )
        if isinstance(value, Missing):
            if key in plan.pending and (key, 0) in plan.kinds:
                return self._carry(key, UNDEF, plan, header, 0)
            return value
        if isinstance(init, Poison):
            return init
        if isinstance(value, ArrayRef):
            assert isinstance(init, (Var, Global))
            carried = self._carry(key, init, plan, header, 0)
            if isinstance(carried, ArrayRef):
                for other in (value.buffer, *sorted(plan.outer.get(key, ()))):
                    self.alias(carried.buffer, other, plan.limit)
            return carried
        if isinstance(value, Sequence):
            items = []
            assert isinstance(init, Sequence)
            for place, item in enumerate(init.items):
                if isinstance(item, (Var, Const, Global)):
                    items.append(self._carry(key, item, plan, header, place))
                else:
                    items.append(value.items[place])
            return Sequence(tuple(items), value.is_list)
        if isinstance(value, (Var, Const, Global)):
            return self._carry(key, value, plan, header, 0)
        return value

    def _carry(
        self, key: Key, init: Atom, plan: LoopPlan, header: Header, place: int
    ) -> Value:
        kind = plan.kinds.get((key, place))
        if kind is None:
            kind = kind_of(init)
            if isinstance(kind, Int):
                kind = INT  # a counter: its value changes with the rounds
            plan.kinds[key, place] = kind
        base = init.base if isinstance(key, int) and isinstance(init, Var) else None
        carried = self.names.fresh(base or self._key_base(key), "", kind)
        header.carried.append(carried)
        header.inits.append(init)
        if kind != NONE and (self.may_be_none(init) or (key, place) in plan.optional):
            self.optional.add(carried)
        if isinstance(key, int):
            return carried
        return self.own(carried)

    def _learn(
        self,
        path: Branch,
        plan: LoopPlan,
        entry: dict[Key, Value],
        starts: dict[Key, Value],
        backs: dict[Key, Value],
    ) -> None:
        """What this lowering of the body shows about the next round."""
        for key in self.state.changed():
            known = isinstance(key, int) and not self.state.existed(key)
            if self._merges(key) and not known and key not in plan.keys:
                if isinstance(key, int) or (
                    isinstance(key[0], int) and key[0] <= self.frame.number
                ):
                    plan.keys[key] = None
        for key, start in starts.items():
            back = backs[key]
            if isinstance(start, Missing):
                if isinstance(back, (Var, Const, Global, ArrayRef)):
                    plan.kinds.setdefault((key, 0), self.kind(back))
            elif isinstance(start, Poison):
                continue
            elif isinstance(back, Poison):
                plan.poisoned.add(key)
            else:
                self._learn_kind(key, start, back, plan, 0)
        refs = {
            key: (start, back)
            for key, start in starts.items()
            if isinstance(start, ArrayRef) and isinstance(back := backs[key], ArrayRef)
        }
        self._learn_sharing(plan, entry, refs)

    def _learn_sharing(
        self,
        plan: LoopPlan,
        entry: dict[Key, Value],
        refs: dict[Key, tuple[ArrayRef, ArrayRef]],
    ) -> None:
        """Which names may show the same array in a later round."""
        heads = {start.buffer: key for key, (start, _) in refs.items()}
        owners: dict[int, Key] = {}
        for key, (_, back) in refs.items():
            outer = plan.outer.setdefault(key, set())
            head = heads.get(back.buffer)
            if head is not None and head != key:
                outer |= plan.outer.get(head, set())
                before = entry[head]
                if isinstance(before, ArrayRef):
                    outer.add(before.buffer)
            elif head is None and back.buffer <= plan.limit:
                outer.add(back.buffer)
            if back.buffer in owners:
                plan.ties.add((owners[back.buffer], key))
            owners[back.buffer] = key
            before = entry[key]
            for other, (_, other_back) in refs.items():
                if other is key:
                    break
                first = entry[other]
                shared = self.may_share(back.buffer, other_back.buffer)
                if isinstance(before, ArrayRef) and isinstance(first, ArrayRef):
                    shared = shared or self.may_share(before.buffer, first.buffer)
                if shared:
                    plan.ties.add((other, key))

    def _learn_kind(
        self, key: Key, start: Value, back: Value, plan: LoopPlan, place: int
    ) -> None:
        if isinstance(start, Sequence):
            if not isinstance(back, Sequence) or len(back.items) != len(start.items):
                plan.poisoned.add(key)
                return
            pairs = zip(start.items, back.items, strict=True)
            for number, (x, y) in enumerate(pairs):
                self._learn_kind(key, x, y, plan, number)
            return
        if (key, place) not in plan.kinds:
            if not _same(start, back):
                plan.poisoned.add(key)
            return
        known = plan.kinds[key, place]
        if isinstance(back, (Sequence, Static, Closure, Missing)):
            if not isinstance(back, Missing):
                plan.poisoned.add(key)
            return
        kind = kind_of(back) if not isinstance(back, ArrayRef) else self.kind(back)  # type: ignore[arg-type]
        if self.may_be_none(back):
            plan.optional.add((key, place))
        symbol = f"round{plan.number}.{list(plan.keys).index(key)}.{place}"
        plan.kinds[key, place] = _widen(known, kind, symbol)

    def _tie_heads(self, plan: LoopPlan, values: dict[Key, Value]) -> None:
        for a, b in sorted(plan.ties, key=repr):
            first, second = values.get(a), values.get(b)
            if isinstance(first, ArrayRef) and isinstance(second, ArrayRef):
                self.tie(first.buffer, second.buffer)

    def _leave(self, start: Value, back: Value, header: Header, node: ast.AST) -> None:
        """Hand the value at the end of a round over to the next one."""
        if isinstance(start, Sequence):
            assert isinstance(back, Sequence)
            for x, y in zip(start.items, back.items, strict=True):
                self._leave(x, y, header, node)
            return
        if isinstance(start, (Missing, Poison, Static, Closure)):
            return
        if isinstance(start, (ArrayRef, Var)):
            if isinstance(back, Missing):
                header.yields.append(UNDEF)
            elif isinstance(back, Poison):
                header.yields.append(self.atom(start, node))
            else:
                header.yields.append(self.atom(back, node))

    def _after(
        self,
        path: Branch,
        plan: LoopPlan,
        entry: dict[Key, Value],
        starts: dict[Key, Value],
        backs: dict[Key, Value],
        header: Header,
    ) -> None:
        """Bind every changed name to its result of the loop."""
        results = iter(header.carried)

        def result_of(value: Value) -> Value:
            if isinstance(value, Sequence):
                return Sequence(tuple(map(result_of, value.items)), value.is_list)
            if not isinstance(value, (Var, ArrayRef)):
                return value
            carried = next(results)
            result = self.names.fresh(carried.base, "", carried.kind)
            header.results.append(result)
            if carried in self.optional:
                self.optional.add(result)
            return result

        # Names bound for the first time inside the loop come last, as their inputs do.
        for key in sorted(plan.keys, key=lambda key: isinstance(starts[key], Missing)):
            start, back = starts[key], backs[key]
            value = result_of(start)
            if isinstance(start, Missing):
                value = self._last_value(key, back, path, plan, header)
            elif isinstance(back, Poison) and not isinstance(start, Poison):
                value = back
            elif isinstance(value, Var) and isinstance(start, ArrayRef):
                ref = self.own(value)
                assert isinstance(ref, ArrayRef)
                for other in (start, entry[key], back):
                    if isinstance(other, ArrayRef):
                        self.alias(ref.buffer, other.buffer, plan.limit)
                value = ref
            self.state.set(key, value)
        self._tie_heads(plan, {key: self.state.get(key) for key in plan.keys})

    def _last_value(
        self, key: Key, back: Value, path: Branch, plan: LoopPlan, header: Header
    ) -> Value:
        if isinstance(back, (Missing, Poison, Static, Closure, Global)):
            return back
        if isinstance(back, Const):
            return back
        if isinstance(back, Sequence):
            items = tuple(
                self._last_value(key, item, path, plan, header) for item in back.items
            )
            return Sequence(items, back.is_list)
        with self.path(path):
            try:
                atom = self.atom(back, None)
            except Refusal as refusal:
                return Poison(refusal.message, refusal.help)
        base = self._key_base(key)
        carried = self.names.fresh(base, "", kind_of(atom))
        result = self.names.fresh(base, "", kind_of(atom))
        header.carried.append(carried)
        header.inits.append(UNDEF)
        header.yields.append(atom)
        header.results.append(result)
        value = self.own(result)
        if isinstance(value, ArrayRef) and isinstance(back, ArrayRef):
            self.alias(value.buffer, back.buffer, plan.limit)
        return value

    def _merges(self, key: Key) -> bool:
        """Whether a key of the state takes part where paths meet."""
        if isinstance(key, int):
            return True
        return key[0] in self.live_frames or key[0] == "value"


_DIFFERENT = "the two branches leave values of different kinds here"


def _same(a: Value, b: Value) -> bool:
    if a is b:
        return True
    if isinstance(a, (Var, Closure)) or isinstance(b, (Var, Closure)):
        return False
    return type(a) is type(b) and a == b


def _join_atoms(a: Atom, b: Atom, symbol: str) -> Kind:
    if isinstance(a, Undef):
        return kind_of(b)
    if isinstance(b, Undef):
        return kind_of(a)
    return _widen(kind_of(a), kind_of(b), symbol)


def _widen(a: Kind, b: Kind, symbol: str) -> Kind:
    """Join; a number that meets an array is an array in the making (`s = 0; s += u`).

    Extents that differ become `symbol`: lengths that meet here equal those of no other
    meeting, and a loop that joins into its own symbol again comes to an end.
    """
    if isinstance(a, NoneKind):
        return b  # which some rounds or paths lack
    if isinstance(b, NoneKind):
        return a
    if isinstance(a, Array) and is_number(b):
        return a
    if isinstance(b, Array) and is_number(a):
        return b
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        return UNKNOWN
    kind = join(a, b)
    if isinstance(kind, Array) and isinstance(a, Array) and isinstance(b, Array):
        dims = enumerate(zip(a.dims, b.dims, kind.dims, strict=True))
        return Array(kind.dtype, tuple(_met(*d, f"{symbol}.{k}") for k, d in dims))
    return kind


def _met(a: Extent, b: Extent, joined: Extent, symbol: str) -> Extent:
    """The extent of an axis that is a or b; `joined` knows whether it may be 1."""
    return a if a == b else Size(symbol, 0, not may_be_one(joined))
