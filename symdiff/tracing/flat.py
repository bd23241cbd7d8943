"""Values as vectors: what a list, a tuple or an array holds, number by number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

__all__ = ["filled", "flat"]


def flat(value: Any) -> Any:
    """The real numbers that a value holds, as one vector; a `TypeError` if it holds
    anything else.

    >>> flat([1.0, (2.0, np.array([[3.0, 4.0]]))]).tolist()
    [1.0, 2.0, 3.0, 4.0]
    """
    pieces = [np.ravel(leaf) for leaf in _leaves(value)]
    return np.concatenate(pieces) if pieces else np.zeros(0)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _leaves(item)
    elif np.result_type(value).kind in "fiub":
        yield value
    else:
        raise TypeError(f"{type(value).__name__} is not a real number")


def filled(form: Any, vector: Any) -> Any:
    """A value of the form of another with the numbers of a vector.

    >>> filled([1.0, (2.0, 3.0)], np.array([4.0, 5.0, 6.0]))
    [4.0, (5.0, 6.0)]
    """
    if isinstance(form, (list, tuple)):
        items, start = [], 0
        for item in form:
            size = len(flat(item))
            items.append(filled(item, vector[start : start + size]))
            start += size
        return items if isinstance(form, list) else tuple(items)
    if isinstance(form, np.ndarray):
        return vector.reshape(form.shape).astype(form.dtype, copy=False)
    return float(vector[0])
