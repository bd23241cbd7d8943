"""Functions of the program that are handed to those of a library: what it integrates, or
looks for a root of.

target = handed(arguments, captured values): the call of a library function, whose result
counts as constant.
target = implicit(found, captured values): what such a call found, as what the captured
values determine: the residual is zero there.
target = moved(value, by): the first value, with the derivatives of the second.
target = integral(start, end, settings, captured values): of a function, from start to end.
"""

from __future__ import annotations

from symdiff.ir.core import Equation, Function
from symdiff.ir.effects import INVOKES
from symdiff.ir.kinds import Kind
from symdiff.records import dataclass

__all__ = [
    "HANDED", "IMPLICIT", "INTEGRAL", "MOVED", "Handed", "Implicit", "Integral",
    "inner_functions", "run_by",
]  # fmt: skip

HANDED, IMPLICIT, INTEGRAL, MOVED = "handed", "implicit", "integral", "moved"


@dataclass(frozen=True, slots=True)
class Handed:
    """The params of the op "handed".

    call: the library function, or a helper. names: the keywords of the last of its
    arguments. functions: what it is handed; at the end each is named as in the program,
    and takes what it reads first. `places` says where in the call, by position or
    keyword, and `captured` how many of the last values of the equation each reads beside
    the arguments that it is called with.
    """

    call: str
    kind: Kind
    names: tuple[str, ...]
    functions: tuple[Function | str, ...]
    places: tuple[int | str, ...]
    captured: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Implicit:
    """The params of the op "implicit": functions of what was found and of the captured
    values, first those of the residual, then those of its Jacobian."""

    residual: Function
    jacobian: Function


@dataclass(frozen=True, slots=True)
class Integral:
    """The params of the op "integral": a function of one number and of the captured
    values, the kind of its integral, and the names of the settings; whether it is that
    of a derivative."""

    function: Function
    kind: Kind
    names: tuple[str, ...]
    derived: bool = False


def inner_functions(eq: Equation) -> tuple[Function, ...]:
    """The functions that stand in an equation."""
    params = eq.params
    if eq.op == HANDED:
        return tuple(f for f in params.functions if isinstance(f, Function))
    if eq.op == IMPLICIT:
        return params.residual, params.jacobian
    return (params.function,) if eq.op == INTEGRAL else ()


def run_by(eq: Equation) -> tuple[str, ...]:
    """The names of the functions of the program that an equation runs."""
    if eq.op in INVOKES:
        return (eq.params,)
    if eq.op == HANDED:
        return tuple(f for f in eq.params.functions if isinstance(f, str))
    return ()
