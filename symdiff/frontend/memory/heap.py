"""Lists, dicts and objects: what they hold now, and how that changes."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from symdiff.definitions.keyed import KEYED, Keyed
from symdiff.frontend.memory.context import Refusal, list_depth
from symdiff.frontend.memory.parts import Parts
from symdiff.frontend.memory.plans import LoopPlan
from symdiff.frontend.memory.values import (
    ArrayRef, Contents, DictRef, ListRef, ObjectRef, Poison, Ref, Sequence, Table, Value,
    ViewStep,
)  # fmt: skip
from symdiff.ir.core import (
    Atom, Const, Equation, Global, Index, SliceItem, Var, kind_of,
)  # fmt: skip
from symdiff.ir.kinds import (
    UNKNOWN, Array, Kind, List, Member, NoneKind, Opaque, Str, Tuple, Unknown,
    is_number, is_set, join,
)  # fmt: skip

__all__ = ["RAISED", "Heap"]

_AT = Index(("at",))
_NAMES = (Member, NoneKind, Opaque, Str)
RAISED = "<raised>"  # an attribute of errors: the error as Python makes it


class Heap(Parts):
    """Makes, reads and changes what has an identity.

    A list, dict or object is held item by item as long as its items are known one by
    one. A list becomes one value, as an array is, where its length or the place of a
    change is known only when the program runs.
    """

    open_plans: list[LoopPlan]

    # -- making -----------------------------------------------------------------------

    def new_list(self, items: tuple[Value, ...]) -> ListRef:
        return ListRef(self._new(Contents(items)))

    def holder(self, contents: Contents) -> ListRef:
        """A new list of these contents."""
        return ListRef(self._new(contents))

    def new_dict(self, keys: tuple[Any, ...], items: tuple[Value, ...]) -> DictRef:
        return DictRef(self._new(Contents(items, keys)))

    def new_object(
        self, cls: type, names: tuple[str, ...] = (), items: tuple[Value, ...] = ()
    ) -> ObjectRef:
        return ObjectRef(self._new(Contents(items, names, cls)))

    def _new(self, contents: Contents) -> int:
        buffer = self.state.new_buffer()
        self.state.set(buffer, contents)
        return buffer

    # -- reading ----------------------------------------------------------------------

    def contents(self, ref: Ref, node: ast.AST | None) -> Contents | None:
        """What a list, dict or object holds; None for a list held as one value."""
        held = self.state.get(ref.buffer)
        if isinstance(held, Poison):
            raise self.poisoned(held, node)
        if not isinstance(held, Contents) or isinstance(held, Table):
            return None
        assert not ref.path
        return held

    def outline(self, ref: Ref, node: ast.AST | None) -> Contents:
        """What a dict or object holds, where its class and some key alone matter."""
        return self.known(ref, node)

    def known(self, ref: Ref, node: ast.AST | None) -> Contents:
        """What is held item by item, though some keys may be there in some runs only."""
        contents = self.contents(ref, node)
        if contents is None:
            raise Refusal("the number of items is not known before the program runs", node)
        return contents

    def got(
        self, ref: Ref, key: Any, node: ast.AST | None, base: str = "t"
    ) -> Value | None:
        """What a dict or object holds under a key; None if it has no such key."""
        return self.outline(ref, node).get(key)

    def held(self, ref: Ref, node: ast.AST | None) -> Contents:
        """What a dict, an object, or a list that is held item by item holds."""
        contents = self.known(ref, node)
        if ref.buffer in self.unsure:
            self.want_late((ref,))
            what = "attributes this object" if contents.cls else "keys this dict"
            raise Refusal(
                f"which {what} has depends on the run",
                node,
                "set all of them before the loop",
            )
        return contents

    def atom(self, value: Value, node: ast.AST | None, base: str = "t") -> Atom:
        if isinstance(value, ListRef):
            contents = self.contents(value, node)
            if contents is None:
                return self.read(value, node, base)
            items = [self.atom(item, node) for item in contents.items]
            return self.build.define("list", *items, base=base)
        if isinstance(value, DictRef) or self.is_keyed(value):
            raise Refusal(
                "a dict cannot be passed to code that is run as it is",
                node,
                "pass what it holds",
            )
        if isinstance(value, ObjectRef):
            contents = self.held(value, node)
            raised, cls = contents.get(RAISED), contents.cls
            if raised is not None:
                return self.atom(raised, node, base)
            raise Refusal(
                f"an object of class `{cls.__name__ if cls else '?'}` cannot be passed to "
                "code that is run as it is",
                node,
                "pass its attributes",
            )
        return super().atom(value, node, base)

    def kind(self, value: Value) -> Kind:
        if isinstance(value, ListRef):
            contents = self.contents(value, None)
            if contents is None:
                return kind_of(self.read(value, None))
            return Tuple(tuple(map(self.kind, contents.items)))
        return super().kind(value)

    # -- changing ---------------------------------------------------------------------

    def put(self, ref: Ref, key: Any, value: Value, node: ast.AST) -> None:
        """Let a dict or object hold a value under a key."""
        if isinstance(key, str) and key.isidentifier():
            self.suggest(key, value)
        self.replace(ref, self.outline(ref, node).put(key, value), node)

    def suggest(self, name: str, value: Value) -> None:
        """Name a nameless value after the variable that it is first bound to."""
        if isinstance(value, ObjectRef) and not value.path:
            self._suggest_parts(name, value)
        if isinstance(value, Ref) and not value.path:
            if isinstance(value, ListRef):
                self.list_names.setdefault(value.buffer, name)
            value = self.state.get(value.buffer)
        if isinstance(value, Var) and (
            value.base in ("t", "result") or value in self.parts
        ):
            self.bases.setdefault(value, name)

    def is_keyed(self, value: Value) -> bool:
        """Whether it is a dict whose keys only the run knows."""
        return isinstance(value, ObjectRef) and self.outline(value, None).cls in KEYED

    def parts_of_keyed(self, ref: Ref) -> list[ListRef]:
        """The lists of a dict whose keys only the run knows."""
        held = self.state.get(ref.buffer)
        if not isinstance(held, Contents) or held.cls not in KEYED:
            return []
        return [part for part in held.items if isinstance(part, ListRef)]

    def _suggest_parts(self, name: str, ref: ObjectRef) -> None:
        """Name the parts of a dict whose keys only the run knows after it."""
        parts = self.parts_of_keyed(ref)
        for part, called in zip(parts, (f"{name}_keys", name), strict=False):
            self.list_names.setdefault(part.buffer, called)
            self.suggest(called, part)
        places = self.known(ref, None).get("places") if parts else None
        if isinstance(places, Var):
            self.bases.setdefault(places, f"{name}_places")

    def replace(self, ref: Ref, contents: Contents, node: ast.AST) -> None:
        """Give a list, dict or object other contents."""
        self.check_writable(ref, node)
        assert not ref.path
        self.written.add(ref.buffer)
        self.update(ref.buffer, contents, node)

    # -- lists as one value -------------------------------------------------------------

    def materialise(self, ref: ListRef, node: ast.AST | None) -> None:
        """Hold a list as one value from now on."""
        contents = self.contents(ref, node)
        if contents is not None:
            self.state.set(ref.buffer, self.list_value(contents, node, ref.buffer))

    def list_value(
        self, contents: Contents, node: ast.AST | None, buffer: int | None = None
    ) -> Var:
        """A list as one value; what it holds by reference is tied to `buffer`."""
        if not self.is_uniform(contents) and not self._holds_text(contents):
            self.want_late(contents.items)
            raise Refusal(
                "a list is used in a way that is only known when the program runs, and its "
                "items are not of one kind",
                node,
                "keep lists of numbers or of equally shaped arrays",
            )
        rows = [item.buffer for item in contents.items if isinstance(item, Ref)]
        if buffer is not None and len(set(rows)) < len(rows):
            self.doubled.add(buffer)
        atoms = [self._item(item, node, buffer) for item in contents.items]
        base = self.list_names.get(buffer, "t")
        return self.build.define("list.new", *atoms, base=base)

    def list_item(
        self,
        item: Value,
        node: ast.AST | None,
        buffer: int | None,
        at: Atom | None = None,
    ) -> Atom:
        """What goes into a list that is held as one value, at a place."""
        if isinstance(item, Ref) and buffer is not None:
            if self.permutes is None or at is None:
                self._note_holding(item, buffer, node)
            elif self.permutes is not self.frame:
                done = (self.open_branches, len(self.open_plans))
                self.exchanged.append((buffer, at, item, done, node))
        return self._item(item, node, buffer)

    @contextmanager
    def exchanging(self) -> Iterator[None]:
        """While an assignment moves items about, be it by methods of a class: what is in
        two places of a list on the way is in one again when all is done."""
        outer = self.permutes, self.exchanged
        self.permutes, self.exchanged = self.frame, []
        try:
            yield
        finally:
            made, (self.permutes, self.exchanged) = self.exchanged, outer
            if not self._is_exchange(made):
                self._note_all(made)

    def _is_exchange(self, made: list[Any]) -> bool:
        """Whether two items of a list have changed places."""
        if len(made) != 2:
            return False
        here = (self.open_branches, len(self.open_plans))
        (one, to, second, *_), (other, back, last, *_) = made
        known = all(done == here for *_, done, _ in made) and one == other
        definitions = [self._definition(item) for item in (second, last)]
        if not known or any(d is None or d.params != _AT for d in definitions):
            return False
        (whole, fro), (again, first) = (d.args for d in definitions if d is not None)
        return whole == again and (fro, first) == (back, to)

    def _definition(self, item: Ref) -> Equation | None:
        """What made the item of a list that an assignment has taken out."""
        held = self.state.get(item.buffer)
        made = self.build.definitions.get(held) if isinstance(held, Var) else None
        return made if made is not None and made.op == "getitem" and not item.path else None

    def _note_all(self, made: list[Any]) -> None:
        for buffer, _, item, _, node in made:
            self._note_holding(item, buffer, node)

    def _item(self, item: Value, node: ast.AST | None, buffer: int | None) -> Atom:
        if isinstance(item, Ref) and buffer is not None:
            self.alias(item.buffer, buffer)
        if isinstance(item, ListRef):
            contents = self.contents(item, node)
            if contents is not None:
                return self.list_value(contents, node, item.buffer)
        if isinstance(item, Var) and item in self.questions:
            raise Refusal(self.UNTOLD, node, "keep whether it is true: bool(...)")
        return self.atom(item, node)

    def is_uniform(self, contents: Contents) -> bool:
        """Whether a list can be held as one value: its items are of one kind."""
        return self._joined([self._item_kind(item) for item in contents.items]) is not None

    def _holds_text(self, contents: Contents) -> bool:
        """Whether all items are strings: such a list is one value only where it must be,
        as strings that are known choose what is generated."""
        texts = (isinstance(self.kind(item), Str) for item in contents.items)
        return all(texts)

    def _item_kind(self, item: Value) -> Kind:
        if isinstance(item, ListRef):
            contents = self.contents(item, None)
            if contents is not None:
                kinds = [self._item_kind(part) for part in contents.items]
                inner = self._joined(kinds)
                return UNKNOWN if inner is None else List(inner, len(contents.items))
        return self.kind(self.chosen_in_run(item))

    def _joined(self, kinds: list[Kind]) -> Kind | None:
        """The one kind of the items of a list; None if there is none."""
        kind: Kind | None = None
        for each in kinds:
            if not self._is_uniform_item(each):
                return None
            kind = each if kind is None else join(kind, each)
        return None if kind is not None and isinstance(kind, Unknown) else kind or UNKNOWN

    def list_atom(self, ref: ListRef, node: ast.AST | None) -> Atom:
        """The list as one value of kind List, whatever way it is held."""
        contents = self.contents(ref, node)
        if contents is None:
            return self.read(ref, node)
        return self.list_value(contents, node)

    def own_list(self, atom: Atom) -> ListRef:
        """The reference to a new list that is held as one value."""
        buffer = self.state.new_buffer()
        self.state.set(buffer, atom)
        return ListRef(buffer)

    def list_element(self, ref: ListRef, index: Atom, node: ast.AST, base: str) -> Value:
        """`ref[index]` of a list that is held as one value."""
        atom = self.read(ref, node)
        kind = kind_of(atom)
        if isinstance(kind, List) and kind.extent == 0:
            raise self.reading_nothing(node)
        step = ViewStep("getitem", (index,), Index(("at",)))
        if isinstance(kind, List) and isinstance(kind.item, List):
            return ListRef(ref.buffer, (*ref.path, step))
        if ref.path:
            # C[i][j] is one read: the adjoint then touches one element, not a row.
            owner = self.read(Ref(ref.buffer), node)
            steps = (*ref.path, step)
            atoms = tuple(a for s in steps for a in s.args)
            together = Index(("at",) * len(steps), True)
            value = self.build.define("getitem", owner, *atoms, params=together, base=base)
        else:
            value = self.build.define("getitem", atom, index, params=step.params, base=base)
        if isinstance(value.kind, Opaque):
            self.optional.add(value)
        result = self.whole(value)
        if isinstance(result, ArrayRef):
            self.alias(result.buffer, ref.buffer)
        return result

    def list_write(
        self,
        ref: ListRef,
        op: str,
        args: tuple[Atom, ...],
        node: ast.AST,
        params: Any = None,
    ) -> None:
        """Change a list that is held as one value, or a row of one."""
        self.check_writable(ref, node)
        if op not in ("setitem", "additem"):
            self._check_length(ref, node)
        self.written.add(ref.buffer)
        if ref.path:
            self.changed_inside.add(ref.buffer)
            self._check_rows(ref.buffer, node)
        self._detach_rows(ref, op, node)
        whole = self.read(Ref(ref.buffer), node)
        path = tuple(a for step in ref.path for a in step.args)
        items: tuple[str | SliceItem, ...] = ("at",) * len(path)
        if op in ("setitem", "additem", "list.delitem"):
            items += params.items if params is not None else ("at",)
        index = Index(items, len(items) > 1) if items else None
        new = self.build.define(
            op, whole, *path, *args, params=index, base=self._base(whole)
        )
        self.update(ref.buffer, new, node, list_depth(kind_of(whole)) - len(path))

    def renew(self, ref: ListRef, new: Atom, node: ast.AST) -> None:
        """Give a list that is held as one value, or a row of one, other items."""
        self._check_length(ref, node)
        if ref.path:
            *steps, last = ref.path
            owner = ListRef(ref.buffer, tuple(steps))
            self.list_write(owner, "setitem", (*last.args, new), node, last.params)
            return
        self.check_writable(ref, node)
        self.written.add(ref.buffer)
        self._detach_rows(ref, "setitem", node)
        self.update(ref.buffer, new, node, list_depth(kind_of(new)))

    def _check_length(self, ref: ListRef, node: ast.AST) -> None:
        """Refuse to change the length of a list over which a loop runs."""
        if ref in self.looping:
            raise self.changed_length(node)

    def changed_length(self, node: ast.AST) -> Refusal:
        return Refusal(
            "a list changes its length while a loop runs over it",
            node,
            "loop over a copy: list(...)",
        )

    # -- lists in lists that are held as one value ---------------------------------------

    def _note_holding(self, item: Ref, buffer: int, node: ast.AST | None) -> None:
        """Note whether a list may hold an inner list or object twice from now on."""
        before = self.older[-1]
        again = item.buffer == buffer or buffer in self.ties.get(item.buffer, ())
        if again or (item.buffer <= before and buffer <= before):
            self.doubled.add(buffer)
            self._check_rows(buffer, node)

    def _check_rows(self, buffer: int, node: ast.AST | None) -> None:
        if self.exchanged:  # what is changed now may be in two places
            made, self.exchanged = self.exchanged, []
            self._note_all(made)
        if buffer in self.doubled and buffer in self.changed_inside:
            if isinstance(self.state.get(buffer), Table):
                message = "two places of this list may hold one object, which is changed"
                raise Refusal(message, node, "make an object for each place")
            kind = kind_of(self.read(Ref(buffer), node))
            arrays = isinstance(kind, List) and isinstance(kind.item, Array)
            what, copy = ("array", ".copy()") if arrays else ("inner list", "list(...)")
            raise Refusal(
                f"two places of this list may hold one {what}, which is changed",
                node,
                f"store a copy: {copy}",
            )

    def detached(self, ref: ListRef, node: ast.AST | None) -> ListRef:
        """An inner list by itself, wherever it will be in the list that holds it now."""
        made = self.own_list(self.read(ref, node))
        self.alias(made.buffer, ref.buffer)
        return made

    def _detach_rows(self, ref: ListRef, op: str, node: ast.AST) -> None:
        """Before the items of a list move: names of inner lists stay with these."""
        for key, value in self.state.names(self.live_frames):
            if not isinstance(value, ListRef) or value.buffer != ref.buffer:
                continue
            steps = value.path[len(ref.path) :]
            if not steps or value.path[: len(ref.path)] != ref.path:
                continue
            at = steps[0].args[0]
            stays = isinstance(at, Const) and isinstance(at.value, int) and at.value >= 0
            if op != "list.append" or not stays:
                self.state.set(key, self.detached(value, node))

    def length(self, ref: ListRef, node: ast.AST | None, base: str = "n") -> Atom:
        """`len(ref)`."""
        contents = self.contents(ref, node)
        if contents is not None:
            return Const(len(contents.items))
        atom = self.read(ref, node)
        kind = kind_of(atom)
        if isinstance(kind, List) and isinstance(kind.extent, int):
            return Const(kind.extent)
        return self.build.define("builtins.len", atom, base=base)

    def is_list_value(self, value: Value) -> bool:
        """Whether it is a list that is held as one value."""
        if isinstance(value, ListRef):
            return self.contents(value, None) is None
        return isinstance(value, (Var, Global)) and isinstance(kind_of(value), List)

    def _is_uniform_item(self, kind: Kind) -> bool:
        if isinstance(kind, Tuple):
            return all(self.is_item(k) or isinstance(k, Array) for k in kind.items)
        return self.is_item(kind) or isinstance(kind, (Array, List))

    def is_item(self, kind: Kind) -> bool:
        """Whether a list may hold such values without a form of their own."""
        if is_set(kind):  # it changes where it is not seen
            return False
        return is_number(kind) or (self.late and isinstance(kind, _NAMES))

    def want_default(self, *refs: Ref) -> None:
        """Note that one name stands for dicts with a default and for those without."""
        held = [self.state.get(ref.buffer) for ref in refs]
        classes = [each.cls for each in held if isinstance(each, Contents)]
        if set(classes) == set(KEYED) and not any(ref.path for ref in refs):
            plain = self.made_at_place.get(refs[classes.index(Keyed)].buffer)
            self.wanted_places.add(("default", plain))

    def want_late(self, values: Iterable[Value]) -> None:
        """Note what is looked up in the run, or differs from item to item: dicts by their
        keys, text and members of enumerations."""
        for value in map(self.chosen_in_run, values):
            if isinstance(value, Sequence):
                self.want_late(value.items)
            elif isinstance(value, DictRef):
                place = self.made_at_place.get(self.home(value.buffer))
                self.wanted_places.update(() if place is None else (place,))
            elif isinstance(value, (Var, Const, Global)):
                named = isinstance(kind_of(value), (Member, Str))
                self.wanted_places.update((None,) if named else ())
