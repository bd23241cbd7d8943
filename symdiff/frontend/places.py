"""Places that are assigned to: names, items, attributes."""

from __future__ import annotations

import ast
from collections.abc import Callable

from symdiff.frontend.context import WHOLE, Refusal
from symdiff.frontend.operators import BINARY
from symdiff.frontend.subscripts import Subscripts
from symdiff.frontend.values import (
    ArrayRef, DictRef, ListRef, ObjectRef, Sequence, Value, sure,
)  # fmt: skip
from symdiff.ir.core import Const, Index
from symdiff.ir.kinds import Array, is_number

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

    def locate(self, target: ast.expr) -> Place:
        """How to read and write a target."""
        if isinstance(target, ast.Name):
            return (
                lambda base: self.look_up(target.id, target),
                lambda value: self.bind_name(target, value),
            )
        if isinstance(target, ast.Attribute):
            owner, name = sure(self.expr(target.value)), target.attr
            return (
                lambda base: self.attribute(owner, name, target, base),
                lambda value: self.set_attribute(owner, name, value, target),
            )
        assert isinstance(target, ast.Subscript)
        owner = sure(self.expr(target.value))
        if isinstance(owner, ListRef):
            return self._in_list(owner, target)
        if isinstance(owner, DictRef):
            return self._in_dict(owner, target)
        if isinstance(owner, ObjectRef):
            return self._in_object(owner, target)
        ref, index, atoms = self.place(owner, target)
        return (
            lambda base: self.array_item(ref, index, atoms, target, base),
            lambda value: self.at(target).write(
                ref, index, atoms, self.atom(value, target), target
            ),
        )

    def _in_dict(self, owner: DictRef, target: ast.Subscript) -> Place:
        key = self.dict_key(self.expr(target.slice), target.slice)

        def write(value: Value) -> None:
            self.replace(owner, self.held(owner, target).put(key, value), target)

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
        if isinstance(target.slice, ast.Slice):
            return self._slice_of_list(owner, target, target.slice)
        at = self.value_atom(target.slice)

        def write(value: Value) -> None:
            contents = self.contents(owner, target)
            if contents is not None and isinstance(at, Const):
                if not -len(contents.items) <= at.value < len(contents.items):
                    raise Refusal("index out of range", target)
                items = list(contents.items)
                items[at.value] = value
                self.replace(owner, contents.holding(tuple(items)), target)
                return
            if contents is not None:
                if not self.is_uniform(contents):
                    self.want_known(at)
                self.materialise(owner, target)
            atom = self.list_item(value, target, owner.buffer)
            self.at(target).list_write(owner, "setitem", (at, atom), target, Index(("at",)))

        return lambda base: self.element(owner, at, target, base), write

    def _slice_of_list(
        self, owner: ListRef, target: ast.Subscript, bounds: ast.Slice
    ) -> Place:
        index, atoms, cut = self.bounds(bounds)

        def read(base: str) -> Value:
            return self.list_slice(owner, index, atoms, cut, target, base)

        def write(value: Value) -> None:
            contents = self.contents(owner, target)
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
            raise Refusal(
                "a starred target of an array is not supported", node, "use slices"
            )
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

    def _unpacked(
        self, value: Value, count: int, node: ast.AST, targets: list[ast.expr]
    ) -> tuple[Value, ...]:
        value = sure(value)
        if isinstance(value, ArrayRef):
            kind = self.kind(value)
            if isinstance(kind, Array) and kind.dims:
                bases = [t.id if isinstance(t, ast.Name) else "t" for t in targets]
                return tuple(
                    self.element(value, Const(k), node, bases[k]) for k in range(count)
                )
        if self.known_items(value, node) is None and self.is_list_value(value):
            if not any(isinstance(t, ast.Starred) for t in targets):
                bases = [t.id if isinstance(t, ast.Name) else "t" for t in targets]
                return self._checked(value, bases, node)
        return self.items_of(value, node)

    def _checked(self, value: Value, bases: list[str], node: ast.AST) -> tuple[Value, ...]:
        """The items of a list that must have so many, which the program checks."""
        count = len(bases)
        define = self.at(node).build.define
        length = self.atom(self.length_of(value, node), node)
        text = f"{count} values are unpacked here"
        define("assert", define("eq", length, Const(count)), Const(text))
        return tuple(self.element(value, Const(k), node, bases[k]) for k in range(count))

    # -- augmented assignment -------------------------------------------------------------

    def stmt_AugAssign(self, node: ast.AugAssign) -> None:
        op, target = BINARY[type(node.op)], node.target
        base = target.id.strip("<>") if isinstance(target, ast.Name) else "t"
        if isinstance(target, ast.Subscript):
            owner = self.expr(target.value)
            if isinstance(owner, ArrayRef):
                ref, index, atoms = self.place(owner, target)
                value = self.atom(self.expr(node.value), node.value)
                self.update_in_place(op, ref, index, atoms, value, node)
                return
            if op in ("add", "sub") and self._adds_to_list(owner, target):
                assert isinstance(owner, ListRef)
                self._add_to_list(op, owner, node)
                return
        read, write = self.locate(target)
        left = read("t")
        if isinstance(left, ArrayRef):
            value = self.atom(self.expr(node.value), node.value)
            self.build.span = self.span(node)
            self.update_in_place(op, left, WHOLE, (), value, node)
            if not isinstance(target, ast.Name):
                write(left)
            return
        if isinstance(left, ListRef) and op in ("add", "mul"):
            self._change_list(op, left, node)
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
            if isinstance(self.kind(right), Array):
                raise Refusal(
                    "it is not known whether this changes an array in place", node
                )
        write(self.binary(op, left, right, node, base))

    def _adds_to_list(self, owner: Value, target: ast.Subscript) -> bool:
        """Whether a number is added to an item of a list that is held as one value."""
        if not isinstance(owner, ListRef) or isinstance(target.slice, ast.Slice):
            return False
        return self.contents(owner, target) is None and self.holds_numbers(owner, target)

    def _add_to_list(self, op: str, owner: ListRef, node: ast.AugAssign) -> None:
        assert isinstance(node.target, ast.Subscript)
        at = self.value_atom(node.target.slice)
        value = self.value_atom(node.value)
        self.build.span = self.span(node)
        if op == "sub":
            value = self.build.define("neg", value)
        self.list_write(owner, "additem", (at, value), node, Index(("at",)))

    def _change_list(self, op: str, left: ListRef, node: ast.AugAssign) -> None:
        """`xs += more` and `xs *= n`, which change the list itself."""
        right = self.expr(node.value)
        if op == "add":
            self.extend_list(left, right, node)
            return
        made = self.repeated(left, self.atom(right, node), node, "t")
        assert isinstance(made, ListRef)
        contents = self.contents(made, node)
        if contents is not None:
            self.replace(left, contents, node)
        else:
            self.materialise(left, node)
            self.renew(left, self.read(made, node), node)


IN_PLACE = {
    op: f"__i{name}__"
    for op, name in {
        "add": "add", "sub": "sub", "mul": "mul", "div": "truediv", "mod": "mod",
        "floordiv": "floordiv", "pow": "pow", "matmul": "matmul", "bitand": "and",
        "bitor": "or", "bitxor": "xor", "lshift": "lshift", "rshift": "rshift",
    }.items()
}  # fmt: skip
