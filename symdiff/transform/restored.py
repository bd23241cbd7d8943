"""Puts back what writes overwrote, so that a buffer holds again what it held before."""

from __future__ import annotations

from typing import Any

from symdiff.ir.alias import is_element
from symdiff.ir.core import Atom, Const, Equation, Index, Node, SliceItem, Var
from symdiff.ir.kinds import Array
from symdiff.rules.lists import at_end_of, insert_back, insertion_point
from symdiff.transform.provided import Provided

__all__ = ["Restored"]


class Restored(Provided):
    """Undoes writes."""

    def put_back(self, eq: Equation) -> None:
        """Undo a write: the part that it overwrote comes back."""
        old, new = eq.args[0], eq.target
        if not isinstance(old, Var) or self.layout.root(old) not in self.restored:
            return
        current = self.find(new)
        if current is None:
            if self.layout.killed(new):
                return
            current = self.value(new)
        restored = self._undone(eq, current)
        self._forget(new)
        self.frame.env[old] = restored

    def _undone(self, eq: Equation, current: Atom) -> Atom:
        """The contents before a write, from those after it."""
        old, build = eq.args[0], self.build
        base, index = _base(old), eq.params
        if eq.op in ("list.append", "list.insert", "list.extend"):
            return self._shortened(eq, current)
        where = eq.args[1:] if eq.op == "list.delitem" else eq.args[1:-1]
        index = index or Index(("at",))
        saved = self.value(self._saved(eq, "getitem", old, *where, params=index))
        if is_element(eq) and isinstance(index.items[-1], SliceItem):
            if not index.items[-1].step:
                return self._refilled(eq, current, index.items[-1], saved)
        values = tuple(map(self.value, where))
        if eq.op == "list.delitem":
            return insert_back(build, current, values[:-1], values[-1], saved)
        return build.define("setitem", current, *values, saved, params=index, base=base)

    def _shortened(self, eq: Equation, current: Atom) -> Atom:
        """The list without what was put into it."""
        build, base = self.build, _base(eq.args[0])
        before = eq.args[1:-2] if eq.op == "list.insert" else eq.args[1:-1]
        path = tuple(map(self.value, before))
        item: str | SliceItem = "at"
        if eq.op == "list.append":
            at: Atom = Const(-1)
        elif eq.op == "list.insert":
            at = insertion_point(build, current, path, self.value(eq.args[-2]))
        else:
            row = eq.args[0]
            if before:
                params = Index(("at",) * len(before), len(before) > 1)
                row = self._saved(eq, "getitem", row, *before, params=params)
            at, item = self.value(self._saved(eq, "builtins.len", row)), SliceItem(True)
        index = at_end_of(path, item)
        return build.define("list.delitem", current, *path, at, params=index, base=base)

    def _refilled(self, eq: Equation, current: Atom, item: SliceItem, saved: Atom) -> Atom:
        """The list with a slice again that was taken out, or replaced by another one."""
        build = self.build
        start: Atom = Const(0)
        if item.start:
            begin = Index((SliceItem(stop=True),))
            before = self._saved(eq, "getitem", *eq.args[:2], params=begin)
            start = self.value(self._saved(eq, "builtins.len", before))
        stop = start
        if eq.op == "setitem":
            new = self.value(self._saved(eq, "builtins.len", eq.args[-1]))
            stop = build.emit("add", start, new)
        gap = Index((SliceItem(start=True, stop=True),))
        base = _base(eq.args[0])
        return build.define("setitem", current, start, stop, saved, params=gap, base=base)

    def _saved(self, eq: Equation, op: str, *args: Atom, params: Any = None) -> Var:
        """What the forward sweep saves just before a write: the part that it overwrites."""
        base = _base(eq.args[0])
        with self.build.block() as nodes:
            self.build.span = eq.span
            part = self.build.define(op, *args, params=params, base=base, role="saved")
            if isinstance(part.kind, Array) and (eq.op == "additem" or not is_element(eq)):
                part = self.build.define("copy", part, base=base, role="saved")
        self.extras.before.setdefault(eq.target, []).extend(_equations(nodes))
        home = self.layout.home[eq.target]
        for node in _equations(nodes):
            self.layout.home[node.target] = home
        return part


def _base(atom: Atom) -> str:
    return atom.base if isinstance(atom, Var) else "t"


def _equations(nodes: list[Node]) -> list[Equation]:
    return [node for node in nodes if isinstance(node, Equation)]
