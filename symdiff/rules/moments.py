"""Rules of the mean, variance and entropy of the distributions of `scipy.stats`.

By loc and scale they follow from what these are. A row here has, for each shape of a
family, the slopes of the three in standard form; None where there is no formula.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from symdiff.rules.row import Rule

__all__ = ["MOMENTS"]

Slopes = tuple[str | None, str | None, str | None]

_PLAIN = """
    norm laplace logistic gumbel_r gumbel_l uniform expon halfnorm rayleigh maxwell
"""
_CONTINUOUS: dict[str, dict[str, Slopes]] = {
    **{name: {} for name in _PLAIN.split()},
    "t": {
        "df": (
            "0",
            "-2 / (df - 2) ** 2",
            "(df + 1) / 4 * (zeta(2, (df + 1) / 2) - zeta(2, df / 2)) + 1 / (2 * df)",
        )
    },
    "gennorm": {
        "beta": (
            "0",
            "gamma(3 / beta) / gamma(1 / beta)"
            " * (digamma(1 / beta) - 3 * digamma(3 / beta)) / beta ** 2",
            "-(1 + beta + digamma(1 / beta)) / beta ** 2",
        )
    },
    "gamma": {"a": ("1", "1", "1 + (1 - a) * zeta(2, a)")},
    "invgamma": {
        "a": (
            "-1 / (a - 1) ** 2",
            "-(3 * a - 5) / ((a - 1) ** 3 * (a - 2) ** 2)",
            "1 - (1 + a) * zeta(2, a)",
        )
    },
    "chi2": {"df": ("1", "2", "0.5 + (2 - df) / 4 * zeta(2, df / 2)")},
    "beta": {
        "a": (
            "b / (a + b) ** 2",
            "V * (1 / a - 2 / (a + b) - 1 / (a + b + 1))",
            "(a + b - 2) * zeta(2, a + b) - (a - 1) * zeta(2, a)",
        ),
        "b": (
            "-a / (a + b) ** 2",
            "V * (1 / b - 2 / (a + b) - 1 / (a + b + 1))",
            "(a + b - 2) * zeta(2, a + b) - (b - 1) * zeta(2, b)",
        ),
    },
    "lognorm": {
        "s": (
            "s * exp(s ** 2 / 2)",
            "2 * s * exp(s ** 2) * (2 * exp(s ** 2) - 1)",
            "1 / s",
        )
    },
    "pareto": {
        "b": (
            "-1 / (b - 1) ** 2",
            "V * (1 / b - 2 / (b - 1) - 1 / (b - 2))",
            "-(1 + b) / b ** 2",
        )
    },
    "weibull_min": {
        "c": (
            "-gamma(1 + 1 / c) * digamma(1 + 1 / c) / c ** 2",
            "2 / c ** 2 * (gamma(1 + 1 / c) ** 2 * digamma(1 + 1 / c)"
            " - gamma(1 + 2 / c) * digamma(1 + 2 / c))",
            "0.57721566490153286 / c ** 2 - 1 / c",
        )
    },
    "truncnorm": {
        "a": (
            "pdf(a, a, b) * (M - a) if a > -inf else 0",
            "pdf(a, a, b) * (V - (mean(a, b) - a) ** 2) if a > -inf else 0",
            "pdf(a, a, b) * (logpdf(a, a, b) + H - 1) if a > -inf else 0",
        ),
        "b": (
            "pdf(b, a, b) * (b - M) if b < inf else 0",
            "pdf(b, a, b) * ((mean(a, b) - b) ** 2 - V) if b < inf else 0",
            "pdf(b, a, b) * (1 - H - logpdf(b, a, b)) if b < inf else 0",
        ),
    },
    "vonmises": {
        "kappa": (
            "0",
            None,
            "i1e(kappa) / i0e(kappa) * (1 + kappa * i1e(kappa) / i0e(kappa)) - kappa",
        )
    },
    "wrapcauchy": {"c": ("0", "-4 * log1p(-c) / c", "-2 * c / (1 - c ** 2)")},
}
_ENTROPIES = ("cauchy", "halfcauchy")  # which have no mean and no variance
_DISCRETE: dict[str, dict[str, Slopes]] = {
    "poisson": {"mu": ("1", "1", None)},
    "bernoulli": {"p": ("1", "1 - 2 * p", "log((1 - p) / p)")},
    "binom": {"n": (None, None, None), "p": ("n", "n * (1 - 2 * p)", None)},
    "geom": {"p": ("-1 / p ** 2", "(p - 2) / p ** 3", "log1p(-p) / p ** 2")},
    "nbinom": {
        "n": ("(1 - p) / p", "(1 - p) / p ** 2", None),
        "p": ("-n / p ** 2", "n * (p - 2) / p ** 3", None),
    },
    "betabinom": {
        "n": (None, None, None),
        "a": (
            "n * b / (a + b) ** 2",
            "V * (1 / a + 1 / (a + b + n) - 2 / (a + b) - 1 / (a + b + 1))",
            None,
        ),
        "b": (
            "-n * a / (a + b) ** 2",
            "V * (1 / b + 1 / (a + b + n) - 2 / (a + b) - 1 / (a + b + 1))",
            None,
        ),
    },
}


def _rows() -> Iterator[Rule]:
    for name, shapes in _CONTINUOUS.items():
        given = ", ".join([*shapes, "loc=0", "scale=1"])
        slopes = list(shapes.values())
        yield _row(name, "mean", given, slopes, "scale * ({})", "1", "(out - loc) / scale")
        yield _row(name, "var", given, slopes, "scale ** 2 * ({})", "0", "2 * out / scale")
        yield _row(name, "entropy", given, slopes, "{}", "0", "1 / scale")
    for name in _ENTROPIES:
        yield _row(name, "entropy", "loc=0, scale=1", [], "{}", "0", "1 / scale")
    for name, shapes in _DISCRETE.items():
        given = ", ".join([*shapes, "loc=0"])
        slopes = list(shapes.values())
        yield _row(name, "mean", given, slopes, "{}", "1")
        yield _row(name, "var", given, slopes, "{}", "0")
        if slopes[0][2] is not None:
            yield _row(name, "entropy", given, slopes, "{}", "0")


def _row(
    name: str, function: str, given: str, slopes: list[Slopes], form: str, *others: str
) -> Rule:
    """`others` are the slopes by loc and scale."""
    place = ("mean", "var", "entropy").index(function)
    texts = [_in_terms(each[place], form, "scale" in given) for each in slopes]
    return Rule(f"{function}({given})", (*texts, *others), f"scipy.stats.{name}.{function}")


def _in_terms(slope: str | None, form: str, scaled: bool) -> str | None:
    """The slope by a shape, in terms of the result where it names that: M, V and H are
    the mean, variance and entropy in standard form."""
    if slope is None:
        return None
    standard = {
        "M": "((out - loc) / scale)",
        "V": "(out / scale ** 2)" if scaled else "out",
        "H": "(out - log(scale))",
    }
    slope = re.sub(r"\b[MVH]\b", lambda match: standard[match.group()], slope)
    return form.format(slope)


MOMENTS: tuple[Rule, ...] = tuple(_rows())
