"""Classes that extend dict, list and their like, and what these define."""

from __future__ import annotations

import ast
import enum
import types
from typing import Any

from symdiff.definitions import is_definition
from symdiff.definitions.extended import EXTENDED, EXTENDED_BY_PARTS
from symdiff.definitions.keyed import KEYED
from symdiff.definitions.mixed_in import MIXED_IN
from symdiff.frontend.functions.writers import Writers
from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.values import (
    Contents, DictRef, ListRef, ObjectRef, Sequence, Static, Value,
)  # fmt: skip
from symdiff.ir.core import Const
from symdiff.ir.structure import HELD, OWN

__all__ = [
    "MISSING_HERE", "Extending", "extended_by", "followed", "found_in", "standing_for",
]  # fmt: skip

MISSING_HERE = object()
_HOLDING = (*EXTENDED, *EXTENDED_BY_PARTS)
_STANDING: dict[type, type] = {**MIXED_IN, **EXTENDED, **EXTENDED_BY_PARTS}
_METHODS = (types.WrapperDescriptorType, types.MethodDescriptorType)


def found_in(cls: type, name: str) -> Any:
    """What a class or its bases define under a name."""
    for base in cls.__mro__[:-1]:
        for each in standing_for(base):
            if name in vars(each):
                return followed(vars(each)[name])
    return MISSING_HERE


def standing_for(base: type) -> tuple[type, ...]:
    """The classes in which what a base of a class defines is looked up."""
    standing: type | None = _STANDING.get(base)
    return (base,) if standing is None else standing.__mro__[:-1]


def followed(value: Any) -> Any:
    """A method, or the one that stands for one of dict or list."""
    if isinstance(value, _METHODS):
        standing: Any = EXTENDED.get(value.__objclass__)
        return getattr(standing, value.__name__, value)
    return value


def extended_by(cls: type) -> type | None:
    """The class of Python's whose items objects of a class hold as their own."""
    return next((base for base in cls.__mro__ if base in EXTENDED), None)


class Extending(Writers):
    """Lowers what objects do that are dicts or lists themselves."""

    def hold_items(self, made: ObjectRef, cls: type, node: ast.AST) -> None:
        """Give an object that is a dict or list by its class an empty one to hold."""
        base = extended_by(cls)
        if base is None:
            return
        held: Value = self.new_list(())
        if not issubclass(base, list):
            held = self.dict_made(self.new_dict((), ()), self.span(node), node)
        self.put(made, HELD, held, node)

    def as_items(self, value: Value, node: ast.AST | None) -> Value:
        """The dict or list that an object is, unless its class says itself what its items
        are; any other value as it is."""
        if not isinstance(value, (ObjectRef, Static)):
            return value
        if isinstance(value, Static) and isinstance(value.value, enum.EnumMeta):
            return Sequence(self.known_items(value, node) or ())  # type: ignore[arg-type]
        if isinstance(value, Static) and isinstance(value.value, type):
            return value
        cls = self.class_of(value)
        if cls is None or not any(base in _HOLDING for base in cls.__mro__):
            return value
        if not all(is_definition(found_in(cls, name)) for name in ("__iter__", "__len__")):
            return value
        if extended_by(cls) is not None and isinstance(value, ObjectRef):
            return self.got(value, HELD, node) or value
        if extended_by(cls) is None and not is_definition(found_in(cls, "__getitem__")):
            return value
        return self.attribute(value, HELD, node, "t")  # type: ignore[arg-type]

    def apply(
        self,
        callee: Value,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
        base: str,
    ) -> Value:
        if isinstance(callee, Static) and isinstance(callee.value, _METHODS) and positional:
            made = self._unbound(callee.value, positional, keywords, node, base)
            if made is not None:
                return made
        if isinstance(callee, Static) and callee.value is dict and positional:
            positional = [self._as_plain_dict(positional[0], node), *positional[1:]]
        return super().apply(callee, positional, keywords, node, base)

    def _as_plain_dict(self, value: Value, node: ast.AST) -> Value:
        """An object with `keys` as the dict of its items; any other value as it is."""
        value = self.as_items(value, node)
        cls = self.class_of(value) if isinstance(value, ObjectRef) else None
        if cls is None or cls in KEYED or found_in(cls, "keys") is MISSING_HERE:
            return value
        pairs = self.pairs(value, node)
        return self.new_dict(tuple(k for k, _ in pairs), tuple(v for _, v in pairs))

    def _unbound(
        self,
        method: Any,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
        base: str,
    ) -> Value | None:
        """`dict.get(d, key)` and its like."""
        owner, *rest = positional
        if isinstance(owner, (DictRef, ListRef)) and method.__objclass__ in EXTENDED:
            bound = self.attribute(owner, method.__name__, node, base)
            return self.apply(bound, rest, keywords, node, base)
        if method.__objclass__ is object and isinstance(owner, ObjectRef):
            if method.__name__ == "__setattr__" and isinstance(rest[0], Const):
                self.set_own(owner, rest[0].value, rest[1], node)
                return Const(None)
        function = followed(method)
        if isinstance(owner, (ObjectRef, Static)) and function is not method:
            return self.inline(function, positional, keywords, node)
        return None

    # -- attributes that are items ------------------------------------------------------

    def own_attribute(
        self, owner: ObjectRef, name: str, node: ast.AST, base: str
    ) -> Value | None:
        """What an object itself, not its class, has for an attribute."""
        value = self.got(owner, name, node, base)
        own = self.got(owner, OWN, node) if value is None else None
        if isinstance(own, DictRef):
            return self.got(own, name, node, base)
        return value

    def own_attributes(self, owner: ObjectRef, node: ast.AST) -> DictRef:
        """`owner.__dict__`."""
        outline = self.outline(owner, node)
        own = self.got(owner, OWN, node)
        if isinstance(own, DictRef):
            return own
        if outline.get(HELD) is not None:
            message = "the attributes of an object that is a dict or list are not listed"
            raise Refusal(message, node, "name them: `self.x`")
        return DictRef(owner.buffer, owner.path)  # what it holds, by name

    def set_own(self, owner: ObjectRef, name: str, value: Value, node: ast.AST) -> None:
        """Give an object an attribute, whatever its class has to say."""
        own = self.got(owner, OWN, node)
        self.put(owner if own is None else own, name, value, node)  # type: ignore[arg-type]

    def set_attributes(self, owner: ObjectRef, value: Value, node: ast.AST) -> None:
        """`owner.__dict__ = value`: it then has the attributes that are in a dict."""
        value = self.as_items(value, node)
        if not isinstance(value, DictRef) or owner.path:
            message = "what the attributes of this object are is not known here"
            raise Refusal(message, node, "assign them one by one")
        outline = self.outline(owner, node)
        held = outline.get(HELD)
        names = (OWN,) if held is None else (HELD, OWN)
        items = (value,) if held is None else (held, value)
        self.replace(owner, Contents(items, names, outline.cls), node)
