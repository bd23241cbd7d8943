"""Rules of `scipy.special`.

Where a partial is None there is no closed form in terms of what SciPy has: by the order
of a Bessel function, say.
"""

from __future__ import annotations

from symdiff.ir.core import Atom, Const, kind_of
from symdiff.ir.kinds import is_number
from symdiff.rules.factors import parts_of
from symdiff.rules.row import ArrayRule, Bound, Pull, Rule
from symdiff.rules.shapes import restored, total, unbroadcast
from symdiff.rules.template import Expansion, parse

__all__ = ["SPECIAL"]

Dots = dict[str, Atom]


def _row(form: str, *partials: str | None, ops: str = "") -> Rule:
    names = ops or form.partition("(")[0]
    ops = " ".join(f"scipy.special.{n}" for n in names.split())
    return Rule(form, tuple(partials), ops)


# Each argument of a symmetric function of three behind the others.
_LAST = ("y, z, x", "z, x, y", "x, y, z")


def _towards(last: str, others: str) -> tuple[str, ...]:
    """The partials of an integral in which one argument counts three times or twice:
    that by the last one follows, since the integral is homogeneous of degree -3/2."""
    slopes = [f"(out - elliprd({v})) / (2 * ({last} - {v[-1]}))" for v in _LAST]
    moved = "".join(f" + {v} * {p}" for v, p in zip(others, slopes, strict=False))
    return (*slopes[: len(others)], f"-(1.5 * out{moved}) / {last}")


_GAMMA = "exp((a - 1) * log(x) - x - gammaln(a))"

