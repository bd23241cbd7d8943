"""The functions that users call.

`import symdiff` comes this far; what a call needs is loaded by the first call, and the
generator by the first one that is not served from a cache.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

from symdiff.api.argnums import Argnums
from symdiff.api.declaring import (
    implicit, nondifferentiable, primitives, rule, rule_of,
)  # fmt: skip
from symdiff.api.gradient import Gradient
from symdiff.declared import stop_gradient
from symdiff.derivation import checkpoint, operator
from symdiff.frontend.source import give_text

if TYPE_CHECKING:
    from symdiff.algebra.symbolic import Symbolic
    from symdiff.api.batch import Batched
    from symdiff.api.elimination import Elimination
    from symdiff.request import Mode, Order
    from symdiff.tracing.graph import Graph
    from symdiff.tracing.system import System
    from symdiff.tracing.trace import Trace

__all__ = [
    "Gradient", "batched", "check_grads", "checkpoint", "eliminate", "grad", "graph",
    "hessian", "hvp", "implicit", "jacfwd", "jacobian", "jacrev", "jvp",
    "nondifferentiable",
    "primitives", "rule", "rule_of", "source", "stage", "stop_gradient", "symbolic",
    "system", "trace", "value_and_grad", "vjp",
]  # fmt: skip

_Primal = Callable[..., Any]
Derivative = Literal["grad", "value_and_grad", "jvp", "vjp", "jacobian"]


@overload
def grad(
    function: _Primal,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    text: str | None = None,
    unroll: bool = False,
    indicators: bool = False,
) -> Gradient: ...
@overload
def grad(
    function: None = None,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    text: str | None = None,
    unroll: bool = False,
    indicators: bool = False,
) -> Callable[[_Primal], Gradient]: ...
@operator
def grad(
    function: _Primal | None = None,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    text: str | None = None,
    unroll: bool = False,
    indicators: bool = False,
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
    indicators: write branches as sums over both sides, y = 1[c] * a + (1 - 1[c]) * b. Both
        sides are computed; one that may fail, has effects or holds a loop is refused.

    Also a decorator: `@grad`, `@grad(argnums=("x", "c"))`.
    """
    return _derivative(function, argnums, "grad", has_aux, text, unroll, indicators)


@overload
def value_and_grad(
    function: _Primal,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    text: str | None = None,
    unroll: bool = False,
    indicators: bool = False,
) -> Gradient: ...
@overload
def value_and_grad(
    function: None = None,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    text: str | None = None,
    unroll: bool = False,
    indicators: bool = False,
) -> Callable[[_Primal], Gradient]: ...
@operator
def value_and_grad(
    function: _Primal | None = None,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    text: str | None = None,
    unroll: bool = False,
    indicators: bool = False,
) -> Gradient | Callable[[_Primal], Gradient]:
    """As `grad`, but the result is a pair: the function's value and its gradient.

    With `has_aux` it is ((value, aux), gradient).
    """
    return _derivative(
        function, argnums, "value_and_grad", has_aux, text, unroll, indicators
    )


@functools.lru_cache(256)
def _kept_gradient(function: _Primal, argnums: Argnums) -> Gradient:
    """A gradient that is kept: what is generated for it is found again."""
    return grad(function, argnums)


def _derivative(
    function: _Primal | None,
    argnums: Argnums,
    mode: Mode,
    has_aux: bool,
    text: str | None,
    unroll: bool,
    indicators: bool,
) -> Gradient | Callable[[_Primal], Gradient]:
    def decorate(function: _Primal) -> Gradient:
        if text is not None:
            give_text(function, text)
        return Gradient(function, argnums, mode, has_aux, unroll, indicators)

    return decorate if function is None else decorate(function)


@operator
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


@operator
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
    from symdiff.api.jacobian import jacobian_of

    return jacobian_of(function, argnums, has_aux, "jacfwd")


