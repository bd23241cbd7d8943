"""Checks that a function is well formed; the tests run it after every pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from symdiff.ir.core import (
    Atom, Block, Equation, For, Function, If, Node, Var, While, kind_of, leaves,
    walk,
)  # fmt: skip
from symdiff.ir.effects import DESTRUCTIVE, INVOKES
from symdiff.ir.kinds import Tape, Unknown
from symdiff.ir.memory import Memory

__all__ = ["InvalidIR", "verify", "verify_in_place"]


class InvalidIR(AssertionError):
    """A pass produced a function that means nothing: a fault of symdiff."""


def verify(function: Function) -> None:
    """Raise `InvalidIR` unless values are defined once, before use and in scope, and
    regions are well formed, here and in the functions that are invoked."""
    known = {f.name: f for f in function.functions}
    if len(known) < len(function.functions):
        raise InvalidIR(f"{function.name}: two functions have one name")
    for each in (*function.functions, function):
        _verify(each, known)


def _verify(function: Function, known: Mapping[str, Function]) -> None:
    checker = _Checker(function.name)
    for parameter in function.params:
        checker.define(parameter.var)
    checker.block(function.body)
    for atom in leaves(function.returns):
        checker.read(atom, "the return")
    for node in walk(function.body):
        if isinstance(node, Equation) and node.op in INVOKES:
            callee = known.get(node.params)
            if callee is None or len(callee.params) != len(node.args):
                raise InvalidIR(f"{function.name}: {node.params} cannot be invoked so")


def verify_in_place(
    function: Function, beside: Callable[[Function], Callable[[Equation, Equation], bool]]
) -> None:
    """Raise `InvalidIR` unless every write hits memory that the function owns and that
    nobody reads through another value later. `beside(f)(view, write)` says that a write
    does not reach the places of a view."""
    for each in (*function.functions, function):
        memory = Memory(each, program=function.functions, beside=beside(each))
        memory.run()
        for conflict in memory.conflicts():
            raise InvalidIR(f"{each.name}: {conflict}")


class _Checker:
    def __init__(self, name: str) -> None:
        self.name = name
        self.defined: set[Var] = set()
        self.visible: set[Var] = set()
        self.scope: list[Var] = []

    def fail(self, message: str) -> None:
        raise InvalidIR(f"{self.name}: {message}")

    def define(self, var: Var) -> None:
        if var in self.defined:
            self.fail(f"{var} is defined twice")
        self.defined.add(var)
        self.visible.add(var)
        self.scope.append(var)

    def read(self, atom: Atom, where: str) -> None:
        if isinstance(atom, Var) and atom not in self.visible:
            how = "outside its scope" if atom in self.defined else "before its definition"
            self.fail(f"{where} reads {atom} {how}")

    def leave(self, mark: int) -> None:
        self.visible.difference_update(self.scope[mark:])
        del self.scope[mark:]

    def block(self, block: Block) -> None:
        for node in block:
            self.node(node)

    def node(self, node: Node) -> None:
        if isinstance(node, Equation):
            for atom in node.args:
                self.read(atom, f"{node.target} = {node.op}(...)")
            if node.op in DESTRUCTIVE and len(node.args) < 2:
                self.fail(f"{node.op} needs what to write into and a value")
            self.define(node.target)
        elif isinstance(node, If):
            self.branch(node)
        else:
            self.loop(node)

    def branch(self, node: If) -> None:
        self.read(node.cond, "an if")
        if not len(node.results) == len(node.then_yields) == len(node.else_yields):
            self.fail("an if has results and yields of different number")
        for block, yields in (
            (node.then, node.then_yields),
            (node.orelse, node.else_yields),
        ):
            mark = len(self.scope)
            self.block(block)
            for atom in yields:
                self.read(atom, "the end of a branch")
            self.leave(mark)
        for var in node.results:
            self.define(var)

    def loop(self, node: For | While) -> None:
        number = len(node.carried)
        if not number == len(node.inits) == len(node.yields) == len(node.results):
            self.fail("a loop has inits, carried, yields and results of different number")
        for atom in node.inits:
            self.read(atom, "the start of a loop")
        if isinstance(node, For):
            self.iteration(node)
        mark = len(self.scope)
        if isinstance(node, For):
            for var in node.targets:
                self.define(var)
        for var in node.carried:
            self.define(var)
        if isinstance(node, While):
            self.block(node.test)
            self.read(node.cond, "a while")
        self.block(node.body)
        for atom in node.yields:
            self.read(atom, "the end of a round")
        if node.leave is not None:
            self.read(node.leave, "the end of a round")
        self.leave(mark)
        for var in node.results:
            self.define(var)

    def iteration(self, node: For) -> None:
        form, args = node.iteration.form, node.iteration.args
        for atom in args:
            self.read(atom, "a for")
        if form in ("range", "reversed"):
            if len(args) != 3 or len(node.targets) != 1:
                self.fail(f"a for over a {form} needs start, stop, step and one target")
        elif form == "tape":
            takes = node.iteration.takes or (len(node.targets),)
            if len(takes) != len(args) or sum(takes) != len(node.targets) or 0 in takes:
                self.fail("a for over tapes needs targets for each")
            for tape in args:
                if not isinstance(kind_of(tape), (Tape, Unknown)):
                    self.fail(f"a for runs over {tape}, which is no tape")
        elif form == "items":
            if len(node.targets) - len(args) not in (0, 1):
                self.fail("a for over items needs a target for each")
        else:
            self.fail(f"a for has the unknown form {form!r}")
