"""Rules of `scipy.linalg`: triangular systems, factors, functions of matrices.

Definitions stand before them that take SciPy's whole signatures, and call these with
arrays and with arguments that matter.
"""

from __future__ import annotations

from typing import Any

from symdiff.ir.core import Atom, Const, Index, SliceItem, kind_of
from symdiff.ir.kinds import is_complex
from symdiff.rules.factors import (
    eigh_pull, folded, hermitian, mirrored, over_gaps, parts_of, product, row, transposed,
)  # fmt: skip
from symdiff.rules.row import ArrayRule, Bound, Pull, Push
from symdiff.rules.shapes import extent, total, zeros

__all__ = ["SCIPY_LINALG"]

Dots = dict[str, Atom]
_ALL = SliceItem()


def _call(c: Bound, name: str, *args: Any, **keywords: Any) -> Atom:
    return c.emit(f"scipy.linalg.{name}", *args, **keywords)


def _times_row(c: Bound, x: Atom, y: Atom) -> Atom:
    """x @ y.T of matrices, and the outer product of vectors."""
    if c.array("b").ndim == 1:
        return c.emit("numpy.outer", x, y)
    return c.b.emit("matmul", x, transposed(c, y))


# -- triangular systems ---------------------------------------------------------------


def _is_turned(c: Bound) -> bool:
    return c.static("trans") in (1, 2, "T", "C")


def _triangle(c: Bound, x: Atom) -> Atom:
    """The part of the matrix that is read."""
    inside = -1 if c.static("lower") else 1
    k = (inside,) if c.static("unit_diagonal") else ()
    return c.emit("numpy.tril" if c.static("lower") else "numpy.triu", x, *k)


def _solved_triangle(c: Bound, right: Atom, turned: bool) -> Atom:
    names = ("lower", "unit_diagonal")
    settings = {name: True for name in names if c.static(name)}
    if turned:
        return _call(c, "solve_triangular", c["a"], right, trans=1, **settings)
    return _call(c, "solve_triangular", c["a"], right, **settings)


def _triangular_b(c: Bound, g: Atom) -> Atom:
    return _solved_triangle(c, g, not _is_turned(c))


def _triangular_a(c: Bound, g: Atom) -> Atom:
    b_bar = _triangular_b(c, g)
    pair = (c.out, b_bar) if _is_turned(c) else (b_bar, c.out)
    return c.b.emit("neg", _triangle(c, _times_row(c, *pair)))


def _triangular_push(c: Bound, dots: Dots) -> Atom:
    right = dots.get("b")
    if "a" in dots:
        part = _triangle(c, dots["a"])
        moved = product(c, transposed(c, part) if _is_turned(c) else part, c.out)
        right = c.b.emit("neg", moved) if right is None else c.b.emit("sub", right, moved)
    assert right is not None
    return _solved_triangle(c, right, _is_turned(c))


# -- triangular factors ---------------------------------------------------------------


def _lu_inner(
    c: Bound, left: Atom, right: Atom, of_left: Atom | None, of_right: Atom | None
) -> Atom:
    """The adjoint of the matrix whose rows are exchanged, from those of its factors."""
    terms = []
    if of_left is not None:
        terms.append(c.emit("numpy.tril", product(c, transposed(c, left), of_left), -1))
    if of_right is not None:
        terms.append(c.emit("numpy.triu", product(c, of_right, transposed(c, right))))
    inner = _call(c, "solve_triangular", right, transposed(c, total(c.b, terms)))
    settings = {"lower": True, "unit_diagonal": True}
    return _call(c, "solve_triangular", left, transposed(c, inner), trans=1, **settings)


def _lu_relative(c: Bound, left: Atom, right: Atom, dot: Atom) -> Atom:
    """inv(left) @ dot @ inv(right)"""
    half = _call(c, "solve_triangular", left, dot, lower=True, unit_diagonal=True)
    return transposed(c, _call(c, "solve_triangular", right, transposed(c, half), trans=1))


def _is_square(c: Bound) -> bool:
    rows, columns = (extent(c.b, c["a"], axis) for axis in (0, 1))
    return rows == columns or c.array("a").dims[0] == c.array("a").dims[1]


def _only_square(c: Bound) -> None:
    if not _is_square(c):
        equal = c.b.emit("eq", *(extent(c.b, c["a"], axis) for axis in (0, 1)))
        c.b.emit("assert", equal, Const(f"{c.eq.op}: only of square matrices"))


