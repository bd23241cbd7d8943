"""The Jacobian of a function of numbers: one forward sweep, a reverse sweep per result."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.analysis.activity import active_vars
from symdiff.ir.builder import Builder, Names
from symdiff.ir.core import (
    Compound, Const, For, Function, Tree, Var, While, kind_of, leaves, walk,
)  # fmt: skip
from symdiff.ir.kinds import Float, Kind, List, Rows
from symdiff.ir.structure import all_kinds, parts_of
from symdiff.records import replace
from symdiff.request import NotByRows
from symdiff.transform.equations import is_smooth
from symdiff.transform.inputs import Input
from symdiff.transform.reverse import check_kinds, pulled_back_each
from symdiff.transform.sweep import Sweep

__all__ = ["rows"]

_MOST = 8  # results: each has a reverse sweep of its own


def rows(
    function: Function, names: Names, inputs: Sequence[Input], single: bool, doc: str
) -> Function:
    """The function of the Jacobian: the result with, in place of each number, the
    derivatives of that number by the inputs.

    Raises `NotByRows` where that would not be a short program: for results that are
    not numbers or many, and for loops, whose rounds every reverse sweep would need.
    """
    results = list(leaves(function.returns))
    if not 0 < len(results) <= _MOST or not _is_plain(function.returns):
        raise NotByRows
    if not all(isinstance(kind_of(r), Float) for r in results):
        raise NotByRows
    if not all(_is_of_numbers(each.param.kind) for each in inputs):
        raise NotByRows
    if function.functions or any(isinstance(n, (For, While)) for n in walk(function.body)):
        raise NotByRows
    by = [var for each in inputs for var in each.leaves.values()]
    active = active_vars(replace(function, returns=tuple(results)), by, is_smooth)
    check_kinds(function, active)

    def wanted(build: Builder, sweep: Sweep) -> list[Tree]:
        return [each.gradient(build, sweep.final) for each in inputs]

    seeds = [[(result, Const(1.0))] for result in results]
    body, found = pulled_back_each(function, names, active, seeds, wanted)
    each_row = iter(row[0] if single else tuple(row) for row in found)
    return replace(
        function,
        name=f"{function.name}_jacobian",
        body=body,
        returns=_with_rows(function.returns, each_row),
        doc=doc,
    )


def _is_of_numbers(kind: Kind) -> bool:
    """Whether a parameter holds floats and nothing else."""
    if parts_of(kind) is None:
        return isinstance(kind, Float) or (
            isinstance(kind, List) and isinstance(kind.item, Float)
        )
    if any(isinstance(k, Rows) for _, k in all_kinds(kind)):
        return False
    return all(parts_of(k) is not None or isinstance(k, Float) for _, k in all_kinds(kind))


def _is_plain(tree: Tree) -> bool:
    """Whether it is a number, or tuples, lists and dicts of such."""
    if isinstance(tree, tuple):
        return all(map(_is_plain, tree))
    if isinstance(tree, Compound):
        return tree.form in ("list", "dict") and all(map(_is_plain, tree.items))
    return isinstance(tree, (Var, Const))


def _with_rows(tree: Tree, found: object) -> Tree:
    if isinstance(tree, tuple):
        return tuple(_with_rows(item, found) for item in tree)
    if isinstance(tree, Compound):
        return replace(tree, items=tuple(_with_rows(item, found) for item in tree.items))
    row: Tree = next(found)  # type: ignore[call-overload]
    return row
