"""Exact simplification: every bit of a result stays, and the user's way to write."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from symdiff.ir.builder import Builder
from symdiff.ir.core import Atom, Const, Equation, Index, Var, kind_of
from symdiff.ir.kinds import (
    Array, Bool, Complex, Float, Int, Kind, List, NoneKind, Str, Tuple, is_number,
)  # fmt: skip

__all__ = [
    "CONSTANT", "EXACT", "Rule", "computed", "is_literal", "is_signed", "keeps_kind",
    "made_by",
]  # fmt: skip

Rule = Callable[[Builder, tuple[Atom, ...], Any], Atom | None]


CONSTANT: dict[str, Callable[..., Any]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul,
    "div": operator.truediv, "floordiv": operator.floordiv, "mod": operator.mod,
    "pow": operator.pow, "bitand": operator.and_, "bitor": operator.or_,
    "bitxor": operator.xor, "lshift": operator.lshift, "rshift": operator.rshift,
    "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge,
    "eq": operator.eq, "ne": operator.ne, "neg": operator.neg, "pos": operator.pos,
    "not": operator.not_, "invert": operator.invert,
    "builtins.float": float, "builtins.int": int, "builtins.bool": bool,
}  # fmt: skip
_COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne", "not", "builtins.bool")
_LARGEST_INT = 2**63


def computed(op: str, values: list[Any]) -> Atom | None:
    """What Python computes; None where it raises, overflows or the result is huge."""
    plain = all(isinstance(v, (int, float)) for v in values)
    if not plain and op not in _COMPARISONS:
        return None
    if op in ("pow", "lshift") and isinstance(values[1], int) and abs(values[1]) > 1024:
        return None
    try:
        result = CONSTANT[op](*values)
    except (ArithmeticError, ValueError, TypeError):
        return None
    if isinstance(result, float):
        return Const(result) if math.isfinite(result) else None
    if isinstance(result, int):
        return Const(result) if abs(result) < _LARGEST_INT else None
    return None


def is_literal(atom: Atom, value: float) -> bool:
    """Whether it is this number, an int or a float (no bool, and -0.0 is not 0.0)."""
    if not isinstance(atom, Const) or type(atom.value) not in (int, float):
        return False
    same: bool = atom.value == value
    return same and math.copysign(1.0, atom.value) == math.copysign(1.0, value)


def keeps_kind(kind: Kind, const: Atom) -> bool:
    """Whether arithmetic of a value of this kind with the number keeps the kind."""
    if isinstance(kind, Array):
        # A 0-d array turns into a scalar in arithmetic.
        number = kind.dtype.startswith(("float", "complex"))
        whole = kind.dtype.startswith(("int", "uint"))
        fits = number or (whole and isinstance(kind_of(const), Int))
        return fits and kind.ndim > 0
    if isinstance(kind, (Float, Complex)):
        return True
    return isinstance(kind, Int) and isinstance(kind_of(const), Int)


def is_signed(kind: Kind) -> bool:
    """Whether the sign of a factor may move to the product."""
    if type(kind) is Float:
        return True
    if isinstance(kind, Array):
        return kind.dtype.startswith(("float", "int", "complex"))
    return isinstance(kind, (Float, Int, Complex))


def made_by(b: Builder, atom: Atom, op: str) -> Equation | None:
    equation = b.definitions.get(atom) if isinstance(atom, Var) else None
    return equation if equation is not None and equation.op == op else None


# -- exact ----------------------------------------------------------------------------


def _add(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    x, y = args
    zero = 0 if all(isinstance(kind_of(a), Int) for a in args) else -0.0
    if is_literal(y, zero) and keeps_kind(kind_of(x), y):
        return x
    return y if is_literal(x, zero) and keeps_kind(kind_of(y), x) else None


def _compared(same: bool) -> Rule:
    """Of an integer with itself; a float may be NaN."""

    def rule(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
        x, y = args
        return Const(same) if x == y and isinstance(kind_of(x), Int) else None

    return rule


def _sub(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    x, y = args
    return x if is_literal(y, 0.0) and keeps_kind(kind_of(x), y) else None


def _mul(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    x, y = args
    if is_literal(y, 1.0) and keeps_kind(kind_of(x), y):
        return x
    return y if is_literal(x, 1.0) and keeps_kind(kind_of(y), x) else None


def _div(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    x, y = args
    kind = kind_of(x)
    whole = isinstance(kind, Int) or (
        isinstance(kind, Array) and not kind.dtype.startswith(("float", "complex"))
    )
    return x if is_literal(y, 1.0) and not whole and keeps_kind(kind, y) else None


def _pow(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    x, y = args
    kind = kind_of(x)
    if is_literal(y, 1.0) and keeps_kind(kind, y):
        return x
    return Const(1.0) if is_literal(y, 0.0) and kind == Float() else None


def _neg(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    inner = made_by(b, args[0], "neg")
    if inner is not None and is_signed(kind_of(inner.args[0])):
        return inner.args[0]
    return None


_OPPOSITE = {"eq": "ne", "ne": "eq", "is": "isnot", "isnot": "is", "in": "notin",
             "notin": "in"}  # fmt: skip


def _not(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    if not isinstance(args[0], Var) or not isinstance(args[0].kind, Bool):
        return None
    equation = b.definitions.get(args[0])
    if equation is None:
        return None
    if equation.op == "not" and isinstance(kind_of(equation.args[0]), Bool):
        return equation.args[0]
    opposite = _OPPOSITE.get(equation.op)
    if opposite is None:
        return None
    if opposite in ("eq", "ne"):  # other classes may define the two independently
        if not all(is_number(kind_of(a)) for a in equation.args):
            return None
    base, role = b.hint
    return b.emit(opposite, *equation.args, base=base, role=role)


def _identity(same: bool) -> Rule:
    def rule(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
        x, y = args
        if isinstance(x, Const) and x.value is None:
            x, y = y, x
        if not isinstance(y, Const) or y.value is not None:
            return None
        kind = kind_of(x)
        if isinstance(kind, NoneKind):
            return Const(same)
        # Where paths meet there may be None on one of them; an equation gives its kind.
        made = isinstance(x, Const) or x in b.definitions
        known = is_number(kind) or isinstance(kind, (Array, Tuple, List, Str))
        return Const(not same) if made and known else None

    return rule


def _select(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    cond, x, y = args
    if isinstance(cond, Const):
        return x if cond.value else y
    return x if x == y else None


def _transpose(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    if len(args) != 1:
        return None
    inner = made_by(b, args[0], "numpy.transpose")
    return inner.args[0] if inner is not None and len(inner.args) == 1 else None


def _element(b: Builder, container: Atom, place: Any) -> Atom | None:
    ops = ("tuple", "list", "list.new")
    made = next(filter(None, (made_by(b, container, op) for op in ops)), None)
    if made is None or isinstance(place, bool) or not isinstance(place, int):
        return None
    return made.args[place] if -len(made.args) <= place < len(made.args) else None


def _item(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    return _element(b, args[0], params)


def _getitem(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    if not isinstance(params, Index):
        return None
    if params == Index(("at",)) and isinstance(args[1], Const):
        return _element(b, args[0], args[1].value)
    kind = kind_of(args[0])
    if params.whole and (isinstance(kind, Array) or is_number(kind)):
        return args[0]
    return None


def _setitem(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    """What is stored where it was read from."""
    read = made_by(b, args[-1], "getitem")
    if read is None or read.params != params or read.args != args[:-1]:
        return None
    return args[0] if all(isinstance(kind_of(a), Int) for a in args[1:-1]) else None


def _len(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    kind = kind_of(args[0])
    if isinstance(kind, List) and isinstance(kind.extent, int):
        return Const(kind.extent)
    return Const(len(kind.items)) if isinstance(kind, Tuple) else None


EXACT: dict[str, Rule] = {
    "add": _add, "sub": _sub, "mul": _mul, "div": _div, "pow": _pow, "neg": _neg,
    "eq": _compared(True), "le": _compared(True), "ge": _compared(True),
    "ne": _compared(False), "lt": _compared(False), "gt": _compared(False),
    "not": _not, "is": _identity(True), "isnot": _identity(False), "select": _select,
    "numpy.transpose": _transpose, "item": _item, "getitem": _getitem,
    "builtins.len": _len, "setitem": _setitem,
}  # fmt: skip
