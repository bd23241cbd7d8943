"""The steps of a trace as an explicit graph, and back-propagation over it.

Goodfellow, Bengio & Courville, Deep Learning, section 6.5, call the parts so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.records import dataclass
from symdiff.tracing.drawing import drawn
from symdiff.tracing.operations import added, zeros
from symdiff.tracing.text import short
from symdiff.tracing.trace import Step, Trace

__all__ = ["Graph", "Operation"]

Variable = Step | int | str


@dataclass(frozen=True, slots=True)
class Operation:
    """What yields one variable from its parents."""

    graph: Graph
    step: Step

    @property
    def name(self) -> str:
        return self.step.operation

    def forward(self, *inputs: Any) -> Any:
        """The value for those of the parents, by default those they have."""
        return self.graph.trace.evaluate(self.step, self._values(inputs))

    def bprop(self, inputs: Sequence[Any], variable: Variable, g: Any) -> Any:
        """The share in the adjoint of one parent, for the adjoint `g` of the result:
        `g` times the Jacobian, which is not built."""
        of = self.graph.variable(variable)
        values = self._values(inputs)
        found = self.graph.trace.vjp(self.step.index, g, values)
        return found.get(of.index, zeros(of.value))

    def _values(self, inputs: Sequence[Any]) -> dict[int, Any]:
        parents = self.step.parents
        given = inputs or [self.graph.trace[k].value for k in parents]
        if len(given) != len(parents):
            message = f"z{self.step.index} has {len(parents)} parents, not {len(given)}"
            raise DifferentiationError(Diagnostic(message, self.step.span))
        return dict(zip(parents, given, strict=True))

    def __repr__(self) -> str:
        return f"<{self.name}: {self.step}>"


class Graph:
    """A graph of variables. Each is a step of the trace; methods take the step, its
    number, `"z5"`, or the name that the program gives it."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace

    def variable(self, v: Variable) -> Step:
        """The variable that is meant; of several with one name, the last."""
        if isinstance(v, Step):
            if not any(v is step for step in self.trace):
                raise self._unknown(f"z{v.index}")
            return v
        if isinstance(v, int):
            if not 1 <= v <= len(self.trace):
                raise self._unknown(f"z{v}")
            return self.trace[v]
        for step in reversed(self.trace.steps):
            if v in (f"z{step.index}", step.name):
                return step
        raise self._unknown(v)

    def _unknown(self, name: str) -> DifferentiationError:
        names = dict.fromkeys(s.name for s in self.trace if s.name)
        hint = f"they are z1 to z{len(self.trace)}, also called {', '.join(names)}"
        message = f"the graph of `{self.trace.name}` has no variable `{name}`"
        return DifferentiationError(Diagnostic(message, help=hint))

    def __iter__(self) -> Iterator[Step]:
        return iter(self.trace)

    def __len__(self) -> int:
        return len(self.trace)

    # -- the graph --------------------------------------------------------------------

    def get_operation(self, v: Variable) -> Operation:
        """The operation that yields a variable."""
        return Operation(self, self.variable(v))

    def get_parents(self, v: Variable) -> tuple[Step, ...]:
        """The variables that a variable is computed from."""
        return tuple(self.trace[k] for k in self.variable(v).parents)

    def get_children(self, v: Variable) -> tuple[Step, ...]:
        """The variables that are computed from a variable."""
        return tuple(self.trace[k] for k in self.variable(v).children)

    def edges(self) -> list[tuple[int, int]]:
        """All pairs of a parent and its child."""
        return [(parent, step.index) for step in self for parent in step.parents]

    def paths(self, start: Variable, end: Variable | None = None) -> int:
        """How many paths lead from one variable to another, by default to the result:
        as many products as the chain rule without shared sums would add up."""
        first = self.variable(start).index
        last = self._end(end).index
        counts = {first: 1}
        for step in self.trace.steps[first:last]:
            counts[step.index] = sum(counts.get(k, 0) for k in step.parents)
        return counts.get(last, 0)

    def between(self, targets: Sequence[Variable], z: Variable | None = None) -> set[int]:
        """The variables that are descendants of the targets and ancestors of z, these
        included."""
        below = {self.variable(v).index for v in targets}
        for step in self:
            if any(k in below for k in step.parents):
                below.add(step.index)
        above = {self._end(z).index}
        for step in reversed(self.trace.steps):
            if step.index in above:
                above.update(step.parents)
        return below & above

    def _end(self, z: Variable | None) -> Step:
        return self.trace.result if z is None else self.variable(z)

    # -- propagation ------------------------------------------------------------------

    def forward(self, values: Mapping[Any, Any] | None = None) -> dict[int, Any]:
        """The values of all variables by number, with others for some inputs.

        The graph stays as it was recorded: branches and loops are not decided anew.
        """
        given = {self.variable(v).index: x for v, x in (values or {}).items()}
        table: dict[int, Any] = {}
        for step in self:
            if step.index in given:
                table[step.index] = given[step.index]
            else:
                table[step.index] = self.trace.evaluate(step, table)
        return table

    def backprop(
        self, targets: Sequence[Variable] | Variable, z: Variable | None = None
    ) -> dict[int, Any]:
        """The table of gradients of `z`, by default the result, by number.

        It holds the targets and what lies between them and z; each of these is looked at
        once. A target that z does not depend on has a gradient of zeros.

        Raises `DifferentiationError` where an operation has no derivative rule.
        """
        wanted = targets if isinstance(targets, (list, tuple)) else (targets,)
        last = self._end(z)
        self.trace.check_number(last)
        inside = self.between(wanted, last)
        grad_table: dict[int, Any] = {last.index: 1.0} if last.index in inside else {}
        for step in reversed(self.trace.steps):
            if step.index not in grad_table:
                continue
            among = [k for k in step.parents if k in inside]
            shares = self.trace.vjp(step.index, grad_table[step.index], among=among)
            for k, share in shares.items():
                known = grad_table.get(k)
                grad_table[k] = share if known is None else added(known, share)
        for step in map(self.variable, wanted):
            grad_table.setdefault(step.index, zeros(step.value))
        return dict(sorted(grad_table.items()))

    # -- pictures ---------------------------------------------------------------------

    def dot(self, targets: Sequence[Variable] | Variable | None = None) -> str:
        """The graph in the language of Graphviz. With `targets` the gradients are drawn
        beside it: the same graph with its edges turned round."""
        lines = [
            "digraph {",
            "    rankdir=BT",
            '    node [shape=box, fontname="monospace"]',
        ]
        for step in self:
            label = f"{_quoted(str(step))}\\n{_quoted(short(step.value))}"
            lines.append(f'    z{step.index} [label="{label}"]')
        lines += [f"    z{a} -> z{b}" for a, b in self.edges()]
        if targets is not None:
            table = self.backprop(targets)
            for k, value in table.items():
                label = f"z{k}_bar\\n{_quoted(short(value))}"
                lines.append(f'    z{k}_bar [label="{label}", style=dashed]')
                lines.append(f"    {{rank=same; z{k}; z{k}_bar}}")
            lines += [
                f"    z{b}_bar -> z{a}_bar [style=dashed, constraint=false]"
                for a, b in self.edges()
                if a in table and b in table
            ]
        return "\n".join([*lines, "}"]) + "\n"

    def svg(self, targets: Sequence[Variable] | Variable | None = None) -> str:
        """The graph as a picture, from the inputs below to the result above. With
        `targets` the gradients are drawn beside it, their edges turned round."""
        labels = {step.index: (str(step), short(step.value)) for step in self}
        table = {} if targets is None else self.backprop(targets)
        bars = {k: (f"z{k}_bar", short(value)) for k, value in table.items()}
        return drawn(labels, self.edges(), bars)

    def __repr__(self) -> str:
        name = self.trace.name
        return f"<graph of {name}: {len(self)} variables, {len(self.edges())} edges>"


def _quoted(text: str) -> str:
    """Text inside the quotation marks of DOT."""
    return text.replace("\\", "\\\\").replace('"', '\\"')
