"""Sums in a derivative that are zero whatever their terms are.

Softmax does not change when a number is added to all its arguments, so the adjoint of the
maximum that is taken from them is zero; so is the sum of what differs from its mean. To
see it, a sum over an axis is multiplied out into monomials. Each is a product of powers of
factors that are the same along the axis and of one sum of the others. Where all of them
cancel, nothing is left but rounding.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import Any

from symdiff.ir.builder import Builder
from symdiff.ir.core import Atom, Const, Equation, Index, SliceItem, Var, kind_of
from symdiff.ir.extents import agree
from symdiff.ir.kinds import FLOAT, Array, Extent, Float, Kind, is_number
from symdiff.records import dataclass, field

__all__ = [
    "axes_summed", "cancels", "is_expansion", "is_zero", "puts_in_axes", "zero_total",
]  # fmt: skip

_MOST = 12  # monomials
_DEEP = 24  # steps back from a sum
_LONG = 200  # values looked at

Factors = frozenset[tuple[Hashable, int]]  # with their powers
Polynomial = dict[Factors, float]
_ONE: Factors = frozenset()
_SHIFTS = frozenset(
    ("numpy.max", "numpy.amax", "numpy.min", "numpy.amin", "numpy.maximum",
     "numpy.minimum", "builtins.max", "builtins.min")
)  # fmt: skip


class _Unclear(Exception):
    """A value whose shape does not tell along which axes it changes, or too many terms."""


def zero_total(b: Builder, array: Atom, axes: tuple[int, ...], result: Kind) -> Atom | None:
    """A value of the result's form if the sum of an array along some axes is surely zero:
    the number zero, or any array of that shape."""
    kind = kind_of(array)
    if not isinstance(kind, Array) or not kind.dtype.startswith("float"):
        return None
    if not isinstance(array, Var) or not _has_terms(b, array):
        return None
    sums = _Sums(b, kind.dims, axes)
    try:
        if sums.total(array, 0):
            return None
    except _Unclear:
        return None
    if result in (FLOAT, Float("float64")):
        return Const(0.0)
    return next((var for var in sums.seen if var.kind == result), None)


def cancels(b: Builder, eq: Equation, bar: Atom) -> bool:
    """Whether the adjoint of a maximum is surely zero: often it only shifts what `exp` is
    taken of, lest that overflow."""
    return eq.op in _SHIFTS and is_number(kind_of(bar)) and is_zero(b, bar)


def is_zero(b: Builder, number: Atom) -> bool:
    """Whether a number is surely zero: a difference of sums and products that are equal.
    What it is divided by is taken to differ from zero."""
    work = _Sums(b, (), ())
    try:
        found = work.expanded(number, 0)
        for divisor, terms in reversed(work.divisors.items()):
            found = _multiplied_out(found, divisor, terms)
    except _Unclear:
        return False
    return not found


def _multiplied_out(terms: Polynomial, divisor: Hashable, of_it: Polynomial) -> Polynomial:
    """The terms times a divisor: those that are divided by it lose it."""
    found: Polynomial = {}
    for factors, number in terms.items():
        power = dict(factors).get(divisor, 0)
        if power == -1:
            _add(found, _times(factors, frozenset({(divisor, 1)})), number)
        elif power:
            raise _Unclear
        else:
            for others, other in of_it.items():
                _add(found, _times(factors, others), number * other)
    if len(found) > _MOST:
        raise _Unclear
    return found


def _has_terms(b: Builder, array: Var) -> bool:
    """Whether something is added up before it is multiplied: one term is not zero."""
    pending: list[Atom] = [array]
    for _ in range(_DEEP):
        if not pending:
            return False
        atom = pending.pop(0)
        made = b.made(atom)
        if made is not None and made.op in ("add", "sub"):
            return True
        if made is not None and made.op in ("neg", "mul", "div"):
            pending += made.args
    return False


@dataclass(slots=True)
class _Sums:
    """Multiplies out what is summed over some axes of arrays of one shape."""

    b: Builder
    dims: tuple[Extent, ...]
    axes: tuple[int, ...]
    rows: bool = False  # whether the values are sums, without the axis
    seen: list[Var] = field(default_factory=list)
    divisors: dict[Hashable, Polynomial] = field(default_factory=dict)  # with terms

    # -- sums -----------------------------------------------------------------------------

    def total(self, array: Atom, depth: int) -> Polynomial:
        """The sum of an array of the whole shape."""
        found: Polynomial = {}
        for factors, number in self.expanded(array, depth).items():
            inside = frozenset(f for f in factors if self.varies(f[0]))
            outside = factors - inside
            if inside:
                _add(found, _times(outside, frozenset({(("sum", inside), 1)})), number)
            else:
                self.add_length(found, outside, number, 1)
        return found

    def add_length(
        self, into: Polynomial, factors: Factors, number: float, power: int
    ) -> None:
        """Add a term times a power of how many elements are summed up."""
        dims = tuple(self.dims[a] for a in self.axes)
        known = [d for d in dims if isinstance(d, int)]
        if len(known) == len(dims):
            _add(into, factors, number * float(math.prod(known)) ** power)
        else:
            length: Hashable = ("length", dims)
            _add(into, _times(factors, frozenset({(length, power)})), number)

    def varies(self, factor: Hashable) -> bool:
        """Whether a factor changes along the axes."""
        if not isinstance(factor, Var):
            return False  # a sum or a length
        kind = factor.kind
        if is_number(kind):
            return False
        if not isinstance(kind, Array) or kind.ndim > len(self.dims):
            raise _Unclear
        lead = len(self.dims) - kind.ndim
        own = [kind.dims[a - lead] if a >= lead else 1 for a in self.axes]
        if all(extent == 1 for extent in own):
            return False
        if not agree(tuple(own), tuple(self.dims[a] for a in self.axes)):
            raise _Unclear
        return True

    # -- terms ----------------------------------------------------------------------------

    def expanded(self, atom: Atom, depth: int) -> Polynomial:
        """What a value is as a sum of monomials."""
        if isinstance(atom, Const):
            if type(atom.value) not in (int, float):
                raise _Unclear
            return {_ONE: float(atom.value)}
        made = self.b.made(atom)
        if isinstance(atom, Var):
            self.seen.append(atom)
        if len(self.seen) > _LONG:
            raise _Unclear
        if made is not None and depth < _DEEP:
            form = _FORMS.get(made.op)
            found = form(self, made, depth + 1) if form is not None else None
            if found is not None:
                if len(found) > _MOST:
                    raise _Unclear
                return found
        return self.as_it_is(atom)

    def as_it_is(self, atom: Atom) -> Polynomial:
        row = self.rows and not is_number(kind_of(atom))
        return {frozenset({(("row", atom) if row else atom, 1)}): 1.0}

    def added(self, eq: Equation, depth: int) -> Polynomial:
        found = dict(self.expanded(eq.args[0], depth))
        sign = -1.0 if eq.op == "sub" else 1.0
        for factors, number in self.expanded(eq.args[1], depth).items():
            _add(found, factors, sign * number)
        return found

    def negated(self, eq: Equation, depth: int) -> Polynomial:
        return {f: -number for f, number in self.expanded(eq.args[0], depth).items()}

    def multiplied(self, eq: Equation, depth: int) -> Polynomial:
        first, second = (self.expanded(a, depth) for a in eq.args)
        if len(first) * len(second) > _MOST:
            raise _Unclear
        found: Polynomial = {}
        for factors, number in first.items():
            for others, other in second.items():
                _add(found, _times(factors, others), number * other)
        return found

    def squared(self, eq: Equation, depth: int) -> Polynomial | None:
        if eq.args[1] not in (Const(2), Const(2.0)):
            return None
        return self.multiplied(eq.with_args((eq.args[0],) * 2), depth)

    def divided(self, eq: Equation, depth: int) -> Polynomial | None:
        x, y = eq.args
        below = self.expanded(y, depth)
        if len(below) != 1:
            self.divisors[y] = below
            below = self.as_it_is(y)
        ((factors, number),) = below.items()
        if number == 0:
            return None
        inverse = frozenset((f, -power) for f, power in factors)
        return {
            _times(own, inverse): value / number
            for own, value in self.expanded(x, depth).items()
        }

    def spread(self, eq: Equation, depth: int) -> Polynomial | None:
        """`np.broadcast_to(x, shape)`"""
        return self.expanded(eq.args[0], depth)

    def summed(self, eq: Equation, depth: int) -> Polynomial | None:
        """A sum or mean over the same axes, which stands in each place along them; among
        numbers that of a whole array."""
        kind, axes = kind_of(eq.args[0]), self.axes
        if not isinstance(kind, Array):
            return None
        if not self.dims and is_number(eq.target.kind):
            axes = tuple(range(kind.ndim))
        elif not self.over_same(eq):
            return None
        own = _Sums(self.b, kind.dims, axes, seen=self.seen)
        found = own.total(eq.args[0], depth)
        if eq.op != "numpy.mean":
            return found
        mean: Polynomial = {}
        for factors, number in found.items():
            own.add_length(mean, factors, number, -1)
        return mean

    def over_same(self, eq: Equation) -> bool:
        """Whether it is a sum over the same axes of an array, of such a form that it
        stands beside the others."""
        kind, found = kind_of(eq.args[0]), axes_summed(eq.args, eq.params)
        if found is None or not isinstance(kind, Array) or kind.ndim != len(self.dims):
            return False
        axes, keepdims = found
        if axes is None:
            return len(self.axes) == len(self.dims)
        fits = not keepdims if self.rows else keepdims or axes == (0,)
        return axes == self.axes and fits

    def expansion(self, eq: Equation, depth: int) -> Polynomial | None:
        """`x.sum(axis=1)[:, None]`, and what is computed from such sums."""
        new = tuple(k for k, item in enumerate(eq.params.items) if item == "new")
        kind = eq.target.kind
        if self.rows or not is_expansion(eq) or new != self.axes or len(new) != 1:
            return None
        if not isinstance(kind, Array) or kind.ndim != len(self.dims):
            return None
        rows = _Sums(self.b, self.dims, self.axes, rows=True, seen=self.seen)
        return rows.expanded(eq.args[0], depth)

    def subscript(self, eq: Equation, depth: int) -> Polynomial | None:
        if isinstance(kind_of(eq.args[0]), Array):
            return self.expansion(eq, depth)
        (place,) = eq.args[1:] if len(eq.args) == 2 else (None,)
        return self.length_of(eq.args[0], place.value if isinstance(place, Const) else None)

    def item(self, eq: Equation, depth: int) -> Polynomial | None:
        return self.length_of(eq.args[0], eq.params)

    def length_of(self, shape: Atom, place: Any) -> Polynomial | None:
        """`x.shape[1]`"""
        made = self.b.made(shape)
        if made is None or (made.op, made.params) != ("attr", "shape"):
            return None
        kind = kind_of(made.args[0])
        if not isinstance(kind, Array) or type(place) is not int or len(self.axes) != 1:
            return None
        if not -kind.ndim <= place < kind.ndim:
            return None
        return self.as_length((kind.dims[place],))

    def count(self, eq: Equation, depth: int) -> Polynomial | None:
        """`len(x)`, and `x.size`"""
        kind = kind_of(eq.args[0])
        if not isinstance(kind, Array) or not kind.dims:
            return None
        if eq.op == "attr" and eq.params != "size":
            return None
        return self.as_length(kind.dims[:1] if eq.op == "builtins.len" else kind.dims)

    def as_length(self, dims: tuple[Extent, ...]) -> Polynomial | None:
        """How many elements are summed up, if these are their axes."""
        if dims != tuple(self.dims[a] for a in self.axes):
            return None
        found: Polynomial = {}
        self.add_length(found, _ONE, 1.0, 1)
        return found


def axes_summed(
    args: tuple[Atom, ...], params: Any
) -> tuple[tuple[int, ...] | None, bool] | None:
    """The axis of a sum of an array, None for all of them, and whether axes are kept;
    None where it is not known or there is more."""
    words, kind = tuple(params or ()), kind_of(args[0])
    count = len(args) - len(words)
    given = dict(zip(words, args[count:], strict=True))
    if not isinstance(kind, Array) or count > 2 or not given.keys() <= {"axis", "keepdims"}:
        return None
    axis = args[1] if count == 2 else given.get("axis", Const(None))
    keep = given.get("keepdims", Const(False))
    if not isinstance(axis, Const) or not isinstance(keep, Const):
        return None
    if axis.value is None:
        return None, bool(keep.value)
    if type(axis.value) is int and -kind.ndim <= axis.value < kind.ndim:
        return (axis.value % kind.ndim,), bool(keep.value)
    return None


def is_expansion(eq: Equation | None) -> bool:
    """Whether an equation only adds axes to an array."""
    if eq is None or eq.op != "getitem" or not isinstance(kind_of(eq.args[0]), Array):
        return False
    assert isinstance(eq.params, Index)
    return puts_in_axes(eq.params)


def puts_in_axes(index: Index) -> bool:
    """Whether a subscript is such as `[:, None]`."""
    return not index.through and all(i in ("new", SliceItem()) for i in index.items)


_FORMS = {
    "add": _Sums.added, "sub": _Sums.added, "neg": _Sums.negated, "mul": _Sums.multiplied,
    "div": _Sums.divided, "pow": _Sums.squared, "numpy.broadcast_to": _Sums.spread,
    "numpy.sum": _Sums.summed, "numpy.mean": _Sums.summed, "getitem": _Sums.subscript,
    "item": _Sums.item, "builtins.len": _Sums.count, "attr": _Sums.count,
}  # fmt: skip


def _add(into: Polynomial, factors: Factors, number: float) -> None:
    total = into.get(factors, 0.0) + number
    if abs(total) <= 1e-15 * abs(number):
        into.pop(factors, None)
    else:
        into[factors] = total


def _times(first: Factors, second: Factors) -> Factors:
    if not first or not second:
        return first or second
    powers = dict(first)
    for factor, power in second:
        powers[factor] = powers.get(factor, 0) + power
    return frozenset((f, p) for f, p in powers.items() if p)
