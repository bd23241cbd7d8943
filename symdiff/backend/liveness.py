"""Live ranges of lowered statements, found in one backward walk.

Statement number k reads at place 2k and writes at 2k + 1. A value that is read in a loop
but defined before it lives to the loop's end; a branch in which a value is not read
leaves a hole in its range.
"""

from __future__ import annotations

from collections.abc import Callable

from symdiff.backend.lower import (
    Branch, Break, Compute, Copy, Loop, Return, Statement, Unpack,
)  # fmt: skip
from symdiff.ir.core import Atom, Equation, Var, leaves
from symdiff.ir.effects import DESTRUCTIVE
from symdiff.ir.kinds import NoneKind
from symdiff.records import dataclass, field

__all__ = ["Ranges", "Reads", "live_ranges"]

# What is read for a value: itself, or the values of the expression printed in its place.
Reads = Callable[[Var], list[Var]]


@dataclass(slots=True)
class Ranges:
    """Where each value lives; which values must share a name; which copies there are."""

    of: dict[Var, list[tuple[int, int]]] = field(default_factory=dict)
    same: list[tuple[Var, Var]] = field(default_factory=list)
    copies: list[Copy] = field(default_factory=list)
    # What is pushed on a tape, and the targets that later take it off.
    pushed: list[tuple[Atom, tuple[Atom, ...]]] = field(default_factory=list)
    popped: list[tuple[Atom, tuple[Var | None, ...]]] = field(default_factory=list)
    sweeps: list[tuple[int, int]] = field(default_factory=list)  # the reverse sweeps

    def backwards(self, place: int) -> bool:
        """Whether a place lies in a reverse sweep."""
        return any(start <= place <= end for start, end in self.sweeps)


@dataclass(slots=True)
class _Frame:
    """What changed since a branch or loop was entered from below."""

    added: dict[Var, None] = field(default_factory=dict)
    killed: dict[Var, None] = field(default_factory=dict)


def live_ranges(body: list[Statement], params: tuple[Var, ...], reads: Reads) -> Ranges:
    """Live ranges; drops the pairs of copies whose target is never read."""
    numbers = _Numbers(reads)
    numbers.block(body, ())
    walk = _Walk(numbers, reads)
    walk.block(body)
    for param in params:
        walk.kill(param, 1)
    if walk.live:
        missing = ", ".join(map(str, walk.live))
        raise ValueError(f"read before it is defined: {missing}")
    copies = [c for c in numbers.copies if c.pairs]
    copies.sort(key=lambda c: (-numbers.depth[c] if c.rank else -1000, c.rank))
    ranges = Ranges(walk.ranges, numbers.same, copies, numbers.pushed, numbers.popped)
    ranges.sweeps = sorted(numbers.sweeps)
    return ranges


class _Numbers:
    """The number of every statement, and what each loop reads from outside."""

    def __init__(self, reads: Reads) -> None:
        self.reads = reads
        self.next = 1
        self.at: dict[Statement, int] = {}
        # Further numbers: of a branch, where each side starts and ends; of a loop,
        # where its targets are written, where its condition is read, and its end.
        self.marks: dict[Statement, tuple[int, ...]] = {}
        self.home: dict[Var, int] = {}
        self.outer: dict[Loop, dict[Var, None]] = {}
        self.copies: list[Copy] = []
        self.depth: dict[Copy, int] = {}
        self.same: list[tuple[Var, Var]] = []
        self.pushed: list[tuple[Atom, tuple[Atom, ...]]] = []
        self.popped: list[tuple[Atom, tuple[Var | None, ...]]] = []
        self.sweeps: list[tuple[int, int]] = []

    def mark(self) -> int:
        self.next += 1
        return self.next - 1

    def use(self, atom: Atom, loops: tuple[Loop, ...]) -> None:
        if not loops or not isinstance(atom, Var):
            return
        for var in self.reads(atom):
            for loop in loops[self.home.get(var, 0) :]:
                self.outer[loop][var] = None

    def block(self, body: list[Statement], loops: tuple[Loop, ...]) -> None:
        start = 0
        for statement in body:
            at = self.at[statement] = self.mark()
            if isinstance(statement, Compute) and statement.equation.op == "comment":
                start = start or at
            self.statement(statement, loops)
        if start:
            self.sweeps.append((2 * start, 2 * self.next))

    def statement(self, statement: Statement, loops: tuple[Loop, ...]) -> None:
        depth = len(loops)
        if isinstance(statement, Compute):
            equation = statement.equation
            for atom in equation.args:
                self.use(atom, loops)
            self.home[equation.target] = depth
            if equation.op in DESTRUCTIVE and isinstance(equation.args[0], Var):
                self.same.append((equation.target, equation.args[0]))
                if equation.op == "push":
                    self.pushed.append((equation.args[0], equation.args[1:]))
        elif isinstance(statement, Unpack):
            for atom in statement.equation.args:
                self.use(atom, loops)
            if statement.equation.op == "entry":
                self.popped.append((statement.equation.args[0], statement.targets))
            self.home.update((t, depth) for t in statement.targets if t is not None)
        elif isinstance(statement, Copy):
            for target, source in statement.pairs:
                self.use(source, loops)
                self.home.setdefault(target, depth)
            self.copies.append(statement)
            self.depth[statement] = depth
        elif isinstance(statement, Branch):
            self.use(statement.cond, loops)
            marks = []
            for side in (statement.then, statement.orelse):
                marks.append(self.mark())
                self.block(side, loops)
                marks.append(self.mark())
            self.marks[statement] = tuple(marks)
        elif isinstance(statement, Loop):
            self.loop(statement, loops)
        elif isinstance(statement, Return):
            for atom in leaves(statement.tree):
                self.use(atom, loops)

    def loop(self, loop: Loop, loops: tuple[Loop, ...]) -> None:
        if loop.iteration is not None:
            for atom in loop.iteration.args:
                self.use(atom, loops)
            self.popped += loop.iteration.entries(loop.targets)
        inner = (*loops, loop)
        self.outer[loop] = {}
        self.block(loop.test, inner)
        cond = self.mark()
        self.use(loop.cond, inner)
        start = self.mark()
        for target in loop.targets:
            self.home[target] = len(inner)
        self.block(loop.body, inner)
        self.marks[loop] = (cond, start, self.mark())


