"""Plain functions that call what is no plain function: partial objects, bound methods,
objects with `__call__`, functions behind `functools.cache` or a decorator."""

from __future__ import annotations

import functools
import inspect
import linecache
import types
from collections.abc import Callable, Iterable
from typing import Any

from symdiff.derivation import derivation_of, note_derivation
from symdiff.frontend.library import is_ufunc, operation, wrapped_in

__all__ = ["caller_of", "caller_with", "is_operation", "takes_any_number"]

_CALLER = "__symdiff_caller__"
_STAR = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS


def caller_of(thing: Any) -> types.FunctionType | None:
    """A plain function with the parameters of a callable that calls it; None where it is
    a plain function itself, or nothing whose code could be followed."""
    if is_operation(thing):
        return _caller(thing, _required(thing))
    if not _is_followed(thing):
        return None
    derivation = derivation_of(thing)
    if derivation is not None and _CALLER in vars(thing):
        kept: types.FunctionType = vars(thing)[_CALLER]  # with what was generated for it
        return kept
    try:
        parameters = list(inspect.signature(thing).parameters.values())
    except ValueError:  # of something compiled
        return None
    if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters):
        return None
    caller = _caller(thing, parameters)
    if derivation is not None:
        note_derivation(caller, derivation)
        vars(thing)[_CALLER] = caller
    return caller


def is_operation(thing: Any) -> bool:
    """Whether it is a function of a library that the frontend knows."""
    op = operation(thing) if callable(thing) and not isinstance(thing, type) else None
    return op is not None and op.startswith(("numpy.", "scipy.", "math."))


def _required(thing: Any) -> list[inspect.Parameter]:
    """The parameters that a function of a library must be given."""
    kind = inspect.Parameter.POSITIONAL_ONLY
    if is_ufunc(thing):
        return [inspect.Parameter(f"x{k}", kind) for k in range(thing.nin)]
    try:
        parameters = inspect.signature(thing).parameters.values()
    except ValueError:
        return [inspect.Parameter("x", kind)]
    required = (
        p for p in parameters if p.default is p.empty and p.kind is not p.VAR_POSITIONAL
    )
    return [inspect.Parameter(p.name, kind) for p in required]


def takes_any_number(function: types.FunctionType) -> bool:
    return bool(function.__code__.co_flags & _STAR)


def caller_with(
    function: Callable[..., Any], count: int, names: Iterable[str]
) -> types.FunctionType:
    """A function that calls one with `*args` or `**kwargs`, and itself has a parameter
    for each of the arguments: `count` by position, and those with these names."""
    parameters: list[inspect.Parameter] = []
    for parameter in inspect.signature(function, follow_wrapped=False).parameters.values():
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


def _caller(thing: Any, parameters: list[inspect.Parameter]) -> types.FunctionType:
    """A function with these parameters that calls the thing with them."""
    name = _name_of(thing)
    held = "function"
    while held in {p.name for p in parameters}:
        held += "_"
    given = [
        f"{p.name}={p.name}" if p.kind is p.KEYWORD_ONLY else p.name for p in parameters
    ]
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
    return name if name.isidentifier() else "call"
