"""Generators: their body is lowered where they are consumed.

`for target in generator(...)` lowers the body of the generator; where it yields, the
target is assigned and the body of the loop follows. So each loop stays one loop, and
what the two do is done in the order in which Python does it. All other consumers are
functions over such a loop.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from symdiff.frontend.constructs.trying import Trying
from symdiff.frontend.flow.exits import FALSE, TRUE
from symdiff.frontend.memory.context import Consumer, Frame, Refusal
from symdiff.frontend.memory.state import Key
from symdiff.frontend.memory.values import (
    MISSING, Backwards, Bound, Enumerated, Generator, ListRef, Mapped, ObjectRef, OneOf,
    Points, Poison, Ranged, Static, Suspended, Value, Zipped, sure,
)  # fmt: skip
from symdiff.frontend.reading.iterators import TEXTS, placed
from symdiff.frontend.reading.library import is_users_object
from symdiff.frontend.reading.plain import leaves_round, without_continue
from symdiff.frontend.reading.scopes import assigned_names, is_generator, own_nodes
from symdiff.ir.core import Const, Var

__all__ = ["FAR", "LEFT", "Generators", "function_of_items", "unused"]

NONE = Const(None)
FAR = (
    "how far this generator has come is not known here",
    "make a list of what it yields first: list(...)",
)
LEFT = Poison(
    "this generator was left before its end: how far it has come is not known",
    "make a list of what it yields first: list(...)",
)


Each = Callable[[Value, Callable[[], None]], None]
# Where the lowering stands: the frame, its loops, and all that is open around it.
Standpoint = tuple[Frame, list[str], list[Any], list[int], list[Any], list[Any]]


class Resume(ast.stmt):
    """The rest of a generator, after what its consumer does with an item."""

    def __init__(self, rest: Callable[[], None]) -> None:
        super().__init__()
        self.rest = rest


class Generators(Trying):
    """Lowers generators."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: dict[tuple[str, int], ast.FunctionDef] = {}
        self.displays: dict[int, tuple[ast.FunctionDef, ast.ListComp]] = {}
        self.points: dict[int, Points] = {}  # of generators, by their buffer
        self.named: set[int] = set()  # the buffers of generators that names hold

    # -- making -----------------------------------------------------------------------

    def suspended(
        self, frame: Frame, function: ast.FunctionDef, bound: dict[str, Value],
        display: ast.ListComp | None = None, library: bool = False,
    ) -> Generator:  # fmt: skip
        """A generator that waits for its first item."""
        self.frames[frame.number] = frame
        self.live_frames.add(frame.number)
        for name, value in bound.items():
            self.state.set((frame.number, name), value)
        buffer = self.state.new_buffer()
        self.points[buffer] = Points(frame.number, function)
        self.stand(buffer, tuple(function.body))
        return Generator(buffer, frame.number, function, display, library)

    def from_text(self, text: str, values: dict[str, Value], node: ast.AST) -> Value:
        """What a function of the library gives, from what it does."""
        function = self.texts.get((text, id(node)))
        if function is None:
            function = self.texts[text, id(node)] = placed(TEXTS.get(text, text), node)
        names = assigned_names(function)
        frame = Frame(len(self.frames), self.frame.source, self.frame.function, names, None)
        frame.path, frame.site = self.frame.path, self.frame.site
        if is_generator(function):
            return self.suspended(frame, function, values, library=True)
        self.frames[frame.number] = frame
        for name, value in values.items():
            self.state.set((frame.number, name), value)
        return self.run_function(frame, function, (id(node), text))

    def expr_GeneratorExp(self, node: ast.GeneratorExp, base: str) -> Value:
        """Its first iterable is evaluated now, all else when an item is asked for."""
        made = self.displays.get(id(node))
        if made is None:
            made = self.displays[id(node)] = _function_of(node)
        function, display = made
        clause = node.generators[0]
        first = self.iterator(self.expr(clause.iter), clause.iter)
        self.frame.captured = True
        outer = self.frame
        names = assigned_names(function)
        frame = Frame(len(self.frames), outer.source, outer.function, names, outer)
        frame.path, frame.made_in = outer.path, tuple(outer.scopes)
        return self.suspended(frame, function, {_FIRST: first}, display)

    # -- running ----------------------------------------------------------------------

    def rest_of(self, generator: Generator, node: ast.AST) -> tuple[ast.stmt, ...]:
        """What is left to run of a generator."""
        found = self.stands_at(generator, node)
        if isinstance(found.at, Const):
            rest: tuple[ast.stmt, ...] = found.points.rests[found.at.value]
            if not any(map(leaves_round, rest)):
                return rest
        raise Refusal(FAR[0], node, FAR[1])

    def stands_at(self, generator: Generator, node: ast.AST) -> Suspended:
        found = self.state.get(generator.buffer)
        if isinstance(found, Poison):
            raise self.poisoned(found, node)
        if self.frames[generator.frame].consumer is not None:
            raise Refusal("this generator is asked for an item while it runs", node)
        assert isinstance(found, Suspended)
        return found

    def stand(self, buffer: int, rest: tuple[ast.stmt, ...]) -> None:
        """Let a generator stand where this is left to run of it."""
        self.state.set(buffer, self.points[buffer].standing(rest))

    def _check_hidden(
        self,
        function: ast.FunctionDef,
        outer: Frame,
        made_in: tuple[Any, ...],
        node: ast.AST,
    ) -> None:
        """Refuse to go on where a comprehension hides names that a generator reads."""
        around = [scope for scope in outer.scopes if scope not in made_in]
        hidden = {name for scope in around for name in scope.names}
        hidden -= assigned_names(function)
        for part in ast.walk(function) if hidden else ():
            if isinstance(part, ast.Name) and part.id in hidden:
                message = f"`{part.id}` is another one in the comprehension around this"
                raise Refusal(message, node, "give one of them another name")

    @contextmanager
    def _resumed(
        self,
        generator: Generator,
        each: Each,
        left: Key | None,
        node: ast.AST,
    ) -> Iterator[Frame]:
        """Lower in the frame of a generator."""
        frame = self.frames[generator.frame]
        function = generator.function
        place = self.place_of(frame, function)
        if frame.outer is not None:
            self.check_names(function, frame.outer, frame.made_in, node)
            self._check_hidden(function, frame.outer, frame.made_in, node)
        if not generator.library:
            names = [a.arg for a in function.args.args]
            known = tuple(self.state.get((frame.number, name)) for name in names)
            if place not in self.apart:
                self.check_recursion(frame, place, known, node)
            if place in self.apart:
                message = "a generator that calls itself as often as the run decides"
                help = "write a function that returns a list"
                raise Refusal(f"{message} is not supported", node, help)
        flags = [self.flag("<returned>")]
        if self.loop_names:
            flags += map(self.loop_flag, ("left", "broken"))
        if self.frame.consumer is not None:
            flags += self.frame.consumer.flags
        here = self._standpoint()
        frame.consumer = Consumer(self.frame, each, left, tuple(flags), here)
        self.live_frames.add(frame.number)
        stack, branches = [*self.stack, place], [*self.branches_at, self.open_branches]
        there: Standpoint = (frame, [], stack, branches, self.catchers, self.handling)
        try:
            with self._standing(there, [*self.sites, (id(node), id(function))]):
                yield frame
        finally:
            frame.consumer = None
            if left is not None:
                self.leaving.pop(left, None)

    def _standpoint(self) -> Standpoint:
        return (
            self.frame, self.loop_names, self.stack, self.branches_at, self.catchers,
            self.handling,
        )  # fmt: skip

    @contextmanager
    def _standing(self, there: Standpoint, sites: list[object]) -> Iterator[None]:
        """Lower somewhere else."""
        here, outer = self._standpoint(), self.sites
        try:
            self._go(there)
            self.sites = sites
            yield
        finally:
            self._go(here)
            self.sites = outer

    def _go(self, there: Standpoint) -> None:
        (
            self.frame, self.loop_names, self.stack, self.branches_at, self.catchers,
            self.handling,
        ) = there  # fmt: skip

    def drive(
        self,
        generator: Generator,
        node: ast.AST,
        each: Each,
        left: Key | None = None,
    ) -> Value:
        """Run a generator to its end; what it returns. `left` is the flag by which the
        consumer says that it asks for no more."""
        rest = self.rest_of(generator, node)
        with self._resumed(generator, each, left, node) as frame:
            returned, result = self.flag("<returned>"), self.flag("<result>")
            self.state.set(returned, FALSE)
            self.state.set(result, MISSING)
            self.block(list(rest))
            flag = self.state.get(returned)
            valued = _returns_value(generator.function)
            if valued and flag not in (TRUE, FALSE):
                last = ast.copy_location(ast.Return(None), rest[-1])
                self.unless([self.atom(flag, node)], rest[-1], [last])
            value = self.state.get(result)
        gone = left is not None and self.state.get(left) != FALSE
        if gone and generator.buffer in self.named and _ends_with_more(generator.function):
            message = "a generator with a `finally` that is left while a name holds it"
            help = "make the generator where the loop over it begins"
            raise Refusal(f"{message} is not supported", node, help)
        if gone:
            self.state.set(generator.buffer, LEFT)
        else:
            self.stand(generator.buffer, ())
        if not gone and not frame.captured:
            self.live_frames.discard(frame.number)
        return NONE if value is MISSING else value

    def expr_Yield(self, node: ast.Yield, base: str) -> Value:
        self.yielded(self._value_of(node), node, _nothing)
        return NONE

    def _value_of(self, node: ast.Yield) -> Value:
        return NONE if node.value is None else self.expr(node.value)

    def yield_then(self, node: ast.Yield, rest: list[ast.stmt]) -> None:
        """A `yield` with the statements after it: they follow what the consumer does, in
        the path in which it asks for more."""
        self.yielded(self._value_of(node), node, lambda: self.block(rest))

    def yielded(self, value: Value, node: ast.AST, rest: Callable[[], None]) -> None:
        """Hand a value to the consumer; go on with the rest if that asks for more."""
        consumer = self.frame.consumer
        if consumer is None:
            raise Refusal("a generator is not supported", node)
        own = [self.flag("<returned>")]
        if self.loop_names:
            own += map(self.loop_flag, ("left", "continued"))
        for key in (*own, *consumer.flags):  # else this would not be reached
            if self.state.get(key) != FALSE:
                self.state.set(key, FALSE)
        if consumer.left is not None:
            self.leaving[consumer.left] = tuple(own[:2])
        here, sites, span = self._standpoint(), self.sites, self.build.span

        def resume() -> None:
            with self._standing(here, sites):
                self.build.span = span
                rest()

        with self._standing(consumer.place, [*sites, id(node)]):
            consumer.each(value, resume)

    def expr_YieldFrom(self, node: ast.YieldFrom, base: str) -> Value:
        source = self.as_generator(self.expr(node.value), node)
        done = self.flag("<returned>")
        return self.drive(source, node, lambda v, rest: self.yielded(v, node, rest), done)

    # -- consuming --------------------------------------------------------------------

    def iterator(self, value: Value, node: ast.AST) -> Value:
        """What a loop over a value runs over: a generator where that is one."""
        value = self.as_items(self.listed_set(sure(value), node), node)
        if isinstance(value, ObjectRef) or (
            isinstance(value, Static) and is_users_object(value.value)
        ):
            made = self.special_method("__iter__", [value], node, "t")
            if isinstance(made, ObjectRef):
                return self.from_text("object", {"iterator": made}, node)
            if made is not None:
                return self.iterator(made, node)
            if hasattr(self.class_of(value), "__getitem__"):
                return self.from_text("items", {"iterable": value}, node)
        return value

    def as_generator(self, value: Value, node: ast.AST) -> Generator:
        source = self.iterator(value, node)
        if not isinstance(source, Generator):
            source = self.from_text("iter", {"iterable": source}, node)
        assert isinstance(source, Generator)
        return source

    def as_iterator(self, value: Value, node: ast.AST) -> Value:
        """A value that may be iterated over once only."""
        if isinstance(value, _ONCE) or (isinstance(value, Ranged) and value.reverse):
            return self.from_text("iter", {"iterable": value}, node)
        return value

    def unwrapped(self, value: Value, node: ast.AST) -> Value:
        """What an iterator of which nothing was taken yet is over; it is at its end
        then."""
        if isinstance(value, Generator) and value.library:
            whole = tuple(value.function.body)
            if value.function.name == "iterate" and self.rest_of(value, node) == whole:
                over = self.state.get((value.frame, "iterable"))
                if over is not MISSING:
                    self.stand(value.buffer, ())
                    return over
        return value

    def bind_name(self, name: ast.Name, value: Value) -> None:
        super().bind_name(name, self._named(value, name))

    def _named(self, value: Value, node: ast.AST) -> Value:
        held = self.as_iterator(value, node)
        if isinstance(held, Generator):
            self.named.add(held.buffer)
        return held

    def bind(
        self, args: ast.arguments, name: str, positional: list[Value],
        keywords: dict[str, Value], defaults: dict[str, Value], node: ast.AST,
    ) -> dict[str, Value]:  # fmt: skip
        bound = super().bind(args, name, positional, keywords, defaults, node)
        return {key: self._named(value, node) for key, value in bound.items()}

    def run_for(self, node: ast.For, iterable: Value) -> None:
        if isinstance(iterable, OneOf):
            self.for_each_member(iterable, lambda m: self.run_for(node, m), node)
            return
        source = self.iterator(iterable, node.iter)
        if not isinstance(source, Generator):
            super().run_for(node, source)
            return
        self._begin_loop(node)

        body, whole = without_continue(node)

        def each(value: Value, rest: Callable[[], None]) -> None:
            self.guarded(node, lambda: self.assign(node.target, value))
            if whole:
                self.block([*body, Resume(rest)])
                return
            self.block(body)
            continued = self.loop_flag("continued")
            if self.state.get(continued) != FALSE:
                self.state.set(continued, FALSE)
            if not self.ended and not self.left(node, [Resume(rest)]):
                rest()

        self.drive(source, node.iter, each, self.loop_flag("left"))
        self._end_loop(node)

    def enter(
        self, made: Value, target: ast.expr, body: list[ast.stmt], node: ast.With
    ) -> None:
        assert isinstance(made, Generator)
        if any(map(_catches, ast.walk(made.function))):
            message = "a context whose generator catches errors of what is in it"
            raise Refusal(f"{message} is not supported", node, "write the `try` there")

        def each(value: Value, rest: Callable[[], None]) -> None:
            self.assign(target, value)
            whole = ast.Try(body, [], [], [ast.copy_location(Resume(rest), node)])
            self.block([ast.copy_location(whole, node)])

        self.drive(made, node, each)

    def stmt_Resume(self, node: Resume) -> None:
        node.rest()

    def stmt_While(self, node: ast.While) -> None:
        super().stmt_While(node)
        consumer = self.frame.consumer
        if consumer is None or not isinstance(node.test, ast.Constant):
            return
        if any(isinstance(n, ast.Return) for n in own_nodes(node)):
            return
        self.loop_names.append(str(len(self.loop_names) or ""))
        broken = self.state.get(self.loop_flag("broken"))
        self.loop_names.pop()
        if broken == FALSE:
            self._only_left(consumer)  # nothing else ends this loop

    def _only_left(self, consumer: Consumer) -> None:
        """Note that the consumer has left."""
        if consumer.left is None or not isinstance(self.state.get(consumer.left), Var):
            return
        returned, *loop = consumer.flags[:3]
        self.state.set(consumer.left, TRUE)
        if consumer.left == returned:
            if consumer.frame.consumer is not None:
                self._only_left(consumer.frame.consumer)
        elif self.state.get(loop[1]) == FALSE and consumer.frame.consumer is None:
            self.state.set(returned, TRUE)

    def listed(self, value: Value, node: ast.AST, base: str) -> ListRef:
        """A list of what an iterator gives."""
        value = self.unwrapped(value, node)
        if isinstance(value, Generator) and value.display is not None:
            rest = self.rest_of(value, node)
            if rest == tuple(value.function.body):
                with self._resumed(value, unused, None, node):
                    made = self.comprehension(value.display, base)
                self.stand(value.buffer, ())
                assert isinstance(made, ListRef)
                return made
        items = self.known_items(value, node)
        if items is not None and len(items) <= self.longest:
            return self.new_list(items)
        made = self.new_list(())
        self.list_names[made.buffer] = base
        append = Bound(made, "append")
        call = ast.copy_location(ast.Call(ast.Constant(None), [], []), node)

        def each(item: Value, rest: Callable[[], None]) -> None:
            self.apply(append, [item], {}, call, "t")
            rest()

        self.drive(self.as_generator(value, node), node, each)
        return made


