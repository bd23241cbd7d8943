"""What Python raises where None is used as a number."""

from __future__ import annotations

from symdiff.ir.core import Atom, Const, kind_of
from symdiff.ir.kinds import NONE, Array, Bool, Complex, Float, Int, NoneKind
from symdiff.ir.listing import sign_of

__all__ = ["Failure", "failure_of_none"]

Failure = tuple[type[Exception], str]  # the class of an error and its text


def failure_of_none(op: str, args: tuple[Atom, ...]) -> Failure | None:
    """How an operation on numbers fails of which None is an argument."""
    if all(kind_of(arg) != NONE for arg in args):
        return None
    if op.startswith("math."):
        return TypeError, "must be real number, not NoneType"
    if op == "builtins.abs":
        return TypeError, "bad operand type for abs(): 'NoneType'"
    sign = sign_of(op, len(args))
    if sign is None:
        return None
    if len(args) == 1:
        return TypeError, f"bad operand type for unary {sign}: 'NoneType'"
    sign = "** or pow()" if sign == "**" else sign
    left, right = map(_class_of, args)
    return TypeError, f"unsupported operand type(s) for {sign}: {left!r} and {right!r}"


def _class_of(atom: Atom) -> str:
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
