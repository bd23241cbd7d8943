"""Questions to objects that change, such as a set of what was visited: each is asked once,
where the program asks it, because another answer may come later."""

from __future__ import annotations

from collections.abc import Iterator

from symdiff.ir.builder import Names
from symdiff.ir.core import (
    Atom, Block, Equation, For, Function, If, Node, Var, While, kind_of, walk,
)  # fmt: skip
from symdiff.ir.effects import READING, READING_METHODS, is_allocation, is_effect
from symdiff.ir.kinds import BOOL, Opaque, Unknown
from symdiff.records import replace

__all__ = ["ordered"]

# What does not look into an object.
_HANDED_ON = frozenset(("tuple", "list", "item", "select", "is", "isnot", READING))


def ordered(function: Function) -> Function:
    """The function with all that reads a changing object as an effect."""
    nodes = walk(function.body)
    changing = {
        atom
        for node in nodes
        if isinstance(node, Equation)
        for atom in _changed(node)
        if isinstance(kind_of(atom), (Opaque, Unknown))
    }
    if not changing:
        return function
    before = 0
    while before != len(changing):
        before = len(changing)
        for node in nodes:
            for names in _one(node):
                if not changing.isdisjoint(names):
                    changing.update(names)
    found = {atom for atom in changing if isinstance(atom, Var)}
    return replace(
        function, body=_Ordering(Names.after(function), found).block(function.body)
    )


def _changed(node: Equation) -> tuple[Atom, ...]:
    """What an equation may change, if it is an object that may be changed."""
    if node.op == "perform":
        return node.args
    reads = node.op == "method" and node.params[0] in READING_METHODS
    return node.args[:1] if node.op in ("method", "store") and not reads else ()


def _one(node: Node) -> Iterator[tuple[Atom, ...]]:
    """The names under which a branch or a loop hands on one value."""
    if isinstance(node, If):
        yield from zip(node.results, node.then_yields, node.else_yields, strict=True)
    elif isinstance(node, (For, While)):
        yield from zip(node.carried, node.inits, node.yields, node.results, strict=True)


class _Ordering:
    def __init__(self, names: Names, changing: set[Var]) -> None:
        self.names, self.changing = names, changing

    def block(self, block: Block) -> Block:
        return tuple(made for node in block for made in self.node(node))

    def node(self, node: Node) -> Iterator[Node]:
        if isinstance(node, Equation):
            reads = not self.changing.isdisjoint(node.args)
            # What is made must not stand for what is made in the same way elsewhere.
            makes = node.target in self.changing and not is_allocation(node.op)
            plain = node.op not in _HANDED_ON and not is_effect(node.op)
            if plain and (reads or makes):
                node = replace(node, op=READING, params=(node.op, node.params))
            yield node
        elif isinstance(node, If):
            if node.cond in self.changing:
                asked = self.truth(node.cond, node)
                yield asked
                node = replace(node, cond=asked.target)
            then, orelse = self.block(node.then), self.block(node.orelse)
            yield replace(node, then=then, orelse=orelse)
        elif isinstance(node, While):
            test, cond = self.block(node.test), node.cond
            if cond in self.changing:
                asked = self.truth(cond, node)
                test, cond = (*test, asked), asked.target
            yield replace(node, test=test, cond=cond, body=self.block(node.body))
        else:
            yield replace(node, body=self.block(node.body))

    def truth(self, atom: Atom, node: Node) -> Equation:
        target = self.names.fresh("t", "", BOOL)
        return Equation(target, READING, (atom,), ("builtins.bool", None), node.span)
