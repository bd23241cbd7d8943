"""From the values of a call to kinds, and to keys that are the same for equal kinds."""

from __future__ import annotations

import enum
import sys
import types
from collections.abc import Callable, Collection
from typing import Any

from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.ir.kinds import (
    BOOL, COMPLEX, FLOAT, INT, NONE, OPAQUE, STR, UNKNOWN, Array, Complex, Float, Int,
    Kind, List, Opaque, Size, Tuple, join,
)  # fmt: skip

__all__ = [
    "as_float", "is_array", "is_static", "is_structured", "key_of_value", "kind_of_value",
    "parse_types",
]  # fmt: skip

# Types whose values all have one kind. NumPy's scalar types join as they are met, so
# that a program without NumPy does not import it.
_SCALARS: dict[type, Kind] = {float: FLOAT, int: INT, bool: BOOL, complex: COMPLEX}
_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType)
_STATIC = (str, bytes, type(None), type(...), type, types.ModuleType, *_FUNCTIONS)

_SETS = (set, frozenset)
_NUMPY_FUNCTIONS = ("ufunc", "_ArrayFunctionDispatcher")


def is_static(value: Any) -> bool:
    """Whether code may be specialised to this very value."""
    if isinstance(value, (*_STATIC, enum.Enum)):
        return True
    of = value.__self__ if isinstance(value, types.MethodType) else value
    if type(of).__module__.startswith("scipy.stats."):  # a distribution, or its method
        return True
    module = type(value).__module__
    if module == "numpy.dtypes":
        return True
    return module == "numpy" and type(value).__name__ in _NUMPY_FUNCTIONS


def scalar_kind(cls: type) -> Kind | None:
    """The kind of every value of this class, if it is a class of numbers."""
    kind = _SCALARS.get(cls)
    if kind is None and cls.__module__ == "numpy":
        kind = _numpy_scalar(cls)
        if kind is not None:
            _SCALARS[cls] = kind
    return kind


def _numpy_scalar(cls: type) -> Kind | None:
    np: Any = sys.modules["numpy"]
    if not issubclass(cls, np.generic):
        return None
    if issubclass(cls, np.floating):
        return Float(np.dtype(cls).name)
    if issubclass(cls, np.complexfloating):
        return Complex(np.dtype(cls).name)
    if issubclass(cls, np.bool_):
        return BOOL
    return INT if issubclass(cls, np.integer) and cls is not np.timedelta64 else None


def _array_type() -> Any:
    numpy: Any = sys.modules.get("numpy")
    return () if numpy is None else numpy.ndarray


def is_array(value: Any) -> bool:
    return isinstance(value, _array_type())


def kind_of_value(value: Any, name: str = "x") -> Kind:
    """The kind of a value; `name` is the parameter, after which lengths are called.

    >>> print(kind_of_value(1.0), kind_of_value((1, 2.0)), kind_of_value([1.0, 2.0]))
    float tuple[int, float] list[float]
    """
    cls = type(value)
    kind = scalar_kind(cls)
    if kind is not None:
        return kind
    if is_array(value):
        return _array_kind(value, name)
    if cls is tuple:
        return Tuple(tuple(kind_of_value(v, f"{name}[{k}]") for k, v in enumerate(value)))
    if cls is list:
        return _list_kind(value, name)
    if isinstance(value, str):
        return STR
    if value is None:
        return NONE
    if isinstance(value, bool | int | float | complex):
        return next(_SCALARS[c] for c in cls.__mro__ if c in _SCALARS)
    of = _joined(value, name) or INT if cls in _SETS else None
    return Opaque(f"{cls.__module__}.{cls.__qualname__}", of)


def _array_kind(value: Any, name: str) -> Kind:
    cls = type(value)
    if cls is not _array_type() and cls.__name__ != "memmap":
        raise DifferentiationError(
            Diagnostic(
                f"`{name}` is {_a(cls.__name__)}, whose operators are not an array's",
                help=f"pass np.asarray({name})",
            )
        )
    if value.dtype.fields is not None:
        return OPAQUE
    dims = (
        1 if n == 1 else Size(f"{name}.{axis}", not_one=True)
        for axis, n in enumerate(value.shape)
    )
    return Array("str" if value.dtype.kind == "U" else value.dtype.name, tuple(dims))


def _list_kind(value: list[Any], name: str) -> Kind:
    return List(_joined(value, name) or FLOAT)


def _joined(values: Collection[Any], name: str) -> Kind | None:
    """The kind of all items; None where there are none."""
    kinds = {key_of_value(v): v for v in values}
    item: Kind | None = None
    for each in kinds.values():
        kind = kind_of_value(each, f"{name}[]")
        item = kind if item is None else join(item, kind)
    return item


