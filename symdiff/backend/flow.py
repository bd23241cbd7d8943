"""What hands values on and what runs: copies, branches and loops, as `ast` statements."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from heapq import heappop, heappush

from symdiff.backend.expressions import Expressions, name, negated
from symdiff.backend.lower import Branch, Copy, Loop, Statement
from symdiff.errors import Span
from symdiff.ir.core import UNDEF, Atom, Const, Equation, Undef, Var, kind_of
from symdiff.ir.kinds import (
    INT, OPAQUE, Array, Bool, Complex, Float, Int, Kind, List, Tuple,
)  # fmt: skip
from symdiff.records import dataclass, field

__all__ = ["Comment", "Flow", "Printed"]

# Of integers: a comparison with NaN is false, and so is the opposite one.
_OPPOSITE: dict[str, type[ast.cmpop]] = {
    "lt": ast.GtE, "ge": ast.Lt, "le": ast.Gt, "gt": ast.LtE,
}  # fmt: skip
_TOGETHER = 4  # so many constants at most are assigned in one line


class Comment(ast.stmt):
    """A line that holds a comment only."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


@dataclass(slots=True)
class Printed:
    """The body of a function, and for its statements their spans and notes."""

    body: list[ast.stmt] = field(default_factory=list)
    spans: dict[ast.stmt, Span] = field(default_factory=dict)
    notes: dict[ast.stmt, str] = field(default_factory=dict)
    unmarked: set[ast.stmt] = field(default_factory=set)  # not worth a comment


