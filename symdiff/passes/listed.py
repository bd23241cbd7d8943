"""Elements of arrays that loops read one after the other, and may read from lists.

`y[k]` costs a number of NumPy's in each round. `y.tolist()` in front of the loop makes
all of them Python's floats at once, in a quarter of the time that reading them takes. That
pays where the loop, or what is around it, runs along the axis: `for k in range(len(y))`.
Where it counts to something else, `y[:n].tolist()` holds what it may reach.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from symdiff.analysis.tapes import Tapes
from symdiff.ir.core import (
    Atom, Block, Const, Equation, For, Function, If, Index, Iteration, SliceItem, Var,
    While, defined_by, inner_params, kind_of, walk,
)  # fmt: skip
from symdiff.ir.effects import may_write
from symdiff.ir.kinds import ANY_LENGTH, NUMPY, Array, Extent, Int
from symdiff.records import dataclass, replace

__all__ = ["TO", "Key", "Listed", "listed"]

_ALL = SliceItem()
TO = SliceItem(stop=True)
_NEAR = 8  # rounds more or less do not matter


# What a list is made of.
Key = tuple[Var, Index, tuple[Atom, ...]]


@dataclass(frozen=True, slots=True)
class Listed:
    """An element read from a list: that of `array[index]`, made in front of `loop`."""

    loop: int | None  # its id; None where the list is read only if it was made before
    array: Var
    index: Index
    fixed: tuple[Atom, ...]  # the arguments of the index
    places: tuple[Atom, ...]  # where the element stands in the list
    beyond: int = 0  # how many more than its last argument the index takes
    if_run: bool = False  # made only if the loop has a round: it may fail

    @property
    def key(self) -> Key:
        return self.array, self.index, self.fixed


@dataclass(slots=True, eq=False)
class _Around:
    """A loop that is being walked through."""

    loop: For | While
    straight: bool  # whether each round of the loop around it runs it


def listed(function: Function, tapes: Tapes) -> dict[Var, Listed]:
    """The elements that loops may read from lists."""
    nodes = (node for node in walk(function.body) if isinstance(node, Equation))
    if any(may_write(node.op, node.params) for node in nodes):
        return {}
    found = dict(_Listed(function.body, tapes).block(function.body, (), True))
    longest: dict[Key, int] = {}
    for each in found.values():
        if each.loop is not None:
            longest[each.key] = max(each.beyond, longest.get(each.key, each.beyond))
    return {
        var: replace(each, beyond=longest[each.key])
        for var, each in found.items() if each.key in longest
    }  # fmt: skip


class _Listed:
    def __init__(self, body: Block, tapes: Tapes) -> None:
        self.body, self.tapes = body, tapes
        self.depth: dict[Atom, int] = {}  # how many loops are around what makes it
        self.filled: dict[Atom, For] = {}  # tapes that hold an entry for each round
        self.counts: dict[Atom, For] = {}  # the loops that count these
        self.inner: set[Atom] = set()  # what is made in loops and branches
        self.made: dict[Atom, Equation] = {}

    def block(
        self, block: Block, around: tuple[_Around, ...], straight: bool
    ) -> Iterator[tuple[Var, Listed]]:
        for node in block:
            for var in defined_by(node):
                self.depth[var] = len(around)
                if block is not self.body:
                    self.inner.add(var)
            if isinstance(node, Equation):
                self.made[node.target] = node
                found = self.found(node, around, straight)
                if found is not None:
                    yield node.target, found
            elif isinstance(node, If):
                yield from self.block(node.then, around, False)
                yield from self.block(node.orelse, around, False)
            else:
                yield from self.loop(node, (*around, _Around(node, straight)))

    def loop(
        self, loop: For | While, around: tuple[_Around, ...]
    ) -> Iterator[tuple[Var, Listed]]:
        for var in inner_params(loop):
            self.depth[var] = len(around)
            self.inner.add(var)
        if isinstance(loop, While):
            yield from self.block(loop.test, around, True)
        else:
            self.taken(loop)
        if isinstance(loop, For) and loop.leave is None:
            each = (node for node in loop.body if isinstance(node, Equation))
            pushed = {eq.target for eq in each if eq.op == "push"}
            for end, result in zip(loop.yields, loop.results, strict=True):
                if end in pushed:
                    self.filled[result] = loop
        yield from self.block(loop.body, around, True)

    def taken(self, loop: For) -> None:
        """What a loop counts, or takes off a tape as another one has counted it."""
        if loop.iteration.form in ("range", "reversed"):
            self.counts[loop.targets[0]] = loop
        for tape, targets in loop.iteration.entries(loop.targets):
            for cell, target in zip(self.tapes.positions(tape), targets, strict=False):
                pushed = {atom for atom, _ in cell.pushed}
                counted = self.counts.get(pushed.pop()) if len(pushed) == 1 else None
                if counted is not None:
                    self.counts[target] = counted

    def found(
        self, eq: Equation, around: Sequence[_Around], straight: bool
    ) -> Listed | None:
        """How an element can be read from a list, if that pays; `straight` if it is
        read in each round."""
        if eq.op != "getitem" or eq.target.kind != NUMPY or not around:
            return None
        array, *places = eq.args
        kind, index = kind_of(array), eq.params
        if not isinstance(array, Var) or not isinstance(kind, Array) or index.through:
            return None
        if kind.dtype != "float64" or index.items != ("at",) * kind.ndim:
            return None
        if not all(isinstance(kind_of(place), Int) for place in places):
            return None
        for front in range(self.depth.get(array, 0), len(around)):
            along = [self.depth.get(place, 0) > front for place in places]
            if not any(along) or not self.is_straight(places, along, around, front):
                continue
            fixed = tuple(p for p, a in zip(places, along, strict=True) if not a)
            moving = tuple(p for p, a in zip(places, along, strict=True) if a)
            part, beyond = _ALL, 0
            if not self.pays(places, kind.dims, along, around):
                end = self.end(moving[0], around, front) if len(moving) == 1 else None
                if end is None:
                    continue
                part, beyond = TO, end[1]
                fixed = tuple(
                    end[0] if a else p for p, a in zip(places, along, strict=True)
                )
            items = tuple(part if a else "at" for a in along)
            made = Index(items, len(items) > 1)
            pairs = zip(places, kind.dims, along, strict=True)
            fails = not all(a or self.is_there(p, dim) for p, dim, a in pairs)
            loop = around[front].loop
            known = not fails or (straight and front + 1 == len(around) and _counts(loop))
            at = id(loop) if known else None
            return Listed(at, array, made, fixed, moving, beyond, fails)
        return None

    def is_there(self, place: Atom, dim: Extent) -> bool:
        """Whether an axis is known to have this place."""
        if isinstance(place, Const):
            return isinstance(dim, int) and -dim <= place.value < dim
        loop, by = self.counted(place)
        if loop is None:
            return False
        start, stop, low = _bounds(loop.iteration, by)
        if not isinstance(start, Const) or start.value + low < 0 or stop is None:
            return False
        end = _extent(stop)
        if isinstance(end, int) or isinstance(dim, int):
            return isinstance(end, int) and isinstance(dim, int) and end + low <= dim
        return (
            end is not None
            and end.symbol == dim.symbol != ANY_LENGTH
            and (end.offset + low <= dim.offset)
        )

    def is_straight(
        self,
        places: Sequence[Atom],
        along: Sequence[bool],
        around: Sequence[_Around],
        front: int,
    ) -> bool:
        """Whether nothing decides if the loops are run that the places come from."""
        last = max(self.depth[p] for p, a in zip(places, along, strict=True) if a)
        return all(each.straight for each in around[front + 1 : last])

    def end(
        self, place: Atom, around: Sequence[_Around], front: int
    ) -> tuple[Atom, int] | None:
        """What a place is always below, as a value that can be read outside of so many
        loops and a number that is added to it; none if it may be negative."""
        loop, by = self.counted(place)
        if loop is None or loop.leave is not None:
            return None
        start, stop, low = _bounds(loop.iteration, by)
        if stop is None or not isinstance(start, Const) or start.value + low < 0:
            return None
        if stop in self.inner:  # another loop may have counted what comes off a tape
            here = any(each.loop is loop for each in around)
            return (stop, low) if here and self.depth[stop] <= front else None
        return stop, low

    def counted(self, place: Atom) -> tuple[For | None, int]:
        """The loop that counts a place, and what is added to it."""
        eq = self.made.get(place)
        if eq is None or eq.op not in ("add", "sub") or not isinstance(eq.args[1], Const):
            return self.counts.get(place), 0
        by = eq.args[1].value
        if not isinstance(by, int):
            return None, 0
        return self.counts.get(eq.args[0]), by if eq.op == "add" else -by

    def pays(
        self,
        places: Sequence[Atom],
        dims: Sequence[Extent],
        along: Sequence[bool],
        around: Sequence[_Around],
    ) -> bool:
        """Whether loops run along these axes, each of them along one."""
        chosen: set[int] = set()
        for place, dim, is_along in zip(places, dims, along, strict=True):
            if is_along:
                depth = self.depth[place]
                loop = self.counted(place)[0] or around[depth - 1].loop
                if depth in chosen or not self.runs_along(loop, dim):
                    return False
                chosen.add(depth)
        return True

    def runs_along(self, loop: For | While, dim: Extent) -> bool:
        """Whether a loop has about as many rounds as an axis has places."""
        if not isinstance(loop, For) or loop.leave is not None:
            return False
        if loop.iteration.form == "tape":
            filled = [self.filled.get(tape) for tape in loop.iteration.args]
            return any(each is not None and self.runs_along(each, dim) for each in filled)
        if loop.iteration.form not in ("range", "reversed"):
            return False
        start, stop, _ = _bounds(loop.iteration, 0)
        end = None if stop is None else _extent(stop)
        return isinstance(start, Const) and end is not None and _is_near(end, dim)


def _bounds(iteration: Iteration, by: int) -> tuple[Atom, Atom | None, int]:
    """Of the places that a loop counts with a number added to them: they begin with one
    atom and end before another, with the number that is returned added to both."""
    start, stop, step = iteration.args
    if step == Const(-1):
        return stop, start, by + 1
    return start, stop if step == Const(1) else None, by


def _extent(stop: Atom) -> Extent | None:
    kind = kind_of(stop)
    if isinstance(stop, Const):
        return stop.value if isinstance(stop.value, int) else None
    return kind.extent if isinstance(kind, Int) else None


def _counts(loop: For | While) -> bool:
    return isinstance(loop, For) and loop.iteration.form in ("range", "reversed")


def _is_near(a: Extent, b: Extent) -> bool:
    if isinstance(a, int) or isinstance(b, int):
        return isinstance(a, int) and isinstance(b, int) and abs(a - b) <= _NEAR
    return a.symbol == b.symbol != ANY_LENGTH and abs(a.offset - b.offset) <= _NEAR
