"""Rules of `scipy.linalg.schur` and `hessenberg`: forms f of a matrix, a = z @ f @ z^H.

With m = z^H @ a_dot @ z and the skew w = z^H @ z_dot there is f_dot = m - w @ f + f @ w,
and that this has the form of f determines w (Golub and Van Loan, Matrix Computations,
sections 7.2 and 7.4). A helper in the generated code finds it, and applies the transposed
map from m to w. The phases of complex vectors are those for which w has the diagonal 0.

Adjoints are paired as in factors.py.
"""

from __future__ import annotations

from symdiff.ir.core import Atom, Const
from symdiff.rules.factors import hermitian, parts_of, product
from symdiff.rules.row import ArrayRule, Bound
from symdiff.rules.shapes import total, zeros
from symdiff.rules.template import conjugate

__all__ = ["TURNING"]

Dots = dict[str, Atom]


def _commuted(c: Bound, x: Atom, y: Atom) -> Atom:
    return c.b.emit("sub", product(c, x, y), product(c, y, x))


def _turn(c: Bound, form: Atom, x: Atom, back: bool) -> Atom:
    name = c.eq.op.rpartition(".")[2].removesuffix("_turn")
    return c.b.emit(f"{name}_turn", form, x, Const(back))


# -- the forms ------------------------------------------------------------------------


def _pull(c: Bound, g: Atom) -> Atom:
    b = c.b
    form, vectors = (b.emit("item", c.out, params=k) for k in (0, 1))
    parts = parts_of(c, g, 2)
    of_form, of_vectors = (x if x is None else conjugate(b, x) for x in parts)
    turns, direct = [], []
    if of_form is not None:
        turns.append(_commuted(c, hermitian(c, form), of_form))
        direct.append(of_form)
    if of_vectors is not None:
        turns.append(product(c, hermitian(c, vectors), of_vectors))
    if not turns:
        return zeros(b, c["a"])
    direct.append(_turn(c, form, total(b, turns), back=True))
    inner = product(c, vectors, total(b, direct), hermitian(c, vectors))
    return conjugate(b, inner)


def _push(c: Bound, dots: Dots) -> Atom:
    b = c.b
    form, vectors = (b.emit("item", c.out, params=k) for k in (0, 1))
    moved = product(c, hermitian(c, vectors), dots["a"], vectors)
    turn = _turn(c, form, moved, back=False)
    form_dot = b.emit("add", moved, _commuted(c, form, turn))
    dot = [form_dot, product(c, vectors, turn)]
    if "sort" in c.given:  # how many were put first
        dot.append(zeros(b, b.emit("item", c.out, params=2)))
    return b.emit("tuple", *dot)


# -- how they turn --------------------------------------------------------------------

# Of the skew w and its adjoint y = turn(t, w_bar, back=True) the adjoint of t is
# w @ y - y @ w; so it is where y is the result, and w = turn(t, y_bar, back=False).


def _other(c: Bound, g: Atom) -> Atom:
    """The map that is transposed to that of the operation."""
    return _turn(c, c["t"], g, not c.static("back"))


def _of_moved(c: Bound, g: Atom) -> Atom:
    return conjugate(c.b, _other(c, conjugate(c.b, g)))


def _of_form(c: Bound, g: Atom) -> Atom:
    other = _other(c, conjugate(c.b, g))
    w, y = (other, c.out) if c.static("back") else (c.out, other)
    return conjugate(c.b, _commuted(c, w, y))


def _turn_push(c: Bound, dots: Dots) -> Atom:
    back, terms = c.static("back"), []
    if "m" in dots:
        terms.append(dots["m"])
    if "t" in dots:
        moved = hermitian(c, dots["t"]) if back else dots["t"]
        terms.append(_commuted(c, moved, c.out))
    return _turn(c, c["t"], total(c.b, terms), back)


TURNING: tuple[ArrayRule, ...] = (
    ArrayRule(
        "schur(a, output='real', sort=None)", {"a": _pull}, "scipy.linalg.schur", _push
    ),
    ArrayRule(
        "hessenberg(a, calc_q=False)", {"a": _pull}, "scipy.linalg.hessenberg", _push
    ),
    *(
        ArrayRule(f"{op}(t, m, back)", {"m": _of_moved, "t": _of_form}, op, _turn_push)
        for op in ("schur_turn", "hessenberg_turn")
    ),
)
