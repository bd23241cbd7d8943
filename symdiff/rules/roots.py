"""Square roots, which are distances where a sum of squares is their argument."""

from __future__ import annotations

from symdiff.ir.builder import Builder
from symdiff.ir.core import Equation
from symdiff.rules.row import Rule
from symdiff.rules.template import Expansion

__all__ = ["Root"]

_OF_DISTANCE = "0.5 / (out if out != 0 else 1)"


class Root(Rule):
    """An element-wise row of what may be a distance, by its first argument: see
    `symdiff.analysis.distances`."""

    def _open(
        self, b: Builder, eq: Equation
    ) -> tuple[tuple[str, ...], dict[str, str | None], Expansion]:
        names, texts, expansion = super()._open(b, eq)
        if eq.target in b.distances:
            texts = {**texts, names[0]: _OF_DISTANCE}
        return names, texts, expansion
