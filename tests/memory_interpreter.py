"""A tiny interpreter of the IR, with value semantics or with real writes in place."""

from __future__ import annotations

import builtins
import copy
import math
import operator
from typing import Any

import numpy as np
from list_operations import change, changes, make, read

from symdiff.ir.core import Block, Const, Equation, For, Function, If, SliceItem, Var

BINARY = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul,
    "div": operator.truediv, "pow": operator.pow, "mod": operator.mod, "lt": operator.lt,
    "le": operator.le, "gt": operator.gt, "ge": operator.ge, "eq": operator.eq,
    "ne": operator.ne, "matmul": operator.matmul, "neg": operator.neg, "not": operator.not_,
}  # fmt: skip


class Undefined:
    """The value of a name that a path leaves unassigned."""


class Interpreter:
    """`in_place` performs setitem, additem and push on the memory of their argument."""

    def __init__(self, in_place: bool = False) -> None:
        self.in_place = in_place
        self.env: dict[Var, Any] = {}
        self.printed: list[Any] = []

    def __call__(self, function: Function, *values: Any) -> Any:
        self.env = {}
        for parameter, value in zip(function.params, values, strict=True):
            self.env[parameter.var] = value
        self.block(function.body)
        return self.tree(function.returns)

    def tree(self, tree: Any) -> Any:
        if isinstance(tree, tuple):
            return tuple(self.tree(t) for t in tree)
        return self.atom(tree)

    def atom(self, atom: Any) -> Any:
        if isinstance(atom, Const):
            return atom.value
        return self.env[atom] if isinstance(atom, Var) else Undefined

    def atoms(self, atoms: Any) -> list[Any]:
        return [self.atom(a) for a in atoms]

    def bind(self, targets: Any, values: Any) -> None:
        for var, value in zip(targets, values, strict=True):
            self.env[var] = value

    def block(self, block: Block) -> None:
        for node in block:
            if isinstance(node, Equation):
                self.env[node.target] = self.equation(node)
            elif isinstance(node, If):
                if self.atom(node.cond):
                    self.block(node.then)
                    self.bind(node.results, self.atoms(node.then_yields))
                else:
                    self.block(node.orelse)
                    self.bind(node.results, self.atoms(node.else_yields))
            else:
                self.loop(node)

    def loop(self, node: Any) -> None:
        self.bind(node.carried, self.atoms(node.inits))
        rounds: Any = iter(int, 1)
        if isinstance(node, For):
            args = self.atoms(node.iteration.args)
            if node.iteration.form == "tape":
                rounds = reversed(args[0])
            else:
                rounds = range(*args)
                if node.iteration.form == "reversed":
                    rounds = reversed(rounds)
        for value in rounds:
            if isinstance(node, For):
                single = len(node.targets) == 1
                self.bind(node.targets, (value,) if single else value)
            else:
                self.block(node.test)
                if not self.atom(node.cond):
                    break
            self.block(node.body)
            self.bind(node.carried, self.atoms(node.yields))
            if node.leave is not None and self.atom(node.leave):
                break
        self.bind(node.results, self.atoms(node.carried))

    def index(self, items: Any, atoms: list[Any]) -> Any:
        queue, built = list(atoms), []
        for item in items:
            if isinstance(item, SliceItem):
                flags = (item.start, item.stop, item.step)
                built.append(slice(*(queue.pop(0) if f else None for f in flags)))
            else:
                fixed = {"new": None, "rest": ...}
                built.append(fixed[item] if item in fixed else queue.pop(0))
        return built[0] if len(built) == 1 else tuple(built)

    def equation(self, node: Equation) -> Any:
        op, args, params = node.op, self.atoms(node.args), node.params
        if changes(op, args):
            return change(op, args, params, self.in_place)
        if op.startswith("list."):
            return make(op, args, params)
        if op in BINARY:
            return BINARY[op](*args)
        if op == "getitem":
            found = read(args[0], params.items, args[1:])
            # With value semantics nothing may be seen through a view.
            if self.in_place or isinstance(found, float):
                return found
            return found.copy() if isinstance(found, np.ndarray) else copy.deepcopy(found)
        if op in ("setitem", "additem"):
            target = args[0] if self.in_place else args[0].copy()
            index = self.index(params.items, args[1:-1])
            if op == "setitem":
                target[index] = args[-1]
            elif isinstance(index, np.ndarray) and index.dtype != bool:
                np.add.at(target, index, args[-1])
            else:
                target[index] += args[-1]
            return target
        if op == "push":
            entry = args[1] if len(args) == 2 else tuple(args[1:])
            if not self.in_place:
                return [*args[0], entry]
            args[0].append(entry)
            return args[0]
        if op == "builtins.print":
            self.printed.append(args)
            return None
        return self.other(op, args, params)

    def other(self, op: str, args: list[Any], params: Any) -> Any:
        if op == "tape":
            return []
        if op == "comment":
            return None
        if op == "copy":
            return copy.deepcopy(args[0])
        if op == "attr":
            return getattr(args[0], params)
        if op == "item":
            return args[0][params]
        if op == "tuple":
            return tuple(args)
        if op == "list":
            return list(args)
        if op == "select":
            return args[1] if args[0] else args[2]
        module, _, name = op.partition(".")
        names = params or ()
        cut = len(args) - len(names)
        modules: dict[str, Any] = {"math": math, "numpy": np, "builtins": builtins}
        return getattr(modules[module], name)(
            *args[:cut], **dict(zip(names, args[cut:], strict=True))
        )
