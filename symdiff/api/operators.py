"""The operators: functions that make derivatives, or compute them."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Unpack, overload

from symdiff.api.argnums import Argnums
from symdiff.api.gradient import Gradient
from symdiff.api.options import Blocks, Keywords, Options, options
from symdiff.derivation import operator
from symdiff.frontend.reading.source import give_text

if TYPE_CHECKING:
    from symdiff.request import Compiler, Fallback, Mode, Sweep

__all__ = [
    "grad", "hessian", "hvp", "jacfwd", "jacobian", "jacrev", "jvp", "value_and_grad",
    "vjp",
]  # fmt: skip

_Primal = Callable[..., Any]


@overload
def grad(
    function: _Primal,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    text: str | None = None,
    **asked: Unpack[Keywords],
) -> Gradient: ...
@overload
def grad(
    function: None = None,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    text: str | None = None,
    **asked: Unpack[Keywords],
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
    mode: Sweep | None = None,
    compile: Compiler | None = None,
    fallback: Fallback | None = None,
    checkpoint: Blocks = (),
    holomorphic: bool = False,
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
    mode: "reverse" or "forward". Where nothing is said it is the one that takes less time:
        forward mode by up to four floats if the program has a loop, whose rounds reverse
        mode would record; the docstring of the generated code says so. Forward mode takes
        a tangent per number, so it takes numbers only, as floats or in structures.
    checkpoint: for loops too long to record: into how many blocks to cut an outermost loop.
        The state at the start of each block is kept, and the block is run again in the
        reverse sweep. A tuple cuts blocks into blocks; True is the root of the number of
        rounds. "10 states" or "64 MB" is what may be kept at a time, with as few rounds
        run again as can be. See `docs/checkpoints.md`.
    indicators: write branches as sums over both sides, y = 1[c] * a + (1 - 1[c]) * b. Both
        sides are computed; one that may fail, has effects or holds a loop is refused.
    compile: "numba" has the code compiled when it is first called with arguments of
        their types; `specialize` then gives a function that `numba.njit` code may call.
    fallback: "python" runs what Numba cannot compile in Python; without it, that is
        refused.
    holomorphic: the function is a holomorphic one from complex numbers to a complex
        number, whose derivative is given. Without it the result has to be real; of a
        complex argument z = x + iy the gradient is then df/dx - i df/dy (docs/complex.md).

    Also a decorator: `@grad`, `@grad(argnums=("x", "c"))`.
    """
    chosen = options(
        has_aux,
        Keywords(
            unroll=unroll, indicators=indicators, mode=mode, compile=compile,
            fallback=fallback, checkpoint=checkpoint, holomorphic=holomorphic,
        ),
    )  # fmt: skip
    return _derivative(function, argnums, "grad", text, chosen)


@overload
def value_and_grad(
    function: _Primal,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    text: str | None = None,
    **asked: Unpack[Keywords],
) -> Gradient: ...
@overload
def value_and_grad(
    function: None = None,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    text: str | None = None,
    **asked: Unpack[Keywords],
) -> Callable[[_Primal], Gradient]: ...
@operator
def value_and_grad(
    function: _Primal | None = None,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    text: str | None = None,
    **asked: Unpack[Keywords],
) -> Gradient | Callable[[_Primal], Gradient]:
    """As `grad`, but the result is a pair: the function's value and its gradient.

    With `has_aux` it is ((value, aux), gradient). It takes the keywords of `grad`.
    """
    chosen = options(has_aux, asked)
    return _derivative(function, argnums, "value_and_grad", text, chosen)


@functools.lru_cache(256)
def _kept_gradient(function: _Primal, argnums: Argnums) -> Gradient:
    """A gradient that is kept: what is generated for it is found again."""
    return grad(function, argnums)


