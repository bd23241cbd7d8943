"""Directions among arguments, and among results, whatever their structure."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from symdiff.entries import Path
from symdiff.ir.kinds import Array, Complex, Float
from symdiff.signature import kind_of_value
from symdiff.structures import like, parts

__all__ = ["inner", "leaves", "moved", "random_like"]


def random_like(value: Any, seed: int = 0, scaled: bool = False) -> Any:
    """The same structure with normally distributed numbers for its floats, and zeros for
    its integers.

    scaled: in proportion to those that are larger than 1.
    """
    rng = np.random.default_rng(seed)

    def drawn(leaf: Any) -> Any:
        if not _is_continuous(leaf):
            return leaf * 0 if isinstance(leaf, (int, np.ndarray)) else leaf
        numbers = rng.normal(size=np.shape(leaf))
        if np.iscomplexobj(leaf):
            numbers = numbers + 1j * rng.normal(size=np.shape(leaf))
        if scaled:
            numbers = numbers * np.maximum(1.0, np.abs(leaf))
        if isinstance(leaf, np.ndarray):
            return np.asarray(numbers).astype(leaf.dtype)
        return type(leaf)(numbers)

    return _mapped(drawn, value)


def moved(value: Any, direction: Any, step: float) -> Any:
    """The value so many steps along a direction.

    >>> moved({"w": 1.0, "n": 3}, {"w": 2.0, "n": 3}, 0.5)
    {'w': 2.0, 'n': 3}
    """

    def change(at: Any, along: Any) -> Any:
        if not _is_continuous(at):
            return copy.deepcopy(at)
        result = at + step * along
        return result.astype(at.dtype) if hasattr(at, "dtype") else result

    return _mapped(change, value, direction)


def inner(first: Any, second: Any) -> float:
    """The real part of the sum of the products of the numbers of two structures.

    >>> inner((1.0, [2.0, 3.0]), (10.0, [100.0, 1000.0]))
    3210.0
    """
    products: list[complex] = []

    def multiplied(one: Any, two: Any) -> None:
        if not _is_continuous(one):
            return
        product = one * two
        products.append(product.sum() if hasattr(product, "sum") else product)

    _mapped(multiplied, first, second)
    return float(sum(products).real)


def leaves(value: Any) -> Iterator[tuple[Path, Any]]:
    """The floats and arrays of floats of a structure, and how each is reached.

    >>> list(leaves({"w": (1.0, 2)}))
    [((('key', 'w'), ('item', 0)), 1.0)]
    """
    found = parts(value, by=True)
    rows: Iterable[tuple[Any, Any]]
    if found is not None:
        rows = zip(found.steps(), found.values, strict=True)
    elif type(value) is list:
        rows = ((("item", k), item) for k, item in enumerate(value))
    else:
        if _is_continuous(value):
            yield (), value
        return
    for step, part in rows:
        for path, leaf in leaves(part):
            yield (step, *path), leaf


def _is_continuous(value: Any) -> bool:
    kind = kind_of_value(value)
    dtype = kind.dtype if isinstance(kind, Array) else ""
    return isinstance(kind, (Float, Complex)) or dtype.startswith(("float", "complex"))


def _mapped(change: Callable[..., Any], value: Any, *others: Any) -> Any:
    """A copy of a structure with what becomes of its leaves and those of others that are
    built as it is."""
    found = parts(value, by=True)
    if found is None and type(value) is list:
        return [_mapped(change, *row) for row in zip(value, *others, strict=True)]
    if found is None:
        return change(value, *others)
    alike = [found, *(parts(other, by=True) for other in others)]
    rows = zip(*(each.values for each in alike if each is not None), strict=True)
    items = [_mapped(change, *row) for row in rows]
    if found.cls in (tuple, list):
        return found.cls(items)
    if found.cls is dict:
        return dict(zip(found.keys, items, strict=True))
    if issubclass(found.cls, tuple):
        return found.cls(*items)
    return like(value, found.keys, items)
