"""Calls: functions followed through their source, opaque calls."""

from __future__ import annotations

import ast
import contextlib
import enum
import types
from typing import Any

from symdiff.checkpoints import is_checkpoint
from symdiff.definitions import gives_array, is_definition
from symdiff.derivation import derivation_of, operator_of
from symdiff.errors import DifferentiationError, Span
from symdiff.frontend.functions.primitives import Primitives
from symdiff.frontend.memory.context import Frame, Refusal
from symdiff.frontend.memory.values import (
    MISSING, ArrayRef, Bound, Closure, Derived, DictRef, ListRef, ObjectRef, Partial,
    Poison, Pulled, Ranged, Ref, Sequence, Static, Value, sure,
)  # fmt: skip
from symdiff.frontend.reading.distributions import is_distribution, parameters_of
from symdiff.frontend.reading.iterators import ITERATING, KEEPING
from symdiff.frontend.reading.library import (
    WRITERS, is_array_class, is_dispatcher, is_library, is_ufunc, is_users_class,
    is_users_object, may_write, operation, with_places,
)  # fmt: skip
from symdiff.frontend.reading.made import Length, kind_made
from symdiff.frontend.reading.scopes import assigned_names, is_generator
from symdiff.frontend.reading.source import source_of
from symdiff.ir.builder import Call
from symdiff.ir.core import Atom, Const, Global, Var
from symdiff.ir.kinds import Int, Kind, Returns, Size, Tuple

__all__ = ["Calls", "asks_to_write"]

