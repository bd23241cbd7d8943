"""Calls of a generated function that must look at arguments or gradients."""

from __future__ import annotations

import types
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from symdiff.api.argnums import describe, parameters
from symdiff.backend.cache import Entry
from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.ir.kinds import Array, Kind, List, Map, Opaque, Record, Rows
from symdiff.ir.structure import Path, all_kinds, leaf_kinds, many_in, part_text
from symdiff.records import dataclass
from symdiff.request import Request

__all__ = ["part_at", "prepared"]

_NO_GRADIENTS = ("primal", "jvp", "jacfwd", "jacrev", "jacobian")


@dataclass(frozen=True, slots=True)
class Place:
    """What can be written into: how its like are called, how it is, and what it is."""

    pattern: str
    text: str
    value: Any


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
        Place(n, n, v) for n, v in outside.items() if n not in defaults and _is_array(v)
    ]
    by = [] if request.mode in _NO_GRADIENTS else _inputs(request)
    every = [each for k in kinds.values() for _, each in all_kinds(k)]
    many = any(isinstance(each, (Rows, Map)) for each in every)
    count = sum(map(_can_change, every)) + many
    if count + len(fixed) == 1 or not (entry.written or entry.compared or by):
        return function
    places = {name: k for k, name in enumerate(parameters(request.function))}

    def run(*args: Any, **kwargs: Any) -> Any:
        held = {n: kwargs[n] if n in kwargs else args[places[n]] for n in kinds}
        if entry.compared:
            _check_different(request.function, entry.compared, held, kinds)
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
    return isinstance(kind, (Array, List, Map, Opaque, Rows))


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


def _parts_at(name: str, value: Any, path: Path) -> Iterator[tuple[str, Any]]:
    """The parts of a value at the end of a path, which may lead to each of many items."""
    many = many_in(path)
    if many is None:
        yield part_text(name, path), part_at(value, path)
        return
    whole = part_at(value, path[:many])
    for key, item in whole.items() if isinstance(whole, dict) else enumerate(whole):
        text = f"{part_text(name, path[:many])}[{key!r}]"
        yield from _parts_at(text, item, path[many + 1 :])


def _is_array(value: Any) -> bool:
    return hasattr(value, "__array_interface__") and hasattr(value, "strides")


# -- shapes ---------------------------------------------------------------------------


def _check_shapes(
    function: types.FunctionType, name: str, value: Any, gradient: Any, paths: list[Path]
) -> None:
    """Raise if axes that were taken to be equally long are not: the primal could not
    have been evaluated, although its gradient did not need to."""
    for path in paths:
        parts = _parts_at(name, value, path), _parts_at(name, gradient, path)
        for (text, part), (_, found) in zip(*parts, strict=True):
            have, want = found.shape, part.shape
            if have != want:
                raise ValueError(
                    f"the shapes of the arguments of {describe(function)} do not fit "
                    f"together: `{text}` has shape {want}, its gradient would have {have}"
                )


# -- shared memory --------------------------------------------------------------------


def _places(name: str, value: Any, kind: Kind) -> Iterator[Place]:
    """What can be written into: an argument and its parts."""
    for path, each in all_kinds(kind):
        if _can_change(each):
            pattern = part_text(name, path)
            for text, part in _parts_at(name, value, path):
                yield Place(pattern, text, part)
                if isinstance(each, (List, Map)):
                    yield from _rows(pattern, text, part)


def _rows(pattern: str, name: str, value: Any) -> Iterator[Place]:
    for k, row in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(row, (list, dict)) or _is_array(row):
            yield Place(pattern, f"{name}[{k!r}]", row)
            if not _is_array(row):
                yield from _rows(pattern, f"{name}[{k!r}]", row)


def _check_apart(
    function: types.FunctionType, written: Collection[str], places: list[Place]
) -> None:
    """Refuse a write into what shares memory with something else that is read."""
    inside = tuple(text.removesuffix("*") for text in written if text.endswith("*"))
    for place, other in _sharing(places):
        for one in (place, other):
            if one.pattern in written or (inside and one.pattern.startswith(inside)):
                break
        else:
            continue
        if one is other:
            place, other = other, place
        what = "array" if _is_array(other.value) else type(other.value).__name__
        copied = f"copy.deepcopy({place.text})"
        raise DifferentiationError(
            Diagnostic(
                f"{describe(function)} writes into `{place.text}`, which shares memory "
                f"with another {what} that it reads",
                help=f"pass a copy: {place.text}.copy()"
                if _is_array(place.value)
                else f"pass a copy: {copied}",
            )
        )


def _check_different(
    function: types.FunctionType,
    compared: tuple[str, ...],
    held: Mapping[str, Any],
    kinds: Mapping[str, Kind],
) -> None:
    """Refuse one object in two places between which the function tells."""
    found: dict[int, str] = {}
    for name, value in held.items():
        for path, _ in all_kinds(kinds[name]):
            if part_text(name, path) not in compared:
                continue
            for text, part in _parts_at(name, value, path):
                other = found.setdefault(id(part), text)
                if other != text:
                    raise DifferentiationError(
                        Diagnostic(
                            f"{describe(function)} asks whether objects such as `{other}` "
                            f"and `{text}` are the same, which these two are",
                            help=f"pass a copy: copy.deepcopy({text})",
                        )
                    )


def _sharing(places: list[Place]) -> Iterator[tuple[Place, Place]]:
    """Pairs of places that share memory."""
    first: dict[int, Place] = {}
    arrays: list[tuple[int, int, Place]] = []
    for place in places:
        before = first.setdefault(id(place.value), place)
        if before.text != place.text:
            yield before, place
        elif _is_array(place.value):
            arrays.append((*_bounds(place.value), place))
    arrays.sort(key=lambda each: each[0])
    reaching: list[tuple[int, int, Place]] = []
    for start, end, place in arrays:
        reaching = [other for other in reaching if other[1] > start]
        for *_, other in reaching:
            if _share(other.value, place.value):
                yield other, place
        reaching.append((start, end, place))


def _bounds(array: Any) -> tuple[int, int]:
    """Where the memory of an array begins and ends."""
    start = end = array.__array_interface__["data"][0]
    for extent, stride in zip(array.shape, array.strides, strict=True):
        reach = stride * (extent - 1) if extent else 0
        start, end = start + min(reach, 0), end + max(reach, 0)
    return start, end + array.itemsize


def _share(a: Any, b: Any) -> bool:
    import numpy

    if not numpy.may_share_memory(a, b):
        return False
    enough: Any = 10_000  # the exact answer may take exponential time
    try:
        return bool(numpy.shares_memory(a, b, max_work=enough))
    except numpy.exceptions.TooHardError:
        return True
