"""What the operations on lists do, for the interpreters of the tests."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from symdiff.ir.core import SliceItem
from symdiff.ir.kinds import Array, Kind, List, Tuple

__all__ = ["change", "changes", "make", "read"]

_CHANGES = ("setitem", "additem", "list.append", "list.insert", "list.delitem",
            "list.extend")  # fmt: skip


def changes(op: str, args: list[Any]) -> bool:
    """Whether the operation changes a list."""
    return op in _CHANGES and isinstance(args[0], list)


def change(op: str, args: list[Any], params: Any, in_place: bool) -> list[Any]:
    """The list with the change; a new one, with new elements, unless `in_place`."""
    target, *rest = args
    target = target if in_place else copy.deepcopy(target)
    items = list(params.items if params is not None else ())
    if op == "list.delitem":
        items = items or ["at"]
    own = 0 if op in ("list.append", "list.insert", "list.extend") else 1
    holder = target
    while len(items) > own and isinstance(holder, list):
        holder = holder[rest.pop(0)]
        del items[0]
    if op == "list.append":
        holder.append(*rest)
    elif op == "list.insert":
        holder.insert(*rest)
    elif op == "list.extend":
        holder.extend(*rest)
    elif op == "list.delitem":
        del holder[key(tuple(items), rest)]
    else:
        value = rest.pop()
        place = key(tuple(items), rest)
        if op == "setitem":
            holder[place] = value
        elif isinstance(value, (list, tuple)):
            holder[place] = added(holder[place], value)
        else:
            holder[place] += value
    return target


def read(holder: Any, items: tuple[Any, ...], values: list[Any]) -> Any:
    """What an `Index` reads; inside lists one item after the other."""
    while len(items) > 1 and isinstance(holder, list):
        holder, items, values = holder[values[0]], items[1:], values[1:]
    return holder[key(items, values)]


def key(items: tuple[Any, ...], values: list[Any]) -> Any:
    """The subscript of the items of an `Index`."""
    rest, found = list(values), []
    for item in items:
        if isinstance(item, SliceItem):
            flags = (item.start, item.stop, item.step)
            found.append(slice(*(rest.pop(0) if flag else None for flag in flags)))
        else:
            fixed = {"new": None, "rest": ...}
            found.append(fixed[item] if item in fixed else rest.pop(0))
    return found[0] if len(found) == 1 else tuple(found)


def zeros(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return type(value)(map(zeros, value))
    return np.zeros_like(value) if isinstance(value, np.ndarray) else 0.0


def added(a: Any, b: Any) -> Any:
    if isinstance(a, (list, tuple)):
        return type(a)(map(added, a, b))
    return a + b


def unstacked(array: Any, kind: Kind) -> Any:
    while isinstance(kind, List):
        kind = kind.item
    return list(array) if isinstance(kind, (Array, Tuple)) else array.tolist()


def make(op: str, args: list[Any], params: Any) -> Any:
    """The value of an operation on lists that changes none."""
    name = op.removeprefix("list.")
    if name == "new":
        return list(args)
    if name == "unstack":
        return unstacked(args[0], params)
    if name == "split":
        ends = np.cumsum([np.shape(v)[params] for v in args[1]])
        return np.split(args[0], ends[:-1], params)
    if name == "order":
        reverse = len(args) > 1 and args[1]
        return sorted(range(len(args[0])), key=args[0].__getitem__, reverse=reverse)
    simple: dict[str, Any] = {
        "copy": list, "concat": lambda a, b: a + b, "repeat": lambda a, n: a * n,
        "zeros_like": zeros, "added": added, "take": lambda a, k: [a[i] for i in k],
        "index": lambda a, v: a.index(v),
    }  # fmt: skip
    return simple[name](*args)
