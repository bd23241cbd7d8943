"""Rules of factorisations: eigenvalues, singular values, QR, the pseudo-inverse.

They follow Giles (2008) and Townsend (2016). Where two eigenvalues or singular values are
equal, the vectors have no derivative; what does not depend on the choice of them, such as
the values alone, is right.
"""

from __future__ import annotations

import math

from symdiff.ir.core import Atom, Const, Index, SliceItem, Var, kind_of
from symdiff.rules.row import ArrayRule, Bound
from symdiff.rules.shapes import extent, zeros

__all__ = ["FACTORS", "transposed"]

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


def _product(c: Bound, *factors: Atom) -> Atom:
    result = factors[0]
    for factor in factors[1:]:
        result = c.b.emit("matmul", result, factor)
    return result


def _row(c: Bound, x: Atom) -> Atom:
    if getattr(kind_of(x), "ndim", 0) == 1:
        return x  # as it broadcasts
    return c.b.emit("getitem", x, params=_ROW)


def _column(c: Bound, x: Atom) -> Atom:
    single = getattr(kind_of(x), "ndim", 0) == 1
    return c.b.emit("getitem", x, params=_ONE_COLUMN if single else _COLUMN)


def _parts(c: Bound, g: Atom, count: int) -> list[Atom | None]:
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


def _sum(c: Bound, terms: list[Atom]) -> Atom:
    result = terms[0]
    for term in terms[1:]:
        result = c.b.emit("add", result, term)
    return result


def _over_gaps(c: Bound, x: Atom, values: Atom) -> Atom:
    """x[i, j] over values[j] - values[i], and 0 where these are equal."""
    gaps = c.b.emit("sub", _row(c, values), _column(c, values))
    equal = c.b.emit("eq", gaps, Const(0))
    gaps = c.emit("numpy.where", equal, Const(math.inf), gaps)
    return c.b.emit("div", x, gaps)


# -- eigh -----------------------------------------------------------------------------


def _lower(c: Bound, x: Atom) -> Atom:
    """A symmetric adjoint on the triangle that NumPy reads: the lower one, or the upper."""
    lower = c.static("UPLO").upper() == "L"
    mine, k = ("numpy.tril", -1) if lower else ("numpy.triu", 1)
    return c.b.emit("add", c.emit(mine, x), c.emit(mine, transposed(c, x), k))


def _eigh(c: Bound, g: Atom) -> Atom:
    b = c.b
    w, v = (b.emit("item", c.out, params=k) for k in (0, 1))
    turned = transposed(c, v)
    of_values, of_vectors = _parts(c, g, 2)
    terms = []
    if of_values is not None:
        terms.append(_product(c, b.emit("mul", v, _row(c, of_values)), turned))
    if of_vectors is not None:
        inner = _over_gaps(c, _product(c, turned, of_vectors), w)
        terms.append(_product(c, v, inner, turned))
    return _lower(c, _sum(c, terms)) if terms else zeros(b, c["a"])


def _eigh_push(c: Bound, dots: Dots) -> Atom:
    b, dot = c.b, dots["a"]
    w, v = (b.emit("item", c.out, params=k) for k in (0, 1))
    lower = c.static("UPLO").upper() == "L"
    mine, k = ("numpy.tril", -1) if lower else ("numpy.triu", 1)
    other = transposed(c, c.emit(mine, dot, k))
    symmetric = b.emit("add", c.emit(mine, dot), other)
    inner = _product(c, transposed(c, v), symmetric, v)
    values = c.emit("numpy.diagonal", inner, 0, -2, -1)
    return b.emit("tuple", values, _product(c, v, _over_gaps(c, inner, w)))


# -- svd ------------------------------------------------------------------------------


def _thin(c: Bound) -> list[Atom]:
    """u, s and vh of the thin decomposition."""
    b = c.b
    if c.static("compute_uv"):
        square = c.array("a").dims[-1] == c.array("a").dims[-2]
        if c.static("full_matrices") and not square:
            _assert_square(c)
        return [b.emit("item", c.out, params=k) for k in range(3)]
    made = c.emit("numpy.linalg.svd", c["a"], full_matrices=False)
    return [b.emit("item", made, params=k) for k in range(3)]


