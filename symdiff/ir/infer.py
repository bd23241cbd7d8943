"""The kind of an operation's result, from the kinds of its arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from symdiff.ir.effects import APPLIES, READING
from symdiff.ir.extents import add_extents, shift, times
from symdiff.ir.infer_arguments import Arguments, Keywords
from symdiff.ir.infer_dtypes import (
    dtype_in, element_kind, elementwise, listed, promote, real_part, strong, with_dtype,
)  # fmt: skip
from symdiff.ir.infer_fourier import FOURIER
from symdiff.ir.infer_index import attribute, getitem, item_of, length
from symdiff.ir.infer_lists import (
    STACKING, chosen, list_call, measured, stacked, summed, written,
)  # fmt: skip
from symdiff.ir.infer_numpy import numpy_call, special_call
from symdiff.ir.infer_products import matmul
from symdiff.ir.infer_random import method_of, random_call
from symdiff.ir.infer_scipy import linalg_call, signal_call, sparse_call, stats_call
from symdiff.ir.kinds import (
    BOOL, COMPLEX, FLOAT, INT, NONE, PLACES, SETS, STR, TAPE, UNKNOWN,
    Array, Bool, Int, Kind, List, NoneKind, Opaque, Returns, Size, Str, Tuple,
    is_complex, is_frozen_set, is_number, is_set, join, join_items,
)  # fmt: skip
from symdiff.ir.structure import part_kind

__all__ = ["element_kind", "infer", "promote", "with_dtype"]

Kinds = tuple[Kind, ...]


def infer(op: str, kinds: Kinds, args: Sequence[Any], params: Any) -> Kind:
    """The kind of `op(args)`; `Unknown` where nothing is known."""
    if op in _ARITHMETIC:
        return _arithmetic(op, kinds)
    special = _SPECIAL.get(op)
    if special is not None:
        return special(kinds, args, params)
    if op.startswith("math."):
        kind = _MATH.get(op[5:], FLOAT)
        return _of_sequences(kinds) if kind is UNKNOWN else kind
    if op.startswith("cmath."):
        return _CMATH.get(op[6:], COMPLEX)
    if op.startswith("list."):
        return list_call(op[5:], kinds, args, params)
    if op.startswith("scipy.special."):
        return special_call(op[14:], *_arguments(kinds, args, params or ()))
    if op.startswith(_OF_REAL) and any(is_complex(listed(kind)) for kind in kinds):
        return UNKNOWN
    if op.startswith("scipy.linalg."):
        return linalg_call(op[13:], *_arguments(kinds, args, params or ()))
    if op.startswith("scipy.signal."):
        return signal_call(op[13:], *_arguments(kinds, args, params or ()))
    if op.startswith("scipy.sparse."):
        return sparse_call(op[13:], _arguments(kinds, args, params or ())[0])
    if op.startswith("scipy.stats."):
        return stats_call(op[12:], *_arguments(kinds, args, params or ()))
    if op.startswith("scipy.fft."):
        function = FOURIER.get(op[10:])
        pairs = _arguments(kinds, args, params or ())
        return UNKNOWN if function is None else function(*pairs)
    if op.startswith(("numpy.", "random.")):
        kinds = tuple(map(measured, kinds, args))
        if op[6:] in STACKING and isinstance(kinds[0], List):
            return stacked(op[6:], kinds, args, params)
        pos, kw = _arguments(kinds, args, params or ())
        if op.startswith(("numpy.random.", "random.")):
            return random_call(op, pos, kw)
        return numpy_call(op[6:], pos, kw)
    return UNKNOWN


# Modules of whose results only the kinds for real arguments are known.
_OF_REAL = ("scipy.signal.", "scipy.stats.")


def _arguments(
    kinds: Kinds, args: Sequence[Any], names: Sequence[str]
) -> tuple[Arguments, Keywords]:
    """The arguments of a call: the last ones are those named."""
    cut = len(args) - len(names)
    pairs = list(zip(kinds, args, strict=True))
    return pairs[:cut], dict(zip(names, pairs[cut:], strict=True))


def _getitem(kinds: Kinds, args: Sequence[Any], params: Any) -> Kind:
    if kinds[0] == PLACES:
        return INT
    if not params.through:
        return getitem(kinds, args, params)
    base, view = kinds[0], args[0]
    of_views, own_kinds = params.split(kinds[1:])
    atoms_of_views, own = params.split(args[1:])
    for step, some, atoms in zip(params.through, of_views, atoms_of_views, strict=True):
        base = infer(step.op, (base, *some), (view, *atoms), step.params)
    return getitem((base, *own_kinds), (view, *own), params.inner)


_OF_SETS = frozenset(("copy difference intersection symmetric_difference union").split())


def _frozen(kinds: Kinds, args: Sequence[Any], params: Any) -> Kind:
    of: Kind = UNKNOWN if kinds else INT
    if kinds and isinstance(kinds[0], List):
        of = kinds[0].item
    elif kinds and isinstance(kinds[0], Tuple):
        of = join_items(kinds[0].items) if kinds[0].items else INT
    return Opaque("builtins.frozenset", of)


_OF_TEXT: dict[str, Kind] = {
    **dict.fromkeys(("count find index rfind rindex").split(), INT),
    **dict.fromkeys(("endswith isalnum isalpha isdigit isupper startswith").split(), BOOL),
    **dict.fromkeys(("capitalize join lower replace strip title upper").split(), STR),
}


def _method(kinds: Kinds, args: Sequence[Any], params: Any) -> Kind:
    name, names = params
    if isinstance(kinds[0], List) and name in ("count", "index"):
        return INT
    if isinstance(kinds[0], Str) and name in _OF_TEXT:
        return _OF_TEXT[name]
    if isinstance(kinds[0], Int) and name in ("bit_length", "bit_count"):
        return INT
    if is_set(kinds[0]):
        return SETS if name in _OF_SETS else UNKNOWN
    if kinds[0] == PLACES:
        return {"pop": INT, "copy": PLACES}.get(name, UNKNOWN)
    kinds = tuple(map(measured, kinds, args))
    return method_of(kinds[0], name, *_arguments(kinds[1:], args[1:], names))


_MATH: dict[str, Kind] = {
    **dict.fromkeys(("floor ceil trunc gcd lcm factorial comb perm isqrt").split(), INT),
    **dict.fromkeys(
        ("isnan isinf isfinite isclose isnormal issubnormal signbit").split(), BOOL
    ),
    "modf": Tuple((FLOAT, FLOAT)),
    "frexp": Tuple((FLOAT, INT)),
    "prod": UNKNOWN,
    "sumprod": UNKNOWN,
}


_CMATH: dict[str, Kind] = {
    "phase": FLOAT,
    "polar": Tuple((FLOAT, FLOAT)),
    **dict.fromkeys("isnan isinf isfinite isclose".split(), BOOL),
}


def _of_sequences(kinds: Kinds) -> Kind:
    """Of `math.prod`, whose result is a float if one of the numbers is."""
    items = [i for k in kinds if isinstance(k, Tuple) for i in k.items]
    items += [k.item for k in kinds if isinstance(k, List)]
    return FLOAT if any(i == FLOAT for i in items) else UNKNOWN


# -- operators ------------------------------------------------------------------------

_ARITHMETIC = frozenset(
    (
        "add sub mul div floordiv mod pow neg pos lt le gt ge eq ne is isnot in notin "
        "not bitand bitor bitxor lshift rshift invert"
    ).split()
)
_COMPARE = frozenset(("lt le gt ge eq ne").split())


_TRUTHS = _COMPARE | {"is", "isnot", "in", "notin", "not"}


def _arithmetic(op: str, kinds: Kinds) -> Kind:
    if kinds[0] is FLOAT and kinds[-1] is FLOAT:  # by far the most frequent
        return BOOL if op in _TRUTHS else FLOAT
    return _of_operands(op, kinds)


@lru_cache(4096)
def _of_operands(op: str, kinds: Kinds) -> Kind:
    if op in ("is", "isnot", "in", "notin", "not"):
        return BOOL
    if (
        len(kinds) == 2
        and all(is_set(kind) or is_frozen_set(kind) for kind in kinds)
        and op in ("bitand", "bitor", "bitxor", "sub")
    ):
        return SETS if is_set(kinds[0]) else Opaque("builtins.frozenset")
    if op in _COMPARE:
        if not any(isinstance(k, Array) for k in kinds):
            return BOOL  # also of tuples and lists, which Python compares item by item
        kind = elementwise(tuple(map(_truths, kinds)))
        return kind if isinstance(kind, (Array, Bool)) else UNKNOWN
    if any(isinstance(k, Str) for k in kinds):
        return STR
    if all(isinstance(k, (Int, Bool)) for k in kinds):
        return _integers(op, kinds)
    if any(isinstance(k, Array) for k in kinds):
        return elementwise(kinds, floating=op == "div")
    if any(isinstance(k, (List, Tuple)) for k in kinds):
        return _sequences(op, kinds)
    return elementwise(kinds)


def _truths(kind: Kind) -> Kind:
    """What a comparison with a value of a kind may give: of text as of numbers."""
    if isinstance(kind, Array):
        return Array("bool", kind.dims)
    return BOOL if is_number(kind) or isinstance(kind, (Str, NoneKind)) else kind


def _sequences(op: str, kinds: Kinds) -> Kind:
    if op == "add" and all(isinstance(k, Tuple) for k in kinds):
        return Tuple(tuple(i for k in kinds if isinstance(k, Tuple) for i in k.items))
    return UNKNOWN


def _integers(op: str, kinds: Kinds) -> Kind:
    if op == "div":
        return FLOAT
    if op == "pow":
        # With a negative exponent it is a float at run time: as inactive as an integer.
        return INT
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


# -- operations of the IR and builtins -----------------------------------------------


def _first(kinds: Kinds, args: Sequence[Any], params: Any) -> Kind:
    return kinds[0]


def _always(kind: Kind) -> Callable[[Kinds, Sequence[Any], Any], Kind]:
    return lambda kinds, args, params: kind


def _extremum(kinds: Kinds, args: Sequence[Any], params: Any) -> Kind:
    if len(kinds) > 1 and all(map(is_number, kinds)):
        kind = kinds[0]
        for other in kinds[1:]:
            kind = join(kind, other)
        return INT if isinstance(kind, Int) else kind
    if len(kinds) == 1 and isinstance(kinds[0], Array) and kinds[0].ndim == 1:
        return element_kind(kinds[0].dtype)
    return chosen(kinds[0]) if len(kinds) == 1 else UNKNOWN


def _absolute(kinds: Kinds, args: Sequence[Any], params: Any) -> Kind:
    kind = kinds[0]
    if is_complex(kind):
        return real_part(kinds, args, params)
    return INT if isinstance(kind, (Int, Bool)) else kind


def _select(kinds: Kinds, args: Sequence[Any], params: Any) -> Kind:
    return join(kinds[1], kinds[2])


def _summed_to(kinds: Kinds, args: Sequence[Any], params: Any) -> Kind:
    dtype, shape = dtype_in(kinds[0]), kinds[1]
    if dtype is None or not isinstance(shape, Tuple):
        return UNKNOWN
    if not all(isinstance(k, Int) for k in shape.items):
        return UNKNOWN
    lengths = [k.extent for k in shape.items if isinstance(k, Int)]
    named = (Size(f"{args[1]}.{k}") if n is None else n for k, n in enumerate(lengths))
    return Array(str(strong(kinds[0])), tuple(named))


_SPECIAL: dict[str, Callable[[Kinds, Sequence[Any], Any], Kind]] = {
    "getitem": _getitem,
    "setitem": written,
    "additem": written,
    "copy": _first,
    "attr": attribute,
    "item": item_of,
    "part": lambda kinds, args, params: part_kind(kinds[0], params, str(args[0])),
    "tuple": lambda kinds, args, params: Tuple(kinds),
    "list": lambda kinds, args, params: Tuple(kinds),
    "select": _select,
    "boolean and": lambda kinds, args, params: join(*kinds),
    "boolean or": lambda kinds, args, params: join(*kinds),
    "tape": _always(TAPE),
    "push": _always(TAPE),
    "fstring": _always(STR),
    "assert": _always(NONE),
    "check length": _always(NONE),
    "raise": _always(NONE),
    "comment": _always(NONE),
    "call": lambda kinds, args, params: (
        kinds[0].kind if isinstance(kinds[0], Returns) else UNKNOWN
    ),
    **dict.fromkeys(APPLIES, lambda kinds, args, params: params.kind),
    "stop": _first,
    "handed": lambda kinds, args, params: params.kind,
    "implicit": _first,
    **dict.fromkeys(("cofactors", "hessenberg_turn", "schur_turn"), _first),
    "moved": lambda kinds, args, params: kinds[1],
    "integral": lambda kinds, args, params: params.kind,
    "method": _method,
    READING: lambda kinds, args, params: infer(params[0], kinds, args, params[1]),
    "raises": _always(BOOL),
    "outer_sum": lambda kinds, args, params: kinds[1],
    "rounds_ahead": _always(INT),
    "digamma": _always(FLOAT),
    "trigamma": _always(FLOAT),
    "unbroadcast": lambda kinds, args, params: (
        with_dtype(kinds[1], str(strong(kinds[0]))) if dtype_in(kinds[0]) else kinds[1]
    ),
    "sum_to": _summed_to,
    "matmul": lambda kinds, args, params: matmul(kinds),
    "builtins.print": _always(NONE),
    "builtins.len": length,
    "builtins.sum": summed,
    "builtins.sorted": lambda kinds, args, params: (
        kinds[0] if isinstance(kinds[0], List) else UNKNOWN
    ),
    "builtins.any": _always(BOOL),
    "builtins.all": _always(BOOL),
    "builtins.float": _always(FLOAT),
    "builtins.complex": _always(COMPLEX),
    **dict.fromkeys(("real", "imag"), real_part),
    "conjugate": _first,
    "builtins.int": _always(INT),
    "builtins.ord": _always(INT),
    "builtins.chr": _always(STR),
    "builtins.bool": _always(BOOL),
    **{f"builtins.{n}": _always(STR) for n in "str repr format bin hex oct".split()},
    "builtins.abs": _absolute,
    "builtins.min": _extremum,
    "builtins.max": _extremum,
    "builtins.pow": lambda kinds, args, params: _arithmetic("pow", kinds),
    "builtins.round": lambda kinds, args, params: INT if len(kinds) == 1 else kinds[0],
    "builtins.isinstance": _always(BOOL),
    "builtins.dict": _always(PLACES),
    "builtins.set": _always(SETS),
    "builtins.frozenset": _frozen,
}
