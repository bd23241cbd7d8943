"""Rules of factorisations: eigenvalues, singular values, QR, the pseudo-inverse.

They follow Giles (2008) and Townsend (2016). Where two eigenvalues or singular values are
equal, the vectors have no derivative; what does not depend on the choice of them, such as
the values alone, is right. So it is with the phases of complex vectors.

Adjoints are paired without a conjugate (see complex.py). The formulas here are those for a
pairing with one: they begin with the conjugate of what comes and end with one.
"""

from __future__ import annotations

import math

from symdiff.ir.core import Atom, Const, Index, SliceItem, Var, kind_of
from symdiff.ir.kinds import dtype_of, is_complex
from symdiff.rules.row import ArrayRule, Bound
from symdiff.rules.shapes import extent, zeros
from symdiff.rules.template import conjugate

__all__ = [
    "FACTORS", "column", "eigh_pull", "folded", "hermitian", "mirrored", "over_gaps",
    "parts_of", "product", "row", "transposed", "without_turns",
]  # fmt: skip

Dots = dict[str, Atom]
_ROW = Index(("rest", "new", SliceItem()), True)
_COLUMN = Index(("rest", "new"), True)
_ONE_COLUMN = Index((SliceItem(), "new"), True)


def transposed(c: Bound, x: Atom) -> Atom:
    """The last two axes exchanged."""
    kind = kind_of(x)
    if getattr(kind, "ndim", 0) == 2:
        return c.emit("numpy.transpose", x)
    return c.emit("numpy.swapaxes", x, -1, -2)


def hermitian(c: Bound, x: Atom) -> Atom:
    """The conjugate of the last two axes exchanged."""
    return conjugate(c.b, transposed(c, x))


def product(c: Bound, *factors: Atom) -> Atom:
    result = factors[0]
    for factor in factors[1:]:
        result = c.b.emit("matmul", result, factor)
    return result


def row(c: Bound, x: Atom) -> Atom:
    if getattr(kind_of(x), "ndim", 0) == 1:
        return x  # as it broadcasts
    return c.b.emit("getitem", x, params=_ROW)


def column(c: Bound, x: Atom) -> Atom:
    single = getattr(kind_of(x), "ndim", 0) == 1
    return c.b.emit("getitem", x, params=_ONE_COLUMN if single else _COLUMN)


def parts_of(c: Bound, g: Atom, count: int) -> list[Atom | None]:
    """The adjoints of the parts of the result, None for what nobody uses."""
    parts = [c.b.emit("item", g, params=k) for k in range(count)]
    return [None if _is_zero(c, part) else part for part in parts]


def _is_zero(c: Bound, atom: Atom) -> bool:
    if isinstance(atom, Const):
        return bool(atom.value == 0)
    made = c.b.definitions.get(atom) if isinstance(atom, Var) else None
    if made is not None and made.op == "item":
        (owner,) = made.args
        of = c.b.definitions.get(owner) if isinstance(owner, Var) else None
        return of is not None and of.op == "tuple" and _is_zero(c, of.args[made.params])
    return made is not None and made.op in ("numpy.zeros_like", "numpy.zeros")


def _conjugates(c: Bound, g: Atom, count: int) -> list[Atom | None]:
    return [x if x is None else conjugate(c.b, x) for x in parts_of(c, g, count)]


def _turns(c: Bound, x: Atom) -> Atom:
    """The imaginary part of the diagonal of a complex matrix, as one."""
    b = c.b
    turns = b.emit("imag", c.emit("numpy.diagonal", x, 0, -2, -1))
    size = c.emit("numpy.eye", extent(b, x, -1))
    return b.emit("mul", size, row(c, b.emit("mul", Const(1j), turns)))


def without_turns(c: Bound, x: Atom) -> Atom:
    """A matrix with the real part of its diagonal: all that is read of a Hermitian one."""
    return c.b.emit("sub", x, _turns(c, x)) if is_complex(kind_of(x)) else x


def _sum(c: Bound, terms: list[Atom]) -> Atom:
    result = terms[0]
    for term in terms[1:]:
        result = c.b.emit("add", result, term)
    return result


# Up to which share of their size values are equal but for rounding.
_ROUNDING = {"float32": 1e-5, "complex64": 1e-5}


