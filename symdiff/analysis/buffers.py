"""How a function reads and writes its buffers, equation by equation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from symdiff.analysis.places import Access, Places, Rounds
from symdiff.analysis.regions import Layout, is_buffer
from symdiff.ir.alias import is_container
from symdiff.ir.core import Atom, Equation, For, Function, Var, leaves, walk
from symdiff.ir.derivative import DERIVE
from symdiff.ir.effects import APPLIES, INVOKES, RESIZING, SHAPE_ONLY, WRITES, may_write
from symdiff.ir.kinds import is_number
from symdiff.records import dataclass, field

__all__ = ["Buffer", "buffers_of"]

_MOST = 4000  # pairs of accesses to one buffer that are compared


@dataclass(slots=True)
class Buffer:
    """The versions of a buffer and how they are accessed."""

    versions: list[Var] = field(default_factory=list)
    reads: list[Access] = field(default_factory=list)
    writes: list[Access] = field(default_factory=list)
    known: bool = True  # whether these are all accesses
    returned: bool = False

    @property
    def is_clear(self) -> bool:
        """Whether all accesses are known, and not too many to be compared."""
        return self.known and len(self.reads) * len(self.writes) <= _MOST


def buffers_of(
    function: Function, layout: Layout, places: Places, written: Iterable[Var]
) -> dict[Var, Buffer]:
    """Those that some equations write, by the roots of their version chains."""
    found = {layout.root(target): Buffer() for target in written}
    if not found:
        return found
    for var in layout.home:
        if is_buffer(var.kind) and (buffer := found.get(layout.root(var))) is not None:
            buffer.versions.append(var)
    for node in walk(function.body):
        if isinstance(node, For):
            for _, buffer in _among(node.iteration.args, layout, found):
                buffer.known = False
    for _, buffer in _among(tuple(leaves(function.returns)), layout, found):
        buffer.returned = True
    for order, (eq, loops) in enumerate(places.equations(function.body)):
        for k, buffer in _among(eq.args, layout, found):
            _note(buffer, eq, k, order, loops, places)
    return found


def _among(
    atoms: tuple[Atom, ...], layout: Layout, found: dict[Var, Buffer]
) -> Iterator[tuple[int, Buffer]]:
    for k, arg in enumerate(atoms):
        if isinstance(arg, Var) and is_buffer(arg.kind) and arg in layout.home:
            buffer = found.get(layout.root(arg))
            if buffer is not None:
                yield k, buffer


def _note(
    buffer: Buffer,
    eq: Equation,
    k: int,
    order: int,
    loops: tuple[Rounds, ...],
    places: Places,
) -> None:
    """Note what an equation does to a buffer that is one of its arguments."""
    if eq.op in WRITES and k == 0:
        buffer.known &= eq.op not in RESIZING
        buffer.writes.append(places.access(eq, order, loops))
    elif SHAPE_ONLY.get(eq.op) == k:
        pass
    elif eq.op == "getitem" and k == 0:
        buffer.reads.append(places.access(eq, order, loops))
    else:
        buffer.known &= not _may_keep(eq)
        buffer.reads.append(places.access(eq, order, loops, whole=True))


def _may_keep(eq: Equation) -> bool:
    """Whether an equation may write into its arguments, or hold one in its result."""
    if eq.op in (DERIVE, "push", *INVOKES, *APPLIES) or may_write(eq.op, eq.params):
        return True
    kind = eq.target.kind
    return not is_number(kind) and is_container(kind)
