"""Calls of a generated function that must look at arguments or gradients."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from symdiff.api.argnums import describe, parameters
from symdiff.backend.cache import Entry
from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.ir.kinds import Array, Kind, Opaque
from symdiff.ir.structure import Path, leaf_kinds, part_text
from symdiff.request import Request

__all__ = ["part_at", "prepared"]

Place = tuple[str, Any]  # how an array is written, and the array


def prepared(
    function: types.FunctionType,
    request: Request,
    entry: Entry,
    outside: Mapping[str, Any],
) -> Callable[..., Any]:
    """The function to call: the generated one, or one that looks at arguments first."""
    kinds = {n: k for n, k in request.signature.items() if k and _holds(k)}
    defaults = {e.name for e in entry.externals if e.path[0] == "default"}
    fixed = [(n, v) for n, v in outside.items() if n not in defaults and _is_array(v)]
    by = [] if request.mode == "primal" else _inputs(request)
    count = sum(_holds(leaf) for k in kinds.values() for _, leaf in leaf_kinds(k))
    if count + len(fixed) == 1 or not (entry.written or by):
        return function
    places = {name: k for k, name in enumerate(parameters(request.function))}

    def run(*args: Any, **kwargs: Any) -> Any:
        held = {n: kwargs[n] if n in kwargs else args[places[n]] for n in kinds}
        if entry.written:
            arrays = [p for n, value in held.items() for p in _arrays(n, value, kinds[n])]
            _check_apart(request.function, entry.written, arrays + fixed)
        result = function(*args, **kwargs)
        gradients = result
        if request.mode == "value_and_grad":
            gradients = result[1]
        elif request.has_aux:
            gradients = result[0]
        for place, name in by:
            gradient = gradients if place is None else gradients[place]
            _check_shapes(request.function, name, held[name], gradient, kinds[name])
        return result

    return run


def _holds(kind: Kind) -> bool:
    """Whether a value of the kind may hold arrays."""
    leaves = (leaf for _, leaf in leaf_kinds(kind))
    return any(isinstance(leaf, (Array, Opaque)) for leaf in leaves)


def _inputs(request: Request) -> list[tuple[int | None, str]]:
    """The arguments with arrays by which is differentiated; where their gradients are."""
    names = parameters(request.function)
    chosen = [names[k] for k in request.argnums or ()]
    return [
        (None if request.single else place, name)
        for place, name in enumerate(chosen)
        if _holds(request.signature.get(name) or Opaque())
    ]


def _arrays(name: str, value: Any, kind: Kind) -> Iterator[Place]:
    for path, leaf in leaf_kinds(kind):
        if isinstance(leaf, (Array, Opaque)):
            part = part_at(value, path)
            if _is_array(part):
                yield part_text(name, path), part


def part_at(value: Any, path: Path) -> Any:
    """The part of a value at the end of a path."""
    for form, key in path:
        value = getattr(value, key) if form == "attr" else value[key]
    return value


def _is_array(value: Any) -> bool:
    return hasattr(value, "__array_interface__") and hasattr(value, "strides")


# -- shapes ---------------------------------------------------------------------------


def _check_shapes(
    function: types.FunctionType, name: str, value: Any, gradient: Any, kind: Kind
) -> None:
    """Raise if axes that were taken to be equally long are not: the primal could not
    have been evaluated, although its gradient did not need to."""
    for path, leaf in leaf_kinds(kind):
        if isinstance(leaf, Array):
            have, want = part_at(gradient, path).shape, part_at(value, path).shape
            if have != want:
                raise ValueError(
                    f"the shapes of the arguments of {describe(function)} do not fit "
                    f"together: `{part_text(name, path)}` has shape {want}, its gradient "
                    f"would have {have}"
                )


# -- shared memory --------------------------------------------------------------------


def _check_apart(
    function: types.FunctionType, written: tuple[str, ...], arrays: list[Place]
) -> None:
    """Refuse a write into an array that shares memory with one that is read."""
    import numpy

    for name, array in arrays:
        for other_name, other in arrays if name in written else ():
            if other_name == name or not numpy.may_share_memory(array, other):
                continue
            if _share(array, other):
                raise DifferentiationError(
                    Diagnostic(
                        f"{describe(function)} writes into `{name}`, which shares memory "
                        "with another array that it reads",
                        help=f"pass a copy: {name}.copy()",
                    )
                )


def _share(a: Any, b: Any) -> bool:
    import numpy

    enough: Any = 10_000  # the exact answer may take exponential time
    try:
        return bool(numpy.shares_memory(a, b, max_work=enough))
    except numpy.exceptions.TooHardError:
        return True
