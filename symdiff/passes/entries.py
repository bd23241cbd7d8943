"""The order of the fields of tape entries: that in which they are defined."""

from __future__ import annotations


from symdiff.ir.core import (
    Atom, Block, Equation, For, Function, If, Node, Var, While, walk,
)  # fmt: skip
from symdiff.analysis.tapes import Cell, Tapes
from symdiff.records import replace

__all__ = ["order_entries"]


def order_entries(function: Function) -> Function:
    """Put what is pushed in the order of its definition, and what is read likewise."""
    several = (
        isinstance(n, Equation) and n.op == "push" and len(n.args) > 2
        for n in walk(function.body)
    )
    if not any(several):
        return function
    work = _Order(function)
    body = work.block(function.body)
    return replace(function, body=body) if work.changed else function


class _Order:
    def __init__(self, function: Function) -> None:
        self.tapes = Tapes(function)
        self.places = {p.var: k for k, p in enumerate(function.params)}
        self.first: dict[Cell, int] = {}  # where what is pushed first was defined
        self.changed = False
        self.number(function.body)

    def define(self, *vars: Var) -> None:
        for var in vars:
            self.places[var] = len(self.places)

    def number(self, block: Block) -> None:
        for node in block:
            if isinstance(node, Equation):
                if node.op == "push":
                    self.push(node)
                self.define(node.target)
            elif isinstance(node, If):
                self.number(node.then)
                self.number(node.orelse)
                self.define(*node.results)
            else:
                if isinstance(node, For):
                    self.define(*node.targets)
                self.define(*self.carried(node))
                if not isinstance(node, For):
                    self.number(node.test)
                self.number(node.body)
                self.define(*node.results)

    def carried(self, node: For | While) -> list[Var]:
        """What a loop carries, in the order in which it got its first value."""

        def place(pair: tuple[Var, Atom]) -> int:
            init = pair[1]
            return self.places[init] if isinstance(init, Var) else len(self.places)

        pairs = sorted(zip(node.carried, node.inits, strict=True), key=place)
        return [var for var, _ in pairs]

    def push(self, node: Equation) -> None:
        cells = self.tapes.positions(node.args[0])
        for cell, atom in zip(cells, node.args[1:], strict=False):
            if isinstance(atom, Var):
                self.first.setdefault(cell, self.places[atom])

    def order(self, cells: list[Cell], count: int) -> list[int]:
        """The old positions of the fields, in their new order."""
        if len(cells) != count:
            return list(range(count))
        last = len(self.places)
        order = sorted(range(count), key=lambda k: self.first.get(cells[k], last))
        self.changed = self.changed or order != list(range(count))
        return order

    # -- the change -------------------------------------------------------------------

    def block(self, block: Block) -> Block:
        return tuple(map(self.node, block))

    def node(self, node: Node) -> Node:
        if isinstance(node, Equation):
            if node.op != "push" or len(node.args) < 3:
                return node
            tape, *values = node.args
            order = self.order(self.tapes.positions(tape), len(values))
            return node.with_args((tape, *(values[k] for k in order)))
        if isinstance(node, If):
            return replace(node, then=self.block(node.then), orelse=self.block(node.orelse))
        body = self.block(node.body)
        if not isinstance(node, For):
            return replace(node, test=self.block(node.test), body=body)
        targets = node.targets
        if node.iteration.form == "tape":
            targets = tuple(
                part[k]
                for tape, part in node.iteration.entries(targets)
                for k in self.order(self.tapes.positions(tape), len(part))
            )
        return replace(node, body=body, targets=targets)
