"""Short loops of few rounds, written out before the function is differentiated.

`for k in range(3): r += x[k] * x[k]` becomes three lines: no loop is left to run
backwards, no tape, and every subscript is known. A loop stays one where the text would be
long, where its rounds compute arrays, beside which a round costs nothing, and where
`break` leaves it.
"""

from __future__ import annotations

import math

from symdiff.ir.builder import Names
from symdiff.ir.core import (
    Block, Const, Equation, For, Function, If, Node, Var, kind_of, map_tree, walk,
)  # fmt: skip
from symdiff.ir.effects import WRITES
from symdiff.ir.kinds import is_number
from symdiff.ir.renumber import Renumber
from symdiff.passes import cse, simplify
from symdiff.records import replace

__all__ = ["write_out"]

_ROUNDS, _EQUATIONS = 4, 24  # at most so many rounds, and equations in all of them


def write_out(function: Function) -> Function:
    """The function with its short loops over few numbers written out, and what their
    rounds have in common computed once."""
    if not any(isinstance(node, For) for node in walk(function.body)):
        return function
    work = _Rounds(Names.after(function))
    body = work.block(function.body)
    if not work.done:
        return function
    returns = map_tree(function.returns, work.atom)
    return cse(simplify(replace(function, body=body, returns=returns)))


class _Rounds(Renumber):
    """Gives new names to what is defined in copies of rounds, and to nothing else."""

    def __init__(self, names: Names) -> None:
        super().__init__({}, names)
        self.copies = 0  # that are being made
        self.done = False

    def define(self, var: Var) -> Var:
        return super().define(var) if self.copies else var

    def block(self, block: Block) -> Block:
        nodes: list[Node] = []
        for node in block:
            rounds = _few(node)
            if rounds is not None and isinstance(node, For) and _size(node) <= _EQUATIONS:
                self.written_out(node, rounds, nodes)
            else:
                nodes.append(self.node(node))
        return tuple(nodes)

    def written_out(self, node: For, rounds: range, nodes: list[Node]) -> None:
        self.done = True
        values = self.many(node.inits)
        self.copies += 1
        for k in rounds:
            self.new.update((target, Const(k)) for target in node.targets)
            self.new.update(zip(node.carried, values, strict=True))
            nodes += self.block(node.body)
            values = self.many(node.yields)
        self.copies -= 1
        self.new.update(zip(node.results, values, strict=True))


def _few(node: Node) -> range | None:
    """The rounds of a loop that are known and few."""
    if (
        not isinstance(node, For)
        or node.iteration.form != "range"
        or node.leave is not None
    ):
        return None
    values = [a.value if isinstance(a, Const) else None for a in node.iteration.args]
    if not all(type(value) is int for value in values) or values[2] == 0:
        return None
    rounds = range(*values)  # type: ignore[arg-type]
    return rounds if 0 < len(rounds) <= _ROUNDS else None


def _size(node: Node) -> float:
    """How many equations a node comes to with its loops written out."""
    if isinstance(node, Equation):
        return 1 if _is_small(node) else math.inf
    if isinstance(node, If):
        return 1 + sum(map(_size, node.then + node.orelse))
    rounds = _few(node)
    return math.inf if rounds is None else len(rounds) * sum(map(_size, node.body))


def _is_small(eq: Equation) -> bool:
    """Whether it computes a number, or sets one in an array or a list."""
    written = eq.op in WRITES or eq.op == "list.append"
    return is_number(kind_of(eq.args[-1]) if written else eq.target.kind)
