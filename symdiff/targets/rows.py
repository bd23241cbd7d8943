"""Arrays that a loop steps in place, kept whole rather than in parts.

The forward sweep saves the slice that a round overwrites, the reverse sweep puts it back.
A compiler does better if the whole array lies on the tape, almost as large: nothing is
put back, and both sweeps read it there while they write.
"""

from __future__ import annotations

from typing import TypeVar

from symdiff.analysis.tapes import Tapes
from symdiff.ir.builder import Names
from symdiff.ir.core import (
    Atom, Block, Const, Equation, For, Function, Node, SliceItem, Var, count_uses,
    kind_of, map_atoms, map_nodes, rename, walk,
)  # fmt: skip
from symdiff.ir.kinds import Array, Size
from symdiff.records import dataclass, replace

__all__ = ["kept_whole"]

_T = TypeVar("_T")
_FEW = 8  # elements of an axis that a slice may leave out


def kept_whole(function: Function, names: Names) -> Function:
    """The function with whole arrays on its tapes where almost all of one is saved."""
    loops = [n for n in walk(function.body) if isinstance(n, For)]
    readers = [n for n in loops if len(n.iteration.args) == 1 and _is_over_tape(n)]
    for reader in readers:
        found = _matched(function, loops, reader)
        if found is not None:
            return kept_whole(_changed(function, names, found), names)
    return function


def _is_over_tape(loop: For) -> bool:
    return loop.iteration.form == "tape"


@dataclass(frozen=True, slots=True)
class _Match:
    """A loop and the one that undoes it: the writes of each into one array, in the order
    in which they happen, and what the first saves and the second puts back."""

    writer: For
    reader: For
    writes: list[Equation]
    undone: list[Equation]
    push: Equation
    saved: list[int]  # places in an entry


def _matched(function: Function, loops: list[For], reader: For) -> _Match | None:
    made = {loop.results[k]: (loop, k) for loop in loops for k in range(len(loop.results))}
    uses = count_uses(function)
    tape = reader.iteration.args[0]
    if tape not in made or reader.leave is not None:
        return None
    writer, place = made[tape]
    pushes = [n for n in writer.body if isinstance(n, Equation) and n.op == "push"]
    inside = [n for n in walk(writer.body) if isinstance(n, Equation) and n.op == "push"]
    if len(inside) != 1 or pushes != inside or pushes[0].target != writer.yields[place]:
        return None
    if uses[tape] != 1 or not Tapes(function).positions(tape):
        return None
    for k, (carried, init) in enumerate(zip(reader.carried, reader.inits, strict=True)):
        source = made.get(init) if isinstance(init, Var) else None
        if source is None or source[0] is not writer or uses[reader.results[k]]:
            continue
        writes = _writes(writer, writer.carried[source[1]], writer.yields[source[1]])
        undone = _writes(reader, carried, reader.yields[k])
        if writes and len(writes) == len(undone) and _keeps_most(writes):
            saved = _saved(writer, reader, writes, undone, pushes[0])
            alone = all(uses[eq.target] == 1 for eq in undone[:-1])
            if saved is not None and alone and uses[carried] == 1:
                if not _is_written(reader.body, undone[-1].target):
                    return _Match(writer, reader, writes, undone, pushes[0], saved)
    return None


def _writes(loop: For, carried: Var, end: Atom) -> list[Equation]:
    """The writes that make of an array what it is after a round."""
    by_target = {n.target: n for n in loop.body if isinstance(n, Equation)}
    found: list[Equation] = []
    while end is not carried:
        eq = by_target.get(end) if isinstance(end, Var) else None
        if eq is None or eq.op != "setitem" or not isinstance(eq.target.kind, Array):
            return []
        found.insert(0, eq)
        end = eq.args[0]
    return found


