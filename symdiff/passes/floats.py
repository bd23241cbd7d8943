"""Elements of arrays become Python's floats where much is computed with them.

`p[0]` is a number of NumPy's, and so is all that is computed with it: each operation takes
three times as long as with `float(p[0])`. What would differ is left alone, see
`symdiff.analysis.numbers`. Elements that loops read in turn come from lists, see
`symdiff.passes.listed`; a divisor from outside a loop stays one of NumPy's if it is zero,
`float(s) or s`. Values of the function are returned as NumPy's again.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

from symdiff.analysis.numbers import WIDE, Numbers, is_square
from symdiff.errors import Span
from symdiff.ir.builder import Names
from symdiff.ir.core import (
    UNDEF, Atom, Block, Const, Equation, For, Function, If, Index, Node, Var, While,
    blocks_of, defined_by, inner_params, kind_of, map_tree, rename, walk,
)  # fmt: skip
from symdiff.ir.infer import infer
from symdiff.ir.kinds import (
    BOOL, FLOAT, INT, NUMPY, Array, Complex, Float, Int, Kind, List, Tuple,
)  # fmt: skip
from symdiff.passes.dead import dead
from symdiff.passes.listed import TO, Key, Listed, listed
from symdiff.passes.worth import Choice
from symdiff.records import replace

__all__ = ["floats"]

# What is made in front of a loop: under which key, how, and whether that may fail.
_Front = tuple[Key | Atom, list[Equation], bool]
# What may be read: lists by what they are made of, divisors by what they are instead of,
# and the results of comparisons.
_Made = dict[Key | Atom | tuple[Any, ...] | None, Var]


def floats(function: Function) -> Function:
    """Convert the elements that a function reads, if that pays."""
    if function.contexts or not any(map(_is_numpy, walk(function.body))):
        return function  # under `np.errstate` it may matter whose numbers they are
    if any(map(_is_narrow, _kinds(function))):
        return function  # beside which NumPy takes Python's floats for as narrow
    numbers = Numbers(function)
    lists = listed(function, numbers.tapes)
    reads = dict(_reads(function.body, 0))
    choice = Choice(function, numbers, reads | numbers.computed, lists)
    good = choice.best()
    return dead(_Convert(function, choice, good).function(function)) if good else function


def _is_numpy(node: Node) -> bool:
    """Whether it computes a number of NumPy's."""
    return isinstance(node, Equation) and node.target.kind == NUMPY


def _is_read(node: Node) -> bool:
    """Whether it reads an element as a number of NumPy's."""
    if not isinstance(node, Equation) or node.op != "getitem":
        return False
    kind = kind_of(node.args[0])
    return node.target.kind == NUMPY and isinstance(kind, Array)


def _kinds(function: Function) -> set[Kind]:
    """The kinds of all that there is in a function."""
    found = {parameter.var.kind for parameter in function.params}
    for node in walk(function.body):
        found.update(var.kind for var in (*defined_by(node), *inner_params(node)))
    return found


def _is_narrow(kind: Kind) -> bool:
    """Whether it is of numbers of less, or more, than double precision."""
    if isinstance(kind, (List, Tuple)):
        items = kind.items if isinstance(kind, Tuple) else (kind.item,)
        return any(map(_is_narrow, items))
    if isinstance(kind, Array):
        return kind.dtype not in WIDE and kind.dtype.startswith(("float", "complex"))
    if isinstance(kind, (Float, Complex)):
        return kind.dtype is not None and kind.dtype not in WIDE
    return False


def _reads(block: Block, depth: int) -> Iterator[tuple[Var, int]]:
    """The elements that may be converted, and in how many loops each is read."""
    for node in block:
        if isinstance(node, Equation):
            if _is_read(node) and (not depth or _is_one(node)):
                yield node.target, depth
            continue
        inner = depth if isinstance(node, If) else depth + 1
        for each in blocks_of(node):
            yield from _reads(each, inner)


def _is_one(eq: Equation) -> bool:
    """Whether `item` reads it, given its places."""
    array, *places = eq.args
    whole = eq.params.items == ("at",) * len(places) and not eq.params.through
    known = all(isinstance(kind_of(place), Int) for place in places)
    return whole and known and kind_of(array).ndim == len(places)  # type: ignore[attr-defined]


