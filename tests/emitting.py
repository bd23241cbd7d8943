"""Short spelling for equations, and checks on the text that is made of them."""

from __future__ import annotations

import ast
from typing import Any

from symdiff.backend.emit import emit
from symdiff.errors import Span
from symdiff.ir.core import (
    UNDEF, Atom, Const, Equation, Function, Global, Index, Node, Parameter, SliceItem,
    Tree, Var,
)  # fmt: skip
from symdiff.ir.kinds import FLOAT, Array, Kind

ARRAY = Array("float64", (5,))
AT = Index(("at",))
ALL = Index((SliceItem(),))


class Code:
    """Values by name, and equations with short spelling."""

    def __init__(self) -> None:
        self.count = 0

    def var(self, base: str, kind: Kind = FLOAT, role: str = "") -> Var:
        self.count += 1
        return Var(base, role, self.count, kind)

    def __call__(
        self,
        target: str | Var,
        op: str,
        *args: Any,
        params: Any = None,
        line: int = 0,
        kind: Kind = FLOAT,
        file: str = "model.py",
    ) -> Equation:
        if isinstance(target, str):
            base, _, role = target.partition("_")
            target = self.var(base, kind, role)
        span = Span(file, line, 0, line, 9) if line else None
        return Equation(target, op, tuple(map(atom, args)), params, span)


def atom(value: Any) -> Atom:
    if isinstance(value, Equation):
        return value.target
    if isinstance(value, (Var, Const, Global)) or value is UNDEF:
        return value
    return Const(value)


def function(
    params: tuple[Any, ...], body: tuple[Node, ...], returns: Any, **more: Any
) -> Function:
    def tree(value: Any) -> Tree:
        return tuple(map(tree, value)) if isinstance(value, tuple) else atom(value)

    given = tuple(p if isinstance(p, Parameter) else Parameter(p) for p in params)
    return Function("f", given, body, tree(returns), Span("model.py", 1, 0, 9, 0), **more)


def shown(made: Function) -> str:
    """The text of the function without imports, which must be right Python."""
    emitted = emit(made)
    ast.parse(emitted.source)
    assert emitted.source == emit(made).source
    assert all(len(line) <= 88 for line in emitted.source.splitlines())
    return emitted.source[emitted.source.index("def ") :]


def dedent(expected: str) -> str:
    lines = expected.strip("\n").split("\n")
    margin = len(lines[0]) - len(lines[0].lstrip())
    return "\n".join(line[margin:] for line in lines).rstrip() + "\n"


def check(made: Function, expected: str) -> None:
    assert shown(made) == dedent(expected)


def run(made: Function, *args: Any, **names: Any) -> Any:
    namespace = dict(names)
    exec(emit(made).source, namespace)
    return namespace["f"](*args)
