"""What loops run over: ranges, enumerations, columns side by side, and lengths."""

from __future__ import annotations

import ast
from typing import Any

from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.values import (
    ArrayRef, Backwards, Column, DictRef, DictView, Enumerated, Generator, ListRef,
    ObjectRef, Ranged, Sequence, Value, ViewStep, Zipped,
)  # fmt: skip
from symdiff.frontend.standard.summation import Summation
from symdiff.ir.core import Atom, Const, If, Index, SliceItem, Var, kind_of
from symdiff.ir.kinds import Array, Float, Opaque, Tuple, Unknown, is_number

__all__ = ["Ranges"]


class Ranges(Summation):
    """Lowers the built-in functions that make them."""

    def call_builtins_range(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        atoms = [self.atom(a, node) for a in args]
        for atom in atoms:
            if isinstance(kind_of(atom), (Float, Array)):
                raise Refusal("range takes integers", node)
        if len(atoms) == 1:
            return Ranged(Const(0), atoms[0], Const(1))
        return Ranged(atoms[0], atoms[1], atoms[2] if len(atoms) > 2 else Const(1))

    def call_builtins_slice(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        bounds = args if len(args) > 1 else [Const(None), *args]
        return Sequence((*bounds, *[Const(None)] * (3 - len(bounds))), slice)

    def call_builtins_enumerate(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        start = args[1] if len(args) > 1 else kw.get("start", Const(0))
        return Enumerated(args[0], self.atom(start, node))

    def call_builtins_zip(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        strict = kw.get("strict", Const(False)) != Const(False)
        if strict:
            self._check_strict(args, node)
        return Zipped(tuple(args), strict)

    def unzipped(self, rows: Value, node: ast.Call) -> Value:
        """`zip(*rows)`: the columns of tuples, also where the run knows how many."""
        if isinstance(rows, Generator):
            rows = self.listed(rows, node, "rows")
        table = self.table(rows) if isinstance(rows, ListRef) else None
        if table is not None and isinstance(table.form, Sequence):
            parts = [part for part in table.form.items if isinstance(part, Column)]
            columns: list[Any] = [table.items[part.number] for part in parts]
            if len(columns) == len(table.form.items):
                return Sequence(tuple(self.copied_list(c, node) for c in columns))
        items = self.items_of(rows, node)
        if any(isinstance(item, Generator) for item in items):
            made = self.of_generator("builtins.zip", list(items), {}, node, "t")
            assert made is not None
            return made
        return Zipped(items)

    def _check_strict(self, columns: list[Value], node: ast.Call) -> None:
        """Raise where the columns have different numbers of items. `zip` itself raises
        when the shortest is at its end: what is caught would show the difference."""
        counts = [self.known_items(value, node) for value in columns]
        if len({None if c is None else len(c) for c in counts} - {None}) > 1:
            raise Refusal("zip(strict=True) gets different numbers of items", node)
        if None not in counts:
            return
        sized = (isinstance(c, (ArrayRef, ListRef, Sequence)) for c in columns)
        if self.catching or not all(sized):
            message = "whether zip(strict=True) gets equally many items is not known"
            raise Refusal(message, node, "leave strict=True out")
        first, *others = (self.length_of(value, node) for value in columns)
        for number, length in enumerate(others, 2):
            differ = self.compare("ne", first, length, node, "t")
            if differ == Const(False):
                continue
            text = f"zip() arguments 1 and {number} differ in length"
            with self.build.block() as raising:
                error = self.build.define("builtins.ValueError", Const(text))
                self.build.define("raise", error)
            self.build.append(
                If(self.atom(differ, node), tuple(raising), (), span=self.span(node))
            )

    def call_builtins_reversed(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        value = args[0]
        if isinstance(value, Ranged):
            return Ranged(value.start, value.stop, value.step, not value.reverse)
        if isinstance(value, ArrayRef):
            turned = ViewStep("getitem", (Const(-1),), Index((SliceItem(step=True),)))
            return ArrayRef(value.buffer, (*value.path, turned))
        if isinstance(value, (ListRef, DictView)) or self.is_list_value(value):
            return Backwards(value)
        return Sequence(tuple(reversed(self.items_of(value, node))))

    def call_builtins_len(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        if isinstance(args[0], Sequence):
            return Const(len(args[0].items))
        if isinstance(args[0], Const) and isinstance(args[0].value, str):
            return Const(len(args[0].value))
        if isinstance(args[0], DictRef):
            return Const(len(self.held(args[0], node).items))
        if isinstance(args[0], ObjectRef):
            length = self.special_method("__len__", [args[0]], node, base)
            if length is None:
                raise Refusal("objects of this class have no length", node)
            return length
        if isinstance(args[0], ListRef):
            return self.length(args[0], node, "n" if base == "t" else base)
        if isinstance(args[0], ArrayRef):
            kind = self.kind(args[0])
            if isinstance(kind, Array) and kind.dims:
                extent = kind.dims[0]
                if isinstance(extent, int):
                    return Const(extent)
            atom = self.read_shape(args[0], node)
        else:
            items = self.as_items(args[0], node)
            if isinstance(items, Sequence):  # the members of an enumeration
                return Const(len(items.items))
            atom = self.atom(args[0], node)
            if is_number(kind_of(atom)):
                self.raise_now(TypeError, node)
                raise Refusal("a number has no length", node)
        if isinstance(kind_of(atom), Tuple):
            return Const(len(kind_of(atom).items))  # type: ignore[attr-defined]
        return self._len(atom, node, base)

    def _len(self, atom: Atom, node: ast.AST, base: str) -> Var:
        if isinstance(kind_of(atom), (Opaque, Unknown)):  # a set, say, may have grown
            return self.at(node).build.define("builtins.len", atom, base=base)
        key = ("len", atom)
        known = self.state.get(key)
        if not isinstance(known, Var):
            self.at(node)
            known = self.build.define("builtins.len", atom, base=base)
            self.state.set(key, known)
        return known
