"""Kinds of products of arrays and of linear algebra."""

from __future__ import annotations

from symdiff.ir.extents import broadcast, fewer, times
from symdiff.ir.infer_arguments import (
    Arguments, Inferred, Keywords, argument, array_of, static,
)  # fmt: skip
from symdiff.ir.infer_dtypes import (
    complex_dtype, element_kind, elementwise, listed, promote, real_dtype, strong,
)  # fmt: skip
from symdiff.ir.infer_shapes import flattened
from symdiff.ir.kinds import UNKNOWN, Array, Extent, Kind, Size, Tuple, is_number

__all__ = ["PRODUCTS", "matmul"]

Kinds = tuple[Kind, ...]


def matmul(kinds: Kinds) -> Kind:
    """The kind of `a @ b`."""
    a, b = map(listed, kinds)
    if not (isinstance(a, Array) and isinstance(b, Array)) or not a.dims or not b.dims:
        return UNKNOWN
    dtype = promote(a.dtype, b.dtype)
    if a.ndim == 1 and b.ndim == 1:
        return element_kind(dtype)
    if a.ndim == 1:
        return Array(dtype, b.dims[:-2] + b.dims[-1:])
    if b.ndim == 1:
        return Array(dtype, a.dims[:-1])
    batch = broadcast(a.dims[:-2], b.dims[:-2])
    return Array(dtype, (*batch, a.dims[-2], b.dims[-1]))


def _pair(pos: Arguments, kw: Keywords) -> tuple[Kind, Kind]:
    found = argument(pos, kw, 0, "a", "x1"), argument(pos, kw, 1, "b", "x2")
    a, b = (UNKNOWN if pair is None else listed(pair[0]) for pair in found)
    return a, b


def _numbers(dtype: str, dims: tuple[Extent, ...]) -> Kind:
    """An array, or the number that NumPy gives in place of one without axes."""
    return Array(dtype, dims) if dims else element_kind(dtype)


def _outer(pos: Arguments, kw: Keywords) -> Kind:
    a, b = map(flattened, _pair(pos, kw))
    if isinstance(a, Array) and isinstance(b, Array):
        return Array(promote(a.dtype, b.dtype), a.dims + b.dims)
    return UNKNOWN


def _dot(pos: Arguments, kw: Keywords) -> Kind:
    a, b = _pair(pos, kw)
    if is_number(a) or is_number(b):
        return elementwise((a, b))
    if isinstance(a, Array) and isinstance(b, Array) and (a.ndim > 2 or b.ndim > 2):
        dtype = promote(a.dtype, b.dtype)
        return _numbers(dtype, a.dims[:-1] + b.dims[:-2] + b.dims[-1:] * (b.ndim > 1))
    return matmul((a, b))


def _inner(pos: Arguments, kw: Keywords) -> Kind:
    a, b = _pair(pos, kw)
    if isinstance(a, Array) and isinstance(b, Array) and a.dims and b.dims:
        return _numbers(promote(a.dtype, b.dtype), a.dims[:-1] + b.dims[:-1])
    return elementwise((a, b)) if is_number(a) or is_number(b) else UNKNOWN


def _vdot(pos: Arguments, kw: Keywords) -> Kind:
    a, b = _pair(pos, kw)
    if isinstance(a, Array) and isinstance(b, Array):
        return element_kind(promote(a.dtype, b.dtype))
    return UNKNOWN


def _tensordot(pos: Arguments, kw: Keywords) -> Kind:
    a, b = _pair(pos, kw)
    if not (isinstance(a, Array) and isinstance(b, Array)):
        return UNKNOWN
    given = argument(pos, kw, 2, "axes")
    axes = 2 if given is None else static(given)
    if isinstance(axes, int):
        over_a: tuple[int, ...] = tuple(range(a.ndim - axes, a.ndim))
        over_b: tuple[int, ...] = tuple(range(axes))
    elif isinstance(axes, tuple) and len(axes) == 2:
        pairs = [v if isinstance(v, tuple) else (v,) for v in axes]
        over_a = tuple(v % a.ndim for v in pairs[0])
        over_b = tuple(v % b.ndim for v in pairs[1])
    else:
        return UNKNOWN
    rest = [d for k, d in enumerate(a.dims) if k not in over_a]
    rest += [d for k, d in enumerate(b.dims) if k not in over_b]
    # Contracted over all axes it is an array without axes, not a number.
    return Array(promote(a.dtype, b.dtype), tuple(rest))


