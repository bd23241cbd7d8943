"""Jacobians column by column or row by row, each by a call of one generated function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from symdiff.api.applied import Applied, opened
from symdiff.api.argnums import (
    Argnums, Goal, describe, refusal, resolve_argnums, target_of,
)  # fmt: skip
from symdiff.api.gradient import Gradient
from symdiff.api.options import Options
from symdiff.api.reverse import Pull
from symdiff.api.trees import flat, mapped
from symdiff.derivation import Derivation, note_derivation
from symdiff.errors import DifferentiationError
from symdiff.frontend.reading.calling import takes_any_number
from symdiff.frontend.reading.source import named, unbound
from symdiff.ir.kinds import Complex, Float, Int
from symdiff.request import NotByRows
from symdiff.signature import is_array, scalar_kind

if TYPE_CHECKING:
    from symdiff.request import Mode, Target

__all__ = ["jacobian_of"]

_HOW = {
    "jacfwd": "column by column", "jacrev": "row by row",
    "jacobian": "by columns or rows, whichever are fewer",
}  # fmt: skip
_FEW = 8  # numbers whose tangents one sweep carries
# For each of the leaves of the arguments, and in it for each of the results.
Blocks = list[list[Any]]


def jacobian_of(
    function: Callable[..., Any],
    argnums: Argnums,
    form: str,
    options: Options,
) -> Callable[..., Any]:
    """See `symdiff.jacfwd`, `symdiff.jacrev` and `symdiff.jacobian`, whose name is
    `form`."""
    primal, bound = unbound(function)
    has_aux, holomorphic = options.has_aux, options.holomorphic
    target = target_of(primal, options.compile, options.fallback)
    if not takes_any_number(primal):
        resolve_argnums(primal, argnums, len(bound))
    single = not isinstance(argnums, (tuple, list))
    apart = has_aux or holomorphic or form == "jacfwd"
    in_python: set[tuple[type, ...]] = set()  # calls that Numba was found not to take
    at_once = None if apart else _AtOnce(function, argnums, options)

    def jacobian(*args: Any, **kwargs: Any) -> Any:
        if at_once is not None:
            try:
                return at_once(*args, **kwargs)
            except NotByRows:
                pass
        called, first = opened(function, len(args), tuple(kwargs))
        by = resolve_argnums(called, argnums, len(first))
        kinds = _kinds(args, kwargs) if options.fallback else ()
        suits: Target = "python" if kinds in in_python else target
        call = _Call(called, by, has_aux, (*first, *args), kwargs, holomorphic, suits)
        try:
            still, aux, primals, blocks = _WAYS[form](call)
        except DifferentiationError:
            if not options.fallback:
                raise
            still, aux, primals, blocks = _WAYS[form](call._replace(target="python"))
            in_python.add(kinds)
        found = _arranged(still, primals, blocks, single)
        return (found, aux) if has_aux else found

    jacobian.__name__ = jacobian.__qualname__ = f"{named(primal.__name__)}_{form}"
    jacobian.__doc__ = f"Jacobian of {primal.__name__}, {_HOW[form]}."
    jacobian.__module__ = primal.__module__
    jacobian.__wrapped__ = function  # type: ignore[attr-defined]
    note_derivation(jacobian, Derivation(function, form, argnums, has_aux, holomorphic))
    return jacobian


class _AtOnce:
    """The Jacobian of a function of few numbers as one generated function.

    Raises `NotByRows` for any other call.
    """

    def __init__(
        self, function: Callable[..., Any], argnums: Argnums, options: Options
    ) -> None:
        self._refused: set[tuple[type, ...]] = set()
        self._rows: Gradient | None = None
        if not takes_any_number(unbound(function)[0]):
            self._rows = Gradient(function, argnums, "jacrev", options)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._rows is None:
            raise NotByRows
        if self._refused:
            if _kinds(args, kwargs) in self._refused:
                raise NotByRows
        try:
            return self._rows(*args, **kwargs)
        except NotByRows:
            self._refused.add(_kinds(args, kwargs))
            raise


def _kinds(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[type, ...]:
    return tuple(map(type, (*args, *kwargs.values())))


Found = tuple[Any, Any, tuple[Any, ...], Blocks]


class _Call(NamedTuple):
    """What a Jacobian is asked for, and where."""

    function: Any
    by: tuple[int, ...]
    has_aux: bool
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    holomorphic: bool
    target: Target

    @property
    def few(self) -> bool:
        """Whether the arguments are numbers that one sweep carries the tangents of."""
        return len(self.by) <= _FEW and all(
            k < len(self.args) and type(self.args[k]) in (float, int) for k in self.by
        )

    def goal(self, mode: Mode) -> Goal:
        return Goal(mode, self.by, False, self.has_aux, target=self.target)

    def push(self) -> Applied:
        goal = self.goal("jvp")
        return Applied(self.function, goal, self.args, self.kwargs)

    def pull(self) -> Pull:
        goal = self.goal("vjp")
        return Pull(self.function, goal, self.args, self.kwargs)


def _by_columns(call: _Call) -> Found:
    if call.few and not call.holomorphic:
        sweep = Applied(call.function, call.goal("jacfwd"), call.args, call.kwargs)
        still, dots, *aux = sweep()
        primals = tuple(sweep.primals.values())
        return still, aux[0] if aux else None, primals, [flat(each) for each in dots]
    push = call.push()
    whole = tuple(push.primals.values())
    inputs = flat(whole)
    if not call.holomorphic:
        _check_field(call.function, "jacfwd", inputs, "takes")
    zeros = [_zero(leaf) for leaf in inputs]

    def column(place: int, dot: Any) -> list[Any]:
        """The tangents of the results when one input has a tangent."""
        dots = iter([*zeros[:place], dot, *zeros[place + 1 :]])
        return flat(push(*mapped(lambda _: next(dots), whole))[1])

    _, still, *aux = push(*mapped(_zero, whole))
    results = flat(still)
    if call.holomorphic:
        _check_holomorphic(call.function, inputs, results)
    blocks: Blocks = []
    for place, leaf in enumerate(inputs):
        columns = [column(place, dot) for dot in _one_hot(leaf)]
        kept = enumerate(results)
        blocks.append([_block([c[k] for c in columns], leaf, out, -1) for k, out in kept])
    return still, aux[0] if aux else None, whole, blocks


def _by_rows(call: _Call) -> Found:
    pull = call.pull()
    whole = tuple(pull.primals.values())
    inputs, results = flat(whole), flat(pull.value)
    if call.holomorphic:
        _check_holomorphic(call.function, inputs, results)
    else:
        _check_field(call.function, "jacrev", results, "returns")
    zeros = [_zero(leaf) for leaf in results]

    def row(place: int, bar: Any) -> list[Any]:
        """The adjoints of the inputs when one result has an adjoint."""
        bars = iter([*zeros[:place], bar, *zeros[place + 1 :]])
        return flat(pull(mapped(lambda _: next(bars), pull.value)))

    blocks: Blocks = [[] for _ in inputs]
    for place, out in enumerate(results):
        rows = [row(place, bar) for bar in _one_hot(out)]
        for k, leaf in enumerate(inputs):
            blocks[k].append(_block([r[k] for r in rows], leaf, out, 0))
    return pull.value, pull.aux, whole, blocks


def _by_fewer(call: _Call) -> Found:
    if not call.few:
        try:
            pull = call.pull()
        except DifferentiationError:  # a rule of the user's may be for one mode only
            return _by_columns(call)
        inputs, results = flat(tuple(pull.primals.values())), flat(pull.value)
        if not call.holomorphic and any(map(_is_complex, inputs + results)):
            return (_by_rows if any(map(_is_complex, inputs)) else _by_columns)(call)
        if sum(map(_count, inputs)) > sum(map(_count, results)):
            return _by_rows(call)
    try:
        return _by_columns(call)
    except DifferentiationError:
        return _by_rows(call)


_WAYS: dict[str, Callable[..., Found]] = {
    "jacfwd": _by_columns, "jacrev": _by_rows, "jacobian": _by_fewer,
}  # fmt: skip


def _arranged(still: Any, primals: tuple[Any, ...], blocks: Blocks, single: bool) -> Any:
    """The structure of the result with that of the arguments in place of each leaf."""
    numbers = iter(range(len(flat(still))))

    def at_result(_: Any) -> Any:
        k = next(numbers)
        row = iter([of_input[k] for of_input in blocks])
        found = mapped(lambda _: next(row), primals)
        return found[0] if single else found

    return mapped(at_result, still)


def _has_derivative(leaf: Any) -> bool:
    if is_array(leaf):
        return bool(leaf.dtype.kind in "fc")
    number = scalar_kind(type(leaf))
    return isinstance(number, (Float, Int, Complex))


def _is_complex(leaf: Any) -> bool:
    return _has_derivative(leaf) and np.iscomplexobj(leaf)


def _check_field(function: Any, form: str, leaves: list[Any], what: str) -> None:
    """Refuse what has no derivative that one complex number per entry tells."""
    if any(map(_is_complex, leaves)):
        message = (
            f"{describe(function)} {what} complex numbers, and `{form}` needs real ones"
        )
        help = "pass holomorphic=True for a holomorphic function, or see docs/complex.md"
        raise refusal(function, message, help)


def _check_holomorphic(function: Any, inputs: list[Any], results: list[Any]) -> None:
    leaves = [leaf for leaf in (*inputs, *results) if _has_derivative(leaf)]
    if not all(map(_is_complex, leaves)):
        message = f"{describe(function)} does not map complex numbers to complex numbers"
        raise refusal(function, message, "leave out holomorphic=True")


def _count(leaf: Any) -> int:
    return int(np.size(leaf)) if _has_derivative(leaf) else 0


def _zero(leaf: Any) -> Any:
    """No change of a value; what has no tangent stays as it is."""
    if not _has_derivative(leaf):
        return leaf
    return np.zeros_like(leaf) if is_array(leaf) else _type_of(leaf)(0.0)


def _type_of(number: Any) -> type:
    return type(number) if isinstance(number, (np.inexact, complex)) else float


def _one_hot(leaf: Any) -> Iterator[Any]:
    """The tangents of a value with one entry of 1, all others 0."""
    if not is_array(leaf):
        if _has_derivative(leaf):
            yield _type_of(leaf)(1.0)
        return
    if not _has_derivative(leaf):
        return
    for place in range(leaf.size):
        dot = np.zeros(leaf.size, leaf.dtype)
        dot[place] = 1.0
        yield dot.reshape(leaf.shape)


def _block(found: list[Any], leaf: Any, result: Any, axis: int) -> Any:
    """The derivatives of one result by one input, from those by its entries (`axis` -1)
    or of the result's (`axis` 0): an array shaped as both together; None where there are
    none."""
    if not _has_derivative(leaf) or not _has_derivative(result):
        return None
    inner, outer = np.shape(leaf), np.shape(result)
    if not inner and not outer:
        return found[0]
    if not found:
        return np.zeros(outer + inner, np.asarray(result).dtype)
    return np.stack(found, axis=axis).reshape(outer + inner)
