"""What is recomputed in the reverse sweep rather than recorded.

Memory is the measure: a view costs nothing, a difference of views one pass over the
array instead of one array kept per round; sines and products of matrices are kept.
"""

from __future__ import annotations

from collections.abc import Callable

from symdiff.analysis.regions import Layout
from symdiff.ir.alias import is_basic_view
from symdiff.ir.core import (
    UNDEF, Atom, Const, Equation, For, Index, SliceItem, Var, While, kind_of,
)  # fmt: skip
from symdiff.ir.effects import WRITES
from symdiff.ir.extents import agree
from symdiff.ir.kinds import Array, Bool, Int, Kind, List, Tuple, is_number
from symdiff.rules import rule_of
from symdiff.rules.row import Rule

__all__ = ["Recomputation"]

AtHand = Callable[[Var], bool]

_VIEWS = frozenset(
    "numpy." + name
    for name in (
        "reshape ravel transpose matrix_transpose swapaxes moveaxis expand_dims "
        "squeeze broadcast_to asarray"
    ).split()
)
_ARITHMETIC = frozenset(("add sub mul div neg pos").split())
_COMPARISONS = frozenset(("lt le gt ge eq ne is isnot not").split())
_FACTS = frozenset(("attr", "item", "part", "builtins.len", "tuple"))
_SAME_SHAPE = frozenset(
    ("setitem", "additem", "copy", "neg", "numpy.zeros_like", "numpy.ones_like",
     "numpy.empty_like", "numpy.full_like")
)  # fmt: skip
_DEPTH = 4


