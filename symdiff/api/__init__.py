"""The functions that users call.

`import symdiff` comes this far; what a call needs is loaded by the first call, and the
generator by the first one that is not served from a cache.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

from symdiff.api.argnums import Argnums
from symdiff.api.declaring import nondifferentiable, primitives, rule, rule_of
from symdiff.api.gradient import Gradient
from symdiff.declared import stop_gradient
from symdiff.frontend.source import give_text

if TYPE_CHECKING:
    from symdiff.algebra.symbolic import Symbolic
    from symdiff.request import Mode
    from symdiff.tracing.graph import Graph
    from symdiff.tracing.system import System
    from symdiff.tracing.trace import Trace

__all__ = [
    "Gradient", "check_grads", "grad", "graph", "jacfwd", "jvp", "nondifferentiable",
    "primitives", "rule", "rule_of", "source", "stage", "stop_gradient", "symbolic",
    "system", "trace", "value_and_grad",
]  # fmt: skip

_Primal = Callable[..., Any]
Derivative = Literal["grad", "value_and_grad", "jvp"]


@overload
def grad(
    function: _Primal,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    text: str | None = None,
    unroll: bool = False,
) -> Gradient: ...
@overload
def grad(
    function: None = None,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    text: str | None = None,
    unroll: bool = False,
) -> Callable[[_Primal], Gradient]: ...
def grad(
    function: _Primal | None = None,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    text: str | None = None,
    unroll: bool = False,
) -> Gradient | Callable[[_Primal], Gradient]:
    """The gradient of a function that returns one number.

    argnums: which parameters to differentiate by, as positions or names. One gives its
        gradient; a tuple gives a tuple of gradients. Each has the structure, shapes and
        dtypes of its argument; integers are taken as floats.
    has_aux: the function returns a pair, the number and anything else; the result is
        then a pair too, the gradient and that.
    text: what `exec` got, for a function that was made by it: no file holds its text.
    unroll: write out every loop, as code without loops in which each value has a name of
        its own. Code is then made for the integers and the lengths of a call, and made
        again for others; a loop whose rounds these do not tell is refused.

    Also a decorator: `@grad`, `@grad(argnums=("x", "c"))`.
    """
    return _derivative(function, argnums, "grad", has_aux, text, unroll)


@overload
def value_and_grad(
    function: _Primal,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    text: str | None = None,
    unroll: bool = False,
) -> Gradient: ...
@overload
def value_and_grad(
    function: None = None,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    text: str | None = None,
    unroll: bool = False,
) -> Callable[[_Primal], Gradient]: ...
def value_and_grad(
    function: _Primal | None = None,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    text: str | None = None,
    unroll: bool = False,
) -> Gradient | Callable[[_Primal], Gradient]:
    """As `grad`, but the result is a pair: the function's value and its gradient.

    With `has_aux` it is ((value, aux), gradient).
    """
    return _derivative(function, argnums, "value_and_grad", has_aux, text, unroll)


def _derivative(
    function: _Primal | None,
    argnums: Argnums,
    mode: Mode,
    has_aux: bool,
    text: str | None,
    unroll: bool,
) -> Gradient | Callable[[_Primal], Gradient]:
    def decorate(function: _Primal) -> Gradient:
        if text is not None:
            give_text(function, text)
        return Gradient(function, argnums, mode, has_aux, unroll)

    return decorate if function is None else decorate(function)


def jvp(
    function: _Primal,
    primals: Sequence[Any],
    tangents: Sequence[Any],
    has_aux: bool = False,
) -> tuple[Any, ...]:
    """The value of `function(*primals)` and its derivative in the direction `tangents`.

    Forward mode: the Jacobian times a vector, at about twice the cost of the function and
    without a tape. The function may return anything; the derivative has the structure of
    what it returns.

    primals: the positional arguments.
    tangents: one for each primal, with its structure, shapes and dtypes; None for
        arguments that are held fixed.
    has_aux: the function returns a pair; the result is then (value, derivative, aux),
        the derivative being that of the value.

    >>> import math
    >>> jvp(lambda x, y: x * math.sin(y), (2.0, 0.0), (1.0, 1.0))
    (0.0, 2.0)

    Raises `DifferentiationError` if primals and tangents do not fit together, and for
    programs that cannot be differentiated.
    """
    from symdiff.api.forward import push_forward

    return push_forward(function, primals, tangents, has_aux)


def jacfwd(
    function: _Primal, argnums: Argnums = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """The Jacobian, column by column in forward mode: for few inputs.

    For each number or array that the function returns it gives an array, shaped as the
    result and then the argument; of a number by a number, a float. Results and arguments
    may be structures: the Jacobian has the structure of the result, with that of the
    argument, or of the tuple of those in `argnums`, in place of each leaf.

    has_aux: the function returns a pair; the result is then a pair too, the Jacobian of
        the first and the second.

    >>> jacfwd(lambda x: (x * x, 3.0 * x))(2.0)
    (4.0, 3.0)
    """
    from symdiff.api.jacobian import forward_jacobian

    return forward_jacobian(function, argnums, has_aux)


def source(
    function: _Primal,
    *args: Any,
    argnums: Argnums = 0,
    has_aux: bool = False,
    text: str | None = None,
    mode: Derivative = "grad",
    unroll: bool = False,
    **kwargs: Any,
) -> str:
    """The Python code of a function's derivative, for arguments like these.

    Without arguments, kinds are taken from annotations, defaults and uses. `argnums`,
    `has_aux`, `text` and `unroll` are those of `grad`.

    mode: "grad", "value_and_grad", or "jvp" for forward mode.
    """
    if mode == "jvp":
        return stage(
            function, "source", *args, argnums=argnums, has_aux=has_aux, text=text,
            mode=mode, unroll=unroll, **kwargs,
        )  # fmt: skip
    gradient = function
    if not isinstance(gradient, Gradient):
        if text is not None:
            give_text(function, text)
        gradient = Gradient(function, argnums, mode, has_aux, unroll)
    if args or kwargs:
        gradient.specialize(*args, **kwargs)
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
    **kwargs: Any,
) -> str:
    """The listing of one stage: "ssa", "active", "adjoint", "optimised" or "source".

    "ssa" is the function itself as the list of its equations, whether or not it can be
    differentiated. Without arguments, kinds are taken as for `source`; `mode` is as there.
    In forward mode the stage "adjoint" holds the tangents.
    """
    from symdiff.api.stages import listing, request_of

    if text is not None:
        give_text(function, text)
    request = request_of(function, name, args, kwargs, argnums, has_aux, mode, unroll)
    return listing(request, name)


def check_grads(
    function: _Primal,
    args: Sequence[Any],
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
) -> None:
    """Compare the gradient of `function` at `args` with differences of its values.

    Raises `symdiff.checking.GradientMismatch`, an `AssertionError`, with a table of what
    differs.

    argnums: the parameters to check; by default all that hold floats.
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
    check(
        function, args, argnums=argnums, has_aux=has_aux, kwargs=kwargs, eps=eps,
        rtol=rtol, atol=atol, method=method, most=most,
    )  # fmt: skip


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
