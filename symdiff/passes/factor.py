"""Sums of products that share a factor: `g * a + g * b` becomes `g * (a + b)`.

The reverse sweep adds up one product for each use of a value, nearly all with the
adjoint of the user as a factor; forward mode one for each operand. The pass
reassociates, so results change in their last bits; what the user wrote is left as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence

from symdiff.ir.builder import Builder, Names
from symdiff.ir.core import (
    Atom, Block, Const, Equation, For, Function, If, Node, Var, While, count_uses, kind_of,
)  # fmt: skip
from symdiff.ir.kinds import Array, Float, Kind
from symdiff.passes.derived import derived
from symdiff.passes.folding import fold
from symdiff.records import replace

__all__ = ["factor", "in_place_of"]

_SUMS = ("add", "sub", "neg")
Term = tuple[bool, tuple[Atom, ...]]  # whether it is subtracted, and its factors


def factor(function: Function) -> Function:
    """Share factors in the sums of a derivative."""
    body = function.body
    part = derived(function)
    if part is None:
        return function
    pass_ = _Factor(Names.after(function), count_uses(function), part.values)
    changed = pass_.block(body[part.start :])
    return replace(function, body=body[: part.start] + changed) if pass_.done else function


def _line(eq: Equation) -> int | None:
    return None if eq.span is None else eq.span.line


def in_place_of(eq: Equation, build: Builder, total: Atom | None) -> list[Node] | None:
    """The nodes just built, the last of which takes the target of an equation; None if
    no such node was built, or one of another kind."""
    last = build.nodes[-1] if build.nodes else None
    if not isinstance(last, Equation) or last.target is not total:
        return None
    if last.target.kind != eq.target.kind:
        return None
    return [*build.nodes[:-1], replace(last, target=eq.target)]


class _Factor:
    def __init__(self, names: Names, uses: Counter[Atom], derived: Container[Var]) -> None:
        self.names = names
        self.uses = uses
        self.derived = derived
        self.done = False
        self.made: dict[Var, Equation] = {}

    def block(self, block: Block) -> Block:
        outer, self.made = self.made, {}
        inner_of_sum: set[Atom] = set()
        for node in block:
            if isinstance(node, Equation):
                self.made[node.target] = node
                if node.op in _SUMS:
                    kind = node.target.kind
                    parts = [self._own(a, kind, node, *_SUMS) for a in node.args]
                    inner_of_sum.update(p.target for p in parts if p is not None)
        nodes: list[Node] = []
        for node in block:
            if isinstance(node, Equation):
                root = node.op in ("add", "sub") and node.target not in inner_of_sum
                root = root and node.target in self.derived
                nodes.extend(self._shared(node) if root else (node,))
            elif isinstance(node, If):
                then, orelse = self.block(node.then), self.block(node.orelse)
                nodes.append(replace(node, then=then, orelse=orelse))
            elif isinstance(node, (For, While)):
                nodes.append(replace(node, body=self.block(node.body)))
        self.made = outer
        return tuple(nodes)

    def _own(self, atom: Atom, kind: Kind, user: Equation, *ops: str) -> Equation | None:
        """The equation of a value of this kind that is read by `user` and nowhere else,
        and belongs to the same line of the user's program."""
        if not isinstance(atom, Var) or self.uses[atom] != 1 or atom.kind != kind:
            return None
        made = self.made.get(atom)
        if made is None or made.op not in ops or _line(made) != _line(user):
            return None
        return made

    def _terms(self, atom: Atom, minus: bool, user: Equation) -> list[Term]:
        made = self._own(atom, user.target.kind, user, *_SUMS)
        if made is None:
            return [(minus, self._factors(atom, user))]
        return self._split(made, minus)

    def _split(self, eq: Equation, minus: bool) -> list[Term]:
        if eq.op == "neg":
            return self._terms(eq.args[0], not minus, eq)
        a, b = eq.args
        second = minus != (eq.op == "sub")
        return self._terms(a, minus, eq) + self._terms(b, second, eq)

    def _factors(self, atom: Atom, user: Equation) -> tuple[Atom, ...]:
        made = self._own(atom, kind_of(atom), user, "mul")
        if made is None:
            return (atom,)
        return self._factors(made.args[0], made) + self._factors(made.args[1], made)

    def _shared(self, eq: Equation) -> Sequence[Node]:
        if not isinstance(eq.target.kind, (Float, Array)):
            return (eq,)
        terms = self._split(eq, False)
        counts: Counter[Atom] = Counter()
        for _, factors in terms:
            if len(factors) > 1:
                counts.update(list(dict.fromkeys(f for f in factors if isinstance(f, Var))))
        common, count = max(counts.items(), key=lambda item: item[1], default=(None, 0))
        build = Builder(self.names, fold)
        build.span = eq.span
        if common is not None and count > 1:
            terms = self._taken_out(build, terms, common)
        elif len(set(terms)) == len(terms):
            return (eq,)
        total = self._sum(build, terms)
        nodes = in_place_of(eq, build, total)
        if nodes is None:
            return (eq,)
        self.done = True
        return nodes

    def _taken_out(self, build: Builder, terms: list[Term], common: Atom) -> list[Term]:
        """The terms with those that have the factor in one."""
        inside, outside, place = self._parted(terms, common)
        minus = all(minus for minus, _ in inside)
        if minus:
            inside = [(False, factors) for _, factors in inside]
        outside.insert(place, (minus, (common, self._sum(build, inside))))
        return outside

    @staticmethod
    def _parted(terms: list[Term], common: Atom) -> tuple[list[Term], list[Term], int]:
        """The terms with the factor, without it; the others; where the first stood."""
        inside: list[Term] = []
        outside: list[Term] = []
        place = 0
        for minus, factors in terms:
            if len(factors) > 1 and common in factors:
                at = factors.index(common)
                if not inside:
                    place = len(outside)
                inside.append((minus, factors[:at] + factors[at + 1 :]))
            else:
                outside.append((minus, factors))
        return inside, outside, place

    def _sum(self, build: Builder, terms: list[Term]) -> Atom:
        times = Counter(terms)
        terms = [
            (minus, factors if count == 1 else (Const(float(count)), *factors))
            for (minus, factors), count in times.items()
        ]
        # A term that is added comes first, so that no sum begins with a sign.
        first = next((k for k, (minus, _) in enumerate(terms) if not minus), 0)
        terms = [terms[first], *terms[:first], *terms[first + 1 :]]
        total: Atom | None = None
        for minus, factors in terms:
            product = factors[0]
            for other in factors[1:]:
                product = build.emit("mul", product, other)
            if total is None:
                total = build.emit("neg", product) if minus else product
            else:
                total = build.emit("sub" if minus else "add", total, product)
        assert total is not None
        return total
