"""Kinds of the functions of `scipy.linalg` that have a rule; the others are followed."""

from __future__ import annotations

from symdiff.ir.extents import fewer
from symdiff.ir.infer_arguments import (
    Arguments, Inferred, Keywords, argument, array_of, is_none, shape_argument, static,
)  # fmt: skip
from symdiff.ir.infer_dtypes import (
    complex_dtype, elementwise, promote, real_dtype, with_dtype,
)  # fmt: skip
from symdiff.ir.infer_products import PRODUCTS
from symdiff.ir.kinds import INT, UNKNOWN, Array, Kind, Tuple, is_complex

__all__ = ["linalg_call", "signal_call", "sparse_call", "stats_call"]


def linalg_call(name: str, pos: Arguments, kw: Keywords) -> Kind:
    """The kind of `scipy.linalg.name(*pos, **kw)`."""
    function = _TABLE.get(name)
    return UNKNOWN if function is None else function(pos, kw)


def _floating(kind: Array) -> Array:
    known = kind.dtype.startswith(("float", "complex"))
    return kind if known else Array("float64", kind.dims)


def _square(pos: Arguments, kw: Keywords) -> Kind:
    base = array_of(pos, kw)
    return UNKNOWN if base is None or base.ndim != 2 else _floating(base)


def _like(place: int) -> Inferred:
    """Of the shape of an argument, which is the right-hand side of an equation."""

    def kind(pos: Arguments, kw: Keywords) -> Kind:
        others = [array_of(pos[k:], {}) for k in range(len(pos))]
        found = others[place] if place < len(pos) else None
        dtypes = [k.dtype for k in others[: place + 1] if k is not None]
        if found is None or not dtypes:
            return UNKNOWN
        dtype = dtypes[0]
        for other in dtypes[1:]:
            dtype = promote(dtype, other)
        return _floating(Array(dtype, found.dims))

    return kind


def _eigh(pos: Arguments, kw: Keywords) -> Kind:
    base = _square(pos, kw)
    if not isinstance(base, Array):
        return UNKNOWN
    return Tuple((Array(real_dtype(base.dtype), base.dims[:1]), base))


def _eig(pos: Arguments, kw: Keywords) -> Kind:
    base = _square(pos, kw)
    if not isinstance(base, Array):
        return UNKNOWN
    base = Array(complex_dtype(base.dtype), base.dims)
    return Tuple((Array(base.dtype, base.dims[:1]), base))


def _expm_frechet(pos: Arguments, kw: Keywords) -> Kind:
    kind = _square(pos, kw)
    return with_dtype(kind, "complex128" if is_complex(kind) else "float64")


def _eigh_tridiagonal(pos: Arguments, kw: Keywords) -> Kind:
    base = array_of(pos, kw)
    if base is None or base.ndim != 1:
        return UNKNOWN
    base = _floating(base)
    return Tuple((base, Array(base.dtype, base.dims * 2)))


def _lu(pos: Arguments, kw: Keywords) -> Kind:
    base = array_of(pos, kw)
    if base is None or base.ndim != 2:
        return UNKNOWN
    base = _floating(base)
    rows, columns = base.dims
    least = rows if rows == columns else fewer(rows, columns)
    left, right = (Array(base.dtype, d) for d in ((rows, least), (least, columns)))
    return Tuple((Array("int64", base.dims[:1]), left, right))


def _lu_factor(pos: Arguments, kw: Keywords) -> Kind:
    base = _square(pos, kw)
    if not isinstance(base, Array):
        return UNKNOWN
    return Tuple((base, Array("int32", base.dims[:1])))


def _form(pos: Arguments, kw: Keywords) -> Kind:
    """A form of a matrix, and vectors."""
    base = _square(pos, kw)
    if not isinstance(base, Array):
        return UNKNOWN
    if "output" in kw and str(static(kw["output"])).startswith("c"):
        base = Array(complex_dtype(base.dtype), base.dims)
    return Tuple((base, base, INT) if "sort" in kw else (base, base))


def _qr(pos: Arguments, kw: Keywords) -> Kind:
    base, given = array_of(pos, kw), argument(pos, kw, 1, "mode")
    mode = "full" if is_none(given) else static(given)
    if base is None or base.ndim != 2 or mode not in ("full", "economic"):
        return UNKNOWN
    base = _floating(base)
    rows, columns = base.dims
    least = rows if mode == "full" else fewer(rows, columns)
    q, r = (rows, least), (least, columns)
    return Tuple((Array(base.dtype, q), Array(base.dtype, r)))


def _lu_solve(pos: Arguments, kw: Keywords) -> Kind:
    if len(pos) < 2 or not isinstance(pos[0][0], Tuple):
        return UNKNOWN
    first = (pos[0][0].items[0], None)
    return _like(1)((first, *pos[1:]), kw)


_TABLE: dict[str, Inferred] = {
    **dict.fromkeys(("expm", "sqrtm", "signm"), _square),
    "logm": _expm_frechet,  # in double precision, too
    "expm_frechet": _expm_frechet,
    "svd": PRODUCTS["linalg.svd"],
    "eig": _eig,
    "eigh": _eigh,
    "eigh_tridiagonal": _eigh_tridiagonal,
    "schur": _form,
    "hessenberg": _form,
    "lu": _lu,
    "lu_factor": _lu_factor,
    "lu_solve": _lu_solve,
    "qr": _qr,
    "solve_banded": lambda pos, kw: _like(1)(pos[1:], kw),
    **dict.fromkeys(("solve_continuous_are", "solve_discrete_are"), _square),
    "solve_discrete_lyapunov": _like(1),
    "solve_sylvester": _like(2),
    "solve_triangular": _like(1),
}


def signal_call(name: str, pos: Arguments, kw: Keywords) -> Kind:
    """The kind of `scipy.signal.name(*pos, **kw)`."""
    return _like(2)(pos, kw) if name == "lfilter" and not kw else UNKNOWN


def sparse_call(name: str, pos: Arguments) -> Kind:
    """The kind of what is made with the entries of a sparse matrix, see
    `symdiff.rules.sparse`."""
    kinds = [kind for kind, _ in pos]
    if name == "lu_solve":
        b = kinds[1]
        return _floating(b) if isinstance(b, Array) and b.dims else UNKNOWN
    data, last = kinds[0], kinds[-1]
    if not isinstance(data, Array) or not isinstance(last, Array) or not last.dims:
        return UNKNOWN
    dtype = promote(data.dtype, last.dtype)
    if name.endswith("_solve"):
        return Array(promote(dtype, "float64"), last.dims)
    rows = shape_argument(pos[3])
    return UNKNOWN if rows is None else Array(dtype, (*rows, *last.dims[1:]))


def stats_call(name: str, pos: Arguments, kw: Keywords) -> Kind:
    """The kind of a function of a distribution: NumPy's doubles."""
    kinds = tuple(kind for kind, _ in (*pos, *kw.values()))
    return with_dtype(elementwise(kinds, floating=True), "float64")
