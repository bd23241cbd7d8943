"""What `grad` may be asked for, beside the function and what to differentiate by."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from symdiff.checkpoints import Checkpoints, Kept

if TYPE_CHECKING:
    from symdiff.request import Compiler, Fallback, Order, Sweep

__all__ = ["Blocks", "Keywords", "Options", "checkpoints", "options"]

Blocks = bool | int | str | tuple[int, ...]
_UNITS = {"state": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9}


class Keywords(TypedDict, total=False):
    """The keywords of `grad`."""

    unroll: bool
    indicators: bool
    mode: Sweep | None
    compile: Compiler | None
    fallback: Fallback | None
    checkpoint: Blocks
    holomorphic: bool


class Options(NamedTuple):
    """See `symdiff.grad`, and `symdiff.request.Request` for `order` and `checkpoint`."""

    has_aux: bool = False
    unroll: bool = False
    indicators: bool = False
    order: Order = "least"
    compile: Compiler | None = None
    fallback: Fallback | None = None
    checkpoint: Checkpoints = ()
    holomorphic: bool = False


def options(has_aux: bool, keywords: Keywords) -> Options:
    """What the keywords say, each checked. Raises `ValueError`, and `TypeError` for one
    that there is not."""
    for name in keywords:
        if name not in Keywords.__annotations__:
            raise TypeError(f"grad() has no option {name!r}")
    mode = keywords.get("mode")
    if mode not in (None, "forward", "reverse"):
        raise ValueError(f'no mode {mode!r}; there are "forward" and "reverse"')
    again = checkpoints(keywords.get("checkpoint", ()))
    if again and mode == "forward":
        raise ValueError('checkpoint= is for reverse mode: leave out mode="forward"')
    return Options(
        has_aux, keywords.get("unroll", False), keywords.get("indicators", False),
        mode or "least", keywords.get("compile"), keywords.get("fallback"), again,
        keywords.get("holomorphic", False),
    )  # fmt: skip


def checkpoints(asked: Blocks) -> Checkpoints:
    """How loops are to be run again, as `checkpoint=` says."""
    if isinstance(asked, str):
        found = re.fullmatch(r"(\d+(?:\.\d+)?) *(state|[kmg]?b)s?", asked.strip().lower())
        if found is not None and (count := int(float(found[1]) * _UNITS[found[2]])) > 0:
            return Kept(count, "states" if found[2] == "state" else "bytes")
        raise ValueError(f'checkpoint={asked!r}: write "10 states" or "64 MB"')
    counts = tuple(asked) if isinstance(asked, (tuple, list)) else (asked,)
    counts = tuple(0 if count is True else count for count in counts if count is not False)
    if any(not isinstance(count, int) or count < 0 for count in counts):
        raise ValueError(f"checkpoint={asked!r} says in no way how many blocks to make")
    return counts
