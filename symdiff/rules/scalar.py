"""Element-wise rules. The tests prove every row by SymPy, from the row itself.

Conventions where there is no derivative, those of JAX unless noted:
the slope of abs at 0 is 0; `numpy.maximum` and `minimum` share equal arguments half and
half; Python's `max` and `min` give all to the argument that Python returns, the first of
equal ones; `numpy.clip` gives all to x where x is within the bounds, bounds included;
steps (floor, round, sign, comparisons, …) have slope 0 everywhere; `x ** y` at x = 0
has slope 0 in y; the distance `hypot`, and the root of a sum of squares, has slope 0 at 0.
"""

from __future__ import annotations

from symdiff.rules.roots import Root
from symdiff.rules.row import Rule

__all__ = ["CONSTANT", "SCALAR"]


def _log(arity: int) -> tuple[str, ...]:
    if arity == 1:
        return ("1 / x",)
    return ("1 / (x * log(base))", "-out / (base * log(base))")


def _hypot(arity: int) -> tuple[str, ...]:
    return tuple(f"x{k} / (out if out != 0 else 1)" for k in range(arity))


def _chosen(sign: str, arity: int) -> tuple[str, ...]:
    """Of max and min: 1 for the argument that Python picks, the first of equal ones.
    With one argument, a sequence, there are no texts: it is refused."""
    if arity == 1:
        return ()
    if arity == 2:
        test = f"x1 {sign} x0"
        return (f"0 if {test} else 1", f"1 if {test} else 0")
    texts = []
    for k in range(arity):
        earlier = "".join(f"0 if x{j} == out else " for j in range(k))
        texts.append(f"{earlier}1 if x{k} == out else 0")
    return tuple(texts)


def _max(arity: int) -> tuple[str, ...]:
    return _chosen(">", arity)


def _min(arity: int) -> tuple[str, ...]:
    return _chosen("<", arity)


SCALAR: tuple[Rule, ...] = (
    # operators
    Rule("x + y", ("1", "1"), "add numpy.add"),
    Rule("x - y", ("1", "-1"), "sub numpy.subtract"),
    Rule("x * y", ("y", "x"), "mul numpy.multiply"),
    Rule("x / y", ("1 / y", "-1 / y * out"), "div numpy.divide numpy.true_divide"),
    Rule("x % y", ("1", "-(x // y)"), "mod numpy.mod numpy.remainder"),
    # The guards keep 0 ** (0 - 1) and log(0) away; a constant y decides them beforehand.
    Root(
        "x ** y",
        (
            "y * x ** (y - 1 if y != 0 else 1)",
            "out * log(x if x != 0 else 1)",
        ),
        "pow math.pow builtins.pow numpy.power numpy.pow numpy.float_power",
    ),
    Rule("-x", ("-1",), "neg numpy.negative"),
    Rule("conjugate(x)", ("1",), "numpy.conjugate numpy.conj"),  # of real numbers
    Rule("+x", ("1",), "pos numpy.positive"),
    Rule("select(c, a, b)", ("0", "1 if c else 0", "0 if c else 1"), "select numpy.where"),
    # trigonometry
    Rule("sin(x)", ("cos(x)",)),
    Rule("cos(x)", ("-sin(x)",)),
    Rule("tan(x)", ("1 + out ** 2",)),
    Rule("asin(x)", ("1 / sqrt(1 - x ** 2)",), "math.asin numpy.arcsin numpy.asin"),
    Rule("acos(x)", ("-1 / sqrt(1 - x ** 2)",), "math.acos numpy.arccos numpy.acos"),
    Rule("atan(x)", ("1 / (1 + x ** 2)",), "math.atan numpy.arctan numpy.atan"),
    Rule(
        "atan2(y, x)",
        ("x / (x ** 2 + y ** 2)", "-y / (x ** 2 + y ** 2)"),
        "math.atan2 numpy.arctan2 numpy.atan2",
    ),
    Rule("sinh(x)", ("cosh(x)",)),
    Rule("cosh(x)", ("sinh(x)",)),
    Rule("tanh(x)", ("1 - out ** 2",)),
    Rule("asinh(x)", ("1 / sqrt(x ** 2 + 1)",), "math.asinh numpy.arcsinh numpy.asinh"),
    Rule("acosh(x)", ("1 / sqrt(x ** 2 - 1)",), "math.acosh numpy.arccosh numpy.acosh"),
    Rule("atanh(x)", ("1 / (1 - x ** 2)",), "math.atanh numpy.arctanh numpy.atanh"),
    Rule("degrees(x)", ("180 / pi",), "math.degrees numpy.degrees numpy.rad2deg"),
    Rule("radians(x)", ("pi / 180",), "math.radians numpy.radians numpy.deg2rad"),
    Rule("sinc(x)", ("(cos(pi * x) - out) / (x if x != 0 else 1)",), "numpy.sinc"),
    # exponentials, logarithms, roots
    Rule("exp(x)", ("out",)),
    Rule("exp2(x)", ("log(2) * out",)),
    Rule("expm1(x)", ("out + 1",)),
    Rule("log(x, base=None)", _log),
    Rule("log2(x)", ("1 / (x * log(2))",)),
    Rule("log10(x)", ("1 / (x * log(10))",)),
    Rule("log1p(x)", ("1 / (1 + x)",)),
    Rule("logaddexp(x, y)", ("exp(x - out)", "exp(y - out)"), "numpy.logaddexp"),
    Rule("logaddexp2(x, y)", ("exp2(x - out)", "exp2(y - out)"), "numpy.logaddexp2"),
    Root("sqrt(x)", ("0.5 / out",)),
    Rule("cbrt(x)", ("1 / (3 * out ** 2)",)),
    Rule("square(x)", ("2 * x",), "numpy.square"),
    Rule("reciprocal(x)", ("-out ** 2",), "numpy.reciprocal"),
    Rule("hypot(*x)", _hypot),
    Rule("erf(x)", ("2 / sqrt(pi) * exp(-x ** 2)",), "math.erf"),
    Rule("erfc(x)", ("-2 / sqrt(pi) * exp(-x ** 2)",), "math.erfc"),
    Rule("gamma(x)", ("out * digamma(x)",), "math.gamma"),
    Rule("lgamma(x)", ("digamma(x)",), "math.lgamma"),
    Rule("digamma(x)", ("trigamma(x)",), "digamma"),
    # sign and remainder
    Rule(
        "abs(x)",
        ("sign(x)",),
        "builtins.abs math.fabs numpy.abs numpy.absolute numpy.fabs",
    ),
    Rule("copysign(x, y)", ("sign(x) * copysign(1, y)", "0")),
    Rule("fmod(x, y)", ("1", "(out - x) / y")),
    Rule("remainder(x, y)", ("1", "(out - x) / y"), "math.remainder"),
    Rule("fma(x, y, z)", ("y", "x", "1"), "math.fma"),
    Rule("ldexp(x, i)", ("2.0 ** i", "0")),
    Rule("heaviside(x, y)", ("0", "1 if x == 0 else 0"), "numpy.heaviside"),
    # choices
    Rule("max(*x)", _max, "builtins.max"),
    Rule("min(*x)", _min, "builtins.min"),
    Rule(
        "maximum(x, y)",
        ("1 if x > y else 0.5 if x == y else 0", "0 if x > y else 0.5 if x == y else 1"),
        "numpy.maximum",
    ),
    Rule(
        "minimum(x, y)",
        ("1 if x < y else 0.5 if x == y else 0", "0 if x < y else 0.5 if x == y else 1"),
        "numpy.minimum",
    ),
    # These two pass over a NaN: the other argument is then the result.
    Rule(
        "fmax(x, y)",
        (
            "0 if y > x else 0.5 if y == x else 1 if x == x else 0",
            "0 if x > y else 0.5 if x == y else 1 if y == y else 0",
        ),
        "numpy.fmax",
    ),
    Rule(
        "fmin(x, y)",
        (
            "0 if y < x else 0.5 if y == x else 1 if x == x else 0",
            "0 if x < y else 0.5 if x == y else 1 if y == y else 0",
        ),
        "numpy.fmin",
    ),
    Rule(
        "clip(x, a_min=None, a_max=None)",
        (
            "1 if x == out else 0",
            "0 if x >= a_min else 0 if a_min > a_max else 1",
            "1 if x > a_max else 1 if a_min > a_max else 0",
        ),
        "numpy.clip",
    ),
    Rule(
        "nan_to_num(x, copy=True, nan=0.0, posinf=None, neginf=None)",
        (
            "1 if isfinite(x) else 0",
            "0",
            "1 if x != x else 0",
            "0 if isfinite(x) else 1 if x > 0 else 0",
            "0 if isfinite(x) else 1 if x < 0 else 0",
        ),
        "numpy.nan_to_num",
    ),
    # conversions
    Rule("float(x)", ("1",), "builtins.float numpy.float64 numpy.float32 numpy.float16"),
)


