"""Which places of a buffer are read and written, and in which order rounds do so.

`X[t + 1]` names no place that `X[t]` named in this round or an earlier one, if t counts
upwards: places are compared as sums of counters and of values that no round changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

from symdiff.analysis.integers import (
    Form, form, is_length, minus, never_negative, plus, times,
)  # fmt: skip
from symdiff.analysis.regions import Home, Layout
from symdiff.analysis.tapes import Cell, Tapes
from symdiff.ir.core import (
    Atom, Block, Const, Equation, For, If, Index, SliceItem, Var, While, kind_of,
)  # fmt: skip
from symdiff.ir.kinds import Int
from symdiff.records import dataclass

__all__ = ["Access", "Places", "Rounds"]

_ONE: Form = {(): 1}


@dataclass(frozen=True, slots=True)
class Rounds:
    """A loop; of one that counts, its counter, the difference from round to round and
    between what it stays."""

    node: For | While
    counter: Var | None = None
    step: int = 0
    least: Form | None = None
    most: Form | None = None


@dataclass(frozen=True, slots=True)
class _Span:
    """Places along an axis from `start` on, up to `stop` but without it if that is known.
    They are counted from the end of the axis, or else from its beginning."""

    start: Form
    stop: Form | None
    from_end: bool


@dataclass(frozen=True, slots=True, eq=False)
class Access:
    """One equation that reads or writes a buffer; `spans` are of its first axes, None for
    one that may be read or written everywhere."""

    eq: Equation
    order: int
    loops: tuple[Rounds, ...]
    spans: tuple[_Span | None, ...] = ()


class Places:
    """What the subscripts of one function name; counters that come off its tapes are
    known if these are given."""

    def __init__(self, layout: Layout, tapes: Tapes | None = None) -> None:
        self.layout, self.tapes = layout, tapes
        self._loops: dict[int, Rounds] = {}

    # -- what is read and written -----------------------------------------------------

    def equations(
        self, block: Block, loops: tuple[Rounds, ...] = ()
    ) -> Iterator[tuple[Equation, tuple[Rounds, ...]]]:
        """The equations of a block in their order, with the loops they are in."""
        for node in block:
            if isinstance(node, Equation):
                yield node, loops
            elif isinstance(node, If):
                yield from self.equations(node.then, loops)
                yield from self.equations(node.orelse, loops)
            else:
                inner = (*loops, self._rounds(node))
                if isinstance(node, While):
                    yield from self.equations(node.test, inner)
                yield from self.equations(node.body, inner)

    def access(
        self, eq: Equation, order: int, loops: tuple[Rounds, ...], whole: bool = False
    ) -> Access:
        """How an equation accesses its first argument: all of it if `whole`."""
        if whole or not isinstance(eq.params, Index) or eq.params.through:
            return Access(eq, order, loops)
        return Access(eq, order, loops, tuple(self._spans(eq.params, eq.args[1:])))

    def _spans(self, index: Index, atoms: tuple[Atom, ...]) -> Iterator[_Span | None]:
        rest = iter(atoms)
        for item in index.items:
            if item == "at":
                atom = next(rest)
                if not isinstance(kind_of(atom), Int):
                    return  # a selection by arrays, whose axes are others
                yield self._at(atom)
            elif isinstance(item, SliceItem):
                start = next(rest) if item.start else Const(0)
                stop = next(rest) if item.stop else None
                step = next(rest) if item.step else Const(1)
                yield self._slice(start, stop) if step == Const(1) else None
            else:
                return

    def _at(self, atom: Atom) -> _Span | None:
        place = self._form(atom)
        if place is None:
            return None
        if self._counts_from_start(place):
            return _Span(place, plus(place, _ONE), from_end=False)
        if not any(place):
            return _Span(place, plus(place, _ONE), from_end=True)
        return None

    def _slice(self, start: Atom, stop: Atom | None) -> _Span | None:
        first = self._form(start)
        if first is None or not self._counts_from_start(first):
            return None
        last = None if stop is None else self._form(stop)
        if last is not None and not self._counts_from_start(last):
            last = None
        return _Span(first, last, from_end=False)

    # -- integers ---------------------------------------------------------------------

    def _form(self, atom: Atom) -> Form | None:
        return form(atom, self.layout.made_by.get)

    def _rounds(self, node: For | While) -> Rounds:
        found = self._loops.get(id(node))
        if found is None:
            found = self._loops[id(node)] = self._counted(node)
        return found

    def _counted(self, node: For | While) -> Rounds:
        if isinstance(node, While) or not node.targets:
            return Rounds(node)
        counter, form = node.targets[0], node.iteration.form
        if form == "tape":
            return self._taken_off(node)
        if node.iteration.counts(node.targets):
            return Rounds(node, counter, 1, {})
        if form not in ("range", "reversed"):
            return Rounds(node)
        start, stop, step = node.iteration.args
        if not isinstance(step, Const) or not step.value:
            return Rounds(node)
        first, end = self._form(start), self._form(stop)
        if step.value > 0:
            least, most = first, None if end is None else minus(end, _ONE)
        else:
            least, most = None if end is None else plus(end, _ONE), first
        runs = step.value if form == "range" else -step.value
        return Rounds(node, counter, runs, least, most)

    def _taken_off(self, node: For) -> Rounds:
        """A loop over a tape on which another has put its counter."""
        for k, (tape, targets) in enumerate(node.iteration.entries(node.targets)):
            cells = self.tapes.positions(tape) if self.tapes is not None else []
            for cell, target in zip(cells, targets, strict=False):
                put = self._put(cell, tape)
                if put is not None:
                    step = put.step if k in node.iteration.ahead else -put.step
                    return Rounds(node, target, step, put.least, put.most)
        return Rounds(node)

    def _put(self, cell: Cell, tape: Atom) -> Rounds | None:
        """The loop whose counter is all that is at a place of the entries of a tape, if
        each round puts at most one entry on a tape that begins with the loop."""
        if len(cell.pushed) != 1:
            return None
        (atom, push) = cell.pushed[0]
        home = self.layout.home[push]
        while home.outer is not None and not home.is_loop:
            home = home.outer
        rounds = self._loops.get(id(home.node))
        if rounds is None or rounds.counter is not atom or not rounds.step:
            return None
        node, tapes = rounds.node, self.tapes
        assert tapes is not None
        rows = zip(node.carried, node.inits, node.results, strict=True)
        for carried, init, result in rows:
            if tapes.of(carried) is tapes.of(tape) and isinstance(init, Var):
                made = self.layout.made_by.get(init)
                fresh = made is not None and made.op == "tape"
                begins = self.layout.home[init] is self.layout.home[result]
                return rounds if fresh and begins else None
        return None

    def _counts_from_start(self, place: Form) -> bool:
        """Whether an integer is surely not negative."""
        made = self.layout.made_by.get
        least = self._bound(place, False, lambda var: is_length(var, made))
        return least is not None and never_negative(least, made)

    def _bound(self, place: Form, upper: bool, stays: Callable[[Var], bool]) -> Form | None:
        """What an integer surely is at least, or at most, by values that stay: the counters
        of loops are replaced by what they stay between."""
        while True:
            left = (var for product in place for var in product if not stays(var))
            var = next(left, None)
            if var is None:
                return place
            home = self.layout.home.get(var)
            rounds = self._loops.get(id(home.node)) if home is not None else None
            factor, rest = _split(place, var)
            if rounds is None or rounds.counter is not var or factor is None:
                return None
            grows = self._counts_from_start(factor)
            if not grows and not self._counts_from_start(minus({}, factor)):
                return None
            bound = rounds.most if grows == upper else rounds.least
            if bound is None:
                return None
            place = plus(rest, times(factor, bound))

    # -- the order of rounds ----------------------------------------------------------

    def meets_later(self, one: Access, other: Access) -> bool:
        """Whether the second may come, later than the first, to a place where that was."""
        shared = _common(one, other)
        if one.order < other.order and not self._apart(one, other, shared, None):
            return True
        return any(
            not self._apart(one, other, shared[:level], rounds)
            for level, rounds in enumerate(shared)
        )

    def are_apart(self, one: Access, other: Access) -> bool:
        """Whether two accesses name other places in one round of the loops around both."""
        return self._apart(one, other, _common(one, other), None)

    def _apart(
        self, one: Access, other: Access, same: tuple[Rounds, ...], later: Rounds | None
    ) -> bool:
        """Whether two accesses name other places in the same rounds of some loops, and
        where the second is in a later round of the next one if that is given."""
        loops = {id(rounds.node) for rounds in same}
        for a, b in zip(one.spans, other.spans, strict=False):
            if a is None or b is None or a.from_end != b.from_end:
                continue
            if a.stop is not None and self._ahead(a.stop, b.start, loops, later, 1):
                return True
            if b.stop is not None and self._ahead(a.start, b.stop, loops, later, -1):
                return True
        return False

    def _ahead(
        self, one: Form, other: Form, loops: set[int], later: Rounds | None, sign: int
    ) -> bool:
        """Whether the second integer, of a later access, is at least the first; at most
        that if the sign is -1."""

        def stays(var: Var) -> bool:
            return self._is_fixed(self.layout.home.get(var), loops)

        step: Form = {}
        if later is not None and later.counter is not None:
            factor, rest = _split(one, later.counter)
            other_factor, other_rest = _split(other, later.counter)
            same = factor is not None and factor == other_factor
            if factor and same and all(map(stays, chain(*factor))):
                step = times({(): sign * later.step}, factor)
                one, other = rest, other_rest
        before = self._bound(one, sign > 0, stays)
        after = self._bound(other, sign < 0, stays)
        if before is None or after is None:
            return False
        more = minus(after, before) if sign > 0 else minus(before, after)
        return self._counts_from_start(step) and self._counts_from_start(plus(more, step))

    @staticmethod
    def _is_fixed(home: Home | None, loops: set[int]) -> bool:
        """Whether a value is made outside of all loops but the given ones."""
        if home is None:
            return False
        while home.node is not None:
            if home.is_loop and id(home.node) not in loops:
                return False
            assert home.outer is not None
            home = home.outer
        return True


def _common(one: Access, other: Access) -> tuple[Rounds, ...]:
    """The loops that both are in."""
    common = 0
    for a, b in zip(one.loops, other.loops, strict=False):
        if a is not b:
            break
        common += 1
    return one.loops[:common]


def _split(place: Form, var: Var) -> tuple[Form | None, Form]:
    """By what an integer takes a value, if it does so once, and the rest of it."""
    factor: Form = {}
    rest: Form = {}
    for product, count in place.items():
        if var not in product:
            rest[product] = count
            continue
        others = tuple(each for each in product if each is not var)
        if len(others) + 1 < len(product):
            return None, rest
        factor[others] = count
    return factor, rest
