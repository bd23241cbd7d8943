"""Elements of an adjoint that a loop adds to are numbers meanwhile.

`p[0]` and `p[1]`, read in each round, have their adjoints added to two places of an
array, each time at the price of a subscript: they are added to two floats, which are put
into the array behind the loop. What a round adds to one element at several places is
summed first.
"""

from __future__ import annotations

from symdiff.ir.builder import Names
from symdiff.ir.core import (
    Atom, Block, Const, Equation, For, Function, If, Node, Var, While, count_uses, kind_of,
    walk,
)  # fmt: skip
from symdiff.ir.kinds import FLOAT, Array, Float
from symdiff.passes.derived import reverse_part
from symdiff.passes.elements import Key, element_of, total_of
from symdiff.records import replace

__all__ = ["sums"]

_MOST = 8  # elements of one array


def sums(function: Function) -> Function:
    """Add to numbers what loops of the reverse sweep add to single elements."""
    start = reverse_part(function)
    if start is None or not any(isinstance(n, (For, While)) for n in function.body[start:]):
        return function
    work = _Sums(function)
    before, reverse = function.body[:start], function.body[start:]
    body = before + work.block(reverse, _reached(before))
    return replace(function, body=body) if work.done else function


# An array, an axis and a place on it that is there.
Reached = frozenset[tuple[Atom, int, int]]


def _reached(block: Block) -> Reached:
    """The places that a block reads, whatever happens."""
    found: set[tuple[Atom, int, int]] = set()
    for node in block:
        if isinstance(node, Equation):
            if node.op == "check length":
                found.update((node.args[0], 0, k) for k in range(node.params))
            elif node.op == "getitem":
                for axis, place in enumerate(element_of(node) or ()):
                    found.update((node.args[0], axis, k) for k in range(place + 1))
    return frozenset(found)


class _Sums:
    def __init__(self, function: Function) -> None:
        self.names = Names.after(function)
        self.uses = count_uses(function)
        self.made: dict[Atom, Equation] = {}
        self.called: dict[tuple[Atom, Key], str] = {}  # elements that have a name
        for node in walk(function.body):
            if isinstance(node, Equation):
                self.made[node.target] = node
                if node.op == "getitem" and node.target.base != "t":
                    key = element_of(node)
                    if key is not None:
                        self.called.setdefault((node.args[0], key), node.target.base)
        self.done = False

    def block(self, block: Block, reached: Reached) -> Block:
        nodes: list[Node] = []
        reached = reached | _reached(block)
        for node in block:
            if isinstance(node, Equation):
                nodes.append(node)
            elif isinstance(node, If):
                then, orelse = (self.block(b, reached) for b in (node.then, node.orelse))
                nodes.append(replace(node, then=then, orelse=orelse))
            else:
                node = replace(node, body=self.block(node.body, reached))
                self.loop(node, nodes, reached)
        return tuple(nodes)

    def loop(self, node: For | While, nodes: list[Node], reached: Reached) -> None:
        """A loop, and behind it the stores of the sums that it makes."""
        carried = list(
            zip(node.carried, node.inits, node.yields, node.results, strict=True)
        )
        kept = []
        body = list(node.body)
        behind: list[Node] = []
        for each in carried:
            stores = self.added(node, *each[:3])
            if stores is None or not self.are_there(each[1], stores, reached):
                kept.append(each)
                continue
            self.done = True
            _, init, _, result = each
            zeros = self.made.get(init)
            op = "additem"
            if zeros is not None and zeros in nodes and zeros.op == "numpy.zeros_like":
                op = "setitem"
                nodes.remove(zeros)
                behind.append(zeros)
            groups: dict[Key, list[Equation]] = {}
            for store in stores:
                groups.setdefault(element_of(store) or (), []).append(store)
            array = init
            for number, (key, group) in enumerate(sorted(groups.items()), 1):
                sum_ = self.summed(zeros, result, key, group, body)
                kept.append(sum_)
                target = self.names.fresh(result.base, result.role, result.kind)
                target = result if number == len(groups) else target
                args = (array, *group[-1].args[1:-1], sum_[3])
                behind.append(replace(group[-1], target=target, op=op, args=args))
                array = target
        if behind:
            node = replace(
                node,
                body=tuple(body),
                carried=tuple(var for var, _, _, _ in kept),
                inits=tuple(init for _, init, _, _ in kept),
                yields=tuple(end for _, _, end, _ in kept),
                results=tuple(result for _, _, _, result in kept),
            )
        nodes += [node, *behind]

    def added(
        self, node: For | While, carried: Var, init: Atom, end: Atom
    ) -> list[Equation] | None:
        """The stores by which a loop adds to elements of what it carries, in order, if
        that is all that it does with it."""
        if not isinstance(carried.kind, Array) or self.uses[init] != 1:
            return None
        within = {n.target for n in node.body if isinstance(n, Equation)}
        stores: list[Equation] = []
        while end is not carried:
            store = self.made.get(end)
            if store is None or store.op != "additem" or store.target not in within:
                return None
            value = kind_of(store.args[-1])
            if self.uses[end] != 1 or value not in (FLOAT, Float("float64")):
                return None
            if element_of(store) is None:
                return None
            stores.insert(0, store)
            end = store.args[0]
        keys = set(map(element_of, stores))
        return stores if 0 < len(keys) <= _MOST and self.uses[carried] == 1 else None

    def are_there(self, init: Atom, stores: list[Equation], reached: Reached) -> bool:
        """Whether the elements exist though the loop may run no round."""
        kind, made = kind_of(init), self.made.get(init)
        assert isinstance(kind, Array)
        while made is not None and made.op in ("setitem", "additem"):
            made = self.made.get(made.args[0])
        is_like = made is not None and made.op == "numpy.zeros_like"
        like = made.args[0] if made is not None and is_like else init
        for axis, dim in enumerate(kind.dims):
            last = max(key[axis] for store in stores if (key := element_of(store)))
            known = isinstance(dim, int) and last < dim
            if not known and (like, axis, last) not in reached:
                return False
        return True

    def summed(
        self,
        zeros: Equation | None,
        result: Var,
        key: Key,
        group: list[Equation],
        body: list[Node],
    ) -> tuple[Var, Atom, Atom, Var]:
        """Put a sum in the place of the stores into one element; what the loop carries."""
        base = "".join(map(str, (result.base, *key)))
        if zeros is not None and zeros.args:
            base = self.called.get((zeros.args[0], key), base)

        def named() -> Var:
            return self.names.fresh(base, result.role, FLOAT)

        carried, total = named(), named()
        equations, op, value = total_of(group, self.made, self.names)
        args = (carried, value)
        equations.append(Equation(total, op, args, None, group[-1].span))
        place = body.index(group[-1])
        body[place : place + 1] = equations
        for store in group[:-1]:
            body.remove(store)
        return carried, Const(0.0), total, named()
