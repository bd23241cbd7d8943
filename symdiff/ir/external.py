"""Where generated code finds what it takes from outside."""

from __future__ import annotations

from symdiff.records import dataclass


__all__ = ["External"]


@dataclass(frozen=True, slots=True)
class External:
    """Where a `Global` comes from, so that a fresh process and a stand-alone file find it.

    `path` is `("global", module, name)`, `("closure", function qualname, name)` or
    `("module", dotted name)`.
    """

    name: str
    path: tuple[str, ...]
