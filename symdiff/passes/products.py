"""Products of several factors in a derivative, in the order that costs least.

A product that was computed before is used again, whatever the order in which it was
written, numbers are multiplied before arrays, what is the same in all rounds of a loop
comes first (see `invariants`), and literals are multiplied here. Reassociates; what the
user wrote is left as it is.
"""

from __future__ import annotations

import math
from collections import ChainMap, Counter
from collections.abc import Container, Sequence

from symdiff.ir.builder import Builder, Names
from symdiff.ir.core import (
    Atom, Block, Const, Equation, For, Function, If, Node, Var, While, count_uses,
    defined_by, inner_params, kind_of, walk,
)  # fmt: skip
from symdiff.ir.kinds import Array, Float, Kind
from symdiff.passes.derived import derived
from symdiff.passes.factor import in_place_of
from symdiff.passes.folding import fold
from symdiff.records import replace

__all__ = ["products"]


def products(function: Function) -> Function:
    """Share and reorder the products of a derivative."""
    part = derived(function)
    if part is None:
        return function
    work = _Products(Names.after(function), count_uses(function), part.values)
    for node in function.body[: part.start]:
        if isinstance(node, Equation):
            work.note(node)
    changed = work.block(function.body[part.start :])
    if not work.done:
        return function
    return replace(function, body=function.body[: part.start] + changed)


