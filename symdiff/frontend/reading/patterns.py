"""`match` as the branches that it stands for: from patterns to questions."""

from __future__ import annotations

import ast
from typing import Any, NamedTuple, TypeVar

__all__ = ["Bound", "HasItems", "HasKeys", "IsInstance", "Positional", "branches"]

_Node = TypeVar("_Node", bound=ast.AST)


class Question(ast.expr):
    """An expression that Python has no syntax for."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)


class HasItems(Question):
    """Whether `value` is a sequence of `count` items (with `more`: or of more)."""

    _fields = ("value", "count", "more")
    value: ast.expr
    count: int
    more: bool


class HasKeys(Question):
    """Whether `value` is a mapping that has these keys."""

    _fields = ("value", "keys")
    value: ast.expr
    keys: list[ast.expr]


class IsInstance(Question):
    """`isinstance(value, cls)`."""

    _fields = ("value", "cls")
    value: ast.expr
    cls: ast.expr


class Positional(Question):
    """What the positional sub-pattern number `place` of a class pattern is tried on."""

    _fields = ("value", "cls", "place")
    value: ast.expr
    cls: ast.expr
    place: int


class Bound(Question):
    """Bind the captures of a pattern that fits, then ask for its guard."""

    _fields = ("captures", "guard")
    captures: list[ast.expr]
    guard: ast.expr


class Test(NamedTuple):
    """What a pattern asks, all of which must be true, and what it then binds."""

    asked: list[ast.expr]
    captures: list[tuple[ast.AST, str, ast.expr]]


# -- from patterns to questions ---------------------------------------------------------


def branches(node: ast.Match, name: str) -> list[ast.stmt]:
    """What binds the subject of a `match` to a name, and the `if` of its cases."""
    subject = node.subject
    rest: list[ast.stmt] = []
    for case in reversed(node.cases):
        rest = _branch(case, ast.Name(name, ast.Load()), rest, node)
    return [_at(ast.Assign([ast.Name(name, ast.Store())], subject), subject), *rest]


def _branch(
    case: ast.match_case, subject: ast.expr, rest: list[ast.stmt], node: ast.Match
) -> list[ast.stmt]:
    pattern = case.pattern
    asked, captures = _test(pattern, _at(subject, node.subject))
    body = case.body
    if case.guard is None:
        body = [*(_binding(*c) for c in captures), *body]
    elif captures:
        bound = [_at(ast.NamedExpr(ast.Name(n, ast.Store()), v), p) for p, n, v in captures]
        asked.append(_at(Bound(captures=bound, guard=case.guard), case.guard))
    else:
        asked.append(case.guard)
    return [_at(ast.If(_all(asked, pattern), body, rest), pattern)]


def _binding(place: ast.AST, name: str, value: ast.expr) -> ast.stmt:
    return _at(ast.Assign([ast.Name(name, ast.Store())], value), place)


def _all(asked: list[ast.expr], place: ast.AST) -> ast.expr:
    if len(asked) == 1:
        return asked[0]
    return _at(ast.BoolOp(ast.And(), asked) if asked else ast.Constant(True), place)


def _at(node: _Node, place: ast.AST) -> _Node:
    """The node, with the place of another one for itself and what is new in it."""
    for part in ast.walk(node):
        if isinstance(part, (ast.expr, ast.stmt)) and not hasattr(part, "lineno"):
            ast.copy_location(part, place)
    return node


def _test(pattern: ast.pattern, subject: ast.expr) -> Test:
    if isinstance(pattern, ast.MatchValue):
        return Test([_at(_compare(subject, ast.Eq(), pattern.value), pattern)], [])
    if isinstance(pattern, ast.MatchSingleton):
        value = ast.Constant(pattern.value)
        return Test([_at(_compare(subject, ast.Is(), value), pattern)], [])
    if isinstance(pattern, ast.MatchAs):
        inner = Test([], []) if pattern.pattern is None else _test(pattern.pattern, subject)
        own = [] if pattern.name is None else [(pattern, pattern.name, subject)]
        return Test(inner.asked, [*inner.captures, *own])
    if isinstance(pattern, ast.MatchOr):
        return _either(pattern, subject)
    if isinstance(pattern, ast.MatchSequence):
        return _sequence(pattern, subject)
    if isinstance(pattern, ast.MatchClass):
        return _class(pattern, subject)
    assert isinstance(pattern, ast.MatchMapping)
    return _mapping(pattern, subject)


def _compare(left: ast.expr, op: ast.cmpop, right: ast.expr) -> ast.Compare:
    return ast.Compare(left, [op], [right])


def _either(pattern: ast.MatchOr, subject: ast.expr) -> Test:
    """`a | b`: each name is bound by the first alternative that fits."""
    tests = [_test(p, subject) for p in pattern.patterns]
    asked = [_all(test.asked, pattern) for test in tests]
    captures = []
    for place, name, value in tests[-1].captures:
        for test, condition in reversed(list(zip(tests[:-1], asked, strict=False))):
            own = next(v for _, n, v in test.captures if n == name)
            value = _at(ast.IfExp(condition, own, value), pattern)
        captures.append((place, name, value))
    return Test([_at(ast.BoolOp(ast.Or(), asked), pattern)], captures)


def _sequence(pattern: ast.MatchSequence, subject: ast.expr) -> Test:
    parts = pattern.patterns
    star = next((k for k, p in enumerate(parts) if isinstance(p, ast.MatchStar)), None)
    count = len(parts) - (star is not None)
    has = HasItems(value=subject, count=count, more=star is not None)
    test = Test([_at(has, pattern)], [])
    for k, part in enumerate(parts):
        if isinstance(part, ast.MatchStar):
            if part.name is not None:
                last = k + 1 - len(parts)
                upper = ast.Constant(last) if last else None
                cut = ast.Slice(ast.Constant(k) if k else None, upper)
                middle = ast.Starred(ast.Subscript(subject, cut, ast.Load()), ast.Load())
                value = _at(ast.List([middle], ast.Load()), part)
                test.captures.append((part, part.name, value))
            continue
        place = k if star is None or k < star else k - len(parts)
        item = ast.Subscript(subject, ast.Constant(place), ast.Load())
        _extend(test, _test(part, _at(item, part)))
    return test


def _class(pattern: ast.MatchClass, subject: ast.expr) -> Test:
    test = Test([_at(IsInstance(value=subject, cls=pattern.cls), pattern)], [])
    for place, part in enumerate(pattern.patterns):
        item = Positional(value=subject, cls=pattern.cls, place=place)
        _extend(test, _test(part, _at(item, part)))
    for name, part in zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True):
        attribute = ast.Attribute(subject, name, ast.Load())
        _extend(test, _test(part, _at(attribute, part)))
    return test


def _mapping(pattern: ast.MatchMapping, subject: ast.expr) -> Test:
    keys = list(pattern.keys)
    test = Test([_at(HasKeys(value=subject, keys=keys), pattern)], [])
    for key, part in zip(keys, pattern.patterns, strict=True):
        item = ast.Subscript(subject, key, ast.Load())
        _extend(test, _test(part, _at(item, part)))
    if pattern.rest is not None:
        pairs = ast.Call(ast.Attribute(subject, "items", ast.Load()), [], [])
        names: list[ast.expr] = [ast.Name(f"<{n}>", ast.Store()) for n in ("key", "value")]
        shown = [ast.Name(f"<{n}>", ast.Load()) for n in ("key", "value")]
        other = ast.Compare(shown[0], [ast.NotIn()], [ast.Tuple(keys, ast.Load())])
        clause = ast.comprehension(ast.Tuple(names, ast.Store()), pairs, [other], 0)
        rest = ast.DictComp(shown[0], shown[1], [clause])
        test.captures.append((pattern, pattern.rest, _at(rest, pattern)))
    return test


def _extend(test: Test, more: Test) -> None:
    test.asked.extend(more.asked)
    test.captures.extend(more.captures)
