"""Stretches of equations between numbers, summed up by partial derivatives.

Along several directions each equation would have as many tangents. Where it takes fewer
operations the values in between are eliminated first, so that only what is read after the
stretch has tangents: the local Jacobian, preaccumulated (Griewank & Walther, Evaluating
Derivatives, section 10.2).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from symdiff.errors import Diagnostic, DifferentiationError, Span
from symdiff.ir.builder import Builder
from symdiff.ir.core import (
    Atom, Block, Equation, Function, Node, Var, atoms_of, count_uses, defined_by, kind_of,
)  # fmt: skip
from symdiff.ir.kinds import Int, Tape, is_number
from symdiff.records import dataclass, field
from symdiff.rules import rule_of
from symdiff.rules.complex import takes_complex
from symdiff.rules.row import Zero
from symdiff.transform.equations import may_fail
from symdiff.transform.vertices import ONE, Vertices, costs

__all__ = ["Stretch", "Stretches", "Summary", "Way"]

_LEAST = 2  # active equations that make a stretch


@dataclass(slots=True)
class Way:
    """A direction in the space of the inputs: the values that change along it, and the
    tangents of those that were computed. `role` is what tangents are called by."""

    role: str
    active: set[Var]
    dots: dict[Atom, Atom] = field(default_factory=dict)

    def goes(self, var: Var) -> bool:
        return var in self.active and not isinstance(var.kind, Tape)


class _Local(Vertices):
    """The graph of a stretch. An integer is a weight as it is: what it is multiplied by
    are floats."""

    def named(self, weight: Atom, of: object, target: object, count: int) -> Atom:
        nodes = self.build.nodes
        last = nodes[-1] if len(nodes) > count else None
        if isinstance(last, Equation) and last.target is weight and last.op == "mul":
            one, other = last.args
            if one == ONE and isinstance(kind_of(other), Int):
                nodes.pop()
                return other
        return weight


class Stretches:
    """Finds the stretches of a program; `active` are the values that change along some
    of the directions."""

    def __init__(self, function: Function, active: set[Var], ways: Sequence[Way]) -> None:
        self.active, self.ways = active, ways
        self.uses = count_uses(function)
        for each in function.functions:
            self.uses.update(count_uses(each))

    def of(self, block: Block) -> Iterator[Node | Stretch]:
        """The nodes of a block, with stretches in place of the equations in them."""
        run: list[Equation] = []
        for node in block:
            if isinstance(node, Equation) and self._fits(node):
                run.append(node)
                continue
            yield from self._made(run)
            yield node
            run = []
        yield from self._made(run)

    def _fits(self, eq: Equation) -> bool:
        if eq.target not in self.active:
            return True
        if takes_complex(eq):  # whose partial derivatives may not be multiplied
            return False
        rule = rule_of(eq)
        if rule is None or isinstance(rule, Zero) or not rule.elementwise:
            return False
        values = [arg for arg in eq.args if isinstance(arg, Var) and arg in self.active]
        return all(is_number(each.kind) for each in (eq.target, *values))

    def _made(self, run: list[Equation]) -> Iterator[Node | Stretch]:
        if sum(eq.target in self.active for eq in run) < _LEAST:
            yield from run
        else:
            yield Stretch(run, self)


class Stretch:
    """Equations that follow one another."""

    def __init__(self, equations: Sequence[Equation], program: Stretches) -> None:
        self.equations = equations
        self.active, self.ways = program.active, program.ways
        inside = Counter(atom for eq in equations for atom in atoms_of(eq))
        targets = [eq.target for eq in equations]
        self.outer = {v for v in targets if program.uses[v] > inside[v]}

    def summed_up(self, build: Builder) -> Summary:
        """Its equations and partial derivatives.

        Raises `DifferentiationError` with all operations that have no rule.
        """
        problems: list[Diagnostic] = []
        with build.block() as nodes, build.temporaries("partial"):
            graph = _Local(build)
            for eq in self.equations:
                build.span = eq.span
                build.append(eq)
                if eq.target not in self.active:
                    continue
                if eq.target not in self.outer:
                    graph.inner.append(eq.target)
                try:
                    graph.partials(eq, self.active)
                except DifferentiationError as error:
                    problems.extend(error.diagnostics)
            if problems:
                raise DifferentiationError(tuple(dict.fromkeys(problems)))
            self._eliminate(graph)
        targets = [eq.target for eq in self.equations if eq.target in self.active]
        weights = [(v, graph.before[v]) for v in targets if v in graph.before]
        spans = {eq.target: eq.span for eq in self.equations}
        return Summary(self.equations, nodes, weights, spans)

    def _eliminate(self, graph: Vertices) -> None:
        """Eliminate what lies inside as long as that takes no more operations."""
        changed = True
        while changed:
            left = []
            for v in reversed(graph.inner):
                if self._gain(graph, v) >= 0:
                    graph.remove(v)
                else:
                    left.append(v)
            changed = len(left) < len(graph.inner)
            graph.inner = left[::-1]

    def _gain(self, graph: Vertices, v: Var) -> int:
        """The operations that eliminating a vertex saves."""
        before, after = graph.before.get(v, {}), graph.after.get(v, {})
        count = len(self.ways)
        edges = sum(1 + costs(w) for w in (*before.values(), *after.values()))
        saved, spent = count * edges, 0
        for w, behind in after.items():
            for u, ahead in before.items():
                product = costs(ahead) + costs(behind)
                spent += product > 1
                if u in graph.before[w]:
                    spent += 1
                else:
                    spent += count * (1 + (product > 0))
        return saved - spent


@dataclass(slots=True)
class Summary:
    """`nodes` are the equations of a stretch and those of partial derivatives; `weights`
    the derivatives of what has a tangent by other such values, in the order of the
    equations."""

    equations: Sequence[Equation]
    nodes: list[Node]
    weights: Sequence[tuple[Var, Mapping[Any, Atom]]]
    spans: Mapping[Var, Span | None]

    def arranged(self, tangents: Sequence[Node]) -> list[Node]:
        """All equations with those of the tangents: last the values that nothing here
        reads, which may overwrite what tangents are made of."""
        own = {eq.target for eq in self.equations}
        added = [node for node in self.nodes if not own.intersection(defined_by(node))]
        read = {atom for node in (*added, *tangents) for atom in atoms_of(node)}
        last: list[Equation] = []
        for eq in reversed(self.equations):
            if eq.target in read or may_fail(eq) or not is_number(eq.target.kind):
                read.update(eq.args)
            else:
                last.insert(0, eq)
        ends = {eq.target for eq in last}
        first = [node for node in self.nodes if not ends.intersection(defined_by(node))]
        return [*first, *tangents, *last]
