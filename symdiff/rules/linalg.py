"""Rules of matrices: diagonals, norms, systems of equations, determinants."""

from __future__ import annotations

from symdiff.ir.core import Atom, Const, Index, SliceItem, kind_of
from symdiff.ir.kinds import is_complex
from symdiff.rules.factors import hermitian, without_turns
from symdiff.rules.factors import transposed as _transposed
from symdiff.rules.row import ArrayRule, Bound, refuse
from symdiff.rules.shapes import (
    extent,
    nonzero,
    restored,
    shape_of,
    total,
    unbroadcast,
    zeros,
)
from symdiff.rules.template import conjugate

__all__ = ["LINALG"]

Dots = dict[str, Atom]


def _trace(c: Bound, g: Atom) -> Atom:
    kind, b = c.array("a"), c.b
    if kind.ndim != 2:
        raise refuse(c.eq, "`numpy.trace` is differentiated for arrays with two axes only")
    shape = shape_of(b, c["a"])
    sizes = [b.emit("getitem", shape, Const(k), params=Index(("at",))) for k in (0, 1)]
    keywords = {} if kind.dtype == "float64" else {"dtype": kind.dtype}
    return b.emit("mul", g, c.emit("numpy.eye", *sizes, **keywords))


def _diag(c: Bound, g: Atom) -> Atom:
    kind = c.array("a")
    k = c.static("k" if "k" in c.defaults else "offset")
    if kind.ndim == 1:
        return c.emit("numpy.diag", g, *([k] if k else []))
    first, second = 0, 1
    if "axis1" in c.defaults:
        first, second = c.static("axis1") % kind.ndim, c.static("axis2") % kind.ndim
    length = c.b.emit("builtins.len", g) if kind.ndim == 2 else extent(c.b, g, -1)
    steps = c.emit("numpy.arange", length)
    rows = steps if k >= 0 else c.b.emit("add", steps, Const(-k))
    columns = steps if k <= 0 else c.b.emit("add", steps, Const(k))
    bar = c.emit("numpy.zeros_like", c["a"])
    if kind.ndim > 2:  # the diagonal is the last axis of the result, the first of these
        order = (first, second, *(n for n in range(kind.ndim) if n not in (first, second)))
        back = tuple(order.index(n) for n in range(kind.ndim))
        g = c.emit("numpy.moveaxis", g, -1, 0)
        bar = c.emit("numpy.transpose", bar, order)
        bar = c.b.emit("setitem", bar, rows, columns, g, params=Index(("at", "at"), True))
        return c.emit("numpy.transpose", bar, back)
    return c.b.emit("setitem", bar, rows, columns, g, params=Index(("at", "at"), True))


def _slope(c: Bound) -> tuple[Atom, Atom | None]:
    """The numerator and the denominator of the norm's derivative: that of order 1, or the
    root of the sum of squares. There is a definition for the others."""
    order, axis = c.static("ord"), c.static("axis")
    axes = axis if isinstance(axis, tuple) else range(c.array("a").ndim)
    one = isinstance(axis, int) or len(axes) == 1
    if order == 1 and one:
        return c.emit("numpy.sign", c["a"]), None
    assert order is None or order == (2 if one else "fro"), f"ord={order!r}"
    return conjugate(c.b, c["a"]), nonzero(c.b, c.out)


def _norm(c: Bound, g: Atom) -> Atom:
    top, bottom = _slope(c)
    bar = c.b.emit("mul", restored(c, g), top)
    return bar if bottom is None else c.b.emit("div", bar, restored(c, bottom))


def _norm_push(c: Bound, dots: Dots) -> Atom:
    top, bottom = _slope(c)
    keywords = {k: c[k] for k in ("axis", "keepdims") if k in c.given}
    dot = c.emit("numpy.sum", c.b.emit("mul", top, dots["a"]), **keywords)
    return dot if bottom is None else c.b.emit("div", dot, bottom)


def _each(c: Bound, g: Atom) -> Atom:
    """A number for each matrix of a stack, so that it broadcasts against the stack."""
    if c.array("a").ndim == 2:
        return g
    return c.b.emit("getitem", g, params=Index(("rest", "new", "new"), True))


