"""Reverse mode: a primal function becomes the function of its gradient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from symdiff.analysis.activity import active_vars
from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.ir.builder import Builder, Names
from symdiff.ir.core import (
    Atom, Block, Compound, Const, Equation, Function, If, Node, Parameter, Tree, Undef,
    Var, blocks_of, defined_by, kind_of, leaves, map_tree, walk,
)  # fmt: skip
from symdiff.ir.effects import INVOKES
from symdiff.ir.kinds import (
    NONE, TAPE, Array, Complex, Float, Int, Kind, Tuple, Unknown, is_number,
)  # fmt: skip
from symdiff.passes import fold
from symdiff.rules import rule_of
from symdiff.rules.row import Zero
from symdiff.transform.inputs import Input
from symdiff.transform.pairs import Signature, signatures, split_calls
from symdiff.transform.replay import Replay
from symdiff.transform.sweep import Segment, Sweep, no_rule, shown

__all__ = ["active_in", "check_kinds", "gradient", "results_of"]


def is_smooth(eq: Equation) -> bool:
    """Whether the result may depend smoothly on the arguments."""
    return not isinstance(rule_of(eq), Zero)


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
    mode: Literal["grad", "value_and_grad"],
    single: bool,
    doc: str,
    has_aux: bool = False,
) -> Function:
    """The gradient of a scalar function with respect to some of its parameters.

    With `has_aux` the function returns a pair, of which the first is differentiated.

    Raises `DifferentiationError` with all problems: results that are no scalar,
    operations that have no rule.
    """
    result, aux = results_of(function, has_aux)
    active = active_in(function, inputs, has_aux)
    check_kinds(function, active)
    result = _scalar(function, result)
    program = _Program(names, active, signatures(function, active))

    def gradients(build: Builder, sweep: Sweep) -> list[Tree]:
        return [each.gradient(build, sweep) for each in inputs]

    main = program.both(function, [(result, Const(1.0))], gradients, repeated=False)
    pairs = [f for s in program.signatures.values() for f in program.pair(s)]
    if program.problems:
        raise DifferentiationError(tuple(dict.fromkeys(reversed(program.problems))))
    returns: Tree = main.bars[0] if single else tuple(main.bars)
    if mode == "value_and_grad":
        returns = ((result, aux) if has_aux else result, returns)
    elif has_aux:
        returns = (returns, aux)
    return replace(
        function,
        name=f"{function.name}_{mode}",
        body=(*main.forward, _marker(names), *main.reverse),
        returns=returns,
        doc=doc,
        functions=(*function.functions, *pairs),
    )


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
        bars: Sequence[tuple[Atom, Atom]],
        wanted: Callable[[Builder, Sweep], list[Tree]],
        repeated: bool,
    ) -> _Sweeps:
        """The sweeps of one function. `bars` are values and what is known of their
        adjoints at its end; `wanted` makes what the reverse sweep is for."""
        function, calls = split_calls(function, self.signatures, self.active, self.names)
        build = Builder(self.names, fold)
        sweep = Sweep(build, self.active, calls)
        start, end = Segment(_marker(self.names)), Segment(_marker(self.names))
        with build.block() as nodes:
            build.nodes = start.nodes  # type: ignore[assignment]
            for value, bar in bars:
                sweep.add(value, bar)
        segments = sweep.block(function.body)
        with build.block() as nodes:
            build.nodes = end.nodes  # type: ignore[assignment]
            build.span = function.span
            found = wanted(build, sweep)
            del nodes
        self.problems += sweep.problems
        if sweep.problems:
            return _Sweeps((), (), [], {})
        order = [start, *segments, end]
        replay = Replay(function, build, [order], repeated)
        with build.block() as reverse:
            replay.reverse(order)
            found = [map_tree(bar, replay.value) for bar in found]
        forward = tuple(replay.forward(function.body))
        return _Sweeps(forward, tuple(reverse), found, replay.top.saved)

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
            function, bars, lambda b, sweep: [sweep.final(v) for v in inputs], repeated=True
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
        base = stem = value.base if isinstance(value, Var) and named else "result"
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
        if node.op in INVOKES:
            continue
        if rule_of(node) is None:
            problems.append(no_rule(node))
            continue
        kind, known = node.target.kind, [kind_of(a) for a in node.args if a in active]
        if isinstance(kind, Unknown) and not any(isinstance(k, Unknown) for k in known):
            message = f"the shape of the result of `{shown(node)}` is not known here"
            problems.append(Diagnostic(message, node.span))
        elif _is_complex(kind) and not any(map(_is_complex, known)):
            message = "complex values are not differentiated"
            problems.append(
                Diagnostic(message, node.span, "write out real and imaginary part")
            )
    if problems:
        raise DifferentiationError(tuple(dict.fromkeys(problems)))


def _is_complex(kind: Kind) -> bool:
    if isinstance(kind, Array):
        return kind.dtype.startswith("complex")
    return isinstance(kind, Complex)


def results_of(function: Function, has_aux: bool) -> tuple[Tree, Tree]:
    """What is differentiated, and what else the function returns."""
    returns = function.returns
    if not has_aux:
        return returns, ()
    if isinstance(returns, tuple) and len(returns) == 2:
        return returns
    message = f"with has_aux `{function.name}` must return a pair: the value, the rest"
    raise DifferentiationError(
        Diagnostic(message, function.span, "end every path with `return value, aux`")
    )


def _scalar(function: Function, returns: Tree) -> Atom:
    if isinstance(returns, (tuple, Compound)):
        if isinstance(returns, tuple):
            what = f"a tuple of {len(returns)} values"
        else:
            what = f"a {returns.form}" if returns.form in ("list", "dict") else "an object"
        raise _not_scalar(
            function, what, "return one number, or `number, rest` with has_aux=True"
        )
    kind = kind_of(returns)
    if isinstance(returns, Undef) or kind == NONE:
        raise _not_scalar(function, "None", "return the value to differentiate")
    if isinstance(kind, Array) and kind.dims:
        raise _not_scalar(
            function,
            f"an array ({kind})",
            "return a number, for example the sum of the array",
        )
    if isinstance(kind, (Float, Int, Array)) or is_number(kind):
        return returns
    if isinstance(kind, Tuple):
        raise _not_scalar(function, "a tuple", "return one number")
    raise _not_scalar(function, f"a value of kind {kind}", "return one number")


def _not_scalar(function: Function, what: str, help: str) -> DifferentiationError:
    message = f"`{function.name}` returns {what}; a gradient needs a scalar"
    return DifferentiationError(Diagnostic(message, function.span, help))
