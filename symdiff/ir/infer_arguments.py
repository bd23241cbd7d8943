"""Arguments of NumPy calls as kind inference reads them: pairs of a kind and an atom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from symdiff.ir import core
from symdiff.ir.infer_dtypes import listed
from symdiff.ir.kinds import Array, Extent, Int, Kind, NoneKind, Size, Tuple

__all__ = [
    "Arguments", "Inferred", "Keywords", "Pair", "argument", "array_of", "axes_of",
    "base_of", "dtype_argument", "is_none", "shape_argument", "static",
]  # fmt: skip

Pair = tuple[Kind, Any]
Arguments = Sequence[Pair]
Keywords = dict[str, Pair]
Inferred = Callable[[Arguments, Keywords], Kind]


def argument(pos: Arguments, kw: Keywords, place: int, *names: str) -> Pair | None:
    """The argument at a place or by one of its names."""
    if len(pos) > place:
        return pos[place]
    return next((kw[name] for name in names if name in kw), None)


def base_of(pos: Arguments, kw: Keywords) -> Kind:
    """The kind of the first argument, lists being the arrays that NumPy makes of them."""
    pair = argument(pos, kw, 0, "a", "x", "m", "v", "array", "arr")
    return NoneKind() if pair is None else listed(pair[0])


def is_none(pair: Pair | None) -> bool:
    """Whether an argument is left out or None."""
    return pair is None or isinstance(pair[0], NoneKind)


def static(pair: Pair | None) -> Any:
    """The value of a constant argument: a number, a text, or a tuple of known integers."""
    if pair is None:
        return None
    kind, atom = pair
    if isinstance(atom, core.Const):
        return atom.value
    return _known(kind)


def _known(kind: Kind) -> Any:
    if isinstance(kind, Tuple):
        values = tuple(map(_known, kind.items))
        return None if None in values else values
    return kind.extent if isinstance(kind, Int) and isinstance(kind.extent, int) else None


def dtype_argument(pair: Pair | None) -> str | None:
    value = static(pair)
    return _full_name(value) if isinstance(value, str) else None


@cache
def _full_name(text: str) -> str | None:
    """The name of the dtype that a text such as "d" or "<f8" stands for."""
    import numpy as np

    try:
        dtype = np.dtype(text)
    except TypeError:
        return None
    return dtype.name if dtype.isnative else None


def shape_argument(pair: Pair | None) -> tuple[Extent, ...] | None:
    """The extents that a shape argument names; None if their number is unknown."""
    if pair is None:
        return None
    kind, atom = pair
    if isinstance(kind, Int):
        return (Size(str(atom)) if kind.extent is None else kind.extent,)
    if isinstance(kind, Tuple) and all(isinstance(k, Int) for k in kind.items):
        dims = []
        for place, item in enumerate(kind.items):
            extent = item.extent if isinstance(item, Int) else None
            dims.append(Size(f"{atom}[{place}]") if extent is None else extent)
        return tuple(dims)
    return None


def axes_of(pair: Pair | None, ndim: int) -> tuple[int, ...] | None:
    """The axes that a static axis argument names; all for None; None if not static."""
    if is_none(pair):
        return tuple(range(ndim))
    value = static(pair)
    if isinstance(value, int):
        value = (value,)
    if isinstance(value, tuple) and all(isinstance(v, int) for v in value):
        return tuple(v % ndim for v in value) if ndim else ()
    return None


def array_of(pos: Arguments, kw: Keywords) -> Array | None:
    """The kind of the first argument where it is an array."""
    kind = base_of(pos, kw)
    return kind if isinstance(kind, Array) else None
