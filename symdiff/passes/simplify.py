"""Simplification of whole functions: folding, constant branches, idle loop values."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import Any

from symdiff.ir.builder import Builder, Names
from symdiff.ir.core import (
    Atom, Block, Const, Equation, For, Function, If, Node, Var, While, count_uses, kind_of,
    map_tree, rename,
)  # fmt: skip
from symdiff.ir.kinds import Bool
from symdiff.passes.folding import can_fold, fold, fold_exact
from symdiff.records import replace

__all__ = ["fold", "fold_exact", "simplify"]

_AS_THE_TEST = (Const(True), Const(False))  # what a value is on the two sides


def simplify(function: Function) -> Function:
    """Fold every equation, take constant branches, drop what loops carry unchanged.

    Values with a role (adjoints, tangents) are folded freely, the user's exactly.
    """
    worker = _Simplifier(function)
    body = worker.body(function.body)
    returns = map_tree(function.returns, worker.atom)
    if not worker.changed:
        return function
    return replace(function, body=body, returns=returns)


class _Simplifier:
    def __init__(self, function: Function) -> None:
        self.builder = Builder(Names.after(function), self.folded)
        self.builder.reads_alone = lambda atom: self.uses[atom] == 1
        self.function = function
        self.values: dict[Var, Atom] = {}
        self.loops = 0  # those that are open; their `break` is made of flags
        self.known: dict[Atom, bool] = {}  # conditions, where a block is
        self.side: tuple[Atom, bool] | None = None  # of a branch, whose block it is
        # What holds on a side of a branch after it, as otherwise it has raised.
        self.passed: dict[tuple[Atom, bool], dict[Atom, bool]] = {}
        self.changed = False

    @cached_property
    def uses(self) -> Counter[Atom]:
        """How often the function reads each value; few equations ask."""
        return count_uses(self.function)

    def folded(
        self, b: Builder, op: str, args: tuple[Atom, ...], params: Any
    ) -> Atom | None:
        return (fold if b.role else fold_exact)(b, op, args, params)

    def atom(self, atom: Atom) -> Atom:
        if isinstance(atom, Var) and atom in self.values:
            self.changed = True
            return self.values[atom]
        return atom

    def atoms(self, atoms: tuple[Atom, ...]) -> tuple[Atom, ...]:
        if not self.values:
            return atoms
        return tuple(map(self.atom, atoms))

    def replace(self, var: Var, atom: Atom) -> None:
        """From here on read `atom` instead of `var`."""
        self.values[var] = atom
        self.changed = True

    def body(self, block: Block, side: tuple[Atom, bool] | None = None) -> Block:
        """A block, which is that of a side of a branch or not."""
        outer = self.known, self.side
        self.known, self.side = dict(self.known), side
        if side is not None:
            self.known[side[0]] = side[1]
            self.known.update(self.passed.get(side, ()))
        with self.builder.block() as nodes:
            for node in block:
                self.node(node)
        self.known, self.side = outer
        return tuple(nodes)

    def node(self, node: Node) -> None:
        self.builder.span = node.span
        if isinstance(node, Equation):
            self.equation(node)
        elif isinstance(node, If):
            self.branch(node)
        elif isinstance(node, For):
            self.counted(node)
        else:
            self.loop(node)

    def equation(self, node: Equation) -> None:
        args = self.atoms(node.args)
        b, op = self.builder, node.op
        if can_fold(op):
            target = node.target
            b.hint = (target.base, target.role)
            b.role = "partial" if target.role else ""
            b.of = target.of
            found = (fold if target.role else fold_exact)(b, op, args, node.params)
            if found is not None:
                self.replace(target, found)
                return
        b.append(node if args == node.args else node.with_args(args))

    # -- branches ---------------------------------------------------------------------

    def decided(self, cond: Atom) -> bool | None:
        if isinstance(cond, Const):
            return bool(cond.value)
        return self.known.get(cond)

    def branch(self, node: If) -> None:
        cond = self.atom(node.cond)
        taken = self.decided(cond)
        if taken is not None:
            for inner in node.then if taken else node.orelse:
                self.node(inner)
            yields = node.then_yields if taken else node.else_yields
            for var, atom in zip(node.results, self.atoms(yields), strict=True):
                self.replace(var, atom)
            self.changed = True
            return
        then = self.body(node.then, (cond, True))
        then_yields = self.atoms(node.then_yields)
        orelse = self.body(node.orelse, (cond, False))
        else_yields = self.atoms(node.else_yields)
        if _raises(then) != _raises(orelse):
            raising = _raises(then)
            self.guard(replace(node, cond=cond), raising, then if raising else orelse)
            going, yields = (orelse, else_yields) if raising else (then, then_yields)
            self.builder.nodes.extend(going)
            for var, atom in zip(node.results, yields, strict=True):
                self.replace(var, atom)
            self.changed |= bool(going)
            return
        kept = []
        first: dict[tuple[Atom, Atom], Var] = {}
        is_bool = isinstance(kind_of(cond), Bool)
        for var, a, c in zip(node.results, then_yields, else_yields, strict=True):
            if a == c:
                self.replace(var, a)
            elif (a, c) == _AS_THE_TEST and not self.loops and is_bool:
                self.replace(var, cond)
            elif (a, c) in first:
                self.replace(var, first[a, c])
            else:
                first[a, c] = var
                kept.append((var, a, c))
        if not (then or orelse or kept):
            self.changed = True
            return
        self.builder.append(
            replace(
                node,
                cond=cond,
                then=then,
                orelse=orelse,
                results=tuple(k[0] for k in kept),
                then_yields=tuple(k[1] for k in kept),
                else_yields=tuple(k[2] for k in kept),
            )
        )

    def guard(self, node: If, side: bool, raising: Block) -> None:
        """The side of a branch that raises: what is on the other one follows."""
        then, orelse = (raising, ()) if side else ((), raising)
        guard = replace(node, then=then, orelse=orelse, results=())
        self.builder.append(replace(guard, then_yields=(), else_yields=()))
        self.known[node.cond] = not side
        if self.side is not None:
            self.passed.setdefault(self.side, {})[node.cond] = not side

    # -- loops ------------------------------------------------------------------------

    def counted(self, node: For) -> None:
        args = self.atoms(node.iteration.args)
        if args != node.iteration.args:
            node = replace(node, iteration=node.iteration.with_args(args))
        if node.iteration.form != "tape" and all(isinstance(a, Const) for a in args):
            values = [a.value for a in args if isinstance(a, Const)]
            whole = all(isinstance(v, int) for v in values)
            if whole and values[2] != 0 and not range(*values):
                for var, atom in zip(node.results, node.inits, strict=True):
                    self.replace(var, self.atom(atom))
                self.changed = True
                return
        self.loop(node)

    def loop(self, node: For | While) -> None:
        inits = self.atoms(node.inits)
        idle: set[Var] = set()
        for var, init, end in zip(node.carried, inits, node.yields, strict=True):
            if end == var or self._same(end, init):
                idle.add(var)
                self.replace(var, init)
        test: Block | None = None
        cond: Atom | None = None
        self.loops += 1
        if isinstance(node, While):
            test = self.body(node.test)
            cond = self.atom(node.cond)
        body = self.body(node.body)
        self.loops -= 1
        yields = self.atoms(node.yields)
        leave = None if node.leave is None else self.atom(node.leave)
        if isinstance(leave, Const) and not leave.value:
            leave, self.changed = None, True

        kept, late = self.carried(node, inits, yields, idle)
        if late:
            # Seen only now that the body is done: name the values anew in it.
            body = rename(body, late)
            yields = tuple(_through(late, a) for a in yields)
            leave = None if leave is None else _through(late, leave)
            if test is not None and cond is not None:
                test, cond = rename(test, late), _through(late, cond)
        changes: dict[str, Any] = {
            "carried": tuple(node.carried[k] for k in kept),
            "inits": tuple(inits[k] for k in kept),
            "yields": tuple(yields[k] for k in kept),
            "results": tuple(node.results[k] for k in kept),
            "body": body,
            "leave": leave,
        }
        if isinstance(node, While):
            changes.update(test=test, cond=cond)
        self.builder.append(replace(node, **changes))

    def _same(self, end: Atom, init: Atom) -> bool:
        now = self.values.get(end, end) if isinstance(end, Var) else end
        return now == init

    def carried(
        self,
        node: For | While,
        inits: tuple[Atom, ...],
        yields: tuple[Atom, ...],
        idle: set[Var],
    ) -> tuple[list[int], dict[Var, Atom]]:
        """Which carried values stay, and what stands for the others in the body."""
        kept: list[int] = []
        late: dict[Var, Atom] = {}
        first: dict[tuple[Atom, Atom], int] = {}
        for k, var in enumerate(node.carried):
            init, end, result = inits[k], yields[k], node.results[k]
            if var in idle:
                self.replace(result, init)
            elif end in (var, init):
                late[var] = init
                self.replace(var, init)
                self.replace(result, init)
            elif (twin := first.get((init, end))) is not None:
                late[var] = node.carried[twin]
                self.replace(var, node.carried[twin])
                self.replace(result, node.results[twin])
            else:
                first[init, end] = k
                kept.append(k)
        for var, atom in late.items():
            late[var] = _through(late, atom)
        return kept, late


def _through(names: dict[Var, Atom], atom: Atom) -> Atom:
    return names.get(atom, atom) if isinstance(atom, Var) else atom


def _raises(block: Block) -> bool:
    last = block[-1] if block else None
    return isinstance(last, Equation) and last.op == "raise"
