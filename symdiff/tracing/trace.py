"""The list z_1 ... z_n with z_i = f_i(z_a(i)), and the gradients over it."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np

from symdiff.errors import Diagnostic, DifferentiationError, Span
from symdiff.ir.core import Applied, Atom, Equation, Var
from symdiff.ir.kinds import Array, Complex, is_number, is_real
from symdiff.records import dataclass, field
from symdiff.tracing.adjoints import refuse_hidden, varied, vjp
from symdiff.tracing.operations import added, result_of, zeros
from symdiff.tracing.record import Record, exact_kind
from symdiff.tracing.steps import Chosen, choose
from symdiff.tracing.text import short

__all__ = ["Step", "Trace"]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One equation z_i = f_i(z_a(i)), executed once.

    index: i, counted from 1.
    text: the right side, such as `z1 @ z3`; of an input its name.
    operation: what is done: "input", "constant", an operation, or the name of a function.
    name: what the program calls the value, if it does.
    parents: a(i), the numbers of the steps that it reads.
    children: b(i), the numbers of the steps that read it.
    span: where in the user's files it stands; None for inputs.
    calls: the functions in whose calls it stands, outermost first.
    """

    index: int
    text: str
    operation: str
    name: str | None
    value: Any
    parents: tuple[int, ...]
    children: tuple[int, ...]
    span: Span | None
    calls: tuple[str, ...]
    varies: bool  # whether it may depend smoothly on an input
    var: Var = field(repr=False)
    equations: tuple[Equation, ...] = field(repr=False)

    @property
    def line(self) -> int | None:
        """The line of the user's that it is from."""
        return None if self.span is None else self.span.line

    def __str__(self) -> str:
        return f"z{self.index} = {self.text}"


