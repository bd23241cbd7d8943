"""Sums of products in a derivative as products of vectors: `u @ v` for `np.sum(u * v)`.

No array is made for the product, and BLAS sums it up in a fifth of the time. Numbers and
signs come out of the sum. Arrays with several axes are taken as flat, by `np.vdot`. This
reassociates; what the user wrote is left as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.ir.builder import Builder, Names
from symdiff.ir.core import (
    Atom, Block, Const, Equation, Function, If, Node, While, count_uses, kind_of,
    walk,
)  # fmt: skip
from symdiff.ir.extents import agree
from symdiff.ir.kinds import Array, is_number
from symdiff.passes.dead import dead
from symdiff.passes.derived import follows_derivatives
from symdiff.passes.folding import fold
from symdiff.passes.folding.vanishing import axes_summed
from symdiff.records import dataclass, field, replace

__all__ = ["dots"]


def dots(function: Function) -> Function:
    """Sum up products of arrays without making them."""
    if not any(
        isinstance(n, Equation) and n.op == "numpy.sum" for n in walk(function.body)
    ):
        return function
    work = _Dots(function)
    body = work.block(function.body)
    return dead(replace(function, body=body)) if work.done else function


@dataclass(slots=True)
class _Product:
    """The factors of an array, and what they are divided by."""

    like: Array
    minus: bool = False
    arrays: list[Atom] = field(default_factory=list)
    numbers: list[Atom] = field(default_factory=list)
    divisors: list[Atom] = field(default_factory=list)

    def is_known(self) -> bool:
        """Whether all arrays have the same shape and doubles in them."""
        return len(self.arrays) > 0 and all(
            isinstance(kind := kind_of(a), Array)
            and kind.dtype == self.like.dtype == "float64"
            and agree(kind.dims, self.like.dims)
            for a in self.arrays
        )

    def is_better(self) -> bool:
        """Whether the array need not be made."""
        apart = self.minus or self.numbers or self.divisors
        return len(self.arrays) > 1 or bool(apart)


class _Dots:
    def __init__(self, function: Function) -> None:
        self.names = Names.after(function)
        self.uses = count_uses(function)
        self.derived = follows_derivatives(function)
        self.readers: dict[Atom, list[Equation]] = {}
        for node in walk(function.body):
            if isinstance(node, Equation):
                for atom in node.args:
                    self.readers.setdefault(atom, []).append(node)
        self.made: dict[Atom, Equation] = {}  # in a block
        self.done = False

    def block(self, block: Block) -> Block:
        outer, self.made = self.made, {}
        for node in block:
            if isinstance(node, Equation):
                self.made[node.target] = node
        nodes: list[Node] = []
        for node in block:
            if isinstance(node, Equation):
                nodes += self.equation(node)
            elif isinstance(node, If):
                then, orelse = self.block(node.then), self.block(node.orelse)
                nodes.append(replace(node, then=then, orelse=orelse))
            else:
                if isinstance(node, While):
                    node = replace(node, test=self.block(node.test))
                nodes.append(replace(node, body=self.block(node.body)))
        self.made = outer
        return tuple(nodes)

    def equation(self, eq: Equation) -> Sequence[Node]:
        kind = kind_of(eq.args[0]) if eq.args else None
        if not self.is_sum(eq) or not isinstance(kind, Array):
            return (eq,)
        product = _Product(kind)
        self.gather(eq.args[0], product)
        product.arrays = self.unsquared(product.arrays)
        if not product.is_known() or not product.is_better():
            return (eq,)
        build = Builder(self.names, fold)
        build.span = eq.span
        total = self.total(build, product)
        last = build.nodes[-1] if build.nodes else None
        if not isinstance(last, Equation) or last.target is not total:
            return (eq,)
        self.done = True
        return [*build.nodes[:-1], replace(last, target=eq.target)]

    def gather(self, atom: Atom, into: _Product) -> None:
        """Note the factors of a value that nothing else reads, or nothing but sums."""
        made = self.made.get(atom)
        if self.uses[atom] != 1 and not (_is_scaled(made) and self.is_summed(atom)):
            made = None
        kind = kind_of(atom)
        if is_number(kind):
            into.numbers.append(atom)
        elif made is None or not isinstance(kind, Array):
            into.arrays.append(atom)
        elif made.op == "neg":
            into.minus = not into.minus
            self.gather(made.args[0], into)
        elif made.op == "mul":
            for factor in made.args:
                self.gather(factor, into)
        elif made.op == "div" and is_number(kind_of(made.args[1])):
            self.gather(made.args[0], into)
            into.divisors.append(made.args[1])
        else:
            into.arrays.append(atom)

    def is_summed(self, atom: Atom) -> bool:
        """Whether sums alone read an array, or its products with others."""
        readers = self.readers.get(atom, [])
        return len(readers) == self.uses[atom] and all(
            self.is_sum(eq) or (eq.op == "mul" and self.is_summed_once(eq.target))
            for eq in readers
        )

    def is_summed_once(self, atom: Atom) -> bool:
        return self.uses[atom] == 1 and all(map(self.is_sum, self.readers.get(atom, ())))

    def is_sum(self, eq: Equation) -> bool:
        """Whether it sums up a whole array, for a derivative."""
        if eq.op != "numpy.sum" or eq.target not in self.derived:
            return False
        return axes_summed(eq.args, eq.params) is not None and is_number(eq.target.kind)

    def unsquared(self, arrays: list[Atom]) -> list[Atom]:
        """x and x for `x ** 2` that stands alone."""
        if len(arrays) != 1:
            return arrays
        made = self.made.get(arrays[0]) if self.uses[arrays[0]] == 1 else None
        if made is None or made.op != "pow":
            return arrays
        return [made.args[0]] * 2 if made.args[1] in (Const(2), Const(2.0)) else arrays

    def total(self, b: Builder, product: _Product) -> Atom:
        *first, last = product.arrays
        if first:
            whole = first[0]
            for factor in first[1:]:
                whole = b.emit("mul", whole, factor)
            total = b.emit(
                "matmul" if product.like.ndim == 1 else "numpy.vdot", whole, last
            )
        else:
            total = b.emit("numpy.sum", last)
        for number in product.numbers:
            total = b.emit("mul", number, total)
        for number in product.divisors:
            total = b.emit("div", total, number)
        return b.emit("neg", total) if product.minus else total


def _is_scaled(eq: Equation | None) -> bool:
    """Whether it is an array times a number."""
    if eq is None or eq.op not in ("mul", "div"):
        return False
    return any(map(is_number, map(kind_of, eq.args)))
