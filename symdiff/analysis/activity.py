"""Activity: which values depend on the inputs and influence the result.

Griewank & Walther, Evaluating Derivatives (2nd ed.), section 6.2: a value is *varied* if
it depends on an independent variable, *useful* if the result depends on it, *active* if
both. Loops are iterated to a fixed point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from symdiff.analysis.tapes import Cell, Tapes
from symdiff.ir.core import (
    Atom, Block, Equation, For, Function, If, Tree, Undef, Var, While, kind_of, leaves,
)  # fmt: skip
from symdiff.ir.effects import INVOKES, READING_METHODS
from symdiff.ir.kinds import Array, Complex, Float, Kind, List, Opaque, Tape, Tuple, Unknown

__all__ = ["IsSmooth", "active_vars", "differentiable", "varied_vars"]

IsSmooth = Callable[[Equation], bool]


def differentiable(kind: Kind) -> bool:
    """Whether values of this kind may carry a derivative."""
    if isinstance(kind, Array):
        return kind.dtype.startswith(("float", "complex"))
    if isinstance(kind, Tuple):
        return any(map(differentiable, kind.items))
    if isinstance(kind, List):
        return differentiable(kind.item)
    return isinstance(kind, (Float, Complex, Tape, Unknown))


def active_vars(
    function: Function,
    inputs: Iterable[Var],
    is_smooth: IsSmooth,
    carries: Callable[[Kind], bool] = differentiable,
) -> set[Var]:
    """The active values of a function and of those that it invokes.

    `is_smooth(equation)` is False where the result never depends smoothly on the
    arguments; values of the kinds for which `carries` is True hand a dependence on.
    """
    varied = varied_vars(function, inputs, is_smooth, carries)
    useful = _Useful(varied, {f.name: f for f in function.functions})
    useful.need(leaves(function.returns))
    _until_settled(useful, function)
    return varied & useful.found


def varied_vars(
    function: Function,
    inputs: Iterable[Var],
    is_smooth: IsSmooth,
    carries: Callable[[Kind], bool] = differentiable,
) -> set[Var]:
    """What depends on the inputs: see `active_vars`."""
    varied = _Varied(is_smooth, carries, {f.name: f for f in function.functions})
    varied.found.update(inputs)
    _until_settled(varied, function)
    return varied.found


def _until_settled(walk: _Varied | _Useful, function: Function) -> None:
    size = -1
    while size != len(walk.found):
        size = len(walk.found)
        for each in (function, *function.functions):
            walk.tapes = _Lazy(each)
            walk.block(each.body)
        if not function.functions:
            break  # no function that has to be looked at again


class _Lazy:
    """The tapes of a function, looked for when the first is met: few have any."""

    def __init__(self, function: Function) -> None:
        self._function = function
        self._tapes: Tapes | None = None

    def positions(self, tape: Atom) -> list[Cell]:
        if self._tapes is None:
            self._tapes = Tapes(self._function)
        return self._tapes.positions(tape)


class _Varied:
    """Forwards: what depends on the inputs.

    An object that code of unknown effect got such a value into may hand it out again, so
    all that is read from the object afterwards depends on the inputs as well.
    """

    def __init__(
        self,
        is_smooth: IsSmooth,
        carries: Callable[[Kind], bool],
        program: Mapping[str, Function],
    ) -> None:
        self.found: set[Var] = set()
        self.holders: set[Atom] = set()
        self.is_smooth = is_smooth
        self.carries = carries
        self.program = program

    tapes: _Lazy

    def depends(self, *atoms: Atom) -> bool:
        return not (self.found.isdisjoint(atoms) and self.holders.isdisjoint(atoms))

    def mark(self, var: Var, *sources: Atom) -> None:
        if self.depends(*sources) and self.carries(var.kind):
            self.found.add(var)

    def block(self, block: Block) -> None:
        for node in block:
            if isinstance(node, Equation):
                if node.op in INVOKES:
                    self.invoke(node)
                    continue
                if node.op in ("call", "method"):
                    self.hand_over(node)
                if node.target in self.found:
                    continue  # of a round before
                if self.depends(*node.args) and self.carries(node.target.kind):
                    if self.is_smooth(node):
                        self.found.add(node.target)
            elif isinstance(node, If):
                self.block(node.then)
                self.block(node.orelse)
                rows = zip(node.results, node.then_yields, node.else_yields, strict=True)
                for result, *sources in rows:
                    self.mark(result, *sources)
            else:
                self.loop(node)

    def hand_over(self, node: Equation) -> None:
        """Note the objects that may keep what a call gets."""
        if node.op == "method" and node.params[0] in READING_METHODS:
            return
        if any(atom in self.found for atom in node.args):
            self.holders.update(a for a in node.args if isinstance(kind_of(a), Opaque))

    def invoke(self, node: Equation) -> None:
        callee = self.program[node.params]
        for parameter, arg in zip(callee.params, node.args, strict=True):
            self.mark(parameter.var, arg)
        if self.depends(*node.args):
            self.mark(node.target, *leaves(callee.returns))

    def loop(self, node: For | While) -> None:
        rows = list(zip(node.carried, node.inits, node.yields, node.results, strict=True))
        for carried, init, _, _ in rows:
            self.mark(carried, init)
        if isinstance(node, For):
            self.entries(node)
        size = -1
        while size != len(self.found):
            size = len(self.found)
            if isinstance(node, While):
                self.block(node.test)
            self.block(node.body)
            for carried, _, back, _ in rows:
                self.mark(carried, back)
        for _, init, back, result in rows:
            self.mark(result, init, back)

    def entries(self, node: For) -> None:
        """What comes off a tape depends on what was pushed at its position."""
        for tape, targets in node.iteration.entries(node.targets):
            for cell, var in zip(self.tapes.positions(tape), targets, strict=False):
                self.mark(var, *(atom for atom, _ in cell.pushed))


class _Useful:
    """Backwards: what the result depends on, along varied values."""

    def __init__(self, varied: set[Var], program: Mapping[str, Function]) -> None:
        self.found: set[Var] = set()
        self.cells: set[Cell] = set()  # positions of tapes of which entries are read
        self.varied = varied
        self.program = program

    tapes: _Lazy

    def need(self, atoms: Iterable[Tree]) -> None:
        self.found.update(a for a in atoms if isinstance(a, Var))

    def block(self, block: Block) -> None:
        for node in reversed(block):
            if isinstance(node, Equation):
                if node.target not in self.found or node.target not in self.varied:
                    continue
                if node.op in INVOKES:
                    self.invoke(node)
                elif node.op == "push":
                    self.push(node)
                else:
                    self.need(a for a in node.args if a in self.varied)
            elif isinstance(node, If):
                rows = zip(node.results, node.then_yields, node.else_yields, strict=True)
                for result, *sources in rows:
                    if result in self.found:
                        self.need(a for a in sources if not isinstance(a, Undef))
                self.block(node.orelse)
                self.block(node.then)
            else:
                self.loop(node)

    def invoke(self, node: Equation) -> None:
        callee = self.program[node.params]
        self.need(leaves(callee.returns))
        for parameter, arg in zip(callee.params, node.args, strict=True):
            if parameter.var in self.found:
                self.need((arg,))

    def loop(self, node: For | While) -> None:
        rows = list(zip(node.carried, node.inits, node.yields, node.results, strict=True))
        for carried, _, back, result in rows:
            if result in self.found:
                self.need((carried, back))
        size = -1
        while size != len(self.found):
            size = len(self.found)
            self.block(node.body)
            if isinstance(node, While):
                self.block(node.test)
            for carried, _, back, _ in rows:
                if carried in self.found:
                    self.need((back,))
        for carried, init, _, result in rows:
            if carried in self.found or result in self.found:
                self.need((init,))
        if isinstance(node, For):
            self.entries(node)

    def entries(self, node: For) -> None:
        for tape, targets in node.iteration.entries(node.targets):
            for cell, var in zip(self.tapes.positions(tape), targets, strict=False):
                if var in self.found and var in self.varied:
                    self.cells.add(cell)
                    self.need((tape,))

    def push(self, node: Equation) -> None:
        self.need(node.args[:1])
        cells = self.tapes.positions(node.target)
        for cell, atom in zip(cells, node.args[1:], strict=False):
            if cell in self.cells and atom in self.varied:
                self.need((atom,))
