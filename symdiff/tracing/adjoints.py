"""Products with the Jacobian of a few equations, by the rules of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from symdiff.analysis.activity import differentiable
from symdiff.errors import DifferentiationError
from symdiff.ir.builder import Builder, Names
from symdiff.ir.core import Atom, Const, Equation, Var
from symdiff.passes import fold
from symdiff.rules import rule_of
from symdiff.rules.row import Zero
from symdiff.tracing.operations import result_of
from symdiff.tracing.record import exact_kind
from symdiff.transform.sweep import Segment, Sweep

__all__ = ["is_smooth", "varied", "vjp"]


def is_smooth(eq: Equation) -> bool:
    """Whether the result may depend smoothly on the arguments."""
    return not isinstance(rule_of(eq), Zero)


def varied(equations: Sequence[Equation], inputs: Collection[Var]) -> set[Var]:
    """What depends smoothly on the inputs, these included."""
    found = {var for var in inputs if differentiable(var.kind)}
    for eq in equations:
        if any(arg in found for arg in eq.args) and differentiable(eq.target.kind):
            if is_smooth(eq):
                found.add(eq.target)
    return found


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
    sweep = Sweep(build, active, {})
    result = equations[-1]
    seed = Var("seed", "bar", 0, exact_kind(bar))
    sweep.add(result.target, seed)
    segments = sweep.block(tuple(equations))
    last = Segment(result)
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

    for segment in [*segments, last]:
        for node in segment.nodes:
            assert isinstance(node, Equation)  # there is no control flow to reverse
            args = [value(a) for a in node.args]
            found[node.target] = result_of(node.op, args, node.params)
    return {var: value(atom) for var, atom in finals.items()}
