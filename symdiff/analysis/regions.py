"""Where each value of a function is defined, and which writes end its life.

A *version chain* is the succession of contents of one buffer: u, setitem(u, …), … The
reverse sweep walks it backwards, putting overwritten parts back (the scheme of
Tapenade: Hascoet & Pascual, TOMS 39(3), 2013, section 4).
"""

from __future__ import annotations

from collections.abc import Collection

from symdiff.ir.alias import has_memory, stored
from symdiff.ir.core import (
    UNDEF, Atom, Block, Equation, For, Function, If, Var, While, kind_of,
)  # fmt: skip
from symdiff.ir.effects import RESIZING, WRITES
from symdiff.ir.kinds import Array, Kind, List, Size
from symdiff.records import dataclass, field

__all__ = ["Home", "Layout", "is_buffer", "lengths_that_vary"]


def is_buffer(kind: Kind) -> bool:
    """Whether values of this kind are written in place."""
    return isinstance(kind, (Array, List))


def _resizes(eq: Equation) -> bool:
    how = stored(eq)
    in_part = how == "one" and has_memory(kind_of(eq.args[-1]))
    return eq.op in RESIZING or how == "several" or in_part


def _symbols(kind: Kind) -> set[str]:
    """The symbols of the lengths of an array's axes."""
    dims = kind.dims if isinstance(kind, Array) else ()
    return {extent.symbol for extent in dims if isinstance(extent, Size)}


def lengths_that_vary(node: For | While, known: Collection[str] = ()) -> set[str]:
    """The symbols of the lengths that rounds may change. `known` are those of the
    parameters, which what begins in a loop may have."""
    found = set()
    for var, init in zip(node.carried, node.inits, strict=True):
        before = known if init == UNDEF else _symbols(kind_of(init))
        found |= _symbols(var.kind).difference(before)
    return found


@dataclass(slots=True, eq=False)
class Home:
    """A region: the function's body, a branch or a loop body."""

    node: If | For | While | None
    side: int = 0
    outer: Home | None = None
    depth: int = 0
    repeated: bool = False  # the body of a function that the reverse sweep is called for

    @property
    def is_loop(self) -> bool:
        return isinstance(self.node, (For, While))

    @property
    def lasting(self) -> bool:
        """Whether the values stay where they are until the reverse sweep."""
        return self.node is None and not self.repeated

    @property
    def in_loop(self) -> bool:
        """Whether a loop is around."""
        home: Home | None = self
        while home is not None and not home.is_loop:
            home = home.outer
        return home is not None

    def is_inside(self, other: Home) -> bool:
        home: Home | None = self
        while home is not None and home is not other:
            home = home.outer
        return home is other


