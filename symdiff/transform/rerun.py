"""The adjoints of what a reverse sweep runs once more: checkpoints, and rounds of loops
with few states kept."""

from __future__ import annotations

from dataclasses import replace

from symdiff.analysis.activity import active_vars
from symdiff.ir.core import Atom, Equation, Function, kind_of, leaves
from symdiff.ir.derivative import DERIVE, Derivative
from symdiff.ir.kinds import Kind, Tuple, derivative_kind
from symdiff.ir.rerun import silent
from symdiff.rules.shapes import zeros
from symdiff.transform.adjoints import Adjoints
from symdiff.transform.equations import is_smooth

__all__ = ["Rerun"]


class Rerun(Adjoints):
    """Reverses equations "derive"."""

    def again(self, eq: Equation) -> None:
        """The adjoint of what is computed once more: that of its function."""
        derivative: Derivative = eq.params
        function = derivative.function
        function = replace(function, body=silent(function.body))
        count = len(tuple(leaves(function.returns)))
        items = [self.build.items.get((eq.target, k)) for k in range(count)]
        bars = {
            k: self.full_bar(self.bars.pop(item), item)
            for k, item in enumerate(items)
            if item in self.bars and item is not None
        }
        if not bars:
            return
        if derivative.form == "scheduled":
            self._rounds(eq, function, bars)
            return
        by = tuple(k for k, a in enumerate(eq.args) if a in self.active)
        again = Derivative("reverse", function, by, tuple(bars))
        results = list(map(kind_of, leaves(function.returns)))
        args = (*eq.args, *bars.values())
        self._derived(eq, args, again, results, [(eq.args[k], k) for k in by])

    def _rounds(self, eq: Equation, function: Function, bars: dict[int, Atom]) -> None:
        """The adjoint of rounds with few states kept: each round is run backwards after
        the state before it is there again."""
        results = tuple(leaves(function.returns))
        count = len(results)
        inputs = {k - 1 for k, a in enumerate(eq.args) if k > 1 and a in self.active}
        of, by = _coupled(function, inputs, set(bars))
        kept = [
            self.build.define("item", eq.target, params=count + k) for k in range(count + 1)
        ]
        rounds, states, *given = eq.args
        read = given[count:]
        for k in of:
            if k not in bars:
                bars[k] = self.zero(self.build.define("item", eq.target, params=k))
        seeds = [bars[k] for k in of]
        seeds += [zeros(self.build, given[k - 1]) for k in by]
        unwound = Derivative("unwound", function, (*(1 + k for k in of), *by), of)
        args = (rounds, states, *kept, *read, *seeds)
        taken = [(given[k - 1], k) for k in unwound.by]
        self._derived(eq, args, unwound, [], taken)

    def _derived(
        self,
        eq: Equation,
        args: tuple[Atom, ...],
        derivative: Derivative,
        results: list[Kind],
        by: list[tuple[Atom, int]],
    ) -> None:
        """A derivative, and what it adds to the adjoints of arguments: these with the
        places of their parameters."""
        params = derivative.function.params
        kinds = [derivative_kind(params[k].var.kind) for _, k in by]
        target = self.build.names.fresh("t", "", Tuple((*results, *kinds)))
        self.build.append(Equation(target, DERIVE, args, derivative, eq.span))
        for place, (arg, _) in enumerate(by):
            self.add(arg, self.build.define("item", target, params=len(results) + place))


def _coupled(
    function: Function, inputs: set[int], outputs: set[int]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Of a round that is run many times, the values of the state that depend on the
    inputs and matter for the outputs, and the inputs beside the state that do.

    Inputs are positions of parameters, outputs those of results.
    """
    params = [param.var for param in function.params]
    results = tuple(leaves(function.returns))
    count = len(results)
    varied, needed = set(inputs), set(outputs)
    while True:
        by = [params[k] for k in sorted(varied)]
        changed = {k for k in range(count) if results[k] in by}
        for k in range(count):
            one = replace(function, returns=(results[k],))
            if results[k] in active_vars(one, by, is_smooth):
                changed.add(k)
        wanted = replace(function, returns=tuple(results[k] for k in sorted(needed)))
        active = active_vars(wanted, by, is_smooth)
        reached = {k for k in range(1, len(params)) if params[k] in active}
        more = varied | {1 + k for k in changed}
        far = needed | {k - 1 for k in reached if k <= count}
        if more == varied and far == needed:
            of = tuple(sorted(k for k in needed if 1 + k in varied))
            return of, tuple(sorted(k for k in reached if k > count))
        varied, needed = more, far
