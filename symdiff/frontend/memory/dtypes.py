"""Types of numbers: what a program asks of them is known before it runs."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable
from typing import Any

from symdiff.frontend.memory.values import ArrayRef, Sequence, Static, Value
from symdiff.ir.core import Const
from symdiff.ir.infer_dtypes import dtype_in
from symdiff.ir.kinds import Array, Kind, List

__all__ = ["ask", "attribute_of", "compared", "dtype_of", "is_dtype", "OF_DTYPES"]

# Functions and classes that look at the types of what they get, and at nothing else.
OF_DTYPES = frozenset(
    "numpy." + name
    for name in (
        "can_cast common_type dtype finfo iinfo isdtype issubdtype mintypecode "
        "promote_types result_type"
    ).split()
)
_UNKNOWN = object()


def is_dtype(value: Any) -> bool:
    numpy: Any = sys.modules.get("numpy")  # a program without NumPy does not import it
    return numpy is not None and isinstance(value, numpy.dtype)


def dtype_of(kind: Kind) -> Static | None:
    """The type of an array or of a NumPy number; None of Python's own numbers."""
    import numpy as np

    dtype = dtype_in(kind)
    return None if dtype in (None, *_PYTHONS) else Static(np.dtype(dtype))


_PYTHONS: dict[str, Any] = {"float": 0.0, "int": 0, "complex": 0j, "bool": False}


def ask(op: str, values: list[Value], kinds: list[Kind]) -> Value | None:
    """The answer of one of `OF_DTYPES`; None where it depends on more than types."""
    import numpy as np

    given = list(map(_stand_in, values, kinds))
    if _UNKNOWN in [g for g in given if not isinstance(g, np.ndarray)]:
        return None
    try:
        return _lifted(getattr(np, op.removeprefix("numpy."))(*given))
    except (TypeError, ValueError):
        return None  # it fails in the run


def _stand_in(value: Value, kind: Kind) -> Any:
    """A value of the same type, or the object itself where it is known now."""
    import numpy as np

    if isinstance(value, (Static, Const)):
        return value.value
    dtype = dtype_in(kind)
    if isinstance(value, ArrayRef) and isinstance(kind, Array):
        return np.empty((0,) * kind.ndim, kind.dtype)
    if isinstance(kind, List) or dtype is None:
        return _UNKNOWN
    return _PYTHONS[dtype] if dtype in _PYTHONS else np.dtype(dtype).type(0)


def _lifted(answer: Any) -> Value | None:
    if isinstance(answer, (bool, str)):
        return Const(answer)
    return Static(answer)


def attribute_of(owner: Any, name: str) -> Value | None:
    """An attribute of a dtype, or of what `np.finfo` and `np.iinfo` give; None of other
    objects and of attributes that are not followed."""
    numpy: Any = sys.modules.get("numpy")
    if numpy is None or not isinstance(owner, (numpy.dtype, numpy.finfo, numpy.iinfo)):
        return None
    value = getattr(owner, name, None)
    if isinstance(value, numpy.floating):
        return Const(float(value))
    if isinstance(value, (bool, int, str)):
        return Const(value)
    if isinstance(value, type):
        return Static(value, ("global", "numpy", value.__name__))
    return Static(value) if is_dtype(value) else None


def compared(op: str, left: Value, right: Value) -> bool | None:
    """How a dtype compares with what it is compared with; None if neither is one."""
    if op in ("in", "notin") and isinstance(right, Sequence):
        known = [compared("eq", left, item) for item in right.items]
        found = None if not known or None in known else any(known)
        return found if found is None or op == "in" else not found
    held = (Static, Const)
    if op not in _ORDERS or not isinstance(left, held) or not isinstance(right, held):
        return None
    if not (is_dtype(left.value) or is_dtype(right.value)):
        return None
    try:
        return bool(_ORDERS[op](left.value, right.value))
    except TypeError:
        return None  # it fails in the run


_ORDERS: dict[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "le": operator.le,
    "gt": operator.gt, "ge": operator.ge,
}  # fmt: skip
