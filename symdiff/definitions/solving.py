"""What definitions say of functions that get functions; the frontend knows the names."""

from __future__ import annotations

from typing import Any

from symdiff.derivation import operator

__all__ = [
    "handed", "implicit", "integral", "lu_solve", "moved", "outside", "sparse_product",
    "sparse_solve",
]  # fmt: skip


@operator
def handed(function: Any, *kinds: Any) -> Any:
    """A function as the argument of one of a library, which calls it with values of these
    kinds: "float", "float64[:]", or those of other values."""


@operator
def outside(call: str, *args: Any, returns: Any, **keywords: Any) -> Any:
    """What a function of a library returns, as a constant: a value of the kind `returns`,
    or where that is a dict the attributes of these kinds."""


@operator
def implicit(found: Any, residual: Any, jacobian: Any) -> Any:
    """The found value, as what makes the residual zero."""


@operator
def moved(value: Any, by: Any) -> Any:
    """The first value, with the derivatives of the second, which is nearly the same."""


@operator
def integral(function: Any, start: Any, end: Any, **settings: Any) -> Any:
    """The integral of a function of one number."""


@operator
def sparse_product(form: str, data: Any, row: Any, col: Any, m: Any, n: Any, x: Any) -> Any:
    """A @ x for the sparse m x n matrix with these entries, in the format "coo", "csr" or
    "csc"."""


@operator
def sparse_solve(form: str, data: Any, row: Any, col: Any, b: Any) -> Any:
    """The x of A @ x = b for such a matrix."""


@operator
def lu_solve(lu: Any, b: Any, trans: str) -> Any:
    """The x of A @ x = b, or of A.T @ x = b, for the matrix that `lu` was made of."""
