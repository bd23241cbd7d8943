"""Sums of products by their subscripts (`np.einsum` and what it can say), as loops.

out[i, k] = sum over j of a[i, j] * b[j, k] is a loop over i and k around one over j. What
is a product of matrices as a `whole` stays one where the target has these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from symdiff.ir.builder import Names
from symdiff.ir.core import (
    Atom, Block, Const, Equation, For, If, Index, Iteration, Node, Var, kind_of,
)  # fmt: skip
from symdiff.ir.extents import may_be_one
from symdiff.ir.kinds import (
    ANY_LENGTH, BOOL, FLOAT, INT, NONE, OPAQUE, Array, Extent, Float, Int, Size, Tuple,
)  # fmt: skip
from symdiff.targets.tapes import made_empty

__all__ = ["PRODUCTS", "Around"]

Tuples = Mapping[Atom, tuple[Atom, ...]]


class Around(NamedTuple):
    """What is known of the program around an equation: names, the items of tuples,
    whether the target has products of matrices as a `whole`; `known` accesses to elements
    need no check of their index, and those that are made here are added to them."""

    names: Names
    tuples: Tuples
    whole: bool
    known: set[Var]


_LETTERS = "ijklmnopqrstuvw"


def einsum(eq: Equation, around: Around) -> list[Node]:
    """`np.einsum("ij,jk->ik", a, b)`"""
    form = eq.args[0]
    if eq.params or not isinstance(form, Const) or "." in str(form.value):
        return [eq]
    given, arrow, result = str(form.value).replace(" ", "").partition("->")
    if not arrow:
        result = "".join(sorted(c for c in {*given} - {","} if given.count(c) == 1))
    return _Sum(eq, given.split(","), result, eq.args[1:], around).nodes()


def matmul(eq: Equation, around: Around) -> list[Node]:
    """`a @ b`, if only of stacks of matrices or also of matrices and vectors"""
    kinds = [kind_of(a) for a in eq.args]
    ndims = [k.ndim for k in kinds if isinstance(k, Array)]
    if eq.params or len(ndims) != 2 or not all(ndims) or (around.whole and max(ndims) < 3):
        return [eq]
    if max(ndims) > 2 and min(ndims) < 2:
        return [eq]
    stack = _LETTERS[3 : 1 + max(ndims)]
    own = [stack[len(stack) - n + 2 :] if n > 2 else "" for n in ndims]
    rows, columns = "i" if ndims[0] > 1 else "", "k" if ndims[1] > 1 else ""
    given = [f"{own[0]}{rows}j", f"{own[1]}j{columns}"]
    result = f"{stack}{rows}{columns}"
    return _Sum(eq, given, result, eq.args, around).nodes()


def dot(eq: Equation, around: Around) -> list[Node]:
    """`np.dot(a, b)` of matrices and vectors"""
    ndims = [k.ndim if isinstance(k, Array) else 0 for k in map(kind_of, eq.args)]
    plain = {*ndims} <= {1, 2} and not around.whole
    return matmul(eq, around) if plain else [eq]


def outer(eq: Equation, around: Around) -> list[Node]:
    """`np.outer(a, b)` of vectors"""
    kinds = [kind_of(a) for a in eq.args]
    vectors = [isinstance(k, Array) and k.ndim == 1 for k in kinds]
    if around.whole or eq.params or vectors != [True, True]:
        return [eq]
    return _Sum(eq, ["i", "j"], "ij", eq.args, around).nodes()


def transposed(eq: Equation, around: Around) -> list[Node]:
    """`a.T` of a matrix"""
    kind = kind_of(eq.args[0])
    if around.whole or len(eq.args) > 1 or not isinstance(kind, Array) or kind.ndim != 2:
        return [eq]
    return _Sum(eq, ["ij"], "ji", eq.args, around).nodes()


def tensordot(eq: Equation, around: Around) -> list[Node]:
    """`np.tensordot(a, b, axes)`"""
    kinds = [kind_of(a) for a in eq.args[:2]]
    ndims = [k.ndim for k in kinds if isinstance(k, Array)]
    if eq.params not in (None, ("axes",)) or len(ndims) != 2 or sum(ndims) > len(_LETTERS):
        return [eq]
    axes = _pairs(eq.args[2] if eq.args[2:] else Const(2), ndims, around.tuples)
    if axes is None:
        return [eq]
    first = list(_LETTERS[: ndims[0]])
    second = list(_LETTERS[ndims[0] : sum(ndims)])
    for a, b in axes:
        second[b] = first[a]
    shared = {first[a] for a, _ in axes}
    result = "".join(c for c in (*first, *second) if c not in shared)
    given = ["".join(first), "".join(second)]
    return _Sum(eq, given, result, eq.args[:2], around).nodes()


def _pairs(atom: Atom, ndims: list[int], tuples: Tuples) -> list[tuple[int, int]] | None:
    """The axes that are summed over together; None where they are not known."""
    if isinstance(atom, Const) and isinstance(atom.value, int):
        count = atom.value
        return [(ndims[0] - count + k, k) for k in range(count)]
    sides = tuples.get(atom, ())
    if len(sides) != 2:
        return None
    found: list[list[int]] = []
    for side, ndim in zip(sides, ndims, strict=True):
        atoms = tuples.get(side, (side,))
        values = [a.value for a in atoms if isinstance(a, Const)]
        if len(values) != len(atoms) or not all(isinstance(v, int) for v in values):
            return None
        found.append([v % ndim for v in values])
    return list(zip(*found, strict=True)) if len(found[0]) == len(found[1]) else None


class _Sum:
    """The sum of products of operands, by the letters of their axes and of the result."""

    def __init__(
        self,
        eq: Equation,
        given: Sequence[str],
        result: str,
        operands: Sequence[Atom],
        around: Around,
    ) -> None:
        self.eq, self.names, self.whole = eq, around.names, around.whole
        self.known = around.known
        self.operands = list(zip(operands, given, strict=True))
        self.result = result
        self.summed = "".join(dict.fromkeys("".join(given))).translate(
            dict.fromkeys(map(ord, result))
        )
        self.out: list[Node] = []

    def nodes(self) -> list[Node]:
        if not self.is_plain():
            return [self.eq]
        found = self.product_of_matrices()
        if found is not None:
            return list(found)
        lengths = {c: self.length(c) for c in self.result + self.summed}
        places: dict[str, Var] = {c: self.names.fresh(c, "", INT) for c in lengths}
        target = self.eq.target
        body, value = self.term(places)
        for k, letter in enumerate(reversed(self.summed)):
            last = k == len(self.summed) - 1 and not self.result
            body, value = self.added(letter, lengths, places, body, value, last)
        if not self.result:
            if not self.summed:  # a product of numbers
                body = (*body[:-1], Equation(target, "mul", (Const(1.0), value)))
            return [*self.out, *body]
        self.out += made_empty(self.names, target, [lengths[c] for c in self.result])
        nothing = self.names.fresh("t", "", NONE)
        self.known.add(nothing)
        at = tuple(places[c] for c in self.result)
        index = Index(("at",) * len(at), len(at) > 1)
        args = (target, *at, value)
        body = (*body, Equation(nothing, "store", args, index, self.eq.span))
        for letter in reversed(self.result):
            loop = self.loop(letter, lengths, places, body)
            body = (loop,)
        return [*self.out, *body]

    def is_plain(self) -> bool:
        """Whether all operands are of double precision, with axes whose lengths agree or
        can be compared."""
        kind = self.eq.target.kind
        for atom, letters in self.operands:
            own = kind_of(atom)
            if isinstance(own, Array):
                if own.dtype != "float64" or own.ndim != len(letters):
                    return False
            elif not isinstance(own, Float) or letters:
                return False
        for letter in self.result + self.summed:
            extents = self.extents(letter)
            if any(_differs(d) for d in extents) or not extents:
                return False
            if len(extents) > 1 and any(map(may_be_one, extents)):
                return False
        if isinstance(kind, Array):
            return kind.dtype == "float64" and len({*self.result}) == len(self.result)
        return not self.result

    def axes(self, letter: str) -> list[tuple[Atom, int, Extent]]:
        found = []
        for atom, letters in self.operands:
            kind = kind_of(atom)
            if isinstance(kind, Array):
                pairs = enumerate(zip(letters, kind.dims, strict=True))
                found += [(atom, k, d) for k, (c, d) in pairs if c == letter]
        return found

    def extents(self, letter: str) -> list[Extent]:
        """The lengths of the axes with a letter, each once; 1 only if there is no other."""
        found = {_plain(d): d for _, _, d in self.axes(letter)}
        return [d for d in found.values() if d != 1 or len(found) == 1]

    def length(self, letter: str) -> Atom:
        """The length of the axes with a letter; what compares them goes before."""
        first: Atom | None = None
        seen: list[Extent] = []
        for array, axis, extent in self.axes(letter):
            plain = _plain(extent)
            if plain in seen or (extent == 1 and self.extents(letter) != [1]):
                continue
            seen.append(plain)
            length = self.measured(array, axis, extent)
            if first is None:
                first = length
            else:
                self.compare(first, length)
        assert first is not None
        return first

    def measured(self, array: Atom, axis: int, extent: Extent) -> Atom:
        if isinstance(extent, int):
            return Const(extent)
        kind = kind_of(array)
        assert isinstance(kind, Array)
        shape = self.names.fresh("t", "", Tuple(tuple(map(Int, kind.dims))))
        self.out.append(Equation(shape, "attr", (array,), "shape", self.eq.span))
        length = self.names.fresh("n", "", Int(extent))
        self.out.append(Equation(length, "item", (shape,), axis, self.eq.span))
        return length

    def compare(self, first: Atom, second: Atom) -> None:
        differ = self.names.fresh("t", "", BOOL)
        error = self.names.fresh("t", "", OPAQUE)
        raised = self.names.fresh("t", "", NONE)
        text = Const("operands could not be broadcast together")
        span = self.eq.span
        then = (
            Equation(error, "builtins.ValueError", (text,), None, span),
            Equation(raised, "raise", (error,), None, span),
        )
        self.out += [Equation(differ, "ne", (first, second), None, span)]
        self.out += [If(differ, then, ())]

    # -- loops --------------------------------------------------------------------------

    def term(self, places: Mapping[str, Var]) -> tuple[Block, Atom]:
        """The product of the elements of a round."""
        body: list[Node] = []
        product: Atom | None = None
        for atom, letters in self.operands:
            value, kind = atom, kind_of(atom)
            if isinstance(kind, Array):
                at = [
                    Const(0) if d == 1 else places[c]
                    for c, d in zip(letters, kind.dims, strict=True)
                ]
                value = self.names.fresh("t", self.eq.target.role, FLOAT)
                index = Index(("at",) * len(at), len(at) > 1)
                body.append(Equation(value, "getitem", (atom, *at), index, self.eq.span))
                self.known.add(value)
            if product is not None:
                both = product, value
                value = self.names.fresh("t", self.eq.target.role, FLOAT)
                body.append(Equation(value, "mul", both, None, self.eq.span))
            product = value
        assert product is not None
        return tuple(body), product

    def added(
        self,
        letter: str,
        lengths: Mapping[str, Atom],
        places: Mapping[str, Var],
        body: Block,
        value: Atom,
        last: bool,
    ) -> tuple[Block, Atom]:
        """The sum of a value over a letter."""
        before, after, result = (
            self.names.fresh("t", self.eq.target.role, FLOAT) for _ in range(3)
        )
        result = self.eq.target if last else result
        added = Equation(after, "add", (before, value), None, self.eq.span)
        loop = For(
            (places[letter],), _counted(lengths[letter]), (before,), (Const(0.0),),
            (*body, added), (after,), (result,), None, self.eq.span,
        )  # fmt: skip
        return (loop,), result

    def loop(
        self,
        letter: str,
        lengths: Mapping[str, Atom],
        places: Mapping[str, Var],
        body: Block,
    ) -> For:
        counted = _counted(lengths[letter])
        return For((places[letter],), counted, (), (), body, (), (), None, self.eq.span)

    # -- matrices -----------------------------------------------------------------------

    def product_of_matrices(self) -> list[Equation] | None:
        """`a @ b`, `a.T @ b` and so on, where it is one."""
        if not self.whole or len(self.operands) != 2 or len(self.summed) != 1:
            return None
        if not 1 <= len(self.result) <= 2 or len(self.extents(self.summed)) != 1:
            return None
        sides = self.operands
        if self.result[0] not in sides[0][1]:
            sides = sides[::-1]
        (a, left), (b, right) = sides
        free = [s.replace(self.summed, "") for s in (left, right)]
        if any(len({*s}) != len(s) or self.summed not in s for s in (left, right)):
            return None
        if free[0] + free[1] != self.result or self.extents(self.summed) == [1]:
            return None
        out: list[Equation] = []
        if left != free[0] + self.summed:
            a = self.turned(a, out)
        if right != self.summed + free[1]:
            b = self.turned(b, out)
        target = self.eq.target
        return [*out, Equation(target, "matmul", (a, b), None, self.eq.span)]

    def turned(self, atom: Atom, out: list[Equation]) -> Var:
        kind = kind_of(atom)
        assert isinstance(kind, Array)
        turned = Array(kind.dtype, kind.dims[::-1])
        target = self.names.fresh("t", self.eq.target.role, turned)
        out.append(Equation(target, "numpy.transpose", (atom,), None, self.eq.span))
        return target


def _counted(length: Atom) -> Iteration:
    return Iteration("range", (Const(0), length, Const(1)))


def _differs(extent: Extent) -> bool:
    """Whether axes of this extent may be of several lengths."""
    return isinstance(extent, Size) and extent.symbol == ANY_LENGTH


def _plain(extent: Extent) -> Extent:
    return Size(extent.symbol, extent.offset) if isinstance(extent, Size) else extent


PRODUCTS = {
    "matmul": matmul, "numpy.dot": dot, "numpy.einsum": einsum, "numpy.matmul": matmul,
    "numpy.outer": outer, "numpy.tensordot": tensordot, "numpy.transpose": transposed,
}  # fmt: skip
