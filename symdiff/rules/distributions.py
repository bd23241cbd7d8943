"""Rules of the usual distributions of `scipy.stats`, and of those of counts."""

from __future__ import annotations

from collections.abc import Iterator

from symdiff.rules.families import FAMILIES
from symdiff.rules.family import Family, replaced
from symdiff.rules.row import Rule

__all__ = ["DISTRIBUTIONS"]

_CONTINUOUS = (
    Family("norm", "-y", "1 - y ** 2", whole=True),
    Family("laplace", "-sign(y)", "1 - abs(y)", whole=True),
    Family("logistic", "-tanh(y / 2)", "1 - y * tanh(y / 2)", whole=True),
    Family(
        "cauchy", "-2 * y / (1 + y ** 2)", "(1 - y ** 2) / (1 + y ** 2)", whole=True
    ),
    Family("gumbel_r", "exp(-y) - 1", "1 + y * (exp(-y) - 1)", whole=True),
    Family("gumbel_l", "1 - exp(y)", "1 + y * (1 - exp(y))", whole=True),
    Family(
        "t",
        "-(df + 1) * y / (df + y ** 2)",
        "df * (1 - y ** 2) / (df + y ** 2)",
        {
            "df": (
                "0.5 * (digamma((df + 1) / 2) - digamma(df / 2) - log1p(y ** 2 / df)"
                " + (y ** 2 - 1) / (df + y ** 2))",
                # By the smaller one of the two arguments that add up to 1.
                "0.5 * sign(y) * (0.5 * (betainc_slope(0.5, df / 2, y ** 2 / (df + y ** 2),"
                " 0, 1) if y ** 2 < df else -betainc_slope(df / 2, 0.5, df / (df + y ** 2),"
                " 1, 0)) - abs(y) * (df / (df + y ** 2)) ** (df / 2)"
                " / (df * sqrt(df + y ** 2) * beta(df / 2, 0.5)))",
            )
        },
        whole=True,
    ),
    Family(
        "gennorm",
        "-beta * sign(y) * abs(y) ** (beta - 1)",
        "1 - beta * abs(y) ** beta",
        {
            "beta": (
                "1 / beta + digamma(1 / beta) / beta ** 2 - xlogy(abs(y) ** beta, abs(y))",
                "0.5 * sign(y) * (xlogy(abs(y), abs(y)) * exp(-abs(y) ** beta)"
                " / gamma(1 / beta)"
                " - gammainc_slope(1 / beta, abs(y) ** beta) / beta ** 2)",
            )
        },
        whole=True,
    ),
    Family("uniform", "0", "1"),
    Family("expon", "-1", "1 - y"),
    Family("halfnorm", "-y", "1 - y ** 2"),
    Family("halfcauchy", "-2 * y / (1 + y ** 2)", "(1 - y ** 2) / (1 + y ** 2)"),
    Family("rayleigh", "1 / y - y", "2 - y ** 2"),
    Family("maxwell", "2 / y - y", "3 - y ** 2"),
    Family(
        "gamma",
        "(a - 1) / y - 1",
        "a - y",
        {"a": ("log(y) - digamma(a)", "gammainc_slope(a, y)")},
    ),
    Family(
        "invgamma",
        "1 / y ** 2 - (a + 1) / y",
        "1 / y - a",
        {"a": ("-log(y) - digamma(a)", "-gammainc_slope(a, 1 / y) if F > 0 else 0")},
    ),
    Family(
        "chi2",
        "(df / 2 - 1) / y - 0.5",
        "(df - y) / 2",
        {
            "df": (
                "0.5 * (log(y / 2) - digamma(df / 2))",
                "0.5 * gammainc_slope(df / 2, y / 2)",
            )
        },
    ),
    Family(
        "beta",
        "(a - 1) / y - (b - 1) / (1 - y)",
        "a - (b - 1) * y / (1 - y)",
        {
            "a": ("log(y) - digamma(a) + digamma(a + b)", "betainc_slope(a, b, y, 1, 0)"),
            "b": (
                "log1p(-y) - digamma(b) + digamma(a + b)",
                "betainc_slope(a, b, y, 0, 1)",
            ),
        },
    ),
    Family(
        "lognorm",
        "-(1 + log(y) / s ** 2) / y",
        "-log(y) / s ** 2",
        {
            "s": (
                "(log(y) ** 2 / s ** 2 - 1) / s",
                "-log(y) / s ** 2 * exp(-(log(y) / s) ** 2 / 2) / sqrt(2 * pi)"
                " if F > 0 else 0",
            )
        },
    ),
    Family(
        "pareto",
        "-(b + 1) / y",
        "-b",
        {"b": ("1 / b - log(y)", "(1 - F) * log(y) if F > 0 else 0")},
    ),
    Family(
        "weibull_min",
        "(c - 1) / y - c * y ** (c - 1)",
        "c - c * y ** c",
        {
            "c": (
                "1 / c + log(y) - y ** c * log(y)",
                "(1 - F) * y ** c * log(y) if F > 0 else 0",
            )
        },
    ),
    Family(
        "truncnorm",
        "-y",
        "1 - y ** 2",
        {
            "a": ("pdf(a, a, b)", "(F - 1) * pdf(a, a, b) if F > 0 else 0"),
            "b": ("-pdf(b, a, b)", "-F * pdf(b, a, b) if F < 1 else 0"),
        },
    ),
    Family(
        "vonmises",
        "-kappa * sin(y)",
        "1 - kappa * y * sin(y)",
        {"kappa": ("cos(y) - i1e(kappa) / i0e(kappa)", None)},
    ),
    Family(
        "wrapcauchy",
        "-2 * c * sin(y) / (1 + c ** 2 - 2 * c * cos(y))",
        "1 - 2 * c * y * sin(y) / (1 + c ** 2 - 2 * c * cos(y))",
        {
            "c": (
                "2 * (cos(y) - c) / (1 + c ** 2 - 2 * c * cos(y)) - 2 * c / (1 - c ** 2)",
                "2 * tan(y / 2) / (pi * ((1 - c) ** 2 + ((1 + c) * tan(y / 2)) ** 2))"
                " if F * (1 - F) > 0 else 0",
            )
        },
    ),
)  # fmt: skip


