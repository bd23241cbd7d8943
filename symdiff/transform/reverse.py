"""Reverse mode: a primal function becomes the function of its gradient."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from symdiff.analysis.activity import active_vars
from symdiff.analysis.distances import distances
from symdiff.analysis.tapes import Tapes
from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.ir.builder import Builder, Names
from symdiff.ir.core import (
    Atom, Block, Compound, Const, Equation, Function, If, Node, Parameter, Tree, Var,
    blocks_of, defined_by, kind_of, leaves, map_tree, walk,
)  # fmt: skip
from symdiff.ir.derivative import DERIVE
from symdiff.ir.effects import INVOKES
from symdiff.ir.kinds import (
    NONE, OPAQUE, TAPE, Array, Kind, List, Record, Tuple, Unknown, derivative_kind,
    is_number,
)  # fmt: skip
from symdiff.ir.structure import leaf_kinds
from symdiff.passes import fold
from symdiff.records import dataclass, replace
from symdiff.request import NotByRows
from symdiff.rules import rule_of
from symdiff.transform.inputs import Input
from symdiff.transform.missing import Missing
from symdiff.transform.pairs import Signature, signatures, split_calls
from symdiff.transform.replay import Replay
from symdiff.transform.results import check_field, results_of, returned, scalar_result
from symdiff.transform.equations import ON_TAPES, is_smooth, no_rule, shown
from symdiff.transform.segments import Segment, keep_used
from symdiff.transform.sweep import Sweep

__all__ = ["active_in", "check_kinds", "gradient", "pulled_back", "pulled_back_each"]


def active_in(
    function: Function, inputs: Sequence[Input], has_aux: bool = False
) -> set[Var]:
    """The active values of a function with respect to some parameters."""
    result, _ = results_of(function, has_aux)
    leaves = [var for each in inputs for var in each.leaves.values()]
    return active_vars(replace(function, returns=result), leaves, is_smooth)


def gradient(
    function: Function,
    names: Names,
    inputs: Sequence[Input],
    mode: Literal["grad", "value_and_grad", "vjp"],
    single: bool,
    doc: str,
    has_aux: bool = False,
    holomorphic: bool = False,
) -> Function:
    """The gradient of a scalar function with respect to some of its parameters; with the
    mode "vjp" the value and the adjoints of the parameters, for adjoints of the result
    that are one more parameter, a tuple where the result has several leaves.

    With `has_aux` the function returns a pair, of which the first is differentiated.

    Raises `DifferentiationError` with all problems: results that are no scalar,
    operations that have no rule.
    """
    result, aux = results_of(function, has_aux)
    active = active_in(function, inputs, has_aux)
    check_kinds(function, active)
    params = function.params
    read: tuple[Equation, ...] = ()
    bars: list[tuple[Atom, Atom]]
    if mode == "vjp":
        given = _given(names, function, result)
        params = (*params, Parameter(given, None, "kw"))
        read, bars = _seeds(names, given, result)
    else:
        result = scalar_result(function, result)
        check_field(function, result, inputs, holomorphic)
        bars = [(result, Const(1.0))]
    program = _Program(names, active, signatures(function, active))

    def gradients(build: Builder, sweep: Sweep) -> list[Tree]:
        return [each.gradient(build, sweep.final) for each in inputs]

    main = program.both(function, [bars], gradients, repeated=False)
    pairs = [f for s in program.signatures.values() for f in program.pair(s)]
    program.finish()
    found: Tree = main.bars[0] if single else tuple(main.bars)
    returns = returned(mode, result, found, (aux,) if has_aux else ())
    return replace(
        function,
        name=f"{function.name}_{mode}",
        params=params,
        body=(*main.forward, _marker(names), *read, *main.reverse),
        returns=returns,
        doc=doc,
        functions=(*function.functions, *pairs),
    )


def _given(names: Names, function: Function, result: Tree) -> Var:
    """The parameter for the adjoint of the result, `result_bar` unless that is taken."""
    taken = {p.var.base for p in function.params}
    base = "result"
    while f"{base}_bar" in taken:
        base += "_"
    return names.fresh(base, "bar", _kind_of_bar(result))


def _kind_of_bar(tree: Tree) -> Kind:
    """The kind of the adjoint of a result, which has the structure of that."""
    if isinstance(tree, tuple):
        return Tuple(tuple(map(_kind_of_bar, tree)))
    if isinstance(tree, Compound):
        items = tuple(map(_kind_of_bar, tree.items))
        if tree.form == "list":
            return Record(list, tuple(range(len(items))), items)
        # Of an object only the names of its attributes matter.
        cls = dict if tree.form == "dict" else types.SimpleNamespace
        return Record(cls, tree.keys, items)
    kind = kind_of(tree)
    if is_number(kind):
        return derivative_kind(kind)
    return kind if isinstance(kind, (Array, List)) else OPAQUE


def _items_of(tree: Tree) -> Iterator[Atom]:
    """The values in a result, in the order of `leaf_kinds`."""
    if isinstance(tree, (tuple, Compound)):
        for item in tree if isinstance(tree, tuple) else tree.items:
            yield from _items_of(item)
    else:
        yield tree


def _seeds(
    names: Names, given: Var, result: Tree
) -> tuple[tuple[Equation, ...], list[tuple[Atom, Atom]]]:
    """The results with their adjoints, and how these are read."""
    if not isinstance(result, (tuple, Compound)):
        return (), [(result, given)]
    read: list[Equation] = []
    bars: list[tuple[Atom, Atom]] = []
    rows = zip(leaf_kinds(given.kind), _items_of(result), strict=True)
    for (path, kind), atom in rows:
        if isinstance(atom, Var) and kind != OPAQUE:
            bar = names.bar(atom, kind)
            read.append(Equation(bar, "part", (given,), path))
            bars.append((atom, bar))
    return tuple(read), bars


def pulled_back(
    function: Function,
    names: Names,
    by: Sequence[Var],
    bars: Sequence[tuple[Atom, Atom]],
) -> tuple[Block, list[Atom], list[Function]]:
    """The two sweeps of a function, the adjoints of some of its parameters, and what the
    functions that it runs become. `bars` are the results with their adjoints.

    Raises `DifferentiationError` with all operations that have no rule.
    """
    results = tuple(value for value, _ in bars)
    active = active_vars(replace(function, returns=results), by, is_smooth)
    check_kinds(function, active)
    program = _Program(names, active, signatures(function, active))

    def adjoints(build: Builder, sweep: Sweep) -> list[Tree]:
        return [sweep.final(var) for var in by]

    sweeps = program.both(function, [bars], adjoints, repeated=False)
    pairs = [f for s in program.signatures.values() for f in program.pair(s)]
    program.finish()
    return (*sweeps.forward, *sweeps.reverse), sweeps.bars, pairs  # type: ignore[return-value]


def pulled_back_each(
    function: Function,
    names: Names,
    active: set[Var],
    seeds: Sequence[Sequence[tuple[Atom, Atom]]],
    wanted: Callable[[Builder, Sweep], list[Tree]],
) -> tuple[Block, list[list[Tree]]]:
    """One forward sweep of a function without loops, a reverse sweep for each of the
    seeds, and what is wanted of each. Raises as `pulled_back` does."""
    program = _Program(names, active, {})
    sweeps = program.both(function, seeds, wanted, repeated=False)
    program.finish()
    count = len(sweeps.bars) // len(seeds)
    found = [sweeps.bars[k * count : (k + 1) * count] for k in range(len(seeds))]
    return (*sweeps.forward, _marker(names), *sweeps.reverse), found


@dataclass(slots=True)
class _Sweeps:
    """The two sweeps of a function; `saved` is what the reverse sweep takes off the tape
    of a call, by the primal values that the forward sweep leaves on it."""

    forward: Block
    reverse: Block
    bars: list[Tree]
    saved: dict[Var, Var]


class _Program:
    """Reverses a function and those that it invokes."""

    def __init__(
        self, names: Names, active: set[Var], signatures: dict[str, Signature]
    ) -> None:
        self.names, self.active, self.signatures = names, active, signatures
        self.problems: list[Diagnostic] = []

    def both(
        self,
        function: Function,
        seeds: Sequence[Sequence[tuple[Atom, Atom]]],
        wanted: Callable[[Builder, Sweep], list[Tree]],
        repeated: bool,
    ) -> _Sweeps:
        """The sweeps of one function, a reverse one for each seed: values and what is
        known of their adjoints at its end. `wanted` makes what a reverse sweep is for.
        """
        function, calls = split_calls(function, self.signatures, self.active, self.names)
        build = Builder(self.names, fold)
        build.distances = distances(function.body, self.active)
        build.role = "partial"
        orders: list[list[Segment]] = []
        wants: list[list[Tree]] = []
        tapes = Tapes(function)
        missing = Missing(tapes)
        missing.note(function.body)
        for bars in seeds:
            sweep = Sweep(build, self.active, calls, missing, tapes)
            start, end = Segment(_marker(self.names)), Segment(_marker(self.names))
            with build.block():
                build.nodes = start.nodes  # type: ignore[assignment]
                for value, bar in bars:
                    sweep.add(value, bar)
            segments = sweep.block(function.body)
            with build.block():
                build.nodes = end.nodes  # type: ignore[assignment]
                build.span = function.span
                wants.append(wanted(build, sweep))
            self.problems += sweep.problems
            orders.append([start, *segments, end])
        if self.problems:
            return _Sweeps((), (), [], {})
        used = {atom for trees in wants for tree in trees for atom in leaves(tree)}
        for order in reversed(orders):
            keep_used(order, used)
        replay = Replay(function, build, orders, used, missing, repeated)
        if len(seeds) > 1 and replay.restored:
            raise NotByRows  # the first reverse sweep undoes what the next one starts from
        found: list[Tree] = []
        with build.block() as reverse:
            for order, trees in zip(orders, wants, strict=True):
                replay.reverse(order)
                found += [map_tree(tree, replay.value) for tree in trees]
        forward = tuple(replay.forward(function.body))
        return _Sweeps(forward, tuple(reverse), found, replay.top.saved)

    def finish(self) -> None:
        """Raise all problems that were found."""
        if self.problems:
            raise DifferentiationError(tuple(dict.fromkeys(reversed(self.problems))))

    def pair(self, signature: Signature) -> tuple[Function, ...]:
        """The forward and the reverse function of a recursive one."""
        function = signature.function
        results = tuple(leaves(function.returns))
        inputs = [function.params[k].var for k in signature.params]
        outputs = [results[k] for k in signature.results]
        added = [v for k, v in zip(signature.params, inputs, strict=True)
                 if signature.accumulates(k)]  # fmt: skip
        bases = _bases([*outputs, *added])
        given = [
            self.names.fresh(base, "bar", kind_of(value))
            for base, value in zip(bases, [*outputs, *added], strict=True)
        ]
        bars = list(zip([*outputs, *added], given, strict=True))
        sweeps = self.both(
            function,
            [bars],
            lambda b, sweep: [sweep.final(v) for v in inputs],
            repeated=True,
        )
        order = sorted(sweeps.saved, key=_places(function.params, sweeps.forward))
        tape, unpacked = self._unpacked(
            [sweeps.saved[var] for var in order], signature.forward
        )
        bars_out = tuple(sweeps.bars)
        return (
            replace(
                function,
                name=signature.forward,
                body=sweeps.forward,
                returns=(*results, Compound("record", tuple(order))),
            ),
            replace(
                function,
                name=signature.reverse,
                params=(Parameter(tape), *map(Parameter, given)),
                taken=tuple(
                    (1 + len(outputs) + k, inputs.index(var)) for k, var in enumerate(added)
                ),
                body=(_marker(self.names), *unpacked, *sweeps.reverse),
                returns=bars_out[0] if len(bars_out) == 1 else bars_out,
            ),
        )

    def _unpacked(self, saved: list[Var], forward: str) -> tuple[Var, list[Node]]:
        """The parameter that is the tape, and how its values come off it."""
        tape = self.names.fresh("tape", "", TAPE)
        kinds = Tuple(tuple(var.kind for var in saved))
        entries = self.names.fresh("t", "", kinds)
        nodes: list[Node] = [Equation(entries, "unpack", (tape,), forward)]
        nodes += [Equation(var, "item", (entries,), k) for k, var in enumerate(saved)]
        return tape, nodes


def _bases(values: Sequence[Atom]) -> list[str]:
    """Names for the adjoints of values that parameters stand for, each another one."""
    found: list[str] = []
    for value in values:
        named = isinstance(value, Var) and value.base != "t"
        base = stem = value.stem if isinstance(value, Var) and named else "result"
        number = 1
        while base in found:
            base, number = f"{stem}{number}", number + 1
        found.append(base)
    return found


def _places(params: tuple[Parameter, ...], body: Block) -> Callable[[Var], int]:
    """Where values are defined: the order in which a reader meets them."""
    places: dict[Var, int] = {p.var: k for k, p in enumerate(params)}

    def number(block: Block) -> None:
        for node in block:
            for inner in blocks_of(node):
                number(inner)
            sources: tuple[tuple[Atom, ...], ...] = ((),) * len(defined_by(node))
            if isinstance(node, If):
                sources = tuple(zip(node.then_yields, node.else_yields, strict=True))
            for var, atoms in zip(defined_by(node), sources, strict=True):
                made = [places[a] for a in atoms if isinstance(a, Var) and a in places]
                places[var] = min(made, default=len(places))

    number(body)
    return places.__getitem__


def _marker(names: Names) -> Equation:
    return Equation(names.fresh("note", "", NONE), "comment", (), "reverse sweep")


def check_kinds(function: Function, active: set[Var]) -> None:
    """Refuse active values of which too little is known, where they arise."""
    problems = []
    program = (function, *function.functions)
    for node in (node for each in program for node in walk(each.body)):
        if not isinstance(node, Equation) or node.target not in active:
            continue
        if node.op in INVOKES or node.op in ON_TAPES or node.op == DERIVE:
            continue
        if rule_of(node) is None:
            problems.append(no_rule(node))
            continue
        kind, known = node.target.kind, [kind_of(a) for a in node.args if a in active]
        if isinstance(kind, Unknown) and not any(isinstance(k, Unknown) for k in known):
            message = f"the shape of the result of `{shown(node)}` is not known here"
            problems.append(Diagnostic(message, node.span))
    if problems:
        raise DifferentiationError(tuple(dict.fromkeys(problems)))
