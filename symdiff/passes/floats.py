"""Elements of arrays become Python's floats where much is computed with them.

`p[0]` is a number of NumPy's, and so is all that is computed with it: each operation takes
three times as long as with `float(p[0])`. The bits are the same. What differs is left
alone: division by zero and powers, which Python refuses; what is printed or handed to
other functions; comparisons whose result is counted with. Values of the function are
returned as NumPy's again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from symdiff.analysis.tapes import Tapes
from symdiff.ir.builder import Names
from symdiff.ir.core import (
    Atom, Block, Const, Equation, Function, For, If, Index, Node, Var, While, defined_by,
    inner_params, kind_of, leaves, map_tree, rename, walk,
)  # fmt: skip
from symdiff.ir.kinds import FLOAT, Array, Bool, Complex, Float, Int, Kind, List, Tuple
from symdiff.records import dataclass, replace

__all__ = ["floats"]

_NUMPY = Float("float64")
_WIDE = ("float64", "complex128")
_COMPARED = frozenset(("lt", "le", "gt", "ge", "eq", "ne"))
_ARITHMETIC = ("add", "sub", "mul", "div", "neg", "pos")
# The result is of the operands' kind.
_SAME = frozenset(
    ("add", "sub", "mul", "neg", "pos", "builtins.abs", "builtins.min", "builtins.max",
     "select", "not", "boolean and", "boolean or")
)  # fmt: skip
_CONVERTED = frozenset(("builtins.float", "builtins.int", "builtins.bool"))
# Their results are NumPy's whatever they are given.
_UFUNCS = frozenset(
    f"numpy.{name}" for name in (
        "sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh exp expm1 "
        "exp2 log log1p log2 log10 sqrt cbrt sign abs absolute square arctan2 hypot "
        "maximum minimum add subtract multiply"
    ).split()
)  # fmt: skip
_STORES = ("setitem", "additem", "store")


def floats(function: Function) -> Function:
    """Convert the elements that a function reads outside loops, if that pays."""
    if function.contexts or not any(map(_is_read, walk(function.body))):
        return function  # under `np.errstate` it may matter whose numbers they are
    if any(map(_is_narrow, _kinds(function))):
        return function  # beside which NumPy takes Python's floats for as narrow
    flow = _Flow(function)
    free = {eq.target for eq in _outside_loops(function.body) if _is_read(eq)} - flow.bound
    good, made = flow.worth(free)
    if not good:
        return function
    return _Convert(function, good, free).function(function, flow.returned & made)


def _is_read(node: Node) -> bool:
    """Whether it reads an element as a number of NumPy's."""
    if not isinstance(node, Equation) or node.op != "getitem":
        return False
    kind = kind_of(node.args[0])
    return node.target.kind == _NUMPY and isinstance(kind, Array)


def _kinds(function: Function) -> set[Kind]:
    """The kinds of all that there is in a function."""
    found = {parameter.var.kind for parameter in function.params}
    for node in walk(function.body):
        found.update(var.kind for var in (*defined_by(node), *inner_params(node)))
    return found


def _is_narrow(kind: Kind) -> bool:
    """Whether it is of numbers of less, or more, than double precision."""
    if isinstance(kind, (List, Tuple)):
        items = kind.items if isinstance(kind, Tuple) else (kind.item,)
        return any(map(_is_narrow, items))
    if isinstance(kind, Array):
        return kind.dtype not in _WIDE and kind.dtype.startswith(("float", "complex"))
    if isinstance(kind, (Float, Complex)):
        return kind.dtype is not None and kind.dtype not in _WIDE
    return False


def _outside_loops(block: Block) -> Iterator[Equation]:
    for node in block:
        if isinstance(node, Equation):
            yield node
        elif isinstance(node, If):
            yield from _outside_loops(node.then)
            yield from _outside_loops(node.orelse)


@dataclass(slots=True, eq=False)
class _Used:
    """An operation whose result is of its operands' kind."""

    eq: Equation
    depth: int


