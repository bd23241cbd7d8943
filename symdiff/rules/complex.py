"""Rules where complex numbers take part: docs/complex.md states the convention.

Adjoints are paired without a conjugate: y_bar * dy, of which the real part counts. So a
holomorphic function has one partial for both modes, which multiplies: the row for real
numbers serves. A function that is not has a row here, with what multiplies a change of
its argument; of a result that is real, as of abs, the real part of the product is meant.
"""

from __future__ import annotations

from symdiff.ir.builder import Builder
from symdiff.ir.core import Atom, Equation, Var, kind_of
from symdiff.ir.kinds import Kind, Tuple, is_complex
from symdiff.rules.row import ZERO, ArrayRule, Bound, Rule
from symdiff.rules.shapes import shape_of
from symdiff.rules.signals import in_full, turned
from symdiff.rules.template import conjugate

__all__ = ["HOLOMORPHIC", "OF_COMPLEX", "takes_complex"]


def takes_complex(eq: Equation) -> bool:
    """Whether complex numbers take part in an operation."""
    if _holds_complex(eq.target.kind):
        return True
    for atom in eq.args:  # noqa: SIM110 - a generator would take three times as long
        if _holds_complex(kind_of(atom)):
            return True
    return False


def _holds_complex(kind: Kind) -> bool:
    if isinstance(kind, Tuple):
        return any(map(_holds_complex, kind.items))
    return is_complex(kind)


class _Conjugate(Rule):
    """The conjugate: linear over the real numbers only."""

    def __init__(self) -> None:
        super().__init__("conjugate(x)", ZERO, "conjugate numpy.conjugate numpy.conj")

    def vjp(
        self, b: Builder, eq: Equation, out_bar: Atom, wanted: tuple[bool, ...]
    ) -> tuple[Atom | None, ...]:
        return (conjugate(b, out_bar) if wanted[0] else None,)

    def jvp(self, b: Builder, eq: Equation, dots: tuple[Atom | None, ...]) -> Atom | None:
        return None if dots[0] is None else conjugate(b, dots[0])


class _Absolute(Rule):
    """The absolute value. What multiplies it in its adjoint, as in that of `abs(z) ** 2`,
    multiplies the conjugate: there is no division, and no 0 to be kept from it."""

    def __init__(self) -> None:
        super().__init__("abs(x)", (_UNIT,), "builtins.abs numpy.abs numpy.absolute")

    def vjp(
        self, b: Builder, eq: Equation, out_bar: Atom, wanted: tuple[bool, ...]
    ) -> tuple[Atom | None, ...]:
        factor = _cofactor(b, out_bar, eq.target)
        if not wanted[0] or factor is None:
            return super().vjp(b, eq, out_bar, wanted)
        return (b.emit("mul", factor, conjugate(b, eq.args[0])),)


def _cofactor(b: Builder, product: Atom, factor: Atom) -> Atom | None:
    """The product without one of its factors; None if that is none of them."""
    made = b.definitions.get(product) if isinstance(product, Var) else None
    if made is None or made.op != "mul":
        return None
    for one, other in (made.args, made.args[::-1]):
        if one == factor:
            return other
        rest = _cofactor(b, one, factor)
        if rest is not None:
            return b.emit("mul", rest, other)
    return None


_UNIT = "conjugate(x) / (out if out != 0 else 1)"  # the slope of abs at 0 is 0


# -- correlate ------------------------------------------------------------------------


def _correlate_a(c: Bound, g: Atom) -> Atom:
    """`correlate(a, v)` is `convolve(a, conj(v)[::-1])`."""
    return c.emit("numpy.correlate", in_full(c, g), turned(c, c["v"]))


def _correlate_v(c: Bound, g: Atom) -> Atom:
    bar = c.emit("numpy.correlate", in_full(c, g), conjugate(c.b, c["a"]))
    return conjugate(c.b, turned(c, bar))


# -- vdot -----------------------------------------------------------------------------


def _shaped(c: Bound, x: Atom, name: str) -> Atom:
    """vdot goes through both arrays as if they were flat."""
    mine, other = c.array("a"), c.array("b")
    if mine.ndim == other.ndim == 1:
        return x
    return c.emit("numpy.reshape", x, shape_of(c.b, c[name]))


