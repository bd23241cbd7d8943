"""Which Python objects are operations of the IR, and how they treat memory."""

from __future__ import annotations

import builtins
import math
from functools import cache
from typing import Any

__all__ = ["ALIASING", "ARRAY_METHODS", "SELF_INVERSE", "VIEWS", "is_library", "operation"]

# Their result shares memory with the first argument.
VIEWS = frozenset(
    "numpy." + name
    for name in (
        "reshape ravel transpose permute_dims matrix_transpose swapaxes moveaxis rollaxis "
        "expand_dims squeeze broadcast_to flip flipud fliplr rot90 diagonal "
        "atleast_1d atleast_2d atleast_3d"
    ).split()
)
# Done twice they give back what was there.
SELF_INVERSE = frozenset(
    "numpy." + name for name in "flip flipud fliplr swapaxes matrix_transpose".split()
)
# They give back the argument itself where it is an array already.
ALIASING = frozenset({"numpy.asarray", "numpy.ascontiguousarray"})

# Methods that are the NumPy function of the same name.
ARRAY_METHODS = frozenset(
    (
        "sum mean max min prod any all argmax argmin cumsum cumprod dot reshape ravel "
        "transpose astype std var trace clip squeeze swapaxes repeat round conj "
        "diagonal"
    ).split()
)


@cache
def _table() -> dict[int, str]:
    import numpy as np

    table: dict[int, str] = {}
    for module, prefix in (
        (np.linalg, "numpy.linalg."),
        (np.fft, "numpy.fft."),
        (np, "numpy."),
        (math, "math."),
        (builtins, "builtins."),
    ):
        for name in sorted(vars(module)):
            value = getattr(module, name)
            if name.startswith("_") or not callable(value) or id(value) in table:
                continue
            if isinstance(value, type) and prefix != "builtins.":
                continue
            if isinstance(value, type) and issubclass(value, BaseException):
                continue
            proper = getattr(value, "__name__", name)
            known = getattr(module, proper, None) is value
            table[id(value)] = prefix + (proper if known else name)
    return table


def operation(value: Any) -> str | None:
    """The op that a library function is, such as "numpy.sin"; None for other objects."""
    return _table().get(id(value))


def is_library(value: Any) -> bool:
    """Whether a Python function belongs to a library whose source is not followed."""
    module = getattr(value, "__module__", None) or ""
    root = module.partition(".")[0]
    return root in ("numpy", "scipy", "math", "builtins", "random", "time", "os", "sys")
