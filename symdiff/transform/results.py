"""What a function returns, and what its derivatives return."""

from __future__ import annotations

from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.ir.core import Atom, Compound, Function, Tree, Undef, kind_of
from symdiff.ir.kinds import NONE, Array, Float, Int, Tuple, is_number
from symdiff.request import Mode

__all__ = ["results_of", "returned", "scalar_result"]


def results_of(function: Function, has_aux: bool) -> tuple[Tree, Tree]:
    """What is differentiated, and what else the function returns."""
    returns = function.returns
    if not has_aux:
        return returns, ()
    if isinstance(returns, tuple) and len(returns) == 2:
        return returns
    message = f"with has_aux `{function.name}` must return a pair: the value, the rest"
    raise DifferentiationError(
        Diagnostic(message, function.span, "end every path with `return value, aux`")
    )


def scalar_result(function: Function, returns: Tree) -> Atom:
    if isinstance(returns, (tuple, Compound)):
        if isinstance(returns, tuple):
            what = f"a tuple of {len(returns)} values"
        else:
            what = f"a {returns.form}" if returns.form in ("list", "dict") else "an object"
        raise _not_scalar(
            function, what, "return one number, or `number, rest` with has_aux=True"
        )
    kind = kind_of(returns)
    if isinstance(returns, Undef) or kind == NONE:
        raise _not_scalar(function, "None", "return the value to differentiate")
    if isinstance(kind, Array) and kind.dims:
        raise _not_scalar(
            function,
            f"an array ({kind})",
            "return a number, for example the sum of the array",
        )
    if isinstance(kind, (Float, Int, Array)) or is_number(kind):
        return returns
    if isinstance(kind, Tuple):
        raise _not_scalar(function, "a tuple", "return one number")
    raise _not_scalar(function, f"a value of kind {kind}", "return one number")


def _not_scalar(function: Function, what: str, help: str) -> DifferentiationError:
    message = f"`{function.name}` returns {what}; a gradient needs a scalar"
    return DifferentiationError(Diagnostic(message, function.span, help))


def returned(mode: Mode, result: Tree, found: Tree, aux: tuple[Tree, ...]) -> Tree:
    """What a derivative returns, beside the rest that the function returned, if any."""
    if mode == "value_and_grad":
        return (result, *aux) if aux else result, found
    if mode == "grad":
        return (found, *aux) if aux else found
    return (result, found, *aux)
