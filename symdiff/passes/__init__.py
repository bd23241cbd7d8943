"""Passes: `Function -> Function`, pure and near-linear."""

from __future__ import annotations

from collections.abc import Callable

from symdiff.ir.core import Equation, Function, each_function
from symdiff.ir.effects import DESTRUCTIVE
from symdiff.passes.ahead import ahead
from symdiff.passes.beginnings import with_beginnings
from symdiff.passes.branches import fuse_branches, fuse_sweeps
from symdiff.passes.callees import reachable
from symdiff.passes.cse import cse
from symdiff.passes.dead import dead
from symdiff.passes.dots import dots
from symdiff.passes.elements import elements
from symdiff.passes.factor import factor
from symdiff.passes.floats import floats
from symdiff.passes.fuse_loops import fuse_loops
from symdiff.passes.gather import gather
from symdiff.passes.indices import spell_out
from symdiff.passes.inplace import inplace
from symdiff.passes.invariants import invariants
from symdiff.passes.items import items
from symdiff.passes.joining import join_tapes
from symdiff.passes.ordered import ordered
from symdiff.passes.picked import picked
from symdiff.passes.products import products
from symdiff.passes.rebound import rebound
from symdiff.passes.records import arrange_records
from symdiff.passes.read_once import read_once
from symdiff.passes.sides import sides
from symdiff.passes.simplify import fold, fold_exact, simplify
from symdiff.passes.spent import spent
from symdiff.passes.stops import without_stops
from symdiff.passes.stores import stores
from symdiff.passes.strength import strength
from symdiff.passes.tapes import share_entries
from symdiff.passes.views import views
from symdiff.passes.where_made import where_made
from symdiff.passes.zeros import share_zeros

__all__ = [
    "ahead", "arrange_records", "cse", "dead", "dots", "elements", "factor", "floats",
    "fold", "fold_exact", "fuse_branches", "fuse_loops", "gather", "inplace", "invariants",
    "items", "optimise", "ordered", "picked", "products", "reachable", "read_once",
    "rebound", "sides", "simplify", "spell_out", "spent", "stores", "strength",
    "views", "where_made", "with_beginnings", "without_stops",
]  # fmt: skip

Pass = Callable[[Function], Function]

_ROUNDS = 8  # each can only uncover what the one before removed


def optimise(function: Function) -> Function:
    """Simplify, share, fuse and remove until nothing changes; then reassociate."""
    return arrange_records(reachable(each_function(function, _optimised)))


def _optimised(function: Function) -> Function:
    function = spent(_settled(function))
    joined = join_tapes(function)
    if joined is not function:
        function = _settled(joined)
    function = _hoisted(function)
    arranged = share_zeros(stores(products(factor(function))))
    function = function if arranged is function else _hoisted(_tidied(arranged))
    # From here on nothing asks any more which equations are the user's.
    function = strength(function)
    fused = fuse_loops(fuse_sweeps(function))
    return function if fused is function else _settled(fused)


def _hoisted(function: Function) -> Function:
    moved = invariants(function)
    return function if moved is function else _settled(moved)


def _settled(function: Function) -> Function:
    """What the passes of a round make of it, one after the other, until none of them
    finds anything in what the last that did has made."""
    if _is_straight(function):
        return _settled_straight(function)
    last: Pass | None = None
    for _ in range(_ROUNDS):
        for each in _round():
            before, function = function, each(function)
            if function is not before:
                last = each
            elif each is last:
                return function
        if last is None:
            break
    return function


def _round() -> tuple[Pass, ...]:
    return simplify, cse, share_entries, fuse_branches, dead


def _tidied(function: Function) -> Function:
    """One round: all that rearranging an already settled function leaves to do."""
    for each in _round():
        function = each(function)
    return function


def _is_straight(function: Function) -> bool:
    """Whether it is one line of equations, none of which writes or reads a tape."""
    return all(
        isinstance(node, Equation) and node.op not in DESTRUCTIVE for node in function.body
    )


def _settled_straight(function: Function) -> Function:
    """As `_settled`: on a straight line `cse` and `dead` have nothing more to find in
    what they made, and what `dead` removes is nothing to `simplify`."""
    for number in range(_ROUNDS):
        simple = simplify(function)
        if number and simple is function:
            break
        shared = cse(simple)
        function = dead(shared)
        if shared is simple and simple is function:
            break
    return function
