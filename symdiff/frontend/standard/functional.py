"""Functions that take functions, and those of `operator` and `itertools`."""

from __future__ import annotations

import ast
import functools
import itertools
import math
from collections.abc import Callable, Iterable
from typing import Any

from symdiff.definitions.common import itself
from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.values import (
    ArrayRef, Backwards, Bound, Closure, DictRef, Enumerated, Getter, ListRef, Mapped,
    ObjectRef, Partial, Ranged, Sequence, Static, Value, Zipped,
)  # fmt: skip
from symdiff.frontend.operations.subscripts import is_slice
from symdiff.frontend.reading.iterators import TEXTS, crossed
from symdiff.frontend.standard.showing import Showing
from symdiff.ir.core import Const, Global, Var
from symdiff.ir.kinds import Int, is_number

__all__ = ["Functional"]

Keywords = dict[str, Value]
ITSELF = Static(itself)  # the key by which objects are compared as their class says

_BINARY = {
    "add": "add", "sub": "sub", "mul": "mul", "truediv": "div", "floordiv": "floordiv",
    "mod": "mod", "pow": "pow", "matmul": "matmul", "and_": "bitand", "or_": "bitor",
    "xor": "bitxor", "lshift": "lshift", "rshift": "rshift",
}  # fmt: skip
_COMPARE = frozenset("lt le gt ge eq ne".split())
_UNARY = {"neg": "neg", "pos": "pos", "invert": "invert", "inv": "invert"}
# They rearrange items that are known, and look at none.
_REARRANGING: dict[str, Callable[..., Iterable[Any]]] = {
    name: getattr(itertools, name)
    for name in (
        "chain", "combinations", "combinations_with_replacement", "compress", "islice",
        "pairwise", "permutations", "product", "zip_longest",
    )
}  # fmt: skip