_COLUMNS = Index((SliceItem(), SliceItem(stop=True)), True)
_ROWS = Index((SliceItem(stop=True),))


def _whole(c: Bound, left: Atom, right: Atom) -> tuple[Atom, Atom]:
    """Both factors as square matrices, with ones on the diagonal of what is added: of a
    matrix that is not square one of them is not."""
    b = c.b
    if _is_square(c):
        return left, right
    dtype = c.array("a").dtype
    made = {} if dtype == "float64" else {"dtype": dtype}
    k = extent(b, left, 1)
    rows, columns = (c.emit("numpy.eye", extent(b, c["a"], j), **made) for j in (0, 1))
    rows = b.emit("setitem", rows, k, left, params=_COLUMNS)
    return rows, b.emit("setitem", columns, k, right, params=_ROWS)


def _filled(c: Bound, bar: Atom | None, k: Atom, place: Index) -> Atom | None:
    """The adjoint of a factor in the shape of the matrix."""
    if bar is None or _is_square(c):
        return bar
    return c.b.emit("setitem", zeros(c.b, c["a"]), k, bar, params=place)


def _lu(c: Bound, g: Atom) -> Atom:
    b = c.b
    rows, left, right = (b.emit("item", c.out, params=k) for k in range(3))
    _, of_left, of_right = parts_of(c, g, 3)
    if of_left is None and of_right is None:
        return zeros(b, c["a"])
    k = extent(b, left, 1)
    bars = _filled(c, of_left, k, _COLUMNS), _filled(c, of_right, k, _ROWS)
    inner = _lu_inner(c, *_whole(c, left, right), *bars)
    return b.emit("getitem", inner, rows, params=Index(("at",)))


def _lu_push(c: Bound, dots: Dots) -> Atom:
    b = c.b
    rows, left, right = (b.emit("item", c.out, params=k) for k in range(3))
    k = extent(b, left, 1)
    left, right = _whole(c, left, right)
    back = c.emit("numpy.argsort", rows)
    dot = b.emit("getitem", dots["a"], back, params=Index(("at",)))
    inner = _lu_relative(c, left, right, dot)
    left_dot = product(c, left, c.emit("numpy.tril", inner, -1))
    right_dot = product(c, c.emit("numpy.triu", inner), right)
    if not _is_square(c):
        left_dot = b.emit("getitem", left_dot, k, params=_COLUMNS)
        right_dot = b.emit("getitem", right_dot, k, params=_ROWS)
    return b.emit("tuple", zeros(b, rows), left_dot, right_dot)


def _exchanged(c: Bound, piv: Atom, x: Atom, back: bool = False) -> Atom:
    """x with its rows exchanged as the pivots say: what is left of the system of
    equations if both factors are 1."""
    plain = c.b.emit("tuple", c.emit("numpy.eye", extent(c.b, x, 0)), piv)
    return _call(c, "lu_solve", plain, x, **({"trans": 1} if back else {}))


def _lu_factor(c: Bound, g: Atom) -> Atom:
    """Both factors in one matrix, without the diagonal of the left one, which is 1."""
    _only_square(c)
    lu, piv = (c.b.emit("item", c.out, params=k) for k in (0, 1))
    bar, _ = parts_of(c, g, 2)
    if bar is None:
        return zeros(c.b, c["a"])
    left = c.b.emit(
        "add", c.emit("numpy.tril", lu, -1), c.emit("numpy.eye", extent(c.b, lu, 0))
    )
    right = c.emit("numpy.triu", lu)
    inner = _lu_inner(
        c, left, right, c.emit("numpy.tril", bar, -1), c.emit("numpy.triu", bar)
    )
    return _exchanged(c, piv, inner, back=True)


def _lu_factor_push(c: Bound, dots: Dots) -> Atom:
    _only_square(c)
    lu, piv = (c.b.emit("item", c.out, params=k) for k in (0, 1))
    inner = _lu_relative(c, lu, lu, _exchanged(c, piv, dots["a"]))
    left = c.b.emit(
        "add", c.emit("numpy.tril", lu, -1), c.emit("numpy.eye", extent(c.b, lu, 0))
    )
    lower = product(c, left, c.emit("numpy.tril", inner, -1))
    upper = product(c, c.emit("numpy.triu", inner), c.emit("numpy.triu", lu))
    return c.b.emit("tuple", c.b.emit("add", lower, upper), zeros(c.b, piv))


