"""Text of the functions for sparse matrices that generated code may bring along."""

from __future__ import annotations

__all__ = ["SPARSE"]

_PRODUCT = '''\
def _{format}_product(data, {places}, m, n, x):
    """A @ x for the sparse m x n matrix A with these entries."""
    return {{sparse}}.{format}_array({entries}, shape=(m, n)) @ x
'''

_SOLVE = '''\
def _{format}_solve(data, {places}, b):
    """The x of A @ x = b for the sparse matrix A with these entries."""
    a = {{sparse}}.{format}_array({entries}, shape=(len(b), len(b)))
    return {{linalg}}.spsolve(a{fitting}, b)
'''

# The names of the places of entries, how the matrix is made, and a format to solve in.
_FORMATS = {
    "coo": ("row, col", "(data, (row, col))", ".tocsc()"),
    "csc": ("indices, indptr", "(data, indices, indptr)", ""),
    "csr": ("indptr, indices", "(data, indices, indptr)", ""),
}


def _texts() -> dict[str, tuple[str, tuple[str, ...]]]:
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for name, (places, entries, fitting) in _FORMATS.items():
        known = {"format": name, "places": places, "entries": entries}
        found[f"_{name}_product"] = _PRODUCT.format(**known), ("scipy.sparse",)
        text = _SOLVE.format(**known, fitting=fitting)
        found[f"_{name}_solve"] = text, ("scipy.sparse", "scipy.sparse.linalg")
    return found


SPARSE = _texts()
