"""What a reverse sweep runs again instead of keeping it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeVar

from symdiff.derivation import operator
from symdiff.records import dataclass

__all__ = ["Checkpoints", "Kept", "checkpoint", "is_checkpoint"]

_F = TypeVar("_F", bound=Callable[..., Any])
_AGAIN = "__symdiff_checkpoint__"


@dataclass(frozen=True, slots=True)
class Kept:
    """How much of the states of a loop is kept at a time."""

    most: int
    unit: Literal["states", "bytes"]


# Into how many blocks loops are cut, and these in turn; or what is kept at most.
Checkpoints = tuple[int, ...] | Kept


@operator
def checkpoint(function: _F) -> _F:
    """Mark a function whose reverse sweep keeps its arguments only, and computes what it
    needs of the rest once more: less memory for up to one more evaluation.

    A step of a long simulation, or a block of such steps, is what to mark: then the tape of
    the loop holds the states between the blocks, and that of one block at a time. Marked
    functions may call others (Griewank & Walther, Evaluating Derivatives, chapter 12).
    Their results are the same; a function that writes into its arguments is refused.
    """
    setattr(function, _AGAIN, True)
    return function


def is_checkpoint(function: Any) -> bool:
    return bool(getattr(function, _AGAIN, False))
