"""Plain functions that call what is no plain function: partial objects, bound methods,
objects with `__call__`, functions behind `functools.cache` or a decorator."""

from __future__ import annotations

import builtins
import functools
import inspect
import linecache
import types
from collections.abc import Callable, Iterable
from typing import Any

from symdiff.derivation import derivation_of, note_derivation
from symdiff.frontend.reading.distributions import is_frozen
from symdiff.frontend.reading.library import is_ufunc, operation, wrapped_in

__all__ = [
    "caller_of", "caller_with", "is_operation", "required_by",
    "takes_any_number",
]  # fmt: skip

_CALLER = "__symdiff_caller__"
_STAR = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS


def caller_of(thing: Any) -> types.FunctionType | None:
    """A plain function with the parameters of a callable that calls it; None where it is
    a plain function itself, or nothing whose code could be followed."""
    if is_operation(thing) or is_frozen(getattr(thing, "__self__", None)):
        return _caller(thing, _parameters(thing))
    if not _is_followed(thing):
        return None
    derivation = derivation_of(thing)
    if derivation is not None and _CALLER in vars(thing):
        kept: types.FunctionType = vars(thing)[_CALLER]  # with what was generated for it
        return kept
    try:
        parameters = _own_parameters(thing, follow_wrapped=True)
    except ValueError:  # of something compiled
        return None
    if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters):
        return None if derivation is None else _caller(thing, parameters)
    caller = _caller(thing, parameters)
    if derivation is not None:
        note_derivation(caller, derivation)
        vars(thing)[_CALLER] = caller
    return caller


def is_operation(thing: Any) -> bool:
    """Whether it is a function of a library that the frontend knows, perhaps with some
    arguments given."""
    while isinstance(thing, functools.partial):
        thing = thing.func
    if not callable(thing) or isinstance(thing, type):
        return False
    if is_ufunc(getattr(thing, "__self__", None)):  # `np.add.reduce`
        thing = thing.__self__
    op = operation(thing)
    if op is None:
        return False
    module, _, name = op.partition(".")
    if module == "builtins":
        return name in _OF_NUMBERS
    return module in ("numpy", "scipy", "math", "operator")


# The builtins that compute.
_OF_NUMBERS = frozenset("abs divmod max min pow round sum".split())


def _parameters(thing: Any) -> list[inspect.Parameter]:
    """Those that a function of a library must be given, and whatever else it is given."""
    kind = inspect.Parameter.POSITIONAL_ONLY
    if is_ufunc(thing):
        return [inspect.Parameter(f"x{k}", kind) for k in range(thing.nin)]
    try:
        parameters = list(inspect.signature(thing).parameters.values())
    except ValueError:
        parameters = []
    required = [
        inspect.Parameter(p.name, kind)
        for p in parameters
        if p.default is p.empty and p.kind in (kind, p.POSITIONAL_OR_KEYWORD)
    ] or [inspect.Parameter("x", kind)]
    if parameters and len(parameters) == len(required):
        return required
    names = {p.name for p in required}
    rest, others = (_unlike(name, names) for name in ("rest", "others"))
    return [
        *required,
        inspect.Parameter(rest, inspect.Parameter.VAR_POSITIONAL),
        inspect.Parameter(others, inspect.Parameter.VAR_KEYWORD),
    ]


def _own_parameters(thing: Any, follow_wrapped: bool = False) -> list[inspect.Parameter]:
    if is_operation(thing):
        return _parameters(thing)
    inner = getattr(thing, "__wrapped__", None)
    if derivation_of(thing) is not None and is_operation(inner):
        return _parameters(inner)
    signature = inspect.signature(thing, follow_wrapped=follow_wrapped)
    return list(signature.parameters.values())


def required_by(operation: Any) -> int:
    """How many arguments a function of a library must be given."""
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return sum(p.kind not in kinds for p in _parameters(operation))


def _unlike(name: str, others: Iterable[str]) -> str:
    return _unlike(f"{name}_", others) if name in others else name