class _Walk:
    """Backwards through the statements; `live` maps a value to where its stretch ends."""

    def __init__(self, numbers: _Numbers, reads: Reads) -> None:
        self.numbers = numbers
        self.reads = reads
        self.live: dict[Var, int] = {}
        self.frames = [_Frame()]
        self.ranges: dict[Var, list[tuple[int, int]]] = {}

    def use(self, atom: Atom, at: int) -> None:
        for var in self.reads(atom) if isinstance(atom, Var) else ():
            if var not in self.live:
                self.live[var] = at
                self.frames[-1].added[var] = None

    def close(self, var: Var, start: int) -> None:
        self.ranges.setdefault(var, []).append((start, self.live.pop(var)))

    def kill(self, var: Var, at: int) -> None:
        """A definition, read later or not."""
        if var not in self.live:
            self.ranges.setdefault(var, []).append((at, at))
            return
        self.close(var, at)
        frame = self.frames[-1]
        if var in frame.added:
            del frame.added[var]
        else:
            frame.killed[var] = None

    def block(self, body: list[Statement]) -> None:
        for statement in reversed(body):
            self.statement(statement, self.numbers.at[statement])

    def statement(self, statement: Statement, at: int) -> None:
        if isinstance(statement, Compute):
            self.compute(statement.equation, at)
        elif isinstance(statement, Unpack):
            for var in statement.targets:
                if var is not None:
                    self.kill(var, 2 * at + 1)
            for atom in statement.equation.args:
                self.use(atom, 2 * at)
        elif isinstance(statement, Copy):
            statement.pairs = [p for p in statement.pairs if p[0] in self.live]
            for target, _ in statement.pairs:
                self.kill(target, 2 * at + 1)
            for _, source in statement.pairs:
                self.use(source, 2 * at)
        elif isinstance(statement, Branch):
            self.branch(statement, at)
        elif isinstance(statement, Loop):
            self.loop(statement, at)
        elif isinstance(statement, Return):
            for atom in leaves(statement.tree):
                self.use(atom, 2 * at)
        else:
            assert isinstance(statement, Break)  # what lives after the loop lives here

    def compute(self, equation: Equation, at: int) -> None:
        target = equation.target
        if target in self.live or not isinstance(target.kind, NoneKind):
            self.kill(target, 2 * at + 1)
        if equation.op in DESTRUCTIVE and equation.args[0] in self.live:
            raise ValueError(f"{equation.args[0]} is read after it was overwritten")
        for atom in equation.args:
            self.use(atom, 2 * at)

    def side(self, body: list[Statement], start: int) -> _Frame:
        """One side of a branch; afterwards `live` lacks what the side defines."""
        frame = _Frame()
        self.frames.append(frame)
        self.block(body)
        self.frames.pop()
        for var in frame.added:
            self.close(var, 2 * start)
        return frame

    def branch(self, branch: Branch, at: int) -> None:
        then_start, then_end, else_start, _ = self.numbers.marks[branch]
        orelse = self.side(branch.orelse, else_start)
        for var in orelse.killed:
            self.live[var] = 2 * then_end
        then = self.side(branch.then, then_start)
        head = 2 * at + 1
        for var in then.killed:
            if var in orelse.killed:
                self.drop(var)
            else:
                self.live[var] = head
        for var in (*then.added, *orelse.added):
            if var not in self.live:
                self.live[var] = head
                self.frames[-1].added[var] = None
        self.use(branch.cond, 2 * at)

    def drop(self, var: Var) -> None:
        """Note in the frame that a value that lived after this place does not here."""
        frame = self.frames[-1]
        if var in frame.added:
            del frame.added[var]
        else:
            frame.killed[var] = None

    def loop(self, loop: Loop, at: int) -> None:
        cond, start, end = self.numbers.marks[loop]
        leaving = [v for v in loop.carried if v in self.live]
        for var in self.numbers.outer[loop]:
            self.use_var(var, 2 * end)
        frame = _Frame()
        self.frames.append(frame)
        self.block(loop.body)
        for target in loop.targets:
            self.kill(target, 2 * start + 1)
        # The loop is left from its condition: what is carried must reach the end.
        for var in leaving:
            self.live.setdefault(var, 2 * cond + 1)
        self.use(loop.cond, 2 * cond)
        self.block(loop.test)
        self.frames.pop()
        for var in frame.killed:
            if var not in self.live:
                self.drop(var)
        if loop.iteration is not None:
            for atom in loop.iteration.args:
                self.use(atom, 2 * at)

    def use_var(self, var: Var, at: int) -> None:
        if var not in self.live:
            self.live[var] = at
            self.frames[-1].added[var] = None
