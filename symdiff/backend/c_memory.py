"""Memory in C: arrays, and the lists of entries that grow on tapes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from symdiff.backend.lower import (
    Branch, Compute, Copy, Loop, Statement, Unpack,
)  # fmt: skip
from symdiff.errors import DifferentiationError, Span
from symdiff.ir.core import Atom, Const, Equation, Undef, Var, kind_of
from symdiff.ir.kinds import Array, Kind, Size

__all__ = ["CMemory", "makes_in_loops"]

_NO_MEMORY = ["    status = 1;", "    goto done;", "}"]


def makes_in_loops(body: Sequence[Statement], inside: bool = False) -> bool:
    """Whether a loop makes arrays, or hands one on under another name.

    Then no two names may share memory: a name has the same memory in each round.
    """
    for statement in body:
        if isinstance(statement, Compute) and inside:
            eq = statement.equation
            if isinstance(eq.target.kind, Array) and eq.op in CMemory.MAKING:
                return True
        elif isinstance(statement, Copy) and inside:
            if any(isinstance(t.kind, Array) and t is not s for t, s in statement.pairs):
                return True
        elif isinstance(statement, Unpack):
            if any(t is not None and isinstance(t.kind, Array) for t in statement.targets):
                return True
        elif isinstance(statement, Branch):
            if makes_in_loops(statement.then, inside):
                return True
            if makes_in_loops(statement.orelse, inside):
                return True
        elif isinstance(statement, Loop):
            if makes_in_loops(statement.test, True) or makes_in_loops(statement.body, True):
                return True
    return False


class CMemory:
    """The part of the printer that gets and moves memory."""

    MAKING = (
        "numpy.empty", "numpy.zeros", "copy", "numpy.zeros_like", "numpy.ones",
        "numpy.ones_like", "numpy.full", "numpy.full_like",
    )  # fmt: skip

    apart: bool  # whether each name has memory of its own
    owned: list[str]
    columns: dict[str, list[Kind]]  # of each list, by its name
    lengths: dict[str, str]
    hidden: list[Var]
    given: set[str]
    fresh: int

    def name(self, var: Var, span: Span | None = None) -> str:
        raise NotImplementedError

    def atom(self, atom: Atom) -> str:
        raise NotImplementedError

    def size(self, kind: Array, span: Span | None) -> str:
        raise NotImplementedError

    def element(self, kind: Array, span: Span | None) -> str:
        raise NotImplementedError

    def number(self, kind: Kind, span: Span | None) -> str:
        raise NotImplementedError

    def counted(self, shape: Atom) -> str:
        raise NotImplementedError

    def outside(self, var: Var) -> str:
        raise NotImplementedError

    def refuse(self, what: str, span: Span | None) -> DifferentiationError:
        raise NotImplementedError

    # -- arrays -------------------------------------------------------------------------

    def room(self, name: str, kind: Array, span: Span | None) -> list[str]:
        """Get memory for an array, which may hold anything."""
        size = f"({self.size(kind, span)} + 1) * sizeof *{name}"
        if not self.apart:
            slot = f"own{len(self.owned)}"
            self.owned.append(slot)
            made = [f"{name} = {slot} = malloc({size});", f"if ({name} == NULL) {{"]
            return [*made, *_NO_MEMORY]
        if name in self.given:
            raise self.refuse(f"`{name}`, an argument that gets another array,", span)
        if name not in self.owned:
            self.owned.append(name)
        self.fresh += 1
        more = f"more{self.fresh}"
        return [
            f"void *{more} = realloc({name}, {size});",
            f"if ({more} == NULL) {{", *_NO_MEMORY, f"{name} = {more};",
        ]  # fmt: skip

    def made(self, eq: Equation) -> list[str]:
        kind, name = eq.target.kind, self.name(eq.target, eq.span)
        assert isinstance(kind, Array)
        first = kind.dims[0]
        if isinstance(first, Size) and first.symbol not in self.lengths:
            self.lengths[first.symbol] = self.counted(eq.args[0])
        size = self.size(kind, eq.span)
        if eq.op == "copy":
            source = eq.args[0]
            given = self.atom(source)
            if isinstance(source, Var) and source in self.hidden:
                given = self.outside(source)
            if given == name:
                return []
            moved = f"memcpy({name}, {given}, {size} * sizeof *{name});"
            return self.block_of([*self.room(name, kind, eq.span), moved])
        lines = self.room(name, kind, eq.span)
        if eq.op.startswith(("numpy.ones", "numpy.full")):
            self.fresh += 1
            at = f"at{self.fresh}"
            lines.append(f"for (int64_t {at} = 0; {at} < {size}; {at}++)")
            value = self.atom(eq.args[1]) if eq.op.startswith("numpy.full") else "1"
            lines.append(f"    {name}[{at}] = {value};")
        elif eq.op != "numpy.empty":
            lines.append(f"memset({name}, 0, {size} * sizeof *{name});")
        return self.block_of(lines)

    def block_of(self, lines: list[str]) -> list[str]:
        """The lines, in a block of their own if they declare something."""
        if not self.apart:
            return lines
        return ["{", *(f"    {line}" for line in lines), "}"]

    def handed_on(self, pairs: Sequence[tuple[Var, Atom]]) -> list[str]:
        """Give names the contents of other names' arrays, all at once."""
        moves: list[tuple[str, str, Array]] = []
        for target, source in pairs:
            assert isinstance(target.kind, Array)
            if isinstance(source, Undef):
                continue
            given = self.atom(source)
            if self.name(target) != given:
                moves.append((self.name(target), given, target.kind))
        names = {name for name, _, _ in moves}
        if moves and names == {given for _, given, _ in moves}:
            return self.exchanged(moves)
        lines: list[str] = []
        while moves:
            free = [m for m in moves if all(m[0] != o[1] for o in moves if o is not m)]
            if not free:
                raise self.refuse("this exchange of arrays", None)
            name, given, kind = free[0]
            moves.remove(free[0])
            moved = f"memcpy({name}, {given}, {self.size(kind, None)} * sizeof *{name});"
            lines += self.block_of([*self.room(name, kind, None), moved])
        return lines

    def exchanged(self, moves: list[tuple[str, str, Array]]) -> list[str]:
        before, after = [], []
        for name, given, kind in moves:
            self.fresh += 1
            before.append(f"{self.element(kind, None)} *new{self.fresh} = {given};")
            after.append(f"{name} = new{self.fresh};")
        return ["{", *(f"    {line}" for line in (*before, *after)), "}"]

    # -- lists --------------------------------------------------------------------------

    def column(self, list_: str, k: int) -> str:
        return f"{list_}_{k}"

    def put(self, eq: Equation) -> list[str]:
        """Write an entry at the end of a list or, as its place says, over an old one."""
        target, *values = eq.args
        assert isinstance(target, Var)
        list_, room = self.names_of(target), f"{self.names_of(target)}_room"
        used = f"{list_}_used"
        at = used if eq.params else self.atom(values.pop(0))
        known = self.columns.setdefault(list_, [])
        if not known:
            known += map(kind_of, values)
        lines = [f"if ({at} == {room}) {{", f"    int64_t room = 2 * {room} + 64;"]
        writes = []
        for k, atom in enumerate(values):
            kind, column = known[k], self.column(list_, k)
            same = isinstance(kind_of(atom), Array) == isinstance(kind, Array)
            if not same or isinstance(atom, (Undef,)) or atom == Const(None):
                raise self.refuse("an entry of a tape that lacks a value", eq.span)
            size = "1"
            if isinstance(kind, Array):
                size = f"({self.size(kind, eq.span)})"
                place = f"{column} + ({at}) * {size}"
                writes.append(
                    f"memcpy({place}, {self.atom(atom)}, {size} * sizeof *{column});"
                )
            else:
                writes.append(f"{column}[{at}] = {self.atom(atom)};")
            lines += [
                f"    void *more{k} = realloc({column}, room * {size} * sizeof *{column});",
                f"    if (more{k} == NULL) {{",
                "        status = 1;", "        goto done;", "    }",
                f"    {column} = more{k};",
            ]  # fmt: skip
        lines += [f"    {room} = room;", "}", *writes]
        return [*lines, f"{used}++;"] if eq.params else lines

    def taken(self, eq: Equation, targets: Sequence[Var | None]) -> list[str]:
        """The values of an entry."""
        tape, place = eq.args
        assert isinstance(tape, Var)
        list_, at = self.names_of(tape), self.atom(place)
        lines: list[str] = []
        for k, target in enumerate(targets):
            if target is None:
                continue
            column, name = self.column(list_, k), self.name(target, eq.span)
            if isinstance(target.kind, Array):
                size = self.size(target.kind, eq.span)
                moved = (
                    f"memcpy({name}, {column} + ({at}) * ({size}), "
                    f"({size}) * sizeof *{name});"
                )
                room = self.room(name, target.kind, eq.span)
                lines += self.block_of([*room, moved])
            else:
                lines.append(f"{name} = {column}[{at}];")
        return lines

    def names_of(self, list_: Var) -> str:
        raise NotImplementedError

    def declared_lists(self) -> Iterator[str]:
        for list_, kinds in sorted(self.columns.items()):
            yield f"    int64_t {list_}_used = 0, {list_}_room = 0;"
            for k, kind in enumerate(kinds):
                own = self.element(kind, None) if isinstance(kind, Array) else (
                    self.number(kind, None)
                )  # fmt: skip
                yield f"    {own} *{self.column(list_, k)} = NULL;"

    def freed_lists(self) -> Iterator[str]:
        for list_, kinds in sorted(self.columns.items()):
            for k in range(len(kinds)):
                yield f"    free({self.column(list_, k)});"
