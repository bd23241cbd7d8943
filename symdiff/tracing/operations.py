"""The value of one operation of the IR."""

from __future__ import annotations

import copy
import importlib
import operator
from collections.abc import Callable, Sequence
from functools import lru_cache, partial, reduce
from typing import Any

import numpy as np

from symdiff.backend.helpers import HELPER_OF, HELPERS
from symdiff.ir.core import Index, SliceItem
from symdiff.ir.effects import APPLIES, READING, RESIZING, WRITES
from symdiff.ir.kinds import Array, Kind, List, Tuple
from symdiff.ir.structure import under

__all__ = ["added", "key", "result_of", "write", "zeros"]

OPERATORS: dict[str, Callable[..., Any]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul,
    "div": operator.truediv, "floordiv": operator.floordiv, "mod": operator.mod,
    "pow": operator.pow, "matmul": operator.matmul, "bitand": operator.and_,
    "bitor": operator.or_, "bitxor": operator.xor, "lshift": operator.lshift,
    "rshift": operator.rshift, "neg": operator.neg, "pos": operator.pos,
    "not": operator.not_, "invert": operator.invert, "lt": operator.lt, "le": operator.le,
    "gt": operator.gt, "ge": operator.ge, "eq": operator.eq, "ne": operator.ne,
    "is": operator.is_, "isnot": operator.is_not, "in": lambda a, b: a in b,
    "notin": lambda a, b: a not in b,
    "select": lambda cond, then, other: then if cond else other,
    "boolean and": lambda *values: reduce(lambda a, b: a and b, values),
    "boolean or": lambda *values: reduce(lambda a, b: a or b, values),
    "tuple": lambda *items: items, "list": lambda *items: [*items],
    "tape": lambda: [], "unpack": lambda value: value, "comment": lambda *_: None,
    "real": lambda value: _real(value), "imag": lambda value: value.imag,
    "conjugate": lambda value: value.conjugate(), "stop": lambda value: value,
    "push": lambda tape, *entry: [*tape, entry[0] if len(entry) == 1 else entry],
}  # fmt: skip


def _real(value: Any) -> Any:
    return list(map(_real, value)) if isinstance(value, list) else value.real


def result_of(op: str, args: Sequence[Any], params: Any) -> Any:
    """What an operation makes of its arguments, none of which it changes."""
    found = OPERATORS.get(op)
    if found is not None:
        return found(*args)
    special = _SPECIAL.get(op)
    if special is not None:
        return special(args, params)
    if op in HELPER_OF:
        return _helper(op)(*args)
    if op == "scipy.sparse.lu_solve":
        return args[0].solve(*args[1:])
    if op == READING:
        return result_of(params[0], args, params[1])
    if op == "builtins.dict":
        keys, values = (args[::2], args[1::2]) if params is None else (params, args)
        return dict(zip(keys, values, strict=True))
    if op == "store":
        args[0][key(params.items, args[1:-1])] = args[-1]
        return None
    names = params or ()
    cut = len(args) - len(names)
    return _function(op)(*args[:cut], **dict(zip(names, args[cut:], strict=True)))


@lru_cache(1024)
def _function(op: str) -> Callable[..., Any]:
    """The function of a library that an operation is."""
    root, _, path = op.partition(".")
    found: Callable[..., Any] = operator.attrgetter(path)(importlib.import_module(root))
    return found


@lru_cache(64)
def _helper(op: str) -> Callable[..., Any]:
    """A function that generated code brings along."""
    helper = HELPERS[HELPER_OF[op]]
    aliases = {name.rpartition(".")[2]: name for name in helper.modules}
    namespace: dict[str, Any] = {
        alias: importlib.import_module(name) for alias, name in aliases.items()
    }
    exec(helper.text.format(**dict(zip(aliases, aliases, strict=True))), namespace)
    made: Callable[..., Any] = namespace[HELPER_OF[op]]
    return made


