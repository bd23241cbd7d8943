"""Lengths of axes as numbers that a program computes from its arguments, once."""

from __future__ import annotations

from symdiff.ir.builder import Names
from symdiff.ir.core import Atom, Const, Equation, Function, Var
from symdiff.ir.kinds import INT, Array, Extent, Int, Size, Tuple

__all__ = ["Extents"]


class Extents:
    """Finds the lengths that loops run over; `made` are the equations that compute them,
    for the start of the function."""

    def __init__(self, function: Function, names: Names) -> None:
        self.names = names
        self.made: list[Equation] = []
        self.axes: dict[str, tuple[Var, int]] = {}
        self.numbers: dict[str, Var] = {}
        self.known: dict[Extent, Atom] = {}
        for param in function.params:
            kind = param.var.kind
            if isinstance(kind, Int) and isinstance(kind.extent, Size):
                if not kind.extent.offset:
                    self.numbers[kind.extent.symbol] = param.var
            elif isinstance(kind, Array):
                for axis, extent in enumerate(kind.dims):
                    if isinstance(extent, Size) and not extent.offset:
                        self.axes.setdefault(extent.symbol, (param.var, axis))

    def has(self, dims: tuple[Extent, ...]) -> bool:
        """Whether all of these lengths can be computed."""
        return all(
            isinstance(d, int) or d.symbol in self.axes or d.symbol in self.numbers
            for d in dims
        )

    def length(self, extent: Extent) -> Atom:
        """The number of places along an axis, which is not negative."""
        if isinstance(extent, int):
            return Const(extent)
        plain = Size(extent.symbol, extent.offset)
        if plain not in self.known:
            self.known[plain] = self._computed(plain)
        return self.known[plain]

    def _computed(self, extent: Size) -> Atom:
        base: Atom
        if not extent.offset and extent.symbol in self.axes:
            array, axis = self.axes[extent.symbol]
            kind = array.kind
            assert isinstance(kind, Array)
            if kind.ndim == 1:
                return self.equation("builtins.len", array, base="n")
            dims = Tuple(tuple(map(Int, kind.dims)))
            shape = self.names.fresh("t", "", dims)
            self.made.append(Equation(shape, "attr", (array,), "shape"))
            return self.equation("item", shape, params=axis, base="n")
        if extent.symbol in self.axes:
            base = self.length(Size(extent.symbol))
        else:
            base = self.numbers[extent.symbol]
        if extent.offset:
            op = "add" if extent.offset > 0 else "sub"
            base = self.equation(op, base, Const(abs(extent.offset)), base="t")
        if extent.symbol in self.axes and extent.offset > 0:
            return base
        return self.equation("builtins.max", base, Const(0), base="n")

    def equation(self, op: str, *args: Atom, base: str, params: object = None) -> Var:
        target = self.names.fresh(base, "", INT)
        self.made.append(Equation(target, op, args, params))
        return target
