"""Rules of the eigenvalues and eigenvectors of matrices that are not Hermitian.

The vectors have length 1, and a phase that is nobody's choice: what depends on it has no
derivative. Where two values are equal, the vectors have none between each other.
"""

from __future__ import annotations

from symdiff.ir.core import Atom, kind_of
from symdiff.ir.kinds import is_complex
from symdiff.rules.factors import hermitian, over_gaps, parts_of, product, row
from symdiff.rules.row import ArrayRule, Bound
from symdiff.rules.shapes import extent, total, zeros
from symdiff.rules.template import conjugate

__all__ = ["EIGEN"]

Dots = dict[str, Atom]


def _lengths(c: Bound, x: Atom) -> Atom:
    """The real parts of the diagonal, in a row."""
    values = c.emit("numpy.diagonal", x, 0, -2, -1)
    return row(c, c.b.emit("real", values) if is_complex(kind_of(values)) else values)


def _inner(c: Bound, g: Atom) -> Atom | None:
    """Between inv(v) and v, for a pairing with a conjugate, as in factors.py."""
    b = c.b
    w, v = (b.emit("item", c.out, params=k) for k in (0, 1))
    turned = hermitian(c, v)
    parts = [x if x is None else conjugate(b, x) for x in parts_of(c, g, 2)]
    of_values, of_vectors = parts
    inner = None
    if of_values is not None:
        size = c.emit("numpy.eye", extent(b, w, -1))
        inner = b.emit("mul", size, row(c, of_values))
    if of_vectors is not None:
        along = product(c, turned, of_vectors)
        longer = b.emit("mul", product(c, turned, v), _lengths(c, along))
        turn = over_gaps(c, b.emit("sub", along, longer), conjugate(b, w))
        inner = turn if inner is None else b.emit("add", inner, turn)
    return inner


def _moved(c: Bound, inner: Atom) -> Atom:
    """The tangents of values and vectors, from what lies between inv(v) and v."""
    b = c.b
    w, v = (b.emit("item", c.out, params=k) for k in (0, 1))
    values = c.emit("numpy.diagonal", inner, 0, -2, -1)
    moved = product(c, v, over_gaps(c, inner, w))
    longer = _lengths(c, product(c, hermitian(c, v), moved))
    return b.emit("tuple", values, b.emit("sub", moved, b.emit("mul", v, longer)))


def _eig(c: Bound, g: Atom) -> Atom:
    inner = _inner(c, g)
    if inner is None:
        return zeros(c.b, c["a"])
    turned = hermitian(c, c.b.emit("item", c.out, params=1))
    found = c.emit("numpy.linalg.solve", turned, product(c, inner, turned))
    return conjugate(c.b, found)


def _eig_push(c: Bound, dots: Dots) -> Atom:
    v = c.b.emit("item", c.out, params=1)
    return _moved(c, c.emit("numpy.linalg.solve", v, product(c, dots["a"], v)))


# -- a @ v = b @ v * w ----------------------------------------------------------------


def _pair(c: Bound, g: Atom, of_metric: bool) -> Atom:
    b, inner = c.b, _inner(c, g)
    if inner is None:
        return zeros(b, c["b" if of_metric else "a"])
    w, v = (b.emit("item", c.out, params=k) for k in (0, 1))
    turned = hermitian(c, product(c, c["b"], v))
    if of_metric:
        inner = b.emit("neg", b.emit("mul", inner, conjugate(b, w)))
    found = product(c, c.emit("numpy.linalg.solve", turned, inner), hermitian(c, v))
    return conjugate(b, found)


def _pair_push(c: Bound, dots: Dots) -> Atom:
    b, terms = c.b, []
    w, v = (b.emit("item", c.out, params=k) for k in (0, 1))
    if "a" in dots:
        terms.append(product(c, dots["a"], v))
    if "b" in dots:
        terms.append(b.emit("neg", b.emit("mul", product(c, dots["b"], v), w)))
    left = product(c, c["b"], v)
    return _moved(c, c.emit("numpy.linalg.solve", left, total(b, terms)))


EIGEN: tuple[ArrayRule, ...] = (
    ArrayRule("eig(a)", {"a": _eig}, "numpy.linalg.eig", _eig_push),
    ArrayRule(
        "eig(a, b)",
        {
            "a": lambda c, g: _pair(c, g, of_metric=False),
            "b": lambda c, g: _pair(c, g, of_metric=True),
        },
        "scipy.linalg.eig",
        _pair_push,
    ),
)