def _lu_settings(c: Bound, turned: bool) -> dict[str, int]:
    return {"trans": 1} if turned else {}


def _lu_solve_b(c: Bound, g: Atom) -> Atom:
    return _call(c, "lu_solve", c["lu_and_piv"], g, **_lu_settings(c, not _is_turned(c)))


def _lu_solve_factors(c: Bound, g: Atom) -> Atom:
    """The equation is right @ x = y with left @ y = b', where b' is b exchanged; and
    turned, left.T @ x' = z with right.T @ z = b, where x' is x exchanged."""
    b = c.b
    lu, piv = (b.emit("item", c["lu_and_piv"], params=k) for k in (0, 1))
    unit = {"lower": True, "unit_diagonal": True}
    if _is_turned(c):
        x = _exchanged(c, piv, c.out)
        of_z = _call(c, "solve_triangular", lu, _exchanged(c, piv, g), **unit)
        of_b = _call(c, "solve_triangular", lu, of_z)
        z = b.emit("add", product(c, transposed(c, c.emit("numpy.tril", lu, -1)), x), x)
        of_left, of_right = _times_row(c, x, of_z), _times_row(c, z, of_b)
    else:
        of_y = _call(c, "solve_triangular", lu, g, trans=1)
        of_b = _call(c, "solve_triangular", lu, of_y, trans=1, **unit)
        y = product(c, c.emit("numpy.triu", lu), c.out)
        of_left, of_right = _times_row(c, of_b, y), _times_row(c, of_y, c.out)
    both = b.emit("add", c.emit("numpy.tril", of_left, -1), c.emit("numpy.triu", of_right))
    return b.emit("tuple", b.emit("neg", both), zeros(b, piv))


def _lu_solve_push(c: Bound, dots: Dots) -> Atom:
    b = c.b
    terms = []
    if "b" in dots:
        settings = _lu_settings(c, _is_turned(c))
        terms.append(_call(c, "lu_solve", c["lu_and_piv"], dots["b"], **settings))
    if "lu_and_piv" in dots:
        lu, piv = (b.emit("item", c["lu_and_piv"], params=k) for k in (0, 1))
        dot = b.emit("item", dots["lu_and_piv"], params=0)
        unit = {"lower": True, "unit_diagonal": True}
        of_left, of_right = c.emit("numpy.tril", dot, -1), c.emit("numpy.triu", dot)
        if _is_turned(c):
            x = _exchanged(c, piv, c.out)
            z = b.emit("add", product(c, transposed(c, c.emit("numpy.tril", lu, -1)), x), x)
            moved = product(c, transposed(c, of_right), z)
            moved = _call(c, "solve_triangular", lu, moved, trans=1)
            moved = b.emit("add", moved, product(c, transposed(c, of_left), x))
            moved = _call(c, "solve_triangular", lu, moved, trans=1, **unit)
            moved = _exchanged(c, piv, moved, back=True)
        else:
            y = product(c, c.emit("numpy.triu", lu), c.out)
            moved = _call(c, "solve_triangular", lu, product(c, of_left, y), **unit)
            moved = b.emit("add", moved, product(c, of_right, c.out))
            moved = _call(c, "solve_triangular", lu, moved)
        terms.append(b.emit("neg", moved))
    return total(b, terms)


# -- eigenvalues ----------------------------------------------------------------------


def _middle(c: Bound, w: Atom, v: Atom, of_v: Atom) -> Atom:
    return over_gaps(c, product(c, transposed(c, v), of_v), w)


def _eigh_b(c: Bound, g: Atom) -> Atom:
    """Where the vectors are orthogonal as b says: v.T @ b @ v = 1."""
    b = c.b
    w, v = (b.emit("item", c.out, params=k) for k in (0, 1))
    of_w, of_v = parts_of(c, g, 2)
    if of_w is None and of_v is None:
        return zeros(b, c["b"])
    terms = []
    if of_w is not None:
        scaled = b.emit("mul", v, row(c, b.emit("mul", of_w, w)))
        terms.append(product(c, scaled, transposed(c, v)))
    if of_v is not None:
        inner = b.emit("mul", _middle(c, w, v, of_v), row(c, w))
        lengths = c.emit("numpy.sum", b.emit("mul", v, of_v), axis=0)
        halves = c.emit("numpy.diag", b.emit("mul", Const(0.5), lengths))
        terms.append(product(c, v, b.emit("add", inner, halves), transposed(c, v)))
    return b.emit("neg", folded(c, total(b, terms)))