def _assert_square(c: Bound) -> None:
    ndim = c.array("a").ndim
    rows, columns = (extent(c.b, c["a"], ndim - k) for k in (2, 1))
    text = "numpy.linalg.svd: pass full_matrices=False"
    c.b.emit("assert", c.b.emit("eq", rows, columns), Const(text))


def _svd(c: Bound, g: Atom) -> Atom:
    b = c.b
    if not c.static("compute_uv"):
        u, _, vh = _thin(c)
        return _product(c, b.emit("mul", u, _row(c, g)), vh)
    of_u, of_s, of_vh = _parts(c, g, 3)
    if of_u is None and of_vh is None:
        if of_s is None:
            return zeros(b, c["a"])
        made = c.emit("numpy.linalg.svd", c["a"], full_matrices=False)
        u, vh = (b.emit("item", made, params=k) for k in (0, 2))
        return _product(c, b.emit("mul", u, _row(c, of_s)), vh)
    u, s, vh = _thin(c)
    squares = b.emit("pow", s, Const(2))
    ut = transposed(c, u)
    inner: list[Atom] = []  # between u and vh
    outer: list[Atom] = []
    if of_s is not None:
        size = c.emit("numpy.eye", extent(b, s, -1))
        inner.append(b.emit("mul", size, _row(c, of_s)))
    if of_u is not None:
        along = _product(c, ut, of_u)
        skew = b.emit("sub", along, transposed(c, along))
        inner.append(b.emit("mul", _over_gaps(c, skew, squares), _row(c, s)))
        beyond = b.emit("sub", of_u, _product(c, u, along))
        outer.append(_product(c, b.emit("div", beyond, _row(c, s)), vh))
    if of_vh is not None:
        along = _product(c, vh, transposed(c, of_vh))
        skew = b.emit("sub", along, transposed(c, along))
        inner.append(b.emit("mul", _column(c, s), _over_gaps(c, skew, squares)))
        beyond = b.emit("sub", of_vh, _product(c, transposed(c, along), vh))
        outer.append(_product(c, u, b.emit("div", beyond, _column(c, s))))
    return _sum(c, [_product(c, u, _sum(c, inner), vh), *outer])


def _svd_push(c: Bound, dots: Dots) -> Atom:
    """Of matrices that are not square, the shapes of full u and vh do not fit what
    gives their tangents; those of the values are right."""
    b, dot = c.b, dots["a"]
    if c.static("compute_uv") and 1 not in c.array("a").dims:
        u, s, vh = (b.emit("item", c.out, params=k) for k in range(3))
    else:
        u, s, vh = _thin(c)
    ut, v = transposed(c, u), transposed(c, vh)
    inner = _product(c, ut, dot, v)
    s_dot = c.emit("numpy.diagonal", inner, 0, -2, -1)
    if not c.static("compute_uv"):
        return s_dot
    squares = b.emit("pow", s, Const(2))
    left = b.emit("mul", inner, _row(c, s))  # ut da v s
    right = b.emit("mul", _column(c, s), inner)  # s ut da v
    turn_u = _over_gaps(c, b.emit("add", left, transposed(c, left)), squares)
    turn_v = _over_gaps(c, b.emit("add", right, transposed(c, right)), squares)
    of_v = b.emit("div", _product(c, dot, v), _row(c, s))
    beyond_u = b.emit("sub", of_v, _product(c, u, ut, of_v))
    u_dot = b.emit("add", _product(c, u, turn_u), beyond_u)
    of_u = b.emit("div", _product(c, transposed(c, dot), u), _row(c, s))
    beyond_v = b.emit("sub", of_u, _product(c, v, vh, of_u))
    v_dot = b.emit("add", _product(c, v, turn_v), beyond_v)
    return b.emit("tuple", u_dot, s_dot, transposed(c, v_dot))


# -- qr -------------------------------------------------------------------------------


