"""Integers that 64 bits might not hold: Python's grow, those of compiled code wrap around.

Each integer gets a number of bits that surely holds it. Sums and products that need more
than a word become calls of helpers that raise `OverflowError` instead.
"""

from __future__ import annotations


from symdiff.ir.core import (
    Atom, Const, Equation, For, Function, If, Node, Undef, Var, While, kind_of, map_nodes,
    walk,
)  # fmt: skip
from symdiff.ir.kinds import Bool, Int, Tuple
from symdiff.records import replace

__all__ = ["checked"]

WORD = 63
_LENGTH = 31  # of an axis or a list, and how often a loop runs
_HELPERS = {
    "add": "plus",
    "sub": "minus",
    "mul": "times",
    "pow": "power",
    "lshift": "shift",
}
_ROUNDS = 40


def checked(function: Function) -> Function:
    """The function with checks of the integers that may become too large."""
    if not any(_is_risky(n) for n in walk(function.body)):
        return function
    bits = _Bits(function).bits

    def change(node: Node) -> Node:
        if isinstance(node, Equation) and _is_risky(node):
            if bits.get(node.target, WORD + 1) > WORD:
                return replace(node, op=_HELPERS[node.op])
        return node

    return replace(function, body=map_nodes(function.body, change))


def _is_risky(node: Node) -> bool:
    return (
        isinstance(node, Equation)
        and node.op in _HELPERS
        and all(isinstance(kind_of(a), (Int, Bool)) for a in node.args)
    )


class _Bits:
    """How many bits surely hold each integer; more than a word where none is known."""

    def __init__(self, function: Function) -> None:
        self.bits: dict[Atom, int] = {}
        self.equations: dict[Atom, Equation] = {}
        for node in walk(function.body):
            if isinstance(node, Equation):
                self.equations[node.target] = node
        self.block(function.body)

    def of(self, atom: Atom) -> int:
        if isinstance(atom, Const):
            whole = isinstance(atom.value, int)
            return atom.value.bit_length() if whole else WORD
        if isinstance(atom, Undef) or isinstance(kind_of(atom), Bool):
            return 1
        return self.bits.get(atom, WORD)  # what came from outside fits into a word

    def block(self, block: tuple[Node, ...]) -> None:
        for node in block:
            if isinstance(node, Equation):
                if node.op == "store":  # on a tape
                    self.bits[node.args[0]] = self.of(node.args[-1])
                elif isinstance(node.target.kind, Int):
                    self.bits[node.target] = self.equation(node)
            elif isinstance(node, If):
                self.block(node.then)
                self.block(node.orelse)
                rows = zip(node.results, node.then_yields, node.else_yields, strict=True)
                for var, a, b in rows:
                    self.bits[var] = max(self.of(a), self.of(b))
            else:
                self.loop(node)

    def loop(self, node: For | While) -> None:
        if isinstance(node, For) and node.iteration.form != "tape":
            start, stop, _ = node.iteration.args
            ends = max(self.of(start), self.of(stop))
            # No loop lives to see more rounds, so from a small start it counts no further.
            small = self.of(start) <= _LENGTH and node.iteration.form == "range"
            self.bits[node.targets[0]] = min(ends, _ROUNDS) if small else ends
        for var, init, end in zip(node.carried, node.inits, node.yields, strict=True):
            if isinstance(var.kind, (Int, Bool)):
                step = self.step(end, var)
                found = WORD if step is None else max(self.of(init), step + _LENGTH) + 1
                self.bits[var] = min(found, WORD)
        if isinstance(node, While):
            self.block(node.test)
        self.block(node.body)
        for var, inside in zip(node.results, node.carried, strict=True):
            self.bits[var] = self.of(inside)

    def step(self, end: Atom, var: Var) -> int | None:
        """The bits of the constant by which a round changes what it carries."""
        if end == var:
            return 0
        eq = self.equations.get(end)
        if eq is None:
            return None
        if eq.op == "mod" and isinstance(eq.args[1], Const):
            return max(self.of(eq.args[1]) - _LENGTH, 0)
        if eq.op not in ("add", "sub") or eq.args[0] != var:
            return None
        return self.of(eq.args[1]) if isinstance(eq.args[1], Const) else None

    def equation(self, eq: Equation) -> int:
        sizes = [self.of(a) for a in eq.args if isinstance(kind_of(a), (Int, Bool))]
        if eq.op in ("add", "sub"):
            return max(sizes) + 1
        if eq.op == "mul":
            return sum(sizes)
        if eq.op == "pow" and isinstance(eq.args[1], Const):
            return sizes[0] * int(max(eq.args[1].value, 0))
        if eq.op in ("neg", "pos", "builtins.abs", "builtins.max"):
            return max(sizes, default=WORD)
        if eq.op == "mod" and len(sizes) == 2:
            return sizes[1]
        if eq.op in ("floordiv", "builtins.min") and sizes:
            return max(sizes)
        if eq.op == "getitem":
            return self.of(eq.args[0])
        if eq.op in ("builtins.len", "numpy.size"):
            return _LENGTH
        if eq.op == "item" and isinstance(kind_of(eq.args[0]), Tuple):
            return _LENGTH if self.is_shape(eq.args[0]) else WORD
        return WORD + 1 if eq.op in _HELPERS else WORD

    def is_shape(self, atom: Atom) -> bool:
        eq = self.equations.get(atom)
        return eq is not None and (eq.op, eq.params) == ("attr", "shape")
