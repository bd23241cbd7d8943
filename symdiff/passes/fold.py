"""Peephole simplification: the value that `op(args)` would yield, if it is at hand.

`fold` is for derivative code: where two forms differ only in the sign of a zero or in
the last bit it takes the shorter one. `fold_exact` is for the user's own arithmetic: it
changes no bit of any result and leaves the text alone.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from symdiff.ir.builder import Builder
from symdiff.ir.core import Atom, Const, Equation, Index, Var, kind_of
from symdiff.ir.kinds import (
    COMPLEX, Array, Bool, Complex, Float, Int, Kind, List, NoneKind, Str, Tuple,
    is_number, is_real,
)  # fmt: skip
from symdiff.passes.fold_sums import (
    cancelled, fold_sum, spread_sign, without_expansion,
)  # fmt: skip

__all__ = ["can_fold", "fold", "fold_exact"]

_Rule = Callable[[Builder, tuple[Atom, ...], Any], Atom | None]


def fold(b: Builder, op: str, args: tuple[Atom, ...], params: Any) -> Atom | None:
    """The atom equal to `op(args)`, or None where an equation has to be made."""
    found = fold_exact(b, op, args, params)
    if found is None and (rule := _LOOSE.get(op)) is not None:
        found = rule(b, args, params)
    return found


def fold_exact(b: Builder, op: str, args: tuple[Atom, ...], params: Any) -> Atom | None:
    """As `fold`, but every bit of the result and the user's way to write stay."""
    if op in _CONSTANT and _all_const(args):
        return _constant(op, [a.value for a in args if isinstance(a, Const)])
    rule = _EXACT.get(op)
    return None if rule is None else rule(b, args, params)


def can_fold(op: str) -> bool:
    """Whether there is anything that might fold an equation with this op."""
    return op in _FOLDED


def _all_const(args: tuple[Atom, ...]) -> bool:
    for atom in args:  # noqa: SIM110 - a generator would take three times as long
        if not isinstance(atom, Const):
            return False
    return True


# -- constants ------------------------------------------------------------------------

