"""Kinds of NumPy calls: element-wise functions, reductions, and the table of the rest."""

from __future__ import annotations

from symdiff.ir.infer_arguments import (
    Arguments, Inferred, Keywords, argument, array_of, axes_of, base_of, dtype_argument,
    is_none, shape_argument, static,
)  # fmt: skip
from symdiff.ir.infer_dtypes import (
    dtype_in, element_kind, elementwise, listed, real_part, strong, with_dtype,
)  # fmt: skip
from symdiff.ir.infer_filled import FILLED
from symdiff.ir.infer_fourier import FOURIER
from symdiff.ir.infer_index import attribute
from symdiff.ir.infer_places import PLACES
from symdiff.ir.infer_products import PRODUCTS
from symdiff.ir.infer_shapes import SHAPES, as_array, flattened
from symdiff.ir.kinds import (
    BOOL, INT, UNKNOWN, Array, Extent, Int, Kind, NoneKind, Tuple, is_complex, is_number,
)  # fmt: skip

__all__ = ["numpy_call", "special_call"]


def numpy_call(name: str, pos: Arguments, kw: Keywords) -> Kind:
    """The kind of `numpy.name(*pos, **kw)`."""
    function = _TABLE.get(name)
    if function is not None:
        return function(pos, kw)
    kinds = tuple(kind for kind, _ in (*pos, *kw.values()))
    if name in _UFUNCS:
        return elementwise(kinds, floating=True, narrow=True)
    if name in _FLOATING:
        return elementwise(kinds, floating=True)
    if name in _SAME:
        return elementwise(kinds)
    if name in _PREDICATES:
        return with_dtype(elementwise(kinds), "bool")
    return UNKNOWN


_PAIRS = frozenset(("fresnel", "it2j0y0", "iti0k0", "itj0y0", "shichi", "sici"))


def special_call(name: str, pos: Arguments, kw: Keywords) -> Kind:
    """The kind of `scipy.special.name(*pos, **kw)`."""
    if name == "logsumexp":
        return _reduction(floating=True, order="axis b keepdims")(pos, kw)
    if name in ("softmax", "log_softmax"):
        return elementwise((base_of(pos, kw),), floating=True)
    kinds = tuple(listed(kind) for kind, _ in (*pos, *kw.values()))
    kind = elementwise(kinds, floating=True, narrow=True)
    if name in ("lambertw", "wofz", "sph_harm_y") and dtype_in(kind) is not None:
        narrow = name != "lambertw" and dtype_in(kind) == "float32"
        return with_dtype(kind, "complex64" if narrow else "complex128")
    count = 4 if name in ("airy", "ellipj") else 2 if name in _PAIRS else 0
    return Tuple((kind,) * count) if count else kind


# -- element-wise ---------------------------------------------------------------------

_UFUNCS = frozenset(
    (
        "sin cos tan arcsin arccos arctan asin acos atan sinh cosh tanh arcsinh "
        "arccosh arctanh asinh acosh atanh exp exp2 expm1 log log2 log10 log1p sqrt "
        "cbrt hypot arctan2 atan2 deg2rad rad2deg degrees radians logaddexp "
        "logaddexp2 copysign heaviside nextafter spacing fabs"
    ).split()
)
_FLOATING = frozenset(("divide true_divide sinc float_power i0 ldexp").split())
_SAME = frozenset(
    (
        "add subtract multiply power pow negative positive square reciprocal sign floor "
        "ceil trunc rint maximum minimum fmax fmin mod remainder fmod floor_divide conj "
        "conjugate gcd lcm bitwise_and bitwise_or bitwise_xor bitwise_not bitwise_invert "
        "invert left_shift right_shift bitwise_left_shift bitwise_right_shift"
    ).split()
)
_PREDICATES = frozenset(
    (
        "isnan isinf isfinite isposinf isneginf isclose signbit less less_equal greater "
        "greater_equal equal not_equal logical_and logical_or logical_xor logical_not "
        "iscomplex isreal"
    ).split()
)


def _clip(pos: Arguments, kw: Keywords) -> Kind:
    """A bound of None is no bound."""
    kinds = tuple(kind for kind, _ in (*pos, *kw.values()))
    return elementwise(tuple(k for k in kinds if not isinstance(k, NoneKind)))


def _first_like(pos: Arguments, kw: Keywords) -> Kind:
    """Element-wise in the first argument; the others, such as `decimals`, are settings."""
    return elementwise((base_of(pos, kw),))


def _absolute(pos: Arguments, kw: Keywords) -> Kind:
    kind = _first_like(pos, kw)
    return real_part((kind,)) if is_complex(kind) else kind


def _real_if_close(pos: Arguments, kw: Keywords) -> Kind:
    """Whether complex numbers stay so depends on their values."""
    kind = _first_like(pos, kw)
    return UNKNOWN if is_complex(kind) else kind


