"""Writes beside a view: those that do not reach the places that it names.

`t_bar = X_bar[k + 1]` stays as it is while `X_bar[k]` is added to.
"""

from __future__ import annotations

from symdiff.analysis.places import Access, Places
from symdiff.analysis.regions import Layout
from symdiff.analysis.tapes import Tapes
from symdiff.ir.alias import is_fresh
from symdiff.ir.core import Equation, For, Function, Var, walk
from symdiff.ir.effects import RESIZING, WRITES
from symdiff.ir.kinds import Array
from symdiff.records import dataclass

__all__ = ["Beside"]


class Beside:
    """Answers for one function; it is looked through when it is asked first."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self._facts: _Facts | None = None

    def __call__(self, view: Equation, write: Equation) -> bool:
        """Whether a write leaves alone what a view names, as long as that is read."""
        if view.op != "getitem" or write.op not in WRITES or write.op in RESIZING:
            return False
        if not isinstance(write.target.kind, Array):
            return False
        if self._facts is None:
            self._facts = _Facts.of(self.function)
        return self._facts.are_apart(view, write)


@dataclass(slots=True)
class _Facts:
    layout: Layout
    places: Places
    accesses: dict[Var, Access]
    shifted: set[Var]  # roots of chains of which a version may lie inside another

    @staticmethod
    def of(function: Function) -> _Facts:
        layout = Layout.of(function)
        places = Places(layout, Tapes(function))
        accesses = {
            eq.target: places.access(eq, order, loops)
            for order, (eq, loops) in enumerate(places.equations(function.body))
            if eq.op == "getitem" or eq.op in WRITES
        }
        views = [
            eq.target
            for eq in layout.made_by.values()
            if eq.op not in WRITES and not is_fresh(eq)
        ]
        for node in walk(function.body):
            if isinstance(node, For):
                views.extend(node.targets)
        shifted = {layout.root(var) for var in views}
        return _Facts(layout, places, accesses, shifted)

    def are_apart(self, view: Equation, write: Equation) -> bool:
        base, into = view.args[0], write.args[0]
        if not isinstance(base, Var) or not isinstance(into, Var):
            return False
        root = self.layout.root(base)
        if root is not self.layout.root(into) or root in self.shifted:
            return False
        one, other = self.accesses[view.target], self.accesses[write.target]
        return self.places.are_apart(one, other)