def _of_counts(name: str, shapes: str, *slopes: str | None) -> Iterator[Rule]:
    """A distribution of whole numbers k, with the slopes of the logarithm of the
    probability by its shapes."""
    texts = [s and replaced(s, "k", "(k - loc)") for s in slopes]
    for function, inside in (
        ("logpmf", "0 if out == -inf else ({})"),
        ("pmf", "out * ({}) if out > 0 else 0"),
    ):
        partials = (None, *(t and inside.format(t) for t in texts), None)
        form = f"{function}(k, {shapes}, loc=0)"
        yield Rule(form, partials, f"scipy.stats.{name}.{function}")


def _of_sums(name: str, shapes: str, *slopes: str | None) -> Iterator[Rule]:
    """The distribution function of whole numbers k, and others in terms of it, with its
    slopes by the shapes."""
    for function, form in (
        ("cdf", "{}"),
        ("sf", "-({})"),
        ("logcdf", "({}) / exp(out) if out > -inf else 0"),
        ("logsf", "-({}) / exp(out) if out > -inf else 0"),
    ):
        partials = (None, *(s and form.format(s) for s in slopes), None)
        yield Rule(
            f"{function}(k, {shapes}, loc=0)", partials, f"scipy.stats.{name}.{function}"
        )


def _of_steps(name: str, shapes: str) -> Iterator[Rule]:
    """The inverses, which are whole numbers."""
    for function in ("ppf", "isf"):
        partials = ("0",) * (2 + shapes.count(",")) + ("1",)
        form = f"{function}(q, {shapes}, loc=0)"
        yield Rule(form, partials, f"scipy.stats.{name}.{function}")


_DISCRETE = (
    *_of_counts("poisson", "mu", "k / mu - 1"),
    *_of_counts("bernoulli", "p", "(k - p) / (p * (1 - p))"),
    *_of_counts("binom", "n, p", None, "(k - n * p) / (p * (1 - p))"),
    *_of_counts("geom", "p", "1 / p - (k - 1) / (1 - p)"),
    *_of_counts(
        "nbinom", "n, p", "digamma(k + n) - digamma(n) + log(p)", "n / p - k / (1 - p)"
    ),
    *_of_counts(
        "betabinom",
        "n, a, b",
        None,
        "digamma(k + a) - digamma(n + a + b) - digamma(a) + digamma(a + b)",
        "digamma(n - k + b) - digamma(n + a + b) - digamma(b) + digamma(a + b)",
    ),
    *_of_sums("poisson", "mu", "-pmf(floor(k), mu, loc)"),
    *_of_sums("binom", "n, p", None, "-n * pmf(floor(k), n - 1, p, loc)"),
    *_of_sums("bernoulli", "p", "(-1 if k - loc < 1 else 0) if k - loc >= 0 else 0"),
    *_of_sums(
        "geom",
        "p",
        "floor(k - loc) * (1 - p) ** (floor(k - loc) - 1) if k - loc >= 1 else 0",
    ),
    *_of_sums(
        "nbinom",
        "n, p",
        "betainc_slope(n, floor(k - loc) + 1, p, 1, 0) if k - loc >= 0 else 0",
        "p ** (n - 1) * (1 - p) ** floor(k - loc) / beta(n, floor(k - loc) + 1)"
        " if k - loc >= 0 else 0",
    ),
    *_of_steps("poisson", "mu"),
    *_of_steps("bernoulli", "p"),
    *_of_steps("binom", "n, p"),
    *_of_steps("geom", "p"),
    *_of_steps("nbinom", "n, p"),
    *_of_steps("betabinom", "n, a, b"),
)

DISTRIBUTIONS: tuple[Rule, ...] = (
    *(row for family in (*_CONTINUOUS, *FAMILIES) for row in family.rows()),
    *_DISCRETE,
)
