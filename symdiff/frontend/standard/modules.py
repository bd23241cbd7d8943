"""What modules define by means of others: containers, `np.append`."""

from __future__ import annotations

import ast
import collections
import dataclasses
import sys
import types
from typing import Any

from symdiff.definitions.counters import ChainMap, Counter
from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.values import (
    DictRef, Generator, ListRef, Mapped, ObjectRef, Sequence, Static,
    Value, Zipped,
)  # fmt: skip
from symdiff.frontend.standard.copying import Copying
from symdiff.ir.core import Const, Index, SliceItem
from symdiff.ir.kinds import Array, is_number

__all__ = ["Modules"]

NONE = Const(None)


class Modules(Copying):
    """Lowers calls of what modules define."""

    def __init__(self) -> None:
        super().__init__()
        self.tuple_classes: dict[Any, type] = {}

    def call_collections_OrderedDict(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        return self.call_builtins_dict(args, kw, node, base)

    def call_collections_defaultdict(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        factory = args[0] if args and args[0] != NONE else None
        made = self.new_dict((), ())
        for other in args[1:]:
            self.merge(made, other, node)
        for name, item in kw.items():
            self.put(made, name, item, node)
        return self.dict_made(made, self.span(node), node, factory)

    def call_collections_Counter(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        """Followed where what is counted is known now."""
        if args and isinstance(args[0], (Generator, Mapped, Zipped)):
            args = [self.call_builtins_list([args[0]], {}, node, "t"), *args[1:]]
        known = not args or isinstance(args[0], (DictRef, ObjectRef))
        known = known or self.known_items(args[0], node) is not None
        if known:
            return self.construct(Counter, args, kw, node)
        counter = Static(collections.Counter, ("global", "collections", "Counter"))
        return self._opaque(self.external(counter, node), args, kw, node, base)

    def call_collections_ChainMap(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        return self.construct(ChainMap, args, kw, node)

    def call_types_MappingProxyType(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        """What it shows: the program does not change it by this name."""
        return args[0]

    def call_collections_namedtuple(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        """A class that the function makes, once for each place and each form."""
        given = [self._plain_value(v, node) for v in args]
        named = {name: self._plain_value(v, node) for name, v in kw.items()}
        key = (self.frame.source.file, node.lineno, node.col_offset, repr((given, named)))
        if key not in self.tuple_classes:
            self.tuple_classes[key] = collections.namedtuple(*given, **named)
        return Static(self.tuple_classes[key])

    def _plain_value(self, value: Value, node: ast.AST) -> Any:
        """A value of Python that is known now."""
        if isinstance(value, Const):
            return value.value
        if isinstance(value, (ListRef, Sequence)):
            return [self._plain_value(item, node) for item in self.items_of(value, node)]
        raise Refusal("the fields of this named tuple are not known now", node)

    def call_types_SimpleNamespace(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        return self.new_object(types.SimpleNamespace, tuple(kw), tuple(kw.values()))

    def call_dataclasses_fields(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        cls = args[0].value if isinstance(args[0], Static) else None
        if isinstance(args[0], ObjectRef):
            cls = self.held(args[0], node).cls
        if not dataclasses.is_dataclass(cls):
            raise Refusal("this is no dataclass", node)
        fields = dataclasses.fields(cls)  # of an object, too
        return Sequence(tuple(map(self._field, fields)))

    def _field(self, field: dataclasses.Field[Any]) -> Value:
        """What is known now of a field, as an object."""
        told: dict[str, Value] = {
            name: Const(getattr(field, name))
            for name in ("name", "init", "kw_only", "default")
            if _is_plain(getattr(field, name))
        }
        known = {k: Const(v) for k, v in field.metadata.items() if _is_plain(v)}
        told["metadata"] = self.new_dict(tuple(known), tuple(known.values()))
        return self.new_object(types.SimpleNamespace, tuple(told), tuple(told.values()))

    def call_dataclasses_replace(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        owner = args[0]
        if not isinstance(owner, ObjectRef):
            raise Refusal("what is replaced is no dataclass", node)
        contents = self.held(owner, node)
        cls = contents.cls
        assert cls is not None
        given = dict(kw)
        for field in dataclasses.fields(cls):
            if field.init and field.name not in given:
                value = contents.get(field.name)
                assert value is not None
                given[field.name] = value
        return self.construct(cls, [], given, node)

    def call_importlib_import_module(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        """A module whose name is known now, where it is imported already."""
        name = args[0].value if len(args) == 1 and isinstance(args[0], Const) else None
        if kw or name not in sys.modules:
            raise Refusal("this module is not imported yet", node, "import it before")
        return Static(sys.modules[name], ("module", name))

    def call_numpy_append(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        axis = args[2:3] or [kw.get("axis", NONE)]
        parts = args[:2]
        if axis == [NONE]:
            parts, axis = [self._flat(part, node) for part in parts], []
        return self.library(
            "numpy.concatenate", [Sequence(tuple(parts)), *axis], {}, node, base
        )

    def call_numpy_fromiter(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        """An array of what is listed."""
        items, *rest = args
        named = dict(zip(("dtype", "count"), rest, strict=False)) | kw
        count = named.pop("count", Const(-1))
        made = self.library("numpy.array", [items], named, node, base)
        if count == Const(-1):
            return made
        first, stop = Index((SliceItem(stop=True),)), self.atom(count, node)
        whole = self.atom(made, node)
        return self.at(node).emit("getitem", whole, stop, params=first, base=base)

    def _flat(self, value: Value, node: ast.AST) -> Value:
        """The array with one axis that holds what the value does."""
        if is_number(self.kind(value)):
            return self.listed(Sequence((value,)), node, "t")
        if not isinstance(self.kind(value), Array):
            value = self.library("numpy.array", [value], {}, node, "t")
        kind = self.kind(value)
        if isinstance(kind, Array) and kind.ndim == 1:
            return value
        return self.library("numpy.ravel", [value], {}, node, "t")

    def call_bisect_bisect_left(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        return self._bisect(args, kw, "left", node, base)

    def call_bisect_bisect_right(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        return self._bisect(args, kw, "right", node, base)

    def call_bisect_insort_left(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        return self._insort(args, kw, "left", node)

    def call_bisect_insort_right(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        return self._insort(args, kw, "right", node)

    def _insort(
        self, args: list[Value], kw: dict[str, Value], side: str, node: ast.Call
    ) -> Value:
        place = self._bisect(args, kw, side, node, "place")
        if not isinstance(args[0], ListRef):
            raise Refusal("what is inserted into is no list", node)
        return self.list_insert(args[0], [place, args[1]], {}, node)

    def _bisect(
        self, args: list[Value], kw: dict[str, Value], side: str, node: ast.AST, base: str
    ) -> Value:
        """An index, found as NumPy finds it."""
        if kw or len(args) != 2:
            raise Refusal("bisect is supported with a sequence and a value", node)
        named: dict[str, Value] = {"side": Const(side)}
        return self.library("numpy.searchsorted", args, named, node, base)


def _is_plain(value: object) -> bool:
    return value is None or type(value) in (bool, int, float, str)
