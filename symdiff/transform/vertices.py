"""The graph of partial derivatives of equations between numbers, and how its vertices are
eliminated.

An edge from u to v carries the partial derivative of v by u. Eliminating a vertex joins
each of its predecessors to each of its successors, which takes one multiplication per
pair (Griewank & Reese 1991; Griewank & Walther, Evaluating Derivatives, chapter 9).
"""

from __future__ import annotations

from symdiff.errors import DifferentiationError
from symdiff.ir.builder import Builder, Names
from symdiff.ir.core import Atom, Const, Equation, Var
from symdiff.passes import fold
from symdiff.rules import rule_of
from symdiff.rules.row import Zero
from symdiff.transform.equations import doubled, is_doubled, no_rule

__all__ = ["ONE", "Vertices", "costs"]

ONE = Const(1.0)


class Vertices:
    """Vertices are values, or what else a caller joins to them; `before` holds the edges
    into each, `after` those out of it, `inner` what is to be eliminated, in order."""

    def __init__(self, build: Builder) -> None:
        self.build = build
        self.before: dict[object, dict[object, Atom]] = {}
        self.after: dict[object, dict[object, Atom]] = {}
        self.inner: list[Var] = []

    def copy(self) -> Vertices:
        """The same graph, to try an order on: what it builds is thrown away."""
        other = Vertices(Builder(Names(), fold))
        other.inner = self.inner
        other.before = {v: dict(edges) for v, edges in self.before.items()}
        other.after = {v: dict(edges) for v, edges in self.after.items()}
        return other

    def partials(self, eq: Equation, active: set[Var]) -> None:
        """The edges into what an equation yields."""
        b = self.build
        b.span = eq.span
        rule = rule_of(eq)
        if isinstance(rule, Zero):
            return
        if rule is None:
            raise DifferentiationError(no_rule(eq))
        target = eq.target
        if is_doubled(eq):
            eq, rule = doubled(eq)
        for place, arg in enumerate(eq.args):
            if isinstance(arg, Var) and arg in active:
                wanted = tuple(k == place for k in range(len(eq.args)))
                count = len(b.nodes)
                found = rule.vjp(b, eq, ONE, wanted)[place]
                if found is not None:
                    self.join(arg, target, self.named(found, arg, target, count))

    def named(self, weight: Atom, of: object, target: object, count: int) -> Atom:
        """The weight under a name of its own, if it was computed since there were `count`
        equations."""
        return weight

    def join(self, u: object, v: object, weight: Atom) -> None:
        """Add to the edge from u to v."""
        known = self.before.setdefault(v, {}).get(u)
        if known is not None:
            count = len(self.build.nodes)
            weight = self.named(self.build.emit("add", known, weight), u, v, count)
        self.before[v][u] = self.after.setdefault(u, {})[v] = weight

    def eliminate(self, tactic: str) -> int:
        """Eliminate all that lies between inputs and results; the multiplications."""
        left = dict.fromkeys(self.inner)
        total = 0
        while left:
            v = self._next(left, tactic)
            del left[v]
            total += self.remove(v)
        return total

    def _next(self, left: dict[Var, None], tactic: str) -> Var:
        if tactic == "forward":
            return next(iter(left))
        if tactic == "reverse":
            return next(reversed(left))
        vertices = left if tactic == "markowitz first" else reversed(left)
        return min(vertices, key=self._degree)

    def _degree(self, v: Var) -> int:
        """The Markowitz degree: what eliminating a vertex takes, factors of 1 and -1
        left out."""
        before, after = self.before.get(v, {}), self.after.get(v, {})
        return sum(costs(a) for a in before.values()) * sum(
            costs(c) for c in after.values()
        )

    def remove(self, v: Var) -> int:
        """Eliminate one vertex; the multiplications."""
        before, after = self.before.pop(v, {}), self.after.pop(v, {})
        for u in before:
            del self.after[u][v]
        for w in after:
            del self.before[w][v]
        count = 0
        for w, behind in after.items():
            for u, ahead in before.items():
                count += costs(ahead) * costs(behind)
                made = len(self.build.nodes)
                product = self.build.emit("mul", behind, ahead)
                self.join(u, w, self.named(product, u, w, made))
        return count


def costs(weight: Atom) -> bool:
    """Whether a product with the number takes a multiplication."""
    return not (isinstance(weight, Const) and weight.value in (1, -1))
