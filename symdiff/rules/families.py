"""Rules of more continuous distributions of `scipy.stats`."""

from __future__ import annotations

from symdiff.rules.family import Family

__all__ = ["FAMILIES"]

# The odds of y ** c, as a share.
_SHARE = "1 / (1 + y ** -c)"
# For the distributions of extremes: log(1 + c * y) / c and its slope by c. Near c = 0 the
# quotients would lose their digits; both sides are worked out, and neither may fail.
_C = "(c if abs(c) > 1e-5 else 1e-5)"
_EXCESS_C = (
    f"(y / ({_C} * (1 + {_C} * y)) - log1p({_C} * y) / {_C} ** 2 if abs(c) > 1e-5"
    " else -y ** 2 / 2 + 2 * c * y ** 3 / 3)"
)
_TURNED = f"(log1p(-{_C} * y) / {_C} if abs(c) > 1e-5 else -y - c * y ** 2 / 2)"
_TURNED_C = (
    f"(-y / ({_C} * (1 - {_C} * y)) - log1p(-{_C} * y) / {_C} ** 2 if abs(c) > 1e-5"
    " else -y ** 2 / 2 - 2 * c * y ** 3 / 3)"
)
_DENSITY = "exp(-({}) ** 2 / 2) / sqrt(2 * pi)"  # of the normal distribution
_SKEWED = f"{_DENSITY.format('a * y')} / ndtr(a * y)"
_LAGGED = "exp(-(y - 1 / K) ** 2 / 2 - log_ndtr(y - 1 / K)) / sqrt(2 * pi)"
_ARCSINH = "sign(y) * log1p(abs(y) + y ** 2 / (1 + sqrt(1 + y ** 2)))"
_TURN = f"(a + b * {_ARCSINH})"
_PART = "expm1(y ** c)"

