"""Arguments with structure: which values have parts, of what kinds, and under what key.

A tuple, a dict with plain keys, a named tuple and an object of a user's class have parts
that are known one by one; so has a list, unless all that is known of it is that its items
are of one kind, as of a list of numbers.
"""

from __future__ import annotations

import abc
import sys
import types
from collections.abc import Iterator
from typing import Any, NamedTuple

from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.ir.kinds import Array, Fixed, Kind, Record, Tuple
from symdiff.ir.structure import Step, is_namespace, part_text, step_to
from symdiff.signature import (
    is_array, is_static, key_of_value, kind_of_value, scalar_kind,
)  # fmt: skip

__all__ = [
    "Parts", "argument_key", "argument_kind", "classes_in", "counts", "fixed_in",
    "parts",
]  # fmt: skip

_PLAIN_KEYS = (str, int, float, bool, type(None))
_OWN_LOOKUP = ("__new__", "__getattribute__", "__getattr__")


class Parts(NamedTuple):
    """The class of a structure, its keys or the names of its attributes, its values."""

    cls: type
    keys: tuple[Any, ...]
    values: tuple[Any, ...]

    def steps(self) -> Iterator[Step]:
        return (step_to(self.cls, key) for key in self.keys)


def argument_kind(value: Any, name: str, by: bool, exact: bool = False) -> Kind:
    """The kind of an argument called `name`; `by`: whether it is differentiated by;
    `exact`: whether all lengths are known, and what counts."""
    return _kind(value, name, by, exact, ())


def counts(value: Any) -> bool:
    """Whether exact kinds are specialised to a value: to an integer or a truth value."""
    return type(value) in (int, bool)


def argument_key(value: Any, by: bool, exact: bool = False) -> Any:
    """A hashable key: equal for arguments of equal kind."""
    if exact and counts(value) and not by:
        return type(value), value
    found = None if scalar_kind(type(value)) is not None else parts(value, by, exact)
    if found is None:
        key = key_of_value(value)
        return (key, value.shape) if exact and is_array(value) else key
    cls, keys, values = found
    typed = tuple([(type(key), key) for key in keys]) if cls is dict else keys
    try:
        return cls, typed, tuple([argument_key(each, by, exact) for each in values])
    except RecursionError:
        raise _cyclic("an argument") from None


def _kind(value: Any, name: str, by: bool, exact: bool, above: tuple[int, ...]) -> Kind:
    found = parts(value, by, exact)
    if found is None:
        counted = exact and counts(value) and not by
        if (is_static(value) or counted) and above:
            return Fixed(_text(value), value)
        kind = kind_of_value(value, name)
        return Array(kind.dtype, value.shape) if exact and isinstance(kind, Array) else kind
    if id(value) in above:
        raise _cyclic(f"`{name}`")
    above = (*above, id(value))
    items = tuple(
        _kind(part, part_text(name, (step,)), by, exact, above)
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


# -- values with parts ----------------------------------------------------------------


def parts(value: Any, by: bool, exact: bool = False) -> Parts | None:
    """The parts of a structure; None for a value that has none. An `exact` look at a list
    sees its items."""
    cls = type(value)
    if cls is tuple:
        return Parts(cls, tuple(range(len(value))), value)
    if cls is list:
        if value and not exact and _sort(value, by) is not None:
            return None  # an empty one has no items of which to know more
        return Parts(cls, tuple(range(len(value))), tuple(value))
    if cls is dict:
        if not all(type(key) in _PLAIN_KEYS for key in value):
            return None
        return Parts(cls, tuple(value), tuple(value.values()))
    if scalar_kind(cls) is not None or is_array(value) or is_static(value):
        return None
    if issubclass(cls, tuple):
        fields: tuple[str, ...] = getattr(cls, "_fields", ())
        return Parts(cls, fields, tuple(value)) if _is_named_tuple(cls) else None
    return _attributes(value, cls) if is_plain(cls) else None


def _sort(value: Any, by: bool) -> Any:
    """What the items of a list have in common if they are of one kind, else None."""
    cls = type(value)
    if scalar_kind(cls) is not None:
        return "number"
    if cls is list:
        if all(scalar_kind(each) is not None for each in set(map(type, value))):
            return "list", "number"
        sorts = {_sort(item, by) for item in value}
        return ("list", *sorts) if len(sorts) == 1 and None not in sorts else None
    if by:
        return None
    if is_array(value):
        return value.dtype, value.ndim
    if cls is tuple:
        kinds = tuple([_sort(item, by) for item in value])
        return None if None in kinds else kinds
    return None


def _is_named_tuple(cls: type) -> bool:
    made = next(c for c in cls.__mro__ if "__new__" in vars(c))
    return "_fields" in vars(made)


def is_plain(cls: type) -> bool:
    """Whether objects of the class hold what was put into them, and nothing else."""
    if is_namespace(cls):
        return True
    root = cls.__module__.partition(".")[0]
    if root in sys.stdlib_module_names - {"__main__"} or root in ("numpy", "scipy"):
        return False
    if type(cls) not in (type, abc.ABCMeta):
        return False
    bases = [base for base in cls.__mro__ if base is not object]
    if any(base.__module__ == "builtins" for base in bases):
        return False
    return not any(name in vars(base) for base in bases for name in _OWN_LOOKUP)


def _attributes(value: Any, cls: type) -> Parts:
    fields: tuple[dataclasses.Field[Any], ...] = ()
    if hasattr(cls, "__dataclass_fields__"):
        import dataclasses  # where there is one, this is loaded

        fields = dataclasses.fields(cls)
    held = {f.name: getattr(value, f.name) for f in fields if hasattr(value, f.name)}
    held |= getattr(value, "__dict__", {})
    for base in cls.__mro__:
        for name, member in vars(base).items():
            slot = isinstance(member, types.MemberDescriptorType) and name[:2] != "__"
            if slot and hasattr(value, name):
                held.setdefault(name, getattr(value, name))
    return Parts(cls, tuple(held), tuple(held.values()))


# -- what kinds know ------------------------------------------------------------------


def _inner(kind: Kind) -> Iterator[Kind]:
    yield kind
    if isinstance(kind, (Tuple, Record)):
        for item in kind.items:
            yield from _inner(item)


def fixed_in(kind: Kind) -> list[Any]:
    """The values that code for this kind is specialised to."""
    return [each.value for each in _inner(kind) if isinstance(each, Fixed)]


def classes_in(kind: Kind) -> list[type]:
    """The classes of the user's that values of the kind are made of."""
    found = (each.cls for each in _inner(kind) if isinstance(each, Record))
    return [cls for cls in found if cls is not list and cls is not dict]
