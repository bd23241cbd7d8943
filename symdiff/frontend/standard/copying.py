"""Copies of lists, dicts and objects: `copy.copy` and `copy.deepcopy`."""

from __future__ import annotations

import ast
import copy
import types
from collections.abc import Callable

from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.values import (
    ArrayRef, ListRef, Maybe, ObjectRef, Ref, Sequence, Static, Value,
)  # fmt: skip
from symdiff.frontend.standard.deques import Deques
from symdiff.frontend.standard.extending import found_in
from symdiff.ir.core import Const, kind_of
from symdiff.ir.kinds import List
from symdiff.ir.structure import HELD, OWN

__all__ = ["Copying"]

Copied = Callable[[Value], Value]


class Copying(Deques):
    """Lowers copies."""

    def __init__(self) -> None:
        super().__init__()
        # The copies of what is copied now; None of what was copied on some path only.
        self.copied_refs: dict[Value, Value | None] = {}

    def call_copy_copy(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        self.copied_refs = {}
        return self.copied(args[0], node, base, deep=False)

    def call_copy_deepcopy(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        self.copied_refs = {}
        return self.copied(args[0], node, base, deep=True)

    def copied(self, value: Value, node: ast.AST, base: str, deep: bool) -> Value:
        """A copy, with copies of what it holds where it is deep: one of what is held at
        several places."""
        if isinstance(value, Maybe):
            some = value
            return self.copied_apart(
                some,
                lambda copied: self.branch_values(
                    some.none, node, lambda: Const(None), lambda: copied(some.value), base
                ),
                node,
                deep,
            )
        if not isinstance(value, Ref):
            return self.copy_of(value, node, base, deep)
        ref = self.resolved(value)
        if ref not in self.copied_refs:
            # Views of one array are copied apart, and items of lists are.
            refs = [each for each in self.copied_refs if isinstance(each, Ref)]
            others = [each.buffer for each in refs if not each.path]
            if not ref.path and any(self.may_share(ref.buffer, b) for b in others):
                raise self._perhaps_one(node)
            self.copied_refs[ref] = self._own_copy(value, node, deep)
            if self.copied_refs[ref] is None:
                self.copied_refs[ref] = self.copy_of(value, node, base, deep)
        made = self.copied_refs[ref]
        if made is None:  # it was copied on a path
            raise self._perhaps_one(node)
        return made

    def copied_apart(
        self, value: Value, copy: Callable[[Copied], Value], node: ast.AST, deep: bool
    ) -> Value:
        """The copy of what the run decides upon: `copy` puts together the copies of what
        it may be, each of which is made on a path of its own."""
        if value in self.copied_refs:
            return self.copied_refs[value]  # type: ignore[return-value]
        outer, inner = self.copied_refs, set[Value]()

        def copied(each: Value) -> Value:
            self.copied_refs = dict(outer)
            found = self.copied(each, node, "t", deep)
            inner.update(self.copied_refs)
            return found

        made = copy(copied)
        self.copied_refs = {**dict.fromkeys(inner), **outer, value: made}
        return made

    @staticmethod
    def _perhaps_one(node: ast.AST) -> Refusal:
        message = "whether two parts of what is copied are one depends on the run"
        return Refusal(message, node, "copy them one by one")

    def _own_copy(self, value: Ref, node: ast.AST, deep: bool) -> Value | None:
        """The copy of an object whose class says how it is copied; else None."""
        cls = self.class_of(value) if isinstance(value, ObjectRef) else None
        for name in ("__reduce__", "__reduce_ex__", "__getstate__", "__setstate__"):
            if cls is not None and isinstance(found_in(cls, name), types.FunctionType):
                message = f"objects of `{cls.__name__}` are not copied: it defines `{name}`"
                raise Refusal(message, node, "make a new one of what it holds")
        if cls is None:
            return None
        name, memo = "__copy__", []
        if deep:
            name, memo = "__deepcopy__", [self.new_dict((), ())]
        outer, self.copied_refs = self.copied_refs, {}
        try:
            return self.special_method(name, [value, *memo], node, "t")
        finally:
            self.copied_refs = outer

    def copy_of(self, value: Value, node: ast.AST, base: str, deep: bool) -> Value:
        """A new copy of a value that was not copied yet."""
        if isinstance(value, ArrayRef):
            return self.at(node).emit("copy", self.atom(value, node), base=base)
        if isinstance(value, Sequence) and deep:
            items = tuple(self.copied(v, node, "t", deep) for v in value.items)
            return Sequence(items, value.cls)
        if isinstance(value, ListRef) and self.contents(value, node) is None:
            if not deep or self.holds_numbers(value, node):
                return self.copied_deque(value, node)
            kind = kind_of(self.read(value, node)) if self.table(value) is None else None
            of_lists = isinstance(kind, List) and isinstance(kind.item, List)
            if not of_lists and not self.holds_arrays(value, node):
                raise self.no_deep_copy("list", node)
            given: dict[str, Value] = {"items": value, "deepcopy": Static(copy.deepcopy)}
            return self.from_text("deep copy", given, node)
        if not isinstance(value, Ref):
            return value
        contents = self.held(value, node)
        keys = contents.keys or ("",) * len(contents.items)
        if OWN in keys and contents.cls is not None:
            message = "a copy of an object whose attributes are a dict is not supported"
            raise Refusal(message, node, "make a new one of its items")
        made = type(value)(self.state.new_buffer())
        self.copied_refs[self.resolved(value)] = made  # it may lead back to itself
        if value.buffer in self.factories:
            self.factories[made.buffer] = self.factories[value.buffer]
        items = tuple(
            self.copied(item, node, "t", deep) if deep or key == HELD else item
            for key, item in zip(keys, contents.items, strict=True)
        )
        self.state.set(made.buffer, contents.holding(items))
        return made

    @staticmethod
    def no_deep_copy(what: str, node: ast.AST) -> Refusal:
        return Refusal(f"a deep copy of this {what} is not supported", node)
