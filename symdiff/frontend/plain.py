"""Statements that stand for others."""

from __future__ import annotations

import ast
import copy
import functools
from typing import TypeVar

from symdiff.frontend.patterns import branches

__all__ = ["Done", "binds", "leaving_loop", "plain"]

_Function = TypeVar("_Function", ast.FunctionDef, ast.Lambda)


@functools.lru_cache(256)
def plain(function: _Function) -> _Function:
    """The function with `if` for `match`; itself where there is none."""
    if not any(isinstance(n, ast.Match) for n in ast.walk(function)):
        return function
    written: _Function = _Writer().visit(copy.deepcopy(function))
    return written


class _Writer(ast.NodeTransformer):
    def __init__(self) -> None:
        self.matches = 0

    def visit_Match(self, node: ast.Match) -> list[ast.stmt]:
        self.matches += 1
        statements: list[ast.stmt] = []
        for statement in branches(node, f"<match{self.matches}>"):
            statements.append(self.visit(statement))
        return statements


class Done(ast.Break):
    """Leaves a loop whose test fails: its `else` runs."""


def binds(test: ast.expr) -> bool:
    """Whether a test binds names: after the loop they hold what the last test bound, for
    which no round is run."""
    return any(isinstance(part, ast.NamedExpr) for part in ast.walk(test))


@functools.lru_cache(256)
def leaving_loop(node: ast.While) -> ast.While:
    """`while True` that is left where the test fails."""
    test = node.test
    done = ast.copy_location(ast.UnaryOp(ast.Not(), test), test)
    end = ast.copy_location(ast.If(done, [ast.copy_location(Done(), test)], []), test)
    always = ast.copy_location(ast.Constant(True), test)
    return ast.copy_location(ast.While(always, [end, *node.body], node.orelse), node)
