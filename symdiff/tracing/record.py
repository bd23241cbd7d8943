"""Runs a function and keeps each equation that it executes, with its value."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from symdiff.errors import Diagnostic, DifferentiationError, Span
from symdiff.ir.builder import Call
from symdiff.ir.core import (
    UNDEF, Applied, Atom, Const, Equation, For, Function, Global, Tree, Undef, Var, While,
    leaves, map_tree,
)  # fmt: skip
from symdiff.ir.effects import APPLIES, INVOKES
from symdiff.ir.kinds import UNKNOWN, Array, Int, Kind, List, Tuple, join_items, is_number
from symdiff.ir.structure import part_text
from symdiff.records import dataclass, field, replace
from symdiff.signature import is_array, kind_of_value
from symdiff.tracing.interpreter import Interpreter, Missing
from symdiff.tracing.operations import result_of

__all__ = ["Instance", "Record", "exact_kind", "record"]

# The value goes on under another name: nothing changes values, so no copy is needed.
_SAME = ("copy", "list.copy", "unpack", "check length")


def exact_kind(value: Any) -> Kind:
    """The kind of a value, with all lengths known."""
    if is_array(value):
        return Array(value.dtype.name, value.shape)
    if isinstance(value, tuple):
        return Tuple(tuple(map(exact_kind, value)))
    if isinstance(value, list):
        kinds = tuple(map(exact_kind, value))
        numeric = all(isinstance(kind, Array) or is_number(kind) for kind in kinds)
        item = join_items(kinds)
        mixed = numeric and item == UNKNOWN  # of several dtypes, or numbers and arrays
        return Tuple(kinds) if mixed else List(item, len(value))
    kind = kind_of_value(value)
    return Int(int(value)) if isinstance(kind, Int) else kind


def _is_same(value: Any) -> bool:
    """Whether a copy of the value could not be told from it: its rows lie in order."""
    return not is_array(value) or value.flags.c_contiguous


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """One run of a call of a user's function."""

    name: str
    args: tuple[Atom, ...]
    span: Span | None
    outer: Instance | None

    def path(self) -> tuple[Instance, ...]:
        """The calls that are open in it, outermost first."""
        return (*self.outer.path(), self) if self.outer is not None else (self,)


@dataclass(slots=True)
class Record:
    """What was executed: equations without control flow, in order, each with a value of
    its own. `inputs` are those values that the caller gave, and how they are written;
    `parted` those that are read by parts, which are inputs themselves."""

    equations: list[Equation] = field(default_factory=list)
    values: dict[Var, Any] = field(default_factory=dict)
    inputs: dict[Var, str] = field(default_factory=dict)
    parted: set[Var] = field(default_factory=set)
    instances: dict[Var, Instance] = field(default_factory=dict)
    names: dict[Var, str] = field(default_factory=dict)  # the user's
    outside: dict[Var, str] = field(default_factory=dict)  # found in the module
    returns: Tree = UNDEF


def record(
    function: Function,
    args: Sequence[Any],
    names: Mapping[str, Any],
    calls: Mapping[Var, Call],
    bases: Mapping[Var, str],
    written: Collection[str],
    floats: Collection[str],
    limit: int,
) -> Record:
    """What a function executes for these arguments.

    `calls` and `bases` are those of `Lowered`; `written` are the names that the user gave
    to values, `floats` names parts of arguments that are
    integers and taken as floats. Raises `DifferentiationError` if more
    than `limit` equations or rounds of loops are executed.
    """
    recorder = _Recorder(names, calls, bases, written, floats, limit)
    params = [
        recorder.parameter(p.var, v) for p, v in zip(function.params, args, strict=True)
    ]
    returns = recorder.run(function, *params)
    recorder.kept.returns = map_tree(returns, recorder.made_a_value)
    return recorder.kept