SCALAR: tuple[Rule, ...] = (
    # error functions
    _row("erf(x)", "2 / sqrt(pi) * exp(-x ** 2)"),
    _row("erfc(x)", "-2 / sqrt(pi) * exp(-x ** 2)"),
    _row("erfcx(x)", "2 * x * out - 2 / sqrt(pi)"),
    _row("erfinv(x)", "sqrt(pi) / 2 * exp(out ** 2)"),
    _row("erfcinv(x)", "-(sqrt(pi) / 2) * exp(out ** 2)"),
    _row("erfi(x)", "2 / sqrt(pi) * exp(x ** 2)"),
    _row("dawsn(x)", "1 - 2 * x * out"),
    _row("wofz(z)", "2j / sqrt(pi) - 2 * z * out"),
    _row("ndtr(x)", "exp(-x ** 2 / 2) / sqrt(2 * pi)"),
    _row("log_ndtr(x)", "exp(-x ** 2 / 2 - out) / sqrt(2 * pi)"),
    _row("ndtri(x)", "sqrt(2 * pi) * exp(out ** 2 / 2)"),
    _row("ndtri_exp(y)", "sqrt(2 * pi) * exp(y + out ** 2 / 2)"),
    _row(
        "owens_t(h, a)",
        "-exp(-h ** 2 / 2) * erf(a * h / sqrt(2)) / (2 * sqrt(2 * pi))",
        "exp(-h ** 2 * (1 + a ** 2) / 2) / (2 * pi * (1 + a ** 2))",
    ),
    # logistic functions and entropies
    _row("expit(x)", "out * (1 - out)"),
    _row("log_expit(x)", "expit(-x)"),
    _row("logit(x)", "1 / (x * (1 - x))"),
    _row("softplus(x)", "expit(x)"),
    _row("entr(x)", "-log(x) - 1"),
    _row("rel_entr(x, y)", "log(x / y) + 1", "-x / y"),
    _row("kl_div(x, y)", "log(x / y)", "1 - x / y"),
    _row("xlogy(x, y)", "log(y)", "x / y"),
    _row("xlog1py(x, y)", "log1p(y)", "x / (1 + y)"),
    _row(
        "huber(delta, r)",
        "0 if abs(r) <= delta else abs(r) - delta",
        "r if abs(r) <= delta else delta * sign(r)",
    ),
    _row(
        "pseudo_huber(delta, r)",
        "2 * out / delta - r ** 2 / delta / sqrt(1 + (r / delta) ** 2)",
        "r / sqrt(1 + (r / delta) ** 2)",
    ),
    # powers and exponentials
    _row("log1p(x)", "1 / (1 + x)"),
    _row("expm1(x)", "out + 1"),
    _row("cbrt(x)", "1 / (3 * out ** 2)"),
    _row("exp2(x)", "log(2) * out"),
    _row("exp10(x)", "log(10) * out"),
    _row("exprel(x)", "(exp(x) - out) / x if x != 0 else 0.5"),
    _row("cosm1(x)", "-sin(x)"),
    _row(
        "boxcox(x, lmbda)",
        "x ** (lmbda - 1)",
        "(x ** lmbda * log(x) - out) / (lmbda if lmbda != 0 else 1) "
        "if lmbda != 0 else log(x) ** 2 / 2",
    ),
    _row(
        "boxcox1p(x, lmbda)",
        "(1 + x) ** (lmbda - 1)",
        "((1 + x) ** lmbda * log1p(x) - out) / (lmbda if lmbda != 0 else 1) "
        "if lmbda != 0 else log1p(x) ** 2 / 2",
    ),
    _row(
        "inv_boxcox(y, lmbda)",
        "out ** (1 - lmbda)",
        "out * (y / (1 + lmbda * y) - log(out)) / (lmbda if lmbda != 0 else 1)"
        " if lmbda != 0 else -out * y ** 2 / 2",
    ),
    _row(
        "inv_boxcox1p(y, lmbda)",
        "(out + 1) ** (1 - lmbda)",
        "(out + 1) * (y / (1 + lmbda * y) - log1p(out)) / (lmbda if lmbda != 0 else 1)"
        " if lmbda != 0 else -(out + 1) * y ** 2 / 2",
    ),
    _row("powm1(x, y)", "y * x ** (y - 1)", "(out + 1) * log(x)"),
    _row("lambertw(z, k=0, tol=1e-8)", "exp(-out) / (1 + out)", "0", "0"),
    _row("wrightomega(z)", "out / (1 + out)"),
    *(
        _row(f"{name}(x)", f"pi / 180 * {slope}")
        for name, slope in (
            ("sindg", "cosdg(x)"),
            ("cosdg", "-sindg(x)"),
            ("tandg", "(1 + out ** 2)"),
            ("cotdg", "-(1 + out ** 2)"),
        )
    ),
    # gamma functions
    _row("gamma(x)", "out * digamma(x)"),
    _row("gammaln(x)", "digamma(x)", ops="gammaln loggamma"),
    _row("digamma(x)", "zeta(2, x)", ops="digamma psi"),
    _row("polygamma(n, x)", None, "polygamma(n + 1, x)"),
    _row("gammasgn(x)", "0"),
    _row("rgamma(x)", "-out * digamma(x)"),
    _row("factorial(n)", "out * digamma(n + 1)"),
    _row("beta(a, b)", *(f"out * (digamma({v}) - digamma(a + b))" for v in "ab")),
    _row("betaln(a, b)", *(f"digamma({v}) - digamma(a + b)" for v in "ab")),
    _row("poch(z, m)", "out * (digamma(z + m) - digamma(z))", "out * digamma(z + m)"),
    _row(
        "binom(n, k)",
        "out * (digamma(n + 1) - digamma(n - k + 1))",
        "out * (digamma(n - k + 1) - digamma(k + 1))",
        ops="binom comb",
    ),
    *(
        _row(f"{name}(a, x)", f"{sign}gammainc_slope(a, x)", f"{sign}{_GAMMA}")
        for name, sign in (("gammainc", ""), ("gammaincc", "-"))
    ),
    *(
        _row(
            f"{name}(a, y)",
            "-gammainc_slope(a, out) * exp(out - (a - 1) * log(out) + gammaln(a))",
            f"{sign}exp(out - (a - 1) * log(out) + gammaln(a))",
        )
        for name, sign in (("gammaincinv", ""), ("gammainccinv", "-"))
    ),
    _row("gammainc_slope(a, x)", None, f"{_GAMMA} * (log(x) - digamma(a))"),
    *(
        _row(
            f"{name}(a, b, x)",
            f"{sign}betainc_slope(a, b, x, 1, 0)",
            f"{sign}betainc_slope(a, b, x, 0, 1)",
            f"{sign}x ** (a - 1) * (1 - x) ** (b - 1) / beta(a, b)",
        )
        for name, sign in (("betainc", ""), ("betaincc", "-"))
    ),
    *(
        _row(
            f"{name}(a, b, y)",
            *(
                f"-betainc_slope(a, b, out, {by}) * beta(a, b)"
                " * out ** (1 - a) * (1 - out) ** (1 - b)"
                for by in ("1, 0", "0, 1")
            ),
            f"{sign}beta(a, b) * out ** (1 - a) * (1 - out) ** (1 - b)",
        )
        for name, sign in (("betaincinv", ""), ("betainccinv", "-"))
    ),
    _row(
        "betainc_slope(a, b, x, by_a, by_b)",
        None,
        None,
        "x ** (a - 1) * (1 - x) ** (b - 1) / beta(a, b)"
        " * (by_a * (log(x) - digamma(a)) + by_b * (log1p(-x) - digamma(b))"
        " + (by_a + by_b) * digamma(a + b))",
        "betainc_slope(a, b, x, 1, 0)",
        "betainc_slope(a, b, x, 0, 1)",
    ),
    _row(
        "stdtrit(df, p)",
        None,
        "beta(df / 2, 0.5) * sqrt(df) * (1 + out ** 2 / df) ** ((df + 1) / 2)",
    ),
    _row("zeta(x, q=1)", "zeta_slope(x, q, 1)", "-x * zeta(x + 1, q)"),
    _row("zetac(x)", "zeta_slope(x, 1, 1)"),
    _row(
        "zeta_slope(x, q, n)",
        "zeta_slope(x, q, n + 1)",
        "-x * zeta_slope(x + 1, q, n) - n * (zeta(x + 1, q) if n == 1 else"
        " zeta_slope(x + 1, q, n - 1))",
        None,
    ),
    # Bessel functions
    _row("j0(x)", "-j1(x)"),
    _row("j1(x)", "j0(x) - (out / x if x != 0 else 0.5)"),
    _row("y0(x)", "-y1(x)"),
    _row("y1(x)", "y0(x) - out / x"),
    _row("i0(x)", "i1(x)"),
    _row("i0e(x)", "i1e(x) - sign(x) * out"),
    _row("i1(x)", "i0(x) - (out / x if x != 0 else 0.5)"),
    _row("i1e(x)", "i0e(x) - sign(x) * out - (out / x if x != 0 else 0.5)"),
    _row("k0(x)", "-k1(x)"),
    _row("k0e(x)", "out - k1e(x)"),
    _row("k1(x)", "-k0(x) - out / x"),
    _row("k1e(x)", "out * (1 - 1 / x) - k0e(x)"),
    _row("jv(v, z)", None, "(jv(v - 1, z) - jv(v + 1, z)) / 2", ops="jv jn jve"),
    _row("yv(v, z)", None, "(yv(v - 1, z) - yv(v + 1, z)) / 2", ops="yv yn yve"),
    _row("iv(v, z)", None, "(iv(v - 1, z) + iv(v + 1, z)) / 2"),
    _row("ive(v, z)", None, "(ive(v - 1, z) + ive(v + 1, z)) / 2 - sign(z) * out"),
    _row("kv(v, z)", None, "-(kv(v - 1, z) + kv(v + 1, z)) / 2", ops="kv kn"),
    _row("kve(v, z)", None, "out - (kve(v - 1, z) + kve(v + 1, z)) / 2"),
    *(
        _row(
            f"{name}(n, z)",
            None,
            f"{sign}(n * {name}(abs(n - 1), z) {other} (n + 1) * {name}(n + 1, z))"
            " / (2 * n + 1)",
        )
        for name, sign, other in (
            ("spherical_jn", "", "-"),
            ("spherical_yn", "", "-"),
            ("spherical_in", "", "+"),
            ("spherical_kn", "-", "+"),
        )
    ),
    *(
        _row(
            f"{name}(v, x)",
            None,
            f"({name}(v - 1, x) {other} {name}(v + 1, x)"
            " + (x / 2) ** v * rgamma(v + 1.5) / sqrt(pi)) / 2",
        )
        for name, other in (("struve", "-"), ("modstruve", "+"))
    ),
    *(
        _row(*row)
        for kind in ("be", "ke")
        for row in (
            (f"{kind}r(x)", f"{kind}rp(x)"),
            (f"{kind}i(x)", f"{kind}ip(x)"),
            (f"{kind}rp(x)", f"-{kind}i(x) - out / x"),
            (f"{kind}ip(x)", f"{kind}r(x) - out / x"),
        )
    ),
    _row("itstruve0(x)", "struve(0, x)"),
    _row("itmodstruve0(x)", "modstruve(0, x)"),
    # integrals
    _row("exp1(x)", "-exp(-x) / x"),
    _row("expi(x)", "exp(x) / x"),
    _row("expn(n, x)", None, "-expn(n - 1, x) if n > 0 else -exp(-x) * (1 + x) / x ** 2"),
    _row("spence(x)", "log(x) / (1 - x) if x != 1 else -1"),
    _row(
        "ellipk(m)",
        "(ellipe(m) / (1 - m) - out) / (2 * m) if m != 0 else 0.39269908169872414",
    ),
    _row("ellipkm1(p)", "(out - ellipe(1 - p) / p) / (2 * (1 - p))"),
    _row("ellipe(m)", "(out - ellipk(m)) / (2 * m) if m != 0 else -0.39269908169872414"),
    _row(
        "ellipkinc(phi, m)",
        "1 / sqrt(1 - m * sin(phi) ** 2)",
        "(ellipeinc(phi, m) / (1 - m) - out) / (2 * m)"
        " - sin(phi) * cos(phi) / (2 * (1 - m) * sqrt(1 - m * sin(phi) ** 2))",
    ),
    _row(
        "ellipeinc(phi, m)",
        "sqrt(1 - m * sin(phi) ** 2)",
        "(out - ellipkinc(phi, m)) / (2 * m)",
    ),
    _row(
        "sph_harm_y(n, m, theta, phi)",
        None,
        None,
        "0.5 * (sqrt(abs((n - m) * (n + m + 1))) * exp(-1j * phi)"
        " * sph_harm_y(n, m + 1, theta, phi) - sqrt(abs((n + m) * (n - m + 1)))"
        " * exp(1j * phi) * sph_harm_y(n, m - 1, theta, phi))",
        "1j * m * out",
    ),
    # Carlson's integrals, DLMF 19.18; those of elliprd and elliprj are NaN where the last
    # argument equals another one
    _row(
        "elliprc(x, y)",
        "(out - x ** -0.5) / (2 * (y - x)) if x != y else -out / (6 * x)",
        "(x ** 0.5 - y * out) / (2 * y * (y - x)) if x != y else -out / (3 * x)",
    ),
    _row("elliprf(x, y, z)", *(f"-elliprd({v}) / 6" for v in _LAST)),
    _row(
        "elliprg(x, y, z)",
        *(f"(elliprf(x, y, z) - {v[-1]} * elliprd({v}) / 3) / 4" for v in _LAST),
    ),
    _row("elliprd(x, y, z)", *_towards("z", "xy")),
    _row("elliprj(x, y, z, p)", *_towards("p", "xyz")),
    # polynomials, of a degree that is a whole number
    _row("eval_legendre(n, x)", None, "eval_jacobi(n - 1, 1, 1, x) * (n + 1) / 2"),
    _row(
        "lpmv(m, v, x)",
        *(None,) * 2,
        "((v + m) * lpmv(m, v - 1, x) - v * x * out) / (1 - x ** 2)",
    ),
    _row("eval_sh_legendre(n, x)", None, "(n + 1) * eval_jacobi(n - 1, 1, 1, 2 * x - 1)"),
    _row("eval_sh_chebyt(n, x)", None, "2 * n * eval_chebyu(n - 1, 2 * x - 1)"),
    _row("eval_sh_chebyu(n, x)", None, "4 * eval_gegenbauer(n - 1, 2, 2 * x - 1)"),
    _row("eval_chebyc(n, x)", None, "n * eval_chebyu(n - 1, x / 2)"),
    _row("eval_chebys(n, x)", None, "eval_gegenbauer(n - 1, 2, x / 2)"),
    _row("eval_chebyt(n, x)", None, "n * eval_chebyu(n - 1, x)"),
    _row("eval_chebyu(n, x)", None, "2 * eval_gegenbauer(n - 1, 2, x)"),
    _row(
        "eval_gegenbauer(n, alpha, x)",
        None,
        None,
        "2 * alpha * eval_gegenbauer(n - 1, alpha + 1, x)",
    ),
    _row(
        "eval_jacobi(n, alpha, beta, x)",
        *(None,) * 3,
        "(n + alpha + beta + 1) / 2 * eval_jacobi(n - 1, alpha + 1, beta + 1, x)",
    ),
    _row("eval_hermite(n, x)", None, "2 * n * eval_hermite(n - 1 if n > 0 else 0, x)"),
    _row("eval_hermitenorm(n, x)", None, "n * eval_hermitenorm(n - 1 if n > 0 else 0, x)"),
    _row("eval_laguerre(n, x)", None, "-eval_genlaguerre(n - 1, 1, x)"),
    _row(
        "eval_genlaguerre(n, alpha, x)",
        None,
        None,
        "-eval_genlaguerre(n - 1, alpha + 1, x)",
    ),
    # hypergeometric functions
    _row("hyp0f1(v, z)", None, "hyp0f1(v + 1, z) / v"),
    _row("hyperu(a, b, x)", None, None, "-a * hyperu(a + 1, b + 1, x)"),
    _row("hyp1f1(a, b, x)", None, None, "a / b * hyp1f1(a + 1, b + 1, x)"),
    _row("hyp2f1(a, b, c, z)", *(None,) * 3, "a * b / c * hyp2f1(a + 1, b + 1, c + 1, z)"),
)

