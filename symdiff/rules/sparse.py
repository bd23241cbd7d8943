"""Rules of sparse matrices, which are held by their entries: data at rows and columns.

In the format "coo" each entry has its row and its column; in "csr" the rows are where in
the entries each row begins, in "csc" the columns are. Only entries that there are have a
derivative: the adjoint of A in A @ x is that of a full matrix, bar @ x.T, at their places.
"""

from __future__ import annotations

from symdiff.ir.core import Atom, Const, Index
from symdiff.rules.row import ArrayRule, Bound
from symdiff.rules.shapes import extent, total

__all__ = ["SPARSE"]

Dots = dict[str, Atom]
_PLACES = Index(("at",))
_TURNED = {"coo": "coo", "csr": "csc", "csc": "csr"}


class _Format:
    """The rules of matrices in one format."""

    def __init__(self, name: str) -> None:
        self.name, self.turned = name, _TURNED[name]

    def rows(self) -> tuple[ArrayRule, ArrayRule]:
        return (
            ArrayRule(
                "product(data, row, col, m, n, x)",
                {"data": self.product_data, "x": self.product_x},
                f"scipy.sparse.{self.name}_product",
                self.product_push,
            ),
            ArrayRule(
                "solve(data, row, col, b)",
                {"data": self.solve_data, "b": self.solve_b},
                f"scipy.sparse.{self.name}_solve",
                self.solve_push,
            ),
        )

    def expanded(self, c: Bound, name: str, compressed: str) -> Atom:
        """The row, or the column, of each entry."""
        places = c[name]
        if self.name != compressed:
            return places
        lengths = c.emit("numpy.diff", places)
        every = c.emit("numpy.arange", extent(c.b, lengths, 0))
        return c.emit("numpy.repeat", every, lengths)

    def at_entries(self, c: Bound, left: Atom, right: Atom, ndim: int) -> Atom:
        """The elements of left @ right.T where the matrix has entries."""
        row, col = self.expanded(c, "row", "csr"), self.expanded(c, "col", "csc")
        one = c.b.emit("getitem", left, row, params=_PLACES)
        two = c.b.emit("getitem", right, col, params=_PLACES)
        terms = c.b.emit("mul", one, two)
        return terms if ndim == 1 else c.emit("numpy.sum", terms, axis=Const(-1))

    # -- products -----------------------------------------------------------------------

    def product(self, c: Bound, data: Atom, m: Atom, n: Atom, x: Atom) -> Atom:
        args = data, c["row"], c["col"], m, n, x
        return c.b.emit(f"scipy.sparse.{self.name}_product", *args)

    def product_data(self, c: Bound, g: Atom) -> Atom:
        return self.at_entries(c, g, c["x"], c.array("x").ndim)

    def product_x(self, c: Bound, g: Atom) -> Atom:
        args = c["data"], c["col"], c["row"], c["n"], c["m"], g
        return c.b.emit(f"scipy.sparse.{self.turned}_product", *args)

    def product_push(self, c: Bound, dots: Dots) -> Atom:
        parts = []
        if "data" in dots:
            parts.append(self.product(c, dots["data"], c["m"], c["n"], c["x"]))
        if "x" in dots:
            parts.append(self.product(c, c["data"], c["m"], c["n"], dots["x"]))
        return total(c.b, iter(parts))

    # -- solutions ----------------------------------------------------------------------

    def solve_b(self, c: Bound, g: Atom) -> Atom:
        args = c["data"], c["col"], c["row"], g
        return c.b.emit(f"scipy.sparse.{self.turned}_solve", *args)

    def solve_data(self, c: Bound, g: Atom) -> Atom:
        terms = self.at_entries(c, self.solve_b(c, g), c.out, c.array("b").ndim)
        return c.b.emit("neg", terms)

    def solve_push(self, c: Bound, dots: Dots) -> Atom:
        right = dots.get("b")
        if "data" in dots:
            n = extent(c.b, c["b"], 0)
            moved = self.product(c, dots["data"], n, n, c.out)
            if right is None:
                right = c.b.emit("neg", moved)
            else:
                right = c.b.emit("sub", right, moved)
        assert right is not None
        args = c["data"], c["row"], c["col"], right
        return c.b.emit(f"scipy.sparse.{self.name}_solve", *args)


def _lu_solve(c: Bound, g: Atom) -> Atom:
    turned = Const("N" if c.static("trans") == "T" else "T")
    return c.b.emit("scipy.sparse.lu_solve", c["lu"], g, turned)


def _lu_solve_push(c: Bound, dots: Dots) -> Atom:
    return c.b.emit("scipy.sparse.lu_solve", c["lu"], dots["b"], c["trans"])


SPARSE: tuple[ArrayRule, ...] = (
    *(row for name in _TURNED for row in _Format(name).rows()),
    ArrayRule(
        "lu_solve(lu, b, trans)",
        {"b": _lu_solve},
        "scipy.sparse.lu_solve",
        _lu_solve_push,
    ),
)
