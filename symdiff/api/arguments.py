"""Which parameters to differentiate by, and what a call binds them to."""

from __future__ import annotations

import difflib
import inspect
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from symdiff.errors import Diagnostic, DifferentiationError, Span
from symdiff.ir.kinds import (
    Array, Bool, Complex, Kind, List, NoneKind, Tuple, Unknown, is_real,
)  # fmt: skip
from symdiff.signature import as_float, is_static, kind_of_value

__all__ = [
    "Argnums", "bind", "check_kind", "defaults_of", "describe", "parameters",
    "resolve_argnums", "split",
]  # fmt: skip

Argnums = int | str | Sequence[int | str]


def parameters(function: types.FunctionType) -> tuple[str, ...]:
    """The names of the parameters, but for `*args` and `**kwargs`."""
    code = function.__code__
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


def resolve_argnums(function: types.FunctionType, argnums: Argnums) -> tuple[int, ...]:
    """The positions that `argnums` names, each checked."""
    asked = argnums if isinstance(argnums, (tuple, list)) else (argnums,)
    if not asked:
        raise _refusal(function, "argnums is empty", "name at least one parameter")
    positions = tuple(_position(function, item) for item in asked)
    for position in positions:
        if positions.count(position) > 1:
            name = parameters(function)[position]
            raise _refusal(function, f"argnums names `{name}` twice", "name it once")
    return positions


def _position(function: types.FunctionType, item: Any) -> int:
    names = parameters(function)
    called = describe(function)
    listed = f"its parameters are {', '.join(names)}" if names else "it has no parameters"
    if isinstance(item, str):
        if item in names:
            return names.index(item)
        near = difflib.get_close_matches(item, names, 1)
        hint = f"did you mean `{near[0]}`? " if near else ""
        raise _refusal(function, f"{called} has no parameter `{item}`", hint + listed)
    if isinstance(item, bool) or not hasattr(type(item), "__index__"):
        message = f"argnums holds {item!r}, which is no position or name"
        raise _refusal(function, message, 'write argnums=0, argnums="x" or argnums=(0, 2)')
    position = item.__index__()
    count = len(names)
    if not -count <= position < count:
        many = f"{count} parameter{'' if count == 1 else 's'}"
        message = f"argnums asks for position {position}, and {called} has {many}"
        raise _refusal(function, message, f"{listed}, counted from 0")
    return int(position % count)


def bind(
    function: types.FunctionType,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    name: str,
) -> dict[str, Any]:
    """The value of every parameter, defaults included; a `TypeError` as Python's."""
    signature = inspect.signature(function, follow_wrapped=False)
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError as error:
        raise TypeError(f"{name}() {error}") from None
    bound.apply_defaults()
    return dict(bound.arguments)


def defaults_of(function: types.FunctionType) -> dict[str, Any]:
    """The default values by parameter."""
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    values = function.__defaults__ or ()
    positional = zip(names[len(names) - len(values) :], values, strict=True)
    return dict(positional) | (function.__kwdefaults__ or {})


def split(
    function: types.FunctionType, values: Mapping[str, Any], by: Sequence[str]
) -> tuple[dict[str, Kind | None], dict[str, Any]]:
    """Kinds and static values of bound parameters; those in `by` are differentiated."""
    kinds: dict[str, Kind | None] = {}
    statics: dict[str, Any] = {}
    for name, value in values.items():
        if name in by:
            kinds[name] = kind = kind_of_value(as_float(value), name)
            check_kind(function, name, kind, type(value).__name__)
        elif is_static(value):
            statics[name] = value
        else:
            kinds[name] = kind_of_value(value, name)
    return kinds, statics


# -- what can be differentiated by ----------------------------------------------------


def check_kind(function: types.FunctionType, name: str, kind: Kind, written: str) -> None:
    """Refuse to differentiate by a parameter whose values carry no derivative."""
    if any(is_real(leaf) or isinstance(leaf, Unknown) for leaf in _leaves(kind)):
        return
    help = "name the parameters that hold floats: argnums=(...)"
    what = f"it is {_article(written)}"
    if isinstance(kind, Array):
        what = f"it is an array of {kind.dtype}"
        if kind.dtype.startswith(("int", "uint", "bool")):
            help = f"pass floats: {name}.astype(float)"
        elif kind.dtype.startswith("complex"):
            help = "pass its real and imaginary parts as two arrays"
    elif isinstance(kind, Bool):
        help = f"pass a number: float({name})"
    elif isinstance(kind, Complex):
        help = "pass its real and imaginary parts as two numbers"
    elif isinstance(kind, NoneKind):
        what = "it is None"
    elif isinstance(kind, (Tuple, List)):
        what = f"it holds no floats ({kind})"
    message = f"cannot differentiate {describe(function)} by `{name}`: {what}"
    raise _refusal(function, message, help, name)


def _leaves(kind: Kind) -> Iterator[Kind]:
    if isinstance(kind, Tuple):
        for item in kind.items:
            yield from _leaves(item)
    elif isinstance(kind, List):
        yield from _leaves(kind.item)
    else:
        yield kind


def describe(function: types.FunctionType) -> str:
    """How messages call a function."""
    return "this lambda" if function.__name__ == "<lambda>" else f"`{function.__name__}`"


def _article(name: str) -> str:
    return f"{'an' if name[:1].lower() in tuple('aeiou') else 'a'} {name}"


def _refusal(
    function: types.FunctionType, message: str, help: str, parameter: str | None = None
) -> DifferentiationError:
    return DifferentiationError(Diagnostic(message, _place(function, parameter), help))


def _place(function: types.FunctionType, parameter: str | None) -> Span | None:
    """The parameter in the user's text, or else the line of the `def`."""
    from symdiff.frontend.source import source_of

    try:
        source = source_of(function)
    except DifferentiationError:
        return None
    spec = source.node.args
    for arg in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs):
        if arg.arg == parameter:
            return source.span(arg)
    span = source.span(source.node)
    if span is None or span.line == span.end_line:
        return span
    text = source.lines[span.line - 1].rstrip()
    return Span(span.file, span.line, span.column, span.line, len(text))
