"""The rows of `scipy.special` that SymPy knows, against its derivatives."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import scipy.special
import scipy.stats
import sympy

import symdiff
from symdiff.rules.special import SCALAR, SPECIAL
from symdiff.rules.template import signature

bessel = {
    f"{name}{k}": (lambda f, k: lambda x: f(k, x))(f, k)
    for name, f in (
        ("j", sympy.besselj),
        ("y", sympy.bessely),
        ("i", sympy.besseli),
        ("k", sympy.besselk),
    )  # fmt: skip
    for k in (0, 1)
}
scaled = {
    f"{name}e": (lambda f, sign: lambda x: sympy.exp(sign * x) * f(x))(bessel[name], sign)
    for name, sign in (("i0", -1), ("i1", -1), ("k0", 1), ("k1", 1))
}


def expit(x):
    return 1 / (1 + sympy.exp(-x))


def ndtr(x):
    return (1 + sympy.erf(x / sympy.sqrt(2))) / 2


def probit(x):
    return sympy.sqrt(2) * sympy.erfinv(2 * x - 1)


def huber(d, r):
    far = d * (abs(r) - d / 2)
    return sympy.Piecewise((r**2 / 2, abs(r) <= d), (far, True))


# As functions of SymPy, of positive numbers.
KNOWN = {
    **bessel, **scaled,
    "erf": sympy.erf, "erfc": sympy.erfc,
    "erfcx": lambda x: sympy.exp(x**2) * sympy.erfc(x),
    "erfinv": sympy.erfinv, "erfcinv": sympy.erfcinv,
    "dawsn": lambda x: sympy.sqrt(sympy.pi) / 2 * sympy.exp(-(x**2)) * sympy.erfi(x),
    "ndtr": ndtr, "log_ndtr": lambda x: sympy.log(ndtr(x)),
    "expit": expit, "log_expit": lambda x: sympy.log(expit(x)),
    "softplus": lambda x: sympy.log(1 + sympy.exp(x)),
    "logit": lambda x: sympy.log(x / (1 - x)),
    "entr": lambda x: -x * sympy.log(x),
    "rel_entr": lambda x, y: x * sympy.log(x / y),
    "kl_div": lambda x, y: x * sympy.log(x / y) - x + y,
    "xlogy": lambda x, y: x * sympy.log(y),
    "xlog1py": lambda x, y: x * sympy.log(1 + y),
    "pseudo_huber": lambda d, r: d**2 * (sympy.sqrt(1 + (r / d) ** 2) - 1),
    "log1p": lambda x: sympy.log(1 + x), "expm1": lambda x: sympy.exp(x) - 1,
    "cbrt": sympy.cbrt, "exp2": lambda x: 2**x, "exp10": lambda x: 10**x,
    "exprel": lambda x: (sympy.exp(x) - 1) / x, "cosm1": lambda x: sympy.cos(x) - 1,
    "boxcox": lambda x, k: (x**k - 1) / k, "boxcox1p": lambda x, k: ((1 + x) ** k - 1) / k,
    "inv_boxcox": lambda y, k: (1 + k * y) ** (1 / k),
    "inv_boxcox1p": lambda y, k: (1 + k * y) ** (1 / k) - 1,
    "powm1": lambda x, y: x**y - 1,
    "lambertw": lambda z, k, tol: sympy.LambertW(z),
    "wrightomega": lambda z: sympy.LambertW(sympy.exp(z)),
    "wofz": lambda z: sympy.exp(-(z**2)) * sympy.erfc(-sympy.I * z),
    "sindg": lambda x: sympy.sin(sympy.pi * x / 180),
    "cosdg": lambda x: sympy.cos(sympy.pi * x / 180),
    "tandg": lambda x: sympy.tan(sympy.pi * x / 180),
    "cotdg": lambda x: sympy.cot(sympy.pi * x / 180),
    "spherical_jn": lambda n, z: sympy.sqrt(sympy.pi / 2 / z)
    * sympy.besselj(n + sympy.Rational(1, 2), z),
    "spherical_in": lambda n, z: sympy.sqrt(sympy.pi / 2 / z)
    * sympy.besseli(n + sympy.Rational(1, 2), z),
    "spherical_kn": lambda n, z: sympy.sqrt(sympy.pi / 2 / z)
    * sympy.besselk(n + sympy.Rational(1, 2), z),
    "spherical_yn": lambda n, z: sympy.sqrt(sympy.pi / 2 / z)
    * sympy.bessely(n + sympy.Rational(1, 2), z),
    "gamma": sympy.gamma, "gammaln": sympy.loggamma, "digamma": sympy.digamma,
    "rgamma": lambda x: 1 / sympy.gamma(x), "factorial": lambda n: sympy.gamma(n + 1),
    "beta": lambda a, b: sympy.gamma(a) * sympy.gamma(b) / sympy.gamma(a + b),
    "betaln": lambda a, b: sympy.loggamma(a) + sympy.loggamma(b) - sympy.loggamma(a + b),
    "poch": lambda z, m: sympy.gamma(z + m) / sympy.gamma(z),
    "binom": lambda n, k: sympy.gamma(n + 1)
    / sympy.gamma(k + 1) / sympy.gamma(n - k + 1),
    "gammainc": lambda a, x: sympy.lowergamma(a, x) / sympy.gamma(a),
    "gammaincc": lambda a, x: sympy.uppergamma(a, x) / sympy.gamma(a),
    "betainc": lambda a, b, x: sympy.betainc_regularized(a, b, 0, x),
    "betaincc": lambda a, b, x: sympy.betainc_regularized(a, b, x, 1),
    "polygamma": sympy.polygamma, "zeta": sympy.zeta,
    "erfi": sympy.erfi, "ndtri": probit, "ndtri_exp": lambda y: probit(sympy.exp(y)),
    "huber": huber, "gammasgn": lambda x: sympy.sign(sympy.gamma(x)),
    "ellipkinc": sympy.elliptic_f, "ellipeinc": sympy.elliptic_e,
    "eval_legendre": sympy.legendre, "eval_chebyt": sympy.chebyshevt,
    "eval_chebyu": sympy.chebyshevu, "eval_gegenbauer": sympy.gegenbauer,
    "eval_jacobi": sympy.jacobi, "eval_hermite": sympy.hermite,
    "eval_hermitenorm": lambda n, x: 2 ** (-n / 2) * sympy.hermite(n, x / sympy.sqrt(2)),
    "eval_laguerre": sympy.laguerre, "eval_genlaguerre": sympy.assoc_laguerre,
    "sph_harm_y": sympy.Ynm,
    "lpmv": lambda m, v, x: sympy.assoc_legendre(v, m, x),
    "eval_sh_legendre": lambda n, x: sympy.legendre(n, 2 * x - 1),
    "eval_sh_chebyt": lambda n, x: sympy.chebyshevt(n, 2 * x - 1),
    "eval_sh_chebyu": lambda n, x: sympy.chebyshevu(n, 2 * x - 1),
    "eval_chebyc": lambda n, x: 2 * sympy.chebyshevt(n, x / 2),
    "eval_chebys": lambda n, x: sympy.chebyshevu(n, x / 2),
    "jv": sympy.besselj, "yv": sympy.bessely, "iv": sympy.besseli, "kv": sympy.besselk,
    "ive": lambda v, z: sympy.exp(-z) * sympy.besseli(v, z),
    "kve": lambda v, z: sympy.exp(z) * sympy.besselk(v, z),
    "exp1": lambda x: sympy.expint(1, x), "expi": sympy.Ei, "expn": sympy.expint,
    "spence": lambda x: sympy.polylog(2, 1 - x),
    "ellipk": sympy.elliptic_k, "ellipe": sympy.elliptic_e,
    "ellipkm1": lambda p: sympy.elliptic_k(1 - p),
    "hyp0f1": lambda v, z: sympy.hyper((), (v,), z),
    "hyp1f1": lambda a, b, x: sympy.hyper((a,), (b,), x),
    "hyp2f1": lambda a, b, c, z: sympy.hyper((a, b), (c,), z),
}  # fmt: skip
SPACE = {
    **KNOWN, "pi": sympy.pi, "exp": sympy.exp, "log": sympy.log, "sqrt": sympy.sqrt,
    "log1p": lambda x: sympy.log(1 + x), "sin": sympy.sin, "cos": sympy.cos,
    "sign": sympy.sign, "abs": sympy.Abs, "I": sympy.I,
}  # fmt: skip
# No function of SymPy: Owen's T, Struve's and Kelvin's, Carlson's integrals, inverses and
# what only derivatives of others call. Those are compared with differences alone.
NOT_KNOWN = """
    owens_t gammaincinv gammainccinv gammainc_slope betaincinv betainccinv betainc_slope
    zetac zeta_slope struve modstruve elliprc elliprf elliprg elliprd elliprj hyperu
    stdtrit ber bei berp beip ker kei kerp keip itstruve0 itmodstruve0