class _Products:
    def __init__(self, names: Names, uses: Counter[Atom], derived: Container[Var]) -> None:
        self.names = names
        self.uses = uses
        self.derived = derived
        self.done = False
        self.known: ChainMap[frozenset[Atom], Var] = ChainMap()
        self.paired: set[Atom] = set()  # the factors of any product that was computed
        self.made: dict[Var, Equation] = {}
        self.varying: set[Atom] = set()  # what the innermost loop defines
        self.in_loop = False

    def note(self, eq: Equation) -> None:
        """Remember a product that was computed."""
        if eq.op == "mul" and _is_float(eq.target.kind):
            pair = frozenset(eq.args)
            if len(pair) == 2 and not any(isinstance(a, Const) for a in pair):
                self.known.setdefault(pair, eq.target)
                self.paired |= pair

    def block(self, block: Block) -> Block:
        outer, self.made = self.made, {}
        self.known = self.known.new_child()
        parts: set[Var] = set()
        for node in block:
            if isinstance(node, Equation) and node.op in ("mul", "div"):
                self.made[node.target] = node
            if isinstance(node, Equation) and node.op == "mul":
                pairs = [a for a in node.args if isinstance(a, Var)]
                parts.update(a for a in pairs if self._is_part(a, node))
        nodes: list[Node] = []
        for node in block:
            if isinstance(node, Equation):
                root = node.op == "mul" and node.target not in parts
                if root and node.target in self.derived:
                    nodes.extend(self._ordered(node))
                else:
                    nodes.append(node)
                if node.target not in parts:
                    self.note(node)
            elif isinstance(node, If):
                then, orelse = self.block(node.then), self.block(node.orelse)
                nodes.append(replace(node, then=then, orelse=orelse))
            else:
                nodes.append(replace(node, body=self.round_of(node)))
        self.made = outer
        self.known = self.known.parents
        return tuple(nodes)

    def round_of(self, node: For | While) -> Block:
        outer = self.varying, self.in_loop
        self.varying, self.in_loop = {*inner_params(node)}, True
        for each in walk(node.body):
            self.varying.update((*defined_by(each), *inner_params(each)))
        body = self.block(node.body)
        self.varying, self.in_loop = outer
        return body

    def _is_part(self, atom: Atom, user: Equation, quotients: bool = False) -> bool:
        """Whether the atom is a product that only this product reads, or a quotient."""
        if not isinstance(atom, Var) or self.uses[atom] != 1 or atom not in self.made:
            return False
        made = self.made[atom]
        if made.op == "div" and made.args[0] != Const(1.0) and not quotients:
            return False
        return _is_float(atom.kind) and _is_float(user.target.kind)

    def _factors(
        self, eq: Equation, divisors: list[Atom], quotients: bool = False
    ) -> list[Atom]:
        """The factors of a product as written; those of form 1.0 / n are divisors, with
        `quotients` those of any form a / n."""
        found: list[Atom] = []
        args = eq.args
        if eq.op == "div":
            divisors.append(args[1])
            args = () if args[0] == Const(1.0) else args[:1]
        for arg in args:
            if self._is_part(arg, eq, quotients) and isinstance(arg, Var):
                found.extend(self._factors(self.made[arg], divisors, quotients))
            else:
                found.append(arg)
        return found

    def _whole(self, eq: Equation) -> tuple[list[Atom], list[Atom]]:
        """The factors and divisors of a product: through quotients where that brings two
        literals together, which are multiplied here."""
        divisors: list[Atom] = []
        found = self._factors(eq, divisors, quotients=True)
        numbers = [f.value for f in found if isinstance(f, Const)]
        if len(numbers) > 1 and all(type(v) in (int, float) for v in numbers):
            product = Const(math.prod(numbers))
            if math.isfinite(product.value):
                rest: list[Atom] = [f for f in found if not isinstance(f, Const)]
                return ([product, *rest] if product.value != 1 else rest), divisors
        divisors = []
        return self._factors(eq, divisors), divisors

    def _runs_left(self, eq: Equation) -> bool:
        """Whether the product is written without brackets."""
        a, b = eq.args
        if self._is_part(b, eq):
            return False
        return not self._is_part(a, eq) or self._runs_left(self.made[a])  # type: ignore[index]

    def _ordered(self, eq: Equation) -> Sequence[Node]:
        written, divisors = self._whole(eq)
        if (len(written) < 3 and not divisors) or not written:
            return (eq,)
        if not _is_float(eq.target.kind):
            return (eq,)
        factors = self._constant_first(self._reused(written))
        arrays = [f for f in factors if isinstance(kind_of(f), Array)]
        if arrays:
            factors = [f for f in factors if not isinstance(kind_of(f), Array)] + arrays
        if factors == written and not divisors and self._runs_left(eq):
            return (eq,)
        build = Builder(self.names, fold)
        build.span = eq.span
        total: Atom = factors[0]
        for other in factors[1:]:
            total = build.emit("mul", total, other)
        for other in divisors:
            total = build.emit("div", total, other)
        nodes = in_place_of(eq, build, total)
        if nodes is None:
            return (eq,)
        self.done = True
        return nodes

    def _constant_first(self, factors: list[Atom]) -> list[Atom]:
        """The factors with those first that are the same in all rounds of the loop."""
        same = [f for f in factors if f not in self.varying]
        if not self.in_loop or len(same) < 2 or not any(isinstance(f, Var) for f in same):
            return factors
        return same + [f for f in factors if f in self.varying]

    def _reused(self, factors: list[Atom]) -> list[Atom]:
        """The factors, pairs of them replaced by a product at hand."""
        left = list(factors)
        alone: set[Atom] = set()  # that make no such pair with any that follows
        place = 0
        while place < len(left):
            first = left[place]
            other = None if first in alone else self._other(left, place)
            if other is None:
                alone.add(first)
                place += 1
            else:
                left[place] = self.known[frozenset((first, left.pop(other)))]
        return left

    def _other(self, factors: list[Atom], place: int) -> int | None:
        """Where the first factor stands whose product with that at a place is at hand."""
        first = factors[place]
        others = range(place + 1, len(factors)) if first in self.paired else ()
        pairs = (k for k in others if frozenset((first, factors[k])) in self.known)
        return next(pairs, None)


def _is_float(kind: Kind) -> bool:
    return isinstance(kind, Float) or (
        isinstance(kind, Array) and kind.dtype.startswith("float")
    )
