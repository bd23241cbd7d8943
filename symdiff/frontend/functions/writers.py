"""Functions and methods that write into an array they are given: `out=`, `sort`, `put`.

Each becomes an assignment of the value that it leaves there.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from symdiff.definitions import definition_for, definition_of
from symdiff.definitions.standard.random import permuted_by, shuffled_by
from symdiff.frontend.functions.libraries import Libraries
from symdiff.frontend.memory.context import WHOLE, Refusal
from symdiff.frontend.memory.values import ArrayRef, ListRef, Sequence, Static, Value
from symdiff.frontend.reading.library import WRITERS, names_from_out, places_of_out
from symdiff.ir.core import Atom, Const, Index, kind_of
from symdiff.ir.kinds import Array, Int, Kind, Opaque, is_number

__all__ = ["Writers"]

Keywords = dict[str, Value]
NONE = Const(None)
_AT = Index(("at",))


class Writers(Libraries):
    """Lowers calls that write."""

    # -- out= -------------------------------------------------------------------------

    def name_out(
        self, op: str, function: Any, positional: list[Value], keywords: Keywords
    ) -> None:
        """Give the place for the result its name, where it was passed by position, and
        what follows it."""
        if op.startswith(("numpy.", "scipy.")) and len(positional) > 1:
            before = places_of_out(function)
            if before is not None and len(positional) > before:
                names = names_from_out(function)
                keywords |= zip(names, positional[before:], strict=False)
                del positional[before:]

    def into_out(
        self,
        op: str,
        positional: list[Value],
        keywords: Keywords,
        node: ast.AST,
        call: Callable[[list[Value], Keywords], Value],
    ) -> Value:
        """`f(..., out=u)`: the call is made without, and its value assigned to u."""
        keywords = dict(keywords)
        out = keywords.pop("out")
        if isinstance(out, Sequence) and len(out.items) == 1:
            out = out.items[0]
        if out == NONE:
            return call(positional, keywords)
        if not isinstance(out, ArrayRef):
            raise Refusal(f"`out=` of `{_shown(op)}` is no array that is known here", node)
        mask = keywords.pop("where", Const(True))
        if mask == Const(True):
            self.overwrite(out, self.atom(call(positional, keywords), node), node)
            return out
        # Elsewhere the function is not even evaluated: it may be undefined there.
        place = self._mask(mask, out, node)
        chosen = [self._where(v, place, out, node) for v in positional]
        value = self.atom(call(chosen, keywords), node)
        self.at(node).write(out, _AT, (place,), value, node)
        return out

    def _mask(self, mask: Value, like: ArrayRef, node: ast.AST) -> Atom:
        """A mask in the shape of the array that is written."""
        mask = self._array_of(mask, node)
        kind = self.kind(mask)
        if isinstance(kind, Array) and kind.dtype != "bool":
            raise Refusal("the mask is no array of truth values", node)
        return self.atom(self._spread(mask, like, node), node)

    def _where(self, value: Value, mask: Atom, like: ArrayRef, node: ast.AST) -> Value:
        """The elements of a value that a mask in the shape of `like` selects."""
        if is_number(self.kind(value)):
            return value
        atom = self.atom(self._spread(value, like, node), node)
        return self.at(node).emit("getitem", atom, mask, params=_AT)

    def _spread(self, value: Value, like: ArrayRef, node: ast.AST) -> Value:
        kind, target = self.kind(value), self.kind(like)
        assert isinstance(target, Array)
        if isinstance(kind, Array) and kind.dims == target.dims:
            return value
        atom, shape = self.atom(value, node), self.shape(like, node)
        return self.at(node).emit("numpy.broadcast_to", atom, shape)

    # -- functions --------------------------------------------------------------------

    def write_call(
        self, op: str, positional: list[Value], keywords: Keywords, node: ast.AST
    ) -> Value:
        """A call of a function whose work is to write into its first argument."""
        assert op in WRITERS
        name = op.rpartition(".")[2]
        given = dict(zip(WRITERS[op], positional, strict=False)) | keywords
        target = given.pop(WRITERS[op][0], NONE)
        if not isinstance(target, ArrayRef):
            raise Refusal(f"what `{_shown(op)}` writes to is no array known here", node)
        kind = self.kind(target)
        assert isinstance(kind, Array)
        writer: Callable[[ArrayRef, Array, Keywords, ast.AST], bool]
        writer = getattr(self, f"_write_{name}")
        if writer(target, kind, given, node):
            return NONE
        definition = definition_of(op)
        if definition is None:
            help = "write `u[...] = value` instead"
            raise Refusal(f"this use of `{_shown(op)}` is not supported", node, help)
        return self.follow(definition, positional, node, keywords)

    def _write_copyto(
        self, target: ArrayRef, kind: Array, given: Keywords, node: ast.AST
    ) -> bool:
        mask = given.get("where", Const(True))
        source = self._array_of(given["src"], node)
        if mask == Const(True):
            self.at(node).write(target, WHOLE, (), self.atom(source, node), node)
            return True
        place = self._mask(mask, target, node)
        value = self.atom(self._where(source, place, target, node), node)
        self.at(node).write(target, _AT, (place,), value, node)
        return True

    def _write_putmask(
        self, target: ArrayRef, kind: Array, given: Keywords, node: ast.AST
    ) -> bool:
        """Values of another shape than the array's are repeated: not supported."""
        source = self._array_of(given["values"], node)
        found = self.kind(source)
        if not is_number(found) and found != kind:
            return False
        return self._write_copyto(
            target, kind, {"src": source, "where": given["mask"]}, node
        )

    def _write_place(
        self, target: ArrayRef, kind: Array, given: Keywords, node: ast.AST
    ) -> bool:
        if not is_number(self.kind(given["vals"])):
            return False
        return self._write_copyto(
            target, kind, {"src": given["vals"], "where": given["mask"]}, node
        )

    def _write_put(
        self, target: ArrayRef, kind: Array, given: Keywords, node: ast.AST
    ) -> bool:
        """Indices count through the array row by row."""
        places = self.atom(given["ind"], node)
        mode = given.get("mode", Const("raise"))
        if mode != Const("raise"):
            size = self.attribute(target, "size", node, "t")
            where = self._array_of(given["ind"], node)
            if mode == Const("wrap"):
                where = self.binary("mod", where, size, node, "t")
            else:
                last = self.binary("sub", size, Const(1), node, "t")
                where = self.library("numpy.clip", [where, Const(0), last], {}, node, "t")
            places = self.atom(where, node)
        value = self._array_of(given["v"], node)
        extent, of_value = kind_of(places), self.kind(value)
        if not is_number(of_value) and isinstance(extent, Int):
            return False
        flat = target if kind.ndim == 1 else self.flat(target)
        self.at(node).write(flat, _AT, (places,), self.atom(value, node), node)
        return True

    def _write_fill_diagonal(
        self, target: ArrayRef, kind: Array, given: Keywords, node: ast.AST
    ) -> bool:
        if kind.ndim != 2 or given.get("wrap", Const(False)) != Const(False):
            return False
        shape = self.shape(target, node)
        lengths = [self.build.define("item", shape, params=k) for k in (0, 1)]
        length: Atom = lengths[0]
        if kind.dims[0] != kind.dims[1]:
            length = self.at(node).build.define("builtins.min", *lengths)
        places = self.at(node).build.define("numpy.arange", length)
        value = self.atom(self._array_of(given["val"], node), node)
        of = kind_of(value)
        if isinstance(of, Array) and of.ndim != 1:
            return False
        self.write(target, Index(("at", "at"), True), (places, places), value, node)
        return True

    def _write_shuffle(
        self, target: ArrayRef, kind: Array, given: Keywords, node: ast.AST
    ) -> bool:
        """Of one axis, NumPy permutes a copy by the same draws."""
        if kind.ndim != 1:
            return False
        old = self.at(node).read(target, node)
        new = self.build.define("numpy.random.permutation", old)
        self.overwrite(target, new, node)
        return True

    def _array_of(self, value: Value, node: ast.AST) -> Value:
        """What NumPy makes of a list or tuple."""
        if isinstance(value, ArrayRef) or is_number(self.kind(value)):
            return value
        return self.library("numpy.array", [value], {}, node, "t")

    # -- methods ----------------------------------------------------------------------

    def writing_method(
        self,
        owner: Value,
        name: str,
        positional: list[Value],
        keywords: Keywords,
        node: ast.AST,
    ) -> Value | None:
        """A method that writes; None if it is none of these."""
        shuffled = name == "shuffle" and len(positional) == 1
        if shuffled and isinstance(self.kind(owner), Opaque):
            target = positional[0]
            if isinstance(target, ListRef):
                return self._shuffle_list(owner, target, node)
            of = self.kind(target)
            if isinstance(target, ArrayRef) and isinstance(of, Array) and of.ndim == 1:
                rng, old = self.atom(owner, node), self.at(node).read(target, node)
                new = self.build.define("method", rng, old, params=("permutation", ()))
                self.overwrite(target, new, node)
                return NONE
        if not isinstance(owner, ArrayRef):
            return None
        if name == "fill" and len(positional) == 1:
            value = self.atom(positional[0], node)
            self.at(node).write(owner, WHOLE, (), value, node)
            return NONE
        if name in ("sort", "partition"):
            found = self.library(f"numpy.{name}", [owner, *positional], keywords, node, "t")
            self.overwrite(owner, self.atom(found, node), node)
            return NONE
        if name == "put":
            return self.write_call("numpy.put", [owner, *positional], keywords, node)
        if name == "view" and not positional and not keywords:
            return owner
        return None

    def _shuffle_list(self, rng: Value, target: ListRef, node: ast.AST) -> Value:
        """`rng.shuffle(target)`, by the draws that it takes for a list."""
        kind = self.kind(rng)
        plain = isinstance(kind, Opaque) and kind.cls == "random.Random"
        return self.follow(shuffled_by if plain else permuted_by, [rng, target], node)

    # -- methods of ufuncs ------------------------------------------------------------

    def ufunc_method(
        self,
        ufunc: str,
        method: str,
        positional: list[Value],
        keywords: Keywords,
        node: ast.AST,
        base: str,
    ) -> Value:
        """`np.add.at(u, i, v)`, `np.add.reduce(u)` and their like."""
        if method == "at" and not keywords and self._ufunc_at(ufunc, positional, node):
            return NONE
        if definition_of(f"{ufunc}.{method}") is not None:
            return self.defined(f"{ufunc}.{method}", positional, node, keywords)
        instead = _REDUCTIONS.get((ufunc, method))
        if instead is not None:
            if len(positional) == 1 and "axis" not in keywords:
                keywords = {**keywords, "axis": Const(0)}
            return self.library(instead, positional, keywords, node, base)
        if method == "outer" and len(positional) == 2 and not keywords:
            a, b = (self._array_of(v, node) for v in positional)
            if isinstance(a, ArrayRef) and isinstance(b, ArrayRef):
                ndim = _ndim(self.kind(b))
                index = Index(("rest", *("new",) * ndim), True)
                left = self.at(node).build.define(
                    "getitem", self.read(a, node), params=index
                )
                return self.library(ufunc, [self.own(left), b], {}, node, base)
        definition = definition_for("ufunc", method)
        if definition is not None and (method == "at" or ufunc[6:] in _FROM_THE_LEFT):
            import numpy as np

            whole = Static(getattr(np, ufunc.removeprefix("numpy.")))
            first = self._array_of(positional[0], node)
            given = [whole, first, *positional[1:]]
            return self.follow(definition, given, node, keywords)
        name = f"{_shown(ufunc)}.{method}"
        raise Refusal(f"`{name}` is not supported", node)

    def _ufunc_at(self, ufunc: str, positional: list[Value], node: ast.AST) -> bool:
        """`np.add.at(u, i, v)`, if the places are written as a whole."""
        target, where, *operand = positional
        if not isinstance(target, ArrayRef):
            raise Refusal(f"what `{_shown(ufunc)}.at` writes to is no array", node)
        pieces: tuple[Value, ...] = (where,)
        if isinstance(where, Sequence) and where.cls is not slice:
            pieces = where.items
        index, atoms = self.index_by(pieces, pieces != (where,), node)
        values = [self.atom(self._array_of(v, node), node) for v in operand]
        self.at(node)
        if ufunc in ("numpy.add", "numpy.subtract"):
            value = values[0]
            if ufunc == "numpy.subtract":
                value = self.build.define("neg", value)
            self.write(target, index, atoms, value, node, "additem")
            return True
        if not all(isinstance(kind_of(a), Int) for a in atoms):
            return False
        old = self.item_of(target.buffer, target.path, index, atoms, node)
        new = self.build.define(ufunc, old, *values)
        self.write(target, index, atoms, new, node)
        return True


# What NumPy's `reduce` does of these is what a loop does: it is not so of `power`.
_FROM_THE_LEFT = frozenset(
    (
        "add subtract multiply divide true_divide floor_divide remainder fmod hypot "
        "copysign maximum minimum fmax fmin logaddexp logaddexp2 float_power"
    ).split()
)
_REDUCTIONS = {
    ("numpy.add", "reduce"): "numpy.sum",
    ("numpy.multiply", "reduce"): "numpy.prod",
    ("numpy.maximum", "reduce"): "numpy.max",
    ("numpy.minimum", "reduce"): "numpy.min",
    ("numpy.logical_and", "reduce"): "numpy.all",
    ("numpy.logical_or", "reduce"): "numpy.any",
    ("numpy.add", "accumulate"): "numpy.cumsum",
    ("numpy.multiply", "accumulate"): "numpy.cumprod",
}


def _ndim(kind: Kind) -> int:
    return kind.ndim if isinstance(kind, Array) else 0


def _shown(op: str) -> str:
    return op.replace("numpy.", "np.", 1)
