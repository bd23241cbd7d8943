"""What a function reads from outside: globals, closures and what they hold."""

from __future__ import annotations

import ast
import enum
import functools
import re
import sys
import types
from collections.abc import Iterable
from operator import index
from typing import Any, NamedTuple

from symdiff.declared import find
from symdiff.definitions import class_for, held_by, method_for
from symdiff.frontend.memory.context import Frame, Refusal, Unfinished
from symdiff.frontend.memory.dtypes import is_dtype
from symdiff.frontend.memory.rows import Rows
from symdiff.frontend.memory.state import Key
from symdiff.frontend.memory.values import (
    MISSING,
    ArrayRef,
    DictRef,
    ListRef,
    Partial,
    Poison,
    Ref,
    Sequence,
    Static,
    Value,
)  # fmt: skip
from symdiff.frontend.reading.distributions import is_distribution, is_frozen
from symdiff.frontend.reading.library import (
    is_index_maker, is_library, is_users_class, is_users_object, operation, wrapped_in,
)  # fmt: skip
from symdiff.ir.core import Const, Global
from symdiff.ir.kinds import UNKNOWN, Array, Int, Kind, List, Member, Tuple
from symdiff.signature import is_structured, kind_of_value

__all__ = ["Outside", "Slot", "SlotFound", "attribute_of"]


class Slot(NamedTuple):
    """A global name, or an attribute of an object outside, that the function assigns."""

    owner: Any  # the object, or the namespace of a module
    name: str
    path: tuple[str, ...]  # of what it holds when the function begins


class SlotFound(Exception):
    """A slot was assigned that is to hold its value from the beginning."""

    def __init__(self, slot: Slot) -> None:
        super().__init__()
        self.slot = slot


