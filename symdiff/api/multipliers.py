"""From a function and its arguments to the linear system of its gradients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from symdiff.api.argnums import Argnums, parameters
from symdiff.api.gradient import Gradient
from symdiff.api.parts import part_at
from symdiff.api.tracing import chosen, run
from symdiff.forms import argument_kind
from symdiff.ir.structure import leaf_kinds, part_text
from symdiff.tracing.system import System

__all__ = ["system_of"]


def system_of(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    argnums: Argnums | None,
    depth: int | None,
    limit: int,
) -> System:
    """See `symdiff.system`."""
    traced = run(function, args, kwargs, argnums, depth, limit)
    return System(traced, lambda: _by_code(function, args, kwargs, argnums))


def _by_code(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    argnums: Argnums | None,
) -> dict[str, Any]:
    """The gradients of the generated code, by what the parts of arguments are called,
    lists and their items."""
    primal, values, positions = chosen(function, args, kwargs, argnums)
    if not positions:
        return {}
    names, count = parameters(primal), primal.__code__.co_argcount
    gradients = Gradient(primal, positions, "grad")(
        *(values[n] for n in names[:count]), **{n: values[n] for n in names[count:]}
    )
    found = {}
    for name, gradient in zip((names[k] for k in positions), gradients, strict=True):
        for exact in (False, True):
            for path, _ in leaf_kinds(argument_kind(values[name], name, True, exact)):
                found[part_text(name, path)] = part_at(gradient, path)
    return found
