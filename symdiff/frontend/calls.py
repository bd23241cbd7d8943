"""Calls: library operations, functions followed through their source, opaque calls."""

from __future__ import annotations

import ast
import types
from typing import Any

from symdiff.definitions import definition_of
from symdiff.derivation import derivation_of, operator_of
from symdiff.errors import DifferentiationError, Span
from symdiff.frontend.context import Frame, Refusal
from symdiff.frontend.iterators import ITERATING
from symdiff.frontend.library import (
    ALIASING, ARRAY_METHODS, COPYING, OF_LISTS, READING_METHODS, RESHAPING, VIEWS,
    WRITERS, is_library, is_ufunc, is_users_class, is_users_object, may_write, operation,
)  # fmt: skip
from symdiff.frontend.primitives import Primitives
from symdiff.frontend.scopes import assigned_names, is_generator
from symdiff.frontend.source import source_of
from symdiff.frontend.state import Key
from symdiff.frontend.values import (
    MISSING, ArrayRef, Bound, Closure, Derived, DictRef, ListRef, ObjectRef, Partial,
    Poison, Pulled, Ref, Sequence, Static, Value, ViewStep,
)  # fmt: skip
from symdiff.ir.alias import is_fresh
from symdiff.ir.builder import Call
from symdiff.ir.core import Atom, Const, Equation, Index, Var
from symdiff.ir.kinds import (
    Array, Float,
)  # fmt: skip

__all__ = ["Calls"]

# Modules of which some functions are followed, and the others run as they are.
_OTHERS = frozenset(("functools", "itertools", "operator"))
Arguments = tuple[list[Value], dict[str, Value]]


