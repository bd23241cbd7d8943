"""Calls of a generated function that must look at arguments or gradients."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from symdiff.api.argnums import describe, parameters
from symdiff.backend.cache import Entry
from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.ir.kinds import Array, Kind, List, Opaque, Record
from symdiff.ir.structure import Path, all_kinds, leaf_kinds, part_text
from symdiff.request import Request

__all__ = ["part_at", "prepared"]

_NO_GRADIENTS = ("primal", "jvp", "jacfwd", "jacrev", "jacobian")
Place = tuple[str, Any]  # how something is written, and what it is


def prepared(
    function: types.FunctionType,
    request: Request,
    entry: Entry,
    outside: Mapping[str, Any],
) -> Callable[..., Any]:
    """The function to call: the generated one, or one that looks at arguments first."""
    kinds = {n: k for n, k in request.signature.items() if k and _may_share(k)}
    defaults = {e.name for e in entry.externals if e.path[0].startswith("default")}
    fixed = [(n, v) for n, v in outside.items() if n not in defaults and _is_array(v)]
    by = [] if request.mode in _NO_GRADIENTS else _inputs(request)
    count = sum(_can_change(each) for k in kinds.values() for _, each in all_kinds(k))
    if count + len(fixed) == 1 or not (entry.written or by):
        return function
    places = {name: k for k, name in enumerate(parameters(request.function))}

    def run(*args: Any, **kwargs: Any) -> Any:
        held = {n: kwargs[n] if n in kwargs else args[places[n]] for n in kinds}
        if entry.written:
            found = [p for n, value in held.items() for p in _places(n, value, kinds[n])]
            _check_apart(request.function, entry.written, found + fixed)
        result = function(*args, **kwargs)
        gradients = result
        if request.mode in ("value_and_grad", "vjp"):
            gradients = result[1]
        elif request.has_aux:
            gradients = result[0]
        for place, name, paths in by:
            gradient = gradients if place is None else gradients[place]
            _check_shapes(request.function, name, held[name], gradient, paths)
        return result

    return run


def _can_change(kind: Kind) -> bool:
    """Whether values of the kind may be written into."""
    if isinstance(kind, Record):
        return not issubclass(kind.cls, tuple)
    return isinstance(kind, (Array, List, Opaque))


def _may_share(kind: Kind) -> bool:
    return any(_can_change(each) for _, each in all_kinds(kind))


def _inputs(request: Request) -> list[tuple[int | None, str, list[Path]]]:
    """The arguments with arrays by which is differentiated: where their gradients are,
    and where in these the arrays."""
    names = parameters(request.function)
    found = []
    for place, name in enumerate(names[k] for k in request.argnums or ()):
        kind = request.signature.get(name)
        leaves = leaf_kinds(kind) if kind else ()
        paths = [path for path, leaf in leaves if isinstance(leaf, Array)]
        if paths:
            single = request.single and request.mode != "vjp"
            found.append((None if single else place, name, paths))
    return found


def part_at(value: Any, path: Path) -> Any:
    """The part of a value at the end of a path."""
    for form, key in path:
        value = getattr(value, key) if form == "attr" else value[key]
    return value


def _is_array(value: Any) -> bool:
    return hasattr(value, "__array_interface__") and hasattr(value, "strides")


# -- shapes ---------------------------------------------------------------------------


def _check_shapes(
    function: types.FunctionType, name: str, value: Any, gradient: Any, paths: list[Path]
) -> None:
    """Raise if axes that were taken to be equally long are not: the primal could not
    have been evaluated, although its gradient did not need to."""
    for path in paths:
        have, want = part_at(gradient, path).shape, part_at(value, path).shape
        if have != want:
            raise ValueError(
                f"the shapes of the arguments of {describe(function)} do not fit "
                f"together: `{part_text(name, path)}` has shape {want}, its gradient "
                f"would have {have}"
            )


# -- shared memory --------------------------------------------------------------------


def _places(name: str, value: Any, kind: Kind) -> Iterator[Place]:
    """What can be written into: an argument and its parts."""
    for path, each in all_kinds(kind):
        if _can_change(each):
            part = part_at(value, path)
            yield part_text(name, path), part
            if isinstance(each, List):
                yield from _rows(part_text(name, path), part)


def _rows(name: str, value: list[Any]) -> Iterator[Place]:
    for k, row in enumerate(value):
        if isinstance(row, list) or _is_array(row):
            yield f"{name}[{k}]", row
            if isinstance(row, list):
                yield from _rows(f"{name}[{k}]", row)


def _check_apart(
    function: types.FunctionType, written: tuple[str, ...], places: list[Place]
) -> None:
    """Refuse a write into what shares memory with something else that is read."""
    for name, value in places:
        if not name.startswith(written):
            continue
        for other_name, other in places:
            if other_name != name and _share(value, other):
                what = "array" if _is_array(value) else type(value).__name__
                raise DifferentiationError(
                    Diagnostic(
                        f"{describe(function)} writes into `{name}`, which shares memory "
                        f"with another {what} that it reads",
                        help=f"pass a copy: {name}.copy()"
                        if _is_array(value)
                        else f"pass a copy: copy.deepcopy({name})",
                    )
                )


def _share(a: Any, b: Any) -> bool:
    if not (_is_array(a) and _is_array(b)):
        return a is b
    import numpy

    if not numpy.may_share_memory(a, b):
        return False
    enough: Any = 10_000  # the exact answer may take exponential time
    try:
        return bool(numpy.shares_memory(a, b, max_work=enough))
    except numpy.exceptions.TooHardError:
        return True
