"""Subscripts: reading items, slices and views, and writing through them."""

from __future__ import annotations

import ast
import enum
from typing import Any, TypeGuard

from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.values import (
    ArrayRef, DictRef, FlatRef, ListRef, ObjectRef, Ranged, Sequence, Static, Value,
    ViewStep, sure,
)  # fmt: skip
from symdiff.frontend.operations.expressions import Expressions
from symdiff.frontend.reading.library import is_index_maker, is_users_object
from symdiff.ir.core import Atom, Const, Index, SliceItem, Var, kind_of
from symdiff.ir.kinds import (
    INT, Array, Bool, Complex, Float, Int, Kind, List, Tuple,
)  # fmt: skip

__all__ = ["Subscripts", "is_slice"]


class Subscripts(Expressions):
    """Lowers `x[...]` as value and as target."""

    def index_of(self, node: ast.expr) -> tuple[Index, tuple[Atom, ...]]:
        """A subscript as an `Index` and the atoms it takes."""
        tupled = isinstance(node, ast.Tuple)
        parts = node.elts if isinstance(node, ast.Tuple) else [node]
        items: list[str | SliceItem] = []
        atoms: list[Atom] = []
        for part in parts:
            if isinstance(part, ast.Starred):
                for piece in self.items_of(self.expr(part.value), part):
                    self._index_piece(piece, part, items, atoms)
                continue
            value = self.expr(part)
            pieces: tuple[Value, ...] = (value,)
            if isinstance(value, Sequence) and not is_slice(value) and not tupled:
                pieces, tupled = value.items, True
            elif isinstance(value, Var) and isinstance(value.kind, Tuple) and not tupled:
                pieces, tupled = self.items_of(value, part), True
            for piece in pieces:
                self._index_piece(piece, part, items, atoms)
        return Index(tuple(items), tupled), tuple(atoms)

    def index_by(
        self, pieces: tuple[Value, ...], tupled: bool, node: ast.AST
    ) -> tuple[Index, tuple[Atom, ...]]:
        """An index that is a value."""
        items: list[str | SliceItem] = []
        atoms: list[Atom] = []
        for piece in pieces:
            self._index_piece(piece, node, items, atoms)
        return Index(tuple(items), tupled), tuple(atoms)

    def _index_piece(
        self,
        value: Value,
        node: ast.AST,
        items: list[str | SliceItem],
        atoms: list[Atom],
    ) -> None:
        if value == Const(None):
            items.append("new")
        elif value == Const(Ellipsis):
            items.append("rest")
        elif is_slice(value):
            bounds = [self.atom(bound, node) for bound in value.items]
            self._bounds_piece(bounds, items, atoms)
        elif isinstance(value, Ranged) and not value.reverse:
            bounds = [value.stop]
            if value.step != Const(1):
                bounds = [value.start, value.stop, value.step]
            elif value.start != Const(0):
                bounds = [value.start, value.stop]
            items.append("at")
            atoms.append(self.at(node).build.define("numpy.arange", *bounds))
        else:
            items.append("at")
            listed = self.is_list_value(value)
            value = self.library("numpy.array", [value], {}, node, "t") if listed else value
            atoms.append(self.atom(value, node))

    @staticmethod
    def _bounds_piece(
        bounds: list[Atom], items: list[str | SliceItem], atoms: list[Atom]
    ) -> None:
        """Start, stop and step of a slice; None where they are left out."""
        items.append(SliceItem(*(b != Const(None) for b in bounds)))
        atoms.extend(b for b in bounds if b != Const(None))

    def expr_Slice(self, node: ast.Slice, base: str) -> Sequence:
        bounds = (node.lower, node.upper, node.step)
        given = [Const(None) if b is None else self.value_atom(b) for b in bounds]
        return Sequence(tuple(given), slice)

    def subscript(self, node: ast.Subscript, base: str) -> Value:
        return self.item(self.expr(node.value), node, base)

    def item(self, owner: Value, node: ast.Subscript, base: str) -> Value:
        """`owner[...]`."""
        owner = sure(owner)
        failure = TypeError, "'NoneType' object is not subscriptable"
        self.check_is_there(owner, failure, node)
        if isinstance(owner, Sequence):
            return self._pick(owner, node, base)
        if isinstance(owner, ListRef):
            return self._list_item_of(owner, node, base)
        if isinstance(owner, DictRef):
            key = self.key_in(owner, self.expr(node.slice), node.slice)
            return self.dict_item(owner, key, node)
        if isinstance(owner, ObjectRef):
            return self.object_item(owner, self.expr(node.slice), node, base)
        if isinstance(owner, Static) and is_users_object(owner.value):
            args = [owner, self.expr(node.slice)]
            found = self.special_method("__getitem__", args, node, base)
            if found is not None:
                return found
        if isinstance(owner, Static) and is_index_maker(owner.value):
            return self._made_index(owner.value, node)
        if isinstance(owner, Static) and isinstance(owner.value, enum.EnumMeta):
            name = self.value_atom(node.slice)
            if isinstance(name, Const) and name.value in owner.value.__members__:
                return self.attribute(owner, name.value, node, base)
        if isinstance(owner, Const) and isinstance(owner.value, str):
            part = self._part_of_text(owner.value, node)
            if part is not None:
                return part
        if isinstance(owner, Var) and isinstance(owner.kind, Tuple):
            if isinstance(node.slice, ast.Slice):  # of what a library returned
                return self._pick(Sequence(self.items_of(owner, node)), node, base)
        index, atoms = self.index_of(node.slice)
        if isinstance(owner, ArrayRef):
            return self.array_item(owner, index, atoms, node, base)
        atom = self.atom(owner, node.value)
        kind = kind_of(atom)
        if isinstance(kind, (Float, Complex)) and not index.items:
            return atom  # `v[()]` of a NumPy number
        if isinstance(kind, (Tuple, List)) and index.items == ("at",):
            return self.element(atom, atoms[0], node, base)
        if isinstance(kind, Tuple) and all(isinstance(a, Const) for a in atoms):
            places = map(Const, range(len(kind.items)))
            items = tuple(self.element(atom, k, node) for k in places)
            return self._pick(Sequence(items), node, base)
        return self.at(node).emit("getitem", atom, *atoms, params=index, base=base)

    def _made_index(self, maker: Any, node: ast.Subscript) -> Value:
        """`np.s_[...]`: the subscript as a value."""
        tupled = isinstance(node.slice, ast.Tuple)
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        items = list(map(self.expr, parts))
        if hasattr(maker, "concatenate"):  # np.r_ and np.c_
            name = "numpy.c_" if maker.ndmin > 1 else "numpy.r_"
            return self.defined(name, items, node)
        if hasattr(maker, "sparse"):  # np.mgrid and np.ogrid
            name = "numpy.ogrid" if maker.sparse else "numpy.mgrid"
            return self.defined(name, items, node)
        return Sequence(tuple(items)) if tupled or maker.maketuple else items[0]

    def _part_of_text(self, text: str, node: ast.Subscript) -> Const | None:
        """A letter, or some, of text that is known now."""
        value = self.expr(node.slice)
        if is_slice(value):
            cut = _cut(value)
            return None if cut is None else Const(text[cut])
        at = self.atom(value, node)
        if not isinstance(at, Const):
            return None
        if not -len(text) <= at.value < len(text):
            self.raise_now(IndexError, node)
            raise Refusal("index out of range", node)
        return Const(text[at.value])

    def bounds(
        self, value: Sequence, node: ast.AST
    ) -> tuple[Index, tuple[Atom, ...], slice | None]:
        """A slice as an index, and as Python's where its bounds are known now."""
        return *self.index_by((value,), False, node), _cut(value)

    def _pick(self, owner: Sequence, node: ast.Subscript, base: str) -> Value:
        value = self.expr(node.slice)
        if is_slice(value):
            return self._cut_out(owner, _cut(value), node)
        index = self.atom(value, node)
        if isinstance(index, Const) and isinstance(index.value, int):
            if not -len(owner.items) <= index.value < len(owner.items):
                self.raise_now(IndexError, node)
                raise Refusal("index out of range", node)
            return owner.items[index.value]
        return self.element(owner, index, node, base)

    @staticmethod
    def _cut_out(owner: Sequence, cut: slice | None, node: ast.AST) -> Sequence:
        if cut is None:
            raise Refusal("the bounds of this slice are not known now", node)
        return Sequence(owner.items[cut])

    def _list_item_of(self, owner: ListRef, node: ast.Subscript, base: str) -> Value:
        value = self.expr(node.slice)
        if is_slice(value):
            return self.list_slice(owner, *self.bounds(value, node), node, base)
        return self.element(owner, self.atom(value, node), node, base)

    def list_slice(
        self,
        owner: ListRef,
        index: Index,
        atoms: tuple[Atom, ...],
        cut: slice | None,
        node: ast.AST,
        base: str,
    ) -> ListRef:
        """`owner[a:b:c]`, a new list."""
        contents = self.contents(owner, node)
        if contents is not None and cut is not None:
            return self.new_list(contents.items[cut])
        self.materialise(owner, node)

        def part(column: ListRef) -> ListRef:
            return self.list_slice(column, index, atoms, None, node, base)

        table = self.made_columns(owner, part)
        if table is not None:
            return table
        whole = self.read(owner, node)
        define = self.at(node).build.define
        if index.whole:
            made = self.own_list(define("list.copy", whole, base=base))
        else:
            made = self.own_list(define("getitem", whole, *atoms, params=index, base=base))
        if not self.holds_numbers(owner, node):
            self.alias(made.buffer, owner.buffer)
        return made

    def holds_numbers(self, ref: ListRef, node: ast.AST) -> bool:
        """Whether a list that is held as one value holds numbers, which are immutable."""
        kind = kind_of(self.read(ref, node))
        return isinstance(kind, List) and not isinstance(kind.item, (Array, List))

    def dict_item(self, owner: DictRef, key: Any, node: ast.AST) -> Value:
        """`owner[key]`."""
        value = self.got(owner, key, node)
        if value is None and owner.buffer in self.factories:
            factory = self.factories[owner.buffer]
            value = self.apply(factory, [], {}, node, "t")
            self.put(owner, key, value, node)
        if value is None:
            self.raise_now(KeyError, node)
            raise Refusal(f"the dict has no key {key!r} here", node)
        return value

    def object_item(self, owner: ObjectRef, key: Value, node: ast.AST, base: str) -> Value:
        """`owner[key]`, as the class of the object defines it."""
        found = self.special_method("__getitem__", [owner, key], node, base)
        if found is None:
            raise Refusal("objects of this class have no items", node)
        return found

    def array_item(
        self,
        owner: ArrayRef,
        index: Index,
        atoms: tuple[Atom, ...],
        node: ast.AST,
        base: str,
    ) -> Value:
        kinds = list(map(kind_of, atoms))
        for kind in kinds:
            if not self._can_index(kind):
                raise Refusal(f"an array cannot be indexed by a value of kind {kind}", node)
        if not all(isinstance(k, Int) for k in kinds):
            item = self.at(node).item_of(owner.buffer, owner.path, index, atoms, node, base)
            return self.own(item)
        path = owner.path
        while path and path[-1].op == "getitem" and self._integers_only(path[-1]):
            # m[i][j] is m[i, j]: the adjoint then touches one element, not a row.
            if "new" in index.items:
                break
            step, path = path[-1], path[:-1]
            index = Index(step.params.items + index.items, True)
            atoms = step.args + atoms
        whole = ArrayRef(owner.buffer, path)
        kind = self.kind(whole)
        assert isinstance(kind, Array)
        used = sum(item == "at" for item in index.items)
        if used == kind.ndim and len(index.items) == used:
            item = self.at(node).item_of(owner.buffer, path, index, atoms, node, base)
            return self.own(item)
        if sum(item not in ("new", "rest") for item in index.items) > kind.ndim:
            raise Refusal(f"too many indices for an array of {kind.ndim} axes", node)
        if index.whole:
            index = Index(("rest",))
            atoms = ()
        part = ArrayRef(owner.buffer, (*path, ViewStep("getitem", atoms, index)))
        if isinstance(owner, FlatRef):
            return self.at(node).emit("copy", self.read(part, node), base=base)
        return part

    @staticmethod
    def _can_index(kind: Kind) -> bool:
        if isinstance(kind, Array):
            return kind.dtype == "bool" or kind.dtype.startswith(("int", "uint"))
        return isinstance(kind, (Int, Tuple, List)) and not isinstance(kind, Bool)

    # -- writing into arrays ------------------------------------------------------------

    def place(
        self, owner: Value, target: ast.Subscript
    ) -> tuple[ArrayRef, Index, tuple[Atom, ...]]:
        """The array and index that a subscript target writes to."""
        if not isinstance(owner, ArrayRef):
            if isinstance(owner, Sequence):
                raise Refusal("a tuple does not change", target, "use a list")
            raise Refusal("assignment into this value is not supported", target)
        index, atoms = self.index_of(target.slice)
        for atom in atoms:
            if not self._can_index(kind_of(atom)):
                kind = kind_of(atom)
                raise Refusal(
                    f"an array cannot be indexed by a value of kind {kind}", target
                )
        return owner, index, atoms

    def update_in_place(
        self,
        op: str,
        ref: ArrayRef,
        index: Index,
        atoms: tuple[Atom, ...],
        value: Atom,
        node: ast.AST,
    ) -> None:
        self.at(node)
        gathers = any(isinstance(_array(kind_of(a)), (Array, Tuple, List)) for a in atoms)
        if op in ("add", "sub") and not gathers:
            if op == "sub":
                value = self.build.define("neg", value)
            self.write(ref, index, atoms, value, node, "additem")
            return
        if index.whole:
            index = self.all_of(ref)
        old = self.item_of(ref.buffer, ref.path, index, atoms, node)
        new = self.build.define(op, old, value)
        self.write(ref, index, atoms, new, node)


def is_slice(value: Value) -> TypeGuard[Sequence]:
    """Whether it is a slice, as in a subscript or by `slice(...)`."""
    return isinstance(value, Sequence) and value.cls is slice


def _cut(value: Sequence) -> slice | None:
    """A slice that is a value as Python's, where its bounds are known now."""
    bounds = [b.value for b in value.items if isinstance(b, Const)]
    return slice(*bounds) if len(bounds) == len(value.items) else None


def _array(kind: Kind) -> Kind:
    """The kind, unless it is that of a mask, which names each element once."""
    return INT if isinstance(kind, Array) and kind.dtype == "bool" else kind