# -- subscripts -----------------------------------------------------------------------


def key(items: Sequence[str | SliceItem], values: Sequence[Any]) -> Any:
    """The subscript that the items of an `Index` and their values are."""
    rest = iter(values)
    found: list[Any] = []
    for item in items:
        if isinstance(item, SliceItem):
            flags = (item.start, item.stop, item.step)
            found.append(slice(*(next(rest) if flag else None for flag in flags)))
        elif item == "at":
            found.append(next(rest))
        else:
            found.append(None if item == "new" else ...)
    return found[0] if len(found) == 1 else tuple(found)


def _seen_through(
    holder: Any, values: Sequence[Any], index: Index
) -> tuple[Any, list[Any]]:
    """The view that a subscript is taken of, and the values of the subscript itself."""
    views, own = index.split(values)
    for step, some in zip(index.through, views, strict=True):
        holder = result_of(step.op, [holder, *some], step.params)
    return holder, list(own)


def _read(args: Sequence[Any], index: Index) -> Any:
    """What a subscript reads; inside lists one item after the other."""
    holder, values = _seen_through(args[0], args[1:], index)
    items = index.items
    while len(items) > 1 and isinstance(holder, list):
        holder, items, values = holder[values[0]], items[1:], values[1:]
    return holder[key(items, values)]


def write(op: str, args: Sequence[Any], index: Index | None, in_place: bool = False) -> Any:
    """The array or list with a change; a new one unless `in_place`."""
    holder, *rest = args
    if op == "additem" and isinstance(holder, (int, float)):  # the start of a sum
        return holder + rest[-1]
    items = list(index.items) if index is not None else []
    if op == "list.delitem":
        items = items or ["at"]
    own = 0 if op in RESIZING and op != "list.delitem" else 1
    whole = holder = holder if in_place else holder.copy()
    if index is not None:
        holder, rest = _seen_through(holder, rest, index)
    while len(items) > own and isinstance(holder, list):
        del items[0]
        place = rest.pop(0)
        if not in_place:
            holder[place] = holder[place].copy()
        holder = holder[place]
    if op in _RESIZED:
        _RESIZED[op](holder, *rest)
    elif op == "list.delitem":
        del holder[key(items, rest)]
    elif op == "setitem":
        value = rest.pop()
        holder[key(items, rest)] = value
    else:
        value = rest.pop()
        _increase(holder, key(items, rest), value)
    return whole


_RESIZED: dict[str, Callable[..., Any]] = {
    "list.append": list.append, "list.insert": list.insert, "list.extend": list.extend,
}  # fmt: skip


def _increase(holder: Any, place: Any, value: Any) -> None:
    if isinstance(holder, np.ndarray):
        # An index may name one place twice; NumPy spreads only what has these axes.
        np.add.at(holder, place, np.broadcast_to(value, holder[place].shape))
    elif isinstance(value, (list, tuple)):
        holder[place] = added(holder[place], value)
    else:
        holder[place] = holder[place] + value


# -- lists ----------------------------------------------------------------------------


def zeros(value: Any) -> Any:
    """Zeros in the form of a value."""
    if isinstance(value, list):
        return [*map(zeros, value)]
    if isinstance(value, tuple):
        return (*map(zeros, value),)
    return np.zeros_like(value) if isinstance(value, np.ndarray) else 0.0


def added(a: Any, b: Any) -> Any:
    """The sum of two values; of lists and tuples, item by item."""
    if isinstance(a, list):
        return [*map(added, a, b)]
    if isinstance(a, tuple):
        return (*map(added, a, b),)
    return a + b


def _unstacked(args: Sequence[Any], kind: Kind) -> Any:
    while isinstance(kind, List):
        kind = kind.item
    if isinstance(kind, Tuple):
        return list(map(tuple, args[0].tolist()))
    return list(args[0]) if isinstance(kind, Array) else args[0].tolist()


