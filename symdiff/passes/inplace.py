"""Makes writes in place legal: copies go where a write would reach shared memory.

`symdiff.ir.memory` decides; here the copies are put in, and sums into an adjoint that
the function owns become `x_bar += ...`.
"""

from __future__ import annotations

from typing import Any

from symdiff.analysis.beside import Beside
from symdiff.errors import Span
from symdiff.ir.alias import is_container, writes_inside
from symdiff.ir.builder import Names
from symdiff.ir.core import (
    UNDEF, Atom, Block, Equation, For, Function, If, Index, Node, Tree, Var, While, kind_of,
    leaves, map_tree, walk,
)  # fmt: skip
from symdiff.ir.effects import DESTRUCTIVE, INVOKES, WRITES
from symdiff.ir.extents import agree
from symdiff.ir.infer_dtypes import real_dtype
from symdiff.ir.kinds import Array, Float, Int, List
from symdiff.ir.memory import OUTSIDE, Memory, Plan, alias
from symdiff.records import replace

__all__ = ["inplace"]

WHOLE = Index(("rest",))


def inplace(
    function: Function, *, own_returns: bool = False, by_places: bool = True
) -> Function:
    """The function with copies wherever a write would reach memory that is read through
    another value later, or that the function does not own.

    With `own_returns` the arrays returned are the caller's alone: none is memory of an
    argument, and no two are the same memory. With `by_places` a view is read on where only
    other places of its array are written.
    """
    program = function.functions
    inner = tuple(_inplace(f, program, False, by_places) for f in program)
    function = _inplace(function, program, own_returns, by_places)
    return replace(function, functions=inner) if inner else function


def _inplace(
    function: Function,
    program: tuple[Function, ...],
    own_returns: bool,
    by_places: bool,
) -> Function:
    own_returns = own_returns and any(
        isinstance(kind_of(atom), (Array, List)) for atom in leaves(function.returns)
    )
    sums = _sums(function)
    takers = {f.name for f in program if f.taken}
    writes = any(
        isinstance(n, Equation)
        and (n.op in DESTRUCTIVE or (n.op in INVOKES and n.params in takers))
        for n in walk(function.body)
    )
    if not (sums or writes or own_returns or function.taken):
        return function
    plan = Plan()
    beside = Beside(function) if by_places else None
    memory = Memory(function, plan, sums, program, beside)
    memory.run()
    if plan.writes and plan.size() > len(plan.writes):
        # With some writes going to copies, others may get on without.
        plan = Plan(writes=plan.writes)
        memory = Memory(function, plan, sums, program, beside)
        memory.run()
    changes = plan.size() or len(plan.kept) < len(sums) or memory.life.given
    if not (changes or own_returns or function.taken):
        return function
    worker = _Copier(function, plan, sums, memory.life.written_inside, takers)
    body = list(worker.block(function.body))
    returns = function.returns
    if own_returns:
        returns = _owned(returns, memory, worker, body, function.span)
    elif function.taken:
        returns = _given_back(function, memory, worker, body)
    return replace(function, body=tuple(body), returns=returns)


# -- sums -----------------------------------------------------------------------------


_MAKERS = ("copy", "numpy.zeros", "numpy.zeros_like", "item", *INVOKES)


def _sums(function: Function) -> dict[Var, Var]:
    """Sums that may be added in place, as target -> accumulator: adjoints that loops,
    branches, calls or writes made. A sum of plain terms reads better as one expression."""
    found: dict[Var, Var] = {}
    places = {function.params[k].var for k, _ in function.taken}
    for node in walk(function.body):
        if isinstance(node, If):
            places.update(node.results)
        elif isinstance(node, (For, While)):
            places.update(node.carried, node.results)
        elif node.op in WRITES or node.op in _MAKERS:
            places.add(node.target)
        elif node.op in ("add", "sub") and node.target.role in ("bar", "dot"):
            for k in (0, 1) if node.op == "add" else (0,):
                into, term = node.args[k], node.args[1 - k]
                if (
                    isinstance(into, Var)
                    and into in places
                    and (into.base, into.role) == (node.target.base, node.target.role)
                    and into is not term
                    and _fits(into, node.target, term)
                ):
                    found[node.target] = into
                    places.add(node.target)
                    break
    # Results of branches and loops are seen before what the blocks make of them.
    return found


