"""Functions whose derivative a user declared: they are called, not followed."""

from __future__ import annotations

import ast
import inspect
import sys
import types
from typing import Any

from symdiff.declared import Declared, called, find, stop_gradient
from symdiff.errors import DifferentiationError
from symdiff.frontend.functions.callees import sealed, unsealed
from symdiff.frontend.functions.recursion import Recursion
from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.values import (
    ArrayRef, DictRef, ListRef, Sequence, Static, Value,
)  # fmt: skip
from symdiff.frontend.reading.calling import caller_with
from symdiff.ir.core import Applied, Atom, Const, Global, Tree, Var, kind_of
from symdiff.ir.infer_dtypes import elementwise
from symdiff.ir.kinds import (
    FLOAT, UNKNOWN, Array, Bool, Float, Int, Kind, Size, Tuple, Unknown, is_number,
)  # fmt: skip
from symdiff.signature import parse_types

__all__ = ["Primitives"]

Path = tuple[str, ...]


class Primitives(Recursion):
    """Lowers calls of functions with a declared derivative."""

    def __init__(self) -> None:
        super().__init__()
        # The functions whose text is read for what they return.
        self.inferring: frozenset[Declared] = frozenset()
        self.kinds_of_results: dict[Any, Kind | str] = {}

    def declared_call(
        self,
        function: Any,
        path: Path,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.AST,
        base: str,
    ) -> Value | None:
        """The result of a function with a declared derivative; None of others."""
        if function is stop_gradient:
            return self._stopped(positional, keywords, node)
        declaring = sys.modules.get("symdiff.api.declaring")
        name = getattr(function, "__name__", "")
        if function is not None and getattr(declaring, name, None) is function:
            message = f"`{name}` is called where it is differentiated"
            raise Refusal(message, node, "declare rules where functions are defined")
        declared = find(function)
        if declared is None or declared in self.inferring:
            return None
        others = self._left_out(declared, function, positional, keywords, node)
        values = [*positional, *keywords.values()]
        if declared.zero:
            values = [self._stop(value, node) for value in values]
        atoms = [self.atom(value, node) for value in values]
        names = tuple(keywords)
        bound = self._by_name(declared, atoms, names, others)
        path = path or ("global", function.__module__, function.__qualname__)
        applied = Applied(
            self._result_kind(declared, function, bound, node),
            names,
            declared,
            tuple(others.items()),
            self._function_of("vjp", declared, path),
            self._function_of("jvp", declared, path),
        )
        whole = self.external(Static(function, path), node)
        self.at(node)
        op = "run" if declared.zero else "apply"
        result = self.emit(op, whole, *atoms, params=applied, base=base)
        if isinstance(result, Var) and isinstance(result.kind, Tuple):
            result = self.items_made(result)
        for item in result.items if isinstance(result, Sequence) else (result,):
            self._tie(item, values)
        return result

    def items_made(self, whole: Var) -> Sequence:
        assert isinstance(whole.kind, Tuple)
        count = len(whole.kind.items)
        items = (self.build.define("item", whole, params=k) for k in range(count))
        return Sequence(tuple(map(self.own, items)))

    def _tie(self, result: Value, arguments: list[Value]) -> None:
        """What a function returns may lie in the memory of an argument."""
        if isinstance(result, ArrayRef):
            for argument in arguments:
                if isinstance(argument, ArrayRef):
                    self.alias(result.buffer, argument.buffer)

    # -- arguments --------------------------------------------------------------------

    def _left_out(
        self,
        declared: Declared,
        function: Any,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.AST,
    ) -> dict[str, Atom]:
        """The arguments that a call leaves out, by name; errors are those of a call."""
        names, only, rest = declared.parameters
        name = declared.name
        if len(positional) > len(names) and not rest:
            raise Refusal(f"too many arguments for `{name}`", node)
        for key in keywords:
            if key not in (*names[len(positional) :], *only):
                raise Refusal(f"`{name}` does not take the argument `{key}` here", node)
        others: dict[str, Atom] = {}
        for key in (*names[len(positional) :], *only):
            if key in keywords:
                continue
            default = _default_of(function, key)
            if default is not inspect.Parameter.empty:
                others[key] = self._default_atom_of(function, key, default, node)
            elif key in names:
                raise Refusal(f"`{name}` misses the argument `{key}`", node)
        return others

    def _default_atom_of(self, function: Any, name: str, value: Any, node: ast.AST) -> Atom:
        if value is None or isinstance(value, (bool, int, float, str)):
            return Const(value)
        path = ("default", function.__module__, function.__qualname__, name)
        return self.atom(self.lift(value, path, node), node)

    @staticmethod
    def _by_name(
        declared: Declared, atoms: list[Atom], keywords: Path, others: dict[str, Atom]
    ) -> dict[str, Atom]:
        cut = len(atoms) - len(keywords)
        names = [*declared.parameters.names]
        names += [f"x{k}" for k in range(len(names), cut)]
        found = dict(zip(names, atoms[:cut], strict=False))
        return {**found, **others, **dict(zip(keywords, atoms[cut:], strict=True))}

    def _function_of(self, form: str, declared: Declared, path: Path) -> Global | None:
        """Where the generated code finds a function of the rule."""
        function = getattr(declared, form)
        if function is None:
            return None
        name = called(function, f"{declared.name}_{form}")
        return self.external_at((form, *path, name), UNKNOWN)

    # -- what it returns --------------------------------------------------------------

    def _result_kind(
        self, declared: Declared, function: Any, bound: dict[str, Atom], node: ast.AST
    ) -> Kind:
        self.invocations += 1
        label = f"call{self.invocations}"
        if declared.returns is not None:
            return _declared_kind(declared.returns, bound, label)
        kind = self._kind_from_text(declared, function, bound, label)
        if declared.zero:
            return UNKNOWN if isinstance(kind, str) else kind
        if isinstance(kind, Array) and not kind.dtype.startswith(("float", "complex")):
            message = f"`{declared.name}` has a derivative, and returns an array of"
            raise Refusal(f"{message} {kind.dtype}", node, "return floats")
        by_element = declared.partials is not None or declared.expression is not None
        if by_element:
            return self._by_element(declared, function, bound, kind, node)
        if isinstance(kind, str):
            help = f'say so: symdiff.rule({declared.name}, ..., returns="float64[:]")'
            message = f"cannot tell what `{declared.name}` returns: {kind}"
            raise Refusal(message, node, help)
        return FLOAT if isinstance(kind, (Int, Bool)) else kind

    def _by_element(
        self,
        declared: Declared,
        function: Any,
        bound: dict[str, Atom],
        kind: Kind | str,
        node: ast.AST,
    ) -> Kind:
        """The kind of what a function gives that works element by element."""
        kinds = tuple(k for k in map(kind_of, bound.values()) if _is_numeric(k))
        expected = elementwise(kinds)
        if isinstance(kind, str):
            if isinstance(expected, Array):
                return _with_floats(expected)
            return FLOAT if isinstance(function, _PLAIN) else Float("float64")
        if _shape(kind) != _shape(expected):
            message = (
                f"the partials of `{declared.name}` are for numbers, and element by "
                f"element, and it returns {_said(kind)} for {_said(expected)}"
            )
            raise Refusal(message, node, "declare its vjp and jvp instead")
        return FLOAT if isinstance(kind, (Int, Bool)) else kind

    def _kind_from_text(
        self, declared: Declared, function: Any, bound: dict[str, Atom], label: str
    ) -> Kind | str:
        """The kind of the result as the text of the function has it, or why not."""
        if not isinstance(function, types.FunctionType):
            return "it has no Python source"
        kinds = tuple(map(kind_of, bound.values()))
        constants = tuple(a if isinstance(a, Const) else None for a in bound.values())
        key = (declared, tuple(bound), kinds, constants)
        if key not in self.kinds_of_results:
            self.kinds_of_results[key] = self._inferred(declared, function, bound)
        kind = self.kinds_of_results[key]
        if isinstance(kind, str):
            return kind
        return unsealed(kind, label)

    def _inferred(
        self, declared: Declared, function: types.FunctionType, bound: dict[str, Atom]
    ) -> Kind | str:
        annotated = function.__annotations__.get("return")
        known = FLOAT if annotated in (float, "float") else None
        kinds: dict[str, Kind | None] = {}
        statics: dict[str, Any] = {}
        names = tuple(bound)
        if declared.parameters.rest:
            function = caller_with(function, len(bound), ())
            names = function.__code__.co_varnames
        for name, atom in zip(names, bound.values(), strict=True):
            if isinstance(atom, Const) and not is_number(kind_of(atom)):
                statics[name] = atom.value
            else:
                kinds[name] = sealed(kind_of(atom))
        try:
            returns = self.results_of(function, kinds, statics, declared)
        except DifferentiationError as error:
            return known or error.diagnostics[0].message
        kind = _kind_of_tree(returns)
        return (known or "its text does not say") if isinstance(kind, Unknown) else kind

    # -- constants --------------------------------------------------------------------

    def _stopped(
        self, positional: list[Value], keywords: dict[str, Value], node: ast.AST
    ) -> Value:
        given = [*positional, *keywords.values()]
        if len(given) != 1 or not keywords.keys() <= {"value"}:
            raise Refusal("`stop_gradient` takes one value", node)
        return self._stop(given[0], node)

    def _stop(self, value: Value, node: ast.AST) -> Value:
        """The value as a constant."""
        if isinstance(value, (Const, Global, Static)):
            return value
        if isinstance(value, Sequence):
            items = tuple(self._stop(item, node) for item in value.items)
            return Sequence(items, value.cls)
        if isinstance(value, (ListRef, DictRef)):
            contents = self.contents(value, node)
            if contents is not None:
                items = tuple(self._stop(item, node) for item in contents.items)
                if contents.keys is None:
                    return self.new_list(items)
                return self.new_dict(contents.keys, items)
            assert isinstance(value, ListRef)
            return self.own_list(self._stop_atom(self.atom(value, node), node))
        atom = self.atom(value, node)
        stopped = self._stop_atom(atom, node)
        owned = self.own(stopped)
        self._tie(owned, [value])
        return owned

    def _stop_atom(self, atom: Atom, node: ast.AST) -> Var:
        return self.at(node).build.define("stop", atom, base=self._base(atom))


