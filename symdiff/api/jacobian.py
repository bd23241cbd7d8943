"""`jacfwd`: Jacobians column by column, each by a call of one generated function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from symdiff.api.argnums import Argnums, Goal, resolve_argnums
from symdiff.api.forward import Push
from symdiff.api.trees import flat, mapped
from symdiff.frontend.calling import caller_with, takes_any_number
from symdiff.frontend.source import named, unbound
from symdiff.ir.kinds import Float, Int
from symdiff.signature import is_array, scalar_kind

__all__ = ["forward_jacobian"]


def forward_jacobian(
    function: Callable[..., Any], argnums: Argnums, has_aux: bool
) -> Callable[..., Any]:
    """See `symdiff.jacfwd`."""
    primal, bound = unbound(function)
    any_number = takes_any_number(primal)
    if not any_number:
        resolve_argnums(primal, argnums, len(bound))
    single = not isinstance(argnums, (tuple, list))

    def jacobian(*args: Any, **kwargs: Any) -> Any:
        called, first = primal, bound
        if any_number:
            called, first = caller_with(function, len(args), tuple(kwargs)), ()
        by = resolve_argnums(called, argnums, len(first))
        push = Push(called, Goal("jvp", by, False, has_aux), (*first, *args), kwargs)
        found, rest = _jacobian(push, single)
        return (found, *rest) if has_aux else found

    jacobian.__name__ = jacobian.__qualname__ = f"{named(primal.__name__)}_jacfwd"
    jacobian.__doc__ = f"Jacobian of {primal.__name__}, column by column."
    jacobian.__module__ = primal.__module__
    jacobian.__wrapped__ = function  # type: ignore[attr-defined]
    return jacobian


def _jacobian(push: Push, single: bool) -> tuple[Any, tuple[Any, ...]]:
    """The Jacobian, and what the function returns beside the value."""
    whole = tuple(push.primals.values())
    inputs = flat(whole)
    zeros = [_zero(leaf) for leaf in inputs]

    def column(place: int, dot: Any) -> list[Any]:
        """The tangents of the results when one input has a tangent."""
        dots = iter([*zeros[:place], dot, *zeros[place + 1 :]])
        return flat(push(mapped(lambda _: next(dots), whole))[1])

    _, still, *rest = push(mapped(_zero, whole))
    results = flat(still)
    blocks: list[list[Any]] = []  # by input, then by result
    for place, leaf in enumerate(inputs):
        columns = [column(place, dot) for dot in _one_hot(leaf)]
        kept = enumerate(results)
        blocks.append([_block([c[k] for c in columns], leaf, out) for k, out in kept])
    numbers = iter(range(len(results)))

    def at_result(_: Any) -> Any:
        k = next(numbers)
        row = iter([of_input[k] for of_input in blocks])
        found = mapped(lambda _: next(row), whole)
        return found[0] if single else found

    return mapped(at_result, still), tuple(rest)


def _is_real(leaf: Any) -> bool:
    if is_array(leaf):
        return bool(leaf.dtype.kind == "f")
    number = scalar_kind(type(leaf))
    return isinstance(number, (Float, Int))


def _zero(leaf: Any) -> Any:
    """No change of an input; what has no tangent stays as it is."""
    if not _is_real(leaf):
        return leaf
    return np.zeros_like(leaf) if is_array(leaf) else _float_of(leaf)(0.0)


def _float_of(number: Any) -> type:
    return type(number) if isinstance(number, np.floating) else float


def _one_hot(leaf: Any) -> Iterator[Any]:
    """The tangents of an input with one entry of 1, all others 0."""
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


def _block(columns: list[Any], leaf: Any, result: Any) -> Any:
    """The derivatives of one result by one input: an array shaped as both together; None
    where there are none."""
    if not _is_real(leaf) or not _is_real(result):
        return None
    inner, outer = np.shape(leaf), np.shape(result)
    if not inner and not outer:
        return columns[0]
    if not columns:
        return np.zeros(outer + inner, np.asarray(result).dtype)
    return np.stack(columns, axis=-1).reshape(outer + inner)
