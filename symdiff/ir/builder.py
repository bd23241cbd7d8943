"""Appends equations to blocks, names new values and infers their kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from symdiff.errors import Span
from symdiff.ir.core import (
    Atom, Block, Const, Equation, Function, Node, Var, defined_by, inner_params, kind_of,
    walk,
)  # fmt: skip
from symdiff.ir.infer import infer
from symdiff.ir.kinds import UNKNOWN, Kind
from symdiff.records import dataclass

__all__ = ["Builder", "Call", "Names"]


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A call of a user's function that is written out: what was made for it says so."""

    name: str
    args: tuple[Atom, ...]  # those that are numbers, arrays or lists
    span: Span | None
    outer: Call | None  # the call whose text it stands in


Folder = Callable[["Builder", str, tuple[Atom, ...], Any], Atom | None]


class Names:
    """Counters that give every value its version: the same names on every run."""

    def __init__(self) -> None:
        self._next: dict[tuple[str, str], int] = {}
        self._behind: Function | None = None  # whose names are not counted yet

    def fresh(
        self, base: str, role: str = "", kind: Kind = UNKNOWN, of: Var | None = None
    ) -> Var:
        if self._behind is not None:
            self._catch_up(self._behind)
        version = self._next.get((base, role), 0)
        self._next[base, role] = version + 1
        return Var(base, role, version, kind, of)

    def bar(self, of: Var, kind: Kind) -> Var:
        """A new name for the adjoint of a value."""
        return self.fresh(of.stem, "bar", kind, of)

    @classmethod
    def after(cls, function: Function) -> Names:
        """Counters that go on where the names of a finished function end.

        Most passes make no new value: the names are counted when the first is made.
        """
        names = cls()
        names._behind = function
        return names

    def _catch_up(self, function: Function) -> None:
        self._behind = None
        for parameter in function.params:
            self.saw(parameter.var)
        for node in walk(function.body):
            if isinstance(node, Equation):
                self.saw(node.target)
            else:
                for var in (*inner_params(node), *defined_by(node)):
                    self.saw(var)

    def saw(self, var: Var) -> None:
        """Count on from the name of a value."""
        key = var.base, var.role
        if var.version >= self._next.get(key, 0):
            self._next[key] = var.version + 1


class Builder:
    """Builds one block at a time; `block()` opens an inner one.

    With `fold` (see `symdiff.passes.simplify.fold`) each equation is simplified as it
    is made, so that derivative rules may be written plainly. `definitions` tells the
    folder how a value was made, `hint` the name that the value being made will carry.
    `before` is called before an equation is made.
    """

    def __init__(self, names: Names, fold: Folder | None = None) -> None:
        self.names = names
        self.nodes: list[Node] = []
        self.span: Span | None = None
        self.definitions: dict[Var, Equation] = {}
        self.items: dict[tuple[Atom, Any], Var] = {}  # of tuples, those that have names
        # What the function itself computes where its derivative is being made: its own
        # calls, by op, arguments and params, the sums of arrays along axes, and shares in
        # sums (see `symdiff.passes.folding.logistic`).
        self.known: dict[tuple[Any, ...], Var] = {}
        self.distances: frozenset[Var] = frozenset()  # see symdiff.analysis.distances
        # The function's own equations, where they are not among `definitions`.
        self.own: dict[Var, Equation] = {}
        self.hint: tuple[str, str] = ("t", "")
        self.role = ""  # of temporaries
        self.of: Var | None = None  # whose adjoint is being made
        # Whether nothing but the equation that is being folded reads a value.
        self.reads_alone: Callable[[Atom], bool] = lambda atom: False
        self._fold = fold
        self.before: Callable[[str, tuple[Atom, ...], Any], None] | None = None
        self.call: Call | None = None
        self.calls: dict[Var, Call] = {}  # which call each value was made for

    @contextmanager
    def within(self, call: Call | None) -> Iterator[None]:
        """Note that what is made meanwhile belongs to a call."""
        outer, self.call = self.call, call
        try:
            yield
        finally:
            self.call = outer

    def made(self, atom: Atom) -> Equation | None:
        """The equation of a value, of the derivative or of the function itself."""
        if not isinstance(atom, Var):
            return None
        return self.definitions.get(atom) or self.own.get(atom)

    def emit(
        self, op: str, *args: Atom, params: Any = None, base: str = "t", role: str = ""
    ) -> Atom:
        """Append `target = op(args)`; the value that stands for it, folded if possible."""
        if op == "item" and (args[0], params) in self.items:
            return self.items[args[0], params]
        if self._fold is not None:
            self.hint = (base, role)
            folded = self._fold(self, op, args, params)
            if folded is not None:
                return folded
        if self.known and params is None and (op, args, params) in self.known:
            return self.known[op, args, params]
        return self.define(op, *args, params=params, base=base, role=role)

    def define(
        self, op: str, *args: Atom, params: Any = None, base: str = "t", role: str = ""
    ) -> Var:
        """Append `target = op(args)` as it is, unfolded."""
        if self.before is not None:
            self.before(op, args, params)
        kind = infer(op, tuple(map(kind_of, args)), args, params)
        role = role or (self.role if base == "t" else "")
        known = self.of is not None and role == "bar" and self.of.stem == base
        target = self.names.fresh(base, role, kind, self.of if known else None)
        self.append(Equation(target, op, args, params, self.span))
        return target

    def append(self, node: Node) -> None:
        self.nodes.append(node)
        if isinstance(node, Equation):
            self.definitions[node.target] = node
        if self.call is not None:
            for var in defined_by(node):
                self.calls[var] = self.call

    @contextmanager
    def temporaries(self, role: str) -> Iterator[None]:
        """Give the temporaries made meanwhile a role."""
        outer, self.role = self.role, role
        try:
            yield
        finally:
            self.role = outer

    @contextmanager
    def block(self) -> Iterator[list[Node]]:
        """Collect what is emitted inside the `with` into the list it yields."""
        outer, self.nodes = self.nodes, []
        try:
            yield self.nodes
        finally:
            self.nodes = outer

    def take(self) -> Block:
        """The nodes of the current block."""
        return tuple(self.nodes)

    @staticmethod
    def const(value: Any) -> Const:
        return Const(value)
