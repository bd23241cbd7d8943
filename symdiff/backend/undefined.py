"""Values that some path leaves without a value, and which of them are read all the same."""

from __future__ import annotations

from collections.abc import Iterator

from symdiff.backend.fuse import Inlined
from symdiff.backend.lower import Branch, Compute, Copy, Loop, Return, Statement, Unpack
from symdiff.backend.naming import Names
from symdiff.ir.core import Atom, Compound, Equation, Undef, Var, leaves
from symdiff.ir.kinds import Array, Kind, List

__all__ = ["given_none", "used_vars"]

# Adjoints are made in the form of values that may be undefined, and stay zero then.
_MEASURES = ("numpy.zeros_like", "list.zeros_like")


def _walk(body: list[Statement]) -> Iterator[Statement]:
    for statement in body:
        yield statement
        if isinstance(statement, Branch):
            yield from _walk(statement.then)
            yield from _walk(statement.orelse)
        elif isinstance(statement, Loop):
            yield from _walk(statement.test)
            yield from _walk(statement.body)


def _atoms(statement: Statement) -> Iterator[Atom]:
    if isinstance(statement, (Compute, Unpack)):
        yield from statement.equation.args
    elif isinstance(statement, Copy):
        yield from (source for _, source in statement.pairs)
    elif isinstance(statement, Branch):
        yield statement.cond
    elif isinstance(statement, Loop):
        yield statement.cond
        if statement.iteration is not None:
            yield from statement.iteration.args
    elif isinstance(statement, Return):
        yield from leaves(statement.tree)


def used_vars(body: list[Statement], inlined: Inlined) -> frozenset[Var]:
    """All values that the statements read, directly or in fused equations."""
    used = {a for s in _walk(body) for a in _atoms(s) if isinstance(a, Var)}
    for equation in inlined.values():
        used.update(a for a in equation.args if isinstance(a, Var))
    return frozenset(used)


def given_none(body: list[Statement], names: Names, inlined: Inlined) -> frozenset[Var]:
    """The values that are set to None where they are undefined.

    A tape keeps them, an adjoint takes its form from them, or a copy from one name to
    another reads them, `y = f(x) if c else x` too, though nobody looks at the value: unset
    names would make that fail.
    """
    copies = [s for s in _walk(body) if isinstance(s, Copy)]
    equations = [s.equation for s in _walk(body) if isinstance(s, Compute)]
    equations += inlined.values()
    pairs = [(t, s) for copy in copies for t, s in copy.pairs]
    pairs += [(e.target, a) for e in equations if e.op == "select" for a in e.args[1:]]
    if not any(isinstance(source, Undef) for _, source in pairs):
        return frozenset()
    onward: dict[Var, list[Var]] = {}
    back: dict[Var, list[Var]] = {}
    for target, source in pairs:
        if isinstance(source, Var):
            onward.setdefault(source, []).append(target)
            back.setdefault(target, []).append(source)
    missing = _closure([t for t, s in pairs if isinstance(s, Undef)], onward)
    read = [
        source
        for target, source in pairs
        if isinstance(source, Var)
        and source in missing
        and source not in inlined
        and (target in inlined or names[source] != names[target])
    ]
    for equation in equations:
        record = (equation.op, equation.params) == ("tuple", "record")
        if record or equation.op in ("push", "put"):
            read += [a for a in equation.args if isinstance(a, Var) and a in missing]
    read += [a for a in _records(body) if isinstance(a, Var) and a in missing]
    read += _measured(body, inlined, missing)
    return frozenset(_closure(read, back))


def _records(body: list[Statement]) -> Iterator[Atom]:
    """What forward functions return for the reverse ones."""
    for statement in _walk(body):
        if isinstance(statement, Return) and isinstance(statement.tree, tuple):
            for part in statement.tree:
                if isinstance(part, Compound) and part.form == "record":
                    yield from leaves(part)


def _measured(body: list[Statement], inlined: Inlined, missing: set[Var]) -> Iterator[Var]:
    """What zeros take their form from, outside of the branches that decide whether it is
    there."""
    decided: dict[Var, Atom] = {}
    for statement, conds in _in_branches(body, ()):
        if isinstance(statement, Copy) and conds:
            for target, source in statement.pairs:
                if isinstance(source, Undef):
                    decided[target] = conds[-1]
        for equation in _made(statement, inlined):
            var = equation.args[0] if equation.op in _MEASURES else None
            if not isinstance(var, Var) or var not in missing or _has_form(var.kind):
                continue
            if decided.get(var) not in conds:
                yield var


def _has_form(kind: Kind) -> bool:
    """Whether its zeros are known without it: `[0.0] * 2`."""
    if not isinstance(kind, List) or isinstance(kind.item, (Array, List)):
        return False
    return isinstance(kind.extent, int)


def _in_branches(
    body: list[Statement], conds: tuple[Atom, ...]
) -> Iterator[tuple[Statement, tuple[Atom, ...]]]:
    """All statements, and the conditions of the branches around each."""
    for statement in body:
        yield statement, conds
        if isinstance(statement, Branch):
            yield from _in_branches(statement.then, (*conds, statement.cond))
            yield from _in_branches(statement.orelse, (*conds, statement.cond))
        elif isinstance(statement, Loop):
            yield from _in_branches(statement.test + statement.body, conds)


def _made(statement: Statement, inlined: Inlined) -> Iterator[Equation]:
    """What a statement computes."""
    todo = [statement.equation] if isinstance(statement, Compute) else []
    todo += [inlined[a] for a in _atoms(statement) if isinstance(a, Var) and a in inlined]
    while todo:
        equation = todo.pop()
        yield equation
        todo += [inlined[a] for a in equation.args if isinstance(a, Var) and a in inlined]


def _closure(start: list[Var], edges: dict[Var, list[Var]]) -> set[Var]:
    seen = set(start)
    stack = list(start)
    while stack:
        for var in edges.get(stack.pop(), ()):
            if var not in seen:
                seen.add(var)
                stack.append(var)
    return seen
