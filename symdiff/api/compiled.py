"""What Numba cannot compile, as a refusal at the user's line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from symdiff.api.argnums import place_of
from symdiff.backend.compiled import is_compile_error, refused

if TYPE_CHECKING:
    from symdiff.api.specialise import Specialised

__all__ = ["raise_refusal"]


def raise_refusal(found: Specialised, error: BaseException) -> None:
    """Raise an error of Numba's as one at the user's line, if it is one of compiling."""
    if is_compile_error(error):
        found.fails = True
        file, entry = found.function.__code__.co_filename, found.entry
        place = place_of(found.request.function)
        raise refused(error, file, entry.source, entry.lines, place) from error
