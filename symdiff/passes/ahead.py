"""Elements of arrays that are the same in every round of a loop are read in front of it.

`p[0]` and `p[1]`, read in each round, cost a subscript each, and in the reverse sweep an
addition to a place of an array. Read once, they are numbers, and so are their adjoints.
An array may be too short, which shows in the first round: unless the element is known to
be there, what is read in front of the loop is read only if a round follows.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from symdiff.analysis.undefined import may_be_undefined
from symdiff.ir.builder import Names
from symdiff.ir.core import (
    UNDEF, Atom, Block, Const, Equation, For, Function, If, Node, Var, While, blocks_of,
    defined_by, inner_params, kind_of, map_atoms, used_in_block, walk,
)  # fmt: skip
from symdiff.ir.effects import may_write
from symdiff.ir.kinds import BOOL, Array, is_number
from symdiff.passes.dead import dead
from symdiff.passes.elements import Key, element_of
from symdiff.records import replace

__all__ = ["ahead"]

# An array, an axis and a place on it that is there.
Reached = frozenset[tuple[Atom, int, int]]


def ahead(function: Function) -> Function:
    """Read in front of loops what is the same element of the same array in each round."""
    if not any(isinstance(node, (For, While)) for node in walk(function.body)):
        return function
    work = _Ahead(function)
    body = work.block(function.body, frozenset())
    return dead(replace(function, body=body)) if work.done else function


def _reached(block: Block) -> Reached:
    """The places that a block reads, whatever happens."""
    found: set[tuple[Atom, int, int]] = set()
    for node in block:
        if isinstance(node, Equation):
            if node.op == "check length":
                found.update((node.args[0], 0, k) for k in range(node.params))
            elif node.op == "getitem":
                for axis, place in enumerate(element_of(node) or ()):
                    found.update((node.args[0], axis, k) for k in range(place + 1))
    return frozenset(found)


class _Ahead:
    def __init__(self, function: Function) -> None:
        self.names = Names.after(function)
        self.partial = may_be_undefined(function.body)
        self.own: set[Atom] = set()  # tests and results of branches that were made here
        self.done = False

    def block(self, block: Block, there: Reached) -> Block:
        nodes: list[Node] = []
        for node in block:
            if isinstance(node, Equation):
                nodes.append(node)
                there |= _reached((node,))
            elif isinstance(node, If):
                then, orelse = self.block(node.then, there), self.block(node.orelse, there)
                nodes.append(replace(node, then=then, orelse=orelse))
            else:
                nodes += self.loop(node, there)
        return tuple(nodes)

    def loop(self, node: For | While, there: Reached) -> Iterator[Node]:
        if isinstance(node, While):
            node = replace(node, test=self.block(node.test, there))
        node = replace(node, body=self.block(node.body, there))
        front = _Front(node)
        if front.is_closed:
            yield node
            return
        reads = [
            each for block in blocks_of(node) for each in walk(block)
            if isinstance(each, Equation) and _read(each) is not None
        ]  # fmt: skip
        for each in reads:
            if self.is_sure(each, there):
                front.read(each, front.sure, self.names)
        if isinstance(node, For) and _may_run(node):
            for first in itertools.takewhile(_asks_nothing, node.body):
                self.first_of_round(first, front)
        for each in reads:  # those in branches, too
            front.share(each)
        self.done = self.done or bool(front.names or front.moved)
        yield from front.sure
        yield from self.guarded(node, front)
        yield front.left(node)

    def is_sure(self, eq: Equation, there: Reached) -> bool:
        """Whether it reads an element that is there, even if no round follows."""
        key = _read(eq)
        if key is None:
            return False
        array = eq.args[0]
        if all((array, axis, place) in there for axis, place in enumerate(key)):
            return True
        kind = kind_of(array)
        assert isinstance(kind, Array)
        pairs = zip(key, kind.dims, strict=True)
        known = all(isinstance(dim, int) and place < dim for place, dim in pairs)
        return known and array not in self.partial

    def first_of_round(self, node: Node, front: _Front) -> None:
        """What each round does first of all, whether that can fail or not."""
        if isinstance(node, Equation) and _read(node) is not None:
            front.read(node, front.rest, self.names)
        elif isinstance(node, Equation) and node.target in self.own:
            front.move(node, front.sure)
        elif isinstance(node, If) and node.cond in self.own:
            front.move(node, front.rest)

    def guarded(self, node: For | While, front: _Front) -> Iterator[Node]:
        """What may fail, if a round follows."""
        if not front.rest:
            return
        assert isinstance(node, For)
        start, stop, step = node.iteration.args
        if isinstance(start, Const) and isinstance(stop, Const):
            yield from front.rest
            return
        assert isinstance(step, Const)
        test = self.names.fresh("t", "", BOOL)
        up, down = ("gt", (stop, start)), ("gt", (start, stop))
        yield Equation(test, *(up if step.value > 0 else down), None, node.span)
        self.own.add(test)
        ends = tuple(var for each in front.rest for var in defined_by(each))
        results = tuple(self.names.fresh(v.base, v.role, v.kind) for v in ends)
        rest, undefined = tuple(front.rest), (UNDEF,) * len(ends)
        yield If(test, rest, (), results, ends, undefined, node.span)
        front.call(dict(zip(ends, results, strict=True)))


class _Front:
    """What goes in front of a loop: what cannot fail, and the rest."""

    def __init__(self, node: For | While) -> None:
        self.sure: list[Node] = []
        self.rest: list[Node] = []
        self.moved: set[Var] = set()
        self.elements: dict[tuple[Atom, ...], Var] = {}
        self.names: dict[Var, Var] = {}  # of elements that the loop reads
        self.inside: set[Atom] = set(inner_params(node))
        self.is_closed = False  # where arrays may change unseen
        for block in blocks_of(node):
            for each in walk(block):
                self.inside.update((*inner_params(each), *defined_by(each)))
                if isinstance(each, Equation) and may_write(each.op, each.params):
                    self.is_closed = True

    def read(self, eq: Equation, place: list[Node], names: Names) -> None:
        """Read an element here, if its array is the same in every round."""
        if not self.inside.isdisjoint(eq.args) or eq.target in self.names:
            return
        var = self.elements.get(eq.args)
        if var is None:
            var = self.elements[eq.args] = names.fresh(_called(eq), "", eq.target.kind)
            place.append(replace(eq, target=var))
        self.names[eq.target] = var

    def share(self, eq: Equation) -> None:
        """Let the loop read an element from here if it is here."""
        if eq.args in self.elements:
            self.names.setdefault(eq.target, self.elements[eq.args])

    def move(self, node: Equation | If, place: list[Node]) -> None:
        """Put a node here as it is, if all that it reads is the same in every round."""
        own = {var for each in walk((node,)) for var in defined_by(each)}
        read = used_in_block((node,)) - own
        if self.inside.isdisjoint(read):
            place.append(node)
            self.moved.update(defined_by(node))
            self.inside.difference_update(defined_by(node))

    def call(self, results: dict[Var, Var]) -> None:
        """Let the loop read these results of a branch instead."""
        for var, element in self.names.items():
            self.names[var] = results.get(element, element)
        self.names.update(results)

    def left(self, node: For | While) -> Node:
        """The loop without what is here."""
        body = tuple(n for n in node.body if self.moved.isdisjoint(defined_by(n)))
        return map_atoms(replace(node, body=body), self.named)

    def named(self, atom: Atom) -> Atom:
        return self.names.get(atom, atom) if isinstance(atom, Var) else atom


def _read(eq: Equation) -> Key | None:
    """The element that an equation reads as a number, if it is known."""
    is_read = eq.op == "getitem" and is_number(eq.target.kind)
    return element_of(eq) if is_read else None


def _called(eq: Equation) -> str:
    array = eq.args[0]
    if eq.target.base != "t" or not isinstance(array, Var):
        return eq.target.base
    return f"{array.base}{''.join(map(str, element_of(eq) or ()))}"


def _asks_nothing(node: Node) -> bool:
    """Whether no error of the user's is raised there, which what follows must not pass."""
    return not any(
        isinstance(each, Equation) and each.op in ("assert", "raise")
        for each in walk((node,))
    )


def _may_run(loop: For) -> bool:
    """Whether it counts, and not to a number that is known to be none."""
    if loop.iteration.form != "range":
        return False
    start, stop, step = loop.iteration.args
    if not isinstance(step, Const) or not step.value:
        return False
    if isinstance(start, Const) and isinstance(stop, Const):
        return len(range(start.value, stop.value, step.value)) > 0
    return True