_PLAIN = (types.FunctionType, types.BuiltinFunctionType)


def _default_of(function: Any, name: str) -> Any:
    try:
        parameter = inspect.signature(function).parameters.get(name)
    except (TypeError, ValueError):
        return inspect.Parameter.empty
    return inspect.Parameter.empty if parameter is None else parameter.default


def _declared_kind(text: str, bound: dict[str, Atom], label: str) -> Kind:
    """The kind that `returns` says: that of an argument, or written out."""
    if text in bound:
        return kind_of(bound[text])
    kinds = list(parse_types(text, tuple(f"{label}.{k}" for k in range(20))).values())
    found = [_any_length(kind) for kind in kinds]
    return found[0] if len(found) == 1 else Tuple(tuple(found))


def _any_length(kind: Kind) -> Kind:
    """The kind, its lengths possibly 1."""
    if isinstance(kind, Array):
        dims = (Size(d.symbol) if isinstance(d, Size) else d for d in kind.dims)
        return Array(kind.dtype, tuple(dims))
    if isinstance(kind, Tuple):
        return Tuple(tuple(map(_any_length, kind.items)))
    return kind


def _kind_of_tree(tree: Tree) -> Kind:
    if isinstance(tree, tuple):
        return Tuple(tuple(map(_kind_of_tree, tree)))
    return kind_of(tree) if isinstance(tree, (Var, Const, Global)) else UNKNOWN


def _is_numeric(kind: Kind) -> bool:
    return is_number(kind) or isinstance(kind, Array)


def _shape(kind: Kind) -> Any:
    if isinstance(kind, Array):
        return kind.ndim
    return 0 if is_number(kind) else None


def _with_floats(kind: Array) -> Array:
    return kind if kind.dtype.startswith("float") else Array("float64", kind.dims)


def _said(kind: Kind) -> str:
    if isinstance(kind, Array):
        return f"an array with {kind.ndim} ax{'i' if kind.ndim == 1 else 'e'}s"
    return "a number" if is_number(kind) else f"a {kind}"