# -- of arrays ------------------------------------------------------------------------


def _share(c: Bound) -> Atom:
    """exp(a - logsumexp(a)), the share of each element."""
    return c.emit("numpy.exp", c.b.emit("sub", c["a"], restored(c, c.out)))


def _logsumexp_a(c: Bound, g: Atom) -> Atom:
    if is_number(kind_of(c["a"])):
        return g
    share = _share(c)
    if c["b"] != Const(None):
        share = c.b.emit("mul", c["b"], share)
    return c.b.emit("mul", restored(c, g), share)


def _logsumexp_push(c: Bound, dots: Dots) -> Atom:
    keywords = {k: c[k] for k in ("axis", "keepdims") if k in c.given}
    share = _share(c)
    if c["b"] != Const(None):
        share = c.b.emit("mul", c["b"], share)
    return c.emit("numpy.sum", c.b.emit("mul", share, dots["a"]), **keywords)


def _summed(c: Bound, x: Atom) -> Atom:
    if c["axis"] == Const(None):
        return c.emit("numpy.sum", x)
    return c.emit("numpy.sum", x, axis=c["axis"], keepdims=True)


def _softmax(c: Bound, g: Atom) -> Atom:
    b = c.b
    rest = _summed(c, b.emit("mul", g, c.out))
    return b.emit("mul", b.emit("sub", g, rest), c.out)