class Recomputation:
    """Decides for one function; `read` is what the reverse sweep reads directly."""

    def __init__(self, layout: Layout, read: set[Var]) -> None:
        self.layout = layout
        self.read = read
        self.read |= self._serving()

    def _serving(self) -> set[Var]:
        """Arrays of which one is kept in the place of several, or of a view of it."""
        made_of: dict[Var, list[Var]] = {}
        for var in sorted(self.read, key=str):
            if isinstance(var.kind, Array) and self._in_loop(var):
                sources = self._sources(var)
                if len(sources) == 1:
                    made_of.setdefault(next(iter(sources)), []).append(var)
        return {self._latest(source, made) for source, made in made_of.items()}

    def _latest(self, source: Var, made: list[Var]) -> Var:
        """An array of the size of the source of others that they can be made of, too, in
        as few steps as possible."""
        passed: dict[Var, None] = {}
        for var in made:
            self._sources(var, passed=passed)
        best = source
        for var in passed:
            if _alike(source, var) and self._sources(var, best) == {best}:
                if all(self._sources(each, var) == {var} for each in made):
                    best = var
        return best

    # -- memory -----------------------------------------------------------------------

    def is_view(self, eq: Equation) -> bool:
        """Whether the equation's result lies in the memory of its first argument."""
        if eq.op in _VIEWS:
            return True
        return is_basic_view(eq) and _is_basic(eq)

    def is_stale(self, var: Var) -> bool:
        """Whether the value is a view of memory that is written into later."""
        eq = self.layout.made_by.get(var)
        while eq is not None and self.is_view(eq):
            base = eq.args[0]
            if not isinstance(base, Var):
                return False
            if self.layout.killed(base):
                return True
            eq = self.layout.made_by.get(base)
        return False

    def chains(self) -> set[Var]:
        """The version chains that the reverse sweep walks back: those some value of
        which it reads, or recomputes something from."""
        found: set[Var] = set()
        seen: set[Var] = set()
        level = self.read
        for _ in range(_DEPTH + 2):  # in breadth: no value is met later than it might be
            sources: set[Var] = set()
            seen |= level
            for var in level:
                if self.layout.killed(var):
                    found.add(self.layout.root(var))
                eq = self.layout.made_by.get(var)
                if eq is None or eq.op == "builtins.len":
                    continue  # a length is rather recorded than the list put back
                if self.is_view(eq) or self._worthwhile(eq):
                    sources.update(a for a in eq.args if isinstance(a, Var))
            level = sources - seen
        return found

    def same_shape(self, var: Var) -> Var:
        """An earlier value of the same shape and dtype, as early as there is one."""
        while True:
            eq = self.layout.made_by.get(var)
            candidates: tuple[Atom | None, ...] = ()
            if eq is None:
                candidates = (self.layout.before(var) or self._outside(var),)
            elif eq.op in _SAME_SHAPE:
                candidates = eq.args[:1]
            elif _is_elementwise(eq):
                candidates = eq.args
            before = next((c for c in candidates if _alike(c, var)), None)
            if before is None:
                return var
            assert isinstance(before, Var)
            var = before

    def _outside(self, var: Var) -> Var | None:
        """What a loop begins with in place of a value that it carries, or ends with, if
        all rounds have its shape."""
        node = self.layout.home[var].node
        if not isinstance(node, (For, While)) or var not in node.carried:
            return None
        place = node.carried.index(var)
        init = node.inits[place]
        found = node.results[place] if init == UNDEF else init
        if not isinstance(found, Var) or found.kind != var.kind:
            return None
        return found if self.layout.keeps_shape(var) else None

    def _sources(
        self, var: Var, stop: Var | None = None, passed: dict[Var, None] | None = None
    ) -> set[Var]:
        """The arrays of the same round from which an array can be made again, with `stop`
        for one of them; what is made on the way goes into `passed`."""
        found: set[Var] = set()

        def visit(var: Var, depth: int) -> None:
            if self.layout.killed(var) or not self._in_loop(var):
                return
            if passed is not None:
                passed[var] = None
            eq = self.layout.made_by.get(var)
            cheap = eq is not None and (self.is_view(eq) or self._worthwhile(eq))
            if eq is None or not cheap or depth == 0 or var == stop:
                found.add(var)
                return
            for arg in eq.args:
                if isinstance(arg, Var) and isinstance(arg.kind, Array):
                    visit(arg, depth - 1)

        visit(var, _DEPTH)
        return found

    # -- recomputation ----------------------------------------------------------------

    def recompute(self, var: Var, at_hand: AtHand) -> bool:
        """Whether to compute the value again rather than to record it."""
        eq = self.layout.made_by.get(var)
        if eq is None or (not self._in_loop(var) and not self.is_stale(var)):
            return False
        return self._possible(eq, at_hand, self._depth(eq))

    def _depth(self, eq: Equation) -> int:
        """How many equations may be computed again, one out of the other."""
        if isinstance(eq.target.kind, Array):
            return _DEPTH
        # Numbers are as well kept, but for those that a buffer keeps anyway.
        again = eq.op == "getitem" and self.layout.is_settled(eq.args[0])
        return 2 if again else 1

    def _in_loop(self, var: Var) -> bool:
        return self.layout.home[var].in_loop or self.layout.top.repeated

    def _possible(self, eq: Equation, at_hand: AtHand, depth: int) -> bool:
        if self._is_invariant(eq, self.layout.home[eq.target].depth):
            return True
        if not (self.is_view(eq) or self._worthwhile(eq)):
            return False
        for arg in eq.args:
            if not isinstance(arg, Var) or at_hand(arg):
                continue
            if self._recorded_anyway(arg, at_hand):
                continue
            inner = self.layout.made_by.get(arg)
            if inner is None or depth <= 1 or not self._possible(inner, at_hand, depth - 1):
                return False
        return True

    def _recorded_anyway(self, var: Var, at_hand: AtHand) -> bool:
        var = self.layout.in_the_end(var)
        if var not in self.read or self.layout.killed(var) or self.is_stale(var):
            return False
        return not self.recompute(var, at_hand)

    def _is_invariant(self, eq: Equation, depth: int) -> bool:
        """Whether it is arithmetic on numbers that are the same in every round."""
        if not is_number(eq.target.kind):
            return False
        if eq.op not in _ARITHMETIC and eq.op not in ("pow", "mod", "floordiv"):
            return False
        for arg in eq.args:
            if isinstance(arg, Var) and self.layout.home[arg].depth >= depth:
                inner = self.layout.made_by.get(arg)
                if inner is None or not self._is_invariant(inner, depth):
                    return False
        return True

    def _worthwhile(self, eq: Equation) -> bool:
        """Whether one evaluation is as cheap as a place on the tape."""
        kind: Kind = eq.target.kind
        if eq.op in _FACTS:
            return True
        if eq.op == "getitem":
            # A number out of a buffer that changes is kept: putting the buffer back
            # would cost more.
            base = eq.args[0]
            if isinstance(kind, Array) or not _is_basic(eq):
                return False
            if not isinstance(base, Var) or not self.layout.killed(base):
                return True
            return isinstance(base.kind, List) and self.layout.only_grows(base)
        if eq.op in _COMPARISONS:
            return isinstance(kind, Bool)
        if eq.op in _ARITHMETIC:
            return True
        if eq.op == "pow" and eq.args[1] == Const(2):
            return True
        return isinstance(kind, (Int, Tuple)) and eq.op in ("floordiv", "mod")


def _is_elementwise(eq: Equation) -> bool:
    rule = rule_of(eq)
    return isinstance(rule, Rule) and rule.elementwise


def _alike(atom: Atom | None, var: Var) -> bool:
    """Whether a value surely has the shape and dtype of the other."""
    if not isinstance(atom, Var):
        return False
    a, b = atom.kind, var.kind
    if not isinstance(a, Array) or not isinstance(b, Array):
        return False
    return a.dtype == b.dtype and agree(a.dims, b.dims)


def _is_basic(eq: Equation) -> bool:
    index = eq.params
    assert isinstance(index, Index)
    assert eq.op not in WRITES
    place = 1
    for item in index.items:
        if item == "at":
            if not isinstance(kind_of(eq.args[place]), Int):
                return False
            place += 1
        elif isinstance(item, SliceItem):
            place += item.start + item.stop + item.step
    return True
