"""What a function returns, and what its derivatives return."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.ir.core import Atom, Compound, Function, Tree, Undef, kind_of
from symdiff.ir.kinds import NONE, Array, Float, Int, Tuple, is_complex, is_number
from symdiff.request import Mode
from symdiff.transform.inputs import Input

__all__ = ["check_field", "results_of", "returned", "scalar_result"]


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


def check_field(
    function: Function, result: Atom, inputs: Sequence[Input], holomorphic: bool = False
) -> None:
    """Refuse a complex result, unless a holomorphic function is differentiated."""
    if not holomorphic:
        if is_complex(kind_of(result)):
            help = "return its .real, .imag or abs, or pass holomorphic=True"
            raise _not_scalar(function, "a complex number", help, "a real number")
        return
    kinds = [leaf.kind for each in inputs for leaf in each.leaves.values()]
    if not is_complex(kind_of(result)) or not all(map(is_complex, kinds)):
        message = f"`{function.name}` does not map complex numbers to a complex number"
        help = "leave out holomorphic=True"
        raise DifferentiationError(Diagnostic(message, function.span, help))


def _not_scalar(
    function: Function, what: str, help: str, needed: str = "a scalar"
) -> DifferentiationError:
    message = f"`{function.name}` returns {what}; a gradient needs {needed}"
    return DifferentiationError(Diagnostic(message, function.span, help))


def returned(mode: Mode, result: Tree, found: Tree, aux: tuple[Tree, ...]) -> Tree:
    """What a derivative returns, beside the rest that the function returned, if any."""
    if mode == "value_and_grad":
        return (result, *aux) if aux else result, found
    if mode == "grad":
        return (found, *aux) if aux else found
    return (result, found, *aux)
