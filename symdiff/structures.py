"""Values with parts: tuples, lists, dicts and objects of the user's classes.

A tuple, a dict with plain keys, a named tuple and an object of a user's class have parts
that are known one by one; so has a list, unless all that is known of it is that its items
are of one kind, as of a list of numbers.
"""

from __future__ import annotations

import abc
import collections
import copy
import sys
import types
from collections.abc import Iterable, Iterator
from typing import Any

from symdiff.ir.structure import HELD, OWN, Step, is_namespace, step_to
from symdiff.records import dataclass
from symdiff.signature import is_array, is_static, scalar_kind

__all__ = [
    "Parts", "copied", "counts", "deep_copied", "is_plain", "like", "parts", "slots_of",
    "sort_of",
]  # fmt: skip

_PLAIN_KEYS = (str, int, float, bool, type(None))
_OWN_LOOKUP = ("__new__", "__getattribute__", "__getattr__")
_OF_PYTHON = (collections.OrderedDict, collections.defaultdict)
_OWN_ITEMS = ("__new__", "__getattribute__", "__getitem__", "__iter__", "keys", "values")


@dataclass(frozen=True, slots=True)
class Parts:
    """The class of a structure, its keys or the names of its attributes, its values."""

    cls: type
    keys: tuple[Any, ...]
    values: tuple[Any, ...]

    def steps(self) -> Iterator[Step]:
        return (step_to(self.cls, key) for key in self.keys)


def counts(value: Any) -> bool:
    """Whether exact kinds are specialised to a value: to an integer or a truth value."""
    return type(value) in (int, bool)


def parts(value: Any, by: bool, exact: bool = False) -> Parts | None:
    """The parts of a structure; None for a value that has none. An `exact` look at a list
    sees its items."""
    cls = type(value)
    if cls is tuple:
        return Parts(cls, tuple(range(len(value))), value)
    if cls is list:
        if value and not exact and sort_of(value, by) is not None:
            return None  # an empty one has no items of which to know more
        return Parts(cls, tuple(range(len(value))), tuple(value))
    if cls is dict:
        if not all(map(_is_plain_key, value)):
            return None
        return Parts(cls, tuple(value), tuple(value.values()))
    if scalar_kind(cls) is not None or is_array(value) or is_static(value):
        return None
    if issubclass(cls, tuple):
        fields: tuple[str, ...] = getattr(cls, "_fields", ())
        return Parts(cls, fields, tuple(value)) if _is_named_tuple(cls) else None
    if issubclass(cls, (dict, list)):
        return _items_and_attributes(value, cls)
    if is_plain(cls):
        return _attributes(value, cls)
    return None if by else _held_by_library(value, cls)


def _held_by_library(value: Any, cls: type) -> Parts | None:
    """What an object of SciPy's holds, such as a sparse matrix, if that is all of it."""
    if not cls.__module__.startswith("scipy."):
        return None
    from symdiff.definitions import held_by

    names = held_by(value)
    if not names or any(own != name for own, name in names.items()):
        return None
    return Parts(cls, tuple(names), tuple(getattr(value, name) for name in names))


def _is_plain_key(key: Any) -> bool:
    return type(key) in _PLAIN_KEYS or (type(key) is tuple and all(map(_is_plain_key, key)))


def sort_of(value: Any, by: bool) -> Any:
    """What the items of a list have in common if they are of one kind, else None."""
    cls = type(value)
    if scalar_kind(cls) is not None:
        return "number"
    if cls is list:
        if all(scalar_kind(each) is not None for each in set(map(type, value))):
            return "list", "number"
        sorts = {sort_of(item, by) for item in value}
        return ("list", *sorts) if len(sorts) == 1 and None not in sorts else None
    if by:
        return None
    if is_array(value):
        return value.dtype, value.ndim
    if cls is tuple:
        kinds = tuple([sort_of(item, by) for item in value])
        return None if None in kinds else kinds
    return None


def _is_named_tuple(cls: type) -> bool:
    made = next(c for c in cls.__mro__ if "__new__" in vars(c))
    return "_fields" in vars(made)