def _trace_of(c: Bound, x: Atom) -> Atom:
    if c.array("a").ndim == 2:
        return c.emit("numpy.trace", x)
    return c.emit("numpy.sum", c.emit("numpy.diagonal", x, 0, -2, -1), axis=-1)


def _of_one_vector(c: Bound) -> bool:
    """Whether one vector is the right side of all matrices of a stack."""
    return c.array("a").ndim > 2 and c.array("b").ndim == 1


def _column(c: Bound, x: Atom) -> Atom:
    """`x[..., None]`"""
    return c.b.emit("getitem", x, params=Index(("rest", "new"), True))


def _solved(c: Bound, a: Atom, b: Atom) -> Atom:
    if not _of_one_vector(c):
        return c.emit("numpy.linalg.solve", a, b)
    made = c.emit("numpy.linalg.solve", a, _column(c, b))
    return c.b.emit("getitem", made, Const(0), params=Index(("rest", "at"), True))


def _solved_back(c: Bound, g: Atom) -> Atom:
    return _solved(c, _transposed(c, c["a"]), g)


def _solve_b(c: Bound, g: Atom) -> Atom:
    core = 1 if c.array("b").ndim == 1 else 2
    return unbroadcast(c.b, _solved_back(c, g), c["b"], core)


def _solve_a(c: Bound, g: Atom) -> Atom:
    b_bar = _solved_back(c, g)
    if _of_one_vector(c):
        row = c.b.emit("getitem", c.out, params=Index(("rest", "new", SliceItem()), True))
        product = c.b.emit("mul", _column(c, b_bar), row)
    elif c.array("b").ndim == 1:
        product = c.emit("numpy.outer", b_bar, c.out)
    else:
        product = c.b.emit("matmul", b_bar, _transposed(c, c.out))
    return unbroadcast(c.b, c.b.emit("neg", product), c["a"], 2)


def _solve_push(c: Bound, dots: Dots) -> Atom:
    right = dots.get("b")
    if "a" in dots:
        if _of_one_vector(c):
            moved = c.b.emit("matmul", dots["a"], _column(c, c.out))
            moved = c.b.emit("getitem", moved, Const(0), params=Index(("rest", "at"), True))
        else:
            moved = c.b.emit("matmul", dots["a"], c.out)
        right = c.b.emit("neg", moved) if right is None else c.b.emit("sub", right, moved)
    assert right is not None
    return _solved(c, c["a"], right)


def _inv(c: Bound, g: Atom) -> Atom:
    turned = _transposed(c, c.out)
    product = c.b.emit("matmul", c.b.emit("matmul", turned, g), turned)
    return c.b.emit("neg", product)


def _inv_push(c: Bound, dots: Dots) -> Atom:
    product = c.b.emit("matmul", c.b.emit("matmul", c.out, dots["a"]), c.out)
    return c.b.emit("neg", product)


def _det(c: Bound, g: Atom) -> Atom:
    return c.b.emit("mul", _each(c, g), c.b.emit("cofactors", c["a"], c.out))


def _det_push(c: Bound, dots: Dots) -> Atom:
    terms = c.b.emit("mul", c.b.emit("cofactors", c["a"], c.out), dots["a"])
    axes = {} if c.array("a").ndim == 2 else {"axis": (-2, -1)}
    return c.emit("numpy.sum", terms, **axes)


def _cofactors_a(c: Bound, g: Atom) -> Atom:
    """Of C = det(a) inv(a).T, the determinant being held."""
    inverse = _transposed(c, c.emit("numpy.linalg.inv", c["a"]))
    product = c.b.emit("matmul", c.b.emit("matmul", c.out, _transposed(c, g)), inverse)
    return c.b.emit("neg", product)


def _cofactors_det(c: Bound, g: Atom) -> Atom:
    inverse = _transposed(c, c.emit("numpy.linalg.inv", c["a"]))
    axes = {} if c.array("a").ndim == 2 else {"axis": (-2, -1)}
    return c.emit("numpy.sum", c.b.emit("mul", g, inverse), **axes)


