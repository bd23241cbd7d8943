"""Outer products that a loop adds up, as one product of two matrices behind it.

The adjoint of `W @ h` adds the outer product of two vectors to that of W, in each round:
a pass over a whole matrix. The vectors are kept instead, and their sum of products is
A.T @ B with the vectors as rows. This reassociates, and keeps two vectors for each round.
"""

from __future__ import annotations

from symdiff.ir.builder import Names
from symdiff.ir.core import (
    Atom, Block, Equation, For, Function, If, Node, Var, While, count_uses, kind_of,
    walk,
)  # fmt: skip
from symdiff.ir.kinds import TAPE, Array
from symdiff.passes.dead import dead
from symdiff.records import replace

__all__ = ["gather"]

_PRODUCT = "numpy.outer"


def gather(function: Function) -> Function:
    """Gather the outer products that loops of a derivative add up."""
    found = _Sums(function)
    found.look(function.body)
    if not found.starts:
        return function
    return dead(replace(function, body=_Gatherer(found, function).block(function.body)))


class _Sums:
    """The sums that loops make: what a loop carries, adds outer products to, and hands
    on, through inner loops too, and what nobody looks at meanwhile.

    starts: what the outermost loop carries of each.
    added: of each sum so far that to which a product is added, and the product.
    passed: all that stands for the sum in the loops.
    """

    def __init__(self, function: Function) -> None:
        self.starts: set[Var] = set()
        self.added: dict[Var, tuple[Var, Equation]] = {}
        self.passed: set[Var] = set()
        self.made: dict[Atom, Equation] = {}
        self.loops: dict[Atom, tuple[For | While, int]] = {}  # by what they result in
        nodes = list(walk(function.body))
        if not any(isinstance(n, Equation) and n.op == _PRODUCT for n in nodes):
            return
        self.uses = count_uses(function)
        for node in nodes:
            if isinstance(node, Equation):
                self.made[node.target] = node
            elif isinstance(node, (For, While)):
                self.loops.update((r, (node, k)) for k, r in enumerate(node.results))

    def look(self, block: Block) -> None:
        for node in block if self.made else ():
            if isinstance(node, If):
                self.look(node.then)
                self.look(node.orelse)
            elif isinstance(node, (For, While)):
                for k, carried in enumerate(node.carried):
                    if carried not in self.passed and _is_sum(carried):
                        self.follow(node, k)
                self.look(node.body)

    def follow(self, node: For | While, k: int) -> None:
        added: dict[Var, tuple[Var, Equation]] = {}
        passed: set[Var] = set()
        if self.through(node, k, added, passed) and added:
            self.starts.add(node.carried[k])
            self.added |= added
            self.passed |= passed

    def through(
        self,
        node: For | While,
        k: int,
        added: dict[Var, tuple[Var, Equation]],
        passed: set[Var],
    ) -> bool:
        """Whether a loop only adds products to what it carries at a place."""
        at: Atom = node.yields[k]
        while at is not node.carried[k]:
            if self.uses[at] != 1 or not isinstance(at, Var):
                return False
            passed.add(at)
            if at in self.loops:
                inner, place = self.loops[at]
                if not self.through(inner, place, added, passed):
                    return False
                at = inner.inits[place]
                continue
            found = self.addition(at)
            if found is None or _dtype(found[1].target) != _dtype(node.carried[k]):
                return False
            added[at] = found
            at = found[0]
        passed.add(node.carried[k])
        return self.uses[node.carried[k]] == 1

    def addition(self, at: Var) -> tuple[Var, Equation] | None:
        eq = self.made.get(at)
        if eq is None or eq.op != "add":
            return None
        for before, product in (eq.args, eq.args[::-1]):
            made = self.made.get(product)
            if made is None or made.op != _PRODUCT or self.uses[product] != 1:
                continue
            vectors = all(map(_is_vector, made.args)) and not made.params
            if vectors and isinstance(before, Var):
                return before, made
        return None


def _dtype(var: Var) -> str | None:
    return var.kind.dtype if isinstance(var.kind, Array) else None


def _is_vector(atom: Atom) -> bool:
    kind = kind_of(atom)
    return isinstance(kind, Array) and kind.ndim == 1


def _is_sum(carried: Var) -> bool:
    kind = carried.kind
    matrix = isinstance(kind, Array) and kind.ndim == 2 and kind.dtype.startswith("float")
    return matrix and carried.is_derivative


class _Gatherer:
    """Puts tapes of pairs of vectors in the place of the sums."""

    def __init__(self, found: _Sums, function: Function) -> None:
        self.found = found
        self.names = Names.after(function)
        passed = sorted(found.passed, key=_order)
        self.tapes: dict[Atom, Var] = {var: self.tape(var) for var in passed}
        self.products = {product.target for _, product in found.added.values()}

    def tape(self, like: Var) -> Var:
        return self.names.fresh(like.base, "pairs", TAPE)

    def block(self, block: Block) -> Block:
        nodes: list[Node] = []
        for node in block:
            if isinstance(node, Equation):
                if node.target not in self.products:
                    nodes.append(self.equation(node))
            elif isinstance(node, If):
                then, orelse = self.block(node.then), self.block(node.orelse)
                nodes.append(replace(node, then=then, orelse=orelse))
            else:
                self.loop(node, nodes)
        return tuple(nodes)

    def equation(self, eq: Equation) -> Equation:
        added = self.found.added.get(eq.target)
        if added is None:
            return eq
        before, product = added
        args = (self.tapes[before], *product.args)
        return Equation(self.tapes[eq.target], "push", args, None, product.span)

    def loop(self, node: For | While, nodes: list[Node]) -> None:
        """A loop, and behind it what becomes of the pairs that it gathers."""
        inits, results = list(node.inits), list(node.results)
        behind: list[Node] = []
        for k, carried in enumerate(node.carried):
            if carried not in self.found.starts:
                continue
            empty, full = self.tape(carried), self.tape(carried)
            nodes.append(Equation(empty, "tape", (), None, node.span))
            behind += self.summed(node, k, full)
            inits[k], results[k] = empty, full
        nodes.append(
            replace(
                node,
                carried=tuple(self.tapes.get(var, var) for var in node.carried),
                inits=tuple(self.tapes.get(a, a) for a in inits),
                body=self.block(node.body),
                yields=tuple(self.tapes.get(a, a) for a in node.yields),
                results=tuple(self.tapes.get(r, r) for r in results),
            )
        )
        nodes += behind

    def summed(self, node: For | While, k: int, tape: Var) -> list[Node]:
        init, result = node.inits[k], node.results[k]
        zero = self.found.made.get(init)
        if zero is not None and zero.op == "numpy.zeros_like" and not zero.params:
            return [Equation(result, "outer_sum", (tape, *zero.args), None, node.span)]
        part = self.names.fresh(result.base, result.role, result.kind)
        products = Equation(part, "outer_sum", (tape, init), None, node.span)
        return [products, Equation(result, "add", (init, part), None, node.span)]


def _order(var: Var) -> tuple[str, str, int]:
    return var.base, var.role, var.version