def over_gaps(c: Bound, x: Atom, values: Atom) -> Atom:
    """x[i, j] over values[j] - values[i], and 0 where these are equal."""
    b, kind = c.b, kind_of(values)
    gaps = b.emit("sub", row(c, values), column(c, values))
    if getattr(kind, "ndim", 0) == 1:
        size = c.emit("numpy.linalg.norm", values)
    else:
        size = column(c, c.emit("numpy.linalg.norm", values, axis=-1, keepdims=True))
    share = Const(_ROUNDING.get(dtype_of(kind) or "", 1e-13))
    equal = b.emit("le", c.emit("numpy.abs", gaps), b.emit("mul", share, size))
    return b.emit("div", x, c.emit("numpy.where", equal, Const(math.inf), gaps))


def over_sums(c: Bound, x: Atom, values: Atom) -> Atom:
    """x[i, j] over values[i] + values[j], and 0 where these are 0."""
    sums = c.b.emit("add", row(c, values), column(c, values))
    nothing = c.b.emit("eq", sums, Const(0))
    return c.b.emit("div", x, c.emit("numpy.where", nothing, Const(math.inf), sums))


# -- eigh -----------------------------------------------------------------------------


def _reads_lower(c: Bound) -> bool:
    """Whether the lower triangle is the one that is read."""
    if "UPLO" in c.defaults:
        return bool(c.static("UPLO").upper() == "L")
    return bool(c.static("lower"))


def folded(c: Bound, x: Atom) -> Atom:
    """A Hermitian adjoint on the triangle that is read."""
    lower = _reads_lower(c)
    mine, k = ("numpy.tril", -1) if lower else ("numpy.triu", 1)
    both = c.b.emit("add", c.emit(mine, x), c.emit(mine, hermitian(c, x), k))
    return without_turns(c, both)


def eigh_pull(c: Bound, g: Atom) -> Atom:
    b = c.b
    w, v = (b.emit("item", c.out, params=k) for k in (0, 1))
    turned = hermitian(c, v)
    of_values, of_vectors = _conjugates(c, g, 2)
    terms = []
    if of_values is not None:
        terms.append(product(c, b.emit("mul", v, row(c, of_values)), turned))
    if of_vectors is not None:
        inner = over_gaps(c, product(c, turned, of_vectors), w)
        terms.append(product(c, v, inner, turned))
    return conjugate(b, folded(c, _sum(c, terms))) if terms else zeros(b, c["a"])


def mirrored(c: Bound, dot: Atom) -> Atom:
    """The Hermitian tangent of which one triangle is read."""
    mine, k = ("numpy.tril", -1) if _reads_lower(c) else ("numpy.triu", 1)
    other = hermitian(c, c.emit(mine, dot, k))
    return without_turns(c, c.b.emit("add", c.emit(mine, dot), other))


def _eigh_push(c: Bound, dots: Dots) -> Atom:
    b = c.b
    w, v = (b.emit("item", c.out, params=k) for k in (0, 1))
    symmetric = mirrored(c, dots["a"])
    inner = product(c, hermitian(c, v), symmetric, v)
    values = _real_diagonal(c, inner)
    return b.emit("tuple", values, product(c, v, over_gaps(c, inner, w)))


def _real_diagonal(c: Bound, x: Atom) -> Atom:
    values = c.emit("numpy.diagonal", x, 0, -2, -1)
    return c.b.emit("real", values) if is_complex(kind_of(x)) else values


# -- svd ------------------------------------------------------------------------------

# With m = u^H @ a_dot @ v the turns u^H @ u_dot and v^H @ v_dot have the sum
# (m + m^H) / gaps of s, and the difference (m - m^H) / sums of s. Where values are equal
# only the difference is determined, and the sum is taken for 0: what does not depend on
# the choice of the vectors, such as u @ vh, is right.


def _is_square(c: Bound) -> bool:
    """Whether it is known to have as many rows as columns."""
    rows, columns = c.array("a").dims[-2:]
    return rows == columns


def _split(c: Bound, x: Atom, k: Atom) -> tuple[Atom, Atom]:
    """The first k columns and the others."""
    return _columns(c, x, k), _behind(c, x, k)


def _part(c: Bound, x: Atom, axis: int, k: Atom, **ends: bool) -> Atom:
    """x without what one of its last axes has behind k places, or before them."""
    items = [SliceItem()] * c.array("a").ndim
    items[axis] = SliceItem(**ends)
    while items[-1] == SliceItem():
        items.pop()
    return c.b.emit("getitem", x, k, params=Index(tuple(items), len(items) > 1))


def _columns(c: Bound, x: Atom, k: Atom) -> Atom:
    """The first k columns."""
    return _part(c, x, -1, k, stop=True)


def _rows(c: Bound, x: Atom, k: Atom) -> Atom:
    """The first k rows."""
    return _part(c, x, -2, k, stop=True)


