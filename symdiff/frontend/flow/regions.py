"""Where the paths of a branch meet, with what they changed made explicit."""

from __future__ import annotations

import ast
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

from symdiff.frontend.derivatives.solving import Solving
from symdiff.frontend.memory.context import Refusal, Unfinished, Unreached
from symdiff.frontend.memory.state import Branch, Key
from symdiff.frontend.memory.tables import index_of
from symdiff.frontend.memory.values import (
    LATER, MISSING, NEVER, ArrayRef, Closure, Contents, DictRef, ListRef, Maybe, Missing,
    Moved, ObjectRef, Poison, Ref, Sequence, Suspended, Table, Value, ViewStep,
)  # fmt: skip
from symdiff.ir.core import (
    UNDEF, Atom, Const, Global, If, Undef, Var, defined_by, kind_of,
)  # fmt: skip
from symdiff.ir.extents import may_be_one
from symdiff.ir.kinds import (
    INT, NONE, OPAQUE, UNKNOWN, Array, Extent, Int, Kind, List, NoneKind, Size,
    Unknown, is_number, join,
)  # fmt: skip
from symdiff.records import replace

__all__ = ["FAR", "IN_LIST", "Regions", "is_none", "same", "widen"]


Pair = tuple[Value, Value]
Paths = tuple[Branch, Branch]
Phi = Callable[[Pair, str], Value]
Met = list[tuple[int, Pair]]