class Outside(Rows):
    """Looks names up, and lifts the objects outside that they stand for.

    What the function assigns outside is seen by the function itself; the code of a
    derivative leaves it as it was.
    """

    def __init__(self) -> None:
        super().__init__()
        self.slots: tuple[Slot, ...] = ()
        self.slot_keys: dict[tuple[int, str], Key] = {}
        self.enumerations: dict[Kind, type[enum.Enum]] = {}

    def begin_slots(self, slots: tuple[Slot, ...], node: ast.AST) -> None:
        """Let each slot hold what it holds outside."""
        self.slots = slots
        for number, slot in enumerate(slots, 1):
            in_module = type(slot.owner) is dict
            held = slot.owner if in_module else getattr(slot.owner, "__dict__", {})
            key: Key = (-number, slot.name)
            self.live_frames.add(-number)
            if slot.name in held:
                value = held[slot.name]
                constant = type(value) in (int, float) and not in_module
                lifted = Const(value) if constant else self.lift(value, slot.path, node)
                self.state.set(key, lifted)
            self.slot_keys[id(slot.owner), slot.name] = key

    def in_slot(self, owners: Iterable[Any], name: str) -> Value | None:
        """What the function has assigned to a name in the first of some objects and
        classes that has it; None if it has not."""
        if not self.slots:
            return None
        for owner in owners:
            key = self.slot_keys.get((id(owner), name))
            value = MISSING if key is None else self.state.get(key)
            if isinstance(value, Poison):
                raise self.poisoned(value, None)
            if value is not MISSING:
                return value
            if name in (owner if type(owner) is dict else getattr(owner, "__dict__", {})):
                return None
        return None

    def set_slot(
        self, owner: Any, name: str, path: tuple[str, ...], value: Value, node: ast.AST
    ) -> None:
        key = self.slot_keys.get((id(owner), name))
        if key is None:
            if any(slot.path == path for slot in self.slots):  # it is made anew each time
                message = "assignment to an attribute of what outlives the call"
                raise Refusal(message, node, "make the object inside the function")
            raise SlotFound(Slot(owner, name, path))
        if self.state.is_outside(key):
            raise Refusal(
                f"a recursive function assigns `{name}`, which is not its own",
                node,
                "pass it as an argument, and return it",
            )
        self.state.set(key, value)

    def look_up(self, name: str, node: ast.AST) -> Value:
        frame: Frame | None = self.frame
        while frame is not None:
            if name in frame.locals:
                value = self.state.get((frame.number, name))
                if value is MISSING:
                    if self.note_pending((frame.number, name)):
                        raise Unfinished(node)  # a round may assign it
                    message = f"`{name}` is read before it is assigned"
                    raise Refusal(message, node)
                if isinstance(value, Poison):
                    raise self.poisoned(value, node)
                if self.is_partial((frame.number, name)):
                    self.read_partial((frame.number, name), node)
                return value
            if frame.outer is None:
                break
            frame = frame.outer
        assert frame is not None
        return self.look_up_outside(name, frame, node)

    def look_up_outside(self, name: str, frame: Frame, node: ast.AST) -> Value:
        """A name that no frame assigns: closed over, global, or built in."""
        function = frame.function
        code = function.__code__
        if name in code.co_freevars:
            cell = (function.__closure__ or ())[code.co_freevars.index(name)]
            try:
                value = cell.cell_contents
            except ValueError:
                raise Refusal(f"`{name}` is not assigned yet", node) from None
            return self.lift(value, self.place_in(frame, "closure", name), node)
        held = self.in_slot((function.__globals__,), name)
        if held is not None:
            return held
        if name in function.__globals__:
            place = ("global", function.__globals__.get("__name__", ""), name)
            return self.lift(function.__globals__[name], place, node)
        builtins = function.__globals__.get("__builtins__", {})
        table = builtins if isinstance(builtins, dict) else vars(builtins)
        if name in table:
            return Static(table[name], ("builtin", name))
        raise Refusal(f"name `{name}` is not defined", node)

    def place_in(self, frame: Frame, form: str, name: str) -> tuple[str, ...]:
        """The place of what a function closes over, or of a default. Two functions may
        be made by the same text, so it begins with the place of the function."""
        function = frame.function
        if frame.path:
            return (f"{form} of", *frame.path, function.__qualname__, name)
        return (form, function.__module__, function.__qualname__, name)

    def attribute(self, owner: Value, name: str, node: ast.AST, base: str) -> Value:
        raise NotImplementedError  # a later part does it

    def dict_made(
        self,
        ref: DictRef,
        place: object,
        node: ast.AST | None,
        factory: Value | None = None,
    ) -> Value:
        raise NotImplementedError  # a later part does it

    def lift(self, value: Any, path: tuple[str, ...], node: ast.AST) -> Value:
        """The value of a Python object that the function reads from outside."""
        if value is None or value is ... or isinstance(value, (bool, str)):
            return Const(value)
        if self.exact and type(value) is int:  # part of the key of what is kept
            return Const(value)
        if find(value) is not None:
            return Static(value, path)
        if type(value) is tuple and not value:
            return Sequence(())
        if isinstance(value, slice):
            bounds = (value.start, value.stop, value.step)
            steps = tuple(Const(v if v is None else index(v)) for v in bounds)
            return Sequence(steps, slice)
        if isinstance(value, types.ModuleType):
            self.modules.setdefault(value.__name__, path[-1])
            return Static(value, path)
        if isinstance(value, types.BuiltinMethodType) and (
            held_by(value.__self__) is not None
        ):
            whole = Static(value.__self__, (*path[:-1], f"{path[-1]}.__self__"))
            return self.attribute(whole, value.__name__, node, "t")
        if isinstance(value, types.MethodType) and operation(value) is None:
            owner, name = path[:-1], path[-1]
            if is_frozen(value.__self__):
                whole = Static(value.__self__, (*owner, f"{name}.__self__"))
                return self.attribute(whole, value.__name__, node, "t")
            whole = Static(value.__self__, (*owner, f"{name}.__self__"))
            if is_distribution(value.__self__):
                definition = method_for(value.__name__)
                if definition is not None:
                    return Partial(Static(definition), (whole,))
            if is_library(value.__func__):
                return Static(value, path)
            function = Static(value.__func__, (*owner, f"{name}.__func__"))
            return Partial(function, (whole,))
        part = wrapped_in(value)
        if part is not None:
            return self.lift(getattr(value, part), attribute_of(path, part), node)
        if isinstance(value, functools.partial):
            return self._partial(value, path, node)
        if callable(value) or isinstance(value, (type, enum.Enum)):
            if isinstance(value, type):
                value = class_for(value) or value
                self.class_paths.setdefault(value, path)
            return Static(value, path)
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return self._lift_container(value, path, node)
        if is_users_object(value) or is_index_maker(value) or is_frozen(value):
            return Static(value, path)
        if is_dtype(value) or type(value) in (object, re.Pattern):  # a sentinel
            return Static(value, path)
        if isinstance(value, types.MappingProxyType):
            return self._lift_container(dict(value), path, node)
        if isinstance(value, (list, tuple, dict)) and is_structured(value):
            return self._lift_container(value, path, node)
        kind = kind_of_value(value, "@" + ".".join(path))
        if not isinstance(kind, Kind):
            kind = UNKNOWN
        atom = self.external_at(path, _exact(kind, value))
        if isinstance(kind, Array):
            known = self.state.get(("outside", atom.name))
            if isinstance(known, ArrayRef):
                return known
            ref = self.own(atom)
            assert isinstance(ref, ArrayRef)
            self.readonly[ref.buffer] = f"`{path[-1]}`"
            self.state.set(("outside", atom.name), ref)
            return ref
        if isinstance(kind, List):
            return self._lift_list(atom, path)
        return atom

    def chosen_in_run(self, value: Value) -> Value:
        """A member of an enumeration as what the generated code reaches: which one it is,
        the run decides, and nothing but that is asked."""
        if not isinstance(value, (Static, Const)) or not isinstance(value.value, enum.Enum):
            return value
        cls = type(value.value)
        path = self.class_paths.get(cls) or self.path_of_class(cls)
        if path is None:
            return value
        kind = Member(f"{cls.__module__}.{cls.__qualname__}")
        self.enumerations[kind] = cls
        return self.external_at(attribute_of(path, value.value.name), kind)

    def path_of_class(self, cls: type) -> tuple[str, ...] | None:
        """Where the generated code finds a class; None if nobody knows."""
        found: Any = sys.modules.get(cls.__module__)
        for name in cls.__qualname__.split("."):
            found = getattr(found, name, None)
        if found is not cls:
            return self.class_paths.get(cls)
        return ("global", cls.__module__, cls.__qualname__)

    def _lift_list(self, atom: Global, path: tuple[str, ...]) -> Value:
        """A list of numbers or arrays from outside, which must not change."""
        key: Key = ("outside", path)
        known = self.state.get(key)
        if known is MISSING:
            known = made = self.own_list(atom)
            self.readonly[made.buffer] = f"`{path[-1]}`"
            self.state.set(key, made)
        return known

    def _lift_container(self, value: Any, path: tuple[str, ...], node: ast.AST) -> Value:
        """A list, tuple or dict from outside, held item by item."""
        key: Key = ("outside", path)
        known = self.state.get(key)
        if known is not MISSING:
            return known
        keys = tuple(value) if isinstance(value, dict) else tuple(range(len(value)))
        items = tuple(
            Const(value[k])
            if type(value[k]) in (int, float, complex)
            else self.lift(value[k], item_of(path, k, place), node)
            for place, k in enumerate(keys)
        )
        made: Value
        if isinstance(value, tuple):
            cls = type(value)
            made = Sequence(items, None if cls is tuple else cls)
        else:
            is_dict = isinstance(value, dict)
            ref: Value = self.new_list(items)
            if is_dict:
                ref = self.dict_made(self.new_dict(keys, items), path, node)
            assert isinstance(ref, Ref)
            for each in (ref, *self.parts_of_keyed(ref)):
                self.readonly[each.buffer] = f"`{path[-1]}`"
            made = ref
        self.state.set(key, made)
        return made

    def materialise(self, ref: ListRef, node: ast.AST | None) -> None:
        """Of objects from outside, which must not change, what they hold is listed."""
        contents = self.contents(ref, node)
        objects = () if contents is None else self._constant_objects(contents.items)
        if contents is not None and node is not None and objects:
            self._open_all(objects, node)
            opened = (self.state.get(("outside", id(each.value))) for each in objects)
            self.state.set(ref.buffer, contents.holding(tuple(opened)))
        super().materialise(ref, node)

    def _constant_objects(self, items: tuple[Value, ...]) -> tuple[Static, ...]:
        """Different objects of one class that the function only reads; else none."""
        objects = tuple(item for item in items if isinstance(item, Static) and item.path)
        cls = type(objects[0].value) if objects else None
        if (
            cls is None
            or not is_users_class(cls)
            or any(type(o.value) is not cls for o in objects)
        ):
            return ()
        owners = {id(each.value) for each in objects}
        if len(owners) < len(items):
            return ()
        changed = {id(slot.owner) for slot in self.slots}
        return objects if changed.isdisjoint((*owners, *map(id, cls.__mro__))) else ()

    def _open_all(self, objects: tuple[Static, ...], node: ast.AST) -> None:
        """Let objects from outside be what they hold, where that has the same form."""
        names = tuple(getattr(objects[0].value, "__dict__", ()))
        columns = [[self._held_by(o, name, node) for o in objects] for name in names]
        for place, column in enumerate(columns):
            if not all(map(self.is_cell, column)) and len(set(column)) > 1:
                text = f"`{names[place]}` is not of one kind in all of these objects"
                columns[place] = [Poison(text)] * len(objects)
        for place, each in enumerate(objects):
            key: Key = ("outside", id(each.value))
            if self.state.get(key) is MISSING:
                held = tuple(column[place] for column in columns)
                made = self.new_object(type(each.value), names, held)
                self.readonly[made.buffer] = f"`{each.path[-1]}`"
                self.state.set(key, made)

    def _held_by(self, item: Static, name: str, node: ast.AST) -> Value:
        try:
            return self.attribute(item, name, node, "t")
        except Refusal as refusal:
            return Poison(refusal.message, refusal.help)

    def _partial(
        self, value: functools.partial[Any], path: tuple[str, ...], node: ast.AST
    ) -> Partial:
        """`functools.partial`: the function and arguments that it holds."""
        function = self.lift(value.func, attribute_of(path, "func"), node)
        args = tuple(
            self.lift(argument, attribute_of(path, f"args[{k}]"), node)
            for k, argument in enumerate(value.args)
        )
        keywords = tuple(
            (name, self.lift(argument, attribute_of(path, f"keywords[{name!r}]"), node))
            for name, argument in value.keywords.items()
        )
        return Partial(function, args, keywords)


def _exact(kind: Kind, value: Any) -> Kind:
    """With the values of integers, which may be axes or lengths."""
    if isinstance(value, int):
        return Int(int(value))
    if not isinstance(kind, Tuple):
        return kind
    return Tuple(tuple(map(_exact, kind.items, value)))


def item_of(path: tuple[str, ...], key: Any, place: int) -> tuple[str, ...]:
    """Where an item is: under its key, or at its place if that cannot be written."""
    parts = key if isinstance(key, tuple) else (key,)
    written = all(part is None or type(part) in (str, int, float, bool) for part in parts)
    return (*path[:-1], f"{path[-1]}[{key!r}]" if written else f"{path[-1]}[#{place}]")


def attribute_of(path: tuple[str, ...], name: str) -> tuple[str, ...]:
    return (*path[:-1], f"{path[-1]}.{name}")
