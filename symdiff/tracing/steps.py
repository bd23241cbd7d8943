"""Chooses the z's of a record: which of its values are listed, and as what.

Numbers that depend on the inputs are listed, and all arrays; counters, conditions and
constants are written out where they are read. What a call of a user's function computed
is one step, unless calls are opened.
"""

from __future__ import annotations

from collections.abc import Iterator

from symdiff.errors import Span
from symdiff.ir.core import Atom, Const, Equation, Var, leaves
from symdiff.ir.kinds import Array, Complex, Float, Kind, List, Tuple
from symdiff.records import dataclass, field
from symdiff.tracing.record import Instance, Record
from symdiff.tracing.text import called, literal, right_side

__all__ = ["Chosen", "choose"]

# What only bundles values up: the steps that read the bundle are said to read the values.
_BUNDLES = ("tuple", "list")


@dataclass(slots=True, eq=False)
class Chosen:
    """One z: what it is called, the equations that yield it (the last one does) and the
    values among the z's that they read."""

    var: Var
    text: str
    operation: str
    equations: tuple[Equation, ...] = ()
    reads: tuple[Var, ...] = ()
    span: Span | None = None
    calls: tuple[str, ...] = field(default_factory=tuple)  # those that it stands in


def choose(
    kept: Record, depth: int | None, modules: tuple[tuple[str, str], ...]
) -> list[Chosen]:
    """The z's in order, inputs first.

    Calls inside `depth` others, and deeper ones, are one step each; None opens all.
    """
    return list(_Choice(kept, depth, modules).steps())


def _is_listed(kind: Kind) -> bool:
    if isinstance(kind, Tuple):
        return any(map(_is_listed, kind.items))
    return isinstance(kind, (Float, Complex, Array, List))