class Flow:
    """Prints copies, branches and loops; the equations in them are for `Statements`.

    `nothing` holds the values that are given None where they have no value.
    """

    def __init__(
        self, expressions: Expressions, used: frozenset[Var], nothing: frozenset[Var]
    ) -> None:
        self.expressions = expressions
        self.used = used
        self.nothing = nothing
        self.printed = Printed()
        self.unread = "_"  # what is assigned and not read, unless `_` is the user's
        read = {expressions.names.of.get(var) for var in used}
        while self.unread in read or self.unread in expressions.scope.reserved():
            self.unread += "_"
        self.empty = True  # whether nothing was printed so far on this path

    def block(self, body: Sequence[Statement]) -> list[ast.stmt]:
        raise NotImplementedError

    def assign(self, target: Var, equation: Equation) -> ast.stmt:
        raise NotImplementedError

    def spanned(self, statement: ast.stmt, span: Span | None) -> ast.stmt:
        if span is not None:
            self.printed.spans[statement] = span
        return statement

    # -- copies -------------------------------------------------------------------------

    def copy(self, copy: Copy) -> list[ast.stmt]:
        """Assign at once what is handed over: in an order that works, cycles together."""
        pairs = []
        for target, source in copy.pairs:
            if isinstance(source, Undef):
                if self.expressions.scope.target != "python":
                    source = _zero(target.kind)
                elif target not in self.nothing:
                    continue
            elif self.is_same(target, source):
                continue
            pairs.append((target, source))
        order, cycle = self.order(pairs)
        out: list[ast.stmt] = []
        constants: list[tuple[Var, Atom]] = []
        for target, source in order:
            if _is_plain(source):
                constants.append((target, source))
                continue
            out += self.constants(constants)
            constants = []
            out.append(self.copied(target, source))
        out += self.constants(constants)
        if cycle:
            out.append(self.together(cycle))
        return out

    def is_same(self, target: Var, source: Atom) -> bool:
        names = self.expressions.names
        if not isinstance(source, Var) or self.expressions.definition(source):
            return False
        return names[target] == names[source]

    def copied(self, target: Var, source: Atom) -> ast.stmt:
        equation = self.expressions.definition(source)
        if equation is not None:
            span = None if equation.op == "tape" else equation.span
            return self.spanned(self.assign(target, equation), span)
        place = ast.Name(self.expressions.names[target])
        nothing = isinstance(source, Undef)
        value = self.nothing_in(target.kind) if nothing else self.expressions.atom(source)
        return ast.Assign([place], value)

    def nothing_in(self, kind: Kind) -> ast.expr:
        """What a name holds whose value nobody looks at, though it may be copied, or
        measured."""
        compiled = self.expressions.scope.target != "python"
        if isinstance(kind, List):
            return ast.List([])
        if isinstance(kind, Array):
            return self.empty_array(kind)
        if isinstance(kind, Tuple):
            items = [self.nothing_in(item) for item in kind.items]
            if compiled or not all(isinstance(item, ast.Constant) for item in items):
                return ast.Tuple(items)
        zero = _zero(kind) if compiled else UNDEF
        return ast.Constant(zero.value if isinstance(zero, Const) else None)

    def empty_array(self, kind: Array) -> ast.expr:
        """An array that can be added to any other; where names keep their type, one of
        the kind."""
        numpy = ast.Name(self.expressions.scope.alias("numpy"))
        if self.expressions.scope.target == "python":
            return ast.Call(ast.Attribute(numpy, "zeros"), [ast.Tuple([])], [])
        shape = ast.Tuple([ast.Constant(0)] * kind.ndim)
        name = "bool_" if kind.dtype == "bool" else kind.dtype
        dtype = ast.keyword("dtype", ast.Attribute(numpy, name))
        return ast.Call(ast.Attribute(numpy, "zeros"), [shape], [dtype])

    def together(self, pairs: Sequence[tuple[Var, Atom]]) -> ast.stmt:
        """`a, b = x, y`"""
        targets: list[ast.expr] = [ast.Name(self.expressions.names[t]) for t, _ in pairs]
        values = self.expressions.many([source for _, source in pairs])
        statement = ast.Assign([ast.Tuple(targets)], ast.Tuple(values))
        equations = [self.expressions.definition(source) for _, source in pairs]
        spans = [e.span for e in equations if e is not None and e.span is not None]
        return self.spanned(statement, spans[0] if spans else None)

    def constants(self, pairs: list[tuple[Var, Atom]]) -> list[ast.stmt]:
        out: list[ast.stmt] = []
        for at in range(0, len(pairs), _TOGETHER):
            some = pairs[at : at + _TOGETHER]
            out.append(self.copied(*some[0]) if len(some) == 1 else self.together(some))
        return out

    def order(
        self, pairs: list[tuple[Var, Atom]]
    ) -> tuple[list[tuple[Var, Atom]], list[tuple[Var, Atom]]]:
        """The pairs in an order in which none overwrites what a later one reads, and
        those that wait for one another."""
        names = self.expressions.names
        writer = {names[target]: k for k, (target, _) in enumerate(pairs)}
        waits: list[set[int]] = [set() for _ in pairs]  # readers to be done before k
        readers: list[list[int]] = [[] for _ in pairs]
        for k, (_, source) in enumerate(pairs):
            for var in reads(source, self.expressions):
                written = writer.get(names[var])
                if written is not None and written != k and k not in waits[written]:
                    waits[written].add(k)
                    readers[k].append(written)
        ready = [k for k, others in enumerate(waits) if not others]
        left = set(range(len(pairs)))
        order = []
        while ready:
            k = heappop(ready)
            left.remove(k)
            order.append(pairs[k])
            for written in readers[k]:
                waits[written].discard(k)
                if not waits[written]:
                    heappush(ready, written)
        return order, [pairs[k] for k in sorted(left)]

    # -- branches -----------------------------------------------------------------------

    def branch(self, branch: Branch) -> list[ast.stmt]:
        empty = self.empty
        then = self.block(branch.then)
        self.empty = empty
        orelse = self.block(branch.orelse)
        cond = self.expressions.atom(branch.cond)
        if not then and not orelse:
            return [ast.Expr(cond)] if _has_call(cond) else []
        if not then or (_leaves(orelse) and not _leaves(then)):
            cond, then, orelse = self.opposite(branch.cond), orelse, then
        made = ast.If(cond, then, [])
        self.spanned(made, branch.span)
        if _leaves(then):
            return [made, *orelse]
        made.orelse = orelse
        return [made]

    def opposite(self, cond: Atom) -> ast.expr:
        """`not cond`, or the opposite comparison where it is surely the same."""
        tree = self.expressions.atom(cond)
        equation = self.expressions.definition(cond)
        if equation is not None and isinstance(tree, ast.Compare):
            opposite = _OPPOSITE.get(equation.op)
            if opposite and all(isinstance(kind_of(a), Int) for a in equation.args):
                return ast.Compare(tree.left, [opposite()], tree.comparators)
        return negated(tree)

    # -- loops --------------------------------------------------------------------------

    def loop(self, loop: Loop) -> list[ast.stmt]:
        if loop.iteration is None:
            return [self.spanned(self.while_(loop), loop.span)]
        body = self.block(loop.body) or [ast.Pass()]
        made = ast.For(self.targets(loop), self.iterable(loop), body, [])
        if loop.iteration.form != "range" and not loop.iteration.ahead:
            self.printed.notes[made] = "backwards"
        return [self.spanned(made, loop.span)]

    def while_(self, loop: Loop) -> ast.stmt:
        body = self.block(loop.body)
        cond = self.expressions.atom(loop.cond)
        test = self.block(loop.test)
        if not test:
            return ast.While(cond, body or [ast.Pass()], [])
        leave = ast.If(self.opposite(loop.cond), [ast.Break()], [])
        return ast.While(ast.Constant(True), [*test, leave, *body], [])

    def targets(self, loop: Loop) -> ast.expr:
        names = [self.target(var) for var in loop.targets]
        if loop.iteration is not None and loop.iteration.form == "items":
            count = len(loop.iteration.args)
            inner = names[-1] if count == 1 else ast.Tuple(names[-count:])
            counted = loop.iteration.counts(names)
            return ast.Tuple([names[0], inner]) if counted else inner
        rows = [names]
        if loop.iteration is not None and loop.iteration.takes:
            rows = [list(row) for _, row in loop.iteration.entries(tuple(names))]
        parts: list[ast.expr] = [
            row[0] if len(row) == 1 else ast.Tuple(row) for row in rows
        ]
        return parts[0] if len(parts) == 1 else ast.Tuple(parts)

    def target(self, var: Var) -> ast.expr:
        return ast.Name(self.expressions.names[var] if var in self.used else self.unread)

    def iterable(self, loop: Loop) -> ast.expr:
        assert loop.iteration is not None
        form, args = loop.iteration.form, loop.iteration.args
        scope = self.expressions.scope
        if form == "range":
            return self.range(args)
        if form == "reversed" and scope.target != "python":
            return self.backwards(args)
        whole = form in ("tape", "items")
        runs = self.expressions.many(args) if whole else [self.range(args)]
        for k, run in enumerate(runs):
            if k not in loop.iteration.ahead:
                runs[k] = Expressions.call(name(scope.builtin("reversed")), [run])
        run = runs[0]
        if len(runs) > 1:
            run = Expressions.call(name(scope.builtin("zip")), runs)
        if loop.iteration.counts(loop.targets):
            run = Expressions.call(name(scope.builtin("enumerate")), [run])
        return run

    def backwards(self, args: tuple[Atom, ...]) -> ast.expr:
        """A range from its last number to its first, as a range."""
        start, stop, step = args
        up = self.expressions
        if isinstance(step, Const):
            back: Atom = Const(-step.value)
            before = up.shifted(start, -step.value)
        else:
            back, before = up.hidden("neg", INT, step), up.hidden("sub", INT, start, step)
        if back in (Const(1), Const(-1)) and isinstance(back, Const):
            return self.range((up.shifted(stop, back.value), before, back))
        run = up.hidden("builtins.range", OPAQUE, *args)
        rounds = up.hidden("builtins.len", INT, run)
        beyond = up.hidden("add", INT, before, up.hidden("mul", INT, rounds, step))
        return self.range((beyond, before, back))

    def range(self, args: tuple[Atom, ...]) -> ast.expr:
        start, stop, step = args
        shown: tuple[Atom, ...] = args
        if step == Const(1):
            shown = (stop,) if start == Const(0) else (start, stop)
        function = name(self.expressions.scope.builtin("range"))
        return Expressions.call(function, self.expressions.many(shown))


def reads(atom: Atom, expressions: Expressions) -> list[Var]:
    """The names that an atom reads where it is printed."""
    if not isinstance(atom, Var):
        return []
    equation = expressions.inlined.get(atom)
    if equation is None:
        return [atom]
    return [var for a in equation.args for var in reads(a, expressions)]


def _is_plain(atom: Atom) -> bool:
    return isinstance(atom, Const) and isinstance(atom.value, (int, float, complex))


def _zero(kind: Kind) -> Atom:
    """What a compiled name holds that has no value: it must have its type."""
    zeros = {Float: 0.0, Int: 0, Bool: False, Complex: 0j}
    return Const(zeros[type(kind)]) if type(kind) in zeros else UNDEF


def _leaves(body: list[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[-1], (ast.Return, ast.Break))


def _has_call(tree: ast.expr) -> bool:
    return any(isinstance(part, ast.Call) for part in ast.walk(tree))