def _behind(c: Bound, x: Atom, k: Atom) -> Atom:
    """The columns behind the first k."""
    return _part(c, x, -1, k, start=True)


def _within(c: Bound, q: Atom, g: Atom, k: Atom) -> tuple[Atom, Atom]:
    """The first k columns of an orthogonal matrix, and their adjoint where g is that of
    all. The others are any basis of what is orthogonal to these: what depends on which
    basis they are has no derivative."""
    b = c.b
    (first, other), (g_first, g_other) = _split(c, q, k), _split(c, g, k)
    inner = product(c, hermitian(c, other), g_other)
    near = b.emit("mul", Const(1e-4), c.emit("numpy.linalg.norm", g_other))
    even = c.emit("numpy.allclose", inner, hermitian(c, inner), 1e-4, near)
    _assert(c, even, "depends on the basis beyond the first vectors")
    turned = product(c, other, hermitian(c, g_other), first)
    return first, b.emit("sub", g_first, turned)


def _with_others(c: Bound, q: Atom, dot: Atom, k: Atom) -> Atom:
    """The tangent of all columns of an orthogonal matrix, from that of the first k."""
    b = c.b
    first, other = _split(c, q, k)
    few = b.emit("le", extent(b, other, -1), Const(1))
    _assert(c, few, "the basis beyond the first vectors has no tangent")
    along = b.emit("neg", product(c, first, hermitian(c, dot), other))
    return c.emit("numpy.concatenate", b.emit("tuple", dot, along), axis=-1)


def _assert(c: Bound, condition: Atom, text: str) -> None:
    c.b.emit("assert", condition, Const(f"{c.eq.op}: {text}"))


def _thin(c: Bound) -> list[Atom]:
    """u, s and vh of the thin decomposition."""
    made = c.emit(c.eq.op, c["a"], full_matrices=False)
    return [c.b.emit("item", made, params=k) for k in range(3)]


def _is_full(c: Bound) -> bool:
    return bool(c.static("full_matrices")) and not _is_square(c)


def _svd(c: Bound, g: Atom) -> Atom:
    b = c.b
    if not c.static("compute_uv"):
        u, _, vh = _thin(c)
        return conjugate(b, product(c, b.emit("mul", u, row(c, g)), vh))
    of_u, of_s, of_vh = _conjugates(c, g, 3)
    if of_u is None and of_vh is None:
        if of_s is None:
            return zeros(b, c["a"])
        u, _, vh = _thin(c)
        return conjugate(b, product(c, b.emit("mul", u, row(c, of_s)), vh))
    u, s, vh = (b.emit("item", c.out, params=k) for k in range(3))
    v, of_v = hermitian(c, vh), None if of_vh is None else hermitian(c, of_vh)
    if _is_full(c):
        k = extent(b, s, -1)
        u, of_u = (_columns(c, u, k), None) if of_u is None else _within(c, u, of_u, k)
        v, of_v = (_columns(c, v, k), None) if of_v is None else _within(c, v, of_v, k)
        vh = hermitian(c, v)
    inner: list[Atom] = []  # between u and vh
    outer: list[Atom] = []
    if of_s is not None:
        size = c.emit("numpy.eye", extent(b, s, -1))
        inner.append(b.emit("mul", size, row(c, of_s)))
    skew_u = skew_v = None
    if of_u is not None:
        along = product(c, hermitian(c, u), of_u)
        skew_u = b.emit("sub", along, hermitian(c, along))
        beyond = b.emit("sub", of_u, product(c, u, along))
        outer.append(product(c, b.emit("div", beyond, row(c, s)), vh))
    if of_v is not None:
        along = product(c, vh, of_v)
        skew_v = b.emit("sub", along, hermitian(c, along))
        beyond = b.emit("sub", hermitian(c, of_v), product(c, hermitian(c, along), vh))
        outer.append(product(c, u, b.emit("div", beyond, column(c, s))))
    if skew_u is None:
        assert skew_v is not None
        turns = b.emit("sub", over_gaps(c, skew_v, s), over_sums(c, skew_v, s))
    elif skew_v is None:
        turns = b.emit("add", over_gaps(c, skew_u, s), over_sums(c, skew_u, s))
    else:
        both, apart = b.emit("add", skew_u, skew_v), b.emit("sub", skew_u, skew_v)
        turns = b.emit("add", over_gaps(c, both, s), over_sums(c, apart, s))
    inner.append(b.emit("mul", Const(0.5), turns))
    return conjugate(b, _sum(c, [product(c, u, _sum(c, inner), vh), *outer]))


