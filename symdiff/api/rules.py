"""Declaring derivatives of functions, and looking rules up."""

from __future__ import annotations

import ast
import inspect
import math
import types
from collections.abc import Callable
from typing import Any

from symdiff.declared import REGISTRY, Declared, Parameters, called
from symdiff.errors import Diagnostic, DifferentiationError

__all__ = ["declare", "declare_constant"]

# Beside the functions of `math` and NumPy.
_OWN = frozenset(("sign", "abs", "digamma", "trigamma"))
_NODES = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.USub, ast.Constant, ast.Name, ast.Load,
    ast.Call, ast.IfExp, ast.Compare, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv,
    ast.Mod, ast.Pow, ast.cmpop,
)  # fmt: skip


def declare(
    function: Any,
    partials: tuple[str | None, ...],
    *,
    vjp: Callable[..., Any] | None,
    jvp: Callable[..., Any] | None,
    sympy: Any,
    args: str | None,
    returns: str | None,
) -> None:
    """See `symdiff.rule`."""
    _check_callable(function)
    name = _name(function)
    forms = [bool(partials), vjp is not None or jvp is not None, sympy is not None]
    if sum(forms) != 1:
        what = "no derivative" if not any(forms) else "its derivative in two ways"
        help = "give partials, or vjp and jvp, or sympy"
        raise _refusal(f"the rule of `{name}` says {what}", help)
    parameters = _parameters(function, args, len(partials))
    declared = Declared(
        name,
        parameters,
        _checked_partials(name, parameters, partials) if partials else None,
        None if sympy is None else _checked_expression(name, parameters, sympy),
        vjp,
        jvp,
        returns=_checked_kind(name, parameters, returns),
    )
    for form, first in (("vjp", "out_bar"), ("jvp", "dots")):
        given = getattr(declared, form)
        if given is not None:
            _check_function(name, parameters, form, first, given)
    REGISTRY.put(function, declared)


def declare_constant(function: Any) -> None:
    """See `symdiff.nondifferentiable`."""
    _check_callable(function)
    parameters = _parameters(function, None, 0)
    REGISTRY.put(function, Declared(_name(function), parameters, zero=True))


def _refusal(message: str, help: str | None = None) -> DifferentiationError:
    return DifferentiationError(Diagnostic(message, help=help))


def _check_callable(function: Any) -> None:
    if not callable(function):
        text = f"a rule is declared for a function, not for {function!r}"
        raise _refusal(text, "symdiff.rule(f, ...) or @symdiff.rule(...)")
    if isinstance(function, types.MethodType):
        text = f"`{function.__qualname__}` is a bound method"
        raise _refusal(text, "declare the rule for the function in its class")
    from symdiff.frontend.reading.library import operation

    op = operation(function)
    if op is not None:
        from symdiff.rules import rule_for

        if rule_for(op) is not None:
            text = f"`{op}` has a rule already"
            raise _refusal(text, "write a function that calls it, and declare that one's")


def _name(function: Any) -> str:
    return called(function, "function")


def _parameters(function: Any, names: str | None, count: int) -> Parameters:
    """The names of a function's parameters: its own, or those given."""
    if names is not None and isinstance(function, types.FunctionType):
        text = f"`{function.__name__}` names its parameters itself"
        raise _refusal(text, "leave `args` out: it is for compiled functions")
    if names is not None:
        listed = tuple(names.replace(",", " ").split())
        if not all(map(str.isidentifier, listed)) or len(set(listed)) < len(listed):
            raise _refusal(f"args={names!r} is no list of names", 'write args="x, y"')
        return Parameters(listed)
    ufunc = getattr(function, "nin", None)
    if isinstance(ufunc, int):
        own = [f"x{k}" for k in range(1, ufunc + 1)] if ufunc > 1 else ["x"]
        return Parameters(tuple(own))
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        if count == 1:
            return Parameters(("x",))
        text = f"the parameters of `{_name(function)}` are not known"
        raise _refusal(text, 'name them: symdiff.rule(f, ..., args="x, y")') from None
    if any(p.kind is p.VAR_KEYWORD for p in found):
        text = f"`{_name(function)}` takes any keyword"
        raise _refusal(text, "declare the rule for a function that names its parameters")
    places = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return Parameters(
        tuple(p.name for p in found if p.kind in places),
        tuple(p.name for p in found if p.kind is p.KEYWORD_ONLY),
        any(p.kind is p.VAR_POSITIONAL for p in found),
    )


# -- what was given -------------------------------------------------------------------


def _checked_partials(
    name: str, parameters: Parameters, partials: tuple[str | None, ...]
) -> tuple[str | None, ...]:
    """The partials, each of which must be an expression in known names."""
    names, keywords, rest = parameters
    if rest:
        text = f"`{name}` takes any number of arguments"
        raise _refusal(text, "declare its vjp and jvp instead of partials")
    if len(partials) != len(names):
        count = f"{len(names)} parameter{'' if len(names) == 1 else 's'}"
        given = f"{len(partials)} partial{'' if len(partials) == 1 else 's'}"
        listed = f": {', '.join(names)}" if names else ""
        text = f"the rule of `{name}` has {given}, and `{name}` has {count}{listed}"
        raise _refusal(text, "give one for each; None where no derivative is known")
    if "out" in (*names, *keywords):
        text = f"a parameter of `{name}` is called `out`, as the result is"
        raise _refusal(text, "declare its vjp and jvp instead of partials")
    known = {*names, *keywords, "out", "pi"}
    for partial in partials:
        if partial is not None:
            _check_partial(name, partial, known)
    return partials


