"""Which values with memory are read later, and which are written into."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from symdiff.ir.alias import has_memory, is_container, is_fresh, writes_inside
from symdiff.ir.core import (
    Atom, Block, Equation, For, Function, If, Node, Var, While, blocks_of, defined_by,
    inner_params, leaves, used_in_block, walk,
)  # fmt: skip
from symdiff.ir.effects import DESTRUCTIVE, INVOKES
from symdiff.ir.kinds import List, Tuple

__all__ = ["Lifetimes"]


class Lifetimes:
    """Facts found by one walk backwards.

    `after[target]`: what is read after this write, its target excepted. `outer[id(loop)]`:
    what its rounds read from outside. `past[id(loop)]`: what is read after the loop, its
    results excepted. `written`: what a write may reach through views, branches and loops;
    writes that are `copied` to a place of their own reach nothing. `written_inside`: of
    these the lists that hold what is written into; `inside`: whether there are such writes.
    `given`: results in which memory comes back that a function had taken, and what it took.
    """

    def __init__(
        self,
        function: Function,
        sums: dict[Var, Var],
        copied: set[Var],
        taken: Mapping[str, tuple[tuple[int, int], ...]] | None = None,
    ) -> None:
        self.given = _given(function.body, taken or {})
        self.after: dict[Var, frozenset[Var]] = {}
        self.outer: dict[int, frozenset[Var]] = {}
        self.past: dict[int, frozenset[Var]] = {}
        self.definitions: dict[Var, Equation] = {}
        self._sums = sums
        live = set(_memory(leaves(function.returns)))
        self._block(function.body, live)
        reach = _Reach(function.body, copied, self.given)
        self.written = reach.found(reach.writes)
        self.written_inside = reach.found(reach.inside)
        self.inside = bool(reach.inside)

    def _block(self, block: Block, live: set[Var]) -> None:
        """Turn what is live at the end of the block into what is at its start."""
        for node in reversed(block):
            if isinstance(node, Equation):
                self.definitions[node.target] = node
                live.discard(node.target)
                if node.op in (*DESTRUCTIVE, *INVOKES) or node.target in self._sums:
                    self.after[node.target] = frozenset(live)
                live.update(_memory(node.args))
            elif isinstance(node, If):
                live.difference_update(node.results)
                other = set(live)
                live.update(_memory(node.then_yields))
                self._block(node.then, live)
                other.update(_memory(node.else_yields))
                self._block(node.orelse, other)
                live |= other
                live.update(_memory((node.cond,)))
            else:
                self._loop(node, live)

    def _loop(self, node: For | While, live: set[Var]) -> None:
        live.difference_update(node.results)
        self.past[id(node)] = frozenset(live)
        inside = set(inner_params(node))
        used: set[Var] = {a for a in node.yields if isinstance(a, Var)}
        for block in blocks_of(node):
            used |= used_in_block(block)
            for inner in walk(block):
                inside.update(defined_by(inner))
                inside.update(inner_params(inner))
        if isinstance(node, For):
            # The entries of a tape are read as the loop goes on.
            used.update(a for a in node.iteration.args if isinstance(a, Var))
        outer = frozenset(_memory(used - inside))
        self.outer[id(node)] = outer
        live |= outer
        round_end = live.union(_memory(node.yields))
        if node.leave is not None:
            round_end.update(_memory((node.leave,)))
        self._block(node.body, round_end)
        if isinstance(node, While):
            round_end |= live
            round_end.update(_memory(node.carried))
            round_end.update(_memory((node.cond,)))
            self._block(node.test, round_end)
        live.update(_memory(node.inits))


def _memory(atoms: Iterable[Atom]) -> Iterable[Var]:
    return (a for a in atoms if isinstance(a, Var) and has_memory(a.kind))


def _given(
    block: Block, taken: Mapping[str, tuple[tuple[int, int], ...]]
) -> dict[Var, Atom]:
    found: dict[Var, Atom] = {}
    items: dict[tuple[Atom, int], Atom] = {}
    for node in walk(block) if taken else ():
        if not isinstance(node, Equation):
            continue
        if node.op in INVOKES:
            for argument, result in taken.get(node.params, ()):
                items[node.target, result] = node.args[argument]
                if not isinstance(node.target.kind, Tuple):
                    found[node.target] = node.args[argument]
        elif node.op == "item" and (node.args[0], node.params) in items:
            found[node.target] = items[node.args[0], node.params]
    return found


class _Reach:
    """What writes may reach, without regard to order."""

    def __init__(self, block: Block, copied: set[Var], given: Mapping[Var, Atom]) -> None:
        self.sources: dict[Var, list[Atom]] = {}
        self.given = given
        self.writes: list[Atom] = list(given.values())
        self.inside: list[Atom] = []
        for node in walk(block):
            self._flows(node)
            if isinstance(node, Equation) and node.op in DESTRUCTIVE:
                if node.target not in copied:
                    self.writes.append(node.args[0])
                    if writes_inside(node):
                        self.inside.append(node.args[0])

    def found(self, pending: list[Atom]) -> set[Var]:
        found: set[Var] = set()
        pending = list(pending)
        while pending:
            atom = pending.pop()
            if isinstance(atom, Var) and atom not in found:
                found.add(atom)
                pending.extend(_memory(self.sources.get(atom, ())))
        return found

    def _flow(self, target: Var, atoms: Iterable[Atom]) -> None:
        if has_memory(target.kind):
            self.sources.setdefault(target, []).extend(atoms)

    def _flows(self, node: Node) -> None:
        if isinstance(node, Equation):
            if node.target in self.given:
                self._flow(node.target, (self.given[node.target],))
            elif node.op in DESTRUCTIVE:
                kind = node.target.kind
                holds = isinstance(kind, List) and is_container(kind)
                self._flow(node.target, node.args if holds else node.args[:1])
            elif not is_fresh(node):
                self._flow(node.target, node.args)
        elif isinstance(node, If):
            for k, var in enumerate(node.results):
                self._flow(var, (node.then_yields[k], node.else_yields[k]))
        else:
            for k, var in enumerate(node.carried):
                self._flow(var, (node.inits[k], node.yields[k]))
                self._flow(node.results[k], (node.inits[k], node.yields[k]))