def takes_any_number(function: types.FunctionType) -> bool:
    return bool(function.__code__.co_flags & _STAR)


def caller_with(
    function: Callable[..., Any], count: int, names: Iterable[str]
) -> types.FunctionType:
    """A function that calls one with `*args` or `**kwargs`, and itself has a parameter
    for each of the arguments: `count` by position, and those with these names."""
    parameters: list[inspect.Parameter] = []
    for parameter in _own_parameters(function):
        if parameter.kind is parameter.VAR_POSITIONAL:
            for k in range(count - len(parameters)):
                name = f"{parameter.name}_{k}"
                kind = parameter.POSITIONAL_ONLY
                parameters = [p.replace(kind=kind) for p in parameters]
                parameters.append(inspect.Parameter(name, kind))
        elif parameter.kind is parameter.VAR_KEYWORD:
            known = {p.name for p in parameters}
            parameters += [
                inspect.Parameter(name, parameter.KEYWORD_ONLY)
                for name in names
                if name not in known
            ]
        else:
            parameters.append(parameter)
    return _caller(function, parameters)


# How a parameter is handed on that is not simply given by its place.
_FORMS: dict[Any, str] = {
    inspect.Parameter.KEYWORD_ONLY: "{0}={0}",
    inspect.Parameter.VAR_POSITIONAL: "*{0}",
    inspect.Parameter.VAR_KEYWORD: "**{0}",
}


def _caller(thing: Any, parameters: list[inspect.Parameter]) -> types.FunctionType:
    """A function with these parameters that calls the thing with them."""
    name = _name_of(thing)
    held = _unlike("function", {p.name for p in parameters})
    given = [_FORMS.get(p.kind, "{0}").format(p.name) for p in parameters]
    bare = [p.replace(default=p.empty, annotation=p.empty) for p in parameters]
    text = (
        f"def make({held}):\n"
        f"    def {name}{inspect.Signature(bare)}:\n"
        f"        return {held}({', '.join(given)})\n"
        f"    return {name}\n"
    )
    file = f"<call of {name}: {', '.join(given)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    module = getattr(thing, "__module__", None) or "symdiff.generated"
    space: dict[str, Any] = {"__name__": module}
    exec(compile(text, file, "exec", dont_inherit=True), space)
    function: types.FunctionType = space["make"](thing)
    function.__qualname__ = name
    function.__doc__ = getattr(thing, "__doc__", None)
    placed = [p.default for p in parameters if p.kind is not p.KEYWORD_ONLY]
    function.__defaults__ = tuple(d for d in placed if d is not inspect.Parameter.empty)
    function.__kwdefaults__ = {
        p.name: p.default
        for p in parameters
        if p.kind is p.KEYWORD_ONLY and p.default is not p.empty
    }
    function.__annotations__ = {
        p.name: p.annotation for p in parameters if p.annotation is not p.empty
    }
    return function


def _is_followed(thing: Any) -> bool:
    if isinstance(thing, types.FunctionType):
        # A decorator's wrapper, which takes what the function inside takes.
        return hasattr(thing, "__wrapped__") and bool(thing.__code__.co_flags & _STAR)
    if isinstance(thing, functools.partial):
        return isinstance(thing.func, types.FunctionType) or _is_followed(thing.func)
    if isinstance(thing, types.MethodType):
        return isinstance(thing.__func__, types.FunctionType)
    if isinstance(thing, type) or type(thing).__module__.partition(".")[0] == "numpy":
        return False
    if wrapped_in(thing) is not None or derivation_of(thing) is not None:
        return True
    calls = (vars(cls).get("__call__") for cls in type(thing).__mro__)
    return isinstance(next(filter(None, calls), None), types.FunctionType)


def _name_of(thing: Any) -> str:
    while isinstance(thing, functools.partial):
        thing = thing.func
    name = str(getattr(thing, "__name__", type(thing).__name__))
    if not name.isidentifier():
        return "call"
    return _unlike(name, vars(builtins))  # which the code of the call may call by name
