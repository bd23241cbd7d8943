"""Calls of a generated function that must look at arguments or gradients."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from symdiff.api.argnums import describe, parameters
from symdiff.api.parts import FastTest, parts_at
from symdiff.api.shared import (
    Place, can_change, check_apart, check_different, is_array, known_apart, places,
)  # fmt: skip
from symdiff.backend.cache import Entry
from symdiff.ir.kinds import Array, Kind, Map, Rows
from symdiff.ir.structure import Path, all_kinds, leaf_kinds
from symdiff.request import Request

__all__ = ["prepared"]

_NO_GRADIENTS = ("primal", "jvp", "jacfwd", "jacrev", "jacobian")


class _Input(NamedTuple):
    """An argument with arrays by which is differentiated: where its gradient is, and
    where in it the arrays."""

    place: int | None
    name: str
    paths: list[Path]


def prepared(
    function: types.FunctionType,
    request: Request,
    entry: Entry,
    outside: Mapping[str, Any],
) -> Callable[..., Any]:
    """The function to call: the generated one, or one that looks at arguments first."""
    kinds = {n: k for n, k in request.signature.items() if k and _may_share(k)}
    defaults = {e.name for e in entry.externals if e.path[0].startswith("default")}
    fixed = [
        Place(n, n, v) for n, v in outside.items() if n not in defaults and is_array(v)
    ]
    by = [] if request.mode in _NO_GRADIENTS else _inputs(request)
    every = [each for k in kinds.values() for _, each in all_kinds(k)]
    many = any(isinstance(each, (Rows, Map)) for each in every)
    changing = sum(map(can_change, every)) + many
    if changing + len(fixed) == 1 or not (entry.written or entry.compared or by):
        return function
    names, count = parameters(request.function), request.function.__code__.co_argcount
    fit = _fitting(by, request, FastTest(names, count, "result")) if by else None
    apart = None
    if entry.written and not entry.compared:
        apart = known_apart(kinds, fixed, FastTest(names, count))
    look = entry.written or entry.compared

    def run(*args: Any, **kwargs: Any) -> Any:
        if look and (apart is None or not apart(*args, **kwargs)):
            check_arguments(_held(names, args, kwargs))
        result = function(*args, **kwargs)
        if fit is not None and not fit(result, *args, **kwargs):
            check_gradients(_held(names, args, kwargs), result)
        return result

    def check_arguments(held: Mapping[str, Any]) -> None:
        if entry.compared:
            check_different(request.function, entry.compared, held, kinds)
        if entry.written:
            found = [p for n, kind in kinds.items() for p in places(n, held[n], kind)]
            check_apart(request.function, entry.written, found + fixed)

    def check_gradients(held: Mapping[str, Any], result: Any) -> None:
        at = _place_of_gradients(request)
        gradients = result if at is None else result[at]
        for place, name, paths in by:
            gradient = gradients if place is None else gradients[place]
            _check_shapes(request.function, name, held[name], gradient, paths)

    return run


def _held(
    names: Sequence[str], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The arguments by name; what is beside them, as tangents, does no harm."""
    return {**dict(zip(names, args, strict=False)), **kwargs}


def _place_of_gradients(request: Request) -> int | None:
    """Where in the result the gradients are."""
    if request.mode in ("value_and_grad", "vjp"):
        return 1
    return 0 if request.has_aux else None


def _may_share(kind: Kind) -> bool:
    return any(can_change(each) for _, each in all_kinds(kind))


def _inputs(request: Request) -> list[_Input]:
    names = parameters(request.function)
    found = []
    for place, name in enumerate(names[k] for k in request.argnums or ()):
        kind = request.signature.get(name)
        leaves = leaf_kinds(kind) if kind else ()
        paths = [path for path, leaf in leaves if isinstance(leaf, Array)]
        if paths:
            single = request.single and request.mode != "vjp"
            found.append(_Input(None if single else place, name, paths))
    return found


def _fitting(by: Sequence[_Input], request: Request, test: FastTest) -> Callable[..., bool]:
    """A test that gradients have the shapes of their arguments; it may be too strict."""
    at = _place_of_gradients(request)
    result = "result" if at is None else f"result[{at}]"
    pairs = []
    for place, name, paths in by:
        gradient = result if place is None else f"{result}[{place}]"
        pairs += [(test.part_of(gradient, path), test.part(name, path)) for path in paths]
    known = all(found and wanted for found, wanted in pairs)
    return test.made([f"{a}.shape == {b}.shape" for a, b in pairs] if known else ["False"])


def _check_shapes(
    function: types.FunctionType, name: str, value: Any, gradient: Any, paths: list[Path]
) -> None:
    """Raise if axes that were taken to be equally long are not: the primal could not
    have been evaluated, although its gradient did not need to."""
    for path in paths:
        parts = parts_at(name, value, path), parts_at(name, gradient, path)
        for (text, part), (_, found) in zip(*parts, strict=True):
            have, want = found.shape, part.shape
            if have != want:
                raise ValueError(
                    f"the shapes of the arguments of {describe(function)} do not fit "
                    f"together: `{text}` has shape {want}, its gradient would have {have}"
                )
