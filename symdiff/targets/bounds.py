"""Which indices are surely in range, so that nobody needs to check them while it runs.

Known are loops over ranges within an axis, indices shifted from these, and constants: of
the constants by which an array is always read, the largest is checked once at the start.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from symdiff.ir.builder import Names
from symdiff.ir.core import (
    Atom, Block, Const, Equation, For, Function, If, Var, kind_of, walk,
)  # fmt: skip
from symdiff.ir.kinds import BOOL, INT, NONE, OPAQUE, Array, Extent, Int, Size
from symdiff.records import replace

__all__ = ["guarded", "is_tape"]

_MOST = 64  # a larger constant is no guess at a length


class _Span(NamedTuple):
    """An integer from `low` up to, but not including, `symbol` + `high`."""

    low: int
    symbol: str | None
    high: int


def guarded(function: Function, known: set[Var]) -> Function:
    """The function with `in_range` set if all indices are proved, those of `known`
    accesses taken to be, and with checks of lengths at its start."""
    work = _Bounds(function)
    lengths = work.always_read()
    proved = all(
        node.target in known or is_tape(node.args[0]) or work.proves(node, lengths)
        for node in work.accesses()
    )
    if not proved:
        return function
    checks = [node for pair in lengths.items() for node in work.check(*pair)]
    return replace(function, body=(*checks, *function.body), in_range=True)


class _Bounds:
    def __init__(self, function: Function) -> None:
        self.function = function
        self.names = Names.after(function)
        self.spans: dict[Atom, _Span] = {}
        self.equations: dict[Atom, Equation] = {}
        self.arrays: dict[str, tuple[Var, int]] = {}
        for param in function.params:
            kind = param.var.kind
            for axis, d in enumerate(kind.dims if isinstance(kind, Array) else ()):
                if isinstance(d, Size) and not d.offset:
                    self.arrays.setdefault(d.symbol, (param.var, axis))
        for node in walk(function.body):
            if isinstance(node, Equation):
                self.equations[node.target] = node
            elif isinstance(node, For) and node.iteration.form in ("range", "reversed"):
                start, stop, step = node.iteration.args
                low, end = self.constant(start), self.length(stop)
                if low is not None and end is not None and step == Const(1):
                    self.spans[node.targets[0]] = _Span(low, *end)

    def accesses(self) -> Iterator[Equation]:
        """The reads and writes of elements of arrays."""
        for node in walk(self.function.body):
            if isinstance(node, Equation) and _is_access(node):
                yield node

    # -- integers -------------------------------------------------------------------------

    def constant(self, atom: Atom) -> int | None:
        if isinstance(atom, Const) and type(atom.value) is int:
            return atom.value
        return None

    def length(self, atom: Atom) -> tuple[str | None, int] | None:
        """A symbol and an offset that an integer is at most."""
        value = self.constant(atom)
        if value is not None:
            return None, value
        kind = kind_of(atom)
        if isinstance(kind, Int) and kind.extent is not None:
            if isinstance(kind.extent, int):
                return None, kind.extent
            return kind.extent.symbol, kind.extent.offset
        eq = self.equations.get(atom)
        if eq is None:
            return None
        if eq.op in ("add", "sub"):
            base, by = self.length(eq.args[0]), self.constant(eq.args[1])
            if base is None or by is None:
                return None
            return base[0], base[1] + (by if eq.op == "add" else -by)
        array = kind_of(eq.args[0]) if eq.args else None
        if eq.op == "builtins.len" and isinstance(array, Array) and array.dims:
            extent = array.dims[0]
            if isinstance(extent, int):
                return None, extent
            return extent.symbol, extent.offset
        return None

    def span(self, atom: Atom) -> _Span | None:
        """Between which numbers an index lies."""
        value = self.constant(atom)
        if value is not None:
            return _Span(value, None, value + 1)
        if atom in self.spans:
            return self.spans[atom]
        eq = self.equations.get(atom)
        if eq is not None and eq.op in ("add", "sub"):
            base, by = self.span(eq.args[0]), self.constant(eq.args[1])
            if base is not None and by is not None:
                by = by if eq.op == "add" else -by
                return _Span(base.low + by, base.symbol, base.high + by)
        return None

    # -- accesses -------------------------------------------------------------------------

    def always_read(self) -> dict[str, int]:
        """The least length of the axes of arguments that are read by constants, whichever
        way the program goes."""
        found: dict[str, int] = {}
        for node in _at_once(self.function.body):
            for extent, atom in _places(node):
                value = self.constant(atom)
                if value is None or not isinstance(extent, Size) or extent.offset:
                    continue
                least = value + 1 if value >= 0 else -value
                if extent.symbol in self.arrays and least <= _MOST:
                    found[extent.symbol] = max(found.get(extent.symbol, 0), least)
        return found

    def proves(self, node: Equation, lengths: dict[str, int]) -> bool:
        """Whether all indices of an access are in range."""
        pairs = list(_places(node))
        return bool(pairs) and all(self.fits(d, at, lengths) for d, at in pairs)

    def fits(self, extent: Extent, atom: Atom, lengths: dict[str, int]) -> bool:
        span = self.span(atom)
        if span is None:
            return False
        whole = isinstance(extent, Size)
        symbol = extent.symbol if isinstance(extent, Size) else None
        most = extent.offset if isinstance(extent, Size) else extent
        least = most + lengths.get(symbol, 0) if whole and symbol else most
        if span.low < 0:  # counted from the end
            return span.symbol is None and span.high <= 0 and -span.low <= least
        if span.symbol == symbol:
            return span.high <= most
        return span.symbol is None and span.high <= least

    def check(self, symbol: str, least: int) -> tuple[Equation | If, ...]:
        """`if len(u) < 3: raise IndexError(...)`"""
        array, axis = self.arrays[symbol]
        kind = array.kind
        assert isinstance(kind, Array)
        size, short = self.names.fresh("t", "", INT), self.names.fresh("t", "", BOOL)
        shape = self.names.fresh("t", "", OPAQUE)
        error, raised = self.names.fresh("t", "", OPAQUE), self.names.fresh("t", "", NONE)
        text = Const(f"index {least - 1} is out of bounds")
        then = (
            Equation(error, "builtins.IndexError", (text,)),
            Equation(raised, "raise", (error,)),
        )
        test = Equation(short, "lt", (size, Const(least)))
        if kind.ndim == 1:
            return Equation(size, "builtins.len", (array,)), test, If(short, then, ())
        dims = Equation(shape, "attr", (array,), "shape")
        return dims, Equation(size, "item", (shape,), axis), test, If(short, then, ())


def _at_once(block: Block) -> Iterator[Equation]:
    """The accesses that happen whatever the arguments are, up to where a program may end
    or fail by its own will."""
    for node in block:
        if isinstance(node, Equation):
            if node.op in ("raise", "assert", "builtins.print", "call", "run"):
                return
            if _is_access(node):
                yield node
        elif any(isinstance(n, Equation) and n.op == "raise" for n in walk((node,))):
            return


def is_tape(atom: Atom) -> bool:
    """Whether it is an array with an entry for each round of a loop."""
    return isinstance(atom, Var) and atom.role == "tape"


def _is_access(node: Equation) -> bool:
    return (
        node.op in ("getitem", "setitem", "additem", "store")
        and isinstance(kind_of(node.args[0]), Array)
        and "at" in node.params.items
    )


def _places(node: Equation) -> Iterator[tuple[Extent, Atom]]:
    """Each axis that is indexed with its index; nothing where that is not plain."""
    kind, index = kind_of(node.args[0]), node.params
    if not isinstance(kind, Array) or index.through or set(index.items) != {"at"}:
        return
    atoms = node.args[1:] if node.op == "getitem" else node.args[1:-1]
    if all(isinstance(kind_of(a), Int) for a in atoms):
        yield from zip(kind.dims, atoms, strict=False)