def _vdot_a(c: Bound, g: Atom) -> Atom:
    return conjugate(c.b, c.b.emit("mul", g, _shaped(c, c["b"], "a")))


def _vdot_b(c: Bound, g: Atom) -> Atom:
    return c.b.emit("mul", g, conjugate(c.b, _shaped(c, c["a"], "b")))


OF_COMPLEX: tuple[Rule, ...] = (
    Rule("complex(x, y=0)", ("1", "1j"), "builtins.complex"),
    Rule("complex128(x)", ("1",), "numpy.complex128 numpy.complex64"),
    Rule("real(x)", ("1",), "real"),
    Rule("imag(x)", ("-1j",), "imag"),
    _Conjugate(),
    _Absolute(),
    Rule("phase(x)", ("-1j / x",), "cmath.phase"),
    Rule("rect(r, phi)", ("rect(1, phi)", "1j * out"), "cmath.rect"),
    Rule(
        "x ** y",
        (
            "y * x ** (y - 1 if y != 0 else 1)",
            "out * log(x + 0j if x != 0 else 1)",  # x may be real and negative
        ),
        "pow builtins.pow numpy.power numpy.pow numpy.float_power",
    ),
    Rule(
        "acosh(x)",
        ("1 / (sqrt(x - 1) * sqrt(x + 1))",),
        "cmath.acosh numpy.arccosh numpy.acosh",
    ),
    ArrayRule(
        "correlate(a, v, mode='valid')",
        {"a": _correlate_a, "v": _correlate_v},
        "numpy.correlate",
    ),
    ArrayRule("vdot(a, b)", {"a": _vdot_a, "b": _vdot_b}, "numpy.vdot"),
)


def _named(prefix: str, names: str) -> tuple[str, ...]:
    return tuple(f"{prefix}{name}" for name in names.split())


# Operations whose row for real numbers serves for complex ones: functions that are
# holomorphic, and what is linear without a conjugate.
HOLOMORPHIC: frozenset[str] = frozenset(
    (
        *_named(
            "scipy.special.",
            "erf erfc erfcx erfi dawsn wofz ndtr log_ndtr gamma loggamma rgamma exp1 expi "
            "spence log1p expm1 xlogy xlog1py lambertw wrightomega jv yv iv kv hyp0f1 "
            "hyp1f1 hyp2f1 spherical_jn spherical_yn spherical_in spherical_kn fresnel "
            "sici shichi airy sph_harm_y logsumexp softmax log_softmax",
        ),
        *_named(
            "",
            "add sub mul div neg pos select getitem setitem additem item tuple list copy "
            "unbroadcast sum_to matmul cofactors schur_turn hessenberg_turn",
        ),
        *_named(
            "cmath.",
            "sin cos tan asin acos atan sinh cosh tanh asinh atanh exp log log10 sqrt",
        ),
        *_named(
            "numpy.",
            "add subtract multiply divide true_divide negative positive square reciprocal "
            "where sin cos tan arcsin asin arccos acos arctan atan sinh cosh tanh arcsinh "
            "asinh arctanh atanh sinc exp exp2 expm1 log log2 log10 log1p sqrt",
        ),
        *_named(
            "numpy.", "sum mean prod cumsum cumprod diff var std max min amax amin sort"
        ),
        *_named(
            "numpy.",
            "reshape ravel squeeze expand_dims atleast_1d atleast_2d atleast_3d "
            "broadcast_to transpose permute_dims swapaxes matrix_transpose moveaxis flip "
            "flipud fliplr tril triu roll tile repeat concatenate concat stack hstack "
            "vstack column_stack array asarray asanyarray asarray_chkfinite "
            "asfortranarray require astype full full_like linspace pad copy "
            "ascontiguousarray",
        ),
        *_named(
            "numpy.",
            "matmul dot inner tensordot outer einsum kron cross convolve trace diag "
            "diagonal",
        ),
        *_named(
            "numpy.linalg.", "norm solve inv det slogdet cholesky eig eigh svd qr pinv"
        ),
        *_named(
            "scipy.linalg.",
            "eig eigh svd qr lu lu_factor lu_solve solve_triangular solve_banded "
            "solve_sylvester solve_discrete_lyapunov schur hessenberg expm expm_frechet "
            "logm sqrtm signm",
        ),
    )
)
