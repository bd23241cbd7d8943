"""Whether a call fits a specialisation, as an expression that is compiled.

For a dict `params` of two arrays, that of the kinds and the key of

    type(p0) is v0 and list(p0) == v1 and list(map(type, p0)) == v2
    and type(q0 := p0['w']) is v3 and (q0.dtype is v4 or q0.dtype == v4) and ...

It may be too strict, and never is true for arguments that have another key (see
`symdiff.forms`).
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Mapping
from typing import Any

from symdiff.api.parts import made
from symdiff.forms import Look, taken_together, type_of_key
from symdiff.records import dataclass, replace
from symdiff.signature import is_array, is_static, scalar_kind
from symdiff.structures import Parts, counts, is_plain, parts, slots_of

__all__ = ["OMITTED", "Conditions"]

OMITTED = object()  # the default of every parameter

_MOST = 400  # conditions, of which each takes 20 microseconds to compile


@dataclass(slots=True)
class Conditions:
    """What must hold for a call to fit: texts, and in `space` what these name."""

    space: dict[str, Any]
    texts: list[str]
    exact: bool = False
    apart: int | None = None

    def name_of(self, value: Any) -> str:
        name = f"v{len(self.space)}"
        self.space[name] = value
        return name

    def add(self, *texts: str) -> None:
        self.texts += texts

    def value(self, place: str, value: Any, by: bool) -> bool:
        """Add that what is at a place has the key of a value; False where kinds take
        longer to test."""
        cls = type(value)
        text = cls is str or cls is bytes
        if value is OMITTED or (is_static(value) and not text):
            self.add(f"{place} is {self.name_of(value)}")
        elif scalar_kind(cls) is not None or text:
            self._type(place, value)
            if text or (self.exact and counts(value) and not by):
                self.add(f"{place} == {self.name_of(value)}")
        elif is_array(value):
            return self._array(place, value)
        else:
            return len(self.texts) < _MOST and self._structure(place, value, by)
        return True

    def _type(self, place: str, value: Any) -> str:
        """Add that the type is that of a value; the variable that then holds it."""
        held = place if place.isidentifier() else f"q{len(self.space)}"
        first = held if held == place else f"({held} := {place})"
        self.add(f"type({first}) is {self.name_of(type(value))}")
        return held

    def _array(self, place: str, value: Any) -> bool:
        numpy: Any = sys.modules["numpy"]
        if type(value) is not numpy.ndarray or value.dtype.fields is not None:
            return False
        held = self._type(place, value)
        dtype = self.name_of(value.dtype)  # nearly always the same object: seen faster
        self.add(f"({held}.dtype is {dtype} or {held}.dtype == {dtype})")
        if self.exact:
            self.add(f"{held}.shape == {self.name_of(value.shape)}")
        elif value.ndim == 1:  # the whole shape takes longer to get
            one = "==" if len(value) == 1 else "!="
            self.add(f"{held}.ndim == 1", f"len({held}) {one} 1")
        else:
            self.add(f"len(s := {held}.shape) == {value.ndim}")
            lengths = enumerate(value.shape)
            self.add(*(f"s[{k}] {'==' if n == 1 else '!='} 1" for k, n in lengths))
        return True

    def _structure(self, place: str, value: Any, by: bool) -> bool:
        look = Look(by, self.exact, self.apart)
        together = taken_together(value, look)
        if together is not None:
            return self._together(self._type(place, value), value, *together, by)
        found = parts(value, by, self.exact)
        if found is None:
            return False
        if issubclass(found.cls, tuple) or found.cls is list:
            return self._row(self._type(place, value), found, by)
        if found.cls is dict:
            return self._dict(self._type(place, value), found, by)
        return is_plain(found.cls) and self._object(
            self._type(place, value), value, found, by
        )

    def _row(self, held: str, found: Parts, by: bool) -> bool:
        kinds = tuple(map(type, found.values))
        fixed = self.exact and not by and any(map(counts, found.values))
        if all(scalar_kind(each) is not None for each in kinds) and not fixed:
            self.add(f"tuple(map(type, {held})) == {self.name_of(kinds)}")
            return True
        self.add(f"len({held}) == {len(kinds)}")
        items = enumerate(found.values)
        return all(self.value(f"{held}[{k}]", item, by) for k, item in items)

    def _dict(self, held: str, found: Parts, by: bool) -> bool:
        if any(type(key) is tuple for key in found.keys):
            return False
        keys = list(found.keys)
        self.add(f"list({held}) == {self.name_of(keys)}")
        self.add(f"list(map(type, {held})) == {self.name_of(list(map(type, keys)))}")
        return self._held(held, dict(zip(keys, found.values, strict=True)), by)

    def _held(self, held: str, items: Mapping[Any, Any], by: bool) -> bool:
        plain = str, int
        names = [repr(k) if type(k) in plain else self.name_of(k) for k in items]
        pairs = zip(names, items.values(), strict=True)
        return all(self.value(f"{held}[{name}]", item, by) for name, item in pairs)

    def _object(self, held: str, value: Any, found: Parts, by: bool) -> bool:
        """An object whose attributes are in its dict and its slots, and nowhere else."""
        own = getattr(value, "__dict__", None) or {}
        slots = set(slots_of(found.cls)) - own.keys()
        fields = getattr(found.cls, "__dataclass_fields__", {})
        if not {*found.keys, *fields} <= own.keys() | slots:
            return False
        if hasattr(value, "__dict__"):
            inner = f"q{len(self.space)}"
            names = self.name_of(tuple(own))
            self.add(f"tuple({inner} := {held}.__dict__) == {names}")
            if not self._held(inner, own, by):
                return False
        for name in sorted(slots):
            if not hasattr(value, name):
                self.add(f"not hasattr({held}, {name!r})")
            elif not self.value(f"{held}.{name}", getattr(value, name), by):
                return False
        return True

    def _together(
        self, held: str, value: Any, items: Mapping[Any, Any], least: int, by: bool
    ) -> bool:
        """Many items, all of one key."""
        self.add(f"len({held}) >= {least}")
        each = held
        if type(value) is dict:
            kinds = set(map(type_of_key, value))
            if len(kinds) != 1 or not isinstance(next(iter(kinds)), type):
                return False
            self.add(f"set(map(type, {held})) == {self.name_of(kinds)}")
            each = f"{held}.values()"
        kinds = set(map(type, items.values()))
        if all(scalar_kind(cls) is not None for cls in kinds):
            self.add(f"set(map(type, {each})) == {self.name_of(kinds)}")
            return True
        return len(items) == 1 and self._each(each, next(iter(items.values())), by)

    def _each(self, each: str, item: Any, by: bool) -> bool:
        """That each item is like this one."""
        cls = type(item)
        inner = set(map(type, item)) if cls is tuple or cls is list else set()
        if len(inner) == 1 and scalar_kind(next(iter(inner))) is not None:
            self.add(f"set(map(type, {each})) == {self.name_of({cls})}")
            apart = cls is tuple or parts(item, by) is not None
            lengths = self.name_of({len(item)})
            self.add(f"set(map(len, {each})) == {lengths}" if apart else f"all({each})")
            joined = f"{self.name_of(itertools.chain.from_iterable)}({each})"
            self.add(f"set(map(type, {joined})) == {self.name_of(inner)}")
            return True
        test = replace(self, texts=[])
        if not test.value("p0", item, by):
            return False
        one = made(f"lambda p0: {' and '.join(test.texts)}", self.space)
        self.add(f"all(map({self.name_of(one)}, {each}))")
        return True
