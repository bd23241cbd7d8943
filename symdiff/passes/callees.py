"""Which functions a program still runs."""

from __future__ import annotations


from symdiff.ir.core import Equation, Function, walk
from symdiff.ir.handed import run_by
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
            for name in run_by(node) if isinstance(node, Equation) else ():
                if name not in found:
                    found.add(name)
                    todo.append(known[name])
    if len(found) == len(known):
        return function
    kept = tuple(f for f in function.functions if f.name in found)
    return replace(function, functions=kept)