def _eigh_push(c: Bound, dots: Dots) -> Atom:
    b = c.b
    w, v = (b.emit("item", c.out, params=k) for k in (0, 1))
    terms, halves = [], None
    if "a" in dots:
        terms.append(product(c, hermitian(c, v), mirrored(c, dots["a"]), v))
    if "b" in dots:
        metric = product(c, transposed(c, v), mirrored(c, dots["b"]), v)
        terms.append(b.emit("neg", b.emit("mul", metric, row(c, w))))
        halves = b.emit("mul", Const(0.5), c.emit("numpy.diagonal", metric))
    inner = total(b, terms)
    v_dot = product(c, v, over_gaps(c, inner, w))
    if halves is not None:
        v_dot = b.emit("sub", v_dot, b.emit("mul", v, row(c, halves)))
    w_dot = c.emit("numpy.diagonal", inner)
    if is_complex(kind_of(w_dot)):
        w_dot = b.emit("real", w_dot)
    return b.emit("tuple", w_dot, v_dot)


def _tridiagonal(c: Bound, g: Atom) -> Atom:
    """The adjoint of the whole matrix."""
    b = c.b
    w, v = (b.emit("item", c.out, params=k) for k in (0, 1))
    of_w, of_v = parts_of(c, g, 2)
    terms = []
    if of_w is not None:
        terms.append(product(c, b.emit("mul", v, row(c, of_w)), transposed(c, v)))
    if of_v is not None:
        terms.append(product(c, v, _middle(c, w, v, of_v), transposed(c, v)))
    return total(b, terms)


def _tridiagonal_d(c: Bound, g: Atom) -> Atom:
    return c.emit("numpy.diagonal", _tridiagonal(c, g))


def _tridiagonal_e(c: Bound, g: Atom) -> Atom:
    whole = _tridiagonal(c, g)
    below, above = (c.emit("numpy.diagonal", whole, k) for k in (-1, 1))
    return c.b.emit("add", below, above)


def _tridiagonal_push(c: Bound, dots: Dots) -> Atom:
    b = c.b
    w, v = (b.emit("item", c.out, params=k) for k in (0, 1))
    terms = []
    if "d" in dots:
        terms.append(c.emit("numpy.diag", dots["d"]))
    if "e" in dots:
        terms += [c.emit("numpy.diag", dots["e"], k) for k in (-1, 1)]
    inner = product(c, transposed(c, v), total(b, terms), v)
    v_dot = product(c, v, over_gaps(c, inner, w))
    return b.emit("tuple", c.emit("numpy.diagonal", inner), v_dot)


# -- functions of matrices ------------------------------------------------------------


def _expm(c: Bound, g: Atom) -> Atom:
    return _call(c, "expm_frechet", transposed(c, c["A"]), g, compute_expm=False)


def _expm_push(c: Bound, dots: Dots) -> Atom:
    return _call(c, "expm_frechet", c["A"], dots["A"], compute_expm=False)


def _above(c: Bound, a: Atom, e: Atom) -> Atom:
    """[[a, e], [0, a]]: a function of it has the function's derivative along e where
    e is."""
    top = c.emit("numpy.hstack", c.b.emit("tuple", a, e))
    low = c.emit("numpy.hstack", c.b.emit("tuple", zeros(c.b, a), a))
    return c.emit("numpy.vstack", c.b.emit("tuple", top, low))


def _above_right(c: Bound, whole: Atom, a: Atom) -> Atom:
    n = extent(c.b, a, 0)
    item = Index((SliceItem(stop=True), SliceItem(start=True)), True)
    return c.b.emit("getitem", whole, n, n, params=item)


def _second(c: Bound, a: Atom, e: Atom, d: Atom) -> Atom:
    """The derivative along d of that along e."""
    twice = _above(c, e, zeros(c.b, e))
    whole = _call(c, "expm_frechet", _above(c, a, d), twice, compute_expm=False)
    return _above_right(c, whole, a)


def _frechet_A(c: Bound, g: Atom) -> Atom:
    return _second(c, transposed(c, c["A"]), transposed(c, c["E"]), g)


