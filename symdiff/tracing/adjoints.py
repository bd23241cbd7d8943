"""Products with the Jacobian of a few equations, by the rules of each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from symdiff.analysis.activity import differentiable, varied_vars
from symdiff.errors import DifferentiationError, Span
from symdiff.ir.builder import Builder, Names
from symdiff.ir.core import Atom, Const, Equation, Function, Var
from symdiff.ir.kinds import Array, Kind, List, Opaque, Tuple
from symdiff.passes import fold
from symdiff.rules import rule_of
from symdiff.rules.row import Zero
from symdiff.tracing.operations import result_of
from symdiff.tracing.record import exact_kind
from symdiff.transform.equations import no_rule
from symdiff.transform.segments import Segment
from symdiff.transform.missing import Missing
from symdiff.transform.sweep import Sweep

__all__ = ["refuse_hidden", "varied", "vjp"]


def is_smooth(eq: Equation) -> bool:
    """Whether the result may depend smoothly on the arguments."""
    return not isinstance(rule_of(eq), Zero)


def varied(equations: Sequence[Equation], inputs: Iterable[Var]) -> set[Var]:
    """What may depend smoothly on the inputs, these included."""
    block = Function("f", (), tuple(equations), Const(None), Span("", 0, 0, 0, 0))
    starts = [var for var in inputs if differentiable(var.kind)]
    return varied_vars(block, starts, is_smooth, _carries)


def _carries(kind: Kind) -> bool:
    """Whether a value may depend smoothly on another, or holds one that may."""
    if isinstance(kind, Tuple):
        return any(map(_carries, kind.items))
    if isinstance(kind, List):
        return _carries(kind.item)
    if isinstance(kind, Array):
        return kind.dtype == "object" or differentiable(kind)
    return isinstance(kind, Opaque) or differentiable(kind)


def refuse_hidden(
    equations: Sequence[Equation], parents: Iterable[Var], smooth: Collection[Var]
) -> None:
    """Refuse equations by which something depends on more than the parents of the step,
    as through an object that hands out what it got."""
    problems = []
    known = {*parents, *(eq.target for eq in equations)}
    for eq in equations:
        varying = [a for a in eq.args if a in smooth] if eq.target in smooth else []
        if eq.target in smooth and not (varying and all(a in known for a in varying)):
            problems.append(no_rule(eq))
    if problems:
        raise DifferentiationError(tuple(dict.fromkeys(problems)))


def vjp(
    equations: Sequence[Equation],
    values: Mapping[Var, Any],
    inputs: Collection[Var],
    bar: Any,
) -> dict[Var, Any]:
    """The adjoints of `inputs`, given that of what the last equation yields.

    Raises `DifferentiationError` with all the operations that have no rule.
    """
    build = Builder(Names(), fold)
    active = varied(equations, inputs)
    sweep = Sweep(build, active, {}, Missing(None))
    result = equations[-1]
    seed = Var("seed", "bar", 0, exact_kind(bar))
    first, last = Segment(result), Segment(result)
    with build.block() as nodes:
        sweep.add(result.target, seed)
        first.nodes = nodes  # type: ignore[assignment]
    segments = sweep.block(tuple(equations))
    with build.block() as nodes:
        finals = {var: sweep.final(var) for var in inputs if var in sweep.bars}
        last.nodes = nodes  # type: ignore[assignment]
    if sweep.problems:
        raise DifferentiationError(tuple(dict.fromkeys(reversed(sweep.problems))))
    found = {seed: bar}

    def value(atom: Atom) -> Any:
        if isinstance(atom, Const):
            return atom.value
        assert isinstance(atom, Var)
        return found[atom] if atom in found else values[atom]

    for segment in [first, *segments, last]:
        for node in segment.nodes:
            assert isinstance(node, Equation)  # there is no control flow to reverse
            args = [value(a) for a in node.args]
            found[node.target] = result_of(node.op, args, node.params)
    return {var: value(atom) for var, atom in finals.items()}
