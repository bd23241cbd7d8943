"""What an operation on arrays does to their elements."""

from __future__ import annotations

from symdiff.ir.core import Const, Equation, kind_of
from symdiff.ir.kinds import Array, is_number

__all__ = ["VECTORS", "element_op"]

# Functions of which a compiler works out several at once, in a loop over elements, and
# those that it would call for one element after the other.
VECTORS = {"numpy.exp": "exp", "numpy.log": "log", "numpy.tanh": "tanh"}

_SAME = frozenset(("add", "sub", "mul", "neg", "pos", "copy"))
_COMPARE = frozenset(("lt", "le", "gt", "ge", "eq", "ne"))
_FLOATS = frozenset(
    f"numpy.{name}"
    for name in """
    sin cos tan exp exp2 expm1 log log1p log2 log10 sqrt tanh sinh cosh arcsin arccos
    arctan arcsinh arccosh arctanh absolute abs fabs square sign maximum minimum arctan2
    hypot floor ceil reciprocal positive negative add subtract multiply
    """.split()
) | {"builtins.abs"}
# Only of numbers does Python raise an error here.
_PLAIN = {"numpy.add": "add", "numpy.subtract": "sub", "numpy.multiply": "mul",
          "numpy.negative": "neg", "numpy.positive": "pos", "numpy.abs": "builtins.abs",
          "numpy.absolute": "builtins.abs", "numpy.fabs": "builtins.abs",
          "numpy.where": "select"}  # fmt: skip


def element_op(eq: Equation) -> str | None:
    """The operation on numbers that gives each element; None if there is none."""
    kind, op = eq.target.kind, eq.op
    if not isinstance(kind, Array) or eq.params:
        return None
    dtypes = {k.dtype for k in map(kind_of, eq.args) if isinstance(k, Array)}
    if op in _COMPARE:
        return op if dtypes <= {"float64", "int64"} else None
    if op == "numpy.where" and len(eq.args) == 3:
        return "select" if kind.dtype == "float64" else None
    if op in _SAME:
        return op if dtypes <= {kind.dtype, "bool"} and kind.dtype != "bool" else None
    if kind.dtype != "float64":
        return None
    if op in ("div", "numpy.divide", "numpy.true_divide"):
        return "div"
    if op == "pow":
        return op if _is_plain_power(eq) else None
    if op in _FLOATS and all(
        is_number(k) or isinstance(k, Array) for k in map(kind_of, eq.args)
    ):
        return _PLAIN.get(op, op)
    return None


def _is_plain_power(eq: Equation) -> bool:
    """Whether it is a power that raises no error of a number either."""
    base, exponent = eq.args
    if not isinstance(exponent, Const) or not isinstance(kind_of(base), Array):
        return False
    value = exponent.value
    return isinstance(value, float) or (isinstance(value, int) and value >= 0)