def _svd_push(c: Bound, dots: Dots) -> Atom:
    b, dot = c.b, dots["a"]
    if c.static("compute_uv"):
        u, s, vh = (b.emit("item", c.out, params=k) for k in range(3))
    else:
        u, s, vh = _thin(c)
    whole = u, hermitian(c, vh)
    full = c.static("compute_uv") and _is_full(c)
    k = extent(b, s, -1)
    if full:
        u, v = (_columns(c, x, k) for x in whole)
        vh = hermitian(c, v)
    ut, v = hermitian(c, u), hermitian(c, vh)
    inner = product(c, ut, dot, v)
    s_dot = _real_diagonal(c, inner)
    if not c.static("compute_uv"):
        return s_dot
    other = hermitian(c, inner)
    both = over_gaps(c, b.emit("add", inner, other), s)
    apart = over_sums(c, b.emit("sub", inner, other), s)
    turn_u = b.emit("mul", Const(0.5), b.emit("add", both, apart))
    turn_v = b.emit("mul", Const(0.5), b.emit("sub", both, apart))
    of_v = b.emit("div", product(c, dot, v), row(c, s))
    beyond_u = b.emit("sub", of_v, product(c, u, ut, of_v))
    u_dot = b.emit("add", product(c, u, turn_u), beyond_u)
    of_u = b.emit("div", product(c, hermitian(c, dot), u), row(c, s))
    beyond_v = b.emit("sub", of_u, product(c, v, vh, of_u))
    v_dot = b.emit("add", product(c, v, turn_v), beyond_v)
    if full:
        u_dot = _with_others(c, whole[0], u_dot, k)
        v_dot = _with_others(c, whole[1], v_dot, k)
    return b.emit("tuple", u_dot, s_dot, hermitian(c, v_dot))


# -- qr -------------------------------------------------------------------------------

# What NumPy and SciPy call the modes.
_WHOLE = frozenset(("complete", "full"))


def _factors(c: Bound, mode: str) -> tuple[Atom, Atom, Atom | None]:
    """q, r and how many of the columns of q determine the others, if those may be others:
    of q itself, or of the matrix."""
    b = c.b
    if mode == "r":
        made = c.emit(c.eq.op, c["a"], mode=_THIN[c.eq.op])
    else:
        made = c.out
    q, r = (b.emit("item", made, params=k) for k in (0, 1))
    if _is_square(c):
        return q, r, None
    if mode in _WHOLE:
        return q, r, b.emit("builtins.min", extent(b, q, -1), extent(b, r, -1))
    return q, r, extent(b, q, -1)


_THIN = {"numpy.linalg.qr": "reduced", "scipy.linalg.qr": "economic"}


def _behind_r(c: Bound, x: Atom, r: Atom, turned: bool) -> Atom:
    """x @ inv(r), or with the conjugate transpose of the inverse."""
    left = r if turned else hermitian(c, r)
    return hermitian(c, c.emit("numpy.linalg.solve", left, hermitian(c, x)))


def _qr(c: Bound, g: Atom) -> Atom:
    b, mode = c.b, c.static("mode")
    of_q, of_r = (None, conjugate(b, g)) if mode == "r" else _conjugates(c, g, 2)
    if of_q is None and of_r is None:
        return zeros(b, c["a"])
    q, r, k = _factors(c, mode)
    if k is None:
        return conjugate(b, _square_qr(c, q, r, of_q, of_r))
    if mode in _WHOLE:
        r = _rows(c, r, k)
        of_r = None if of_r is None else _rows(c, of_r, k)
        if of_q is None:
            q = _columns(c, q, k)
        else:
            q, of_q = _within(c, q, of_q, k)
    bar = c.emit("numpy.zeros_like", c["a"])
    if of_r is not None:  # the columns behind the first k are q times those of r
        of_r, behind = _split(c, of_r, k)
        others = _behind(c, c["a"], k)
        more = product(c, others, hermitian(c, behind))
        of_q = more if of_q is None else b.emit("add", of_q, more)
        place = _columns_of(c, start=True)
        bar = b.emit("setitem", bar, k, product(c, q, behind), params=place)
    first = _square_qr(c, q, _columns(c, r, k), of_q, of_r)
    bar = b.emit("setitem", bar, k, first, params=_columns_of(c, stop=True))
    return conjugate(b, bar)


def _columns_of(c: Bound, **ends: bool) -> Index:
    """The place of columns of the matrix."""
    return Index((SliceItem(),) * (c.array("a").ndim - 1) + (SliceItem(**ends),), True)