def _keeps_most(writes: list[Equation]) -> bool:
    """Whether a slice that is written has almost all of the array."""
    for eq in writes:
        plain = all(isinstance(i, SliceItem) and not i.step for i in eq.params.items)
        whole, part = kind_of(eq.args[0]), kind_of(eq.args[-1])
        if not plain or not isinstance(whole, Array) or not isinstance(part, Array):
            continue
        if part.ndim == whole.ndim and all(
            isinstance(a, Size) and isinstance(b, Size) and a.symbol == b.symbol
            and abs(a.offset - b.offset) <= _FEW
            for a, b in zip(whole.dims, part.dims, strict=True)
        ):  # fmt: skip
            return True
    return False


def _saved(
    writer: For,
    reader: For,
    writes: list[Equation],
    undone: list[Equation],
    push: Equation,
) -> list[int] | None:
    """The places in an entry of what each write overwrites, if that is what the other
    loop puts back, last write first."""
    by_target = {n.target: n for n in writer.body if isinstance(n, Equation)}
    places = []
    for write, undo in zip(writes, reversed(undone), strict=True):
        same = (write.params, write.args[1:-1]) == (undo.params, undo.args[1:-1])
        fixed = all(isinstance(a, Const) for a in write.args[1:-1])
        back = undo.args[-1]
        if not (same and fixed) or back not in reader.targets:
            return None
        place = reader.targets.index(back)
        old = push.args[1 + place]
        made = by_target.get(old) if isinstance(old, Var) else None
        if made is not None and made.op == "copy":
            made = by_target.get(made.args[0])  # type: ignore[arg-type]
        if made is None or (made.op, made.params) != ("getitem", write.params):
            return None
        if made.args != write.args[:-1]:
            return None
        places.append(place)
    return places


def _is_written(block: Block, array: Var) -> bool:
    writes = ("setitem", "additem", "store")
    return any(
        isinstance(n, Equation) and n.op in writes and n.args[0] == array
        for n in walk(block)
    )


def _changed(function: Function, names: Names, found: _Match) -> Function:
    array = found.writes[0].args[0]
    assert isinstance(array, Var)
    row, taken = (names.fresh(array.base, "saved", array.kind) for _ in range(2))
    writer = _recording(found, array, row)
    reader = _reading(found, taken, names)

    def change(node: Node) -> Node:
        if node == found.writer:
            return writer
        return reader if node == found.reader else node

    return replace(function, body=map_nodes(function.body, change))


def _recording(found: _Match, array: Var, row: Var) -> For:
    """The loop with a copy of the array on its tape, which its round reads instead."""
    first, loop = found.writes[0], found.writer
    values = [a for k, a in enumerate(found.push.args[1:]) if k not in found.saved]
    push = found.push.with_args((found.push.args[0], *values, row))

    def change(node: Node) -> Node:
        if node is first:
            return node
        if node is found.push:
            return push
        return map_atoms(node, lambda a: row if a is array else a)

    body = map_nodes(loop.body, change)
    return replace(loop, body=(Equation(row, "copy", (array,), None, first.span), *body))


def _reading(found: _Match, taken: Var, names: Names) -> For:
    """The loop with the array from the tape where it put back what was saved."""
    loop = found.reader
    place = next(k for k, v in enumerate(loop.carried) if v is found.undone[0].args[0])
    undone = {eq.target for eq in found.undone}
    targets = [v for k, v in enumerate(loop.targets) if k not in found.saved]
    body: list[Node] = []
    for undo in found.undone:  # what was saved may be read, too
        part = undo.args[-1]
        assert isinstance(part, Var)
        args = (taken, *undo.args[1:-1])
        body.append(Equation(part, "getitem", args, undo.params, undo.span))
    rest = [n for n in loop.body if not (isinstance(n, Equation) and n.target in undone)]
    body += rename(tuple(rest), {found.undone[-1].target: taken})

    def without(items: tuple[_T, ...]) -> tuple[_T, ...]:
        return items[:place] + items[place + 1 :]

    return replace(
        loop, targets=(*targets, taken), body=tuple(body), carried=without(loop.carried),
        inits=without(loop.inits), yields=without(loop.yields),
        results=without(loop.results),
    )  # fmt: skip