def _log_softmax(c: Bound, g: Atom) -> Atom:
    b, share = c.b, c.emit("numpy.exp", c.out)
    return b.emit("sub", g, b.emit("mul", share, _summed(c, g)))


def _log_softmax_push(c: Bound, dots: Dots) -> Atom:
    b, share = c.b, c.emit("numpy.exp", c.out)
    return b.emit("sub", dots["x"], _summed(c, b.emit("mul", share, dots["x"])))


class _Several(ArrayRule):
    """An elementwise function with several results, which the partials call out0, out1
    and so on: those of each result by one argument after the other."""

    def __init__(self, form: str, **partials: tuple[str, ...]) -> None:
        pulls: dict[str, Pull | None] = {}
        for name, texts in partials.items():
            pulls[name] = self._back(name, texts)
        op = f"scipy.special.{form.partition('(')[0]}"
        super().__init__(form, pulls, op, self._along)
        self.slopes = partials
        self.count = len(next(iter(partials.values())))

    def _term(self, c: Bound, text: str, factor: Atom) -> Atom:
        """A factor times a partial."""
        results = {f"out{k}": c.b.emit("item", c.out, params=k) for k in range(self.count)}
        expansion = Expansion(c.b, {**c.given, **results}, "numpy", c.eq.op)
        return expansion.settle(expansion.times(factor, parse(text))) or Const(0.0)

    def _back(self, name: str, texts: tuple[str, ...]) -> Pull:
        def pull(c: Bound, g: Atom) -> Atom:
            parts = zip(texts, parts_of(c, g, self.count), strict=True)
            terms = [self._term(c, text, part) for text, part in parts if part is not None]
            return unbroadcast(c.b, total(c.b, terms), c[name]) if terms else Const(0.0)

        return pull

    def _along(self, c: Bound, dots: Dots) -> Atom:
        several = (
            total(c.b, (self._term(c, self.slopes[n][k], dot) for n, dot in dots.items()))
            for k in range(self.count)
        )
        return c.b.emit("tuple", *several)