class Regions(Solving):
    """Lowers the meeting of paths."""

    def __init__(self) -> None:
        super().__init__()
        self.meetings = 0
        self.ended = False  # by a raise that nobody catches: nothing after it runs
        self.met_refs: dict[tuple[Ref, Ref], Ref] = {}
        self.met_contents: dict[Key, Value] = {}

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
                self.assume(cond, path is paths[0])
                value = self._value_of_path(compute)
                self.state.set(key, value)
        self.join_paths(cond, node, paths, {key: base})
        value = self.state.get(key)
        self.state.set(key, MISSING)
        return value

    def _value_of_path(self, compute: Callable[[], Value]) -> Value:
        problems, unreached = len(self.problems), self.unreached
        try:
            value = compute()
        except Unfinished:
            return LATER
        except Unreached as refusal:
            if refusal.message:
                self.report(refusal)
            value = NEVER
        if value == NEVER:
            self.end_unreached(problems, unreached)
        return value

    def end_unreached(self, problems: int, unreached: int) -> None:
        """End a path that fails whenever it is chosen, if it has no other problem than the
        reads that fail: those were so many before."""
        more = len(self.problems) - problems
        if more and more == self.unreached - unreached:
            del self.problems[problems:]
            self.unreached = unreached
            error = self.external_at(("builtin", "LookupError"), OPAQUE)
            self.build.define("raise", error)
            self.ended = True

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
        for key in {**paths[0].changes, **paths[1].changes}:
            if isinstance(key, int):
                self._meet_as_tables((key, key), paths)
        changed = {**paths[0].changes, **paths[1].changes}
        keys = [k for k in changed if self._merges(k)]
        results: list[Var] = []
        yields: tuple[list[Atom], list[Atom]] = ([], [])
        merged: dict[Key, Value] = {}
        self.meetings += 1
        self.met_refs, self.met_contents = {}, {}
        older = self.state.buffers
        met: Met = []

        def phi(values: tuple[Value, Value], base: str) -> Value:
            atoms: list[Atom] = []
            for path, value in zip(paths, values, strict=True):
                if path.ends or isinstance(value, Missing):
                    atoms.append(UNDEF)
                elif isinstance(value, (Var, Const, Global)):
                    atoms.append(value)
                else:
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
        merged.update(self.met_contents)
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
        partial = [key for key in keys if self._is_partial(key, merged[key], paths)]
        for key, value in merged.items():
            self.state.set(key, value)
        for key in partial:
            self.note_partial(key)
        if not paths[0].ends and not paths[1].ends:
            for pair, ref in self.met_refs.items():
                self.state.set(("either", ref.buffer), Sequence((cond, *pair)))

    def put(self, ref: Ref, key: Any, value: Value, node: ast.AST) -> None:
        """Let an object hold a value; where it is one of two that a condition has chosen,
        the one that it is."""
        either = self.state.get(("either", ref.buffer))
        if not isinstance(either, Sequence) or ref.path:
            super().put(ref, key, value, node)
            return
        changed = self.known(ref, node).put(key, value)
        cond, *pair = either.items
        paths = (Branch(), Branch())
        for path, each in zip(paths, pair, strict=True):
            assert isinstance(each, Ref)
            with self.path(path):
                self.put(each, key, value, node)
        self.join_paths(self.atom(cond, node), node, paths)
        self.state.set(ref.buffer, changed)
        self.written.add(ref.buffer)
        self.state.set(("either", ref.buffer), either)

    def note_partial(self, key: Key) -> None:
        """Note that a name may be left unassigned by the way that led here. In a loop it
        then stands for what the round before left."""
        self.state.set(("partial", key), self.state.get(key))

    def is_partial(self, key: Key) -> bool:
        held = self.state.get(key)
        return held is not MISSING and self.state.get(("partial", key)) is held

    def _is_partial(self, key: Key, merged: Value, paths: Paths) -> bool:
        """Whether a name is assigned at the end of some path only."""
        if isinstance(key, int) or key[0] == "value" or isinstance(merged, Missing):
            return False
        for path in paths:
            value = path.changes.get(key, self.state.get(key))
            mark = ("partial", key)
            noted = path.changes.get(mark, self.state.get(mark))
            if not path.ends and (isinstance(value, Missing) or noted is value):
                return True
        return False

    def _meet_as_tables(self, buffers: tuple[int, int], paths: Paths) -> None:
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

    def _merge(
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
            if not isinstance(live, (Var, ArrayRef, Sequence, Contents)):
                return live
        view = self._merge_views(values, paths, phi)
        if view is not None:
            return view
        for value, other in ((a, b), (b, a)):
            if isinstance(value, Poison):
                return value
            if isinstance(value, Moved):
                return Poison(IN_LIST)
            if isinstance(value, Maybe) or (is_none(value) and isinstance(other, _HELD)):
                return self._merge_maybe(values, paths, phi, base, met)
            if isinstance(value, Missing) and not isinstance(other, _MERGED):
                if not self._may_be_older(key, other):
                    return other
        if isinstance(a, Contents) or isinstance(b, Contents):
            return self._merge_contents(values, paths, phi, base, met)
        if isinstance(a, Suspended) or isinstance(b, Suspended):
            return Poison(*FAR)
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
        merged = self._merge((), (inner[0], inner[1]), paths, phi, base, met)
        if isinstance(merged, Poison):
            return merged
        none = phi((flags[0], flags[1]), f"no_{base}")
        assert isinstance(none, Var)
        return Maybe(none, merged)

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
            return Poison("the two branches leave sequences of different length here")
        items = tuple(
            self._merge((), pair, paths, phi, base, met)
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
            items.append(self._merge((), (pair[0], pair[1]), paths, phi, base, met))
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
                self._merge((), pair, paths, phi, base, met)
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
            return Poison(_DIFFERENT)
        known = self.met_refs.get(values)
        if known is not None:
            return known
        row = self._merge_rows(values, phi, base)
        if row is not None:
            return row
        if isinstance(values[0], ListRef) and not (values[0].path or values[1].path):
            self._meet_as_tables((values[0].buffer, values[1].buffer), paths)
        held: list[Value] = []
        for path, ref in zip(paths, values, strict=True):
            with self.path(path):
                held.append(self.held_by(ref))
        buffer = self.state.new_buffer()
        merged = type(values[0])(buffer)
        self.met_refs[values] = merged
        contents = self._merge(buffer, (held[0], held[1]), paths, phi, base, met)
        self.met_contents[buffer] = contents
        met.append((buffer, values))
        return merged

    def _merge_rows(self, values: tuple[Ref, Ref], phi: Phi, base: str) -> Ref | None:
        """One item of a table or another one: that at one index or another."""
        if not self.same_table(*values):
            return None
        a, b = map(self.resolved, values)
        return self.row_at(a, phi((index_of(a), index_of(b)), base))

    def _tie_met(self, met: Met, older: int) -> None:
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

    def _key_base(self, key: Key) -> str:
        name = key[1] if isinstance(key, tuple) and len(key) == 2 else None
        return name.strip("<>") if isinstance(name, str) else "t"

    def _buffer_base(self, values: tuple[Value, ...]) -> str:
        for value in values:
            if isinstance(value, Var):
                return value.base
        return "t"

    def _merges(self, key: Key) -> bool:
        """Whether a key of the state takes part where paths meet."""
        if isinstance(key, int):
            return True
        return key[0] in self.live_frames or key[0] == "value"


def _form(step: ViewStep) -> tuple[Any, ...]:
    kinds = (kind_of(arg) for arg in step.args)
    return step.op, step.params, *(INT if isinstance(k, Int) else k for k in kinds)


# What is put together anew where only one path has it.
_MERGED = (Var, ArrayRef, Sequence, Contents)
_HELD = (Sequence, ListRef, DictRef, ObjectRef)
IN_LIST = "on some paths only, this object is in a list of run-time length here"
FAR = (
    "how far this generator has come is not known here",
    "make a list of what it yields first: list(...)",
)
_DIFFERENT = "the two branches leave values of different kinds here"


def is_none(value: Value) -> bool:
    """Whether a value is None in any run."""
    return isinstance(value, (Var, Const)) and kind_of(value) == NONE


def same(a: Value, b: Value) -> bool:
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
    return widen(kind_of(a), kind_of(b), symbol)


def widen(a: Kind, b: Kind, symbol: str) -> Kind:
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
    if isinstance(a, List) and isinstance(b, List):
        return List(_widen_items(a, b, symbol), a.extent if a.extent == b.extent else None)
    kind = join(a, b)
    if isinstance(kind, Array) and isinstance(a, Array) and isinstance(b, Array):
        dims = enumerate(zip(a.dims, b.dims, kind.dims, strict=True))
        return Array(kind.dtype, tuple(_met(*d, f"{symbol}.{k}") for k, d in dims))
    return kind


def _widen_items(a: List, b: List, symbol: str) -> Kind:
    if a.extent == 0:
        return b.item
    if b.extent == 0:
        return a.item
    if isinstance(a.item, NoneKind) or isinstance(b.item, NoneKind):
        return join(a.item, b.item)  # each item is something or None
    return widen(a.item, b.item, symbol)


def _met(a: Extent, b: Extent, joined: Extent, symbol: str) -> Extent:
    """The extent of an axis that is a or b; `joined` knows whether it may be 1."""
    return a if a == b else Size(symbol, 0, not may_be_one(joined))
