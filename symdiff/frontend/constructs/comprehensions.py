"""Comprehensions and generator expressions."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from symdiff.frontend.constructs.iterating import Iterating
from symdiff.frontend.constructs.loops import lists_in
from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.state import Branch, Key
from symdiff.frontend.memory.values import (
    MISSING, ArrayRef, Backwards, Contents, DictRef, DictView, Enumerated, Generator,
    ListRef, Mapped, Ranged, Sequence, Static, Value, ViewStep, Zipped,
)  # fmt: skip
from symdiff.ir.core import Const, Index, SliceItem
from symdiff.ir.kinds import Array

__all__ = ["Comprehensions"]


class Comprehensions(Iterating):
    """Lowers comprehensions: written out where the items are known, else as loops."""

    def __init__(self) -> None:
        super().__init__()
        self.left_by: dict[Key, _Scope] = {}  # who has left the names of a comprehension

    def comprehension(self, node: Any, base: str) -> Value:
        if isinstance(node, ast.DictComp):
            pair = ast.Tuple([node.key, node.value], ast.Load())
            ast.copy_location(pair, node)
            return self._dict(self._items_written_out(node.generators, pair), node)
        listing = isinstance(node, ast.ListComp)
        items = self._items_written_out(node.generators, node.elt, listing)
        if isinstance(node, ast.SetComp):
            if items is None or not all(isinstance(item, Const) for item in items):
                made = self._as_loop(node, "items") if items is None else Sequence(items)
                return self.set_in_run(made, node, base)
            return self.objects_in_set(items, node) or self.set_of(items, node)
        if items is None:
            return self._as_loop(node, base)
        made = self.new_list(items)
        self.list_names[made.buffer] = base
        return made

    def _dict(self, items: tuple[Value, ...] | None, node: ast.DictComp) -> Value:
        made = self.new_dict((), ())
        place = self.made_at_place[made.buffer] = self.span(node)
        keys = [item.items[0] for item in items or () if isinstance(item, Sequence)]
        if place in self.keyed_places and not (items and all(map(_is_key, keys))):
            return self._dict_as_loop(node)
        if items is None:
            self.want_late((made,))
            raise Refusal("the keys of this dict are not known now", node, "use a list")
        contents = Contents((), ())
        for item in items:
            assert isinstance(item, Sequence)
            contents = contents.put(self.key_in(made, item.items[0], node), item.items[1])
        self.state.set(made.buffer, contents)
        return self.dict_made(made, place, node)

    def _dict_as_loop(self, node: ast.DictComp) -> Value:
        """A dict whose keys only the run knows, made by a loop with assignments."""
        made = self.dict_made(self.new_dict((), ()), self.span(node), node)
        owner = ast.Name("<items>", ast.Load())
        step = ast.Assign([ast.Subscript(owner, node.key, ast.Store())], node.value)
        targets = [ast.Name("<items>", ast.Store()), *(c.target for c in node.generators)]
        with self.scope(ast.Tuple(targets, ast.Store())):
            self._loop(node, step, ("<items>", made))
        return made

    def _items_written_out(
        self, generators: list[ast.comprehension], element: ast.expr, listing: bool = False
    ) -> tuple[Value, ...] | None:
        """The items, if their number is known and small; where a list is made, what a
        generator yields is left to its loop."""
        items: list[Value] = []
        if self.catching:  # what an item raises leads out of here: nothing can be undone
            known = self._comprehend(generators, element, items, listing)
            return tuple(items) if known else None
        trial, written = Branch(), self.rounds_of_items
        depth = self.open_branches
        with self.path(trial):
            self.open_branches = depth
            known = self._comprehend(generators, element, items, listing)
            self.open_branches = depth + 1
        if not known:
            self.rounds_of_items = written
            return None
        self.build.nodes.extend(trial.nodes)
        for key, value in trial.changes.items():
            self.state.set(key, value)
        return tuple(items)

    def _comprehend(
        self,
        generators: list[ast.comprehension],
        element: ast.expr,
        items: list[Value],
        listing: bool,
    ) -> bool:
        """Add the items; False if it takes a loop to know them."""
        if not generators:
            items.append(self.expr(element))
            return len(items) <= self.longest
        first = generators[0]
        iterable = self.iterator(self.expr(first.iter), first.iter)
        if isinstance(iterable, Generator):
            if listing:
                return False
            iterable = self.listed(iterable, first.iter, "items")
        rounds = self._rounds_known(iterable, first.iter)
        if rounds is None:
            return False
        self.note_written(iterable, rounds[0])
        before = [(ref, self.length(ref, first.iter)) for ref in lists_in(iterable)]
        with self.scope(first.target):
            for place in range(rounds[0]):
                self.assign(first.target, rounds[1](place))
                chosen = [self.truth(self.expr(test)) for test in first.ifs]
                if None in chosen:
                    return False
                if not all(chosen):
                    continue
                if not self._comprehend(generators[1:], element, items, listing):
                    return False
        self.check_lengths(before, first)
        return True

    def _rounds_known(
        self, iterable: Value, node: ast.AST
    ) -> tuple[int, Callable[[int], Value]] | None:
        """How many items there are, and what gives each, once its turn has come: the
        items before it may have changed it."""
        if isinstance(iterable, Enumerated) and isinstance(iterable.start, Const):
            of, first = self._rounds_known(iterable.of, node), iterable.start.value
            if of is None:
                return None
            count, item = of
            return count, lambda k: Sequence((Const(first + k), item(k)))
        if isinstance(iterable, Mapped):
            mapped, rows = iterable, self._rounds_known(iterable.of, node)
            if rows is None:
                return None
            number, row = rows
            return number, lambda k: self.mapped(mapped, row(k), node)
        if isinstance(iterable, Zipped) and iterable.of:
            columns = [self._rounds_known(part, node) for part in iterable.of]
            whole = [column for column in columns if column is not None]
            if len(whole) == len(columns):
                least = min(column[0] for column in whole)
                return least, lambda k: Sequence(tuple(item(k) for _, item in whole))
        items = self.known_items(iterable, node)
        if isinstance(iterable, ArrayRef):
            kind = self.kind(iterable)
            if isinstance(kind, Array) and kind.dims and isinstance(kind.dims[0], int):
                count = kind.dims[0]
                return count, lambda k: self.element(iterable, Const(k), node)
        if items is None:
            return None
        if isinstance(iterable, Ranged) and len(items) > self.most_rounds:
            return None
        if isinstance(iterable, ListRef) and self.contents(iterable, node) is not None:
            return len(items), lambda k: self.element(iterable, Const(k), node)
        if isinstance(iterable, (Backwards, DictRef, DictView)):
            return len(items), lambda k: self.items_of(iterable, node)[k]
        return len(items), items.__getitem__

    def _as_loop(self, node: Any, base: str) -> Value:
        """The list that a loop with `append` makes."""
        made = self.new_list(())
        self.list_names[made.buffer] = base
        owner = ast.Name("<items>", ast.Load())
        call = ast.Call(ast.Attribute(owner, "append", ast.Load()), [node.elt], [])
        targets = [ast.Name("<items>", ast.Store()), *(c.target for c in node.generators)]
        with self.scope(ast.Tuple(targets, ast.Store())):
            self._loop(node, ast.Expr(call), ("<items>", made))
        return made

    def best_of(
        self, value: Value, key: Value, op: str, node: ast.Call, base: str
    ) -> Value:
        """`max(value, key=key)` of a range or list of unknown length, as a loop."""
        first, rest = self._first_and_rest(value, node, base)
        mark = self.apply(key, [first], {}, node, "t")
        sign = ast.Gt() if op == "gt" else ast.Lt()
        text = (
            "for item in rest:\n own = key(item)\n if own < mark:\n  best, mark = item, own"
        )
        step = ast.parse(text).body[0]
        assert isinstance(step, ast.For)
        names = ("best", "mark", "key", "item", "own", "rest")
        for part in ast.walk(step):
            if isinstance(part, ast.Name):
                part.id = f"<{part.id}>"
            if isinstance(part, ast.Compare):
                part.ops = [sign]
            ast.copy_location(part, node)
        targets: list[ast.expr] = [ast.Name(f"<{name}>", ast.Store()) for name in names]
        with self.scope(ast.Tuple(targets, ast.Store())):
            for name, held in zip(names, (first, mark, key), strict=False):
                self.state.set((self.frame.number, f"<{name}>"), held)
            self.run_for(step, rest)
            return self.look_up("<best>", node)

    def _first_and_rest(
        self, value: Value, node: ast.AST, base: str
    ) -> tuple[Value, Value]:
        if isinstance(value, Ranged):
            if value.reverse:
                raise Refusal(
                    "the number of items is not known before the program runs", node
                )
            second = self.at(node).build.define("add", value.start, value.step)
            return value.start, Ranged(second, value.stop, value.step)
        assert isinstance(value, ListRef)
        after = Index((SliceItem(start=True),))
        cut = slice(1, None)
        rest = self.list_slice(value, after, (Const(1),), cut, node, "rest")
        return self.element(value, Const(0), node, base), rest

    def _loop(self, node: Any, step: ast.stmt, *held: tuple[str, Value]) -> None:
        """Lower the loops and conditions of a comprehension around a statement."""
        for clause in reversed(node.generators):
            for test in reversed(clause.ifs):
                step = ast.If(test, [step], [])
            step = ast.For(clause.target, clause.iter, [step], [], None)
        for part in ast.walk(step):
            if not hasattr(part, "lineno") and isinstance(part, (ast.stmt, ast.expr)):
                ast.copy_location(part, node)
        for name, value in held:
            self.state.set((self.frame.number, name), value)
        assert isinstance(step, ast.For)
        with self.frame.scopes[-1].aside():
            iterable = self.expr(step.iter)
        self.run_for(step, iterable)

    def folded(
        self, function: Value, items: Value, start: Value | None, node: ast.Call
    ) -> Value:
        """`functools.reduce` as the loop that it is."""
        if start is None:
            if not isinstance(items, ArrayRef):
                given = {"function": function, "iterable": items}
                return self.from_text("reduce", given, node)
            start = self.element(items, Const(0), node)
            rest = ViewStep("getitem", (Const(1),), Index((SliceItem(start=True),)))
            items = ArrayRef(items.buffer, (*items.path, rest))
        loop, names = _fold(node)
        held = (function, start, MISSING)
        with self.scope(names):
            for name, value in zip(_FOLDED, held, strict=True):
                self.state.set((self.frame.number, name), value)
            self.run_for(loop, items)
            return self.state.get((self.frame.number, _FOLDED[1]))

    def scope(self, target: ast.expr) -> Any:
        """The names of a comprehension, which are its own."""
        return _Scope(self, target)

    def sum_of_generator(self, node: ast.GeneratorExp, start: Value, base: str) -> Value:
        """`sum(f(i) for i in …)` as the loop that it is."""
        total = ast.Name("<total>", ast.Store())
        step = ast.AugAssign(total, ast.Add(), node.elt)
        targets = [ast.Name("<total>", ast.Store()), *(c.target for c in node.generators)]
        with self.scope(ast.Tuple(targets, ast.Store())):
            self._loop(node, step, ("<total>", start))
            return self.state.get((self.frame.number, "<total>"))


def _is_key(value: Value) -> bool:
    if isinstance(value, Sequence):
        return all(map(_is_key, value.items))
    return isinstance(value, (Const, Static))


_FOLDED = ("<function>", "<total>", "<item>")


@functools.lru_cache(256)
def _fold(node: ast.Call) -> tuple[ast.For, ast.Tuple]:
    """`for item in ...: total = function(total, item)`, in the place of a call."""
    function, total, item = (ast.Name(name, ast.Load()) for name in _FOLDED)
    names = [ast.Name(name, ast.Store()) for name in _FOLDED]
    step = ast.Assign([names[1]], ast.Call(function, [total, item], []))
    loop = ast.For(names[2], node.args[-1], [step], [], None)
    for part in ast.walk(loop):
        if not hasattr(part, "lineno") and isinstance(part, (ast.stmt, ast.expr)):
            ast.copy_location(part, node)
    return loop, ast.Tuple(list(names), ast.Store())


class _Scope:
    """Gives the names of a target a meaning of their own for a while."""

    def __init__(self, lowering: Comprehensions, target: ast.expr) -> None:
        self.lowering, self.frame = lowering, lowering.frame
        self.names = [n.id for n in ast.walk(target) if isinstance(n, ast.Name)]
        self.captured = False  # by a function that is made meanwhile
        place = lowering.span(target)
        self.left: list[Key] = [
            (self.frame.number, f"<{n} left>", place) for n in self.names
        ]

    def __enter__(self) -> None:
        low = self.lowering
        self.locals = self.frame.locals
        number = self.frame.number
        self.saved = [low.state.get((number, name)) for name in self.names]
        self.hidden = sum(value is not MISSING for value in self.saved)
        self.frame.hiding += self.hidden
        self.frame.scopes.append(self)
        self.frame.locals = self.frame.locals | frozenset(self.names)

    def __exit__(self, *error: object) -> None:
        low, number = self.lowering, self.frame.number
        self.frame.locals = self.locals
        self.frame.hiding -= self.hidden
        self.frame.scopes.pop()
        for key, name in zip(self.left if self.captured else (), self.names, strict=False):
            low.state.set(key, low.state.get((number, name)))
            low.left_by[key] = self
        for name, value in zip(self.names, self.saved, strict=True):
            low.state.set((number, name), value)

    @property
    def is_left(self) -> bool:
        """Whether it is known what the names were in the end."""
        return all(self.lowering.left_by.get(key) is self for key in self.left)

    @contextmanager
    def again(self) -> Iterator[None]:
        """Let the names be what they were in the end."""
        state, number = self.lowering.state, self.frame.number
        with self:
            for key, name in zip(self.left, self.names, strict=True):
                state.set((number, name), state.get(key))
            yield

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Let the names that it hides be seen, for what was made outside of it."""
        state, number, locals_ = self.lowering.state, self.frame.number, self.frame.locals
        place = self.frame.scopes.index(self)
        del self.frame.scopes[place]
        own = [state.get((number, name)) for name in self.names]
        self.frame.locals = self.locals
        for name, value in zip(self.names, self.saved, strict=True):
            state.set((number, name), value)
        try:
            yield
        finally:
            self.saved = [state.get((number, name)) for name in self.names]
            self.frame.locals = locals_
            self.frame.scopes.insert(place, self)
            for name, value in zip(self.names, own, strict=True):
                state.set((number, name), value)
