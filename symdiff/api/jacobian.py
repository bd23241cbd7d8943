"""Jacobians column by column or row by row, each by a call of one generated function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from symdiff.api.applied import Applied, opened
from symdiff.api.argnums import Argnums, Goal, resolve_argnums
from symdiff.api.gradient import Gradient
from symdiff.api.reverse import Pull
from symdiff.api.trees import flat, mapped
from symdiff.derivation import Derivation, note_derivation
from symdiff.errors import DifferentiationError
from symdiff.frontend.calling import takes_any_number
from symdiff.frontend.source import named, unbound
from symdiff.ir.kinds import Float, Int
from symdiff.request import NotByRows
from symdiff.signature import is_array, scalar_kind

__all__ = ["jacobian_of"]

_HOW = {
    "jacfwd": "column by column", "jacrev": "row by row",
    "jacobian": "by columns or rows, whichever are fewer",
}  # fmt: skip
_FEW = 8  # numbers whose tangents one sweep carries
# For each of the leaves of the arguments, and in it for each of the results.
Blocks = list[list[Any]]


def jacobian_of(
    function: Callable[..., Any], argnums: Argnums, has_aux: bool, form: str
) -> Callable[..., Any]:
    """See `symdiff.jacfwd`, `symdiff.jacrev` and `symdiff.jacobian`, whose name is
    `form`."""
    primal, bound = unbound(function)
    if not takes_any_number(primal):
        resolve_argnums(primal, argnums, len(bound))
    single = not isinstance(argnums, (tuple, list))
    at_once = None if has_aux or form == "jacfwd" else _AtOnce(function, argnums)

    def jacobian(*args: Any, **kwargs: Any) -> Any:
        if at_once is not None:
            try:
                return at_once(*args, **kwargs)
            except NotByRows:
                pass
        called, first = opened(function, len(args), tuple(kwargs))
        by = resolve_argnums(called, argnums, len(first))
        call = called, by, has_aux, (*first, *args), kwargs
        still, aux, primals, blocks = _WAYS[form](*call)
        found = _arranged(still, primals, blocks, single)
        return (found, aux) if has_aux else found

    jacobian.__name__ = jacobian.__qualname__ = f"{named(primal.__name__)}_{form}"
    jacobian.__doc__ = f"Jacobian of {primal.__name__}, {_HOW[form]}."
    jacobian.__module__ = primal.__module__
    jacobian.__wrapped__ = function  # type: ignore[attr-defined]
    note_derivation(jacobian, Derivation(function, form, argnums, has_aux))
    return jacobian


class _AtOnce:
    """The Jacobian of a function of few numbers as one generated function.

    Raises `NotByRows` for any other call.
    """

    def __init__(self, function: Callable[..., Any], argnums: Argnums) -> None:
        self._refused: set[tuple[type, ...]] = set()
        self._rows: Gradient | None = None
        if not takes_any_number(unbound(function)[0]):
            self._rows = Gradient(function, argnums, "jacrev")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._rows is None:
            raise NotByRows
        if self._refused:
            kinds = tuple(map(type, (*args, *kwargs.values())))
            if kinds in self._refused:
                raise NotByRows
        try:
            return self._rows(*args, **kwargs)
        except NotByRows:
            self._refused.add(tuple(map(type, (*args, *kwargs.values()))))
            raise


Found = tuple[Any, Any, tuple[Any, ...], Blocks]


def _by_columns(
    function: Any, by: tuple[int, ...], has_aux: bool, args: Any, kwargs: Any
) -> Found:
    if _are_few(by, args):
        sweep = Applied(function, Goal("jacfwd", by, False, has_aux), args, kwargs)
        still, dots, *aux = sweep()
        primals = tuple(sweep.primals.values())
        return still, aux[0] if aux else None, primals, [flat(each) for each in dots]
    push = Applied(function, Goal("jvp", by, False, has_aux), args, kwargs)
    whole = tuple(push.primals.values())
    inputs = flat(whole)
    zeros = [_zero(leaf) for leaf in inputs]

    def column(place: int, dot: Any) -> list[Any]:
        """The tangents of the results when one input has a tangent."""
        dots = iter([*zeros[:place], dot, *zeros[place + 1 :]])
        return flat(push(*mapped(lambda _: next(dots), whole))[1])

    _, still, *aux = push(*mapped(_zero, whole))
    results = flat(still)
    blocks: Blocks = []
    for place, leaf in enumerate(inputs):
        columns = [column(place, dot) for dot in _one_hot(leaf)]
        kept = enumerate(results)
        blocks.append([_block([c[k] for c in columns], leaf, out, -1) for k, out in kept])
    return still, aux[0] if aux else None, whole, blocks


def _are_few(by: tuple[int, ...], args: Any) -> bool:
    """Whether the arguments are numbers that one sweep carries the tangents of."""
    return len(by) <= _FEW and all(
        k < len(args) and type(args[k]) in (float, int) for k in by
    )


def _by_rows(
    function: Any, by: tuple[int, ...], has_aux: bool, args: Any, kwargs: Any
) -> Found:
    pull = Pull(function, Goal("vjp", by, False, has_aux), args, kwargs)
    whole = tuple(pull.primals.values())
    inputs, results = flat(whole), flat(pull.value)
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


def _by_fewer(
    function: Any, by: tuple[int, ...], has_aux: bool, args: Any, kwargs: Any
) -> Found:
    call = function, by, has_aux, args, kwargs
    if not _are_few(by, args):
        try:
            pull = Pull(function, Goal("vjp", by, False, has_aux), args, kwargs)
        except DifferentiationError:  # a rule of the user's may be for one mode only
            return _by_columns(*call)
        inputs = sum(map(_count, flat(tuple(pull.primals.values()))))
        if inputs > sum(map(_count, flat(pull.value))):
            return _by_rows(*call)
    try:
        return _by_columns(*call)
    except DifferentiationError:
        return _by_rows(*call)


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


def _is_real(leaf: Any) -> bool:
    if is_array(leaf):
        return bool(leaf.dtype.kind == "f")
    number = scalar_kind(type(leaf))
    return isinstance(number, (Float, Int))


def _count(leaf: Any) -> int:
    return int(np.size(leaf)) if _is_real(leaf) else 0


def _zero(leaf: Any) -> Any:
    """No change of a value; what has no tangent stays as it is."""
    if not _is_real(leaf):
        return leaf
    return np.zeros_like(leaf) if is_array(leaf) else _float_of(leaf)(0.0)


def _float_of(number: Any) -> type:
    return type(number) if isinstance(number, np.floating) else float


def _one_hot(leaf: Any) -> Iterator[Any]:
    """The tangents of a value with one entry of 1, all others 0."""
    if not is_array(leaf):
        if _is_real(leaf):
            yield _float_of(leaf)(1.0)
        return
    if not _is_real(leaf):
        return
    for place in range(leaf.size):
        dot = np.zeros(leaf.size, leaf.dtype)
        dot[place] = 1.0
        yield dot.reshape(leaf.shape)


def _block(found: list[Any], leaf: Any, result: Any, axis: int) -> Any:
    """The derivatives of one result by one input, from those by its entries (`axis` -1)
    or of the result's (`axis` 0): an array shaped as both together; None where there are
    none."""
    if not _is_real(leaf) or not _is_real(result):
        return None
    inner, outer = np.shape(leaf), np.shape(result)
    if not inner and not outer:
        return found[0]
    if not found:
        return np.zeros(outer + inner, np.asarray(result).dtype)
    return np.stack(found, axis=axis).reshape(outer + inner)
