"""Functions of the library over generators and other iterators."""

from __future__ import annotations

import ast
import functools
import operator

from symdiff.frontend.constructs.generators import LEFT, function_of_items
from symdiff.frontend.constructs.resuming import STEP, Resuming, several
from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.values import (
    MISSING, ArrayRef, Backwards, Bound, Closure, Enumerated, Generator, ListRef, Mapped,
    ObjectRef, Ranged, Sequence, Static, Value, Zipped,
)  # fmt: skip
from symdiff.frontend.reading.iterators import CONSUMERS, chained, grouped, zipped
from symdiff.ir.core import Const
from symdiff.ir.kinds import Array

__all__ = ["Iterating"]

Keywords = dict[str, Value]
NONE = Const(None)


class Iterating(Resuming):
    """Lowers them, as the functions that `iterators.py` has of them.

    `over_NAME` is what a function does where it gets a generator.
    """

    def of_generator(
        self, op: str, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value | None:
        """What a function of the library gives that gets a generator; None for one that
        looks at all items anyway."""
        special = getattr(self, f"over_{op.rpartition('.')[2]}", None)
        if special is not None:
            value: Value | None = special(args, kw, node, base)
            return value
        return None

    def all_listed(self, op: str, args: list[Value], node: ast.AST) -> list[Value]:
        """The arguments, with lists of what generators among them yield."""
        if op not in CONSUMERS:
            help = "make a list of what it yields: list(...)"
            raise Refusal("this function gets a generator", node, help)
        return [
            self.listed(v, node, "items") if self.is_lazy(v, op, node) else v for v in args
        ]

    def is_lazy(self, value: Value, op: str, node: ast.AST) -> bool:
        """Whether its items are only known when a loop has run over it."""
        if isinstance(value, Mapped) and op in CONSUMERS:
            return self.known_items(value.of, node) is None
        if isinstance(value, Mapped) and op in ("builtins.all", "builtins.any"):
            return True
        return isinstance(value, Generator)

    # -- built-in functions -----------------------------------------------------------

    def over_list(
        self, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        return self.listed(args[0], node, base)

    def over_iter(
        self, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        if len(args) == 2:
            return self.from_text(
                "iter until", {"function": args[0], "last": args[1]}, node
            )
        return self.as_generator(args[0], node)

    call_builtins_iter = over_iter

    def over_tee(self, args: list[Value], kw: Keywords, node: ast.Call, base: str) -> Value:
        """Iterators over the same items, all of which are asked for now."""
        count = args[1] if len(args) > 1 else kw.get("n", Const(2))
        if not isinstance(count, Const):
            raise Refusal("how many iterators this makes is not known now", node)
        items = self.listed(args[0], node, "items")
        made = (
            self.from_text("iter", {"iterable": items}, node) for _ in range(count.value)
        )
        return Sequence(tuple(made))

    call_itertools_tee = over_tee

    def stmt_For(self, node: ast.For) -> None:
        iterable = self.expr(node.iter)
        if isinstance(iterable, ListRef) and _grows(node):
            iterable = self.from_text(
                "items of a list that grows", {"items": iterable}, node
            )
        self.run_for(node, iterable)

    def over_next(
        self, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        generator = args[0]
        if isinstance(generator, ObjectRef) and len(args) == 1:
            made = self.special_method("__next__", [generator], node, base)
            if made is not None:
                return made
        if isinstance(generator, Backwards) and isinstance(node.args[0], ast.Call):
            items = self.known_items(generator, node)
            if items:
                return items[0]
        if not isinstance(generator, Generator):
            raise Refusal("next of this is not supported", node, "loop over it")
        return self.next_of(generator, args[1:], node)

    call_builtins_next = over_next

    def over_sum(self, args: list[Value], kw: Keywords, node: ast.Call, base: str) -> Value:
        total = args[1] if len(args) > 1 else kw.get("start", Const(0))
        return self.from_text("sum", {"iterable": args[0], "total": total}, node)

    def over_any(self, args: list[Value], kw: Keywords, node: ast.Call, base: str) -> Value:
        return self.from_text("any", {"iterable": args[0]}, node)

    def over_all(self, args: list[Value], kw: Keywords, node: ast.Call, base: str) -> Value:
        return self.from_text("all", {"iterable": args[0]}, node)

    def over_enumerate(
        self, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        number = args[1] if len(args) > 1 else kw.get("start", Const(0))
        return self.from_text("enumerate", {"iterable": args[0], "number": number}, node)

    def over_map(self, args: list[Value], kw: Keywords, node: ast.Call, base: str) -> Value:
        if len(args) == 2:
            return self._with_function("map", args, node)
        columns = self._columns(args[1:], node.args[1:], node)
        if not any(isinstance(value, Generator) for value in columns):
            return Mapped(args[0], Zipped(tuple(columns)))
        return self._with_function("starmap", [args[0], self._zip(columns, node)], node)

    def over_filter(
        self, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        if args[0] == NONE:
            return self.from_text("filter true", {"iterable": args[1]}, node)
        return self._with_function("filter", args, node)

    call_builtins_filter = over_filter

    def _with_function(self, name: str, args: list[Value], node: ast.Call) -> Value:
        return self.from_text(name, {"function": args[0], "iterable": args[1]}, node)

    def call_builtins_reversed(
        self, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        made = super().call_builtins_reversed(args, kw, node, base)
        if isinstance(made, (Sequence, ArrayRef)):
            return self.from_text("iter", {"iterable": made}, node)
        return made

    def over_zip(self, args: list[Value], kw: Keywords, node: ast.Call, base: str) -> Value:
        first = args[0]
        if isinstance(first, Generator) and len(args) > 1 and args == [first] * len(args):
            return self._grouped(first, len(args), node)
        columns = self._columns(args, node.args, node)
        if not any(isinstance(value, Generator) for value in columns):
            return self.call_builtins_zip(columns, kw, node, base)
        if kw.get("strict", Const(False)) != Const(False):
            raise several(node)
        if any(not isinstance(value, Generator) for value in columns):
            columns = [self._counted(value, columns, node) for value in columns]
        return self._zip(columns, node)

    def _grouped(self, value: Generator, count: int, node: ast.AST) -> Value:
        """`zip(it, it)`: the items of one iterator, so many at a time."""
        over = self.unwrapped(value, node)
        if isinstance(over, Generator):
            over = self._rest_listed(over, node)
        if isinstance(over, Generator):
            raise several(node)
        items = self.known_items(over, node)
        if items is None:
            return self.from_text(grouped(count), {"items": over}, node)
        rows = zip(*[iter(items)] * count, strict=False)
        return Sequence(tuple(map(Sequence, rows)))

    def _columns(
        self, values: list[Value], given: list[ast.expr], node: ast.AST
    ) -> list[Value]:
        """What several iterables that run together are over."""
        if len(values) > len(given):  # some of them come from `*args`
            return values
        columns = [
            self.unwrapped(value, node) if self._just_made(value, arg) else value
            for value, arg in zip(values, given, strict=False)
        ]
        mapped = [self._mapping(*pair) for pair in zip(columns, given, strict=False)]
        return columns if any(isinstance(v, Generator) for v in mapped) else mapped

    def _mapping(self, value: Value, arg: ast.expr) -> Value:
        """A generator expression that was just made, as `map` of a function, where it
        gives an item for each that it gets."""
        if not isinstance(value, Generator) or not isinstance(arg, ast.GeneratorExp):
            return value
        function = function_of_items(arg)
        outer = self.frames[value.frame].outer
        over = self.state.get((value.frame, value.function.args.args[0].arg))
        if function is None or outer is None or isinstance(over, Generator):
            return value
        closure = Closure(function, outer.number, (), self.frames[value.frame].made_in)
        return Mapped(closure, Zipped((over,)))

    def _just_made(self, value: Value, arg: ast.expr) -> bool:
        """Whether it is what a call of the library has just made: nobody else has it."""
        if not isinstance(value, Generator):
            return False
        return value.function is self.texts.get(("iter", id(arg)))

    def _counted(self, value: Value, columns: list[Value], node: ast.AST) -> Value:
        """`itertools.count(start)` beside a column that has a length, as a range."""
        start = self._count_from(value, node)
        others = (c for c in columns if isinstance(c, (ListRef, ArrayRef, Sequence)))
        sized = next(others, None)
        if start is None or sized is None:
            return value
        assert isinstance(value, Generator)
        self.state.set(value.buffer, LEFT)
        stop = self.binary("add", start, self.length_of(sized, node), node, "n")
        return Ranged(self.atom(start, node), self.atom(stop, node), Const(1))

    def _count_from(self, value: Value, node: ast.AST) -> Value | None:
        """Where `itertools.count(start)` starts, of which nothing was taken yet."""
        if not isinstance(value, Generator) or value.function.name != "count":
            return None
        if self.rest_of(value, node) != tuple(value.function.body):
            return None
        step = self.state.get((value.frame, "step"))
        return self.state.get((value.frame, "number")) if step == Const(1) else None

    def _zip(self, columns: list[Value], node: ast.Call) -> Value:
        """`zip` of a generator with what has a length."""
        places = [k for k, v in enumerate(columns) if isinstance(v, Generator)]
        if not places:
            return Zipped(tuple(columns))
        if len(places) > 1:
            counts = [k for k in places if self._count_from(columns[k], node) is not None]
            places = [k for k in places if k not in counts[: len(places) - 1]]
        columns = list(columns)
        for k in places[:-1]:
            columns[k] = self._rest_listed(columns[k], node)
        place = next(k for k in places if isinstance(columns[k], Generator))
        stepped = {k - 1 for k in places if k > place}
        values: dict[str, Value] = {"iterable": columns[place]}
        items: list[str] = []
        for k, column in enumerate([*columns[:place], *columns[place + 1 :]]):
            if k in stepped:
                item, values[f"c{k}"], values[f"n{k}"] = "i{}", Bound(column, STEP), NONE
            else:
                item, values[f"c{k}"], values[f"n{k}"] = self._zip_column(column, node)
            items.append(item)
        endless = {k for k in range(len(items)) if values[f"n{k}"] == NONE}
        text = zipped(items[:place], items[place:], endless - stepped, stepped)
        return self.from_text(text, values, node)

    def _rest_listed(self, value: Value, node: ast.AST) -> Value:
        """A list of what is left in an iterator over what has an end, which nobody asks
        for more after that; any other one as it is."""
        assert isinstance(value, Generator)
        over = self.state.get((value.frame, "iterable"))
        known = value.library and value.function.name == "iterate" and over is not MISSING
        if not known or isinstance(over, Generator):
            return value
        rest = self.listed(value, node, "items")
        self.state.set(value.buffer, LEFT)
        return rest

    def _zip_column(self, value: Value, node: ast.AST) -> tuple[str, Value, Value]:
        """How an item of a column is found by its place, in what, and their number."""
        start = self._count_from(value, node)
        if start is not None:
            assert isinstance(value, Generator)
            self.state.set(value.buffer, LEFT)
            return "c{} + place", start, NONE
        if isinstance(value, Ranged) and value.step == Const(1) and not value.reverse:
            if value.start == Const(0):
                return "place", value.start, value.stop
            length = self.binary("sub", value.stop, value.start, node, "n")
            return "c{} + place", value.start, length
        if isinstance(value, (Enumerated, Generator, Mapped, Zipped)):
            raise several(node)
        if isinstance(value, Ranged):
            value = self.listed(value, node, "items")
        if not isinstance(value, (ListRef, ArrayRef, Sequence)):
            value = Sequence(self.items_of(value, node))
        return "c{}[place]", value, self.length_of(value, node)

    # -- itertools --------------------------------------------------------------------

    def _is_known(self, value: Value, node: ast.AST) -> bool:
        """Whether the items are known one by one, with nothing that runs for them."""
        if isinstance(value, (Generator, Mapped)):
            return False
        kind = self.kind(value) if isinstance(value, ArrayRef) else None
        if isinstance(kind, Array):
            return bool(kind.dims) and isinstance(kind.dims[0], int)
        return self.known_items(value, node) is not None

    def rearranged(
        self, name: str, args: list[Value], kw: Keywords, node: ast.Call
    ) -> Value:
        count = 1 if name == "islice" else len(args)
        if name in ("chain", "islice", "pairwise"):
            if not all(self._is_known(value, node) for value in args[:count]):
                value: Value = getattr(self, f"over_{name}")(args, kw, node, "t")
                return value
        made = super().rearranged(name, args, kw, node)
        return self.from_text("iter", {"iterable": made}, node)

    def over_chain(
        self, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        parts = {f"part{k}": value for k, value in enumerate(args)}
        return self.from_text(chained(len(args)), parts, node)

    def over_from_iterable(
        self, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        return self.from_text("from_iterable", {"iterable": args[0]}, node)

    def over_islice(
        self, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        bounds = args[1:]
        if len(bounds) == 1:
            bounds = [NONE, *bounds]
        start, stop, step = [*bounds, NONE][:3]
        start = Const(0) if start == NONE else start
        step = Const(1) if step == NONE else step
        values = {"iterable": args[0], "start": start, "stop": stop, "step": step}
        if stop == NONE:
            del values["stop"]
            return self.from_text("islice from", values, node)
        if start == Const(0) and step == Const(1):
            values = {"iterable": args[0], "stop": stop}
            return self.from_text("islice to", values, node)
        return self.from_text("islice", values, node)

    def over_pairwise(
        self, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        return self.from_text("pairwise", {"iterable": args[0]}, node)

    def over_takewhile(
        self, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        return self._with_function("takewhile", args, node)

    def over_dropwhile(
        self, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        return self._with_function("dropwhile", args, node)

    def over_filterfalse(
        self, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        return self._with_function("filterfalse", args, node)

    def over_starmap(
        self, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        return self._with_function("starmap", args, node)

    def over_cycle(
        self, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        return self.from_text("cycle", {"iterable": args[0]}, node)

    call_itertools_from_iterable = over_from_iterable
    call_itertools_takewhile = over_takewhile
    call_itertools_dropwhile = over_dropwhile
    call_itertools_filterfalse = over_filterfalse
    call_itertools_starmap = over_starmap
    call_itertools_cycle = over_cycle

    def call_itertools_count(
        self, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        number = args[0] if args else kw.get("start", Const(0))
        step = args[1] if len(args) > 1 else kw.get("step", Const(1))
        return self.from_text("count", {"number": number, "step": step}, node)

    def call_itertools_groupby(
        self, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        key = args[1] if len(args) > 1 else kw.get("key", NONE)
        return self.from_text("groupby", {"items": args[0], "key": key}, node)

    def call_itertools_repeat(
        self, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        times = args[1] if len(args) > 1 else kw.get("times")
        if times is None:
            return self.from_text("repeat", {"value": args[0]}, node)
        made = Sequence((args[0],) * self._number(times, node))
        return self.from_text("iter", {"iterable": made}, node)

    def call_itertools_accumulate(
        self, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        if self._is_known(args[0], node):
            made = super().call_itertools_accumulate(args, kw, node, base)
            return self.from_text("iter", {"iterable": made}, node)
        return self.over_accumulate(args, kw, node, base)

    def over_accumulate(
        self, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        function = args[1] if len(args) > 1 else kw.get("func", NONE)
        initial = kw.get("initial", NONE)
        if function == NONE and initial == NONE:
            values = {"iterable": args[0], "total": Const(0)}
            return self.from_text("accumulate sums", values, node)
        if function == NONE:
            function = _ADD
        values = {"function": function, "iterable": args[0]}
        if initial == NONE:
            return self.from_text("accumulate", values, node)
        return self.from_text("accumulate from", {**values, "total": initial}, node)


_ADD = Static(operator.add)


@functools.lru_cache(256)
def _grows(node: ast.For) -> bool:
    """Whether a list gets items in the loop that runs over it."""
    looped = ast.unparse(node.iter)
    for part in (inner for statement in node.body for inner in ast.walk(statement)):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
            if (
                part.func.attr in ("append", "extend")
                and ast.unparse(part.func.value) == looped
            ):
                return True
        if isinstance(part, ast.AugAssign) and ast.unparse(part.target) == looped:
            return True
    return False