def _items_and_attributes(value: Any, cls: type) -> Parts | None:
    """What an object holds that is a dict or list itself, if it gives it as these do."""
    if cls in _OF_PYTHON:
        names = ("default_factory",) if cls is collections.defaultdict else ()
        rest = tuple(getattr(value, name) for name in names)
        return Parts(cls, (HELD, *names), (dict(value), *rest))
    if not _is_users(cls) or any(name in _methods(cls) for name in _OWN_ITEMS):
        return None
    items = dict(value) if issubclass(cls, dict) else list(value)
    held = getattr(value, "__dict__", {})
    if held is value:
        return Parts(cls, (OWN,), (items,))
    found = _attributes(value, cls)
    return Parts(cls, (HELD, *found.keys), (items, *found.values))


def _methods(cls: type) -> set[str]:
    """What a class of the user's and its bases define before those of Python's."""
    bases = cls.__mro__[: cls.__mro__.index(dict if issubclass(cls, dict) else list)]
    return {name for base in bases for name in vars(base)}


def is_plain(cls: type) -> bool:
    """Whether objects of the class hold what was put into them, and nothing else."""
    if is_namespace(cls):
        return True
    if not _is_users(cls):
        return False
    bases = [base for base in cls.__mro__ if base is not object]
    if any(base.__module__ == "builtins" for base in bases):
        return False
    return not any(name in vars(base) for base in bases for name in _OWN_LOOKUP)


def _is_users(cls: type) -> bool:
    root = cls.__module__.partition(".")[0]
    if root in sys.stdlib_module_names - {"__main__"} or root in ("numpy", "scipy"):
        return False
    return type(cls) in (type, abc.ABCMeta)


def _attributes(value: Any, cls: type) -> Parts:
    fields: tuple[dataclasses.Field[Any], ...] = ()
    if hasattr(cls, "__dataclass_fields__"):
        import dataclasses  # where there is one, this is loaded

        fields = dataclasses.fields(cls)
    held = {f.name: getattr(value, f.name) for f in fields if hasattr(value, f.name)}
    held |= getattr(value, "__dict__", {})
    for name in slots_of(cls):
        if hasattr(value, name):
            held.setdefault(name, getattr(value, name))
    return Parts(cls, tuple(held), tuple(held.values()))


def slots_of(cls: type) -> Iterator[str]:
    """The names of the attributes for which a class and its bases have places."""
    for base in cls.__mro__:
        for name, member in vars(base).items():
            if isinstance(member, types.MemberDescriptorType) and name[:2] != "__":
                yield name


def _is_extended(cls: type) -> bool:
    return issubclass(cls, (dict, list)) and _is_users(cls)


def _fill(made: dict[Any, Any], items: dict[Any, Any]) -> None:
    """Put items into a dict without asking its class."""
    base = collections.OrderedDict if isinstance(made, collections.OrderedDict) else dict
    for key, item in items.items():
        base.__setitem__(made, key, item)


def copied(value: Any) -> Any:
    """A shallow copy. Of objects that are dicts or lists it is made without asking their
    class, which may take names for keys."""
    cls: Any = type(value)
    if not _is_extended(cls):
        return copy.copy(value)
    made: Any = cls.__new__(cls)
    if isinstance(value, dict):
        _fill(made, value)
    else:
        list.extend(made, value)
    held = getattr(value, "__dict__", {})
    if held is value:
        made.__dict__ = made
    else:
        made.__dict__.update(held)
    return made


def deep_copied(value: Any) -> Any:
    """A deep copy."""
    memo: dict[int, Any] = {}

    def remember(part: Any) -> None:
        found = parts(part, by=False)
        for each in () if found is None else found.values:
            remember(each)
        if found is not None and _is_extended(type(part)):
            items = [copy.deepcopy(each, memo) for each in found.values]
            memo[id(part)] = like(part, found.keys, items)

    remember(value)
    return copy.deepcopy(value, memo)


def like(value: Any, names: tuple[Any, ...], items: Iterable[Any]) -> Any:
    """An object like another one, with other values for its parts."""
    made = copied(value)
    for name, item in zip(names, items, strict=True):
        if name != HELD and name != OWN:
            object.__setattr__(made, name, item)
        elif isinstance(made, dict):
            _fill(made, item)
        else:
            list.__setitem__(made, slice(None), item)
    return made
