"""Where values lie, once `setitem`, `additem` and `push` write in place.

Each value has the set of *roots* (allocations) that it may lie in. A write needs memory
that the function owns and that no value which is read later may share. Inside a loop the
memory that a carried value has at the start of a round is a root of its own. Carried
values are first taken to lie apart; where the values handed to the next round do not,
they are put into one group and the body is looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from symdiff.ir.alias import (
    has_memory, is_basic_view, is_container, is_fresh, is_made, is_read_only, stored,
    writes_inside,
)  # fmt: skip
from symdiff.ir.core import (
    Atom, Block, Equation, For, Function, Global, If, Var, While, kind_of,
)  # fmt: skip
from symdiff.ir.effects import APPLIES, DESTRUCTIVE, INVOKES, WRITES
from symdiff.ir.kinds import Array, List, Tape, Tuple
from symdiff.ir.lifetimes import Lifetimes
from symdiff.records import dataclass, field

__all__ = ["Memory", "Plan"]


@dataclass(frozen=True, slots=True, eq=False)
class Root:
    """An allocation. One that a loop carries may be any of those it may `reach`."""

    depth: int
    reach: frozenset[Root] = frozenset()


Roots = frozenset[Root]
_NONE: Roots = frozenset()
OUTSIDE = Root(-1)  # memory that the caller or somebody else owns


@dataclass(frozen=True, slots=True)
class Place:
    """The memory of a value itself, and of what it holds references to."""

    own: Roots
    inner: Roots = _NONE

    @property
    def all(self) -> Roots:
        return self.own | self.inner


@dataclass(slots=True)
class Plan:
    """Where copies go; `kept` are the sums that cannot be added in place."""

    writes: set[Var] = field(default_factory=set)
    stores: set[Var] = field(default_factory=set)
    inits: set[Var] = field(default_factory=set)
    pushes: set[tuple[Var, int]] = field(default_factory=set)
    takes: set[tuple[Var, int]] = field(default_factory=set)
    views: set[Var] = field(default_factory=set)
    kept: set[Var] = field(default_factory=set)

    def size(self) -> int:
        vars_ = self.writes, self.stores, self.inits, self.views, self.kept
        return len(self.pushes) + len(self.takes) + sum(len(part) for part in vars_)


def alias(a: Roots, b: Roots) -> bool:
    """Whether two values that are alive at one point may share memory."""
    if not a.isdisjoint(b):
        return True
    for r in a:
        for s in b:
            if (s in r.reach) if r.depth > s.depth else (r in s.reach):
                return True
    return False


class Memory:
    """The analysis. With a plan it also decides on the copies that make writes legal.

    `sums` are equations `target = acc + v` that may become `acc += v`: target -> acc.
    `beside(view, write)` says that a write does not reach the places of a view.
    """

    def __init__(
        self,
        function: Function,
        plan: Plan | None = None,
        sums: dict[Var, Var] | None = None,
        program: Iterable[Function] = (),
        beside: Callable[[Equation, Equation], bool] | None = None,
    ) -> None:
        self.function = function
        self.beside = beside
        self.taken = {f.name: f.taken for f in program if f.taken}
        self.repair = plan is not None
        self.plan = plan or Plan()
        self.sums = sums or {}
        self.life = Lifetimes(function, self.sums, self.plan.writes, self.taken)
        self.places: dict[Var, Place] = {}
        self.found: dict[Var, str] = {}
        self.depth = 0

    def run(self) -> None:
        """Walk until nothing new is planned; each decision can affect earlier ones."""
        while True:
            size = self.plan.size()
            self.places = {}
            taken = {k for k, _ in self.function.taken}
            for k, parameter in enumerate(self.function.params):
                if k in taken:
                    self.places[parameter.var] = Place(self._new())
                elif has_memory(parameter.var.kind):
                    self.places[parameter.var] = self._outside(parameter.var)
            self._block(self.function.body)
            if self.plan.size() == size:
                return

    def conflicts(self) -> list[str]:
        """What is wrong, without a plan."""
        return list(self.found.values())

    # -- places -----------------------------------------------------------------------

    @staticmethod
    def _outside(atom: Atom) -> Place:
        own: Roots = frozenset((OUTSIDE,))
        return Place(own, own if is_container(kind_of(atom)) else _NONE)

    def place(self, atom: Atom) -> Place:
        if isinstance(atom, Var):
            return self.places.get(atom, Place(_NONE))
        if isinstance(atom, Global) and has_memory(atom.kind):
            return self._outside(atom)
        return Place(_NONE)

    def _new(self) -> Roots:
        return frozenset((Root(self.depth),))

    def _block(self, block: Block) -> None:
        for node in block:
            if isinstance(node, Equation):
                if node.op in DESTRUCTIVE or node.target in self.sums:
                    self.places[node.target] = self._write(node)
                elif node.op in INVOKES:
                    self.places[node.target] = self._invoke(node)
                elif has_memory(node.target.kind):
                    self.places[node.target] = self._result(node)
            elif isinstance(node, If):
                self._block(node.then)
                self._block(node.orelse)
                for k, var in enumerate(node.results):
                    p = self.place(node.then_yields[k])
                    q = self.place(node.else_yields[k])
                    self.places[var] = Place(p.own | q.own, p.inner | q.inner)
            else:
                self._loop(node)

    def _result(self, node: Equation) -> Place:
        op, new = node.op, self._new()
        if op == "tape":
            return Place(new)
        if is_fresh(node) or node.target in self.plan.views:
            return Place(new, self._new() if is_container(node.target.kind) else _NONE)
        places = [self.place(a) for a in node.args]
        everything = _NONE.union(*(p.all for p in places))
        if op in ("tuple", "list"):
            return Place(new, everything)
        if isinstance(node.target.kind, List) and is_made(node):
            return Place(new, self._elements(node, places))
        if op == "copy":
            return Place(new, places[0].inner)
        if op == "item" and self.life.given.get(node.target) is not None:
            return Place(new)
        if op in ("item", "getitem") and isinstance(
            kind_of(node.args[0]), (List, Tuple, Tape)
        ):
            if isinstance(node.target.kind, Array):
                return Place(places[0].inner)
            return Place(places[0].inner | new, places[0].inner)
        if op in ("call", "method", *APPLIES) or is_read_only(op):
            everything |= {OUTSIDE}
        own = everything | new
        return Place(own, own if is_container(node.target.kind) else _NONE)

    def _elements(self, node: Equation, places: list[Place]) -> Roots:
        """Where the elements of a new list lie."""
        if node.op in ("list.unstack", "list.split"):
            rows = isinstance(node.target.kind, List) and isinstance(
                node.target.kind.item, Array
            )
            return places[0].all if rows else self._new()
        parts = [p.all if node.op == "list.new" else p.inner for p in places]
        inner = _NONE.union(*parts)
        apart = not any(alias(a, b) for k, a in enumerate(parts) for b in parts[:k])
        # An element that is there more than once must not be written into.
        return inner if apart and node.op != "list.repeat" else inner | {OUTSIDE}

    # -- calls ------------------------------------------------------------------------

    def _invoke(self, node: Equation) -> Place:
        """What a function of the program returns may be anything that it got, but for
        what it took."""
        taken = self.taken.get(node.params, ())
        places = [self.place(a) for a in node.args]
        for k, _ in taken:
            self._take(node, k, places)
        if node.target in self.life.given:
            return Place(self._new())
        gone = {k for k, _ in taken}
        others = (p.all for k, p in enumerate(places) if k not in gone)
        own = self._new().union({OUTSIDE}, *others)
        return Place(own, own if is_container(node.target.kind) else _NONE)

    def _take(self, node: Equation, k: int, places: list[Place]) -> None:
        """An argument whose memory goes over must be owned and read by nobody else."""
        if (node.target, k) in self.plan.takes:
            return
        own = places[k].own
        after = (
            self.places[v].all for v in self.life.after[node.target] if v in self.places
        )
        beside = (p.all for j, p in enumerate(places) if j != k)
        if own and OUTSIDE not in own and not any(alias(own, p) for p in (*after, *beside)):
            return
        if self.repair:
            self.plan.takes.add((node.target, k))
        else:
            self.found[node.target] = f"{node.params} takes {node.args[k]}, which is shared"

    # -- writes -----------------------------------------------------------------------

    def _write(self, node: Equation) -> Place:
        plan, target = self.plan, node.target
        into = self.sums.get(target, node.args[0])
        place = self.place(into)
        inner = place.inner
        if node.op == "push":
            inner |= self._pushed(node)
        elif node.op in WRITES and is_container(target.kind):
            inner |= self._stored(node, inner)
        inside = writes_inside(node)
        memory = place.inner if inside else place.own
        copied = Place(self._new(), self._new() if inside else inner)
        if target in plan.writes or target in plan.kept:
            return copied
        shared = {
            var
            for var in self.life.after[target]
            if var in self.places
            and alias(memory, self.places[var].all)
            and not self._is_beside(var, node)
        }
        owned = bool(memory) and OUTSIDE not in memory
        if owned and not shared:
            return Place(place.own, inner)
        if not self.repair:
            names = ", ".join(sorted(map(str, shared)))
            reason = f"{names} may share its memory" if shared else "it is not owned"
            self.found[target] = f"{target} = {node.op}({into}, ...): {reason}"
            return Place(place.own, inner)
        if target in self.sums:
            plan.kept.add(target)
        elif owned and all(v is not into and self._small_view(v) for v in shared):
            self._copy_views(shared)
            return Place(place.own, inner)
        else:
            plan.writes.add(target)
        return copied

    def _stored(self, node: Equation, inner: Roots) -> Roots:
        """Where the new elements lie. One that is in the list already is stored as a
        copy, in a function that writes into elements."""
        what = stored(node)
        if not what:
            return _NONE
        value = self.place(node.args[-1])
        memory = value.all if what == "one" else value.inner
        if node.target in self.plan.stores:
            return self._new()
        if not alias(inner, memory):
            return memory
        if self.repair and self.life.inside and what == "one":
            self.plan.stores.add(node.target)
            return self._new()
        return memory | {OUTSIDE}

    def _copy_views(self, views: Iterable[Var]) -> None:
        for var in views:
            self.plan.views.add(var)
            self.places[var] = Place(self._new(), self._new())

    def _small_view(self, var: Var) -> bool:
        node = self.life.definitions.get(var)
        return node is not None and var not in self.plan.views and is_basic_view(node)

    def _is_beside(self, var: Var, write: Equation) -> bool:
        view = self.life.definitions.get(var)
        return self.beside is not None and view is not None and self.beside(view, write)

    def _pushed(self, node: Equation) -> Roots:
        """What the entry holds; a value written into later is pushed as a copy."""
        inner = _NONE
        for k, atom in enumerate(node.args[1:]):
            place = self.place(atom)
            if not place.own and not place.inner:
                continue
            key = (node.target, k)
            if self.repair and key not in self.plan.pushes:
                if isinstance(kind_of(atom), (Array, List)) and any(
                    var in self.life.written
                    and var in self.places
                    and not isinstance(var.kind, Tape)
                    and alias(place.all, self._reached(var))
                    for var in self.life.after[node.target]
                ):
                    self.plan.pushes.add(key)
            if key in self.plan.pushes:
                place = Place(self._new(), self._new())
            inner |= place.all
        return inner

    def _reached(self, var: Var) -> Roots:
        """What writes into a value may change."""
        place = self.places[var]
        return place.all if var in self.life.written_inside else place.own

    # -- loops ------------------------------------------------------------------------

    def _loop(self, node: For | While) -> None:
        inits = self._inits(node)
        slots = _Slots(node, inits, self.depth)
        while True:
            self.depth += 1
            slots.enter(self.places)
            if isinstance(node, For):
                self._targets(node)
            else:
                self._block(node.test)
            self._block(node.body)
            self.depth -= 1
            if not slots.leave([self.place(a) for a in node.yields]):
                break
        alive = [
            self.places[var].all for var in self.life.past[id(node)] if var in self.places
        ]
        slots.results(self.places, alive)

    def _targets(self, node: For) -> None:
        for tape, targets in node.iteration.entries(node.targets):
            inner = self.place(tape).inner | {OUTSIDE}
            for var in targets:
                if has_memory(var.kind):
                    held = inner if is_container(var.kind) else _NONE
                    self.places[var] = Place(inner, held)

    def _inits(self, node: For | While) -> list[Place]:
        """Places of the initial values; those that rounds write into are copied first
        unless they are owned and nobody else needs them."""
        places = [self.place(a) for a in node.inits]
        written = [
            k
            for k, var in enumerate(node.carried)
            if var in self.life.written and not isinstance(var.kind, Tuple)
        ]
        if self.repair and written:
            others = self.life.outer[id(node)] | self.life.past[id(node)]
            found = sorted((v for v in others if v in self.places), key=str)
            taken = [p.all for k, p in enumerate(places) if k not in written]
            for k in written:
                inside = node.carried[k] in self.life.written_inside
                own = places[k].all if inside else places[k].own
                shared = [v for v in found if alias(own, self.places[v].all)]
                if OUTSIDE in own or any(alias(own, t) for t in taken):
                    self.plan.inits.add(node.carried[k])
                elif all(map(self._small_view, shared)):
                    self._copy_views(shared)
                    taken.append(places[k].all)
                else:
                    self.plan.inits.add(node.carried[k])
        for k, var in enumerate(node.carried):
            if var in self.plan.inits:
                inside = var in self.life.written_inside
                places[k] = Place(self._new(), self._new() if inside else places[k].inner)
        return places


class _Slots:
    """The memory that a loop carries: two slots per value, its own and what it holds."""

    def __init__(self, node: For | While, inits: list[Place], depth: int) -> None:
        self.node, self.depth = node, depth
        self.keys = [
            (k, part)
            for k, var in enumerate(node.carried)
            if has_memory(var.kind)
            for part in (("own", "inner") if is_container(var.kind) else ("own",))
        ]
        self.group = list(range(len(self.keys)))
        # Outer memory that the values of a group may lie in.
        self.outer = [self._part(inits, s) for s in range(len(self.keys))]
        self.roots: list[Root] = []
        self._merge(self.outer)

    def _part(self, places: list[Place], slot: int) -> Roots:
        k, part = self.keys[slot]
        return places[k].own if part == "own" else places[k].inner

    def _merge(self, roots: list[Roots]) -> bool:
        """Put slots whose roots may be one into one group."""
        changed = False
        for s in range(len(self.keys)):
            for t in range(s):
                one, other = self.group[s], self.group[t]
                if one != other and alias(roots[s], roots[t]):
                    low, high = min(one, other), max(one, other)
                    self.group = [low if g == high else g for g in self.group]
                    self.outer[low] |= self.outer[high]
                    changed = True
        return changed

    def _write(
        self, places: dict[Var, Place], to: tuple[Var, ...], roots: list[Roots]
    ) -> None:
        parts: dict[int, dict[str, Roots]] = {}
        for slot, (k, part) in enumerate(self.keys):
            parts.setdefault(k, {})[part] = roots[self.group[slot]]
        for k, found in parts.items():
            places[to[k]] = Place(found["own"], found.get("inner", _NONE))

    def enter(self, places: dict[Var, Place]) -> None:
        """Places of the carried values at the start of a round."""
        self.roots = []
        own: list[Roots] = []
        for outer in self.outer:
            reach = outer.union(*(r.reach for r in outer))
            root = Root(self.depth + 1, reach)
            self.roots.append(root)
            found: Roots = frozenset((root,))
            own.append(found | {OUTSIDE} if OUTSIDE in reach else found)
        self._write(places, self.node.carried, own)

    def leave(self, ends: list[Place]) -> bool:
        """Compare with the values handed over; true if another look is needed."""
        roots = [self._part(ends, s) for s in range(len(self.keys))]
        changed = self._merge(roots)
        group_of = {id(self.roots[g]): g for g in range(len(self.roots))}
        for slot, found in enumerate(roots):
            more: Roots = frozenset(r for r in found if r.depth <= self.depth)
            for root in found:
                if id(root) in group_of:
                    more |= self.outer[self.group[group_of[id(root)]]]
            mine = self.group[slot]
            if not more <= self.outer[mine]:
                self.outer[mine] |= more
                changed = True
        return changed

    def results(self, places: dict[Var, Place], alive: list[Roots]) -> None:
        """Places after the loop. Outer memory that no living value lies in any more is
        the results' alone, each group having its own."""
        roots: list[Roots] = []
        for outer in self.outer:
            found: Roots = frozenset((Root(self.depth),))
            if any(alias(outer, other) for other in alive):
                found |= outer
            if OUTSIDE in outer:
                found |= {OUTSIDE}
            roots.append(found)
        self._write(places, self.node.results, roots)
