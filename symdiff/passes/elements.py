"""Stores into single elements of an adjoint: one for each element, or the whole at once.

What the reverse sweep adds to one element at several places is summed first, and an
adjoint of known length that gets all its elements so is made of them. The first
reassociates where there are three terms or more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import prod
from typing import Any, NamedTuple

from symdiff.ir.builder import Names
from symdiff.ir.core import (
    Atom, Block, Const, Equation, Function, If, Index, Node, Var, count_uses, kind_of,
    walk,
)  # fmt: skip
from symdiff.ir.infer import infer
from symdiff.ir.kinds import FLOAT, Array, Extent, Float, Int
from symdiff.passes.dead import dead
from symdiff.passes.derived import reverse_part
from symdiff.records import replace

__all__ = ["Key", "element_of", "elements", "total_of"]

_MOST = 32  # elements that are written in one display
_STORES = ("setitem", "additem")

Key = tuple[int, ...]
# Of arrays, and of all that are as long as a parameter.
Lengths = Mapping[Atom | Extent, int]


def elements(function: Function) -> Function:
    """Gather the stores into elements in the reverse sweep."""
    start = reverse_part(function)
    if start is None:
        return function
    before, reverse = function.body[:start], function.body[start:]
    if not any(isinstance(n, Equation) and n.op in _STORES for n in walk(reverse)):
        return function
    work = _Elements(function)
    body = before + work.block(reverse, work.lengths(before))
    return dead(replace(function, body=body)) if work.done else function


class _Chain(NamedTuple):
    """Stores one behind the other, each into what the one before leaves."""

    base: Atom
    stores: list[Equation]


class _Elements:
    def __init__(self, function: Function) -> None:
        self.names = Names.after(function)
        self.uses = count_uses(function)
        self.made: dict[Atom, Equation] = {
            n.target: n for n in walk(function.body) if isinstance(n, Equation)
        }
        kinds = [kind_of(each.var) for each in function.params]
        self.given = {k.dims[0] for k in kinds if isinstance(k, Array) and k.dims}
        self.done = False

    def lengths(self, block: Block) -> dict[Atom | Extent, int]:
        """The lengths of what a block takes apart into so many items, whatever happens."""
        found: dict[Atom | Extent, int] = {}
        for node in block:
            if isinstance(node, Equation) and node.op == "check length":
                kind = kind_of(node.args[0])
                found[node.args[0]] = node.params
                if isinstance(kind, Array) and kind.dims and kind.dims[0] in self.given:
                    found[kind.dims[0]] = node.params
        return found

    def block(self, block: Block, lengths: Lengths) -> Block:
        nodes: list[Node] = []
        lengths = {**lengths, **self.lengths(block)}
        for node in block:
            if isinstance(node, If):
                then, orelse = (self.block(b, lengths) for b in (node.then, node.orelse))
                nodes.append(replace(node, then=then, orelse=orelse))
            elif isinstance(node, Equation):
                nodes.append(node)
            else:
                nodes.append(replace(node, body=self.block(node.body, lengths)))
        instead: dict[Var, list[Equation]] = {}  # what stands in place of an equation
        for chain in self.chains(nodes, _key):
            instead |= self.gathered(chain, lengths)
        nodes = self.replaced(nodes, instead)
        once: dict[Var, list[Equation]] = {}
        for chain in self.chains(nodes, _place):
            once |= self.added_once(chain)
        return tuple(self.replaced(nodes, once))

    def replaced(
        self, nodes: list[Node], instead: Mapping[Var, list[Equation]]
    ) -> list[Node]:
        if not instead:
            return nodes
        self.done = True
        out: list[Node] = []
        for node in nodes:
            if isinstance(node, Equation) and node.target in instead:
                out += instead[node.target]
            else:
                out.append(node)
        return out

    def chains(
        self, nodes: list[Node], place: Callable[[Equation], Any]
    ) -> Iterator[_Chain]:
        """The longest chains of stores that have a place."""
        stores = {
            n.args[0]: n for n in nodes if isinstance(n, Equation) and place(n) is not None
        }
        targets = {store.target for store in stores.values()}
        for base, store in stores.items():
            if base in targets and self.uses[base] == 1:
                continue
            found = [store]
            while self.uses[store.target] == 1 and store.target in stores:
                store = stores[store.target]
                found.append(store)
            if len(found) > 1:
                yield _Chain(base, found)

    def gathered(self, chain: _Chain, lengths: Lengths) -> dict[Var, list[Equation]]:
        """What takes the place of each store; nothing where all stays as it is."""
        stores: dict[Key, list[Equation]] = {}
        for store in chain.stores:
            key = _key(store)
            assert key is not None
            if key in stores and store.op == "setitem":
                return {}
            stores.setdefault(key, []).append(store)
        gone = {store.target: list[Equation]() for store in chain.stores}
        shape = self.shape(chain.base, lengths, len(stores))
        if shape is not None:
            return gone | {chain.stores[-1].target: self.display(chain, stores, shape)}
        new = self.is_zero(chain.base)
        adds = new and any(group[0].op == "additem" for group in stores.values())
        if len(stores) == len(chain.stores) and not adds:
            return {}
        buffer = chain.base
        for group in sorted(stores.values(), key=lambda g: chain.stores.index(g[-1])):
            equations, value = self.sum(group)
            target = group[-1].target
            args = (buffer, *group[0].args[1:-1], value)
            op = "setitem" if new else group[0].op
            store = replace(group[0], target=target, op=op, args=args, span=group[-1].span)
            gone[target] = [*equations, store]
            buffer = target
        return gone

    def sum(self, group: list[Equation]) -> tuple[list[Equation], Atom]:
        """The sum of what is stored into one element."""
        if len(group) == 1:
            return [], group[0].args[-1]
        equations, _, value = total_of(group, self.made, self.names, whole="add")
        return equations, value

    def added_once(self, chain: _Chain) -> dict[Var, list[Equation]]:
        """The sum of what is added to one element of some place, where that is added
        last. Additions commute, whichever places are the same."""
        groups: dict[tuple[Atom, ...], list[Equation]] = {}
        for store in chain.stores:
            groups.setdefault(store.args[1:-1], []).append(store)
        if len(groups) == len(chain.stores):
            return {}
        gone = {store.target: list[Equation]() for store in chain.stores}
        buffer = chain.base
        for group in sorted(groups.values(), key=lambda g: chain.stores.index(g[-1])):
            last = group[-1]
            equations, sign, value = total_of(group, self.made, self.names)
            if sign == "sub":
                minus = self.names.fresh("t", "", kind_of(value))
                equations.append(Equation(minus, "neg", (value,), None, last.span))
                value = minus
            args = (buffer, *last.args[1:-1], value)
            gone[last.target] = [*equations, last.with_args(args)]
            buffer = last.target
        return gone

    def is_zero(self, base: Atom) -> bool:
        made = self.made.get(base)
        return made is not None and made.op == "numpy.zeros_like"

    # -- the whole at once ------------------------------------------------------------

    def shape(self, base: Atom, lengths: Lengths, count: int) -> Key | None:
        """The shape of an array of zeros, if half its elements at least are stored."""
        if not self.is_zero(base):
            return None
        zeros = self.made[base]
        kind = zeros.target.kind
        if not isinstance(kind, Array) or kind.dtype != "float64" or zeros.params:
            return None
        first, *others = kind.dims
        dims = (lengths.get(zeros.args[0], lengths.get(first, first)), *others)
        shape = tuple(dim for dim in dims if isinstance(dim, int))
        fits = len(shape) == len(dims) and 2 <= prod(shape) <= min(_MOST, 2 * count)
        return shape if fits else None

    def display(
        self, chain: _Chain, stores: dict[Key, list[Equation]], shape: Key
    ) -> list[Equation]:
        """`np.array([a, b])`"""
        last = chain.stores[-1]
        equations: list[Equation] = []
        values: dict[Key, Atom] = {}
        for key, group in stores.items():
            sums, value = self.sum(group)
            equations += sums
            values[key] = value

        def nested(at: Key) -> Atom:
            if len(at) == len(shape):
                return values.get(at, Const(0.0))
            items = tuple(nested((*at, k)) for k in range(shape[len(at)]))
            kind = infer("list", tuple(map(kind_of, items)), items, None)
            target = self.names.fresh("t", "", kind)
            equations.append(Equation(target, "list", items, None, last.span))
            return target

        args = (nested(()),)
        return [*equations, Equation(last.target, "numpy.array", args, None, last.span)]


def total_of(
    stores: list[Equation], made: Mapping[Atom, Equation], names: Names, whole: str = ""
) -> tuple[list[Equation], str, Atom]:
    """The sum of what is stored, and whether it is to be added or subtracted ("sub")."""
    terms: list[tuple[str, Atom, Equation]] = []
    for store in stores:
        term = store.args[-1]
        sign = made.get(term)
        if sign is not None and sign.op == "neg":
            terms.append(("sub", sign.args[0], store))
        else:
            terms.append(("add", term, store))
    if all(op == "sub" for op, _, _ in terms) and whole:
        terms[0] = whole, stores[0].args[-1], stores[0]
    whole = "add" if any(op == "add" for op, _, _ in terms) else "sub"
    terms.sort(key=lambda each: each[0] != whole)  # stable: what is added comes first
    equations: list[Equation] = []
    _, total, _ = terms[0]
    for op, term, store in terms[1:]:
        op = "add" if op == whole else "sub"
        args = (total, term)
        kind = infer(op, (kind_of(total), kind_of(term)), args, None)
        total = names.fresh("t", "", kind)
        equations.append(Equation(total, op, args, None, store.span))
    return equations, whole, total


def element_of(eq: Equation) -> Key | None:
    """The element of an array that is read or stored into, if it is known."""
    if not isinstance(eq.params, Index) or eq.params.through:
        return None
    array, *places = eq.args if eq.op == "getitem" else eq.args[:-1]
    kind = kind_of(array)
    if any(item != "at" for item in eq.params.items):
        return None
    if not isinstance(kind, Array) or kind.ndim != len(places):
        return None
    key = [a.value for a in places if isinstance(a, Const) and isinstance(a.value, int)]
    known = len(key) == len(places) and min(key, default=-1) >= 0
    return tuple(key) if known else None


def _key(eq: Equation) -> Key | None:
    """The element that a float is stored into, if it is known."""
    is_store = eq.op in _STORES and kind_of(eq.args[-1]) in _FLOATS
    return element_of(eq) if is_store else None


def _place(eq: Equation) -> tuple[Atom, ...] | None:
    """The element that a float is added to, wherever that is."""
    if eq.op != "additem" or kind_of(eq.args[-1]) not in _FLOATS:
        return None
    kind, places = kind_of(eq.args[0]), eq.args[1:-1]
    if not isinstance(kind, Array) or kind.ndim != len(places) or eq.params.through:
        return None
    return places if all(isinstance(kind_of(a), Int) for a in places) else None


_FLOATS = (FLOAT, Float("float64"))