_CONSTANT: dict[str, Callable[..., Any]] = {
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


def _constant(op: str, values: list[Any]) -> Atom | None:
    """What Python computes; None where it raises, overflows or the result is huge."""
    plain = all(isinstance(v, (int, float)) for v in values)
    if not plain and op not in _COMPARISONS:
        return None
    if op in ("pow", "lshift") and isinstance(values[1], int) and abs(values[1]) > 1024:
        return None
    try:
        result = _CONSTANT[op](*values)
    except (ArithmeticError, ValueError, TypeError):
        return None
    if isinstance(result, float):
        return Const(result) if math.isfinite(result) else None
    if isinstance(result, int):
        return Const(result) if abs(result) < _LARGEST_INT else None
    return None


def _is(atom: Atom, value: float) -> bool:
    """Whether it is this number, an int or a float (no bool, and -0.0 is not 0.0)."""
    if not isinstance(atom, Const) or type(atom.value) not in (int, float):
        return False
    same: bool = atom.value == value
    return same and math.copysign(1.0, atom.value) == math.copysign(1.0, value)


def _keeps(kind: Kind, const: Atom) -> bool:
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


def _signed(kind: Kind) -> bool:
    """Whether the sign of a factor may move to the product."""
    if type(kind) is Float:
        return True
    if isinstance(kind, Array):
        return kind.dtype.startswith(("float", "int", "complex"))
    return isinstance(kind, (Float, Int, Complex))


def _made_by(b: Builder, atom: Atom, op: str) -> Equation | None:
    equation = b.definitions.get(atom) if isinstance(atom, Var) else None
    return equation if equation is not None and equation.op == op else None


# -- exact ----------------------------------------------------------------------------


def _add(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    x, y = args
    if _is(y, -0.0) and _keeps(kind_of(x), y):
        return x
    return y if _is(x, -0.0) and _keeps(kind_of(y), x) else None


def _sub(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    x, y = args
    return x if _is(y, 0.0) and _keeps(kind_of(x), y) else None


def _mul(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    x, y = args
    if _is(y, 1.0) and _keeps(kind_of(x), y):
        return x
    return y if _is(x, 1.0) and _keeps(kind_of(y), x) else None


def _div(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    x, y = args
    kind = kind_of(x)
    whole = isinstance(kind, Int) or (
        isinstance(kind, Array) and not kind.dtype.startswith(("float", "complex"))
    )
    return x if _is(y, 1.0) and not whole and _keeps(kind, y) else None


def _pow(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    x, y = args
    kind = kind_of(x)
    if _is(y, 1.0) and _keeps(kind, y):
        return x
    return Const(1.0) if _is(y, 0.0) and kind == Float() else None


def _neg(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    inner = _made_by(b, args[0], "neg")
    if inner is not None and _signed(kind_of(inner.args[0])):
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


def _identity(same: bool) -> _Rule:
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
    inner = _made_by(b, args[0], "numpy.transpose")
    return inner.args[0] if inner is not None and len(inner.args) == 1 else None


def _element(b: Builder, container: Atom, place: Any) -> Atom | None:
    ops = ("tuple", "list", "list.new")
    made = next(filter(None, (_made_by(b, container, op) for op in ops)), None)
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
    read = _made_by(b, args[-1], "getitem")
    if read is None or read.params != params or read.args != args[:-1]:
        return None
    return args[0] if all(isinstance(kind_of(a), Int) for a in args[1:-1]) else None


def _len(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    kind = kind_of(args[0])
    if isinstance(kind, List) and isinstance(kind.extent, int):
        return Const(kind.extent)
    return Const(len(kind.items)) if isinstance(kind, Tuple) else None


_EXACT: dict[str, _Rule] = {
    "add": _add, "sub": _sub, "mul": _mul, "div": _div, "pow": _pow, "neg": _neg,
    "not": _not, "is": _identity(True), "isnot": _identity(False), "select": _select,
    "numpy.transpose": _transpose, "item": _item, "getitem": _getitem,
    "builtins.len": _len, "setitem": _setitem,
}  # fmt: skip


# -- shorter up to the sign of a zero or the last bit ---------------------------------


def _hinted(b: Builder, op: str, *args: Atom) -> Atom:
    """`op(args)` under the name that was asked for, folded further."""
    base, role = b.hint
    return b.emit(op, *args, base=base, role=role)


def _inner(b: Builder, op: str, *args: Atom) -> Atom:
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
            return inner if _signed(kind_of(inner)) else None
        if made.op == "mul" and _signed(atom.kind):
            for c, x in (made.args, made.args[::-1]):
                if isinstance(c, Const) and type(c.value) in (int, float) and c.value < 0:
                    return _inner(b, "mul", Const(-c.value), x)
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
    if (negated := _made_by(b, x, "neg")) is not None:
        return _hinted(b, "neg", _inner(b, "real", negated.args[0]))
    made = _made_by(b, x, "mul")
    for c, z in (made.args, made.args[::-1]) if made is not None else ():
        if isinstance(c, Const) and isinstance(c.value, complex) and c.value.real == 0:
            part = z if is_real(kind_of(z)) else None
            if part is not None:
                return None
            return _hinted(b, "mul", Const(-c.value.imag), _inner(b, "imag", z))
    return None


def _loose_add(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    x, y = args
    if _is(y, 0.0) and _keeps(kind_of(x), y):
        return x
    if _is(x, 0.0) and _keeps(kind_of(y), x):
        return y
    if not (_signed(kind_of(x)) and _signed(kind_of(y))):
        return None
    if x == y and (inner := _factor(_made_by(b, x, "mul"))) is not None:
        doubled = _constant("mul", [2, inner[0].value])
        if doubled is not None:
            return _hinted(b, "mul", doubled, inner[1])
    if (positive := _without_sign(b, y)) is not None:
        return _hinted(b, "sub", x, positive)
    if (positive := _without_sign(b, x)) is not None:
        return _hinted(b, "sub", y, positive)
    return _twice(b, "add", x, y)


def _twice(b: Builder, op: str, x: Atom, y: Atom) -> Atom | None:
    """`a + 2.0 * y` for `a + y + y` of arrays, and so with minus: where y is a product of
    a number and an array, the number is doubled."""
    made, kind = _made_by(b, x, op), kind_of(y)
    if made is None or made.args[1] != y or kind != kind_of(x):
        return None
    if isinstance(kind, Array) and kind.dtype == "float64" and kind.dims:
        return _hinted(b, op, made.args[0], _inner(b, "mul", Const(2.0), y))
    return None


def _loose_sub(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    x, y = args
    if _is(x, 0.0) and is_real(kind_of(y)) and _keeps(kind_of(y), x):
        return _hinted(b, "neg", y)
    if _signed(kind_of(x)) and _signed(kind_of(y)):
        if (positive := _without_sign(b, y)) is not None:
            return _hinted(b, "add", x, positive)
    if x == y and isinstance(kind_of(x), Float):
        return Const(0.0)
    if x == y and isinstance(kind_of(x), Array) and is_real(kind_of(x)):
        base, role = b.hint
        return b.emit("numpy.zeros_like", x, base=base, role=role)
    return _twice(b, "sub", x, y)


def _loose_neg(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    if (found := spread_sign(b, args, params)) is not None:
        return found
    difference = _made_by(b, args[0], "sub")
    if difference is not None and _signed(kind_of(args[0])):
        return _hinted(b, "sub", *difference.args[::-1])
    product = _made_by(b, args[0], "mul")
    if product is not None and _signed(kind_of(args[0])):
        c, x = product.args
        if isinstance(c, Const) and type(c.value) in (int, float) and c.value < 0:
            return _hinted(b, "mul", Const(-c.value), x)
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
    if any(v != 0 and math.frexp(v)[0] in (0.5, -0.5) for v in (c, d)):
        return bool(2.0**-64 < abs(c * d) < 2.0**64)
    return all(float(v).is_integer() for v in (c, d)) and bool(abs(c * d) < 2**20)


def _loose_mul(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    x, y = args
    if isinstance(x, Const) and isinstance(y, Const) and COMPLEX in map(kind_of, args):
        return _imaginary(x.value * y.value)
    kinds = kind_of(x), kind_of(y)
    if not (_signed(kinds[0]) and _signed(kinds[1])):
        return None
    if isinstance(kinds[0], Array) or isinstance(kinds[1], Array):
        if (found := cancelled(b, args, params)) is not None:
            return found
    for c, z in ((x, y), (y, x)):
        if not isinstance(c, Const):
            continue
        if _is(c, -1.0) and _keeps(kind_of(z), c):
            return _hinted(b, "neg", z)
        if type(c.value) in (int, float):
            inner = _factor(_made_by(b, z, "mul"))
            if inner is not None and _exact_factors(c.value, inner[0].value):
                if not _keeps(kind_of(inner[1]), Const(c.value * inner[0].value)):
                    continue  # int * (float * int): the kind would change
                product = _constant("mul", [c.value, inner[0].value])
                if product is not None:
                    return _hinted(b, "mul", product, inner[1])
            negated = _made_by(b, z, "neg")
            if negated is not None and c.value < 0 and _signed(kind_of(negated.args[0])):
                return _hinted(b, "mul", Const(-c.value), negated.args[0])
    for k in (0, 1):
        if (negated := _made_by(b, args[k], "neg")) is not None:
            if _signed(kind_of(negated.args[0])):
                pair = [x, y]
                pair[k] = negated.args[0]
                return _hinted(b, "neg", _inner(b, "mul", *pair))
    return None


def _loose_div(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    x, y = args
    if not (_signed(kind_of(x)) and _signed(kind_of(y))):
        return None
    if _is(y, -1.0) and is_real(kind_of(x)) and _keeps(kind_of(x), y):
        return _hinted(b, "neg", x)
    for k in (0, 1):
        if (negated := _made_by(b, args[k], "neg")) is not None:
            if _signed(kind_of(negated.args[0])):
                pair = [x, y]
                pair[k] = negated.args[0]
                return _hinted(b, "neg", _inner(b, "div", *pair))
    return None


def _same_shape(x: Kind, y: Kind) -> bool:
    if isinstance(x, Array) and isinstance(y, Array):
        return x.dims == y.dims
    return is_number(x) and is_number(y)


def _unbroadcast(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    return args[0] if _same_shape(kind_of(args[0]), kind_of(args[1])) else None


def _astype(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    kind = kind_of(args[0])
    if params or len(args) != 2 or not isinstance(kind, Array) or kind.ndim == 0:
        return None
    dtype = args[1]
    if isinstance(dtype, Const):
        return args[0] if dtype.value == kind.dtype else None
    source = _made_by(b, dtype, "attr")
    if source is not None and source.params == "dtype":
        other = kind_of(source.args[0])
        if isinstance(other, Array) and other.dtype == kind.dtype:
            return args[0]
    return None


def _zeros_like(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    """Of zeros there is a simpler model."""
    model = None if params else _made_by(b, args[0], "numpy.zeros_like")
    if model is None or model.params:
        return None
    base, role = b.hint
    return b.define("numpy.zeros_like", *model.args, base=base, role=role)


_LONGEST = 32  # writes that are looked back upon


def _additem(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    """`x_bar[k] = v` for `x_bar[k] += v` where nothing was added there before."""
    if params != Index(("at",)) or not _is_place(args[1]):
        return None
    at: Atom = args[0]
    for _ in range(_LONGEST):
        made = b.definitions.get(at) if isinstance(at, Var) else None
        if made is None or not is_number(kind_of(args[2])):
            return None
        if made.op in ("list.zeros_like", "numpy.zeros_like"):
            item = made.target.kind
            flat = isinstance(item, List) and isinstance(item.item, Float)
            if not flat and not (isinstance(item, Array) and item.ndim == 1):
                return None
            base, role = b.hint
            return b.emit("setitem", *args, params=params, base=base, role=role)
        if made.op not in ("setitem", "additem") or made.params != params:
            return None
        if not _is_place(made.args[1]) or made.args[1] == args[1]:
            return None
        at = made.args[0]
    return None


def _is_place(atom: Atom) -> bool:
    """Whether it is a number of an item, counted from the front."""
    return isinstance(atom, Const) and type(atom.value) is int and atom.value >= 0


_LOOSE: dict[str, _Rule] = {
    "add": _loose_add, "sub": _loose_sub, "mul": _loose_mul, "div": _loose_div,
    "neg": _loose_neg, "real": _real, "unbroadcast": _unbroadcast, "numpy.astype": _astype,
    "numpy.zeros_like": _zeros_like, "numpy.sum": fold_sum, "getitem": without_expansion,
    "additem": _additem,
}  # fmt: skip
_FOLDED = frozenset((*_EXACT, *_CONSTANT, *_LOOSE))
