"""`u_bar[i] = 0`, then `u_bar[i] += c`: one store of c, as late as c is known.

The reverse of `u[i] = f(u[i], …)` clears a part of the adjoint and adds to it again.
Additions to the same buffer in between commute with that. What was read from the part
before stays a view, since nothing is written until all has been read.
"""

from __future__ import annotations

from collections import Counter

from symdiff.ir.core import (
    Atom, Block, Const, Equation, Function, If, Node, Var, atoms_of, kind_of, leaves, walk,
)  # fmt: skip
from symdiff.ir.kinds import Int
from symdiff.passes.derived import reverse_part
from symdiff.records import replace

__all__ = ["stores"]


def stores(function: Function) -> Function:
    """Merge clearing and adding in the reverse sweep."""
    start = reverse_part(function)
    if start is None:
        return function
    uses: Counter[Atom] = Counter(leaves(function.returns))
    for node in walk(function.body):
        uses.update(atoms_of(node))
    changed = _block(function.body[start:], uses)
    if changed == function.body[start:]:
        return function
    return replace(function, body=function.body[:start] + changed)


def _block(block: Block, uses: Counter[Atom]) -> Block:
    nodes: list[Node] = []
    for node in block:
        if isinstance(node, If):
            then, orelse = _block(node.then, uses), _block(node.orelse, uses)
            nodes.append(replace(node, then=then, orelse=orelse))
        elif isinstance(node, Equation):
            nodes.append(node)
        else:
            nodes.append(replace(node, body=_block(node.body, uses)))
    equations = [n for n in nodes if isinstance(n, Equation)]
    adding = {n.args[0]: n for n in equations if n.op == "additem"}
    zeros = {n.target for n in equations if n.op.endswith("zeros_like")}
    moved: dict[Var, list[Equation]] = {}  # what stands in place of an equation
    for node in nodes:
        if isinstance(node, Equation) and node.args and _is_zero(node.args[-1], zeros):
            if _clears(node):
                moved |= _merged(node, adding, uses)
            elif _puts_in(node):
                moved |= _filled(node, adding, uses)
    if not moved:
        return tuple(nodes)
    out: list[Node] = []
    for node in nodes:
        if isinstance(node, Equation):
            out.extend(moved.get(node.target, (node,)))
        else:
            out.append(node)
    return tuple(out)


def _is_zero(atom: Atom, zeros: set[Var]) -> bool:
    return atom == Const(0.0) or atom in zeros


def _puts_in(eq: Equation) -> bool:
    """Whether the equation puts an element into a list, at a known place."""
    return eq.op == "list.append" or (eq.op == "list.insert" and eq.args[-2] == Const(0))


def _filled(
    put: Equation, adding: dict[Atom, Equation], uses: Counter[Atom]
) -> dict[Var, list[Equation]]:
    """`l.append(0.0)`, then `l[-1] += c`: `l.append(c)`."""
    add = adding.get(put.target)
    place = put.args[1:-1] if put.op == "list.insert" else (*put.args[1:-1], Const(-1))
    if add is None or uses[put.target] != 1 or add.args[1:-1] != place:
        return {}
    args = (*put.args[:-1], add.args[-1])
    return {
        put.target: [],
        add.target: [replace(put, target=add.target, args=args, span=add.span)],
    }


def _clears(eq: Equation) -> bool:
    """Whether the equation sets a part to zero that has each element once."""
    if eq.op != "setitem":
        return False
    return all(isinstance(kind_of(a), Int) for a in eq.args[1:-1])


def _merged(
    clear: Equation, adding: dict[Atom, Equation], uses: Counter[Atom]
) -> dict[Var, list[Equation]]:
    """The store and the additions between, all where the last addition stands."""
    chain: list[Equation] = []
    buffer = clear.target
    while uses[buffer] == 1 and buffer in adding:
        add = adding[buffer]
        chain.append(add)
        if add.params == clear.params and add.args[1:-1] == clear.args[1:-1]:
            break
        buffer = add.target
    else:
        return {}
    *between, last = chain
    # Each takes the target of the one before which it stood.
    targets = [add.target for add in chain]
    store = replace(clear, target=targets[0], args=(*clear.args[:-1], last.args[-1]))
    group = [replace(store, span=last.span)]
    for k, add in enumerate(between):
        args = (targets[k], *add.args[1:])
        group.append(replace(add, target=targets[k + 1], args=args))
    gone: dict[Var, list[Equation]] = {clear.target: []}
    gone.update({add.target: [] for add in between})
    return gone | {last.target: group}