def _split(args: Sequence[Any], axis: int | None) -> Any:
    array, parts = args
    ends = np.cumsum([np.shape(part)[axis or 0] for part in parts])
    return np.split(array, ends[:-1], axis or 0)


def _order(args: Sequence[Any], params: Any) -> list[int]:
    reverse = len(args) > 1 and args[1]
    return sorted(range(len(args[0])), key=args[0].__getitem__, reverse=reverse)


# -- others ---------------------------------------------------------------------------


def _called(args: Sequence[Any], names: Sequence[str] | None) -> Any:
    function, *values = args
    cut = len(values) - len(names or ())
    return function(*values[:cut], **dict(zip(names or (), values[cut:], strict=True)))


def _method(args: Sequence[Any], params: Any) -> Any:
    name, names = params
    return _called((getattr(args[0], name), *args[1:]), names)


def _applied(args: Sequence[Any], params: Any) -> Any:
    return _called(args, params.keywords)


def _part(args: Sequence[Any], path: Any) -> Any:
    value = args[0]
    for step in path:
        value = under(value, step)
    return value


def _raised(args: Sequence[Any], params: Any) -> Any:
    raise args[0] if args else RuntimeError("no active exception to reraise")


def _asserted(args: Sequence[Any], params: Any) -> None:
    if not args[0]:
        raise AssertionError(*args[1:])


def _measured(args: Sequence[Any], length: int) -> Any:
    found = len(args[0])
    if found > length:
        raise ValueError(f"too many values to unpack (expected {length})")
    if found < length:
        raise ValueError(f"not enough values to unpack (expected {length}, got {found})")
    return args[0]


_CONVERSIONS: dict[str, Callable[[Any], str]] = {"s": str, "r": repr, "a": ascii}


def _formatted(args: Sequence[Any], parts: Any) -> str:
    left, text = iter(args), ""
    for part in parts:
        if isinstance(part, str):
            text += part
            continue
        conversion, spec = part or (None, None)
        value = next(left)
        if conversion not in (None, -1):
            code = conversion if isinstance(conversion, str) else chr(conversion)
            value = _CONVERSIONS[code](value)
        text += format(value, spec or "")
    return text


def _copied(args: Sequence[Any], params: Any) -> Any:
    return args[0].copy()


def _copied_deep(args: Sequence[Any], params: Any) -> Any:
    return copy.deepcopy(args[0]) if isinstance(args[0], list) else args[0].copy()


def _cast(args: Sequence[Any], params: Any) -> Any:
    return np.asarray(args[0]).astype(*args[1:])[()]


_SPECIAL: dict[str, Callable[[Sequence[Any], Any], Any]] = {
    "getitem": _read, "item": lambda args, at: args[0][at], "part": _part,
    "attr": lambda args, path: operator.attrgetter(path)(args[0]), "copy": _copied_deep,
    "call": _called, "method": _method, "raise": _raised, "assert": _asserted,
    **dict.fromkeys(APPLIES, _applied),
    "check length": _measured, "fstring": _formatted, "numpy.astype": _cast,
    **{op: partial(write, op) for op in WRITES},
    "list.new": lambda args, _: [*args], "list.copy": _copied,
    "list.concat": lambda args, _: args[0] + args[1],
    "list.repeat": lambda args, _: args[0] * args[1],
    "list.zeros_like": lambda args, _: zeros(args[0]),
    "list.added": lambda args, _: added(*args), "list.unstack": _unstacked,
    "list.members": lambda args, _: list(args[0]),
    "list.split": _split, "list.order": _order,
    "list.take": lambda args, _: [args[0][k] for k in args[1]],
    "list.index": lambda args, _: args[0].index(args[1]),
    "list.zip": lambda args, _: list(zip(*args, strict=True)),
    "list.keys": lambda args, _: list(args[0]),
    "list.values": lambda args, _: list(args[0].values()),
    "list.column": lambda args, at: [row[at] for row in args[0]],
}  # fmt: skip