def _fits(into: Var, target: Var, term: Atom) -> bool:
    kind, other = into.kind, kind_of(term)
    if not isinstance(kind, Array) or kind != target.kind or not kind.dims:
        return False
    if not kind.dtype.startswith(("float", "complex")):
        return False
    if isinstance(other, Array):
        fits = other.dtype in (kind.dtype, real_dtype(kind.dtype))
        return fits and agree(other.dims, kind.dims)
    return isinstance(other, Int) or (
        isinstance(other, Float) and other.dtype in (None, kind.dtype)
    )


# -- copies ---------------------------------------------------------------------------


def _partial(function: Function) -> dict[Atom, tuple[Atom, Atom]]:
    """The results of branches that some path leaves undefined, with what both yield."""
    found: dict[Atom, tuple[Atom, Atom]] = {}
    todo = [node for node in walk(function.body) if isinstance(node, If)]
    for node in reversed(todo):  # inner before outer
        for var, *sides in zip(
            node.results, node.then_yields, node.else_yields, strict=True
        ):
            if UNDEF in sides or any(side in found for side in sides):
                found[var] = (sides[0], sides[1])
    return found


class _Copier:
    """Puts in what the plan says."""

    def __init__(
        self,
        function: Function,
        plan: Plan,
        sums: dict[Var, Var],
        inside: set[Var],
        takers: set[str],
    ) -> None:
        self.names = Names.after(function)
        self.plan, self.sums, self.inside = plan, sums, inside
        self.takers = takers
        # Results of branches that some path leaves undefined are copied on the others.
        self.partial = _partial(function)
        self.twins: dict[Var, Var] = {}
        for node in walk(function.body):
            if isinstance(node, Equation) and node.op == "push":
                for k, atom in enumerate(node.args[1:]):
                    if (node.target, k) in plan.pushes:
                        self.twin(atom)

    def twin(self, atom: Atom) -> None:
        """Have a copy made of a result of a branch where it is defined."""
        sides = self.partial.get(atom) if isinstance(atom, Var) else None
        if sides is not None and isinstance(atom, Var) and atom not in self.twins:
            self.twins[atom] = self.names.fresh(atom.base, atom.role, atom.kind)
            for side in sides:
                self.twin(side)

    def block(self, block: Block) -> Block:
        nodes: list[Node] = []
        for node in block:
            if isinstance(node, Equation):
                self.equation(node, nodes)
            elif isinstance(node, If):
                nodes.append(self.branch(node))
            else:
                nodes.append(self.loop(node, nodes))
        return tuple(nodes)

    def branch(self, node: If) -> If:
        then, orelse = list(self.block(node.then)), list(self.block(node.orelse))
        made = [var for var in node.results if var in self.twins]
        if not made:
            return replace(node, then=tuple(then), orelse=tuple(orelse))

        def copied(atom: Atom, like: Var, nodes: list[Node]) -> Atom:
            if atom == UNDEF:
                return atom
            known = self.twins.get(atom) if isinstance(atom, Var) else None
            return known or self.copy(atom, like, nodes, node.span)

        rows = zip(node.results, node.then_yields, node.else_yields, strict=True)
        sources = {var: (a, b) for var, a, b in rows}
        firsts = tuple(copied(sources[var][0], var, then) for var in made)
        seconds = tuple(copied(sources[var][1], var, orelse) for var in made)
        return replace(
            node,
            then=tuple(then),
            orelse=tuple(orelse),
            results=(*node.results, *(self.twins[var] for var in made)),
            then_yields=(*node.then_yields, *firsts),
            else_yields=(*node.else_yields, *seconds),
        )

    def copy(
        self,
        atom: Atom,
        like: Var,
        nodes: list[Node],
        span: Span | None,
        inside: bool = True,
    ) -> Var:
        """A copy under the name of the value, or that of `like`: of a list with its
        elements if they are written into (`inside`)."""
        named = atom if isinstance(atom, Var) else like
        kind = kind_of(atom)
        target = self.names.fresh(named.base, named.role, kind)
        shallow = isinstance(kind, List) and is_container(kind) and not inside
        op = "list.copy" if shallow else "copy"
        nodes.append(Equation(target, op, (atom,), None, span))
        return target

    def loop(self, node: For | While, nodes: list[Node]) -> For | While:
        inits = tuple(
            self.copy(init, var, nodes, node.span, var in self.inside)
            if var in self.plan.inits
            else init
            for var, init in zip(node.carried, node.inits, strict=True)
        )
        changes: dict[str, Any] = {"inits": inits, "body": self.block(node.body)}
        if isinstance(node, While):
            changes["test"] = self.block(node.test)
        return replace(node, **changes)

    def equation(self, node: Equation, nodes: list[Node]) -> None:
        plan, target = self.plan, node.target
        args = list(node.args)
        if node.op in INVOKES and node.params in self.takers:
            for k, atom in enumerate(node.args):
                if (target, k) in plan.takes:
                    args[k] = self.copy(atom, target, nodes, node.span)
            # It writes from now on: nothing may pass it.
            node = replace(node, op="perform")
        if node.op == "push":
            for k, atom in enumerate(node.args[1:]):
                if (target, k) in plan.pushes:
                    twin = self.twins.get(atom) if isinstance(atom, Var) else None
                    args[k + 1] = twin or self.copy(atom, target, nodes, node.span)
        if target in plan.stores:
            args[-1] = self.copy(args[-1], target, nodes, node.span)
        if target in plan.writes:
            args[0] = self.copy(args[0], target, nodes, node.span, writes_inside(node))
        if target in plan.views:
            view = self.names.fresh(target.base, target.role, target.kind)
            nodes.append(replace(node, target=view))
            node = Equation(target, "copy", (view,), None, node.span)
        elif target in self.sums and target not in plan.kept:
            node = self.added(node, nodes)
        elif tuple(args) != node.args:
            node = replace(node, args=tuple(args))
        nodes.append(node)

    def added(self, node: Equation, nodes: list[Node]) -> Equation:
        """`acc += term` for `acc + term`, `acc += -term` for `acc - term`."""
        into = self.sums[node.target]
        term = node.args[1] if node.args[0] is into else node.args[0]
        if node.op == "sub":
            minus = self.names.fresh("t", "", kind_of(term))
            nodes.append(Equation(minus, "neg", (term,), None, node.span))
            term = minus
        return replace(node, op="additem", args=(into, term), params=WHOLE)


def _given_back(
    function: Function, memory: Memory, worker: _Copier, body: list[Node]
) -> Tree:
    """The results, with copies of those that must be the caller's alone and are not."""
    results = list(leaves(function.returns))
    for _, k in function.taken:
        own = memory.place(results[k]).own
        others = [memory.place(r).all for j, r in enumerate(results) if j != k]
        if OUTSIDE in own or any(alias(own, other) for other in others):
            like = function.params[0].var
            results[k] = worker.copy(results[k], like, body, function.span)
    return tuple(results) if isinstance(function.returns, tuple) else results[0]


def _owned(
    returns: Tree, memory: Memory, worker: _Copier, body: list[Node], span: Span
) -> Tree:
    """The returned tree with copies of arrays that are not the caller's alone."""
    seen: list[Any] = []

    def change(atom: Atom) -> Atom:
        if not isinstance(kind_of(atom), (Array, List)):
            return atom
        own = memory.place(atom).all
        if OUTSIDE in own or any(alias(own, other) for other in seen):
            like = atom if isinstance(atom, Var) else Var("t", "", 0, kind_of(atom))
            return worker.copy(atom, like, body, span)
        seen.append(own)
        return atom

    return map_tree(returns, change)