FAMILIES = (
    Family("moyal", "(exp(-y) - 1) / 2", "1 + y * (exp(-y) - 1) / 2", whole=True),
    Family("hypsecant", "-tanh(y)", "1 - y * tanh(y)", whole=True),
    Family("halflogistic", "-tanh(y / 2)", "1 - y * tanh(y / 2)"),
    Family("levy", "0.5 / y ** 2 - 1.5 / y", "0.5 / y - 0.5"),
    Family("arcsine", "(y - 0.5) / (y * (1 - y))", "0.5 / (1 - y)"),
    Family("semicircular", "-y / (1 - y ** 2)", "(1 - 2 * y ** 2) / (1 - y ** 2)"),
    Family("wald", "0.5 / y ** 2 - 1.5 / y - 0.5", "0.5 / y - 0.5 - 0.5 * y"),
    Family(
        "invgauss",
        "0.5 / y ** 2 - 1.5 / y - 0.5 / mu ** 2",
        "0.5 / y - 0.5 - 0.5 * y / mu ** 2",
        {
            "mu": (
                "y / mu ** 3 - 1 / mu ** 2",
                "-2 * exp(2 / mu + log_ndtr(-(y / mu + 1) / sqrt(y))) / mu ** 2"
                " if F > 0 else 0",
            )
        },
    ),
    Family(
        "genpareto",
        "-(1 + c) / (1 + c * y)",
        "(1 - y) / (1 + c * y)",
        {
            "c": (
                f"-{_EXCESS_C} - y / (1 + c * y)",
                f"(1 - F) * {_EXCESS_C} if F * (1 - F) > 0 else 0",
            )
        },
    ),
    Family(
        "genextreme",
        f"(exp({_TURNED}) - 1 + c) / (1 - c * y)",
        f"(1 - y + y * exp({_TURNED})) / (1 - c * y)",
        {
            "c": (
                f"{_TURNED_C} * (1 - c - exp({_TURNED})) - {_TURNED}",
                f"-F * exp({_TURNED}) * {_TURNED_C} if F * (1 - F) > 0 else 0",
            )
        },
    ),
    Family(
        "powerlaw",
        "(a - 1) / y",
        "a",
        {"a": ("1 / a + log(y)", "F * log(y) if F * (1 - F) > 0 else 0")},
    ),
    Family(
        "lomax",
        "-(c + 1) / (1 + y)",
        "(1 - c * y) / (1 + y)",
        {"c": ("1 / c - log1p(y)", "(1 - F) * log1p(y) if F > 0 else 0")},
    ),
    Family(
        "loguniform",
        "-1 / y",
        "0",
        {
            "a": ("1 / (a * log(b / a))", "(F - 1) / (a * log(b / a)) if F > 0 else 0"),
            "b": ("-1 / (b * log(b / a))", "-F / (b * log(b / a)) if F < 1 else 0"),
        },
    ),
    Family(
        "triang",
        "1 / y if y < c else -1 / (1 - y)",
        "2 if y < c else (1 - 2 * y) / (1 - y)",
        {
            "c": (
                "-1 / c if y < c else 1 / (1 - c)",
                "(-(y / c) ** 2 if y < c else -((1 - y) / (1 - c)) ** 2)"
                " if F * (1 - F) > 0 else 0",
            )
        },
    ),
    Family(
        "fisk",
        f"(c - 1 - 2 * c * {_SHARE}) / y",
        f"c * (1 - 2 * {_SHARE})",
        {
            "c": (
                f"1 / c + log(y) - 2 * log(y) * {_SHARE}",
                "F * (1 - F) * log(y) if F > 0 else 0",
            )
        },
    ),
    Family(
        "burr12",
        f"(c - 1 - (d + 1) * c * {_SHARE}) / y",
        f"c - (d + 1) * c * {_SHARE}",
        {
            "c": (
                f"1 / c + log(y) - (d + 1) * log(y) * {_SHARE}",
                f"(1 - F) * d * log(y) * {_SHARE} if F > 0 else 0",
            ),
            "d": ("1 / d - log1p(y ** c)", "(1 - F) * log1p(y ** c) if F > 0 else 0"),
        },
    ),
    Family(
        "invweibull",
        "c * y ** (-c - 1) - (c + 1) / y",
        "c * y ** -c - c",
        {
            "c": (
                "1 / c - log(y) + y ** -c * log(y)",
                "F * y ** -c * log(y) if F > 0 else 0",
            )
        },
    ),
    Family(
        "exponweib",
        f"(c - 1) / y + c * y ** (c - 1) * ((a - 1) / {_PART} - 1)",
        f"c + c * y ** c * ((a - 1) / {_PART} - 1)",
        {
            "a": (
                "1 / a + log(-expm1(-y ** c))",
                "F * log(-expm1(-y ** c)) if F > 0 else 0",
            ),
            "c": (
                f"1 / c + log(y) + y ** c * log(y) * ((a - 1) / {_PART} - 1)",
                f"F * a * y ** c * log(y) / {_PART} if F > 0 else 0",
            ),
        },
    ),
    Family(
        "dweibull",
        "(c - 1) / y - c * abs(y) ** c / y",
        "c - c * abs(y) ** c",
        {
            "c": (
                "1 / c + log(abs(y)) * (1 - abs(y) ** c)",
                "0.5 * sign(y) * exp(-abs(y) ** c) * abs(y) ** c * log(abs(y))",
            )
        },
        whole=True,
    ),
    Family(
        "gengamma",
        "(c * a - 1) / y - c * y ** (c - 1)",
        "c * (a - y ** c)",
        {
            "a": (
                "c * log(y) - digamma(a)",
                "sign(c) * gammainc_slope(a, y ** c) if F > 0 else 0",
            ),
            "c": (
                "1 / c + log(y) * (a - y ** c)",
                "sign(c) * y ** (c * a) * log(y) * exp(-y ** c) / gamma(a) if F > 0 else 0",
            ),
        },
    ),
    Family(
        "chi",
        "(df - 1) / y - y",
        "df - y ** 2",
        {
            "df": (
                "log(y) - 0.5 * log(2) - 0.5 * digamma(df / 2)",
                "0.5 * gammainc_slope(df / 2, y ** 2 / 2) if F > 0 else 0",
            )
        },
    ),
    Family(
        "nakagami",
        "(2 * nu - 1) / y - 2 * nu * y",
        "2 * nu * (1 - y ** 2)",
        {
            "nu": (
                "log(nu) + 1 - digamma(nu) + 2 * log(y) - y ** 2",
                "(gammainc_slope(nu, nu * y ** 2)"
                " + y ** 2 * (nu * y ** 2) ** (nu - 1) * exp(-nu * y ** 2) / gamma(nu))"
                " if F > 0 else 0",
            )
        },
    ),
    Family(
        "loggamma",
        "c - exp(y)",
        "1 + y * (c - exp(y))",
        {"c": ("y - digamma(c)", "gammainc_slope(c, exp(y))")},
        whole=True,
    ),
    Family(
        "betaprime",
        "(a - 1) / y - (a + b) / (1 + y)",
        "a - (a + b) * y / (1 + y)",
        {
            "a": (
                "log(y) - log1p(y) - digamma(a) + digamma(a + b)",
                "betainc_slope(a, b, y / (1 + y), 1, 0) if F > 0 else 0",
            ),
            "b": (
                "digamma(a + b) - digamma(b) - log1p(y)",
                "betainc_slope(a, b, y / (1 + y), 0, 1) if F > 0 else 0",
            ),
        },
    ),
    Family(
        "f",
        "(dfn / 2 - 1) / y - (dfn + dfd) / 2 * dfn / (dfd + dfn * y)",
        "dfn / 2 - (dfn + dfd) / 2 * dfn * y / (dfd + dfn * y)",
        {
            "dfn": (
                "0.5 * (log(dfn * y / (dfd + dfn * y)) + 1 - digamma(dfn / 2)"
                " + digamma((dfn + dfd) / 2) - (dfn + dfd) * y / (dfd + dfn * y))",
                None,
            ),
            "dfd": (
                "0.5 * (log(dfd / (dfd + dfn * y)) + 1 - digamma(dfd / 2)"
                " + digamma((dfn + dfd) / 2) - (dfn + dfd) / (dfd + dfn * y))",
                None,
            ),
        },
    ),
    Family(
        "johnsonsu",
        f"-y / (1 + y ** 2) - b * {_TURN} / sqrt(1 + y ** 2)",
        f"1 / (1 + y ** 2) - b * y * {_TURN} / sqrt(1 + y ** 2)",
        {
            "a": (f"-{_TURN}", _DENSITY.format(_TURN)),
            "b": (
                f"1 / b - {_TURN} * {_ARCSINH}",
                f"{_ARCSINH} * {_DENSITY.format(_TURN)}",
            ),
        },
        whole=True,
    ),
    Family(
        "skewnorm",
        f"a * {_SKEWED} - y",
        f"1 - y ** 2 + a * y * {_SKEWED}",
        {
            "a": (
                f"y * {_SKEWED}",
                "-exp(-y ** 2 * (1 + a ** 2) / 2) / (pi * (1 + a ** 2))",
            )
        },
        whole=True,
    ),
    Family(
        "exponnorm",
        f"{_LAGGED} - 1 / K",
        f"1 + y * ({_LAGGED} - 1 / K)",
        {
            "K": (
                f"y / K ** 2 - 1 / K - 1 / K ** 3 + {_LAGGED} / K ** 2",
                "exp(0.5 / K ** 2 - y / K + log_ndtr(y - 1 / K)) * (1 / K - y) / K ** 2"
                f" - {_DENSITY.format('y')} / K ** 2",
            )
        },
        whole=True,
    ),
    Family(
        "rice",
        "1 / y - y + b * i1e(y * b) / i0e(y * b)",
        "2 - y ** 2 + b * y * i1e(y * b) / i0e(y * b)",
        {"b": ("y * i1e(y * b) / i0e(y * b) - b", None)},
    ),
)  # fmt: skip
