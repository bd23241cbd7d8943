"""Factors that cancel in a derivative: `1.0 / s` for `t / (t * s)`, g for `g / s * s`.

The slope of `log(2 * pi * s)` or of `p * log(p / q)` is shorter than the chain rule makes
it. A factor that cancels is taken to differ from zero and to be finite, as the function
itself has no value else; the last bits may differ.
"""

from __future__ import annotations

from symdiff.ir.builder import Builder
from symdiff.ir.core import Atom, Const, Equation, kind_of
from symdiff.ir.extents import agree
from symdiff.ir.kinds import Array, Float, Kind, is_number
from symdiff.passes.folding.vanishing import is_expansion
from symdiff.rules.shapes import shape_of

__all__ = ["is_one", "product_without", "quotient_without"]

_ONE = Const(1.0)
_DOUBLE = (None, "float64")


def quotient_without(b: Builder, x: Atom, y: Atom) -> Atom | None:
    """x / y without what stands above and below the line."""
    if not (_is_float(kind_of(x)) and _is_float(kind_of(y))):
        return None
    if x == y:
        return _ONE if _fills(_ONE, x) else None
    above, below = b.made(x), b.made(y)
    if below is not None and below.op == "mul":
        for factor, rest in (below.args, below.args[::-1]):
            if factor == x and _fills(rest, y):
                return b.emit("div", _ONE, rest)
    if below is not None and below.op == "div" and below.args[0] == x:
        if _fills(below.args[1], y):
            return below.args[1]
    if above is not None and above.op == "mul":
        if above.args[0] == _ONE and is_number(kind_of(y)):
            return b.emit("div", above.args[1], y)  # of an integer
        for factor, rest in (above.args, above.args[::-1]):
            if factor == y and _fills(rest, x):
                return rest
            if _is_square(b, factor, y) and is_number(kind_of(y)):
                return b.emit("mul", rest, y)
    if _is_square(b, x, y) and _fills(y, x):
        return y
    return None


def product_without(b: Builder, x: Atom, y: Atom) -> Atom | None:
    """x * y without what the one is divided by and the other is."""
    first, second = b.made(x), b.made(y)
    if not (_may_cancel(first) or _may_cancel(second)):
        return None
    for number, made in ((x, second), (y, first)):
        if isinstance(number, Const) and made is not None and is_expansion(made):
            inside = b.emit("mul", number, made.args[0])
            return b.emit("getitem", inside, params=made.params)
    for product, other in ((x, y), (y, x)):
        found = _without(b, product, other)
        if found is not None:
            return found
        if is_one(b, other, like=product):
            return product
    if first is None or second is None or first.params != second.params:
        return None
    if is_expansion(first) and is_expansion(second):
        inner = first.args[0], second.args[0]
        if kind_of(inner[0]) == kind_of(inner[1]):
            return b.emit("getitem", b.emit("mul", *inner), params=first.params)
    return None


def _may_cancel(factor: Equation | None) -> bool:
    """Whether it is divided by something or has axes put in, at a glance."""
    if factor is None:
        return False
    if factor.op == "mul":
        return isinstance(factor.args[0], Const)
    return factor.op in ("div", "getitem")


def _without(b: Builder, product: Atom, other: Atom) -> Atom | None:
    """`product * other` where the product is divided by the other."""
    made = b.made(product)
    if made is None or not _is_float(kind_of(product)):
        return None
    if made.op == "mul" and isinstance(made.args[0], Const):
        rest = _without(b, made.args[1], other)
        return None if rest is None else b.emit("mul", made.args[0], rest)
    if made.op != "div":
        return None
    above, divisor = made.args
    if divisor == other:
        if _fills(above, product):
            return above
        whole = kind_of(product)
        if isinstance(kind_of(above), Float) and isinstance(whole, Array) and whole.dims:
            return b.emit("numpy.broadcast_to", above, shape_of(b, other))
        return None
    first = b.made(above)
    if first is not None and first.op == "div" and first.args[1] == other:
        if any(_fills(part, product) for part in (first.args[0], divisor)):
            return b.emit("div", first.args[0], divisor)
    below = b.made(divisor)
    if below is not None and below.op == "mul":
        for factor, rest in (below.args, below.args[::-1]):
            if factor == other and (is_number(kind_of(divisor)) or _fills(rest, divisor)):
                return b.emit("div", above, rest)
    return None


def _is_square(b: Builder, atom: Atom, of: Atom) -> bool:
    made = b.made(atom)
    return made is not None and (made.op, made.args) == ("pow", (of, Const(2)))


def is_one(b: Builder, atom: Atom, like: Atom) -> bool:
    """Whether it is an array divided by itself, of the shape of another."""
    made = b.made(atom)
    return (
        made is not None
        and made.op == "div"
        and made.args[0] == made.args[1]
        and _is_float(kind_of(made.args[0]))
        and _fills(like, atom)
    )


def _is_float(kind: Kind) -> bool:
    if isinstance(kind, Array):
        return kind.dtype.startswith("float")
    return isinstance(kind, Float)


def _fills(part: Atom, whole: Atom) -> bool:
    """Whether a value has the shape and the dtype of what it is a part of."""
    have, want = kind_of(part), kind_of(whole)
    if isinstance(have, Array) and isinstance(want, Array):
        return have.dtype == want.dtype and agree(have.dims, want.dims)
    doubles = all(isinstance(k, Float) and k.dtype in _DOUBLE for k in (have, want))
    return doubles or (isinstance(want, Float) and have == want)
