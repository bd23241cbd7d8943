"""Calls of library functions and of methods of arrays: operations, views, definitions."""

from __future__ import annotations

import ast
import types
from collections.abc import Callable
from typing import Any

from symdiff.definitions import definition_for, definition_of
from symdiff.frontend.functions.calls import Calls, asks_to_write
from symdiff.frontend.memory.context import WINDOWS, Refusal
from symdiff.frontend.memory.dtypes import OF_DTYPES, ask
from symdiff.frontend.memory.state import Key
from symdiff.frontend.memory.values import (
    MISSING, ArrayRef, Bound, DictRef, ListRef, Ranged, Sequence, Static, Value, ViewStep,
)  # fmt: skip
from symdiff.frontend.reading.library import (
    ALIASING, ARRAY_METHODS, COPIED_VIEWS, COPYING, OF_LISTS, RESHAPING, VIEWS,
)  # fmt: skip
from symdiff.ir.alias import is_fresh
from symdiff.ir.core import Atom, Const, Equation, Index
from symdiff.ir.effects import READING_METHODS
from symdiff.ir.infer_dtypes import dtype_in
from symdiff.ir.kinds import COMPLEX, Array, Complex, Float, Kind, is_complex, is_number
from symdiff.rules import ArrayRule, Rule, rule_for
from symdiff.rules.template import signature

__all__ = ["Libraries"]