# Modules of which some functions are followed, and the others run as they are.
_OTHERS = frozenset(("functools", "itertools", "operator"))
# Functions that ask the class of what they get.
PROTOCOLS = {
    "builtins.abs": "__abs__", "builtins.round": "__round__", "builtins.int": "__int__",
    "builtins.float": "__float__", "builtins.divmod": "__divmod__",
    "builtins.complex": "__complex__", "math.floor": "__floor__", "math.ceil": "__ceil__",
    "math.trunc": "__trunc__",
}  # fmt: skip
# Functions that make an array of a range, as functions of elements do.
_FROM_RANGES = frozenset(("numpy.array", "numpy.asarray", "numpy.meshgrid"))
# Modules whose functions take what objects hold that are lists or dicts.
_OF_ITEMS = ("numpy.", "scipy.", "math.", "itertools.", "statistics.", "heapq.")
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
            value = self.as_items(value, keyword.value)
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
        callee = sure(callee)
        if isinstance(callee, Closure):
            return self._apply_closure(callee, positional, keywords, node)
        if isinstance(callee, Bound):
            return self.apply_method(callee, positional, keywords, node, base)
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
        failure = TypeError, "'NoneType' object is not callable"
        self.check_is_there(callee, failure, node)
        atom = self.atom(callee, node.func)
        return self._opaque(atom, positional, keywords, node, base)

    def array_of_range(self, value: Value, node: ast.Call) -> Value:
        if not isinstance(value, Ranged) or value.reverse:
            return value
        bounds: list[Value] = [value.start, value.stop, value.step]
        return self.library("numpy.arange", bounds, {}, node, "t")

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
        if is_distribution(callee.value):
            names = parameters_of(callee.value)
            if len(positional) > len(names):
                raise Refusal("too many arguments for this distribution", node)
            given = dict(zip(names, positional, strict=False))
            return Partial(callee, (), tuple({**given, **keywords}.items()))
        name = operator_of(callee.value)
        if name is not None:
            return self.operate(callee, name, positional, keywords, node, base)
        if derivation_of(callee.value) is not None:
            gradient = self.derived(callee, node)
            return self.derivative(gradient, positional, keywords, node, base)
        op = operation(callee.value)
        if op is not None:
            self.remember_module(op)
            positional, keywords = with_places(op, positional, keywords)
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
            if op in _FROM_RANGES or is_ufunc(callee.value):
                positional = [self.array_of_range(value, node) for value in positional]
            if op in ITERATING or op.startswith(_OF_ITEMS):
                positional = [self.as_items(value, node) for value in positional]
            if op in ITERATING:
                positional = [self.iterator(value, node) for value in positional]
            if op not in KEEPING:
                positional = [self.taken_from(value, node) for value in positional]
            if any(self.is_lazy(value, op, node) for value in positional):
                made = self.of_generator(op, positional, keywords, node, base)
                if made is not None:
                    return made
                positional = self.all_listed(op, positional, node)
            objects = (ObjectRef, Static)  # made here, or found outside
            if op in PROTOCOLS and positional and isinstance(positional[0], objects):
                made = self.special_method(PROTOCOLS[op], positional, node, base)
                if made is not None:
                    return made
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
        if isinstance(function, types.FunctionType) and is_dispatcher(function):
            function = self.dispatched(function, positional, node)
        if isinstance(function, types.FunctionType) and not is_library(function):
            return self.inline(function, positional, keywords, node, callee.path)
        if is_array_class(function):
            return self.library("numpy.empty", positional, keywords, node, base)
        if is_users_class(function):
            return self.construct(function, positional, keywords, node)
        if isinstance(function, enum.EnumMeta) and not keywords:
            name = self._member_name(function, positional, node)
            if name is not None:
                return self.attribute(callee, name, node, base)
        if is_users_object(function) or isinstance(function, enum.Enum):
            result = self.special_method(
                "__call__", [callee, *positional], node, base, keywords
            )
            if result is not None:
                return result
        values = [*positional, *keywords.values()]
        places = function.nin if is_ufunc(function) else len(positional)
        writes = may_write(function) or asks_to_write(keywords) or len(positional) > places
        self.check_lists(values, writes, node)
        whole = self.external(callee, node)
        kind = None if writes else self._kind_made(function, positional, keywords, node)
        if kind is not None:
            whole = Global(whole.name, Returns(kind))
        result = self._opaque(whole, positional, keywords, node, base)
        if writes:
            self.forget_arrays(values, node)
        if isinstance(result, Var) and isinstance(result.kind, Tuple):
            return self.items_made(result)
        return result

    def _member_name(
        self, cls: enum.EnumMeta, positional: list[Value], node: ast.Call
    ) -> str | None:
        """The member of an enumeration that a value stands for, if that is known now."""
        if len(positional) != 1 or not isinstance(positional[0], Const):
            return None
        members: dict[str, Any] = dict(cls.__members__)
        for name, member in members.items():
            if member.value == positional[0].value:
                return name
        if "_missing_" not in vars(cls):
            self.raise_now(ValueError, node)
        return None

    def _kind_made(
        self,
        function: Any,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.AST,
    ) -> Kind | None:
        """The kind of what a function of a library makes of numbers alone."""
        values = [self._known_now(v, node) for v in (*positional, *keywords.values())]
        if MISSING in values:
            return None
        named = dict(zip(keywords, values[len(positional) :], strict=True))
        return kind_made(function, values[: len(positional)], named)

    def _known_now(self, value: Value, node: ast.AST) -> Any:
        """A number, text or list of such that is known now, a length as such; MISSING for
        anything else."""
        if isinstance(value, Const):
            return value.value
        held = isinstance(value, (ListRef, Sequence))
        items = self.known_items(value, node) if held else None
        if items is not None:
            parts = [self._known_now(item, node) for item in items]
            lengths = any(isinstance(part, Length) for part in parts)
            if lengths or MISSING in parts:
                return MISSING
            return parts if isinstance(value, ListRef) else tuple(parts)
        kind = self.kind(value) if isinstance(value, Var) else None
        if not isinstance(kind, Int):
            return MISSING
        if isinstance(kind.extent, int):
            return kind.extent
        return Length(Size(str(value)) if kind.extent is None else kind.extent)

    def check_lists(self, values: list[Value], writes: bool, node: ast.AST) -> None:
        if writes and any(isinstance(v, ListRef) for v in values):
            message = "this call may change the list that it gets"
            raise Refusal(message, node, "pass a tuple")

    def forget_arrays(self, values: list[Value], node: ast.AST) -> None:
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
            module = ".".join(op.split(".")[:2])
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
        if is_checkpoint(function) and function not in self.open_checkpoints:
            return self.run_again(Static(function, path), positional, keywords, node)
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
        frame.site = site
        if is_definition(function):
            frame.site = site or self.frame.site or self.span(node)
        names = [a.arg for a in args.posonlyargs + args.args]
        defaults: dict[str, Value] = {}
        given = reversed(function.__defaults__ or ())
        for name, value in zip(reversed(names), given, strict=False):
            defaults[name] = self._default(frame, name, value, node)
        for name, value in (function.__kwdefaults__ or {}).items():
            defaults[name] = self._default(frame, name, value, node)
        result = self._run(frame, source.node, positional, keywords, defaults, node)
        given = (*positional, *keywords.values())
        if isinstance(result, Var) and gives_array(function) and result not in given:
            self.without_axes.add(result)
        return result

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
        names = assigned_names(closure.node)
        frame = Frame(len(self.frames), outer.source, outer.function, names, outer)
        frame.path = outer.path
        given = positional, keywords, dict(closure.defaults), node
        over = [scope for scope in closure.made_in if scope not in outer.scopes]
        if not all(scope.is_left for scope in over):
            self.check_names(closure.node, outer, closure.made_in, node)
            over = []
        with contextlib.ExitStack() as stack:
            for scope in outer.scopes[::-1]:
                if scope not in closure.made_in:
                    stack.enter_context(scope.aside())
            for scope in over:
                stack.enter_context(scope.again())
            return self._run(frame, closure.node, *given)

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
        if frame.function is not None and is_definition(frame.function):
            name = name if name[:2] == "__" else name.rpartition("__")[2]
        if is_generator(function):
            bound = self.bind(function.args, name, positional, keywords, defaults, node)
            return self.suspended(frame, function, bound)  # type: ignore[arg-type]
        place = self.place_of(frame, function)
        if place not in self.apart:
            values = (*positional, *keywords.values())
            self.check_recursion(frame, place, values, node)
        bound = self.bind(function.args, name, positional, keywords, defaults, node)
        if place in self.apart:
            return self.invoke(frame, function, bound, node)
        frame.number = len(self.frames)  # iterators among what is bound have frames, too
        self.frames[frame.number] = frame
        for key, value in bound.items():
            self.state.set((frame.number, key), value)
        args = tuple(a for a in map(self._standing_for, bound.values()) if a is not None)
        call = Call(name, args, self.span(node), self.build.call)
        nodes, made, inside = self.build.nodes, len(self.build.nodes), place in self.stack
        with self.build.within(call):
            result = self.run_function(frame, function, id(node))
        if inside and nodes is self.build.nodes and len(nodes) == made:
            self.forget_call(place)
        return result

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

    # -- built-in functions -----------------------------------------------------------

    def _lazy_builtin(self, callee: Static, node: ast.Call, base: str) -> Value | None:
        """Built-ins that look at how their arguments are written."""
        first = node.args[0] if node.args else None
        if callee.value is sum and isinstance(first, ast.GeneratorExp):
            if any(keyword.arg != "start" for keyword in node.keywords):
                return None
            given = [*node.args[1:], *(keyword.value for keyword in node.keywords)]
            start = self.expr(given[0]) if given else Const(0)
            return self.sum_of_generator(first, start, base)
        if callee.value is zip and [*map(type, node.args)] == [ast.Starred]:
            assert isinstance(first, ast.Starred)
            return None if node.keywords else self.unzipped(self.expr(first.value), node)
        return None


def asks_to_write(keywords: dict[str, Value]) -> bool:
    """Whether a call gives the place for its result, or lets its arguments be used."""
    return any(
        (name == "out" or name.startswith("overwrite_")) and value != Const(False)
        for name, value in keywords.items()
    )