def _angle(pos: Arguments, kw: Keywords) -> Kind:
    given = argument(pos, kw, 0, "z")
    return UNKNOWN if given is None else real_part((elementwise((given[0],), True),))


def _split_float(second: str | None) -> Inferred:
    """`modf` and `frexp`: two results, the second of a dtype of its own."""

    def kind_of_call(pos: Arguments, kw: Keywords) -> Kind:
        kind = elementwise((base_of(pos, kw),), floating=True, narrow=True)
        if dtype_in(kind) is None or kw or len(pos) > 1:
            return UNKNOWN
        kind = with_dtype(kind, strong(kind))
        return Tuple((kind, kind if second is None else with_dtype(kind, second)))

    return kind_of_call


def _converted(dtype: str) -> Inferred:
    """`numpy.float64(x)` and its like: a scalar, or an array of an array."""

    def kind_of_call(pos: Arguments, kw: Keywords) -> Kind:
        base = base_of(pos, kw)
        if len(pos) != 1 or kw or dtype_in(base) is None:
            return UNKNOWN
        return with_dtype(base, dtype)

    return kind_of_call


def _searchsorted(pos: Arguments, kw: Keywords) -> Kind:
    wanted = argument(pos, kw, 1, "v")
    kind = UNKNOWN if wanted is None else listed(wanted[0])
    return with_dtype(kind, "int64") if dtype_in(kind) is not None else UNKNOWN


def _digitize(pos: Arguments, kw: Keywords) -> Kind:
    base = base_of(pos, kw)
    return with_dtype(base, "int64") if dtype_in(base) is not None else UNKNOWN


def _bit_count(pos: Arguments, kw: Keywords) -> Kind:
    base = base_of(pos, kw)
    return with_dtype(base, "uint8") if isinstance(base, Array) else INT


def _interp(pos: Arguments, kw: Keywords) -> Kind:
    base, values = base_of(pos, kw), argument(pos, kw, 2, "fp")
    given = None if values is None else dtype_in(listed(values[0]))
    if dtype_in(base) is None or given is None or given.startswith("complex"):
        return UNKNOWN
    return with_dtype(base, "float64")


# -- reductions -----------------------------------------------------------------------


def _widened(dtype: str) -> str:
    """The dtype in which NumPy adds up integers."""
    if dtype.startswith("uint"):
        return "uint64"
    return "int64" if dtype == "bool" or dtype.startswith("int") else dtype


def _reduction(
    result: str | None = None,
    floating: bool = False,
    widened: bool = False,
    order: str = "axis dtype out keepdims",
) -> Inferred:
    names = order.split()

    def kind_of_call(pos: Arguments, kw: Keywords) -> Kind:
        kw = {**dict(zip(names, pos[1:], strict=False)), **kw}
        base = base_of(pos, kw)
        if is_number(base):
            base = Array(strong(base), ())
        if not isinstance(base, Array):
            return UNKNOWN
        axes = axes_of(kw.get("axis"), base.ndim)
        if axes is None:
            return UNKNOWN
        dtype = result or base.dtype
        if floating and not dtype.startswith(("float", "complex")):
            dtype = "float64"
        if widened:
            dtype = _widened(dtype)
        if not is_none(kw.get("dtype")):
            asked = dtype_argument(kw["dtype"])
            if asked is None:
                return UNKNOWN
            dtype = asked
        if static(kw.get("keepdims")):
            dims: list[Extent] = [1 if k in axes else d for k, d in enumerate(base.dims)]
        else:
            dims = [d for k, d in enumerate(base.dims) if k not in axes]
        return Array(dtype, tuple(dims)) if dims else element_kind(dtype)

    return kind_of_call


def _real(function: Inferred) -> Inferred:
    """A reduction of what is real even of complex numbers."""
    return lambda pos, kw: real_part((function(pos, kw),))


def _cumulative(pos: Arguments, kw: Keywords) -> Kind:
    base = as_array(base_of(pos, kw))
    if base is None:
        return UNKNOWN
    kind: Kind = base
    if is_none(argument(pos, kw, 1, "axis")) and base.ndim != 1:
        kind = flattened(base)
    given = argument(pos, kw, 2, "dtype")
    dtype = _widened(base.dtype) if is_none(given) else dtype_argument(given)
    return UNKNOWN if dtype is None else with_dtype(kind, dtype)


def _astype(pos: Arguments, kw: Keywords) -> Kind:
    dtype = dtype_argument(argument(pos, kw, 1, "dtype"))
    return with_dtype(pos[0][0], dtype) if dtype else UNKNOWN


def _same(pos: Arguments, kw: Keywords) -> Kind:
    return array_of(pos, kw) or UNKNOWN


def _order(pos: Arguments, kw: Keywords) -> Kind:
    base = array_of(pos, kw)
    if base is None:
        return UNKNOWN
    given = argument(pos, kw, 1, "axis")
    flat = given is not None and is_none(given)
    return with_dtype(flattened(base) if flat else base, "int64")