class Libraries(Calls):
    """Lowers them."""

    def library(
        self,
        op: str,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.AST,
        base: str,
    ) -> Value:
        """A call of a NumPy, math or built-in function."""
        if "out" in keywords:
            return self.into_out(
                op,
                positional,
                keywords,
                node,
                lambda args, kw: self.library(op, args, kw, node, base),
            )
        if op in OF_DTYPES and not keywords:
            known = ask(op, positional, [self.kind(v) for v in positional])
            if known is not None:
                return known
        if op == "numpy.reshape" and len(positional) == 1 and "shape" in keywords:
            positional = [*positional, keywords["shape"]]
            keywords = {k: v for k, v in keywords.items() if k != "shape"}
        if keywords.keys() & _OF_UFUNCS and _is_ufunc(op):
            if "dtype" in keywords and keywords["dtype"] != Const(None):
                dtype = keywords["dtype"]
                positional = [self._in_dtype(v, dtype, node) for v in positional]
            keywords = {k: v for k, v in keywords.items() if k not in _OF_UFUNCS}
        definition = self._by_form(op, positional, keywords)
        if definition is not None:
            return self.follow(definition, positional, node, keywords)
        definition = definition_of(op, len(positional), keywords)
        if definition is self.frame.function is not None:
            keywords = _that_matter(op, keywords)
        elif definition is not None:
            of_arrays = op.startswith(("numpy.", "scipy."))
            if positional and of_arrays and _takes_array(definition):
                positional = [self._of_items(positional[0], node), *positional[1:]]
            made = self.defined(op, positional, node, keywords)
            if op in COPIED_VIEWS and isinstance(made, ArrayRef):
                self._stands_for_view(made, [*positional, *keywords.values()])
            return made
        if "where" in keywords:
            name = op.replace("numpy.", "np.", 1)
            raise Refusal(
                f"`where=` of `{name}` is not supported", node, "use np.where(...)"
            )
        if op.startswith("random.") and op.removeprefix("random.") in _SAMPLING:
            positional = [self._drawn_from(value, node) for value in positional]
        names = tuple(keywords)
        values = [*positional, *keywords.values()]
        first = positional[0] if positional else None
        if op.startswith(("numpy.", "scipy.")) and op not in OF_LISTS:
            values = [self._as_array(v, node) for v in values]
            arrays = _array_arguments(op, len(positional), names)
            settings = {k for k, name in enumerate(names, len(positional)) if name in _AXES}
            values = [
                v if k in settings else self._of_items(v, node, always=k in arrays)
                for k, v in enumerate(values)
            ]
            first = values[0] if positional else None
        elif op in OF_LISTS and values:
            if op not in COPYING or self._holds_lists(values[0], node):
                values = [self._of_arrays(values[0], node), *values[1:]]
        atoms = tuple(self._argument(v, node) for v in values)
        self.at(node)
        if op in ALIASING and isinstance(first, ArrayRef) and len(values) == 1:
            return first
        if op in VIEWS and isinstance(first, ArrayRef):
            if op in ("numpy.swapaxes", "numpy.moveaxis") and self._stays(first, atoms[1:]):
                return first
            view = ArrayRef(
                first.buffer, (*first.path, ViewStep(op, atoms[1:], names or None))
            )
            if op not in RESHAPING or self.reshaped(view, node):
                if not isinstance(self.kind(view), Array):
                    raise Refusal(f"the shape of the result of `{op}` is not known", node)
                return view
        self.check_numbers(op, atoms, node)
        result = self.emit(op, *atoms, params=names or None, base=base)
        if isinstance(result, ArrayRef):
            self._tie_result(result, values)
        return result

    def _stays(self, array: ArrayRef, axes: tuple[Atom, ...]) -> bool:
        """Whether an axis changes places with itself."""
        kind = self.kind(array)
        places = [a.value for a in axes if isinstance(a, Const) and type(a.value) is int]
        if not isinstance(kind, Array) or len(places) != 2 or not kind.ndim:
            return False
        return bool(places[0] % kind.ndim == places[1] % kind.ndim)

    def _in_dtype(self, value: Value, dtype: Value, node: ast.AST) -> Value:
        """An argument of a ufunc that works in this dtype."""
        value = self._of_items(value, node)
        name = self._argument(dtype, node)
        kind = self.kind(value)
        if isinstance(name, Const) and dtype_in(kind) == name.value:
            return value
        if isinstance(kind, Array):
            return self.library("numpy.astype", [value, dtype], {}, node, "t")
        assert isinstance(name, Const)
        return self.library(f"numpy.{name.value}", [value], {}, node, "t")

    def _by_form(
        self, op: str, positional: list[Value], keywords: dict[str, Value]
    ) -> Callable[..., Any] | None:
        """The definition for arguments of another form than those the rule is for."""
        module, _, name = op.partition(".")
        if module != "numpy" or not positional:
            return None
        if any(isinstance(value, DictRef) for value in positional[1:]):  # pad, by axes
            return definition_of(op, 99)
        of_array = definition_for("array", name)
        if of_array is not None:
            return of_array if isinstance(positional[0], ArrayRef) else None
        of_number = definition_for("number", name)
        if of_number is None:
            return None
        places = _array_arguments(op, len(positional), tuple(keywords))
        values = [*positional, *keywords.values()]
        kinds = [self.kind(values[k]) for k in places if not is_held(values[k])]
        return of_number if any(map(_has_no_axes, kinds)) else None

    def defined(
        self,
        op: str,
        positional: list[Value],
        node: ast.AST,
        keywords: dict[str, Value] | None = None,
    ) -> Value:
        """A call of what has a definition."""
        definition = definition_of(op, 99)
        assert definition is not None
        return self.follow(definition, positional, node, keywords)

    def follow(
        self,
        definition: Callable[..., Any],
        positional: list[Value],
        node: ast.AST,
        keywords: dict[str, Value] | None = None,
    ) -> Value:
        """A call of a definition."""
        assert isinstance(definition, types.FunctionType)
        site = self.span(node)
        return self.inline(definition, positional, keywords or {}, node, site=site)

    def _stands_for_view(self, copy: ArrayRef, arguments: list[Value]) -> None:
        """A copy in the place of a view: neither it nor the array may be written."""
        self.readonly[copy.buffer] = WINDOWS
        for argument in arguments:
            if isinstance(argument, ArrayRef):
                self.alias(copy.buffer, argument.buffer)

    def _tie_result(self, result: ArrayRef, arguments: list[Value]) -> None:
        """An operation that is not known to make a new array may return a view."""
        made = self.build.nodes[-1]
        if isinstance(made, Equation) and not is_fresh(made):
            for argument in arguments:
                if isinstance(argument, ArrayRef):
                    self.alias(result.buffer, argument.buffer)

    def _of_arrays(self, value: Value, node: ast.AST) -> Value:
        """What is joined, with arrays for the lists and tuples among it."""
        items = self.known_items(value, node)
        if items is None or not any(isinstance(v, (ListRef, Sequence)) for v in items):
            return value
        joined = tuple(
            self.library("numpy.array", [v], {}, node, "t")
            if isinstance(v, (ListRef, Sequence))
            else v
            for v in items
        )
        return Sequence(joined)

    def _holds_lists(self, value: Value, node: ast.AST) -> bool:
        """Whether a list or tuple of known items holds lists of which the run knows how
        long they are."""
        if not isinstance(value, (ListRef, Sequence)) or self.is_list_value(value):
            return False
        return any(map(self.is_list_value, self.known_items(value, node) or ()))

    def _as_array(self, value: Value, node: ast.AST) -> Value:
        """What NumPy makes of a list of unknown length that it is given."""
        if not self.is_list_value(value):
            return value
        atom = self.atom(value, node)
        key: Key = ("array", atom)
        known = self.state.get(key)
        if known is MISSING:
            known = self.at(node).build.define("numpy.array", atom)
            self.state.set(key, known)
        return known

    def _of_items(self, value: Value, node: ast.AST, always: bool = True) -> Value:
        """What NumPy makes of a list or tuple of known items: an array, always or only if
        there are floats or arrays in it, which no shape and no axes hold."""
        if not isinstance(value, (ListRef, Sequence)) or self.is_list_value(value):
            return value
        if isinstance(value, Sequence) and value.cls is not None:
            return value
        if not (always or self._holds_floats(value, node)):
            return value
        return self.library("numpy.array", [value], {}, node, "t")

    def _holds_floats(self, value: Value, node: ast.AST) -> bool:
        if isinstance(value, (ListRef, Sequence)):
            items = self.known_items(value, node)
            return any(self._holds_floats(item, node) for item in items or ())
        if isinstance(value, (Bound, Static)):
            return False
        return isinstance(value, ArrayRef) or isinstance(self.kind(value), (Float, Complex))

    def _argument(self, value: Value, node: ast.AST) -> Atom:
        if isinstance(value, Static):
            dtype = _dtype_name(value.value)
            if dtype is not None:
                return Const(dtype)
        return self.atom(value, node)

    def apply_method(
        self,
        bound: Bound,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
        base: str,
    ) -> Value:
        owner, name = bound.owner, bound.name
        if isinstance(owner, Static) and name == "_make":  # of a named tuple
            items = list(self.items_of(positional[0], node))
            return self.construct(owner.value, items, {}, node)
        if isinstance(owner, Static) and owner.value is dict:  # `fromkeys`
            keys = self.items_of(positional[0], node)
            value = positional[1] if len(positional) > 1 else Const(None)
            names = tuple(self.dict_key(key, node) for key in keys)
            return self.new_dict(tuple(dict.fromkeys(names)), (value,) * len(set(names)))
        written = self.writing_method(owner, name, positional, keywords, node)
        if written is not None:
            return written
        if isinstance(owner, ArrayRef):
            if name == "flatten" and (positional or keywords):
                whole = self.library(
                    "numpy.ravel", [owner, *positional], keywords, node, "t"
                )
                return self.at(node).emit("copy", self.atom(whole, node), base=base)
            if name in ("copy", "flatten"):
                if name == "flatten":
                    owner = self.own(
                        self.build.define("numpy.ravel", self.at(node).read(owner, node))
                    )
                return self.at(node).emit("copy", self.atom(owner, node), base=base)
            if name in ("conj", "conjugate") and not positional:
                if is_complex(self.kind(owner)):
                    return self.library("numpy.conjugate", [owner], {}, node, base)
                return owner  # of real numbers
            if name == "clip" and len(positional) == 1 and not keywords:
                positional = [*positional, Const(None)]
            if name == "tolist" and getattr(self.kind(owner), "ndim", 1) == 0:
                name = "item"
            if name == "item":
                if len(positional) == 1 and isinstance(positional[0], Sequence):
                    positional = list(positional[0].items)
                return self._number_of(owner, positional, node, base)
            if name == "compress":
                positional[:1] = [positional[0], owner]
                return self.library("numpy.compress", positional, keywords, node, base)
            if name == "tolist" and not positional:
                return self.numbers_of(owner, node, base)
            if name in ARRAY_METHODS:
                if name in ("reshape", "transpose") and len(positional) > 1:
                    positional = [Sequence(tuple(positional))]
                self.remember_module("numpy.")
                return self.library(
                    "numpy." + name, [owner, *positional], keywords, node, base
                )
        if isinstance(owner, (ListRef, DictRef, Sequence)):
            return self.container_method(owner, name, positional, keywords, node, base)
        if isinstance(owner, Const) and isinstance(owner.value, str):
            made = self._of_text(owner.value, name, positional, keywords)
            if made is not None:
                return made
        if name in ("conj", "conjugate") and is_number(self.kind(owner)):
            return self.conjugate(owner, node, base)
        if _is_of_numpy(self.kind(owner)):
            if name in _SAME_NUMBER and not positional and not keywords:
                return owner
            if name == "tolist" and not positional:
                name = "item"
            if name == "flatten" or (name in ARRAY_METHODS and name != "dot"):
                whole = self.library("numpy.asarray", [owner], {}, node, "t")
                given = positional, keywords, node, base
                return self.apply_method(Bound(whole, name), *given)
        if name == "item" and not positional:
            made = self._plain_number(owner, node, base)
            if made is not None:
                return made
        if name in _SAMPLING:
            positional = [self._drawn_from(value, node) for value in positional]
        atoms = [self.atom(v, node) for v in (owner, *positional, *keywords.values())]
        self.at(node)
        if isinstance(owner, ArrayRef):
            raise Refusal(f"the array method `{name}` is not supported", node)
        values = [*positional, *keywords.values()]
        writes = name not in READING_METHODS or asks_to_write(keywords)
        self.check_lists(values, writes, node)
        result = self.emit("method", *atoms, params=(name, tuple(keywords)), base=base)
        if writes:
            self.forget_arrays(values, node)
        return result

    def _drawn_from(self, value: Value, node: ast.AST) -> Value:
        """A range as the list of its items."""
        return self.listed(value, node, "t") if isinstance(value, Ranged) else value

    def _of_text(
        self,
        text: str,
        name: str,
        positional: list[Value],
        keywords: dict[str, Value],
    ) -> Value | None:
        """What a method of text that is known now gives; None if that is not known."""
        values = [*positional, *keywords.values()]
        if not all(isinstance(v, Const) for v in values) or not hasattr(text, name):
            return None
        args = [v.value for v in positional if isinstance(v, Const)]
        named = {n: v.value for n, v in keywords.items() if isinstance(v, Const)}
        try:
            found = getattr(text, name)(*args, **named)
        except (TypeError, ValueError, LookupError):
            return None  # it fails in the run
        if isinstance(found, list):
            return self.new_list(tuple(map(Const, found)))
        if isinstance(found, tuple):
            return Sequence(tuple(map(Const, found)))
        return Const(found) if isinstance(found, (str, int, bool)) else None

    def conjugate(self, number: Value, node: ast.AST, base: str) -> Value:
        kind = self.kind(number)
        if not is_complex(kind):
            return number
        op = "conjugate" if kind == COMPLEX else "numpy.conjugate"
        return self.at(node).emit(op, self.atom(number, node), base=base)

    def _number_of(
        self, owner: ArrayRef, places: list[Value], node: ast.AST, base: str
    ) -> Value:
        """`u.item()`, `u.item(3)` and `u.item(1, 2)`."""
        at = [self.atom(place, node) for place in places] or [Const(0)]
        kind = self.kind(owner)
        if len(at) == 1 and isinstance(kind, Array) and kind.ndim != 1:
            owner = self.flat(owner)
        index = Index(("at",) * len(at), len(at) > 1)
        item = self.array_item(owner, index, tuple(at), node, base)
        number = self._plain_number(item, node, base)
        if number is None:
            number = self.library("builtins.float", [item], {}, node, base)
        return number

    def _plain_number(self, item: Value, node: ast.AST, base: str) -> Value | None:
        """A NumPy float or complex number as Python's; None of others."""
        kind = self.kind(item)
        if not isinstance(kind, (Float, Complex)):
            return None
        op = "builtins.float" if isinstance(kind, Float) else "builtins.complex"
        return self.library(op, [item], {}, node, base)


