"""What names and buffers stand for where the two paths of a branch meet."""

from __future__ import annotations

from typing import Any

from symdiff.frontend.flow.choices import Choices, Pair, Paths, Phi, is_choice
from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.forms import Again, Held, Part, leaves_of, rebuilt
from symdiff.frontend.memory.state import Key
from symdiff.frontend.memory.tables import index_of
from symdiff.frontend.memory.values import (
    LATER, MISSING, NEVER, ArrayRef, Closure, Contents, DictRef, ListRef, Maybe, Missing,
    Moved, ObjectRef, OneOf, Poison, Ref, Sequence, Suspended, Table, Value, ViewStep,
)  # fmt: skip
from symdiff.ir.core import Atom, Const, Global, Var, defined_by, kind_of
from symdiff.ir.kinds import INT, NONE, Array, Int, Unknown, is_number
from symdiff.records import replace

__all__ = [
    "IN_LIST", "Meeting", "Met", "Pair", "Paths", "Phi", "is_none", "same",
]  # fmt: skip

Met = list[tuple[int, Pair]]

# What is put together anew where only one path has it.
_MERGED = (Var, ArrayRef, Sequence, Contents)
_HELD = (Sequence, ListRef, DictRef, ObjectRef)
IN_LIST = "on some paths only, this object is in a list of run-time length here"
_DIFFERENT = "the two branches leave values of different kinds here"