@operator
def jacrev(
    function: _Primal, argnums: Argnums = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """The Jacobian, row by row in reverse mode: for few results. As `jacfwd` else.

    >>> jacrev(lambda x: x[0] * x[1])((2.0, 3.0))
    (3.0, 2.0)
    """
    from symdiff.api.jacobian import jacobian_of

    return jacobian_of(function, argnums, has_aux, "jacrev")


@operator
def jacobian(
    function: _Primal, argnums: Argnums = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """The Jacobian: `jacfwd` where there are no more inputs than results, else `jacrev`."""
    from symdiff.api.jacobian import jacobian_of

    return jacobian_of(function, argnums, has_aux, "jacobian")


@operator
def hessian(
    function: _Primal, argnums: Argnums = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """The second derivatives of a function that returns one number: the Jacobian of its
    gradient, forward over reverse.

    Of an array of shape s the result is an array of shape s + s; of structures, the
    structure of the argument with that of the argument in place of each leaf.

    has_aux: as for `grad`; the result is then a pair, the Hessian and the rest.

    >>> hessian(lambda x: x[0] ** 2 * x[1])((2.0, 3.0))
    ((6.0, 4.0), (4.0, 0.0))

    Raises `DifferentiationError` for programs that cannot be differentiated twice.
    """
    return jacfwd(grad(function, argnums, has_aux), argnums, has_aux)


@operator
def hvp(
    function: _Primal, primals: Sequence[Any], tangents: Sequence[Any]
) -> tuple[Any, ...]:
    """The Hessian of a function that returns one number times a vector, at about the cost
    of two gradients and without the matrix: forward over reverse.

    primals, tangents: as for `jvp`. The result has an item for each primal, shaped as it:
    the change of the gradient by that primal in the direction `tangents`; None for what
    is held fixed.

    >>> hvp(lambda x, y: x * x * y, (2.0, 3.0), (1.0, 0.0))
    (6.0, 4.0)
    """
    by = tuple(k for k, dot in enumerate(tangents) if dot is not None)
    # Other callables may be equal without being the same.
    made = _kept_gradient if isinstance(function, types.FunctionType) else grad
    _, changes = jvp(made(function, by or 0), primals, tangents)
    found = dict(zip(by, changes, strict=True))
    return tuple(found.get(k) for k in range(len(primals)))


@operator
def vjp(function: _Primal, *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """The value of `function(*primals)`, and the function that takes an adjoint of it to
    the adjoints of the arguments.

    Reverse mode: the transposed Jacobian times a vector. The function may return anything;
    the adjoint has the structure, shapes and dtypes of what it returns. What comes back is
    a tuple with an item for each argument, shaped as it; None for one that holds no
    floats.

    has_aux: the function returns a pair; the result is then (value, pullback, aux).

    >>> value, pullback = vjp(lambda x, y: (x * y, x + y), 2.0, 3.0)
    >>> value, pullback((1.0, 10.0))
    ((6.0, 5.0), (13.0, 12.0))

    Raises `DifferentiationError` for programs that cannot be differentiated, and if the
    adjoint does not fit the value.
    """
    from symdiff.api.reverse import pull_back

    return pull_back(function, primals, has_aux)


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
        an adjoint of the result, or "jacobian" for `eliminate`.
    """
    if mode in ("jvp", "vjp", "jacobian"):
        return stage(
            function, "source", *args, argnums=argnums, has_aux=has_aux, text=text,
            mode=mode, unroll=unroll, indicators=indicators, **kwargs,
        )  # fmt: skip
    gradient = function
    if not isinstance(gradient, Gradient):
        if text is not None:
            give_text(function, text)
        gradient = Gradient(function, argnums, mode, has_aux, unroll, indicators)
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
    indicators: bool = False,
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
    request = request_of(
        function, name, args, kwargs, argnums, has_aux, mode, unroll, indicators
    )
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
    >>> batched(grad(lambda x: x * x if x > 0 else -x))(numpy.array([3.0, -1.0])).tolist()
    [6.0, -1.0]
    """
    from symdiff.api.batch import Batched

    return Batched(function)
