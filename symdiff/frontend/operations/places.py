"""Places that are assigned to: names, items, attributes."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from symdiff.definitions.keyed import KEYED
from symdiff.frontend.memory.context import WHOLE, Refusal
from symdiff.frontend.memory.values import (
    ArrayRef, DictRef, Generator, ListRef, ObjectRef, Sequence, Value, ViewStep, sure,
)  # fmt: skip
from symdiff.frontend.operations.operators import BINARY
from symdiff.frontend.operations.subscripts import Subscripts, is_slice
from symdiff.ir.alias import may_be_view
from symdiff.ir.core import Atom, Const, Index, SliceItem, Var, kind_of
from symdiff.ir.kinds import Array, List, Tuple, Unknown, is_number

__all__ = ["Places"]

Place = tuple[Callable[[str], Value], Callable[[Value], None]]  # how to read, to write


class Places(Subscripts):
    """Lowers targets: what they are made of is evaluated once."""

    # -- targets ----------------------------------------------------------------------

    def assign(self, target: ast.expr, value: Value) -> None:
        """Bind a target to a value."""
        if isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target.elts, value, target)
        else:
            self.locate(target)[1](value)

    def owner_of(self, target: ast.expr) -> Value | None:
        """That of which a target is an item or attribute."""
        if isinstance(target, ast.Attribute):
            return sure(self.expr(target.value))
        return (
            sure(self.written_to(target.value))
            if isinstance(target, ast.Subscript)
            else None
        )

    def locate(self, target: ast.expr, owner: Value | None = None) -> Place:
        """How to read and write a target; its owner is looked up if it is not given."""
        if isinstance(target, ast.Name):
            return (
                lambda base: self.look_up(target.id, target),
                lambda value: self.bind_name(target, value),
            )
        of = self.owner_of(target) if owner is None else owner
        assert of is not None
        if isinstance(target, ast.Attribute):
            name = target.attr
            return (
                lambda base: self.attribute(of, name, target, base),
                lambda value: self.set_attribute(of, name, value, target),
            )
        assert isinstance(target, ast.Subscript)
        return self._item_place(of, target)

    def _item_place(self, owner: Value, target: ast.Subscript) -> Place:
        if isinstance(owner, ListRef):
            return self._in_list(owner, target)
        if isinstance(owner, DictRef):
            return self._in_dict(owner, target)
        if isinstance(owner, ObjectRef):
            return self._in_object(owner, target)
        ref, index, atoms = self.place(owner, target)

        def write(value: Value) -> None:
            self.check_overlap(ref, ViewStep("getitem", atoms, index), value, target)
            self.at(target).write(ref, index, atoms, self.atom(value, target), target)

        return lambda base: self.array_item(ref, index, atoms, target, base), write

    def written_to(self, node: ast.expr) -> Value:
        """What an assignment to an item goes into."""
        if isinstance(node, ast.Attribute):
            owner = sure(self.expr(node.value))
            array = self.array_in_table(owner, node.attr, node)
            return self.attribute(owner, node.attr, node, "t") if array is None else array
        if isinstance(node, ast.Subscript):
            owner = self.written_to(node.value)
            array = self._array_in(owner, node)
            return self.item(owner, node, "t") if array is None else array
        return self.expr(node)

    def _array_in(self, owner: Value, node: ast.Subscript) -> ArrayRef | None:
        """An array in a list, or in a dict by a key, that is held as one value."""
        if self.class_of(owner) in KEYED:
            values = self.attribute(owner, "values_", node, "t")
            if not self.holds_arrays(values, node):
                return None
            args = [owner, self.expr(node.slice)]
            place = self.special_method("place_of", args, node, "place")
            assert place is not None
            values = self.attribute(owner, "values_", node, "t")
        elif isinstance(node.slice, ast.Slice) or not self.holds_arrays(owner, node):
            return None
        else:
            place, values = self.expr(node.slice), owner
        assert isinstance(values, ListRef)
        return self.array_in_list(values, self.atom(place, node.slice), node)

    def _in_dict(self, owner: DictRef, target: ast.Subscript) -> Place:
        key = self.key_in(owner, self.expr(target.slice), target.slice)

        def write(value: Value) -> None:
            self.put(owner, key, value, target)

        return lambda base: self.dict_item(owner, key, target), write

    def _in_object(self, owner: ObjectRef, target: ast.Subscript) -> Place:
        key = self.expr(target.slice)

        def read(base: str) -> Value:
            return self.object_item(owner, key, target, base)

        def write(value: Value) -> None:
            args = [owner, key, value]
            if self.special_method("__setitem__", args, target, "t") is None:
                raise Refusal("items of objects of this class are not assigned", target)

        return read, write

    def _in_list(self, owner: ListRef, target: ast.Subscript) -> Place:
        key = self.expr(target.slice)
        if is_slice(key):
            return self._slice_of_list(owner, target, key)
        at = self.atom(key, target.slice)

        def write(value: Value) -> None:
            contents = self.contents(owner, target)
            if contents is not None and isinstance(at, Const):
                if not -len(contents.items) <= at.value < len(contents.items):
                    self.raise_now(IndexError, target)
                    raise Refusal("index out of range", target)
                items = list(contents.items)
                items[at.value] = value
                self.replace(owner, contents.holding(tuple(items)), target)
                return
            if contents is not None:
                if not self.is_uniform(contents):
                    self.want_known(at)
                self.materialise(owner, target)
            if self.table(owner) is not None:
                self.at(target).set_row(owner, at, value, target)
                return
            atom = self.list_item(value, target, owner.buffer, at)
            self.at(target).list_write(owner, "setitem", (at, atom), target, Index(("at",)))

        return lambda base: self.element(owner, at, target, base), write

    def _slice_of_list(
        self, owner: ListRef, target: ast.Subscript, bounds: Sequence
    ) -> Place:
        index, atoms, cut = self.bounds(bounds, target)

        def read(base: str) -> Value:
            return self.list_slice(owner, index, atoms, cut, target, base)

        def write(value: Value) -> None:
            contents = self.contents(owner, target)
            value = self.taken_from(value, target)
            new = self.known_items(value, target)
            if contents is not None and cut is not None and new is not None:
                items = list(contents.items)
                items[cut] = new
                self.replace(owner, contents.holding(tuple(items)), target)
                return
            self.materialise(owner, target)
            taken = value if isinstance(value, ListRef) else None
            if taken is None:
                taken = self.new_list(self.items_of(value, target))
            atom = self.list_atom(taken, target)
            self.at(target).list_write(owner, "setitem", (*atoms, atom), target, index)

        return read, write

    # -- several at once ----------------------------------------------------------------

    def _unpack(self, targets: list[ast.expr], value: Value, node: ast.AST) -> None:
        starred = [k for k, t in enumerate(targets) if isinstance(t, ast.Starred)]
        if starred and isinstance(value, ArrayRef):
            self._unpack_row(targets, starred[0], value, node)
            return
        if starred and isinstance(value, ObjectRef):
            value = self.iterator(value, node)
        if starred and isinstance(value, Generator):
            value = self.listed(value, node, "items")
        value = self.taken_from(value, node)
        open_ended = starred and self._open_ended(targets, starred[0], value, node)
        if open_ended:
            return
        items = self._unpacked(value, len(targets), node, targets)
        if starred:
            place = starred[0]
            after = len(targets) - place - 1
            if len(items) < len(targets) - 1:
                raise Refusal("not enough values to unpack", node)
            middle = self.new_list(items[place : len(items) - after])
            items = (*items[:place], middle, *items[len(items) - after :])
        if len(items) != len(targets):
            raise Refusal(
                f"{len(items)} values are unpacked into {len(targets)} names", node
            )
        for target, item in zip(targets, items, strict=True):
            self.assign(target.value if isinstance(target, ast.Starred) else target, item)

    def _unpack_row(
        self, targets: list[ast.expr], place: int, value: ArrayRef, node: ast.AST
    ) -> None:
        """`a, *rest, z = row` of an array."""
        after = len(targets) - place - 1
        for k, target in enumerate(targets):
            if isinstance(target, ast.Starred):
                cut = Sequence((Const(place), Const(-after or None), Const(None)), slice)
                index, atoms = self.index_by((cut,), False, node)
                part = self.array_item(value, index, atoms, node, "t")
                self.assign(target.value, self.listed(part, node, "t"))
            else:
                at = Const(k if k < place else k - len(targets))
                item = self.array_item(value, Index(("at",)), (at,), node, "t")
                self.assign(target, item)

    def _open_ended(
        self, targets: list[ast.expr], place: int, value: Value, node: ast.AST
    ) -> bool:
        """`a, *rest, z = xs` of a list whose length the run knows."""
        last = len(targets) - place - 1
        if not isinstance(value, ListRef) or self.known_items(value, node) is not None:
            return False
        if place and last:
            length = self.length(value, node)
            enough = self.at(node).build.define("ge", length, Const(place + last))
            text = Const("not enough values to unpack")
            self.build.define("assert", enough, text)
        places = [*range(place), *range(-last, 0)]
        singles = [self.element(value, Const(k), node, "t") for k in places]
        bounds = tuple(Const(k) for k in (place, -last) if k)
        index = Index((SliceItem(start=bool(place), stop=bool(last)),))
        cut = slice(place, -last or None)
        rest = self.list_slice(value, index, bounds, cut, node, "rest")
        items = [*singles[:place], rest, *singles[place:]]
        for target, item in zip(targets, items, strict=True):
            self.assign(target.value if isinstance(target, ast.Starred) else target, item)
        return True

    def _unpacked(
        self, value: Value, count: int, node: ast.AST, targets: list[ast.expr]
    ) -> tuple[Value, ...]:
        value = sure(value)
        if isinstance(value, ObjectRef):
            value = self.iterator(value, node)
        if isinstance(value, Generator):
            value = self.listed(value, node, "items")
        value = self.taken_from(value, node)
        several = isinstance(value, ArrayRef) and self._length_is_open(value)
        if several or (self.known_items(value, node) is None and self.is_list_value(value)):
            if not any(isinstance(t, ast.Starred) for t in targets):
                bases = [t.id if isinstance(t, ast.Name) else "t" for t in targets]
                return self._checked(value, bases, node)
        return self.items_of(value, node)

    def _length_is_open(self, value: Value) -> bool:
        kind = self.kind(value)
        return (
            isinstance(kind, Array)
            and bool(kind.dims)
            and not isinstance(kind.dims[0], int)
        )

    def _checked(self, value: Value, bases: list[str], node: ast.AST) -> tuple[Value, ...]:
        """The items of a list or array that must have so many, which the program checks."""
        count = len(bases)
        whole = self.atom(value, node)
        if self.catching:
            length = self.atom(self.length_of(value, node), node)
            other = self.compare("ne", length, Const(count), node, "t")
            self.raise_where(other, ValueError, node)
        build = self.at(node).build
        build.define("check length", whole, params=count)
        kind = kind_of(whole)
        if isinstance(kind, Array) and kind.ndim == 1:
            at = Index(("at",))
            return tuple(
                build.define("getitem", whole, Const(k), params=at, base=base)
                for k, base in enumerate(bases)
            )
        return tuple(self.element(value, Const(k), node, bases[k]) for k in range(count))

    # -- augmented assignment -------------------------------------------------------------

    def stmt_AugAssign(self, node: ast.AugAssign) -> None:
        op, target = BINARY[type(node.op)], node.target
        base = target.id.strip("<>") if isinstance(target, ast.Name) else "t"
        owner = self.owner_of(target)
        if isinstance(target, ast.Subscript):
            assert owner is not None
            if isinstance(owner, ArrayRef):
                ref, index, atoms = self.place(owner, target)
                value = self.atom(self.expr(node.value), node.value)
                self.update_in_place(op, ref, index, atoms, value, node)
                return
            array = self._array_in(owner, target)
            if array is not None:
                value = self.atom(self.expr(node.value), node.value)
                self.update_in_place(op, array, WHOLE, (), value, node)
                return
            if op in ("add", "sub") and self._adds_to_list(owner, target):
                assert isinstance(owner, ListRef)
                self._add_to_list(op, owner, node)
                return
            if self.class_of(owner) in KEYED:
                self._augment_keyed(owner, target, node)
                return
        if owner is not None and self._augments_table(op, owner, target, node):
            return
        read, write = self.locate(target, owner)
        left = read("t")
        if isinstance(left, ArrayRef):
            value = self.atom(self.expr(node.value), node.value)
            self.build.span = self.span(node)
            self.update_in_place(op, left, WHOLE, (), value, node)
            if not isinstance(target, ast.Name):
                write(left)
            return
        if self._change_held(op, left, node):
            if not isinstance(target, ast.Name):
                write(left)
            return
        right = self.expr(node.value)
        if isinstance(left, ObjectRef):
            inplace = self.special_method(IN_PLACE[op], [left, right], node, base)
            if inplace is not None:
                write(inplace)
                return
        held = isinstance(left, (Sequence, ObjectRef, DictRef))
        if not held and not is_number(self.kind(left)):
            if isinstance(self.kind(right), Array) or self._may_be_view(left):
                raise Refusal(
                    "it is not known whether this changes an array in place", node
                )
        write(self.binary(op, left, right, node, base))

    def _may_be_view(self, value: Value) -> bool:
        """Whether a value of unknown kind may lie in the memory of an array."""
        if not isinstance(value, Var) or not isinstance(value.kind, Unknown):
            return isinstance(value, Var) and isinstance(value.kind, Array)
        made = self.build.definitions.get(value)
        return (
            made is not None
            and may_be_view(made)
            and any(map(self._may_be_view, made.args))
        )

    def _augments_table(
        self, op: str, owner: Value, target: ast.expr, node: ast.AugAssign
    ) -> bool:
        """`b.x += v` and `b["x"] += v`, if b is an item of a list of run-time length."""
        if isinstance(target, ast.Attribute):
            key: Any = target.attr
        elif isinstance(target, ast.Subscript) and isinstance(owner, DictRef):
            key = self.key_in(owner, self.expr(target.slice), target.slice)
        else:
            return False
        array = self.array_in_table(owner, key, target)
        if array is not None:
            value = self.atom(self.expr(node.value), node.value)
            self.update_in_place(op, array, WHOLE, (), value, node)
            return True
        if op not in ("add", "sub"):
            return False
        held = self.number_in_table(owner, key, target)
        if held is None:
            return False
        self._add_at(op, *held, self.value_atom(node.value), node)
        return True

    def _augment_keyed(
        self, owner: Value, target: ast.Subscript, node: ast.AugAssign
    ) -> None:
        """`d[key] += v` of a dict whose keys only the run knows: it has the key."""
        args = [owner, self.expr(target.slice)]
        place = self.special_method("place_of", args, target, "place")
        assert place is not None
        names = [ast.Name(name, ast.Load()) for name in ("<values>", "<place>")]
        item = ast.Subscript(names[0], names[1], ast.Store())
        step = ast.AugAssign(item, node.op, node.value)
        for part in (*names, item, step):
            ast.copy_location(part, target)
        with self.scope(ast.Tuple([*names], ast.Store())):
            number = self.frame.number
            values = self.attribute(owner, "values_", target, "t")
            self.state.set((number, names[0].id), values)
            self.state.set((number, names[1].id), place)
            self.stmt_AugAssign(step)

    def _adds_to_list(self, owner: Value, target: ast.Subscript) -> bool:
        """Whether a number is added to an item of a list that is held as one value."""
        if not isinstance(owner, ListRef) or isinstance(target.slice, ast.Slice):
            return False
        if self.contents(owner, target) is not None:
            return False
        kind = kind_of(self.read(owner, target))
        are_tuples = isinstance(kind, List) and isinstance(kind.item, Tuple)  # `+` joins
        return self.holds_numbers(owner, target) and not are_tuples

    def _add_to_list(self, op: str, owner: ListRef, node: ast.AugAssign) -> None:
        assert isinstance(node.target, ast.Subscript)
        at = self.value_atom(node.target.slice)
        self._add_at(op, owner, at, self.value_atom(node.value), node)

    def _add_at(
        self, op: str, owner: ListRef, at: Atom, value: Atom, node: ast.AugAssign
    ) -> None:
        if isinstance(kind_of(value), Array):
            # A number and an array make a new array.
            left = self.element(owner, at, node, "t")
            value = self.atom(self.binary(op, left, self.own(value), node, "t"), node)
            self.list_write(owner, "setitem", (at, value), node, Index(("at",)))
            return
        self.build.span = self.span(node)
        if op == "sub":
            value = self.build.define("neg", value)
        self.list_write(owner, "additem", (at, value), node, Index(("at",)))

    def _change_held(self, op: str, left: Value, node: ast.AugAssign) -> bool:
        """`xs += more`, `xs *= n` or `d |= more`, which change the list or dict itself."""
        if isinstance(left, DictRef) and op == "bitor":
            self.merge(left, self.expr(node.value), node)
            return True
        if not isinstance(left, ListRef) or op not in ("add", "mul"):
            return False
        right = self.expr(node.value)
        if op == "add":
            self.extend_list(left, right, node)
            return True
        made = self.repeated(left, self.atom(right, node), node, "t")
        assert isinstance(made, ListRef)
        contents = self.contents(made, node)
        if contents is not None:
            self.replace(left, contents, node)
        else:
            self.materialise(left, node)
            self.renew(left, self.read(made, node), node)
        return True


IN_PLACE = {
    op: f"__i{name}__"
    for op, name in {
        "add": "add", "sub": "sub", "mul": "mul", "div": "truediv", "mod": "mod",
        "floordiv": "floordiv", "pow": "pow", "matmul": "matmul", "bitand": "and",
        "bitor": "or", "bitxor": "xor", "lshift": "lshift", "rshift": "rshift",
    }.items()
}  # fmt: skip
