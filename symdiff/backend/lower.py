"""Structured equations -> statements with explicit copies, breaks and returns.

Regions hand values over by yields and results. Python does it by assignment, so every
hand-over becomes a `Copy`, whose pairs are assigned at the same time. Most copies vanish
when both sides get one name. Ends of bodies are settled here too: a branch that ends
the function returns, a branch that leaves a loop breaks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from symdiff.errors import Span
from symdiff.ir.core import (
    UNDEF, Atom, Block, Const, Equation, For, Function, If, Index, Iteration, Node, Tree,
    Undef, Var, While, count_uses, kind_of, leaves, map_tree, rename, walk,
)  # fmt: skip
from symdiff.ir.effects import APPLIES, INVOKES, WRITES
from symdiff.ir.kinds import Tuple, is_number
from symdiff.records import dataclass, field, replace

TRUE = Const(True)
# The bases of what the user has not named: temporaries, and what a function returns.
UNNAMED = ("t", "result")
ARITHMETIC = ("add", "sub", "mul", "neg")
# `v = l.pop(i)`: an element is read, then taken out.
POP = "list.pop"

__all__ = [
    "POP", "Branch", "Break", "Compute", "Copy", "Loop", "Return", "Statement", "Unpack",
    "lower",
]  # fmt: skip


@dataclass(slots=True, eq=False)
class Compute:
    """One equation."""

    equation: Equation


@dataclass(slots=True, eq=False)
class Unpack:
    """An equation whose value is a tuple, and its items; None for those not read."""

    equation: Equation
    targets: tuple[Var | None, ...]


@dataclass(slots=True, eq=False)
class Copy:
    """All sources are read, then all targets are written. `rank` orders coalescing."""

    pairs: list[tuple[Var, Atom]]
    rank: int = 0


@dataclass(slots=True, eq=False)
class Branch:
    cond: Atom
    then: list[Statement]
    orelse: list[Statement]
    span: Span | None = None


@dataclass(slots=True, eq=False)
class Loop:
    """A `for` (iteration and targets) or a `while` (test, then cond)."""

    carried: tuple[Var, ...]
    body: list[Statement]
    iteration: Iteration | None = None
    targets: tuple[Var, ...] = ()
    test: list[Statement] = field(default_factory=list)
    cond: Atom = TRUE
    span: Span | None = None


@dataclass(slots=True, eq=False)
class Return:
    tree: Tree


@dataclass(slots=True, eq=False)
class Break:
    pass


Statement = Compute | Unpack | Copy | Branch | Loop | Return | Break
Subst = Mapping[Var, Atom]


def lower(function: Function) -> list[Statement]:
    """The body of a function as statements; it ends with a return on every path."""
    unpacked = _unpacked(function)
    return _Lowering(function, unpacked).function(_one_item_each(function, unpacked))


def _one_item_each(function: Function, unpacked: set[Atom]) -> Function:
    """Let all readers of an item that is unpacked read the same value."""
    first: dict[tuple[Var, int], Var] = {}
    names: dict[Var, Atom] = {}
    for node in walk(function.body) if unpacked else ():
        if isinstance(node, Equation):
            if node.op == "item" and node.args[0] in unpacked:
                key = (node.args[0], node.params)
                if first.setdefault(key, node.target) is not node.target:  # type: ignore[arg-type]
                    names[node.target] = first[key]  # type: ignore[index]
    if not names:
        return function
    returns = map_tree(function.returns, lambda a: _changed(a, names))
    return replace(function, body=rename(function.body, names), returns=returns)


def _unpacked(function: Function) -> set[Atom]:
    """The tuples whose items are assigned at once; those that a user's function gave only
    if nothing reads the whole."""
    found: set[Atom] = set()
    given: set[Atom] = set()
    items: Counter[Atom] = Counter()
    for node in walk(function.body):
        if isinstance(node, Equation):
            if node.op == "item":
                items[node.args[0]] += 1
            elif isinstance(node.target.kind, Tuple):
                if node.op in (*INVOKES, "unpack", "entry"):
                    found.add(node.target)
                elif node.op in APPLIES:
                    given.add(node.target)
    if given:
        uses = count_uses(function)
        found |= {var for var in given if uses[var] == items[var]}
    return found


def _unpacking(check: Equation, rest: list[Node]) -> Unpack:
    """`a, b = u` with the reads of items that follow, which are taken from the rest."""
    targets: list[Var | None] = [None] * check.params
    while rest:
        read = rest[-1]
        if not isinstance(read, Equation) or read.op != "getitem":
            break
        if read.args[0] != check.args[0] or read.params != Index(("at",)):
            break
        place = read.args[1]
        if not isinstance(place, Const) or targets[place.value] is not None:
            break
        targets[place.value] = read.target
        rest.pop()
    return Unpack(check, tuple(targets))


class _Lowering:
    def __init__(self, function: Function, unpacked: set[Atom]) -> None:
        self.uses = count_uses(function)
        self.items: dict[Atom, dict[int, Var]] = {u: {} for u in unpacked}
        for node in walk(function.body) if unpacked else ():
            if isinstance(node, Equation):
                if node.op == "item" and node.args[0] in self.items:
                    self.items[node.args[0]].setdefault(node.params, node.target)

    def function(self, function: Function) -> list[Statement]:
        returns = function.returns
        if returns == Const(None) or returns == ():
            return self.block(function.body)
        return self.returning(function.body, returns)

    def block(self, nodes: Block) -> list[Statement]:
        out: list[Statement] = []
        rest = list(nodes)[::-1]
        while rest:
            node = rest.pop()
            if isinstance(node, Equation) and node.op == "check length":
                out.append(_unpacking(node, rest))
            else:
                self.node(node, out)
        return out

    def node(self, node: Node, out: list[Statement]) -> None:
        if isinstance(node, Equation):
            place = _read_before(out, node)
            if node.target in self.items:
                items = self.items[node.target]
                count = len(node.target.kind.items)  # type: ignore[attr-defined]
                out.append(Unpack(node, tuple(items.get(k) for k in range(count))))
                return
            if node.op == "item" and node.args[0] in self.items:
                return
            if place is None:
                out.append(Compute(node))
                return
            read = out[place]
            assert isinstance(read, Compute)
            same = Copy([(node.target, node.args[0])], 1)
            out[place : place + 1] = [Compute(replace(read.equation, op=POP)), same]
        elif isinstance(node, If):
            then, orelse = self.block(node.then), self.block(node.orelse)
            self.copy(then, node.results, node.then_yields, 1)
            self.copy(orelse, node.results, node.else_yields, 1)
            out.append(Branch(node.cond, then, orelse, node.span))
        else:
            self.loop(node, out)

    @staticmethod
    def copy(
        out: list[Statement],
        targets: tuple[Var, ...],
        sources: tuple[Atom, ...],
        rank: int,
    ) -> None:
        if targets:
            out.append(Copy(list(zip(targets, sources, strict=True)), rank))

    def loop(self, node: For | While, out: list[Statement]) -> None:
        self.copy(out, node.carried, node.inits, 3)
        leave = Const(False) if node.leave is None else node.leave
        body = self.rounds(node.body, node.carried, node.yields, leave)
        if isinstance(node, For):
            loop = Loop(node.carried, body, node.iteration, node.targets, span=node.span)
        else:
            test = self.block(node.test)
            loop = Loop(node.carried, body, test=test, cond=node.cond, span=node.span)
        _drop_constants(loop, dict(zip(node.carried, node.inits, strict=True)))
        out.append(loop)
        self.copy(out, node.results, node.carried, 0)

    def rounds(
        self, nodes: Block, carried: tuple[Var, ...], yields: tuple[Atom, ...], leave: Atom
    ) -> list[Statement]:
        """A loop body with its copies to the carried names, and breaks."""
        last = nodes[-1] if nodes else None
        if isinstance(leave, Var) and isinstance(last, If) and self.breaks(last, leave):
            out = self.block(nodes[:-1])
            branch = Branch(last.cond, [], [], last.span)
            for subst, block, side in _sides(last, branch):
                passed = tuple(_changed(y, subst) for y in yields)
                side += self.rounds(block, carried, passed, _changed(leave, subst))
            out.append(branch)
            return out
        out = self.block(nodes)
        self.copy(out, carried, yields, 2)
        if isinstance(leave, Const):
            if leave.value:
                out.append(Break())
        elif not isinstance(leave, Undef):
            out.append(Branch(leave, [Break()], []))
        return out

    def breaks(self, node: If, leave: Var) -> bool:
        """Whether one side of the last branch of a body settles whether to leave."""
        if leave not in node.results:
            return False
        k = node.results.index(leave)
        return any(isinstance(y[k], Const) for y in (node.then_yields, node.else_yields))

    def returning(self, nodes: Block, tree: Tree) -> list[Statement]:
        last = nodes[-1] if nodes else None
        if isinstance(last, If) and self.returns(last, tree):
            out = self.block(nodes[:-1])
            branch = Branch(last.cond, [], [], last.span)
            for subst, block, side in _sides(last, branch):
                side += self.returning(block, _changed_tree(tree, subst))
            out.append(branch)
            return out
        out = self.block(nodes)
        whole = out[-1] if out else None
        if isinstance(whole, Unpack) and whole.targets == tree:
            # What a call returns is returned as it is.
            return [*out[:-1], Compute(whole.equation), Return(whole.equation.target)]
        return [*out, Return(tree)]

    def returns(self, node: If, tree: Tree) -> bool:
        """Whether the function may return in both branches of its last node."""
        read = Counter(a for a in leaves(tree) if isinstance(a, Var))
        results = node.results
        if not any(r in read for r in results):
            return False
        if any(read[r] != self.uses[r] for r in results):
            return False
        if all(_assigned(node, k) for k in range(len(results))):
            return False  # the user assigned a name in both branches, then returned it
        if not node.orelse and all(_grows(node, k) for k in range(len(results))):
            return False  # one branch adds to what the other leaves alone
        return len(results) > 1 or not _is_choice(node)


def _read_before(out: list[Statement], removal: Equation) -> int | None:
    """Where the element is read that is removed from its list; only arithmetic on
    numbers lies between."""
    if removal.op != "list.delitem":
        return None
    params = removal.params or Index(("at",))
    for k in range(len(out) - 1, -1, -1):
        statement = out[k]
        if not isinstance(statement, Compute):
            return None
        read = statement.equation
        if read.op == "getitem" and (read.args, read.params) == (removal.args, params):
            return k if params.items[-1] == "at" else None
        numbers = all(is_number(kind_of(a)) for a in (*read.args, read.target))
        if not numbers or read.op not in ARITHMETIC:
            return None
    return None


def _drop_constants(loop: Loop, inits: Subst) -> None:
    """Do not assign again and again what a flag is before the loop is left."""
    staying = _staying(loop.body)
    for var, init in inits.items():
        if isinstance(init, Const) and all((var, init) in c.pairs for c in staying):
            for copy in staying:
                copy.pairs.remove((var, init))


def _staying(body: list[Statement]) -> list[Copy]:
    """The copies at the ends of a loop body after which another round may come."""
    if not body or isinstance(body[-1], Break):
        return []
    last = body[-1]
    if isinstance(last, Branch):
        if last.then and isinstance(last.then[-1], Break) and not last.orelse:
            return [s for s in body[-2:] if isinstance(s, Copy)]
        return [*_staying(last.then), *_staying(last.orelse)]
    return [last] if isinstance(last, Copy) else []


def _assigned(node: If, k: int) -> bool:
    """Whether the user assigns the name of a result in both branches."""
    result = node.results[k]
    if result.role or result.base in UNNAMED:
        return False
    return all(
        isinstance(y, Var) and (y.base, y.role) == (result.base, "")
        for y in (node.then_yields[k], node.else_yields[k])
    )


def _grows(node: If, k: int) -> bool:
    """Whether one branch writes into the array that the other one hands on."""
    atom, end = node.then_yields[k], node.else_yields[k]
    before: dict[Atom, Atom] = {}
    for each in node.then:
        if isinstance(each, Equation) and each.op in WRITES:
            before[each.target] = each.args[0]
        elif isinstance(each, If) and not each.orelse:
            before.update(zip(each.results, each.else_yields, strict=True))
    while atom in before:
        atom = before[atom]
    return atom == end


def _is_choice(node: If) -> bool:
    """Whether the branches hold little enough to be one conditional expression."""
    nodes = (*node.then, *node.orelse)
    yields = (node.then_yields[0], node.else_yields[0])
    return (
        len(nodes) <= 3
        and all(isinstance(n, Equation) for n in nodes)
        and UNDEF not in yields
        and all(
            isinstance(n, Equation) and (n.target.role or n.target.base in UNNAMED)
            for n in nodes
        )
    )


def _sides(node: If, branch: Branch) -> list[tuple[Subst, Block, list[Statement]]]:
    """Of each side: what its results stand for, its nodes, where its statements go."""
    then = dict(zip(node.results, node.then_yields, strict=True))
    orelse = dict(zip(node.results, node.else_yields, strict=True))
    return [(then, node.then, branch.then), (orelse, node.orelse, branch.orelse)]


def _changed(atom: Atom, subst: Subst) -> Atom:
    return subst.get(atom, atom) if isinstance(atom, Var) else atom


def _changed_tree(tree: Tree, subst: Subst) -> Tree:
    return map_tree(tree, lambda atom: _changed(atom, subst))
