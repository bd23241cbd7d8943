"""IR function -> text of a Python module."""

from __future__ import annotations

import ast
from functools import cache

from symdiff.passes.entries import order_entries
from symdiff.backend.expressions import Expressions
from symdiff.backend.fuse import Inlined, fuse
from symdiff.backend.helpers import AROUND
from symdiff.backend.layout import Text, lay_out
from symdiff.backend.liveness import Reads, live_ranges
from symdiff.backend.lower import lower
from symdiff.backend.naming import assign_names
from symdiff.backend.scope import Scope, scope_of
from symdiff.backend.statements import Statements
from symdiff.backend.undefined import given_none, used_vars
from symdiff.errors import Span
from symdiff.ir.core import External, Function, Var
from symdiff.records import dataclass
from symdiff.request import Target

__all__ = ["Emitted", "emit"]


@dataclass(frozen=True, slots=True)
class Emitted:
    """The text of a module with a function, and what is known about it."""

    source: str
    lines: dict[int, Span]  # line of `source` -> the user's span
    name: str
    externals: tuple[External, ...]
    helpers: tuple[str, ...]


def emit(function: Function, target: Target = "python", single: bool = False) -> Emitted:
    """Print a function that the in-place pass has seen, after those that it invokes.

    With `single` each value gets a name of its own.
    """
    scope = scope_of(function, target)
    texts = [_text(f, scope.functions[f.name], scope, False) for f in function.functions]
    texts.append(_text(function, function.name, scope, single))
    source = _preamble(scope)
    lines: dict[int, Span] = {}
    parts = (*function.functions, function)
    mixed = any(part.infinite for part in parts)  # Numba asks callers of who says nothing
    for part, text in zip(parts, texts, strict=True):
        if not part.around:
            errors = "numpy" if part.infinite else "python" if mixed else ""
            source += scope.decorators(not part.in_range, errors)
        lines.update((len(source) + line, span) for line, span in text.spans.items())
        source += [*text.lines, "", ""]
    return Emitted(
        source="\n".join(source[:-1]),
        lines=lines,
        name=function.name,
        externals=tuple(e for e in function.externals if e.name in scope.globals),
        helpers=tuple(sorted(scope.helpers)),
    )


def _text(function: Function, name: str, scope: Scope, single: bool) -> Text:
    params = tuple(p.var for p in function.params)
    body = lower(order_entries(function))
    inlined = fuse(body)
    ranges = live_ranges(body, params, _readers(inlined))
    names = assign_names(ranges, params, scope.reserved(), single)
    expressions = Expressions(names, inlined, scope)
    used = used_vars(body, inlined)
    nothing = given_none(body, names, inlined)
    printed = Statements(expressions, used, nothing).function(body)
    if not printed.body:
        printed.body = [ast.Pass()]
    if function.contexts:
        items = [ast.withitem(expressions.equation(c)) for c in function.contexts]
        printed.body = [ast.With(items, printed.body)]
    header = _arguments(function, expressions)
    return lay_out(header, name, function.doc, printed, function.span.file)


def _readers(inlined: Inlined) -> Reads:
    """The values whose names are read where a value is printed."""

    @cache
    def reads(var: Var) -> list[Var]:
        equation = inlined.get(var)
        if equation is None:
            return [var]
        return [v for a in equation.args if isinstance(a, Var) for v in reads(a)]

    return reads


def _preamble(scope: Scope) -> list[str]:
    """Imports and helpers."""
    lines = []
    for module, alias in sorted(scope.modules.items()):
        lines.append(f"import {module}" + (f" as {alias}" if alias != module else ""))
    for helper in sorted(scope.helpers):
        entry = scope.helper(helper)
        text = entry.text.format(
            **{m.rpartition(".")[2]: scope.alias(m) for m in entry.modules}
        )
        errors = "python" if entry.raises else ""
        decorators = [] if helper in AROUND else scope.decorators(errors=errors)
        lines += ["", "", *decorators, *text.rstrip("\n").split("\n")]
    return [*lines, "", ""] if lines else []


def _arguments(function: Function, expressions: Expressions) -> ast.arguments:
    header = ast.arguments([], [], None, [], [], None, [])
    for param in function.params:
        arg = ast.arg(expressions.names[param.var])
        default = None if param.default is None else expressions.atom(param.default)
        if param.form == "*":
            header.vararg = arg
        elif param.form == "**":
            header.kwarg = arg
        elif param.form == "kw":
            header.kwonlyargs.append(arg)
            header.kw_defaults.append(default)
        else:
            (header.posonlyargs if param.form == "/" else header.args).append(arg)
            if default is not None:
                header.defaults.append(default)
    return header