def _cofactors_push(c: Bound, dots: Dots) -> Atom:
    found = []
    inverse = _transposed(c, c.emit("numpy.linalg.inv", c["a"]))
    if "det" in dots:
        found.append(c.b.emit("mul", _each(c, dots["det"]), inverse))
    if "a" in dots:
        moved = c.b.emit("matmul", _transposed(c, dots["a"]), inverse)
        found.append(c.b.emit("neg", c.b.emit("matmul", c.out, moved)))
    return total(c.b, iter(found))


def _slogdet(c: Bound, g: Atom) -> Atom:
    """The logarithm has the slope `inv(a).T`, and a sign that is complex turns with it."""
    b = c.b
    inverse = c.emit("numpy.linalg.inv", c["a"])
    slope = b.emit("item", g, params=1)
    sign = b.emit("item", c.out, params=0)
    if is_complex(kind_of(sign)):
        turn = b.emit("imag", b.emit("mul", b.emit("item", g, params=0), sign))
        slope = b.emit("add", slope, b.emit("mul", Const(1j), turn))
    return b.emit("mul", _each(c, slope), _transposed(c, inverse))


def _slogdet_push(c: Bound, dots: Dots) -> Atom:
    b = c.b
    trace = _trace_of(c, c.emit("numpy.linalg.solve", c["a"], dots["a"]))
    sign = b.emit("item", c.out, params=0)
    if not is_complex(kind_of(sign)):
        return b.emit("tuple", zeros(b, sign), trace)
    turn = b.emit("mul", Const(1j), b.emit("imag", trace))
    return b.emit("tuple", b.emit("mul", sign, turn), b.emit("real", trace))


def _half_lower(c: Bound, x: Atom) -> Atom:
    """The lower triangle with half of the diagonal."""
    both = c.b.emit("add", c.emit("numpy.tril", x), c.emit("numpy.tril", x, -1))
    return c.b.emit("mul", Const(0.5), both)


def _cholesky(c: Bound, g: Atom) -> Atom:
    """NumPy reads the lower triangle only, so that is where the adjoint is."""
    b, turned = c.b, hermitian(c, c.out)
    inner = _half_lower(c, b.emit("matmul", turned, conjugate(b, g)))
    left = c.emit("numpy.linalg.solve", turned, inner)
    both = c.emit("numpy.linalg.solve", turned, hermitian(c, left))
    return conjugate(b, _half_lower(c, b.emit("add", both, hermitian(c, both))))


def _cholesky_push(c: Bound, dots: Dots) -> Atom:
    b, dot = c.b, dots["a"]
    upper = hermitian(c, c.emit("numpy.tril", dot, -1))
    whole = without_turns(c, b.emit("add", c.emit("numpy.tril", dot), upper))
    left = c.emit("numpy.linalg.solve", c.out, whole)
    both = c.emit("numpy.linalg.solve", c.out, hermitian(c, left))
    return b.emit("matmul", c.out, _half_lower(c, both))


LINALG: tuple[ArrayRule, ...] = (
    ArrayRule("trace(a)", {"a": _trace}, "numpy.trace"),
    ArrayRule("diag(a, k=0)", {"a": _diag}, "numpy.diag"),
    ArrayRule("diagonal(a, offset=0, axis1=0, axis2=1)", {"a": _diag}, "numpy.diagonal"),
    ArrayRule(
        "norm(a, ord=None, axis=None, keepdims=False)",
        {"a": _norm},
        "numpy.linalg.norm",
        _norm_push,
    ),
    ArrayRule(
        "solve(a, b)", {"a": _solve_a, "b": _solve_b}, "numpy.linalg.solve", _solve_push
    ),
    ArrayRule("inv(a)", {"a": _inv}, "numpy.linalg.inv", _inv_push),
    ArrayRule("det(a)", {"a": _det}, "numpy.linalg.det", _det_push),
    ArrayRule(
        "cofactors(a, det)",
        {"a": _cofactors_a, "det": _cofactors_det},
        "cofactors",
        _cofactors_push,
    ),
    ArrayRule("slogdet(a)", {"a": _slogdet}, "numpy.linalg.slogdet", _slogdet_push),
    ArrayRule("cholesky(a)", {"a": _cholesky}, "numpy.linalg.cholesky", _cholesky_push),
)