class _Flow:
    """Which numbers hand on their kind to which: `bound` are those that must keep it."""

    def __init__(self, function: Function) -> None:
        self.sources: dict[Atom, list[Atom]] = {}  # of what takes over their kind
        self.bound: set[Atom] = set()
        self.made: dict[Atom, Equation] = {}
        self.used: list[_Used] = []
        self.given: set[Atom] = set()  # by anything else than such operations
        self.unpacked: set[Atom] = set()  # arrays all of whose items are read at once
        self.tapes = Tapes(function)
        self.block(function.body, 0)
        values = {a for a in leaves(function.returns) if isinstance(a, Var)}
        values = {var for var in values if not var.is_derivative}
        self.returned = {var for var in values if var.kind in (FLOAT, _NUMPY)}
        self.bound |= values - self.returned
        self.bound = _reached(self.bound, self.sources)

    def flows(self, target: Atom, *atoms: Atom) -> None:
        self.sources.setdefault(target, []).extend(a for a in atoms if isinstance(a, Var))
        if not isinstance(kind_of(target), Bool):  # who counts with it counts as NumPy does
            self.bound.update(a for a in atoms if isinstance(kind_of(a), Bool))

    def block(self, block: Block, depth: int) -> None:
        for node in block:
            if isinstance(node, Equation):
                self.made[node.target] = node
                self.equation(node, depth)
            elif isinstance(node, If):
                self.block(node.then, depth)
                self.block(node.orelse, depth)
                for result, *ends in zip(
                    node.results, node.then_yields, node.else_yields, strict=True
                ):
                    self.flows(result, *ends)
            else:
                self.loop(node, depth)

    def loop(self, node: For | While, depth: int) -> None:
        if isinstance(node, While):
            self.block(node.test, depth + 1)
        elif node.iteration.form != "tape":
            self.bound.update(node.iteration.args)
            self.given.update(node.targets)
        self.block(node.body, depth + 1)
        for carried, result, *ends in zip(
            node.carried, node.results, node.inits, node.yields, strict=True
        ):
            self.flows(carried, *ends)
            self.flows(result, carried)

    def equation(self, eq: Equation, depth: int) -> None:
        op, target = eq.op, eq.target
        wide = all(_is_wide(kind_of(atom)) for atom in (target, *eq.args))
        if op == "push":
            self.push(eq)
        elif op in _COMPARED and isinstance(target.kind, Bool):
            self.flows(target, *eq.args)
        elif op in _SAME or (op == "div" and self.is_safe(eq)):
            self.operation(eq, depth, wide)
        elif op == "check length":
            self.unpacked.add(eq.args[0])
        elif op == "list":
            self.flows(target, *eq.args)
        elif op == "numpy.array":
            if not _is_wide(target.kind) or isinstance(kind_of(eq.args[0]), Array):
                self.bound.update(eq.args)
        elif op.startswith("math.") or op in _CONVERTED or (op in _UFUNCS and wide):
            self.given.add(target)
        elif op in _STORES and wide and isinstance(kind_of(eq.args[0]), Array):
            pass
        else:
            self.given.add(target)
            self.bound.update(eq.args)

    def operation(self, eq: Equation, depth: int, wide: bool) -> None:
        operands = eq.args[1:] if eq.op == "select" else eq.args
        kinds = [kind_of(atom) for atom in operands]
        flags = all(isinstance(kind, Bool) for kind in (*kinds, eq.target.kind))
        if flags or all(_is_number(kind) for kind in (*kinds, eq.target.kind)):
            self.flows(eq.target, *operands)
            self.used.append(_Used(eq, depth))
        elif not (wide and eq.op in _ARITHMETIC and isinstance(eq.target.kind, Array)):
            self.bound.update(eq.args)

    def push(self, eq: Equation) -> None:
        """What goes onto a tape, and comes off it."""
        cells = self.tapes.positions(eq.args[0])
        if len(cells) != len(eq.args) - 1:
            self.bound.update(eq.args)
            return
        for cell, atom in zip(cells, eq.args[1:], strict=True):
            for read in cell.read:
                self.flows(read, atom)

    def is_safe(self, eq: Equation) -> bool:
        """Whether a quotient has a divisor that is not zero, or is one of arrays."""
        divisor = eq.args[1]
        return isinstance(eq.target.kind, Array) or self.is_positive(divisor, strictly=True)

    def is_positive(self, atom: Atom, strictly: bool = False, depth: int = 6) -> bool:
        """Whether a number is at least 0, or strictly more, unless it is NaN."""
        if isinstance(atom, Const):
            value = atom.value
            if not isinstance(value, (int, float)):
                return False
            return value > 0 if strictly else value >= 0
        eq = self.made.get(atom)
        if eq is None or not depth:
            return False

        def positive(arg: Atom, strictly: bool = False) -> bool:
            return self.is_positive(arg, strictly, depth - 1)

        if eq.op == "add":
            one, two = eq.args
            return (positive(one, strictly) and positive(two)) or (
                positive(one) and positive(two, strictly)
            )
        if eq.op in ("math.sqrt", "numpy.sqrt"):
            return not strictly or positive(eq.args[0], True)
        if eq.op in ("math.cosh", "numpy.cosh"):
            return True
        if strictly:  # what is small may be rounded to zero
            return False
        if eq.op == "mul":
            return eq.args[0] == eq.args[1] or all(map(positive, eq.args))
        return eq.op in ("builtins.abs", "math.exp", "numpy.exp", "numpy.square")

    def worth(self, free: set[Var]) -> tuple[set[Var], set[Atom]]:
        """Those of the elements that make operations fast, if that is worth converting
        them; and all that they turn into Python's numbers."""
        takers: dict[Atom, list[Atom]] = {}
        for target, sources in self.sources.items():
            for source in sources:
                takers.setdefault(source, []).append(target)
        given = {atom for atom in self.given if kind_of(atom) == _NUMPY}
        slow = _reached(given - free, takers)
        fast = [
            each for each in self.used
            if each.eq.target.kind == _NUMPY and each.eq.target not in slow
        ]  # fmt: skip
        used = _reached({a for each in fast for a in each.eq.args}, self.sources)
        good = {var for var in free if var in used}
        gain = sum(8**each.depth for each in fast)
        made = _reached(free, takers) - slow
        cost = sum(1 if self.made[v].args[0] in self.unpacked else 4 for v in good)
        return (good if gain > cost else set()), made