def _derivative(
    function: _Primal | None,
    argnums: Argnums,
    form: Mode,
    text: str | None,
    chosen: Options,
) -> Gradient | Callable[[_Primal], Gradient]:
    def decorate(function: _Primal) -> Gradient:
        if text is not None:
            give_text(function, text)
        return Gradient(function, argnums, form, chosen)

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
    function: _Primal,
    argnums: Argnums = 0,
    has_aux: bool = False,
    holomorphic: bool = False,
    *,
    compile: Compiler | None = None,
    fallback: Fallback | None = None,
) -> Callable[..., Any]:
    """The Jacobian, column by column in forward mode: for few inputs.

    For each number or array that the function returns it gives an array, shaped as the
    result and then the argument; of a number by a number, a float. Results and arguments
    may be structures: the Jacobian has the structure of the result, with that of the
    argument, or of the tuple of those in `argnums`, in place of each leaf.

    has_aux: the function returns a pair; the result is then a pair too, the Jacobian of
        the first and the second.
    holomorphic: as for `grad`. Without it `jacfwd` takes real arguments only, and `jacrev`
        real results: both may have the other complex.
    compile, fallback: as for `grad`.

    >>> jacfwd(lambda x: (x * x, 3.0 * x))(2.0)
    (4.0, 3.0)
    """
    from symdiff.api.jacobian import jacobian_of

    asked = Options(has_aux, holomorphic=holomorphic, compile=compile, fallback=fallback)
    return jacobian_of(function, argnums, "jacfwd", asked)


@operator
def jacrev(
    function: _Primal,
    argnums: Argnums = 0,
    has_aux: bool = False,
    holomorphic: bool = False,
    *,
    compile: Compiler | None = None,
    fallback: Fallback | None = None,
) -> Callable[..., Any]:
    """The Jacobian, row by row in reverse mode: for few results. As `jacfwd` else.

    >>> jacrev(lambda x: x[0] * x[1])((2.0, 3.0))
    (3.0, 2.0)
    """
    from symdiff.api.jacobian import jacobian_of

    asked = Options(has_aux, holomorphic=holomorphic, compile=compile, fallback=fallback)
    return jacobian_of(function, argnums, "jacrev", asked)


@operator
def jacobian(
    function: _Primal,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    sparse: bool = False,
    pattern: Any = None,
    holomorphic: bool = False,
    compile: Compiler | None = None,
    fallback: Fallback | None = None,
) -> Callable[..., Any]:
    """The Jacobian: `jacfwd` where there are no more inputs than results, else `jacrev`.

    sparse: for an array by an array the result is a `scipy.sparse.csr_array` with a row for
        each entry of the result and a column for each of the argument. The pattern is
        found by probing at the first call; columns that share no row are computed at once.
        Each call is checked by one further product: see `docs/sparse.md`.
    pattern: a matrix, sparse or not, that is not zero where the Jacobian may be.
    compile, fallback: as for `grad`; no sparse Jacobian is compiled.

    Raises `ImportError` if it is to be sparse, without SciPy.
    """
    if sparse or pattern is not None:
        if compile or fallback:
            raise ValueError("compile= is for Jacobians that are not sparse")
        from symdiff.api.sparse import SparseJacobian

        return SparseJacobian(function, argnums, has_aux, pattern)
    from symdiff.api.jacobian import jacobian_of

    asked = Options(has_aux, holomorphic=holomorphic, compile=compile, fallback=fallback)
    return jacobian_of(function, argnums, "jacobian", asked)


@operator
def hessian(
    function: _Primal,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    sparse: bool = False,
    pattern: Any = None,
    holomorphic: bool = False,
    compile: Compiler | None = None,
    fallback: Fallback | None = None,
) -> Callable[..., Any]:
    """The second derivatives of a function that returns one number: the Jacobian of its
    gradient, forward over reverse.

    Of an array of shape s the result is an array of shape s + s; of structures, the
    structure of the argument with that of the argument in place of each leaf.

    has_aux: as for `grad`; the result is then a pair, the Hessian and the rest.
    sparse, pattern, compile, fallback: as for `jacobian`.
    holomorphic: as for `grad`; without it the arguments are real.

    >>> hessian(lambda x: x[0] ** 2 * x[1])((2.0, 3.0))
    ((6.0, 4.0), (4.0, 0.0))

    Raises `DifferentiationError` for programs that cannot be differentiated twice.
    """
    gradient = grad(function, argnums, has_aux, holomorphic=holomorphic)
    if sparse or pattern is not None:
        return jacobian(
            gradient, argnums, has_aux, sparse=True, pattern=pattern, compile=compile,
            fallback=fallback,
        )  # fmt: skip
    asked = argnums, has_aux, holomorphic
    return jacfwd(gradient, *asked, compile=compile, fallback=fallback)


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
