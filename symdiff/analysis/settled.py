"""Buffers that are written place by place and hold at the end what was read on the way.

`for t in range(n): X[t + 1] = f(X[t])` fills an array; the reverse sweep reads X[t] out
of what it is in the end: nothing needs to be saved and put back.
"""

from __future__ import annotations

from symdiff.analysis.buffers import Buffer, buffers_of
from symdiff.analysis.places import Places
from symdiff.analysis.regions import Layout
from symdiff.ir.alias import is_flat, is_fresh
from symdiff.ir.core import Function, Var
from symdiff.ir.effects import WRITES
from symdiff.ir.kinds import Array

__all__ = ["settled"]


def settled(function: Function, layout: Layout, read: set[Var]) -> dict[Var, Var]:
    """What each version chain holds in the end, of those of which no place is written
    any more after it was read; by the roots of the chains.

    `read` are the values that the reverse sweep reads, as some that make one do: exp(x)
    is its own slope. Such a value must be what is there in the end."""
    found: dict[Var, Var] = {}
    places = Places(layout)
    written = (eq.target for eq in layout.writes if layout.home[eq.target].in_loop)
    for root, buffer in buffers_of(function, layout, places, written).items():
        last = _last(buffer, layout)
        kept = all(var is last or var not in read for var in buffer.versions)
        if last is not None and kept and _is_settled(buffer, places):
            found[root] = last
    return found


def _last(buffer: Buffer, layout: Layout) -> Var | None:
    """What a buffer of its own holds in the end, where it was made."""
    if not all(isinstance(v.kind, Array) or is_flat(v.kind) for v in buffer.versions):
        return None
    made = [layout.made_by[v] for v in buffer.versions if v in layout.made_by]
    origins = [eq for eq in made if eq.op not in WRITES]
    if len(origins) != 1 or not is_fresh(origins[0]):
        return None
    home = layout.home[origins[0].target]
    if not layout.params.isdisjoint(buffer.versions):
        return None
    if not all(layout.home[v].is_inside(home) for v in buffer.versions):
        return None
    last = layout.last(origins[0].target, home)
    return None if layout.killed(last) else last


def _is_settled(buffer: Buffer, places: Places) -> bool:
    return buffer.is_clear and not any(
        places.meets_later(read, write) for read in buffer.reads for write in buffer.writes
    )
