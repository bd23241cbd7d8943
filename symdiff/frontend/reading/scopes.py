"""Static facts about names and exits in a function's text."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator

__all__ = [
    "always_exits",
    "assigned_names",
    "is_generator",
    "may_exit",
    "stored_names",
    "yields",
]

_APART = frozenset({ast.Lambda, ast.AsyncFunctionDef, ast.ClassDef})
_MARKS = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop)
Scope = ast.FunctionDef | ast.Lambda | ast.AsyncFunctionDef | ast.ClassDef


def own_nodes(*roots: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a scope, without those of functions inside it, and without the
    marks (`Load()`, `Add()`) that hang on nodes."""
    todo = list(roots)
    while todo:
        node = todo.pop()
        yield node
        cls = type(node)
        if cls is ast.Name or cls is ast.Constant:
            continue
        if isinstance(node, ast.FunctionDef):
            todo.extend(node.decorator_list + node.args.defaults)
        elif cls not in _APART:
            for name in cls._fields:
                value = getattr(node, name, None)
                if type(value) is list:
                    todo.extend([v for v in value if isinstance(v, ast.AST)])
                elif isinstance(value, ast.AST) and not isinstance(value, _MARKS):
                    todo.append(value)


@functools.lru_cache(1024)
def assigned_names(function: ast.FunctionDef | ast.Lambda) -> frozenset[str]:
    """The local names of a function: parameters and whatever it assigns."""
    args = function.args
    every = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
    names = {a.arg for a in every if a is not None}
    outside: set[str] = set()
    body = function.body if isinstance(function, ast.FunctionDef) else [function.body]
    for node in own_nodes(*body):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
            names.add(node.id)
        elif isinstance(node, ast.ExceptHandler) and node.name is not None:
            names.add(node.name)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            outside.update(node.names)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update(a.asname or a.name.partition(".")[0] for a in node.names)
    return frozenset(names - outside)


@functools.lru_cache(1024)
def is_generator(function: ast.FunctionDef | ast.Lambda) -> bool:
    """Whether calling the function makes a generator."""
    return isinstance(function, ast.FunctionDef) and any(map(yields, function.body))


@functools.lru_cache(4096)
def yields(statement: ast.stmt) -> bool:
    """Whether a `yield` of this function is in the statement."""
    return any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in own_nodes(statement))


def stored_names(statements: list[ast.stmt]) -> list[str]:
    """The names that the statements may bind, sorted."""
    names: set[str] = set()
    for node in own_nodes(*statements):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return sorted(names)


def augmented_names(statement: ast.AST) -> set[str]:
    """The names that a statement binds by `x += ...` and its like alone."""
    nodes = list(own_nodes(statement))
    targets = [node.target for node in nodes if isinstance(node, ast.AugAssign)]
    bound = {
        node.id
        for node in nodes
        if isinstance(node, ast.Name)
        and isinstance(node.ctx, ast.Store)
        and not any(node is target for target in targets)
    }
    return {t.id for t in targets if isinstance(t, ast.Name)} - bound


def _exits(statement: ast.stmt) -> bool:
    return isinstance(statement, (ast.Return, ast.Raise, ast.Break, ast.Continue))


def may_exit(statement: ast.stmt) -> bool:
    """Whether control may leave the block through this statement."""
    if _exits(statement):
        return True
    if isinstance(statement, (ast.For, ast.While)):
        if any(isinstance(node, ast.Return) for node in own_nodes(statement)):
            return True
        return any(map(may_exit, statement.orelse))
    return any(may_exit(inner) for block in blocks_of(statement) for inner in block)


def blocks_of(statement: ast.stmt) -> list[list[ast.stmt]]:
    """The inner blocks of a statement that is no loop or definition."""
    if isinstance(statement, (ast.If, ast.With)):
        return [statement.body, getattr(statement, "orelse", [])]
    if isinstance(statement, ast.Try):
        handlers = [handler.body for handler in statement.handlers]
        return [statement.body, statement.orelse, statement.finalbody, *handlers]
    return []


def always_exits(statements: list[ast.stmt]) -> bool:
    """Whether control never reaches the end of these statements."""
    for statement in statements:
        if _exits(statement):
            return True
        if isinstance(statement, ast.If) and statement.orelse:
            if always_exits(statement.body) and always_exits(statement.orelse):
                return True
        if isinstance(statement, ast.With) and always_exits(statement.body):
            return True
        if isinstance(statement, ast.Try):
            body = always_exits(statement.body) or always_exits(statement.orelse)
            if body and all(always_exits(h.body) for h in statement.handlers):
                return True
    return False


@functools.lru_cache(256)
def changed_sets(function: ast.AST) -> frozenset[int]:
    """The ids of the sets in the text of a function, as `{a, b}`, that are bound to a name
    which then gets other items or another value, or to one that is bound to the same."""
    changed: set[str] = set()
    bound: list[tuple[str, ast.expr]] = []
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            changed.update((node.value.id,) if node.attr in _OF_SETS else ())
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            changed.add(node.target.id)
        elif isinstance(node, ast.Assign):
            bound += [p for t in node.targets for p in _bindings(t, node.value)]
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            bound += _bindings(node.target, node.value)
    names = [name for name, _ in bound]
    changed.update(name for name in names if names.count(name) > 1)
    same = [{name, v.id} for name, v in bound if isinstance(v, ast.Name)]
    for pair in same * len(same):
        changed.update(pair if not changed.isdisjoint(pair) else ())
    return frozenset(
        id(value) for name, value in bound if isinstance(value, ast.Set) and name in changed
    )


def _bindings(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """The names in a target, with what is written for each."""
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, ast.Tuple):
        for part, item in zip(target.elts, value.elts, strict=False):
            yield from _bindings(part, item)


_OF_SETS = frozenset(("add", "clear", "discard", "pop", "remove", "update"))
