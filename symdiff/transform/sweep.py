"""The reverse sweep, written as if every primal value were still at hand.

For each equation v = f(u, …), backwards: u_bar += v_bar * df/du (Griewank & Walther,
Evaluating Derivatives, section 3.2). `replay` then provides the primal values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from symdiff.analysis.tapes import Cell, Tapes
from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.ir.builder import Builder
from symdiff.ir.core import (
    UNDEF, Atom, Block, Const, Equation, For, If, Node, Undef, Var, While, atoms_of,
    inner_params, kind_of, walk,
)  # fmt: skip
from symdiff.ir.derivative import DERIVE
from symdiff.ir.effects import WRITES, is_pure
from symdiff.ir.extents import agree
from symdiff.ir.kinds import (
    COMPLEX, Array, Complex, Int, List, Tape, Tuple, derivative_kind, is_number,
)  # fmt: skip
from symdiff.passes.folding.logistic import share_in
from symdiff.passes.folding.sums import summed
from symdiff.passes.folding.vanishing import cancels
from symdiff.rules import rule_of
from symdiff.rules.complex import takes_complex
from symdiff.rules.memory import only_adds_axes
from symdiff.rules.row import Rule, Zero, in_kind
from symdiff.rules.shapes import spread_over, unbroadcast, zeros
from symdiff.transform.equations import (
    doubled, is_doubled, items_of_results, no_rule,
)  # fmt: skip
from symdiff.transform.missing import Missing
from symdiff.transform.pairs import ActiveCall
from symdiff.transform.rerun import Rerun
from symdiff.transform.segments import ReverseIf, ReverseLoop, Segment, defined_in

__all__ = ["Sweep"]


# A tape, that of the adjoints, and what comes off it, with what later loops had to add.
_Push = tuple[Var, Var, list[tuple[Var, Var | None]]]


class Sweep(Rerun):
    """Reverses blocks.

    The adjoint of a tape is a tape: a loop over a tape pushes the adjoints of the entries
    that it takes off, and the reverse of the loop that pushed these takes them off again.
    """

    def __init__(
        self,
        build: Builder,
        active: set[Var],
        calls: Mapping[Var, ActiveCall],
        missing: Missing,
        tapes: Tapes | None = None,
    ) -> None:
        super().__init__(build, active)
        self.calls = calls
        self.tapes = tapes  # None where there are no loops
        # Of which positions of its entries a tape has adjoints, and whether these are in
        # the order of the entries; and what comes off the tape of these, by that tape.
        self.entries: dict[Cell, tuple[list[int], bool]] = {}
        self.taken: dict[Atom, dict[int, Var]] = {}
        self.missing = missing
        self.problems: list[Diagnostic] = []

    # -- blocks -----------------------------------------------------------------------

    def block(self, block: Block) -> list[Segment]:
        """The segments of a block's nodes, last node first."""
        self.build.items.update(items_of_results(block))
        segments: list[Segment] = []
        outer = self._note_known(block)
        with self.build.block():
            for node in reversed(block):
                segment = Segment(node)
                self.build.nodes = segment.nodes  # type: ignore[assignment]
                self.build.span = node.span
                if isinstance(node, Equation):
                    self._equation(node)
                elif isinstance(node, If):
                    self._branch(node)
                else:
                    self._loop(node)
                segments.append(segment)
        if outer is not None:
            self.build.known = outer
        return segments

    def _note_known(self, block: Block) -> dict[tuple[Any, ...], Var] | None:
        """Note what a block computes and its derivative may use again: functions of
        numbers, sums, and shares. Gives back what was known before, if there is more
        now."""
        found: dict[tuple[Any, ...], Var] = {}
        for node in block:
            if not isinstance(node, Equation):
                continue
            self.build.own[node.target] = node
            if node.op == "numpy.sum":
                whole = summed(node.args, node.params)
                if whole is not None and not whole.keepdims:
                    found["sum", whole.array, whole.axes] = node.target
            elif node.op.startswith("math.") and is_pure(node.op):
                found[node.op, node.args, node.params] = node.target
            else:
                found |= share_in(self.build, node)
        if not found:
            return None
        outer, self.build.known = self.build.known, self.build.known | found
        return outer

    @contextmanager
    def _into(self, segment: Segment) -> Iterator[None]:
        with self.build.block() as nodes:
            self.build.nodes = segment.nodes  # type: ignore[assignment]
            yield
            del nodes

    def _equation(self, eq: Equation) -> None:
        if eq.op == "part":
            return  # an input: what has come together here is a result
        if eq.target in self.calls:
            self._call(self.calls[eq.target], eq)
            return
        if eq.op == "item" and eq.args[0] in self.calls:
            return  # a result: the call takes its adjoint
        if eq.op == "item" and (eq.args[0], eq.params) in self.build.items:
            return  # likewise
        if eq.op == DERIVE:
            self.again(eq)
            return
        bar = self._joint_bar(eq)
        if bar is None or eq.target not in self.active or self.is_zero(bar):
            return
        if cancels(self.build, eq, bar):
            return
        if eq.op == "push":
            self._pushed(eq, bar)
            return
        if eq.op in WRITES:
            bar = self.owned(bar, eq.target)
        rule = rule_of(eq)
        if isinstance(rule, Zero):
            return
        if rule is None:
            self.problems.append(no_rule(eq))
            return
        if rule.whole:
            bar = self.full_bar(bar, eq.target)
        if is_doubled(eq):
            eq, rule = doubled(eq)
        places = [k for k, arg in enumerate(eq.args) if arg in self.active]
        if eq.op in WRITES:
            places.reverse()  # the written value's share is read before it is cleared
        mixed = takes_complex(eq)
        try:
            if rule.joint:
                wanted = tuple([arg in self.active for arg in eq.args])
                gains = rule.vjp(self.build, eq, bar, wanted)
                for place in places:
                    self._gain(eq.args[place], gains[place], mixed)
                return
            for place in places:
                self._contribute(eq, rule, place, bar, mixed)
        except DifferentiationError as error:
            self.problems.extend(error.diagnostics)

    def _joint_bar(self, eq: Equation) -> Atom | None:
        """The adjoint of a value; of several results that of each, put together."""
        whole = self.bars.pop(eq.target, None)
        if eq.op != "apply" or not isinstance(eq.target.kind, Tuple):
            return whole
        places = range(len(eq.target.kind.items))
        items = [self.build.items.get((eq.target, k)) for k in places]
        bars = [self.bars.pop(item, None) if item else None for item in items]
        if all(bar is None for bar in bars):
            return whole
        joint = []
        for place, (item, bar) in enumerate(zip(items, bars, strict=True)):
            of = item or self.build.define("item", eq.target, params=place)
            joint.append(self.zero(of) if bar is None else self.full_bar(bar, of))
        return self.build.emit("tuple", *joint)

    def _gain(self, arg: Atom, gain: Atom | None, mixed: bool) -> None:
        """Add what an argument's adjoint gains."""
        if gain is not None and mixed:
            gain = in_kind(self.build, gain, kind_of(arg), True)
        self.add(arg, gain)

    def _contribute(
        self, eq: Equation, rule: Rule, place: int, bar: Atom, mixed: bool
    ) -> None:
        arg = eq.args[place]
        assert isinstance(arg, Var)
        if rule.accumulate is not None and place == 0 and not only_adds_axes(eq):
            self.bars[arg] = self.named(self._scattered(eq, rule, arg, bar), arg)
            return
        wanted = tuple([k == place for k in range(len(eq.args))])
        if not rule.elementwise:
            self._gain(arg, rule.vjp(self.build, eq, bar, wanted)[place], mixed)
            return
        thin = self.unspread(bar)
        gain = rule.vjp(self.build, eq, thin, wanted)[place]
        if gain is None:
            return
        if mixed:
            gain = in_kind(self.build, gain, arg.kind, True)
        full = eq.target.kind
        if isinstance(full, Array):
            kind = kind_of(gain)
            fits = isinstance(kind, Array) and agree(kind.dims, full.dims)
            # What an adjoint of the whole shape is a factor of has that shape.
            if not fits and (thin is not bar or not isinstance(kind_of(bar), Array)):
                gain = spread_over(self.build, gain, eq.target)
        self.add(arg, unbroadcast(self.build, gain, arg))

    def _scattered(self, eq: Equation, rule: Rule, arg: Var, bar: Atom) -> Atom:
        """The adjoint of an array of which one part was read."""
        assert rule.accumulate is not None
        known = self.bars.get(arg)
        if eq.op != "getitem" or not isinstance(arg.kind, (Array, List)):
            start = self.zero(arg) if known is None else known
            return rule.accumulate(self.build, eq, start, bar)
        whole = isinstance(arg.kind, List)  # an element is replaced, not filled
        part = self.owned(bar, eq.target) if whole else self.unspread(bar)
        place = not whole or set(eq.params.items) == {"at"}
        place = place and not eq.params.imaginary
        if known is None and place and all(map(_is_index, eq.args[1:])):
            zero = self.zero(arg)
            return self.build.emit("setitem", zero, *eq.args[1:], part, params=eq.params)
        start = self.zero(arg) if known is None else self.owned(known, arg)
        return rule.accumulate(self.build, eq, start, part)

    # -- calls of recursive functions -------------------------------------------------

    def _call(self, call: ActiveCall, eq: Equation) -> None:
        """Run the reverse function on the tape that the call left."""
        bars = [self._result_bar(call, k) for k in call.signature.results]
        if all(bar is None for bar in bars):
            return
        args: list[Atom] = [call.tape]
        for place, bar in zip(call.signature.results, bars, strict=True):
            zero = self.zero(call.results[place]) if bar is None else bar
            args.append(zero)
        taken: set[Atom] = set()
        kinds = []
        for k in call.signature.params:
            arg = call.args[k]
            kinds.append(call.signature.bar_kind(k, arg))
            if call.signature.accumulates(k):
                known = arg in self.active and arg not in taken and isinstance(arg, Var)
                args.append(self.final(arg) if known else zeros(self.build, arg))  # type: ignore[arg-type]
                taken.add(arg)
        names = self.build.names
        whole = kinds[0] if len(kinds) == 1 else Tuple(tuple(kinds))
        target = names.fresh("t", "bar", whole)
        reverse = call.signature.reverse
        self.build.append(Equation(target, "invoke", tuple(args), reverse, eq.span))
        for place, k in enumerate(call.signature.params):
            arg = call.args[k]
            bar = target
            if len(kinds) > 1:
                bar = names.fresh("t", "", kinds[place])
                item = Equation(bar, "item", (target,), place, eq.span)
                self.build.append(item)
            if arg in taken and isinstance(arg, Var) and arg in self.active:
                taken.discard(arg)
                self.bars[arg] = self.named(bar, arg)
            else:
                self.add(arg, bar)

    def _result_bar(self, call: ActiveCall, place: int) -> Atom | None:
        result = call.results[place]
        bar = self.bars.pop(result, None)
        return bar if bar is None else self.full_bar(bar, result)

    # -- tapes ------------------------------------------------------------------------

    def _entry_bars(self, node: For, reverse: ReverseLoop) -> list[_Push]:
        """Carry tapes for the adjoints of what a loop takes off its tapes.

        Where a later loop took something off one of them as well, that loop's adjoints
        are taken off their tape here, and go on the one that is made now.
        """
        found: list[_Push] = []
        for k, (tape, targets) in enumerate(node.iteration.entries(node.targets)):
            assert self.tapes is not None
            cell, ahead = self.tapes.of(tape), k in node.iteration.ahead
            if cell is None or not isinstance(tape, Var):
                continue
            places = {k for k, var in enumerate(targets) if var in self.active}
            known, taken = self.bars.pop(tape, None), dict[int, Var]()
            if known is not None:
                before, aligned = self.entries[cell]
                taken = {place: self._taken(targets[place]) for place in before}
                reverse.tapes.append((known, tuple(taken.values()), aligned != ahead))
                places.update(before)
            if places:
                order = sorted(places)
                self.entries[cell] = order, not ahead
                empty = self.build.define("tape", base=tape.stem, role="bar")
                head = self._carry(reverse, tape, empty)
                rows = [(targets[place], taken.get(place)) for place in order]
                found.append((tape, head, rows))
        return found

    def _push_bars(self, reverse: ReverseLoop, pushes: list[_Push]) -> None:
        for tape, head, rows in pushes:
            assert self.tapes is not None
            cell = self.tapes.of(tape)
            assert cell is not None
            order, aligned = self.entries[cell]
            met = [k for k, (var, bar) in enumerate(rows) if bar or var in self.bars] or [0]
            self.entries[cell] = [order[k] for k in met], aligned
            bars: list[Atom] = []
            for var, taken in (rows[k] for k in met):
                bar = self.bars.pop(var, taken)
                full = self.zero(var) if bar is None else self.full_bar(bar, var)
                bars.append(Const(None) if full == UNDEF else full)
            pushed = self.build.define("push", head, *bars, base=tape.stem, role="bar")
            reverse.yields.append(pushed)

    def _take(self, reverse: ReverseLoop, tape: Var, bar: Atom) -> None:
        """Take the adjoints of what a loop pushes on a tape off theirs."""
        assert self.tapes is not None
        cell, cells = self.tapes.of(tape), self.tapes.positions(tape)
        assert cell is not None
        places, aligned = self.entries[cell]
        taken = self.taken[bar] = {}
        for place in places:
            about = next(a for a, _ in cells[place].pushed if a in self.active)
            assert isinstance(about, Var)
            taken[place] = self._taken(about)
        reverse.tapes.append((bar, tuple(taken.values()), not aligned))

    def _taken(self, about: Var) -> Var:
        kind = derivative_kind(about.kind)
        return self.build.names.bar(about, kind)

    def _pushed(self, eq: Equation, bar: Atom) -> None:
        for place, atom in enumerate(eq.args[1:]):
            self.add(atom, self.taken[bar].get(place))

    # -- branches ---------------------------------------------------------------------

    def _branch(self, node: If) -> None:
        outer = self.bars
        given = {r: outer.pop(r) for r in node.results if r in outer}
        sides: list[tuple[list[Segment], dict[Var, Atom], Segment]] = []
        for side, block, yields in (
            (True, node.then, node.then_yields),
            (False, node.orelse, node.else_yields),
        ):
            self.bars = dict(outer)
            last = Segment(node)
            with self._into(last), self.missing.inside(node, side):
                for result, atom in zip(node.results, yields, strict=True):
                    if result in given:
                        self._check_kinds(atom, result, node)
                        self.add(atom, given[result])
                segments = self.block(block)
            end = Segment(node)
            with self._into(end):
                for var, bar in self.bars.items():
                    if outer.get(var) is not bar:
                        self.bars[var] = self.settled(bar, var)
            segments += [end] if end.nodes else []
            sides.append((segments, self.bars, last))
        reverse = ReverseIf(node, [], [])
        changed: dict[Var, None] = {}
        inside = defined_in(node.then) | defined_in(node.orelse)
        for _, bars, _ in sides:
            for var, bar in bars.items():
                if outer.get(var) is not bar and var not in inside:
                    changed[var] = None
        self.bars = outer
        finals: list[list[Atom]] = [[], []]
        for var in changed:
            for place, (_, bars, _) in enumerate(sides):
                known = bars.get(var)
                if known is None:
                    number = is_number(var.kind)
                    missing = not number and self.missing.on(node, place == 0, var)
                    known = UNDEF if missing else self.zero(var)
                finals[place].append(self.settled(known, var))
            a, b = finals[0][-1], finals[1][-1]
            kept = isinstance(var.kind, (Array, List, Tape))
            kind = var.kind if kept else kind_of(a)
            other = not isinstance(kind_of(b), type(kind)) and b != UNDEF
            if other and not is_number(kind):
                kind = kind_of(b)
            if isinstance(var.kind, Complex):
                kind = COMPLEX
            result = self.build.names.bar(var, kind)
            reverse.results.append(result)
            outer[var] = result
        reverse.then_yields, reverse.else_yields = finals
        # The first segment of a branch is what its yields receive.
        reverse.then = [sides[0][2], *sides[0][0]]
        reverse.orelse = [sides[1][2], *sides[1][0]]
        self.build.nodes.append(reverse)  # type: ignore[arg-type]

    def _check_kinds(self, atom: Atom, result: Var, node: Node) -> None:
        if atom in self.active and isinstance(result.kind, Array):
            if not isinstance(kind_of(atom), Array):
                self.problems.append(
                    Diagnostic(
                        f"`{result.base}` is a number on one path and an array on another",
                        node.span,
                        "start with an array: np.full or np.zeros",
                    )
                )

    # -- loops ------------------------------------------------------------------------

    def _loop(self, node: For | While) -> None:
        outer = self.bars
        reverse = ReverseLoop(node, [])
        heads: list[tuple[Var, Var, Atom]] = []  # forward carried, its adjoint, yield
        recorded: list[tuple[Atom, Atom]] = []  # a tape at the end of a round, its adjoint
        for carried, init, back, result in zip(
            node.carried, node.inits, node.yields, node.results, strict=True
        ):
            bar = outer.pop(result, None)
            if result not in self.active and carried not in self.active:
                continue
            if isinstance(carried.kind, Tape):
                if bar is not None:
                    self._take(reverse, carried, bar)
                    recorded.append((back, bar))
                continue
            self._check_kinds(init, carried, node)
            start = self.zero(result) if bar is None else self.owned(bar, result)
            heads.append((carried, self._carry(reverse, carried, start), back))
        free = self._free(node)
        for var in free:
            known = outer.get(var)
            start = self.zero(var) if known is None else self.settled(known, var)
            self._carry(reverse, var, start)
        count = len(reverse.carried)
        pushes = self._entry_bars(node, reverse) if isinstance(node, For) else []
        self.bars = dict(zip(free, reverse.carried[len(heads) : count], strict=True))
        for _, _, rows in pushes:
            self.bars.update((var, bar) for var, bar in rows if bar is not None)
        first = Segment(node)
        with self._into(first):
            for back, head in [*recorded, *((back, head) for _, head, back in heads)]:
                self.add(back, head)
            segments = self.block(node.body)
            if isinstance(node, While):
                segments += self.block(node.test)
            last = Segment(node)
            with self._into(last):
                for carried, _, _ in heads:
                    bar = self.bars.get(carried)
                    bar = self.zero(carried) if bar is None else self.settled(bar, carried)
                    reverse.yields.append(bar)
                for var in free:
                    reverse.yields.append(self.settled(self.bars[var], var))
                self._push_bars(reverse, pushes)
        reverse.body = [first, *segments, last]
        self.bars = outer
        for var, result in zip(free, reverse.results[len(heads) : count], strict=True):
            outer[var] = result
        for (tape, _, _), result in zip(pushes, reverse.results[count:], strict=True):
            outer[tape] = result
        self.build.nodes.append(reverse)  # type: ignore[arg-type]
        starts = dict(zip(node.carried, node.inits, strict=True))
        for (carried, _, _), result in zip(heads, reverse.results, strict=False):
            if not isinstance(starts[carried], Undef):
                self.add(starts[carried], result)

    def _carry(self, reverse: ReverseLoop, var: Var, start: Atom) -> Var:
        names = self.build.names
        known = isinstance(var.kind, (Array, Tuple, List, Tape))
        kind = var.kind if known else kind_of(start)
        if isinstance(var.kind, Complex):
            kind = COMPLEX
        carried = names.bar(var, kind)
        reverse.carried.append(carried)
        reverse.inits.append(start)
        reverse.results.append(names.bar(var, kind))
        return carried

    def _free(self, node: For | While) -> list[Var]:
        """Active values from outside that the body reads."""
        blocks = (node.body,) if isinstance(node, For) else (node.test, node.body)
        inside = set(inner_params(node))
        used = {a for a in node.yields if isinstance(a, Var)}
        for block in blocks:
            inside |= defined_in(block)
            for each in walk(block):
                if not isinstance(each, Equation) or each.target in self.active:
                    used.update(a for a in atoms_of(each) if isinstance(a, Var))
        tapes = {var for var in used if isinstance(var.kind, Tape)}
        return sorted((used & self.active) - inside - tapes, key=_order)


def _is_index(atom: Atom) -> bool:
    return isinstance(kind_of(atom), Int)


def _order(var: Var) -> tuple[str, str, int]:
    return var.base, var.role, var.version