def _einsum(pos: Arguments, kw: Keywords) -> Kind:
    """Of `"ij,jk->ik"` and of `"ij,jk"`. What only rearranges one operand is a view in
    NumPy, which is for the frontend to follow."""
    text = static(pos[0]) if pos else None
    if not isinstance(text, str) or "." in text or set(kw) - {"optimize"}:
        return UNKNOWN
    left, arrow, result = text.replace(" ", "").partition("->")
    subscripts = left.split(",")
    if not arrow:
        letters = left.replace(",", "")
        result = "".join(sorted(v for v in set(letters) if letters.count(v) == 1))
    operands = [listed(kind) for kind, _ in pos[1:]]
    lengths: dict[str, Extent] = {}
    dtypes = []
    if len(operands) != len(subscripts):
        return UNKNOWN
    for letters, operand in zip(subscripts, operands, strict=True):
        if is_number(operand):
            operand = Array(strong(operand), ())
        if not isinstance(operand, Array) or operand.ndim != len(letters):
            return UNKNOWN
        dtypes.append(operand.dtype)
        for letter, extent in zip(letters, operand.dims, strict=True):
            known = lengths.get(letter, 1)
            (lengths[letter],) = broadcast((known,), (extent,))
    if len(operands) == 1 and set(result) == set(lengths):
        return UNKNOWN
    if not set(result) <= set(lengths):
        return UNKNOWN
    return _numbers(promote(*dtypes), tuple(lengths[v] for v in result))


def _kron(pos: Arguments, kw: Keywords) -> Kind:
    a, b = _pair(pos, kw)
    if is_number(a) or is_number(b):
        return elementwise((a, b)) if not (is_number(a) and is_number(b)) else UNKNOWN
    if not (isinstance(a, Array) and isinstance(b, Array)):
        return UNKNOWN
    rank = max(a.ndim, b.ndim)
    pairs = zip(
        (1,) * (rank - a.ndim) + a.dims, (1,) * (rank - b.ndim) + b.dims, strict=True
    )
    return Array(promote(a.dtype, b.dtype), tuple(times(d, e) for d, e in pairs))


def _cross(pos: Arguments, kw: Keywords) -> Kind:
    """Of vectors in space. Those in the plane, which NumPy gives up, are not known."""
    a, b = _pair(pos, kw)
    if kw or len(pos) > 2 or not (isinstance(a, Array) and isinstance(b, Array)):
        return UNKNOWN
    if not a.dims or not b.dims or 2 in (a.dims[-1], b.dims[-1]):
        return UNKNOWN
    return Array(promote(a.dtype, b.dtype), (*broadcast(a.dims[:-1], b.dims[:-1]), 3))


def _trace(pos: Arguments, kw: Keywords) -> Kind:
    base = array_of(pos, kw)
    return element_kind(base.dtype) if base is not None and base.ndim == 2 else UNKNOWN


def _convolve(pos: Arguments, kw: Keywords) -> Kind:
    found = argument(pos, kw, 0, "a"), argument(pos, kw, 1, "v")
    a, b = (UNKNOWN if pair is None else listed(pair[0]) for pair in found)
    if not (isinstance(a, Array) and isinstance(b, Array)) or a.ndim != 1 or b.ndim != 1:
        return UNKNOWN
    text = ", ".join(str(atom) for _, atom in (*pos, *kw.values()))
    return Array(promote(a.dtype, b.dtype), (Size(f"convolve({text})"),))


# -- numpy.linalg ---------------------------------------------------------------------


def _square(pos: Arguments, kw: Keywords) -> Array | None:
    """The first argument as a matrix, or a stack of them, of floats."""
    base = array_of(pos, kw)
    if base is None or base.ndim < 2 or base.dtype in ("float16", "bool"):
        return None
    if base.dtype.startswith(("int", "uint")):
        return Array("float64", base.dims)
    return base


def _matrix(pos: Arguments, kw: Keywords) -> Kind:
    return _square(pos, kw) or UNKNOWN


def _solve(pos: Arguments, kw: Keywords) -> Kind:
    a, b = _square(pos, kw), _square(pos[1:], {}) or array_of(pos[1:], {})
    if a is None or b is None or not b.dims:
        return UNKNOWN
    dtype = promote(a.dtype, b.dtype)
    dtype = "float64" if dtype.startswith(("int", "uint")) else dtype
    if b.ndim == 1:
        return Array(dtype, a.dims[:-1])
    return Array(dtype, (*broadcast(a.dims[:-2], b.dims[:-2]), *b.dims[-2:]))


