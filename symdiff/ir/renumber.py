"""Gives the values of a function final names: consecutive versions in program order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symdiff.ir.builder import Names
from symdiff.ir.core import (
    Atom, Block, Equation, For, Function, If, Node, Parameter, Var, map_tree,
)  # fmt: skip
from symdiff.records import replace

__all__ = ["Renumber", "renumber"]


def renumber(
    function: Function, bases: Mapping[Var, str], names: Names | None = None
) -> tuple[Function, Names]:
    """The function with its values renamed after `bases` and counted afresh, or on from
    `names`."""
    work = Renumber(bases, names or Names())
    inner = tuple(map(work.function, function.functions))
    return replace(work.function(function), functions=inner), work.names


class Renumber:
    """Writes a function anew with other names for its values."""

    def __init__(self, bases: Mapping[Var, str], names: Names) -> None:
        self.bases, self.names = bases, names
        self.new: dict[Var, Atom] = {}

    def function(self, function: Function) -> Function:
        params = tuple(
            Parameter(self.define(p.var), p.default, p.form) for p in function.params
        )
        body = self.block(function.body)
        returns = map_tree(function.returns, self.atom)
        return replace(function, params=params, body=body, returns=returns)

    def define(self, var: Var) -> Var:
        base = self.bases.get(var, var.base)
        of = None if var.of is None else self.new.get(var.of)
        new = self.names.fresh(
            base, var.role, var.kind, of if isinstance(of, Var) else None
        )
        self.new[var] = new
        return new

    def atom(self, atom: Atom) -> Atom:
        return self.new.get(atom, atom) if isinstance(atom, Var) else atom

    def many(self, atoms: tuple[Atom, ...]) -> tuple[Atom, ...]:
        return tuple(map(self.atom, atoms))

    def block(self, block: Block) -> Block:
        return tuple(map(self.node, block))

    def node(self, node: Node) -> Node:
        if isinstance(node, Equation):
            args = self.many(node.args)
            return Equation(self.define(node.target), node.op, args, node.params, node.span)
        if isinstance(node, If):
            cond = self.atom(node.cond)
            then = self.block(node.then)
            then_yields = self.many(node.then_yields)
            orelse = self.block(node.orelse)
            else_yields = self.many(node.else_yields)
            results = tuple(map(self.define, node.results))
            return If(cond, then, orelse, results, then_yields, else_yields, node.span)
        inits = self.many(node.inits)
        if isinstance(node, For):
            iteration = node.iteration.with_args(self.many(node.iteration.args))
            targets = tuple(map(self.define, node.targets))
            head: dict[str, Any] = {"iteration": iteration, "targets": targets}
        carried = tuple(map(self.define, node.carried))
        if not isinstance(node, For):
            test = self.block(node.test)
            head = {"test": test, "cond": self.atom(node.cond)}
        body = self.block(node.body)
        return replace(
            node,
            carried=carried,
            inits=inits,
            body=body,
            yields=self.many(node.yields),
            leave=None if node.leave is None else self.atom(node.leave),
            results=tuple(map(self.define, node.results)),
            **head,
        )
