"""The kind of an operation's result, from the kinds of its arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from symdiff.ir import core
from symdiff.ir.extents import add_extents, broadcast, may_be_one, shift, sliced, times
from symdiff.ir.kinds import (
    BOOL, FLOAT, INT, NONE, STR, TAPE, UNKNOWN,
    Array, Bool, Complex, Extent, Float, Int, Kind, List, Size, Str, Tuple,
    is_number, join,
)  # fmt: skip

__all__ = ["element_kind", "infer", "promote", "with_dtype"]

Kinds = tuple[Kind, ...]
Call = tuple[Sequence[Any], dict[str, Any]]  # positional and keyword pairs (kind, atom)


def infer(op: str, kinds: Kinds, args: Sequence[Any], params: Any) -> Kind:
    """The kind of `op(args)`; `Unknown` where nothing is known."""
    if op in _ARITHMETIC:
        return _arithmetic(op, kinds)
    special = _SPECIAL.get(op)
    if special is not None:
        return special(kinds, args, params)
    if op.startswith("math."):
        return _MATH.get(op[5:], FLOAT)
    if op.startswith("numpy."):
        name = op[6:]
        function = _NUMPY.get(name)
        if function is not None:
            names = params or ()
            cut = len(args) - len(names)
            pairs = list(zip(kinds, args, strict=True))
            return function(pairs[:cut], dict(zip(names, pairs[cut:], strict=True)))
        if name in _FLOATING:
            return _elementwise(kinds, floating=True)
        if name in _SAME:
            return _elementwise(kinds)
        if name in _PREDICATES:
            return with_dtype(_elementwise(kinds), "bool")
    return UNKNOWN


# -- dtypes ---------------------------------------------------------------------------


@cache
def promote(*dtypes: str) -> str:
    """The dtype of mixed operands. "int", "float", "complex" and "bool" are Python's
    own numbers, which are weak (NEP 50)."""
    import numpy as np

    weak: dict[str, Any] = {"int": 0, "float": 0.0, "complex": 0j, "bool": False}
    if all(d in weak for d in dtypes):
        return max(dtypes, key=["bool", "int", "float", "complex"].index)
    operands = [weak[d] if d in weak else np.dtype(d) for d in dtypes]
    return str(np.result_type(*operands))


def _dtype(kind: Kind) -> str | None:
    if isinstance(kind, Array):
        return kind.dtype
    if isinstance(kind, Float):
        return kind.dtype or "float"
    if isinstance(kind, Complex):
        return kind.dtype or "complex"
    if isinstance(kind, Int):
        return "int"
    return "bool" if isinstance(kind, Bool) else None


def element_kind(dtype: str) -> Kind:
    """The kind of one element of an array of this dtype."""
    if dtype.startswith("float"):
        return Float(dtype)
    if dtype.startswith("complex"):
        return Complex(dtype)
    if dtype.startswith(("int", "uint")):
        return INT
    return BOOL if dtype == "bool" else UNKNOWN


def with_dtype(kind: Kind, dtype: str) -> Kind:
    """The same shape with another dtype."""
    if isinstance(kind, Array):
        return Array(dtype, kind.dims)
    return element_kind(dtype) if is_number(kind) else kind


def _scalar(dtype: str) -> Kind:
    weak: dict[str, Kind] = {"float": FLOAT, "int": INT, "bool": BOOL}
    if dtype == "complex":
        return Complex()
    return weak.get(dtype) or element_kind(dtype)


def _elementwise(kinds: Kinds, floating: bool = False) -> Kind:
    dtypes = [_dtype(_listed(k)) for k in kinds]
    if None in dtypes:
        return UNKNOWN
    dtype = promote(*(d for d in dtypes if d is not None))
    arrays = [k for k in map(_listed, kinds) if isinstance(k, Array)]
    if floating and not dtype.startswith(("float", "complex")):
        dtype = "float64"
    if floating and dtype in ("float", "complex"):
        dtype = {"float": "float64", "complex": "complex128"}[dtype]
    if not arrays:
        return _scalar(dtype)
    dims: tuple[Extent, ...] = ()
    for array in arrays:
        dims = broadcast(dims, array.dims)
    if not dims:
        return element_kind(dtype)
    return Array(dtype, dims)


def _listed(kind: Kind) -> Kind:
    """A list or tuple of numbers as the array that NumPy makes of it."""
    if isinstance(kind, List):
        inner = _listed(kind.item)
        if kind.extent is None:
            return UNKNOWN
        extent = kind.extent
    elif isinstance(kind, Tuple) and kind.items:
        inner = _listed(kind.items[0])
        for item in kind.items[1:]:
            inner = join(inner, _listed(item))
        extent = len(kind.items)
    else:
        return kind
    dtype = _dtype(inner)
    if dtype is None:
        return UNKNOWN
    strong = {"float": "float64", "int": "int64", "complex": "complex128"}
    dims = inner.dims if isinstance(inner, Array) else ()
    return Array(strong.get(dtype, dtype), (extent, *dims))


# -- operators ------------------------------------------------------------------------

_ARITHMETIC = frozenset(
    (
        "add sub mul div floordiv mod pow neg pos lt le gt ge eq ne is isnot in notin "
        "not bitand bitor bitxor lshift rshift invert"
    ).split()
)
_COMPARE = frozenset(("lt le gt ge eq ne").split())


def _arithmetic(op: str, kinds: Kinds) -> Kind:
    if op in ("is", "isnot", "in", "notin", "not"):
        return BOOL
    if op in _COMPARE:
        kind = _elementwise(kinds)
        return Array("bool", kind.dims) if isinstance(kind, Array) else BOOL
    if any(isinstance(k, Str) for k in kinds):
        return STR
    if all(isinstance(k, (Int, Bool)) for k in kinds):
        return _integers(op, kinds)
    if any(isinstance(k, Array) for k in kinds):
        return _elementwise(kinds, floating=op == "div")
    if any(isinstance(k, (List, Tuple)) for k in kinds):
        return _sequences(op, kinds)
    return _elementwise(kinds)


def _sequences(op: str, kinds: Kinds) -> Kind:
    if op == "add" and all(isinstance(k, Tuple) for k in kinds):
        return Tuple(tuple(i for k in kinds if isinstance(k, Tuple) for i in k.items))
    return UNKNOWN


def _integers(op: str, kinds: Kinds) -> Kind:
    if op == "div":
        return FLOAT
    if op == "pow":
        # A negative exponent gives a float: only a constant one is known not to be.
        exponent = kinds[1].extent if isinstance(kinds[1], Int) else None
        return INT if isinstance(exponent, int) and exponent >= 0 else UNKNOWN
    if all(isinstance(k, Bool) for k in kinds) and op.startswith("bit"):
        return BOOL
    extents = [k.extent if isinstance(k, Int) else None for k in kinds]
    if len(extents) == 2 and None not in extents:
        a, b = extents
        if op == "add":
            return Int(add_extents(a, b))  # type: ignore[arg-type]
        if op == "sub" and isinstance(b, int) and a is not None:
            return Int(shift(a, -b))
        if op == "mul":
            return Int(times(a, b))  # type: ignore[arg-type]
        if op == "floordiv" and isinstance(b, int) and b > 0 and a is not None:
            return Int(a // b if isinstance(a, int) else Size(f"({a}//{b})"))
    return INT


# -- subscripts -----------------------------------------------------------------------


def _getitem(kinds: Kinds, args: Sequence[Any], params: Any) -> Kind:
    base = kinds[0]
    if isinstance(base, Array):
        return _index_array(base, kinds[1:], args[1:], params)
    if isinstance(base, (List, Tuple)) and len(params.items) == 1:
        at = params.items[0] == "at"
        if isinstance(base, List):
            return base.item if at else List(base.item)
        if at:
            return _index_tuple(base, args[1])
    return UNKNOWN


def _index_tuple(base: Tuple, atom: Any) -> Kind:
    if isinstance(atom, core.Const) and isinstance(atom.value, int):
        if -len(base.items) <= atom.value < len(base.items):
            return base.items[atom.value]
        return UNKNOWN
    kind = base.items[0] if base.items else UNKNOWN
    for item in base.items[1:]:
        kind = join(kind, item)
    return kind


def _index_array(base: Array, kinds: Kinds, args: Sequence[Any], params: Any) -> Kind:
    used, taken = 0, 0
    for item in params.items:
        if item == "at":
            used += _axes_of(kinds[taken])
        elif not isinstance(item, str):
            used += 1
        taken += _atoms_of(item)
    rest = base.ndim - used
    if rest < 0:
        return UNKNOWN
    items = params.items if "rest" in params.items else (*params.items, "rest")
    dims: list[Extent] = []
    fancy: tuple[Extent, ...] | None = None
    where, apart = 0, False
    axis = taken = 0
    last_fancy = -2
    for position, item in enumerate(items):
        if item == "rest":
            dims.extend(base.dims[axis : axis + rest])
            axis += rest
        elif item == "new":
            dims.append(1)
        elif item == "at":
            kind = _listed(kinds[taken])
            taken += 1
            if isinstance(kind, Array):
                size: tuple[Extent, ...] = kind.dims
                if kind.dtype == "bool":
                    size = (Size(f"count({args[taken - 1]})"),)
                if fancy is None:
                    fancy, where = size, len(dims)
                else:
                    fancy = broadcast(fancy, size)
                    apart = apart or last_fancy != position - 1
                last_fancy = position
            elif not isinstance(kind, (Int, Bool)):
                return UNKNOWN
            axis += _axes_of(kind)
        else:
            count = _atoms_of(item)
            atoms = args[taken : taken + count]
            dims.append(_slice_extent(base.dims[axis], item, kinds[taken:], atoms))
            taken += count
            axis += 1
    if fancy is not None:
        place = 0 if apart else where
        dims[place:place] = fancy
    return Array(base.dtype, tuple(dims)) if dims or fancy else element_kind(base.dtype)


def _atoms_of(item: Any) -> int:
    if isinstance(item, str):
        return 1 if item == "at" else 0
    return int(item.start) + int(item.stop) + int(item.step)


def _axes_of(kind: Kind) -> int:
    kind = _listed(kind)
    return kind.ndim if isinstance(kind, Array) and kind.dtype == "bool" else 1


def _slice_extent(extent: Extent, item: Any, kinds: Kinds, atoms: Sequence[Any]) -> Extent:
    flags = (item.start, item.stop, item.step)
    parts: list[Any] = []
    taken = 0
    for flag in flags:
        parts.append((kinds[taken], atoms[taken]) if flag else None)
        taken += flag
    text = ":".join("" if p is None else str(p[1]) for p in parts)
    bounds: list[Extent | None] = []
    for part in parts:
        if part is None:
            bounds.append(None)
        elif isinstance(part[0], Int) and part[0].extent is not None:
            bounds.append(part[0].extent)
        else:
            return Size(f"{extent}[{text}]")
    start, stop, step = bounds
    if isinstance(step, Size):
        return Size(f"{extent}[{text}]")
    return sliced(extent, start, stop, step, text)


def _attr(kinds: Kinds, args: Sequence[Any], params: Any) -> Kind:
    base = kinds[0]
    if isinstance(base, Array):
        if params == "shape":
            return Tuple(tuple(Int(d) for d in base.dims))
        if params == "ndim":
            return Int(base.ndim)
        if params == "size":
            size: Extent = 1
            for dim in base.dims:
                size = times(size, dim)
            return Int(size)
        if params == "dtype":
            return STR
    elif is_number(base):
        scalar: dict[str, Kind] = {"shape": Tuple(()), "ndim": Int(0), "size": Int(1)}
        return scalar.get(params, UNKNOWN)
    return UNKNOWN


def _length(kinds: Kinds, args: Sequence[Any], params: Any) -> Kind:
    base = kinds[0]
    if isinstance(base, Array) and base.dims:
        return Int(base.dims[0])
    if isinstance(base, Tuple):
        return Int(len(base.items))
    return Int(base.extent) if isinstance(base, List) else INT


def _first(kinds: Kinds, args: Sequence[Any], params: Any) -> Kind:
    return kinds[0]


def _always(kind: Kind) -> Callable[[Kinds, Sequence[Any], Any], Kind]:
    return lambda kinds, args, params: kind


def _item(kinds: Kinds, args: Sequence[Any], params: Any) -> Kind:
    base = kinds[0]
    return base.items[params] if isinstance(base, Tuple) else UNKNOWN


def _extremum(kinds: Kinds, args: Sequence[Any], params: Any) -> Kind:
    if len(kinds) > 1 and all(map(is_number, kinds)):
        kind = kinds[0]
        for other in kinds[1:]:
            kind = join(kind, other)
        return INT if isinstance(kind, Int) else kind
    if len(kinds) == 1 and isinstance(kinds[0], Array) and kinds[0].ndim == 1:
        return element_kind(kinds[0].dtype)
    if len(kinds) == 1 and isinstance(kinds[0], List):
        return kinds[0].item
    return UNKNOWN


def _absolute(kinds: Kinds, args: Sequence[Any], params: Any) -> Kind:
    kind = kinds[0]
    if isinstance(kind, Complex):
        return Float(None if kind.dtype is None else "float64")
    return INT if isinstance(kind, (Int, Bool)) else kind


def _select(kinds: Kinds, args: Sequence[Any], params: Any) -> Kind:
    return join(kinds[1], kinds[2])


_SPECIAL: dict[str, Callable[[Kinds, Sequence[Any], Any], Kind]] = {
    "getitem": _getitem,
    "setitem": _first,
    "additem": _first,
    "copy": _first,
    "attr": _attr,
    "item": _item,
    "tuple": lambda kinds, args, params: Tuple(kinds),
    "list": lambda kinds, args, params: Tuple(kinds),
    "select": _select,
    "tape": _always(TAPE),
    "push": _always(TAPE),
    "fstring": _always(STR),
    "assert": _always(NONE),
    "raise": _always(NONE),
    "comment": _always(NONE),
    "call": _always(UNKNOWN),
    "method": _always(UNKNOWN),
    "unbroadcast": lambda kinds, args, params: (
        with_dtype(kinds[1], str(_strong(kinds[0]))) if _dtype(kinds[0]) else kinds[1]
    ),
    "matmul": lambda kinds, args, params: _matmul(kinds),
    "builtins.print": _always(NONE),
    "builtins.len": _length,
    "builtins.float": _always(FLOAT),
    "builtins.int": _always(INT),
    "builtins.bool": _always(BOOL),
    "builtins.str": _always(STR),
    "builtins.abs": _absolute,
    "builtins.min": _extremum,
    "builtins.max": _extremum,
    "builtins.pow": lambda kinds, args, params: _arithmetic("pow", kinds),
    "builtins.round": lambda kinds, args, params: INT if len(kinds) == 1 else kinds[0],
    "builtins.isinstance": _always(BOOL),
}


def _strong(kind: Kind) -> str:
    dtype = _dtype(kind) or "float64"
    return {"float": "float64", "int": "int64", "complex": "complex128"}.get(dtype, dtype)


# -- NumPy ----------------------------------------------------------------------------

_MATH: dict[str, Kind] = {
    **dict.fromkeys(("floor ceil trunc gcd lcm factorial comb perm isqrt").split(), INT),
    **dict.fromkeys(["isnan", "isinf", "isfinite", "isclose"], BOOL),
    "modf": Tuple((FLOAT, FLOAT)),
    "frexp": Tuple((FLOAT, INT)),
    "prod": UNKNOWN,
}
_FLOATING = frozenset(
    (
        "sin cos tan arcsin arccos arctan asin acos atan sinh cosh tanh arcsinh "
        "arccosh arctanh asinh acosh atanh exp exp2 expm1 log log2 log10 log1p sqrt "
        "cbrt hypot arctan2 atan2 divide true_divide deg2rad rad2deg degrees radians "
        "sinc logaddexp logaddexp2 copysign heaviside nextafter spacing float_power "
        "i0 fabs ldexp"
    ).split()
)
_SAME = frozenset(
    (
        "add subtract multiply power pow negative positive absolute abs square "
        "reciprocal sign floor ceil trunc rint maximum minimum fmax fmin mod "
        "remainder fmod floor_divide clip nan_to_num conj conjugate real_if_close "
        "round around fix gcd lcm"
    ).split()
)
_PREDICATES = frozenset(
    (
        "isnan isinf isfinite isclose signbit less less_equal greater greater_equal "
        "equal not_equal logical_and logical_or logical_xor logical_not iscomplex "
        "isreal"
    ).split()
)


def _matmul(kinds: Kinds) -> Kind:
    a, b = map(_listed, kinds)
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


def _axes(pair: Any, ndim: int) -> tuple[int, ...] | None:
    """The axes that a static axis argument names; all for None; None if not static."""
    if pair is None:
        return tuple(range(ndim))
    value = _static(pair)
    if value is None and isinstance(pair[1], core.Const):
        return tuple(range(ndim))
    if isinstance(value, int):
        value = (value,)
    if isinstance(value, tuple) and all(isinstance(v, int) for v in value):
        return tuple(v % ndim for v in value) if ndim else ()
    return None


def _static(pair: Any) -> Any:
    """The value of a constant argument: a number or a tuple of known integers."""
    if pair is None:
        return None
    kind, atom = pair
    if isinstance(atom, core.Const):
        return atom.value
    if isinstance(kind, Tuple):
        extents = [k.extent if isinstance(k, Int) else None for k in kind.items]
        return tuple(extents) if all(isinstance(e, int) for e in extents) else None
    return kind.extent if isinstance(kind, Int) and isinstance(kind.extent, int) else None


def _at(pos: Sequence[Any], kw: dict[str, Any], place: int, name: str) -> Any:
    return pos[place] if len(pos) > place else kw.get(name)


def _reduction(
    result: str | None = None,
    floating: bool = False,
    order: str = "axis dtype out keepdims",
) -> Any:
    names = order.split()

    def kind_of_call(pos: Sequence[Any], kw: dict[str, Any]) -> Kind:
        kw = {**dict(zip(names, pos[1:], strict=False)), **kw}
        base = _listed(pos[0][0])
        if is_number(base):
            base = Array(_strong(base), ())
        if not isinstance(base, Array):
            return UNKNOWN
        axes = _axes(kw.get("axis"), base.ndim)
        if axes is None:
            return UNKNOWN
        dtype = result or base.dtype
        if floating and not dtype.startswith(("float", "complex")):
            dtype = "float64"
        if not result and not floating and dtype == "bool":
            dtype = "int64"
        if kw.get("dtype") is not None:
            dtype = _dtype_argument(kw["dtype"]) or dtype
        if _static(kw.get("keepdims")):
            dims: list[Extent] = [1 if k in axes else d for k, d in enumerate(base.dims)]
        else:
            dims = [d for k, d in enumerate(base.dims) if k not in axes]
        return Array(dtype, tuple(dims)) if dims else element_kind(dtype)

    return kind_of_call


def _same_bool(pos: Sequence[Any], kw: dict[str, Any]) -> Kind:
    """max and min keep the dtype, bool included."""
    kind: Kind = _reduction(order="axis out keepdims")(pos, kw)
    base = _listed(pos[0][0])
    return with_dtype(kind, base.dtype) if isinstance(base, Array) else kind


def _dtype_argument(pair: Any) -> str | None:
    value = _static(pair)
    return value if isinstance(value, str) else None


def _shape(pair: Any) -> tuple[Extent, ...] | None:
    kind, atom = pair
    if isinstance(kind, Int):
        return (Size(str(atom)) if kind.extent is None else kind.extent,)
    if isinstance(kind, Tuple) and all(isinstance(k, Int) for k in kind.items):
        dims = []
        for place, item in enumerate(kind.items):
            extent = item.extent if isinstance(item, Int) else None
            dims.append(Size(f"{atom}[{place}]") if extent is None else extent)
        return tuple(dims)
    return None


def _filled(default: str | None, dtype_place: int) -> Any:
    def kind_of_call(pos: Sequence[Any], kw: dict[str, Any]) -> Kind:
        dims = _shape(pos[0] if pos else kw["shape"])
        if dims is None:
            return UNKNOWN
        given = _at(pos, kw, dtype_place, "dtype")
        dtype = _dtype_argument(given) if given is not None else default
        if default is None and given is None:
            fill = _at(pos, kw, 1, "fill_value")
            dtype = _strong(fill[0])
        return UNKNOWN if dtype is None else Array(dtype, dims)

    return kind_of_call


def _like(pos: Sequence[Any], kw: dict[str, Any]) -> Kind:
    base = _listed(pos[0][0])
    dtype = _dtype_argument(kw["dtype"]) if "dtype" in kw else None
    if isinstance(base, Array):
        return Array(dtype or base.dtype, base.dims)
    return Array(dtype or _strong(base), ()) if is_number(base) else UNKNOWN


def _array(pos: Sequence[Any], kw: dict[str, Any]) -> Kind:
    base = _listed(pos[0][0])
    given = _at(pos, kw, 1, "dtype")
    dtype = _dtype_argument(given) if given is not None else None
    if isinstance(base, Array):
        return Array(dtype or base.dtype, base.dims)
    return Array(dtype or _strong(base), ()) if is_number(base) else UNKNOWN


def _arange(pos: Sequence[Any], kw: dict[str, Any]) -> Kind:
    given = kw.get("dtype")
    if not all(map(is_number, (k for k, _ in pos))):
        return UNKNOWN
    integers = all(isinstance(k, (Int, Bool)) for k, _ in pos)
    dtype = "int64" if integers else "float64"
    if given is not None:
        dtype = _dtype_argument(given) or dtype
    if len(pos) == 1 and isinstance(pos[0][0], Int):
        shape = _shape(pos[0])
        return Array(dtype, shape) if shape else UNKNOWN
    bounds = [_static(p) for p in pos]
    if integers and all(isinstance(v, int) for v in bounds):
        return Array(dtype, (len(range(*bounds)),))
    text = ", ".join(str(atom) for _, atom in pos)
    return Array(dtype, (Size(f"arange({text})"),))


def _linspace(pos: Sequence[Any], kw: dict[str, Any]) -> Kind:
    number = _at(pos, kw, 2, "num")
    shape = (50,) if number is None else _shape(number)
    ends = all(is_number(k) for k, _ in pos[:2])
    return Array("float64", shape) if shape and ends else UNKNOWN


def _eye(pos: Sequence[Any], kw: dict[str, Any]) -> Kind:
    rows = _shape(pos[0])
    columns = _shape(pos[1]) if len(pos) > 1 else rows
    given = _at(pos, kw, 3, "dtype")
    dtype = "float64" if given is None else _dtype_argument(given)
    return Array(dtype, rows + columns) if rows and columns and dtype else UNKNOWN


def _reshape(pos: Sequence[Any], kw: dict[str, Any]) -> Kind:
    base = pos[0][0]
    if not isinstance(base, Array):
        return UNKNOWN
    wanted = pos[1:] or [kw[k] for k in ("shape", "newshape") if k in kw]
    dims: list[Extent] = []
    for pair in wanted:
        shape = _shape(pair)
        if shape is None:
            return UNKNOWN
        dims.extend(shape)
    if -1 in dims:
        place = dims.index(-1)
        others = dims[:place] + dims[place + 1 :]
        whole: Extent = 1
        for d in base.dims:
            whole = times(whole, d)
        known: Extent = 1
        for d in others:
            known = times(known, d)
        if isinstance(whole, int) and isinstance(known, int) and known:
            dims[place] = whole // known
        elif known == 1:
            dims[place] = whole
        else:
            dims[place] = Size(f"({whole}/{known})")
    return Array(base.dtype, tuple(dims))


def _transpose(pos: Sequence[Any], kw: dict[str, Any]) -> Kind:
    base = pos[0][0]
    if not isinstance(base, Array):
        return UNKNOWN
    order: Any = kw["axes"] if "axes" in kw else None
    if order is None and len(pos) > 1:
        order = pos[1] if len(pos) == 2 else None
        if order is None:
            values = tuple(_static(p) for p in pos[1:])
            if not all(isinstance(v, int) for v in values):
                return UNKNOWN
            return Array(base.dtype, tuple(base.dims[v] for v in values))
    if order is None or (isinstance(order[1], core.Const) and order[1].value is None):
        return Array(base.dtype, base.dims[::-1])
    values = _static(order)
    if isinstance(values, tuple) and len(values) == base.ndim:
        return Array(base.dtype, tuple(base.dims[v] for v in values))
    return UNKNOWN


def _moved(name: str) -> Any:
    def kind_of_call(pos: Sequence[Any], kw: dict[str, Any]) -> Kind:
        base = pos[0][0]
        values = [_static(p) for p in (*pos[1:], *kw.values())]
        if not isinstance(base, Array) or not all(isinstance(v, int) for v in values):
            return UNKNOWN
        order = list(range(base.ndim))
        a, b = (v % base.ndim for v in values[:2])
        if name == "swapaxes":
            order[a], order[b] = order[b], order[a]
        else:
            order.insert(b, order.pop(a))
        return Array(base.dtype, tuple(base.dims[v] for v in order))

    return kind_of_call


def _expand(pos: Sequence[Any], kw: dict[str, Any]) -> Kind:
    base = pos[0][0]
    axis = _static(_at(pos, kw, 1, "axis"))
    if not isinstance(base, Array) or not isinstance(axis, int):
        return UNKNOWN
    dims = list(base.dims)
    dims.insert(axis % (base.ndim + 1), 1)
    return Array(base.dtype, tuple(dims))


def _squeeze(pos: Sequence[Any], kw: dict[str, Any]) -> Kind:
    base = pos[0][0]
    given = _at(pos, kw, 1, "axis")
    if not isinstance(base, Array):
        return UNKNOWN
    axes = None if given is None else _axes(given, base.ndim)
    if given is None and not any(may_be_one(d) and d != 1 for d in base.dims):
        axes = tuple(k for k, d in enumerate(base.dims) if d == 1)
    if axes is None:
        return UNKNOWN
    return Array(base.dtype, tuple(d for k, d in enumerate(base.dims) if k not in axes))


def _ravel(pos: Sequence[Any], kw: dict[str, Any]) -> Kind:
    base = pos[0][0]
    if not isinstance(base, Array):
        return UNKNOWN
    size: Extent = 1
    for dim in base.dims:
        size = times(size, dim)
    return Array(base.dtype, (size,))


def _joined(name: str) -> Any:
    def kind_of_call(pos: Sequence[Any], kw: dict[str, Any]) -> Kind:
        given = pos[0][0]
        if not isinstance(given, Tuple) or not given.items:
            return UNKNOWN
        items = [_listed(k) for k in given.items]
        dtypes = [_strong(k) for k in items if _dtype(k)]
        if len(dtypes) < len(items):
            return UNKNOWN
        dtype = promote(*dtypes)
        shapes = [k.dims if isinstance(k, Array) else () for k in items]
        axis = _static(_at(pos, kw, 1, "axis"))
        axis = 0 if axis is None else axis
        if name == "vstack":
            shapes = [s if len(s) > 1 else (1, *(s or (1,))) for s in shapes]
            axis = 0
        if name == "hstack":
            shapes = [s or (1,) for s in shapes]
            axis = 0 if len(shapes[0]) == 1 else 1
        if len({len(s) for s in shapes}) != 1 or not isinstance(axis, int):
            return UNKNOWN
        if name == "stack":
            dims = list(shapes[0])
            dims.insert(axis % (len(dims) + 1), len(shapes))
            return Array(dtype, tuple(dims))
        if not shapes[0]:
            return UNKNOWN
        axis %= len(shapes[0])
        total = shapes[0][axis]
        for shape in shapes[1:]:
            total = add_extents(total, shape[axis])
        return Array(dtype, (*shapes[0][:axis], total, *shapes[0][axis + 1 :]))

    return kind_of_call


def _broadcast_to(pos: Sequence[Any], kw: dict[str, Any]) -> Kind:
    dims = _shape(_at(pos, kw, 1, "shape"))
    dtype = _dtype(_listed(pos[0][0]))
    return (
        Array(_strong(_listed(pos[0][0])), dims) if dims is not None and dtype else UNKNOWN
    )


def _where(pos: Sequence[Any], kw: dict[str, Any]) -> Kind:
    if len(pos) != 3:
        return UNKNOWN
    chosen = _elementwise((pos[1][0], pos[2][0]))
    whole = _elementwise(tuple(k for k, _ in pos))
    dtype = _dtype(chosen)
    if dtype is None or isinstance(whole, type(UNKNOWN)):
        return UNKNOWN
    return with_dtype(whole, _strong(chosen)) if isinstance(whole, Array) else chosen


def _outer(pos: Sequence[Any], kw: dict[str, Any]) -> Kind:
    a, b = (_ravel([(k, None)], {}) for k, _ in pos[:2])
    if isinstance(a, Array) and isinstance(b, Array):
        return Array(promote(a.dtype, b.dtype), a.dims + b.dims)
    return UNKNOWN


def _dot(pos: Sequence[Any], kw: dict[str, Any]) -> Kind:
    a, b = (_listed(k) for k, _ in pos[:2])
    if is_number(a) or is_number(b):
        return _elementwise((a, b))
    if isinstance(a, Array) and isinstance(b, Array) and a.ndim > 2 and b.ndim > 1:
        return Array(promote(a.dtype, b.dtype), a.dims[:-1] + b.dims[:-2] + b.dims[-1:])
    if isinstance(a, Array) and isinstance(b, Array) and b.ndim > 2:
        return Array(promote(a.dtype, b.dtype), a.dims[:-1] + b.dims[:-2] + b.dims[-1:])
    return _matmul((a, b))


def _inner(pos: Sequence[Any], kw: dict[str, Any]) -> Kind:
    a, b = (_listed(k) for k, _ in pos[:2])
    if isinstance(a, Array) and isinstance(b, Array) and a.dims and b.dims:
        dims = a.dims[:-1] + b.dims[:-1]
        dtype = promote(a.dtype, b.dtype)
        return Array(dtype, dims) if dims else element_kind(dtype)
    return _elementwise((a, b)) if is_number(a) or is_number(b) else UNKNOWN


def _vdot(pos: Sequence[Any], kw: dict[str, Any]) -> Kind:
    a, b = (_listed(k) for k, _ in pos[:2])
    if isinstance(a, Array) and isinstance(b, Array):
        return element_kind(promote(a.dtype, b.dtype))
    return UNKNOWN


def _cumulative(pos: Sequence[Any], kw: dict[str, Any]) -> Kind:
    base = _listed(pos[0][0])
    if not isinstance(base, Array):
        return UNKNOWN
    if _at(pos, kw, 1, "axis") is None and base.ndim > 1:
        return _ravel([(base, None)], {})
    return base


def _astype(pos: Sequence[Any], kw: dict[str, Any]) -> Kind:
    dtype = _dtype_argument(_at(pos, kw, 1, "dtype"))
    return with_dtype(pos[0][0], dtype) if dtype else UNKNOWN


def _trace(pos: Sequence[Any], kw: dict[str, Any]) -> Kind:
    base = pos[0][0]
    return (
        element_kind(base.dtype) if isinstance(base, Array) and base.ndim == 2 else UNKNOWN
    )


def _diag(pos: Sequence[Any], kw: dict[str, Any]) -> Kind:
    base = pos[0][0]
    if not isinstance(base, Array) or len(pos) + len(kw) > 1:
        return UNKNOWN
    if base.ndim == 1:
        return Array(base.dtype, base.dims * 2)
    same = base.ndim == 2 and base.dims[0] == base.dims[1]
    return Array(base.dtype, base.dims[:1]) if same else UNKNOWN


def _same(pos: Sequence[Any], kw: dict[str, Any]) -> Kind:
    base = _listed(pos[0][0])
    return base if isinstance(base, Array) else UNKNOWN


def _diff(pos: Sequence[Any], kw: dict[str, Any]) -> Kind:
    base = pos[0][0]
    if not isinstance(base, Array) or len(pos) > 1 or set(kw) - {"axis"}:
        return UNKNOWN
    axes = _axes(kw["axis"], base.ndim) if "axis" in kw else (base.ndim - 1,)
    if axes is None:
        return UNKNOWN
    dims = [shift(d, -1) if k in axes else d for k, d in enumerate(base.dims)]
    return Array(base.dtype, tuple(dims))


def _solve(pos: Sequence[Any], kw: dict[str, Any]) -> Kind:
    a, b = pos[0][0], pos[1][0]
    if isinstance(a, Array) and isinstance(b, Array) and a.ndim == 2 and b.ndim in (1, 2):
        return Array(promote(a.dtype, b.dtype), b.dims)
    return UNKNOWN


def _element(pos: Sequence[Any], kw: dict[str, Any]) -> Kind:
    base = pos[0][0]
    matrix = isinstance(base, Array) and base.ndim == 2
    return element_kind(base.dtype) if matrix else UNKNOWN


_NUMPY: dict[str, Callable[[Sequence[Any], dict[str, Any]], Kind]] = {
    **dict.fromkeys(("sum", "prod", "nansum", "nanprod"), _reduction()),
    **dict.fromkeys(("max", "min", "amax", "amin", "nanmax", "nanmin"), _same_bool),
    **dict.fromkeys(("mean", "nanmean", "average"), _reduction(floating=True)),
    **dict.fromkeys(
        ("std", "var"), _reduction(floating=True, order="axis dtype out ddof keepdims")
    ),
    "linalg.norm": _reduction(floating=True, order="ord axis keepdims"),
    **dict.fromkeys(("any", "all"), _reduction("bool", order="axis out keepdims")),
    **dict.fromkeys(
        ("argmax", "argmin", "count_nonzero"),
        _reduction("int64", order="axis out keepdims"),
    ),
    **dict.fromkeys(("zeros", "ones", "empty"), _filled("float64", 1)),
    **dict.fromkeys(("zeros_like", "ones_like", "empty_like", "full_like"), _like),
    **dict.fromkeys(("array", "asarray", "ascontiguousarray", "asfarray"), _array),
    **dict.fromkeys(("concatenate", "concat", "hstack", "vstack"), _joined("concatenate")),
    **dict.fromkeys(("cumsum", "cumprod"), _cumulative),
    **dict.fromkeys(("flip", "roll", "sort", "copy", "tril", "triu"), _same),
    **dict.fromkeys(("ravel",), _ravel),
    **dict.fromkeys(("linalg.inv",), _same),
    **dict.fromkeys(("linalg.det", "linalg.cond"), _element),
    "hstack": _joined("hstack"),
    "vstack": _joined("vstack"),
    "stack": _joined("stack"),
    "full": _filled(None, 2),
    "arange": _arange,
    "linspace": _linspace,
    "eye": _eye,
    "identity": _eye,
    "reshape": _reshape,
    "transpose": _transpose,
    "matrix_transpose": lambda pos, kw: _moved("swapaxes")(
        [pos[0], (Int(-2), None), (Int(-1), None)], {}
    ),
    "swapaxes": _moved("swapaxes"),
    "moveaxis": _moved("moveaxis"),
    "expand_dims": _expand,
    "squeeze": _squeeze,
    "broadcast_to": _broadcast_to,
    "where": _where,
    "outer": _outer,
    "dot": _dot,
    "vdot": _vdot,
    "inner": _inner,
    "matmul": lambda pos, kw: _matmul((pos[0][0], pos[1][0])),
    "astype": _astype,
    "trace": _trace,
    "diag": _diag,
    "diff": _diff,
    "shape": lambda pos, kw: _attr((pos[0][0],), (), "shape"),
    "ndim": lambda pos, kw: _attr((pos[0][0],), (), "ndim"),
    "size": lambda pos, kw: _attr((pos[0][0],), (), "size"),
    "linalg.solve": _solve,
}
