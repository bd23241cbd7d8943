"""What Python raises where None is used as a number."""

from __future__ import annotations

from symdiff.ir.core import Atom, Const, kind_of
from symdiff.ir.kinds import NONE, Array, Bool, Complex, Float, Int, NoneKind
from symdiff.ir.listing import sign_of

__all__ = ["Failure", "class_of_number", "failure_of_none"]

_TEXTS = {
    "builtins.abs": "bad operand type for abs(): 'NoneType'",
    "builtins.float": "float() argument must be a string or a real number, not 'NoneType'",
    "builtins.int": "int() argument must be a string, a bytes-like object or a real "
    "number, not 'NoneType'",
    "builtins.round": "type NoneType doesn't define __round__ method",
    "numpy.abs": "bad operand type for abs(): 'NoneType'",
    "numpy.absolute": "bad operand type for abs(): 'NoneType'",
    "numpy.square": "unsupported operand type(s) for *: 'NoneType' and 'NoneType'",
}
# Functions of elements that ask objects for a method of their own name.
_METHODS = frozenset(
    "sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh exp exp2 "
    "expm1 log log2 log10 log1p sqrt cbrt fabs degrees radians deg2rad rad2deg".split()
)
Failure = tuple[type[Exception], str]  # the class of an error and its text


def failure_of_none(op: str, args: tuple[Atom, ...]) -> Failure | None:
    """How an operation on numbers fails of which None is an argument."""
    if all(kind_of(arg) != NONE for arg in args):
        return None
    if op.startswith("math."):
        return TypeError, "must be real number, not NoneType"
    if op in _TEXTS:
        return TypeError, _TEXTS[op]
    if op.startswith("numpy.") and op.removeprefix("numpy.") in _METHODS:
        without = f"which has no callable {op.removeprefix('numpy.')} method"
        text = "loop of ufunc does not support argument 0 of type NoneType"
        return TypeError, f"{text} {without}"
    if op in ("builtins.max", "builtins.min") and len(args) == 2:
        asked = ">" if op == "builtins.max" else "<"
        right, left = map(class_of_number, args)
        text = f"{asked!r} not supported between instances of {left!r} and {right!r}"
        return TypeError, text
    sign = sign_of(op, len(args))
    if sign is None:
        return None
    if len(args) == 1:
        return TypeError, f"bad operand type for unary {sign}: 'NoneType'"
    sign = "** or pow()" if sign == "**" else sign
    left, right = map(class_of_number, args)
    return TypeError, f"unsupported operand type(s) for {sign}: {left!r} and {right!r}"


def class_of_number(atom: Atom) -> str:
    """What Python calls the class of a number, or of an array's elements."""
    if isinstance(atom, Const):
        return type(atom.value).__name__
    kind = kind_of(atom)
    if isinstance(kind, Array):
        return kind.dtype.rstrip("0123456789")
    classes = {
        Bool: "bool",
        Int: "int",
        Complex: "complex",
        Float: "float",
        NoneKind: "NoneType",
    }
    return classes.get(type(kind), "object")
