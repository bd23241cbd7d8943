"""Room for programs that are nested deeper than Python's stack allows for."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TypeVar

__all__ = ["with_room"]

_T = TypeVar("_T")
_STACK = 512 * 2**20  # bytes, of which only those are taken that are used
_FRAMES = 200_000


def with_room(work: Callable[[], _T]) -> _T:
    """The result of a call, which gets a deep stack if the usual one is too small.

    A call of a function that is written out takes some twenty frames, so that a chain of
    fifty calls would reach Python's usual limit.
    """
    try:
        return work()
    except RecursionError:
        return _deep(work)


def _deep(work: Callable[[], _T]) -> _T:
    found: list[_T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            found.append(work())
        except BaseException as error:
            failed.append(error)

    limit, size = sys.getrecursionlimit(), threading.stack_size(_STACK)
    sys.setrecursionlimit(max(limit, _FRAMES))
    try:
        thread = threading.Thread(target=run, name="symdiff")
        thread.start()
        thread.join()
    finally:
        sys.setrecursionlimit(limit)
        threading.stack_size(size)
    if failed:
        raise failed[0]
    return found[0]
