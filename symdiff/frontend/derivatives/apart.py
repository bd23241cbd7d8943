"""A part of a program that is lowered by itself, to be differentiated."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from typing import Any

from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.state import Branch
from symdiff.frontend.memory.values import (
    MISSING, ArrayRef, Closure, Derived, DictRef, ListRef, ObjectRef, Partial, Ref,
    Sequence, Static, Value,
)  # fmt: skip
from symdiff.frontend.standard.functional import Functional
from symdiff.ir.core import (
    Atom, Block, Const, Equation, Function, Global, Parameter, Var, atoms_of, defined_by,
    inner_params, kind_of, rename, walk,
)  # fmt: skip
from symdiff.ir.derivative import DERIVE, Derivative
from symdiff.ir.kinds import (
    Array, Int, Kind, List, Tuple, derivative_kind, is_continuous, is_number,
)  # fmt: skip
from symdiff.records import dataclass, field

__all__ = [
    "Keywords", "Outline", "Part", "Structures", "alike", "called_as", "is_scalar",
    "may_have_tangent", "name_of", "numbers_in",
]  # fmt: skip

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
    place: object = field(default=None, compare=False)  # where a dict was made


class Structures(Functional):
    """Takes values apart into leaves, and puts others together as they were."""

    def dissected(self, value: Value, leaves: list[Value]) -> Any:
        """The outline of a value, or the number of the leaf that it is, or itself."""
        value = self.viewed(value, None)
        if isinstance(value, Sequence) and value.cls not in (set, slice):
            items = tuple(self.dissected(item, leaves) for item in value.items)
            return Outline(Sequence, items, (), value.cls)
        if isinstance(value, ObjectRef) and self.is_keyed(value):
            keys, values = self.known_of_keyed(value, None)
            items = tuple(self.dissected(item, leaves) for item in values)
            place = self.made_at_place.get(value.buffer)
            return Outline(DictRef, items, keys, None, place)
        if isinstance(value, (ListRef, DictRef, ObjectRef)):
            contents = self.contents(value, None)
            if contents is not None:
                items = tuple(self.dissected(item, leaves) for item in contents.items)
                place = self.made_at_place.get(value.buffer)
                return Outline(type(value), items, contents.keys or (), contents.cls, place)
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
            made = self.new_dict(outline.keys, items)
            return self.dict_made(made, outline.place, None) if outline.place else made
        assert outline.cls is not None
        return self.new_object(outline.cls, outline.keys, items)

    def parameters_of(self, function: Value) -> list[str]:
        if isinstance(function, Closure):
            args = function.node.args
            return [a.arg for a in (*args.posonlyargs, *args.args, *args.kwonlyargs)]
        if isinstance(function, Partial):
            left = self.parameters_of(function.function)[len(function.args) :]
            given = {name for name, _ in function.keywords}
            return [name for name in left if name not in given]
        if isinstance(function, Derived):
            return self.parameters_of(function.function)
        if not isinstance(function, Static) or not callable(function.value):
            return []
        try:
            return list(inspect.signature(function.value).parameters)
        except ValueError:  # of something compiled
            return []


class Part:
    """The part of a program that is differentiated: a call, lowered by itself.

    outlines: those of the arguments by which is differentiated; their leaves are counted
        through all of them. result: the outline of what the function returns, and `kinds`
        are those of its leaves.
    """

    def __init__(
        self,
        lowering: Structures,
        function: Value,
        positional: list[Value],
        keywords: Keywords,
        by: list[Any],
        node: ast.Call,
        base: str,
    ) -> None:
        self.lowering, self.node = lowering, node
        self.name, self.called = name_of(function), called_as(function)
        self.params: list[Var] = []
        self.args: list[Atom] = []
        self.by: list[int] = []
        self.bars: list[Value | None] = []  # of leaves that have none, what stands for it
        self.outlines: dict[Any, Any] = {}
        self.copies: dict[Var, tuple[Var, int]] = {}
        self.origins: dict[Var, Ref] = {}  # of the arrays and lists among the parameters
        branch = Branch()
        build, state = lowering.build, lowering.state
        leaves: list[Value] = []
        given: dict[Any, tuple[Any, list[Value]]] = {}
        names = lowering.parameters_of(function)
        for key, value in (*enumerate(positional), *keywords.items()):
            label = str(key)
            if isinstance(key, int):  # behind the parameters come those of `*args`
                label = names[key] if key < len(names) else f"arg{key}"
            given[key] = self._entered(key, label, value, key in by)
        if lowering.catching:
            message = "whether this derivative raises what is caught here is not known"
            raise Refusal(message, node, "call it outside the `try`")
        with lowering.alone(), state.branch(branch), build.block() as nodes:
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
        self._check_changes(branch)
        self.kinds = [kind_of(atom) for atom in self.results]
        self.writes = False  # into its arguments
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
            if isinstance(leaf, Ref):
                self.origins[var] = leaf
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
        elif not may_have_tangent(kind):
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
        if not isinstance(inside, Var) or not isinstance(inside.kind, (Array, List)):
            return inside
        op = "copy" if isinstance(inside.kind, Array) else "list.copy"
        copy = lowering.build.define(op, inside, base=inside.base)
        ref = self._owned(copy)
        assert isinstance(ref, Ref)
        self.copies[copy] = (inside, ref.buffer)
        return ref

    # -- the function -----------------------------------------------------------------

    def _check_changes(self, branch: Branch) -> None:
        """Refuse what changes anything but its own arguments."""
        for key, value in branch.changes.items():
            before = self.lowering.state.get(key)
            if before is MISSING or before == value:
                continue
            frame = key[0] if isinstance(key, tuple) and len(key) == 2 else key
            if isinstance(key, tuple) and isinstance(frame, int) and frame < 0:
                continue  # a slot: a derivative leaves what is outside as it was
            if isinstance(frame, int):
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
        self.writes = len(same) < len(self.copies)
        body = tuple(n for n in body if getattr(n, "target", None) not in same)
        body = rename(body, same)
        self.results = [same.get(a, a) if isinstance(a, Var) else a for a in self.results]
        defined = set(self.params)
        used: dict[Var, None] = {}
        for each in walk(body):
            defined.update(defined_by(each), inner_params(each))
            used.update((a, None) for a in atoms_of(each) if isinstance(a, Var))
        used.update((a, None) for a in self.results if isinstance(a, Var))
        free = [var for var in used if var not in defined]
        self._check_sharing([v for c, (v, _) in self.copies.items() if c not in same], free)
        names = self.lowering.names
        inner = {var: names.fresh(var.base, var.role, var.kind) for var in free}
        self.params += inner.values()
        self.args += free
        self.results = [inner.get(a, a) if isinstance(a, Var) else a for a in self.results]
        return rename(body, inner)

    def _check_sharing(self, written: list[Var], free: list[Var]) -> None:
        """Refuse a write into an argument that is read in another way as well: of the
        copies that are worked on only one would change."""
        lowering = self.lowering
        for var in written:
            home = self.origins.get(var)
            if home is None:
                continue
            others = [ref for other, ref in self.origins.items() if other is not var]
            tied = (home.buffer, *lowering.ties.get(lowering.home(home.buffer), ()))
            held = [lowering.state.get(buffer) for buffer in tied]
            shared = any(lowering.may_share(home.buffer, ref.buffer) for ref in others)
            if shared or any(value in free for value in held):
                raise Refusal(
                    f"{self.called} writes into `{var.base}`, which shares memory with "
                    "another value that it reads",
                    self.node,
                    "pass a copy",
                )

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
        kinds = (*self.kinds, *(derivative_kind(kind_of(atom)) for atom in about))
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


def _shifted(outline: Any, by: int, part: Part, label: str) -> Any:
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


def alike(a: Any, b: Any) -> bool:
    if isinstance(a, Outline) and isinstance(b, Outline):
        same = a.form is b.form and a.keys == b.keys and len(a.items) == len(b.items)
        return same and all(map(alike, a.items, b.items))
    return isinstance(a, int) == isinstance(b, int)


def numbers_in(outline: Any) -> list[int]:
    if isinstance(outline, int):
        return [outline]
    if not isinstance(outline, Outline):
        return []
    return [k for item in outline.items for k in numbers_in(item)]


def may_have_tangent(kind: Kind) -> bool:
    if isinstance(kind, List):
        return may_have_tangent(kind.item)
    if isinstance(kind, Tuple):
        return any(map(may_have_tangent, kind.items))
    return is_continuous(kind)


def is_scalar(kind: Kind) -> bool:
    return is_number(kind) or (isinstance(kind, Array) and not kind.dims)


def _said(kind: Kind) -> str:
    return f"an array of {kind.dtype}" if isinstance(kind, Array) else f"a {kind}"


def _base(atom: Atom) -> str:
    return atom.base if isinstance(atom, Var) else "t"


def name_of(function: Value) -> str:
    if isinstance(function, (Partial, Derived)):
        return name_of(function.function)
    thing = function.node if isinstance(function, Closure) else None
    thing = getattr(function, "value", thing)
    name = getattr(thing, "__name__", None) or getattr(thing, "name", None)
    return str(name) if name and name != "<lambda>" else "lambda"


def called_as(function: Value) -> str:
    """How messages call a function."""
    name = name_of(function)
    return "this lambda" if name == "lambda" else f"`{name}`"