# Draws of Python's generators from a sequence.
_SAMPLING = frozenset("choice choices sample".split())
# What leaves a NumPy number as it is.
_SAME_NUMBER = frozenset("copy max mean min prod squeeze sum transpose".split())


def _is_of_numpy(kind: Kind) -> bool:
    """Whether it is a number that has the methods of arrays."""
    return isinstance(kind, (Float, Complex)) and kind.dtype is not None


# Keywords that say how a ufunc works, not on what.
_OF_UFUNCS = frozenset(("casting", "dtype", "order", "subok"))


def _is_ufunc(op: str) -> bool:
    module, _, name = op.partition(".")
    if module != "numpy":
        return False
    import numpy as np

    return isinstance(getattr(np, name, None), np.ufunc)


def _has_no_axes(kind: Kind) -> bool:
    return is_number(kind) or (isinstance(kind, Array) and kind.ndim == 0)


def is_held(value: Value) -> bool:
    """Whether it is a list or tuple, whose items have kinds."""
    return isinstance(value, (ListRef, Sequence))


_AXES = frozenset(("axes", "axis", "shape"))
# The first parameters of definitions that take functions, or sequences as such.
_NO_ARRAYS = frozenset(
    "arrays arrs args blocks c_and_lower c_or_cr cb_and_lower condlist diagonals f fun "
    "func func1d function l_and_u lu_and_piv mats new_shape parts points pyfunc tup "
    "xi".split()
)


