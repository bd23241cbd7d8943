"""Which functions a program still runs."""

from __future__ import annotations


from symdiff.ir.core import Equation, Function, walk
from symdiff.ir.effects import INVOKES
from symdiff.records import replace

__all__ = ["reachable"]


def reachable(function: Function) -> Function:
    """The function with those only that it invokes, directly or not."""
    if not function.functions:
        return function
    known = {f.name: f for f in function.functions}
    found: set[str] = set()
    todo = [function]
    while todo:
        for node in walk(todo.pop().body):
            if isinstance(node, Equation) and node.op in INVOKES:
                if node.params not in found:
                    found.add(node.params)
                    todo.append(known[node.params])
    if len(found) == len(known):
        return function
    kept = tuple(f for f in function.functions if f.name in found)
    return replace(function, functions=kept)
