"""Derivatives that the program itself asks for: `grad(f)(x)` in what is differentiated.

The function is lowered by itself, as one of its arguments and of all else that it reads;
`symdiff.transform.nested` puts its derivative in its place.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from symdiff.derivation import derivation_of
from symdiff.frontend.context import Refusal
from symdiff.frontend.functional import Functional
from symdiff.frontend.outside import attribute_of
from symdiff.frontend.state import Branch
from symdiff.frontend.values import (
    MISSING, ArrayRef, Closure, Derived, DictRef, ListRef, ObjectRef, Partial, Sequence,
    Static, Value,
)  # fmt: skip
from symdiff.ir.core import (
    Atom, Block, Const, Equation, Function, Global, Parameter, Var, atoms_of, defined_by,
    inner_params, kind_of, rename, walk,
)  # fmt: skip
from symdiff.ir.derivative import DERIVE, Derivative
from symdiff.ir.effects import INVOKES
from symdiff.ir.kinds import FLOAT, Array, Float, Int, Kind, List, Tuple, is_number

__all__ = ["Deriving"]

Keywords = dict[str, Value]
Pick = Callable[[int], Value]


@dataclass(frozen=True, slots=True)
class Outline:
    """What a tuple, list, dict or object is made of: leaves by number, further outlines,
    and values that are no leaves."""

    form: type
    items: tuple[Any, ...]
    keys: tuple[Any, ...] = ()
    cls: type | None = None


class Deriving(Functional):
    """Lowers the operators, and calls of the derivatives that they make."""

    # -- operators --------------------------------------------------------------------

    def derived(self, value: Static, node: ast.AST) -> Derived:
        """A derivative that was made outside."""
        made = derivation_of(value.value)
        assert made is not None
        function = self.lift(made.function, attribute_of(value.path, "__wrapped__"), node)
        argnums = made.argnums
        places = tuple(argnums) if isinstance(argnums, (tuple, list)) else argnums
        return Derived(made.form, function, places, made.has_aux)

    def operate(
        self,
        callee: Static,
        name: str,
        positional: list[Value],
        keywords: Keywords,
        node: ast.Call,
        base: str,
    ) -> Value:
        """The call of an operator such as `grad`."""
        if name == "jvp":
            names = ("function", "primals", "tangents", "has_aux")
            bound = self._operands(names, positional, keywords, name, node)
            primals = list(self.items_of(bound["primals"], node))
            tangents = list(self.items_of(bound["tangents"], node))
            has_aux = self._flag(bound.get("has_aux"), node)
            return self._forward(bound["function"], primals, tangents, has_aux, node, base)
        if not positional and "function" not in keywords:
            return Partial(callee, (), tuple(keywords.items()))  # a decorator
        bound = self._operands(
            ("function", "argnums", "has_aux"), positional, keywords, name, node
        )
        argnums = self._argnums(bound.get("argnums", Const(0)), node)
        function = bound["function"]
        return Derived(name, function, argnums, self._flag(bound.get("has_aux"), node))

    def _operands(
        self,
        names: tuple[str, ...],
        positional: list[Value],
        keywords: Keywords,
        called: str,
        node: ast.AST,
    ) -> Keywords:
        bound = {**dict(zip(names, positional, strict=False)), **keywords}
        wrong = [key for key in keywords if key not in names]
        if wrong or len(positional) > len(names) or "function" not in bound:
            raise Refusal(
                f"this form of `{called}` is not supported inside what is differentiated",
                node,
                f"write {called}(f, ...)",
            )
        return bound

    def _flag(self, value: Value | None, node: ast.AST) -> bool:
        return value is not None and bool(self._number(value, node))

    def _argnums(self, value: Value, node: ast.AST) -> Any:
        if isinstance(value, (Sequence, ListRef)):
            items = self.items_of(value, node)
            return tuple(self._number(item, node) for item in items)
        return self._number(value, node)

    # -- gradients --------------------------------------------------------------------

    def derivative(
        self,
        derived: Derived,
        positional: list[Value],
        keywords: Keywords,
        node: ast.Call,
        base: str,
    ) -> Value:
        """The call of a gradient."""
        argnums = derived.argnums
        single = not isinstance(argnums, tuple)
        asked = (argnums,) if single else argnums
        name = _called(derived.function)
        keys = [self._key(derived.function, k, positional, keywords, node) for k in asked]
        part = _Part(self, derived.function, positional, keywords, keys, node, base)
        value, rest = part.result, None
        if derived.has_aux:
            if not isinstance(value, Outline) or len(value.items) != 2:
                message = f"with has_aux {name} must return a pair: the value, the rest"
                raise Refusal(message, node)
            value, rest = value.items
        if not isinstance(value, int) or not _is_scalar(part.kinds[value]):
            message = f"{name} does not return a number here; a gradient needs a scalar"
            raise Refusal(message, node, "differentiate a function that returns one number")
        results, bars = part.emit("reverse", [value], [Const(1.0)])
        found = [part.gradient(bars, key) for key in keys]
        gradient = found[0] if single else Sequence(tuple(found))
        aux = self.assembled(rest, lambda k: results[k])
        if derived.form == "value_and_grad":
            whole = Sequence((results[value], aux)) if derived.has_aux else results[value]
            return Sequence((whole, gradient))
        return Sequence((gradient, aux)) if derived.has_aux else gradient

    def _key(
        self,
        function: Value,
        wanted: Any,
        positional: list[Value],
        keywords: Keywords,
        node: ast.AST,
    ) -> int | str:
        """Which argument of a call is meant by a position or a name."""
        names = self._parameters_of(function)
        if isinstance(wanted, str):
            if wanted in keywords:
                return str(wanted)
            if wanted in names and names.index(wanted) < len(positional):
                return names.index(wanted)
        else:
            place = wanted + len(names) if wanted < 0 else wanted
            if 0 <= place < len(positional):
                return int(place)
            if 0 <= place < len(names) and names[place] in keywords:
                return str(names[place])
        called = _called(function)
        message = f"the argument {wanted!r} of {called}, of which this is the derivative"
        raise Refusal(f"{message}, is not given", node, "pass it")

    def _parameters_of(self, function: Value) -> list[str]:
        if isinstance(function, Closure):
            args = function.node.args
            return [a.arg for a in (*args.posonlyargs, *args.args, *args.kwonlyargs)]
        if isinstance(function, Partial):
            left = self._parameters_of(function.function)[len(function.args) :]
            given = {name for name, _ in function.keywords}
            return [name for name in left if name not in given]
        if isinstance(function, Derived):
            return self._parameters_of(function.function)
        if not isinstance(function, Static) or not callable(function.value):
            return []
        try:
            return list(inspect.signature(function.value).parameters)
        except ValueError:  # of something compiled
            return []

    # -- forward mode -----------------------------------------------------------------

    def _forward(
        self,
        function: Value,
        primals: list[Value],
        tangents: list[Value],
        has_aux: bool,
        node: ast.Call,
        base: str,
    ) -> Value:
        name = _called(function)
        if len(primals) != len(tangents):
            message = f"{name} gets {len(primals)} primals and {len(tangents)} tangents"
            raise Refusal(message, node, "give a tangent for each")
        keys = [k for k, dot in enumerate(tangents) if dot != Const(None)]
        part = _Part(self, function, primals, {}, keys, node, base)
        value, rest = part.result, None
        if has_aux:
            if not isinstance(value, Outline) or len(value.items) != 2:
                message = f"with has_aux {name} must return a pair: the value, the rest"
                raise Refusal(message, node)
            value, rest = value.items
        dots: list[Value] = []
        for key in keys:
            outline = self.dissected(tangents[key], dots)
            if not _alike(outline, part.outlines[key]):
                message = "a tangent is not built as its primal is"
                raise Refusal(message, node, "give it the structure of its primal")
        of = [k for k in _numbers_in(value) if _may_have_tangent(part.kinds[k])]
        results, found = part.emit("forward", of, [self._seed(d, node) for d in dots])
        by_leaf = dict(zip(of, found, strict=True))
        zero = Const(0.0)
        tangent = self.assembled(value, lambda k: by_leaf.get(k, zero))
        whole = self.assembled(value, lambda k: results[k])
        if has_aux:
            return Sequence((whole, tangent, self.assembled(rest, lambda k: results[k])))
        return Sequence((whole, tangent))

    def _seed(self, value: Value, node: ast.AST) -> Atom:
        atom = self.atom(value, node)
        if isinstance(kind_of(atom), Int):
            return self.build.emit("builtins.float", atom)
        return atom

    # -- structures -------------------------------------------------------------------

    def dissected(self, value: Value, leaves: list[Value]) -> Any:
        """The outline of a value, or the number of the leaf that it is, or itself."""
        if isinstance(value, Sequence) and value.cls not in (set, slice):
            items = tuple(self.dissected(item, leaves) for item in value.items)
            return Outline(Sequence, items, (), value.cls)
        if isinstance(value, (ListRef, DictRef, ObjectRef)):
            contents = self.contents(value, None)
            if contents is not None:
                items = tuple(self.dissected(item, leaves) for item in contents.items)
                return Outline(type(value), items, contents.keys or (), contents.cls)
        is_leaf = isinstance(value, (ArrayRef, ListRef, Var, Global))
        if is_leaf or (isinstance(value, Const) and is_number(kind_of(value))):
            leaves.append(value)
            return len(leaves) - 1
        return value

    def assembled(self, outline: Any, pick: Pick) -> Value:
        """A new value of this outline, with these leaves."""
        if isinstance(outline, int):
            return pick(outline)
        if not isinstance(outline, Outline):
            value: Value = Const(None) if outline is None else outline
            return value
        items = tuple(self.assembled(item, pick) for item in outline.items)
        if outline.form is Sequence:
            return Sequence(items, outline.cls)
        if outline.form is ListRef:
            return self.new_list(items)
        if outline.form is DictRef:
            return self.new_dict(outline.keys, items)
        assert outline.cls is not None
        return self.new_object(outline.cls, outline.keys, items)


class _Part:
    """The part of a program that is differentiated: a call, lowered by itself.

    outlines: those of the arguments by which is differentiated; their leaves are counted
        through all of them. result: the outline of what the function returns, and `kinds`
        are those of its leaves.
    """

    def __init__(
        self,
        lowering: Deriving,
        function: Value,
        positional: list[Value],
        keywords: Keywords,
        by: list[Any],
        node: ast.Call,
        base: str,
    ) -> None:
        self.lowering, self.node = lowering, node
        self.name, self.called = _name_of(function), _called(function)
        self.params: list[Var] = []
        self.args: list[Atom] = []
        self.by: list[int] = []
        self.bars: list[Value | None] = []  # of leaves that have none, what stands for it
        self.outlines: dict[Any, Any] = {}
        self.copies: dict[Var, tuple[Var, int]] = {}
        branch = Branch()
        build, state = lowering.build, lowering.state
        leaves: list[Value] = []
        given: dict[Any, tuple[Any, list[Value]]] = {}
        names = lowering._parameters_of(function)
        for key, value in (*enumerate(positional), *keywords.items()):
            label = names[key] if isinstance(key, int) and key < len(names) else str(key)
            given[key] = self._entered(key, label, value, key in by)
        frames = len(lowering.frames)
        with state.branch(branch), build.block() as nodes:
            inside = {
                key: lowering.assembled(outline, self._reader(own))
                for key, (outline, own) in given.items()
            }
            args = [inside[k] for k in range(len(positional))]
            named = {key: inside[key] for key in keywords}
            result = lowering.apply(function, args, named, node, base)
            self.result = lowering.dissected(result, leaves)
            self.results = [lowering.atom(leaf, node) for leaf in leaves]
            body = tuple(nodes)
        self._check_changes(branch, frames)
        self.kinds = [kind_of(atom) for atom in self.results]
        self.body = self._closed(body)

    # -- arguments --------------------------------------------------------------------

    def _entered(
        self, key: Any, label: str, value: Value, by: bool
    ) -> tuple[Any, list[Value]]:
        """The outline of an argument and what its leaves are inside."""
        lowering = self.lowering
        leaves: list[Value] = []
        outline = lowering.dissected(value, leaves)
        inside: list[Value] = []
        first = len(self.bars)
        for leaf in leaves:
            if isinstance(leaf, Const) and not by:
                inside.append(leaf)
                continue
            atom = lowering.atom(leaf, self.node)
            if by:
                atom = self._entered_by(atom)
            var = lowering.names.fresh(label, "", kind_of(atom))
            self.params.append(var)
            self.args.append(atom)
            inside.append(var)
        if by:
            self.outlines[key] = _shifted(outline, first, self, label)
            if all(bar is not None for bar in self.bars[first:]):
                kind = self.lowering.kind(leaves[0]) if isinstance(outline, int) else None
                what = "holds no floats" if kind is None else f"is {_said(kind)}"
                message = f"`{label}` of {self.called} {what} and cannot be differentiated"
                raise Refusal(message, self.node)
        return outline, inside

    def _entered_by(self, atom: Atom) -> Atom:
        """A leaf by which is differentiated, if it is a float or will be taken as one."""
        build, kind = self.lowering.build, kind_of(atom)
        if isinstance(kind, Int):
            atom = build.emit("builtins.float", atom)
        elif not _may_have_tangent(kind):
            zero: Value = Const(0.0 if is_number(kind) else None)
            if isinstance(kind, Array):
                shape = build.define("attr", atom, params="shape")
                zero = self.lowering.own(build.define("numpy.zeros", shape))
            self.bars.append(zero)
            return atom
        self.bars.append(None)
        self.by.append(len(self.params))
        return atom

    def gradient(self, bars: list[Value], key: Any) -> Value:
        """The adjoints of an argument in its structure."""
        given = iter(bars)
        found = [next(given) if zero is None else zero for zero in self.bars]
        return self.lowering.assembled(self.outlines[key], found.__getitem__)

    def _reader(self, inside: list[Value]) -> Pick:
        return lambda k: self._held(inside[k])

    def _held(self, inside: Value) -> Value:
        """What a parameter stands for: an array or list is worked on as a copy."""
        lowering = self.lowering
        kind = kind_of(inside) if isinstance(inside, Var) else None
        if isinstance(kind, Array):
            copy = lowering.build.define("copy", inside, base=inside.base)  # type: ignore
            ref = lowering.own(copy)
        elif isinstance(kind, List):
            copy = lowering.build.define("list.copy", inside, base=inside.base)  # type: ignore
            ref = lowering.own_list(copy)
        else:
            return inside
        self.copies[copy] = (inside, ref.buffer)  # type: ignore
        return ref

    # -- the function -----------------------------------------------------------------

    def _check_changes(self, branch: Branch, frames: int) -> None:
        """Refuse what changes anything but its own arguments."""
        for key, value in branch.changes.items():
            before = self.lowering.state.get(key)
            if before is MISSING or before == value:
                continue
            if isinstance(key, int) or (len(key) == 2 and isinstance(key[0], int)):
                raise Refusal(
                    f"{self.called}, whose derivative is asked for here, changes something "
                    "that is no argument of it",
                    self.node,
                    "return what it computes",
                )

    def _closed(self, body: Block) -> Block:
        """The body without needless copies, reading only parameters."""
        written = self.lowering.written
        same = {c: v for c, (v, buffer) in self.copies.items() if buffer not in written}
        body = tuple(n for n in body if getattr(n, "target", None) not in same)
        body = rename(body, same)
        self.results = [same.get(a, a) if isinstance(a, Var) else a for a in self.results]
        defined = set(self.params)
        used: dict[Var, None] = {}
        for each in walk(body):
            if isinstance(each, Equation) and each.op in INVOKES:
                raise Refusal(
                    f"{self.called}, whose derivative is asked for here, is recursive",
                    self.node,
                    "write a loop",
                )
            defined.update(defined_by(each), inner_params(each))
            used.update((a, None) for a in atoms_of(each) if isinstance(a, Var))
        used.update((a, None) for a in self.results if isinstance(a, Var))
        free = [var for var in used if var not in defined]
        names = self.lowering.names
        inner = {var: names.fresh(var.base, var.role, var.kind) for var in free}
        self.params += inner.values()
        self.args += free
        self.results = [inner.get(a, a) if isinstance(a, Var) else a for a in self.results]
        return rename(body, inner)

    def emit(
        self, form: Any, of: list[int], seeds: list[Atom]
    ) -> tuple[list[Value], list[Value]]:
        """Append the derivative: the function's results, and what was asked for."""
        lowering, build = self.lowering, self.lowering.build
        span = lowering.span(self.node)
        assert span is not None
        params = tuple(map(Parameter, self.params))
        function = Function(self.name, params, self.body, tuple(self.results), span)
        derivative = Derivative(form, function, tuple(self.by), tuple(of))
        about: list[Atom] = [self.params[k] for k in self.by]
        if form == "forward":
            about = [self.results[k] for k in of]
        kinds = (*self.kinds, *(_kind_of_dot(kind_of(atom)) for atom in about))
        target = lowering.names.fresh("t", "", Tuple(kinds))
        build.append(Equation(target, DERIVE, (*self.args, *seeds), derivative, span))
        names = [_base(atom) for atom in (*self.results, *about)]
        items = [
            self._owned(build.define("item", target, params=k, base=name))
            for k, name in enumerate(names)
        ]
        count = len(self.kinds)
        return items[:count], items[count:]

    def _owned(self, var: Var) -> Value:
        lists = isinstance(var.kind, List)
        return self.lowering.own_list(var) if lists else self.lowering.own(var)