def _det(pos: Arguments, kw: Keywords) -> Kind:
    base = _square(pos, kw)
    return UNKNOWN if base is None else _numbers(base.dtype, base.dims[:-2])


def _slogdet(pos: Arguments, kw: Keywords) -> Kind:
    base = _square(pos, kw)
    if base is None:
        return UNKNOWN
    sign, logarithm = base.dtype, real_dtype(base.dtype)
    return Tuple(tuple(_numbers(dtype, base.dims[:-2]) for dtype in (sign, logarithm)))


def _eigh(pos: Arguments, kw: Keywords) -> Kind:
    base, values = _square(pos, kw), _eigvalsh(pos, kw)
    return Tuple((values, base)) if base is not None and values != UNKNOWN else UNKNOWN


def _eigvalsh(pos: Arguments, kw: Keywords) -> Kind:
    base = _square(pos, kw)
    return UNKNOWN if base is None else Array(real_dtype(base.dtype), base.dims[:-1])


def _eig(pos: Arguments, kw: Keywords) -> Kind:
    """Real where all values of a real matrix happen to be real: these have what complex
    numbers have, so that they are not told apart."""
    base = _square(pos, kw)
    if base is None:
        return UNKNOWN
    dtype = complex_dtype(base.dtype)
    return Tuple((Array(dtype, base.dims[:-1]), Array(dtype, base.dims)))


def _cond(pos: Arguments, kw: Keywords) -> Kind:
    base = _square(pos, kw)
    if base is None or base.ndim != 2:
        return UNKNOWN
    return element_kind(real_dtype(base.dtype))


def _svd(pos: Arguments, kw: Keywords) -> Kind:
    base = array_of(pos, kw)
    flags = argument(pos, kw, 1, "full_matrices"), argument(pos, kw, 2, "compute_uv")
    full, vectors = (True if pair is None else static(pair) for pair in flags)
    if base is None or base.ndim < 2 or not base.dtype.startswith(("float", "complex")):
        return UNKNOWN
    if None in (full, vectors) or len(pos) > 3:
        return UNKNOWN
    *batch, rows, columns = base.dims
    least = fewer(rows, columns)
    values = Array(real_dtype(base.dtype), (*batch, least))
    if not vectors:
        return values
    u = (*batch, rows, rows if full else least)
    vh = (*batch, columns if full else least, columns)
    return Tuple((Array(base.dtype, u), values, Array(base.dtype, vh)))


def _qr(pos: Arguments, kw: Keywords) -> Kind:
    base, given = array_of(pos, kw), argument(pos, kw, 1, "mode")
    mode = "reduced" if given is None else static(given)
    if base is None or base.ndim < 2 or mode not in ("reduced", "complete", "r"):
        return UNKNOWN
    *batch, rows, columns = base.dims
    least = rows if mode == "complete" else fewer(rows, columns)
    r = Array(base.dtype, (*batch, least, columns))
    return r if mode == "r" else Tuple((Array(base.dtype, (*batch, rows, least)), r))


def _pinv(pos: Arguments, kw: Keywords) -> Kind:
    base = array_of(pos, kw)
    if base is None or base.ndim < 2:
        return UNKNOWN
    *batch, rows, columns = base.dims
    floating = base.dtype.startswith(("float", "complex"))
    dtype = base.dtype if floating else "float64"
    return Array(dtype, (*batch, columns, rows))


PRODUCTS: dict[str, Inferred] = {
    "outer": _outer,
    "dot": _dot,
    "vdot": _vdot,
    "inner": _inner,
    "matmul": lambda pos, kw: matmul(_pair(pos, kw)),
    "tensordot": _tensordot,
    "einsum": _einsum,
    "kron": _kron,
    "cross": _cross,
    "trace": _trace,
    "linalg.inv": _matrix,
    "linalg.pinv": _pinv,
    "linalg.cholesky": _matrix,
    "linalg.solve": _solve,
    "linalg.det": _det,
    "linalg.slogdet": _slogdet,
    "linalg.eigh": _eigh,
    "linalg.eig": _eig,
    "linalg.svd": _svd,
    "linalg.qr": _qr,
    **dict.fromkeys(("convolve", "correlate"), _convolve),
    "linalg.eigvalsh": _eigvalsh,
    "linalg.cond": _cond,
}