def _check_partial(name: str, partial: Any, known: set[str]) -> None:
    what = f"the rule of `{name}`: `{partial}`"
    if not isinstance(partial, str):
        raise _refusal(f"{what} is no text", 'write the partial in quotes: "2 * x"')
    try:
        tree = ast.parse(partial.strip(), mode="eval")
    except SyntaxError:
        raise _refusal(f"{what} is no expression") from None
    functions = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    listed = f"the names are those of parameters and `out`: {', '.join(sorted(known))}"
    for node in ast.walk(tree):
        if not isinstance(node, _NODES) or (isinstance(node, ast.Call) and node.keywords):
            shown = ast.unparse(node) if isinstance(node, ast.expr) else "an operator"
            help = "write it with + - * / // % **, comparisons, `a if c else b` and calls"
            raise _refusal(f"{what} holds `{shown}`, which is not understood", help)
        if isinstance(node, ast.Compare) and len(node.ops) > 1:
            raise _refusal(f"{what} compares more than two values at once")
        if isinstance(node, ast.Name) and id(node) in functions:
            if node.id != name and not _is_function(node.id):
                help = "it may call the functions of math and NumPy, and itself"
                raise _refusal(f"{what} calls `{node.id}`, which is not known", help)
        elif isinstance(node, ast.Name) and node.id not in known:
            raise _refusal(f"{what} names `{node.id}`, which is not known", listed)


def _is_function(name: str) -> bool:
    if name in _OWN or callable(getattr(math, name, None)):
        return True
    import numpy

    return callable(getattr(numpy, name, None))


def _checked_expression(name: str, parameters: Parameters, expression: Any) -> str:
    """The text of an expression of SymPy; SymPy reads it when it is needed."""
    text = str(expression)
    what = f"the rule of `{name}`: `{text}`"
    if parameters.rest:
        raise _refusal(f"`{name}` takes any number of arguments", "declare its vjp and jvp")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError:
        raise _refusal(f"{what} is no expression") from None
    functions = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    known = {*parameters.names, *parameters.keywords}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and id(node) not in functions:
            if node.id not in known | {"pi", "E", "True", "False"}:
                listed = f"its parameters are {', '.join(sorted(known))}"
                raise _refusal(f"{what} names `{node.id}`, which is not known", listed)
    return text


def _checked_kind(name: str, parameters: Parameters, returns: Any) -> str | None:
    """What is said of the result, which must be understood."""
    if returns is None or returns in parameters.names:
        return None if returns is None else str(returns)
    from symdiff.signature import parse_types

    returns = getattr(returns, "__name__", returns)
    try:
        kinds = parse_types(str(returns), tuple(f"r{k}" for k in range(20)))
    except ValueError as error:
        raise _refusal(f"the rule of `{name}`: returns={returns!r}: {error}") from None
    if not kinds:
        raise _refusal(f"the rule of `{name}`: returns={returns!r} says nothing")
    return str(returns)


def _check_function(
    name: str, parameters: Parameters, form: str, first: str, function: Any
) -> None:
    """Refuse a function that cannot be called as the generated code does, or that
    surely returns something else."""
    listed = [first, "out", *parameters.names, *(["*args"] if parameters.rest else [])]
    listed += [f"{k}={k}" for k in parameters.keywords]
    call = f"{form}({', '.join(listed)})"
    if not callable(function):
        raise _refusal(f"the {form} of `{name}` is no function", f"it is called as {call}")
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return
    given = [None] * (2 + len(parameters.names))
    try:
        signature.bind(*given, **dict.fromkeys(parameters.keywords))
    except TypeError as error:
        text = f"the {form} of `{name}` cannot be called: {error}"
        raise _refusal(text, f"it is called as {call}") from None
    if form == "vjp" and isinstance(function, types.FunctionType) and not parameters.rest:
        _check_returns(name, parameters, function)


def _check_returns(name: str, parameters: Parameters, function: types.FunctionType) -> None:
    """Refuse what is clearly no tuple with one adjoint for each parameter."""
    from symdiff.frontend.reading.scopes import own_nodes
    from symdiff.frontend.reading.source import source_of

    try:
        source = source_of(function)
    except DifferentiationError:
        return
    node = source.node
    if isinstance(node, ast.Lambda):
        returned = [node.body]
    else:
        found = own_nodes(*node.body)
        returned = [n.value for n in found if isinstance(n, ast.Return) and n.value]
    count = len(parameters.names)
    for value in returned:
        if isinstance(value, (ast.BinOp, ast.UnaryOp, ast.Constant, ast.Compare)):
            length = "no tuple"
        elif isinstance(value, ast.Tuple) and len(value.elts) != count:
            if any(isinstance(item, ast.Starred) for item in value.elts):
                continue
            length = f"a tuple of {len(value.elts)}"
        else:
            continue
        many = f"{count} parameter{'' if count == 1 else 's'}"
        text = f"the vjp of `{name}` returns {length}, and `{name}` has {many}"
        comma = "," if count == 1 else ""
        listed = ", ".join(f"{p}_bar" for p in parameters.names)
        help = f"return a tuple with one for each: ({listed}{comma})"
        raise DifferentiationError(Diagnostic(text, source.span(value), help))
