"""`collections.deque`: a list that may keep only some of its last items."""

from __future__ import annotations

import ast
import collections

from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.values import Contents, ListRef, Value
from symdiff.frontend.standard.displays import Displays
from symdiff.ir.core import Const, Index, SliceItem

__all__ = ["Deques"]

NONE = Const(None)


class Deques(Displays):
    """Lowers what deques do beside what lists do."""

    def call_collections_deque(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        most = args[1] if len(args) > 1 else kw.get("maxlen", NONE)
        made = self.call_builtins_list(args[:1], {}, node, base)
        if most == NONE:
            return made
        assert isinstance(made, ListRef)
        if not isinstance(most, Const):
            raise Refusal("the length of this deque is not known now", node)
        if self.contents(made, node) is None:
            self.state.most[made.buffer] = most.value
            self._shorten(made, node)
            return made
        items = self.held(made, node).items
        kept = items[max(0, len(items) - most.value) :]
        self.state.set(made.buffer, Contents(kept, most=most.value))
        return made

    def list_append(
        self, owner: ListRef, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        super().list_append(owner, args, kw, node)
        self._shorten(owner, node)
        return NONE

    def extend_list(self, owner: ListRef, value: Value, node: ast.AST) -> None:
        super().extend_list(owner, value, node)
        self._shorten(owner, node)

    def list_copy(
        self, owner: ListRef, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        if self.contents(owner, node) is None:
            self._given(args, 0, 0, node)
            return self.copied_deque(owner, node)
        return super().list_copy(owner, args, kw, node)

    def copied_deque(self, owner: ListRef, node: ast.AST) -> ListRef:
        """A copy of a list that is held as one value, which keeps as many items."""
        made = self.copied_list(owner, node)
        most = self.most_kept(owner, node)
        if most is not None:
            self.state.most[made.buffer] = most
        return made

    def _shorten(self, owner: ListRef, node: ast.AST, first: bool = False) -> None:
        """Let a list hold no more items than a deque keeps: the last, or the first."""
        if self.contents(owner, node) is not None:
            return
        most = self.most_kept(owner, node)
        if most is None:
            return
        bound = Const(most if first or not most else -most)
        cut = Index((SliceItem(start=bool(most) and not first, stop=first or not most),))
        whole = self.read(owner, node)
        kept = self.at(node).build.define("getitem", whole, bound, params=cut)
        self.renew(owner, kept, node)

    def list_appendleft(
        self, owner: ListRef, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        self.list_insert(owner, [Const(0), *self._given(args, 1, 1, node)], kw, node)
        contents = self.contents(owner, node)
        if contents is None:
            self._shorten(owner, node, first=True)
        elif contents.most is not None:
            kept = contents.holding(contents.items[: contents.most])
            self.replace(owner, kept, node)
        return NONE

    def list_rotate(
        self, owner: ListRef, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        by = self._given(args, 0, 1, node) or [Const(1)]
        contents = self.contents(owner, node)
        if contents is None or not isinstance(by[0], Const):
            self._rotate(owner, by[0], node)
            return NONE
        items = collections.deque(contents.items)
        items.rotate(by[0].value)
        self.replace(owner, contents.holding(tuple(items)), node)
        return NONE

    def _rotate(self, owner: ListRef, by: Value, node: ast.Call) -> None:
        self.materialise(owner, node)
        if self.table(owner) is not None or not self.holds_numbers(owner, node):
            message = "the items of this deque, or how far they move, are not known now"
            raise Refusal(message, node, "use a list and slices")
        made = self.from_text("rotated", {"items": owner, "by": by}, node)
        assert isinstance(made, ListRef)
        self.renew(owner, self.list_atom(made, node), node)

    def list_extendleft(
        self, owner: ListRef, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        (value,) = self._given(args, 1, 1, node)
        for item in self.items_of(value, node):
            self.list_appendleft(owner, [item], kw, node)
        return NONE

    def list_popleft(
        self, owner: ListRef, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        self._given(args, 0, 0, node)
        return self.list_pop(owner, [Const(0)], kw, node)
