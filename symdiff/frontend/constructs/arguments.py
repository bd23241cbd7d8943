"""What the parameters of a function stand for, given the kinds of its arguments."""

from __future__ import annotations

import types
from collections.abc import Collection, Mapping
from typing import Any

from symdiff.definitions import class_for
from symdiff.definitions.extended import EXTENDED
from symdiff.definitions.keyed import Keyed, KeyedWithDefault
from symdiff.frontend.constructs.matching import Matching
from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.forms import Held, NoForm, Part
from symdiff.frontend.memory.values import (
    ArrayRef, Column, Contents, DictRef, ListRef, ObjectRef, Ref, Sequence, Static, Table,
    Value,
)  # fmt: skip
from symdiff.frontend.reading.source import Source
from symdiff.ir.core import Atom, Const, Parameter, Var
from symdiff.ir.kinds import (
    UNKNOWN, Array, Fixed, Int, Kind, List, Map, Record, Rows, Size, Tuple,
)  # fmt: skip
from symdiff.ir.structure import (
    AS_FLOAT, HELD, KEYS, OWN, PLACED, Path, part_name, part_text, parts_of,
)  # fmt: skip

__all__ = ["Arguments"]


class Arguments(Matching):
    """Binds parameters; a structure is taken apart."""

    def __init__(
        self,
        source: Source,
        function: types.FunctionType,
        floats: Collection[tuple[str, Path]],
    ) -> None:
        super().__init__()
        self.source = source
        self.function = function
        self.floats = floats  # integers that are taken as floats

    def parameters(
        self,
        kinds: Mapping[str, Kind | None],
        statics: Mapping[str, Any],
        defaults: Mapping[str, Any],
    ) -> tuple[tuple[Parameter, ...], dict[Var, tuple[Var, int]]]:
        args = self.source.node.args
        forms = {a.arg: "/" for a in args.posonlyargs}
        forms.update({a.arg: "kw" for a in args.kwonlyargs})
        params: list[Parameter] = []
        copies: dict[Var, tuple[Var, int]] = {}
        for star in (args.vararg, args.kwarg):
            if star is not None:
                self.report(
                    Refusal(f"the parameter `{star.arg}` takes any number of values", star)
                )
        for argument in [*args.posonlyargs, *args.args, *args.kwonlyargs]:
            name = argument.arg
            kind = kinds[name] or UNKNOWN
            if isinstance(kind, Int):
                kind = Int(Size(name))
            elif isinstance(kind, List) and kind.extent is None:
                kind = List(kind.item, Size(f"{name}.0"))
            var = self.names.fresh(name, "", kind)
            self.note_given(var)
            default = self._default_atom(name, defaults)
            params.append(Parameter(var, default, forms.get(name, "")))
            value: Value = var
            if name in statics or kinds[name] is None:
                value = self._static_value(name, statics.get(name, defaults.get(name)))
            elif isinstance(kind, Array):
                value = self._array(var, copies)
            elif isinstance(kind, List):
                value = self._list(var, copies)
            elif isinstance(kind, Map):
                value = self.whole(var)
            elif isinstance(kind, (Tuple, Record, Rows)):
                value = self._structure(var, kind, (), copies)
            self.state.set((0, name), value)
        return tuple(params), copies

    def place_of_part(self, var: Var) -> str:
        """How a parameter, or a part of one, is written."""
        read = self.build.definitions.get(var)
        return var.base if read is None else part_text(str(read.args[0]), read.params)

    def _array(self, var: Var, copies: dict[Var, tuple[Var, int]]) -> ArrayRef:
        """An array of the caller's: the function works on a copy if it writes."""
        copy = self.build.define("copy", var, base=var.base)
        owned = self.own(copy)
        assert isinstance(owned, ArrayRef)
        copies[copy] = (var, owned.buffer)
        self.passed[copy] = var
        if var in self.parts:
            self.parts.add(copy)
        self.shapes[owned.buffer] = var
        return owned

    def _list(self, var: Var, copies: dict[Var, tuple[Var, int]]) -> ListRef:
        copy = self.build.define("list.copy", var, base=var.base)
        ref = self.own_list(copy)
        copies[copy] = (var, ref.buffer)
        if var in self.parts:
            self.parts.add(copy)
        return ref

    def _structure(
        self, param: Var, kind: Kind, path: Path, copies: dict[Var, tuple[Var, int]]
    ) -> Value:
        """What a parameter with parts stands for: its leaves, each read once."""
        if isinstance(kind, Rows):
            return self._many(param, kind, path, copies)
        parts = parts_of(kind)
        if parts is not None:
            items = [
                self._structure(param, item, (*path, step), copies) for step, item in parts
            ]
            held = self._holding(kind, tuple(items))
            if isinstance(held, DictRef):
                held = self.dict_made(held, (param.base, path), None)
                self.suggest(part_name(param.base, path), held)
            if isinstance(held, Ref):
                for each in (held, *self.parts_of_keyed(held)):
                    self.containers[each.buffer] = part_text(param.base, path)
            return held
        if isinstance(kind, Fixed):
            return self._static_value(part_text(param.base, path), kind.value)
        name = part_name(param.base, path)
        if (param.base, path) in self.floats:
            part = self.build.define("part", param, params=path)
            number = self.build.define("builtins.float", part, base=name)
            self.parts.add(number)
            return number
        part = self.build.define("part", param, params=path, base=name)
        self.parts.add(part)
        self.note_given(part)
        if isinstance(kind, Array):
            return self._array(part, copies)
        if isinstance(kind, Map):
            return self.whole(part)
        return self._list(part, copies) if isinstance(kind, List) else part

    def _many(
        self, param: Var, kind: Rows, path: Path, copies: dict[Var, tuple[Var, int]]
    ) -> Value:
        """What a list of objects stands for, or a dict: lists of what is in one place of
        all items."""
        ((step, item),) = parts_of(kind) or ()
        named = part_name(param.base, path)
        names: list[str] = []
        columns: list[ListRef] = []
        objects: list[str] = []

        def form(each: Kind, inner: Path) -> Part:
            whole, parts = (*path, step, *inner), parts_of(each)
            if isinstance(each, Fixed):
                return self._static_value(part_text(param.base, whole), each.value)
            if parts is not None:
                objects.append(part_text(param.base, whole))
                return _held(each, tuple(form(k, (*inner, s)) for s, k in parts))
            as_float = (param.base, whole) in self.floats or inner in kind.mixed
            base = part_name(param.base, whole) if inner else f"{named}_values"
            whole = (*whole, AS_FLOAT) if as_float else whole
            columns.append(self._gathered(param, whole, base, copies))
            names.append(part_name("", inner).strip("_"))
            return Column(len(columns) - 1)

        pattern = form(item, ())
        made: Ref = columns[0]
        if not isinstance(pattern, Column):
            made = self.holder(Table.of(tuple(columns), pattern, tuple(names)))
            self.list_names[made.buffer] = named
            self.rows_of[made.buffer] = tuple(objects)
        self.containers[made.buffer] = part_text(param.base, path)
        if kind.cls is not dict:
            return made
        assert isinstance(made, ListRef)
        keyed = self._keyed_by(param, path, made, copies)
        for each in (keyed, *self.parts_of_keyed(keyed)):
            self.containers[each.buffer] = part_text(param.base, path)
        return keyed

    def _gathered(
        self, param: Var, path: Path, base: str, copies: dict[Var, tuple[Var, int]]
    ) -> ListRef:
        """The list of what is in one place of all items."""
        part = self.build.define("part", param, params=path, base=base)
        self.parts.add(part)
        rows = isinstance(part.kind, List) and isinstance(part.kind.item, (Array, List))
        return self._list(part, copies) if rows else self.own_list(part)

    def _keyed_by(
        self, param: Var, path: Path, values: ListRef, copies: dict[Var, tuple[Var, int]]
    ) -> Ref:
        """A dict of these values, whose keys only the run knows."""
        base = part_name(param.base, path)
        parts: dict[str, Value] = {
            "places": self.build.define(
                "part", param, params=(*path, PLACED), base=f"{base}_places"
            ),
            "keys_": self._gathered(param, (*path, KEYS), f"{base}_keys", copies),
            "values_": values,
        }
        for name, part in parts.items():
            if isinstance(part, Var):
                self.parts.add(part)
            self.suggest(f"{base}_{name.strip('_')}", part)
        return self.new_object(Keyed, tuple(parts), tuple(parts.values()))

    def _holding(self, kind: Kind, items: tuple[Value, ...]) -> Value:
        """What stands for a structure of a known form."""
        if isinstance(kind, Tuple):
            return Sequence(items)
        assert isinstance(kind, Record)
        if issubclass(kind.cls, tuple):
            return Sequence(items, kind.cls)
        if kind.cls is list:
            return self.new_list(items)
        if kind.cls is dict:
            return self.new_dict(kind.keys, items)
        keys = kind.keys
        if kind.cls in EXTENDED:
            return self._of_python(items)
        if keys == (OWN,) and issubclass(kind.cls, dict):
            keys, items = (HELD, OWN), items * 2
        return self.new_object(class_for(kind.cls) or kind.cls, keys, items)

    def _of_python(self, items: tuple[Value, ...]) -> Value:
        """What stands for an OrderedDict or a defaultdict."""
        held, *rest = items
        factory = rest[0] if rest else Const(None)
        if factory == Const(None):
            return held
        if isinstance(held, DictRef):
            self.factories[held.buffer] = factory
            return held
        assert isinstance(held, ObjectRef)
        keyed = self.known(held, None).put("factory", factory)
        return self.new_object(KeyedWithDefault, keyed.keys or (), keyed.items)

    def _static_value(self, name: str, value: Any) -> Value:
        if value is None or isinstance(value, (bool, str, int, float)):
            return Const(value)
        return Static(value, ("parameter", name))

    def _default_atom(self, name: str, defaults: Mapping[str, Any]) -> Atom | None:
        if name not in defaults:
            return None
        value = defaults[name]
        if value is None or isinstance(value, (bool, int, float, str)):
            return Const(value)
        path = ("default", self.function.__module__, self.function.__qualname__, name)
        return self.external_at(path, UNKNOWN)


def _held(kind: Kind, items: tuple[Part, ...]) -> Part:
    """The form of what has such parts."""
    if isinstance(kind, Tuple):
        return Sequence(items)  # type: ignore[arg-type]
    assert isinstance(kind, Record)
    if issubclass(kind.cls, tuple):
        return Sequence(items, kind.cls)  # type: ignore[arg-type]
    if kind.cls is dict:
        return Held(DictRef, Contents(items, kind.keys))  # type: ignore[arg-type]
    if HELD in kind.keys or OWN in kind.keys:
        raise NoForm
    cls = class_for(kind.cls) or kind.cls
    return Held(ObjectRef, Contents(items, kind.keys, cls))  # type: ignore[arg-type]
