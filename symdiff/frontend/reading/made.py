"""What functions of SciPy make of numbers alone: windows, filters, special matrices.

They are called where the code is read, to learn the kind of what they give. Where a
length is known in the run only they are called with two lengths in its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from symdiff.ir.kinds import Array, Extent, Int, Kind, Size, Tuple
from symdiff.signature import is_array, kind_of_value

__all__ = ["Length", "kind_made"]

_OWNERS = ("scipy.signal", "scipy.linalg", "scipy.special", "scipy.fft")
_SAMPLES = (12, 17)


class Length:
    """An integer among the arguments that is known in the run only."""

    def __init__(self, extent: Extent) -> None:
        self.extent = extent


def kind_made(function: Any, args: Sequence[Any], keywords: dict[str, Any]) -> Kind | None:
    """The kind of what it gives for these numbers, texts, lengths and lists of them;
    None where that is not known."""
    module = getattr(function, "__module__", None) or ""
    if not module.startswith(_OWNERS):
        return None
    values = [*args, *keywords.values()]
    extents = {v.extent for v in values if isinstance(v, Length)}
    if len(extents) > 1:
        return None
    found = []
    for sample in _SAMPLES if extents else _SAMPLES[:1]:
        given = [sample if isinstance(v, Length) else v for v in values]
        named = dict(zip(keywords, given[len(args) :], strict=True))
        try:
            found.append(function(*given[: len(args)], **named))
        except (ValueError, TypeError, ArithmeticError, LookupError, NotImplementedError):
            return None  # it fails in the run, or asks for other numbers
    if not extents:
        return _exactly(found[0])
    (extent,) = extents
    name = f"{getattr(function, '__name__', '')}({extent})"
    return _between(found, extent, (f"{name}.{k}" for k in range(99)))


def _exactly(value: Any) -> Kind | None:
    if is_array(value):
        return _array_of(value, value.shape)
    if isinstance(value, tuple):
        return _tuple_of([_exactly(part) for part in value])
    return kind_of_value(value) if isinstance(value, (int, float, complex)) else None


def _between(found: list[Any], extent: Extent, names: Iterator[str]) -> Kind | None:
    first, second = found
    if isinstance(first, tuple):
        if len(first) != len(second):
            return None
        pairs = [list(pair) for pair in zip(first, second, strict=True)]
        return _tuple_of([_between(pair, extent, names) for pair in pairs])
    if not is_array(first):
        kind = _exactly(first)
        return Int() if isinstance(kind, Int) else kind
    if first.ndim != second.ndim or first.dtype != second.dtype:
        return None
    lengths = zip(first.shape, second.shape, strict=True)
    dims = [extent if pair == _SAMPLES else Size(next(names)) for pair in lengths]
    return _array_of(first, dims)


def _array_of(value: Any, dims: Sequence[Extent]) -> Kind | None:
    return Array(value.dtype.name, tuple(dims)) if value.dtype.kind in "biufc" else None


def _tuple_of(kinds: list[Kind | None]) -> Kind | None:
    known = [kind for kind in kinds if kind is not None]
    return Tuple(tuple(known)) if len(known) == len(kinds) else None
