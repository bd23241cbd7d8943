"""Sums, products and quotients of a derivative in a shorter form.

The two forms differ in the sign of a zero, in the last bits, or in what cancels.
"""

from __future__ import annotations

import math
from typing import Any

from symdiff.ir.builder import Builder
from symdiff.ir.core import Atom, Const, Equation, Var, kind_of
from symdiff.ir.kinds import COMPLEX, Array, Float, is_number, is_real
from symdiff.passes.folding.exact import (
    Rule, computed, is_literal, is_signed, keeps_kind, made_by,
)  # fmt: skip
from symdiff.passes.folding.factors import is_one, product_without, quotient_without
from symdiff.passes.folding.logistic import product_by_share, quotient_by_share
from symdiff.passes.folding.sums import spread_sign

__all__ = ["ARITHMETIC", "hinted", "inner_step"]


def hinted(b: Builder, op: str, *args: Atom) -> Atom:
    """`op(args)` under the name that was asked for, folded further."""
    base, role = b.hint
    return b.emit(op, *args, base=base, role=role)


def inner_step(b: Builder, op: str, *args: Atom) -> Atom:
    """`op(args)` as a step on the way; what comes next still has the name asked for."""
    hint = b.hint
    atom = b.emit(op, *args)
    b.hint = hint
    return atom


def _without_sign(b: Builder, atom: Atom) -> Atom | None:
    """y where the atom is -y in an obvious way."""
    if isinstance(atom, Var):
        made = b.definitions.get(atom)
        if made is None:
            return None
        if made.op == "neg":
            inner = made.args[0]
            return inner if is_signed(kind_of(inner)) else None
        if made.op == "mul" and is_signed(atom.kind):
            for c, x in (made.args, made.args[::-1]):
                if isinstance(c, Const) and type(c.value) in (int, float) and c.value < 0:
                    return inner_step(b, "mul", Const(-c.value), x)
        return None
    if isinstance(atom, Const) and type(atom.value) in (int, float) and atom.value < 0:
        return Const(-atom.value)
    return None


def _imaginary(value: complex) -> Const | None:
    """A multiple of 1j as the literal that it has, whatever the sign of the zero."""
    if value.real != 0 or not math.isfinite(value.imag):
        return None
    return Const(complex(0.0 if value.imag > 0 else -0.0, value.imag))