# By the parameter m, with the amplitude out3: its derivative is that of ellipkinc.
_AMPLITUDE = (
    "(out0 * out1 - out2 * (ellipeinc(out3, m) - (1 - m) * u) / (m if m != 0 else 1))"
    " / (2 * (1 - m))"
    " if m != 0 else (out0 * out1 - u) / 4"
)

SPECIAL: tuple[Rule, ...] = (
    *SCALAR,
    ArrayRule(
        "logsumexp(a, axis=None, b=None, keepdims=False)",
        {"a": _logsumexp_a},
        "scipy.special.logsumexp",
        _logsumexp_push,
    ),
    ArrayRule(
        "softmax(x, axis=None)",
        {"x": _softmax},
        "scipy.special.softmax",
        lambda c, dots: _softmax(c, dots["x"]),
    ),
    ArrayRule(
        "log_softmax(x, axis=None)",
        {"x": _log_softmax},
        "scipy.special.log_softmax",
        _log_softmax_push,
    ),
    _Several("fresnel(x)", x=("sin(pi / 2 * x ** 2)", "cos(pi / 2 * x ** 2)")),
    _Several("sici(x)", x=("sin(x) / x if x != 0 else 1", "cos(x) / x")),
    _Several("shichi(x)", x=("sinh(x) / x if x != 0 else 1", "cosh(x) / x")),
    _Several("itj0y0(x)", x=("j0(x)", "y0(x)")),
    _Several("iti0k0(x)", x=("i0(x)", "k0(x)")),
    _Several("it2j0y0(x)", x=("(1 - j0(x)) / x", "-y0(x) / x")),
    _Several("airy(z)", z=("out1", "z * out0", "out3", "z * out2")),
    _Several(
        "ellipj(u, m)",
        u=("out1 * out2", "-out0 * out2", "-m * out0 * out1", "out2"),
        m=(
            f"out1 * ({_AMPLITUDE})",
            f"-out0 * ({_AMPLITUDE})",
            f"-out0 * (out0 / 2 + m * out1 * ({_AMPLITUDE})) / out2",
            _AMPLITUDE,
        ),
    ),
)