def key_of_value(value: Any) -> Any:
    """A hashable key: equal for values of equal kind, and for equal static values."""
    cls = type(value)
    if scalar_kind(cls) is not None:
        return cls
    if is_array(value):
        shape = value.shape
        ones = tuple([n == 1 for n in shape]) if 1 in shape else len(shape)
        return cls, value.dtype.num, ones
    if cls is tuple:
        return cls, tuple(map(key_of_value, value))
    if cls is list:
        return cls, frozenset(map(key_of_value, value))
    if cls in _SETS:  # which text it holds does not matter
        return cls, frozenset([str if type(v) is str else key_of_value(v) for v in value])
    return (cls, value) if is_static(value) else ("object", cls)


def is_structured(value: Any) -> bool:
    """Whether a list, tuple or dict holds more than numbers and equally shaped arrays:
    code is specialised to what it holds."""
    if isinstance(value, dict):
        return True
    if not isinstance(value, (list, tuple)):
        return scalar_kind(type(value)) is None and not isinstance(value, _array_type())
    if any(map(is_structured, value)) or type(value) not in (list, tuple):
        return True
    if not value:
        return True  # of what kind its items would be is not known
    return isinstance(value, list) and kind_of_value(value) == List(UNKNOWN)


def as_float(value: Any) -> Any:
    """A Python or NumPy integer as the float it stands for, inside lists too."""
    cls = type(value)
    if cls is list:
        return list(map(as_float, value))
    return float(value) if isinstance(scalar_kind(cls), Int) else value


# -- kinds written down ---------------------------------------------------------------

_NAMES: dict[str, Kind] = {
    "float": FLOAT, "int": INT, "bool": BOOL, "complex": COMPLEX, "str": STR,
}  # fmt: skip
_ALIASES = {"float": "float64", "int": "int64", "complex": "complex128"}
_DTYPES = (
    "float16", "float32", "float64", "complex64", "complex128", "bool",
    "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
)  # fmt: skip


def parse_types(text: str, parameters: tuple[str, ...]) -> dict[str, Kind]:
    """The kinds in a text such as `float, float64[:,:]` or `x: float32, n: int`.

    >>> {k: str(v) for k, v in parse_types("float, float64[:,1]", ("x", "u")).items()}
    {'x': 'float', 'u': 'float64[:,1]'}
    """
    kinds: dict[str, Kind] = {}
    for position, item in enumerate(_split(text)):
        name, colon, written = item.partition(":")
        if not colon or not name.strip().isidentifier():
            if position >= len(parameters):
                count = len(parameters)
                raise ValueError(f"more types than the {count} parameters")
            name, written = parameters[position], item
        name = name.strip()
        if name not in parameters:
            raise ValueError(f"no parameter `{name}`; there are {', '.join(parameters)}")
        kinds[name] = _parse_kind(written.strip(), name)
    return kinds


def _split(text: str) -> list[str]:
    """The parts between the commas that stand outside brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "[(") - (letter in "])")
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]


def _parse_kind(text: str, name: str) -> Kind:
    base, bracket, inner = text.partition("[")
    base = base.strip()
    if not bracket:
        if base in _NAMES:
            return _NAMES[base]
        if base in _DTYPES:
            return _dtype_scalar(base)
    elif inner.endswith("]"):
        inner = inner[:-1]
        if base in ("tuple", "list"):
            items = [_parse_kind(p, f"{name}[{k}]") for k, p in enumerate(_split(inner))]
            if base == "tuple":
                return Tuple(tuple(items))
            if len(items) == 1:
                return List(items[0])
        dtype = {"float": "float64", "int": "int64", "complex": "complex128"}.get(
            base, base
        )
        if dtype in _DTYPES:
            return Array(dtype, _parse_dims(inner, name, text))
    raise ValueError(
        f"`{text}` is not a type: write float, int, float64[:,:] or list[float]"
    )


def _dtype_scalar(dtype: str) -> Kind:
    makers: dict[str, Callable[[str], Kind]] = {"float": Float, "complex": Complex}
    stem = dtype.rstrip("0123456789")
    return makers[stem](dtype) if stem in makers else INT


def _parse_dims(inner: str, name: str, text: str) -> tuple[int | Size, ...]:
    dims: list[int | Size] = []
    for axis, part in enumerate(_split(inner)):
        if part == ":":
            dims.append(Size(f"{name}.{axis}", not_one=True))
        elif part.isdigit():
            dims.append(int(part))
        else:
            raise ValueError(f"`{text}`: an axis is `:` or a number")
    return tuple(dims)


def _a(name: str) -> str:
    return f"{'an' if name[:1].lower() in tuple('aeiou') else 'a'} {name}"
