"""Branches as equations: both sides are computed, and their results merged.

As indicator functions y = 1[c] a + (1 - 1[c]) b, whose derivative by a is 1[c]; or as a
choice `a if c else b`, whose sides are computed first.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal

from symdiff.errors import Diagnostic, DifferentiationError, Span
from symdiff.ir.builder import Builder, Names
from symdiff.ir.core import (
    Atom, Block, Const, Equation, For, Function, Global, If, Node, Undef, Var, While,
    kind_of,
)  # fmt: skip
from symdiff.ir.effects import DESTRUCTIVE, INVOKES, is_effect
from symdiff.ir.kinds import (
    Array, Bool, Extent, Kind, List, dtype_of, is_number, is_real,
)  # fmt: skip
from symdiff.records import replace

__all__ = ["Merge", "branchless"]

Merge = Literal["indicators", "choices"]

# What gives a finite number for all finite ones, or a value that is no float.
_TOTAL = frozenset(
    f"{module}.{name}"
    for module, names in (
        ("builtins", "abs max min float bool len"),
        ("math", "sin cos atan tanh fabs erf erfc asinh cbrt copysign isfinite"),
        ("numpy", "sin cos arctan tanh abs absolute fabs arcsinh cbrt sinc sign square"),
        ("numpy", "maximum minimum fmax fmin clip add subtract multiply negative where"),
        ("numpy", "sum dot mean outer transpose zeros ones zeros_like ones_like"),
        ("numpy", "logical_and logical_or logical_not"),
    )
    for name in names.split()
) | {
    "add", "sub", "mul", "neg", "pos", "lt", "le", "gt", "ge", "eq", "ne", "is", "isnot",
    "not", "invert", "bitand", "bitor", "bitxor", "select", "boolean and", "boolean or",
    "item", "tuple", "attr", "copy", "matmul",
}  # fmt: skip


def branchless(function: Function, names: Names, merge: Merge) -> Function:
    """The function without branches, also inside its loops.

    Raises `DifferentiationError` for branches of which a side must not be computed
    where it is not taken: one that may fail, that has effects or holds a loop.
    """
    work = _Branchless(names, merge)
    body = work.block(function.body)
    if work.problems:
        raise DifferentiationError(tuple(dict.fromkeys(work.problems)))
    return replace(function, body=body)


class _Branchless:
    def __init__(self, names: Names, merge: Merge) -> None:
        self.build = Builder(names)
        self.merge = merge
        self.problems: list[Diagnostic] = []
        self.inside = 0  # branches that are open
        self.unsure: set[Atom] = set()  # what may be infinite, None or not assigned yet
        self.flags: dict[tuple[Atom, str | None], Atom] = {}

    def block(self, block: Block) -> Block:
        with self.build.block() as nodes:
            for node in block:
                self.node(node)
            return tuple(nodes)

    def node(self, node: Node) -> None:
        self.build.span = node.span
        if isinstance(node, Equation):
            self.equation(node)
        elif isinstance(node, If):
            self.branch(node)
        elif self.inside:
            self.problem("both sides of this branch run, and this is a loop", node.span)
        else:
            self.loop(node)

    def loop(self, node: For | While) -> None:
        for carried, result, init in zip(
            node.carried, node.results, node.inits, strict=True
        ):
            if self.is_unsure(init):
                self.unsure |= {carried, result}
        known = dict(self.flags)
        body = self.block(node.body)
        if isinstance(node, While):
            node = replace(node, test=self.block(node.test))
        self.flags = known  # those of a round are not seen after it
        self.build.append(replace(node, body=body))

    def is_unsure(self, atom: Atom) -> bool:
        if isinstance(atom, Const):
            return atom.value is None or not _is_finite(atom.value)
        if isinstance(atom, Global):
            return atom.name.rpartition(".")[2] in ("inf", "nan")
        return isinstance(atom, Undef) or atom in self.unsure

    def check(self, atoms: Iterable[Atom], span: Span | None) -> None:
        """Refuse to compute with what is no finite number where it is not reached."""
        if any(map(self.is_unsure, atoms)):
            message = "both sides of this branch run, and this may be infinite or unset"
            self.problem(message, span)

    def problem(self, message: str, span: Span | None) -> None:
        help = "leave out indicators=True"
        if self.merge == "choices":
            help = "write it so that both sides can be computed, as with max(x, 0.0)"
        self.problems.append(Diagnostic(message, span, help))

    def equation(self, eq: Equation) -> None:
        if self.inside and has_effect(eq):
            self.problem("both sides of this branch run, and this has an effect", eq.span)
        elif self.inside and not is_total(eq):
            self.problem("both sides of this branch run, and this may fail", eq.span)
        elif self.inside:
            self.check(eq.args, eq.span)
        if self.merge == "indicators" and eq.op in ("select", "numpy.where"):
            if len(eq.args) == 3 and is_real(eq.target.kind):
                cond, then, other = eq.args
                self.check((then, other), eq.span)
                self.sum(cond, then, other, eq.target, eq.span)
                return
        self.build.append(eq)

    # -- branches ---------------------------------------------------------------------

    def branch(self, node: If) -> None:
        kind = kind_of(node.cond)
        if not is_number(kind) and not isinstance(kind, Array):
            self.problem("this condition is no number and no comparison", node.span)
            return
        reals = [result for result in node.results if _is_spread(result.kind)]
        if self.merge == "indicators" and reals:
            self.indicator(node.cond, reals[0])  # before the sides, beside its test
        self.inside += 1
        for inner in (*node.then, *node.orelse):
            self.node(inner)
        self.inside -= 1
        self.build.span = node.span
        sides = zip(node.results, node.then_yields, node.else_yields, strict=True)
        for result, then, other in sides:
            if isinstance(then, Undef) or isinstance(other, Undef):
                is_named = result.base not in ("t", "result")
                name = f"`{result.base}`" if is_named else "the result"
                message = f"{name} gets a value on one side of this branch only"
                self.problem(message, node.span)
            elif self.is_unsure(then) or self.is_unsure(other):
                self.check((then, other), node.span)
            elif isinstance(result.kind, Array) and _shape(then) != _shape(other):
                message = f"`{result.base}` may have another shape on each side"
                self.problem(f"{message}: it cannot be merged", node.span)
            elif self.merge == "indicators" and _is_spread(result.kind):
                self.sum(node.cond, then, other, result, node.span)
            elif is_number(result.kind):
                self.choice(node.cond, then, other, result, node.span)
            else:
                message = f"`{result.base}` is no number: it cannot be merged"
                self.problem(message, node.span)

    def choice(
        self, cond: Atom, then: Atom, other: Atom, result: Var, span: Span | None
    ) -> None:
        """result = then if cond else other"""
        op, args = "select", (cond, then, other)
        if isinstance(kind_of(cond), Bool) and other == Const(False):
            op, args = "boolean and", (cond, then)  # type: ignore[assignment]
        elif isinstance(kind_of(cond), Bool) and then == Const(True):
            op, args = "boolean or", (cond, other)  # type: ignore[assignment]
        self.build.append(Equation(result, op, args, None, span))

    def sum(
        self, cond: Atom, then: Atom, other: Atom, result: Var, span: Span | None
    ) -> None:
        """result = 1[cond] * then + (1 - 1[cond]) * other"""
        flag = self.indicator(cond, result)
        terms: list[tuple[Atom, Atom]] = []
        if then != Const(0.0):
            terms.append((flag, then))
        if other != Const(0.0):
            terms.append((self.build.define("sub", Const(1.0), flag), other))
        if len(terms) < 2:
            factor, value = terms[0] if terms else (flag, then)
            self.build.append(Equation(result, "mul", (factor, value), None, span))
            return
        products = tuple(self.build.define("mul", *term) for term in terms)
        self.build.append(Equation(result, "add", products, None, span))

    def indicator(self, cond: Atom, like: Var) -> Atom:
        """1[cond] as a float, or as an array of the type of the values."""
        kind = kind_of(cond)
        dtype = dtype_of(like.kind) if isinstance(kind, Array) else None
        known = self.flags.get((cond, dtype))
        if known is None:
            truth = cond
            if not _is_truth(kind):
                truth = self.build.define("ne", cond, Const(0))
            if isinstance(kind, Array):
                known = self.build.define("numpy.astype", truth, Const(dtype))
            else:
                known = self.build.define("builtins.float", truth)
            self.flags[cond, dtype] = known
        return known


def _is_spread(kind: Kind) -> bool:
    """Whether a sum of such values is one of its entries."""
    return is_real(kind) and not isinstance(kind, List)


def _shape(atom: Atom) -> tuple[Extent, ...] | None:
    kind = kind_of(atom)
    return kind.dims if isinstance(kind, Array) else None


def _is_truth(kind: Kind) -> bool:
    return isinstance(kind, Bool) or (isinstance(kind, Array) and kind.dtype == "bool")


def _is_finite(value: object) -> bool:
    return not isinstance(value, float) or math.isfinite(value)


def has_effect(eq: Equation) -> bool:
    return is_effect(eq.op) or eq.op in DESTRUCTIVE or eq.op in INVOKES


def is_total(eq: Equation) -> bool:
    """Whether it gives a finite number wherever its arguments are finite."""
    if eq.op == "getitem":
        return _is_in_range(eq)
    if eq.op in ("builtins.max", "builtins.min"):
        return len(eq.args) > 1  # an empty list has no largest item
    if eq.op in ("div", "numpy.divide", "mod", "floordiv"):
        return isinstance(eq.args[1], Const) and bool(eq.args[1].value)
    if eq.op in ("pow", "numpy.power"):
        power = eq.args[1]
        return isinstance(power, Const) and power.value in range(1, 10)
    return eq.op in _TOTAL


def _is_in_range(eq: Equation) -> bool:
    """Whether a subscript is known to exist."""
    array, *places = eq.args
    kind, index = kind_of(array), eq.params
    if not isinstance(kind, Array) or len(places) > len(kind.dims) or index.through:
        return False
    if any(item != "at" for item in index.items):
        return False
    return all(_exists(place, dim) for place, dim in zip(places, kind.dims, strict=False))


def _exists(place: Atom, dim: object) -> bool:
    if not isinstance(place, Const) or not isinstance(place.value, int):
        return False
    return isinstance(dim, int) and -dim <= place.value < dim
