"""What operations raise, and when: needed where the program catches it.

Most errors of numbers have a condition that Python can state (`math.log(x)` fails where
`x <= 0`); for the rest the generated code tries the operation beforehand.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from symdiff.ir.core import Atom, Const, Index, kind_of
from symdiff.ir.kinds import Array, Bool, Float, Int, List, is_number

__all__ = ["Raise", "raises"]

# The condition, as (comparison, argument, bound): any of them may hold.
Condition = tuple[tuple[str, int, float], ...]


class Raise(NamedTuple):
    """An error that an operation may raise.

    when: the condition, if it can be stated; else `trial` is the name of a function to
    be tried; if there is neither, it is not known.
    """

    cls: type[BaseException]
    when: Condition = ()
    trial: str | None = None
    taken: int | None = None  # of the arguments that the trial takes


_DOMAINS: dict[str, Condition] = {
    "math.log": (("le", 0, 0),),
    "math.log2": (("le", 0, 0),),
    "math.log10": (("le", 0, 0),),
    "math.log1p": (("le", 0, -1),),
    "math.sqrt": (("lt", 0, 0),),
    "math.acos": (("lt", 0, -1), ("gt", 0, 1)),
    "math.asin": (("lt", 0, -1), ("gt", 0, 1)),
    "math.acosh": (("lt", 0, 1),),
    "math.atanh": (("le", 0, -1), ("ge", 0, 1)),
}
# They raise ValueError or OverflowError in ways that are tried out.
_TRIED_VALUES = frozenset(
    "math." + name for name in "gamma lgamma pow fmod factorial".split()
)
_OVERFLOWS = frozenset(
    "math." + name for name in "exp exp2 expm1 cosh sinh gamma lgamma pow".split()
)
_INFINITE = frozenset("math.sin math.cos math.tan".split())
_SINGULAR = frozenset(
    "numpy.linalg." + name
    for name in "cholesky eig eigh eigvals eigvalsh inv lstsq pinv solve svd".split()
)
_DIVISIONS = frozenset("div floordiv mod".split())
_OF_ARRAYS = {
    "add": "operator.add", "sub": "operator.sub", "mul": "operator.mul",
    "div": "operator.truediv", "matmul": "operator.matmul",
}  # fmt: skip


def raises(op: str, args: tuple[Atom, ...], params: object) -> Iterator[Raise]:
    """The errors that an equation may raise."""
    if op in _DIVISIONS:
        if _plain_numbers(args) and not _nonzero(args[1]):
            yield Raise(ZeroDivisionError, (("eq", 1, 0),))
    elif op == "pow":
        yield from _power(args)
    elif op in _DOMAINS and len(args) == 1:
        yield Raise(ValueError, _DOMAINS[op])
    elif op == "math.log":
        yield Raise(ValueError, (("le", 0, 0), ("le", 1, 0)))
        yield Raise(ZeroDivisionError, (("eq", 1, 1),))
    elif op in _TRIED_VALUES or op in _INFINITE:
        yield Raise(ValueError, trial=op)
    elif op in _SINGULAR and params is None:
        import numpy

        yield Raise(numpy.linalg.LinAlgError, trial=op)
    if op in _OVERFLOWS:
        yield Raise(OverflowError, trial=op)
    if op in _OF_ARRAYS and _may_not_fit(args):
        yield Raise(ValueError, trial=_OF_ARRAYS[op])
    if op in ("getitem", "setitem", "additem") and isinstance(params, Index):
        yield from _subscript(args, params)


def _power(args: tuple[Atom, ...]) -> Iterator[Raise]:
    if not _plain_numbers(args) or all(isinstance(kind_of(a), Int) for a in args):
        return
    exponent = args[1]
    if not (isinstance(exponent, Const) and exponent.value >= 0):
        yield Raise(ZeroDivisionError, trial="operator.pow")
    if not (isinstance(exponent, Const) and abs(exponent.value) <= 1):
        yield Raise(OverflowError, trial="operator.pow")


def _subscript(args: tuple[Atom, ...], params: Index) -> Iterator[Raise]:
    kind = kind_of(args[0])
    if params == Index(("at",)) and isinstance(kind, (Array, List)):
        if isinstance(kind_of(args[1]), Int):
            yield Raise(IndexError, trial="operator.getitem", taken=2)


def _plain_numbers(args: tuple[Atom, ...]) -> bool:
    """Whether Python computes with them, and not NumPy, which warns instead."""
    kinds = [kind_of(a) for a in args]
    return all(isinstance(k, (Int, Bool)) or k == Float() for k in kinds)


def _nonzero(atom: Atom) -> bool:
    return isinstance(atom, Const) and is_number(kind_of(atom)) and atom.value != 0


def _may_not_fit(args: tuple[Atom, ...]) -> bool:
    """Whether the shapes of two arrays may be such that they cannot be combined."""
    kinds = [kind_of(a) for a in args]
    if not all(isinstance(k, Array) for k in kinds):
        return False
    dims = [k.dims for k in kinds if isinstance(k, Array)]
    return dims[0] != dims[1]
