"""Common subexpressions: an equation that repeats an earlier one gives way to it."""

from __future__ import annotations

from collections.abc import Hashable

from symdiff.ir.core import (
    Atom, Block, Equation, For, Function, If, Node, Var, While, kind_of,
    map_tree, walk,
)  # fmt: skip
from symdiff.ir.effects import DESTRUCTIVE, is_pure
from symdiff.ir.kinds import Array, is_number
from symdiff.records import replace

__all__ = ["cse"]

_COMMUTATIVE = frozenset(("add", "mul"))


def cse(function: Function) -> Function:
    """The function with equal pure equations shared where one dominates the other."""
    worker = _Sharer(_written(function.body))
    body = worker.nodes(function.body)
    if not worker.values:
        return function
    return replace(function, body=body, returns=map_tree(function.returns, worker.atom))


def _written(block: Block) -> set[Var]:
    """Values whose memory is written into: better made twice than copied."""
    found: set[Var] = set()
    for node in walk(block):
        if isinstance(node, Equation):
            if node.op in DESTRUCTIVE and isinstance(node.args[0], Var):
                found.add(node.args[0])
        elif isinstance(node, (For, While)):
            for var in node.inits:
                if isinstance(var, Var) and not is_number(var.kind):
                    found.add(var)
    return found


class _Sharer:
    def __init__(self, written: set[Var]) -> None:
        self.written = written
        self.values: dict[Var, Var] = {}
        self.seen: dict[Hashable, Var] = {}
        self.scope: list[Hashable] = []

    def atom(self, atom: Atom) -> Atom:
        return self.values.get(atom, atom) if isinstance(atom, Var) else atom

    def atoms(self, atoms: tuple[Atom, ...]) -> tuple[Atom, ...]:
        return tuple(map(self.atom, atoms)) if self.values else atoms

    def forget(self, mark: int) -> None:
        for key in self.scope[mark:]:
            del self.seen[key]
        del self.scope[mark:]

    def nodes(self, block: Block) -> Block:
        kept: list[Node] = []
        for node in block:
            new = self.node(node)
            if new is not None:
                kept.append(new)
        return tuple(kept)

    def node(self, node: Node) -> Node | None:
        if isinstance(node, Equation):
            return self.equation(node)
        if isinstance(node, If):
            then = self.arm(node.then, node.then_yields)
            orelse = self.arm(node.orelse, node.else_yields)
            return replace(
                node,
                cond=self.atom(node.cond),
                then=then[0],
                orelse=orelse[0],
                then_yields=then[1],
                else_yields=orelse[1],
            )
        inits = self.atoms(node.inits)
        mark = len(self.scope)
        if isinstance(node, While):
            test = self.nodes(node.test)
            node = replace(node, test=test, cond=self.atom(node.cond))
        else:
            iteration = node.iteration.with_args(self.atoms(node.iteration.args))
            node = replace(node, iteration=iteration)
        body = self.nodes(node.body)
        yields = self.atoms(node.yields)
        leave = None if node.leave is None else self.atom(node.leave)
        self.forget(mark)
        return replace(node, inits=inits, body=body, yields=yields, leave=leave)

    def arm(self, block: Block, yields: tuple[Atom, ...]) -> tuple[Block, tuple[Atom, ...]]:
        mark = len(self.scope)
        nodes = self.nodes(block)
        ends = self.atoms(yields)
        self.forget(mark)
        return nodes, ends

    def equation(self, node: Equation) -> Equation | None:
        args = node.args
        if self.values:
            args = self.atoms(args)
            if args != node.args:
                node = node.with_args(args)
        # What is saved for the reverse sweep is only read: one copy serves all.
        saved = node.op == "copy" and node.target.role == "saved"
        shared = is_pure(node.op) or node.op == "check length"
        if not shared and not saved:
            return node
        key: Hashable = (node.op, args, node.params)
        try:
            found = self.seen.get(key)
        except TypeError:  # params that cannot be hashed
            return node
        if found is None and node.op in _COMMUTATIVE:
            found = self.seen.get((node.op, args[::-1], node.params))
            if found is not None and not self.numeric(args):
                found = None
        if found is None:
            self.seen[key] = node.target
            self.scope.append(key)
            return node
        if node.target in self.written or found in self.written:
            if not is_number(node.target.kind):
                return node
        self.values[node.target] = found
        return None

    @staticmethod
    def numeric(args: tuple[Atom, ...]) -> bool:
        kinds = map(kind_of, args)
        return all(is_number(k) or isinstance(k, Array) for k in kinds)