class Trace:
    """What a function executed for its arguments, as a list of equations.

    `trace[i]` is step i, counted from 1; `print(trace)` shows the list.
    """

    def __init__(
        self,
        name: str,
        kept: Record,
        depth: int | None,
        modules: tuple[tuple[str, str], ...],
    ) -> None:
        self.name = name
        self._kept = kept
        chosen = choose(kept, depth, modules)
        self._index = {each.var: k for k, each in enumerate(chosen, 1)}
        self.steps = tuple(self._steps(chosen))

    def _steps(self, chosen: list[Chosen]) -> Iterator[Step]:
        kept = self._kept
        self._smooth = smooth = varied(kept.equations, kept.inputs)
        parents = [tuple(self._index[v] for v in each.reads) for each in chosen]
        children: list[list[int]] = [[] for _ in chosen]
        for k, reads in enumerate(parents, 1):
            for i in reads:
                children[i - 1].append(k)
        for k, each in enumerate(chosen, 1):
            yield Step(
                index=k,
                text=each.text,
                operation=each.operation,
                name=kept.inputs.get(each.var, kept.names.get(each.var)),
                value=kept.values[each.var],
                parents=parents[k - 1],
                children=tuple(children[k - 1]),
                span=each.span,
                calls=each.calls,
                varies=each.var in smooth,
                var=each.var,
                equations=each.equations,
            )

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __getitem__(self, index: int) -> Step:
        if not 1 <= index <= len(self.steps):
            raise IndexError(f"there is no z{index}: the list goes from z1 to z{len(self)}")
        return self.steps[index - 1]

    def a(self, index: int) -> tuple[int, ...]:
        """The steps that step `index` reads."""
        return self[index].parents

    def b(self, index: int) -> tuple[int, ...]:
        """The steps that read step `index`."""
        return self[index].children

    @property
    def inputs(self) -> dict[str, Step]:
        """The steps that are arguments, or parts of them, by name."""
        return {step.text: step for step in self if step.operation == "input"}

    @property
    def result(self) -> Step:
        """The step that is the result of the function, if that is one value."""
        returns = self._kept.returns
        if not isinstance(returns, Var) or returns not in self._index:
            message = f"the result of `{self.name}` is not one number or array"
            raise DifferentiationError(Diagnostic(message, help="say which step: of=..."))
        return self[self._index[returns]]

    @property
    def value(self) -> Any:
        """What the function returned: a value, or a structure of tuples."""

        def value(tree: Any) -> Any:
            if isinstance(tree, Var):
                return self._kept.values[tree]
            if isinstance(tree, tuple):
                return tuple(map(value, tree))
            return value(tree.items) if hasattr(tree, "items") else tree.value

        return value(self._kept.returns)

    # -- running again ----------------------------------------------------------------

    def evaluate(self, step: Step, values: Mapping[int, Any]) -> Any:
        """What a step yields where the steps that it reads have these values."""
        known = self._values(step, values)
        return known[step.var]

    def _values(self, step: Step, values: Mapping[int, Any]) -> dict[Var, Any]:
        """The values of what a step computes from those of its parents."""
        known = {self[i].var: values[i] for i in step.parents}

        def value(atom: Atom) -> Any:
            if isinstance(atom, Var):
                return known[atom] if atom in known else self._kept.values[atom]
            return getattr(atom, "value", None)

        for eq in step.equations:
            args = [value(a) for a in eq.args]
            if isinstance(eq.params, Applied):
                read = (*eq.args, eq.params.vjp, *(a for _, a in eq.params.others))
                known.update((a, value(a)) for a in read if isinstance(a, Var))
            known[eq.target] = result_of(eq.op, args, eq.params)
        known.setdefault(step.var, step.value)
        return known

    # -- derivatives ------------------------------------------------------------------

    def vjp(
        self,
        index: int,
        bar: Any,
        values: Mapping[int, Any] | None = None,
        among: Collection[int] | None = None,
    ) -> dict[int, Any]:
        """The shares of step `index` in the adjoints of its parents, for its own, `bar`.

        That is bar * dz_index/dz_k for numbers, and the product of bar with the Jacobian
        otherwise. `values` are those of the parents, if not those of this run; `among`
        says which of the parents are asked for.
        """
        step = self[index]
        known: Mapping[Var, Any] = self._kept.values
        if values is not None:
            known = {**known, **self._values(step, values)}
        parents = {self[k].var: k for k in step.parents if self[k].varies}
        if among is not None:
            parents = {var: k for var, k in parents.items() if k in among}
        if step.varies:
            read = [self[k].var for k in step.parents]
            refuse_hidden(step.equations, read, self._smooth)
        if not parents:
            return {}
        found = vjp(step.equations, known, parents, bar)
        return {parents[var]: share for var, share in found.items()}

    def jacobian(self, index: int, parent: int) -> Any:
        """dz_index / dz_parent of one step: a number, or for arrays one of the shape
        (of z_index, then of z_parent)."""
        step, of = self[index], self[parent]
        for each in (step, of):
            if not isinstance(each.var.kind, Array) and not is_real(each.var.kind):
                message = f"z{each.index} is neither a number nor an array"
                raise DifferentiationError(Diagnostic(message, each.span))
        if parent not in step.parents:
            return zeros(np.multiply.outer(step.value, of.value))
        if not isinstance(step.var.kind, Array):
            return self.vjp(index, 1.0, among=[parent]).get(parent, zeros(of.value))
        rows = []
        for k in range(step.value.size):
            bar = np.zeros_like(step.value)
            bar.flat[k] = 1.0
            rows.append(self.vjp(index, bar, among=[parent]).get(parent, zeros(of.value)))
        return np.array(rows).reshape(step.value.shape + np.shape(of.value))

    def backward(self, of: int | None = None, bar: Any = None) -> dict[int, Any]:
        """The gradients of step `of`, by default of the result: dz_of/dz_i by i, for all
        z_i that may depend on an input.

        The adjoint recursion: going back through the list, each step adds its shares
        to the adjoints of its parents. `bar` is the adjoint to begin with where z_of is
        an array.

        Raises `DifferentiationError` where an operation has no derivative rule.
        """
        last = self.result if of is None else self[of]
        if bar is None:
            self.check_number(last)
            bar = 1.0
        elif exact_kind(bar) != exact_kind(last.value) and isinstance(
            last.value, np.ndarray
        ):
            bar = np.broadcast_to(np.asarray(bar, last.value.dtype), last.value.shape)
        table = {last.index: bar} if last.varies else {}
        for step in reversed(self.steps[: last.index]):
            if step.index in table:
                for parent, share in self.vjp(step.index, table[step.index]).items():
                    known = table.get(parent)
                    table[parent] = share if known is None else added(known, share)
        return {s.index: table.get(s.index, zeros(s.value)) for s in self if s.varies}

    def check_number(self, step: Step) -> None:
        kind = step.var.kind
        number = isinstance(kind, Array) and kind.ndim == 0 and is_real(kind)
        if not number and (not is_number(kind) or isinstance(kind, Complex)):
            message = f"z{step.index} is not a real number, so that it has no gradient"
            help = "give the adjoint to begin with: backward(bar=...)"
            raise DifferentiationError(Diagnostic(message, step.span, help))

    # -- text -------------------------------------------------------------------------

    def __str__(self) -> str:
        return "\n".join(self.table()) + "\n"

    def table(self, gradients: Mapping[int, Any] | None = None) -> list[str]:
        """The lines of the list: equation, value, gradient if given, and place."""
        rows = []
        files = {s.span.file for s in self if s.span is not None}
        for step in self:
            row = [str(step), short(step.value)]
            if gradients is not None:
                row.append(short(gradients[step.index]) if step.index in gradients else "")
            place = step.operation if step.span is None else f"line {step.span.line}"
            if step.span is not None and len(files) > 1:
                place = f"{os.path.basename(step.span.file)}:{step.span.line}"
            rows.append([*row, f"# {place}"])
        if not rows:
            return []
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        widths = [min(w, most) for w, most in zip(widths, (60, 40, 40, 0), strict=False)]
        if gradients is None:
            widths[-1] = 0
        return [
            "  ".join(f"{t:<{w}}" for t, w in zip(row, widths, strict=False)).rstrip()
            for row in rows
        ]

    def __repr__(self) -> str:
        return f"<trace of {self.name}: {len(self)} equations>"
