"""Generators that are asked for one item: their body, up to the next `yield`.

Which one that is may depend on the run. A generator then stands at one of several points,
whose number is a value like others: loops carry it, branches choose it.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable
from contextlib import suppress

from symdiff.frontend.constructs.generators import FAR, Generators, unused
from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.state import Branch
from symdiff.frontend.memory.values import (
    MISSING, ArrayRef, Bound, Generator, ListRef, Mapped, Points, Poison, Ranged, Sequence,
    Suspended, Value, Zipped,
)  # fmt: skip
from symdiff.frontend.flow.exits import FALSE, TRUE
from symdiff.frontend.reading.plain import leaves_round
from symdiff.frontend.reading.scopes import own_nodes, stored_names, yields
from symdiff.ir.core import Atom, Const
from symdiff.ir.kinds import is_number
from symdiff.records import dataclass

__all__ = ["STEP", "Resuming", "several"]

AtEnd = Callable[[], Value]
Found = Callable[[Value], Value]
_HARMLESS = (ast.Add, ast.Sub, ast.Mult)
STEP = "<step>"  # the method that says whether there is an item, and gives it
ENDED = Poison()


@dataclass(frozen=True, slots=True)
class Way:
    """What is asked for an item, where, and what is done with it or at the end."""

    generator: Generator
    node: ast.AST
    found: Found
    at_end: AtEnd
    forgets: bool  # who asks, asks no more after the end


@dataclass(frozen=True, slots=True)
class Later:
    """A loop without its first rounds: over the items that are left, or over their places
    in what holds them."""

    names: tuple[str, str, str]  # of what is left, of what holds the items, of a place
    loop: ast.For
    by_place: ast.For


@dataclass(frozen=True, slots=True)
class Stepping:
    """A loop that counts its rounds itself, as `while place < stop`."""

    names: tuple[str, str, str]  # of a place, of where it stops, of what holds the items
    loop: ast.While


class Resuming(Generators):
    """Lowers `next`."""

    def __init__(self) -> None:
        super().__init__()
        self.later: dict[int, Later] = {}
        self.stepping: dict[tuple[int, bool], Stepping] = {}
        # The points of generators that were brought to where their own loop begins.
        self.begun: dict[tuple[int, tuple[ast.stmt, ...]], Points] = {}

    def next_of(self, generator: Generator, default: list[Value], node: ast.AST) -> Value:
        """`next(generator)`; where it is not found out which `yield` comes next, the
        generator is left there for good."""

        def at_end() -> Value:
            return default[0] if default else self.from_text("stop", {}, node)

        found = self._tried(Way(generator, node, lambda item: item, at_end, False))
        if found is ENDED:
            return at_end()
        if found is not MISSING:
            return found
        values: dict[str, Value] = {"iterable": generator}
        if not default:
            return self.from_text("next", values, node)
        return self.from_text("next or", {**values, "default": default[0]}, node)

    def stepped(self, generator: Generator, node: ast.AST) -> Value:
        """Whether a generator has one more item, and this."""
        no_more = Sequence((FALSE, MISSING))
        way = Way(
            generator, node, lambda item: Sequence((TRUE, item)), lambda: no_more, True
        )
        found = self._tried(way)
        if found is MISSING:
            raise several(node)
        return no_more if found is ENDED else found

    def apply_method(
        self, bound: Bound, positional: list[Value], keywords: dict[str, Value],
        node: ast.Call, base: str,
    ) -> Value:  # fmt: skip
        if isinstance(bound.owner, Generator) and bound.name == STEP:
            return self.stepped(bound.owner, node)
        if isinstance(bound.owner, Generator) and bound.name == "__next__":
            return self.next_of(bound.owner, [], node)
        return super().apply_method(bound, positional, keywords, node, base)

    # -- up to the next item ----------------------------------------------------------

    def _tried(self, way: Way) -> Value:
        """What is made of the next item; missing where that is not found out."""
        problems, trial = len(self.problems), Branch()
        value: Value = MISSING
        depth = self.open_branches
        with self.path(trial):
            self.open_branches = depth
            with suppress(Refusal):
                value = self._next(way)
            self.open_branches = depth + 1
        if value is MISSING or len(self.problems) > problems:
            del self.problems[problems:]
            return MISSING
        if self.catching:  # what may fail on the way opens branches to the handlers
            return self._next(way)
        self.build.nodes.extend(trial.nodes)
        for key, changed in trial.changes.items():
            self.state.set(key, changed)
        return value

    def _next(self, way: Way) -> Value:
        held = self.stands_at(way.generator, way.node)
        rests = held.points.rests

        def go(rest: tuple[ast.stmt, ...]) -> Value:
            with self._resumed(way.generator, unused, None, way.node):
                for flag in ("<returned>", "<result>"):
                    self.state.set(self.flag(flag), FALSE)
                return self._advance(way, list(rest), frozenset(), False)

        def at_point(number: int) -> Value:
            if number == len(rests) - 1:
                return go(rests[number])
            here = self.compare("eq", held.at, Const(number), way.node, "t")
            return self.branch_values(
                self.atom(here, way.node),
                way.node,
                lambda: self._ended_apart(go(rests[number]), way.at_end),
                lambda: self._ended_apart(at_point(number + 1), way.at_end),
                "t",
            )

        if isinstance(held.at, Const):
            return go(rests[held.at.value])
        return at_point(0)

    @staticmethod
    def _ended_apart(value: Value, at_end: AtEnd) -> Value:
        """What a path gives, which may be the only one on which the generator ends."""
        return at_end() if value is ENDED else value

    def _advance(
        self, way: Way, todo: list[ast.stmt], begun: frozenset[ast.stmt], split: bool
    ) -> Value:
        """Run what is left of a generator up to the next item. `begun` are the loops that
        were begun on the way, `split` says that the run decides about the way."""
        while todo:
            statement = todo.pop(0)
            value = statement.value if isinstance(statement, ast.Expr) else None
            if isinstance(value, ast.Yield):
                item = self._value_of(value)
                self.stand(way.generator.buffer, tuple(todo))
                return way.found(item)
            if isinstance(statement, ast.Return):
                break
            if isinstance(statement, (ast.Break, ast.Continue)):
                todo = _after_round(statement, todo)
                continue
            if not _decides(statement):
                self.statement(statement)
                if self.ended:
                    return MISSING
                if self.state.get(self.flag("<returned>")) != FALSE:
                    raise Refusal(FAR[0], statement, FAR[1])
                continue
            if isinstance(value, ast.YieldFrom):
                statement = _each_of(value)
            if isinstance(statement, (ast.For, ast.While)):
                if split and statement in begun:
                    raise Refusal(FAR[0], statement, FAR[1])
                begun |= {statement}
            if isinstance(statement, ast.For):
                todo = [*self._entered(statement, way.generator.function), *todo]
                continue
            if not isinstance(statement, (ast.If, ast.While)):
                raise Refusal(FAR[0], statement, FAR[1])
            ways = _ways(statement, todo)
            test = self.tested(statement.test)
            known = self.truth(test)
            if known is None:
                cond = self.condition(test, statement.test)
                return self._either(cond, way, ways, begun, statement)
            todo = ways[not known]
        if not (way.forgets and way.generator.buffer not in self.named):
            self.stand(way.generator.buffer, ())
        return self._at_end(way) if split else ENDED

    def _either(
        self, cond: Atom, way: Way, ways: tuple[list[ast.stmt], ...],
        begun: frozenset[ast.stmt], node: ast.AST,
    ) -> Value:  # fmt: skip
        """The next item, to which the run chooses one of two ways."""
        then, orelse = ways
        return self.branch_values(
            cond,
            node,
            lambda: self._advance(way, then, begun, True),
            lambda: self._advance(way, orelse, begun, True),
            "t",
        )

    def _at_end(self, way: Way) -> Value:
        consumer = self.frame.consumer
        assert consumer is not None
        with self._standing(consumer.place, self.sites[:-1]):
            return way.at_end()

    # -- loops ------------------------------------------------------------------------

    def _entered(self, node: ast.For, function: ast.FunctionDef) -> list[ast.stmt]:
        """The statements that a loop stands for."""
        over = self.iterator(self.expr(node.iter), node)
        inside = self.open_plans and self.frame.number < self.open_plans[-1].older
        stepping = self._stepping(node, over, function) if inside else None
        return [stepping] if stepping is not None else self._first_round(node, over)

    def begin_generator(self, buffer: int, held: Suspended) -> None:
        """Run what comes first where it may as well run early."""
        if not isinstance(held.at, Const):
            return
        rest = list(held.points.rests[held.at.value])
        frame = self.frames[held.points.frame]
        loops: list[str] = []
        there = frame, loops, self.stack, self.branches_at, self.catchers, self.handling
        with self._standing(there, self.sites):
            while rest and self._is_plain(rest[0]):
                self.statement(rest.pop(0))
            first = rest[0] if rest else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.YieldFrom):
                rest[0] = first = _each_of(first.value)
            if isinstance(first, ast.For) and self._may_be_early(first.iter):
                over = self.iterator(self.expr(first.iter), first)
                stepping = self._stepping(first, over, held.points.function)
                if stepping is not None:
                    rest[0] = stepping
        if tuple(rest) != held.points.rests[held.at.value]:
            key = buffer, tuple(rest)
            self.points[buffer] = self.begun.setdefault(
                key, Points(frame.number, held.points.function)
            )
            self.stand(buffer, tuple(rest))

    def _is_plain(self, statement: ast.stmt) -> bool:
        """Whether a statement only gives names to numbers and to what has names."""
        if isinstance(statement, ast.Pass):
            return True
        if isinstance(statement, ast.Expr):
            return isinstance(statement.value, ast.Constant)
        if not isinstance(statement, ast.Assign):
            return False
        own = self.frame.locals
        names = [n for t in statement.targets for n in ast.walk(t)]
        return all(
            isinstance(n, (ast.Tuple, ast.expr_context))
            or (isinstance(n, ast.Name) and n.id in own)
            for n in names
        ) and self._may_be_early(statement.value)

    def _may_be_early(self, node: ast.expr) -> bool:
        """Whether an expression gives the same early: of names of this function, and sums
        and products of numbers."""
        if isinstance(node, ast.Tuple):
            return all(map(self._may_be_early, node.elts))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            plain = node.func.id == "range" and not node.keywords
            return plain and all(map(self._is_number, node.args))
        if isinstance(node, ast.Name):
            return self.state.get((self.frame.number, node.id)) is not MISSING
        return self._is_number(node)

    def _is_number(self, node: ast.expr) -> bool:
        if isinstance(node, ast.BinOp) and isinstance(node.op, _HARMLESS):
            return self._is_number(node.left) and self._is_number(node.right)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return self._is_number(node.operand)
        if isinstance(node, ast.Constant):
            return isinstance(node.value, (int, float))
        if not isinstance(node, ast.Name):
            return False
        return is_number(self.kind(self.state.get((self.frame.number, node.id))))

    def _stepping(
        self, node: ast.For, over: Value, function: ast.FunctionDef
    ) -> ast.While | None:
        """A loop as one that counts its rounds, which begins here; None where it is over
        something else than numbers, an array or a list."""
        ranged = isinstance(over, Ranged)
        if not self._counts_up(over, node):
            return None
        by = over.step if isinstance(over, Ranged) else Const(1)
        assert isinstance(by, Const)
        made = self.stepping.get((id(node), ranged))
        if made is None:
            held = "" if ranged else _lasting_name(node.iter, function)
            made = _counting(node, ranged, by.value, held, len(self.stepping))
            self.stepping[id(node), ranged] = made
        values: dict[str, Value] = {}
        place, stop, held = made.names
        if isinstance(over, Ranged):
            values = {place: over.start, stop: over.stop}
        else:
            values = {place: Const(0), held: over}
        self.frame.locals |= set(values)
        for name, value in values.items():
            self.state.set((self.frame.number, name), value)
        return made.loop

    def _counts_up(self, over: Value, node: ast.AST) -> bool:
        """Whether a loop runs over numbers that get larger, or the places of an array or
        of a list whose length the run knows."""
        if isinstance(over, Ranged):
            upwards = isinstance(over.step, Const) and over.step.value > 0
            return upwards and not over.reverse
        if isinstance(over, ListRef):
            return self.known_items(over, node) is None
        return isinstance(over, ArrayRef)

    def _first_round(self, node: ast.For, over: Value) -> list[ast.stmt]:
        """The first round of a loop, and what is left of it: a loop over places where
        the items lie in what may change."""
        later = self.later.get(id(node))
        if later is None:
            later = _later(node, len(self.later))
            for loop in (node, later.loop, later.by_place):
                self.later[id(loop)] = later
        rest, held, _ = later.names
        self.frame.locals |= set(later.names)
        if isinstance(over, (ListRef, ArrayRef)):
            self.state.set((self.frame.number, held), over)
            over = Ranged(Const(0), self.atom(self.length_of(over, node), node), Const(1))
            node = later.by_place
        items = self.known_items(over.of if isinstance(over, Mapped) else over, node)
        if items is not None:
            if not items:
                return node.orelse
            first: Value = items[0]
            left: Value = Sequence(items[1:])
            if isinstance(over, Mapped):  # the function runs when an item is asked for
                first = self.mapped(over, first, node)
                left = Mapped(over.function, _columns(items[1:]))
        elif isinstance(over, Ranged) and not over.reverse and over.step == Const(1):
            first, left = over.start, self._after_first(over, node)
        else:
            raise Refusal(FAR[0], node, FAR[1])
        self.assign(node.target, first)
        self.state.set((self.frame.number, rest), left)
        return [*node.body, later.by_place if node is later.by_place else later.loop]

    def _after_first(self, over: Ranged, node: ast.AST) -> Ranged:
        """What is left of a range without its first number, which the program checks."""
        define = self.at(node).build.define
        text = Const("the iterator is at its end")
        define("assert", define("lt", over.start, over.stop), text)
        start = self.atom(self.binary("add", over.start, Const(1), node, "k"), node)
        return Ranged(start, over.stop, over.step)


def several(node: ast.AST) -> Refusal:
    message = "zip of more than one generator is not supported"
    return Refusal(message, node, "make lists of what they yield: list(...)")


def _lasting_name(node: ast.expr, function: ast.FunctionDef) -> str:
    """The parameter that an expression is, if the function gives it no other value."""
    if not isinstance(node, ast.Name) or node.id in stored_names(function.body):
        return ""
    return node.id if node.id in [a.arg for a in function.args.args] else ""


@functools.lru_cache(256)
def _each_of(node: ast.YieldFrom) -> ast.For:
    """`yield from` as a loop."""
    item = "<item>"
    step = ast.Expr(ast.Yield(ast.Name(item, ast.Load())))
    loop = ast.For(ast.Name(item, ast.Store()), node.value, [step], [])
    for part in (loop, loop.target, step, step.value, step.value.value):  # type: ignore[attr-defined]
        ast.copy_location(part, node)
    return loop


def _decides(statement: ast.stmt) -> bool:
    """Whether it may yield, or decides what runs next."""
    returns = any(isinstance(part, ast.Return) for part in own_nodes(statement))
    return yields(statement) or leaves_round(statement) or returns


def _ways(node: ast.If | ast.While, todo: list[ast.stmt]) -> tuple[list[ast.stmt], ...]:
    """What runs where a test holds, and where it does not."""
    again = [node] if isinstance(node, ast.While) else []
    return [*node.body, *again, *todo], [*node.orelse, *todo]


def _after_round(leaving: ast.Break | ast.Continue, todo: list[ast.stmt]) -> list[ast.stmt]:
    """What runs after a round of the loop that `break` or `continue` stands in."""
    for place, statement in enumerate(todo):
        if isinstance(statement, (ast.For, ast.While)):
            if any(node is leaving for node in ast.walk(statement)):
                return todo[place + isinstance(leaving, ast.Break) :]
    raise Refusal(FAR[0], leaving, FAR[1])


def _columns(rows: tuple[Value, ...]) -> Zipped:
    """`zip` of what makes these rows."""
    items = (row.items for row in rows if isinstance(row, Sequence))
    return Zipped(tuple(map(Sequence, zip(*items, strict=True))))


def _later(node: ast.For, number: int) -> Later:
    rest, held, at = (f"<{name}{number}>" for name in ("rest", "held", "at"))
    iterable = ast.Name(rest, ast.Load())
    place = ast.Name(at, ast.Store())
    item = ast.Subscript(ast.Name(held, ast.Load()), ast.Name(at, ast.Load()), ast.Load())
    bind = ast.Assign([node.target], item)
    loop = ast.For(node.target, iterable, node.body, node.orelse)
    by_place = ast.For(place, iterable, [bind, *node.body], node.orelse)
    for part in (loop, by_place, bind, item, iterable, place, item.value, item.slice):
        ast.copy_location(part, node)
    return Later((rest, held, at), loop, by_place)


def _counting(node: ast.For, ranged: bool, step: int, held: str, number: int) -> Stepping:
    item, end = ("place", "stop") if ranged else ("held[place]", "len(held)")
    text = f"while place < {end}:\n    target = {item}\n    place += {step}"
    loop = ast.parse(text).body[0]
    assert isinstance(loop, ast.While)
    names = {name: f"<{name}{number}>" for name in ("place", "stop", "held")}
    names["held"] = held or names["held"]
    for part in ast.walk(loop):
        ast.copy_location(part, node)
        if isinstance(part, ast.Name):
            part.id = names.get(part.id, part.id)
    bind = loop.body[0]
    assert isinstance(bind, ast.Assign)
    bind.targets = [node.target]
    loop.body += node.body
    loop.orelse = node.orelse
    return Stepping((names["place"], names["stop"], names["held"]), loop)