def _named(prefix: str, names: str) -> tuple[str, ...]:
    return tuple(f"{prefix}{name}" for name in names.split())


# Operations whose result never depends smoothly on their arguments.
CONSTANT: frozenset[str] = frozenset(
    (
        *_named(
            "",
            "floordiv lt le gt ge eq ne is isnot in notin not invert bitand bitor bitxor "
            "lshift rshift fstring assert raise raises comment tape handed",
        ),
        *_named(
            "builtins.",
            "all any ascii bin bool callable chr format getattr hasattr hash hex id int "
            "isinstance issubclass len oct ord print range repr round str type",
        ),
        *_named("list.", "index order zeros_like"),
        *_named(
            "math.",
            "ceil comb factorial floor gcd isclose isfinite isinf isnan isqrt lcm perm "
            "trunc ulp",
        ),
        *_named(
            "numpy.",
            "all allclose any argmax argmin argpartition argsort argwhere "
            "around array_equal array_equiv bartlett bitwise_and bitwise_or bitwise_xor "
            "blackman bool_ "
            "broadcast_shapes ceil count_nonzero diag_indices digitize dtype empty "
            "empty_like equal eye finfo fix flatnonzero floor floor_divide greater "
            "greater_equal hamming hanning identity iinfo indices invert "
            "iscomplex iscomplexobj isclose isfinite isin isinf isnan isneginf isposinf "
            "isreal isrealobj isscalar issubdtype less less_equal lexsort logical_and "
            "logical_not logical_or logical_xor nanargmax nanargmin ndim "
            "nonzero not_equal ones ones_like result_type rint round searchsorted shape "
            "shares_memory sign signbit size spacing tri tril_indices triu_indices trunc "
            "unravel_index zeros zeros_like "
            "can_cast common_type einsum_path histogram_bin_edges isdtype mask_indices "
            "may_share_memory mintypecode promote_types ravel_multi_index bool",
        ),
        *_named(
            "numpy.polynomial.",
            "chebyshev.chebgauss hermite.hermgauss hermite_e.hermegauss laguerre.laggauss "
            "legendre.leggauss",
        ),
        *_named("numpy.", "int8 int16 int32 int64 uint8 uint16 uint32 uint64"),
    )
)
