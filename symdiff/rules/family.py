"""Rules of the distributions of `scipy.stats`, by x, by their shapes, `loc` and `scale`.

A family is a few formulas in y, the place in standard form, (x - loc) / scale. The rows
of its functions follow from these. Outside the support all slopes are 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from symdiff.records import dataclass, field
from symdiff.rules.row import Rule

__all__ = ["Family", "replaced"]

Texts = list[str | None]


def replaced(text: str, name: str, by: str) -> str:
    return re.sub(rf"\b{name}\b", by, text)


@dataclass(frozen=True, slots=True)
class Family:
    """A continuous distribution.

    score: the slope of the logarithm of the density by y. spread: 1 + y * score.
    shapes: for each, the slopes of the logarithm of the density and of the distribution
    function F; None where there is no formula. whole: the density is positive for every y.
    """

    name: str
    score: str
    spread: str
    shapes: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    whole: bool = False

    def rows(self) -> Iterator[Rule]:
        """Those of the density and its logarithm, of F, and of the inverses."""
        score = f"({self.score}) / scale"
        shapes = [slope for slope, _ in self.shapes.values()]
        slopes = [score, *shapes, f"-({score})", f"-({self.spread}) / scale"]
        log, plain = "0 if out == -inf else ({})", "out * ({}) if out > 0 else 0"
        if self.whole:
            log, plain = "({})", "out * ({})"
        yield self._row("logpdf", [log.format(slope) for slope in slopes])
        yield self._row("pdf", [plain.format(slope) for slope in slopes])
        yield self._distributed("cdf", "out", "pdf({})", "{}")
        yield self._distributed("sf", "(1 - out)", "-pdf({})", "-({})")
        yield self._distributed(
            "logcdf", "exp(out)", "exp(logpdf({}) - out)", "({}) / exp(out)"
        )
        yield self._distributed(
            "logsf", "(1 - exp(out))", "-exp(logpdf({}) - out)", "-({}) / exp(out)"
        )
        yield self._inverse("ppf", "q", "")
        yield self._inverse("isf", "(1 - q)", "-")

    def _distributed(self, name: str, F: str, slope: str, of_shape: str) -> Rule:
        """F or a function of it, whose slopes by x and by F's shapes are like these."""
        density = slope.format(self._arguments("x"))
        texts: Texts = [density]
        for _, total in self.shapes.values():
            texts.append(total and of_shape.format(replaced(total, "F", F)))
        texts += [f"-({density})", f"-({density}) * y"]
        if name.startswith("log") and not self.whole:
            texts = [t and f"0 if out == -inf else ({t})" for t in texts]
        return self._row(name, texts)

    def _inverse(self, name: str, F: str, sign: str) -> Rule:
        density = f"pdf({self._arguments('out')})"
        texts: Texts = [f"{sign}1 / {density}"]
        for _, total in self.shapes.values():
            texts.append(total and f"-({replaced(total, 'F', F)}) / {density}")
        return self._row(name, [*texts, "1", "y"], "q")

    def _arguments(self, x: str) -> str:
        return ", ".join([x, *self.shapes, "loc", "scale"])

    def _row(self, name: str, texts: Texts, first: str = "x") -> Rule:
        form = f"{name}({', '.join([first, *self.shapes])}, loc=0, scale=1)"
        y = "((x - loc) / scale)" if first == "x" else "((out - loc) / scale)"
        partials = tuple(t and replaced(t, "y", y) for t in texts)
        return Rule(form, partials, f"scipy.stats.{self.name}.{name}")
