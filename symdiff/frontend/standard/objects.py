"""Classes of the user's: instances, attributes, methods, operators."""

from __future__ import annotations

import abc
import ast
import dataclasses
import functools
import inspect
import types
from contextlib import suppress
from typing import Any

from symdiff.definitions import class_for, held_by, is_definition
from symdiff.definitions.extended import EXTENDED
from symdiff.definitions.errors import keep_arguments
from symdiff.frontend.memory.context import WHOLE, Refusal
from symdiff.frontend.memory.heap import RAISED
from symdiff.frontend.memory.outside import attribute_of
from symdiff.frontend.memory.values import (
    ArrayRef,
    Bound, ObjectRef, Partial, Sequence, Static, Super, Value,
)  # fmt: skip
from symdiff.frontend.reading.classes import fields_of, is_handed
from symdiff.frontend.reading.library import is_users_object, wrapped_in
from symdiff.frontend.reading.nothing import class_of_number
from symdiff.frontend.reading.source import file_of
from symdiff.frontend.standard.extending import (
    MISSING_HERE as _MISSING, extended_by, followed,
    found_in as _found, standing_for,
)  # fmt: skip
from symdiff.frontend.standard.texts import Texts
from symdiff.ir.core import Const, Var, kind_of
from symdiff.ir.kinds import is_complex, is_number
from symdiff.ir.structure import HELD, OWN, is_generated, is_namespace

__all__ = ["Objects"]