def _sorted(pos: Arguments, kw: Keywords) -> Kind:
    base, given = array_of(pos, kw), argument(pos, kw, 1, "axis")
    flat = given is not None and is_none(given)
    return UNKNOWN if base is None else flattened(base) if flat else base


def _fact(name: str) -> Inferred:
    def kind_of_call(pos: Arguments, kw: Keywords) -> Kind:
        return attribute((base_of(pos, kw),), (), name) if len(pos) == 1 else UNKNOWN

    return kind_of_call


def _size(pos: Arguments, kw: Keywords) -> Kind:
    """Of the array, or along one axis."""
    base, axis = base_of(pos, kw), static(argument(pos, kw, 1, "axis"))
    if is_none(argument(pos, kw, 1, "axis")):
        return attribute((base,), (), "size")
    if not isinstance(base, Array) or not isinstance(axis, int) or not base.ndim:
        return INT
    return Int(base.dims[axis % base.ndim])


def _rank(pos: Arguments, kw: Keywords) -> Kind:
    base = as_array(base_of(pos, kw))
    if base is None:
        return UNKNOWN
    return Array("int64", base.dims[:-2]) if base.ndim > 2 else INT


def _quadrature(pos: Arguments, kw: Keywords) -> Kind:
    """Points and weights."""
    dims = shape_argument(argument(pos, kw, 0, "deg"))
    return UNKNOWN if dims is None else Tuple((Array("float64", dims),) * 2)


def _lexsort(pos: Arguments, kw: Keywords) -> Kind:
    keys = pos[0][0] if len(pos) == 1 and not kw else None
    last = keys.items[-1] if isinstance(keys, Tuple) and keys.items else None
    if isinstance(keys, Array) and keys.ndim == 2:
        return Array("int64", keys.dims[1:])
    return Array("int64", last.dims) if isinstance(last, Array) else UNKNOWN


_TABLE: dict[str, Inferred] = {
    **FILLED,
    **{f"fft.{name}": function for name, function in FOURIER.items()},
    **PLACES,
    **SHAPES,
    **PRODUCTS,
    "clip": _clip,
    **dict.fromkeys(("abs", "absolute"), _absolute),
    "angle": _angle,
    "real_if_close": _real_if_close,
    **dict.fromkeys(("round", "around", "fix", "nan_to_num"), _first_like),
    "modf": _split_float(None),
    "frexp": _split_float("int32"),
    **{
        name: _converted(name)
        for name in (
            "float16 float32 float64 complex64 complex128 "
            "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64"
        ).split()
    },
    "double": _converted("float64"),
    "single": _converted("float32"),
    "interp": _interp,
    "searchsorted": _searchsorted,
    **dict.fromkeys(("sum", "prod", "nansum", "nanprod"), _reduction(widened=True)),
    **dict.fromkeys(
        ("max", "min", "amax", "amin", "nanmax", "nanmin"),
        _reduction(order="axis out keepdims"),
    ),
    **dict.fromkeys(("mean", "nanmean", "average"), _reduction(floating=True)),
    **dict.fromkeys(
        ("std", "var"),
        _real(_reduction(floating=True, order="axis dtype out ddof keepdims")),
    ),
    "linalg.norm": _real(_reduction(floating=True, order="ord axis keepdims")),
    **dict.fromkeys(("any", "all"), _reduction("bool", order="axis out keepdims")),
    **dict.fromkeys(
        ("argmax", "argmin", "nanargmax", "nanargmin", "count_nonzero"),
        _reduction("int64", order="axis out keepdims"),
    ),
    **dict.fromkeys(("cumsum", "cumprod"), _cumulative),
    **dict.fromkeys(("flip", "roll", "copy", "tril", "triu"), _same),
    **dict.fromkeys(("iscomplexobj", "isrealobj"), lambda pos, kw: BOOL),
    "lexsort": _lexsort,
    **dict.fromkeys(
        (
            "polynomial.chebyshev.chebgauss",
            "polynomial.hermite.hermgauss",
            "polynomial.hermite_e.hermegauss",
            "polynomial.laguerre.laggauss",
            "polynomial.legendre.leggauss",
        ),
        _quadrature,
    ),
    "isin": lambda pos, kw: with_dtype(base_of(pos, kw), "bool"),
    "sort": _sorted,
    **dict.fromkeys(
        ("asanyarray", "asarray_chkfinite", "asfortranarray"), FILLED["asarray"]
    ),
    "require": FILLED["asarray"],
    "argsort": _order,
    "astype": _astype,
    **{name: _fact(name) for name in ("shape", "ndim")},
    "size": _size,
    "digitize": _digitize,
    "bitwise_count": _bit_count,
    "linalg.matrix_rank": _rank,
    **dict.fromkeys(
        (
            "allclose array_equal array_equiv can_cast isscalar issubdtype "
            "may_share_memory shares_memory"
        ).split(),
        lambda pos, kw: BOOL,
    ),
}
