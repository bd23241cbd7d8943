"""What a program says when it fails: C has no place for it, and Numba fills in integers
only."""

from __future__ import annotations

from symdiff.ir.core import (
    Atom, Block, Const, Equation, Function, If, Node, While, count_uses, kind_of, walk,
)  # fmt: skip
from symdiff.ir.kinds import Int, Str
from symdiff.passes.dead import dead
from symdiff.records import replace

__all__ = ["with_fixed_messages", "without_messages"]

_KEPT = {"raise": 0, "assert": 1}  # of the arguments


def without_messages(function: Function) -> Function:
    """The function with errors of one kind, which are not made and say nothing."""
    uses = count_uses(function)
    raised = {
        n.args[0] for n in walk(function.body)
        if isinstance(n, Equation) and n.op == "raise" and n.args
        and uses[n.args[0]] == 1
    }  # fmt: skip

    def block(nodes: Block) -> Block:
        return tuple(changed(n) for n in nodes if getattr(n, "target", None) not in raised)

    def changed(node: Node) -> Node:
        if isinstance(node, Equation):
            kept = _KEPT.get(node.op)
            return node if kept is None else node.with_args(node.args[:kept])
        if isinstance(node, If):
            return replace(node, then=block(node.then), orelse=block(node.orelse))
        if isinstance(node, While):
            node = replace(node, test=block(node.test))
        return replace(node, body=block(node.body))

    body = block(function.body)
    return function if body == function.body else dead(replace(function, body=body))


def with_fixed_messages(function: Function) -> Function:
    """The function with the texts of its errors as they stand in the program, where what
    is filled in has to be written as Python writes it."""
    made: dict[Atom, Equation] = {}
    made.update((n.target, n) for n in walk(function.body) if isinstance(n, Equation))
    raised = {n.args[0] for n in made.values() if n.op == "raise" and n.args}
    texts = {atom: text for atom, n in made.items() if (text := _text_of(n)) is not None}
    gone: set[Atom] = set()

    def fixed(atom: Atom) -> Atom:
        if atom not in texts:
            return atom
        gone.add(atom)
        return Const(texts[atom])

    def block(nodes: Block) -> Block:
        after = [changed(n) for n in reversed(nodes)]
        return tuple(n for n in reversed(after) if n is not None)

    def changed(node: Node) -> Node | None:
        if isinstance(node, Equation):
            if node.target in gone and uses[node.target] == 1:
                return None
            kept = 1 if node.op == "assert" else 0 if node.target in raised else None
            if kept is None:
                return node
            return node.with_args((*node.args[:kept], *map(fixed, node.args[kept:])))
        if isinstance(node, If):
            return replace(node, then=block(node.then), orelse=block(node.orelse))
        return replace(node, body=block(node.body))

    uses = count_uses(function)
    body = block(function.body) if texts else function.body
    return function if body == function.body else dead(replace(function, body=body))


def _text_of(made: Equation) -> str | None:
    """The text before it is filled in; None where it may be filled in."""
    if made.op == "fstring":
        plain = all(isinstance(kind_of(a), (Int, Str)) for a in made.args)
        specs = (p for p in made.params if not isinstance(p, str))
        if plain and all(p == (-1, "") for p in specs):
            return None
        return "".join(p if isinstance(p, str) else "..." for p in made.params)
    first = made.args[0] if made.args else None
    if isinstance(first, Const) and isinstance(first.value, str):
        filled = made.op == "mod" or (made.op == "method" and made.params[0] == "format")
        return first.value if filled else None
    return None