class Objects(Texts):
    """Lowers what classes define, as Python's data model looks it up."""

    # -- making -----------------------------------------------------------------------

    def construct(
        self,
        cls: type,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
    ) -> Value:
        """`cls(...)`."""
        if issubclass(cls, tuple):
            return self._named_tuple(cls, positional, keywords, node)
        self._check_plain(cls, node)
        made = self.new_object(cls)
        self.hold_items(made, cls, node)
        init = _found(cls, "__init__")
        if isinstance(init, types.FunctionType):
            if is_generated(cls, "__init__"):
                self._dataclass_init(made, cls, positional, keywords, node)
            else:
                self.inline(init, [made, *positional], keywords, node)
        elif positional or keywords:
            raise Refusal(f"`{cls.__name__}` takes no arguments", node)
        return made

    def error_with_parts(
        self, cls: type, raised: Value, args: list[Value], kw: dict[str, Value],
        node: ast.Call,
    ) -> ObjectRef:  # fmt: skip
        """An error whose attributes are known; `raised` is what is raised or shown."""
        parts: tuple[Value, ...] = (Sequence(tuple(args)), raised)
        made = self.new_object(cls, ("args", RAISED), parts)
        init = _found(cls, "__init__")
        if isinstance(init, types.FunctionType):
            self.inline(init, [made, *args], kw, node)
        return made

    def _check_plain(self, cls: type, node: ast.AST) -> None:
        """Refuse classes that take part in making or in looking up attributes."""
        for base in reversed(cls.__mro__[:-1]):
            if base in EXTENDED:
                continue
            if base.__module__ == "builtins":
                raise Refusal(
                    f"`{cls.__name__}` is a kind of {base.__name__}, which is not "
                    "supported",
                    node,
                )
            for name in ("__new__", "__getattribute__"):
                if name in vars(base):
                    raise Refusal(
                        f"objects of `{cls.__name__}` are not followed: it defines "
                        f"`{name}`",
                        node,
                    )
        if type(cls) not in (type, abc.ABCMeta):
            raise Refusal(f"the metaclass of `{cls.__name__}` is not followed", node)

    def _dataclass_init(
        self,
        made: ObjectRef,
        cls: type,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
    ) -> None:
        """What the `__init__` of a dataclass does."""
        every = fields_of(cls)
        fields = [f for f in every if f.init]
        handed: list[Value] = []  # to `__post_init__`, by `InitVar`
        placed = [f.name for f in fields if not f.kw_only]
        given = self._by_field(cls, placed, positional, keywords, node)
        known = {f.name for f in fields}
        for name in given:
            if name not in known:
                raise Refusal(f"`{cls.__name__}` does not take `{name}`", node)
        contents = self.held(made, node)
        for field in every:
            if field.name in given:
                value = given[field.name]
            elif field.default is not dataclasses.MISSING:
                value = self._class_value(cls, field.name, field.default, node)
            elif field.default_factory is not dataclasses.MISSING:
                factory = Static(field.default_factory)
                value = self.apply(factory, [], {}, node, field.name)
            elif field.init:
                raise Refusal(f"`{cls.__name__}` misses `{field.name}`", node)
            else:
                continue
            self.suggest(field.name, value)
            if is_handed(field):
                handed.append(value)
            else:
                contents = contents.put(field.name, value)
        self.state.set(made.buffer, contents)
        after = _found(cls, "__post_init__")
        if isinstance(after, types.FunctionType):
            self.inline(after, [made, *handed], {}, node)

    def _by_field(
        self,
        cls: type,
        names: list[str],
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.AST,
    ) -> dict[str, Value]:
        if len(positional) > len(names):
            raise Refusal(f"too many arguments for `{cls.__name__}`", node)
        given = dict(zip(names, positional, strict=False))
        for name, value in keywords.items():
            if name in given:
                raise Refusal(f"`{cls.__name__}` gets `{name}` twice", node)
            given[name] = value
        return given

    def _named_tuple(
        self,
        cls: type,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
    ) -> Value:
        names = getattr(cls, "_fields", None)
        made = next(c for c in cls.__mro__ if "__new__" in vars(c))
        if names is None or "_fields" not in vars(made):
            raise Refusal(f"`{cls.__name__}` is a tuple of its own kind", node)
        given = self._by_field(cls, list(names), positional, keywords, node)
        defaults = getattr(cls, "_field_defaults", {})
        items: list[Value] = []
        for name in names:
            if name in given:
                items.append(given.pop(name))
            elif name in defaults:
                items.append(self._class_value(cls, name, defaults[name], node))
            else:
                raise Refusal(f"`{cls.__name__}` misses `{name}`", node)
        if given:
            raise Refusal(f"`{cls.__name__}` does not take `{next(iter(given))}`", node)
        return Sequence(tuple(items), cls)

    def _class_value(self, cls: type, name: str, value: Any, node: ast.AST) -> Value:
        """A default, or another value that a class holds."""
        if value is None or isinstance(value, (bool, int, float, str)):
            return Const(value)
        if isinstance(value, tuple):
            return Sequence(
                tuple(self._class_value(cls, name, item, node) for item in value)
            )
        path = self.class_path(cls, name)
        return self.lift(value, path, node)

    def class_path(self, cls: type, name: str) -> tuple[str, ...]:
        return ("global", cls.__module__, f"{cls.__qualname__}.{name}")

    # -- attributes -------------------------------------------------------------------

    def object_attribute(
        self, owner: ObjectRef, name: str, node: ast.AST, base: str
    ) -> Value:
        cls = self.outline(owner, node).cls
        assert cls is not None
        if name == "__class__":
            return Static(cls, ("global", cls.__module__, cls.__qualname__))
        if name == "__dict__":
            return self.own_attributes(owner, node)
        found = _found(cls, name)
        if isinstance(found, property):
            return self._read_property(found, owner, node)
        if isinstance(getattr(type(found), "__set__", None), types.FunctionType):
            return self._from_class(found, name, owner, cls, node)
        value = self.own_attribute(owner, name, node, base)
        if value is None:
            value = self.in_slot(cls.__mro__, name)
        if value is not None:
            return value
        if found is _MISSING or isinstance(found, types.MemberDescriptorType):
            made = self.special_method("__getattr__", [owner, Const(name)], node, base)
            if made is not None:
                return made
            raise Refusal(f"`{cls.__name__}` has no attribute `{name}` here", node)
        if isinstance(found, functools.cached_property):
            return self._read_once(found, name, owner, node)
        return self._from_class(found, name, owner, cls, node)

    def _read_once(self, found: Any, name: str, owner: ObjectRef, node: ast.AST) -> Value:
        """A cached property that is read for the first time, on every path."""
        self._check_first(owner, name, node)
        value = self.inline(found.func, [owner], {}, node)
        self.put(owner, name, value, node)
        return value

    def _check_first(self, owner: ObjectRef, name: str, node: ast.AST) -> None:
        """Refuse what some path may have computed before and kept."""
        if self.state.existed(owner.buffer) and (self.open_branches or self.open_plans):
            message = f"`{name}` may have been read before, which depends on the run"
            raise Refusal(message, node, "read it once where the object is made")

    def _read_property(self, found: property, owner: Value, node: ast.AST) -> Value:
        wrapped = wrapped_in(found.fget)
        getter = getattr(found.fget, wrapped) if wrapped else found.fget
        if not isinstance(getter, types.FunctionType):
            raise Refusal("this property is not supported", node)
        return self.inline(getter, [owner], {}, node)

    def _from_class(
        self, found: Any, name: str, owner: Value, cls: type, node: ast.AST
    ) -> Value:
        """What an attribute of a class becomes when it is read through an instance."""
        if isinstance(found, staticmethod):
            return Static(found.__func__, self.class_path(cls, name))
        if isinstance(found, classmethod):
            whole = Static(cls, ("global", cls.__module__, cls.__qualname__))
            return Partial(Static(found.__func__, self.class_path(cls, name)), (whole,))
        path, part = self.class_path(cls, name), wrapped_in(found)
        if part is not None:
            found, path = getattr(found, part), attribute_of(path, part)
        if isinstance(found, types.FunctionType):
            return Partial(Static(found, path), (owner,))
        if hasattr(type(found), "__get__"):
            whole = Static(cls, ("global", cls.__module__, cls.__qualname__))
            value = self._described("__get__", found, name, cls, [owner, whole], node)
            if value is not None:
                return value
            kind = type(found).__name__
            raise Refusal(f"`{name}` is a {kind}, which is not supported here", node)
        return self._class_value(cls, name, found, node)

    def _described(
        self,
        method: str,
        found: Any,
        name: str,
        cls: type,
        args: list[Value],
        node: ast.AST,
    ) -> Value | None:
        """What a method of a descriptor of the user's returns; None of others."""
        called = getattr(type(found), method, None)
        if not isinstance(called, types.FunctionType) or not is_users_object(found):
            return None
        if not _can_be_named(found, cls, name):
            return None
        descriptor = Static(found, self.class_path(cls, name))
        value = self.inline(called, [descriptor, *args], {}, node)
        if method == "__get__" and not hasattr(type(found), "__set__"):
            owner = args[0]
            if isinstance(owner, ObjectRef) and self.held(owner, node).get(name):
                self._check_first(owner, name, node)
        return value

    def super_attribute(self, owner: Super, name: str, node: ast.AST) -> Value:
        value = owner.owner
        cls = self.class_of(value)
        if cls is None or owner.cls not in cls.__mro__:
            raise Refusal("`super()` is not supported here", node)
        after = cls.__mro__[cls.__mro__.index(owner.cls) + 1 :]
        for base in (each for kept in after for each in standing_for(kept)):
            if base is object and name == "__setattr__":
                return Partial(Static(object.__setattr__), (value,))
            if name in vars(base):
                if base is object and name == "__init__":
                    return Static(_nothing)
                if issubclass(base, BaseException) and name == "__init__":
                    if base.__module__ == "builtins":
                        return Partial(Static(keep_arguments), (value,))
                found = followed(vars(base)[name])
                if isinstance(found, property):
                    return self._read_property(found, value, node)
                return self._from_class(found, name, value, base, node)
        raise Refusal(f"`super()` has no attribute `{name}`", node)

    def class_of(self, value: Value) -> type | None:
        """The class of an object, or the class itself."""
        if isinstance(value, ObjectRef):
            return self.outline(value, None).cls
        if isinstance(value, Sequence):
            return value.cls
        if isinstance(value, Static):
            known = value.value
            return known if isinstance(known, type) else _class_of(known)
        return None

    def _set_array_attribute(
        self, owner: ArrayRef, name: str, value: Value, node: ast.AST
    ) -> None:
        parts = (
            ("flat", "real", "imag") if is_complex(self.kind(owner)) else ("flat", "real")
        )
        if name in parts:
            part = self.attribute(owner, name, node, "t")
            if part == value:
                return  # `z.real += x` has changed it
            if isinstance(part, ArrayRef):
                self.at(node).write(part, WHOLE, (), self.atom(value, node), node)
                return
        help = "make a view: `v = u.reshape(...)`" if name == "shape" else None
        raise Refusal(f"setting `{name}` of an array is not supported", node, help)

    def _check_settable(self, cls: type, node: ast.AST) -> Any:
        """What a class defines for setting attributes; those of frozen ones are not set."""
        setter = _found(cls, "__setattr__")
        if isinstance(setter, types.FunctionType) and _is_generated(setter):
            message = f"attributes of `{cls.__name__}` are not set: it is frozen"
            raise Refusal(message, node)
        return setter

    def _set_outside(self, owner: Static, name: str, value: Value, node: ast.AST) -> None:
        if isinstance(self._check_settable(type(owner.value), node), types.FunctionType):
            cls = type(owner.value)
            why = "it defines `__setattr__`, and outlives the call"
            raise Refusal(f"attributes of `{cls.__name__}` are not set: {why}", node)
        found = _found(type(owner.value), name)
        if isinstance(found, property) and isinstance(found.fset, types.FunctionType):
            self.inline(found.fset, [owner, value], {}, node)
            return
        space = owner.value
        if isinstance(space, types.ModuleType):
            space = vars(space)
        own = isinstance(space, dict) or hasattr(space, "__dict__")
        if not owner.path or not own or hasattr(type(found), "__set__"):
            raise Refusal(
                "assignment to an attribute of what outlives the call",
                node,
                "make the object inside the function",
            )
        path = (*owner.path[:-1], f"{owner.path[-1]}.{name}")
        if isinstance(owner.value, types.ModuleType):
            path = ("global", owner.value.__name__, name)
        self.set_slot(space, name, path, value, node)

    def set_attribute(self, owner: Value, name: str, value: Value, node: ast.AST) -> None:
        """`owner.name = value`."""
        if not isinstance(owner, ObjectRef):
            if isinstance(owner, Static):
                self._set_outside(owner, name, value, node)
                return
            if isinstance(owner, ArrayRef):
                self._set_array_attribute(owner, name, value, node)
                return
            unknown = not hasattr(complex, name) and not hasattr(float, name)
            if unknown and isinstance(owner, (Var, Const)) and is_number(kind_of(owner)):
                text = f"{class_of_number(owner)!r} object has no attribute {name!r}"
                raise self.failing((AttributeError, text), node)
            raise Refusal("assignment to an attribute of this is not supported", node)
        cls = self.outline(owner, node).cls
        assert cls is not None
        setter = self._check_settable(cls, node)
        if name == HELD and extended_by(cls) is not None:
            self.put(owner, name, value, node)
        elif isinstance(setter, types.FunctionType):
            self.inline(setter, [owner, Const(name), value], {}, node)
        else:
            self.set_own(owner, name, value, node)

    def set_own(self, owner: ObjectRef, name: str, value: Value, node: ast.AST) -> None:
        if name == OWN:
            self.set_attributes(owner, value, node)
            return
        cls = self.outline(owner, node).cls
        assert cls is not None
        found = _found(cls, name)
        if isinstance(found, property):
            if not isinstance(found.fset, types.FunctionType):
                raise Refusal(f"the property `{name}` cannot be set", node)
            self.inline(found.fset, [owner, value], {}, node)
            return
        of_error = name == "args" and issubclass(cls, BaseException)
        if (
            not of_error
            and hasattr(type(found), "__set__")
            and not isinstance(found, types.MemberDescriptorType)
        ):
            if self._described("__set__", found, name, cls, [owner, value], node) is None:
                message = f"setting `{name}` is not supported: it is a descriptor"
                raise Refusal(message, node)
            return
        super().set_own(owner, name, value, node)

    # -- special methods --------------------------------------------------------------

    def special_method(
        self,
        name: str,
        args: list[Value],
        node: ast.AST,
        base: str,
        keywords: dict[str, Value] | None = None,
    ) -> Value | None:
        """The result of a method that an operator or a call stands for; None if the
        class of the first argument has no such method."""
        cls = self.class_of(args[0])
        if cls is None:
            return None
        found = _found(cls, name)
        if found is _MISSING or found is None:
            return None
        if not isinstance(found, types.FunctionType):
            return None
        if name == "__eq__" and dataclasses.is_dataclass(cls) and _is_generated(found):
            return None
        if name in _ORDERS and dataclasses.is_dataclass(cls) and _is_generated(found):
            if self.class_of(args[1]) is not cls:
                return None
            names = [field.name for field in fields_of(cls) if field.compare]
            a, b = (
                Sequence(tuple(self.attribute(arg, n, node, n) for n in names))
                for arg in args
            )
            return self.compare(_ORDERS[name], a, b, node, base)
        return self.inline(found, args, keywords or {}, node)

    # -- objects that exist already ------------------------------------------------------

    def instance_attribute(
        self, owner: Static, name: str, node: ast.AST, base: str
    ) -> Value:
        """An attribute of an object that the function finds outside."""
        value = owner.value
        cls = _class_of(value)
        if cls is not type(value):
            return self._of_library(owner, cls, name, node)
        if name == HELD and extended_by(cls) is not None:
            return self._items_outside(owner, cls, node)
        self._check_plain_lookup(cls, node)
        found = _found(cls, name)
        if isinstance(found, property):
            return self._read_property(found, owner, node)
        changed = self.in_slot((value, *cls.__mro__), name)
        if changed is not None:
            return changed
        held = inspect.getattr_static(value, name, _MISSING)
        if isinstance(held, types.MemberDescriptorType):
            held = getattr(value, name, _MISSING)
        if held is _MISSING:
            made = self.special_method("__getattr__", [owner, Const(name)], node, base)
            if made is not None:
                return made
            raise Refusal(f"`{cls.__name__}` has no attribute `{name}`", node)
        if name not in getattr(value, "__dict__", {}) and followed(held) is found:
            if isinstance(found, (types.FunctionType, staticmethod, classmethod)):
                return self._from_class(found, name, owner, cls, node)
        if not owner.path:
            raise Refusal(f"attribute `{name}` is not supported here", node)
        return self.lift(held, (*owner.path[:-1], f"{owner.path[-1]}.{name}"), node)

    def _items_outside(self, owner: Static, cls: type, node: ast.AST) -> Value:
        """What an object outside holds that is a dict or list."""
        for name in ("__getitem__", "__iter__"):
            if not is_definition(_found(cls, name)):
                message = f"items of `{cls.__name__}` are not read: it defines `{name}`"
                raise Refusal(message, node, "make it inside the function")
        base = list if issubclass(cls, list) else dict
        return self.lift(base(owner.value), owner.path, node)

    def _of_library(self, owner: Static, cls: type, name: str, node: ast.AST) -> Value:
        """An attribute of an object of a library, for whose class another one stands."""
        names = held_by(owner.value) or {}
        if name in names and owner.path:
            held = getattr(owner.value, names[name])
            path = (*owner.path[:-1], f"{owner.path[-1]}.{names[name]}")
            return self.lift(held, path, node)
        found = _found(cls, name)
        if found is _MISSING:
            raise Refusal(f"attribute `{name}` is not supported here", node)
        if isinstance(found, property):
            return self._read_property(found, owner, node)
        return self._from_class(found, name, owner, cls, node)

    def _check_plain_lookup(self, cls: type, node: ast.AST) -> None:
        for base in cls.__mro__[:-1]:
            if base in EXTENDED:
                continue
            if "__getattribute__" in vars(base) and not is_namespace(base):
                raise Refusal(
                    f"objects of `{cls.__name__}` are not followed: it defines "
                    "`__getattribute__`",
                    node,
                )

    def enum_attribute(self, owner: Static, name: str, node: ast.AST) -> Value:
        """An attribute of a member of an enumeration."""
        member = owner.value
        cls = type(member)
        if name in ("name", "value", "_name_", "_value_"):
            value = getattr(member, name)
            return self._class_value(cls, f"{member.name}.{name}", value, node)
        found = _found(cls, name)
        if isinstance(found, property):
            return self._read_property(found, owner, node)
        if found is _MISSING:
            self.raise_now(AttributeError, node)
            raise Refusal(f"`{cls.__name__}` has no attribute `{name}`", node)
        return self._from_class(found, name, owner, cls, node)

    # -- named tuples -----------------------------------------------------------------

    def field(self, owner: Sequence, name: str, node: ast.AST, base: str) -> Value:
        cls = owner.cls
        assert cls is not None
        names = _field_names(cls)
        if name in names:
            return owner.items[names.index(name)]
        if name == "_fields":
            return Sequence(tuple(map(Const, names)))
        if name in ("_asdict", "_replace", "index", "count"):
            return Bound(owner, name)
        if name == "_make":
            return Bound(Static(cls), name)
        found = _found(cls, name)
        if isinstance(found, property):
            return self._read_property(found, owner, node)
        if found is _MISSING:
            raise Refusal(f"`{cls.__name__}` has no attribute `{name}`", node)
        return self._from_class(found, name, owner, cls, node)