class _Recorder(Interpreter):
    """Variables stand for atoms: for variables that were made for one execution of an
    equation only, or for constants."""

    def __init__(
        self,
        names: Mapping[str, Any],
        calls: Mapping[Var, Call],
        bases: Mapping[Var, str],
        written: Collection[str],
        floats: Collection[str],
        limit: int,
    ) -> None:
        super().__init__(names)
        self.kept = Record()
        self.calls, self.bases = calls, bases
        self.written, self.floats, self.limit = written, floats, limit
        self.executed = 0
        self.made = 0
        self.tuples: dict[Var, Equation] = {}
        self.found: dict[Global, Var] = {}
        self.base: Instance | None = None  # the call of a recursive function
        self.rounds_open: list[tuple[Call | None, int]] = []
        self.opened: dict[tuple[Call, int, Instance | None], Instance] = {}

    def new(self, value: Any, base: str) -> Var:
        self.made += 1
        var = Var(base, "", self.made, exact_kind(value))
        self.kept.values[var] = value
        return var

    def parameter(self, param: Var, value: Any) -> Var:
        var = self.new(value, param.base)
        self.kept.inputs[var] = param.base
        return var

    def made_a_value(self, atom: Atom) -> Atom:
        """A constant that is a result is a value like others."""
        is_number = isinstance(atom, Const) and isinstance(
            atom.value, (int, float, complex)
        )
        return self.new(self.value(atom), "t") if is_number else atom

    def atom(self, atom: Atom) -> Any:
        if isinstance(atom, Global):
            if atom not in self.found:
                var = self.found[atom] = self.new(self.outside(atom), atom.name)
                self.kept.outside[var] = atom.name
            return self.found[atom]
        return self.env[atom] if isinstance(atom, Var) else atom

    def value(self, thing: Any) -> Any:
        if isinstance(thing, Var):
            return self.kept.values[thing]
        return Missing if isinstance(thing, Undef) else thing.value

    def counted(self, var: Var, value: Any) -> Any:
        off_a_tape = isinstance(value, (Var, Const, Undef))
        return value if off_a_tape else self.new(value, var.base)

    def count(self, span: Span | None) -> None:
        self.executed += 1
        if self.executed > self.limit:
            message = f"the list of equations has not ended after {self.limit:,} of them"
            hint = "give it arguments for which the loop ends, or a larger `limit`"
            raise DifferentiationError(Diagnostic(message, span, hint))

    def equation(self, eq: Equation) -> Any:
        args = tuple(self.atom(a) for a in eq.args)
        if eq.op in ("tape", "push"):  # of an inner derivative: its entries are values
            return self.taped(args)
        if eq.op in _SAME and _is_same(self.value(args[0])):
            if eq.op == "check length":
                result_of(eq.op, [self.value(args[0])], eq.params)
            return args[0]
        if eq.op == "builtins.float" and args and type(self.value(args[0])) is float:
            return args[0]
        if eq.op == "item" and args[0] in self.tuples:
            return self.tuples[args[0]].args[eq.params]
        self.count(eq.span)
        instance = self.instance(self.calls.get(eq.target))
        if eq.op in INVOKES:
            return self.invoked(eq, args, instance)
        value = result_of(eq.op, [self.value(a) for a in args], eq.params)
        if eq.op == "part" and args[0] in self.kept.inputs:
            name = part_text(self.kept.inputs[args[0]], eq.params)
            target = self.new(float(value) if name in self.floats else value, name)
            self.kept.inputs[target] = name
            self.kept.parted.add(args[0])
            return target
        target = self.new(value, eq.target.base)
        params = self.applied(eq.params) if eq.op in APPLIES else eq.params
        self.keep(Equation(target, eq.op, args, params, eq.span), instance)
        name = self.bases.get(eq.target, eq.target.base)
        if name in self.written:
            self.kept.names[target] = name
        return target

    def taped(self, args: tuple[Any, ...]) -> list[Any]:
        if not args:
            return []
        tape, *entry = args
        tape.append(entry[0] if len(entry) == 1 else tuple(entry))
        return tape  # type: ignore[no-any-return]  # lists stand for tapes alone

    def applied(self, params: Applied) -> Applied:
        """How a function is applied, what is read from outside being values too."""
        others = tuple((name, self.atom(atom)) for name, atom in params.others)
        vjp, jvp = (f and self.atom(f) for f in (params.vjp, params.jvp))
        return replace(params, others=others, vjp=vjp, jvp=jvp)

    def keep(self, eq: Equation, instance: Instance | None) -> None:
        self.kept.equations.append(eq)
        if instance is not None:
            self.kept.instances[eq.target] = instance
        if eq.op == "tuple":
            self.tuples[eq.target] = eq

    # -- calls ------------------------------------------------------------------------

    def instance(self, call: Call | None) -> Instance | None:
        """The run of a call that is open now: one for each round of the loops around."""
        if call is None:
            return self.base
        outer = self.instance(call.outer)
        key = (call, self.round_around(call), self.base)
        found = self.opened.get(key)
        if found is None or found.outer is not outer:
            args = tuple(self.env.get(a, a) if isinstance(a, Var) else a for a in call.args)
            found = self.opened[key] = Instance(call.name, args, call.span, outer)
        return found

    def round_around(self, call: Call) -> int:
        """The innermost open round of a loop that is not inside the call itself."""
        for owner, number in reversed(self.rounds_open):
            while owner is not None and owner is not call:
                owner = owner.outer
            if owner is None:
                return number
        return 0

    @contextmanager
    def round(self, node: For | While, number: int) -> Iterator[None]:
        self.count(node.span)
        owner = next((self.calls[v] for v in node.results if v in self.calls), None)
        self.rounds_open.append((owner, self.executed))
        try:
            yield
        finally:
            self.rounds_open.pop()

    def invoked(self, eq: Equation, args: tuple[Atom, ...], outer: Instance | None) -> Any:
        kept, self.base = self.base, Instance(eq.params, args, eq.span, outer)
        rounds, self.rounds_open = self.rounds_open, []
        try:
            returned = self.invoke(self.functions[eq.params], args)
        finally:
            self.base, self.rounds_open = kept, rounds
        if not isinstance(returned, tuple):
            return returned
        atoms = tuple(leaves(returned))
        target = self.new(tuple(map(self.value, atoms)), eq.target.base)
        self.keep(Equation(target, "tuple", atoms, None, eq.span), outer)
        return target