def _frechet_push(c: Bound, dots: Dots) -> Atom:
    terms = []
    if "E" in dots:
        terms.append(_call(c, "expm_frechet", c["A"], dots["E"], compute_expm=False))
    if "A" in dots:
        terms.append(_second(c, c["A"], c["E"], dots["A"]))
    return total(c.b, terms)


def _logm(c: Bound, a: Atom, e: Atom) -> Atom:
    return _above_right(c, _call(c, "logm", _above(c, a, e)), a)


def _sqrtm(c: Bound, g: Atom) -> Atom:
    turned = transposed(c, c.out)
    return _call(c, "solve_sylvester", turned, turned, g)


def _signm_pull(c: Bound, g: Atom) -> Atom:
    """For n = a @ out, of which out = inv(n) @ a: n @ out_dot + out_dot @ n is
    a_dot - out @ a_dot @ out (Kenney and Laub, 1991)."""
    root, out = transposed(c, product(c, c["A"], c.out)), transposed(c, c.out)
    bar = _call(c, "solve_sylvester", root, root, g)
    return c.b.emit("sub", bar, product(c, out, bar, out))


def _signm_push(c: Bound, dots: Dots) -> Atom:
    root, dot = product(c, c["A"], c.out), dots["A"]
    moved = c.b.emit("sub", dot, product(c, c.out, dot, c.out))
    return _call(c, "solve_sylvester", root, root, moved)


def _sylvester(c: Bound, g: Atom) -> Atom:
    return _call(c, "solve_sylvester", *(transposed(c, c[k]) for k in "ab"), g)


def _sylvester_a(c: Bound, g: Atom) -> Atom:
    return c.b.emit("neg", product(c, _sylvester(c, g), transposed(c, c.out)))


def _sylvester_b(c: Bound, g: Atom) -> Atom:
    return c.b.emit("neg", product(c, transposed(c, c.out), _sylvester(c, g)))


def _sylvester_push(c: Bound, dots: Dots) -> Atom:
    b, moved = c.b, []
    if "a" in dots:
        moved.append(product(c, dots["a"], c.out))
    if "b" in dots:
        moved.append(product(c, c.out, dots["b"]))
    right = dots.get("q")
    if moved:
        less = total(b, moved)
        right = b.emit("neg", less) if right is None else b.emit("sub", right, less)
    assert right is not None
    return _call(c, "solve_sylvester", c["a"], c["b"], right)


def _row(form: str, pulls: dict[str, Pull | None], push: Push) -> ArrayRule:
    return ArrayRule(form, pulls, f"scipy.linalg.{form.partition('(')[0]}", push)


SCIPY_LINALG: tuple[ArrayRule, ...] = (
    _row(
        "solve_triangular(a, b, trans=0, lower=False, unit_diagonal=False)",
        {"a": _triangular_a, "b": _triangular_b},
        _triangular_push,
    ),
    _row("lu(a, p_indices=False)", {"a": _lu}, _lu_push),
    _row("lu_factor(a)", {"a": _lu_factor}, _lu_factor_push),
    _row(
        "lu_solve(lu_and_piv, b, trans=0)",
        {"lu_and_piv": _lu_solve_factors, "b": _lu_solve_b},
        _lu_solve_push,
    ),
    _row("eigh(a, b=None, lower=True)", {"a": eigh_pull, "b": _eigh_b}, _eigh_push),
    _row(
        "eigh_tridiagonal(d, e)",
        {"d": _tridiagonal_d, "e": _tridiagonal_e},
        _tridiagonal_push,
    ),
    _row("expm(A)", {"A": _expm}, _expm_push),
    _row(
        "expm_frechet(A, E, compute_expm=True)",
        {"A": _frechet_A, "E": _expm},
        _frechet_push,
    ),
    _row(
        "logm(A)",
        {"A": lambda c, g: _logm(c, transposed(c, c["A"]), g)},
        lambda c, dots: _logm(c, c["A"], dots["A"]),
    ),
    _row(
        "sqrtm(A)",
        {"A": _sqrtm},
        lambda c, dots: _call(c, "solve_sylvester", c.out, c.out, dots["A"]),
    ),
    _row("signm(A)", {"A": _signm_pull}, _signm_push),
    _row(
        "solve_sylvester(a, b, q)",
        {"a": _sylvester_a, "b": _sylvester_b, "q": _sylvester},
        _sylvester_push,
    ),
)
