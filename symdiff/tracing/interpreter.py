"""Runs IR: equation by equation, with values that nothing changes."""

from __future__ import annotations

import importlib
import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.ir.core import (
    Atom, Block, Const, Equation, For, Function, Global, If, Undef, Var, While,
    map_tree,
)  # fmt: skip
from symdiff.ir.effects import INVOKES
from symdiff.ir.handed import inner_functions
from symdiff.tracing.operations import result_of

__all__ = ["Interpreter"]


class Missing:
    """The value of a name that has none."""


class Interpreter:
    """Runs functions. `names` are the values of what they find outside.

    What variables stand for is in `env`: values here, and in subclasses what `value`
    finds the values of.
    """

    def __init__(self, names: Mapping[str, Any]) -> None:
        self.names = names
        self.env: dict[Var, Any] = {}
        self.functions: dict[str, Function] = {}

    def run(self, function: Function, *args: Any) -> Any:
        """The results of a function, as its `returns` has them, for what its parameters
        stand for."""
        self.functions.update((f.name, f) for f in function.functions)
        with ExitStack() as stack:
            for context in function.contexts:
                stack.enter_context(self.value(self.equation(context)))
            return self.body(function, args)

    def body(self, function: Function, args: Iterable[Any]) -> Any:
        params = [p.var for p in function.params]
        self.env.update(zip(params, args, strict=True))
        self.block(function.body)
        returns: Any = map_tree(function.returns, self.atom)
        return returns

    # -- what a subclass may see otherwise --------------------------------------------

    def atom(self, atom: Atom) -> Any:
        """What an atom stands for."""
        if isinstance(atom, Var):
            return self.env[atom]
        if isinstance(atom, Const):
            return atom.value
        return Missing if isinstance(atom, Undef) else self.outside(atom)

    def value(self, thing: Any) -> Any:
        """The value of what an atom stands for."""
        return thing

    def counted(self, var: Var, value: Any) -> Any:
        """What the target of a loop stands for."""
        return value

    def equation(self, eq: Equation) -> Any:
        """What the target of an equation stands for."""
        args = [self.atom(a) for a in eq.args]
        if eq.op in INVOKES:
            return self.invoke(self.functions[eq.params], args)
        return result_of(eq.op, args, eq.params)

    @contextmanager
    def round(self, node: For | While, number: int) -> Iterator[None]:
        """One round of a loop."""
        yield

    # -- the rest ---------------------------------------------------------------------

    def outside(self, atom: Global) -> Any:
        """A name from outside, or the attribute of a module."""
        if atom.name in self.names:
            return self.names[atom.name]
        root, _, path = atom.name.partition(".")
        module = self.names.get(root) or importlib.import_module(root)
        return operator.attrgetter(path)(module) if path else module

    def invoke(self, function: Function, args: Sequence[Any]) -> Any:
        """What a call of a recursive function stands for."""
        outer, self.env = self.env, {}
        try:
            return self.body(function, args)
        finally:
            self.env = outer

    def assign(self, targets: Sequence[Var], sources: Sequence[Atom]) -> None:
        # All are read before the first is set: they may change places.
        self.env.update(zip(targets, [self.atom(s) for s in sources], strict=True))

    def block(self, block: Block) -> None:
        for node in block:
            if isinstance(node, Equation):
                if inner_functions(node):
                    message = "a function that gets another one to call is not traced"
                    raise DifferentiationError(Diagnostic(message, node.span))
                self.env[node.target] = self.equation(node)
            elif isinstance(node, If):
                if self.value(self.atom(node.cond)):
                    self.block(node.then)
                    self.assign(node.results, node.then_yields)
                else:
                    self.block(node.orelse)
                    self.assign(node.results, node.else_yields)
            else:
                self.loop(node)

    def loop(self, node: For | While) -> None:
        self.assign(node.carried, node.inits)
        for number, values in enumerate(self.rounds(node)):
            with self.round(node, number):
                if isinstance(node, For):
                    for var, value in zip(node.targets, values, strict=True):
                        self.env[var] = self.counted(var, value)
                else:
                    self.block(node.test)
                    if not self.value(self.atom(node.cond)):
                        break
                self.block(node.body)
                self.assign(node.carried, node.yields)
                if node.leave is not None and self.value(self.atom(node.leave)):
                    break
        self.assign(node.results, node.carried)

    def rounds(self, node: For | While) -> Iterable[tuple[Any, ...]]:
        """The values of the targets, round by round."""
        if isinstance(node, While):
            return iter(lambda: (), None)
        if node.iteration.form == "tape":
            tapes = map(self.atom, node.iteration.args)
            takes = node.iteration.takes or (len(node.targets),)
            ahead = node.iteration.ahead
            columns = [
                [(entry,) if count == 1 else entry for entry in _run(tape, k in ahead)]
                for k, (tape, count) in enumerate(zip(tapes, takes, strict=True))
            ]
            return (sum(map(tuple, row), ()) for row in zip(*columns, strict=True))
        run = range(*(self.value(self.atom(a)) for a in node.iteration.args))
        return ((k,) for k in (run if node.iteration.form == "range" else reversed(run)))


def _run(tape: list[Any], ahead: bool) -> Iterable[Any]:
    return tape if ahead else reversed(tape)