def _reached(atoms: Iterable[Atom], steps: Mapping[Atom, Sequence[Atom]]) -> set[Atom]:
    """All that there is a way to."""
    found, left = set(atoms), list(atoms)
    while left:
        for each in steps.get(left.pop(), ()):
            if each not in found:
                found.add(each)
                left.append(each)
    return found


class _Convert:
    def __init__(self, function: Function, good: set[Var], free: set[Var]) -> None:
        self.names = Names.after(function)
        self.good, self.free = good, free
        self.new: dict[Var, Var] = {}

    def function(self, function: Function, returned: set[Var]) -> Function:
        """`returned` are numbers that are returned as NumPy's."""
        nodes = list(rename(self.block(function.body), self.new))
        values: dict[Atom, Atom] = {}
        for var in sorted(returned, key=str):
            values[var] = value = self.names.fresh("result", "", _NUMPY)
            nodes.append(Equation(value, "numpy.float64", (self.atom(var),)))
        returns = map_tree(function.returns, lambda a: values.get(a, self.atom(a)))
        return replace(function, body=tuple(nodes), returns=returns)

    def block(self, block: Block) -> Block:
        nodes: list[Node] = []
        left = list(block)[::-1]
        while left:
            node = left.pop()
            if isinstance(node, If):
                then, orelse = self.block(node.then), self.block(node.orelse)
                nodes.append(replace(node, then=then, orelse=orelse))
            elif not isinstance(node, Equation):
                nodes.append(node)
            elif node.op == "check length":
                reads = _items_of(node, left)
                nodes += self.unpacked(node, reads)
            else:
                nodes += self.converted([node])
        return tuple(nodes)

    def unpacked(self, check: Equation, reads: list[Equation]) -> Iterator[Equation]:
        """`a, b = p.tolist()`, if none of the items has to stay as it is."""
        targets = {eq.target for eq in reads}
        if targets.isdisjoint(self.good) or not self.free.issuperset(targets):
            yield check
            yield from self.converted(reads)
            return
        whole = self.names.fresh("t", "", List(FLOAT))
        yield Equation(whole, "list.unstack", check.args, FLOAT, check.span)
        yield check.with_args((whole,))
        for eq in reads:
            yield replace(eq, target=self.named(eq.target), args=(whole, *eq.args[1:]))

    def converted(self, equations: list[Equation]) -> Iterator[Equation]:
        """`float(p[0])`"""
        behind: list[Equation] = []
        for eq in equations:
            if eq.target in self.good:
                read = self.names.fresh("t", "", _NUMPY)
                target = self.named(eq.target)
                behind.append(Equation(target, "builtins.float", (read,), None, eq.span))
                eq = replace(eq, target=read)
            yield eq
        yield from behind

    def atom(self, atom: Atom) -> Atom:
        return self.new.get(atom, atom) if isinstance(atom, Var) else atom

    def named(self, var: Var) -> Var:
        made = self.names.fresh(var.base, var.role, FLOAT)
        self.new[var] = made
        return made


def _items_of(check: Equation, left: list[Node]) -> list[Equation]:
    """The reads of items that follow at once, taken off what is left."""
    found: list[Equation] = []
    while left:
        node = left[-1]
        if not isinstance(node, Equation) or node.op != "getitem":
            break
        if node.args[0] != check.args[0] or node.params != Index(("at",)):
            break
        found.append(node)
        left.pop()
    return found


def _is_number(kind: Kind) -> bool:
    return kind in (FLOAT, _NUMPY) or isinstance(kind, Int)


def _is_wide(kind: Kind) -> bool:
    """Whether no array of single precision takes part, which Python's floats leave so."""
    return not isinstance(kind, Array) or kind.dtype in _WIDE
