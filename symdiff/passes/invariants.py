"""Arithmetic that is the same in every round of a loop goes in front of the loop.

Only what cannot fail moves, since a loop may run no round at all: sums and products of
floats, and quotients by a number. A mere sign stays where it is read.
"""

from __future__ import annotations


from symdiff.analysis.undefined import may_be_undefined
from symdiff.ir.core import (
    Atom, Block, Const, Equation, For, Function, If, Node, Var, While, defined_by,
    inner_params,
)  # fmt: skip
from symdiff.ir.kinds import FLOAT, is_number
from symdiff.records import replace

__all__ = ["invariants"]

_ALWAYS_WORKS = frozenset(("add", "sub", "mul", "neg"))


def invariants(function: Function) -> Function:
    """Move what does not change in a loop out of it, out of as many as possible."""
    work = _Hoist(may_be_undefined(function.body))
    body = work.block(function.body)
    return replace(function, body=body) if work.done else function


class _Hoist:
    def __init__(self, partial: set[Atom]) -> None:
        self.partial = partial
        self.done = False

    def block(self, block: Block) -> Block:
        nodes: list[Node] = []
        for node in block:
            if isinstance(node, Equation):
                nodes.append(node)
            elif isinstance(node, If):
                nodes.append(self.branch(node))
            else:
                nodes.extend(self.loop(node))
        return tuple(nodes)

    def branch(self, node: If) -> If:
        then, orelse = self.block(node.then), self.block(node.orelse)
        return replace(node, then=then, orelse=orelse)

    def loop(self, node: For | While) -> list[Node]:
        body = self.block(node.body)
        changes: dict[str, Block] = {}
        if isinstance(node, While):
            changes["test"] = self.block(node.test)
        inside: set[Atom] = set(inner_params(node))
        for each in (*changes.get("test", ()), *body):
            inside.update(defined_by(each))
        ahead, body = self.parted(body, inside)
        return [*ahead, replace(node, body=body, **changes)]  # type: ignore[arg-type]

    def parted(self, body: Block, inside: set[Atom]) -> tuple[list[Node], Block]:
        """What may stand in front of a loop, and what stays in its body."""
        found: dict[Var, Equation] = {}
        for node in body:
            if isinstance(node, Equation) and self.is_same(node, inside):
                inside.discard(node.target)
                found[node.target] = node
        signs = {v for v, eq in found.items() if eq.op == "neg"}
        read = {a for v, eq in found.items() if v not in signs for a in eq.args}
        moved = {v: eq for v, eq in found.items() if v not in signs or v in read}
        self.done = self.done or bool(moved)
        stays = (n for n in body if not isinstance(n, Equation) or n.target not in moved)
        return list(moved.values()), tuple(stays)

    def is_same(self, eq: Equation, inside: set[Atom]) -> bool:
        """Whether an equation gives the same in every round, and never fails."""
        if eq.target.kind != FLOAT:
            return False
        if eq.op == "div":
            divisor = eq.args[1]
            if not isinstance(divisor, Const) or not divisor.value:
                return False
        elif eq.op not in _ALWAYS_WORKS:
            return False
        return all(map(self.is_plain, eq.args)) and inside.isdisjoint(eq.args)

    def is_plain(self, atom: Atom) -> bool:
        if isinstance(atom, Var):
            return is_number(atom.kind) and atom not in self.partial
        return isinstance(atom, Const)
