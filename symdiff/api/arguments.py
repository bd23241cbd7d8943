"""What a call binds the parameters to, and the kinds of that."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from symdiff.api.argnums import describe, refusal
from symdiff.forms import argument_kind
from symdiff.ir.kinds import (
    Array, Bool, Int, Kind, List, NoneKind, Record, Tuple, Unknown, is_continuous,
)  # fmt: skip
from symdiff.ir.structure import leaf_kinds
from symdiff.signature import as_float, is_static
from symdiff.structures import counts, parts

__all__ = ["bind", "check_kind", "defaults_of", "split"]


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
    function: types.FunctionType,
    values: Mapping[str, Any],
    by: Sequence[str],
    exact: bool = False,
    apart: int | None = None,
) -> tuple[dict[str, Kind | None], dict[str, Any]]:
    """Kinds and static values of bound parameters; those in `by` are differentiated.
    `exact` kinds know all lengths, and integers are static then; up to `apart` items of
    a list of objects or a dict are taken one by one."""
    kinds: dict[str, Kind | None] = {}
    statics: dict[str, Any] = {}
    for name, value in values.items():
        if name in by:
            value = value if parts(value, True, exact) else as_float(value)
            kinds[name] = kind = argument_kind(value, name, True, exact, apart)
            check_kind(function, name, kind, type(value).__name__)
        elif is_static(value) or (exact and counts(value)):
            statics[name] = value
        else:
            kinds[name] = argument_kind(value, name, False, exact, apart)
    return kinds, statics


# -- what can be differentiated by ----------------------------------------------------


def check_kind(function: types.FunctionType, name: str, kind: Kind, written: str) -> None:
    """Refuse to differentiate by a parameter whose values carry no derivative."""
    if any(is_continuous(leaf) or isinstance(leaf, Unknown) for leaf in _leaves(kind)):
        return
    if any(path and isinstance(leaf, Int) for path, leaf in leaf_kinds(kind)):
        return  # a number or a count: what the function does with it decides
    help = "name the parameters that hold floats: argnums=(...)"
    what = f"it is {_article(written)}"
    if isinstance(kind, Array):
        what = f"it is an array of {kind.dtype}"
        if kind.dtype.startswith(("int", "uint", "bool")):
            help = f"pass floats: {name}.astype(float)"
    elif isinstance(kind, Bool):
        help = f"pass a number: float({name})"
    elif isinstance(kind, NoneKind):
        what = "it is None"
    elif isinstance(kind, Record):
        what = f"it is {_article(written)} that holds no floats"
    elif isinstance(kind, (Tuple, List)):
        what = f"it holds no floats ({kind})"
    message = f"cannot differentiate {describe(function)} by `{name}`: {what}"
    raise refusal(function, message, help, name)


def _leaves(kind: Kind) -> Iterator[Kind]:
    for _, leaf in leaf_kinds(kind):
        if isinstance(leaf, List):
            yield from _leaves(leaf.item)
        else:
            yield leaf


def _article(name: str) -> str:
    return f"{'an' if name[:1].lower() in tuple('aeiou') else 'a'} {name}"