class Calls(Primitives):
    """Lowers calls."""

    def call(self, node: ast.Call, base: str) -> Value:
        callee = self.expr(node.func)
        if isinstance(callee, Static):
            lazy = self._lazy_builtin(callee, node, base)
            if lazy is not None:
                return lazy
        positional, keywords = self.arguments(node)
        return self.apply(callee, positional, keywords, node, base)

    def arguments(self, node: ast.Call) -> Arguments:
        positional: list[Value] = []
        for arg in node.args:
            if isinstance(arg, ast.Starred):
                positional.extend(self.items_of(self.expr(arg.value), arg))
            else:
                positional.append(self.expr(arg))
        keywords: dict[str, Value] = {}
        for keyword in node.keywords:
            value = self.expr(keyword.value)
            if keyword.arg is not None:
                keywords[keyword.arg] = value
                continue
            if not isinstance(value, DictRef):
                raise Refusal("the keys of this are not known", keyword.value)
            contents = self.held(value, keyword.value)
            keywords.update(zip(contents.keys or (), contents.items, strict=True))
        return positional, keywords

    def apply(
        self,
        callee: Value,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
        base: str,
    ) -> Value:
        """The result of calling a value."""
        if isinstance(callee, Closure):
            return self._apply_closure(callee, positional, keywords, node)
        if isinstance(callee, Bound):
            return self._apply_method(callee, positional, keywords, node, base)
        if isinstance(callee, Partial):
            return self.apply(
                callee.function,
                [*callee.args, *positional],
                {**dict(callee.keywords), **keywords},
                node,
                base,
            )
        if isinstance(callee, Static):
            return self._apply_static(callee, positional, keywords, node, base)
        if isinstance(callee, Derived):
            return self.derivative(callee, positional, keywords, node, base)
        if isinstance(callee, Pulled):
            return self.pull(callee, positional[0], node, base)
        if isinstance(callee, ObjectRef):
            result = self.special_method(
                "__call__", [callee, *positional], node, base, keywords
            )
            if result is None:
                raise Refusal("objects of this class cannot be called", node.func)
            return result
        atom = self.atom(callee, node.func)
        return self._opaque(atom, positional, keywords, node, base)

    # -- functions followed through their source --------------------------------------

    def _apply_static(
        self,
        callee: Static,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
        base: str,
    ) -> Value:
        declared = self.declared_call(
            callee.value, callee.path, positional, keywords, node, base
        )
        if declared is not None:
            return declared
        ufunc = getattr(callee.value, "__self__", None)
        if ufunc is not None and is_ufunc(ufunc) and operation(ufunc):
            op = operation(ufunc)
            assert op is not None
            self.remember_module(op)
            name = callee.value.__name__
            return self.ufunc_method(op, name, positional, keywords, node, base)
        name = operator_of(callee.value)
        if name is not None:
            return self.operate(callee, name, positional, keywords, node, base)
        if derivation_of(callee.value) is not None:
            gradient = self.derived(callee, node)
            return self.derivative(gradient, positional, keywords, node, base)
        op = operation(callee.value)
        if op is not None:
            self.remember_module(op)
            self.name_out(op, callee.value, positional, keywords)
            if op in WRITERS:
                return self.write_call(op, positional, keywords, node)
            if "out" in keywords and op.startswith(("numpy.", "scipy.")):
                return self.into_out(
                    op,
                    positional,
                    keywords,
                    node,
                    lambda args, kw: self._apply_static(callee, args, kw, node, base),
                )
            if op in ITERATING:
                positional = [self.iterator(value, node) for value in positional]
            if any(self.is_lazy(value, op, node) for value in positional):
                made = self.of_generator(op, positional, keywords, node, base)
                if made is not None:
                    return made
                positional = self.all_listed(op, positional, node)
            special = getattr(self, "call_" + op.replace(".", "_"), None)
            if special is not None:
                value: Value = special(positional, keywords, node, base)
                return value
            extra = self.extra(op, positional, keywords, node, base)
            if extra is not None:
                return extra
            if op.partition(".")[0] not in _OTHERS:
                return self.library(op, positional, keywords, node, base)
        function = callee.value
        if isinstance(function, types.FunctionType) and not is_library(function):
            return self.inline(function, positional, keywords, node, callee.path)
        if is_users_class(function):
            return self.construct(function, positional, keywords, node)
        if is_users_object(function):
            result = self.special_method(
                "__call__", [callee, *positional], node, base, keywords
            )
            if result is not None:
                return result
        values = [*positional, *keywords.values()]
        places = function.nin if is_ufunc(function) else len(positional)
        writes = may_write(function) or _asks_to_write(keywords) or len(positional) > places
        self._check_lists(values, writes, node)
        result = self._opaque(self.external(callee, node), positional, keywords, node, base)
        if writes:
            self._forget_arrays(values, node)
        return result

    def _check_lists(self, values: list[Value], writes: bool, node: ast.AST) -> None:
        if writes and any(isinstance(v, ListRef) for v in values):
            message = "this call may change the list that it gets"
            raise Refusal(message, node, "pass a tuple")

    def _forget_arrays(self, values: list[Value], node: ast.AST) -> None:
        """What an unknown function got, it may have written into."""
        message = f"this array may have been changed by the call on line {self.line(node)}"
        for value in values:
            if isinstance(value, ArrayRef):
                poison = Poison(message, "pass a copy to that call: `.copy()`")
                for other in (value.buffer, *sorted(self.ties.get(value.buffer, ()))):
                    self.state.set(other, poison)

    def remember_module(self, op: str) -> None:
        module = op.partition(".")[0]
        if module == "scipy":
            module = op.rpartition(".")[0]
        if module != "builtins" and module not in self.modules:
            alias = module.rpartition(".")[2]
            self.modules[module] = {"numpy": "np"}.get(module, alias)

    def inline(
        self,
        function: types.FunctionType,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.AST,
        path: tuple[str, ...] = (),
        site: Span | None = None,
    ) -> Value:
        """What a function returns; `path` says where the generated code finds it. What
        it does is at `site`, if it stands for the function that is called there."""
        declared = self.declared_call(function, path, positional, keywords, node, "t")
        if declared is not None:
            return declared
        try:
            source = source_of(function)
        except DifferentiationError as error:
            raise Refusal(
                error.diagnostics[0].message, node, error.diagnostics[0].help
            ) from None
        args = source.node.args
        frame = Frame(len(self.frames), source, function, assigned_names(source.node), None)
        frame.path = path
        frame.site = site or self.frame.site
        names = [a.arg for a in args.posonlyargs + args.args]
        defaults: dict[str, Value] = {}
        given = reversed(function.__defaults__ or ())
        for name, value in zip(reversed(names), given, strict=False):
            defaults[name] = self._default(frame, name, value, node)
        for name, value in (function.__kwdefaults__ or {}).items():
            defaults[name] = self._default(frame, name, value, node)
        return self._run(frame, source.node, positional, keywords, defaults, node)

    def _default(self, frame: Frame, name: str, value: Any, node: ast.AST) -> Value:
        if value is None or isinstance(value, (bool, int, float, str)):
            return Const(value)
        if frame.site is not None:
            return Sequence(tuple(map(Const, value)))  # of a definition
        return self.lift(value, self.place_in(frame, "default", name), node)

    def _apply_closure(
        self,
        closure: Closure,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
    ) -> Value:
        outer = self.frames[closure.frame]
        self.check_names(closure.node, outer, closure.made_in, node)
        names = assigned_names(closure.node)
        frame = Frame(len(self.frames), outer.source, outer.function, names, outer)
        frame.path = outer.path
        return self._run(
            frame, closure.node, positional, keywords, dict(closure.defaults), node
        )

    def check_names(
        self,
        function: ast.FunctionDef | ast.Lambda,
        outer: Frame,
        made_in: tuple[Any, ...],
        node: ast.AST,
    ) -> None:
        """Refuse to read names of a comprehension that is over, which hid others."""
        if tuple(outer.scopes[: len(made_in)]) == made_in:
            return
        hidden = {name for scope in made_in for name in scope.names}
        hidden -= assigned_names(function)
        for part in ast.walk(function):
            if isinstance(part, ast.Name) and part.id in hidden:
                message = f"`{part.id}` is read after the comprehension that binds it"
                help = "call it there, or keep the value in a default"
                raise Refusal(message, node, help)

    def _run(
        self,
        frame: Frame,
        function: ast.FunctionDef | ast.Lambda,
        positional: list[Value],
        keywords: dict[str, Value],
        defaults: dict[str, Value],
        node: ast.AST,
    ) -> Value:
        name = getattr(function, "name", "<lambda>")
        if is_generator(function):
            bound = self.bind(function.args, name, positional, keywords, defaults, node)
            return self.suspended(frame, function, bound)  # type: ignore[arg-type]
        place = self.place_of(frame, function)
        if place not in self.apart:
            self.check_recursion(place, (*positional, *keywords.values()), node)
        bound = self.bind(function.args, name, positional, keywords, defaults, node)
        if place in self.apart:
            return self.invoke(frame, function, bound, node)
        self.frames[frame.number] = frame
        for key, value in bound.items():
            self.state.set((frame.number, key), value)
        args = tuple(a for a in map(self._standing_for, bound.values()) if a is not None)
        call = Call(name, args, self.span(node), self.build.call)
        with self.build.within(call):
            return self.run_function(frame, function, id(node))

    def _standing_for(self, value: Value) -> Atom | None:
        """The number, array or list that a value is now, if it is one as a whole."""
        if isinstance(value, Ref) and not value.path:
            value = self.state.get(value.buffer)
        return value if isinstance(value, (Var, Const)) else None

    def run_function(
        self, frame: Frame, function: ast.FunctionDef | ast.Lambda, site: object
    ) -> Value:
        """The result of a function whose arguments are bound."""
        outer, self.frame = self.frame, frame
        self.live_frames.add(frame.number)
        self.stack.append(self.place_of(frame, function))
        self.sites.append(site)
        self.branches_at.append(self.open_branches)
        try:
            if isinstance(function, ast.Lambda):
                return self.expr(function.body)
            return self.run_body(function.body, function)
        finally:
            self.stack.pop()
            self.sites.pop()
            self.branches_at.pop()
            self.frame = outer
            if not frame.captured:
                self.live_frames.discard(frame.number)

    def bind(
        self,
        args: ast.arguments,
        name: str,
        positional: list[Value],
        keywords: dict[str, Value],
        defaults: dict[str, Value],
        node: ast.AST,
    ) -> dict[str, Value]:
        """Arguments to parameters, as Python binds them."""
        names = [a.arg for a in args.posonlyargs + args.args]
        bound = dict(zip(names, positional, strict=False))
        rest = positional[len(names) :]
        if args.vararg is not None:
            bound[args.vararg.arg] = Sequence(tuple(rest))
        elif rest:
            raise Refusal(f"too many arguments for `{name}`", node)
        allowed = {a.arg for a in args.args + args.kwonlyargs}
        more = {k: v for k, v in keywords.items() if k not in allowed}
        for key, value in keywords.items():
            if (key in bound and key in allowed) or (key in more and args.kwarg is None):
                raise Refusal(f"`{name}` does not take the argument `{key}` here", node)
            if key in allowed:
                bound[key] = value
        if args.kwarg is not None:
            bound[args.kwarg.arg] = self.new_dict(tuple(more), tuple(more.values()))
        for key in [*names, *(a.arg for a in args.kwonlyargs)]:
            if key not in bound:
                if key not in defaults:
                    raise Refusal(f"`{name}` misses the argument `{key}`", node)
                bound[key] = defaults[key]
        return bound

    # -- opaque calls -----------------------------------------------------------------

    def _opaque(
        self,
        callee: Atom,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
        base: str,
    ) -> Value:
        """A call that is run as it is: fine as long as its value is inactive."""
        atoms = [self.atom(v, node) for v in (*positional, *keywords.values())]
        self.at(node)
        return self.emit("call", callee, *atoms, params=tuple(keywords), base=base)

    # -- library operations -----------------------------------------------------------

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
        if op == "numpy.reshape" and len(positional) == 1 and "shape" in keywords:
            positional = [*positional, keywords["shape"]]
            keywords = {k: v for k, v in keywords.items() if k != "shape"}
        definition = definition_of(op, len(positional), keywords)
        if definition not in (None, self.frame.function):
            return self.defined(op, positional, node, keywords)
        if "where" in keywords:
            name = op.replace("numpy.", "np.", 1)
            raise Refusal(
                f"`where=` of `{name}` is not supported", node, "use np.where(...)"
            )
        names = tuple(keywords)
        values = [*positional, *keywords.values()]
        if op.startswith("numpy.") and op not in OF_LISTS | VIEWS:
            values = [self._as_array(v, node) for v in values]
        elif op in OF_LISTS - COPYING and values:
            values = [self._of_arrays(values[0], node), *values[1:]]
        atoms = tuple(self._argument(v, node) for v in values)
        self.at(node)
        first = positional[0] if positional else None
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

    def defined(
        self,
        op: str,
        positional: list[Value],
        node: ast.AST,
        keywords: dict[str, Value] | None = None,
    ) -> Value:
        """A call of what has a definition."""
        definition = definition_of(op, 99)
        assert isinstance(definition, types.FunctionType)
        site = self.span(node)
        return self.inline(definition, positional, keywords or {}, node, site=site)

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

    def _argument(self, value: Value, node: ast.AST) -> Atom:
        if isinstance(value, Static):
            dtype = _dtype_name(value.value)
            if dtype is not None:
                return Const(dtype)
        return self.atom(value, node)

    def _apply_method(
        self,
        bound: Bound,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
        base: str,
    ) -> Value:
        owner, name = bound.owner, bound.name
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
                return owner  # of real numbers
            if name == "item":
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
        if name == "item" and not positional and isinstance(self.kind(owner), Float):
            return self.library("builtins.float", [owner], {}, node, base)
        atoms = [self.atom(v, node) for v in (owner, *positional, *keywords.values())]
        self.at(node)
        if isinstance(owner, ArrayRef):
            raise Refusal(f"the array method `{name}` is not supported", node)
        values = [*positional, *keywords.values()]
        writes = name not in READING_METHODS or _asks_to_write(keywords)
        self._check_lists(values, writes, node)
        result = self.emit("method", *atoms, params=(name, tuple(keywords)), base=base)
        if writes:
            self._forget_arrays(values, node)
        return result

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
        return self.library("builtins.float", [item], {}, node, base)

    # -- built-in functions -----------------------------------------------------------

    def _lazy_builtin(self, callee: Static, node: ast.Call, base: str) -> Value | None:
        """Built-ins that consume a generator expression."""
        first = node.args[0] if node.args else None
        if callee.value is sum and isinstance(first, ast.GeneratorExp):
            if any(keyword.arg != "start" for keyword in node.keywords):
                return None
            given = [*node.args[1:], *(keyword.value for keyword in node.keywords)]
            start = self.expr(given[0]) if given else Const(0)
            return self.sum_of_generator(first, start, base)
        return None


def _asks_to_write(keywords: dict[str, Value]) -> bool:
    """Whether a call gives the place for its result, or lets its arguments be used."""
    return any(
        (name == "out" or name.startswith("overwrite_")) and value != Const(False)
        for name, value in keywords.items()
    )


def _dtype_name(value: Any) -> str | None:
    if value is float:
        return "float64"
    if value is int:
        return "int64"
    if value in (bool, complex):
        return {bool: "bool", complex: "complex128"}[value]
    import numpy as np

    if isinstance(value, type) and issubclass(value, np.generic):
        return str(np.dtype(value))
    return str(value) if isinstance(value, np.dtype) else None