_FIRST = "<first>"
_ONCE = (Backwards, Enumerated, Mapped, Zipped)


def _function_of(node: ast.GeneratorExp) -> tuple[ast.FunctionDef, ast.ListComp]:
    """The generator function that a generator expression stands for, and the list."""
    step: ast.stmt = ast.Expr(ast.Yield(node.elt))
    for place, clause in reversed(list(enumerate(node.generators))):
        for test in reversed(clause.ifs):
            step = ast.If(test, [step], [])
        source = clause.iter if place else ast.Name(_FIRST, ast.Load())
        step = ast.For(clause.target, source, [step], [])
    nothing = ast.arguments([], [ast.arg(_FIRST)], None, [], [], None, [])
    bound = {n.target.id for n in ast.walk(step) if isinstance(n, ast.NamedExpr)}
    outer: list[ast.stmt] = [ast.Nonlocal(sorted(bound))] if bound else []
    function = ast.FunctionDef("<genexpr>", nothing, [*outer, step], [])
    head, *more = node.generators
    head = ast.comprehension(head.target, ast.Name(_FIRST, ast.Load()), head.ifs, 0)
    display = ast.ListComp(node.elt, [head, *more])
    for made in (function, display):
        for part in ast.walk(made):
            if not hasattr(part, "lineno") and isinstance(part, (ast.stmt, ast.expr)):
                ast.copy_location(part, node)
    return function, display