def _takes_array(definition: Callable[..., Any]) -> bool:
    assert isinstance(definition, types.FunctionType)
    code = definition.__code__
    return code.co_varnames[0] not in _NO_ARRAYS and code.co_argcount > 0


def _array_arguments(op: str, count: int, keywords: tuple[str, ...]) -> set[int]:
    """The places of the arguments that the operation is differentiated by."""
    rule = rule_for(op)
    if not isinstance(rule, Rule):
        return {0} if op in VIEWS else set()
    names, _, rest = signature(rule.form)
    given = [*names[:count], *(rest or "" for _ in range(count - len(names))), *keywords]
    by = rule.pulls if isinstance(rule, ArrayRule) else names
    return {k for k, name in enumerate(given) if name in by or (rest and name == rest)}


def _that_matter(op: str, keywords: dict[str, Value]) -> dict[str, Value]:
    """The keywords of a call in a definition, without those that have the default."""
    rule = rule_for(op)
    defaults = signature(rule.form)[1] if isinstance(rule, Rule) else {}
    return {
        name: value
        for name, value in keywords.items()
        if not (name in defaults and value == Const(defaults[name]))
    }


def _dtype_name(value: Any) -> str | None:
    import numpy as np

    for plain, name in _PLAIN:
        if value is plain:  # a dtype is equal to the class of its numbers
            return name
    if isinstance(value, type) and issubclass(value, np.generic):
        return str(np.dtype(value))
    return str(value) if isinstance(value, np.dtype) else None


_PLAIN = ((float, "float64"), (int, "int64"), (bool, "bool"), (complex, "complex128"))
