"""The slope of `s = 1 / (1 + exp(-x))` is `s * (1 - s)`: `e / (c + e)` is 1 - s for the
s = c / (c + e) that the function itself computes.

So what the exponential is, infinite perhaps, is not asked again. Where s rounds to 1 the
slope is 0.
"""

from __future__ import annotations

from typing import Any

from symdiff.ir.builder import Builder
from symdiff.ir.core import Atom, Const, Equation, Var, kind_of
from symdiff.ir.kinds import Array, Float

__all__ = ["product_by_share", "quotient_by_share", "share_in"]


def share_in(b: Builder, eq: Equation) -> dict[tuple[Any, ...], Var]:
    """What `Builder.known` says of an equation that divides a number: itself, and by the
    other part of the sum that it divides by."""
    if eq.op != "div" or not isinstance(eq.args[0], Const):
        return {}
    noted: dict[tuple[Any, ...], Var] = {(eq.op, eq.args, eq.params): eq.target}
    parts = _parts(b, eq.args[1])
    if parts is not None and parts[0] == eq.args[0]:
        noted["beside", parts[1]] = eq.target
    return noted


def product_by_share(b: Builder, x: Atom, y: Atom) -> Atom | None:
    """x * y, where one is divided by a sum of which the other is a part."""
    if not b.known:
        return None
    for product, part in ((x, y), (y, x)):
        share = b.known.get(("beside", part))
        made = None if share is None else b.made(share)
        if share is None or made is None:
            continue
        rest = _undivided(b, product, made.args[1], set())
        if rest is not None:
            return b.emit("mul", rest, b.emit("sub", Const(1.0), share))
    return None


def quotient_by_share(b: Builder, x: Atom, y: Atom) -> Atom | None:
    """x / y, where y is a sum and x a part of it or a multiple of that."""
    parts = _parts(b, y)
    share = None if parts is None else _share(b, parts[0], y)
    if parts is None or share is None:
        return None
    rest = _without_factor(b, x, parts[1])
    if rest is None:
        return None
    other = b.emit("sub", Const(1.0), share)
    return other if rest == Const(1.0) else b.emit("mul", rest, other)


def _undivided(b: Builder, product: Atom, divisor: Atom, seen: set[Atom]) -> Atom | None:
    """What is left of a product without the one division by the divisor; `seen` are the
    factors in which there is none."""
    made = None if product in seen else b.made(product)
    if made is None or made.op not in ("mul", "div"):
        return None
    if made.op == "div" and made.args[1] == divisor:
        return made.args[0]
    for k, factor in enumerate(made.args if made.op == "mul" else made.args[:1]):
        found = _undivided(b, factor, divisor, seen)
        if found is not None:
            rest = [*made.args]
            rest[k] = found
            return b.emit(made.op, *rest)
    seen.add(product)
    return None


def _without_factor(b: Builder, product: Atom, factor: Atom) -> Atom | None:
    if product == factor:
        return Const(1.0)
    made = b.made(product)
    if made is None or made.op != "mul":
        return None
    first, second = made.args
    for one, other in ((first, second), (second, first)):
        if one == factor:
            return other
    return None


def _parts(b: Builder, atom: Atom) -> tuple[Const, Atom] | None:
    """A sum's number, and what is added to it."""
    made = b.made(atom)
    if made is None or made.op != "add" or not _is_real_float(atom):
        return None
    first, second = made.args
    for number, other in ((first, second), (second, first)):
        if isinstance(number, Const) and type(number.value) in (int, float):
            return number, other
    return None


def _share(b: Builder, number: Const, whole: Atom) -> Var | None:
    """The share of a number in a sum, if the function computes it."""
    return b.known.get(("div", (number, whole), None))


def _is_real_float(atom: Atom) -> bool:
    kind = kind_of(atom)
    if isinstance(kind, Array):
        return kind.dtype.startswith("float")
    return isinstance(kind, Float)