@dataclass(slots=True)
class Layout:
    """Facts about every value of a function."""

    top: Home = field(default_factory=lambda: Home(None))
    params: set[Var] = field(default_factory=set)
    copied: set[Var] = field(default_factory=set)  # parameters worked on as copies
    handed_over: set[Var] = field(default_factory=set)  # to the next round, to be written
    home: dict[Var, Home] = field(default_factory=dict)
    made_by: dict[Var, Equation] = field(default_factory=dict)
    # What follows a value in its buffer: a write, or a region that writes into it.
    next: dict[Var, list[Var]] = field(default_factory=dict)
    regions: dict[tuple[int, int], Home] = field(default_factory=dict)  # by node and side
    yielded: dict[Var, list[tuple[If, int, Var]]] = field(default_factory=dict)
    cycles: dict[int, list[int]] = field(default_factory=dict)  # of loops, by id
    chain: dict[Var, Var] = field(default_factory=dict)  # union-find over versions
    writes: list[Equation] = field(default_factory=list)
    varying: set[str] = field(default_factory=set)  # lengths that rounds may change
    # What chains hold in the end, by their roots, of those where it holds for the reverse
    # sweep all that was read.
    settled: dict[Var, Var] = field(default_factory=dict)
    _lengths: set[str] = field(default_factory=set)  # those met so far
    _written: set[Var] | None = None
    _by_chain: dict[Var, list[Equation]] | None = None
    _before: dict[Var, Var] = field(default_factory=dict)  # of results, in their buffer

    @staticmethod
    def of(function: Function) -> Layout:
        layout = Layout()
        for param in function.params:
            layout.home[param.var] = layout.top
            layout.params.add(param.var)
            layout._lengths |= _symbols(param.var.kind)
        layout._block(function.body, layout.top)
        return layout

    def killed(self, var: Var) -> bool:
        """Whether a write ends the value's life. An argument is never written into."""
        if var in self.params or (var not in self.next and var not in self.handed_over):
            return False
        return self.root(var) not in self.settled

    def is_settled(self, atom: Atom) -> bool:
        """Whether a buffer holds in the end all that was read of it."""
        return (
            isinstance(atom, Var) and bool(self.settled) and self.root(atom) in self.settled
        )

    def in_the_end(self, var: Var) -> Var:
        """The value that holds all that is read of this one when all is written."""
        if not self.settled or not is_buffer(var.kind):
            return var
        return self.settled.get(self.root(var), var)

    def before(self, var: Var) -> Var | None:
        """What the buffer held before the region whose result this is."""
        return self._before.get(var)

    def root(self, var: Var) -> Var:
        """A representative of the value's version chain."""
        seen = []
        while (up := self.chain.get(var)) is not None:
            seen.append(var)
            var = up
        for each in seen:
            self.chain[each] = var
        return var

    def is_written(self, var: Var) -> bool:
        """Whether some write goes into a buffer that may hold the value."""
        if self._written is None:
            self._written = {self.root(v) for v in self.next}
        return self.root(var) in self._written

    def writes_into(self, var: Var) -> list[Equation]:
        """The writes into a buffer that may hold the value."""
        if self._by_chain is None:
            self._by_chain = {}
            for eq in self.writes:
                self._by_chain.setdefault(self.root(eq.target), []).append(eq)
        return self._by_chain.get(self.root(var), [])

    def keeps_shape(self, var: Var) -> bool:
        """Whether no round of a loop changes the lengths that an array's kind names."""
        return self.varying.isdisjoint(_symbols(var.kind))

    def is_resized(self, atom: Atom) -> bool:
        """Whether the buffer is a list whose lengths may be others later or earlier."""
        if not isinstance(atom, Var) or not isinstance(atom.kind, List):
            return False
        return any(map(_resizes, self.writes_into(atom)))

    def only_grows(self, var: Var) -> bool:
        """Whether the buffer is a list that is only appended to: earlier contents are
        there again once what came later is popped."""
        return all(eq.op == "list.append" for eq in self.writes_into(var))

    def after(self, var: Var, home: Home) -> Var | None:
        """The next contents of the buffer, as a region or one inside it sees them."""
        following = self.next.get(var, ())
        for candidate in following:
            if self.home[candidate] is home:
                return candidate
        for candidate in following:
            if self.home[candidate].depth > home.depth:
                return candidate
        for node, _, result in self.yielded.get(var, ()):
            if self.home[var].node is node and self.home[result].depth >= home.depth:
                return result
        return None

    def last(self, var: Var, home: Home) -> Var:
        """What the buffer holds at the end of a region.

        Only through contents that the region itself names: a branch whose other side
        yields a different buffer ends the succession.
        """
        while True:
            following = [v for v in self.next.get(var, ()) if self.home[v] is home]
            if not following:
                return var
            var = following[0]

    # -- the walk ---------------------------------------------------------------------

    def _follow(self, var: Var, result: Var) -> None:
        self.next.setdefault(var, []).append(result)
        self._before[result] = var

    def _link(self, a: Var, b: Var) -> None:
        x, y = self.root(a), self.root(b)
        if x is not y:
            self.chain[y] = x

    def _block(self, block: Block, home: Home) -> None:
        for node in block:
            if isinstance(node, Equation):
                self.home[node.target] = home
                self.made_by[node.target] = node
                self._lengths |= _symbols(node.target.kind)
                if node.op in ("copy", "list.copy") and node.args[0] in self.params:
                    self.copied.add(node.args[0])
                if node.op in WRITES and isinstance(node.args[0], Var):
                    self._follow(node.args[0], node.target)
                    self._link(node.args[0], node.target)
                    self.writes.append(node)
                continue
            for var in node.results:
                self.home[var] = home
            if isinstance(node, If):
                self._branch(node, home)
            else:
                self._loop(node, home)

    def _branch(self, node: If, home: Home) -> None:
        for side, block in enumerate((node.then, node.orelse)):
            inner = Home(node, side, home, home.depth + 1)
            self.regions[id(node), side] = inner
            self._block(block, inner)
        rows = zip(node.results, node.then_yields, node.else_yields, strict=True)
        for result, *yields in rows:
            for side, atom in enumerate(yields):
                if isinstance(atom, Var):
                    self.yielded.setdefault(atom, []).append((node, side, result))
                    if is_buffer(result.kind):
                        self._link(atom, result)
            self._pass_on(node, result, yields[0], yields[1], home)

    def _pass_on(
        self, node: If, result: Var, then: object, orelse: object, home: Home
    ) -> None:
        """If both branches yield contents of one outer buffer, the result follows it."""
        if not is_buffer(result.kind):
            return
        origins = [
            self._origin(a, home) if isinstance(a, Var) else None for a in (then, orelse)
        ]
        first = origins[0]
        if first is None or origins[1] is not first or (then is first and orelse is first):
            return
        self._follow(first, result)
        self._link(first, result)

    def _origin(self, var: Var, home: Home) -> Var | None:
        """The value outside the branch whose buffer holds this one."""
        while self.home[var].depth > home.depth:
            before = self._before.get(var)
            if before is None:
                return None
            var = before
        return var

    def _loop(self, node: For | While, home: Home) -> None:
        inner = self.regions[id(node), 0] = Home(node, 0, home, home.depth + 1)
        self.home.update(dict.fromkeys(node.carried, inner))
        self.varying |= lengths_that_vary(node, self._lengths)
        if isinstance(node, For):
            for var in node.targets:
                self.home[var] = inner
        else:
            self._block(node.test, inner)
        self._block(node.body, inner)
        for k, carried in enumerate(node.carried):
            if is_buffer(carried.kind):
                for other in (node.inits[k], node.yields[k], node.results[k]):
                    if isinstance(other, Var):
                        self._link(carried, other)
        cycle = self._cycles(node, inner)
        if cycle:
            self.cycles[id(node)] = cycle
        for k in cycle:
            init, back = node.inits[k], node.yields[k]
            if isinstance(back, Var):
                self.handed_over.add(back)
            if isinstance(init, Var):
                self._follow(init, node.results[k])

    def _cycles(self, node: For | While, inner: Home) -> list[int]:
        """The carried buffers that a round permutes among themselves, if one of a
        permuted group is written into."""
        places = {back: k for k, back in enumerate(node.yields) if isinstance(back, Var)}
        step: dict[int, int] = {}
        written: set[int] = set()
        for k, carried in enumerate(node.carried):
            if is_buffer(carried.kind):
                end = self.last(carried, inner)
                if end in places:
                    step[k] = places[end]
                    if carried in self.next:
                        written.add(k)
        found: list[int] = []
        seen: set[int] = set()
        for start in step:
            group: list[int] = []
            k = start
            while k in step and k not in seen:
                seen.add(k)
                group.append(k)
                k = step[k]
            if group and k == start and written.intersection(group):
                found.extend(group)
        return sorted(found)
