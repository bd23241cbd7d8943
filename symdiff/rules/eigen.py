"""Rules of the eigenvalues and eigenvectors of matrices that are not Hermitian.

The vectors have length 1, and a phase that is nobody's choice: what depends on it has no
derivative. Where two values are equal, the vectors have none between each other.
"""

from __future__ import annotations

from symdiff.ir.core import Atom, kind_of
from symdiff.ir.kinds import is_complex
from symdiff.rules.factors import hermitian, over_gaps, parts_of, product, row
from symdiff.rules.row import ArrayRule, Bound
from symdiff.rules.shapes import extent, zeros
from symdiff.rules.template import conjugate

__all__ = ["EIGEN"]

Dots = dict[str, Atom]


def _lengths(c: Bound, x: Atom) -> Atom:
    """The real parts of the diagonal, in a row."""
    values = c.emit("numpy.diagonal", x, 0, -2, -1)
    return row(c, c.b.emit("real", values) if is_complex(kind_of(values)) else values)


def _eig(c: Bound, g: Atom) -> Atom:
    """As in factors.py, for a pairing with a conjugate."""
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
    if inner is None:
        return zeros(b, c["a"])
    return conjugate(b, c.emit("numpy.linalg.solve", turned, product(c, inner, turned)))


def _eig_push(c: Bound, dots: Dots) -> Atom:
    b = c.b
    w, v = (b.emit("item", c.out, params=k) for k in (0, 1))
    inner = c.emit("numpy.linalg.solve", v, product(c, dots["a"], v))
    values = c.emit("numpy.diagonal", inner, 0, -2, -1)
    moved = product(c, v, over_gaps(c, inner, w))
    longer = _lengths(c, product(c, hermitian(c, v), moved))
    return b.emit("tuple", values, b.emit("sub", moved, b.emit("mul", v, longer)))


EIGEN: tuple[ArrayRule, ...] = (
    ArrayRule("eig(a)", {"a": _eig}, "numpy.linalg.eig", _eig_push),
)
