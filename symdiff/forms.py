"""The kind of an argument with structure, and the key of arguments of that kind.

Of a long list or dict whose items are of one form the parts of all items together are
known, else those of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.ir.kinds import (
    UNKNOWN, Array, Fixed, Float, Int, Kind, List, Map, Record, Rows, Str, Tuple,
    is_continuous, is_number, join_items,
)  # fmt: skip
from symdiff.ir.structure import EACH, VALUES, Path, part_text
from symdiff.records import dataclass, replace
from symdiff.signature import (
    is_array, is_static, key_of_value, kind_of_value, scalar_kind,
)  # fmt: skip
from symdiff.structures import Parts, counts, parts, sort_of

__all__ = [
    "Look", "argument_key", "argument_kind", "classes_in", "fixed_in", "has_rows",
    "taken_together", "type_of_key",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """How closely an argument is looked at.

    by: whether it is differentiated by; exact: whether all lengths are known, and what
    counts; apart: up to how many items of a list or dict are looked at one by one, all if
    it is None.
    """

    by: bool
    exact: bool
    apart: int | None


def argument_kind(
    value: Any, name: str, by: bool, exact: bool = False, apart: int | None = None
) -> Kind:
    """The kind of an argument called `name`, at a `Look`."""
    return _kind(value, name, Look(by, exact, apart), ())


def argument_key(
    value: Any, by: bool, exact: bool = False, apart: int | None = None
) -> Any:
    """A hashable key: equal for arguments of equal kind."""
    try:
        return _key(value, Look(by, exact, apart))
    except RecursionError:
        raise _cyclic("an argument") from None


def _key(value: Any, look: Look) -> Any:
    if look.exact and counts(value) and not look.by:
        return type(value), value
    cls = type(value)
    if scalar_kind(cls) is not None:
        return cls
    if _is_long(value, look):
        found = _as_map([value], look)
        if found is not None:
            return found[1]
        items = _items_by_key([value], look)
        if _as_rows(value, items, "x", look) is not None:
            keys = frozenset(map(type_of_key, value)) if cls is dict else None
            return cls, keys, frozenset(items)
    apart = parts(value, look.by, look.exact)
    if apart is None:
        key = key_of_value(value)
        return (key, value.shape) if look.exact and is_array(value) else key
    typed = apart.keys
    if cls is dict:
        typed = tuple([(type_of_key(key), key) for key in typed])
    return cls, typed, tuple([_key(each, look) for each in apart.values])


def _kind(value: Any, name: str, look: Look, above: tuple[int, ...]) -> Kind:
    if _is_long(value, look) and id(value) not in above:
        whole = _as_map([value], look)
        if whole is not None:
            return whole[0]
        rows = _as_rows(value, _items_by_key([value], look), name, look, above)
        if rows is not None:
            return rows
    found = parts(value, look.by, look.exact)
    if found is None:
        counted = look.exact and counts(value) and not look.by
        if (is_static(value) or counted) and above:
            return Fixed(_text(value), value)
        kind = kind_of_value(value, name)
        exact = look.exact and isinstance(kind, Array)
        return Array(kind.dtype, value.shape) if exact else kind  # type: ignore[attr-defined]
    if id(value) in above:
        raise _cyclic(f"`{name}`")
    above = (*above, id(value))
    items = tuple(
        _kind(part, part_text(name, (step,)), look, above)
        for step, part in zip(found.steps(), found.values, strict=True)
    )
    return Tuple(items) if found.cls is tuple else Record(found.cls, found.keys, items)


def _cyclic(what: str) -> DifferentiationError:
    return DifferentiationError(
        Diagnostic(
            f"{what} leads back to itself", help="pass structures that hold no cycle"
        )
    )


def _text(value: Any) -> str:
    """A static value, the same in every process."""
    if isinstance(value, (str, bytes, int, type(None), type(...))):
        return repr(value)
    module = getattr(value, "__module__", None)
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", "")
    return f"{type(value).__name__} {module} {name}"


def taken_together(value: Any, look: Look) -> tuple[dict[Any, Any], int] | None:
    """An item for each key that items of a list or dict have, and how many there are at
    least, if the key of it says no more; None if it does."""
    if _is_long(value, look):
        items = _items_by_key([value], look)
        if _as_map([value], look) is None and _as_rows(value, items, "x", look) is None:
            return None
        return items, _most_apart(type(value), look) + 1
    uniform = type(value) is list and parts(value, look.by, look.exact) is None
    return (_items_by_key([value], look), 1) if uniform else None


# -- many items of one form -------------------------------------------------------------


_FEW_KEYS = 16  # a dict that has no more is taken for a structure


def _is_long(value: Any, look: Look) -> bool:
    """Whether the items of a list or dict are looked at together, if that can be."""
    cls = type(value)
    if look.exact or look.apart is None or (cls is not list and cls is not dict):
        return False
    if len(value) <= _most_apart(cls, look):
        return False
    return cls is dict or sort_of(value[0], look.by) is None


def _most_apart(cls: type, look: Look) -> int:
    return max(look.apart or 0, _FEW_KEYS if cls is dict else 0)


def _as_map(values: list[dict[Any, Any]], look: Look) -> tuple[Map, Any] | None:
    """The kind of dicts by which is not differentiated, and its key; None where they do
    not hold numbers, arrays, tuples, lists or dicts of one kind."""
    if type(values[0]) is not dict or look.by or (look.apart or 0) > _FEW_KEYS:
        return None
    named = {type_of_key(key): key for value in values for key in value}
    inner = [item for value in values for item in value.values()]
    if len(named) != 1 or not inner:
        return None
    ((sort, name),) = named.items()
    item: Kind | None
    if all(type(item) is dict for item in inner):
        found = _as_map(inner, look)
        if found is None:
            return None
        item, key = found
    else:
        items = _items_by_key(values, look)
        item = _together(
            [_kind(v, "x", look, ()) for v in items.values()], False, (), set()
        )
        key = frozenset(items)
    named_kind = kind_of_value(name)
    if item is None or not isinstance(named_kind, (Float, Int, Str, Tuple)):
        return None
    if isinstance(item, (Record, Fixed)) or not _is_plain_item(item):
        return None
    return Map(named_kind, item), ("map", sort, key)


def _is_plain_item(kind: Kind) -> bool:
    if isinstance(kind, Tuple):
        return all(map(is_number, kind.items))
    return isinstance(kind, Map) or _is_column(kind, by=False)


def _items_by_key(values: list[Any], look: Look) -> dict[Any, Any]:
    """An item for each key that items of lists or dicts have."""
    found: dict[Any, Any] = {}
    brief: dict[Any, Any] = {}
    for value in values:
        for item in value.values() if type(value) is dict else value:
            shape = _brief(item, look.by)
            if shape is None or shape not in brief:
                brief[shape] = found[_key(item, look)] = item
    return found


def _brief(item: Any, by: bool) -> Any:
    """What tells the keys of items apart that hold nothing but numbers, for a quick look;
    None for others."""
    cls = type(item)
    if cls is tuple:
        types = tuple(map(type, item))
        return (cls, types) if _are_numbers(types) else None
    if scalar_kind(cls) is not None:
        return cls
    if cls is list:
        shapes = {_brief(each, by) for each in item}
        sure = None not in shapes and not (by and any(type(s) is tuple for s in shapes))
        return (cls, frozenset(shapes)) if sure else None
    held = getattr(item, "__dict__", None)
    if type(held) is not dict or hasattr(cls, "__slots__"):
        return None
    types = tuple(map(type, held.values()))
    return (cls, types, tuple(held)) if _are_numbers(types) else None


_NUMBERS: set[tuple[type, ...]] = set()  # types of numbers that were seen together


def _are_numbers(types: tuple[type, ...]) -> bool:
    if types in _NUMBERS:
        return True
    if not types or any(scalar_kind(cls) is None for cls in types):
        return False
    _NUMBERS.add(types)
    return True


def type_of_key(key: Any) -> Any:
    return tuple(map(type_of_key, key)) if type(key) is tuple else type(key)


def _as_rows(
    value: Any,
    items: dict[Any, Any],
    name: str,
    look: Look,
    above: tuple[int, ...] = (),
) -> Rows | None:
    """The kind of a list or dict whose items are of one form; None if they are not."""
    step = EACH if type(value) is list else VALUES
    above = (*above, id(value))
    kinds = [_kind(item, part_text(name, (step,)), look, above) for item in items.values()]
    mixed: set[Path] = set()
    item = _together(kinds, look.by, (), mixed)
    if item is None:
        return None
    if type(value) is list:
        return Rows(list, item, None, frozenset(mixed))
    keys = {type_of: key for key in value if (type_of := type_of_key(key)) is not None}
    key = join_items(map(kind_of_value, keys.values()))
    return (
        None if key == UNKNOWN or len(keys) > 1 else Rows(dict, item, key, frozenset(mixed))
    )


def _together(kinds: list[Kind], by: bool, path: Path, mixed: set[Path]) -> Kind | None:
    """The kind of what is in the same place of all items; None if they differ in form."""
    first = kinds[0]
    if isinstance(first, Fixed):
        same = all(isinstance(k, Fixed) and k.value == first.value for k in kinds)
        return first if same else None
    if isinstance(first, Record) and first.cls is list:
        kinds = [kind for kind in kinds if kind != _EMPTY]
        if len(kinds) == 0 or isinstance(kinds[0], Record):
            return None
        first = kinds[0]
    if isinstance(first, (Tuple, Record)):
        if any(not _are_alike(first, kind) for kind in kinds):
            return None
        steps = Parts(getattr(first, "cls", tuple), _keys_of(first), ()).steps()
        columns = zip(*(kind.items for kind in kinds), strict=True)  # type: ignore[attr-defined]
        rows = zip(steps, columns, strict=True)
        items = [_together([*c], by, (*path, step), mixed) for step, c in rows]
        known = tuple(item for item in items if item is not None)
        return replace(first, items=known) if known and len(known) == len(items) else None
    kinds = [kind for kind in kinds if kind != _EMPTY]
    found = join_items(kinds)
    if by and isinstance(found, Float) and any(isinstance(k, Int) for k in kinds):
        mixed.add(path)
    return found if _is_column(found, by) else None


_EMPTY = Record(list, (), ())


def _keys_of(kind: Tuple | Record) -> tuple[Any, ...]:
    return kind.keys if isinstance(kind, Record) else tuple(range(len(kind.items)))


def _are_alike(a: Tuple | Record, b: Kind) -> bool:
    if not isinstance(b, (Tuple, Record)) or type(a) is not type(b):
        return False
    same = getattr(a, "cls", None) is getattr(b, "cls", None)
    return same and _keys_of(a) == _keys_of(b)


def _is_column(kind: Kind, by: bool) -> bool:
    """Whether a list may hold what is in one place of all items."""
    if isinstance(kind, List):
        return kind.item != UNKNOWN and not (by and isinstance(kind.item, (Array, Tuple)))
    if isinstance(kind, Array):
        return not by or is_continuous(kind)
    return is_number(kind)


# -- what kinds know ------------------------------------------------------------------


def _inner(kind: Kind) -> Iterator[Kind]:
    yield kind
    if isinstance(kind, (Tuple, Record)):
        for item in kind.items:
            yield from _inner(item)
    if isinstance(kind, (Rows, Map)):
        yield from _inner(kind.item)


def has_rows(kind: Kind | None) -> bool:
    """Whether the kind has a part of as many items as the run has."""
    return kind is not None and any(isinstance(k, (Rows, Map)) for k in _inner(kind))


def fixed_in(kind: Kind) -> list[Any]:
    """The values that code for this kind is specialised to."""
    return [each.value for each in _inner(kind) if isinstance(each, Fixed)]


def classes_in(kind: Kind) -> list[type]:
    """The classes of the user's that values of the kind are made of."""
    found = (each.cls for each in _inner(kind) if isinstance(each, Record))
    return [
        cls for cls in found if cls not in (list, dict) and cls.__module__[:6] != "scipy."
    ]
