"""Calls of recursive functions in reverse mode.

A function f(x) that is active becomes two: `f_forward(x)` gives what f does and a tape,
`f_reverse(tape, result_bar)` the adjoints of the arguments. A call of f runs the first in
the forward sweep and the second in the reverse sweep, so both recurse as f does.
The adjoint of an array goes in and comes out with what the call adds: a part that is
read deep down is added to where it lies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from symdiff.errors import Span
from symdiff.ir.builder import Names
from symdiff.ir.core import (
    Atom, Block, Equation, Function, If, Node, Var, While, kind_of, leaves, rename,
    walk,
)  # fmt: skip
from symdiff.ir.effects import INVOKES
from symdiff.ir.kinds import TAPE, Array, Kind, Tuple, derivative_kind
from symdiff.records import dataclass, field, replace

__all__ = ["ActiveCall", "Signature", "signatures", "split_calls"]


@dataclass(frozen=True, slots=True)
class Signature:
    """Which parameters and results of a function are active, by their places."""

    function: Function
    params: tuple[int, ...]
    results: tuple[int, ...]
    passed_on: frozenset[int]  # parameters that are arguments of a call as they are

    @property
    def forward(self) -> str:
        return f"{self.function.name}_forward"

    @property
    def reverse(self) -> str:
        return f"{self.function.name}_reverse"

    def accumulates(self, place: int) -> bool:
        """Whether the adjoint of a parameter goes in as well as out."""
        kind = self.function.params[place].var.kind
        return isinstance(kind, Array) and place in self.passed_on

    def bar_kind(self, place: int, arg: Atom) -> Kind:
        return derivative_kind(kind_of(arg))


@dataclass(slots=True)
class ActiveCall:
    """A call in the forward sweep; `results` are the values of f, by their places."""

    signature: Signature
    args: tuple[Atom, ...]
    tape: Var
    span: Span | None
    results: dict[int, Var] = field(default_factory=dict)


def signatures(function: Function, active: set[Var]) -> dict[str, Signature]:
    """The functions that have active parameters and results."""
    passed_on = _passed_on(function)
    found = {}
    for each in function.functions:
        params = tuple(k for k, p in enumerate(each.params) if p.var in active)
        results = tuple(k for k, r in enumerate(leaves(each.returns)) if r in active)
        if params and results:
            found[each.name] = Signature(each, params, results, passed_on[each.name])
    return found


def _passed_on(function: Function) -> dict[str, frozenset[int]]:
    """Which parameters of each function get a parameter of the calling one: what is
    read of an array deep down is best added to the one adjoint of all of it."""
    found: dict[str, set[int]] = {f.name: set() for f in function.functions}
    for each in function.functions:
        own = {p.var for p in each.params}
        for node in walk(each.body):
            if isinstance(node, Equation) and node.op in INVOKES:
                places = found[node.params]
                places.update(k for k, arg in enumerate(node.args) if arg in own)
    return {name: frozenset(places) for name, places in found.items()}


def split_calls(
    function: Function,
    signatures: Mapping[str, Signature],
    active: set[Var],
    names: Names,
) -> tuple[Function, dict[Var, ActiveCall]]:
    """The function with its active calls as the forward sweep makes them, by what they
    give: the results with a tape."""
    if not signatures:
        return function, {}
    work = _Splitter(signatures, active, names)
    body = rename(work.block(function.body), work.renamed)
    return replace(function, body=body), work.calls


class _Splitter:
    def __init__(
        self, signatures: Mapping[str, Signature], active: set[Var], names: Names
    ) -> None:
        self.signatures, self.active, self.names = signatures, active, names
        self.calls: dict[Var, ActiveCall] = {}
        self.renamed: dict[Var, Var] = {}  # tuples of results, now with a tape

    def block(self, block: Block) -> Block:
        nodes: list[Node] = []
        for node in block:
            if isinstance(node, Equation):
                if node.op in INVOKES:
                    if self.is_active(node):
                        self.call(node, nodes)
                        continue
                    # Active for other calls of the function, of which this is none.
                    self.active.discard(node.target)
                if node.op == "item" and isinstance(node.args[0], Var):
                    call = self.calls.get(self.renamed.get(node.args[0], node.args[0]))
                    if call is not None:
                        call.results[node.params] = node.target
            elif isinstance(node, If):
                then, orelse = self.block(node.then), self.block(node.orelse)
                node = replace(node, then=then, orelse=orelse)
            else:
                node = replace(node, body=self.block(node.body))
                if isinstance(node, While):
                    node = replace(node, test=self.block(node.test))
            nodes.append(node)
        return tuple(self.with_tapes(nodes))

    def with_tapes(self, nodes: list[Node]) -> Iterator[Node]:
        """The nodes, with the tape of each call after its results. A result that nobody
        reads is one of them: its adjoint is zero, in its shape."""
        whole: Var | None = None
        for node in nodes:
            is_item = isinstance(node, Equation) and node.op == "item"
            if whole is not None and not (is_item and self.of(node) is whole):
                yield from self.rest(whole)
                whole = None
            yield node
            if isinstance(node, Equation) and node.target in self.calls:
                whole = node.target
        if whole is not None:
            yield from self.rest(whole)

    def of(self, node: Node) -> Atom:
        """What an item is taken from."""
        assert isinstance(node, Equation)
        source = node.args[0]
        return self.renamed.get(source, source) if isinstance(source, Var) else source

    def rest(self, whole: Var) -> Iterator[Equation]:
        call = self.calls[whole]
        assert isinstance(whole.kind, Tuple)
        for place in call.signature.results:
            if place not in call.results:
                result = self.names.fresh("t", "", whole.kind.items[place])
                call.results[place] = result
                yield Equation(result, "item", (whole,), place, call.span)
        last = len(whole.kind.items) - 1
        yield Equation(call.tape, "item", (whole,), last, call.span)

    def is_active(self, eq: Equation) -> bool:
        signature = self.signatures.get(eq.params)
        if signature is None or eq.target not in self.active:
            return False
        return any(eq.args[k] in self.active for k in signature.params)

    def call(self, eq: Equation, nodes: list[Node]) -> None:
        signature = self.signatures[eq.params]
        several = isinstance(signature.function.returns, tuple)
        kind = eq.target.kind
        kinds = kind.items if several and isinstance(kind, Tuple) else (kind,)
        whole = self.names.fresh("t", "", Tuple((*kinds, TAPE)))
        tape = self.names.fresh("tape", "", TAPE)
        call = self.calls[whole] = ActiveCall(signature, eq.args, tape, eq.span)
        self.active.add(whole)
        nodes.append(replace(eq, target=whole, params=signature.forward))
        if several:
            self.renamed[eq.target] = whole
        else:
            call.results[0] = eq.target
            nodes.append(Equation(eq.target, "item", (whole,), 0, eq.span))
