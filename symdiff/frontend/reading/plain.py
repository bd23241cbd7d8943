"""Statements that stand for others."""

from __future__ import annotations

import ast
import copy
import functools
from typing import TypeVar

from symdiff.frontend.reading.patterns import branches
from symdiff.frontend.reading.scopes import always_exits, blocks_of

__all__ = [
    "Done", "Exchange", "binds", "leaves_round", "leaving_loop", "plain",
    "without_continue",
]  # fmt: skip

_Function = TypeVar("_Function", ast.FunctionDef, ast.Lambda)


@functools.lru_cache(256)
def plain(function: _Function) -> _Function:
    """The function with `if` for `match`, and with items that change places by way of a
    name changing them at once; itself where there are none."""
    if not any(isinstance(n, ast.Match) or _exchanges(n) for n in ast.walk(function)):
        return function
    written: _Function = _Writer().visit(copy.deepcopy(function))
    return written


class Exchange(ast.Assign):
    """`a[i], a[j] = a[j], t` where `t` is `a[i]`."""


class _Writer(ast.NodeTransformer):
    def __init__(self) -> None:
        self.matches = 0

    def visit_Match(self, node: ast.Match) -> list[ast.stmt]:
        self.matches += 1
        statements: list[ast.stmt] = []
        for statement in branches(node, f"<match{self.matches}>"):
            statements.append(self.visit(statement))
        return statements

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for block in _blocks(node):
            for place in range(len(block) - 3, -1, -1):
                if _exchange_at(block, place):
                    changes = block[place + 1 : place + 3]
                    block[place + 1 : place + 3] = [_exchange(*changes)]  # type: ignore[arg-type]
        return node


def _blocks(node: ast.AST) -> list[list[ast.stmt]]:
    found = (getattr(node, name, None) for name in ("body", "orelse", "finalbody"))
    return [block for block in found if isinstance(block, list)]


def _exchanges(node: ast.AST) -> bool:
    return any(
        _exchange_at(block, place)
        for block in _blocks(node)
        for place in range(len(block) - 2)
    )


def _exchange_at(block: list[ast.stmt], place: int) -> bool:
    """Whether `t = a[i]`, `a[i] = a[j]`, `a[j] = t` begins at a place of a block."""
    parts: list[tuple[ast.expr, ast.expr]] = []
    for statement in block[place : place + 3]:
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            return False
        parts.append((statement.targets[0], statement.value))
    (t, first), (to, second), (back, last) = parts
    if not isinstance(t, ast.Name) or not (_is_plain_item(to) and _is_plain_item(back)):
        return False
    names = {n.id for n in ast.walk(ast.Tuple([to, back])) if isinstance(n, ast.Name)}
    alike = [(first, to), (second, back), (last, t)]
    return t.id not in names and all(ast.unparse(a) == ast.unparse(b) for a, b in alike)


def _is_plain_item(node: ast.expr) -> bool:
    """Whether it is an item by an index that the assignment of another one leaves as
    it is."""
    if not isinstance(node, ast.Subscript):
        return False
    owner = node.value
    while isinstance(owner, ast.Attribute):
        owner = owner.value
    plain = (ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop)
    parts = ast.walk(node.slice)
    return isinstance(owner, ast.Name) and all(
        isinstance(part, (*plain, ast.expr_context)) for part in parts
    )


def _exchange(first: ast.Assign, second: ast.Assign) -> Exchange:
    targets = ast.Tuple([*first.targets, *second.targets], ast.Store())
    values = ast.Tuple([first.value, second.value], ast.Load())
    targets, values = (ast.copy_location(made, first) for made in (targets, values))
    return ast.copy_location(Exchange([targets], values), first)


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