def _square_qr(c: Bound, q: Atom, r: Atom, of_q: Atom | None, of_r: Atom | None) -> Atom:
    """Of a matrix that has at least as many rows as columns."""
    b = c.b
    inner: Atom | None = None
    if of_r is not None:
        inner = product(c, r, hermitian(c, c.emit("numpy.triu", of_r)))
    if of_q is not None:
        less = product(c, hermitian(c, of_q), q)
        inner = b.emit("neg", less) if inner is None else b.emit("sub", inner, less)
    assert inner is not None
    strict = c.emit("numpy.tril", inner, -1)
    both = b.emit("add", c.emit("numpy.tril", inner), hermitian(c, strict))
    both = without_turns(c, both)  # the diagonal of r is real
    top = product(c, q, both)
    top = top if of_q is None else b.emit("add", of_q, top)
    return _behind_r(c, top, r, turned=True)


def _qr_push(c: Bound, dots: Dots) -> Atom:
    b, mode, dot = c.b, c.static("mode"), dots["a"]
    whole, r, k = _factors(c, mode)
    q, first, square = whole, dot, r
    if k is not None:
        q = _columns(c, q, k) if mode in _WHOLE else q
        first, square = _columns(c, dot, k), _columns(c, r, k)
        square = _rows(c, square, k) if mode in _WHOLE else square
    relative = _behind_r(c, first, square, turned=False)
    inner = product(c, hermitian(c, q), relative)
    low = c.emit("numpy.tril", inner, -1)
    turn = b.emit("sub", low, hermitian(c, low))
    if is_complex(kind_of(inner)):  # the diagonal of r is real
        turn = b.emit("add", turn, _turns(c, inner))
    beyond = b.emit("sub", relative, product(c, q, inner))
    q_dot = b.emit("add", product(c, q, turn), beyond)
    if k is None:
        r_dot = product(c, b.emit("sub", inner, turn), r)
        return r_dot if mode == "r" else b.emit("tuple", q_dot, r_dot)
    q_dot = _with_others(c, whole, q_dot, k) if mode in _WHOLE else q_dot
    # r is q.T @ a, and upper triangular
    moved = product(c, hermitian(c, q_dot), c["a"])
    r_dot = b.emit("add", moved, product(c, hermitian(c, whole), dot))
    r_dot = c.emit("numpy.triu", r_dot)
    return r_dot if mode == "r" else b.emit("tuple", q_dot, r_dot)


# -- pinv -----------------------------------------------------------------------------


def _outside(c: Bound, x: Atom, left: Atom, right: Atom) -> Atom:
    """x - left @ right @ x"""
    return c.b.emit("sub", x, product(c, left, product(c, right, x)))


def _pinv(c: Bound, g: Atom) -> Atom:
    """Of a matrix whose rank does not change (Golub and Pereyra, 1973)."""
    b, a, p = c.b, c["a"], c.out
    g = conjugate(b, g)
    pt, gt = hermitian(c, p), hermitian(c, g)
    direct = product(c, pt, g, pt)
    rows = product(c, _outside(c, gt, a, p), p, pt)
    inner = b.emit("sub", g, product(c, p, product(c, a, g)))
    columns = product(c, pt, p, hermitian(c, inner))
    return conjugate(b, b.emit("sub", b.emit("add", rows, columns), direct))


def _pinv_push(c: Bound, dots: Dots) -> Atom:
    b, a, p, dot = c.b, c["a"], c.out, dots["a"]
    pt, turned = hermitian(c, p), hermitian(c, dot)
    direct = product(c, p, dot, p)
    left = product(c, p, pt, turned)
    rows = b.emit("sub", left, product(c, left, a, p))
    columns = product(c, _outside(c, turned, p, a), pt, p)
    return b.emit("sub", b.emit("add", rows, columns), direct)


FACTORS: tuple[ArrayRule, ...] = (
    ArrayRule("eigh(a, UPLO='L')", {"a": eigh_pull}, "numpy.linalg.eigh", _eigh_push),
    ArrayRule(
        "svd(a, full_matrices=True, compute_uv=True)",
        {"a": _svd},
        "numpy.linalg.svd scipy.linalg.svd",
        _svd_push,
    ),
    ArrayRule("qr(a, mode='reduced')", {"a": _qr}, "numpy.linalg.qr", _qr_push),
    ArrayRule("qr(a, mode='full')", {"a": _qr}, "scipy.linalg.qr", _qr_push),
    ArrayRule(
        "pinv(a, rcond=None, rtol=None)", {"a": _pinv}, "numpy.linalg.pinv", _pinv_push
    ),
)
