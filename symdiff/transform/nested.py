"""Works out the derivatives that a program asks for itself, the innermost first.

Each equation of the op "derive" (see `symdiff.ir.derivative`) becomes the equations of
the derivative: what is differentiated afterwards is plain IR, of whatever order.
"""

from __future__ import annotations

from dataclasses import replace

from symdiff.ir.builder import Names
from symdiff.ir.core import (
    Atom, Block, Equation, Function, If, Node, Var, While, defined_by, each_function,
    inner_params, leaves, rename, walk,
)  # fmt: skip
from symdiff.ir.derivative import DERIVE, Derivative
from symdiff.ir.renumber import renumber
from symdiff.passes import dead, optimise
from symdiff.transform.forward import pushed_on
from symdiff.transform.reverse import pulled_back
from symdiff.transform.schedule import forwards, unwound

__all__ = ["worked_out"]

_KEPT = ("again", "scheduled")  # what a reverse sweep reverses as a whole


def worked_out(function: Function, keep: bool = False) -> Function:
    """The program with derivatives in place of what asks for them; checkpoints stay if
    they are to `keep`.

    Raises `DifferentiationError` with what cannot be differentiated.
    """
    program = (function, *function.functions)
    if not any(_is_derive(node) for each in program for node in walk(each.body)):
        return function
    work = _Work(function)
    return each_function(function, lambda f: replace(f, body=work.block(f.body, keep)))


def _is_derive(node: Node) -> bool:
    return isinstance(node, Equation) and node.op == DERIVE


class _Work:
    def __init__(self, function: Function) -> None:
        self.names = Names()
        for each in (function, *function.functions):
            self.count(each)

    def count(self, function: Function) -> None:
        """Take note of names: what is made has other ones."""
        for parameter in function.params:
            self.names.saw(parameter.var)
        for node in walk(function.body):
            for var in (*inner_params(node), *defined_by(node)):
                self.names.saw(var)
            if isinstance(node, Equation) and node.op == DERIVE:
                self.count(node.params.function)

    def block(self, block: Block, keep: bool) -> Block:
        found: list[Node] = []
        for node in block:
            if isinstance(node, Equation):
                stays = node.op != DERIVE or (keep and node.params.form in _KEPT)
                found += (node,) if stays else self.derived(node, keep)
            elif isinstance(node, If):
                then, orelse = self.block(node.then, keep), self.block(node.orelse, keep)
                found.append(replace(node, then=then, orelse=orelse))
            elif isinstance(node, While):
                test, body = self.block(node.test, keep), self.block(node.body, keep)
                found.append(replace(node, test=test, body=body))
            else:
                found.append(replace(node, body=self.block(node.body, keep)))
        return tuple(found)

    def derived(self, eq: Equation, keep: bool) -> Block:
        """The equations of a derivative, and last the tuple of what it gives."""
        derivative: Derivative = eq.params
        # A function may be worked out in several places: its values are other ones in each.
        function, _ = renumber(derivative.function, {}, self.names)
        # Rounds that were lowered twice leave dead values, which must not be shared.
        inside = keep if derivative.form in _KEPT else derivative.form == "reverse"
        function = replace(function, body=self.block(dead(function).body, inside))
        if derivative.form in ("scheduled", "unwound"):
            return (*self.block(self.rounds(eq, function), keep),)
        function = optimise(function)
        results = tuple(leaves(function.returns))
        params = [p.var for p in function.params]
        by = [params[k] for k in derivative.by]
        args, seeds = eq.args[: len(params)], eq.args[len(params) :]
        of = [results[k] for k in derivative.of]
        body, found = function.body, list[Atom]()
        if derivative.form == "forward":
            pairs = list(zip(by, seeds, strict=True))
            body, found = pushed_on(function, self.names, pairs, of)
        elif derivative.form == "reverse":
            bars = list(zip(of, seeds, strict=True))
            body, found = pulled_back(function, self.names, by, bars)
        given = dict(zip(params, args, strict=True))

        def outside(atom: Atom) -> Atom:
            return given.get(atom, atom) if isinstance(atom, Var) else atom

        whole = tuple(map(outside, (*results, *found)))
        body = rename(tuple(n for n in body if not _is_marker(n)), given)
        last = Equation(eq.target, "tuple", whole, None, eq.span)
        return (*self.block(body, keep), last)

    def rounds(self, eq: Equation, function: Function) -> Block:
        """The equations of a loop with few states kept, or of its reverse sweep."""
        derivative: Derivative = eq.params
        what = self.names, function, eq.span, eq.args
        if derivative.form == "scheduled":
            body, found = forwards(*what)
        else:
            body, found = unwound(*what, derivative.by, derivative.of)
        return (*body, Equation(eq.target, "tuple", tuple(found), None, eq.span))


def _is_marker(node: Node) -> bool:
    return isinstance(node, Equation) and node.op == "comment"