def _shifted(outline: Any, by: int, part: _Part, label: str) -> Any:
    """An outline whose leaves are counted from another number."""
    if isinstance(outline, int):
        return outline + by
    if not isinstance(outline, Outline):
        if isinstance(outline, (Const, Static)):
            return None
        message = f"`{label}` of {part.called} cannot be differentiated here"
        raise Refusal(message, part.node)
    items = tuple(_shifted(item, by, part, label) for item in outline.items)
    return Outline(outline.form, items, outline.keys, outline.cls)


def _alike(a: Any, b: Any) -> bool:
    if isinstance(a, Outline) and isinstance(b, Outline):
        same = a.form is b.form and a.keys == b.keys and len(a.items) == len(b.items)
        return same and all(map(_alike, a.items, b.items))
    return isinstance(a, int) == isinstance(b, int)


def _numbers_in(outline: Any) -> list[int]:
    if isinstance(outline, int):
        return [outline]
    if not isinstance(outline, Outline):
        return []
    return [k for item in outline.items for k in _numbers_in(item)]


def _may_have_tangent(kind: Kind) -> bool:
    if isinstance(kind, Array):
        return kind.dtype.startswith("float")
    if isinstance(kind, List):
        return _may_have_tangent(kind.item)
    if isinstance(kind, Tuple):
        return any(map(_may_have_tangent, kind.items))
    return isinstance(kind, Float)


def _is_scalar(kind: Kind) -> bool:
    return is_number(kind) or (isinstance(kind, Array) and not kind.dims)


def _said(kind: Kind) -> str:
    return f"an array of {kind.dtype}" if isinstance(kind, Array) else f"a {kind}"


def _kind_of_dot(kind: Kind) -> Kind:
    return FLOAT if is_number(kind) else kind


def _base(atom: Atom) -> str:
    return atom.base if isinstance(atom, Var) else "t"


def _name_of(function: Value) -> str:
    if isinstance(function, (Partial, Derived)):
        return _name_of(function.function)
    thing = function.node if isinstance(function, Closure) else None
    thing = getattr(function, "value", thing)
    name = getattr(thing, "__name__", None) or getattr(thing, "name", None)
    return str(name) if name and name != "<lambda>" else "lambda"


def _called(function: Value) -> str:
    """How messages call a function."""
    name = _name_of(function)
    return "this lambda" if name == "lambda" else f"`{name}`"
