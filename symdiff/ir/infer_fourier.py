"""Kinds of the functions of `numpy.fft` and `scipy.fft`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from symdiff.ir.infer_arguments import (
    Arguments, Inferred, Keywords, argument, array_of, axes_of, is_none, shape_argument,
    static,
)  # fmt: skip
from symdiff.ir.infer_dtypes import real_dtype
from symdiff.ir.kinds import UNKNOWN, Array, Extent, Kind, Size, is_complex

__all__ = ["FOURIER", "sized_axes"]


@cache
def _complex_dtype(dtype: str) -> str:
    import numpy as np

    return str(np.fft.fft(np.ones(1, dtype)).dtype)  # it depends on NumPy's version


def _half(extent: Extent) -> Extent:
    """How many frequencies a real signal of this length has."""
    if isinstance(extent, int):
        return extent // 2 + 1
    return Size(f"({extent}//2+1)", 0, extent.not_one)


def _whole(extent: Extent) -> Extent:
    """How long a signal of so many frequencies is taken to be."""
    if isinstance(extent, int):
        return 2 * (extent - 1)
    return Size(f"(2*({extent}-1))", 0, extent.not_one)


def sized_axes(
    name: str, pos: Arguments, kw: Keywords, ndim: int
) -> tuple[tuple[int, ...], tuple[Extent, ...] | None] | None:
    """The axes that a transform goes over, in its order, and the lengths that are asked
    for; None if either is not known."""
    if not name.endswith(("n", "2")):
        place, given = argument(pos, kw, 2, "axis"), argument(pos, kw, 1, "n")
        axis = -1 if place is None else static(place)
        if not isinstance(axis, int) or not -ndim <= axis < ndim:
            return None
        axes: tuple[int, ...] | None = (axis % ndim,)
    else:
        place, given = argument(pos, kw, 2, "axes"), argument(pos, kw, 1, "s")
        axes = axes_of(place, ndim)
        if place is None and name.endswith("2"):
            axes = (ndim - 2, ndim - 1) if ndim > 1 else None
    lengths = None
    if not is_none(given):
        lengths = shape_argument(given)
        if lengths is None:
            return None
        if axes is not None and is_none(place):
            axes = axes[len(axes) - len(lengths) :]
    return None if axes is None else (axes, lengths)


def _transform(name: str, last: Callable[[Extent], Extent] | None = None) -> Inferred:
    """`last` is how long the last axis becomes where no length is asked for."""
    inverse = name.startswith("irfft")

    def kind_of_call(pos: Arguments, kw: Keywords) -> Kind:
        base = array_of(pos, kw)
        if base is None or not base.dims or base.dtype == "object":
            return UNKNOWN
        found = sized_axes(name, pos, kw, base.ndim)
        if found is None:
            return UNKNOWN
        axes, lengths = found
        dims = list(base.dims)
        for axis, length in zip(axes, lengths or (), strict=False):
            dims[axis] = length
        if last is not None and not (inverse and lengths):
            dims[axes[-1]] = last(dims[axes[-1]])
        dtype = _complex_dtype(base.dtype)
        return Array(real_dtype(dtype) if inverse else dtype, tuple(dims))

    return kind_of_call


def _cosines(name: str) -> Inferred:
    """Of `dct` and its like, which take their type before the lengths."""

    def kind_of_call(pos: Arguments, kw: Keywords) -> Kind:
        base = array_of(pos, kw)
        if base is None or not base.dims or base.dtype == "object":
            return UNKNOWN
        found = sized_axes(name, (*pos[:1], *pos[2:]), kw, base.ndim)
        if found is None:
            return UNKNOWN
        axes, lengths = found
        dims = list(base.dims)
        for axis, length in zip(axes, lengths or (), strict=False):
            dims[axis] = length
        dtype = _complex_dtype(base.dtype)
        return Array(dtype if is_complex(base) else real_dtype(dtype), tuple(dims))

    return kind_of_call


def _shifted(pos: Arguments, kw: Keywords) -> Kind:
    return array_of(pos, kw) or UNKNOWN


def _frequencies(count: Callable[[Extent], Extent]) -> Inferred:
    def kind_of_call(pos: Arguments, kw: Keywords) -> Kind:
        length = shape_argument(argument(pos, kw, 0, "n"))
        return UNKNOWN if length is None else Array("float64", (count(length[0]),))

    return kind_of_call


FOURIER: dict[str, Inferred] = {
    **{
        f"{name}{more}": _transform(f"{name}{more}", last)
        for name, last in {
            "fft": None,
            "ifft": None,
            "rfft": _half,
            "irfft": _whole,
        }.items()
        for more in ("", "2", "n")
    },
    **{name: _cosines(name) for name in "dct idct dst idst dctn idctn dstn idstn".split()},
    **dict.fromkeys(("fftshift", "ifftshift"), _shifted),
    "fftfreq": _frequencies(lambda n: n),
    "rfftfreq": _frequencies(_half),
}
