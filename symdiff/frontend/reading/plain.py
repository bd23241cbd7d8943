"""Statements that stand for others."""

from __future__ import annotations

import ast
import copy
import functools
from typing import TypeVar

from symdiff.frontend.reading.patterns import branches
from symdiff.frontend.reading.scopes import always_exits, blocks_of

__all__ = [
    "Done", "binds", "leaves_round", "leaving_loop", "plain", "without_continue"
]  # fmt: skip

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


@functools.lru_cache(256)
def without_continue(loop: ast.For) -> tuple[list[ast.stmt], bool]:
    """The body of a loop with branches for `continue`, and whether none is left."""
    body = _structured(loop.body)
    return body, not any(map(_continues, body))


def _structured(statements: list[ast.stmt]) -> list[ast.stmt]:
    for number, statement in enumerate(statements):
        if isinstance(statement, ast.Continue):
            return statements[:number]
        if isinstance(statement, ast.If) and _continues(statement):
            rest = statements[number + 1 :]
            sides = (statement.body, statement.orelse)
            if rest and not any(map(always_exits, sides)):
                return statements
            body, orelse = (
                _structured(side if always_exits(side) else [*side, *rest])
                for side in sides
            )
            nothing = ast.copy_location(ast.Pass(), statement)
            made = ast.If(statement.test, body or [nothing], orelse)
            return [*statements[:number], ast.copy_location(made, statement)]
    return statements


def leaves_round(statement: ast.stmt) -> bool:
    """Whether the statement may end a round of the loop around it."""
    if isinstance(statement, (ast.Break, ast.Continue)):
        return True
    if isinstance(statement, (ast.For, ast.While)):
        return any(map(leaves_round, statement.orelse))
    return any(leaves_round(inner) for block in blocks_of(statement) for inner in block)


def _continues(statement: ast.stmt) -> bool:
    """Whether the statement may go on with the next round of the loop around it."""
    if isinstance(statement, ast.Continue):
        return True
    if isinstance(statement, (ast.For, ast.While)):
        return any(map(_continues, statement.orelse))
    return any(_continues(inner) for block in blocks_of(statement) for inner in block)
