"""Adjoints that are cleared though nobody reads them again: they are left as they are.

The reverse of `X[t + 1] = …` takes the adjoint of that place and clears it, as what was
there before has another one. Where no later round comes to that place, that is for nothing.
"""

from __future__ import annotations

from symdiff.analysis.buffers import Buffer, buffers_of
from symdiff.analysis.places import Access, Places
from symdiff.analysis.regions import Layout
from symdiff.analysis.tapes import Tapes
from symdiff.ir.core import Atom, Block, Const, Equation, Function, Var, rename, walk
from symdiff.ir.kinds import Array
from symdiff.passes.dead import dead
from symdiff.records import replace

__all__ = ["spent"]


def spent(function: Function) -> Function:
    """The function without clearing of what is not read again."""
    clearing = _clearing(function.body)
    if not clearing:
        return function
    layout = Layout.of(function)
    places = Places(layout, Tapes(function))
    buffers = buffers_of(function, layout, places, clearing).values()
    gone = {
        access.eq.target: access.eq.args[0]
        for buffer in buffers
        if buffer.is_clear and not buffer.returned
        for access in _unread(buffer, places, clearing)
    }
    if not gone:
        return function

    def kept(atom: Atom) -> Atom:
        while isinstance(atom, Var) and atom in gone:
            atom = gone[atom]
        return atom

    names = {var: kept(var) for var in gone}
    return dead(replace(function, body=rename(function.body, names)))


def _clearing(block: Block) -> set[Var]:
    """What is left where a part of an adjoint is cleared."""
    return {n.target for n in walk(block) if isinstance(n, Equation) and _clears(n)}


def _clears(eq: Equation) -> bool:
    if eq.op != "setitem":
        return False
    adjoint = eq.target.role == "bar" and isinstance(eq.target.kind, Array)
    return adjoint and eq.args[-1] == Const(0.0)


def _unread(buffer: Buffer, places: Places, clearing: set[Var]) -> list[Access]:
    """What clears a place that nobody reads later."""
    return [
        write
        for write in buffer.writes
        if write.eq.target in clearing
        and not any(places.meets_later(write, read) for read in buffer.reads)
    ]