""".split()
ROWS = {op.rpartition(".")[2]: row for row in SPECIAL for op in row.ops}
# Where the last argument lies, and whose first one is a whole number.
BELOW_ONE = """
    erfinv erfcinv logit ndtri ellipk ellipe ellipkm1 ellipkinc ellipeinc betainc betaincc
    lpmv hyp2f1
""".split()
BELOW_ZERO = ("ndtri_exp",)
WHOLE = ("expn", "sph_harm_y")
POINTS = [sympy.Rational(*v) for v in ((3, 7), (5, 4), (8, 3), (1, 3))]


@pytest.mark.parametrize("name", KNOWN)
def test_row_is_the_derivative(name):
    row = ROWS[name]
    names, *_ = signature(row.form)
    symbols = [sympy.Symbol(n, positive=True) for n in names]
    value = KNOWN[name](*symbols)
    given = dict(zip(names, symbols, strict=True))
    for symbol, text in zip(symbols, row.texts(len(names)), strict=True):
        if text is None or "_slope" in text:  # of no closed form
            continue
        text = text.replace("1j", "I")  # exact
        for shift in (0, 1):
            at = {s: POINTS[(k + shift) % 4] for k, s in enumerate(symbols)}
            if name in BELOW_ONE:
                at[symbols[-1]] = sympy.Rational(2 + shift, 5)
            if name in BELOW_ZERO:
                at[symbols[-1]] = -sympy.Rational(2 + shift, 5)
            if name in WHOLE or name.startswith(("spherical", "eval")):
                at[symbols[0]] = sympy.Integer(2 + shift)
            if name == "sph_harm_y":
                at[symbols[1]] = sympy.Integer(1 - 2 * shift)
            if name == "lpmv":
                at |= dict(zip(symbols, (sympy.Integer(1), sympy.Integer(3 + shift))))
            expected = sympy.N(sympy.diff(value, symbol).subs(at).doit(), 25)
            numbers = {n: at[s] for n, s in given.items()}
            partial = eval(text, SPACE, {**numbers, "out": value.subs(at)})
            assert abs(sympy.N(partial, 25) - expected) < 1e-18, (name, text)


def test_sympy_proves_what_it_knows():
    names = {row.ops[0].rpartition(".")[2] for row in SCALAR}
    proved = {ROWS[name].ops[0].rpartition(".")[2] for name in KNOWN}
    assert names - proved == set(NOT_KNOWN)


def _moved(function, args, place):
    """The derivative of a function of mpmath, by one argument."""
    with mpmath.workdps(40):
        step = mpmath.mpf(10) ** -15
        near = []
        for sign in (1, -1):
            given = [mpmath.mpf(arg) for arg in args]
            given[place] += sign * step
            near.append(function(*given))
        return float((near[0] - near[1]) / (2 * step))


@pytest.mark.parametrize("a", [0.02, 0.7, 3.3, 41.0, 600.0])
@pytest.mark.parametrize("ratio", [1e-4, 0.4, 0.97, 1.02, 1.6, 4.0])
def test_incomplete_gamma_by_its_parameter(a, ratio):
    x = a * ratio

    def above(a, x):
        return mpmath.gammainc(a, x, regularized=True)

    exact = -_moved(above, (a, x), 0)
    assert symdiff.grad(scipy.special.gammainc)(a, x) == pytest.approx(exact, rel=1e-10)
    assert symdiff.grad(scipy.special.gammaincc)(a, x) == pytest.approx(-exact, rel=1e-10)


@pytest.mark.parametrize("a", [0.06, 2.3, 50.0])
@pytest.mark.parametrize("b", [0.2, 3.0, 120.0])
@pytest.mark.parametrize("x", [1e-6, 0.1, 0.45, 0.8, 0.999])
def test_incomplete_beta_by_its_parameters(a, b, x):
    def below(a, b, x):
        return mpmath.betainc(a, b, 0, x, regularized=True)

    def above(a, b, x):
        return -mpmath.betainc(b, a, 0, 1 - x, regularized=True)

    for place in (0, 1):
        exact = _moved(below if x < a / (a + b) else above, (a, b, x), place)
        found = symdiff.grad(scipy.special.betainc, argnums=place)(a, b, x)
        assert found == pytest.approx(exact, rel=1e-10)


def test_incomplete_functions_beyond_their_range():
    a = np.array([0.5, 2.0])
    for x in (-1.0, 0.0, np.inf):
        with np.errstate(all="ignore"):
            found = symdiff.grad(lambda a: np.sum(scipy.stats.gamma.cdf(x, a)))(a)
        np.testing.assert_array_equal(found, 0.0)
    narrow = symdiff.grad(lambda a: np.sum(scipy.special.gammainc(a, np.float32(2))))
    assert narrow(a.astype(np.float32)).dtype == np.float32
    assert symdiff.grad(lambda a: np.sum(scipy.special.gammainc(a, 2.0)))(a[:0]).shape == (
        0,
    )


@pytest.mark.parametrize("x", [-11.3, -2.0, -0.4, 0.0, 0.7, 1.2, 3.0, 28.0])
def test_zeta_by_its_argument(x):
    exact = _moved(mpmath.zeta, (x,), 0)
    assert symdiff.grad(scipy.special.zeta)(x) == pytest.approx(exact, rel=1e-11)
    assert symdiff.grad(scipy.special.zetac)(x) == pytest.approx(exact, rel=1e-11)
    twice = symdiff.grad(symdiff.grad(scipy.special.zetac))
    bend = _moved(lambda x: mpmath.diff(mpmath.zeta, x), (x,), 0)
    assert twice(x) == pytest.approx(bend, rel=1e-8)


@pytest.mark.parametrize("q", [0.2, 1.0, 7.5])
def test_zeta_of_hurwitz_by_its_argument(q):
    exact = float(mpmath.zeta(2.5, q, 1))
    assert symdiff.grad(scipy.special.zeta)(2.5, q) == pytest.approx(exact, rel=1e-12)
    narrow = symdiff.grad(lambda x: scipy.special.zeta(x))(np.float32(2.5))
    assert type(narrow) is np.float32
