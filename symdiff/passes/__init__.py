"""Passes: `Function -> Function`, pure and near-linear."""

from __future__ import annotations

from symdiff.ir.core import Function
from symdiff.passes.branches import fuse_branches
from symdiff.passes.cse import cse
from symdiff.passes.dead import dead
from symdiff.passes.factor import factor
from symdiff.passes.inplace import inplace
from symdiff.passes.products import products
from symdiff.passes.simplify import fold, fold_exact, simplify
from symdiff.passes.stores import stores

__all__ = [
    "cse", "dead", "factor", "fold", "fold_exact", "fuse_branches", "inplace", "optimise",
    "products", "simplify", "stores",
]  # fmt: skip

_ROUNDS = 8  # each round can only uncover what the one before removed


def optimise(function: Function) -> Function:
    """Simplify, share, fuse and remove until nothing changes; then reassociate."""
    function = _settled(function)
    arranged = stores(products(factor(function)))
    return function if arranged is function else _settled(arranged)


def _settled(function: Function) -> Function:
    for _ in range(_ROUNDS):
        before = function
        function = dead(fuse_branches(cse(simplify(before))))
        if function is before:
            break
    return function
