"""Which arguments share memory, or are one object, and must not."""

from __future__ import annotations

import types
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from symdiff.api.argnums import describe
from symdiff.api.parts import FastTest, parts_at
from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.ir.kinds import Array, Kind, List, Map, Opaque, Record, Rows
from symdiff.ir.structure import all_kinds, part_text
from symdiff.records import dataclass

__all__ = [
    "Place", "can_change", "check_apart", "check_different", "is_array", "known_apart",
    "places",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """What can be written into: how its like are called, how it is, and what it is."""

    pattern: str
    text: str
    value: Any


def can_change(kind: Kind) -> bool:
    """Whether values of the kind may be written into."""
    if isinstance(kind, Record):
        return not issubclass(kind.cls, tuple)
    return isinstance(kind, (Array, List, Map, Opaque, Rows))


def is_array(value: Any) -> bool:
    if isinstance(value, (dict, list)):  # which may take names for keys
        return False
    return hasattr(value, "__array_interface__") and hasattr(value, "strides")


def places(name: str, value: Any, kind: Kind) -> Iterator[Place]:
    """What can be written into: an argument and its parts."""
    for path, each in all_kinds(kind):
        if can_change(each):
            pattern = part_text(name, path)
            for text, part in parts_at(name, value, path):
                yield Place(pattern, text, part)
                if isinstance(each, (List, Map)):
                    yield from _rows(pattern, text, part)


def _rows(pattern: str, name: str, value: Any) -> Iterator[Place]:
    for k, row in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(row, (list, dict)) or is_array(row):
            yield Place(pattern, f"{name}[{k!r}]", row)
            if not is_array(row):
                yield from _rows(pattern, f"{name}[{k!r}]", row)


def known_apart(
    kinds: Mapping[str, Kind], fixed: Sequence[Place], test: FastTest
) -> Callable[..., bool]:
    """A fast test that all are different objects and arrays own what they hold, so that
    no two of them share memory; it may be too strict."""
    owning = [test.key(place.value) for place in fixed]
    texts: list[str | None] = [*owning]
    for name, kind in kinds.items():
        for path, each in all_kinds(kind):
            if can_change(each):
                text = test.part(name, path)
                texts.append(None if isinstance(each, (List, Map, Rows)) else text)
                if isinstance(each, Array) and text:
                    owning.append(text)
    if None in texts:
        return test.made(["False"])
    different = f"len({{{', '.join(f'id({text})' for text in texts)}}}) == {len(texts)}"
    return test.made([different, *(f"{text}.flags.owndata" for text in owning)])


def check_apart(
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
        what = "array" if is_array(other.value) else type(other.value).__name__
        copied = f"copy.deepcopy({place.text})"
        raise DifferentiationError(
            Diagnostic(
                f"{describe(function)} writes into `{place.text}`, which shares memory "
                f"with another {what} that it reads",
                help=f"pass a copy: {place.text}.copy()"
                if is_array(place.value)
                else f"pass a copy: {copied}",
            )
        )


def check_different(
    function: types.FunctionType,
    compared: tuple[str, ...],
    held: Mapping[str, Any],
    kinds: Mapping[str, Kind],
) -> None:
    """Refuse one object in two places between which the function tells."""
    found: dict[int, str] = {}
    for name, kind in kinds.items():
        for path, _ in all_kinds(kind):
            if part_text(name, path) not in compared:
                continue
            for text, part in parts_at(name, held[name], path):
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
        elif is_array(place.value):
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
