"""Dtypes and element-wise results: what NumPy makes of mixed operands."""

from __future__ import annotations

from functools import cache
from typing import Any

from symdiff.ir.extents import broadcast
from symdiff.ir.kinds import (
    BOOL, FLOAT, INT, STR, UNKNOWN,
    Array, Bool, Complex, Extent, Float, Int, Kind, List, Str, Tuple,
    is_number, join,
)  # fmt: skip

__all__ = [
    "dtype_in", "element_kind", "elementwise", "listed", "promote",
    "real_dtype", "real_part", "strong", "with_dtype",
]  # fmt: skip

Kinds = tuple[Kind, ...]

_STRONG = {"float": "float64", "int": "int64", "complex": "complex128"}
# The floating type of a ufunc such as `sin` on narrow integers.
_NARROW = {
    "bool": "float16", "int8": "float16", "uint8": "float16",
    "int16": "float32", "uint16": "float32",
}  # fmt: skip


@cache
def promote(*dtypes: str) -> str:
    """The dtype of mixed operands. "int", "float", "complex" and "bool" are Python's
    own numbers, which are weak (NEP 50)."""
    import numpy as np

    weak: dict[str, Any] = {"int": 0, "float": 0.0, "complex": 0j, "bool": False}
    if all(d in weak for d in dtypes):
        return max(dtypes, key=["bool", "int", "float", "complex"].index)
    operands = [weak[d] if d in weak else np.dtype(d) for d in dtypes]
    return str(np.result_type(*operands))


def dtype_in(kind: Kind) -> str | None:
    """The dtype of a value as `promote` takes it; None if it is no number or array."""
    if isinstance(kind, Array):
        return kind.dtype
    if isinstance(kind, Float):
        return kind.dtype or "float"
    if isinstance(kind, Complex):
        return kind.dtype or "complex"
    if isinstance(kind, Int):
        return "int"
    return "bool" if isinstance(kind, Bool) else None


def element_kind(dtype: str) -> Kind:
    """The kind of one element of an array of this dtype."""
    if dtype.startswith("float"):
        return Float(dtype)
    if dtype.startswith("complex"):
        return Complex(dtype)
    if dtype.startswith(("int", "uint")):
        return INT
    if dtype.startswith("str"):
        return STR
    return BOOL if dtype == "bool" else UNKNOWN


def with_dtype(kind: Kind, dtype: str) -> Kind:
    """The same shape with another dtype."""
    if isinstance(kind, Array):
        return Array(dtype, kind.dims)
    return element_kind(dtype) if is_number(kind) else kind


def real_dtype(dtype: str) -> str:
    """The dtype of the real part of what has this dtype."""
    known = {"complex": "float", "complex64": "float32", "complex128": "float64"}
    return known.get(dtype, dtype)


def complex_dtype(dtype: str) -> str:
    """The dtype of complex numbers whose parts have this dtype."""
    return {"float32": "complex64", "complex64": "complex64"}.get(dtype, "complex128")


def real_part(kinds: Kinds, *_: Any) -> Kind:
    """The kind of the real part, or the absolute value, of a number or an array; a list
    has the real parts of its items."""
    kind = kinds[0]
    if isinstance(kind, List):
        return List(real_part((kind.item,)), kind.extent)
    dtype = dtype_in(kind)
    if dtype is None:
        return kind
    real = real_dtype(dtype)
    return Array(real, kind.dims) if isinstance(kind, Array) else scalar_kind(real)


def scalar_kind(dtype: str) -> Kind:
    """The kind of a number of a dtype as `promote` gives it."""
    weak: dict[str, Kind] = {"float": FLOAT, "int": INT, "bool": BOOL}
    if dtype == "complex":
        return Complex()
    return weak.get(dtype) or element_kind(dtype)


def elementwise(kinds: Kinds, floating: bool = False, narrow: bool = False) -> Kind:
    """The kind of an element-wise operation. `floating`: of a quotient, of `sin`, …,
    which give floats for integers; `narrow`: float16 for int8, as `sin` does."""
    dtypes = [dtype_in(listed(k)) for k in kinds]
    if None in dtypes:
        return UNKNOWN
    dtype = promote(*(d for d in dtypes if d is not None))
    arrays = [k for k in map(listed, kinds) if isinstance(k, Array)]
    if floating and not dtype.startswith(("float", "complex")):
        dtype = _NARROW.get(dtype, "float64") if narrow else "float64"
    if floating and dtype in ("float", "complex"):
        dtype = {"float": "float64", "complex": "complex128"}[dtype]
    if not arrays:
        return scalar_kind(dtype)
    dims: tuple[Extent, ...] = ()
    for array in arrays:
        dims = broadcast(dims, array.dims)
    if not dims:
        return element_kind(dtype)
    return Array(dtype, dims)


def _row_of_both(a: Kind, b: Kind) -> Kind:
    """What rows of an array have in common: `[[x, 1.0], [0, 1]]` is an array of floats."""
    a, b = _as_element(a), _as_element(b)
    if isinstance(a, Array) and isinstance(b, Array) and a.dtype != b.dtype:
        dtype = promote(a.dtype, b.dtype)
        a, b = Array(dtype, a.dims), Array(dtype, b.dims)
    if is_number(a) and is_number(b) and dtype_in(a) != dtype_in(b):
        return element_kind(promote(strong(a), strong(b)))
    return join(a, b)


def _as_element(kind: Kind) -> Kind:
    """An array without axes is an element as a number is."""
    if isinstance(kind, Array) and not kind.dims:
        return element_kind(kind.dtype)
    return kind


def listed(kind: Kind) -> Kind:
    """A list or tuple of numbers as the array that NumPy makes of it."""
    if isinstance(kind, List):
        inner = listed(kind.item)
        if kind.extent is None:
            return UNKNOWN
        extent = kind.extent
    elif kind == Tuple(()):
        return Array("float64", (0,))
    elif isinstance(kind, Tuple):
        inner = listed(kind.items[0])
        for item in kind.items[1:]:
            inner = _row_of_both(inner, listed(item))
        extent = len(kind.items)
    else:
        return kind
    dtype = "str" if isinstance(inner, Str) else dtype_in(inner)
    if dtype is None:
        return UNKNOWN
    dims = inner.dims if isinstance(inner, Array) else ()
    return Array(_STRONG.get(dtype, dtype), (extent, *dims))


def strong(kind: Kind) -> str:
    """The dtype of an array made of values of this kind."""
    dtype = dtype_in(kind) or "float64"
    return _STRONG.get(dtype, dtype)
