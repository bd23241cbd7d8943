"""What a forward function leaves for its reverse function, put as a person would.

At first it is a tuple of all that the reverse function reads, None where a path has no
such value. Here entries that nobody reads fall away, and where all that the reverse
function does is to take the same branch, each side has a record of its own:

    return 1.0, None                            if tape is None:
                                                    return 0.0
    return x * t, (x, t, tape)                  x, t, tape = tape
"""

from __future__ import annotations

from collections.abc import Iterable

from symdiff.records import dataclass, replace
from symdiff.ir.builder import Names
from symdiff.ir.core import (
    Atom, Block, Compound, Const, Equation, Function, If, Node, Parameter, Tree, Var,
    leaves, map_tree, rename, used_in_block,
)  # fmt: skip
from symdiff.ir.kinds import BOOL, TAPE, Tape, Tuple
from symdiff.passes.dead import dead

__all__ = ["arrange_records"]

_NOTHING = Const(None)


def arrange_records(function: Function) -> Function:
    """The program with the records of its forward functions arranged."""
    program = {f.name: f for f in function.functions}
    for reverse in function.functions:
        for node in reverse.body:
            if isinstance(node, Equation) and node.op == "unpack" and node.params:
                if node.params not in program:
                    break  # run in no case: the call whose record it takes was removed
                forward, reverse = _arranged(program[node.params], reverse, node)
                program[forward.name], program[reverse.name] = forward, reverse
                break
    if all(program[f.name] is f for f in function.functions):
        return function
    return replace(function, functions=tuple(program.values()))


def _arranged(
    forward: Function, reverse: Function, unpack: Equation
) -> tuple[Function, Function]:
    assert isinstance(forward.returns, tuple)
    *results, kept = forward.returns
    atoms = tuple(leaves(kept))
    entries: dict[Var, Atom] = {}
    body: list[Node] = []
    for node in reverse.body:
        if (
            isinstance(node, Equation)
            and node.op == "item"
            and node.args[0] is unpack.target
        ):
            entries[node.target] = atoms[node.params]
        elif node is not unpack:
            body.append(node)
    start = _Part(forward.body, entries, tuple(body), tuple(leaves(reverse.returns)))
    part = _Arranger(Names.after(forward), Names.after(reverse)).part(start)
    rest = iter(part.ends)
    returns = map_tree(reverse.returns, lambda _: next(rest))
    tape = Parameter(part.tape or reverse.params[0].var)
    return (
        dead(replace(forward, body=part.forward, returns=(*results, part.record))),
        replace(
            reverse, params=(tape, *reverse.params[1:]), body=part.reverse, returns=returns
        ),
    )


@dataclass(slots=True)
class _Part:
    """A block of the forward function and the block that reverses it.

    `entries`: what the reverse block takes off the record, and what that is at the end
    of the forward block. `ends`: what the reverse block hands over.
    """

    forward: Block
    entries: dict[Var, Atom]
    reverse: Block
    ends: tuple[Atom, ...]


@dataclass(slots=True)
class _Done:
    """The same two blocks with the record that passes between them: what the forward
    block leaves, and the value in which the reverse block finds it. A `solid` record is
    never None."""

    forward: Block
    record: Tree
    tape: Var | None
    reverse: Block
    ends: tuple[Atom, ...]
    solid: bool


