"""Statements that stand for others, written out before anything is lowered."""

from __future__ import annotations

import ast
import copy
import functools
from typing import TypeVar

from symdiff.frontend.patterns import branches

__all__ = ["leaving_loop", "plain"]

_Function = TypeVar("_Function", ast.FunctionDef, ast.Lambda)


@functools.lru_cache(256)
def plain(function: _Function) -> _Function:
    """The function with `if` for `match`, and loops whose test binds no names; itself
    where there is nothing to write out."""
    if not any(isinstance(n, ast.Match) or _binding(n) for n in ast.walk(function)):
        return function
    written: _Function = _Writer().visit(copy.deepcopy(function))
    return written


def _binding(node: ast.AST) -> bool:
    """Whether it is a `while` whose test binds names: after the loop they hold what the
    last test bound, for which no round is run."""
    if not isinstance(node, ast.While) or node.orelse:
        return False
    return any(isinstance(part, ast.NamedExpr) for part in ast.walk(node.test))


class _Writer(ast.NodeTransformer):
    def __init__(self) -> None:
        self.matches = 0

    def visit_Match(self, node: ast.Match) -> list[ast.stmt]:
        self.matches += 1
        statements: list[ast.stmt] = []
        for statement in branches(node, f"<match{self.matches}>"):
            statements.append(self.visit(statement))
        return statements

    def visit_While(self, node: ast.While) -> ast.While:
        self.generic_visit(node)
        return leaving_loop(node) if _binding(node) else node


@functools.lru_cache(256)
def leaving_loop(node: ast.While) -> ast.While:
    """`while True` that is left where the test fails."""
    test = node.test
    done = ast.copy_location(ast.UnaryOp(ast.Not(), test), test)
    leave = ast.copy_location(ast.Break(), test)
    end = ast.copy_location(ast.If(done, [leave], []), test)
    always = ast.copy_location(ast.Constant(True), test)
    return ast.copy_location(ast.While(always, [end, *node.body], []), node)
