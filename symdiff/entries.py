"""The floats that an argument holds, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from symdiff.ir.infer_dtypes import real_dtype
from symdiff.ir.kinds import Array, Complex, Float, List, is_continuous
from symdiff.ir.structure import part_text
from symdiff.signature import kind_of_value
from symdiff.structures import parts

__all__ = ["IMAGINARY", "REAL", "Path", "entries", "holds_floats"]

Path = tuple[Any, ...]

# The last step to a part of a complex number.
REAL, IMAGINARY = ("part of", "real"), ("part of", "imag")


def holds_floats(value: Any) -> bool:
    """Whether it holds floats, or could: an array of no floats has a gradient, too."""
    if any(True for _ in entries(value, 1)):
        return True
    if parts(value, by=True) is not None:
        return False
    kind = kind_of_value(value)
    return isinstance(kind, Array) and is_continuous(kind)


def entries(value: Any, most: int) -> Iterator[tuple[str, Path, str | None]]:
    """The float entries of an argument: how they are written, where, their dtype."""
    found = parts(value, by=True)
    if found is not None:
        for step, part in zip(found.steps(), found.values, strict=True):
            for entry, path, dtype in entries(part, most):
                yield part_text("", (step,)) + entry, (step, *path), dtype
        return
    kind = kind_of_value(value)
    if isinstance(kind, Float):
        yield "", (), kind.dtype
    elif isinstance(kind, Complex):
        yield from _parts_of_number("", (), kind.dtype or "complex128")
    elif isinstance(kind, Array):
        if is_continuous(kind):
            import numpy as np

            count = min(most, value.size)
            for flat in sorted({k * value.size // count for k in range(count)}):
                index = tuple(int(k) for k in np.unravel_index(flat, value.shape))
                entry = str(list(index)) if index else ""
                yield from _parts_of_number(entry, (("item", index),), kind.dtype)
    elif isinstance(kind, List):
        for k, item in enumerate(value):
            for entry, path, dtype in entries(item, most):
                yield f"[{k}]{entry}", (("item", k), *path), dtype


def _parts_of_number(
    entry: str, path: Path, dtype: str | None
) -> Iterator[tuple[str, Path, str | None]]:
    """A number as an entry, or the two parts of a complex one."""
    if dtype is None or not dtype.startswith("complex"):
        yield entry, path, dtype
        return
    for part in (REAL, IMAGINARY):
        yield f"{entry}.{part[1]}", (*path, part), real_dtype(dtype)
