"""Kinds of the NumPy functions that make arrays: zeros, full, array, arange, …"""

from __future__ import annotations

import math

from symdiff.ir.extents import broadcast, shift
from symdiff.ir.infer_arguments import (
    Arguments, Inferred, Keywords, Pair, argument, base_of, dtype_argument, is_none,
    shape_argument, static,
)  # fmt: skip
from symdiff.ir.infer_dtypes import dtype_in, elementwise, listed, promote, strong
from symdiff.ir.infer_places import PLACES
from symdiff.ir.kinds import (
    UNKNOWN, Array, Bool, Extent, Int, Kind, Size, is_number,
)  # fmt: skip

__all__ = ["FILLED"]


def _dtype(given: Pair | None, default: str | None) -> str | None:
    """The dtype asked for; None if it is not known."""
    return default if is_none(given) else dtype_argument(given)


def _filled(pos: Arguments, kw: Keywords) -> Kind:
    dims = shape_argument(argument(pos, kw, 0, "shape"))
    dtype = _dtype(argument(pos, kw, 1, "dtype"), "float64")
    return UNKNOWN if dtype is None or dims is None else Array(dtype, dims)


def _full(pos: Arguments, kw: Keywords) -> Kind:
    dims = shape_argument(argument(pos, kw, 0, "shape"))
    fill = argument(pos, kw, 1, "fill_value")
    if dims is None or fill is None:
        return UNKNOWN
    value = listed(fill[0])
    default = strong(value) if dtype_in(value) else None
    dtype = _dtype(argument(pos, kw, 2, "dtype"), default)
    return UNKNOWN if dtype is None else Array(dtype, dims)


def _like(place: int) -> Inferred:
    """`zeros_like(a)`; the dtype is its argument number `place`."""

    def kind_of_call(pos: Arguments, kw: Keywords) -> Kind:
        base = base_of(pos, kw)
        if dtype_in(base) is None:
            return UNKNOWN
        dtype = _dtype(argument(pos, kw, place, "dtype"), strong(base))
        dims: tuple[Extent, ...] | None = base.dims if isinstance(base, Array) else ()
        if not is_none(kw.get("shape")):
            dims = shape_argument(kw["shape"])
        return UNKNOWN if dtype is None or dims is None else Array(dtype, dims)

    return kind_of_call


def _array(pos: Arguments, kw: Keywords) -> Kind:
    made, least = _like(1)(pos, kw), kw.get("ndmin")
    if least is None or not isinstance(made, Array):
        return made
    rank = static(least)
    if not isinstance(rank, int):
        return UNKNOWN
    return Array(made.dtype, (1,) * (rank - made.ndim) + made.dims)


def _arange(pos: Arguments, kw: Keywords) -> Kind:
    start, stop = argument(pos, kw, 0, "start"), argument(pos, kw, 1, "stop")
    step = argument(pos, kw, 2, "step")
    if stop is None or is_none(stop):
        start, stop = None, start or stop
    bounds = [pair for pair in (start, stop, step) if pair is not None]
    if stop is None or not all(is_number(kind) for kind, _ in bounds):
        return UNKNOWN
    integers = all(isinstance(kind, (Int, Bool)) for kind, _ in bounds)
    default = "int64" if integers else promote(*(strong(kind) for kind, _ in bounds))
    dtype = _dtype(argument(pos, kw, 3, "dtype"), default)
    if dtype is None:
        return UNKNOWN
    extent = _count(start, stop, step)
    if extent is None:
        text = ", ".join(str(atom) for _, atom in bounds)
        extent = Size(f"arange({text})")
    return Array(dtype, (extent,))


def _count(start: Pair | None, stop: Pair, step: Pair | None) -> Extent | None:
    """How many numbers `arange` gives: exact for constants and steps of one."""
    low, high, by = (
        default if pair is None else static(pair)
        for pair, default in ((start, 0), (stop, None), (step, 1))
    )
    numbers = [v for v in (low, high, by) if isinstance(v, (int, float))]
    if len(numbers) == 3:
        first, last, width = numbers
        finite = all(map(math.isfinite, numbers)) and width
        return max(0, math.ceil((last - first) / width)) if finite else None
    if by != 1:
        return None
    begin: Extent | None = 0
    if start is not None:
        begin = start[0].extent if isinstance(start[0], Int) else None
    end = stop[0].extent if isinstance(stop[0], Int) else None
    if isinstance(begin, int) and isinstance(end, Size):
        return shift(end, -begin)
    if isinstance(begin, Size) and isinstance(end, Size) and begin.symbol == end.symbol:
        return max(0, end.offset - begin.offset)
    return None


