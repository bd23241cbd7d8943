"""Text of the few functions that generated code may bring along."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["HELPERS", "Helper"]


class Helper(NamedTuple):
    """`text` is a template: `{numpy}` is the alias of that module."""

    text: str
    modules: tuple[str, ...]


_UNBROADCAST = '''\
def _unbroadcast(g, x):
    """Sum g over the axes along which x was broadcast, so that it gets x's shape."""
    shape = {numpy}.shape(x)
    added = {numpy}.ndim(g) - len(shape)
    stretched = tuple(added + axis for axis, n in enumerate(shape) if n == 1)
    g = {numpy}.sum(g, axis=stretched, keepdims=True)
    return g.sum(axis=tuple(range(added)))
'''

HELPERS = {"_unbroadcast": Helper(_UNBROADCAST, ("numpy",))}