class _Convert:
    def __init__(self, function: Function, choice: Choice, good: set[Var]) -> None:
        self.names, self.depths, self.choice = Names.after(function), choice.reads, choice
        self.good, self.free = good, choice.free
        numbers, lists = choice.numbers, choice.lists
        self.lists = {var: lists[var] for var in lists if var in good}
        self.fronts: dict[int, list[Listed]] = {}  # by the loops they are made for
        for each in self.lists.values():
            if each.loop is not None:
                self.fronts.setdefault(each.loop, []).append(each)
        self.reached = numbers.reached(good)
        self.made = numbers.made
        self.returned = numbers.returned & self.reached
        self.guarded = {
            var: under for var, under in numbers.guarded.items() if var in self.reached
        }
        self.opened = numbers.opened.intersection(self.guarded.values())
        self.new: dict[Var, Var] = {}

    def function(self, function: Function) -> Function:
        """What was NumPy's is returned as NumPy's."""
        nodes = list(rename(self.block(function.body, {}), self.new))
        values: dict[Atom, Atom] = {}
        for var in sorted(self.returned, key=str):
            values[var] = value = self.names.fresh("result", "", NUMPY)
            nodes.append(Equation(value, "numpy.float64", (self.atom(var),)))
        returns = map_tree(function.returns, lambda a: values.get(a, self.atom(a)))
        return replace(function, body=tuple(nodes), returns=returns)

    def block(self, block: Block, made: _Made) -> Block:
        """`made` is what may be read in the block."""
        nodes: list[Node] = []
        made = dict(made)
        left = list(block)[::-1]
        while left:
            node = left.pop()
            if isinstance(node, If):
                nodes.append(self.branch(node, made))
            elif not isinstance(node, Equation):
                nodes += self.in_front(node, made)
                nodes += self.counted(node, made)
            elif node.op == "check length":
                reads = _items_of(node, left)
                nodes += self.unpacked(node, reads)
            elif self.key_of(node) in made:
                nodes.append(self.from_list(node, made))
            elif node.target in self.guarded:
                over, under = node.args
                nodes.append(node.with_args((over, made[under])))
            elif self.needs_check(node):
                nodes += self.checked(node, made)
            else:
                if node.op == "gt":
                    made["gt", *node.args] = node.target
                nodes += self.converted([node])
        return tuple(nodes)

    def needs_check(self, eq: Equation) -> bool:
        """Whether it divides by what may be a zero of Python's, and was NumPy's."""
        if eq.target not in self.choice.numbers.checked:
            return False
        over, under = eq.args
        was_python = kind_of(under) != NUMPY
        return under in self.reached or (was_python and over in self.reached)

    def checked(self, eq: Equation, made: _Made) -> Iterator[Equation]:
        """`x / (h or np.float64(h))`"""
        over, under = eq.args
        key = "nonzero", under
        if key not in made:
            other = self.names.fresh("t", "", NUMPY)
            yield Equation(other, "numpy.float64", (under,), None, eq.span)
            made[key] = self.names.fresh("t", "", FLOAT)
            yield Equation(made[key], "boolean or", (under, other), None, eq.span)
        yield eq.with_args((over, made[key]))

    def key_of(self, eq: Equation) -> Key | None:
        """The list that an element is read from, if it is."""
        return self.lists[eq.target].key if eq.target in self.lists else None

    def loop(self, node: For | While, made: _Made) -> For | While:
        if isinstance(node, While):
            node = replace(node, test=self.block(node.test, made))
        return replace(node, body=self.block(node.body, made))

    def counted(self, node: For | While, made: _Made) -> Iterator[Node]:
        """A loop along an array whose items it takes from a list runs along that."""
        loop, whole = self.loop(node, made), self.along(node, made)
        if whole is not None:
            assert isinstance(loop, For)
            start, stop, step = loop.iteration.args
            length = self.names.fresh("t", "", kind_of(stop))
            yield Equation(length, "builtins.len", (whole,), None, node.span)
            iteration = loop.iteration.with_args((start, length, step))
            loop = replace(loop, iteration=iteration)
        yield loop

    def along(self, loop: For | While, made: _Made) -> Var | None:
        """The list that a loop counts along, if it reads the items."""
        if not isinstance(loop, For) or loop.iteration.form not in ("range", "reversed"):
            return None
        start, stop, step = loop.iteration.args
        length = self.made.get(stop) if (start, step) == (Const(0), Const(1)) else None
        if length is None or length.op != "builtins.len":
            return None
        for node in walk(loop.body):
            each = self.lists.get(node.target) if isinstance(node, Equation) else None
            if each is not None and each.places == loop.targets:
                if (each.array, *each.fixed) == length.args:
                    return made.get(each.key)
        return None

    def in_front(self, loop: For | While, made: _Made) -> Iterator[Node]:
        """The lists and divisors that are made before a loop; what may fail only if it
        has a round."""
        guarded: list[Equation] = []
        keys: dict[Key | Atom, Var] = {}
        for key, nodes, may_fail in (*self.lists_for(loop), *self.divisors(loop)):
            if key not in made and key not in keys:
                if may_fail:
                    guarded += nodes
                    keys[key] = nodes[-1].target
                else:
                    yield from nodes
                    made[key] = nodes[-1].target
        if guarded:
            assert isinstance(loop, For)
            test = yield from self.runs(loop, made)
            found = tuple(keys.values())
            results = tuple(self.names.fresh(v.base, v.role, v.kind) for v in found)
            undefined = (UNDEF,) * len(found)
            yield If(test, tuple(guarded), (), results, found, undefined, loop.span)
            made.update(zip(keys, results, strict=True))

    def lists_for(self, loop: For | While) -> Iterator[_Front]:
        for each in self.fronts.get(id(loop), ()):
            yield each.key, list(self.listed(each, loop)), each.if_run

    def listed(self, each: Listed, loop: For | While) -> Iterator[Equation]:
        """`y_list = y.tolist()`"""
        part = each.array
        if each.fixed:
            args: list[Atom] = [part, *each.fixed]
            if each.beyond:
                end = 1 + each.index.items.index(TO)
                further = self.further(args[end], each.beyond, loop)
                if isinstance(further, Equation):
                    yield further
                    further = further.target
                args[end] = further
            kind = infer("getitem", tuple(map(kind_of, args)), args, each.index)
            part = self.names.fresh("t", "", kind)
            yield Equation(part, "getitem", tuple(args), each.index, loop.span)
        item: Kind = FLOAT
        for _ in each.places[1:]:
            item = List(item)
        base = "_".join(filter(None, (each.array.base, each.array.role)))
        whole = self.names.fresh(base, "list", List(item))
        yield Equation(whole, "list.unstack", (part,), item, loop.span)

    def runs(self, loop: For, made: _Made) -> Generator[Equation, None, Var]:
        """Whether a loop has a round."""
        start, stop, step = loop.iteration.args
        key = ("gt", stop, start) if step == Const(1) else ("gt", start, stop)
        if key not in made:
            made[key] = self.names.fresh("t", "", BOOL)
            yield Equation(made[key], key[0], key[1:], None, loop.span)
        return made[key]

    def further(self, end: Atom, by: int, loop: For | While) -> Equation | Atom:
        """`n - 1` for the place behind `n - 2`."""
        made = self.made.get(end)
        if made is not None and made.op in ("add", "sub"):
            inner, more = made.args
            if isinstance(more, Const) and isinstance(more.value, int):
                end, by = inner, by + (more.value if made.op == "add" else -more.value)
        if isinstance(end, Const):
            return Const(end.value + by)
        if not by:
            return end
        op = "add" if by > 0 else "sub"
        target = self.names.fresh("t", "", INT)
        return Equation(target, op, (end, Const(abs(by))), None, loop.span)

    def divisors(self, loop: For | While) -> Iterator[_Front]:
        """Those that loops divide by."""
        if not self.guarded:
            return
        for node in (each for block in blocks_of(loop) for each in walk(block)):
            under = self.guarded.get(node.target) if isinstance(node, Equation) else None
            if under is not None and under not in self.opened:
                yield under, list(self.divisor(under, under, node.span)), False

    def divisor(self, under: Atom, like: Atom, span: Span | None) -> Iterator[Equation]:
        """`sigma = float(p[2]) or p[2]`: by zero divides a number of NumPy's."""
        is_numpy = kind_of(like) == NUMPY
        op = "builtins.float" if is_numpy else "numpy.float64"
        other = self.names.fresh("t", "", FLOAT if is_numpy else NUMPY)
        yield Equation(other, op, (under,), None, span)
        base, role = (like.base, like.role) if isinstance(like, Var) else ("t", "")
        either = (other, under) if is_numpy else (under, other)
        divisor = self.names.fresh(base, role, FLOAT)
        yield Equation(divisor, "boolean or", either, None, span)

    def branch(self, node: If, made: _Made) -> If:
        """A branch, with the divisors that only one of its sides makes."""
        blocks = [self.block(node.then, made), self.block(node.orelse, made)]
        ends = [list(node.then_yields), list(node.else_yields)]
        results = list(node.results)
        for place, result in enumerate(node.results):
            if result in self.opened:
                side = int(node.then_yields[place] == UNDEF)
                nodes = list(self.divisor(ends[side][place], result, node.span))
                blocks[side] += tuple(nodes)
                ends[side].append(nodes[-1].target)
                ends[1 - side].append(UNDEF)
                kind = nodes[-1].target.kind
                made[result] = self.names.fresh(result.base, result.role, kind)
                results.append(made[result])
        then, orelse = blocks
        yes, no = map(tuple, ends)
        return If(node.cond, then, orelse, tuple(results), yes, no, node.span)

    def from_list(self, eq: Equation, made: _Made) -> Equation:
        """`y_list[k]`"""
        each = self.lists[eq.target]
        places = ("at",) * len(each.places)
        args = (made[each.key], *each.places)
        index = Index(places, len(places) > 1)
        return replace(eq, target=self.named(eq.target), args=args, params=index)

    def unpacked(self, check: Equation, reads: list[Equation]) -> Iterator[Equation]:
        """`a, b = p.tolist()`, if none of the items has to stay as it is."""
        targets = {eq.target for eq in reads}
        if targets.isdisjoint(self.good) or not self.free.issuperset(targets):
            yield check
            yield from self.converted(reads)
            return
        whole = self.names.fresh("t", "", List(FLOAT))
        yield Equation(whole, "list.unstack", check.args, FLOAT, check.span)
        yield check.with_args((whole,))
        for eq in reads:
            yield replace(eq, target=self.named(eq.target), args=(whole, *eq.args[1:]))

    def converted(self, equations: list[Equation]) -> Iterator[Equation]:
        """`float(p[0])`"""
        behind: list[Equation] = []
        for eq in equations:
            if is_square(eq) and eq.args[0] in self.reached:
                eq = replace(eq, op="mul", args=(eq.args[0], eq.args[0]))
            if eq.target in self.good:
                is_item = eq.op == "getitem" and self.depths[eq.target]
                how = "item" if is_item else None
                read = self.names.fresh("t", "", NUMPY)
                target = self.named(eq.target)
                behind.append(Equation(target, "builtins.float", (read,), how, eq.span))
                eq = replace(eq, target=read)
            yield eq
        yield from behind

    def atom(self, atom: Atom) -> Atom:
        return self.new.get(atom, atom) if isinstance(atom, Var) else atom

    def named(self, var: Var) -> Var:
        made = self.names.fresh(var.base, var.role, FLOAT)
        self.new[var] = made
        return made


def _items_of(check: Equation, left: list[Node]) -> list[Equation]:
    """The reads of items that follow at once, taken off what is left."""
    found: list[Equation] = []
    while left:
        node = left[-1]
        if not isinstance(node, Equation) or node.op != "getitem":
            break
        if node.args[0] != check.args[0] or node.params != Index(("at",)):
            break
        found.append(node)
        left.pop()
    return found