@functools.lru_cache(256)
def function_of_items(node: ast.GeneratorExp) -> ast.FunctionDef | None:
    """The function from an item to an item that a generator expression maps by; None
    where it leaves some out, or does more."""
    (clause, *more), elt = node.generators, node.elt
    binds = any(isinstance(part, ast.NamedExpr) for part in ast.walk(elt))
    if more or clause.ifs or clause.is_async or binds:
        return None
    take = ast.Assign([clause.target], ast.Name(_FIRST, ast.Load()))
    one = ast.arguments([], [ast.arg(_FIRST)], None, [], [], None, [])
    function = ast.FunctionDef("<genexpr>", one, [take, ast.Return(elt)], [])
    for part in ast.walk(function):
        if not hasattr(part, "lineno") and isinstance(part, (ast.stmt, ast.expr)):
            ast.copy_location(part, node)
    return function


def unused(value: Value, rest: Callable[[], None]) -> None:
    """A display yields nothing."""


def _nothing() -> None:
    """What follows a `yield` inside an expression follows its statement."""


def _ends_with_more(function: ast.FunctionDef) -> bool:
    """Whether a generator that is left runs something before it is gone."""
    ways = (ast.Try, ast.With)
    return any(isinstance(n, ways) for n in own_nodes(*function.body))


def _returns_value(function: ast.FunctionDef) -> bool:
    found = (n for n in own_nodes(*function.body) if isinstance(n, ast.Return))
    return any(n.value is not None for n in found)


def _catches(node: ast.AST) -> bool:
    """Whether it is a `try` around a `yield` that ends errors."""
    if not isinstance(node, ast.Try):
        return False
    yields = any(isinstance(n, ast.Yield) for part in node.body for n in ast.walk(part))
    return yields and not all(isinstance(h.body[-1], ast.Raise) for h in node.handlers)
