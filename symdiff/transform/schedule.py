"""Loops with a given number of states kept, for less memory: the binomial schedule.

The forward sweep keeps the states at the start of some rounds. The reverse sweep takes the
last of them, goes on from there to the round that it needs, and keeps more states on the
way while there is room. No schedule with as many states takes fewer rounds (Griewank &
Walther, Algorithm 799: revolve, ACM Transactions on Mathematical Software 26, 2000).
"""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.checkpoints import Kept
from symdiff.errors import Span
from symdiff.ir.builder import Builder, Names
from symdiff.ir.core import (
    Atom,
    Block,
    Const,
    Equation,
    For,
    Function,
    Index,
    Iteration,
    Parameter,
    Var,
    While,
    kind_of,
    leaves,
    rename,
)  # fmt: skip
from symdiff.ir.derivative import DERIVE, Derivative
from symdiff.ir.kinds import INT, Array, List, Tuple, derivative_kind, is_number
from symdiff.ir.renumber import renumber
from symdiff.passes import fold
from symdiff.rules.shapes import plus, total

__all__ = ["forwards", "unwound", "with_schedule"]

_NUMBER = 32  # bytes of a float in a list


def with_schedule(
    node: For, function: Function, names: Names, kept: Kept, outside: tuple[Var, ...]
) -> Block:
    """The loop as an equation "derive": see `symdiff.ir.derivative`."""
    build = Builder(names, fold)
    build.span = node.span
    first, end, step = node.iteration.args
    with build.block() as found:
        rounds = build.emit("sub", end, first)
        if step != Const(1):
            less = build.emit("neg", step)
            rounds = build.emit("neg", build.emit("floordiv", rounds, less))
        states = _states(build, node.inits, kept)
        given = tuple(v for v in (first,) if isinstance(v, Var) and v not in outside)
        read = (*outside, *given)
        one = _round(node, function, names, read)
        kinds = [v.kind for v in node.results]
        lists = [List(kind) for kind in (INT, *kinds)]
        target = names.fresh("t", "", Tuple((*kinds, *lists)))
        derivative = Derivative("scheduled", one, (), ())
        args = (rounds, states, *node.inits, *read)
        build.append(Equation(target, DERIVE, args, derivative, node.span))
        build.nodes += (
            Equation(result, "item", (target,), k, node.span)
            for k, result in enumerate(node.results)
        )
    return tuple(found)


def _states(build: Builder, state: Sequence[Atom], kept: Kept) -> Atom:
    """How many states may be kept."""
    if kept.unit == "states":
        return Const(kept.most)
    numbers = sum(is_number(kind_of(value)) for value in state)
    sizes: list[Atom] = [Const(_NUMBER * numbers)] if numbers else []
    for value in state:
        if isinstance(kind_of(value), Array):
            sizes.append(build.emit("attr", value, params="nbytes"))
        elif isinstance(kind_of(value), List):
            length = build.emit("builtins.len", value)
            sizes.append(build.emit("mul", Const(_NUMBER), length))
    size = total(build, sizes)
    if not numbers:  # it may hold nothing
        size = build.emit("builtins.max", size, Const(1))
    room = build.emit("floordiv", Const(kept.most), size)
    return build.emit("builtins.max", room, Const(1), base="states")


def _round(node: For, function: Function, names: Names, read: tuple[Var, ...]) -> Function:
    """One round of the loop, by its number and the state before it."""
    build = Builder(names, fold)
    build.span = node.span
    first, _, step = node.iteration.args
    number = names.fresh("k", "", INT)
    body = node.body
    with build.block() as found:
        if node.targets:
            (target,) = node.targets
            number = names.fresh(target.base, target.role, INT)
            place = build.emit("mul", number, step)
            place = build.emit("add", first, place)
            found += rename(body, {target: place})
            yields = tuple(place if a is target else a for a in node.yields)
        else:
            found += body
            yields = node.yields
    params = tuple(map(Parameter, (number, *node.carried, *read)))
    span = node.span or function.span
    made = Function(f"{function.name}_round", params, tuple(found), yields, span)
    return renumber(made, {}, names)[0]


