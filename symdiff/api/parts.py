"""The parts of arguments and results at the ends of paths, and fast tests of these."""

from __future__ import annotations

import functools
import keyword
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from symdiff.ir.structure import WITHIN, Path, many_in, part_text, under

__all__ = ["FastTest", "made", "part_at", "parts_at"]


def part_at(value: Any, path: Path) -> Any:
    """The part of a value at the end of a path."""
    for step in path:
        value = under(value, step)
    return value


def parts_at(name: str, value: Any, path: Path) -> Iterator[tuple[str, Any]]:
    """The parts of a value at the end of a path, which may lead to each of many items."""
    many = many_in(path)
    if many is None:
        yield part_text(name, path), part_at(value, path)
        return
    whole = part_at(value, path[:many])
    for key, item in whole.items() if isinstance(whole, dict) else enumerate(whole):
        text = f"{part_text(name, path[:many])}[{key!r}]"
        yield from parts_at(text, item, path[many + 1 :])


class FastTest:
    """A test of parts of a call's arguments, compiled since it runs at each call.

    The test gets `before`, and then what the generated function gets: the parameters of
    the user's function, of which the first `count` by position.
    """

    def __init__(self, names: Sequence[str], count: int, before: str = "") -> None:
        placed = [f"p{k}" for k in range(count)]
        by_name = {name: f"named[{name!r}]" for name in names[count:]}
        self._places = {**dict(zip(names, placed, strict=False)), **by_name}
        leading = [before] if before else []
        alone = [*leading, *placed, "/"] if leading or placed else []
        self._header = ", ".join([*alone, "**named"])
        self._keys: dict[str, Any] = {}

    def part(self, name: str, path: Path) -> str | None:
        """A part of an argument as an expression; None for each of many."""
        return self.part_of(self._places[name], path)

    def part_of(self, text: str, path: Path) -> str | None:
        if many_in(path) is not None:
            return None
        for form, key in path:
            if (form, key) == WITHIN:
                continue
            if form != "attr":
                text += f"[{self.key(key)}]"
            elif key.isidentifier() and not keyword.iskeyword(key):
                text += f".{key}"
            else:
                return None
        return text

    def key(self, value: Any) -> str:
        if type(value) is int or type(value) is str:
            return repr(value)
        name = f"k{len(self._keys)}"
        self._keys[name] = value
        return name

    def made(self, conditions: Sequence[str]) -> Callable[..., bool]:
        return made(f"lambda {self._header}: {' and '.join(conditions)}", self._keys)


def made(text: str, space: dict[str, Any]) -> types.FunctionType:
    """The function that a lambda expression is, in which these names are known."""
    return types.FunctionType(_compiled(text), space)


@functools.lru_cache(256)
def _compiled(text: str) -> types.CodeType:
    function: types.FunctionType = eval(text)
    return function.__code__