class _Arranger:
    def __init__(self, forward: Names, reverse: Names) -> None:
        self.forward_names, self.reverse_names = forward, reverse

    def part(self, part: _Part) -> _Done:
        part = _without_repeats(part)
        if not part.entries:
            return _Done(part.forward, _NOTHING, None, part.reverse, part.ends, False)
        return self.branch(part) or self.flat(part)

    def flat(self, part: _Part) -> _Done:
        """One tuple of all entries, or the only entry itself."""
        items, atoms = list(part.entries), tuple(part.entries.values())
        if len(items) == 1:
            solid = not isinstance(items[0].kind, Tape)
            return _Done(part.forward, atoms[0], items[0], part.reverse, part.ends, solid)
        tape = self.reverse_names.fresh("tape", "", TAPE)
        reverse = _after_notes(part.reverse, self.unpacked(tape, items))
        record = Compound("record", atoms)
        return _Done(part.forward, record, tape, reverse, part.ends, True)

    def unpacked(self, tape: Var, items: list[Var]) -> list[Node]:
        """`a, b = tape`"""
        kinds = Tuple(tuple(var.kind for var in items))
        whole = self.reverse_names.fresh("t", "", kinds)
        parts = (Equation(v, "item", (whole,), k) for k, v in enumerate(items))
        return [Equation(whole, "unpack", (tape,)), *parts]

    def branch(self, part: _Part) -> _Done | None:
        """A record for each side of the branch that ends the forward block, if the
        reverse block reads its entries only in the same branch."""
        last = part.forward[-1] if part.forward else None
        place = _only_reader(part)
        node = None if place is None else part.reverse[place]
        if not isinstance(last, If) or not isinstance(node, If) or place is None:
            return None
        cond = node.cond
        if not isinstance(cond, Var) or part.entries.get(cond) != last.cond:
            return None
        inside = _read((*node.then, *node.orelse), (*node.then_yields, *node.else_yields))
        if cond in inside:
            return None
        then = self.side(part, last.then, last.then_yields, node.then, node.then_yields)
        orelse = self.side(
            part, last.orelse, last.else_yields, node.orelse, node.else_yields
        )
        head: list[Node]
        if (then.tape is None) == (orelse.tape is None) or not (then.solid or orelse.solid):
            if then.tape is None and orelse.tape is None:
                return None
            tape = self.reverse_names.fresh("tape", "", TAPE)
            inner = self.reverse_names.fresh("tape", "", TAPE)
            head = self.unpacked(tape, [cond, inner])
            for done, taken in ((then, Const(True)), (orelse, Const(False))):
                record = self.pack(done)
                done.forward, done.record = self.tagged(done.forward, record, taken)
                if done.tape is not None:
                    self.take(done, done.tape, inner)
            solid = True
        else:
            found = then.tape or orelse.tape
            assert found is not None
            tape, solid = found, False
            cond = self.reverse_names.fresh("t", "", BOOL)
            op = "is" if then.tape is None else "isnot"
            head = [Equation(cond, op, (tape, _NOTHING), None, node.span)]
        record = self.forward_names.fresh("tape", "", TAPE)
        records = self.pack(then), self.pack(orelse)
        forward = replace(
            last,
            then=then.forward,
            orelse=orelse.forward,
            results=(*last.results, record),
            then_yields=(*last.then_yields, records[0]),
            else_yields=(*last.else_yields, records[1]),
        )
        reverse = replace(
            node,
            cond=cond,
            then=then.reverse,
            orelse=orelse.reverse,
            then_yields=then.ends,
            else_yields=orelse.ends,
        )
        blocks = (*part.reverse[:place], *head, reverse, *part.reverse[place + 1 :])
        return _Done((*part.forward[:-1], forward), record, tape, blocks, part.ends, solid)

    def side(
        self,
        part: _Part,
        forward: Block,
        yields: tuple[Atom, ...],
        reverse: Block,
        ends: tuple[Atom, ...],
    ) -> _Done:
        last = part.forward[-1]
        assert isinstance(last, If)
        there = dict(zip(last.results, yields, strict=True))
        read = _read(reverse, ends)
        names: dict[Var, Atom] = {}  # each side takes its own values off its record
        entries: dict[Var, Atom] = {}
        for item, atom in part.entries.items():
            if item in read:
                mine = self.reverse_names.fresh(item.base, item.role, item.kind)
                names[item] = mine
                entries[mine] = there.get(atom, atom) if isinstance(atom, Var) else atom
        ends = tuple(names.get(a, a) if isinstance(a, Var) else a for a in ends)
        return self.part(_Part(forward, entries, rename(reverse, names), ends))

    def take(self, done: _Done, tape: Var, inner: Var) -> None:
        """Let the reverse block of a side find its record in `inner`."""
        if isinstance(tape.kind, Tape):
            done.reverse = rename(done.reverse, {tape: inner})
            done.ends = tuple(inner if end is tape else end for end in done.ends)
        else:
            done.reverse = (Equation(tape, "unpack", (inner,)), *done.reverse)

    def pack(self, done: _Done) -> Atom:
        """The record as one value, put together at the end of the forward block."""
        if isinstance(done.record, Compound):
            made = self.tuple_of(*leaves(done.record))
            done.forward, done.record = (*done.forward, made), made.target
        assert not isinstance(done.record, tuple)
        return done.record

    def tagged(self, block: Block, record: Atom, tag: Const) -> tuple[Block, Atom]:
        """The block with `(tag, record)` for its record, on each path that makes one."""
        last = block[-1] if block else None
        if not isinstance(last, If) or record not in last.results:
            made = self.tuple_of(tag, record)
            return (*block, made), made.target
        k = last.results.index(record)
        then, first = self.tagged(last.then, last.then_yields[k], tag)
        orelse, second = self.tagged(last.orelse, last.else_yields[k], tag)
        new = self.forward_names.fresh("tape", "", TAPE)
        branch = replace(
            last,
            then=then,
            orelse=orelse,
            results=(*last.results, new),
            then_yields=(*last.then_yields, first),
            else_yields=(*last.else_yields, second),
        )
        return (*block[:-1], branch), new

    def tuple_of(self, *parts: Atom) -> Equation:
        target = self.forward_names.fresh("t", "", Tuple(()))
        return Equation(target, "tuple", parts, "record")


def _read(block: Block, ends: Iterable[Atom]) -> set[Atom]:
    return {*used_in_block(block), *ends}


def _without_repeats(part: _Part) -> _Part:
    """The part with each value once among its entries, and none that is not read."""
    read = _read(part.reverse, part.ends)
    first: dict[Atom, Var] = {}
    names: dict[Var, Atom] = {}
    for item, atom in part.entries.items():
        if item in read:
            if isinstance(atom, Const):
                names[item] = atom
            elif first.setdefault(atom, item) is not item:
                names[item] = first[atom]
    reverse = rename(part.reverse, names) if names else part.reverse
    ends = tuple(names.get(a, a) if isinstance(a, Var) else a for a in part.ends)
    entries = {item: atom for atom, item in first.items()}
    return _Part(part.forward, entries, reverse, ends)


def _only_reader(part: _Part) -> int | None:
    """The one node of the reverse block that reads entries."""
    entries = part.entries.keys()
    found = [
        k
        for k, node in enumerate(part.reverse)
        if not entries.isdisjoint(used_in_block((node,)))
    ]
    return found[0] if len(found) == 1 and entries.isdisjoint(part.ends) else None


def _after_notes(block: Block, head: list[Node]) -> Block:
    """The block with nodes at its head, after the comments there."""
    at = 0
    while at < len(block) and getattr(block[at], "op", "") == "comment":
        at += 1
    return (*block[:at], *head, *block[at:])
