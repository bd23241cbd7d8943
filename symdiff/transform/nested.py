"""Works out the derivatives that a program asks for itself, the innermost first.

Each equation of the op "derive" (see `symdiff.ir.derivative`) becomes the equations of
the derivative: what is differentiated afterwards is plain IR, of whatever order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.ir.builder import Names
from symdiff.ir.core import (
    Atom, Block, Equation, Function, If, Node, Var, While, defined_by,
    inner_params, leaves, map_nodes, rename, walk,
)  # fmt: skip
from symdiff.ir.derivative import DERIVE, Derivative, invoked
from symdiff.ir.effects import INVOKES
from symdiff.ir.renumber import renumber
from symdiff.passes import dead, optimise, ordered, picked, where_made
from symdiff.records import replace
from symdiff.transform.forward import pushed_on
from symdiff.transform.reverse import pulled_back
from symdiff.transform.schedule import forwards, unwound

__all__ = ["worked_out"]

Mode = Literal["forward", "reverse"]
_CALLS = (*INVOKES, "unpack")
_HIGHEST = 5  # order of a derivative of a recursive function
_KEPT = ("again", "scheduled")  # what a reverse sweep reverses as a whole


def worked_out(function: Function, then: Mode | None = None) -> Function:
    """The program with derivatives in place of what asks for them. What the sweep that
    comes `then` reverses or moves as a whole stays: checkpoints in reverse mode, and in
    both the adjoints of recursive functions.

    Raises `DifferentiationError` with what cannot be differentiated.
    """
    program = (function, *function.functions)
    if not any(_is_derive(node) for each in program for node in walk(each.body)):
        return function
    work = _Work(function)
    body = work.block(function.body, then)
    return replace(function, body=body, functions=work.callees(body, then))


def _is_derive(node: Node) -> bool:
    return isinstance(node, Equation) and node.op == DERIVE


class _Work:
    """`program` are the functions that may be run, by name, those that derivatives of
    others have become among them; `ready` holds them as they are for what comes then."""

    def __init__(self, function: Function) -> None:
        self.program = {each.name: each for each in function.functions}
        self.ready: dict[tuple[str, Mode | None], Function] = {}
        self.open: list[tuple[str, Mode | None]] = []
        self.orders: dict[str, int] = {}  # of the derivatives among them
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

    def block(self, block: Block, then: Mode | None) -> Block:
        found: list[Node] = []
        for node in block:
            if isinstance(node, Equation):
                stays = node.op != DERIVE or self.stays(node.params, then)
                found += (node,) if stays else self.derived(node, then)
            elif isinstance(node, If):
                sides = self.block(node.then, then), self.block(node.orelse, then)
                found.append(replace(node, then=sides[0], orelse=sides[1]))
            elif isinstance(node, While):
                test, body = self.block(node.test, then), self.block(node.body, then)
                found.append(replace(node, test=test, body=body))
            else:
                found.append(replace(node, body=self.block(node.body, then)))
        return tuple(found)

    def stays(self, derivative: Derivative, then: Mode | None) -> bool:
        if derivative.form == "reverse":
            return then is not None and bool(invoked(derivative.function.body))
        return then == "reverse" and derivative.form in _KEPT

    def derived(self, eq: Equation, then: Mode | None) -> Block:
        """The equations of a derivative, and last the tuple of what it gives."""
        derivative: Derivative = eq.params
        # A function may be worked out in several places: its values are other ones in each.
        function, _ = renumber(derivative.function, {}, self.names)
        # Rounds that were lowered twice leave dead values, which must not be shared.
        form = derivative.form
        inside = form if form == "reverse" or form == "forward" else then
        function = picked(ordered(dead(function)), self.names)
        function = where_made(function, self.names)
        function = replace(function, body=self.block(function.body, inside))
        if form == "scheduled" or form == "unwound":
            return self.block(self.rounds(eq, function), then)
        callees = self.callees(function.body, inside)
        if callees:  # their values are other ones, too
            function = replace(function, functions=callees)
            function, _ = renumber(function, {}, self.names)
        function = optimise(function)
        results = tuple(leaves(function.returns))
        params = [p.var for p in function.params]
        by = [params[k] for k in derivative.by]
        args, seeds = eq.args[: len(params)], eq.args[len(params) :]
        of = [results[k] for k in derivative.of]
        body, found, made = function.body, list[Atom](), list[Function]()
        if form == "forward":
            pairs = list(zip(by, seeds, strict=True))
            body, found, made = pushed_on(function, self.names, pairs, of)
        elif form == "reverse":
            bars = list(zip(of, seeds, strict=True))
            body, found, made = pulled_back(function, self.names, by, bars)
        given = dict(zip(params, args, strict=True))

        def outside(atom: Atom) -> Atom:
            return given.get(atom, atom) if isinstance(atom, Var) else atom

        whole = tuple(map(outside, (*results, *found)))
        order = 1 + max((self.orders.get(each.name, 0) for each in callees), default=0)
        body = self.with_callees(body, made, order)
        body = rename(tuple(n for n in body if not _is_marker(n)), given)
        last = Equation(eq.target, "tuple", whole, None, eq.span)
        return (*self.block(body, then), last)

    def callees(self, body: Block, then: Mode | None) -> tuple[Function, ...]:
        """All functions that a block runs, worked out like it."""
        found: dict[str, Function] = {}
        todo = [*invoked(body)]
        while todo:
            name = todo.pop(0)
            if name not in found:
                found[name] = self.function(name, then)
                todo += invoked(found[name].body)
        return tuple(found.values())

    def function(self, name: str, then: Mode | None) -> Function:
        key = name, then
        if key in self.open:
            raise _of_itself(self.program[name])
        if key not in self.ready:
            self.open.append(key)
            function = self.program[name]
            self.ready[key] = replace(function, body=self.block(function.body, then))
            self.open.pop()
        return self.ready[key]

    def with_callees(self, body: Block, made: list[Function], order: int) -> Block:
        """The body, running functions that were made for it under names of their own."""
        if made and order > _HIGHEST:
            raise _of_itself(made[0])
        names = {each.name: self.name(each.name) for each in made}
        for each in made:
            own = replace(each, name=names[each.name], body=_calling(each.body, names))
            self.program[own.name] = own
            self.orders[own.name] = order
        return _calling(body, names)

    def name(self, wanted: str) -> str:
        count, name = 1, wanted
        while name in self.program:
            name, count = f"{wanted}{count}", count + 1
        return name

    def rounds(self, eq: Equation, function: Function) -> Block:
        """The equations of a loop with few states kept, or of its reverse sweep."""
        derivative: Derivative = eq.params
        what = self.names, function, eq.span, eq.args
        if derivative.form == "scheduled":
            body, found = forwards(*what)
        else:
            body, found = unwound(*what, derivative.by, derivative.of)
        return (*body, Equation(eq.target, "tuple", tuple(found), None, eq.span))


def _of_itself(function: Function) -> DifferentiationError:
    name = function.name.split("_jvp")[0]
    message = f"`{name}` takes derivatives of itself, of ever higher order"
    return DifferentiationError(Diagnostic(message, function.span))


def _calling(block: Block, names: Mapping[str, str]) -> Block:
    """The block with other names for the functions that it runs."""

    def change(node: Node) -> Node:
        if isinstance(node, Equation) and node.op in _CALLS and node.params in names:
            return replace(node, params=names[node.params])
        return node

    return map_nodes(block, change) if names else block


def _is_marker(node: Node) -> bool:
    return isinstance(node, Equation) and node.op == "comment"