class Meeting(Choices):
    """Finds a value for what each of two paths leaves."""

    def __init__(self) -> None:
        super().__init__()
        self.met_refs: dict[tuple[Ref, Ref], Ref] = {}
        self.met_contents: dict[Key, Value] = {}

    def meet_as_tables(self, buffers: tuple[int, int], paths: Paths) -> None:
        """Lists of structured items whose length depends on the path become tables."""
        held = [
            path.changes.get(buffer, self.state.get(buffer))
            for buffer, path in zip(buffers, paths, strict=True)
        ]
        lists = [isinstance(v, Contents) and (v.keys is None) for v in held]
        tables = [isinstance(v, Table) for v in held]
        same_length = all(lists) and len(held[0].items) == len(held[1].items)  # type: ignore[union-attr]
        if not any(lists) or same_length or all(tables):
            return
        forms: list[Any] = []
        for value, path in zip(held, paths, strict=True):
            with self.path(path):
                if isinstance(value, Table):
                    forms.append((value.form, value.names))
                elif isinstance(value, Contents):
                    forms.append(self.form_for(value))
        form = next((form for form in forms if form is not None), None)
        if form is None or not all(isinstance(v, (Contents, Missing)) for v in held):
            return
        for buffer, value, path in zip(buffers, held, paths, strict=True):
            if path.ends:
                path.changes[buffer] = MISSING
            elif isinstance(value, Contents) and not isinstance(value, Table):
                with self.path(path):
                    try:
                        self.tabulate(buffer, value, form, None)
                    except Refusal as refusal:
                        self.state.set(buffer, Poison(refusal.message, refusal.help))

    def meet(
        self,
        key: Key,
        values: Pair,
        paths: Paths,
        phi: Phi,
        base: str,
        met: Met,
    ) -> Value:
        a, b = values
        nobody_reads = paths[0].ends and paths[1].ends
        if same(a, b) or b in (LATER, NEVER) or nobody_reads:
            return a
        if a in (LATER, NEVER):
            return b
        if paths[0].ends != paths[1].ends:
            live = b if paths[0].ends else a
            if isinstance(live, OneOf):
                values = a, b = (MISSING, live) if paths[0].ends else (live, MISSING)
            elif not isinstance(live, _MERGED):
                return self._of_one_path(live, 1 if paths[0].ends else 0, paths, phi)
        view = self._merge_views(values, paths, phi)
        if view is not None:
            return view
        for side, (value, other) in enumerate(((b, a), (a, b))):
            if isinstance(value, Poison):
                return value
            if isinstance(value, Moved):
                return Poison(IN_LIST)
            held = isinstance(other, _HELD) or is_choice(other)
            if isinstance(value, Maybe) or (is_none(value) and held):
                return self._merge_maybe(values, paths, phi, base, met)
            if isinstance(value, Missing) and not isinstance(other, (*_MERGED, OneOf)):
                if not self._may_be_older(key, other):
                    return self._of_one_path(other, side, paths, phi)
        if self.is_a_choice(values, paths):
            return self.merge_choices(
                values, paths, phi, base,
                lambda pair: self.meet((), pair, paths, phi, base, met),
            )  # fmt: skip
        if isinstance(a, Contents) or isinstance(b, Contents):
            return self._merge_contents(values, paths, phi, base, met)
        a, b = values = self._empty_as_lists(values, paths)
        if isinstance(a, Suspended) and isinstance(b, Suspended):
            at = self.meet((), (a.at, b.at), paths, phi, "at", met)
            assert isinstance(at, (Var, Const))
            return Suspended(a.points, at)
        if isinstance(key, int):
            return phi(values, self._buffer_base(values))
        if isinstance(a, Sequence) or isinstance(b, Sequence):
            return self._merge_tuples(values, paths, phi, base, met)
        if isinstance(a, Ref) and isinstance(b, Ref) and not isinstance(a, ArrayRef):
            return self._merge_refs((a, b), paths, phi, base, met)
        values = (self.chosen_in_run(a), self.chosen_in_run(b))
        for value in values:
            if not isinstance(value, (Var, Const, Global, ArrayRef, Missing)):
                return Poison(_DIFFERENT)
        merged = phi(values, base)
        kind = kind_of(merged)  # type: ignore[arg-type]
        unknown = any(isinstance(v, Var) and isinstance(v.kind, Unknown) for v in values)
        if isinstance(kind, Unknown) and not unknown:
            return Poison(_DIFFERENT)
        if isinstance(kind, Array):
            ref = self.own(merged)  # type: ignore[arg-type]
            assert isinstance(ref, ArrayRef)
            met.append((ref.buffer, values))
            return ref
        return merged

    def _of_one_path(self, value: Value, side: int, paths: Paths, phi: Phi) -> Value:
        """What one path alone leaves: what the run has computed there for it, as the
        index of an item is, comes out with it."""
        if not any(isinstance(leaf, Var) for leaf in leaves_of(value, "outside")):
            return value
        made = {v for node in paths[side].nodes for v in defined_by(node)}
        found: dict[Var, Value] = {}

        def change(part: Part) -> Part | None:
            if not isinstance(part, Var):
                return None
            if part in made and part not in found:
                pair: Pair = (MISSING, part) if side else (part, MISSING)
                found[part] = phi(pair, part.base)
            return found.get(part, part)

        changed = rebuilt(value, change)
        assert not isinstance(changed, (Held, Again))
        return changed

    def _may_be_older(self, key: Key, value: Value) -> bool:
        """Whether a number that one path assigns may, on the other one, be a number that
        an earlier round assigned."""
        if not isinstance(value, Const) or not is_number(kind_of(value)):
            return False
        return any(key in plan.keys for plan in self.open_plans)

    def _merge_views(self, values: Pair, paths: Paths, phi: Phi) -> Value | None:
        """Views of one array that differ in where they lie: `m[0]` or `m[1]`; or the
        view of one path, where the other one ends."""
        a, b = values
        if paths[0].ends:
            a = b
        elif paths[1].ends:
            b = a
        if not (isinstance(a, ArrayRef) and isinstance(b, ArrayRef)):
            return None
        if a.buffer != b.buffer or list(map(_form, a.path)) != list(map(_form, b.path)):
            return None
        made = {v for path in paths for node in path.nodes for v in defined_by(node)}

        def met(one: Atom, other: Atom) -> Atom:
            if one == other and one not in made:
                return one
            pair: Pair = (one, other)
            if paths[0].ends or paths[1].ends:
                pair = (MISSING, one) if paths[0].ends else (one, MISSING)
            result = phi(pair, one.base if isinstance(one, Var) else "at")
            assert isinstance(result, Var)
            return result

        steps = tuple(
            replace(x, args=tuple(map(met, x.args, y.args)))
            for x, y in zip(a.path, b.path, strict=True)
        )
        return self.moved_view(a, steps)

    def _merge_maybe(
        self, values: Pair, paths: Paths, phi: Phi, base: str, met: Met
    ) -> Value:
        """What is None on some path, and a tuple, list, dict or object on others."""
        flags: list[Value] = []
        inner: list[Value] = []
        for value in values:
            if isinstance(value, Missing):
                flags.append(MISSING)
                inner.append(MISSING)
            elif isinstance(value, Maybe):
                flags.append(value.none)
                inner.append(value.value)
            else:
                flags.append(Const(is_none(value)))
                inner.append(MISSING if is_none(value) else value)
        merged = self.meet((), (inner[0], inner[1]), paths, phi, base, met)
        if isinstance(merged, Poison):
            return merged
        none = phi((flags[0], flags[1]), f"no_{base}")
        assert isinstance(none, Var)
        return Maybe(none, merged)

    def _empty_as_lists(self, values: Pair, paths: Paths) -> Pair:
        """An empty tuple where the other path leaves a list: both have no items to change,
        so an empty list serves, as in `groups.get(key, ())`."""
        if not any(isinstance(value, ListRef) for value in values):
            return values
        made: list[Value] = []
        for value, path in zip(values, paths, strict=True):
            with self.path(path):
                made.append(self.new_list(()) if value == Sequence(()) else value)
        return made[0], made[1]

    def _merge_tuples(
        self, values: Pair, paths: Paths, phi: Phi, base: str, met: Met
    ) -> Value:
        a, b = values
        form = a if isinstance(a, Sequence) else b
        assert isinstance(form, Sequence)
        columns: list[tuple[Value, ...]] = []
        for value in values:
            if isinstance(value, Missing):
                columns.append((MISSING,) * len(form.items))
            elif isinstance(value, Sequence) and value.cls is form.cls:
                columns.append(value.items)
            else:
                return Poison(_DIFFERENT)
        if len(columns[0]) != len(columns[1]):
            message = "the two branches leave sequences of different length here"
            return Poison(message, "give both as many items, or a list")
        items = tuple(
            self.meet((), pair, paths, phi, base, met)
            for pair in zip(*columns, strict=True)
        )
        return Sequence(items, form.cls)

    def _merge_contents(
        self, values: Pair, paths: Paths, phi: Phi, base: str, met: Met
    ) -> Value:
        """The contents of a list, dict or object of which paths leave different ones."""
        a, b = values
        form = a if isinstance(a, Contents) else b
        assert isinstance(form, Contents)
        if form.keys is None:
            return self._merge_lists(values, form, paths, phi, base, met)
        keys: dict[Any, None] = {}
        for value in values:
            keys.update(
                dict.fromkeys(value.keys or ()) if isinstance(value, Contents) else {}
            )
        both = isinstance(a, Contents) and isinstance(b, Contents)
        if both and isinstance(a, Table) and not a.fits(b):  # type: ignore[arg-type]
            return Poison(_DIFFERENT)
        if both and form.cls is None and not a.fits(b):  # type: ignore[union-attr, arg-type]
            return Poison("the two branches leave dicts with different keys here")
        if both and a.cls is not b.cls:  # type: ignore[union-attr]
            return Poison(_DIFFERENT)
        items: list[Value] = []
        for key in keys:
            pair = tuple(
                (v.get(key) or MISSING) if isinstance(v, Contents) else MISSING
                for v in values
            )
            items.append(self.meet((), (pair[0], pair[1]), paths, phi, base, met))
        if isinstance(form, Table):
            return form.holding(tuple(items))
        return Contents(tuple(items), tuple(keys), form.cls)

    def _merge_lists(
        self,
        values: Pair,
        form: Contents,
        paths: Paths,
        phi: Phi,
        base: str,
        met: Met,
    ) -> Value:
        columns = [
            v.items if isinstance(v, Contents) else (MISSING,) * len(form.items)
            for v in values
        ]
        held = any(isinstance(v, (Var, Global)) for v in values)
        if not held and len(columns[0]) == len(columns[1]):
            items = tuple(
                self.meet((), pair, paths, phi, base, met)
                for pair in zip(*columns, strict=True)
            )
            return form.holding(items)
        # The length depends on the path: from here on the list is one value.
        atoms: list[Value] = []
        for path, value in zip(paths, values, strict=True):
            atom = value
            if isinstance(value, Contents) and not path.ends:
                with self.path(path):
                    try:
                        atom = self.list_value(value, None)
                    except Refusal as refusal:
                        return Poison(refusal.message, refusal.help)
            atoms.append(atom)
        return phi((atoms[0], atoms[1]), base)

    def _merge_refs(
        self, values: tuple[Ref, Ref], paths: Paths, phi: Phi, base: str, met: Met
    ) -> Value:
        """A name that stands for one list, dict or object or for another one: a new one
        that is whichever of the two, as long as neither is changed."""
        if type(values[0]) is not type(values[1]):
            self.want_late(values)
            return Poison(_DIFFERENT)
        if isinstance(values[0], ObjectRef):
            self.want_default(*values)
        known = self.met_refs.get(values)
        if known is not None:
            return known
        row = self._merge_rows(values, phi, base)
        if row is not None:
            return row
        if isinstance(values[0], ListRef) and not (values[0].path or values[1].path):
            self.meet_as_tables((values[0].buffer, values[1].buffer), paths)
        held: list[Value] = []
        for path, ref in zip(paths, values, strict=True):
            with self.path(path):
                held.append(self.held_by(ref))
        buffer = self.state.new_buffer()
        merged = type(values[0])(buffer)
        self.met_refs[values] = merged
        contents = self.meet(buffer, (held[0], held[1]), paths, phi, base, met)
        self.met_contents[buffer] = contents
        met.append((buffer, values))
        return merged

    def _merge_rows(self, values: tuple[Ref, Ref], phi: Phi, base: str) -> Ref | None:
        """One item of a table or another one: that at one index or another."""
        if not self.same_table(*values):
            return None
        a, b = map(self.resolved, values)
        return self.row_at(a, phi((index_of(a), index_of(b)), base))

    def tie_met(self, met: Met, older: int) -> None:
        """Note what memory the arrays that met here may be, and which may be the same."""
        for place, (buffer, values) in enumerate(met):
            for value in values:
                if isinstance(value, Ref):
                    self.alias(buffer, value.buffer, older)
            for other, other_values in met[:place]:
                for a, b in zip(values, other_values, strict=True):
                    if isinstance(a, Ref) and isinstance(b, Ref):
                        if self.may_share(a.buffer, b.buffer):
                            self.tie(buffer, other)

    def _buffer_base(self, values: tuple[Value, ...]) -> str:
        for value in values:
            if isinstance(value, Var):
                return value.base
        return "t"


def _form(step: ViewStep) -> tuple[Any, ...]:
    kinds = (kind_of(arg) for arg in step.args)
    return step.op, step.params, *(INT if isinstance(k, Int) else k for k in kinds)


def is_none(value: Value) -> bool:
    """Whether a value is None in any run."""
    return isinstance(value, (Var, Const)) and kind_of(value) == NONE


def same(a: Value, b: Value) -> bool:
    if a is b:
        return True
    if isinstance(a, (Var, Closure)) or isinstance(b, (Var, Closure)):
        return False
    return type(a) is type(b) and a == b
