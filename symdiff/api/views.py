"""Looks at a function and its derivatives: code, checks, lists, graphs, formulas."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from symdiff.api.argnums import Argnums
from symdiff.api.gradient import Gradient
from symdiff.api.options import Options
from symdiff.frontend.reading.source import give_text

if TYPE_CHECKING:
    from symdiff.algebra.symbolic import Symbolic
    from symdiff.api.batch import Batched
    from symdiff.api.code_in_c import CCode
    from symdiff.api.elimination import Elimination
    from symdiff.request import Order
    from symdiff.tracing.graph import Graph
    from symdiff.tracing.system import System
    from symdiff.tracing.trace import Trace

__all__ = [
    "batched", "c_code", "check_grads", "eliminate", "graph", "source", "stage",
    "symbolic", "system", "trace",
]  # fmt: skip

_Primal = Callable[..., Any]
Derivative = Literal["grad", "value_and_grad", "jvp", "vjp", "jacfwd", "jacobian"]


def source(
    function: _Primal,
    *args: Any,
    argnums: Argnums = 0,
    has_aux: bool = False,
    text: str | None = None,
    mode: Derivative = "grad",
    unroll: bool = False,
    indicators: bool = False,
    **kwargs: Any,
) -> str:
    """The Python code of a function's derivative, for arguments like these.

    Without arguments, kinds are taken from annotations, defaults and uses. `argnums`,
    `has_aux`, `text`, `unroll` and `indicators` are those of `grad`.

    mode: "grad", "value_and_grad", "jvp" for forward mode, "vjp" for reverse mode with
        an adjoint of the result, "jacfwd" for all tangents along a few numbers in one
        sweep, or "jacobian" for `eliminate`.
    """
    if mode in ("jvp", "vjp", "jacfwd", "jacobian"):
        return stage(
            function, "source", *args, argnums=argnums, has_aux=has_aux, text=text,
            mode=mode, unroll=unroll, indicators=indicators, **kwargs,
        )  # fmt: skip
    gradient = function
    if not isinstance(gradient, Gradient):
        if text is not None:
            give_text(function, text)
        asked = Options(has_aux, unroll, indicators)
        gradient = Gradient(function, argnums, mode, asked)
    if args or kwargs:
        gradient.made_for(*args, **kwargs)
    return gradient.source


def stage(
    function: _Primal,
    name: str,
    *args: Any,
    argnums: Argnums = 0,
    has_aux: bool = False,
    text: str | None = None,
    mode: Derivative = "grad",
    unroll: bool = False,
    indicators: bool = False,
    **kwargs: Any,
) -> str:
    """The listing of one stage: "ssa", "active", "adjoint", "optimised" or "source".

    "ssa" is the function itself as the list of its equations, whether or not it can be
    differentiated. Without arguments, kinds are taken as for `source`; `mode` is as there.
    In forward mode the stage "adjoint" holds the tangents.
    """
    from symdiff.api.stages import listing, requests_of

    if text is not None:
        give_text(function, text)
    requests = requests_of(
        function, name, args, kwargs, argnums, has_aux, mode, unroll, indicators
    )
    return listing(requests, name)


def c_code(
    function: _Primal,
    *args: Any,
    argnums: Argnums = 0,
    value: bool = False,
    **kwargs: Any,
) -> CCode:
    """The gradient of a function of numbers and arrays as a C file and its header.

    Kinds are those of the arguments; without any, those of annotations, defaults and uses.
    Arrays go in as pointers with their lengths, results to places that the caller gives.

    value: write the value of the function, too.

    Raises `DifferentiationError` for what is not arithmetic in branches and loops.
    """
    from symdiff.api.code_in_c import c_code_of

    return c_code_of(function, args, kwargs, argnums, value)


def check_grads(
    function: _Primal,
    args: Sequence[Any] | None = None,
    order: int = 1,
    modes: Sequence[Literal["fwd", "rev"]] = ("rev",),
    *,
    argnums: Argnums | None = None,
    has_aux: bool = False,
    text: str | None = None,
    kwargs: Mapping[str, Any] | None = None,
    eps: float | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    method: Literal["symmetric", "one-sided"] = "symmetric",
    most: int = 100,
) -> Any:
    """Compare the gradient of `function` at `args` with differences of its values.

    The function may return anything; of what is not a number, the gradient of a sum with
    random factors is compared, entry by entry. Without `args` the result is a function of
    the arguments that does so: `check_grads(f)(x, y)`.

    Raises `symdiff.checking.GradientMismatch`, an `AssertionError`, with a table of what
    differs.

    order: 2 to compare the gradient of the gradient, too, and so on.
    modes: "rev" for the gradient, "fwd" for forward mode along one random direction.
    argnums: the parameters to check; by default all that hold floats, those that are
        passed by keyword only if the function returns a number.
    has_aux: the function returns a pair, the number and anything else.
    text: as for `grad`.
    eps: the step, relative to entries larger than 1; by default the one with the least
        error for the precision at hand.
    rtol, atol: how far apart the two may be, by default what `method` can tell apart.
    method: "symmetric", (f(x+h) - f(x-h))/2h with an error of the order h**2, or
        "one-sided", (f(x+h) - f(x))/h with one of the order h.
    most: how many entries of each array to check, spread evenly over it.
    """
    from symdiff.checking import check

    if text is not None:
        give_text(function, text)

    def checked(*args: Any, **kwargs: Any) -> None:
        check(
            function, args, order=order, modes=modes, argnums=argnums, has_aux=has_aux,
            kwargs=kwargs, eps=eps, rtol=rtol, atol=atol, method=method, most=most,
        )  # fmt: skip

    if args is None:
        return checked
    # A plain value is a slip that would otherwise be unpacked into something else.
    checked(*(args if isinstance(args, (tuple, list)) else (args,)), **(kwargs or {}))
    return None


def trace(
    function: _Primal,
    *,
    depth: int | None = 0,
    argnums: Argnums | None = None,
    limit: int = 1_000_000,
    text: str | None = None,
) -> Callable[..., Trace]:
    """The list of equations z_i = f_i(z_a(i)) that a function executes: a function of
    the same arguments that returns a `Trace`.

    Loops are written out as often as they run, branches as they are taken; each step has
    its value, its place in the text, and the numbers of the steps that it reads and that
    read it. An array is one z. The function need not be differentiable.

    depth: calls of your own functions inside so many others are one z each; None writes
        all of them out.
    argnums: parameters that are taken as floats though they are given integers.
    limit: how many equations may be executed; a longer list is refused, and so is a loop
        that never ends.
    text: as for `grad`.
    """
    if text is not None:
        give_text(function, text)

    def traced(*args: Any, **kwargs: Any) -> Trace:
        from symdiff.api.tracing import run

        return run(function, args, kwargs, argnums, depth, limit)

    return traced


def graph(
    function: _Primal,
    *,
    depth: int | None = 0,
    argnums: Argnums | None = None,
    limit: int = 1_000_000,
    text: str | None = None,
) -> Callable[..., Graph]:
    """The list of equations as an explicit graph: a function of the same arguments that
    returns a `Graph`. The keywords are those of `trace`."""
    traced = trace(function, depth=depth, argnums=argnums, limit=limit, text=text)

    def drawn(*args: Any, **kwargs: Any) -> Graph:
        from symdiff.tracing.graph import Graph

        return Graph(traced(*args, **kwargs))

    return drawn


def system(
    function: _Primal,
    *,
    depth: int | None = 0,
    argnums: Argnums | None = None,
    limit: int = 1_000_000,
    text: str | None = None,
) -> Callable[..., System]:
    """The gradients as multipliers of a constrained problem, and the linear system that
    they solve: a function of the same arguments that returns a `System`.

    The problem is to minimise z_n subject to the equations of `trace`, whose keywords
    these are; the system A λ = (0, ..., 0, -1) is upper triangular, and solving it by back
    substitution is back-propagation. Solving needs SciPy.
    """
    if text is not None:
        give_text(function, text)

    def solved(*args: Any, **kwargs: Any) -> System:
        from symdiff.api.multipliers import system_of

        return system_of(function, args, kwargs, argnums, depth, limit)

    return solved


def symbolic(
    function: _Primal,
    *,
    argnums: Argnums | None = None,
    limit: int = 100,
    text: str | None = None,
    **given: float,
) -> Symbolic:
    """A function of numbers, and its partial derivatives, as formulas of SymPy: as
    expressions, text, LaTeX and Python source.

    Branches become Piecewise, loops with known counts are written out. Formulas swell
    where programs do not; `report()` counts that.

    argnums: the parameters to differentiate by; by default all floats.
    limit: how many rounds of loops may be written out.
    text: as for `grad`.
    given: parameters that are to be numbers, such as the count of a loop: `n=3`.

    >>> print(symbolic(lambda x, n: x ** n, n=3).partials["x"])
    3*x**2

    Raises `DifferentiationError` for programs that are not scalar code.
    """
    if text is not None:
        give_text(function, text)
    from symdiff.api.formulas import formulas

    return formulas(function, argnums, limit, given)


def eliminate(
    function: _Primal,
    argnums: Argnums | None = None,
    order: Order = "least",
    *,
    text: str | None = None,
) -> Elimination:
    """The Jacobian of a function of numbers, as straight code that multiplies the partial
    derivatives of its operations in a chosen order.

    The result is that of `jacfwd`. Loops are written out, as by `grad(f, unroll=True)`.

    argnums: as for `grad`; by default all parameters that hold floats: one gives its
        Jacobian, several a tuple.
    order: "forward" eliminates the values from the first to the last, "reverse" from the
        last to the first; "markowitz" always one that takes the fewest multiplications
        now, which often makes fewer of them in all; "least" is the cheapest of these.
    text: as for `grad`.
    """
    from symdiff.api.elimination import Elimination

    if text is not None:
        give_text(function, text)
    return Elimination(function, argnums, order)


def batched(function: _Primal) -> Batched:
    """A function of numbers, or what `grad` or `value_and_grad` made of one, for arrays.

    Called with arrays of floats in place of numbers, which are broadcast, it gives for
    each entry what the function gives for that, as arrays. Other arguments are the same for
    all entries. A branch computes both of its sides and takes `numpy.where`; where Python
    raises an error, as for 1 / 0.0, the entry is infinite or no number. Refused is
    what cannot be done to all entries at once, such as a loop that ends by their values.

    >>> import numpy
    >>> from symdiff import grad
    >>> batched(grad(lambda x: x * x if x > 0 else -x))(numpy.array([3.0, -1.0])).tolist()
    [6.0, -1.0]
    """
    from symdiff.api.batch import Batched

    return Batched(function)
