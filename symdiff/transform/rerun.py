"""The adjoints of what a reverse sweep runs once more: checkpoints, rounds of loops
with few states kept, and functions whose adjoint is not worked out yet."""

from __future__ import annotations


from symdiff.analysis.activity import active_vars
from symdiff.ir.core import Atom, Equation, Function, Var, kind_of, leaves
from symdiff.ir.derivative import Derivative
from symdiff.ir.kinds import Kind, Tuple, derivative_kind
from symdiff.records import replace
from symdiff.rules.shapes import zeros
from symdiff.transform.adjoints import Adjoints
from symdiff.transform.equations import is_smooth
from symdiff.transform.mixed import derived, silenced, with_tangents

__all__ = ["Rerun"]


class Rerun(Adjoints):
    """Reverses equations "derive"."""

    def again(self, eq: Equation) -> None:
        """The adjoint of what is computed once more: that of its function."""
        assert isinstance(eq.target.kind, Tuple)
        items = {
            k: self.build.items.get((eq.target, k))
            for k in range(len(eq.target.kind.items))
        }
        bars = {
            k: self.full_bar(self.bars.pop(item), item)
            for k, item in items.items()
            if item in self.bars and item is not None
        }
        if not bars:
            return
        eq = silenced(eq)
        derivative: Derivative = eq.params
        if derivative.form == "scheduled":
            self._rounds(eq, derivative.function, bars)
        else:
            self._adjoint(eq, bars)

    def _adjoint(self, eq: Equation, bars: dict[int, Atom]) -> None:
        """The adjoint of a function that is run again, or of its adjoint: see
        `symdiff.transform.mixed`."""
        derivative: Derivative = eq.params
        function = derivative.function
        count = len(tuple(leaves(function.returns)))
        args, seeds = eq.args[: len(function.params)], eq.args[len(function.params) :]
        along = {
            k: bars[count + j] for j, k in enumerate(derivative.by) if count + j in bars
        }
        given = {k: bar for k, bar in bars.items() if k < count}
        of = tuple(given)
        if along:
            function = with_tangents(self.build.names, function, tuple(along))
            of = (*given, *(count + k for k in derivative.of))
        else:
            seeds = ()
        by = tuple(k for k, a in enumerate(args) if a in self.active)
        again = Derivative("reverse", function, by, of)
        results = list(map(kind_of, leaves(function.returns)))
        values = (*args, *along.values(), *given.values(), *seeds)
        whole = self._derived(eq, values, again, results, [(args[k], k) for k in by])
        for k, seed in zip(derivative.of, seeds, strict=False):
            self.add(seed, self.build.define("item", whole, params=count + k))

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
    ) -> Var:
        """A derivative, and what it adds to the adjoints of arguments: these with the
        places of their parameters."""
        params = derivative.function.params
        kinds = [derivative_kind(params[k].var.kind) for _, k in by]
        self.build.span = eq.span
        whole = derived(self.build, derivative, args, (*results, *kinds))
        for place, (arg, _) in enumerate(by):
            self.add(arg, self.build.define("item", whole, params=len(results) + place))
        return whole


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
