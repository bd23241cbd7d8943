"""Which integers among the parts of an argument are numbers, and which are counts.

An integer by which is differentiated is taken as a float. But one that the program uses
as only an integer can be used, as a number of rounds or an index, is a count: it has no
derivative.
"""

from __future__ import annotations

from collections.abc import Iterable

from symdiff.analysis.activity import IsSmooth, active_vars, varied_vars
from symdiff.ir.core import Atom, Equation, For, Function, Var, kind_of, walk
from symdiff.ir.kinds import Array, Bool, Int, Kind, List, Str, Tuple
from symdiff.rules import rule_for
from symdiff.rules.row import Rule

__all__ = ["numbers_among"]

_BITWISE = ("bitand", "bitor", "bitxor", "lshift", "rshift", "invert")
_WHOLE = ("math.factorial", "math.comb", "math.perm", "math.gcd", "math.lcm", "math.isqrt")
_FILLED = (
    "numpy.zeros", "numpy.ones", "numpy.empty", "numpy.full", "numpy.eye",
    "numpy.identity", "numpy.tri",
)  # fmt: skip
_SPACED = ("numpy.linspace", "numpy.logspace", "numpy.geomspace")


def numbers_among(
    function: Function, parts: Iterable[Var], is_smooth: IsSmooth
) -> set[Var]:
    """Those that are no counts, and on which the result depends smoothly."""
    return {
        var
        for var in parts
        if not _is_count(function, var)
        and var in active_vars(function, [var], is_smooth, lambda kind: True)
    }


def _is_count(function: Function, var: Var) -> bool:
    """Whether the value, or an integer made of it, is used where a float could not be."""
    made = varied_vars(function, [var], lambda eq: True, _is_integer)
    bodies = [each.body for each in (function, *function.functions)]
    for node in (node for body in bodies for node in walk(body)):
        if isinstance(node, For):
            counts: tuple[Atom, ...] = node.iteration.args
        elif isinstance(node, Equation):
            counts = _counts(node)
        else:
            continue
        if not made.isdisjoint(counts):
            return True
    return False


def _is_integer(kind: Kind) -> bool:
    if isinstance(kind, List):
        return _is_integer(kind.item)
    if isinstance(kind, Tuple):  # a shape, or axes
        return bool(kind.items) and all(map(_is_integer, kind.items))
    if isinstance(kind, Array):
        return kind.dtype.startswith(("int", "uint", "bool"))
    return isinstance(kind, (Int, Bool))


def _counts(eq: Equation) -> tuple[Atom, ...]:
    """The arguments that must be integers."""
    op, args = eq.op, eq.args
    if op in ("getitem", "list.pop", "list.insert"):
        return args[1:]
    if op in ("setitem", "additem"):
        return args[1:-1]
    if op in _BITWISE or op in _WHOLE or op in ("call", "method", "numpy.arange"):
        return args
    if op == "mul" and any(isinstance(kind_of(a), (List, Tuple, Str)) for a in args):
        return args
    if not op.startswith("numpy."):
        return ()
    if op in _FILLED:
        return args[:1]
    rule = rule_for(op, eq.params)
    if isinstance(rule, Rule) and rule.elementwise:
        return ()
    rest = args[2 if op in _SPACED else 1 :]
    kinds = ((a, kind_of(a)) for a in rest)
    return tuple(a for a, k in kinds if not isinstance(k, Array) and _is_integer(k))