def _tall(c: Bound) -> tuple[Atom, Atom]:
    """q and r, of a matrix that has at least as many rows as columns."""
    b, ndim = c.b, c.array("a").ndim
    dims = c.array("a").dims
    if dims[-1] != dims[-2]:
        rows, columns = (extent(b, c["a"], ndim - k) for k in (2, 1))
        text = "numpy.linalg.qr: a matrix with more columns than rows has no rule"
        b.emit("assert", b.emit("ge", rows, columns), Const(text))
    made = c.out if c.static("mode") == "reduced" else c.emit("numpy.linalg.qr", c["a"])
    return b.emit("item", made, params=0), b.emit("item", made, params=1)


def _behind_r(c: Bound, x: Atom, r: Atom, turned: bool) -> Atom:
    """x @ inv(r), or x @ inv(r).T."""
    left = r if turned else transposed(c, r)
    return transposed(c, c.emit("numpy.linalg.solve", left, transposed(c, x)))


def _qr(c: Bound, g: Atom) -> Atom:
    b = c.b
    q, r = _tall(c)
    of_q, of_r = _parts(c, g, 2) if c.static("mode") == "reduced" else (None, g)
    inner: Atom | None = None
    if of_r is not None:
        inner = _product(c, r, transposed(c, c.emit("numpy.triu", of_r)))
    if of_q is not None:
        less = _product(c, transposed(c, of_q), q)
        inner = b.emit("neg", less) if inner is None else b.emit("sub", inner, less)
    if inner is None:
        return zeros(b, c["a"])
    strict = c.emit("numpy.tril", inner, -1)
    both = b.emit("add", c.emit("numpy.tril", inner), transposed(c, strict))
    top = _product(c, q, both)
    top = top if of_q is None else b.emit("add", of_q, top)
    return _behind_r(c, top, r, turned=True)


def _qr_push(c: Bound, dots: Dots) -> Atom:
    b = c.b
    q, r = _tall(c)
    relative = _behind_r(c, dots["a"], r, turned=False)
    inner = _product(c, transposed(c, q), relative)
    low = c.emit("numpy.tril", inner, -1)
    turn = b.emit("sub", low, transposed(c, low))
    r_dot = _product(c, b.emit("sub", inner, turn), r)
    if c.static("mode") == "r":
        return r_dot
    beyond = b.emit("sub", relative, _product(c, q, inner))
    return b.emit("tuple", b.emit("add", _product(c, q, turn), beyond), r_dot)


# -- pinv -----------------------------------------------------------------------------


def _outside(c: Bound, x: Atom, left: Atom, right: Atom) -> Atom:
    """x - left @ right @ x"""
    return c.b.emit("sub", x, _product(c, left, _product(c, right, x)))


def _pinv(c: Bound, g: Atom) -> Atom:
    """Of a matrix whose rank does not change (Golub and Pereyra, 1973)."""
    b, a, p = c.b, c["a"], c.out
    pt, gt = transposed(c, p), transposed(c, g)
    direct = _product(c, pt, g, pt)
    rows = _product(c, _outside(c, gt, a, p), p, pt)
    inner = b.emit("sub", g, _product(c, p, _product(c, a, g)))
    columns = _product(c, pt, p, transposed(c, inner))
    return b.emit("sub", b.emit("add", rows, columns), direct)


def _pinv_push(c: Bound, dots: Dots) -> Atom:
    b, a, p, dot = c.b, c["a"], c.out, dots["a"]
    pt, turned = transposed(c, p), transposed(c, dot)
    direct = _product(c, p, dot, p)
    left = _product(c, p, pt, turned)
    rows = b.emit("sub", left, _product(c, left, a, p))
    columns = _product(c, _outside(c, turned, p, a), pt, p)
    return b.emit("sub", b.emit("add", rows, columns), direct)


FACTORS: tuple[ArrayRule, ...] = (
    ArrayRule("eigh(a, UPLO='L')", {"a": _eigh}, "numpy.linalg.eigh", _eigh_push),
    ArrayRule(
        "svd(a, full_matrices=True, compute_uv=True)",
        {"a": _svd},
        "numpy.linalg.svd",
        _svd_push,
    ),
    ArrayRule("qr(a, mode='reduced')", {"a": _qr}, "numpy.linalg.qr", _qr_push),
    ArrayRule("pinv(a)", {"a": _pinv}, "numpy.linalg.pinv", _pinv_push),
)
