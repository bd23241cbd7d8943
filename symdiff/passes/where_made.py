"""Lists of what only some path makes are made on that path.

`if n > 0: a = [x, 2 * x]` holds the items one by one; the list of them that a loop picks
from is made where it is first needed, and the items may not be there.
"""

from __future__ import annotations

from symdiff.analysis.undefined import may_be_undefined
from symdiff.ir.builder import Names
from symdiff.ir.core import (
    UNDEF, Atom, Block, Equation, For, Function, If, Node, Var, While, defined_by, walk,
)  # fmt: skip
from symdiff.records import replace

__all__ = ["where_made"]

Ends = dict[Atom, Atom]  # what a path hands on as each result


def where_made(function: Function, names: Names | None = None) -> Function:
    """Make such lists where the last of their items is made."""
    made = [n for n in walk(function.body) if isinstance(n, Equation) and _is_list(n)]
    if not made:
        return function
    partial = may_be_undefined(function.body)
    if all(partial.isdisjoint(equation.args) for equation in made):
        return function
    work = _Work(names or Names.after(function), partial)
    return replace(function, body=work.block(function.body))


def _is_list(eq: Equation) -> bool:
    return eq.op == "list.new" and bool(eq.args)


class _Work:
    def __init__(self, names: Names, partial: set[Atom]) -> None:
        self.names, self.partial = names, partial

    def block(self, block: Block) -> Block:
        nodes: list[Node] = []
        places: dict[Atom, int] = {}
        for node in block:
            if isinstance(node, Equation) and _is_list(node):
                if self.moved(node, nodes, places):
                    continue
            places.update((var, len(nodes)) for var in defined_by(node))
            nodes.append(node)
        return tuple(map(self.inside, nodes))

    def inside(self, node: Node) -> Node:
        if isinstance(node, If):
            return replace(node, then=self.block(node.then), orelse=self.block(node.orelse))
        if isinstance(node, While):
            return replace(node, test=self.block(node.test), body=self.block(node.body))
        if isinstance(node, For):
            return replace(node, body=self.block(node.body))
        return node

    def moved(self, eq: Equation, nodes: list[Node], places: dict[Atom, int]) -> bool:
        """Let the branch or loop that leaves items open make the list of them."""
        if self.partial.isdisjoint(eq.args):
            return False
        place = max(places.get(arg, -1) for arg in eq.args)
        node = nodes[place] if place >= 0 else None
        made: Node | None = None
        if isinstance(node, If):
            made = self.in_branch(eq, node)
        elif isinstance(node, (For, While)):
            made = self.in_loop(eq, node)
        if made is None:
            return False
        nodes[place] = made
        places[eq.target] = place
        self.partial.add(eq.target)
        return True

    def in_branch(self, eq: Equation, node: If) -> If | None:
        """A branch whose sides make the list, but for one that has no such item. Where a
        side may have it or not, this is for what leaves it open there to say."""
        sides = (node.then, node.then_yields), (node.orelse, node.else_yields)
        ends = [_ends(node.results, yields) for _, yields in sides]
        if not any(self.leaves_open(each, eq) for each in ends):
            return None
        blocks: list[Block] = []
        left: list[Atom] = []
        for (block, _), each in zip(sides, ends, strict=True):
            missing = any(each.get(arg) == UNDEF for arg in eq.args)
            own = self.there(eq, each)
            blocks.append(block if missing else (*block, own))
            left.append(UNDEF if missing else own.target)
        if left == [UNDEF, UNDEF]:
            return None
        return replace(
            node,
            then=blocks[0],
            orelse=blocks[1],
            results=(*node.results, eq.target),
            then_yields=(*node.then_yields, left[0]),
            else_yields=(*node.else_yields, left[1]),
        )

    def in_loop(self, eq: Equation, node: For | While) -> For | While | None:
        """A loop whose last round leaves the list."""
        ends = _ends(node.results, node.yields)
        if self.leaves_open(ends, eq) or UNDEF not in map(
            _ends(node.results, node.inits).get, eq.args
        ):
            return None
        own = self.there(eq, ends)
        carried = self.names.fresh(eq.target.base, eq.target.role, eq.target.kind)
        return replace(
            node,
            carried=(*node.carried, carried),
            inits=(*node.inits, UNDEF),
            body=(*node.body, own),
            yields=(*node.yields, own.target),
            results=(*node.results, eq.target),
        )

    def leaves_open(self, ends: Ends, eq: Equation) -> bool:
        """Whether a path does not hand on all items."""
        return any(ends[arg] in self.partial for arg in eq.args if arg in ends)

    def there(self, eq: Equation, ends: Ends) -> Equation:
        """The equation with the values that a path hands on."""
        target = self.names.fresh(eq.target.base, eq.target.role, eq.target.kind)
        return replace(eq, target=target, args=tuple(ends.get(a, a) for a in eq.args))


def _ends(results: tuple[Var, ...], values: tuple[Atom, ...]) -> Ends:
    return dict(zip(results, values, strict=True))
