"""Kinds with parts: how the parts are reached, and what they are called.

A structured argument is taken apart once, by `part` equations: `part(p)` with the path
(("attr", "layers"), ("item", 0), ("key", "w")) is `p.layers[0]["w"]`. A part of many items
is a list: with (("attr", "bodies"), EACH, ("attr", "mass")) it holds their masses.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from symdiff.ir.kinds import (
    FLOAT, PLACES, UNKNOWN, Int, Kind, List, Record, Rows, Size, Tuple, join_items,
)  # fmt: skip

__all__ = [
    "AS_FLOAT", "EACH", "HELD", "KEYS", "OWN", "PLACED", "Path", "Step", "VALUES",
    "WITHIN", "all_kinds", "is_generated", "is_namespace", "is_remade", "leaf_kinds",
    "many_in", "part_kind", "part_name", "part_text", "parts_of", "step_to", "under",
    "unpacking",
]  # fmt: skip

Step = tuple[str, Any]  # ("item", position), ("key", key) or ("attr", name)
Path = tuple[Step, ...]

# To each item of a list, each value and each key of a dict, and a dict that says where
# among these each key is; to the float of a number.
EACH, VALUES, KEYS = ("each", None), ("values", None), ("keys", None)
PLACED = ("placed", None)
# The dict or list that an object is, if its class extends these, and the keys under which
# kinds have it: OWN where its items are its attributes, too.
WITHIN = ("within", None)
HELD, OWN = "__held__", "__dict__"
AS_FLOAT = ("float", None)
_MANY = {EACH: "[:]", VALUES: ".values()", KEYS: ".keys()", PLACED: ".keys()"}
_SHOWN = {**_MANY, AS_FLOAT: "", WITHIN: ""}


def under(value: Any, step: Step) -> Any:
    """The part of a value to which a step leads."""
    form, key = step
    if step == WITHIN:
        return value
    return getattr(value, key) if form == "attr" else value[key]


def parts_of(kind: Kind) -> tuple[tuple[Step, Kind], ...] | None:
    """The parts of a structure and how they are reached; None for what has none."""
    if isinstance(kind, Tuple):
        return tuple((("item", k), item) for k, item in enumerate(kind.items))
    if isinstance(kind, Record):
        pairs = zip(kind.keys, kind.items, strict=True)
        return tuple((step_to(kind.cls, key), item) for key, item in pairs)
    if isinstance(kind, Rows):
        return ((EACH if kind.cls is list else VALUES, kind.item),)
    return None


def many_in(path: Path) -> int | None:
    """Where a path leads to each of many items."""
    places = (k for k, step in enumerate(path) if step in _MANY)
    return next(places, None)


def step_to(cls: type, key: Any) -> Step:
    """How the part of an instance of a class under a key is reached."""
    if cls is list or cls is tuple:
        return "item", key
    if key in (HELD, OWN):
        return WITHIN if cls is not dict else ("key", key)
    return ("key" if cls is dict else "attr"), key


def leaf_kinds(kind: Kind, path: Path = ()) -> Iterator[tuple[Path, Kind]]:
    """The parts that have no parts themselves, in order."""
    parts = parts_of(kind)
    if parts is None:
        yield path, kind
        return
    for step, item in parts:
        yield from leaf_kinds(item, (*path, step))


def all_kinds(kind: Kind, path: Path = ()) -> Iterator[tuple[Path, Kind]]:
    """The kind and those of all its parts, outer before inner."""
    yield path, kind
    for step, item in parts_of(kind) or ():
        yield from all_kinds(item, (*path, step))


def part_kind(kind: Kind, path: Path, name: str) -> Kind:
    """The kind at the end of a path; an integer there is called after its place."""
    if path[-1:] == (PLACED,):
        return PLACES
    for step in path:
        if step == KEYS and isinstance(kind, Rows):
            kind = kind.key or UNKNOWN
        elif step == AS_FLOAT:
            kind = FLOAT
        else:
            kind = _kind_under(kind, step)
    many = many_in(path)
    if many is not None:
        return List(join_items((kind,)), Size(f"{part_text(name, path[:many])}.0"))
    if isinstance(kind, Int) and kind.extent is None:
        return Int(Size(part_text(name, path)))
    return kind


def _kind_under(kind: Kind, step: Step) -> Kind:
    """The kind of one part, without a look at all others."""
    if isinstance(kind, Tuple):
        form, key = step
        known = form == "item" and key < len(kind.items)
        return kind.items[key] if known else UNKNOWN
    if isinstance(kind, Record) and step[1] in kind.keys:
        place = kind.keys.index(step[1])
        return kind.items[place] if step_to(kind.cls, step[1]) == step else UNKNOWN
    return dict(parts_of(kind) or ()).get(step, UNKNOWN)


def part_text(name: str, path: Sequence[Step]) -> str:
    """The part as it is written in Python.

    >>> part_text("p", (("attr", "layers"), ("item", 0), ("key", "w")))
    "p.layers[0]['w']"
    """
    for step in path:
        form, key = step
        written = f".{key}" if form == "attr" else f"[{key!r}]"
        name += _SHOWN.get(step, written)
    return name


def part_name(name: str, path: Sequence[Step]) -> str:
    """What a variable that holds the part is called.

    >>> part_name("p", (("attr", "layers"), ("item", 0), ("key", "w")))
    'p_layers_0_w'
    """
    words = [name, *(str(step[1]) for step in path if step not in _SHOWN)]
    return "_".join(word for word in words if f"x{word}".isidentifier())


def unpacking(
    kind: Kind, targets: Mapping[Path, Any], path: Path = ()
) -> Iterator[tuple[Path, Any]]:
    """Where to read, and what: `(a, b)` where all items are wanted, else single parts.

    >>> pair = Tuple((UNKNOWN, UNKNOWN))
    >>> place = (("item", 0),), (("item", 1),)
    >>> list(unpacking(pair, {place[0]: "a", place[1]: "b"}))
    [((), ('a', 'b'))]
    >>> list(unpacking(pair, {place[1]: "b"}))
    [((('item', 1),), 'b')]
    """
    whole = _pattern(kind, targets, path)
    if whole is not None:
        yield path, whole
    else:
        for step, item in parts_of(kind) or ():
            yield from unpacking(item, targets, (*path, step))


def _pattern(kind: Kind, targets: Mapping[Path, Any], path: Path) -> Any:
    if path in targets:
        return targets[path]
    parts = None if isinstance(kind, Rows) else parts_of(kind)
    cls = kind.cls if isinstance(kind, Record) else tuple
    if not parts or not issubclass(cls, (list, tuple)):
        return None
    if parts[0][0] == WITHIN:
        return _pattern(parts[0][1], targets, (*path, WITHIN)) if len(parts) == 1 else None
    items = tuple(_pattern(item, targets, (*path, step)) for step, item in parts)
    return None if None in items else items


def is_namespace(cls: type) -> bool:
    """Whether objects of a class of Python's only hold what they are given by keyword."""
    named = cls.__module__, cls.__qualname__  # `argparse` may not be loaded
    return cls is types.SimpleNamespace or named == ("argparse", "Namespace")


def is_remade(cls: type, names: tuple[str, ...]) -> bool:
    """Whether `dataclasses.replace` makes an instance with any values for its fields."""
    import dataclasses  # where there is one, this is loaded

    if not dataclasses.is_dataclass(cls) or hasattr(cls, "__post_init__"):
        return False
    fields = dataclasses.fields(cls)
    given = is_generated(cls, "__init__") and all(f.init for f in fields)
    return given and {f.name for f in fields} == {*names}


def is_generated(cls: type, name: str) -> bool:
    """Whether a method like `__init__` that a class has was written by `dataclass`, which
    leaves those alone that the user has written."""
    home = next(base for base in cls.__mro__ if name in vars(base))
    params = vars(home).get("__dataclass_params__")
    code = getattr(vars(home)[name], "__code__", None)
    asked = params is not None and getattr(params, name.strip("_"))
    return bool(asked and code is not None and code.co_filename == "<string>")
