"""Tuples of floats of which the run picks one are lists: `w[k]` in a loop over k.

What is picked from a list has an adjoint of its own place, that of a tuple only items.
"""

from __future__ import annotations

from symdiff.errors import Span
from symdiff.ir.builder import Names
from symdiff.ir.core import (
    Atom, Block, Const, Equation, Function, If, Index, Node, Var, While, defined_by,
    inner_params, kind_of, walk,
)  # fmt: skip
from symdiff.ir.kinds import Float, Int, List, Tuple, join_items
from symdiff.records import replace

__all__ = ["picked"]

_AT = Index(("at",))
Made = dict[Atom, Equation]
Lists = dict[tuple[Atom, ...], Var]


def picked(function: Function, names: Names | None = None) -> Function:
    """Make lists of such tuples, in front of the loops that pick from them."""
    tuples: Made = {}
    chosen: set[Atom] = set()
    for node in walk(function.body):
        if isinstance(node, Equation):
            if node.op == "tuple" and _holds_floats(node):
                tuples[node.target] = node
            elif _picks(node):
                chosen.add(node.args[0])
    chosen.intersection_update(tuples)
    if not chosen:
        return function
    known: set[Atom] = {param.var for param in function.params}
    tuples = {var: eq for var, eq in tuples.items() if var in chosen}
    work = _Picked(function.span, names or Names.after(function), tuples)
    return replace(function, body=work.block(function.body, known, {}))


def _holds_floats(eq: Equation) -> bool:
    kinds = list(map(kind_of, eq.args))
    if not all(isinstance(kind, (Float, Int)) for kind in kinds):
        return False
    pairs = zip(kinds, eq.args, strict=True)
    return any(isinstance(kind, Float) and isinstance(atom, Var) for kind, atom in pairs)


def _picks(eq: Equation) -> bool:
    if eq.op != "getitem":
        return False
    tupled = isinstance(kind_of(eq.args[0]), Tuple) and eq.params == _AT
    return tupled and not isinstance(eq.args[1], Const)


class _Picked:
    def __init__(self, span: Span, names: Names, tuples: Made) -> None:
        self.span, self.names, self.tuples = span, names, tuples

    def block(self, block: Block, known: set[Atom], lists: Lists) -> Block:
        """The block with a list of each tuple where the last of its items is known."""
        known, lists = set(known), dict(lists)
        nodes: list[Node] = self.added(known, lists, self.span)
        for node in block:
            if isinstance(node, Equation):
                if _picks(node) and node.args[0] in self.tuples:
                    whole = lists[self.tuples[node.args[0]].args]
                    node = node.with_args((whole, *node.args[1:]))
            elif isinstance(node, If):
                then, orelse = (
                    self.block(b, known, lists) for b in (node.then, node.orelse)
                )
                node = replace(node, then=then, orelse=orelse)
            else:
                inside = known.union(inner_params(node))
                if isinstance(node, While):
                    node = replace(node, test=self.block(node.test, inside, lists))
                node = replace(node, body=self.block(node.body, inside, lists))
            nodes.append(node)
            known.update(defined_by(node))
            nodes += self.added(known, lists, node.span)
        return tuple(nodes)

    def added(self, known: set[Atom], lists: Lists, span: Span | None) -> list[Node]:
        nodes: list[Node] = []
        for eq in self.tuples.values():
            if eq.args not in lists and all(
                a in known for a in eq.args if isinstance(a, Var)
            ):
                kind = List(join_items(map(kind_of, eq.args)), len(eq.args))
                lists[eq.args] = self.names.fresh("t", "", kind)
                nodes.append(Equation(lists[eq.args], "list.new", eq.args, None, span))
        return nodes
