"""Values as trees: tuples, lists, dicts and objects taken apart and put together again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from symdiff.structures import Parts, like, parts

__all__ = ["apart", "mapped", "together"]


def apart(value: Any) -> Parts | None:
    """The parts of a structure, the items of any list included; None for a leaf."""
    if type(value) is list:
        return Parts(list, tuple(range(len(value))), tuple(value))
    return parts(value, by=True)


def together(value: Any, items: Sequence[Any]) -> Any:
    """A structure like `value`, made of other parts."""
    cls = type(value)
    if cls is list or cls is tuple:
        return cls(items)
    if cls is dict:
        return dict(zip(value, items, strict=True))
    if issubclass(cls, tuple):
        return cls(*items)
    found = apart(value)
    assert found is not None
    return like(value, found.keys, items)


def mapped(function: Callable[[Any], Any], value: Any) -> Any:
    """The structure with each leaf replaced."""
    found = apart(value)
    if found is None:
        return function(value)
    return together(value, [mapped(function, each) for each in found.values])


def flat(value: Any) -> list[Any]:
    """The leaves, in the order in which `mapped` comes to them."""
    found = apart(value)
    return [value] if found is None else [x for each in found.values for x in flat(each)]