def _field_names(cls: type) -> tuple[str, ...]:
    """The names of the items of a named tuple, or of one that C code defines, such as
    `sys.float_info`."""
    names: tuple[str, ...] = getattr(cls, "_fields", ())
    if not names and hasattr(cls, "n_sequence_fields"):
        names = getattr(cls, "__match_args__", ())
    return names


def _can_be_named(descriptor: object, cls: type, name: str) -> bool:
    """Whether the generated code reads a descriptor as `cls.name`, or reads nothing of
    it: then it holds functions and text alone."""
    with suppress(AttributeError, TypeError):  # of an object that is None
        if getattr(cls, name) is descriptor:
            return True
    return all(
        isinstance(held, str)
        or (isinstance(held, types.FunctionType) and held.__closure__ is None)
        for held in getattr(descriptor, "__dict__", {}).values()
    )


def _nothing(*args: object, **kwargs: object) -> None:
    """What `object.__init__` does."""


def _class_of(value: Any) -> type:
    """The class of an object, or the one that stands for it."""
    standing = None if held_by(value) is None else class_for(type(value))
    return standing or type(value)


_ORDERS = {"__lt__": "lt", "__le__": "le", "__gt__": "gt", "__ge__": "ge"}


def _is_generated(function: Any) -> bool:
    """Whether a method was written by `dataclass` or `namedtuple`, not by the user."""
    code = getattr(function, "__code__", None)
    return code is not None and file_of(code) == "<string>"