def _real(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    """Of what is real, itself; of a multiple of 1j, one of the imaginary part."""
    (x,) = args
    if is_real(kind_of(x)):
        return x
    if (negated := made_by(b, x, "neg")) is not None:
        return hinted(b, "neg", inner_step(b, "real", negated.args[0]))
    made = made_by(b, x, "mul")
    for c, z in (made.args, made.args[::-1]) if made is not None else ():
        if isinstance(c, Const) and isinstance(c.value, complex) and c.value.real == 0:
            part = z if is_real(kind_of(z)) else None
            if part is not None:
                return None
            return hinted(b, "mul", Const(-c.value.imag), inner_step(b, "imag", z))
    return None


def _add(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    x, y = args
    if is_literal(y, 0.0) and keeps_kind(kind_of(x), y):
        return x
    if is_literal(x, 0.0) and keeps_kind(kind_of(y), x):
        return y
    if not (is_signed(kind_of(x)) and is_signed(kind_of(y))):
        return None
    for one, other in ((x, y), (y, x)):
        if is_one(b, one, like=other):
            return hinted(b, "add", other, Const(1.0))
    if x == y and is_real(kind_of(x)):
        return hinted(b, "mul", Const(2.0), x)
    if (found := _gathered(b, "add", x, y)) is not None:
        return found
    if (positive := _without_sign(b, y)) is not None:
        return hinted(b, "sub", x, positive)
    if (positive := _without_sign(b, x)) is not None:
        return hinted(b, "sub", y, positive)
    return None


def _gathered(b: Builder, op: str, x: Atom, y: Atom) -> Atom | None:
    """`p + 2.0 * y` for `p + y + y`, p for `1.0 + p - 1.0`."""
    made = b.definitions.get(x) if isinstance(x, Var) else None
    if made is None or not is_real(kind_of(x)):
        return None
    if made.op == "neg" and op == "sub" and made.args[0] == y:
        return hinted(b, "mul", Const(-2.0), y)
    if made.op not in ("add", "sub") or not b.reads_alone(x):
        return None
    p, q = made.args
    if isinstance(y, Const):
        if not _is_whole(y) or _is_whole(p) == _is_whole(q):
            return None
        more = y.value if op == "add" else -y.value
        if isinstance(p, Const):
            return hinted(b, made.op, Const(float(p.value + more)), q)
        assert isinstance(q, Const)
        c = q.value if made.op == "add" else -q.value
        return hinted(b, "add", p, Const(float(c + more)))
    if not is_real(kind_of(y)) or made.op != op or y not in (p, q):
        return None
    if q == y:
        return hinted(b, op, p, inner_step(b, "mul", Const(2.0), y))
    return hinted(b, "add", inner_step(b, "mul", Const(2.0), y), q) if op == "add" else None


def _is_whole(atom: Atom) -> bool:
    """Whether it is a whole number that sums of its like leave exact."""
    if not isinstance(atom, Const) or type(atom.value) not in (int, float):
        return False
    return float(atom.value).is_integer() and abs(atom.value) < 2**20


def _sub(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    x, y = args
    if is_literal(x, 0.0) and is_real(kind_of(y)) and keeps_kind(kind_of(y), x):
        return hinted(b, "neg", y)
    if is_signed(kind_of(x)) and is_signed(kind_of(y)):
        if is_one(b, y, like=x):
            return hinted(b, "sub", x, Const(1.0))
        if (positive := _without_sign(b, y)) is not None:
            return hinted(b, "add", x, positive)
        if (found := _gathered(b, "sub", x, y)) is not None:
            return found
    if x == y and isinstance(kind_of(x), Float):
        return Const(0.0)
    if x == y and isinstance(kind_of(x), Array) and is_real(kind_of(x)):
        base, role = b.hint
        return b.emit("numpy.zeros_like", x, base=base, role=role)
    return None


def _neg(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    if (found := spread_sign(b, args, params)) is not None:
        return found
    difference = made_by(b, args[0], "sub")
    if difference is not None and is_signed(kind_of(args[0])):
        return hinted(b, "sub", *difference.args[::-1])
    product = made_by(b, args[0], "mul")
    if product is not None and is_signed(kind_of(args[0])):
        c, x = product.args
        if isinstance(c, Const) and type(c.value) in (int, float) and c.value < 0:
            return hinted(b, "mul", Const(-c.value), x)
    return None


def _factor(product: Equation | None) -> tuple[Const, Atom] | None:
    """(c, x) where the product is c * x, c a number."""
    if product is None:
        return None
    for c, x in (product.args, product.args[::-1]):
        if isinstance(c, Const) and type(c.value) in (int, float):
            return c, x
    return None


def _exact_factors(c: Any, d: Any) -> bool:
    """Whether c * (d * x) may be (c * d) * x: no rounding, or small whole numbers."""
    if any(v != 0 and _is_power(v) for v in (c, d)):
        return bool(2.0**-64 < abs(c * d) < 2.0**64)
    return all(float(v).is_integer() for v in (c, d)) and bool(abs(c * d) < 2**20)


def _is_power(value: float) -> bool:
    """Whether it is a power of two, by which nothing is rounded."""
    return math.frexp(value)[0] in (0.5, -0.5)


def _scaled(b: Builder, c: Const, z: Atom) -> Atom | None:
    """A number times a product or a quotient, with one number in front."""
    made = b.definitions.get(z) if isinstance(z, Var) else None
    if made is None or made.op not in ("mul", "div"):
        return None
    above = made_by(b, made.args[0], "mul") if made.op == "div" else made
    inner = _factor(above)
    if made.op == "div" and isinstance(made.args[0], Const):
        joined = _joined(c, made.args[0])
        return None if joined is None else hinted(b, "div", joined, made.args[1])
    if inner is not None:
        joined = _joined(c, inner[0])
        if joined is None:
            return None
        if made.op == "mul":
            return hinted(b, "mul", joined, inner[1])
        return hinted(b, "div", inner_step(b, "mul", joined, inner[1]), made.args[1])
    first, second = made.args
    if made.op == "mul" and is_number(kind_of(first)) and _is_power(c.value):
        if b.reads_alone(z):
            return hinted(b, "mul", inner_step(b, "mul", c, first), second)
    return None


def _joined(c: Const, d: Const) -> Const | None:
    """The product of two numbers, if that loses nothing."""
    if type(d.value) not in (int, float) or not _exact_factors(c.value, d.value):
        return None
    product = computed("mul", [c.value, d.value])
    return product if isinstance(product, Const) else None


def _mul(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    x, y = args
    if isinstance(x, Const) and isinstance(y, Const) and COMPLEX in map(kind_of, args):
        return _imaginary(x.value * y.value)
    kinds = kind_of(x), kind_of(y)
    if not (is_signed(kinds[0]) and is_signed(kinds[1])):
        return None
    if (found := product_without(b, x, y) or product_by_share(b, x, y)) is not None:
        return found
    for c, z in ((x, y), (y, x)):
        if not isinstance(c, Const):
            continue
        if is_literal(c, -1.0) and keeps_kind(kind_of(z), c):
            return hinted(b, "neg", z)
        if type(c.value) in (int, float):
            if (found := _scaled(b, c, z)) is not None:
                return found
            negated = made_by(b, z, "neg")
            if negated is not None and c.value < 0 and is_signed(kind_of(negated.args[0])):
                return hinted(b, "mul", Const(-c.value), negated.args[0])
    for k in (0, 1):
        if (negated := made_by(b, args[k], "neg")) is not None:
            if is_signed(kind_of(negated.args[0])):
                pair = [x, y]
                pair[k] = negated.args[0]
                return hinted(b, "neg", inner_step(b, "mul", *pair))
    return None


def _div(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    x, y = args
    if not (is_signed(kind_of(x)) and is_signed(kind_of(y))):
        return None
    if is_literal(y, -1.0) and is_real(kind_of(x)) and keeps_kind(kind_of(x), y):
        return hinted(b, "neg", x)
    if (found := quotient_without(b, x, y) or quotient_by_share(b, x, y)) is not None:
        return found
    for k in (0, 1):
        if (negated := made_by(b, args[k], "neg")) is not None:
            if is_signed(kind_of(negated.args[0])):
                pair = [x, y]
                pair[k] = negated.args[0]
                return hinted(b, "neg", inner_step(b, "div", *pair))
    return None


ARITHMETIC: dict[str, Rule] = {
    "add": _add, "sub": _sub, "mul": _mul, "div": _div,
    "neg": _neg, "real": _real,
}  # fmt: skip