class _Choice:
    def __init__(
        self, kept: Record, depth: int | None, modules: tuple[tuple[str, str], ...]
    ) -> None:
        self.kept, self.depth, self.modules = kept, depth, modules
        self.made = {eq.target: eq for eq in kept.equations}
        self.order = {eq.target: k for k, eq in enumerate(kept.equations)}
        self.results = [a for a in leaves(kept.returns) if isinstance(a, Var)]
        self.given = [v for v in kept.inputs if _is_listed(v.kind) and self._is_read(v)]
        self.steady = [v for v in kept.outside if isinstance(v.kind, (Array, List))]
        self.counted = self._counted()
        live = self._live()
        self.steady = [v for v in self.steady if v in live]
        outputs = self._outputs(live)
        own = [
            v
            for v in self.made
            if v in live and v in self.counted
            if self._unit(v) is None or v in outputs
        ]
        plain = [v for v in self.results if v not in self.counted and v not in self.given]
        plain = [v for v in plain if v not in self.steady]
        self.visible = [*self.given, *self.steady, *own, *dict.fromkeys(plain)]
        self.labels = {v: f"z{k}" for k, v in enumerate(self.visible, 1)}

    def _is_read(self, var: Var) -> bool:
        """Whether an input is one value: structures are read by parts."""
        return var not in self.kept.parted and not isinstance(var.kind, Tuple)

    def _counted(self) -> set[Var]:
        """Computed values that may be listed."""
        depends = set(self.kept.inputs)
        found = set()
        for eq in self.kept.equations:
            varies = any(arg in depends for arg in eq.args)
            if varies:
                depends.add(eq.target)
            kind = eq.target.kind
            if eq.op not in _BUNDLES and _is_listed(kind):
                if varies or isinstance(kind, (Array, List)):
                    found.add(eq.target)
        return found

    def _through(self, var: Var) -> bool:
        """Whether a value is listed, or a bundle of what is."""
        made = self.made.get(var)
        if var in self.counted:
            return True
        return made is not None and made.op in _BUNDLES and _is_listed(var.kind)

    def _live(self) -> set[Var]:
        """What the results are computed from."""
        live: set[Var] = set()
        pending = list(self.results)
        while pending:
            var = pending.pop()
            if var not in live:
                live.add(var)
                if self._through(var):
                    pending += (a for a in self.made[var].args if isinstance(a, Var))
        return live

    def _unit(self, var: Var) -> Instance | None:
        """The call that the value is hidden in."""
        instance = self.kept.instances.get(var)
        if instance is None or self.depth is None:
            return None
        path = instance.path()
        return path[self.depth] if len(path) > self.depth else None

    def _outputs(self, live: set[Var]) -> set[Var]:
        """What leaves the calls that it was computed in."""
        found: set[Var] = set()
        pending: list[Atom] = [*self.results]
        for eq in self.kept.equations:
            if eq.target in live and self._through(eq.target):
                unit = self._unit(eq.target)
                pending += (
                    a for a in eq.args if isinstance(a, Var) and self._unit(a) is not unit
                )
        while pending:
            var = pending.pop()
            if isinstance(var, Var) and var not in found and self._through(var):
                found.add(var)
                if var not in self.counted:
                    pending += self.made[var].args
        return found

    # -- steps --------------------------------------------------------------------------

    def steps(self) -> Iterator[Chosen]:
        kept = self.kept
        listed = set(self.visible)
        several: dict[Instance, int] = {}
        for var in self.visible:
            unit = self._unit(var)
            if unit is not None:
                several[unit] = several.get(unit, 0) + 1
        for var in self.visible:
            if var in kept.inputs:
                yield Chosen(var, kept.inputs[var], "input")
                continue
            if var in kept.outside:
                yield Chosen(var, kept.outside[var], "constant")
                continue
            if var not in self.counted:
                span = self.made[var].span if var in self.made else None
                yield Chosen(var, literal(kept.values[var]), "constant", span=span)
                continue
            equations, reads = self._inside(var, listed)
            unit = self._unit(var)
            if unit is None:
                eq = equations[-1]
                hidden = {e.target: e for e in equations[:-1]}
                names = {**kept.outside, **self.labels}
                text = right_side(eq, names, kept.values, hidden, self.modules)
                operation, span = eq.op, eq.span
            else:
                text, reads = self._call(unit, reads)
                if several[unit] > 1:
                    text += f" -> {kept.names.get(var, f'result {self.labels[var]}')}"
                operation, span = unit.name, unit.span
            instance = kept.instances.get(var)
            path = () if instance is None else instance.path()
            calls = tuple(i.name for i in path[: None if unit is None else self.depth])
            yield Chosen(var, text, operation, equations, reads, span, calls)

    def _inside(
        self, var: Var, listed: set[Var]
    ) -> tuple[tuple[Equation, ...], tuple[Var, ...]]:
        """The equations that yield a value from those that are listed, and these."""
        inside: set[Var] = set()
        reads: set[Var] = set()
        pending = [var]
        while pending:
            each = pending.pop()
            if each in inside:
                continue
            inside.add(each)
            for arg in self.made[each].args:
                if arg in listed:
                    assert isinstance(arg, Var)
                    reads.add(arg)
                elif isinstance(arg, Var) and self._through(arg):
                    pending.append(arg)
        equations = [self.made[v] for v in sorted(inside, key=self.order.__getitem__)]
        first: dict[Var, None] = {}
        for eq in equations:
            for arg in eq.args:
                if isinstance(arg, Var) and arg in reads:
                    first[arg] = None
        return tuple(equations), tuple(first)

    def _call(self, unit: Instance, reads: tuple[Var, ...]) -> tuple[str, tuple[Var, ...]]:
        """A call with its arguments, and behind them what else it reads."""
        shown, given = [], []
        for arg in unit.args:
            if isinstance(arg, Const):
                shown.append(literal(arg.value))
            elif arg in self.labels:
                assert isinstance(arg, Var)
                given.append(arg)
                shown.append(self.labels[arg])
            elif isinstance(arg, Var) and arg in self.kept.values:
                if not _is_listed(arg.kind) or isinstance(arg.kind, Float):
                    shown.append(literal(self.kept.values[arg]))
        rest = [v for v in reads if v not in given]
        shown += (self.labels[v] for v in rest)
        ordered = (*(v for v in dict.fromkeys(given) if v in reads), *rest)
        return called(unit.name, shown), ordered