class Functional(Showing):
    """Lowers them: what they do with items that are known is done now."""

    def extra(
        self, op: str, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value | None:
        """What a function of these modules gives; None for one that is not known."""
        module, _, name = op.partition(".")
        if module == "operator":
            return self._operator(name, args, kw, node, base)
        if module == "itertools" and name in _REARRANGING:
            return self.rearranged(name, args, kw, node)
        return None

    # -- operator ---------------------------------------------------------------------

    def _operator(
        self, name: str, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value | None:
        if name in _BINARY and len(args) == 2:
            return self.binary(_BINARY[name], args[0], args[1], node, base)
        if name in _COMPARE and len(args) == 2:
            return self.compare(name, args[0], args[1], node, base)
        if name in _UNARY:
            return self.unary(_UNARY[name], args[0], node, base)
        if name == "not_":
            return self.negated(args[0], node, base)
        if name == "getitem":
            return self._item_of(args[0], args[1], node, base)
        if name in ("itemgetter", "attrgetter", "methodcaller"):
            return Getter(name, tuple(args), tuple(kw.items()))
        return None

    def _item_of(self, owner: Value, key: Value, node: ast.AST, base: str) -> Value:
        if isinstance(owner, DictRef):
            return self.dict_item(owner, self.key_in(owner, key, node), node)
        if isinstance(owner, ObjectRef):
            found = self.special_method("__getitem__", [owner, key], node, base)
            if found is not None:
                return found
        if isinstance(owner, ListRef) and is_slice(key):
            return self.list_slice(owner, *self.bounds(key, node), node, base)
        if isinstance(owner, ArrayRef) and isinstance(key, Sequence):
            pieces = (key,) if is_slice(key) else key.items
            index, atoms = self.index_by(pieces, not is_slice(key), node)
            return self.array_item(owner, index, atoms, node, base)
        return self.element(owner, self.atom(key, node), node, base)

    def apply(
        self, callee: Value, positional: list[Value], keywords: Keywords, node: ast.Call,
        base: str,
    ) -> Value:  # fmt: skip
        if isinstance(callee, Getter):
            return self._get(callee, positional[0], node, base)
        if isinstance(callee, Bound) and callee.name.startswith("__"):
            name, args = callee.name.strip("_"), [callee.owner, *positional]
            made = self._operator(name, args, keywords, node, base)
            if made is not None:
                return made
        return super().apply(callee, positional, keywords, node, base)

    def _get(self, getter: Getter, owner: Value, node: ast.Call, base: str) -> Value:
        """The call of what `itemgetter(...)` and the like give."""
        if getter.name == "unchanged":
            return owner
        if getter.name == "itemgetter":
            found = [self._item_of(owner, key, node, base) for key in getter.args]
            return found[0] if len(found) == 1 else Sequence(tuple(found))
        names = [self._number(name, node) for name in getter.args[:1]]
        if getter.name == "methodcaller":
            method = self.attribute(owner, names[0], node, base)
            return self.apply(
                method, list(getter.args[1:]), dict(getter.keywords), node, base
            )
        if len(getter.args) > 1:
            raise Refusal("attrgetter of several names is not supported", node)
        for name in names[0].split("."):
            owner = self.attribute(owner, name, node, base)
        return owner

    # -- itertools --------------------------------------------------------------------

    def rearranged(
        self, name: str, args: list[Value], kw: Keywords, node: ast.Call
    ) -> Value:
        count = {"combinations": 1, "islice": 1, "permutations": 1}.get(name, len(args))
        if name == "combinations_with_replacement":
            count = 1
        if name == "product":
            args = args * self._number(kw.pop("repeat", Const(1)), node)
            count = len(args)
            written = self._crossed(args, node)
        else:
            written = self._as_loops(name, args, count, kw, node)
        if written is not None:
            return written
        columns = [self.items_of(value, node) for value in args[:count]]
        rest = [self._number(value, node) for value in args[count:]]
        fill = kw.pop("fillvalue", Const(None))
        named = {key: self._number(value, node) for key, value in kw.items()}
        if name == "zip_longest":
            named = {"fillvalue": fill}
        if name == "compress":
            columns[1] = tuple(self._known_truth(v, node) for v in columns[1])  # type: ignore[misc]
        made = _REARRANGING[name](*columns, *rest, **named)
        return Sequence(tuple(Sequence(v) if type(v) is tuple else v for v in made))

    def _crossed(self, over: list[Value], node: ast.Call) -> Value | None:
        """`itertools.product` as the loops that it is, of more than a few items or over
        sequences whose lengths the program finds."""
        known = [self.known_items(each, node) for each in over]
        if None not in known:
            count = math.prod(len(items) for items in known if items is not None)
            if count <= self.longest or self.span(node) in self.known_to_fail:
                return None
            lists = {id(each): self._as_list(each, node) for each in over}
            over = [lists[id(each)] for each in over]
            self.failed_loops.add(self.span(node))
        if not over or not all(_has_places(each, True) for each in over):
            return None
        parts: dict[str, Value] = {f"part{k}": each for k, each in enumerate(over)}
        return self.from_text(crossed(len(over)), parts, node)

    def _as_list(self, value: Value, node: ast.AST) -> Value:
        """A sequence to loop over: held as one value if that can be."""
        if isinstance(value, Sequence):
            value = self.new_list(value.items)
        contents = self.contents(value, node) if isinstance(value, ListRef) else None
        if isinstance(value, ListRef) and contents is not None:
            if self.is_uniform(contents) or self.form_for(contents) is not None:
                self.materialise(value, node)
        return value

    def _as_loops(
        self, name: str, args: list[Value], count: int, kw: Keywords, node: ast.Call
    ) -> Value | None:
        """The loops over pairs that it is, of a sequence whose length the program finds."""
        over, rest = args[:count], args[count:]
        text, pairs = f"{name} of pairs", name == "pairwise"
        if text not in TEXTS or not (pairs or rest == [Const(2)]) or kw:
            return None
        if not all(_has_places(each, False) for each in over):
            return None
        if all(self.known_items(each, node) is not None for each in over):
            return None
        (first,) = over
        if not isinstance(first, Ranged):
            return self.from_text(text, {"items": first}, node)
        if first.reverse:
            return None
        given: dict[str, Value] = {
            "start": first.start, "stop": first.stop, "step": first.step
        }  # fmt: skip
        return self.from_text(f"{name} of a range", given, node)

    def _number(self, value: Value, node: ast.AST) -> Any:
        if isinstance(value, Const):
            return value.value
        kind = self.kind(value) if isinstance(value, (Var, Global)) else None
        if not isinstance(kind, Int) or not isinstance(kind.extent, int):
            raise Refusal("this number is not known before the program runs", node)
        return kind.extent

    def _known_truth(self, value: Value, node: ast.AST) -> bool:
        known = self.truth(value)
        if known is None:
            message = "which items are chosen is not known before the program runs"
            raise Refusal(message, node, "write a loop")
        return known

    def call_itertools_accumulate(
        self, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        function = args[1] if len(args) > 1 else kw.get("func", Const(None))
        items = list(self.items_of(args[0], node))
        initial = kw.get("initial", Const(None))
        if initial != Const(None):
            items.insert(0, initial)
        sums: list[Value] = items[:1]
        for item in items[1:]:
            if function == Const(None):
                sums.append(self.binary("add", sums[-1], item, node, "t"))
            else:
                sums.append(self.apply(function, [sums[-1], item], {}, node, "t"))
        return Sequence(tuple(sums))

    # -- functools --------------------------------------------------------------------

    def call_functools_partial(
        self, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        return Partial(args[0], tuple(args[1:]), tuple(kw.items()))

    def call_functools_reduce(
        self, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        start = args[2] if len(args) > 2 else None
        items = self.known_items(args[1], node)
        if items is None:
            return self.folded(args[0], args[1], start, node)
        values = list(items) if start is None else [start, *items]
        if not values:
            raise Refusal("reduce of no items", node)
        return functools.reduce(
            lambda a, b: self.apply(args[0], [a, b], {}, node, base), values
        )

    def call_functools_wraps(
        self, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        """It copies names and texts: the function that it decorates stays as it is."""
        return Getter("unchanged")

    def call_functools_cache(
        self, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        return args[0]

    def call_functools_lru_cache(
        self, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        if args and isinstance(args[0], (Closure, Partial, Static)):
            return args[0]
        return self.call_functools_wraps(args, kw, node, base)

    # -- built-in ---------------------------------------------------------------------

    def call_builtins_map(
        self, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        return Mapped(args[0], Zipped(tuple(args[1:])))

    def call_builtins_max(
        self, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        return self._best("max", "gt", args, kw, node, base)

    def call_builtins_min(
        self, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        return self._best("min", "lt", args, kw, node, base)

    def _best(
        self, name: str, op: str, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        default = kw.get("default")
        if default is not None and len(args) == 1 and self.is_list_value(args[0]):
            if self.known_items(args[0], node) is None:
                others = {name: value for name, value in kw.items() if name != "default"}
                empty = self.compare(
                    "eq", self.length_of(args[0], node), Const(0), node, "t"
                )
                return self.branch_values(
                    self.atom(empty, node), node, lambda: default,
                    lambda: self._best(name, op, args, others, node, base), base,
                )  # fmt: skip
        key = kw.get("key", Const(None))
        if key == Const(None) and self._of_objects(args, node):
            key = ITSELF
        of_tuples = key == Const(None) and self._of_tuples(args, node)
        if key == Const(None) and "default" not in kw and not of_tuples:
            return self._extremum(f"builtins.{name}", args, node, base)
        if len(args) == 1 and isinstance(args[0], (Backwards, Enumerated, Zipped)):
            if self.known_items(args[0], node) is None:
                args = [self.call_builtins_list(args, {}, node, "t")]
        looped = len(args) == 1 and (
            isinstance(args[0], Ranged) or self.is_list_value(args[0])
        )
        if looped and "default" not in kw:
            if self.known_items(args[0], node) is None:
                return self.best_of(args[0], key, op, node, base)
        items = self.items_of(args[0], node) if len(args) == 1 else tuple(args)
        if not items and "default" in kw:
            return kw["default"]
        if key == Const(None) and not of_tuples:
            return self._extremum(f"builtins.{name}", args, node, base)
        if not items:
            raise Refusal(f"{name} of no items", node)

        def mark_of(item: Value) -> Value:
            return item if of_tuples else self.apply(key, [item], {}, node, "t")

        best = items[0]
        mark = mark_of(best)
        for item in items[1:]:
            own = mark_of(item)
            better = self.compare(op, own, mark, node, "t")
            best, mark = self._chosen(better, (item, own), (best, mark), node, base)
        return best

    def _of_objects(self, args: list[Value], node: ast.Call) -> bool:
        """Whether objects of the user's are compared."""
        if len(args) != 1:
            return any(isinstance(item, ObjectRef) for item in args)
        items = self.known_items(args[0], node)
        if items is not None:
            return any(isinstance(item, ObjectRef) for item in items)
        table = self.table(args[0]) if isinstance(args[0], ListRef) else None
        return table is not None and getattr(table.form, "cls", None) is ObjectRef

    def _of_tuples(self, args: list[Value], node: ast.Call) -> bool:
        """Whether tuples that hold more than numbers are compared."""
        items = self.known_items(args[0], node) if len(args) == 1 else args
        return any(
            isinstance(item, Sequence)
            and not all(is_number(self.kind(part)) for part in item.items)
            for item in items or ()
        )

    def _chosen(
        self,
        cond: Value,
        then: tuple[Value, Value],
        orelse: tuple[Value, Value],
        node: ast.AST,
        base: str,
    ) -> tuple[Value, Value]:
        known = self.truth(cond)
        if known is not None:
            return then if known else orelse
        value = self.branch_values(
            self.atom(cond, node), node, lambda: Sequence(then), lambda: Sequence(orelse),
            base,
        )  # fmt: skip
        assert isinstance(value, Sequence)
        return value.items[0], value.items[1]

    def sorted_list(self, ref: ListRef, kw: Keywords, node: ast.Call, base: str) -> ListRef:
        """With a key: where the length is known by insertion, each step a choice."""
        key = self._key_of(ref, kw, node)
        if key == Const(None):
            kw = {name: value for name, value in kw.items() if name != "key"}
            return super().sorted_list(ref, kw, node, base)
        turn = kw.get("reverse", Const(False))
        items = self.known_items(ref, node)
        if items is None:
            places = self._places_by(key, ref, turn, node)
            return self._at_places(ref, places, node)
        op = "gt" if self._number(turn, node) else "lt"
        pairs: list[tuple[Value, Value]] = []
        for item in items:
            pairs.append((item, self.apply(key, [item], {}, node, "t")))
            for k in range(len(pairs) - 1, 0, -1):
                low, high = pairs[k - 1], pairs[k]
                swap = self.compare(op, high[1], low[1], node, "t")
                pairs[k - 1] = self._chosen(swap, high, low, node, base)
                pairs[k] = self._chosen(swap, low, high, node, base)
        return self.new_list(tuple(item for item, _ in pairs))

    def list_sort(
        self, owner: ListRef, args: list[Value], kw: Keywords, node: ast.Call
    ) -> Value:
        key = self._key_of(owner, kw, node)
        if key == Const(None) or self.known_items(owner, node) is not None:
            return super().list_sort(owner, args, kw, node)
        places = self._places_by(key, owner, kw.get("reverse", Const(False)), node)

        def reorder(column: ListRef) -> None:
            # Nothing is tied to what it was: each item stays in one place.
            before = self.own_list(self.read(column, node))
            moved = self._at_places(before, places, node)
            self.renew(column, self.list_atom(moved, node), node)

        if not self.change_columns(owner, reorder, node):
            reorder(owner)
        return Const(None)

    def _key_of(self, items: ListRef, kw: Keywords, node: ast.Call) -> Value:
        key = kw.get("key", Const(None))
        of_objects = key == Const(None) and self._of_objects([items], node)
        return ITSELF if of_objects else key

    def _places_by(self, key: Value, items: ListRef, turn: Value, node: ast.Call) -> Value:
        """The places of the items of a list in the order of what `key` says of them."""
        if key == ITSELF:
            return self.from_text("places", {"items": items, "reverse": turn}, node)
        given = {"items": items, "key": key, "reverse": turn}
        return self.from_text("places by a key", given, node)

    def _at_places(self, items: ListRef, places: Value, node: ast.Call) -> ListRef:
        given = {"items": items, "places": places}
        made = self.from_text("items at places", given, node)
        assert isinstance(made, ListRef)
        return made


def _has_places(value: Value, paired: bool) -> bool:
    """Whether its items lie at places, or `paired` with each other or their numbers."""
    if paired and isinstance(value, Enumerated):
        return _has_places(value.of, paired)
    if paired and isinstance(value, Zipped):
        return all(_has_places(part, paired) for part in value.of)
    return isinstance(value, (ArrayRef, ListRef, Ranged))