class _Schedule:
    """What the two sweeps of such a loop have in common."""

    def __init__(
        self, names: Names, function: Function, span: Span | None, args: Sequence[Atom]
    ) -> None:
        self.build = Builder(names, fold)
        self.build.span = span
        self.function = function
        self.count = len(tuple(leaves(function.returns)))  # of the values in a state
        self.kept = [p.var for p in function.params[1 : 1 + self.count]]
        self.rounds, self.states, *self.rest = args

    def take(self, count: int) -> list[Atom]:
        """So many of the arguments, in their order."""
        found, self.rest = self.rest[:count], self.rest[count:]
        return found

    def fresh(self, like: Sequence[Var]) -> list[Var]:
        """New values of the same kinds."""
        return [self.build.names.fresh(v.base, v.role, v.kind) for v in like]

    def lists(self) -> list[Var]:
        """Those of the numbers of rounds and of the states before them."""
        names = self.build.names
        made = [names.fresh("start", "kept", List(INT))]
        return made + [names.fresh(v.base, "kept", List(v.kind)) for v in self.kept]

    def run(
        self, start: Atom, stop: Atom, state: Sequence[Atom], read: Sequence[Atom]
    ) -> list[Atom]:
        """The state after the rounds from `start` to `stop`."""
        build = self.build
        function, _ = renumber(self.function, {}, build.names)
        number, *params = (p.var for p in function.params)
        carried = tuple(params[: self.count])
        given = dict(zip(params[self.count :], read, strict=True))
        yields = tuple(
            given.get(a, a) if isinstance(a, Var) else a for a in leaves(function.returns)
        )
        results = self.fresh(carried)
        build.append(
            For(
                (number,), Iteration("range", (start, stop, Const(1))), carried,
                tuple(state), rename(function.body, given), yields, tuple(results),
                span=build.span,
            )
        )  # fmt: skip
        return list(results)

    def on_the_way(
        self,
        start: Atom,
        end: Atom,
        lists: Sequence[Atom],
        state: Sequence[Atom],
        read: Sequence[Atom],
    ) -> tuple[Atom, list[Atom], list[Atom]]:
        """Go on from `start` to `end` and keep states, as what follows `end` is run
        backwards, then the rounds before it: where it comes to, the lists and the state."""
        build = self.build
        count = len(lists)
        inits = (start, *lists, *state)
        carried = [
            build.names.fresh("start", "", INT),
            *self.lists(),
            *self.fresh(self.kept),
        ]
        results = self.fresh(carried)
        with build.block() as test:
            cond = build.emit("lt", carried[0], end)
        with build.block() as body:
            at, values = carried[0], carried[1 + count :]
            held = build.emit("builtins.len", carried[1])
            room = build.emit("sub", self.states, held, base="room")
            kept = [
                build.emit("list.append", a, v, base=a.base, role=a.role)
                for a, v in zip(carried[1 : 1 + count], (at, *values), strict=True)
            ]
            rounds = build.emit("sub", build.emit("add", end, Const(1)), at)
            stop = build.emit("add", at, build.emit("rounds_ahead", rounds, room))
            stop = build.emit("builtins.min", stop, end, base="pause")
            after = self.run(at, stop, values, read)
        yields = (stop, *kept, *after)
        loop = While(
            tuple(test), cond, tuple(carried), inits, tuple(body), yields, tuple(results),
            span=build.span,
        )  # fmt: skip
        build.append(loop)
        return results[0], list(results[1 : 1 + count]), list(results[1 + count :])


def forwards(
    names: Names, function: Function, span: Span | None, args: Sequence[Atom]
) -> tuple[Block, list[Atom]]:
    """The rounds of a "scheduled" equation; the state after them, and lists of what is kept
    for the reverse sweep."""
    work = _Schedule(names, function, span, args)
    build, state = work.build, work.take(work.count)
    with build.block() as body:
        lists = [build.define("list.new", base=v.base, role=v.role) for v in work.lists()]
        _, kept, state = work.on_the_way(Const(0), work.rounds, lists, state, work.rest)
    return tuple(body), [*state, *kept]


def unwound(
    names: Names,
    function: Function,
    span: Span | None,
    args: Sequence[Atom],
    by: tuple[int, ...],
    of: tuple[int, ...],
) -> tuple[Block, list[Atom]]:
    """The reverse sweep of such rounds, and the adjoints that it ends with.

    After the rounds, the number of states and what the forward sweep gave, `args` are what
    the rounds read and the adjoints of the state after them and of what they read.
    """
    work = _Schedule(names, function, span, args)
    build = work.build
    lists = work.take(1 + work.count)
    read = work.take(len(function.params) - 1 - work.count)
    bars = work.rest
    params = [function.params[k].var for k in by]
    sums = [names.bar(v, derivative_kind(v.kind)) for v in params]
    carried = [names.fresh("stop", "", INT), *work.lists(), *sums]
    results = work.fresh(carried)
    count = 1 + len(lists)
    with build.block() as body:
        with build.block() as test:
            cond = build.emit("gt", carried[0], Const(0))
        stop, held, bar = carried[0], carried[1:count], carried[count:]
        with build.block() as round_body:
            last: list[Atom] = []
            left: list[Atom] = []
            for a in held:
                last.append(build.define("getitem", a, Const(-1), params=_AT, base=a.base))
                rest = "list.delitem", a, Const(-1)
                left.append(build.define(*rest, params=_AT, base=a.base, role=a.role))
            at = build.emit("sub", stop, Const(1), base="stop")
            _, left, state = work.on_the_way(last[0], at, left, last[1:], read)
            derivative = Derivative("reverse", function, by, of)
            given = (at, *state, *read, *bar[: len(of)])
            kinds = (*map(kind_of, leaves(function.returns)), *map(kind_of, bar))
            whole = names.fresh("t", "", Tuple(kinds))
            build.append(Equation(whole, DERIVE, given, derivative, span))
            yields: list[Atom] = [at, *left]
            for k, old in enumerate(bar):
                new: Atom = build.define(
                    "item", whole, params=work.count + k, base=old.stem, role="bar"
                )
                if k >= len(of):
                    new = plus(build, old, new, old.base, old.role)
                yields.append(new)
        loop = While(
            tuple(test), cond, tuple(carried), (work.rounds, *lists, *bars),
            tuple(round_body), tuple(yields), tuple(results), span=span,
        )  # fmt: skip
        build.append(loop)
    return tuple(body), list(results[count:])


_AT = Index(("at",))
