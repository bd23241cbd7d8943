"""Comprehensions and generator expressions."""

from __future__ import annotations

import ast
from typing import Any

from symdiff.frontend.context import Refusal
from symdiff.frontend.state import Key
from symdiff.frontend.statements import Statements
from symdiff.frontend.values import Sequence, Value

__all__ = ["Comprehensions"]


class Comprehensions(Statements):
    """Lowers comprehensions: written out where the items are known, else as loops."""

    def comprehension(self, node: Any, base: str) -> Value:
        """A comprehension over items that are known now."""
        items: list[Value] = []
        self._comprehend(node.generators, node.elt, items)
        return Sequence(tuple(items), True)

    def _comprehend(
        self, generators: list[ast.comprehension], element: ast.expr, items: list[Value]
    ) -> None:
        if not generators:
            items.append(self.expr(element))
            return
        first = generators[0]
        iterable = self.expr(first.iter)
        known = self._static_items(iterable)
        if known is None:
            known = self.items_of(iterable, first.iter)
        with self.scope(first.target):
            for item in known:
                self.assign(first.target, item)
                chosen = [self.truth(self.expr(test)) for test in first.ifs]
                if None in chosen:
                    raise Refusal(
                        "a condition in a comprehension that is not known before the "
                        "program runs is not supported",
                        first.ifs[0],
                        "write a loop",
                    )
                if all(chosen):
                    self._comprehend(generators[1:], element, items)

    def scope(self, target: ast.expr) -> Any:
        """The names of a comprehension, which are its own."""
        return _Scope(self, target)

    def sum_of_generator(self, node: ast.GeneratorExp, start: Value, base: str) -> Value:
        """`sum(f(i) for i in …)` as the loop that it is."""
        total = ast.Name("<total>", ast.Store())
        step: ast.stmt = ast.AugAssign(total, ast.Add(), node.elt)
        for clause in reversed(node.generators):
            for test in reversed(clause.ifs):
                step = ast.If(test, [step], [])
            step = ast.For(clause.target, clause.iter, [step], [], None)
        for part in ast.walk(step):
            if not hasattr(part, "lineno") and isinstance(part, (ast.stmt, ast.expr)):
                ast.copy_location(part, node)
        targets = [ast.Name("<total>", ast.Store()), *(c.target for c in node.generators)]
        with self.scope(ast.Tuple(targets, ast.Store())):
            key: Key = (self.frame.number, "<total>")
            self.state.set(key, start)
            self.stmt_For(step)  # type: ignore[arg-type]
            return self.state.get(key)


class _Scope:
    """Gives the names of a target a meaning of their own for a while."""

    def __init__(self, lowering: Comprehensions, target: ast.expr) -> None:
        self.lowering = lowering
        self.names = [n.id for n in ast.walk(target) if isinstance(n, ast.Name)]

    def __enter__(self) -> None:
        low = self.lowering
        self.locals = low.frame.locals
        number = low.frame.number
        self.saved = [low.state.get((number, name)) for name in self.names]
        low.frame.locals = low.frame.locals | frozenset(self.names)

    def __exit__(self, *error: object) -> None:
        low = self.lowering
        low.frame.locals = self.locals
        for name, value in zip(self.names, self.saved, strict=True):
            low.state.set((low.frame.number, name), value)