def _linspace(pos: Arguments, kw: Keywords) -> Kind:
    ends = argument(pos, kw, 0, "start"), argument(pos, kw, 1, "stop")
    number = argument(pos, kw, 2, "num")
    count = (50,) if number is None else shape_argument(number)
    if None in ends or count is None or kw.keys() & {"retstep", "axis"} or len(pos) > 4:
        return UNKNOWN
    between = elementwise(tuple(pair[0] for pair in ends if pair), floating=True)
    if dtype_in(between) is None:
        return UNKNOWN
    dtype = _dtype(kw.get("dtype"), strong(between))
    dims = between.dims if isinstance(between, Array) else ()
    return UNKNOWN if dtype is None else Array(dtype, count + dims)


def _eye(pos: Arguments, kw: Keywords) -> Kind:
    rows = shape_argument(argument(pos, kw, 0, "N", "n"))
    second = argument(pos, kw, 1, "M")
    columns = rows if is_none(second) else shape_argument(second)
    dtype = _dtype(argument(pos, kw, 3, "dtype"), "float64")
    return Array(dtype, rows + columns) if rows and columns and dtype else UNKNOWN


def _tri(pos: Arguments, kw: Keywords) -> Kind:
    rows = shape_argument(argument(pos, kw, 0, "N"))
    second = argument(pos, kw, 1, "M")
    columns = rows if is_none(second) else shape_argument(second)
    dtype = _dtype(argument(pos, kw, 3, "dtype"), "float64")
    return Array(dtype, rows + columns) if rows and columns and dtype else UNKNOWN


def _identity(pos: Arguments, kw: Keywords) -> Kind:
    rows = shape_argument(argument(pos, kw, 0, "n"))
    dtype = _dtype(argument(pos, kw, 1, "dtype"), "float64")
    return Array(dtype, rows * 2) if rows and dtype else UNKNOWN


def _vander(pos: Arguments, kw: Keywords) -> Kind:
    base = base_of(pos, kw)
    if not isinstance(base, Array) or base.ndim != 1:
        return UNKNOWN
    second = argument(pos, kw, 1, "N")
    columns = base.dims if is_none(second) else shape_argument(second)
    return Array(base.dtype, base.dims + columns) if columns else UNKNOWN


def _broadcast_to(pos: Arguments, kw: Keywords) -> Kind:
    dims, base = shape_argument(argument(pos, kw, 1, "shape")), base_of(pos, kw)
    known = dims is not None and dtype_in(base) is not None
    return Array(strong(base), dims) if known and dims is not None else UNKNOWN


def _where(pos: Arguments, kw: Keywords) -> Kind:
    if len(pos) == 1:
        return PLACES["nonzero"](pos, kw)
    if len(pos) != 3:
        return UNKNOWN
    chosen = elementwise((pos[1][0], pos[2][0]))
    cond = listed(pos[0][0])
    if dtype_in(chosen) is None or dtype_in(cond) is None:
        return UNKNOWN
    arrays = [k.dims for k in (cond, chosen) if isinstance(k, Array)]
    dims: tuple[Extent, ...] = ()
    for other in arrays:
        dims = broadcast(dims, other)
    return Array(strong(chosen), dims) if dims else chosen


FILLED: dict[str, Inferred] = {
    **dict.fromkeys(("zeros", "ones", "empty"), _filled),
    **dict.fromkeys(("zeros_like", "ones_like", "empty_like"), _like(1)),
    **dict.fromkeys(("array", "asarray", "ascontiguousarray", "asfarray"), _array),
    "full": _full,
    "full_like": _like(2),
    "arange": _arange,
    "linspace": _linspace,
    **dict.fromkeys(("bartlett", "blackman", "hamming", "hanning"), _filled),
    "eye": _eye,
    "tri": _tri,
    "identity": _identity,
    "vander": _vander,
    "broadcast_to": _broadcast_to,
    "where": _where,
}
